package history

import (
	"cmp"
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
}

// FindStranded looks for leads that new rules would lose. It is quick where no step
// is gone: then nobody is looked at.
func FindStranded(rows Rows, old, new *engine.Spec) ([]Stranded, error) {
	gone := goneSteps(old, new)
	if len(gone) == 0 {
		return nil, nil
	}
	counts := map[[2]string]int{}
	for part := range rows.Partitions() {
		err := eachLead(rows, part, func(l *engine.Lead, _ []byte) error {
			for i := range l.Acts.Runs {
				if r := &l.Acts.Runs[i]; gone[[2]string{r.Workflow, r.Step}] {
					counts[[2]string{r.Workflow, r.Step}]++
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	var list []Stranded
	for at, n := range counts {
		list = append(list, Stranded{at[0], at[1], n})
	}
	slices.SortFunc(list, func(a, b Stranded) int {
		return cmp.Or(strings.Compare(a.Workflow, b.Workflow), strings.Compare(a.Step, b.Step))
	})
	return list, nil
}

// goneSteps are the steps of workflows that are still there which new rules neither
// have nor say anything about. A workflow that is removed as a whole lets its leads
// go: that is what removing it says.
func goneSteps(old, new *engine.Spec) map[[2]string]bool {
	gone := map[[2]string]bool{}
	for i := range old.Flows {
		was := &old.Flows[i]
		j := slices.IndexFunc(new.Flows, func(f engine.FlowSpec) bool { return f.Name == was.Name })
		if j < 0 {
			continue
		}
		now := &new.Flows[j]
		has := func(step string) bool {
			return slices.ContainsFunc(now.Steps, func(s engine.StepSpec) bool { return s.Name == step })
		}
		for k := range was.Steps {
			s := &was.Steps[k]
			if !has(s.Name) && !has(now.Moved[s.Name]) && s.Removed != "exit" && !has(s.Removed) {
				gone[[2]string{was.Name, s.Name}] = true
			}
		}
	}
	return gone
}
