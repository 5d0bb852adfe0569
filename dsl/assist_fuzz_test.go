package dsl

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"
)

// scraps are what somebody types, or leaves behind.
var scraps = []string{
	"\"", "'", "{", "}", "[", "]", "(", ")", "{{", "}}", "=", ".", ",", "|", "\n", "\\", "#", "/*", "<<-EOT\n", "EOT\n", "${", "%{",
	"segment \"x\" {\n", "when = \"", "score.", "lead.役", "did('", " and ", "＞＝", "🍣", "が", "\u3099", "é", "\u2028", "\r\n", "\x00", "\xff",
	"on = event.", "steps {", "{{ if ", "{{ for r in reasons }}", "const.", "test \"t\" {", "at('follow') == '", "exit.",
}

// broken is a text with a few strokes somewhere: something typed, or a part
// taken away.
func broken(r *rand.Rand, src []byte) []byte {
	out := slices.Clone(src)
	for range 1 + r.IntN(4) {
		at := r.IntN(len(out) + 1)
		if r.IntN(3) == 0 {
			end := min(len(out), at+r.IntN(40))
			out = slices.Delete(out, at, end)
			continue
		}
		out = slices.Insert(out, at, []byte(scraps[r.IntN(len(scraps))])...)
	}
	return out
}

// TestAssistNeverFails asks everything at random places of randomly broken
// workspaces. Whatever comes back is a place in the text, between characters.
func TestAssistNeverFails(t *testing.T) {
	t.Parallel()
	tree := readTree(t, "testdata/good")
	var files []string
	for name := range tree {
		files = append(files, name)
	}
	slices.Sort(files)
	rounds := 100
	if testing.Short() {
		rounds = 30
	}
	for seed := range rounds {
		r := rand.New(rand.NewPCG(uint64(seed), 7))
		one := make(fstest.MapFS, len(tree))
		for name, f := range tree {
			one[name] = f
		}
		file := files[r.IntN(len(files))]
		one[file] = &fstest.MapFile{Data: broken(r, tree[file].Data)}
		a := Analyse(one, Options{})
		src := one[file].Data
		if r.IntN(2) == 0 {
			src = broken(r, src) // the editor is some strokes ahead
		}
		for range 12 {
			askEverything(t, fmt.Sprintf("seed %d, %s", seed, file), a, file, src, r.IntN(len(src)+1))
		}
	}
}

func askEverything(t *testing.T, name string, a *Analysis, file string, src []byte, at int) {
	t.Helper()
	inside := func(what string, start, end int, text []byte) {
		if start < 0 || end < start || end > len(text) || utf8.Valid(text) && (!onRune(text, start) || !onRune(text, end)) {
			t.Errorf("%s at %d: %s at %d–%d of %d", name, at, what, start, end, len(text))
		}
	}
	analysed := func(file string) []byte { b, _ := a.Source(file); return b }
	for _, language := range []string{"ja", "en"} {
		for _, c := range a.Complete(file, src, at, language) {
			inside("completion "+c.Label, c.Start, c.End, src)
		}
		if h, ok := a.Hover(file, src, at, language); ok {
			inside("hover", h.Start, h.End, src)
			if h.Text == "" {
				t.Errorf("%s at %d: hover says nothing", name, at)
			}
		}
		a.Signature(file, src, at, language)
		if where, _, err := a.PrepareRename(file, src, at, language); err == nil {
			inside("rename", where.Start, where.End, src)
		}
	}
	for _, l := range slices.Concat(a.Definition(file, src, at), a.References(file, src, at, true)) {
		inside("location", l.Start, l.End, analysed(l.File))
	}
	if edits, err := a.Rename(file, src, at, "別の名前", "ja"); err == nil {
		for _, e := range edits {
			inside("edit", e.Start, e.End, analysed(e.File))
		}
	}
	for _, f := range a.Fixes(file, 0, len(src), "en") {
		inside("fix", f.Edit.Start, f.Edit.End, analysed(file))
	}
	var walk func(list []Outline)
	walk = func(list []Outline) {
		for _, o := range list {
			inside("outline", o.Whole.Start, o.Whole.End, src)
			inside("outline", o.Word.Start, o.Word.End, src)
			if o.Word.Start < o.Whole.Start || o.Word.End > o.Whole.End {
				t.Errorf("%s: the name of %q stands outside of it", name, o.Name)
			}
			walk(o.Children)
		}
	}
	walk(OutlineOf(file, src))
}

func onRune(src []byte, at int) bool { return at == len(src) || utf8.RuneStart(src[at]) }

// FuzzAssist is the same with texts of the fuzzer's own.
func FuzzAssist(f *testing.F) {
	for _, s := range scraps {
		f.Add("segment \"a\" {\n  when = \"lead.email == "+s+"\n}\n", 30)
	}
	tree := readTree(f, "testdata/good")
	for name, file := range tree {
		if filepath.Ext(name) == ".hcl" {
			f.Add(string(file.Data), len(file.Data)/2)
		}
	}
	f.Fuzz(func(t *testing.T, text string, at int) {
		one := make(fstest.MapFS, len(tree)+1)
		for name, f := range tree {
			one[name] = f
		}
		one["fuzz.hcl"] = &fstest.MapFile{Data: []byte(text)}
		a := Analyse(one, Options{})
		askEverything(t, "fuzz", a, "fuzz.hcl", []byte(text), max(0, min(at, len(text))))
	})
}

// TestGrammarKnowsConditions: the attributes that the editor's grammar takes for
// conditions are those of the table.
func TestGrammarKnowsConditions(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("editor/vscode/syntaxes/nurture.tmLanguage.json")
	if err != nil {
		t.Fatal(err)
	}
	var grammar struct {
		Repository map[string]struct{ Begin string }
	}
	if err := json.Unmarshal(b, &grammar); err != nil {
		t.Fatal(err)
	}
	words := func(rule string) []string {
		_, rest, _ := strings.Cut(grammar.Repository[rule].Begin, "_.])(")
		list, _, _ := strings.Cut(rest, ")")
		return strings.Split(list, "|")
	}
	conditions, texts := map[string]bool{}, map[string]bool{}
	eachRow(func(_ string, _, b *Block) {
		for _, at := range b.Attrs {
			switch at.Type {
			case TypeCondition, TypeConditions, TypeAmount, TypeFormula:
				conditions[at.Name] = true
			case TypeTextExpr, TypeValueExpr:
				texts[at.Name] = true
			}
		}
	})
	if got := words("condition"); !slices.Equal(got, names(conditions)) {
		t.Errorf("the grammar has %v, the table %v", got, names(conditions))
	}
	if got := words("owner"); !slices.Equal(got, names(texts)) {
		t.Errorf("the grammar has %v, the table %v", got, names(texts))
	}
}
