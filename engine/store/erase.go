package store

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/dgraph-io/badger/v4"

	"github.com/seed-456efde2/nurture/engine"
)

// Erasing takes rows out as any Write changes rows: they are gone for every reader
// once it is durable. On disk they lie on in tables until Badger merges those, as
// everything does that was ever replaced; see the notes on erasure in the manual.

// MaxErase bounds the facts that one Erase takes out: they fit into a transaction,
// with what is decided beside them.
const MaxErase = 10_000

// Erase takes facts out of the lead's journal, from the oldest on, at most MaxErase
// of them, and the lead's dead letters with their bodies. It gives how many facts
// and letters went, and whether there are more facts.
func (w *Write) Erase(part int, lead engine.LeadID) (facts, letters int, more bool, err error) {
	w.touch(part)
	keys, err := w.journalKeys(part, lead)
	if err != nil {
		return 0, 0, false, err
	}
	if more = len(keys) > MaxErase; more {
		keys = keys[:MaxErase]
	}
	for _, key := range keys {
		pos := len(w.rows)
		w.rows = append(w.rows, key...)
		w.add(deleteOp, pos, len(w.rows))
	}
	var dead []engine.ActionKey
	err = w.store.DeadActions(part, engine.ActionKey{}, 0, func(d *engine.DeadAction) error {
		if d.Lead == lead {
			dead = append(dead, d.Pending.Key)
		}
		return nil
	})
	if err != nil {
		return 0, 0, false, fmt.Errorf("find the dead letters of lead %v: %w", lead, err)
	}
	for _, key := range dead {
		w.DropDead(part, key)
		w.DropBody(part, key)
	}
	return len(keys), len(dead), more, nil
}

// journalKeys are the keys of the lead's facts, durable or in Writes under way, this
// one included, oldest first.
func (w *Write) journalKeys(part int, lead engine.LeadID) ([][]byte, error) {
	prefix := factsKey(nil, part, lead)
	var keys [][]byte
	err := w.store.iterate(prefix, prefix, func(item *badger.Item) error {
		keys = append(keys, item.KeyCopy(nil))
		if len(keys) > MaxErase {
			return ErrStop
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the journal of lead %v: %w", lead, err)
	}
	for _, row := range w.store.parts[part].youngFacts(prefix) {
		keys = append(keys, row.key)
	}
	slices.SortFunc(keys, bytes.Compare)
	return slices.CompactFunc(keys, bytes.Equal), nil
}

// DropIdentifier takes a name of a lead out of the identity table. Store.Resolve
// does not find it any more, at once.
func (w *Write) DropIdentifier(i engine.Identifier) {
	hash := i.Hash()
	pos := len(w.rows)
	w.rows = identifierKey(w.rows, hash)
	w.add(deleteOp, pos, len(w.rows))
	w.names = append(w.names, hash)
	w.store.names.add(hash, engine.LeadID{})
}
