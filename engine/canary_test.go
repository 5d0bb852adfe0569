package engine_test

import (
	"bytes"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/calendar"
	"github.com/seed-456efde2/nurture/engine/enginetest"
	"github.com/seed-456efde2/nurture/engine/sim"
)

// composed is the spec of a canary: the running rules with other workflows and
// toss-ups.
func composed(running, change *engine.Spec) *engine.Spec {
	s := *running
	s.Flows, s.TossUps, s.Elders = change.Flows, change.TossUps, running.Flows
	return &s
}

// try puts a change in force for a percentage of the leads.
func (w *world) try(running, change *engine.Spec, percent float64) *engine.Program {
	w.t.Helper()
	c := program(w.t, composed(running, change), w.Program().Revision()+1)
	p, err := w.Program().WithCanary(c, engine.Canary{Percent: percent, Salt: "s", Since: w.Now()})
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.Swap(p); err != nil {
		w.t.Fatal(err)
	}
	return p
}

// inArms are two users, the first of whom is in the arm.
func inArms(p *engine.Program) (in, out string) {
	for i := 0; in == "" || out == ""; i++ {
		name := fmt.Sprint("user", i)
		if p.InCanary(user(name)) {
			in = name
		} else {
			out = name
		}
	}
	return in, out
}

// The arm is the share of the leads that it should be, the same leads every time, and
// a greater share has everybody whom a smaller one has.
func TestArmsAreAShareOfTheLeads(t *testing.T) {
	t.Parallel()
	base := program(t, spec(), 1)
	arms := func(percent float64, salt string) map[int]bool {
		c := program(t, composed(spec(), spec()), 2)
		p, err := base.WithCanary(c, engine.Canary{Percent: percent, Salt: salt})
		if err != nil {
			t.Fatal(err)
		}
		in := map[int]bool{}
		for i := range 10_000 {
			if p.InCanary(user(fmt.Sprint("lead", i))) {
				in[i] = true
			}
		}
		return in
	}
	before := map[int]bool{}
	for _, percent := range []float64{0, 1, 10, 37.5, 50, 90, 100} {
		in := arms(percent, "a")
		share := percent / 100
		if off := math.Abs(float64(len(in)) - 10_000*share); off > 4*math.Sqrt(10_000*share*(1-share)) {
			t.Errorf("%v percent are %d of 10,000", percent, len(in))
		}
		for i := range before {
			if !in[i] {
				t.Fatalf("%v percent has lost lead %d", percent, i)
			}
		}
		before = in
	}
	same := 0
	other := arms(50, "b")
	for i := range arms(50, "a") {
		if other[i] {
			same++
		}
	}
	if same < 2300 || same > 2700 {
		t.Errorf("another salt has %d of the same leads", same)
	}
	for _, percent := range []float64{-1, 101, math.NaN()} {
		if _, err := base.WithCanary(program(t, composed(spec(), spec()), 2), engine.Canary{Percent: percent}); err == nil {
			t.Errorf("%v percent are taken", percent)
		}
	}
}

// oldAndNew are two versions of a workflow: the change waits longer, and has a step of
// its own behind the wait that they have in common.
func oldAndNew() (running, change *engine.Spec) {
	enter := engine.EnterSpec{On: "page_viewed"}
	again := &engine.ReEnterSpec{}
	running = flowSpec(engine.FlowSpec{Name: "x", Enter: enter, ReEnter: again, Steps: []engine.StepSpec{
		waitFor("pause", 2*time.Hour, 1), mail("old_mail", 2), waitFor("rest", 24*time.Hour, 3), exitStep("done"),
	}})
	change = flowSpec(engine.FlowSpec{Name: "x", Enter: enter, ReEnter: again, Steps: []engine.StepSpec{
		waitFor("pause", 3*time.Hour, 1), mail("new_mail", 2), waitFor("only_new", 24*time.Hour, 3), exitStep("done_new"),
	}}, engine.FlowSpec{Name: "y", Enter: engine.EnterSpec{On: "ordered"}, Steps: []engine.StepSpec{waitFor("wait", 24*time.Hour, 1), exitStep("done")}})
	return running, change
}

