package store

import "github.com/seed-456efde2/nurture/engine"

// Journals calls yield with the stored rows of the durable facts of a partition's
// leads from one to another, these two included, in order of lead, At and Seq. One
// reading of many journals costs a fraction of reading each. The row is valid during
// the call only: engine.DecodeFact reads it. It stops at the first error and returns
// it; the store keeps what is overwritten meanwhile until it returns.
func (s *Store) Journals(part int, from, to engine.LeadID, yield func(lead engine.LeadID, row []byte) error) error {
	return s.scan(partKey(nil, part, factRow), factsKey(nil, part, from), func(key, row []byte) error {
		lead := engine.LeadID(key[partPrefix:])
		if string(lead[:]) > string(to[:]) {
			return ErrStop
		}
		return yield(lead, row)
	})
}
