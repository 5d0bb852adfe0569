package calendar

import (
	"strconv"
	"strings"
	"time"
)

// Day and Week are exact multiples of an hour, whatever the clocks do meanwhile.
const (
	Day  = 24 * time.Hour
	Week = 7 * Day
)

// The longest lengths that can be written: a hundred years, or what comes near.
const (
	maxSpan          = 36500 * Day
	maxBusinessDays  = 26000
	maxBusinessHours = 10000 // five years of them, which take a moment to count
)

// Length is a length of time as the language writes it: "4h", "14d",
// "5 business days", "4 business hours". The zero Length is none, and only one of the
// fields is ever set.
type Length struct {
	Span          time.Duration // 24 h for each "d"
	BusinessDays  int           // counted in a Calendar
	BusinessHours int           // counted in a Calendar, in its hours of work
}

// IsZero reports "none".
func (l Length) IsZero() bool { return l == Length{} }

// Fixed is the length as a Duration. ok is false for business days and hours, which
// are as long as the calendar makes them.
func (l Length) Fixed() (span time.Duration, ok bool) {
	return l.Span, l.BusinessDays == 0 && l.BusinessHours == 0
}

// After is the instant that lies l after t, in t's zone and the calendar.
//
// A day is 24 hours: 1d after 10:00 is 11:00 when the clocks went forward in
// between. Business days keep the time of day instead, and count working days
// after the date of t: one business day after Friday 10:00 and after Saturday
// 10:00 are both Monday 10:00. Business hours pass in the calendar's hours of work
// only: with work until 18:00, two of them after Friday 17:00 are over on Monday an
// hour after work has begun.
func (l Length) After(t time.Time, c *Calendar) time.Time {
	switch {
	case l.BusinessDays > 0:
		return c.addBusinessDays(t, l.BusinessDays)
	case l.BusinessHours > 0:
		return c.addBusinessHours(t, l.BusinessHours)
	}
	return t.Add(l.Span)
}

// String writes it as ParseLength reads it, in the largest unit that leaves no
// rest; "none" for the zero Length. Weeks are written as days.
func (l Length) String() string {
	switch {
	case l.IsZero():
		return "none"
	case l.BusinessDays == 1:
		return "1 business day"
	case l.BusinessDays != 0:
		return strconv.Itoa(l.BusinessDays) + " business days"
	case l.BusinessHours == 1:
		return "1 business hour"
	case l.BusinessHours != 0:
		return strconv.Itoa(l.BusinessHours) + " business hours"
	}
	for _, u := range []struct {
		span time.Duration
		name string
	}{{Day, "d"}, {time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}} {
		if l.Span%u.span == 0 {
			return strconv.FormatInt(int64(l.Span/u.span), 10) + u.name
		}
	}
	return l.Span.String()
}

// ParseLength reads "30s", "10m", "4h", "14d", "2w", "5 business days",
// "1 business day", "4 business hours".
func ParseLength(s string) (Length, error) {
	number, unit := splitNumber(s)
	n, _ := strconv.ParseInt(number, 10, 64) // the largest number where it has too many digits
	l, known := lengthOf(n, unit)
	switch {
	case number == "" || !known:
		return Length{}, lengthMistake(s)
	case n == 0:
		return Length{}, &Mistake{Problem: EmptyLength, Got: s, Write: units[unit].String()}
	case l.IsZero():
		return Length{}, &Mistake{Problem: LongLength, Got: s, Write: longestOf(units[unit]).String()}
	}
	return l, nil
}

// units are the ways to end a length.
var units = map[string]Length{
	"s":              {Span: time.Second},
	"m":              {Span: time.Minute},
	"h":              {Span: time.Hour},
	"d":              {Span: Day},
	"w":              {Span: Week},
	" business day":  {BusinessDays: 1},
	" business days": {BusinessDays: 1},

	" business hour":  {BusinessHours: 1},
	" business hours": {BusinessHours: 1},
}

// longestOf is the longest length that can be written in the unit.
func longestOf(unit Length) Length {
	switch {
	case unit.BusinessDays > 0:
		return Length{BusinessDays: maxBusinessDays}
	case unit.BusinessHours > 0:
		return Length{BusinessHours: maxBusinessHours}
	}
	return Length{Span: maxSpan}
}

