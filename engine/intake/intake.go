// Package intake turns what clients send into engine.Events: the bodies of the
// calls identify, track, page, screen, group, alias and batch in the form that
// Segment-compatible clients share, and files of such calls with one a line.
//
// It is pure: what it answers depends on the body and the Call alone. Every item
// of a batch gets a verdict of its own, either an event that passed Check or the
// Problem for which it was refused; one bad item never costs its neighbours.
//
// # What becomes of a call
//
//   - Type: from the path for a single call, else the item's "type".
//   - Identity: userId and anonymousId of any scalar JSON type, as text.
//   - Name: a track call's "event". A page or screen call carries its name as the
//     field "name", and path, url, title and referrer of the page from its
//     properties or, where they are missing there, from context.page.
//   - Fields: properties of track, page and screen; traits of identify and group
//     (an identify without traits takes context.traits, which is where some
//     clients put them). group and alias add "groupId" and "previousId".
//   - Values: a text in Unicode's NFC, a number as float64, true and false, null
//     as "no value", which clears an attribute. An object is taken apart: its
//     members become fields whose names are the path joined by "_", so that
//     {"address": {"city": "Tokyo"}} is the field address_city. A list is kept as
//     its JSON text. Of two fields with one name the later one counts.
//   - Context: the item's, over the batch's where both have a member of one name;
//     kept as JSON, not read.
//   - Time: see Call.
package intake

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed-456efde2/nurture/engine"
)

// Limits bounds what a client may send. The zero value means the defaults.
type Limits struct {
	Batch int // bytes of a body; default 500 KiB
	Event int // bytes of one item's JSON; default 32 KiB
	Items int // items of a batch; default 10,000
}

// The default Limits, and the nesting that one item may have: its own braces are
// the first level.
const (
	DefaultBatch = 500 << 10
	DefaultEvent = 32 << 10
	DefaultItems = 10_000
	MaxNesting   = 64
)

func (l Limits) orDefaults() Limits {
	if l.Batch <= 0 {
		l.Batch = DefaultBatch
	}
	if l.Event <= 0 {
		l.Event = DefaultEvent
	}
	if l.Items <= 0 {
		l.Items = DefaultItems
	}
	return l
}

// Call is what is known about a call besides its body.
//
// An item's time is its timestamp, else its originalTimestamp, else Received. A
// client that says when it sent (sentAt, of the item or else of the batch) lets
// its clock be compared with ours, and the time is corrected by Segment's
// formula: receivedAt − (sentAt − timestamp). A difference of less than MinSkew
// is the way's doing, not the clock's, and corrects nothing, so that a client
// with a sound clock keeps the times that it gave, in the order it gave them.
type Call struct {
	Kind     engine.EventKind // of a single call; 0: the body is a batch
	Received engine.Time
	Limits   Limits
	Inside   bool // with Kind 0: the body is a batch, or one call with its type inside
}

// MinSkew is the least difference between receivedAt and sentAt that is taken
// for a wrong clock. Common clients wait 10 seconds for an answer before they
// try again with a new sentAt, so queues and slow lines stay below it.
const MinSkew = 15 * engine.Second

// Batch is what a call held.
type Batch struct {
	Events  []engine.Event // in the client's order, each passed Check; Source is left to the caller
	Refused []Refused      // by ascending Index

	raws []string // of Events, in their order
}

// Raw is the JSON of Events[i] as it came in: personal data.
func (b *Batch) Raw(i int) string { return b.raws[i] }

// Refused is an item that is not an event.
type Refused struct {
	Index   int // place in the client's batch, from 0
	ID      string
	Problem *engine.Problem
	Raw     string // the item's JSON as it came: personal data
}

// Keep refuses the events that judge has a problem with.
func (b *Batch) Keep(judge func(*engine.Event) *engine.Problem) {
	var refused []Refused
	events, raws := b.Events[:0], b.raws[:0]
	index := make([]int, len(b.Events))
	for i := range b.Events {
		index[i] = b.Index(i)
	}
	for i := range b.Events {
		if p := judge(&b.Events[i]); p != nil {
			refused = append(refused, Refused{Index: index[i], ID: b.Events[i].ID, Problem: p, Raw: b.raws[i]})
			continue
		}
		events, raws = append(events, b.Events[i]), append(raws, b.raws[i])
	}
	if len(refused) > 0 {
		b.Refused = append(b.Refused, refused...)
		slices.SortFunc(b.Refused, func(x, y Refused) int { return x.Index - y.Index })
	}
	b.Events, b.raws = events, raws
}

