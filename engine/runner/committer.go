package runner

import (
	"sync/atomic"
	"time"

	"github.com/seed-456efde2/nurture/engine/store"
)

// committer makes the workers' batches durable: one transaction for whatever
// waits, one after the other. Badger does not group commits, so this is where
// they are grouped.
type committer struct {
	r     *Runner
	queue chan handed // unbuffered: a batch goes on filling until it is taken
	quit  chan struct{}

	group  []handed
	writes []*store.Write

	commits atomic.Uint64
	events  atomic.Uint64
	largest atomic.Uint64 // events in one commit
	pace    atomic.Int64  // nanoseconds an event, lately
}

// handed is a batch with the worker that it goes back to.
type handed struct {
	*batch
	from *worker
}

func newCommitter(r *Runner) *committer {
	return &committer{r: r, queue: make(chan handed), quit: make(chan struct{})}
}

// run commits until quit is closed, which happens when no worker is left.
func (c *committer) run() {
	for {
		select {
		case b := <-c.queue:
			c.group = append(c.group, b)
		case <-c.quit:
			return
		case <-c.r.dead:
			return
		}
		c.gather()
		if !c.commit() {
			return
		}
	}
}

// gather takes the batches of other workers that wait to be handed over now.
func (c *committer) gather() {
	for range c.r.workers {
		select {
		case b := <-c.queue:
			c.group = append(c.group, b)
		default:
			return
		}
	}
}

// commit makes the group durable and sets in motion what waits for that. It
// reports false when the runner is dead.
func (c *committer) commit() bool {
	began := c.r.clock.Now()
	for _, b := range c.group {
		if !b.write.Empty() {
			c.writes = append(c.writes, b.write)
		}
	}
	if len(c.writes) > 0 {
		if err := c.r.store.Commit(c.writes...); err != nil {
			return c.r.fail(err)
		}
		c.commits.Add(1)
	}
	now := c.r.clock.Now()
	events := 0
	for _, b := range c.group {
		events += b.events
		c.finish(b, now)
	}
	c.measure(now.Sub(began), events)
	clear(c.group)
	clear(c.writes)
	c.group, c.writes = c.group[:0], c.writes[:0]
	return true
}

// measure keeps a running mean of what an event takes, for the hint that a
// refused caller gets.
func (c *committer) measure(took time.Duration, events int) {
	c.events.Add(uint64(events))
	c.largest.Store(max(c.largest.Load(), uint64(events)))
	c.r.counters.commit.add(took, 1)
	c.pace.Store(c.pace.Load() - c.pace.Load()/8 + int64(took)/int64(8*max(1, events)))
}

// drainTime is about how long it takes until so many events are durable, in
// whole seconds, as callers are told: at least one, at most a minute.
func (c *committer) drainTime(events int64) time.Duration {
	d := time.Duration(events * c.pace.Load()).Round(time.Second)
	return min(max(d, time.Second), time.Minute)
}

// finish sets in motion what waited for the batch to be durable, answers those
// who wait for it, and gives it back. What follows is counted before the cause is
// counted off, so that the runner never looks at rest in between.
func (c *committer) finish(b handed, now time.Time) {
	r := c.r
	r.counters.decided.Add(uint64(b.decided))
	for _, d := range b.dues {
		r.wheel.note(d.part, d.at)
	}
	r.depth.change(b.rows, b.dropped)
	r.dispatcher.postBatch(b.rows, b.judged, b.settled)
	r.wheel.done(b.ticked)
	r.feed.publish(b.updates)
	for _, a := range b.acks {
		r.durable(a.sub, a.n, now)
	}
	rows := r.load.rows.Add(int64(len(b.rows) - len(b.dropped)))
	if r.load.work.Add(int64(-b.events)) == 0 || rows == 0 {
		r.load.tell()
	}
	b.reset()
	b.from.free <- b.batch
}
