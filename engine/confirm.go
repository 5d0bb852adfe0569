package engine

import (
	"slices"
	"strings"
)

// Leave that is to be confirmed: an asking (the consent's event) gives none yet. It
// sends a message with a link, and only whoever follows it and presses the button
// has consented; then the evidence is of both, the wording and source of the asking
// and the instant of the confirmation. What is not confirmed in time is forgotten.

// ConfirmSpec says how a consent is confirmed.
type ConfirmSpec struct {
	When   []Cond    // which askings need it, judged on the consent's event
	Send   *SendSpec // the message that asks, transactional
	Within Span      // how long the link works, from the last asking
	AtMost int       // messages within that time
	Again  Span      // how soon another asking sends another message
}

// ConfirmedEvent is the event by which a lead confirms; its field "consent" says
// what. Only pages of our own bring it.
const ConfirmedEvent = "consent_confirmed"

// confirmStep begins the name of what a confirmation's message is for: it belongs
// to no workflow.
const confirmStep = "consent."

// Asking is a consent that waits to be confirmed.
type Asking struct {
	Consent string
	At      Time
	Event   string
	Wording string
	Source  string
}

// Asking is what the lead was asked to confirm under a consent's name, nil when
// nothing waits.
func (folds *Folds) Asking(consent string) *Asking {
	for i := range folds.Askings {
		if folds.Askings[i].Consent == consent {
			return &folds.Askings[i]
		}
	}
	return nil
}

// foldAsking notes that leave was asked for.
func (f *Frame) foldAsking(folds *Folds, e *Event, consent, event string) {
	wording, _ := Lookup(e.Fields, "wording")
	asked := Asking{Consent: consent, At: e.At, Event: event, Wording: wording.Text(), Source: e.Source}
	if a := folds.Asking(consent); a != nil {
		*a = asked
		return
	}
	folds.Askings = append(folds.Askings, asked)
}

// forgetAsking takes an asking back: leave was withdrawn, or given.
func forgetAsking(folds *Folds, consent string) {
	if len(folds.Askings) > 0 {
		folds.Askings = slices.DeleteFunc(folds.Askings, func(a Asking) bool { return a.Consent == consent })
	}
}

// foldConfirmed gives the leave that was asked for, if that was not too long ago.
// It reports whether the attribute "unsubscribed" changed with it.
func (f *Frame) foldConfirmed(folds *Folds, e *Event) (changed bool) {
	name := f.said("consent")
	i, declared := f.p.consent[name]
	a := folds.Asking(name)
	if !declared || a == nil || f.p.spec.Consents[i].Confirm == nil {
		return false
	}
	if invalidConsent(e) || e.At < a.At || e.At >= a.At.Add(f.p.spec.Consents[i].Confirm.Within) {
		return false
	}
	*consentSlot(folds, name) = Consent{Name: name, Given: e.At, Event: ConfirmedEvent, Wording: a.Wording, Source: a.Source}
	forgetAsking(folds, name)
	if f.p.events["unsubscribed"].flagName != "" {
		changed = setAttr(folds, "unsubscribed", FlagValue(false))
	}
	f.liftUnsubscribed(folds)
	return changed
}

// confirmations sends the messages that ask whoever has just asked. The event may
// come late: then it is judged whether the link would still work.
func (f *Frame) confirmations(e *Event, plan *eventPlan) {
	for _, i := range plan.grants {
		spec := &f.p.spec.Consents[i]
		c := spec.Confirm
		if c == nil || c.Send == nil || !f.holds(f.p.granted[i]) || !f.holds(f.p.confirming[i]) {
			continue
		}
		if a := f.l.Folds.Asking(spec.Name); a == nil || a.At != e.At || f.l.Now >= a.At.Add(c.Within) {
			continue
		}
		f.askToConfirm(e, spec)
	}
}

// askToConfirm writes the message's intention, unless as many have gone as may.
func (f *Frame) askToConfirm(e *Event, spec *ConsentSpec) {
	c, s := spec.Confirm, spec.Confirm.Send
	p := Pending{
		Key:     newHasher("confirm").text(spec.Name).text(e.Source).text(e.ID).key(),
		Lane:    LaneTransactional,
		Channel: s.Channel,
		Step:    confirmStep + spec.Name,
	}
	if f.l.PendingAction(p.Key) != nil {
		return
	}
	asked := f.l.asked(spec.Name)
	recent := within(asked.Recent, f.wall, c.Within)
	last := len(asked.Recent) - 1
	if recent >= c.AtMost || last >= 0 && f.wall < asked.Recent[last].Add(c.Again) {
		f.skip(&p, Capped)
		return
	}
	if code, because := f.forbidden(s); code != "" {
		f.skip(&p, code, because...)
		return
	}
	asked.Total++
	asked.Recent = remember(asked.Recent, f.wall, c.Within)
	f.intend(p, p.what())
}

// asked counts the messages that asked the lead to confirm a consent.
func (l *Lead) asked(consent string) *Tally {
	for i := range l.Acts.Asked {
		if l.Acts.Asked[i].Channel == consent {
			return &l.Acts.Asked[i]
		}
	}
	l.Acts.Asked = append(l.Acts.Asked, Tally{Channel: consent})
	return &l.Acts.Asked[len(l.Acts.Asked)-1]
}

// confirmSend is the message that asks to confirm, nil when the pending action is
// something else, or the consent is not confirmed any more.
func (p *Program) confirmSend(a *Pending) *SendSpec {
	if a.Workflow != "" || a.TossUp != "" {
		return nil
	}
	name, ok := strings.CutPrefix(a.Step, confirmStep)
	if !ok {
		return nil
	}
	i, declared := p.consent[name]
	if !declared || p.spec.Consents[i].Confirm == nil {
		return nil
	}
	return p.spec.Consents[i].Confirm.Send
}

// confirms is the consent that a message asks to confirm, "" for every other.
func (a *Pending) confirms() string {
	if a.Workflow != "" || a.TossUp != "" {
		return ""
	}
	name, _ := strings.CutPrefix(a.Step, confirmStep)
	if name == a.Step {
		return ""
	}
	return name
}
