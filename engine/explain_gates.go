package engine

import "slices"

// Gate is something besides a rule's conditions that decides whether it acts, or one
// of the questions that are asked before a message goes.
type Gate struct {
	Code    string
	Open    bool
	Until   Time     // when time opens it; 0: it does not, or nobody can say
	Subject string   // what it is about: a consent, another workflow, a stage
	Reasons []Reason // conditions behind it
	N, Of   int      // of a cap: messages that count, and how many may
	Per     Span     // of a cap
}

// Codes of gates; the others are the reason codes of messages and entries.
const (
	GateStage    = "stage"         // the lead is in the stage that the toss-up asks for
	GateHold     = "hold"          // the condition has held long enough
	GateRisen    = "risen"         // the condition has been false since it acted last
	GateCooldown = "cooldown"      // the last hand-over is long enough ago
	GateForever  = "never_again"   // it was handed over, and that happens once
	GateQueued   = "queued"        // it does not wait for a place already
	GateUnanswer = "unanswered"    // sales owe no answer
	GateStale    = "nothing_new"   // it has done something since sales sent it back
	GateForward  = "not_backwards" // the stage lies ahead
	GateInside   = "inside"        // it is not inside already
	GateOnce     = "once"          // it was not in before, or may come again
	GateReEnter  = "re_enter"      // it left long enough ago
	GateHeldOut  = "held_out"      // the hold-out of the workflow does not have it
	GateWish     = "wish"          // its own wish how often
)

// TossUpGates are what a toss-up asks besides its conditions, in the order in which
// it asks.
func (p *Program) TossUpGates(f *Frame, l *Lead, now Time, name string) []Gate {
	i, ok := p.tossUp[name]
	if !ok {
		return nil
	}
	f.bind(p, l, &Effects{}, nil)
	t := &p.tossUps[i]
	var gates []Gate
	if t.spec.From != "" {
		gates = append(gates, Gate{Code: GateStage, Open: l.Acts.Stage == t.spec.From, Subject: t.spec.From})
	}
	o := l.offer(name)
	if o == nil {
		return gates
	}
	shut := func(g Gate) { gates = append(gates, g) }
	switch {
	case o.State == OfferHolding:
		shut(Gate{Code: GateHold, Until: l.dueOf(HoldDue, name)})
	case o.State == OfferQueued:
		shut(Gate{Code: GateQueued, Subject: o.Owner})
	case o.State == OfferMade && t.spec.Answer != nil:
		shut(Gate{Code: GateUnanswer, Until: l.dueOf(AnswerDue, name)})
	case o.Stale:
		shut(Gate{Code: GateStale})
	}
	if until, forever := cooledAt(t, o); forever {
		shut(Gate{Code: GateForever})
	} else if until > now {
		shut(Gate{Code: GateCooldown, Until: until})
	}
	if t.spec.On == "" && o.True && o.State != OfferHolding && o.State != OfferQueued {
		shut(Gate{Code: GateRisen})
	}
	return gates
}

// cooledAt is when a toss-up may be made again as far as its cooldown goes.
func cooledAt(t *tossUpPlan, o *Offer) (until Time, forever bool) {
	if o.Count > 0 && t.spec.Cooldown == Forever {
		return 0, true
	}
	until = o.Until
	if o.Count > 0 && t.spec.Cooldown > 0 {
		until = max(until, o.Made.Add(t.spec.Cooldown))
	}
	return until, false
}

// dueOf is when a timer of the lead is due, 0 when it is not armed.
func (l *Lead) dueOf(kind TimerKind, ref string) Time {
	for i := range l.Timers {
		if l.Timers[i].Kind == kind && l.Timers[i].Ref == ref {
			return l.Timers[i].Due
		}
	}
	return 0
}

// StageGates are what a stage asks of a lead besides its condition.
func (p *Program) StageGates(l *Lead, name string) []Gate {
	i, ok := p.stage[name]
	if !ok || p.stages[i].enter == nil {
		return nil
	}
	at := -1
	if j, known := p.stage[l.Acts.Stage]; known {
		at = j
	}
	gates := []Gate{{Code: GateForward, Open: i > at, Subject: l.Acts.Stage}}
	if slices.Contains(l.Acts.Risen, name) {
		gates = append(gates, Gate{Code: GateRisen})
	}
	return gates
}

// EntryGates are what a workflow asks of who would enter besides its conditions.
func (p *Program) EntryGates(f *Frame, l *Lead, now Time, name string) []Gate {
	at, ok := p.flow[name]
	if !ok {
		return nil
	}
	f.bind(p, l, &Effects{}, nil)
	f.look(&l.Folds, now, nil, nil)
	flow := &p.flows[at]
	gates := []Gate{{Code: GateInside, Open: flow.spec.Enter.Key != nil || l.run(name) == nil}}
	if past := l.past(name); past != nil && past.Entries > 0 && flow.spec.Enter.Key == nil && l.run(name) == nil {
		again := flow.spec.ReEnter
		switch {
		case again == nil, again.AtMost > 0 && int(past.Entries) > again.AtMost:
			gates = append(gates, Gate{Code: GateOnce, N: int(past.Entries)})
		case now < past.Left.Add(again.After):
			gates = append(gates, Gate{Code: GateReEnter, Until: past.Left.Add(again.After)})
		}
	}
	switch {
	case p.paused(name, "") != nil:
		gates = append(gates, Gate{Code: FlowPaused})
	case p.drained(name):
		gates = append(gates, Gate{Code: FlowDrained})
	case flow.spec.ReEnter != nil && flow.spec.ReEnter.AtOnce > 0 && l.inside(name) >= flow.spec.ReEnter.AtOnce:
		gates = append(gates, Gate{Code: AtOnce, N: l.inside(name), Of: flow.spec.ReEnter.AtOnce})
	}
	if busy := p.laneBusy(l, flow.spec); busy != "" {
		gates = append(gates, Gate{Code: LaneBusy, Subject: busy})
	}
	if f.heldOut(flow) {
		gates = append(gates, Gate{Code: GateHeldOut})
	}
	return gates
}

