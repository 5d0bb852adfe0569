package runner

import (
	"strings"
	"time"

	"github.com/seed-456efde2/nurture/engine"
)

// What mailbox providers bear is counted by the domain of the recipient: one that
// accepts two mails a second must not be sent twenty, and must not hold up the
// others either. So a row whose domain has no token, or no room, is set aside, and
// what stands behind it goes on.

// domain is a domain of recipients, as far as one channel goes.
//
//  1. under is the number of attempts under way to it, counted by track and forget.
//  2. A row in parked is in no other place; l.parked of its lane counts it.
type domain struct {
	limit   DomainLimit
	tokens  bucket
	under   int
	parked  [engine.Lanes]queue[row]
	crowded bool // it has parked rows, and stands in the outlet's list of these
}

// maxParked is how many rows of one lane are set aside. Beyond, the lane waits: a
// domain that has as much before it holds up the others after all.
const maxParked = 16 * window

// joinDomain writes where an action goes as one text: an outbox row has it.
func joinDomain(channel, domain string) string {
	if domain == "" {
		return channel
	}
	return channel + "\x00" + domain
}

func splitDomain(place string) (channel, domain string) {
	channel, domain, _ = strings.Cut(place, "\x00")
	return channel, domain
}

// of is the bound that holds for a domain.
func (l *Limits) of(name string) DomainLimit {
	if limit, named := l.Domains[name]; named {
		return limit
	}
	return l.Domains["*"]
}

func (o *outlet) domain(name string, now time.Time) *domain {
	d := o.domains[name]
	if d == nil {
		limit := o.limits.of(name)
		d = &domain{limit: limit, tokens: newBucket(limit.Rate, burstOf(limit), now)}
		o.domains[name] = d
	}
	return d
}

// burstOf is how many may go to a rested domain at once: a second's worth.
func burstOf(limit DomainLimit) int { return max(1, int(limit.Rate)) }

// enter counts an attempt that begins (1) or ends (-1). A domain of which nothing
// is to be remembered is forgotten: there may be very many.
func (o *outlet) enter(name string, n int, now time.Time) {
	if name == "" {
		return
	}
	d := o.domain(name, now)
	d.under += n
	if d.under > 0 || d.crowded {
		return
	}
	if d.tokens.refill(now); d.limit.Rate <= 0 || d.tokens.tokens >= d.tokens.burst {
		delete(o.domains, name)
	}
}

// admits takes a token of the row's domain, or says how long one takes; where
// there is no room the end of an attempt calls.
func (o *outlet) admits(r *row, now time.Time, wait *time.Duration) bool {
	if r.domain == "" {
		return true
	}
	d := o.domain(r.domain, now)
	if d.limit.AtOnce > 0 && d.under >= d.limit.AtOnce {
		return false
	}
	token, ok := d.tokens.take(now)
	if !ok {
		*wait = sooner(*wait, token)
	}
	return ok
}

// token takes the channel's own token for a row that its domain has admitted.
func (o *outlet) token(r *row, now time.Time, wait *time.Duration) bool {
	token, ok := o.tokens.take(now)
	if !ok {
		*wait = sooner(*wait, token)
		o.refundDomain(r.domain)
	}
	return ok
}

// refundDomain returns the token of what did not go.
func (o *outlet) refundDomain(name string) {
	if d := o.domains[name]; d != nil {
		d.tokens.giveBack()
	}
}

// park sets a row aside until its domain has room.
func (o *outlet) park(r row) {
	d := o.domains[r.domain]
	d.parked[r.lane].push(r)
	o.lanes[r.lane].parked++
	if !d.crowded {
		d.crowded = true
		o.crowded = append(o.crowded, r.domain)
	}
}

// startParked starts what was set aside in a lane and may go now, each domain in
// its turn. It reports false when the channel has no token for anything.
func (d *dispatcher) startParked(o *outlet, lane engine.Lane, now time.Time, wait *time.Duration) (more bool, err error) {
	l := &o.lanes[lane]
	if l.parked == 0 {
		return true, nil
	}
	defer o.tidy()
	for i := range o.crowded {
		at := (o.turn + i) % len(o.crowded)
		q := &o.domains[o.crowded[at]].parked[lane]
		for q.len() > 0 {
			if o.full(lane) {
				o.turn = at
				return true, nil
			}
			r := q.front()
			if before := d.before(l, r); before != nil {
				before.then = append(before.then, q.pop())
				l.parked--
				continue
			}
			if !o.admits(r, now, wait) {
				break
			}
			if !o.token(r, now, wait) {
				o.turn = at
				return false, nil
			}
			l.parked--
			if err := d.begin(o, q.pop(), now); err != nil {
				return false, err
			}
		}
	}
	return true, nil
}

// tidy takes the domains that have nothing set aside any more off the list.
func (o *outlet) tidy() {
	kept := o.crowded[:0]
	for _, name := range o.crowded {
		d := o.domains[name]
		d.crowded = false
		for i := range d.parked {
			d.crowded = d.crowded || d.parked[i].len() > 0
		}
		if d.crowded {
			kept = append(kept, name)
		}
	}
	clear(o.crowded[len(kept):])
	o.crowded = kept
	if o.turn >= len(kept) {
		o.turn = 0
	}
}

// adoptDomains puts changed bounds in force.
func (o *outlet) adoptDomains(now time.Time) {
	for name, d := range o.domains {
		d.limit = o.limits.of(name)
		d.tokens.adopt(d.limit.Rate, burstOf(d.limit), now)
	}
}

// sooner is the shorter of two waits, of which 0 is none.
func sooner(a, b time.Duration) time.Duration {
	if a == 0 || b > 0 && b < a {
		return b
	}
	return a
}
