package kpi

import "math"

// Sequential is the interval in which the true rate lies with the given confidence,
// however often it was looked at and whenever one stops. It is wider than Wilson's,
// which holds for one look. ok is false where the question makes no sense, as there.
//
// It is what Guard.Judge leaves: the limits of which the evidence does not say, with
// half of the rest to 1 on each side, that the rate is beyond them. So an interval that
// lies above a limit and a guard that fires at it are one statement. The evidence
// against a limit falls as the limit nears the rate, so each end is found by bisection.
// The source is that of Guard.Judge: I. Waudby-Smith and A. Ramdas, "Estimating means
// of bounded random variables by betting", JRSS B 86 (2024).
func (r Rate) Sequential(confidence float64) (interval Interval, ok bool) {
	if r.Of <= 0 || r.N < 0 || r.N > r.Of || !(confidence > 0 && confidence < 1) {
		return Interval{}, false
	}
	enough := -math.Log((1 - confidence) / 2)
	yes, no := float64(r.N), float64(r.Of-r.N)
	interval = Interval{Low: lowest(yes, no, enough), High: 1 - lowest(no, yes, enough)}
	if r.N > 0 { // what has happened can happen, however seldom
		interval.Low = max(interval.Low, math.SmallestNonzeroFloat64)
	}
	if r.N < r.Of {
		interval.High = min(interval.High, math.Nextafter(1, 0))
	}
	return interval, true
}

// lowest is the least limit that the evidence does not exclude from below, 0 where it
// excludes none.
func lowest(yes, no, enough float64) float64 {
	low, high := 0.0, yes/(yes+no)
	if high == 0 || exceeds(yes, no, math.SmallestNonzeroFloat64) < enough {
		return 0
	}
	for range 60 {
		middle := low + (high-low)/2
		if exceeds(yes, no, middle) >= enough {
			low = middle
		} else {
			high = middle
		}
	}
	return low
}