// laneBusy is the workflow that keeps a lead out of another of its lane, "" for none.
func (p *Program) laneBusy(l *Lead, spec *FlowSpec) string {
	if spec.Lane == "" {
		return ""
	}
	for i := range l.Acts.Runs {
		run := &l.Acts.Runs[i]
		other := p.FlowOf(run)
		if other == nil || run.Workflow == spec.Name || other.Lane != spec.Lane {
			continue
		}
		if other.Priority >= spec.Priority {
			return other.Name
		}
	}
	return ""
}

// FlowOf is the definition by which a run goes, nil where its workflow is gone: inside a
// canary's arm that of the running rules for who entered before it.
func (p *Program) FlowOf(run *Run) *FlowSpec {
	at, ok := p.flowOf(run.Workflow, run.Canary)
	if !ok {
		return nil
	}
	return p.flows[at].spec
}

// sendAt is a step that sends, and its workflow: by the definition of the run that
// stands on it, else by the one that has it, that for new entrants first. nil: none.
func (p *Program) sendAt(l *Lead, workflow, step string) (*FlowSpec, *SendSpec) {
	var plans []int
	for i := range l.Acts.Runs {
		if run := &l.Acts.Runs[i]; run.Workflow == workflow && run.Step == step {
			if at, ok := p.flowOf(workflow, run.Canary); ok {
				plans = append(plans, at)
			}
		}
	}
	for _, table := range [...]map[string]int{p.flow, p.elder} {
		if at, ok := table[workflow]; ok {
			plans = append(plans, at)
		}
	}
	for _, at := range plans {
		if i, ok := p.flows[at].steps[step]; ok && p.flows[at].spec.Steps[i].Send != nil {
			return p.flows[at].spec, p.flows[at].spec.Steps[i].Send
		}
	}
	return nil, nil
}

// SendGates are the questions that are asked before a message of a step goes, each
// with its answer as of a wall time: whether anybody ever may write to the lead so,
// and whether now.
func (p *Program) SendGates(f *Frame, l *Lead, wall Time, workflow, step string) []Gate {
	flow, s := p.sendAt(l, workflow, step)
	if s == nil {
		return nil
	}
	f.bind(p, l, &Effects{}, nil)
	f.wall = wall
	f.look(&l.Folds, max(l.Now, wall), nil, nil)
	pending := Pending{Channel: s.Channel, Workflow: workflow, Step: step, Priority: int32(flow.Priority)}
	gates := []Gate{{Code: FlowPaused, Open: !f.pausedPending(&pending)}}
	gates = append(gates, f.leaveGates(s)...)
	return append(gates, f.timeGates(&pending, s)...)
}

// leaveGates are the questions that no waiting answers otherwise.
func (f *Frame) leaveGates(s *SendSpec) []Gate {
	var gates []Gate
	if a, ok := s.Content.(Addressed); ok {
		k := a.Address()
		gates = append(gates, Gate{Code: NoAddress, Open: f.read(&keyPlan{key: k, index: -1}).Text() != "", Subject: k.Name})
	}
	if policy := f.p.policy[s.Policy]; policy != nil {
		if r := policy.spec.Requires; r != "" && !s.Transactional {
			gates = append(gates, Gate{Code: NoConsent, Open: f.hasConsent(r), Subject: r})
		}
		if policy.allowed != nil {
			gates = append(gates, Gate{Code: NotAllowed, Open: f.holds(policy.allowed), Subject: s.Policy, Reasons: f.because(policy.allowed)})
		}
	}
	if f.p.reachesLead(s) {
		g := Gate{Code: Suppressed, Open: true}
		if b := f.barred(s); b != nil {
			g.Open, g.Reasons = false, b.because()
		}
		gates = append(gates, g)
		if !s.Transactional && f.p.spec.Holdout > 0 {
			gates = append(gates, Gate{Code: HeldBack, Open: !f.p.HeldBack(f.l.ID)})
		}
	}
	return gates
}

// timeGates are the questions that waiting answers: the hours, the lead's own wish,
// the caps.
func (f *Frame) timeGates(p *Pending, s *SendSpec) []Gate {
	var gates []Gate
	policy := f.p.policy[s.Policy]
	quiet := policy != nil && policy.spec.Quiet != nil && !s.Transactional
	if quiet || s.Window != nil {
		g := Gate{Code: QuietHours, Open: true}
		if until, code, _ := f.blockedByHours(p, s, policy); code != "" {
			g = Gate{Code: code, Until: until}
		}
		gates = append(gates, g)
	}
	if f.wishes(s) {
		until, code, _ := f.blockedByWish(s)
		gates = append(gates, Gate{Code: GateWish, Open: code == "", Until: until})
	}
	if policy == nil || s.Transactional {
		return gates
	}
	for _, c := range f.capsOf(policy.spec, s.Channel) {
		g := Gate{Code: Capped, Open: true, Of: c.atMost, Per: c.per, Subject: s.Channel}
		if t := f.l.tally(s.Channel); t != nil {
			sent := t.Recent[:countUntil(t.Recent, f.wall)]
			g.N = within(sent, f.wall, c.per)
			if g.N >= c.atMost && c.atMost > 0 {
				g.Until = sent[len(sent)-c.atMost].Add(c.per)
			}
		}
		g.Open = g.N < c.atMost
		gates = append(gates, g)
	}
	return gates
}
