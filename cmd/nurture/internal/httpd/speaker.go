package httpd

import (
	"encoding/json"
	"fmt"
	"math"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/calendar"
	"github.com/seed-456efde2/nurture/engine/verdict"
)

// speaker tells decisions in the reader's language and in the workspace's own
// labels.
type speaker struct {
	v    *view
	spec *engine.Spec
}

// decision is one decision as a sentence.
func (sp speaker) decision(d *DecisionDoc) string {
	w, ok := decisionWords[d.Kind]
	if !ok {
		return strings.TrimSpace(d.Kind + " " + d.Subject + " " + d.Detail)
	}
	subject, detail, points := d.Subject, sp.code(d.Detail), ""
	switch d.Kind {
	case "enrolled", "step", "left", "held_out", "not_entered", "goal", "paused", "resumed":
		subject = sp.workflow(d.Subject)
	case "joined", "parted":
		subject = sp.segment(d.Subject)
	case "stage":
		subject, detail = sp.stage(d.Subject), sp.stage(d.Detail)
	case "holding", "tossed_up", "queued", "turn", "missed", "doubted":
		subject = sp.tossUp(d.Subject)
	case "dropped_out", "notified", "succeeded":
		subject = sp.tossUp(d.Subject)
		detail = sp.word(d.Kind+"."+d.Detail, d.Detail)
	case "answered":
		subject = sp.tossUp(d.Subject)
		word, reason, found := strings.Cut(d.Detail, ": ")
		if detail = sp.word("answered."+word, word); found {
			detail += " (" + sp.reason(d.Subject, reason) + ")"
		}
	case "intended", "permitted", "sent":
		detail = sp.tossUp(d.Detail[strings.LastIndexByte(d.Detail, '/')+1:]) // "workflow/step" or a toss-up
	case "corrected":
		subject, _ = sp.event("", d.Subject)
		var says []string
		for word := range strings.FieldsSeq(d.Detail) {
			says = append(says, sp.word("corrected."+word, word))
		}
		detail = strings.Join(says, ", ")
	case "took_back":
		subject, detail = sp.workflow(sp.tossUp(d.Subject)), sp.word("succeeded."+d.Detail, d.Detail)
	case "judged":
		subject, _ = sp.event("", d.Subject)
		detail = sp.verdict(d.Detail)
	case "scored":
		subject = sp.score(d.Subject)
		points = strconv.FormatFloat(d.Points, 'f', -1, 64)
		if d.Points > 0 {
			points = "+" + points
		}
	}
	text := fmt.Sprintf(w.in(sp.v.Lang)+"%.0[1]s%.0[2]s%.0[3]s%.0[4]s", subject, detail, points, sp.v.Clock(d.Until))
	return text
}

func (sp speaker) word(name, otherwise string) string {
	if w, ok := decisionWords[name]; ok {
		return w.in(sp.v.Lang)
	}
	return otherwise
}

// code puts a reason code in words; other details stay as they are.
func (sp speaker) code(detail string) string { return sp.word("code."+detail, detail) }

// verdict says who opened or clicked, and why it is thought so: "human ordinary".
func (sp speaker) verdict(detail string) string {
	who, why, _ := strings.Cut(detail, " ")
	return sp.word("verdict."+who, who) + " (" + verdict.Reason(why).Words(string(sp.v.Lang)) + ")"
}

func (sp speaker) workflow(name string) string {
	for i := range sp.spec.Flows {
		if f := &sp.spec.Flows[i]; f.Name == name {
			return labelOr(f.Label, name)
		}
	}
	return name
}

func (sp speaker) stage(name string) string {
	for i := range sp.spec.Stages {
		if s := &sp.spec.Stages[i]; s.Name == name {
			return labelOr(s.Label, name)
		}
	}
	return labelOr(name, "–")
}

func (sp speaker) tossUp(name string) string {
	for i := range sp.spec.TossUps {
		if t := &sp.spec.TossUps[i]; t.Name == name {
			return labelOr(t.Label, name)
		}
	}
	return name
}

// reason is what people call a reason for which a rule's leads are sent back.
func (sp speaker) reason(tossUp, name string) string {
	for i := range sp.spec.TossUps {
		t := &sp.spec.TossUps[i]
		if t.Name != tossUp || t.Answer == nil {
			continue
		}
		for j := range t.Answer.Reasons {
			if t.Answer.Reasons[j].Name == name {
				return labelOr(t.Answer.Reasons[j].Label, name)
			}
		}
	}
	return sp.word("answered.reason."+name, name)
}

