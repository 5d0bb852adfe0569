package dsl

import (
	"fmt"
	"html"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/seed-456efde2/nurture/engine"
)

// mailOf compiles a template whose first line may give the subject.
func mailOf(input, name string, sc *Scope) (engine.Content, []problem, string) {
	subject := "料金プランの選び方"
	if first, rest, ok := strings.Cut(input, "\n"); ok && strings.HasPrefix(first, "Subject: ") {
		subject, input = strings.TrimPrefix(first, "Subject: "), rest
	}
	t, problems := compileText(plainLiteral(subject), sc)
	if problems != nil {
		return nil, problems, subject
	}
	c, problems := compileMail(templateFile{Name: name, Source: []byte(input)}, t, sc)
	return c, problems, input
}

// bodyOf is what stands in the column of the page.
func bodyOf(page string) string {
	_, body, _ := strings.Cut(page, "text-align:left\">\n")
	body, _, _ = strings.Cut(body, "</td></tr></table>\n</td></tr></table>\n</body>")
	return body
}

// TestMails renders the templates of testdata/mail, or shows what is wrong.
func TestMails(t *testing.T) {
	t.Parallel()
	datadriven.Walk(t, "testdata/mail", func(t *testing.T, path string) {
		t.Parallel()
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			return runMail(t, d)
		})
	})
}

func runMail(t *testing.T, d *datadriven.TestData) string {
	sc := scopeFor(t, d)
	lang := "en"
	if d.HasArg("ja") {
		lang = "ja"
	}
	if d.HasArg("noaddress") {
		sc.Address = ""
	}
	name := "templates/a.md"
	if d.Cmd == "raw" {
		name = "templates/a.html"
	}
	content, problems, source := mailOf(d.Input, name, sc)
	if content == nil {
		return shown(source, problems, lang)
	}
	facts := textFacts()
	if d.HasArg("unsubscribe") {
		facts[UnsubscribeFact] = "https://mail.example.com/u?a=1&b=2"
	}
	fields, err := content.Render(&engine.Vars{Facts: facts})
	if err != nil {
		return "error: " + err.Error() + "\n"
	}
	var b strings.Builder
	for _, f := range fields {
		text := f.Value.Text()
		if f.Name == "html" && d.Cmd == "mail" && !d.HasArg("full") {
			text = "\n" + bodyOf(text)
		} else if strings.Contains(text, "\n") {
			text = "\n" + text
		}
		fmt.Fprintf(&b, "%s: %s\n", f.Name, text)
	}
	return b.String() + "reads " + flat(content.Reads()) + "\n"
}

var mailPlaces = `---
preview: {{ lead.title ?? '-' }} のご案内
---
# {{ lead.title ?? '-' }}

{{ lead.title ?? '-' }} 様 **{{ lead.title ?? '-' }}** ` + "`{{ lead.title ?? '-' }}`" + `
[{{ lead.title ?? '-' }}](https://www.example.com/{{ lead.title ?? '-' }}?q={{ lead.title ?? '-' }}#{{ lead.title ?? '-' }}){.button .case_study}
[a]({{ lead.title ?? '-' }}) ![{{ lead.title ?? '-' }}](https://img.example.com/{{ lead.title ?? '-' }}.png)

- {{ lead.title ?? '-' }}
> {{ lead.title ?? '-' }}

    {{ lead.title ?? '-' }}
`

// tagsOf are the tags of a page in order, with their attributes' names.
func tagsOf(t *testing.T, page string) []string {
	t.Helper()
	var out []string
	for i := 0; i < len(page); i++ {
		if page[i] != '<' {
			continue
		}
		name, attrs, rest := htmlTag(page[i:])
		var names []string
		for attrs != "" {
			attrs = strings.TrimLeft(attrs, " \n")
			attr, value, ok := strings.Cut(attrs, "=")
			if !ok {
				break
			}
			if !strings.HasPrefix(value, `"`) {
				t.Fatalf("attribute %s of %s is not quoted", attr, name)
			}
			_, attrs, _ = strings.Cut(value[1:], `"`)
			names = append(names, attr)
		}
		out = append(out, name+" "+strings.Join(names, ","))
		i = len(page) - len(rest) - 1
	}
	return out
}

