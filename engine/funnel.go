package engine

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// FunnelSpec is a way to a result in numbers: how many leads are needed at its
// end, and by which steps they come. Each lead counts once at each step.
//
//  1. A lead passes a step at the first instant within the period at which an
//     event of it happened. What happened before the period or after it passes
//     nothing.
//  2. Steps are passed on their own: a lead may inquire without having clicked.
//  3. Passes are a fold: a late, merged or re-judged fact changes them as if it
//     had been known at once, and takes back what it had counted.
type FunnelSpec struct {
	Name  string
	Label string
	From  Time // first instant of the period
	To    Time // first instant after it
	Goal  int64
	By    string // attribute by which figures are told apart, "" for none
	Steps []FunnelStep
}

// FunnelStep is one step: the event that reaches it, and the share of the step
// before that is expected to.
type FunnelStep struct {
	Name  string
	Label string
	Count string // event
	When  []Cond // which of them count; they read the event and the lead as it was then
	Rate  float64
}

// Pass is the first time that a lead reached a step of a funnel.
type Pass struct {
	Funnel string
	Step   string
	Index  int32 // place of Step in the funnel
	At     Time
	By     string // value of the funnel's By as of that event; see labelOf
}

// FunnelCounter names the counter of the leads that passed a step, by the hour in
// which they did.
func FunnelCounter(funnel, step string) string { return "funnel:" + funnel + ":" + step }

// FunnelLagCounter names the counter of the leads that passed a step after the one
// before it, by the hour of the step before; LagLabel tells how long it took.
func FunnelLagCounter(funnel, step string) string { return FunnelCounter(funnel, step) + ":lag" }

// FunnelCohortCounter names the same counted from the funnel's first step.
func FunnelCohortCounter(funnel, step string) string { return FunnelCounter(funnel, step) + ":cohort" }

// LagLabel is the label under which a lag is counted: in whole hours, rounded up,
// so that "within 14 days" is exact.
const LagLabel = "lag"

// funnelRef is a step that an event reaches.
type funnelRef struct{ funnel, step int }

type funnelPlan struct {
	spec *FunnelSpec
	when []*rule // by step
	by   int     // slot of By, -1
}

// buildFunnels indexes the steps by the events that reach them.
func (p *Program) buildFunnels() error {
	index := map[string]int{}
	for i := range p.spec.Funnels {
		s := &p.spec.Funnels[i]
		if err := unique(index, "funnel", s.Name, i); err != nil {
			return err
		}
		plan := funnelPlan{spec: s, by: -1}
		if s.By != "" {
			if _, ok := p.attrs[s.By]; !ok {
				return fmt.Errorf("funnel %q is told apart by %q, which is no attribute", s.Name, s.By)
			}
			plan.by = p.slot(Key{Kind: KeyLead, Name: s.By})
		}
		steps := map[string]int{}
		for j := range s.Steps {
			step := &s.Steps[j]
			if err := unique(steps, "step of the funnel "+s.Name, step.Name, j); err != nil {
				return err
			}
			if err := p.known("funnel "+s.Name, step.Count); err != nil {
				return err
			}
			plan.when = append(plan.when, p.rule(step.When, "funnel."+s.Name+"."+step.Name))
			event := p.events[step.Count]
			event.funnels = append(event.funnels, funnelRef{i, j})
		}
		p.funnels = append(p.funnels, plan)
	}
	return nil
}

// funnelReads are the slots that a funnel's step reads when its event comes.
func (p *Program) funnelReads(ref funnelRef) []int {
	plan := &p.funnels[ref.funnel]
	slots := plan.when[ref.step].reads()
	if plan.by >= 0 {
		slots = append(slots, plan.by)
	}
	return slots
}

// meaning is all that the passes of a funnel depend on.
func (s *FunnelSpec) meaning(h hasher) {
	h.text(fmt.Sprint("funnel", s.Name, s.From, s.To, s.By))
	for i := range s.Steps {
		h.text(s.Steps[i].Name).text(s.Steps[i].Count)
		h.conds(s.Steps[i].When)
	}
}

// foldPasses notes which steps an event reaches. The view stands on the event, with
// the folds as of it. The earliest one counts, in whatever order they come.
func (f *Frame) foldPasses(folds *Folds, e *Event, plan *eventPlan) {
	for _, ref := range plan.funnels {
		funnel := &f.p.funnels[ref.funnel]
		if e.At < funnel.spec.From || e.At >= funnel.spec.To || !f.holds(funnel.when[ref.step]) {
			continue
		}
		pass := Pass{Funnel: funnel.spec.Name, Step: funnel.spec.Steps[ref.step].Name, Index: int32(ref.step), At: e.At}
		if funnel.by >= 0 {
			pass.By = labelValue(f.read(&f.p.keys[funnel.by]).Text())
		}
		folds.pass(pass)
	}
}

// pass keeps the earlier of two passes of one step.
func (folds *Folds) pass(pass Pass) {
	i, known := slices.BinarySearchFunc(folds.Passes, pass, func(a, b Pass) int {
		if c := strings.Compare(a.Funnel, b.Funnel); c != 0 {
			return c
		}
		return strings.Compare(a.Step, b.Step)
	})
	switch {
	case !known:
		folds.Passes = slices.Insert(folds.Passes, i, pass)
	case pass.At < folds.Passes[i].At:
		folds.Passes[i] = pass
	}
}

// maxLabelLength bounds a label that comes from an attribute, in bytes.
const maxLabelLength = 96

// labelValue makes a value fit for a label.
func labelValue(s string) string {
	if strings.Contains(s, labelSeparator) {
		s = strings.ReplaceAll(s, labelSeparator, " ")
	}
	for len(s) > maxLabelLength {
		_, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
	}
	return s
}
