package httpd

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/sse"

	"github.com/seed-456efde2/nurture/dsl"
	"github.com/seed-456efde2/nurture/engine/history"
)

func (s *Server) learnOperations(api huma.API) {
	sse.Register(api, huma.Operation{
		OperationID: "learn", Method: http.MethodPost, Path: "/api/v1/learn", Tags: []string{"rules"}, MaxBodyBytes: maxSources,
		Summary:     "Points and a threshold, fitted to what became of the leads",
		Description: "Nothing is changed. What was recorded is read at low priority, beside the server's work; the earlier part is learned from, the later part judged on. The answer is a stream: progress, and at the end learn or problem.",
		Errors:      []int{http.StatusUnauthorized},
	}, map[string]any{"progress": PlanProgress{}, "learn": LearnDoc{}, "problem": Problem{}},
		func(ctx context.Context, in *struct {
			Body struct {
				SourceFiles
				LearnTerms
			}
		}, send sse.Sender,
		) {
			s.atLength(ctx, send, func(ctx context.Context, say func(any)) (any, error) {
				return s.learn(ctx, in.Body.Sources, in.Body.LearnTerms, say)
			})
		})
}

func (s *Server) learn(ctx context.Context, sources map[string][]byte, terms LearnTerms, say func(any)) (any, error) {
	w, err := s.propose(sources)
	if err != nil {
		return nil, err
	}
	tell := s.teller(say)
	begin := time.Now()
	doc, err := MakeLesson(LearnAsk{
		LearnTerms: terms, Source: history.FromRows(s.options.People, 0), Rules: w,
		Load: func(changed map[string][]byte) (*dsl.Workspace, error) { return s.propose(changed) },
		Effort: history.Effort{
			Workers: s.workers, Between: s.pace.between, Stopped: func() bool { return ctx.Err() != nil },
			Progress: func(done, of int) { tell("replay", done, of) },
		},
	})
	var own *Problem
	switch {
	case errors.As(err, &own):
		return nil, err
	case err != nil:
		return nil, newProblem(http.StatusUnprocessableEntity, "cannot_learn", err.Error())
	}
	doc.Seconds = time.Since(begin).Seconds()
	return *doc, nil
}
