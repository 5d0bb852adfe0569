package runner

import (
	"strings"
	"sync/atomic"
	"time"

	"github.com/seed-456efde2/nurture/engine"
)

// A service that is away answers nobody. To ask it for each of ten thousand
// messages would use up their tries and greet it, when it comes back, with all of
// them at once. So after some failures in a row a channel rests: nothing new is
// begun, what waits stays in the outbox, in its order. Then one action tries whether
// the service is back: the least urgent there is, because after a failure it has to
// wait for its next try, and a toss-up shall be there when the service is. If it
// is, everything goes on, toss-ups first; if not, the next rest is longer.
//
// The rests are of minutes at most. What a service asks for by itself
// (Retry-After, a quota of the month) is each action's own wait, a durable timer.

// The rests of a channel whose service is away.
const (
	breakAfter = 10 // failures in a row
	restMin    = 5 * time.Second
	restMax    = time.Minute
)

// breaker watches one channel's answers. The dispatcher's goroutine owns it, but
// for what Status reads.
//
//  1. rest is 0 while the service answers; else it is the length of the present
//     rest, which ends at until.
//  2. testing is set only after a rest, and only while probe is under way.
type breaker struct {
	failures int // in a row
	rest     time.Duration
	until    time.Time
	testing  bool
	probe    engine.ActionKey

	away  atomic.Int64 // since when, in milliseconds since 1970; 0: the service answers
	rests atomic.Uint64
}

// resting says how long nothing may begin yet.
func (b *breaker) resting(now time.Time) time.Duration {
	if b.rest == 0 {
		return 0
	}
	return max(0, b.until.Sub(now))
}

// admits reports whether an action may begin: after a rest one at a time.
func (b *breaker) admits() bool { return b.rest == 0 || !b.testing }

// begun takes the first action after a rest for the one that tries.
func (b *breaker) begun(key engine.ActionKey) {
	if b.rest != 0 {
		b.testing, b.probe = true, key
	}
}

// over lets the next action try when the one that did is over.
func (b *breaker) over(key engine.ActionKey) {
	if b.testing && b.probe == key {
		b.testing = false
	}
}

// learn takes an answer. What was under way when the rest began does not make it
// longer.
func (b *breaker) learn(key engine.ActionKey, r *engine.Receipt, now time.Time) {
	switch verdictOn(r) {
	case serviceAnswers:
		b.failures, b.rest = 0, 0
		b.away.Store(0)
	case serviceAway:
		b.failures++
		switch {
		case b.rest == 0 && b.failures >= breakAfter:
			b.away.Store(now.UnixMilli())
			b.take(restMin, r.RetryAfter, now)
		case b.rest != 0 && b.testing && b.probe == key:
			b.take(min(2*b.rest, restMax), r.RetryAfter, now)
		}
	}
}

// take begins a rest. A service that says how long it will be away is believed
// within bounds.
func (b *breaker) take(rest, asked time.Duration, now time.Time) {
	b.rest = max(rest, min(asked, restMax))
	b.until = now.Add(b.rest)
	b.rests.Add(1)
}

// serviceVerdict is what an answer says about the service as a whole.
type serviceVerdict uint8

const (
	saysNothing serviceVerdict = iota
	serviceAnswers
	serviceAway
)

// awayCodes are the codes of an answer that is none: nobody was reached, or only
// to hear that nothing can be done for anybody. So is every code that begins with
// "http_5". A recipient's own trouble has other codes.
var awayCodes = map[string]bool{
	"network": true, "timeout": true, "unavailable": true, "http_429": true, "no_receipt": true,
	"plugin_down": true, "plugin_crashed": true, "plugin_timeout": true,
	"smtp_connect": true, "smtp_connection": true, "smtp_421": true, "smtp_no_answer": true,
}

// ownCodes are of our making: they tell nothing about the service.
var ownCodes = map[string]bool{"stopping": true, "host_stopping": true, "queue_full": true, "not_granted": true, "given_up": true}

func verdictOn(r *engine.Receipt) serviceVerdict {
	switch {
	case r.Outcome == engine.Done || r.Outcome == engine.Refused:
		return serviceAnswers
	case awayCodes[r.Code] || strings.HasPrefix(r.Code, "http_5"):
		return serviceAway
	case ownCodes[r.Code]:
		return saysNothing
	}
	return serviceAnswers
}
