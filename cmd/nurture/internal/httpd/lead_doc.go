package httpd

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/seed-456efde2/nurture/engine"
)

// LeadDoc is all that is known about a lead, as the API gives it and the lead's
// page shows it.
type LeadDoc struct {
	ID        string     `json:"id" doc:"Internal id; it cannot be read back to a person." example:"9f86d081884c7d659a2feaa0c55ad015"`
	User      string     `json:"userId,omitempty"`
	Visitor   string     `json:"anonymousId,omitempty"`
	Parts     []string   `json:"parts,omitempty" doc:"Internal ids of leads that were merged into this one; their facts are its facts."`
	Into      string     `json:"into,omitempty" doc:"Internal id of the lead that this one was merged into."`
	FirstSeen *time.Time `json:"firstSeen,omitempty"`
	Now       *time.Time `json:"now,omitempty" doc:"The lead's own time: that of its latest fact or timer."`
	Revision  uint32     `json:"revision" doc:"Of the rules that decided last."`

	Stage      string         `json:"stage,omitempty"`
	StageSince *time.Time     `json:"stageSince,omitempty"`
	Attributes map[string]any `json:"attributes"`
	Scores     []ScoreDoc     `json:"scores"`
	Segments   []string       `json:"segments" doc:"Those it is in now."`
	Consents   []ConsentDoc   `json:"consents"`
	Workflows  []RunDoc       `json:"workflows" doc:"Those it is inside of."`
	Past       []PastDoc      `json:"pastWorkflows"`
	TossUps    []OfferDoc     `json:"tossUps"`
	Pending    []PendingDoc   `json:"pending" doc:"Messages under way."`
	Timers     []TimerDoc     `json:"timers"`
	Facts      []FactDoc      `json:"facts" doc:"The latest facts, newest first, with what was decided and why."`
}

// ScoreDoc is a score as of now.
type ScoreDoc struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
}

// ConsentDoc is leave to write, with its evidence.
type ConsentDoc struct {
	Name    string     `json:"name"`
	Given   *time.Time `json:"given,omitempty"`
	Revoked *time.Time `json:"revoked,omitempty"`
	Event   string     `json:"event,omitempty"`
}

// RunDoc is where a lead stands in a workflow.
type RunDoc struct {
	Workflow string     `json:"workflow"`
	Step     string     `json:"step"`
	Entered  *time.Time `json:"entered,omitempty"`
	Reached  *time.Time `json:"reached,omitempty"`
	Due      *time.Time `json:"due,omitempty" doc:"When its wait is over, where it waits for a time."`
}

// PastDoc is a workflow that the lead has left.
type PastDoc struct {
	Workflow string     `json:"workflow"`
	Entries  int32      `json:"entries"`
	Left     *time.Time `json:"left,omitempty"`
	Exit     string     `json:"exit,omitempty"`
}

// OfferDoc is what became of a toss-up.
type OfferDoc struct {
	TossUp string     `json:"tossUp"`
	State  string     `json:"state" enum:"none,holding,offered,accepted,rejected,expired,queued"`
	Since  *time.Time `json:"since,omitempty"`
	Made   *time.Time `json:"offeredAt,omitempty"`
	Count  int32      `json:"count"`
	Cause  string     `json:"messageId,omitempty" doc:"Of the event that completed it."`
}

// PendingDoc is a message under way.
type PendingDoc struct {
	Key      string     `json:"key"`
	Channel  string     `json:"channel"`
	State    string     `json:"state" enum:"ready,granted,waiting"`
	Workflow string     `json:"workflow,omitempty"`
	Step     string     `json:"step,omitempty"`
	TossUp   string     `json:"tossUp,omitempty"`
	Attempts int32      `json:"attempts"`
	Since    *time.Time `json:"since,omitempty"`
	Due      *time.Time `json:"due,omitempty" doc:"When it is tried next, where it waits."`
}

// TimerDoc is something that will wake the lead.
type TimerDoc struct {
	Kind string     `json:"kind" enum:"hold,wait,patience,try,answer"`
	Ref  string     `json:"ref"`
	Due  *time.Time `json:"due"`
}

