package dsl

import (
	"bytes"
	"io/fs"
	"maps"
	"slices"
	"sync"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/seed-456efde2/nurture/engine"
)

// Loader loads a workspace again and again, and does only what has changed since
// the last time. What it gives is what Load would give.
//
// A workspace has two parts. The ground is everything that others name: events,
// attributes, scores, segments, policies, channels and so on. Workflows and tests
// stand on it: nothing names them but at('…') and in_workflow('…'). So
//
//  1. a file with the same text is not parsed again;
//  2. while the files of the ground, and what they took from outside, are the
//     same, the ground is not compiled again;
//  3. on the same ground, a workflow or test of a file with the same text is not
//     compiled again, unless a template of it or a workflow that it asks about has
//     changed;
//  4. where anything of the ground is wrong, or a file cannot be parsed, or a name
//     stands twice, only parsing is saved.
//
// A Loader is safe for concurrent use; its zero value is ready. It keeps the
// syntax trees of the workspace in memory.
type Loader struct {
	mu     sync.Mutex
	noting bool
	files  map[string]*sourceFile
	ground *ground // nil where there is none to stand on
	plain  Catalog // of the built-in and the locked plugins, once it was needed
	lock   []byte  // the lock file of plain
	locked bool    // whether there was one
}

// sourceFile is a *.hcl file as it was last read.
type sourceFile struct {
	src    []byte
	body   *hclsyntax.Body
	sound  bool
	upper  bool // nothing in it but workflows and tests
	syntax []Diagnostic

	// Of the ground it was read for:
	on    *ground
	kids  []*node
	read  []Diagnostic
	units map[*node]*unit
}

// unit is a workflow or a test with all that came of it.
type unit struct {
	read      []Diagnostic // from reading its block
	info      *workflowInfo
	done      bool // the rest holds
	fixed     bool // nothing from outside is in it
	flow      engine.FlowSpec
	digest    string
	tests     []Test
	counts    Counts
	templates map[string][]byte
	asked     map[string]string
	loads     []capLoad
	found     []Diagnostic // from compiling it
	notes     []noted
}

// ground is what workflows and tests stand on, compiled.
type ground struct {
	catalog Catalog
	purpose Purpose
	files   []*sourceFile     // those that are not upper, in order
	outside map[string]looked // env and secret
	texts   map[string][]byte // what file() read
	asked   map[string]string // workflows that it asks about
	found   []Diagnostic
	notes   []noted
	builder builder // what it declares and compiled; of workflows, nothing
}

// Load is Load, faster the second time.
func (l *Loader) Load(fsys fs.FS, o Options) (*Workspace, Diagnostics) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.build(fsys, o, false)
	ds := b.r.diagnostics(b.sources, b.language())
	if ds.HasErrors() {
		return nil, ds
	}
	return b.workspace(), ds
}

// catalog has the built-in plugins and those that the folder's lock file describes,
// the same value as long as the file's bytes are the same. A lock file that cannot
// be read is told of where plugins are run; here the built-in ones serve.
func (l *Loader) catalog(fsys fs.FS) Catalog {
	src, err := readFile(fsys, LockFile)
	if l.plain != nil && err == nil == l.locked && bytes.Equal(src, l.lock) {
		return l.plain
	}
	l.locked, l.lock = err == nil, src
	if l.plain, _ = LockedCatalog(fsys, ""); l.plain == nil {
		l.plain = DefaultCatalog()
	}
	return l.plain
}

// build brings the files into a builder that has compiled all of them. Notes are
// taken for an editor only.
func (l *Loader) build(fsys fs.FS, o Options, noting bool) *builder {
	if o.Catalog == nil {
		o.Catalog = l.catalog(fsys)
	}
	if noting != l.noting {
		l.ground, l.noting = nil, noting
	}
	g := l.ground
	l.ground = nil // until this load has come to its end
	b := l.newBuilder(fsys, o)
	files := l.read(b)
	switch {
	case files == nil:
		return b
	case len(b.unsound) > 0:
		// What can be made of it is said, and what stood is kept: most often the
		// next stroke mends the file.
		l.stack(b, copies(files), nil)
		l.ground = g
		return b
	case g != nil && l.stack(b, files, g):
		return b
	case g != nil:
		b = l.newBuilder(fsys, o)
		files = l.read(b)
	}
	l.stack(b, files, nil)
	return b
}

// copies are the files as they were parsed, and nothing that came of them.
func copies(files []*sourceFile) []*sourceFile {
	out := make([]*sourceFile, len(files))
	for i, f := range files {
		out[i] = &sourceFile{src: f.src, body: f.body, sound: f.sound, upper: f.upper, syntax: f.syntax}
	}
	return out
}

func (l *Loader) newBuilder(fsys fs.FS, o Options) *builder {
	b := newBuilder(fsys, o, &reporter{raise: o.For == ToServe})
	if l.noting {
		b.scope.notes = &noteBook{}
	}
	return b
}

