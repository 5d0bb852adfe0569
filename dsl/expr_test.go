package dsl

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
	"github.com/hashicorp/hcl/v2"
	"golang.org/x/text/width"

	"github.com/seed-456efde2/nurture/engine"
)

func field(name string, kind engine.Kind, choices ...string) *fieldInfo {
	return &fieldInfo{namedInfo: namedInfo{Name: name}, Kind: kind, Choices: choices}
}

func labelled(f *fieldInfo, label string) *fieldInfo {
	f.Label = label
	return f
}

func required(f *fieldInfo) *fieldInfo {
	f.Required = true
	return f
}

func otherwise(f *fieldInfo, v engine.Value) *fieldInfo {
	f.Default = v
	return f
}

func eventOf(name, label string, fields ...*fieldInfo) *eventInfo {
	e := &eventInfo{namedInfo: namedInfo{Name: name, Label: label}, Fields: map[string]*fieldInfo{}}
	for _, f := range fields {
		e.Fields[f.Name] = f
	}
	return e
}

func named(list ...string) map[string]*namedInfo {
	out := map[string]*namedInfo{}
	for i := 0; i < len(list); i += 2 {
		out[list[i]] = &namedInfo{Name: list[i], Label: list[i+1]}
	}
	return out
}

// testScope is what the design's workspace declares.
func testScope() *Scope {
	sc := &Scope{
		Attributes: map[string]*fieldInfo{},
		Events:     map[string]*eventInfo{},
		Scores: map[string]*scoreInfo{
			"fit":      {namedInfo: namedInfo{Name: "fit", Label: "適合度"}},
			"interest": {namedInfo: namedInfo{Name: "interest", Label: "興味度"}, Range: true, Max: 100},
		},
		Segments: named("target_account", "ターゲット企業", "warming_up", "再活性", "readers", ""),
		Consents: named("marketing", "ご案内メールの受信"),
		Consts:   map[string]engine.Value{"hot": engine.NumberValue(70), "area": engine.TextValue("kansai"), "on": engine.FlagValue(true)},
		Workflows: map[string]*workflowInfo{"pricing_nurture": {
			namedInfo: namedInfo{Name: "pricing_nurture", Label: "料金ページ閲覧者の育成"},
			Steps:     []string{"let_them_read", "how_to_choose", "reaction"},
			Exits:     []string{"exit.handed_over", "exit.opted_out", "exit.done"},
		}},
		Channels: map[string]*channelInfo{
			"mail": {namedInfo: namedInfo{Name: "mail"}, Plugin: "email", Reach: engine.ReachLead},
			"crm":  {namedInfo: namedInfo{Name: "crm"}, Plugin: "salesforce"},
		},
		TossUps:  named("hot_lead", "営業トスアップ"),
		Zone:     time.FixedZone("JST", 9*3600),
		Language: "ja",
		Address:  "email",
		Families: famRule,
	}
	for _, s := range [][2]string{{"lead", "見込み客"}, {"mql", "MQL"}, {"sal", "営業対応中"}, {"opportunity", "商談"}, {"customer", "顧客"}} {
		sc.Stages = append(sc.Stages, &namedInfo{Name: s[0], Label: s[1]})
	}
	for _, f := range []*fieldInfo{
		required(field("email", engine.Text)),
		labelled(field("last_name", engine.Text), "姓"),
		labelled(field("company", engine.Text), "会社名"),
		labelled(field("title", engine.Text), "役職"),
		labelled(field("役職", engine.Text), "役職"),
		labelled(field("region", engine.Text), "地域"),
		labelled(field("employees", engine.Number), "従業員数"),
		otherwise(field("unsubscribed", engine.Flag), engine.FlagValue(false)),
		field("trial", engine.Flag),
		required(field("created_at", engine.Instant)),
		labelled(field("industry", engine.Text, "saas", "manufacturing", "retail", "other"), "業種"),
	} {
		sc.Attributes[f.Name] = f
	}
	for _, e := range []*eventInfo{
		eventOf("page_viewed", "ページ閲覧", required(field("path", engine.Text)), otherwise(field("dwell_seconds", engine.Number), engine.NumberValue(0))),
		eventOf("form_submitted", "フォーム送信", required(field("form", engine.Text, "inquiry", "download", "newsletter", "seminar"))),
		eventOf("consent_given", "同意", required(field("purpose", engine.Text))),
		eventOf("pricing_viewed", "料金ページ閲覧", required(field("path", engine.Text))),
		eventOf("email_opened", "メール開封"), eventOf("email_clicked", "メールクリック"),
	} {
		sc.Events[e.Name] = e
	}
	return sc
}

// literal is a quoted string as it stands in a file; raw is what stands between
// the quotes.
func literal(t testing.TB, raw string) Literal {
	t.Helper()
	return literalIn(t, `when = "`+raw+`"`)
}

func literalIn(t testing.TB, file string) Literal {
	t.Helper()
	src := []byte(file)
	start := len("when = ")
	rng := hcl.Range{
		Filename: "rules.hcl",
		Start:    hcl.Pos{Line: 1, Column: start + 1, Byte: start},
		End:      advance(hcl.Pos{Line: 1, Column: start + 1, Byte: start}, src[start:]),
	}
	lit, at, ok := newLiteral(src, rng)
	if !ok {
		t.Fatalf("interpolation at %v in %s", at, file)
	}
	return lit
}