// FactDoc is one thing that happened to a lead and what followed from it.
type FactDoc struct {
	Part      string         `json:"part,omitempty" doc:"Internal id of the part in whose journal it stands, where the lead was merged."`
	Seq       uint64         `json:"seq"`
	Revision  uint32         `json:"revision"`
	Kind      string         `json:"type"`
	Name      string         `json:"event,omitempty"`
	MessageID string         `json:"messageId,omitempty"`
	Source    string         `json:"source,omitempty"`
	At        *time.Time     `json:"at,omitempty"`
	Received  *time.Time     `json:"receivedAt,omitempty"`
	Fields    map[string]any `json:"fields,omitempty"`
	Derived   []DerivedDoc   `json:"derived,omitempty" doc:"Events that the rules brought at the same instant."`
	Decisions []DecisionDoc  `json:"decisions,omitempty"`
	AmendedDoc

	order []string // names of Fields as they came
}

// DerivedDoc is an event that the rules brought.
type DerivedDoc struct {
	Name   string         `json:"event"`
	Fields map[string]any `json:"fields,omitempty"`
}

// DecisionDoc is one thing that was decided, and why.
type DecisionDoc struct {
	Kind    string      `json:"kind"`
	At      *time.Time  `json:"at,omitempty"`
	Subject string      `json:"subject,omitempty"`
	Detail  string      `json:"detail,omitempty"`
	Action  string      `json:"key,omitempty"`
	Until   *time.Time  `json:"until,omitempty"`
	Points  float64     `json:"points,omitempty"`
	Because []ReasonDoc `json:"because,omitempty"`
	Expired bool        `json:"reasonsExpired,omitempty" doc:"Its reasons are not kept any more; explain works them out again from the facts."`
}

// ReasonDoc is a condition with the facts that it saw.
type ReasonDoc struct {
	Condition string         `json:"condition"`
	Holds     bool           `json:"holds"`
	Facts     map[string]any `json:"facts,omitempty"`
}

// ErrNoLead is the answer for a lead that nobody has seen.
var errNoLead = newProblem(404, "no_lead", "there is no lead of that id")

// findLead gives the id of the lead that a caller means: an internal id, a
// userId, an anonymousId or the value of the key attribute.
func (s *Server) findLead(name string) (engine.LeadID, error) {
	if id, ok := engine.ParseLeadID(name); ok {
		var l engine.Lead
		if found, err := s.options.People.Lead(id, &l); err != nil || found && l.Entity == engine.NoEntity {
			return id, err
		}
	}
	p := s.options.Desk.Program()
	if p == nil {
		return engine.LeadID{}, errNoLead
	}
	for _, i := range p.NamesFor(name) {
		id, found, err := s.options.People.Resolve(i)
		if err != nil || found {
			return id, err
		}
	}
	return engine.LeadID{}, errNoLead
}

// leadDoc reads a lead and its latest facts.
func (s *Server) leadDoc(ctx context.Context, id engine.LeadID, facts int) (*LeadDoc, error) {
	var l engine.Lead
	found, err := s.options.People.Lead(id, &l)
	if err != nil {
		return nil, fmt.Errorf("read lead: %w", err)
	}
	if !found || l.Entity != engine.NoEntity { // a desk or an account is nobody
		return nil, errNoLead
	}
	l.ID = id
	doc := s.describe(&l)
	amendments, err := s.amendmentsOf(&l)
	if err != nil {
		return nil, err
	}
	doc.Facts, err = s.factsOfAll(ctx, &l, facts, amendments)
	return doc, err
}

