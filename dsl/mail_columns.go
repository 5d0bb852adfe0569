package dsl

import (
	"regexp"
	"strconv"
	"strings"
)

// Columns are written with lines of their own:
//
//	::: columns
//	left
//	+++
//	right
//	:::
//
// They stand beside each other where there is room, and beneath each other where
// there is none. Plain text has them one after the other.

// Lines that make columns.
var (
	columnsLine = regexp.MustCompile(`^:::[ \t]*columns[ \t]*$`)
	nextLine    = regexp.MustCompile(`^\+\+\+[ \t]*$`)
	endLine     = regexp.MustCompile(`^:::[ \t]*$`)
)

const maxColumns = 4

// columns are the columns of a template that are being read.
type columns struct {
	before []chunk // what stands before them
	done   [][]chunk
	at     tag // the line that begins them
}

// cut reads a literal line by line where columns begin, go on or end in it. It
// reports whether there was any such line.
func (r *chunkReader) cut(n *textNode) bool {
	if !strings.Contains(n.literal, ":::") && (r.open == nil || !strings.Contains(n.literal, "+++")) {
		return false
	}
	from, at, any := 0, 0, false
	for line := range strings.Lines(n.literal) {
		next := at + len(line)
		where := tag{start: n.at[0].start + at, end: n.at[0].start + at + len(strings.TrimRight(line, "\r\n"))}
		if r.alone(where) && r.mark(strings.TrimRight(line, " \t\r\n"), where, func() { r.piece(n, from, at) }) {
			from, any = next, true
		}
		at = next
	}
	if any {
		r.piece(n, from, len(n.literal))
	}
	return any
}

// alone reports words that are a whole line of the template.
func (r *chunkReader) alone(t tag) bool {
	s := r.w.src.text
	return (t.start == 0 || s[t.start-1] == '\n') && (t.end == len(s) || s[t.end] == '\n' || s[t.end] == '\r')
}

// piece is a part of a literal as Markdown.
func (r *chunkReader) piece(n *textNode, from, to int) {
	if from < to {
		part := textNode{literal: n.literal[from:to], at: [3]tag{{start: n.at[0].start + from, end: n.at[0].start + to}}}
		r.w.literal(&r.b, &part)
	}
}

// mark takes a line that begins, parts or ends columns; before is called with what
// stands before it still to be taken.
func (r *chunkReader) mark(line string, at tag, before func()) bool {
	switch {
	case columnsLine.MatchString(line):
		before()
		r.out = r.b.flush(r.out)
		if r.open != nil || r.w.inColumns {
			r.w.add("N175", r.w.src.place(at.start, at.end), Doc{"Columns cannot stand in columns.", "段組の中に段組は書けません。"})
			return true
		}
		r.open = &columns{before: r.out, at: at}
		r.out = nil
	case r.open != nil && nextLine.MatchString(line):
		before()
		r.column()
	case r.open != nil && endLine.MatchString(line):
		before()
		r.column()
		r.end()
	default:
		return false
	}
	return true
}

// column ends one column.
func (r *chunkReader) column() {
	r.out = r.b.flush(r.out)
	r.open.done = append(r.open.done, r.out)
	r.out = nil
}

// end ends the columns.
func (r *chunkReader) end() {
	if n := len(r.open.done); n < 2 || n > maxColumns {
		r.w.add("N175", r.w.src.place(r.open.at.start, r.open.at.end), Doc{
			"Two to " + strconv.Itoa(maxColumns) + " columns can stand beside each other, not " + strconv.Itoa(n) + ".",
			"段が " + strconv.Itoa(n) + " つあります。2〜" + strconv.Itoa(maxColumns) + " 段にしてください。",
		})
	}
	r.out = append(r.open.before, chunk{columns: r.open.done})
	r.open = nil
}

// unclosed reports columns without an end.
func (r *chunkReader) unclosed() {
	if r.open != nil {
		r.w.add("N175", r.w.src.place(r.open.at.start, r.open.at.end), Doc{"The line ::: that ends them is missing.", "終わりの ::: の行がありません。"})
		r.end()
	}
}

// columnHTML writes columns. Each is a box of its own that stands beside the last
// while there is room; Outlook, which knows no such boxes, gets table cells.
func (w *mailWriter) columnHTML(list [][]chunk) (html, plain []textNode) {
	room := contentWidth / len(list)
	cell := `<td width="` + strconv.Itoa(room) + `" valign="top">`
	literal := func(s string) { html = append(html, textNode{literal: s}) }
	literal(`<table role="presentation" width="100%" border="0" cellpadding="0" cellspacing="0"><tr><td style="padding:0 0 8px;font-size:0">` + "\n" +
		`<!--[if mso]><table role="presentation" width="100%" border="0" cellpadding="0" cellspacing="0"><tr>` + cell + "<![endif]-->\n")
	w.room = room - 8
	for i, c := range list {
		if i > 0 {
			literal("<!--[if mso]></td>" + cell + "<![endif]-->\n")
		}
		literal(`<div class="nurture-column" style="display:inline-block;width:100%;max-width:` + strconv.Itoa(room) + `px;vertical-align:top">` +
			`<table role="presentation" width="100%" border="0" cellpadding="0" cellspacing="0" style="table-layout:fixed"><tr><td class="nurture-column-cell" style="padding:` + columnPadding(i, len(list)) + `;font-size:16px">` + "\n")
		h, p := w.write(c)
		html = append(html, h...)
		literal("</td></tr></table></div>\n")
		plain = append(append(plain, p...), textNode{literal: "\n"})
	}
	w.room = 0
	literal("<!--[if mso]></td></tr></table><![endif]-->\n</td></tr></table>\n")
	return html, plain
}

// columnPadding keeps columns apart, and in line with what stands around them.
func columnPadding(i, n int) string {
	left, right := "8px", "8px"
	if i == 0 {
		left = "0"
	}
	if i == n-1 {
		right = "0"
	}
	return "0 " + right + " 0 " + left
}
