package calendar

import "time"

// Rule says when something may happen: *Window, *Slot, *Quiet, and *Calendar with its
// hours of work. Rules are told together, and all must allow it.
type Rule interface {
	// opens is the first second of the day, from the given one on, at which the rule
	// allows it; secondsInDay when it does not on that day any more.
	opens(day, second int64) int64
	// ordinary is the rule in a week without holidays.
	ordinary() Rule
}

// NextOpening is the first instant at or after t, on the wall clock of t's zone, at
// which all rules allow it; a nil rule always does. It is t itself when they do
// already. ok is false when there is no such instant within two years.
//
// A rule opens only where the wall clock passes the beginning of a window or the end
// of quiet hours, at midnight, and where the zone changes its offset. So it is enough
// to ask each rule when it opens next, to take the latest answer, and to ask again
// until all agree: a handful of questions a day. Walking minute by minute would be as
// right and a hundred times slower; adding hours to local midnight would be shorter
// to write and an hour off on the days on which clocks change.
func NextOpening(t time.Time, rules ...Rule) (opening time.Time, ok bool) {
	day, second := local(t)
	opens := allOpen(rules, day, second)
	if opens == second {
		return t, true
	}
	loc, unix, limit := t.Location(), t.Unix(), t.AddDate(2, 0, 0).Unix()
	for now := stretchAt(unix, loc); ; opens = allOpen(rules, day, second) {
		if opens == second {
			return time.Unix(unix, 0).In(loc), true
		}
		unix += opens - second
		if unix >= now.to {
			unix, now = now.to, now.next(loc)
		}
		if unix >= limit {
			return time.Time{}, false
		}
		day, second = split(unix + now.offset)
	}
}

// allOpen is the first second of the day, from the given one on, at which all rules
// allow it; secondsInDay when there is none.
func allOpen(rules []Rule, day, second int64) int64 {
	for agreed := 0; agreed < len(rules) && second < secondsInDay; {
		for _, rule := range rules {
			agreed++
			if rule == nil {
				continue
			}
			if opens := rule.opens(day, second); opens > second {
				second, agreed = opens, 1
			}
		}
	}
	return min(second, secondsInDay)
}

// EverOpen reports whether an ordinary week has an instant at which all rules allow
// it. What waits for one that there is not would wait for ever.
func EverOpen(rules ...Rule) bool {
	week := make([]Rule, 0, len(rules))
	for _, rule := range rules {
		if rule != nil {
			week = append(week, rule.ordinary())
		}
	}
	monday := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	_, ok := NextOpening(monday, week...)
	return ok
}
