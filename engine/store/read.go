package store

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/dgraph-io/badger/v4"

	"github.com/seed-456efde2/nurture/engine"
)

// ErrStop, returned by the yield of a scan, ends the scan early and well: the
// call returns nil.
var ErrStop = errors.New("stop")

// scan calls yield with every row under prefix from the key from on, as one
// snapshot has them. Key and value are valid during the call only.
func (s *Store) scan(prefix, from []byte, yield func(key, value []byte) error) error {
	return s.iterate(prefix, from, func(item *badger.Item) error {
		return item.Value(func(value []byte) error { return yield(item.Key(), value) })
	})
}

// iterate is scan without the values. Badger's prefetching is off: it starts a
// goroutine for each row, and the values lie beside the keys anyway.
func (s *Store) iterate(prefix, from []byte, yield func(*badger.Item) error) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	txn := s.db.NewTransaction(false)
	defer txn.Discard()
	rows := txn.NewIterator(badger.IteratorOptions{Prefix: prefix})
	defer rows.Close()
	var n uint64
	defer func() { s.walked.Add(n) }()
	for rows.Seek(from); rows.Valid(); rows.Next() {
		n++
		if err := yield(rows.Item()); err != nil {
			if errors.Is(err, ErrStop) {
				return nil
			}
			return err
		}
	}
	return nil
}

// Anchor is the partition's anchor as of the last commit.
func (s *Store) Anchor(part int) Anchor {
	p := &s.parts[part]
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.anchor
}

