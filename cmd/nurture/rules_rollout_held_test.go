package main

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
	"github.com/seed-456efde2/nurture/cmd/nurture/internal/rollout"
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/runner"
	"github.com/seed-456efde2/nurture/plugins/host"
)

// TestRolloutHeldOverADetour: a change that was taken back stays so when the files say
// something else for a while that does not come to stay, and what they left is taken
// back with it.
func TestRolloutHeldOverADetour(t *testing.T) {
	t.Parallel()
	other := strings.Replace(pushing, `"push"`, `"nudge"`, 1)
	r := newRolling(t, rolled("", "", ""))
	abort := func() {
		t.Helper()
		if err := r.server.rules.rollouts.Decide(t.Context(), httpd.RolloutOrder{Deed: httpd.RolloutAbort}); err != nil {
			t.Fatal(err)
		}
	}
	r.save(rolled(pushing, "", ""))
	first := r.state().Candidate
	abort()
	r.clock.Advance(time.Minute)
	r.save(rolled(other, "", ""))
	if s := r.state(); s.Phase != rollout.Shadow || s.Candidate == first {
		t.Fatalf("the detour: %+v", s)
	}
	r.save(rolled(pushing, "", ""))
	if s := r.state(); s.Phase != rollout.RolledBack || s.Candidate == first || s.Ending.Hold {
		t.Errorf("back from what was under way: %+v", s)
	}
	r.clock.Advance(time.Minute)
	r.save(rolled(other, "", ""))
	if s := r.state(); s.Phase != rollout.Shadow {
		t.Errorf("what the files only left is not tried again: %+v", s)
	}
	abort()
	r.save(rolled(pushing, "", ""))
	r.again()
	r.reload()
	if s := r.state(); s.Phase != rollout.RolledBack || s.Candidate == first || r.server.runner.Program().Revision() != 1 {
		t.Errorf("back from what was refused too: %+v", s)
	}
	r.clock.Advance(time.Minute)
	r.save(rolled(strings.Replace(pushing, `"push"`, `"poke"`, 1), "", ""))
	if err := r.server.rules.rollouts.Decide(t.Context(), httpd.RolloutOrder{Deed: httpd.RolloutPromote}); err != nil {
		t.Fatal(err)
	}
	r.clock.Advance(time.Minute)
	r.save(rolled(pushing, "", ""))
	if s := r.state(); s.Phase != rollout.Shadow || s.Candidate != first {
		t.Errorf("beside other rules it is tried anew: %+v", s)
	}
}

// noticed counts what goes out, in place of the channels.
type noticed struct {
	mu   sync.Mutex
	sent []engine.Request
}

func (n *noticed) Send(_ context.Context, requests []engine.Request, report func(engine.Receipt)) error {
	n.mu.Lock()
	n.sent = append(n.sent, requests...)
	n.mu.Unlock()
	for i := range requests {
		report(engine.Receipt{Key: requests[i].Key, Lead: requests[i].Lead, Attempt: requests[i].Attempt, Outcome: engine.Done})
	}
	return nil
}

func (n *noticed) options(o *serverOptions) {
	o.Lookup = func(string) (string, bool) { return "https://hooks.example/team", true }
	o.Reroute = func([]host.Config) []host.Config { return nil }
	o.Way = func(runner.Sender) runner.Sender { return n }
}

// once checks that one notice went out, which tells of what was taken back.
func (n *noticed) once(t *testing.T, when string) {
	t.Helper()
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.sent) != 1 {
		t.Fatalf("%s: %d notices went out", when, len(n.sent))
	}
	var text strings.Builder
	for _, part := range n.sent[0].Parts {
		text.WriteString(part.Value.Text())
	}
	if n.sent[0].Channel != "team" || !strings.Contains(text.String(), "kpi.losses.value > 0.1") {
		t.Errorf("%s: to %s: %s", when, n.sent[0].Channel, text.String())
	}
}

// told lets everything that is to go out go, and stops the server.
func (r *rolling) told() {
	r.t.Helper()
	r.until("the notice", func(s *rollout.State) bool { return s.Phase == rollout.RolledBack && s.Tell != 0 && s.Told == s.Tell })
	r.stop()
}

// patched changes what a stopped server has kept of its rollout to what a kill at some
// instant would have left.
func (r *rolling) patched(change func(*rollout.State)) {
	r.t.Helper()
	st, err := openState(r.data)
	if err != nil {
		r.t.Fatal(err)
	}
	k := rollout.Keeper{Notes: st}
	s, err := k.Load()
	if err == nil {
		change(s)
		err = k.Save(s)
	}
	if err != nil {
		r.t.Error(err)
	}
	if err := st.Close(); err != nil {
		r.t.Fatal(err)
	}
}

