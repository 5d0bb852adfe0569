package engine

import (
	"slices"
	"strconv"
)

// The outcome of an offer is the opportunity, and whether it is won.
//
// Every counter of an offer stands at the hour in which the offer was made, with
// the revision that made it and the rule as it was then:
//
//	toss_up:NAME:offered      revision=7 rule=1f2e3d4c
//	toss_up:NAME:accepted     …
//	toss_up:NAME:rejected     … reason=no_budget
//	toss_up:NAME:expired      …
//	toss_up:NAME:opportunity  …
//	toss_up:NAME:won, lost    …
//	toss_up:NAME:doubted      …
//
// so the counters of a span of time tell of the offers made in it, and a rate of
// two of them is a cohort's. What has not had its time yet is told apart by the
// hour (see SuccessSpec.Within). These two are no cohorts:
//
//	toss_up:NAME:missed       at the hour of the opportunity: no rule had handed the lead over
//	toss_up:NAME:queued       0 who came into the queue, 1 who has left it
type tossUpCounters struct {
	offered, opportunity, won, lost, doubted, missed, queued string
	answered                                                 [3]string // accepted, rejected, expired
}

func tossUpCounterNames(tossUp string) tossUpCounters {
	name := func(word string) string { return "toss_up:" + tossUp + ":" + word }
	return tossUpCounters{
		offered: name("offered"), opportunity: name("opportunity"), won: name("won"), lost: name("lost"),
		doubted: name("doubted"), missed: name("missed"), queued: name("queued"),
		answered: [3]string{name("accepted"), name("rejected"), name("expired")},
	}
}

// countOffer counts something that became of an offer.
func (f *Frame) countOffer(name string, o *Offer, reason string) {
	f.tallyIn(name, offerLabels(o.Revision, o.Rule, reason), o.Made, o.Arm)
}

func offerLabels(revision uint32, rule, reason string) string {
	labels := "revision=" + strconv.FormatUint(uint64(revision), 10) + labelSeparator + "rule=" + rule
	if reason != "" {
		labels += labelSeparator + "reason=" + reason
	}
	return labels
}

// LeadOffer is an offer in the register of hand-overs: what the lead knows of its
// latest one, under (Asked, ID), for as long as it may change. It is written anew
// whenever something becomes of it, and read by nobody who decides.
type LeadOffer struct {
	Lead  LeadID
	Offer Offer
}

// note enters an offer in the register.
func (f *Frame) note(o *Offer) {
	if f.fx != nil {
		f.fx.Offers = append(f.fx.Offers, LeadOffer{f.l.ID, *o})
	}
}

// outcomeKind says what an event means to an offer.
type outcomeKind uint8

const (
	outcomeOpportunity outcomeKind = iota
	outcomeWon
	outcomeLost
)

// outcomeRef is a toss-up that an event is an outcome of.
type outcomeRef struct {
	tossUp int
	kind   outcomeKind
}

// outcomes takes note of what became of an offer: of an opportunity within the
// rule's time, and of one that came without any hand-over.
func (f *Frame) outcomes(e *Event, plan *eventPlan) {
	for _, ref := range plan.outcomes {
		t := &f.p.tossUps[ref.tossUp]
		o := f.credited(t, e.At, ref.kind)
		switch {
		case ref.kind != outcomeOpportunity && o != nil:
			f.closed(t, o, e, ref.kind)
		case ref.kind != outcomeOpportunity:
		case o != nil && o.Opportunity == 0:
			f.opportunity(t, o, e)
		case o == nil && f.bygone == "" && !f.handedOver(e.At):
			f.tallyIn(t.count.missed, offerLabels(f.p.revision, t.version, ""), e.At, f.markOf(e))
			f.decide(Decision{Kind: Missed, At: f.l.Now, Subject: t.spec.Name})
		case o == nil && f.bygoneGrown && !f.misses[missKey{t.spec.Name, f.bygone}] && !f.handedOver(e.At):
			f.missedAfterAll(t, e)
		}
	}
}

// credited is the offer that an outcome belongs to: the latest one before it in
// whose time it falls. What is won or lost belongs to the latest offer that has an
// opportunity still open, however long that takes; else to one in whose time it
// falls, where nobody has said that there is an opportunity.
func (f *Frame) credited(t *tossUpPlan, at Time, kind outcomeKind) *Offer {
	var best *Offer
	f.eachOffer(t.spec.Name, func(o *Offer) {
		fits := o.owns(at, t.spec.Success.Within)
		if kind != outcomeOpportunity {
			fits = o.Closed == 0 && (fits || o.Opportunity != 0)
		}
		switch {
		case !fits:
		case best == nil, (o.Opportunity != 0) && (best.Opportunity == 0) && kind != outcomeOpportunity:
			best = o
		case (o.Opportunity == 0) && (best.Opportunity != 0) && kind != outcomeOpportunity:
		case o.Made > best.Made:
			best = o
		}
	})
	return best
}

// eachOffer visits what was handed over by a rule, and by every rule where none is
// named.
func (f *Frame) eachOffer(tossUp string, visit func(*Offer)) {
	for _, list := range [...][]Offer{f.l.Acts.Offers, f.l.Acts.Former} {
		for i := range list {
			if (tossUp == "" || list[i].TossUp == tossUp) && list[i].Offered() {
				visit(&list[i])
			}
		}
	}
}

// owns reports whether an instant lies in the time after the offer in which its
// outcome counts.
func (o *Offer) owns(at Time, within Span) bool {
	return o.Offered() && at >= o.Made && (within == 0 || at <= o.Made.Add(within))
}

