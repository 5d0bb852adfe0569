package engine

// Decide says what an event changes about a lead and what should be done. It
// changes l and fills fx (whose old content is thrown away). The only error is
// the History's; l is then no longer to be used.
//
// The order of one decision:
//
//  1. a lead folded under other definitions is folded anew, and a run that
//     stands on a step that is gone finds its new place;
//  2. the lead's timers that are due at or before the event run, each as a pass
//     of its own;
//  3. the event is folded: at the end of the journal as a rule, or, when it comes
//     late, in its place among the facts;
//  4. the layers act: segments → stage → toss-ups → workflows → KPIs, at the lead's now.
//     Rules with an event judge it with the facts as of its own time, edges are
//     judged at the lead's now;
//  5. what the layers derived (toss_up_offered, stage_changed, …) passes through
//     3 and 4 at the same instant, at most maxDerived of them.
func (p *Program) Decide(f *Frame, l *Lead, e *Event, h History, fx *Effects) error {
	fx.reset()
	if q := p.about(l); q != p && e.Kind != Ask {
		p, f = q, f.aside()
	}
	f.bind(p, l, fx, h)
	f.wall = e.Received
	f.offered = f.offered[:0]
	f.notePasses()
	defer f.closeBooks()
	if e.Kind == Ask || l.Entity != NoEntity {
		return f.entity(e)
	}
	if p.account != nil || l.Colleagues != nil {
		defer f.tellAccount()
	}
	if e.Kind == Forget {
		return f.forget(e)
	}
	if l.buried(e) || f.elsewhere(e) || l.FirstSeen == 0 && (e.Kind == Tell || e.Kind == Correct) {
		return nil
	}
	if len(l.Awaited) > 0 && e.Kind.Outside() {
		known, err := f.expected(e)
		if err != nil || known == nil {
			return err
		}
		e = known
	}
	if err := f.welcome(e); err != nil {
		return err
	}
	l.Revision, l.Ruling = p.revision, p.ruling()
	switch e.Kind {
	case Tick:
		f.runTimers(e.At, e.Received, e.At)
		return f.err
	case Merge, Take, Contest, Unmerge, Release:
		return f.identity(e)
	case Tell:
		return f.told(e)
	case Correct:
		return f.correction(e)
	case Attempt, Settled, Redrive:
		f.action(*e)
		return f.err
	}
	f.runTimers(e.At, e.Received, 0)
	f.wall = e.Received
	return f.happened(e)
}

// maxDerived bounds the chain of facts that one event can bring about.
const maxDerived = 16

// maxTimers bounds the timers that run before one event, so that a wait of no
// length in a circle cannot hold up a worker. What is left runs on the next tick.
const maxTimers = 1000

// reset empties fx and keeps the room it has, field by field: a whole that is made
// beside it and carried there costs every decision more than it looks.
func (fx *Effects) reset() {
	fx.Facts, fx.Ready, fx.Granted, fx.Settled = fx.Facts[:0], fx.Ready[:0], fx.Granted[:0], fx.Settled[:0]
	fx.Dead, fx.Counts, fx.Identifiers, fx.Offers = fx.Dead[:0], fx.Counts[:0], fx.Identifiers[:0], fx.Offers[:0]
	fx.Posts, fx.Unnamed, fx.Fresh, fx.Erased = nil, nil, false, false
}

// welcome makes a new lead, and brings one that another program left to this
// program's definitions.
func (f *Frame) welcome(e *Event) error {
	l := f.l
	if l.FirstSeen == 0 {
		l.FirstSeen, l.Now = e.At, e.At
		l.Folds.Digest = f.p.foldDigest
		f.tally("leads", "", 0)
		if len(f.p.stages) > 0 {
			l.Acts.Stage, l.Acts.StageSince = f.p.stages[0].spec.Name, e.At
			f.tally("stage:"+l.Acts.Stage, "", 0)
		}
		f.fx.Fresh = true
		f.identify(e)
		return nil
	}
	if l.Folds.Digest != f.p.foldDigest {
		if err := f.refold(nil); err != nil {
			return err
		}
		f.doubts = f.doubts[:0] // other rules give nobody reason to doubt what these have done
	}
	if l.Revision != f.p.revision || l.Ruling != f.p.ruling() {
		f.resettle(e)
		f.armFlips()
	}
	f.identify(e)
	return nil
}

