package dsl

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/util"
	"golang.org/x/text/width"
)

// htmlWriter writes Markdown as HTML for mail programs: tables where they ignore
// boxes, styles on every element, nothing that they strip.
type htmlWriter struct {
	*mailWriter
	out strings.Builder
}

// Styles of the elements. Colours are set in pairs of text and ground, so that a
// program that inverts them keeps them readable.
const (
	fonts        = "-apple-system,BlinkMacSystemFont,'Hiragino Sans','Noto Sans JP','Yu Gothic',Meiryo,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
	textColor    = "#1f2328"
	linkColor    = "#0b57d0"
	buttonColor  = "#0b57d0"
	lineColor    = "#d0d7de"
	quietColor   = "#59636e"
	pStyle       = "margin:0 0 16px;font-size:16px;line-height:1.7;color:" + textColor
	listStyle    = "margin:0 0 16px;padding:0 0 0 24px;font-size:16px;line-height:1.7;color:" + textColor
	liStyle      = "margin:0 0 6px"
	quoteStyle   = "margin:0 0 16px;padding:0 0 0 16px;border-left:4px solid " + lineColor + ";color:" + quietColor
	preStyle     = "margin:0 0 16px;padding:12px;background-color:#f6f8fa;color:" + textColor + ";font-family:monospace;font-size:14px;white-space:pre-wrap"
	codeStyle    = "padding:2px 4px;background-color:#f6f8fa;color:" + textColor + ";font-family:monospace;font-size:14px"
	linkStyle    = "color:" + linkColor + ";text-decoration:underline"
	buttonMSO    = "mso-padding-alt:14px 28px" // Outlook pads cells, not links
	buttonInline = "display:inline-block;padding:12px 24px;border-radius:6px;background-color:" + buttonColor + ";color:#ffffff;font-weight:bold;text-decoration:none"
	imageStyle   = "display:block;width:100%%;max-width:%dpx;height:auto;border:0;outline:none;text-decoration:none"
)

var headingStyles = [...]string{
	"", "margin:0 0 16px;font-size:26px;line-height:1.35;font-weight:bold;color:" + textColor,
	"margin:24px 0 12px;font-size:21px;line-height:1.4;font-weight:bold;color:" + textColor,
	"margin:20px 0 8px;font-size:18px;line-height:1.4;font-weight:bold;color:" + textColor,
}

func (h *htmlWriter) write(parts ...string) {
	for _, p := range parts {
		h.out.WriteString(p)
	}
}

func (h *htmlWriter) blocks(n ast.Node) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		h.block(c)
	}
}

func (h *htmlWriter) block(n ast.Node) {
	switch n := n.(type) {
	case *ast.Paragraph:
		h.paragraph(n)
	case *ast.TextBlock:
		h.inlines(n)
	case *ast.Heading:
		level := strconv.Itoa(min(n.Level, 3))
		h.write("<h", level, ` style="`, headingStyles[min(n.Level, 3)], `">`)
		h.inlines(n)
		h.write("</h", level, ">\n")
	case *ast.List:
		h.list(n)
	case *ast.Blockquote:
		h.write(`<blockquote style="`, quoteStyle, `">`)
		h.blocks(n)
		h.write("</blockquote>\n")
	case *ast.CodeBlock, *ast.FencedCodeBlock:
		h.write(`<pre style="`, preStyle, `">`)
		h.lines(n)
		h.write("</pre>\n")
	case *ast.ThematicBreak:
		h.write(`<table role="presentation" width="100%" border="0" cellpadding="0" cellspacing="0"><tr><td style="padding:8px 0 24px"><div class="nurture-line" style="height:1px;line-height:1px;font-size:1px;background-color:`, lineColor, `">&#160;</div></td></tr></table>`, "\n")
	case *ast.HTMLBlock:
		if !isComment(n, h.bytes) {
			h.problemAt("N163", n.Pos(), 1)
		}
	}
}

// isComment reports an HTML comment, which is left out.
func isComment(n *ast.HTMLBlock, src []byte) bool {
	text := strings.TrimSpace(string(n.Lines().Value(src)))
	if n.HasClosure() {
		text += string(n.ClosureLine.Value(src))
	}
	return strings.HasPrefix(text, "<!--")
}

// paragraph is a table of its own where it holds nothing but a button.
func (h *htmlWriter) paragraph(n *ast.Paragraph) {
	if link, look := h.onlyButton(n); link != nil {
		h.write(`<table role="presentation" border="0" cellpadding="0" cellspacing="0" style="margin:8px 0 24px"><tr><td align="center" bgcolor="`,
			buttonColor, `" style="border-radius:6px;background-color:`, buttonColor, `;`, buttonMSO, `">`)
		h.anchor(link, look, "display:inline-block;padding:14px 28px;mso-padding-alt:0;font-family:"+fonts+";font-size:16px;line-height:1.4;font-weight:bold;color:#ffffff;text-decoration:none;border-radius:6px")
		h.write("</td></tr></table>\n")
		return
	}
	h.write(`<p style="`, pStyle, `">`)
	h.inlines(n)
	h.write("</p>\n")
}

