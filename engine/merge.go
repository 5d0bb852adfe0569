package engine

import (
	"fmt"
	"slices"
)

// Two leads become one when an identifier turns out to belong to both: a visitor
// signs in, an address that was imported is given by somebody known.
//
// An identifier that is not a userId is an entity of its own: the lead that is
// first seen under it (Identifier.Lead). Whoever is seen with a second identifier
// asks that entity for what it knows (a Merge fact), and what the entity decides is
// the only truth about whom the identifier belongs to; so it does not matter which
// of two events that name it is decided first. It gives itself away (a Take fact
// carries its acts to the asker) and forwards from then on whatever still reaches
// it; one that knows nothing yet only remembers to forward.
//
//  1. Facts are not copied: the receiver lists the giver in Lead.Parts and folds
//     over the journals of all its parts, in their one order. So folds are the same
//     in whatever order leads are merged, and un-merging folds both anew.
//  2. A lead with a userId gives itself to nobody. Of two without, the one with the
//     greater id gives: givers and receivers never stand in a circle.
//  3. Two different userIds with one key are not merged: both leads are told, and a
//     person decides.
//  4. An action that has leave to go is settled by the giver, whose channel will
//     answer it; the receipt is forwarded. Everything else goes along under its old
//     key.

// What a Merge fact asks by, in its Name.
const (
	askVisitor = "visitor" // the asker was seen with this anonymousId
	askKey     = "key"     // the asker has this value of an attribute that identifies
	askPerson  = "person"  // a person says that the two are one
	askYield   = "yield"   // the answer to a lead without a userId: give yourself to me
)

// Whole is the lead that this one's facts belong to: itself, or the one that it
// was merged into.
func (l *Lead) Whole() LeadID {
	if l.Into.IsZero() {
		return l.ID
	}
	return l.Into
}

// claim asks the entities of the other identifiers that an event carries for what
// they know.
func (f *Frame) claim(e *Event) {
	l := f.l
	newVisitor := e.Visitor != "" && e.Visitor != l.Visitor
	// What most events have no part in is asked first: whose they are takes comparing
	// names.
	if (newVisitor || e.Kind == Alias) && l.User != "" &&
		(e.User == l.User || e.User != "" && slices.Contains(l.Parts, Identifier{ByUser, e.User}.Lead())) {
		if newVisitor {
			l.Visitor = e.Visitor
			f.ask(Identifier{ByVisitor, e.Visitor}, e)
		}
		if previous, _ := Lookup(e.Fields, "previousId"); e.Kind == Alias && previous.Text() != "" {
			f.ask(Identifier{ByVisitor, previous.Text()}, e)
		}
	}
	if e.Kind == Identify {
		f.claimNames(e)
	}
}

func (f *Frame) ask(i Identifier, e *Event) {
	to := i.Lead()
	if to == f.l.ID || slices.Contains(f.l.Parts, to) {
		return
	}
	ask := f.shellFact(Merge, to, e)
	ask.Name = askVisitor
	if i.Kind == ByVisitor {
		ask.Visitor = i.Value
	} else {
		ask.Name, ask.Fields = askKey, []Field{{i.field(), TextValue(i.Value)}}
	}
	f.fx.Posts = append(f.fx.Posts, ask)
}

// shellFact is a fact for another lead, caused by e.
func (f *Frame) shellFact(kind EventKind, to LeadID, e *Event) Event {
	return Event{Kind: kind, Lead: to, Other: f.l.ID, User: f.l.User, At: e.At, Received: e.Received}
}

// identifierOf is what a Merge fact asks by.
func identifierOf(e *Event) (Identifier, bool) {
	if e.Name == askKey {
		for _, kind := range [...]IdentifierKind{ByKey, ByAttribute} {
			i := Identifier{Kind: kind}
			if v, ok := Lookup(e.Fields, i.field()); ok && v.Text() != "" {
				i.Value = v.Text()
				return i, true
			}
		}
		return Identifier{}, false
	}
	return Identifier{ByVisitor, e.Visitor}, e.Visitor != ""
}

