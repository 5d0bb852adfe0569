package enginetest

import (
	"slices"
	"sync"
	"time"
)

// Clock stands still until Advance moves it. It is safe for concurrent use and
// serves as runner.Clock.
type Clock struct {
	mu    sync.Mutex
	now   time.Time
	waits []*wait
}

type wait struct {
	due   time.Time
	fired chan time.Time
}

// NewClock makes a clock that shows start.
func NewClock(start time.Time) *Clock { return &Clock{now: start} }

// Now is what the clock shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// At gives a channel that receives once the clock was moved to t or beyond, and
// a function that gives the wait up.
func (c *Clock) At(t time.Time) (fired <-chan time.Time, stop func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	w := &wait{due: t, fired: make(chan time.Time, 1)}
	if !t.After(c.now) {
		w.fired <- c.now
		return w.fired, func() {}
	}
	c.waits = append(c.waits, w)
	return w.fired, func() { c.forget(w) }
}

func (c *Clock) forget(w *wait) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if i := slices.Index(c.waits, w); i >= 0 {
		c.waits = slices.Delete(c.waits, i, i+1)
	}
}

// Advance moves the clock on and fires every wait that is due by then.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	c.waits = slices.DeleteFunc(c.waits, func(w *wait) bool {
		due := !w.due.After(c.now)
		if due {
			w.fired <- c.now
		}
		return due
	})
}

// Waits is how many waits are open: a test that has advanced the clock can tell
// whether somebody waits for it again.
func (c *Clock) Waits() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.waits)
}
