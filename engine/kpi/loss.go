package kpi

import (
	"fmt"
	"math"
	"slices"
)

// Prospect is what may be believed of an arm after the counts.
type Prospect struct {
	Best float64 // probability that it is the best arm
	Loss float64 // rate that is given away, on average, by using it when another is better
}

// Prospects is the Bayesian reading of an experiment, for advice: each arm's rate is
// believed to be Beta(1 + yes, 1 + no), all rates being equally likely before. The loss
// of arm i is
//
//	E[max over j of rate j] − E[rate i],   E[max] = ∫₀¹ (1 − Π Fⱼ(x)) dx
//
// and its probability to be best ∫ fᵢ(x) Π over j≠i of Fⱼ(x) dx, with f and F the density
// and distribution of the beliefs. C. Stucchio, "Bayesian A/B testing at VWO" (2015)
// gives the rule that goes with it: use an arm whose Loss is less than you care for.
//
// That rule limits what a decision costs, not how often it is wrong: with two equal
// arms and many looks it will name one sooner or later, at next to no loss. Decide is
// the rule that does not. The integrals are sums over a fixed grid, so that the same
// counts give the same numbers everywhere; they are right to about six digits of the
// rates' own spread.
func Prospects(arms []Arm) ([]Prospect, error) {
	if err := checkArms(arms); err != nil {
		return nil, fmt.Errorf("compute expected loss: %w", err)
	}
	beliefs := make([]belief, len(arms))
	for i, a := range arms {
		beliefs[i] = newBelief(float64(a.N)+1, float64(a.Of-a.N)+1)
	}
	grid := joinedGrid(beliefs)
	for i := range beliefs {
		beliefs[i].tabulate(grid)
	}
	best := make([]Prospect, len(arms))
	most := grid[0] // E[max], beginning with the part in which nothing has happened yet
	for k := 1; k < len(grid); k++ {
		step := grid[k] - grid[k-1]
		most += step - step/6*(productExcept(beliefs, -1, 2*k-2)+4*productExcept(beliefs, -1, 2*k-1)+productExcept(beliefs, -1, 2*k))
		for i, b := range beliefs {
			best[i].Best += step / 6 * (b.density[2*k-2]*productExcept(beliefs, i, 2*k-2) +
				4*b.density[2*k-1]*productExcept(beliefs, i, 2*k-1) + b.density[2*k]*productExcept(beliefs, i, 2*k))
		}
	}
	var sum float64
	for _, p := range best {
		sum += p.Best
	}
	for i, b := range beliefs {
		best[i].Best /= sum
		best[i].Loss = math.Max(0, most-b.mean)
	}
	return best, nil
}

// belief is a beta distribution, and its values on a grid: at the points themselves at
// even places, halfway between two of them at odd ones.
type belief struct {
	a, b, mean, spread, scale float64
	density, below            []float64
}

func newBelief(a, b float64) belief {
	n := a + b
	return belief{
		a: a, b: b, mean: a / n,
		spread: math.Sqrt(a * b / (n * n * (n + 1))),
		scale:  logBeta(a, b),
	}
}

// at is the density, computed by its logarithm, which neither overflows nor underflows.
func (b *belief) at(x float64) float64 {
	return math.Exp(timesLog(b.a-1, x) + timesLog(b.b-1, 1-x) - b.scale)
}

// grid is where the belief needs to be looked at: closely within five spreads, in
// growing steps beyond, because a rate near 0 has a long tail.
func (b *belief) grid() []float64 {
	var points []float64
	for _, side := range [...]float64{-1, 1} {
		for distance, step := 0.0, 1.0/16; distance < 60; distance += step {
			if distance >= 5 {
				step *= 1.05
			}
			if x := b.mean + side*distance*b.spread; x > 0 && x < 1 {
				points = append(points, x)
			}
		}
	}
	return points
}

// joinedGrid has the points of all beliefs.
func joinedGrid(beliefs []belief) []float64 {
	points := []float64{0, 1}
	for i := range beliefs {
		points = append(points, beliefs[i].grid()...)
	}
	slices.Sort(points)
	return slices.Compact(points)
}

// tabulate computes the density on the grid and sums it up by Simpson's rule, scaled
// so that it reaches 1.
func (b *belief) tabulate(grid []float64) {
	n := 2*len(grid) - 1
	b.density, b.below = make([]float64, n), make([]float64, n)
	b.density[0] = b.at(grid[0])
	for k := 1; k < len(grid); k++ {
		step := grid[k] - grid[k-1]
		left, mid, right := b.density[2*k-2], b.at(grid[k-1]+step/2), b.at(grid[k])
		b.density[2*k-1], b.density[2*k] = mid, right
		// The area below the parabola through the three points, up to its middle, where
		// a steep one can swing below zero or beyond the end, and to its end.
		whole := step / 6 * (left + 4*mid + right)
		half := math.Max(0, math.Min(whole, step/24*(5*left+8*mid-right)))
		b.below[2*k-1] = b.below[2*k-2] + half
		b.below[2*k] = b.below[2*k-2] + whole
	}
	total := b.below[n-1]
	for k := range b.below {
		b.below[k] /= total
		b.density[k] /= total
	}
}

// productExcept is the probability that every arm but one has a rate below the point.
func productExcept(beliefs []belief, except, place int) float64 {
	product := 1.0
	for i, b := range beliefs {
		if i != except {
			product *= b.below[place]
		}
	}
	return product
}
