package engine

import "slices"

// A lead's own wishes: how often it wants to hear from us, of everything or about
// one topic. They are folds of what it said on its preference page, and stand above
// every contact policy: a policy may send less, never more.

// Wish is a lead's own cap: one message in Per.
type Wish struct {
	Topic string // "" for everything
	Per   Span
	At    Time
}

// WishedEvent is the event by which a lead says how often it wants to hear from us:
// its fields are "topic" ("" or none: everything) and "frequency". Only pages of our
// own bring it.
const WishedEvent = "preferences_set"

// The frequencies that a lead may wish for.
const (
	AsUsual = "usual"   // as the policies have it
	Weekly  = "weekly"  // at most one in seven days
	Monthly = "monthly" // at most one in thirty days
	NotAny  = "none"    // about a topic: nothing more
)

// Wished is the reason code of a message that has to wait for the lead's own cap.
const Wished = "wished"

// wishSpan is the time between two messages at a frequency, 0 for as usual.
func wishSpan(frequency string) (per Span, known bool) {
	switch frequency {
	case AsUsual:
		return 0, true
	case Weekly:
		return 7 * Day, true
	case Monthly:
		return 30 * Day, true
	}
	return 0, false
}

// Frequency is the word for a wish.
func (w *Wish) Frequency() string {
	switch w.Per {
	case 7 * Day:
		return Weekly
	case 30 * Day:
		return Monthly
	}
	return AsUsual
}

// Wish is what the lead wished for about a topic, "" for everything; nil when it
// wished for nothing.
func (folds *Folds) Wish(topic string) *Wish {
	for i := range folds.Wishes {
		if folds.Wishes[i].Topic == topic {
			return &folds.Wishes[i]
		}
	}
	return nil
}

// foldWish takes what a lead said about how often it wants to hear from us. To want
// anything is leave: it lifts an unsubscribe from the same. It reports whether an
// attribute changed.
func (f *Frame) foldWish(folds *Folds, e *Event) (changed bool) {
	topic, frequency := f.topic(), f.said("frequency")
	if frequency == NotAny {
		if topic != "" {
			f.foldBar(folds, e, &barRule{reason: BarUnsubscribed})
		}
		return false
	}
	per, known := wishSpan(frequency)
	if !known {
		f.decide(Decision{Kind: Fault, At: e.At, Subject: "event." + WishedEvent, Detail: "the frequency is none of usual, weekly, monthly, none"})
		return false
	}
	folds.Wishes = slices.DeleteFunc(folds.Wishes, func(w Wish) bool { return w.Topic == topic })
	if per > 0 {
		folds.Wishes = append(folds.Wishes, Wish{topic, per, e.At})
	}
	was := len(folds.Barred)
	folds.Barred = slices.DeleteFunc(folds.Barred, func(b Bar) bool { return b.Reason == BarUnsubscribed && b.Topic == topic })
	if topic != "" || len(folds.Barred) == was {
		return false
	}
	return f.giveAgain(folds, e)
}

// giveAgain gives the consents anew that the unsubscribe had taken away which the
// lead has just taken back itself, on its own page.
func (f *Frame) giveAgain(folds *Folds, e *Event) (changed bool) {
	wording, _ := Lookup(e.Fields, "wording")
	for _, at := range f.p.events["unsubscribed"].revokes {
		c := consentOf(folds, f.p.spec.Consents[at].Name)
		if c != nil && c.Given != 0 && c.Revoked != 0 {
			*c = Consent{Name: c.Name, Given: e.At, Event: WishedEvent, Wording: wording.Text(), Source: e.Source}
		}
	}
	if f.p.events["unsubscribed"].flagName != "" {
		changed = setAttr(folds, "unsubscribed", FlagValue(false))
	}
	return changed
}

// wishes are the lead's own caps that hold for a message.
func (f *Frame) wishes(s *SendSpec) bool {
	if len(f.l.Folds.Wishes) == 0 || s.Transactional || !f.p.reachesLead(s) {
		return false
	}
	return slices.ContainsFunc(f.l.Folds.Wishes, func(w Wish) bool { return w.covers(s.Topic) })
}

func (w *Wish) covers(topic string) bool { return w.Topic == "" || w.Topic == topic }

// blockedByWish says when the lead's own caps have room for a message again.
func (f *Frame) blockedByWish(s *SendSpec) (until Time, code string, then OnBlocked) {
	if !f.wishes(s) {
		return 0, "", Postpone
	}
	for i := range f.l.Folds.Wishes {
		w := &f.l.Folds.Wishes[i]
		if !w.covers(s.Topic) {
			continue
		}
		t := f.l.heard(w.Topic)
		if t == nil {
			continue
		}
		recent := t.Recent[:countUntil(t.Recent, f.wall)]
		if n := len(recent); n > 0 && f.wall < recent[n-1].Add(w.Per) {
			until = max(until, recent[n-1].Add(w.Per))
		}
	}
	if until == 0 {
		return 0, "", Postpone
	}
	if policy := f.p.policy[s.Policy]; policy != nil {
		then = policy.spec.WhenCapped
	}
	return until, Wished, then
}

// heard counts what the lead has heard from us about a topic since it wished.
func (l *Lead) heard(topic string) *Tally {
	for i := range l.Acts.Heard {
		if l.Acts.Heard[i].Channel == topic {
			return &l.Acts.Heard[i]
		}
	}
	return nil
}

// noteHeard takes a place under the lead's own caps, where it has any.
func (f *Frame) noteHeard(s *SendSpec, wall Time) {
	if s == nil || !f.wishes(s) {
		return
	}
	for i := range f.l.Folds.Wishes {
		w := &f.l.Folds.Wishes[i]
		if !w.covers(s.Topic) {
			continue
		}
		t := f.l.heard(w.Topic)
		if t == nil {
			f.l.Acts.Heard = append(f.l.Acts.Heard, Tally{Channel: w.Topic})
			t = &f.l.Acts.Heard[len(f.l.Acts.Heard)-1]
		}
		t.Total++
		t.Recent = remember(t.Recent, wall, w.Per)
	}
}

// unhear gives a place under the lead's own caps back.
func (f *Frame) unhear(p *Pending) {
	if len(f.l.Acts.Heard) == 0 {
		return
	}
	s := f.sendOf(p)
	if s == nil || s.Transactional {
		return
	}
	for i := range f.l.Acts.Heard {
		t := &f.l.Acts.Heard[i]
		if t.Channel != "" && t.Channel != s.Topic {
			continue
		}
		if at := slices.Index(t.Recent, p.Reserved); at >= 0 {
			t.Recent = slices.Delete(t.Recent, at, at+1)
			t.Total--
		}
	}
}

// joinTallies adds up what two leads that became one have heard.
func joinTallies(a, b []Tally) []Tally {
	for i := range b {
		at := slices.IndexFunc(a, func(t Tally) bool { return t.Channel == b[i].Channel })
		if at < 0 {
			a = append(a, Tally{b[i].Channel, b[i].Total, slices.Clone(b[i].Recent)})
			continue
		}
		a[at].Total += b[i].Total
		a[at].Recent = append(a[at].Recent, b[i].Recent...)
		slices.Sort(a[at].Recent)
	}
	return a
}
