package runner

import (
	"errors"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/store"
)

// survey counts the outbox rows that an earlier life of this process left, and
// makes the dispatcher read them back as there is room.
func (d *dispatcher) survey() error {
	d.born = make([][engine.Lanes]uint64, d.r.partitions)
	var rows int64
	for part := range d.born {
		d.born[part] = d.r.store.Anchor(part).OutboxTail
		for lane := range engine.Lane(engine.Lanes) {
			err := d.r.store.Outbox(part, lane, 0, 0, func(_ uint64, _ engine.LeadID, _ engine.ActionKey, place string) error {
				rows++
				channel, _ := splitDomain(place)
				d.r.depth.of(channel)[lane]++
				d.outlet(channel).lanes[lane].behind = true
				return nil
			})
			if err != nil {
				return err
			}
		}
	}
	d.r.load.rows.Add(rows)
	return nil
}

// refill reads rows of a channel's lane back from disk until the window is full
// or there are no more. Every partition has its turn at being the first.
func (d *dispatcher) refill(o *outlet, lane engine.Lane) error {
	l := &o.lanes[lane]
	for range d.r.partitions {
		part := l.part
		err := d.r.store.Outbox(part, lane, l.next[part], 0, func(seq uint64, lead engine.LeadID, key engine.ActionKey, place string) error {
			channel, domain := splitDomain(place)
			if channel != o.channel {
				l.next[part] = seq + 1
				return nil
			}
			if l.waiting.len() >= window {
				return store.ErrStop
			}
			l.next[part] = seq + 1
			l.waiting.push(row{part: part, lane: lane, seq: seq, lead: lead, key: key, channel: channel, domain: domain})
			return nil
		})
		if err != nil {
			return err
		}
		if l.waiting.len() >= window {
			return nil
		}
		l.part = (part + 1) % d.r.partitions
	}
	l.behind = false
	return nil
}

// resume takes up an action of an earlier life. When it had leave, an attempt may
// have been made whose answer was lost: the receiver of a keyed channel is sent
// the same message under the same key once more; of any other channel the
// outcome is unknown, and the engine decides what that means. It reports false
// when the action is merely ready and asks for leave like any other.
func (d *dispatcher) resume(a *attempt) (bool, error) {
	var lead engine.Lead
	found, err := d.r.store.Lead(a.row.lead, &lead)
	if err != nil {
		return false, err
	}
	pending := lead.PendingAction(a.row.key)
	if !found || pending == nil || pending.State != engine.Granted || pending.Seq != a.row.seq {
		return false, nil
	}
	a.number = int(pending.Attempts)
	d.track(a)
	program := d.r.program.Load()
	if !keyed(program, a.row.channel) {
		d.settle(a, engine.Receipt{Outcome: engine.Unknown, Code: "crash", Detail: "the server stopped before the answer came"})
		return true, nil
	}
	q, err := d.r.storedRequest(a.row.part, program.Request(&lead, pending))
	switch {
	case errors.Is(err, errNoBody):
		d.settle(a, engine.Receipt{Outcome: engine.Refused, Code: "render_failed", Detail: "the message was not kept"})
		return true, nil
	case err != nil:
		return false, err
	}
	a.state = granted
	o := a.outlet
	o.granted[a.row.lane].push(q)
	return true, nil
}

// keyed reports whether the receiver behind a channel honours keys.
func keyed(p *engine.Program, channel string) bool {
	for i := range p.Spec().Channels {
		if c := &p.Spec().Channels[i]; c.Name == channel {
			return c.Keyed
		}
	}
	return false
}
