package httpd

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/history"
)

// The answer in one sentence, and what is asked besides conditions.

// person is how a sentence calls the lead.
func (a *answerer) person() string {
	if a.v.Lang == japanese {
		return a.title + "様"
	}
	return a.title
}

// headline is the answer in one sentence.
func (a *answerer) headline(d *ExplainDoc) string {
	text := ""
	l := a.x.Lead
	switch s := a.x.Subject; {
	case l == nil || a.x.Program == nil:
		text = a.say("%s: nothing is known", "%s：分かることがありません", a.person())
	case s.Kind == "toss_up" && len(d.Parts) > 0:
		text = a.tossUpHead(&d.Parts[0], s.Name)
	case s.Kind == "stage":
		text = a.stageHead(d, s.Name)
	case s.Kind == "segment" && len(d.Parts) > 0:
		if d.Parts[0].Holds {
			text = a.say("%s is in “%s”", "%s は「%s」に入っています", a.person(), d.Label)
		} else {
			text = a.say("%s is not in “%s” (%s)", "%s は「%s」に入っていません（%s）", a.person(), d.Label, a.met(&d.Parts[0]))
		}
	case s.Kind == "workflow" && len(d.Parts) > 0:
		text = a.flowHead(&d.Parts[0], s.Name)
	case s.Kind == "score" && len(d.Parts) > 0 && d.Parts[0].Value != nil:
		text = a.say("%[2]s of %[1]s is %[3]s", "%[1]s の%[2]sは %[3]s です", a.person(), d.Label, decimal(*d.Parts[0].Value))
	case s.Kind == "channel":
		text = a.channelHead(d, s.Name)
	case s.Kind == "step":
		text = a.stepHead(d, s.Name, s.Step)
	default:
		text = a.say("%s is at stage %s", "%s のステージは「%s」です", a.person(), a.stage(l.Acts.Stage))
	}
	if a.x.Past {
		text = a.say("At %s: %s", "%s の時点：%s", a.clock(a.x.At), text)
	}
	return text
}

// met tells how many of a rule's conditions hold.
func (a *answerer) met(p *ExplainPart) string {
	n := 0
	for i := range p.Conditions {
		if p.Conditions[i].Holds {
			n++
		}
	}
	of := len(p.Conditions)
	if of == 1 {
		return a.say("its condition does not hold", "条件を満たしていません")
	}
	return a.say("%[2]d of %[1]d conditions hold", "%d条件中%dつを満たす", of, n)
}

func (a *answerer) tossUpHead(p *ExplainPart, name string) string {
	var o *engine.Offer
	for i := range a.x.Lead.Acts.Offers {
		if a.x.Lead.Acts.Offers[i].TossUp == name {
			o = &a.x.Lead.Acts.Offers[i]
		}
	}
	if o != nil && o.Count > 0 && o.State >= engine.OfferMade && o.State <= engine.OfferExpired {
		state := offerWords[offerStates[o.State]].in(a.v.Lang)
		return a.say("%s was handed to sales on %s (%s)", "%s は %s に営業に渡されました（%s）", a.person(), a.clock(o.Made), state)
	}
	shut := firstShut(p.Gates)
	switch {
	case o != nil && o.State == engine.OfferHolding:
		return a.say("%s is about to be handed to sales: the conditions hold since %s", "%s は、まもなく営業に渡されます（%s から条件を満たし、継続を確認中）", a.person(), a.clock(o.Since))
	case o != nil && o.State == engine.OfferQueued:
		return a.say("%s waits for a place with sales since %s", "%s は %s から営業の順番待ちです", a.person(), a.clock(o.Since))
	case p.On != "" && p.Event == nil:
		return a.say("%s is not handed to sales: “%s” has not come", "%s はまだ営業に渡されません（「%s」がまだ届いていない）", a.person(), a.eventName(p.On))
	case p.Holds && shut != nil:
		return a.say("%s is not handed to sales, though all conditions hold: %s", "%s は条件をすべて満たしますが、営業には渡されません（%s）", a.person(), shut.Text)
	case p.Holds:
		return a.say("%s meets all conditions", "%s はすべての条件を満たしています", a.person())
	}
	return a.say("%s is not handed to sales yet (%s)", "%s は まだ営業に渡されません（%s）", a.person(), a.met(p))
}

