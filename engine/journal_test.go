package engine_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
)

// counted is a lead's journal that counts how often it is read.
type counted struct {
	rows []engine.Fact
	read int
}

func (c *counted) Facts(_ engine.LeadID, yield func(*engine.Fact) error) error {
	for i := range c.rows {
		c.read++
		if err := yield(&c.rows[i]); err != nil {
			return err
		}
	}
	return nil
}

// late submits n facts of one instant, each before all that have come in the order of
// facts, and gives how many rows were read for it.
func late(tb testing.TB, n int, keeps bool) int {
	tb.Helper()
	p, err := engine.NewProgram(&engine.Spec{
		Zone: time.UTC, Events: []engine.EventSpec{{Name: "visit"}},
		Scores: []engine.ScoreSpec{{Name: "interest", HalfLife: engine.Day, Rules: []engine.ScoreRule{{Name: "visit", On: "visit", Points: 1}}}},
	}, "digest", 1)
	if err != nil {
		tb.Fatal(err)
	}
	l := engine.Lead{ID: engine.Identifier{Kind: engine.ByUser, Value: "u"}.Lead()}
	frame, fx, h := engine.NewFrame(), engine.Effects{}, &counted{}
	if keeps {
		frame.KeepJournals()
	}
	for i := range n {
		e := engine.Event{Kind: engine.Track, Name: "visit", ID: fmt.Sprintf("%08d", n-i), User: "u", Lead: l.ID, At: start, Received: start}
		if err := p.Decide(frame, &l, &e, h, &fx); err != nil {
			tb.Fatal(err)
		}
		h.rows = append(h.rows, fx.Facts...)
	}
	if got := l.Folds.Scores[0].Value; got != float64(n) {
		tb.Fatalf("the score is %v after %d visits", got, n)
	}
	return h.read
}

// A burst of late facts reads the journal once, however many they are; a frame that
// keeps none reads it for each.
func TestLateFactsReadTheJournalOnce(t *testing.T) {
	t.Parallel()
	const n = 300
	if read := late(t, n, true); read > n {
		t.Errorf("%d rows were read for %d late facts", read, n)
	}
	if read := late(t, n, false); read != n*(n-1)/2 {
		t.Errorf("without a kept journal %d rows were read, not %d", read, n*(n-1)/2)
	}
}

// BenchmarkLateFacts is what it costs to fold 10,500 facts of one instant, each before
// those that have come. Rows read is the work that does not depend on the machine.
func BenchmarkLateFacts(b *testing.B) {
	const n = 10_500
	for b.Loop() {
		b.ReportMetric(float64(late(b, n, true))/n, "rows/fact")
	}
}
