package runner

import (
	"encoding/binary"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/calendar"
	"github.com/seed-456efde2/nurture/engine/enginetest"
)

// metaSpec has something of everything that a decision can do: fading scores,
// stages, toss-ups with hold, cooldown and answer, workflows that wait for time
// and for events, branch and exit, quiet hours, a cap, consent. The second
// variant pays other points and has a step more.
func metaSpec(variant int) *engine.Spec {
	spec := oneAtATime(variant)
	content := enginetest.Parts("hot", interest)
	for i := range spec.TossUps {
		spec.TossUps[i].HandOver = &engine.HandOverSpec{Channel: "crm", Kind: "crm", Content: content, Reasons: true}
	}
	spec.Flows = append(spec.Flows, askFlow())
	return spec
}

// oneAtATime is metaSpec without what would have two actions of one lead under
// way side by side: the order of their answers, which is the world's, could then
// not be that of the simulator.
func oneAtATime(variant int) *engine.Spec {
	spec := &engine.Spec{
		Name: "meta", Zone: time.UTC, Calendar: &calendar.Calendar{Workdays: 0b0111110},
		Attrs: []engine.AttrSpec{{Name: "city", Kind: engine.Text}},
		Events: []engine.EventSpec{
			{Name: "visit", Fields: []engine.AttrSpec{{Name: "points", Kind: engine.Number}}},
			{Name: "ask"},
			{Name: "buy"},
			{Name: "reply"},
			{Name: "optout"},
			{Name: "accepted"},
		},
		Consents: []engine.ConsentSpec{{Name: "news", Granted: "visit", Revoked: "optout"}},
		Scores:   metaScores(variant),
		Stages: []engine.StageSpec{
			{Name: "new"}, {Name: "warm", Enter: atLeast(15), Leave: below(5), LeaveTo: "new"}, {Name: "sales"},
		},
		TossUps:  metaTossUps(),
		Policies: metaPolicies(),
		Channels: []engine.ChannelSpec{
			{Name: "mail", Plugin: "p", Reach: engine.ReachLead, Keyed: true, Retry: engine.RetrySpec{Times: 4, Over: 6 * engine.Hour}},
			{Name: "crm", Plugin: "p", Reach: engine.ReachStaff, Keyed: true, Retry: engine.RetrySpec{Times: 2, Over: engine.Hour}},
		},
		Flows: []engine.FlowSpec{nurtureFlow(variant)},
		KPIs:  []engine.KPISpec{{Name: "visits", Count: "visit"}, {Name: "replies", Rate: "reply", Of: "email_sent", Within: 2 * engine.Day}},
	}
	return spec
}

var interest = engine.Key{Kind: engine.KeyScore, Name: "interest"}

func atLeast(n float64) []engine.Cond {
	return enginetest.When("interest at least", func(f map[string]any) bool { v, _ := f[interest.String()].(float64); return v >= n }, interest)
}

func below(n float64) []engine.Cond {
	return enginetest.When("interest below", func(f map[string]any) bool { v, _ := f[interest.String()].(float64); return v < n }, interest)
}

func metaScores(variant int) []engine.ScoreSpec {
	rules := []engine.ScoreRule{
		{Name: "visit", On: "visit", Amount: enginetest.Amount(engine.Key{Kind: engine.KeyEvent, Name: "points"})},
		{Name: "ask", On: "ask", Points: 10, PerDay: 2},
	}
	if variant == 1 {
		rules[1].Points = 14
		rules = append(rules, engine.ScoreRule{Name: "reply", On: "reply", Points: 3})
	}
	return []engine.ScoreSpec{{Name: "interest", HalfLife: 3 * engine.Day, Range: true, Min: 0, Max: 100, Rules: rules}}
}

func metaTossUps() []engine.TossUpSpec {
	return []engine.TossUpSpec{{
		Name: "hot", From: "warm", To: "sales", When: atLeast(30), Hold: engine.Hour, Cooldown: 2 * engine.Day,
		Answer: &engine.AnswerSpec{Within: calendar.Length{Span: 20 * time.Hour}, Accepted: "accepted", Recycle: "warm"},
	}, {
		Name: "asked", On: "ask", Cooldown: engine.Day,
	}}
}

