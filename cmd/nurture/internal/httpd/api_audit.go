package httpd

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/access"
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/store"
)

// Whatever somebody changes through the API or the console is written down: who,
// when, what, and what came of it. The entry is durable before the change is made,
// and again with its outcome before the answer goes out; where it cannot be
// written, nothing is changed. No entry holds personal data.

// AuditLog keeps the entries; the store's methods.
type AuditLog interface {
	BeginAudit(e store.AuditEntry, keepFrom engine.Time) (seq uint64, err error)
	EndAudit(e store.AuditEntry) error
	Audit(before uint64, yield func(*store.AuditEntry) error) error
}

// AuditSelf is who has done, and by what way, what the server does by itself.
const AuditSelf = "server"

// DefaultAuditKeep is how long entries are kept where nothing else is said.
const DefaultAuditKeep = 400 * 24 * time.Hour

// auditNote is what the operation itself says about the change it makes.
type auditNote struct{ target string }

type auditNoteKey struct{}

// auditTarget tells what a change is about: a name of the workspace or an id, never
// anything that a lead is called.
func auditTarget(ctx context.Context, target string) {
	if note, ok := ctx.Value(auditNoteKey{}).(*auditNote); ok {
		note.target = target
	}
}

// beginAudit writes an entry down before the change is made.
func (s *Server) beginAudit(c caller, action, target string) (store.AuditEntry, error) {
	now := s.now()
	e := store.AuditEntry{At: engine.TimeOf(now), Who: c.who(), Key: c.key, Via: c.via, Action: action, Target: target}
	if s.options.Audit == nil {
		return e, nil
	}
	var err error
	e.Seq, err = s.options.Audit.BeginAudit(e, engine.TimeOf(now.Add(-s.options.AuditKeep)))
	return e, err
}

// endAudit writes the outcome down. The change has been made: where that fails, the
// entry stays one whose outcome is not known.
func (s *Server) endAudit(e store.AuditEntry) {
	if s.options.Audit == nil {
		return
	}
	if err := s.options.Audit.EndAudit(e); err != nil {
		s.log.Error("write the outcome into the audit log", "entry", e.Seq, "error", err)
	}
}

// audited is the part of the API's way in that writes changes down.
func (s *Server) audited(ctx huma.Context, next func(huma.Context)) {
	op := ctx.Operation()
	if !ruleOf(op).changes(op.Method) {
		next(ctx)
		return
	}
	e, err := s.beginAudit(callerIn(ctx.Context()), op.OperationID, s.targetOf(ctx))
	if err != nil {
		s.refuse(ctx, problemOf(err))
		return
	}
	note := &auditNote{}
	ctx = huma.WithValue(ctx, auditNoteKey{}, note)
	next(ctx)
	if note.target != "" {
		e.Target = note.target
	}
	e.Status = ctx.Status()
	if e.Status == 0 {
		e.Status = http.StatusOK
	}
	s.endAudit(e)
}

// targetOf is what the path of a call names. A lead is told by its id, whatever name
// it was called by.
func (s *Server) targetOf(ctx huma.Context) string {
	op := ctx.Operation()
	var parts []string
	for _, segment := range strings.Split(op.Path, "/") {
		name, ok := strings.CutPrefix(segment, "{")
		if !ok {
			continue
		}
		value := ctx.Param(strings.TrimSuffix(name, "}"))
		if strings.HasPrefix(op.Path, "/api/v1/leads/") || strings.Contains(value, "@") {
			id, err := s.findLead(value)
			if err != nil {
				continue
			}
			value = id.String()
		}
		parts = append(parts, value[:min(len(value), 200)])
	}
	return strings.Join(parts, " ")
}

// auditPage writes down what a page of the console changes.
func (s *Server) auditPage(c caller, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet || r.Method == http.MethodHead || r.URL.Path == "/signout" {
			next.ServeHTTP(w, r)
			return
		}
		c.via = viaConsole
		_, pattern, _ := strings.Cut(r.Pattern, " ")
		var target []string
		for _, segment := range strings.Split(pattern, "/") {
			if name, ok := strings.CutPrefix(segment, "{"); ok {
				value := r.PathValue(strings.TrimSuffix(strings.TrimSuffix(name, "}"), "..."))
				if !strings.Contains(value, "@") {
					target = append(target, value[:min(len(value), 200)])
				}
			}
		}
		e, err := s.beginAudit(c, "page "+pattern, strings.Join(target, " "))
		if err != nil {
			s.message(w, r, err)
			return
		}
		seen, note := &statusWriter{ResponseWriter: w}, &auditNote{}
		next.ServeHTTP(seen, r.WithContext(context.WithValue(r.Context(), auditNoteKey{}, note)))
		if note.target != "" {
			e.Target = note.target
		}
		e.Status = max(seen.status, http.StatusOK)
		s.endAudit(e)
	})
}