// plainLiteral is a literal of a value without anything to escape.
func plainLiteral(value string) Literal {
	rng := hcl.Range{Filename: "rules.hcl", Start: hcl.InitialPos, End: advance(hcl.InitialPos, []byte(value))}
	from := make([]int, len(value)+1)
	for i := range from {
		from[i] = i
	}
	return Literal{File: "rules.hcl", Range: rng, Raw: []byte(value), Value: value, starts: from}
}

// fillIn puts args into a format as the renderer does.
func fillIn(format, lang string, args []any) string {
	for i, a := range args {
		if d, ok := a.(Doc); ok {
			a = d.In(lang)
		}
		format = strings.ReplaceAll(format, fmt.Sprintf("%%[%d]s", i+1), fmt.Sprint(a))
	}
	return format
}

func cellsOf(s string) int {
	n := 0
	for _, r := range s {
		n++
		if k := width.LookupRune(r).Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth {
			n++
		}
	}
	return n
}

// shown renders problems with the place marked in the source's line.
func shown(src string, problems []problem, lang string) string {
	var b strings.Builder
	for _, p := range problems {
		c, ok := codeOf(p.Code)
		if !ok {
			fmt.Fprintf(&b, "%s IS NOT IN THE TABLE\n", p.Code)
			continue
		}
		words, help := c.En, "did you mean %s?"
		if lang == "ja" {
			words, help = c.Ja, "もしかして: %s"
		}
		fmt.Fprintf(&b, "%s %s\n", p.Code, strings.TrimRight(fillIn(words.What, lang, p.Args), ".。"))
		from := min(p.Range.Start.Byte, len(src))
		start := strings.LastIndexByte(src[:from], '\n') + 1
		line, _, _ := strings.Cut(src[start:], "\n")
		end := min(p.Range.End.Byte, start+len(line))
		fmt.Fprintf(&b, "  %s\n  %s%s\n", line, strings.Repeat(" ", cellsOf(src[start:from])), strings.Repeat("^", max(1, cellsOf(src[from:max(from, end)]))))
		if p.Suggest != "" {
			suggest := p.Suggest
			if p.Shown != "" {
				suggest = p.Shown
			}
			fmt.Fprintf(&b, "  "+help+"\n", suggest)
		} else {
			fmt.Fprintf(&b, "  %s\n", fillIn(words.Help, lang, p.Args))
		}
	}
	return b.String()
}

// scopeFor is the test scope as the command's arguments want it.
func scopeFor(t testing.TB, d *datadriven.TestData) *Scope {
	sc := testScope()
	if d.HasArg("event") {
		var name string
		d.ScanArgs(t.(*testing.T), "event", &name)
		sc.Event = sc.Events[name]
	}
	if d.HasArg("handover") {
		sc.Families |= famHandOver
	}
	if d.HasArg("test") {
		sc.Families |= famSkipped
	}
	return sc
}

// TestExpressions checks one expression a line of the files in testdata/expr.
func TestExpressions(t *testing.T) {
	t.Parallel()
	datadriven.Walk(t, "testdata/expr", func(t *testing.T, path string) {
		t.Parallel()
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			lang := "en"
			if d.HasArg("ja") {
				lang = "ja"
			}
			var b strings.Builder
			for line := range strings.Lines(d.Input) {
				line = strings.TrimRight(line, "\n")
				b.WriteString(runLine(t, d, scopeFor(t, d), line, lang))
			}
			return b.String()
		})
	})
}

func runLine(t *testing.T, d *datadriven.TestData, sc *Scope, line, lang string) string {
	if d.Cmd == "format" {
		out, ok := formatExpr(line)
		return fmt.Sprintf("%t %s\n", ok, out)
	}
	lit := literal(t, line)
	file := `when = "` + line + `"`
	switch d.Cmd {
	case "check":
		c, problems := compileCond(lit, sc)
		if c != nil {
			return fmt.Sprintf("ok %s\n", flat(c.Reads()))
		}
		return shown(file, problems, lang)
	case "number":
		n, problems := compileNum(lit, sc)
		if n != nil {
			return fmt.Sprintf("ok %s\n", flat(n.Reads()))
		}
		return shown(file, problems, lang)
	case "text":
		s, problems := compileStr(lit, sc)
		if s != nil {
			return fmt.Sprintf("ok %s\n", flat(s.Reads()))
		}
		return shown(file, problems, lang)
	case "words":
		c, problems := compileCond(lit, sc)
		if c == nil {
			return shown(file, problems, lang)
		}
		return Sentence(c, "ja") + "\n  " + Sentence(c, "en") + "\n"
	case "meaning":
		c, problems := compileCond(lit, sc)
		if c == nil {
			return shown(file, problems, lang)
		}
		return c.Meaning() + "\n"
	}
	t.Fatalf("unknown command %s", d.Cmd)
	return ""
}

func flat(keys []engine.Key) string {
	var out []string
	for _, k := range keys {
		out = append(out, k.String())
	}
	return strings.Join(out, " ")
}
