package engine

// A channel may be asked to keep order: a lead's actions through it are then done
// one after the other, as they were intended, each when the one before it is over,
// however often that has to be tried. What has not been tried yet and waits for
// hours or caps of its own holds nobody up: it has no place in the row yet.

// InOrder is the reason code of an action that waits for an earlier one.
const InOrder = "in_order"

// overtakes reports whether an action would overtake an earlier one of the same
// channel, where the channel keeps order.
func (f *Frame) overtakes(p *Pending) bool {
	if c := f.p.channel[p.Channel]; c == nil || !c.Ordered {
		return false
	}
	for i := range f.l.Acts.Pending {
		q := &f.l.Acts.Pending[i]
		if q.Key == p.Key {
			return false
		}
		if q.Channel == p.Channel && (q.State != Waiting || q.Attempts > 0) {
			return true
		}
	}
	return false
}

// nextInOrder brings what waits behind an action of a channel that keeps order,
// once that action is over or has left the row.
func (f *Frame) nextInOrder(channel string) {
	if c := f.p.channel[channel]; c == nil || !c.Ordered {
		return
	}
	for i := range f.l.Acts.Pending {
		q := &f.l.Acts.Pending[i]
		if q.Channel != channel {
			continue
		}
		if q.State != Waiting || q.Attempts > 0 {
			return // somebody is in front still
		}
		if !f.l.armed(TryDue, q.Key.String()) && !f.pausedPending(q) {
			f.bring(q)
			return
		}
	}
}
