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

// The faults of other systems that belong to workflows, each a test of its own.

func length(d time.Duration) calendar.Length { return calendar.Length{Span: d} }

func mail(name string, next int) engine.StepSpec {
	return engine.StepSpec{Name: name, Kind: engine.SendStep, Next: next, Send: &engine.SendSpec{
		Channel: "mail", Kind: "email", Lane: engine.LaneNurture, Content: enginetest.Parts(name),
	}}
}

func waitFor(name string, d time.Duration, next int) engine.StepSpec {
	return engine.StepSpec{Name: name, Kind: engine.WaitStep, Next: next, Wait: &engine.WaitSpec{For: length(d)}}
}

func exitStep(name string) engine.StepSpec {
	return engine.StepSpec{Name: name, Kind: engine.ExitStep}
}

// flowSpec is spec with other workflows, and a webhook-like mail that no policy
// holds back.
func flowSpec(flows ...engine.FlowSpec) *engine.Spec {
	s := spec()
	s.Events = append(s.Events, engine.EventSpec{Name: "ordered", Fields: []engine.AttrSpec{{Name: "order", Kind: engine.Text}, {Name: "amount", Kind: engine.Number}}},
		engine.EventSpec{Name: "email_sent"}, engine.EventSpec{Name: "praised", Fields: []engine.AttrSpec{{Name: "how", Kind: engine.Text}}})
	s.Flows = flows
	return s
}

