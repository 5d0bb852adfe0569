package engine

import "slices"

// capRule is a cap as it is in force: the policy's, or one that a ruling has
// tightened.
type capRule struct {
	atMost int
	per    Span
	when   OnBlocked
}

// capsOf are the caps on a channel under a policy. A tightened cap stands beside
// the policy's own, so that the closer one decides.
func (f *Frame) capsOf(policy *PolicySpec, channel string) []capRule {
	f.caps = f.caps[:0]
	for i := range policy.Caps {
		if c := &policy.Caps[i]; c.Channel == channel {
			f.caps = append(f.caps, capRule{c.AtMost, c.Per, c.When})
		}
	}
	if f.p.rulings == nil {
		return f.caps
	}
	own := len(f.caps)
	for i := range f.p.rulings.Tightens {
		t := &f.p.rulings.Tightens[i]
		if t.Policy != policy.Name || t.Channel != channel && (t.Channel != "" || own == 0) {
			continue
		}
		when := policy.WhenCapped
		if own > 0 {
			when = f.caps[0].when
		}
		f.caps = append(f.caps, capRule{t.AtMost, t.Per, when})
	}
	return f.caps
}

// capWindow is how long hand-overs through a channel are remembered.
func (f *Frame) capWindow(channel string) Span {
	window := f.p.windows[channel]
	if f.p.rulings != nil {
		for i := range f.p.rulings.Tightens {
			if t := &f.p.rulings.Tightens[i]; t.Channel == channel || t.Channel == "" {
				window = max(window, t.Per)
			}
		}
	}
	return window
}

// untilLifted is the instant of a message that waits for a ruling, not for a time.
const untilLifted Time = -1

// blockedByCaps says when a cap has room for a message again. Where it has, but
// for no more than the messages of higher priority that would go now as well, they
// go first.
func (f *Frame) blockedByCaps(p *Pending, policy *PolicySpec) (until Time, code string, then OnBlocked) {
	ahead := -1
	for _, c := range f.capsOf(policy, p.Channel) {
		var sent []Time
		if t := f.l.tally(p.Channel); t != nil {
			sent = t.Recent[:countUntil(t.Recent, f.wall)]
		}
		n := within(sent, f.wall, c.per)
		switch {
		case c.atMost <= 0:
			return untilLifted, Capped, c.when
		case n >= c.atMost:
			return sent[len(sent)-c.atMost].Add(c.per), Capped, c.when
		}
		if ahead < 0 {
			ahead = f.ahead(p)
		}
		if n+ahead < c.atMost {
			continue
		}
		if i := len(sent) + ahead - c.atMost; ahead < c.atMost && i < len(sent) {
			return sent[i].Add(c.per), Outranked, Postpone
		}
		return f.wall.Add(c.per), Outranked, Postpone
	}
	return 0, "", Postpone
}

// countUntil is how many of ascending instants are not after now.
func countUntil(times []Time, now Time) int {
	n := len(times)
	for n > 0 && times[n-1] > now {
		n--
	}
	return n
}

// ahead counts the messages of higher priority through the same channel that
// would go now.
func (f *Frame) ahead(p *Pending) int {
	n := 0
	for i := range f.l.Acts.Pending {
		q := &f.l.Acts.Pending[i]
		if q.Channel != p.Channel || q.Priority <= p.Priority || q.Key == p.Key {
			continue
		}
		if q.State != Ready && !(q.State == Waiting && f.backBy(q, f.wall)) {
			continue
		}
		s := f.sendOf(q)
		if s == nil || s.Transactional || f.pausedPending(q) {
			continue
		}
		if code, _ := f.forbidden(s); code != "" {
			continue
		}
		if _, code, _ := f.blockedByHours(q, s, f.p.policy[s.Policy]); code == "" {
			n++
		}
	}
	return n
}

// backBy reports whether a waiting message comes back at or before an instant.
func (f *Frame) backBy(q *Pending, at Time) bool {
	ref := q.Key.String()
	return slices.ContainsFunc(f.l.Timers, func(t Timer) bool { return t.Kind == TryDue && t.Ref == ref && t.Due <= at })
}

// roomAgain brings back what waited for a message that has not gone after all, or
// gave its place under the cap back.
func (f *Frame) roomAgain(channel string, but ActionKey) {
	for i := range f.l.Acts.Pending {
		q := &f.l.Acts.Pending[i]
		if q.Channel != channel || q.State != Waiting || q.Key == but || q.Attempts > 0 {
			continue
		}
		s := f.sendOf(q)
		if s == nil || s.Transactional || !f.capped(s) || f.pausedPending(q) {
			continue
		}
		if _, code, _ := f.blocked(q, s); code == "" {
			f.bring(q)
		}
	}
}

// capped reports whether a cap bounds the step's messages.
func (f *Frame) capped(s *SendSpec) bool {
	policy := f.p.policy[s.Policy]
	return f.wishes(s) || policy != nil && len(f.capsOf(policy.spec, s.Channel)) > 0
}

// bring puts a waiting message back into the outbox.
func (f *Frame) bring(q *Pending) {
	f.l.disarm(TryDue, q.Key.String())
	q.State = Ready
	f.fx.Ready = append(f.fx.Ready, q.Key)
}