// Whatever a value holds, the page has the same tags with the same attributes,
// its links lead to the same hosts, and the text shows the value as it is.
func TestValuesStayTextInMails(t *testing.T) {
	t.Parallel()
	content, problems, _ := mailOf("Subject: {{ lead.title ?? '-' }} 様\n"+mailPlaces, "templates/a.md", testScope())
	if content == nil {
		t.Fatal(shown(mailPlaces, problems, "en"))
	}
	render := func(value string) map[string]string {
		facts := textFacts()
		facts["lead.title"] = value
		fields, err := content.Render(&engine.Vars{Facts: facts})
		if err != nil {
			t.Fatalf("%q: %v", value, err)
		}
		out := map[string]string{}
		for _, f := range fields {
			out[f.Name] = f.Value.Text()
		}
		return out
	}
	want := fmt.Sprint(tagsOf(t, render("田中")["html"]))
	for _, evil := range hostile {
		got := render(evil)
		if tags := fmt.Sprint(tagsOf(t, got["html"])); tags != want {
			t.Errorf("%q changes the page:\n%s\nwant\n%s", evil, tags, want)
		}
		checkLinks(t, evil, got["html"])
		if strings.ContainsAny(got["subject"], "\r\n") || strings.ContainsAny(got["preview"], "\r\n") {
			t.Errorf("%q breaks a header: %q", evil, got["subject"])
		}
		text := html.UnescapeString(got["html"])
		if shown := strings.ToValidUTF8(withoutControl(evil), "�"); !strings.Contains(text, shown) || !strings.Contains(got["text"], shown) {
			t.Errorf("%q does not stand in the text as it is", evil)
		}
	}
}

func checkLinks(t *testing.T, evil, page string) {
	t.Helper()
	for i, part := range strings.Split(page, `href="`)[1:] {
		href, _, _ := strings.Cut(part, `"`)
		href = html.UnescapeString(href)
		if i == 0 && !strings.HasPrefix(href, "https://www.example.com/") || i == 1 && href != "#" && !safeAddress(href) {
			t.Errorf("%q makes the link %q", evil, href)
		}
		if strings.ContainsAny(href, " \r\n\x00<>\"'") {
			t.Errorf("%q stands in the link %q as it is", evil, href)
		}
	}
}

// The same values in an .html template, where html/template knows the places.
func TestValuesStayTextInRawMails(t *testing.T) {
	t.Parallel()
	page := `<html><head><title>{{ lead.title ?? '-' }}</title></head><body title="{{ lead.title ?? '-' }}">
<p>{{ lead.title ?? '-' }}</p><a href="https://www.example.com/{{ lead.title ?? '-' }}">x</a><a href="{{ lead.title ?? '-' }}">y</a></body></html>`
	content, problems, _ := mailOf(page, "templates/a.html", testScope())
	if content == nil {
		t.Fatal(shown(page, problems, "en"))
	}
	for _, evil := range hostile {
		facts := textFacts()
		facts["lead.title"] = evil
		fields, err := content.Render(&engine.Vars{Facts: facts})
		if err != nil {
			t.Fatalf("%q: %v", evil, err)
		}
		out, _ := engine.Lookup(fields, "html")
		if n := strings.Count(out.Text(), "<"); n != strings.Count(page, "<") {
			t.Errorf("%q changes the page: %s", evil, out.Text())
		}
		if strings.Contains(out.Text(), `href="javascript:`) || strings.Contains(out.Text(), `href="data:`) {
			t.Errorf("%q makes a link that runs: %s", evil, out.Text())
		}
	}
}

func TestMailNeedsAnAddress(t *testing.T) {
	t.Parallel()
	content, _, _ := mailOf("本文", "templates/a.md", testScope())
	for _, to := range []any{nil, "", " \r\n "} {
		facts := textFacts()
		facts["lead.email"] = to
		if _, err := content.Render(&engine.Vars{Facts: facts}); err == nil {
			t.Errorf("a mail to %q was rendered", to)
		}
	}
}

// Templates that would make a careless parser work for minutes, past any test's
// time-out.
func TestHostileTemplatesAreBounded(t *testing.T) {
	t.Parallel()
	for _, piece := range []string{
		"[", "](", "![", "> ", "* ", "- ", "`", "**", "_a_", "<", "<!--", "&#", "{{ if lead.trial }}", "{{", "[a]: b\n", "a](b){.c}", "\t", "1. ", "<a", "~", "<a b=", "&", "\\", "\n\n", "```\n", "[a]", "<https://", "a@b.c ", "_", "* _",
	} {
		input := strings.Repeat(piece, maxMarkdown/len(piece))
		for _, name := range []string{"templates/a.md", "templates/a.html"} {
			content, _, _ := mailOf(input, name, testScope())
			if content != nil {
				_, _ = content.Render(&engine.Vars{Facts: textFacts()})
			}
		}
	}
}

func BenchmarkMail(b *testing.B) {
	sc := testScope()
	content, problems, _ := mailOf(`---
preview: 失敗しない料金プランの選び方を3分で
---
{{ lead.last_name ?? 'ご担当者' }} 様

料金ページをご覧いただき、ありがとうございます。

{{ if lead.employees >= 100 }}
従業員100名以上の企業様では、次の3点で迷われる方が多くいらっしゃいます。
{{ else }}
はじめて導入される企業様では、次の3点で迷われる方が多くいらっしゃいます。
{{ end }}

1. 利用人数の数え方
2. 契約期間
3. サポートの範囲

[導入企業の選び方を見る](https://www.acme.co.jp/pricing/guide){.button .case_study}
`, "templates/a.md", sc)
	if content == nil {
		b.Fatal(shown("", problems, "en"))
	}
	vars := &engine.Vars{Facts: textFacts()}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := content.Render(vars); err != nil {
			b.Fatal(err)
		}
	}
}
