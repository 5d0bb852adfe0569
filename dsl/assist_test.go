package dsl

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// marked takes the ‸ out of a text and tells where it stood.
func marked(t *testing.T, text string) ([]byte, int) {
	t.Helper()
	before, after, ok := strings.Cut(text, "‸")
	if !ok {
		t.Fatalf("no ‸ in %q", text)
	}
	return []byte(before + after), len(before)
}

func goodAnalysis(t testing.TB) *Analysis {
	t.Helper()
	return Analyse(readTree(t, "testdata/good"), Options{})
}

func labels(list []Completion) []string {
	var out []string
	for _, c := range list {
		out = append(out, c.Label)
	}
	return out
}

// offered are places in texts that are not sound, with what can be written there.
var offered = []struct {
	name, file, text string
	want, not        string // labels, separated by spaces
}{
	{"a file's beginning", "new.hcl", "‸", "segment workflow kpi", "project wait"},
	{"a word at the beginning", "new.hcl", "seg‸", "segment", ""},
	{"attributes of a block", "new.hcl", "segment \"a\" {\n  ‸\n}", "when label", "points"},
	{"no attribute twice", "new.hcl", "segment \"a\" {\n  label = \"x\"\n  ‸\n}", "when", "label"},
	{"between attributes", "new.hcl", "segment \"a\" {\n  ‸\n  label = \"x\"\n}", "when", "label"},
	{"an attribute's name", "new.hcl", "segment \"a\" {\n  wh‸en = \"x\"\n}", "when label", ""},
	{"a block's type", "new.hcl", "se‸gment \"a\" {\n}", "segment score", ""},
	{"steps", "new.hcl", "workflow \"w\" {\n  steps {\n    ‸\n  }\n}", "wait branch email webhook exit", "segment"},
	{"steps in a case", "new.hcl", "workflow \"w\" {\n  steps {\n    branch \"b\" {\n      case \"c\" {\n        ‸", "when wait email", "label"},
	{"a plugin's settings", "new.hcl", "channel \"m\" {\n  plugin = \"email\"\n  config {\n    ‸\n  }\n}", "host password tls", "url"},
	{"an unknown plugin's settings", "new.hcl", "channel \"m\" {\n  plugin = \"pigeon\"\n  config {\n    ‸\n  }\n}", "", "host"},
	{"references", "new.hcl", "toss_up \"t\" {\n  to = ‸\n}", "stage.sal stage.mql", "segment.target"},
	{"references by two kinds", "new.hcl", "workflow \"w\" {\n  exit \"x\" {\n    on = ‸", "toss_up.hot event.document_requested", ""},
	{"references in a list", "new.hcl", "workflow \"w\" {\n  steps {\n    wait \"x\" {\n      on = [event.email_clicked, ev‸", "event.price_page", ""},
	{"a workflow's own steps", "rules/follow.hcl", "workflow \"follow\" {\n  moved {\n    to = step.‸", "step.read step.case_study", ""},
	{"a choice", "new.hcl", "contact_policy \"p\" {\n  when_quiet = ‸\n}", "\"postpone\" \"skip\"", ""},
	{"a choice in quotes", "new.hcl", "contact_policy \"p\" {\n  when_quiet = \"‸\"\n}", "postpone skip", ""},
	{"yes and no", "new.hcl", "lead {\n  text \"x\" {\n    required = ‸", "true false", ""},
	{"plugins", "new.hcl", "channel \"m\" {\n  plugin = \"‸\n}", "email webhook", ""},
	{"templates", "new.hcl", "workflow \"w\" {\n  steps {\n    email \"e\" {\n      template = \"‸\"\n", "follow/thanks.md", ""},
	{"a constant", "new.hcl", "kpi \"k\" {\n  target = const.‸\n}", "const.hot const.warm", ""},
	{"a test's lead", "new.hcl", "test \"x\" {\n  lead {\n    ‸\n  }\n}", "email headcount sector", "label"},
	{"a test's event", "new.hcl", "test \"x\" {\n  event \"document_requested\" {\n    ‸\n  }\n}", "document", "email"},
	{"a test's event's name", "new.hcl", "test \"x\" {\n  event \"‸\" {\n  }\n}", "document_requested email_clicked", ""},
	{"a value of a test's lead", "new.hcl", "test \"x\" {\n  lead {\n    sector = \"‸\"\n  }\n}", "it maker public", ""},
	{"a comment", "new.hcl", "# seg‸", "", "segment"},
	{"behind a block's type", "new.hcl", "segment ‸", "", "segment score"},

	{"a condition's beginning", "new.hcl", "segment \"a\" {\n  when = \"‸\"\n}", "lead.email lead.役職 score.interest segment.target did never now not const.hot consent.news", "event.path lead.stage"},
	{"an open condition", "new.hcl", "segment \"a\" {\n  when = \"‸\n}", "lead.email score.interest", ""},
	{"behind a dot", "new.hcl", "segment \"a\" {\n  when = \"lead.‸\n}", "lead.email lead.役職", "score.interest now"},
	{"Japanese before it", "new.hcl", "segment \"a\" {\n  when = \"lead.役職 != '🍣部長' and lead.役‸\"\n}", "lead.役職", "and"},
	{"behind an operand", "new.hcl", "segment \"a\" {\n  when = \"lead.headcount ‸\"\n}", ">= == and in", "lead.email"},
	{"behind an operator", "new.hcl", "segment \"a\" {\n  when = \"lead.headcount >= ‸\"\n}", "const.hot score.fit", ">="},
	{"a stage may know its stage", "rules/scoring.hcl", "lifecycle {\n  stage \"mql\" {\n    enter = \"‸\"", "lead.stage stage", ""},
	{"an event's fields", "rules/events.hcl", "event \"price_page\" {\n  from = event.page_viewed\n  when = \"‸", "event.path event.seconds", "lead.email did"},
	{"fields of a new rule's event", "new.hcl", "score \"s\" {\n  rule \"r\" {\n    on   = event.document_requested\n    when = \"event.‸", "event.document", "event.path"},
	{"events in quotes", "new.hcl", "segment \"a\" {\n  when = \"did('‸\"\n}", "price_page email_clicked", "target"},
	{"windows", "new.hcl", "segment \"a\" {\n  when = \"did('price_page', '‸\"\n}", "7d 30d", "price_page"},
	{"channels in quotes", "tests/follow_test.hcl", "test \"x\" {\n  expect = [\"sent('‸", "mail sales", ""},
	{"values of a choice", "new.hcl", "segment \"a\" {\n  when = \"lead.sector == '‸'\"\n}", "it maker", "price_page"},
	{"values in a list", "new.hcl", "segment \"a\" {\n  when = \"lead.sector in ['it', '‸\"\n}", "maker public", ""},
	{"stages in quotes", "rules/follow.hcl", "workflow \"follow\" {\n  enter {\n    when = \"lead.stage in ['‸", "lead mql sal", ""},
	{"places of a workflow", "tests/follow_test.hcl", "test \"x\" {\n  expect = [\"at('follow') == '‸", "read exit.end exit.opted_out", ""},
	{"nothing in a text of its own", "new.hcl", "segment \"a\" {\n  when = \"lead.email == '‸'\"\n}", "", "lead.email price_page"},

	{"a formula", "rules/sending.hcl", "kpi \"k\" {\n  value = \"‸\"\n}", "toss_up.hot.handed_over kpi.clicks.value reachable", "lead.email"},
	{"figures of a toss-up", "rules/sending.hcl", "kpi \"k\" {\n  value = \"toss_up.hot.‸\"\n}", "toss_up.hot.handed_over toss_up.hot.won", "kpi.clicks.value"},
	{"a channel that reaches", "rules/sending.hcl", "kpi \"k\" {\n  value = \"reachable('‸\"\n}", "mail sales", ""},

	{"a template's tag", "templates/follow/thanks.md", "{{ ‸ }}様", "lead.family_name score.interest if for end", "event.path"},
	{"a template's open tag", "templates/follow/thanks.md", "{{ lead.‸\nつぎの行 {{ now }}", "lead.family_name", "if"},
	{"a template's if", "templates/follow/thanks.md", "{{ if ‸ }}", "segment.target", "end"},
	{"behind a bar", "templates/follow/thanks.md", "{{ score.interest | ‸ }}", "round", "lead.email"},
	{"outside of a tag", "templates/follow/thanks.md", "{{ now }} ‸", "", "lead.email"},
	{"a subject", "new.hcl", "workflow \"w\" {\n  steps {\n    email \"e\" {\n      subject = \"{{ lead.‸ }} 様\"", "lead.family_name", "if"},
	{"reasons of a hand-over", "rules/scoring.hcl", "toss_up \"hot\" {\n  hand_over {\n    subject = \"{{ for r in ‸ }}", "reasons", ""},
	{"the variable of a for", "rules/scoring.hcl", "toss_up \"hot\" {\n  hand_over {\n    subject = \"{{ for r in reasons }}{{ ‸ }}", "r reasons", ""},
}

