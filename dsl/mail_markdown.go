package dsl

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	mdtext "github.com/yuin/goldmark/text"
)

// A Markdown template goes through three steps. Its {{ }} are replaced by marks,
// characters of Unicode's private planes that mean nothing to Markdown. Each
// stretch between {{ if }} lines that stand alone is parsed and written as HTML
// and as plain text, in which the marks still stand, each in known surroundings.
// Then the marks become nodes again, with the escaping that their surroundings
// ask for.
//
// Substituting values before Markdown would let a lead's name write links, and
// parsing each part between two {{ }} by itself would tear sentences apart.

// maxMarkdown bounds a Markdown template: mail programs cut off larger mails.
const maxMarkdown = 64 << 10

// Marks are characters of planes 15 and 16. The writers move a mark that stands
// in a link to where its surroundings can be told from it.
const (
	firstMark  = 0x100000 // in a text
	linkMarks  = 0xf0000  // in a link
	startMarks = 0xf8000  // at the beginning of a link
	firstPlane = linkMarks
)

// markKind says which part of a node a mark is.
type markKind uint8

const (
	valueMark markKind = iota
	ifMark
	elseMark
	endMark
	forMark
	lookMark // {.button .case_study} behind a link
)

// mark is what a private character stands for.
type mark struct {
	kind   markKind
	node   *textNode
	text   string // of a lookMark
	at     tag
	holder ast.Node // what it stands in
	inLink bool     // in the address of a link, not in its text
}

// chunk is a stretch of Markdown, an {{ if }} or {{ for }} around stretches, or
// columns of them.
type chunk struct {
	markdown string
	origin   []origin // where its pieces come from
	node     *textNode
	then     []chunk
	other    []chunk
	columns  [][]chunk
}

// origin says that the Markdown from offset on is the source from at on.
type origin struct{ offset, at int }

// mailWriter turns a template's nodes into those of the mail.
type mailWriter struct {
	*found
	src   source
	sc    *Scope
	marks []*mark
	refs  []parser.Reference
	chunk *chunk // that is being written
	bytes []byte // its Markdown

	inColumns bool // columns are being read
	onPage    bool // see mail
	room      int  // width of the column that is being written; 0: the whole
}

// markdown compiles the body of a Markdown template.
func (m *mail) markdown(body source, f *found) {
	if html, plain, ok := m.written(body, f); ok {
		m.html = m.layout(html)
		m.plain = m.plainLayout(plain)
	}
}

// written is the body as nodes of HTML and of plain text.
func (m *mail) written(body source, f *found) (html, plain []textNode, ok bool) {
	if len(body.text) > maxMarkdown {
		f.add("N160", body.place(0, 1), thousands(maxMarkdown), thousands(maxTextTags))
		return nil, nil, false
	}
	if at := tangled(body.text); at >= 0 {
		f.add("N174", body.place(at, at+1))
		return nil, nil, false
	}
	w := &mailWriter{found: f, src: body, sc: m.sc, onPage: m.onPage}
	chunks := w.chunks(m.body.nodes)
	w.collectReferences(chunks)
	html, plain = w.write(chunks)
	return html, plain, !fatal(f.problems)
}

// Bounds of what Markdown parsers take quadratic time over.
const (
	maxContainers = 16   // lists and quotes that one line opens
	maxEmphases   = 2000 // * and _ of one paragraph
)

// container is what opens a list item or a quote.
var container = regexp.MustCompile(`^[ \t]*(?:>|[-+*][ \t]|[0-9]{1,9}[.)][ \t])`)

// tangled is the offset of a line that goes beyond these bounds, or -1.
func tangled(s string) int {
	at, emphases := 0, 0
	for line := range strings.Lines(s) {
		if strings.TrimSpace(line) == "" {
			emphases = 0
		}
		emphases += strings.Count(line, "*") + strings.Count(line, "_")
		if emphases > maxEmphases || containers(line) > maxContainers {
			return at
		}
		at += len(line)
	}
	return -1
}

func containers(line string) int {
	for n := 0; ; n++ {
		m := container.FindString(line)
		if m == "" || n > maxContainers {
			return n
		}
		line = line[len(m):]
	}
}

// chunks splits nodes at the {{ if }} and {{ for }} whose parts stand alone on
// their lines, and at the lines of columns; everything else is Markdown with marks.
func (w *mailWriter) chunks(nodes []textNode) []chunk {
	r := chunkReader{w: w}
	for i := range nodes {
		r.node(&nodes[i])
	}
	r.out = r.b.flush(r.out)
	r.unclosed()
	return r.out
}

// chunkReader makes the chunks of one level.
type chunkReader struct {
	w    *mailWriter
	b    chunkBuilder
	out  []chunk
	open *columns // that are being read
}

