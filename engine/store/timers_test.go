package store

import (
	"bytes"
	"testing"

	"github.com/dgraph-io/badger/v4"

	"github.com/seed-456efde2/nurture/engine"
)

// TestTombstones fires 200,000 timers page by page, as the wheel does, and counts
// what the database steps over in each scan, tombstones and old versions included:
// a few for each timer. From the index's beginning it would be 40 million.
func TestTombstones(t *testing.T) {
	t.Parallel()
	s := openAt(t, small(t.TempDir()))
	const timers, page = 200_000, 1000
	due := func(n int) engine.Time { return start.Add(engine.Span(n / 100)) } // a hundred at an instant
	w := s.NewWrite()
	for n := range timers {
		w.Timer(0, leadIn(0, 64, n), 0, due(n))
		if n%5000 == 4999 {
			must(t, s.Commit(w))
			w.Reset()
		}
	}
	far := due(timers + 1000)
	w.Timer(0, leadIn(0, 64, timers), 0, far)
	must(t, s.Commit(w))
	w.Reset()
	fired, steps := 0, 0
	for now := due(timers); s.TimerLow(0) <= now; {
		steps += stepsOfScan(s, page)
		must(t, s.Due(0, now, page, func(lead engine.LeadID, at engine.Time) error {
			w.Timer(0, lead, at, 0)
			fired++
			return nil
		}))
		must(t, s.Commit(w))
		w.Reset()
	}
	t.Logf("%d fired, %d rows, tombstones and versions stepped over", fired, steps)
	if fired != timers {
		t.Errorf("%d timers fired of %d", fired, timers)
	}
	if steps > 5*timers {
		t.Errorf("the scans stepped over %d rows for %d timers", steps, timers)
	}
	if s.TimerLow(0) != far {
		t.Errorf("the mark is %v, the next timer is due at %v", s.TimerLow(0), far)
	}
	before := s.Stats().RowsWalked
	for range 1000 {
		must(t, s.Due(0, due(timers), page, func(engine.LeadID, engine.Time) error { t.Error("fired twice"); return nil }))
	}
	if n := s.Stats().RowsWalked - before; n != 0 {
		t.Errorf("asking when nothing is due walked over %d rows", n)
	}
}

// stepsOfScan counts what a scan for one page of timers steps over.
func stepsOfScan(s *Store, page int) (steps int) {
	txn := s.db.NewTransaction(false)
	defer txn.Discard()
	rows := txn.NewIterator(badger.IteratorOptions{Prefix: partKey(nil, 0, timerRow), AllVersions: true})
	defer rows.Close()
	var last []byte
	for rows.Seek(timerKey(nil, 0, s.TimerLow(0), engine.LeadID{})); rows.Valid() && page > 0; rows.Next() {
		steps++
		if newest := !bytes.Equal(last, rows.Item().Key()); newest && !rows.Item().IsDeletedOrExpired() {
			page--
		}
		last = rows.Item().KeyCopy(last)
	}
	return steps
}

// TestMarkSurvives keeps the mark over an opening, and takes a timer that is armed
// before it.
func TestMarkSurvives(t *testing.T) {
	t.Parallel()
	o := small(t.TempDir())
	s := openAt(t, o)
	day := start.Add(engine.Day)
	wrote(t, s, func(w *Write) {
		w.Timer(4, leadIn(4, 64, 1), 0, start)
		w.Timer(4, leadIn(4, 64, 2), 0, day)
	})
	list := func(now engine.Time) (n int) {
		must(t, s.Due(4, now, 0, func(engine.LeadID, engine.Time) error { n++; return nil }))
		return n
	}
	wrote(t, s, func(w *Write) { w.Timer(4, leadIn(4, 64, 1), start, 0) })
	if n := list(start); n != 0 || s.TimerLow(4) != day {
		t.Errorf("%d are due, the mark is %v", n, s.TimerLow(4))
	}
	wrote(t, s, func(w *Write) { w.Lead(4, sampleLead(leadIn(4, 64, 3), 3)) }) // carries the anchor
	s = reopen(t, s, o)
	if s.Anchor(4).TimerLow != day || s.TimerLow(4) != day {
		t.Errorf("after opening again the anchor's mark is %v and the mark %v", s.Anchor(4).TimerLow, s.TimerLow(4))
	}
	early := s.NewWrite()
	early.Timer(4, leadIn(4, 64, 4), 0, start)
	if s.TimerLow(4) != start {
		t.Errorf("a timer before the mark is armed and the mark is %v", s.TimerLow(4))
	}
	if n := list(start); n != 0 || s.TimerLow(4) != start {
		t.Errorf("before the commit %d are due, the mark is %v", n, s.TimerLow(4))
	}
	must(t, s.Commit(early))
	early.Reset()
	s = reopen(t, s, o)
	if n := list(day); n != 2 {
		t.Errorf("%d timers are due, 2 are armed", n)
	}
}

// TestOutboxHead reads a lane from its head, which follows what was dropped.
func TestOutboxHead(t *testing.T) {
	t.Parallel()
	o := small(t.TempDir())
	s := openAt(t, o)
	lane := engine.LaneBroadcast
	wrote(t, s, func(w *Write) {
		for seq := uint64(1); seq <= 100; seq++ {
			w.Outbox(9, lane, seq, leadIn(9, 64, int(seq)), actionKeyOf(int(seq)), "email")
		}
	})
	read := func(from uint64, limit int) (seqs []uint64) {
		must(t, s.Outbox(9, lane, from, limit, func(seq uint64, _ engine.LeadID, _ engine.ActionKey, _ string) error {
			seqs = append(seqs, seq)
			return nil
		}))
		return seqs
	}
	wrote(t, s, func(w *Write) {
		for seq := uint64(1); seq <= 60; seq++ {
			w.DropOutbox(9, lane, seq)
		}
		w.DropOutbox(9, lane, 80)
	})
	if got := read(0, 3); len(got) != 3 || got[0] != 61 || got[2] != 63 {
		t.Errorf("the first page is %v", got)
	}
	if got := read(79, 2); len(got) != 2 || got[1] != 81 {
		t.Errorf("the page from 79 is %v", got)
	}
	wrote(t, s, func(w *Write) { w.DropOutbox(9, lane, 61) })
	s = reopen(t, s, o)
	if a := s.Anchor(9); a.OutboxHead[lane] != 61 || a.OutboxTail[lane] != 101 {
		t.Errorf("the lane goes from %d to %d", a.OutboxHead[lane], a.OutboxTail[lane])
	}
	if got := read(0, 0); len(got) != 38 {
		t.Errorf("%d rows are left, want 38", len(got))
	}
	wrote(t, s, func(w *Write) {
		for seq := uint64(62); seq <= 100; seq++ {
			w.DropOutbox(9, lane, seq)
		}
	})
	if got := read(0, 0); len(got) != 0 {
		t.Errorf("rows are left: %v", got)
	}
	wrote(t, s, func(w *Write) { w.Outbox(9, lane, 101, leadIn(9, 64, 1), actionKeyOf(1), "email") })
	if a := s.Anchor(9); a.OutboxHead[lane] != 101 || a.OutboxTail[lane] != 102 {
		t.Errorf("after all was dropped the lane goes from %d to %d", a.OutboxHead[lane], a.OutboxTail[lane])
	}
}
