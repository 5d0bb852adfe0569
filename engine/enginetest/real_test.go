package enginetest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// double stands in for a test and notes how it ended.
type double struct {
	testing.TB
	skipped, failed string
}

func (d *double) Helper()          {}
func (d *double) Name() string     { return "TestOfSomething" }
func (d *double) Skip(args ...any) { d.skipped = args[0].(string); panic(d) }
func (d *double) Fatal(args ...any) {
	d.failed, _ = args[0].(string)
	panic(d)
}

// ends runs do, which may end the double's test.
func (d *double) ends(do func()) {
	defer func() {
		if r := recover(); r != nil && r != d {
			panic(r)
		}
	}()
	do()
}

// These set the environment, so they do not run beside others.
func TestMissingPart(t *testing.T) {
	skipped := filepath.Join(t.TempDir(), "skipped")
	t.Setenv("NURTURE_SKIPPED", skipped)
	t.Setenv("NURTURE_CLIENTS", t.TempDir()) // nothing is installed there
	for _, c := range []struct {
		require, ci string
		fails       bool
	}{
		{"", "", false},
		{"0", "false", false},
		{"1", "", true},
		{"", "true", true},
	} {
		t.Setenv("NURTURE_REQUIRE_REAL", c.require)
		t.Setenv("CI", c.ci)
		var d double
		d.ends(func() { Clients(&d) })
		if (d.failed != "") != c.fails || (d.skipped != "") == c.fails {
			t.Errorf("%+v: skipped with %q, failed with %q", c, d.skipped, d.failed)
		}
	}
	lines, err := os.ReadFile(skipped)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(string(lines), "TestOfSomething needs the npm clients"); got != 2 {
		t.Errorf("the file of skipped tests has %d lines, want 2:\n%s", got, lines)
	}
}

func TestPartsThatAreThere(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"chromium", "node"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/true\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "node_modules"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
	t.Setenv("NURTURE_CLIENTS", dir)
	for want, got := range map[string]string{
		filepath.Join(dir, "chromium"): Browser(t),
		filepath.Join(dir, "node"):     Node(t),
		dir:                            Clients(t),
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestModuleRoot(t *testing.T) {
	t.Parallel()
	root, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(root, "engine", "enginetest", "real.go")); err != nil {
		t.Errorf("%s is not the module's folder: %v", root, err)
	}
}
