package main

import (
	"math/bits"
	"time"
)

// latencies counts durations by magnitude, as an HDR histogram does: each power of
// two of microseconds is cut into 64 parts, so that a quantile is right within two
// per cent, however long the run and however wide the range. The zero value is
// empty.
type latencies struct {
	counts [parts * 42]uint64
	n      uint64
	most   time.Duration
}

// parts is how many parts a power of two has.
const parts = 64

// add counts one duration.
func (l *latencies) add(d time.Duration) {
	l.n++
	l.most = max(l.most, d)
	l.counts[slot(uint64(max(0, d.Microseconds())))]++
}

// slot is the place of so many microseconds.
func slot(us uint64) int {
	if us < parts {
		return int(us)
	}
	power := bits.Len64(us) - 7 // us >> power has seven bits: 64 to 127
	return min((power+1)*parts+int(us>>power)-parts, parts*42-1)
}

// middle is the duration that a place stands for.
func middle(slot int) time.Duration {
	if slot < parts {
		return time.Duration(slot) * time.Microsecond
	}
	power := slot/parts - 1
	low := uint64(slot%parts+parts) << power
	return time.Duration(low+(uint64(1)<<power)/2) * time.Microsecond
}

// merge adds what another one counted.
func (l *latencies) merge(other *latencies) {
	for i, n := range other.counts {
		l.counts[i] += n
	}
	l.n += other.n
	l.most = max(l.most, other.most)
}

// quantile is the duration that the share q of all does not pass.
func (l *latencies) quantile(q float64) time.Duration {
	if l.n == 0 {
		return 0
	}
	want, seen := uint64(q*float64(l.n)), uint64(0)
	want = min(max(want, 1), l.n)
	for i, n := range l.counts {
		if seen += n; seen >= want {
			return min(middle(i), l.most)
		}
	}
	return l.most
}
