package history_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/history"
)

// BenchmarkFindEffects is what a plan costs for each lead in flight: one that waits in
// a workflow, has a score that fades and may be handed over.
func BenchmarkFindEffects(b *testing.B) {
	rules := strings.Replace(benchRules, `toss_up "hot" {`, `workflow "follow_up" {
  enter {
    on = event.viewed
  }
  steps {
    wait "think" {
      for = "3d"
    }
  }
}
toss_up "hot" {`, 1)
	const leads = 20_000
	w := newWorld(b, rulesOf(b, rules))
	var events []engine.Event
	for i := range leads {
		events = append(events, engine.Event{
			Kind: engine.Track, Name: "viewed", ID: fmt.Sprint(i), Source: "bench", User: fmt.Sprint("u", i), At: w.now(), Received: w.now(),
			Fields: []engine.Field{text("path", []string{"/pricing", "/"}[i%2])},
		})
		if len(events) == 1000 {
			if _, err := w.runner.Submit(b.Context(), events); err != nil {
				b.Fatal(err)
			}
			events = nil
		}
	}
	w.quiet()
	for _, c := range []struct{ name, old, new string }{
		{"threshold", "score.interest >= 70", "score.interest >= 15"},
		{"wait", `for = "3d"`, `for = "5d"`},
		{"score", "points = 20", "points = 30"},
	} {
		b.Run(c.name, func(b *testing.B) {
			spec := rulesOf(b, strings.Replace(rules, c.old, c.new, 1))
			changes := history.Diff(w.runner.Program().Spec(), spec, func(engine.Expr) string { return "" })
			b.ReportAllocs()
			for b.Loop() {
				effects, err := history.FindEffects(history.EffectsOptions{
					Rows: w.store, Old: w.runner.Program(), New: spec, Digest: "new", Changes: changes, Now: w.now(), Workers: 1,
				})
				if err != nil || effects.Leads != leads {
					b.Fatalf("%d leads were seen: %v", effects.Leads, err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/leads, "µs/lead")
		})
	}
}
