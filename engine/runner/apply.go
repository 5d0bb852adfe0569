package runner

import (
	"slices"
	"time"

	"github.com/seed-456efde2/nurture/engine"
)

// pendingAction is an action as it stood before a decision, for what the
// decision removes.
type pendingAction struct {
	key     engine.ActionKey
	channel string
}

// decide asks the program about one event and applies what it says to the open
// batch. since is when the event, or what caused it, came in.
func (w *worker) decide(p *engine.Program, s *slot, e *engine.Event, since time.Time) error {
	w.foresee(p, s, e)
	w.before = w.before[:0]
	for i := range s.lead.Acts.Pending {
		a := &s.lead.Acts.Pending[i]
		w.before = append(w.before, pendingAction{a.Key, a.Channel})
	}
	if err := p.Decide(w.frame, &s.lead, e, w.open.write, &w.fx); err != nil {
		return err
	}
	w.open.decided++
	if w.lookout != nil {
		w.lookout.note(&s.lead)
	}
	if !s.dirty {
		s.dirty = true
		w.dirty = append(w.dirty, s)
		w.bytes += s.size
	}
	w.clocks[s.part] = max(w.clocks[s.part], e.Received)
	if w.fx.Erased {
		if err := w.erase(s, &w.wiped); err != nil {
			return err
		}
	}
	w.journal(s)
	w.outbox(p, s, since)
	w.posts(since)
	return nil
}

// posts writes the facts that the decision brings for other leads. They are
// decided when this batch is durable.
func (w *worker) posts(since time.Time) {
	for i := range w.fx.Posts {
		e := w.fx.Posts[i]
		w.open.posts = append(w.open.posts, fact{event: e, since: since, post: w.open.write.Post(&e)})
	}
}

// journal writes what is kept of a decision.
func (w *worker) journal(s *slot) {
	fx, write, id := &w.fx, w.open.write, s.lead.ID
	for i := range fx.Facts {
		write.Fact(s.part, id, &fx.Facts[i])
	}
	for i := range fx.Counts {
		write.Count(fx.Counts[i])
	}
	for i := range fx.Unnamed {
		write.DropIdentifier(fx.Unnamed[i])
	}
	for i := range fx.Identifiers {
		write.Identifier(fx.Identifiers[i], s.lead.Whole())
	}
	for i := range fx.Offers {
		write.Offer(&fx.Offers[i])
	}
	for i := range fx.Dead {
		write.Dead(s.part, &fx.Dead[i])
		w.r.counters.dead.Add(1)
	}
	if fx.Fresh {
		w.r.counters.leads.Add(1)
	}
	if w.r.feed.watched() {
		w.watch(id)
	}
}

// outbox removes the rows of actions that are over or wait, and gives those that
// are ready a row each.
func (w *worker) outbox(p *engine.Program, s *slot, since time.Time) {
	write := w.open.write
	for i := range w.fx.Settled {
		t := &w.fx.Settled[i]
		if t.Seq != 0 {
			write.DropOutbox(s.part, t.Lane, t.Seq)
			w.open.dropped = append(w.open.dropped, dropped{w.channelOf(t.Key), t.Lane})
		}
		if t.Over {
			write.DropBody(s.part, t.Key)
			for _, part := range s.lead.Parts {
				write.DropBodyOf(part.Partition(w.r.partitions), t.Key)
			}
		}
	}
	for _, key := range w.fx.Ready {
		a := s.lead.PendingAction(key)
		if a == nil {
			continue
		}
		tail := &w.tails[s.part][a.Lane]
		a.Seq = *tail
		*tail++
		domain := ""
		if c := p.Channel(a.Channel); c != nil && c.Domains {
			domain = p.Domain(&s.lead, a)
		}
		write.Outbox(s.part, a.Lane, a.Seq, s.lead.ID, key, joinDomain(a.Channel, domain))
		w.open.rows = append(w.open.rows, row{
			part: s.part, lane: a.Lane, seq: a.Seq, lead: s.lead.ID, key: key, channel: a.Channel, domain: domain, at: since,
		})
	}
}

// channelOf is the channel of an action that a decision has removed.
func (w *worker) channelOf(key engine.ActionKey) string {
	for i := range w.before {
		if w.before[i].key == key {
			return w.before[i].channel
		}
	}
	return ""
}

