package store

import (
	"sync/atomic"

	"github.com/seed-456efde2/nurture/engine"
)

// seen knows the message ids of a partition: which event, by (source, id), came to
// which lead already. The partition's worker owns it.
//
// The truth is the lead's journal, which has every event that was decided. What it
// takes to look there only when there is a reason to:
//
//   - filter says "never seen" for certain, of nearly every id that is fresh. It is
//     built by a scan, in the background, at start, and again when it is overfull.
//     The scan goes over the rows of message ids, one for each Write, which are
//     all that a fresh id costs; they expire, so the filter ages without bookkeeping.
//   - late holds the ids that came while a scan was under way: they are added to
//     what the scan made, because its snapshot may not have them.
//   - young holds the ids of Writes that are not yet durable, in two generations
//     of which the older is emptied as soon as all its Writes are durable. No
//     read would find these.
//
// What the filter holds for seen is looked up. So a wrong answer is impossible,
// and a filter that is not ready, or too small for the memory it may use, costs
// time only.
//
// A row for each id would be simpler, and was there at first: a third of what an
// event costs the database. One is left for ids in long journals, so that looking
// through one is bounded (longJournal).
type seen struct {
	filter *filter
	late   [][hashLen]byte
	base   int                    // ids in the filter when a scan had made it
	asked  bool                   // a scan was asked for
	built  atomic.Pointer[filter] // by the scan, until the worker takes it
	young  [2]youngIDs            // [0] is filled, [1] is the older
	shared atomic.Pointer[filter] // filter, for the workers of other partitions

	// The id asked about last, because the answer "fresh" is followed by
	// remembering it.
	source, id string
	hash       [hashLen]byte
	buf        []byte
}

// youngIDs are ids of Writes up to the one numbered last.
type youngIDs struct {
	ids  map[youngID]struct{}
	last uint64
}

// youngID is a message that a lead has got.
type youngID struct {
	hash [hashLen]byte
	lead engine.LeadID
}

const (
	// longJournal is the sequence number from which on facts of outside events have
	// a row of their message id beside them.
	longJournal = 1024

	idLen  = 2 + 8          // partition2 and half the hash, which is all that the filter takes
	maxIDs = 20_000 * idLen // bytes of a row of ids
)

// appendID appends an id as the rows of ids have it.
func appendID(b []byte, part int, hash *[hashLen]byte) []byte {
	return append(append(b, byte(part>>8), byte(part)), hash[:idLen-2]...)
}

// hashOf is the hash of a message id, computed once for asking and remembering.
func (n *seen) hashOf(source, id string) [hashLen]byte {
	if n.id != id || n.source != source || id == "" {
		n.hash, n.buf = seenHash(n.buf, source, id)
		n.source, n.id = source, id
	}
	return n.hash
}

// fresh reports that the lead has certainly never got an id, or that it certainly
// has, or neither: then the lead's journal decides.
func (n *seen) fresh(hash *[hashLen]byte, lead engine.LeadID) (fresh, known bool) {
	if n.filter != nil && !n.filter.has(hash) {
		return true, true
	}
	for i := range n.young {
		if _, ok := n.young[i].ids[youngID{*hash, lead}]; ok {
			return false, true
		}
	}
	return false, false
}

// add remembers an id that the given Write of the partition makes known.
func (n *seen) add(hash *[hashLen]byte, lead engine.LeadID, write uint64) {
	y := &n.young[0]
	if y.ids == nil {
		y.ids = make(map[youngID]struct{})
	}
	y.ids[youngID{*hash, lead}] = struct{}{}
	y.last = write
	if n.filter != nil {
		n.filter.add(hash)
	}
	if n.asked {
		n.late = append(n.late, *hash)
	}
}

// settle is called when a Write begins: it takes the filter that a scan made,
// forgets young ids that became durable, and reports whether a scan is due.
func (n *seen) settle(durable uint64) (due bool) {
	if f := n.built.Swap(nil); f != nil {
		n.take(f)
	}
	if n.young[1].last <= durable {
		n.young[0], n.young[1] = n.young[1], n.young[0]
		clear(n.young[0].ids)
		n.young[0].last = 0
	}
	return !n.asked && n.filter != nil && n.filter.ids > max(n.filter.room, 2*n.base)
}

// take makes a filter that a scan built the one in use, with the ids that came
// meanwhile. One without lines was not built: the old one, or none, goes on, and
// only twice as many ids bring another try.
func (n *seen) take(f *filter) {
	if f.lines > 0 {
		for i := range n.late {
			f.add(&n.late[i])
		}
		n.filter = f
		n.shared.Store(f)
	}
	if n.filter != nil {
		n.base = n.filter.ids
	}
	n.late, n.asked = nil, false
}

// ask notes that a scan is wanted. Its snapshot is taken later, when every Write
// that is durable now is in it; the ids of the others are kept for it.
func (n *seen) ask() {
	n.asked = true
	n.late = n.late[:0]
	for i := range n.young {
		for id := range n.young[i].ids {
			n.late = append(n.late, id.hash)
		}
	}
}

// askFilter has a partition's filter built anew. Its worker calls it.
func (s *Store) askFilter(p *partition) {
	p.seen.ask()
	s.filters <- p // room for all: each asks once at a time
}
