package engine

import (
	"slices"
)

// A message goes intended → ready → (leave asked just before each attempt) →
// granted → settled. Between, it may wait: for an opening, for room under a cap,
// for the next try.

// Reason codes of messages that do not go, or not now.
const (
	NoConsent    = "no_consent"
	NotAllowed   = "not_allowed"
	QuietHours   = "quiet_hours"
	OutsideHours = "outside_window"
	AwaitsSlot   = "slot"
	Capped       = "capped"
	Outranked    = "outranked"
	Suppressed   = "suppressed"
	HeldBack     = "holdout"
	LeftWorkflow = "left_workflow"
	NoChannel    = "no_channel"
	NoAddress    = "no_address"
	Overdue      = "overdue"
)

// reachSend puts a run on a channel step: it writes the intention, or skips it
// for what no waiting would change. It reports whether the run stands.
func (f *Frame) reachSend(flow *flowPlan, step *StepSpec, run *Run) bool {
	s := step.Send
	pending := Pending{
		Key:  stepKey(flow.spec.Name, step.Name, run.ID, run.Visit),
		Lane: s.Lane, Channel: s.Channel, Workflow: flow.spec.Name, Step: step.Name, Run: run.ID,
		Priority: int32(flow.spec.Priority), Canary: run.Canary,
	}
	if f.overdue {
		f.skip(&pending, Overdue)
		return false
	}
	if code, because := f.forbidden(s); code != "" {
		f.skip(&pending, code, because...)
		return false
	}
	f.draw(s, &pending)
	f.intend(pending, pending.what())
	return true
}

// intend writes an action into the outbox.
func (f *Frame) intend(p Pending, what string) {
	p.State, p.Since, p.Asked = Ready, f.wall, f.l.Now
	f.l.Acts.Pending = append(f.l.Acts.Pending, p)
	f.fx.Ready = append(f.fx.Ready, p.Key)
	f.decide(Decision{Kind: Intended, At: f.l.Now, Subject: p.Channel, Detail: what, Action: p.Key})
}

// forbidden is the reason code for which a message may never go as things are, ""
// when it may.
func (f *Frame) forbidden(s *SendSpec) (code string, because []Reason) {
	if a, ok := s.Content.(Addressed); ok && f.read(&keyPlan{key: a.Address(), index: -1}).Text() == "" {
		return NoAddress, nil
	}
	if policy := f.p.policy[s.Policy]; policy != nil {
		if r := policy.spec.Requires; r != "" && !s.Transactional && !f.hasConsent(r) {
			return NoConsent, nil
		}
		if !f.holds(policy.allowed) {
			return NotAllowed, f.because(policy.allowed)
		}
	}
	if b := f.barred(s); b != nil {
		return Suppressed, b.because()
	}
	if !s.Transactional && f.p.spec.Holdout > 0 && f.p.reachesLead(s) && f.p.HeldBack(f.l.ID) {
		return HeldBack, nil
	}
	return "", nil
}

func (p *Program) reachesLead(s *SendSpec) bool {
	c := p.channel[s.Channel]
	return c != nil && c.Reach == ReachLead
}

// HeldBack reports whether the workspace's hold-out has a lead: always the same
// leads, by hash. They get no marketing message.
func (p *Program) HeldBack(lead LeadID) bool {
	return fraction(newHasher("holdout").text(string(lead[:])).key(), 0)*100 < p.spec.Holdout
}

// action decides what the shell reports about an action. What is not under way
// (any more) is ignored. Lead time went on with wall time while it was under way.
func (f *Frame) action(e Event) {
	if e.Kind == Redrive {
		f.redrive(&e)
		return
	}
	p := f.l.PendingAction(e.Action)
	if p == nil {
		return
	}
	e.At = max(f.l.Now, p.Asked.Add(e.Received.Sub(p.Since)))
	f.runTimers(e.At, e.Received, 0)
	f.wall = e.Received
	if p = f.l.PendingAction(e.Action); p == nil {
		return
	}
	if e.Kind == Attempt && p.State != Ready || e.Kind == Settled && (p.State != Granted || e.Receipt.Attempt != int(p.Attempts)) {
		return
	}
	f.begin(&e)
	f.settleEdges(e.At)
	f.look(&f.l.Folds, f.l.Now, nil, nil)
	if e.Kind == Attempt {
		f.attempt(p)
	} else {
		f.settled(p, &e)
	}
	f.edges(&e)
	f.flowExits(&e, nil)
	f.drain(&e)
	f.end(&e)
}

