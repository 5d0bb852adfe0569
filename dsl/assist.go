package dsl

import (
	"cmp"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/hcl/v2"
)

// Analysis is a workspace as an editor sees it: what is wrong with it, and what
// can be told about it although it may not load. Where a file of it is half
// written, what could be made out of it counts.
//
// It is immutable and safe for concurrent use. Its questions take a file's text
// as it is in the editor now, which may be a few strokes ahead of the text that
// was analysed: names come from the analysis, places from the text. Places are
// bytes; languages are "ja" or "en".
type Analysis struct {
	// Problems is what Load would report.
	Problems Diagnostics

	b       *builder
	notes   []noted // in order of file and place
	scopes  func() *scopeMap
	symbols func() *symbols
}

// Analyse loads a workspace for an editor. Who does it at every stroke keeps a
// Loader.
func Analyse(fsys fs.FS, o Options) *Analysis { return new(Loader).Analyse(fsys, o) }

// Analyse is Analyse, faster the second time.
func (l *Loader) Analyse(fsys fs.FS, o Options) *Analysis {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.build(fsys, o, true)
	a := &Analysis{b: b, notes: b.scope.notes.close()}
	a.Problems = b.r.diagnostics(b.sources, b.language())
	a.scopes = sync.OnceValue(a.mapScopes)
	a.symbols = sync.OnceValue(a.findSymbols)
	return a
}

// Language is the project's, "" where it says none.
func (a *Analysis) Language() string {
	if a.b.root == nil {
		return ""
	}
	if p := a.b.root.one("project"); p != nil {
		if l := p.get("language"); l != nil {
			return l.text
		}
	}
	return ""
}

// Familiar reports that the folder holds a block of the language: other programs
// write *.hcl files too.
func (a *Analysis) Familiar() bool { return a.b.root != nil && len(a.b.root.kids) > 0 }

// Files are the files of the workspace that an editor has something to say about:
// the *.hcl files and the templates.
func (a *Analysis) Files() []string { return slices.Concat(a.b.files.hcl, a.b.files.templates) }

// Source is a file's text as it was analysed.
func (a *Analysis) Source(file string) ([]byte, bool) {
	src, ok := a.b.sources[file]
	return src, ok
}

// Blank is an analysis of nothing: the language is known, and no name.
func Blank(o Options) *Analysis { return Analyse(noFiles{}, o) }

// noFiles is an empty folder.
type noFiles struct{}

// Open implements fs.FS.
func (noFiles) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// schema is the table the workspace was read by.
func (a *Analysis) schema() *Block {
	if a.b.root != nil {
		return a.b.root.spec
	}
	return language(a.b.o.Catalog)
}

// noted is an expression or a text that was compiled, with what it may name.
type noted struct {
	src    source
	at     hcl.Range
	sc     *Scope
	locals []string
	text   bool // a text with {{ }}
}

// noteBook collects notes while a workspace is loaded for an editor. A nil one
// takes none: whoever loads to run or check has no use for them.
type noteBook struct {
	notes  []noted
	closed bool
}

func (n *noteBook) add(src source, sc *Scope, locals []string, text bool) {
	if n == nil || n.closed {
		return
	}
	at := src.whole()
	if at.Filename == "" {
		return
	}
	n.notes = append(n.notes, noted{src, at, sc, slices.Clone(locals), text})
}

// close gives the notes in order of place, each place once: a template that two
// steps use is compiled twice. What is compiled later, to answer a question of an
// editor, is not noted.
func (n *noteBook) close() []noted {
	n.closed = true
	slices.SortStableFunc(n.notes, func(x, y noted) int {
		return cmp.Or(
			strings.Compare(x.at.Filename, y.at.Filename),
			cmp.Compare(x.at.Start.Byte, y.at.Start.Byte),
			cmp.Compare(x.at.End.Byte, y.at.End.Byte),
		)
	})
	return slices.CompactFunc(n.notes, func(x, y noted) bool { return x.at == y.at && x.text == y.text })
}

