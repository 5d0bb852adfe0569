package main

import (
	"bytes"
	"fmt"
	"html"
	"html/template"
	"regexp"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"github.com/seed-456efde2/nurture/dsl"
)

// anchors gives headings the names that the reference links to.
type anchors struct{ seen map[string]int }

// Generate implements parser.IDs.
func (a anchors) Generate(value []byte, _ ast.NodeKind) []byte {
	name := dsl.Anchor(string(value))
	n := a.seen[name]
	a.seen[name]++
	if n > 0 {
		name = fmt.Sprintf("%s-%d", name, n)
	}
	return []byte(name)
}

// Put implements parser.IDs.
func (a anchors) Put(value []byte) { a.seen[string(value)]++ }

var docsMarkdown = goldmark.New(
	goldmark.WithExtensions(extension.Table),
	goldmark.WithParserOptions(parser.WithAutoHeadingID()),
	goldmark.WithRendererOptions(renderer.WithNodeRenderers(util.Prioritized(docsNodes{}, 100))),
)

// renderPage turns a page into HTML and notes its sections.
func renderPage(path string, src []byte) (*docsPage, error) {
	context := parser.NewContext(parser.WithIDs(anchors{map[string]int{}}))
	doc := docsMarkdown.Parser().Parse(text.NewReader(src), parser.WithContext(context))
	withoutSuffix(doc)
	var b bytes.Buffer
	if err := docsMarkdown.Renderer().Render(&b, src, doc); err != nil {
		return nil, err
	}
	p := &docsPage{Path: path, Title: path, Body: template.HTML(b.String())}
	p.Sections = sectionsOf(p, doc, src)
	return p, nil
}

// withoutSuffix lets links between pages lead to the site's addresses.
func withoutSuffix(doc ast.Node) {
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if l, ok := n.(*ast.Link); ok && entering {
			to, fragment, _ := strings.Cut(string(l.Destination), "#")
			if !strings.Contains(to, "://") && strings.HasSuffix(to, ".md") {
				to = strings.TrimSuffix(to, ".md")
				if fragment != "" {
					to += "#" + fragment
				}
				l.Destination = []byte(to)
			}
		}
		return ast.WalkContinue, nil
	})
}

// sectionsOf are a page's headings with the text below each.
func sectionsOf(p *docsPage, doc ast.Node, src []byte) []docsSection {
	plain := &terminal{src: src}
	var out []docsSection
	for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
		if h, ok := n.(*ast.Heading); ok {
			id, _ := h.AttributeString("id")
			anchor, _ := id.([]byte)
			title := plain.line(h)
			if h.Level == 1 {
				p.Title = title
			}
			out = append(out, docsSection{Path: p.Path, Title: title, Anchor: string(anchor), Level: h.Level})
			continue
		}
		if len(out) > 0 {
			below := &terminal{src: src}
			below.block(n, "")
			out[len(out)-1].Text += below.out.String()
		}
	}
	for i := range out {
		out[i].Page = p.Title
	}
	return out
}

// docsNodes renders what the site shows in its own way: code with colours, tables
// that scroll by themselves.
type docsNodes struct{}

// RegisterFuncs implements renderer.NodeRenderer.
func (docsNodes) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindFencedCodeBlock, renderFence)
	r.Register(extast.KindTable, func(w util.BufWriter, _ []byte, _ ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			_, _ = w.WriteString(`<div class="scroll"><table>`)
		} else {
			_, _ = w.WriteString("</tbody></table></div>\n")
		}
		return ast.WalkContinue, nil
	})
	r.Register(extast.KindTableHeader, func(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			_, _ = w.WriteString("<thead><tr>")
		} else {
			_, _ = w.WriteString("</tr></thead><tbody>")
		}
		return ast.WalkContinue, nil
	})
}

func renderFence(w util.BufWriter, src []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	n := node.(*ast.FencedCodeBlock)
	if !entering {
		return ast.WalkContinue, nil
	}
	info := ""
	if n.Info != nil {
		info = string(n.Info.Segment.Value(src))
	}
	var code strings.Builder
	for i := range n.Lines().Len() {
		at := n.Lines().At(i)
		code.Write(at.Value(src))
	}
	class := ""
	if strings.Contains(info, " wrong") {
		class = ` class="wrong"`
	}
	body := html.EscapeString(code.String())
	if strings.HasPrefix(info, "hcl") {
		body = coloured(code.String())
	}
	_, err := fmt.Fprintf(w, "<pre%s><code>%s</code></pre>\n", class, body)
	return ast.WalkSkipChildren, err
}

// hclParts are what has a colour in rules: comments, texts, numbers and flags, and
// the words that begin a block or an attribute.
var hclParts = regexp.MustCompile(`(?m)(#[^\n]*)|("(?:[^"\\\n]|\\.)*")|\b([0-9]+(?:\.[0-9]+)?|true|false)\b|(^[ \t]*[\p{L}_][\p{L}\p{N}_]*)`)

// coloured writes rules as HTML with colours.
func coloured(code string) string {
	classes := []string{"c", "s", "n", "w"}
	var b strings.Builder
	at := 0
	for _, m := range hclParts.FindAllStringSubmatchIndex(code, -1) {
		b.WriteString(html.EscapeString(code[at:m[0]]))
		for i, class := range classes {
			if m[2+2*i] >= 0 {
				fmt.Fprintf(&b, `<span class="%s">%s</span>`, class, html.EscapeString(code[m[0]:m[1]]))
			}
		}
		at = m[1]
	}
	b.WriteString(html.EscapeString(code[at:]))
	return b.String()
}
