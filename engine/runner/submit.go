package runner

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/seed-456efde2/nurture/engine"
)

// Result is what became of one submitted event.
type Result struct {
	Duplicate bool  // it was known already; nothing was decided
	Err       error // a *engine.Problem: it is not an event; nothing was decided
}

// The answers to a Submit that was not accepted. Nothing of it was decided, and
// it may be sent again as it is.
var (
	// ErrOverloaded: more is queued than may be; an Overload tells when to come back.
	ErrOverloaded = errors.New("the queue is full")
	// ErrStopping: the server is about to stop.
	ErrStopping = errors.New("the server is stopping")
	// ErrUnavailable: events cannot be made durable at present. The outcome of
	// what was submitted before is unknown to the caller; sending it again is safe.
	ErrUnavailable = errors.New("the store is unavailable")
	// ErrTooMany: the call alone is larger than the queue and will never fit.
	ErrTooMany = errors.New("the call has more events than the queue holds")
)

// Overload is an ErrOverloaded with a hint when to come back.
type Overload struct {
	After time.Duration
}

// Error is the sentence for the caller.
func (o *Overload) Error() string {
	return fmt.Sprintf("%v, try again in %v", ErrOverloaded, o.After)
}

// Is makes errors.Is(err, ErrOverloaded) true.
func (o *Overload) Is(target error) bool { return target == ErrOverloaded }

// submission is one call under way.
type submission struct {
	events  []engine.Event
	results []Result
	order   []int32 // indexes of the accepted events, those of one worker together
	starts  []int32 // by worker: where its part of order begins
	left    atomic.Int64
	weight  int64 // bytes, as admitted
	done    chan struct{}
	at      time.Time
}

// Submit hands events in and returns when every one of them is durable: its
// transaction is committed, or that of its first sight if it is a duplicate. The
// call is accepted whole or refused whole; only events that are malformed fail
// by themselves, in their Result. Events of one lead are decided in the order in
// which they stand.
//
// The events belong to the runner from the call on. When ctx ends early they may
// still be decided; handing them in again is safe, because they are known by
// their ids.
func (r *Runner) Submit(ctx context.Context, events []engine.Event) ([]Result, error) {
	if len(events) == 0 {
		return nil, nil
	}
	s := &submission{events: events, results: make([]Result, len(events)), at: r.clock.Now()}
	if err := r.accept(s); err != nil {
		return nil, err
	}
	if s.left.Load() > 0 {
		if err := r.await(ctx, s); err != nil {
			return nil, err
		}
	}
	return s.results, nil
}

// await waits until the submission is durable.
func (r *Runner) await(ctx context.Context, s *submission) error {
	select {
	case <-s.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-r.dead:
	}
	select {
	case <-s.done: // it became durable before the end came
		return nil
	default:
		return fmt.Errorf("%w: %w", ErrUnavailable, r.failure)
	}
}

// accept admits the events, finds their leads and queues them.
func (r *Runner) accept(s *submission) error {
	r.gate.RLock()
	defer r.gate.RUnlock()
	if err := r.closedTo(); err != nil {
		return err
	}
	if err := r.admit(s); err != nil {
		return err
	}
	good, err := r.identifyAll(s)
	if err != nil {
		r.release(len(s.events), s.weight)
		return err
	}
	if bad := len(s.events) - good; bad > 0 {
		r.admitted.Add(int64(-bad))
		r.counters.malformed.Add(uint64(bad))
	}
	if good == 0 {
		r.bytes.Add(-s.weight)
		return nil
	}
	s.left.Store(int64(good))
	s.done = make(chan struct{})
	r.load.work.Add(int64(good))
	r.route(s, good)
	r.committer.arrived.Add(int64(good))
	return nil
}

// closedTo says why events from outside are not taken at present.
func (r *Runner) closedTo() error {
	select {
	case <-r.dead:
		return fmt.Errorf("%w: %w", ErrUnavailable, r.failure)
	default:
	}
	if r.stopping {
		return ErrStopping
	}
	if r.program.Load() == nil {
		return fmt.Errorf("%w: the runner was not started", ErrUnavailable)
	}
	if r.diskFull.Load() {
		return fmt.Errorf("%w: the disk is nearly full", ErrUnavailable)
	}
	return nil
}