// LeadRow is the lead's row as of the last Write that has it, durable or not; nil
// when the lead is unknown. Only the partition's worker may call it. The row is
// valid until the worker asks for another of the same partition.
func (s *Store) LeadRow(part int, id engine.LeadID) ([]byte, error) {
	p := &s.parts[part]
	if row, ok := p.leads.get(id); ok {
		s.hits.Add(1)
		p.row = append(p.row[:0], row...)
		return p.row, nil
	}
	if p.leads.complete {
		return nil, nil
	}
	s.misses.Add(1)
	p.row = p.row[:0]
	found := false
	p.key = leadKey(p.key[:0], part, id)
	err := s.read(p.key, func(row []byte) error {
		p.row = append(p.row, row...)
		found = true
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read lead %v: %w", id, err)
	}
	if !found {
		return nil, nil
	}
	p.leads.put(id, p.row, 0, p.durable.Load())
	return p.row, nil
}

// Lead reads a durable lead, from any goroutine. It reports whether there is one.
func (s *Store) Lead(id engine.LeadID, l *engine.Lead) (found bool, err error) {
	err = s.read(leadKey(nil, id.Partition(len(s.parts)), id), func(row []byte) error {
		found = true
		return engine.DecodeLead(row, l)
	})
	if err != nil {
		return false, fmt.Errorf("read lead %v: %w", id, err)
	}
	l.ID = id
	return found, nil
}

// Leads calls yield with the rows of a partition's durable leads behind the given
// one, in order of id, at most limit of them (0: all). The row is valid during
// the call only. It stops at the first error and returns it.
func (s *Store) Leads(part int, after engine.LeadID, limit int, yield func(id engine.LeadID, row []byte) error) error {
	from := leadKey(nil, part, after)
	if !after.IsZero() {
		from = append(from, 0) // behind it
	}
	n := 0
	return s.scan(partKey(nil, part, leadRow), from, func(key, row []byte) error {
		if n++; limit > 0 && n > limit {
			return ErrStop
		}
		return yield(engine.LeadID(key[partPrefix:]), row)
	})
}

// Facts calls yield with the lead's durable facts in order of (At, Seq). The Fact
// is valid during the call only. It stops at the first error and returns it. The
// worker that decides uses Write.Facts, which has the newest facts as well.
func (s *Store) Facts(part int, lead engine.LeadID, yield func(*engine.Fact) error) error {
	prefix := factsKey(nil, part, lead)
	f := engine.Fact{Event: engine.Event{Lead: lead}}
	return s.scan(prefix, prefix, func(_, value []byte) error {
		if err := engine.DecodeFact(value, &f); err != nil {
			return fmt.Errorf("read fact of lead %v: %w", lead, err)
		}
		return yield(&f)
	})
}

// TimerLow is a time before which no timer of the partition is due, durable or
// not: until then Due need not be asked. It is the greatest Time when no timer is
// armed.
func (s *Store) TimerLow(part int) engine.Time {
	p := &s.parts[part]
	p.mu.Lock()
	defer p.mu.Unlock()
	return engine.Time(p.timers.low)
}

// Due calls yield with the leads of the partition whose earliest timer is due at
// or before now, earliest first, at most limit of them (0: all). Any goroutine
// may call it. It sees durable rows only: what a Write under way has moved is
// still reported, and the lead's row, which is the truth, tells that nothing is
// due.
//
// It scans from the low-water mark and moves the mark up to the first row that it
// finds, so TimerLow afterwards tells when to ask again. Nobody else has to care
// for the mark: arming a timer before it pulls it back, in whatever order Writes
// become durable, and the anchor of each Write takes it along.
func (s *Store) Due(part int, now engine.Time, limit int, yield func(lead engine.LeadID, due engine.Time) error) error {
	p := &s.parts[part]
	durable := p.durable.Load()
	low := s.TimerLow(part)
	if low > now {
		return nil
	}
	first, n := uint64(noRow), 0
	err := s.iterate(partKey(nil, part, timerRow), timerKey(nil, part, low, engine.LeadID{}), func(item *badger.Item) error {
		key := item.Key()[partPrefix:]
		due := binary.BigEndian.Uint64(key)
		first = min(first, due)
		if n++; engine.Time(due) > now || limit > 0 && n > limit {
			return ErrStop
		}
		return yield(engine.LeadID(key[8:]), engine.Time(due))
	})
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.timers.proved(durable, first)
	return nil
}

// Outbox calls yield with the rows of a lane from position from on, each with the
// channel that its action is for, at most limit of them (0: all). Any goroutine
// may call it; it sees durable rows only. A scan from the lane's head (0 will do)
// moves the head up to the first row there is.
func (s *Store) Outbox(part int, lane engine.Lane, from uint64, limit int, yield func(seq uint64, lead engine.LeadID, key engine.ActionKey, channel string) error) error {
	p := &s.parts[part]
	durable := p.durable.Load()
	p.mu.Lock()
	head, tail := p.lanes[lane].low, p.tails[lane]
	p.mu.Unlock()
	proof := from <= head
	from = max(from, head)
	first, n := tail, 0
	prefix := append(partKey(nil, part, outboxRow), byte(lane))
	err := s.scan(prefix, outboxKey(nil, part, lane, from), func(key, value []byte) error {
		seq := binary.BigEndian.Uint64(key[len(prefix):])
		first = min(first, seq)
		if n++; limit > 0 && n > limit {
			return ErrStop
		}
		if len(value) < len(engine.LeadID{})+len(engine.ActionKey{}) {
			return fmt.Errorf("read outbox of partition %d: %w", part, engine.ErrFormat)
		}
		action := engine.ActionKey(value[leadLen:])
		return yield(seq, engine.LeadID(value), action, string(value[leadLen+len(action):]))
	})
	if err != nil || !proof {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lanes[lane].proved(durable, first)
	return nil
}

// Body is the rendered parts of an action; nil when there are none.
func (s *Store) Body(part int, key engine.ActionKey) (body []byte, err error) {
	err = s.read(actionKey(nil, part, bodyRow, key), func(b []byte) error {
		body = append([]byte{}, b...)
		return nil
	})
	return body, err
}

// Dead reads one action that was given up. It reports whether there is one.
func (s *Store) Dead(part int, key engine.ActionKey, d *engine.DeadAction) (found bool, err error) {
	err = s.read(actionKey(nil, part, deadRow, key), func(b []byte) error {
		found = true
		return engine.DecodeDeadAction(b, d)
	})
	return found, err
}

// DeadActions calls yield with the partition's actions that were given up behind
// the given key, in order of key, at most limit of them (0: all). It stops at the
// first error and returns it.
func (s *Store) DeadActions(part int, after engine.ActionKey, limit int, yield func(*engine.DeadAction) error) error {
	from := actionKey(nil, part, deadRow, after)
	if !after.IsZero() {
		from = append(from, 0) // behind it
	}
	n := 0
	return s.scan(partKey(nil, part, deadRow), from, func(_, value []byte) error {
		if n++; limit > 0 && n > limit {
			return ErrStop
		}
		var d engine.DeadAction
		if err := engine.DecodeDeadAction(value, &d); err != nil {
			return fmt.Errorf("read dead action of partition %d: %w", part, err)
		}
		return yield(&d)
	})
}

// BadEvent is an event that intake refused, kept for whoever sends such events.
// Raw may hold personal data.
type BadEvent struct {
	Seq    uint64      `json:"-"` // given by the store, from 1
	At     engine.Time `json:"at"`
	Source string      `json:"source,omitempty"`
	Code   string      `json:"code"`
	Text   string      `json:"text"`
	Raw    []byte      `json:"raw,omitempty"` // as it came in

	// Form says how Raw is to be read again: the type of a call whose path had it,
	// "source" for a message of a source, "" for a call with its type inside.
	Form    string            `json:"form,omitempty"`
	Headers map[string]string `json:"headers,omitempty"` // those that reading it takes
}

func encodeBad(b *BadEvent) ([]byte, error) { return json.Marshal(b) }

// BadEvents calls yield with the refused events before the given one (0: the
// newest), newest first, at most limit of them (0: all). It stops at the first
// error and returns it.
func (s *Store) BadEvents(before uint64, limit int, yield func(*BadEvent) error) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	if before == 0 {
		before = noRow
	}
	txn := s.db.NewTransaction(false)
	defer txn.Discard()
	rows := txn.NewIterator(badger.IteratorOptions{Reverse: true, Prefix: []byte{badRow}})
	defer rows.Close()
	n := 0
	for rows.Seek(badKey(nil, before-1)); rows.Valid() && (limit <= 0 || n < limit); rows.Next() {
		n++
		b := BadEvent{Seq: binary.BigEndian.Uint64(rows.Item().Key()[1:])}
		if err := rows.Item().Value(func(v []byte) error { return json.Unmarshal(v, &b) }); err != nil {
			return fmt.Errorf("read refused event %d: %w", b.Seq, err)
		}
		if err := yield(&b); err != nil {
			if errors.Is(err, ErrStop) {
				return nil
			}
			return err
		}
	}
	return nil
}
