package runner

import (
	"context"
	"errors"

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
	if err := r.store.SaveRuling(store.Ruling{At: engine.TimeOf(r.clock.Now()), Rulings: *next}); err != nil {
		return old, err
	}
	r.install(p.Under(next))
	return next, nil
}

// judge asks from time to time whether an experiment has settled, until stop is
// closed.
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
			r.log.Error("experiments could not be judged", "error", err)
		}
	}
}

// Judge looks now, out of turn, whether an experiment has settled.
func (r *Runner) Judge(ctx context.Context) error {
	p := r.program.Load()
	if p == nil || !p.Spec().Experiments() {
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
