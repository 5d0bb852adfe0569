package store

import "encoding/binary"

// filter is a blocked Bloom filter: it says "never added" for certain and "added"
// with an error of about one in a hundred when it is full. All bits of an id lie
// in one cache line: its first eight bytes choose the line, six bits of the other
// eight choose a bit in each of the line's words.
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
	return f.words[at : at+lineWords], binary.LittleEndian.Uint64(id[8:])
}

func (f *filter) add(id *[hashLen]byte) {
	words, bits := f.line(id)
	for i := range words {
		words[i] |= 1 << (bits & 63)
		bits >>= 6
	}
	f.ids++
}

// has reports whether the id may have been added.
func (f *filter) has(id *[hashLen]byte) bool {
	words, bits := f.line(id)
	for _, w := range words {
		if w&(1<<(bits&63)) == 0 {
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
