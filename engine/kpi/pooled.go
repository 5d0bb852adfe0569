package kpi

import (
	"fmt"
	"math"
)

// Stratum is one experiment out of several that tried the same thing, for example one
// issue's subjects: With is the arms that have the tag, Without those that have not.
type Stratum struct{ With, Without Rate }

// Pooled is what a tag did over all strata.
type Pooled struct {
	Strata   int      // that had both sides
	Lift     float64  // common relative lift, 0.25 for a quarter more
	LiftIn   Interval // its interval
	Points   float64  // common difference of the rates
	PointsIn Interval // its interval
	Apart    float64  // share of the spread between strata that is more than chance, 0 to 1
}

// Pool adds up what variants with a tag did against variants without, issue by issue,
// so that a good issue that happened to use the tag more often does not count for it.
// ok is false where no stratum has both sides, or no answer was counted at all.
//
// The common ratio and difference are Mantel and Haenszel's, weighted sums that stay
// right where a stratum has few answers or none:
//
//	ratio = Σ(x₁n₂/N) / Σ(x₂n₁/N)        difference = Σ((x₁n₂ − x₂n₁)/N) / Σ(n₁n₂/N)
//
// with the variance of the logarithm of the ratio by S. Greenland and J. M. Robins,
// "Estimation of a common effect parameter from sparse follow-up data", Biometrics 41
// (1985), and of the difference by T. Sato, "On the variance estimator of the
// Mantel–Haenszel risk difference", Biometrics 45 (1989). Apart is I² of the logarithms
// of the strata's ratios, J. P. T. Higgins and S. G. Thompson, Statistics in Medicine 21
// (2002); where it is high, the tag works here and harms there, and the common figure
// says little.
//
// The intervals hold for one look at experiments that are over, not for one that goes
// on.
func Pool(strata []Stratum, confidence float64) (pooled Pooled, ok bool, err error) {
	if err := checkShare("confidence", confidence); err != nil {
		return Pooled{}, false, fmt.Errorf("pool experiments: %w", err)
	}
	for i, s := range strata {
		for _, side := range []Rate{s.With, s.Without} {
			if err := (Arm{Rate: side}).check(); err != nil {
				return Pooled{}, false, fmt.Errorf("pool experiments: stratum %d: %w", i+1, err)
			}
		}
	}
	z := quantile((1 + confidence) / 2)
	var sums haenszel
	for _, s := range strata {
		sums.add(s)
	}
	if sums.strata == 0 || sums.with == 0 || sums.without == 0 {
		return Pooled{Strata: sums.strata}, false, nil
	}
	pooled = Pooled{Strata: sums.strata, Lift: sums.with/sums.without - 1, Points: (sums.with - sums.without) / sums.weight}
	logRatio := math.Log(sums.with / sums.without)
	reach := z * math.Sqrt(sums.ratioVariance/(sums.with*sums.without))
	pooled.LiftIn = Interval{Low: math.Exp(logRatio-reach) - 1, High: math.Exp(logRatio+reach) - 1}
	reach = z * math.Sqrt(math.Max(0, pooled.Points*sums.p+sums.q)) / sums.weight
	pooled.PointsIn = Interval{Low: math.Max(-1, pooled.Points-reach), High: math.Min(1, pooled.Points+reach)}
	pooled.Apart = spread(strata)
	return pooled, true, nil
}

// haenszel gathers the sums over strata that the formulas need.
type haenszel struct {
	strata                int
	with, without, weight float64
	ratioVariance         float64
	p, q                  float64 // Sato's P and Q
}

func (h *haenszel) add(s Stratum) {
	if s.With.Of == 0 || s.Without.Of == 0 {
		return
	}
	h.strata++
	x1, n1 := float64(s.With.N), float64(s.With.Of)
	x2, n2 := float64(s.Without.N), float64(s.Without.Of)
	n := n1 + n2
	h.with += x1 * n2 / n
	h.without += x2 * n1 / n
	h.weight += n1 * n2 / n
	h.ratioVariance += (n1/n)*(n2/n)*(x1+x2) - x1/n*x2
	h.p += (n1/n)*(n1/n)*x2 - (n2/n)*(n2/n)*x1 + n1/n*n2/n*(n2-n1)/2
	h.q += (x1*(n2-x2) + x2*(n1-x1)) / (2 * n)
}

// spread is I², the part of Cochran's Q beyond its expectation. Half an answer is added
// to each cell, so that a stratum without answers has a ratio.
func spread(strata []Stratum) float64 {
	var sum, weighted, squares float64
	count := -1
	for _, s := range strata {
		if s.With.Of == 0 || s.Without.Of == 0 {
			continue
		}
		x1, n1 := float64(s.With.N)+0.5, float64(s.With.Of)+0.5
		x2, n2 := float64(s.Without.N)+0.5, float64(s.Without.Of)+0.5
		ratio := math.Log(x1 / n1 * n2 / x2)
		weight := 1 / (1/x1 - 1/n1 + 1/x2 - 1/n2)
		if math.IsInf(weight, 0) {
			continue
		}
		sum += weight
		weighted += weight * ratio
		squares += weight * ratio * ratio
		count++
	}
	if count <= 0 || sum == 0 {
		return 0
	}
	q := squares - weighted*weighted/sum
	return math.Max(0, 1-float64(count)/q)
}
