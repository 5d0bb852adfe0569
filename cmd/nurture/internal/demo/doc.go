// Package demo is the world around a server that has none yet: a mailbox that
// takes the mails it sends, a sales desk that takes the leads it hands over, and
// a town of people who request documents, read mails, look at prices and answer.
// `nurture dev` shows the product with it, on one machine and without reaching
// anybody.
//
// The package knows nothing of the engine. It meets the server as the outside
// does: the town posts events over HTTP as any Segment-compatible client, mails
// come in over SMTP, hand-overs as signed webhooks. What the town does follows
// from a seed and from the clock it is given; two towns with the same seed do the
// same.
//
// Everybody in it is made up, and every address is under example.jp, example.com or
// example.net, which nobody can own.
package demo

import "time"

// Clock is where time is read and waited for; the runner's will do.
type Clock interface {
	Now() time.Time
	// At gives a channel that receives, once, when the clock shows t or later, and
	// a function that gives the wait up.
	At(t time.Time) (fired <-chan time.Time, stop func())
}
