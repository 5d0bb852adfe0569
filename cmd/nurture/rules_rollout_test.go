package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
	"github.com/seed-456efde2/nurture/cmd/nurture/internal/rollout"
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/enginetest"
)

// rolledRules is a workspace with a rollout. %[1]s stands in its workflow, %[2]s among
// its blocks, %[3]s in its rollout.
const rolledRules = `project "rolled" {
  timezone = "Asia/Tokyo"
  language = "en"
}

lead {
  text "company" {}
}

event "asked" {}

event "left" {}

event "pushed" {}

score "interest" {
  rule "asked" {
    on     = event.asked
    points = 1
  }
}

kpi "losses" {
  rate       = event.left
  of         = event.asked
  within     = "7d"
  min_sample = 20
}

workflow "care" {
  enter { on = event.asked }

  steps {
    %[1]s
    wait "rest" { for = "30d" }
  }
}
%[2]s
rollout {
  shadow       = "1h"
  canary       = 50
  bake         = "1d"
  roll_back_if = ["kpi.losses.value > 0.1"]
  %[3]s
}
`

const pushing = `emit "push" { event = event.pushed }`

func rolled(step, blocks, terms string) string {
	return fmt.Sprintf(rolledRules, step, blocks, terms)
}

// rolling is a server on a clock that stands still, over its lives.
type rolling struct {
	t         *testing.T
	dir, data string
	clock     *enginetest.Clock
	options   func(*serverOptions)

	server *server
	stop   func()
	sent   int
}

// newRolling starts a server with the first rules.
func newRolling(t *testing.T, rules string) *rolling {
	t.Helper()
	return newRollingWith(t, rules, nil)
}

// newRollingWith starts a server with the first rules and other options.
func newRollingWith(t *testing.T, rules string, options func(*serverOptions)) *rolling {
	t.Helper()
	r := &rolling{
		options: options,
		t:       t, dir: t.TempDir(), data: filepath.Join(t.TempDir(), "data"),
		clock: enginetest.NewClock(time.Date(2026, 10, 5, 0, 30, 0, 0, time.UTC)),
	}
	r.write(rules)
	r.start()
	t.Cleanup(func() { r.stop() })
	return r
}

func (r *rolling) write(rules string) {
	r.t.Helper()
	// At one blow: the server watches the folder, and half a file may be rules too.
	fresh := filepath.Join(r.t.TempDir(), "fresh")
	if err := os.WriteFile(fresh, []byte(rules), 0o600); err != nil {
		r.t.Fatal(err)
	}
	if err := os.Rename(fresh, filepath.Join(r.dir, "rules.hcl")); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rolling) start() {
	r.t.Helper()
	r.begin()
	r.serve()
}

// begin makes a server whose runner runs; nobody is answered yet, and no files are
// watched.
func (r *rolling) begin() {
	r.t.Helper()
	o := serverOptions{
		Workspace: r.dir, Data: r.data, Listen: "127.0.0.1:0", Loopback: true, Ballast: -1, Clock: r.clock,
		Lookup: func(string) (string, bool) { return "", false },
	}
	if r.options != nil {
		r.options(&o)
	}
	s, err := startServer(r.t.Context(), o)
	if err != nil {
		r.t.Fatal(err)
	}
	r.server = s
}

func (r *rolling) serve() {
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.t.Context()))
	ended := make(chan error, 1)
	s := r.server
	go func() { ended <- s.serve(ctx) }()
	r.stop = func() {
		cancel()
		if err := <-ended; err != nil {
			r.t.Errorf("the server ended with %v", err)
		}
		r.stop = func() {}
	}
}

// again stops the server and starts it once more.
func (r *rolling) again() {
	r.t.Helper()
	r.stop()
	r.start()
}

// save saves rules and waits until the server has looked at them.
func (r *rolling) save(rules string) {
	r.t.Helper()
	r.write(rules)
	r.reload()
}

