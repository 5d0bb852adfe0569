package httpd

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/seed-456efde2/nurture/engine"
)

// TestGraph draws random workflows and looks for what no drawing may have: arrows
// that point back, boxes on each other, boxes outside, or any change from one
// drawing to the next.
func TestGraph(t *testing.T) {
	t.Parallel()
	for seed := range uint64(500) {
		flow := randomFlow(rand.New(rand.NewPCG(seed, 1)))
		counts := map[string]flowCount{"": {In: 10}}
		g := drawFlow(flow, counts)
		if again := drawFlow(flow, counts); fmt.Sprint(g.Edges, g.Width, g.Height) != fmt.Sprint(again.Edges, again.Width, again.Height) {
			t.Fatalf("seed %d: two drawings differ", seed)
		}
		for i, a := range g.Nodes {
			if a.X < 0 || a.Y < 0 || a.X+nodeWidth > g.Width || a.Y+nodeHeight > g.Height {
				t.Errorf("seed %d: %q at %d,%d lies outside of %d×%d", seed, a.ID, a.X, a.Y, g.Width, g.Height)
			}
			for _, b := range g.Nodes[i+1:] {
				if a.X == b.X && a.Y < b.Y+nodeHeight && b.Y < a.Y+nodeHeight {
					t.Errorf("seed %d: %q and %q overlap", seed, a.ID, b.ID)
				}
			}
		}
		nodes, links := flowLinks(flow)
		if layer(nodes, links); len(g.Edges) != len(links) {
			t.Errorf("seed %d: %d arrows for %d ways", seed, len(g.Edges), len(links))
		}
		for _, l := range links {
			if l.to.layer <= l.from.layer {
				t.Errorf("seed %d: the arrow from %q to %q points back", seed, l.from.ID, l.to.ID)
			}
		}
	}
}

// randomFlow is a workflow whose steps lead on to later ones.
func randomFlow(r *rand.Rand) *engine.FlowSpec {
	flow := &engine.FlowSpec{Name: "f", Enter: engine.EnterSpec{On: "e"}}
	n := r.IntN(24)
	later := func(i int) int {
		if next := i + 1 + r.IntN(3); next < n {
			return next
		}
		return engine.EndOfFlow
	}
	for i := range n {
		step := engine.StepSpec{Name: fmt.Sprint("s", i), Kind: engine.WaitStep, Next: later(i), Wait: &engine.WaitSpec{}}
		switch r.IntN(4) {
		case 0:
			step.Kind, step.Branch = engine.BranchStep, &engine.BranchSpec{Otherwise: later(i)}
			for c := range 1 + r.IntN(3) {
				step.Branch.Cases = append(step.Branch.Cases, engine.CaseSpec{Name: fmt.Sprint("case ", c), First: later(i)})
			}
		case 1:
			step.Kind = engine.ExitStep
		}
		flow.Steps = append(flow.Steps, step)
	}
	return flow
}

func TestSparkline(t *testing.T) {
	t.Parallel()
	if line, _ := sparkline(nil, 100, 20); line != "" {
		t.Error("a line of nothing")
	}
	line, area := sparkline([]float64{0, 5, 10}, 100, 20)
	if line != "M0.0 18.5L50.0 10.0L100.0 1.5" || !strings.HasSuffix(area, "L100 20L0 20Z") {
		t.Errorf("%s, %s", line, area)
	}
}
