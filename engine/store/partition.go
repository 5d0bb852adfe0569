package store

import (
	"encoding/binary"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/seed-456efde2/nurture/engine"
)

// Anchor says where a partition stands. The runner gives Clock and Revision; the
// store keeps the rest. The row on disk is written with the transaction that
// changes anything in it but Commits and Clock; these two may be up to
// clockSlack behind there.
type Anchor struct {
	// Commits is the number of the last transaction that touched the partition: the
	// store counts its transactions from 1.
	Commits uint64
	// Clock is the partition's logical clock.
	Clock engine.Time
	// Revision is the number of the program that decided last.
	Revision uint32
	// TimerLow is a time before which no timer of the partition is due;
	// the greatest Time when no timer is armed.
	TimerLow engine.Time
	// OutboxHead is, for each lane, a position before which no row stands.
	OutboxHead [engine.Lanes]uint64
	// OutboxTail is, for each lane, the position that the next row gets; the first
	// ever is 1.
	OutboxTail [engine.Lanes]uint64
}

// anchorBytes bounds an anchor's row in a transaction.
const anchorBytes = 160 + opOverhead

const anchorFormat = 1

// partition is what the store knows of one virtual partition.
type partition struct {
	number int

	// What follows belongs to the partition's worker.
	built    uint64 // Writes begun
	leads    leadCache
	row      []byte // what LeadRow gave last
	key      []byte // of the row that is looked for
	seen     seen
	clock    engine.Time
	revision uint32

	taken   uint64 // Writes that Commit was given; the committer's
	written Anchor // as it stands on disk; the committer's

	durable atomic.Uint64 // Writes committed

	mu     sync.Mutex // guards what follows
	anchor Anchor     // as committed
	flying []flight   // Writes begun and not yet Reset, oldest first
	timers mark
	lanes  [engine.Lanes]mark
	tails  [engine.Lanes]uint64
}

// flight is a Write under way, with its number within the partition.
type flight struct {
	w     *Write
	write uint64
}

// start takes the partition's anchor as it was found, or the first one.
func (p *partition) start(a Anchor) {
	for lane := range a.OutboxTail {
		a.OutboxTail[lane] = max(a.OutboxTail[lane], 1)
		a.OutboxHead[lane] = max(a.OutboxHead[lane], 1)
		p.lanes[lane].low = a.OutboxHead[lane]
	}
	p.anchor, p.written = a, a
	p.timers.low = uint64(a.TimerLow)
	p.tails = a.OutboxTail
	p.clock, p.revision = a.Clock, a.Revision
}

// begin counts a Write in. It gives its number and the anchor that it begins
// with.
func (p *partition) begin(w *Write) (uint64, Anchor) {
	p.built++
	if p.seen.settle(p.durable.Load()) {
		w.store.askFilter(p)
	}
	a := Anchor{Clock: p.clock, Revision: p.revision}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.flying = append(p.flying, flight{w, p.built})
	a.TimerLow = engine.Time(p.timers.low)
	for lane := range p.lanes {
		a.OutboxHead[lane] = p.lanes[lane].low
	}
	a.OutboxTail = p.tails
	return p.built, a
}

// end forgets a Write that is about to be emptied.
func (p *partition) end(w *Write) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.flying = slices.DeleteFunc(p.flying, func(f flight) bool { return f.w == w })
}

// armed notes a timer and gives the mark as it then is.
func (p *partition) armed(write uint64, due engine.Time) engine.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.timers.put(write, uint64(due))
	return engine.Time(p.timers.low)
}

// queued notes an outbox row and gives the lane's head and tail as they then are.
func (p *partition) queued(write uint64, lane engine.Lane, seq uint64) (head, tail uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lanes[lane].put(write, seq)
	p.tails[lane] = max(p.tails[lane], seq+1)
	return p.lanes[lane].low, p.tails[lane]
}

// committed takes a Write that became durable.
func (p *partition) committed(write uint64, a Anchor) {
	p.mu.Lock()
	p.anchor = a
	p.mu.Unlock()
	p.durable.Store(write)
}

// clockSlack is how far a partition's clock on disk may be behind.
const clockSlack = 10 * engine.Second

// differs reports whether an anchor must be written where old stands.
func (a *Anchor) differs(old *Anchor) bool {
	return old.Commits == 0 || a.Revision != old.Revision || a.TimerLow != old.TimerLow ||
		a.OutboxHead != old.OutboxHead || a.OutboxTail != old.OutboxTail ||
		a.Clock.Sub(old.Clock) >= clockSlack || a.Clock < old.Clock
}

// appendAnchor appends the stored form of a.
func appendAnchor(b []byte, a *Anchor) []byte {
	b = append(b, anchorFormat)
	b = binary.AppendUvarint(b, a.Commits)
	b = binary.AppendVarint(b, int64(a.Clock))
	b = binary.AppendUvarint(b, uint64(a.Revision))
	b = binary.AppendUvarint(b, uint64(a.TimerLow))
	for lane := range a.OutboxHead {
		b = binary.AppendUvarint(b, a.OutboxHead[lane])
		b = binary.AppendUvarint(b, a.OutboxTail[lane]-a.OutboxHead[lane])
	}
	return b
}

// decodeAnchor reads what appendAnchor wrote.
func decodeAnchor(b []byte, a *Anchor) error {
	if len(b) == 0 || b[0] != anchorFormat {
		return fmt.Errorf("anchor row: %w", engine.ErrFormat)
	}
	b = b[1:]
	bad := false
	next := func() uint64 {
		n, size := binary.Uvarint(b)
		if size <= 0 {
			bad = true
			return 0
		}
		b = b[size:]
		return n
	}
	a.Commits = next()
	clock := next() // as binary.AppendVarint folds signs
	a.Clock = engine.Time(int64(clock>>1) ^ -int64(clock&1))
	a.Revision = uint32(next())
	a.TimerLow = engine.Time(next())
	for lane := range a.OutboxHead {
		a.OutboxHead[lane] = next()
		a.OutboxTail[lane] = a.OutboxHead[lane] + next()
	}
	if bad || len(b) != 0 {
		return fmt.Errorf("anchor row: %w", engine.ErrFormat)
	}
	return nil
}
