package history

import (
	"fmt"
	"slices"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/sim"
)

// rulesPlan is a set of rules, ready to be run.
type rulesPlan struct {
	name     string
	program  *engine.Program
	rules    []rulePlan     // by Spec.TossUps
	index    map[string]int // of a toss-up in rules
	outcomes []string       // events that rules are judged by
	wire     map[string]bool
}

type rulePlan struct {
	spec    *engine.TossUpSpec
	outcome int // in outcomes, -1 for none
	within  engine.Span
}

// newRulesPlan compiles rules for being run lead by lead: without the figures, which
// are nobody's when leads are apart.
func newRulesPlan(r *Ruleset, o *ReplayOptions) (*rulesPlan, error) {
	spec := *r.Spec
	spec.KPIs, spec.Funnels, spec.Reviews = nil, nil, nil
	p := &rulesPlan{name: r.Name, index: map[string]int{}, wire: map[string]bool{}}
	for i := range spec.TossUps {
		t := &spec.TossUps[i]
		rule := rulePlan{spec: t, outcome: -1, within: o.Within}
		event := o.Outcome
		if t.Success != nil {
			if event == "" {
				event = t.Success.On
			}
			if rule.within == 0 {
				rule.within = t.Success.Within
			}
		}
		if event != "" {
			if rule.outcome = slices.Index(p.outcomes, event); rule.outcome < 0 {
				rule.outcome = len(p.outcomes)
				p.outcomes = append(p.outcomes, event)
			}
		}
		p.index[t.Name] = i
		p.rules = append(p.rules, rule)
	}
	spec.Asked = slices.Clone(spec.Asked)
	for _, event := range p.outcomes {
		i := slices.IndexFunc(spec.Events, func(e engine.EventSpec) bool { return e.Name == event })
		if i < 0 {
			return nil, fmt.Errorf("the rules of %s know no event called %q: the outcome is an event that they declare", r.Name, event)
		}
		spec.Asked = append(spec.Asked, engine.Key{Kind: engine.KeyTimes, Name: event})
		p.noteWire(&spec, i)
	}
	var err error
	if p.program, err = engine.NewProgram(&spec, "replay", 1); err != nil {
		return nil, fmt.Errorf("prepare the rules of %s for a replay: %w", r.Name, err)
	}
	return p, nil
}

// noteWire notes under which names an outcome's event arrives.
func (p *rulesPlan) noteWire(spec *engine.Spec, i int) {
	e := &spec.Events[i]
	for e.From != "" {
		j := slices.IndexFunc(spec.Events, func(of engine.EventSpec) bool { return of.Name == e.From })
		if j < 0 {
			break
		}
		e = &spec.Events[j]
	}
	p.wire[e.Name] = true
	if e.Wire != "" {
		p.wire[e.Wire] = true
	}
}

// mayBe reports whether an event may be an outcome.
func (p *rulesPlan) mayBe(e *engine.Event) bool {
	switch e.Kind {
	case engine.Track:
		return p.wire[e.Name] || p.wire[engine.Fold(e.Name)]
	case engine.Page:
		return p.wire["page_viewed"]
	case engine.Screen:
		return p.wire["screen_viewed"]
	}
	return false
}

// player runs one person after the other under one set of rules.
type player struct {
	plan   *rulesPlan
	from   engine.Time
	to     engine.Time
	sim    *sim.Sim
	person *Person
	sent   map[engine.ActionKey]engine.Time
	picks  []pick
	came   []outcome
	counts map[engine.LeadID][]int64 // outcomes that have come
	told   unknowns
	other  [numActs]int
	heard  func(engine.LeadID, *engine.Fact)
}

// pick is one hand-over, outcome one outcome, of one lead of the person.
type pick struct {
	rule int
	lead engine.LeadID
	at   engine.Time
}

type outcome struct {
	event int
	lead  engine.LeadID
	at    engine.Time
}

func newPlayer(plan *rulesPlan, o *ReplayOptions) *player {
	pl := &player{
		plan: plan, from: o.From, to: o.To, sent: map[engine.ActionKey]engine.Time{}, counts: map[engine.LeadID][]int64{}, heard: o.heard,
	}
	pl.sim = sim.New(plan.program, sim.Options{OnFact: pl.fact, Reply: pl.reply, Apart: true})
	return pl
}

