package kpi

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// armsOf makes arms of equal shares of pairs of counts: answered, tried.
func armsOf(counts ...int64) []Arm {
	var arms []Arm
	for i := 0; i < len(counts); i += 2 {
		arms = append(arms, Arm{Rate: Rate{N: counts[i], Of: counts[i+1]}})
	}
	return arms
}

// The coin is fair: whatever the common rate, the shares and the number of trials of
// each arm, its expectation is at most 1. All outcomes are enumerated.
func TestTheGameIsFair(t *testing.T) {
	t.Parallel()
	for _, n := range [][2]int{{1, 0}, {0, 1}, {1, 1}, {5, 5}, {12, 3}, {2, 17}, {20, 20}} {
		for _, weights := range [][2]float64{{1, 1}, {5, 95}, {95, 5}} {
			for _, c := range []claim{noBetter, {1, 0.1}, {1, -0.1}, {2, 0}, {0.5, 0}} {
				coins := allCoins(c, n, weights)
				for _, pb := range []float64{0, 0.005, 0.03, 0.1, 0.3, 0.5, 0.9, 1} {
					// The claim is true at its border and below it.
					border := c.ratio*pb + c.shift
					for _, pa := range []float64{border, border / 2} {
						if pa < 0 || pa > 1 {
							continue
						}
						if coin := expectation(coins, pa, pb); coin > 1+1e-9 {
							t.Errorf("claim %v, %v trials, shares %v, rates %v and %v: one coin becomes %v", c, n, weights, pa, pb, coin)
						}
					}
				}
			}
		}
	}
}

// allCoins is what becomes of one coin for each number of answers in a and in b.
func allCoins(c claim, n [2]int, weights [2]float64) [][]float64 {
	coins := make([][]float64, n[0]+1)
	for a := range coins {
		for b := range n[1] + 1 {
			g := newGame(c, Arm{Rate: Rate{int64(a), int64(n[0])}, Weight: weights[0]},
				Arm{Rate: Rate{int64(b), int64(n[1])}, Weight: weights[1]})
			coins[a] = append(coins[a], math.Exp(g.evidence(math.Inf(-1))))
		}
	}
	return coins
}

func expectation(coins [][]float64, pa, pb float64) (mean float64) {
	for a := range coins {
		for b, coin := range coins[a] {
			mean += binomial(len(coins)-1, a, pa) * binomial(len(coins[a])-1, b, pb) * coin
		}
	}
	return mean
}

func binomial(n, k int, p float64) float64 {
	return math.Exp(logChoose(n, k) + timesLog(float64(k), p) + timesLog(float64(n-k), 1-p))
}

// Looking after every trial, in several orders, the probability that the coin ever
// becomes 1/alpha is at most alpha. It is computed exactly, trial by trial, over all
// counts there may be; alpha is great, so that so few trials come near it.
func TestLookingAfterEveryTrial(t *testing.T) {
	t.Parallel()
	orders := map[string]func(trial int) int{
		"in turn":     func(trial int) int { return trial % 2 },
		"a after b":   func(trial int) int { return 1 - trial/30 },
		"b after a":   func(trial int) int { return trial / 30 },
		"three for a": func(trial int) int { return min(1, trial%4) },
	}
	const alpha = 0.2
	for name, order := range orders {
		for _, p := range []float64{0.05, 0.3, 0.5, 0.8} {
			if ever := everReaches(order, 60, p, alpha); ever > alpha {
				t.Errorf("%s at a rate of %v: false with a probability of %v, declared %v", name, p, ever, alpha)
			} else if name == "in turn" && p == 0.5 && ever < alpha/20 {
				t.Errorf("at a rate of %v the coin never moves (%v): this test shows nothing", p, ever)
			}
		}
	}
}

// everReaches is the probability that one of the two directed games is won within the
// trials.
func everReaches(order func(int) int, trials int, p, alpha float64) (ever float64) {
	alive := map[[2]int64]float64{{}: 1}
	var of [2]int64
	for trial := range trials {
		arm := order(trial)
		of[arm]++
		next := map[[2]int64]float64{}
		for hits, chance := range alive {
			for outcome, weight := range []float64{1 - p, p} {
				now := hits
				now[arm] += int64(outcome)
				next[now] += chance * weight
			}
		}
		for hits, chance := range next {
			a, b := Arm{Rate: Rate{hits[0], of[0]}}, Arm{Rate: Rate{hits[1], of[1]}}
			up, down := newGame(noBetter, a, b), newGame(noBetter, b, a)
			enough := math.Log(2 / alpha)
			if up.evidence(enough) >= enough || down.evidence(enough) >= enough {
				ever += chance
				delete(next, hits)
			}
		}
		alive = next
	}
	return ever
}

// The search finds the least over all rates: as low as the best of a dense walk.
func TestEvidenceIsTheLeast(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		g := drawGame(t)
		got := g.evidence(math.Inf(-1))
		low, high := g.domain()
		least, at := math.Inf(1), 0.0
		for i := range 4_001 {
			x := (1 - math.Cos(math.Pi*float64(i)/4_000)) / 2
			p := low + (high-low)*x
			if value := g.at(p); value < least {
				least, at = value, p
			}
		}
		if got > least+0.01 {
			t.Fatalf("%+v: %v, but %v at a rate of %v", g, got, least, at)
		}
		// Giving up early says nothing less than the truth, and no more than asked.
		enough := rapid.Float64Range(-3, 10).Draw(t, "enough")
		if early := g.evidence(enough); early < got-1e-9 || (early >= enough) != (got >= enough) {
			t.Fatalf("%+v: %v when %v is enough, %v in all", g, early, enough, got)
		}
	})
}

