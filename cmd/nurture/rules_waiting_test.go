package main

import (
	"context"
	"log/slog"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
	"github.com/seed-456efde2/nurture/cmd/nurture/internal/rollout"
	"github.com/seed-456efde2/nurture/engine/store"
)

// plainly is rolledRules without a rollout.
func plainly(step string) string {
	rules, _, _ := strings.Cut(rolled(step, "", ""), "rollout {")
	return rules
}

const firstWait = `wait "first" { for = "2d" }`

// committed makes the workspace a repository of Sato's, as it is now.
func (r *rolling) committed() {
	r.t.Helper()
	for _, args := range [][]string{{"init", "-q"}, {"add", "-A"}, {"commit", "-qm", "rules"}} {
		git := exec.CommandContext(r.t.Context(), "git", append([]string{"-C", r.dir, "-c", "user.name=Sato", "-c", "user.email=sato@example.com"}, args...)...)
		if out, err := git.CombinedOutput(); err != nil {
			r.t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
}

// quiet waits until nothing is left to do but wait.
func (r *rolling) quiet() {
	r.t.Helper()
	if err := r.server.runner.Quiet(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
}

// retried is what the audit log has of rules that went live by themselves.
func (r *rolling) retried() (list []store.AuditEntry) {
	r.t.Helper()
	err := r.server.store.Audit(0, func(e *store.AuditEntry) error {
		if e.Action == "retry-rules" {
			list = append(list, *e)
		}
		return nil
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return list
}

// TestRefusedRulesGoLiveByThemselves: rules that were refused because leads stand on a
// step that they lack stay visible as that, through a restart, and go live when the
// leads have gone, under the name of who had changed them.
func TestRefusedRulesGoLiveByThemselves(t *testing.T) {
	t.Parallel()
	r := newRolling(t, plainly(firstWait))
	r.tell("asked", users("lead", 5)...)
	r.committed()
	r.save(plainly(""))
	refused := r.server.rules.Rules()
	if refused.OK || refused.Waits == nil || !refused.Waits.Leads || !strings.HasPrefix(refused.Waits.Author, "Sato ") || len(refused.Problems) != 1 {
		t.Fatalf("after it was refused: %+v, %+v", refused, refused.Waits)
	}
	r.again()
	r.server.rules.retry(t.Context())
	r.clock.Advance(time.Hour)
	r.server.rules.retry(t.Context())
	now := r.server.rules.Rules()
	if now.OK || now.Waits == nil || !now.Waits.Since.Equal(refused.Waits.Since) || now.Waits.Author != refused.Waits.Author || r.server.runner.Program().Revision() != 1 {
		t.Fatalf("after a restart: %+v, %+v", now, now.Waits)
	}
	r.clock.Advance(49 * time.Hour)
	r.quiet()
	r.server.rules.retry(t.Context())
	r.server.rules.retry(t.Context())
	live := r.server.rules.Rules()
	if !live.OK || live.Waits != nil || live.Late == nil || live.Late.Revision != 2 || live.Late.Author != refused.Waits.Author || !live.Late.Since.Equal(refused.Waits.Since) {
		t.Fatalf("when the leads have gone: %+v, %+v", live, live.Late)
	}
	if list := r.retried(); len(list) != 1 || list[0].Target != "r2" || list[0].Who != httpd.AuditSelf {
		t.Errorf("the audit log has %+v", list)
	}
	if last, err := r.server.store.LastRevision(); err != nil || last.Number != 2 || last.Author != refused.Waits.Author {
		t.Errorf("the archive's last is %+v (%v)", last, err)
	}
	r.again()
	r.reload()
	if late := r.server.rules.Rules().Late; late == nil || late.Revision != 2 {
		t.Errorf("after one more restart it is told: %+v", late)
	}
	r.save(plainly(`wait "second" { for = "1d" }`))
	if rules := r.server.rules.Rules(); !rules.OK || rules.Late != nil {
		t.Errorf("after the next change it is told: %+v", rules)
	}
}

// TestRefusedRulesAreTriedEveryMinute: nobody asks the server to look again.
func TestRefusedRulesAreTriedEveryMinute(t *testing.T) {
	t.Parallel()
	log := newSaid()
	r := newRollingWith(t, plainly(firstWait), func(o *serverOptions) { o.Log = slog.New(slog.NewTextHandler(log, nil)) })
	r.tell("asked", users("lead", 5)...)
	r.save(plainly(""))
	r.clock.Advance(49 * time.Hour)
	r.quiet()
	said := make(chan error, 1)
	limit, stop := context.WithTimeout(t.Context(), 5*time.Minute)
	defer stop()
	go func() { said <- log.wait(limit, "went live by themselves") }()
	for {
		select {
		case err := <-said:
			if err != nil || r.server.runner.Program().Revision() != 2 {
				t.Errorf("r%d runs (%v)", r.server.runner.Program().Revision(), err)
			}
			return
		default:
			r.clock.Advance(time.Minute) // the server may not have come to wait for this one
		}
	}
}

// TestRefusedRulesThatAreMended: what waits is what the files say, and nothing else.
func TestRefusedRulesThatAreMended(t *testing.T) {
	t.Parallel()
	r := newRolling(t, plainly(firstWait))
	r.tell("asked", users("lead", 5)...)
	gone := func(what string) {
		t.Helper()
		if w := r.server.rules.Rules().Waits; w != nil {
			t.Errorf("%s: it still waits: %+v", what, w)
		}
	}
	r.save(plainly(""))
	r.save("nonsense")
	gone("the files do not load")
	r.save(plainly(""))
	r.save(plainly(firstWait))
	gone("the files say again what runs")
	r.save(plainly(""))
	r.save(strings.Replace(plainly(""), "steps {", "moved {\n  from = step.first\n  to = step.rest\n}\nsteps {", 1))
	gone("they say where the leads go")
	if got := r.retried(); len(got) != 0 || r.server.runner.Program().Revision() != 2 {
		t.Errorf("r%d runs, by itself: %+v", r.server.runner.Program().Revision(), got)
	}
	r.quiet() // every lead has heard of it
	r.save(plainly(`wait "other" { for = "3d" }`))
	r.tell("asked", users("more", 3)...)
	r.save(plainly(""))
	if r.server.rules.Rules().Waits == nil {
		t.Fatal("it is not refused")
	}
	other := map[string][]byte{"rules.hcl": []byte(plainly(`wait "other" { for = "4d" }`))}
	apply := planner{r.server.rules}
	w, problems := apply.Propose(other)
	if w == nil {
		t.Fatal(problems.Render())
	}
	if _, err := apply.Apply(t.Context(), httpd.Proposal{Sources: other, Digest: w.Digest, Base: r.server.runner.Program().Digest(), Author: "ci"}); err != nil {
		t.Fatal(err)
	}
	gone("other rules were applied")
	if rules := r.server.rules.Rules(); !rules.OK {
		t.Errorf("after rules were applied: %+v", rules)
	}
}

// TestRefusedChangeIsRolledOutLater: where changes go live step by step, the first step
// is taken when nobody stands in the way.
func TestRefusedChangeIsRolledOutLater(t *testing.T) {
	t.Parallel()
	r := newRolling(t, rolled(firstWait, "", ""))
	r.tell("asked", users("lead", 5)...)
	r.save(rolled("", "", ""))
	if s := r.state(); s.Phase != "" || r.server.rules.Rules().Waits == nil {
		t.Fatalf("it was not refused: %+v", s)
	}
	r.clock.Advance(49 * time.Hour)
	r.quiet()
	r.server.rules.retry(t.Context())
	late := r.server.rules.Rules().Late
	if s := r.state(); s.Phase != rollout.Shadow || late == nil || !late.Staged || late.Revision != 1 {
		t.Errorf("when the leads have gone: %+v, %+v", s, late)
	}
}
