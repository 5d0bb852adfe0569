package engine

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Amendments are all corrections that the journals of a lead hold: by them a fact that
// was told is what is known of it now. It is for one goroutine.
type Amendments struct {
	all     []correction
	inForce []correction
	stands  map[string]bool // by id
	settled bool
}

// AmendmentsOf reads the corrections of a lead's journals, those of its parts and of
// what was one with it included. l is a lead that is no part of another.
func AmendmentsOf(l *Lead, h History) (*Amendments, error) {
	f := NewFrame()
	f.l, f.h = &Lead{ID: l.ID, Parts: l.Parts, Apart: l.Apart}, h
	a := &Amendments{}
	err := f.journals(func(row *Fact) error {
		a.note(row)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the corrections of lead %v: %w", l.ID, err)
	}
	return a, nil
}

func (a *Amendments) note(row *Fact) {
	if row.Event.Kind == Correct {
		a.all = append(a.all, correction{CorrectionOf(&row.Event), row.Event.At, row.Event.Lead, row.Seq})
		a.settled = false
	}
}

// settle finds out which corrections stand.
func (a *Amendments) settle() {
	if a.settled {
		return
	}
	a.settled, a.stands = true, map[string]bool{}
	a.inForce = inForce(a.all)
	for i := range a.inForce {
		a.stands[a.inForce[i].ID] = true
	}
	slices.SortStableFunc(a.all, func(x, y correction) int { return cmp.Or(cmp.Compare(x.said, y.said), cmp.Compare(x.seq, y.seq)) })
	known := map[string]bool{}
	a.all = slices.DeleteFunc(a.all, func(c correction) bool { // part and whole may both have it
		again := known[c.ID]
		known[c.ID] = true
		return again
	})
}

// Of is a fact as it was told and as it is known now, with all that was said of it. Of
// its place in a journal, and of what was decided, it tells nothing.
func (a *Amendments) Of(told *Event) TrueFact {
	t := TrueFact{Told: *told, Now: *told}
	if len(a.all) == 0 || !told.Kind.Outside() {
		return t
	}
	a.settle()
	for i := range a.all {
		if c := &a.all[i]; c.names(told) {
			t.Corrections = append(t.Corrections, Said{c.Correction, c.said, !a.stands[c.ID]})
		}
	}
	if len(t.Corrections) == 0 {
		return t
	}
	amendment := amended(a.inForce, told)
	t.Never, t.Invalid = amendment.never, amendment.invalid
	if amendment.any && !amendment.never {
		t.Now = amendment.of(*told)
		t.Now.Fields = slices.DeleteFunc(t.Now.Fields, func(field Field) bool { return field.Name == noConsent })
	}
	return t
}

// waiting are the corrections of facts that have not come.
func (a *Amendments) waiting(come map[string]bool) (list []Said) {
	a.settle()
	known := map[string]bool{}
	for i := range a.all {
		known[a.all[i].ID] = true
	}
	for i := range a.all {
		if c := &a.all[i]; !come[c.Fact] && !known[c.Fact] {
			list = append(list, Said{c.Correction, c.said, !a.stands[c.ID]})
		}
	}
	return list
}

// Standing is what stands of all that was said of a fact, in words (see Correction.Words),
// and who said the last of it; ok is false where nothing was said that stands.
func (t *TrueFact) Standing() (words string, last Said, ok bool) {
	var parts []string
	never, asTold := false, false
	for _, s := range t.Corrections {
		switch {
		case s.Void:
			continue
		case s.AsTold:
			parts, never, asTold = nil, false, true
		case s.Never:
			never = true
		default:
			never, asTold = false, false
			for word := range strings.FieldsSeq(s.Words()) {
				if !slices.Contains(parts, word) {
					parts = append(parts, word)
				}
			}
		}
		last, ok = s, true
	}
	switch {
	case never:
		return saysNever, last, ok
	case asTold:
		return saysAsTold, last, ok
	}
	return strings.Join(parts, " "), last, ok
}
