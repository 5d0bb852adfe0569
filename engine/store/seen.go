package store

import (
	"errors"
	"sync/atomic"

	"github.com/dgraph-io/badger/v4"
)

// seen knows the message ids of a partition: which (source, id) came in already.
// The partition's worker owns it.
//
// The truth is one row for each id, which expires. Three things stand before it,
// so that a fresh id, which nearly all are, costs no read:
//
//   - filter says "never seen" for certain. It is built by a scan of the keys,
//     in the background, at start, and again when it is overfull; the scan leaves
//     out what has expired meanwhile, so the filter ages without bookkeeping.
//   - late holds the ids that came while a scan was under way: they are added to
//     what the scan made, because its snapshot may not have them.
//   - young holds the ids of Writes that are not yet durable, in two generations
//     of which the older is emptied as soon as all its Writes are durable. No
//     read would find these.
//
// What the filter holds for seen is looked up. So a wrong answer is impossible,
// and a filter that is not ready, or too small for the memory it may use, costs
// time only.
type seen struct {
	filter *filter
	late   [][hashLen]byte
	base   int                    // ids in the filter when a scan had made it
	asked  bool                   // a scan was asked for
	built  atomic.Pointer[filter] // by the scan, until the worker takes it
	young  [2]youngIDs            // [0] is filled, [1] is the older

	// The id asked about last, because the answer "fresh" is followed by
	// remembering it.
	source, id string
	hash       [hashLen]byte
	buf        []byte
}

// youngIDs are ids of Writes up to the one numbered last.
type youngIDs struct {
	ids  map[[hashLen]byte]struct{}
	last uint64
}

// hashOf is the hash of a message id, computed once for asking and remembering.
func (n *seen) hashOf(source, id string) [hashLen]byte {
	if n.id != id || n.source != source || id == "" {
		n.hash, n.buf = seenHash(n.buf, source, id)
		n.source, n.id = source, id
	}
	return n.hash
}

// fresh reports that an id was certainly never seen, or that it certainly was,
// or neither: then the row decides.
func (n *seen) fresh(hash *[hashLen]byte) (fresh, known bool) {
	if n.filter != nil && !n.filter.has(hash) {
		return true, true
	}
	for i := range n.young {
		if _, ok := n.young[i].ids[*hash]; ok {
			return false, true
		}
	}
	return false, false
}

// add remembers an id that the given Write of the partition makes known.
func (n *seen) add(hash *[hashLen]byte, write uint64) {
	y := &n.young[0]
	if y.ids == nil {
		y.ids = make(map[[hashLen]byte]struct{})
	}
	y.ids[*hash] = struct{}{}
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
		for hash := range n.young[i].ids {
			n.late = append(n.late, hash)
		}
	}
}

// askFilter has a partition's filter built anew. Its worker calls it.
func (s *Store) askFilter(p *partition) {
	p.seen.ask()
	s.filters <- p // room for all: each asks once at a time
}

// buildFilters builds one filter after the other. One that cannot be built is
// handed over without lines.
func (s *Store) buildFilters() {
	defer s.keeper.Done()
	for {
		select {
		case <-s.stopKeeper:
			return
		case p := <-s.filters:
			f, err := s.scanSeen(p)
			if err != nil {
				if !errors.Is(err, ErrClosed) && !errors.Is(err, ErrBroken) {
					s.opts.Log.Error("build the filter of message ids", "partition", p.number, "error", err)
				}
				f = &filter{}
			}
			p.seen.built.Store(f)
		}
	}
}

// scanSeen builds a filter from the message ids that are not expired. When they
// turn out to be more than it is made for, it begins again with a larger one.
func (s *Store) scanSeen(p *partition) (*filter, error) {
	limit := s.opts.SeenFilter / int64(len(s.parts))
	prefix := partKey(nil, p.number, seenRow)
	for ids := leastFilter; ; ids *= 4 {
		f := newFilter(ids, limit)
		small := false
		err := s.iterate(prefix, prefix, func(item *badger.Item) error {
			select {
			case <-s.stopKeeper:
				return ErrClosed
			default:
			}
			hash := [hashLen]byte(item.Key()[partPrefix:])
			f.add(&hash)
			if small = f.ids > f.room/2 && f.bytes() < limit/2; small {
				return ErrStop
			}
			return nil
		})
		if err != nil || !small {
			return f, err
		}
	}
}
