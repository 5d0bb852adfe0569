package httpd

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/history"
)

// The decision log is the leads' journals, read by decision. What was decided stays;
// the reasons go when their time is over.

// DefaultDecisionsKeep is how long reasons are kept where nothing else is said.
const DefaultDecisionsKeep = 400 * 24 * time.Hour

// DecisionsAsk says which decisions are wanted.
type DecisionsAsk struct {
	Lead     string   `json:"lead,omitempty" maxLength:"512" doc:"Of this lead: the internal id, a userId, an anonymousId or the value of the key attribute. Absent: of all."`
	Kinds    []string `json:"kinds,omitempty" maxItems:"40" doc:"Of these kinds: tossed_up, skipped, scored …. Absent: all."`
	Rule     string   `json:"rule,omitempty" maxLength:"512" doc:"About this rule, as explain-lead takes it: toss_up.NAME, workflow.NAME, score.NAME, …."`
	Revision uint32   `json:"revision,omitempty" doc:"Taken by this revision of the rules."`
	Since    When     `json:"since,omitempty" maxLength:"64" doc:"From this day or instant on: 2026-10-05, 2026-10-05T09:00:00+09:00 or, so long ago, 30d. Without an offset it is of the project's zone."`
	Until    When     `json:"until,omitempty" maxLength:"64" doc:"Before this instant, or to the end of this day; written as the other."`
	Limit    int      `json:"limit,omitempty" minimum:"1" maximum:"1000" default:"100" doc:"How many at most."`
	After    string   `json:"after,omitempty" maxLength:"200" doc:"The next of the page before."`
	Lang     string   `json:"lang,omitempty" enum:"en,ja" doc:"Language of the sentences; absent: the project's."`
}

// DecisionsDoc is a page of the decision log.
type DecisionsDoc struct {
	Decisions []LoggedDoc `json:"decisions" doc:"The latest first."`
	Next      string      `json:"next,omitempty" doc:"Give it as after to get the next page."`
	KeptFrom  *time.Time  `json:"reasonsKeptFrom,omitempty" doc:"Reasons of decisions before this instant are not kept any more; absent: all are."`
	Expired   int         `json:"reasonsExpired" doc:"How many of the decisions on this page have lost theirs."`
}

// LoggedDoc is one decision of the log.
type LoggedDoc struct {
	Lead string `json:"lead" doc:"Internal id."`
	User string `json:"userId,omitempty"`
	DecisionDoc
	Revision uint32 `json:"revision"`
	Text     string `json:"text"`

	seq uint64
	n   int
}

// decisionFilter is what a DecisionsAsk comes to.
type decisionFilter struct {
	kinds    map[string]bool
	subject  history.Subject
	revision uint32
	span     exportRange
	after    *LoggedDoc

	lead    engine.LeadID // whose journal is read
	actions history.Actions
}

// read takes note of a row of a journal; rows of one lead come one after the other.
func (f *decisionFilter) read(lead engine.LeadID, row *engine.Fact) {
	if lead != f.lead || f.actions == nil {
		f.lead, f.actions = lead, history.Actions{}
	}
	if f.subject.Kind != "" {
		f.actions.Note(row)
	}
}

func (f *decisionFilter) takes(row *engine.Fact, d *engine.Decision) bool {
	return (len(f.kinds) == 0 || f.kinds[d.Kind.String()]) &&
		(f.revision == 0 || row.Revision == f.revision) &&
		f.span.has(d.At) && (f.subject.Kind == "" || f.actions.About(f.subject, d))
}

// later orders the log: the latest first.
func later(a, b *LoggedDoc) int {
	return cmp.Or(timeOf(b.At).Compare(timeOf(a.At)), strings.Compare(a.Lead, b.Lead), cmp.Compare(b.seq, a.seq), cmp.Compare(b.n, a.n))
}

// decisionList reads the log.
func (s *Server) decisionList(ctx context.Context, ask *DecisionsAsk) (*DecisionsDoc, error) {
	filter, err := s.decisionFilter(ask)
	if err != nil {
		return nil, err
	}
	limit := cmp.Or(ask.Limit, 100)
	var found []LoggedDoc
	take := func(whole engine.LeadID, l *engine.Lead, row *engine.Fact) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		filter.read(whole, row)
		for n := range row.Decisions {
			if d := &row.Decisions[n]; filter.takes(row, d) {
				doc := LoggedDoc{Lead: whole.String(), User: l.User, DecisionDoc: decisionDoc(d), Revision: row.Revision, seq: row.Seq, n: n}
				if filter.after == nil || later(filter.after, &doc) < 0 {
					found = append(found, doc)
				}
			}
		}
		if len(found) > 4*limit+4096 {
			found = latest(found, limit+1)
		}
		return nil
	}
	if ask.Lead != "" {
		err = s.factsOfPerson(ask.Lead, take)
	} else {
		err = s.eachFact(ctx, take)
	}
	if err != nil {
		return nil, err
	}
	return s.decisionsDoc(latest(found, limit+1), limit, ask.Lang), nil
}