// handedOver reports whether any rule had handed the lead over by an instant, with
// the time for its outcome not yet over.
func (f *Frame) handedOver(at Time) (found bool) {
	f.eachOffer("", func(o *Offer) {
		within := Span(0)
		if j, ok := f.p.tossUp[o.TossUp]; ok && f.p.tossUps[j].spec.Success != nil {
			within = f.p.tossUps[j].spec.Success.Within
		}
		found = found || o.owns(at, within)
	})
	return found
}

func (f *Frame) opportunity(t *tossUpPlan, o *Offer, e *Event) {
	o.Opportunity = e.At
	f.countOffer(t.count.opportunity, o, "")
	f.decide(Decision{Kind: Succeeded, At: f.l.Now, Subject: t.spec.Name, Detail: "opportunity", Action: o.ID, Because: f.becauseAgain()})
	f.note(o)
}

func (f *Frame) closed(t *tossUpPlan, o *Offer, e *Event, kind outcomeKind) {
	o.Closed, o.Won = e.At, kind == outcomeWon
	name, word := t.count.won, "won"
	if !o.Won {
		name, word = t.count.lost, "lost"
	}
	f.countOffer(name, o, "")
	f.decide(Decision{Kind: Succeeded, At: f.l.Now, Subject: t.spec.Name, Detail: word, Action: o.ID, Because: f.becauseAgain()})
	f.note(o)
}

// doubtful collects, while folds are rebuilt, the offers whose condition would not
// have held: it is called with the folds as they were just before the offer. It is
// asked by the rule that made it, and not where that has changed since. Only
// conditions that read nothing but folds are asked again; what was done about the
// lead in between is no reason to doubt.
func (f *Frame) doubtful(folds *Folds, id string) {
	for i := range f.l.Acts.Offers {
		o := &f.l.Acts.Offers[i]
		at, ok := f.p.tossUp[o.TossUp]
		if !ok || o.ID.String() != id || !f.mayDoubt(o, &f.p.tossUps[at]) {
			continue
		}
		t := &f.p.tossUps[at]
		if t.refoldable == nil {
			continue
		}
		f.look(folds, o.Made, nil, nil)
		if !f.holds(t.refoldable) {
			f.doubts = append(f.doubts, o.TossUp)
		}
	}
}

// inquiries are the offers that an event of their own called for, by the id of that
// event; nil where there is none that may be doubted.
func (f *Frame) inquiries() map[string]*inquiry {
	var asked map[string]*inquiry
	for i := range f.l.Acts.Offers {
		o := &f.l.Acts.Offers[i]
		at, ok := f.p.tossUp[o.TossUp]
		if !ok || f.p.tossUps[at].spec.On == "" || !f.mayDoubt(o, &f.p.tossUps[at]) {
			continue
		}
		if asked == nil {
			asked = map[string]*inquiry{}
		}
		asked[o.Cause] = &inquiry{t: &f.p.tossUps[at]}
	}
	return asked
}

// inquiry is an offer that an event called for, and whether it still does.
type inquiry struct {
	t      *tossUpPlan
	stands bool
}

// askedAgain looks whether an event of the journal still calls for its offer, with
// the folds right after it.
func (f *Frame) askedAgain(asked map[string]*inquiry, folds *Folds, it *item) {
	q := asked[it.event.ID]
	if q == nil || !slices.Contains(f.names, q.t.spec.On) {
		return
	}
	f.look(folds, it.event.At, &it.event, f.p.events[q.t.spec.On])
	q.stands = q.stands || f.holds(q.t.inquiry)
}

// doubtInquiries doubts the offers whose event is none any more. One of which the
// journal tells nothing (it has been cut, or the engine brought it) is not doubted.
func (f *Frame) doubtInquiries(asked map[string]*inquiry, j *journal) {
	if asked == nil {
		return
	}
	for _, it := range j.items {
		if q := asked[it.event.ID]; q != nil && !it.derived && !it.own && !q.stands {
			f.doubts = append(f.doubts, q.t.spec.Name)
			q.stands = true
		}
	}
}

// mayDoubt reports whether an offer is sales' affair still, and its rule the one that
// made it.
func (f *Frame) mayDoubt(o *Offer, t *tossUpPlan) bool {
	return !o.Doubted && o.Closed == 0 && (o.State == OfferMade || o.State == OfferAccepted) && o.Rule == t.version
}

// doubt tells sales of offers that would not have been made had everything been
// known: a machine had clicked, two people were one. The offer itself stands.
func (f *Frame) doubt() {
	doubts := f.doubts
	f.doubts = f.doubts[:0]
	f.look(&f.l.Folds, f.l.Now, nil, nil)
	for _, name := range doubts {
		o := f.l.offer(name)
		i, ok := f.p.tossUp[name]
		if !ok || o == nil || o.Doubted {
			continue
		}
		t := &f.p.tossUps[i]
		o.Doubted = true
		f.countOffer(t.count.doubted, o, "")
		f.decide(Decision{Kind: Doubted, At: f.l.Now, Subject: name, Action: o.ID})
		f.deriveKnown("toss_up_doubted", []Field{{"toss_up", TextValue(name)}, {"id", TextValue(o.ID.String())}, {"owner", TextValue(o.Owner)}})
		f.note(o)
		f.sendNotice(t, o, doubtSlot(name), "")
	}
}

func doubtSlot(tossUp string) string { return tossUp + labelSeparator + "doubt" }
