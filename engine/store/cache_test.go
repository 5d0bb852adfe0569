package store

import (
	"bytes"
	"fmt"
	"runtime"
	"testing"

	"pgregory.net/rapid"

	"github.com/seed-456efde2/nurture/engine"
)

// TestCacheModel compares the cache with a map: what it has is right, what is not
// durable is never missing, and while nothing was evicted nothing is missing.
func TestCacheModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := leadCache{budget: uint64(rapid.IntRange(1, 64).Draw(t, "units")) * slotUnit * 8, complete: true}
		rows := map[engine.LeadID][]byte{}
		written := map[engine.LeadID]uint64{}
		var write, durable uint64
		t.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				id := leadID(rapid.IntRange(0, 40).Draw(t, "lead"))
				row := bytes.Repeat([]byte{byte(rapid.IntRange(0, 255).Draw(t, "fill"))}, rapid.IntRange(0, 300).Draw(t, "size"))
				write++
				c.put(id, row, write, durable)
				rows[id], written[id] = row, write
			},
			"settle": func(t *rapid.T) {
				durable = rapid.Uint64Range(durable, write).Draw(t, "durable")
			},
			"read": func(t *rapid.T) { // a row that was evicted comes back from the database
				id := leadID(rapid.IntRange(0, 40).Draw(t, "lead"))
				if _, ok := c.get(id); !ok && rows[id] != nil {
					c.put(id, rows[id], 0, durable)
				}
			},
			"": func(t *rapid.T) { checkCache(t, &c, rows, written, durable) },
		})
	})
}

func checkCache(t *rapid.T, c *leadCache, rows map[engine.LeadID][]byte, written map[engine.LeadID]uint64, durable uint64) {
	found := 0
	for id, want := range rows {
		i, ok := c.find(id)
		if !ok {
			if written[id] > durable {
				t.Fatalf("lead %v of write %d is gone, durable is %d", id, written[id], durable)
			}
			if c.complete {
				t.Fatalf("lead %v is gone and the cache calls itself complete", id)
			}
			continue
		}
		found++
		slot := c.slot(c.index[i])
		size := int(slot[16]) | int(slot[17])<<8
		if !bytes.Equal(slot[slotHeader:slotHeader+size], want) {
			t.Fatalf("lead %v has another row", id)
		}
	}
	if found != c.live {
		t.Fatalf("%d leads are found, %d are counted", found, c.live)
	}
	if c.tail-c.head > uint64(len(c.ring)) {
		t.Fatalf("%d bytes in a ring of %d", c.tail-c.head, len(c.ring))
	}
}

// TestCacheBudget checks that durable rows keep to the budget and that rows that
// are used stay longer than rows that are not.
func TestCacheBudget(t *testing.T) {
	t.Parallel()
	const budget = 64 << 10
	c := leadCache{budget: budget}
	row := make([]byte, 150)
	for n := range 100 { // these are used again and again
		c.put(leadID(n), row, 0, 0)
	}
	for n := range 5000 {
		c.put(leadID(1000+n), row, 0, 0)
		c.get(leadID(n % 100))
		if len(c.ring) > budget {
			t.Fatalf("the ring has %d bytes, the budget is %d", len(c.ring), budget)
		}
	}
	kept := 0
	for n := range 100 {
		if _, ok := c.get(leadID(n)); ok {
			kept++
		}
	}
	if kept < 95 {
		t.Errorf("%d of 100 leads in use were kept", kept)
	}
	if c.complete {
		t.Error("the cache calls itself complete")
	}
}

// TestCacheGrowsForWhatIsNotDurable checks that the cache goes beyond its budget
// rather than lose a row that no read would find.
func TestCacheGrowsForWhatIsNotDurable(t *testing.T) {
	t.Parallel()
	c := leadCache{budget: 4 << 10}
	for n := range 1000 {
		c.put(leadID(n), fmt.Appendf(nil, "row %d", n), 7, 6)
	}
	for n := range 1000 {
		if row, ok := c.get(leadID(n)); !ok || string(row) != fmt.Sprintf("row %d", n) {
			t.Fatalf("row %d is %q", n, row)
		}
	}
}

// TestCacheMemory measures what leads of 150 bytes take: a million of them less
// than 250 MB, without a pointer for the garbage collector to follow.
func TestCacheMemory(t *testing.T) {
	t.Parallel()
	c := leadCache{budget: 1 << 30}
	row := make([]byte, 150)
	const leads = 200_000
	for n := range leads {
		c.put(leadIn(0, 64, n), row, 1, 1)
	}
	used := c.tail + uint64(4*len(c.index))
	t.Logf("%d leads: %d bytes in use, %d held", leads, used, c.bytes())
	if used > 250*leads {
		t.Errorf("%d leads take %d bytes", leads, used)
	}
	runtime.KeepAlive(&c)
}
