package dsl

import (
	"strings"

	"github.com/seed-456efde2/nurture/engine"
)

// What an experiment does that says nothing: the schema tells it as Default.
const (
	defaultSends = 200
	defaultSure  = 0.95
)

// measures are the words for a channel's own events, with the time to react.
var measures = map[string]struct {
	event  string // behind the channel's kind and "_"
	within engine.Span
}{
	"click": {"clicked", 3 * engine.Day},
	"open":  {"opened", 3 * engine.Day},
	"reply": {"replied", 7 * engine.Day},
}

// defaultWithin is the time to react where another event is measured.
const defaultWithin = 7 * engine.Day

// experiment compiles an experiment of a step's message.
func (f *flow) experiment(step, n *node) *engine.ExperimentSpec {
	s := &engine.ExperimentSpec{
		Name: f.node.label + "/" + step.label + "/" + n.label, Label: n.label,
		MinEach: defaultSends, Sure: defaultSure, Auto: n.text("apply") == "auto",
	}
	s.Measure, s.Within = f.measured(step, n)
	if n.has("within") {
		s.Within = n.span("within")
	}
	if a := n.get("decide"); a != nil {
		s.MinEach, s.Sure = int(a.num), a.from
	}
	if a := n.get("guard"); a != nil {
		for i, g := range a.guards {
			if f.b.eventNamed(a, g.Event, a.texts[i]) {
				s.Guards = append(s.Guards, g)
			}
		}
	}
	f.armsForm(n)
	for _, v := range n.all("variant") {
		s.Variants = append(s.Variants, engine.VariantSpec{Name: v.label, Tags: v.listOf("tags"), Content: f.message(step, v)})
	}
	for _, k := range n.all("slot") {
		slot := engine.SlotSpec{Name: k.label}
		if a := k.get("at"); a != nil {
			slot.At = a.occurs
		}
		s.Slots = append(s.Slots, slot)
	}
	f.armsDiffer(n, s)
	if w := step.attrs["send"]; w != nil && len(s.Slots) > 0 {
		f.b.r.add(codeExcludes, w.src.NameRange, step.trail(), "send", "slot", Doc{
			"The slots say when the message goes.", "送る時刻は slot で決まります。",
		}).also(n.one("slot").place())
	}
	return s
}

// listOf is a sound list of texts, or nil.
func (n *node) listOf(name string) []string {
	a := n.get(name)
	if a == nil {
		return nil
	}
	var out []string
	for _, t := range a.texts {
		out = append(out, t.text)
	}
	return out
}

// measured is the event that is a success: "click" is the channel's own, anything
// else names one.
func (f *flow) measured(step, n *node) (event string, within engine.Span) {
	a := n.get("measure")
	if a == nil {
		return "", defaultWithin
	}
	event, within = strings.TrimPrefix(a.text, "event."), defaultWithin
	if m, ok := measures[a.text]; ok {
		event, within = step.spec.Name+"_"+m.event, m.within
	}
	if f.b.scope.Events[event] == nil && closest(a.text, names(measures)) != "" {
		f.b.r.add(codeBadChoice, a.place(), a.in(), a.text, strings.Join(names(measures), ", ")+", event.…").
			suggest(quoted(closest(a.text, names(measures))))
		return event, within
	}
	f.b.eventNamed(a, event, listed{a.text, a.place()})
	return event, within
}

// eventNamed sees that there is an event that a phrase names.
func (b *builder) eventNamed(a *attribute, event string, in listed) bool {
	if b.scope.Events[event] != nil {
		return true
	}
	known := names(b.scope.Events)
	d := b.r.add(codeUnknownRef, in.place, a.in(), "event", event, hintList(known))
	if near := closest(event, known); near != "" {
		d.suggest(quoted(strings.Replace(in.text, event, near, 1)))
	}
	return false
}

// armsForm sees that an experiment has two arms or more, of one kind.
func (f *flow) armsForm(n *node) {
	b := f.b
	variants, slots := n.all("variant"), n.all("slot")
	switch {
	case len(variants) > 0 && len(slots) > 0:
		b.r.add(codeExcludes, slots[0].place(), n.trail(), "slot", "variant", Doc{
			"One experiment tries forms or times, so that what it finds has one cause.", "案か時刻のどちらかだけを試します。原因がひとつに決まるようにするためです。",
		}).also(variants[0].place())
	case len(slots) == 1:
		b.r.add(codeMissingBlock, n.place(), n.trail(), n.title(), "2 × slot", n.spec.block("slot").Example)
	case len(variants) < 2 && len(slots) == 0:
		b.r.add(codeMissingBlock, n.place(), n.trail(), n.title(), "2 × variant", n.spec.Example)
	}
}

// armsDiffer finds arms between which there is nothing to choose.
func (f *flow) armsDiffer(n *node, s *engine.ExperimentSpec) {
	seen := map[string]*node{}
	same := func(k *node, what string) {
		if first := seen[what]; first != nil {
			f.b.r.add(codeSameArm, k.place(), k.parent.trail(), first.title(), k.title()).also(first.place())
			return
		}
		seen[what] = k
	}
	for i, k := range n.all("variant") {
		if c := s.Variants[i].Content; c != nil {
			same(k, c.Meaning())
		}
	}
	for i, k := range n.all("slot") {
		if at := s.Slots[i].At; at != nil {
			same(k, at.String())
		}
	}
}
