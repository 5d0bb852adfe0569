package engine

import (
	"slices"
	"sort"
)

// Folding: what follows from a lead's facts alone. foldFact brings one event into
// a Folds; refold rebuilds a Folds from the journal. Both go through the same
// steps in the same order: attributes → named moments → consents → counts → bars →
// scores.

// MaxRecent bounds the instants remembered of one event: a window counts exactly
// up to it. More in one window is a machine, not a person.
const MaxRecent = 1024

// foldEvent folds one event, at its own time, and leaves its names in f.names: as
// (the event, or what a machine's is called) and the moments that it is. The view
// stands on folds and the event.
func (f *Frame) foldEvent(folds *Folds, e *Event, plan, as *eventPlan) {
	f.look(folds, e.At, e, plan)
	f.names = f.names[:0]
	if len(f.p.fixed) > 0 && scoreOf(folds, f.p.scores[f.p.fixed[0]].spec.Name) == nil {
		f.foldFixedScores(folds)
	}
	changed := f.foldAttrs(folds, e, plan)
	if as != nil {
		f.nameMoments(as)
		if as.flagName != "" && f.topic() == "" {
			changed = setAttr(folds, as.flagName, FlagValue(true)) || changed
		}
		for _, name := range f.names {
			changed = f.foldConsents(folds, e, f.p.events[name]) || changed
		}
		for _, name := range f.names {
			f.foldCount(folds, e.At, f.p.events[name])
		}
		if as.bars != nil {
			f.foldBar(folds, e, as.bars)
		}
		if as.lifts {
			changed = f.foldUndone(folds, e) || changed
		}
		if as.confirms {
			changed = f.foldConfirmed(folds, e) || changed
		}
		if as.wishes {
			changed = f.foldWish(folds, e) || changed
		}
	}
	if f.p.origins {
		name := ""
		if as != nil {
			name = as.name
		}
		f.foldOrigin(folds, e, name)
	}
	if changed {
		f.look(folds, e.At, e, plan) // the zone may be another
	} else {
		f.stale()
	}
	for _, name := range f.names {
		f.foldPoints(folds, e.At, f.p.events[name])
	}
	if len(f.p.funnels) > 0 {
		for _, name := range f.names {
			f.foldPasses(folds, e, f.p.events[name])
		}
	}
	if changed && len(f.p.fixed) > 0 {
		f.foldFixedScores(folds)
	}
	f.stale()
}

// nameMoments lists the event and every moment that it is.
func (f *Frame) nameMoments(plan *eventPlan) {
	f.names = append(f.names, plan.name)
	for _, name := range plan.moments {
		moment := f.p.events[name]
		if f.holds(moment.when) {
			f.nameMoments(moment)
		}
	}
}

// foldAttrs takes over the traits of an identify. It reports whether anything
// changed.
func (f *Frame) foldAttrs(folds *Folds, e *Event, plan *eventPlan) bool {
	if e.Kind != Identify && e.Kind != Group {
		return false
	}
	changed := false
	for i := range e.Fields {
		at, ok := f.trait(e.Kind, e.Fields[i].Name)
		if !ok {
			continue
		}
		spec := &f.p.spec.Attrs[at]
		v, ok := convert(e.Fields[i].Value, spec)
		if !ok {
			f.decide(Decision{Kind: Fault, At: e.At, Subject: "lead." + spec.Name, Detail: "the value is not a " + spec.Kind.String() + " that the attribute allows"})
			continue
		}
		if spec.Raw != "" {
			changed = setAttr(folds, spec.Raw, e.Fields[i].Value) || changed
		}
		if setAttr(folds, spec.Name, v) {
			changed = true
			f.liftBounces(folds, spec.Name)
		}
	}
	if changed {
		f.look(folds, e.At, e, plan)
	}
	return changed
}

