package dsl

import (
	"errors"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/calendar"
)

// civil is a date and a time of day as written: an instant only once the
// project's zone is known, unless it names a zone itself.
type civil struct {
	wall  time.Time // in UTC, to be read in the zone
	fixed bool      // wall is the instant itself
}

// in is the instant in a zone.
func (c civil) in(zone *time.Location) time.Time {
	if c.fixed {
		return c.wall.In(zone)
	}
	return calendar.OnWall(c.wall, zone)
}

// parseCivil reads "2026-10-05 09:00", with seconds or a T, a date alone for its
// first instant, and RFC 3339 with a zone.
func parseCivil(s string) (civil, bool) {
	for _, form := range []string{"2006-01-02 15:04", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02"} {
		if t, err := time.Parse(form, s); err == nil {
			return civil{wall: t}, true
		}
	}
	t, err := time.Parse(time.RFC3339, s)
	return civil{wall: t, fixed: true}, err == nil
}

func (d *decoder) time(a *attribute) bool {
	c, ok := parseCivil(a.text)
	if !ok {
		d.r.add(codeBadTime, a.place(), a.in(), a.text,
			Doc{"a date with a time of day", "日時"}, "2026-10-05 09:00")
	}
	a.clock = c
	return ok
}

func (d *decoder) date(a *attribute, s string, at hcl.Range) bool {
	_, err := calendar.ParseDate(s)
	return d.understood(a, err, at)
}

func (d *decoder) period(a *attribute) bool {
	from, to, ok := strings.Cut(a.text, " to ")
	if !ok {
		d.r.add(codeBadPhrase, a.place(), a.in(), a.text, typeNames[TypePeriod], typeExamples[TypePeriod])
		return false
	}
	if !d.date(a, from, a.place()) || !d.date(a, to, a.place()) {
		return false
	}
	if from >= to {
		d.r.add(codeUpsideDown, a.place(), a.in(), from, to)
		return false
	}
	return true
}

func (d *decoder) zone(a *attribute) bool {
	_, err := calendar.ParseZone(a.text)
	return d.understood(a, err, a.place())
}

func (d *decoder) lengthOfTime(a *attribute) bool {
	if a.spec.Type == TypeCooldown && a.text == "never again" {
		a.never = true
		return true
	}
	l, err := calendar.ParseLength(a.text)
	if !d.understood(a, err, a.place()) {
		return false
	}
	if _, fixed := l.Fixed(); !fixed && a.spec.Type != TypeLength {
		d.r.add(codeBadLength, a.place(), a.in(), a.text, Doc{
			"depends on the calendar, and this must be equally long every day", "カレンダーで長さが変わり、ここには使えません",
		},
			sameInHours(l).String(), Doc{})
		return false
	}
	a.length = l
	return true
}

// sameInHours is what to write for business days or hours where only a length that
// is the same every day will do.
func sameInHours(l calendar.Length) calendar.Length {
	return calendar.Length{Span: time.Duration(l.BusinessDays)*calendar.Day + time.Duration(l.BusinessHours)*time.Hour}
}

// span is a fixed length in the engine's terms.
func (a *attribute) span() engine.Span {
	if a == nil {
		return 0
	}
	if a.never {
		return engine.Forever
	}
	return engine.Span(a.length.Span.Milliseconds())
}

func (d *decoder) hours(a *attribute) bool {
	if a.spec.Type == TypeWindow {
		w, err := calendar.ParseWindow(a.text)
		if w != nil {
			a.window = *w
		}
		return d.understood(a, err, a.place())
	}
	from, to, err := calendar.ParseHours(a.text)
	a.from, a.to = float64(from), float64(to)
	return d.understood(a, err, a.place())
}

func (d *decoder) weekday(a *attribute, e listed) bool {
	var err error
	var days calendar.Weekdays
	if a.spec.Type == TypeWeekdays {
		days, err = calendar.ParseWorkdays(e.text)
	} else {
		var holidays bool
		days, holidays, err = calendar.ParseWeekdays(e.text)
		a.holidays = a.holidays || holidays
	}
	a.days |= days
	return d.understood(a, err, e.place)
}

