package main

import "strings"

// HandOver is the score at which a lead of a hot industry goes to sales.
const HandOver = 100

// WaitAfterMail is how long the workflow waits after its first mail, in
// milliseconds.
const WaitAfterMail = 3 * 24 * 60 * 60 * 1000

// Rules are the scoring rules, sorted by the kind of event they listen to.
type Rules [kinds][]Rule

// Rule pays Points for an event for which Holds.
type Rule struct {
	Points int64
	Holds  func(*Event) bool
}

// dozen is how many rules the workload has by itself: seven that score, the
// imported points among them, one toss-up and a workflow of four steps.
const dozen = 12

// NewRules makes n rules. Of those beyond the dozen, one in ten listens to page
// views with a condition that never holds; the others listen to events that do
// not come, as most rules of a large company do at any one moment.
func NewRules(n int) Rules {
	var r Rules
	r.add(PageView, 10, func(e *Event) bool { return strings.HasPrefix(e.Detail, "/pricing") })
	r.add(PageView, 3, func(e *Event) bool { return e.Duration >= 60 })
	r.add(EmailOpen, 2, func(*Event) bool { return true })
	r.add(EmailClick, 8, func(e *Event) bool { return e.Detail == "cta" })
	r.add(FormSubmit, 30, func(e *Event) bool { return e.Detail != "newsletter" })
	r.add(Download, 15, func(e *Event) bool { return strings.HasPrefix(e.Detail, "whitepaper") })
	for j := range max(0, n-dozen) {
		on := Elsewhere
		if j%10 == 9 {
			on = PageView
		}
		r.add(on, 1, func(e *Event) bool { return e.Detail == "/nowhere" })
	}
	return r
}

func (r *Rules) add(k Kind, points int64, holds func(*Event) bool) {
	r[k] = append(r[k], Rule{points, holds})
}

// Score is what the event is worth.
func (r *Rules) Score(e *Event) int64 {
	var points int64
	for i := range r[e.Kind] {
		if rule := &r[e.Kind][i]; rule.Holds(e) {
			points += rule.Points
		}
	}
	return points
}

// Lead is the row that the rules change.
type Lead struct {
	ID       int64
	Industry int64
	Score    int64
	TossedUp bool
	Due      int64 // of the workflow's wait; 0 before its first mail
	Opened   bool  // a mail was opened during the wait
}

// Act is something that a lead's event makes happen outside.
type Act uint8

// The acts, as bits of a set.
const (
	TossUp Act = 1 << iota
	Mail1
	Mail2
	Acts = 3 // how many there are
)

// Decide brings the lead up to date with the event and says what must happen.
// Both the program and the reference that judges it call it: the rules are not
// what is compared, the state kept around them is.
func (r *Rules) Decide(l *Lead, e *Event) Act {
	var acts Act
	l.Score += r.Score(e)
	if l.Score >= HandOver && l.Industry <= 1 && !l.TossedUp {
		l.TossedUp = true
		acts |= TossUp
	}
	switch {
	case e.Kind == FormSubmit && l.Due == 0:
		l.Due = e.At + WaitAfterMail
		acts |= Mail1
	case e.Kind == EmailOpen && e.At < l.Due:
		l.Opened = true
	}
	return acts
}
