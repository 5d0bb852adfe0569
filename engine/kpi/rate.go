package kpi

import "math"

// Rate is a share: N of Of. It is kept as two counts and divided when it is shown,
// so that rates of parts add up to the rate of the whole.
type Rate struct {
	N  int64
	Of int64
}

// Add joins two rates over different people or times.
func (r Rate) Add(other Rate) Rate { return Rate{N: r.N + other.N, Of: r.Of + other.Of} }

// Value is the share, 1 for all. ok is false when there is nothing to divide by:
// no deliveries have no click rate, not one of zero.
func (r Rate) Value() (value float64, ok bool) {
	if r.Of <= 0 {
		return 0, false
	}
	return float64(r.N) / float64(r.Of), true
}

// Interval is a range of values, both ends included.
type Interval struct{ Low, High float64 }

// Contains reports whether the value lies in the interval.
func (i Interval) Contains(value float64) bool { return value >= i.Low && value <= i.High }

// Wilson is the interval in which the true rate lies with the given confidence,
// 0.95 for 95 %, when the rate was looked at once. ok is false where the question
// makes no sense: nothing counted, more of N than Of, a confidence outside (0, 1).
//
// With p = N/Of, n = Of and z the quantile of the normal distribution that leaves
// (1 − confidence)/2 on each side, the ends are
//
//	      z²          ⎛ p(1−p)    z²  ⎞½
//	 p + ──── ± z  ·  ⎜ ────── + ──── ⎟
//	      2n          ⎝   n      4n²  ⎠
//	────────────────────────────────────
//	              1 + z²/n
//
// E. B. Wilson, "Probable inference, the law of succession, and statistical
// inference", Journal of the American Statistical Association 22 (1927), 209–212.
// The simpler p ± z·√(p(1−p)/n) was rejected: for no click of ten it promises that
// nobody will ever click, and rates of a few per cent of a few hundred, which is
// what marketing has, are where it is most wrong.
func (r Rate) Wilson(confidence float64) (interval Interval, ok bool) {
	if r.Of <= 0 || r.N < 0 || r.N > r.Of || !(confidence > 0 && confidence < 1) {
		return Interval{}, false
	}
	n := float64(r.Of)
	p := float64(r.N) / n
	z := math.Sqrt2 * math.Erfinv(confidence)
	center := p + z*z/(2*n)
	reach := z * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	scale := 1 + z*z/n
	interval = Interval{Low: (center - reach) / scale, High: (center + reach) / scale}
	// Rounding must not leave the rate itself, 0 and 1 among them, outside.
	interval.Low = math.Max(0, math.Min(interval.Low, p))
	interval.High = math.Min(1, math.Max(interval.High, p))
	return interval, true
}

// Achievement is how much of the target was reached, 1 for all of it. ok is false
// without a target. It is a plain ratio: of a figure that should stay below its
// target, more than 1 is bad.
func Achievement(value, target float64) (achieved float64, ok bool) {
	achieved = value / target
	if target == 0 || math.IsNaN(achieved) || math.IsInf(achieved, 0) {
		return 0, false
	}
	return achieved, true
}
