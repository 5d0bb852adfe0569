package runner

import (
	"context"
	"errors"
	"fmt"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/store"
)

// SetRulings changes what is decided about the rules while they run: pauses,
// winners, tightened caps. change is given the rulings in force (never nil) and
// gives the next ones, whose number is given here; nil, or what it was given,
// changes nothing. The new ones are durable before anything is decided under them,
// they come into force between two batches as a Swap does, and they survive a
// restart. SetRulings returns the rulings in force.
func (r *Runner) SetRulings(ctx context.Context, change func(old *engine.Rulings) (*engine.Rulings, error)) (*engine.Rulings, error) {
	r.swapping.Lock()
	defer r.swapping.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	p := r.program.Load()
	if p == nil {
		return nil, errors.New("change the rulings: the runner was not started")
	}
	old := p.Rulings()
	next, err := old.Change(r.sweep.heard.Load(), change)
	if err != nil || next == old {
		return old, err
	}
	now := engine.TimeOf(r.clock.Now())
	select {
	case <-r.dead:
		return old, fmt.Errorf("change the rulings: the runner has ended: %w", r.failure)
	default:
	}
	if err := r.store.SaveRuling(store.Ruling{At: now, Rulings: *next}); err != nil {
		return old, err
	}
	r.install(p.Under(next))
	return next, nil
}
