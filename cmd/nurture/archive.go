package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing/fstest"

	"github.com/seed-456efde2/nurture/dsl"
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/store"
)

// revisionNumber reads "r41".
func revisionNumber(text string) (uint32, bool) {
	digits, ok := strings.CutPrefix(text, "r")
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, 10, 32)
	return uint32(n), err == nil && n > 0
}

// archived loads a revision from a state folder's archive.
func archived(st *store.Store, number uint32) (*workspace, error) {
	list, err := st.Revisions()
	if err != nil {
		return nil, err
	}
	for i := range list {
		if list[i].Number != number {
			continue
		}
		sources, err := st.Sources(list[i].Digest)
		if err != nil {
			return nil, fmt.Errorf("read the sources of revision %d: %w", number, err)
		}
		w, err := loadSources(sources)
		if err != nil || list[i].Base == 0 {
			return w, err
		}
		return composed(st, &list[i], w)
	}
	return nil, fmt.Errorf("there is no revision %d: the state has %d", number, len(list))
}

// readSources loads rules from their texts, with the plugins that the lock file
// among them describes.
func readSources(sources map[string][]byte, language string) (*dsl.Workspace, dsl.Diagnostics) {
	files := fstest.MapFS{}
	for name, b := range sources {
		files[name] = &fstest.MapFile{Data: b}
	}
	catalog, problems := dsl.LockedCatalog(files, language)
	if problems.HasErrors() {
		return nil, problems
	}
	return dsl.Load(files, dsl.Options{Catalog: catalog, Lookup: os.LookupEnv, Language: language})
}

// loadSources loads archived rules.
func loadSources(sources map[string][]byte) (*workspace, error) {
	w, problems := readSources(sources, "")
	if w == nil {
		return nil, fmt.Errorf("the archived rules do not load any more:\n%s", problems.Render())
	}
	return &workspace{Workspace: w, problems: problems}, nil
}

// liveRevision is the revision that is in force for everybody, without its sources:
// the newest, or that beside which the newest is tried. It is nil when there is none.
func liveRevision(st *store.Store) (*store.Revision, error) {
	list, err := st.Revisions()
	if err != nil || len(list) == 0 {
		return nil, err
	}
	last := &list[len(list)-1]
	if last.Base == 0 {
		return last, nil
	}
	for i := range list {
		if list[i].Number == last.Base {
			return &list[i], nil
		}
	}
	return nil, fmt.Errorf("revision %d is tried beside revision %d, which is not there", last.Number, last.Base)
}

// inForce are the rules that a state folder's server ran last: those of everybody, and
// what some of the leads tried beside them, nil for nothing. Each is called what it was
// archived as, though this verb's environment may give other values than the server's,
// so that whoever takes the folder up changes nothing about its rules. w is nil where
// there are none.
func inForce(st *store.Store) (w *workspace, running, tried *engine.Program, err error) {
	live, err := liveRevision(st)
	if err != nil || live == nil {
		return nil, nil, nil, err
	}
	if w, err = archived(st, live.Number); err != nil {
		return nil, nil, nil, err
	}
	if running, err = engine.NewProgram(w.Spec, live.Digest, live.Number); err != nil {
		return nil, nil, nil, err
	}
	last, err := st.LastRevision()
	if err != nil || last.Base == 0 {
		return w, running, nil, err
	}
	c, err := archived(st, last.Number)
	if err != nil {
		return nil, nil, nil, err
	}
	tried, err = engine.NewProgram(c.Spec, last.Digest, last.Number)
	return w, running, tried, err
}

// composed is what the leads of a canary were decided by: its revision's files are
// those of the change, which was tried beside another revision.
func composed(st *store.Store, r *store.Revision, changed *workspace) (*workspace, error) {
	base, err := archived(st, r.Base)
	if err != nil {
		return nil, err
	}
	composition, obstacles := dsl.Compose(base.Workspace, changed.Workspace)
	if composition == nil {
		return nil, fmt.Errorf("revision %d does not go together with revision %d any more: %s", r.Number, r.Base, obstacles[0].In("en"))
	}
	w := *changed.Workspace
	w.Spec, w.Digest, w.Channels = composition.Spec, composition.Digest, composition.Channels
	return &workspace{Workspace: &w, problems: changed.problems}, nil
}
