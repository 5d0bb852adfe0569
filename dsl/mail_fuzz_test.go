package dsl

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/seed-456efde2/nurture/engine"
)

func FuzzText(f *testing.F) {
	for _, seed := range []string{
		"{{ lead.last_name ?? 'ご担当者' }} 様", "{{ if lead.employees >= 100 }}a{{ else }}b{{ end }}", "{{ for r in reasons }}{{ r }}{{ end }}",
		"{{", "}}", "{{ '}}' }}", "｛｛ x ｝｝", "{{ if }}{{ end }}", "{{ else }}", "{{ end }}", "{{ {{ }} }}", "{{ for a in reasons }}{{ for a in reasons }}{{ a }}{{ end }}{{ a }}{{ end }}",
		"{{ now | month() }}月号 {{ const.hot }} {{ percent(0.5) }}", "{{ 'a\nb' }}", "{{ elif }}", "\xff{{ lead.email }}", "{{ `\n}}` }}",
	} {
		f.Add(seed)
	}
	sc := fuzzScope()
	sc.Event = nil
	f.Fuzz(func(t *testing.T, src string) {
		text, problems := compileText(plainLiteral(src), sc)
		checkProblems(t, src, problems)
		if fatal(problems) {
			return
		}
		for _, outside := range []bool{true, false} {
			out, err := text.render(&engine.Vars{Facts: factsFor(text.Reads(), sc, outside)})
			if err != nil && err != errTooLong || len(out) > maxOutput {
				t.Errorf("%q: %d bytes, %v", src, len(out), err)
			}
		}
		if !strings.Contains(src, "{{") && text.Meaning() != src {
			t.Errorf("%q means %q", src, text.Meaning())
		}
	})
}

func FuzzMail(f *testing.F) {
	for _, seed := range []string{
		mailPlaces, "---\npreview: a {{ lead.email }}\n---\n# {{ now | month() }}月号\n\n{{ if segment.readers }}\n## a\n{{ else }}\nb\n{{ end }}\n",
		"[a](https://a.example/{{ lead.industry ?? 'all' }}){.button .case_study}", "**{{ if lead.trial }}a** b{{ end }}", "- a\n{{ if lead.trial }}\n- b\n{{ end }}\n- c",
		"[{{ if lead.trial }}a](https://a.example/{{ end }})", "```\n{{ lead.email }}\n```", "[a][b]\n\n[b]: https://a.example/{{ lead.email }} \"{{ lead.email }}\"",
		"![{{ lead.email }}](https://a.example/{{ lead.email }}.png){width=30}", "<https://a.example/{{ lead.email }}>", "`{{ lead.email }}`", "a{.b} (c){.d} [e]{.f}",
		"{{ if lead.trial }}[a](https://a.example){.button}{{ end }}", "> {{ lead.email }}\n> - {{ lead.email }}", "&#x100000;{{ lead.email }}\U00100000\U000f0000", "![a](https://b){.x}![c](https://d){.x}",
		"::: columns\na {{ lead.email }}\n+++\n{{ if lead.trial }}\n- b\n{{ end }}\n:::\nc", "::: columns\n::: columns\n+++\n:::", "---\nfooter: {{ lead.email }} <b>\npreview: {{ lead.email }}\n---\n<body class=\"x\">a</body>",
	} {
		f.Add(seed, "<b>")
	}
	sc := fuzzScope()
	sc.Event = nil
	f.Fuzz(func(t *testing.T, src, value string) {
		for _, name := range []string{"templates/a.md", "templates/a.html"} {
			content, problems, source := mailOf(src, name, sc)
			checkProblems(t, source+"料金プランの選び方", problems)
			if content == nil {
				continue
			}
			plain, err := renderWith(content, sc, "a")
			evil, err2 := renderWith(content, sc, value)
			if err != nil || err2 != nil {
				if err != nil && !strings.Contains(err.Error(), "256 KiB") {
					t.Errorf("%q: %v", src, err)
				}
				continue
			}
			checkSameTags(t, name, src, value, plain, evil)
		}
	})
}

func renderWith(content engine.Content, sc *Scope, value string) (string, error) {
	facts := factsFor(content.Reads(), sc, true)
	for name, v := range facts {
		if _, ok := v.(string); ok && strings.HasPrefix(name, "lead.") && name != "lead.email" && name != "lead.stage" {
			facts[name] = value
		}
	}
	fields, err := content.Render(&engine.Vars{Facts: facts})
	page, _ := engine.Lookup(fields, "html")
	return page.Text(), err
}

// checkSameTags: a value changes no tag of a Markdown template.
func checkSameTags(t *testing.T, name, src, value, plain, evil string) {
	t.Helper()
	if !utf8.ValidString(evil) && utf8.ValidString(value) {
		t.Errorf("%q with %q is no UTF-8", src, value)
	}
	if name != "templates/a.md" || isEmpty(value) || strings.Contains(src, "if") && strings.ContainsAny(src, "'\"`=<>") {
		return // an {{ if }} may ask for the value itself
	}
	a, b := tagsOf(t, plain), tagsOf(t, evil)
	if !slices.Equal(a, b) {
		t.Errorf("%q with %q:\n%s\nwant\n%s", src, value, fmt.Sprint(b), fmt.Sprint(a))
	}
}
