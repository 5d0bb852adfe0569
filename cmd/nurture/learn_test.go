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
	HandedOver int
	Outcomes   int
	Precision  float64
	Recall     float64
}

// learned is the object that `learn --json` prints.
type learned struct {
	Learn struct {
		SplitAt string
		Rules   []struct {
			Rule           string
			Today, Learned float64
			Refused        *struct{ Late, Of int }
		}
		Today, Learned, FirstByToday, FirstByLearned worth

		Area   struct{ Today, Learned, Ahead float64 }
		Better bool
		Brier  float64
	}
	Diff string
}

// What companies really recorded: the points that were fitted to the earlier part
// order the later, unseen part better than the rule that a person wrote, and what
// is known only with the outcome is refused.
func TestLearnBeatsTheWrittenRule(t *testing.T) {
	t.Parallel()
	bin := buildProgram(t)
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
			var doc learned
			if err := json.Unmarshal(out, &doc); err != nil {
				t.Fatal(err)
			}
			l := &doc.Learn
			t.Logf("judged from %s: area %.3f → %.3f (ahead in %.0f %%); first %d by score: %d → %d outcomes; handed over %d/%d → %d/%d",
				l.SplitAt[:10], l.Area.Today, l.Area.Learned, 100*l.Area.Ahead, l.FirstByToday.HandedOver,
				l.FirstByToday.Outcomes, l.FirstByLearned.Outcomes, l.Today.Outcomes, l.Today.HandedOver, l.Learned.Outcomes, l.Learned.HandedOver)
			if l.Area.Learned <= l.Area.Today || l.Area.Ahead < 0.95 || !l.Better {
				t.Error("the learned points do not order the later leads better")
			}
			if l.FirstByLearned.HandedOver != l.FirstByToday.HandedOver || l.FirstByLearned.Outcomes <= l.FirstByToday.Outcomes {
				t.Error("the first leads by learned points bring no more outcomes than as many by today's")
			}
			var refused []string
			for _, r := range l.Rules {
				if r.Refused != nil {
					refused = append(refused, r.Rule)
				}
			}
			if strings.Join(refused, " ") != strings.Join(c.refused, " ") {
				t.Errorf("refused are %v, not %v", refused, c.refused)
			}
			if !strings.Contains(doc.Diff, "+    points = ") {
				t.Error("the change writes no points")
			}
		})
	}
}
