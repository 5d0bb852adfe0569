package store

import (
	"encoding/binary"
	"fmt"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
)

// plenty is a file system that is never full.
func plenty(string) (free, total uint64, err error) { return 100 << 30, 200 << 30, nil }

// small are the options that tests use: no ballast, the least memory, no waiting
// for the disk.
func small(dir string) Options {
	return Options{
		Dir: dir, Memory: MemorySmall, Ballast: -1, NoSync: true, LeadCache: 4 << 20, SeenFilter: 8 << 20, Statfs: plenty,
		memTable: 8 << 20,
	}
}

// openAt opens a store and closes it when the test ends.
func openAt(t testing.TB, o Options) *Store {
	t.Helper()
	s, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// reopen closes a store and opens its folder again.
func reopen(t testing.TB, s *Store, o Options) *Store {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return openAt(t, o)
}

// must fails the test on an error.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wrote commits one Write.
func wrote(t testing.TB, s *Store, fill func(w *Write)) {
	t.Helper()
	w := s.NewWrite()
	fill(w)
	must(t, s.Commit(w))
	w.Reset()
}

// leadID is the nth lead of a test.
func leadID(n int) engine.LeadID {
	return engine.Identifier{Kind: engine.ByUser, Value: fmt.Sprint("user-", n)}.Lead()
}

// leadIn is the nth lead of a test that lies in the partition.
func leadIn(part, parts, n int) engine.LeadID {
	var id engine.LeadID
	binary.BigEndian.PutUint64(id[:], uint64(n+1)*0x9e3779b97f4a7c15)
	id[14], id[15] = byte(part>>8), byte(part)
	if id.Partition(parts) != part {
		panic("the lead lies elsewhere")
	}
	return id
}

// actionKeyOf is the nth action of a test.
func actionKeyOf(n int) (k engine.ActionKey) {
	binary.BigEndian.PutUint64(k[8:], uint64(n)+1)
	return k
}

// start is when tests begin.
var start = engine.TimeOf(time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC))

// sampleLead is a lead as the common workload leaves it: about 150 bytes.
func sampleLead(id engine.LeadID, n int) *engine.Lead {
	at := start.Add(engine.Span(n) * engine.Minute)
	return &engine.Lead{
		ID: id, User: fmt.Sprintf("u%07d", n), FirstSeen: start, Now: at, Seq: uint64(n%50 + 1), Revision: 1,
		Folds: engine.Folds{
			Digest: 77, LastAt: at, LastID: fmt.Sprintf("msg-%012d", n),
			Attrs:  []engine.Attr{{Name: "industry", Value: engine.TextValue("manufacturing")}},
			Scores: []engine.Score{{Name: "engagement", Value: float64(n % 100), AsOf: at}},
			Counts: []engine.Count{
				{Event: "page_view", Total: int64(n % 40), Last: at, Recent: []engine.Time{at}},
				{Event: "email_open", Total: int64(n % 9), Last: at},
			},
		},
		Acts: engine.Acts{Stage: "subscriber", StageSince: start},
	}
}

// sampleFact is an event as the common workload has it.
func sampleFact(id engine.LeadID, n int, seq uint64) *engine.Fact {
	at := start.Add(engine.Span(n) * engine.Second)
	return &engine.Fact{
		Seq: seq, Revision: 1,
		Event: engine.Event{
			Kind: engine.Track, ID: fmt.Sprintf("msg-%012d", n), Source: "web", Name: "page_view", Lead: id,
			User: fmt.Sprintf("u%07d", n), At: at, Received: at.Add(engine.Second),
			Fields: []engine.Field{
				{Name: "path", Value: engine.TextValue("/pricing/enterprise")},
				{Name: "duration", Value: engine.NumberValue(float64(n % 120))},
			},
			Context: `{"userAgent":"Mozilla/5.0","campaign":{"source":"news"},"session":"s1"}`,
		},
		Decisions: []engine.Decision{{Kind: engine.Paid, At: at, Subject: "engagement.pricing", Points: 10}},
	}
}

// nobody is a lead without a journal.
var nobody engine.LeadID

// message is an event of now.
func message(source, id string) *engine.Event {
	return &engine.Event{Kind: engine.Track, Source: source, ID: id, Received: start}
}