// identify notes the names under which an outside event knows the lead.
func (f *Frame) identify(e *Event) {
	if !e.Kind.Outside() {
		return
	}
	if e.User != "" && f.l.User == "" {
		f.l.User = e.User
		f.fx.Identifiers = append(f.fx.Identifiers, Identifier{ByUser, e.User})
	}
	if e.Visitor != "" && f.l.Visitor != e.Visitor && e.User == "" {
		f.l.Visitor = e.Visitor
		f.fx.Identifiers = append(f.fx.Identifiers, Identifier{ByVisitor, e.Visitor})
	}
	f.claim(e)
}

// runTimers runs the timers due at or before the given lead and wall time, in
// order, each at its own instant, or at the wheel's clock when that is given.
func (f *Frame) runTimers(lead, wall, wheel Time) {
	for range maxTimers {
		best := -1
		for i := range f.l.Timers {
			t := &f.l.Timers[i]
			limit := lead
			if t.Kind.Wall() {
				limit = wall
			}
			if t.Due <= limit && (best < 0 || t.before(&f.l.Timers[best])) {
				best = i
			}
		}
		if best < 0 {
			return
		}
		t := f.l.Timers[best]
		f.l.disarm(t.Kind, t.Ref)
		f.runTimer(t, lead, wall, wheel)
	}
}

func (f *Frame) runTimer(t Timer, lead, wall, wheel Time) {
	now := t.Due
	f.wall = min(t.Due, wall)
	if wheel != 0 {
		now, f.wall = lead, wall
	}
	if t.Kind.Wall() && wheel == 0 {
		now = f.l.Now
	}
	e := Event{Kind: Tick, Lead: f.l.ID, At: max(now, f.l.Now), Received: f.wall}
	f.begin(&e)
	var was standing
	switch {
	case t.Kind == FlipDue:
		was = f.standing()
		f.settleEdges(t.Due - 1) // a rise right after a fall is one
	case !t.Kind.Wall():
		f.settleEdges(t.Due) // what fell and rose until the wheel came has fallen
	}
	f.settleEdges(e.At)
	f.look(&f.l.Folds, e.At, nil, nil)
	switch t.Kind {
	case HoldDue:
		f.holdOver(t.Ref, &e)
	case RunDue, RunGiveUp:
		f.runDue(t.Ref)
	case EnterDue:
		f.scheduled(t.Ref, t.Due)
	case TryDue:
		f.tryDue(t.Ref)
	case AnswerDue:
		f.answerDue(t.Ref, &e)
	case NoticeDue:
		f.noticeDue(t.Ref)
	}
	f.edges(&e)
	f.flowExits(&e, nil)
	f.drain(&e)
	f.gauge()
	if t.Kind == FlipDue && f.silent(was) {
		return
	}
	f.end(&e)
}

// acted reports whether the pass has done anything worth a row.
func (f *Frame) acted() bool {
	return len(f.decisions) > f.rowStart.decisions || len(f.derived) > f.rowStart.derived
}

// begin opens the row of the journal that a pass will write.
func (f *Frame) begin(e *Event) {
	f.offered = f.offered[:0]
	f.rowStart.derived, f.rowStart.decisions = len(f.derived), len(f.decisions)
}

// end writes the row: the event, what it brought, why.
func (f *Frame) end(e *Event) {
	f.settleVerdicts(e)
	f.gauge()
	if len(f.doubts) > 0 {
		f.doubt()
		f.drain(e)
	}
	f.queueNews()
	f.armFlips()
	f.l.Seq++
	told := e
	if f.asTold != nil && e.Kind.Outside() {
		told = f.asTold
	}
	ledTo := f.ledTo(e)
	// The fact is filled in where it lies: an event is large, and a fact made beside
	// the list would carry it there in three copies.
	f.fx.Facts = append(f.fx.Facts, Fact{})
	row := &f.fx.Facts[len(f.fx.Facts)-1]
	row.Seq, row.Revision, row.Event, row.LedTo = f.l.Seq, f.p.revision, *told, ledTo
	row.Derived = f.derived[f.rowStart.derived:len(f.derived):len(f.derived)]
	row.Decisions = f.decisions[f.rowStart.decisions:len(f.decisions):len(f.decisions)]
}

