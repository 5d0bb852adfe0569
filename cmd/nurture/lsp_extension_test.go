package main_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/seed-456efde2/nurture/engine/enginetest"
)

// extension is where VS Code's extension stands.
func extension(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join("..", "..", "dsl", "editor", "vscode"))
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestGrammar: each part of the test files has the scope that is written below it,
// and the whole of a longer file those of its snapshot.
func TestGrammar(t *testing.T) {
	t.Parallel()
	dir, node, packages := extension(t), enginetest.Node(t), enginetest.EditorPackages(t)
	for name, args := range map[string][]string{
		"assertions": {"unit.js", "-g", "tests/markdown.tmLanguage.json", "tests/*.test.*"},
		"snapshots":  {"snapshot.js", "tests/workspace/*.hcl"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tool := filepath.Join(packages, "node_modules", "vscode-tmgrammar-test", "dist", args[0])
			cmd := exec.CommandContext(t.Context(), node, append([]string{tool}, args[1:]...)...)
			cmd.Dir = dir
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// TestExtensionHoldsTogether: what package.json names is there, and the program is
// JavaScript.
func TestExtensionHoldsTogether(t *testing.T) {
	t.Parallel()
	dir := extension(t)
	b, err := os.ReadFile(filepath.Join(dir, "package.json"))
	if err != nil {
		t.Fatal(err)
	}
	var p struct {
		Main        string
		Contributes struct {
			Languages []struct{ Configuration string }
			Grammars  []struct{ Path, ScopeName string }
		}
	}
	if err := json.Unmarshal(b, &p); err != nil {
		t.Fatal(err)
	}
	for _, l := range p.Contributes.Languages {
		readObject(t, filepath.Join(dir, l.Configuration))
	}
	for _, g := range p.Contributes.Grammars {
		if got := readObject(t, filepath.Join(dir, g.Path))["scopeName"]; got != g.ScopeName {
			t.Errorf("%s has the scope %v, package.json says %s", g.Path, got, g.ScopeName)
		}
	}
	if len(p.Contributes.Languages) != 1 || len(p.Contributes.Grammars) != 3 {
		t.Errorf("package.json contributes %+v", p.Contributes)
	}
	cmd := exec.CommandContext(t.Context(), enginetest.Node(t), "--check", filepath.Join(dir, p.Main))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func readObject(t *testing.T, file string) map[string]any {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]any{}
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return out
}