// New entrants of the arm go by the change, everybody else by the running rules, and
// whoever was inside goes on as they began.
func TestCanaryIsForNewEntrantsOfTheArm(t *testing.T) {
	t.Parallel()
	running, change := oldAndNew()
	w := newWorld(t, running, sim.Options{})
	p := w.try(running, change, 50)
	in, out := inArms(p)
	w.sweep(p.WithoutCanary())
	w.call(engine.Track, "page_viewed", in, "") // inside before the canary begins
	w.sweep(p)
	w.after(2 * engine.Hour)
	w.want("who was inside before", w.Lead(user(in)).Place("x"), "rest")
	w.after(24 * engine.Hour)
	w.want("and goes on so", w.Lead(user(in)).Place("x"), "exit.done")
	for _, name := range []string{in, out} {
		w.call(engine.Track, "page_viewed", name, "")
		w.call(engine.Track, "ordered", name, "", text("order", "1"))
	}
	w.after(2 * engine.Hour)
	w.want("the arm", w.Lead(user(in)).Place("x"), "pause")
	w.want("the others", w.Lead(user(out)).Place("x"), "rest")
	w.want("a new workflow, the arm", w.Lead(user(in)).Place("y"), "wait")
	w.want("a new workflow, the others", w.Lead(user(out)).Place("y"), "")
	w.after(engine.Hour)
	w.want("the arm's wait", w.Lead(user(in)).Place("x"), "only_new")
	w.want("its decisions", lastRevision(w, user(in)), uint32(2))
	w.want("the others' decisions", lastRevision(w, user(out)), uint32(1))
	w.want("the run remembers", w.Lead(user(in)).Acts.Runs[0].Canary, uint32(2))
	w.want("the others' runs do not", w.Lead(user(out)).Acts.Runs[0].Canary, uint32(0))
	var back engine.Lead
	row := engine.AppendLead(nil, w.Lead(user(in)))
	if err := engine.DecodeLead(row, &back); err != nil || !bytes.Equal(row, engine.AppendLead(nil, &back)) || back.Acts.Runs[0].Canary != 2 {
		t.Errorf("the stored form: %v, %+v", err, back.Acts.Runs)
	}
}

func lastRevision(w *world, id engine.LeadID) (revision uint32) {
	_ = w.Facts(id, func(f *engine.Fact) error { revision = f.Revision; return nil })
	return revision
}

// When a change is taken back, its runs follow the running rules by the names of their
// steps; one whose step came with the change goes where that step says, or ends, and
// that is counted.
func TestRollBackOfACanary(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ removed, place string }{{"", "exit.rolled_back"}, {"exit", "exit.rolled_back"}, {"pause", "pause"}} {
		counts := map[string]int64{}
		running, change := oldAndNew()
		change.Flows[0].Steps[2].Removed = c.removed
		w := newWorld(t, running, sim.Options{OnCount: func(d engine.Delta) { counts[d.Name] += d.N }})
		p := w.try(running, change, 100)
		w.call(engine.Track, "page_viewed", "a", "")
		w.after(3 * engine.Hour)
		w.call(engine.Track, "page_viewed", "b", "")
		w.call(engine.Track, "ordered", "b", "", text("order", "1"))
		w.after(engine.Minute)
		w.sweep(p.WithoutCanary().WithRevision(3))
		w.want("on a step that both know", w.Lead(user("b")).Place("x"), "pause")
		w.want("in a workflow that only the change has", w.Lead(user("b")).Place("y"), "exit.rolled_back")
		w.want("on a step that only the change has, which says "+c.removed, w.Lead(user("a")).Place("x"), c.place)
		w.want("its mark", fmt.Sprint(marks(w.Lead(user("a"))), marks(w.Lead(user("b")))), "[] []")
		if c.place == "exit.rolled_back" {
			w.want("is counted", counts["exit:x/rolled_back"], int64(1))
		}
		w.want("is counted", counts["exit:y/rolled_back"], int64(1))
		w.after(3 * engine.Hour)
		w.want("goes on by the running rules", w.Lead(user("b")).Place("x"), "rest")
	}
}

