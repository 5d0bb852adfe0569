package runner

import (
	"sync/atomic"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/store"
)

// counters are what the runner counts as it goes.
type counters struct {
	decided    atomic.Uint64
	duplicates atomic.Uint64
	malformed  atomic.Uint64
	refused    atomic.Uint64
	leads      atomic.Uint64
	dead       atomic.Uint64
	unfinished atomic.Uint64
	toDurable  Histogram
	toHandOver Histogram
	commit     Histogram
}

// Status is how the runner stands. Counts are since Start.
type Status struct {
	Revision uint32
	Digest   string
	Canary   uint32      // revision that is tried on some of the leads, 0 for none
	Percent  float64     // of the leads, by Canary
	Swapped  engine.Time // when this revision came into force in this process
	Failure  error       // why the runner stopped by itself, nil while it runs

	Queued      int64 // events from outside under way
	QueuedBytes int64
	Inner       int    // facts of our own shell that wait for a worker
	Decided     uint64 // decisions
	Duplicates  uint64
	Malformed   uint64
	Refused     uint64 // events refused because the queue was full
	NewLeads    uint64

	Commits      uint64
	LargestBatch uint64 // events in one commit
	MeanBatch    float64

	Channels   []ChannelStatus
	GivenUp    uint64 // actions that became dead letters
	Unfinished uint64 // of them, messages that could not be made
	Stray      uint64 // receipts that nobody waited for

	TicksUnderWay int
	Ticks         uint64
	NextDue       engine.Time   // 0: no timer is armed
	Lag           time.Duration // by which that is overdue

	Sweep SweepStatus

	Space store.SpaceReport
}

// ChannelStatus is how a channel stands.
type ChannelStatus struct {
	Channel     string
	Outbox      [engine.Lanes]int64 // actions ready or under way, by lane
	Outstanding int64               // of them, attempts under way
	Sent        uint64              // requests handed over
	Answers     [5]uint64           // receipts by engine.Outcome
	Failures    uint64              // Sends that the sender did not take
	Away        engine.Time         // since when its service has not answered; 0 while it does
	Rests       uint64              // taken because it did not
}

// Status reads how the runner stands. It holds nobody up.
func (r *Runner) Status() Status {
	p, c := r.program.Load(), &r.counters
	s := Status{
		Queued: r.admitted.Load(), QueuedBytes: r.bytes.Load(),
		Decided: c.decided.Load(), Duplicates: c.duplicates.Load(), Malformed: c.malformed.Load(),
		Refused: c.refused.Load(), NewLeads: c.leads.Load(),
		Commits: r.committer.commits.Load(), LargestBatch: r.committer.largest.Load(),
		GivenUp: c.dead.Load(), Unfinished: c.unfinished.Load(), Stray: r.dispatcher.stray.Load(),
		Swapped: engine.Time(r.swapped.Load()), Channels: r.channels(),
	}
	if p != nil {
		s.Revision, s.Digest = p.Revision(), p.Digest()
		if c, terms := p.Canary(); c != nil {
			s.Canary, s.Percent = c.Revision(), terms.Percent
		}
	}
	if s.Commits > 0 {
		s.MeanBatch = float64(r.committer.events.Load()) / float64(s.Commits)
	}
	for _, w := range r.workers {
		facts, _ := w.inbox.depth()
		s.Inner += facts
	}
	if space := r.space.Load(); space != nil {
		s.Space = *space
	}
	r.wheel.status(&s)
	s.Sweep = r.sweep.read()
	select {
	case <-r.dead:
		s.Failure = r.failure
	default:
	}
	return s
}

func (w *wheel) status(s *Status) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s.TicksUnderWay, s.Ticks = len(w.under)-len(w.over), w.fired
	if _, due := w.earliest(); due != never && due > 0 {
		s.NextDue = due
		s.Lag = max(0, w.r.clock.Now().Sub(due.In(nil)))
	}
}

// ToDurable is how long events from outside took from Submit until they were
// durable.
func (r *Runner) ToDurable() *Histogram { return &r.counters.toDurable }

// ToHandOver is how long actions took from their cause's Submit until they were
// handed to the Sender; those that had to wait for an hour or a retry count from
// then.
func (r *Runner) ToHandOver() *Histogram { return &r.counters.toHandOver }

// CommitTime is how long commits took.
func (r *Runner) CommitTime() *Histogram { return &r.counters.commit }
