package dsl

import (
	"maps"
	"strings"

	"github.com/expr-lang/expr/ast"

	"github.com/seed-456efde2/nurture/engine"
)

// textTemplate is a compiled text: immutable, shared by all workers.
type textTemplate struct {
	source string
	place  engine.Place
	nodes  []textNode
	reads  map[engine.Key]bool
	sc     *Scope
}

// textNode is a part of a text. Exactly one of value, cond and list is set, or
// none where it is literal.
type textNode struct {
	literal string
	fixed   bool        // the literal came out of a {{ }}: its signs mean nothing to Markdown
	value   *expression // {{ value }}
	cond    *expression // {{ if cond }} then {{ else }} otherwise {{ end }}
	list    *expression // {{ for local in list }} then {{ end }}
	local   string
	then    []textNode
	other   []textNode
	escape  escape
	at      [3]tag // where the parts of an if or for stand: beginning, else, end; of others only start
	block   bool   // every one of them is alone on its line
}

// isLiteral reports a part that is the same for everybody.
func (n *textNode) isLiteral() bool { return n.value == nil && !n.isControl() }

// isControl reports an {{ if }} or {{ for }}.
func (n *textNode) isControl() bool { return n.cond != nil || n.list != nil }

// compileText compiles a text with {{ }}. Beside an error the template is empty.
func compileText(lit Literal, sc *Scope) (textTemplate, []problem) {
	return compileSource(sourceOf(&lit), sc)
}

func compileSource(src source, sc *Scope) (textTemplate, []problem) {
	sc.notes.add(src, sc, nil, true)
	b := textBuilder{src: src, sc: sc, reads: map[engine.Key]bool{}}
	b.tags = scanTags(src, &b.found)
	nodes := b.build()
	if fatal(b.problems) {
		return textTemplate{}, b.problems
	}
	return textTemplate{
		source: src.text, place: placeOf(src.whole()), nodes: nodes, reads: b.reads, sc: sc,
	}, b.problems
}

// textBuilder turns tags into nodes.
type textBuilder struct {
	found
	src    source
	sc     *Scope
	tags   []tag
	next   int // the tag that is looked at
	at     int // how far the text is used up
	locals []string
	reads  map[engine.Key]bool
	depth  int
}

// build compiles the whole text. An {{ else }} or {{ end }} that ends nothing is
// reported and passed over.
func (b *textBuilder) build() []textNode {
	var nodes []textNode
	for {
		nodes = append(nodes, b.until()...)
		if b.next >= len(b.tags) {
			return append(nodes, b.literal(len(b.src.text))...)
		}
		t := b.tags[b.next]
		b.add("N153", b.src.place(t.start, t.end), b.src.text[t.from:t.to])
		nodes = append(nodes, b.literal(t.start)...)
		b.at = t.end
		b.next++
	}
}

// literal is the text between the last tag and to.
func (b *textBuilder) literal(to int) []textNode {
	if b.at >= to {
		return nil
	}
	n := textNode{literal: b.src.text[b.at:to], at: [3]tag{{start: b.at, end: to}}}
	b.at = to
	return []textNode{n}
}

// until compiles up to the next {{ else }} or {{ end }} of this level, or to the
// end.
func (b *textBuilder) until() []textNode {
	var nodes []textNode
	for b.next < len(b.tags) {
		t := b.tags[b.next]
		if t.kind == elseTag || t.kind == endTag {
			return nodes
		}
		nodes = append(nodes, b.literal(t.start)...)
		b.at = t.end
		b.next++
		switch t.kind {
		case valueTag:
			nodes = append(nodes, b.value(t)...)
		default:
			nodes = append(nodes, b.control(t))
		}
	}
	return nodes
}

// value compiles {{ expr }}. What is the same for everybody becomes text.
func (b *textBuilder) value(t tag) []textNode {
	var known operand
	e := b.expr(t, func(c *checker, n ast.Node, x operand) operand {
		known = x
		return c.wantInsertable(n, x)
	})
	if e == nil {
		return nil
	}
	if known.known != nil {
		return []textNode{{literal: string(appendValue(nil, known.known, b.sc.Language)), fixed: true, at: [3]tag{t}}}
	}
	return []textNode{{value: e, at: [3]tag{t}}}
}

// wantInsertable takes what can stand in a text, and is never empty.
func (c *checker) wantInsertable(n ast.Node, x operand) operand {
	switch {
	case x.kind == badKind:
		return bad
	case x.kind == nilKind:
		c.report("N131", n, "{{ }}")
		return bad
	case x.kind == listKind:
		c.report("N158", n)
		return bad
	case x.empty:
		p := c.report("N155", n, c.text(n))
		p.Suggest = c.text(n) + " ?? '…'"
		return bad
	}
	return x
}

