package runner

import (
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/enginetest"
)

// Reasons go when their time is over, the older ones first; that something was decided
// stays, and so does everything that follows from the journal.
func TestReasonsExpire(t *testing.T) {
	t.Parallel()
	spec := &engine.Spec{
		Name:   "reasons",
		Events: []engine.EventSpec{{Name: "asked"}},
		Scores: []engine.ScoreSpec{{Name: "interest", Rules: []engine.ScoreRule{{Name: "asked", On: "asked", Points: 10}}}},
		TossUps: []engine.TossUpSpec{{Name: "hot", On: "asked", When: enginetest.When(
			"score.interest >= 10",
			func(facts map[string]any) bool { n, _ := facts["score.interest"].(float64); return n >= 10 },
			engine.Key{Kind: engine.KeyScore, Name: "interest"},
		)}},
	}
	g := newRig(t, program(t, spec, "d"), &receiver{}, nil)
	g.submit(g.event("a1", "u1", "asked"), g.event("a2", "u2", "asked"))
	g.quiet()
	g.advance(10 * 24 * time.Hour)
	g.submit(g.event("a3", "u1", "asked"))
	g.quiet()
	count := func(user string) (made, why, gone int) {
		id := g.lead(user).ID
		err := g.store.Facts(id.Partition(g.parts), id, func(f *engine.Fact) error {
			for i := range f.Decisions {
				d := &f.Decisions[i]
				if d.Kind != engine.TossedUp {
					continue
				}
				made++
				switch {
				case d.Expired():
					gone++
				case len(d.Because) == 1 && d.Because[0].Source == "score.interest >= 10":
					why++
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return made, why, gone
	}
	before := engine.AppendLead(nil, g.lead("u1"))
	cut := engine.TimeOf(g.clock.Now().Add(-24 * time.Hour))
	for round, want := range []int{2, 0} { // u1's first and u2's, and then nothing any more
		rows, err := g.runner.ExpireReasons(t.Context(), cut)
		if err != nil || rows != want {
			t.Errorf("round %d rewrote %d rows, %v; want %d", round, rows, err, want)
		}
	}
	g.quiet()
	if made, why, gone := count("u1"); made != 2 || why != 1 || gone != 1 {
		t.Errorf("of u1 %d hand-overs are told, %d with their reasons, %d without; want 2, 1, 1", made, why, gone)
	}
	if made, why, gone := count("u2"); made != 1 || why != 0 || gone != 1 {
		t.Errorf("of u2 %d hand-overs are told, %d with their reasons, %d without; want 1, 0, 1", made, why, gone)
	}
	if after := engine.AppendLead(nil, g.lead("u1")); string(after) != string(before) {
		t.Error("the lead itself is another")
	}
	g.advance(3 * 24 * time.Hour)
	g.submit(g.event("a4", "u2", "asked"))
	g.quiet()
	cut = engine.TimeOf(g.clock.Now().Add(-24 * time.Hour))
	if rows, err := g.runner.ExpireReasons(t.Context(), cut); err != nil || rows != 1 {
		t.Errorf("three days later %d rows were rewritten, %v; want 1", rows, err)
	}
}
