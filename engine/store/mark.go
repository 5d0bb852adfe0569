package store

import "math"

// mark is a low-water mark: no live row of an index lies below it. Scans begin
// at it, because before the first live row lie the tombstones of all rows that
// were there before, and walking over a million of them takes a quarter of a
// second.
//
// The simple story is that whoever removes the first row moves the mark to the
// next. But rows are removed in any order, by Writes that are not yet durable,
// while other Writes put in rows that no scan can see yet. So nobody computes
// the mark: a scan proves it. A scan that begins at the mark finds the first
// durable row; what is not durable is remembered here with its least value; the
// lesser of the two is the new mark. Each tombstone is thus walked over about
// twice, whatever the order.
//
//  1. low is at most the value of every row that is durable and not deleted by
//     a durable Write, and of every row in a Write not yet durable.
//  2. Between two scans low only falls.
//  3. What fresh remembers is forgotten only when a scan whose snapshot has it
//     has proved the mark; a scan with an older snapshot proves nothing then.
type mark struct {
	low    uint64
	fresh  []freshRow // by ascending write
	proven uint64     // Writes that the snapshot of the last proof had
}

// freshRow is the least value that Writes up to the one numbered write, and
// behind those of the row before it, put into the index.
type freshRow struct{ write, least uint64 }

const (
	noRow    = math.MaxInt64 // the mark of an index without rows
	maxFresh = 64
)

// put notes a row put in by the given Write (numbered within the partition).
func (m *mark) put(write, value uint64) {
	m.low = min(m.low, value)
	n := len(m.fresh)
	if n > 0 && m.fresh[n-1].write == write {
		m.fresh[n-1].least = min(m.fresh[n-1].least, value)
		return
	}
	if n == maxFresh { // join pairs: remembered longer than need be, never less
		for i := range n / 2 {
			a, b := m.fresh[2*i], m.fresh[2*i+1]
			m.fresh[i] = freshRow{b.write, min(a.least, b.least)}
		}
		m.fresh = m.fresh[:n/2]
	}
	m.fresh = append(m.fresh, freshRow{write, value})
}

// proved takes the result of a scan that began at low: first is the value of the
// first row it found, or the least value that it can vouch for. The snapshot
// held all Writes up to durable.
func (m *mark) proved(durable, first uint64) {
	if durable < m.proven {
		return
	}
	m.proven = durable
	n := 0
	for n < len(m.fresh) && m.fresh[n].write <= durable {
		n++
	}
	m.fresh = append(m.fresh[:0], m.fresh[n:]...)
	m.low = first
	for _, f := range m.fresh {
		m.low = min(m.low, f.least)
	}
}
