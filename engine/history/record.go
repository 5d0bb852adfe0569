package history

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/seed-456efde2/nurture/engine"
)

// Person is what was recorded of one lead, its merged parts included, or of several
// leads that could become one.
type Person struct {
	Events []engine.Event // from outside, in the order in which they are to be decided
	// What was done then, where the record tells it.
	Done     bool                                // it tells
	Sent     map[engine.ActionKey]bool           // accepted messages
	Receipts map[engine.ActionKey]engine.Receipt // last answers of channels that were no success
	Offers   map[string]bool                     // toss-ups made
}

// Source hands over recorded people, shard by shard. Shards are read side by side;
// a Person is valid until the next of its shard.
type Source interface {
	Shards() int
	Shard(n int, yield func(*Person) error) error
}

// Rows is a store of leads: the live one, a backup, or one in memory.
type Rows interface {
	Partitions() int
	// Leads calls yield with the rows of a partition's leads behind the given one, in
	// order of id, at most limit of them (0: all).
	Leads(part int, after engine.LeadID, limit int, yield func(id engine.LeadID, row []byte) error) error
	// Facts calls yield with a lead's facts in order of (At, Seq).
	Facts(part int, lead engine.LeadID, yield func(*engine.Fact) error) error
}

// chunk is how many rows are read at once. The store keeps what is deleted and
// overwritten for as long as somebody reads; reading in chunks keeps that short.
const chunk = 256

// eachLead calls yield with the leads of a partition, without entities and without
// those that are parts of others, in chunks. The lead is yield's until it returns.
func eachLead(r Rows, part int, yield func(l *engine.Lead, row []byte) error) error {
	var after engine.LeadID
	var l engine.Lead
	type stored struct {
		id   engine.LeadID
		from int
	}
	var ids []stored
	var bytes []byte
	for {
		ids, bytes = ids[:0], bytes[:0]
		err := r.Leads(part, after, chunk, func(id engine.LeadID, row []byte) error {
			ids = append(ids, stored{id, len(bytes)})
			bytes = append(bytes, row...)
			return nil
		})
		if err != nil {
			return err
		}
		for i, s := range ids {
			end := len(bytes)
			if i+1 < len(ids) {
				end = ids[i+1].from
			}
			row := bytes[s.from:end]
			if engine.RowEntity(row) != engine.NoEntity {
				continue
			}
			if err := engine.DecodeLead(row, &l); err != nil {
				return fmt.Errorf("read lead %v: %w", s.id, err)
			}
			l.ID = s.id
			if !l.Into.IsZero() || l.FirstSeen == 0 {
				continue
			}
			if err := yield(&l, row); err != nil {
				return err
			}
		}
		if len(ids) < chunk {
			return nil
		}
		after = ids[len(ids)-1].id
	}
}

// FromRows makes a Source of a store. until is the last instant whose events count;
// 0: all.
func FromRows(r Rows, until engine.Time) Source { return &rowSource{r, until} }

type rowSource struct {
	rows  Rows
	until engine.Time
}

func (s *rowSource) Shards() int { return s.rows.Partitions() }

func (s *rowSource) Shard(part int, yield func(*Person) error) error {
	p := &Person{
		Done: true, Sent: map[engine.ActionKey]bool{}, Receipts: map[engine.ActionKey]engine.Receipt{}, Offers: map[string]bool{},
	}
	var ids []engine.LeadID
	return eachLead(s.rows, part, func(l *engine.Lead, _ []byte) error {
		p.reset()
		ids = append(append(ids[:0], l.ID), l.Parts...)
		for _, id := range ids {
			if err := s.rows.Facts(id.Partition(s.rows.Partitions()), id, func(f *engine.Fact) error {
				if s.until == 0 || f.Event.At <= s.until {
					p.add(id, f)
				}
				return nil
			}); err != nil {
				return fmt.Errorf("read the facts of lead %v: %w", id, err)
			}
		}
		if len(ids) > 1 {
			slices.SortStableFunc(p.Events, func(a, b engine.Event) int { return cmp.Compare(a.At, b.At) })
		}
		return yield(p)
	})
}

func (p *Person) reset() {
	p.Events = p.Events[:0]
	clear(p.Sent)
	clear(p.Receipts)
	clear(p.Offers)
}

// add takes note of one row of a journal, which is valid during the call only.
func (p *Person) add(id engine.LeadID, f *engine.Fact) {
	switch {
	case f.Event.Kind.Outside():
		p.addEvent(id, &f.Event)
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
	var fields []engine.Field
	if n := len(p.Events); n < cap(p.Events) {
		fields = p.Events[:n+1][n].Fields[:0]
	}
	own := *e
	own.Lead, own.Received, own.Context = id, 0, ""
	own.Fields = append(fields, e.Fields...)
	p.Events = append(p.Events, own)
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
