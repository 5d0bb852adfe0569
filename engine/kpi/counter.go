// Package kpi is the arithmetic of key figures: counters by the hour, rates with
// the interval in which they may be trusted, cohorts and the time they need to
// ripen, achievement of targets; and of experiments, which may be looked at as often
// as one likes: Decide, Compare and Guard, beside Mismatch for the draw, Needed for
// planning, Holdout and Pool for what was won. It knows no events, no leads and no
// clock; whoever asks brings the numbers and the instant.
//
// An hour is a number: whole hours since 1970-01-01T00:00Z. Ranges of hours are
// half-open, [from, to), so that neighbouring ranges add up to their union.
package kpi

import (
	"slices"
	"time"
)

// Point is what was counted in one hour.
type Point struct {
	Hour int64
	N    int64
}

// HourOf is the hour in which t lies.
func HourOf(t time.Time) int64 { return floorDiv(t.Unix(), 3600) }

// HourStart is the instant, in UTC, at which the hour begins.
func HourStart(hour int64) time.Time { return time.Unix(hour*3600, 0).UTC() }

// Series is a counter over time. Its points ascend by hour, one for an hour at
// most; an hour without a point counted nothing.
type Series []Point

// Sum adds up the hours of [from, to).
func (s Series) Sum(from, to int64) int64 {
	var sum int64
	for _, p := range s.Range(from, to) {
		sum += p.N
	}
	return sum
}

// Total adds up all hours.
func (s Series) Total() int64 {
	var sum int64
	for _, p := range s {
		sum += p.N
	}
	return sum
}

// Range is the part of the series that lies in [from, to). It shares the points.
func (s Series) Range(from, to int64) Series {
	first, _ := s.find(from)
	last, _ := s.find(max(from, to))
	return s[first:last]
}

// find is the place of the hour's point, or the place where it would stand.
func (s Series) find(hour int64) (int, bool) {
	return slices.BinarySearchFunc(s, hour, func(p Point, hour int64) int {
		switch {
		case p.Hour < hour:
			return -1
		case p.Hour > hour:
			return 1
		}
		return 0
	})
}

// Counter gathers a Series from numbers in any order: a late fact adds to its own
// hour, and a fact that is judged anew takes away what it added. The zero Counter
// has counted nothing. One goroutine writes it.
type Counter struct{ points Series }

// Add counts n more in the hour; n may be negative. An hour that is back at zero
// leaves no point.
func (c *Counter) Add(hour, n int64) {
	i, found := c.points.find(hour)
	switch {
	case n == 0:
	case !found:
		c.points = slices.Insert(c.points, i, Point{Hour: hour, N: n})
	case c.points[i].N+n == 0:
		c.points = slices.Delete(c.points, i, i+1)
	default:
		c.points[i].N += n
	}
}

// Sum adds up the hours of [from, to).
func (c *Counter) Sum(from, to int64) int64 { return c.points.Sum(from, to) }

// Total adds up all hours.
func (c *Counter) Total() int64 { return c.points.Total() }

// Series is what was counted so far, as a copy.
func (c *Counter) Series() Series { return slices.Clone(c.points) }

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
