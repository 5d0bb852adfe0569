package engine

import (
	"fmt"
	"slices"
	"strings"
)

// What explaining asks of the engine: how rules were judged in a pass that is run
// again, how they would be judged at an instant, and what would have to happen for
// another answer. None of it acts: where a lead is changed, it is the caller's copy.

// RuleName names a list of conditions that must all hold.
type RuleName struct {
	Block string // "toss_up.hot_lead", "workflow.welcome.step.ask.case.big"
	Part  string // "when", "enter", "leave", "allowed", "confirm"
}

// Look is one look at a rule during a decision: its answer, and every one of its
// conditions with what it saw.
type Look struct {
	Rule    RuleName
	At      Time
	Holds   bool
	Reasons []Reason
	Before  int // decisions that the same call of Decide had made by then
}

// Tracer takes down how the rules of one program are judged. It belongs to one
// goroutine.
type Tracer struct {
	Looks []Look // in order; the caller empties it between decisions

	names map[*rule]RuleName
	event string // id of the event at hand
	busy  bool   // a look is being taken down
}

// NewTracer makes a Tracer for a program.
func NewTracer(p *Program) *Tracer { return &Tracer{names: p.ruleNames()} }

// Trace lets a Frame tell how it judges rules while it decides about the event of
// that id; nil: it tells nobody.
func (f *Frame) Trace(t *Tracer, event string) {
	f.trace = t
	if t != nil {
		t.event = event
	}
}

// traced takes down a look at a rule. Looks at other instants than the one that is
// decided about are none: a search for the time at which an answer changes, a fact of
// the past that is folded again.
func (f *Frame) traced(r *rule, holds bool) {
	t := f.trace
	name, named := t.names[r]
	if !named || t.busy || f.now > f.l.Now {
		return
	}
	if own := f.event != nil && f.event.ID == t.event; !own && (f.event != nil || f.now < f.l.Now) {
		return
	}
	t.busy = true
	t.Looks = append(t.Looks, Look{name, f.now, holds, f.because(r), len(f.decisions)})
	t.busy = false
}

// ruleNames are the names of a program's rules.
func (p *Program) ruleNames() map[*rule]RuleName {
	names := map[*rule]RuleName{}
	add := func(r *rule, block, part string) {
		if r != nil {
			names[r] = RuleName{block, part}
		}
	}
	for i := range p.scores {
		for j := range p.scores[i].rules {
			r := &p.scores[i].rules[j]
			add(r.when, "score."+p.scores[i].spec.Name+".rule."+r.spec.Name, "when")
		}
	}
	for name, r := range p.segment {
		add(r, "segment."+name, "when")
	}
	for i := range p.stages {
		s := &p.stages[i]
		add(s.enter, "stage."+s.spec.Name, "enter")
		add(s.leave, "stage."+s.spec.Name, "leave")
	}
	for i := range p.tossUps {
		add(p.tossUps[i].when, "toss_up."+p.tossUps[i].spec.Name, "when")
	}
	for name, policy := range p.policy {
		add(policy.allowed, "contact_policy."+name, "allowed")
	}
	for name, i := range p.consent {
		add(p.granted[i], "consent."+name, "when")
		add(p.confirming[i], "consent."+name, "confirm")
	}
	for i := range p.flows {
		p.flowRuleNames(&p.flows[i], add)
	}
	return names
}

func (p *Program) flowRuleNames(flow *flowPlan, add func(r *rule, block, part string)) {
	block := "workflow." + flow.spec.Name
	add(flow.enter, block, "enter")
	for i, r := range flow.goals {
		add(r, block+".goal."+flow.spec.Goals[i].Name, "when")
	}
	for i, r := range flow.exits {
		add(r, block+".exit."+flow.spec.Exits[i].Name, "when")
	}
	for i := range flow.spec.Steps {
		step := &flow.spec.Steps[i]
		at := block + ".step." + step.Name
		if i < len(flow.waits) {
			add(flow.waits[i], at, "when")
		}
		if i >= len(flow.cases) {
			continue
		}
		for j, r := range flow.cases[i] {
			switch {
			case step.Branch != nil:
				add(r, at+".case."+step.Branch.Cases[j].Name, "when")
			case step.Wait != nil:
				add(r, at+".case."+step.Wait.Cases[j].Name, "when")
			}
		}
	}
}

