package store

import (
	"encoding/json"
	"fmt"

	"github.com/dgraph-io/badger/v4"
)

// RefusedEvent reads one refused event; found is false when it is not kept any
// more.
func (s *Store) RefusedEvent(seq uint64) (b BadEvent, found bool, err error) {
	err = s.read(badKey(nil, seq), func(row []byte) error {
		found = true
		return json.Unmarshal(row, &b)
	})
	if err != nil {
		return b, false, fmt.Errorf("read refused event %d: %w", seq, err)
	}
	b.Seq = seq
	return b, found, nil
}

// ForgetRefused forgets refused events, durably. Those that are not kept any more
// are passed over. Any goroutine may call it.
func (s *Store) ForgetRefused(seqs ...uint64) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	const atOnce = 1000
	for len(seqs) > 0 {
		n := min(len(seqs), atOnce)
		txn := s.db.NewTransaction(true)
		for _, seq := range seqs[:n] {
			if err := txn.Delete(badKey(nil, seq)); err != nil {
				txn.Discard()
				return fmt.Errorf("forget refused event %d: %w", seq, err)
			}
		}
		if err := txn.Commit(); err != nil {
			return s.fail(err)
		}
		seqs = seqs[n:]
	}
	return nil
}

// CountRefused is how many refused events are kept.
func (s *Store) CountRefused() (n int, err error) {
	prefix := []byte{badRow}
	err = s.iterate(prefix, prefix, func(*badger.Item) error {
		n++
		return nil
	})
	return n, err
}
