package httpd

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-456efde2/nurture/dsl"
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/history"
)

// say picks the sentence of the language and fills it in.
func (a *answerer) say(en, ja string, args ...any) string {
	return fmt.Sprintf(pick(string(a.v.Lang), en, ja), args...)
}

// clock writes an instant with its date: what is explained may be printed and read on
// another day.
func (a *answerer) clock(t engine.Time) string {
	if t == 0 {
		return ""
	}
	at := t.In(a.v.zone)
	if at.Year() == a.v.now.In(a.v.zone).Year() {
		return at.Format(word{"1/2 15:04", "2 Jan 15:04"}.in(a.v.Lang))
	}
	return at.Format(word{"2006/1/2 15:04", "2 Jan 2006 15:04"}.in(a.v.Lang))
}

func (a *answerer) and() string { return pick(string(a.v.Lang), ", ", "、") }

// gapWords tell what is not known any more.
var gapWords = map[history.Gap]word{
	history.GapRules:     {"この時点のルールは、もう読み込めません。残っている記録だけから説明しています。", "The rules of then cannot be loaded any more; this is told from what the log says."},
	history.GapDiffers:   {"記録をもう一度判定すると違う結果になる箇所があります（もう残っていない一時停止などのため）。そこから先は、記録にある判断に合わせています。", "Deciding again gives something else somewhere, because of a pause or another ruling that is not kept any more; from there on this follows what the log says."},
	history.GapReasons:   {"古い判断の理由は、保存期間が過ぎたため残っていません。条件は事実から計算し直したものです。", "The reasons of older decisions are past the time for which they are kept; the conditions were worked out again from the facts."},
	history.GapForgotten: {"このリードのデータは消去されました。それより前のことは、もう分かりません。", "The lead was forgotten. What was before that is not known any more."},
	history.GapUnknown:   {"この時点では、まだこのリードを知りませんでした。", "The lead was not known at that time."},
}

// correctedWords tell what a correction says of a fact.
var correctedWords = map[string]word{
	"never":      {"起きていない", "it never happened"},
	"as_told":    {"最初に届いたとおり", "it was as it was first told"},
	"at":         {"起きた時刻が違う", "it happened at another time"},
	"human":      {"人による", "a person did it"},
	"machine":    {"機械による", "a machine did it"},
	"fields":     {"内容が違う", "it said something else"},
	"no_consent": {"同意として有効ではない", "it gives no leave"},
}

// plainValue writes a value for a person.
func (a *answerer) plainValue(v engine.Value) string {
	switch v.Kind() {
	case engine.None:
		return a.say("none", "なし")
	case engine.Number:
		return decimalAs(v.Number(), nil)
	case engine.Flag:
		if v.Flag() {
			return a.say("yes", "はい")
		}
		return a.say("no", "いいえ")
	case engine.Instant:
		return a.clock(v.Time())
	}
	return v.Text()
}

// decimalAs writes a number as short as it may be: rounded to tenths, unless it would
// then compare otherwise with one of the bounds than it does.
func decimalAs(n float64, bounds []float64) string {
	for digits := 1; digits < 9; digits++ {
		scale := math.Pow10(digits)
		r := math.Round(n*scale)/scale + 0 // no -0
		same := func(b float64) bool { return compare(r, b) == compare(n, b) }
		if !slices.ContainsFunc(bounds, func(b float64) bool { return !same(b) }) {
			return grouped(strconv.FormatFloat(r, 'f', -1, 64))
		}
	}
	return grouped(strconv.FormatFloat(n, 'f', -1, 64))
}

