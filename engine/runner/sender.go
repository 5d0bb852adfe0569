package runner

import (
	"context"

	"github.com/seed-456efde2/nurture/engine"
)

// Sender performs actions: the way out. The plugin host is one.
type Sender interface {
	// Send hands over attempts of one channel, each with its finished parts, and
	// returns when they are taken over, which may be before they are done. For
	// each request that it took, report is called once, then or later, from any
	// goroutine. An error means that what has not been reported was not done and
	// will not be. Send returns soon after ctx ends.
	//
	// A channel may be handed a key that it has had already, after a crash: it
	// must do it once. The requests may be kept, not changed.
	Send(ctx context.Context, requests []engine.Request, report func(engine.Receipt)) error
}

// Limits bounds what a channel is given. The zero Limits work.
type Limits struct {
	// Rate is how many attempts a second may go. Default: no limit.
	Rate float64
	// Burst is how many may go at once when the channel has rested. Default: one
	// second's worth, at least 1.
	Burst int
	// Outstanding is how many attempts may be under way, from asking leave until
	// the answer is durable. An eighth of it is kept for toss-ups. Default: 512.
	Outstanding int
	// Batch is how many requests one Send carries at most. Default: 100.
	Batch int
	// Parallel is how many Sends may run at once. Default: 4.
	Parallel int
	// Domains bounds what goes to the addresses of one domain; "*" is each that is
	// not named. It holds where the channel's ChannelSpec says Domains. Default: no
	// bounds.
	Domains map[string]DomainLimit
}

// DomainLimit bounds what goes to one domain of recipients. The zero DomainLimit
// has no bound.
type DomainLimit struct {
	Rate   float64 // attempts a second
	AtOnce int     // under way
}

func (l Limits) withDefaults() Limits {
	if l.Burst <= 0 {
		l.Burst = max(1, int(l.Rate))
	}
	if l.Outstanding <= 0 {
		l.Outstanding = 512
	}
	if l.Batch <= 0 {
		l.Batch = 100
	}
	if l.Parallel <= 0 {
		l.Parallel = 4
	}
	return l
}

// room is how many attempts may be under way before a lane must wait: what is
// less urgent than a toss-up leaves an eighth free.
func (l Limits) room(lane engine.Lane) int {
	if lane == engine.LaneTossUp {
		return l.Outstanding
	}
	return max(1, l.Outstanding-(l.Outstanding+7)/8)
}
