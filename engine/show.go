package engine

import (
	"fmt"
	"slices"
)

// ShowSpec lets a wait be seen: while a lead stands on the step, a slot of the web
// site shows it Content. Nothing is sent; the site asks, and the answer follows from
// where the lead stands.
type ShowSpec struct {
	Slot    string
	Content Content
}

// webKind begins the names of the events that come back from what is shown.
const webKind = "web"

// The events that come back from what is shown on the site. They carry the slot, the
// workflow, the step and the showing.
const (
	WebShown   = "web_shown"
	WebClicked = "web_clicked"
)

// Showing is what one slot of the site shows one lead.
type Showing struct {
	ID       ActionKey // of this visit to the step
	Slot     string
	Workflow string
	Step     string
	Reached  Time
	Place    Place

	content  Content
	priority int
}

// Showing is what a slot shows a lead now, nil for nothing. Of several workflows the
// one of the greatest priority shows, of equals the one whose step was reached last.
// What is paused shows nothing, and so does everything to leads whom the workspace
// holds out.
func (p *Program) Showing(l *Lead, slot string) *Showing {
	p = p.about(l)
	if !p.shows || p.spec.Holdout > 0 && p.HeldBack(l.ID) {
		return nil
	}
	var best *Showing
	for i := range l.Acts.Runs {
		if s := p.showingOf(l, &l.Acts.Runs[i], slot); s != nil && (best == nil || s.before(best)) {
			best = s
		}
	}
	return best
}

// showingOf is what one run shows in a slot.
func (p *Program) showingOf(l *Lead, run *Run, slot string) *Showing {
	at, ok := p.flowOf(run.Workflow, run.Canary)
	if !ok || run.Hold != NotHeld || p.paused(run.Workflow, run.Step) != nil {
		return nil
	}
	flow := &p.flows[at]
	i, ok := flow.steps[run.Step]
	if !ok || flow.spec.Steps[i].Show == nil || flow.spec.Steps[i].Show.Slot != slot {
		return nil
	}
	step := &flow.spec.Steps[i]
	return &Showing{
		ID:   newHasher("show").text(string(run.ID[:])).text(run.Step).number(int64(run.Visit)).key(),
		Slot: slot, Workflow: run.Workflow, Step: run.Step, Reached: run.Reached, Place: step.Place,
		content: step.Show.Content, priority: flow.spec.Priority,
	}
}

// before reports whether s is shown rather than o.
func (s *Showing) before(o *Showing) bool {
	switch {
	case s.priority != o.priority:
		return s.priority > o.priority
	case s.Reached != o.Reached:
		return s.Reached > o.Reached
	}
	return s.Workflow < o.Workflow
}

// Slots are the slots that some step shows something in, sorted.
func (p *Program) Slots() []string {
	var slots []string
	p.eachStep(func(step *StepSpec) {
		if s := step.Show; s != nil && !slices.Contains(slots, s.Slot) {
			slots = append(slots, s.Slot)
		}
	})
	if p.canary != nil {
		slots = append(slots, p.canary.Slots()...)
	}
	slices.Sort(slots)
	return slices.Compact(slots)
}

// RenderShow renders what is shown, from what the lead is at an instant.
func (p *Program) RenderShow(f *Frame, l *Lead, now Time, s *Showing) ([]Field, error) {
	p, f = p.with(l, f)
	f.bind(p, l, nil, nil)
	f.look(&l.Folds, max(now, l.Now), nil, nil)
	f.loadFor(s.content)
	parts, err := s.content.Render(&f.vars)
	if err != nil {
		return nil, fmt.Errorf("render %s/%s: %w", s.Workflow, s.Step, err)
	}
	return parts, nil
}

// readShown is the step that shows in a slot, "" for none.
func (f *Frame) readShown(slot string) Value {
	if s := f.p.Showing(f.l, slot); s != nil {
		return TextValue(s.Step)
	}
	return TextValue("")
}

// buildShow sees that what is shown can be.
func (p *Program) buildShow(s *StepSpec, where string) error {
	if s.Show == nil {
		return nil
	}
	if s.Kind != WaitStep || s.Show.Slot == "" || s.Show.Content == nil {
		return fmt.Errorf("%s shows nothing, or nowhere", where)
	}
	p.shows = true
	return nil
}

// ofShow reports whether an event that says what was shown speaks of the run's step.
// Every other event may end the wait as it says itself.
func ofShow(step *StepSpec, run *Run, e *Event) bool {
	if step.Show == nil {
		return true
	}
	slot, ok := Lookup(e.Fields, "slot")
	if !ok {
		return true
	}
	workflow, named := Lookup(e.Fields, "workflow")
	name, _ := Lookup(e.Fields, "step")
	return slot.Text() == step.Show.Slot && (!named || workflow.Text() == run.Workflow && name.Text() == run.Step)
}