func (r *chunkReader) node(n *textNode) {
	switch {
	case n.isControl() && n.block:
		r.out = r.b.flush(r.out)
		within := r.w.inColumns
		r.w.inColumns = within || r.open != nil
		r.out = append(r.out, chunk{node: n, then: r.w.chunks(n.then), other: r.w.chunks(n.other)})
		r.w.inColumns = within
	case n.isControl() || n.value != nil || n.fixed || !r.cut(n):
		r.w.inline(&r.b, n)
	}
}

// chunkBuilder collects a stretch of Markdown.
type chunkBuilder struct {
	text   strings.Builder
	origin []origin
}

func (b *chunkBuilder) write(s string, at int) {
	b.origin = append(b.origin, origin{b.text.Len(), at})
	b.text.WriteString(s)
}

func (b *chunkBuilder) flush(out []chunk) []chunk {
	if b.text.Len() > 0 {
		out = append(out, chunk{markdown: b.text.String(), origin: b.origin})
	}
	*b = chunkBuilder{}
	return out
}

// inline writes a node into a stretch.
func (w *mailWriter) inline(b *chunkBuilder, n *textNode) {
	switch {
	case n.isControl():
		kind := ifMark
		if n.list != nil {
			kind = forMark
		}
		b.write(w.mark(kind, n, n.at[0]), n.at[0].start)
		for i := range n.then {
			w.inline(b, &n.then[i])
		}
		if n.at[1].end > 0 {
			b.write(w.mark(elseMark, n, n.at[1]), n.at[1].start)
			for i := range n.other {
				w.inline(b, &n.other[i])
			}
		}
		b.write(w.mark(endMark, n, n.at[2]), n.at[2].start)
	case n.value != nil || n.fixed:
		b.write(w.mark(valueMark, n, n.at[0]), n.at[0].start)
	default:
		w.literal(b, n)
	}
}

// looks is {.button .case_study} or {width=300} right behind a link or a picture.
var looks = regexp.MustCompile(`[)\]]\{([.a-zA-Z][^{}\n]*)\}`)

// literal writes Markdown as it is; only what is said of a link becomes a mark.
func (w *mailWriter) literal(b *chunkBuilder, n *textNode) {
	s, at := withoutMarks(n.literal), n.at[0].start
	for {
		m := looks.FindStringSubmatchIndex(s)
		if m == nil {
			b.write(s, at)
			return
		}
		open := m[0] + 1
		b.write(s[:open], at)
		where := tag{start: at + open, end: at + m[1]}
		b.write(w.markText(s[m[2]:m[3]], where), where.start)
		s, at = s[m[1]:], at+m[1]
	}
}

// withoutMarks replaces characters of the private planes, which nobody writes,
// with characters of the same length.
func withoutMarks(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= firstPlane {
			return 0x2fffd // as many bytes, unassigned
		}
		return r
	}, s)
}

func (w *mailWriter) mark(kind markKind, n *textNode, at tag) string {
	return w.add1(&mark{kind: kind, node: n, at: at})
}

func (w *mailWriter) markText(text string, at tag) string {
	return w.add1(&mark{kind: lookMark, text: text, at: at})
}

func (w *mailWriter) add1(m *mark) string {
	w.marks = append(w.marks, m)
	return string(rune(firstMark + len(w.marks) - 1))
}

// markOf is the mark that a character stands for, and its surroundings; text is
// what they are outside of links.
func (w *mailWriter) markOf(r rune, text escape) (*mark, escape) {
	i, how := int(r)-firstMark, text
	switch {
	case r < firstPlane:
		return nil, how
	case r < startMarks:
		i, how = int(r)-linkMarks, urlPart
	case r < firstMark && text == plainText:
		i, how = int(r)-startMarks, plainStart
	case r < firstMark:
		i, how = int(r)-startMarks, urlStart
	}
	if i < len(w.marks) {
		return w.marks[i], how
	}
	return nil, how
}

// markdownSyntax is plain CommonMark.
var markdownSyntax = goldmark.DefaultParser()

func parseMarkdown(src []byte, refs []parser.Reference) (ast.Node, parser.Context) {
	pc := parser.NewContext()
	for _, r := range refs {
		pc.AddReference(r)
	}
	return markdownSyntax.Parse(mdtext.NewReader(src), parser.WithContext(pc)), pc
}

// collectReferences finds the addresses of [text][name] links, wherever they
// stand in the template.
func (w *mailWriter) collectReferences(chunks []chunk) {
	for i := range chunks {
		c := &chunks[i]
		if c.node != nil || c.columns != nil {
			w.collectReferences(c.then)
			w.collectReferences(c.other)
			for _, column := range c.columns {
				w.collectReferences(column)
			}
		} else if strings.Contains(c.markdown, "]:") {
			_, pc := parseMarkdown([]byte(c.markdown), nil)
			w.refs = append(w.refs, pc.References()...)
		}
	}
}

