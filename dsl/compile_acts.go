package dsl

import (
	"slices"

	"github.com/seed-456efde2/nurture/engine"
)

// set compiles what a step writes into the lead's attributes.
func (f *flow) set(n *node) *engine.SetSpec {
	b := f.b
	s := &engine.SetSpec{}
	for _, a := range n.inOrder() {
		name := a.spec.Name
		field := b.scope.Attributes[name]
		if field == nil {
			known := names(b.scope.Attributes)
			b.r.add(codeUnknownRef, a.src.NameRange, n.trail(), Doc{"attribute", "属性"}, name, hintList(known)).
				suggest(closest(name, known))
			continue
		}
		if name == b.spec.KeyAttr {
			b.r.add(codeSetKey, a.src.NameRange, n.trail(), name)
			continue
		}
		if v := b.assigned(a, field); v != nil {
			s.Values = append(s.Values, engine.Assign{Name: name, Value: v})
		}
	}
	if len(n.attrs) == 0 {
		b.r.add(codeEmpty, n.place(), n.parent.trail(), n.title(), `"…"`)
	}
	return s
}

// inOrder are the attributes as they are read.
func (n *node) inOrder() []*attribute {
	var out []*attribute
	for _, a := range n.attrs {
		out = append(out, a)
	}
	slices.SortFunc(out, func(a, b *attribute) int { return a.src.NameRange.Start.Byte - b.src.NameRange.Start.Byte })
	return out
}

// emit compiles the event that a step brings.
func (f *flow) emit(n *node) *engine.EmitSpec {
	b := f.b
	s := &engine.EmitSpec{Event: n.ref("event")}
	info := b.scope.Events[s.Event]
	if info == nil || !b.ownEvent(n.attrs["event"], s.Event) {
		return s
	}
	for _, a := range n.inOrder() {
		name := a.spec.Name
		if name == "event" {
			continue
		}
		field := info.Fields[name]
		if field == nil {
			known := names(info.Fields)
			b.r.add(codeUnknownAttr, a.src.NameRange, n.trail(), "event."+s.Event, name, hintList(known)).suggest(closest(name, known))
			continue
		}
		if v := b.assigned(a, field); v != nil {
			s.Fields = append(s.Fields, engine.Assign{Name: name, Value: v})
		}
	}
	for _, name := range names(info.Fields) {
		if field := info.Fields[name]; field.Required && !n.has(name) {
			b.r.add(codeTestRequired, n.place(), n.trail(), name, kindExample(field)).also(field.Where)
		}
	}
	f.feedsItself(n, s.Event)
	return s
}

// ownEvent sees that an event may be brought by the workspace: it is declared
// here, is no moment, and belongs to no channel and not to the engine.
func (b *builder) ownEvent(a *attribute, name string) bool {
	if root := b.rootEvent(name); root != name {
		b.r.add(codeTestMoment, a.place(), a.in(), name, root).also(b.scope.Events[name].Where)
		return false
	}
	if b.scope.Events[name].BuiltIn && !clientEvents[name] {
		b.r.add(codeNotYours, a.place(), a.in(), name)
		return false
	}
	return true
}

// feedsItself finds a workflow that brings the very event that lets everybody in
// again at once.
func (f *flow) feedsItself(n *node, event string) {
	on := f.spec.Enter.On
	if on == "" || f.b.rootEvent(on) != event || f.spec.ReEnter == nil || f.spec.ReEnter.After > 0 {
		return
	}
	a := n.attrs["event"]
	f.b.r.add(codeSelfFeeding, a.place(), a.in(), f.node.title(), "event."+event).also(f.node.one("enter").place())
}

// goTo compiles a jump. That a way back passes a wait is seen when all steps are
// connected.
func (f *flow) goTo(n *node, next int) *engine.GotoSpec {
	s := &engine.GotoSpec{To: next, AtMost: max(1, int(n.number("at_most")))}
	a := n.get("step")
	if a == nil {
		return s
	}
	var known []string
	for i, k := range f.nodes {
		if k.label == a.refs[0].Name {
			s.To = i
			return s
		}
		known = append(known, k.label)
	}
	f.b.r.add(codeUnknownRef, a.place(), a.in(), Doc{"step", "ステップ"}, a.refs[0].Name, hintList(known)).
		suggest(prefixed("step.", closest(a.refs[0].Name, known)))
	return s
}

// assigned compiles what is written for an attribute or a field, by its kind.
func (b *builder) assigned(a *attribute, f *fieldInfo) engine.Val {
	if !a.ok {
		return nil
	}
	if len(a.lits) == 0 {
		v, ok := b.fits(f, a, codeBadDefault)
		if !ok {
			return nil
		}
		return &constantVal{value: v, source: describe(v), place: placeOf(a.place())}
	}
	val, found := b.assignedText(a.lits[0], f)
	b.r.take(found, a.place(), a.in())
	if c, ok := val.(*constantVal); ok && f.Choices != nil && !slices.Contains(f.Choices, c.value.Text()) {
		a.value = c.value
		b.fits(f, a, codeBadDefault)
		return nil
	}
	return val
}

// assignedText compiles what stands in quotes: a text for a text, an expression
// for everything else. A date in quotes is a date.
func (b *builder) assignedText(lit Literal, f *fieldInfo) (engine.Val, []problem) {
	sc := b.scope.with(readsMessage, nil)
	switch f.Kind {
	case engine.Number:
		return compileVal(lit, sc, (*checker).wantNumber)
	case engine.Flag:
		return compileVal(lit, sc, (*checker).wantQuestion)
	case engine.Instant:
		if c, ok := parseCivil(lit.Value); ok {
			v := engine.TimeValue(engine.TimeOf(c.in(b.scope.Zone)))
			return &constantVal{value: v, source: lit.Value, place: placeOf(lit.Range)}, nil
		}
		return compileVal(lit, sc, (*checker).wantTime)
	}
	return compileTextVal(lit, f.Choices, sc)
}
