package httpd

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/seed-456efde2/nurture/engine"
)

// nameErrors gives huma's own errors our form. The library keeps the function in
// a variable of its package, which must not change while it answers.
var nameErrors = sync.OnceFunc(func() { huma.NewError = humaError })

// routeAPI puts the API under /api/v1, with its description at
// /api/v1/openapi.json, which needs no key.
func (s *Server) routeAPI(mux *http.ServeMux) {
	inner := http.NewServeMux()
	api := s.newAPI(inner)

	// Cross-site requests by browsers are refused: a page elsewhere must not use
	// what this machine, or the console's cookie, may do.
	guarded := http.NewCrossOriginProtection().Handler(s.withKey(inner, api.OpenAPI()))
	mux.Handle("/api/v1/", guarded)
	for _, name := range []string{"json", "yaml"} {
		mux.Handle("GET /api/v1/openapi."+name, tagged(inner))
	}
}

// newAPI registers all operations.
func (s *Server) newAPI(inner *http.ServeMux) huma.API {
	nameErrors()
	config := huma.DefaultConfig("nurture", "1")
	config.OpenAPIPath = "/api/v1/openapi"
	config.DocsPath, config.SchemasPath = "", ""
	config.CreateHooks = nil // no $schema member in every answer
	config.Transformers = []huma.Transformer{s.finished}
	api := humago.New(inner, config)
	api.UseMiddleware(s.scoped, s.paged, s.audited)
	s.leadOperations(api)
	s.peopleOperations(api)
	s.identityOperations(api)
	s.factOperations(api)
	s.forgottenOperation(api)
	s.eventOperations(api)
	s.deadOperations(api)
	s.keyOperations(api)
	s.letterOperations(api)
	s.ruleOperations(api)
	s.planOperations(api)
	s.learnOperations(api)
	s.backupOperation(api)
	s.revisionOperations(api)
	s.rolloutOperations(api)
	s.explainOperations(api)
	s.pauseOperations(api)
	s.experimentOperations(api)
	s.tossUpOperations(api)
	s.funnelOperations(api)
	s.reviewOperation(api)
	s.verifyOperation(api)
	s.liveOperation(api)
	s.auditOperations(api)
	s.loginOperation(api)
	describe(api.OpenAPI())
	return api
}

// errUnauthorized is the answer to whoever shows no key.
var errUnauthorized = newProblem(http.StatusUnauthorized, "unauthorized", "an API key is needed: Authorization: Bearer KEY")

