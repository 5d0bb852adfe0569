package kpi

import (
	"fmt"
	"math"
)

// Guard is a figure that must not pass its limit while something is tried out:
// "unsubscribed > 1%" speaks when more than one in a hundred unsubscribe.
type Guard struct {
	What  string  // the figure: "unsubscribed"
	Below bool    // whether it speaks below the limit ("delivered < 95%") instead of above
	Limit float64 // between 0 and 1
}

// GuardState says what is known of a guarded figure.
type GuardState uint8

// What may be known.
const (
	GuardOpen  GuardState = iota // not enough data: it may lie on either side
	GuardFired                   // the figure is beyond its limit
	GuardHeld                    // the figure is within its limit
)

var guardNames = [...]string{"open", "fired", "held"}

// String is the state's name, which is stable.
func (s GuardState) String() string {
	if int(s) >= len(guardNames) {
		return fmt.Sprintf("guard state %d", s)
	}
	return guardNames[s]
}

func (g Guard) check() error {
	return checkShare("limit of guard "+g.What, g.Limit)
}

// Judge says on which side of its limit a figure is, being at least as sure as asked.
// It may be asked at any time: over all looks there will ever be, a figure within its
// limit fires with a probability of at most 1 − sure, and one beyond it is called held
// with no more. A single complaint among three people fires nothing.
//
// The evidence against "rate ≤ limit" is what a mixture of bets t > 0 makes of one coin
// when each trial multiplies it by 1 + t·(y − limit); it fires at 1/(1 − sure). Against
// "rate ≥ limit" it is the same with the outcomes turned over. This is an upper or
// lower end of a confidence sequence: I. Waudby-Smith and A. Ramdas, "Estimating means
// of bounded random variables by betting", JRSS B 86 (2024); fixed finite mixtures of
// bets are exact for any count and any limit.
func (g Guard) Judge(r Rate, sure float64) (GuardState, error) {
	if err := (Arm{Rate: r}).check(); err != nil {
		return GuardOpen, fmt.Errorf("judge guard %s: %w", g.What, err)
	}
	if err := g.check(); err != nil {
		return GuardOpen, fmt.Errorf("judge guard %s: %w", g.What, err)
	}
	if err := checkShare("sure", sure); err != nil {
		return GuardOpen, fmt.Errorf("judge guard %s: %w", g.What, err)
	}
	enough := -math.Log(1 - sure)
	kept := g
	kept.Below = !g.Below
	switch {
	case g.fires(r, enough):
		return GuardFired, nil
	case kept.fires(r, enough):
		return GuardHeld, nil
	}
	return GuardOpen, nil
}

// fires reports whether the evidence that the rate is beyond the limit reaches enough.
func (g Guard) fires(r Rate, enough float64) bool {
	yes, no, limit := float64(r.N), float64(r.Of-r.N), g.Limit
	if g.Below {
		yes, no, limit = no, yes, 1-limit
	}
	return exceeds(yes, no, limit) >= enough
}

// exceeds is the logarithm of the evidence against a rate of limit or less. The bets
// are for rates whose odds are a multiple of the limit's.
func exceeds(yes, no, limit float64) float64 {
	sum := newLogSum()
	for _, times := range [...]float64{1.1, 1.2, 1.35, 1.6, 2, 3, 5, 10, 100} {
		odds := times * limit / (1 - limit)
		rate := odds / (1 + odds)
		sum.add(1.0/9, yes*math.Log(rate/limit)+no*math.Log((1-rate)/(1-limit)))
	}
	return sum.log()
}
