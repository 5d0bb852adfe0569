package dsl

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/seed-456efde2/nurture/engine"
)

// shownContent is the content of a slot of a web site: a piece of HTML for the page,
// in the page's own looks. It is immutable and shared.
type shownContent struct {
	body  textTemplate
	html  []textNode // of a Markdown template
	raw   *rawMail   // of an .html template, instead
	reads []engine.Key
	name  string
	place engine.Place
	sc    *Scope
}

// compileShown compiles a template for a slot.
func compileShown(file templateFile, sc *Scope) (engine.Content, []problem) {
	src := fileSource(file)
	m := &mail{name: file.Name, sc: sc, onPage: true}
	s := &shownContent{name: file.Name, sc: sc, place: engine.Place{File: file.Name, Line: 1, Column: 1}}
	var f found
	var problems []problem
	m.body, problems = compileSource(src, sc)
	f.problems = append(f.problems, problems...)
	f.problems = append(f.problems, dollarBraces(src)...)
	if !fatal(f.problems) {
		if strings.HasSuffix(file.Name, ".html") {
			s.raw = compileRaw(m, src, &f)
		} else if html, _, ok := m.written(src, &f); ok {
			s.html = forPage(html)
		}
	}
	if fatal(f.problems) {
		return nil, f.problems
	}
	s.body = m.body
	s.reads = sortedKeys(readsOf(&s.body))
	return s, f.problems
}

// Reads implements engine.Expr.
func (s *shownContent) Reads() []engine.Key { return s.reads }

// Place implements engine.Expr.
func (s *shownContent) Place() engine.Place { return s.place }

// Source implements engine.Expr: the template's name.
func (s *shownContent) Source() string { return s.name }

// Meaning implements engine.Expr.
func (s *shownContent) Meaning() string {
	form := "markdown"
	if s.raw != nil {
		form = "html"
	}
	return strings.Join([]string{"shown", "1", form, s.sc.Language, s.body.Meaning()}, "\x00")
}

// Render implements engine.Content.
func (s *shownContent) Render(v *engine.Vars) ([]engine.Field, error) {
	var html string
	var err error
	if s.raw != nil {
		html, _, err = s.raw.render(v, s.sc)
	} else if html, err = renderNodes(s.html, v, s.sc); err == nil {
		html = strings.ReplaceAll(html, pageSeam, "")
	}
	if err != nil {
		return nil, fmt.Errorf("render %s: %w", s.name, err)
	}
	return []engine.Field{{Name: "html", Value: engine.TextValue(html)}}, nil
}

// pageSeam is what stands between two lists that follow each other: see listSeam.
const pageSeam = "</ul>\n<ul>\n"

// What a mail's HTML has that a page does not want: looks on every element, tables
// for boxes. A page has a style sheet.
var (
	mailButton = regexp.MustCompile(`( class="([^"]*)")? target="_blank" style="display:inline-block[^"]*"`)
	mailLink   = regexp.MustCompile(` class="([^"]*)" target="_blank"`)
	mailStyle  = regexp.MustCompile(` (?:style|bgcolor)="[^"]*"`)
	mailBox    = regexp.MustCompile(`<table role="presentation"[^>]*><tr><td align="center"[^>]*>`)
	mailLine   = regexp.MustCompile(`<table role="presentation"[^>]*><tr><td style="padding:8px 0 24px"><div class="nurture-line"[^>]*>&#160;</div></td></tr></table>`)
)

// forPage makes the HTML of a mail into HTML of a page. Only what the writer itself
// wrote is changed: values stand in nodes of their own.
func forPage(nodes []textNode) []textNode {
	out := make([]textNode, len(nodes))
	for i := range nodes {
		out[i] = nodes[i]
		out[i].then, out[i].other = forPage(nodes[i].then), forPage(nodes[i].other)
		if nodes[i].isLiteral() {
			out[i].literal = pageHTML(nodes[i].literal)
		}
	}
	return out
}

func pageHTML(s string) string {
	s = mailLine.ReplaceAllString(s, "<hr>")
	s = mailBox.ReplaceAllString(s, "<p>")
	s = strings.ReplaceAll(s, "</td></tr></table>", "</p>")
	s = mailButton.ReplaceAllStringFunc(s, func(tag string) string {
		if class := mailButton.FindStringSubmatch(tag)[2]; class != "" {
			return ` class="button" data-nurture-link="` + class + `"`
		}
		return ` class="button"`
	})
	s = mailLink.ReplaceAllString(s, ` data-nurture-link="$1"`)
	s = strings.ReplaceAll(s, ` target="_blank"`, "")
	return mailStyle.ReplaceAllString(s, "")
}