// firstShut is the first gate that is not open, nil for none.
func firstShut(gates []ExplainGate) *ExplainGate {
	if i := slices.IndexFunc(gates, func(g ExplainGate) bool { return !g.Open }); i >= 0 {
		return &gates[i]
	}
	return nil
}

func (a *answerer) stageHead(d *ExplainDoc, name string) string {
	l := a.x.Lead
	if l.Acts.Stage == name {
		return a.say("%s is at stage %s since %s", "%s は「%s」です（%s から）", a.person(), a.stage(name), a.clock(l.Acts.StageSince))
	}
	text := a.say("%s is not at stage %s but at %s", "%s は「%s」ではなく「%s」です", a.person(), a.stage(name), a.stage(l.Acts.Stage))
	if len(d.Parts) == 0 || len(d.Parts[0].Conditions) == 0 {
		return text
	}
	p := &d.Parts[0]
	if shut := firstShut(p.Gates); p.Holds && shut != nil {
		return text + a.say(" (%s)", "（%s）", shut.Text)
	}
	return text + a.say(" (%s)", "（%s）", a.met(p))
}

func (a *answerer) flowHead(p *ExplainPart, name string) string {
	for i := range a.x.Lead.Acts.Runs {
		if r := &a.x.Lead.Acts.Runs[i]; r.Workflow == name {
			return a.say("%s is in “%s” and stands at %s since %s", "%s は「%s」の途中で、%s にいます（%s から）", a.person(), a.workflow(name), r.Step, a.clock(r.Reached))
		}
	}
	for i := range a.x.Lead.Acts.Past {
		if past := &a.x.Lead.Acts.Past[i]; past.Workflow == name && past.Left != 0 {
			return a.say("%s left “%s” on %s by %s", "%s は %[3]s に「%[2]s」を出ました（%[4]s）", a.person(), a.workflow(name), a.clock(past.Left), past.Exit)
		}
	}
	why := a.met(p)
	if shut := firstShut(p.Gates); p.Holds && shut != nil {
		why = shut.Text
	} else if p.On != "" && p.Event == nil {
		why = a.say("“%s” has not come", "「%s」がまだ届いていない", a.eventName(p.On))
	} else if p.Holds {
		why = a.say("the conditions hold", "条件は満たしています")
	}
	return a.say("%s has not been in “%s” (%s)", "%s は「%s」に入ったことがありません（%s）", a.person(), a.workflow(name), why)
}

func (a *answerer) channelHead(d *ExplainDoc, name string) string {
	open := 0
	for i := range d.Parts {
		if d.Parts[i].Holds {
			open++
		}
	}
	switch {
	case len(d.Parts) == 0:
		return a.say("no step of a workflow sends by %s", "%s で送るステップはありません", name)
	case open == len(d.Parts):
		return a.say("%s may be written to by %s", "%s には %s で送れます", a.person(), name)
	case open == 0:
		return a.say("%s may not be written to by %s now: %s", "%s にはいま %s で送れません（%s）", a.person(), name, firstShut(d.Parts[0].Gates).Text)
	}
	return a.say("%[1]s may be written to by %[2]s from %[3]d of %[4]d steps", "%[1]s には、%[2]s の%[4]dステップ中%[3]dつで送れます", a.person(), name, open, len(d.Parts))
}

func (a *answerer) stepHead(d *ExplainDoc, flow, step string) string {
	for i := range a.x.Lead.Acts.Runs {
		r := &a.x.Lead.Acts.Runs[i]
		if r.Workflow != flow || r.Step != step {
			continue
		}
		text := a.say("%s stands at %s since %s", "%s は %s にいます（%s から）", a.person(), step, a.clock(r.Reached))
		if len(d.Parts) > 0 && d.Parts[0].ChangesAt != nil {
			return text + a.say(", until %s", "。%s まで待ちます", a.clock(engine.TimeOf(*d.Parts[0].ChangesAt)))
		}
		return text
	}
	return a.say("%s does not stand at %s", "%s は %s にはいません", a.person(), step)
}