// withKey lets in who shows an API key, has signed in to the console, or is on
// this machine where that is enough. What that one may do each operation says.
func (s *Server) withKey(next *http.ServeMux, doc *huma.OpenAPI) http.Handler {
	asking := map[string]bool{} // calls that change nothing, by their pattern
	for _, op := range operationsOf(doc) {
		asking[op.Method+" "+op.Path] = ruleOf(op).asks
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, ok := s.callerOf(r)
		if !ok {
			w.Header().Set("WWW-Authenticate", `Bearer realm="nurture"`)
			errUnauthorized.in(apiLang(r.URL.Query().Get("lang"), r.Header.Get("Accept-Language"))).write(w)
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Add("Vary", "Accept-Language")
		w.Header().Set(ZoneHeader, s.zone().String())
		r = withCaller(r, c)
		switch {
		case r.Method == http.MethodGet:
			tagged(next).ServeHTTP(w, r)
		case r.Header.Get("Idempotency-Key") != "" && !asking[patternOf(next, r)]:
			s.once(w, r, next)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// patternOf is what of the mux a request meets.
func patternOf(mux *http.ServeMux, r *http.Request) string {
	_, pattern := mux.Handler(r)
	return pattern
}

// tagged gives the answers of a handler their ETag.
func tagged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t := &taggedAnswer{ResponseWriter: w}
		next.ServeHTTP(t, r)
		t.end(r)
	})
}

// apiError gives an operation's error its status and headers.
func apiError(err error) error {
	if err == nil {
		return nil
	}
	p := problemOf(err)
	if p.after <= 0 {
		return p
	}
	return huma.ErrorWithHeaders(p, http.Header{"Retry-After": {retryAfter(p.after)}})
}

// answer is an operation's result of one body.
type answer[T any] struct{ Body T }

func answerOf[T any](body T, err error) (*answer[T], error) {
	if err != nil {
		return nil, apiError(err)
	}
	return &answer[T]{body}, nil
}

// Paging bounds a list.
type Paging struct {
	Limit int `query:"limit" minimum:"1" maximum:"1000" default:"50" doc:"How many at most."`
}

func (s *Server) leadOperations(api huma.API) {
	tags := []string{"leads"}
	huma.Register(api, huma.Operation{
		OperationID: "get-lead", Method: http.MethodGet, Path: "/api/v1/leads/{id}", Tags: tags,
		Summary:     "One lead with its state, its latest facts, and what was decided and why",
		Description: "The id is the internal one, a userId, an anonymousId or the value of the key attribute.",
		Errors:      []int{http.StatusUnauthorized, http.StatusNotFound},
	}, func(ctx context.Context, in *struct {
		ID    string `path:"id" maxLength:"512"`
		Facts int    `query:"facts" minimum:"0" maximum:"1000" default:"50" doc:"How many of the latest facts."`
	},
	) (*answer[*LeadDoc], error) {
		id, err := s.findLead(in.ID)
		if err != nil {
			return nil, apiError(err)
		}
		return answerOf(s.leadDoc(ctx, id, in.Facts))
	})
	huma.Register(api, huma.Operation{
		OperationID: "find-lead", Method: http.MethodPost, Path: "/api/v1/leads/find", Tags: tags,
		Summary:     "One lead, by a name that must not stand in an address",
		Description: "As get-lead, with the id in the body: an e-mail address in a URL would end up in the logs of everything on the way.",
		Errors:      []int{http.StatusUnauthorized, http.StatusNotFound},
	}, func(ctx context.Context, in *struct {
		Body struct {
			ID    string `json:"id" minLength:"1" maxLength:"512"`
			Facts int    `json:"facts,omitempty" minimum:"0" maximum:"1000" default:"50" doc:"How many of the latest facts."`
		}
	},
	) (*answer[*LeadDoc], error) {
		id, err := s.findLead(in.Body.ID)
		if err != nil {
			return nil, apiError(err)
		}
		return answerOf(s.leadDoc(ctx, id, in.Body.Facts))
	})
	huma.Register(api, huma.Operation{
		OperationID: "list-leads", Method: http.MethodGet, Path: "/api/v1/leads", Tags: tags,
		Summary: "Leads, a page at a time", Description: "The order is that of the store. A page without next is the last one.",
		Errors: []int{http.StatusUnauthorized},
	}, func(_ context.Context, in *struct {
		Paging
		After string `query:"after" maxLength:"32" doc:"The next of the page before."`
	},
	) (*answer[LeadPage], error) {
		var after engine.LeadID
		if in.After != "" {
			var ok bool
			if after, ok = engine.ParseLeadID(in.After); !ok {
				return nil, newProblem(http.StatusBadRequest, "bad_after", "after is not the next of a page")
			}
		}
		return answerOf(s.leadPage(after, in.Limit))
	})
}

// LeadPage is a page of leads.
type LeadPage struct {
	Leads []LeadRow `json:"leads"`
	Next  string    `json:"next,omitempty" doc:"Give it as after to get the next page."`
}

// LeadRow is a lead in a list.
type LeadRow struct {
	ID         string         `json:"id"`
	User       string         `json:"userId,omitempty"`
	Visitor    string         `json:"anonymousId,omitempty"`
	Stage      string         `json:"stage,omitempty"`
	FirstSeen  *time.Time     `json:"firstSeen,omitempty"`
	Now        *time.Time     `json:"now,omitempty"`
	Attributes map[string]any `json:"attributes"`

	title string
}

// errFull ends the walk over leads when a page is full.
var errFull = errors.New("the page is full")

// leadPage walks the partitions, each in the order of its leads.
func (s *Server) leadPage(after engine.LeadID, limit int) (LeadPage, error) {
	result := LeadPage{Leads: []LeadRow{}}
	people := s.options.People
	first := 0
	if !after.IsZero() {
		first = after.Partition(people.Partitions())
	}
	var last engine.LeadID
	var l engine.Lead
	for part := first; part < people.Partitions(); part++ {
		err := people.Leads(part, after, 0, func(id engine.LeadID, row []byte) error {
			if err := engine.DecodeLead(row, &l); err != nil {
				return err
			}
			if l.Entity != engine.NoEntity || !l.Into.IsZero() || l.FirstSeen == 0 {
				return nil // it is a part of another, or no lead, or none any more
			}
			if len(result.Leads) == limit {
				result.Next = last.String()
				return errFull
			}
			l.ID, last = id, id
			result.Leads = append(result.Leads, s.leadRow(&l))
			return nil
		})
		if errors.Is(err, errFull) {
			return result, nil
		}
		if err != nil {
			return result, err
		}
		after = engine.LeadID{}
	}
	return result, nil
}

func (s *Server) leadRow(l *engine.Lead) LeadRow {
	row := LeadRow{
		ID: l.ID.String(), User: l.User, Visitor: l.Visitor, Stage: l.Acts.Stage,
		FirstSeen: instant(l.FirstSeen), Now: instant(l.Now), Attributes: map[string]any{},
	}
	for _, a := range l.Folds.Attrs {
		if !a.Value.IsNone() {
			row.Attributes[a.Name] = jsonValue(a.Value)
		}
	}
	row.title = s.titleOf(l)
	return row
}
