package main

import (
	"fmt"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
)

// terminalCells is how wide a table may be before its rows are written one below
// the other.
const terminalCells = 100

// inTerminal writes Markdown for a terminal: links without their addresses, code
// indented, tables in columns.
func inTerminal(markdown string) string {
	src := []byte(markdown)
	doc := goldmark.New(goldmark.WithExtensions(extension.Table)).Parser().Parse(text.NewReader(src))
	p := &terminal{src: src}
	p.blocks(doc, "")
	return strings.TrimRight(p.out.String(), "\n") + "\n"
}

type terminal struct {
	src []byte
	out strings.Builder
}

func (p *terminal) blocks(parent ast.Node, indent string) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		p.block(n, indent)
	}
}

func (p *terminal) block(n ast.Node, indent string) {
	switch n := n.(type) {
	case *ast.Heading:
		fmt.Fprintf(&p.out, "%s%s\n", indent, p.line(n))
	case *ast.FencedCodeBlock:
		p.code(n.Lines(), indent+"    ")
	case *ast.CodeBlock:
		p.code(n.Lines(), indent+"    ")
	case *ast.List:
		p.list(n, indent)
		return
	case *ast.Blockquote:
		p.blocks(n, indent+"│ ")
		return
	case *extast.Table:
		p.table(n, indent)
	case *ast.ThematicBreak:
		fmt.Fprintf(&p.out, "%s%s\n", indent, strings.Repeat("─", 20))
	default:
		for line := range strings.Lines(p.line(n)) {
			p.out.WriteString(indent + strings.TrimRight(line, "\n") + "\n")
		}
	}
	p.out.WriteString(strings.TrimRight(indent, " ") + "\n")
}

func (p *terminal) code(lines *text.Segments, indent string) {
	for i := range lines.Len() {
		at := lines.At(i)
		p.out.WriteString(strings.TrimRight(indent+string(at.Value(p.src)), " \n") + "\n")
	}
}

func (p *terminal) list(list *ast.List, indent string) {
	number := list.Start
	for item := list.FirstChild(); item != nil; item = item.NextSibling() {
		mark := "• "
		if list.IsOrdered() {
			mark = fmt.Sprintf("%d. ", number)
			number++
		}
		inner := &terminal{src: p.src}
		inner.blocks(item, "")
		for i, line := range strings.Split(strings.TrimRight(inner.out.String(), "\n"), "\n") {
			lead := mark
			if i > 0 {
				lead = strings.Repeat(" ", cells(mark))
			}
			p.out.WriteString(strings.TrimRight(indent+lead+line, " ") + "\n")
		}
	}
	p.out.WriteString(strings.TrimRight(indent, " ") + "\n")
}

// table writes rows in columns, or one below the other where they are too wide.
func (p *terminal) table(t ast.Node, indent string) {
	var rows [][]string
	for r := t.FirstChild(); r != nil; r = r.NextSibling() {
		var row []string
		for c := r.FirstChild(); c != nil; c = c.NextSibling() {
			row = append(row, p.line(c))
		}
		rows = append(rows, row)
	}
	widths := make([]int, len(rows[0]))
	total := 0
	for i := range widths {
		for _, row := range rows {
			widths[i] = max(widths[i], cells(row[i]))
		}
		total += widths[i] + 2
	}
	if total > terminalCells {
		p.records(rows, indent)
		return
	}
	for _, row := range rows {
		line := indent
		for i, cell := range row {
			line += pad(cell, widths[i]+2)
		}
		p.out.WriteString(strings.TrimRight(line, " ") + "\n")
	}
}

func (p *terminal) records(rows [][]string, indent string) {
	for _, row := range rows[1:] {
		p.out.WriteString(indent + row[0] + "\n")
		for i, cell := range row[1:] {
			if cell != "" {
				fmt.Fprintf(&p.out, "%s    %s: %s\n", indent, rows[0][i+1], cell)
			}
		}
	}
}

// line is what stands in a block as text.
func (p *terminal) line(n ast.Node) string {
	var b strings.Builder
	var walk func(n ast.Node)
	walk = func(n ast.Node) {
		for k := n.FirstChild(); k != nil; k = k.NextSibling() {
			switch k := k.(type) {
			case *ast.Text:
				b.Write(k.Segment.Value(p.src))
				if k.SoftLineBreak() || k.HardLineBreak() {
					b.WriteByte('\n')
				}
			case *ast.String:
				b.Write(k.Value)
			case *ast.AutoLink:
				b.Write(k.URL(p.src))
			default:
				walk(k)
			}
		}
	}
	walk(n)
	return b.String()
}
