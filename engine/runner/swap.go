package runner

import (
	"context"
	"errors"
	"fmt"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/store"
)

// Swap makes another program decide from now on: every event that is submitted
// after Swap has returned is decided by it, and none by a mixture. The program is
// archived with its sources first, under the next revision number, so that every
// decision can be explained by the rules that took it. A program of equal meaning
// changes nothing. Swap returns the revision in force.
func (r *Runner) Swap(ctx context.Context, p *engine.Program, sources map[string][]byte) (uint32, error) {
	return r.SwapBy(ctx, p, sources, r.options.Author)
}

// SwapBy is Swap with the name of who changed the rules.
func (r *Runner) SwapBy(ctx context.Context, p *engine.Program, sources map[string][]byte, author string) (uint32, error) {
	return r.swap(ctx, p, sources, author, nil)
}

func (r *Runner) swap(ctx context.Context, p *engine.Program, sources map[string][]byte, author string, g *Guard) (uint32, error) {
	r.swapping.Lock()
	defer r.swapping.Unlock()
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	old := r.program.Load()
	if old == nil {
		return 0, errors.New("swap the program: the runner was not started")
	}
	if c, _ := old.Canary(); c == nil && p.Digest() == old.Digest() {
		return old.Revision(), nil
	}
	if g != nil {
		release, err := r.stand(ctx, g)
		if err != nil {
			return old.Revision(), err
		}
		defer release()
	}
	p, err := r.archive(p, sources, author)
	if err != nil {
		return old.Revision(), err
	}
	r.install(p.Under(old.Rulings()))
	return p.Revision(), nil
}

// install is the moment of the swap: workers take the program at the beginning of
// their next chunk.
func (r *Runner) install(p *engine.Program) {
	r.program.Store(p)
	r.swapped.Store(r.clock.Now().UnixMilli())
	r.dispatcher.post(func(m *mail) { m.limits = true })
	wake(r.sweep.bell)
	r.log.Info("rules in force", "revision", p.Revision(), "digest", p.Digest(), "ruling", p.Rulings().Ordinal())
}

// archive gives the program its number: that of the last revision when its
// meaning is the same, the next one else.
func (r *Runner) archive(p *engine.Program, sources map[string][]byte, author string) (*engine.Program, error) {
	last, err := r.store.LastRevision()
	if err != nil {
		return nil, fmt.Errorf("find the last revision: %w", err)
	}
	row := store.Revision{Number: 1, Digest: p.Digest(), Author: author, Sources: sources}
	if last != nil {
		if last.Digest == p.Digest() && last.Base == 0 {
			return p.WithRevision(last.Number).Promoting(last.Promoted), nil
		}
		row.Number, row.Promoted = last.Number+1, last.Promoted
	}
	if err := r.saveRevision(row); err != nil {
		return nil, err
	}
	return p.WithRevision(row.Number).Promoting(row.Promoted), nil
}

// saveRevision archives a revision that takes effect now.
func (r *Runner) saveRevision(row store.Revision) error {
	row.At = engine.TimeOf(r.clock.Now())
	if err := r.store.SaveRevision(row); err != nil {
		return fmt.Errorf("archive revision %d: %w", row.Number, err)
	}
	return nil
}
