package engine_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/calendar"
	"github.com/seed-456efde2/nurture/engine/enginetest"
	"github.com/seed-456efde2/nurture/engine/sim"
)

// val is a value computed by a function, for steps that assign.
type val struct {
	engine.Expr
	of func(facts map[string]any) (engine.Value, error)
}

func (v val) Value(vars *engine.Vars) (engine.Value, error) { return v.of(vars.Facts) }

func computed(of func(facts map[string]any) (engine.Value, error), reads ...engine.Key) engine.Val {
	return val{whenReads(reads...), of}
}

func whenReads(reads ...engine.Key) engine.Expr {
	return enginetest.When("value", nil, reads...)[0]
}

func isFlag(k engine.Key) []engine.Cond {
	return enginetest.When(k.String(), func(facts map[string]any) bool { return facts[k.String()] == true }, k)
}

func field(name string) engine.Val {
	k := engine.Key{Kind: engine.KeyEvent, Name: name}
	return computed(func(facts map[string]any) (engine.Value, error) {
		s, _ := facts[k.String()].(string)
		return engine.TextValue(s), nil
	}, k)
}

// TestWaitCases: the first of several events decides the way, patience the other.
func TestWaitCases(t *testing.T) {
	t.Parallel()
	s := flowSpec(engine.FlowSpec{Name: "x", Enter: engine.EnterSpec{On: "page_viewed"}, Steps: []engine.StepSpec{
		{Name: "reaction", Kind: engine.WaitStep, Next: 3, Wait: &engine.WaitSpec{
			On: []string{"email_clicked", "ordered"}, AtMost: length(48 * time.Hour), Otherwise: 3,
			Cases: []engine.WaitCase{{Name: "clicked", On: []string{"email_clicked"}, First: 1}, {Name: "bought", On: []string{"ordered"}, First: 2}},
		}},
		exitStep("clicked"), exitStep("bought"), exitStep("silent"),
	}})
	for _, c := range []struct{ event, exit string }{{"email_clicked", "exit.clicked"}, {"ordered", "exit.bought"}, {"unsubscribed", "exit.silent"}} {
		w := newWorld(t, s, sim.Options{})
		w.track("page_viewed")
		w.after(engine.Hour)
		w.track(c.event)
		w.after(2 * engine.Day)
		w.want(c.event, w.tanaka().Place("x"), c.exit)
	}
}

// TestWaitUntil: a wait for an opening ends at it, and at once inside of it.
func TestWaitUntil(t *testing.T) {
	t.Parallel()
	window, err := calendar.ParseWindow("tue-thu 09:30-11:30")
	if err != nil {
		t.Fatal(err)
	}
	s := flowSpec(engine.FlowSpec{Name: "x", Enter: engine.EnterSpec{On: "page_viewed"}, ReEnter: &engine.ReEnterSpec{}, Steps: []engine.StepSpec{
		{Name: "open", Kind: engine.WaitStep, Next: 1, Wait: &engine.WaitSpec{Until: window}}, exitStep("done"),
	}})
	w := newWorld(t, s, sim.Options{}) // Monday 09:00
	w.track("page_viewed")
	w.after(24*engine.Hour + 30*engine.Minute - 1)
	w.want("before the opening", w.tanaka().Place("x"), "open")
	w.after(1)
	w.want("at the opening", w.tanaka().Place("x"), "exit.done")
	w.track("page_viewed")
	w.want("inside of it", w.tanaka().Place("x"), "exit.done")
}

// TestSetAndEmit: what a step sets is read by the next, and what it emits is an
// event like others; both survive a refold.
func TestSetAndEmit(t *testing.T) {
	t.Parallel()
	company := engine.Key{Kind: engine.KeyLead, Name: "company"}
	s := flowSpec(engine.FlowSpec{Name: "x", Enter: engine.EnterSpec{On: "ordered"}, Steps: []engine.StepSpec{
		{Name: "mark", Kind: engine.SetStep, Next: 1, Set: &engine.SetSpec{Values: []engine.Assign{{Name: "company", Value: field("order")}}}},
		{Name: "known", Kind: engine.BranchStep, Branch: &engine.BranchSpec{Otherwise: 3, Cases: []engine.CaseSpec{{Name: "yes", When: isText(company, "A-1"), First: 2}}}},
		{Name: "tell", Kind: engine.EmitStep, Next: 3, Emit: &engine.EmitSpec{Event: "praised", Fields: []engine.Assign{{Name: "how", Value: field("order")}}}},
		exitStep("done"),
	}}, engine.FlowSpec{Name: "y", Enter: engine.EnterSpec{On: "praised"}, Steps: []engine.StepSpec{waitFor("a", time.Hour, 1), exitStep("done")}})
	w := newWorld(t, s, sim.Options{})
	w.track("ordered", text("order", "A-1"))
	w.want("company", w.Read(w.tanaka(), company).Text(), "A-1")
	w.want("the other workflow", w.tanaka().Place("y"), "a")
	w.after(engine.Day)
	if _, err := w.Submit(engine.Event{Kind: engine.Track, Name: "page_viewed", ID: "late", User: "tanaka", At: w.Now().Add(-2 * engine.Day), Received: w.Now()}); err != nil {
		t.Fatal(err)
	}
	w.want("company after a late fact", w.Read(w.tanaka(), company).Text(), "A-1")
}

