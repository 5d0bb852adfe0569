package dsl

import (
	"flag"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	_ "github.com/cockroachdb/datadriven" // brings -rewrite
)

// golden holds a text against a file, or writes the file under -rewrite, the flag
// of datadriven, which other tests of the package use.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if f := flag.Lookup("rewrite"); f != nil && f.Value.String() == "true" {
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
		t.Errorf("%s differs; got\n%s", file, got)
	}
}

// TestRender holds the whole text of many problems against golden files, in both
// languages.
func TestRender(t *testing.T) {
	t.Parallel()
	for _, language := range []string{"en", "ja"} {
		_, ds := Load(readTree(t, "testdata/render"), Options{Language: language})
		golden(t, "testdata/render/"+language+".txt", ds.Render())
		for _, line := range strings.Split(ds.Render(), "\n") {
			if cells(line) > 180 {
				t.Errorf("a line is %d cells wide: %s", cells(line), line)
			}
		}
	}
}

// TestRenderJSON holds the JSON form against a golden file.
func TestRenderJSON(t *testing.T) {
	t.Parallel()
	_, ds := Load(readTree(t, "testdata/render"), Options{})
	b, err := ds.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/render/ja.json", strings.ReplaceAll(string(b), "},{", "},\n{")+"\n")
}

// TestCaretsStandUnderTheirWords: whatever stands before the words, and however
// wide, the carets begin where the words begin.
func TestCaretsStandUnderTheirWords(t *testing.T) {
	t.Parallel()
	for _, before := range []string{"", "a", "興味度", "ｱｲｳ", "が", "e\u0301", "👩‍💼", "\t", "ｶﾞ", "①"} {
		src := before + "XYZ" + "後ろ"
		start := len(before)
		ds := Diagnostics{
			Sources: map[string][]byte{"a.hcl": []byte(src)},
			Items: []Diagnostic{{Code: codeUnknownBlock, Severity: Error, Range: Range{
				File:  "a.hcl",
				Start: Position{Line: 1, Column: 1, Byte: start},
				End:   Position{Line: 1, Column: 4, Byte: start + 3},
			}}},
		}
		lines := strings.Split(ds.Render(), "\n")
		words, carets := lines[3], lines[4]
		at := strings.Index(words, "XYZ")
		if cells(words[:at]) != cells(carets[:strings.Index(carets, "^")]) || strings.Count(carets, "^") != 3 {
			t.Errorf("%q:\n%s\n%s", before, words, carets)
		}
	}
}

func TestCells(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]int{
		"": 0, "abc": 3, "日本": 4, "ｱ": 1, "！": 2, "e\u0301": 1, "が": 2, "か\u3099": 2, "→": 1, "한": 2, "…": 1,
	} {
		if got := cells(s); got != want {
			t.Errorf("cells(%q) = %d, want %d", s, got, want)
		}
	}
}

// TestVisible: a file cannot steer the terminal.
func TestVisible(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"\x1b[2J", "a\x00b", "\u202egnp.exe", "\x7f", "\u0085", "a\xffb"} {
		got := visible(s)
		if strings.ContainsAny(got, "\x1b\x00\x7f") || strings.ContainsRune(got, '\u202e') || !utf8.ValidString(got) {
			t.Errorf("visible(%q) = %q", s, got)
		}
	}
	if got := visible("a\tb"); got != "a    b" {
		t.Errorf("a tab is %q", got)
	}
}

// TestCutKeepsTheWords: of a long line, what is shown holds the words.
func TestCutKeepsTheWords(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("長い", 80)
	for _, c := range [][3]string{{long, "語", ""}, {"", "語", long}, {long, "語", long}, {"a", long, "b"}} {
		before, words, after := cut(c[0], c[1], c[2])
		total := cells(before) + cells(words) + cells(after)
		if total > excerptCells || words == "" || !strings.HasPrefix(c[1], strings.TrimSuffix(words, "…")) {
			t.Errorf("cut to %d cells: %q %q %q", total, before, words, after)
		}
	}
}