// latest are the first n of the log among some decisions.
func latest(list []LoggedDoc, n int) []LoggedDoc {
	slices.SortFunc(list, func(a, b LoggedDoc) int { return later(&a, &b) })
	return list[:min(n, len(list))]
}

func (s *Server) decisionFilter(ask *DecisionsAsk) (*decisionFilter, error) {
	f := &decisionFilter{kinds: map[string]bool{}, revision: ask.Revision}
	for _, kind := range ask.Kinds {
		if !knownDecision(kind) {
			return nil, newProblem(http.StatusUnprocessableEntity, "no_such_kind", fmt.Sprintf("there is no kind of decision called %q; there is %s", kind, strings.Join(decisionKinds(), ", ")))
		}
		f.kinds[kind] = true
	}
	var err error
	if f.span.since, f.span.until, err = s.times().Span("since", ask.Since, "until", ask.Until); err != nil {
		return nil, err
	}
	if ask.After != "" {
		after, ok := parsePlace(ask.After)
		if !ok {
			return nil, newProblem(http.StatusBadRequest, "bad_after", "after is not the next of a page")
		}
		f.after = after
	}
	p := s.options.Desk.Program()
	if ask.Rule == "" || p == nil {
		return f, nil
	}
	if ask.Revision != 0 { // a rule that is gone is found under the rules that had it
		if old, err := s.programOf(ask.Revision); err == nil {
			p = old
		}
	}
	specs := []*engine.Spec{p.Spec()}
	if c, _ := p.Canary(); c != nil {
		specs = append(specs, c.Spec())
	}
	subject, _, err := history.ParseSubjectOf(ask.Rule, specs...)
	if err != nil {
		return nil, newProblem(http.StatusUnprocessableEntity, "no_such_rule", err.Error())
	}
	f.subject = subject
	return f, nil
}

// decisionKinds are the kinds of decision by their words.
func decisionKinds() []string {
	var kinds []string
	for k := engine.Enrolled; k.String() != "decision"; k++ {
		kinds = append(kinds, k.String())
	}
	return kinds
}

func knownDecision(kind string) bool { return slices.Contains(decisionKinds(), kind) }

// factsOfPerson shows the facts of a lead and of what was merged into it.
func (s *Server) factsOfPerson(name string, yield func(whole engine.LeadID, l *engine.Lead, f *engine.Fact) error) error {
	id, err := s.findLead(name)
	if err != nil {
		return err
	}
	var l engine.Lead
	found, err := s.options.People.Lead(id, &l)
	if err != nil || !found || l.Entity != engine.NoEntity {
		return cmp.Or(err, error(errNoLead))
	}
	l.ID = id
	if id, err = s.wholeOf(&l); err != nil {
		return err
	}
	var whole engine.Lead
	if _, err := s.options.People.Lead(id, &whole); err != nil {
		return err
	}
	people := s.options.People
	for _, part := range append([]engine.LeadID{id}, whole.Parts...) {
		err := people.Facts(part.Partition(people.Partitions()), part, func(f *engine.Fact) error { return yield(id, &whole, f) })
		if err != nil {
			return fmt.Errorf("read facts: %w", err)
		}
	}
	return nil
}

// decisionsDoc makes a page of the latest decisions.
func (s *Server) decisionsDoc(found []LoggedDoc, limit int, language string) *DecisionsDoc {
	doc := &DecisionsDoc{Decisions: []LoggedDoc{}}
	if keep := s.options.DecisionsKeep; keep > 0 {
		from := s.now().Add(-keep).UTC().Truncate(time.Second)
		doc.KeptFrom = &from
	}
	if len(found) > limit {
		found = found[:limit]
		doc.Next = placeOf(&found[limit-1])
	}
	spec := &engine.Spec{Zone: time.UTC}
	if p := s.options.Desk.Program(); p != nil {
		spec = p.Spec()
	}
	if language == "" {
		language = spec.Language
	}
	if language != string(japanese) {
		language = string(english)
	}
	say := speaker{&view{Lang: lang(language), now: s.now(), zone: spec.Zone}, spec}
	for i := range found {
		d := &found[i]
		d.Text = say.decision(&d.DecisionDoc)
		if d.Expired {
			doc.Expired++
		}
	}
	doc.Decisions = append(doc.Decisions, found...)
	return doc
}

// placeOf is where a decision stands in the log, for the next page.
func placeOf(d *LoggedDoc) string {
	return fmt.Sprintf("%d.%s.%d.%d", timeOf(d.At).UnixMilli(), d.Lead, d.seq, d.n)
}

func parsePlace(text string) (*LoggedDoc, bool) {
	parts := strings.Split(text, ".")
	if len(parts) != 4 {
		return nil, false
	}
	ms, err := strconv.ParseInt(parts[0], 10, 64)
	seq, err2 := strconv.ParseUint(parts[2], 10, 64)
	n, err3 := strconv.Atoi(parts[3])
	if _, ok := engine.ParseLeadID(parts[1]); !ok || err != nil || err2 != nil || err3 != nil {
		return nil, false
	}
	return &LoggedDoc{Lead: parts[1], DecisionDoc: DecisionDoc{At: instant(engine.Time(ms))}, seq: seq, n: n}, true
}
