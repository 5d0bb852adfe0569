package engine

import "strconv"

// An offer sets a clock for sales: reminders and escalations while nobody has
// answered, and at its end silence is taken for an answer. All of it runs on wall
// time, by the calendar where it is written in business days or hours.

// startClocks arms what an offer sets in motion.
func (f *Frame) startClocks(t *tossUpPlan, o *Offer) {
	a := t.spec.Answer
	if a == nil {
		return
	}
	from := f.wall.In(f.p.spec.Zone)
	if !a.Within.IsZero() {
		f.l.arm(AnswerDue, o.TossUp, TimeOf(a.Within.After(f.wall.In(f.zone), f.p.spec.Calendar)))
	}
	for i := range a.Notices {
		f.l.arm(NoticeDue, noticeSlot(o.TossUp, i), TimeOf(a.Notices[i].After.After(from, f.p.spec.Calendar)))
	}
}

// stopClocks disarms them: the answer is there.
func (f *Frame) stopClocks(t *tossUpPlan, tossUp string) {
	f.l.disarm(AnswerDue, tossUp)
	if t == nil || t.spec.Answer == nil {
		return
	}
	for i := range t.spec.Answer.Notices {
		f.l.disarm(NoticeDue, noticeSlot(tossUp, i))
	}
}

func noticeSlot(tossUp string, i int) string { return tossUp + labelSeparator + strconv.Itoa(i) }

// noticeDue reminds sales of an offer that nobody has answered, or tells somebody
// else.
func (f *Frame) noticeDue(slot string) {
	t, i, ok := f.p.noticeOf(slot)
	if !ok {
		return
	}
	o := f.l.offer(t.spec.Name)
	if o == nil || o.State != OfferMade {
		return
	}
	f.notify(t, o, i)
}

// noticeOf is what a timer of a notice stands for; ok is false when a later
// revision has no such notice.
func (p *Program) noticeOf(slot string) (t *tossUpPlan, i int, ok bool) {
	for at := range p.tossUps {
		t := &p.tossUps[at]
		if t.spec.Answer == nil {
			continue
		}
		for i := range t.spec.Answer.Notices {
			if noticeSlot(t.spec.Name, i) == slot {
				return t, i, true
			}
		}
	}
	return nil, 0, false
}

// notify sends a notice about an offer, once.
func (f *Frame) notify(t *tossUpPlan, o *Offer, i int) {
	n := &t.spec.Answer.Notices[i]
	id, owner := o.ID, o.Owner
	name := t.spec.Name
	f.decide(Decision{Kind: Notified, At: f.l.Now, Subject: name, Detail: n.Kind.String(), Action: id})
	f.deriveKnown("toss_up_"+n.Kind.event(), []Field{{"toss_up", TextValue(name)}, {"id", TextValue(id.String())}, {"owner", TextValue(owner)}})
	f.sendNotice(t, o, noticeSlot(name, i), n.Channel)
}

// sendNotice hands a message about an offer to a channel.
func (f *Frame) sendNotice(t *tossUpPlan, o *Offer, slot, channel string) {
	h := t.spec.HandOver
	if channel == "" && h != nil {
		channel = h.Channel
	}
	if channel == "" {
		return
	}
	f.intend(Pending{
		Key: newHasher("notice").text(slot).text(string(o.ID[:])).key(), Lane: LaneTossUp,
		Channel: channel, TossUp: t.spec.Name, Step: slot, Message: o.Cause, Reasons: reasonsJSON(f.because(t.when)),
	}, t.spec.Name)
}

// answers takes note of what sales said about an offer.
func (f *Frame) answers(e *Event, plan *eventPlan) {
	for _, ref := range plan.answers {
		t := &f.p.tossUps[ref.tossUp]
		o := f.l.offer(t.spec.Name)
		if o == nil || o.State != OfferMade && o.State != OfferExpired {
			continue
		}
		if named, ok := Lookup(e.Fields, "toss_up"); ok && named.Text() != t.spec.Name {
			continue
		}
		if id, ok := Lookup(e.Fields, "offer"); ok && id.Text() != o.ID.String() {
			continue // about an earlier offer
		}
		reason, _ := Lookup(e.Fields, "reason")
		f.answer(t, o, ref.state, t.reasonOf(reason.Text()))
	}
}