// TestEntryKey: one run for each order, bounded, each with its own waits.
func TestEntryKey(t *testing.T) {
	t.Parallel()
	s := flowSpec(engine.FlowSpec{
		Name: "x", Enter: engine.EnterSpec{On: "ordered", Key: field("order")}, ReEnter: &engine.ReEnterSpec{AtMost: 1, AtOnce: 2},
		Steps: []engine.StepSpec{waitFor("day", 24*time.Hour, 1), mail("thanks", 2), exitStep("done")},
	})
	w := newWorld(t, s, sim.Options{})
	w.track("ordered", text("order", "A"))
	w.after(engine.Hour)
	w.track("ordered", text("order", "B"))
	w.track("ordered", text("order", "A"))
	w.track("ordered")
	w.track("ordered", text("order", "C"))
	w.want("runs", len(w.tanaka().Acts.Runs), 2)
	w.after(23 * engine.Hour)
	w.want("mails of the first order", w.sent("mail"), 1)
	w.after(engine.Hour)
	w.want("mails of both", w.sent("mail"), 2)
	w.track("ordered", text("order", "A"))
	w.want("the first order again", len(w.tanaka().Acts.Runs), 1)
	w.after(2 * engine.Day)
	w.track("ordered", text("order", "A"))
	w.want("more often than at_most", len(w.tanaka().Acts.Runs), 0)
}

// TestLane: one at a time, and the higher priority takes over.
func TestLane(t *testing.T) {
	t.Parallel()
	flow := func(name, on string, priority int) engine.FlowSpec {
		return engine.FlowSpec{
			Name: name, Lane: "care", Priority: priority, Enter: engine.EnterSpec{On: on}, ReEnter: &engine.ReEnterSpec{},
			Steps: []engine.StepSpec{waitFor("day", 24*time.Hour, 1), exitStep("done")},
		}
	}
	s := flowSpec(flow("low", "page_viewed", 1), flow("high", "ordered", 9))
	w := newWorld(t, s, sim.Options{})
	w.track("page_viewed")
	w.track("ordered")
	w.want("the lower one", w.tanaka().Place("low"), "exit.displaced")
	w.want("the higher one", w.tanaka().Place("high"), "day")
	w.track("page_viewed")
	w.want("the lower one, while the lane is busy", w.tanaka().Place("low"), "exit.displaced")
	w.after(engine.Day)
	w.track("page_viewed")
	w.want("the lower one afterwards", w.tanaka().Place("low"), "day")
}

// TestGoalsAndHoldout: a goal counts within its window, inside and after, and for
// who was held out as well.
func TestGoalsAndHoldout(t *testing.T) {
	t.Parallel()
	s := flowSpec(engine.FlowSpec{
		Name: "x", Holdout: 50, Enter: engine.EnterSpec{On: "page_viewed"},
		Goals: []engine.GoalSpec{{Name: "order", On: "ordered", Within: 10 * engine.Day}},
		Steps: []engine.StepSpec{mail("hello", 1), exitStep("done")},
	})
	counts := map[string]int64{}
	w := newWorld(t, s, sim.Options{OnCount: func(d engine.Delta) { counts[d.Name+"|"+d.Labels] += d.N }})
	submit := func(user, name, id string) {
		if _, err := w.Submit(engine.Event{Kind: engine.Track, Name: name, ID: user + id, User: user, At: w.Now()}); err != nil {
			t.Fatal(err)
		}
	}
	const leads = 400
	for i := range leads {
		submit(fmt.Sprint("u", i), "page_viewed", "a")
	}
	w.after(9 * engine.Day)
	for i := range leads {
		submit(fmt.Sprint("u", i), "ordered", "b")
		submit(fmt.Sprint("u", i), "ordered", "c")
	}
	out := counts["flow:x:held_out|"]
	if out < leads*4/10 || out > leads*6/10 {
		t.Errorf("%d of %d held out", out, leads)
	}
	w.want("goals of who was written to", counts["goal:x/order|arm=in"], leads-out)
	w.want("goals of who was held out", counts["goal:x/order|arm=held_out"], out)
	w.want("mails", int64(w.sent("mail")), leads-out)
	read := func(name, labels string, _ uint8, _ int64) int64 { return counts[name+"|"+labels] }
	states := program(t, s, 1).Holdouts(read, w.Now().Add(20*engine.Day), 0.95)
	if len(states) != 1 || states[0].In.Of != leads-out || states[0].HeldOut.N != out || states[0].Err != nil {
		t.Errorf("hold-outs: %+v", states)
	}
}