func (r *rolling) reload() {
	r.t.Helper()
	if err := r.server.rules.Reload(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
}

// state is the rollout as it is shown.
func (r *rolling) state() *rollout.State {
	s, _, _ := r.server.rules.rollouts.Rollouts()
	if s == nil {
		return &rollout.State{}
	}
	return s
}

// until waits until the rollout is as wanted.
func (r *rolling) until(what string, ok func(*rollout.State) bool) *rollout.State {
	r.t.Helper()
	patience := enginetest.Patience(r.t)
	for {
		changed := r.server.rules.rollouts.Changed()
		s := r.state()
		if ok(s) {
			return s
		}
		select {
		case <-changed:
		case <-patience.Done():
			r.t.Fatalf("%s did not come about: %+v, blocked by %+v", what, s, s.Blocked)
		}
	}
}

// pass lets time pass and looks at the rollout, as the server itself does then.
func (r *rolling) pass(d time.Duration) {
	r.clock.Advance(d)
	r.server.rules.rollouts.tick(r.t.Context())
}

// phase lets time pass and waits for a phase.
func (r *rolling) phase(after time.Duration, p rollout.Phase) *rollout.State {
	r.t.Helper()
	r.pass(after)
	return r.until(string(p), func(s *rollout.State) bool { return s.Phase == p })
}

// tell brings the server events of leads.
func (r *rolling) tell(event string, users ...string) {
	r.t.Helper()
	now := engine.TimeOf(r.clock.Now())
	var list []engine.Event
	for _, u := range users {
		r.sent++
		list = append(list, engine.Event{
			ID: fmt.Sprint("m-", r.sent), Kind: engine.Track, Source: "test", User: u, Name: event, At: now, Received: now,
		})
	}
	results, err := r.server.runner.Submit(r.t.Context(), list)
	if err != nil {
		r.t.Fatal(err)
	}
	for i := range results {
		if results[i].Err != nil {
			r.t.Fatal(results[i].Err)
		}
	}
}

// users are n names.
func users(prefix string, n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("%s-%d", prefix, i)
	}
	return list
}

// arms parts users by whether they are among those who try the change.
func (r *rolling) arms(list []string) (in, out []string) {
	p := r.server.runner.Program()
	for _, u := range list {
		if p.InCanary(engine.Identifier{Kind: engine.ByUser, Value: u}.Lead()) {
			in = append(in, u)
		} else {
			out = append(out, u)
		}
	}
	return in, out
}

// pushedOf counts the users to whom the changed workflow did what only it does.
func (r *rolling) pushedOf(list []string) (n int) {
	r.t.Helper()
	for _, u := range list {
		id := engine.Identifier{Kind: engine.ByUser, Value: u}.Lead()
		err := r.server.store.Facts(id.Partition(r.server.store.Partitions()), id, func(f *engine.Fact) error {
			if slices.ContainsFunc(f.Derived, func(d engine.Derived) bool { return d.Name == "pushed" }) {
				n++
			}
			return nil
		})
		if err != nil {
			r.t.Fatal(err)
		}
	}
	return n
}

// TestRolloutPromotes: a change that does no harm is shadowed, tried by a part of the
// leads, and then in force for everybody.
func TestRolloutPromotes(t *testing.T) {
	t.Parallel()
	r := newRolling(t, rolled("", "", ""))
	first := r.server.runner.Program().Digest()
	r.save(rolled(pushing, "", ""))
	s := r.state()
	if s.Phase != rollout.Shadow || s.Way != rollout.ByFiles || !slices.Equal(s.Changed, []string{"+ workflow.care.step.push"}) {
		t.Fatalf("it began as %+v", s)
	}
	r.tell("asked", users("shadow", 10)...)
	if r.pushedOf(users("shadow", 10)) != 0 {
		t.Error("the shadow acted")
	}
	r.pass(59 * time.Minute)
	if p := r.state().Phase; p != rollout.Shadow {
		t.Errorf("it is %s before its time", p)
	}
	s = r.phase(time.Minute, rollout.Canary)
	if p := r.server.runner.Program(); p.Digest() != first || p.Revision() != 1 || s.Revision != 2 {
		t.Errorf("r%d runs with r%d beside it", p.Revision(), s.Revision)
	}
	all := users("canary", 60)
	r.tell("asked", all...)
	in, out := r.arms(all)
	if len(in) < 10 || len(out) < 10 || r.pushedOf(in) != len(in) || r.pushedOf(out) != 0 {
		t.Errorf("of %d in the arm %d were pushed, of %d others %d", len(in), r.pushedOf(in), len(out), r.pushedOf(out))
	}
	s = r.phase(24*time.Hour, rollout.Promoted)
	p := r.server.runner.Program()
	if p.Digest() != s.Candidate || p.Revision() != s.Became || s.Became != 3 {
		t.Errorf("r%d runs, promoted as r%d", p.Revision(), s.Became)
	}
	r.tell("asked", "later")
	if r.pushedOf([]string{"later"}) != 1 {
		t.Error("after the promotion not everybody gets the change")
	}
	r.again()
	if p := r.server.runner.Program(); p.Revision() != 3 || r.state().Phase != rollout.Promoted {
		t.Errorf("after a restart r%d runs, %s", p.Revision(), r.state().Phase)
	}
}