// marks are the canaries of a lead's runs.
func marks(l *engine.Lead) (list []uint32) {
	for i := range l.Acts.Runs {
		if n := l.Acts.Runs[i].Canary; n != 0 {
			list = append(list, n)
		}
	}
	return list
}

// A promotion moves nobody: the arm's runs stand where they stood, those that went by
// the old definitions follow by name, and no message goes twice or is lost.
func TestPromotionMovesNobody(t *testing.T) {
	t.Parallel()
	running, change := oldAndNew()
	w := newWorld(t, running, sim.Options{})
	p := w.try(running, change, 50)
	in, out := inArms(p)
	for _, name := range []string{in, out} {
		w.call(engine.Track, "page_viewed", name, "")
	}
	w.after(2*engine.Hour - engine.Minute)
	before := append([]engine.Request(nil), w.Sent()...)
	promoted := program(t, change, 3).Promoting([]uint32{2})
	w.sweep(promoted)
	w.want("sent by the promotion", len(w.Sent()), len(before))
	w.want("the arm", w.Lead(user(in)).Place("x"), "pause")
	w.want("the others", w.Lead(user(out)).Place("x"), "pause")
	w.after(engine.Minute)
	w.want("the others' due time is kept", w.Lead(user(out)).Place("x"), "only_new")
	w.after(engine.Hour)
	w.want("the arm goes on", w.Lead(user(in)).Place("x"), "only_new")
	w.want("mails", len(w.Sent()), 2)
	w.want("marks", len(marks(w.Lead(user(in)))), 0)
}

// A run of a change that was promoted, whose step a later change takes out, is removed
// and not rolled back.
func TestPromotedRunIsNotRolledBack(t *testing.T) {
	t.Parallel()
	running, change := oldAndNew()
	for promoted, want := range map[bool]string{true: "exit.removed", false: "exit.rolled_back"} {
		w := newWorld(t, running, sim.Options{})
		w.try(running, change, 100)
		w.call(engine.Track, "page_viewed", "a", "")
		w.after(3 * engine.Hour)
		later := program(t, running, 4) // the lead has slept through the third revision
		if promoted {
			later = later.Promoting([]uint32{2})
		}
		w.sweep(later)
		w.want(fmt.Sprint("promoted ", promoted), w.Lead(user("a")).Place("x"), want)
	}
}

// How often a workflow may be entered, lanes and who is held out count over both.
func TestWhatBelongsToANameBelongsToBoth(t *testing.T) {
	t.Parallel()
	enter := engine.EnterSpec{On: "page_viewed"}
	once := engine.FlowSpec{Name: "once", Enter: enter, Steps: []engine.StepSpec{exitStep("done")}}
	lane := engine.FlowSpec{Name: "long", Lane: "l", Enter: enter, Steps: []engine.StepSpec{waitFor("wait", 240*time.Hour, 1), exitStep("done")}}
	other := engine.FlowSpec{Name: "other", Lane: "l", Enter: engine.EnterSpec{On: "ordered"}, Steps: []engine.StepSpec{exitStep("done")}}
	held := engine.FlowSpec{Name: "held", Holdout: 50, Enter: engine.EnterSpec{On: "ordered"}, ReEnter: &engine.ReEnterSpec{}, Steps: []engine.StepSpec{exitStep("done")}}
	running, change := flowSpec(once, lane, other, held), flowSpec(once, lane, other, held)
	w := newWorld(t, running, sim.Options{})
	names := []string{"a", "b", "c", "d", "e", "f", "g", "h"}
	ghost := map[string]bool{}
	for _, name := range names {
		w.call(engine.Track, "page_viewed", name, "")
		w.call(engine.Track, "ordered", name, "", text("order", "1"))
		ghost[name] = w.Lead(user(name)).Place("held") == "exit.held_out"
	}
	w.try(running, change, 100)
	for _, name := range names {
		w.call(engine.Track, "page_viewed", name, "")
		w.call(engine.Track, "ordered", name, "", text("order", "2"))
		w.want(name+" entered once", w.decisions(user(name), engine.Enrolled, "once"), 1)
		w.want(name+" in a lane", w.decisions(user(name), engine.Enrolled, "other"), 0)
		w.want(name+" held out", w.Lead(user(name)).Place("held") == "exit.held_out", ghost[name])
	}
}

