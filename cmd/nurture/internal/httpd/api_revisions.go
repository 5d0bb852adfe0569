package httpd

import (
	"context"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/seed-456efde2/nurture/dsl"
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/history"
	"github.com/seed-456efde2/nurture/engine/store"
)

// DiffDoc is what two revisions say differently, in meaning.
type DiffDoc struct {
	From    RevisionDoc      `json:"from"`
	To      RevisionDoc      `json:"to"`
	Changes []history.Change `json:"changes" doc:"Blocks that are new, gone or say something else; comments, order and form are no change."`
	Add     int              `json:"add"`
	Change  int              `json:"change"`
	Remove  int              `json:"remove"`
	Texts   []string         `json:"texts,omitempty" doc:"Files that are not the same, letter for letter."`
}

// errNoRevision is the answer to who asks for a revision that never was.
func errNoRevision(number uint32) error {
	return newProblem(http.StatusNotFound, "no_revision", fmt.Sprintf("there is no revision %d; GET /api/v1/revisions lists them", number))
}

func (s *Server) revisionOperations(api huma.API) {
	tags := []string{"rules"}
	huma.Register(api, huma.Operation{
		OperationID: "get-revision-sources", Method: http.MethodGet, Path: "/api/v1/revisions/{number}/sources", Tags: tags,
		Summary: "The files that a revision was made from", Errors: []int{http.StatusUnauthorized, http.StatusNotFound},
	}, func(_ context.Context, in *struct {
		Number uint32 `path:"number" minimum:"1"`
	},
	) (*answer[SourceFiles], error) {
		_, sources, err := s.sourcesOf(in.Number)
		return answerOf(SourceFiles{sources}, err)
	})
	huma.Register(api, huma.Operation{
		OperationID: "diff-revisions", Method: http.MethodGet, Path: "/api/v1/revisions/{number}/diff", Tags: tags,
		Summary: "What a revision says differently from another", Errors: []int{http.StatusUnauthorized, http.StatusNotFound, http.StatusUnprocessableEntity},
	}, func(_ context.Context, in *struct {
		Number uint32 `path:"number" minimum:"1"`
		From   uint32 `query:"from" doc:"The other revision; absent: the one before."`
		Lang   string `query:"lang" enum:"en,ja" doc:"Language of the conditions in words; absent: the project's."`
	},
	) (*answer[*DiffDoc], error) {
		return answerOf(s.diff(in.From, in.Number, in.Lang))
	})
	huma.Register(api, huma.Operation{
		OperationID: "rollback", Method: http.MethodPost, Path: "/api/v1/rollback", Tags: tags,
		Summary:     "Bring an earlier revision back",
		Description: "Its archived rules become a new revision, all or nothing. They stay, through restarts too, until the meaning of the files on disk changes. Refused with 409 when leads stand on steps that the earlier rules do not have.",
		Errors:      []int{http.StatusUnauthorized, http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity},
	}, func(ctx context.Context, in *struct {
		Body struct {
			Revision uint32 `json:"revision" minimum:"1"`
		}
	},
	) (*answer[AppliedDoc], error) {
		return answerOf(s.rollback(ctx, in.Body.Revision))
	})
}

// revision is a revision by its number.
func (s *Server) revision(number uint32) (r store.Revision, err error) {
	all, err := s.options.Ledger.Revisions()
	if err != nil {
		return r, err
	}
	for _, r := range all {
		if r.Number == number {
			return r, nil
		}
	}
	return r, errNoRevision(number)
}

func (s *Server) sourcesOf(number uint32) (r store.Revision, sources map[string][]byte, err error) {
	if r, err = s.revision(number); err != nil {
		return r, nil, err
	}
	if sources, err = s.options.Ledger.Sources(r.Digest); err != nil {
		return r, nil, fmt.Errorf("read the sources of revision %d: %w", number, err)
	}
	return r, sources, nil
}

// archivedRules loads a revision from the archive.
func (s *Server) archivedRules(number uint32) (r store.Revision, w *dsl.Workspace, err error) {
	r, sources, err := s.sourcesOf(number)
	if err != nil {
		return r, nil, err
	}
	w, err = s.propose(sources)
	return r, w, err
}

// diff compares two revisions; from 0 is the one before.
func (s *Server) diff(from, to uint32, lang string) (*DiffDoc, error) {
	if from == 0 {
		from = max(1, to-1)
	}
	was, before, err := s.archivedRules(from)
	if err != nil {
		return nil, err
	}
	is, after, err := s.archivedRules(to)
	if err != nil {
		return nil, err
	}
	if lang == "" {
		lang = after.Language
	}
	return NewDiff(was, is, before, after, lang), nil
}

// NewDiff tells what two sets of rules say differently.
func NewDiff(was, is store.Revision, before, after *dsl.Workspace, lang string) *DiffDoc {
	doc := &DiffDoc{From: NewRevision(was), To: NewRevision(is), Changes: []history.Change{}}
	say := func(e engine.Expr) string { return dsl.Sentence(e, lang) }
	if changes := history.Diff(cloneSpec(before.Spec), cloneSpec(after.Spec), say); changes != nil {
		doc.Changes = changes
	}
	doc.Add, doc.Change, doc.Remove = history.Tally(doc.Changes)
	doc.Texts = textsApart(before.Sources, after.Sources)
	return doc
}

// NewRevision is a revision as the API tells it.
func NewRevision(r store.Revision) RevisionDoc {
	doc := RevisionDoc{Number: r.Number, Digest: r.Digest, At: instant(r.At), Author: r.Author, Base: r.Base}
	if r.Canary != nil {
		doc.Canary = r.Canary.Percent
	}
	return doc
}

// rollback brings an earlier revision back, as a new one.
func (s *Server) rollback(ctx context.Context, number uint32) (AppliedDoc, error) {
	r, sources, err := s.sourcesOf(number)
	if err != nil {
		return AppliedDoc{}, err
	}
	running := s.options.Desk.Program()
	if r.Digest == running.Digest() {
		return AppliedDoc{}, newProblem(http.StatusConflict, "already_running", fmt.Sprintf("the rules of r%d are those that run, as r%d", number, running.Revision()))
	}
	w, err := s.propose(sources)
	if err != nil {
		return AppliedDoc{}, err
	}
	return s.applyPlan(ctx, Proposal{Sources: sources, Base: running.Digest(), Digest: w.Digest, Now: true, Why: fmt.Sprintf("rollback r%d", number)})
}