// describe tells a lead's state as of now, without its facts.
func (s *Server) describe(l *engine.Lead) *LeadDoc {
	doc := &LeadDoc{
		ID: l.ID.String(), User: l.User, Visitor: l.Visitor, Revision: l.Revision,
		FirstSeen: instant(l.FirstSeen), Now: instant(l.Now),
		Stage: l.Acts.Stage, StageSince: instant(l.Acts.StageSince),
		Attributes: map[string]any{}, Scores: []ScoreDoc{}, Segments: []string{}, Consents: []ConsentDoc{},
		Workflows: []RunDoc{}, Past: []PastDoc{}, TossUps: []OfferDoc{}, Pending: []PendingDoc{},
		Timers: []TimerDoc{}, Facts: []FactDoc{},
	}
	for _, part := range l.Parts {
		doc.Parts = append(doc.Parts, part.String())
	}
	if !l.Into.IsZero() {
		doc.Into = l.Into.String()
	}
	for _, a := range l.Folds.Attrs {
		if !a.Value.IsNone() {
			doc.Attributes[a.Name] = jsonValue(a.Value)
		}
	}
	s.judge(doc, l)
	for _, c := range l.Folds.Consents {
		doc.Consents = append(doc.Consents, ConsentDoc{c.Name, instant(c.Given), instant(c.Revoked), c.Event})
	}
	for _, p := range l.Acts.Past {
		if p.Left != 0 {
			doc.Past = append(doc.Past, PastDoc{p.Workflow, p.Entries, instant(p.Left), p.Exit})
		}
	}
	for _, o := range l.Acts.Offers {
		doc.TossUps = append(doc.TossUps, OfferDoc{o.TossUp, offerStates[o.State], instant(o.Since), instant(o.Made), o.Count, o.Cause})
	}
	describeTimers(doc, l)
	return doc
}

// judge reads what depends on the rules and the time: scores and segments.
func (s *Server) judge(doc *LeadDoc, l *engine.Lead) {
	p := s.options.Desk.Program()
	if p == nil {
		return
	}
	frame := engine.NewFrame()
	now := max(engine.TimeOf(s.now()), l.Now)
	spec := p.Spec()
	for i := range spec.Scores {
		name := spec.Scores[i].Name
		value := p.Read(frame, l, now, engine.Key{Kind: engine.KeyScore, Name: name})
		doc.Scores = append(doc.Scores, ScoreDoc{name, value.Number()})
	}
	for i := range spec.Segments {
		name := spec.Segments[i].Name
		if p.Read(frame, l, now, engine.Key{Kind: engine.KeySegment, Name: name}).Flag() {
			doc.Segments = append(doc.Segments, name)
		}
	}
}

var offerStates = [...]string{"none", "holding", "offered", "accepted", "rejected", "expired", "queued"}

var timerKinds = map[engine.TimerKind]string{
	engine.HoldDue: "hold", engine.RunDue: "wait", engine.RunGiveUp: "patience", engine.TryDue: "try", engine.AnswerDue: "answer", engine.NoticeDue: "reminder",
}

var pendingStates = [...]string{"", "ready", "granted", "waiting"}

// describeTimers tells what will wake the lead, and what waits for it.
func describeTimers(doc *LeadDoc, l *engine.Lead) {
	due := func(ref string, kinds ...engine.TimerKind) *time.Time {
		for _, t := range l.Timers {
			for _, kind := range kinds {
				if t.Kind == kind && t.Ref == ref {
					return instant(t.Due)
				}
			}
		}
		return nil
	}
	for _, r := range l.Acts.Runs {
		doc.Workflows = append(doc.Workflows, RunDoc{
			r.Workflow, r.Step, instant(r.Entered), instant(r.Reached),
			due(r.Slot(), engine.RunDue, engine.RunGiveUp),
		})
	}
	for _, p := range l.Acts.Pending {
		key := p.Key.String()
		doc.Pending = append(doc.Pending, PendingDoc{
			key, p.Channel, pendingStates[p.State], p.Workflow, p.Step, p.TossUp,
			p.Attempts, instant(p.Since), due(key, engine.TryDue),
		})
	}
	for _, t := range l.Timers {
		doc.Timers = append(doc.Timers, TimerDoc{timerKinds[t.Kind], t.Ref, instant(t.Due)})
	}
}