// A merged lead has the arm of the lead that stands, and so have the runs that it
// takes over.
func TestMergedLeadHasOneArm(t *testing.T) {
	t.Parallel()
	running, change := oldAndNew()
	for _, armOfVisitor := range []bool{true, false} {
		w := newWorld(t, running, sim.Options{})
		p := w.try(running, change, 50)
		in, out := inArms(p)
		visitor, person := "", out
		if !armOfVisitor {
			person = in
		}
		for i := 0; visitor == ""; i++ {
			if p.InCanary(visitorLead(fmt.Sprint("v", i))) == armOfVisitor {
				visitor = fmt.Sprint("v", i)
			}
		}
		w.call(engine.Track, "page_viewed", "", visitor)
		w.after(engine.Hour)
		w.call(engine.Identify, "", person, visitor)
		l := w.Lead(user(person))
		w.want("one run", len(l.Acts.Runs), 1)
		w.want("its mark", len(marks(l)), 0)
		w.want("it stands", l.Place("x"), "pause")
		w.after(engine.Hour) // two hours are over: the running rules' wait
		w.want("whose wait ends by the running rules' time in both cases", len(w.Sent()) == 1, !armOfVisitor)
		w.after(2 * engine.Hour)
		w.want("one mail", len(w.Sent()), 1)
		w.call(engine.Track, "ordered", person, "", text("order", "1"))
		w.want("the arm of who stands", w.Lead(user(person)).Place("y") != "", !armOfVisitor)
	}
}

// The toss-ups of the arm are the change's; what a name has done counts for both.
func TestTossUpsOfTheArm(t *testing.T) {
	t.Parallel()
	running, change := deskSpec(), deskSpec()
	running.TossUps[0].Capacity, change.TossUps[0].Capacity = nil, nil
	change.TossUps[0].When = atLeast(interest, 50)
	change.TossUps = append(change.TossUps, engine.TossUpSpec{
		Name: "extra", When: atLeast(interest, 55), Capacity: &engine.CapacitySpec{AtMost: 1, Per: calendar.Length{BusinessDays: 1}},
		HandOver: &engine.HandOverSpec{Channel: "crm", Kind: "crm", Content: enginetest.Parts("extra")},
	})
	w := newWorld(t, running, sim.Options{})
	p := w.try(running, change, 50)
	in, out := inArms(p)
	w.heat(in, 52)
	w.heat(out, 52)
	w.want("over the change's threshold", w.states("hot", in, out), "offered -")
	w.want("revision of the offer", w.Lead(user(in)).Acts.Offers[0].Revision, uint32(2))
	w.heat(in, 30)
	w.heat(out, 30)
	w.want("over both", w.states("hot", in, out), "offered offered")
	w.want("a rule with a capacity that only the change has", w.states("extra", in, out), "offered -")
	w.sweep(p.WithoutCanary().WithRevision(3))
	w.heat(in, 1)
	w.want("handed over once", w.decisions(user(in), engine.TossedUp, "hot"), 1)
	w.call(engine.Track, "toss_up_accepted", in, "")
	w.want("answered after the change was taken back", w.states("hot", in), "accepted")
}

// A workflow that a change takes out, and that had let in who was a member already, does
// not let them in again when the change is taken back.
func TestRollBackLetsNobodyInAgain(t *testing.T) {
	t.Parallel()
	keen := engine.SegmentSpec{Name: "keen", When: atLeast(interest, 20)}
	running := flowSpec(engine.FlowSpec{
		Name: "x", Enter: engine.EnterSpec{Joins: "keen", Backfill: true}, ReEnter: &engine.ReEnterSpec{}, Steps: []engine.StepSpec{exitStep("done")},
	})
	change := flowSpec()
	running.Segments, change.Segments = []engine.SegmentSpec{keen}, []engine.SegmentSpec{keen}
	w := newWorld(t, running, sim.Options{})
	w.track("page_viewed")
	p := w.try(running, change, 100)
	w.sweep(p.WithoutCanary().WithRevision(3))
	w.want("entries", w.decisions(user("tanaka"), engine.Enrolled, "x"), 1)
}

