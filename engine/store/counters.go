package store

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/dgraph-io/badger/v4"

	"github.com/seed-456efde2/nurture/engine"
)

// counter names one counter's hour.
type counter struct {
	name, labels string
	hour         int64
	part         uint8
}

// sums adds up what Writes count, so that a transaction has one row for each
// counter that was touched, and remembers sums so that adding to a counter costs
// no read. The committer owns it.
//
// Two generations bound the memory: a sum is remembered until keepSums others
// were touched, twice over.
type sums struct {
	deltas map[counter]int64
	known  [2]map[counter]int64 // [0] is filled, [1] is the older
	key    []byte
}

const keepSums = 1 << 14

// add merges what one Write counted.
func (s *sums) add(counts map[counter]int64) {
	if s.deltas == nil {
		s.deltas = make(map[counter]int64)
		s.known = [2]map[counter]int64{make(map[counter]int64), make(map[counter]int64)}
	}
	for c, n := range counts {
		s.deltas[c] += n
	}
}

// flush calls put for each counter that changed, with its sum so far where it is
// known, remembers the new sum and forgets the deltas.
func (s *sums) flush(put func(key []byte, old int64, known bool, delta int64) (int64, error)) error {
	for c, delta := range s.deltas {
		if delta == 0 {
			continue
		}
		old, known := s.known[0][c]
		if !known {
			old, known = s.known[1][c]
		}
		s.key = counterKey(s.key[:0], c)
		sum, err := put(s.key, old, known, delta)
		if err != nil {
			return fmt.Errorf("counter %s: %w", c.name, err)
		}
		if len(s.known[0]) >= keepSums {
			s.known[0], s.known[1] = s.known[1], s.known[0]
			clear(s.known[0])
		}
		s.known[0][c] = sum
	}
	clear(s.deltas)
	return nil
}

// readSum reads a counter's row; 0 when there is none.
func readSum(txn *badger.Txn, key []byte) (int64, error) {
	item, err := txn.Get(key)
	if errors.Is(err, badger.ErrKeyNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	var sum int64
	err = item.Value(func(b []byte) error {
		var size int
		if sum, size = binary.Varint(b); size != len(b) {
			return engine.ErrFormat
		}
		return nil
	})
	return sum, err
}

// Counts calls yield with every sum of the counter in the hours from fromHour up
// to and without toHour, in order of hour, part and labels. It stops at the first
// error and returns it.
func (s *Store) Counts(name string, fromHour, toHour int64, yield func(engine.Delta) error) error {
	prefix := countersKey(nil, name)
	from := binary.BigEndian.AppendUint64(prefix[:len(prefix):len(prefix)], uint64(fromHour))
	return s.scan(prefix, from, func(key, value []byte) error {
		rest := key[len(prefix):]
		if len(rest) < 9 {
			return fmt.Errorf("read counter %s: %w", name, engine.ErrFormat)
		}
		d := engine.Delta{Name: name, Hour: int64(binary.BigEndian.Uint64(rest)), Part: rest[8], Labels: string(rest[9:])}
		if d.Hour >= toHour {
			return ErrStop
		}
		var size int
		if d.N, size = binary.Varint(value); size != len(value) {
			return fmt.Errorf("read counter %s: %w", name, engine.ErrFormat)
		}
		return yield(d)
	})
}
