package runner

import (
	"context"
	"errors"
	"fmt"

	"github.com/seed-456efde2/nurture/engine"
)

// ErrNotMerged is returned by Unmerge for a lead that is not a part of another.
var ErrNotMerged = errors.New("that lead is not a part of another")

// Unmerge lets a lead that was merged into another be one of its own again. Both
// fold their own facts anew; what was done for them stays done. It returns when
// that is durable; the other lead hears of it right afterwards.
func (r *Runner) Unmerge(ctx context.Context, id engine.LeadID) error {
	var l engine.Lead
	found, err := r.store.Lead(id, &l)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	if !found || l.Into.IsZero() || l.FirstSeen == 0 {
		return ErrNotMerged
	}
	now := r.clock.Now()
	at := engine.TimeOf(now)
	return r.ask(ctx, fact{since: now, event: engine.Event{
		Kind: engine.Unmerge, Lead: id, Action: engine.ActionKey(l.Into), At: at, Received: at,
	}})
}
