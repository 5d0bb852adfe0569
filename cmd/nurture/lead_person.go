package main

import (
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
)

// personMarkdown tells everything about a person in words.
func (c *cli) personMarkdown(d *httpd.PersonDoc, lang string) string {
	p := &personPage{lang: lang}
	title := d.Lead.ID
	if len(d.Names) > 0 {
		title = d.Names[0].Value
	}
	p.line("# " + words(lang, "What is known about ", "保有している情報: ") + inline(title))
	p.line("")
	p.line(words(lang, "As of ", "作成日時: ") + c.clock(&d.Made))
	p.section("Names", "識別子", []string{words(lang, "Kind", "種類"), words(lang, "Value", "値")}, rowsOf(d.Names, func(n httpd.NameDoc) []string { return []string{n.Kind, n.Value} }))
	var attrs [][]string
	for _, values := range []map[string]any{d.Lead.Attributes, d.Undeclared} {
		for _, name := range slices.Sorted(maps.Keys(values)) {
			attrs = append(attrs, []string{name, plainOf(values[name])})
		}
	}
	p.section("Attributes", "属性", []string{words(lang, "Name", "項目"), words(lang, "Value", "値")}, attrs)
	state := [][]string{{words(lang, "Stage", "ステージ"), d.Lead.Stage}}
	for _, s := range d.Lead.Scores {
		state = append(state, []string{words(lang, "Score ", "スコア ") + s.Name, plainOf(s.Value)})
	}
	for _, s := range d.Lead.Segments {
		state = append(state, []string{words(lang, "Segment", "セグメント"), s})
	}
	for _, r := range d.Lead.Workflows {
		state = append(state, []string{words(lang, "Workflow ", "ワークフロー ") + r.Workflow, r.Step})
	}
	for _, o := range d.Lead.TossUps {
		state = append(state, []string{words(lang, "Toss-up ", "トスアップ ") + o.TossUp, o.State + " " + c.clock(o.Since)})
	}
	p.section("How it stands", "現在の状態", []string{"", ""}, state)
	p.section("Consents and their evidence", "同意とその証拠", []string{words(lang, "When", "日時"), words(lang, "What", "内容"), words(lang, "Consent", "同意"), words(lang, "Wording", "文言"), words(lang, "From", "入手元"), "IP", words(lang, "Corrected", "訂正")},
		rowsOf(d.Evidence, func(e httpd.EvidenceDoc) []string {
			what := e.Action + " (" + e.Event + ")"
			if e.Void {
				what += words(lang, ": not so", "：無効")
			}
			return []string{c.clock(e.At), what, e.Consent, e.Wording, e.Source, e.Address, c.correctionCell(lang, e.Corrections)}
		}))
	p.section("Not written to", "配信停止", []string{words(lang, "Since", "いつから"), words(lang, "Reason", "理由"), words(lang, "Topic", "話題")},
		rowsOf(d.Stopped, func(b httpd.BarDoc) []string { return []string{c.clock(b.At), b.Reason, b.Topic} }))
	p.section("Wishes", "配信の希望", []string{words(lang, "Since", "いつから"), words(lang, "Topic", "話題"), words(lang, "How often", "頻度")},
		rowsOf(d.Wishes, func(w httpd.WishDoc) []string { return []string{c.clock(w.At), w.Topic, w.Frequency} }))
	p.section("Messages that were given up", "送れなかったメッセージ", []string{words(lang, "When", "日時"), words(lang, "Channel", "チャネル"), words(lang, "Why", "理由")},
		rowsOf(d.Letters, func(l httpd.LetterOfDoc) []string { return []string{c.clock(l.At), l.Channel, l.Code} }))
	p.section("What happened, and what was decided", "起きたことと判断", []string{words(lang, "When", "日時"), words(lang, "What", "内容"), words(lang, "Details", "詳細"), words(lang, "Decided", "判断"), words(lang, "Corrected", "訂正")},
		rowsOf(d.Lead.Facts, func(f httpd.FactDoc) []string {
			return append(c.factCells(lang, &f), c.correctionCell(lang, f.Corrections))
		}))
	return p.text.String()
}

