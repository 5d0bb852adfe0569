package httpd

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// HistoryOf is how much of a figure's history is asked for.
type HistoryOf struct {
	Since int `query:"since" minimum:"0" maximum:"240000" doc:"How many hours the history goes back; left out: no history."`
	Step  int `query:"step" minimum:"1" maximum:"8784" default:"24" doc:"How many hours one point of it covers; at most 400 points are given."`
}

func (h HistoryOf) query(name string) KPIQuery {
	return KPIQuery{Name: name, Since: time.Duration(h.Since) * time.Hour, Step: time.Duration(h.Step) * time.Hour}
}

func (s *Server) kpiOperations(api huma.API) {
	huma.Register(api, huma.Operation{
		OperationID: "list-kpis", Method: http.MethodGet, Path: "/api/v1/kpis", Tags: []string{"figures"},
		Summary:     "Key figures, as the workspace declares them",
		Description: "Each with its target, the interval of a rate, what is too young to be judged, the states of its thresholds, and where it is bad what to try.",
		Errors:      []int{http.StatusUnauthorized},
	}, func(_ context.Context, in *struct{ HistoryOf }) (*answer[[]KPIDoc], error) {
		return answerOf(s.kpisOf(in.query("")))
	})
	huma.Register(api, huma.Operation{
		OperationID: "get-kpi", Method: http.MethodGet, Path: "/api/v1/kpis/{name}", Tags: []string{"figures"},
		Summary: "One key figure", Errors: []int{http.StatusUnauthorized, http.StatusNotFound},
	}, func(_ context.Context, in *struct {
		HistoryOf
		Name string `path:"name" maxLength:"128"`
	},
	) (*answer[*KPIDoc], error) {
		return answerOf(s.oneKPI(in.query(in.Name)))
	})
}

// oneKPI reads the figure that a query names.
func (s *Server) oneKPI(q KPIQuery) (*KPIDoc, error) {
	docs, err := s.kpisOf(q)
	if err != nil {
		return nil, err
	}
	if len(docs) == 0 {
		return nil, newProblem(http.StatusNotFound, "unknown_kpi", "the rules in force have no kpi of this name")
	}
	return &docs[0], nil
}
