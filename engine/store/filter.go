package store

import (
	"encoding/binary"
	"sync/atomic"
)

// filter is a blocked Bloom filter: it says "never added" for certain and "added"
// with an error of about one in a hundred when it is full. All bits of an id lie
// in one cache line: the first eight bytes of its hash choose the line and, mixed
// anew, six bits for each of the line's words.
//
// One goroutine at a time adds; others may ask meanwhile.
type filter struct {
	words []uint64
	lines uint64
	ids   int // how many were added
	room  int // how many it is made for
}

const (
	lineWords   = 8
	bitsPerID   = 12
	leastFilter = 1 << 16 // ids; 96 KiB
)

// newFilter makes a filter for n ids in at most limit bytes, but for no fewer
// than limit allows when it is already smaller than leastFilter ids.
func newFilter(n int, limit int64) *filter {
	n = max(n, leastFilter)
	lines := min(int64(n)*bitsPerID/(64*lineWords)+1, max(limit/(8*lineWords), 1))
	return &filter{
		words: make([]uint64, lines*lineWords),
		lines: uint64(lines),
		room:  int(lines * 64 * lineWords / bitsPerID),
	}
}

// line gives the words of an id's line and its bits in them.
func (f *filter) line(id *[hashLen]byte) ([]uint64, uint64) {
	h := binary.LittleEndian.Uint64(id[:])
	at := (h >> 32) * f.lines >> 32 * lineWords
	h ^= h >> 31
	h *= 0x9e3779b97f4a7c15
	return f.words[at : at+lineWords], h ^ h>>29
}

func (f *filter) add(id *[hashLen]byte) {
	words, bits := f.line(id)
	for i := range words {
		if bit := uint64(1) << (bits & 63); words[i]&bit == 0 {
			atomic.OrUint64(&words[i], bit)
		}
		bits >>= 6
	}
	f.ids++
}

// has reports whether the id may have been added.
func (f *filter) has(id *[hashLen]byte) bool {
	words, bits := f.line(id)
	for i := range words {
		if atomic.LoadUint64(&words[i])&(1<<(bits&63)) == 0 {
			return false
		}
		bits >>= 6
	}
	return true
}

// bytes is what the filter holds of memory.
func (f *filter) bytes() int64 {
	if f == nil {
		return 0
	}
	return int64(len(f.words) * 8)
}
