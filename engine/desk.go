package engine

import (
	"cmp"
	"slices"
	"time"

	"github.com/seed-456efde2/nurture/engine/calendar"
)

// A toss-up with a capacity goes by the desk of the one who would get it. A lead
// whose condition has come true is a candidate; its desk gives it its turn when
// there is room, and only then is it offered:
//
//	lead: candidate ── want ──▶ desk ── turn ──▶ lead: offered, or back
//
// The turn is judged again by the lead, because its condition may have fallen
// while it waited: then it gives the place back and drops out.

// Desk is what one owner in sales can take: the places that are taken, and who
// waits for one.
//
//  1. A lead waits at most once for one toss-up, under the id of its candidacy.
//  2. Of a toss-up with a capacity no more places are taken than its rule allows,
//     but for inquiries, which go at once and take a place all the same.
//  3. While somebody waits for a place that time will free, the timer SlotDue is
//     armed for that instant.
//  4. A desk lives on wall time.
type Desk struct {
	Taken []Turn
	Queue []Candidate
}

// Turn is one place of a desk's day, and who has it.
type Turn struct {
	TossUp string
	Act    ActionKey // id of the hand-over that has it
	At     Time      // wall time
}

// Candidate is a lead that waits for its turn.
type Candidate struct {
	TossUp string
	Lead   LeadID
	Act    ActionKey // id of its candidacy
	Rank   float64   // value of the score that orders the queue
	AsOf   Time      // instant of that value; a score that fades is compared as it has faded
	Asked  Time      // wall time since which it waits
}

// What leads ask a desk, and what it tells them.
const (
	deskWant  = "want"  // a place, by score
	deskTook  = "took"  // an inquiry has taken one
	deskRank  = "rank"  // the score of who waits has changed
	deskLeave = "leave" // who waited does not any more
	deskBack  = "back"  // the turn came, and the condition did not hold
	deskTurn  = "turn"  // desk to lead: a place is yours
)

// desk decides a fact about a desk: it notes what is asked, and gives the places
// that are free to those who stand first.
func (f *Frame) desk(e *Event, fresh bool) {
	d := f.l.Desk
	tossUp, _ := Lookup(e.Fields, "toss_up")
	switch {
	case e.Kind == Tick:
		f.l.disarm(SlotDue, "")
	case e.Name == deskWant:
		rank, _ := Lookup(e.Fields, "rank")
		d.leave(e.Action)
		d.Queue = append(d.Queue, Candidate{tossUp.Text(), e.Other, e.Action, rank.Number(), e.At, e.Received})
		f.decide(Decision{Kind: Queued, At: e.Received, Subject: tossUp.Text(), Detail: e.Other.String(), Action: e.Action, Points: rank.Number()})
	case e.Name == deskTook:
		d.Taken = append(d.Taken, Turn{tossUp.Text(), e.Action, e.Received})
	case e.Name == deskRank:
		rank, _ := Lookup(e.Fields, "rank")
		if c := d.candidate(e.Action); c != nil {
			c.Rank, c.AsOf, c.Lead = rank.Number(), e.At, e.Other
		}
	case e.Name == deskLeave:
		d.leave(e.Action)
	case e.Name == deskBack:
		d.Taken = slices.DeleteFunc(d.Taken, func(p Turn) bool { return p.Act == e.Action })
	}
	if fresh || len(d.Queue) > 0 {
		f.serve(e)
	}
}

func (d *Desk) candidate(act ActionKey) *Candidate {
	for i := range d.Queue {
		if d.Queue[i].Act == act {
			return &d.Queue[i]
		}
	}
	return nil
}

func (d *Desk) leave(act ActionKey) {
	d.Queue = slices.DeleteFunc(d.Queue, func(c Candidate) bool { return c.Act == act })
}

// serve gives free places to who waits, the highest score first, and sees that the
// desk wakes when the next one is freed.
func (f *Frame) serve(e *Event) {
	d := f.l.Desk
	wall := e.Received
	var next Time
	for _, tossUp := range d.waiting() {
		limit, order := f.p.capacityOf(tossUp)
		for _, room := f.room(tossUp, limit, wall); room > 0; room-- {
			at := f.first(tossUp, order, wall)
			if at < 0 {
				break
			}
			c := d.Queue[at]
			d.Queue = slices.Delete(d.Queue, at, at+1)
			if limit != nil {
				d.Taken = append(d.Taken, Turn{tossUp, c.Act, wall})
			}
			f.decide(Decision{Kind: Turned, At: wall, Subject: tossUp, Detail: c.Lead.String(), Action: c.Act})
			f.tell(c.Lead, deskTurn, c.Act, e, Field{"toss_up", TextValue(tossUp)})
		}
		if free, _ := f.room(tossUp, limit, wall); free != 0 && (next == 0 || free < next) && f.first(tossUp, order, wall) >= 0 {
			next = free
		}
	}
	f.l.disarm(SlotDue, "")
	if next != 0 {
		f.l.arm(SlotDue, "", next)
	}
}