// admit reserves room in the queue for the whole call or refuses it.
func (r *Runner) admit(s *submission) error {
	for i := range s.events {
		s.weight += weigh(&s.events[i])
	}
	n := int64(len(s.events))
	if n > int64(r.options.Queue) || s.weight > r.options.QueueBytes {
		return ErrTooMany
	}
	queued, bytes := r.admitted.Add(n), r.bytes.Add(s.weight)
	if queued > int64(r.options.Queue) || bytes > r.options.QueueBytes {
		r.release(len(s.events), s.weight)
		r.counters.refused.Add(uint64(n))
		return &Overload{After: r.committer.drainTime(r.admitted.Load())}
	}
	return nil
}

func (r *Runner) release(n int, weight int64) {
	r.admitted.Add(int64(-n))
	r.bytes.Add(-weight)
}

// weigh is about how many bytes an event occupies.
func weigh(e *engine.Event) int64 {
	n := 320 + len(e.ID) + len(e.Source) + len(e.Name) + len(e.User) + len(e.Visitor) + len(e.Context)
	for i := range e.Fields {
		n += 56 + len(e.Fields[i].Name) + len(e.Fields[i].Value.Text())
	}
	return int64(n)
}

// identifyAll checks every event and finds its lead. It counts the good ones.
func (r *Runner) identifyAll(s *submission) (good int, err error) {
	p := r.program.Load()
	for i := range s.events {
		e := &s.events[i]
		if err := r.identify(e, p); err != nil {
			return 0, err
		}
		if !e.Kind.Outside() {
			s.results[i].Err = &engine.Problem{Code: "bad_type", Text: "the event is not one that a client sends"}
		} else if problem := e.Check(); problem != nil {
			s.results[i].Err = problem
		} else {
			good++
		}
	}
	return good, nil
}

// identify finds the lead of an event whose strongest identifier may point to a
// lead that was first seen under another: a visitor who has become known, or a
// key attribute in an event that names nobody else.
func (r *Runner) identify(e *engine.Event, p *engine.Program) error {
	known, ok := p.Named(e)
	if !ok {
		return nil // it says so itself, or Check says that it names nobody
	}
	lead, found, err := r.store.Resolve(known)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	if !found {
		lead = known.Lead()
	}
	e.Lead = lead
	return nil
}

// route queues the good events at their workers: a counting sort, so that each
// worker finds its part of the call in one piece and in order.
func (r *Runner) route(s *submission, good int) {
	workers := len(r.workers)
	numbers := make([]int32, good+workers+1)
	s.order, s.starts = numbers[:good], numbers[good:]
	for i := range s.events {
		if s.results[i].Err == nil {
			s.starts[r.workerOf(s.events[i].Lead)+1]++
		}
	}
	for w := range workers {
		s.starts[w+1] += s.starts[w]
	}
	next := make([]int32, 0, 16)
	next = append(next, s.starts[:workers]...)
	for i := range s.events {
		if s.results[i].Err == nil {
			w := r.workerOf(s.events[i].Lead)
			s.order[next[w]] = int32(i)
			next[w]++
		}
	}
	for w := range workers {
		if from, to := s.starts[w], s.starts[w+1]; from < to {
			r.workers[w].inbox.putCall(span{s, s.order[from:to]})
		}
	}
}

func (r *Runner) workerOf(lead engine.LeadID) int {
	return lead.Partition(r.partitions) % len(r.workers)
}

// durable notes that n events of the submission are durable.
func (r *Runner) durable(s *submission, n int, now time.Time) {
	if s.events == nil {
		if s.left.Add(int64(-n)) == 0 {
			close(s.done)
		}
		return
	}
	r.counters.toDurable.add(now.Sub(s.at), n)
	r.admitted.Add(int64(-n))
	if s.left.Add(int64(-n)) == 0 {
		r.bytes.Add(-s.weight)
		close(s.done)
	}
}