// Weigh answers conditions about a lead at an instant, each with what it saw. All
// must hold for holds to be true. e is the event at hand, nil for none: then what
// reads one sees nothing.
func (p *Program) Weigh(f *Frame, l *Lead, now Time, e *Event, conds []Cond) (reasons []Reason, holds bool) {
	f.bind(p, l, &Effects{}, nil)
	var plan *eventPlan
	if e != nil {
		plan = f.planOf(e)
	}
	f.look(&l.Folds, now, e, plan)
	holds = true
	for _, c := range conds {
		for _, k := range c.Reads() {
			plan := p.planKey(k)
			f.store(plan.name, f.read(&plan))
		}
		reason := f.reason(c)
		holds = holds && reason.Holds
		reasons = append(reasons, reason)
	}
	return reasons, holds
}

// Refold folds a lead's facts anew under the program's definitions, unless it was
// folded under equal ones. Nothing acts. l is the caller's copy.
func (p *Program) Refold(f *Frame, l *Lead, h History) error {
	if l.Folds.Digest == p.foldDigest {
		return nil
	}
	return p.FoldAnew(f, l, h, nil)
}

// FoldAnew folds a lead's facts anew, whatever it was folded under. Points that
// rules pay on the way are told, where somebody wants to know: as decisions of the
// kind Paid, in the order of the facts.
func (p *Program) FoldAnew(f *Frame, l *Lead, h History, paid func(Decision)) error {
	f.bind(p, l, &Effects{}, h)
	f.paid = paid
	err := f.refold(nil)
	f.paid = nil
	if err != nil {
		return fmt.Errorf("fold lead %v: %w", l.ID, err)
	}
	l.Revision = p.revision
	return nil
}

// Supposed is something that could happen to a lead.
type Supposed struct {
	Event string // declared name, "" for none
	// Pays is the scoring rule that is taken to pay for it, as "score.rule": what the
	// rule asks of the event itself is taken to be so. "" for none.
	Pays string
	// Attr is an attribute that is given Value, "" for none.
	Attr  string
	Value Value
	// Consent is one that is given, "" for none.
	Consent string
}

// Suppose folds something into a lead as if it happened now. l is the caller's copy.
// It gives the points that were paid for it to the score that s.Pays names.
func (p *Program) Suppose(f *Frame, l *Lead, now Time, s *Supposed) (points float64) {
	f.bind(p, l, &Effects{}, nil)
	l.Now = max(l.Now, now)
	e := Event{Kind: Track, Name: s.Event, Lead: l.ID, At: l.Now, Received: l.Now}
	root := p.events[s.Event]
	for root != nil && root.from != "" {
		root = p.events[root.from]
	}
	f.look(&l.Folds, l.Now, &e, root)
	if s.Attr != "" && setAttr(&l.Folds, s.Attr, s.Value) && len(p.fixed) > 0 {
		f.foldFixedScores(&l.Folds)
	}
	if s.Consent != "" {
		*consentSlot(&l.Folds, s.Consent) = Consent{Name: s.Consent, Given: l.Now}
	}
	told := len(f.decisions)
	score, _, _ := strings.Cut(s.Pays, ".")
	for plan := p.events[s.Event]; plan != nil; plan = p.events[plan.from] {
		f.foldConsents(&l.Folds, &e, plan)
		f.foldCount(&l.Folds, l.Now, plan)
		f.stale()
		for _, ref := range plan.pays {
			f.supposePay(ref, s.Pays)
		}
		if plan.from == "" {
			break
		}
	}
	for i := told; i < len(f.decisions); i++ {
		if d := &f.decisions[i]; d.Kind == Paid && score != "" && strings.HasPrefix(d.Subject, score+".") {
			points += d.Points
		}
	}
	f.stale()
	return points
}

