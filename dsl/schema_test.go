package dsl

import (
	"fmt"
	"strings"
	"testing"
	"unicode"

	"github.com/zclconf/go-cty/cty"
)

// eachRow calls visit for every block of the table, each once, with the path to it.
func eachRow(visit func(path string, parent, b *Block)) {
	seen := map[*Block]bool{}
	var walk func(path string, b *Block)
	walk = func(path string, b *Block) {
		for _, k := range b.Blocks {
			if !seen[k] {
				seen[k] = true
				visit(path+"/"+k.Name, b, k)
				walk(path+"/"+k.Name, k)
			}
		}
	}
	walk("", language(DefaultCatalog()))
}

// TestTableIsComplete: every row can be explained in both languages, and shown.
func TestTableIsComplete(t *testing.T) {
	t.Parallel()
	rows := 0
	eachRow(func(path string, _, b *Block) {
		rows++
		checkDoc(t, path, b.Doc)
		if b.Example == "" {
			t.Errorf("%s has no example", path)
		}
		for _, a := range b.Attrs {
			rows++
			checkDoc(t, path+"."+a.Name, a.Doc)
			if typeNames[a.Type] == (Doc{}) {
				t.Errorf("%s.%s has a type without a name", path, a.Name)
			}
		}
	})
	if rows < 200 {
		t.Errorf("only %d rows", rows)
	}
}

func checkDoc(t *testing.T, path string, d Doc) {
	t.Helper()
	japanese := strings.ContainsFunc(d.Ja, func(r rune) bool { return unicode.In(r, unicode.Hiragana, unicode.Katakana, unicode.Han) })
	if d.En == "" || !japanese && !strings.Contains(d.Ja, "Salesforce") {
		t.Errorf("%s is documented as %+v", path, d)
	}
}

// TestExamplesAreRight: what the table shows can be written.
func TestExamplesAreRight(t *testing.T) {
	t.Parallel()
	eachRow(func(path string, parent, b *Block) {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			decodeExample(t, &Block{Name: "workspace", Blocks: parent.Blocks}, b.Example)
			for _, a := range b.Attrs {
				one := *a
				one.Required = false
				decodeExample(t, &Block{Name: "workspace", Attrs: []*Attr{&one}}, a.Name+" = "+a.example())
				if a.Default != "" {
					decodeExample(t, &Block{Name: "workspace", Attrs: []*Attr{&one}}, a.Name+" = "+a.Default)
				}
			}
		})
	})
}

// decodeExample reads a few lines by a piece of the table.
func decodeExample(t *testing.T, spec *Block, src string) {
	t.Helper()
	r := &reporter{}
	body, _ := parseFile(r, "x.hcl", []byte(src+"\n"))
	root := &node{spec: spec, attrs: map[string]*attribute{}, src: []byte(src + "\n")}
	if body != nil {
		(&reader{r: r}).file(root, body, []byte(src+"\n"))
		(&reader{r: r, partial: true}).complete(root)
		lookup := func(string) (string, bool) { return "x", true }
		eval := &evaluator{r: r, lookup: lookup, consts: map[string]cty.Value{}, env: map[string]string{}, asked: map[string]looked{}}
		root.walk((&decoder{r: r, eval: eval}).node)
	}
	ds := r.diagnostics(map[string][]byte{"x.hcl": []byte(src)}, "en")
	if ds.HasErrors() {
		t.Errorf("%s", ds.Render())
	}
}

// TestEveryTypeIsDecoded: no attribute of the table meets the decoder's panic.
func TestEveryTypeIsDecoded(t *testing.T) {
	t.Parallel()
	for typ := TypeText; typ <= TypeAny; typ++ {
		for _, value := range []string{`"x"`, `5`, `[]`, `["a"]`, `{ a = "b" }`, `null`, `x`, `event.x`, `true`, `""`} {
			spec := &Block{Name: "workspace", Attrs: []*Attr{{Name: "a", Type: typ, Refs: []string{"event"}, Of: []string{"x"}}}}
			r := &reporter{}
			src := []byte("a = " + value + "\n")
			body, _ := parseFile(r, "x.hcl", src)
			root := &node{spec: spec, attrs: map[string]*attribute{}, src: src}
			(&reader{r: r}).file(root, body, src)
			d := &decoder{r: r, eval: &evaluator{r: r, consts: map[string]cty.Value{}, env: map[string]string{}}}
			root.walk(d.node)
			if a := root.attrs["a"]; !a.ok && len(r.items) == 0 {
				t.Errorf("type %d refuses %s without a word", typ, value)
			}
		}
	}
}

// TestCodes: every code has words in both languages and none that is used is
// missing from the table.
func TestCodes(t *testing.T) {
	t.Parallel()
	for id, c := range codeTable {
		for language, w := range map[string]text{"en": c.En, "ja": c.Ja} {
			if w.Summary == "" || w.What == "" {
				t.Errorf("%s (%s) has no words", id, language)
			}
			if strings.Contains(w.Summary, "%") {
				t.Errorf("%s (%s): a summary names nothing", id, language)
			}
		}
		// What stands in quotes is said in other words in the two languages.
		if en, ja := holes(c.En), holes(c.Ja); en != ja && id != "N021" && id < "N100" {
			t.Errorf("%s: the languages use different args: %s / %s", id, en, ja)
		}
	}
	if list := Codes("ja"); len(list) != len(codeTable) || list[0].ID != "N001" {
		t.Errorf("%d codes listed of %d", len(list), len(codeTable))
	}
}

// holes lists the args that a code's words use.
func holes(w text) string {
	used := ""
	for i := 1; i <= 9; i++ {
		if strings.Contains(w.What+w.Help, fmt.Sprintf("%%[%d]s", i)) {
			used += fmt.Sprint(i)
		}
	}
	return used
}

// TestCatalogRefusesNonsense: a description of another form is an error, not a
// surprise later.
func TestCatalogRefusesNonsense(t *testing.T) {
	t.Parallel()
	for name, src := range map[string]string{
		"no json":  `{`,
		"schema":   `[{"schema": 9, "name": "x", "reach": "lead", "steps": [{"kind": "x"}]}]`,
		"no step":  `[{"schema": 1, "name": "x", "reach": "lead"}]`,
		"reach":    `[{"schema": 1, "name": "x", "reach": "dogs", "steps": [{"kind": "x"}]}]`,
		"type":     `[{"schema": 1, "name": "x", "reach": "lead", "steps": [{"kind": "x", "attributes": [{"name": "a", "type": "cow"}]}]}]`,
		"twice":    `[{"schema": 1, "name": "x", "reach": "lead", "steps": [{"kind": "x"}]}, {"schema": 1, "name": "x", "reach": "lead", "steps": [{"kind": "x"}]}]`,
		"a block":  `[{"schema": 1, "name": "x", "reach": "lead", "steps": [{"kind": "x", "attributes": [{"name": "a", "type": "block"}]}]}]`,
		"no names": `[{"schema": 1, "name": "x", "reach": "lead", "config": [{"type": "text"}], "steps": [{"kind": "x"}]}]`,
	} {
		if c, err := ReadCatalog([]byte(src)); err == nil {
			t.Errorf("%s: %+v", name, c)
		}
	}
}