// attempt judges, just before a message would go, whether it may.
func (f *Frame) attempt(p *Pending) {
	if f.p.channel[p.Channel] == nil {
		f.skipPending(p, NoChannel)
		return
	}
	if f.pausedPending(p) {
		f.postpone(p, untilLifted, Postponed, FlowPaused)
		return
	}
	if f.overtakes(p) {
		f.postpone(p, untilLifted, Postponed, InOrder)
		return
	}
	send := f.sendOf(p)
	if send == nil && p.Workflow != "" {
		f.skipPending(p, LeftWorkflow) // its step is gone, and with it what it may do
		return
	}
	if send != nil {
		if code, because := f.forbidden(send); code != "" {
			f.skipPending(p, code, because...)
			return
		}
		if until, code, blocked := f.blocked(p, send); code != "" {
			if blocked == Skip || until == 0 {
				f.skipPending(p, code)
			} else {
				f.postpone(p, until, Postponed, code)
			}
			return
		}
	}
	p.State = Granted
	p.Attempts++
	p.Reserved = f.wall
	f.reserve(p.Channel, f.wall)
	f.noteHeard(send, f.wall)
	f.fx.Granted = append(f.fx.Granted, p.Key)
	f.decide(Decision{Kind: Permitted, At: f.l.Now, Subject: p.Channel, Detail: p.what(), Action: p.Key})
}

// sendOf is the step that an action belongs to, nil for a hand-over and for a
// step that is gone.
func (f *Frame) sendOf(p *Pending) *SendSpec {
	at, ok := f.p.flowOf(p.Workflow, p.Canary)
	if !ok {
		return f.p.confirmSend(p)
	}
	i, ok := f.p.flows[at].steps[p.Step]
	if !ok {
		return nil
	}
	return f.p.flows[at].spec.Steps[i].Send
}

// what names the action for a reader: the toss-up, or "workflow/step".
func (p *Pending) what() string {
	if p.TossUp != "" {
		return p.TossUp
	}
	if p.Workflow == "" {
		return p.Step
	}
	return p.Workflow + "/" + p.Step
}

// blocked says until when a message may not go, and why. Caps do not hold for what
// is transactional, though it counts towards them.
func (f *Frame) blocked(p *Pending, s *SendSpec) (until Time, code string, then OnBlocked) {
	policy := f.p.policy[s.Policy]
	until, code, then = f.blockedByHours(p, s, policy)
	if code == "" {
		until, code, then = f.blockedByWish(s)
	}
	if code != "" || policy == nil || s.Transactional {
		return until, code, then
	}
	return f.blockedByCaps(p, policy.spec)
}

// pausedPending reports whether a pause in force holds a message: of its workflow
// or step, or of its channel.
func (f *Frame) pausedPending(p *Pending) bool {
	return p.Workflow != "" && f.p.paused(p.Workflow, p.Step) != nil || f.p.pausedChannel(p.Channel)
}

func (p *Program) pausedChannel(channel string) bool {
	if p.rulings == nil {
		return false
	}
	return slices.ContainsFunc(p.rulings.Pauses, func(b Pause) bool {
		return b.To == 0 && !b.Drain && b.Scope == PauseChannel && b.Name == channel
	})
}

