package store

import (
	"encoding/binary"

	"github.com/seed-456efde2/nurture/engine"
)

// leadCache keeps the encoded rows of a partition's leads. The partition's
// worker owns it; nobody locks.
//
// Rows that are not yet durable must be found here, because the database does
// not have them: the worker decides the next batch on them while the last one
// syncs. So a changed row enters the cache when its Write is built and cannot
// leave before that Write is durable, even if the cache must grow beyond its
// budget for it. A Write that fails to commit breaks the store, so a row that
// never becomes durable is never acted upon.
//
// A map of slices would be simpler, but a million small objects cost the garbage
// collector a scan and the allocator a third of the memory. Here all rows lie in
// one ring of bytes, and an open-addressed table of 32-bit positions finds them;
// neither has a pointer in it. A slot is
//
//	lead16 size4 length4 write8 row… slack
//
// where length is the slot's, a multiple of 32, with the flags in its low bits,
// and write is the number of the partition's Write that changed the row last. A
// row is changed in place while it fits its slot; the slack makes that the rule.
// Eviction is CLOCK: the oldest slot goes unless it was asked for since the hand
// passed it last or is not durable; then it moves to the young end. Putting a row
// is not asking: each lead's first event puts one.
type leadCache struct {
	ring   []byte
	head   uint64   // of the oldest slot; grows for ever, modulo len(ring)
	tail   uint64   // behind the youngest slot
	index  []uint32 // slot position/32 + 1; 0 is free
	live   int
	dead   uint64 // bytes of slots that nothing points to
	budget uint64

	// complete says that every lead of the partition is in the cache: it began
	// empty with the partition, and nothing was ever evicted. Then a lead that is
	// not found is new, and no read is needed to know it.
	complete bool
}

const (
	slotHeader = 32
	slotUnit   = 32
	slotLive   = 1 // flag: the index points to this slot
	slotUsed   = 2 // flag: asked for since the hand passed
	slotFlags  = slotUnit - 1

	firstRing  = 16 << 10
	firstIndex = 64
)

// get finds a lead's row. It is valid until the next put.
func (c *leadCache) get(id engine.LeadID) ([]byte, bool) {
	i, ok := c.find(id)
	if !ok {
		return nil, false
	}
	slot := c.slot(c.index[i])
	slot[20] |= slotUsed
	size := binary.LittleEndian.Uint32(slot[16:])
	return slot[slotHeader : slotHeader+size], true
}

// put stores a lead's row as changed by the given Write of the partition, or as
// read from the database when write is 0. Writes up to durable are durable.
func (c *leadCache) put(id engine.LeadID, row []byte, write, durable uint64) {
	if i, found := c.find(id); found {
		slot := c.slot(c.index[i])
		length, _ := slotLength(slot)
		if slotHeader+uint64(len(row)) <= length {
			setSlot(slot, row, write)
			return
		}
		c.forget(i)
		c.kill(slot, length)
	}
	need := slotFor(len(row))
	pos := c.room(need, durable)
	slot := c.ring[pos : pos+need]
	copy(slot, id[:])
	binary.LittleEndian.PutUint32(slot[20:], uint32(need)|slotLive)
	setSlot(slot, row, write)
	c.tail += need
	c.point(id, pos)
}

// bytes is what the cache holds of memory.
func (c *leadCache) bytes() int64 { return int64(len(c.ring) + 4*len(c.index)) }

// slotFor is the length of a new slot for a row of size bytes: a sixteenth more
// than it needs, because leads grow.
func slotFor(size int) uint64 {
	n := slotHeader + size + size/16
	return uint64(n+slotUnit-1) / slotUnit * slotUnit
}

func setSlot(slot, row []byte, write uint64) {
	binary.LittleEndian.PutUint32(slot[16:], uint32(len(row)))
	binary.LittleEndian.PutUint64(slot[24:], write)
	copy(slot[slotHeader:], row)
}

// slotLength is the whole length of a slot and its flags.
func slotLength(slot []byte) (length uint64, flags uint32) {
	n := binary.LittleEndian.Uint32(slot[20:])
	return uint64(n &^ slotFlags), n & slotFlags
}

// kill leaves a slot, which nothing points to, to the hand.
func (c *leadCache) kill(slot []byte, length uint64) {
	binary.LittleEndian.PutUint32(slot[20:], uint32(length))
	c.dead += length
}

func (c *leadCache) slot(ref uint32) []byte { return c.ring[uint64(ref-1)*slotUnit:] }

// home is where the search for a lead begins. Lead ids are hashes; their first
// bytes serve as they are.
func (c *leadCache) home(id []byte) int {
	return int(binary.LittleEndian.Uint32(id)) & (len(c.index) - 1)
}

