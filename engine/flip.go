package engine

import (
	"math"
	"slices"
	"sort"
	"time"
)

// maxFlipSteps bounds the instants that are tried for one rule. When none of them
// acts, the lead is woken at the last to look further.
const maxFlipSteps = 200

// searchHorizon is how far from now an answer is searched for where no source
// names an instant.
const searchHorizon = 20 * 365 * Day

// armFlips arms the timer for the next instant at which time alone makes a rule
// act, and disarms it when there is none. It is called at the end of every pass.
//
// Every rise is armed, whether or not it would act as things stand: a stage that
// lies behind and a toss-up in its cooldown need a fresh rise later, so that this
// one must be seen. What falls by time alone is seen at the next pass
// (settleEdges), because nothing acts on it.
func (f *Frame) armFlips() {
	if !f.p.flips {
		return
	}
	told := len(f.decisions)
	next := Time(math.MaxInt64)
	f.stageFlips(&next)
	for i := range f.p.tossUps {
		t := &f.p.tossUps[i]
		if t.flip == nil || t.spec.From != "" && t.spec.From != f.l.Acts.Stage {
			continue
		}
		o := f.l.offer(t.spec.Name)
		if o != nil && o.Count > 0 && t.spec.Cooldown == Forever {
			continue
		}
		f.flipBefore(t.flip, &next)
	}
	f.runFlips(&next)
	f.reachFlips(&next)
	for i, plan := range f.p.segmentFlips {
		if plan == nil {
			continue
		}
		if _, known := f.l.member(f.p.acting[i].name); known {
			f.flipBefore(plan, &next)
		}
	}
	f.decisions = f.decisions[:told] // a condition that fails then is recorded then
	if next == math.MaxInt64 {
		f.l.disarm(FlipDue, "")
	} else {
		f.l.arm(FlipDue, "", next)
	}
}

func (f *Frame) stageFlips(next *Time) {
	for i := range f.p.stages {
		s := &f.p.stages[i]
		if s.enterFlip != nil {
			f.flipBefore(s.enterFlip, next)
		}
		if s.leaveFlip != nil && s.spec.Name == f.l.Acts.Stage {
			f.flipBefore(s.leaveFlip, next)
		}
	}
}

func (f *Frame) runFlips(next *Time) {
	for i := range f.l.Acts.Runs {
		run := &f.l.Acts.Runs[i]
		at, ok := f.p.flowOf(run.Workflow, run.Canary)
		if !ok {
			continue
		}
		for _, plan := range f.p.flows[at].exitFlips {
			f.flipBefore(plan, next)
		}
	}
}

// flipBefore lowers next to the instant at which the rule's answer becomes one
// that acts, if that comes before it. What is so already as rules have changed is
// not time's doing: it waits for the next pass.
//
// The answer can change only where a source says so, and where the search is on
// also between: there the answers at two instants are compared, and where they
// differ the first instant of the new one is found by bisection. The instants lie
// the farther apart the farther they are from now, by a quarter, and closely around
// the times that the condition reads; what holds for less than that between two of
// them is not seen.
func (f *Frame) flipBefore(plan *flipPlan, next *Time) {
	f.look(&f.l.Folds, f.l.Now, nil, nil)
	if !f.allHold(plan.still) {
		return
	}
	t := f.l.Now
	was := f.holdsAt(plan, t)
	search := slices.ContainsFunc(plan.moving, func(c condPlan) bool { return f.drifting(&c) })
	for range maxFlipSteps {
		if !was && f.ended(plan, t) {
			return
		}
		at := f.nextInstant(plan.moving, t)
		if search {
			at = f.searchStep(plan, t, at, was)
		}
		if at >= *next {
			return
		}
		is := f.holdsAt(plan, at)
		if is != was && (is || plan.both) {
			*next = at
			return
		}
		t, was = at, is
	}
	*next = t
}

// ended reports whether the rule is false for good as far as time alone goes: one
// of its conditions does not hold at t, and nothing will move that one any more.
func (f *Frame) ended(plan *flipPlan, t Time) bool {
	for i := range plan.moving {
		c := plan.moving[i : i+1]
		if f.drifting(&c[0]) || f.nextInstant(c, t) != math.MaxInt64 {
			continue
		}
		f.look(&f.l.Folds, t, nil, nil)
		if !f.allHold(c) {
			return true
		}
	}
	return false
}

