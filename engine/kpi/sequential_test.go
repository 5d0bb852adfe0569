package kpi

import (
	"math/rand/v2"
	"testing"
)

// The interval and the guard are one statement: the guard fires at a limit exactly when
// the interval lies beyond it.
func TestSequentialAgreesWithGuard(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(7, 7))
	for range 2000 {
		of := 1 + rng.Int64N(3000)
		r := Rate{N: rng.Int64N(of + 1), Of: of}
		if rng.IntN(2) == 0 {
			r.N = min(of, rng.Int64N(20))
		}
		i, ok := r.Sequential(0.95)
		if v, _ := r.Value(); !ok || !i.Contains(v) {
			t.Fatalf("%v: interval %v does not hold the rate", r, i)
		}
		limit := 0.001 + 0.998*rng.Float64()
		above, err := Guard{What: "x", Limit: limit}.Judge(r, 0.975)
		if err != nil {
			t.Fatal(err)
		}
		if near := limit-i.Low < 1e-9 && i.Low-limit < 1e-9; !near && (above == GuardFired) != (i.Low > limit) {
			t.Errorf("%v against %v: guard %v, interval %v", r, limit, above, i)
		}
		if near := limit-i.High < 1e-9 && i.High-limit < 1e-9; !near && (above == GuardHeld) != (i.High < limit) {
			t.Errorf("%v against %v: guard %v, interval %v", r, limit, above, i)
		}
	}
}

// Looking again and again, an interval of 95 % misses the truth in at most one
// of twenty lives; Wilson's, which is made for one look, misses it in many more.
func TestSequentialHoldsHoweverOftenOneLooks(t *testing.T) {
	t.Parallel()
	const lives, trials = 300, 400
	for _, truth := range []float64{0.01, 0.2, 0.5} {
		rng := rand.New(rand.NewPCG(11, uint64(truth*1000)))
		missed, wilson := 0, 0
		for range lives {
			var r Rate
			out, once := false, false
			for range trials {
				r.Of++
				if rng.Float64() < truth {
					r.N++
				}
				if r.Of%8 == 0 || r.Of < 20 {
					i, _ := r.Sequential(0.95)
					out = out || !i.Contains(truth)
				}
				w, _ := r.Wilson(0.95)
				once = once || !w.Contains(truth)
			}
			if out {
				missed++
			}
			if once {
				wilson++
			}
		}
		t.Logf("rate %v: missed in %d of %d lives, Wilson's in %d", truth, missed, lives, wilson)
		if missed > lives/20+10 { // two and a half deviations of chance above 5 %; the seed is fixed
			t.Errorf("rate %v: the interval missed the truth in %d of %d lives", truth, missed, lives)
		}
		if wilson <= missed {
			t.Errorf("rate %v: Wilson's interval missed it no more often (%d, %d): the test shows nothing", truth, wilson, missed)
		}
	}
}

func TestSequentialOfNothing(t *testing.T) {
	t.Parallel()
	for _, r := range []Rate{{}, {N: 3, Of: 2}, {N: -1, Of: 2}} {
		if i, ok := r.Sequential(0.95); ok {
			t.Errorf("%v: %v", r, i)
		}
	}
	if i, ok := (Rate{N: 0, Of: 1}).Sequential(0.95); !ok || i.Low != 0 || i.High < 0.9 {
		t.Errorf("nothing of one: %v %v", i, ok)
	}
}