func (c *checker) wantList(n ast.Node, x operand) operand {
	if x.kind != badKind && x.kind != listKind {
		c.report("N157", n, x.kind.phrase())
		return bad
	}
	return x
}

// expr compiles the expression of a tag.
func (b *textBuilder) expr(t tag, want func(*checker, ast.Node, operand) operand) *expression {
	e, problems := compileExpr(b.src.part(t.from, t.to), b.sc, b.locals, want)
	b.problems = append(b.problems, problems...)
	if e != nil {
		for _, k := range e.reads {
			b.reads[k] = true
		}
	}
	return e
}

// control compiles an {{ if }} or {{ for }} with all that belongs to it.
func (b *textBuilder) control(t tag) textNode {
	n := textNode{at: [3]tag{t}, block: b.alone(t)}
	if b.depth++; b.depth > maxTextDepth {
		b.add("N169", b.src.place(t.start, t.end), thousands(maxTextDepth))
	}
	switch {
	case t.broken:
		b.locals = append(b.locals, t.local)
	case t.kind == ifTag:
		n.cond = b.expr(t, (*checker).wantQuestion)
	default:
		n.list = b.expr(t, (*checker).wantList)
		n.local = t.local
		b.locals = append(b.locals, t.local)
	}
	n.then = b.branch()
	if b.next < len(b.tags) && b.tags[b.next].kind == elseTag {
		n.at[1] = b.tags[b.next]
		if t.kind == forTag && !t.broken {
			b.add("N153", b.src.place(n.at[1].start, n.at[1].end), "else")
		}
		n.block = n.block && b.alone(n.at[1])
		b.at = n.at[1].end
		b.next++
		n.other = b.branch()
	}
	b.close(t, &n)
	if t.kind == forTag || t.broken {
		b.locals = b.locals[:len(b.locals)-1]
	}
	b.depth--
	return n
}

// branch is what stands up to the {{ else }} or {{ end }} of this level.
func (b *textBuilder) branch() []textNode {
	nodes := b.until()
	if b.next < len(b.tags) {
		nodes = append(nodes, b.literal(b.tags[b.next].start)...)
	}
	return nodes
}

// close takes the {{ end }} of a part.
func (b *textBuilder) close(t tag, n *textNode) {
	if b.next >= len(b.tags) || b.tags[b.next].kind != endTag {
		b.add("N152", b.src.place(t.start, t.end), strings.TrimSpace(strings.Trim(b.src.text[t.start:t.end], "{}")))
		return
	}
	n.at[2] = b.tags[b.next]
	n.block = n.block && b.alone(n.at[2])
	b.at = n.at[2].end
	b.next++
}

// alone reports a tag that has its line for itself.
func (b *textBuilder) alone(t tag) bool {
	s := b.src.text
	before := s[strings.LastIndexByte(s[:t.start], '\n')+1 : t.start]
	after, _, _ := strings.Cut(s[t.end:], "\n")
	return strings.TrimSpace(before) == "" && strings.TrimSpace(after) == ""
}

// Reads are the facts that the text reads.
func (t *textTemplate) Reads() []engine.Key { return sortedKeys(t.reads) }

// Meaning is the text with its expressions in one writing.
func (t *textTemplate) Meaning() string {
	var b strings.Builder
	nodesMeaning(&b, t.nodes)
	return b.String()
}

func nodesMeaning(b *strings.Builder, nodes []textNode) {
	for i := range nodes {
		n := &nodes[i]
		switch {
		case n.value != nil:
			b.WriteString("{{ " + n.value.Meaning() + " }}")
		case n.cond != nil:
			b.WriteString("{{ if " + n.cond.Meaning() + " }}")
			nodesMeaning(b, n.then)
			b.WriteString("{{ else }}")
			nodesMeaning(b, n.other)
			b.WriteString("{{ end }}")
		case n.list != nil:
			b.WriteString("{{ for " + n.local + " in " + n.list.Meaning() + " }}")
			nodesMeaning(b, n.then)
			b.WriteString("{{ end }}")
		default:
			b.WriteString(strings.ReplaceAll(n.literal, "{{", "{{ '{{' }}"))
		}
	}
}

// readsOf joins the facts of several texts.
func readsOf(texts ...*textTemplate) map[engine.Key]bool {
	all := map[engine.Key]bool{}
	for _, t := range texts {
		maps.Copy(all, t.reads)
	}
	return all
}

// yesNo is how a flag reads in a text.
var yesNo = map[bool]Doc{true: {"yes", "はい"}, false: {"no", "いいえ"}}
