package dsl

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// mutant is one small mistake in one file.
type mutant struct {
	file     string
	from, to int // bytes that are replaced
	with     string
	what     string
	misspelt bool // a name that stands for something: it must be an error
}

// TestMutants plants one mistake after the other into a sound workspace: names
// misspelt, values of another type, attributes and blocks dropped. None may panic;
// a misspelt name is found; and whatever loads without a word means something
// else than before, as its digest says.
func TestMutants(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{"testdata/good", "../workflows/document-request-ja"} {
		t.Run(dir[strings.LastIndex(dir, "/")+1:], func(t *testing.T) {
			t.Parallel()
			sound := readTree(t, dir)
			ws, ds := Load(sound, Options{})
			if ws == nil {
				t.Fatal(ds.Render())
			}
			before := map[string]int{}
			for _, d := range ds.Items {
				before[d.Code]++
			}
			mutants := mutantsOf(t, sound)
			if len(mutants) < 300 {
				t.Fatalf("%d mutants", len(mutants))
			}
			step := 3 // several hundred of them; NURTURE_LONG=1 tries all
			if os.Getenv("NURTURE_LONG") != "" {
				step = 1
			}
			for i := 0; i < len(mutants); i += step {
				checkMutant(t, sound, ws.Digest, before, &mutants[i])
			}
		})
	}
}

func checkMutant(t *testing.T, sound fstest.MapFS, digest string, before map[string]int, m *mutant) {
	t.Helper()
	src := sound[m.file].Data
	files := maps.Clone(sound)
	files[m.file] = &fstest.MapFile{Data: slices.Concat(src[:m.from], []byte(m.with), src[m.to:])}
	ws, ds := Load(files, Options{})
	where := fmt.Sprintf("%s:%d: %s", m.file, 1+strings.Count(string(src[:m.from]), "\n"), m.what)
	if ws == nil {
		return
	}
	if m.misspelt {
		t.Errorf("%s: loads", where)
		return
	}
	told := false
	now := map[string]int{}
	for _, d := range ds.Items {
		now[d.Code]++
		told = told || now[d.Code] > before[d.Code]
	}
	if !told && ws.Digest == digest {
		t.Errorf("%s: loads without a word and means the same", where)
	}
}

// mutantsOf are all single mistakes of the kinds above in the rules' files.
func mutantsOf(t *testing.T, files fstest.MapFS) []mutant {
	t.Helper()
	var out []mutant
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if !strings.HasSuffix(name, ".hcl") || strings.HasPrefix(name, "tests/") {
			continue
		}
		src := files[name].Data
		f, ds := hclsyntax.ParseConfig(src, name, hcl.InitialPos)
		if ds.HasErrors() {
			t.Fatal(ds)
		}
		out = append(out, bodyMutants(name, src, f.Body.(*hclsyntax.Body))...)
	}
	return out
}

func bodyMutants(file string, src []byte, body *hclsyntax.Body) []mutant {
	var out []mutant
	add := func(at hcl.Range, with, what string, misspelt bool) {
		out = append(out, mutant{file, at.Start.Byte, at.End.Byte, with, what + " " + string(at.SliceBytes(src)), misspelt})
	}
	for _, name := range slices.Sorted(maps.Keys(body.Attributes)) {
		a := body.Attributes[name]
		free := anyName(file, src, a.NameRange)
		if !free {
			add(a.NameRange, misspelt(name), "misspelt", true)
		}
		if !harmless[name] {
			add(a.SrcRange, "", "dropped", false)
		}
		switch e := a.Expr.(type) {
		case *hclsyntax.ScopeTraversalExpr:
			text := string(e.SrcRange.SliceBytes(src))
			add(e.SrcRange, `"`+text+`"`, "quoted", true)
			if name != "from" || !strings.HasPrefix(text, "step.") { // moved: of a step that is gone
				add(e.SrcRange, misspelt(text), "misspelt", true)
			}
		case *hclsyntax.LiteralValueExpr:
			add(e.SrcRange, `"twelve"`, "a text for", !free)
		case *hclsyntax.TemplateExpr:
			if !harmless[name] && !free {
				add(e.SrcRange, "[[]]", "a list for", true)
			}
		}
		out = append(out, wordMutants(file, src, a)...)
	}
	for _, b := range body.Blocks {
		add(b.TypeRange, misspelt(b.Type), "misspelt", true)
		if b.Type != "test" && b.Type != "kpi" {
			add(b.Range(), "", "dropped", false)
		}
		out = append(out, bodyMutants(file, src, b.Body)...)
	}
	return out
}

// harmless attributes are read by people only, or have this value by default.
var harmless = map[string]bool{
	"label": true, "owner": true, "over": true, "target": true, "when_quiet": true, "when_capped": true, "default": true, "retry": true,
	"workdays": true, "hours": true, "accepted": true, "rejected": true,
}

// anyName reports attributes whose names a file may choose: constants, and the
// parts of a payload.
func anyName(_ string, src []byte, at hcl.Range) bool {
	before := string(src[:at.Start.Byte])
	open := strings.LastIndex(before, "{")
	head := strings.TrimSpace(before[strings.LastIndex(before[:max(open, 0)], "\n")+1 : max(open, 0)])
	return head == "const" || head == "payload =" || head == "with ="
}

var nameInCondition = regexp.MustCompile(`\b(?:lead|event|score|segment|const|consent)\.[\p{L}_]+|\b(?:did|times|never|since)\('[a-z_]+`)

// wordMutants misspell the names inside a condition.
func wordMutants(file string, src []byte, a *hclsyntax.Attribute) []mutant {
	switch a.Name {
	case "when", "enter", "leave", "allowed":
	default:
		return nil
	}
	at := a.Expr.Range()
	text := string(at.SliceBytes(src))
	var out []mutant
	for _, m := range nameInCondition.FindAllStringIndex(text, -1) {
		name := text[m[0]:m[1]]
		out = append(out, mutant{file, at.Start.Byte + m[0], at.Start.Byte + m[1], misspelt(name), "misspelt " + name, true})
	}
	return out
}

// misspelt drops a letter from the middle of the last name.
func misspelt(name string) string {
	from := strings.LastIndexAny(name, ".'") + 1
	letters := []rune(name[from:])
	at := len(letters) / 2
	return name[:from] + string(letters[:at]) + "q" + string(letters[at:])
}
