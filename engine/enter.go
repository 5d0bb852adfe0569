package engine

import "slices"

// Reason codes of a lead that would enter a workflow and does not.
const (
	FlowPaused  = "paused"
	FlowDrained = "drained"
	LaneBusy    = "lane_busy"
	AtOnce      = "at_once"
)

// enters lets the lead into the workflows that an event opens.
func (f *Frame) enters(e *Event, plan *eventPlan) {
	for _, i := range plan.enters {
		flow := &f.p.flows[i]
		if key, ok := f.entryKey(flow); ok {
			f.enter(flow, e, key)
		}
	}
}

// entryKey is the value that tells the workflow's runs apart. Without a value
// there is no run to name, and nobody enters.
func (f *Frame) entryKey(flow *flowPlan) (key string, ok bool) {
	by := flow.spec.Enter.Key
	if by == nil {
		return "", true
	}
	v, err := f.value(by, flow.key)
	if err != nil {
		f.fault("workflow."+flow.spec.Name, by, err)
		return "", false
	}
	return v.String(), v.String() != ""
}

// enter lets the lead into a workflow, unless it is inside, has been in too short
// a while ago, or is kept out. e is the fact that opened it.
func (f *Frame) enter(flow *flowPlan, e *Event, key string) {
	name := flow.spec.Name
	if f.l.runOf(name, key) != nil || !f.mayReEnter(flow, key) || !f.holds(flow.enter) {
		return
	}
	if code := f.keptOut(flow); code != "" {
		f.decide(Decision{Kind: NotEntered, At: f.l.Now, Subject: name, Detail: code})
		return
	}
	because := f.because(flow.enter)
	past := f.pastSlot(name, key)
	past.Entries++
	past.Entered, past.Goals, past.Ghost = f.l.Now, past.Goals[:0], false
	if f.heldOut(flow) {
		past.Ghost, past.Left, past.Exit = true, f.l.Now, "exit.held_out"
		f.tally("flow:"+name+":held_out", "", 0)
		f.firstEntry(flow, armOut)
		f.decide(Decision{Kind: HeldOut, At: f.l.Now, Subject: name, Because: because})
		return
	}
	f.tally(flow.entered, "", 0)
	f.firstEntry(flow, armIn)
	f.decide(Decision{Kind: Enrolled, At: f.l.Now, Subject: name, Because: because})
	id := runID(e, name)
	f.l.Acts.Runs = append(f.l.Acts.Runs, Run{
		Workflow: name, Key: key, ID: id, Entered: f.l.Now, Reached: f.l.Now, Entry: e.ID, Canary: f.p.entering(),
	})
	first := EndOfFlow
	if len(flow.spec.Steps) > 0 {
		first = 0
	}
	f.advance(flow, id, first)
}

func (f *Frame) mayReEnter(flow *flowPlan, key string) bool {
	past := f.l.pastOf(flow.spec.Name, key)
	if past == nil || past.Entries == 0 {
		return true
	}
	again := flow.spec.ReEnter
	if again == nil || again.AtMost > 0 && int(past.Entries) > again.AtMost {
		return false
	}
	return f.l.Now >= past.Left.Add(again.After)
}

// keptOut is the reason for which somebody who may enter does not, "" for none.
// In a lane the workflow of the higher priority takes the lead over.
func (f *Frame) keptOut(flow *flowPlan) string {
	spec := flow.spec
	switch {
	case f.p.paused(spec.Name, "") != nil:
		return FlowPaused
	case f.p.drained(spec.Name):
		return FlowDrained
	case spec.ReEnter != nil && spec.ReEnter.AtOnce > 0 && f.l.inside(spec.Name) >= spec.ReEnter.AtOnce:
		return AtOnce
	case spec.Lane == "":
		return ""
	}
	var others []RunID
	for i := range f.l.Acts.Runs {
		run := &f.l.Acts.Runs[i]
		at, ok := f.p.flowOf(run.Workflow, run.Canary)
		if !ok || run.Workflow == spec.Name || f.p.flows[at].spec.Lane != spec.Lane {
			continue
		}
		if f.p.flows[at].spec.Priority >= spec.Priority {
			return LaneBusy
		}
		others = append(others, f.l.Acts.Runs[i].ID)
	}
	for _, id := range others {
		f.leave(id, "displaced")
	}
	return ""
}

// firstEntry counts a lead for the comparison with the hold-out, once in its life:
// somebody who enters three times is one finding, not three.
func (f *Frame) firstEntry(flow *flowPlan, arm string) {
	if flow.spec.Holdout > 0 && f.l.entries(flow.spec.Name) == 1 {
		f.tally(holdoutCounter+flow.spec.Name, armLabel+arm, 0)
	}
}

// heldOut reports whether the workflow's hold-out has the lead: always the same
// leads, by hash.
func (f *Frame) heldOut(flow *flowPlan) bool {
	if flow.spec.Holdout <= 0 {
		return false
	}
	key := newHasher("holdout").text(flow.spec.Name).text(string(f.l.ID[:])).key()
	return fraction(key, 0)*100 < flow.spec.Holdout
}

// pastSlot is what is remembered of a workflow and an entry key. Of the keys of
// one workflow the latest MaxPastKeys are kept.
func (f *Frame) pastSlot(workflow, key string) *Past {
	if p := f.l.pastOf(workflow, key); p != nil {
		return p
	}
	n, oldest := 0, -1
	past := &f.l.Acts.Past
	for i := range *past {
		if (*past)[i].Workflow != workflow {
			continue
		}
		n++
		if f.l.runOf(workflow, (*past)[i].Key) == nil && (oldest < 0 || (*past)[i].Entered < (*past)[oldest].Entered) {
			oldest = i
		}
	}
	if n >= MaxPastKeys && oldest >= 0 {
		*past = slices.Delete(*past, oldest, oldest+1)
	}
	*past = append(*past, Past{Workflow: workflow, Key: key})
	return &(*past)[len(*past)-1]
}

// runOf finds the lead's run in a workflow under an entry key, nil when there is
// none. The pointer is valid until the lead changes.
func (l *Lead) runOf(workflow, key string) *Run {
	for i := range l.Acts.Runs {
		if r := &l.Acts.Runs[i]; r.Workflow == workflow && r.Key == key {
			return r
		}
	}
	return nil
}

func (l *Lead) runByID(id RunID) *Run {
	for i := range l.Acts.Runs {
		if l.Acts.Runs[i].ID == id {
			return &l.Acts.Runs[i]
		}
	}
	return nil
}

// runBySlot finds the run that a timer names.
func (l *Lead) runBySlot(slot string) *Run {
	for i := range l.Acts.Runs {
		if l.Acts.Runs[i].Slot() == slot {
			return &l.Acts.Runs[i]
		}
	}
	return nil
}

// inside is how many runs of the lead are under way in a workflow.
func (l *Lead) inside(workflow string) int {
	n := 0
	for i := range l.Acts.Runs {
		if l.Acts.Runs[i].Workflow == workflow {
			n++
		}
	}
	return n
}

// entries is how often the lead has entered a workflow, under whatever keys.
func (l *Lead) entries(workflow string) int {
	n := 0
	for i := range l.Acts.Past {
		if l.Acts.Past[i].Workflow == workflow {
			n += int(l.Acts.Past[i].Entries)
		}
	}
	return n
}

func (l *Lead) pastOf(workflow, key string) *Past {
	for i := range l.Acts.Past {
		if p := &l.Acts.Past[i]; p.Workflow == workflow && p.Key == key {
			return p
		}
	}
	return nil
}
