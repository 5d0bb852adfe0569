package runner

import (
	"context"
	"errors"
	"fmt"
	"slices"

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

// Why a conflict cannot be settled.
var (
	ErrSameLead   = errors.New("the two are one lead already")
	ErrNoConflict = errors.New("the two are not in conflict")
)

// Settle decides a conflict between two leads with userIds of their own that have a
// name in common: they are one, and the first becomes a part of the second, or they
// are two. It returns when that is durable; the other lead hears of it right
// afterwards. Unmerge takes "one" back.
func (r *Runner) Settle(ctx context.Context, from, into engine.LeadID, same bool) error {
	r.settling.Lock() // two who say the opposite would send a lead in a circle
	defer r.settling.Unlock()
	first, err := r.wholeOf(from)
	if err != nil {
		return err
	}
	second, err := r.wholeOf(into)
	if err != nil {
		return err
	}
	if first.ID == second.ID {
		return ErrSameLead
	}
	now := r.clock.Now()
	at := engine.TimeOf(now)
	if same {
		if second.User == "" {
			return ErrNoConflict // who has no userId is merged without being asked
		}
		return r.ask(ctx, fact{since: now, event: engine.ConflictSame(first.ID, second.ID, at)})
	}
	known := false
	for _, pair := range [...][2]*engine.Lead{{first, second}, {second, first}} {
		if !slices.ContainsFunc(pair[0].Conflicts, func(k engine.Conflict) bool { return k.Other == pair[1].ID }) {
			continue
		}
		known = true
		if err := r.ask(ctx, fact{since: now, event: engine.ConflictApart(pair[0].ID, pair[1].ID, at)}); err != nil {
			return err
		}
	}
	if !known {
		return ErrNoConflict
	}
	return nil
}
