package calendar

import (
	"math"
	"time"
)

const secondsInDay = 24 * 60 * 60

// DayNumber counts the days from 1970-01-01 to the date of t in t's zone. Two
// instants have the same number exactly when a calendar there shows the same date:
// what "per day" means.
func DayNumber(t time.Time) int64 {
	day, _ := local(t)
	return day
}

// local is what calendar and clock on the wall show at t: the number of the day
// and the second of the day.
func local(t time.Time) (day, second int64) {
	_, offset := t.Zone()
	return split(t.Unix() + int64(offset))
}

func split(seconds int64) (day, second int64) {
	day, second = seconds/secondsInDay, seconds%secondsInDay
	if second < 0 {
		day, second = day-1, second+secondsInDay
	}
	return day, second
}

func minuteOf(second int64) int { return int(second / 60) }

// weekday of a day number; day 0 was a Thursday.
func weekday(day int64) time.Weekday { return time.Weekday(((day+4)%7 + 7) % 7) }

// stretch is the time [from, to) around an instant, in Unix seconds, during which
// a zone keeps one offset from UTC. Two stretches side by side may have the same.
type stretch struct {
	from, to int64
	offset   int64
}

func stretchAt(unix int64, loc *time.Location) stretch {
	t := time.Unix(unix, 0).In(loc)
	_, offset := t.Zone()
	s := stretch{from: math.MinInt64, to: math.MaxInt64, offset: int64(offset)}
	start, end := t.ZoneBounds()
	if !start.IsZero() {
		s.from = start.Unix()
	}
	if !end.IsZero() {
		s.to = end.Unix()
	}
	if s.to <= unix {
		// ZoneBounds computes the end of a year far ahead as if none were a leap year,
		// so that its last day lies behind its end. Nothing changes on that day.
		s.to = (unix/secondsInDay + 1) * secondsInDay
	}
	return s
}

// next is the stretch that follows s.
func (s stretch) next(loc *time.Location) stretch {
	next := stretchAt(s.to, loc)
	next.from = s.to
	return next
}

// wall is the instant at which the zone's wall clock shows the given second of the
// given day: the first such instant where there are two, and the first one behind
// the gap where there is none. time.Date promises neither.
func wall(day, second int64, nanosecond int, loc *time.Location) time.Time {
	const farthest = 16 * 60 * 60 // no zone was ever that far from UTC
	shown := day*secondsInDay + second
	for s := stretchAt(shown-farthest, loc); ; s = s.next(loc) {
		unix := shown - s.offset
		if unix < s.from {
			return time.Unix(s.from, 0).In(loc)
		}
		if unix < s.to {
			return time.Unix(unix, int64(nanosecond)).In(loc)
		}
	}
}

// exists reports whether the zone had the day at all: one that moves over the date
// line leaves a date out.
func exists(day int64, loc *time.Location) bool {
	shown, _ := local(wall(day, 0, 0, loc))
	return shown == day
}

// unshown is the first second on the wall clock, counted as if it were UTC, that the
// clock has not shown by the instant t. It is the next one, but for the time after
// the clock was put back: until it has caught up, it shows nothing new.
func unshown(t time.Time) int64 { return greatestShown(t.Unix(), t.Location()) + 1 }

// lastShown is the last second on the wall clock that the clock had shown before the
// instant t.
func lastShown(t time.Time) int64 {
	if t.Nanosecond() == 0 {
		return greatestShown(t.Unix()-1, t.Location())
	}
	return greatestShown(t.Unix(), t.Location())
}

// greatestShown is the greatest second that the wall clock has shown by an instant.
// It looks back as far as any clock was ever put back behind it, and forward from
// there: where a stretch begins, ZoneBounds sometimes takes from a rule that was not
// in force yet.
func greatestShown(unix int64, loc *time.Location) int64 {
	const farthest = 2 * secondsInDay
	shown := int64(math.MinInt64)
	s := stretchAt(unix-farthest, loc)
	for ; s.to <= unix; s = s.next(loc) {
		shown = max(shown, s.to+s.offset-1)
	}
	return max(shown, unix+s.offset)
}
