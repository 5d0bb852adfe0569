package store

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-456efde2/nurture/engine"
)

// TestRows writes one row of every kind, and reads it back before the commit
// where that is promised, after it, and after opening the folder again.
func TestRows(t *testing.T) {
	t.Parallel()
	o := small(t.TempDir())
	s := openAt(t, o)
	id, key := leadID(1), actionKeyOf(1)
	part := id.Partition(s.Partitions())
	lead, fact := sampleLead(id, 1), sampleFact(id, 1, 1)
	dead := &engine.DeadAction{Pending: engine.Pending{Key: key, Channel: "email", Step: "thanks"}, Lead: id, At: start, Outcome: engine.Refused, Code: "no_such_user"}
	mail := engine.Identifier{Kind: engine.ByKey, Value: "a@example.jp"}
	w := s.NewWrite()
	w.Lead(part, lead)
	w.Fact(part, id, fact)
	w.Seen(part, nobody, longJournal, "web", "m1")
	w.Timer(part, id, 0, start.Add(engine.Day))
	w.Outbox(part, engine.LaneTossUp, 1, id, key, "email")
	must(t, w.Body(part, key, []byte("parts")))
	w.Dead(part, dead)
	w.Count(engine.Delta{Name: "event:download", Hour: 5, Labels: "workflow=a", N: 3, Part: 1})
	w.Identifier(mail, id)
	w.Anchor(part, Anchor{Clock: start, Revision: 7})

	if row, err := s.LeadRow(part, id); err != nil || !slices.Equal(row, engine.AppendLead(nil, lead)) {
		t.Errorf("before the commit the worker sees row %x, %v", row, err)
	}
	if seen, err := s.Seen(part, nobody, message("web", "m1")); !seen || err != nil {
		t.Errorf("before the commit the message is seen: %v, %v", seen, err)
	}
	if got, found, err := s.Resolve(mail); got != id || !found || err != nil {
		t.Errorf("before the commit the identifier stands for %v, %v, %v", got, found, err)
	}
	must(t, s.Commit(w))
	w.Reset()
	check := func(s *Store) {
		t.Helper()
		checkRows(t, s, id, lead, fact, dead)
		if got, found, err := s.Resolve(mail); got != id || !found || err != nil {
			t.Errorf("the identifier stands for %v, %v, %v", got, found, err)
		}
		if a := s.Anchor(part); a.Commits != 1 || a.Clock != start || a.Revision != 7 || a.OutboxTail[0] != 2 || a.OutboxHead[0] != 1 || a.OutboxTail[1] != 1 {
			t.Errorf("the anchor is %+v", a)
		}
	}
	check(s)
	check(reopen(t, s, o))
}

func checkRows(t *testing.T, s *Store, id engine.LeadID, lead *engine.Lead, fact *engine.Fact, dead *engine.DeadAction) {
	t.Helper()
	part, key := id.Partition(s.Partitions()), dead.Pending.Key
	var gotLead engine.Lead
	if found, err := s.Lead(id, &gotLead); !found || err != nil || !cmp.Equal(engine.AppendLead(nil, &gotLead), engine.AppendLead(nil, lead)) {
		t.Errorf("the lead is %+v, %v, %v", gotLead, found, err)
	}
	if row, err := s.LeadRow(part, id); err != nil || !slices.Equal(row, engine.AppendLead(nil, lead)) {
		t.Errorf("the lead's row is %x, %v", row, err)
	}
	n := 0
	must(t, s.Facts(part, id, func(f *engine.Fact) error {
		n++
		if !cmp.Equal(engine.AppendFact(nil, f), engine.AppendFact(nil, fact)) || f.Event.Lead != id {
			t.Errorf("the fact is %+v", f)
		}
		return nil
	}))
	must(t, s.Due(part, start.Add(engine.Day), 0, func(lead engine.LeadID, due engine.Time) error {
		n += 10
		if lead != id || due != start.Add(engine.Day) {
			t.Errorf("due: %v at %v", lead, due)
		}
		return nil
	}))
	must(t, s.Outbox(part, engine.LaneTossUp, 0, 0, func(seq uint64, lead engine.LeadID, k engine.ActionKey, channel string) error {
		n += 100
		if seq != 1 || lead != id || k != key || channel != "email" {
			t.Errorf("outbox: %d %v %v %s", seq, lead, k, channel)
		}
		return nil
	}))
	must(t, s.DeadActions(part, engine.ActionKey{}, 0, func(d *engine.DeadAction) error {
		n += 1000
		if !cmp.Equal(d, dead) {
			t.Errorf("dead: %s", cmp.Diff(dead, d))
		}
		return nil
	}))
	must(t, s.Counts("event:download", 0, 6, func(d engine.Delta) error {
		n += 10000
		if d != (engine.Delta{Name: "event:download", Hour: 5, Labels: "workflow=a", N: 3, Part: 1}) {
			t.Errorf("counted: %+v", d)
		}
		return nil
	}))
	if n != 11111 {
		t.Errorf("rows of kinds are missing or too many: %05d", n)
	}
	if body, err := s.Body(part, key); string(body) != "parts" || err != nil {
		t.Errorf("the body is %q, %v", body, err)
	}
	if seen, err := s.Seen(part, nobody, message("web", "m1")); !seen || err != nil {
		t.Errorf("the message is seen: %v, %v", seen, err)
	}
	if seen, err := s.Seen(part, nobody, message("web", "m2")); seen || err != nil {
		t.Errorf("another message is seen: %v, %v", seen, err)
	}
}

