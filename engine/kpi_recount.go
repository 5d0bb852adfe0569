package engine

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
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
// at gives the program of a revision. l is the lead as it stands, of which only the
// identity is read: what the parts of a lead counted is told with it, and a lead that
// was merged into another tells nothing.
func (p *Program) Recount(f *Frame, l *Lead, h History, at func(revision uint32) *Program, yield func(Delta) error) error {
	if !l.Into.IsZero() && l.FirstSeen != 0 {
		return nil
	}
	c, err := p.recounter(f, l, h, at)
	if err != nil {
		return err
	}
	c.count()
	return yieldSums(c.sums, yield)
}

// told is an event of the journal under every name that it has.
type told struct {
	*item
	names    []string
	labels   map[string]string // by figure that tells its events apart
	revision uint32
	nth      int // in the order of arrival
}

type recounter struct {
	f     *Frame
	at    func(uint32) *Program
	list  []told
	takes []takeRow
	told  map[LeadID]bool // leads whose events were counted
	sums  map[Delta]int64 // by everything but N
	scope *armScope       // of the canary that is tried; nil: none
	arms  armSums
	open  map[string][]*opened
	first map[string][]*told // by figure that counts people: who counts, one for each period
}

// takeRow is where in a journal another lead became a part of this one.
type takeRow struct {
	rowOf
	part LeadID
}

// opened is a place of a rate.
type opened struct {
	at      Time
	message string
	labels  string
	within  Span
	done    bool
	by      string // id of the fact that took it
	seq     uint64
	mark    ArmMark
}

// mark is the arm to which an event counts.
func (c *recounter) mark(t *told) ArmMark { return c.scope.rowMark(t.revision, t.event.Received) }

// recounter names the events of a journal as they are known in the end.
func (p *Program) recounter(f *Frame, l *Lead, h History, at func(uint32) *Program) (*recounter, error) {
	aside := &Lead{ID: l.ID, Parts: l.Parts, Apart: l.Apart}
	f.bind(p, aside, nil, h)
	items, err := f.readHistory(nil)
	if err != nil {
		return nil, fmt.Errorf("recount lead %v: %w", l.ID, err)
	}
	c := &recounter{f: f, at: at, scope: p.scope, told: map[LeadID]bool{}, sums: map[Delta]int64{}, open: map[string][]*opened{}, first: map[string][]*told{}}
	stages, err := c.rows(aside, h)
	if err != nil {
		return nil, fmt.Errorf("recount lead %v: %w", l.ID, err)
	}
	f.judgeAnew(items)
	resetFolds(&aside.Folds)
	for i, it := range items {
		aside.Now = max(aside.Now, it.event.At)
		f.names = f.names[:0]
		f.refoldItem(&aside.Folds, it)
		t := told{item: it, names: slices.Clone(f.names), revision: it.revision, nth: i}
		aside.Acts.Stage = stages.at(it)
		t.labels = c.labelled(&t)
		c.list = append(c.list, t)
	}
	f.retold, f.decisions = nil, f.decisions[:0]
	return c, nil
}

// stagesByRow are the stages that a lead moved to, in the order of its rows.
type stagesByRow map[LeadID][]stageRow

type stageRow struct {
	seq   uint64
	stage string
}

// at is the stage in which an event found the lead.
func (s stagesByRow) at(it *item) string {
	list := s[it.lead]
	i := sort.Search(len(list), func(i int) bool { return list[i].seq > it.seq })
	if i == 0 {
		return ""
	}
	return list[i-1].stage
}

