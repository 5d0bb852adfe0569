package main

import (
	"context"
	"fmt"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
	"github.com/seed-456efde2/nurture/cmd/nurture/internal/rollout"
	"github.com/seed-456efde2/nurture/engine"
)

// stays is what a server begins with where the files are not to be in force yet: the
// rules beside which a change is rolled out, or was when the server stopped, and those
// that ran last where the files have changed meanwhile and have a rollout. It is nil
// where the files, or what was applied, are in force. w is nil where the files do not
// load.
func (o *rollouts) stays(w *workspace) (*workspace, error) {
	last, err := liveRevision(o.rules.server.store)
	if err != nil || last == nil || o.rules.server.options.AtOnce {
		return nil, err
	}
	if !o.active() && (w == nil || w.Digest == last.Digest) {
		return nil, nil
	}
	if !o.active() {
		if holds, err := o.rules.holds(w.Digest); err != nil || holds {
			return nil, err
		}
	}
	sources, err := o.rules.server.store.Sources(last.Digest)
	if err != nil {
		return nil, fmt.Errorf("read the sources of revision %d: %w", last.Number, err)
	}
	live, problems := o.rules.load(memoryFiles(sources))
	if live == nil {
		o.rules.server.options.Log.Error("the rules that ran last do not load any more; those of the files run", "revision", last.Number, "problems", len(problems.Items))
		return nil, nil
	}
	o.rules.live = live
	if !o.active() && !o.begins(w) {
		return nil, nil
	}
	return live, nil
}

// restore loads what was being rolled out when the server stopped, and what the leads
// of the canary are decided by. A change that does not load any more, or does not mean
// what it meant, is taken back.
func (o *rollouts) restore(context.Context) error {
	if !o.active() {
		return nil
	}
	s, r := o.state, o.rules
	files, err := o.keeper.Files(s.Candidate)
	if err != nil {
		return err
	}
	switch w, _ := r.load(memoryFiles(files)); {
	case r.server.options.AtOnce:
		o.lose("The rules run where changes go live at once.", "変更がすぐ本番になる環境で動いています。")
	case w == nil || w.Digest != s.Candidate:
		o.lose("The changed rules do not mean what they meant when the server stopped.", "変更後のルールの意味が、サーバーを止めたときと変わりました。")
	default:
		o.candidate = w
		o.composition = o.compose(w, s)
	}
	if o.composition == nil || s.Phase == rollout.Shadow && s.Ending == nil && !o.begun() {
		return nil
	}
	spec := *o.composition.Spec
	r.canary, err = engine.NewProgram(&spec, o.composition.Digest, 0)
	if err != nil {
		return err
	}
	return r.use(context.Background(), o.tried())
}

// begun reports a canary that the archive has and the rollout does not know of yet.
func (o *rollouts) begun() bool {
	last, err := o.rules.server.store.LastRevision()
	return err == nil && last != nil && last.Base != 0 && last.Candidate == o.state.Candidate
}

// before takes up, before the runner starts, the shadow that was under way when the
// server stopped: so it sees the first decisions of the new life. What goes wrong here is
// tried again by resume.
func (o *rollouts) before(ctx context.Context) {
	if !o.active() || o.state.Phase != rollout.Shadow || o.state.Ending != nil || o.state.Terms.Shadow == 0 || o.begun() {
		return
	}
	if err := o.shadow(ctx); err != nil {
		o.rules.server.options.Log.Error("a shadow could not be taken up before the start; it is tried again", "error", err)
		return
	}
	o.shadowed = true
}

// lose ends the rollout because what was tried is not there any more.
func (o *rollouts) lose(en, ja string) {
	o.state.Ending = &rollout.End{Phase: rollout.RolledBack, At: o.now(), Why: rollout.Text{En: en, Ja: ja}}
}

