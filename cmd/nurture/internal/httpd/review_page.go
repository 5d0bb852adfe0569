package httpd

import (
	"cmp"
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/seed-456efde2/nurture/engine"
)

// reviewPage is the page of the reviews.
type reviewPage struct {
	Reviews []reviewView
}

// reviewView is a report on its page.
type reviewView struct {
	Name, Title string
	Blocks      []blockView
}

type blockView struct {
	Heading, Line string
	Rows          [][]string
	Chart         string // name of the funnel
	Alt           string
}

func (s *Server) reviewOperation(api huma.API) {
	huma.Register(api, huma.Operation{
		OperationID: "get-review", Method: http.MethodGet, Path: "/api/v1/review", Tags: []string{"figures"},
		Summary: "The report of a review, made now", Errors: []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusNotFound},
	}, func(_ context.Context, in *struct {
		Name string `query:"name" maxLength:"256" doc:"Absent: the only one."`
		At   When   `query:"at" maxLength:"64" doc:"As of this instant, or of the end of this day: 2026-10-05, 2026-10-05T09:00:00+09:00 or, so long ago, 30d. Without an offset it is of the project's zone. Absent: now."`
	},
	) (*answer[ReviewDoc], error) {
		return answerOf(s.review(in.Name, in.At))
	})
}

func (s *Server) review(name string, when When) (ReviewDoc, error) {
	p := s.options.Desk.Program()
	if p == nil {
		return ReviewDoc{}, newProblem(http.StatusNotFound, "unknown_review", "no rules are loaded")
	}
	spec, err := FindReview(p, name)
	if err != nil {
		return ReviewDoc{}, err
	}
	at, err := s.times().AsOf("at", when)
	if err != nil {
		return ReviewDoc{}, err
	}
	ledger, _ := s.options.Ledger.(ReviewLedger)
	return ReadReview(p, s.options.Ledger.Counts, ledger, spec, cmp.Or(at, engine.TimeOf(s.now())))
}

func (s *Server) routeReviews(page func(string, http.HandlerFunc)) {
	page("GET /review", s.showReviews)
}

func (s *Server) showReviews(w http.ResponseWriter, r *http.Request) {
	v := s.view(r, "review")
	page := reviewPage{}
	names := []string{""}
	if p := s.options.Desk.Program(); p != nil && len(p.Spec().Reviews) > 0 {
		names = names[:0]
		for i := range p.Spec().Reviews {
			names = append(names, p.Spec().Reviews[i].Name)
		}
	}
	for _, name := range names {
		doc, err := s.review(name, "")
		if err != nil {
			s.message(w, r, err)
			return
		}
		if doc.Name == "review" && doc.Label == "" {
			doc.Label = v.T("review")
		}
		view := reviewView{Name: doc.Name, Title: ReviewTitle(&doc, string(v.Lang), v.zone)}
		for _, b := range reportBlocks(&doc, string(v.Lang), v.zone) {
			block := blockView{Heading: b.heading, Line: b.line, Rows: b.table}
			if b.chart != nil {
				block.Chart, block.Alt = b.chart.Name, FunnelHead(b.chart, string(v.Lang))
			}
			view.Blocks = append(view.Blocks, block)
		}
		page.Reviews = append(page.Reviews, view)
	}
	s.render(w, r, http.StatusOK, "review", "review", page)
}