// watch makes updates for the live feed.
func (w *worker) watch(id engine.LeadID) {
	for i := range w.fx.Facts {
		f := &w.fx.Facts[i]
		u := Update{Lead: id, At: f.Event.At, Kind: f.Event.Kind, Event: f.Event.Name, Revision: f.Revision}
		for _, d := range f.Decisions {
			u.Decisions = append(u.Decisions, Brief{d.Kind, d.Subject, d.Detail})
		}
		w.open.updates = append(w.open.updates, u)
	}
}

// fact decides a fact of our own shell.
func (w *worker) fact(p *engine.Program, f *fact) error {
	e := &f.event
	w.open.events++
	if f.sub != nil {
		w.open.owe(f.sub)
	}
	switch f.order {
	case orderKeep:
		w.open.write.BadEvent(*f.bad)
		return nil
	case orderPass:
		return nil
	case orderHalt:
		w.halt = f.halt
		return nil
	case orderRegister:
		for i := range f.wipe.offers {
			w.open.write.Offer(&f.wipe.offers[i])
		}
		return nil
	}
	s, err := w.lead(e.Lead.Partition(w.r.partitions), e.Lead)
	if err != nil {
		return err
	}
	switch {
	case f.order == orderDiscard:
		w.open.write.DropDead(s.part, e.Action)
		w.open.write.DropBody(s.part, e.Action) // the message that was never sent
		return nil
	case f.order == orderErase:
		return w.erase(s, f.wipe)
	case f.order == orderExpire:
		return w.expire(s, f.expire)
	case f.order == orderTell:
		return w.hear(p, s, f)
	case f.post != 0:
		return w.posted(p, s, f)
	case e.Kind == engine.Tick:
		return w.tick(p, s, f)
	case e.Kind == engine.Attempt:
		return w.attempt(p, s, f)
	case e.Kind == engine.Settled:
		w.open.settled = append(w.open.settled, e.Action)
	case e.Kind == engine.Redrive:
		w.open.write.DropDead(s.part, e.Action)
	case e.Kind == engine.Forget:
		err := w.decide(p, s, e, f.since)
		*f.wipe = w.wiped
		return err
	}
	return w.decide(p, s, e, f.since)
}

// posted decides a fact that another lead's decision has brought, and removes its
// row with the same transaction. An event from outside that was sent to a lead
// merged into this one counts once, whichever of the two it was sent to.
func (w *worker) posted(p *engine.Program, s *slot, f *fact) error {
	e := &f.event
	w.open.write.DropPost(f.post)
	if e.Kind.Outside() {
		seen, err := w.seen(s, e)
		if err != nil || seen {
			return err
		}
		return w.first(p, s, e, f.since)
	}
	return w.decide(p, s, e, f.since)
}

// tick runs the lead's timers. The index row that brought it may be stale: the
// lead's own timers are the truth, and a row that is not theirs goes.
func (w *worker) tick(p *engine.Program, s *slot, f *fact) error {
	w.open.ticked = append(w.open.ticked, s.lead.ID)
	next := s.lead.NextDue()
	if f.due != s.due {
		w.open.write.Timer(s.part, s.lead.ID, f.due, 0)
	}
	if next == 0 || next > f.event.At {
		return nil
	}
	if err := w.decide(p, s, &f.event, f.since); err != nil {
		return err
	}
	if next = s.lead.NextDue(); next != 0 && next <= f.event.At {
		w.open.dues = append(w.open.dues, due{s.part, next}) // more than one decision runs: once more
	}
	return nil
}

// attempt asks leave for an action. When it is granted, the message is finished
// in the same transaction, once: whatever happens, later attempts send the same
// bytes.
func (w *worker) attempt(p *engine.Program, s *slot, f *fact) error {
	key := f.event.Action
	if err := w.decide(p, s, &f.event, f.since); err != nil {
		return err
	}
	j := judgement{key: key, granted: slices.Contains(w.fx.Granted, key)}
	if j.granted {
		var err error
		if j.request, j.granted, err = w.finish(p, s, key); err != nil {
			return err
		}
		if !j.granted {
			if err := w.unfinished(p, s, f); err != nil {
				return err
			}
		}
	}
	w.open.judged = append(w.open.judged, j)
	return nil
}
