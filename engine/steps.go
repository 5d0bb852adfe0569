package engine

import (
	"slices"

	"github.com/seed-456efde2/nurture/engine/calendar"
)

// attributesSet is the derived fact by which a `set` step changes attributes: it
// folds as an identify does, so that attributes stay a function of the facts.
const attributesSet = "attributes_set"

// openingAfter is the first instant from began on at which the window is open.
func (f *Frame) openingAfter(w *calendar.Window, began Time) (due Time, waits bool) {
	local := began.In(f.zone)
	if w.Covers(local) {
		return 0, false
	}
	opening, ok := calendar.NextOpening(local, w, nil)
	if !ok {
		return 0, true
	}
	return TimeOf(opening), true
}

// split is the arm of a lead: the same at every visit, by hash.
func (f *Frame) split(flow *flowPlan, step *StepSpec) (first int) {
	name := flow.spec.Name + "/" + step.Name
	arms := step.Split.Arms
	i := drawn(newHasher("split").text(name).text(string(f.l.ID[:])).key(), len(arms), func(i int) float64 { return arms[i].Weight })
	f.tally("arm:"+name+":"+arms[i].Name, "", 0)
	f.decide(Decision{Kind: Drawn, At: f.l.Now, Subject: name, Detail: arms[i].Name})
	return arms[i].First
}

// drawn picks one of n by weight; the key alone decides.
func drawn(key ActionKey, n int, weight func(int) float64) int {
	total := 0.0
	for i := range n {
		total += weight(i)
	}
	at := fraction(key, 0) * total
	for i := range n {
		if at -= weight(i); at < 0 {
			return i
		}
	}
	return n - 1
}

// value computes an expression in the frame's view.
func (f *Frame) value(v Val, slots []int) (Value, error) {
	for _, s := range slots {
		f.load(s)
	}
	return v.Value(&f.vars)
}

// values computes what a step assigns. One that cannot be computed is left out
// and leaves a fault.
func (f *Frame) values(flow *flowPlan, i int, list []Assign) []Field {
	fields := make([]Field, 0, len(list))
	for j := range list {
		v, err := f.value(list[j].Value, flow.values[i][j])
		if err != nil {
			f.fault("workflow."+flow.spec.Name+"."+flow.spec.Steps[i].Name, list[j].Value, err)
			continue
		}
		fields = append(fields, Field{list[j].Name, v})
	}
	return fields
}

// set changes attributes of the lead, seen by the steps after it.
func (f *Frame) set(flow *flowPlan, i int) {
	fields := f.values(flow, i, flow.spec.Steps[i].Set.Values)
	if len(fields) == 0 {
		return
	}
	for _, field := range fields {
		f.decide(Decision{Kind: Set, At: f.l.Now, Subject: "lead." + field.Name, Detail: flow.spec.Name + "/" + flow.spec.Steps[i].Name})
	}
	e, plan := f.event, f.plan
	f.deriveNow(attributesSet, fields)
	f.look(&f.l.Folds, f.l.Now, e, plan)
}

// emit brings an own event, at this instant.
func (f *Frame) emit(flow *flowPlan, i int) {
	s := flow.spec.Steps[i].Emit
	f.derive(s.Event, f.values(flow, i, s.Fields)...)
}

// again takes a goto as often as it may be taken, and goes on after that.
func (f *Frame) again(run *Run, step *StepSpec) int {
	i := slices.IndexFunc(run.Loops, func(l Loop) bool { return l.Step == step.Name })
	if i < 0 {
		run.Loops = append(run.Loops, Loop{Step: step.Name})
		i = len(run.Loops) - 1
	}
	if int(run.Loops[i].N) >= step.Goto.AtMost {
		return step.Next
	}
	run.Loops[i].N++
	return step.Goto.To
}

// The arms of a hold-out, and its counters: "holdout:WORKFLOW" the leads by their
// first entry, "holdout:WORKFLOW/GOAL" those of them that reached the goal.
const (
	holdoutCounter = "holdout:"
	goalCounter    = "goal:"
	armIn          = "in"
	armOut         = "held_out"
)

// goals counts what the workflows are for: within the goal's window after
// entering, inside or out, once a run. Held-out leads are counted beside the
// others.
func (f *Frame) goals(e *Event, plan *eventPlan) {
	for _, ref := range plan.goals {
		flow := &f.p.flows[ref.flow]
		goal := &flow.spec.Goals[ref.goal]
		reached := func(key string, entered Time, have *[]string, arm string) {
			if !f.ofKey(flow, key) || e.At < entered || e.At > entered.Add(goal.Within) || slices.Contains(*have, goal.Name) || !f.holds(flow.goals[ref.goal]) {
				return
			}
			*have = append(*have, goal.Name)
			of := flow.spec.Name + "/" + goal.Name
			f.tally(goalCounter+of, armLabel+arm, entered)
			compared := flow.spec.Holdout > 0 && f.l.entries(flow.spec.Name) == 1
			if compared {
				f.tally(holdoutCounter+of, armLabel+arm, entered)
			}
			f.noteTaken(Cohort{KPI: goalCounter + of, At: entered, Message: key, Labels: armLabel + arm, Done: compared}, e)
			f.decide(Decision{Kind: Reached, At: e.At, Subject: flow.spec.Name, Detail: goal.Name, Because: f.becauseAgain()})
		}
		for i := range f.l.Acts.Runs {
			r := &f.l.Acts.Runs[i]
			if at, ok := f.p.flowOf(r.Workflow, r.Canary); ok && at == ref.flow {
				reached(r.Key, r.Entered, &r.Goals, "in")
			}
		}
		for i := range f.l.Acts.Past {
			p := &f.l.Acts.Past[i]
			if p.Workflow != flow.spec.Name || f.l.runOf(p.Workflow, p.Key) != nil {
				continue
			}
			arm := armIn
			if p.Ghost {
				arm = armOut
			}
			reached(p.Key, p.Entered, &p.Goals, arm)
		}
	}
}