// What only the change has can be paused while it is tried, and a pause of a name holds
// both.
func TestPausesHoldBothArms(t *testing.T) {
	t.Parallel()
	running, change := oldAndNew()
	w := newWorld(t, running, sim.Options{})
	p := w.try(running, change, 50)
	in, out := inArms(p)
	for _, c := range []struct {
		scope engine.PauseScope
		name  string
		ok    bool
	}{
		{engine.PauseWorkflow, "x", true},
		{engine.PauseWorkflow, "y", true},
		{engine.PauseWorkflow, "z", false},
		{engine.PauseStep, "x/rest", true},
		{engine.PauseStep, "x/only_new", true},
		{engine.PauseStep, "x/none", false},
	} {
		if err := w.Program().CheckPause(c.scope, c.name); (err == nil) != c.ok {
			t.Errorf("pause %s %s: %v", c.scope, c.name, err)
		}
	}
	for _, name := range []string{in, out} {
		w.call(engine.Track, "page_viewed", name, "")
	}
	pause := func(begin bool) {
		t.Helper()
		err := w.Rule(func(old *engine.Rulings) (*engine.Rulings, error) {
			if begin {
				return old.WithPause(engine.Pause{Scope: engine.PauseWorkflow, Name: "x", From: w.Now()}), nil
			}
			return old.WithoutPause(engine.PauseWorkflow, "x", w.Now()), nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	pause(true)
	w.after(5 * engine.Hour)
	w.want("held", fmt.Sprint(w.Lead(user(in)).Place("x"), w.Lead(user(out)).Place("x"), len(w.Sent())), "pausepause0")
	pause(false)
	w.after(3 * engine.Hour)
	w.want("gone on", fmt.Sprint(w.Lead(user(in)).Place("x"), " ", w.Lead(user(out)).Place("x"), len(w.Sent())), "only_new rest2")
}

// When another change takes the place of the one that is tried, the runs of the first
// are rolled back and those of the second begin.
func TestAnotherChangeTakesThePlace(t *testing.T) {
	t.Parallel()
	running, change := oldAndNew()
	w := newWorld(t, running, sim.Options{})
	base := w.Program()
	w.try(running, change, 100)
	w.call(engine.Track, "ordered", "a", "", text("order", "1"))
	w.call(engine.Track, "page_viewed", "a", "")
	w.want("in the first", fmt.Sprint(w.Lead(user("a")).Place("y"), marks(w.Lead(user("a")))), "wait[2 2]")
	again := flowSpec(change.Flows[0])
	second := program(t, composed(running, again), 3)
	p, err := base.WithCanary(second, engine.Canary{Percent: 100, Salt: "s", Since: w.Now()})
	if err != nil {
		t.Fatal(err)
	}
	w.sweep(p)
	w.want("of the first", w.Lead(user("a")).Place("y"), "exit.rolled_back")
	w.want("on a step that the running rules have", fmt.Sprint(w.Lead(user("a")).Place("x"), marks(w.Lead(user("a")))), "pause[]")
	w.call(engine.Track, "page_viewed", "b", "")
	w.want("in the second", fmt.Sprint(w.Lead(user("b")).Place("x"), marks(w.Lead(user("b")))), "pause[3]")
	w.after(3 * engine.Hour)
	w.want("when the wait is over that it had begun", w.Lead(user("a")).Place("x"), "rest")
	w.want("by the second", w.Lead(user("b")).Place("x"), "only_new")
	if _, err := base.WithCanary(base, engine.Canary{}); err == nil {
		t.Error("a revision is its own canary")
	}
}
