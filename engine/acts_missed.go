package engine

import (
	"cmp"
	"maps"
	"slices"
)

// An opportunity is missed when no rule had handed the lead over whose time it falls
// into. That is decided when it comes, and again when a correction says that it was
// something else or at another time: offers are acts and stay what they were, so only
// of the fact itself it has to be asked anew. The hand-overs that a lead still knows are
// asked, as they are when a fact comes.

// missedWord is the detail of a decision that takes a miss back.
const missedWord = "missed"

// missKey is a fact that some rule should have foreseen.
type missKey struct{ tossUp, fact string }

// toldMiss is an opportunity that nothing had handed over, as the journal tells.
type toldMiss struct {
	on     string // event
	labels string
	mark   ArmMark
}

// miss takes down an opportunity that was missed. One that is found to be missed only
// later counts for the rule as it was when the fact came.
func (c *actCounter) miss(row *Fact, d *Decision) {
	on, _ := c.outcomeEvent(row, &Decision{Subject: d.Subject, Detail: "opportunity"})
	fact, revision, mark := c.factOf(row, d, on), row.Revision, c.scope.rowMark(row.Revision, row.Event.Received)
	if fact == "" || on == "" {
		c.addIn(tossUpCounterNames(d.Subject).missed, offerLabels(revision, c.version(revision, d.Subject), ""), d.At, mark)
		return
	}
	if k := c.facts[fact]; k != nil && fact != row.Event.ID {
		revision, mark = k.revision, k.mark
	}
	c.missed[missKey{d.Subject, fact}] = toldMiss{on, offerLabels(revision, c.version(revision, d.Subject), ""), mark}
}

// misses counts the opportunities that were missed and are some by what is known in the
// end.
func (c *actCounter) misses() {
	for k, m := range c.missed {
		if fact := c.facts[k.fact]; fact.is(m.on) {
			c.addIn(tossUpCounterNames(k.tossUp).missed, m.labels, fact.at, m.mark)
		}
	}
}

// missedAt is when a missed opportunity came, by what is known; 0 where it is none.
func (c *actCounter) missedAt(k missKey) Time {
	m, told := c.missed[k]
	if fact := c.facts[k.fact]; told && fact.is(m.on) {
		return fact.at
	}
	return 0
}

// settleMisses takes back that opportunities were missed which by what is known now fall
// into the time of an offer.
func (f *Frame) settleMisses(before, after *actCounter) {
	keys := slices.SortedFunc(maps.Keys(after.missed), func(a, b missKey) int {
		return cmp.Or(cmp.Compare(a.tossUp, b.tossUp), cmp.Compare(a.fact, b.fact))
	})
	for _, k := range keys {
		at := after.missedAt(k)
		if at == 0 || at == before.missedAt(k) || !f.handedOver(at) {
			continue
		}
		f.less(tossUpCounterNames(k.tossUp).missed, after.missed[k].labels, at, 0, after.missed[k].mark)
		f.bygone = k.fact
		f.decide(Decision{Kind: TookBack, At: f.l.Now, Subject: k.tossUp, Detail: missedWord, Because: f.becauseAgain()})
		f.bygone = ""
	}
}

// missedAfterAll counts an opportunity of the past that is known only now to be one
// that nothing had handed over.
func (f *Frame) missedAfterAll(t *tossUpPlan, e *Event) {
	was := f.ruledBy(f.bygoneRevision)
	i, ok := was.tossUp[t.spec.Name]
	if !ok {
		return // there was no such rule
	}
	mark := f.p.scope.rowMark(f.bygoneRevision, e.Received)
	f.tallyIn(t.count.missed, offerLabels(f.bygoneRevision, was.tossUps[i].version, ""), e.At, mark)
	f.decide(Decision{Kind: Missed, At: f.l.Now, Subject: t.spec.Name, Because: f.becauseAgain()})
}
