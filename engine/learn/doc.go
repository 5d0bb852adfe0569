// Package learn fits the points of scoring rules to what became of the leads.
//
// An Example is one moment at which a rule could have handed a lead over: what
// each scoring rule had contributed by then, and whether the outcome came in time
// afterwards. Fit weighs the rules by logistic regression, in whose log-odds a sum
// of points is what it is in a score: evidence that adds up. Points brings the
// weights to numbers that people can read, Bar sets the threshold by what sales
// can take, and Judge says on other examples, later ones, what that is worth.
//
// Everything here is arithmetic: the same examples give the same points on every
// machine.
package learn

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
)

// Example is one moment of one lead.
type Example struct {
	Lead   int     // which lead; examples of one lead are never parted by a fold
	At     int64   // milliseconds since 1970
	X      []Entry // what the rules had contributed, by ascending Feature; 0 is left out
	Won    bool    // the outcome came within its window after At
	Weight float64 // 1 divided among the examples of one lead; 0 counts as 1
}

// Entry is what one feature had contributed: how many times its rule had paid,
// each payment faded as the score fades.
type Entry struct {
	Feature int
	Value   float64
}

// Sign is what a weight may be.
type Sign int8

// The signs of a weight.
const (
	Any         Sign = iota
	NotNegative      // a rule that was meant to speak for a lead may lose its points, not turn
	NotPositive
)

// Feature is one scoring rule.
type Feature struct {
	Name   string
	Points float64 // what it pays today
	Sign   Sign
}

// Options of Fit. The zero value works.
type Options struct {
	// Ridge is the weight of the penalty λ/2·Σ(β−β₀)², in units of examples, where β₀
	// are today's points. Default: chosen among 0.1 … 1,000 by the order into which it
	// brings later examples.
	Ridge float64
	// Passes bounds the passes over all weights. Default: 200.
	Passes int
}

// Model is what Fit found: P(won) = 1/(1+exp(−(Bias + Σ Weights·X))).
type Model struct {
	Bias    float64
	Weights []float64
	Prior   []float64 // what the weights would be without examples: today's points, in log-odds
	Ridge   float64
}

// Errors of Fit.
var (
	ErrNoExamples = errors.New("there are no examples to learn from")
	ErrOneOutcome = errors.New("all examples have the same outcome")
)

// Log is the log-odds of an example.
func (m *Model) Log(e *Example) float64 {
	z := m.Bias
	for _, x := range e.X {
		z += m.Weights[x.Feature] * x.Value
	}
	return z
}

// Chance is the probability of an example to be won.
func (m *Model) Chance(e *Example) float64 { return logistic(m.Log(e)) }

func logistic(z float64) float64 { return 1 / (1 + math.Exp(-z)) }

// Fit finds the weights under which the outcomes are the most likely, less a penalty
// for leaving today's points, and within the signs that the features allow. A rule
// that was hardly ever seen so keeps what somebody once thought it worth: the points
// are knowledge too, as much of it as Ridge examples give. What a point is worth in
// log-odds is fitted first, with all points as they are.
//
// The weights are found one after the other, each by a Newton step in a region in
// which the curvature is bounded (Genkin, Lewis, Madigan: Large-scale Bayesian
// logistic regression, Technometrics 2007, section 4.1): no step can make things
// worse, so no line search and no step length is needed. A bound on a weight cuts
// its step off; with one weight at a time that is exact.
func Fit(features []Feature, examples []Example, o Options) (*Model, error) {
	if err := check(features, examples); err != nil {
		return nil, err
	}
	if o.Passes <= 0 {
		o.Passes = 200
	}
	if o.Ridge <= 0 {
		o.Ridge = chooseRidge(features, examples, o)
	}
	return fit(features, examples, o), nil
}

// fit fits the weight of today's score as a whole, and then each rule's from there.
func fit(features []Feature, examples []Example, o Options) *Model {
	whole := []Feature{{Name: "score", Sign: NotNegative}}
	sums := make([]Example, len(examples))
	for i := range examples {
		sum := 0.0
		for _, x := range examples[i].X {
			sum += features[x.Feature].Points * x.Value
		}
		sums[i] = examples[i]
		sums[i].X = []Entry{{0, sum}}
	}
	perPoint := newFitting(whole, sums, make([]float64, 1), 1e-6).run(o.Passes).Weights[0]
	prior := make([]float64, len(features))
	for i := range features {
		prior[i] = features[i].Points * perPoint
	}
	return newFitting(features, examples, prior, o.Ridge).run(o.Passes)
}

func check(features []Feature, examples []Example) error {
	if len(examples) == 0 {
		return ErrNoExamples
	}
	won := 0
	for i := range examples {
		if examples[i].Won {
			won++
		}
		for _, x := range examples[i].X {
			if x.Feature < 0 || x.Feature >= len(features) {
				return fmt.Errorf("read example %d: there is no feature %d", i, x.Feature)
			}
			if math.IsNaN(x.Value) || math.IsInf(x.Value, 0) {
				return fmt.Errorf("read example %d: feature %s is not a number", i, features[x.Feature].Name)
			}
		}
	}
	if won == 0 || won == len(examples) {
		return ErrOneOutcome
	}
	return nil
}

// ridges are the penalties that are tried.
var ridges = [...]float64{0.1, 1, 3, 10, 30, 100, 300, 1000}

// chooseRidge takes the penalty under which models of the earlier examples put the
// later ones into the best order, over three cuts in time; of those that order them
// alike the one that makes the later outcomes the most likely. The order comes first
// because it is what a threshold acts on: the likelihood alone would be led astray by
// the share of outcomes, which moves with the market from one year to the next.
func chooseRidge(features []Feature, examples []Example, o Options) float64 {
	ordered := slices.Clone(examples)
	slices.SortStableFunc(ordered, func(a, b Example) int { return cmp.Compare(a.At, b.At) })
	var area, loss [len(ridges)]float64
	cuts := 0.0
	for _, cut := range [...]float64{0.5, 0.65, 0.8} {
		at := int(cut * float64(len(ordered)))
		early, late := ordered[:at], ordered[at:min(len(ordered), at+len(ordered)*3/20)]
		if check(features, early) != nil || len(late) == 0 {
			continue
		}
		cuts++
		for i, ridge := range ridges {
			o.Ridge = ridge
			m := fit(features, early, o)
			area[i] += Area(late, m.Log)
			loss[i] += m.Loss(late)
		}
	}
	const alike = 0.001 // of the area, on average
	highest, best := slices.Max(area[:]), -1
	for i := range ridges {
		if area[i] >= highest-alike*cuts && (best < 0 || loss[i] < loss[best]) {
			best = i
		}
	}
	return ridges[best]
}

// Loss is the negative log-likelihood of examples.
func (m *Model) Loss(examples []Example) float64 {
	loss := 0.0
	for i := range examples {
		e := &examples[i]
		loss += weight(e) * softplus(-sideOf(e)*m.Log(e))
	}
	return loss
}

func weight(e *Example) float64 {
	if e.Weight == 0 {
		return 1
	}
	return e.Weight
}

func sideOf(e *Example) float64 {
	if e.Won {
		return 1
	}
	return -1
}

// softplus is log(1+eᶻ) without overflow.
func softplus(z float64) float64 {
	if z > 30 {
		return z
	}
	return math.Log1p(math.Exp(z))
}
