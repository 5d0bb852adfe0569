package httpd

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/seed-456efde2/nurture/dsl"
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/history"
)

// What was decided about a lead is explained from its facts: its journal is run again
// under the rules of then.

// errRulesGone is the fault of a revision that cannot be loaded any more.
var errRulesGone = errors.New("the archived rules do not load any more")

// programOf is a revision's program.
func (s *Server) programOf(number uint32) (*engine.Program, error) {
	if p := s.options.Desk.Program(); p != nil {
		c, _ := p.Canary()
		switch {
		case p.Revision() == number:
			return p.WithoutCanary(), nil // what it decided before there was one
		case c != nil && c.Revision() == number:
			return c, nil
		}
	}
	if s.options.ProgramAt != nil {
		if p := s.options.ProgramAt(number); p != nil {
			return p.WithRevision(number), nil
		}
	}
	if _, err := s.revision(number); err != nil {
		return nil, err
	}
	return nil, errRulesGone
}

// memory is what explaining reads.
func (s *Server) memory() *history.Memory {
	m := &history.Memory{Rows: s.options.People, Program: s.programOf}
	if p := s.options.Desk.Program(); p != nil {
		m.Rulings = p.Rulings()
	}
	return m
}

// ExplainAsk says what is to be explained.
type ExplainAsk struct {
	ID       string `json:"id" minLength:"1" maxLength:"512" doc:"The internal id, a userId, an anonymousId or the value of the key attribute."`
	Subject  string `json:"subject,omitempty" maxLength:"512" doc:"What is asked about: toss_up.NAME, workflow.NAME, stage.NAME, score.NAME, segment.NAME, channel.NAME, workflow.NAME.step.NAME, or a name alone where only one thing is called so. Absent: the lead as a whole."`
	At       When   `json:"at,omitempty" maxLength:"64" doc:"As of this instant, or of the end of this day: 2026-10-05, 2026-10-05T09:00:00+09:00 or, so long ago, 30d. Without an offset it is of the project's zone. Absent: now."`
	Revision uint32 `json:"revision,omitempty" doc:"The revision of the rules that judges; absent: the one that decided then."`
	Lang     string `json:"lang,omitempty" enum:"en,ja" doc:"Language of the sentences; absent: the project's."`
	Most     int    `json:"decisions,omitempty" minimum:"1" maximum:"1000" default:"20" doc:"How many decisions at most."`
}

// explain answers a question about a lead.
func (s *Server) explain(ask *ExplainAsk) (*ExplainDoc, error) {
	id, err := s.findLead(ask.ID)
	if err != nil {
		return nil, err
	}
	return s.explainLead(id, ask)
}

// explainLead answers a question about a lead whose id is known.
func (s *Server) explainLead(id engine.LeadID, ask *ExplainAsk) (*ExplainDoc, error) {
	var row engine.Lead
	found, err := s.options.People.Lead(id, &row)
	if err != nil || !found || row.Entity != engine.NoEntity {
		if err == nil {
			err = errNoLead
		}
		return nil, err
	}
	row.ID = id
	if !row.Into.IsZero() {
		whole, err := s.wholeOf(&row)
		if err != nil {
			return nil, err
		}
		return s.explainLead(whole, ask)
	}
	running := s.options.Desk.Program()
	if running == nil {
		return nil, newProblem(http.StatusServiceUnavailable, "no_rules", "no rules are in force yet")
	}
	o := history.ExplainOptions{Lead: id, Row: &row, Now: engine.TimeOf(s.now()), Decisions: ask.Most, Values: operandValues}
	running = running.For(id) // of a canary's arm, the canary
	judge := running
	if o.At, err = s.times().AsOf("at", ask.At); err != nil {
		return nil, err
	}
	switch {
	case ask.At == "":
		o.Program = running
	case o.At > o.Now:
		return nil, newProblem(http.StatusUnprocessableEntity, "bad_time", "at lies in the future; nothing has been decided there yet")
	}
	if ask.Revision != 0 {
		p, err := s.programOf(ask.Revision)
		if errors.Is(err, errRulesGone) {
			err = newProblem(http.StatusUnprocessableEntity, "rules_gone", fmt.Sprintf("revision %d cannot be loaded any more", ask.Revision))
		}
		if err != nil {
			return nil, err
		}
		o.Program, o.Anew, judge = p.Under(running.Rulings()), true, p
	}
	arms := armsOf(s.options.Desk.Program(), id, o.At, ask)
	specs := []*engine.Spec{judge.Spec()}
	if arms != nil {
		specs = append(specs, arms.other.Spec())
	}
	subject, of, err := history.ParseSubjectOf(strings.TrimSpace(ask.Subject), specs...)
	if err != nil {
		return nil, newProblem(http.StatusUnprocessableEntity, "no_such_rule", err.Error())
	}
	if of == 1 { // the rules that do not decide about this lead have it alone
		o.Program, o.Anew, arms.foreign = arms.other, true, true
	}
	o.Subject = subject
	x, err := s.memory().Explain(o)
	if err != nil {
		return nil, err
	}
	doc := s.explainDoc(x, &row, ask.Lang)
	doc.Arm = arms.doc(doc.Lang, doc.Subject)
	return doc, nil
}

// operandValues are the constants that a condition compares facts with.
func operandValues(e engine.Expr) map[string][]engine.Value {
	values := map[string][]engine.Value{}
	for _, o := range dsl.Operands(e, "en") {
		if len(o.Values) > 0 {
			values[o.Key] = append(values[o.Key], o.Values...)
		}
	}
	return values
}
