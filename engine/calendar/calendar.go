// Package calendar holds all time arithmetic: zones, business days and hours,
// holidays, quiet hours, sending windows, schedules and lengths of time.
//
// Every question is asked about an instant in a zone: a time.Time whose location
// is the zone of the lead (or of the project). The answer is read off the wall
// clock of that zone at that instant, never off the UTC day and never with an
// offset that was true on another day. Two rules follow for the hours at which
// clocks change:
//
//   - An hour that is skipped does not exist. What should happen in it happens at
//     the first instant after the gap.
//   - An hour that comes twice is the same hour both times: a window at 01:30 is
//     open at both, and what should happen at 01:30 happens at the first, once.
//
// The package owns no clock. Its values are immutable once made and may be read by
// any number of goroutines.
package calendar

import "time"

// minutesInDay is the minute at which a day has ended, "24:00".
const minutesInDay = 24 * 60

// Calendar says which days are worked, and from when to when. The zero Calendar, and
// a nil one, works from Monday to Friday around the clock and knows no holidays. As a
// Rule it allows what lies in the hours of work.
type Calendar struct {
	Name     string
	Workdays Weekdays // none: Monday to Friday
	Open     int      // minute of the day at which work begins
	Close    int      // minute at which it ends, 24*60 at most; before Open: on the next day; equal: the whole day
	Japan    bool     // the public holidays of Japan are days off
	DaysOff  []string // own days off, "2026-11-03", as ParseDate checks them
}

// Holiday reports whether the date of t, in t's zone, is a public holiday or an
// own day off. Public holidays are known from 2007 to 2150.
func (c *Calendar) Holiday(t time.Time) bool {
	day, _ := local(t)
	return c.holiday(day)
}

func (c *Calendar) working(day int64) bool {
	return c.workdays().Has(weekday(day)) && !c.holiday(day)
}

// workdays never answers "none": who counts business days in a calendar without
// any would count for ever.
func (c *Calendar) workdays() Weekdays {
	if c == nil || c.Workdays&EveryDay == 0 {
		return MondayToFriday
	}
	return c.Workdays
}

// holiday runs through the own days off one after the other. There are a few
// dozen of them, and an index would have to be kept beside exported fields.
func (c *Calendar) holiday(day int64) bool {
	if c == nil || (!c.Japan && len(c.DaysOff) == 0) {
		return false
	}
	year, month, date := time.Unix(day*secondsInDay, 0).UTC().Date()
	if c.Japan && japanHoliday(year, month, date) {
		return true
	}
	if len(c.DaysOff) == 0 || year < 0 || year > 9999 {
		return false
	}
	written := [len(dateForm)]byte{
		digit(year / 1000), digit(year / 100), digit(year / 10), digit(year), '-',
		digit(int(month) / 10), digit(int(month)), '-', digit(date / 10), digit(date),
	}
	for _, off := range c.DaysOff {
		if off == string(written[:]) {
			return true
		}
	}
	return false
}

func digit(n int) byte { return '0' + byte(n%10) }

const dateForm = "2006-01-02"

// ParseDate checks a date of the form "2026-11-03", as Calendar.DaysOff holds it.
func ParseDate(s string) (string, error) {
	if _, err := time.Parse(dateForm, s); err == nil {
		return s, nil
	}
	suggestion := "2026-11-03"
	for _, form := range []string{dateForm, "2006-1-2", "2006/1/2", "2006.1.2", "20060102", "2006年1月2日"} {
		if t, err := time.Parse(form, halfWidth(s)); err == nil {
			suggestion = t.Format(dateForm)
		}
	}
	return "", &Mistake{Problem: NotDate, Got: s, Write: suggestion}
}
