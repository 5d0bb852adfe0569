package engine

import (
	"cmp"
	"slices"
)

// A toss-up goes none → holding → queued → made → accepted, rejected or expired,
// and from there, whatever the answer was, to an opportunity that is won or lost.
// It is made once for each rising edge of its condition (or each event it is on),
// and not again before its cooldown is over, nor, after sales sent it back or said
// nothing, before the lead has done something new.
//
// Its gates stand between the rising edge and the offer: an account of which a
// colleague is with sales already, and the desk of the owner. A gate is an entity
// (see EntityKind); a lead that waits at one is Queued. Stage, cooldown, counters
// and the answer's clock begin at the offer.

// wanted reports whether a toss-up's condition holds in the frame's view.
func (f *Frame) wanted(t *tossUpPlan) bool {
	if t.spec.From != "" && f.l.Acts.Stage != t.spec.From {
		return false
	}
	return f.holds(t.when)
}

// tossUpsOn makes the toss-ups that this very event calls for.
func (f *Frame) tossUpsOn(e *Event, plan *eventPlan) {
	for _, i := range plan.tossUps {
		t := &f.p.tossUps[i]
		if !f.wanted(t) {
			continue
		}
		o := f.offerSlot(t.spec.Name)
		if f.cooling(t, o) || o.Stale {
			continue
		}
		f.candidate(t, o, e)
	}
}

// tossUpEdges judges every toss-up that no event of its own calls for.
func (f *Frame) tossUpEdges(e *Event) {
	for i := range f.p.tossUps {
		t := &f.p.tossUps[i]
		if t.spec.On != "" {
			continue
		}
		o := f.l.offer(t.spec.Name)
		was := o != nil && o.True
		is := f.wanted(t)
		switch {
		case is && !was:
			f.rise(t, e)
		case !is && was:
			f.fall(o)
		}
	}
}

// rise takes note of a rising edge. One that nothing new has brought about after
// sales sent the lead back is none: it is looked at again when there is something.
func (f *Frame) rise(t *tossUpPlan, e *Event) {
	o := f.offerSlot(t.spec.Name)
	if o.Stale {
		return
	}
	o.True = true
	if f.cooling(t, o) {
		return
	}
	if t.spec.Hold == 0 {
		f.candidate(t, o, e)
		return
	}
	f.begun(t, o, e)
	o.State, o.Since = OfferHolding, f.l.Now
	due := f.l.Now.Add(t.spec.Hold)
	f.l.arm(HoldDue, t.spec.Name, due)
	f.decide(Decision{Kind: Held, At: f.l.Now, Subject: t.spec.Name, Until: due})
}

// fall takes back what a condition that does not hold any more has begun.
func (f *Frame) fall(o *Offer) {
	o.True = false
	switch o.State {
	case OfferHolding:
		o.State, o.Since = OfferNone, f.l.Now
		f.l.disarm(HoldDue, o.TossUp)
	case OfferQueued:
		f.dropOut(o, droppedFell)
	}
}

// holdOver makes a toss-up whose condition was true throughout its hold.
func (f *Frame) holdOver(tossUp string, e *Event) {
	i, ok := f.p.tossUp[tossUp]
	o := f.l.offer(tossUp)
	if !ok || o == nil || o.State != OfferHolding {
		return
	}
	t := &f.p.tossUps[i]
	if !f.wanted(t) {
		f.fall(o)
		return
	}
	f.approach(t, o, e)
}

// cooling reports whether the lead was handed over too short a while ago, waits to
// be, or sales still owes an answer about it.
func (f *Frame) cooling(t *tossUpPlan, o *Offer) bool {
	switch {
	case o.State == OfferQueued, o.State == OfferMade && t.spec.Answer != nil:
		return true
	case o.Until > f.l.Now:
		return true
	case o.Count == 0 || t.spec.Cooldown == 0:
		return false
	}
	return t.spec.Cooldown == Forever || f.l.Now < o.Made.Add(t.spec.Cooldown)
}

// candidate begins a hand-over that the event at hand completes.
func (f *Frame) candidate(t *tossUpPlan, o *Offer, e *Event) {
	f.begun(t, o, e)
	f.approach(t, o, e)
}

