package engine

import (
	"slices"
	"strings"
)

// closeBooks ends a decision: funnels are counted, and what it wrote is remembered
// where the journal is kept.
func (f *Frame) closeBooks() {
	f.countPasses()
	f.remember()
}

// expected brings an event that was corrected before it came to what is known of it;
// nil where it never happened: then its row is written and nothing else.
func (f *Frame) expected(e *Event) (*Event, error) {
	at := slices.Index(f.l.Awaited, e.ID)
	if at < 0 {
		return e, nil
	}
	j, err := f.readJournal()
	if err != nil {
		return nil, err
	}
	a := amended(inForce(j.corrections), e)
	if !a.any {
		return e, nil // it is awaited from another source
	}
	f.l.Awaited = slices.Delete(f.l.Awaited, at, at+1)
	if a.never {
		f.l.Seq++
		f.fx.Facts = append(f.fx.Facts, Fact{Seq: f.l.Seq, Revision: f.p.revision, Event: *e})
		return nil, nil
	}
	known := a.of(*e)
	f.asTold = e
	return &known, nil
}

// correction lets what somebody says of a fact be true: folds, counters, experiments
// and outcomes become those of the journal as it is known now. Edges are judged at the
// lead's now, as after every fact; what a fact with rules of its own had set going
// goes on.
func (f *Frame) correction(e *Event) error {
	f.runTimers(e.At, e.Received, 0)
	f.wall = e.Received
	j, err := f.readJournal()
	if err != nil {
		return err
	}
	if slices.ContainsFunc(j.corrections, func(c correction) bool { return c.ID == e.ID }) {
		return f.err // it was said already
	}
	f.begin(e)
	f.settleEdges(e.At)
	change := f.changeBy(j, e)
	f.decide(Decision{Kind: Corrected, At: f.l.Now, Subject: change.subject(f), Detail: change.said.Words()})
	if !change.any() {
		f.await(j, change)
		f.end(e)
		return f.err
	}
	before, err := f.books(nil)
	if err != nil {
		return err
	}
	row := Fact{Seq: f.l.Seq + 1, Revision: f.p.revision, Event: *e}
	after, err := f.books(&row)
	if err != nil {
		return err
	}
	f.seenFirst(j, change)
	f.open, f.recounts = e, true
	err = f.refold(nil)
	f.open, f.recounts = nil, false
	if err != nil {
		return err
	}
	f.look(&f.l.Folds, f.l.Now, nil, nil)
	f.rebook(before, after)
	f.nameAfter(e, j, change)
	f.look(&f.l.Folds, f.l.Now, nil, nil)
	f.edges(e)
	f.flowExits(e, nil)
	f.drain(e)
	f.end(e)
	return f.err
}

// change is what a correction changes: the fact it speaks of, before and after.
type change struct {
	said     Correction
	fact     string // id of the fact, also where an earlier correction is corrected
	was, now []*item
}

// any reports whether something is known otherwise than before.
func (c *change) any() bool { return len(c.was)+len(c.now) > 0 }

// subject is the fact's name.
func (c *change) subject(f *Frame) string {
	items := slices.Concat(c.was, c.now)
	if len(items) == 0 {
		return ""
	}
	if plan := f.planOf(&items[0].event); plan != nil {
		return plan.name
	}
	return items[0].event.Kind.String()
}

// changeBy finds what a correction that the journal does not hold yet changes in it.
func (f *Frame) changeBy(j *journal, e *Event) *change {
	c := &change{said: CorrectionOf(e)}
	c.fact = c.said.Fact
	for hops := 0; hops <= len(j.corrections); hops++ { // a correction of a correction
		i := slices.IndexFunc(j.corrections, func(have correction) bool { return have.ID == c.fact })
		if i < 0 {
			break
		}
		c.fact = j.corrections[i].Fact
	}
	about := func(items []*item) (list []*item) {
		for _, it := range items {
			if !it.derived && it.event.ID == c.fact {
				list = append(list, it)
			}
		}
		return list
	}
	c.was = about(j.corrected())
	j.corrections = append(j.corrections, correction{c.said, e.At, e.Lead, f.l.Seq + 1})
	c.now = about(j.corrected())
	if slices.EqualFunc(c.was, c.now, func(a, b *item) bool { return sameEvent(&a.event, &b.event) }) {
		c.was, c.now = nil, nil
	}
	return c
}

// sameEvent reports whether two forms of one fact say the same.
func sameEvent(a, b *Event) bool {
	return a.ID == b.ID && a.Source == b.Source && a.At == b.At && slices.Equal(a.Fields, b.Fields)
}

// await lets a correction wait for its fact, if that is why nothing changes.
func (f *Frame) await(j *journal, c *change) {
	waiting := j.awaited()
	if len(waiting) > maxAwaited {
		f.decide(Decision{Kind: Fault, At: f.l.Now, Subject: correctedEvent, Detail: "more than 256 corrections wait for their facts; this one is not waited for"})
		return
	}
	f.l.Awaited = waiting
}

// seenFirst keeps the instant of first sight true.
func (f *Frame) seenFirst(j *journal, c *change) {
	for _, it := range c.now {
		f.l.FirstSeen = min(f.l.FirstSeen, it.event.At)
	}
	if !slices.ContainsFunc(c.was, func(it *item) bool { return it.event.At == f.l.FirstSeen }) {
		return
	}
	for _, it := range j.corrected() {
		if !it.derived {
			f.l.FirstSeen = it.event.At
			return
		}
	}
}

// nameAfter lets a fact that says who the lead is, or of which account, be heard where
// it was heard when it came.
func (f *Frame) nameAfter(e *Event, j *journal, c *change) {
	for _, it := range c.now {
		if it.event.Kind == Identify {
			known := it.event
			known.At, known.Received = e.At, e.Received
			f.claim(&known)
		}
	}
	f.retellAccount(j, c)
}

// rebook brings counters, and what is remembered of them, from one state of the books
// to the other.
func (f *Frame) rebook(before, after *books) {
	f.addSums(before.facts.sums, after.facts.sums, nil)
	f.addArms(&before.facts.arms, &after.facts.arms, nil)
	f.addSums(before.acts.sums, after.acts.sums, ofOutcomes)
	f.addArms(&before.acts.arms, &after.acts.arms, ofOutcomes)
	f.replaceCohorts(before.facts.cohorts(f.p, f.l.Now), after.facts.cohorts(f.p, f.l.Now))
	f.remeasure(before, after)
	lost := f.settleGoals(before.acts, after.acts)
	lost = f.settleOutcomes(before.acts, after.acts) || lost
	f.settleMisses(before.acts, after.acts)
	f.actAnew(after, lost, before.grown(after))
}

// ofOutcomes are the counters of acts that a correction changes: goals and outcomes.
// The others tell of acts, or of folds that are counted by themselves.
func ofOutcomes(counter string) bool {
	if rest, ok := strings.CutPrefix(counter, holdoutCounter); ok {
		return strings.Contains(rest, "/")
	}
	if strings.HasPrefix(counter, goalCounter) {
		return true
	}
	if !strings.HasPrefix(counter, "toss_up:") {
		return false
	}
	switch counter[strings.LastIndexByte(counter, ':')+1:] {
	case "opportunity", "won", "lost", "missed":
		return true
	}
	return false
}
