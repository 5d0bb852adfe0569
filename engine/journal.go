package engine

import "slices"

// journal is what is read of a lead for folding it anew.
type journal struct {
	items       []*item      // outside events as they were told, and derived facts, in their order
	corrections []correction // see inForce
	slab        []item       // memory of items
}

// kept is the journal of the lead that a frame folded anew last. Late facts come in
// bursts (a list that is imported, a client that was offline), and each of them folds
// the lead anew: the journal is read and put in order once, not once for each.
type kept struct {
	lead LeadID
	seq  uint64 // of the last row in it
	j    journal
}

// maxKept bounds the items of a kept journal.
const maxKept = 1 << 17

// KeepJournals lets the frame remember the journal that it read last. It is for
// whoever alone decides about leads with this frame, and commits what is decided:
// what was decided and thrown away would be remembered. What is remembered already is
// forgotten.
func (f *Frame) KeepJournals() {
	f.keeps, f.kept = true, kept{}
	if f.other != nil {
		f.other.KeepJournals()
	}
}

// readJournal reads the lead's journal with what this very decision has added to it.
func (f *Frame) readJournal() (*journal, error) {
	j, err := f.written()
	if err != nil {
		return nil, err
	}
	sorted := len(j.items)
	if f.fx != nil {
		for i := range f.fx.Facts { // added by this very decision
			j.add(&f.fx.Facts[i])
		}
	}
	if f.open != nil {
		row := Fact{Seq: f.l.Seq + 1, Revision: f.p.revision, Event: *f.open, Derived: f.derived[f.rowStart.derived:]}
		j.add(&row)
	}
	j.place(sorted)
	return j, nil
}

// written reads the rows that were there before this decision.
func (f *Frame) written() (*journal, error) {
	before := f.l.Seq
	if f.fx != nil {
		before -= uint64(len(f.fx.Facts))
	}
	if f.kept.lead == f.l.ID && f.kept.seq == before && before > 0 && f.ownJournal() {
		return &journal{items: slices.Clone(f.kept.j.items), corrections: slices.Clone(f.kept.j.corrections)}, nil
	}
	j := &journal{}
	err := f.journals(func(row *Fact) error {
		j.add(row)
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(j.items, (*item).compare)
	if f.ownJournal() && before > 0 && len(j.items) <= maxKept {
		f.kept = kept{f.l.ID, before, journal{items: slices.Clone(j.items), corrections: slices.Clone(j.corrections)}}
	}
	return j, nil
}

// ownJournal reports whether the lead's journal may be kept: nobody else writes into
// what it is made of.
func (f *Frame) ownJournal() bool {
	return f.keeps && f.fx != nil && !f.fx.Erased && len(f.l.Parts)+len(f.l.Apart) == 0
}

// remember adds what a decision has written to the kept journal, if it is that
// lead's.
func (f *Frame) remember() {
	if f.kept.lead != f.l.ID {
		return
	}
	if !f.ownJournal() || f.kept.seq+uint64(len(f.fx.Facts)) != f.l.Seq || len(f.kept.j.items) > maxKept {
		f.kept = kept{}
		return
	}
	sorted := len(f.kept.j.items)
	for i := range f.fx.Facts {
		f.kept.j.add(&f.fx.Facts[i])
	}
	f.kept.j.place(sorted)
	f.kept.seq = f.l.Seq
}

// add takes down a row. What it points to may change with the next decision, so it
// is copied.
func (j *journal) add(row *Fact) {
	switch {
	case row.Event.Kind == Correct:
		j.corrections = append(j.corrections, correction{CorrectionOf(&row.Event), row.Event.At, row.Event.Lead, row.Seq})
	case row.Event.Kind.Outside():
		it := j.item()
		*it = item{event: row.Event, lead: row.Event.Lead, seq: row.Seq, revision: row.Revision}
		it.event.Fields = slices.Clone(row.Event.Fields)
	}
	for i := range row.Derived {
		it := j.item()
		*it = item{event: row.Derived[i].event(&row.Event), derived: true, lead: row.Event.Lead, seq: row.Seq, revision: row.Revision}
		it.event.Fields = slices.Clone(row.Derived[i].Fields)
	}
}

// item is a new item at the end of the list.
func (j *journal) item() *item {
	if len(j.slab) == cap(j.slab) {
		j.slab = make([]item, 0, min(64, max(4, 2*cap(j.slab))))
	}
	j.slab = append(j.slab, item{})
	it := &j.slab[len(j.slab)-1]
	j.items = append(j.items, it)
	return it
}

// place puts the items from sorted on in their places among the others.
func (j *journal) place(sorted int) {
	for ; sorted < len(j.items); sorted++ {
		it := j.items[sorted]
		at, _ := slices.BinarySearchFunc(j.items[:sorted], it, func(have, it *item) int {
			if it.before(have) {
				return 1
			}
			return -1
		})
		copy(j.items[at+1:sorted+1], j.items[at:sorted])
		j.items[at] = it
	}
}
