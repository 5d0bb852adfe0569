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
//  4. the layers act: stage → toss-ups → workflows → KPIs, at the lead's now.
//     Rules with an event judge it with the facts as of its own time, edges are
//     judged at the lead's now;
//  5. what the layers derived (toss_up_offered, stage_changed, …) passes through
//     3 and 4 at the same instant, at most maxDerived of them.
func (p *Program) Decide(f *Frame, l *Lead, e *Event, h History, fx *Effects) error {
	fx.reset()
	f.bind(p, l, fx, h)
	f.wall = e.Received
	f.offered = f.offered[:0]
	if err := f.welcome(e); err != nil {
		return err
	}
	l.Revision = p.revision
	switch e.Kind {
	case Tick:
		f.runTimers(e.At, e.Received, e.At)
		return nil
	case Attempt, Settled, Redrive:
		f.action(*e)
		return nil
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

func (fx *Effects) reset() {
	*fx = Effects{
		Facts: fx.Facts[:0], Ready: fx.Ready[:0], Granted: fx.Granted[:0], Settled: fx.Settled[:0],
		Dead: fx.Dead[:0], Counts: fx.Counts[:0], Identifiers: fx.Identifiers[:0],
	}
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
		if err := f.refold(&l.Folds, nil, nil); err != nil {
			return err
		}
	}
	if l.Revision != f.p.revision && len(l.Acts.Runs) > 0 {
		f.resettle(e)
	}
	f.identify(e)
	return nil
}

// resettle finds the places of a lead's runs in a new revision, and writes a row
// of its own when one had to move.
func (f *Frame) resettle(cause *Event) {
	e := Event{Kind: Tick, Lead: f.l.ID, At: f.l.Now, Received: cause.Received}
	f.begin(&e)
	f.look(&f.l.Folds, f.l.Now, nil, nil)
	f.replace()
	f.drain(&e)
	if len(f.decisions) > f.rowStart.decisions || len(f.derived) > f.rowStart.derived {
		f.end(&e)
	}
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
			if t.Due <= limit && (best < 0 || t.Due < f.l.Timers[best].Due) {
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
	f.settleEdges(e.At)
	f.look(&f.l.Folds, e.At, nil, nil)
	switch t.Kind {
	case HoldDue:
		f.holdOver(t.Ref, &e)
	case RunDue:
		f.runDue(t.Ref, &e)
	case RunGiveUp:
		f.runDue(t.Ref, &e)
	case TryDue:
		f.tryDue(t.Ref)
	case AnswerDue:
		f.answerDue(t.Ref, &e)
	}
	f.edges(&e)
	f.flowExits(&e, nil)
	f.drain(&e)
	f.end(&e)
}

// begin opens the row of the journal that a pass will write.
func (f *Frame) begin(e *Event) {
	f.offered = f.offered[:0]
	f.rowStart.derived, f.rowStart.decisions = len(f.derived), len(f.decisions)
}

// end writes the row: the event, what it brought, why.
func (f *Frame) end(e *Event) {
	f.l.Seq++
	f.fx.Facts = append(f.fx.Facts, Fact{
		Seq: f.l.Seq, Revision: f.p.revision, Event: *e,
		Derived:   f.derived[f.rowStart.derived:len(f.derived):len(f.derived)],
		Decisions: f.decisions[f.rowStart.decisions:len(f.decisions):len(f.decisions)],
	})
}

// happened decides an event from outside.
func (f *Frame) happened(e *Event) error {
	l := f.l
	l.FirstSeen = min(l.FirstSeen, e.At)
	plan := f.planOf(e)
	f.begin(e)
	late := !after(e.At, e.ID, l.Folds.LastAt, l.Folds.LastID) && l.Seq > 0
	onView := &l.Folds
	if late {
		onView = &f.asOf
		if err := f.foldLate(e, plan); err != nil {
			return err
		}
	} else {
		f.settleEdges(e.At)
		f.foldEvent(&l.Folds, e, plan)
		l.Folds.LastAt, l.Folds.LastID = e.At, e.ID
	}
	f.identifyKey(e)
	f.layers(e, plan, onView)
	f.drain(e)
	f.end(e)
	return nil
}

// foldLate puts a late event in its place: asOf becomes the folds right after it,
// the lead's folds what they would be had it been known at once.
func (f *Frame) foldLate(e *Event, plan *eventPlan) error {
	if err := f.refold(&f.asOf, nil, e); err != nil {
		return err
	}
	if err := f.refold(&f.l.Folds, e, nil); err != nil {
		return err
	}
	f.foldEvent(&f.asOf, e, plan)
	return nil
}

// identifyKey notes the lead's key attribute when it has just been given.
func (f *Frame) identifyKey(e *Event) {
	if f.p.spec.KeyAttr == "" || e.Kind != Identify {
		return
	}
	if v := attr(&f.l.Folds, f.p.spec.KeyAttr).Text(); v != "" {
		if sent, ok := f.traitOf(e, f.p.spec.KeyAttr); ok && sent == v {
			f.fx.Identifiers = append(f.fx.Identifiers, Identifier{ByKey, v})
		}
	}
}

func (f *Frame) traitOf(e *Event, name string) (string, bool) {
	spec := &f.p.spec.Attrs[f.p.attrs[name]]
	for i := len(e.Fields) - 1; i >= 0; i-- {
		wire := e.Fields[i].Name
		if wire == name || wire == spec.Wire || spec.Wire == "" && f.fold(wire) == name {
			return e.Fields[i].Value.Text(), true
		}
	}
	return "", false
}

// layers acts on one event, whose names are in f.names. Rules with an event see
// onView; edges see the lead as it is now.
func (f *Frame) layers(e *Event, plan *eventPlan, onView *Folds) {
	names := append(make([]string, 0, 8), f.names...)
	on := func() { f.look(onView, e.At, e, plan) }
	now := func() { f.look(&f.l.Folds, f.l.Now, e, plan) }

	now()
	for _, name := range names {
		f.stageOn(f.p.events[name])
	}
	f.stageEdges()
	for _, name := range names {
		f.answers(e, f.p.events[name])
		on()
		f.tossUpsOn(e, f.p.events[name])
		now()
	}
	f.tossUpEdges(e)
	f.flowExits(e, names)
	on()
	for _, name := range names {
		f.waitsOn(e, name)
	}
	for _, name := range names {
		f.enters(e, f.p.events[name])
	}
	now()
	for _, name := range names {
		f.count(e, f.p.events[name])
	}
}

// edges judges what no event but a change of the lead or of the time can make
// true.
func (f *Frame) edges(e *Event) {
	f.look(&f.l.Folds, f.l.Now, nil, nil)
	f.stageEdges()
	f.tossUpEdges(e)
}

// derive adds a fact that follows from what was done just now.
func (f *Frame) derive(name string, fields ...Field) {
	f.queue = append(f.queue, Derived{Name: name, At: f.l.Now, Fields: fields})
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
		f.derived = append(f.derived, d)
		e := d.event(cause)
		plan := f.p.events[d.Name]
		f.foldEvent(&f.l.Folds, &e, plan)
		f.l.Folds.LastAt, f.l.Folds.LastID = d.At, lastOfInstant
		f.offered = f.offered[:0]
		f.layers(&e, plan, &f.l.Folds)
	}
}
