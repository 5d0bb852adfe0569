package calendar

import "time"

// NextOpening is the first instant at or after t at which the window (nil: always)
// is open and quiet (nil: never quiet) is not. ok is false when there is none
// within two years.
//
// It opens only where the wall clock passes the beginning of the window or the end
// of the quiet hours, at midnight, and where the zone changes its offset. So it is
// enough to look at these instants, a handful a day. Walking minute by minute would
// be as right and a hundred times slower; adding hours to local midnight would be
// shorter to write and an hour off on the days on which clocks change.
func NextOpening(t time.Time, w *Window, q *Quiet) (opening time.Time, ok bool) {
	day, second := local(t)
	if isOpen(w, q, day, second) {
		return t, true
	}
	loc, unix, limit := t.Location(), t.Unix(), t.AddDate(2, 0, 0).Unix()
	for now := stretchAt(unix, loc); ; {
		unix += nextEdge(w, q, day, second) - second
		if unix >= now.to {
			unix, now = now.to, now.next(loc)
		}
		if unix >= limit {
			return time.Time{}, false
		}
		day, second = split(unix + now.offset)
		if isOpen(w, q, day, second) {
			return time.Unix(unix, 0).In(loc), true
		}
	}
}

func isOpen(w *Window, q *Quiet, day, second int64) bool {
	minute := minuteOf(second)
	return w.covers(day, minute) && !q.covers(day, minute)
}

// nextEdge is the next second of the day, midnight at the latest, at which
// something may open.
func nextEdge(w *Window, q *Quiet, day, second int64) int64 {
	next := int64(secondsInDay)
	if w != nil {
		if edge := int64(w.From) * 60; edge > second {
			next = min(next, edge)
		}
	}
	if q != nil {
		if q.wholeDay(day) {
			return secondsInDay
		}
		if edge := int64(q.To) * 60; edge > second {
			next = min(next, edge)
		}
	}
	return next
}

// EverOpen reports whether an ordinary week has a minute in which the window (nil:
// always) is open and quiet (nil: never quiet) is not. A message for which there is
// none would wait for ever.
func EverOpen(w *Window, q *Quiet) bool {
	if q != nil {
		ordinary := *q
		ordinary.Holidays = false
		q = &ordinary
	}
	monday := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	_, ok := NextOpening(monday, w, q)
	return ok
}
