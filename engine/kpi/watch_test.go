package kpi

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestWatch(t *testing.T) {
	t.Parallel()
	p := Patience{Hold: 30, Keep: 20}
	for _, check := range []struct {
		name  string
		looks string // b: bad, g: good, .: no data; one every 10
		state Level
		turns int
	}{
		{"nothing was seen", ".", NoData, 0},
		{"good at once", "g", OK, 0},
		{"bad for a while", "gbb", Pending, 0},
		{"bad, then good, before the hold is over", "gbbbg", OK, 0},
		{"bad for as long as the hold", "gbbbb", Firing, 1},
		{"good again, not yet believed", "gbbbbg", Recovering, 1},
		{"good again and bad again is the same breach", "gbbbbgbb", Firing, 1},
		{"recovered", "gbbbbggg", OK, 2},
		{"what fires stays so without data", "gbbbb....", Firing, 1},
		{"what is held is dropped without data", "gbb.", NoData, 0},
		{"the hold begins anew", "gbbgbb", Pending, 0},
		{"a second breach", "gbbbbgggbbbb", Firing, 3},
	} {
		var w Watch
		turns := 0
		for i, look := range check.looks {
			saw := map[rune]Sight{'b': Bad, 'g': Good, '.': Unclear}[look]
			var turn Turn
			if w, turn = w.Next(saw, int64(10*i+10), p); turn != NoTurn {
				turns++
			}
		}
		if w.State != check.state || turns != check.turns || int(w.Verdict) != turns {
			t.Errorf("%s: %s: %v, verdict %d after %d turns; want %v after %d", check.name, check.looks, w.State, w.Verdict, turns, check.state, check.turns)
		}
	}
}

// A breach comes only after the figure was bad throughout the hold, a recovery only
// after it was good throughout keep, and each turn takes the next number.
func TestWatchTurnsOnlyOnEvidence(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := Patience{Hold: rapid.Int64Range(0, 5).Draw(t, "hold"), Keep: rapid.Int64Range(0, 5).Draw(t, "keep")}
		var w Watch
		var badSince, goodSince, now int64
		for now = 1; now < 60; now++ {
			saw := Sight(rapid.IntRange(0, 2).Draw(t, "saw"))
			if saw != Bad {
				badSince = 0
			} else if badSince == 0 {
				badSince = now
			}
			if saw == Bad {
				goodSince = 0
			} else if saw == Good && goodSince == 0 {
				goodSince = now
			}
			before := w.Verdict
			next, turn := w.Next(saw, now, p)
			if (turn != NoTurn) != (next.Verdict == before+1) || next.Verdict > before+1 {
				t.Fatalf("verdict %d to %d by turn %d", before, next.Verdict, turn)
			}
			if turn == Breached && (badSince == 0 || now-badSince < p.Hold) {
				t.Fatalf("breached at %d, bad since %d, hold %d", now, badSince, p.Hold)
			}
			if turn == Recovered && (goodSince == 0 || now-goodSince < p.Keep) {
				t.Fatalf("recovered at %d, good since %d, keep %d", now, goodSince, p.Keep)
			}
			w = next
		}
	})
}

func TestReached(t *testing.T) {
	t.Parallel()
	for _, check := range []struct {
		d             Direction
		value, target float64
		want          float64
		ok            bool
	}{
		{Higher, 0.04, 0.05, 0.8, true},
		{Lower, 0.003, 0.003, 1, true},
		{Lower, 0.0015, 0.003, 1.5, true},
		{Lower, 0, 0.003, 2, true},
		{Lower, 0.006, 0.003, 0, true},
		{Lower, 0.009, 0.003, 0, true},
		{Lower, 1, 0, 0, false},
	} {
		got, ok := check.d.Reached(check.value, check.target)
		if ok != check.ok || math.Abs(got-check.want) > 1e-12 {
			t.Errorf("%v: %v of %v: %v (%v), want %v (%v)", check.d, check.value, check.target, got, ok, check.want, check.ok)
		}
	}
}
