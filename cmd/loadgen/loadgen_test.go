package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine/enginetest"
)

// The events are those of the common workload, and so is the reference.
func TestWorkloadIsTheCommonOne(t *testing.T) {
	t.Parallel()
	const leads, n = 50, 3000
	ours, common := workload{leads}, enginetest.Workload{Leads: leads}
	for i := range n {
		var call struct {
			Event, MessageID, UserID string
			Properties               map[string]any
			Context                  json.RawMessage
		}
		if err := json.Unmarshal(ours.appendEvent(nil, i, stamp(time.Unix(0, 0))), &call); err != nil {
			t.Fatal(i, err)
		}
		e := common.Event(i)
		if call.Event != e.Name || call.MessageID != e.ID || call.UserID != e.User || string(call.Context) != e.Context {
			t.Fatalf("event %d: %+v, want %+v", i, call, e)
		}
		if len(call.Properties) != len(e.Fields) {
			t.Fatalf("event %d has %v, want %v", i, call.Properties, e.Fields)
		}
		for _, f := range e.Fields {
			if got := fmt.Sprint(call.Properties[f.Name]); got != fmt.Sprint(f.Value.Any(time.UTC)) {
				t.Errorf("event %d: %s is %s, want %s", i, f.Name, got, f.Value)
			}
		}
	}
	got, want := ours.reference(n), common.Reference(n)
	sum := 0
	for _, score := range got.scores {
		sum += score
	}
	if got.tossUps != want.TossUps || got.mails != want.Mail1 || int64(sum) != want.Scores {
		t.Errorf("reference: %d toss-ups, %d mails, %d points, want %+v", got.tossUps, got.mails, sum, want)
	}
}

// A quantile is right within two per cent over the whole range.
func TestQuantiles(t *testing.T) {
	t.Parallel()
	for _, top := range []time.Duration{50 * time.Microsecond, 3 * time.Millisecond, 700 * time.Millisecond, 90 * time.Second} {
		var a, b, l latencies
		const n = 10_000
		for i := 1; i <= n; i++ {
			part := &a
			if i%2 == 0 {
				part = &b
			}
			part.add(top * time.Duration(i) / n)
		}
		l.merge(&a)
		l.merge(&b)
		for _, q := range []float64{0.01, 0.5, 0.99, 0.999, 1} {
			want := time.Duration(float64(top) * q)
			if off := l.quantile(q) - want; off.Abs() > want/50+2*time.Microsecond {
				t.Errorf("of %v, quantile %g is %v, want %v", top, q, l.quantile(q), want)
			}
		}
	}
	if (&latencies{}).quantile(0.5) != 0 {
		t.Error("nothing was counted, and there is a quantile")
	}
}

// A server that stalls once keeps the calls that were due meanwhile from being made.
// All of them count as slow: what is measured is the client's wait.
func TestStallIsNotHidden(t *testing.T) {
	t.Parallel()
	const rate, stall = 1000.0, 300 * time.Millisecond
	var calls atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if calls.Add(1) == 10 {
			timer := time.NewTimer(stall)
			<-timer.C
		}
		_, _ = io.WriteString(w, `{"success":true}`)
	}))
	defer server.Close()
	s := newSender(server.URL, "", workload{10}, 1)
	got := s.drive(t.Context(), stretch{to: 400, size: 1, rate: rate})
	if got.accepted != 400 || calls.Load() != 400 {
		t.Fatalf("%d accepted of %d calls, want 400", got.accepted, calls.Load())
	}
	// Every call that was due in the first half of the stall waited for at least the
	// other half of it, though the server was slow with a single one.
	slow := 0
	for i, n := range got.waited.counts {
		if middle(i) >= stall/2 {
			slow += int(n)
		}
	}
	if half := int(rate * (stall / 2).Seconds()); slow < half*9/10 {
		t.Errorf("%d calls count as slow, want about %d", slow, half)
	}
}

// fakeServer answers like a nurture, and forgets one event of so many.
type fakeServer struct {
	forget int // 0: none
	refuse int // one call of so many is told to come again; 0: none

	mu      sync.Mutex
	calls   int
	seen    map[string]bool
	counted map[string]int
}

