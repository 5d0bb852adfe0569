package calendar

import (
	"math/bits"
	"time"
)

// Schedule says when something begins again and again, "0 8 * * 2#1", or once,
// "2026-10-01 09:00". ParseSchedule makes it; the zero Schedule never comes.
//
//  1. It is read on the wall clock of a zone. A time that the clock leaves out comes
//     at the first instant behind the gap; a time that it shows twice comes once, at
//     the first. So nothing is skipped and nothing happens twice.
//  2. Whether a day belongs to it depends only on how long the month is and on which
//     weekday it begins. So the cron parser is asked about the 28 kinds of month when
//     the schedule is read, and never again.
//  3. Schedules that are equal (==) mean the same.
type Schedule struct {
	text    string
	minutes uint64         // a bit for each minute of an hour
	hours   uint32         // a bit for each hour of a day
	months  uint16         // a bit for each month, from 1
	days    [4][7]monthDay // by length of the month, from 28, and weekday of its first day
	once    bool
	at      int64 // of a schedule that comes once: the second on the wall clock
}

// monthDay has a bit for each day of a month, from 1.
type monthDay uint32

// String writes it as ParseSchedule reads it, weekdays and months as numbers.
func (s Schedule) String() string { return s.text }

// IsZero reports the Schedule that was not set.
func (s Schedule) IsZero() bool { return s.text == "" }

// Once reports whether it is a date, and not something that comes again.
func (s Schedule) Once() bool { return s.once }

// Next is the first time that it comes strictly after the given instant, in that
// instant's zone. ok is false when it does not come any more.
func (s Schedule) Next(after time.Time) (next time.Time, ok bool) {
	shown := s.at
	if !s.once {
		if shown, ok = s.first(unshown(after)); !ok {
			return time.Time{}, false
		}
	}
	next = wallOf(shown, after.Location())
	return next, next.After(after)
}

// Prev is the last time that it came strictly before the given instant, in that
// instant's zone. ok is false when it never did.
func (s Schedule) Prev(before time.Time) (prev time.Time, ok bool) {
	shown := s.at
	if !s.once {
		if shown, ok = s.last(lastShown(before)); !ok {
			return time.Time{}, false
		}
	}
	prev = wallOf(shown, before.Location())
	return prev, prev.Before(before)
}

// wallOf is the instant for what is shown on the wall clock.
func wallOf(shown int64, loc *time.Location) time.Time {
	day, second := split(shown)
	return wall(day, second, 0, loc)
}

// months after which every calendar repeats itself: 400 years.
const monthsInCycle = 400 * 12

// first is the first second of the schedule at or after the given one, both as shown
// on a wall clock.
func (s Schedule) first(from int64) (shown int64, ok bool) {
	day, second := split(from + 59)
	if s.on(day) {
		if minute, ok := s.minuteFrom(minuteOf(second)); ok {
			return day*secondsInDay + int64(minute)*60, true
		}
	}
	day++
	for m, left := monthOf(day), monthsInCycle; left >= 0; left-- {
		if set := s.daysOf(m) >> (day - m.first + 1); set != 0 {
			minute, ok := s.minuteFrom(0)
			return (day+int64(bits.TrailingZeros32(uint32(set))))*secondsInDay + int64(minute)*60, ok
		}
		m = m.next()
		day = m.first
	}
	return 0, false
}

// last is the last second of the schedule at or before the given one.
func (s Schedule) last(until int64) (shown int64, ok bool) {
	day, second := split(until)
	if s.on(day) {
		if minute, ok := s.minuteUntil(minuteOf(second)); ok {
			return day*secondsInDay + int64(minute)*60, true
		}
	}
	day--
	for m, left := monthOf(day), monthsInCycle; left >= 0; left-- {
		if set := s.daysOf(m) & (2<<(day-m.first+1) - 1); set != 0 {
			minute, ok := s.minuteUntil(minutesInDay - 1)
			return (m.first+int64(bits.Len32(uint32(set)))-2)*secondsInDay + int64(minute)*60, ok
		}
		day = m.first - 1
		m = monthOf(day)
	}
	return 0, false
}

func (s Schedule) on(day int64) bool {
	m := monthOf(day)
	return s.daysOf(m)>>(day-m.first+1)&1 == 1
}

func (s Schedule) daysOf(m month) monthDay {
	if s.months>>m.number&1 == 0 {
		return 0
	}
	return s.days[m.length-28][weekday(m.first)]
}

// minuteFrom is the first minute of the day that belongs to the schedule, at or after
// the given one.
func (s Schedule) minuteFrom(minute int) (int, bool) {
	hour := minute / 60
	if set := s.minutes >> (minute % 60); s.hours>>hour&1 == 1 && set != 0 {
		return minute + bits.TrailingZeros64(set), true
	}
	later := s.hours >> (hour + 1)
	if later == 0 || s.minutes == 0 {
		return 0, false
	}
	return (hour+1+bits.TrailingZeros32(later))*60 + bits.TrailingZeros64(s.minutes), true
}

// minuteUntil is the last one at or before the given one.
func (s Schedule) minuteUntil(minute int) (int, bool) {
	hour := minute / 60
	if set := s.minutes & (2<<(minute%60) - 1); s.hours>>hour&1 == 1 && set != 0 {
		return hour*60 + bits.Len64(set) - 1, true
	}
	earlier := s.hours & (1<<hour - 1)
	if earlier == 0 || s.minutes == 0 {
		return 0, false
	}
	return (bits.Len32(earlier)-1)*60 + bits.Len64(s.minutes) - 1, true
}

// month is one of a certain year.
type month struct {
	first  int64 // number of its first day
	year   int
	number int // 1: January
	length int // in days
}

func monthOf(day int64) month {
	year, number, date := time.Unix(day*secondsInDay, 0).UTC().Date()
	return month{first: day - int64(date) + 1, year: year, number: int(number), length: daysIn(year, int(number))}
}

func (m month) next() month {
	m.first += int64(m.length)
	if m.number++; m.number > 12 {
		m.year, m.number = m.year+1, 1
	}
	m.length = daysIn(m.year, m.number)
	return m
}

func daysIn(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}
