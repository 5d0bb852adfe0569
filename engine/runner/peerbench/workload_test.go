package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"testing"
)

// The vector of the workload: the JSON lines of the first 100,000 events of seed 1
// over 10,000 leads, then a line with the sum of the leads' first points. The
// generator in the main module is held to the same sum.
const vector = "238a430eab5e6873c6aec21d496bacb5604b7c27237e389b1ed9ca66e4a996c5"

func TestVector(t *testing.T) {
	t.Parallel()
	w := Workload{Seed: 1, Leads: 10_000, Spacing: 1}
	sum := sha256.New()
	var arena []byte
	var bytes int
	for i := range 100_000 {
		arena = arena[:0]
		e := w.Event(i, &arena)
		bytes += len(e.Body)
		fmt.Fprintf(sum, "%s\n", e.Body)
	}
	var points int64
	for lead := range int64(10_000) {
		points += w.Points(lead)
	}
	fmt.Fprintf(sum, "%d\n", points)
	if got := hex.EncodeToString(sum.Sum(nil)); got != vector {
		t.Errorf("the sum of the first events is %s, want %s", got, vector)
	}
	if mean := float64(bytes) / 100_000; mean < 150 || mean > 162 {
		t.Errorf("an event has %.1f bytes of JSON on average, want 156", mean)
	}
}

// An event's fields say the same as its JSON.
func TestEventIsItsJSON(t *testing.T) {
	t.Parallel()
	w := Workload{Seed: 1, Leads: 100, Spacing: 7}
	var arena []byte
	for i := range 1000 {
		e := w.Event(i, &arena)
		var got map[string]any
		if err := json.Unmarshal(e.Body, &got); err != nil {
			t.Fatalf("event %d: %v", i, err)
		}
		want := map[string]any{"id": e.ID, "lead": float64(e.Lead), "event": e.Kind.String()}
		if e.Detail != "" {
			want[detailNames[e.Kind]] = e.Detail
		}
		if e.Duration >= 0 {
			want["duration"] = float64(e.Duration)
		}
		for name, value := range want {
			if got[name] != value {
				t.Errorf("event %d: %s is %v in JSON, %v beside", i, name, got[name], value)
			}
		}
		if len(got) != len(want)+1 {
			t.Errorf("event %d: %d fields in JSON, want %d and the context", i, len(got), len(want))
		}
		if want := Start + int64(i+1)*7; e.At != want {
			t.Errorf("event %d is at %d, want %d", i, e.At, want)
		}
	}
}
