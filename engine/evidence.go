package engine

import "slices"

// Called are the names under which the rules know an outside event, moments included;
// none where nothing declares it. Moments that ask the lead are judged as if nothing
// were known of it.
func (p *Program) Called(e *Event) []string {
	f := p.viewOf(e)
	plan := f.planOf(e)
	if plan == nil {
		if e.Kind == Track && p.events[e.Name] != nil { // one that the engine itself brings
			return []string{e.Name}
		}
		return nil
	}
	f.look(&f.l.Folds, e.At, e, plan)
	f.nameMoments(plan)
	return slices.Clone(f.names)
}

// viewOf is a frame on an event alone.
func (p *Program) viewOf(e *Event) *Frame {
	f := NewFrame()
	f.bind(p, &Lead{ID: e.Lead}, &Effects{}, nil)
	return f
}

// Grants reports whether an event gives the consent at that place of the Spec, or
// asks for it, by the consent's own conditions.
func (p *Program) Grants(consent int, e *Event) bool {
	f := p.viewOf(e)
	f.look(&f.l.Folds, e.At, e, p.events[p.spec.Consents[consent].Granted])
	return f.holds(p.granted[consent])
}

// AsksToConfirm reports whether an event that gives a consent only asks for it until
// it is confirmed.
func (p *Program) AsksToConfirm(consent int, e *Event) bool {
	f := p.viewOf(e)
	f.look(&f.l.Folds, e.At, e, p.events[p.spec.Consents[consent].Granted])
	return p.spec.Consents[consent].Confirm != nil && f.holds(p.confirming[consent])
}
