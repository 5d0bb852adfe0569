package sim

import "github.com/seed-456efde2/nurture/engine"

// Reset forgets all leads and goes back to the beginning of time, so that the next
// ones can be run by the same Sim: what it has learned of the program stays, and its
// memory is used again. What it told of leads before is no longer valid.
func (s *Sim) Reset() {
	for _, id := range s.order {
		if l := s.leads[id]; cap(l.rows) <= mostSpareRows {
			s.spare = append(s.spare, l)
		}
	}
	s.leads, s.names, s.seen = cleared(s.leads), cleared(s.names), cleared(s.seen)
	clear(s.sent)
	clear(s.dead)
	s.order, s.wheel, s.sent, s.dead = s.order[:0], s.wheel[:0], s.sent[:0], s.dead[:0]
	s.offers, s.counts = nil, nil
	s.now, s.judged = s.opts.Start, 0
	if !s.opts.Forget {
		s.frame.KeepJournals() // and forgets the one that it has
	}
	s.memory.derived.reset()
	s.memory.decisions.reset()
}

// mostSpareRows bounds the journal that a lead's memory is kept with, and mostCleared
// the entries of a map that is emptied: one enormous lead must not make all that
// follow slow, nor its memory stay for ever.
const (
	mostSpareRows = 4096
	mostCleared   = 256
)

func cleared[K comparable, V any](m map[K]V) map[K]V {
	if len(m) > mostCleared {
		return map[K]V{}
	}
	clear(m)
	return m
}

// fresh is a lead of which nothing is known, in the memory of an earlier one where
// there is some.
func (s *Sim) fresh(id engine.LeadID) *lead {
	n := len(s.spare)
	if n == 0 {
		l := &lead{}
		l.ID = id
		return l
	}
	l := s.spare[n-1]
	s.spare = s.spare[:n-1]
	l.Reset(id)
	l.rows, l.due = l.rows[:0], 0
	return l
}

// Relive lets an event happen again of which is known that it was taken once: nobody
// looks whether it is repeated.
func (s *Sim) Relive(e *engine.Event) error {
	s.event = *e
	if err := s.check(); err != nil {
		return err
	}
	return s.happen()
}

// memory holds what the rows of all journals point to, in a few large pieces.
type memory struct {
	derived   pieces[engine.Derived]
	decisions pieces[engine.Decision]
}

// pieces keeps short lists in pieces of memory that many share.
type pieces[T any] struct{ open []T }

// pieceLength is the length of a piece.
const pieceLength = 256

// keep copies a list.
func (p *pieces[T]) keep(list []T) []T {
	if len(list) == 0 {
		return nil
	}
	if cap(p.open)-len(p.open) < len(list) {
		p.open = make([]T, 0, max(pieceLength, len(list)))
	}
	from := len(p.open)
	p.open = append(p.open, list...)
	return p.open[from:len(p.open):len(p.open)]
}

// reset lets the last piece be written over.
func (p *pieces[T]) reset() {
	clear(p.open)
	p.open = p.open[:0]
}

// Crosses are the entities that leads have asked: desks and accounts, which others
// may ask as well. Leads that ask none can be run apart from all others.
func (s *Sim) Crosses() []engine.LeadID {
	var list []engine.LeadID
	for _, id := range s.order {
		if k := s.leads[id].Entity; k == engine.EntityDesk || k == engine.EntityAccount {
			list = append(list, id)
		}
	}
	return list
}
