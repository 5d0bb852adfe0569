package httpd

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/seed-456efde2/nurture/engine"
)

// ForgottenList is who was erased.
type ForgottenList struct {
	Leads []ForgottenDoc `json:"leads"`
}

// ForgottenDoc is a tombstone.
type ForgottenDoc struct {
	ID string    `json:"id" doc:"Internal id; it cannot be read back to a person."`
	At time.Time `json:"at"`
}

func (s *Server) forgottenOperation(api huma.API) {
	huma.Register(api, huma.Operation{
		OperationID: "list-forgotten", Method: http.MethodGet, Path: "/api/v1/leads/forgotten", Tags: []string{"leads"},
		Summary:     "Who was erased",
		Description: "By internal ids. Keep the list beside backups: after one is restored, they are to be forgotten again.",
		Errors:      []int{http.StatusUnauthorized},
	}, func(ctx context.Context, _ *struct{}) (*answer[ForgottenList], error) {
		return answerOf(s.forgotten(ctx))
	})
}

func (s *Server) forgotten(ctx context.Context) (ForgottenList, error) {
	list := ForgottenList{Leads: []ForgottenDoc{}}
	people := s.options.People
	for part := range people.Partitions() {
		err := people.Leads(part, engine.LeadID{}, 0, func(id engine.LeadID, row []byte) error {
			var l engine.Lead
			if err := engine.DecodeLead(row, &l); err != nil {
				return err
			}
			if l.Forgotten != 0 {
				list.Leads = append(list.Leads, ForgottenDoc{id.String(), l.Forgotten.In(time.UTC)})
			}
			return ctx.Err()
		})
		if err != nil {
			return list, err
		}
	}
	return list, nil
}