// trait is the place of the attribute that a trait sets. Of a group call, groupId
// names the lead's account, and what is said of accounts is nothing of the lead's.
func (f *Frame) trait(kind EventKind, wire string) (int, bool) {
	if f.p.account != nil && kind == Group {
		if wire == groupID {
			return f.p.account.key, true
		}
		if f.accountAttr(wire) >= 0 {
			return 0, false
		}
	}
	at, ok := f.p.attrs[wire]
	if !ok {
		at, ok = f.p.attrs[f.fold(wire)]
		ok = ok && f.p.spec.Attrs[at].Wire == ""
	}
	return at, ok
}

func setAttr(folds *Folds, name string, v Value) bool {
	for i := range folds.Attrs {
		if folds.Attrs[i].Name != name {
			continue
		}
		if folds.Attrs[i].Value == v {
			return false
		}
		if v.IsNone() {
			folds.Attrs = slices.Delete(folds.Attrs, i, i+1)
		} else {
			folds.Attrs[i].Value = v
		}
		return true
	}
	if v.IsNone() {
		return false
	}
	folds.Attrs = append(folds.Attrs, Attr{name, v})
	return true
}

// foldConsents gives and takes leave. It reports whether the attribute
// "unsubscribed" changed with it.
func (f *Frame) foldConsents(folds *Folds, e *Event, plan *eventPlan) bool {
	changed := false
	for _, i := range plan.grants {
		spec := &f.p.spec.Consents[i]
		if !f.holds(f.p.granted[i]) || invalidConsent(e) {
			continue
		}
		if spec.Confirm != nil && f.holds(f.p.confirming[i]) {
			f.foldAsking(folds, e, spec.Name, plan.name)
			continue
		}
		c := consentSlot(folds, spec.Name)
		forgetAsking(folds, spec.Name)
		wording, _ := Lookup(e.Fields, "wording")
		*c = Consent{Name: spec.Name, Given: e.At, Event: plan.name, Wording: wording.Text(), Source: e.Source}
		if f.p.events["unsubscribed"].flagName != "" {
			changed = setAttr(folds, "unsubscribed", FlagValue(false)) || changed
		}
		f.liftUnsubscribed(folds)
	}
	if plan.bars != nil && f.topic() != "" {
		return changed // leave is taken away for the topic only, by a bar
	}
	for _, i := range plan.revokes {
		forgetAsking(folds, f.p.spec.Consents[i].Name)
		if c := consentOf(folds, f.p.spec.Consents[i].Name); c != nil && c.Revoked == 0 {
			c.Revoked = e.At
		}
	}
	return changed
}

func consentSlot(folds *Folds, name string) *Consent {
	if c := consentOf(folds, name); c != nil {
		return c
	}
	folds.Consents = append(folds.Consents, Consent{Name: name})
	return &folds.Consents[len(folds.Consents)-1]
}

// foldCount counts an event that some rule asks about.
func (f *Frame) foldCount(folds *Folds, at Time, plan *eventPlan) {
	if !plan.counted {
		return
	}
	c := countOf(folds, plan.name)
	if c == nil {
		n := len(folds.Counts)
		folds.Counts = slices.Grow(folds.Counts, 1)[:n+1]
		c = &folds.Counts[n]
		*c = Count{Event: plan.name, Recent: c.Recent[:0]}
	}
	c.Total++
	c.Last = max(c.Last, at)
	if plan.window > 0 {
		c.Recent = remember(c.Recent, at, plan.window)
	}
}

// remember adds an instant to an ascending list and drops what has left the
// window.
func remember(times []Time, at Time, window Span) []Time {
	i := sort.Search(len(times), func(i int) bool { return times[i] > at })
	times = slices.Insert(times, i, at)
	newest := times[len(times)-1]
	drop := sort.Search(len(times), func(i int) bool { return times[i] > newest-Time(window) })
	if over := len(times) - MaxRecent; over > drop {
		drop = over
	}
	return slices.Delete(times, 0, drop)
}
