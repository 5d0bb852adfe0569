package store

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/seed-456efde2/nurture/engine"
	_ "github.com/seed-456efde2/nurture/engine/enginetest/seeded"
)

// world is what a store should hold, in maps.
type world struct {
	leads   map[engine.LeadID]int // what sampleLead was given
	dues    map[engine.LeadID]engine.Time
	facts   map[engine.LeadID][]int // at·1000 + seq
	seen    map[string]bool
	outbox  map[uint64]engine.LeadID
	bodies  map[engine.ActionKey]string
	counts  map[string]int64
	names   map[string]engine.LeadID
	clocks  map[int]engine.Time
	tail    uint64
	nextSeq int
}

func newWorld() *world {
	return &world{
		leads: map[engine.LeadID]int{}, dues: map[engine.LeadID]engine.Time{}, facts: map[engine.LeadID][]int{},
		seen: map[string]bool{}, outbox: map[uint64]engine.LeadID{}, bodies: map[engine.ActionKey]string{},
		counts: map[string]int64{}, names: map[string]engine.LeadID{}, clocks: map[int]engine.Time{}, tail: 1,
	}
}

func (w *world) clone() *world {
	c := *w
	c.leads, c.dues, c.seen, c.outbox = maps.Clone(w.leads), maps.Clone(w.dues), maps.Clone(w.seen), maps.Clone(w.outbox)
	c.bodies, c.counts, c.names, c.clocks = maps.Clone(w.bodies), maps.Clone(w.counts), maps.Clone(w.names), maps.Clone(w.clocks)
	c.facts = map[engine.LeadID][]int{}
	for id, f := range w.facts {
		c.facts[id] = slices.Clone(f)
	}
	return &c
}

// machine drives a store and its worlds: young is what the worker sees, then the
// worlds after each Write that was handed over, and old what is durable.
type machine struct {
	t     *testing.T
	o     Options
	s     *Store
	young *world
	old   *world
	open  *Write
	under []*Write
	after []*world
	spare []*Write
}

const modelParts, modelLeads = 3, 12

func modelLead(n int) (int, engine.LeadID) {
	part := n % modelParts
	return part, leadIn(part, modelParts, n)
}

// TestModel compares the store with maps under random Writes, several under way
// at once, commits of some of them together, evictions, and opening again.
func TestModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		dir, err := os.MkdirTemp(t.TempDir(), "model")
		must(t, err)
		m := &machine{t: t, o: small(dir), young: newWorld(), old: newWorld()}
		m.o.Partitions, m.o.LeadCache = modelParts, -1
		m.start(r)
		defer func() { _ = m.s.Close() }()
		r.Repeat(map[string]func(*rapid.T){
			"write":   m.write,
			"write 2": m.write,
			"write 3": m.write,
			"hand":    m.hand,
			"commit":  m.commit,
			"due":     m.due,
			"outbox":  m.outbox,
			"reopen":  m.reopen,
			"check":   m.check,
			"":        func(r *rapid.T) { m.checkLead(r, rapid.IntRange(0, modelLeads-1).Draw(r, "look at")) },
		})
	})
}

func (m *machine) start(r *rapid.T) {
	s, err := Open(m.o)
	if err != nil {
		r.Fatal(err)
	}
	m.s, m.open, m.spare = s, s.NewWrite(), []*Write{s.NewWrite(), s.NewWrite()}
	for i := range s.parts { // one lead or two fit
		s.parts[i].leads.budget = 16 * slotUnit
	}
}

