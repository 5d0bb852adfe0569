package kpi

import (
	"fmt"
	"math"
)

// Aim is what an experiment is meant to find out.
type Aim struct {
	Rate    float64   // the rate of today, 0.03 for 3 %
	Lift    float64   // relative lift that must not be missed, 0.2 for 3 % → 3.6 %
	Weights []float64 // shares of the arms on any scale; default two equal ones
	Sure    float64   // default 0.95
	Power   float64   // probability to find the lift if it is there; default 0.8
}

// Sample is how many trials an Aim takes.
type Sample struct {
	Total   int64   // trials of all arms together by which the winner is named with the Aim's power
	Each    []int64 // of these, each arm's
	OneLook int64   // what a test would take that is looked at once, at the end, and never before
}

// Days is how long it takes until as many have been tried and had their time to
// answer, with so many new trials a day.
func (s Sample) Days(perDay float64, within float64) float64 {
	return math.Ceil(float64(s.Total)/perDay) + within
}

func (a Aim) withDefaults() Aim {
	if a.Weights == nil {
		a.Weights = []float64{1, 1}
	}
	if a.Sure == 0 {
		a.Sure = 0.95
	}
	if a.Power == 0 {
		a.Power = 0.8
	}
	return a
}

func (a Aim) check() error {
	for _, share := range []struct {
		what  string
		value float64
	}{{"rate", a.Rate}, {"sure", a.Sure}, {"power", a.Power}, {"rate with its lift", a.Rate * (1 + a.Lift)}} {
		if err := checkShare(share.what, share.value); err != nil {
			return err
		}
	}
	if !(a.Lift > 0) {
		return fmt.Errorf("lift %v: a lift to be found is greater than 0", a.Lift)
	}
	if len(a.Weights) < 2 {
		return fmt.Errorf("%d weights: a comparison has two arms or more", len(a.Weights))
	}
	for _, w := range a.Weights {
		if !(w > 0) || math.IsInf(w, 0) {
			return fmt.Errorf("weight %v: a weight is a positive number", w)
		}
	}
	return nil
}

// mostNeeded is where the search for a sample ends: no list is as long.
const mostNeeded = 1e12

// Needed is how many trials it takes to name the better arm when one arm, the one with
// the smallest share, has the lift and all others have today's rate. It is a number to
// plan with, right to about a tenth, which the tests hold against simulation.
//
// The evidence grows like a random walk whose variance is twice its drift, so the
// probability that it has reached the height h at a time when it is at m on average is
// that of a Brownian motion's first passage,
//
//	Φ((m − h)/√(2m)) + e^h·Φ(−(m + h)/√(2m))
//
// (D. Siegmund, "Sequential Analysis", 1985, chapter III). h is ln(K/(1 − Sure)) and what
// the mixture of bets costs at that size, which is computed from the mixture itself.
func Needed(aim Aim) (Sample, error) {
	aim = aim.withDefaults()
	if err := aim.check(); err != nil {
		return Sample{}, fmt.Errorf("plan experiment: %w", err)
	}
	low, high := 1.0, 2.0
	for aim.power(high) < aim.Power {
		if low, high = high, 2*high; high > mostNeeded {
			return Sample{}, fmt.Errorf("plan experiment: a lift of %v at a rate of %v takes more than %.0e trials; aim at a greater lift", aim.Lift, aim.Rate, mostNeeded)
		}
	}
	for high-low > 0.5 {
		if mid := (low + high) / 2; aim.power(mid) < aim.Power {
			low = mid
		} else {
			high = mid
		}
	}
	s := Sample{OneLook: int64(math.Ceil(aim.oneLook()))}
	total := aim.total()
	for _, w := range aim.Weights {
		each := int64(math.Ceil(high * w / total))
		s.Each = append(s.Each, each)
		s.Total += each
	}
	return s, nil
}

// Power is the probability that the Aim's lift, if it is there, has been found by the
// time so many trials of all arms were made. Aim.Power is not read.
func Power(aim Aim, trials int64) (float64, error) {
	aim = aim.withDefaults()
	if err := aim.check(); err != nil {
		return 0, fmt.Errorf("compute power: %w", err)
	}
	if trials <= 0 {
		return 0, nil
	}
	return aim.power(float64(trials)), nil
}

func (a Aim) total() (sum float64) {
	for _, w := range a.Weights {
		sum += w
	}
	return sum
}

// pair is the share in all trials of the better arm and of one that it has to beat, the
// smallest of the others, because that takes longest.
func (a Aim) pair() (better, other float64) {
	better, other = math.Inf(1), math.Inf(1)
	for _, w := range a.Weights {
		if w < better {
			better, other = w, better
		} else {
			other = math.Min(other, w)
		}
	}
	total := a.total()
	return better / total, other / total
}

// power is the probability to have named the better arm after n trials.
func (a Aim) power(n float64) float64 {
	better, other := a.pair()
	na, nb := n*better, n*other
	pa, pb := a.Rate*(1+a.Lift), a.Rate
	g := game{claim: noBetter, wa: better / (better + other), wb: other / (better + other)}
	g.sa, g.fa, g.sb, g.fb = na*pa, na*(1-pa), nb*pb, nb*(1-pb)
	g.mixed = mixedRates(g.sa, g.fa) + mixedRates(g.sb, g.fb)

	// What the best single bet would have made on average, and what of it the mixture
	// loses.
	middle := g.wa*pa + g.wb*pb
	mean := na*apart(pa, middle) + nb*apart(pb, middle)
	height := math.Log(float64(len(a.Weights))/(1-a.Sure)) + mean - g.evidence(math.Inf(-1))
	spread := math.Sqrt(2 * mean)
	chance := normal((mean-height)/spread) + math.Exp(height+math.Log(normal(-(mean+height)/spread)))
	// Each of the others has to be beaten.
	return math.Max(0, 1-float64(len(a.Weights)-1)*(1-chance))
}

// oneLook is the classical number: both errors by the normal distribution, the level
// shared among the arms as Decide shares it.
func (a Aim) oneLook() float64 {
	better, other := a.pair()
	pa, pb := a.Rate*(1+a.Lift), a.Rate
	z := quantile(1-(1-a.Sure)/float64(len(a.Weights))) + quantile(1-(1-a.Power)/float64(len(a.Weights)-1))
	difference := pa - pb
	return z * z * (pa*(1-pa)/better + pb*(1-pb)/other) / (difference * difference)
}

// apart is the divergence (Kullback–Leibler) of a rate p from q.
func apart(p, q float64) float64 {
	return timesLog(p, p/q) + timesLog(1-p, (1-p)/(1-q))
}

// normal is the distribution function of the standard normal distribution, quantile its
// inverse.
func normal(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }

func quantile(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }
