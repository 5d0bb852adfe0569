package dsl

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/seed-456efde2/nurture/engine"
)

const askedRules = `project "acme" { timezone = "Asia/Tokyo" }

lead {
  key = "email"
  text "email" {}
  number "employees" {}
}

event "inquired" {}

score "interest" {
  label     = "興味度"
  half_life = "14d"

  rule "inquiry" {
    on     = event.inquired
    points = 60
  }
}

kpi "inquiries" {
  count = event.inquired
}
`

// A question is a condition or a value, as it is written; what it reads is told.
func TestAsk(t *testing.T) {
	t.Parallel()
	w := askedWorkspace(t)
	for text, want := range map[string]struct {
		cond  bool
		reads string
	}{
		"score.interest >= 70":              {true, "score.interest"},
		"score.interest":                    {false, "score.interest"},
		"lead.employees":                    {false, "lead.employees"},
		"lead.email":                        {false, "lead.email"},
		"now":                               {false, "now"},
		"did('inquired', '3d')":             {true, "times:inquired:3d"},
		"times('inquired') + 1":             {false, "times:inquired"},
		"(lead.employees ?? 0) * 2 >= 100":  {true, "lead.employees"},
		"score.interest > 1 ? 'hot' : 'no'": {false, "score.interest"},
	} {
		q, problems := w.Ask(text, "en")
		if q == nil {
			t.Errorf("%s:\n%s", text, problems.Render())
			continue
		}
		if (q.Cond != nil) != want.cond || (q.Value != nil) == want.cond {
			t.Errorf("%s is taken for %+v", text, q)
		}
		if got := keyNames(q.Reads()); got != want.reads {
			t.Errorf("%s reads %s, want %s", text, got, want.reads)
		}
	}
}

// What cannot be asked is told with a place and what to write instead, in the
// language that is asked for.
func TestAskRefuses(t *testing.T) {
	t.Parallel()
	w := askedWorkspace(t)
	for _, c := range []struct{ text, lang, want string }{
		{"score.intrest >= 70", "en", "did you mean score.interest?"},
		{"score.intrest >= 70", "ja", "score.interest"},
		{"", "en", "N100"},
		{"score.interest >= '70'", "en", "question:1:1"},
		{"score.interest ＞＝ 70", "ja", ">="},
		{"event.path == '/'", "en", "event"},
		{strings.Repeat("(", 5000), "en", "N101"},
		{"kpi.inquiries.value", "en", "N133"},
		{"a\xffb", "en", "N104"},
	} {
		q, problems := w.Ask(c.text, c.lang)
		if said := problems.Render(); !strings.Contains(said, c.want) || q != nil && problems.HasErrors() {
			t.Errorf("%q in %s: %v\n%s\nwant %q", c.text, c.lang, q, said, c.want)
		}
	}
}

func askedWorkspace(t *testing.T) *Workspace {
	t.Helper()
	w, problems := Load(fstest.MapFS{"a.hcl": {Data: []byte(askedRules)}}, Options{})
	if w == nil {
		t.Fatal(problems.Render())
	}
	return w
}

func keyNames(keys []engine.Key) string {
	var list []string
	for _, k := range keys {
		list = append(list, k.String())
	}
	return strings.Join(list, " ")
}
