package engine

import "slices"

// A run goes step by step: it stands on a wait until the time or an event comes,
// on a channel step until the message is accepted, refused or skipped; branches
// and exits it passes at once.

// enters lets the lead into the workflows that an event opens.
func (f *Frame) enters(e *Event, plan *eventPlan) {
	for _, i := range plan.enters {
		flow := &f.p.flows[i]
		if f.l.run(flow.spec.Name) != nil || !f.mayReEnter(flow) || !f.holds(flow.enter) {
			continue
		}
		past := f.pastSlot(flow.spec.Name)
		past.Entries++
		past.Entered = f.l.Now
		f.tally(flow.entered, "", 0)
		f.decide(Decision{Kind: Enrolled, At: f.l.Now, Subject: flow.spec.Name, Because: f.because(flow.enter)})
		f.l.Acts.Runs = append(f.l.Acts.Runs, Run{
			Workflow: flow.spec.Name, ID: runID(e, flow.spec.Name), Entered: f.l.Now, Reached: f.l.Now, Entry: e.ID,
		})
		first := EndOfFlow
		if len(flow.spec.Steps) > 0 {
			first = 0
		}
		f.advance(flow, first)
	}
}

func (f *Frame) mayReEnter(flow *flowPlan) bool {
	past := f.l.past(flow.spec.Name)
	if past == nil || past.Entries == 0 {
		return true
	}
	again := flow.spec.ReEnter
	if again == nil || again.AtMost > 0 && int(past.Entries) > again.AtMost {
		return false
	}
	return f.l.Now >= past.Left.Add(again.After)
}

func (f *Frame) pastSlot(workflow string) *Past {
	if p := f.l.past(workflow); p != nil {
		return p
	}
	f.l.Acts.Past = append(f.l.Acts.Past, Past{Workflow: workflow})
	return &f.l.Acts.Past[len(f.l.Acts.Past)-1]
}

// advance moves the workflow's run to a step and on from there until it stands.
// Without loops in the steps, a run passes each at most once.
func (f *Frame) advance(flow *flowPlan, to int) {
	on := f.folds
	at, e, plan := f.now, f.event, f.plan
	f.look(&f.l.Folds, f.l.Now, e, plan) // steps are reached at the lead's now
	for range len(flow.spec.Steps) + 1 {
		if to == EndOfFlow {
			f.leave(flow, "end")
			break
		}
		next, stands := f.reach(flow, to)
		if stands {
			break
		}
		to = next
	}
	f.look(on, at, e, plan)
}

// reach puts the run on a step. It reports where to go on, or that the run
// stands.
func (f *Frame) reach(flow *flowPlan, i int) (next int, stands bool) {
	step := &flow.spec.Steps[i]
	run := f.l.run(flow.spec.Name)
	f.leaveStep(run)
	run.Step, run.Reached = step.Name, f.l.Now
	run.Visit++
	f.tally(flow.counter[i], "", 0)
	f.decide(Decision{Kind: Stepped, At: f.l.Now, Subject: flow.spec.Name, Detail: step.Name})
	switch step.Kind {
	case WaitStep:
		f.wait(flow, step.Wait)
		return 0, true
	case BranchStep:
		for j, c := range step.Branch.Cases {
			if f.holds(flow.cases[i][j]) {
				return c.First, false
			}
		}
		return step.Branch.Otherwise, false
	case SendStep:
		return step.Next, f.reachSend(flow, step, run)
	}
	f.leave(flow, step.Name)
	return 0, true
}

func (f *Frame) wait(flow *flowPlan, w *WaitSpec) {
	length, kind := w.For, RunDue
	if len(w.On) > 0 {
		length, kind = w.AtMost, RunGiveUp
	}
	if length.IsZero() {
		return
	}
	due := length.After(f.l.Now.In(f.zone), f.p.spec.Calendar)
	f.l.arm(kind, flow.spec.Name, TimeOf(due))
}

// runDue goes on after a wait's time is over.
func (f *Frame) runDue(workflow string, _ *Event) {
	i, ok := f.p.flow[workflow]
	run := f.l.run(workflow)
	if !ok || run == nil {
		return
	}
	flow := &f.p.flows[i]
	at, ok := flow.steps[run.Step]
	if !ok || flow.spec.Steps[at].Kind != WaitStep {
		return
	}
	f.advance(flow, flow.spec.Steps[at].Next)
}

// waitsOn lets the runs go on that waited for this event.
func (f *Frame) waitsOn(e *Event, name string) {
	for i := range f.p.flows {
		flow := &f.p.flows[i]
		run := f.l.run(flow.spec.Name)
		if run == nil || e.At < run.Reached {
			continue
		}
		at, ok := flow.steps[run.Step]
		if !ok {
			continue
		}
		w := flow.spec.Steps[at].Wait
		if w == nil || !slices.Contains(w.On, name) || !ofRun(run, e) || !f.holds(flow.waits[at]) {
			continue
		}
		f.l.disarm(RunGiveUp, flow.spec.Name)
		f.advance(flow, flow.spec.Steps[at].Next)
	}
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
		at, ok := f.p.flow[f.l.Acts.Runs[i].Workflow]
		if !ok {
			continue
		}
		flow := &f.p.flows[at]
		for j := range flow.spec.Exits {
			if f.exitHolds(flow, j, names) {
				f.leave(flow, flow.spec.Exits[j].Name)
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

// leave ends the workflow's run. A message of it that has not gone is not sent.
func (f *Frame) leave(flow *flowPlan, exit string) {
	workflow := flow.spec.Name
	run := f.l.run(workflow)
	id := run.ID
	f.leaveStep(run)
	past := f.pastSlot(workflow)
	past.Left, past.Exit = f.l.Now, "exit."+exit
	f.tally("exit:"+workflow+"/"+exit, "", 0)
	f.decide(Decision{Kind: Left, At: f.l.Now, Subject: workflow, Detail: exit})
	f.l.disarm(RunDue, workflow)
	f.l.disarm(RunGiveUp, workflow)
	for i := range f.l.Acts.Runs {
		if f.l.Acts.Runs[i].Workflow == workflow {
			f.l.Acts.Runs = slices.Delete(f.l.Acts.Runs, i, i+1)
			break
		}
	}
	f.withdraw(id)
	f.stale()
}

// replace brings the runs of a lead that another program left to this program's
// steps: by name, by moved, or out when the step is gone.
func (f *Frame) replace() {
	l := f.l
	for i := len(l.Acts.Runs) - 1; i >= 0; i-- {
		run := &l.Acts.Runs[i]
		at, ok := f.p.flow[run.Workflow]
		if !ok {
			f.leave(&flowPlan{spec: &FlowSpec{Name: run.Workflow}}, "removed")
			continue
		}
		flow := &f.p.flows[at]
		if _, ok := flow.steps[run.Step]; ok {
			continue
		}
		to, ok := flow.spec.Moved[run.Step]
		next, known := flow.steps[to]
		if !ok || !known {
			f.leave(flow, "removed")
			continue
		}
		l.disarm(RunDue, run.Workflow)
		l.disarm(RunGiveUp, run.Workflow)
		f.withdraw(run.ID)
		f.advance(flow, next)
	}
}
