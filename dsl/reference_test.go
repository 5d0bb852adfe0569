package dsl

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"strings"
	"testing"
	"testing/fstest"
	"unicode"
)

// sketched makes the wrong workspaces of the codes that are too large to be shown.
var sketched = map[string]func() fs.FS{
	codeTooLarge:   func() fs.FS { return small("x.hcl", "#"+strings.Repeat("x", maxFile)) },
	codeNoFiles:    func() fs.FS { return fstest.MapFS{} },
	codeUnreadable: func() fs.FS { return locked{exampleFS()} },
	"N101": func() fs.FS {
		return small("x.hcl", `segment "x" { when = "lead.company == 'A'`+strings.Repeat(" or lead.company == 'B'", 400)+`" }`)
	},
	"N102": func() fs.FS {
		return small("x.hcl", `segment "x" { when = "`+strings.Repeat("(", 40)+"lead.unsubscribed"+strings.Repeat(")", 40)+`" }`)
	},
	"N160": func() fs.FS { return sendingMail(strings.Repeat("x ", 1<<18)) },
	"N161": func() fs.FS { return sendingMail("\x82\xb1\x82\xf1\x82\xc9\x82\xbf\x82\xcd") },
	"N169": func() fs.FS {
		return sendingMail(strings.Repeat("{{ if segment.big }}", 17) + "x" + strings.Repeat("{{ end }}", 17))
	},
	"N174": func() fs.FS { return sendingMail(strings.Repeat("> ", 2000) + "x") },
}

// locked is a workspace with a file that cannot be opened.
type locked struct{ fs.FS }

func (l locked) Open(name string) (fs.File, error) {
	if name == "rules.hcl" {
		return nil, fs.ErrPermission
	}
	return l.FS.Open(name)
}

func exampleFS() fstest.MapFS {
	out := fstest.MapFS{}
	for name, src := range ExampleWorkspace() {
		out[name] = &fstest.MapFile{Data: src}
	}
	return out
}

func small(name, src string) fs.FS {
	out := exampleFS()
	out[name] = &fstest.MapFile{Data: []byte(src)}
	return out
}

// sendingMail is a workspace that sends a mail of that text.
func sendingMail(text string) fs.FS {
	out := exampleFS()
	out["templates/x.md"] = &fstest.MapFile{Data: []byte(text)}
	out["x.hcl"] = &fstest.MapFile{Data: []byte(`workflow "x" {
  enter { on = event.form_submitted }

  steps {
    email "x" {
      subject  = "x"
      template = "x.md"
    }
  }
}
`)}
	return out
}

// The small workspace that examples stand in is sound, and formatted.
func TestExampleWorkspaceIsSound(t *testing.T) {
	t.Parallel()
	if ws, ds := Load(exampleFS(), Options{}); ws == nil || len(ds.Items) > 0 {
		t.Errorf("%s", ds.Render())
	}
}

// Every code has its page: its wrong example gives the code, the right one does
// not, and loads.
func TestCodePages(t *testing.T) {
	t.Parallel()
	notes := codeNotes()
	for id := range notes {
		if _, ok := codeOf(id); !ok {
			t.Errorf("there are notes on %s, which is no code", id)
		}
	}
	for _, c := range Codes("en") {
		t.Run(c.ID, func(t *testing.T) {
			t.Parallel()
			n, ok := notes[c.ID]
			if !ok {
				t.Fatalf("reference/codes has no notes on %s: why it is a problem, a wrong example, the right one", c.ID)
			}
			if n.why.En == "" || !japanese(n.why.Ja) {
				t.Errorf("why it is a problem is not said in both languages: %+v", n.why)
			}
			checkWrong(t, c.ID, n)
			checkRight(t, c.ID, n)
		})
	}
}

func checkWrong(t *testing.T, id string, n note) {
	t.Helper()
	files := n.wrong.workspace()
	switch make, ok := sketched[id]; {
	case ok:
		files = make()
	case n.sketch != "":
		if id != codeNoBinary {
			t.Errorf("it has a sketch, and nothing makes the real thing")
		}
		return // what is not available yet changes with each version
	}
	_, ds := Load(files, Options{Language: "en"})
	if !has(ds, id) {
		t.Errorf("the wrong example does not give %s:\n%s", id, ds.Render())
	}
}

