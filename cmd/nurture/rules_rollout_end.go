package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
	"github.com/seed-456efde2/nurture/cmd/nurture/internal/rollout"
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/runner"
)

// end ends the rollout under way. What is intended is kept before it is done, so that
// a crash in between leaves nothing half done.
func (o *rollouts) end(ctx context.Context, e rollout.End) error {
	if e.Phase == rollout.Promoted {
		if err := o.rules.refuseStranded(o.candidate); err != nil {
			return err
		}
		if err := o.rules.use(ctx, o.candidate); err != nil {
			return err
		}
	}
	e.At = o.now()
	o.state.Ending = &e
	if err := o.save(); err != nil {
		return err
	}
	return o.conclude(ctx)
}

// conclude does what the rollout's end asks for, and what of it was not done before.
func (o *rollouts) conclude(ctx context.Context) error {
	s, r := o.state, o.rules
	var err error
	if s.Ending.Phase == rollout.Promoted {
		err = o.promote(ctx)
	} else {
		err = o.takeBack(ctx)
	}
	if err != nil {
		return errors.Join(err, o.withdraw(ctx, err))
	}
	if err := o.endShadow(ctx); err != nil {
		return err
	}
	s.Enter(s.Ending.Phase, o.now())
	s.Paused, s.Became = 0, r.server.runner.Program().Revision()
	if s.Phase != rollout.Replaced {
		s.Tell = s.Ending.At
	}
	if err := o.keeper.Finish(s); err != nil {
		return err
	}
	o.candidate, o.composition = nil, nil
	if err := o.remember(); err != nil {
		return err
	}
	r.server.options.Log.Info("a rollout has ended", "phase", s.Phase, "revision", s.Became, "by", s.Ending.By, "why", s.Ending.Why.En)
	return nil
}

// promote puts the candidate in force for everybody, unless that would lose a lead.
func (o *rollouts) promote(ctx context.Context) error {
	s, r := o.state, o.rules
	running := r.server.runner.Program()
	if c, _ := running.Canary(); c != nil || running.Digest() != s.Candidate { // else it was done before
		if err := o.swap(ctx, c != nil); err != nil {
			return fmt.Errorf("promote the change: %w", err)
		}
		r.live = o.candidate
		r.server.inlets.set(r.live.Intakes)
	}
	if s.Way == rollout.ByApply {
		return r.saveApplied(appliedRules{Digest: s.Candidate, Folder: s.Folder})
	}
	return nil
}

// swap makes the candidate the program of everybody. Where that could lose a lead,
// nobody comes to stand where it has nothing while that is looked at.
func (o *rollouts) swap(ctx context.Context, tried bool) error {
	w, to, author := o.candidate, o.rules.server.runner, o.state.Author
	p, err := w.program(1)
	if err != nil {
		return err
	}
	guarded, g := o.rules.mayStrand(w), o.rules.guard(w)
	look := g.Look
	g.Look = func() error {
		if err := look(); err != nil {
			return losing{err}
		}
		return nil
	}
	switch {
	case tried && guarded:
		_, err = to.PromoteGuarded(ctx, p, w.Sources, author, g)
	case tried:
		_, err = to.Promote(ctx, p, w.Sources, author)
	case guarded:
		_, err = to.SwapGuarded(ctx, p, w.Sources, author, g)
	default:
		_, err = to.SwapBy(ctx, p, w.Sources, author)
	}
	if errors.Is(err, runner.ErrComeAndGo) {
		err = losing{err}
	}
	return err
}

// losing is why a promotion is refused of which nothing was done yet.
type losing struct{ error }

func (w losing) Unwrap() error { return w.error }

// withdraw takes the intention to promote back, where that would lose a lead: the
// rollout goes on where it was, its guards speak, and the promotion is tried again.
func (o *rollouts) withdraw(ctx context.Context, err error) error {
	var lost losing
	if !errors.As(err, &lost) {
		return nil
	}
	o.state.Ending = nil
	if err := o.save(); err != nil {
		return err
	}
	if c, _ := o.rules.server.runner.Program().Canary(); c != nil && o.composition != nil {
		return o.rules.use(ctx, o.tried())
	}
	o.rules.takeBack(ctx)
	return nil
}

// takeBack puts the rules that ran before in force for everybody.
func (o *rollouts) takeBack(ctx context.Context) error {
	s, r := o.state, o.rules
	if c, _ := r.server.runner.Program().Canary(); c != nil {
		if _, err := r.server.runner.RollBack(ctx, s.Ending.By); err != nil {
			return fmt.Errorf("take the change back: %w", err)
		}
		if err := r.use(ctx, r.live); err != nil {
			return err
		}
	}
	if s.Ending.Hold {
		return o.keeper.Refuse(r.live.Digest, s.Candidate)
	}
	return nil
}

