package engine

// A changed program, or changed rulings, reach a lead at its next fact, and every
// lead by a sweep of ticks: its runs find their places, what a pause held goes on,
// schedules are armed, and the edges are judged by the rules as they are now.

// resettle brings a lead up to date with the program and its rulings, and writes a
// row of its own when that changed anything.
func (f *Frame) resettle(cause *Event) {
	at := f.l.Now
	if cause.Kind == Tick {
		at = max(at, cause.At)
	}
	e := Event{Kind: Tick, Lead: f.l.ID, At: at, Received: cause.Received}
	f.begin(&e)
	was := f.standing()
	if cause.Kind == Tick {
		f.settleEdges(at)
	}
	f.look(&f.l.Folds, f.l.Now, nil, nil)
	f.replace()
	f.resume()
	f.resumeSends()
	f.l.Ruling = f.p.ruling()
	f.acquaint(&e)
	f.forgetTrials()
	if cause.Kind == Tick {
		f.edges(&e)
		f.flowExits(&e, nil)
	}
	f.drain(&e)
	if cause.Kind != Tick && !f.acted() || f.silent(was) {
		return
	}
	f.end(&e)
}

// replace brings the runs of a lead that another program left to this program's
// steps: by name; by moved, by what the step said of its removal, or out when it
// is gone.
func (f *Frame) replace() {
	for _, id := range f.runIDs() {
		if run := f.l.runByID(id); run != nil {
			f.settleRun(run)
		}
	}
}

// settleRun finds the place of one run.
func (f *Frame) settleRun(run *Run) {
	gone := f.adopt(run)
	flow, i, ok := f.place(run)
	switch {
	case flow == nil:
		f.leave(run.ID, gone)
	case ok:
		f.stand(flow, i, run)
	default:
		f.removed(flow, run, gone)
	}
}

// runIDs are the lead's runs, for walks in which runs come and go.
func (f *Frame) runIDs() []RunID {
	ids := make([]RunID, 0, len(f.l.Acts.Runs))
	for i := range f.l.Acts.Runs {
		ids = append(ids, f.l.Acts.Runs[i].ID)
	}
	return ids
}

// removed finds a new place for a run whose step is gone, or takes it out by an exit.
func (f *Frame) removed(flow *flowPlan, run *Run, gone string) {
	id := run.ID
	to, ok := flow.steps[flow.spec.Moved[run.Step]]
	if ok && f.renamed(flow, run, to) {
		return
	}
	if !ok {
		to, ok = flow.steps[run.Removed]
	}
	if !ok {
		f.leave(id, gone)
		return
	}
	f.l.disarm(RunDue, run.Slot())
	f.l.disarm(RunGiveUp, run.Slot())
	run.Hold = NotHeld
	f.withdraw(id)
	f.advance(flow, id, to)
}

// renamed lets a message whose step has another name go on under that: it keeps its
// key, so that who waits for it gets it once, also where it is on its way already.
func (f *Frame) renamed(flow *flowPlan, run *Run, to int) bool {
	step := &flow.spec.Steps[to]
	if step.Kind != SendStep {
		return false
	}
	for i := range f.l.Acts.Pending {
		p := &f.l.Acts.Pending[i]
		if p.Run != run.ID || p.Step != run.Step || p.Workflow != run.Workflow || p.Channel != step.Send.Channel {
			continue
		}
		if p.State != Granted && p.Arm != "" {
			return false // it belongs to the experiment of the step that is gone
		}
		p.Step = step.Name
		f.arrive(flow, run.ID, to)
		return true
	}
	return false
}

// stand sees that a run whose step is still there waits for something: a step may
// have become another one under its old name. A changed wait keeps its due time
// unless it says otherwise.
func (f *Frame) stand(flow *flowPlan, i int, run *Run) {
	step := &flow.spec.Steps[i]
	run.Removed = step.Removed
	if run.Hold != NotHeld {
		return
	}
	switch step.Kind {
	case WaitStep:
		f.standOnWait(flow, i, run)
	case SendStep:
		for j := range f.l.Acts.Pending {
			if p := &f.l.Acts.Pending[j]; p.Run == run.ID && p.Step == step.Name {
				return
			}
		}
		f.goOnFrom(flow, run, i)
	default:
		f.goOnFrom(flow, run, i)
	}
}