// factCells tells a fact as it is known now, with what was told beside it where that is
// something else.
func (c *cli) factCells(lang string, f *httpd.FactDoc) []string {
	var decided []string
	at, what, fields := c.clock(f.At), strings.TrimSpace(f.Kind+" "+f.Name), plainFields(f.Fields)
	told := words(lang, " (told: ", "（最初の内容: ")
	if f.KnownAt != nil {
		at = c.clock(f.KnownAt) + told + at + words(lang, ")", "）")
	}
	if f.KnownFields != nil {
		fields = plainFields(f.KnownFields) + told + fields + words(lang, ")", "）")
	}
	if f.Never {
		what += words(lang, ": it did not happen", "：なかった")
	}
	for _, d := range f.Derived {
		decided = append(decided, d.Name)
	}
	for _, d := range f.Decisions {
		decided = append(decided, strings.TrimSpace(d.Kind+" "+d.Subject+" "+d.Detail))
	}
	return []string{at, what, fields, strings.Join(decided, "; ")}
}

func plainFields(fields map[string]any) string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		list = append(list, name+"="+plainOf(fields[name]))
	}
	return strings.Join(list, ", ")
}

// correctionCell tells what was said of a fact, by whom, when and why.
func (c *cli) correctionCell(lang string, list []httpd.CorrectionDoc) string {
	said := make([]string, len(list))
	for i := range list {
		d := &list[i]
		said[i] = fmt.Sprintf("%s: %s (%s, %s)", httpd.SaysText(lang, d.Says), d.Why, d.Who, c.clock(d.When))
		if d.TakenBack {
			said[i] += words(lang, ", taken back", "、取り消し済み")
		}
	}
	return strings.Join(said, "; ")
}

func rowsOf[T any](list []T, cells func(T) []string) (rows [][]string) {
	for _, one := range list {
		rows = append(rows, cells(one))
	}
	return rows
}

// personPage is a page in Markdown on its way.
type personPage struct {
	lang string
	text strings.Builder
}

func (p *personPage) line(text string) { p.text.WriteString(text + "\n") }

// section writes a table, or that there is nothing.
func (p *personPage) section(en, ja string, head []string, rows [][]string) {
	p.line("\n## " + words(p.lang, en, ja) + "\n")
	if len(rows) == 0 {
		p.line(words(p.lang, "Nothing.", "ありません。"))
		return
	}
	p.line("| " + strings.Join(head, " | ") + " |")
	p.line("|" + strings.Repeat(" --- |", len(head)))
	for _, row := range rows {
		for i := range row {
			row[i] = inline(row[i])
		}
		p.line("| " + strings.Join(row, " | ") + " |")
	}
}

// inline makes a text one that Markdown shows as it is: what people have written
// must not become a heading, a link or a row of its own.
func inline(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			b.WriteByte(' ')
		case strings.ContainsRune("\\`*_{}[]()<>#+!|~&", r):
			b.WriteString(fmt.Sprintf("&#%d;", r))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func (c *cli) clock(t *time.Time) string {
	if t == nil {
		return ""
	}
	return c.stamp(t)
}

func plainOf(v any) string {
	if text, ok := v.(string); ok {
		return text
	}
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(text)
}

var personLayout = template.Must(template.New("person").Parse(`<!doctype html>
<html lang="{{.Lang}}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{{.Title}}</title>
<style>
:root { color-scheme: light dark; }
body { font: 15px/1.7 system-ui, "Hiragino Sans", "Noto Sans CJK JP", sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; font-size: 13px; display: block; overflow-x: auto; }
th, td { border: 1px solid color-mix(in srgb, currentColor 25%, transparent); padding: 4px 8px; text-align: left; vertical-align: top; min-width: 5rem; }
</style>
</head>
<body>
{{.Body}}
</body>
</html>
`))

// personHTML is the same as a page for a browser, whole in itself.
func (c *cli) personHTML(w io.Writer, d *httpd.PersonDoc, lang string) error {
	var body strings.Builder
	md := goldmark.New(goldmark.WithExtensions(extension.Table))
	if err := md.Convert([]byte(c.personMarkdown(d, lang)), &body); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	return personLayout.Execute(w, map[string]any{
		"Lang": lang, "Title": words(lang, "What is known about you", "保有している情報"),
		"Body": template.HTML(body.String()), // goldmark escapes, and lets no HTML of anybody through
	})
}
