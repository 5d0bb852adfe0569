package runner

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/store"
)

// inbox is what waits for one worker. Facts of our own shell have a lane of
// their own and go first; they are never refused, because each kind is bounded
// where it is made: one attempt and one receipt for each outstanding action, a
// fixed number of ticks, one redrive for each caller who waits. Events from
// outside are bounded by the runner before they come here.
type inbox struct {
	bell chan struct{}
	todo atomic.Int64 // put in, and not yet handed over to the committer

	mu     sync.Mutex
	urgent queue[fact] // attempts, receipts, an operator's word
	ticks  queue[fact]
	calls  queue[span]
	tells  queue[fact] // of a sweep
	closed bool
}

// fact is one event of our own shell on its way to its worker.
type fact struct {
	event  engine.Event
	due    engine.Time // Tick: the index row that made it
	since  time.Time   // when it came in
	sub    *submission // who waits for it, or nil
	post   uint64      // number of its row in the store, when another lead's decision brought it
	order  order
	bad    *store.BadEvent // orderKeep
	wipe   *wipe           // orderErase and orderRegister
	expire *expiry         // orderExpire
	halt   <-chan struct{} // orderHalt: until when
}

// order is what the worker is to do with a fact.
type order uint8

const (
	orderDecide   order = iota
	orderDiscard        // forget the dead letter that it names
	orderKeep           // keep an event that was refused
	orderPass           // do nothing
	orderHalt           // stand still, see halt
	orderTell           // tell the lead of the rules in force
	orderErase          // take the oldest of the lead's journal out, as much as may go at once
	orderRegister       // enter offers in the register anew
	orderExpire         // take the reasons out of the lead's older decisions
)

// span is the part of one submission that falls to one worker.
type span struct {
	sub     *submission
	indexes []int32
}

// chunk is what a worker takes from its inbox at once.
type chunk struct {
	facts []fact
	spans []span
	tells []fact // after everything else
}

func (c *chunk) reset() {
	clear(c.facts)
	clear(c.spans)
	clear(c.tells)
	c.facts, c.spans, c.tells = c.facts[:0], c.spans[:0], c.tells[:0]
}

// maxTells bounds the leads that are told of new rules in one chunk: what comes in
// meanwhile waits for no more than these.
const maxTells = 64

func (b *inbox) putFact(f fact) {
	b.todo.Add(1)
	b.mu.Lock()
	switch {
	case f.order == orderTell:
		b.tells.push(f)
	case f.event.Kind == engine.Tick:
		b.ticks.push(f)
	default:
		b.urgent.push(f)
	}
	b.mu.Unlock()
	wake(b.bell)
}

func (b *inbox) putCall(s span) {
	b.todo.Add(int64(len(s.indexes)))
	b.mu.Lock()
	b.calls.push(s)
	b.mu.Unlock()
	wake(b.bell)
}

func (b *inbox) close() {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	wake(b.bell)
}

// depth is how many facts of our own and how many spans wait.
func (b *inbox) depth() (facts, spans int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.urgent.len() + b.ticks.len() + b.tells.len(), b.calls.len()
}

// take moves at most room events into c: all urgent facts first, then ticks and
// calls side by side, so that neither a hundred thousand timers due at one
// second nor a flood of events holds up the other. What tells leads of new rules
// comes last, a few at a time; under a flood that never ends a thirty-second part
// of the room is left to it. closed says that nothing more will come.
func (b *inbox) take(c *chunk, room int) (closed bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for room > 0 && b.urgent.len() > 0 {
		c.facts = append(c.facts, b.urgent.pop())
		room--
	}
	ticks := room
	if b.calls.len() > 0 {
		ticks = (room + 3) / 4
	}
	for ticks > 0 && b.ticks.len() > 0 {
		c.facts = append(c.facts, b.ticks.pop())
		ticks--
		room--
	}
	spare := min(room/32, b.tells.len())
	room -= spare
	for room > 0 && b.calls.len() > 0 {
		first := b.calls.front()
		if len(first.indexes) > room {
			c.spans = append(c.spans, span{first.sub, first.indexes[:room]})
			first.indexes = first.indexes[room:]
			room = 0
			break
		}
		room -= len(first.indexes)
		c.spans = append(c.spans, b.calls.pop())
	}
	for n := min(room+spare, maxTells); n > 0 && b.tells.len() > 0; n-- {
		c.tells = append(c.tells, b.tells.pop())
	}
	return b.closed && b.urgent.len()+b.ticks.len()+b.calls.len()+b.tells.len() == 0
}
