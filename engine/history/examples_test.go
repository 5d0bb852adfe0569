package history_test

import (
	"fmt"
	"testing"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/history"
)

const learnRules = `
project "learn" { timezone = "UTC" }

lead {
  text "country" {}
}

event "read" {}
event "asked" {}
event "won" {}

score "interest" {
  rule "read" {
    on     = event.read
    points = 10
  }

  rule "asked" {
    on     = event.asked
    points = 30
  }
}

toss_up "hot" {
  when = ["score.interest >= 30", "lead.country == 'JP'"]

  success {
    on     = event.won
    within = "10d"
  }
}
`

// told is a line of a story: who did what on which day.
type told struct {
	day           int
	user, visitor string
	what          string
}

func storyOf(lines []told) []engine.Event {
	var events []engine.Event
	for i, l := range lines {
		e := engine.Event{
			Kind: engine.Track, ID: fmt.Sprint("m", i), Source: "test", Name: l.what, User: l.user, Visitor: l.visitor,
			At: engine.Time(1_700_000_000_000).Add(engine.Span(l.day) * engine.Day),
		}
		if l.what == "identify" {
			e.Kind, e.Name, e.Fields = engine.Identify, "", []engine.Field{{Name: "country", Value: engine.TextValue("JP")}}
		}
		events = append(events, e)
	}
	return events
}

// A visitor who becomes known is one lead, whose outcome counts for what the visitor
// did; what lies before --since is no moment to learn from, and yet what the lead did
// and said then still holds.
func TestExamplesOfAVisitor(t *testing.T) {
	t.Parallel()
	events := storyOf([]told{
		{1, "u1", "v1", "identify"},
		{2, "", "v1", "read"},
		{3, "u1", "", "asked"},
		{5, "u1", "", "won"},
		{1, "u2", "", "identify"},
		{40, "", "v2", "read"},
		{41, "u2", "v2", "asked"}, // its country was told before what is learned from
		{44, "u2", "", "won"},
		{80, "end", "", "read"},
	})
	collect := func(since engine.Span) *history.Examples {
		x, err := history.Collect(rulesOf(t, learnRules), history.Question{TossUp: "hot", Outcome: "won", Within: 10 * engine.Day, Since: since},
			history.InTime(history.FromEvents(events, "")), history.Effort{Workers: 1})
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	all := collect(0)
	if fmt.Sprint(all.Users) != "[u1 u2]" || all.Outcomes[0] == 0 || all.Outcomes[1] == 0 {
		t.Errorf("the leads are %v, with outcomes %v", all.Users, all.Outcomes)
	}
	for _, e := range all.List {
		if e.Lead == 0 && !e.Won && e.At >= int64(events[1].At) {
			t.Errorf("a moment of u1 is not won: %+v", e)
		}
	}
	late := collect(50 * engine.Day)
	if fmt.Sprint(late.Users) != "[u2]" {
		t.Fatalf("since 50 days before the end there are %v", late.Users)
	}
	last := late.List[len(late.List)-1]
	if len(last.X) != 2 || !last.Won {
		t.Errorf("of u2 is known %+v", last)
	}
	if late.Rules[0].Paid != 2 || late.Rules[1].Paid != 1 {
		t.Errorf("the rules paid for %d and %d leads", late.Rules[0].Paid, late.Rules[1].Paid)
	}
}