// field is under what name a Merge fact carries the identifier.
func (i Identifier) field() string {
	if i.Kind == ByAttribute {
		return "attribute"
	}
	return "key"
}

// elsewhere deals with a fact that reaches a lead which is not one any more, or
// never was. It reports false when the lead is to be decided about as usual.
func (f *Frame) elsewhere(e *Event) bool {
	l := f.l
	switch {
	case e.Kind == Unmerge:
		if l.Into.IsZero() || l.Into != LeadID(e.Action) || l.FirstSeen == 0 {
			return true
		}
		l.Into = LeadID{}
	case !l.Into.IsZero():
		f.forward(e)
		return true
	case e.Kind == Merge && l.FirstSeen == 0:
		l.Into = e.Other
		f.rename(e)
		return true
	case e.Kind == Settled && e.Letter != nil && l.PendingAction(e.Action) == nil:
		l.Acts.Pending = append(l.Acts.Pending, e.Letter.Pending) // of a part
	}
	return false
}

// forward sends a fact on to the lead that this one was merged into.
func (f *Frame) forward(e *Event) {
	on := *e
	on.Lead = f.l.Into
	switch {
	case e.Kind == Tick || e.Kind == Attempt || e.Kind == Tell && e.Name == accountWord:
		return
	case e.Kind == Settled && e.Letter == nil:
		p := f.l.PendingAction(e.Action)
		if p == nil || p.State != Granted || e.Receipt.Attempt != int(p.Attempts) {
			return
		}
		letter := DeadAction{Pending: *p, Lead: on.Lead, At: e.Received, Outcome: e.Receipt.Outcome}
		letter.Pending.Seq = 0
		on.Letter = &letter
		f.fx.Settled = append(f.fx.Settled, Settlement{Key: p.Key, Lane: p.Lane, Seq: p.Seq})
		f.drop(p.Key)
	}
	f.fx.Posts = append(f.fx.Posts, on)
}

// rename enters the names of a lead that has just been merged, or un-merged, into
// the identity table anew: they stand for Whole.
func (f *Frame) rename(e *Event) {
	if i, ok := identifierOf(e); ok && e.Kind == Merge {
		f.fx.Identifiers = append(f.fx.Identifiers, i)
	}
	f.fx.Identifiers = append(f.fx.Identifiers, f.p.NamesOf(f.l)...)
}

// identity decides the facts about who is who.
func (f *Frame) identity(e *Event) error {
	f.runTimers(e.At, e.Received, 0)
	f.wall = e.Received
	switch e.Kind {
	case Merge:
		f.asked(e)
	case Take:
		return f.takeOver(e)
	case Contest:
		f.contest(e)
	case Unmerge:
		return f.standAlone(e)
	case Release:
		return f.release(e)
	}
	return nil
}

// asked answers another lead that was seen with an identifier of this one.
func (f *Frame) asked(e *Event) {
	l := f.l
	known, asker := l.User != "", e.User != ""
	switch {
	case e.Other == l.ID || slices.Contains(l.Parts, e.Other):
	case e.Name == askPerson, !known && (asker || e.Name == askYield || string(e.Other[:]) < string(l.ID[:])):
		f.giveTo(e.Other, e)
	case e.Name == askVisitor:
		// Somebody else uses the same browser.
	case e.Name == askYield:
		again := f.shellFact(Merge, e.Other, e) // it has got a userId since it asked
		again.Name = askKey
		f.fx.Posts = append(f.fx.Posts, again)
	case !asker:
		yield := f.shellFact(Merge, e.Other, e)
		yield.Name = askYield
		f.fx.Posts = append(f.fx.Posts, yield)
	case e.User != l.User:
		f.contest(e)
		f.rename(e) // the key stays with who had it first
		contest := f.shellFact(Contest, e.Other, e)
		contest.Name, contest.Fields = e.Name, e.Fields
		f.fx.Posts = append(f.fx.Posts, contest)
	}
}

