package kpi

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// A tag used mostly in good issues looks good in the sum, and does harm in each issue:
// Simpson's paradox, which is what the strata are for.
func TestPoolIsNotFooledByGoodIssues(t *testing.T) {
	t.Parallel()
	strata := []Stratum{
		{With: Rate{180, 2000}, Without: Rate{20, 200}}, // a good issue: 9 % against 10 %
		{With: Rate{4, 200}, Without: Rate{50, 2000}},   // a bad one: 2 % against 2.5 %
	}
	got, ok, err := Pool(strata, 0.95)
	if err != nil || !ok || got.Lift >= 0 || got.Points >= 0 {
		t.Errorf("%+v, %v (%v)", got, ok, err)
	}
	sum, _, _ := Pool([]Stratum{{With: Rate{184, 2200}, Without: Rate{70, 2200}}}, 0.95)
	if sum.Lift < 1 {
		t.Errorf("the sum is no paradox: %+v", sum)
	}
}

// One stratum is its own ratio and difference, with the intervals of a textbook:
// the logarithm of the ratio has the variance 1/x₁ − 1/n₁ + 1/x₂ − 1/n₂, and the
// difference about that of two binomials.
func TestPoolOfOneStratum(t *testing.T) {
	t.Parallel()
	got, ok, err := Pool([]Stratum{{With: Rate{60, 1000}, Without: Rate{40, 1000}}}, 0.95)
	if err != nil || !ok || math.Abs(got.Lift-0.5) > 1e-12 || math.Abs(got.Points-0.02) > 1e-12 || got.Strata != 1 || got.Apart != 0 {
		t.Fatalf("%+v, %v (%v)", got, ok, err)
	}
	reach := 1.959964 * math.Sqrt(1.0/60-1.0/1000+1.0/40-1.0/1000)
	if math.Abs(math.Log(got.LiftIn.High+1)-math.Log(1.5)-reach) > 1e-6 {
		t.Errorf("ratio to %v, reach %v", got.LiftIn, reach)
	}
	reach = 1.959964 * math.Sqrt(.06*.94/1000+.04*.96/1000)
	if math.Abs(got.PointsIn.High-0.02-reach) > 2e-4 {
		t.Errorf("points to %v, reach %v", got.PointsIn, reach)
	}
}

// Over issues whose rates differ as they do, 95 % of intervals hold the common lift;
// five standard errors of 1,000 runs are allowed.
func TestPoolHoldsTheTruth(t *testing.T) {
	t.Parallel()
	const runs = 1000
	ratio, points := 0, 0
	for run := range runs {
		r := rand.New(rand.NewPCG(11, uint64(run)))
		var lifted, shifted []Stratum
		for range 12 {
			base, n := 0.01+0.05*r.Float64(), 200+r.IntN(400)
			draw := func(p float64, n int) (rate Rate) {
				for range n {
					rate.Of++
					if r.Float64() < p {
						rate.N++
					}
				}
				return rate
			}
			lifted = append(lifted, Stratum{With: draw(base*1.3, n), Without: draw(base, 2*n)})
			shifted = append(shifted, Stratum{With: draw(base+0.02, n), Without: draw(base, 2*n)})
		}
		if got, ok, err := Pool(lifted, 0.95); err == nil && ok && got.LiftIn.Contains(0.3) {
			ratio++
		}
		if got, ok, err := Pool(shifted, 0.95); err == nil && ok && got.PointsIn.Contains(0.02) {
			points++
		}
	}
	for name, held := range map[string]int{"lift": ratio, "points": points} {
		if math.Abs(float64(held)-0.95*runs) > 5*math.Sqrt(0.95*0.05*runs) {
			t.Errorf("%s: %d of %d intervals hold the truth", name, held, runs)
		}
	}
}

// Strata that say the same agree; strata that contradict each other are apart.
func TestPoolApart(t *testing.T) {
	t.Parallel()
	same, ok, err := Pool([]Stratum{{Rate{60, 1000}, Rate{40, 1000}}, {Rate{60, 1000}, Rate{40, 1000}}, {Rate{6, 100}, Rate{4, 100}}}, 0.95)
	if err != nil || !ok || same.Apart != 0 {
		t.Errorf("%+v, %v (%v)", same, ok, err)
	}
	apart, ok, err := Pool([]Stratum{{Rate{90, 1000}, Rate{30, 1000}}, {Rate{30, 1000}, Rate{90, 1000}}}, 0.95)
	if err != nil || !ok || apart.Apart < 0.9 || math.Abs(apart.Lift) > 1e-9 {
		t.Errorf("%+v, %v (%v)", apart, ok, err)
	}
}

func TestPoolNeverBreaks(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		strata := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Stratum {
			return Stratum{With: drawArm(t, "with").Rate, Without: drawArm(t, "without").Rate}
		}), 0, 6).Draw(t, "strata")
		got, ok, err := Pool(strata, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			if got.Lift != 0 || got.Points != 0 {
				t.Fatalf("%+v is not ok", got)
			}
			return
		}
		if !got.LiftIn.Contains(got.Lift) || !got.PointsIn.Contains(got.Points) || !(got.Apart >= 0 && got.Apart < 1) {
			t.Fatalf("%v: %+v", strata, got)
		}
		// Sides that change places turn the result over.
		turned := make([]Stratum, len(strata))
		for i, s := range strata {
			turned[i] = Stratum{With: s.Without, Without: s.With}
		}
		other, _, _ := Pool(turned, 0.95)
		if math.Abs(other.Points+got.Points) > 1e-9 || math.Abs((other.Lift+1)*(got.Lift+1)-1) > 1e-9 {
			t.Fatalf("%v: %+v, turned %+v", strata, got, other)
		}
	})
	if _, _, err := Pool([]Stratum{{With: Rate{2, 1}}}, 0.95); err == nil {
		t.Error("2 of 1 is accepted")
	}
	if _, _, err := Pool(nil, 95); err == nil {
		t.Error("confidence 95 is accepted")
	}
}
