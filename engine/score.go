package engine

import (
	"math"
	"slices"
	"sort"

	"github.com/seed-456efde2/nurture/engine/calendar"
)

// A score is a fold: what its rules paid, in the order of the facts, clamped to
// its range after each, and read at any later instant in closed form. It falls in
// one of three ways, or not at all:
//
//   - half-life: v·0.5^(Δt/h);
//   - expiry: the sum, clamped after each, of what was paid in (now − expires, now];
//   - step: Points towards 0 for every full Per since a rule paid last.
//
// Rules without an event are a function of the attributes and do not fall.

// MaxPaid bounds the points that an expiring score remembers: it is exact up to
// it. More of them within one expiry come from a machine; the oldest go first.
const MaxPaid = 1024

// foldPoints pays what the event's rules give, in the order of the file.
func (f *Frame) foldPoints(folds *Folds, at Time, plan *eventPlan) {
	for _, ref := range plan.pays {
		s := &f.p.scores[ref.score]
		r := &s.rules[ref.rule]
		if !f.holds(r.when) {
			continue
		}
		score := scoreSlot(folds, s.spec.Name, at)
		if r.spec.PerDay > 0 && !f.countCap(score, r, at) {
			continue
		}
		points := f.amount(r)
		score.pay(s.spec, at, points)
		f.decide(Decision{Kind: Paid, At: at, Subject: r.name, Points: points})
	}
}

// pay adds points at an instant not before the last.
func (s *Score) pay(spec *ScoreSpec, at Time, points float64) {
	switch {
	case spec.Expires > 0:
		live := s.live(spec.Expires, at)
		s.Paid = slices.Delete(s.Paid, 0, len(s.Paid)-len(live))
		if over := len(s.Paid) + 1 - MaxPaid; over > 0 {
			s.Paid = slices.Delete(s.Paid, 0, over)
		}
		s.Paid = append(s.Paid, Point{at, points})
		s.Value = sum(spec, s.Paid)
	default:
		s.Value = clamp(spec, s.at(spec, at)+points)
	}
	s.AsOf = at
}

// at is the value at an instant, as exact as a float64 is: readScore rounds.
func (s *Score) at(spec *ScoreSpec, now Time) float64 {
	switch {
	case spec.Expires > 0:
		live := s.live(spec.Expires, now)
		if len(live) == len(s.Paid) {
			return s.Value
		}
		return sum(spec, live)
	case spec.Step.Per > 0:
		return stepped(s.Value, now.Sub(s.AsOf), spec.Step)
	}
	return faded(s.Value, now.Sub(s.AsOf), spec.HalfLife)
}

// live is what was paid in (now − expires, now], as all of it came before now.
func (s *Score) live(expires Span, now Time) []Point {
	over := now.Add(-expires)
	i := sort.Search(len(s.Paid), func(i int) bool { return s.Paid[i].At > over })
	return s.Paid[i:]
}

func sum(spec *ScoreSpec, paid []Point) float64 {
	v := 0.0
	for i := range paid {
		v = clamp(spec, v+paid[i].Points)
	}
	return v
}

// stepped moves v towards 0 by Points for every full Per in dt, never beyond 0.
func stepped(v float64, dt Span, step StepDown) float64 {
	if dt < step.Per {
		return v
	}
	fall := float64(dt/step.Per) * math.Abs(step.Points)
	if v < 0 {
		return min(0, v+fall)
	}
	return max(0, v-fall)
}

func scoreSlot(folds *Folds, name string, at Time) *Score {
	if s := scoreOf(folds, name); s != nil {
		return s
	}
	n := len(folds.Scores)
	folds.Scores = slices.Grow(folds.Scores, 1)[:n+1]
	s := &folds.Scores[n]
	*s = Score{Name: name, AsOf: at, Caps: s.Caps[:0], Paid: s.Paid[:0]}
	return s
}

func clamp(s *ScoreSpec, v float64) float64 {
	if !s.Range {
		return v
	}
	return min(max(v, s.Min), s.Max)
}

// countCap notes that a rule pays today, unless it has paid as often as it may.
// Only the latest day's note of a rule is kept: facts come in order here.
func (f *Frame) countCap(s *Score, r *scoreRulePlan, at Time) bool {
	day := int32(calendar.DayNumber(at.In(f.zone)))
	for i := range s.Caps {
		c := &s.Caps[i]
		if c.Rule != r.spec.Name {
			continue
		}
		if c.Day != day {
			c.Day, c.N = day, 0
		}
		if int(c.N) >= r.spec.PerDay {
			return false
		}
		c.N++
		return true
	}
	s.Caps = append(s.Caps, Cap{r.spec.Name, day, 1})
	return true
}

// foldFixedScores recomputes the scores that are functions of the attributes.
func (f *Frame) foldFixedScores(folds *Folds) {
	f.stale()
	for _, i := range f.p.fixed {
		s := &f.p.scores[i]
		scoreSlot(folds, s.spec.Name, 0).Value = clamp(s.spec, f.bare(s))
	}
}

// bare is what the rules without an event give in the frame's view.
func (f *Frame) bare(s *scorePlan) float64 {
	total := 0.0
	for _, j := range s.bare {
		if f.holds(s.rules[j].when) {
			total += f.amount(&s.rules[j])
		}
	}
	return total
}

// readScore is the score at the view's instant, rounded to 1e-9.
func (f *Frame) readScore(k *keyPlan) float64 {
	if k.index < 0 {
		return 0
	}
	plan := &f.p.scores[k.index]
	v := 0.0
	if s := scoreOf(f.folds, k.key.Name); s != nil {
		switch {
		case plan.fixed:
			v = s.Value
		default:
			v = s.at(plan.spec, f.now)
		}
	}
	if plan.live {
		v = clamp(plan.spec, v+f.bare(plan))
	}
	return round9(v)
}

// halves[i] is 2 to the power of −1/2ⁱ⁺¹, correctly rounded.
var halves = func() (h [40]float64) {
	x := 0.5
	for i := range h {
		x = math.Sqrt(x)
		h[i] = x
	}
	return h
}()

// faded is v·0.5^(Δt/halfLife). It uses only operations that IEEE 754 defines to
// the last bit (square root, product, scaling by a power of two), so that it is
// the same number on every machine; math.Exp2 is not promised to be.
func faded(v float64, dt, halfLife Span) float64 {
	if halfLife <= 0 || dt <= 0 || v == 0 {
		return v
	}
	whole, rest := dt/halfLife, dt%halfLife
	if whole > 1100 {
		return 0
	}
	for i := 0; rest != 0 && i < len(halves); i++ {
		if rest *= 2; rest >= halfLife {
			rest -= halfLife
			v *= halves[i]
		}
	}
	return math.Ldexp(v, -int(whole))
}

// round9 rounds to 1e-9: what sums of fading points differ by never decides.
func round9(v float64) float64 { return math.Round(v*1e9) / 1e9 }