// TestAssistComplete: what is offered behind the ‸, in texts that are not sound.
func TestAssistComplete(t *testing.T) {
	t.Parallel()
	a := goodAnalysis(t)
	for _, c := range offered {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			src, at := marked(t, c.text)
			list := a.Complete(c.file, src, at, "ja")
			got := labels(list)
			for _, want := range strings.Fields(c.want) {
				if !slices.Contains(got, want) {
					t.Errorf("%s is not offered, but %v", want, got)
				}
			}
			for _, not := range strings.Fields(c.not) {
				if slices.Contains(got, not) {
					t.Errorf("%s is offered: %v", not, got)
				}
			}
			for _, item := range list {
				if item.Start > at || item.End < at || item.Start < 0 || item.End > len(src) {
					t.Errorf("%s replaces %d–%d, away from %d", item.Label, item.Start, item.End, at)
				}
			}
		})
	}
}

// TestAssistHover: what is said about the words behind the ‸.
func TestAssistHover(t *testing.T) {
	t.Parallel()
	a := goodAnalysis(t)
	for _, c := range []struct{ name, file, find, language, want string }{
		{"a block", "rules/scoring.hcl", "seg‸ment \"target\"", "en", "A named condition"},
		{"an attribute", "rules/scoring.hcl", "half‸_life = \"14d\"", "ja", "引用符で囲んだ期間"},
		{"a score in a condition", "rules/scoring.hcl", "segment.target and score.inter‸est", "ja", "スコア「興味度」|数値（0〜100）|ターゲットである、かつ興味度が30以上|rules/scoring.hcl:14"},
		{"the same in English", "rules/scoring.hcl", "segment.target and score.inter‸est", "en", "score: 興味度|a number, 0 to 100|interest is at least 30"},
		{"a constant", "rules/scoring.hcl", "score.interest >= const.wa‸rm\"\n    leave ", "ja", "定数|`30`"},
		{"an event in a condition", "rules/follow.hcl", "did('email_‸clicked', '3d')", "ja", "メールのクリック|class"},
		{"a fact", "rules/follow.hcl", "di‸d('email_clicked', '3d')", "ja", "did('event', '7d')|はい／いいえ"},
		{"an operator", "rules/events.hcl", "event.path starts‸With", "en", "starts with"},
		{"a function in a text", "rules/scoring.hcl", "score.interest | ro‸und()", "ja", "整数"},
		{"a reference", "rules/scoring.hcl", "channel = channel.sa‸les", "ja", "チャネル|webhook"},
		{"a moment", "rules/scoring.hcl", "event.price_page_‸read", "ja", "`page_viewed` を絞り込んだ瞬間|secondsが20以上"},
		{"a label", "rules/follow.hcl", "wait \"re‸ad\"", "ja", "ステップ"},
		{"a step in a condition", "tests/follow_test.hcl", "at('follow') == 'case_‸study'", "ja", "ステップ"},
		{"an attribute in a test", "tests/follow_test.hcl", "head‸count   = 500", "ja", "従業員数"},
		{"in a template", "templates/follow/case_study.md", "lead.family‸_name", "ja", "姓|空のことがあります"},
		{"a template's condition", "templates/follow/case_study.md", "if segment.tar‸get", "ja", "ターゲットである|従業員数が100以上"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			src, _ := a.Source(c.file)
			words, offset := marked(t, c.find)
			start := strings.Index(string(src), string(words))
			if start < 0 {
				t.Fatalf("%s has no %q", c.file, words)
			}
			h, ok := a.Hover(c.file, src, start+offset, c.language)
			for _, want := range strings.Split(c.want, "|") {
				if !ok || !strings.Contains(h.Text, want) {
					t.Errorf("nothing of %q in %q", want, h.Text)
				}
			}
			if h.Start > start+offset || h.End < start+offset {
				t.Errorf("it is about %d–%d, not %d", h.Start, h.End, start+offset)
			}
		})
	}
}

