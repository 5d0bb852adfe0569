package history_test

import (
	"testing"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/sim"
)

// A fact of the time of a pause that comes when it is over lets its lead in then, and
// the waits that are over already end at once: their rows say when they were due, which
// is within the pause, and are explained by the rulings under which they were decided.
func TestExplainLateFactOfAPause(t *testing.T) {
	t.Parallel()
	programs := explainVariants(t)
	w := &explainWorld{programs: programs, sim: sim.New(programs[0], sim.Options{})}
	after := func(hours int) engine.Time { return explainStart.Add(engine.Span(hours) * engine.Hour) }
	page := func(id, path string, at, received engine.Time) engine.Event {
		t.Helper()
		e := engine.Event{
			Kind: engine.Page, ID: id, Source: "test", User: "u1", At: at, Received: received,
			Fields: []engine.Field{{Name: "path", Value: engine.TextValue(path)}},
		}
		if _, err := w.sim.Submit(e); err != nil {
			t.Fatal(err)
		}
		return e
	}
	pause := func(begin bool, at engine.Time) {
		t.Helper()
		if err := w.pause(begin, at); err != nil {
			t.Fatal(err)
		}
	}
	first := page("first", "/", after(0), after(0))
	pause(true, after(2))
	page("within", "/", after(3), after(3))
	pause(false, after(10))
	page("late", "/pricing", after(1), after(11))
	if err := w.correct(first, "never"); err != nil {
		t.Fatal(err)
	}
	r, err := w.memory().Recall(w.sim.All()[0], 0)
	if err != nil {
		t.Fatal(err)
	}
	overdue := false
	for i := range r.Rows {
		e := &r.Rows[i].Event
		overdue = overdue || e.Kind == engine.Tick && e.Received == after(5) && i > 2
	}
	if !overdue {
		t.Errorf("no wait ended late: %+v", r.Rows)
	}
	if len(r.Gaps) > 0 {
		t.Errorf("gaps since %v: %v", r.From, r.Gaps)
	}
}
