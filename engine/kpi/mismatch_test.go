package kpi

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The evidence of a right draw is 1 on average; all draws are enumerated.
func TestMismatchIsFair(t *testing.T) {
	t.Parallel()
	for _, weights := range [][]float64{{1, 1}, {5, 95}, {1, 2, 3}} {
		var sum float64
		for _, w := range weights {
			sum += w
		}
		const n = 25
		var mean float64
		var draw func(arms []Arm, left int, logChance float64)
		draw = func(arms []Arm, left int, logChance float64) {
			i := len(arms)
			share := weights[i] / sum
			if i == len(weights)-1 {
				arms = append(arms, Arm{Weight: weights[i], Rate: Rate{0, int64(left)}})
				lg, _ := math.Lgamma(float64(left + 1))
				mean += math.Exp(logChance + float64(left)*math.Log(share) - lg + mismatch(arms))
				return
			}
			for k := range left + 1 {
				lg, _ := math.Lgamma(float64(k + 1))
				draw(append(arms[:i:i], Arm{Weight: weights[i], Rate: Rate{0, int64(k)}}), left-k, logChance+float64(k)*math.Log(share)-lg)
			}
		}
		all, _ := math.Lgamma(n + 1)
		draw(nil, n, all)
		if math.Abs(mean-1) > 1e-9 {
			t.Errorf("shares %v: the evidence is %v on average", weights, mean)
		}
	}
}

func TestMismatch(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		arms []Arm
		want bool
	}{
		{armsOf(0, 0, 0, 0), false},
		{armsOf(0, 6, 0, 0), false},
		{armsOf(0, 500, 0, 520), false},
		{armsOf(0, 500, 0, 400), false},
		{armsOf(0, 1000, 0, 700), true},
		{armsOf(0, 100_000, 0, 98_000), true},
		{armsOf(0, 500_000_000, 0, 500_020_000), false},
		{armsOf(0, 500_000_000, 0, 500_500_000), true},
		{[]Arm{{Rate: Rate{0, 9500}, Weight: 95}, {Rate: Rate{0, 510}, Weight: 5}}, false},
		{[]Arm{{Rate: Rate{0, 9500}, Weight: 95}, {Rate: Rate{0, 300}, Weight: 5}}, true},
	} {
		fires, chance, err := Mismatch(c.arms, 0.001)
		if err != nil || fires != c.want || fires != (chance <= 0.001) || math.IsNaN(chance) {
			t.Errorf("%v: %v at %v (%v), want %v", c.arms, fires, chance, err, c.want)
		}
	}
	if _, _, err := Mismatch(armsOf(1, 2), 0.001); err == nil {
		t.Error("one arm is accepted")
	}
	if _, _, err := Mismatch(armsOf(1, 2, 1, 2), 0); err == nil {
		t.Error("no risk is accepted")
	}
}

// Looked at often, a right draw is called wrong no more often than declared.
func TestMismatchFalseAlarms(t *testing.T) {
	t.Parallel()
	const runs, risk = 2000, 0.05
	alarms := 0
	for run := range runs {
		w := world{rates: []float64{0, 0, 0}, weights: []float64{2, 1, 1}, looks: 40, each: 100}
		alarm := false
		w.run(rand.New(rand.NewPCG(3, uint64(run))), func(_ int, arms []Arm) bool {
			fires, _, err := Mismatch(arms, risk)
			if err != nil {
				t.Fatal(err)
			}
			alarm = fires
			return fires
		})
		if alarm {
			alarms++
		}
	}
	if alarms > binomialTop(runs, risk, 1e-6) || alarms == 0 {
		t.Errorf("%d false alarms in %d runs, declared %v", alarms, runs, risk)
	}
}
