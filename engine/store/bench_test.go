//go:build unix

package store

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/dgraph-io/badger/v4"

	"github.com/seed-456efde2/nurture/engine"
)

// benchLoad brings events of leads that exist, as a worker does: it asks whether
// the event was seen, takes the lead, changes it, and writes.
type benchLoad struct {
	s     *Store
	rng   *rand.Rand
	leads int
	next  int
	lead  engine.Lead
	fact  engine.Fact
	tails map[int]uint64
	ids   []engine.LeadID
}

func newBenchLoad(s *Store, leads int) *benchLoad {
	l := &benchLoad{s: s, rng: rand.New(rand.NewPCG(1, 2)), leads: leads, fact: *sampleFact(engine.LeadID{}, 0, 1), tails: map[int]uint64{}}
	for n := range leads {
		l.ids = append(l.ids, leadID(n))
	}
	return l
}

// preload writes all leads.
func (l *benchLoad) preload(b *testing.B, each func(*Write)) {
	w := l.s.NewWrite()
	for n := range l.leads {
		id := leadID(n)
		w.Lead(id.Partition(l.s.Partitions()), sampleLead(id, n))
		if (n+1)%1000 == 0 || n+1 == l.leads {
			each(w)
			must(b, l.s.Commit(w))
			w.Reset()
		}
	}
}

// fill adds the next n events to a Write.
func (l *benchLoad) fill(b *testing.B, w *Write, n int) {
	for range n {
		l.event(b, w, l.ids[l.rng.IntN(l.leads)])
	}
}

func (l *benchLoad) event(b *testing.B, w *Write, id engine.LeadID) {
	l.next++
	part := id.Partition(l.s.Partitions())
	e := &l.fact.Event
	e.ID = "msg-" + strconv.Itoa(1_000_000_000+l.next)
	e.Received = start.Add(engine.Span(l.next) * engine.Second)
	seen, err := l.s.Seen(part, id, e)
	if seen || err != nil {
		b.Fatal("a fresh event was seen", err)
	}
	row, err := l.s.LeadRow(part, id)
	if err == nil {
		err = engine.DecodeLead(row, &l.lead)
	}
	if err != nil {
		b.Fatal(err)
	}
	l.lead.ID = id
	at := start.Add(engine.Span(l.next) * engine.Second)
	l.lead.Seq++
	l.lead.Now, l.lead.Folds.LastAt, l.lead.Folds.LastID = at, at, e.ID
	l.lead.Folds.Scores[0].Value += 3
	e.At, e.Received, l.fact.Seq = at, at, l.lead.Seq
	w.Lead(part, &l.lead)
	w.Fact(part, id, &l.fact)
	w.Seen(part, id, l.lead.Seq, e.Source, e.ID)
	w.Count(engine.Delta{Name: "event:page_view", Hour: int64(at) / 3600000, N: 1})
	if l.next%12 == 0 {
		w.Timer(part, id, 0, at.Add(3*engine.Day))
		l.tails[part]++
		w.Outbox(part, engine.LaneNurture, l.tails[part], id, actionKeyOf(l.next), "sink")
	}
	w.Anchor(part, Anchor{Clock: at, Revision: 1})
}

// floorRows are the rows of one batch, for the floor.
type floorRows struct {
	keys, values [][]byte
	expires      []uint64
	drop         []bool
}

// floor makes the rows that bare Badger gets.
type floor struct {
	anchors map[int]Anchor // as they stand there
	ids     uint64         // rows of ids so far
}

// rows copies what a Write brings to a transaction.
func (m *floor) rows(w *Write) (f floorRows) {
	put := func(key, value []byte, kind opKind) {
		f.keys = append(f.keys, slices.Clone(key))
		f.values = append(f.values, slices.Clone(value))
		f.drop = append(f.drop, kind == deleteOp)
		f.expires = append(f.expires, 0)
		if kind == expireOp {
			f.expires[len(f.expires)-1] = uint64(time.Now().Add(defaultSeenFor).Unix())
		}
	}
	for i := range w.ops {
		put(w.key(&w.ops[i]), w.value(&w.ops[i]), w.ops[i].kind)
	}
	for i := range w.parts {
		part, a := w.parts[i].part.number, w.parts[i].anchor
		a.Commits = 1
		if old := m.anchors[part]; a.differs(&old) {
			m.anchors[part] = a
			put(partKey(nil, part, anchorRow), appendAnchor(nil, &a), setOp)
		}
	}
	for ids := range slices.Chunk(w.ids, maxIDs) {
		m.ids++
		put(idsKey(nil, m.ids, 0), ids, expireOp)
	}
	put([]byte{globalRow, 'c'}, make([]byte, 8), setOp)
	for c, n := range w.counts {
		put(counterKey(nil, c), binary.AppendVarint(nil, n), setOp)
	}
	return f
}

