package main

import (
	"slices"
	"testing"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/store"
)

// TestPastRevisionKnowsItsCanaries: a run of a canary that was promoted belongs to the
// rules that are read from the archive, and one of a canary that was taken back does
// not: what its exit is called says so.
func TestPastRevisionKnowsItsCanaries(t *testing.T) {
	t.Parallel()
	st, err := store.Open(store.Options{Dir: t.TempDir(), Partitions: 16, NoSync: true, Ballast: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	sources := map[string][]byte{"main.hcl": []byte("project \"shop\" {\n  timezone = \"Asia/Tokyo\"\n}\nlead {\n  key = \"email\"\n  text \"email\" {}\n}\n")}
	row := store.Revision{Number: 5, Digest: "rules", Sources: sources, Promoted: []uint32{2}}
	if err := st.SaveRevision(row); err != nil {
		t.Fatal(err)
	}
	p := programsOf(st)(row.Number)
	if p == nil {
		t.Fatal("the archived rules do not load")
	}
	for canary, want := range map[uint32]string{2: "removed", 4: engine.RolledBack} {
		l := engine.Lead{FirstSeen: 1, Now: 1, Seq: 1, Revision: canary}
		l.Acts.Runs = []engine.Run{{Workflow: "gone", Step: "wait", Canary: canary, Entered: 1, Reached: 1}}
		var fx engine.Effects
		if err := p.Decide(engine.NewFrame(), &l, &engine.Event{Kind: engine.Tick, At: 2, Received: 2}, noPast{}, &fx); err != nil {
			t.Fatal(err)
		}
		left := slices.ContainsFunc(fx.Facts, func(f engine.Fact) bool {
			return slices.ContainsFunc(f.Decisions, func(d engine.Decision) bool {
				return d.Kind == engine.Left && d.Subject == "gone" && d.Detail == want
			})
		})
		if !left {
			t.Errorf("a run of canary %d does not leave by %q: %+v", canary, want, fx.Facts)
		}
	}
}

// noPast is the history of a lead that has done nothing.
type noPast struct{}

func (noPast) Facts(engine.LeadID, func(*engine.Fact) error) error { return nil }
