package httpd

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/intake"
	"github.com/seed-456efde2/nurture/engine/store"
)

// Dead events are what came in and could not be taken: each with the reason, and
// as it came. When the rules or a mapping have changed they are read once more,
// as of the time they came in; what is taken then leaves the list.

// DeadEvents is what could not be taken.
type DeadEvents interface {
	RefusedEvent(seq uint64) (b store.BadEvent, found bool, err error)
	ForgetRefused(seqs ...uint64) error
	CountRefused() (int, error)
	// Again hands a fact of a channel in once more.
	Again(ctx context.Context, b *store.BadEvent) (*engine.Problem, error)
}

// DeadSelection says which dead events are meant: those of the numbers, or all
// that match.
type DeadSelection struct {
	Seqs   []uint64 `json:"seqs,omitempty" maxItems:"1000" doc:"By number."`
	All    bool     `json:"all,omitempty" doc:"All that match source and code."`
	Source string   `json:"source,omitempty" maxLength:"512"`
	Code   string   `json:"code,omitempty" maxLength:"128"`
}

// words tells the selection in one line.
func (d *DeadSelection) words() string {
	if len(d.Seqs) > 0 {
		return fmt.Sprintf("%d by number", len(d.Seqs))
	}
	return strings.Join(strings.Fields("all "+d.Source+" "+d.Code), " ")
}

// DeadOutcome is what became of dead events.
type DeadOutcome struct {
	Taken     int           `json:"taken" doc:"Read again and taken; they left the list."`
	Discarded int           `json:"discarded"`
	Left      []DeadVerdict `json:"left" doc:"Still not to be taken, with the reason of now."`
	More      bool          `json:"more" doc:"There are more that match: ask again."`
}

