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

// conditionsOf are the conditions of all fixtures, as they are written there.
func conditionsOf(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, pattern := range []string{"testdata/*/*.hcl", "testdata/*/*/*.hcl", "../workflows/*/*.hcl"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			src, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for i, line := range strings.Split(string(src), "\"") {
				if i%2 == 1 && !strings.Contains(line, "\n") && !strings.ContainsAny(line, `\`) {
					out = append(out, line)
				}
			}
		}
	}
	return out
}

// mangled are writings of an expression that mean the same: crowded, loose, with
// the other operators and the other quotes.
func mangled(expr string) []string {
	return []string{
		expr,
		strings.NewReplacer(" >= ", ">=", " == ", "==", " ?? ", "??", ", ", ",", " + ", "+", " | ", "|", " - ", "-", " < ", "<").Replace(expr),
		strings.NewReplacer(" ", "   ", ",", "  ,  ", "(", "(  ", ")", "\t)").Replace(expr),
		strings.NewReplacer(" and ", " && ", " or ", " || ", "not ", "!").Replace(expr),
		strings.ReplaceAll(expr, "'", `"`),
	}
}

// TestFormatKeepsMeaning formats every condition of every fixture in several
// writings. Each means afterwards what it meant before, and is then in its form.
func TestFormatKeepsMeaning(t *testing.T) {
	t.Parallel()
	sc := testScope()
	judged := 0
	for _, expr := range conditionsOf(t) {
		for _, writing := range mangled(expr) {
			before, _ := compileCond(plainLiteral(writing), sc)
			if before == nil {
				continue
			}
			judged++
			out, ok := formatExpr(writing)
			after, problems := compileCond(plainLiteral(out), sc)
			if !ok || after == nil || after.Meaning() != before.Meaning() {
				t.Errorf("%s becomes %s: %v", writing, out, problems)
				continue
			}
			if again, _ := formatExpr(out); again != out {
				t.Errorf("%s becomes %s, then %s", writing, out, again)
			}
		}
	}
	if judged < 100 {
		t.Errorf("only %d conditions were judged", judged)
	}
}

func TestFormatTemplate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ src, want string }{
		{"{{lead.last_name??\"ご担当者\"}} 様", "{{ lead.last_name ?? 'ご担当者' }} 様"},
		{"{{  if   lead.employees>=100}}\na\n{{else  }}\nb\n{{end}}\n", "{{ if lead.employees >= 100 }}\na\n{{ else }}\nb\n{{ end }}\n"},
		{"{{for r in reasons}}- {{r}}\n{{end}}", "{{ for r in reasons }}- {{ r }}\n{{ end }}"},
		{"{{ score.interest|round() }}", "{{ score.interest | round() }}"},
		{"\ufeff---\npreview: {{now|month()}}月\n---\na  b {c}", "\ufeff---\npreview: {{ now | month() }}月\n---\na  b {c}"},
		{"{{ 'a  }}  b' }}", "{{ 'a  }}  b' }}"},
		{"{{ lead.employees >\n  100 }}", "{{ lead.employees >\n  100 }}"},
		{"{{ lead. }}", "{{ lead. }}"},
		{"", ""},
	} {
		got, ds := FormatTemplate("templates/a.md", []byte(c.src))
		if ds.HasErrors() || string(got) != c.want {
			t.Errorf("%q becomes %q, want %q\n%s", c.src, got, c.want, ds.Render())
		}
		if again, _ := FormatTemplate("templates/a.md", got); string(again) != string(got) {
			t.Errorf("%q becomes %q the second time", got, again)
		}
	}
	for _, src := range []string{"{{ lead.email", "{{}}", "a\xff{{x}}", "{{elif x}}"} {
		got, ds := FormatTemplate("templates/a.md", []byte(src))
		if !ds.HasErrors() || string(got) != src {
			t.Errorf("%q became %q, %d problems", src, got, len(ds.Items))
		}
	}
}

// TestFormatTexts: the {{ }} of a subject is formatted, its words are not.
func TestFormatTexts(t *testing.T) {
	t.Parallel()
	src := "workflow \"w\" {\n  steps {\n    email \"e\" { subject = \"a>b {{lead.last_name??\\\"様\\\"}}  c\" }\n  }\n}\n"
	want := "workflow \"w\" {\n  steps {\n    email \"e\" { subject = \"a>b {{ lead.last_name ?? '様' }}  c\" }\n  }\n}\n"
	if got, ds := Format("x.hcl", []byte(src)); ds.HasErrors() || string(got) != want {
		t.Errorf("got\n%s\nwant\n%s%s", got, want, ds.Render())
	}
}

// FuzzFormatTemplate: whatever can be read is formatted once and for all, and
// compiles to the same meaning.
func FuzzFormatTemplate(f *testing.F) {
	for _, seed := range []string{mailPlaces, "{{if lead.trial}}a{{else}}b{{end}}", "{{for r in reasons}}{{r}}{{end}}", "{{'}}'}}", "｛｛", "{{ `a` }}"} {
		f.Add(seed)
	}
	sc := testScope()
	f.Fuzz(func(t *testing.T, src string) {
		if len(src) > 8192 {
			return
		}
		once, ds := FormatTemplate("templates/a.md", []byte(src))
		if ds.HasErrors() {
			if string(once) != src {
				t.Fatal("a template that cannot be read was changed")
			}
			return
		}
		if twice, _ := FormatTemplate("templates/a.md", once); !bytes.Equal(once, twice) {
			t.Fatalf("formatted twice:\n%q\n%q", once, twice)
		}
		before, problems := compileText(plainLiteral(src), sc)
		if fatal(problems) {
			return
		}
		after, problems := compileText(plainLiteral(string(once)), sc)
		if fatal(problems) || after.Meaning() != before.Meaning() {
			t.Fatalf("%q means something else as %q", src, once)
		}
	})
}