// write adds a few rows of random kinds to the open Write and to the young world.
func (m *machine) write(r *rapid.T) {
	y, n := m.young, rapid.IntRange(0, modelLeads-1).Draw(r, "lead")
	part, id := modelLead(n)
	switch rapid.IntRange(0, 6).Draw(r, "kind") {
	case 0:
		y.leads[id] = rapid.IntRange(0, 500).Draw(r, "state")
		m.open.Lead(part, sampleLead(id, y.leads[id]))
	case 1:
		due := start.Add(engine.Span(rapid.IntRange(0, 8).Draw(r, "due")))
		if due == start {
			due = 0
		}
		m.open.Timer(part, id, y.dues[id], due)
		y.dues[id] = due
	case 2:
		at := rapid.IntRange(0, 20).Draw(r, "at")
		y.nextSeq++
		m.open.Fact(part, id, sampleFact(id, at, uint64(y.nextSeq)))
		y.facts[id] = append(y.facts[id], at*1000+y.nextSeq)
	case 3:
		at, name := rapid.IntRange(0, 20).Draw(r, "at"), fmt.Sprint(rapid.IntRange(0, 9).Draw(r, "id"))
		y.nextSeq++
		f := sampleFact(id, at, uint64(y.nextSeq))
		f.Event.ID = name
		m.open.Fact(part, id, f)
		y.facts[id] = append(y.facts[id], at*1000+y.nextSeq)
		m.open.Seen(part, id, rapid.SampledFrom([]uint64{f.Seq, longJournal}).Draw(r, "journal"), "web", name)
		y.seen[fmt.Sprint(id, name)] = true
	case 4:
		m.writeAction(r)
	case 5:
		name := rapid.SampledFrom([]string{"a", "ab", "b"}).Draw(r, "counter")
		m.open.Count(engine.Delta{Name: name, Hour: 1, N: 2})
		y.counts[name] += 2
	case 6:
		name := rapid.SampledFrom([]string{"x", "y"}).Draw(r, "name")
		m.open.Identifier(engine.Identifier{Kind: engine.ByUser, Value: name}, id)
		y.names[name] = id
	}
	if rapid.Bool().Draw(r, "clock") {
		y.clocks[part] = start.Add(engine.Span(n))
		m.open.Anchor(part, Anchor{Clock: y.clocks[part]})
	}
}

// writeAction puts an action into the outbox of partition 0, or takes one out.
func (m *machine) writeAction(r *rapid.T) {
	y := m.young
	if len(y.outbox) > 0 && rapid.Bool().Draw(r, "drop") {
		seq := rapid.SampledFrom(slices.Sorted(maps.Keys(y.outbox))).Draw(r, "seq")
		m.open.DropOutbox(0, engine.LaneTossUp, seq)
		m.open.DropBody(0, actionKeyOf(int(seq)))
		delete(y.outbox, seq)
		delete(y.bodies, actionKeyOf(int(seq)))
		return
	}
	_, id := modelLead(0)
	m.open.Outbox(0, engine.LaneTossUp, y.tail, id, actionKeyOf(int(y.tail)), "crm")
	y.outbox[y.tail], y.bodies[actionKeyOf(int(y.tail))] = id, fmt.Sprint(y.tail)
	must(m.t, m.open.Body(0, actionKeyOf(int(y.tail)), fmt.Append(nil, y.tail)))
	y.tail++
}

// hand ends the open Write and begins the next.
func (m *machine) hand(r *rapid.T) {
	if len(m.spare) == 0 {
		r.Skip()
	}
	m.under, m.after = append(m.under, m.open), append(m.after, m.young.clone())
	m.open, m.spare = m.spare[0], m.spare[1:]
}

// commit makes some of the Writes that were handed over durable.
func (m *machine) commit(r *rapid.T) {
	if len(m.under) == 0 {
		r.Skip()
	}
	n := rapid.IntRange(1, len(m.under)).Draw(r, "writes")
	if err := m.s.Commit(m.under[:n]...); err != nil {
		r.Fatal(err)
	}
	m.old = m.after[n-1]
	for _, w := range m.under[:n] {
		w.Reset()
		m.spare = append(m.spare, w)
	}
	m.under, m.after = m.under[n:], m.after[n:]
}

// due scans the timers of a partition: the durable ones, and the mark is at or
// before whatever is armed anywhere.
func (m *machine) due(r *rapid.T) {
	part := rapid.IntRange(0, modelParts-1).Draw(r, "part")
	now := start.Add(engine.Span(rapid.IntRange(0, 9).Draw(r, "now")))
	var got, want []string
	err := m.s.Due(part, now, 0, func(id engine.LeadID, due engine.Time) error {
		got = append(got, fmt.Sprint(due, id))
		return nil
	})
	if err != nil {
		r.Fatal(err)
	}
	for id, due := range m.old.dues {
		if id.Partition(modelParts) == part && due != 0 && due <= now {
			want = append(want, fmt.Sprint(due, id))
		}
	}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		r.Fatalf("due: %v, want %v", got, want)
	}
}

