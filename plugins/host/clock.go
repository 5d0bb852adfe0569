package host

import (
	"context"
	"fmt"
	"time"
)

// Clock is the host's time. The zero Options use the system's.
type Clock interface {
	Now() time.Time
	// After gives a channel that receives once d has passed, and a function that
	// gives the wait up.
	After(d time.Duration) (fired <-chan time.Time, stop func())
}

type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

func (systemClock) After(d time.Duration) (<-chan time.Time, func()) {
	t := time.NewTimer(d)
	return t.C, func() { t.Stop() }
}

// tooLate is why a context of within ended.
type tooLate struct{ limit time.Duration }

func (e tooLate) Error() string { return fmt.Sprintf("no answer within %s", e.limit) }

// within is context.WithTimeout on an injected clock. The goroutine behind it
// ends with the context.
func within(parent context.Context, clock Clock, limit time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(parent)
	fired, stop := clock.After(limit)
	go func() {
		defer stop()
		select {
		case <-fired:
			cancel(tooLate{limit})
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(context.Canceled) }
}

// explain prefers the reason why ctx ended to what a call made of it: gRPC says
// "canceled" where the truth is "no answer within 2s".
func explain(ctx context.Context, err error) error {
	if late, ok := context.Cause(ctx).(tooLate); ok && err != nil {
		return late
	}
	return err
}
