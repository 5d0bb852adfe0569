package intake

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/seed-456efde2/nurture/engine"
)

// Map makes events of a source's messages. Every map whose conditions hold takes
// a message, so that a form that was sent can tell who somebody is and what they
// did.
type Map struct {
	Each Path          // the list of which each element is a message; zero: the whole body is one
	When []engine.Cond // of payload.*; all must hold

	Event   string // wire name of the event; "" where the map tells traits only
	User    Path
	Visitor Path
	Email   Path
	Time    Path
	ID      Path

	EmailName string     // wire name of the lead's key attribute, where Email is set
	Fields    []MapField // of the event
	Traits    []MapField // of the lead: an identify of its own
	Line      int        // where it stands, to be told
}

// MapField is one field: from a path, or the same for every message.
type MapField struct {
	Name  string // on the wire
	From  Path
	Const engine.Value
	Spec  *engine.AttrSpec // what it must fit
}

// Headers are the names of the headers that a source's maps read, in lower case:
// they are kept with what could not be taken.
func (s *Source) Headers() []string {
	var out []string
	add := func(p Path) {
		if p.header != "" {
			out = append(out, p.header)
		}
	}
	for i := range s.Maps {
		m := &s.Maps[i]
		for _, p := range [...]Path{m.User, m.Visitor, m.Email, m.Time, m.ID} {
			add(p)
		}
		for _, f := range m.Fields {
			add(f.From)
		}
		for _, f := range m.Traits {
			add(f.From)
		}
	}
	if s.Kind == Webhook {
		out = append(out, headerWebhookID)
	}
	return out
}

// take lets the maps have a body.
func (s *Source) take(r *Reading, d *Delivery, tree any) {
	groups := []Path{}
	seen := map[string]bool{}
	for i := range s.Maps {
		if each := s.Maps[i].Each; !seen[each.text] {
			seen[each.text] = true
			groups = append(groups, each)
		}
	}
	if d.Already { // one item, whichever list it was of
		s.item(r, d, tree, groups, itemID{alone: true})
		return
	}
	found := false
	for _, each := range groups {
		if each.IsZero() {
			continue
		}
		list, ok := each.in(tree, d).([]any)
		if !ok {
			continue
		}
		found = true
		for i, one := range list {
			if len(r.Events)+len(r.Refused) >= d.Limits.Items {
				r.refuse(one, "", problem("too_large", "the body has more than %d items", d.Limits.Items))
				return
			}
			s.item(r, d, one, []Path{each}, itemID{place: i + 1})
		}
	}
	if seen[""] || !found {
		s.item(r, d, tree, []Path{{}}, itemID{})
	}
}

// itemID says where an item lay: the place in its list, from 1.
type itemID struct {
	place int
	alone bool
}

// refuse keeps an item that is no event.
func (r *Reading) refuse(tree any, id string, p *engine.Problem) {
	index := len(r.Events) + len(r.Refused)
	r.Refused = append(r.Refused, Refused{Index: index, ID: id, Problem: p, Raw: jsonOf(tree)})
}

// item lets the maps of some lists have one message.
func (s *Source) item(r *Reading, d *Delivery, tree any, groups []Path, at itemID) {
	raw := jsonOf(tree)
	if len(raw) > d.Limits.Event && !d.Already {
		r.refuse(tree, "", problem("too_large", "the event is larger than %d bytes", d.Limits.Event))
		return
	}
	vars := engine.Vars{Facts: map[string]any{}}
	var events []engine.Event
	taken := false
	for i := range s.Maps {
		m := &s.Maps[i]
		if !among(m.Each, groups) || !m.holds(tree, d, &vars) {
			continue
		}
		taken = true
		made, p := m.events(tree, d, raw, i, at)
		if p != nil {
			r.refuse(tree, "", p)
			return
		}
		events = append(events, made...)
	}
	switch {
	case taken:
		for i := range events {
			r.Events = append(r.Events, events[i])
			r.raws = append(r.raws, raw)
		}
	case s.Drop:
		r.Dropped++
	default:
		r.refuse(tree, "", problem("no_map", "no map of source %q takes this message", s.Name))
	}
}

func among(p Path, list []Path) bool {
	for _, one := range list {
		if one.text == p.text {
			return true
		}
	}
	return false
}

// PayloadPrefix begins the name of a KeyEvent that reads a message.
const PayloadPrefix = "payload."

// The kinds in which a condition may ask for a value: the Arg of its key. Without
// one it is read as a text.
const (
	AsNumber = "number"
	AsFlag   = "flag"
)

