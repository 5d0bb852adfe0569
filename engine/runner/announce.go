package runner

import (
	"context"

	"github.com/seed-456efde2/nurture/engine"
)

// Announce lets a report of a review in at the door that its schedule did not ask for,
// as finished parts. It is durable when Announce returns; the entity of the review
// takes each instant once, so that what is announced again after a crash changes
// nothing.
func (r *Runner) Announce(ctx context.Context, spec *engine.ReviewSpec, at engine.Time, parts []engine.Field) error {
	return r.tellEntity(ctx, spec.Made(at, engine.TimeOf(r.clock.Now()), parts))
}
