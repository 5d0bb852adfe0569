package engine

import (
	"strings"
	"time"
)

// read is the value of one key in the frame's view.
func (f *Frame) read(k *keyPlan) Value {
	switch k.key.Kind {
	case KeyLead:
		return f.readAttr(k)
	case KeyEvent:
		return f.readField(k.key.Name)
	case KeyScore:
		return NumberValue(f.readScore(k))
	case KeySegment:
		return FlagValue(f.inSegment(k.key.Name))
	case KeyStage:
		return TextValue(f.l.Acts.Stage)
	case KeyConsent:
		return FlagValue(f.hasConsent(k.key.Name))
	case KeyTimes:
		return NumberValue(float64(f.times(k.key.Name, k.key.Window)))
	case KeySince:
		return f.since(k.key.Name)
	case KeySent:
		return NumberValue(float64(f.sent(k.key.Name, k.key.Window)))
	case KeyAccount:
		return f.readAccount(k)
	case KeyAccountTimes:
		return NumberValue(float64(f.accountTimes(k.key.Name, k.key.Window)))
	case KeyAccountSince:
		return f.accountSince(k.key.Name)
	case KeySkipped:
		return NumberValue(float64(f.skipped(k.key.Name, k.key.Arg)))
	}
	return f.readPlace(k)
}

// readPlace reads where the lead stands and what time it is.
func (f *Frame) readPlace(k *keyPlan) Value {
	switch k.key.Kind {
	case KeyAt:
		return TextValue(f.l.Place(k.key.Name))
	case KeyInWorkflow:
		return FlagValue(f.l.run(k.key.Name) != nil)
	case KeyTossedUp:
		o := f.l.offer(k.key.Name)
		return FlagValue(o != nil && o.Count > 0)
	case KeyNow:
		return TimeValue(f.now)
	case KeyWeekday:
		return TextValue(strings.ToLower(f.local().Weekday().String()[:3]))
	case KeyHour:
		return NumberValue(float64(f.local().Hour()))
	case KeyBusinessDay:
		return FlagValue(f.p.spec.Calendar.Working(f.local()))
	case KeyReasons:
		if f.offer != nil {
			return TextValue(f.offer.Reasons)
		}
	case KeyTossUp:
		if f.offer != nil {
			return TextValue(f.offer.TossUp)
		}
	case KeyTouch:
		return f.readTouch(k.key)
	case KeyShown:
		return f.readShown(k.key.Name)
	}
	return Value{}
}

func (f *Frame) local() time.Time { return f.now.In(f.zone) }

func (f *Frame) readAttr(k *keyPlan) Value {
	if v := attr(f.folds, k.key.Name); !v.IsNone() {
		return v
	}
	if k.key.Name == "created_at" {
		return TimeValue(f.l.FirstSeen)
	}
	if k.index >= 0 {
		return f.p.spec.Attrs[k.index].Default
	}
	return Value{}
}

// readField finds a field of the event at hand under its declared name.
func (f *Frame) readField(name string) Value {
	if f.event == nil || f.plan == nil {
		return Value{}
	}
	var spec *AttrSpec
	for i := range f.plan.fields {
		if f.plan.fields[i].Name == name {
			spec = &f.plan.fields[i]
			break
		}
	}
	if spec == nil {
		return Value{}
	}
	for i := len(f.event.Fields) - 1; i >= 0; i-- {
		wire := f.event.Fields[i].Name
		if wire != name && wire != spec.Wire && (spec.Wire != "" || f.fold(wire) != name) {
			continue
		}
		if v, ok := convert(f.event.Fields[i].Value, spec); ok && !v.IsNone() {
			return v
		}
		break
	}
	return spec.Default
}

func (f *Frame) inSegment(name string) bool {
	r := f.p.segment[name]
	return r != nil && f.holds(r)
}

func (f *Frame) hasConsent(name string) bool {
	i, declared := f.p.consent[name]
	c := consentOf(f.folds, name)
	if !declared || c == nil || c.Given == 0 || c.Revoked != 0 {
		return false
	}
	expires := f.p.spec.Consents[i].Expires
	return expires == 0 || f.now < c.Given.Add(expires)
}

// times counts an event in (now − window, now], or ever.
func (f *Frame) times(event string, window Span) int64 {
	c := countOf(f.folds, event)
	if c == nil {
		return 0
	}
	if window == 0 {
		return c.Total
	}
	return int64(within(c.Recent, f.now, window))
}

