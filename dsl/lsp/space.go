package lsp

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/seed-456efde2/nurture/dsl"
)

// space is a workspace of which a file is open.
//
// Every change gives it a new generation. What is found out belongs to the
// generation that was looked at: it is shown only while no later one was, so the
// editor never sees older results after newer ones.
type space struct {
	folder string

	looking sync.Mutex // one look at a time
	loader  dsl.Loader // does only what the last stroke asks for

	// The session's mutex guards what follows.
	generation int
	guessed    bool               // no project was found above its files
	cancel     context.CancelFunc // of the look that is planned or under way
	last       *look              // the latest

	saying sync.Mutex      // guards what follows
	said   map[string]bool // files with published problems
	shown  int             // generation that was published last
	left   bool            // nothing of it is open any more
}

// look is what was found out about a generation of a workspace.
type look struct {
	generation int
	analysis   *dsl.Analysis
}

// touch plans to look at a workspace after a pause. The session's mutex is held.
func (s *session) touch(folder string, guessed bool, pause time.Duration) {
	sp := s.spaces[folder]
	if sp == nil {
		sp = &space{folder: folder, cancel: func() {}, said: map[string]bool{}, last: &look{analysis: dsl.Blank(s.options())}}
		s.spaces[folder] = sp
	}
	sp.guessed = guessed
	sp.generation++
	sp.cancel()
	ctx, cancel := context.WithCancel(s.ctx)
	sp.cancel = cancel
	now := s.snapshot(sp)
	s.begin(func() {
		defer cancel()
		if pause > 0 {
			select {
			case <-s.o.After(pause):
			case <-ctx.Done():
				return
			}
		}
		s.lookAt(ctx, now)
	})
}

func (s *session) options() dsl.Options {
	return dsl.Options{Catalog: s.o.Catalog, Lookup: s.o.Lookup, Language: s.o.Language}
}

// snapshot is a workspace with the editor's texts at one moment.
type snapshot struct {
	space      *space
	generation int
	guessed    bool
	last       *look // the latest at that moment
	docs       map[string]*document
}

// snapshot is taken with the session's mutex held; documents are never changed.
func (s *session) snapshot(sp *space) snapshot {
	return snapshot{sp, sp.generation, sp.guessed, sp.last, s.docs}
}

// lookAt analyses a snapshot, unless that has been done, and publishes what is
// wrong. It returns nil where ctx ended before.
func (s *session) lookAt(ctx context.Context, now snapshot) (found *look) {
	sp := now.space
	sp.looking.Lock()
	defer sp.looking.Unlock()
	s.mu.Lock()
	last := sp.last
	s.mu.Unlock()
	if last.generation == now.generation || ctx.Err() != nil {
		return last
	}
	defer func() {
		if r := recover(); r != nil {
			s.o.Log.Error("a workspace could not be looked at", "fault", fmt.Sprint(r))
			found = last
		}
	}()
	a := s.analyse(ctx, now)
	if ctx.Err() != nil {
		return nil
	}
	found = &look{now.generation, a}
	s.mu.Lock()
	if sp.last.generation < found.generation {
		sp.last = found
	}
	s.mu.Unlock()
	sp.publish(s, now, a)
	return found
}

// analyse loads the folder with the editor's texts over it.
func (s *session) analyse(ctx context.Context, now snapshot) *dsl.Analysis {
	under := fs.FS(nothing{})
	if root, err := os.OpenRoot(now.space.folder); err == nil {
		defer root.Close()
		under = root.FS()
	}
	texts := map[string][]byte{}
	for _, d := range now.docs {
		if name, ok := now.space.name(d.path); ok {
			texts[name] = d.text.src
		}
	}
	return now.space.loader.Analyse(&overlay{ctx, under, texts}, s.options())
}

// nothing is a folder that is not there.
type nothing struct{}

// Open implements fs.FS.
func (nothing) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// name is a file's slash path in the workspace's folder.
func (sp *space) name(file string) (string, bool) {
	rel, err := filepath.Rel(sp.folder, file)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return "", false
	}
	return filepath.ToSlash(rel), true
}

func (sp *space) path(name string) string { return filepath.Join(sp.folder, filepath.FromSlash(name)) }

// language is what is spoken about a workspace.
func (s *session) language(a *dsl.Analysis) string {
	switch {
	case s.o.Language != "":
		return s.o.Language
	case a.Language() != "":
		return a.Language()
	case strings.HasPrefix(strings.ToLower(s.client.Locale), "ja"):
		return "ja"
	}
	return "en"
}

