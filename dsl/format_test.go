package dsl

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/seed-456efde2/nurture/engine"
)

func TestFormat(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, src, want string }{
		{
			"layout", "segment \"a\" {\nwhen=\"lead.n>1\"\n label = \"x\"\n}\n\n\n",
			"segment \"a\" {\n  when  = \"lead.n > 1\"\n  label = \"x\"\n}\n",
		},
		{
			"a list", `segment "a" { when = ["lead.n>=1","not  lead.b"] }`,
			"segment \"a\" { when = [\"lead.n >= 1\", \"not lead.b\"] }\n",
		},
		{
			"an amount", "score \"s\" {\n  rule \"r\" {\n    points = \"(lead.n??0)>=5?1:0\"\n  }\n}\n",
			"score \"s\" {\n  rule \"r\" {\n    points = \"(lead.n ?? 0) >= 5 ? 1 : 0\"\n  }\n}\n",
		},
		{
			"a number stays", "score \"s\" {\n  rule \"r\" {\n    points = 5\n  }\n}\n",
			"score \"s\" {\n  rule \"r\" {\n    points = 5\n  }\n}\n",
		},
		{"a text is no condition", `segment "a" { label = "a>b" }`, "segment \"a\" { label = \"a>b\" }\n"},
		{
			"a subject is no condition", "workflow \"w\" {\n  steps {\n    email \"e\" { subject = \"a>b\" }\n  }\n}\n",
			"workflow \"w\" {\n  steps {\n    email \"e\" { subject = \"a>b\" }\n  }\n}\n",
		},
		{"escapes", `segment "a" { when = "lead.t=='a\\\\b'" }`, "segment \"a\" { when = \"lead.t == 'a\\\\\\\\b'\" }\n"},
		{
			"a heredoc keeps its lines", "segment \"a\" {\n  when = <<-E\n    lead.n>1\n      and lead.m>2\n  E\n}\n",
			"segment \"a\" {\n  when = <<-E\n    lead.n>1\n      and lead.m>2\n  E\n}\n",
		},
		{"a condition that cannot be read", `segment "a" { when = "lead.n >" }`, "segment \"a\" { when = \"lead.n >\" }\n"},
		{
			"comments", "# a\nsegment \"a\" { # b\n  when = \"lead.n>1\" # c\n}\n",
			"# a\nsegment \"a\" {         # b\n  when = \"lead.n > 1\" # c\n}\n",
		},
		{"nothing", "\n\n", ""},
		{
			"Japanese", `segment "大手" { when = "lead.従業員数>=100 and lead.役職=='部長'" }`,
			"segment \"大手\" { when = \"lead.従業員数 >= 100 and lead.役職 == '部長'\" }\n",
		},
	} {
		got, ds := Format("x.hcl", []byte(c.src))
		if ds.HasErrors() || string(got) != c.want {
			t.Errorf("%s: %s\n%q, want\n%q", c.name, ds.Render(), got, c.want)
		}
		again, _ := Format("x.hcl", got)
		if !bytes.Equal(again, got) {
			t.Errorf("%s: formatting twice changes %q to %q", c.name, got, again)
		}
	}
}

// TestFormatRefuses: what cannot be parsed stays as it is.
func TestFormatRefuses(t *testing.T) {
	t.Parallel()
	for _, src := range []string{"segment \"a\" {\n", "segment ＝ {}", "a = \"\xff\"", strings.Repeat("[", 1000)} {
		got, ds := Format("x.hcl", []byte(src))
		if !ds.HasErrors() || string(got) != src {
			t.Errorf("%q became %q, %d problems", src, got, len(ds.Items))
		}
	}
}

// TestFormatChangesNoMeaning formats the example and finds the digest it had; the
// example itself is formatted already.
func TestFormatChangesNoMeaning(t *testing.T) {
	t.Parallel()
	fsys := readTree(t, "testdata/good")
	base := digestOf(t, fsys, secrets)
	for name, f := range fsys {
		if filepath.Ext(name) != ".hcl" {
			continue
		}
		got, ds := Format(name, f.Data)
		if ds.HasErrors() || !bytes.Equal(got, f.Data) {
			t.Errorf("%s is not formatted:\n%s", name, got)
		}
		crowded := strings.NewReplacer("  ", " ", " >= ", ">=", " == ", "==").Replace(string(f.Data))
		got, _ = Format(name, []byte(crowded))
		fsys[name] = &fstest.MapFile{Data: got}
	}
	if digestOf(t, fsys, secrets) != base {
		t.Error("formatting changed the meaning")
	}
}

// FuzzFormat: whatever parses is formatted once and for all, and still parses.
func FuzzFormat(f *testing.F) {
	seedFiles(f)
	f.Fuzz(func(t *testing.T, src []byte) {
		if len(src) > 8192 {
			return
		}
		once, ds := Format("x.hcl", src)
		if ds.HasErrors() {
			if !bytes.Equal(once, src) {
				t.Fatal("a file that does not parse was changed")
			}
			return
		}
		twice, ds := Format("x.hcl", once)
		if ds.HasErrors() {
			t.Fatalf("formatting broke the file:\n%s\n%s", once, ds.Render())
		}
		if !bytes.Equal(once, twice) {
			t.Fatalf("formatted twice:\n%q\n%q", once, twice)
		}
	})
}

// seedFiles are the files of the tests, as the beginning of a search.
func seedFiles(f *testing.F) {
	f.Helper()
	for _, pattern := range []string{"testdata/bad/*.hcl", "testdata/good/*.hcl", "testdata/good/*/*.hcl", "testdata/render/*.hcl"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			f.Fatalf("%s: %d files, %v", pattern, len(files), err)
		}
		for _, name := range files {
			src, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(src)
		}
	}
}

// FuzzLoad: no file ends the process, and whatever does not load says why.
func FuzzLoad(f *testing.F) {
	seedFiles(f)
	prelude, err := os.ReadFile("testdata/prelude/prelude.hcl")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		if len(src) > 8192 {
			return
		}
		fsys := fstest.MapFS{
			"prelude.hcl":         {Data: prelude},
			"your.hcl":            {Data: src},
			"templates/hello.md":  {Data: []byte("こんにちは {{ lead.last_name ?? '' }}")},
			"templates/broken.md": {Data: src},
		}
		ws, ds := Load(fsys, Options{Language: "ja"})
		if (ws == nil) != ds.HasErrors() {
			t.Fatalf("workspace %v with\n%s", ws != nil, ds.Render())
		}
		if ws != nil {
			if _, err := engine.NewProgram(ws.Spec, ws.Digest, 1); err != nil {
				t.Fatalf("it loads, and makes no program: %v", err)
			}
		}
		for _, d := range ds.Items {
			if end := len(ds.Sources[d.Range.File]); d.Range.Start.Byte > end || d.Range.Start.Byte > d.Range.End.Byte {
				t.Fatalf("%s points at %+v of %d bytes", d.Code, d.Range, end)
			}
		}
		ds.Render()
	})
}
