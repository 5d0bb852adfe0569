package enginetest

import (
	"encoding/json"
	"testing"

	"github.com/seed-456efde2/nurture/engine"
)

// The workload is the same for everybody: a change of a single draw would make
// figures incomparable, so a few values are pinned.
func TestWorkloadIsPinned(t *testing.T) {
	t.Parallel()
	w := Workload{Leads: 1000, Start: 1_750_000_000_000}
	counts := map[string]int{}
	var bytes int
	const n = 20_000
	for i := range n {
		e := w.Event(i)
		if err := e.Check(); err != nil {
			t.Fatalf("event %d: %v", i, err)
		}
		counts[e.Name]++
		line := w.AppendJSON(nil, i)
		if !json.Valid(line) {
			t.Fatalf("event %d is not JSON: %s", i, line)
		}
		bytes += len(line)
	}
	for name, share := range map[string]int{"page_view": 50, "email_open": 25, "email_click": 15, "form_submit": 4, "download": 6} {
		if got := counts[name]; got < n*share*9/1000 || got > n*share*11/1000 {
			t.Errorf("%s: %d of %d, want about %d %%", name, got, n, share)
		}
	}
	if mean := bytes / n; mean < 150 || mean > 162 {
		t.Errorf("an event has %d bytes of JSON, want about 156", mean)
	}
	if got, want := w.Reference(n), (Totals{TossUps: 295, Mail1: 563, Scores: 129602}); got != want {
		t.Errorf("reference of %d events: %+v, want %+v", n, got, want)
	}
}

func TestWorkloadSpecHoldsTogether(t *testing.T) {
	t.Parallel()
	for _, rules := range []int{0, 12, 1000} {
		if _, err := engine.NewProgram(Workload{Leads: 10}.Spec(rules), "digest", 1); err != nil {
			t.Errorf("%d rules: %v", rules, err)
		}
	}
}
