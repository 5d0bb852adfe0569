package dsl

import (
	"errors"
	"io/fs"
	"os"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/seed-456efde2/nurture/engine"
)

// Purpose says what a workspace is loaded for.
type Purpose uint8

// The purposes.
const (
	// ToCheck reads, checks and tests: secrets may be unset, and what this version
	// cannot do yet is a warning.
	ToCheck Purpose = iota
	// ToServe reaches real people: both of these are errors.
	ToServe
)

// Options of Load. The zero value checks against the built-in plugins.
type Options struct {
	// Catalog describes the plugins. Default: DefaultCatalog().
	Catalog Catalog
	// Lookup finds the values of env("…") and secret("…"). Default: none is set.
	Lookup func(name string) (string, bool)
	// Language of the diagnostics, "ja" or "en". Default: the project's.
	Language string
	// For says what it is loaded for. Default: ToCheck.
	For Purpose
}

// Workspace is a folder of rules that loaded: what the engine runs, and what
// stays outside of it.
//
// It is immutable, and a function of its files, the catalogue and what Lookup
// gave: the same always gives the same Spec and the same Digest.
type Workspace struct {
	Spec     *engine.Spec
	Digest   string            // of the compiled meaning; comments, formatting and tests do not change it
	Language string            // of the project
	Sources  map[string][]byte // every file it was made of, for the archive
	Channels []Channel         // in order of name
	Tests    []Test            // in order of file and place
	Counts   Counts
}

// Counts is what `check` sums up.
type Counts struct {
	Files      int // *.hcl files that hold more than tests
	Templates  int // templates that messages use
	Scores     int
	Segments   int
	TossUps    int
	Workflows  int
	Steps      int
	Conditions int // of the rules; those of tests and texts are not among them
	Tests      int
}

// LoadDir loads the workspace in a folder of this machine. Links that lead out of
// the folder are not followed.
func LoadDir(dir string, o Options) (*Workspace, Diagnostics) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		r := &reporter{}
		r.add(codeUnreadable, hcl.Range{}, nil, err.Error())
		return nil, r.diagnostics(nil, o.Language)
	}
	defer root.Close()
	return Load(root.FS(), o)
}

// Load reads, checks and compiles all files of a workspace. The Workspace is nil
// where the Diagnostics hold an Error; notes and warnings come beside one.
func Load(fsys fs.FS, o Options) (*Workspace, Diagnostics) {
	if o.Catalog == nil {
		o.Catalog = DefaultCatalog()
	}
	r := &reporter{raise: o.For == ToServe}
	b := newBuilder(fsys, o, r)
	b.read()
	if b.root != nil {
		b.build()
	}
	r.dropUncertain(b.unsound)
	ds := r.diagnostics(b.sources, b.language())
	if ds.HasErrors() {
		return nil, ds
	}
	return b.workspace(), ds
}

func (r *reporter) diagnostics(sources map[string][]byte, language string) Diagnostics {
	ds := Diagnostics{Items: r.items, Sources: sources, Language: language}
	ds.sort()
	return ds
}

// dropUncertain takes away what may only seem wrong because a file could not be
// parsed: everything but its syntax in that file, and missing names elsewhere.
func (r *reporter) dropUncertain(unsound []string) {
	if len(unsound) == 0 {
		return
	}
	r.items = slices.DeleteFunc(r.items, func(d Diagnostic) bool {
		if slices.Contains(unsound, d.Range.File) {
			return d.Code > codeInterpolation
		}
		meaning := d.Code >= codeUnknownRef && d.Code < codeWrongType || d.Code >= codeCycle && d.Code < codeLaterQuietly
		return meaning || d.Code >= "N112"
	})
}

// builder brings a workspace's files into an engine.Spec.
type builder struct {
	r       *reporter
	o       Options
	fsys    fs.FS
	files   workspaceFiles
	sources map[string][]byte
	root    *node
	unsound []string // files that could not be parsed: what is missing may stand in them
	eval    *evaluator

	declared  map[string]map[string]*node // kind → name → block
	scope     Scope                       // everything declared, without an event or families
	spec      *engine.Spec
	channels  []Channel
	tests     []Test
	counts    Counts
	used      map[string]bool   // templates that messages use
	meaning   map[string]string // what the Spec does not show of the meaning, for the digest
	stageRank map[string]int
	guards    map[string]bool // segments that ask for a consent
}

