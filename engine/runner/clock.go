package runner

import "time"

// Clock is where the runner reads the time and where it waits. There is one in
// a process; tests bring one that stands still until they move it.
type Clock interface {
	Now() time.Time
	// At gives a channel that receives, once, when the clock shows t or later, and
	// a function that gives the wait up. (A wait for an instant, not for a length
	// of time: a clock may be moved between being read and being waited for.)
	At(t time.Time) (fired <-chan time.Time, stop func())
}

// SystemClock is the machine's clock.
func SystemClock() Clock { return systemClock{} }

type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

func (systemClock) At(t time.Time) (<-chan time.Time, func()) {
	timer := time.NewTimer(time.Until(t))
	return timer.C, func() { timer.Stop() }
}
