package store

import (
	"fmt"
	"testing"
	"time"

	"github.com/dgraph-io/badger/v4"

	"github.com/seed-456efde2/nurture/engine"
)

// got writes an event of a lead that came in at the given second: its fact, and its
// message id.
func got(w *Write, part int, lead engine.LeadID, seq uint64, id string, second int) {
	f := sampleFact(lead, second, seq)
	f.Event.ID = id
	w.Fact(part, lead, f)
	w.Seen(part, lead, seq, f.Event.Source, id)
}

// sentAgain is the event that got wrote, coming in once more at another second.
func sentAgain(id string, second int) *engine.Event {
	e := sampleFact(nobody, second, 1).Event
	e.ID = id
	return &e
}

// TestSeenInJournal finds messages in the journals of their own leads and nowhere
// else, before and after a restart, from the partition's worker and from others,
// and takes what is older than promised for new. No id has a row of its own.
func TestSeenInJournal(t *testing.T) {
	t.Parallel()
	o := small(t.TempDir())
	s := openAt(t, o)
	ann, bob := leadIn(5, 64, 1), leadIn(5, 64, 2)
	for n := range 20 { // many Writes: young ids are forgotten
		wrote(t, s, func(w *Write) { got(w, 5, ann, uint64(n+1), fmt.Sprint(n), n) })
	}
	late := 20 + int(defaultSeenFor.Seconds())
	for _, when := range []string{"at once", "opened again", "opened twice"} {
		for _, c := range []struct {
			what string
			lead engine.LeadID
			e    *engine.Event
			want bool
		}{
			{"first", ann, sentAgain("0", 30), true},
			{"last", ann, sentAgain("19", 30), true},
			{"fresh", ann, sentAgain("20", 30), false},
			{"of another lead", bob, sentAgain("0", 30), false},
			{"of another source", ann, &engine.Event{Source: "app", ID: "0", Received: start}, false},
			{"too old", ann, sentAgain("2", late), false},
			{"not too old", ann, sentAgain("19", 19+int(defaultSeenFor.Seconds())), true},
		} {
			if seen, err := s.Seen(5, c.lead, c.e); seen != c.want || err != nil {
				t.Errorf("%s, %s: seen %v, %v", when, c.what, seen, err)
			}
			if seen, err := s.SeenElsewhere(5, c.lead, c.e); seen != c.want || err != nil {
				t.Errorf("%s, %s: others see %v, %v", when, c.what, seen, err)
			}
		}
		must(t, s.iterate(partKey(nil, 5, seenRow), partKey(nil, 5, seenRow), func(*badger.Item) error {
			return fmt.Errorf("an id of a short journal has a row of its own")
		}))
		s = reopen(t, s, o)
	}
}

// TestSeenInLongJournal knows every message of a journal that is longer than what
// is looked through, in whatever order it came, and reads a bounded part of it.
func TestSeenInLongJournal(t *testing.T) {
	t.Parallel()
	s := openAt(t, small(t.TempDir()))
	lead := leadIn(5, 64, 1)
	const facts = 3 * longJournal
	at := func(seq int) int { return 7 * seq % facts } // each second once
	for seq := 1; seq <= facts; {
		wrote(t, s, func(w *Write) {
			for range 256 {
				got(w, 5, lead, uint64(seq), fmt.Sprint(seq), at(seq))
				seq++
			}
		})
	}
	for range 3 { // young ids are forgotten
		wrote(t, s, func(w *Write) { w.Anchor(5, Anchor{Clock: start}) })
	}
	for seq := 1; seq <= facts+10; seq += 5 {
		if seen, err := s.Seen(5, lead, sentAgain(fmt.Sprint(seq), facts)); seen != (seq <= facts) || err != nil {
			t.Fatalf("message %d of %d: seen %v, %v", seq, facts, seen, err)
		}
	}
	before := s.Stats().RowsWalked
	if seen, err := s.lookUp(5, lead, &[hashLen]byte{}, sentAgain("never", facts)); seen || err != nil {
		t.Fatalf("a message that never came: %v, %v", seen, err)
	}
	if n := s.Stats().RowsWalked - before; n < longJournal-1 || n >= facts {
		t.Errorf("%d of %d facts were looked at", n, facts)
	}
}

// TestSeenTwiceInLongJournals: two leads were sent messages with one id, and the
// row of one stands where that of the other stood. Both are known.
func TestSeenTwiceInLongJournals(t *testing.T) {
	t.Parallel()
	o := small(t.TempDir())
	s := openAt(t, o)
	ann, bob, eve := leadIn(5, 64, 1), leadIn(5, 64, 2), leadIn(5, 64, 3)
	wrote(t, s, func(w *Write) { got(w, 5, ann, longJournal, "same", 1) })
	wrote(t, s, func(w *Write) { got(w, 5, bob, longJournal, "same", 2) })
	s = reopen(t, s, o)
	for lead, want := range map[engine.LeadID]bool{ann: true, bob: true, eve: false} {
		if seen, err := s.Seen(5, lead, sentAgain("same", 3)); seen != want || err != nil {
			t.Errorf("lead %v: seen %v, %v", lead, seen, err)
		}
	}
}

// TestSeenRowsExpire keeps the ids of a Write for as long as promised from its
// commit on, however long it waited for its first event.
func TestSeenRowsExpire(t *testing.T) {
	t.Parallel()
	o := small(t.TempDir())
	long := time.Unix(1, 0)
	o.Now = func() time.Time { return long }
	s := openAt(t, o)
	lead := leadIn(5, 64, 1)
	old := s.NewWrite()
	wrote(t, s, func(w *Write) { got(w, 5, lead, 1, "old", 1) })
	long = time.Now()
	got(old, 5, lead, 2, "new", 2)
	must(t, s.Commit(old))
	old.Reset()
	s = reopen(t, s, o)
	stopKeeper(s)
	f, err := s.scanSeen([]*partition{&s.parts[5]})
	must(t, err)
	if f[0].ids != 1 {
		t.Errorf("%d ids are in the filter, 1 of 2 is not expired", f[0].ids)
	}
	if seen, err := s.Seen(5, lead, sentAgain("new", 3)); !seen || err != nil {
		t.Errorf("the id of a Write that waited is seen: %v, %v", seen, err)
	}
}

// TestSeenRowWithoutLead honours rows as they were first written, without a lead:
// whoever asks, the message was seen.
func TestSeenRowWithoutLead(t *testing.T) {
	t.Parallel()
	o := small(t.TempDir())
	s := openAt(t, o)
	wrote(t, s, func(w *Write) { w.Anchor(5, Anchor{Clock: start}) })
	hash, _ := seenHash(nil, "web", "old")
	must(t, s.db.Update(func(txn *badger.Txn) error { return txn.Set(seenKey(nil, 5, hash), nil) }))
	s = reopen(t, s, o)
	if seen, err := s.Seen(5, leadIn(5, 64, 1), message("web", "old")); !seen || err != nil {
		t.Errorf("seen %v, %v", seen, err)
	}
}
