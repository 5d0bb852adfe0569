package history

import (
	"slices"

	"github.com/seed-456efde2/nurture/engine"
)

// Need is something that would let a condition hold that does not: found by trying it
// on a copy of the lead.
type Need struct {
	Cond    int    // index of the condition
	Event   string // that would have to come; "" for none
	Rule    string // that would pay for it, "score.rule"; "" where it is counted only
	Asks    []engine.Cond
	Points  float64 // paid once
	Times   int     // how often it would have to come, all at once
	Attr    string  // attribute that would have to be Value
	Value   engine.Value
	Consent string
	// Enough tells that the whole rule would hold by it.
	Enough bool
	// Until is the last instant at which it would do, as far as was looked; 0: it
	// would do later as well.
	Until engine.Time
}

// Bounds of what is tried.
const (
	needTimes   = 5                // how often an event is taken to come
	needHorizon = 365 * engine.Day // how far it is looked until when something would do
	needsMost   = 24               // needs that are told of one rule
)

// needs tries what would change the answer of conditions that do not hold.
func (x *explainer) needs(conds []engine.Cond, reasons []engine.Reason) []Need {
	var list []Need
	for i := range conds {
		if reasons[i].Holds {
			continue
		}
		for _, n := range x.candidates(conds[i]) {
			n.Cond = i
			if len(list) < needsMost && x.try(&n, conds) {
				list = append(list, n)
			}
		}
	}
	return list
}

// candidates are what could change a condition, by what it reads.
func (x *explainer) candidates(c engine.Cond) []Need {
	var list []Need
	values := map[string][]engine.Value{}
	add := func(n Need) {
		same := func(m Need) bool {
			return m.Event == n.Event && m.Rule == n.Rule && m.Attr == n.Attr && m.Value == n.Value && m.Consent == n.Consent
		}
		if !slices.ContainsFunc(list, same) {
			list = append(list, n)
		}
	}
	seen := map[engine.Key]bool{}
	var visit func(e engine.Expr)
	visit = func(e engine.Expr) {
		if x.q.Values != nil {
			for key, v := range x.q.Values(e) {
				values[key] = append(values[key], v...)
			}
		}
		for _, k := range e.Reads() {
			if seen[k] {
				continue
			}
			seen[k] = true
			if k.Kind == engine.KeySegment {
				if s := find(x.p.Spec().Segments, func(s *engine.SegmentSpec) bool { return s.Name == k.Name }); s != nil {
					for _, inner := range s.When {
						visit(inner)
					}
				}
				continue
			}
			x.candidate(k, values[k.String()], add)
		}
	}
	visit(c)
	return list
}

// candidate adds what could change one fact.
func (x *explainer) candidate(k engine.Key, values []engine.Value, add func(Need)) {
	switch k.Kind {
	case engine.KeyScore:
		x.payers(k.Name, values, add)
	case engine.KeyTimes, engine.KeySince:
		add(Need{Event: k.Name, Times: 1})
	case engine.KeyConsent:
		add(Need{Consent: k.Name, Times: 1})
	case engine.KeyLead:
		if a := find(x.p.Spec().Attrs, func(a *engine.AttrSpec) bool { return a.Name == k.Name }); a != nil && a.Kind == engine.Flag {
			now := x.p.Read(x.frame, x.lead, x.at, k)
			add(Need{Attr: k.Name, Value: engine.FlagValue(!now.Flag()), Times: 1})
		}
		for _, v := range values {
			add(Need{Attr: k.Name, Value: v, Times: 1})
		}
	}
}

// payers adds the rules that pay for a score when something happens. Rules without an
// event give what attributes give.
func (x *explainer) payers(score string, _ []engine.Value, add func(Need)) {
	s := find(x.p.Spec().Scores, func(s *engine.ScoreSpec) bool { return s.Name == score })
	if s == nil {
		return
	}
	for i := range s.Rules {
		r := &s.Rules[i]
		if r.On != "" {
			add(Need{Event: r.On, Rule: score + "." + r.Name, Times: 1, Asks: asksOfEvent(r.When)})
			continue
		}
		exprs := make([]engine.Expr, 0, len(r.When)+1)
		for _, c := range r.When {
			exprs = append(exprs, c)
		}
		if r.Amount != nil {
			exprs = append(exprs, r.Amount)
		}
		for _, e := range exprs {
			if x.q.Values == nil {
				break
			}
			for key, list := range x.q.Values(e) {
				for _, k := range e.Reads() {
					if k.String() == key && k.Kind == engine.KeyLead {
						for _, v := range list {
							add(Need{Attr: k.Name, Value: v, Times: 1})
						}
					}
				}
			}
		}
	}
}

// asksOfEvent are the conditions of a scoring rule that ask something of the event.
func asksOfEvent(conds []engine.Cond) []engine.Cond {
	var list []engine.Cond
	for _, c := range conds {
		if slices.ContainsFunc(c.Reads(), func(k engine.Key) bool { return k.Kind == engine.KeyEvent }) {
			list = append(list, c)
		}
	}
	return list
}

// try finds out whether something lets a condition hold, how often it has to come for
// that, whether the whole rule holds then, and until when.
func (x *explainer) try(n *Need, conds []engine.Cond) bool {
	for n.Times = 1; ; n.Times++ {
		holds, whole, points := x.suppose(n, conds, x.at)
		if n.Times == 1 {
			n.Points = points
		}
		if holds {
			n.Enough = whole
			break
		}
		if n.Times == needTimes || n.Event == "" {
			return false
		}
	}
	n.Until = x.until(n, conds)
	return true
}

// suppose lets something happen to a copy of the lead at an instant, and looks.
func (x *explainer) suppose(n *Need, conds []engine.Cond, at engine.Time) (holds, whole bool, points float64) {
	lead, err := copyLead(x.lead)
	if err != nil {
		return false, false, 0
	}
	s := engine.Supposed{Event: n.Event, Pays: n.Rule, Attr: n.Attr, Value: n.Value, Consent: n.Consent}
	for range n.Times {
		points = x.p.Suppose(x.frame, lead, at, &s)
	}
	reasons, whole := x.p.Weigh(x.frame, lead, max(at, lead.Now), nil, conds)
	return reasons[n.Cond].Holds, whole, points
}

// until is the last instant at which something would still do. The instants that are
// tried lie the farther apart the farther they are away; between the last that does
// and the first that does not it is halved down to a minute.
func (x *explainer) until(n *Need, conds []engine.Cond) engine.Time {
	does := func(at engine.Time) bool {
		holds, whole, _ := x.suppose(n, conds, at)
		return holds && whole == n.Enough
	}
	last := x.at
	for step := engine.Hour; ; step += step / 4 {
		next := last.Add(step)
		if next.Sub(x.at) > needHorizon {
			return 0
		}
		if does(next) {
			last = next
			continue
		}
		for next.Sub(last) > engine.Minute {
			mid := last.Add(next.Sub(last) / 2)
			if does(mid) {
				last = mid
			} else {
				next = mid
			}
		}
		return last
	}
}
