package history_test

import (
	"testing"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/history"
)

// Whom new rules would lose is told by how each lead stands, not by the rules that
// run: a lead may not have heard of those yet.
func TestStrands(t *testing.T) {
	t.Parallel()
	rules := func(moved map[string]string, steps ...engine.StepSpec) *engine.Spec {
		return &engine.Spec{Flows: []engine.FlowSpec{{Name: "x", Steps: steps, Moved: moved}}}
	}
	step := func(name, removed string) engine.StepSpec { return engine.StepSpec{Name: name, Removed: removed} }
	b := rules(nil, step("b", ""))
	for _, c := range []struct {
		name    string
		run     engine.Run
		new     *engine.Spec
		lost    bool
		old     *engine.Spec
		mayLose bool
	}{
		{"on a step that stays", engine.Run{Workflow: "x", Step: "b"}, b, false, rules(nil, step("b", "")), false},
		{"on a step that is gone", engine.Run{Workflow: "x", Step: "a"}, b, true, rules(nil, step("a", ""), step("b", "")), true},
		{"moved", engine.Run{Workflow: "x", Step: "a"}, rules(map[string]string{"a": "b"}, step("b", "")), false, rules(nil, step("a", "")), false},
		{"moved to nowhere", engine.Run{Workflow: "x", Step: "a"}, rules(map[string]string{"a": "c"}, step("b", "")), true, rules(nil, step("a", "")), true},
		{"the step said: out", engine.Run{Workflow: "x", Step: "a", Removed: "exit"}, b, false, rules(nil, step("a", "exit")), false},
		{"the step said: on", engine.Run{Workflow: "x", Step: "a", Removed: "b"}, b, false, rules(nil, step("a", "b")), false},
		{"on to what is gone too", engine.Run{Workflow: "x", Step: "a", Removed: "c"}, b, true, rules(nil, step("a", "c")), true},
		{"the step says out, the lead has not heard", engine.Run{Workflow: "x", Step: "a"}, b, true, rules(nil, step("a", "exit")), false},
		{"moved before, the lead has not heard", engine.Run{Workflow: "x", Step: "a"}, b, true, b, false},
		{"the workflow is gone", engine.Run{Workflow: "x", Step: "a"}, &engine.Spec{}, false, rules(nil, step("a", "")), false},
	} {
		lead := &engine.Lead{}
		lead.Acts.Runs = []engine.Run{c.run}
		if got := history.Strands(c.new)(lead); got != c.lost {
			t.Errorf("%s: the lead is lost: %v", c.name, got)
		}
		if got := history.MayStrand(c.old, c.new); got != c.mayLose {
			t.Errorf("%s: the rules may lose somebody: %v", c.name, got)
		}
	}
}
