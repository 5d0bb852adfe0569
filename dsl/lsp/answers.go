package lsp

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/seed-456efde2/nurture/dsl"
)

// question is a request with the moment it was asked in.
type question struct {
	placeParams
	doc  *document // nil where the request names none, or one that is not open
	name string    // of the document in its workspace
	now  snapshot
	all  []snapshot // of every workspace, for a search over all
}

// at is the byte that is asked about.
func (q *question) at() int { return q.doc.text.offset(q.Position) }

// answerFunc answers a question. A nil result says that there is nothing.
type answerFunc func(ctx context.Context, s *session, q *question) (any, error)

// answers are the requests that are understood.
var answers = map[string]answerFunc{
	"textDocument/completion":        ofDocument(complete),
	"textDocument/hover":             ofDocument(hoverOver),
	"textDocument/signatureHelp":     ofDocument(signatures),
	"textDocument/definition":        ofDocument(definition),
	"textDocument/references":        ofDocument(references),
	"textDocument/documentHighlight": ofDocument(highlights),
	"textDocument/prepareRename":     ofDocument(prepareRename),
	"textDocument/rename":            ofDocument(rename),
	"textDocument/formatting":        ofDocument(format),
	"textDocument/codeAction":        ofDocument(codeActions),
	"textDocument/documentSymbol":    ofDocument(documentSymbols),
	"workspace/symbol":               workspaceSymbols,
}

// ofDocument answers nothing where the document is not open.
func ofDocument(answer answerFunc) answerFunc {
	return func(ctx context.Context, s *session, q *question) (any, error) {
		if q.doc == nil {
			return nil, nil
		}
		return answer(ctx, s, q)
	}
}

// question takes the moment of a request.
func (s *session) question(p placeParams) *question {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := &question{placeParams: p}
	for _, sp := range s.spaces {
		q.all = append(q.all, s.snapshot(sp))
	}
	file, ok := pathOf(p.TextDocument.URI)
	d := s.docs[file]
	if !ok || d == nil || s.spaces[d.space] == nil {
		return q
	}
	name, ok := s.spaces[d.space].name(file)
	if !ok || !spoken(name) {
		return q
	}
	q.doc, q.name, q.now = d, name, s.snapshot(s.spaces[d.space])
	return q
}

// spoken reports a file that there is something to say about.
func spoken(name string) bool {
	return path.Ext(name) == ".hcl" || strings.HasPrefix(name, "templates/")
}

// fresh is the analysis of the very texts that a question is about.
func (q *question) fresh(ctx context.Context, s *session) (*dsl.Analysis, string) {
	found := s.lookAt(ctx, q.now)
	if found == nil {
		found = q.now.last
	}
	return found.analysis, s.language(found.analysis)
}

// quick is the latest analysis there is. It may be some strokes behind, which
// whoever asks while typing would rather have than wait. Only the first one is
// waited for.
func (q *question) quick(ctx context.Context, s *session) (*dsl.Analysis, string) {
	if q.now.last.generation == 0 {
		return q.fresh(ctx, s)
	}
	return q.now.last.analysis, s.language(q.now.last.analysis)
}

var completionKinds = map[dsl.CompletionKind]int{
	dsl.CompleteBlock: 7, dsl.CompleteAttr: 10, dsl.CompleteName: 6, dsl.CompleteFunction: 3,
	dsl.CompleteWord: 14, dsl.CompleteValue: 12, dsl.CompleteFile: 17,
}

func complete(ctx context.Context, s *session, q *question) (any, error) {
	a, language := q.quick(ctx, s)
	list := completionList{Items: []completionItem{}}
	for i, c := range a.Complete(q.name, q.doc.text.src, q.at(), language) {
		item := completionItem{
			Label: c.Label, Kind: completionKinds[c.Kind], Detail: c.Detail, Documentation: markdown(c.Doc),
			SortText: fmt.Sprintf("%d%04d", c.Rank, i), InsertTextFormat: 1,
			TextEdit: textEdit{q.doc.text.between(c.Start, c.End), c.Insert},
		}
		if c.Snippet != "" && s.client.Capabilities.TextDocument.Completion.CompletionItem.SnippetSupport {
			item.InsertTextFormat, item.TextEdit.NewText = 2, c.Snippet
		}
		if c.More && strings.HasPrefix(s.client.ClientInfo.Name, "Visual Studio Code") {
			item.Command = &command{"", "editor.action.triggerSuggest"}
		}
		list.Items = append(list.Items, item)
	}
	return list, nil
}

