package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing/fstest"

	"github.com/seed-456efde2/nurture/dsl"
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
		return loadSources(sources)
	}
	return nil, fmt.Errorf("there is no revision %d: the state has %d", number, len(list))
}

// loadSources loads rules from their texts.
func loadSources(sources map[string][]byte) (*workspace, error) {
	files := fstest.MapFS{}
	for name, b := range sources {
		files[name] = &fstest.MapFile{Data: b}
	}
	w, problems := dsl.Load(files, dsl.Options{Lookup: os.LookupEnv})
	if w == nil {
		return nil, fmt.Errorf("the archived rules do not load any more:\n%s", problems.Render())
	}
	return &workspace{Workspace: w, problems: problems}, nil
}