// waiting are the toss-ups for which somebody waits.
func (d *Desk) waiting() []string {
	var names []string
	for i := range d.Queue {
		if !slices.Contains(names, d.Queue[i].TossUp) {
			names = append(names, d.Queue[i].TossUp)
		}
	}
	return names
}

// room forgets the places that time has freed, and tells how many there are and
// when the next of those taken will be free. A rule without a capacity, or one
// that is gone, has room for all: whom it does not concern any more drops out.
func (f *Frame) room(tossUp string, limit *CapacitySpec, wall Time) (next Time, room int) {
	d := f.l.Desk
	if limit == nil {
		return 0, len(d.Queue)
	}
	taken := 0
	d.Taken = slices.DeleteFunc(d.Taken, func(p Turn) bool {
		if p.TossUp != tossUp {
			return false
		}
		free := limit.frees(p.At, f.p)
		if free <= wall {
			return true
		}
		taken++
		if next == 0 || free < next {
			next = free
		}
		return false
	})
	if limit.AtMost <= 0 {
		return 0, 0
	}
	return next, limit.AtMost - taken
}

// first is the place in the queue of who comes next: the greatest score as it has
// faded by now, then who has waited longest, then the order of ids.
func (f *Frame) first(tossUp, order string, wall Time) int {
	d := f.l.Desk
	best := -1
	for i := range d.Queue {
		if d.Queue[i].TossUp != tossUp {
			continue
		}
		if best < 0 || f.compareRank(&d.Queue[i], &d.Queue[best], order, wall) < 0 {
			best = i
		}
	}
	return best
}

func (f *Frame) compareRank(a, b *Candidate, order string, wall Time) int {
	return cmp.Or(
		-cmp.Compare(f.rankNow(a, order, wall), f.rankNow(b, order, wall)),
		cmp.Compare(a.Asked, b.Asked),
		cmp.Compare(string(a.Lead[:]), string(b.Lead[:])),
	)
}

// rankNow is the score of who waits as it has faded since the desk heard of it.
func (f *Frame) rankNow(c *Candidate, order string, wall Time) float64 {
	i, ok := f.p.score[order]
	if !ok {
		return c.Rank
	}
	return faded(c.Rank, wall.Sub(c.AsOf), f.p.scores[i].spec.HalfLife)
}

// frees is when a place that was taken is free again: by business days, when work
// begins on the day that many business days later; else after the length of time.
func (c *CapacitySpec) frees(at Time, p *Program) Time {
	local := at.In(p.spec.Zone)
	after := c.Per.After(local, p.spec.Calendar)
	if c.Per.BusinessDays == 0 {
		return TimeOf(after)
	}
	y, m, d := after.Date()
	midnight := time.Date(y, m, d, 0, 0, 0, 0, after.Location())
	if opening, ok := calendar.NextOpening(midnight, p.spec.Calendar); ok {
		return TimeOf(opening)
	}
	return TimeOf(midnight)
}

// capacityOf is a toss-up's capacity, nil where it has none, and the score by which
// its queue stands.
func (p *Program) capacityOf(tossUp string) (limit *CapacitySpec, order string) {
	if i, ok := p.tossUp[tossUp]; ok {
		return p.tossUps[i].spec.Capacity, p.tossUps[i].order
	}
	if p.canary != nil {
		return p.canary.capacityOf(tossUp)
	}
	return nil, ""
}

func putDesk(b []byte, d *Desk) []byte {
	b = putUint(b, uint64(len(d.Taken)))
	for i := range d.Taken {
		p := &d.Taken[i]
		b = append(putText(b, p.TossUp), p.Act[:]...)
		b = putTime(b, p.At)
	}
	b = putUint(b, uint64(len(d.Queue)))
	for i := range d.Queue {
		c := &d.Queue[i]
		b = append(putText(b, c.TossUp), c.Lead[:]...)
		b = append(b, c.Act[:]...)
		b = putTime(putTime(putFloat(b, c.Rank), c.AsOf), c.Asked)
	}
	return b
}

func (r *reader) desk() *Desk {
	d := &Desk{}
	d.Taken = list(r, d.Taken)
	for i := range d.Taken {
		d.Taken[i] = Turn{r.text(""), r.key(), r.time()}
	}
	d.Queue = list(r, d.Queue)
	for i := range d.Queue {
		d.Queue[i] = Candidate{r.text(""), LeadID(r.key()), r.key(), r.float(), r.time(), r.time()}
	}
	return d
}