func hoverOver(ctx context.Context, s *session, q *question) (any, error) {
	a, language := q.fresh(ctx, s)
	h, ok := a.Hover(q.name, q.doc.text.src, q.at(), language)
	if !ok {
		return nil, nil
	}
	return hover{*markdown(h.Text), q.doc.text.between(h.Start, h.End)}, nil
}

func signatures(ctx context.Context, s *session, q *question) (any, error) {
	a, language := q.quick(ctx, s)
	sig, ok := a.Signature(q.name, q.doc.text.src, q.at(), language)
	if !ok {
		return nil, nil
	}
	one := signature{Label: sig.Usage, Documentation: markdown(sig.Doc), Parameters: []parameter{}}
	for _, p := range sig.Params {
		one.Parameters = append(one.Parameters, parameter{p})
	}
	return signatureHelp{Signatures: []signature{one}, ActiveParameter: sig.Active}, nil
}

// locations brings places of a workspace to the editor's.
func (q *question) locations(s *session, a *dsl.Analysis, places []dsl.Location) []location {
	texts := s.texts(q.now, a)
	out := []location{}
	for _, p := range places {
		out = append(out, location{s.uri(q.now, q.now.space.path(p.File)), texts(p.File).between(p.Start, p.End)})
	}
	return out
}

func definition(ctx context.Context, s *session, q *question) (any, error) {
	a, _ := q.fresh(ctx, s)
	return q.locations(s, a, a.Definition(q.name, q.doc.text.src, q.at())), nil
}

func references(ctx context.Context, s *session, q *question) (any, error) {
	a, _ := q.fresh(ctx, s)
	return q.locations(s, a, a.References(q.name, q.doc.text.src, q.at(), q.Context.IncludeDeclaration)), nil
}

func highlights(ctx context.Context, s *session, q *question) (any, error) {
	a, _ := q.fresh(ctx, s)
	out := []documentHighlight{}
	for _, p := range a.References(q.name, q.doc.text.src, q.at(), true) {
		if p.File == q.name {
			out = append(out, documentHighlight{q.doc.text.between(p.Start, p.End)})
		}
	}
	return out, nil
}

func prepareRename(ctx context.Context, s *session, q *question) (any, error) {
	a, language := q.fresh(ctx, s)
	where, name, err := a.PrepareRename(q.name, q.doc.text.src, q.at(), language)
	if err != nil {
		return nil, err
	}
	return prepareResult{q.doc.text.between(where.Start, where.End), name}, nil
}

func rename(ctx context.Context, s *session, q *question) (any, error) {
	a, language := q.fresh(ctx, s)
	edits, err := a.Rename(q.name, q.doc.text.src, q.at(), q.NewName, language)
	if err != nil {
		return nil, err
	}
	return q.workspaceEdit(s, a, edits), nil
}

// workspaceEdit brings edits into the form that the editor takes.
func (q *question) workspaceEdit(s *session, a *dsl.Analysis, edits []dsl.Edit) *workspaceEdit {
	texts := s.texts(q.now, a)
	byFile := map[string][]textEdit{}
	var files []string
	for _, e := range edits {
		if byFile[e.File] == nil {
			files = append(files, e.File)
		}
		byFile[e.File] = append(byFile[e.File], textEdit{texts(e.File).between(e.Start, e.End), e.Text})
	}
	out := &workspaceEdit{}
	if !s.client.Capabilities.Workspace.WorkspaceEdit.DocumentChanges {
		out.Changes = map[string][]textEdit{}
	}
	for _, file := range files {
		uri := s.uri(q.now, q.now.space.path(file))
		if out.Changes != nil {
			out.Changes[uri] = byFile[file]
			continue
		}
		d := documentEdit{TextDocument: versionedDocument{URI: uri}, Edits: byFile[file]}
		if open := q.now.docs[q.now.space.path(file)]; open != nil {
			d.TextDocument.Version = &open.version
		}
		out.DocumentChanges = append(out.DocumentChanges, d)
	}
	return out
}

