package runner

import (
	"context"
	"sync"
	"sync/atomic"
)

// load counts what is under way. What follows from something is counted before
// the cause is counted off, so that all counts are zero only when there is
// nothing left to do but wait for time or for the outside.
type load struct {
	work    atomic.Int64 // events and facts, from being queued until durable
	rows    atomic.Int64 // outbox rows, from being durable until gone
	waiting atomic.Int32

	mu     sync.Mutex
	change chan struct{} // closed and replaced whenever something came to rest
}

// tell wakes those who wait for rest, so that they look again.
func (l *load) tell() {
	if l.waiting.Load() == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.change != nil {
		close(l.change)
		l.change = nil
	}
}

func (l *load) next() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.change == nil {
		l.change = make(chan struct{})
	}
	return l.change
}

// wait returns once rested reports true; it is asked again whenever something
// came to rest.
func (l *load) wait(ctx context.Context, dead <-chan struct{}, rested func() bool) error {
	l.waiting.Add(1)
	defer l.waiting.Add(-1)
	for {
		change := l.next()
		if rested() {
			return nil
		}
		select {
		case <-change:
		case <-dead:
			return ErrUnavailable
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Quiet waits until nothing is left to do but wait: every event and fact is
// durable, no timer is due at the clock's present time, every lead has heard of the
// rules in force, every message that may go has gone and was answered. Messages that wait for a rate token or for a
// channel's answer keep it waiting.
func (r *Runner) Quiet(ctx context.Context) error {
	return r.load.wait(ctx, r.dead, func() bool {
		return r.sweep.settled() && !r.wheel.due() && r.load.work.Load() == 0 && r.load.rows.Load() == 0 &&
			r.dispatcher.idle() && r.load.work.Load() == 0 && !r.wheel.due() && r.shadow.waiting.Load() == 0
	})
}