// write turns chunks into nodes of HTML and of plain text.
func (w *mailWriter) write(chunks []chunk) (html, plain []textNode) {
	for i := range chunks {
		c := &chunks[i]
		if c.columns != nil {
			h, p := w.columnHTML(c.columns)
			html, plain = append(html, h...), append(plain, p...)
			continue
		}
		if c.node != nil {
			h, p := *c.node, *c.node
			h.then, p.then = w.write(c.then)
			h.other, p.other = w.write(c.other)
			html, plain = append(html, h), append(plain, p)
			continue
		}
		h, p := w.stretch(c)
		html, plain = append(html, h...), append(plain, p...)
	}
	return html, plain
}

// stretch writes one stretch of Markdown.
func (w *mailWriter) stretch(c *chunk) (html, plain []textNode) {
	w.chunk, w.bytes = c, []byte(c.markdown)
	root, _ := parseMarkdown(w.bytes, w.refs)
	h := htmlWriter{mailWriter: w}
	h.blocks(root)
	p := plainWriter{mailWriter: w}
	p.blocks(root, "")
	p.out.WriteString("\n")
	if !w.sameHolders() {
		return nil, nil
	}
	return w.nodesOf(h.out.String(), htmlText), w.nodesOf(p.out.String(), plainText)
}

// sourceAt is where an offset of the stretch comes from.
func (w *mailWriter) sourceAt(offset int) int {
	at := 0
	for _, o := range w.chunk.origin {
		if o.offset > offset {
			break
		}
		at = o.at + offset - o.offset
	}
	return at
}

// problemAt reports a node of the stretch.
func (w *mailWriter) problemAt(code string, offset, length int, args ...any) {
	from := w.sourceAt(max(offset, 0))
	w.add(code, w.src.place(from, from+max(length, 1)), args...)
}

// sameHolders checks that the parts of every inline {{ if }} stand in the same
// paragraph, link or emphasis: else leaving one out would tear its surroundings.
func (w *mailWriter) sameHolders() bool {
	opening := map[*textNode]*mark{}
	sound := true
	for _, m := range w.marks {
		switch m.kind {
		case ifMark, forMark:
			opening[m.node] = m
		case elseMark, endMark:
			if o := opening[m.node]; o != nil && (o.holder != m.holder || o.inLink != m.inLink) {
				w.add("N164", w.src.place(o.at.start, o.at.end))
				sound = false
			}
		}
	}
	return sound
}

// nodesOf reads a written stretch back: text between marks, and nodes for them.
func (w *mailWriter) nodesOf(s string, text escape) []textNode {
	r := markReader{w: w, rest: s, text: text}
	return r.nodes()
}

// markReader reads nodes out of written text.
type markReader struct {
	w    *mailWriter
	rest string
	text escape // of what stands outside of links
}

// nodes reads up to an else or end mark that is not its own, or to the end.
func (r *markReader) nodes() []textNode {
	var out []textNode
	for {
		at, m, how := r.next()
		if at > 0 {
			out = append(out, textNode{literal: r.rest[:at]})
		}
		r.rest = r.rest[at:]
		if m == nil || m.kind == elseMark || m.kind == endMark {
			return out
		}
		r.skip()
		if m.kind == valueMark {
			out = append(out, insertion(m.node, how))
		} else {
			out = append(out, r.control(m))
		}
	}
}

// next finds the next mark.
func (r *markReader) next() (at int, m *mark, how escape) {
	for i, c := range r.rest {
		if c < firstPlane {
			continue
		}
		if m, how := r.w.markOf(c, r.text); m != nil && m.kind != lookMark {
			return i, m, how
		}
	}
	return len(r.rest), nil, plainText
}

// skip passes over the mark that the rest begins with.
func (r *markReader) skip() {
	_, size := utf8.DecodeRuneInString(r.rest)
	r.rest = r.rest[size:]
}

func (r *markReader) control(m *mark) textNode {
	n := textNode{cond: m.node.cond, list: m.node.list, local: m.node.local}
	n.then = r.nodes()
	if at, e, _ := r.next(); at == 0 && e != nil && e.kind == elseMark {
		r.skip()
		n.other = r.nodes()
	}
	if r.rest != "" {
		r.skip() // the end
	}
	return n
}

// insertion is a value where a mark stands. What is the same for everybody is
// escaped here, once.
func insertion(n *textNode, how escape) textNode {
	if n.value != nil {
		return textNode{value: n.value, escape: how}
	}
	switch how {
	case htmlText:
		return textNode{literal: string(appendHTML(nil, n.literal))}
	case urlPart:
		return textNode{literal: cleanURL(n.literal)}
	}
	return textNode{literal: withoutControl(n.literal)}
}
