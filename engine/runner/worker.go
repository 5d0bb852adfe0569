package runner

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/store"
)

// batches is how many batches a worker has: one that it fills, one that is being
// made durable, one between them.
const batches = 3

// maxDirty bounds the bytes of changed leads whose rows are not yet in the
// Write, so that the Write knows how full it is.
const maxDirty = 1 << 20

// worker decides about the leads of its partitions, one event after the other,
// and nobody else does. While the committer syncs, it goes on with the next
// batch: the store shows it the rows of the last one already.
type worker struct {
	r       *Runner
	inbox   inbox
	free    chan *batch
	grouped int // batches in the group under way; the committer owns it
	chunk   chunk
	open    *batch

	frame *engine.Frame
	fx    engine.Effects

	// The leads of the open batch: slots[index[id]]. Slots keep their memory from
	// batch to batch; used of them are in use.
	index map[engine.LeadID]int32
	slots []*slot
	used  int
	dirty []*slot // changed since their rows were last encoded
	bytes int64   // of dirty

	clocks []engine.Time          // by partition: the greatest Received
	latest []uint32               // by partition: the greatest revision that decided
	tails  [][engine.Lanes]uint64 // by partition: position of the next outbox row
	before []pendingAction        // actions of the lead at hand before it was decided about
	body   []byte
	wiped  wipe // what the last erasure of a lead took

	lookout *lookout        // nil: nobody has to be noted
	halt    <-chan struct{} // nil: there is no reason to stand still
	still   atomic.Bool     // it stands still
}

func newWorker(r *Runner) *worker {
	w := &worker{
		r: r, inbox: inbox{bell: make(chan struct{}, 1)}, free: make(chan *batch, batches),
		frame: engine.NewFrame(), index: make(map[engine.LeadID]int32),
		clocks: make([]engine.Time, r.partitions), latest: make([]uint32, r.partitions), tails: make([][engine.Lanes]uint64, r.partitions),
	}
	w.frame.KeepJournals()
	w.frame.Recall(r.options.Past)
	for part := range w.clocks {
		anchor := r.store.Anchor(part)
		w.clocks[part], w.latest[part], w.tails[part] = anchor.Clock, anchor.Revision, anchor.OutboxTail
	}
	for range batches {
		w.free <- &batch{write: r.store.NewWrite()}
	}
	return w
}

// run takes what waits, decides, and hands the batch over as soon as the
// committer is free. It does not wait for a batch to fill: an event that comes
// alone is a batch alone, and while a batch syncs the next one fills.
func (w *worker) run() {
	for alive := w.begin(); alive; {
		last := w.inbox.take(&w.chunk, w.r.options.Batch-w.open.events)
		alive = w.work() && w.stay() && w.pass(last)
		w.chunk.reset()
		if last && w.open.empty() {
			return
		}
	}
}

// begin opens a batch. Like pass and handOver it reports false when the runner
// is dead.
func (w *worker) begin() bool {
	clear(w.index)
	w.used = 0
	select {
	case w.open = <-w.free:
		return true
	case <-w.r.dead:
		return false
	}
}

// pass hands the open batch over if the committer is free to take it, and
// returns when there is more to do. After the last chunk it waits for the
// committer.
func (w *worker) pass(last bool) bool {
	if w.open.empty() {
		if last {
			return true
		}
		select {
		case <-w.inbox.bell:
			return true
		case <-w.r.dead:
			return false
		}
	}
	w.encode()
	if last || w.open.events >= w.r.options.Batch {
		return w.handOver()
	}
	select {
	case w.r.committer.queue <- handed{w.open, w}:
		return w.begin()
	default:
	}
	select {
	case w.r.committer.queue <- handed{w.open, w}:
		return w.begin()
	case <-w.inbox.bell:
		return true
	case <-w.r.dead:
		return false
	}
}

// handOver gives the open batch to the committer, however long that takes, and
// opens the next.
func (w *worker) handOver() bool {
	w.encode()
	select {
	case w.r.committer.queue <- handed{w.open, w}:
		return w.begin()
	case <-w.r.dead:
		return false
	}
}