// TestAssistDefinition: from where a name is used to where it is declared.
func TestAssistDefinition(t *testing.T) {
	t.Parallel()
	a := goodAnalysis(t)
	for _, c := range []struct{ file, find, wantFile, want string }{
		{"rules/scoring.hcl", "segment.tar‸get and", "rules/scoring.hcl", "target"},
		{"rules/follow.hcl", "on   = event.document_‸requested", "rules/events.hcl", "document_requested"},
		{"rules/follow.hcl", "lead.役‸職 ==", "project.hcl", "役職"},
		{"rules/follow.hcl", "['lead', 'm‸ql']", "rules/scoring.hcl", "mql"},
		{"rules/follow.hcl", "toss_up.h‸ot", "rules/scoring.hcl", "hot"},
		{"rules/scoring.hcl", "const.ho‸t", "project.hcl", "hot"},
		{"rules/scoring.hcl", "channel.sa‸les", "rules/sending.hcl", "sales"},
		{"rules/follow.hcl", "step.case_‸study", "rules/follow.hcl", "case_study"},
		{"tests/follow_test.hcl", "at('fol‸low') == 'case_study'", "rules/follow.hcl", "follow"},
		{"tests/follow_test.hcl", "sent('sa‸les')", "rules/sending.hcl", "sales"},
		{"tests/follow_test.hcl", "event \"document_‸requested\"", "rules/events.hcl", "document_requested"},
		{"tests/follow_test.hcl", "docu‸ment = \"catalog\"", "rules/events.hcl", "document"},
		{"rules/events.hcl", "event.sec‸onds >= 20", "rules/events.hcl", "seconds"},
		{"templates/follow/case_study.md", "segment.tar‸get", "rules/scoring.hcl", "target"},
		{"project.hcl", "key = \"ema‸il\"", "project.hcl", "email"},
		{"rules/follow.hcl", "\"follow/tha‸nks.md\"", "templates/follow/thanks.md", ""},
	} {
		src, _ := a.Source(c.file)
		words, offset := marked(t, c.find)
		at := strings.Index(string(src), string(words))
		if at < 0 {
			t.Errorf("%s has no %q", c.file, words)
			continue
		}
		got := a.Definition(c.file, src, at+offset)
		if len(got) != 1 || got[0].File != c.wantFile {
			t.Errorf("%s leads to %v", c.find, got)
			continue
		}
		there, _ := a.Source(got[0].File)
		if words := string(there[got[0].Start:got[0].End]); words != c.want {
			t.Errorf("%s leads to %q", c.find, words)
		}
	}
}

