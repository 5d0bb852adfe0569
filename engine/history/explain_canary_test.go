package history_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/history"
	"github.com/seed-456efde2/nurture/engine/sim"
)

// rollOut lets people do things at random for some weeks, a third of the time before a
// change is tried, a third while it is, and a third after.
func (w *explainWorld) rollOut(t *testing.T, seed uint64, tried, after *engine.Program) {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 19))
	now := explainStart
	const steps = 120
	for i := range steps {
		now = now.Add(engine.Span(rng.IntN(int(5 * engine.Hour))))
		if err := w.sim.Advance(now); err != nil {
			t.Fatal(err)
		}
		var err error
		switch i {
		case steps / 3:
			err = w.sim.Swap(tried)
		case 2 * steps / 3:
			err = w.sim.Swap(after)
		}
		if err != nil {
			t.Fatal(err)
		}
		e := someEvent(rng, i)
		e.At, e.Received = now, now
		if _, err := w.sim.Submit(e); err != nil {
			t.Fatal(err)
		}
	}
}

// Decisions that were made while a change was tried on some of the leads are explained
// by the rules that took them: the arm's by the canary's, the others' by the running
// ones, and what came after by what was promoted, or taken back.
func TestExplainAgreesWhileAChangeIsTried(t *testing.T) {
	t.Parallel()
	variants := explainVariants(t)
	running, change := variants[0], variants[1]
	spec := *running.Spec()
	spec.Flows, spec.TossUps, spec.Elders = change.Spec().Flows, change.Spec().TossUps, running.Spec().Flows
	canary, err := engine.NewProgram(&spec, "canary", 2)
	if err != nil {
		t.Fatal(err)
	}
	tried, err := running.WithCanary(canary, engine.Canary{Percent: 50, Salt: "s"})
	if err != nil {
		t.Fatal(err)
	}
	compared := map[uint32]int{}
	for seed := range uint64(16) {
		after := running.WithRevision(3)
		if seed%2 == 0 {
			after = change.WithRevision(3).Promoting([]uint32{2})
		}
		w := &explainWorld{sim: sim.New(running, sim.Options{}), programs: []*engine.Program{running, canary, after}}
		w.rollOut(t, 500+seed, tried, after)
		memory := w.memory()
		rng := rand.New(rand.NewPCG(seed, 17))
		whole := map[engine.LeadID]*history.Recalled{}
		for _, pick := range pickDecisions(t, w, rng, 150) {
			r := whole[pick.lead]
			if r == nil {
				if r, err = memory.Recall(pick.lead, 0); err != nil {
					t.Fatalf("world %d: %v", seed, err)
				}
				whole[pick.lead] = r
			}
			d := r.Explain(slices.IndexFunc(r.Rows, func(f engine.Fact) bool { return f.Seq == pick.row.Seq }), pick.n)
			if err := agrees(&d, &pick.row.Decisions[pick.n]); err != nil {
				t.Fatalf("world %d, lead %v, row %d of revision %d, decision %d: %v", seed, pick.lead, pick.row.Seq, pick.row.Revision, pick.n, err)
			}
			compared[pick.row.Revision]++
		}
	}
	t.Logf("decisions explained by revision: %v", compared)
	for revision := range uint32(3) {
		if compared[revision+1] < 100 {
			t.Errorf("only %d decisions of revision %d: the worlds show nothing", compared[revision+1], revision+1)
		}
	}
}

// Who entered a workflow before a change was tried goes on by the old definition inside
// the arm too, and is explained by it: the step on which they stand, and its exits.
func TestExplainRunOfAnElder(t *testing.T) {
	t.Parallel()
	l := newLone(t)
	running := l.programs[0]
	spec := *running.Spec()
	spec.Elders = spec.Flows
	spec.Flows = slices.Clone(spec.Flows)
	for i := range spec.Flows {
		if f := &spec.Flows[i]; f.Name == "care" {
			f.Exits = nil
			f.Steps = slices.Clone(f.Steps)
			f.Steps[0].Name = "study"
		}
	}
	canary, err := engine.NewProgram(&spec, "canary", 2)
	if err != nil {
		t.Fatal(err)
	}
	tried, err := running.WithCanary(canary, engine.Canary{Percent: 100, Salt: "s"})
	if err != nil {
		t.Fatal(err)
	}
	l.at(0, engine.Page, "", engine.Field{Name: "path", Value: engine.TextValue("/pricing")})
	if err := l.sim.Swap(tried); err != nil {
		t.Fatal(err)
	}
	x := l.explain("workflow.care", func(o *history.ExplainOptions) { o.Program = canary })
	var parts []string
	for i := range x.Parts {
		parts = append(parts, x.Parts[i].Name)
	}
	if want := []string{"care", "read", "exit.handed", "exit.cold"}; !slices.Equal(parts, want) {
		t.Errorf("explained are %v, want %v", parts, want)
	}
	x = l.explain("workflow.care.step.read", func(o *history.ExplainOptions) { o.Program = canary })
	if len(x.Parts) != 1 || x.Parts[0].Name != "read" || x.Parts[0].Flips == 0 {
		t.Errorf("of the step is explained %+v", x.Parts)
	}
}
