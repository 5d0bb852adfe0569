package history

import (
	"cmp"
	"maps"
	"slices"

	"github.com/seed-456efde2/nurture/engine"
)

// circle is a set of people who share desks or accounts, as one person of many
// leads.
type circle struct {
	person *Person
	asked  []engine.LeadID
}

// circles joins people who asked the same entity.
func (c *crossings) circles() []circle {
	list := make([]circle, len(c.people))
	for i := range c.people {
		list[i] = circle{c.people[i], c.asked[i]}
	}
	return rejoin(list, make([][]engine.LeadID, len(list)))
}

// rejoin joins circles that share an entity, by what they asked and by more.
func rejoin(list []circle, more [][]engine.LeadID) []circle {
	g := &grouping{roots: map[string]int{}}
	of := make([]int, len(list))
	for i := range list {
		of[i] = len(g.parent)
		g.parent = append(g.parent, of[i])
		for _, id := range slices.Concat(list[i].asked, more[i]) {
			if n, known := g.roots[string(id[:])]; known {
				g.parent[g.find(n)] = g.find(of[i])
			} else {
				g.roots[string(id[:])] = of[i]
			}
		}
	}
	members := map[int][]int{}
	var order []int
	for i := range list {
		root := g.find(of[i])
		if members[root] == nil {
			order = append(order, root)
		}
		members[root] = append(members[root], i)
	}
	out := make([]circle, 0, len(order))
	for _, root := range order {
		out = append(out, unite(list, members[root], more))
	}
	return out
}

// unite makes one circle of several: their events in order of time.
func unite(list []circle, members []int, more [][]engine.LeadID) circle {
	if len(members) == 1 {
		c := list[members[0]]
		c.asked = slices.Concat(c.asked, more[members[0]])
		return c
	}
	all := &Person{
		Done: true, Sent: map[engine.ActionKey]bool{}, Receipts: map[engine.ActionKey]engine.Receipt{}, Offers: map[string]bool{},
	}
	var asked []engine.LeadID
	for _, i := range members {
		p := list[i].person
		all.Done = all.Done && p.Done
		all.Events = append(all.Events, p.Events...)
		maps.Copy(all.Sent, p.Sent)
		maps.Copy(all.Receipts, p.Receipts)
		maps.Copy(all.Offers, p.Offers)
		asked = append(asked, slices.Concat(list[i].asked, more[i])...)
	}
	slices.SortStableFunc(all.Events, func(a, b engine.Event) int {
		return cmp.Compare(max(a.At, a.Received), max(b.At, b.Received))
	})
	slices.SortFunc(asked, func(a, b engine.LeadID) int { return slices.Compare(a[:], b[:]) })
	return circle{all, slices.Compact(asked)}
}

// clone is a person that outlives the shard's next one.
func (p *Person) clone() *Person {
	q := *p
	q.Events = slices.Clone(p.Events)
	for i := range q.Events {
		q.Events[i].Fields = slices.Clone(q.Events[i].Fields)
	}
	q.Sent, q.Receipts, q.Offers = maps.Clone(p.Sent), maps.Clone(p.Receipts), maps.Clone(p.Offers)
	return &q
}
