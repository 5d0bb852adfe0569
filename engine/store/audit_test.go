package store

import (
	"slices"
	"testing"

	"github.com/seed-456efde2/nurture/engine"
)

// TestAudit keeps the newest entries, numbers them for ever, and tells what became
// of each.
func TestAudit(t *testing.T) {
	t.Parallel()
	o := small(t.TempDir())
	s := openAt(t, o)
	for n := range 5 {
		e := AuditEntry{At: start.Add(engine.Span(n) * engine.Hour), Who: "ops", Via: "api", Action: "pause", Target: "workflow a"}
		seq, err := s.BeginAudit(e, 0)
		must(t, err)
		if e.Seq = seq; n != 2 {
			e.Status = 200
			must(t, s.EndAudit(e))
		}
	}
	statuses := func(before uint64) (list []int) {
		must(t, s.Audit(before, func(e *AuditEntry) error {
			list = append(list, e.Status)
			return nil
		}))
		return list
	}
	if got := statuses(0); !slices.Equal(got, []int{200, 200, 0, 200, 200}) {
		t.Errorf("outcomes %v", got)
	}
	if got := statuses(3); len(got) != 2 {
		t.Errorf("before the third there are %v", got)
	}
	seq, err := s.BeginAudit(AuditEntry{At: start.Add(engine.Span(9) * engine.Hour), Who: "ops"}, start.Add(3*engine.Hour))
	must(t, err)
	if got := statuses(0); seq != 6 || len(got) != 3 {
		t.Errorf("entry %d leaves %v", seq, got)
	}
}
