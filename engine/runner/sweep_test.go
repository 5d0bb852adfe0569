package runner

import (
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/enginetest"
	"github.com/seed-456efde2/nurture/engine/sim"
)

// warmAt is a workspace in which a lead is warm from so many points on.
func warmAt(t testing.TB, points float64) *engine.Program {
	spec := mailSpec(time.Hour)
	interest := engine.Key{Kind: engine.KeyScore, Name: "interest"}
	spec.Stages = []engine.StageSpec{{Name: "cold"}, {Name: "warm", Enter: enginetest.When("interest at least", func(f map[string]any) bool {
		v, _ := f[interest.String()].(float64)
		return v >= points
	}, interest)}}
	return program(t, spec, "warm at "+strconv.FormatFloat(points, 'f', -1, 64))
}

// told counts the leads that are warm, and checks that nobody was told twice.
func (g *rig) told(users int) (warm int) {
	g.t.Helper()
	for i := range users {
		l := g.lead(userOf(i))
		if l.Acts.Stage == "warm" {
			warm++
		}
		ticks := 0
		err := g.store.Facts(l.ID.Partition(g.parts), l.ID, func(f *engine.Fact) error {
			if f.Event.Kind == engine.Tick {
				ticks++
			}
			return nil
		})
		if err != nil || ticks > 1 {
			g.t.Errorf("%s was told %d times (%v)", userOf(i), ticks, err)
		}
	}
	return warm
}

// A rule that changes reaches leads to whom nothing happens, and the status tells
// how far it has come.
func TestSweepTellsEveryLead(t *testing.T) {
	t.Parallel()
	const users = 600
	g := newRig(t, warmAt(t, 50), &receiver{}, nil)
	for i := range users {
		g.submit(g.event(strconv.Itoa(i), userOf(i), "visit", number("points", 20)))
	}
	g.quiet()
	g.advance(time.Minute)
	if _, err := g.runner.Swap(t.Context(), warmAt(t, 10), nil); err != nil {
		t.Fatal(err)
	}
	g.quiet()
	if n := g.told(users); n != users {
		t.Errorf("%d of %d leads have heard of the rule", n, users)
	}
	if s := g.runner.Status().Sweep; !s.Done || s.Share != 1 || s.Told != users || s.Revision != 2 {
		t.Errorf("the sweep's status is %+v", s)
	}
}

