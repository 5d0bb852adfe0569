package dsl

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/seed-456efde2/nurture/engine"
)

// The facts that a condition reads are told in a person's words, with what each is
// compared with and what would just do.
func TestOperands(t *testing.T) {
	t.Parallel()
	w, problems := Load(exampleFS(), Options{Lookup: func(string) (string, bool) { return "set", true }})
	if w == nil {
		t.Fatal(problems.Render())
	}
	conds := map[string]engine.Cond{}
	note := func(list []engine.Cond) {
		for _, c := range list {
			conds[c.Source()] = c
		}
	}
	for i := range w.Spec.TossUps {
		note(w.Spec.TossUps[i].When)
	}
	for i := range w.Spec.Segments {
		note(w.Spec.Segments[i].When)
	}
	for i := range w.Spec.Stages {
		note(w.Spec.Stages[i].Enter)
	}
	for _, c := range conds {
		for _, lang := range []string{"ja", "en"} {
			list := Operands(c, lang)
			for _, k := range c.Reads() {
				found := false
				for _, o := range list {
					found = found || o.Key == k.String() && o.Label != ""
				}
				if !found {
					t.Errorf("%s (%s): %s is not among the operands %+v", c.Source(), lang, k, list)
				}
			}
		}
	}
}

// Each way of comparing has its sign, and the values at its edge.
func TestOperandsOfComparisons(t *testing.T) {
	t.Parallel()
	files := func(when string) string {
		return `
project "p" {
  timezone = "UTC"
  language = "en"
}
lead {
  number "employees" {}
  text "title" {}
  flag "customer" { default = false }
  choice "industry" {
    of = ["saas", "retail"]
  }
}
event "viewed" {}
segment "s" { when = "` + when + `" }
`
	}
	for _, c := range []struct{ when, want string }{
		{"lead.employees >= 100", "lead.employees employees ≥ 100 [100]"},
		{"100 <= lead.employees", "lead.employees employees ≥ 100 [100]"},
		{"lead.employees < 10", "lead.employees employees < 10 [9]"},
		{"not (lead.employees > 5)", "lead.employees employees ≤ 5 [5]"},
		{"lead.industry in ['saas', 'retail'] and lead.employees > 1", "lead.industry industry ∈ 'saas' or 'retail' [saas retail]; lead.employees employees > 1 [2]"},
		{"lead.industry == 'saas'", "lead.industry industry = 'saas' [saas]"},
		{"lead.title contains 'CTO'", "lead.title title   []"},
		{"(lead.employees ?? 0) >= 7", "lead.employees employees ≥ 7 [7]"},
		{"not lead.customer", "lead.customer customer   [false]"},
		{"did('viewed', '7d')", "times:viewed:7d viewed in the last 7 days   []"},
		{"times('viewed', '168h') >= 3", "times:viewed:7d viewed in the last 168 hours ≥ 3 [3]"},
		{"since('viewed') > 2", "since:viewed viewed > 2 [3]"},
	} {
		w, problems := Load(fstest.MapFS{"rules.hcl": {Data: []byte(files(c.when))}}, Options{})
		if w == nil {
			t.Fatal(problems.Render())
		}
		var got []string
		for _, o := range Operands(w.Spec.Segments[0].When[0], "en") {
			var values []string
			for _, v := range o.Values {
				values = append(values, v.String())
			}
			got = append(got, strings.Join([]string{o.Key, o.Label, o.Op, o.Bound, "[" + strings.Join(values, " ") + "]"}, " "))
		}
		if text := strings.Join(got, "; "); text != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.when, text, c.want)
		}
	}
}
