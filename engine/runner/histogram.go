package runner

import (
	"math/bits"
	"sync/atomic"
	"time"
)

// subBuckets is how finely a power of two is divided: a figure read back is at
// most an eighth too high.
const subBuckets = 8

const histogramBuckets = 36 * subBuckets

// Histogram counts durations in buckets that widen with the duration, from one
// microsecond to about nine hours. It is safe for concurrent use, and adding to
// it costs three atomic additions.
type Histogram struct {
	counts [histogramBuckets]atomic.Uint64
	total  atomic.Uint64
	sum    atomic.Int64 // microseconds
}

func (h *Histogram) add(d time.Duration, n int) {
	us := max(0, d.Microseconds())
	h.counts[bucketOf(uint64(us))].Add(uint64(n))
	h.total.Add(uint64(n))
	h.sum.Add(us * int64(n))
}

// bucketOf numbers the buckets: below subBuckets one each microsecond, then
// subBuckets to every power of two.
func bucketOf(us uint64) int {
	if us < subBuckets {
		return int(us)
	}
	power := bits.Len64(us) - 1 // at least 3
	within := us >> (power - 3) & (subBuckets - 1)
	return min((power-2)*subBuckets+int(within), histogramBuckets-1)
}

// upper is the bucket's upper end, exclusive.
func upper(bucket int) time.Duration {
	if bucket < subBuckets {
		return time.Duration(bucket+1) * time.Microsecond
	}
	power, within := bucket/subBuckets+2, bucket%subBuckets
	return time.Duration(uint64(subBuckets+within+1)<<(power-3)) * time.Microsecond
}

// Count is how many durations were added.
func (h *Histogram) Count() uint64 { return h.total.Load() }

// Sum is all durations together.
func (h *Histogram) Sum() time.Duration { return time.Duration(h.sum.Load()) * time.Microsecond }

// Quantile is the duration below which the share q of all durations lies, 0 when
// there are none.
func (h *Histogram) Quantile(q float64) time.Duration {
	want := uint64(q * float64(h.total.Load()))
	var seen uint64
	for i := range h.counts {
		n := h.counts[i].Load()
		seen += n
		if n > 0 && seen > want {
			return upper(i)
		}
	}
	return h.highest()
}

func (h *Histogram) highest() time.Duration {
	for i := histogramBuckets - 1; i >= 0; i-- {
		if h.counts[i].Load() > 0 {
			return upper(i)
		}
	}
	return 0
}

// Cumulative calls yield with the upper end of every power of two and how many
// durations lie below it, ascending: what a metrics page prints.
func (h *Histogram) Cumulative(yield func(below time.Duration, count uint64)) {
	var seen uint64
	for i := range h.counts {
		seen += h.counts[i].Load()
		if i%subBuckets == subBuckets-1 {
			yield(upper(i), seen)
		}
	}
}