// A sweep that a stop cuts short goes on where it was, and tells nobody twice.
func TestSweepGoesOnAfterARestart(t *testing.T) {
	t.Parallel()
	const users, first = 50, 7
	slow := func(o *Options) { o.Sweep = first }
	g := newRig(t, warmAt(t, 50), &receiver{}, slow)
	for i := range users {
		g.submit(g.event(strconv.Itoa(i), userOf(i), "visit", number("points", 20)))
	}
	g.quiet()
	feed := g.runner.Subscribe(users)
	p := warmAt(t, 10)
	if _, err := g.runner.Swap(t.Context(), p, nil); err != nil {
		t.Fatal(err)
	}
	for n := 0; n < first; {
		updates, _, err := feed.Read(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		n += len(updates)
	}
	if n := g.told(users); n != first {
		t.Errorf("%d leads were told before the stop, want %d", n, first)
	}
	g.close()
	g.open(p, slow)
	rest := make(chan struct{})
	go func() {
		defer close(rest)
		g.quiet()
	}()
	for going := true; going; {
		select {
		case <-rest:
			going = false
		default:
			g.advance(time.Second)
			runtime.Gosched()
		}
	}
	if n := g.told(users); n != users {
		t.Errorf("after the restart %d of %d leads have heard of the rule", n, users)
	}
	if s := g.runner.Status().Sweep; s.Told != users-first {
		t.Errorf("after the restart %d leads were told", s.Told)
	}
}

// Rulings come into force for every lead, count up, and survive a restart; a pause
// that has ended is forgotten once everybody has heard of its end.
func TestRulingsSurviveARestart(t *testing.T) {
	t.Parallel()
	p := warmAt(t, 50)
	g := newRig(t, p, &receiver{}, nil)
	g.submit(g.event("1", "ann", "visit", number("points", 1)))
	set := func(change func(*engine.Rulings) *engine.Rulings) *engine.Rulings {
		t.Helper()
		r, err := g.runner.SetRulings(t.Context(), func(old *engine.Rulings) (*engine.Rulings, error) { return change(old), nil })
		if err != nil {
			t.Fatal(err)
		}
		g.quiet()
		return r
	}
	pause := engine.Pause{Scope: engine.PauseWorkflow, Name: "welcome", From: g.now(), By: "ops", Why: "a test"}
	if r := set(func(old *engine.Rulings) *engine.Rulings { return old.WithPause(pause) }); r.Number != 1 || len(r.Pauses) != 1 {
		t.Errorf("the first rulings: %+v", r)
	}
	if l := g.lead("ann"); l.Ruling != 1 {
		t.Errorf("ann has heard of rulings %d", l.Ruling)
	}
	g.submit(g.event("2", "bob", "signup"))
	g.quiet()
	g.close()
	g.open(p, nil)
	if r := g.runner.Program().Rulings(); r.Ordinal() != 1 || r.Pauses[0].Why != "a test" {
		t.Errorf("after a restart: %+v", r)
	}
	if n, err := g.runner.Swap(t.Context(), warmAt(t, 40), nil); n != 2 || err != nil || g.runner.Program().Rulings().Ordinal() != 1 {
		t.Errorf("a swap under rulings: revision %d, %v, rulings %+v", n, err, g.runner.Program().Rulings())
	}
	g.quiet()
	set(func(old *engine.Rulings) *engine.Rulings {
		return old.WithoutPause(engine.PauseWorkflow, "welcome", g.now())
	})
	if r := set(func(old *engine.Rulings) *engine.Rulings {
		return old.WithWinners([]engine.Winner{{Experiment: "e", Arm: "a"}})
	}); r.Number != 3 || len(r.Pauses) != 0 || len(r.Winners) != 1 {
		t.Errorf("the third rulings: %+v", r)
	}
	all, err := g.store.Rulings()
	if err != nil || len(all) != 3 || all[0].Rulings.Pauses[0].Why != "a test" {
		t.Errorf("the history of rulings: %+v, %v", all, err)
	}
}

// Wherever the process dies while two leads are merged, the merge happens once and
// nothing of it is lost.
func TestMergeSurvivesACrashAnywhere(t *testing.T) {
	t.Parallel()
	p := program(t, mailSpec(time.Hour), "a")
	for left := range int64(60) {
		clock := &crashClock{Clock: newTestClock()}
		g := &rig{t: t, dir: t.TempDir(), parts: 4, clock: clock, sender: &receiver{}}
		g.open(p, nil)
		clock.crash.Store(g.runner)
		s := sim.New(p, sim.Options{Start: g.now()})
		visit, sign := g.event("1", "", "visit", number("points", 20)), g.event("3", "ann", "")
		visit.Visitor, sign.Visitor, sign.Kind = "phone", "phone", engine.Identify
		signup := g.event("2", "", "signup")
		signup.Visitor = "phone"
		h := &history{rig: g, clock: clock, programs: [2]*engine.Program{p, p}, sim: s, revised: map[uint32]*engine.Program{}}
		h.submit([]engine.Event{visit, signup})
		clock.left.Store(left)
		h.submit([]engine.Event{sign})
		clock.left.Store(-1)
		for _, id := range s.All() {
			if err := h.sameJournal(id); err != nil {
				t.Errorf("death at reading %d: lead %v: %v", left, id, err)
			}
		}
		if l := g.lead("ann"); len(l.Parts) != 1 || len(l.Acts.Runs) != 1 || l.Folds.Scores[0].Value != 20 {
			t.Errorf("death at reading %d: ann is %+v", left, l)
		}
		posts := 0
		if err := g.store.Posts(func(uint64, engine.Event) error { posts++; return nil }); err != nil || posts != 0 {
			t.Errorf("death at reading %d: %d facts for other leads are left over (%v)", left, posts, err)
		}
		g.close()
	}
}

// An event that comes twice, once before a merge under the visitor's name and once
// after it under the person's, counts once.
func TestDuplicateOverAMerge(t *testing.T) {
	t.Parallel()
	g := newRig(t, program(t, mailSpec(time.Hour), "a"), &receiver{}, nil)
	visit := g.event("1", "", "visit", number("points", 20))
	visit.Visitor = "phone"
	g.submit(visit)
	sign := g.event("2", "ann", "")
	sign.Kind, sign.Visitor = engine.Identify, "phone"
	g.submit(sign)
	g.quiet()
	if r := g.submit(visit); !r[0].Duplicate {
		t.Error("the visit was taken again after the merge")
	}
	again := visit
	again.Visitor, again.User = "", "ann"
	if r := g.submit(again); !r[0].Duplicate {
		t.Error("the visit was taken again under ann's name")
	}
	if err := g.runner.Unmerge(t.Context(), engine.Identifier{Kind: engine.ByVisitor, Value: "phone"}.Lead()); err != nil {
		t.Fatal(err)
	}
	g.quiet()
	if l := g.lead("ann"); len(l.Parts) != 0 || len(l.Folds.Scores) > 0 && l.Folds.Scores[0].Value != 0 {
		t.Errorf("after un-merging ann is %+v", l)
	}
	if err := g.runner.Unmerge(t.Context(), g.lead("ann").ID); err != ErrNotMerged {
		t.Errorf("un-merging a lead that is whole: %v", err)
	}
}
