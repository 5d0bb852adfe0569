package dsl

import (
	"strings"

	"github.com/expr-lang/expr/ast"
)

// UnsubscribeFact is where the shell may put the address under which a lead stops
// its mails, before a mail is rendered. With it the footer holds a link; without,
// there is none: a dead link would be worse.
const UnsubscribeFact = "unsubscribe_url"

// darkStyles turn the ground dark where the reader wants it. Everything else is
// styled on the elements themselves.
const darkStyles = `:root{color-scheme:light dark;supported-color-schemes:light dark}
@media (prefers-color-scheme:dark){
.nurture-page{background-color:#0d1117!important}
.nurture-card{background-color:#161b22!important}
.nurture-card p,.nurture-card li,.nurture-card h1,.nurture-card h2,.nurture-card h3,.nurture-card ul,.nurture-card ol{color:#e6edf3!important}
.nurture-card a[style*="underline"]{color:#79b8ff!important}
.nurture-foot td,.nurture-foot a{color:#9198a1!important}
.nurture-line{background-color:#30363d!important}
.nurture-card blockquote{border-color:#30363d!important}
.nurture-card pre,.nurture-card code{background-color:#21262d!important;color:#e6edf3!important}
}
@media (max-width:620px){
.nurture-cell{padding:24px 16px!important}
.nurture-column{max-width:100%!important}
.nurture-column-cell{padding:0!important}
}`

// unsubscribeKnown and unsubscribeAddress read UnsubscribeFact.
var (
	unsubscribeAddress = mustFact(UnsubscribeFact, false)
	unsubscribeKnown   = mustFact(UnsubscribeFact, true)
)

// mustFact is an expression that reads one fact, or asks whether it is there.
func mustFact(name string, known bool) *expression {
	var n ast.Node = &ast.IdentifierNode{Value: name}
	if known {
		n = callNode(func(v any) bool { return !isEmpty(v) }, n)
	}
	program, err := assemble(n, name)
	if err != nil {
		panic(err) // the expression is ours, not a marketer's
	}
	return &expression{source: name, program: program}
}

// layout puts the written body into the page of a mail: a column of at most 600
// pixels in nested tables, with the preview hidden at the top and a footer below.
// The column shrinks by itself where a program strips the style element; Outlook
// goes by the width attributes.
func (m *mail) layout(body []textNode) []textNode {
	lang := m.sc.Language
	if lang == "" {
		lang = "en"
	}
	var nodes []textNode
	add := func(parts ...string) { nodes = append(nodes, textNode{literal: strings.Join(parts, "")}) }
	add(`<!doctype html>
<html lang="`, lang, `">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>`)
	nodes = append(nodes, escaped(m.subject.nodes)...)
	add(`</title>
<style>`, darkStyles, `</style>
</head>
<body style="margin:0;padding:0;background-color:#f6f8fa" class="nurture-page">
`)
	if hidden := m.hidden(); hidden != nil {
		nodes = append(append(nodes, hidden...), textNode{literal: "\n"})
	}
	add(`<table role="presentation" width="100%" border="0" cellpadding="0" cellspacing="0" bgcolor="#f6f8fa" class="nurture-page" style="background-color:#f6f8fa"><tr><td align="center" style="padding:24px 8px">
<table role="presentation" width="600" border="0" cellpadding="0" cellspacing="0" bgcolor="#ffffff" class="nurture-card" style="table-layout:fixed;width:100%;max-width:600px;background-color:#ffffff;border-radius:8px"><tr><td class="nurture-cell" style="padding:32px;font-family:`, fonts, `;font-size:16px;line-height:1.7;color:`, textColor, `;overflow-wrap:break-word;text-align:left">
`)
	nodes = append(nodes, body...)
	add("</td></tr></table>\n")
	nodes = append(nodes, m.footing()...)
	add("</td></tr></table>\n</body>\n</html>\n")
	return joinLiterals(nodes)
}

// footing is what stands under the column: the template's footer, and the way to
// unsubscribe where the shell knows one.
func (m *mail) footing() []textNode {
	words := Doc{"Stop these mails", "配信を停止する"}.In(m.sc.Language)
	open := textNode{literal: `<table role="presentation" width="600" border="0" cellpadding="0" cellspacing="0" class="nurture-foot" style="table-layout:fixed;width:100%;max-width:600px"><tr><td align="center" style="padding:16px 32px;font-family:` +
		fonts + `;font-size:12px;line-height:1.6;color:` + quietColor + `">`}
	link := []textNode{
		{literal: `<a href="`},
		{value: unsubscribeAddress, escape: urlStart},
		{literal: `" target="_blank" style="color:` + quietColor + `;text-decoration:underline">` + words + "</a>"},
	}
	shut := textNode{literal: "</td></tr></table>\n"}
	if len(m.footer.nodes) == 0 {
		return []textNode{{cond: unsubscribeKnown, then: append(append([]textNode{open}, link...), shut)}}
	}
	nodes := append([]textNode{open}, escaped(m.footer.nodes)...)
	nodes = append(nodes, textNode{cond: unsubscribeKnown, then: append([]textNode{{literal: "<br>\n"}}, link...)})
	return append(nodes, shut)
}

// plainLayout puts the footing under the plain text.
func (m *mail) plainLayout(body []textNode) []textNode {
	words := Doc{"Stop these mails", "配信を停止する"}.In(m.sc.Language)
	link := []textNode{{literal: words + "\n"}, {value: unsubscribeAddress}, {literal: "\n"}}
	if len(m.footer.nodes) == 0 {
		return joinLiterals(append(body, textNode{cond: unsubscribeKnown, then: append([]textNode{{literal: "\n--\n"}}, link...)}))
	}
	body = append(append(body, textNode{literal: "\n--\n"}), m.footer.nodes...)
	return joinLiterals(append(body, textNode{literal: "\n"}, textNode{cond: unsubscribeKnown, then: link}))
}

// hidden are the nodes of the preview, which mail programs show in the list and
// not in the mail. Without the filler they would go on with the first lines of the
// body.
func (m *mail) hidden() []textNode {
	if len(m.preview.nodes) == 0 {
		return nil
	}
	nodes := append([]textNode{{literal: hiddenBegin}}, escaped(m.preview.nodes)...)
	return append(nodes, textNode{literal: strings.Repeat("&#847;&#8203;&#160;", 40) + hiddenEnd})
}

// What the hidden preview stands in.
const (
	hiddenBegin = `<div style="display:none;max-height:0;max-width:0;overflow:hidden;opacity:0;mso-hide:all">`
	hiddenEnd   = "</div>"
)

// escaped are the nodes of a plain text for between tags.
func escaped(nodes []textNode) []textNode {
	out := make([]textNode, len(nodes))
	for i := range nodes {
		n := nodes[i]
		n.escape, n.fixed = htmlText, false
		n.literal = string(appendHTML(nil, n.literal))
		n.then, n.other = escaped(n.then), escaped(n.other)
		out[i] = n
	}
	return out
}

// joinLiterals makes one of literals that follow each other.
func joinLiterals(nodes []textNode) []textNode {
	var out []textNode
	for _, n := range nodes {
		if n.isControl() {
			n.then, n.other = joinLiterals(n.then), joinLiterals(n.other)
		}
		if last := len(out) - 1; n.isLiteral() && last >= 0 && out[last].isLiteral() {
			out[last].literal += n.literal
			continue
		}
		out = append(out, n)
	}
	return out
}
