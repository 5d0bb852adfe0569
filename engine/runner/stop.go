package runner

import (
	"context"
	"errors"
	"time"
)

// ErrCut is returned by Stop when answers of channels were still awaited at its
// deadline. Nothing is lost: the next start asks again, or lists what it cannot
// know.
var ErrCut = errors.New("some channels had not answered when the server was stopped")

// Stop ends the runner: it takes no more events, finishes those it has, waits for
// the answers of messages on their way until ctx ends, makes everything durable
// and waits for every goroutine. What has not asked for leave stays in the
// outbox. The store stays open.
func (r *Runner) Stop(ctx context.Context) error {
	r.gate.Lock()
	r.stopping = true
	r.gate.Unlock()
	var err error
	r.ending.Do(func() {
		if r.used.Swap(true) {
			err = r.end(ctx)
		}
		r.feed.close()
	})
	return err
}

// end stops what brings new work first, and what completes it last.
func (r *Runner) end(ctx context.Context) error {
	close(r.stopFeeders)
	r.feeders.Wait()
	cut := r.drain(ctx)
	close(r.stopDispatch)
	r.dispatching.Wait()
	if n := r.dispatcher.sending.Load(); n > 0 {
		r.log.Error("channels did not return when called off", "sends", n)
	} else {
		r.dispatcher.sends.Wait()
	}
	for _, w := range r.workers {
		w.inbox.close()
	}
	r.deciding.Wait()
	close(r.committer.quit)
	r.committing.Wait()
	select {
	case <-r.dead:
		return r.failure
	default:
		r.shadow.abandon()
		return cut
	}
}

// abandonWithin bounds the wait for what is taken back after the deadline: a stop
// always ends, and the next start takes up from the outbox whatever it leaves. Tests
// give a busy machine more.
var abandonWithin = 5 * time.Second

// drain lets what is under way come to its end. At the deadline it takes back
// what has leave but was not handed over, so that only messages whose outcome is
// truly unknown are left to the next start.
func (r *Runner) drain(ctx context.Context) error {
	d := r.dispatcher
	d.post(func(m *mail) { m.drain = true })
	err := r.load.wait(ctx, r.dead, func() bool { return d.drained() && r.load.work.Load() == 0 && d.drained() })
	d.cancel()
	if err == nil {
		return nil
	}
	d.post(func(m *mail) { m.abandon = true })
	late, cancel := context.WithTimeout(context.WithoutCancel(ctx), abandonWithin)
	defer cancel()
	_ = r.load.wait(late, r.dead, func() bool {
		return d.sending.Load() == 0 && d.idle() && r.load.work.Load() == 0 && d.idle()
	})
	return ErrCut
}
