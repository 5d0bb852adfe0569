package runner

import (
	"errors"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/calendar"
)

// waitsSpec is mailSpec with a workflow of one long wait of that name.
func waitsSpec(step string) *engine.Spec {
	spec := mailSpec(time.Hour)
	spec.Events = append(spec.Events, engine.EventSpec{Name: "begin"})
	spec.Flows = append(spec.Flows, engine.FlowSpec{
		Name: "long", Enter: engine.EnterSpec{On: "begin"},
		Steps: []engine.StepSpec{{Name: step, Kind: engine.WaitStep, Next: engine.EndOfFlow, Wait: &engine.WaitSpec{For: calendar.Length{Span: 1000 * time.Hour}}}},
	})
	return spec
}

// Who comes to a step that a promotion takes away, after everybody was looked at and
// before it is done, is noticed: the promotion is refused, and the canary goes on.
func TestPromoteGuardedNoticesWhoComesMeanwhile(t *testing.T) {
	t.Parallel()
	next := program(t, waitsSpec("new"), "next")
	g := newRig(t, program(t, waitsSpec("old"), "running"), &receiver{}, nil)
	if _, err := g.runner.Canary(t.Context(), CanaryStart{Program: composed(t, waitsSpec("old"), waitsSpec("new"), "canary"), Percent: 0, Salt: "s"}); err != nil {
		t.Fatal(err)
	}
	looks := 0
	revision, err := g.runner.PromoteGuarded(t.Context(), next, nil, "ann", Guard{Lost: standsOn("old"), Look: func() error {
		if looks++; looks > 1 {
			if g.lead("late").Place("long") != "old" {
				t.Error("the lead that came meanwhile stands nowhere")
			}
			return errSomebody
		}
		g.submit(g.event("1", "late", "begin")) // when nobody has been found
		return nil
	}})
	if s := g.runner.Status(); !errors.Is(err, errSomebody) || looks != 2 || revision != 1 || s.Revision != 1 || s.Canary != 2 {
		t.Errorf("the promotion gave revision %d, %v after %d looks: %+v", revision, err, looks, s)
	}
	g.submit(g.event("2", "late", "ask")) // nobody stands still any more
	if got := g.lead("late").Place("long"); got != "old" {
		t.Errorf("after a refused promotion the lead stands on %q", got)
	}
	if last, err := g.store.LastRevision(); err != nil || last.Base != 1 {
		t.Errorf("the archive: %+v (%v)", last, err)
	}
	revision, err = g.runner.PromoteGuarded(t.Context(), next, nil, "ann", Guard{Lost: standsOn("nowhere"), Look: func() error { return nil }})
	if s := g.runner.Status(); err != nil || revision != 3 || s.Revision != 3 || s.Canary != 0 {
		t.Errorf("the promotion gave revision %d, %v: %+v", revision, err, s)
	}
	g.submit(g.event("3", "after", "begin"))
	if got := g.lead("after").Place("long"); got != "new" {
		t.Errorf("after the promotion a lead stands on %q", got)
	}
}