func newBuilder(fsys fs.FS, o Options, r *reporter) *builder {
	b := &builder{
		r: r, o: o, fsys: fsys,
		sources:  map[string][]byte{},
		declared: map[string]map[string]*node{},
		spec:     &engine.Spec{},
		used:     map[string]bool{},
		meaning:  map[string]string{},
		eval: &evaluator{
			r: r, lookup: o.Lookup,
			consts: map[string]cty.Value{}, env: map[string]string{},
		},
	}
	b.eval.read = b.readSource
	return b
}

// language is that of the diagnostics.
func (b *builder) language() string {
	if b.o.Language != "" {
		return b.o.Language
	}
	return b.scope.Language
}

// read brings all files into the tree.
func (b *builder) read() {
	files, err := listFiles(b.fsys)
	if err != nil {
		b.r.add(codeUnreadable, hcl.Range{}, nil, err.Error())
		return
	}
	if len(files.hcl) == 0 {
		b.r.add(codeNoFiles, hcl.Range{}, nil)
		return
	}
	b.files = files
	b.root = &node{spec: language(b.o.Catalog), attrs: map[string]*attribute{}}
	rd := &reader{r: b.r}
	for _, name := range files.hcl {
		src, ok := b.source(name)
		if !ok {
			b.unsound = append(b.unsound, name)
			continue
		}
		body, sound := parseFile(b.r, name, src)
		if !sound {
			b.unsound = append(b.unsound, name)
		}
		if body != nil {
			rd.file(b.root, body, src)
		}
	}
	b.countFiles()
	rd.partial = len(b.unsound) > 0
	rd.complete(b.root)
}

// source reads a file, and says so where that fails.
func (b *builder) source(name string) ([]byte, bool) {
	src, err := b.readSource(name)
	top := hcl.Range{Filename: name, Start: hcl.InitialPos, End: hcl.InitialPos}
	switch {
	case errors.Is(err, errTooLarge):
		b.r.add(codeTooLarge, top, nil, sizeBound)
	case err != nil:
		b.r.add(codeUnreadable, top, nil, err.Error())
	}
	return src, err == nil
}

// readSource reads a file once and keeps it for the excerpts and the archive.
func (b *builder) readSource(name string) ([]byte, error) {
	if src, ok := b.sources[name]; ok {
		return src, nil
	}
	src, err := readFile(b.fsys, name)
	if err == nil {
		b.sources[name] = src
	}
	return src, err
}

// countFiles counts the files that hold rules.
func (b *builder) countFiles() {
	rules := map[string]bool{}
	for _, k := range b.root.kids {
		if k.spec.Name != "test" {
			rules[k.block.TypeRange.Filename] = true
		}
	}
	b.counts.Files = len(rules)
}

// build compiles the tree. Names come first, then references, then what uses
// them; each part goes on where another one failed, so that one run tells all.
func (b *builder) build() {
	b.consts()
	d := &decoder{r: b.r, eval: b.eval}
	b.root.walk(d.node)
	b.later(b.root)
	b.project()
	b.declare()
	b.resolve(b.root)
	b.facts()
	b.rules()
	b.channelsAndPolicies()
	b.tossUps()
	b.workflows()
	b.measures()
	b.parseTests()
}

func (b *builder) workspace() *Workspace {
	b.counts.Templates = len(b.used)
	b.counts.Tests = len(b.tests)
	for _, name := range b.files.templates {
		b.source(name)
	}
	return &Workspace{
		Spec: b.spec, Digest: b.digest(), Language: b.spec.Language, Sources: b.sources,
		Channels: b.channels, Tests: b.tests, Counts: b.counts,
	}
}

// later tells of everything that this version reads and does not carry out. What
// stands inside of such a block is told with it; the arms of a split hold steps
// of their own.
func (b *builder) later(n *node) {
	for _, k := range n.kids {
		if k.spec.Later != Available {
			b.reportLater(k.spec.Later, k.place(), k.parent.trail(), k.title(), k.spec.Meantime)
			if k.spec.Name != "split" {
				continue
			}
		}
		for _, name := range names(k.attrs) {
			a := k.attrs[name]
			if a.spec.Later != Available && (a.spec.Default == "" || a.spec.Default != quoted(a.text)) {
				b.reportLater(a.spec.Later, a.src.NameRange, k.trail(), name, a.spec.Meantime)
			}
		}
		b.later(k)
	}
}

func (b *builder) reportLater(l Later, at hcl.Range, in []string, what string, meantime Doc) {
	switch l {
	case LaterQuietly:
		b.r.add(codeLaterQuietly, at, in, what, meantime)
	case LaterLoudly:
		b.r.add(codeLaterLoudly, at, in, what, meantime)
	case LaterRefused:
		b.r.add(codeLaterRefused, at, in, what)
	}
}
