package history

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/seed-456efde2/nurture/engine"
)

// Stranded is a step that new rules do not have, with the leads that stand on it and
// of whom nothing says where they go.
type Stranded struct {
	Workflow string
	Step     string
	Leads    int
	// Last is the one of them that, by what is armed now, stands there longest. While it
	// does, nobody need be counted again.
	Last engine.LeadID
}

// Stands reports whether a lead stands on the step.
func (s *Stranded) Stands(l *engine.Lead) bool {
	return slices.ContainsFunc(l.Acts.Runs, func(r engine.Run) bool { return r.Workflow == s.Workflow && r.Step == s.Step })
}

// FindStranded looks for leads that new rules would lose, by how each lead stands: it
// may not have heard yet of the rules that run. It looks at every lead; see MayStrand.
func FindStranded(rows Rows, new *engine.Spec) ([]Stranded, error) {
	counts := map[[2]string]*standing{}
	steps := newStepSets(new)
	for part := range rows.Partitions() {
		err := eachLead(rows, part, func(l *engine.Lead, _ []byte) error {
			for i := range l.Acts.Runs {
				r := &l.Acts.Runs[i]
				if !steps.lose(r) {
					continue
				}
				at := [2]string{r.Workflow, r.Step}
				if counts[at] == nil {
					counts[at] = &standing{}
				}
				counts[at].add(l, r)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	var list []Stranded
	for at, n := range counts {
		list = append(list, Stranded{at[0], at[1], n.leads, n.last})
	}
	slices.SortFunc(list, func(a, b Stranded) int {
		return cmp.Or(strings.Compare(a.Workflow, b.Workflow), strings.Compare(a.Step, b.Step))
	})
	return list, nil
}

// standing counts the leads on one step.
type standing struct {
	leads int
	last  engine.LeadID
	until engine.Time
}

func (s *standing) add(l *engine.Lead, r *engine.Run) {
	s.leads++
	until := engine.Time(math.MaxInt64) // without a timer only an event, or an answer, takes it on
	for i := range l.Timers {
		if t := &l.Timers[i]; (t.Kind == engine.RunDue || t.Kind == engine.RunGiveUp) && t.Ref == r.Slot() {
			until = t.Due
		}
	}
	if s.leads == 1 || until > s.until {
		s.last, s.until = l.ID, until
	}
}

// Strands gives the question whether new rules would lose a lead as it stands.
func Strands(new *engine.Spec) func(*engine.Lead) bool {
	steps := newStepSets(new)
	return func(l *engine.Lead) bool {
		for i := range l.Acts.Runs {
			if steps.lose(&l.Acts.Runs[i]) {
				return true
			}
		}
		return false
	}
}

// MayStrand reports whether new rules lack a step that old ones have without saying
// where its leads go. Where every lead has heard of the old rules, and they may not
// strand anybody, nobody need be looked at.
func MayStrand(old, new *engine.Spec) bool {
	steps := newStepSets(new)
	for i := range old.Flows {
		was := &old.Flows[i]
		for j := range was.Steps {
			s := &was.Steps[j]
			if steps.lose(&engine.Run{Workflow: was.Name, Step: s.Name, Removed: s.Removed}) {
				return true
			}
		}
	}
	return false
}

// stepSets are the steps of each workflow, with those that it says leads have moved
// from.
type stepSets map[string]map[string]bool

func newStepSets(spec *engine.Spec) stepSets {
	sets := stepSets{}
	for i := range spec.Flows {
		f := &spec.Flows[i]
		set := map[string]bool{}
		for j := range f.Steps {
			set[f.Steps[j].Name] = true
		}
		for from, to := range f.Moved {
			set[from] = set[from] || set[to]
		}
		sets[f.Name] = set
	}
	return sets
}

// lose reports whether a run stands on a step of which neither these rules nor those
// by which it stands there say anything. A workflow that is removed as a whole lets
// its leads go: that is what removing it says.
func (s stepSets) lose(r *engine.Run) bool {
	steps, ok := s[r.Workflow]
	return ok && !steps[r.Step] && r.Removed != "exit" && (r.Removed == "" || !steps[r.Removed])
}
