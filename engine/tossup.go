package engine

import (
	"strconv"
	"strings"
)

// A toss-up goes none → holding → made → accepted, rejected or expired. It is
// made once for each rising edge of its condition (or each event it is on), and
// not again before its cooldown is over.

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
		if f.cooling(t, o) {
			continue
		}
		o.ID, o.Cause = offerID(e, t.spec.Name), e.ID
		f.make(t, o, e)
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

func (f *Frame) rise(t *tossUpPlan, e *Event) {
	o := f.offerSlot(t.spec.Name)
	o.True = true
	if f.cooling(t, o) {
		return
	}
	o.ID, o.Cause = offerID(e, t.spec.Name), e.ID
	if t.spec.Hold == 0 {
		f.make(t, o, e)
		return
	}
	o.State, o.Since = OfferHolding, f.l.Now
	due := f.l.Now.Add(t.spec.Hold)
	f.l.arm(HoldDue, t.spec.Name, due)
	f.decide(Decision{Kind: Held, At: f.l.Now, Subject: t.spec.Name, Until: due})
}

func (f *Frame) fall(o *Offer) {
	o.True = false
	if o.State == OfferHolding {
		o.State, o.Since = OfferNone, f.l.Now
		f.l.disarm(HoldDue, o.TossUp)
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
	f.make(t, o, e)
}

// cooling reports whether the lead was handed over too short a while ago, or
// sales still owes an answer about it.
func (f *Frame) cooling(t *tossUpPlan, o *Offer) bool {
	if o.State == OfferMade && t.spec.Answer != nil {
		return true
	}
	if o.Count == 0 || t.spec.Cooldown == 0 {
		return false
	}
	return t.spec.Cooldown == Forever || f.l.Now < o.Made.Add(t.spec.Cooldown)
}

// make hands the lead over.
func (f *Frame) make(t *tossUpPlan, o *Offer, e *Event) {
	because := f.because(t.when)
	o.State, o.Since, o.Made = OfferMade, f.l.Now, f.l.Now
	o.Count++
	id, cause := o.ID, o.Cause
	f.offered = append(f.offered, t.spec.Name)
	f.tally(t.counter[0], "", 0)
	f.decide(Decision{Kind: TossedUp, At: f.l.Now, Subject: t.spec.Name, Detail: cause, Action: id, Because: because})
	f.derive("toss_up_offered", Field{"toss_up", TextValue(t.spec.Name)}, Field{"id", TextValue(id.String())})
	if a := t.spec.Answer; a != nil && !a.Within.IsZero() {
		due := a.Within.After(f.wall.In(f.zone), f.p.spec.Calendar)
		f.l.arm(AnswerDue, t.spec.Name, TimeOf(due))
	}
	if h := t.spec.HandOver; h != nil {
		f.intend(Pending{
			Key: newHasher("hand_over").text(t.spec.Name).text(string(id[:])).key(), Lane: LaneTossUp,
			Channel: h.Channel, TossUp: t.spec.Name, Message: cause, Reasons: reasonsJSON(because),
		}, t.spec.Name)
	}
	f.moveTo(t.spec.To)
}

// answers takes note of what sales said about an offer.
func (f *Frame) answers(e *Event, plan *eventPlan) {
	for _, ref := range plan.answers {
		t := &f.p.tossUps[ref.tossUp]
		o := f.l.offer(t.spec.Name)
		if o == nil || o.State != OfferMade {
			continue
		}
		if named, ok := Lookup(e.Fields, "toss_up"); ok && named.Text() != t.spec.Name {
			continue
		}
		f.answer(t, o, ref.state)
	}
}

func (f *Frame) answer(t *tossUpPlan, o *Offer, state OfferState) {
	words := map[OfferState]string{OfferAccepted: "accepted", OfferRejected: "rejected", OfferExpired: "expired"}
	o.State, o.Since = state, f.l.Now
	f.l.disarm(AnswerDue, t.spec.Name)
	f.tally(t.counter[int(state-OfferMade)], "", 0)
	f.decide(Decision{Kind: Answered, At: f.l.Now, Subject: t.spec.Name, Detail: words[state]})
	if state != OfferAccepted && t.spec.Answer != nil && t.spec.Answer.Recycle != "" {
		f.moveTo(t.spec.Answer.Recycle)
	}
}

// answerDue takes silence for an answer.
func (f *Frame) answerDue(tossUp string, _ *Event) {
	i, ok := f.p.tossUp[tossUp]
	o := f.l.offer(tossUp)
	if !ok || o == nil || o.State != OfferMade {
		return
	}
	f.answer(&f.p.tossUps[i], o, OfferExpired)
	f.derive("toss_up_expired", Field{"toss_up", TextValue(tossUp)})
}

func (f *Frame) offerSlot(tossUp string) *Offer {
	if o := f.l.offer(tossUp); o != nil {
		return o
	}
	f.l.Acts.Offers = append(f.l.Acts.Offers, Offer{TossUp: tossUp})
	return &f.l.Acts.Offers[len(f.l.Acts.Offers)-1]
}

// reasonsJSON writes reasons for the packet that sales gets:
// [{"condition":"score.interest >= 70","facts":{"score.interest":84}}].
func reasonsJSON(reasons []Reason) string {
	var b strings.Builder
	b.WriteByte('[')
	for i, r := range reasons {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`{"condition":` + quoteJSON(r.Source) + `,"facts":{`)
		for j, fact := range r.Facts {
			if j > 0 {
				b.WriteByte(',')
			}
			b.WriteString(quoteJSON(fact.Name) + ":" + valueJSON(fact.Value))
		}
		b.WriteString("}}")
	}
	b.WriteByte(']')
	return b.String()
}

func valueJSON(v Value) string {
	switch v.Kind() {
	case None:
		return "null"
	case Number:
		return strconv.FormatFloat(v.Number(), 'f', -1, 64)
	case Flag:
		return strconv.FormatBool(v.Flag())
	}
	return quoteJSON(v.String())
}
