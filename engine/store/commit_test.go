package store

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/seed-456efde2/nurture/engine"
)

// TestSplit commits more at once than a transaction takes: each Write stays
// whole, and Full leaves room for one event as large as there can be.
func TestSplit(t *testing.T) {
	t.Parallel()
	o := small(t.TempDir())
	o.memTable = 0
	s := openAt(t, o)
	var ws []*Write
	for part := range 6 {
		w := s.NewWrite()
		id := leadIn(part, 64, 1)
		for n := 0; !w.Full(); n++ {
			f := sampleFact(id, n, uint64(n+1))
			f.Event.Context = string(make([]byte, 20<<10))
			w.Fact(part, id, f)
		}
		f := sampleFact(id, 1<<20, 1<<20)
		f.Event.Context = string(make([]byte, engine.MaxEventLength))
		w.Fact(part, id, f)
		must(t, w.Body(part, actionKeyOf(1), make([]byte, MaxBody)))
		ws = append(ws, w)
	}
	must(t, s.Commit(ws...))
	if s.Commits() < 2 || s.Commits() > 6 {
		t.Errorf("six Writes of more than half a transaction each took %d transactions", s.Commits())
	}
	for part, w := range ws {
		if a := s.Anchor(part); a.Commits == 0 {
			t.Errorf("partition %d has no anchor", part)
		}
		w.Reset()
	}
}

// TestSplitByRows commits many small rows, which reach the bound on the number of
// rows first.
func TestSplitByRows(t *testing.T) {
	t.Parallel()
	s := openAt(t, small(t.TempDir()))
	var ws []*Write
	for part := range 3 {
		w := s.NewWrite()
		for n := 0; !w.Full(); n++ {
			w.Timer(part, leadIn(part, 64, n), 0, start.Add(engine.Span(n)))
		}
		if rows, bytes := w.Size(); rows < s.maxRows/2-1 || bytes > s.maxBytes/2 {
			t.Fatalf("a full Write has %d rows and %d bytes", rows, bytes)
		}
		ws = append(ws, w)
	}
	must(t, s.Commit(ws...))
	for part, w := range ws {
		rows, _ := w.Size()
		n := 0
		must(t, s.Due(part, noRow, 0, func(engine.LeadID, engine.Time) error { n++; return nil }))
		if n != rows-1 { // and the anchor
			t.Errorf("partition %d has %d timers of %d", part, n, rows-1)
		}
	}
}

// TestEmptyCommit takes no transaction.
func TestEmptyCommit(t *testing.T) {
	t.Parallel()
	s := openAt(t, small(t.TempDir()))
	w := s.NewWrite()
	must(t, s.Commit())
	must(t, s.Commit(w, s.NewWrite()))
	w.Reset()
	if s.Commits() != 0 {
		t.Errorf("nothing took %d transactions", s.Commits())
	}
}

// TestBroken fails a commit and checks that nothing works any more, with the
// cause, until the folder is opened again.
func TestBroken(t *testing.T) {
	t.Parallel()
	o := small(t.TempDir())
	gone, failing := errors.New("the disk is gone"), false
	o.Statfs = func(dir string) (free, total uint64, err error) {
		if failing {
			return 0, 0, gone
		}
		return plenty(dir)
	}
	s := openAt(t, o)
	id := leadIn(5, 64, 1)
	wrote(t, s, func(w *Write) { w.Lead(5, sampleLead(id, 1)) })
	failing = true
	w := s.NewWrite()
	w.Lead(5, sampleLead(id, 2))
	err := s.Commit(w)
	if !errors.Is(err, ErrBroken) || !errors.Is(err, gone) {
		t.Fatalf("a commit to a disk that fails: %v", err)
	}
	failing = false
	again := s.Commit(s.NewWrite())
	if !errors.Is(again, ErrBroken) || again.Error() != err.Error() {
		t.Errorf("the next commit: %v, after %v", again, err)
	}
	if err := s.Facts(5, id, func(*engine.Fact) error { return nil }); !errors.Is(err, ErrBroken) {
		t.Errorf("a read: %v", err)
	}
	if err := s.SaveRevision(Revision{Number: 1, Digest: "d"}); !errors.Is(err, ErrBroken) {
		t.Errorf("a revision: %v", err)
	}
	_ = s.Close()
	s = openAt(t, o)
	row, err := s.LeadRow(5, id)
	if err != nil || !slices.Equal(row, engine.AppendLead(nil, sampleLead(id, 1))) {
		t.Errorf("after opening again the lead is %x, %v", row, err)
	}
}

// TestClosed answers every call after Close.
func TestClosed(t *testing.T) {
	t.Parallel()
	s := openAt(t, small(t.TempDir()))
	id := leadIn(1, 64, 1)
	wrote(t, s, func(w *Write) { w.Fact(1, id, sampleFact(id, 1, 1)) })
	done := make(chan error, 1)
	nested := s.Facts(1, id, func(*engine.Fact) error {
		go func() { done <- s.Close() }()
		for { // Close has begun: a call within a call must not hang
			if err := s.Facts(1, id, func(*engine.Fact) error { return nil }); err != nil {
				return err
			}
		}
	})
	if !errors.Is(nested, ErrClosed) {
		t.Errorf("a read within a read during Close: %v", nested)
	}
	must(t, <-done)
	if err := s.Close(); !errors.Is(err, ErrClosed) {
		t.Errorf("Close after Close: %v", err)
	}
	if err := s.Commit(); !errors.Is(err, ErrClosed) {
		t.Errorf("Commit after Close: %v", err)
	}
}

// TestMisuse breaks the store when Writes are not handled as they must be.
func TestMisuse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		do   func(s *Store, a, b *Write)
		want string
	}{
		{"out of order", func(s *Store, a, b *Write) { _ = s.Commit(b, a) }, "partition 1: write 2 is committed after write 0"},
		{"twice", func(s *Store, a, b *Write) { _ = s.Commit(a, a) }, "committed after write 1"},
		{"again", func(s *Store, a, b *Write) { _ = s.Commit(a); _ = s.Commit(a) }, "committed twice"},
		{"added to after its commit", func(s *Store, a, b *Write) { _ = s.Commit(a); a.Seen(1, nobody, longJournal, "web", "x") }, "after its commit"},
		{"thrown away", func(s *Store, a, b *Write) { a.Reset() }, "thrown away"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := openAt(t, small(t.TempDir()))
			a, b := s.NewWrite(), s.NewWrite()
			a.Lead(1, sampleLead(leadIn(1, 64, 1), 1))
			b.Lead(1, sampleLead(leadIn(1, 64, 1), 2))
			c.do(s, a, b)
			if err := s.Commit(); !errors.Is(err, ErrBroken) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("the store says %v, want %q", err, c.want)
			}
		})
	}
}
