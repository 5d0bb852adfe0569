package kpi

import "strings"

// Cause is the likely reason why a figure is bad: what it is that people do less
// often, or more often, than they should, and so where to repair. Low opens are
// repaired in the subject and the time, low clicks in the body, low conversion in
// the offer.
type Cause string

// The causes.
const (
	Unknown      Cause = ""
	Opening      Cause = "opens"        // subject, sender, time
	Clicking     Cause = "clicks"       // body, call to action
	Converting   Cause = "conversion"   // offer, landing page, form
	Leaving      Cause = "unsubscribes" // frequency, segment, expectation
	Bouncing     Cause = "bounces"      // list, sender's reputation
	Replying     Cause = "replies"      // question, sender
	HandingOver  Cause = "toss_up"      // threshold, fit, timing
	Following    Cause = "follow_up"    // sales' capacity and clock
	ReachingFew  Cause = "reach"        // consent, addresses
	GettingFew   Cause = "approach"     // sources
	WinningOften Cause = "winning"      // offer and follow-up after the opportunity
)

// CauseOf tells where a figure is repaired, from the events and figures that it is
// made of: the numerator of a rate, what is counted, what a formula reads first.
func CauseOf(what string) Cause {
	what = strings.ToLower(what)
	for _, sign := range [...]struct {
		cause Cause
		words []string
	}{
		{Leaving, []string{"unsubscribe", "complain"}},
		{Bouncing, []string{"bounce"}},
		{ReachingFew, []string{"reachable", "delivered", "consent"}},
		{Following, []string{".accepted", ".expired", "_accepted", "_expired"}},
		{HandingOver, []string{".succeeded", ".opportunities", ".rejected", "_rejected", ".won", "toss_up"}},
		{WinningOften, []string{"won", "deal", "contract"}},
		{Opening, []string{"open"}},
		{Clicking, []string{"click"}},
		{Replying, []string{"repl"}},
		{Converting, []string{"form", "inquir", "request", "download", "appointment", "opportunit", "register", "join", "submit", "trial", "book"}},
		{GettingFew, []string{"page_viewed", "visit", "scan", "card", "lead"}},
	} {
		for _, word := range sign.words {
			if strings.Contains(what, word) {
				return sign.cause
			}
		}
	}
	return Unknown
}