// read lists and reads the files, parsing those whose text is new. It is nil where
// there is nothing to compile.
func (l *Loader) read(b *builder) []*sourceFile {
	list, err := listFiles(b.fsys)
	switch {
	case err != nil:
		b.r.add(codeUnreadable, hcl.Range{}, nil, err.Error())
		return nil
	case len(list.hcl) == 0:
		b.r.add(codeNoFiles, hcl.Range{}, nil)
		return nil
	}
	b.files = list
	b.root = &node{attrs: map[string]*attribute{}}
	known := make(map[string]*sourceFile, len(list.hcl))
	var out []*sourceFile
	for _, name := range list.hcl {
		src, ok := b.source(name)
		if !ok {
			if f := l.files[name]; f != nil {
				known[name] = f // it could not be read this time
			}
			b.unsound = append(b.unsound, name)
			continue
		}
		f := l.files[name]
		if f == nil || !bytes.Equal(f.src, src) {
			f = b.parse(name, src)
		}
		if !f.sound {
			b.unsound = append(b.unsound, name)
		}
		b.sources[name] = f.src
		b.r.items = append(b.r.items, f.syntax...)
		known[name] = f
		out = append(out, f)
	}
	l.files = known
	for _, name := range list.templates {
		_, _ = b.readSource(name) // for the archive; who uses it says what is wrong
	}
	return out
}

func (b *builder) parse(name string, src []byte) *sourceFile {
	f := &sourceFile{src: src}
	f.syntax = b.capture(func() { f.body, f.sound = parseFile(b.r, name, src) })
	f.upper = f.sound && len(f.body.Attributes) == 0
	if f.body != nil {
		for _, block := range f.body.Blocks {
			f.upper = f.upper && upperBlocks[block.Type]
		}
	}
	return f
}

// upperBlocks are the blocks that nothing of the ground names, but by at and
// in_workflow.
var upperBlocks = map[string]bool{"workflow": true, "test": true}

// capture runs do and gives what it reported, which is not reported then.
func (b *builder) capture(do func()) []Diagnostic {
	before := b.r.items
	b.r.items = nil
	do()
	found := b.r.items
	b.r.items = before
	return found
}

// stands reports whether the ground is what the files would make again.
func (g *ground) stands(b *builder, files []*sourceFile) bool {
	var below []*sourceFile
	for _, f := range files {
		if !f.upper {
			below = append(below, f)
		}
	}
	if len(b.unsound) > 0 || g.purpose != b.o.For || !slices.Equal(g.catalog, b.o.Catalog) || !slices.Equal(g.files, below) {
		return false
	}
	for name, before := range g.outside {
		if b.eval.look(name) != before {
			return false
		}
	}
	for name, before := range g.texts {
		if src, err := b.readSource(name); err != nil || !bytes.Equal(src, before) {
			return false
		}
	}
	return true
}

// hasError reports whether an Error is among them.
func hasError(list []Diagnostic) bool {
	return slices.ContainsFunc(list, func(d Diagnostic) bool { return d.Severity == Error })
}

// templatesOf are the texts of the templates, by name.
func (b *builder) templatesOf(used map[string]bool) map[string][]byte {
	out := map[string][]byte{}
	for name := range used {
		out[name] = b.sources[name]
	}
	return out
}

// sameTemplates reports whether the templates have the texts that they had.
func (b *builder) sameTemplates(before map[string][]byte) bool {
	for name, src := range before {
		if now, there := b.sources[name]; !there || !bytes.Equal(now, src) {
			return false
		}
	}
	return true
}

// sameFlows reports whether the workflows are what they were when they were asked
// about.
func (b *builder) sameFlows(asked map[string]string) bool {
	for name, form := range asked {
		if w := b.scope.Workflows[name]; w == nil || w.form() != form {
			return false
		}
	}
	return true
}

// adopt takes over what the ground declares and compiled.
func (b *builder) adopt(g *ground) {
	made := &g.builder
	notes := b.scope.notes
	b.scope = made.scope
	b.scope.notes = notes
	spec := *made.spec
	b.spec = &spec
	b.declared = maps.Clone(made.declared)
	b.channels, b.intakes, b.counts = made.channels, made.intakes, made.counts
	b.used, b.meaning, b.formulas = maps.Clone(made.used), made.meaning, made.formulas
	b.stageRank, b.guards, b.groundText = made.stageRank, made.guards, made.groundText
	b.eval.consts = made.eval.consts
	b.eval.join(world{made.eval.env, made.eval.asked})
	b.root.spec = made.root.spec
}

// groundOf keeps what was made of everything but workflows and tests.
func (b *builder) groundOf(files []*sourceFile, found []Diagnostic, notes []noted) *ground {
	g := &ground{
		catalog: b.o.Catalog, purpose: b.o.For, found: found, notes: notes,
		outside: maps.Clone(b.eval.asked), texts: map[string][]byte{}, asked: b.asked,
	}
	for _, f := range files {
		if !f.upper {
			g.files = append(g.files, f)
		}
	}
	for name, src := range b.sources {
		if slices.Contains(b.files.texts, name) {
			g.texts[name] = src
		}
	}
	spec := *b.spec
	eval := *b.eval
	eval.env = maps.Clone(b.eval.env)
	declared := maps.Clone(b.declared)
	delete(declared, "workflow")
	g.builder = builder{
		scope: b.scope, spec: &spec, declared: declared, channels: b.channels, intakes: b.intakes, counts: b.counts,
		used: maps.Clone(b.used), meaning: b.meaning, formulas: b.formulas, stageRank: b.stageRank,
		guards: b.guards, groundText: b.groundText, eval: &eval, root: &node{spec: b.root.spec},
	}
	return g
}
