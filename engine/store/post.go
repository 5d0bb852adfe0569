package store

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/dgraph-io/badger/v4"

	"github.com/seed-456efde2/nurture/engine"
)

// A post is a fact that a decision about one lead brings for another. Its row is
// written in the transaction of that decision and removed in the transaction of
// the decision about the lead that it is for: so whatever is found when the store
// is opened has not been decided, and what has been decided is not found. Posts
// belong to no partition, because two workers have to do with one.

// postKey is numbered in the order in which posts were written: those of one lead
// keep their order.
func postKey(b []byte, number uint64) []byte {
	return binary.BigEndian.AppendUint64(append(b, postRow), number)
}

// Post keeps a fact for another lead until DropPost. It gives the number of its
// row.
func (w *Write) Post(e *engine.Event) uint64 {
	number := w.store.posts.Add(1)
	pos := len(w.rows)
	w.rows = postKey(w.rows, number)
	end := len(w.rows)
	w.rows = append(w.rows, e.Lead[:]...)
	w.rows = engine.AppendFact(w.rows, &engine.Fact{Event: *e})
	w.add(setOp, pos, end)
	return number
}

// DropPost removes a fact that was decided.
func (w *Write) DropPost(number uint64) {
	pos := len(w.rows)
	w.rows = postKey(w.rows, number)
	w.add(deleteOp, pos, len(w.rows))
}

// DropBodyOf forgets the rendered parts of an action that came from a lead of
// another partition. Nobody else writes them any more.
func (w *Write) DropBodyOf(part int, key engine.ActionKey) {
	pos := len(w.rows)
	w.rows = actionKey(w.rows, part, bodyRow, key)
	w.add(deleteOp, pos, len(w.rows))
}

// Posts calls yield with the durable facts for other leads that were not decided
// yet, in order. It stops at the first error and returns it.
func (s *Store) Posts(yield func(number uint64, e engine.Event) error) error {
	prefix := []byte{postRow}
	return s.scan(prefix, prefix, func(key, value []byte) error {
		if len(key) != 9 || len(value) < leadLen {
			return fmt.Errorf("read a fact for another lead: %w", engine.ErrFormat)
		}
		number := binary.BigEndian.Uint64(key[1:])
		f := engine.Fact{Event: engine.Event{Lead: engine.LeadID(value)}}
		if err := engine.DecodeFact(value[leadLen:], &f); err != nil {
			return fmt.Errorf("read fact %d for another lead: %w", number, err)
		}
		return yield(number, f.Event)
	})
}

// loadPosts finds the number of the last post.
func (s *Store) loadPosts() error {
	txn := s.db.NewTransaction(false)
	defer txn.Discard()
	rows := txn.NewIterator(badger.IteratorOptions{Reverse: true, Prefix: []byte{postRow}})
	defer rows.Close()
	if rows.Seek(postKey(nil, noRow)); !rows.Valid() {
		return nil
	}
	key := rows.Item().Key()
	if len(key) != 9 {
		return errors.New("the last fact for another lead has a damaged key")
	}
	s.posts.Store(binary.BigEndian.Uint64(key[1:]))
	return nil
}