// TestSchedule: members of the segment enter at the schedule's times, once each.
func TestSchedule(t *testing.T) {
	t.Parallel()
	schedule, err := calendar.ParseSchedule("0 8 * * 2#1")
	if err != nil {
		t.Fatal(err)
	}
	s := flowSpec(engine.FlowSpec{
		Name: "news", Enter: engine.EnterSpec{Schedule: schedule, Members: "readers", Spread: 10 * engine.Minute}, ReEnter: &engine.ReEnterSpec{},
		Steps: []engine.StepSpec{mail("issue", 1), exitStep("sent")},
	})
	consent := engine.Key{Kind: engine.KeyConsent, Name: "marketing"}
	s.Segments = []engine.SegmentSpec{{Name: "readers", When: isFlag(consent)}}
	w := newWorld(t, s, sim.Options{}) // Monday 2026-10-05 09:00
	w.track("page_viewed")
	w.want("timers of who is no member", len(w.tanaka().Timers), 0)
	w.track("consent_given", text("purpose", "marketing"))
	w.after(23*engine.Hour - 1)
	w.want("before 08:00", w.sent("mail"), 0)
	w.after(10 * engine.Minute)
	w.want("Tuesday 08:10", w.sent("mail"), 1)
	w.after(27 * engine.Day)
	w.want("before November's", w.sent("mail"), 1)
	w.after(2 * engine.Day)
	w.want("after November's", w.sent("mail"), 2)
	w.track("unsubscribed")
	w.after(60 * engine.Day)
	w.want("after leaving", w.sent("mail"), 2)
}

// TestRemovedStep: moved, on_removed and a step that changed its kind leave nobody
// standing on nothing.
func TestRemovedStep(t *testing.T) {
	t.Parallel()
	flow := func(steps ...engine.StepSpec) *engine.Spec {
		return flowSpec(engine.FlowSpec{Name: "x", Enter: engine.EnterSpec{On: "page_viewed"}, Steps: steps})
	}
	gone := waitFor("a", 24*time.Hour, 1)
	gone.Removed = "b"
	for _, c := range []struct {
		name   string
		first  engine.StepSpec
		second *engine.Spec
		after  engine.Span
		place  string
	}{
		{"on_removed next", gone, flow(waitFor("b", time.Hour, 1), exitStep("done")), 0, "b"},
		{"on_removed exit", waitFor("a", 24*time.Hour, 1), flow(waitFor("b", time.Hour, 1), exitStep("done")), 0, "exit.removed"},
		{"a wait that is now a message", waitFor("a", 24*time.Hour, 1), flow(mail("a", 1), exitStep("done")), 0, "exit.done"},
		{"a longer wait keeps its time", waitFor("a", 24*time.Hour, 1), flow(waitFor("a", 99*time.Hour, 1), exitStep("done")), engine.Day, "exit.done"},
		{"a wait for an event that never comes", waitFor("a", 24*time.Hour, 1), flow(engine.StepSpec{
			Name: "a", Kind: engine.WaitStep, Next: 1, Wait: &engine.WaitSpec{On: []string{"ordered"}, AtMost: length(48 * time.Hour)},
		}, exitStep("done")), 2 * engine.Day, "exit.done"},
	} {
		w := newWorld(t, flow(c.first, waitFor("b", time.Hour, 2), exitStep("done")), sim.Options{})
		w.track("page_viewed")
		w.sweep(program(t, c.second, 2))
		w.after(c.after)
		w.want(c.name, w.tanaka().Place("x"), c.place)
	}
}

// TestRecompute: a changed wait moves who waits already where it says so.
func TestRecompute(t *testing.T) {
	t.Parallel()
	flow := func(d time.Duration) *engine.Spec {
		step := waitFor("a", d, 1)
		step.Wait.Recompute = true
		return flowSpec(engine.FlowSpec{Name: "x", Enter: engine.EnterSpec{On: "page_viewed"}, Steps: []engine.StepSpec{step, exitStep("done")}})
	}
	w := newWorld(t, flow(24*time.Hour), sim.Options{})
	w.track("page_viewed")
	w.after(engine.Hour)
	w.sweep(program(t, flow(3*time.Hour), 2))
	w.after(2*engine.Hour - 1)
	w.want("before", w.tanaka().Place("x"), "a")
	w.after(1)
	w.want("at the new time", w.tanaka().Place("x"), "exit.done")
}

