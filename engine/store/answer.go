package store

import (
	"fmt"

	"github.com/seed-456efde2/nurture/engine"
)

// Where a channel's plugin tells afterwards what became of a message, by the
// message's key, somebody has to know whose message it was. The journal does, but
// it is found by the lead.

// answerRow is the first byte of such rows: key16 → lead16; expires.
const answerRow = 'l'

// answersFor is how many seconds after a message was first sent something may be
// said about it by its key: two years, which an opportunity may take to be won.
const answersFor = 2 * 366 * 24 * 60 * 60

func answerKey(b []byte, key engine.ActionKey) []byte {
	return append(append(b, answerRow), key[:]...)
}

// Answerable remembers whose an action is, for Store.LeadOf.
func (w *Write) Answerable(key engine.ActionKey, lead engine.LeadID) {
	pos := len(w.rows)
	w.rows = answerKey(w.rows, key)
	end := len(w.rows)
	w.rows = append(w.rows, lead[:]...)
	w.add(answerOp, pos, end)
}

// LeadOf is the lead that an action was about, if a Write that is durable said so.
func (s *Store) LeadOf(key engine.ActionKey) (lead engine.LeadID, found bool, err error) {
	err = s.read(answerKey(nil, key), func(b []byte) error {
		if len(b) != len(lead) {
			return engine.ErrFormat
		}
		lead, found = engine.LeadID(b), true
		return nil
	})
	if err != nil {
		return lead, false, fmt.Errorf("find whose action it is: %w", err)
	}
	return lead, found, nil
}