const teamChannel = `
channel "team" {
  plugin = "slack"

  config {
    url = secret("SLACK_URL")
  }
}
`

// TestRolloutNotice: who is to hear of a breach hears of it once, wherever between the
// breach and the notice the process dies.
func TestRolloutNotice(t *testing.T) {
	t.Parallel()
	out := &noticed{}
	r := newRollingWith(t, rolled("", teamChannel, "channel = channel.team"), out.options)
	r.save(rolled(pushing, teamChannel, "channel = channel.team"))
	r.phase(time.Hour, rollout.Canary)
	all := users("lead", 60)
	r.tell("asked", all...)
	in, _ := r.arms(all)
	r.clock.Advance(time.Minute)
	r.tell("left", in...)
	r.phase(time.Second, rollout.RolledBack)
	r.told()
	out.once(t, "a breach")
	r.patched(func(s *rollout.State) { s.Told = 0 })
	r.start()
	r.told()
	out.once(t, "killed before it was noted that people were told")
}

// TestRolloutNoticeAfterAKill: a process that is killed when a breach was noticed, and
// nothing was done about it yet, takes the change back and tells of it in its next life.
func TestRolloutNoticeAfterAKill(t *testing.T) {
	t.Parallel()
	out := &noticed{}
	r := newRollingWith(t, rolled("", teamChannel, "channel = channel.team"), out.options)
	r.save(rolled(pushing, teamChannel, "channel = channel.team"))
	r.phase(time.Hour, rollout.Canary)
	r.stop()
	r.patched(func(s *rollout.State) {
		value := 0.5
		s.Guards = []rollout.Guard{{
			When: "kpi.losses.value > 0.1", KPI: "losses", State: "fired", Share: true, Enough: true, N: 30, Of: 60, Needs: 20, Value: &value,
			Words: rollout.Text{En: "kpi.losses.value > 0.1", Ja: "kpi.losses.value > 0.1"},
		}}
		s.Ending = &rollout.End{Phase: rollout.RolledBack, At: engine.TimeOf(r.clock.Now()), Guard: 1, Why: httpd.RolloutWhy(&s.Guards[0]), Hold: true}
	})
	r.start()
	r.told()
	out.once(t, "killed before it was taken back")
	r.start()
	if c, _ := r.server.runner.Program().Canary(); c != nil || r.server.runner.Program().Revision() != 3 {
		t.Errorf("after the kill r%d runs", r.server.runner.Program().Revision())
	}
	r.stop()
	out.once(t, "after one more restart")
}

// TestRolloutPromotionLosesNobody: where somebody has come, after the promotion was
// decided on, to a step that it takes away, it is not done; the canary and its guards go
// on, and it is done when they have gone.
func TestRolloutPromotionLosesNobody(t *testing.T) {
	t.Parallel()
	r := newRolling(t, rolled(`wait "first" { for = "2d" }`, "", ""))
	r.save(rolled("", "", ""))
	r.phase(time.Hour, rollout.Canary)
	all := users("lead", 60)
	r.tell("asked", all...)
	if _, out := r.arms(all); len(out) == 0 {
		t.Fatal("nobody goes by the running rules")
	}
	r.stop()
	r.patched(func(s *rollout.State) {
		s.Ending = &rollout.End{Phase: rollout.Promoted, At: engine.TimeOf(r.clock.Now())}
	})
	r.start()
	s := r.until("the refusal", func(s *rollout.State) bool { return s.Ending == nil && s.Blocked != nil })
	c, _ := r.server.runner.Program().Canary()
	if c == nil || s.Phase != rollout.Canary || r.server.runner.Program().Revision() != 1 || !strings.Contains(s.Blocked.En, "first") {
		t.Errorf("refused: %+v, blocked by %+v", s, s.Blocked)
	}
	r.pass(49 * time.Hour)
	if err := r.server.runner.Quiet(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.phase(time.Second, rollout.Promoted)
}

// TestRolloutShadowOverAStart: the first decisions of a server's new life are seen by the
// shadow that was under way.
func TestRolloutShadowOverAStart(t *testing.T) {
	t.Parallel()
	r := newRolling(t, rolled("", "", ""))
	r.save(rolled(pushing, "", ""))
	r.stop()
	r.begin()
	before, err := r.server.runner.ShadowReport()
	if err != nil || before.Name == "" {
		t.Fatalf("the shadow before anything was decided: %+v, %v", before, err)
	}
	r.tell("asked", users("early", 10)...)
	r.serve()
	r.stop()
	r.start()
	now, err := r.server.runner.ShadowReport()
	if seen := now.Compared + now.NotCompared - before.Compared - before.NotCompared; err != nil || now.Name != before.Name || seen < 10 {
		t.Errorf("of 10 leads the shadow saw %d decisions: %+v, %v", seen, now, err)
	}
}
