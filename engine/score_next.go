package engine

import "math"

// next is the first instant after t at which a score that falls by time changes:
// by what it is compared with where numbers are given, else at all. It is 0 when
// there is none, or when a fading score, which changes always, has no numbers.
func (s *Score) next(spec *ScoreSpec, t Time, numbers []float64) Time {
	switch {
	case spec.Expires > 0:
		if live := s.live(spec.Expires, t); len(live) > 0 {
			return live[0].At.Add(spec.Expires)
		}
	case spec.Step.Per > 0:
		if round9(s.at(spec, t)) != 0 {
			return s.nextStep(spec, t, numbers)
		}
	case spec.HalfLife > 0:
		best := Time(0)
		for _, n := range numbers {
			if at := s.crosses(spec, t, n); at > t && (best == 0 || at < best) {
				best = at
			}
		}
		return best
	}
	return 0
}

// nextStep is the next step of the score, or with numbers the next that brings it
// to one of them or past it.
func (s *Score) nextStep(spec *ScoreSpec, t Time, numbers []float64) Time {
	per := spec.Step.Per
	k := max(t.Sub(s.AsOf), 0)/per + 1
	if len(numbers) == 0 {
		return s.AsOf.Add(Span(k) * per)
	}
	best := Time(0)
	for _, n := range numbers {
		if at := s.crosses(spec, t, n); at > t && (best == 0 || at < best) {
			best = at
		}
	}
	return best
}

// crosses is the first instant after t at which the score compares otherwise with
// n than at t, 0 when it never does. Between two facts a score moves towards 0
// only, so that it crosses n once: it reaches it, and then leaves it behind.
//
// The instant follows in closed form, asOf + h·log2(v/n), and is then moved by
// milliseconds to where the comparison, which rounds, changes. Where that does not
// do (a score so slow that many milliseconds read the same), bisection does.
func (s *Score) crosses(spec *ScoreSpec, t Time, n float64) Time {
	read := func(at Time) float64 { return round9(s.at(spec, at)) }
	v := read(t)
	if v == 0 || v > 0 && (n < 0 || n > v) || v < 0 && (n > 0 || n < v) {
		return 0
	}
	reached := func(at Time) bool { return math.Abs(read(at)) <= math.Abs(n) }
	changed := reached
	edge := math.Abs(n) + 0.5e-9
	if v == n {
		if n == 0 {
			return 0
		}
		changed = func(at Time) bool { return math.Abs(read(at)) < math.Abs(n) }
		edge = math.Abs(n) - 0.5e-9
	}
	guess := s.guess(spec, edge)
	for _, at := range [...]Time{guess, guess + 1, guess - 1} {
		if at > t && changed(at) && (at == t+1 || !changed(at-1)) {
			return at
		}
	}
	return firstWhere(t, s.gone(spec), changed)
}

// guess is about when the score's amount has fallen to edge.
func (s *Score) guess(spec *ScoreSpec, edge float64) Time {
	if spec.Step.Per > 0 {
		steps := math.Ceil((math.Abs(s.Value) - edge) / math.Abs(spec.Step.Points))
		return s.AsOf.Add(Span(steps) * spec.Step.Per)
	}
	return s.AsOf.Add(Span(math.Ceil(float64(spec.HalfLife) * math.Log2(math.Abs(s.Value)/edge))))
}

// gone is an instant at which nothing is left of the score.
func (s *Score) gone(spec *ScoreSpec) Time {
	if spec.Step.Per > 0 {
		return s.AsOf.Add(Span(math.Abs(s.Value/spec.Step.Points)+2) * spec.Step.Per)
	}
	halves := math.Log2(math.Abs(s.Value)) + 32 // 2⁻³² is less than half of 1e-9
	return s.AsOf.Add(Span(max(halves, 1) * float64(spec.HalfLife)))
}

// firstWhere is the first instant in (from, to] at which a question that changes
// its answer once is answered with yes, 0 when that is "no" at to.
func firstWhere(from, to Time, yes func(Time) bool) Time {
	if to <= from || !yes(to) {
		return 0
	}
	for to-from > 1 {
		mid := from + (to-from)/2
		if yes(mid) {
			to = mid
		} else {
			from = mid
		}
	}
	return to
}