// drifting reports whether an answer to the condition may come between the
// instants that its sources know: the lead has a fact that changes from one to the
// next.
func (f *Frame) drifting(c *condPlan) bool {
	for i := range c.sources {
		if !c.search {
			break
		}
		k := c.sources[i].key
		switch {
		case !f.p.drifts(k):
		case k.Kind == KeyNow:
			return true
		case k.Kind == KeyScore:
			if s := scoreOf(&f.l.Folds, k.Name); s != nil && s.Value != 0 {
				return true
			}
		case k.Kind == KeyAccountSince:
			if f.accountLast(k.Name) != 0 {
				return true
			}
		case countOf(&f.l.Folds, k.Name) != nil:
			return true
		}
	}
	return false
}

// searchStep is the next instant to look at where an answer may change anywhere:
// the first at which it differs from was, else the one that the source names or
// the end of the step.
func (f *Frame) searchStep(plan *flipPlan, t, known Time, was bool) Time {
	past := t.Sub(f.l.Now)
	end := min(known-1, t.Add(max(Minute, past/4)))
	if end <= t || past > searchHorizon {
		return known
	}
	if f.holdsAt(plan, end) == was {
		if end == known-1 {
			return known
		}
		return end
	}
	lo, hi := t, end
	for hi-lo > 1 {
		mid := lo + (hi-lo)/2
		if f.holdsAt(plan, mid) == was {
			lo = mid
		} else {
			hi = mid
		}
	}
	return hi
}

// holdsAt is the answer of the moving conditions at an instant.
func (f *Frame) holdsAt(plan *flipPlan, at Time) bool {
	f.look(&f.l.Folds, at, nil, nil)
	return f.allHold(plan.moving)
}

func (f *Frame) allHold(list []condPlan) bool {
	for i := range list {
		for _, slot := range list[i].slots {
			f.load(slot)
		}
		if ok, err := list[i].cond.Holds(&f.vars); err != nil || !ok {
			return false
		}
	}
	return true
}

// nextInstant is the first instant after t at which a source changes,
// math.MaxInt64 when none does.
func (f *Frame) nextInstant(conds []condPlan, t Time) Time {
	next := Time(math.MaxInt64)
	for i := range conds {
		for j := range conds[i].sources {
			if at := f.nextOf(&conds[i].sources[j], t); at > t && at < next {
				next = at
			}
		}
	}
	return next
}

// nextOf is the first instant after t at which a fact changes, 0 for none.
func (f *Frame) nextOf(s *flipSource, t Time) Time {
	folds := &f.l.Folds
	switch s.key.Kind {
	case KeyTimes:
		if c := countOf(folds, s.key.Name); c != nil {
			return leaves(c.Recent, t, s.key.Window)
		}
	case KeySent:
		if y := f.l.tally(s.key.Name); y != nil {
			return leaves(y.Recent, t, s.key.Window)
		}
	case KeyAccountTimes:
		return f.accountLeaves(s.key, t)
	case KeyAccountSince:
		if last := f.accountLast(s.key.Name); last != 0 {
			return nextSince(last, t, s.at)
		}
	case KeyConsent:
		if c := consentOf(folds, s.key.Name); c != nil && c.Given != 0 && c.Revoked == 0 {
			return c.Given.Add(f.p.spec.Consents[s.index].Expires)
		}
	case KeyScore:
		if score := scoreOf(folds, s.key.Name); score != nil {
			return score.next(f.p.scores[s.index].spec, t, s.at)
		}
	case KeySince:
		if c := countOf(folds, s.key.Name); c != nil && c.Last != 0 {
			return nextSince(c.Last, t, s.at)
		}
	case KeyNow:
		return nextAfter(s.at, t)
	case KeyHour:
		return nextHour(t.In(f.zone), s.at)
	case KeyWeekday, KeyBusinessDay:
		return nextMidnight(t.In(f.zone))
	case KeyLead:
		plan := keyPlan{key: s.key, index: s.index}
		if anchor := f.readAttr(&plan).Time(); anchor != 0 {
			return nearAnchor(anchor, t)
		}
	}
	return 0
}