func (f *fakeServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r.URL.Path == "/metrics" {
		for name, n := range f.counted {
			fmt.Fprintf(w, "nurture_kpi_value{kpi=%q} %d\n", name, n)
		}
		fmt.Fprintf(w, "nurture_events_total{source=\"load\",verdict=\"accepted\"} %d\n", len(f.seen))
		return
	}
	if f.calls++; f.refuse > 0 && f.calls%f.refuse == 0 {
		w.WriteHeader(http.StatusTooManyRequests)
		return
	}
	var call struct {
		Batch []struct{ MessageID, Event string }
	}
	if err := json.NewDecoder(r.Body).Decode(&call); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	for _, e := range call.Batch {
		if f.seen[e.MessageID] {
			continue
		}
		f.seen[e.MessageID] = true
		if f.forget == 0 || len(f.seen)%f.forget != 0 {
			f.counted[e.Event]++
		}
	}
	_, _ = io.WriteString(w, `{"success":true}`)
}

// What a server loses is noticed; what it tells to come again comes again.
func TestLossIsNoticed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		forget, refuse int
		good           bool
	}{{0, 0, true}, {0, 3, true}, {100, 0, false}} {
		fake := &fakeServer{forget: c.forget, refuse: c.refuse, seen: map[string]bool{}, counted: map[string]int{}}
		server := httptest.NewServer(fake)
		defer server.Close()
		work := workload{20}
		u := &session{
			o: options{leads: 20, seconds: 0.1}, log: io.Discard, work: work,
			send: newSender(server.URL, "", work, 4), read: newReader(server.URL, ""),
		}
		if !c.good {
			u.patience = 0
		} else {
			u.patience = countersWithin
		}
		r, err := u.rate(t.Context(), "batch", 50, 5000)
		if err != nil {
			t.Fatal(err)
		}
		if r.good() != c.good || (r.Refused > 0) != (c.refuse > 0) || c.forget > 0 && r.Lost != 500/c.forget {
			t.Errorf("forgetting one in %d, refusing one in %d: %+v", c.forget, c.refuse, r)
		}
	}
}

func TestFloorIsRead(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "floor")
	text := "goos: linux\nBenchmarkCommit/leads=100000/batch=64-2   \t 100\t 12 ns/op\t 31000 floor_events/s\t 0.9 of_floor\nBenchmarkCommit/leads=100000/batch=1000-2 100 12 ns/op 78000 floor_events/s\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	floor, err := readFloor(file)
	if err != nil || floor[64] != 31000 || floor[1000] != 78000 {
		t.Errorf("got %v, %v", floor, err)
	}
	if err := os.WriteFile(file, []byte("ok\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readFloor(file); err == nil {
		t.Error("a file without figures is no floor")
	}
}

func TestBadFlags(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"--batches", "many"}, {"--singles", "-1"}, {"--leads", "0"}, {"rest"}, {"--nurture", "/nowhere/nurture", "--singles", "", "--batches", ""}} {
		if err := run(t.Context(), args, io.Discard, io.Discard); err == nil || strings.Contains(err.Error(), "\n\n") {
			t.Errorf("%q: %v", args, err)
		}
	}
}

// The built program under a short load, the last of it more than it can take: what
// it accepted is durable and decided, nothing is lost or counted twice, and all of
// it is there after it was killed.
func TestShortLoad(t *testing.T) {
	t.Parallel()
	bin := filepath.Join(t.TempDir(), "nurture")
	if out, err := exec.Command("go", "build", "-o", bin, "../nurture").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	var out, log bytes.Buffer
	err := run(t.Context(), []string{
		"--nurture", bin, "--dir", t.TempDir(), "--leads", "300", "--sample", "100", "--seconds", "1",
		"--singles", "300", "--batches", "3000,60000", "--json",
	}, &out, &log)
	if err != nil {
		t.Fatalf("%v\n%s%s", err, log.String(), out.String())
	}
	var r report
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	if !r.Success || r.Schema != "1.0" || len(r.Rows) < 2 || len(r.Checks) == 0 || len(r.Killed) != len(r.Checks) {
		t.Errorf("report: %s", out.String())
	}
	for _, w := range r.Rows {
		if w.CPU <= 0 || w.Memory <= 0 {
			t.Errorf("the server's CPU and memory are not told: %+v", w)
		}
	}
	var table bytes.Buffer
	if err := r.print(&table); err != nil {
		t.Fatal(err)
	}
	t.Log("\n" + table.String())
}
