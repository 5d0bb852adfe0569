package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
	"github.com/seed-456efde2/nurture/cmd/nurture/internal/rollout"
	"github.com/seed-456efde2/nurture/dsl"
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/history"
	"github.com/seed-456efde2/nurture/engine/runner"
)

// rollouts lets changed rules go live step by step, where the rules say so. It is the
// server's Rollouts.
//
// What is done to the rules is done under rules.loading, by the goroutine that watches
// them or by somebody's call. What is shown is a copy, under mu.
type rollouts struct {
	rules  *rules
	keeper rollout.Keeper

	// Under rules.loading. State is nil while there never was a rollout; the others are
	// those of the one under way.
	state       *rollout.State
	candidate   *workspace
	composition *dsl.Composition
	stood       []history.Stranded // for whom what is next was refused
	shadowed    bool               // the shadow of the server's last life was taken up before the runner started

	mu      sync.Mutex
	shown   *rollout.State
	past    []rollout.State
	changed chan struct{}
	counted armCount
}

// armCount is how many leads tried a change when that was counted last.
type armCount struct {
	at      time.Time
	in, all int64
}

// How often things are looked at.
const (
	lookEvery  = 2 * time.Second  // guards, and what could not be done
	countEvery = 10 * time.Second // leads of the arm, where somebody asks
)

func newRollouts(r *rules) (*rollouts, error) {
	o := &rollouts{rules: r, keeper: rollout.Keeper{Notes: r.server.store}, changed: make(chan struct{})}
	var err error
	if o.state, err = o.keeper.Load(); err != nil {
		return nil, err
	}
	if o.past, err = o.keeper.Past(); err != nil {
		return nil, err
	}
	o.show()
	return o, nil
}

// active reports a rollout that has not ended.
func (o *rollouts) active() bool { return o.state != nil && !o.state.Phase.Over() }

func (o *rollouts) now() engine.Time { return engine.TimeOf(o.rules.server.options.Clock.Now()) }

// show makes what is kept what is shown.
func (o *rollouts) show() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.shown = nil
	if o.state != nil {
		s := *o.state
		s.Guards = slices.Clone(s.Guards)
		o.shown = &s
	}
	close(o.changed)
	o.changed = make(chan struct{})
}

// save keeps the rollout and shows it.
func (o *rollouts) save() error {
	if err := o.keeper.Save(o.state); err != nil {
		return err
	}
	o.show()
	return nil
}

// termsFor are the terms by which changed rules go live; nil: at once. The block of
// the changed rules counts. Where it was taken away, the running one counts once more:
// taking the guard away is a change that is guarded.
func (o *rollouts) termsFor(w *workspace) *engine.RolloutSpec {
	live := o.rules.live
	if o.rules.server.options.AtOnce || live == nil {
		return nil
	}
	if w.Spec.Rollout != nil {
		return w.Spec.Rollout
	}
	return live.Spec.Rollout
}

// changesOf are the blocks that changed rules say otherwise, without the rollout
// itself; what neither a shadow nor a canary could see is not among them.
func (o *rollouts) changesOf(w *workspace) []string {
	was, is := *o.rules.live.Spec, *w.Spec
	var names []string
	for _, c := range history.Diff(&was, &is, nil) {
		if c.Block != "rollout" {
			names = append(names, c.Op+" "+c.Block)
		}
	}
	return names
}

// tries reports changes that leads of a canary would notice.
func tries(changes []string) bool {
	return slices.ContainsFunc(changes, func(c string) bool {
		return strings.HasPrefix(c[2:], "workflow.") || strings.HasPrefix(c[2:], "toss_up.")
	})
}

// take takes over what was saved in the files, where it is to go live step by step or
// is about the rollout that is under way. It reports whether nothing is left to do.
func (o *rollouts) take(ctx context.Context, w *workspace) (done bool, err error) {
	running := o.rules.server.runner.Program().Digest()
	if o.active() {
		switch {
		case o.means(w):
			return true, nil
		case w.Digest == running:
			why := rollout.Text{En: "The files say again what runs.", Ja: "ファイルが今のルールに戻されました。"}
			return false, o.end(ctx, rollout.End{Phase: rollout.RolledBack, Why: why})
		}
		if err := o.end(ctx, rollout.End{Phase: rollout.Replaced}); err != nil {
			return false, err
		}
	}
	if w.Digest == running || !o.begins(w) {
		return false, nil
	}
	if err := o.rules.refuseStranded(w); err != nil {
		return false, err
	}
	author := o.rules.author(ctx, w.Digest)
	return true, o.begin(ctx, w, rollout.State{Way: rollout.ByFiles, Author: author, Folder: w.Digest})
}

// means reports files that say what the rollout under way is about: its change, or what
// they said when it was applied.
func (o *rollouts) means(w *workspace) bool {
	s := o.state
	return w.Digest == s.Candidate || s.Way == rollout.ByApply && w.Digest == s.Folder
}

