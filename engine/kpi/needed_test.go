package kpi

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// What Needed says is what Power gives back, a greater lift takes less, being surer or
// missing less takes more. That its numbers are true is shown by TestABPowerAndDays.
func TestNeeded(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		aim := Aim{
			Rate: rapid.Float64Range(0.002, 0.4).Draw(t, "rate"), Lift: rapid.Float64Range(0.05, 1.2).Draw(t, "lift"),
			Sure: rapid.Float64Range(0.8, 0.999).Draw(t, "sure"), Power: rapid.Float64Range(0.5, 0.95).Draw(t, "power"),
			Weights: rapid.SampledFrom([][]float64{nil, {1, 1, 1}, {5, 95}, {95, 5}}).Draw(t, "weights"),
		}
		need, err := Needed(aim)
		if err != nil {
			t.Fatal(err)
		}
		power, err := Power(aim, need.Total)
		// Whole trials for each arm are a few more than asked, which shows in small samples.
		if err != nil || power < aim.Power-1e-9 || need.Total > 500 && power > aim.Power+0.02 {
			t.Fatalf("%+v: %d trials have a power of %v (%v)", aim, need.Total, power, err)
		}
		var sum int64
		for _, each := range need.Each {
			sum += each
		}
		if sum != need.Total || need.Days(100, 3) != math.Ceil(float64(need.Total)/100)+3 {
			t.Fatalf("%+v", need)
		}
		surer, greater := aim, aim
		surer.Sure += (1 - surer.Sure) / 2
		greater.Lift *= 1.1
		if more, err := Needed(surer); err != nil || more.Total <= need.Total {
			t.Fatalf("%+v takes %d trials, surer %d (%v)", aim, need.Total, more.Total, err)
		}
		if less, err := Needed(greater); err != nil || less.Total >= need.Total {
			t.Fatalf("%+v takes %d trials, a greater lift %d (%v)", aim, need.Total, less.Total, err)
		}
	})
}

// The classical number, as in any table: 5 % against 10 %, 80 % power, 95 % sure.
func TestNeededOneLook(t *testing.T) {
	t.Parallel()
	need, err := Needed(Aim{Rate: 0.05, Lift: 1})
	if err != nil || need.OneLook < 860 || need.OneLook > 870 {
		t.Errorf("%+v (%v), want twice 432", need, err)
	}
}

func TestAimsThatCannotBe(t *testing.T) {
	t.Parallel()
	for want, aim := range map[string]Aim{
		"rate 0":                       {Lift: 0.1},
		"rate 3":                       {Rate: 3, Lift: 0.1},
		"lift 0":                       {Rate: 0.03},
		"rate with its lift 1.2":       {Rate: 0.6, Lift: 1},
		"sure 95":                      {Rate: 0.03, Lift: 0.1, Sure: 95},
		"power 1":                      {Rate: 0.03, Lift: 0.1, Power: 1},
		"two arms or more":             {Rate: 0.03, Lift: 0.1, Weights: []float64{1}},
		"weight -1":                    {Rate: 0.03, Lift: 0.1, Weights: []float64{1, -1}},
		"takes more than 1e+12 trials": {Rate: 1e-9, Lift: 1e-4},
	} {
		if _, err := Needed(aim); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", aim, err, want)
		}
	}
	if power, err := Power(Aim{Rate: 0.03, Lift: 0.1}, 0); err != nil || power != 0 {
		t.Errorf("without trials: %v (%v)", power, err)
	}
	if _, err := Power(Aim{}, 10); err == nil {
		t.Error("no aim is accepted")
	}
}