// giveTo makes the lead a part of another.
func (f *Frame) giveTo(to LeadID, e *Event) {
	l := f.l
	f.begin(e)
	f.settleEdges(e.At)
	f.decide(Decision{Kind: Merged, At: l.Now, Detail: to.String()})
	f.gone("leads")
	if l.Acts.Stage != "" {
		f.gone("stage:" + l.Acts.Stage)
	}
	f.standNowhere()
	take := f.shellFact(Take, to, e)
	take.Context = string(AppendLead(nil, l))
	f.fx.Posts = append(f.fx.Posts, take)
	for i := len(l.Acts.Pending) - 1; i >= 0; i-- {
		if p := l.Acts.Pending[i]; p.State != Granted {
			f.fx.Settled = append(f.fx.Settled, Settlement{Key: p.Key, Lane: p.Lane, Seq: p.Seq})
			f.drop(p.Key)
		}
	}
	l.Into, l.Conflicts = to, nil
	f.rename(e)
	f.end(e)
	l.Timers, l.Acts.Runs = slices.Delete(l.Timers, 0, len(l.Timers)), slices.Delete(l.Acts.Runs, 0, len(l.Acts.Runs))
}

// takeOver makes another lead a part of this one.
func (f *Frame) takeOver(e *Event) error {
	l := f.l
	if e.Other == l.ID || slices.Contains(l.Parts, e.Other) {
		return nil
	}
	var g Lead
	if err := DecodeLead([]byte(e.Context), &g); err != nil {
		return fmt.Errorf("take over lead %v: %w", e.Other, err)
	}
	l.Parts = append(l.Parts, e.Other)
	l.Conflicts = slices.DeleteFunc(l.Conflicts, func(k Conflict) bool { return k.Other == e.Other })
	for _, part := range g.Parts {
		if part != l.ID && !slices.Contains(l.Parts, part) {
			l.Parts = append(l.Parts, part)
		}
	}
	l.FirstSeen = min(l.FirstSeen, g.FirstSeen)
	f.begin(e)
	f.settleEdges(max(e.At, g.Now))
	if l.Visitor == "" {
		l.Visitor = g.Visitor
	}
	if err := f.refold(nil); err != nil {
		return err
	}
	f.look(&l.Folds, l.Now, nil, nil)
	f.decide(Decision{Kind: Merged, At: l.Now, Detail: e.Other.String()})
	f.inherit(&g)
	f.adoptAll()
	f.edges(e)
	f.flowExits(e, nil)
	f.drain(e)
	f.end(e)
	return nil
}

// standAlone makes a part a lead of its own again. Its facts fold for it alone;
// what was done for it since stays done, where it was done.
func (f *Frame) standAlone(e *Event) error {
	f.l.setApart(LeadID(e.Action))
	release := f.shellFact(Release, LeadID(e.Action), e)
	release.Context = string(AppendLead(nil, f.l))
	f.fx.Posts = append(f.fx.Posts, release)
	alone := max(f.l.Now, e.At)
	f.tally("leads", "", alone)
	if f.l.Acts.Stage != "" {
		f.tally("stage:"+f.l.Acts.Stage, "", alone)
	}
	f.rename(e)
	return f.foldAgain(e, release.Lead)
}

// release lets a part go.
func (f *Frame) release(e *Event) error {
	var g Lead
	if err := DecodeLead([]byte(e.Context), &g); err != nil {
		return fmt.Errorf("release lead %v: %w", e.Other, err)
	}
	was := len(f.l.Parts)
	f.l.Parts = slices.DeleteFunc(f.l.Parts, func(id LeadID) bool { return id == e.Other || slices.Contains(g.Parts, id) })
	if len(f.l.Parts) == was {
		return nil
	}
	f.l.setApart(e.Other)
	return f.foldAgain(e, e.Other)
}

// foldAgain folds the lead anew after a part has left, and judges its edges.
func (f *Frame) foldAgain(e *Event, other LeadID) error {
	f.begin(e)
	f.settleEdges(e.At)
	if err := f.refold(nil); err != nil {
		return err
	}
	f.look(&f.l.Folds, f.l.Now, nil, nil)
	f.decide(Decision{Kind: Unmerged, At: f.l.Now, Detail: other.String()})
	f.edges(e)
	f.flowExits(e, nil)
	f.drain(e)
	f.end(e)
	return nil
}
