package engine

import "slices"

// The order of facts: (At, ID), in whatever order they arrive. Of one instant, what
// says who the lead is (identify, group) comes before what it did: clients send
// both in the same millisecond, with ids by chance.

// item is one fact on its way into a refold: an outside event, or what the engine
// derived. Facts of one instant are ordered: first the outside events by ID and
// source, then the derived ones as they were derived, because acts come last at
// their instant.
type item struct {
	event    Event
	derived  bool
	own      bool   // the fact at hand, which no row holds yet
	lead     LeadID // whose row it is
	seq      uint64 // of the row
	revision uint32 // that decided the row
}

func (a *item) compare(b *item) int {
	switch {
	case a.before(b):
		return -1
	case b.before(a):
		return 1
	}
	return 0
}

// tells reports whether an event says who the lead is.
func (e *Event) tells() bool { return e.Kind == Identify || e.Kind == Group }

// place is where an outside event stands among those of its instant.
func (e *Event) place() string {
	if e.tells() {
		return "\x00" + e.ID // no ID contains a NUL
	}
	return e.ID
}

func (a *item) before(b *item) bool {
	switch {
	case a.event.At != b.event.At:
		return a.event.At < b.event.At
	case a.derived != b.derived:
		return b.derived
	case a.derived && a.lead != b.lead: // of two leads that were merged
		return string(a.lead[:]) < string(b.lead[:])
	case a.derived:
		return a.seq < b.seq
	case a.event.tells() != b.event.tells():
		return a.event.tells()
	case a.event.ID != b.event.ID:
		return a.event.ID < b.event.ID
	}
	return a.event.Source < b.event.Source
}

// lastOfInstant is the LastID of folds whose last fact is a derived one: every
// outside event of the same instant comes late to it.
const lastOfInstant = "\uffff"

// take folds an outside event in its place among the facts. It gives the folds as
// of the event's own time, on which its rules are judged.
//
// An event that comes after all that bind is folded at the end. A late one is
// folded with the whole journal, as if it had been known at once; unless it binds
// nothing, as most receipts and much of what clients send again: what is only
// counted is counted alike in any order.
func (f *Frame) take(e *Event, plan *eventPlan) (*Folds, error) {
	f.settleEdges(e.At)
	folds := &f.l.Folds
	first := e.At < f.l.FirstSeen
	f.l.FirstSeen = min(f.l.FirstSeen, e.At)
	late := !after(e.At, e.place(), folds.LastAt, folds.LastID) && f.l.Seq > 0
	binds := f.binds(e, plan)
	switch {
	case late && (binds || plan != nil && !plan.plain), first && f.p.foldsFirstSeen, f.reopens(e, plan):
		if f.p.labelled && e.tells() {
			return &f.asOf, f.relabel(e)
		}
		return &f.asOf, f.refold(e)
	}
	f.foldOutside(folds, e, plan)
	if binds {
		folds.LastAt, folds.LastID = e.At, e.place()
	}
	return folds, nil
}

// binds reports whether it matters before or after which other facts an event is
// folded.
func (f *Frame) binds(e *Event, plan *eventPlan) bool {
	return e.Kind == Identify || e.Kind == Group || plan != nil && plan.binds || f.p.origins && brings(e, e.Name)
}

// foldOutside folds a client's or a channel's event, under the name that its
// verdict gives it.
func (f *Frame) foldOutside(folds *Folds, e *Event, plan *eventPlan) {
	as := plan
	if plan != nil && plan.machine != nil && f.judge(folds, e, plan) == Machine {
		as = plan.machine
	}
	f.foldEvent(folds, e, plan, as)
}

// foldOwn folds what the engine itself derived. It is not judged: the engine is
// no visitor.
func (f *Frame) foldOwn(folds *Folds, e *Event) {
	plan := f.p.events[e.Name]
	f.foldEvent(folds, e, plan, plan)
	if plan != nil && plan.notes {
		f.accept(folds, e)
	}
	if f.binds(e, plan) {
		folds.LastAt, folds.LastID = e.At, lastOfInstant
	}
}

// refold rebuilds the lead's folds from the journal. e, when it is not nil, is the
// fact at hand that the journal does not hold yet: the folds right after it are
// put into asOf, and its names into f.names.
func (f *Frame) refold(e *Event) error {
	j, items, err := f.readAll(e)
	if err != nil {
		return err
	}
	if len(j.corrections)+len(f.l.Awaited) > 0 {
		f.l.Awaited = j.awaited()
	}
	folds := &f.l.Folds
	f.judgeAnew(items)
	resetFolds(folds)
	asked := f.inquiries()
	var names []string
	for _, it := range items {
		told := len(f.decisions)
		f.refoldItem(folds, it)
		if asked != nil {
			f.askedAgain(asked, folds, it)
		}
		if it.own {
			names = slices.Clone(f.names)
			f.asOf.copy(folds)
			continue
		}
		if f.paid != nil {
			f.tellPaid(f.decisions[told:])
		}
		f.decisions = f.decisions[:told] // told when it happened, not again
	}
	f.names = append(f.names[:0], names...)
	f.doubtInquiries(asked, j)
	folds.Hits = f.hits
	folds.Digest = f.p.foldDigest
	f.correct()
	return nil
}

