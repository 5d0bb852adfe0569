package history

import (
	"cmp"
	"slices"

	"github.com/seed-456efde2/nurture/engine"
)

// rule weighs the conditions of one rule. A rule on an event is told as it was judged
// when the event came last.
func (x *explainer) rule(name engine.RuleName, on string, conds []engine.Cond) Part {
	p := Part{Rule: name, On: on}
	for _, c := range conds {
		if p.Place.File == "" {
			p.Place = c.Place()
		}
	}
	if on != "" && x.judgedOn(&p, on, conds) {
		return p
	}
	reasons, holds := x.p.Weigh(x.frame, x.lead, x.at, nil, conds)
	p.Holds = holds && on == ""
	for i, reason := range reasons {
		p.Conds = append(p.Conds, x.weighed(conds[i], reason, nil))
	}
	if on != "" {
		return p
	}
	p.Needs = x.needs(conds, reasons)
	if at, ok := x.p.FlipsAt(x.frame, x.lead, x.at, conds); ok {
		p.Flips = at
	}
	return p
}

// judgedOn tells how a rule was judged when its event came last; false when it never
// came.
func (x *explainer) judgedOn(p *Part, on string, conds []engine.Cond) bool {
	r, row := x.lastOn(on)
	if row == nil {
		return false
	}
	p.Event = row
	var reasons []engine.Reason
	if look, at := r.LastLook(p.Rule); !x.q.Anew && look != nil && at.Seq == row.Seq {
		if then := x.condsOf(p, row); len(look.Reasons) == len(then) {
			reasons, p.Holds, conds = look.Reasons, look.Holds, then
		}
	}
	if reasons == nil {
		p.By = 0
		reasons, p.Holds = x.p.Weigh(x.frame, x.lead, row.Event.At, &row.Event, conds)
	}
	for i, reason := range reasons {
		p.Conds = append(p.Conds, x.weighed(conds[i], reason, row))
	}
	return true
}

// condsOf are the conditions of a rule under the revision that decided a row.
func (x *explainer) condsOf(p *Part, row *engine.Fact) []engine.Cond {
	program, err := x.r.memory.Program(row.Revision)
	if err != nil {
		return nil
	}
	if row.Revision != x.p.Revision() {
		p.By = row.Revision
	}
	return condsOfRule(program.Spec(), p.Rule)
}

// condsOfRule are the conditions of a rule that is judged on an event.
func condsOfRule(spec *engine.Spec, rule engine.RuleName) []engine.Cond {
	for i := range spec.TossUps {
		if "toss_up."+spec.TossUps[i].Name == rule.Block {
			return spec.TossUps[i].When
		}
	}
	for i := range spec.Flows {
		f := &spec.Flows[i]
		block := "workflow." + f.Name
		if block == rule.Block && rule.Part == "enter" {
			return f.Enter.When
		}
		for j := range f.Exits {
			if block+".exit."+f.Exits[j].Name == rule.Block {
				return f.Exits[j].When
			}
		}
		for j := range f.Steps {
			if s := &f.Steps[j]; s.Wait != nil && block+".step."+s.Name == rule.Block {
				return s.Wait.When
			}
		}
	}
	return nil
}

// lastOn is the last row of the lead that an event of a declared name came with, and
// the journal that it stands in.
func (x *explainer) lastOn(name string) (in *Recalled, last *engine.Fact) {
	for _, r := range x.all {
		for i := len(r.Rows) - 1; i >= 0; i-- {
			row := &r.Rows[i]
			if last != nil && row.Event.At <= last.Event.At || !x.came(row, name) {
				continue
			}
			in, last = r, row
			break
		}
	}
	return in, last
}

// came reports whether a row came with an event of a declared name.
func (x *explainer) came(row *engine.Fact, name string) bool {
	if slices.ContainsFunc(row.Derived, func(d engine.Derived) bool { return d.Name == name }) {
		return true
	}
	return row.Event.Kind.Outside() && slices.Contains(x.p.EventNames(x.frame, x.lead, &row.Event), name)
}

