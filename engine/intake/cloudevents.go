package intake

import (
	"encoding/base64"
	"strings"

	"github.com/seed-456efde2/nurture/engine"
)

// cloudEvents reads CloudEvents 1.0 over HTTP: binary, where the attributes are
// headers and the body is the data; structured, where one JSON is all; and batches
// of the latter.
func (s *Source) cloudEvents(d *Delivery) (*Reading, error) {
	r := &Reading{}
	kind, _, _ := strings.Cut(strings.ToLower(d.header("content-type")), ";")
	kind = strings.TrimSpace(kind)
	if d.header("ce-specversion") != "" && !strings.HasPrefix(kind, "application/cloudevents") {
		if p := s.binary(r, d, kind); p != nil {
			return nil, p
		}
		return r, nil
	}
	tree, p := parseTree(d.Body)
	if p != nil {
		return nil, p
	}
	list, batch := tree.([]any)
	if !batch {
		list = []any{tree}
	}
	if len(list) > d.Limits.Items {
		return nil, problem("too_large", "the batch has more than %d items", d.Limits.Items)
	}
	for _, one := range list {
		s.cloudEvent(r, d, one)
	}
	return r, nil
}

// binary puts the headers and the body of one event into the one form.
func (s *Source) binary(r *Reading, d *Delivery, kind string) *engine.Problem {
	m := map[string]any{}
	for name, value := range d.Headers {
		if attr, ok := strings.CutPrefix(name, "ce-"); ok {
			m[attr] = unpercent(value)
		}
	}
	switch {
	case len(d.Body) == 0:
	case kind == "" || kind == "application/json" || strings.HasSuffix(kind, "+json"):
		tree, p := parseTree(d.Body)
		if p != nil {
			return p
		}
		m["data"], m["datacontenttype"] = tree, kind
	case strings.HasPrefix(kind, "text/"):
		m["data"], m["datacontenttype"] = valid(string(d.Body)), kind
	default:
		m["data_base64"], m["datacontenttype"] = base64.StdEncoding.EncodeToString(d.Body), kind
	}
	s.cloudEvent(r, d, m)
	return nil
}

// unpercent resolves the percent-encoding in which headers carry what is not ASCII.
func unpercent(text string) string {
	if !strings.Contains(text, "%") {
		return text
	}
	b := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		if text[i] == '%' && i+2 < len(text) {
			if n, ok := hex2(text[i+1 : i+3]); ok {
				b = append(b, n)
				i += 2
				continue
			}
		}
		b = append(b, text[i])
	}
	return valid(string(b))
}

func hex2(text string) (byte, bool) {
	n, ok := hex4("00" + text)
	return byte(n), ok
}

// cloudEvent reads one event in the structured form. Its id is unique within its
// source, so both name it.
func (s *Source) cloudEvent(r *Reading, d *Delivery, tree any) {
	m, ok := tree.(map[string]any)
	if !ok {
		r.refuse(tree, "", problem("bad_item", "an item of a batch is not an object"))
		return
	}
	text := func(name string) string { t, _ := m[name].(string); return t }
	id := text("source") + " " + text("id")
	switch {
	case text("specversion") != "1.0":
		r.refuse(tree, id, problem("bad_version", "specversion is not 1.0"))
		return
	case text("id") == "" || text("source") == "" || text("type") == "":
		r.refuse(tree, id, problem("bad_item", "a CloudEvent needs id, source and type"))
		return
	}
	if len(s.Maps) > 0 {
		before := len(r.Events)
		s.item(r, d, tree, []Path{{}}, itemID{})
		for i := before; i < len(r.Events); i++ {
			e := &r.Events[i]
			if _, mark, ok := strings.Cut(e.ID, "#"); ok && strings.HasPrefix(e.ID, "auto-") {
				e.ID = id + "#" + mark
			}
		}
		return
	}
	e := engine.Event{Kind: engine.Track, ID: id, Name: text("type"), Received: d.Received, At: d.Received}
	when, ok := timeIn(m["time"])
	if !ok {
		r.refuse(tree, id, problem("bad_time", "time is not a time such as 2026-10-06T09:30:00+09:00"))
		return
	}
	if when != 0 {
		e.At = when
	}
	s.fill(&e, m)
	raw := jsonOf(tree)
	p := check(&e)
	if len(raw) > d.Limits.Event {
		p = problem("too_large", "the event is larger than %d bytes", d.Limits.Event)
	}
	if p != nil {
		r.refuse(tree, id, p)
		return
	}
	r.Events = append(r.Events, e)
	r.raws = append(r.raws, raw)
}

// fill gives an event that no map describes its lead and its fields: the subject
// is the lead's userId, unless the data, or an extension, name one; the data's
// members are the fields.
func (s *Source) fill(e *engine.Event, m map[string]any) {
	data, _ := m["data"].(map[string]any)
	first := func(names ...string) string {
		for _, name := range names {
			if t := textIn(data[name]); t != "" {
				return t
			}
			if t := textIn(m[strings.ToLower(name)]); t != "" {
				return t
			}
		}
		return ""
	}
	e.User, e.Visitor = first("userId"), first("anonymousId")
	if e.User == "" && e.Visitor == "" {
		e.User = textIn(m["subject"])
	}
	e.Fields = fieldsOf(data, "", nil)
}
