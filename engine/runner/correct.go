package runner

import (
	"context"
	"errors"
	"fmt"

	"github.com/seed-456efde2/nurture/engine"
)

// ErrUnknownLead is returned by Correct for a lead of which nothing is known.
var ErrUnknownLead = errors.New("nothing is known of that lead")

// Correct lets somebody say what is true of a fact of a lead after all. It returns
// when that is durable; a lead that was merged into another hands it on, and that is
// durable too. One that says nothing is a *engine.Problem; the same one twice is one.
func (r *Runner) Correct(ctx context.Context, lead engine.LeadID, c engine.Correction) error {
	now := r.clock.Now()
	at := engine.TimeOf(now)
	if err := c.Check(at); err != nil {
		return err
	}
	var l engine.Lead
	found, err := r.store.Lead(lead, &l)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	if !found || l.FirstSeen == 0 {
		return ErrUnknownLead
	}
	return r.ask(ctx, fact{since: now, event: c.Event(lead, at)})
}
