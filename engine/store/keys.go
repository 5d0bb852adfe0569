package store

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"

	"github.com/seed-456efde2/nurture/engine"
)

// Kinds of row within a partition: the third byte of the key, behind the
// partition's number.
const (
	anchorRow = 'f' // the partition's Anchor
	leadRow   = 's' // lead16 → the lead
	factRow   = 'e' // lead16 at8 seq8 → a fact of its journal
	seenRow   = 'd' // hash16 of (source, message id) → lead16; expires
	timerRow  = 't' // due8 lead16 → nothing
	outboxRow = 'o' // lane1 seq8 → lead16 key16 channel
	bodyRow   = 'a' // key16 → rendered parts of an action under way
	deadRow   = 'x' // key16 → an action that was given up
)

// Kinds of row that belong to no partition: the first byte of the key. A
// partition's first byte is below 16, so the two never meet. answerRow ('l') is one
// more.
const (
	globalRow     = 'g' // what the folder is, revisions and their sources, rulings, notes
	identifierRow = 'i' // hash16 → lead16
	counterRow    = 'k' // name hour part labels → sum
	idsRow        = 'd' // rev8 n2 → the message ids of one Write; expires
	badRow        = 'y' // seq8 → a refused event
	auditRow      = 'w' // seq8 → who changed what through the API
	offerRow      = 'h' // asked8 id16 → a row of the register of hand-overs
	shadowRow     = 'z' // lead16 hash8 → nothing: the lead has shown this difference
	postRow       = 'q' // seq8 → lead16 and a fact for that lead, of another's decision
)

const (
	partPrefix = 3 // partition2 kind1
	leadLen    = 16
	hashLen    = 16
	factKeyLen = partPrefix + leadLen + 16
)

// partKey begins a key of a partition.
func partKey(b []byte, part int, kind byte) []byte {
	return append(b, byte(part>>8), byte(part), kind)
}

func leadKey(b []byte, part int, lead engine.LeadID) []byte {
	return append(partKey(b, part, leadRow), lead[:]...)
}

// factsKey is the prefix of all facts of a lead.
func factsKey(b []byte, part int, lead engine.LeadID) []byte {
	return append(partKey(b, part, factRow), lead[:]...)
}

func factKey(b []byte, part int, lead engine.LeadID, at engine.Time, seq uint64) []byte {
	b = binary.BigEndian.AppendUint64(factsKey(b, part, lead), uint64(at))
	return binary.BigEndian.AppendUint64(b, seq)
}

func seenKey(b []byte, part int, hash [hashLen]byte) []byte {
	return append(partKey(b, part, seenRow), hash[:]...)
}

// idsKey names the nth row of message ids of a commit. The commit's number stands
// in it with its bits reversed, so that such rows lie all over: where Badger merges
// some of them, it drops those of any age that have expired.
func idsKey(b []byte, commit uint64, n int) []byte {
	b = binary.BigEndian.AppendUint64(append(b, idsRow), bits.Reverse64(commit))
	return binary.BigEndian.AppendUint16(b, uint16(n))
}

func timerKey(b []byte, part int, due engine.Time, lead engine.LeadID) []byte {
	b = binary.BigEndian.AppendUint64(partKey(b, part, timerRow), uint64(due))
	return append(b, lead[:]...)
}

func outboxKey(b []byte, part int, lane engine.Lane, seq uint64) []byte {
	b = append(partKey(b, part, outboxRow), byte(lane))
	return binary.BigEndian.AppendUint64(b, seq)
}

func actionKey(b []byte, part int, kind byte, key engine.ActionKey) []byte {
	return append(partKey(b, part, kind), key[:]...)
}

func identifierKey(b []byte, hash [hashLen]byte) []byte {
	return append(append(b, identifierRow), hash[:]...)
}

func badKey(b []byte, seq uint64) []byte {
	return binary.BigEndian.AppendUint64(append(b, badRow), seq)
}

// countersKey is the prefix of all hours of a counter. The name's length stands
// in front of it, so that one name's rows are never another's.
func countersKey(b []byte, name string) []byte {
	b = binary.BigEndian.AppendUint16(append(b, counterRow), uint16(len(name)))
	return append(b, name...)
}

func counterKey(b []byte, c counter) []byte {
	b = binary.BigEndian.AppendUint64(countersKey(b, c.name), uint64(c.hour))
	return append(append(b, c.part), c.labels...)
}

// seenHash names a message. SHA-256 because senders choose their ids: nobody
// may be able to make two messages look like one.
func seenHash(buf []byte, source, id string) ([hashLen]byte, []byte) {
	buf = binary.AppendUvarint(buf[:0], uint64(len(source)))
	buf = append(buf, source...)
	buf = append(buf, id...)
	sum := sha256.Sum256(buf)
	return [hashLen]byte(sum[:]), buf
}