func (sp speaker) segment(name string) string {
	for i := range sp.spec.Segments {
		if s := &sp.spec.Segments[i]; s.Name == name {
			return labelOr(s.Label, name)
		}
	}
	return name
}

func (sp speaker) consent(name string) string {
	for i := range sp.spec.Consents {
		if c := &sp.spec.Consents[i]; c.Name == name {
			return labelOr(c.Label, name)
		}
	}
	return name
}

func (sp speaker) attribute(name string) string {
	for i := range sp.spec.Attrs {
		if a := &sp.spec.Attrs[i]; a.Name == name {
			return labelOr(a.Label, name)
		}
	}
	return name
}

// kindWords are the kinds of fact that have no event's name.
var kindWords = map[string]word{
	"tick":     {"タイマー", "Timer"},
	"attempt":  {"送信の許可", "Leave to send"},
	"settled":  {"チャネルの回答", "Answer of the channel"},
	"redrive":  {"再送の指示", "Told to try again"},
	"identify": {"属性の更新", "Attributes"}, "page": {"ページ閲覧", "Page viewed"}, "screen": {"画面表示", "Screen viewed"},
	"correct": {"事実の訂正", "A fact corrected"}, "merge": {"統合", "Merged"},
	"group": {"所属の更新", "Group"}, "alias": {"IDの統合", "Alias"},
}

// event is what a fact is called, and how the client wrote it where that is
// something else.
func (sp speaker) event(kind, name string) (label, wire string) {
	if w, ok := kindWords[kind]; ok {
		return w.in(sp.v.Lang), ""
	}
	for i := range sp.spec.Events {
		e := &sp.spec.Events[i]
		if e.Wire == name || e.Wire == "" && e.Name == engine.Fold(name) {
			if label := labelOr(e.Label, e.Name); label != name {
				return label, name
			}
			break
		}
	}
	return labelOr(name, kind), ""
}

// length is a length of time as a wait has it.
func (sp speaker) length(l calendar.Length) string {
	n, unit := l.BusinessDays, word{"営業日", " business days"}
	if l.BusinessDays == 0 {
		switch {
		case l.BusinessHours > 0:
			n, unit = l.BusinessHours, word{"営業時間", " business hours"}
		case l.Span%(24*time.Hour) == 0:
			n, unit = int(l.Span/(24*time.Hour)), word{"日", " d"}
		case l.Span%time.Hour == 0:
			n, unit = int(l.Span/time.Hour), word{"時間", " h"}
		case l.Span%time.Minute == 0:
			n, unit = int(l.Span/time.Minute), word{"分", " min"}
		default:
			n, unit = int(l.Span/time.Second), word{"秒", " s"}
		}
	}
	return strconv.Itoa(n) + unit.in(sp.v.Lang)
}

// score puts "interest.pricing", a rule of a score, in the workspace's words.
func (sp speaker) score(rule string) string {
	name, detail, _ := strings.Cut(rule, ".")
	for i := range sp.spec.Scores {
		if s := &sp.spec.Scores[i]; s.Name == name && s.Label != "" {
			return s.Label + word{"（", " ("}.in(sp.v.Lang) + detail + word{"）", ")"}.in(sp.v.Lang)
		}
	}
	return rule
}

// moodOf is the color of a decision: a deed done, something that waits, something
// that failed, or nothing of note.
func moodOf(kind string) string {
	switch kind {
	case "tossed_up", "sent", "enrolled", "answered":
		return "ok"
	case "postponed", "retry", "holding", "skipped":
		return "warn"
	case "gave_up", "fault":
		return "bad"
	}
	return ""
}

// pair is a name with a value, for tables and chips.
type pair struct {
	Name, Value string
	None        bool
}

// value writes a JSON value for a person.
func (sp speaker) value(v any) pair {
	switch x := v.(type) {
	case nil:
		return pair{Value: sp.v.T("no_value"), None: true}
	case string:
		return pair{Value: x}
	case float64:
		return pair{Value: strconv.FormatFloat(math.Round(x*100)/100, 'f', -1, 64)}
	case *time.Time:
		return pair{Value: sp.v.Clock(x)}
	case time.Time:
		return pair{Value: sp.v.Clock(&x)}
	case json.RawMessage:
		return pair{Value: string(x)}
	}
	return pair{Value: fmt.Sprint(v)}
}

// pairs writes fields in the given order, or by name.
func (sp speaker) pairs(values map[string]any, order []string) []pair {
	if order == nil {
		for name := range values {
			order = append(order, name)
		}
		sort.Strings(order)
	}
	list := make([]pair, 0, len(order))
	for _, name := range order {
		p := sp.value(values[name])
		p.Name = name
		list = append(list, p)
	}
	return list
}
