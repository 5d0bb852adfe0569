package dsl

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/seed-456efde2/nurture/engine"
)

// TestBad loads every file of testdata/bad together with testdata/prelude and
// holds what is found against the comments on the offending lines. A file that
// begins with "# alone" is a workspace by itself. A problem of the workspace as a
// whole is announced by "# ERROR FILE: …".
func TestBad(t *testing.T) {
	t.Parallel()
	prelude := readTree(t, "testdata/prelude")
	files, err := filepath.Glob("testdata/bad/*.hcl")
	if err != nil || len(files) < 100 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".hcl"), func(t *testing.T) {
			t.Parallel()
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			fsys := maps.Clone(prelude)
			if strings.HasPrefix(string(src), "# alone\n") {
				delete(fsys, "prelude.hcl")
			}
			fsys["your.hcl"] = &fstest.MapFile{Data: src}
			ws, ds := Load(fsys, Options{Language: "en"})
			if (ws == nil) != ds.HasErrors() {
				t.Errorf("workspace %v, errors %v", ws != nil, ds.HasErrors())
			}
			if ws != nil {
				if _, err := engine.NewProgram(ws.Spec, ws.Digest, 1); err != nil {
					t.Errorf("it loads, and makes no program: %v", err)
				}
			}
			want, got := announced(string(src)), foundIn(ds)
			if !slices.Equal(want, got) {
				t.Errorf("announced\n  %s\nfound\n  %s\n%s", strings.Join(want, "\n  "), strings.Join(got, "\n  "), ds.Render())
			}
			checkWords(t, ds)
		})
	}
}

var announcement = regexp.MustCompile(`# (ERROR|WARNING|NOTE)( FILE)?: ([^#]+)`)

func announced(src string) []string {
	var out []string
	for i, line := range strings.Split(src, "\n") {
		for _, m := range announcement.FindAllStringSubmatch(line, -1) {
			n := i + 1
			if m[2] != "" {
				n = 0
			}
			out = append(out, fmt.Sprintf("%d %s %s", n, strings.ToLower(m[1]), strings.TrimSpace(m[3])))
		}
	}
	slices.Sort(out)
	return out
}

func foundIn(ds Diagnostics) []string {
	var out []string
	for _, d := range ds.Items {
		where := fmt.Sprint(d.Range.Start.Line)
		if d.Range.File != "your.hcl" && d.Range.File != "" {
			where = fmt.Sprintf("%s:%d", d.Range.File, d.Range.Start.Line)
		}
		out = append(out, fmt.Sprintf("%s %s %s", where, d.Severity, d.Summary("en")))
	}
	slices.Sort(out)
	return out
}

// checkWords sees that no sentence has a hole in either language.
func checkWords(t *testing.T, ds Diagnostics) {
	t.Helper()
	for _, language := range []string{"en", "ja"} {
		ds.Language = language
		for _, d := range ds.Items {
			for _, s := range []string{d.Summary(language), d.Message(language), d.Help(language)} {
				if strings.Contains(s, "%!") || strings.Contains(s, "%[") || strings.Contains(s, "…") && strings.Contains(s, "'…'") {
					t.Errorf("%s (%s): %q", d.Code, language, s)
				}
			}
			if d.Help(language) == "" && d.Suggest == "" {
				t.Errorf("%s (%s) says nothing about what to write instead", d.Code, language)
			}
		}
		if strings.Contains(ds.Render(), "\t") {
			t.Errorf("a tab in the rendered text")
		}
	}
}

// readTree is a folder as a file system in memory.
func readTree(t testing.TB, dir string) fstest.MapFS {
	t.Helper()
	out := fstest.MapFS{}
	root := os.DirFS(dir)
	err := fs.WalkDir(root, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		src, err := fs.ReadFile(root, name)
		out[name] = &fstest.MapFile{Data: src}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestPreludeIsSound: what the bad files build on has no problem of its own.
func TestPreludeIsSound(t *testing.T) {
	t.Parallel()
	ws, ds := Load(readTree(t, "testdata/prelude"), Options{})
	if ws == nil || len(ds.Items) > 0 {
		t.Fatalf("the prelude is not sound:\n%s", ds.Render())
	}
}