// Index is the place in the client's batch of Events[i].
func (b *Batch) Index(i int) int {
	for _, r := range b.Refused {
		if r.Index > i {
			break
		}
		i++
	}
	return i
}

// Decode reads the body of one call. The error is a *engine.Problem and concerns
// the body as a whole: it is too large, not JSON, or holds no batch.
func Decode(body []byte, call Call) (*Batch, error) {
	call.Limits = call.Limits.orDefaults()
	if len(body) > call.Limits.Batch {
		return nil, problem("too_large", "the body is larger than %d bytes", call.Limits.Batch)
	}
	d := decoder{call: call, scan: scanner{src: strings.TrimPrefix(string(body), "\uFEFF")}}
	if err := d.outline(); err != nil {
		return nil, err
	}
	return d.batch(), nil
}

// decoder works in two passes. The outline proves that the body is JSON, finds
// where each item lies and reads the envelope, whose context and sentAt may stand
// behind the items they apply to. The second pass reads the items one by one and
// need not doubt their syntax again.
type decoder struct {
	call     Call
	recorded bool // a line of a file: both clocks from its own time
	scan     scanner
	items    []span
	context  string // the batch's, as JSON
	sent     engine.Time
	fields   []engine.Field // arena of all events' fields
}

// span is where an item lies in the body, and how deep it nests.
type span struct{ from, to, depth int }

func (d *decoder) outline() *engine.Problem {
	s := &d.scan
	if s.peek() != '{' {
		return problem("bad_json", "the body is not a JSON object")
	}
	found := d.call.Kind != 0
	if found {
		d.items = append(d.items, d.span())
	} else {
		from := s.pos
		if found = d.envelope(); !found && d.call.Inside && !s.failed() {
			s.pos = from
			found, d.items = true, append(d.items[:0], d.span())
		}
	}
	switch {
	case s.failed() || !s.atEnd():
		return problem("bad_json", "the body is not JSON: unexpected content at byte %d", s.pos)
	case !found:
		return problem("no_batch", `the body has no list named "batch"`)
	case len(d.items) > d.call.Limits.Items:
		return problem("too_large", "the batch has more than %d items", d.call.Limits.Items)
	}
	return nil
}

func (d *decoder) envelope() (found bool) {
	s := &d.scan
	for ok := s.enter('{'); ok; ok = s.more('}') {
		switch key := s.key(); {
		case key == "batch" && s.peek() == '[':
			found, d.items = true, d.items[:0]
			for ok := s.enter('['); ok; ok = s.more(']') {
				d.items = append(d.items, d.span())
			}
		case key == "context" && s.peek() == '{':
			d.context = valid(s.raw())
		case key == "sentAt":
			d.sent, _ = instant(s.word())
		default:
			s.skip()
		}
	}
	return found
}

func (d *decoder) span() span {
	d.scan.peek()
	from := d.scan.pos
	depth := d.scan.skip()
	return span{from, d.scan.pos, depth}
}

func (d *decoder) batch() *Batch {
	b := &Batch{Events: make([]engine.Event, 0, len(d.items)), raws: make([]string, 0, len(d.items))}
	d.fields = make([]engine.Field, 0, len(d.scan.src)/64+8)
	for i, it := range d.items {
		raw := d.scan.src[it.from:it.to]
		b.Events = b.Events[:len(b.Events)+1]
		e := &b.Events[len(b.Events)-1]
		if p := d.event(e, i, raw, it.depth); p != nil {
			b.Refused = append(b.Refused, Refused{Index: i, ID: e.ID, Problem: p, Raw: raw})
			*e = engine.Event{}
			b.Events = b.Events[:len(b.Events)-1]
			continue
		}
		b.raws = append(b.raws, raw)
	}
	return b
}

// WriteKey is the key that a body carries among its members, for clients that
// show it nowhere else; "" where there is none.
func WriteKey(body []byte) string {
	s := scanner{src: strings.TrimPrefix(string(body), "\uFEFF")}
	if s.peek() != '{' {
		return ""
	}
	for ok := s.enter('{'); ok; ok = s.more('}') {
		if s.key() == "writeKey" {
			return s.word().text
		}
		s.skip()
	}
	return ""
}

func problem(code, format string, args ...any) *engine.Problem {
	return &engine.Problem{Code: code, Text: fmt.Sprintf(format, args...)}
}