// DeadVerdict is the verdict on one dead event.
type DeadVerdict struct {
	Seq    uint64 `json:"seq"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// DeadCount is how many dead events have one source and reason.
type DeadCount struct {
	Source string     `json:"source"`
	Code   string     `json:"code"`
	Count  int        `json:"count"`
	Newest *time.Time `json:"newest"`
}

// DeadCounts are the dead events by source and reason.
type DeadCounts struct {
	Total  int         `json:"total"`
	Counts []DeadCount `json:"counts"`
}

func (s *Server) deadOperations(api huma.API) {
	tags := []string{"events"}
	errs := []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusTooManyRequests, http.StatusServiceUnavailable}
	huma.Register(api, huma.Operation{
		OperationID: "count-bad-events", Method: http.MethodGet, Path: "/api/v1/bad-events/counts", Tags: tags,
		Summary: "How many events could not be taken, by source and reason", Errors: errs[1:2],
	}, func(context.Context, *struct{}) (*answer[DeadCounts], error) {
		return answerOf(s.deadCounts())
	})
	huma.Register(api, huma.Operation{
		OperationID: "redrive-bad-events", Method: http.MethodPost, Path: "/api/v1/bad-events/redrive", Tags: tags,
		Summary:     "Read events again that could not be taken",
		Description: "By the rules and mappings of now, as of the time they came in. What is taken leaves the list when it is durable; the rest stays.",
		Errors:      errs,
	}, func(ctx context.Context, in *struct{ Body DeadSelection }) (*answer[DeadOutcome], error) {
		auditTarget(ctx, in.Body.words())
		return answerOf(s.redriveDead(ctx, in.Body))
	})
	huma.Register(api, huma.Operation{
		OperationID: "discard-bad-events", Method: http.MethodPost, Path: "/api/v1/bad-events/discard", Tags: tags,
		Summary: "Forget events that could not be taken", Errors: errs,
	}, func(ctx context.Context, in *struct{ Body DeadSelection }) (*answer[DeadOutcome], error) {
		auditTarget(ctx, in.Body.words())
		return answerOf(s.discardDead(in.Body))
	})
}

// deadAtOnce is how many dead events one call takes on.
const deadAtOnce = 1000

var errNoDead = newProblem(http.StatusNotImplemented, "no_dead_events", "this server does not keep what it could not take")

// selected are the dead events that are meant, oldest first.
func (s *Server) selected(which DeadSelection) (list []store.BadEvent, more bool, err error) {
	if s.options.Dead == nil {
		return nil, false, errNoDead
	}
	if len(which.Seqs) == 0 && !which.All {
		return nil, false, newProblem(http.StatusBadRequest, "no_selection", "say which: seqs, or all with a source or a code")
	}
	for _, seq := range which.Seqs {
		b, found, err := s.options.Dead.RefusedEvent(seq)
		if err != nil {
			return nil, false, err
		}
		if found {
			list = append(list, b)
		}
	}
	if len(which.Seqs) > 0 {
		return list, false, nil
	}
	err = s.options.Ledger.BadEvents(0, 0, func(b *store.BadEvent) error {
		if which.matches(b) {
			list = append(list, *b)
		}
		return nil
	})
	slices.Reverse(list)
	if len(list) > deadAtOnce {
		list, more = list[:deadAtOnce], true
	}
	return list, more, err
}

func (d *DeadSelection) matches(b *store.BadEvent) bool {
	return (d.Source == "" || d.Source == b.Source) && (d.Code == "" || d.Code == b.Code)
}

func (s *Server) redriveDead(ctx context.Context, which DeadSelection) (DeadOutcome, error) {
	out := DeadOutcome{Left: []DeadVerdict{}}
	list, more, err := s.selected(which)
	if err != nil {
		return out, err
	}
	for i := range list {
		b := &list[i]
		p, err := s.again(ctx, b)
		if err != nil {
			return out, err
		}
		if p != nil {
			out.Left = append(out.Left, DeadVerdict{b.Seq, p.Code, p.Text})
			continue
		}
		if err := s.options.Dead.ForgetRefused(b.Seq); err != nil {
			return out, err
		}
		out.Taken++
	}
	// What stays would be the same again: more only helps where something left.
	out.More = more && out.Taken > 0
	return out, nil
}

// again reads one dead event once more and makes what it holds durable. The problem
// says why it still cannot be taken.
func (s *Server) again(ctx context.Context, b *store.BadEvent) (*engine.Problem, error) {
	switch {
	case len(b.Raw) == 0:
		return &engine.Problem{Code: "not_kept", Text: "what came in was not kept"}, nil
	case strings.HasPrefix(b.Source, "channel:"):
		return s.options.Dead.Again(ctx, b)
	}
	reading, src, err := s.readAgain(b)
	if err == nil {
		reading.Keep(s.namedWrong())
	}
	var p *engine.Problem
	switch {
	case errors.As(err, &p):
		return p, nil
	case err != nil:
		return nil, err
	case len(reading.Refused) > 0:
		return reading.Refused[0].Problem, nil
	}
	if len(reading.Receipts) > 0 && s.options.Receipts != nil {
		if err := s.options.Receipts.Tell(ctx, src, reading.Receipts); err != nil {
			return nil, err
		}
	}
	if len(reading.Events) == 0 {
		return nil, nil
	}
	for i := range reading.Events {
		reading.Events[i].Source = b.Source
	}
	results, err := s.options.Door.Submit(ctx, reading.Events)
	if err != nil {
		return nil, err
	}
	for i := range results {
		switch {
		case errors.As(results[i].Err, &p):
			return p, nil
		case results[i].Err != nil:
			return nil, results[i].Err
		}
	}
	return nil, nil
}

func (s *Server) readAgain(b *store.BadEvent) (*intake.Reading, *intake.Source, error) {
	if b.Form == formSource {
		src := s.inlet(b.Source)
		if src == nil {
			return nil, nil, &engine.Problem{Code: "no_source", Text: "the workspace has no source of this name any more"}
		}
		r, err := src.Read(intake.Delivery{Headers: b.Headers, Body: b.Raw, Received: b.At, Limits: s.limits, Already: true})
		return r, src, err
	}
	c := intake.Call{Received: b.At, Limits: s.limits, Inside: true}
	for kind := engine.Track; kind <= engine.Alias; kind++ {
		if kind.String() == b.Form {
			c.Kind = kind
		}
	}
	batch, err := intake.Decode(b.Raw, c)
	if err != nil {
		return nil, nil, err
	}
	return &intake.Reading{Batch: *batch}, nil, nil
}

func (s *Server) discardDead(which DeadSelection) (DeadOutcome, error) {
	out := DeadOutcome{Left: []DeadVerdict{}}
	list, more, err := s.selected(which)
	if err != nil {
		return out, err
	}
	var seqs []uint64
	for i := range list {
		seqs = append(seqs, list[i].Seq)
	}
	if err := s.options.Dead.ForgetRefused(seqs...); err != nil {
		return out, err
	}
	out.Discarded, out.More = len(seqs), more
	return out, nil
}

func (s *Server) deadCounts() (DeadCounts, error) {
	out := DeadCounts{Counts: []DeadCount{}}
	err := s.options.Ledger.BadEvents(0, 0, func(b *store.BadEvent) error {
		out.Total++
		for i := range out.Counts {
			if c := &out.Counts[i]; c.Source == b.Source && c.Code == b.Code {
				c.Count++
				return nil
			}
		}
		out.Counts = append(out.Counts, DeadCount{b.Source, b.Code, 1, instant(b.At)}) // newest first
		return nil
	})
	slices.SortStableFunc(out.Counts, func(a, b DeadCount) int { return b.Count - a.Count })
	return out, err
}
