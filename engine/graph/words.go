package graph

import (
	"strconv"
	"strings"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/calendar"
)

// Words says in what language a graph speaks.
type Words struct {
	// Lang is "ja" or "en". Default "en".
	Lang string
	// Sentence puts a condition into words. Default: its source.
	Sentence func(e engine.Expr, lang string) string
}

// text is a word in both languages.
type text struct{ en, ja string }

func (w Words) say(t text) string {
	if w.Lang == "ja" {
		return t.ja
	}
	return t.en
}

// kindWords are what people call the kinds of node.
var kindWords = map[Kind]text{
	Enter: {"enter", "入口"}, Wait: {"wait", "待機"}, Branch: {"branch", "分岐"}, Split: {"split", "振り分け"},
	Send: {"send", "送信"}, Set: {"set", "項目の更新"}, Emit: {"emit", "イベント発行"}, Goto: {"go to", "移動"},
	Exit: {"exit", "出口"}, Moved: {"removed", "旧ステップ"},
	Workflow: {"workflow", "ワークフロー"}, Event: {"event", "イベント"}, Segment: {"segment", "セグメント"},
	TossUp: {"toss-up", "トスアップ"}, Channel: {"channel", "チャネル"},
}

// sendWords are what people call the step kinds of the built-in plugins; others
// keep the name that their plugin gives them.
var sendWords = map[string]text{
	"email": {"email", "メール"}, "webhook": {"webhook", "Webhook"}, "crm": {"CRM", "CRM"}, "slack": {"Slack", "Slack"}, "line": {"LINE", "LINE"},
}

func (w Words) send(kind string) string {
	if t, ok := sendWords[kind]; ok {
		return w.say(t)
	}
	return kind
}

// phrase puts parts into a sentence: {0}, {1} ….
func (w Words) phrase(en, ja string, parts ...string) string {
	out := w.say(text{en, ja})
	for i, p := range parts {
		out = strings.ReplaceAll(out, "{"+strconv.Itoa(i)+"}", p)
	}
	return out
}

// conditions are a rule's lines in words: all of them must hold.
func (w Words) conditions(list []engine.Cond) []string {
	var out []string
	for _, c := range list {
		if w.Sentence == nil {
			out = append(out, c.Source())
			continue
		}
		out = append(out, w.Sentence(c, w.Lang))
	}
	return out
}

// units of time, from the longest.
var units = []struct {
	span            time.Duration
	one, many, japa string
}{
	{calendar.Day, "day", "days", "日"},
	{time.Hour, "hour", "hours", "時間"},
	{time.Minute, "minute", "minutes", "分"},
	{time.Second, "second", "seconds", "秒"},
}

// length is a length of time in words.
func (w Words) length(l calendar.Length) string {
	if l.BusinessDays != 0 {
		return w.count(l.BusinessDays, "business day", "business days", "営業日")
	}
	for _, u := range units {
		if l.Span%u.span == 0 {
			return w.count(int(l.Span/u.span), u.one, u.many, u.japa)
		}
	}
	return l.Span.String()
}

func (w Words) span(s engine.Span) string {
	return w.length(calendar.Length{Span: time.Duration(s) * time.Millisecond})
}

func (w Words) count(n int, one, many, japanese string) string {
	number := strconv.Itoa(n)
	switch {
	case w.Lang == "ja":
		return number + japanese
	case n == 1:
		return number + " " + one
	}
	return number + " " + many
}

// or joins names.
func (w Words) or(names []string) string {
	return strings.Join(names, w.say(text{" or ", "・"}))
}

func labelOr(label, name string) string {
	if label != "" {
		return label
	}
	return name
}

// names puts the workspace's own labels to names.
type names struct {
	events, segments, tossUps map[string]string
}

func namesOf(spec *engine.Spec) names {
	n := names{map[string]string{}, map[string]string{}, map[string]string{}}
	for i := range spec.Events {
		n.events[spec.Events[i].Name] = spec.Events[i].Label
	}
	for i := range spec.Segments {
		n.segments[spec.Segments[i].Name] = spec.Segments[i].Label
	}
	for i := range spec.TossUps {
		n.tossUps[spec.TossUps[i].Name] = spec.TossUps[i].Label
	}
	return n
}

func (n names) event(name string) string   { return labelOr(n.events[name], name) }
func (n names) segment(name string) string { return labelOr(n.segments[name], name) }
func (n names) tossUp(name string) string  { return labelOr(n.tossUps[name], name) }

func (n names) eventsOf(list []string) []string {
	var out []string
	for _, name := range list {
		out = append(out, n.event(name))
	}
	return out
}