// happened decides an event from outside.
func (f *Frame) happened(e *Event) error {
	plan := f.planOf(e)
	f.begin(e)
	f.refresh(e, plan)
	onView, err := f.take(e, plan)
	if err != nil {
		return err
	}
	f.nameSelf(e)
	f.accountTraits(e)
	f.layers(e, plan, onView)
	f.drain(e)
	f.end(e)
	return f.err
}

// layers acts on one event, whose names are in f.names. Rules with an event see
// onView; edges see the lead as it is now.
func (f *Frame) layers(e *Event, plan *eventPlan, onView *Folds) {
	names := append(make([]string, 0, 8), f.names...)
	plans := make([]*eventPlan, 0, 8)
	enters := false
	for _, name := range names {
		p := f.p.events[name]
		plans = append(plans, p)
		enters = enters || len(p.enters) > 0 || len(p.goals) > 0
	}
	on := func() { f.look(onView, e.At, e, plan) }
	now := func() { f.look(&f.l.Folds, f.l.Now, e, plan) }

	now()
	f.membership()
	for _, p := range plans {
		f.stageOn(p)
	}
	f.stageEdges()
	for _, p := range plans {
		f.answers(e, p)
		f.outcomes(e, p)
		if len(p.tossUps) > 0 {
			on()
			f.tossUpsOn(e, p)
			now()
		}
		if p.asks {
			on()
			f.confirmations(e, p)
			now()
		}
	}
	f.tossUpEdges(e)
	f.flowExits(e, names)
	if enters || len(f.l.Acts.Runs) > 0 {
		on()
		for _, name := range names {
			f.waitsOn(e, name)
		}
		for _, p := range plans {
			f.enters(e, p)
			f.goals(e, p)
		}
		now()
	}
	f.enterSegments(e)
	if onView != &f.l.Folds {
		on() // labels tell the lead as the event found it
	}
	for _, p := range plans {
		f.count(e, p)
		f.measure(e, p)
	}
}

// edges judges what no event but a change of the lead or of the time can make
// true.
func (f *Frame) edges(e *Event) {
	f.look(&f.l.Folds, f.l.Now, nil, nil)
	f.membership()
	f.stageEdges()
	f.tossUpEdges(e)
	f.queueNews()
	f.enterSegments(e)
}

// queued is a derived fact on its way to the layers.
type queued struct {
	Derived
	folded bool // it is folded and in the row already
}

// derive adds a fact that follows from what was done just now.
func (f *Frame) derive(name string, fields ...Field) {
	f.queue = append(f.queue, queued{Derived: Derived{Name: name, At: f.l.Now, Fields: fields}})
}

// deriveNow adds a fact whose folds what comes next must see. The view is to be
// set anew after it.
func (f *Frame) deriveNow(name string, fields []Field) {
	d := Derived{Name: name, At: f.l.Now, Fields: fields}
	names := append([]string(nil), f.names...)
	f.foldDerived(&d, &Event{Lead: f.l.ID, Received: f.wall})
	f.names = append(f.names[:0], names...)
	f.queue = append(f.queue, queued{d, true})
}

// foldDerived folds a derived fact and puts it into the row.
func (f *Frame) foldDerived(d *Derived, cause *Event) Event {
	f.derived = append(f.derived, *d)
	e := d.event(cause)
	f.foldOwn(&f.l.Folds, &e)
	return e
}

// drain passes the derived facts through folds and layers, at the same instant.
func (f *Frame) drain(cause *Event) {
	for n := 0; len(f.queue) > 0; n++ {
		if n == maxDerived {
			f.decide(Decision{Kind: Fault, At: f.l.Now, Subject: "event." + f.queue[0].Name, Detail: "a chain of more than 16 facts was cut off"})
			f.queue = f.queue[:0]
			break
		}
		d := f.queue[0]
		f.queue = append(f.queue[:0], f.queue[1:]...)
		var e Event
		if d.folded {
			e = d.event(cause)
			f.names = append(f.names[:0], d.Name)
		} else {
			e = f.foldDerived(&d.Derived, cause)
		}
		f.offered = f.offered[:0]
		f.layers(&e, f.p.events[d.Name], &f.l.Folds)
	}
}
