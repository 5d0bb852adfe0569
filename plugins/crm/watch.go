package crm

import (
	"context"
	"errors"
	"time"

	"github.com/seed-456efde2/nurture/plugins/channel"
)

// overlap is how far behind the cursor is looked again: a record may become
// visible after one that was changed later.
const overlap = 2 * time.Minute

// Change is a record that has changed, and what that means.
type Change struct {
	Record   string
	Modified time.Time
	Outcomes []Outcome
}

// Watch reads back what sales did: again and again, it asks for the records of
// ours that were changed since the last ones that were accepted.
//
// The cursor is the time of the latest change that was accepted. A little before
// it is looked at again; what was accepted already is left out while the process
// remembers it, and counts once in any case.
type Watch struct {
	// Every is the pause when there is nothing more to read.
	Every time.Duration
	// Changes are the records that were changed at or after since, the earliest
	// first. page is "" first, then what the call before returned; an empty next
	// ends the pages.
	Changes func(ctx context.Context, since time.Time, page string) (changes []Change, next string, err error)

	seen map[string]time.Time // records by the change that was accepted
}

// Listen watches until ctx ends. An error is a service that cannot be asked; the
// host asks again later.
func (w *Watch) Listen(ctx context.Context, in channel.Inbox) error {
	w.seen = map[string]time.Time{}
	cursor := in.Cursor()
	for {
		next, err := w.round(ctx, in, cursor)
		var t *Trouble
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.As(err, &t) && t.After > 0:
			if !pause(ctx, t.After) {
				return nil
			}
			continue
		case err != nil:
			return err
		}
		cursor = next
		if !pause(ctx, w.Every) {
			return nil
		}
	}
}

// round reads all pages of what has changed since the cursor. The cursor moves at
// their end: pages may come from several lists, each in an order of its own.
func (w *Watch) round(ctx context.Context, in channel.Inbox, cursor string) (string, error) {
	since, _ := time.Parse(time.RFC3339Nano, cursor) // one that we did not write begins anew
	from, latest := since, since
	if !from.IsZero() {
		from = from.Add(-overlap)
	}
	for page, more := "", true; more; more = page != "" {
		changes, next, err := w.Changes(ctx, from, page)
		if err != nil {
			return cursor, err
		}
		fresh := w.unseen(changes)
		var facts []channel.Fact
		for _, c := range fresh {
			facts = append(facts, Facts(c.Outcomes)...)
			if c.Modified.After(latest) {
				latest = c.Modified
			}
		}
		if len(facts) > 0 {
			if err := in.Accept(ctx, facts, cursor); err != nil {
				return cursor, err
			}
		}
		for _, c := range fresh {
			w.seen[c.Record] = c.Modified
		}
		page = next
	}
	if !latest.After(since) {
		return cursor, nil
	}
	next := latest.UTC().Format(time.RFC3339Nano)
	if err := in.Accept(ctx, nil, next); err != nil {
		return cursor, err
	}
	w.forget(latest)
	return next, nil
}

// unseen are the changes that were not accepted yet.
func (w *Watch) unseen(changes []Change) []Change {
	var fresh []Change
	for _, c := range changes {
		if at, ok := w.seen[c.Record]; !ok || !at.Equal(c.Modified) {
			fresh = append(fresh, c)
		}
	}
	return fresh
}

// forget drops what is too old to be read again.
func (w *Watch) forget(since time.Time) {
	for record, at := range w.seen {
		if at.Before(since.Add(-overlap)) {
			delete(w.seen, record)
		}
	}
}

func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
