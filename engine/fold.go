package engine

import (
	"slices"
	"sort"

	"github.com/seed-456efde2/nurture/engine/calendar"
)

// Folding: what follows from a lead's facts alone. foldFact brings one event into
// a Folds; refold rebuilds a Folds from the journal. Both go through the same
// steps in the same order: named moments → attributes → consents → counts →
// scores.

// MaxRecent bounds the instants remembered of one event: a window counts exactly
// up to it. More in one window is a machine, not a person.
const MaxRecent = 1024

// foldEvent folds one event, at its own time, and leaves its names (the event and
// the moments it is) in f.names. The view stands on folds and the event.
func (f *Frame) foldEvent(folds *Folds, e *Event, plan *eventPlan) {
	f.look(folds, e.At, e, plan)
	f.names = f.names[:0]
	changed := f.foldAttrs(folds, e, plan)
	if plan != nil {
		f.nameMoments(plan)
		if plan.flagName != "" {
			changed = setAttr(folds, plan.flagName, FlagValue(true)) || changed
		}
		for _, name := range f.names {
			changed = f.foldConsents(folds, e, f.p.events[name]) || changed
		}
		for _, name := range f.names {
			f.foldCount(folds, e.At, f.p.events[name])
		}
	}
	if changed {
		f.look(folds, e.At, e, plan) // the zone may be another
	} else {
		f.stale()
	}
	for _, name := range f.names {
		f.foldPoints(folds, e.At, f.p.events[name])
	}
	if changed || len(folds.Scores) == 0 {
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
		at, ok := f.p.attrs[e.Fields[i].Name]
		if !ok {
			if at, ok = f.p.attrs[f.fold(e.Fields[i].Name)]; !ok || f.p.spec.Attrs[at].Wire != "" {
				continue
			}
		}
		spec := &f.p.spec.Attrs[at]
		v, ok := convert(e.Fields[i].Value, spec)
		if !ok {
			f.decide(Decision{Kind: Fault, At: e.At, Subject: "lead." + spec.Name, Detail: "the value is not a " + spec.Kind.String() + " that the attribute allows"})
			continue
		}
		changed = setAttr(folds, spec.Name, v) || changed
	}
	if changed {
		f.look(folds, e.At, e, plan)
	}
	return changed
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
		if !f.holds(f.p.granted[i]) {
			continue
		}
		c := consentSlot(folds, spec.Name)
		wording, _ := Lookup(e.Fields, "wording")
		*c = Consent{Name: spec.Name, Given: e.At, Event: plan.name, Wording: wording.Text(), Source: e.Source}
		if f.p.events["unsubscribed"].flagName != "" {
			changed = setAttr(folds, "unsubscribed", FlagValue(false)) || changed
		}
	}
	for _, i := range plan.revokes {
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

// foldPoints pays what the event's rules give, in the order of the file.
func (f *Frame) foldPoints(folds *Folds, at Time, plan *eventPlan) {
	for _, ref := range plan.pays {
		s := &f.p.scores[ref.score]
		r := &s.rules[ref.rule]
		if !f.holds(r.when) {
			continue
		}
		score := scoreSlot(folds, s.spec.Name, at)
		if r.spec.PerDay > 0 && !f.countCap(score, r, at) {
			continue
		}
		points := f.amount(r)
		score.Value = clamp(s.spec, faded(score.Value, at.Sub(score.AsOf), s.spec.HalfLife)+points)
		score.AsOf = at
		f.decide(Decision{Kind: Paid, At: at, Subject: r.name, Points: points})
	}
}

func scoreSlot(folds *Folds, name string, at Time) *Score {
	if s := scoreOf(folds, name); s != nil {
		return s
	}
	n := len(folds.Scores)
	folds.Scores = slices.Grow(folds.Scores, 1)[:n+1]
	s := &folds.Scores[n]
	*s = Score{Name: name, AsOf: at, Caps: s.Caps[:0]}
	return s
}

func clamp(s *ScoreSpec, v float64) float64 {
	if !s.Range {
		return v
	}
	return min(max(v, s.Min), s.Max)
}

// countCap notes that a rule pays today, unless it has paid as often as it may.
// Only today's and yesterday's notes are kept: facts come in order here.
func (f *Frame) countCap(s *Score, r *scoreRulePlan, at Time) bool {
	day := int32(calendar.DayNumber(at.In(f.zone)))
	for i := range s.Caps {
		c := &s.Caps[i]
		if c.Rule != r.spec.Name {
			continue
		}
		if c.Day != day {
			c.Day, c.N = day, 0
		}
		if int(c.N) >= r.spec.PerDay {
			return false
		}
		c.N++
		return true
	}
	s.Caps = append(s.Caps, Cap{r.spec.Name, day, 1})
	return true
}

// foldFixedScores recomputes the scores that are functions of the attributes.
func (f *Frame) foldFixedScores(folds *Folds) {
	f.stale()
	for i := range f.p.scores {
		s := &f.p.scores[i]
		if !s.fixed {
			continue
		}
		total := 0.0
		for j := range s.rules {
			if f.holds(s.rules[j].when) {
				total += f.amount(&s.rules[j])
			}
		}
		score := scoreSlot(folds, s.spec.Name, f.now)
		score.Value, score.AsOf = clamp(s.spec, total), f.now
	}
}

// item is one fact on its way into a refold: an outside event, or what the engine
// derived. Facts of one instant are ordered: first the outside events by ID, then
// the derived ones as they were derived, because acts come last at their instant.
type item struct {
	event   Event
	derived bool
	seq     uint64 // of the row
}

func (a *item) before(b *item) bool {
	switch {
	case a.event.At != b.event.At:
		return a.event.At < b.event.At
	case a.derived != b.derived:
		return b.derived
	case a.derived:
		return a.seq < b.seq
	}
	return a.event.ID < b.event.ID
}

// lastOfInstant is the LastID of folds whose last fact is a derived one: every
// outside event of the same instant comes late to it.
const lastOfInstant = "\uffff"

// refold rebuilds folds from the journal: all facts, or only those before the
// event until when that is given. e, when it is not nil, is the fact at hand that
// the journal does not hold yet.
func (f *Frame) refold(folds *Folds, e, until *Event) error {
	items, err := f.readHistory(e)
	if err != nil {
		return err
	}
	resetFolds(folds)
	silent := len(f.decisions)
	for i := range items {
		it := &items[i]
		if until != nil && !it.before(&item{event: *until}) {
			break
		}
		plan := f.planOf(&it.event)
		if it.derived {
			plan = f.p.events[it.event.Name]
		}
		f.foldEvent(folds, &it.event, plan)
		folds.LastAt, folds.LastID = it.event.At, it.event.ID
		if it.derived {
			folds.LastID = lastOfInstant
		}
	}
	f.decisions = f.decisions[:silent] // told when it happened, not again
	folds.Digest = f.p.foldDigest
	return nil
}

// readHistory is the lead's journal as items in their order, with e in its place.
func (f *Frame) readHistory(e *Event) ([]item, error) {
	var items []item
	add := func(row *Fact) error {
		if row.Event.Kind.Outside() {
			it := item{event: row.Event, seq: row.Seq}
			it.event.Fields = slices.Clone(row.Event.Fields)
			items = append(items, it)
		}
		for i := range row.Derived {
			it := item{event: row.Derived[i].event(&row.Event), derived: true, seq: row.Seq}
			it.event.Fields = slices.Clone(row.Derived[i].Fields)
			items = append(items, it)
		}
		return nil
	}
	if err := f.h.Facts(f.l.ID, add); err != nil {
		return nil, err
	}
	if f.fx != nil {
		for i := range f.fx.Facts { // added by this very decision
			if err := add(&f.fx.Facts[i]); err != nil {
				return nil, err
			}
		}
	}
	if e != nil {
		items = append(items, item{event: *e, seq: f.l.Seq + 1})
	}
	slices.SortStableFunc(items, func(a, b item) int {
		switch {
		case a.before(&b):
			return -1
		case b.before(&a):
			return 1
		}
		return 0
	})
	return items, nil
}

// after orders outside events by (At, ID).
func after(at Time, id string, thanAt Time, thanID string) bool {
	return at > thanAt || at == thanAt && id > thanID
}

func resetFolds(folds *Folds) {
	*folds = Folds{
		Attrs: folds.Attrs[:0], Scores: folds.Scores[:0],
		Counts: folds.Counts[:0], Consents: folds.Consents[:0],
	}
}

// event is the derived fact as an event of the lead.
func (d *Derived) event(cause *Event) Event {
	return Event{
		Kind: Track, Name: d.Name, ID: cause.ID, Source: cause.Source, Lead: cause.Lead,
		User: cause.User, Visitor: cause.Visitor, At: d.At, Received: cause.Received, Fields: d.Fields,
	}
}

// planOf is the plan of an outside event's declared name, nil when nothing
// declares it.
func (f *Frame) planOf(e *Event) *eventPlan {
	switch e.Kind {
	case Page:
		return f.p.events["page_viewed"]
	case Screen:
		return f.p.events["screen_viewed"]
	case Track:
		if name, ok := f.p.wire[e.Name]; ok {
			return f.p.events[name]
		}
		plan := f.p.events[f.fold(e.Name)]
		if plan != nil && plan.from != "" {
			return nil // a moment has no name on the wire
		}
		return plan
	}
	return nil
}
