package enginetest

import (
	"fmt"
	"strings"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/calendar"
)

// dozen is how many rules the workload has by itself: seven that score, one
// toss-up, and a workflow of four steps.
const dozen = 12

// Spec is the workload's rules, written by hand. Of the rules beyond the dozen,
// one in ten listens to an event of the workload with a condition that never
// holds; the others listen to events that do not come, as most rules of a large
// workspace do at any one moment.
func (w Workload) Spec(rules int) *engine.Spec {
	spec := &engine.Spec{
		Name: "workload", Zone: time.UTC, Language: "en",
		Attrs: []engine.AttrSpec{{Name: "industry", Kind: engine.Text}},
		Events: []engine.EventSpec{
			textEvent("page_view", "path", engine.AttrSpec{Name: "duration", Kind: engine.Number}),
			{Name: "email_open"},
			textEvent("email_click", "link"),
			textEvent("form_submit", "form"),
			textEvent("download", "asset"),
			{Name: "points_imported", Fields: []engine.AttrSpec{{Name: "points", Kind: engine.Number}}},
		},
		Scores:  []engine.ScoreSpec{{Name: "interest", Rules: scoreRules()}},
		TossUps: []engine.TossUpSpec{hotTossUp()},
		Channels: []engine.ChannelSpec{
			{Name: "crm", Plugin: "sink", Reach: engine.ReachStaff, Keyed: true},
			{Name: "mail", Plugin: "sink", Reach: engine.ReachSystem, Keyed: true},
		},
		Flows: []engine.FlowSpec{welcomeFlow()},
	}
	addRules(spec, rules-dozen)
	return spec
}

func textEvent(name, field string, more ...engine.AttrSpec) engine.EventSpec {
	return engine.EventSpec{Name: name, Fields: append([]engine.AttrSpec{{Name: field, Kind: engine.Text}}, more...)}
}

func scoreRules() []engine.ScoreRule {
	field := func(name, source string, holds func(string) bool) []engine.Cond {
		k := engine.Key{Kind: engine.KeyEvent, Name: name}
		key := k.String()
		return When(source, func(facts map[string]any) bool {
			s, ok := facts[key].(string)
			return ok && holds(s)
		}, k)
	}
	duration := engine.Key{Kind: engine.KeyEvent, Name: "duration"}
	seconds := duration.String()
	return []engine.ScoreRule{
		{Name: "pricing", On: "page_view", Points: 10, When: field("path", "event.path starts with '/pricing'",
			func(s string) bool { return strings.HasPrefix(s, "/pricing") })},
		{Name: "long_view", On: "page_view", Points: 3, When: When("event.duration >= 60",
			func(facts map[string]any) bool { n, ok := facts[seconds].(float64); return ok && n >= 60 }, duration)},
		{Name: "open", On: "email_open", Points: 2},
		{Name: "cta", On: "email_click", Points: 8, When: field("link", "event.link == 'cta'",
			func(s string) bool { return s == "cta" })},
		{Name: "form", On: "form_submit", Points: 30, When: field("form", "event.form != 'newsletter'",
			func(s string) bool { return s != "newsletter" })},
		{Name: "whitepaper", On: "download", Points: 15, When: field("asset", "event.asset starts with 'whitepaper'",
			func(s string) bool { return strings.HasPrefix(s, "whitepaper") })},
		{Name: "imported", On: "points_imported", Amount: Amount(engine.Key{Kind: engine.KeyEvent, Name: "points"})},
	}
}

func hotTossUp() engine.TossUpSpec {
	score := engine.Key{Kind: engine.KeyScore, Name: "interest"}
	industry := engine.Key{Kind: engine.KeyLead, Name: "industry"}
	points, branch := score.String(), industry.String()
	return engine.TossUpSpec{
		Name: "hot", Cooldown: engine.Forever,
		When: When("score.interest >= 100 and lead.industry in hot", func(facts map[string]any) bool {
			n, _ := facts[points].(float64)
			s, _ := facts[branch].(string)
			return n >= 100 && (s == Industries[0] || s == Industries[1])
		}, score, industry),
		HandOver: &engine.HandOverSpec{Channel: "crm", Kind: "crm", Content: Parts("hot lead", industry, score)},
	}
}

func welcomeFlow() engine.FlowSpec {
	opens := engine.Key{Kind: engine.KeyTimes, Name: "email_open"}
	industry := engine.Key{Kind: engine.KeyLead, Name: "industry"}
	mail := func(text string) *engine.SendSpec {
		return &engine.SendSpec{Channel: "mail", Kind: "email", Lane: engine.LaneNurture, Content: Parts(text, industry)}
	}
	return engine.FlowSpec{
		Name: "welcome", Enter: engine.EnterSpec{On: "form_submit"},
		Steps: []engine.StepSpec{
			{Name: "mail_1", Kind: engine.SendStep, Next: 1, Send: mail("mail 1")},
			{Name: "pause", Kind: engine.WaitStep, Next: 2, Wait: &engine.WaitSpec{For: calendar.Length{Span: 72 * time.Hour}}},
			{Name: "opened", Kind: engine.BranchStep, Branch: &engine.BranchSpec{
				Cases: []engine.CaseSpec{{Name: "yes", First: 3, When: When("did('email_open')",
					func(facts map[string]any) bool { n, _ := facts[opens.String()].(float64); return n > 0 }, opens)}},
				Otherwise: engine.EndOfFlow,
			}},
			{Name: "mail_2", Kind: engine.SendStep, Next: engine.EndOfFlow, Send: mail("mail 2")},
		},
	}
}

// addRules loads n further rules as scores of ten rules each.
func addRules(spec *engine.Spec, n int) {
	path := engine.Key{Kind: engine.KeyEvent, Name: "path"}
	key := path.String()
	never := When("event.path == '/nowhere'", func(facts map[string]any) bool { return facts[key] == "/nowhere" }, path)
	for i := range max(0, n) {
		if i%10 == 0 {
			name := fmt.Sprintf("campaign_%d", i/10)
			spec.Events = append(spec.Events, textEvent(name, "path"))
			spec.Scores = append(spec.Scores, engine.ScoreSpec{Name: name})
		}
		score := &spec.Scores[len(spec.Scores)-1]
		rule := engine.ScoreRule{Name: fmt.Sprintf("rule_%d", i%10), On: score.Name, Points: 1, When: never}
		if i%10 == 9 {
			rule.On = "page_view"
		}
		score.Rules = append(score.Rules, rule)
	}
}
