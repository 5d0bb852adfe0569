package engine

import "slices"

// A run goes step by step: it stands on a wait until the time or an event comes,
// on a channel step until the message is accepted, refused or skipped; all other
// steps it passes at once.

// maxHops bounds the steps that a run passes at one instant: more than that is a
// loop without a wait in it.
const maxHops = 1000

// advance moves a run to a step and on from there until it stands.
func (f *Frame) advance(flow *flowPlan, id RunID, to int) {
	folds, at, e, plan := f.folds, f.now, f.event, f.plan
	f.look(&f.l.Folds, f.l.Now, e, plan) // steps are reached at the lead's now
	for hop := 0; ; hop++ {
		if f.l.runByID(id) == nil {
			break
		}
		if to == EndOfFlow {
			f.leave(id, "end")
			break
		}
		if hop == maxHops {
			f.decide(Decision{Kind: Fault, At: f.l.Now, Subject: "workflow." + flow.spec.Name, Detail: "more than 1000 steps at one instant"})
			f.leave(id, "loop")
			break
		}
		f.arrive(flow, id, to)
		next, stands := f.perform(flow, id, to)
		if stands {
			break
		}
		to = next
	}
	f.look(folds, at, e, plan)
}

// arrive puts a run on a step.
func (f *Frame) arrive(flow *flowPlan, id RunID, i int) {
	step := &flow.spec.Steps[i]
	run := f.l.runByID(id)
	f.leaveStep(run)
	run.Step, run.Reached, run.Removed = step.Name, f.l.Now, step.Removed
	run.Visit++
	f.tally(flow.counter[i], "", 0)
	f.decide(Decision{Kind: Stepped, At: f.l.Now, Subject: flow.spec.Name, Detail: step.Name})
}

// perform does what the step says that the run stands on. It reports where to go
// on, or that the run stands.
func (f *Frame) perform(flow *flowPlan, id RunID, i int) (next int, stands bool) {
	step := &flow.spec.Steps[i]
	run := f.l.runByID(id)
	if f.p.paused(flow.spec.Name, step.Name) != nil {
		f.hold(run, HoldBefore, "", f.l.Now)
		return 0, true
	}
	switch step.Kind {
	case WaitStep:
		return step.Next, f.wait(run, step.Wait)
	case BranchStep:
		for j, c := range step.Branch.Cases {
			if f.holds(flow.cases[i][j]) {
				return c.First, false
			}
		}
		return step.Branch.Otherwise, false
	case SendStep:
		return step.Next, f.reachSend(flow, step, run)
	case SplitStep:
		return f.split(flow, step), false
	case SetStep:
		f.set(flow, i)
		return step.Next, false
	case EmitStep:
		f.emit(flow, i)
		return step.Next, false
	case GotoStep:
		return f.again(run, step), false
	}
	f.leave(id, step.Name)
	return 0, true
}

// wait arms the timer of a wait. It reports false when there is nothing to wait
// for: the opening is now.
func (f *Frame) wait(run *Run, w *WaitSpec) bool {
	due, waits := f.waitEnd(w, f.l.Now)
	if !waits {
		return false
	}
	if due != 0 {
		f.l.arm(w.timer(), run.Slot(), due)
	}
	return true
}

// timer is the kind of timer that ends the wait.
func (w *WaitSpec) timer() TimerKind {
	if len(w.On) > 0 {
		return RunGiveUp
	}
	return RunDue
}

// waitEnd is when a wait that began at an instant is over by time alone, 0 for
// never. waits is false when it is over as it begins.
func (f *Frame) waitEnd(w *WaitSpec, began Time) (due Time, waits bool) {
	local := began.In(f.zone)
	if w.Until != nil {
		return f.openingAfter(w.Until, began)
	}
	length := w.For
	if len(w.On) > 0 {
		length = w.AtMost
	}
	if length.IsZero() {
		return 0, true
	}
	return TimeOf(length.After(local, f.p.spec.Calendar)), true
}

// runDue goes on after a wait's time is over.
func (f *Frame) runDue(slot string) {
	run := f.l.runBySlot(slot)
	if run == nil {
		return
	}
	flow, i, ok := f.place(run)
	if !ok || flow.spec.Steps[i].Kind != WaitStep {
		return
	}
	if f.p.paused(run.Workflow, run.Step) != nil {
		f.hold(run, HoldOver, "", f.l.Now)
		return
	}
	f.advance(flow, run.ID, afterWait(&flow.spec.Steps[i], ""))
}

// place is the plan and the step of a run; ok is false when this program has no
// such step.
func (f *Frame) place(run *Run) (flow *flowPlan, step int, ok bool) {
	at, ok := f.p.flowOf(run.Workflow, run.Canary)
	if !ok {
		return nil, 0, false
	}
	flow = &f.p.flows[at]
	step, ok = flow.steps[run.Step]
	return flow, step, ok
}