// tries reports the change that is rolled out.
func (o *rollouts) tries(digest string) bool { return o.active() && o.state.Candidate == digest }

// leave ends the rollout under way where the files left it for what is not to be tried
// again.
func (o *rollouts) leave(ctx context.Context, w *workspace) error {
	if !o.active() || o.means(w) {
		return nil
	}
	why := rollout.Text{En: "The files say again what is not in force.", Ja: "ファイルが、本番にしないと決まった内容に戻されました。"}
	return o.end(ctx, rollout.End{Phase: rollout.RolledBack, Why: why})
}

// begins reports whether changed rules go live step by step.
func (o *rollouts) begins(w *workspace) bool {
	return o.termsFor(w) != nil && len(o.changesOf(w)) > 0
}

// begin begins to roll changed rules out.
func (o *rollouts) begin(ctx context.Context, w *workspace, s rollout.State) error {
	running := o.rules.server.runner.Program()
	s.Phase, s.Terms, s.Changed = rollout.Shadow, rollout.TermsOf(o.termsFor(w)), o.changesOf(w)
	s.Candidate, s.Base, s.From = w.Digest, running.Digest(), running.Revision()
	s.Began = o.now()
	s.Since, s.Nothing = s.Began, !tries(s.Changed)
	s.Unheard = o.unheard(o.termsFor(w))
	composition := o.compose(w, &s)
	if err := o.keeper.Begin(&s, w.Sources); err != nil {
		return err
	}
	o.state, o.candidate, o.composition, o.stood = &s, w, composition, nil
	o.show()
	o.rules.server.options.Log.Info("a change of rules is rolled out", "phase", s.Phase, "from", s.From, "by", s.Author, "changes", len(s.Changed))
	if s.Unheard != nil {
		o.rules.server.options.Log.Warn("nobody would be told if the change were taken back: the running rules name no channel in their rollout")
	}
	if s.Terms.Shadow > 0 {
		if err := o.shadow(ctx); err != nil {
			return err
		}
	}
	return o.step(ctx)
}

// unheard tells why nobody would be told that a change is taken back, though its terms
// name a channel: a notice goes by the rules that run then. nil: somebody would, or
// nobody is to be.
func (o *rollouts) unheard(terms *engine.RolloutSpec) *rollout.Text {
	running := o.rules.live.Spec.Rollout
	if terms.Channel == "" || running != nil && running.Channel != "" {
		return nil
	}
	return &rollout.Text{
		En: "If this change is taken back, nobody is told of it through channel." + terms.Channel + ": the rules that run name no channel in their rollout block. Bring the channel into force first, or look here: it is also told by status, the log and the audit log.",
		Ja: "この変更が元に戻されても、channel." + terms.Channel + " では知らせません。今のルールの rollout に channel がないためです。先に channel を本番に入れるか、この画面で確かめてください。status、ログ、監査ログにも残ります。",
	}
}

// compose makes what the leads of the canary are decided by, or notes why there can
// be none.
func (o *rollouts) compose(w *workspace, s *rollout.State) *dsl.Composition {
	if s.Terms.Canary == 0 || s.Nothing {
		return nil
	}
	composition, obstacles := dsl.Compose(o.rules.live.Workspace, w.Workspace)
	s.Obstacles = nil
	for _, x := range obstacles {
		s.Obstacles = append(s.Obstacles, rollout.Text{En: x.In("en"), Ja: x.In("ja")})
	}
	if composition != nil {
		composition.Spec.Rollout = o.termsFor(w)
	}
	return composition
}

// step does what is next, where something is, and tells whoever is to be told.
func (o *rollouts) step(ctx context.Context) error {
	err := o.advance(ctx)
	if err != nil {
		o.block(err)
	}
	if told := o.tell(ctx); told != nil && err == nil {
		err = told
	}
	return err
}

func (o *rollouts) advance(ctx context.Context) error {
	if !o.active() {
		return nil
	}
	s, now := o.state, o.now()
	if s.Ending != nil {
		return o.conclude(ctx) // it was begun before
	}
	if s.Phase != rollout.Shadow {
		if err := o.look(now); err != nil {
			return err
		}
	}
	next := s.Next(now)
	if (next == rollout.BeginCanary || next == rollout.Promote) && o.rules.stillStand(o.stood) {
		return nil // it is told why, and nobody need be counted again
	}
	o.stood = nil
	switch next {
	case rollout.BeginCanary:
		return o.beginCanary(ctx)
	case rollout.Promote:
		return o.end(ctx, rollout.End{Phase: rollout.Promoted})
	case rollout.TakeBack:
		i := s.Breach()
		return o.end(ctx, rollout.End{Phase: rollout.RolledBack, Guard: i, Why: httpd.RolloutWhy(&s.Guards[i-1]), Hold: true})
	case rollout.GiveUp:
		s.Enter(rollout.NotJudged, now)
		s.Tell = now
		o.rules.server.options.Log.Warn("the bake of a change is over, and there was too little to judge it by; promote or abort it", "revision", s.Revision)
		return o.save()
	}
	if s.Blocked != nil {
		s.Blocked = nil
		return o.save()
	}
	return nil
}