// TestDrops removes what was written, in the same Write and in a later one.
func TestDrops(t *testing.T) {
	t.Parallel()
	s := openAt(t, small(t.TempDir()))
	id := leadIn(3, 64, 1)
	fill := func(w *Write, key engine.ActionKey, seq uint64) {
		w.Timer(3, id, 0, start)
		w.Outbox(3, engine.LaneNurture, seq, id, key, "email")
		must(t, w.Body(3, key, []byte("b")))
		w.Dead(3, &engine.DeadAction{Pending: engine.Pending{Key: key}, Lead: id})
	}
	drop := func(w *Write, key engine.ActionKey, seq uint64) {
		w.Timer(3, id, start, 0)
		w.DropOutbox(3, engine.LaneNurture, seq)
		w.DropBody(3, key)
		w.DropDead(3, key)
	}
	wrote(t, s, func(w *Write) { fill(w, actionKeyOf(1), 1); drop(w, actionKeyOf(1), 1) })
	wrote(t, s, func(w *Write) { fill(w, actionKeyOf(2), 2) })
	wrote(t, s, func(w *Write) { drop(w, actionKeyOf(2), 2) })
	n := 0
	must(t, s.Due(3, start.Add(engine.Day), 0, func(engine.LeadID, engine.Time) error { n++; return nil }))
	must(t, s.Outbox(3, engine.LaneNurture, 0, 0, func(uint64, engine.LeadID, engine.ActionKey, string) error { n++; return nil }))
	must(t, s.DeadActions(3, engine.ActionKey{}, 0, func(*engine.DeadAction) error { n++; return nil }))
	for i := range 3 {
		if body, err := s.Body(3, actionKeyOf(i)); body != nil || err != nil {
			t.Errorf("body %d is %q, %v", i, body, err)
		}
	}
	if n != 0 {
		t.Errorf("%d rows are left", n)
	}
	if low := s.TimerLow(3); low != noRow {
		t.Errorf("the low-water mark of no timers is %v", low)
	}
	if a := s.Anchor(3); a.OutboxTail[engine.LaneNurture] != 3 {
		t.Errorf("the next position is %d", a.OutboxTail[engine.LaneNurture])
	}
}

// TestHistory merges the journal of what is durable, what is being committed and
// what is being built, in order of time and sequence.
func TestHistory(t *testing.T) {
	t.Parallel()
	s := openAt(t, small(t.TempDir()))
	id, other := leadIn(1, 64, 1), leadIn(1, 64, 2)
	fact := func(w *Write, lead engine.LeadID, at int, seq uint64) {
		f := sampleFact(lead, at, seq)
		w.Fact(1, lead, f)
	}
	a, b, c := s.NewWrite(), s.NewWrite(), s.NewWrite()
	fact(a, id, 10, 1)
	fact(a, id, 30, 2)
	fact(a, other, 11, 1)
	must(t, s.Commit(a))
	fact(b, id, 20, 3)
	fact(b, id, 30, 4)
	fact(c, id, 5, 5)
	fact(c, id, 40, 6)
	fact(c, other, 12, 2)
	read := func(h engine.History) (seqs []uint64) {
		must(t, h.Facts(id, func(f *engine.Fact) error {
			seqs = append(seqs, f.Seq)
			return nil
		}))
		return seqs
	}
	want := []uint64{5, 1, 3, 2, 4, 6}
	if got := read(c); !slices.Equal(got, want) {
		t.Errorf("with two Writes under way: %v", got)
	}
	must(t, s.Commit(b, c))
	if got := read(c); !slices.Equal(got, want) {
		t.Errorf("after the commit, before Reset: %v", got)
	}
	b.Reset()
	c.Reset()
	if got := read(c); !slices.Equal(got, want) {
		t.Errorf("after Reset: %v", got)
	}
	stop := errors.New("enough")
	if err := c.Facts(id, func(*engine.Fact) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("the error of yield became %v", err)
	}
	var seqs []uint64
	must(t, s.Facts(1, id, func(f *engine.Fact) error {
		seqs = append(seqs, f.Seq)
		return ErrStop
	}))
	if !slices.Equal(seqs, []uint64{5}) {
		t.Errorf("ErrStop did not stop: %v", seqs)
	}
}