// tell tells our own people what they are to be told, once, where the rules say how.
func (o *rollouts) tell(ctx context.Context) error {
	s := o.state
	if s == nil || s.Tell == s.Told {
		return nil
	}
	spec := o.rules.server.runner.Program().Spec()
	review := o.rules.server.runner.Program().Review(engine.RolloutReview)
	if review != nil && review.Channel != "" {
		parts, err := httpd.RolloutParts(s, review, o.now(), spec.Name, spec.Language)
		if err != nil {
			return err
		}
		if err := o.rules.server.runner.Announce(ctx, review, s.Tell, parts); err != nil {
			return fmt.Errorf("tell of the rollout: %w", err)
		}
	} else if s.Unheard != nil {
		o.untold()
	}
	s.Told = s.Tell
	return o.save()
}

// untold takes down that people could not be told, where they can see it.
func (o *rollouts) untold() {
	s := o.state
	s.Untold = &rollout.Text{
		En: "Nobody was told of this, because the rules that run name no channel in their rollout block.",
		Ja: "今のルールの rollout に channel がないため、だれにも知らせていません。",
	}
	o.rules.server.options.Log.Warn("nobody was told of a rollout: the running rules name no channel in their rollout", "phase", s.Phase, "revision", s.Became)
	o.rules.noteDeed("rollout-untold", fmt.Sprintf("r%d %s", max(s.Became, s.Revision), s.Phase))
}

// due gives a channel that receives when the rollout is to be looked at again; nil
// while none is under way and nobody is still to be told.
func (o *rollouts) due() (fired <-chan time.Time, stop func()) {
	o.rules.loading.Lock()
	defer o.rules.loading.Unlock()
	if !o.active() && (o.state == nil || o.state.Tell == o.state.Told) {
		return nil, func() {}
	}
	clock := o.rules.server.options.Clock
	at := clock.Now().Add(lookEvery * time.Duration(max(1, o.rules.server.options.Pace)))
	if due := o.state.Due(o.now()); due > o.now() && due.In(nil).Before(at) {
		at = due.In(nil)
	}
	return clock.At(at)
}

// tick looks at the rollout.
func (o *rollouts) tick(ctx context.Context) {
	o.rules.loading.Lock()
	defer o.rules.loading.Unlock()
	_ = o.step(ctx) // what went wrong is told, and tried again
}

// Rollouts implements httpd.Rollouts.
func (o *rollouts) Rollouts() (*rollout.State, []rollout.State, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.shown, o.past, nil
}

// Changed implements httpd.Rollouts.
func (o *rollouts) Changed() <-chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.changed
}

// ArmLeads implements httpd.Rollouts. Counting walks over all leads, so what was
// counted lately is told again.
func (o *rollouts) ArmLeads(ctx context.Context) (in, all int64, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := o.rules.server.options.Clock.Now()
	if o.counted.at.IsZero() || now.Sub(o.counted.at) >= countEvery {
		if in, all, err = o.rules.server.runner.ArmLeads(ctx); err != nil {
			return 0, 0, err
		}
		o.counted = armCount{now, in, all}
	}
	return o.counted.in, o.counted.all, nil
}

// Decide implements httpd.Rollouts.
func (o *rollouts) Decide(ctx context.Context, order httpd.RolloutOrder) error {
	o.rules.loading.Lock()
	defer o.rules.loading.Unlock()
	if !o.active() {
		return httpd.ErrNoRollout()
	}
	defer o.rules.wake()
	why := rollout.Text{En: order.Why, Ja: order.Why}
	switch order.Deed {
	case httpd.RolloutPromote:
		if err := o.end(ctx, rollout.End{Phase: rollout.Promoted, By: order.By, Why: why}); err != nil {
			return httpd.ErrRolloutStays(err)
		}
		return o.tell(ctx)
	case httpd.RolloutAbort:
		if err := o.end(ctx, rollout.End{Phase: rollout.RolledBack, By: order.By, Why: why, Hold: true}); err != nil {
			return httpd.ErrRolloutStays(err)
		}
		return o.tell(ctx)
	case httpd.RolloutPause:
		o.state.Pause(o.now())
	case httpd.RolloutResume:
		o.state.Resume(o.now())
	default:
		return httpd.ErrNoDeed(order.Deed)
	}
	return o.save()
}
