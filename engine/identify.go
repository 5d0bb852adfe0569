package engine

import (
	"slices"
	"strings"
)

// A lead may have several names of its own: the client's userId, the key attribute,
// and every attribute that is declared to identify (a telephone number, the id of
// another system). All attributes that identify are treated alike: what a lead was
// seen with points to it in the identity table, and whoever is seen with the same
// later is the same lead. Values are compared in their form (AttrSpec.Form).

// nameSeparator stands between the attribute and the value of a ByAttribute
// identifier; no attribute's name has it.
const nameSeparator = "\x1f"

// Form is how a text is written so that equal things are equal: see package normal.
type Form interface {
	// Name is part of what a revision means.
	Name() string
	// Normal gives the form; ok is false for what has none: it is kept as it is, and
	// identifies nobody.
	Normal(text string) (s string, ok bool)
}

// inForm brings a text to its form, and leaves what has none.
func (a *AttrSpec) inForm(text string) string {
	if a.Form == nil {
		return text
	}
	if s, ok := a.Form.Normal(text); ok {
		return s
	}
	return text
}

// AttributeName is the identifier that a value of an attribute is, in its form; ok
// is false where the attribute does not identify leads, or the value nobody.
func (p *Program) AttributeName(attribute string, v Value) (i Identifier, ok bool) {
	at, declared := p.attrs[attribute]
	if !declared || !p.identifies(at) {
		return i, false
	}
	spec := &p.spec.Attrs[at]
	if v, ok = convert(v, spec); !ok || v.Text() == "" {
		return i, false
	}
	if spec.Form != nil {
		if _, ok = spec.Form.Normal(v.Text()); !ok {
			return i, false
		}
	}
	if spec.Name == p.spec.KeyAttr {
		return Identifier{ByKey, v.Text()}, true
	}
	return Identifier{ByAttribute, spec.Name + nameSeparator + v.Text()}, true
}

func (p *Program) identifies(at int) bool { return slices.Contains(p.identifiers, at) }

// planIdentifiers lists the attributes that identify leads, the key first.
func (p *Program) planIdentifiers() {
	for i := range p.spec.Attrs {
		a := &p.spec.Attrs[i]
		switch {
		case a.Name == p.spec.KeyAttr:
			p.identifiers = slices.Insert(p.identifiers, 0, i)
		case a.Identifier && a.Kind == Text:
			p.identifiers = append(p.identifiers, i)
		}
	}
}

// Attribute splits a ByAttribute identifier into the attribute and its value.
func (i Identifier) Attribute() (name, value string) {
	name, value, _ = strings.Cut(i.Value, nameSeparator)
	return name, value
}

// NamesFor are the identifiers of which a text that a person has typed may be one, the
// strongest first.
func (p *Program) NamesFor(text string) []Identifier {
	names := []Identifier{{ByUser, text}}
	for _, at := range p.identifiers {
		if i, ok := p.AttributeName(p.spec.Attrs[at].Name, TextValue(text)); ok {
			names = append(names, i)
		}
	}
	return append(names, Identifier{ByVisitor, text})
}

// NamesOf are the identifiers that stand in a lead's row.
func (p *Program) NamesOf(l *Lead) []Identifier {
	var names []Identifier
	if l.User != "" {
		names = append(names, Identifier{ByUser, l.User})
	}
	if l.Visitor != "" {
		names = append(names, Identifier{ByVisitor, l.Visitor})
	}
	for _, at := range p.identifiers {
		name := p.spec.Attrs[at].Name
		if i, ok := p.AttributeName(name, attr(&l.Folds, name)); ok {
			names = append(names, i)
		}
	}
	return names
}

// NamesIn are the identifiers that a fact carries.
func (p *Program) NamesIn(e *Event) []Identifier {
	var names []Identifier
	if e.Kind == Ask || e.Kind == Tell { // an entity's name
		return nil
	}
	if e.User != "" {
		names = append(names, Identifier{ByUser, e.User})
	}
	if e.Visitor != "" {
		names = append(names, Identifier{ByVisitor, e.Visitor})
	}
	switch e.Kind {
	case Merge:
		if i, ok := identifierOf(e); ok {
			names = append(names, i)
		}
	case Alias:
		if previous, _ := Lookup(e.Fields, "previousId"); previous.Text() != "" {
			names = append(names, Identifier{ByVisitor, previous.Text()})
		}
	case Identify, Group:
		for _, at := range p.identifiers {
			if v, given := p.traitIn(e, at, Fold); given {
				if i, ok := p.AttributeName(p.spec.Attrs[at].Name, v); ok {
					names = append(names, i)
				}
			}
		}
	}
	return names
}

// traitIn is the value that an event gives to an attribute; of several the last.
func (p *Program) traitIn(e *Event, at int, fold func(string) string) (Value, bool) {
	spec := &p.spec.Attrs[at]
	for i := len(e.Fields) - 1; i >= 0; i-- {
		wire := e.Fields[i].Name
		if wire == spec.Name || wire == spec.Wire && spec.Wire != "" || spec.Wire == "" && fold(wire) == spec.Name {
			return e.Fields[i].Value, true
		}
	}
	return Value{}, false
}

// claimNames asks for every identifier that an event gives the lead, and that it
// has not been known by.
func (f *Frame) claimNames(e *Event) {
	for _, at := range f.p.identifiers {
		v, given := f.p.traitIn(e, at, f.fold)
		if !given {
			continue
		}
		name := f.p.spec.Attrs[at].Name
		if i, ok := f.p.AttributeName(name, v); ok && !f.isNamed(i, name) {
			f.ask(i, e)
		}
	}
}

// isNamed reports whether the lead has this name already.
func (f *Frame) isNamed(i Identifier, attribute string) bool {
	have, ok := f.p.AttributeName(attribute, attr(&f.l.Folds, attribute))
	return ok && have == i
}

// nameSelf notes the names under which the lead itself was first seen. Of all others
// the name's own lead tells whose it is: see claim.
func (f *Frame) nameSelf(e *Event) {
	if e.Kind != Identify {
		return
	}
	for _, at := range f.p.identifiers {
		name := f.p.spec.Attrs[at].Name
		if i, ok := f.p.AttributeName(name, attr(&f.l.Folds, name)); ok && i.Lead() == f.l.ID {
			f.fx.Identifiers = append(f.fx.Identifiers, i)
		}
	}
}