// maxReason bounds a reason that the rule does not declare.
const maxReason = 40

// reasonOf is the name under which an answer's reason counts: a declared one, by
// its name or its label; "other" for what is not declared where reasons are; else
// the text folded to a name.
func (t *tossUpPlan) reasonOf(text string) string {
	a := t.spec.Answer
	if text == "" || a == nil {
		return ""
	}
	name := Fold(text)
	for i := range a.Reasons {
		if r := &a.Reasons[i]; r.Name == name || r.Label != "" && r.Label == text {
			return r.Name
		}
	}
	if len(a.Reasons) > 0 {
		return OtherReason
	}
	if runes := []rune(name); len(runes) > maxReason {
		name = string(runes[:maxReason])
	}
	return name
}

// OtherReason is the reason of an answer that names none of the declared ones.
const OtherReason = "other"

// reason is a declared reason, nil where there is none of that name.
func (a *AnswerSpec) reason(name string) *ReasonSpec {
	for i := range a.Reasons {
		if a.Reasons[i].Name == name {
			return &a.Reasons[i]
		}
	}
	return nil
}

var answerWords = map[OfferState]string{OfferAccepted: "accepted", OfferRejected: "rejected", OfferExpired: "expired"}

// answer ends an offer's wait. An answer that comes after the time was over is
// recorded and moves nothing: what silence has brought about stands.
func (f *Frame) answer(t *tossUpPlan, o *Offer, state OfferState, reason string) {
	word := answerWords[state]
	if o.State == OfferExpired {
		if o.Late == "" {
			o.Late = word
			f.decide(Decision{Kind: Answered, At: f.l.Now, Subject: t.spec.Name, Detail: "late_" + word, Action: o.ID})
			f.note(o)
		}
		return
	}
	o.State, o.Since, o.AnsweredAt, o.Reason = state, f.l.Now, f.l.Now, reason
	f.stopClocks(t, o.TossUp)
	detail, why := word, ""
	if state == OfferRejected && reason != "" {
		detail, why = word+": "+reason, reason // only what is sent back counts by its reason
	}
	f.countOffer(t.count.answered[state-OfferAccepted], o, why)
	f.decide(Decision{Kind: Answered, At: f.l.Now, Subject: t.spec.Name, Detail: detail, Action: o.ID})
	if state != OfferAccepted {
		f.sendBack(t, o, reason)
	}
	f.note(o)
}

// sendBack lets a lead that sales did not take come back to us, on the path that
// the reason says. It is not handed over again before it has done something new.
func (f *Frame) sendBack(t *tossUpPlan, o *Offer, reason string) {
	o.Stale = true
	if o.Account != "" {
		f.askEntity(EntityAccount, o.Account, accountRelease, o.ID, Field{"toss_up", TextValue(o.TossUp)})
	}
	a := t.spec.Answer
	if a == nil {
		return
	}
	to := a.Recycle
	if r := a.reason(reason); r != nil {
		if r.Recycle != "" {
			to = r.Recycle
		}
		if r.Cooldown > 0 {
			o.Until = o.Made.Add(r.Cooldown)
		}
	}
	f.moveTo(to)
}

// answerDue takes silence for an answer.
func (f *Frame) answerDue(tossUp string, _ *Event) {
	i, ok := f.p.tossUp[tossUp]
	o := f.l.offer(tossUp)
	if !ok || o == nil || o.State != OfferMade {
		return
	}
	id := o.ID
	f.answer(&f.p.tossUps[i], o, OfferExpired, "")
	f.derive("toss_up_expired", Field{"toss_up", TextValue(tossUp)}, Field{"id", TextValue(id.String())})
}
