package runner

import (
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/enginetest"
)

// A long journal loses its reasons piece by piece, so that no worker is held up by it,
// and whoever does it is asked to rest between two rows.
func TestReasonsExpireInPieces(t *testing.T) {
	t.Parallel()
	spec := &engine.Spec{
		Name:   "reasons",
		Events: []engine.EventSpec{{Name: "asked"}},
		TossUps: []engine.TossUpSpec{{Name: "hot", On: "asked", When: enginetest.When(
			"times('asked') >= 1", func(map[string]any) bool { return true }, engine.Key{Kind: engine.KeyTimes, Name: "asked"},
		)}},
	}
	var calls atomic.Int64
	most, was := 0, 0
	var g *rig
	gone := func() (n int) {
		id := g.lead("u").ID
		err := g.store.Facts(id.Partition(g.parts), id, func(f *engine.Fact) error {
			for i := range f.Decisions {
				if f.Decisions[i].Expired() {
					n++
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		return n
	}
	g = newRig(t, program(t, spec, "d"), &receiver{}, func(o *Options) {
		o.Between = func() {
			calls.Add(1)
			now := gone()
			most, was = max(most, now-was), now
		}
	})
	const rows = 2*maxExpiry + 50
	for i := range rows {
		g.submit(g.event(strconv.Itoa(i), "u", "asked"))
		g.advance(time.Minute)
	}
	g.quiet()
	cut := engine.TimeOf(g.clock.Now())
	n, err := g.runner.ExpireReasons(t.Context(), cut)
	if left := rows - gone(); err != nil || n != rows || left != 0 {
		t.Fatalf("%d rows were rewritten, %d hand-overs have their reasons still (%v)", n, left, err)
	}
	if most > maxExpiry || calls.Load() < 4 {
		t.Errorf("%d rows went at once, and it could rest %d times", most, calls.Load())
	}
	if n, err := g.runner.ExpireReasons(t.Context(), cut); err != nil || n != 0 {
		t.Errorf("the second time %d rows were rewritten (%v)", n, err)
	}
}
