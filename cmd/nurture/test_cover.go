package main

import (
	"fmt"
	"strings"

	"github.com/seed-456efde2/nurture/engine"
)

// coverage counts which steps and conditions the tests have reached.
type coverage struct {
	steps []coveredStep
	index map[string]int // "workflow/step"
	conds []*coveredCond
	lang  string
}

type coveredStep struct {
	name  string
	place engine.Place
	n     int
}

// coveredCond counts the answers of a condition, on its way to the engine.
type coveredCond struct {
	engine.Cond
	subject string
	yes, no int
}

// Holds implements engine.Cond.
func (c *coveredCond) Holds(v *engine.Vars) (bool, error) {
	ok, err := c.Cond.Holds(v)
	if ok {
		c.yes++
	} else {
		c.no++
	}
	return ok, err
}

// timelyCond is a coveredCond that tells its thresholds.
type timelyCond struct {
	*coveredCond
	engine.Timely
}

// newCoverage puts counters into a spec, which is not compiled yet.
func newCoverage(spec *engine.Spec, lang string) *coverage {
	c := &coverage{index: map[string]int{}, lang: lang}
	for i := range spec.Flows {
		for j := range spec.Flows[i].Steps {
			s := &spec.Flows[i].Steps[j]
			name := spec.Flows[i].Name + "/" + s.Name
			c.index[name] = len(c.steps)
			c.steps = append(c.steps, coveredStep{name: name, place: s.Place})
		}
	}
	spec.EachCond(func(subject string, cond *engine.Cond) {
		counted := &coveredCond{Cond: *cond, subject: subject}
		c.conds = append(c.conds, counted)
		if timely, ok := (*cond).(engine.Timely); ok {
			*cond = timelyCond{counted, timely}
			return
		}
		*cond = counted
	})
	return c
}

// leads takes note of where the leads of a test have been.
func (c *coverage) leads(decisions []engine.Decision) {
	for i := range decisions {
		if d := &decisions[i]; d.Kind == engine.Stepped {
			if at, ok := c.index[d.Subject+"/"+d.Detail]; ok {
				c.steps[at].n++
			}
		}
	}
}

// uncovered is a step or a condition that no test reached.
type uncovered struct {
	Name   string `json:"name"`
	Source string `json:"condition,omitempty"`
	File   string `json:"file"`
	Line   int    `json:"line"`
	Why    string `json:"why"` // never_reached, never_true, never_false
}

// coverReport sums the coverage up. A condition that was asked and only ever
// answered one way is listed, and counts as reached.
type coverReport struct {
	Steps              int         `json:"steps"`
	StepsMissed        int         `json:"steps_never_reached"`
	Conditions         int         `json:"conditions"`
	ConditionsMissed   int         `json:"conditions_never_reached"`
	UncoveredSteps     []uncovered `json:"uncovered_steps,omitempty"`
	UncoveredCondition []uncovered `json:"uncovered_conditions,omitempty"`
}

func (c *coverage) report() coverReport {
	r := coverReport{Steps: len(c.steps), Conditions: len(c.conds)}
	for i := range c.steps {
		if s := &c.steps[i]; s.n == 0 {
			r.StepsMissed++
			r.UncoveredSteps = append(r.UncoveredSteps, uncovered{Name: s.name, File: s.place.File, Line: s.place.Line, Why: "never_reached"})
		}
	}
	for _, cond := range c.conds {
		why := ""
		switch {
		case cond.yes+cond.no == 0:
			why = "never_reached"
			r.ConditionsMissed++
		case cond.yes == 0:
			why = "never_true"
		case cond.no == 0:
			why = "never_false"
		default:
			continue
		}
		place := cond.Place()
		r.UncoveredCondition = append(r.UncoveredCondition, uncovered{
			Name: cond.subject, Source: cond.Source(), File: place.File, Line: place.Line, Why: why,
		})
	}
	return r
}

var coverWords = map[string][2]string{
	"never_reached": {"never reached", "一度も通らない"},
	"never_true":    {"never true", "一度も成り立たない"},
	"never_false":   {"always true", "つねに成り立つ"},
}

// printCover says how much of the rules the tests have seen, and lists the rest
// when asked.
func (c *cli) printCover(w *workspace, cover *coverage, list bool) {
	r, lang := cover.report(), w.problems.Language
	if !list {
		if r.StepsMissed+r.ConditionsMissed > 0 {
			fmt.Fprintf(c.out, words(lang,
				"%d of %d steps and %d of %d conditions never reached (--cover lists them)\n",
				"ステップ%[2]d件中%[1]d件、条件%[4]d件中%[3]d件が一度も通っていません（--cover で一覧）\n"),
				r.StepsMissed, r.Steps, r.ConditionsMissed, r.Conditions)
		}
		return
	}
	fmt.Fprintf(c.out, words(lang, "steps reached %d of %d, conditions reached %d of %d\n", "通ったステップ %d / %d、通った条件 %d / %d\n"),
		r.Steps-r.StepsMissed, r.Steps, r.Conditions-r.ConditionsMissed, r.Conditions)
	for _, u := range append(r.UncoveredSteps, r.UncoveredCondition...) {
		forms := coverWords[u.Why]
		line := fmt.Sprintf("  %s:%d  %s", u.File, u.Line, u.Name)
		if u.Source != "" {
			line += "  " + strings.Join(strings.Fields(u.Source), " ")
		}
		fmt.Fprintf(c.out, "%s  %s\n", line, words(lang, forms[0], forms[1]))
	}
}
