package dsl

import (
	"slices"
	"strings"

	"github.com/seed-456efde2/nurture/engine"
)

// show compiles a step that holds the lead while a slot of the site shows something.
func (f *flow) show(n *node, next int) (*engine.WaitSpec, *engine.ShowSpec) {
	w := &engine.WaitSpec{Recompute: n.text("on_change") == "recompute", Otherwise: next}
	if a := n.get("until"); a != nil {
		for _, r := range a.refs {
			w.On = append(w.On, r.Name)
		}
		w.When = f.b.conds(n.get("when"), f.b.scope.with(readsFlow, f.b.anyOf(w.On)))
		if !n.has("at_most") {
			f.b.r.add(codeEndless, a.place(), a.in(), "event."+a.refs[0].Name)
		}
	}
	f.b.pair(n, "when", "until")
	if a := n.get("at_most"); a != nil {
		if len(w.On) > 0 {
			w.AtMost = a.length
		} else {
			w.For = a.length
		}
	}
	if !n.has("until") && !n.has("at_most") {
		f.b.r.add(codeMissingAttr, n.place(), n.trail(), "show", "at_most", `"14d"`)
	}
	s := &engine.ShowSpec{Slot: n.text("slot")}
	if a := n.get("slot"); a != nil && !validName(a.text) {
		f.b.r.add(codeBadName, a.place(), a.in(), a.text).suggest(asName(a.text))
	}
	if a := n.get("template"); a != nil {
		s.Content = f.b.shown(n, a)
	}
	return w, s
}

// shown compiles what a step shows, and sees that it shows nobody what is not to be
// seen.
func (b *builder) shown(n *node, template *attribute) engine.Content {
	file, ok := b.template(template)
	if !ok {
		return nil
	}
	content, found := compileShown(file, b.scope.with(readsMessage, nil))
	b.r.take(found, template.place(), template.in())
	if content == nil {
		return nil
	}
	b.ask(content.Reads())
	revealed := b.revealed(n)
	for _, k := range content.Reads() {
		if help, hidden := b.hides(k, revealed); hidden {
			b.r.add(codeReveals, template.place(), template.in(), k.Written(), help)
		}
	}
	return content
}

// revealed are the attributes that a step may show.
func (b *builder) revealed(n *node) []string {
	a := n.get("reveals")
	if a == nil {
		return nil
	}
	var list []string
	for _, t := range a.texts {
		if b.scope.Attributes[t.text] == nil {
			known := names(b.scope.Attributes)
			b.r.add(codeBadChoice, t.place, a.in(), t.text, strings.Join(known, ", ")).suggest(quoted(closest(t.text, known)))
			continue
		}
		list = append(list, t.text)
	}
	return list
}

// hides reports a fact that must not stand in a text of the site. A visitor's id is
// no proof of who somebody is: it stands in a browser that others use too, and in
// the memory of whatever else runs on the page. So a text of the site may only tell
// what the author has said may be known.
func (b *builder) hides(k engine.Key, revealed []string) (help Doc, hidden bool) {
	switch k.Kind {
	case engine.KeySegment, engine.KeyNow, engine.KeyWeekday, engine.KeyHour, engine.KeyBusinessDay, engine.KeyTouch:
		return Doc{}, false
	case engine.KeyLead:
		attr := b.scope.Attributes[k.Name]
		if attr == nil || attr.Kind == engine.Flag || len(attr.Choices) > 0 || slices.Contains(revealed, k.Name) {
			return Doc{}, false
		}
		return Doc{
			"If everybody who uses the visitor's browser may read it, write reveals = [\"" + k.Name + "\"]. Else take it out of the text.",
			"訪問者のブラウザーを使う誰が読んでもよいなら reveals = [\"" + k.Name + "\"] と書いてください。そうでなければ文面から外してください。",
		}, true
	}
	return Doc{
		"Let a segment ask for it, and write {{ if segment.… }} in the text.",
		"セグメントの条件にして、文面には {{ if segment.… }} と書いてください。",
	}, true
}
