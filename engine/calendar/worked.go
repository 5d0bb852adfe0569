package calendar

import "time"

// Working reports whether the date of t, in t's zone, is a business day.
func (c *Calendar) Working(t time.Time) bool {
	day, _ := local(t)
	return c.working(day)
}

// AtWork reports whether t lies in the hours of work of a business day. Hours over
// midnight belong to the day on which they begin.
func (c *Calendar) AtWork(t time.Time) bool {
	day, second := local(t)
	return c.opens(day, second) == second
}

// hours are the calendar's hours of work; equal ends are the whole day.
func (c *Calendar) hours() (open, end int64) {
	if c == nil || c.Open == c.Close {
		return 0, secondsInDay
	}
	return int64(c.Open) * 60, int64(c.Close) * 60
}

// opens is the first second of the day, from the given one on, that is worked.
func (c *Calendar) opens(day, second int64) int64 {
	open, end := c.hours()
	if open > end && second < end && c.working(day-1) {
		return second // in the hours after midnight
	}
	if (open > end || second < end) && c.working(day) {
		return max(second, open)
	}
	return secondsInDay
}

// closes is the second of the day at which the work ends that is going on.
func (c *Calendar) closes(day, second int64) int64 {
	open, end := c.hours()
	if open > end && second >= open {
		return secondsInDay // and goes on after midnight
	}
	return end
}

func (c *Calendar) ordinary() Rule {
	if c == nil {
		return c
	}
	return &Calendar{Workdays: c.Workdays, Open: c.Open, Close: c.Close}
}

// addBusinessDays is the nth working day after t at t's time of day. The day of t
// itself never counts, whether it is worked or not.
func (c *Calendar) addBusinessDays(t time.Time, n int) time.Time {
	loc := t.Location()
	day, second := local(t)
	for n > 0 {
		day++
		if c.working(day) && exists(day, loc) {
			n--
		}
	}
	return wall(day, second, t.Nanosecond(), loc)
}

// addBusinessHours is the instant at which n hours of work have passed since t. They
// are hours as they pass: on the day on which clocks go forward, the hour that is
// left out is not worked. What is done at closing time is done then and not on the
// next morning.
func (c *Calendar) addBusinessHours(t time.Time, n int) time.Time {
	left := time.Duration(n) * time.Hour
	loc, unix, rest := t.Location(), t.Unix(), time.Duration(t.Nanosecond())
	for now := stretchAt(unix, loc); ; {
		day, second := split(unix + now.offset)
		until := c.opens(day, second)
		working := until == second
		if working {
			until = c.closes(day, second)
		}
		end := min(unix+until-second, now.to)
		if passed := time.Duration(end-unix)*time.Second - rest; working {
			if left <= passed {
				return time.Unix(unix, 0).Add(rest + left).In(loc)
			}
			left -= passed
		}
		if unix, rest = end, 0; unix == now.to {
			now = now.next(loc)
		}
	}
}