// TestRolloutTakesBack: a change that does harm is taken back by its guard at once, is
// not tried again until it means something else, and stays visible.
func TestRolloutTakesBack(t *testing.T) {
	t.Parallel()
	r := newRolling(t, rolled("", "", ""))
	first := r.server.runner.Program().Digest()
	bad := rolled(pushing, "", "")
	r.save(bad)
	r.phase(time.Hour, rollout.Canary)
	all := users("lead", 60)
	r.tell("asked", all...)
	in, _ := r.arms(all)
	r.clock.Advance(time.Minute)
	r.tell("left", in...)
	s := r.phase(time.Second, rollout.RolledBack)
	if s.Ending.Guard != 1 || !strings.Contains(s.Ending.Why.En, "kpi.losses.value > 0.1") || s.Guards[0].N != int64(len(in)) {
		t.Errorf("taken back for %+v, seen %+v", s.Ending, s.Guards)
	}
	held := func(when string) {
		t.Helper()
		p := r.server.runner.Program()
		if c, _ := p.Canary(); c != nil || p.Digest() != first || r.state().Phase != rollout.RolledBack {
			t.Errorf("%s: %s runs as r%d, the rollout is %s", when, p.Digest(), p.Revision(), r.state().Phase)
		}
	}
	held("at once")
	r.reload()
	held("the same files again")
	r.save("# told\n" + bad)
	held("another comment")
	r.again()
	held("after a restart")
	r.save(rolled(strings.Replace(pushing, `"push"`, `"nudge"`, 1), "", ""))
	if s := r.state(); s.Phase != rollout.Shadow {
		t.Errorf("a mended change is not tried: %s", s.Phase)
	}
	if _, past, _ := r.server.rules.rollouts.Rollouts(); len(past) != 1 || past[0].Phase != rollout.RolledBack {
		t.Errorf("remembered: %+v", past)
	}
}

// TestRolloutOverRestarts: the server stops in each phase and goes on where it was.
func TestRolloutOverRestarts(t *testing.T) {
	t.Parallel()
	r := newRolling(t, rolled("", "", ""))
	r.save(rolled(pushing, "", ""))
	began := r.state().Began
	r.pass(30 * time.Minute)
	r.again()
	if s := r.state(); s.Phase != rollout.Shadow || s.Began != began {
		t.Fatalf("the shadow is %+v after a restart", s)
	}
	s := r.phase(30*time.Minute, rollout.Canary)
	all := users("lead", 60)
	r.tell("asked", all...)
	in, _ := r.arms(all)
	r.pass(12 * time.Hour)
	r.again()
	again := r.until("the canary again", func(now *rollout.State) bool { return now.Phase == rollout.Canary && len(now.Guards) > 0 })
	inAgain, _ := r.arms(all)
	if again.Since != s.Since || again.Revision != s.Revision || !slices.Equal(in, inAgain) {
		t.Errorf("the canary is %+v after a restart", again)
	}
	if g := r.state().Guards[0]; g.Of != int64(len(in)) {
		t.Errorf("its guard has forgotten: %+v", g)
	}
	r.stop()
	r.clock.Advance(12 * time.Hour)
	r.start()
	r.until("the promotion", func(s *rollout.State) bool { return s.Phase == rollout.Promoted })
}

