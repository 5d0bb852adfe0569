package dsl

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/seed-456efde2/nurture/engine"
)

// composable is a workspace; what stands in the map takes the place of its lines.
const composable = `project "p" { timezone = "Asia/Tokyo" }

lead {
  text "company" {}
  choice "size" { of = ["small", "large"] }
}

const { hot = 5 }

event "asked" {
  text "about" {}
}

event "bought" {}

score "interest" {
  rule "asked" {
    on     = event.asked
    points = 1
  }
}

segment "keen" { when = "score.interest >= 3" }

lifecycle {
  stage "new" {}
  stage "mql" { enter = "score.interest >= 4" }
}

toss_up "hot" {
  when = "score.interest >= const.hot"
}

kpi "sold" { count = event.bought }

workflow "care" {
  enter { on = event.asked }

  steps {
    wait "rest" { for = "1d" }
  }
}

workflow "old" {
  enter { on = event.bought }

  steps {
    wait "rest" { for = "1d" }
  }
}
`

func composed(t *testing.T, changes ...string) (running, changed *Workspace) {
	t.Helper()
	load := func(text string) *Workspace {
		w, ds := Load(fstest.MapFS{"x.hcl": {Data: []byte(text)}}, Options{Language: "en"})
		if w == nil {
			t.Fatal(ds.Render())
		}
		return w
	}
	text := composable
	for i := 0; i < len(changes); i += 2 {
		if !strings.Contains(text, changes[i]) {
			t.Fatalf("there is no %q", changes[i])
		}
		text = strings.Replace(text, changes[i], changes[i+1], 1)
	}
	return load(composable), load(text)
}

// TestCompose: workflows and toss-ups are the changed ones, with the constants that they
// were compiled with; everything else is the running one, and what only the changed
// rules have is added without what would act for everybody.
func TestCompose(t *testing.T) {
	t.Parallel()
	running, changed := composed(t,
		`hot = 5`, `hot = 9`,
		`points = 1`, `points = 2`,
		`text "company" {}`, "text \"company\" {}\n  number \"employees\" {}",
		`of = ["small", "large"]`, `of = ["large", "huge"]`,
		`text "about" {}`, "text \"about\" {}\n  number \"pages\" {}",
		`segment "keen" { when = "score.interest >= 3" }`, "segment \"keen\" { when = \"score.interest >= 8\" }\n\nsegment \"big\" { when = \"lead.employees >= 100\" }",
		`stage "mql" {`, "stage \"fresh\" { enter = \"score.interest >= 2\" }\n  stage \"mql\" {",
		`kpi "sold" { count = event.bought }`, "kpi \"sold\" { count = event.bought }\n\nkpi \"asked\" {\n  count = event.asked\n\n  threshold \"many\" {\n    when = \"value > 5\"\n    emit { event = event.bought }\n  }\n}",
		"workflow \"old\" {\n  enter { on = event.bought }\n\n  steps {\n    wait \"rest\" { for = \"1d\" }\n  }\n}\n",
		"workflow \"fresh\" {\n  enter {\n    on   = event.asked\n    when = \"segment.big\"\n  }\n\n  steps {\n    wait \"rest\" { for = \"2d\" }\n  }\n}\n",
	)
	c, obstacles := Compose(running, changed)
	if c == nil {
		t.Fatalf("in the way: %+v", obstacles)
	}
	s := c.Spec
	names := func(list []engine.FlowSpec) (out []string) {
		for i := range list {
			out = append(out, list[i].Name)
		}
		return out
	}
	if got := names(s.Flows); !slices.Equal(got, []string{"care", "fresh"}) {
		t.Errorf("workflows %v", got)
	}
	if got := names(s.Elders); !slices.Equal(got, []string{"care", "old"}) {
		t.Errorf("elders %v", got)
	}
	if got := s.TossUps[0].When[0].Meaning(); !strings.Contains(got, "9") {
		t.Errorf("the toss-up asks %q", got)
	}
	if got := s.Scores[0].Rules[0].Points; got != 1 {
		t.Errorf("the score pays %v", got)
	}
	if len(s.Attrs) != 3 || !slices.Equal(s.Attrs[slices.IndexFunc(s.Attrs, func(a engine.AttrSpec) bool { return a.Name == "size" })].Choices, []string{"small", "large", "huge"}) {
		t.Errorf("attributes %+v", s.Attrs)
	}
	if len(s.Segments) != 2 || !strings.Contains(s.Segments[slices.IndexFunc(s.Segments, func(a engine.SegmentSpec) bool { return a.Name == "keen" })].When[0].Meaning(), "3") {
		t.Errorf("segments %+v", s.Segments)
	}
	if len(s.Stages) != 2 {
		t.Errorf("%d stages: who enters one before the promotion cannot come back", len(s.Stages))
	}
	if i := slices.IndexFunc(s.KPIs, func(k engine.KPISpec) bool { return k.Name == "asked" }); i < 0 || s.KPIs[i].Thresholds != nil {
		t.Errorf("figures %+v", s.KPIs)
	}
	if len(running.Spec.Attrs) != 2 || len(running.Spec.Attrs[1].Choices) != 2 || len(running.Spec.KPIs) != 1 {
		t.Error("the running rules were changed")
	}
	if c.Digest == running.Digest || c.Digest == changed.Digest || c.Digest != CompositionDigest(running.Digest, changed.Digest) {
		t.Errorf("digest %s", c.Digest)
	}
}

