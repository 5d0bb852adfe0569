package kpi

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	_ "github.com/seed-456efde2/nurture/engine/enginetest/seeded"
)

func TestRateValue(t *testing.T) {
	t.Parallel()
	if value, ok := (Rate{N: 1, Of: 4}).Value(); !ok || value != 0.25 {
		t.Errorf("1 of 4: %v, %v", value, ok)
	}
	if value, ok := (Rate{}).Value(); ok {
		t.Errorf("none of none is a rate: %v", value)
	}
	if got := (Rate{N: 1, Of: 4}).Add(Rate{N: 2, Of: 6}); got != (Rate{N: 3, Of: 10}) {
		t.Errorf("rates add up to %v", got)
	}
}

// Published in R. G. Newcombe, "Two-sided confidence intervals for the single
// proportion: comparison of seven methods", Statistics in Medicine 17 (1998), table
// I, method 3; the last two are R's prop.test(…, correct = FALSE).
func TestWilsonAgainstPublishedValues(t *testing.T) {
	t.Parallel()
	for _, check := range []struct {
		rate       Rate
		confidence float64
		low, high  float64
	}{
		{Rate{81, 263}, 0.95, 0.2553, 0.3662},
		{Rate{15, 148}, 0.95, 0.0624, 0.1605},
		{Rate{0, 20}, 0.95, 0, 0.1611},
		{Rate{1, 29}, 0.95, 0.0061, 0.1718},
		{Rate{5, 10}, 0.95, 0.2366, 0.7634},
		{Rate{0, 10}, 0.95, 0, 0.2775},
	} {
		got, ok := check.rate.Wilson(check.confidence)
		if !ok || math.Abs(got.Low-check.low) > 0.00005 || math.Abs(got.High-check.high) > 0.00005 {
			t.Errorf("%v: %.4f to %.4f (%v), want %.4f to %.4f", check.rate, got.Low, got.High, ok, check.low, check.high)
		}
	}
}

// The ends are the rates that a score test at that level just does not reject:
// |p − end| = z·√(end(1−end)/n). That is what the interval means.
func TestWilsonEndsAreWhereTheScoreTestTurns(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		of := rapid.Int64Range(1, 1_000_000).Draw(t, "of")
		r := Rate{N: rapid.Int64Range(0, of).Draw(t, "n"), Of: of}
		confidence := rapid.Float64Range(0.5, 0.999).Draw(t, "confidence")
		got, ok := r.Wilson(confidence)
		p, _ := r.Value()
		if !ok || !got.Contains(p) || got.Low < 0 || got.High > 1 {
			t.Fatalf("%v at %v: %v (%v)", r, confidence, got, ok)
		}
		z := math.Sqrt2 * math.Erfinv(confidence)
		for _, end := range []float64{got.Low, got.High} {
			if reach := z * math.Sqrt(end*(1-end)/float64(of)); math.Abs(math.Abs(p-end)-reach) > 1e-9 {
				t.Fatalf("%v at %v: %v lies %v from the rate, and the test reaches %v", r, confidence, end, math.Abs(p-end), reach)
			}
		}
	})
}

func TestWilsonRefusesWhatMakesNoSense(t *testing.T) {
	t.Parallel()
	for _, check := range []struct {
		rate       Rate
		confidence float64
	}{
		{Rate{0, 0}, 0.95},
		{Rate{-1, 10}, 0.95},
		{Rate{11, 10}, 0.95},
		{Rate{0, -10}, 0.95},
		{Rate{1, 10}, 0},
		{Rate{1, 10}, 1},
		{Rate{1, 10}, 95},
		{Rate{1, 10}, math.NaN()},
	} {
		if got, ok := check.rate.Wilson(check.confidence); ok {
			t.Errorf("%v at %v: %v", check.rate, check.confidence, got)
		}
	}
}

func TestAchievement(t *testing.T) {
	t.Parallel()
	for _, check := range []struct {
		value, target, want float64
		ok                  bool
	}{
		{0.04, 0.05, 0.8, true},
		{0, 24, 0, true},
		{30, 24, 1.25, true},
		{30, 0, 0, false},
		{0, 0, 0, false},
		{math.NaN(), 1, 0, false},
		{math.Inf(1), 1, 0, false},
		{1, math.NaN(), 0, false},
	} {
		got, ok := Achievement(check.value, check.target)
		if ok != check.ok || math.Abs(got-check.want) > 1e-12 {
			t.Errorf("%v of %v: %v (%v), want %v (%v)", check.value, check.target, got, ok, check.want, check.ok)
		}
	}
}