// outbox scans the lane.
func (m *machine) outbox(r *rapid.T) {
	var got []uint64
	err := m.s.Outbox(0, engine.LaneTossUp, 0, 0, func(seq uint64, _ engine.LeadID, key engine.ActionKey, _ string) error {
		got = append(got, seq)
		body, err := m.s.Body(0, key)
		if string(body) != m.old.bodies[key] {
			r.Fatalf("the body of %d is %q", seq, body)
		}
		return err
	})
	if want := slices.Sorted(maps.Keys(m.old.outbox)); err != nil || !slices.Equal(got, want) {
		r.Fatalf("outbox: %v, %v, want %v", got, err, want)
	}
}

// reopen closes the store, with everything committed or as if it were killed.
func (m *machine) reopen(r *rapid.T) {
	if m.young.nextSeq%3 != 0 { // not at every chance: it takes time
		r.Skip()
	}
	if err := m.s.Close(); err != nil {
		r.Fatal(err)
	}
	m.young, m.under, m.after = m.old.clone(), nil, nil
	m.start(r)
}

// check compares what the worker sees with the young world, and what others see
// with the old one.
func (m *machine) check(r *rapid.T) {
	for n := range modelLeads {
		m.checkLead(r, n)
	}
	for _, name := range []string{"x", "y"} {
		want, known := m.young.names[name]
		got, found, err := m.s.Resolve(engine.Identifier{Kind: engine.ByUser, Value: name})
		if err != nil || found != known || got != want {
			r.Fatalf("%s stands for %v, %v, %v; want %v", name, got, found, err, want)
		}
	}
	for _, name := range []string{"a", "ab", "b"} {
		var sum int64
		must(m.t, m.s.Counts(name, 0, 9, func(d engine.Delta) error { sum += d.N; return nil }))
		if sum != m.old.counts[name] {
			r.Fatalf("counter %s is %d, want %d", name, sum, m.old.counts[name])
		}
	}
	for part := range modelParts {
		a := m.s.Anchor(part)
		behind := m.old.clocks[part].Sub(a.Clock)
		if behind < 0 || behind >= clockSlack || part == 0 && a.OutboxTail[0] != m.old.tail {
			r.Fatalf("the anchor of partition %d is %+v", part, a)
		}
	}
}

func (m *machine) checkLead(r *rapid.T, n int) {
	part, id := modelLead(n)
	row, err := m.s.LeadRow(part, id)
	state, known := m.young.leads[id]
	if err != nil || (row != nil) != known || known && !slices.Equal(row, engine.AppendLead(nil, sampleLead(id, state))) {
		r.Fatalf("the worker sees lead %d as %x, %v; known: %v", n, row, err, known)
	}
	var l engine.Lead
	state, known = m.old.leads[id]
	if found, err := m.s.Lead(id, &l); err != nil || found != known || known && l.User != fmt.Sprintf("u%07d", state) {
		r.Fatalf("others see lead %d as %v, %v, %s", n, found, err, l.User)
	}
	if low := m.s.TimerLow(part); m.young.dues[id] != 0 && low > m.young.dues[id] {
		r.Fatalf("the mark is %v and lead %d is due at %v", low, n, m.young.dues[id])
	}
	for i := range 10 {
		name := fmt.Sprint(i)
		if seen, err := m.s.Seen(part, id, message("web", name)); err != nil || seen != m.young.seen[fmt.Sprint(id, name)] {
			r.Fatalf("message %s of lead %d is seen: %v, %v", name, n, seen, err)
		}
	}
	m.checkFacts(r, id, m.open, m.young)
	m.checkFacts(r, id, durable0{m.s, part}, m.old)
}

// durable0 is the journal as others than the worker see it.
type durable0 struct {
	s    *Store
	part int
}

func (d durable0) Facts(lead engine.LeadID, yield func(*engine.Fact) error) error {
	return d.s.Facts(d.part, lead, yield)
}

func (m *machine) checkFacts(r *rapid.T, id engine.LeadID, h engine.History, w *world) {
	var got []int
	err := h.Facts(id, func(f *engine.Fact) error {
		got = append(got, int(f.Event.At-start)/1000*1000+int(f.Seq))
		return nil
	})
	want := slices.SortedFunc(slices.Values(w.facts[id]), cmp.Compare[int])
	if err != nil || !slices.Equal(got, want) {
		r.Fatalf("facts of %v: %v, %v; want %v", id, got, err, want)
	}
}
