package runner

import (
	"context"
	"errors"
	"fmt"

	"github.com/seed-456efde2/nurture/engine"
)

// judge looks from time to time whether an experiment has settled, and how the
// figures stand, until stop is closed.
func (r *Runner) judge(stop <-chan struct{}) {
	for {
		fired, cancel := r.clock.At(r.clock.Now().Add(r.options.JudgeEvery))
		select {
		case <-fired:
		case <-stop:
			cancel()
			return
		case <-r.dead:
			cancel()
			return
		}
		if err := r.Judge(context.Background()); err != nil {
			r.log.Error("experiments and figures could not be judged", "error", err)
		}
	}
}

// Judge looks now, out of turn, whether an experiment has settled and how the
// figures stand.
func (r *Runner) Judge(ctx context.Context) error {
	p := r.program.Load()
	if p == nil {
		return nil
	}
	return errors.Join(r.judgeExperiments(ctx, p), r.judgeFigures(ctx, p), r.makeReviews(ctx, p))
}

func (r *Runner) judgeExperiments(ctx context.Context, p *engine.Program) error {
	if !p.Spec().Experiments() {
		return nil
	}
	var failed error
	winners := p.Judge(func(name, labels string, part uint8, before int64) (sum int64) {
		err := r.store.Counts(name, 0, before, func(d engine.Delta) error {
			if d.Labels == labels && d.Part == part {
				sum += d.N
			}
			return nil
		})
		failed = errors.Join(failed, err)
		return sum
	}, engine.TimeOf(r.clock.Now()))
	if failed != nil || len(winners) == 0 {
		return failed
	}
	_, err := r.SetRulings(ctx, func(old *engine.Rulings) (*engine.Rulings, error) {
		return old.WithWinners(winners), nil
	})
	return err
}

// judgeFigures looks at every figure that has thresholds. What changes how one
// stands goes in at the door, as a fact for the figure's entity; what a verdict asks
// of the rules is ruled when the verdict is durable. So a crash between the two
// leaves a verdict that the rulings do not know yet, and the next look finds it.
func (r *Runner) judgeFigures(ctx context.Context, p *engine.Program) error {
	if old := p.Rulings(); old.WithoutStrays(p) != old {
		_, err := r.SetRulings(ctx, func(old *engine.Rulings) (*engine.Rulings, error) {
			return old.WithoutStrays(r.program.Load()), nil
		})
		if err != nil {
			return fmt.Errorf("lift caps: %w", err)
		}
	}
	if !p.Watched() {
		return nil
	}
	now := engine.TimeOf(r.clock.Now())
	looks, err := p.Figures(r.store.Counts, now).Judgements()
	if err != nil {
		return fmt.Errorf("judge the figures: %w", err)
	}
	for i := range looks {
		if err := r.judgeFigure(ctx, &looks[i], now); err != nil {
			return fmt.Errorf("judge kpi %s: %w", looks[i].Spec.Name, err)
		}
	}
	return nil
}

// judgeFigure rules on what an earlier look left behind before it looks again, since
// a recovery would hide that a breach was never ruled on.
func (r *Runner) judgeFigure(ctx context.Context, j *engine.Judgement, now engine.Time) error {
	l, err := r.ruled(ctx, j.ID(), now)
	if err != nil || !j.Changes(l.Figure, now) {
		return err
	}
	if err := r.tellEntity(ctx, j.Event(now)); err != nil {
		return err
	}
	_, err = r.ruled(ctx, j.ID(), now)
	return err
}

// ruled is the entity of a figure as it is durable, whose verdicts are all ruled on.
func (r *Runner) ruled(ctx context.Context, figure engine.LeadID, now engine.Time) (*engine.Lead, error) {
	var l engine.Lead
	if _, err := r.store.Lead(figure, &l); err != nil {
		return nil, err
	}
	if l.Figure == nil || !r.program.Load().Unruled(l.ID, l.Figure) {
		return &l, nil
	}
	_, err := r.SetRulings(ctx, func(old *engine.Rulings) (*engine.Rulings, error) {
		return old.WithVerdicts(r.program.Load(), l.ID, l.Figure, now), nil
	})
	return &l, err
}
