package runner

import (
	"testing"

	"github.com/seed-456efde2/nurture/engine"
)

// BenchmarkRollout is the common workload while nothing is tried, while a change is
// tried on half of the leads, and while one decides as a shadow.
func BenchmarkRollout(b *testing.B) {
	const leads, rules = 10_000, 12
	for _, mode := range []struct {
		name  string
		begin func(m *benchmark) error
	}{
		{"nothing", func(*benchmark) error { return nil }},
		{"canary", func(m *benchmark) error {
			spec := workloadSpec(m.work, rules)
			spec.Elders = workloadSpec(m.work, rules).Flows
			c, err := engine.NewProgram(spec, "canary", 1)
			if err == nil {
				_, err = m.runner.Canary(m.Context(), CanaryStart{Program: c, Percent: 50, Salt: "s"})
			}
			return err
		}},
		{"shadow", func(m *benchmark) error {
			change, err := engine.NewProgram(workloadSpec(m.work, rules), "change", 1)
			if err == nil {
				err = m.runner.Shadow(m.Context(), "change", change)
			}
			return err
		}},
	} {
		b.Run(mode.name, func(b *testing.B) {
			m := newBenchmark(b, leads, rules)
			if err := mode.begin(m); err != nil {
				b.Fatal(err)
			}
			m.quiet()
			m.measure(64, 1)
		})
	}
}