// summary is the verdict of one part in one sentence.
func (a *answerer) summary(p *history.Part, d *ExplainPart) string {
	switch {
	case strings.HasPrefix(d.Rule, "toss_up.") && a.x.Lead != nil:
		return a.tossUpHead(d, p.Name)
	case d.Part == "leave":
		if d.Holds {
			return a.say("leaves %s", "「%s」を離れます", d.Label)
		}
		return a.say("stays at %s", "「%s」にとどまります", d.Label)
	case d.Part == "enter" && strings.HasPrefix(d.Rule, "stage."):
		if d.Holds {
			return a.say("the conditions of %s hold", "「%s」の条件を満たしています", d.Label)
		}
		return a.say("the conditions of %s do not hold", "「%s」の条件を満たしていません", d.Label)
	case d.Part == "enter":
		return a.entrySummary(p, d)
	case strings.Contains(d.Rule, ".step.") && len(d.Gates) > 0:
		if shut := firstShut(d.Gates); shut != nil {
			return a.say("%s: not now (%s)", "%s：いまは送れません（%s）", d.Label, shut.Text)
		}
		return a.say("%s: may go", "%s：送れます", d.Label)
	case p.On != "" && p.Event == nil:
		return a.say("%s: “%s” has not come", "%s：「%s」がまだ届いていません", d.Label, a.eventName(p.On))
	case d.Holds:
		return a.say("%s: holds", "%s：満たしています", d.Label)
	}
	return a.say("%s: does not hold", "%s：満たしていません", d.Label)
}

// entrySummary is the verdict of the way into a workflow.
func (a *answerer) entrySummary(p *history.Part, d *ExplainPart) string {
	shut := firstShut(d.Gates)
	switch {
	case p.On != "" && p.Event == nil:
		return a.say("Way into “%s”: “%s” has not come", "「%s」に入る条件：「%s」がまだ届いていません", d.Label, a.eventName(p.On))
	case !d.Holds:
		return a.say("Way into “%s”: the conditions do not hold", "「%s」に入る条件：満たしていません", d.Label)
	case shut != nil:
		return a.say("Way into “%s”: the conditions hold (%s)", "「%s」に入る条件：満たしています（%s）", d.Label, shut.Text)
	}
	return a.say("Way into “%s”: the conditions hold", "「%s」に入る条件：満たしています", d.Label)
}

