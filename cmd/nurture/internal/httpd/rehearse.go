package httpd

import (
	"bytes"
	"cmp"
	"errors"
	"slices"

	"github.com/seed-456efde2/nurture/engine"
)

// ImportPlan is what rows would do at once. What time brings later (a wait that
// ends, a mail in the morning) is not in it.
type ImportPlan struct {
	New        []string       `json:"new" doc:"Internal ids of leads that are not known yet."`
	Updated    []string       `json:"updated" doc:"Internal ids of leads that are."`
	Entered    map[string]int `json:"entered" doc:"By workflow."`
	TossedUp   map[string]int `json:"tossedUp" doc:"By toss-up."`
	Moved      map[string]int `json:"moved" doc:"By the stage that is reached."`
	Messages   map[string]int `json:"messages" doc:"That would ask for leave to go, by channel."`
	NotEntered map[string]int `json:"notEntered" doc:"By workflow and reason."`
}

// rehearsal decides on copies: nothing of it is kept.
type rehearsal struct {
	s     *Server
	p     *engine.Program
	frame *engine.Frame
	fx    engine.Effects
	leads map[engine.LeadID]*rehearsed
	posts []engine.Event
	plan  *ImportPlan
	names map[engine.Identifier]engine.LeadID
}

// rehearsed is a lead's copy, with the facts that the rehearsal has added.
type rehearsed struct {
	lead  engine.Lead
	known bool
	ids   map[string]bool // of events of lists that it has
	rows  []engine.Fact
}

// maxRehearsed bounds the facts for other leads that one row may bring about.
const maxRehearsed = 1000

// rehearse tells what events would do.
func (s *Server) rehearse(events []engine.Event, rows []int, result *ImportResult) (*ImportPlan, error) {
	plan := &ImportPlan{
		New: []string{}, Updated: []string{}, Entered: map[string]int{}, TossedUp: map[string]int{},
		Moved: map[string]int{}, Messages: map[string]int{}, NotEntered: map[string]int{},
	}
	p := s.options.Desk.Program()
	if p == nil {
		return plan, errors.New("there are no rules yet")
	}
	r := &rehearsal{
		s: s, p: p, frame: engine.NewFrame(), plan: plan,
		leads: map[engine.LeadID]*rehearsed{}, names: map[engine.Identifier]engine.LeadID{},
	}
	touched := map[engine.LeadID]bool{}
	for i := range events {
		e := events[i]
		if err := r.identify(&e); err != nil {
			return plan, err
		}
		var problem *engine.Problem
		if err := e.Check(); errors.As(err, &problem) {
			result.Refused = append(result.Refused, RowDoc{rows[i], problem.Code, problem.Text})
			continue
		}
		l, err := r.lead(e.Lead)
		if err != nil {
			return plan, err
		}
		if l.ids[e.ID] {
			result.Duplicates++
			continue
		}
		result.Events++
		touched[e.Lead] = true
		if err := r.decide(e); err != nil {
			return plan, err
		}
	}
	for id := range touched {
		if r.leads[id].known {
			plan.Updated = append(plan.Updated, id.String())
		} else {
			plan.New = append(plan.New, id.String())
		}
	}
	slices.Sort(plan.New)
	slices.Sort(plan.Updated)
	return plan, nil
}

// identify finds the lead of an event, as the runner does.
func (r *rehearsal) identify(e *engine.Event) error {
	name, ok := r.p.Named(e)
	if !ok {
		if e.Lead.IsZero() && e.User != "" {
			e.Lead = e.Strongest().Lead()
		}
		return nil
	}
	if id, known := r.names[name]; known {
		e.Lead = id
		return nil
	}
	id, found, err := r.s.options.People.Resolve(name)
	if err != nil {
		return err
	}
	if !found {
		id = name.Lead()
	}
	e.Lead = id
	return nil
}

// lead copies a lead as it stands.
func (r *rehearsal) lead(id engine.LeadID) (*rehearsed, error) {
	if l := r.leads[id]; l != nil {
		return l, nil
	}
	l := &rehearsed{ids: map[string]bool{}}
	people := r.s.options.People
	found, err := people.Lead(id, &l.lead)
	if err != nil {
		return nil, err
	}
	l.lead.ID = id
	l.known = found && l.lead.FirstSeen != 0
	if l.known && l.lead.Entity == engine.NoEntity {
		err = people.Facts(id.Partition(people.Partitions()), id, func(f *engine.Fact) error {
			if f.Event.Source == importSource {
				l.ids[f.Event.ID] = true
			}
			return nil
		})
	}
	r.leads[id] = l
	return l, err
}

// decide decides one event and what follows from it for others.
func (r *rehearsal) decide(e engine.Event) error {
	r.posts = append(r.posts[:0], e)
	for n := 0; len(r.posts) > 0 && n < maxRehearsed; n++ {
		next := r.posts[0]
		r.posts = slices.Delete(r.posts, 0, 1)
		l, err := r.lead(next.Lead)
		if err != nil {
			return err
		}
		if err := r.p.Decide(r.frame, &l.lead, &next, r, &r.fx); err != nil {
			return err
		}
		for i := range r.fx.Facts {
			f := r.fx.Facts[i]
			f.Derived, f.Decisions = slices.Clone(f.Derived), slices.Clone(f.Decisions)
			l.rows = append(l.rows, f)
			r.note(&f)
		}
		for _, name := range r.fx.Identifiers {
			r.names[name] = l.lead.Whole()
		}
		r.posts = append(r.posts, r.fx.Posts...)
	}
	return nil
}

// note counts what a fact has decided.
func (r *rehearsal) note(f *engine.Fact) {
	for i := range f.Decisions {
		d := &f.Decisions[i]
		switch d.Kind {
		case engine.Enrolled:
			r.plan.Entered[d.Subject]++
		case engine.TossedUp:
			r.plan.TossedUp[d.Subject]++
		case engine.Moved:
			r.plan.Moved[d.Detail]++
		case engine.Intended:
			r.plan.Messages[d.Subject]++
		case engine.NotEntered:
			r.plan.NotEntered[d.Subject+" "+d.Detail]++
		}
	}
}

// Facts makes the rehearsal the history of its leads: what is durable, and what it
// has added.
func (r *rehearsal) Facts(id engine.LeadID, yield func(*engine.Fact) error) error {
	var rows []engine.Fact
	people := r.s.options.People
	err := people.Facts(id.Partition(people.Partitions()), id, func(f *engine.Fact) error {
		var own engine.Fact
		if err := engine.DecodeFact(engine.AppendFact(nil, f), &own); err != nil {
			return err
		}
		own.Event.Lead = id
		rows = append(rows, own)
		return nil
	})
	if err != nil {
		return err
	}
	if l := r.leads[id]; l != nil {
		rows = append(rows, l.rows...)
	}
	slices.SortStableFunc(rows, func(a, b engine.Fact) int {
		return cmp.Or(cmp.Compare(a.Event.At, b.Event.At), cmp.Compare(a.Seq, b.Seq), bytes.Compare(a.Event.Lead[:], b.Event.Lead[:]))
	})
	for i := range rows {
		if err := yield(&rows[i]); err != nil {
			return err
		}
	}
	return nil
}
