package httpd

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

func (s *Server) explainOperations(api huma.API) {
	tags := []string{"leads"}
	huma.Register(api, huma.Operation{
		OperationID: "explain-lead", Method: http.MethodPost, Path: "/api/v1/explain", Tags: tags,
		Summary:     "Why something was decided about a lead, or was not",
		Description: "The conditions as sentences with what they saw, what would change the answer (tried on a copy of the lead), and the decisions so far. At an instant of the past the lead's facts are folded again up to it, under the rules that decided then or any other revision; what is not known any more is told. Nothing is changed by it.",
		Errors:      []int{http.StatusUnauthorized, http.StatusNotFound, http.StatusUnprocessableEntity},
	}, func(_ context.Context, in *struct{ Body ExplainAsk }) (*answer[*ExplainDoc], error) {
		return answerOf(s.explain(&in.Body))
	})
	huma.Register(api, huma.Operation{
		OperationID: "list-decisions", Method: http.MethodPost, Path: "/api/v1/decisions", Tags: tags,
		Summary:     "The decision log, filtered",
		Description: "What was decided about leads, the latest first, with the conditions and what they saw. Of one lead, or of all: then every journal is read, which takes a while. Reasons are kept for a time that the server is given (--decisions-keep); that something was decided stays.",
		Errors:      []int{http.StatusUnauthorized, http.StatusNotFound, http.StatusUnprocessableEntity},
	}, func(ctx context.Context, in *struct{ Body DecisionsAsk }) (*answer[*DecisionsDoc], error) {
		return answerOf(s.decisionList(ctx, &in.Body))
	})
}
