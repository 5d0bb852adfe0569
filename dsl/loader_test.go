package dsl

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// TestLoaderIsLoad edits a workspace at random and holds what a Loader gives
// against what a fresh load gives, edit by edit.
func TestLoaderIsLoad(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			e := newEditor(t, seed)
			l := new(Loader)
			for step := range 40 {
				what := e.edit()
				outside := map[string]string{"HOOK": fmt.Sprint(step / 20), "OWNER": fmt.Sprint(step / 15)}
				lookup := func(name string) (string, bool) { v, ok := outside[name]; return v, ok }
				o := Options{Language: "en", Lookup: lookup}
				if step%25 == 24 {
					o.For = ToServe
				}
				ws, ds := Load(e.fsys, o)
				e.learn(ws != nil || o.For == ToServe)
				want, got := summary(ws, ds), summary(l.Load(e.fsys, o))
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatalf("seed %d, step %d, after %s:\n%s", seed, step, what, diff)
				}
			}
			if e.sound < 8 {
				t.Errorf("only %d of the workspaces were sound", e.sound)
			}
		})
	}
}

// summary is all that a load gives, as far as it can be compared.
func summary(ws *Workspace, ds Diagnostics) string {
	if ws == nil {
		return ds.Render()
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n%+v\n", ds.Render(), ws.Digest, ws.Counts)
	for _, f := range ws.Spec.Flows {
		fmt.Fprintln(&b, f.Name, f.Place, len(f.Steps))
	}
	for _, test := range ws.Tests {
		fmt.Fprintln(&b, test.Name, test.Place, len(test.Steps))
	}
	for name, src := range ws.Sources {
		fmt.Fprint(&b, len(name)*len(src), " ")
	}
	return strings.Join(sortedLines(b.String()), "\n")
}

func sortedLines(s string) []string {
	lines := strings.Split(s, "\n")
	last := strings.Fields(lines[len(lines)-1])
	slices.Sort(last)
	lines[len(lines)-1] = strings.Join(last, " ")
	return lines
}

// editor changes a small workspace of many files, as people do.
type editor struct {
	t     *testing.T
	r     *rand.Rand
	fsys  fstest.MapFS
	good  fstest.MapFS // the last sound one
	bad   int          // how many edits ago that was
	sound int
}

func newEditor(t *testing.T, seed uint64) *editor {
	e := &editor{t: t, r: rand.New(rand.NewPCG(seed, 1)), fsys: manyWorkflows(t, 6)}
	e.write("hook.hcl", "channel \"late\" {\n  plugin = \"webhook\"\n\n  config { url = env(\"HOOK\") }\n}\n")
	e.write("owner.hcl", flowText("owned", `  owner = env("OWNER")`, "at('w1') == 'hello'"))
	e.write("asks.hcl", flowText("asks", "", "in_workflow('w2') or at('w3') == 'exit.warm'"))
	e.write("tests/a_test.hcl", testText("a", "at('w1') == 'hello'"))
	e.write("tests/b_test.hcl", testText("b", "sent('mail') == 0"))
	e.write("ground.hcl", "segment \"stuck\" { when = \"lead.employees >= 5\" }\n\ncontact_policy \"other\" {\n  requires = consent.marketing\n  allowed  = \"at('w4') != 'hello'\"\n}\n")
	e.good = e.fsys
	return e
}

func flowText(name, attr, exit string) string {
	return fmt.Sprintf("workflow %q {\n%s\n  enter { on = event.form_submitted }\n\n  exit \"x\" { when = %q }\n\n  steps {\n    wait \"hello\" { for = \"1d\" }\n  }\n}\n", name, attr, exit)
}

func testText(name, expect string) string {
	return fmt.Sprintf("test %q {\n  start = \"2026-10-05 09:00\"\n\n  lead { email = \"a@example.jp\" }\n\n  expect = [%q]\n}\n", name, expect)
}

func (e *editor) write(name, src string) { e.fsys[name] = &fstest.MapFile{Data: []byte(src)} }

func (e *editor) pick(suffix string) string {
	var list []string
	for name := range e.fsys {
		if strings.HasSuffix(name, suffix) {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list[e.r.IntN(len(list))]
}

// swaps are edits of a word.
var swaps = [][2]string{
	{"3d", "4d"},
	{"4d", "3d"},
	{"hello", "hullo"},
	{"hullo", "hello"},
	{"w1", "w2"},
	{"w2", "w1"},
	{"w3", "nowhere"},
	{"nowhere", "w3"},
	{"score.interest", "score.intrest"},
	{"score.intrest", "score.interest"},
	{"{", "{ #x\n"},
	{"}", ""},
	{">= 5", ">= 6"},
	{"event.form_submitted", "event.seminar_joined"},
	{"warm", "hot_exit"},
	{"employees", "employes"},
	{"employes", "employees"},
	{"wait", "wiat"},
	{"wiat", "wait"},
	{"requires", "label"},
	{"\"mail\"", "\"post\""},
}

// edit changes something, and says what.
func (e *editor) edit() string {
	if e.bad > 2 {
		e.fsys = e.good
		return "going back"
	}
	e.fsys = maps.Clone(e.fsys)
	switch e.r.IntN(10) {
	case 0:
		name := e.pick(".md")
		e.write(name, string(e.fsys[name].Data)+"\nmore\n")
		return "more text in " + name
	case 1:
		name := fmt.Sprintf("new%d.hcl", e.r.IntN(3))
		e.write(name, flowText(fmt.Sprintf("w%d", 5+e.r.IntN(3)), "", "lead.unsubscribed"))
		return "a new " + name
	case 2:
		name := e.pick(".hcl")
		if name != "prelude.hcl" {
			delete(e.fsys, name)
		}
		return "no " + name
	case 3:
		from, to := e.pick(".hcl"), e.pick(".hcl")
		e.fsys[from], e.fsys[to] = e.fsys[to], e.fsys[from]
		return from + " and " + to + " changing places"
	}
	name, swap := e.pick(".hcl"), swaps[e.r.IntN(len(swaps))]
	e.write(name, strings.Replace(string(e.fsys[name].Data), swap[0], swap[1], 1))
	return fmt.Sprintf("%q for %q in %s", swap[1], swap[0], name)
}

// learn notes whether the workspace is sound now.
func (e *editor) learn(sound bool) {
	if sound {
		e.good, e.bad = e.fsys, 0
		e.sound++
		return
	}
	e.bad++
}

// TestLoaderCompilesOnce: of a folder with a change in one file, one workflow is
// compiled.
func TestLoaderCompilesOnce(t *testing.T) {
	t.Parallel()
	l := new(Loader)
	fsys := manyWorkflows(t, 20)
	load := func() map[string]any {
		ws, ds := l.Load(fsys, Options{})
		if ws == nil {
			t.Fatalf("%s", ds.Render())
		}
		out := map[string]any{}
		for i := range ws.Spec.Flows {
			out[ws.Spec.Flows[i].Name] = ws.Spec.Flows[i].Exits[0].When[0]
		}
		return out
	}
	before := load()
	change(t, fsys, "flows/w0007.hcl", `for = "3d"`, `for = "5d"`)
	after := load()
	for name, cond := range before {
		if (cond == after[name]) != (name != "w7") {
			t.Errorf("%s: compiled again: %v", name, cond != after[name])
		}
	}
	change(t, fsys, "prelude.hcl", "hot = 70", "hot = 71")
	for name, cond := range load() {
		if cond == after[name] {
			t.Errorf("%s was not compiled again when the ground changed", name)
		}
	}
}

// TestLoaderKeepsOthersApart: what one load gave is not changed by the next.
func TestLoaderKeepsOthersApart(t *testing.T) {
	t.Parallel()
	l := new(Loader)
	fsys := manyWorkflows(t, 5)
	first, ds := l.Load(fsys, Options{})
	if first == nil {
		t.Fatalf("%s", ds.Render())
	}
	before := summary(first, ds)
	delete(fsys, "flows/w0001.hcl")
	fsys["flows/w0009.hcl"] = &fstest.MapFile{Data: []byte(flowText("w9", "", "lead.unsubscribed"))}
	if second, ds := l.Load(fsys, Options{}); second == nil || len(second.Spec.Flows) != 5 || len(second.Sources) != len(fsys) {
		t.Fatalf("%s", ds.Render())
	}
	if diff := cmp.Diff(before, summary(first, ds)); diff != "" {
		t.Error(diff)
	}
}

// TestAnalyseAgain: an editor's Loader finds what a fresh analysis finds.
func TestAnalyseAgain(t *testing.T) {
	t.Parallel()
	e := newEditor(t, 99)
	l := new(Loader)
	for range 40 {
		what := e.edit()
		ws, _ := Load(e.fsys, Options{})
		e.learn(ws != nil)
		want, got := Analyse(e.fsys, Options{Language: "en"}), l.Analyse(e.fsys, Options{Language: "en"})
		if diff := cmp.Diff(want.Problems.Render(), got.Problems.Render()); diff != "" {
			t.Fatalf("after %s:\n%s", what, diff)
		}
		if a, b := places(want), places(got); !slices.Equal(a, b) {
			t.Fatalf("after %s: other notes:\n%s", what, cmp.Diff(a, b))
		}
	}
}

func places(a *Analysis) []string {
	var out []string
	for _, n := range a.notes {
		out = append(out, fmt.Sprint(n.at, n.text, n.src.text))
	}
	return out
}
