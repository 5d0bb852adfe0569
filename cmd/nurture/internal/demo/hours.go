package demo

import (
	"slices"
	"time"
)

// hours are when something happens on a day: from one full hour to another. Equal
// ones mean not at all on that day.
type hours func(day time.Time) (from, to int)

// The hours of the town.
var (
	// office hours: nine to six on working days.
	office hours = func(day time.Time) (from, to int) {
		if dayOff(day) {
			return 0, 0
		}
		return 9, 18
	}
	// leisure is when people look around for themselves: evenings and days off.
	leisure hours = func(day time.Time) (from, to int) {
		if dayOff(day) {
			return 10, 23
		}
		return 19, 23
	}
	// awake is when people read their mail.
	awake hours = func(time.Time) (from, to int) { return 8, 21 }
)

// holidays are the public holidays on weekdays in the year that a demo begins.
var holidays = [...]string{
	"2026-10-12", "2026-11-03", "2026-11-23", "2027-01-01", "2027-01-11", "2027-02-11", "2027-02-23",
	"2027-03-22", "2027-04-29", "2027-05-03", "2027-05-04", "2027-05-05", "2027-07-19", "2027-08-11", "2027-09-20", "2027-09-23",
}

func dayOff(day time.Time) bool {
	return day.Weekday() == time.Saturday || day.Weekday() == time.Sunday || slices.Contains(holidays[:], day.Format(time.DateOnly))
}

// on are the hours of the day that t is on.
func (h hours) on(t time.Time) (from, to time.Time) {
	first, last := h(t)
	midnight := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, japan)
	return midnight.Add(time.Duration(first) * time.Hour), midnight.Add(time.Duration(last) * time.Hour)
}

// next is t within the hours, else the next time they begin.
func (h hours) next(t time.Time) time.Time {
	t = t.In(japan)
	for {
		from, to := h.on(t)
		if t.Before(from) {
			return from
		}
		if t.Before(to) {
			return t
		}
		t = time.Date(t.Year(), t.Month(), t.Day()+1, 0, 0, 0, 0, japan)
	}
}

// after is the time at which d of the hours has passed after t.
func (h hours) after(t time.Time, d time.Duration) time.Time {
	for {
		t = h.next(t)
		_, to := h.on(t)
		left := to.Sub(t)
		if d < left {
			return t.Add(d)
		}
		d -= left
		t = to
	}
}