// TestComposeObstacles: what cannot stand side by side is told, all of it.
func TestComposeObstacles(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		changes []string
		want    []string
	}{
		"an attribute of another kind": {[]string{`text "company" {}`, `number "company" {}`}, []string{"lead.company"}},
		"a field of another kind":      {[]string{`text "about" {}`, `number "about" {}`}, []string{"event.asked.about"}},
		"an event that narrows":        {[]string{`event "bought" {}`, "event \"bought\" {\n  from = event.asked\n  when = \"event.about == 'x'\"\n}"}, []string{"event.bought"}},
		"a stage for a hand-over":      {[]string{`stage "mql" {`, "stage \"sal\" {}\n  stage \"mql\" {", "toss_up \"hot\" {", "toss_up \"hot\" {\n  to   = stage.sal"}, []string{"toss_up.hot"}},
		"accounts":                     {[]string{"event \"asked\" {", "account { key = \"company\" }\n\nevent \"asked\" {"}, []string{"account"}},
		"a guard of another form": {
			[]string{`kpi "sold" { count = event.bought }`, "kpi \"sold\" {\n  rate   = event.bought\n  of     = event.asked\n  within = \"1h\"\n}\n\nrollout {\n  canary       = 5\n  bake         = \"1d\"\n  roll_back_if = [\"kpi.sold.value > 0.5\"]\n}"},
			[]string{"kpi.sold"},
		},
		"a guard of a new figure": {
			[]string{`kpi "sold" { count = event.bought }`, "kpi \"sold\" { count = event.bought }\n\nkpi \"more\" { count = event.asked }\n\nrollout {\n  canary       = 5\n  bake         = \"1d\"\n  roll_back_if = [\"kpi.more.value > 5\"]\n}"},
			[]string{"kpi.more"},
		},
		"two of them": {[]string{`text "company" {}`, `number "company" {}`, `text "about" {}`, `number "about" {}`}, []string{"lead.company", "event.asked.about"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			running, changed := composed(t, c.changes...)
			made, obstacles := Compose(running, changed)
			var where []string
			for _, o := range obstacles {
				where = append(where, o.Where)
				if o.In("en") == o.In("ja") || !japanese(o.Why.Ja) {
					t.Errorf("%+v is not told in both languages", o)
				}
			}
			if made != nil || !slices.Equal(where, c.want) {
				t.Errorf("in the way: %v, want %v", where, c.want)
			}
		})
	}
}
