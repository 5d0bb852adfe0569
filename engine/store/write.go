package store

import (
	"fmt"
	"math"
	"sync"

	"github.com/seed-456efde2/nurture/engine"
)

// Write is what one batch of events changes, built by one worker and committed
// whole. Rows are encoded as they are added, into one buffer that the next batch
// reuses.
//
//  1. One goroutine at a time has a Write: the worker that fills it, then the one
//     that commits it, then whoever Resets it.
//  2. A partition's Writes are built by one worker at a time and committed in the
//     order in which each was first given something for the partition.
//  3. What was added is visible to the worker at once (LeadRow, Seen, Facts,
//     Resolve), durable or not. So a Write that was begun is committed or the
//     store is closed; there is no third way.
//  4. Every partition that a Write touches gets its anchor in the same
//     transaction.
type Write struct {
	// mu guards what another worker sees of a Write that is still built: the ops, and
	// the rows as far as they belong to them. What they hold is never changed.
	mu    sync.Mutex
	shown []byte

	store  *Store
	rows   []byte
	ops    []op
	parts  []touched
	at     []int16 // partition → its place in parts + 1
	counts map[counter]int64
	names  [][hashLen]byte // identifiers, for the table of young ones
	bad    []BadEvent
	ids    []byte // message ids, as the rows under idsRow have them
	size   int64
	sealed bool // was committed
}

// op is one change of one row. The key stands in rows at pos, the value behind it.
type op struct {
	pos   uint32
	value uint32
	key   uint16
	kind  opKind
}

type opKind uint8

const (
	setOp opKind = iota
	expireOp
	answerOp // expires much later
	deleteOp
)

// touched is a partition that a Write changes, with its anchor as the worker saw
// it when the Write was done.
type touched struct {
	part   *partition
	write  uint64 // number of the Write within the partition
	anchor Anchor
}

// opOverhead is what Badger adds to key and value of an entry when it sizes a
// transaction: a version, flags, and two bytes to be safe.
const opOverhead = 24

// NewWrite makes an empty Write for one worker.
func (s *Store) NewWrite() *Write {
	w := &Write{store: s, at: make([]int16, len(s.parts)), counts: make(map[counter]int64)}
	w.Reset()
	return w
}

// Reset empties a Write that was committed, for its worker's next batch. To
// Reset one that was begun and not committed breaks the store, because leads
// would be cached that no commit ever makes durable.
func (w *Write) Reset() {
	if !w.sealed && !w.Empty() {
		w.store.fail(fmt.Errorf("a write with %d rows was thrown away", len(w.ops)))
	}
	for i := range w.parts {
		w.parts[i].part.end(w)
		w.at[w.parts[i].part.number] = 0
	}
	w.rows, w.ops, w.parts = w.rows[:0], w.ops[:0], w.parts[:0]
	w.names, w.bad, w.ids = w.names[:0], w.bad[:0], w.ids[:0]
	clear(w.counts)
	w.size, w.sealed = 0, false
}

// Empty reports whether nothing was added since Reset.
func (w *Write) Empty() bool {
	return len(w.ops) == 0 && len(w.parts) == 0 && len(w.counts) == 0 && len(w.bad) == 0
}

// Size is what the Write brings to a transaction: rows and bytes, counters and
// anchors included.
func (w *Write) Size() (rows int, bytes int64) {
	rows = len(w.ops) + len(w.parts) + len(w.counts) + 2*len(w.bad) + (len(w.ids)+maxIDs-1)/maxIDs
	return rows, w.size + int64(len(w.parts))*anchorBytes
}

// Full reports that the Write should be committed before another event is added:
// it holds half of what one transaction takes. The other half is room for the
// event that filled it, so a Write that was asked before each event can always be
// committed.
func (w *Write) Full() bool {
	rows, bytes := w.Size()
	return rows >= w.store.maxRows/2 || bytes >= w.store.maxBytes/2
}