// mistakeWords say what the calendar found wrong, in both languages.
var mistakeWords = map[calendar.Problem]struct {
	code string
	doc  Doc
}{
	calendar.NotLength:    {codeBadLength, Doc{"is not a length of time", "期間ではありません"}},
	calendar.BrokenLength: {codeBadLength, Doc{"is not a whole number of one unit", "ひとつの単位の整数になっていません"}},
	calendar.VagueLength:  {codeBadLength, Doc{"is not always equally long", "長さが一定ではありません"}},
	calendar.EmptyLength:  {codeBadLength, Doc{"is no time at all", "長さがありません"}},
	calendar.LongLength:   {codeBadLength, Doc{"is longer than a hundred years", "100年を超えています"}},
	calendar.NotWeekday:   {codeBadHours, Doc{"is not a weekday", "曜日ではありません"}},
	calendar.NotHours:     {codeBadHours, Doc{"is not a pair of times", "時間帯ではありません"}},
	calendar.SameHours:    {codeBadHours, Doc{"begins and ends at the same minute", "始まりと終わりが同じ時刻です"}},
	calendar.NotWindow:    {codeBadHours, Doc{"is not a sending window", "曜日と時間帯ではありません"}},
	calendar.AlwaysQuiet:  {codeBadHours, Doc{"leaves no time to write to anybody", "誰にも送れる時間が残りません"}},
	calendar.NotZone:      {codeBadZone, Doc{}},
	calendar.NotSlot:      {codeBadHours, Doc{"is not a weekday with a time", "曜日と時刻ではありません"}},
	calendar.NotSchedule:  {codeBadSchedule, Doc{"it has neither five fields nor a date with a time", "5項目でも、日時でもありません"}},
	calendar.NotMinute:    {codeBadSchedule, Doc{"is not a minute", "分ではありません"}},
	calendar.NotHour:      {codeBadSchedule, Doc{"is not an hour", "時ではありません"}},
	calendar.NotDay:       {codeBadSchedule, Doc{"is not a day", "日ではありません"}},
	calendar.NotMonth:     {codeBadSchedule, Doc{"is not a month", "月ではありません"}},
	calendar.NotDayOfWeek: {codeBadSchedule, Doc{"is not a weekday", "曜日ではありません"}},
	calendar.NeverComes:   {codeBadSchedule, Doc{"no month it names has that day", "その月にその日はありません"}},
	calendar.NotDate:      {codeBadTime, Doc{"a date", "日付"}},
}

// plainAdvice is what the calendar advises when it cannot guess what was meant.
var plainAdvice = map[string]bool{
	"4h": true, "mon": true, "mon-fri": true, "19:00-08:30": true, "00:00-24:00": true,
	"tue-thu 09:30-11:30": true, "Asia/Tokyo": true, "2026-11-03": true,
	"0 9 * * 1": true, "tue 09:30": true,
}

// understood reports a mistake that the calendar found.
func (d *decoder) understood(a *attribute, err error, at hcl.Range) bool {
	var m *calendar.Mistake
	if !errors.As(err, &m) {
		return err == nil
	}
	words := mistakeWords[m.Problem]
	if m.Part != "" {
		words.doc = Doc{"'" + m.Part + "' " + words.doc.En, "「" + m.Part + "」は" + words.doc.Ja}
	}
	var diag *Diagnostic
	switch words.code {
	case codeBadZone:
		diag = d.r.add(codeBadZone, at, a.in(), m.Got, m.Write)
	case codeBadLength:
		business := Doc{}
		if a.spec.Type == TypeLength {
			business = Doc{`, "5 business days"`, `、"5 business days"`}
		}
		diag = d.r.add(codeBadLength, at, a.in(), m.Got, words.doc, m.Write, business)
	default:
		diag = d.r.add(words.code, at, a.in(), m.Got, words.doc, m.Write)
	}
	if !plainAdvice[m.Write] || m.Problem == calendar.VagueLength {
		diag.suggest(quoted(m.Write))
	}
	return false
}