// afterWait is where a run goes on when its wait ended by a case, or "" by time
// (or by an event, where the wait has no cases).
func afterWait(step *StepSpec, way string) int {
	if len(step.Wait.Cases) == 0 {
		return step.Next
	}
	for i := range step.Wait.Cases {
		if step.Wait.Cases[i].Name == way {
			return step.Wait.Cases[i].First
		}
	}
	return step.Wait.Otherwise
}

// waitsOn lets the runs go on that waited for this event. Only events from the
// instant on at which the wait began count, however late they are told.
func (f *Frame) waitsOn(e *Event, name string) {
	if len(f.l.Acts.Runs) == 0 {
		return
	}
	f.ids = f.ids[:0]
	for i := range f.l.Acts.Runs {
		f.ids = append(f.ids, f.l.Acts.Runs[i].ID)
	}
	for _, id := range f.ids {
		run := f.l.runByID(id)
		if run == nil || e.At < run.Reached || run.Hold != NotHeld {
			continue
		}
		flow, i, ok := f.place(run)
		if !ok {
			continue
		}
		way, ends := f.endsBy(flow, i, run, e, name)
		if !ends {
			continue
		}
		f.l.disarm(RunGiveUp, run.Slot())
		if f.p.paused(run.Workflow, run.Step) != nil {
			f.hold(run, HoldOver, way, 0)
			continue
		}
		f.advance(flow, id, afterWait(&flow.spec.Steps[i], way))
	}
}

// endsBy reports whether an event ends the wait that a run stands on, and by
// which case.
func (f *Frame) endsBy(flow *flowPlan, i int, run *Run, e *Event, name string) (way string, ends bool) {
	w := flow.spec.Steps[i].Wait
	if w == nil || !slices.Contains(w.On, name) || !ofRun(run, e) || !ofShow(&flow.spec.Steps[i], run, e) || !f.ofKey(flow, run.Key) || !f.holds(flow.waits[i]) {
		return "", false
	}
	if len(w.Cases) == 0 {
		return "", true
	}
	for j := range w.Cases {
		if slices.Contains(w.Cases[j].On, name) && f.holds(flow.cases[i][j]) {
			return w.Cases[j].Name, true
		}
	}
	return "", false
}

// ofRun reports whether an event that names a message names one of the run's.
// One that names none belongs to every run.
func ofRun(run *Run, e *Event) bool {
	message, ok := Lookup(e.Fields, "message")
	if !ok || message.Text() == "" || len(run.Messages) == 0 {
		return true
	}
	key, ok := ParseActionKey(message.Text())
	return !ok || slices.Contains(run.Messages, key)
}

// flowExits takes out the leads whose exit has come true; names are those of the
// event at hand, nil when only time passed.
func (f *Frame) flowExits(e *Event, names []string) {
	for i := len(f.l.Acts.Runs) - 1; i >= 0; i-- {
		if i >= len(f.l.Acts.Runs) {
			continue
		}
		run := &f.l.Acts.Runs[i]
		at, ok := f.p.flowOf(run.Workflow, run.Canary)
		if !ok {
			continue
		}
		flow := &f.p.flows[at]
		for j := range flow.spec.Exits {
			if f.exitHolds(flow, j, names) && (flow.spec.Exits[j].On == "" || f.ofKey(flow, f.l.Acts.Runs[i].Key)) {
				f.leave(f.l.Acts.Runs[i].ID, flow.spec.Exits[j].Name)
				break
			}
		}
	}
}

func (f *Frame) exitHolds(flow *flowPlan, j int, names []string) bool {
	exit := &flow.spec.Exits[j]
	switch {
	case exit.On != "" && !slices.Contains(names, exit.On):
		return false
	case exit.TossUp != "" && !slices.Contains(f.offered, exit.TossUp):
		return false
	}
	return f.holds(flow.exits[j])
}

// leaveStep counts the run out of the step on which it stood.
func (f *Frame) leaveStep(run *Run) {
	if run.Step != "" {
		f.gone("step:" + run.Workflow + "/" + run.Step)
	}
}

// leave ends a run. A message of it that has not gone is not sent.
func (f *Frame) leave(id RunID, exit string) {
	run := f.l.runByID(id)
	if run == nil {
		return
	}
	workflow, slot := run.Workflow, run.Slot()
	f.leaveStep(run)
	past := f.pastSlot(workflow, run.Key)
	past.Left, past.Exit = f.l.Now, "exit."+exit
	past.Entered, past.Goals = run.Entered, append(past.Goals[:0], run.Goals...)
	f.tally("exit:"+workflow+"/"+exit, "", 0)
	f.decide(Decision{Kind: Left, At: f.l.Now, Subject: workflow, Detail: exit})
	f.l.disarm(RunDue, slot)
	f.l.disarm(RunGiveUp, slot)
	f.l.Acts.Runs = slices.DeleteFunc(f.l.Acts.Runs, func(r Run) bool { return r.ID == id })
	f.withdraw(id)
	f.stale()
}