// touch enters a partition.
func (w *Write) touch(part int) *touched {
	if w.sealed {
		w.store.fail(fmt.Errorf("partition %d: something was added to a write after its commit", part))
	}
	if i := w.at[part]; i != 0 {
		return &w.parts[i-1]
	}
	p := &w.store.parts[part]
	write, anchor := p.begin(w)
	w.parts = append(w.parts, touched{p, write, anchor})
	w.at[part] = int16(len(w.parts))
	return &w.parts[len(w.parts)-1]
}

// add closes a row whose key begins at pos and ends at end, and whose value
// follows it.
func (w *Write) add(kind opKind, pos, end int) {
	if len(w.rows) > math.MaxUint32 {
		w.store.fail(fmt.Errorf("a write holds more than %d bytes", uint32(math.MaxUint32)))
	}
	w.mu.Lock()
	w.ops = append(w.ops, op{uint32(pos), uint32(len(w.rows) - end), uint16(end - pos), kind})
	w.shown = w.rows
	w.mu.Unlock()
	w.size += int64(len(w.rows)-pos) + opOverhead
}

// key and value of an op.
func (w *Write) key(o *op) []byte {
	end := o.pos + uint32(o.key)
	return w.rows[o.pos:end:end]
}

func (w *Write) value(o *op) []byte {
	from := o.pos + uint32(o.key)
	return w.rows[from : from+o.value : from+o.value]
}

// Lead writes the lead's row. The worker sees it at once.
func (w *Write) Lead(part int, l *engine.Lead) {
	t := w.touch(part)
	pos := len(w.rows)
	w.rows = leadKey(w.rows, part, l.ID)
	end := len(w.rows)
	w.rows = engine.AppendLead(w.rows, l)
	w.add(setOp, pos, end)
	t.part.leads.put(l.ID, w.rows[end:], t.write, t.part.durable.Load())
}

// Fact adds a row to the lead's journal.
func (w *Write) Fact(part int, lead engine.LeadID, f *engine.Fact) {
	w.touch(part)
	pos := len(w.rows)
	w.rows = factKey(w.rows, part, lead, f.Event.At, f.Seq)
	end := len(w.rows)
	w.rows = engine.AppendFact(w.rows, f)
	w.add(setOp, pos, end)
}

// Seen remembers the message id of an event that the lead's journal has, as of
// this Write; seq is that of the lead once the event was decided. From now on
// Store.Seen reports it.
func (w *Write) Seen(part int, lead engine.LeadID, seq uint64, source, id string) {
	t := w.touch(part)
	hash := t.part.seen.hashOf(source, id)
	w.ids = appendID(w.ids, part, &hash)
	w.size += idLen
	if seq >= longJournal {
		pos := len(w.rows)
		w.rows = seenKey(w.rows, part, hash)
		end := len(w.rows)
		w.rows = append(w.rows, lead[:]...)
		w.add(expireOp, pos, end)
	}
	t.part.seen.add(&hash, lead, t.write)
}

// Timer moves the lead in the index of due times: out of its place at old, into
// its place at due; 0 is no place. Only a lead's earliest due time is indexed.
func (w *Write) Timer(part int, lead engine.LeadID, old, due engine.Time) {
	if old == due {
		return
	}
	t := w.touch(part)
	if old != 0 {
		pos := len(w.rows)
		w.rows = timerKey(w.rows, part, old, lead)
		w.add(deleteOp, pos, len(w.rows))
	}
	if due != 0 {
		pos := len(w.rows)
		w.rows = timerKey(w.rows, part, due, lead)
		w.add(setOp, pos, len(w.rows))
		t.anchor.TimerLow = t.part.armed(t.write, due)
	}
}

