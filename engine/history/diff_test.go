package history_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/history"
)

const diffRules = `
project "shop" { timezone = "UTC" }
lead {
  number "employees" {}
}
event "viewed" {}
event "inquired" {}
score "interest" {
  half_life = "14d"
  rule "view" {
    on     = event.viewed
    points = 5
  }
}
workflow "welcome" {
  enter {
    on = event.viewed
  }
  steps {
    wait "first" {
      for = "1d"
    }
    wait "second" {
      for = "2d"
    }
  }
}
toss_up "hot" {
  when = ["score.interest >= 70", "lead.employees > 10"]
}
`

// What a change says is told in meaning and where it stands: what was only moved or
// written otherwise is no change, and a line put in front of others changes none of
// them.
func TestDiff(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		old, new string
		want     string
	}{
		{"nothing", "toss_up", "toss_up", ""},
		{"a threshold", "interest >= 70", "interest >= 60", "~ toss_up.hot: when[0] score.interest >= 70 → score.interest >= 60"},
		{"a condition in front", `["score`, `["score.interest < 900", "score`, "~ toss_up.hot: when[0]  → score.interest < 900"},
		{"a condition gone", `, "lead.employees > 10"`, ``, "~ toss_up.hot: when[1] lead.employees > 10 → "},
		{"points", "points = 5", "points = 7", "~ score.interest.rule.view: points 5 → 7"},
		{"fading", `half_life = "14d"`, `half_life = "7d"`, "~ score.interest: half_life 14d → 7d"},
		{"a wait", `for = "2d"`, `for = "3d"`, "~ workflow.welcome.step.second: wait.for 2d → 3d"},
		{"a step put in", `wait "second"`, "wait \"between\" {\n      for = \"5d\"\n    }\n    wait \"second\"", "+ workflow.welcome.step.between: goes_on_to  → second, wait.for  → 5d"},
		{"a step renamed", `wait "second"`, `wait "last"`, "+ workflow.welcome.step.last: goes_on_to  → exit.end, wait.for  → 2d\n- workflow.welcome.step.second: goes_on_to exit.end → , wait.for 2d → "},
		{"an event", `event "inquired" {}`, ``, "- event.inquired"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			changes := history.Diff(rulesOf(t, diffRules), rulesOf(t, strings.Replace(diffRules, c.old, c.new, 1)), nil)
			var got []string
			for _, x := range changes {
				var lines []string
				for _, l := range x.Lines {
					lines = append(lines, fmt.Sprintf("%s %s → %s", l.What, l.Old, l.New))
				}
				text := x.Op + " " + x.Block
				if len(lines) > 0 {
					text += ": " + strings.Join(lines, ", ")
				}
				got = append(got, text)
			}
			if text := strings.Join(got, "\n"); text != c.want {
				t.Errorf("the difference is\n%s\nwant\n%s", text, c.want)
			}
		})
	}
}

// Sales that can take one lead a day take one lead a day in a replay too, though
// leads are run side by side: those who share a desk are run together.
func TestReplayKeepsTheCapacityOfADesk(t *testing.T) {
	t.Parallel()
	rules := func(capacity string) *engine.Spec {
		return rulesOf(t, `
project "shop" { timezone = "UTC" }
lead {
  number "employees" {}
}
event "viewed" {}
score "interest" {
  rule "view" {
    on     = event.viewed
    points = 50
  }
}
toss_up "hot" {
  when = "score.interest >= 50"
  `+capacity+`
}`)
	}
	var events []engine.Event
	const start = engine.Time(1_700_000_000_000)
	for i := range 10 {
		events = append(events, engine.Event{
			Kind: engine.Track, Name: "viewed", ID: fmt.Sprint(i), Source: "test", User: fmt.Sprint("u", i), At: start.Add(engine.Span(i) * engine.Minute),
		})
	}
	to := start.Add(3*engine.Day + engine.Hour)
	done, err := history.Replay(history.ReplayOptions{
		Source: history.FromEvents(events, ""), To: to, Workers: 3,
		Rules: []history.Ruleset{{Name: "free", Spec: rules("")}, {Name: "bounded", Spec: rules("capacity {\n    at_most = 2\n    per     = \"1d\"\n  }")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	free, bounded := done.Sets[0].TossUps[0], done.Sets[1].TossUps[0]
	if free.Leads != 10 || bounded.Leads != 8 || done.Sets[1].Unknown.Apart != 0 {
		t.Errorf("without a bound %d leads are handed over, with two a day %d in three days and an hour; want 10 and 8", free.Leads, bounded.Leads)
	}
}
