package intake

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strconv"

	"github.com/seed-456efde2/nurture/engine"
)

// item is one call's members, read but not yet understood: which of them count
// depends on the type, which may stand behind them.
type item struct {
	kind       engine.EventKind
	title      string // "name" of a page or screen
	category   string
	group      string
	previous   string
	properties region
	traits     region
	hasTraits  bool
	stamp      engine.Time // timestamp
	original   engine.Time // originalTimestamp
	sent       engine.Time
	problem    *engine.Problem // the first one met
}

// region is a run of fields in the decoder's arena.
type region struct{ from, to int }

func (it *item) refuse(code, format string, args ...any) {
	if it.problem == nil {
		it.problem = problem(code, format, args...)
	}
}

// event reads one item into e. A refused one leaves the ID in e, where it has one.
func (d *decoder) event(e *engine.Event, index int, raw string, depth int) *engine.Problem {
	switch {
	case len(raw) > d.call.Limits.Event:
		return problem("too_large", "the event is larger than %d bytes", d.call.Limits.Event)
	case depth > MaxNesting:
		return problem("too_deep", "the event nests more than %d levels", MaxNesting)
	case raw[0] != '{':
		return problem("bad_item", "an item of a batch is not an object")
	}
	it := item{sent: d.sent}
	d.members(e, &it, raw)
	if it.problem != nil {
		return it.problem
	}
	e.Kind = d.call.Kind
	if e.Kind == 0 {
		e.Kind = it.kind
	}
	d.settle(e, &it)
	d.time(e, &it)
	if e.ID == "" {
		e.ID = d.missingID(raw, index, &it)
	}
	if it.problem != nil {
		return it.problem
	}
	return check(e)
}

func check(e *engine.Event) *engine.Problem {
	err := e.Check()
	if p := (*engine.Problem)(nil); errors.As(err, &p) {
		return p
	}
	return nil
}

func (d *decoder) members(e *engine.Event, it *item, raw string) {
	s := &scanner{src: raw, open: d.scan.open}
	for ok := s.enter('{'); ok; ok = s.more('}') {
		switch key := s.key(); key {
		case "type":
			it.kind = kinds[s.word().text]
		case "messageId":
			e.ID = it.name(key, s.word())
		case "userId":
			e.User = it.name(key, s.word())
		case "anonymousId":
			e.Visitor = it.name(key, s.word())
		case "event":
			e.Name = it.name(key, s.word())
		case "name":
			it.title = it.name(key, s.word())
		case "category":
			it.category = it.name(key, s.word())
		case "groupId":
			it.group = it.name(key, s.word())
		case "previousId":
			it.previous = it.name(key, s.word())
		case "timestamp":
			it.stamp = it.time(key, s.word())
		case "originalTimestamp":
			it.original = it.time(key, s.word())
		case "sentAt":
			if t, ok := instant(s.word()); ok && t != 0 {
				it.sent = t
			}
		case "properties":
			it.properties = d.object(it, key, s)
		case "traits":
			it.hasTraits = s.peek() == '{'
			it.traits = d.object(it, key, s)
		case "context":
			d.contextOf(e, it, s)
		default:
			s.skip()
		}
	}
}

var kinds = map[string]engine.EventKind{
	"track": engine.Track, "identify": engine.Identify, "page": engine.Page,
	"screen": engine.Screen, "group": engine.Group, "alias": engine.Alias,
}

// name is a scalar that names something.
func (it *item) name(key string, w word) string {
	switch w.shape {
	case shapeGarbled:
		it.refuse("bad_text", "%s is not valid Unicode", key)
	case shapeNested:
		it.refuse("bad_text", "%s is an object or a list", key)
	}
	return w.text
}

func (it *item) time(key string, w word) engine.Time {
	t, ok := instant(w)
	if !ok {
		it.refuse("bad_time", "%s is not a time such as 2026-10-06T09:30:00+09:00", key)
	}
	return t
}