// Outbox puts an action that is ready into its lane at position seq, which the
// caller takes from Anchor.OutboxTail and counts on. The channel stands beside it
// so that the way out need not read the lead to know where the action goes.
func (w *Write) Outbox(part int, lane engine.Lane, seq uint64, lead engine.LeadID, key engine.ActionKey, channel string) {
	t := w.touch(part)
	pos := len(w.rows)
	w.rows = outboxKey(w.rows, part, lane, seq)
	end := len(w.rows)
	w.rows = append(append(append(w.rows, lead[:]...), key[:]...), channel...)
	w.add(setOp, pos, end)
	t.anchor.OutboxHead[lane], t.anchor.OutboxTail[lane] = t.part.queued(t.write, lane, seq)
}

// DropOutbox removes the outbox row at seq; 0 is no row.
func (w *Write) DropOutbox(part int, lane engine.Lane, seq uint64) {
	if seq == 0 {
		return
	}
	w.touch(part)
	pos := len(w.rows)
	w.rows = outboxKey(w.rows, part, lane, seq)
	w.add(deleteOp, pos, len(w.rows))
}

// Body keeps the rendered parts of an action until it is over. Parts of more
// than MaxBody bytes are refused: such an action cannot be kept and must be given
// up.
func (w *Write) Body(part int, key engine.ActionKey, body []byte) error {
	if len(body) > MaxBody {
		return fmt.Errorf("keep parts of action %v: they have %d bytes, at most %d are possible", key, len(body), MaxBody)
	}
	w.touch(part)
	pos := len(w.rows)
	w.rows = actionKey(w.rows, part, bodyRow, key)
	end := len(w.rows)
	w.rows = append(w.rows, body...)
	w.add(setOp, pos, end)
	return nil
}

// DropBody forgets the rendered parts of an action.
func (w *Write) DropBody(part int, key engine.ActionKey) {
	w.drop(part, bodyRow, key)
}

// Dead keeps an action that was given up, until an operator retries or discards
// it.
func (w *Write) Dead(part int, d *engine.DeadAction) {
	w.touch(part)
	pos := len(w.rows)
	w.rows = actionKey(w.rows, part, deadRow, d.Pending.Key)
	end := len(w.rows)
	w.rows = engine.AppendDeadAction(w.rows, d)
	w.add(setOp, pos, end)
}

// DropDead forgets an action that was given up.
func (w *Write) DropDead(part int, key engine.ActionKey) {
	w.drop(part, deadRow, key)
}

func (w *Write) drop(part int, kind byte, key engine.ActionKey) {
	w.touch(part)
	pos := len(w.rows)
	w.rows = actionKey(w.rows, part, kind, key)
	w.add(deleteOp, pos, len(w.rows))
}

// BadEvent keeps an event that intake refused. It takes part in no partition.
func (w *Write) BadEvent(b BadEvent) {
	w.bad = append(w.bad, b)
	w.size += int64(len(b.Raw)*2+len(b.Text)+len(b.Code)+len(b.Source)) + 2*(opOverhead+64)
}

// Count adds to a counter.
func (w *Write) Count(d engine.Delta) {
	c := counter{name: d.Name, labels: d.Labels, hour: d.Hour, part: d.Part}
	n, known := w.counts[c]
	if !known {
		w.size += int64(len(c.name)+len(c.labels)) + opOverhead + 32
	}
	w.counts[c] = n + d.N
}

// Identifier enters a name of a lead into the identity table. Store.Resolve
// finds it at once.
func (w *Write) Identifier(i engine.Identifier, lead engine.LeadID) {
	hash := i.Hash()
	pos := len(w.rows)
	w.rows = identifierKey(w.rows, hash)
	end := len(w.rows)
	w.rows = append(w.rows, lead[:]...)
	w.add(setOp, pos, end)
	w.names = append(w.names, hash)
	w.store.names.add(hash, lead)
}

// Anchor sets the partition's clock and revision as of this Write. The other
// fields of the anchor are the store's own and are ignored here.
func (w *Write) Anchor(part int, a Anchor) {
	t := w.touch(part)
	t.anchor.Clock, t.anchor.Revision = a.Clock, a.Revision
	t.part.clock, t.part.revision = a.Clock, a.Revision
}
