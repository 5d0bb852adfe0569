package calendar

import (
	"errors"
	"strings"
	"time"
)

// Quiet is when nobody is written to. Its hours are [From, To) of every day; a day
// of Days is quiet from its first to its last instant.
type Quiet struct {
	From, To int      // minutes of the day; From > To runs over midnight; equal: no hours
	Days     Weekdays // quiet all day
	Holidays bool     // the calendar's holidays too
	Calendar *Calendar
}

// Covers reports whether t, in its own zone, is quiet. A nil Quiet never is.
func (q *Quiet) Covers(t time.Time) bool {
	day, second := local(t)
	return q.covers(day, minuteOf(second))
}

func (q *Quiet) covers(day int64, minute int) bool {
	if q == nil {
		return false
	}
	inHours := minute >= q.From && minute < q.To
	if q.From > q.To {
		inHours = minute >= q.From || minute < q.To
	}
	return inHours || q.wholeDay(day)
}

// wholeDay reports whether the day is quiet from end to end, whatever the hours.
func (q *Quiet) wholeDay(day int64) bool {
	return q.Days.Has(weekday(day)) || q.Holidays && q.Calendar.holiday(day)
}

// opens is outside of the quiet hours, or where they end on the day.
func (q *Quiet) opens(day, second int64) int64 {
	switch {
	case !q.covers(day, minuteOf(second)):
		return second
	case q.wholeDay(day) || int64(q.To)*60 <= second:
		return secondsInDay
	}
	return int64(q.To) * 60
}

func (q *Quiet) ordinary() Rule {
	if q == nil {
		return q
	}
	return &Quiet{From: q.From, To: q.To, Days: q.Days}
}

// String is the promise in the language's words: "19:00-08:30 sat,sun holiday".
func (q *Quiet) String() string {
	if q == nil {
		return ""
	}
	var parts []string
	if q.From != q.To {
		parts = append(parts, hoursString(q.From, q.To))
	}
	if q.Days != 0 {
		parts = append(parts, q.Days.String())
	}
	if q.Holidays {
		parts = append(parts, "holiday")
	}
	return strings.Join(parts, " ")
}

// ParseQuiet reads quiet_hours ("" for none) and quiet_days (nil for none). It
// gives nil when both are empty, and refuses what would be quiet for ever.
func ParseQuiet(hours string, days []string, c *Calendar) (*Quiet, error) {
	q := &Quiet{Calendar: c}
	err := q.setHours(hours)
	if err != nil {
		return nil, err
	}
	if q.Days, q.Holidays, err = ParseWeekdays(days...); err != nil {
		return nil, err
	}
	switch {
	case hours == "" && len(days) == 0:
		return nil, nil
	case q.Days == EveryDay:
		return nil, &Mistake{Problem: AlwaysQuiet, Got: strings.Join(days, ","), Write: "sat,sun"}
	}
	return q, nil
}

// setHours reads quiet hours. The whole day is none of them, and no advice either.
func (q *Quiet) setHours(s string) (err error) {
	const wholeDay, advice = "00:00-24:00", "19:00-08:30"
	if s == "" {
		return nil
	}
	q.From, q.To, err = ParseHours(s)
	var m *Mistake
	switch {
	case errors.As(err, &m) && m.Write == wholeDay:
		return &Mistake{Problem: m.Problem, Got: s, Write: advice}
	case err == nil && hoursString(q.From, q.To) == wholeDay:
		return &Mistake{Problem: AlwaysQuiet, Got: s, Write: advice}
	}
	return err
}
