package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"runtime"
	"testing/fstest"

	"github.com/seed-456efde2/nurture/dsl"
	"github.com/seed-456efde2/nurture/plugins/host"
)

// platform is what checksums of programs are kept by.
const platform = runtime.GOOS + "/" + runtime.GOARCH

// loadDir loads the rules of a folder, with the plugins that its lock file
// describes. No plugin is started.
func loadDir(dir string, o dsl.Options) (*dsl.Workspace, dsl.Diagnostics) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return dsl.LoadDir(dir, o) // it says what is wrong
	}
	defer root.Close()
	var locked lockedCatalog
	var problems dsl.Diagnostics
	if o.Catalog, problems = locked.of(root.FS(), o.Language); problems.HasErrors() {
		return nil, problems
	}
	w, problems := dsl.Load(root.FS(), o)
	if w == nil {
		return nil, problems
	}
	return withLock(w, &locked), problems
}

// lockedCatalog keeps the catalogue of a lock file as long as the file's bytes are
// the same, so that a reload finds that nothing has changed.
type lockedCatalog struct {
	src     []byte
	catalog dsl.Catalog
}

// of is the catalogue of the lock file among files; nil where there is none.
func (l *lockedCatalog) of(files fs.FS, language string) (dsl.Catalog, dsl.Diagnostics) {
	src, _ := fs.ReadFile(files, dsl.LockFile)
	if l.catalog != nil && src != nil && bytes.Equal(src, l.src) {
		return l.catalog, dsl.Diagnostics{}
	}
	if src != nil {
		files = fstest.MapFS{dsl.LockFile: &fstest.MapFile{Data: src}} // the bytes that were compared
	}
	catalog, problems := dsl.LockedCatalog(files, language)
	l.src, l.catalog = src, catalog
	return catalog, problems
}

// withLock adds the lock file to a workspace's sources: a revision is loaded again
// with the plugins that it was checked with.
func withLock(w *dsl.Workspace, l *lockedCatalog) *dsl.Workspace {
	if l.catalog == nil {
		return w
	}
	sources := maps.Clone(w.Sources)
	sources[dsl.LockFile] = l.src
	own := *w
	own.Sources = sources
	return &own
}

// installPlugins makes the locked plugins of a workspace those that the host may
// run.
func installPlugins(h *host.Host, dir string, sources map[string][]byte) error {
	var lock host.Lock
	if src := sources[dsl.LockFile]; src != nil {
		var err error
		if lock, err = host.DecodeLock(src); err != nil {
			return fmt.Errorf("%s: %w", dsl.LockFile, err)
		}
	}
	h.Install(lock.Resolve(host.Discover(dir, os.Getenv("PATH")), platform))
	return nil
}
