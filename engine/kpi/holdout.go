package kpi

import (
	"fmt"
	"math"
)

// HoldoutLift is what was won by doing something, against a part of the leads that was
// left alone.
type HoldoutLift struct {
	Once   Lift // intervals that hold for one look, at an end that was fixed before
	Always Lift // intervals that hold at every look
}

// Holdout is the lift of those who were treated over those held out. The two parts may
// be as unequal as 95 to 5.
//
// Once has Newcombe's hybrid score interval for the difference, which puts the two
// Wilson intervals together:
//
//	d − √((p₁ − l₁)² + (u₂ − p₂)²)   to   d + √((u₁ − p₁)² + (p₂ − l₂)²)
//
// (R. G. Newcombe, "Interval estimation for the difference between independent
// proportions", Statistics in Medicine 17 (1998), method 10), and Koopman's score
// interval for the ratio, whose ends are the ratios that a chi-square test on the best
// rates with that ratio just does not reject (P. A. R. Koopman, "Confidence intervals for
// the ratio of two binomial proportions", Biometrics 40 (1984)). Always is Compare's.
func Holdout(treated, heldOut Arm, confidence float64) (HoldoutLift, error) {
	always, err := Compare(treated, heldOut, confidence)
	if err != nil {
		return HoldoutLift{}, fmt.Errorf("measure against the hold-out: %w", err)
	}
	once := lift(treated.Rate, heldOut.Rate)
	once.DifferenceIn = newcombe(treated.Rate, heldOut.Rate, confidence)
	once.RelativeIn = koopman(treated.Rate, heldOut.Rate, confidence)
	return HoldoutLift{Once: once, Always: always}, nil
}

// newcombe is the interval of the difference a − b.
func newcombe(a, b Rate, confidence float64) Interval {
	inA, okA := a.Wilson(confidence)
	inB, okB := b.Wilson(confidence)
	if !okA || !okB {
		return Interval{Low: -1, High: 1}
	}
	pa, _ := a.Value()
	pb, _ := b.Value()
	return Interval{
		Low:  pa - pb - math.Hypot(pa-inA.Low, inB.High-pb),
		High: pa - pb + math.Hypot(inA.High-pa, pb-inB.Low),
	}
}

// koopman is the interval of the ratio a / b, less 1.
func koopman(a, b Rate, confidence float64) Interval {
	if a.Of == 0 || b.Of == 0 {
		return Interval{Low: -1, High: MostLift}
	}
	z := quantile((1 + confidence) / 2)
	accepted := func(ratio float64) bool { return ratioScore(a, b, ratio) <= z*z }
	widest := math.Log(MostLift + 1)
	centre := math.Max(-widest, math.Min(widest, math.Log((float64(a.N)+0.5)/(float64(a.Of)+0.5)/((float64(b.N)+0.5)/(float64(b.Of)+0.5)))))
	if a.N > 0 && b.N > 0 {
		centre = math.Log(a.rate() / b.rate())
	}
	in := Interval{Low: -1, High: MostLift}
	if a.N > 0 {
		in.Low = math.Exp(lastTrue(-widest, centre, func(r float64) bool { return !accepted(math.Exp(r)) })) - 1
	}
	if b.N > 0 {
		in.High = math.Exp(-lastTrue(-widest, -centre, func(r float64) bool { return !accepted(math.Exp(-r)) })) - 1
	}
	return in
}

// rate is Value, and 0 where there is nothing to divide by.
func (r Rate) rate() float64 {
	value, _ := r.Value()
	return value
}

// ratioScore is the chi-square distance of the counts from the best rates of which a's
// is ratio times b's.
func ratioScore(a, b Rate, ratio float64) float64 {
	pb := restricted(a, b, ratio)
	return distance(a, math.Min(1, ratio*pb)) + distance(b, pb)
}

// restricted is b's rate where it explains the counts best, when a's is ratio times as
// high: the smaller solution p of
//
//	N·r·p² − (r·(n₁ + x₂) + x₁ + n₂)·p + x₁ + x₂ = 0
//
// (O. Miettinen and M. Nurminen, "Comparative analysis of two rates", Statistics in
// Medicine 4 (1985)), in the form that loses no digits.
func restricted(a, b Rate, ratio float64) float64 {
	x1, n1, x2, n2 := float64(a.N), float64(a.Of), float64(b.N), float64(b.Of)
	square, linear, constant := (n1+n2)*ratio, ratio*(n1+x2)+x1+n2, x1+x2
	root := math.Sqrt(math.Max(0, linear*linear-4*square*constant))
	return math.Min(1, 2*constant/(linear+root))
}

// distance is (x − n·p)²/(n·p·(1 − p)).
func distance(r Rate, p float64) float64 {
	n := float64(r.Of)
	off := float64(r.N) - n*p
	if math.Abs(off) < 1e-9 {
		return 0
	}
	return off * off / (n * p * (1 - p))
}
