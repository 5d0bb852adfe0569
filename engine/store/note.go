package store

import (
	"encoding/binary"
	"encoding/json"
	"fmt"

	"github.com/seed-456efde2/nurture/engine"
)

// Ruling is what was decided about the rules while they ran, with the instant
// from which it was in force.
type Ruling struct {
	At      engine.Time    `json:"at"`
	Rulings engine.Rulings `json:"rulings"`
}

func rulingKey(number uint32) []byte {
	return binary.BigEndian.AppendUint32([]byte{globalRow, 'u'}, number)
}

func noteKey(name string) []byte { return append([]byte{globalRow, 'n'}, name...) }

// SaveRuling keeps rulings under their number, durably. All that ever were are
// kept, so that every decision can be explained. Any goroutine may call it, before
// the first decision under them.
func (s *Store) SaveRuling(r Ruling) error {
	if r.Rulings.Number == 0 {
		return fmt.Errorf("save rulings: their number is missing")
	}
	row, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("save rulings %d: %w", r.Rulings.Number, err)
	}
	if err := s.put(rulingKey(r.Rulings.Number), row); err != nil {
		return fmt.Errorf("save rulings %d: %w", r.Rulings.Number, err)
	}
	return nil
}

// Rulings are all rulings that ever were, oldest first.
func (s *Store) Rulings() ([]Ruling, error) {
	var all []Ruling
	prefix := []byte{globalRow, 'u'}
	err := s.scan(prefix, prefix, func(_, value []byte) error {
		var r Ruling
		if err := json.Unmarshal(value, &r); err != nil {
			return fmt.Errorf("read rulings %d: %w", len(all)+1, err)
		}
		all = append(all, r)
		return nil
	})
	return all, err
}

// LastRuling is the newest of the Rulings; nil when there never were any.
func (s *Store) LastRuling() (*Ruling, error) {
	all, err := s.Rulings()
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return &all[len(all)-1], nil
}

// SaveNote keeps a small text of the shell's own under a name, durably, in place
// of the one that was there. Any goroutine may call it.
func (s *Store) SaveNote(name string, text []byte) error {
	if err := s.put(noteKey(name), text); err != nil {
		return fmt.Errorf("save the note %s: %w", name, err)
	}
	return nil
}

// Note is the text kept under a name; nil when there is none.
func (s *Store) Note(name string) (text []byte, err error) {
	err = s.read(noteKey(name), func(b []byte) error {
		text = append([]byte{}, b...)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the note %s: %w", name, err)
	}
	return text, nil
}

// put writes one row in a transaction of its own. A row that cannot be committed
// breaks the store.
func (s *Store) put(key, value []byte) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	txn := s.db.NewTransaction(true)
	defer txn.Discard()
	if err := txn.Set(key, value); err != nil {
		return err
	}
	if err := txn.Commit(); err != nil {
		return s.fail(err)
	}
	return nil
}
