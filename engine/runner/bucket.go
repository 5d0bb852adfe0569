package runner

import "time"

// bucket hands out tokens at an even rate and keeps at most burst of them. One
// goroutine owns it. A rate of 0 is no limit at all.
type bucket struct {
	rate   float64 // tokens a second
	burst  float64
	tokens float64
	asOf   time.Time
}

func newBucket(rate float64, burst int, now time.Time) bucket {
	b := bucket{rate: rate, burst: max(1, float64(burst)), asOf: now}
	b.tokens = b.burst
	return b
}

// adopt keeps the tokens at hand while the limits change under them.
func (b *bucket) adopt(rate float64, burst int, now time.Time) {
	b.refill(now)
	b.rate, b.burst = rate, max(1, float64(burst))
	b.tokens = min(b.tokens, b.burst)
}

func (b *bucket) refill(now time.Time) {
	if passed := now.Sub(b.asOf); passed > 0 {
		b.tokens = min(b.burst, b.tokens+b.rate*passed.Seconds())
		b.asOf = now
	}
}

// take removes one token, or says how long it takes until there is one.
func (b *bucket) take(now time.Time) (wait time.Duration, ok bool) {
	if b.rate <= 0 {
		return 0, true
	}
	b.refill(now)
	if b.tokens >= 1 {
		b.tokens--
		return 0, true
	}
	seconds := (1 - b.tokens) / b.rate
	return time.Duration(seconds*float64(time.Second)) + time.Microsecond, false
}

// giveBack returns the token of an action that was not permitted to go.
func (b *bucket) giveBack() {
	if b.rate > 0 {
		b.tokens = min(b.burst, b.tokens+1)
	}
}
