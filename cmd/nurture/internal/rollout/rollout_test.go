package rollout

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-456efde2/nurture/engine"
)

const (
	hour  = engine.Hour
	begin = engine.Time(1_760_000_000_000)
)

func after(d engine.Span) engine.Time { return begin.Add(d) }

// TestNext walks through what is next in each phase.
func TestNext(t *testing.T) {
	t.Parallel()
	terms := Terms{Shadow: hour, Canary: 10, Bake: 24 * hour}
	open, held, fired := Guard{State: "open"}, Guard{State: "held", Enough: true}, Guard{State: "fired"}
	enough := Guard{State: "open", Enough: true}
	for _, c := range []struct {
		name   string
		state  State
		now    engine.Span
		want   Step
		waits  bool
		overly bool
	}{
		{"the shadow lasts", State{Phase: Shadow}, hour - 1, Stay, false, false},
		{"the shadow is over", State{Phase: Shadow}, hour, BeginCanary, false, false},
		{"nothing to try", State{Phase: Shadow, Nothing: true, Obstacles: []Text{{"x", "x"}}}, hour, Promote, false, false},
		{"something in the way", State{Phase: Shadow, Obstacles: []Text{{"x", "x"}}}, hour, Stay, true, false},
		{"no canary", State{Phase: Shadow, Terms: Terms{Shadow: hour}}, hour, Promote, false, false},
		{"no shadow", State{Phase: Shadow, Terms: Terms{Canary: 10, Bake: hour}}, 0, BeginCanary, false, false},
		{"a guard of an older rollout means nothing to a shadow", State{Phase: Shadow, Guards: []Guard{fired}}, 0, Stay, false, false},
		{"the bake lasts", State{Phase: Canary, Guards: []Guard{held}}, 24*hour - 1, Stay, false, false},
		{"the bake is over", State{Phase: Canary, Guards: []Guard{held, enough}}, 24 * hour, Promote, false, true},
		{"without guards", State{Phase: Canary}, 24 * hour, Promote, false, true},
		{"too little to go by", State{Phase: Canary, Guards: []Guard{held, open}}, 71 * hour, Stay, false, true},
		{"still too little", State{Phase: Canary, Guards: []Guard{open}}, 72 * hour, GiveUp, false, true},
		{"a guard speaks", State{Phase: Canary, Guards: []Guard{held, fired}}, 1, TakeBack, false, false},
		{"and though it is paused", State{Phase: Canary, Guards: []Guard{fired}, Paused: begin}, 1, TakeBack, false, false},
		{"and when nobody decides", State{Phase: NotJudged, Guards: []Guard{fired}}, 99 * hour, TakeBack, true, false},
		{"nobody decides", State{Phase: NotJudged, Guards: []Guard{held}}, 9999 * hour, Stay, true, false},
		{"paused", State{Phase: Canary, Guards: []Guard{held}, Paused: after(hour)}, 999 * hour, Stay, false, false},
		{"rested", State{Phase: Canary, Guards: []Guard{held}, Rested: 2 * hour}, 25 * hour, Stay, false, false},
		{"over", State{Phase: RolledBack, Guards: []Guard{fired}}, 1, Stay, false, false},
	} {
		s := c.state
		s.Since = begin
		if s.Terms == (Terms{}) {
			s.Terms = terms
		}
		now := after(c.now)
		if got := s.Next(now); got != c.want {
			t.Errorf("%s: next is %d, not %d", c.name, got, c.want)
		}
		if got := s.Waiting(now); got != c.waits {
			t.Errorf("%s: waiting is %v", c.name, got)
		}
		if got := s.Overtime(now); got != c.overly {
			t.Errorf("%s: overtime is %v", c.name, got)
		}
	}
}

// TestPause: the time that a phase is paused does not count for it, and what is due
// moves by it.
func TestPause(t *testing.T) {
	t.Parallel()
	s := State{Phase: Shadow, Since: begin, Terms: Terms{Shadow: hour, Canary: 5, Bake: hour}}
	if due := s.Due(begin); due != after(hour) {
		t.Errorf("due at %d", due)
	}
	s.Pause(after(hour / 2))
	s.Pause(after(hour)) // again changes nothing
	if s.Elapsed(after(9*hour)) != hour/2 || s.Left(after(9*hour)) != hour/2 || s.Due(after(9*hour)) != 0 {
		t.Errorf("paused: %d elapsed, %d left, due %d", s.Elapsed(after(9*hour)), s.Left(after(9*hour)), s.Due(after(9*hour)))
	}
	s.Resume(after(10 * hour))
	if due := s.Due(after(10 * hour)); due != after(10*hour+hour/2) {
		t.Errorf("resumed: due at %d", due)
	}
	s.Pause(after(10 * hour))
	s.Enter(Canary, after(11*hour)) // somebody went on by hand
	if s.Elapsed(after(20*hour)) != 0 {
		t.Errorf("the new phase is paused too, and %d elapsed", s.Elapsed(after(20*hour)))
	}
}