func (f *Frame) since(event string) Value {
	c := countOf(f.folds, event)
	if c == nil || c.Last == 0 {
		return Value{}
	}
	return NumberValue(float64(f.now.Sub(c.Last)) / float64(Day))
}

func (f *Frame) sent(channel string, window Span) int64 {
	t := f.l.tally(channel)
	if t == nil {
		return 0
	}
	if window == 0 {
		return t.Total
	}
	return int64(within(t.Recent, f.now, window))
}

func (f *Frame) skipped(channel, reason string) int64 {
	var n int64
	for i := range f.l.Acts.Skipped {
		s := &f.l.Acts.Skipped[i]
		if s.Channel == channel && (reason == "" || reason == s.Reason) {
			n += s.N
		}
	}
	return n
}

// within counts the instants in (now − window, now] of an ascending list.
func within(times []Time, now Time, window Span) int {
	n := 0
	for i := len(times) - 1; i >= 0 && times[i] > now-Time(window); i-- {
		if times[i] <= now {
			n++
		}
	}
	return n
}

func attr(folds *Folds, name string) Value {
	for i := range folds.Attrs {
		if folds.Attrs[i].Name == name {
			return folds.Attrs[i].Value
		}
	}
	return Value{}
}

func scoreOf(folds *Folds, name string) *Score {
	for i := range folds.Scores {
		if folds.Scores[i].Name == name {
			return &folds.Scores[i]
		}
	}
	return nil
}

func consentOf(folds *Folds, name string) *Consent {
	for i := range folds.Consents {
		if folds.Consents[i].Name == name {
			return &folds.Consents[i]
		}
	}
	return nil
}

func countOf(folds *Folds, event string) *Count {
	for i := range folds.Counts {
		if folds.Counts[i].Event == event {
			return &folds.Counts[i]
		}
	}
	return nil
}

// run is the lead's latest run in a workflow, nil when it is not inside.
func (l *Lead) run(workflow string) *Run {
	for i := len(l.Acts.Runs) - 1; i >= 0; i-- {
		if l.Acts.Runs[i].Workflow == workflow {
			return &l.Acts.Runs[i]
		}
	}
	return nil
}

// past is what is remembered of the lead's latest entry into a workflow.
func (l *Lead) past(workflow string) *Past {
	var latest *Past
	for i := range l.Acts.Past {
		p := &l.Acts.Past[i]
		if p.Workflow == workflow && (latest == nil || p.Entered >= latest.Entered) {
			latest = p
		}
	}
	return latest
}

func (l *Lead) offer(tossUp string) *Offer {
	for i := range l.Acts.Offers {
		if l.Acts.Offers[i].TossUp == tossUp {
			return &l.Acts.Offers[i]
		}
	}
	return nil
}

func (l *Lead) tally(channel string) *Tally {
	for i := range l.Acts.Sent {
		if l.Acts.Sent[i].Channel == channel {
			return &l.Acts.Sent[i]
		}
	}
	return nil
}

// PendingAction finds an action under way, nil when there is none of that key.
// The pointer is valid until the lead changes.
func (l *Lead) PendingAction(key ActionKey) *Pending {
	for i := range l.Acts.Pending {
		if l.Acts.Pending[i].Key == key {
			return &l.Acts.Pending[i]
		}
	}
	return nil
}

// Place is where the lead stands in a workflow: the step's name, "exit.NAME"
// after it has left, "" when it was never in.
func (l *Lead) Place(workflow string) string {
	if r := l.run(workflow); r != nil {
		return r.Step
	}
	if p := l.past(workflow); p != nil {
		return p.Exit
	}
	return ""
}

// Read is one fact about a lead at an instant, as a condition would see it: for
// pages, explanations and tests. No event is at hand.
func (p *Program) Read(f *Frame, l *Lead, now Time, k Key) Value {
	p, f = p.with(l, f)
	f.bind(p, l, nil, nil)
	f.look(&l.Folds, now, nil, nil)
	plan := p.planKey(k)
	return f.read(&plan)
}

// Test answers a condition about a lead at an instant, with the facts that it
// saw. The condition need not be part of the program.
func (p *Program) Test(f *Frame, l *Lead, now Time, c Cond) (Reason, error) {
	p, f = p.with(l, f)
	f.bind(p, l, nil, nil)
	f.look(&l.Folds, now, nil, nil)
	for _, k := range c.Reads() {
		plan := p.planKey(k)
		f.store(plan.name, f.read(&plan))
	}
	_, err := c.Holds(&f.vars)
	return f.reason(c), err
}
