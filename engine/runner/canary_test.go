package runner

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
)

// canarySpec is features with toss-ups that differ from one variant to the other, and
// figures that a guard may read.
func canarySpec(seed uint64) func(variant int) *engine.Spec {
	return func(variant int) *engine.Spec {
		spec := features(seed)(variant)
		if variant == 1 {
			spec.TossUps[0].When = atLeast(22)
			spec.TossUps = append(spec.TossUps, engine.TossUpSpec{Name: "lukewarm", When: atLeast(12), Cooldown: engine.Day})
		}
		return spec
	}
}

// composed is the program of a canary: the rules of one variant with the workflows and
// toss-ups of the other.
func composed(t testing.TB, running, change *engine.Spec, digest string) *engine.Program {
	t.Helper()
	s := *running
	s.Flows, s.TossUps, s.Elders = change.Flows, change.TossUps, running.Flows
	return program(t, &s, digest)
}

// trials are the canaries of a history, by the variant that runs.
type trials struct {
	*history
	canaries [2]*engine.Program
	begun    int
}

func newTrials(t *testing.T, seed uint64) *trials {
	h := &trials{history: newHistory(t, seed, canarySpec(seed))}
	for v := range h.canaries {
		h.canaries[v] = composed(t, canarySpec(seed)(v), canarySpec(seed)(1-v), "canary beside "+strconv.Itoa(v))
	}
	change := h.change
	h.change = func(o *Options) {
		change(o)
		last, err := o.Store.LastRevision()
		if err != nil {
			t.Fatal(err)
		}
		if last == nil || last.Base == 0 {
			return
		}
		for v, c := range h.canaries {
			if c.Digest() == last.Digest {
				o.Program, o.Canary = h.programs[v], c
			}
		}
	}
	return h
}

// next lets the rollout go a step further, whatever that is.
func (h *trials) next() {
	what := h.rng.IntN(4)
	percent := []float64{0, 20, 50, 100}[h.rng.IntN(4)]
	if c, _ := h.runner.Program().Canary(); c == nil || what == 0 {
		h.try(percent)
		return
	}
	var end func() (uint32, error)
	switch what {
	case 1:
		h.did("promote")
		h.variant = 1 - h.variant
		end = func() (uint32, error) { return h.runner.Promote(h.t.Context(), h.programs[h.variant], nil, "") }
	case 2:
		h.did("roll back")
		end = func() (uint32, error) { return h.runner.RollBack(h.t.Context(), "") }
	default:
		if h.rng.IntN(2) == 0 {
			h.variant = 1 - h.variant
		}
		h.did("swap to %s while a change is tried", h.programs[h.variant].Digest())
		end = func() (uint32, error) { return h.runner.Swap(h.t.Context(), h.programs[h.variant], nil) }
	}
	h.survive(func() error {
		if _, err := end(); err != nil && !errors.Is(err, ErrNoCanary) { // it was done before a crash
			return err
		}
		return nil
	})
	h.revise()
	h.settle()
}

// try begins a canary, or changes its percentage.
func (h *trials) try(percent float64) {
	h.did("try the other variant on %v percent", percent)
	h.survive(func() error {
		_, err := h.runner.Canary(h.t.Context(), CanaryStart{Program: h.canaries[h.variant], Percent: percent, Salt: strconv.Itoa(h.begun)})
		return err
	})
	h.begun++
	h.revise()
	h.settle()
}

// With changes that are tried, promoted, taken back and replaced, and with crashes
// between, runner and simulator come to the same leads and journals, and no message is
// lost or repeated.
func TestCanariesLikeTheSimulator(t *testing.T) {
	t.Parallel()
	for seed := range 4 * *seeds {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			h := newTrials(t, 7_000+seed)
			for range 12 {
				if h.rng.IntN(3) == 0 {
					h.clock.left.Store(int64(1 + h.rng.IntN(60)))
				}
				if h.rng.IntN(2) == 0 {
					h.next()
				}
				h.trialRound()
			}
			h.compare()
			h.sameArms()
		})
	}
}