// find gives the place of a lead in the index.
func (c *leadCache) find(id engine.LeadID) (int, bool) {
	if len(c.index) == 0 {
		return 0, false
	}
	for i := c.home(id[:]); ; i = (i + 1) & (len(c.index) - 1) {
		ref := c.index[i]
		if ref == 0 {
			return i, false
		}
		if engine.LeadID(c.slot(ref)[:leadLen]) == id {
			return i, true
		}
	}
}

// point enters a lead, which is not in the index, with its slot at pos.
func (c *leadCache) point(id engine.LeadID, pos uint64) {
	if (c.live+1)*4 > len(c.index)*3 {
		c.reindex(max(firstIndex, 2*len(c.index)))
	}
	i, _ := c.find(id)
	c.index[i] = uint32(pos/slotUnit) + 1
	c.live++
}

// reindex makes an index of n places from the ring.
func (c *leadCache) reindex(n int) {
	c.index = make([]uint32, n)
	for off := c.head; off < c.tail; {
		pos := off % uint64(len(c.ring))
		slot := c.ring[pos:]
		length, flags := slotLength(slot)
		off += length
		if flags&slotLive == 0 {
			continue
		}
		i := c.home(slot)
		for c.index[i] != 0 {
			i = (i + 1) & (n - 1)
		}
		c.index[i] = uint32(pos/slotUnit) + 1
	}
}

// forget empties a place of the index: what lies behind it in its run moves up
// when its own home allows.
func (c *leadCache) forget(hole int) {
	c.live--
	mask := len(c.index) - 1
	for i := (hole + 1) & mask; c.index[i] != 0; i = (i + 1) & mask {
		home := c.home(c.slot(c.index[i]))
		if (i-home)&mask >= (i-hole)&mask {
			c.index[hole] = c.index[i]
			hole = i
		}
	}
	c.index[hole] = 0
}

// room makes place for a slot of need bytes and gives its position, which is
// where tail then stands.
func (c *leadCache) room(need, durable uint64) uint64 {
	for kept := uint64(0); ; {
		if pos, ok := c.fits(need); ok {
			return pos
		}
		switch size := uint64(len(c.ring)); {
		case c.head == c.tail:
			c.rebuild(max(2*size, min(firstRing, c.budget), 2*need))
		case size < c.budget && c.dead*4 > size: // much of it is litter
			c.rebuild(size)
		case size < c.budget:
			c.rebuild(min(2*size, c.budget))
		case kept > 2*size: // none of it is durable
			c.rebuild(size + max(size/2, 2*need)/slotUnit*slotUnit)
			kept = 0
		default:
			kept += c.turn(durable)
		}
	}
}

// fits finds out whether need bytes in one piece are free behind tail, skipping
// a rest at the end of the ring that is too short.
func (c *leadCache) fits(need uint64) (uint64, bool) {
	size := uint64(len(c.ring))
	if size == 0 {
		return 0, false
	}
	pos, free := c.tail%size, size-(c.tail-c.head)
	rest := size - pos
	if rest >= need {
		return pos, free >= need
	}
	if free < rest+need {
		return 0, false
	}
	c.kill(c.ring[pos:], rest)
	c.tail += rest
	return 0, true
}

// turn moves the hand over the oldest slot: it goes, or it moves to the young
// end. It gives the bytes that were kept.
func (c *leadCache) turn(durable uint64) uint64 {
	size := uint64(len(c.ring))
	pos := c.head % size
	slot := c.ring[pos:]
	length, flags := slotLength(slot)
	c.head += length
	if flags&slotLive == 0 {
		c.dead -= length
		return 0
	}
	i, _ := c.find(engine.LeadID(slot[:leadLen]))
	dirty := binary.LittleEndian.Uint64(slot[24:]) > durable
	if flags&slotUsed == 0 && !dirty {
		c.forget(i)
		c.complete = false
		return 0
	}
	to, ok := c.fits(length)
	if !ok {
		panic("store: the slot that was just left does not fit behind the tail")
	}
	copy(c.ring[to:to+length], slot[:length])
	c.index[i] = uint32(to/slotUnit) + 1
	binary.LittleEndian.PutUint32(c.ring[to+20:], uint32(length)|slotLive)
	c.tail += length
	return length
}

// rebuild moves all live slots into a new ring, which leaves the litter behind.
func (c *leadCache) rebuild(size uint64) {
	ring := make([]byte, size)
	var pos uint64
	for off := c.head; off < c.tail; {
		slot := c.ring[off%uint64(len(c.ring)):]
		length, flags := slotLength(slot)
		off += length
		if flags&slotLive != 0 {
			copy(ring[pos:], slot[:length])
			pos += length
		}
	}
	c.ring, c.head, c.tail, c.dead = ring, 0, pos, 0
	c.reindex(max(firstIndex, len(c.index)))
}