// maxInner bounds how deep segments are opened that read segments.
const maxInner = 4

// weighed is a condition with the facts behind it. row is the event's, nil for none.
func (x *explainer) weighed(c engine.Cond, reason engine.Reason, row *engine.Fact) Weighed {
	return x.opened(c, reason, row, maxInner)
}

func (x *explainer) opened(c engine.Cond, reason engine.Reason, row *engine.Fact, deep int) Weighed {
	w := Weighed{Cond: c, Reason: reason}
	for i, k := range c.Reads() {
		if i >= len(reason.Facts) {
			break
		}
		w.Facts = append(w.Facts, x.fact(k, reason.Facts[i].Value, row))
		if k.Kind != engine.KeySegment || deep == 0 {
			continue
		}
		s := find(x.p.Spec().Segments, func(s *engine.SegmentSpec) bool { return s.Name == k.Name })
		if s == nil {
			continue
		}
		at := x.at
		if row != nil {
			at = row.Event.At
		}
		reasons, _ := x.p.Weigh(x.frame, x.lead, at, nil, s.When)
		for j := range reasons {
			w.Inner = append(w.Inner, x.opened(s.When[j], reasons[j], row, deep-1))
		}
	}
	return w
}

// Fact is one fact that a condition saw, and where it came from.
type Fact struct {
	Key   engine.Key
	Value engine.Value
	// Since is when it became so: the event that set it, was counted last, or made a
	// score what it was; 0: nobody can say.
	Since engine.Time
	// Was is what a falling score was at Since.
	Was   float64
	Falls *engine.ScoreSpec // of a score that time alone changes
	Of    string            // message id of the event that set it, "" for none
	Ends  engine.Time       // of a consent: when it expires
}

// fact tells of one fact of the lead.
func (x *explainer) fact(k engine.Key, v engine.Value, row *engine.Fact) Fact {
	f := Fact{Key: k, Value: v}
	folds := &x.lead.Folds
	switch k.Kind {
	case engine.KeyEvent:
		if row != nil {
			f.Since, f.Of = row.Event.At, row.Event.ID
		}
	case engine.KeyLead:
		f.Since, f.Of = x.setBy(k.Name)
	case engine.KeyScore:
		x.scoreFact(&f)
	case engine.KeyTimes, engine.KeySince:
		if c := find(folds.Counts, func(c *engine.Count) bool { return c.Event == k.Name }); c != nil {
			f.Since = c.Last
		}
	case engine.KeyConsent:
		if c := find(folds.Consents, func(c *engine.Consent) bool { return c.Name == k.Name }); c != nil {
			f.Since = cmp.Or(c.Revoked, c.Given)
			s := find(x.p.Spec().Consents, func(s *engine.ConsentSpec) bool { return s.Name == k.Name })
			if s != nil && s.Expires > 0 && c.Revoked == 0 && c.Given != 0 {
				f.Ends = c.Given.Add(s.Expires)
			}
		}
	case engine.KeyStage:
		f.Since = x.lead.Acts.StageSince
	case engine.KeyAt, engine.KeyInWorkflow:
		if r := find(x.lead.Acts.Runs, func(r *engine.Run) bool { return r.Workflow == k.Name }); r != nil {
			f.Since = r.Reached
		}
	case engine.KeyTossedUp:
		if o := find(x.lead.Acts.Offers, func(o *engine.Offer) bool { return o.TossUp == k.Name }); o != nil {
			f.Since = o.Made
		}
	case engine.KeySent:
		if t := find(x.lead.Acts.Sent, func(t *engine.Tally) bool { return t.Channel == k.Name }); t != nil && len(t.Recent) > 0 {
			f.Since = t.Recent[len(t.Recent)-1]
		}
	}
	return f
}

