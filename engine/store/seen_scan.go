package store

import (
	"errors"
	"fmt"

	"github.com/dgraph-io/badger/v4"

	"github.com/seed-456efde2/nurture/engine"
)

// Seen reports whether the lead has got an event with that source and message id,
// durable or not. Only the partition's worker may call it. An id that is older than
// Options.SeenFor is not known any more.
func (s *Store) Seen(part int, lead engine.LeadID, e *engine.Event) (bool, error) {
	n := &s.parts[part].seen
	hash := n.hashOf(e.Source, e.ID)
	if fresh, known := n.fresh(&hash, lead); known {
		return !fresh, nil
	}
	return s.lookUp(part, lead, &hash, e)
}

// SeenElsewhere is Seen for any goroutine. What is under way it does not see.
func (s *Store) SeenElsewhere(part int, lead engine.LeadID, e *engine.Event) (bool, error) {
	hash, _ := seenHash(nil, e.Source, e.ID)
	if f := s.parts[part].seen.shared.Load(); f != nil && !f.has(&hash) {
		return false, nil
	}
	return s.lookUp(part, lead, &hash, e)
}

// lookUp looks for a message among the durable rows of a lead: its own row, which
// an event in a long journal has, then the beginning of the journal.
func (s *Store) lookUp(part int, lead engine.LeadID, hash *[hashLen]byte, e *engine.Event) (found bool, err error) {
	s.lookups.Add(1)
	short := uint64(longJournal - 1) // facts that may be without a row
	err = s.read(seenKey(nil, part, *hash), func(row []byte) error {
		found = len(row) != leadLen || engine.LeadID(row) == lead
		if !found { // the row of another lead's message, which stands where ours might have stood
			short = noRow
		}
		return nil
	})
	if err == nil && !found {
		found, err = s.inJournal(part, lead, short, e)
	}
	if err != nil {
		return false, fmt.Errorf("look up a message id of lead %v: %w", lead, err)
	}
	return found, nil
}

// inJournal looks for a message among the facts of a lead, until it has met so many
// with a sequence number below longJournal: there are no more.
func (s *Store) inJournal(part int, lead engine.LeadID, short uint64, e *engine.Event) (found bool, err error) {
	oldest := e.Received.Add(engine.Span(-s.opts.SeenFor.Milliseconds()))
	prefix := factsKey(nil, part, lead)
	err = s.scan(prefix, prefix, func(_, value []byte) error {
		o, err := engine.DecodeFactOrigin(value)
		if err != nil {
			return err
		}
		found = o.Kind.Outside() && o.Received >= oldest && string(o.ID) == e.ID && string(o.Source) == e.Source
		if o.Seq < longJournal {
			short--
		}
		if found || short == 0 {
			return ErrStop
		}
		return nil
	})
	return found, err
}

// buildFilters builds the filters that are asked for, all that are at one time
// together. What cannot be built is handed over without lines.
func (s *Store) buildFilters() {
	defer s.keeper.Done()
	for {
		var parts []*partition
		select {
		case <-s.stopKeeper:
			return
		case p := <-s.filters:
			parts = append(parts, p)
		}
		for len(s.filters) > 0 { // nobody else takes any
			parts = append(parts, <-s.filters)
		}
		filters, err := s.scanSeen(parts)
		if err != nil && !errors.Is(err, ErrClosed) && !errors.Is(err, ErrBroken) {
			s.opts.Log.Error("build the filters of message ids", "partitions", len(parts), "error", err)
		}
		for i, p := range parts {
			if err != nil {
				filters[i] = &filter{}
			}
			p.seen.built.Store(filters[i])
		}
	}
}

// scanSeen builds filters from the message ids that are not expired: it counts them
// first, so that each filter has room for twice as many.
func (s *Store) scanSeen(parts []*partition) ([]*filter, error) {
	limit := s.opts.SeenFilter / int64(len(s.parts))
	counts := make([]int, len(s.parts))
	filters := make([]*filter, len(parts))
	if err := s.eachID(parts, func(part int, _ *[hashLen]byte) { counts[part]++ }); err != nil {
		return filters, err
	}
	of := make([]*filter, len(s.parts)) // by partition
	for i, p := range parts {
		filters[i] = newFilter(2*counts[p.number], limit)
		of[p.number] = filters[i]
	}
	err := s.eachID(parts, func(part int, hash *[hashLen]byte) {
		if f := of[part]; f != nil {
			f.add(hash)
		}
	})
	return filters, err
}

// eachID calls yield with the ids of all Writes, whatever their partition, and with
// the rows of ids of the given partitions.
func (s *Store) eachID(parts []*partition, yield func(part int, hash *[hashLen]byte)) error {
	var hash [hashLen]byte
	err := s.scan([]byte{idsRow}, []byte{idsRow}, func(_, ids []byte) error {
		if len(ids)%idLen != 0 {
			return fmt.Errorf("read message ids: %w", engine.ErrFormat)
		}
		for ; len(ids) > 0; ids = ids[idLen:] {
			copy(hash[:], ids[2:idLen])
			if part := int(ids[0])<<8 | int(ids[1]); part < len(s.parts) {
				yield(part, &hash)
			}
		}
		return s.keeps()
	})
	for _, p := range parts {
		if err != nil {
			return err
		}
		prefix := partKey(nil, p.number, seenRow)
		err = s.iterate(prefix, prefix, func(item *badger.Item) error {
			copy(hash[:], item.Key()[partPrefix:])
			yield(p.number, &hash)
			return s.keeps()
		})
	}
	return err
}

// keeps is an error once the background work is to end.
func (s *Store) keeps() error {
	select {
	case <-s.stopKeeper:
		return ErrClosed
	default:
		return nil
	}
}