// accountLeaves is when the next of an account's facts leaves its window after t.
func (f *Frame) accountLeaves(k Key, t Time) Time {
	first := Time(0)
	own, others := f.accountCounts(k.Name)
	for _, c := range [...]*Count{own, others} {
		if c == nil {
			continue
		}
		if at := leaves(c.Recent, t, k.Window); at != 0 && (first == 0 || at < first) {
			first = at
		}
	}
	return first
}

// leaves is when the next of the instants leaves its window after t.
func leaves(times []Time, t Time, window Span) Time {
	i := sort.Search(len(times), func(i int) bool { return times[i].Add(window) > t })
	if i == len(times) {
		return 0
	}
	return times[i].Add(window)
}

// nextSince is the first instant after t at which the days since an event compare
// otherwise with one of the numbers.
func nextSince(last, t Time, numbers []float64) Time {
	best := Time(0)
	for _, n := range numbers {
		days := func(at Time) float64 { return float64(at.Sub(last)) / float64(Day) }
		at := last + Time(math.Ceil(n*float64(Day)))
		for days(at-1) >= n {
			at--
		}
		for days(at) < n {
			at++
		}
		for _, at := range [...]Time{at, at + 1} { // from here on >=, from here on >
			if at > t && (best == 0 || at < best) {
				best = at
			}
		}
	}
	return best
}

// nextAfter is the first instant after t that compares otherwise with one of the
// numbers, which are milliseconds since 1970.
func nextAfter(numbers []float64, t Time) Time {
	best := Time(0)
	for _, n := range numbers {
		at := Time(math.Ceil(n))
		for _, at := range [...]Time{at, at + 1} {
			if at > t && (best == 0 || at < best) {
				best = at
			}
		}
	}
	return best
}

// nextHour is when the wall clock's hour changes next: at a full hour, or where
// the zone changes its offset. With numbers only the hours count at which it
// compares otherwise with one of them, midnight among them.
func nextHour(local time.Time, numbers []float64) Time {
	past := time.Duration(local.Minute())*time.Minute + time.Duration(local.Second())*time.Second + time.Duration(local.Nanosecond())
	ahead := 1
	if len(numbers) > 0 {
		ahead = 24 - local.Hour()
		for _, n := range numbers {
			reached := int(min(max(math.Ceil(n), 0), 24))
			passed := int(min(max(math.Floor(n)+1, 0), 24))
			for _, hour := range [...]int{reached, passed} {
				if hour > local.Hour() {
					ahead = min(ahead, hour-local.Hour())
				}
			}
		}
	}
	return beforeOffset(local, local.Add(time.Duration(ahead)*time.Hour-past))
}

// nextMidnight is when the wall clock's date changes next.
func nextMidnight(local time.Time) Time {
	past := time.Duration(local.Hour())*time.Hour + time.Duration(local.Minute())*time.Minute +
		time.Duration(local.Second())*time.Second + time.Duration(local.Nanosecond())
	return beforeOffset(local, local.Add(24*time.Hour-past))
}

func beforeOffset(local, next time.Time) Time {
	if _, end := local.ZoneBounds(); !end.IsZero() && end.Before(next) {
		return TimeOf(end)
	}
	return TimeOf(next)
}

// anchorSpans are the distances from a time at which a search looks closely: what
// people write, and nothing farther from its neighbour than itself.
var anchorSpans = [...]Span{
	0, 1, Minute, 5 * Minute, 10 * Minute, 15 * Minute, 30 * Minute, 45 * Minute,
	Hour, 2 * Hour, 3 * Hour, 4 * Hour, 6 * Hour, 8 * Hour, 12 * Hour, 18 * Hour,
	Day, 2 * Day, 3 * Day, 4 * Day, 5 * Day, 6 * Day, 7 * Day, 10 * Day, 14 * Day, 21 * Day,
	30 * Day, 45 * Day, 60 * Day, 90 * Day, 120 * Day, 180 * Day, 365 * Day,
}

// nearAnchor is the first instant after t at one of the distances from a time.
func nearAnchor(anchor, t Time) Time {
	best := Time(0)
	for _, span := range anchorSpans {
		for _, at := range [...]Time{anchor.Add(-span), anchor.Add(span)} {
			if at > t && (best == 0 || at < best) {
				best = at
			}
		}
	}
	return best
}
