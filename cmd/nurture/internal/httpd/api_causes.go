package httpd

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/runner"
)

// A thousand messages that were given up have a handful of causes. Operators look
// at these, and do to all of one cause what they would do to one.

// CausesDoc is why messages were given up.
type CausesDoc struct {
	Causes []CauseDoc `json:"causes" doc:"The most frequent first."`
}

// CauseDoc is one cause with what it did.
type CauseDoc struct {
	Channel string     `json:"channel"`
	Outcome string     `json:"outcome" enum:"retry,refused,unknown"`
	Code    string     `json:"code,omitempty"`
	Count   int        `json:"count"`
	TossUps int        `json:"tossUps" doc:"Hand-overs to sales among them."`
	First   *time.Time `json:"first"`
	Last    *time.Time `json:"last"`
	Example string     `json:"example" doc:"Key of one of them."`
	Detail  string     `json:"detail,omitempty" doc:"What the channel said about the example."`
}

// DeadChoice says which messages are meant. What is empty holds for all.
type DeadChoice struct {
	Channel  string `json:"channel,omitempty" maxLength:"200"`
	Code     string `json:"code,omitempty" maxLength:"200"`
	Outcome  string `json:"outcome,omitempty" enum:"retry,refused,unknown"`
	Workflow string `json:"workflow,omitempty" maxLength:"200"`
	TossUp   string `json:"tossUp,omitempty" maxLength:"200"`
	All      bool   `json:"all,omitempty" doc:"Needed where nothing else is said."`
	Limit    int    `json:"limit,omitempty" minimum:"1" maximum:"10000" default:"1000"`
}

// DeadDone is what was done to them.
type DeadDone struct {
	Done int  `json:"done"`
	More bool `json:"more" doc:"There are more than the limit; ask again."`
}

func (c *DeadChoice) takes(d *engine.DeadAction) bool {
	p := &d.Pending
	for _, w := range [...]struct{ want, is string }{
		{c.Channel, p.Channel}, {c.Code, d.Code}, {c.Outcome, d.Outcome.String()}, {c.Workflow, p.Workflow}, {c.TossUp, p.TossUp},
	} {
		if w.want != "" && w.want != w.is {
			return false
		}
	}
	return true
}

// words tells the choice in one line.
func (c *DeadChoice) words() string {
	if c.empty() {
		return "all"
	}
	return strings.Join(strings.Fields(c.Channel+" "+c.Code+" "+c.Outcome+" "+c.Workflow+" "+c.TossUp), " ")
}

func (c *DeadChoice) empty() bool {
	return c.Channel == "" && c.Code == "" && c.Outcome == "" && c.Workflow == "" && c.TossUp == ""
}

func (s *Server) causeOperations(api huma.API) {
	tags := []string{"deliveries"}
	errs := []int{http.StatusUnauthorized, http.StatusBadRequest, http.StatusServiceUnavailable}
	huma.Register(api, huma.Operation{
		OperationID: "list-dead-causes", Method: http.MethodGet, Path: "/api/v1/dead/causes", Tags: tags,
		Summary: "Why actions were given up, grouped", Errors: errs[:1],
	}, func(ctx context.Context, _ *struct{}) (*answer[CausesDoc], error) {
		return answerOf(s.causes(ctx))
	})
	type choice struct{ Body DeadChoice }
	huma.Register(api, huma.Operation{
		OperationID: "retry-dead-causes", Method: http.MethodPost, Path: "/api/v1/dead/retry", Tags: tags,
		Summary: "Give all actions of a cause another round, each under its own key", Errors: errs,
	}, func(ctx context.Context, in *choice) (*answer[DeadDone], error) {
		auditTarget(ctx, in.Body.words())
		return answerOf(s.doToDead(ctx, &in.Body, s.options.Door.Redrive))
	})
	huma.Register(api, huma.Operation{
		OperationID: "discard-dead-causes", Method: http.MethodPost, Path: "/api/v1/dead/discard", Tags: tags,
		Summary: "Forget all actions of a cause", Errors: errs,
	}, func(ctx context.Context, in *choice) (*answer[DeadDone], error) {
		auditTarget(ctx, in.Body.words())
		return answerOf(s.doToDead(ctx, &in.Body, s.options.Door.Discard))
	})
}

// eachDead walks over all dead letters.
func (s *Server) eachDead(ctx context.Context, yield func(*engine.DeadAction) error) error {
	for part := range s.options.People.Partitions() {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.options.Ledger.DeadActions(part, engine.ActionKey{}, 0, yield); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) causes(ctx context.Context) (CausesDoc, error) {
	type cause struct{ channel, outcome, code string }
	groups := map[cause]*CauseDoc{}
	err := s.eachDead(ctx, func(d *engine.DeadAction) error {
		c := cause{d.Pending.Channel, d.Outcome.String(), d.Code}
		at := instant(d.At)
		g := groups[c]
		if g == nil {
			g = &CauseDoc{
				Channel: c.channel, Outcome: c.outcome, Code: c.code, First: at, Last: at,
				Example: d.Pending.Key.String(), Detail: d.Detail,
			}
			groups[c] = g
		}
		g.Count++
		if d.Pending.TossUp != "" {
			g.TossUps++
		}
		if at != nil && g.First != nil && at.Before(*g.First) {
			g.First = at
		}
		if at != nil && g.Last != nil && at.After(*g.Last) {
			g.Last, g.Example, g.Detail = at, d.Pending.Key.String(), d.Detail
		}
		return nil
	})
	doc := CausesDoc{Causes: []CauseDoc{}}
	for _, g := range groups {
		doc.Causes = append(doc.Causes, *g)
	}
	slices.SortFunc(doc.Causes, func(a, b CauseDoc) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Channel, b.Channel),
			cmp.Compare(a.Outcome, b.Outcome), cmp.Compare(a.Code, b.Code))
	})
	return doc, err
}

// errEnough ends the walk over dead letters when the limit is reached.
var errEnough = errors.New("that is enough")

// doToDead does to all chosen dead letters what an operator asked for.
func (s *Server) doToDead(ctx context.Context, c *DeadChoice, do deed) (DeadDone, error) {
	if c.empty() && !c.All {
		return DeadDone{}, newProblem(http.StatusBadRequest, "no_choice", "say which messages are meant: channel, code, outcome, workflow or tossUp, or all")
	}
	type letter struct {
		lead engine.LeadID
		key  engine.ActionKey
	}
	limit := cmp.Or(c.Limit, 1000)
	var chosen []letter
	var result DeadDone
	err := s.eachDead(ctx, func(d *engine.DeadAction) error {
		switch {
		case !c.takes(d):
			return nil
		case len(chosen) == limit:
			result.More = true
			return errEnough
		}
		chosen = append(chosen, letter{d.Lead, d.Pending.Key})
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return result, err
	}
	for _, l := range chosen {
		switch err := do(ctx, l.lead, l.key); {
		case errors.Is(err, runner.ErrNoLetter): // somebody else was faster
		case err != nil:
			return result, err
		default:
			result.Done++
		}
	}
	return result, nil
}
