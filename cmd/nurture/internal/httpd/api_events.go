package httpd

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sort"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/access"
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/intake"
	"github.com/seed-456efde2/nurture/engine/runner"
	"github.com/seed-456efde2/nurture/engine/store"
)

// apiSource is the source of events that come through the API.
const apiSource = "api"

// EventVerdict is what became of one event handed in through the API.
type EventVerdict struct {
	Index   int    `json:"index"`
	ID      string `json:"messageId,omitempty"`
	Lead    string `json:"lead,omitempty" doc:"Internal id of the lead."`
	Verdict string `json:"verdict" enum:"accepted,duplicate,refused"`
	Code    string `json:"code,omitempty"`
	Detail  string `json:"detail,omitempty"`
}

// EventVerdicts answers for a call's events, each for itself.
type EventVerdicts struct {
	Events []EventVerdict `json:"events"`
}

func (s *Server) eventOperations(api huma.API) {
	huma.Register(api, huma.Operation{
		OperationID: "send-events", Method: http.MethodPost, Path: "/api/v1/events", Tags: []string{"events"},
		Summary:      "Hand in an event, or a batch of them",
		Description:  "The body is a call in Segment's form with its type inside, or {\"batch\": […]}. It goes the same way as the collector's calls and is answered when it is durable.",
		MaxBodyBytes: int64(s.limits.Batch), SkipValidateBody: true, // intake judges it, with better words
		Errors: []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusTooManyRequests, http.StatusServiceUnavailable},
	}, func(ctx context.Context, in *struct {
		RawBody []byte `contentType:"application/json"`
	},
	) (*answer[EventVerdicts], error) {
		return answerOf(s.takeEvents(ctx, in.RawBody))
	})
	huma.Register(api, huma.Operation{
		OperationID: "list-bad-events", Method: http.MethodGet, Path: "/api/v1/bad-events", Tags: []string{"events"},
		Summary: "What clients sent that is not an event, newest first",
		Errors:  []int{http.StatusUnauthorized},
	}, func(ctx context.Context, in *struct {
		Paging
		After  uint64 `query:"after" doc:"The next of the page before."`
		Raw    bool   `query:"raw" doc:"With what came in, which is personal data and needs the scope people."`
		Source string `query:"source" maxLength:"512" doc:"Only of this source."`
		Code   string `query:"code" maxLength:"128" doc:"Only for this reason."`
	},
	) (*answer[BadEvents], error) {
		if in.Raw {
			if err := mayIn(ctx, access.People); err != nil {
				return nil, err
			}
		}
		return answerOf(s.badEvents(in.After, in.Limit, in.Raw, DeadSelection{Source: in.Source, Code: in.Code}))
	})
}

func (s *Server) takeEvents(ctx context.Context, body []byte) (EventVerdicts, error) {
	if err := s.open(); err != nil {
		return EventVerdicts{}, err
	}
	received := engine.TimeOf(s.now())
	kind, err := kindInside(body)
	if err != nil {
		return EventVerdicts{}, err
	}
	batch, err := intake.Decode(body, intake.Call{Kind: kind, Received: received, Limits: s.limits})
	if err != nil {
		return EventVerdicts{}, err
	}
	batch.Keep(s.namedWrong())
	_, results, err := s.submit(ctx, visit{source: apiSource, received: received}, batch)
	if err != nil {
		return EventVerdicts{}, err
	}
	return verdictsOf(batch, results), nil
}

// kindInside is the type that a single call names itself, 0 for a batch.
func kindInside(body []byte) (engine.EventKind, error) {
	var call struct {
		Type  any
		Batch json.RawMessage
	}
	if err := json.Unmarshal(body, &call); err != nil {
		return 0, &engine.Problem{Code: "bad_json", Text: "the body is not a JSON object"}
	}
	if call.Batch != nil {
		return 0, nil
	}
	name, _ := call.Type.(string)
	for kind := engine.Track; kind <= engine.Alias; kind++ {
		if kind.String() == name {
			return kind, nil
		}
	}
	return 0, &engine.Problem{Code: "bad_type", Text: "type is missing or not one of track, identify, page, screen, group, alias"}
}

func verdictsOf(batch *intake.Batch, results []runner.Result) EventVerdicts {
	v := EventVerdicts{Events: []EventVerdict{}}
	for _, r := range batch.Refused {
		v.Events = append(v.Events, EventVerdict{Index: r.Index, ID: r.ID, Verdict: verdictRefused, Code: r.Problem.Code, Detail: r.Problem.Text})
	}
	for i, result := range results {
		e := &batch.Events[i]
		verdict := EventVerdict{Index: batch.Index(i), ID: e.ID, Lead: e.Lead.String(), Verdict: verdictAccepted}
		var p *engine.Problem
		switch {
		case errors.As(result.Err, &p):
			verdict.Verdict, verdict.Code, verdict.Detail, verdict.Lead = verdictRefused, p.Code, p.Text, ""
		case result.Duplicate:
			verdict.Verdict = verdictDuplicate
		}
		v.Events = append(v.Events, verdict)
	}
	sort.Slice(v.Events, func(i, j int) bool { return v.Events[i].Index < v.Events[j].Index })
	return v
}

// BadEvents is a page of refused events.
type BadEvents struct {
	Events []BadEventDoc `json:"events"`
	Next   uint64        `json:"next,omitempty" doc:"Give it as after to get the next page."`
}

// BadEventDoc is something that a client sent and that is not an event.
type BadEventDoc struct {
	Seq    uint64     `json:"seq"`
	At     *time.Time `json:"at"`
	Source string     `json:"source,omitempty"`
	Code   string     `json:"code"`
	Detail string     `json:"detail"`
	Raw    string     `json:"raw,omitempty" doc:"As it came in. Personal data."`
}

func (s *Server) badEvents(before uint64, limit int, raw bool, which DeadSelection) (BadEvents, error) {
	result := BadEvents{Events: []BadEventDoc{}}
	err := s.options.Ledger.BadEvents(before, 0, func(b *store.BadEvent) error {
		if !which.matches(b) {
			return nil
		}
		if len(result.Events) == limit {
			result.Next = result.Events[limit-1].Seq
			return store.ErrStop
		}
		doc := BadEventDoc{Seq: b.Seq, At: instant(b.At), Source: b.Source, Code: b.Code, Detail: b.Text}
		if raw {
			doc.Raw = string(b.Raw)
		}
		result.Events = append(result.Events, doc)
		return nil
	})
	return result, err
}
