package store

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestSeenBeforeDurable knows ids of this Write, of Writes under way and of
// durable ones; another source's id is another.
func TestSeenBeforeDurable(t *testing.T) {
	t.Parallel()
	o := small(t.TempDir())
	s := openAt(t, o)
	expect := func(id string, want bool, when string) {
		t.Helper()
		if got, err := s.Seen(7, nobody, message("web", id)); got != want || err != nil {
			t.Errorf("%s: id %s is seen: %v, %v", when, id, got, err)
		}
	}
	a, b := s.NewWrite(), s.NewWrite()
	expect("1", false, "at first")
	a.Seen(7, nobody, longJournal, "web", "1")
	expect("1", true, "in the same Write")
	b.Seen(7, nobody, longJournal, "web", "2")
	expect("1", true, "in a Write under way")
	if got, err := s.Seen(7, nobody, message("app", "1")); got || err != nil {
		t.Errorf("another source's id is seen: %v, %v", got, err)
	}
	if got, err := s.Seen(8, nobody, message("web", "1")); got || err != nil {
		t.Errorf("another partition's id is seen: %v, %v", got, err)
	}
	must(t, s.Commit(a))
	a.Reset()
	expect("1", true, "durable")
	expect("2", true, "still under way")
	must(t, s.Commit(b))
	b.Reset()
	for n := range 10 { // many Writes: young ids are forgotten
		wrote(t, s, func(w *Write) { w.Seen(7, nobody, longJournal, "web", fmt.Sprint("later", n)) })
	}
	expect("1", true, "long durable")
	expect("2", true, "long durable")
	expect("3", false, "never")
	s = reopen(t, s, o)
	expect("1", true, "after opening again")
	expect("3", false, "after opening again")
}

// TestSeenWhileScanning adds ids at every moment around the building of a filter:
// asked for, scanning, built and not yet taken. None is ever denied.
func TestSeenWhileScanning(t *testing.T) {
	t.Parallel()
	s := openAt(t, small(t.TempDir()))
	stopKeeper(s) // the test plays the keeper
	p := &s.parts[3]
	ids := 0
	add := func(w *Write) {
		for range 3 {
			w.Seen(3, nobody, longJournal, "web", fmt.Sprint(ids))
			ids++
		}
	}
	check := func(when string) {
		t.Helper()
		for n := range ids {
			if seen, err := s.Seen(3, nobody, message("web", fmt.Sprint(n))); !seen || err != nil {
				t.Fatalf("%s: id %d of %d is seen: %v, %v", when, n, ids, seen, err)
			}
		}
	}
	for range 3 {
		wrote(t, s, add)
		under, building := s.NewWrite(), s.NewWrite()
		add(under) // begun before the scan is asked for, durable after its snapshot
		p.seen.ask()
		add(under)
		check("asked")
		f, err := s.scanSeen([]*partition{p})
		must(t, err)
		add(building)
		p.seen.built.Store(f[0])
		check("built")
		must(t, s.Commit(under))
		add(building)
		check("one more durable")
		must(t, s.Commit(building))
		under.Reset()
		building.Reset()
		wrote(t, s, add)
		check("taken")
		if p.seen.filter != f[0] {
			t.Fatal("the filter was not taken")
		}
	}
}

// TestSeenFilterSavesReads counts the reads that fresh ids cost once the filter is
// there.
func TestSeenFilterSavesReads(t *testing.T) {
	t.Parallel()
	s := openAt(t, small(t.TempDir()))
	stopKeeper(s)
	p := &s.parts[0]
	f, err := s.scanSeen([]*partition{p})
	must(t, err)
	p.seen.built.Store(f[0])
	const events = 20_000
	for n := 0; n < events; {
		wrote(t, s, func(w *Write) {
			for range 500 {
				if seen, err := s.Seen(0, nobody, message("web", fmt.Sprint(n))); seen || err != nil {
					t.Fatalf("id %d: %v, %v", n, seen, err)
				}
				w.Seen(0, nobody, longJournal, "web", fmt.Sprint(n))
				n++
			}
		})
	}
	if reads := s.Stats().SeenLookups; reads > 1000 {
		t.Errorf("%d fresh ids cost %d reads", events, reads)
	}
}

// TestSeenFilterGrows asks for a larger filter when one is overfull, and for none
// when it cannot grow until twice as many ids are there.
func TestSeenFilterGrows(t *testing.T) {
	t.Parallel()
	n := &seen{filter: newFilter(0, 1), base: 1000}
	n.filter.ids = 2 * n.base
	if n.settle(0) {
		t.Error("a scan is due though not even twice as many ids are there")
	}
	n.filter.ids++
	if !n.settle(0) {
		t.Error("no scan is due for twice as many ids")
	}
	n.ask()
	if n.settle(0) {
		t.Error("a scan is due while one is under way")
	}
	n.built.Store(&filter{}) // it could not be built
	if n.settle(0) || n.asked || n.filter == nil {
		t.Error("a scan that failed is asked for at once again, or the old filter is gone")
	}
}

// TestSeenExpires forgets ids after the time given, and refuses to forget them
// before seven days.
func TestSeenExpires(t *testing.T) {
	t.Parallel()
	o := small(t.TempDir())
	o.SeenFor = 7*24*time.Hour - time.Second
	if _, err := Open(o); err == nil || !strings.Contains(err.Error(), "7 days") {
		t.Errorf("ids forgotten before seven days: %v", err)
	}
	o.SeenFor = 7 * 24 * time.Hour
	long := time.Unix(1, 0)
	o.Now = func() time.Time { return long } // everything written is older than that
	s := openAt(t, o)
	wrote(t, s, func(w *Write) { w.Seen(1, nobody, longJournal, "web", "old") })
	o.Now = time.Now
	s = reopen(t, s, o)
	wrote(t, s, func(w *Write) { w.Seen(1, nobody, longJournal, "web", "new") })
	s = reopen(t, s, o)
	if seen, err := s.Seen(1, nobody, message("web", "old")); seen || err != nil {
		t.Errorf("an id of 1970 is seen: %v, %v", seen, err)
	}
	if seen, err := s.Seen(1, nobody, message("web", "new")); !seen || err != nil {
		t.Errorf("an id of today is seen: %v, %v", seen, err)
	}
}

// stopKeeper ends the background work, so that a test can do it by hand.
func stopKeeper(s *Store) {
	close(s.stopKeeper)
	s.keeper.Wait()
	s.stopKeeper = make(chan struct{})
}
