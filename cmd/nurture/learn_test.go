package main_test

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-456efde2/nurture/engine/enginetest"
)

// worth is what a set of rules brought on the later leads.
type worth struct {
	HandedOver int     `json:"handed_over"`
	Outcomes   int     `json:"outcomes"`
	Precision  float64 `json:"precision"`
	Recall     float64 `json:"recall"`
}

// learned is the object that `learn --json` prints.
type learned struct {
	SplitAt string `json:"split_at"`
	Rules   []struct {
		Rule           string
		Today, Learned float64
		Refused        bool
	}
	Today          worth `json:"today"`
	Learned        worth `json:"learned"`
	FirstByToday   worth `json:"first_by_today"`
	FirstByLearned worth `json:"first_by_learned"`
	Area           struct{ Today, Learned, Ahead float64 }
	Brier          float64
	Diff           string
}

// What companies really recorded: the points that were fitted to the earlier part
// order the later, unseen part better than the rule that a person wrote, and what
// is known only with the outcome is refused.
func TestLearnBeatsTheWrittenRule(t *testing.T) {
	t.Parallel()
	bin := filepath.Join(t.TempDir(), "nurture")
	if out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	for _, c := range []struct {
		name, tossUp, split string
		refused             []string
	}{
		{"olist", "toss_up.wants_to_sell", "0.7", nil},
		{"bank", "toss_up.likely", "0.9", []string{"long_call"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			events := enginetest.Data(t, c.name+"/"+c.name+".ndjson.gz")
			cmd := exec.CommandContext(t.Context(), bin, "learn", c.tossUp, "--workspace", filepath.Join("testdata", "learn", c.name),
				"--events", events, "--split", c.split, "--json")
			out, err := cmd.Output()
			if err != nil {
				t.Fatalf("learn: %v\n%s", err, lastLines(string(out), 5))
			}
			var l learned
			if err := json.Unmarshal(out, &l); err != nil {
				t.Fatal(err)
			}
			t.Logf("judged from %s: area %.3f → %.3f (ahead in %.0f %%); first %d by score: %d → %d outcomes; handed over %d/%d → %d/%d",
				l.SplitAt[:10], l.Area.Today, l.Area.Learned, 100*l.Area.Ahead, l.FirstByToday.HandedOver,
				l.FirstByToday.Outcomes, l.FirstByLearned.Outcomes, l.Today.Outcomes, l.Today.HandedOver, l.Learned.Outcomes, l.Learned.HandedOver)
			if l.Area.Learned <= l.Area.Today || l.Area.Ahead < 0.95 {
				t.Error("the learned points do not order the later leads better")
			}
			if l.FirstByLearned.HandedOver != l.FirstByToday.HandedOver || l.FirstByLearned.Outcomes <= l.FirstByToday.Outcomes {
				t.Error("the first leads by learned points bring no more outcomes than as many by today's")
			}
			var refused []string
			for _, r := range l.Rules {
				if r.Refused {
					refused = append(refused, r.Rule)
				}
			}
			if strings.Join(refused, " ") != strings.Join(c.refused, " ") {
				t.Errorf("refused are %v, not %v", refused, c.refused)
			}
			if !strings.Contains(l.Diff, "+    points = ") {
				t.Error("the change writes no points")
			}
		})
	}
}