func drawGame(t *rapid.T) game {
	c := claim{
		ratio: rapid.SampledFrom([]float64{1, 1, 0.5, 0.9, 1.2, 3}).Draw(t, "ratio"),
		shift: rapid.SampledFrom([]float64{0, 0, 0.01, -0.01, 0.2, -0.2}).Draw(t, "shift"),
	}
	return newGame(c, drawArm(t, "a"), drawArm(t, "b"))
}

func drawArm(t *rapid.T, name string) Arm {
	of := rapid.Int64Range(0, rapid.SampledFrom([]int64{5, 100, 10_000}).Draw(t, name+" size")).Draw(t, name+" of")
	n := rapid.Int64Range(0, of/rapid.SampledFrom([]int64{1, 10, 50}).Draw(t, name+" rarity")).Draw(t, name+" n")
	return Arm{Rate: Rate{N: n, Of: of}, Weight: rapid.SampledFrom([]float64{0, 1, 0.1, 19}).Draw(t, name+" weight")}
}

// One more answer in a, and a lower claim, never weaken the evidence by more than the
// bets against the rates themselves lose. These are priced by how well the best rate
// explains what was counted, so they lose something when a "no" becomes rarer: a factor
// of 8/3e at most for the last but one, 2/e for the last. What is beyond that is the
// search's own error, see TestEvidenceIsTheLeast.
func TestEvidenceIsMonotone(t *testing.T) {
	t.Parallel()
	const search = 0.01
	lastButOne, last := math.Log(3*math.E/8), math.Log(math.E/2)
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawArm(t, "a"), drawArm(t, "b")
		c := claim{ratio: rapid.Float64Range(0.2, 5).Draw(t, "ratio"), shift: rapid.Float64Range(-0.5, 0.5).Draw(t, "shift")}
		base := newGame(c, a, b)
		value := base.evidence(math.Inf(-1))
		holdsAtLeast := func(what string, other game, loss float64) {
			if got := other.evidence(math.Inf(-1)); got < value-loss-search {
				t.Fatalf("%s: evidence fell from %v to %v (%+v, %+v, %+v)", what, value, got, c, a, b)
			}
		}
		if a.N < a.Of {
			more, loss := a, lastButOne
			if more.N++; more.N == more.Of {
				loss = last
			}
			holdsAtLeast("one more answer in a", newGame(c, more, b), loss)
		}
		lower := c
		lower.shift -= 0.01
		holdsAtLeast("a lower claim", newGame(lower, a, b), 0)
	})
}

// A billion trials overflow nothing and take no longer.
func TestHugeCounts(t *testing.T) {
	t.Parallel()
	const billion = 1_000_000_000
	for _, c := range []struct {
		arms []Arm
		want State
	}{
		{armsOf(30_000_000, billion, 30_000_000, billion), Collecting},
		{armsOf(30_060_000, billion, 30_000_000, billion), Decided},
		{armsOf(0, billion, 0, billion), Collecting},
		{armsOf(billion, billion, billion, billion), Collecting},
		{armsOf(0, billion, billion, billion), Decided},
		{armsOf(1<<49, 1<<50, 1<<49+1<<30, 1<<50), Decided},
	} {
		v, err := Decide(c.arms, Plan{})
		if err != nil || v.State != c.want {
			t.Errorf("%v: %v (%v), want %v", c.arms, v.State, err, c.want)
		}
		l, err := Compare(c.arms[0], c.arms[1], 0.95)
		if err != nil || !l.DifferenceIn.Contains(l.Difference) || anyNaN(l) {
			t.Errorf("%v: %+v (%v)", c.arms, l, err)
		}
	}
}

func anyNaN(l Lift) bool {
	for _, x := range []float64{l.Difference, l.DifferenceIn.Low, l.DifferenceIn.High, l.Relative, l.RelativeIn.Low, l.RelativeIn.High} {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return true
		}
	}
	return false
}

// The bets are what the comment says: their parts are one coin, and the favourite is a
// lift of a quarter.
func TestBets(t *testing.T) {
	t.Parallel()
	var sum float64
	for i := range bets {
		sum += betPart[i]
		if betPart[i] > betPart[int(favourite)] {
			t.Errorf("bet %d gets %v, more than the favourite", i, betPart[i])
		}
	}
	if math.Abs(sum-1) > 1e-12 || math.Abs(betSize[int(favourite)]-0.25) > 0.02 {
		t.Errorf("parts add up to %v, favourite is %v", sum, betSize[int(favourite)])
	}
}

func BenchmarkDecide(b *testing.B) {
	arms := armsOf(62, 2000, 55, 2000, 58, 2000)
	for b.Loop() {
		if _, err := Decide(arms, Plan{MinEach: 400}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCompare(b *testing.B) {
	arms := armsOf(90, 2000, 55, 2000)
	for b.Loop() {
		if _, err := Compare(arms[0], arms[1], 0.95); err != nil {
			b.Fatal(err)
		}
	}
}