// sameArms checks that the arms of every canary were counted as in the simulator,
// whatever died on the way.
func (h *trials) sameArms() {
	h.t.Helper()
	rows, err := h.store.Revisions()
	if err != nil {
		h.t.Fatal(err)
	}
	counted := 0
	for i := range rows {
		for _, arm := range []string{"canary", "control"} {
			for _, name := range []string{"kpi:visits", "kpi:replies", "event:visit", "flow:nurture:entered", "exit:nurture/rolled_back", "toss_up:hot:offered", "sent:mail"} {
				name = fmt.Sprintf("%s:%d:%s", arm, rows[i].Number, name)
				got, want := sumsOf(h.t, h.store.Counts, name), sumsOf(h.t, h.sim.Counts, name)
				if fmt.Sprint(got) != fmt.Sprint(want) {
					h.t.Errorf("seed %d: %s is %v, in the simulator %v", h.seed, name, got, want)
				}
				if counted += len(got); len(got) > 0 && rows[i].Base == 0 {
					h.t.Errorf("seed %d: %s is counted, and revision %d is no canary", h.seed, name, rows[i].Number)
				}
			}
		}
	}
	h.t.Logf("seed %d: %d revisions, %d sums of arms", h.seed, len(rows), counted)
}

// sumsOf are the sums of a counter that are not 0.
func sumsOf(t testing.TB, counts engine.Counts, name string) []engine.Delta {
	t.Helper()
	var sums []engine.Delta
	err := counts(name, 0, 1<<40, func(d engine.Delta) error {
		if d.N != 0 {
			sums = append(sums, d)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return sums
}

// trialRound is a round without a swap of its own.
func (h *trials) trialRound() {
	if h.rng.IntN(6) == 0 {
		h.rule()
	}
	h.submit(h.batch())
	if h.rng.IntN(4) == 0 {
		h.submit([]engine.Event{h.signIn()})
	}
	h.pass([]time.Duration{0, 0, time.Minute, 2 * time.Hour, 11 * time.Hour, 50 * time.Hour}[h.rng.IntN(6)])
}

// Whatever instant the process dies at, what is in force is what was before or what was
// to be: the number of everybody's revision, of the arm's, its leads.
func TestCanarySurvivesACrashAnywhere(t *testing.T) {
	t.Parallel()
	running, change := canarySpec(3)(0), canarySpec(3)(1)
	p, next := program(t, running, "running"), program(t, change, "next")
	c := composed(t, canarySpec(3)(0), canarySpec(3)(1), "canary")
	crashed := 0
	for left := range int64(12) {
		for _, ending := range []string{"promote", "roll back"} {
			clock := &crashClock{Clock: newTestClock()}
			g := &rig{t: t, dir: t.TempDir(), parts: 4, clock: clock, sender: &receiver{}}
			open := func() {
				g.open(p, func(o *Options) {
					last, err := o.Store.LastRevision()
					switch {
					case err != nil:
						t.Fatal(err)
					case last != nil && last.Base != 0:
						o.Canary = c
					case last != nil && last.Digest == "next":
						o.Program = next
					}
				})
				clock.crash.Store(g.runner)
			}
			open()
			g.submit(g.event("1", "ann", "visit", number("points", 20)), g.event("2", "bob", "visit", number("points", 20)))
			g.quiet()
			reopen := func() {
				clock.left.Store(-1)
				select {
				case <-g.runner.dead:
					crashed++
					g.crash()
				default:
					g.close()
				}
				open()
			}
			clock.left.Store(left)
			_, err := g.runner.Canary(t.Context(), CanaryStart{Program: c, Percent: 100, Salt: "s", Candidate: "next"})
			clock.left.Store(-1)
			reopen()
			got := g.runner.Status()
			if got.Revision != 1 || err == nil && (got.Canary != 2 || got.Percent != 100) || got.Canary != 0 && got.Canary != 2 {
				t.Fatalf("death at reading %d of the beginning (%v): %+v", left, err, got)
			}
			if _, err := g.runner.Canary(t.Context(), CanaryStart{Program: c, Percent: 100, Salt: "s", Candidate: "next"}); err != nil {
				t.Fatal(err)
			}
			g.quiet()
			if l := g.lead("ann"); l.Revision != 2 {
				t.Errorf("death at reading %d: ann was decided by revision %d", left, l.Revision)
			}
			clock.left.Store(left)
			if ending == "promote" {
				_, err = g.runner.Promote(t.Context(), next, nil, "")
			} else {
				_, err = g.runner.RollBack(t.Context(), "")
			}
			clock.left.Store(-1)
			reopen()
			g.quiet()
			s := g.runner.Status()
			after := map[string]string{"promote": "next", "roll back": "running"}[ending]
			switch {
			case s.Canary == 2 && s.Revision == 1 && s.Digest == "running" && err != nil: // it was not to be
			case s.Canary == 0 && s.Revision == 3 && s.Digest == after:
			default:
				t.Errorf("death at reading %d of %s (%v): %+v", left, ending, err, s)
			}
			g.close()
		}
	}
	if crashed == 0 {
		t.Error("the process never died")
	}
}

// The arm's leads are the same after a restart, and the revision that is tried keeps its
// number, its salt and its beginning when its percentage changes.
func TestCanaryKeepsItsLeads(t *testing.T) {
	t.Parallel()
	const users = 300
	p, c := program(t, canarySpec(3)(0), "running"), composed(t, canarySpec(3)(0), canarySpec(3)(1), "canary")
	g := newRig(t, p, &receiver{}, nil)
	for i := range users {
		g.submit(g.event(strconv.Itoa(i), userOf(i), "visit", number("points", 20)))
	}
	start := func(percent float64) uint32 {
		t.Helper()
		n, err := g.runner.Canary(t.Context(), CanaryStart{Program: c, Percent: percent, Salt: "salt " + fmt.Sprint(percent), Candidate: "d", Sources: map[string][]byte{"a.hcl": []byte("x")}})
		if err != nil {
			t.Fatal(err)
		}
		g.quiet()
		return n
	}
	arm := func() map[int]bool {
		in := map[int]bool{}
		for i := range users {
			l := g.lead(userOf(i))
			if heard := l.Revision == 2; heard != g.runner.Program().InCanary(l.ID) {
				t.Errorf("%s was decided by revision %d", userOf(i), l.Revision)
			}
			if l.Revision == 2 {
				in[i] = true
			}
		}
		return in
	}
	if n := start(30); n != 2 {
		t.Fatalf("the canary is revision %d", n)
	}
	first := arm()
	if len(first) < 60 || len(first) > 120 {
		t.Errorf("30 percent are %d of %d", len(first), users)
	}
	began := g.runner.options.Clock.Now()
	g.close()
	g.open(p, func(o *Options) { o.Canary = c })
	for i := range arm() {
		if !first[i] {
			t.Errorf("%s is in the arm since the restart", userOf(i))
		}
	}
	g.advance(time.Hour)
	if n := start(60); n != 2 {
		t.Errorf("with another percentage the canary is revision %d", n)
	}
	second := arm()
	for i := range first {
		if !second[i] {
			t.Errorf("%s was taken out of the arm", userOf(i))
		}
	}
	_, terms := g.runner.Program().Canary()
	if terms.Since != engine.TimeOf(began) || terms.Salt != "salt 30" || terms.Percent != 60 {
		t.Errorf("the terms are %+v", terms)
	}
	if in, all, err := g.runner.ArmLeads(t.Context()); int(in) != len(second) || all != users || err != nil {
		t.Errorf("%d of %d leads are in the arm (%v), want %d of %d", in, all, err, len(second), users)
	}
	last, err := g.store.LastRevision()
	if err != nil || last.Number != 2 || last.Base != 1 || last.Candidate != "d" || last.Canary == nil || last.Canary.Percent != 60 {
		t.Errorf("the archive: %+v (%v)", last, err)
	}
	other := composed(t, canarySpec(3)(0), canarySpec(4)(1), "another canary")
	if n, err := g.runner.Canary(t.Context(), CanaryStart{Program: other, Percent: 10, Salt: "t"}); n != 3 || err != nil {
		t.Errorf("another change is revision %d (%v)", n, err)
	}
	g.quiet()
	if last, err := g.store.LastRevision(); err != nil || last.Base != 1 || last.Digest != "another canary" {
		t.Errorf("the archive after another change: %+v (%v)", last, err)
	}
	g.close()
	g.open(p, func(o *Options) { o.Canary = other })
	if s := g.runner.Status(); s.Revision != 1 || s.Canary != 3 || s.Percent != 10 {
		t.Errorf("another change after a restart: %+v", s)
	}
	g.close()
	g.open(p, nil) // whoever cannot make the canary's program any more takes it back
	g.quiet()
	if s := g.runner.Status(); s.Revision != 4 || s.Canary != 0 {
		t.Errorf("without the canary's program: %+v", s)
	}
}

// What a roll-back has ended is counted and listed, a promotion ends nothing, and
// neither can be asked for twice.
func TestRolledBackRunsAreListed(t *testing.T) {
	t.Parallel()
	const users = 40
	running, change := mailSpec(time.Hour), mailSpec(time.Hour)
	change.Flows[0].Steps = append([]engine.StepSpec{{Name: "only_new", Kind: engine.WaitStep, Next: 1, Wait: &engine.WaitSpec{On: []string{"visit"}}}}, later(change.Flows[0].Steps)...)
	p, c := program(t, running, "running"), composed(t, mailSpec(time.Hour), change, "canary")
	g := newRig(t, p, &receiver{}, nil)
	if _, err := g.runner.RollBack(t.Context(), "ann"); !errors.Is(err, ErrNoCanary) {
		t.Errorf("a roll-back of nothing: %v", err)
	}
	if _, err := g.runner.Canary(t.Context(), CanaryStart{Program: c, Percent: 50, Salt: "s"}); err != nil {
		t.Fatal(err)
	}
	in := int64(0)
	for i := range users {
		g.submit(g.event(strconv.Itoa(i), userOf(i), "signup"))
		if g.runner.Program().InCanary(g.lead(userOf(i)).ID) {
			in++
		}
	}
	g.quiet()
	if n, err := g.runner.RollBack(t.Context(), "ann"); n != 3 || err != nil {
		t.Fatalf("rolled back to revision %d, %v", n, err)
	}
	g.quiet()
	n, list, err := g.runner.RolledBack(t.Context(), 2, 5)
	if err != nil || n != in || len(list) != 5 || list[0].Step != "only_new" {
		t.Errorf("rolled back: %d of %d runs, %+v (%v)", n, in, list, err)
	}
	if n, _, err := g.runner.RolledBack(t.Context(), 3, 5); n != 0 || err != nil {
		t.Errorf("of a revision that was none: %d, %v", n, err)
	}
	rows, err := g.store.Revisions()
	if err != nil || len(rows) != 3 || rows[2].Digest != "running" || rows[2].Author != "ann" || rows[2].Base != 0 {
		t.Errorf("the archive: %+v (%v)", rows, err)
	}
	if _, err := g.runner.Promote(t.Context(), p, nil, ""); !errors.Is(err, ErrNoCanary) {
		t.Errorf("a promotion of nothing: %v", err)
	}
}

// later moves the steps that the others lead to by one.
func later(steps []engine.StepSpec) []engine.StepSpec {
	for i := range steps {
		if steps[i].Next >= 0 {
			steps[i].Next++
		}
		if b := steps[i].Branch; b != nil {
			for j := range b.Cases {
				b.Cases[j].First++
			}
			if b.Otherwise >= 0 {
				b.Otherwise++
			}
		}
	}
	return steps
}

// Over a rollout with messages under way, each goes once: those of the arm, of the
// others, and of both when it is promoted or taken back.
func TestRolloutNeitherRepeatsNorLosesAMessage(t *testing.T) {
	t.Parallel()
	for seed := range *seeds {
		rng := rand.New(rand.NewPCG(seed, 3))
		change := mailSpec(2 * time.Hour)
		p, next := program(t, mailSpec(time.Hour), "running"), program(t, change, "next")
		c := composed(t, mailSpec(time.Hour), mailSpec(2*time.Hour), "canary")
		world := &receiver{}
		g := newRig(t, p, world, nil)
		const users = 30
		sign := func(from, to int) {
			for i := from; i < to; i++ {
				g.submit(g.event(strconv.Itoa(i), userOf(i), "signup"))
			}
		}
		sign(0, users/3)
		if _, err := g.runner.Canary(t.Context(), CanaryStart{Program: c, Percent: 50, Salt: "s"}); err != nil {
			t.Fatal(err)
		}
		sign(users/3, users)
		g.advance(time.Duration(rng.IntN(150)) * time.Minute)
		g.quiet()
		var err error
		if seed%2 == 0 {
			_, err = g.runner.Promote(t.Context(), next, nil, "")
		} else {
			_, err = g.runner.RollBack(t.Context(), "")
		}
		if err != nil {
			t.Fatal(err)
		}
		g.quiet()
		for range 100 {
			g.advance(time.Hour)
			g.quiet()
		}
		got := map[string]int{}
		for _, q := range world.requests() {
			for _, part := range q.Parts {
				if part.Name == "text" {
					got[fmt.Sprint(q.Lead, part.Value.Text())]++
				}
			}
		}
		for what, n := range got {
			if n != 1 {
				t.Errorf("seed %d: %s went %d times", seed, what, n)
			}
		}
		if len(got) != 2*users {
			t.Errorf("seed %d: %d messages went to %d leads, want two each", seed, len(got), users)
		}
		g.close()
	}
}