// compare is how conditions compare two numbers: what differs by less than 1e-9 is
// equal.
func compare(a, b float64) int {
	a, b = math.Round(a*1e9), math.Round(b*1e9)
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// grouped puts commas between the thousands of a written number.
func grouped(text string) string {
	whole, rest, found := strings.Cut(text, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return text
	}
	out := count(n)
	if n == 0 && strings.HasPrefix(whole, "-") {
		out = "-0"
	}
	if found {
		out += "." + rest
	}
	return out
}

// seen tells what a condition saw: "従業員数 320 ≥ 100".
func (a *answerer) seen(w *history.Weighed, operands []dsl.Operand) string {
	var list []string
	for i := range w.Inner {
		inner := &w.Inner[i]
		if text := a.seen(inner, dsl.Operands(inner.Cond, string(a.v.Lang))); text != "" {
			list = append(list, text)
		}
	}
	for i := range operands {
		o := &operands[i]
		f := slices.IndexFunc(w.Facts, func(f history.Fact) bool { return f.Key.String() == o.Key })
		if f < 0 || w.Facts[f].Key.Kind == engine.KeySegment && len(w.Inner) > 0 {
			continue
		}
		if text := a.factText(&w.Facts[f], o); text != "" && !slices.Contains(list, text) {
			list = append(list, text)
		}
	}
	return strings.Join(list, a.and())
}

// seenOf is seen, of facts alone.
func (a *answerer) seenOf(facts []engine.Field, operands []dsl.Operand) string {
	var list []string
	for i := range operands {
		o := &operands[i]
		at := slices.IndexFunc(facts, func(f engine.Field) bool { return f.Name == o.Key })
		if at < 0 {
			continue
		}
		list = append(list, a.labelled(o, a.number(facts[at].Value, o)))
	}
	return strings.Join(list, a.and())
}

// labelled is "従業員数 320 ≥ 100"; where the comparison does not hold, the value stands
// alone: the condition beside it says what is asked.
func (a *answerer) labelled(o *dsl.Operand, value string) string {
	return o.Label + " " + value
}

// number writes a value beside what it is compared with.
func (a *answerer) number(v engine.Value, o *dsl.Operand) string {
	if v.Kind() != engine.Number {
		return a.plainValue(v)
	}
	var bounds []float64
	for _, b := range o.Values {
		if b.Kind() == engine.Number {
			bounds = append(bounds, b.Number())
		}
	}
	return decimalAs(v.Number(), bounds)
}

// factText tells one fact that a condition saw, and where it comes from.
func (a *answerer) factText(f *history.Fact, o *dsl.Operand) string {
	value := a.number(f.Value, o)
	switch f.Key.Kind {
	case engine.KeyScore:
		return a.scoreText(f, o, value)
	case engine.KeyTimes, engine.KeyAccountTimes:
		return a.countText(f, o)
	case engine.KeySince, engine.KeyAccountSince:
		if f.Value.IsNone() {
			return a.say("never", "一度もない")
		}
		return a.say("%s, %s days ago", "%s（%s日前）", a.clock(f.Since), value)
	case engine.KeyConsent:
		return a.consentText(f)
	case engine.KeyStage:
		return a.say("stage %s", "ステージ %s", a.stage(f.Value.Text()))
	case engine.KeyLead:
		if f.Value.IsNone() {
			return a.say("%s is not known", "%s は不明", o.Label)
		}
		if f.Value.Kind() == engine.Flag { // which way, the condition beside it says
			return a.clock(f.Since)
		}
	case engine.KeyAt:
		if f.Value.Text() == "" {
			return a.say("never entered", "入ったことがない")
		}
	case engine.KeyEvent:
		if f.Value.IsNone() {
			return a.say("%s is empty", "%s は空", o.Label)
		}
	}
	if o.Op == "≥" || o.Op == ">" || o.Op == "≤" || o.Op == "<" {
		return a.bounded(f, o, value)
	}
	return a.labelled(o, value)
}

// bounded writes a number with the sign by which it does compare with the bound.
func (a *answerer) bounded(f *history.Fact, o *dsl.Operand, value string) string {
	if f.Value.Kind() != engine.Number || o.Bound == "" || len(o.Values) == 0 {
		return a.labelled(o, value)
	}
	return o.Label + " " + value + " " + truly(f.Value.Number(), o) + " " + o.Bound
}

// truly is the sign that is true between a number and a bound.
func truly(n float64, o *dsl.Operand) string {
	bound := o.Values[0].Number()
	switch o.Op { // Values holds what would just do: one beside the bound where it is not enough itself
	case ">":
		bound--
	case "<":
		bound++
	}
	c := compare(n, bound)
	switch o.Op {
	case "≥", "<":
		if c >= 0 {
			return "≥"
		}
		return "<"
	default:
		if c > 0 {
			return ">"
		}
		return "≤"
	}
}

// scoreText is 「いま 58.4（10/03 79 から半減期14日で低下中）」.
func (a *answerer) scoreText(f *history.Fact, o *dsl.Operand, value string) string {
	now := a.say("%s is %s now", "%s はいま %s", o.Label, value)
	if a.x.Past {
		now = a.say("%s was %s", "%s は %s", o.Label, value)
	}
	if f.Since == 0 || f.Falls == nil || compare(f.Was, f.Value.Number()) == 0 {
		return now
	}
	was := decimal(f.Was)
	how := ""
	switch s := f.Falls; {
	case s.HalfLife > 0:
		how = a.say("halves every %s", "半減期%sで低下中", a.span(s.HalfLife))
	case s.Expires > 0:
		how = a.say("points expire after %s", "加点は%sで失効", a.span(s.Expires))
	default:
		how = a.say("falls by %s every %s", "%[2]sごとに%[1]s点ずつ低下中", decimal(math.Abs(s.Step.Points)), a.span(s.Step.Per))
	}
	if was == decimal(f.Value.Number()) {
		return now + a.say(" (paid %s, %s)", "（%s の加点、%s）", a.clock(f.Since), how)
	}
	return now + a.say(" (%s on %s, %s)", "（%[2]s %[1]s から%[3]s）", was, a.clock(f.Since), how)
}

// span writes a length of time.
func (a *answerer) span(s engine.Span) string {
	for _, u := range [...]struct {
		span engine.Span
		word word
	}{
		{engine.Day, word{"日", " day"}}, {engine.Hour, word{"時間", " hour"}}, {engine.Minute, word{"分", " minute"}}, {engine.Second, word{"秒", " second"}},
	} {
		if s%u.span != 0 || s == 0 {
			continue
		}
		n := int64(s / u.span)
		text := strconv.FormatInt(n, 10) + u.word.in(a.v.Lang)
		if n != 1 && a.v.Lang == english {
			text += "s"
		}
		return text
	}
	return s.String()
}

// countText tells how often something was counted, and when last.
func (a *answerer) countText(f *history.Fact, o *dsl.Operand) string {
	n := int(f.Value.Number())
	switch {
	case n == 0 && f.Since != 0:
		return a.say("none (last %s)", "なし（最後は %s）", a.clock(f.Since))
	case n == 0:
		return a.say("none", "なし")
	case f.Since == 0:
		return a.times(n)
	}
	return a.say("%s, last %s", "%s、最後は %s", a.times(n), a.clock(f.Since))
}

func (a *answerer) consentText(f *history.Fact) string {
	switch {
	case f.Value.Flag() && f.Ends != 0:
		return a.say("given %s, until %s", "%s に同意、%s まで有効", a.clock(f.Since), a.clock(f.Ends))
	case f.Value.Flag():
		return a.say("given %s", "%s に同意", a.clock(f.Since))
	case f.Since == 0:
		return a.say("never given", "同意したことがない")
	case f.Ends != 0:
		return a.say("expired %s", "%s に期限切れ", a.clock(f.Ends))
	}
	return a.say("withdrawn %s", "%s に撤回", a.clock(f.Since))
}

// needText is one thing that would do: "料金ページ +20（10/14 09:00 まで）".
func (a *answerer) needText(n *history.Need) string {
	var b strings.Builder
	switch {
	case n.Attr != "":
		name, value := a.attribute(n.Attr), a.plainValue(n.Value)
		b.WriteString(a.say("%s = %s", "%sが%s", name, value))
	case n.Consent != "":
		b.WriteString(a.say("consent to %s", "%sへの同意", a.consent(n.Consent)))
	default:
		b.WriteString(a.eventName(n.Event))
		var asks []string
		for _, c := range n.Asks {
			asks = append(asks, dsl.Sentence(c, string(a.v.Lang)))
		}
		if len(asks) > 0 {
			b.WriteString(a.say(" where %s", "（%s）", strings.Join(asks, a.and())))
		}
		if n.Points != 0 {
			b.WriteString(" " + signedDecimal(n.Points))
		}
		if n.Times > 1 {
			b.WriteString(a.say(" × %d", " × %d回", n.Times))
		}
	}
	if n.Until != 0 {
		b.WriteString(a.say(" before %s", "（%s まで）", a.clock(n.Until)))
	}
	return b.String()
}

// adviceLine joins what would let one condition hold.
func (a *answerer) adviceLine(w *history.Weighed, lack string, texts []string, enough bool) string {
	list := strings.Join(texts, a.and())
	if len(texts) > 1 && a.v.Lang == english {
		list = strings.Join(texts[:len(texts)-1], ", ") + " or " + texts[len(texts)-1]
	}
	sentence := dsl.Sentence(w.Cond, string(a.v.Lang))
	switch {
	case len(texts) == 0:
		return a.say("%s.", "%s。", upperFirst(lack))
	case lack != "" && enough:
		return a.say("%s. Enough: %s.", "%s。%s で届きます。", upperFirst(lack), list)
	case lack != "":
		return a.say("%s. Enough for this condition: %s. The others stand.", "%s。この条件には %s で届きます（ほかの条件は残ります）。", upperFirst(lack), list)
	case enough:
		return a.say("“%s” would hold by %s.", "「%s」は、%s で満たせます。", sentence, list)
	}
	return a.say("“%s” would hold by %s. The other conditions stand.", "「%s」は、%s で満たせます（ほかの条件は残ります）。", sentence, list)
}

// upperFirst begins a sentence; numbers and Japanese stay as they are.
func upperFirst(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
