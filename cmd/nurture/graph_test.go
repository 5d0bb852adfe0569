package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-456efde2/nurture/dsl"
	"github.com/seed-456efde2/nurture/engine/graph"
)

// TestGraphs holds the drawings of a whole workspace against golden files:
// each workflow, and all of them together, in every form.
func TestGraphs(t *testing.T) {
	t.Parallel()
	w, problems := dsl.LoadDir("testdata/acme", dsl.Options{Lookup: func(string) (string, bool) { return "x", true }})
	if w == nil {
		t.Fatal(problems.Render())
	}
	for _, lang := range []string{"en", "ja"} {
		words := graph.Words{Lang: lang, Sentence: dsl.Sentence}
		graphs := []graph.Graph{graph.Portfolio(w.Spec, words)}
		for i := range w.Spec.Flows {
			graphs = append(graphs, graph.Flow(w.Spec, &w.Spec.Flows[i], words))
		}
		for _, g := range graphs {
			for form, write := range graphForms {
				goldenFile(t, filepath.Join("testdata", "graph", g.Name+"."+lang+"."+form), write(g))
			}
		}
	}
}

// goldenFile holds a text against a file, or writes the file under -rewrite.
func goldenFile(t *testing.T, file, got string) {
	t.Helper()
	if *rewrite {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s differs; got\n%s", file, strings.TrimSpace(got))
	}
}
