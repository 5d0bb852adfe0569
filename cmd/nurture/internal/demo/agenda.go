package demo

import (
	"container/heap"
	"context"
	"sync"
	"time"
)

// agenda is what the people of the town will do, and when. One goroutine runs it,
// so that what they do needs no locks and follows from the seed; anybody may add
// to it.
type agenda struct {
	clock Clock
	bell  chan struct{}

	mu    sync.Mutex
	acts  acts
	added uint64
}

// act is one thing that somebody does. It gives the events that the web site or
// the customer register reports about it.
type act struct {
	at    time.Time
	order uint64
	do    func(at time.Time) []event
}

func newAgenda(clock Clock) *agenda { return &agenda{clock: clock, bell: make(chan struct{}, 1)} }

// add plans an act. What was planned for the same instant is done in the order in
// which it was planned.
func (a *agenda) add(at time.Time, do func(at time.Time) []event) {
	a.mu.Lock()
	a.added++
	heap.Push(&a.acts, act{at, a.added, do})
	a.mu.Unlock()
	select {
	case a.bell <- struct{}{}:
	default: // it rings already
	}
}

// maxDue bounds how much is done before it is reported.
const maxDue = 50

// due does what is due, most of it, and gives the events; next is when there is
// more to do, the zero time when nothing is planned.
func (a *agenda) due() (events []event, next time.Time) {
	for range maxDue {
		now := a.clock.Now()
		a.mu.Lock()
		if len(a.acts) == 0 {
			a.mu.Unlock()
			return events, time.Time{}
		}
		if at := a.acts[0].at; at.After(now) {
			a.mu.Unlock()
			return events, at
		}
		first := heap.Pop(&a.acts).(act)
		a.mu.Unlock()
		events = append(events, first.do(first.at)...)
	}
	return events, a.clock.Now()
}

// run does everything at its time until ctx ends. post gets the events in the
// order in which they happened.
func (a *agenda) run(ctx context.Context, post func(context.Context, []event)) {
	for ctx.Err() == nil {
		events, next := a.due()
		if len(events) > 0 {
			post(ctx, events)
		}
		var fired <-chan time.Time
		stop := func() {}
		if !next.IsZero() {
			fired, stop = a.clock.At(next)
		}
		select {
		case <-fired:
		case <-a.bell:
		case <-ctx.Done():
		}
		stop()
	}
}

// acts is a heap of acts, the next one first.
type acts []act

func (h acts) Len() int { return len(h) }
func (h acts) Less(i, j int) bool {
	if !h[i].at.Equal(h[j].at) {
		return h[i].at.Before(h[j].at)
	}
	return h[i].order < h[j].order
}
func (h acts) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push is for package heap.
func (h *acts) Push(x any) { *h = append(*h, x.(act)) }

// Pop is for package heap.
func (h *acts) Pop() any {
	old := *h
	last := old[len(old)-1]
	old[len(old)-1] = act{}
	*h = old[:len(old)-1]
	return last
}
