package store

import (
	"fmt"
	"testing"

	"github.com/seed-456efde2/nurture/engine"
)

// Facts for other leads are kept in order until they are dropped, over a restart,
// and their numbers go on.
func TestPosts(t *testing.T) {
	t.Parallel()
	o := small(t.TempDir())
	s := openAt(t, o)
	post := func(w *Write, id string) uint64 {
		e := engine.Event{Kind: engine.Merge, ID: id, Lead: engine.LeadID{1}, Other: engine.LeadID{2}, Name: "visitor", At: 5, Received: 7}
		return w.Post(&e)
	}
	kept := func() string {
		text := ""
		err := s.Posts(func(n uint64, e engine.Event) error {
			if e.Kind != engine.Merge || e.Lead != (engine.LeadID{1}) || e.Other != (engine.LeadID{2}) || e.At != 5 || e.Received != 7 {
				t.Errorf("post %d is %+v", n, e)
			}
			text += fmt.Sprint(n, e.ID, " ")
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	w := s.NewWrite()
	first := post(w, "a")
	post(w, "b")
	if err := s.Commit(w); err != nil {
		t.Fatal(err)
	}
	w.Reset()
	if got := kept(); got != "1a 2b " {
		t.Errorf("kept %q", got)
	}
	w.DropPost(first)
	if err := s.Commit(w); err != nil {
		t.Fatal(err)
	}
	w.Reset()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openAt(t, o)
	if got := kept(); got != "2b " {
		t.Errorf("after a restart %q", got)
	}
	w = s.NewWrite()
	if n := post(w, "c"); n != 3 {
		t.Errorf("the next number is %d", n)
	}
	if err := s.Commit(w); err != nil {
		t.Fatal(err)
	}
	w.Reset()
}

// Rulings are kept with their history, notes one for each name.
func TestRulingsAndNotes(t *testing.T) {
	t.Parallel()
	o := small(t.TempDir())
	s := openAt(t, o)
	if last, err := s.LastRuling(); last != nil || err != nil {
		t.Errorf("a new store has rulings: %+v, %v", last, err)
	}
	if err := s.SaveRuling(Ruling{}); err == nil {
		t.Error("rulings without a number were kept")
	}
	for n := range uint32(3) {
		r := Ruling{At: engine.Time(n), Rulings: engine.Rulings{Number: n + 1, Pauses: []engine.Pause{{Scope: engine.PauseAll, Why: "tea"}}}}
		if err := s.SaveRuling(r); err != nil {
			t.Fatal(err)
		}
	}
	for _, text := range []string{"one", "two"} {
		if err := s.SaveNote("sweep", []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openAt(t, o)
	all, err := s.Rulings()
	if err != nil || len(all) != 3 || all[2].Rulings.Number != 3 || all[2].Rulings.Pauses[0].Why != "tea" || all[2].At != 2 {
		t.Errorf("the rulings are %+v, %v", all, err)
	}
	if text, err := s.Note("sweep"); string(text) != "two" || err != nil {
		t.Errorf("the note is %q, %v", text, err)
	}
	if text, err := s.Note("other"); text != nil || err != nil {
		t.Errorf("a note that nobody wrote is %q, %v", text, err)
	}
}