// edited is a tree after edits.
func edited(tree fstest.MapFS, edits []Edit) fstest.MapFS {
	out := maps.Clone(tree)
	edits = slices.Clone(edits)
	slices.SortFunc(edits, func(a, b Edit) int { return b.Start - a.Start })
	for _, e := range edits {
		src := out[e.File].Data
		out[e.File] = &fstest.MapFile{Data: slices.Concat(src[:e.Start], []byte(e.Text), src[e.End:])}
	}
	return out
}

// TestAssistRename: every declared name of a workspace takes another one, and the
// workspace is as sound as before; taken back, it is the same to the byte.
func TestAssistRename(t *testing.T) {
	t.Parallel()
	tree := readTree(t, "testdata/good")
	a := Analyse(tree, Options{})
	before := codesOf(a.Problems)
	renamed := 0
	for _, m := range a.symbols().all {
		if !m.declares {
			continue
		}
		src, _ := a.Source(m.file)
		edits, err := a.Rename(m.file, src, m.start, "新しい名前", "en")
		if err != nil {
			if m.name != "email" && m.name != "unsubscribed" && m.name != "created_at" && m.name != "page_viewed" {
				t.Errorf("%s %s: %v", m.kind, m.name, err)
			}
			continue
		}
		renamed++
		after := edited(tree, edits)
		b := Analyse(after, Options{})
		if got := codesOf(b.Problems); !slices.Equal(got, before) {
			t.Errorf("%s %s: %v instead of %v\n%s", m.kind, m.name, got, before, b.Problems.Render())
		}
		at := strings.Index(string(after[m.file].Data), "新しい名前")
		back, err := b.Rename(m.file, after[m.file].Data, at, m.name, "en")
		if err != nil {
			t.Errorf("%s %s back: %v", m.kind, m.name, err)
			continue
		}
		for name, f := range edited(after, back) {
			if string(f.Data) != string(tree[name].Data) {
				t.Errorf("%s %s: %s is not as it was", m.kind, m.name, name)
			}
		}
	}
	if renamed < 35 {
		t.Errorf("only %d names were renamed", renamed)
	}
}