func (f *Frame) refoldItem(folds *Folds, it *item) {
	if it.derived {
		if it.event.Name == "toss_up_offered" {
			id, _ := Lookup(it.event.Fields, "id")
			f.doubtful(folds, id.Text())
		}
		f.foldOwn(folds, &it.event)
		return
	}
	plan := f.planOf(&it.event)
	as := plan
	if plan != nil && plan.machine != nil {
		f.look(folds, it.event.At, &it.event, plan)
		as = f.nameAnew(it, plan)
	}
	f.foldEvent(folds, &it.event, plan, as)
	if f.binds(&it.event, plan) {
		folds.LastAt, folds.LastID = it.event.At, it.event.place()
	}
}

// readHistory is the lead's journal, with those of its parts, as items in their
// order, with e in its place; corrected facts as they were corrected.
func (f *Frame) readHistory(e *Event) ([]*item, error) {
	_, items, err := f.readAll(e)
	return items, err
}

// readAll is readHistory with the journal as it was told.
func (f *Frame) readAll(e *Event) (*journal, []*item, error) {
	j, err := f.readJournal()
	if err != nil {
		return nil, nil, err
	}
	if e != nil {
		own := &item{event: *e, own: true, lead: f.l.ID, seq: f.l.Seq + 1, revision: f.p.revision}
		at, _ := slices.BinarySearchFunc(j.items, own, (*item).compare)
		j.items = slices.Insert(j.items, at, own)
	}
	return j, j.corrected(), nil
}

// journals calls add with the rows of the lead's journals: its own and those of its
// parts. What was sent to a part while it was one lies in the journal of the whole;
// when the two are apart again, the rows that name the part are the part's.
func (f *Frame) journals(add func(*Fact) error) error {
	l := f.l
	own := append([]LeadID{l.ID}, l.Parts...)
	gone := slices.DeleteFunc(slices.Clone(l.Apart), func(id LeadID) bool { return slices.Contains(own, id) })
	mine := func(row *Fact) error {
		if len(gone) > 0 && row.Event.Kind.Outside() && slices.Contains(gone, row.Event.named()) {
			return nil
		}
		return add(row)
	}
	for _, id := range own {
		if err := f.h.Facts(id, mine); err != nil {
			return err
		}
	}
	for _, id := range gone {
		err := f.h.Facts(id, func(row *Fact) error {
			if row.Event.Kind == Correct || row.Event.Kind.Outside() && slices.Contains(own, row.Event.named()) {
				return add(row)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// named is the lead that is first seen under the event's own name.
func (e *Event) named() LeadID {
	switch {
	case e.User != "":
		return Identifier{ByUser, e.User}.Lead()
	case e.Visitor != "":
		return Identifier{ByVisitor, e.Visitor}.Lead()
	}
	return LeadID{}
}

// setApart remembers a lead that was one with this one.
func (l *Lead) setApart(id LeadID) {
	if !slices.Contains(l.Apart, id) {
		l.Apart = append(l.Apart, id)
	}
}

// after orders outside events by (At, ID).
func after(at Time, id string, thanAt Time, thanID string) bool {
	return at > thanAt || at == thanAt && id > thanID
}

func resetFolds(folds *Folds) {
	*folds = Folds{
		Attrs: folds.Attrs[:0], Scores: folds.Scores[:0],
		Counts: folds.Counts[:0], Consents: folds.Consents[:0],
		Barred: folds.Barred[:0], Hits: folds.Hits[:0], Passes: folds.Passes[:0],
		Askings: folds.Askings[:0], Wishes: folds.Wishes[:0],
	}
}

// copy makes folds equal to others and independent of them.
func (folds *Folds) copy(from *Folds) {
	*folds = *from
	folds.Attrs = slices.Clone(from.Attrs)
	folds.Scores = slices.Clone(from.Scores)
	for i := range folds.Scores {
		s := &folds.Scores[i]
		s.Caps, s.Paid = slices.Clone(s.Caps), slices.Clone(s.Paid)
	}
	folds.Counts = slices.Clone(from.Counts)
	for i := range folds.Counts {
		folds.Counts[i].Recent = slices.Clone(folds.Counts[i].Recent)
	}
	folds.Consents = slices.Clone(from.Consents)
	folds.Barred = slices.Clone(from.Barred)
	folds.Hits = cloneHits(from.Hits)
	folds.Passes = slices.Clone(from.Passes)
	folds.Askings = slices.Clone(from.Askings)
	folds.Wishes = slices.Clone(from.Wishes)
}

// event is the derived fact as an event of the lead.
func (d *Derived) event(cause *Event) Event {
	kind := Track
	if d.Name == attributesSet {
		kind = Identify
	}
	return Event{
		Kind: kind, Name: d.Name, ID: cause.ID, Source: cause.Source, Lead: cause.Lead,
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
