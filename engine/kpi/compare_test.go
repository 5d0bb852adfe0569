package kpi

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The truth lies in the interval at every look. Whether it does is asked as Compare
// asks, at the truth only. The bound is the binomial tail: if one run in twenty missed
// it, more misses would come once in a million.
func TestCompareHoldsTheTruthAtEveryLook(t *testing.T) {
	t.Parallel()
	const runs = 300
	for _, w := range []world{
		{rates: []float64{.05, .03}, looks: 10, each: 300},
		{rates: []float64{.01, .01}, looks: 10, each: 200},
		{rates: []float64{.5, .4}, looks: 10, each: 40},
		{rates: []float64{.04, .02}, weights: []float64{95, 5}, looks: 10, each: 400},
	} {
		difference, ratio := w.rates[0]-w.rates[1], w.rates[0]/w.rates[1]
		enough := math.Log(2 / 0.05)
		missed := func(a, b Arm, c claim) bool {
			g := newGame(c, a, b)
			return g.evidence(enough) >= enough
		}
		misses := [2]int{}
		for run := range runs {
			var outside [2]bool
			w.run(rand.New(rand.NewPCG(7, uint64(run))), func(_ int, arms []Arm) bool {
				a, b := arms[0], arms[1]
				outside[0] = outside[0] || missed(a, b, claim{1, difference}) || missed(b, a, claim{1, -difference})
				outside[1] = outside[1] || missed(a, b, claim{ratio, 0}) || missed(b, a, claim{1 / ratio, 0})
				return false
			})
			for i, out := range outside {
				if out {
					misses[i]++
				}
			}
		}
		if most := binomialTop(runs, 0.05, 1e-6); max(misses[0], misses[1]) > most {
			t.Errorf("%v: %v of %d runs missed the truth", w.rates, misses, runs)
		}
	}
}

// The interval is what Decide decides by, holds what was counted, and turns over when
// the arms change places.
func TestCompareAgreesWithItself(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawArm(t, "a"), drawArm(t, "b")
		l, err := Compare(a, b, 0.9)
		if err != nil || anyNaN(l) {
			t.Fatalf("%+v (%v)", l, err)
		}
		if !l.DifferenceIn.Contains(l.Difference) || l.RelativeOK && l.Relative < MostLift && !l.RelativeIn.Contains(l.Relative) {
			t.Fatalf("%+v does not hold what was counted", l)
		}
		if (l.DifferenceIn.Low > 1e-8) != (l.RelativeIn.Low > 1e-8) && math.Abs(l.DifferenceIn.Low) > 1e-6 {
			t.Fatalf("%+v: the two readings disagree", l)
		}
		turned, err := Compare(b, a, 0.9)
		if err != nil || math.Abs(turned.DifferenceIn.Low+l.DifferenceIn.High) > 1e-9 || math.Abs(turned.DifferenceIn.High+l.DifferenceIn.Low) > 1e-9 {
			t.Fatalf("%+v turned over is %+v (%v)", l, turned, err)
		}
		surer, err := Compare(a, b, 0.99)
		if err != nil || surer.DifferenceIn.Low > l.DifferenceIn.Low+1e-8 || surer.DifferenceIn.High < l.DifferenceIn.High-1e-8 {
			t.Fatalf("%+v is narrower when surer: %+v (%v)", l, surer, err)
		}
	})
}

// Where nothing is known, nothing is said.
func TestCompareWithoutCounts(t *testing.T) {
	t.Parallel()
	for _, arms := range [][]Arm{armsOf(0, 0, 0, 0), armsOf(0, 0, 5, 100), armsOf(5, 100, 0, 0), armsOf(0, 1, 0, 1)} {
		l, err := Compare(arms[0], arms[1], 0.95)
		if err != nil || anyNaN(l) || l.DifferenceIn.Low >= 0 || l.DifferenceIn.High <= 0 || l.RelativeOK != (arms[1].N > 0 && arms[0].Of > 0) {
			t.Errorf("%v: %+v (%v)", arms, l, err)
		}
	}
	l, err := Compare(armsOf(40, 1000)[0], armsOf(0, 1000)[0], 0.95)
	if err != nil || l.RelativeOK || l.RelativeIn.High != MostLift || l.DifferenceIn.Low <= 0 || l.RelativeIn.Low <= 0 {
		t.Errorf("against nothing: %+v (%v)", l, err)
	}
}

// The price of looking without end, against Newcombe's interval for one look.
func TestCompareIsNotMuchWider(t *testing.T) {
	t.Parallel()
	for _, arms := range [][]Arm{armsOf(120, 4000, 150, 4000), armsOf(300, 1000, 330, 1000), armsOf(4000, 400_000, 4100, 400_000)} {
		l, err := Compare(arms[0], arms[1], 0.95)
		if err != nil {
			t.Fatal(err)
		}
		once := newcombe(arms[0].Rate, arms[1].Rate, 0.95)
		ratio := (l.DifferenceIn.High - l.DifferenceIn.Low) / (once.High - once.Low)
		t.Logf("%v: %.2f times as wide as for one look", arms, ratio)
		if ratio < 1.2 || ratio > 1.9 {
			t.Errorf("%v: %.2f times as wide as for one look", arms, ratio)
		}
	}
}

func TestArmsThatCannotBe(t *testing.T) {
	t.Parallel()
	good := Arm{Rate: Rate{1, 10}}
	for want, bad := range map[string]Arm{
		"count each lead once":             {Rate: Rate{11, 10}},
		"counts are not negative":          {Rate: Rate{-1, 10}},
		"more were tried than fell":        {Rate: Rate{1, 10}, Drawn: 9},
		"more than can be counted":         {Rate: Rate{1, math.MaxInt64}},
		"a weight is a positive number":    {Rate: Rate{1, 10}, Weight: -1},
		"a weight is a positive number ":   {Rate: Rate{1, 10}, Weight: math.NaN()},
		"a weight is a positive number  ":  {Rate: Rate{1, 10}, Weight: math.Inf(1)},
		"a guard counts 11 of 10":          {Rate: Rate{1, 10}, Bad: []int64{11}},
		"1 counts for 0 guards":            {Rate: Rate{1, 10}, Bad: []int64{1}},
		"arm 2: -5 of -5":                  {Rate: Rate{-5, -5}},
		"arm 2: 1 of 10, -1 drawn: counts": {Rate: Rate{1, 10}, Drawn: -1},
	} {
		if _, err := Decide([]Arm{good, bad}, Plan{}); err == nil || !strings.Contains(err.Error(), strings.TrimSpace(want)) {
			t.Errorf("%+v: %v, want %q", bad, err, want)
		}
	}
	for _, arms := range [][]Arm{nil, {good}} {
		if _, err := Decide(arms, Plan{}); err == nil || !strings.Contains(err.Error(), "two or more") {
			t.Errorf("%d arms: %v", len(arms), err)
		}
	}
	for _, plan := range []Plan{{Sure: 1}, {Sure: 95}, {Sure: -1}, {Sure: math.NaN()}, {MinEach: -1}, {Least: -1}, {Least: math.NaN()}} {
		if _, err := Decide([]Arm{good, good}, plan); err == nil {
			t.Errorf("%+v is accepted", plan)
		}
	}
	if _, err := Compare(good, good, 95); err == nil || !strings.Contains(err.Error(), "confidence 95") {
		t.Errorf("confidence 95: %v", err)
	}
}