// publish tells the editor what is wrong in each file, and takes back what is not
// wrong any more.
func (sp *space) publish(s *session, now snapshot, a *dsl.Analysis) {
	sp.saying.Lock()
	defer sp.saying.Unlock()
	if sp.left || sp.shown > now.generation {
		return
	}
	sp.shown = now.generation
	byFile := map[string][]diagnostic{}
	if !now.guessed || a.Familiar() {
		byFile = s.diagnostics(now, a)
	}
	for _, d := range now.docs {
		if name, ok := sp.name(d.path); ok && d.space == sp.folder && byFile[name] == nil {
			byFile[name] = []diagnostic{}
		}
	}
	for name := range sp.said {
		if byFile[name] == nil {
			byFile[name] = []diagnostic{}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(byFile)) {
		list := byFile[name]
		sp.said[name] = len(list) > 0
		p := publishParams{URI: s.uri(now, sp.path(name)), Diagnostics: list}
		if d := now.docs[sp.path(name)]; d != nil {
			p.Version = &d.version
		}
		s.notify("textDocument/publishDiagnostics", p)
	}
}

// takeBack says that nothing is wrong any more: nobody looks.
func (sp *space) takeBack(s *session) {
	sp.saying.Lock()
	defer sp.saying.Unlock()
	sp.left = true
	for name, wrong := range sp.said {
		if wrong {
			s.notify("textDocument/publishDiagnostics", publishParams{URI: uriOf(sp.path(name)), Diagnostics: []diagnostic{}})
		}
	}
}

func (s *session) notify(method string, params any) {
	if err := s.conn.Notify(s.ctx, method, params); err != nil && s.ctx.Err() == nil {
		s.o.Log.Warn("a message did not reach the editor", "method", method, "error", err)
	}
}

// uri is a file's URI as the editor writes it, where it has the file open.
func (s *session) uri(now snapshot, file string) string {
	if d := now.docs[file]; d != nil {
		return d.uri
	}
	return uriOf(file)
}

// diagnostics are an analysis' problems by file. One that stands in no file is
// shown at the beginning of the first.
func (s *session) diagnostics(now snapshot, a *dsl.Analysis) map[string][]diagnostic {
	out := map[string][]diagnostic{}
	texts := s.texts(now, a)
	language := s.language(a)
	for _, d := range a.Problems.Items {
		file := d.Range.File
		if file == "" {
			if len(a.Files()) == 0 {
				continue
			}
			file = a.Files()[0]
		}
		out[file] = append(out[file], s.diagnostic(now, texts, d, file, language))
	}
	return out
}

func (s *session) diagnostic(now snapshot, texts func(string) *text, d dsl.Diagnostic, file, language string) diagnostic {
	out := diagnostic{
		Range: texts(file).between(d.Range.Start.Byte, d.Range.End.Byte), Code: d.Code, Source: "nurture",
		Message: message(d, language), Severity: severityInformation,
	}
	switch d.Severity {
	case dsl.Error:
		out.Severity = severityError
	case dsl.Warning:
		out.Severity = severityWarning
	}
	if !d.Other.IsZero() {
		out.RelatedInformation = []relatedInfo{{
			Location: location{
				s.uri(now, now.space.path(d.Other.File)), texts(d.Other.File).between(d.Other.Start.Byte, d.Other.End.Byte),
			},
			Message: words(language, "see also here", "もうひとつの場所"),
		}}
	}
	return out
}

// message is a problem with what to write instead.
func message(d dsl.Diagnostic, language string) string {
	out := d.Message(language)
	if d.Suggest != "" {
		return out + "\n" + words(language, "did you mean "+d.Suggest+"?", "もしかして: "+d.Suggest)
	}
	if help := strings.TrimSpace(d.Help(language)); help != "" {
		out += "\n" + help
	}
	return out
}

func words(language, en, ja string) string {
	if language == "ja" {
		return ja
	}
	return en
}

// texts gives each file's text as it was analysed, measured once.
func (s *session) texts(now snapshot, a *dsl.Analysis) func(name string) *text {
	known := map[string]*text{}
	return func(name string) *text {
		if known[name] == nil {
			src, _ := a.Source(name)
			if d := now.docs[now.space.path(name)]; d != nil && string(d.text.src) == string(src) {
				known[name] = d.text
			} else {
				known[name] = newText(src, s.enc)
			}
		}
		return known[name]
	}
}
