package history

import (
	"slices"

	"github.com/seed-456efde2/nurture/engine"
)

// Person is what was recorded of one lead, its merged parts included, or of several
// leads that could become one.
type Person struct {
	Events []engine.Event // from outside, in the order in which they are to be decided
	Once   bool           // no event is among them twice
	// What was done then, where the record tells it.
	Done     bool                                // it tells
	Sent     map[engine.ActionKey]bool           // accepted messages
	Receipts map[engine.ActionKey]engine.Receipt // last answers of channels that were no success
	Offers   map[string]bool                     // toss-ups made

	corrections []engine.Event // of Events: see engine.Known
}

// Source hands over recorded people, shard by shard. Shards are read side by side;
// a Person is valid until the next of its shard.
type Source interface {
	Shards() int
	Shard(n int, yield func(*Person) error) error
}

// paced is a Source whose readers let others go first between two people.
type paced struct {
	Source
	between func() // nil: they do not
}

func (s paced) Shard(n int, yield func(*Person) error) error {
	if s.between == nil {
		return s.Source.Shard(n, yield)
	}
	return s.Source.Shard(n, func(p *Person) error {
		s.between()
		return yield(p)
	})
}

func (p *Person) reset() {
	p.Events, p.corrections = p.Events[:0], p.corrections[:0]
	clear(p.Sent)
	clear(p.Receipts)
	clear(p.Offers)
}

// add takes note of one row of a journal, which is valid during the call only.
func (p *Person) add(id engine.LeadID, f *engine.Fact) {
	switch {
	case f.Event.Kind.Outside():
		p.addEvent(id, &f.Event)
	case f.Event.Kind == engine.Correct:
		said := f.Event
		said.Fields = slices.Clone(said.Fields)
		p.corrections = append(p.corrections, said)
	case f.Event.Kind == engine.Settled && f.Event.Receipt.Outcome != engine.Done:
		p.Receipts[f.Event.Action] = f.Event.Receipt
	}
	for i := range f.Decisions {
		switch d := &f.Decisions[i]; d.Kind {
		case engine.Sent:
			p.Sent[d.Action] = true
			delete(p.Receipts, d.Action)
		case engine.TossedUp:
			p.Offers[d.Subject] = true
		}
	}
}

// addEvent copies an event, into the memory of an earlier one where there is some.
func (p *Person) addEvent(id engine.LeadID, e *engine.Event) {
	n := len(p.Events)
	if n == cap(p.Events) {
		p.Events = slices.Grow(p.Events, max(n, 16))
	}
	p.Events = p.Events[:n+1]
	own := &p.Events[n]
	fields := append(own.Fields[:0], e.Fields...)
	*own = *e
	own.Lead, own.Received, own.Context, own.Fields = id, 0, "", fields
}

// FromEvents makes a Source of events in the order of a file. People are told apart
// by the names that their events carry: whoever is seen under two names is one, as
// far as this goes; the rules decide what that means. key is the attribute that
// identifies a lead as well, "" for none.
func FromEvents(events []engine.Event, key string) Source {
	g := &grouping{roots: map[string]int{}}
	of := make([]int, len(events))
	var now engine.Time
	for i := range events {
		now = max(now, events[i].At)
		events[i].Received = now // wall time follows the record's own
		of[i] = g.of(&events[i], key)
	}
	index := map[int]int{}
	var people [][]int32
	for i := range events {
		root := g.find(of[i])
		n, known := index[root]
		if !known {
			n = len(people)
			index[root] = n
			people = append(people, nil)
		}
		people[n] = append(people[n], int32(i))
	}
	return &eventSource{events, people}
}

// eventShard is how many people of a file are one shard.
const eventShard = 512

type eventSource struct {
	events []engine.Event
	people [][]int32
}

func (s *eventSource) Shards() int { return (len(s.people) + eventShard - 1) / eventShard }

func (s *eventSource) Shard(n int, yield func(*Person) error) error {
	p := &Person{}
	for _, list := range s.people[n*eventShard : min(len(s.people), (n+1)*eventShard)] {
		p.Events = p.Events[:0]
		for _, i := range list {
			p.Events = append(p.Events, s.events[i])
		}
		if err := yield(p); err != nil {
			return err
		}
	}
	return nil
}

// grouping joins the names that stand on one event.
type grouping struct {
	roots  map[string]int
	parent []int
}

func (g *grouping) of(e *engine.Event, key string) int {
	first := -1
	join := func(kind, name string) {
		if name == "" {
			return
		}
		n, known := g.roots[kind+name]
		if !known {
			n = len(g.parent)
			g.roots[kind+name] = n
			g.parent = append(g.parent, n)
		}
		if first < 0 {
			first = n
		} else {
			g.parent[g.find(n)] = g.find(first)
		}
	}
	join("u", e.User)
	join("v", e.Visitor)
	if e.Kind == engine.Alias {
		if previous, ok := engine.Lookup(e.Fields, "previousId"); ok {
			join("v", previous.Text())
		}
	}
	if key != "" {
		for i := range e.Fields {
			if engine.Fold(e.Fields[i].Name) == key {
				join("k", e.Fields[i].Value.Text())
			}
		}
	}
	if first < 0 { // a lead that is named by its id alone
		join("l", string(e.Lead[:]))
	}
	return first
}

func (g *grouping) find(n int) int {
	for g.parent[n] != n {
		g.parent[n] = g.parent[g.parent[n]]
		n = g.parent[n]
	}
	return n
}
