package httpd

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/lists"
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/runner"
)

// Eraser forgets people. The runner's method.
type Eraser interface {
	Forget(ctx context.Context, id engine.LeadID) (runner.Forgotten, error)
}

// LeadName says which lead is meant, in a body: names of people do not stand in
// addresses.
type LeadName struct {
	ID string `json:"id" minLength:"1" maxLength:"512" doc:"The internal id, a userId, an anonymousId or the value of the key attribute."`
}

func (s *Server) peopleOperations(api huma.API) {
	tags := []string{"leads"}
	huma.Register(api, huma.Operation{
		OperationID: "forget-lead", Method: http.MethodPost, Path: "/api/v1/leads/forget", Tags: tags,
		Summary:     "Erase what is known of a person",
		Description: "The lead, what was merged into it, its journal, messages, dead letters and names, and refused events that name it. Counters stay. A tombstone stays too: facts that are older than the erasure are not taken any more, and who had unsubscribed or complained is still not written to.",
		Errors:      []int{http.StatusUnauthorized, http.StatusNotFound, http.StatusServiceUnavailable},
	}, func(ctx context.Context, in *struct{ Body LeadName }) (*answer[runner.Forgotten], error) {
		return answerOf(s.forgetLead(ctx, in.Body.ID))
	})
	huma.Register(api, huma.Operation{
		OperationID: "export-lead", Method: http.MethodPost, Path: "/api/v1/leads/export", Tags: tags,
		Summary:     "Everything about a person",
		Description: "For whoever asks what is known about them: the lead, what was merged into it, every fact, every decision with its reasons, the evidence of consents, and messages that were given up.",
		Errors:      []int{http.StatusUnauthorized, http.StatusNotFound},
	}, func(ctx context.Context, in *struct{ Body LeadName }) (*answer[*PersonDoc], error) {
		return answerOf(s.personDoc(ctx, in.Body.ID))
	})
	huma.Register(api, huma.Operation{
		OperationID: "import-rows", Method: http.MethodPost, Path: "/api/v1/imports", Tags: []string{"events"},
		Summary:      "Take rows of a list, or tell what they would do",
		Description:  "Each row has an id of its own: the same row twice counts once. With dryRun nothing is kept, and the answer tells what would happen at once.",
		MaxBodyBytes: maxImport,
		Errors:       []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusTooManyRequests, http.StatusServiceUnavailable},
	}, func(ctx context.Context, in *struct{ Body ImportOrder }) (*answer[ImportResult], error) {
		return answerOf(s.importRows(ctx, &in.Body))
	})
	for _, name := range []string{"leads", "events", "decisions", "kpis", "consents"} {
		s.exportOperation(api, name)
	}
}

// exportIn is what an export is asked with.
type exportIn struct {
	Format  string `query:"format" enum:"csv,ndjson,parquet" default:"ndjson"`
	Since   When   `query:"since" maxLength:"64" doc:"From this day or instant on: 2026-10-05, 2026-10-05T09:00:00+09:00 or, so long ago, 30d. Without an offset it is of the project's zone."`
	Until   When   `query:"until" maxLength:"64" doc:"Before this instant, or to the end of this day; written as the other."`
	Consent string `query:"consent" maxLength:"512" doc:"Of the evidence: of this consent only."`
}

func (s *Server) exportOperation(api huma.API, name string) {
	about := map[string]string{
		"leads": "All leads as a table", "events": "All events as a table", "decisions": "All decisions with their reasons as a table",
		"kpis": "The figures as a table", "consents": "The evidence of consents as a table",
	}
	huma.Register(api, huma.Operation{
		OperationID: "export-" + name, Method: http.MethodGet, Path: "/api/v1/export/" + name, Tags: []string{"leads"},
		Summary: about[name], Description: "CSV has a byte order mark and no formulas, for spreadsheets; ndjson is an object a line; Parquet is for data warehouses. The answer is a stream: where it ends early, the connection is cut.",
		Errors: []int{http.StatusUnauthorized},
	}, func(_ context.Context, in *exportIn) (*huma.StreamResponse, error) {
		since, until, err := s.times().Span("since", in.Since, "until", in.Until)
		if err != nil {
			return nil, apiError(err)
		}
		r := exportRange{since: since, until: until, consent: in.Consent}
		return &huma.StreamResponse{Body: func(ctx huma.Context) { s.streamTable(ctx, name, in.Format, r) }}, nil
	})
}

// exportPatience is how long a write of an export may take: a slow reader is waited
// for, one that has gone is not.
const exportPatience = time.Minute

// streamTable writes a table. When it cannot be ended well the connection is cut, so that
// half a table is not taken for a whole one.
func (s *Server) streamTable(ctx huma.Context, name, format string, r exportRange) {
	w, ok := ctx.BodyWriter().(http.ResponseWriter)
	if !ok {
		return
	}
	w.Header().Set("Content-Type", lists.ContentType(format))
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+"."+format+`"`)
	t := tables[name]
	err := func() error {
		out, err := lists.NewWriter(&patientWriter{w: w, now: time.Now, control: http.NewResponseController(w)}, format, t.columns(s))
		if err != nil {
			return err
		}
		out = lists.In(s.zone(), out)
		if err := t.rows(s, ctx.Context(), r, out); err != nil {
			return err
		}
		return out.Close()
	}()
	if err != nil {
		if !errors.Is(err, context.Canceled) {
			s.log.Warn("an export ended early", "table", name, "error", err)
		}
		panic(http.ErrAbortHandler)
	}
}

// patientWriter moves the deadline of the connection on with every write.
type patientWriter struct {
	w       http.ResponseWriter
	now     func() time.Time
	control *http.ResponseController
}

func (p *patientWriter) Write(b []byte) (int, error) {
	_ = p.control.SetWriteDeadline(p.now().Add(exportPatience)) // what has no deadline needs none moved
	return p.w.Write(b)
}

func (s *Server) forgetLead(ctx context.Context, name string) (runner.Forgotten, error) {
	if s.options.Eraser == nil {
		return runner.Forgotten{}, newProblem(http.StatusNotImplemented, "no_erasure", "this server erases nobody")
	}
	id, err := s.findLead(name)
	if err != nil {
		return runner.Forgotten{}, err
	}
	// The id cannot be read back to a name; it is the tombstone's too, so the log says
	// for ever which of them this call has set.
	auditTarget(ctx, id.String())
	done, err := s.options.Eraser.Forget(ctx, id)
	if errors.Is(err, runner.ErrNoLead) {
		err = errNoLead
	}
	return done, err
}