// supposePay pays what a rule gives for a supposed event. A rule that asks something
// of the event pays only when it is the one that is taken to.
func (f *Frame) supposePay(ref payRef, pays string) {
	s := &f.p.scores[ref.score]
	r := &s.rules[ref.rule]
	for _, c := range r.spec.When {
		ofEvent := slices.ContainsFunc(c.Reads(), func(k Key) bool { return k.Kind == KeyEvent })
		if ofEvent && r.name == pays {
			continue
		}
		f.loadFor(c)
		if ok, err := c.Holds(&f.vars); err != nil || !ok {
			return
		}
	}
	at := f.l.Now
	score := scoreSlot(&f.l.Folds, s.spec.Name, at)
	if r.spec.PerDay > 0 && !f.countCap(score, r, at) {
		return
	}
	points := f.amount(r)
	score.pay(s.spec, at, points)
	f.decide(Decision{Kind: Paid, At: at, Subject: r.name, Points: points})
}

// FlipsAt is the first instant after now at which time alone changes whether
// conditions hold; ok is false when it never does, as far as is searched. The
// conditions are some of the program's own.
func (p *Program) FlipsAt(f *Frame, l *Lead, now Time, conds []Cond) (at Time, ok bool) {
	plan := p.flipPlanOf(conds)
	if plan == nil {
		return 0, false
	}
	plan.both = true
	f.bind(p, l, &Effects{}, nil)
	was := l.Now
	l.Now = max(l.Now, now)
	defer func() { l.Now = was }()
	begins := f.holdsAt(plan, l.Now)
	next := l.Now.Add(searchHorizon)
	end := next
	f.flipBefore(plan, &next)
	return next, next < end && f.holdsAt(plan, next) != begins
}

// EventNames are the declared names of an event: its own, and the moments that it is
// for the lead as it stands; none where nothing declares it.
func (p *Program) EventNames(f *Frame, l *Lead, e *Event) []string {
	f.bind(p, l, &Effects{}, nil)
	plan := f.planOf(e)
	if plan == nil {
		return nil
	}
	f.look(&l.Folds, e.At, e, plan)
	f.names = f.names[:0]
	f.nameMoments(plan)
	return slices.Clone(f.names)
}

// FadedPoints is what is left of points at a later instant, as the score fades. A
// score that steps down or expires keeps its points whole, or not at all.
func (s *ScoreSpec) FadedPoints(d *Decision, now Time) float64 {
	if s.Expires > 0 && now >= d.At.Add(s.Expires) {
		return 0
	}
	return faded(d.Points, now.Sub(d.At), s.HalfLife)
}

// tellPaid tells what rules pay while folds are rebuilt.
func (f *Frame) tellPaid(decisions []Decision) {
	for i := range decisions {
		if decisions[i].Kind == Paid {
			f.paid(decisions[i])
		}
	}
}

// Expired reports whether the reasons of the decision were kept once and are not any
// more: see Fact.ExpireReasons.
func (d *Decision) Expired() bool {
	return len(d.Because) == 1 && d.Because[0].Source == "" && len(d.Because[0].Facts) == 0
}

// ExpireReasons takes the reasons out of a row's decisions and leaves a mark that
// there were some. What was decided stays, because figures are counted from it. It
// reports whether there was anything to take out.
func (f *Fact) ExpireReasons() bool {
	took := false
	for i := range f.Decisions {
		d := &f.Decisions[i]
		if len(d.Because) == 0 || d.Expired() || d.Because[0].Source == bygoneSource { // counted by it
			continue
		}
		d.Because = []Reason{{}}
		took = true
	}
	return took
}

// PaysNow is what a scoring rule without an event gives a lead at an instant.
func (p *Program) PaysNow(f *Frame, l *Lead, now Time, score, rule string) float64 {
	i, ok := p.score[score]
	if !ok {
		return 0
	}
	f.bind(p, l, &Effects{}, nil)
	f.look(&l.Folds, now, nil, nil)
	for j := range p.scores[i].rules {
		if r := &p.scores[i].rules[j]; r.spec.Name == rule && f.holds(r.when) {
			return f.amount(r)
		}
	}
	return 0
}
