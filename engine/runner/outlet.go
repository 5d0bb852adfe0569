package runner

import (
	"sync/atomic"
	"time"

	"github.com/seed-456efde2/nurture/engine"
)

// window is how many outbox rows of one channel and lane are kept in memory. The
// rest stays on disk.
const window = 4096

// row is an outbox row that has become durable, or one that was read back.
type row struct {
	part    int
	lane    engine.Lane
	seq     uint64
	lead    engine.LeadID
	key     engine.ActionKey
	channel string
	domain  string    // of the recipient, "" where the channel has no bounds for domains
	at      time.Time // when its cause came in; zero for one that was read back
}

// outlet is the dispatcher's side of one channel: what waits for it by lane, and
// what is under way. The dispatcher's goroutine owns it; the counters are read
// by Status.
type outlet struct {
	channel string
	limits  Limits
	tokens  bucket
	lanes   [engine.Lanes]lane
	granted [engine.Lanes]queue[engine.Request] // durable leave, not handed over
	domains map[string]*domain                  // of recipients that were met
	crowded []string                            // those with parked rows
	turn    int                                 // the one of crowded that begins
	under   int                                 // attempts under way
	sending int                                 // Sends under way
	breaker breaker

	outstanding atomic.Int64
	sent        atomic.Uint64
	answers     [5]atomic.Uint64 // by engine.Outcome
	failures    atomic.Uint64    // Sends that returned an error
}

// lane is the queue of one channel and lane: the oldest rows in memory, and where
// on disk the others begin.
//
//  1. Rows at or behind next[partition] are not in waiting and were never taken
//     from it.
//  2. When behind is not set, there are no durable rows at or behind next but
//     those on their way in the dispatcher's mail.
//  3. Rows that were set aside for their domains count as taken from waiting.
//  4. A lead has at most one attempt under way; its later actions follow it one by
//     one, so that a lead's messages keep their order.
type lane struct {
	waiting queue[row]
	parked  int // rows that are set aside for their domains
	busy    map[engine.LeadID]*attempt
	behind  bool
	next    []uint64 // by partition
	part    int      // partition that the next refill begins with
}

func newOutlet(channel string, partitions int, limits Limits, now time.Time) *outlet {
	o := &outlet{
		channel: channel, limits: limits, tokens: newBucket(limits.Rate, limits.Burst, now),
		domains: map[string]*domain{},
	}
	for i := range o.lanes {
		o.lanes[i].next = make([]uint64, partitions)
		o.lanes[i].busy = make(map[engine.LeadID]*attempt)
	}
	return o
}

// offer takes a row that has just become durable. It stays on disk when rows
// before it do, or when the window is full.
func (l *lane) offer(r row) {
	if l.behind || r.seq < l.next[r.part] {
		return
	}
	if l.waiting.len() >= window {
		l.behind = true
		return
	}
	l.next[r.part] = r.seq + 1
	l.waiting.push(r)
}

// turnOf is the lane that has the turn of that number.
func (o *outlet) turnOf(n engine.Lane) engine.Lane {
	if o.breaker.rest != 0 {
		return engine.Lanes - 1 - n
	}
	return n
}

// full reports whether nothing more of a lane may begin.
func (o *outlet) full(lane engine.Lane) bool {
	return o.under >= o.limits.room(lane) || !o.breaker.admits()
}

// hungry reports whether rows should be read back.
func (l *lane) hungry() bool { return l.behind && l.waiting.len() < window/2 }

// grantedCount is how many requests wait to be handed over.
func (o *outlet) grantedCount() int {
	n := 0
	for i := range o.granted {
		n += o.granted[i].len()
	}
	return n
}

// maySend reports whether there is something to hand over and a Send free for
// it. Toss-ups have one Send more than the rest, so that they do not wait behind
// slow ones.
func (o *outlet) maySend() bool {
	if o.granted[engine.LaneTossUp].len() > 0 {
		return o.sending <= o.limits.Parallel
	}
	return o.sending < o.limits.Parallel && o.grantedCount() > 0
}

// take removes the next requests to hand over in one Send, most urgent first.
func (o *outlet) take() []engine.Request {
	requests := make([]engine.Request, 0, min(o.limits.Batch, o.grantedCount()))
	for i := range o.granted {
		for o.granted[i].len() > 0 && len(requests) < o.limits.Batch {
			requests = append(requests, o.granted[i].pop())
		}
	}
	return requests
}