// TestRolloutNotJudged: where too little comes in, the bake goes on three times as
// long, and then somebody has to decide.
func TestRolloutNotJudged(t *testing.T) {
	t.Parallel()
	r := newRolling(t, rolled("", "", ""))
	r.save(rolled(pushing, "", ""))
	r.phase(time.Hour, rollout.Canary)
	r.pass(71 * time.Hour)
	if s := r.state(); s.Phase != rollout.Canary || !s.Overtime(engine.TimeOf(r.clock.Now())) {
		t.Errorf("after three days but an hour it is %s", s.Phase)
	}
	r.phase(time.Hour, rollout.NotJudged)
	r.pass(1000 * time.Hour)
	r.again()
	if s := r.until("it waits", func(s *rollout.State) bool { return s.Phase == rollout.NotJudged }); s.Revision != 2 {
		t.Errorf("r%d is tried", s.Revision)
	}
	order := httpd.RolloutOrder{Deed: httpd.RolloutPromote, By: "sato", Why: "small list"}
	if err := r.server.rules.rollouts.Decide(t.Context(), order); err != nil {
		t.Fatal(err)
	}
	if s := r.state(); s.Phase != rollout.Promoted || s.Ending.By != "sato" || s.Ending.Why.En != "small list" {
		t.Errorf("promoted by hand: %+v", s.Ending)
	}
}

// TestRolloutReplaced: another change takes the place of the one that is rolled out,
// and files that say again what runs end it.
func TestRolloutReplaced(t *testing.T) {
	t.Parallel()
	was := rolled("", "", "")
	r := newRolling(t, was)
	r.save(rolled(pushing, "", ""))
	one := r.phase(time.Hour, rollout.Canary)
	r.clock.Advance(time.Minute)
	r.save(rolled(strings.Replace(pushing, `"push"`, `"nudge"`, 1), "", ""))
	two := r.state()
	if c, _ := r.server.runner.Program().Canary(); c != nil || two.Phase != rollout.Shadow || two.Candidate == one.Candidate {
		t.Errorf("the second is %+v", two)
	}
	r.save(was)
	if s := r.state(); s.Phase != rollout.RolledBack || s.Ending.Hold {
		t.Errorf("files that say what runs: %+v", s)
	}
	r.clock.Advance(time.Minute)
	r.save(rolled(pushing, "", ""))
	if s := r.state(); s.Phase != rollout.Shadow || s.Candidate != one.Candidate {
		t.Errorf("the first, saved again: %+v", s)
	}
	_, past, _ := r.server.rules.rollouts.Rollouts()
	if len(past) != 2 || past[1].Phase != rollout.Replaced {
		t.Errorf("remembered: %+v", past)
	}
}

// TestRolloutObstacle: what cannot be tried side by side says why, and waits.
func TestRolloutObstacle(t *testing.T) {
	t.Parallel()
	r := newRolling(t, rolled("", "", ""))
	r.save(strings.Replace(rolled(pushing, "", ""), `text "company" {}`, `number "company" {}`, 1))
	s := r.state()
	if len(s.Obstacles) != 1 || !strings.Contains(s.Obstacles[0].En, "lead.company") {
		t.Fatalf("in the way: %+v", s.Obstacles)
	}
	r.pass(99 * time.Hour)
	if s := r.state(); s.Phase != rollout.Shadow || !s.Waiting(engine.TimeOf(r.clock.Now())) {
		t.Errorf("it does not wait: %+v", s)
	}
	if err := r.server.rules.rollouts.Decide(t.Context(), httpd.RolloutOrder{Deed: httpd.RolloutAbort, By: "sato"}); err != nil {
		t.Fatal(err)
	}
	r.reload()
	if s := r.state(); s.Phase != rollout.RolledBack || r.server.runner.Program().Revision() != 1 {
		t.Errorf("aborted: %+v", s)
	}
	var stays *httpd.Problem
	err := r.server.rules.rollouts.Decide(t.Context(), httpd.RolloutOrder{Deed: httpd.RolloutPromote})
	if !errors.As(err, &stays) || stays.Code != "no_rollout" {
		t.Errorf("promoting nothing: %v", err)
	}
}

