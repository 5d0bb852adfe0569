package dsl

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/calendar"
	"github.com/seed-456efde2/nurture/engine/kpi"
)

// perWords are the times that a rate is told in.
var perWords = map[string]engine.Span{
	"second": engine.Second, "minute": engine.Minute, "hour": engine.Hour, "day": engine.Day,
}

// frequency reads "2 per day", "20 per second" and "5 times over 24h": the number
// into num, the time into over.
func (d *decoder) frequency(a *attribute) bool {
	var ok bool
	switch a.spec.Type {
	case TypePerDay:
		a.num, a.over, ok = parsePer(a.text)
		ok = ok && a.over == engine.Day
	case TypeRate:
		a.num, a.over, ok = parsePer(a.text)
	case TypeRetry:
		a.num, a.over, ok = parseRetry(a.text)
	case TypeStepDown:
		a.num, a.over, ok = parseStepDown(a.text)
	}
	if !ok {
		d.badPhrase(a, a.text, a.place())
	}
	return ok
}

// badPhrase reports a phrase that is not of the attribute's form.
func (d *decoder) badPhrase(a *attribute, phrase string, at hcl.Range) *Diagnostic {
	return d.r.add(codeBadPhrase, at, a.in(), phrase, typeNames[a.spec.Type], typeExamples[a.spec.Type])
}

func parsePer(s string) (float64, engine.Span, bool) {
	number, word, ok := strings.Cut(s, " per ")
	n, err := strconv.Atoi(number)
	over, known := perWords[word]
	return float64(n), over, ok && err == nil && known && n > 0 && n <= maxCount
}

// maxRetries bounds attempts: the wait before each is twice the one before.
const maxRetries = 30

func parseRetry(s string) (float64, engine.Span, bool) {
	if s == "never" {
		return 0, 0, true
	}
	number, length, ok := strings.Cut(s, " times over ")
	n, err := strconv.Atoi(number)
	l, bad := calendar.ParseLength(length)
	span, fixed := l.Fixed()
	return float64(n), engine.Span(span.Milliseconds()), ok && err == nil && bad == nil && fixed && n > 0 && n <= maxRetries
}

// parseStepDown reads "10 per 30d": points, and the time in which no rule pays.
func parseStepDown(s string) (float64, engine.Span, bool) {
	number, length, ok := strings.Cut(s, " per ")
	n, err := strconv.ParseFloat(number, 64)
	l, bad := calendar.ParseLength(length)
	span, fixed := l.Fixed()
	return n, engine.Span(span.Milliseconds()), ok && err == nil && bad == nil && fixed && n > 0 && n <= maxCount
}

// decide reads how many trials of each arm a decision needs, into num, and how
// sure it must be, into from.
func (d *decoder) decide(a *attribute) bool {
	plan, err := kpi.ParseDecide(a.text)
	a.num, a.from = float64(plan.MinEach), plan.Sure
	return d.phraseUnderstood(a, err, a.place())
}

// guard reads an event and the share of an arm's messages that it may follow.
func (d *decoder) guard(a *attribute, e listed) bool {
	g, err := kpi.ParseGuard(e.text)
	if err == nil && g.Below {
		d.badPhrase(a, e.text, e.place)
		return false
	}
	a.guards = append(a.guards, engine.GuardSpec{Event: g.What, Above: g.Limit, Source: e.text})
	return d.phraseUnderstood(a, err, e.place)
}

// phraseUnderstood reports a mistake that the figures' parser found.
func (d *decoder) phraseUnderstood(a *attribute, err error, at hcl.Range) bool {
	var m *kpi.Mistake
	if !errors.As(err, &m) {
		return err == nil
	}
	if words := phraseWords[m.Problem]; words != (Doc{}) {
		d.r.add(codeOutOfBounds, at, a.in(), a.src.Name, words,
			Doc{"Write for instance " + quoted(m.Write) + ".", quoted(m.Write) + " のように書いてください。"})
		return false
	}
	d.badPhrase(a, m.Got, at).suggest(quoted(m.Write))
	return false
}

// phraseWords say which number of a phrase cannot be.
var phraseWords = map[kpi.Problem]Doc{
	kpi.NoSends:    {"decided after at least 1 send each", "1通以上の結果で決めるもの"},
	kpi.ManySends:  {"decided after fewer sends than there are people", "世の中の人数より少ない通数で決めるもの"},
	kpi.NeverSure:  {"less than 100% sure", "100%未満の確かさ"},
	kpi.HardlySure: {"more than 50% sure", "50%より大きい確かさ"},
	kpi.NoLimit:    {"a share above 0% and below 100%", "0%より大きく100%未満の割合"},
}

// schedule reads five fields of cron, or a date with a time.
func (d *decoder) schedule(a *attribute) bool {
	s, err := calendar.ParseSchedule(a.text)
	a.occurs = s
	return d.understood(a, err, a.place())
}

// slot reads a weekday and a time of day.
func (d *decoder) slot(a *attribute) bool {
	s, err := calendar.ParseSlot(a.text)
	a.occurs = slotTimes{s}
	return d.understood(a, err, a.place())
}

// slotTimes are the beginnings of a slot.
type slotTimes struct{ *calendar.Slot }

// Next implements engine.Occurrences: a slot always comes again.
func (s slotTimes) Next(after time.Time) (time.Time, bool) { return s.Slot.Next(after), true }
