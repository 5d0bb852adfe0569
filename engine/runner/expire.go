package runner

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/store"
)

// The journal keeps what happened and what was decided for ever, because folds and
// figures are counted from it. Why it was decided, the conditions with the values that
// they saw, is by far the larger part; it goes when its time is over, row by row,
// through the lead's own worker, so that it never meets a decision or an erasure of
// the same lead.

// expiry is what an order to expire reasons asks of a worker, and what it has done.
type expiry struct {
	before engine.Time
	at     engine.Time // where in the journal it begins, and then where it goes on
	seq    uint64
	rows   int
	more   bool
}

// One order rewrites so many rows at most, and reads so many: a worker that decides
// about others is held up for a millisecond.
const (
	maxExpiry     = 100
	maxExpiryRead = 1000
)

// expiryChunk is how many leads are looked at in one reading of the store.
const expiryChunk = 256

// ExpireReasons takes the reasons out of all decisions in rows of facts before an
// instant, and gives how many rows it has rewritten. The first time it reads every
// journal once, one after the other and a row at a time, and gives way to other work
// between two rows (Options.Between). It may be called again when it was interrupted.
func (r *Runner) ExpireReasons(ctx context.Context, before engine.Time) (rows int, err error) {
	since, err := r.expiredTo()
	if err != nil {
		return 0, err
	}
	for part := range r.partitions {
		var after engine.LeadID
		for {
			ids, last, err := r.olderLeads(part, after, since, before)
			if err != nil {
				return rows, fmt.Errorf("look for reasons that are over: %w", err)
			}
			for _, id := range ids {
				n, err := r.expireLead(ctx, part, id, before)
				rows += n
				if err != nil {
					return rows, fmt.Errorf("let reasons of lead %v go: %w", id, err)
				}
			}
			if last.IsZero() {
				break
			}
			after = last
		}
	}
	return rows, r.store.SaveNote(expiryName, []byte(strconv.FormatInt(int64(before), 10)))
}

// expiryName is the note of the instant up to which all reasons have gone.
const expiryName = "reasons"

// expiredTo is the instant up to which all reasons have gone, so that leads who have
// done nothing since are not read again.
func (r *Runner) expiredTo() (engine.Time, error) {
	text, err := r.store.Note(expiryName)
	if err != nil || text == nil {
		return 0, err
	}
	n, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("read up to when reasons have gone: %w", engine.ErrFormat)
	}
	return engine.Time(n), nil
}

// olderLeads are leads of a partition that were first seen before an instant and have
// facts from another one on, of the next chunk; last is zero at the end.
func (r *Runner) olderLeads(part int, after engine.LeadID, since, before engine.Time) (ids []engine.LeadID, last engine.LeadID, err error) {
	n := 0
	var l engine.Lead
	err = r.store.Leads(part, after, expiryChunk, func(id engine.LeadID, row []byte) error {
		r.options.Between()
		n++
		last = id
		if err := engine.DecodeLead(row, &l); err != nil {
			return err
		}
		if l.FirstSeen != 0 && l.FirstSeen < before && l.Now >= since {
			ids = append(ids, id)
		}
		return nil
	})
	if n < expiryChunk {
		last = engine.LeadID{}
	}
	return ids, last, err
}

// expireLead lets the reasons of one lead go.
func (r *Runner) expireLead(ctx context.Context, part int, id engine.LeadID, before engine.Time) (rows int, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	e := &expiry{before: before}
	err = r.store.Facts(part, id, func(f *engine.Fact) error {
		r.options.Between()
		if f.Event.At >= before {
			return store.ErrStop // they come in order of time
		}
		if e.more = f.ExpireReasons(); e.more {
			e.at, e.seq = f.Event.At, f.Seq
			return store.ErrStop
		}
		return ctx.Err()
	})
	if err != nil {
		return 0, err
	}
	for e.more {
		if err := r.ask(ctx, fact{event: engine.Event{Lead: id}, since: r.clock.Now(), order: orderExpire, expire: e}); err != nil {
			return rows, err
		}
		rows += e.rows
		r.options.Between()
	}
	return rows, nil
}

// expire rewrites rows of one lead without their reasons, and leaves in the order where
// it goes on.
func (w *worker) expire(s *slot, e *expiry) error {
	var old []engine.Fact
	read := 0
	e.more = false
	err := w.open.write.FactsFrom(s.lead.ID, e.at, e.seq, func(f *engine.Fact) error {
		if f.Event.At >= e.before {
			return store.ErrStop
		}
		if len(old) == maxExpiry || read == maxExpiryRead {
			e.at, e.seq, e.more = f.Event.At, f.Seq, true
			return store.ErrStop
		}
		read++
		if !f.ExpireReasons() {
			return nil
		}
		var own engine.Fact
		if err := engine.DecodeFact(engine.AppendFact(nil, f), &own); err != nil {
			return err
		}
		old = append(old, own)
		return nil
	})
	if err != nil {
		return err
	}
	for i := range old {
		w.open.write.Fact(s.part, s.lead.ID, &old[i])
	}
	e.rows = len(old)
	return nil
}

// expiryEvery is how often it is looked for reasons whose time is over.
const expiryEvery = 24 * time.Hour

// KeepReasons lets the reasons of decisions go when they are older than a length of
// time: now, and once a day, until ctx ends. tell hears of each round.
func (r *Runner) KeepReasons(ctx context.Context, keep time.Duration, tell func(rows int, err error)) {
	for {
		before := engine.TimeOf(r.clock.Now().Add(-keep))
		rows, err := r.ExpireReasons(ctx, before)
		if ctx.Err() != nil {
			return
		}
		tell(rows, err)
		fired, stop := r.clock.At(r.clock.Now().Add(expiryEvery))
		select {
		case <-fired:
		case <-ctx.Done():
			stop()
			return
		}
	}
}