// resumeSends brings back what waited for a ruling that has been lifted, or skips
// it where its workflow says that what fell due in a pause is not sent.
func (f *Frame) resumeSends() {
	for _, key := range f.heldKeys() {
		p := f.l.PendingAction(key)
		if p == nil || f.pausedPending(p) {
			continue
		}
		at, ok := f.p.flowOf(p.Workflow, p.Canary)
		if ok && f.p.flows[at].spec.Pause.Overdue == Skip && f.wasPaused(p) {
			f.skipPending(p, Overdue)
			continue
		}
		f.bring(p)
	}
}

// wasPaused reports whether the lead hears now of the end of a pause that held the
// message.
func (f *Frame) wasPaused(p *Pending) bool {
	return f.p.rulings != nil && slices.ContainsFunc(f.p.rulings.Pauses, func(b Pause) bool {
		return !b.Drain && b.Ended > f.l.Ruling &&
			(b.covers(p.Workflow, p.Step) || b.Scope == PauseChannel && b.Name == p.Channel)
	})
}

// heldKeys are the actions that no timer brings back.
func (f *Frame) heldKeys() []ActionKey {
	var keys []ActionKey
	for i := range f.l.Acts.Pending {
		if p := &f.l.Acts.Pending[i]; p.State == Waiting && !f.l.armed(TryDue, p.Key.String()) {
			keys = append(keys, p.Key)
		}
	}
	return keys
}

// postpone lets an action wait until an instant of wall time, or until a ruling is
// lifted.
func (f *Frame) postpone(p *Pending, until Time, kind DecisionKind, code string) {
	f.decide(Decision{Kind: kind, At: f.l.Now, Subject: p.Channel, Detail: code, Action: p.Key, Until: max(until, 0)})
	f.fx.Settled = append(f.fx.Settled, Settlement{Key: p.Key, Lane: p.Lane, Seq: p.Seq})
	p.State, p.Seq = Waiting, 0
	if until != untilLifted {
		f.l.arm(TryDue, p.Key.String(), until)
	}
	if p.Attempts == 0 && code != InOrder {
		f.nextInOrder(p.Channel)
	}
	f.roomAgain(p.Channel, p.Key)
}

// tryDue brings an action that waited back into the outbox.
func (f *Frame) tryDue(ref string) {
	key, ok := ParseActionKey(ref)
	p := f.l.PendingAction(key)
	if !ok || p == nil || p.State != Waiting {
		return
	}
	p.State = Ready
	f.fx.Ready = append(f.fx.Ready, key)
}

// settled takes a channel's answer.
func (f *Frame) settled(p *Pending, e *Event) {
	r := &e.Receipt
	channel := f.p.channel[p.Channel]
	keyed := channel != nil && channel.Keyed
	switch {
	case r.Outcome == Done:
		f.accepted(p, r, e.Fields)
	case r.Outcome == Retry || r.Outcome == Unknown && keyed:
		f.retry(p, r, channel)
	default:
		f.giveUp(p, r)
	}
}

// accepted ends an action well: the message counts, and its run goes on. costs are
// what it cost, as fields.
func (f *Frame) accepted(p *Pending, r *Receipt, costs []Field) {
	done := *p
	f.decide(Decision{Kind: Sent, At: f.l.Now, Subject: p.Channel, Detail: p.what(), Action: p.Key})
	f.tally("sent:"+p.Channel, "", 0)
	fields := []Field{
		{"message", TextValue(p.Key.String())},
		{"channel", TextValue(p.Channel)},
		{"workflow", TextValue(p.Workflow)},
		{"step", TextValue(p.Step)},
	}
	if r.Provider != "" {
		fields = append(fields, Field{"provider_id", TextValue(r.Provider)})
	}
	fields = f.aboutMessage(fields, p)
	kind := f.kindOf(p)
	f.deriveKnown(kind+"_sent", append(fields[:len(fields):len(fields)], costs...))
	f.deriveKnown(kind+"_delivered", fields)
	f.tried(p)
	f.over(p)
	f.goOn(&done, true)
}