// TestRolloutAtOnce: what neither a shadow nor a canary could see goes live at once,
// and so does a change of nothing but the rollout.
func TestRolloutAtOnce(t *testing.T) {
	t.Parallel()
	r := newRolling(t, strings.Replace(rolled("", "", ""), `"1h"`, `"2h"`, 1))
	r.save(rolled("", "", ""))
	if p := r.server.runner.Program(); p.Revision() != 2 || r.state().Phase != "" {
		t.Errorf("r%d runs, the rollout is %q", p.Revision(), r.state().Phase)
	}
	r.save(strings.Replace(rolled("", "", ""), "points = 1", "points = 2", 1))
	if s := r.state(); s.Phase != rollout.Shadow || !s.Nothing {
		t.Errorf("another score: %+v", s)
	}
	r.phase(time.Hour, rollout.Promoted) // nobody could try it
	r.options = func(o *serverOptions) { o.AtOnce = true }
	r.again()
	r.save(rolled(pushing, "", ""))
	if p := r.server.runner.Program(); p.Revision() != 4 || r.state().Phase != rollout.Promoted {
		t.Errorf("where changes go live at once: r%d runs", p.Revision())
	}
}

// TestRolloutOfARestart: files that were changed while the server was stopped are
// rolled out as if it had run.
func TestRolloutOfARestart(t *testing.T) {
	t.Parallel()
	r := newRolling(t, rolled("", "", ""))
	r.stop()
	r.write(rolled(pushing, "", ""))
	r.start()
	s := r.until("the shadow", func(s *rollout.State) bool { return s.Phase == rollout.Shadow })
	if p := r.server.runner.Program(); p.Revision() != 1 || p.Digest() == s.Candidate {
		t.Errorf("r%d runs", p.Revision())
	}
	r.stop()
	r.write(rolled(strings.Replace(pushing, `"push"`, `"nudge"`, 1), "", ""))
	r.start()
	r.until("the other one", func(now *rollout.State) bool { return now.Phase == rollout.Shadow && now.Candidate != s.Candidate })
}

// TestRolloutPaused: a pause stops the clock of a phase, not its guards.
func TestRolloutPaused(t *testing.T) {
	t.Parallel()
	r := newRolling(t, rolled("", "", ""))
	r.save(rolled(pushing, "", ""))
	decide := func(deed string) {
		t.Helper()
		if err := r.server.rules.rollouts.Decide(t.Context(), httpd.RolloutOrder{Deed: deed}); err != nil {
			t.Fatal(err)
		}
	}
	decide(httpd.RolloutPause)
	r.pass(100 * time.Hour)
	r.again()
	r.pass(0)
	if s := r.state(); s.Phase != rollout.Shadow {
		t.Fatalf("paused, it is %s", s.Phase)
	}
	decide(httpd.RolloutResume)
	r.phase(time.Hour, rollout.Canary)
	decide(httpd.RolloutPause)
	all := users("lead", 60)
	r.tell("asked", all...)
	in, _ := r.arms(all)
	r.clock.Advance(time.Minute)
	r.tell("left", in...)
	r.phase(time.Second, rollout.RolledBack)
}

// TestRolloutApplied: rules that are applied go live step by step, unless somebody
// says why not.
func TestRolloutApplied(t *testing.T) {
	t.Parallel()
	r := newRolling(t, rolled("", "", ""))
	apply := func(step string, now bool) httpd.Applied {
		t.Helper()
		sources := map[string][]byte{"rules.hcl": []byte(rolled(step, "", ""))}
		p := planner{r.server.rules}
		w, problems := p.Propose(sources)
		if w == nil {
			t.Fatal(problems.Render())
		}
		done, err := p.Apply(t.Context(), httpd.Proposal{
			Sources: sources, Base: r.server.runner.Program().Digest(), Digest: w.Digest, Author: "ci", Now: now, Why: "urgent",
		})
		if err != nil {
			t.Fatal(err)
		}
		return done
	}
	if done := apply(pushing, false); !done.Rollout || done.Revision != 1 || r.state().Way != rollout.ByApply {
		t.Fatalf("applied: %+v, %+v", done, r.state())
	}
	r.reload() // the files say what they said
	r.again()
	r.phase(time.Hour, rollout.Canary)
	r.tell("asked", users("lead", 60)...)
	r.phase(24*time.Hour, rollout.Promoted)
	r.reload()
	r.again()
	if p := r.server.runner.Program(); p.Digest() != r.state().Candidate {
		t.Error("what was applied and promoted does not stay")
	}
	done := apply(strings.Replace(pushing, `"push"`, `"nudge"`, 1), true)
	if done.Rollout || r.state().Phase != rollout.Promoted || r.state().Ending.Why.En != "At once: urgent" || r.server.runner.Program().Revision() != done.Revision {
		t.Errorf("at once: %+v, %+v", done, r.state().Ending)
	}
}
