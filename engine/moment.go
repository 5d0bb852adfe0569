package engine

import "cmp"

// Moment tells the named moment that a track event's name is, and the name under which
// the event has to be sent in which it is found. ok is false for every other event. A
// moment never arrives itself, so nothing would come of such an event.
func (p *Program) Moment(e *Event) (moment, send string, ok bool) {
	if e.Kind != Track {
		return "", "", false
	}
	if _, exact := p.wire[e.Name]; exact {
		return "", "", false
	}
	plan := p.events[Fold(e.Name)]
	if plan == nil || plan.from == "" {
		return "", "", false
	}
	root := plan
	for root.from != "" {
		root = p.events[root.from]
	}
	wire := ""
	for i := range p.spec.Events {
		if s := &p.spec.Events[i]; s.Name == root.name {
			wire = s.Wire
		}
	}
	return plan.name, cmp.Or(wire, root.name), true
}