// object reads an object's members as fields into the arena.
func (d *decoder) object(it *item, key string, s *scanner) region {
	from := len(d.fields)
	switch s.peek() {
	case '{':
		d.flatten(it, "", s)
	case 'n':
		s.skip()
	default:
		s.skip()
		it.refuse("bad_fields", "%s is not an object", key)
	}
	return region{from, len(d.fields)}
}

// flatten appends the fields of the object at hand; prefix is the path to it.
// The depth of an item is bounded before, so this recursion is too.
func (d *decoder) flatten(it *item, prefix string, s *scanner) {
	for ok := s.enter('{'); ok; ok = s.more('}') {
		name := prefix + s.key()
		if s.peek() == '{' {
			d.flatten(it, name+"_", s)
			continue
		}
		v, ok := s.value()
		if !ok {
			it.refuse("bad_number", "a number is greater than any that can be kept")
		}
		d.fields = append(d.fields, engine.Field{Name: name, Value: v})
	}
}

// settle gives the event the fields that its type calls for.
func (d *decoder) settle(e *engine.Event, it *item) {
	if e.Context == "" {
		e.Context = d.context
	}
	fields := it.properties
	switch e.Kind {
	case engine.Identify:
		fields = it.traits
		if !it.hasTraits {
			fields = d.inContext(it, e.Context, "traits")
		}
	case engine.Page, engine.Screen:
		fields = d.page(e, it)
	case engine.Group:
		fields = d.with(it.traits, "groupId", it.group)
	case engine.Alias:
		if it.previous == "" {
			it.refuse("no_previous", "an alias call needs previousId")
		}
		fields = d.with(it.properties, "previousId", it.previous)
	}
	if e.Kind != engine.Track {
		e.Name = ""
	}
	if fields.to > fields.from {
		e.Fields = d.fields[fields.from:fields.to:fields.to]
	}
}

// with gives the region and one more field, where there is one.
func (d *decoder) with(r region, name, text string) region {
	if text == "" {
		return r
	}
	from := len(d.fields)
	d.fields = append(d.fields, d.fields[r.from:r.to]...)
	d.fields = append(d.fields, engine.Field{Name: name, Value: engine.TextValue(text)})
	return region{from, len(d.fields)}
}

// time dates the event: see Call.
func (d *decoder) time(e *engine.Event, it *item) {
	e.At = it.own()
	if d.recorded {
		if e.At == 0 {
			it.refuse("no_time", "a recorded event needs a timestamp")
		}
		e.Received = e.At
		return
	}
	e.Received = d.call.Received
	switch skew := e.Received.Sub(it.sent); {
	case e.At == 0:
		e.At = e.Received
	case it.sent != 0 && (skew >= MinSkew || skew <= -MinSkew):
		e.At = e.At.Add(skew)
	}
}

// own is the time that the client gave, 0 for none.
func (it *item) own() engine.Time {
	if it.stamp != 0 {
		return it.stamp
	}
	return it.original
}

// missingID names an event whose client did not. It is a hash of all that the
// event says, so that a client which says when it happened may send it again;
// one that does not gets a new event each time, because nobody can tell whether
// it means the same.
func (d *decoder) missingID(raw string, index int, it *item) string {
	h := sha256.New()
	h.Write([]byte(raw))
	if it.own() == 0 {
		h.Write(strconv.AppendInt(nil, int64(d.call.Received), 10))
		h.Write(strconv.AppendInt([]byte{' '}, int64(index), 10))
	}
	return "auto-" + hex.EncodeToString(h.Sum(nil)[:16])
}

// contextOf reads the item's context; one that is not an object says nothing.
func (d *decoder) contextOf(e *engine.Event, it *item, s *scanner) {
	if s.peek() != '{' {
		s.skip()
		return
	}
	e.Context = valid(s.raw())
	if d.context != "" {
		e.Context = overlay(d.context, e.Context)
	}
}