// notes keeps notes in memory and fails after a number of writes.
type notes struct {
	kept  map[string][]byte
	left  int
	order []string
}

var errFull = errors.New("no more")

func (n *notes) SaveNote(name string, text []byte) error {
	if n.left == 0 {
		return errFull
	}
	n.left--
	n.kept[name] = slices.Clone(text)
	n.order = append(n.order, name)
	return nil
}

func (n *notes) Note(name string) ([]byte, error) { return n.kept[name], nil }

// TestKeep: a rollout is read as it was kept, with its files, wherever the writing
// was cut off: a rollout never lacks its files, and no files are another's.
func TestKeep(t *testing.T) {
	t.Parallel()
	files := func(mark string) map[string][]byte {
		return map[string][]byte{"a.hcl": []byte(strings.Repeat(mark, maxChunk)), "b.hcl": []byte(mark)}
	}
	first, second := State{Phase: Shadow, Candidate: "c1", Began: begin}, State{Phase: Shadow, Candidate: "c2", Began: after(1)}
	for writes := range 20 {
		n := &notes{kept: map[string][]byte{}, left: 100}
		k := Keeper{n}
		if err := k.Begin(&first, files("x")); err != nil {
			t.Fatal(err)
		}
		n.left = writes
		err := k.Begin(&second, files("y"))
		n.left = 0
		s, loadErr := k.Load()
		if loadErr != nil || s == nil {
			t.Fatalf("%d writes: %v, %v", writes, s, loadErr)
		}
		got, filesErr := k.Files(s.Candidate)
		if filesErr != nil {
			t.Fatal(filesErr)
		}
		switch {
		case err == nil && s.Candidate != "c2":
			t.Errorf("%d writes: it is %s", writes, s.Candidate)
		case s.Candidate == "c2" && !cmp.Equal(got, files("y")):
			t.Errorf("%d writes: the second lacks its files", writes)
		case got != nil && s.Candidate == "c1" && !cmp.Equal(got, files("x")):
			t.Errorf("%d writes: the first has others' files", writes)
		}
		if err == nil {
			return
		}
	}
	t.Error("the writing never came to its end")
}

// TestFinish: what ended is remembered once, however often that is said, and the
// oldest is forgotten in time.
func TestFinish(t *testing.T) {
	t.Parallel()
	k := Keeper{&notes{kept: map[string][]byte{}, left: 1000}}
	for i := range maxPast + 5 {
		s := State{Phase: Promoted, Candidate: "c", Began: after(engine.Span(i))}
		for range 2 {
			if err := k.Finish(&s); err != nil {
				t.Fatal(err)
			}
		}
	}
	past, err := k.Past()
	if err != nil || len(past) != maxPast {
		t.Fatalf("%d remembered, %v", len(past), err)
	}
	for i := range past {
		if want := after(engine.Span(maxPast + 4 - i)); past[i].Began != want {
			t.Errorf("at %d is the one of %d, not %d", i, past[i].Began, want)
		}
	}
}

// TestRefused: what was taken back stays refused whatever is tried between, until other
// rules run.
func TestRefused(t *testing.T) {
	t.Parallel()
	k := Keeper{&notes{kept: map[string][]byte{}, left: 1000}}
	refused := func(base, candidate string, want bool) {
		t.Helper()
		if got, err := k.Refused(base, candidate); err != nil || got != want {
			t.Errorf("%s beside %s: %v, %v", candidate, base, got, err)
		}
	}
	refuse := func(base, candidate string) {
		t.Helper()
		if err := k.Refuse(base, candidate); err != nil {
			t.Fatal(err)
		}
	}
	refused("p", "c1", false)
	refuse("p", "c1")
	refuse("p", "c2")
	refuse("p", "c1") // again, after a crash
	refused("p", "c1", true)
	refused("p", "c2", true)
	refused("p", "c3", false)
	refused("q", "c1", false)
	refuse("q", "c3")
	refused("p", "c1", false)
	refused("q", "c3", true)
	for i := range maxHeld {
		refuse("q", strings.Repeat("x", i+1))
	}
	refused("q", "c3", false)
	refused("q", "x", true)
}
