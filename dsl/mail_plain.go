package dsl

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/util"
)

// plainWriter writes Markdown as the plain text part of the same mail: links with
// their addresses, lists and headings as people write them by hand.
type plainWriter struct {
	*mailWriter
	out strings.Builder
}

// blocks writes the children of a block, each line behind a prefix, with an empty
// line between two paragraphs.
func (p *plainWriter) blocks(n ast.Node, prefix string) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		p.separate(c, prefix)
		p.block(c, prefix)
	}
}

// separate writes the empty line before a block that has another before it. The
// text of a tight list's item has none.
func (p *plainWriter) separate(n ast.Node, prefix string) {
	before := n.PreviousSibling()
	if before == nil || before.Kind() == ast.KindTextBlock {
		return
	}
	p.out.WriteString(strings.TrimRight(prefix, " ") + "\n")
}

func (p *plainWriter) block(n ast.Node, prefix string) {
	switch n := n.(type) {
	case *ast.Paragraph:
		p.line(prefix, p.paragraph(n))
	case *ast.TextBlock:
		p.line(prefix, p.inlines(n))
	case *ast.Heading:
		mark := map[bool]string{true: "■ ", false: "● "}[n.Level <= 2]
		p.line(prefix, mark+p.inlines(n))
	case *ast.List:
		p.list(n, prefix)
	case *ast.Blockquote:
		p.blocks(n, prefix+"> ")
	case *ast.CodeBlock, *ast.FencedCodeBlock:
		var code strings.Builder
		for i := range n.Lines().Len() {
			line := n.Lines().At(i)
			p.text(&code, n, line.Value(p.bytes), true)
		}
		p.line(prefix, strings.TrimRight(code.String(), "\n"))
	case *ast.ThematicBreak:
		p.line(prefix, "----------------------------------------")
	}
}

// line writes a text whose further lines stand behind the same prefix.
func (p *plainWriter) line(prefix, s string) {
	p.out.WriteString(prefix + strings.ReplaceAll(s, "\n", "\n"+blankOf(prefix)) + "\n")
}

// blankOf is the prefix of a list item's further lines: as wide, without its
// number.
func blankOf(prefix string) string {
	return strings.Map(func(r rune) rune {
		if r == '>' {
			return r
		}
		return ' '
	}, prefix)
}

func (p *plainWriter) list(n *ast.List, prefix string) {
	number := n.Start
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		item := "- "
		if n.IsOrdered() {
			item = strconv.Itoa(number) + ". "
			number++
		}
		if !n.IsTight && c.PreviousSibling() != nil {
			p.out.WriteString(strings.TrimRight(prefix, " ") + "\n")
		}
		further := blankOf(prefix + item)
		for b := c.FirstChild(); b != nil; b = b.NextSibling() {
			if b.PreviousSibling() == nil {
				p.block(b, prefix+item)
				continue
			}
			p.separate(b, further)
			p.block(b, further)
		}
		if c.FirstChild() == nil {
			p.out.WriteString(strings.TrimRight(prefix+item, " ") + "\n")
		}
	}
}

// paragraph puts the address of a link that stands alone on a line of its own.
func (p *plainWriter) paragraph(n *ast.Paragraph) string {
	link, ok := n.FirstChild().(*ast.Link)
	if !ok {
		return p.inlines(n)
	}
	rest := link.NextSibling()
	if t, ok := rest.(*ast.Text); ok && rest.NextSibling() == nil && strings.TrimSpace(p.afterLook(t)) == "" {
		rest = nil
	}
	if rest != nil {
		return p.inlines(n)
	}
	return p.inlines(link) + "\n" + p.plainAddress(link, link.Destination)
}

// afterLook is a text without the look that it begins with.
func (p *plainWriter) afterLook(n *ast.Text) string {
	value := n.Segment.Value(p.bytes)
	if lookBefore(n) {
		if m, _ := p.markOf(firstRune(value), plainText); m != nil && m.kind == lookMark {
			value = value[utf8.RuneLen(firstMark):]
		}
	}
	return string(value)
}

func (p *plainWriter) inlines(n ast.Node) string {
	var b strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		p.inline(&b, n, c)
	}
	return b.String()
}

func (p *plainWriter) inline(b *strings.Builder, parent, n ast.Node) {
	switch n := n.(type) {
	case *ast.Text:
		value := []byte(p.afterLook(n))
		p.text(b, parent, value, n.IsRaw())
		if n.HardLineBreak() || n.SoftLineBreak() && !p.joinsLines(n, value) {
			b.WriteString("\n")
		}
	case *ast.String:
		p.text(b, parent, n.Value, true)
	case *ast.CodeSpan:
		for c := n.FirstChild(); c != nil; c = c.NextSibling() {
			if t, ok := c.(*ast.Text); ok {
				p.text(b, n, t.Segment.Value(p.bytes), true)
			}
		}
	case *ast.Emphasis:
		b.WriteString(p.inlines(n))
	case *ast.Link:
		b.WriteString(p.inlines(n) + " (" + p.plainAddress(n, n.Destination) + ")")
	case *ast.AutoLink:
		p.text(b, n, n.Label(p.bytes), true)
	case *ast.Image:
		if alt := p.inlines(n); alt != "" {
			b.WriteString("[" + alt + "]")
		}
	}
}

func (p *plainWriter) text(b *strings.Builder, holder ast.Node, value []byte, raw bool) {
	p.pieces(holder, value, raw,
		func(s string) { b.WriteString(withoutControl(s)) },
		func(_ *mark, r rune) { b.WriteRune(r) })
}

// plainAddress is a link's address as a mail program recognises it.
func (p *plainWriter) plainAddress(n ast.Node, dest []byte) string {
	var b strings.Builder
	p.pieces(n, dest, false,
		func(s string) { b.Write(util.URLEscape([]byte(s), false)) },
		func(m *mark, r rune) {
			m.inLink = true
			shift := rune(linkMarks)
			if b.Len() == 0 && !m.node.isLiteral() {
				shift = startMarks
			}
			b.WriteRune(r - firstMark + shift)
		})
	return b.String()
}
