package dsl

import (
	"strconv"
	"strings"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/calendar"
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
	}
	if !ok {
		d.r.add(codeBadPhrase, a.place(), a.in(), a.text, typeNames[a.spec.Type], typeExamples[a.spec.Type])
	}
	return ok
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

// scheduleField is one of the five fields of a schedule.
type scheduleField struct {
	name      Doc
	low, high int
	words     string // names for the numbers from low on
}

var scheduleFields = [5]scheduleField{
	{Doc{"minute", "分"}, 0, 59, ""},
	{Doc{"hour", "時"}, 0, 23, ""},
	{Doc{"day", "日"}, 1, 31, ""},
	{Doc{"month", "月"}, 1, 12, "jan feb mar apr may jun jul aug sep oct nov dec"},
	{Doc{"weekday", "曜日"}, 0, 7, "sun mon tue wed thu fri sat"},
}

// schedule checks the five fields of cron: *, lists, ranges, steps, names, and
// 2#1 for the first Tuesday of a month.
func (d *decoder) schedule(a *attribute) bool {
	fields := strings.Fields(a.text)
	if len(fields) != len(scheduleFields) {
		d.r.add(codeBadSchedule, a.place(), a.in(), a.text, Doc{
			strconv.Itoa(len(fields)) + " fields instead of five", "項目が5つではなく" + strconv.Itoa(len(fields)) + "つ",
		})
		return false
	}
	for i, f := range scheduleFields {
		for _, item := range strings.Split(strings.ToLower(fields[i]), ",") {
			if !f.reads(item) {
				d.r.add(codeBadSchedule, a.place(), a.in(), a.text, Doc{
					"'" + fields[i] + "' is not a " + f.name.En, "「" + fields[i] + "」は" + f.name.Ja + "ではありません",
				})
				return false
			}
		}
	}
	return true
}

func (f scheduleField) reads(item string) bool {
	item, step, stepped := strings.Cut(item, "/")
	if n, err := strconv.Atoi(step); stepped && (err != nil || n < 1 || n > f.high) {
		return false
	}
	if item == "*" {
		return true
	}
	if f.high == 7 {
		day, week, nth := strings.Cut(item, "#")
		if nth {
			n, err := strconv.Atoi(week)
			_, ok := f.number(day)
			return ok && err == nil && n >= 1 && n <= 5 && !stepped
		}
	}
	from, to, isRange := strings.Cut(item, "-")
	low, ok := f.number(from)
	if !isRange {
		return ok
	}
	high, okHigh := f.number(to)
	return ok && okHigh && low <= high
}

func (f scheduleField) number(s string) (int, bool) {
	for i, word := range strings.Fields(f.words) {
		if word == s {
			return f.low + i, true
		}
	}
	n, err := strconv.Atoi(s)
	return n, err == nil && n >= f.low && n <= f.high
}
