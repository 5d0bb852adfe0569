package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/dgraph-io/badger/v4"
)

// ErrBroken is what every call returns after a commit failed. What the failed
// commit wrote may or may not be there, so nothing may be decided on it: close
// the store, and open it again.
var ErrBroken = errors.New("the store is broken; restart to go on from the last commit")

// ErrClosed is what every call returns after Close.
var ErrClosed = errors.New("the store is closed")

// committer is what belongs to the one goroutine that calls Commit.
type committer struct {
	commits uint64 // transactions so far
	entries []badger.Entry
	scratch []byte // keys and values that are made here
	sums    sums
	lastBad uint64
}

// Commit makes Writes durable: all of them in one transaction, or, where that
// would be more than one takes, in as few as hold them, split between Writes and
// never inside one. It returns when they are synced. One goroutine calls it, and
// for each partition in the order in which its Writes were begun.
//
// An error is fatal: the store is broken from then on.
func (s *Store) Commit(ws ...*Write) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	for len(ws) > 0 {
		n := s.fit(ws)
		if err := s.commit(ws[:n]); err != nil {
			return s.fail(fmt.Errorf("commit %d: %w", s.committer.commits+1, err))
		}
		ws = ws[n:]
	}
	return nil
}

// fit is how many of the Writes go into the next transaction: at least one.
func (s *Store) fit(ws []*Write) int {
	var rows int
	var bytes int64
	for i, w := range ws {
		r, b := w.Size()
		rows, bytes = rows+r, bytes+b
		if i > 0 && (rows > s.maxRows || bytes > s.maxBytes) {
			return i
		}
	}
	return len(ws)
}

// commit writes one transaction.
func (s *Store) commit(ws []*Write) error {
	c := &s.committer
	if err := s.guardSpace(); err != nil {
		return err
	}
	number := c.commits + 1
	if err := take(ws); err != nil {
		return err
	}
	c.entries, c.scratch = c.entries[:0], c.scratch[:0]
	txn := s.db.NewTransaction(true)
	defer txn.Discard()
	expires := uint64(s.opts.Now().Add(s.opts.SeenFor).Unix()) // of message ids
	idRows := 0
	for _, w := range ws {
		if err := c.addRows(txn, w, expires); err != nil {
			return err
		}
		for ids := range slices.Chunk(w.ids, maxIDs) {
			if err := c.set(txn, idsKey(nil, number, idRows), ids, expires); err != nil {
				return fmt.Errorf("message ids: %w", err)
			}
			idRows++
		}
		if err := c.addBad(txn, w, s.opts.BadEvents); err != nil {
			return err
		}
		c.sums.add(w.counts)
	}
	if err := c.addCounters(txn); err != nil {
		return err
	}
	if err := c.addAnchors(txn, ws, number); err != nil {
		return err
	}
	if len(c.entries) > 0 {
		if err := txn.Commit(); err != nil {
			return err
		}
		c.commits = number
		s.published.Store(number)
	}
	for _, w := range ws {
		s.settle(w)
	}
	return s.durable.note(c.commits)
}

// take makes sure that each partition's Writes come in the order in which they
// were begun, each once.
func take(ws []*Write) error {
	for _, w := range ws {
		if w.sealed {
			return fmt.Errorf("a write of %d rows is committed twice", len(w.ops))
		}
		for i := range w.parts {
			t := &w.parts[i]
			if t.write != t.part.taken+1 {
				return fmt.Errorf("partition %d: write %d is committed after write %d", t.part.number, t.write, t.part.taken)
			}
			t.part.taken = t.write
		}
	}
	return nil
}

// set puts a row into the transaction, which keeps key, value and entry until it
// is committed. (When entries or scratch grow, the transaction goes on with what
// it was given: nothing there changes any more.)
func (c *committer) set(txn *badger.Txn, key, value []byte, expires uint64) error {
	c.entries = append(c.entries, badger.Entry{Key: key, Value: value, ExpiresAt: expires})
	return txn.SetEntry(&c.entries[len(c.entries)-1])
}

// addRows puts in the rows that the worker encoded.
func (c *committer) addRows(txn *badger.Txn, w *Write, expires uint64) error {
	for i := range w.ops {
		o := &w.ops[i]
		var err error
		switch key := w.key(o); o.kind {
		case setOp:
			err = c.set(txn, key, w.value(o), 0)
		case expireOp:
			err = c.set(txn, key, w.value(o), expires)
		case answerOp:
			err = c.set(txn, key, w.value(o), expires+answersFor)
		case deleteOp:
			err = txn.Delete(key)
		}
		if err != nil {
			return fmt.Errorf("row %d of %d: %w", i+1, len(w.ops), err)
		}
	}
	return nil
}

// addBad numbers refused events and puts them in; as many of the oldest go.
func (c *committer) addBad(txn *badger.Txn, w *Write, keep uint64) error {
	for i := range w.bad {
		c.lastBad++
		w.bad[i].Seq = c.lastBad
		value, err := encodeBad(&w.bad[i])
		if err != nil {
			return err
		}
		if err := c.set(txn, badKey(nil, c.lastBad), value, 0); err != nil {
			return err
		}
		if c.lastBad > keep {
			if err := txn.Delete(badKey(nil, c.lastBad-keep)); err != nil {
				return err
			}
		}
	}
	return nil
}

// addAnchors puts in the anchors that differ in substance from what is on disk,
// and the transaction's number, in a row of its own. Most events move nothing but
// a partition's clock: 64 rows of that in every transaction would cost as much as
// the events.
func (c *committer) addAnchors(txn *badger.Txn, ws []*Write, number uint64) error {
	for _, w := range ws {
		for i := range w.parts {
			t := &w.parts[i]
			t.anchor.Commits = number
			if !t.anchor.differs(&t.part.written) {
				continue
			}
			t.part.written = t.anchor
			from := len(c.scratch)
			c.scratch = partKey(c.scratch, t.part.number, anchorRow)
			end := len(c.scratch)
			c.scratch = appendAnchor(c.scratch, &t.anchor)
			if err := c.set(txn, c.scratch[from:end:end], c.scratch[end:], 0); err != nil {
				return fmt.Errorf("anchor of partition %d: %w", t.part.number, err)
			}
		}
	}
	if len(c.entries) == 0 && !anyRow(ws) {
		return nil
	}
	return c.set(txn, []byte{globalRow, 'c'}, binary.BigEndian.AppendUint64(nil, number), 0)
}

// anyRow reports whether some Write changes rows or partitions: all of that may be
// deletions, which are no entries of ours.
func anyRow(ws []*Write) bool {
	return slices.ContainsFunc(ws, func(w *Write) bool { return len(w.parts) > 0 || len(w.ops) > 0 })
}

// addCounters puts in the new sums of the counters that the Writes added to.
func (c *committer) addCounters(txn *badger.Txn) error {
	return c.sums.flush(func(key []byte, old int64, known bool, delta int64) (int64, error) {
		if !known {
			var err error
			if old, err = readSum(txn, key); err != nil {
				return 0, err
			}
		}
		sum := old + delta
		from := len(c.scratch)
		c.scratch = append(c.scratch, key...)
		end := len(c.scratch)
		c.scratch = binary.AppendVarint(c.scratch, sum)
		return sum, c.set(txn, c.scratch[from:end:end], c.scratch[end:], 0)
	})
}

// settle tells the partitions that a Write is durable.
func (s *Store) settle(w *Write) {
	for i := range w.parts {
		t := &w.parts[i]
		t.part.committed(t.write, t.anchor)
	}
	s.names.settle(w.names)
	w.sealed = true
}
