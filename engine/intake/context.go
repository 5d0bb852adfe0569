package intake

import (
	"slices"
	"strings"

	"github.com/seed-456efde2/nurture/engine"
)

// overlay is the batch's context with the item's members over it.
func overlay(batch, item string) string {
	var own []string
	s := scanner{src: item}
	for ok := s.enter('{'); ok; ok = s.more('}') {
		own = append(own, s.key())
		s.skip()
	}
	var b strings.Builder
	b.WriteByte('{')
	s = scanner{src: batch}
	for ok := s.enter('{'); ok; ok = s.more('}') {
		s.peek()
		start := s.pos
		key := s.key()
		s.skip()
		if !slices.Contains(own, key) {
			b.WriteString(s.src[start:s.pos])
			b.WriteByte(',')
		}
	}
	rest := strings.TrimSpace(item[1:])
	if rest == "}" {
		return strings.TrimSuffix(b.String(), ",") + "}"
	}
	return b.String() + rest
}

// inContext reads the fields of one object of the context.
func (d *decoder) inContext(it *item, context, name string) region {
	if context == "" {
		return region{}
	}
	s := scanner{src: context}
	for ok := s.enter('{'); ok; ok = s.more('}') {
		if s.key() == name && s.peek() == '{' {
			return d.object(it, name, &s)
		}
		s.skip()
	}
	return region{}
}

// pageParts are the members of context.page that a page call carries.
var pageParts = []string{"path", "url", "title", "referrer"}

// page gives a page or screen call its fields: from the context where the
// properties lack them, then the properties, then its name and category.
func (d *decoder) page(e *engine.Event, it *item) region {
	r := it.properties
	if e.Kind == engine.Page && !d.complete(r) {
		r = d.fromPage(it, e.Context)
	}
	if _, known := engine.Lookup(d.fields[r.from:r.to], "category"); !known {
		r = d.with(r, "category", it.category)
	}
	if name, _ := engine.Lookup(d.fields[r.from:r.to], "name"); name.Text() == it.title {
		return r
	}
	return d.with(r, "name", it.title)
}

// complete reports whether all parts of a page are among the fields.
func (d *decoder) complete(r region) bool {
	for _, part := range pageParts {
		if _, ok := engine.Lookup(d.fields[r.from:r.to], part); !ok {
			return false
		}
	}
	return true
}

// fromPage puts what context.page knows before the properties, which override it.
func (d *decoder) fromPage(it *item, context string) region {
	page := d.inContext(it, context, "page")
	if page.from == page.to {
		return it.properties
	}
	from := len(d.fields)
	for _, f := range d.fields[page.from:page.to] {
		known := d.fields[it.properties.from:it.properties.to]
		if _, given := engine.Lookup(known, f.Name); !given && slices.Contains(pageParts, f.Name) {
			d.fields = append(d.fields, f)
		}
	}
	d.fields = append(d.fields, d.fields[it.properties.from:it.properties.to]...)
	return region{from, len(d.fields)}
}