// scoreFact tells what a score was when it was paid for last, and how it falls.
func (x *explainer) scoreFact(f *Fact) {
	s := find(x.lead.Folds.Scores, func(s *engine.Score) bool { return s.Name == f.Key.Name })
	spec := find(x.p.Spec().Scores, func(s *engine.ScoreSpec) bool { return s.Name == f.Key.Name })
	if s == nil || spec == nil || s.AsOf == 0 {
		return
	}
	f.Since = s.AsOf
	f.Was = x.p.Read(x.frame, x.lead, s.AsOf, f.Key).Number()
	if spec.HalfLife > 0 || spec.Expires > 0 || spec.Step.Per > 0 {
		f.Falls = spec
	}
}

// setBy is the event that gave an attribute its value last.
func (x *explainer) setBy(name string) (engine.Time, string) {
	spec := find(x.p.Spec().Attrs, func(a *engine.AttrSpec) bool { return a.Name == name })
	names := func(wire string) bool {
		return wire == name || spec != nil && spec.Wire == wire && wire != "" || (spec == nil || spec.Wire == "") && engine.Fold(wire) == name
	}
	var best *engine.Event
	for _, r := range x.all {
		for i := range r.Rows {
			e := &r.Rows[i].Event
			if e.Kind != engine.Identify && e.Kind != engine.Group || best != nil && e.At < best.At {
				continue
			}
			if slices.ContainsFunc(e.Fields, func(f engine.Field) bool { return names(f.Name) }) {
				best = e
			}
		}
	}
	if best == nil {
		return 0, ""
	}
	return best.At, best.ID
}

// Paid is what is left of the points that one rule of a score paid.
type Paid struct {
	Rule    string
	Points  float64 // left of them
	Whole   float64 // as they were paid
	Times   int
	Last    engine.Time
	Place   engine.Place
	On      string
	Reasons []Weighed // of a rule without an event
}

// score tells which rules paid for a score, what is left of it, and why those that
// read attributes alone pay or do not.
func (x *explainer) score(out *Explained, s *engine.ScoreSpec) error {
	if s == nil {
		return nil
	}
	lead, err := copyLead(x.lead)
	if err != nil {
		return err
	}
	part := Part{Rule: engine.RuleName{Block: "score." + s.Name}, Name: s.Name}
	part.Value = x.p.Read(x.frame, x.lead, x.at, engine.Key{Kind: engine.KeyScore, Name: s.Name}).Number()
	paid := map[string]*Paid{}
	err = x.p.FoldAnew(x.frame, lead, x.r.History(), func(d engine.Decision) {
		score, rule, _ := cut(d.Subject)
		if score != s.Name || d.At > x.at {
			return
		}
		p := paid[rule]
		if p == nil {
			p = &Paid{Rule: rule}
			paid[rule] = p
		}
		p.Points += s.FadedPoints(&d, x.at)
		p.Whole += d.Points
		p.Times++
		p.Last = max(p.Last, d.At)
	})
	if err != nil {
		return err
	}
	for i := range s.Rules {
		r := &s.Rules[i]
		p := paid[r.Name]
		if p == nil {
			p = &Paid{Rule: r.Name}
		}
		p.On, p.Place = r.On, placeOf(r)
		if r.On == "" {
			reasons, holds := x.p.Weigh(x.frame, x.lead, x.at, nil, r.When)
			for j := range reasons {
				p.Reasons = append(p.Reasons, x.weighed(r.When[j], reasons[j], nil))
			}
			if holds {
				p.Points = x.p.PaysNow(x.frame, x.lead, x.at, s.Name, r.Name)
			}
		}
		if part.Place.File == "" {
			part.Place = p.Place
		}
		part.Points = append(part.Points, *p)
	}
	out.Parts = append(out.Parts, part)
	return nil
}

// placeOf is where a scoring rule stands, as far as its expressions tell.
func placeOf(r *engine.ScoreRule) engine.Place {
	for _, c := range r.When {
		return c.Place()
	}
	if r.Amount != nil {
		return r.Amount.Place()
	}
	return engine.Place{}
}
