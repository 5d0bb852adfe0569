package runner

import (
	"context"
	"fmt"

	"github.com/seed-456efde2/nurture/engine"
)

// Reporter makes the report of a review for a scheduled instant, as the finished
// parts of a message of the review's kind.
type Reporter func(ctx context.Context, p *engine.Program, r *engine.ReviewSpec, at engine.Time) ([]engine.Field, error)

// makeReviews makes the reports that are due and lets them in at the door. The
// review's entity takes each scheduled instant once: what is made again after a
// crash changes nothing.
func (r *Runner) makeReviews(ctx context.Context, p *engine.Program) error {
	if r.options.Report == nil {
		return nil
	}
	for i := range p.Spec().Reviews {
		if err := r.makeReview(ctx, p, &p.Spec().Reviews[i]); err != nil {
			return fmt.Errorf("make the review %s: %w", p.Spec().Reviews[i].Name, err)
		}
	}
	return nil
}

func (r *Runner) makeReview(ctx context.Context, p *engine.Program, spec *engine.ReviewSpec) error {
	now := engine.TimeOf(r.clock.Now())
	var l engine.Lead
	if _, err := r.store.Lead(spec.ID(), &l); err != nil {
		return err
	}
	if l.Review == nil {
		return r.tellEntity(ctx, spec.Known(now))
	}
	at := spec.DueAt(l.Review, now, p.Spec().Zone)
	if at == 0 {
		return nil
	}
	parts, err := r.options.Report(ctx, p, spec, at)
	if err != nil {
		return err
	}
	return r.tellEntity(ctx, spec.Made(at, now, parts))
}

// tellEntity brings an entity a fact and waits until it is durable, or the runner
// stops.
func (r *Runner) tellEntity(ctx context.Context, e engine.Event) error {
	asked := r.asked(fact{event: e, since: r.clock.Now()})
	select {
	case <-asked.done:
	case <-ctx.Done():
		return ctx.Err()
	case <-r.stopFeeders:
	case <-r.dead:
	}
	return nil
}
