package sim

import "github.com/seed-456efde2/nurture/engine"

// Reset forgets all leads and goes back to the beginning of time, so that the next
// ones can be run by the same Sim: what it has learned of the program stays, and its
// memory is used again.
func (s *Sim) Reset() {
	clear(s.leads)
	clear(s.names)
	clear(s.seen)
	clear(s.sent)
	clear(s.dead)
	s.order, s.wheel, s.sent, s.dead = s.order[:0], s.wheel[:0], s.sent[:0], s.dead[:0]
	s.offers, s.counts = nil, nil
	s.now, s.judged = s.opts.Start, 0
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