func checkRight(t *testing.T, id string, n note) {
	t.Helper()
	s := n.right
	if s.rules == "" {
		t.Errorf("it has no right example")
		return
	}
	lookup := func(string) (string, bool) { return "x", true }
	ws, ds := Load(s.workspace(), Options{Language: "en", Lookup: lookup})
	if ws == nil || has(ds, id) {
		t.Errorf("the right example is not right:\n%s", ds.Render())
	}
	if formatted, ds := Format(exampleFile, []byte(s.rules)); !bytes.Equal(formatted, []byte(s.rules)) {
		t.Errorf("the right example is not formatted:\n%s%s", ds.Render(), formatted)
	}
}

func has(ds Diagnostics, id string) bool {
	for _, d := range ds.Items {
		if d.Code == id {
			return true
		}
	}
	return false
}

func japanese(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.In(r, unicode.Hiragana, unicode.Katakana, unicode.Han) })
}

// Everything that a condition may be made of is told, and nothing else.
func TestConditionsAreTold(t *testing.T) {
	t.Parallel()
	told := map[string]bool{}
	for _, d := range factDocs {
		told[d.name] = true
	}
	known := map[string]bool{}
	for _, name := range bareWords {
		known[name] = true
	}
	for name := range namespaces {
		known[name] = true
	}
	for name := range factCalls {
		known[name] = true
	}
	if !maps.Equal(told, known) {
		t.Errorf("told: %v\nknown: %v", names(told), names(known))
	}
	var families family
	for _, f := range familyWords {
		families |= f.family
	}
	for _, l := range layerDocs {
		if missing := l.reads &^ families; missing != 0 {
			t.Errorf("%s reads %b, which has no words", l.place.En, missing)
		}
	}
}

// What the reference shows as a condition is one.
func TestConditionExamplesAreRight(t *testing.T) {
	t.Parallel()
	for _, d := range append(factDocs[:len(factDocs):len(factDocs)], operatorDocs...) {
		if d.example == "" {
			continue
		}
		src := fmt.Sprintf(`workflow "welcome" {
  enter { on = event.seminar_joined }

  steps {
    wait "a_day" { for = "1d" }
  }
}

test "x" {
  start = "2026-10-05 09:00"

  lead { email = "tanaka@example.jp" }

  expect = [%q]
}
`, d.example)
		if ws, ds := Load(small("x.hcl", src), Options{}); ws == nil {
			t.Errorf("%s:\n%s", d.name, ds.Render())
		}
	}
}

// Every type of value is told of, in one place.
func TestValuesAreTold(t *testing.T) {
	t.Parallel()
	for typ := TypeText; typ <= TypeAny; typ++ {
		if f := formOf(typ); f.doc.En == "" || !japanese(f.doc.Ja) || len(f.examples) == 0 {
			t.Errorf("values of %q are not told of", typeNames[typ].En)
		}
	}
}

// Every event that nobody has to declare is told of.
func TestBuiltInEventsAreTold(t *testing.T) {
	t.Parallel()
	for _, e := range builtInEvents {
		if d := eventDocs[e.name]; d.En == "" || !japanese(d.Ja) {
			t.Errorf("%s is not told of", e.name)
		}
	}
	if len(eventDocs) != len(builtInEvents) {
		t.Errorf("%d events are told of, %d exist", len(eventDocs), len(builtInEvents))
	}
}

// The reference names every block and attribute of the table, in both languages
// under the same addresses.
func TestReferenceIsWhole(t *testing.T) {
	t.Parallel()
	catalog := DefaultCatalog()
	en, ja := Reference(catalog, "en"), Reference(catalog, "ja")
	if len(en) != len(ja) {
		t.Fatalf("%d pages in English, %d in Japanese", len(en), len(ja))
	}
	for i := range en {
		if en[i].Path != ja[i].Path || len(en[i].Topics) != len(ja[i].Topics) {
			t.Errorf("%s and %s differ", en[i].Path, ja[i].Path)
		}
	}
	told := map[string]bool{}
	for _, topic := range Topics(catalog, "en") {
		told[topic.Path()] = true
		told[topic.Name] = true
	}
	eachRow(func(path string, _, b *Block) {
		if !told[b.Name] {
			t.Errorf("%s is not told of", path)
		}
		for _, a := range b.Attrs {
			if !told[a.Name] {
				t.Errorf("%s.%s is not told of", path, a.Name)
			}
		}
	})
	for _, want := range []string{"workflow.enter.on", "workflow.steps.wait.at_most", "score.half_life", "round", "did", "N103", "email_clicked", "test.after.expect"} {
		if !told[want] {
			t.Errorf("%s is not told of", want)
		}
	}
}