// factsOfAll are the newest facts of a lead and of what was merged into it, newest
// first.
func (s *Server) factsOfAll(ctx context.Context, l *engine.Lead, limit int, amendments *engine.Amendments) ([]FactDoc, error) {
	all, err := s.latestFacts(ctx, l.ID, limit, amendments)
	if err != nil || len(l.Parts) == 0 {
		return all, err
	}
	for _, part := range l.Parts {
		facts, err := s.latestFacts(ctx, part, limit, amendments)
		if err != nil {
			return nil, err
		}
		for i := range facts {
			facts[i].Part = part.String()
		}
		all = append(all, facts...)
	}
	slices.SortStableFunc(all, func(a, b FactDoc) int { return -timeOf(a.At).Compare(timeOf(b.At)) })
	return all[:min(limit, len(all))], nil
}

func timeOf(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// latestFacts are a lead's newest facts, newest first. The journal is read from
// its beginning, because it is kept in the order of time. Without amendments the facts
// are as they were told.
func (s *Server) latestFacts(ctx context.Context, id engine.LeadID, limit int, amendments *engine.Amendments) ([]FactDoc, error) {
	ring := make([]FactDoc, 0, limit)
	n := 0
	err := s.options.People.Facts(id.Partition(s.options.People.Partitions()), id, func(f *engine.Fact) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		doc := factDoc(f)
		if amendments != nil {
			known := amendments.Of(&f.Event)
			doc.AmendedDoc = amendedDoc(&known)
		}
		if len(ring) < limit {
			ring = append(ring, doc)
		} else if limit > 0 {
			ring[n%limit] = doc
		}
		n++
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read facts: %w", err)
	}
	newest := make([]FactDoc, 0, len(ring))
	for i := range ring {
		newest = append(newest, ring[(n-1-i)%len(ring)])
	}
	return newest, nil
}

func factDoc(f *engine.Fact) FactDoc {
	e := &f.Event
	doc := FactDoc{
		Seq: f.Seq, Revision: f.Revision, Kind: e.Kind.String(), Name: e.Name,
		MessageID: e.ID, Source: e.Source,
		At: instant(e.At), Received: instant(e.Received),
	}
	doc.Fields, doc.order = jsonFields(e.Fields)
	for _, d := range f.Derived {
		fields, _ := jsonFields(d.Fields)
		doc.Derived = append(doc.Derived, DerivedDoc{d.Name, fields})
	}
	for i := range f.Decisions {
		doc.Decisions = append(doc.Decisions, decisionDoc(&f.Decisions[i]))
	}
	return doc
}

func decisionDoc(d *engine.Decision) DecisionDoc {
	doc := DecisionDoc{
		Kind: d.Kind.String(), At: instant(d.At), Subject: d.Subject, Detail: d.Detail,
		Until: instant(d.Until), Points: d.Points,
	}
	if !d.Action.IsZero() {
		doc.Action = d.Action.String()
	}
	if doc.Expired = d.Expired(); doc.Expired {
		return doc
	}
	for _, r := range d.Because {
		facts, _ := jsonFields(r.Facts)
		doc.Because = append(doc.Because, ReasonDoc{r.Source, r.Holds, facts})
	}
	return doc
}

func jsonFields(fields []engine.Field) (values map[string]any, order []string) {
	if len(fields) == 0 {
		return nil, nil
	}
	values = make(map[string]any, len(fields))
	for _, f := range fields {
		if _, twice := values[f.Name]; !twice {
			order = append(order, f.Name)
		}
		values[f.Name] = jsonValue(f.Value)
	}
	return values, order
}

// jsonValue is a value as JSON has it.
func jsonValue(v engine.Value) any {
	switch v.Kind() {
	case engine.Text:
		return v.Text()
	case engine.JSON:
		if json.Valid([]byte(v.Text())) {
			return json.RawMessage(v.Text())
		}
		return v.Text()
	case engine.Instant:
		return instant(v.Time())
	}
	return v.Any(time.UTC)
}

// instant is a time in JSON: RFC 3339 in UTC, absent when it is not set.
func instant(t engine.Time) *time.Time {
	if t == 0 {
		return nil
	}
	at := t.In(time.UTC)
	return &at
}
