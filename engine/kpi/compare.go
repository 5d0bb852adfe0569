package kpi

import (
	"fmt"
	"math"
)

// Lift is by how much the rate of one arm is above another's, in two readings: the
// difference of the rates (0.012 is 1.2 points) and relative to the other (0.25 is a
// quarter more).
type Lift struct {
	Difference   float64  // rate of a − rate of b
	DifferenceIn Interval // in which the true difference lies
	Relative     float64  // rate of a / rate of b − 1
	RelativeIn   Interval // in which the true one lies; never above MostLift
	RelativeOK   bool     // whether b has any rate to relate to; Relative is 0 without
}

// MostLift is where an interval of relative lifts ends when nothing bounds it, because
// b's rate may be next to nothing: a thousand times as much.
const MostLift = 999

// Compare is the always-valid lift of a over b: with the given confidence, 0.95 for
// 95 %, the true difference lies in its interval at every look there will ever be, and
// so does the relative lift. An interval may be looked at as often as one likes, and
// the experiment stopped because of what it says.
//
// The ends are the outermost values d for which the evidence against
// "rate(a) ≤ rate(b) + d", and for the upper end against the opposite, reaches
// 2/(1 − confidence); the relative ones likewise with "rate(a) ≤ r·rate(b)". The
// evidence and its sources are described in evidence.go (Turner and Grünwald 2023;
// Waudby-Smith and Ramdas 2024). It holds for any counts, small ones and rates near 0
// among them, and for any shares of the arms; the price against an interval that may be
// looked at once is about two thirds as much width again.
//
// Lift.DifferenceIn lies above 0 exactly when Lift.RelativeIn does.
func Compare(a, b Arm, confidence float64) (Lift, error) {
	if err := checkArms([]Arm{a, b}); err != nil {
		return Lift{}, fmt.Errorf("compare two arms: %w", err)
	}
	if err := checkShare("confidence", confidence); err != nil {
		return Lift{}, fmt.Errorf("compare two arms: %w", err)
	}
	return compare(a, b, math.Log(2/(1-confidence))), nil
}

// compare is Compare with intervals of which each end takes this much evidence.
func compare(a, b Arm, enough float64) Lift {
	l := lift(a.Rate, b.Rate)
	refuted := func(better, worse Arm, c claim) bool {
		g := newGame(c, better, worse)
		return g.evidence(enough) >= enough
	}
	l.DifferenceIn.Low = lastTrue(-1, l.Difference, func(d float64) bool { return refuted(a, b, claim{1, d}) })
	l.DifferenceIn.High = -lastTrue(-1, -l.Difference, func(d float64) bool { return refuted(b, a, claim{1, d}) })

	// Ratios are searched by their logarithm. "rate(b) ≤ rate(a)/r" is the claim that
	// bounds r from above.
	widest := math.Log(MostLift + 1)
	ratio := widest
	if l.RelativeOK {
		ratio = math.Max(-widest, math.Min(widest, math.Log(l.Relative+1)))
	}
	low := lastTrue(-widest, ratio, func(r float64) bool { return refuted(a, b, claim{math.Exp(r), 0}) })
	high := -lastTrue(-widest, -ratio, func(r float64) bool { return refuted(b, a, claim{math.Exp(r), 0}) })
	l.RelativeIn = Interval{Low: -1, High: MostLift}
	if low > -widest {
		l.RelativeIn.Low = math.Exp(low) - 1
	}
	if high < widest {
		l.RelativeIn.High = math.Exp(high) - 1
	}
	return l
}

// lift is what the counts say, without intervals.
func lift(a, b Rate) Lift {
	ra, _ := a.Value()
	rb, _ := b.Value()
	l := Lift{Difference: ra - rb, RelativeOK: rb > 0 && a.Of > 0}
	if l.RelativeOK {
		l.Relative = ra/rb - 1
	}
	return l
}

// lastTrue is the greatest x between low and high at which holds is true, if it is
// true below some point and false above it; low if it never is.
func lastTrue(low, high float64, holds func(float64) bool) float64 {
	if holds(high) {
		return high
	}
	for range 32 {
		mid := (low + high) / 2
		if holds(mid) {
			low = mid
		} else {
			high = mid
		}
	}
	return low
}
