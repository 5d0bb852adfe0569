package engine

import "slices"

// Some rules change their answer though nothing happens to the lead: a score
// fades, an event leaves its window, consent runs out, Monday comes. Where such an
// answer acts, the instant at which it changes is computed from the facts and a
// timer is armed for it; nothing is ever swept. What is planned here is which
// rules can do that at all, and from which facts their instants follow: a program
// without such rules pays nothing.

// flipPlan is a rule whose answer time alone can change.
type flipPlan struct {
	still  []condPlan // conditions that only facts change
	moving []condPlan // conditions that time changes too
	both   bool       // becoming false acts too
}

type condPlan struct {
	cond    Cond
	slots   []int
	sources []flipSource
	search  bool // an instant may lie anywhere between those that the sources know
}

// flipSource knows instants at which a fact changes by time alone.
type flipSource struct {
	key   Key
	index int       // of a score or a consent
	at    []float64 // numbers that the fact is compared with, where only they matter
}

// planFlips finds the rules that act when time alone makes them true.
func (p *Program) planFlips() error {
	for i := range p.stages {
		s := &p.stages[i]
		s.enterFlip, s.leaveFlip = p.flip(s.enter), p.flip(s.leave)
	}
	for i := range p.tossUps {
		if p.tossUps[i].spec.On == "" {
			p.tossUps[i].flip = p.flip(p.tossUps[i].when)
		}
	}
	for i := range p.flows {
		flow := &p.flows[i]
		for j := range flow.spec.Exits {
			var plan *flipPlan
			if x := &flow.spec.Exits[j]; x.On == "" && x.TossUp == "" {
				plan = p.flip(flow.exits[j])
			}
			if plan != nil {
				flow.exitFlips = append(flow.exitFlips, plan)
			}
		}
	}
	p.segmentFlips = make([]*flipPlan, len(p.acting))
	for i := range p.acting {
		if plan := p.flip(p.acting[i].rule); plan != nil {
			plan.both = true
			p.segmentFlips[i] = plan
		}
	}
	return nil
}

// flip is the plan of a rule, nil when time alone never changes it.
func (p *Program) flip(r *rule) *flipPlan {
	if r == nil {
		return nil
	}
	plan := p.flipPlanOf(r.list)
	p.flips = p.flips || plan != nil
	return plan
}

// flipPlanOf is the plan of conditions, all of which must hold.
func (p *Program) flipPlanOf(conds []Cond) *flipPlan {
	plan := &flipPlan{}
	for _, c := range conds {
		cond := condPlan{cond: c, slots: p.slots(c)}
		if p.move(cond.slots) {
			p.addSources(&cond, cond, map[string]bool{})
			plan.moving = append(plan.moving, cond)
		} else {
			plan.still = append(plan.still, cond)
		}
	}
	if len(plan.moving) == 0 {
		return nil
	}
	return plan
}

// move reports whether time alone changes one of the facts.
func (p *Program) move(slots []int) bool {
	moves := false
	p.expand(slots, map[Key]bool{}, func(k Key) { moves = moves || p.moves(k) })
	return moves
}

// moves reports whether time alone changes a fact in itself; segments and computed
// scores move with what they are made of.
func (p *Program) moves(k Key) bool {
	switch k.Kind {
	case KeySegment:
		return false
	case KeyScore:
		i, ok := p.score[k.Name]
		return ok && p.scores[i].spec.falls() && !p.scores[i].fixed
	case KeyConsent:
		i, ok := p.consent[k.Name]
		return ok && p.spec.Consents[i].Expires > 0
	}
	return k.MovesWithTime()
}

// falls reports whether the score becomes another by time alone.
func (s *ScoreSpec) falls() bool {
	return s.HalfLife > 0 || s.Expires > 0 || s.Step.Per > 0 && s.Step.Points != 0
}

// addSources adds to a condition what moves c: itself, or one that it reads through
// a segment. Facts behind a segment belong to the
// conditions of the segment, which know best what they are compared with.
func (p *Program) addSources(to *condPlan, c condPlan, seen map[string]bool) {
	var thresholds []Threshold
	exact := false
	if t, ok := c.cond.(Timely); ok {
		thresholds, exact = t.Thresholds()
	}
	for _, slot := range c.slots {
		k := p.keys[slot].key
		switch {
		case k.Kind == KeySegment && !seen["segment."+k.Name]:
			seen["segment."+k.Name] = true
			if r := p.segment[k.Name]; r != nil {
				for _, inner := range r.list {
					p.addSources(to, condPlan{cond: inner, slots: p.slots(inner)}, seen)
				}
			}
		case k.Kind == KeyScore && p.computed(k.Name):
			p.addBareSources(to, k.Name, seen)
		}
		if p.moves(k) {
			p.addSource(to, k, thresholds, exact)
		}
	}
	if !exact && p.searched(c.slots) {
		to.search = true
		p.addAnchors(to, c.slots)
	}
}

func (p *Program) computed(score string) bool {
	i, ok := p.score[score]
	return ok && p.scores[i].live
}

func (p *Program) addBareSources(to *condPlan, score string, seen map[string]bool) {
	if seen["score."+score] {
		return
	}
	seen["score."+score] = true
	s := &p.scores[p.score[score]]
	for _, j := range s.bare {
		r := &s.rules[j]
		for _, c := range r.spec.When {
			p.addSources(to, condPlan{cond: c, slots: p.slots(c)}, seen)
		}
		if p.move(r.amount) {
			to.search = true
			p.addAnchors(to, r.amount)
		}
	}
}

func (p *Program) addSource(to *condPlan, k Key, thresholds []Threshold, exact bool) {
	source := flipSource{key: k, index: p.planKey(k).index}
	for _, t := range thresholds {
		if exact && t.Key == k && !slices.Contains(source.at, t.Value) {
			source.at = append(source.at, t.Value)
		}
	}
	to.sources = append(to.sources, source)
}

// searched reports whether some fact changes from one instant to the next, so that
// only its comparisons tell when an answer changes.
func (p *Program) searched(slots []int) bool {
	return slices.ContainsFunc(slots, func(slot int) bool { return p.drifts(p.keys[slot].key) })
}

func (p *Program) drifts(k Key) bool {
	switch k.Kind {
	case KeySince, KeyAccountSince, KeyNow:
		return true
	case KeyScore:
		return p.moves(k) && p.scores[p.score[k.Name]].spec.HalfLife > 0
	}
	return false
}

// addAnchors lets the search look closely at the times that a condition reads.
func (p *Program) addAnchors(to *condPlan, slots []int) {
	for _, slot := range slots {
		k := p.keys[slot]
		created := k.key.Name == "created_at"
		if k.key.Kind == KeyLead && (created || k.index >= 0 && p.spec.Attrs[k.index].Kind == Instant) {
			to.sources = append(to.sources, flipSource{key: k.key, index: k.index})
		}
	}
}