// holds asks the map's conditions.
func (m *Map) holds(tree any, d *Delivery, vars *engine.Vars) bool {
	for _, c := range m.When {
		for _, k := range c.Reads() {
			name, ok := strings.CutPrefix(k.Name, PayloadPrefix)
			if k.Kind != engine.KeyEvent || !ok {
				continue
			}
			p, _ := ParsePath(name)
			vars.Facts[k.String()] = asked(p.in(tree, d), k.Arg)
		}
		if yes, err := c.Holds(vars); err != nil || !yes {
			return false
		}
	}
	return true
}

// asked is a value in the kind that a condition asks for; nil where it is none.
func asked(v any, kind string) any {
	switch kind {
	case AsNumber:
		if n, ok := v.(float64); ok {
			return n
		}
		if n, err := strconv.ParseFloat(textIn(v), 64); err == nil && n-n == 0 {
			return n
		}
		return nil
	case AsFlag:
		switch strings.ToLower(textIn(v)) {
		case "true", "yes", "1":
			return true
		case "false", "no", "0":
			return false
		}
		return nil
	}
	switch v.(type) {
	case nil:
		return nil
	case map[string]any, []any:
		return jsonOf(v)
	}
	return textIn(v)
}

// events makes a map's events of one message.
func (m *Map) events(tree any, d *Delivery, raw string, number int, at itemID) ([]engine.Event, *engine.Problem) {
	base := engine.Event{
		User: textIn(m.User.in(tree, d)), Visitor: textIn(m.Visitor.in(tree, d)), Received: d.Received, At: d.Received,
	}
	when, ok := timeIn(m.Time.value(tree, d))
	if !ok {
		return nil, problem("bad_time", "what stands at %s is no time such as 2026-10-06T09:30:00+09:00", m.Time)
	}
	if when != 0 {
		base.At = when
	}
	email := textIn(m.Email.value(tree, d))
	if base.User == "" && base.Visitor == "" && email == "" {
		return nil, problem("no_identity", "nothing at user_id, anonymous_id or email says whom the message is about")
	}
	base.ID = m.id(tree, d, raw, at)
	var out []engine.Event
	add := func(kind engine.EventKind, mark string, fields []MapField) *engine.Problem {
		e := base
		e.Kind, e.ID = kind, base.ID+"#"+strconv.Itoa(number)+mark
		if kind == engine.Track {
			e.Name = m.Event
		}
		if email != "" {
			e.Fields = append(e.Fields, engine.Field{Name: m.EmailName, Value: engine.TextValue(email)})
		}
		for i := range fields {
			v, p := fields[i].value(tree, d)
			if p != nil {
				return p
			}
			if !v.IsNone() {
				e.Fields = append(e.Fields, engine.Field{Name: fields[i].Name, Value: v})
			}
		}
		if e.User != "" || e.Visitor != "" {
			if p := check(&e); p != nil {
				return p
			}
		}
		out = append(out, e)
		return nil
	}
	if len(m.Traits) > 0 || m.Event == "" || email != "" { // an address is an attribute, too
		if p := add(engine.Identify, "i", m.Traits); p != nil {
			return nil, p
		}
	}
	if m.Event != "" {
		if p := add(engine.Track, "", m.Fields); p != nil {
			return nil, p
		}
	}
	return out, nil
}

// value is what stands at a path, nil for no path.
func (p Path) value(tree any, d *Delivery) any {
	if p.IsZero() {
		return nil
	}
	return p.in(tree, d)
}

// value is a field's value, in the kind that was declared.
func (f *MapField) value(tree any, d *Delivery) (engine.Value, *engine.Problem) {
	if f.From.IsZero() {
		return f.Const, nil
	}
	v := valueOf(f.From.in(tree, d))
	if f.Spec == nil || v.IsNone() || f.Spec.Kind == engine.Text && v.Kind() == engine.JSON {
		return v, nil
	}
	c, ok := f.Spec.Convert(v)
	if !ok {
		return v, problem("bad_value", "what stands at %s does not fit %s: %s is wanted", f.From, f.Spec.Name, wanted(f.Spec))
	}
	return c, nil
}

func wanted(s *engine.AttrSpec) string {
	if len(s.Choices) > 0 {
		return "one of " + strings.Join(s.Choices, ", ")
	}
	return "a " + s.Kind.String()
}

// id names a message: what the map points at, else the id that the standard form
// of webhooks brings, else a hash of all that it says.
func (m *Map) id(tree any, d *Delivery, raw string, at itemID) string {
	if id := textIn(m.ID.value(tree, d)); id != "" {
		return id
	}
	if id := d.header(headerWebhookID); id != "" {
		if at.place > 0 {
			return id + "/" + strconv.Itoa(at.place)
		}
		return id
	}
	return "auto-" + hashOf(raw)
}

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}
