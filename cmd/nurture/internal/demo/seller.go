package demo

import (
	"fmt"
	"time"
)

// The model sales person answers what it is handed as people do: most of it is
// taken up, some is sent back with a reason, a little is forgotten; of what is
// taken up, some becomes an opportunity, and some of that a deal.

// stance is how sales takes to somebody's mood.
type stance struct {
	accepts     float64
	rejects     float64 // of the rest nobody hears
	opportunity float64 // of those accepted
	wins        float64 // of the opportunities
}

var stances = [...]stance{
	cold: {accepts: 0.45, rejects: 0.45, opportunity: 0.1, wins: 0.2},
	warm: {accepts: 0.75, rejects: 0.18, opportunity: 0.35, wins: 0.35},
	hot:  {accepts: 0.92, rejects: 0.05, opportunity: 0.6, wins: 0.5},
}

// packetArrived is called when the desk has taken a packet, from any goroutine.
func (t *Town) packetArrived(k Packet) {
	if k.TossUp == "" {
		return
	}
	t.agenda.add(k.At, func(at time.Time) []event {
		if p := t.byID[k.User]; p != nil {
			t.handle(p, k, at)
		}
		return nil
	})
}

// handle decides when and how sales answers.
func (t *Town) handle(p *person, k Packet, at time.Time) {
	s := stances[p.mood]
	answered := t.o.Country.office().after(at, p.between(20*time.Minute, 4*time.Hour))
	switch share := p.chance.Float64(); {
	case share < s.accepts:
		t.agenda.add(answered, func(at time.Time) []event { return t.accept(p, k, at) })
	case share < s.accepts+s.rejects:
		reason := t.o.Country.refusals[p.chance.IntN(len(t.o.Country.refusals))]
		t.agenda.add(answered, func(at time.Time) []event {
			t.o.Desk.note(k.Key, Rejected, at, reason)
			return []event{p.track(at, "toss_up_rejected", map[string]any{"toss_up": k.TossUp, "reason": reason})}
		})
	}
}

func (t *Town) accept(p *person, k Packet, at time.Time) []event {
	t.o.Desk.note(k.Key, Accepted, at, "")
	s := stances[p.mood]
	if !p.owned && p.likely(s.opportunity) {
		p.owned = true
		t.agenda.add(t.o.Country.office().after(at, p.between(4*time.Hour, 24*time.Hour)), func(at time.Time) []event {
			return t.negotiate(p, k, at)
		})
	}
	return []event{p.track(at, "toss_up_accepted", map[string]any{"toss_up": k.TossUp})}
}

// negotiate opens an opportunity and decides how it will end. The worth follows
// from the size of the company.
func (t *Town) negotiate(p *person, k Packet, at time.Time) []event {
	amount := t.o.Country.unit * (24 + p.chance.IntN(40) + p.company.employees/8)
	worth := t.o.Country.money + thousands(amount)
	t.o.Desk.note(k.Key, Opportunity, at, worth)
	ends := t.o.Country.office().after(at, p.between(18*time.Hour, 72*time.Hour))
	if p.likely(stances[p.mood].wins) {
		t.agenda.add(ends, func(at time.Time) []event {
			t.o.Desk.note(k.Key, Won, at, worth)
			return []event{p.track(at, "deal_won", map[string]any{"amount": amount})}
		})
	} else {
		t.agenda.add(ends, func(at time.Time) []event {
			p.owned = false
			t.o.Desk.note(k.Key, Lost, at, worth)
			return nil
		})
	}
	return []event{p.track(at, "opportunity_created", map[string]any{"amount": amount})}
}

// thousands writes a number of money.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