// TestCounts merges counters over Writes, commits, openings and evictions.
func TestCounts(t *testing.T) {
	t.Parallel()
	o := small(t.TempDir())
	s := openAt(t, o)
	a, b := s.NewWrite(), s.NewWrite()
	add := func(w *Write, name string, hour int64, labels string, n int64) {
		w.Count(engine.Delta{Name: name, Hour: hour, Labels: labels, N: n})
	}
	add(a, "x", 1, "", 2)
	add(a, "x", 1, "", 3)
	add(b, "x", 1, "", 5)
	add(b, "x", 2, "l=1", 7)
	add(b, "xy", 1, "", 100)
	add(b, "gone", 1, "", 1)
	add(b, "gone", 1, "", -1)
	must(t, s.Commit(a, b))
	a.Reset()
	b.Reset()
	s = reopen(t, s, o)
	w := s.NewWrite()
	add(w, "x", 1, "", -4)
	add(w, "x", 300, "", 1)
	must(t, s.Commit(w))
	w.Reset()
	for n := range 2*keepSums + 10 { // pushes the sums out of memory
		add(w, "many", int64(n), "", 1)
		if w.Full() {
			must(t, s.Commit(w))
			w.Reset()
		}
	}
	must(t, s.Commit(w))
	w.Reset()
	add(w, "x", 1, "", 1)
	must(t, s.Commit(w))
	var got []string
	must(t, s.Counts("x", 0, 300, func(d engine.Delta) error {
		got = append(got, fmt.Sprintf("%d/%s/%d", d.Hour, d.Labels, d.N))
		return nil
	}))
	if want := []string{"1//7", "2/l=1/7"}; !slices.Equal(got, want) {
		t.Errorf("counted %q, want %q", got, want)
	}
	must(t, s.Counts("gone", 0, 10, func(d engine.Delta) error { t.Errorf("a counter of nothing: %+v", d); return nil }))
}

// TestIdentifiers resolves from memory and from the table, young before old.
func TestIdentifiers(t *testing.T) {
	t.Parallel()
	o := small(t.TempDir())
	s := openAt(t, o)
	name := engine.Identifier{Kind: engine.ByVisitor, Value: "v1"}
	if _, found, err := s.Resolve(name); found || err != nil {
		t.Fatalf("nobody is found: %v, %v", found, err)
	}
	a, b := s.NewWrite(), s.NewWrite()
	a.Identifier(name, leadID(1))
	b.Identifier(name, leadID(2))
	expect := func(s *Store, want engine.LeadID, when string) {
		t.Helper()
		if got, found, err := s.Resolve(name); got != want || !found || err != nil {
			t.Errorf("%s: %v, %v, %v", when, got, found, err)
		}
	}
	expect(s, leadID(2), "both under way")
	must(t, s.Commit(a))
	expect(s, leadID(2), "one durable")
	must(t, s.Commit(b))
	expect(s, leadID(2), "both durable")
	s = reopen(t, s, o)
	expect(s, leadID(2), "after opening again")
	expect(s, leadID(2), "from memory")
}

