package dsl

import (
	"slices"

	"github.com/hashicorp/hcl/v2"

	"github.com/seed-456efde2/nurture/engine"
)

// builtInEvent is an event that channels, clients and the engine bring without
// being declared. Declaring it again adds fields.
type builtInEvent struct {
	name   string
	doc    Doc
	fields []builtInField
}

type builtInField struct {
	name    string
	choices []string // nil: a text, or a number
	number  bool
}

func textFields(names ...string) []builtInField {
	var out []builtInField
	for _, n := range names {
		out = append(out, builtInField{name: n})
	}
	return out
}

// ofMessage are the fields of every event about a message.
var ofMessage = textFields("channel", "workflow", "step", "toss_up", "message", "topic", "experiment", "arm")

// ofHit are those of an open or a click besides: the verdict and why it was given.
// What is found to be a machine's comes under a name of its own, so that rules
// count what people do unless they say otherwise.
var ofHit = []builtInField{{name: "verdict", choices: []string{"human", "machine", "unknown"}}, {name: "reason"}}

// ofShowing are the fields of what comes back from the content of a web site's slot.
func ofShowing() []builtInField { return textFields("slot", "workflow", "step", "showing") }

// ofLink are those of a click besides: the link and its class, which stands in the
// mail as {.class}.
var ofLink = textFields("link", "link_class")

func messageFields(more ...[]builtInField) []builtInField {
	return slices.Concat(append([][]builtInField{ofMessage}, more...)...)
}

var builtInEvents = []builtInEvent{
	{engine.ConfirmedEvent, Doc{"Consent confirmed", "同意の確認"}, textFields("consent", "address", "message")},
	{"consent_given", Doc{"Consent given", "同意"}, textFields("purpose", "wording", "source")},
	{"email_auto_replied", Doc{"E-mail answered by a machine", "メール自動返信"}, messageFields()},
	{"email_bounced", Doc{"E-mail bounced", "メール不達"}, messageFields([]builtInField{{name: "kind", choices: []string{"hard", "soft"}}, {name: "reason"}})},
	{"email_clicked", Doc{"E-mail clicked", "メールのクリック"}, messageFields(ofLink, ofHit)},
	{"email_clicked_machine", Doc{"E-mail clicked by a machine", "機械によるメールのクリック"}, messageFields(ofLink, ofHit)},
	{"email_complained", Doc{"E-mail reported as spam", "迷惑メール報告"}, messageFields(textFields("reason"))},
	{"email_delivered", Doc{"E-mail delivered", "メール到達"}, messageFields()},
	{"email_opened", Doc{"E-mail opened", "メール開封"}, messageFields(ofHit)},
	{"email_opened_machine", Doc{"E-mail opened by a machine", "機械によるメール開封"}, messageFields(ofHit)},
	{"email_replied", Doc{"E-mail answered", "メール返信"}, messageFields()},
	{"email_sent", Doc{"E-mail sent", "メール送信"}, messageFields()},
	{"kpi_breached", Doc{"KPI breached", "KPI 悪化"}, textFields("kpi", "threshold")},
	{"kpi_recovered", Doc{"KPI recovered", "KPI 回復"}, textFields("kpi", "threshold")},
	{"message_skipped", Doc{"Message skipped", "送信見送り"}, messageFields(textFields("reason"))},
	{"page_viewed", Doc{"Page viewed", "ページ閲覧"}, textFields("path", "url", "title", "referrer", "name")},
	{engine.WishedEvent, Doc{"Preferences set", "配信の希望"}, []builtInField{{name: "topic"}, {name: "frequency", choices: []string{engine.AsUsual, engine.Weekly, engine.Monthly, engine.NotAny}}, {name: "wording"}, {name: "address"}, {name: "message"}}},
	{"stage_changed", Doc{"Stage changed", "段階の変化"}, textFields("from", "to")},
	{"toss_up_accepted", Doc{"Toss-up accepted", "トスアップ受け入れ"}, textFields("toss_up", "offer")},
	{"toss_up_doubted", Doc{"Toss-up in doubt", "トスアップの見直し"}, textFields("toss_up", "owner")},
	{"toss_up_escalated", Doc{"Toss-up escalated", "トスアップの上申"}, textFields("toss_up", "owner")},
	{"toss_up_expired", Doc{"Toss-up unanswered", "トスアップ返事なし"}, textFields("toss_up")},
	{"toss_up_offered", Doc{"Toss-up offered", "トスアップ"}, textFields("toss_up", "owner")},
	{"toss_up_rejected", Doc{"Toss-up rejected", "トスアップ差し戻し"}, textFields("toss_up", "reason", "offer")},
	{"toss_up_reminded", Doc{"Toss-up reminded", "トスアップの催促"}, textFields("toss_up", "owner")},
	{"unsubscribe_undone", Doc{"Unsubscribe undone", "配信停止の取り消し"}, textFields("channel", "source", "topic", "message")},
	{"unsubscribed", Doc{"Unsubscribed", "配信停止"}, textFields("channel", "source", "topic", "message")},
	{"web_clicked", Doc{"Web content clicked", "サイト表示のクリック"}, append(ofShowing(), ofLink...)},
	{"web_shown", Doc{"Web content shown", "サイト表示"}, ofShowing()},
}

// clientEvents are the built-in events that any client may bring, and so may emit.
var clientEvents = map[string]bool{"consent_given": true, "page_viewed": true, "unsubscribed": true}

func (e builtInEvent) info(language string) *eventInfo {
	info := &eventInfo{
		namedInfo: namedInfo{Name: e.name, Label: e.doc.In(language)},
		Fields:    map[string]*fieldInfo{}, BuiltIn: true,
	}
	for _, f := range e.fields {
		kind := engine.Text
		if f.number {
			kind = engine.Number
		}
		info.Fields[f.name] = &fieldInfo{
			namedInfo: namedInfo{Name: f.name, Where: hcl.Range{}}, Kind: kind, Choices: f.choices,
		}
	}
	return info
}

// specialAttr is an attribute that the engine knows by its name.
type specialAttr struct {
	kind string
	why  Doc
}

var specialAttrs = map[string]specialAttr{
	"unsubscribed": {"flag", Doc{"the event unsubscribed sets it", "イベント unsubscribed が設定します"}},
	"created_at":   {"time", Doc{"it defaults to first sight", "省略時は初めて見た時刻です"}},
	"timezone":     {"text", Doc{"it is the lead's zone", "リードのタイムゾーンです"}},
}

// reservedAttrs have a meaning of their own after lead.
var reservedAttrs = map[string]Doc{
	"stage": {"lead.stage is the stage of the lifecycle", "lead.stage はライフサイクルの段階です"},
}