// block notes why what is next could not be done. It is tried again.
func (o *rollouts) block(err error) {
	if !o.active() {
		return
	}
	if lost := (*wouldLose)(nil); errors.As(err, &lost) {
		o.stood = lost.leads
	}
	text := rollout.Text{En: "What is next could not be done: " + err.Error(), Ja: "次の段階に進めませんでした: " + err.Error()}
	if b := o.state.Blocked; b != nil && *b == text {
		return
	}
	o.rules.server.options.Log.Error("a rollout cannot go on; it is tried again", "phase", o.state.Phase, "error", err)
	o.state.Blocked = &text
	if err := o.save(); err != nil {
		o.rules.server.options.Log.Error("a rollout could not be kept", "error", err)
	}
}

// beginCanary lets a part of the leads go by the candidate.
func (o *rollouts) beginCanary(ctx context.Context) error {
	s, r := o.state, o.rules
	if err := r.refuseStranded(o.candidate); err != nil {
		return err
	}
	spec := *o.composition.Spec
	p, err := engine.NewProgram(&spec, o.composition.Digest, 0)
	if err != nil {
		return err
	}
	if err := r.use(ctx, o.tried()); err != nil {
		return err
	}
	_, err = r.server.runner.Canary(ctx, runner.CanaryStart{
		Program: p, Candidate: s.Candidate, Percent: s.Terms.Canary, Salt: s.Candidate, Sources: o.candidate.Sources, Author: s.Author,
	})
	if err != nil {
		return fmt.Errorf("begin the canary: %w", err)
	}
	return o.begunCanary(ctx)
}

// begunCanary takes note of a canary that is in force.
func (o *rollouts) begunCanary(ctx context.Context) error {
	s := o.state
	c, terms := o.rules.server.runner.Program().Canary()
	s.Enter(rollout.Canary, terms.Since)
	s.Revision = c.Revision()
	if err := o.save(); err != nil {
		return err
	}
	o.rules.server.options.Log.Info("a part of the leads goes by the change", "percent", s.Terms.Canary, "revision", s.Revision)
	return o.endShadow(ctx)
}

// tried is the running workspace with the channels that the candidate brings along.
func (o *rollouts) tried() *workspace {
	w := *o.rules.live.Workspace
	w.Channels = o.composition.Channels
	if len(w.Channels) > len(o.rules.live.Channels) && o.candidate.Sources[dsl.LockFile] != nil {
		w.Sources = o.candidate.Sources // the plugins of new channels stand in its lock file
	}
	return &workspace{Workspace: &w}
}

// look reads the guards.
func (o *rollouts) look(now engine.Time) error {
	p := o.rules.server.runner.Program()
	c, _ := p.Canary()
	if c == nil {
		return fmt.Errorf("no canary is in force")
	}
	figures := p.ArmFigures(o.rules.server.store.Counts, now, engine.CanaryArm)
	var list []rollout.Guard
	if spec := c.Spec().Rollout; spec != nil {
		for i := range spec.Guards {
			g, err := lookAt(&spec.Guards[i], figures, c.Spec().KPIs)
			if err != nil {
				return err
			}
			list = append(list, g)
		}
	}
	if !slices.EqualFunc(list, o.state.Guards, rollout.Guard.Equal) {
		o.state.Guards = list
		o.show()
	}
	return nil
}

// lookAt reads one guard. What is above a limit is known as soon as it happened; what
// is below one only from what had all its time.
func lookAt(g *engine.RolloutGuard, figures *engine.ArmFigures, kpis []engine.KPISpec) (rollout.Guard, error) {
	out := rollout.Guard{When: g.When.Source(), KPI: g.KPI, Words: httpd.GuardWords(g, kpis)}
	state, err := figures.Guard(g.When)
	if err != nil {
		return out, fmt.Errorf("read the guard %s: %w", out.When, err)
	}
	m, err := figures.Figure(g.KPI)
	if err != nil {
		return out, fmt.Errorf("read the guard %s: %w", out.When, err)
	}
	out.State, out.N, out.Of, out.Share = state.String(), m.N, m.Of, m.Rate
	if m.Known {
		out.Value = &m.Value
	}
	if m.Interval != nil {
		out.Low, out.High = &m.Interval.Low, &m.Interval.High
	}
	if !m.Rate {
		out.Enough = true // a count has begun at nothing, and stands where it stands
		return out, nil
	}
	i := slices.IndexFunc(kpis, func(k engine.KPISpec) bool { return k.Name == g.KPI })
	out.Needs = 1
	if i >= 0 {
		out.Needs = max(1, int64(kpis[i].MinSample))
	}
	judged := m.Of
	if g.Below {
		judged = m.Ripe.Of
	}
	out.Enough = judged >= out.Needs
	return out, nil
}