// TestBadEvents keeps the newest refused events and numbers them for ever.
func TestBadEvents(t *testing.T) {
	t.Parallel()
	o := small(t.TempDir())
	o.BadEvents = 5
	s := openAt(t, o)
	for n := range 12 {
		wrote(t, s, func(w *Write) {
			w.BadEvent(BadEvent{At: start, Source: "web", Code: "no_id", Text: "messageId is missing", Raw: fmt.Appendf(nil, "%d", n)})
		})
	}
	s = reopen(t, s, o)
	wrote(t, s, func(w *Write) { w.BadEvent(BadEvent{Code: "no_id", Raw: []byte("12")}) })
	list := func(before uint64, limit int) (seqs []uint64) {
		must(t, s.BadEvents(before, limit, func(b *BadEvent) error {
			if string(b.Raw) != fmt.Sprint(b.Seq-1) {
				t.Errorf("event %d is %q", b.Seq, b.Raw)
			}
			seqs = append(seqs, b.Seq)
			return nil
		}))
		return seqs
	}
	if got := list(0, 0); !slices.Equal(got, []uint64{13, 12, 11, 10, 9}) {
		t.Errorf("kept: %v", got)
	}
	if got := list(12, 2); !slices.Equal(got, []uint64{11, 10}) {
		t.Errorf("the page before 12: %v", got)
	}
}

// TestPages walks over leads and dead actions page by page.
func TestPages(t *testing.T) {
	t.Parallel()
	s := openAt(t, small(t.TempDir()))
	wrote(t, s, func(w *Write) {
		for n := range 25 {
			id := leadIn(2, 64, n)
			w.Lead(2, sampleLead(id, n))
			w.Dead(2, &engine.DeadAction{Pending: engine.Pending{Key: actionKeyOf(n)}, Lead: id})
		}
		w.Lead(3, sampleLead(leadIn(3, 64, 1), 1))
	})
	var leads, deads int
	for after, more := (engine.LeadID{}), true; more; {
		more = false
		must(t, s.Leads(2, after, 10, func(id engine.LeadID, row []byte) error {
			if strings.Compare(string(after[:]), string(id[:])) >= 0 {
				t.Errorf("%v comes after %v", id, after)
			}
			leads, after, more = leads+1, id, true
			return nil
		}))
	}
	for after, more := (engine.ActionKey{}), true; more; {
		more = false
		must(t, s.DeadActions(2, after, 7, func(d *engine.DeadAction) error {
			deads, after, more = deads+1, d.Pending.Key, true
			return nil
		}))
	}
	if leads != 25 || deads != 25 {
		t.Errorf("%d leads and %d dead actions were seen of 25 each", leads, deads)
	}
}

// TestBodyTooLarge refuses parts that cannot be kept.
func TestBodyTooLarge(t *testing.T) {
	t.Parallel()
	s := openAt(t, small(t.TempDir()))
	w := s.NewWrite()
	if err := w.Body(1, actionKeyOf(1), make([]byte, MaxBody+1)); err == nil || !strings.Contains(err.Error(), "at most 786432") {
		t.Errorf("a body beyond the bound: %v", err)
	}
	if !w.Empty() {
		t.Error("the refused body left something behind")
	}
	must(t, w.Body(1, actionKeyOf(1), make([]byte, MaxBody)))
	must(t, s.Commit(w))
}

// TestRevisions archives sources once for each digest, large ones too.
func TestRevisions(t *testing.T) {
	t.Parallel()
	o := small(t.TempDir())
	s := openAt(t, o)
	if r, err := s.LastRevision(); r != nil || err != nil {
		t.Fatalf("a new store has revision %v, %v", r, err)
	}
	large := make([]byte, 3<<20) // does not compress
	for i := range large {
		large[i] = byte(i * i >> 7 * 31)
	}
	sources := map[string][]byte{"main.hcl": []byte("project \"a\" {}"), "lists/日本.csv": large}
	must(t, s.SaveRevision(Revision{Number: 1, Digest: "d1", At: start, Author: "a", Sources: sources}))
	must(t, s.SaveRevision(Revision{Number: 2, Digest: "d2", At: start, Sources: map[string][]byte{"main.hcl": nil}}))
	must(t, s.SaveRevision(Revision{Number: 3, Digest: "d1", At: start, Sources: sources}))
	if err := s.SaveRevision(Revision{Digest: "d"}); err == nil {
		t.Error("a revision without number was saved")
	}
	s = reopen(t, s, o)
	all, err := s.Revisions()
	if err != nil || len(all) != 3 || all[2].Number != 3 || all[0].Author != "a" || all[0].At != start {
		t.Errorf("revisions: %+v, %v", all, err)
	}
	if last, err := s.LastRevision(); err != nil || last.Number != 3 {
		t.Errorf("the last is %+v, %v", last, err)
	}
	if got, err := s.Sources("d1"); err != nil || !cmp.Equal(got, sources) {
		t.Errorf("the sources came back with %d files, %v", len(got), err)
	}
	if got, err := s.Sources("d"); got != nil || err != nil {
		t.Errorf("sources of an unknown digest: %v, %v", got, err)
	}
}