func codesOf(ds Diagnostics) []string {
	var out []string
	for _, d := range ds.Items {
		out = append(out, d.Code)
	}
	slices.Sort(out)
	return out
}

// TestAssistRenameRefuses: what cannot be renamed says why, in both languages.
func TestAssistRenameRefuses(t *testing.T) {
	t.Parallel()
	a := goodAnalysis(t)
	for _, c := range []struct{ file, find, to, want string }{
		{"rules/follow.hcl", "event.email_‸clicked", "x", "brought by the channels"},
		{"rules/scoring.hcl", "segment.tar‸get and", "9x", "cannot be a name"},
		{"rules/scoring.hcl", "segment.tar‸get and", "not", "cannot be a name"},
		{"rules/scoring.hcl", "segment.tar‸get and", "warm_target", "already something called"},
		{"project.hcl", "text \"ema‸il\"", "mail", "mails go to it"},
		{"project.hcl", "\"unsub‸scribed\"", "gone", "sets it"},
		{"rules/scoring.hcl", "ha‸lf_life", "x", "no declared name"},
	} {
		src, _ := a.Source(c.file)
		words, offset := marked(t, c.find)
		at := strings.Index(string(src), string(words)) + offset
		_, err := a.Rename(c.file, src, at, c.to, "en")
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s → %s: %v", c.find, c.to, err)
		}
		if _, ja := a.Rename(c.file, src, at, c.to, "ja"); ja == nil || err != nil && ja.Error() == err.Error() {
			t.Errorf("%s → %s in Japanese: %v", c.find, c.to, ja)
		}
	}
	broken := readTree(t, "testdata/good")
	broken["more.hcl"] = &fstest.MapFile{Data: []byte("segment \"x\" {\n  when = \"segment.target\n")}
	b := Analyse(broken, Options{})
	src, _ := b.Source("rules/scoring.hcl")
	at := strings.Index(string(src), "\"target\"") + 2
	if _, err := b.Rename("rules/scoring.hcl", src, at, "x", "en"); err == nil || !strings.Contains(err.Error(), "more.hcl") {
		t.Errorf("with a file that cannot be read: %v", err)
	}
}

// TestAssistFixes: every correction that a planted mistake offers makes that
// mistake go away.
func TestAssistFixes(t *testing.T) {
	t.Parallel()
	prelude := readTree(t, "testdata/prelude")
	files, err := filepath.Glob("testdata/bad/*.hcl")
	if err != nil {
		t.Fatal(err)
	}
	fixed := 0
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		tree := maps.Clone(prelude)
		if strings.HasPrefix(string(src), "# alone\n") {
			delete(tree, "prelude.hcl")
		}
		tree["your.hcl"] = &fstest.MapFile{Data: src}
		a := Analyse(tree, Options{})
		for _, f := range a.Fixes("your.hcl", 0, len(src), "en") {
			fixed++
			after := Analyse(edited(tree, []Edit{f.Edit}), Options{})
			if slices.ContainsFunc(after.Problems.Items, func(d Diagnostic) bool {
				return d.Code == f.Problem.Code && d.Range.Start == f.Problem.Range.Start && d.Range.File == f.Problem.Range.File
			}) {
				t.Errorf("%s: %s with %q is still there:\n%s", file, f.Problem.Code, f.Edit.Text, after.Problems.Render())
			}
		}
	}
	if fixed < 25 {
		t.Errorf("only %d corrections were tried", fixed)
	}
}

