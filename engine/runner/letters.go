package runner

import (
	"context"
	"errors"
	"fmt"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/store"
)

// ErrNoLetter is returned for a dead letter that there is none of (any more).
var ErrNoLetter = errors.New("there is no such dead letter")

// Redrive gives an action that was given up another round, under its old key and
// with its old message. It returns when that is durable.
func (r *Runner) Redrive(ctx context.Context, lead engine.LeadID, key engine.ActionKey) error {
	return r.letter(ctx, lead, key, orderDecide)
}

// Discard forgets an action that was given up. It returns when that is durable.
func (r *Runner) Discard(ctx context.Context, lead engine.LeadID, key engine.ActionKey) error {
	return r.letter(ctx, lead, key, orderDiscard)
}

func (r *Runner) letter(ctx context.Context, lead engine.LeadID, key engine.ActionKey, order order) error {
	var dead engine.DeadAction
	found, err := r.store.Dead(lead.Partition(r.partitions), key, &dead)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	if !found {
		return ErrNoLetter
	}
	now := r.clock.Now()
	at := engine.TimeOf(now)
	return r.ask(ctx, fact{
		event: engine.Event{Kind: engine.Redrive, Lead: lead, Action: key, Letter: &dead, At: at, Received: at},
		since: now, order: order,
	})
}

// ask queues facts and waits until they are durable.
func (r *Runner) ask(ctx context.Context, facts ...fact) error {
	s, err := r.enter(facts)
	if err != nil {
		return err
	}
	return r.await(ctx, s)
}

func (r *Runner) enter(facts []fact) (*submission, error) {
	r.gate.RLock()
	defer r.gate.RUnlock()
	if err := r.closedTo(); err != nil {
		return nil, err
	}
	return r.asked(facts...), nil
}

// maxRefused bounds the refused events that wait to be kept, of all callers.
const maxRefused = 10_000

// Refuse keeps events that intake has refused, for whoever sends them, and
// returns when they are durable.
func (r *Runner) Refuse(ctx context.Context, events []store.BadEvent) error {
	n := int64(len(events))
	if n == 0 {
		return nil
	}
	defer r.refusing.Add(-n)
	if r.refusing.Add(n) > maxRefused {
		return &Overload{After: r.committer.drainTime(maxRefused)}
	}
	facts := make([]fact, n)
	for i := range events {
		facts[i] = fact{order: orderKeep, bad: &events[i]}
	}
	return r.ask(ctx, facts...)
}
