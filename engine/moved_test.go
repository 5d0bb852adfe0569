package engine_test

import (
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/sim"
)

// renamedMail is a workflow of one message under a name; moved says from which step
// leads have come to it.
func renamedMail(name string, moved map[string]string) *engine.Spec {
	return flowSpec(engine.FlowSpec{
		Name: "x", Enter: engine.EnterSpec{On: "page_viewed"}, Moved: moved,
		Steps: []engine.StepSpec{mail(name, 1), waitFor("after", 24*time.Hour, 2), exitStep("done")},
	})
}

// A message on its way, whose step gets another name, goes once: under its first key
// it is tried again, and the lead goes on from the step as it is called now.
func TestRenamedStepKeepsItsMessage(t *testing.T) {
	t.Parallel()
	var keys []engine.ActionKey
	away := true
	w := newWorld(t, renamedMail("a", nil), sim.Options{Reply: func(q engine.Request) engine.Receipt {
		keys = append(keys, q.Key)
		if away {
			return engine.Receipt{Outcome: engine.Retry, Code: "busy"}
		}
		return engine.Receipt{Outcome: engine.Done}
	}})
	w.track("page_viewed")
	w.want("place", w.tanaka().Place("x"), "a")
	w.sweep(program(t, renamedMail("b", map[string]string{"a": "b"}), 2))
	w.want("place when renamed", w.tanaka().Place("x"), "b")
	away = false
	w.after(engine.Day)
	w.want("place when sent", w.tanaka().Place("x"), "after")
	if len(keys) < 2 {
		t.Fatalf("it was tried %d times", len(keys))
	}
	for _, k := range keys {
		if k != keys[0] {
			t.Errorf("it was tried under the keys %v", keys)
		}
	}
	w.want("skipped", w.decisions(w.tanaka().ID, engine.Skipped, ""), 0)
}

// noHistory is a journal in which nothing stands.
type noHistory struct{}

func (noHistory) Facts(engine.LeadID, func(*engine.Fact) error) error { return nil }

// A message that arrives after its step has become a wait does not end the wait.
func TestStepThatBecameAWaitIsWaitedFor(t *testing.T) {
	t.Parallel()
	first := program(t, renamedMail("a", nil), 1)
	second := program(t, flowSpec(engine.FlowSpec{Name: "x", Enter: engine.EnterSpec{On: "page_viewed"}, Steps: []engine.StepSpec{
		waitFor("a", 24*time.Hour, 1), waitFor("after", 24*time.Hour, 2), exitStep("done"),
	}}), 2)
	var l engine.Lead
	l.Reset(engine.Identifier{Kind: engine.ByUser, Value: "tanaka"}.Lead())
	frame, fx := engine.NewFrame(), engine.Effects{}
	decide := func(p *engine.Program, e engine.Event) {
		t.Helper()
		e.Lead, e.At, e.Received = l.ID, start, start
		if err := p.Decide(frame, &l, &e, noHistory{}, &fx); err != nil {
			t.Fatal(err)
		}
	}
	decide(first, engine.Event{Kind: engine.Track, Name: "page_viewed", ID: "m1", Source: "web", User: "tanaka"})
	key := l.Acts.Pending[0].Key
	decide(first, engine.Event{Kind: engine.Attempt, Action: key})
	if l.Acts.Pending[0].State != engine.Granted {
		t.Fatal("the message has no leave to go")
	}
	decide(second, engine.Event{Kind: engine.Tick})
	decide(second, engine.Event{Kind: engine.Settled, Action: key, Receipt: engine.Receipt{Key: key, Attempt: int(l.Acts.Pending[0].Attempts), Outcome: engine.Done}})
	if got := l.Place("x"); got != "a" || len(l.Acts.Pending) != 0 {
		t.Errorf("the lead stands on %q, %d messages are under way", got, len(l.Acts.Pending))
	}
}