func program(t *testing.T, s *engine.Spec, revision uint32) *engine.Program {
	t.Helper()
	p, err := engine.NewProgram(s, fmt.Sprint("digest", revision), revision)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// sweep puts a program, and the rulings that it was made to decide under, in force
// for every lead.
func (w *world) sweep(p *engine.Program) {
	w.t.Helper()
	if err := w.Swap(p); err != nil {
		w.t.Fatal(err)
	}
	next := p.Rulings()
	if next == nil {
		return
	}
	if err := w.Rule(func(*engine.Rulings) (*engine.Rulings, error) { return next, nil }); err != nil {
		w.t.Fatal(err)
	}
}

// TestFault06 — a loop back to a visited step goes round as often as it says, and
// the run goes on behind it.
func TestFault06LoopToAVisitedStep(t *testing.T) {
	t.Parallel()
	w := newWorld(t, flowSpec(engine.FlowSpec{Name: "remind", Enter: engine.EnterSpec{On: "page_viewed"}, Steps: []engine.StepSpec{
		mail("remind", 1), waitFor("pause", 24*time.Hour, 2),
		{Name: "again", Kind: engine.GotoStep, Next: 3, Goto: &engine.GotoSpec{To: 0, AtMost: 2}},
		mail("last", 4), exitStep("done"),
	}}), sim.Options{})
	w.track("page_viewed")
	w.want("first", w.sent("mail"), 1)
	w.after(24 * engine.Hour)
	w.want("second", w.sent("mail"), 2)
	w.after(24 * engine.Hour)
	w.want("third", w.sent("mail"), 3)
	w.after(24 * engine.Hour)
	w.want("the last, behind the loop", w.sent("mail"), 4)
	w.want("place", w.tanaka().Place("remind"), "exit.done")
	keys := map[engine.ActionKey]bool{}
	for _, r := range w.Sent() {
		keys[r.Key] = true
	}
	w.want("keys, one a visit", len(keys), 4)
}

// TestFault06 — a loop without a wait in it ends with a fault, and holds nobody up.
func TestFault06LoopWithoutAWait(t *testing.T) {
	t.Parallel()
	w := newWorld(t, flowSpec(engine.FlowSpec{Name: "spin", Enter: engine.EnterSpec{On: "page_viewed"}, Steps: []engine.StepSpec{
		{Name: "a", Kind: engine.BranchStep, Branch: &engine.BranchSpec{Otherwise: 1}},
		{Name: "b", Kind: engine.GotoStep, Next: engine.EndOfFlow, Goto: &engine.GotoSpec{To: 0, AtMost: 1 << 30}},
	}}), sim.Options{})
	w.track("page_viewed")
	w.want("place", w.tanaka().Place("spin"), "exit.loop")
}

// TestFault09 — a step that leads to one that does not exist is refused at load.
func TestFault09JumpToARemovedStep(t *testing.T) {
	t.Parallel()
	for name, steps := range map[string][]engine.StepSpec{
		"next":  {waitFor("a", time.Hour, 7)},
		"goto":  {{Name: "a", Kind: engine.GotoStep, Next: -1, Goto: &engine.GotoSpec{To: 3, AtMost: 1}}},
		"arm":   {{Name: "a", Kind: engine.SplitStep, Split: &engine.SplitSpec{Arms: []engine.ArmSpec{{Name: "x", Weight: 1, First: 9}}}}},
		"case":  {{Name: "a", Kind: engine.WaitStep, Next: -1, Wait: &engine.WaitSpec{On: []string{"ordered"}, Cases: []engine.WaitCase{{Name: "x", On: []string{"ordered"}, First: 4}}}}},
		"never": {{Name: "a", Kind: engine.GotoStep, Next: -1, Goto: &engine.GotoSpec{To: 0}}},
	} {
		_, err := engine.NewProgram(flowSpec(engine.FlowSpec{Name: "x", Enter: engine.EnterSpec{On: "page_viewed"}, Steps: steps}), "d", 1)
		if err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// TestFault11 — an exit takes a waiting lead out at once, by an event and by the
// time alone.
func TestFault11ExitWhileWaiting(t *testing.T) {
	t.Parallel()
	w := newWorld(t, flowSpec(engine.FlowSpec{
		Name: "long", Enter: engine.EnterSpec{On: "page_viewed"},
		Exits: []engine.ExitSpec{{Name: "bought", On: "ordered"}},
		Steps: []engine.StepSpec{waitFor("year", 365*24*time.Hour, 1), exitStep("done")},
	}), sim.Options{})
	w.track("page_viewed")
	w.after(engine.Day)
	w.track("ordered")
	w.want("place", w.tanaka().Place("long"), "exit.bought")
	for _, timer := range w.tanaka().Timers {
		w.want("timers", timer.Kind, engine.FlipDue)
	}
}

func paused(n uint32, list ...engine.Pause) *engine.Rulings {
	return &engine.Rulings{Number: n, Pauses: list}
}

// TestFault13 — a pause holds waits and messages; on resuming, waits are longer by
// the pause, or over, as the workflow says.
func TestFault13Pause(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		pause engine.PauseSpec
		after engine.Span // from the resuming to the mail
		sent  int
	}{
		{"the clock stops", engine.PauseSpec{}, 23 * engine.Hour, 1},
		{"the clock runs, overdue goes", engine.PauseSpec{Clock: engine.ClockRuns}, 0, 1},
		{"the clock runs, overdue is skipped", engine.PauseSpec{Clock: engine.ClockRuns, Overdue: engine.Skip}, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := flowSpec(engine.FlowSpec{
				Name: "slow", Enter: engine.EnterSpec{On: "page_viewed"}, Pause: c.pause,
				Steps: []engine.StepSpec{waitFor("day", 24*time.Hour, 1), mail("hello", 2), exitStep("done")},
			})
			p := program(t, s, 1)
			w := newWorld(t, s, sim.Options{})
			w.sweep(p)
			w.track("page_viewed")
			w.after(engine.Hour)
			from := w.Now()
			w.sweep(p.Under(paused(1, engine.Pause{Scope: engine.PauseWorkflow, Name: "slow", From: from})))
			w.after(3 * engine.Day)
			w.want("mails while paused", w.sent("mail"), 0)
			w.want("place while paused", w.tanaka().Place("slow"), "day")
			w.sweep(p.Under(paused(2, engine.Pause{Scope: engine.PauseWorkflow, Name: "slow", From: from, To: w.Now(), Ended: 2})))
			if c.after > 0 {
				w.after(c.after - 1)
				w.want("mails before its time", w.sent("mail"), 0)
				w.after(1)
			}
			w.want("mails", w.sent("mail"), c.sent)
			w.want("place", w.tanaka().Place("slow"), "exit.done")
			w.after(30 * engine.Day)
			w.want("mails at the end", w.sent("mail"), c.sent)
		})
	}
}

// TestFault13 — nobody enters a paused workflow, and nobody is let in afterwards
// for it.
func TestFault16PausedWorkflowGathersNobody(t *testing.T) {
	t.Parallel()
	s := flowSpec(engine.FlowSpec{Name: "x", Enter: engine.EnterSpec{On: "page_viewed"}, Steps: []engine.StepSpec{mail("hello", 1), exitStep("done")}})
	p := program(t, s, 1)
	w := newWorld(t, s, sim.Options{})
	w.sweep(p.Under(paused(1, engine.Pause{Scope: engine.PauseAll, From: w.Now()})))
	w.track("page_viewed")
	w.after(engine.Day)
	w.sweep(p.Under(paused(2, engine.Pause{Scope: engine.PauseAll, From: start, To: w.Now(), Ended: 2})))
	w.after(engine.Day)
	w.want("mails", w.sent("mail"), 0)
	w.track("page_viewed")
	w.want("mails of who comes afterwards", w.sent("mail"), 1)
}

// TestFault13Drain — who is inside goes on, nobody enters.
func TestFault13Drain(t *testing.T) {
	t.Parallel()
	s := flowSpec(engine.FlowSpec{Name: "x", Enter: engine.EnterSpec{On: "page_viewed"}, ReEnter: &engine.ReEnterSpec{}, Steps: []engine.StepSpec{waitFor("a", time.Hour, 1), mail("hello", 2), exitStep("done")}})
	p := program(t, s, 1)
	w := newWorld(t, s, sim.Options{})
	w.sweep(p)
	w.track("page_viewed")
	w.sweep(p.Under(paused(1, engine.Pause{Scope: engine.PauseWorkflow, Name: "x", Drain: true, From: w.Now()})))
	w.after(engine.Hour)
	w.want("mails of who was inside", w.sent("mail"), 1)
	w.track("page_viewed")
	w.after(engine.Day)
	w.want("mails of who came later", w.sent("mail"), 1)
}

// TestFault14 — an arm is the lead's own: entering again never flips it, and the
// shares are the weights.
func TestFault14ArmsAreSticky(t *testing.T) {
	t.Parallel()
	s := flowSpec(engine.FlowSpec{
		Name: "x", Enter: engine.EnterSpec{On: "page_viewed"}, ReEnter: &engine.ReEnterSpec{},
		Steps: []engine.StepSpec{
			{Name: "offer", Kind: engine.SplitStep, Split: &engine.SplitSpec{Arms: []engine.ArmSpec{{Name: "a", Weight: 70, First: 1}, {Name: "b", Weight: 30, First: 2}}}},
			exitStep("a"), exitStep("b"),
		},
	})
	w := newWorld(t, s, sim.Options{})
	arms := map[string]int{}
	const leads = 500
	for i := range leads {
		user := fmt.Sprint("u", i)
		var first string
		for visit := range 3 {
			if _, err := w.Submit(engine.Event{Kind: engine.Track, Name: "page_viewed", ID: fmt.Sprint(user, visit), User: user, At: w.Now()}); err != nil {
				t.Fatal(err)
			}
			place := w.Find(engine.Identifier{Kind: engine.ByUser, Value: user}).Place("x")
			if visit == 0 {
				first = place
				arms[place]++
			} else if place != first {
				t.Fatalf("lead %s went %s and then %s", user, first, place)
			}
		}
	}
	if share := float64(arms["exit.a"]) / leads; share < 0.62 || share > 0.78 {
		t.Errorf("arm a has %.3f of the leads, its weight is 0.7", share)
	}
}

// TestFault16 — members gathered before a workflow goes live are not let in,
// unless it says backfill; who joins afterwards is.
func TestFault16MembersBeforeTheWorkflow(t *testing.T) {
	t.Parallel()
	for _, backfill := range []bool{false, true} {
		t.Run(fmt.Sprint(backfill), func(t *testing.T) {
			t.Parallel()
			s := flowSpec()
			s.Segments = []engine.SegmentSpec{{Name: "warm", When: atLeast(interest, 15)}}
			w := newWorld(t, s, sim.Options{})
			w.track("page_viewed")
			next := flowSpec(engine.FlowSpec{
				Name: "x", Enter: engine.EnterSpec{Joins: "warm", Backfill: backfill}, ReEnter: &engine.ReEnterSpec{},
				Steps: []engine.StepSpec{mail("hello", 1), exitStep("done")},
			})
			next.Segments = s.Segments
			w.sweep(program(t, next, 2))
			before := map[bool]int{true: 1}[backfill]
			w.want("mails to who was a member", w.sent("mail"), before)
			w.sweep(program(t, next, 3))
			w.want("mails after another revision", w.sent("mail"), before)
			w.after(60 * engine.Day)
			w.track("email_clicked") // judged: the score has faded, the segment is left
			w.want("mails on leaving", w.sent("mail"), before)
			w.track("page_viewed")
			w.want("mails on joining again", w.sent("mail"), before+1)
		})
	}
}

// TestFault17 — changing a segment, or settling an experiment, loses no message
// that is due.
func TestFault17ChangesKeepWhatIsScheduled(t *testing.T) {
	t.Parallel()
	flow := func(min float64) *engine.Spec {
		s := flowSpec(engine.FlowSpec{
			Name: "x", Enter: engine.EnterSpec{Joins: "warm"},
			Steps: []engine.StepSpec{waitFor("day", 24*time.Hour, 1), mail("hello", 2), exitStep("done")},
		})
		s.Segments = []engine.SegmentSpec{{Name: "warm", When: atLeast(interest, min)}}
		s.Flows[0].Steps[1].Send.Experiment = &engine.ExperimentSpec{
			Name: "x/hello/subject", Measure: "email_clicked", Within: engine.Day,
			Variants: []engine.VariantSpec{{Name: "a", Content: enginetest.Parts("a")}, {Name: "b", Content: enginetest.Parts("b")}},
		}
		return s
	}
	w := newWorld(t, flow(15), sim.Options{Render: true})
	w.track("page_viewed")
	w.after(engine.Hour)
	p := program(t, flow(18), 2)
	w.sweep(p)
	w.sweep(p.Under(&engine.Rulings{Number: 1, Winners: []engine.Winner{{Experiment: "x/hello/subject", Arm: "b", Applied: true}}}))
	w.after(23 * engine.Hour)
	w.want("mails", w.sent("mail"), 1)
}
