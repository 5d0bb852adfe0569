package engine

import (
	"slices"
	"strings"
)

// Erasure. A lead that is forgotten leaves a tombstone: a row that says when, and
// nothing about the person but what keeps others from writing to them again, the
// unsubscribes and complaints. Counters stay as they are; they name nobody. The
// lead's journal, its messages and its names go with the same transaction.
//
// Facts from outside that are as old as the tombstone, or older, are not taken: a
// late retry or a list that is imported once more brings nothing back. What happens
// afterwards begins a new history.

// droppedForgotten is why a candidate drops out who is forgotten.
const droppedForgotten = "forgotten"

// buried reports a fact that a tombstone keeps out.
func (l *Lead) buried(e *Event) bool {
	return l.Forgotten != 0 && e.Kind.Outside() && e.At <= l.Forgotten
}

// forget makes the lead a tombstone. The names that are to go from the identity
// table stand in the event's fields, by kind.
func (f *Frame) forget(e *Event) error {
	l := f.l
	if l.Entity != NoEntity {
		return nil
	}
	f.wall = e.Received
	f.begin(e)
	if l.FirstSeen != 0 && l.Into.IsZero() {
		f.leaveAll()
	}
	for i := range l.Acts.Pending {
		p := &l.Acts.Pending[i]
		f.fx.Settled = append(f.fx.Settled, Settlement{Key: p.Key, Lane: p.Lane, Seq: p.Seq, Over: true})
	}
	f.fx.Ready = f.fx.Ready[:0]
	for i := range e.Fields {
		if kind := forgottenName(e.Fields[i].Name); kind != 0 {
			f.fx.Unnamed = append(f.fx.Unnamed, Identifier{kind, e.Fields[i].Value.Text()})
		}
	}
	f.fx.Erased = true
	f.decisions, f.derived = f.decisions[:0], f.derived[:0]
	f.bury(e)
	return nil
}

// The fields of a Forget fact: names of the person.
const (
	ForgetUser    = "user"
	ForgetVisitor = "visitor"
	ForgetKey     = "key"
	ForgetName    = "attribute" // a ByAttribute identifier
)

func forgottenName(field string) IdentifierKind {
	switch field {
	case ForgetUser:
		return ByUser
	case ForgetVisitor:
		return ByVisitor
	case ForgetKey:
		return ByKey
	case ForgetName:
		return ByAttribute
	}
	return 0
}

// leaveAll counts the lead out of everything it stands in, and lets those know who
// wait for it.
func (f *Frame) leaveAll() {
	l := f.l
	f.look(&l.Folds, l.Now, nil, nil)
	for i := range l.Acts.Offers {
		if o := &l.Acts.Offers[i]; o.State == OfferQueued {
			f.dropOut(o, droppedForgotten)
		}
	}
	f.gone("leads")
	if l.Acts.Stage != "" {
		f.gone("stage:" + l.Acts.Stage)
	}
	for i := range l.Acts.Runs {
		f.gone("step:" + l.Acts.Runs[i].Workflow + "/" + l.Acts.Runs[i].Step)
	}
	for _, name := range l.Acts.Inside {
		if !strings.HasPrefix(name, "!") && !strings.HasPrefix(name, "@") {
			f.gone("segment:" + name)
		}
	}
	f.leaveAccount()
	f.standNowhere()
}

// bury writes the tombstone, with the bars that stay as what it derives: so they are
// folds of it, whatever is folded anew.
func (f *Frame) bury(e *Event) {
	l := f.l
	var bars []Derived
	for i := range l.Folds.Barred {
		if d, stays := f.staying(&l.Folds.Barred[i], e.At); stays {
			bars = append(bars, d)
		}
	}
	l.Reset(l.ID)
	l.Forgotten, l.Now = e.At, e.At
	l.Revision, l.Ruling = f.p.revision, f.p.ruling()
	l.Folds.Digest = f.p.foldDigest
	stone := Event{Kind: Forget, Lead: l.ID, At: e.At, Received: e.Received}
	for i := range bars {
		f.foldDerived(&bars[i], &stone)
	}
	f.decisions = f.decisions[:0]
	l.Seq = 1
	f.fx.Facts = append(f.fx.Facts[:0], Fact{Seq: l.Seq, Revision: f.p.revision, Event: stone, Derived: slices.Clone(f.derived)})
}

// staying is the event that bars again, of a bar that outlives the lead: what the
// person itself has said. That an address does not work is not known of nobody.
func (f *Frame) staying(b *Bar, at Time) (d Derived, stays bool) {
	d = Derived{Name: "unsubscribed", At: at}
	switch {
	case b.Reason == BarComplained && b.Kind != "":
		d.Name = b.Kind + "_complained"
	case b.Reason != BarUnsubscribed:
		return d, false
	case b.Kind != "":
		for channel, kind := range f.p.kindOf {
			if kind == b.Kind && (len(d.Fields) == 0 || channel < d.Fields[0].Value.Text()) {
				d.Fields = []Field{{"channel", TextValue(channel)}}
			}
		}
	}
	if b.Topic != "" {
		d.Fields = append(d.Fields, Field{"topic", TextValue(b.Topic)})
	}
	return d, true
}
