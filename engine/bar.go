package engine

import (
	"slices"
	"strings"
)

// Suppression: who is barred is not written to, whatever consent says. Bars are
// folds. A hard bounce is lifted when the address changes, an unsubscribe by a new
// consent, a block by following again, a complaint by nothing; time lifts none of
// them.

// BarBlocked is the reason of a lead that keeps us out of a service: it has blocked
// the account there. Following it again lifts the bar, and nothing else does.
const BarBlocked = "blocked"

// barRule says what an event bars, or which bar it lifts.
type barRule struct {
	kind   string // step kind of the channels that are barred, "" for all
	reason string
	hard   bool // only where the event's field "kind" is "hard"
	lifts  bool // it lifts the bar instead
}

// foldBar bars the lead. A bar that stands already keeps its first instant.
func (f *Frame) foldBar(folds *Folds, e *Event, rule *barRule) {
	if rule.hard && f.said("kind") != "hard" {
		return
	}
	if rule.lifts {
		folds.Barred = slices.DeleteFunc(folds.Barred, func(b Bar) bool { return b.Kind == rule.kind && b.Reason == rule.reason })
		return
	}
	bar := Bar{Kind: rule.kind, Reason: rule.reason, At: e.At}
	if rule.reason == BarUnsubscribed {
		bar.Topic = f.topic()
		bar.Kind = f.p.kindOf[f.said("channel")]
	}
	for i := range folds.Barred {
		if b := &folds.Barred[i]; b.Kind == bar.Kind && b.Topic == bar.Topic && b.Reason == bar.Reason {
			return
		}
	}
	folds.Barred = append(folds.Barred, bar)
	f.decide(Decision{Kind: Barring, At: e.At, Subject: bar.Kind, Detail: bar.Reason})
}

// said is a field of the event at hand as text, declared or not.
func (f *Frame) said(name string) string {
	if v := f.readField(name); !v.IsNone() {
		return v.Text()
	}
	v, _ := Lookup(f.event.Fields, name)
	return v.Text()
}

// topic is what the unsubscribe at hand is about, "" for everything.
func (f *Frame) topic() string { return f.said("topic") }

// liftBounces lifts what a bounce had barred, as the address that bounced is no
// longer the lead's.
func (f *Frame) liftBounces(folds *Folds, attr string) {
	if len(folds.Barred) == 0 {
		return
	}
	folds.Barred = slices.DeleteFunc(folds.Barred, func(b Bar) bool {
		return b.Reason == BarBounced && slices.Contains(f.p.addresses[b.Kind], attr)
	})
}

// liftUnsubscribed takes a new consent for what it is: leave to write again, about
// its topic where it names one.
func (f *Frame) liftUnsubscribed(folds *Folds) {
	if len(folds.Barred) == 0 {
		return
	}
	topic := f.topic()
	folds.Barred = slices.DeleteFunc(folds.Barred, func(b Bar) bool {
		return b.Reason == BarUnsubscribed && (topic == "" || b.Topic == topic)
	})
}

// undoWithin is how long somebody may take an unsubscribe back without giving a new
// consent.
const undoWithin = 7 * Day

// foldUndone takes back an unsubscribe of the same kind and topic, and with it what
// it had taken away: no more leave than there was before. It reports whether an
// attribute changed.
func (f *Frame) foldUndone(folds *Folds, e *Event) (changed bool) {
	topic, kind := f.topic(), f.p.kindOf[f.said("channel")]
	for i := len(folds.Barred) - 1; i >= 0; i-- {
		b := folds.Barred[i]
		if b.Reason != BarUnsubscribed || b.Topic != topic || b.Kind != kind || e.At-b.At > Time(undoWithin) {
			continue
		}
		folds.Barred = slices.Delete(folds.Barred, i, i+1)
		if topic != "" {
			continue
		}
		for _, at := range f.p.events["unsubscribed"].revokes {
			if c := consentOf(folds, f.p.spec.Consents[at].Name); c != nil && c.Revoked == b.At {
				c.Revoked = 0
			}
		}
		if f.p.events["unsubscribed"].flagName != "" && !slices.ContainsFunc(folds.Barred, Bar.fromAll) {
			changed = setAttr(folds, "unsubscribed", FlagValue(false)) || changed
		}
	}
	return changed
}