// commitFloor writes the rows to a bare database in one transaction.
func commitFloor(b *testing.B, db *badger.DB, f floorRows) {
	txn := db.NewTransaction(true)
	defer txn.Discard()
	for i, key := range f.keys {
		var err error
		if f.drop[i] {
			err = txn.Delete(key)
		} else {
			e := badger.NewEntry(key, f.values[i])
			e.ExpiresAt = f.expires[i]
			err = txn.SetEntry(e)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	must(b, txn.Commit())
}

func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// spent adds up rounds of one side.
type spent struct {
	wall, cpu time.Duration
	commits   []time.Duration
}

func (s *spent) report(b *testing.B, name string, events int) {
	slices.Sort(s.commits)
	b.ReportMetric(float64(events)/s.wall.Seconds(), name+"_events/s")
	b.ReportMetric(float64(s.cpu.Microseconds())/float64(events), name+"_cpu_us/event")
	b.ReportMetric(float64(s.commits[len(s.commits)*99/100].Microseconds())/1000, name+"_p99_ms")
}

// BenchmarkBuild measures what a worker does for an event besides deciding: asking
// whether it was seen, reading and decoding the lead, and encoding the rows.
func BenchmarkBuild(b *testing.B) {
	s := openAt(b, Options{Dir: b.TempDir(), Ballast: -1, Statfs: plenty, NoSync: true})
	load := newBenchLoad(s, 100_000)
	load.preload(b, func(*Write) {})
	w := s.NewWrite()
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		load.fill(b, w, 1)
		if n%1000 == 999 {
			b.StopTimer()
			must(b, s.Commit(w))
			w.Reset()
			b.StartTimer()
		}
	}
	must(b, s.Commit(w))
}

// BenchmarkColdLead measures reading a lead that is not cached.
func BenchmarkColdLead(b *testing.B) {
	s := openAt(b, Options{Dir: b.TempDir(), Ballast: -1, Statfs: plenty, NoSync: true, LeadCache: -1})
	load := newBenchLoad(s, 300_000)
	load.preload(b, func(*Write) {})
	b.ReportAllocs()
	c0 := cpu()
	n := 0
	for b.Loop() {
		id := load.ids[load.rng.IntN(load.leads)]
		row, err := s.LeadRow(id.Partition(64), id)
		if row == nil || err != nil {
			b.Fatal("a lead is gone", err)
		}
		n++
	}
	b.ReportMetric(float64((cpu()-c0).Nanoseconds())/float64(n), "cpu-ns/op")
	b.ReportMetric(float64(s.Stats().LeadMisses)/float64(n), "misses/op")
}

// BenchmarkCommit measures the store beside its floor: bare Badger with the same
// options that is given the same keys and values, already encoded, in the same
// batches. The sides take turns of some batches each, so that both meet the same
// neighbours. An iteration is a batch on either side.
func BenchmarkCommit(b *testing.B) {
	for _, leads := range []int{10_000, 100_000, 1_000_000} {
		for _, batch := range []int{64, 256, 1000} {
			b.Run(fmt.Sprintf("leads=%d/batch=%d", leads, batch), func(b *testing.B) { benchCommit(b, leads, batch) })
		}
	}
}

func benchCommit(b *testing.B, leads, batch int) {
	o := Options{Dir: b.TempDir(), Ballast: -1, Statfs: plenty}
	s := openAt(b, o)
	db, err := badger.Open(s.opts.badger(b.TempDir()))
	must(b, err)
	defer db.Close()
	load := newBenchLoad(s, leads)
	made := &floor{anchors: map[int]Anchor{}}
	load.preload(b, func(w *Write) { commitFloor(b, db, made.rows(w)) })
	shadow := newShadow(load, made)
	var ours, bare spent
	turn := max(1, 20_000/batch)
	w := s.NewWrite()
	b.ResetTimer()
	for done := 0; done < b.N; done += turn {
		n := min(turn, b.N-done)
		rows := make([]floorRows, 0, n)
		t0, c0 := time.Now(), cpu()
		for range n {
			load.fill(b, w, batch)
			t := time.Now()
			must(b, s.Commit(w))
			ours.commits = append(ours.commits, time.Since(t))
			w.Reset()
		}
		ours.wall, ours.cpu = ours.wall+time.Since(t0), ours.cpu+cpu()-c0
		for range n {
			rows = append(rows, shadow.rows(b, batch))
		}
		t0, c0 = time.Now(), cpu()
		for _, r := range rows {
			t := time.Now()
			commitFloor(b, db, r)
			bare.commits = append(bare.commits, time.Since(t))
		}
		bare.wall, bare.cpu = bare.wall+time.Since(t0), bare.cpu+cpu()-c0
	}
	events := b.N * batch
	ours.report(b, "store", events)
	bare.report(b, "floor", events)
	b.ReportMetric(bare.wall.Seconds()/ours.wall.Seconds(), "of_floor")
}

// shadow makes the same rows again for the floor: a load of its own over a store
// that is never committed to.
type shadow struct {
	load *benchLoad
	w    *Write
	made *floor
}

func newShadow(of *benchLoad, made *floor) *shadow {
	s := &Store{opts: of.s.opts}
	s.parts = make([]partition, len(of.s.parts))
	for i := range s.parts {
		s.parts[i].number = i
		s.parts[i].leads.budget = 1 << 40
		s.parts[i].leads.complete = true
		s.parts[i].seen.filter = newFilter(of.leads, 1<<30)
		s.parts[i].start(Anchor{})
	}
	s.names.start()
	l := newBenchLoad(s, of.leads)
	w := s.NewWrite()
	for n := range of.leads {
		id := leadID(n)
		w.Lead(id.Partition(len(s.parts)), sampleLead(id, n))
		if n%1000 == 0 {
			w.sealed = true
			w.Reset()
		}
	}
	w.sealed = true
	w.Reset()
	return &shadow{l, w, made}
}

func (s *shadow) rows(b *testing.B, n int) floorRows {
	s.load.fill(b, s.w, n)
	rows := s.made.rows(s.w)
	s.w.sealed = true
	s.w.Reset()
	return rows
}
