package engine

import (
	"slices"
	"strings"
)

// A goal that a click has reached, and a guard that it has hurt, are counted by the
// fact that did it, so that they are taken back when the click is later judged to be
// a machine's. Only opens and clicks can be judged anew, so only what they did is
// remembered: a Cohort named by the counter, of which the latest maxTaken are kept.
// What follows from a goal or a guard (a winner, a verdict about a figure) is an act
// and stays.

const maxTaken = 32

// noteTaken remembers a count that a hit has brought. Done says that it stands in
// the hold-out's counter too.
func (f *Frame) noteTaken(c Cohort, e *Event) {
	plan := f.planOf(e)
	if plan == nil || plan.machine == nil {
		return
	}
	mine := 0
	for i := range f.l.Acts.Cohorts {
		if isTaken(f.l.Acts.Cohorts[i].KPI) {
			mine++
		}
	}
	if mine >= maxTaken {
		i := slices.IndexFunc(f.l.Acts.Cohorts, func(c Cohort) bool { return isTaken(c.KPI) })
		f.l.Acts.Cohorts = slices.Delete(f.l.Acts.Cohorts, i, i+1)
	}
	c.By = e.ID
	f.l.Acts.Cohorts = append(f.l.Acts.Cohorts, c)
}

func isTaken(name string) bool {
	return strings.HasPrefix(name, goalCounter) || strings.HasPrefix(name, experimentCounter)
}

// takeBack takes back the goals and guards that a fact has counted. It reports
// whether there were any.
func (f *Frame) takeBack(fact string) bool {
	var taken []Cohort
	f.l.Acts.Cohorts = slices.DeleteFunc(f.l.Acts.Cohorts, func(c Cohort) bool {
		if !isTaken(c.KPI) || c.By != fact {
			return false
		}
		taken = append(taken, c)
		return true
	})
	for i := range taken {
		c := &taken[i]
		f.less(c.KPI, c.Labels, c.At, 0, 0)
		if goal, ok := strings.CutPrefix(c.KPI, goalCounter); ok {
			if c.Done {
				f.less(holdoutCounter+goal, c.Labels, c.At, 0, 0)
			}
			f.forgetGoal(goal, c.Message)
			continue
		}
		f.forgetGuard(c.KPI)
	}
	return len(taken) > 0
}

// forgetGoal lets a run, or what is remembered of it, reach a goal again.
func (f *Frame) forgetGoal(goal, key string) {
	workflow, name, _ := strings.Cut(goal, "/")
	drop := func(list *[]string) {
		*list = slices.DeleteFunc(*list, func(have string) bool { return have == name })
	}
	for i := range f.l.Acts.Runs {
		if r := &f.l.Acts.Runs[i]; r.Workflow == workflow && r.Key == key {
			drop(&r.Goals)
		}
	}
	for i := range f.l.Acts.Past {
		if p := &f.l.Acts.Past[i]; p.Workflow == workflow && p.Key == key {
			drop(&p.Goals)
		}
	}
}

func (f *Frame) forgetGuard(counter string) {
	for i := range f.l.Acts.Trials {
		t := &f.l.Acts.Trials[i]
		t.Guards = slices.DeleteFunc(t.Guards, func(event string) bool {
			return experimentCounter+t.Experiment+":"+event == counter
		})
	}
}
