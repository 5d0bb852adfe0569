package engine

import (
	"cmp"
	"fmt"
	"slices"
)

// Recount computes anew, from nothing but a lead's journal, what the lead has added
// to the counters of events ("event:NAME") and of figures ("kpi:NAME"), and yields
// it as sums that are not 0. It is written as the definition reads and shares
// nothing with the way in which the counters are kept, so that one can be held
// against the other:
//
//   - an event counts under the hour of its At, with the verdict it has when all is
//     known, for the figures of the revision that decided it;
//   - of a rate, each event of the denominator is a place; an event of the numerator
//     takes one, once: that of its message, else the lead's last place before it, of
//     those known when it came;
//   - of a figure that counts people, the lead counts by its first event.
//
// at gives the program of a revision. A lead that was merged tells of itself alone:
// what it counts since stands in the journal of the lead that it became a part of.
func (p *Program) Recount(f *Frame, lead LeadID, h History, at func(revision uint32) *Program, yield func(Delta) error) error {
	c, err := p.recounter(f, lead, h, at)
	if err != nil {
		return err
	}
	c.count()
	return yieldSums(c.sums, yield)
}

// told is an event of the journal under every name that it has.
type told struct {
	item
	names    []string
	revision uint32
	nth      int // in the order of arrival
}

type recounter struct {
	f    *Frame
	at   func(uint32) *Program
	list []told
	sums map[Delta]int64 // by everything but N
	open map[string][]*opened
}

// opened is a place of a rate.
type opened struct {
	at      Time
	message string
	labels  string
	within  Span
	done    bool
}

// recounter names the events of a journal as they are known in the end.
func (p *Program) recounter(f *Frame, lead LeadID, h History, at func(uint32) *Program) (*recounter, error) {
	l := &Lead{ID: lead}
	f.bind(p, l, nil, h)
	items, err := f.readHistory(nil)
	if err != nil {
		return nil, fmt.Errorf("recount lead %v: %w", lead, err)
	}
	revisions := map[uint64]uint32{}
	err = h.Facts(lead, func(row *Fact) error {
		revisions[row.Seq] = row.Revision
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("recount lead %v: %w", lead, err)
	}
	c := &recounter{f: f, at: at, sums: map[Delta]int64{}, open: map[string][]*opened{}}
	f.judgeAnew(items)
	resetFolds(&l.Folds)
	for i := range items {
		it := &items[i]
		l.Now = max(l.Now, it.event.At)
		f.names = f.names[:0]
		f.refoldItem(&l.Folds, it)
		c.list = append(c.list, told{*it, slices.Clone(f.names), revisions[it.seq], i})
	}
	f.retold = nil
	return c, nil
}

func (c *recounter) count() {
	people := map[string][]*told{}
	for i := range c.list {
		t := &c.list[i]
		for _, name := range t.names {
			c.add("event:"+name, "", t.event.At, 0)
		}
	}
	slices.SortStableFunc(c.list, func(a, b told) int {
		return cmp.Or(cmp.Compare(a.seq, b.seq), cmp.Compare(a.nth, b.nth))
	})
	for i := range c.list {
		t := &c.list[i]
		p := c.at(t.revision)
		if p == nil {
			continue
		}
		for _, name := range t.names {
			for j := range p.spec.KPIs {
				c.figure(p, &p.spec.KPIs[j], name, t, people)
			}
		}
	}
	for name, list := range people {
		c.people(name, list)
	}
}

func (c *recounter) figure(p *Program, k *KPISpec, name string, t *told, people map[string][]*told) {
	counter := "kpi:" + k.Name
	switch {
	case k.Count == name && k.Once != EachTime:
		people[k.Name] = append(people[k.Name], t)
	case k.Count == name:
		c.add(counter, c.labels(p, k, t), t.event.At, 0)
	}
	if k.Rate == name {
		c.answer(counter, t)
	}
	if k.Of == name {
		c.place(p, k, counter, t)
	}
}

func (c *recounter) labels(p *Program, k *KPISpec, t *told) string {
	was := c.f.p
	c.f.p = p
	defer func() { c.f.p = was }()
	return c.f.labelsOf(&t.event, k.By)
}

func (c *recounter) place(p *Program, k *KPISpec, counter string, t *told) {
	message, _ := Lookup(t.event.Fields, "message")
	o := &opened{at: t.event.At, message: message.Text(), labels: c.labels(p, k, t), within: k.Within}
	if k.Once != EachTime {
		o.message = ""
		for _, have := range c.open[counter] {
			if k.Once == OnceEver || c.f.sameMonth(have.at, o.at) {
				return
			}
		}
	}
	c.open[counter] = append(c.open[counter], o)
	c.add(counter, o.labels, o.at, 1)
}

// answer lets an event take a place: the latest of those that it can answer.
func (c *recounter) answer(counter string, t *told) {
	message, _ := Lookup(t.event.Fields, "message")
	var best *opened
	for _, o := range c.open[counter] {
		strange := message.Text() != "" && o.message != "" && o.message != message.Text()
		if t.event.At < o.at || o.within > 0 && t.event.At > o.at.Add(o.within) || strange {
			continue
		}
		if best == nil || o.at >= best.at {
			best = o
		}
	}
	if best != nil && !best.done {
		best.done = true
		c.add(counter, best.labels, best.at, 0)
	}
}

// people counts the lead by the first of the events, in each of its periods.
func (c *recounter) people(name string, list []*told) {
	var first []*told
	for _, t := range list {
		k := c.at(t.revision).kpiSpec(name)
		i := slices.IndexFunc(first, func(have *told) bool {
			return k.Once == OnceEver || c.f.sameMonth(have.event.At, t.event.At)
		})
		switch {
		case i < 0:
			first = append(first, t)
		case t.event.At < first[i].event.At || t.event.At == first[i].event.At && t.event.ID < first[i].event.ID:
			first[i] = t
		}
	}
	for _, t := range first {
		p := c.at(t.revision)
		c.add("kpi:"+name, c.labels(p, p.kpiSpec(name), t), t.event.At, 0)
	}
}

func (c *recounter) add(name, labels string, at Time, part uint8) {
	c.sums[Delta{Name: name, Hour: hourOf(at), Labels: labels, Part: part}]++
}