// attrPath names an attribute by the blocks around it, so that it is found again
// in a text that has changed since.
type attrPath struct{ file, path string }

// pathOf is the attribute's path: segment "hot"/when.
func pathOf(file string, src []byte, b *sketchBlock, attr string) attrPath {
	var out strings.Builder
	for _, at := range b.path() {
		out.WriteString(at.kind.of(src) + " " + at.label(src) + "/")
	}
	return attrPath{file, out.String() + attr}
}

// scopeMap finds the scope of a text by the attribute it stands in.
type scopeMap struct {
	byAttr map[attrPath]*Scope
	byKind map[string]family // of attributes alike: segment/when
	exprs  map[string]bool   // those of them that hold nothing but an expression
}

func (a *Analysis) mapScopes() *scopeMap {
	out := &scopeMap{map[attrPath]*Scope{}, map[string]family{}, map[string]bool{}}
	sketches := map[string]*sketch{}
	for _, n := range a.notes {
		file := n.at.Filename
		if strings.HasPrefix(file, templatesDir) {
			out.byAttr[attrPath{file: file}] = n.sc
			continue
		}
		if sketches[file] == nil {
			sketches[file] = sketchOf(a.b.sources[file])
		}
		s := sketches[file]
		b := s.root.innermost(n.at.Start.Byte)
		for _, at := range b.attrs {
			if at.value.holds(n.at.Start.Byte) {
				out.add(file, s.src, b, at.name.of(s.src), n)
			}
		}
	}
	return out
}

func (m *scopeMap) add(file string, src []byte, b *sketchBlock, attr string, n noted) {
	key, kind := pathOf(file, src, b, attr), kindsOf(b, src)+attr
	if m.byAttr[key] == nil {
		m.byAttr[key] = n.sc
	}
	m.byKind[kind] |= n.sc.Families
	if _, seen := m.exprs[kind]; !seen || n.text {
		m.exprs[kind] = !n.text
	}
}

// scopeAt is what a text at a spot of a file may name. A text that was not there
// when the workspace was analysed is judged by the next similar one.
func (a *Analysis) scopeAt(file string, s spot) *Scope {
	if s.attr == nil {
		return a.templateScope(file)
	}
	name := s.attr.name.of(s.src)
	if sc := a.scopes().byAttr[pathOf(file, s.src, s.block, name)]; sc != nil {
		return sc
	}
	return a.likeScope(s.block, s.src, name)
}

// templateScope is what a template may name: as the step that uses it, or as any
// message.
func (a *Analysis) templateScope(file string) *Scope {
	if sc := a.scopes().byAttr[attrPath{file: file}]; sc != nil {
		return sc
	}
	return a.b.scope.with(readsMessage, nil)
}

// likeScope is the scope of the same attribute in the same kind of block
// elsewhere, with the event that this block's own `on` or `from` names. Where
// there is none, everything that a rule may read can be named.
func (a *Analysis) likeScope(b *sketchBlock, src []byte, name string) *Scope {
	families, ok := a.scopes().byKind[kindsOf(b, src)+name]
	if !ok {
		families = readsFlow
		if at := a.attrSpec(a.specOf(b, src), b, src, name); at != nil && at.Type == TypeFormula {
			families = readsFormula
		}
	}
	return a.b.scope.with(families|famEvent, a.eventOf(b, src))
}

func kindsOf(b *sketchBlock, src []byte) string {
	out := ""
	for _, at := range b.path() {
		out += at.kind.of(src) + "/"
	}
	return out
}

// eventOf is the event that a block speaks of.
func (a *Analysis) eventOf(b *sketchBlock, src []byte) *eventInfo {
	for _, name := range [...]string{"on", "from", "granted", "count", "event"} {
		at := b.attr(src, name)
		if at == nil {
			continue
		}
		kind, event, _ := strings.Cut(at.value.of(src), ".")
		if info := a.b.scope.Events[event]; info != nil && strings.TrimSpace(kind) == "event" {
			return info
		}
	}
	return nil
}
