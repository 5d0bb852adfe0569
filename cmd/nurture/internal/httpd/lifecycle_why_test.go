package httpd

import (
	"strings"
	"testing"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/enginetest"
)

// What moved a lead is told by the titles that the workspace gives, in the reader's
// language; the code beside it has the names.
func TestMoveReasonsInWords(t *testing.T) {
	t.Parallel()
	spec := &engine.Spec{
		Events: []engine.EventSpec{{Name: "deal_won", Label: "Deal won"}, {Name: "inquiry"}},
		TossUps: []engine.TossUpSpec{{Name: "hot", Label: "Hot lead", On: "inquiry", Answer: &engine.AnswerSpec{
			Reasons: []engine.ReasonSpec{{Name: "no_budget", Label: "No budget"}},
		}}},
		Stages: []engine.StageSpec{
			{Name: "lead", Label: "Lead"},
			{Name: "mql", Label: "MQL", Enter: enginetest.When("score >= 50", nil), Leave: enginetest.When("score < 30", nil), LeaveTo: "lead"},
			{Name: "customer", On: "deal_won"},
		},
	}
	p, err := engine.NewProgram(spec, "words", 1)
	if err != nil {
		t.Fatal(err)
	}
	answered := func(detail string) []engine.Decision {
		return []engine.Decision{{Kind: engine.Answered, At: 5, Subject: "hot", Detail: detail}}
	}
	for name, c := range map[string]struct {
		event    string
		before   []engine.Decision
		from, to string
		code     string
		en, ja   string
	}{
		"sent back":       {"toss_up_rejected", answered("rejected: no_budget"), "sal", "lead", "hot rejected: no_budget", "Sales answered “Hot lead”: rejected (No budget)", "営業の回答：「Hot lead」は差し戻し (No budget)"},
		"for no reason":   {"toss_up_rejected", answered("rejected: other"), "sal", "lead", "hot rejected: other", "Sales answered “Hot lead”: rejected (another reason)", "営業の回答：「Hot lead」は差し戻し (その他)"},
		"no answer":       {"", answered("expired"), "sal", "lead", "hot expired", "Sales answered “Hot lead”: no answer in time", "営業の回答：「Hot lead」は期限切れ"},
		"handed over":     {"x", []engine.Decision{{Kind: engine.TossedUp, At: 5, Subject: "hot"}}, "mql", "sal", "toss_up hot", "Handed to sales by “Hot lead”", "「Hot lead」で営業に渡しました"},
		"an event":        {"Deal Won", nil, "lead", "customer", "event deal_won", "the event “Deal won”", "イベント「Deal won」"},
		"rising":          {"x", nil, "lead", "mql", "enter: score >= 50", "condition to enter: score >= 50", "入る条件：score >= 50"},
		"falling":         {"", nil, "mql", "lead", "leave: score < 30", "condition to leave: score < 30", "出る条件：score < 30"},
		"what is unknown": {"", nil, "customer", "lead", "other", "other", "その他"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			row := &engine.Fact{Event: engine.Event{Name: c.event}, Decisions: c.before}
			r := reasonOf(p, row, &engine.Decision{Kind: engine.Moved, At: 5, Subject: c.from, Detail: c.to})
			if r.code() != c.code || r.in(p, english) != c.en || r.in(p, japanese) != c.ja {
				t.Errorf("%q, %q, %q", r.code(), r.in(p, english), r.in(p, japanese))
			}
		})
	}
}

// A funnel's head and sentences call its steps by their titles.
func TestFunnelSaysTitles(t *testing.T) {
	t.Parallel()
	d := &FunnelDoc{
		Name: "q4", Label: "Fourth quarter", Goal: 24, Day: 38, Days: 92, To: "2026-12-31", Projected: 19,
		Steps: []FunnelStepDoc{
			{Name: "clicked", Label: "Clicked"},
			{Name: "inquired", Label: "Inquired", Lag: &LagDoc{Early: 2}},
			{Name: "won", Label: "Won"},
		},
		Lever: &LeverDoc{Step: "inquired", Before: "clicked", From: 0.14, To: 0.17, Brings: 24, Enough: true},
	}
	for _, language := range []string{"en", "ja"} {
		text := FunnelHead(d, language) + "\n" + strings.Join(FunnelSays(d, language), "\n")
		for _, title := range []string{"Fourth quarter", "24 Won", "Inquired/Clicked"} {
			if !strings.Contains(text, title) {
				t.Errorf("%s lacks %q:\n%s", language, title, text)
			}
		}
		for _, name := range []string{"won", "inquired", "clicked", "q4"} {
			if strings.Contains(text, name) {
				t.Errorf("%s has the name %q:\n%s", language, name, text)
			}
		}
	}
}
