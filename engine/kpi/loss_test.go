package kpi

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// bruteProspects enumerates what two beliefs with whole parameters give in closed form:
// with A = Beta(a, b) and B = Beta(c, d),
//
//	P(B > A) = Σ for i < c of  B(a + i, b + d) / ((d + i)·B(1 + i, d)·B(a, b))
//
// (E. Miller, "Formulas for Bayesian A/B testing", 2014) and E[max] by means of the
// beliefs with one answer more.
func bruteProspects(arms []Arm) (best [2]float64, loss [2]float64) {
	a, b := float64(arms[0].N)+1, float64(arms[0].Of-arms[0].N)+1
	c, d := float64(arms[1].N)+1, float64(arms[1].Of-arms[1].N)+1
	above := func(a, b, c, d float64) (sum float64) {
		for i := 0.0; i < c; i++ {
			sum += math.Exp(logBeta(a+i, b+d)-logBeta(1+i, d)-logBeta(a, b)) / (d + i)
		}
		return sum
	}
	best[1] = above(a, b, c, d)
	best[0] = 1 - best[1]
	// E[B·1(B > A)] = E[B]·P(B' > A) with B' = Beta(c + 1, d), and so for A.
	most := c/(c+d)*above(a, b, c+1, d) + a/(a+b)*(1-above(a+1, b, c, d))
	loss[0], loss[1] = most-a/(a+b), most-c/(c+d)
	return best, loss
}

func TestProspectsOfTwoArms(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		arms := []Arm{drawArm(t, "a"), drawArm(t, "b")}
		got, err := Prospects(arms)
		if err != nil {
			t.Fatal(err)
		}
		best, loss := bruteProspects(arms)
		spread := math.Max(arms[0].belief().spread, arms[1].belief().spread)
		for i := range got {
			if math.Abs(got[i].Best-best[i]) > 1e-5 || math.Abs(got[i].Loss-loss[i]) > 1e-5*spread+1e-12 {
				t.Fatalf("%v: arm %d %+v, want %v, %v", arms, i, got[i], best[i], loss[i])
			}
		}
	})
}

func (a Arm) belief() belief { return newBelief(float64(a.N)+1, float64(a.Of-a.N)+1) }

func TestProspects(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		arms := make([]Arm, rapid.IntRange(2, 5).Draw(t, "arms"))
		for i := range arms {
			arms[i] = drawArm(t, "arm")
		}
		got, err := Prospects(arms)
		if err != nil {
			t.Fatal(err)
		}
		sum, least := 0.0, math.Inf(1)
		for _, p := range got {
			sum += p.Best
			least = math.Min(least, p.Loss)
			if !(p.Best >= 0 && p.Best <= 1+1e-9 && p.Loss >= 0 && p.Loss < 1) {
				t.Fatalf("%v: %+v", arms, got)
			}
		}
		if math.Abs(sum-1) > 1e-9 {
			t.Fatalf("%v: %+v add up to %v", arms, got, sum)
		}
		for i, p := range got {
			for j, q := range got {
				if arms[i].belief().mean > arms[j].belief().mean && p.Loss > q.Loss+1e-9 {
					t.Fatalf("%v: the better arm loses more: %+v", arms, got)
				}
			}
		}
	})
}

func TestProspectsOfEqualAndHugeArms(t *testing.T) {
	t.Parallel()
	const billion = 1_000_000_000
	for _, arms := range [][]Arm{
		armsOf(0, 0, 0, 0, 0, 0), armsOf(3, 100, 3, 100), armsOf(0, 1000, 0, 1000, 0, 1000, 0, 1000),
		armsOf(30_000_000, billion, 30_000_000, billion), armsOf(0, billion, 0, billion), armsOf(billion, billion, billion, billion),
	} {
		got, err := Prospects(arms)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range got {
			if math.Abs(p.Best-1/float64(len(arms))) > 1e-5 || math.IsNaN(p.Loss) {
				t.Errorf("%v: %+v", arms, got)
			}
		}
	}
	got, err := Prospects(armsOf(30_000_000, billion, 30_060_000, billion))
	if err != nil || got[1].Best < 0.999999 || math.Abs(got[0].Loss-60e-6) > 1e-9 || got[1].Loss > 1e-12 {
		t.Errorf("%+v (%v)", got, err)
	}
	// Three throws of a fair world: E[max] of three uniform rates is 3/4.
	got, err = Prospects(armsOf(0, 0, 0, 0, 0, 0))
	if err != nil || math.Abs(got[0].Loss-0.25) > 1e-6 {
		t.Errorf("%+v (%v)", got, err)
	}
	if _, err := Prospects(armsOf(2, 1, 0, 0)); err == nil {
		t.Error("2 of 1 is accepted")
	}
}
