package main

import (
	"strings"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
	"github.com/seed-456efde2/nurture/cmd/nurture/internal/rollout"
	"github.com/seed-456efde2/nurture/engine/store"
)

// TestRolloutThatNobodyIsToldOf: where the running rules name no channel, nobody can be
// told that a change was taken back. That is said before it begins, and seen afterwards.
func TestRolloutThatNobodyIsToldOf(t *testing.T) {
	t.Parallel()
	out := &noticed{}
	r := newRollingWith(t, rolled("", "", ""), out.options)
	changed := rolled(pushing, teamChannel, "channel = channel.team")
	r.save(changed)
	began := r.state()
	if began.Phase != rollout.Shadow || began.Unheard == nil || !strings.Contains(began.Unheard.En, "channel.team") {
		t.Fatalf("when it begins: %+v, %+v", began, began.Unheard)
	}
	if doc := httpd.NewRollout(began, r.clock.Now(), "ja"); !strings.Contains(doc.Unheard, "channel.team") || doc.Untold != "" {
		t.Errorf("it is shown as %+v", doc)
	}
	w, problems := planner{r.server.rules}.Propose(map[string][]byte{"rules.hcl": []byte(strings.Replace(changed, `"push"`, `"poke"`, 1))})
	if w == nil {
		t.Fatal(problems.Render())
	}
	if plan := (planner{r.server.rules}).Begins(w); plan == nil || plan.Unheard == nil {
		t.Errorf("a plan says %+v", plan)
	}
	r.phase(time.Hour, rollout.Canary)
	if err := r.server.rules.rollouts.Decide(t.Context(), httpd.RolloutOrder{Deed: httpd.RolloutAbort, By: "ops"}); err != nil {
		t.Fatal(err)
	}
	r.again()
	over := r.until("the end", func(s *rollout.State) bool { return s.Phase == rollout.RolledBack && s.Told == s.Tell })
	doc := httpd.NewRollout(over, r.clock.Now(), "en")
	if over.Untold == nil || !strings.Contains(doc.Untold, "Nobody was told") || doc.Unheard != "" {
		t.Errorf("afterwards it is shown as %+v", doc)
	}
	var list []store.AuditEntry
	err := r.server.store.Audit(0, func(e *store.AuditEntry) error {
		if e.Action == "rollout-untold" {
			list = append(list, *e)
		}
		return nil
	})
	if err != nil || len(list) != 1 || list[0].Target != "r3 rolled_back" {
		t.Errorf("the audit log has %+v (%v)", list, err)
	}
	out.mu.Lock()
	sent := len(out.sent)
	out.mu.Unlock()
	if sent != 0 {
		t.Errorf("%d notices went out", sent)
	}
	r.save(rolled(pushing, "", ""))
	if s := r.state(); s.Unheard != nil {
		t.Errorf("where nobody is to be told: %+v", s.Unheard)
	}
}