// begun makes the slot of a rule that of a new candidacy. What became of the offer
// before it still counts for that one.
func (f *Frame) begun(t *tossUpPlan, o *Offer, e *Event) {
	f.former(o)
	*o = Offer{
		TossUp: o.TossUp, True: o.True, Since: o.Since, Made: o.Made, Count: o.Count,
		ID: offerID(e, t.spec.Name), Cause: e.ID, Signal: e.At,
	}
}

// former keeps an offer whose outcome may still come.
func (f *Frame) former(o *Offer) {
	if !o.Offered() || o.Closed != 0 {
		return
	}
	list := &f.l.Acts.Former
	*list = slices.DeleteFunc(*list, func(p Offer) bool {
		i, ok := f.p.tossUp[p.TossUp]
		return !ok || f.p.tossUps[i].spec.Success == nil ||
			p.Opportunity == 0 && !p.owns(f.l.Now, f.p.tossUps[i].spec.Success.Within)
	})
	if len(*list) == MaxFormer {
		*list = slices.Delete(*list, 0, 1)
	}
	*list = append(*list, *o)
}

// approach takes a candidate to the first of its gates, or past them all.
func (f *Frame) approach(t *tossUpPlan, o *Offer, e *Event) {
	o.Asked = f.wall
	o.Revision, o.Rule = f.p.revision, t.version
	o.Owner = f.ownerOf(t)
	o.Account = f.accountOf(t)
	o.Rank, o.RankAt = f.rankOf(t), f.l.Now
	if o.Account != "" {
		if t.spec.On != "" {
			o.Packet = reasonsJSON(f.because(t.when)) // the event is not at hand when the answer comes
		}
		f.queueUp(t, o)
		f.askEntity(EntityAccount, o.Account, accountMay, o.ID, f.accountTerms(t)...)
		return
	}
	f.toDesk(t, o, e)
}

// toDesk takes a candidate to its owner's desk. An inquiry passes by, and takes a
// place on its way: nobody who asks to be called waits for those who do not.
func (f *Frame) toDesk(t *tossUpPlan, o *Offer, e *Event) {
	c := t.spec.Capacity
	switch {
	case c == nil:
		f.make(t, o, e)
	case t.spec.On != "" && !c.InquiriesWait:
		name, owner, id := t.spec.Name, o.Owner, o.ID
		f.make(t, o, e)
		f.askEntity(EntityDesk, owner, deskTook, id, Field{"toss_up", TextValue(name)})
	default:
		if t.spec.On != "" {
			o.Packet = cmp.Or(o.Packet, reasonsJSON(f.because(t.when))) // the event is not at hand when the turn comes
		}
		f.queueUp(t, o)
		f.askEntity(EntityDesk, o.Owner, deskWant, o.ID, Field{"toss_up", TextValue(t.spec.Name)}, Field{"rank", NumberValue(o.Rank)})
	}
}

// queueUp lets a candidate wait at a gate.
func (f *Frame) queueUp(t *tossUpPlan, o *Offer) {
	if o.State == OfferQueued {
		return
	}
	o.State, o.Since = OfferQueued, f.l.Now
	f.tally(t.count.queued, "", 0)
	f.decide(Decision{Kind: Queued, At: f.l.Now, Subject: t.spec.Name, Detail: o.Owner, Action: o.ID, Points: o.Rank})
	f.note(o)
}

// turn takes the place that a desk gives, or gives it back.
func (f *Frame) turn(e *Event) {
	name, _ := Lookup(e.Fields, "toss_up")
	back := func() {
		f.askEntity(EntityDesk, e.User, deskBack, e.Action, Field{"toss_up", name})
	}
	o := f.l.offer(name.Text())
	i, ok := f.p.tossUp[name.Text()]
	if !ok || o == nil || o.State != OfferQueued || o.ID != e.Action {
		back()
		return
	}
	t := &f.p.tossUps[i]
	if t.spec.On == "" && !f.wanted(t) {
		back()
		o.True = false
		f.dropWaiting(o, droppedFell)
		return
	}
	f.unwait(t)
	f.make(t, o, e)
}

