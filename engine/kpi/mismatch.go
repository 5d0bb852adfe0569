package kpi

import (
	"fmt"
	"math"
)

const (
	// mismatchRisk is how often an experiment with a right draw may be called wrong.
	// A mismatch takes all results away, so it has to be sure.
	mismatchRisk = 0.001
	// mismatchWeight is how many draws' worth of belief there is that the shares are
	// near what they should be: deviations of some hundredths are looked for.
	mismatchWeight = 1000
)

// Mismatch is the always-valid check that the arms got their shares of the draw. It
// fires when the probability of such numbers, had the draw been right, is below risk
// however often it is looked at; the conventional risk is 0.001. chance is the
// always-valid p-value, 1 at most.
//
// A draw that is wrong (a lost arm, a filter that works after the draw, counts that come
// in for one arm only) makes the rates incomparable, whatever they are.
//
// With n the numbers drawn, w the shares and c = 1000·w, the evidence is
//
//	B(c + n) / B(c)  /  Π wᵢ^nᵢ
//
// a mixture over all shares with the density of Dirichlet(c), against the right ones:
// M. Lindon and A. Malek, "Anytime-valid inference for multinomial count data", NeurIPS
// 35 (2022).
func Mismatch(arms []Arm, risk float64) (fires bool, chance float64, err error) {
	if err := checkArms(arms); err != nil {
		return false, 1, fmt.Errorf("check the draw: %w", err)
	}
	if err := checkShare("risk", risk); err != nil {
		return false, 1, fmt.Errorf("check the draw: %w", err)
	}
	evidence := mismatch(arms)
	return evidence >= math.Log(1/risk), math.Min(1, math.Exp(-evidence)), nil
}

// mismatch is the logarithm of the evidence against the draw.
func mismatch(arms []Arm) float64 {
	var weights, drawn float64
	for _, a := range arms {
		weights += a.weight()
		drawn += float64(a.drawn())
	}
	evidence := -logRise(mismatchWeight, drawn)
	for _, a := range arms {
		share, n := a.weight()/weights, float64(a.drawn())
		evidence += logRise(mismatchWeight*share, n) - timesLog(n, share)
	}
	return evidence
}

// logRise is the logarithm of a·(a+1)·…·(a+n−1).
func logRise(a, n float64) float64 {
	high, _ := math.Lgamma(a + n)
	low, _ := math.Lgamma(a)
	return high - low
}
