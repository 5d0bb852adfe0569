package history

import (
	"slices"

	"github.com/seed-456efde2/nurture/engine"
)

// Picked is a lead that a toss-up handed over, for the first time.
type Picked struct {
	User string // userId, else the lead's id
	At   engine.Time
}

// Picked are, in order of time, the leads that a toss-up hands over, each with its
// first hand-over.
func (s *SetReplayed) Picked(tossUp string) []Picked {
	i := slices.IndexFunc(s.TossUps, func(v RuleVerdict) bool { return v.Name == tossUp })
	if i < 0 {
		return nil
	}
	list := make([]Picked, 0, len(s.picks[i]))
	for j := range s.picks[i] {
		list = append(list, Picked{s.picks[i][j].name, s.picks[i][j].at})
	}
	return list
}

// Worth is what handing leads over would have brought.
type Worth struct {
	Leads    int // that could have been handed over
	Outcomes int // of them
	Picked   int
	Won      int
	Median   engine.Span // from hand-over to outcome, of the won
}

// Worth judges picks from an instant on, among the leads that were first seen then:
// nothing about them was known before. A pick whose time is not over when the record
// ends is not judged.
func (x *Examples) Worth(picks []Picked, from engine.Time) Worth {
	fresh, won := x.fresh(from)
	w := Worth{Leads: len(fresh)}
	for _, is := range won {
		if is {
			w.Outcomes++
		}
	}
	var waits []engine.Span
	for _, p := range picks {
		lead, ok := fresh[p.User]
		if !ok || p.At < from || p.At.Add(x.Question.Within) > x.To {
			continue
		}
		w.Picked++
		if out := engine.Time(x.Outcomes[lead]); out > p.At && out <= p.At.Add(x.Question.Within) {
			w.Won++
			waits = append(waits, out.Sub(p.At))
		}
	}
	if len(waits) > 0 {
		slices.Sort(waits)
		w.Median = waits[(len(waits)-1)/2]
	}
	return w
}

// fresh are the leads whose first example lies at or after an instant, by name, and
// whether an example of theirs was won.
func (x *Examples) fresh(from engine.Time) (leads map[string]int, won map[int]bool) {
	leads, won = map[string]int{}, map[int]bool{}
	known := map[int]bool{}
	for i := range x.List {
		e := &x.List[i]
		if engine.Time(e.At) < from {
			known[e.Lead] = true
		}
	}
	for i := range x.List {
		e := &x.List[i]
		if known[e.Lead] {
			continue
		}
		leads[x.Users[e.Lead]] = e.Lead
		if e.Won {
			won[e.Lead] = true
		}
	}
	return leads, won
}
