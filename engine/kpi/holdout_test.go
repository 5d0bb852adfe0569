package kpi

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// Newcombe's own examples, table II of his paper, method 10, as far as they are printed.
func TestNewcombe(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b      Rate
		low, high float64
	}{
		{Rate{56, 70}, Rate{48, 80}, 0.0524, 0.3339},
		{Rate{9, 10}, Rate{3, 10}, 0.1705, 0.8090},
		{Rate{6, 7}, Rate{2, 7}, 0.0582, 0.8062},
		{Rate{5, 56}, Rate{0, 29}, -0.0381, 0.1926},
		{Rate{0, 10}, Rate{0, 20}, -0.1611, 0.2775},
		{Rate{10, 10}, Rate{0, 20}, 0.6791, 1},
	} {
		got := newcombe(c.a, c.b, 0.95)
		if math.Abs(got.Low-c.low) > 0.00006 || math.Abs(got.High-c.high) > 0.00006 {
			t.Errorf("%v − %v: %+v, want %v to %v", c.a, c.b, got, c.low, c.high)
		}
	}
}

// Koopman's example: 36 of 40 against 16 of 80.
func TestKoopman(t *testing.T) {
	t.Parallel()
	got := koopman(Rate{36, 40}, Rate{16, 80}, 0.95)
	if math.Abs(got.Low+1-2.939) > 0.0006 || math.Abs(got.High+1-7.152) > 0.0006 {
		t.Errorf("%v to %v, want 2.939 to 7.152", got.Low+1, got.High+1)
	}
}

// The score at a ratio is the chi-square of the best rates with that ratio: no other
// rates come nearer to the counts.
func TestRatioScoreIsOfTheBestRates(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawArm(t, "a").Rate, drawArm(t, "b").Rate
		ratio := rapid.Float64Range(0.1, 10).Draw(t, "ratio")
		if a.Of == 0 || b.Of == 0 || a.N+b.N == 0 {
			return
		}
		x1, n1, x2, n2 := float64(a.N), float64(a.Of), float64(b.N), float64(b.Of)
		likelihood := func(p float64) float64 {
			return timesLog(x1, p*ratio) + timesLog(n1-x1, 1-p*ratio) + timesLog(x2, p) + timesLog(n2-x2, 1-p)
		}
		best, bestP := math.Inf(-1), 0.0
		for i := 1; i < 20_000; i++ {
			p := math.Min(1, 1/ratio) * float64(i) / 20_000
			if l := likelihood(p); l > best {
				best, bestP = l, p
			}
		}
		pb := restricted(a, b, ratio)
		if math.Abs(pb-bestP) > math.Min(1, 1/ratio)/5_000 {
			t.Fatalf("%v and %v with ratio %v: %v, brute force finds %v", a, b, ratio, pb, bestP)
		}
	})
}

// Of intervals for one look, so many hold the truth as are said to: 95 % of 2,000, and
// five standard errors of that.
func TestHoldoutHoldsTheTruth(t *testing.T) {
	t.Parallel()
	const runs = 2000
	w := world{rates: []float64{.05, .04}, weights: []float64{95, 5}, looks: 1, each: 10_000}
	var held [2]int
	for run := range runs {
		w.run(rand.New(rand.NewPCG(9, uint64(run))), func(_ int, arms []Arm) bool {
			if newcombe(arms[0].Rate, arms[1].Rate, 0.95).Contains(0.01) {
				held[0]++
			}
			if koopman(arms[0].Rate, arms[1].Rate, 0.95).Contains(0.25) {
				held[1]++
			}
			return true
		})
	}
	for i, name := range []string{"Newcombe", "Koopman"} {
		if math.Abs(float64(held[i])-0.95*runs) > 5*math.Sqrt(0.95*0.05*runs) {
			t.Errorf("%s holds the truth in %d of %d", name, held[i], runs)
		}
	}
}

func TestHoldout(t *testing.T) {
	t.Parallel()
	got, err := Holdout(Arm{Rate: Rate{5700, 95_000}, Weight: 95}, Arm{Rate: Rate{200, 5000}, Weight: 5}, 0.95)
	if err != nil || math.Abs(got.Once.Difference-0.02) > 1e-12 || math.Abs(got.Once.Relative-0.5) > 1e-12 {
		t.Fatalf("%+v (%v)", got, err)
	}
	for _, in := range []struct{ once, always Interval }{
		{got.Once.DifferenceIn, got.Always.DifferenceIn}, {got.Once.RelativeIn, got.Always.RelativeIn},
	} {
		if !(in.always.Low < in.once.Low && in.once.High < in.always.High && in.always.Low > 0) {
			t.Errorf("once %+v, always %+v", in.once, in.always)
		}
	}
	for _, arms := range [][]Arm{armsOf(0, 0, 0, 0), armsOf(0, 10, 0, 10), armsOf(10, 10, 0, 10), armsOf(0, 10, 10, 10), armsOf(10, 10, 10, 10), armsOf(1, 1_000_000_000, 2, 3)} {
		got, err := Holdout(arms[0], arms[1], 0.95)
		if err != nil || anyNaN(got.Once) || anyNaN(got.Always) || !got.Once.DifferenceIn.Contains(got.Once.Difference) {
			t.Errorf("%v: %+v (%v)", arms, got, err)
		}
	}
	if _, err := Holdout(Arm{Rate: Rate{2, 1}}, Arm{}, 0.95); err == nil {
		t.Error("2 of 1 is accepted")
	}
}
