package dsl

import (
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/seed-456efde2/nurture/engine"
)

// payload is the content of a step or a hand-over that gives its channel named
// parts: texts, plain values, facts, and objects of them as JSON.
type payload struct {
	parts []payloadPart
	reads []engine.Key
	place engine.Place
	sc    *Scope
}

// payloadPart is a compiled part.
type payloadPart struct {
	name    string
	text    *textTemplate
	fact    *engine.Key
	value   engine.Value
	members []payloadPart
	object  bool
}

// compilePayload compiles the parts of a webhook, a CRM step or a hand-over.
func compilePayload(parts []part, sc *Scope) (engine.Content, []problem) {
	reads := map[engine.Key]bool{}
	compiled, problems := compileParts(parts, sc, reads)
	if fatal(problems) {
		return nil, problems
	}
	p := &payload{parts: compiled, reads: sortedKeys(reads), sc: sc}
	if len(parts) > 0 {
		p.place = placeOf(parts[0].Place)
	}
	return p, problems
}

func compileParts(parts []part, sc *Scope, reads map[engine.Key]bool) ([]payloadPart, []problem) {
	var out []payloadPart
	var problems []problem
	for _, p := range parts {
		c := payloadPart{name: p.Name, value: p.Const}
		switch {
		case p.Lit != nil:
			t, found := compileText(*p.Lit, sc)
			problems = append(problems, found...)
			maps.Copy(reads, t.reads)
			c.text = &t
		case p.Fact != nil:
			reads[*p.Fact] = true
			c.fact = p.Fact
		case p.Members != nil:
			members, found := compileParts(p.Members, sc, reads)
			problems = append(problems, found...)
			c.members, c.object = members, true
		}
		out = append(out, c)
	}
	return out, problems
}

// Reads implements engine.Expr.
func (p *payload) Reads() []engine.Key { return p.reads }

// Place implements engine.Expr.
func (p *payload) Place() engine.Place { return p.place }

// Source implements engine.Expr: the names of the parts.
func (p *payload) Source() string {
	var names []string
	for i := range p.parts {
		names = append(names, p.parts[i].name)
	}
	return strings.Join(names, ", ")
}

// Meaning implements engine.Expr.
func (p *payload) Meaning() string {
	var b strings.Builder
	partsMeaning(&b, p.parts)
	return b.String()
}

func partsMeaning(b *strings.Builder, parts []payloadPart) {
	b.WriteString("{")
	for i := range parts {
		p := &parts[i]
		b.WriteString(strconv.Quote(p.name) + ": ")
		switch {
		case p.text != nil:
			b.WriteString(strconv.Quote(p.text.Meaning()))
		case p.fact != nil:
			b.WriteString(p.fact.String())
		case p.object:
			partsMeaning(b, p.members)
		default:
			b.WriteString(p.value.Kind().String() + " " + p.value.String())
		}
		b.WriteString(";")
	}
	b.WriteString("}")
}

// Render implements engine.Content.
func (p *payload) Render(v *engine.Vars) ([]engine.Field, error) {
	fields := make([]engine.Field, 0, len(p.parts))
	for i := range p.parts {
		value, err := p.parts[i].render(v)
		if err != nil {
			return nil, fmt.Errorf("render %s: %w", p.parts[i].name, err)
		}
		fields = append(fields, engine.Field{Name: p.parts[i].name, Value: value})
	}
	return fields, nil
}

// headerParts are parts that a channel may put into a header line.
var headerParts = map[string]bool{"subject": true, "title": true, "to": true, "from": true, "reply_to": true}

func (p *payloadPart) render(v *engine.Vars) (engine.Value, error) {
	switch {
	case p.text != nil:
		text, err := p.text.render(v)
		if headerParts[p.name] {
			text = oneLine(text)
		}
		return engine.TextValue(text), err
	case p.fact != nil:
		return factPart(p.fact, v), nil
	case p.object:
		b, err := p.appendObject(nil, v)
		if err == nil && len(b) > maxOutput {
			err = errTooLong
		}
		return engine.JSONValue(string(b)), err
	}
	return p.value, nil
}

// factPart is a fact handed over as it is. Reasons are JSON already.
func factPart(k *engine.Key, v *engine.Vars) engine.Value {
	switch fact := v.Facts[k.String()].(type) {
	case string:
		if k.Kind == engine.KeyReasons && json.Valid([]byte(fact)) {
			return engine.JSONValue(fact)
		}
		return engine.TextValue(fact)
	case float64:
		return engine.NumberValue(fact)
	case bool:
		return engine.FlagValue(fact)
	case time.Time:
		return engine.TimeValue(engine.TimeOf(fact))
	}
	return engine.Value{}
}

func (p *payloadPart) appendObject(b []byte, v *engine.Vars) ([]byte, error) {
	b = append(b, '{')
	for i := range p.members {
		m := &p.members[i]
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendJSONText(b, m.name), ':')
		if len(b) > maxOutput {
			return b, errTooLong
		}
		if m.object {
			var err error
			if b, err = m.appendObject(b, v); err != nil {
				return b, err
			}
			continue
		}
		value, err := m.render(v)
		if err != nil {
			return b, fmt.Errorf("%s: %w", m.name, err)
		}
		b = appendJSON(b, value)
	}
	return append(b, '}'), nil
}

func appendJSON(b []byte, v engine.Value) []byte {
	switch v.Kind() {
	case engine.None:
		return append(b, "null"...)
	case engine.Number:
		return strconv.AppendFloat(b, v.Number(), 'f', -1, 64)
	case engine.Flag:
		return strconv.AppendBool(b, v.Flag())
	case engine.JSON:
		return append(b, v.Text()...)
	}
	return appendJSONText(b, v.String())
}

// appendJSONText writes a JSON string. Marshal escapes what would end a script
// element, too, so that the payload is safe inside a page.
func appendJSONText(b []byte, s string) []byte {
	quoted, err := json.Marshal(s)
	if err != nil { // a string always has a JSON form
		return append(b, `""`...)
	}
	return append(b, quoted...)
}