// Why a candidate dropped out.
const (
	droppedFell    = "condition"       // its condition does not hold any more
	droppedAccount = "account"         // a colleague is with sales already
	droppedMerged  = "merged"          // another candidacy of the same person stands
	droppedRemoved = "toss_up_removed" // the rule is gone
)

// dropOut takes a waiting candidate out and tells the gates.
func (f *Frame) dropOut(o *Offer, why string) {
	f.askEntity(EntityDesk, o.Owner, deskLeave, o.ID, Field{"toss_up", TextValue(o.TossUp)})
	f.dropWaiting(o, why)
}

// dropWaiting ends a candidacy of which the desk knows.
func (f *Frame) dropWaiting(o *Offer, why string) {
	if o.Account != "" {
		f.askEntity(EntityAccount, o.Account, accountRelease, o.ID, Field{"toss_up", TextValue(o.TossUp)})
	}
	if i, ok := f.p.tossUp[o.TossUp]; ok {
		f.unwait(&f.p.tossUps[i])
	}
	o.State, o.Since, o.Reason = OfferNone, f.l.Now, why
	f.decide(Decision{Kind: DroppedOut, At: f.l.Now, Subject: o.TossUp, Detail: why, Action: o.ID})
	f.note(o)
}

// unwait counts a candidate out of those who wait.
func (f *Frame) unwait(t *tossUpPlan) { f.gone(t.count.queued) }

// queueNews tells the desk when the score of a lead that waits has changed
// otherwise than by fading, and lets drop out who waits for a rule that is gone.
func (f *Frame) queueNews() {
	for i := range f.l.Acts.Offers {
		o := &f.l.Acts.Offers[i]
		if o.State != OfferQueued {
			continue
		}
		at, ok := f.p.tossUp[o.TossUp]
		if !ok {
			f.dropOut(o, droppedRemoved)
			continue
		}
		t := &f.p.tossUps[at]
		now := f.rankOf(t)
		if t.spec.Capacity == nil || near(now, f.rankNow(&Candidate{Rank: o.Rank, AsOf: o.RankAt}, t.order, f.l.Now)) {
			continue
		}
		o.Rank, o.RankAt = now, f.l.Now
		f.askEntity(EntityDesk, o.Owner, deskRank, o.ID, Field{"toss_up", TextValue(o.TossUp)}, Field{"rank", NumberValue(now)})
	}
}

// near reports whether two scores are one, as conditions compare them.
func near(a, b float64) bool { return a-b < 1e-9 && b-a < 1e-9 }

// refresh notes what the lead has done of its own since sales sent it back.
func (f *Frame) refresh(e *Event, plan *eventPlan) {
	for i := range f.l.Acts.Offers {
		o := &f.l.Acts.Offers[i]
		if !o.Stale || e.At < o.AnsweredAt || plan != nil && (len(plan.answers) > 0 || len(plan.outcomes) > 0) {
			continue
		}
		o.Stale = false
	}
}

func (f *Frame) offerSlot(tossUp string) *Offer {
	if o := f.l.offer(tossUp); o != nil {
		return o
	}
	f.l.Acts.Offers = append(f.l.Acts.Offers, Offer{TossUp: tossUp})
	return &f.l.Acts.Offers[len(f.l.Acts.Offers)-1]
}

// ownerOf is who in sales gets the lead, "" where the rule names nobody.
func (f *Frame) ownerOf(t *tossUpPlan) string {
	h := t.spec.HandOver
	if h == nil || h.Owner == nil {
		return ""
	}
	return f.textOf(h.Owner, "toss_up."+t.spec.Name+".owner")
}

// textOf is a text computed from the lead; one that cannot be computed is none,
// and leaves a fault.
func (f *Frame) textOf(s Str, subject string) string {
	f.loadFor(s)
	text, err := s.Text(&f.vars)
	if err != nil {
		f.fault(subject, s, err)
		return ""
	}
	return text
}

// rankOf is the score by which the lead stands in the queue.
func (f *Frame) rankOf(t *tossUpPlan) float64 {
	if t.spec.Capacity == nil || t.rank < 0 {
		return 0
	}
	f.load(t.rank)
	return valueOf(f.vars.Facts[f.p.keys[t.rank].name]).Number()
}
