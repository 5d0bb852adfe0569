package graph

import (
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/cockroachdb/datadriven" // brings -rewrite

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/calendar"
)

// asked is a condition of a test: its source and what it reads.
type asked struct {
	engine.Cond
	source string
	reads  []engine.Key
}

func (c asked) Source() string      { return c.source }
func (c asked) Reads() []engine.Key { return c.reads }

func ask(source string, reads ...engine.Key) []engine.Cond {
	return []engine.Cond{asked{source: source, reads: reads}}
}

func rest(name string, next int) engine.StepSpec {
	return engine.StepSpec{Name: name, Kind: engine.WaitStep, Next: next, Wait: &engine.WaitSpec{For: calendar.Length{Span: 4 * calendar.Day}}}
}

func mail(name string, next int) engine.StepSpec {
	return engine.StepSpec{Name: name, Kind: engine.SendStep, Next: next, Send: &engine.SendSpec{Kind: "email", Channel: "mail"}}
}

func fork(name string, otherwise int, cases ...engine.CaseSpec) engine.StepSpec {
	return engine.StepSpec{Name: name, Kind: engine.BranchStep, Branch: &engine.BranchSpec{Cases: cases, Otherwise: otherwise}}
}

func when(name, condition string, first int) engine.CaseSpec {
	return engine.CaseSpec{Name: name, When: ask(condition), First: first}
}

func leave(name string) engine.StepSpec {
	return engine.StepSpec{Name: name, Kind: engine.ExitStep}
}

// flows are workflows that are hard to draw.
func flows() []engine.FlowSpec {
	enter := engine.EnterSpec{On: "asked", When: ask("lead.stage == 'mql'")}
	return []engine.FlowSpec{
		{Name: "empty", Enter: enter},
		{Name: "nested", Label: "入れ子の分岐", Enter: enter, Steps: []engine.StepSpec{
			fork("outer", 5, when("large", "従業員数が100以上", 1), when("middle", "従業員数が30以上", 4)),
			fork("inner", 3, when("keen", "興味度が70以上であり、かつ料金ページの閲覧が7日以内に2回以上ある", 2)),
			leave("sales"), mail("case_study", 6), mail("guide", 6), leave("too_small"),
			rest("later", 7), mail("last", engine.EndOfFlow),
		}},
		{Name: "loop", Enter: enter, Steps: []engine.StepSpec{
			mail("ask", 1),
			{Name: "answer", Kind: engine.WaitStep, Wait: &engine.WaitSpec{
				On: []string{"replied", "asked"}, AtMost: calendar.Length{BusinessDays: 3}, Otherwise: 3,
				Cases: []engine.WaitCase{{Name: "replied", On: []string{"replied"}, First: 4}, {Name: "again", On: []string{"asked"}, When: ask("event.n > 1"), First: 2}},
			}},
			{Name: "note", Kind: engine.SetStep, Next: 3, Set: &engine.SetSpec{Values: []engine.Assign{{Name: "asked_twice"}}}},
			{Name: "repeat", Kind: engine.GotoStep, Next: 4, Goto: &engine.GotoSpec{To: 0, AtMost: 3}},
			{Name: "tell", Kind: engine.EmitStep, Next: engine.EndOfFlow, Emit: &engine.EmitSpec{Event: "done"}},
		}},
		{
			Name: "split", Enter: engine.EnterSpec{Joins: "readers", Spread: engine.Hour},
			ReEnter: &engine.ReEnterSpec{After: 90 * engine.Day, AtMost: 2}, Holdout: 5,
			Goals: []engine.GoalSpec{{Name: "bought", On: "done", Within: 30 * engine.Day}},
			Exits: []engine.ExitSpec{{Name: "out", When: ask("lead.unsubscribed")}, {Name: "sold", TossUp: "hot"}},
			Moved: map[string]string{"old_two": "two", "one": "two", "lost": "nowhere"},
			Steps: []engine.StepSpec{
				{Name: "third", Kind: engine.SplitStep, Split: &engine.SplitSpec{Arms: []engine.ArmSpec{{Name: "one", Weight: 1, First: 1}, {Name: "two", Weight: 1, First: 2}, {Name: "none", Weight: 1, First: engine.EndOfFlow}}}},
				mail("one", engine.EndOfFlow), mail("two", engine.EndOfFlow),
			},
		},
		{Name: "forty", Enter: enter, Steps: forty()},
		{Name: "hostile", Label: `"</text><script>alert(1)</script>` + "\x1b[31m\u202e", Enter: enter, Steps: []engine.StepSpec{
			fork(`a"b\c`, engine.EndOfFlow, when("`x`; #35; | {y}", "lead.title == \"<b>&amp;\"\nand true", engine.EndOfFlow)),
		}},
	}
}

// forty steps in a row, with a short cut and a loop.
func forty() []engine.StepSpec {
	var steps []engine.StepSpec
	for i := range 40 {
		switch name := fmt.Sprint("s", i); i {
		case 10:
			steps = append(steps, fork(name, i+1, when("hurry", "score.interest >= 70", 30)))
		case 25:
			steps = append(steps, engine.StepSpec{Name: name, Kind: engine.GotoStep, Next: i + 1, Goto: &engine.GotoSpec{To: 5, AtMost: 1}})
		default:
			steps = append(steps, rest(name, i+1))
		}
	}
	return steps
}