func (f *Frame) standOnWait(flow *flowPlan, i int, run *Run) {
	w := flow.spec.Steps[i].Wait
	slot := run.Slot()
	kind, other := RunDue, RunGiveUp
	if w.timer() == RunGiveUp {
		kind, other = RunGiveUp, RunDue
	}
	f.l.disarm(other, slot)
	f.withdraw(run.ID)
	due, waits := f.waitEnd(w, run.Reached)
	switch {
	case !waits:
		f.advance(flow, run.ID, afterWait(&flow.spec.Steps[i], ""))
	case due == 0:
		f.l.disarm(kind, slot)
	case w.Recompute || !f.l.armed(kind, slot):
		f.l.arm(kind, slot, max(due, f.l.Now))
	}
}

// goOnFrom performs the step on which a run stands without waiting for anything.
func (f *Frame) goOnFrom(flow *flowPlan, run *Run, i int) {
	id := run.ID
	f.l.disarm(RunDue, run.Slot())
	f.l.disarm(RunGiveUp, run.Slot())
	if next, stands := f.perform(flow, id, i); !stands {
		f.advance(flow, id, next)
	}
}

// hold stops a run at a pause.
func (f *Frame) hold(run *Run, what Hold, way string, due Time) {
	run.Hold, run.Way, run.Due = what, way, due
	f.decide(Decision{Kind: Paused, At: f.l.Now, Subject: run.Workflow, Detail: run.Step})
}

// resume lets go on what an ended pause held. Where the clock stopped, waits are
// longer by the pause.
func (f *Frame) resume() {
	if f.p.rulings == nil || f.l.Ruling == f.p.rulings.Number {
		return
	}
	for _, id := range f.runIDs() {
		run := f.l.runByID(id)
		if run == nil {
			continue
		}
		flow, i, ok := f.place(run)
		if !ok || f.p.paused(run.Workflow, run.Step) != nil {
			continue
		}
		longer := f.pausedFor(flow, run)
		if run.Hold == NotHeld {
			f.l.lengthen(run.Slot(), longer)
			continue
		}
		f.resumeRun(flow, i, run, longer)
	}
}

// pausedFor is how long the pauses that the lead now hears the end of have
// stopped the clock of a run's present step.
func (f *Frame) pausedFor(flow *flowPlan, run *Run) Span {
	if flow.spec.Pause.Clock != ClockStops {
		return 0
	}
	var sum Span
	for i := range f.p.rulings.Pauses {
		p := &f.p.rulings.Pauses[i]
		if p.Drain || p.Ended <= f.l.Ruling || !p.covers(run.Workflow, run.Step) {
			continue
		}
		if from := max(run.Reached, p.From); p.To > from {
			sum += p.To.Sub(from)
		}
	}
	return sum
}

func (f *Frame) resumeRun(flow *flowPlan, i int, run *Run, longer Span) {
	step := &flow.spec.Steps[i]
	what, way, due := run.Hold, run.Way, run.Due
	run.Hold, run.Way, run.Due = NotHeld, "", 0
	f.decide(Decision{Kind: Resumed, At: f.l.Now, Subject: run.Workflow, Detail: run.Step})
	f.overdue = flow.spec.Pause.Overdue == Skip
	defer func() { f.overdue = false }()
	switch {
	case what == HoldBefore:
		run.Reached = f.l.Now
		f.goOnFrom(flow, run, i)
	case step.Kind != WaitStep:
		f.goOnFrom(flow, run, i)
	case way == "" && due.Add(longer) > f.l.Now:
		f.l.arm(step.Wait.timer(), run.Slot(), due.Add(longer))
	default:
		f.advance(flow, run.ID, afterWait(step, way))
	}
}

// armed reports whether the slot's timer is armed.
func (l *Lead) armed(kind TimerKind, ref string) bool {
	for i := range l.Timers {
		if l.Timers[i].Kind == kind && l.Timers[i].Ref == ref {
			return true
		}
	}
	return false
}

// lengthen moves the timers of a run's slot.
func (l *Lead) lengthen(slot string, by Span) {
	for i := range l.Timers {
		if t := &l.Timers[i]; t.Ref == slot && (t.Kind == RunDue || t.Kind == RunGiveUp) {
			t.Due = t.Due.Add(by)
		}
	}
}