// gateWords tell what a gate asks: open, and shut.
var gateWords = map[string][2]word{
	engine.GateStage:    {{"ステージが「%[1]s」である", "is at stage %[1]s"}, {"ステージが「%[1]s」ではない", "is not at stage %[1]s"}},
	engine.GateHold:     {{"", ""}, {"条件が続くのを %[2]s まで確認中", "the conditions have to hold until %[2]s"}},
	engine.GateRisen:    {{"", ""}, {"条件を満たし続けている。一度外れてから、あらためて満たす必要がある", "the condition has held since it acted last; it has to fall and rise again"}},
	engine.GateCooldown: {{"", ""}, {"前回渡してからの間隔（%[2]s まで）", "handed over too short a while ago (until %[2]s)"}},
	engine.GateForever:  {{"", ""}, {"一度渡したリードは二度と渡さない設定", "it was handed over, and that happens once"}},
	engine.GateQueued:   {{"", ""}, {"営業の順番待ち", "waits for a place with sales"}},
	engine.GateUnanswer: {{"", ""}, {"営業の回答待ち", "sales have not answered yet"}},
	engine.GateStale:    {{"", ""}, {"営業が戻してから、新しい行動がない", "nothing new since sales sent it back"}},
	engine.GateForward:  {{"いまの「%[1]s」より先のステージである", "the stage lies ahead of %[1]s"}, {"いまの「%[1]s」より先のステージではない（条件では前に進むだけ）", "the stage does not lie ahead of %[1]s; conditions only move forward"}},
	engine.GateInside:   {{"いま途中ではない", "is not inside"}, {"すでに途中である", "is inside already"}},
	engine.GateOnce:     {{"", ""}, {"入れる回数を使い切った（%[3]s回）", "was in %[3]s times, and may not enter again"}},
	engine.GateReEnter:  {{"", ""}, {"次に入れるのは %[2]s から", "may enter again from %[2]s on"}},
	engine.GateHeldOut:  {{"", ""}, {"比較対象として外している", "is held out, for comparison"}},
	engine.GateWish:     {{"本人が望む頻度の範囲内", "as often as it wants to hear from us"}, {"本人が望む頻度を超える（%[2]s から送れる）", "more often than it wants to hear from us (from %[2]s on)"}},
	engine.NoAddress:    {{"宛先（%[1]s）がある", "there is an address (%[1]s)"}, {"宛先（%[1]s）がない", "there is no address (%[1]s)"}},
	engine.NoConsent:    {{"「%[1]s」に同意している", "has given consent to %[1]s"}, {"「%[1]s」に同意していない", "has not given consent to %[1]s"}},
	engine.NotAllowed:   {{"ポリシー「%[1]s」が許可している", "the policy %[1]s allows it"}, {"ポリシー「%[1]s」が許可していない", "the policy %[1]s does not allow it"}},
	engine.Suppressed:   {{"送信停止になっていない", "is not on the list of those who are not written to"}, {"送信停止になっている", "is on the list of those who are not written to"}},
	engine.HeldBack:     {{"比較対象として外していない", "is not held out"}, {"全体の比較対象として、マーケティングの送信をしない", "is held out of all marketing, for comparison"}},
	engine.FlowPaused:   {{"一時停止していない", "nothing is paused"}, {"一時停止中", "paused"}},
	engine.FlowDrained:  {{"", ""}, {"新規受付の停止中", "nobody enters any more"}},
	engine.LaneBusy:     {{"", ""}, {"同じ lane の「%[1]s」が進行中", "%[1]s of its lane is under way"}},
	engine.AtOnce:       {{"", ""}, {"同時に進められる数（%[4]s）の上限", "as many at once as may be (%[4]s)"}},
	engine.QuietHours:   {{"送ってよい時間帯", "not in quiet hours"}, {"送らない時間帯（%[2]s から送れる）", "quiet hours (may go from %[2]s on)"}},
	engine.OutsideHours: {{"", ""}, {"送信時間帯の外（%[2]s から送れる）", "outside its sending window (may go from %[2]s on)"}},
	engine.AwaitsSlot:   {{"", ""}, {"送る時刻（%[2]s）を待っている", "waits for its time (%[2]s)"}},
	engine.Capped:       {{"送信数は上限内（%[5]sに%[3]s通、上限%[4]s通）", "%[3]s of %[4]s messages in %[5]s"}, {"送信数の上限（%[5]sに%[3]s通、上限%[4]s通。%[2]s から送れる）", "cap reached: %[3]s of %[4]s messages in %[5]s (may go from %[2]s on)"}},
}

// gate puts a gate into words.
func (a *answerer) gate(g engine.Gate) ExplainGate {
	d := ExplainGate{Code: g.Code, Open: g.Open, Until: instant(max(g.Until, 0)), Text: g.Code}
	subject := g.Subject
	switch g.Code {
	case engine.GateStage, engine.GateForward:
		subject = a.stage(g.Subject)
	case engine.NoConsent:
		subject = a.consent(g.Subject)
	case engine.NoAddress:
		subject = a.attribute(g.Subject)
	case engine.LaneBusy:
		subject = a.workflow(g.Subject)
	}
	w, ok := gateWords[g.Code]
	if !ok {
		return d
	}
	form := w[1]
	if g.Open {
		form = w[0]
	}
	until := a.clock(max(g.Until, 0))
	if until == "" {
		until = a.say("nobody can say when", "時期は未定")
	}
	d.Text = fmt.Sprintf(form.in(a.v.Lang)+"%.0[1]s%.0[2]s%.0[3]s%.0[4]s%.0[5]s", subject, until, count(g.N), count(g.Of), a.span(g.Per))
	return d
}