// TestAssistFixInQuotes: a correction that has quotes and backslashes of its own is
// escaped where it stands inside HCL's.
func TestAssistFixInQuotes(t *testing.T) {
	t.Parallel()
	tree := readTree(t, "testdata/good")
	src := "segment \"x\" {\n  when = \"lead.役職 == 「it's 部長」 and lead.headcount ＞＝ 100\"\n}\n"
	tree["x.hcl"] = &fstest.MapFile{Data: []byte(src)}
	a := Analyse(tree, Options{})
	edits := a.HalfWidth("x.hcl")
	if len(edits) != 2 {
		t.Fatalf("edits: %+v\n%s", edits, a.Problems.Render())
	}
	after := edited(tree, edits)
	want := "segment \"x\" {\n  when = \"lead.役職 == 'it\\\\'s 部長' and lead.headcount >= 100\"\n}\n"
	if got := string(after["x.hcl"].Data); got != want {
		t.Errorf("it becomes\n%s, want\n%s", got, want)
	}
	if b := Analyse(after, Options{}); b.Problems.HasErrors() {
		t.Errorf("it does not load:\n%s", b.Problems.Render())
	}
}

// TestAssistSketch: where HCL reads a file, the sketch sees the same blocks,
// attributes and values at the same places.
func TestAssistSketch(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{"testdata/good", "testdata/prelude", "testdata/bad"} {
		for name, f := range readTree(t, dir) {
			body, sound := parseFile(&reporter{}, name, f.Data)
			if filepath.Ext(name) != ".hcl" || !sound || body == nil {
				continue
			}
			if want, got := hclShape(body, f.Data), sketchShape(sketchOf(f.Data).root, f.Data); want != got {
				t.Errorf("%s/%s: HCL reads\n%s\nthe sketch\n%s", dir, name, want, got)
			}
		}
	}
}

func hclShape(body *hclsyntax.Body, src []byte) string {
	var b strings.Builder
	for _, at := range sortedAttributes(body) {
		fmt.Fprintf(&b, "%s=%s\n", at.Name, trimValue(src[at.EqualsRange.End.Byte:at.Expr.Range().End.Byte]))
	}
	for _, k := range body.Blocks {
		fmt.Fprintf(&b, "%s %s %d{\n%s}\n", k.Type, strings.Join(k.Labels, " "), k.CloseBraceRange.End.Byte, hclShape(k.Body, src))
	}
	return b.String()
}

func sketchShape(block *sketchBlock, src []byte) string {
	var b strings.Builder
	for _, at := range block.attrs {
		fmt.Fprintf(&b, "%s=%s\n", at.name.of(src), trimValue(src[at.value.start:at.value.end]))
	}
	for _, k := range block.kids {
		var labels []string
		for _, l := range k.labels {
			labels = append(labels, l.of(src))
		}
		fmt.Fprintf(&b, "%s %s %d{\n%s}\n", k.kind.of(src), strings.Join(labels, " "), k.end, sketchShape(k, src))
	}
	return b.String()
}

// trimValue leaves out what does not count: space, and a heredoc's last line break.
func trimValue(src []byte) string { return strings.TrimSpace(string(src)) }

// TestAssistOutline: the parts of a file, half of it missing.
func TestAssistOutline(t *testing.T) {
	t.Parallel()
	src := []byte("segment \"a\" {\n  label = \"あ\"\n}\nworkflow \"w\" {\n  steps {\n    wait \"x\" {")
	var got []string
	var walk func(depth int, list []Outline)
	walk = func(depth int, list []Outline) {
		for _, o := range list {
			got = append(got, fmt.Sprintf("%d %s %s", depth, o.Name, o.Detail))
			walk(depth+1, o.Children)
		}
	}
	walk(0, OutlineOf("x.hcl", src))
	want := []string{"0 segment a あ", "0 workflow w ", "1 steps ", "2 wait x "}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

// TestAssistSignature: the call around a place, and the argument at hand.
func TestAssistSignature(t *testing.T) {
	t.Parallel()
	a := goodAnalysis(t)
	for _, c := range []struct {
		text, usage string
		active      int
	}{
		{"segment \"a\" {\n  when = \"round(score.interest, ‸\"\n}", "round(score.interest, 1)", 1},
		{"segment \"a\" {\n  when = \"did('‸\"\n}", "did('event', '7d')", 0},
		{"segment \"a\" {\n  when = \"did('price_page', '‸')\"\n}", "did('event', '7d')", 1},
		{"segment \"a\" {\n  when = \"(‸\"\n}", "", 0},
	} {
		src, at := marked(t, c.text)
		s, ok := a.Signature("x.hcl", src, at, "en")
		if ok != (c.usage != "") || s.Usage != c.usage || s.Active != c.active {
			t.Errorf("%q: %+v", c.text, s)
		}
	}
}
