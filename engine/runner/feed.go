package runner

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/seed-456efde2/nurture/engine"
)

// Update tells what one fact did to one lead. It is published once the fact is
// durable. It names no person: the lead's id cannot be read back.
type Update struct {
	Lead      engine.LeadID
	At        engine.Time
	Kind      engine.EventKind
	Event     string // wire name of a track, "" for other kinds
	Revision  uint32 // of the Program that decided
	Decisions []Brief
}

// Brief is a decision without its reasons; these are in the lead's journal.
type Brief struct {
	Kind    engine.DecisionKind
	Subject string
	Detail  string
}

// ErrFeedClosed is returned by Read after Close or the runner's end.
var ErrFeedClosed = errors.New("feed: closed")

// feed copies what is published to every subscription and waits for none.
type feed struct {
	active atomic.Int32 // subscriptions: nobody makes updates that nobody reads

	mu     sync.Mutex
	subs   map[*Subscription]struct{}
	closed bool
}

// Subscription is one reader's bounded window on the live feed. A reader that
// is slower than the feed loses the oldest updates and is told how many.
type Subscription struct {
	feed *feed
	wake chan struct{}

	mu     sync.Mutex
	kept   queue[Update]
	limit  int
	lost   uint64
	closed bool
}

// Subscribe opens a window of the given number of updates on the live feed. The
// caller closes it.
func (r *Runner) Subscribe(window int) *Subscription {
	s := &Subscription{feed: &r.feed, wake: make(chan struct{}, 1), limit: max(1, window)}
	f := &r.feed
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		s.closed = true
		return s
	}
	if f.subs == nil {
		f.subs = make(map[*Subscription]struct{})
	}
	f.subs[s] = struct{}{}
	f.active.Add(1)
	return s
}

// Read waits for updates and appends those at hand to buf. lost is how many were
// dropped since the last Read because the window was full.
func (s *Subscription) Read(ctx context.Context, buf []Update) (updates []Update, lost uint64, err error) {
	for {
		s.mu.Lock()
		for s.kept.len() > 0 {
			buf = append(buf, s.kept.pop())
		}
		lost, s.lost = s.lost, 0
		closed := s.closed
		s.mu.Unlock()
		if len(buf) > 0 || lost > 0 {
			return buf, lost, nil
		}
		if closed {
			return buf, 0, ErrFeedClosed
		}
		select {
		case <-s.wake:
		case <-ctx.Done():
			return buf, 0, ctx.Err()
		}
	}
}

// Close ends the subscription. A Read that waits returns ErrFeedClosed.
func (s *Subscription) Close() {
	f := s.feed
	f.mu.Lock()
	if _, open := f.subs[s]; open {
		delete(f.subs, s)
		f.active.Add(-1)
	}
	f.mu.Unlock()
	s.end()
}

func (s *Subscription) end() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	wake(s.wake)
}

func (f *feed) watched() bool { return f.active.Load() > 0 }

func (f *feed) publish(updates []Update) {
	if len(updates) == 0 {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for s := range f.subs {
		s.offer(updates)
	}
}

func (s *Subscription) offer(updates []Update) {
	s.mu.Lock()
	for i := range updates {
		if s.kept.len() == s.limit {
			s.kept.pop()
			s.lost++
		}
		s.kept.push(updates[i])
	}
	s.mu.Unlock()
	wake(s.wake)
}

func (f *feed) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	for s := range f.subs {
		s.end()
		delete(f.subs, s)
		f.active.Add(-1)
	}
}

// wake rings a bell of capacity one: a bell that rings already is enough.
func wake(bell chan struct{}) {
	select {
	case bell <- struct{}{}:
	default:
	}
}
