package engine

import (
	"maps"
	"strings"

	"github.com/seed-456efde2/nurture/engine/kpi"
)

// Supply gives the conditions that are asked on this Frame the figures that they
// name and that no lead has.
func (f *Frame) Supply(facts map[string]any) {
	if f.vars.Facts == nil {
		f.vars.Facts = map[string]any{}
	}
	maps.Copy(f.vars.Facts, facts)
}

// Answer is a figure by the name under which a condition asks for it:
// "kpi.NAME.value", or "kpi.NAME.state", the worst state of its thresholds. There is
// no value where nothing was judged.
func (r *Figures) Answer(name string, state func(figure, labels string) *FigureState) (any, error) {
	rest, _ := strings.CutPrefix(name, "kpi.")
	figure, word, _ := strings.Cut(rest, ".")
	f, err := r.Figure(figure)
	if err != nil {
		return nil, err
	}
	if word != "state" {
		if !f.Total.Known {
			return nil, nil
		}
		return f.Total.Value, nil
	}
	worst := kpi.NoData
	look := func(labels string) {
		s := state(figure, labels)
		for i := range f.Spec.Thresholds {
			if w := s.Watch(f.Spec.Thresholds[i].Name); w != nil && severity[w.State] > severity[worst] {
				worst = w.State
			}
		}
	}
	look("")
	for i := range f.Parts {
		look(f.Parts[i].Labels)
	}
	return worst.String(), nil
}

// severity orders the states from the best to the worst.
var severity = map[kpi.Level]int{kpi.NoData: 0, kpi.OK: 1, kpi.Recovering: 2, kpi.Pending: 3, kpi.Firing: 4}

// ValueOf is a figure's answer as a Value.
func ValueOf(answer any) Value { return valueOf(answer) }
