package engine

import (
	"math"
	"strconv"
	"time"
)

// Time is an instant: milliseconds since 1970-01-01T00:00:00Z. The zero Time
// means "not set"; no fact of a living lead is that old.
type Time int64

// Span is a length of time in milliseconds.
type Span int64

// Day is 24 hours. Windows such as '7d' count Days; calendar days, which a
// change of the clock makes longer or shorter, belong to package calendar.
const (
	Second Span = 1000
	Minute      = 60 * Second
	Hour        = 60 * Minute
	Day         = 24 * Hour
)

// TimeOf rounds t down to the millisecond.
func TimeOf(t time.Time) Time { return Time(t.UnixMilli()) }

// In gives the instant as a time.Time in the given zone (nil: UTC).
func (t Time) In(zone *time.Location) time.Time {
	if zone == nil {
		zone = time.UTC
	}
	return time.UnixMilli(int64(t)).In(zone)
}

// Add moves the instant by s.
func (t Time) Add(s Span) Time { return t + Time(s) }

// Sub is the span from u to t.
func (t Time) Sub(u Time) Span { return Span(t - u) }

// String is RFC 3339 with milliseconds, in UTC, or "-" when not set.
func (t Time) String() string {
	if t == 0 {
		return "-"
	}
	return t.In(time.UTC).Format("2006-01-02T15:04:05.000Z")
}

// Kind says what a Value holds.
type Kind uint8

// The kinds of Value. None is "no value": an attribute that was never given or
// was cleared by a null. JSON holds an object or a list as its text: it is kept
// and exported, but no condition reads it.
const (
	None Kind = iota
	Text
	Number
	Flag
	Instant
	JSON
)

var kindNames = [...]string{"none", "text", "number", "flag", "time", "json"}

// String is the language's word for the kind.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "kind " + strconv.Itoa(int(k))
}

// Value is one attribute's or field's value. It travels by copy. The zero Value
// is None.
type Value struct {
	kind Kind
	num  float64
	str  string
}

// TextValue makes a text.
func TextValue(s string) Value { return Value{kind: Text, str: s} }

// NumberValue makes a number; NaN and the infinities are None, because no rule
// can say anything about them.
func NumberValue(n float64) Value {
	if math.IsNaN(n) || math.IsInf(n, 0) {
		return Value{}
	}
	return Value{kind: Number, num: n}
}

// FlagValue makes a yes or no.
func FlagValue(b bool) Value {
	if b {
		return Value{kind: Flag, num: 1}
	}
	return Value{kind: Flag}
}

// TimeValue makes an instant.
func TimeValue(t Time) Value { return Value{kind: Instant, num: float64(t)} }

// JSONValue keeps an object or a list as its JSON text.
func JSONValue(text string) Value { return Value{kind: JSON, str: text} }

// Kind says what the value holds.
func (v Value) Kind() Kind { return v.kind }

// IsNone reports whether there is no value.
func (v Value) IsNone() bool { return v.kind == None }

// Text is the text of a Text or JSON value, "" otherwise.
func (v Value) Text() string { return v.str }

// Number is the number of a Number value, 0 otherwise.
func (v Value) Number() float64 {
	if v.kind != Number {
		return 0
	}
	return v.num
}

// Flag is the answer of a Flag value, false otherwise.
func (v Value) Flag() bool { return v.kind == Flag && v.num != 0 }

// Time is the instant of a time value, 0 otherwise.
func (v Value) Time() Time {
	if v.kind != Instant {
		return 0
	}
	return Time(v.num)
}

// Any is the value as conditions and texts see it: nil, string, float64, bool or
// a time.Time in the given zone.
func (v Value) Any(zone *time.Location) any {
	switch v.kind {
	case Text, JSON:
		return v.str
	case Number:
		return v.num
	case Flag:
		return v.num != 0
	case Instant:
		return Time(v.num).In(zone)
	}
	return nil
}

// String is the value as a person reads it in a trace. It may be personal data:
// never log it.
func (v Value) String() string {
	switch v.kind {
	case Text, JSON:
		return v.str
	case Number:
		return strconv.FormatFloat(v.num, 'f', -1, 64)
	case Flag:
		return strconv.FormatBool(v.num != 0)
	case Instant:
		return Time(v.num).String()
	}
	return ""
}

// Field is a named value: a property of an event, a trait of a lead, a finished
// part of a message.
type Field struct {
	Name  string
	Value Value
}

// Lookup finds the last field of that name: a later one overrides an earlier.
func Lookup(fields []Field, name string) (Value, bool) {
	for i := len(fields) - 1; i >= 0; i-- {
		if fields[i].Name == name {
			return fields[i].Value, true
		}
	}
	return Value{}, false
}