// work decides about the chunk. It reports false when the runner is dead.
func (w *worker) work() bool {
	p := w.r.program.Load() // one program for the whole chunk
	w.lookout = w.r.lookout.Load()
	if !w.facts(p, w.chunk.facts) {
		return false
	}
	for _, s := range w.chunk.spans {
		for _, i := range s.indexes {
			if err := w.event(p, s.sub, i); err != nil {
				return w.r.fail(err)
			}
			if !w.makeRoom() {
				return false
			}
		}
	}
	return w.facts(p, w.chunk.tells)
}

// facts decides facts of our own. It reports false when the runner is dead.
func (w *worker) facts(p *engine.Program, list []fact) bool {
	for i := range list {
		if err := w.fact(p, &list[i]); err != nil {
			return w.r.fail(err)
		}
		if !w.makeRoom() {
			return false
		}
	}
	return true
}

// makeRoom hands the batch over when the transaction has no room for one event
// more.
func (w *worker) makeRoom() bool {
	if w.bytes >= maxDirty {
		w.encode()
	}
	if w.open.write.Full() {
		return w.handOver()
	}
	return true
}

// event decides an event from outside, once: what was seen before only waits
// until its first sight is durable, which it is when this batch is.
func (w *worker) event(p *engine.Program, s *submission, i int32) error {
	e := &s.events[i]
	part := e.Lead.Partition(w.r.partitions)
	w.open.owe(s)
	w.open.events++
	l, err := w.lead(part, e.Lead)
	if err != nil {
		return err
	}
	seen, err := w.seen(l, e)
	if err != nil {
		return err
	}
	if seen {
		s.results[i].Duplicate = true
		w.r.counters.duplicates.Add(1)
		return nil
	}
	if !l.lead.Into.IsZero() { // the lead that it is forwarded to remembers it
		return w.decide(p, l, e, s.at)
	}
	l.size += weigh(e)
	return w.first(p, l, e, s.at)
}

// first decides an event that was never seen, and remembers that it was.
func (w *worker) first(p *engine.Program, s *slot, e *engine.Event, since time.Time) error {
	if err := w.decide(p, s, e, since); err != nil {
		return err
	}
	w.open.write.Seen(s.part, s.lead.ID, s.lead.Seq, e.Source, e.ID)
	return nil
}

// lead finds or decodes a lead.
func (w *worker) lead(part int, id engine.LeadID) (*slot, error) {
	if i, ok := w.index[id]; ok {
		return w.slots[i], nil
	}
	row, err := w.r.store.LeadRow(part, id)
	if err != nil {
		return nil, err
	}
	if w.used == len(w.slots) {
		w.slots = append(w.slots, &slot{})
	}
	s := w.slots[w.used]
	if row == nil {
		s.lead.Reset(id)
	} else if err := engine.DecodeLead(row, &s.lead); err != nil {
		return nil, fmt.Errorf("read lead %v: %w", id, err)
	}
	s.lead.ID = id
	s.part, s.due, s.size, s.dirty = part, s.lead.NextDue(), int64(len(row))+64, false
	w.index[id] = int32(w.used)
	w.used++
	return s, nil
}

// encode puts the changed leads into the Write, and moves them in the index of
// due times.
func (w *worker) encode() {
	write := w.open.write
	for _, s := range w.dirty {
		write.Lead(s.part, &s.lead)
		if next := s.lead.NextDue(); next != s.due {
			write.Timer(s.part, s.lead.ID, s.due, next)
			if next != 0 {
				w.open.dues = append(w.open.dues, due{s.part, next})
			}
			s.due = next
		}
		w.latest[s.part] = max(w.latest[s.part], s.lead.Revision)
		write.Anchor(s.part, store.Anchor{Clock: w.clocks[s.part], Revision: w.latest[s.part]})
		s.dirty = false
	}
	w.dirty, w.bytes = w.dirty[:0], 0
}

// seen reports whether an event from outside was decided already, at this lead or
// at one that was merged into it.
func (w *worker) seen(s *slot, e *engine.Event) (bool, error) {
	seen, err := w.r.store.Seen(s.part, s.lead.ID, e)
	for i := 0; i < len(s.lead.Parts) && err == nil && !seen; i++ {
		id := s.lead.Parts[i]
		if part := id.Partition(w.r.partitions); part == s.part {
			seen, err = w.r.store.Seen(part, id, e)
		} else {
			seen, err = w.r.store.SeenElsewhere(part, id, e)
		}
	}
	return seen, err
}
