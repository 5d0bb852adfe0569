package httpd

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/seed-456efde2/nurture/engine"
)

// PauseDoc is what is paused, or drained.
type PauseDoc struct {
	Scope  string     `json:"scope" enum:"all,workflow,step,channel"`
	Name   string     `json:"name,omitempty" doc:"Of the workflow or channel; a step is WORKFLOW/STEP."`
	Drain  bool       `json:"drain" doc:"Nobody enters any more; who is inside goes on."`
	Since  *time.Time `json:"since"`
	By     string     `json:"by,omitempty" doc:"Name of the key that asked for it."`
	Why    string     `json:"why,omitempty"`
	Inside int64      `json:"inside" doc:"Leads inside of what is paused."`
	Held   int64      `json:"held" doc:"Messages that are ready or wait for leave, where a channel or everything is paused."`
}

// PauseList is everything that is paused.
type PauseList struct {
	Pauses []PauseDoc `json:"pauses"`
	Ruling uint32     `json:"ruling" doc:"Number of the rulings in force."`
}

// SweepDoc is how far the news of the last change of rules, or of a pause, has
// come.
type SweepDoc struct {
	Done   bool    `json:"done" doc:"Every lead has heard."`
	Share  float64 `json:"share" doc:"Of all leads, from 0 to 1."`
	Looked uint64  `json:"looked" doc:"Leads looked at."`
	Told   uint64  `json:"told" doc:"Of them, those who had to be told."`
}

// PauseOrder is what is to be paused.
type PauseOrder struct {
	Scope string `json:"scope" enum:"all,workflow,step,channel"`
	Name  string `json:"name,omitempty" maxLength:"512" doc:"Of the workflow or channel; a step is WORKFLOW/STEP; nothing for all."`
	Drain bool   `json:"drain,omitempty" doc:"Let nobody enter, and those inside go on."`
	Why   string `json:"why,omitempty" maxLength:"512"`
}

// errNotPaused is the answer to a resume of what goes on.
var errNotPaused = newProblem(http.StatusNotFound, "not_paused", "that is not paused; GET /api/v1/pauses lists what is")

func (s *Server) pauseOperations(api huma.API) {
	tags := []string{"pauses"}
	errs := []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusNotFound, http.StatusServiceUnavailable}
	huma.Register(api, huma.Operation{
		OperationID: "list-pauses", Method: http.MethodGet, Path: "/api/v1/pauses", Tags: tags,
		Summary: "What is paused or drained, since when and why", Errors: errs[1:2],
	}, func(context.Context, *struct{}) (*answer[PauseList], error) {
		return answerOf(s.pauseList(s.options.Desk.Program()))
	})
	huma.Register(api, huma.Operation{
		OperationID: "pause", Method: http.MethodPost, Path: "/api/v1/pauses", Tags: tags,
		Summary:     "Pause or drain a workflow, a step, a channel or everything",
		Description: "It is in force when the call returns, and survives a restart. What happens to waits and to messages that fall due meanwhile is said by the workflow.",
		Errors:      errs,
	}, func(ctx context.Context, in *struct{ Body PauseOrder }) (*answer[PauseList], error) {
		auditTarget(ctx, strings.TrimSpace(in.Body.Scope+" "+in.Body.Name))
		return answerOf(s.pause(ctx, in.Body, callerIn(ctx).name))
	})
	huma.Register(api, huma.Operation{
		OperationID: "resume", Method: http.MethodDelete, Path: "/api/v1/pauses", Tags: tags,
		Summary: "End a pause or a drain", Errors: errs,
	}, func(ctx context.Context, in *struct {
		Scope string `query:"scope" required:"true" enum:"all,workflow,step,channel"`
		Name  string `query:"name" maxLength:"512"`
	},
	) (*answer[PauseList], error) {
		auditTarget(ctx, strings.TrimSpace(in.Scope+" "+in.Name))
		return answerOf(s.resume(ctx, in.Scope, in.Name))
	})
}

func (s *Server) pause(ctx context.Context, order PauseOrder, by string) (PauseList, error) {
	scope, _ := engine.ParsePauseScope(order.Scope)
	if err := s.options.Desk.Program().CheckPause(scope, order.Name); err != nil {
		return PauseList{}, err
	}
	if order.Drain && scope != engine.PauseAll && scope != engine.PauseWorkflow {
		return PauseList{}, newProblem(http.StatusBadRequest, "bad_drain", "a workflow can be drained, or all: nobody enters a "+order.Scope+"; pause it instead")
	}
	p := engine.Pause{Scope: scope, Name: order.Name, Drain: order.Drain, By: by, Why: order.Why}
	_, err := s.options.Door.SetRulings(ctx, func(old *engine.Rulings) (*engine.Rulings, error) {
		p.From = engine.TimeOf(s.now())
		return old.WithPause(p), nil
	})
	if err != nil {
		return PauseList{}, err
	}
	return s.pauseList(s.options.Desk.Program())
}

func (s *Server) resume(ctx context.Context, scopeName, name string) (PauseList, error) {
	scope, _ := engine.ParsePauseScope(scopeName)
	_, err := s.options.Door.SetRulings(ctx, func(old *engine.Rulings) (*engine.Rulings, error) {
		next := old.WithoutPause(scope, name, engine.TimeOf(s.now()))
		if next == old {
			return nil, errNotPaused
		}
		return next, nil
	})
	if err != nil {
		return PauseList{}, err
	}
	return s.pauseList(s.options.Desk.Program())
}

// pauseList tells what is paused under a program, with what it holds.
func (s *Server) pauseList(p *engine.Program) (PauseList, error) {
	list := PauseList{Pauses: []PauseDoc{}, Ruling: p.Rulings().Ordinal()}
	rulings := p.Rulings()
	if rulings == nil {
		return list, nil
	}
	var errs []error
	for i := range rulings.Pauses {
		b := &rulings.Pauses[i]
		if b.To != 0 {
			continue
		}
		doc := PauseDoc{Scope: b.Scope.String(), Name: b.Name, Drain: b.Drain, Since: instant(b.From), By: b.By, Why: b.Why, Held: s.held(b)}
		var err error
		doc.Inside, err = s.insideOf(p.Spec(), b)
		errs = append(errs, err)
		list.Pauses = append(list.Pauses, doc)
	}
	slices.SortStableFunc(list.Pauses, func(a, b PauseDoc) int { return a.Since.Compare(*b.Since) })
	return list, errors.Join(errs...)
}

// insideOf counts the leads on the steps that a pause covers.
func (s *Server) insideOf(spec *engine.Spec, p *engine.Pause) (n int64, err error) {
	for i := range spec.Flows {
		f := &spec.Flows[i]
		for j := range f.Steps {
			step := f.Name + "/" + f.Steps[j].Name
			covered := p.Scope == engine.PauseAll || p.Scope == engine.PauseWorkflow && p.Name == f.Name || p.Scope == engine.PauseStep && p.Name == step
			if !covered || f.Steps[j].Kind == engine.ExitStep {
				continue
			}
			t, err := s.tallies.read("step:"+step, s.now())
			if err != nil {
				return n, err
			}
			n += max(0, t.in-t.out)
		}
	}
	return n, nil
}

// held counts the messages that stand before a paused channel.
func (s *Server) held(p *engine.Pause) (n int64) {
	if p.Drain || p.Scope != engine.PauseChannel && p.Scope != engine.PauseAll {
		return 0
	}
	for _, c := range s.options.Desk.Status().Channels {
		if p.Scope == engine.PauseAll || c.Channel == p.Name {
			for _, rows := range c.Outbox {
				n += rows
			}
		}
	}
	return n
}
