package kpi

import (
	"math"
	"math/rand/v2"
)

// world is an experiment whose truth is known: what the tests of Decide and Compare
// draw their counts from.
type world struct {
	rates   []float64 // the arms' true rates
	weights []float64 // their shares; nil for equal ones
	looks   int
	each    int                             // trials between two looks, all arms together
	drift   func(look int) float64          // what all rates are multiplied with at a look; nil for 1
	order   func(look, trial int) (arm int) // which arm a trial falls to; nil for a draw by weight
}

// run plays the experiment once and calls at after each look, until it says stop.
func (w world) run(r *rand.Rand, at func(look int, arms []Arm) (stop bool)) {
	arms := make([]Arm, len(w.rates))
	var sum float64
	for i := range arms {
		arms[i].Weight = 1
		if w.weights != nil {
			arms[i].Weight = w.weights[i]
		}
		sum += arms[i].Weight
		if w.order != nil {
			arms[i].Drawn = int64(w.looks * w.each) // all were drawn at once, and are sent in turn
		}
	}
	for look := range w.looks {
		drift := 1.0
		if w.drift != nil {
			drift = w.drift(look)
		}
		for trial := range w.each {
			i := w.arm(r, arms, sum, look, trial)
			arms[i].Of++
			if r.Float64() < w.rates[i]*drift {
				arms[i].N++
			}
		}
		if at(look, arms) {
			return
		}
	}
}

// arm is the arm to which a trial falls.
func (w world) arm(r *rand.Rand, arms []Arm, sum float64, look, trial int) int {
	if w.order != nil {
		return w.order(look, trial)
	}
	if w.weights == nil {
		return r.IntN(len(arms))
	}
	x := r.Float64() * sum
	for i, a := range arms {
		if x -= a.Weight; x < 0 {
			return i
		}
	}
	return len(arms) - 1
}

// fixedTest is the test that is right for one look: an arm is called different when the
// pooled z of its difference to the first arm is 1.96 or more. This is what a table
// with a star beside each arm does.
func fixedTest(arms []Arm) bool {
	first := arms[0]
	for _, a := range arms[1:] {
		pooled := float64(a.N+first.N) / float64(a.Of+first.Of)
		variance := pooled * (1 - pooled) * (1/float64(a.Of) + 1/float64(first.Of))
		if z := (a.rate() - first.rate()) / math.Sqrt(variance); math.Abs(z) >= 1.959964 {
			return true
		}
	}
	return false
}
