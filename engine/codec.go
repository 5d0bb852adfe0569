package engine

import (
	"encoding/binary"
	"errors"
	"math"
)

// The stored forms of a Lead and of a Fact: a format byte, then the fields in
// the order of their types. Integers are varints, instants are milliseconds,
// texts and lists carry their length in front. A reader never allocates more
// than the bytes at hand could fill.

const (
	leadFormat = 3
	factFormat = 1
)

// ErrFormat is returned for bytes that AppendLead or AppendFact of this or an
// earlier version did not write.
var ErrFormat = errors.New("not a stored row of a known format")

func putUint(b []byte, n uint64) []byte { return binary.AppendUvarint(b, n) }
func putInt(b []byte, n int64) []byte   { return binary.AppendVarint(b, n) }
func putTime(b []byte, t Time) []byte   { return binary.AppendVarint(b, int64(t)) }
func putFloat(b []byte, f float64) []byte {
	return binary.LittleEndian.AppendUint64(b, math.Float64bits(f))
}

func putText(b []byte, s string) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

func putFlag(b []byte, v bool) []byte {
	if v {
		return append(b, 1)
	}
	return append(b, 0)
}

func putValue(b []byte, v Value) []byte {
	b = append(b, byte(v.kind))
	switch v.kind {
	case Text, JSON:
		return putText(b, v.str)
	case Number:
		return putFloat(b, v.num)
	case Flag:
		return putFlag(b, v.num != 0)
	case Instant:
		return putInt(b, int64(v.num))
	}
	return b
}

func putFields(b []byte, fields []Field) []byte {
	b = putUint(b, uint64(len(fields)))
	for i := range fields {
		b = putText(b, fields[i].Name)
		b = putValue(b, fields[i].Value)
	}
	return b
}

// reader takes a stored row apart. After the first fault every result is zero
// and bad stays set.
type reader struct {
	b     []byte
	whole string // where it is not "": what b was at first, for texts to be parts of
	bad   bool
}

func (r *reader) fail() {
	r.bad = true
	r.b = nil
}

func (r *reader) take(n int) []byte {
	if n < 0 || n > len(r.b) {
		r.fail()
		return nil
	}
	p := r.b[:n]
	r.b = r.b[n:]
	return p
}

func (r *reader) byte() byte {
	if p := r.take(1); p != nil {
		return p[0]
	}
	return 0
}

func (r *reader) flag() bool { return r.byte() != 0 }

func (r *reader) uint() uint64 {
	n, size := binary.Uvarint(r.b)
	if size <= 0 {
		r.fail()
		return 0
	}
	r.b = r.b[size:]
	return n
}

func (r *reader) int() int64 {
	n, size := binary.Varint(r.b)
	if size <= 0 {
		r.fail()
		return 0
	}
	r.b = r.b[size:]
	return n
}

func (r *reader) time() Time { return Time(r.int()) }

func (r *reader) float() float64 {
	if p := r.take(8); p != nil {
		return math.Float64frombits(binary.LittleEndian.Uint64(p))
	}
	return 0
}

// text reads a text. Names repeat from row to row, so the string that stood in
// the same place before is kept when it is equal: no allocation.
func (r *reader) text(old string) string {
	n := r.uint()
	if n > uint64(len(r.b)) {
		r.fail()
		return ""
	}
	if r.whole != "" {
		at := len(r.whole) - len(r.b)
		r.b = r.b[n:]
		return r.whole[at : at+int(n)]
	}
	p := r.take(int(n))
	if old == string(p) {
		return old
	}
	return string(p)
}

func (r *reader) value(old Value) Value {
	switch k := Kind(r.byte()); k {
	case None:
		return Value{}
	case Text, JSON:
		return Value{kind: k, str: r.text(old.str)}
	case Number:
		return Value{kind: k, num: r.float()}
	case Flag:
		return FlagValue(r.flag())
	case Instant:
		return Value{kind: k, num: float64(r.int())}
	}
	r.fail()
	return Value{}
}

func (r *reader) key() (k ActionKey) {
	copy(k[:], r.take(len(k)))
	return k
}

func (r *reader) run() (id RunID) {
	copy(id[:], r.take(len(id)))
	return id
}

// list sets the length of a reused slice to the count that stands in the row.
// Every element takes at least one byte, so a count beyond the bytes is a fault.
func list[T any](r *reader, s []T) []T {
	n := r.uint()
	if n > uint64(len(r.b)) {
		r.fail()
		return s[:0]
	}
	if n <= uint64(cap(s)) {
		return s[:n]
	}
	grown := make([]T, n)
	copy(grown, s[:cap(s)])
	return grown
}

func (r *reader) fields(old []Field) []Field {
	fields := list(r, old)
	for i := range fields {
		fields[i].Name = r.text(fields[i].Name)
		fields[i].Value = r.value(fields[i].Value)
	}
	return fields
}

func (r *reader) times(old []Time) []Time {
	times := list(r, old)
	var last Time
	for i := range times {
		last += r.time()
		times[i] = last
	}
	return times
}

// putTexts writes a list of texts.
func putTexts(b []byte, texts []string) []byte {
	b = putUint(b, uint64(len(texts)))
	for _, t := range texts {
		b = putText(b, t)
	}
	return b
}

func (r *reader) texts(old []string) []string {
	texts := list(r, old)
	for i := range texts {
		texts[i] = r.text(texts[i])
	}
	return texts
}

// putTimes writes an ascending list as differences.
func putTimes(b []byte, times []Time) []byte {
	b = putUint(b, uint64(len(times)))
	var last Time
	for _, t := range times {
		b = putTime(b, t-last)
		last = t
	}
	return b
}

func (r *reader) end() error {
	if r.bad || len(r.b) != 0 {
		return ErrFormat
	}
	return nil
}
