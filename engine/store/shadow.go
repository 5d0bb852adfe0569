package store

import (
	"fmt"

	"github.com/seed-456efde2/nurture/engine"
)

// A shadow keeps what it has found in one text, and for each difference the leads that
// showed it, so that a lead counts once however often it does.

const shadowNote = "shadow"

// ShadowMark says that a lead has shown a difference, named by a hash.
type ShadowMark struct {
	Lead       engine.LeadID
	Difference uint64
}

func (m ShadowMark) key() []byte {
	b := append([]byte{shadowRow}, m.Lead[:]...)
	for shift := 56; shift >= 0; shift -= 8 {
		b = append(b, byte(m.Difference>>shift))
	}
	return b
}

// maxShadowMarks bounds the marks of one transaction.
const maxShadowMarks = 5000

// SaveShadow keeps a shadow's text and its new marks, durably. The text comes with the
// last of the marks: after a crash between, leads may be marked that the text does not
// count, and never the other way round.
func (s *Store) SaveShadow(text []byte, marks []ShadowMark) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	for {
		part := marks[:min(len(marks), maxShadowMarks)]
		marks = marks[len(part):]
		txn := s.db.NewTransaction(true)
		var err error
		for _, m := range part {
			if err == nil {
				err = txn.Set(m.key(), nil)
			}
		}
		if err == nil && len(marks) == 0 {
			err = txn.Set(noteKey(shadowNote), text)
		}
		if err == nil {
			if err = txn.Commit(); err != nil {
				err = s.fail(err)
			}
		}
		txn.Discard()
		if err != nil {
			return fmt.Errorf("save what the shadow has found: %w", err)
		}
		if len(marks) == 0 {
			return nil
		}
	}
}

// Shadow is the text that was saved last, nil for none.
func (s *Store) Shadow() ([]byte, error) { return s.Note(shadowNote) }

// ShadowMarked reports whether a lead has shown a difference.
func (s *Store) ShadowMarked(m ShadowMark) (marked bool, err error) {
	err = s.read(m.key(), func([]byte) error {
		marked = true
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("read what the shadow has found: %w", err)
	}
	return marked, nil
}

// ForgetShadow takes all marks out, and the text.
func (s *Store) ForgetShadow() error {
	prefix := []byte{shadowRow}
	for from := prefix; ; { // each scan begins behind the tombstones of the one before
		var keys [][]byte
		err := s.scan(prefix, from, func(key, _ []byte) error {
			keys = append(keys, append([]byte(nil), key...))
			if len(keys) == maxShadowMarks {
				return ErrStop
			}
			return nil
		})
		if err == nil {
			err = s.dropKeys(append(keys, noteKey(shadowNote)))
		}
		if err != nil {
			return fmt.Errorf("forget what the shadow has found: %w", err)
		}
		if len(keys) < maxShadowMarks {
			return nil
		}
		from = keys[len(keys)-1]
	}
}

// dropKeys removes rows in a transaction of their own.
func (s *Store) dropKeys(keys [][]byte) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	txn := s.db.NewTransaction(true)
	defer txn.Discard()
	for _, key := range keys {
		if err := txn.Delete(key); err != nil {
			return err
		}
	}
	if err := txn.Commit(); err != nil {
		return s.fail(err)
	}
	return nil
}