func format(_ context.Context, _ *session, q *question) (any, error) {
	if path.Ext(q.name) != ".hcl" {
		return nil, nil
	}
	out, problems := dsl.Format(q.name, q.doc.text.src)
	if problems.HasErrors() {
		return nil, nil // what is wrong is shown already; a formatter that guesses loses text
	}
	return q.doc.text.editsTo(out), nil
}

func codeActions(ctx context.Context, s *session, q *question) (any, error) {
	a, language := q.fresh(ctx, s)
	out := []codeAction{}
	if q.wants(quickFix) {
		start, end := q.doc.text.offset(q.Range.Start), q.doc.text.offset(q.Range.End)
		for _, f := range a.Fixes(q.name, start, end, language) {
			out = append(out, codeAction{
				Title: f.Title, Kind: quickFix, IsPreferred: true,
				Diagnostics: []diagnostic{s.diagnostic(q.now, s.texts(q.now, a), f.Problem, q.name, language)},
				Edit:        q.workspaceEdit(s, a, []dsl.Edit{f.Edit}),
			})
		}
	}
	if edits := a.HalfWidth(q.name); len(edits) > 0 && q.wants(fixAll) {
		out = append(out, codeAction{
			Title: words(language, "Write all signs of this file in half width", "このファイルの全角記号をすべて半角に直す"),
			Kind:  fixAll, Edit: q.workspaceEdit(s, a, edits),
		})
	}
	return out, nil
}

// wants reports that the editor takes actions of a kind.
func (q *question) wants(kind string) bool {
	return len(q.Context.Only) == 0 || slices.ContainsFunc(q.Context.Only, func(only string) bool {
		return kind == only || strings.HasPrefix(kind, only+".")
	})
}

// symbolKinds are the editor's pictures for blocks; others are objects.
var symbolKinds = map[string]int{
	"workflow": 12, "event": 24, "segment": 17, "score": 16, "lead": 23, "stage": 22, "const": 14, "constant": 14,
	"test": 6, "channel": 11, "heading": 15, "attribute": 8, "field": 8, "project": 4,
}

func symbolKind(kind string) int {
	if k, ok := symbolKinds[kind]; ok {
		return k
	}
	return 19
}

func documentSymbols(_ context.Context, s *session, q *question) (any, error) {
	outline := dsl.OutlineOf(q.name, q.doc.text.src)
	if s.client.Capabilities.TextDocument.DocumentSymbol.Hierarchical {
		return q.tree(outline), nil
	}
	return q.flat(outline, ""), nil
}

func (q *question) tree(list []dsl.Outline) []documentSymbol {
	out := []documentSymbol{}
	for _, o := range list {
		out = append(out, documentSymbol{
			Name: o.Name, Detail: o.Detail, Kind: symbolKind(o.Kind), Children: q.tree(o.Children),
			Range:          q.doc.text.between(o.Whole.Start, o.Whole.End),
			SelectionRange: q.doc.text.between(o.Word.Start, o.Word.End),
		})
	}
	return out
}

func (q *question) flat(list []dsl.Outline, in string) []symbolInformation {
	out := []symbolInformation{}
	for _, o := range list {
		out = append(out, symbolInformation{
			o.Name, symbolKind(o.Kind), location{q.doc.uri, q.doc.text.between(o.Whole.Start, o.Whole.End)}, in,
		})
		out = append(out, q.flat(o.Children, o.Name)...)
	}
	return out
}

func workspaceSymbols(ctx context.Context, s *session, q *question) (any, error) {
	out := []symbolInformation{}
	for _, now := range q.all {
		one := &question{now: now}
		a, _ := one.fresh(ctx, s)
		texts := s.texts(now, a)
		for _, d := range a.Declarations(q.Query) {
			out = append(out, symbolInformation{
				d.Name, symbolKind(d.Kind),
				location{s.uri(now, now.space.path(d.File)), texts(d.File).between(d.Start, d.End)},
				strings.TrimSpace(d.Kind + " " + d.In),
			})
		}
	}
	return out, nil
}
