package httpd

import (
	"cmp"
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/seed-456efde2/nurture/engine"
)

// FunnelList is all funnels of the workspace.
type FunnelList struct {
	Funnels []FunnelDoc `json:"funnels"`
}

// FunnelQuery is what a call says about the funnel it wants.
type FunnelQuery struct {
	At      When   `query:"at" maxLength:"64" doc:"As of this instant, or of the end of this day: 2026-10-05, 2026-10-05T09:00:00+09:00 or, so long ago, 30d. Without an offset it is of the project's zone. Absent: now."`
	Per     string `query:"per" enum:"day,week,month" default:"month" doc:"How the calendar is cut."`
	Windows string `query:"windows" maxLength:"64" doc:"Days within which cohorts are judged, as in 14,30,90,180."`
	By      string `query:"by" maxLength:"256" doc:"Only leads with this value of the funnel's attribute."`
}

func (s *Server) funnelOperations(api huma.API) {
	tags := []string{"figures"}
	errs := []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusNotFound}
	huma.Register(api, huma.Operation{
		OperationID: "list-funnels", Method: http.MethodGet, Path: "/api/v1/funnels", Tags: tags,
		Summary: "How the funnels stand: needed, actual, pace, forecast, bottleneck", Errors: errs[:2],
	}, func(_ context.Context, in *FunnelQuery) (*answer[FunnelList], error) {
		return answerOf(s.funnels(in))
	})
	huma.Register(api, huma.Operation{
		OperationID: "get-funnel", Method: http.MethodGet, Path: "/api/v1/funnels/{name}", Tags: tags,
		Summary: "How one funnel stands", Errors: errs,
	}, func(_ context.Context, in *struct {
		Name string `path:"name" maxLength:"256"`
		FunnelQuery
	},
	) (*answer[FunnelDoc], error) {
		return answerOf(s.funnel(in.Name, &in.FunnelQuery))
	})
	huma.Register(api, huma.Operation{
		OperationID: "get-lifecycle", Method: http.MethodGet, Path: "/api/v1/lifecycle", Tags: tags,
		Summary:     "The stages: who stands there, how long they stay, who is overdue, who moved back and why",
		Description: "It reads the journal of every lead that has moved, so it takes as long as the store is large.", Errors: errs[:2],
	}, func(_ context.Context, in *struct {
		Over string `query:"over" maxLength:"16" doc:"Moves of this time, as in 90d; absent: all."`
	},
	) (*answer[LifecycleDoc], error) {
		return answerOf(s.lifecycle(in.Over))
	})
	huma.Register(api, huma.Operation{
		OperationID: "get-attribution", Method: http.MethodGet, Path: "/api/v1/attribution/{event}", Tags: tags,
		Summary:     "What led to an event: touches before it, credited by a model",
		Description: "It reads the journals of the store, so it takes as long as the store is large.", Errors: errs,
	}, func(_ context.Context, in *struct {
		Event string `path:"event" maxLength:"256"`
		AttributionQuery
	},
	) (*answer[AttributionDoc], error) {
		return answerOf(s.attribution(in.Event, &in.AttributionQuery))
	})
}

func (s *Server) funnels(q *FunnelQuery) (FunnelList, error) {
	list := FunnelList{Funnels: []FunnelDoc{}}
	p := s.options.Desk.Program()
	if p == nil {
		return list, nil
	}
	for i := range p.Spec().Funnels {
		doc, err := s.funnel(p.Spec().Funnels[i].Name, q)
		if err != nil {
			return list, err
		}
		list.Funnels = append(list.Funnels, doc)
	}
	return list, nil
}

func (s *Server) funnel(name string, q *FunnelQuery) (FunnelDoc, error) {
	p := s.options.Desk.Program()
	if p == nil {
		return FunnelDoc{}, newProblem(http.StatusNotFound, "unknown_funnel", "no rules are loaded")
	}
	at, err := s.times().AsOf("at", q.At)
	if err != nil {
		return FunnelDoc{}, err
	}
	ask := FunnelAsk{At: cmp.Or(at, engine.TimeOf(s.now())), Per: q.Per, By: q.By}
	windows, ok := ParseWindows(q.Windows)
	if !ok {
		return FunnelDoc{}, newProblem(http.StatusBadRequest, "bad_windows", "windows are whole numbers of days above 0, at most eight of them, as in 14,30,90,180")
	}
	ask.Windows = windows
	return ReadFunnel(p, s.options.Ledger.Counts, name, ask)
}

// ParseWindows reads a list of days; nil for none.
func ParseWindows(text string) ([]int64, bool) {
	if text == "" {
		return nil, true
	}
	parts := strings.Split(text, ",")
	windows := make([]int64, 0, len(parts))
	for _, part := range parts {
		n, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(part), "d"), 10, 64)
		if err != nil || n <= 0 || n > 36_500 || len(parts) > 8 {
			return nil, false
		}
		windows = append(windows, n)
	}
	return windows, true
}
