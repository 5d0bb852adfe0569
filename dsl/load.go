package dsl

import (
	"errors"
	"io/fs"
	"os"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/intake"
)

// Purpose says what a workspace is loaded for.
type Purpose uint8

// The purposes.
const (
	// ToCheck reads, checks and tests: secrets may be unset, and plugins missing.
	ToCheck Purpose = iota
	// ToServe reaches real people: both of these are errors.
	ToServe
)

// Options of Load. The zero value checks against the built-in plugins.
type Options struct {
	// Catalog describes the plugins. Default: the built-in ones, and those that the
	// workspace's lock file describes.
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
	Intakes  []*intake.Source  // the ways in, in order of name
	Tests    []Test            // in order of file and place
	Counts   Counts

	scope Scope // what a text may name
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
// where the Diagnostics hold an Error; notes and warnings come beside one. Who
// loads the same folder again and again keeps a Loader.
func Load(fsys fs.FS, o Options) (*Workspace, Diagnostics) { return new(Loader).Load(fsys, o) }

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
		meaning := d.Code >= codeUnknownRef && d.Code < codeWrongType || d.Code >= codeCycle && d.Code < "N100"
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

	declared    map[string]map[string]*node // kind → name → block
	scope       Scope                       // everything declared, without an event or families
	spec        *engine.Spec
	channels    []Channel
	intakes     []*intake.Source
	tests       []Test
	counts      Counts
	used        map[string]bool   // templates that messages use
	meaning     map[string]string // what the Spec does not show of the meaning, for the digest
	stageRank   map[string]int
	guards      map[string]bool     // segments that ask for a consent
	formulas    map[string][]string // what figures are computed from, by name
	groundText  []byte              // the meaning of everything but workflows
	flowDigests map[string]string   // of each workflow
	loads       []capLoad           // messages under caps, by workflow
	asked       map[string]string   // workflows that what is compiled now asks about: see ask
}

func newBuilder(fsys fs.FS, o Options, r *reporter) *builder {
	b := &builder{
		r: r, o: o, fsys: fsys,
		sources:  map[string][]byte{},
		declared: map[string]map[string]*node{},
		spec:     &engine.Spec{},
		used:     map[string]bool{},
		meaning:  map[string]string{},
		formulas: map[string][]string{},
		asked:    map[string]string{}, flowDigests: map[string]string{},
		eval: &evaluator{
			r: r, lookup: o.Lookup,
			consts: map[string]cty.Value{}, env: map[string]string{}, asked: map[string]looked{},
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

// standOn compiles everything but workflows and tests. Names come first, then
// references, then what uses them; each part goes on where another one failed, so
// that one run tells all.
func (b *builder) standOn(kids []*node) {
	for _, k := range kids {
		b.resolve(k)
	}
	b.facts()
	b.rules()
	b.channelsAndPolicies()
	b.sorted("source", b.inlet)
	b.tossUps()
	b.measures()
}

func (b *builder) workspace() *Workspace {
	b.counts.Templates = len(b.used)
	b.counts.Tests = len(b.tests)
	return &Workspace{
		Spec: b.spec, Digest: b.digest(), Language: b.spec.Language, Sources: b.sources,
		Channels: b.channels, Intakes: b.intakes, Tests: b.tests, Counts: b.counts, scope: b.scope,
	}
}
