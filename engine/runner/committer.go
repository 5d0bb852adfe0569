package runner

import (
	"runtime"
	"sync/atomic"
	"time"

	"github.com/seed-456efde2/nurture/engine/store"
)

// committer makes the workers' batches durable: one transaction for whatever
// waits, one after the other. Badger does not group commits, so this is where
// they are grouped.
//
// What is ready while a transaction syncs goes into the next one; nobody waits
// for a batch to fill. That alone would split many callers of one event each into
// halves for ever: while one half is being committed the other has just been
// answered, and every transaction, with its syncs, its anchors and its counters,
// serves only half of those it could. So the committer gives way twice: to the
// callers it has just answered, that they may come back (giveWay), and to a
// worker that has only a few events left to decide (soon). Neither is a wait for
// time, and neither costs anything when nothing else is to be done. A delay of
// some hundred microseconds would be too long where a disk is fast and too short
// where it is slow, and an idle system's timers are coarser than that.
type committer struct {
	r     *Runner
	queue chan handed // unbuffered: a batch goes on filling until it is taken
	quit  chan struct{}

	group  []handed
	writes []*store.Write
	back   int64 // what arrived comes to once all who were answered last are back

	arrived atomic.Int64 // events from outside that were queued
	commits atomic.Uint64
	events  atomic.Uint64
	largest atomic.Uint64 // events in one commit
	pace    atomic.Int64  // nanoseconds an event, lately
}

const (
	// yields is how often the committer lets others run before it goes on without
	// the callers who might come back.
	yields = 20
	// few is how many events a worker may have left for the others to wait for it.
	few = 64
)

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
		c.giveWay()
		c.back = 0
		select {
		case b := <-c.queue:
			c.add(b)
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

// giveWay lets callers who were just answered run, and come back.
func (c *committer) giveWay() {
	for range yields {
		if c.arrived.Load() >= c.back {
			return
		}
		runtime.Gosched()
	}
}

// add takes a batch into the group.
func (c *committer) add(b handed) {
	c.group = append(c.group, b)
	b.from.grouped++
	b.from.inbox.todo.Add(int64(-b.events))
	for _, a := range b.acks {
		if a.sub.events != nil {
			c.back += int64(a.n)
		}
	}
}

// gather takes the other batches that wait to be handed over, or will very soon.
func (c *committer) gather() {
	for {
		select {
		case b := <-c.queue:
			c.add(b)
			continue
		default:
		}
		if !c.soon() {
			return
		}
		select {
		case b := <-c.queue:
			c.add(b)
		case <-c.r.dead:
			return
		}
	}
}

// soon reports whether a worker is about to hand a batch over. One that has two
// batches in the group already might be waiting for one of them to come back.
func (c *committer) soon() bool {
	for _, w := range c.r.workers {
		if n := w.inbox.todo.Load(); n > 0 && n <= few && w.grouped < batches-1 && !w.still.Load() {
			return true
		}
	}
	return false
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
	c.back += c.arrived.Load()
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
	for i := range b.posts {
		r.post(b.posts[i])
	}
	r.wheel.done(b.ticked)
	r.feed.publish(b.updates)
	r.shadow.publish(b.shadowed)
	for _, a := range b.acks {
		r.durable(a.sub, a.n, now)
	}
	rows := r.load.rows.Add(int64(len(b.rows) - len(b.dropped)))
	if r.load.work.Add(int64(-b.events)) == 0 || rows == 0 {
		r.load.tell()
	}
	b.from.grouped = 0
	b.reset()
	b.from.free <- b.batch
}
