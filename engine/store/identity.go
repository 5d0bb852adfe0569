package store

import (
	"errors"
	"fmt"
	"sync"

	"github.com/dgraph-io/badger/v4"

	"github.com/seed-456efde2/nurture/engine"
)

// names is what stands before the identity table: identifiers of Writes that are
// not yet durable, which no read would find, and the identifiers resolved last.
// Any goroutine may resolve.
type names struct {
	mu    sync.RWMutex
	young map[[hashLen]byte]youngName
	known [2]map[[hashLen]byte]engine.LeadID // [0] is filled, [1] is the older
	epoch uint64                             // grows when an identifier becomes durable
}

// youngName is an identifier that Writes under way bring: how many of them.
type youngName struct {
	lead   engine.LeadID
	writes int
}

const keepNames = 1 << 16 // about 10 MB in both generations

func (n *names) start() {
	n.young = make(map[[hashLen]byte]youngName)
	n.known = [2]map[[hashLen]byte]engine.LeadID{make(map[[hashLen]byte]engine.LeadID), make(map[[hashLen]byte]engine.LeadID)}
}

// add notes an identifier that a Write brings.
func (n *names) add(hash [hashLen]byte, lead engine.LeadID) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.young[hash] = youngName{lead, n.young[hash].writes + 1}
}

// settle is told that a Write that brought these identifiers is durable.
func (n *names) settle(hashes [][hashLen]byte) {
	if len(hashes) == 0 {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.epoch++
	for _, hash := range hashes {
		y := n.young[hash]
		if y.writes--; y.writes > 0 {
			n.young[hash] = y
			continue
		}
		delete(n.young, hash)
		if y.lead.IsZero() {
			delete(n.known[0], hash)
			delete(n.known[1], hash)
			continue
		}
		n.keep(hash, y.lead)
	}
}

// keep remembers a durable identifier.
func (n *names) keep(hash [hashLen]byte, lead engine.LeadID) {
	if len(n.known[0]) >= keepNames {
		n.known[0], n.known[1] = n.known[1], n.known[0]
		clear(n.known[0])
	}
	n.known[0][hash] = lead
}

// find looks the identifier up. The epoch is for learn.
func (n *names) find(hash [hashLen]byte) (lead engine.LeadID, found bool, epoch uint64) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	if y, ok := n.young[hash]; ok {
		return y.lead, true, n.epoch
	}
	for _, known := range n.known {
		if lead, found = known[hash]; found {
			break
		}
	}
	return lead, found, n.epoch
}

// learn remembers what was read after find found nothing, unless the table
// changed meanwhile: then the next to ask reads again.
func (n *names) learn(hash [hashLen]byte, lead engine.LeadID, epoch uint64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.epoch == epoch {
		n.keep(hash, lead)
	}
}

// Resolve finds the lead that an identifier stands for. Any goroutine may call
// it; it sees identifiers as soon as a Write has them.
func (s *Store) Resolve(i engine.Identifier) (lead engine.LeadID, found bool, err error) {
	hash := i.Hash()
	lead, found, epoch := s.names.find(hash)
	if found {
		return lead, !lead.IsZero(), nil
	}
	err = s.read(identifierKey(nil, hash), func(b []byte) error {
		if len(b) != len(lead) {
			return engine.ErrFormat
		}
		lead, found = engine.LeadID(b), true
		return nil
	})
	if err != nil {
		return lead, false, fmt.Errorf("resolve an identifier: %w", err)
	}
	if found {
		s.names.learn(hash, lead, epoch)
	}
	return lead, found, nil
}

// read calls use with a row's value; it does not when there is no such row.
func (s *Store) read(key []byte, use func([]byte) error) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	txn := s.db.NewTransaction(false)
	defer txn.Discard()
	item, err := txn.Get(key)
	if errors.Is(err, badger.ErrKeyNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return item.Value(use)
}