// play runs a person from the beginning to the record's end.
func (pl *player) play(p *Person) error {
	pl.sim.Reset()
	clear(pl.sent)
	clear(pl.counts)
	pl.person, pl.picks, pl.came = p, pl.picks[:0], pl.came[:0]
	pl.told, pl.other = unknowns{}, [numActs]int{}
	for i := range p.Events {
		e := &p.Events[i]
		if pl.unasked(e) {
			continue
		}
		if err := pl.submit(e); err != nil {
			return err
		}
		if len(pl.plan.outcomes) > 0 && pl.plan.mayBe(e) {
			pl.countOutcomes(e)
		}
	}
	return pl.sim.Advance(pl.to)
}

func (pl *player) submit(e *engine.Event) error {
	if pl.person.Once {
		return pl.sim.Relive(e)
	}
	_, err := pl.sim.Submit(*e)
	return err
}

// unasked reports whether an event is the answer to a message that these rules have
// not sent, or not yet: nobody can know whether it would have come.
func (pl *player) unasked(e *engine.Event) bool {
	if e.Kind != engine.Track || !pl.person.Done {
		return false
	}
	message, ok := engine.Lookup(e.Fields, "message")
	if !ok {
		return false
	}
	key, ok := engine.ParseActionKey(message.Text())
	if !ok {
		return false
	}
	at, ok := pl.sent[key]
	if ok && at <= e.At {
		return false
	}
	pl.told.Answers++
	return true
}

// reply is what a channel said then, else that it took the message.
func (pl *player) reply(r engine.Request) engine.Receipt {
	if said, ok := pl.person.Receipts[r.Key]; ok && said.Outcome != engine.Retry {
		return engine.Receipt{Outcome: said.Outcome, Code: said.Code}
	}
	return engine.Receipt{Outcome: engine.Done}
}

// The kinds of act that are counted.
const (
	actSent = iota
	actSkipped
	actMoved
	actEnrolled
	actFault
	numActs
)

// fact takes note of one row of a lead's journal.
func (pl *player) fact(lead engine.LeadID, row *engine.Fact) {
	if pl.heard != nil {
		pl.heard(lead, row)
	}
	for i := range row.Decisions {
		d := &row.Decisions[i]
		switch d.Kind {
		case engine.TossedUp:
			if n, ok := pl.plan.index[d.Subject]; ok {
				pl.picks = append(pl.picks, pick{n, lead, d.At})
				if pl.person.Done && !pl.person.Offers[d.Subject] {
					pl.told.Offers++
				}
			}
		case engine.Sent:
			pl.sent[d.Action] = d.At
			pl.other[actSent]++
			if pl.person.Done && !pl.person.Sent[d.Action] {
				pl.told.Messages++
			}
		case engine.Skipped:
			pl.other[actSkipped]++
		case engine.Moved:
			pl.other[actMoved]++
		case engine.Enrolled:
			pl.other[actEnrolled]++
		case engine.Fault:
			pl.other[actFault]++
		}
	}
}

// countOutcomes notes the outcomes that an event has brought.
func (pl *player) countOutcomes(e *engine.Event) {
	for _, id := range pl.sim.All() {
		l := pl.sim.Lead(id)
		if l.Entity != engine.NoEntity || !l.Into.IsZero() || !pl.about(e, l) {
			continue
		}
		had := pl.counts[id]
		if had == nil {
			had = make([]int64, len(pl.plan.outcomes))
			pl.counts[id] = had
		}
		for n, event := range pl.plan.outcomes {
			times := int64(pl.sim.Read(l, engine.Key{Kind: engine.KeyTimes, Name: event}).Number())
			if times > had[n] {
				pl.came = append(pl.came, outcome{n, id, e.At})
			}
			had[n] = times
		}
	}
}

// about reports whether an event is about a lead, as far as its names tell. A person
// is one lead as a rule; a circle has many.
func (pl *player) about(e *engine.Event, l *engine.Lead) bool {
	switch {
	case e.User != "":
		return l.User == e.User
	case !e.Lead.IsZero():
		return l.ID == e.Lead || slices.Contains(l.Parts, e.Lead)
	}
	return true
}
