package store

import (
	"encoding/binary"
	"testing"
)

func filterID(n int) (id [hashLen]byte) {
	id, _ = seenHash(nil, "test", string(binary.BigEndian.AppendUint64(nil, uint64(n))))
	return id
}

// TestFilter checks that nothing that was added is ever denied, and that a full
// filter errs about once in a hundred.
func TestFilter(t *testing.T) {
	t.Parallel()
	f := newFilter(100_000, 1<<30)
	for n := range f.room {
		id := filterID(n)
		f.add(&id)
	}
	for n := range f.room {
		if id := filterID(n); !f.has(&id) {
			t.Fatalf("id %d was added and is denied", n)
		}
	}
	wrong := 0
	for n := range 100_000 {
		if id := filterID(10_000_000 + n); f.has(&id) {
			wrong++
		}
	}
	t.Logf("%d ids in %d bytes, %d of 100000 wrong", f.room, f.bytes(), wrong)
	if wrong > 2000 {
		t.Errorf("%d of 100000 ids that were never added are taken for known", wrong)
	}
}

// TestFilterLimit checks that a filter keeps to its memory.
func TestFilterLimit(t *testing.T) {
	t.Parallel()
	if f := newFilter(1<<24, 1<<20); f.bytes() > 1<<20 {
		t.Errorf("the filter takes %d bytes of %d", f.bytes(), 1<<20)
	}
}

// TestSeenHash checks that source and id cannot be shifted into one another.
func TestSeenHash(t *testing.T) {
	t.Parallel()
	a, _ := seenHash(nil, "we", "b1")
	b, _ := seenHash(nil, "web", "1")
	if a == b {
		t.Error("two messages look like one")
	}
}
