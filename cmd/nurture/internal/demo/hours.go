package demo

import (
	"slices"
	"time"
)

// hours are when something happens on a day of a country: from one full hour to
// another. Equal ones mean not at all on that day.
type hours struct {
	country *Country
	of      func(off bool) (from, to int)
}

// office hours: nine to six on working days.
func (c *Country) office() hours {
	return hours{c, func(off bool) (from, to int) {
		if off {
			return 0, 0
		}
		return 9, 18
	}}
}

// leisure is when people look around for themselves: evenings and days off.
func (c *Country) leisure() hours {
	return hours{c, func(off bool) (from, to int) {
		if off {
			return 10, 23
		}
		return 19, 23
	}}
}

// awake is when people read their mail.
func (c *Country) awake() hours {
	return hours{c, func(bool) (from, to int) { return 8, 21 }}
}

// dayOff reports a weekend or a holiday.
func (c *Country) dayOff(day time.Time) bool {
	return day.Weekday() == time.Saturday || day.Weekday() == time.Sunday || slices.Contains(c.holidays, day.Format(time.DateOnly))
}

// on are the hours of the day that t is on.
func (h hours) on(t time.Time) (from, to time.Time) {
	first, last := h.of(h.country.dayOff(t))
	hour := func(n int) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), n, 0, 0, 0, h.country.zone) }
	return hour(first), hour(last)
}

// next is t within the hours, else the next time they begin.
func (h hours) next(t time.Time) time.Time {
	t = t.In(h.country.zone)
	for {
		from, to := h.on(t)
		if t.Before(from) {
			return from
		}
		if t.Before(to) {
			return t
		}
		t = time.Date(t.Year(), t.Month(), t.Day()+1, 0, 0, 0, 0, h.country.zone)
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
