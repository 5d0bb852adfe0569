package httpd

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/runner"
)

// DeadPage is a page of dead letters.
type DeadPage struct {
	Dead []DeadDoc `json:"dead"`
	Next string    `json:"next,omitempty" doc:"Give it as after to get the next page."`
}

// DeadDoc is an action that was given up.
type DeadDoc struct {
	Key      string     `json:"key"`
	Lead     string     `json:"lead" doc:"Internal id."`
	At       *time.Time `json:"at"`
	Channel  string     `json:"channel"`
	Workflow string     `json:"workflow,omitempty"`
	Step     string     `json:"step,omitempty"`
	TossUp   string     `json:"tossUp,omitempty"`
	Attempts int32      `json:"attempts"`
	Outcome  string     `json:"outcome" enum:"retry,refused,unknown"`
	Code     string     `json:"code,omitempty"`
	Detail   string     `json:"detail,omitempty"`
}

// keyPath names a dead letter.
type keyPath struct {
	Key string `path:"key" minLength:"32" maxLength:"32"`
}

func (s *Server) letterOperations(api huma.API) {
	s.causeOperations(api)
	tags := []string{"deliveries"}
	errs := []int{http.StatusUnauthorized, http.StatusNotFound, http.StatusServiceUnavailable}
	huma.Register(api, huma.Operation{
		OperationID: "list-dead", Method: http.MethodGet, Path: "/api/v1/dead", Tags: tags,
		Summary: "Actions that were given up and wait for an operator", Errors: errs[:1],
	}, func(_ context.Context, in *struct {
		Paging
		After string `query:"after" maxLength:"36" doc:"The next of the page before."`
	},
	) (*answer[DeadPage], error) {
		return answerOf(s.deadPage(in.After, in.Limit))
	})
	huma.Register(api, huma.Operation{
		OperationID: "retry-dead", Method: http.MethodPost, Path: "/api/v1/dead/{key}/retry", Tags: tags,
		Summary: "Give an action another round, under the same key", DefaultStatus: http.StatusNoContent, Errors: errs,
	}, func(ctx context.Context, in *keyPath) (*struct{}, error) {
		return nil, apiError(s.redrive(ctx, in.Key, s.options.Door.Redrive))
	})
	huma.Register(api, huma.Operation{
		OperationID: "discard-dead", Method: http.MethodDelete, Path: "/api/v1/dead/{key}", Tags: tags,
		Summary: "Forget an action that was given up", DefaultStatus: http.StatusNoContent, Errors: errs,
	}, func(ctx context.Context, in *keyPath) (*struct{}, error) {
		return nil, apiError(s.redrive(ctx, in.Key, s.options.Door.Discard))
	})
}

// deed is what an operator does to a dead letter: Door.Redrive or Door.Discard.
type deed func(ctx context.Context, lead engine.LeadID, key engine.ActionKey) error

// redrive does to a dead letter what an operator asked for. A key does not tell
// whose it is, so every partition is asked; there are few letters.
func (s *Server) redrive(ctx context.Context, name string, do deed) error {
	key, ok := engine.ParseActionKey(name)
	for part := 0; ok && part < s.options.People.Partitions(); part++ {
		var letter engine.DeadAction
		found, err := s.options.Ledger.Dead(part, key, &letter)
		if err != nil {
			return err
		}
		if found {
			return do(ctx, letter.Lead, key)
		}
	}
	return runner.ErrNoLetter
}

// deadPage walks the partitions, each in the order of its keys. A page's place is
// its partition and the last key seen there.
func (s *Server) deadPage(after string, limit int) (DeadPage, error) {
	result := DeadPage{Dead: []DeadDoc{}}
	part, key, ok := parseDeadPlace(after)
	if !ok {
		return result, newProblem(http.StatusBadRequest, "bad_after", "after is not the next of a page")
	}
	for ; part < s.options.People.Partitions(); part++ {
		err := s.options.Ledger.DeadActions(part, key, limit+1-len(result.Dead), func(d *engine.DeadAction) error {
			if len(result.Dead) == limit {
				result.Next = deadPlace(part, key)
				return nil
			}
			key = d.Pending.Key
			result.Dead = append(result.Dead, deadDoc(d))
			return nil
		})
		if err != nil || result.Next != "" {
			return result, err
		}
		key = engine.ActionKey{}
	}
	return result, nil
}

func deadDoc(d *engine.DeadAction) DeadDoc {
	p := &d.Pending
	return DeadDoc{
		Key: p.Key.String(), Lead: d.Lead.String(), At: instant(d.At), Channel: p.Channel, Workflow: p.Workflow, Step: p.Step,
		TossUp: p.TossUp, Attempts: p.Attempts, Outcome: d.Outcome.String(), Code: d.Code, Detail: d.Detail,
	}
}

// deadPlace writes a page's place as PARTITION-KEY.
func deadPlace(part int, key engine.ActionKey) string { return strconv.Itoa(part) + "-" + key.String() }

func parseDeadPlace(text string) (part int, key engine.ActionKey, ok bool) {
	if text == "" {
		return 0, key, true
	}
	number, name, _ := strings.Cut(text, "-")
	part, err := strconv.Atoi(number)
	key, ok = engine.ParseActionKey(name)
	return part, key, ok && err == nil && part >= 0
}
