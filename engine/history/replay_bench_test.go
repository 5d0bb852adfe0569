package history_test

import (
	"fmt"
	"testing"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/history"
)

const benchRules = `
project "bench" { timezone = "UTC" }
lead {
  number "employees" {}
}
event "viewed" {
  text "path" {}
}
event "won" {}
score "interest" {
  half_life = "14d"
  rule "view" {
    on     = event.viewed
    points = 5
  }
  rule "price" {
    on     = event.viewed
    when   = "event.path == '/pricing'"
    points = 20
  }
}
toss_up "hot" {
  when = "score.interest >= 70"
  success {
    on     = event.won
    within = "90d"
  }
}
`

// BenchmarkReplay is what one recorded event costs, by how many a lead has: the
// price of a lead is shared among its events.
func BenchmarkReplay(b *testing.B) {
	for _, each := range []int{1, 10, 100} {
		b.Run(fmt.Sprintf("events=%d", each), func(b *testing.B) {
			const all = 100_000
			events := make([]engine.Event, all)
			for i := range events {
				path := "/blog"
				if i%4 == 0 {
					path = "/pricing"
				}
				events[i] = engine.Event{
					Kind: engine.Track, Name: "viewed", ID: fmt.Sprint(i), Source: "bench", User: fmt.Sprint("u", i%(all/each)),
					At: engine.Time(1_700_000_000_000 + int64(i)*1000), Fields: []engine.Field{{Name: "path", Value: engine.TextValue(path)}},
				}
			}
			source := history.FromEvents(events, "")
			spec := rulesOf(b, benchRules)
			for b.Loop() {
				if _, err := history.Replay(history.ReplayOptions{
					Source: source, To: events[all-1].At, Rules: []history.Ruleset{{Name: "bench", Spec: spec}}, Workers: 1,
				}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)*all/b.Elapsed().Seconds(), "events/s")
		})
	}
}
