package demo

import (
	"fmt"
	"time"
)

// Fast is a clock that runs ahead of the one it is wound by: every second of
// that one is Speed here. It starts when it is made, at Start.
type Fast struct {
	by    Clock
	wound time.Time // of by, when this one showed start
	start time.Time
	speed int64 // seconds a second
}

// Fastest is the most that may pass in a second: more and a working day is gone
// before a mail is written.
const Fastest = 24 * time.Hour

// NewFast makes a clock that shows start now and on which speed passes in each
// second of by. The speed is a whole number of seconds: with fractions the two
// clocks would drift apart by rounding.
func NewFast(by Clock, start time.Time, speed time.Duration) (*Fast, error) {
	if speed < time.Second || speed > Fastest || speed%time.Second != 0 {
		return nil, fmt.Errorf("the speed is how much time passes in a second: a whole number of seconds from 1s to 24h, not %v", speed)
	}
	return &Fast{by: by, wound: by.Now(), start: start, speed: int64(speed / time.Second)}, nil
}

// Now is the time it shows.
func (c *Fast) Now() time.Time { return c.when(c.by.Now()) }

// when is what this clock shows when the other shows t. Seconds and the rest are
// multiplied apart, so that nothing overflows in a century.
func (c *Fast) when(t time.Time) time.Time {
	passed := t.Sub(c.wound)
	seconds := int64(passed/time.Second) * c.speed
	rest := time.Duration(int64(passed%time.Second) * c.speed)
	return time.Unix(c.start.Unix()+seconds, int64(c.start.Nanosecond())).Add(rest).In(c.start.Location())
}

// blink is the shortest wait that is worth making. What repeats every few seconds
// would otherwise repeat every millisecond of the machine's time.
const blink = 4 * time.Millisecond

// At waits until this clock shows t, or up to a blink longer.
func (c *Fast) At(t time.Time) (fired <-chan time.Time, stop func()) {
	now := c.by.Now()
	left := t.Sub(c.when(now))
	wait := (left + time.Duration(c.speed) - 1) / time.Duration(c.speed)
	return c.by.At(now.Add(max(wait, min(left, blink))))
}

// Speed is how much time passes on it in a second.
func (c *Fast) Speed() time.Duration { return time.Duration(c.speed) * time.Second }

// Start is the time it showed first.
func (c *Fast) Start() time.Time { return c.start }
