package runner

import (
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
)

func TestQueue(t *testing.T) {
	t.Parallel()
	var q queue[int]
	next, want := 0, 0
	for round := range 50 {
		for range round {
			q.push(next)
			next++
		}
		if round > 0 {
			q.unshift(want - 1)
			if got := q.pop(); got != want-1 {
				t.Fatalf("popped %d, want the one put before all", got)
			}
		}
		for range round / 2 {
			if got := q.pop(); got != want {
				t.Fatalf("popped %d, want %d", got, want)
			}
			want++
		}
	}
	for q.len() > 0 {
		if *q.front() != want || q.pop() != want {
			t.Fatalf("the order is lost at %d", want)
		}
		want++
	}
	if want != next {
		t.Errorf("%d of %d came back", want, next)
	}
}

func TestBucket(t *testing.T) {
	t.Parallel()
	now := start
	b := newBucket(10, 3, now)
	take := func() bool { _, ok := b.take(now); return ok }
	for i := range 3 {
		if !take() {
			t.Fatalf("token %d of the burst is missing", i)
		}
	}
	wait, ok := b.take(now)
	if ok || wait < 100*time.Millisecond || wait > 101*time.Millisecond {
		t.Fatalf("the fourth: %v %v", wait, ok)
	}
	now = now.Add(wait)
	if !take() || take() {
		t.Error("after the wait there is exactly one")
	}
	b.giveBack()
	if !take() {
		t.Error("a token given back is there")
	}
	now = now.Add(time.Hour)
	for i := range 4 {
		if take() != (i < 3) {
			t.Errorf("after a rest, token %d", i)
		}
	}
	b.adopt(0, 0, now)
	for range 100 {
		if !take() {
			t.Fatal("without a rate there is always a token")
		}
	}
	var total int
	b = newBucket(7, 1, now)
	for end := now.Add(10 * time.Second); now.Before(end); now = now.Add(3 * time.Millisecond) {
		if take() {
			total++
		}
	}
	if total < 69 || total > 71 {
		t.Errorf("%d tokens in ten seconds at seven a second", total)
	}
}

func TestHistogram(t *testing.T) {
	t.Parallel()
	var h Histogram
	if h.Quantile(0.5) != 0 || h.Count() != 0 {
		t.Error("an empty histogram has figures")
	}
	for us := range 10_000 {
		h.add(time.Duration(us)*time.Microsecond, 1)
	}
	h.add(100*time.Hour, 1)
	for _, q := range []float64{0.1, 0.5, 0.9, 0.99} {
		got, want := h.Quantile(q), time.Duration(q*10_000)*time.Microsecond
		if got < want || got > want+want/6 {
			t.Errorf("quantile %v is %v, want %v", q, got, want)
		}
	}
	if h.Count() != 10_001 || h.Sum() < 100*time.Hour {
		t.Errorf("%d durations, %v", h.Count(), h.Sum())
	}
	last, rows := uint64(0), 0
	h.Cumulative(func(below time.Duration, n uint64) {
		if n < last {
			t.Errorf("below %v there are fewer than before", below)
		}
		last = n
		rows++
	})
	if last != h.Count() || rows != histogramBuckets/subBuckets {
		t.Errorf("%d rows with %d durations", rows, last)
	}
	for b := range histogramBuckets - 1 {
		below := uint64(upper(b) / time.Microsecond)
		if bucketOf(below-1) != b || bucketOf(below) != b+1 {
			t.Fatalf("bucket %d ends at %d µs; that is in bucket %d", b, below, bucketOf(below))
		}
	}
}

func TestBody(t *testing.T) {
	t.Parallel()
	q := engine.Request{Kind: "email", Parts: []engine.Field{{Name: "to", Value: engine.TextValue("a")}, {Name: "n", Value: engine.NumberValue(2)}}}
	body := appendBody(nil, &q)
	var got engine.Request
	if err := decodeBody(body, &got); err != nil || got.Kind != q.Kind || len(got.Parts) != 2 || got.Parts[1].Value.Number() != 2 {
		t.Errorf("read back: %+v %v", got, err)
	}
	for n := range body {
		if err := decodeBody(body[:n], &got); err == nil {
			t.Errorf("the first %d bytes were taken for a body", n)
		}
	}
}

// TestLaneKeepsItsInvariant offers rows before, at and behind what a lane has, in
// and beyond its window.
func TestLaneKeepsItsInvariant(t *testing.T) {
	t.Parallel()
	o := newOutlet("c", 2, Limits{}.withDefaults(), start)
	l := &o.lanes[0]
	for seq := range uint64(window + 10) {
		l.offer(row{part: 0, seq: seq + 1})
	}
	if l.waiting.len() != window || !l.behind || l.next[0] != window+1 {
		t.Errorf("beyond the window: %d rows, behind %v, next %d", l.waiting.len(), l.behind, l.next[0])
	}
	if l.hungry() {
		t.Error("a full lane is hungry")
	}
	for l.waiting.len() >= window/2 {
		l.waiting.pop()
	}
	if !l.hungry() {
		t.Error("a lane that is behind and half empty is not hungry")
	}
	l.offer(row{part: 1, seq: 1})
	if l.next[1] != 0 {
		t.Error("a lane that is behind took a row")
	}
}