// aboutMessage adds what a message is about, so that figures can tell messages apart
// by it: its topic, and the experiment with its arm.
func (f *Frame) aboutMessage(fields []Field, p *Pending) []Field {
	s := f.sendOf(p)
	if s == nil {
		return fields
	}
	if s.Topic != "" {
		fields = append(fields, Field{"topic", TextValue(s.Topic)})
	}
	if s.Experiment != nil && p.Arm != "" {
		fields = append(fields, Field{"experiment", TextValue(s.Experiment.Name)}, Field{"arm", TextValue(p.Arm)})
	}
	return fields
}

// deriveKnown derives an event if anything may ask about it.
func (f *Frame) deriveKnown(name string, fields []Field) {
	if f.p.events[name] != nil {
		f.derive(name, fields...)
	}
}

// kindOf is the step kind of an action: what its channel's plugin is asked to do.
func (f *Frame) kindOf(p *Pending) string {
	if s := f.sendOf(p); s != nil {
		return s.Kind
	}
	if n := f.p.figureNotice(p); n != nil {
		return n.Kind
	}
	if r := f.p.reviewOf(p); r != nil {
		return r.Kind
	}
	if i, ok := f.p.tossUp[p.TossUp]; ok && f.p.tossUps[i].spec.HandOver != nil {
		return f.p.tossUps[i].spec.HandOver.Kind
	}
	return ""
}

// retry lets an action wait for its next try, or gives it up when it has had all.
func (f *Frame) retry(p *Pending, r *Receipt, channel *ChannelSpec) {
	f.refund(p)
	if channel == nil || int(p.Attempts) > channel.Retry.Times {
		f.giveUp(p, r)
		return
	}
	wait := channel.Retry.backoff(p.Key, p.Attempts)
	if after := Span(r.RetryAfter.Milliseconds()); after > 0 {
		wait = after
	}
	f.postpone(p, f.wall.Add(wait), Retried, r.Code)
}

// backoff is the wait after attempt n: see RetrySpec.
func (r RetrySpec) backoff(key ActionKey, n int32) Span {
	times := max(r.Times, 1)
	unit := float64(r.Over) / float64(uint64(1)<<min(times, 40)-1)
	wait := unit * float64(uint64(1)<<min(n-1, 40))
	wait *= 0.8 + 0.4*fraction(key, n)
	return max(Span(wait), Second)
}

// giveUp ends an action badly: it is kept as a dead letter, and its run goes on.
func (f *Frame) giveUp(p *Pending, r *Receipt) {
	done := *p
	f.decide(Decision{Kind: GaveUp, At: f.l.Now, Subject: p.Channel, Detail: r.Code, Action: p.Key})
	f.tally("dead:"+p.Channel, "", 0)
	if r.Outcome == Refused {
		f.refund(p)
	}
	dead := *p
	dead.State, dead.Seq = 0, 0
	f.fx.Dead = append(f.fx.Dead, DeadAction{Pending: dead, Lead: f.l.ID, At: f.wall, Outcome: r.Outcome, Code: r.Code, Detail: r.Detail})
	f.fx.Settled = append(f.fx.Settled, Settlement{Key: p.Key, Lane: p.Lane, Seq: p.Seq})
	f.drop(p.Key)
	f.nextInOrder(done.Channel)
	f.roomAgain(done.Channel, done.Key)
	f.goOn(&done, false)
}

// redrive gives a dead letter another round under its old key.
func (f *Frame) redrive(e *Event) {
	if e.Letter == nil || f.l.PendingAction(e.Letter.Pending.Key) != nil {
		return
	}
	f.runTimers(f.l.Now, e.Received, 0)
	f.wall = e.Received
	e.At = max(e.At, f.l.Now)
	f.begin(e)
	f.look(&f.l.Folds, f.l.Now, nil, nil)
	p := e.Letter.Pending
	f.refund(&p) // an unknown outcome had kept its place under the cap
	p.Reserved = 0
	f.intend(p, p.what())
	f.end(e)
}

