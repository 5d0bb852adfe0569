package store

import (
	"encoding/binary"
	"testing"

	"github.com/seed-456efde2/nurture/engine"
)

// What a shadow has found is kept with the leads that showed it, over a restart, until
// it is forgotten as a whole.
func TestShadow(t *testing.T) {
	t.Parallel()
	const leads = 2*maxShadowMarks + 7
	o := small(t.TempDir())
	s := openAt(t, o)
	mark := func(i int, difference uint64) ShadowMark {
		var id engine.LeadID
		binary.BigEndian.PutUint64(id[8:], uint64(i))
		return ShadowMark{Lead: id, Difference: difference}
	}
	if text, err := s.Shadow(); text != nil || err != nil {
		t.Errorf("before anything was found: %q, %v", text, err)
	}
	var marks []ShadowMark
	for i := range leads {
		marks = append(marks, mark(i, 3))
	}
	if err := s.SaveShadow([]byte("found"), marks); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveShadow([]byte("found more"), nil); err != nil {
		t.Fatal(err)
	}
	s = reopen(t, s, o)
	if text, err := s.Shadow(); string(text) != "found more" || err != nil {
		t.Errorf("after a restart: %q, %v", text, err)
	}
	known := func(want bool) {
		t.Helper()
		for _, i := range []int{0, maxShadowMarks, leads - 1} {
			if marked, err := s.ShadowMarked(mark(i, 3)); marked != want || err != nil {
				t.Errorf("lead %d: %v, %v", i, marked, err)
			}
		}
	}
	known(true)
	for _, m := range []ShadowMark{mark(0, 4), mark(leads, 3)} {
		if marked, err := s.ShadowMarked(m); marked || err != nil {
			t.Errorf("%+v: %v, %v", m, marked, err)
		}
	}
	if err := s.ForgetShadow(); err != nil {
		t.Fatal(err)
	}
	known(false)
	if text, err := s.Shadow(); text != nil || err != nil {
		t.Errorf("after it was forgotten: %q, %v", text, err)
	}
}
