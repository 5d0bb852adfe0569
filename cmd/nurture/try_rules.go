package main

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"testing/fstest"

	"github.com/seed-456efde2/nurture/dsl"
)

// triedRules are the rules of a folder while somebody tries them and edits them: the
// latest that loaded, whatever lies on disk now.
type triedRules struct {
	dir      string
	language string // of problems; "" is the project's
	disk     dsl.Loader
	told     dsl.Loader // of the rules with a story
	locked   lockedCatalog
	good     *dsl.Workspace
	refused  map[string][]byte // the sources that did not load last time
}

func newTriedRules(dir, language string) *triedRules {
	return &triedRules{dir: dir, language: language}
}

// refresh reads the folder. It reports whether the rules mean something else than
// before, and what keeps them from loading, once for each state of the files.
func (r *triedRules) refresh() (changed bool, problems dsl.Diagnostics) {
	root, err := os.OpenRoot(r.dir)
	if err != nil {
		_, problems = dsl.LoadDir(r.dir, r.options(nil)) // it says what is wrong
		return false, problems
	}
	defer root.Close()
	catalog, problems := r.locked.of(root.FS(), r.language)
	if problems.HasErrors() {
		return false, r.once(problems)
	}
	w, problems := r.disk.Load(root.FS(), r.options(catalog))
	if w == nil {
		return false, r.once(problems)
	}
	r.refused = nil
	w = withLock(w, &r.locked)
	changed = r.good != nil && (r.good.Digest != w.Digest || !sameSources(r.good, w) && !sameButTests(r.good, w))
	r.good = w
	return changed, dsl.Diagnostics{}
}

// once gives problems that have not been told yet.
func (r *triedRules) once(problems dsl.Diagnostics) dsl.Diagnostics {
	if r.refused != nil && maps.EqualFunc(r.refused, problems.Sources, bytes.Equal) {
		return dsl.Diagnostics{}
	}
	r.refused = problems.Sources
	return problems
}

func (r *triedRules) options(catalog dsl.Catalog) dsl.Options {
	return dsl.Options{Catalog: catalog, Lookup: os.LookupEnv, Language: r.language}
}

// sameSources reports whether two workspaces were made of the same texts.
func sameSources(a, b *dsl.Workspace) bool { return maps.EqualFunc(a.Sources, b.Sources, bytes.Equal) }

// sameButTests reports whether two workspaces of one meaning send the same texts, too:
// what else differs are comments, layout and tests.
func sameButTests(a, b *dsl.Workspace) bool {
	for _, name := range a.Templates() {
		if !bytes.Equal(a.Sources[name], b.Sources[name]) {
			return false
		}
	}
	return len(a.Templates()) == len(b.Templates())
}

// with loads the rules with a story beside them. The workspace is nil where the story
// has problems; all that is told is about the story's file.
func (r *triedRules) with(file string, story []byte) (*dsl.Workspace, dsl.Diagnostics) {
	files := fstest.MapFS{file: &fstest.MapFile{Data: story}}
	for name, src := range r.good.Sources {
		files[name] = &fstest.MapFile{Data: src}
	}
	w, problems := r.told.Load(files, r.options(r.locked.catalog))
	var own []dsl.Diagnostic
	for _, d := range problems.Items {
		if d.Range.File == file && d.Severity == dsl.Error {
			own = append(own, d)
		}
	}
	if len(own) > 0 { // else the story makes the rules themselves look wrong, which is told whole
		problems.Items = own
	}
	return w, problems
}

// storyFile is a name for the story's file that the workspace does not have.
func (r *triedRules) storyFile() string {
	name := "story.hcl"
	for n := 2; r.good.Sources[name] != nil; n++ {
		name = fmt.Sprintf("story%d.hcl", n)
	}
	return name
}

// storyTitle is a name for the story's test that the workspace does not have.
func (r *triedRules) storyTitle(wanted string) string {
	taken := map[string]bool{}
	for i := range r.good.Tests {
		taken[r.good.Tests[i].Name] = true
	}
	title := wanted
	for n := 2; taken[title]; n++ {
		title = fmt.Sprintf("%s (%d)", wanted, n)
	}
	return title
}