// onlyButton is the button that is all there is in a paragraph.
func (h *htmlWriter) onlyButton(n *ast.Paragraph) (*ast.Link, look) {
	link, ok := n.FirstChild().(*ast.Link)
	if !ok {
		return nil, look{}
	}
	l := h.lookOf(link)
	next := link.NextSibling()
	if !l.button || next == nil || next.NextSibling() != nil {
		return nil, look{}
	}
	t, ok := next.(*ast.Text)
	if !ok || strings.TrimSpace(string(t.Segment.Value(h.bytes)[utf8.RuneLen(firstMark):])) != "" {
		return nil, look{}
	}
	return link, l
}

func (h *htmlWriter) list(n *ast.List) {
	name, start := "ul", ""
	if n.IsOrdered() {
		name = "ol"
		if n.Start != 1 {
			start = ` start="` + strconv.Itoa(n.Start) + `"`
		}
	}
	if name == "ul" {
		h.write(listOpening)
	} else {
		h.write("<ol", start, ` style="`, listStyle, `">`, "\n")
	}
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		h.write(`<li style="`, liStyle, `">`)
		h.blocks(c)
		h.write("</li>\n")
	}
	h.write("</", name, ">\n")
}

const listOpening = `<ul style="` + listStyle + `">` + "\n"

// lines are those of a code block.
func (h *htmlWriter) lines(n ast.Node) {
	for i := range n.Lines().Len() {
		line := n.Lines().At(i)
		h.text(n, line.Value(h.bytes), true)
	}
}

func (h *htmlWriter) inlines(n ast.Node) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		h.inline(n, c)
	}
}

func (h *htmlWriter) inline(parent, n ast.Node) {
	switch n := n.(type) {
	case *ast.Text:
		h.textNode(parent, n)
	case *ast.String:
		h.text(parent, n.Value, true)
	case *ast.CodeSpan:
		h.write(`<code style="`, codeStyle, `">`)
		for c := n.FirstChild(); c != nil; c = c.NextSibling() {
			if t, ok := c.(*ast.Text); ok {
				h.text(n, []byte(strings.ReplaceAll(string(t.Segment.Value(h.bytes)), "\n", " ")), true)
			}
		}
		h.write("</code>")
	case *ast.Emphasis:
		name := map[bool]string{true: "em", false: "strong"}[n.Level == 1]
		h.write("<", name, ">")
		h.inlines(n)
		h.write("</", name, ">")
	case *ast.Link:
		l := h.lookOf(n)
		style := linkStyle
		if l.button {
			style = buttonInline
		}
		h.anchor(n, l, style)
	case *ast.AutoLink:
		h.autoLink(n)
	case *ast.Image:
		h.image(n)
	case *ast.RawHTML:
		if n.Segments.Len() > 0 && !strings.HasPrefix(string(n.Segments.Value(h.bytes)), "<!--") {
			s := n.Segments.At(0)
			h.problemAt("N163", s.Start, s.Len())
		}
	}
}

func (h *htmlWriter) textNode(parent ast.Node, n *ast.Text) {
	value := n.Segment.Value(h.bytes)
	if lookBefore(n) {
		if m, _ := h.markOf(firstRune(value), htmlText); m != nil && m.kind == lookMark {
			value = value[utf8.RuneLen(firstMark):]
		}
	}
	h.text(parent, value, n.IsRaw())
	switch {
	case n.HardLineBreak():
		h.write("<br>\n")
	case n.SoftLineBreak() && !h.joinsLines(n, value):
		h.write("\n")
	}
}

// lookBefore reports a text right behind a link or a picture.
func lookBefore(n *ast.Text) bool {
	switch n.PreviousSibling().(type) {
	case *ast.Link, *ast.Image:
		return true
	}
	return false
}

func firstRune(b []byte) rune {
	r, _ := utf8.DecodeRune(b)
	return r
}

// joinsLines reports a line break between two characters of East Asia: a space
// there would be seen.
func (w *mailWriter) joinsLines(n *ast.Text, value []byte) bool {
	last, _ := utf8.DecodeLastRune(value)
	next, ok := n.NextSibling().(*ast.Text)
	if !ok {
		return isWide(last)
	}
	return isWide(last) && isWide(firstRune(next.Segment.Value(w.bytes)))
}

// isWide reports a character of East Asia; a mark goes along with its neighbour.
func isWide(r rune) bool {
	k := width.LookupRune(r).Kind()
	return r >= firstPlane || k == width.EastAsianWide || k == width.EastAsianFullwidth
}

