package runner

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/seed-456efde2/nurture/engine"
)

// depths counts the outbox rows there are, by channel and lane.
type depths struct {
	mu sync.Mutex
	n  map[string]*[engine.Lanes]int64
}

// of is a channel's counts. mu is held.
func (d *depths) of(channel string) *[engine.Lanes]int64 {
	n := d.n[channel]
	if n == nil {
		if d.n == nil {
			d.n = make(map[string]*[engine.Lanes]int64)
		}
		n = new([engine.Lanes]int64)
		d.n[channel] = n
	}
	return n
}

// change counts rows in and out.
func (d *depths) change(rows []row, gone []dropped) {
	if len(rows)+len(gone) == 0 {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := range rows {
		d.of(rows[i].channel)[rows[i].lane]++
	}
	for i := range gone {
		d.of(gone[i].channel)[gone[i].lane]--
	}
}

// channels are those that ever had a row.
func (d *depths) channels() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Collect(maps.Keys(d.n))
}

// channels is how every channel stands that was ever heard of, by name.
func (r *Runner) channels() []ChannelStatus {
	all := map[string]*ChannelStatus{}
	of := func(channel string) *ChannelStatus {
		if all[channel] == nil {
			all[channel] = &ChannelStatus{Channel: channel}
		}
		return all[channel]
	}
	r.depth.mu.Lock()
	for channel, n := range r.depth.n {
		of(channel).Outbox = *n
	}
	r.depth.mu.Unlock()
	r.dispatcher.mu.Lock()
	for channel, o := range r.dispatcher.outlets {
		s := of(channel)
		s.Outstanding, s.Sent, s.Failures = o.outstanding.Load(), o.sent.Load(), o.failures.Load()
		s.Away, s.Rests = engine.Time(o.breaker.away.Load()), o.breaker.rests.Load()
		for i := range o.answers {
			s.Answers[i] = o.answers[i].Load()
		}
	}
	r.dispatcher.mu.Unlock()
	list := make([]ChannelStatus, 0, len(all))
	for _, s := range all {
		list = append(list, *s)
	}
	slices.SortFunc(list, func(a, b ChannelStatus) int { return strings.Compare(a.Channel, b.Channel) })
	return list
}