// TestExperiment: an arm is sticky, its successes are counted for its messages,
// and the winner takes all once it is used.
func TestExperiment(t *testing.T) {
	t.Parallel()
	send := mail("hello", 1)
	send.Send.Experiment = &engine.ExperimentSpec{
		Name: "x/hello/subject", Measure: "email_clicked", Within: engine.Day,
		Variants: []engine.VariantSpec{{Name: "a"}, {Name: "b"}},
	}
	s := flowSpec(engine.FlowSpec{Name: "x", Enter: engine.EnterSpec{On: "page_viewed"}, ReEnter: &engine.ReEnterSpec{}, Steps: []engine.StepSpec{send, exitStep("done")}})
	counts := map[string]int64{}
	var arms []string
	w := newWorld(t, s, sim.Options{
		OnCount: func(d engine.Delta) { counts[fmt.Sprint(d.Name, "|", d.Labels, "|", d.Part)] += d.N },
		OnFact: func(_ engine.LeadID, row *engine.Fact) {
			for _, d := range row.Decisions {
				if d.Kind == engine.Drawn {
					arms = append(arms, d.Detail)
				}
			}
		},
	})
	w.track("page_viewed")
	key := w.Sent()[0].Key.String()
	w.after(engine.Hour)
	w.track("email_clicked", text("message", "another"))
	w.track("email_clicked", text("message", key))
	w.track("email_clicked", text("message", key))
	arm := w.tanaka().Acts.Trials[0].Arm
	w.want("trials", counts["exp:x/hello/subject|arm="+arm+"|1"], int64(1))
	w.want("successes", counts["exp:x/hello/subject|arm="+arm+"|0"], int64(1))
	other := map[string]string{"a": "b", "b": "a"}[arm]
	p := program(t, s, 1)
	w.sweep(p.Under(&engine.Rulings{Number: 1, Winners: []engine.Winner{{Experiment: "x/hello/subject", Arm: other, Applied: true}}}))
	w.track("page_viewed")
	w.want("trials, one a lead", counts["exp:x/hello/subject|arm="+arm+"|1"]+counts["exp:x/hello/subject|arm="+other+"|1"], int64(1))
	w.want("arm after the decision", arms[len(arms)-1], other)
}

// TestExperimentIsJudged: counts that leave no doubt settle it, a harm ends it, and
// what is used is what the file says.
func TestExperimentIsJudged(t *testing.T) {
	t.Parallel()
	send := mail("hello", 1)
	x := &engine.ExperimentSpec{
		Name: "x/hello/subject", Measure: "email_clicked", Within: engine.Day, MinEach: 400, Sure: 0.95,
		Guards:   []engine.GuardSpec{{Event: "unsubscribed", Above: 0.01, Source: "unsubscribed > 1%"}},
		Variants: []engine.VariantSpec{{Name: "a"}, {Name: "b"}},
	}
	send.Send.Experiment = x
	s := flowSpec(engine.FlowSpec{Name: "x", Enter: engine.EnterSpec{On: "page_viewed"}, Steps: []engine.StepSpec{send, exitStep("done")}})
	now := start.Add(90 * engine.Day)
	judge := func(auto bool, trials, a, b, harm int64) []engine.Winner {
		x.Auto = auto
		return program(t, s, 1).Judge(func(name, labels string, part uint8, _ int64) int64 {
			switch {
			case part == 1, name == "exp:x/hello/subject:drawn":
				return trials
			case name == "exp:x/hello/subject:unsubscribed":
				return map[string]int64{"arm=a": harm}[labels]
			}
			return map[string]int64{"arm=a": a, "arm=b": b}[labels]
		}, now)
	}
	if got := judge(false, 2000, 40, 42, 0); len(got) != 0 {
		t.Errorf("no difference: %+v", got)
	}
	if got := judge(false, 300, 3, 90, 0); len(got) != 0 {
		t.Errorf("fewer than min_each: %+v", got)
	}
	if got := judge(false, 2000, 40, 160, 0); len(got) != 1 || got[0].Arm != "b" || got[0].Applied {
		t.Errorf("a clear winner, proposed: %+v", got)
	}
	if got := judge(true, 2000, 40, 160, 0); len(got) != 1 || !got[0].Applied {
		t.Errorf("a clear winner, used: %+v", got)
	}
	if got := judge(false, 2000, 160, 40, 100); len(got) != 1 || got[0].Arm != "b" || !got[0].Applied {
		t.Errorf("a harmful arm: %+v", got)
	}
}
