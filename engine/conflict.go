package engine

import "slices"

// Conflict is another lead, with another userId, that was seen with a name of this
// one: an address that a whole office uses, or one person with two accounts. Nothing
// is done about it by itself; a person says whether the two are one (ConflictSame) or
// not (ConflictApart), and is not asked again.
type Conflict struct {
	Other     LeadID
	Attribute string // that both have the same value of
	At        Time
	Settled   bool // they are two people: somebody has said so
}

// MaxConflicts bounds what a lead remembers of them; the oldest are forgotten.
const MaxConflicts = 16

// conflictApart is the Name of a Contest fact by which a person says that the two
// leads are two people.
const conflictApart = "apart"

// ConflictSame is the fact by which a person makes one lead a part of another, though
// both have a userId. It is for the lead that gives itself.
func ConflictSame(from, into LeadID, at Time) Event {
	return Event{Kind: Merge, Name: askPerson, Lead: from, Other: into, At: at, Received: at}
}

// ConflictApart is the fact by which a person says to a lead that another is another
// person.
func ConflictApart(lead, other LeadID, at Time) Event {
	return Event{Kind: Contest, Name: conflictApart, Lead: lead, Other: other, At: at, Received: at}
}

// contest records that another lead with another userId has the same name, or that
// somebody has said that this is as it should be.
func (f *Frame) contest(e *Event) {
	l := f.l
	i := slices.IndexFunc(l.Conflicts, func(k Conflict) bool { return k.Other == e.Other })
	f.begin(e)
	if e.Name == conflictApart {
		if i < 0 || l.Conflicts[i].Settled {
			return
		}
		l.Conflicts[i].Settled = true
		f.decide(Decision{Kind: Contested, At: l.Now, Subject: conflictApart, Detail: e.Other.String()})
		f.end(e)
		return
	}
	name := f.p.spec.KeyAttr
	if id, ok := identifierOf(e); ok && id.Kind == ByAttribute {
		name, _ = id.Attribute()
	}
	if i < 0 {
		l.Conflicts = append(l.Conflicts, Conflict{Other: e.Other, Attribute: name, At: l.Now})
		l.Conflicts = slices.Delete(l.Conflicts, 0, max(0, len(l.Conflicts)-MaxConflicts))
	} else if l.Conflicts[i].Settled {
		return
	}
	f.decide(Decision{Kind: Contested, At: l.Now, Subject: name, Detail: e.Other.String()})
	f.end(e)
}
