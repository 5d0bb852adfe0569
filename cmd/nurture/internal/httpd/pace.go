package httpd

import (
	"runtime"
	"sync/atomic"
	"time"
)

// pace keeps a plan or a replay out of the way of callers: while events come in, its
// workers stop for a moment every moment.
//
// A low priority for their threads would be simpler, and on a busy machine it is
// worse than none: a thread that the machine lets wait still holds what it held, a
// lock of the store or Go's own, and whoever is to be served at once waits for it, a
// tenth of a second and more. To call runtime.Gosched wakes a processor each time,
// which then looks for work that it does not find.
type pace struct {
	events func() uint64 // how many have become durable so far
	calls  atomic.Uint64
	until  atomic.Int64 // end of the last rest, in nanoseconds
	seen   atomic.Uint64
	heard  atomic.Int64 // when there were more events than before
}

const (
	paceLook = 8                // leads between two looks at the clock
	paceWork = time.Millisecond // between two rests
	paceRest = 300 * time.Microsecond
	paceCalm = 100 * time.Millisecond // without an event, until nobody is in the way
)

// BesideCallers gives what long work that is done aside calls between two pieces of it:
// while events come in, by their number, it rests for a moment every moment.
func BesideCallers(events func() uint64) (between func()) {
	return (&pace{events: events}).between
}

// between is called by workers between two leads.
func (p *pace) between() {
	if p.calls.Add(1)%paceLook != 0 {
		return
	}
	now := time.Now().UnixNano()
	until := p.until.Load()
	switch {
	case now < until: // somebody rests already
		time.Sleep(time.Duration(until - now))
	case now-until < int64(paceWork) || !p.busy(now):
	case p.until.CompareAndSwap(until, now+int64(paceRest)):
		time.Sleep(paceRest)
	}
}

// busy reports whether events come in.
func (p *pace) busy(now int64) bool {
	if n := p.events(); p.seen.Swap(n) != n {
		p.heard.Store(now)
	}
	return now-p.heard.Load() < int64(paceCalm)
}

// besideCallers prepares for long work beside callers: half of the cores do it.
func (s *Server) besideCallers() (end func()) {
	s.workers = max(1, runtime.GOMAXPROCS(0)/2)
	s.pace = &pace{events: s.options.Desk.ToDurable().Count}
	if s.options.Aside == nil {
		return func() {}
	}
	return s.options.Aside(s.workers)
}