// resume takes up, with the runner running, the rollout that was under way when the
// server stopped, and looks at files that were changed meanwhile.
func (o *rollouts) resume(ctx context.Context) {
	r := o.rules
	r.loading.Lock()
	err := o.takeUp(ctx)
	r.loading.Unlock()
	if err != nil {
		o.rules.server.options.Log.Error("a rollout could not be taken up; it is tried again", "error", err)
	}
	if r.unlike() {
		r.update(ctx)
		return
	}
	r.loading.Lock()
	defer r.loading.Unlock()
	r.settled(r.live.Digest)
}

func (o *rollouts) takeUp(ctx context.Context) error {
	if !o.active() {
		return o.tell(ctx)
	}
	s := o.state
	c, _ := o.rules.server.runner.Program().Canary()
	switch {
	case s.Ending != nil:
	case c == nil && s.Phase == rollout.Shadow:
		if !o.shadowed {
			if err := o.shadow(ctx); err != nil {
				return err
			}
		}
	case c == nil:
		o.lose("The running rules do not mean what they meant when the server stopped.", "今のルールの意味が、サーバーを止めたときと変わりました。")
	case s.Phase == rollout.Shadow:
		if err := o.begunCanary(ctx); err != nil {
			return err
		}
	}
	return o.step(ctx)
}

// unlike reports files that say something else than what runs, or is rolled out.
func (r *rules) unlike() bool {
	r.loading.Lock()
	defer r.loading.Unlock()
	w, _ := r.load(r.files())
	if w == nil || w.Digest == r.live.Digest {
		return false
	}
	return !r.rollouts.active() || w.Digest != r.rollouts.state.Candidate
}

// applied takes over rules that were applied by the API, where they are to go live
// step by step. It ends the rollout under way where they are to go live at once.
func (o *rollouts) applied(ctx context.Context, w *workspace, a *httpd.Proposal, folder string) (rolled bool, err error) {
	if o.active() && !a.Now && w.Digest == o.state.Candidate {
		return true, nil
	}
	if o.active() {
		if err := o.end(ctx, rollout.End{Phase: rollout.Replaced, By: a.Author}); err != nil {
			return false, err
		}
	}
	if a.Now || w.Digest == o.rules.live.Digest || !o.begins(w) {
		return false, nil
	}
	return true, o.begin(ctx, w, rollout.State{Way: rollout.ByApply, Author: a.Author, Folder: folder})
}

// skipped remembers rules that went live at once though they have a rollout.
func (o *rollouts) skipped(a *httpd.Proposal, revision uint32) error {
	if !a.Now || o.rules.live.Spec.Rollout == nil {
		return nil
	}
	now := o.now()
	s := rollout.State{
		Phase: rollout.Promoted, Candidate: a.Digest, Base: a.Base, From: revision - 1, Became: revision, Author: a.Author, Way: rollout.ByApply,
		Began: now, Since: now, Ending: &rollout.End{Phase: rollout.Promoted, At: now, By: a.Author, Why: rollout.Text{En: "At once: " + a.Why, Ja: "手順を省略: " + a.Why}},
	}
	if err := o.keeper.Finish(&s); err != nil {
		return err
	}
	o.state = &s
	return o.remember()
}

// remember shows the rollouts that ended.
func (o *rollouts) remember() error {
	past, err := o.keeper.Past()
	if err != nil {
		return err
	}
	o.mu.Lock()
	o.past = past
	o.mu.Unlock()
	o.show()
	return nil
}

// planned tells how changed rules would go live; nil: at once.
func (o *rollouts) planned(w *workspace) *httpd.PlanRollout {
	if w.Digest == o.rules.live.Digest || !o.begins(w) {
		return nil
	}
	s := rollout.State{Terms: rollout.TermsOf(o.termsFor(w)), Changed: o.changesOf(w)}
	s.Nothing = !tries(s.Changed)
	s.Unheard = o.unheard(o.termsFor(w))
	o.compose(w, &s)
	return httpd.NewPlanRollout(&s, o.termsFor(w), o.active())
}