// lengthOf is n units. It is zero when that is none, or longer than can be written.
func lengthOf(n int64, unit string) (l Length, known bool) {
	u, known := units[unit]
	switch {
	case !known:
	case u.BusinessDays > 0 && n <= maxBusinessDays:
		l.BusinessDays = int(n)
	case u.BusinessHours > 0 && n <= maxBusinessHours:
		l.BusinessHours = int(n)
	case u.Span > 0 && n <= int64(maxSpan/u.Span):
		l.Span = time.Duration(n) * u.Span
	}
	return l, known
}

// splitNumber cuts s behind its leading digits.
func splitNumber(s string) (number, rest string) {
	end := 0
	for end < len(s) && s[end] >= '0' && s[end] <= '9' {
		end++
	}
	return s[:end], s[end:]
}

// lengthMistake guesses what was meant by a length that is not one.
func lengthMistake(s string) *Mistake {
	m := &Mistake{Problem: NotLength, Got: s, Write: "4h"}
	number, word := splitFraction(strings.ToLower(halfWidth(s)))
	word = strings.Join(strings.Fields(word), " ")
	if days, vague := vagueUnits[word]; vague {
		m.Problem, m.Write = VagueLength, "30d"
		if n, err := strconv.Atoi(number); err == nil && n > 0 && n <= 100 {
			m.Write = strconv.Itoa(n*days) + "d"
		}
		return m
	}
	if unit, known := unitWords[word]; known {
		if n, err := strconv.ParseInt(number, 10, 64); err == nil {
			if l, _ := lengthOf(n, unit); !l.IsZero() {
				m.Write = l.String()
			}
			return m
		}
	}
	if l, ok := brokenLength(number, word); ok {
		m.Problem, m.Write = BrokenLength, l.String()
	}
	return m
}

// brokenLength reads "1.5d" and "1h30m", which can be said in one whole unit.
func brokenLength(number, word string) (Length, bool) {
	span, err := time.ParseDuration(number + word)
	if unit := units[unitWords[word]]; err != nil && unit.Span > 0 {
		var n float64
		if n, err = strconv.ParseFloat(number, 64); err == nil && n < 1000 {
			span = time.Duration(n * float64(unit.Span))
		}
	}
	span = span.Round(time.Second)
	return Length{Span: span}, err == nil && span > 0 && span <= maxSpan
}

// splitFraction cuts s behind a number that may have a fraction.
func splitFraction(s string) (number, rest string) {
	number, rest = splitNumber(s)
	if fraction, found := strings.CutPrefix(rest, "."); found {
		digits, _ := splitNumber(fraction)
		number += "." + digits
	}
	return s[:len(number)], strings.TrimSpace(s[len(number):])
}

// unitWords are other words for a unit that people write.
var unitWords = map[string]string{
	"s": "s", "sec": "s", "secs": "s", "second": "s", "seconds": "s", "秒": "s", "秒間": "s",
	"m": "m", "min": "m", "mins": "m", "minute": "m", "minutes": "m", "分": "m", "分間": "m",
	"h": "h", "hr": "h", "hrs": "h", "hour": "h", "hours": "h", "時間": "h",
	"d": "d", "day": "d", "days": "d", "日": "d", "日間": "d",
	"w": "w", "wk": "w", "wks": "w", "week": "w", "weeks": "w", "週": "w", "週間": "w",
	"bd": " business days", "business day": " business days", "business days": " business days",
	"businessday": " business days", "businessdays": " business days",
	"business-day": " business days", "business-days": " business days",
	"working day": " business days", "working days": " business days",
	"workday": " business days", "workdays": " business days", "営業日": " business days",
	"bh": " business hours", "business hour": " business hours", "business hours": " business hours",
	"businesshour": " business hours", "businesshours": " business hours",
	"business-hour": " business hours", "business-hours": " business hours",
	"working hour": " business hours", "working hours": " business hours", "営業時間": " business hours",
}

// vagueUnits are units without a fixed length, and the days to write for one.
var vagueUnits = map[string]int{
	"mo": 30, "mon": 30, "month": 30, "months": 30, "か月": 30, "ヶ月": 30, "カ月": 30, "ヵ月": 30, "ケ月": 30, "月": 30,
	"y": 365, "yr": 365, "year": 365, "years": 365, "年": 365, "年間": 365,
}
