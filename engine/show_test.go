package engine_test

import (
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/enginetest"
	"github.com/seed-456efde2/nurture/engine/sim"
)

func showStep(name string, next int) engine.StepSpec {
	return engine.StepSpec{
		Name: name, Kind: engine.WaitStep, Next: next,
		Wait: &engine.WaitSpec{On: []string{engine.WebClicked}, AtMost: length(48 * time.Hour)},
		Show: &engine.ShowSpec{Slot: "hero", Content: enginetest.Parts(name)},
	}
}

func showFlow(name string, priority int, on string) engine.FlowSpec {
	return engine.FlowSpec{
		Name: name, Priority: priority, Enter: engine.EnterSpec{On: on},
		Steps: []engine.StepSpec{showStep(name+"_step", 1), exitStep("done")},
	}
}

func showSpec() *engine.Spec {
	s := flowSpec(showFlow("low", 0, "page_viewed"), showFlow("equal", 0, "ordered"), showFlow("high", 5, "praised"))
	s.Events = append(s.Events, engine.EventSpec{Name: engine.WebClicked})
	s.Asked = append(s.Asked, engine.Key{Kind: engine.KeyShown, Name: "hero"})
	return s
}

func (w *world) shown(slot string) string {
	return w.Read(w.tanaka(), engine.Key{Kind: engine.KeyShown, Name: slot}).Text()
}

func clickOf(workflow, step string) []engine.Field {
	return []engine.Field{text("slot", "hero"), text("workflow", workflow), text("step", step)}
}

// The workflow of the greatest priority shows, of equals the latest; a click on what
// one shows ends that one alone, and time ends the others.
func TestShow(t *testing.T) {
	t.Parallel()
	w := newWorld(t, showSpec(), sim.Options{})
	w.track("form_submitted")
	w.want("outside", w.shown("hero"), "")
	w.track("page_viewed")
	w.want("one", w.shown("hero"), "low_step")
	w.want("in another slot", w.shown("footer"), "")
	w.after(engine.Hour)
	w.track("ordered")
	w.want("the latest of equals", w.shown("hero"), "equal_step")
	w.after(engine.Hour)
	w.track("praised")
	w.want("the greatest priority", w.shown("hero"), "high_step")
	p := w.Program()
	before := p.Showing(w.tanaka(), "hero").ID
	parts, err := p.RenderShow(engine.NewFrame(), w.tanaka(), w.Now(), p.Showing(w.tanaka(), "hero"))
	if err != nil || len(parts) == 0 {
		t.Fatal(parts, err)
	}
	w.track(engine.WebClicked, clickOf("high", "high_step")...)
	w.want("clicked", w.tanaka().Place("high"), "exit.done")
	w.want("the others stay", w.shown("hero"), "equal_step")
	if after := p.Showing(w.tanaka(), "hero").ID; after == before {
		t.Error("what is shown is another thing under the same name")
	}
	w.after(2 * engine.Day)
	w.want("time is over", w.shown("hero"), "")
	w.want("and the run goes on", w.tanaka().Place("low"), "exit.done")
}

// What is paused shows nothing, nor does anything to those whom the workspace holds
// out.
func TestShowKeepsBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, showSpec(), sim.Options{})
	w.track("page_viewed")
	w.track("praised")
	p := w.Program().Under(paused(1, engine.Pause{Scope: engine.PauseWorkflow, Name: "high", From: w.Now()}))
	if s := p.Showing(w.tanaka(), "hero"); s == nil || s.Workflow != "low" {
		t.Errorf("while one is paused %+v shows", s)
	}
	s := showSpec()
	s.Holdout = 100
	w = newWorld(t, s, sim.Options{})
	w.track("page_viewed")
	w.want("held out", w.shown("hero"), "")
}

// A spec whose show has nowhere to show is refused.
func TestShowIsChecked(t *testing.T) {
	t.Parallel()
	s := showSpec()
	s.Flows[0].Steps[0].Show.Slot = ""
	if _, err := engine.NewProgram(s, "d", 1); err == nil {
		t.Error("a slot without a name is taken")
	}
}