// rows reads of the journals what is not folded: stages, and when leads became parts.
func (c *recounter) rows(l *Lead, h History) (stagesByRow, error) {
	stages := stagesByRow{}
	for _, id := range append([]LeadID{l.ID}, l.Parts...) {
		err := h.Facts(id, func(row *Fact) error {
			if row.Event.Kind == Take {
				c.takes = append(c.takes, takeRow{rowOf{id, row.Seq}, row.Event.Other})
			}
			if row.Seq == 1 {
				if p := c.at(row.Revision); p != nil && len(p.stages) > 0 {
					stages[id] = append(stages[id], stageRow{1, p.stages[0].spec.Name})
				}
			}
			for i := range row.Decisions {
				if d := &row.Decisions[i]; d.Kind == Moved {
					stages[id] = append(stages[id], stageRow{row.Seq, d.Detail})
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		slices.SortStableFunc(stages[id], func(a, b stageRow) int { return cmp.Compare(a.seq, b.seq) })
	}
	return stages, nil
}

// labelled are the labels under which an event counts for the figures that tell their
// events apart, by what is known of the lead as it comes.
func (c *recounter) labelled(t *told) map[string]string {
	p := c.at(t.revision)
	if p == nil {
		return nil
	}
	var labels map[string]string
	for j := range p.spec.KPIs {
		k := &p.spec.KPIs[j]
		if len(k.By) == 0 || !slices.Contains(t.names, k.Count) && !slices.Contains(t.names, k.Of) {
			continue
		}
		if labels == nil {
			labels = map[string]string{}
		}
		was := c.f.p
		c.f.p = p
		labels[k.Name] = c.f.labelsOf(&t.event, k.By)
		c.f.p = was
	}
	return labels
}

func (c *recounter) count() {
	for i := range c.list {
		t := &c.list[i]
		for _, name := range t.names {
			c.add("event:"+name, "", t.event.At, 0, c.mark(t))
		}
	}
	people := map[string][]*told{}
	c.arrive(c.f.l.ID, people)
	for name, list := range people {
		c.people(name, list)
	}
}

// arrive counts the events of one lead in the order in which they came, with those of
// its parts where they became parts: what came to a part before that knows of no place
// of the whole.
func (c *recounter) arrive(id LeadID, people map[string][]*told) {
	var mine []*told
	if c.told[id] {
		return
	}
	c.told[id] = true
	for i := range c.list {
		if c.list[i].lead == id {
			mine = append(mine, &c.list[i])
		}
	}
	slices.SortStableFunc(mine, func(a, b *told) int {
		return cmp.Or(cmp.Compare(a.seq, b.seq), cmp.Compare(a.nth, b.nth))
	})
	var parts []takeRow
	for _, t := range c.takes {
		if t.lead == id && t.part != id {
			parts = append(parts, t)
		}
	}
	slices.SortFunc(parts, func(a, b takeRow) int { return cmp.Compare(a.seq, b.seq) })
	for _, t := range mine {
		for len(parts) > 0 && parts[0].seq < t.seq {
			c.join(parts[0].part, people)
			parts = parts[1:]
		}
		c.happened(t, people)
	}
	for _, t := range parts {
		c.join(t.part, people)
	}
}

// join counts a part by itself, and adds its places to those of the whole.
func (c *recounter) join(part LeadID, people map[string][]*told) {
	whole := c.open
	c.open = map[string][]*opened{}
	c.arrive(part, people)
	for name, list := range c.open {
		whole[name] = append(whole[name], list...)
	}
	c.open = whole
}

func (c *recounter) happened(t *told, people map[string][]*told) {
	p := c.at(t.revision)
	if p == nil {
		return
	}
	for _, name := range t.names {
		for j := range p.spec.KPIs {
			c.figure(&p.spec.KPIs[j], name, t, people)
		}
	}
}

func (c *recounter) figure(k *KPISpec, name string, t *told, people map[string][]*told) {
	counter := "kpi:" + k.Name
	switch {
	case k.Count == name && k.Once != EachTime:
		people[k.Name] = append(people[k.Name], t)
	case k.Count == name:
		if n := k.amount(&t.event); n != 0 {
			d := Delta{Name: counter, Hour: hourOf(t.event.At), Labels: t.labels[k.Name]}
			c.sums[d] += n
			c.arms.add(d, n, c.mark(t))
		}
	}
	if k.Rate == name {
		c.answer(counter, t)
	}
	if k.Of == name {
		c.place(k, counter, t)
	}
}

func (c *recounter) place(k *KPISpec, counter string, t *told) {
	message, _ := Lookup(t.event.Fields, "message")
	o := &opened{at: t.event.At, message: message.Text(), labels: t.labels[k.Name], within: k.Within, seq: t.seq, mark: c.mark(t)}
	if k.Once != EachTime {
		o.message = ""
		for _, have := range c.open[counter] {
			if k.Once == OnceEver || c.f.sameMonth(have.at, o.at) {
				return
			}
		}
	}
	c.open[counter] = append(c.open[counter], o)
	c.add(counter, o.labels, o.at, 1, o.mark)
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
		best.done, best.by = true, t.event.ID
		c.add(counter, best.labels, best.at, 0, best.mark)
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
	c.first[name] = first
	for _, t := range first {
		c.add("kpi:"+name, t.labels[name], t.event.At, 0, c.mark(t))
	}
}

func (c *recounter) add(name, labels string, at Time, part uint8, mark ArmMark) {
	d := Delta{Name: name, Hour: hourOf(at), Labels: labels, Part: part}
	c.sums[d]++
	c.arms.add(d, 1, mark)
}
