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
.nurture-foot a{color:#9198a1!important}
.nurture-card pre,.nurture-card code{background-color:#21262d!important;color:#e6edf3!important}
}
@media (max-width:620px){.nurture-card,.nurture-foot{width:100%!important}.nurture-cell{padding:24px 16px!important}}`

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

// layout puts the written body into the page of a mail: a column of 600 pixels in
// nested tables, with the preview hidden at the top and a footer below.
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
	if len(m.preview.nodes) > 0 {
		add(`<div style="display:none;max-height:0;max-width:0;overflow:hidden;opacity:0;mso-hide:all">`)
		nodes = append(nodes, escaped(m.preview.nodes)...)
		// Without the filler a mail program goes on with the first lines of the body.
		add(strings.Repeat("&#847;&#8203;&#160;", 40), "</div>\n")
	}
	add(`<table role="presentation" width="100%" border="0" cellpadding="0" cellspacing="0" bgcolor="#f6f8fa" class="nurture-page" style="background-color:#f6f8fa"><tr><td align="center" style="padding:24px 8px">
<table role="presentation" width="600" border="0" cellpadding="0" cellspacing="0" bgcolor="#ffffff" class="nurture-card" style="width:600px;max-width:100%;background-color:#ffffff;border-radius:8px"><tr><td class="nurture-cell" style="padding:32px;font-family:`, fonts, `;font-size:16px;line-height:1.7;color:`, textColor, `;text-align:left">
`)
	nodes = append(nodes, body...)
	add("</td></tr></table>\n")
	nodes = append(nodes, textNode{cond: unsubscribeKnown, then: m.footer()})
	add("</td></tr></table>\n</body>\n</html>\n")
	return joinLiterals(nodes)
}

// footer is the line under the column, where the shell knows how to unsubscribe.
func (m *mail) footer() []textNode {
	words := Doc{"Stop these mails", "配信を停止する"}.In(m.sc.Language)
	return []textNode{
		{literal: `<table role="presentation" width="600" border="0" cellpadding="0" cellspacing="0" class="nurture-foot" style="width:600px;max-width:100%"><tr><td align="center" style="padding:16px 32px;font-family:` +
			fonts + `;font-size:12px;line-height:1.6;color:` + quietColor + `"><a href="`},
		{value: unsubscribeAddress, escape: urlStart},
		{literal: `" target="_blank" style="color:` + quietColor + `;text-decoration:underline">` + words + "</a></td></tr></table>\n"},
	}
}

// plainLayout puts the footer under the plain text.
func (m *mail) plainLayout(body []textNode) []textNode {
	words := Doc{"Stop these mails", "配信を停止する"}.In(m.sc.Language)
	return joinLiterals(append(body, textNode{cond: unsubscribeKnown, then: []textNode{
		{literal: "\n--\n" + words + "\n"}, {value: unsubscribeAddress}, {literal: "\n"},
	}}))
}

// escaped are the nodes of a plain text for between tags.
func escaped(nodes []textNode) []textNode {
	out := make([]textNode, len(nodes))
	for i := range nodes {
		n := nodes[i]
		n.escape = htmlText
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
