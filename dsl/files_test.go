package dsl

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/seed-456efde2/nurture/engine"
)

// TestOddFolders: what is no workspace says so.
func TestOddFolders(t *testing.T) {
	t.Parallel()
	big := "# " + strings.Repeat("x", maxFile)
	for name, c := range map[string]struct {
		fsys fs.FS
		code string
	}{
		"an empty folder":   {fstest.MapFS{}, codeNoFiles},
		"hidden files only": {fstest.MapFS{".git/a.hcl": {Data: []byte("x")}, ".a.hcl": {}, "a.hcl~": {}}, codeNoFiles},
		"a huge file":       {fstest.MapFS{"a.hcl": {Data: []byte(big)}}, codeTooLarge},
		"no UTF-8":          {fstest.MapFS{"a.hcl": {Data: []byte("# 表\n\"\x95\\\"")}}, codeUnreadable},
		"deep brackets":     {fstest.MapFS{"a.hcl": {Data: []byte("a = " + strings.Repeat("[", 200_000))}}, codeTooLarge},
		"deep signs":        {fstest.MapFS{"a.hcl": {Data: []byte("a = " + strings.Repeat("!", 200_000))}}, codeTooLarge},
		"many questions":    {fstest.MapFS{"a.hcl": {Data: []byte("a = " + strings.Repeat("x ? y : ", 100_000))}}, codeTooLarge},
		"deep blocks":       {fstest.MapFS{"a.hcl": {Data: []byte(strings.Repeat("a {\n", 100_000))}}, codeTooLarge},
		"deep templates":    {fstest.MapFS{"a.hcl": {Data: []byte("a = " + strings.Repeat(`"${`, 100_000))}}, codeTooLarge},
	} {
		ws, ds := Load(c.fsys, Options{})
		if ws != nil || len(ds.Items) == 0 || ds.Items[0].Code != c.code {
			t.Errorf("%s: %s", name, ds.Render())
		}
	}
	if _, ds := LoadDir("testdata/nowhere", Options{}); !ds.HasErrors() || ds.Items[0].Code != codeUnreadable {
		t.Errorf("no folder: %s", ds.Render())
	}
}

// TestBrokenFileKeepsOthersQuiet: one file that cannot be parsed does not make
// everything that it declares unknown.
func TestBrokenFileKeepsOthersQuiet(t *testing.T) {
	t.Parallel()
	fsys := readTree(t, "testdata/good")
	change(t, fsys, "rules/scoring.hcl", "half_life = \"14d\"", "half_life = = \"14d\"")
	change(t, fsys, "rules/follow.hcl", "for = \"5 business days\"", "for = \"5 bananas\"")
	_, ds := Load(fsys, Options{Lookup: secrets, Language: "en"})
	for _, d := range ds.Items {
		if d.Code != codeSyntax && d.Code != codeBadLength {
			t.Errorf("%s: %s", d.Code, d.Message("en"))
		}
	}
	if len(ds.Items) != 2 {
		t.Errorf("%d problems:\n%s", len(ds.Items), ds.Render())
	}
}

// TestFileFunction reads a file of the workspace and keeps it for the archive.
func TestFileFunction(t *testing.T) {
	t.Parallel()
	fsys := readTree(t, "testdata/good")
	fsys["labels/fit.txt"] = &fstest.MapFile{Data: []byte("適合")}
	change(t, fsys, "rules/scoring.hcl", "label = \"適合度\"", "label = file(\"labels/fit.txt\")")
	ws, ds := Load(fsys, Options{Lookup: secrets})
	if ws == nil {
		t.Fatalf("%s", ds.Render())
	}
	fit := find(t, ws.Spec.Scores, func(x *engine.ScoreSpec) bool { return x.Name == "fit" })
	if fit.Label != "適合" || string(ws.Sources["labels/fit.txt"]) != "適合" {
		t.Errorf("label %q, sources %v", fit.Label, len(ws.Sources))
	}
}

// TestLinksOutOfTheFolder: a workspace is what lies in its folder.
func TestLinksOutOfTheFolder(t *testing.T) {
	t.Parallel()
	outside, dir := t.TempDir(), t.TempDir()
	write(t, filepath.Join(outside, "secret.txt"), "hush")
	for name, f := range readTree(t, "testdata/prelude") {
		write(t, filepath.Join(dir, name), string(f.Data))
	}
	write(t, filepath.Join(dir, "x.hcl"), "segment \"x\" {\n  label = file(\"link.txt\")\n  when = \"lead.employees > 1\"\n}\n")
	if err := os.Symlink(filepath.Join(outside, "secret.txt"), filepath.Join(dir, "link.txt")); err != nil {
		t.Fatal(err)
	}
	if _, ds := LoadDir(dir, Options{}); !ds.HasErrors() || ds.Items[0].Code != codeNoFile {
		t.Errorf("a link out of the folder is read:\n%s", ds.Render())
	}
}

func write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// What plugins bring along is no part of a workspace, however much it is.
func TestPluginsFolderIsPassedOver(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{"rules.hcl": {}, "plugins/sms/node_modules/a/broken.hcl": {Data: []byte("{")}, "plugins/sms/notes.md": {}, "more/plugins/note.md": {}}
	got, err := listFiles(files)
	if err != nil || !slices.Equal(got.hcl, []string{"rules.hcl"}) || !slices.Equal(got.texts, []string{"more/plugins/note.md"}) {
		t.Errorf("%+v %v", got, err)
	}
}