// pieces calls write for each stretch between marks and mark for each mark. What
// is not raw has its backslashes and entities resolved.
func (w *mailWriter) pieces(holder ast.Node, value []byte, raw bool, write func(string), mark func(*mark, rune)) {
	from := 0
	flush := func(to int) {
		piece := value[from:to]
		if !raw {
			piece = util.ResolveEntityNames(util.ResolveNumericReferences(util.UnescapePunctuations(piece)))
		}
		write(withoutMarks(string(piece)))
	}
	for i, r := range string(value) {
		m, _ := w.markOf(r, htmlText)
		if m == nil {
			continue
		}
		flush(i)
		from = i + utf8.RuneLen(r)
		if m.kind == lookMark {
			write("{" + m.text + "}")
			continue
		}
		m.holder, m.inLink = holder, false
		mark(m, r)
	}
	flush(len(value))
}

func (h *htmlWriter) text(holder ast.Node, value []byte, raw bool) {
	h.pieces(holder, value, raw,
		func(s string) { h.out.Write(appendHTML(nil, s)) },
		func(_ *mark, r rune) { h.out.WriteRune(r) })
}

// look is what is said of a link or a picture in braces behind it.
type look struct {
	button bool
	class  string // name under which its clicks are counted
	width  int
}

// lookOf reads the look of a link or picture from the mark behind it.
func (w *mailWriter) lookOf(n ast.Node) look {
	t, ok := n.NextSibling().(*ast.Text)
	if !ok {
		return look{}
	}
	m, _ := w.markOf(firstRune(t.Segment.Value(w.bytes)), htmlText)
	if m == nil || m.kind != lookMark {
		return look{}
	}
	var l look
	for _, word := range strings.Fields(m.text) {
		if !l.take(word) {
			w.add("N165", w.src.place(m.at.start, m.at.end), word)
		}
	}
	return l
}

func (l *look) take(word string) bool {
	if value, ok := strings.CutPrefix(word, "width="); ok {
		n, err := strconv.Atoi(strings.Trim(value, `"'`))
		l.width = n
		return err == nil && n >= 1 && n <= 2000
	}
	class, ok := strings.CutPrefix(word, ".")
	switch {
	case !ok || !isName(class):
		return false
	case class == "button":
		l.button = true
	case l.class != "":
		return false
	default:
		l.class = class
	}
	return true
}

func (h *htmlWriter) anchor(n *ast.Link, l look, style string) {
	h.write(`<a href="`, h.address(n, n.Destination), `"`)
	if l.class != "" {
		h.write(` class="`, string(appendHTML(nil, l.class)), `"`)
	}
	h.write(` target="_blank" style="`, style, `">`)
	h.inlines(n)
	h.write("</a>")
}

// address writes a link's address for a quoted attribute, its marks moved to
// where they are known to stand in a link.
func (w *mailWriter) address(n ast.Node, dest []byte) string {
	var b strings.Builder
	known := ""
	decided := true
	w.pieces(n, dest, false,
		func(s string) {
			if s != "" {
				b.Write(appendHTML(nil, string(util.URLEscape([]byte(s), false))))
				known += s
			}
		},
		func(m *mark, r rune) {
			m.inLink = true
			if m.node.isLiteral() {
				known += m.node.literal
			}
			if b.Len() == 0 && !m.node.isLiteral() {
				decided = false
				b.WriteRune(r - firstMark + startMarks)
				return
			}
			known += "…"
			b.WriteRune(r - firstMark + linkMarks)
		})
	if decided && !safeAddress(known) && !strings.HasPrefix(known, "#") && !(w.onPage && fromRoot(known)) {
		w.problemAt("N173", n.Pos(), 1, known)
	}
	return b.String()
}

// fromRoot reports an address that begins at the root of the site it stands on.
func fromRoot(s string) bool {
	return strings.HasPrefix(s, "/") && !strings.HasPrefix(s, "//") && !strings.HasPrefix(s, `/\`)
}

func (h *htmlWriter) autoLink(n *ast.AutoLink) {
	url := string(n.URL(h.bytes))
	if n.AutoLinkType == ast.AutoLinkEmail && !strings.HasPrefix(strings.ToLower(url), "mailto:") {
		url = "mailto:" + url
	}
	h.write(`<a href="`, h.address(n, []byte(url)), `" target="_blank" style="`, linkStyle, `">`)
	h.text(n, n.Label(h.bytes), true)
	h.write("</a>")
}

// contentWidth is how wide a picture can be: the column without its padding.
const contentWidth = 536

func (h *htmlWriter) image(n *ast.Image) {
	l := h.lookOf(n)
	wide := contentWidth
	if h.room > 0 {
		wide = h.room
	}
	if l.width > 0 {
		wide = min(l.width, wide)
	}
	h.write(`<img src="`, h.address(n, n.Destination), `" alt="`)
	h.alt(n)
	h.write(fmt.Sprintf(`" width="%d" style="`+imageStyle+`">`, wide, wide))
}

// alt is the text of a picture, without what stands inside it.
func (h *htmlWriter) alt(n ast.Node) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if t, ok := c.(*ast.Text); ok {
			h.text(n, t.Segment.Value(h.bytes), false)
			continue
		}
		h.alt(c)
	}
}