// fromAll reports an unsubscribe that is about no topic.
func (b Bar) fromAll() bool { return b.Reason == BarUnsubscribed && b.Topic == "" }

// barred is the bar that keeps a message from the lead, nil for none. What is
// transactional goes to who has unsubscribed, never to a dead address or to who
// has complained.
func (f *Frame) barred(s *SendSpec) *Bar {
	folds := &f.l.Folds
	if len(folds.Barred) == 0 {
		return nil
	}
	if c := f.p.channel[s.Channel]; c == nil || c.Reach != ReachLead {
		return nil
	}
	for i := range folds.Barred {
		b := &folds.Barred[i]
		if b.Kind != "" && b.Kind != s.Kind || b.Topic != "" && b.Topic != s.Topic {
			continue
		}
		if b.Reason != BarUnsubscribed || !s.Transactional {
			return b
		}
	}
	return nil
}

// because is the bar as the reason of a decision.
func (b *Bar) because() []Reason {
	facts := []Field{{"since", TimeValue(b.At)}}
	if b.Kind != "" {
		facts = append(facts, Field{"kind", TextValue(b.Kind)})
	}
	if b.Topic != "" {
		facts = append(facts, Field{"topic", TextValue(b.Topic)})
	}
	return []Reason{{Source: b.Reason, Holds: true, Facts: facts}}
}

// planBars finds which events bar, the kind of every channel, and in which
// attributes the addresses of a kind stand.
func (p *Program) planBars() {
	p.kindOf, p.addresses = map[string]string{}, map[string][]string{}
	p.eachSend(func(s *SendSpec) {
		p.kindOf[s.Channel] = s.Kind
		for _, c := range s.contents() {
			a, ok := c.(Addressed)
			if !ok || a.Address().Kind != KeyLead || slices.Contains(p.addresses[s.Kind], a.Address().Name) {
				continue
			}
			p.addresses[s.Kind] = append(p.addresses[s.Kind], a.Address().Name)
		}
	})
	for _, kind := range p.kindOf {
		if len(p.addresses[kind]) == 0 && p.spec.KeyAttr != "" {
			p.addresses[kind] = []string{p.spec.KeyAttr}
		}
	}
	for name, plan := range p.events {
		kind, bounced := strings.CutSuffix(name, "_bounced")
		kind, complained := strings.CutSuffix(kind, "_complained")
		kind, blocked := strings.CutSuffix(kind, "_blocked")
		kind, followed := strings.CutSuffix(kind, "_followed")
		switch {
		case plan.from != "" || kind == "":
		case bounced:
			plan.bars = &barRule{kind: kind, reason: BarBounced, hard: true}
		case complained:
			plan.bars = &barRule{kind: kind, reason: BarComplained}
		case blocked || followed:
			plan.bars = &barRule{kind: kind, reason: BarBlocked, lifts: followed}
		}
	}
	p.event("unsubscribed").bars = &barRule{reason: BarUnsubscribed}
	p.event("unsubscribe_undone").lifts = true
	p.event(WishedEvent).wishes = true
}

// eachSend visits every channel step, and what asks to confirm a consent.
func (p *Program) eachSend(visit func(*SendSpec)) {
	for i := range p.spec.Consents {
		if c := p.spec.Consents[i].Confirm; c != nil && c.Send != nil {
			visit(c.Send)
		}
	}
	p.eachStep(func(step *StepSpec) {
		if step.Send != nil {
			visit(step.Send)
		}
	})
}

// contents are the forms in which a step's message may go.
func (s *SendSpec) contents() []Content {
	var list []Content
	if s.Content != nil {
		list = append(list, s.Content)
	}
	if s.Experiment != nil {
		for i := range s.Experiment.Variants {
			if c := s.Experiment.Variants[i].Content; c != nil {
				list = append(list, c)
			}
		}
	}
	return list
}