// goOn moves the run off the channel step that an action belonged to.
func (f *Frame) goOn(p *Pending, sent bool) {
	at, ok := f.p.flowOf(p.Workflow, p.Canary)
	run := f.l.runByID(p.Run)
	if !ok || run == nil || run.Step != p.Step {
		return
	}
	if sent {
		run.Messages = append(run.Messages, p.Key)
		if over := len(run.Messages) - MaxRunMessages; over > 0 {
			run.Messages = slices.Delete(run.Messages, 0, over)
		}
	}
	flow := &f.p.flows[at]
	if i, ok := flow.steps[p.Step]; ok && flow.spec.Steps[i].Kind == SendStep { // a wait of that name is waited for
		f.advance(flow, p.Run, flow.spec.Steps[i].Next)
	}
}

// skip notes that a message is not sent.
func (f *Frame) skip(p *Pending, code string, because ...Reason) {
	f.decide(Decision{Kind: Skipped, At: f.l.Now, Subject: p.Channel, Detail: code, Action: p.Key, Because: because})
	f.tally("skipped:"+p.Channel+":"+code, "", 0)
	f.derive("message_skipped", Field{"channel", TextValue(p.Channel)}, Field{"reason", TextValue(code)},
		Field{"workflow", TextValue(p.Workflow)}, Field{"step", TextValue(p.Step)})
	for i := range f.l.Acts.Skipped {
		if s := &f.l.Acts.Skipped[i]; s.Channel == p.Channel && s.Reason == code {
			s.N++
			return
		}
	}
	f.l.Acts.Skipped = append(f.l.Acts.Skipped, Skips{p.Channel, code, 1})
}

// skipPending skips a message that was intended, and lets its run go on.
func (f *Frame) skipPending(p *Pending, code string, because ...Reason) {
	done := *p
	f.skip(&done, code, because...)
	f.over(p)
	f.roomAgain(done.Channel, done.Key)
	f.goOn(&done, false)
}

// withdraw skips what a run has intended and not sent. What is on its way settles
// for itself.
func (f *Frame) withdraw(run RunID) {
	for i := len(f.l.Acts.Pending) - 1; i >= 0; i-- {
		p := &f.l.Acts.Pending[i]
		if p.Run != run || p.Workflow == "" || p.State == Granted {
			continue
		}
		done := *p
		f.over(p)
		f.skip(&done, LeftWorkflow)
		f.roomAgain(done.Channel, done.Key)
	}
}

// over ends an action: no row, no timer, no parts are left of it.
func (f *Frame) over(p *Pending) {
	f.fx.Settled = append(f.fx.Settled, Settlement{Key: p.Key, Lane: p.Lane, Seq: p.Seq, Over: true})
	channel := p.Channel
	f.drop(p.Key)
	f.nextInOrder(channel)
}

func (f *Frame) drop(key ActionKey) {
	f.l.disarm(TryDue, key.String())
	for i := range f.l.Acts.Pending {
		if f.l.Acts.Pending[i].Key == key {
			f.l.Acts.Pending = slices.Delete(f.l.Acts.Pending, i, i+1)
			break
		}
	}
	f.fx.Ready = slices.DeleteFunc(f.fx.Ready, func(k ActionKey) bool { return k == key })
}

// reserve takes a place under the channel's caps.
func (f *Frame) reserve(channel string, wall Time) {
	t := f.l.tally(channel)
	if t == nil {
		n := len(f.l.Acts.Sent)
		f.l.Acts.Sent = slices.Grow(f.l.Acts.Sent, 1)[:n+1]
		t = &f.l.Acts.Sent[n]
		*t = Tally{Channel: channel, Recent: t.Recent[:0]}
	}
	t.Total++
	if window := f.capWindow(channel); window > 0 {
		t.Recent = remember(t.Recent, wall, window)
	}
}

// refund gives a reserved place back.
func (f *Frame) refund(p *Pending) {
	t := f.l.tally(p.Channel)
	if t == nil || p.Reserved == 0 {
		return
	}
	f.unhear(p)
	t.Total--
	if i := slices.Index(t.Recent, p.Reserved); i >= 0 {
		t.Recent = slices.Delete(t.Recent, i, i+1)
	}
	p.Reserved = 0
}
