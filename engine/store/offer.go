package store

import (
	"encoding/binary"
	"fmt"

	"github.com/seed-456efde2/nurture/engine"
)

// The register of hand-overs has a row for each offer that was ever made or waited
// for, the latest first. The lead's row is the truth of its latest offers; the
// register is written with it and remembers all of them.

// offerKey lies in the reverse order of the instant at which the lead became a
// candidate.
func offerKey(b []byte, asked engine.Time, id engine.ActionKey) []byte {
	b = binary.BigEndian.AppendUint64(append(b, offerRow), ^uint64(asked))
	return append(b, id[:]...)
}

// Offer enters a hand-over in the register, in place of what stood there under its
// id.
func (w *Write) Offer(o *engine.LeadOffer) {
	pos := len(w.rows)
	w.rows = offerKey(w.rows, o.Offer.Asked, o.Offer.ID)
	end := len(w.rows)
	w.rows = engine.AppendLeadOffer(w.rows, o)
	w.add(setOp, pos, end)
}

// Offers calls yield with the register of hand-overs, the latest first, from the
// one after a place on; the zero place is the beginning. The LeadOffer is valid
// during the call only. It stops at the first error and returns it, but for
// ErrStop.
func (s *Store) Offers(after OfferPlace, yield func(*engine.LeadOffer) error) error {
	prefix := []byte{offerRow}
	from := prefix
	if after != (OfferPlace{}) {
		from = append(offerKey(nil, after.Asked, after.ID), 0)
	}
	var o engine.LeadOffer
	return s.scan(prefix, from, func(_, value []byte) error {
		if err := engine.DecodeLeadOffer(value, &o); err != nil {
			return fmt.Errorf("read the register of hand-overs: %w", err)
		}
		return yield(&o)
	})
}

// OfferPlace is where a row stands in the register.
type OfferPlace struct {
	Asked engine.Time
	ID    engine.ActionKey
}