func metaPolicies() []engine.PolicySpec {
	return []engine.PolicySpec{{
		Name: "care", Requires: "news",
		Quiet: &calendar.Quiet{From: 21 * 60, To: 7 * 60}, WhenQuiet: engine.Postpone,
		Caps: []engine.CapSpec{{Channel: "mail", AtMost: 2, Per: engine.Day, When: engine.Postpone}},
	}}
}

func nurtureFlow(variant int) engine.FlowSpec {
	mail := func(text string) *engine.SendSpec {
		s := send("mail", text, interest)
		s.Policy = "care"
		return s
	}
	steps := []engine.StepSpec{
		{Name: "first", Kind: engine.SendStep, Next: 1, Send: mail("first")},
		{Name: "listen", Kind: engine.WaitStep, Next: 2, Wait: &engine.WaitSpec{On: []string{"reply"}, AtMost: calendar.Length{Span: 26 * time.Hour}}},
		{Name: "keen", Kind: engine.BranchStep, Branch: &engine.BranchSpec{
			Cases: []engine.CaseSpec{{Name: "yes", When: atLeast(10), First: 3}}, Otherwise: engine.EndOfFlow,
		}},
		{Name: "second", Kind: engine.SendStep, Next: 4, Send: mail("second")},
		{Name: "pause", Kind: engine.WaitStep, Next: 5, Wait: &engine.WaitSpec{For: calendar.Length{Span: 90 * time.Minute}}},
		{Name: "third", Kind: engine.SendStep, Next: engine.EndOfFlow, Send: mail("third")},
	}
	if variant == 1 {
		steps[5].Next = 6
		steps = append(steps, engine.StepSpec{Name: "fourth", Kind: engine.SendStep, Next: engine.EndOfFlow, Send: mail("fourth")})
	}
	return engine.FlowSpec{
		Name: "nurture", Enter: engine.EnterSpec{On: "visit"}, ReEnter: &engine.ReEnterSpec{After: engine.Day},
		Exits: []engine.ExitSpec{{Name: "bought", On: "buy"}, {Name: "handed", TossUp: "hot"}},
		Steps: steps,
	}
}

func askFlow() engine.FlowSpec {
	return engine.FlowSpec{
		Name: "answer", Enter: engine.EnterSpec{On: "ask"}, ReEnter: &engine.ReEnterSpec{},
		Steps: []engine.StepSpec{
			{Name: "receipt", Kind: engine.SendStep, Next: 1, Send: &engine.SendSpec{
				Channel: "mail", Kind: "email", Lane: engine.LaneTransactional, Policy: "care", Transactional: true,
				Content: enginetest.Parts("receipt", interest),
			}},
			{Name: "later", Kind: engine.WaitStep, Next: 2, Wait: &engine.WaitSpec{For: calendar.Length{BusinessDays: 1}}},
			{Name: "note", Kind: engine.SendStep, Next: engine.EndOfFlow, Send: send("crm", "note", interest)},
		},
	}
}

// worldOf answers every attempt in a way that follows from the seed, the action
// and the attempt alone, so that runner and simulator are told the same.
func worldOf(seed uint64) func(engine.Request) engine.Receipt {
	return func(q engine.Request) engine.Receipt {
		h := (binary.LittleEndian.Uint64(q.Key[:]) ^ seed*0x9E3779B97F4A7C15 + uint64(q.Attempt)) * 0xBF58476D1CE4E5B9 >> 32 % 100
		switch {
		case h < 70:
			return engine.Receipt{Outcome: engine.Done, Provider: "id"}
		case h < 82:
			return engine.Receipt{Outcome: engine.Retry, Code: "busy"}
		case h < 88:
			return engine.Receipt{Outcome: engine.Retry, Code: "slow_down", RetryAfter: 90 * time.Second}
		case h < 95:
			return engine.Receipt{Outcome: engine.Unknown, Code: "timeout"}
		}
		return engine.Receipt{Outcome: engine.Refused, Code: "no_such_address"}
	}
}