func workspaceOf() *engine.Spec {
	target := engine.Key{Kind: engine.KeySegment, Name: "target"}
	return &engine.Spec{
		Name:     "acme",
		Events:   []engine.EventSpec{{Name: "asked", Label: "資料請求"}, {Name: "done"}, {Name: "replied"}},
		Segments: []engine.SegmentSpec{{Name: "readers", Label: "読者", When: ask("segment.target", target)}, {Name: "target"}, {Name: "unused"}},
		TossUps:  []engine.TossUpSpec{{Name: "hot", Label: "営業トスアップ", When: ask("segment.target", target), HandOver: &engine.HandOverSpec{Channel: "crm"}}},
		Channels: []engine.ChannelSpec{{Name: "mail"}, {Name: "crm"}, {Name: "slack"}},
		Flows:    flows(),
	}
}

// forms are the ways to write a graph down, by the ending of their golden files.
var forms = map[string]func(Graph) string{"txt": Text, "mmd": Mermaid, "dot": DOT, "svg": SVG}

// TestForms holds every form of every graph against its golden file.
func TestForms(t *testing.T) {
	t.Parallel()
	spec := workspaceOf()
	graphs := []Graph{Portfolio(spec, Words{Lang: "en"})}
	for i := range spec.Flows {
		lang := map[bool]string{true: "ja", false: "en"}[i%2 == 1]
		graphs = append(graphs, Flow(spec, &spec.Flows[i], Words{Lang: lang}))
	}
	for _, g := range graphs {
		for ending, form := range forms {
			got := form(g)
			if again := form(g); again != got {
				t.Errorf("%s.%s differs from one time to the next", g.Name, ending)
			}
			golden(t, filepath.Join("testdata", g.Name+"."+ending), got)
		}
		checkForms(t, g)
	}
}

// golden holds a text against a file, or writes the file under -rewrite.
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

// checkForms: every box and every arrow is drawn, the SVG is sound XML without
// anything that a strict policy forbids, and no text steers a terminal.
func checkForms(t *testing.T, g Graph) {
	t.Helper()
	picture := SVG(g)
	checkXML(t, g, picture)
	for _, bad := range []string{"<script", "style=", "onload", "href", "\x1b", "\u202e"} {
		if strings.Contains(picture, bad) {
			t.Errorf("%s: the SVG holds %q", g.Name, bad)
		}
	}
	if n := strings.Count(picture, `<rect class="box"`); n != len(g.Nodes) {
		t.Errorf("%s: %d boxes for %d nodes", g.Name, n, len(g.Nodes))
	}
	if n := strings.Count(picture, `marker-end=`); n != len(g.Edges) {
		t.Errorf("%s: %d arrows for %d edges", g.Name, n, len(g.Edges))
	}
	mermaid := Mermaid(g)
	if n := strings.Count(mermaid, "-->") + strings.Count(mermaid, "-.->"); n != len(g.Edges) {
		t.Errorf("%s: Mermaid has %d arrows for %d edges", g.Name, n, len(g.Edges))
	}
	if n := strings.Count(DOT(g), " -> "); n != len(g.Edges) {
		t.Errorf("%s: DOT has %d arrows for %d edges", g.Name, n, len(g.Edges))
	}
	text := Text(g)
	for i := range g.Nodes {
		if title := visible(g.Nodes[i].Title); !strings.Contains(text, title) {
			t.Errorf("%s: %q is not in the text", g.Name, title)
		}
	}
	for _, line := range strings.Split(text, "\n") {
		if cells(line) > textCells+24 || strings.ContainsAny(line, "\x1b\u202e\r") {
			t.Errorf("%s: the line %q", g.Name, line)
		}
	}
}

func checkXML(t *testing.T, g Graph, picture string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(picture))
	d.Strict = true
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("%s: %v", g.Name, err)
		}
	}
}

// TestDeepGraphs: nothing is deeper than what the forms can bear.
func TestDeepGraphs(t *testing.T) {
	t.Parallel()
	var steps []engine.StepSpec
	for i := range 2000 {
		steps = append(steps, rest(fmt.Sprint("s", i), i+1))
	}
	spec := &engine.Spec{Flows: []engine.FlowSpec{{Name: "deep", Steps: steps}}}
	g := Flow(spec, &spec.Flows[0], Words{})
	for ending, form := range forms {
		if form(g) == "" {
			t.Errorf("%s of a deep workflow is empty", ending)
		}
	}
}

func TestWrap(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		room int
		want string
	}{
		{"", 10, ""},
		{"one two three", 8, "one two|three"},
		{"料金ページの閲覧が、7日以内にある", 12, "料金ページの|閲覧が、7日|以内にある"},
		{"あいう。えお", 6, "あい|う。え|お"},
		{"aaaaaaaaaaaaaaa", 6, "aaaaaa|aaaaaa|aaa"},
		{"a\nb\tc", 10, "a b c"},
		{"「こんにちは」", 8, "「こんに|ちは」"},
	} {
		if got := strings.Join(wrap(c.text, c.room, 3), "|"); got != c.want {
			t.Errorf("wrap(%q, %d) = %s, want %s", c.text, c.room, got, c.want)
		}
	}
	if got := wrap("one two three four five six", 8, 2); len(got) != 2 || !strings.HasSuffix(got[1], "…") {
		t.Errorf("a long text becomes %q", got)
	}
}
