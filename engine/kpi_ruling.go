package engine

import (
	"slices"
	"strings"

	"github.com/seed-456efde2/nurture/engine/kpi"
)

// VerdictMark is the last verdict about a threshold that the rulings know: what it
// asks for was done, or was not to be done, and is never done again.
type VerdictMark struct {
	Figure    LeadID // entity of the figure
	Threshold string
	Verdict   uint32
}

// marked reports whether a verdict is known.
func (r *Rulings) marked(figure LeadID, threshold string, verdict uint32) bool {
	return r != nil && slices.ContainsFunc(r.Verdicts, func(m VerdictMark) bool {
		return m.Figure == figure && m.Threshold == threshold && m.Verdict >= verdict
	})
}

// Unruled reports whether a figure's thresholds have verdicts that the rulings in
// force do not know, and that ask for something.
func (p *Program) Unruled(figure LeadID, s *FigureState) bool {
	return p.rulings.WithVerdicts(p, figure, s, 0) != nil
}

// WithVerdicts carries out what the verdicts about a figure ask of the rules, each
// once: a breach pauses a step, a workflow or a channel, which somebody must resume
// by hand, and lowers a cap, which a recovery lifts. It gives nil when there is
// nothing to do.
func (r *Rulings) WithVerdicts(p *Program, figure LeadID, s *FigureState, now Time) *Rulings {
	k := p.kpiSpec(s.KPI)
	if k == nil {
		return nil
	}
	next := r
	if next == nil {
		next = &Rulings{}
	}
	changed := false
	for i := range k.Thresholds {
		t := &k.Thresholds[i]
		w := s.Watch(t.Name)
		if w == nil || w.Verdict == 0 || t.Pause == 0 && t.Tighten == nil || next.marked(figure, t.Name, w.Verdict) {
			continue
		}
		next, changed = next.withVerdict(s, k, t, w, now).mark(figure, t.Name, w.Verdict), true
	}
	if !changed {
		return nil
	}
	return next
}

func (r *Rulings) withVerdict(s *FigureState, k *KPISpec, t *ThresholdSpec, w *Watching, now Time) *Rulings {
	by := "kpi " + k.Name + "/" + t.Name
	for _, label := range SplitLabels(s.Labels) {
		by += " " + label.Name + "=" + label.Value.Text()
	}
	next := *r
	next.Tightens = slices.DeleteFunc(slices.Clone(r.Tightens), func(x Tighten) bool { return x.By == by })
	if w.State != kpi.Firing {
		return &next
	}
	if x := t.Tighten; x != nil {
		next.Tightens = append(next.Tightens, Tighten{Policy: x.Policy, Channel: x.Channel, AtMost: x.AtMost, Per: x.Per, From: now, By: by})
	}
	if name := pausedName(t.Pause, s.Labels); name != "" {
		return next.WithPause(Pause{Scope: t.Pause, Name: name, From: now, By: by, Why: sources(t.When)})
	}
	return &next
}

// pausedName is what a pause by the labels of a figure stops, "" for nothing.
func pausedName(scope PauseScope, labels string) string {
	said := map[string]string{}
	for _, label := range SplitLabels(labels) {
		said[label.Name] = label.Value.Text()
	}
	switch scope {
	case PauseWorkflow:
		return said["workflow"]
	case PauseChannel:
		return said["channel"]
	case PauseStep:
		if said["workflow"] != "" && said["step"] != "" {
			return said["workflow"] + "/" + said["step"]
		}
	}
	return ""
}

// WithoutStrays lifts the caps that were lowered by thresholds which the rules have no
// more, or which lower no cap any more: nobody would ever see those recover. It gives
// r itself when there are none.
func (r *Rulings) WithoutStrays(p *Program) *Rulings {
	stray := func(t Tighten) bool { return !p.tightens(t.By) }
	if r == nil || !slices.ContainsFunc(r.Tightens, stray) {
		return r
	}
	next := *r
	next.Tightens = slices.DeleteFunc(slices.Clone(r.Tightens), stray)
	return &next
}

// tightens reports whether the rules have the threshold that a Tighten.By names.
func (p *Program) tightens(by string) bool {
	by, _, _ = strings.Cut(strings.TrimPrefix(by, "kpi "), " ")
	name, threshold, _ := strings.Cut(by, "/")
	k := p.kpiSpec(name)
	return k != nil && slices.ContainsFunc(k.Thresholds, func(t ThresholdSpec) bool { return t.Name == threshold && t.Tighten != nil })
}

func (r *Rulings) mark(figure LeadID, threshold string, verdict uint32) *Rulings {
	next := *r
	next.Verdicts = slices.DeleteFunc(slices.Clone(r.Verdicts), func(m VerdictMark) bool { return m.Figure == figure && m.Threshold == threshold })
	next.Verdicts = append(next.Verdicts, VerdictMark{figure, threshold, verdict})
	return &next
}