// statusWriter remembers the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets streams reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// AuditDoc is an entry of the audit log.
type AuditDoc struct {
	Seq    uint64     `json:"seq"`
	At     *time.Time `json:"at"`
	Who    string     `json:"who" doc:"Name of the key, or \"this machine\" where none was needed; \"server\" for what the server did by itself." example:"ops"`
	Key    string     `json:"key,omitempty" doc:"Id of the key; a key that was given to serve has none."`
	Via    string     `json:"via" enum:"api,console,folder,server" doc:"folder: by a verb, while no server ran. server: by itself."`
	Action string     `json:"action" doc:"The operation, as this document names it; of the console the page." example:"pause"`
	Target string     `json:"target,omitempty" doc:"What it was about: a name of the workspace, or an id." example:"workflow document_nurture"`
	Status int        `json:"status,omitempty" doc:"Of the answer; 0: the process ended meanwhile, and what became of it is not known." example:"200"`
	OK     bool       `json:"ok"`
}

// AuditList is a page of the audit log.
type AuditList struct {
	Entries []AuditDoc `json:"entries" doc:"The newest first."`
	Next    string     `json:"next,omitempty" doc:"Give it as after to get the next page."`
}

// AuditQuery narrows the audit log.
type AuditQuery struct {
	After  uint64 `query:"after" doc:"The next of the page before."`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"How many at most."`
	Who    string `query:"who" maxLength:"128" doc:"Only what this key did, by its name."`
	Action string `query:"action" maxLength:"128" doc:"Only this operation."`
	Target string `query:"target" maxLength:"512" doc:"Only about this."`
	Since  When   `query:"since" maxLength:"64" doc:"From this day or instant on: 2026-10-05, 2026-10-05T09:00:00+09:00 or, so long ago, 30d. Without an offset it is of the project's zone."`
	Until  When   `query:"until" maxLength:"64" doc:"Before this instant, or to the end of this day; written as the other."`
}

func (s *Server) auditOperations(api huma.API) {
	huma.Register(api, huma.Operation{
		OperationID: "list-audit", Method: http.MethodGet, Path: "/api/v1/audit", Tags: []string{"keys"},
		Summary:     "Who changed what, and when",
		Description: "Everything that was changed through the API, the console and the verbs. Rules that were changed in their files stand in the list of revisions, and what happened to a lead in its journal. Entries are kept for a time that the server is given (--audit-keep).",
	}, func(_ context.Context, in *AuditQuery) (*answer[AuditList], error) {
		if s.options.Audit == nil {
			return nil, newProblem(http.StatusNotImplemented, "no_audit", "this server keeps no audit log")
		}
		return answerOf(ReadAudit(s.options.Audit, in, s.times()))
	})
	type self struct {
		Name   string   `json:"name,omitempty" doc:"Of the key; absent on the server's own machine without one." example:"ops"`
		Key    string   `json:"key,omitempty" doc:"Its id."`
		Scopes []string `json:"scopes" doc:"What it lets do."`
		May    []string `json:"may" doc:"The same with what each scope brings along."`
	}
	huma.Register(api, huma.Operation{
		OperationID: "who-am-i", Method: http.MethodGet, Path: "/api/v1/me", Tags: []string{"keys"},
		Summary: "Whose key this is, and what it may do",
	}, func(ctx context.Context, _ *struct{}) (*answer[self], error) {
		c := callerIn(ctx)
		me := self{Name: c.name, Key: c.key, Scopes: c.scopes, May: []string{}}
		for _, scope := range access.Scopes() {
			if c.may(scope) {
				me.May = append(me.May, scope)
			}
		}
		return answerOf(me, nil)
	})
}

// ReadAudit reads a page of the audit log.
func ReadAudit(log AuditLog, q *AuditQuery, times Times) (AuditList, error) {
	list := AuditList{Entries: []AuditDoc{}}
	since, until, err := times.Span("since", q.Since, "until", q.Until)
	if err != nil {
		return list, err
	}
	err = log.Audit(q.After, func(e *store.AuditEntry) error {
		switch {
		case since != 0 && e.At < since:
			return store.ErrStop // older entries follow
		case until != 0 && e.At >= until, q.Who != "" && e.Who != q.Who, q.Action != "" && e.Action != q.Action, q.Target != "" && e.Target != q.Target:
			return nil
		case len(list.Entries) == q.Limit:
			list.Next = numberText(list.Entries[q.Limit-1].Seq)
			return store.ErrStop
		}
		list.Entries = append(list.Entries, AuditDoc{
			Seq: e.Seq, At: instant(e.At), Who: e.Who, Key: e.Key, Via: e.Via, Action: e.Action, Target: e.Target,
			Status: e.Status, OK: e.Status >= 200 && e.Status < 400,
		})
		return nil
	})
	return list, err
}
