package dsl

import (
	"bytes"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
)

// An editor asks about files that are half written. HCL's parser gives up on the
// body in which something is missing, so a sketch of the file is made besides: a
// reader that never fails, goes on at the next line, and knows just enough to say
// which block, attribute and text a place stands in.

// sketch is a file as far as it can be made out: its blocks with their attributes.
type sketch struct {
	src  []byte
	root *sketchBlock
}

// sketchBlock is a block. The root has no type and covers the whole file.
type sketchBlock struct {
	parent     *sketchBlock
	kind       stretch   // type: segment
	labels     []stretch // without quotes
	start, end int       // from its type to behind its brace
	body       int       // behind the opening brace
	closed     bool      // its closing brace was found
	attrs      []*sketchAttr
	kids       []*sketchBlock
}

// sketchAttr is an attribute with its value's place.
type sketchAttr struct {
	name  stretch
	value stretch
}

// stretch is a part of a file, in bytes.
type stretch struct{ start, end int }

func (s stretch) of(src []byte) string { return string(src[s.start:s.end]) }

// holds reports a place in the stretch or at one of its ends.
func (s stretch) holds(at int) bool { return s.start <= at && at <= s.end }

// label is the block's name, "" for none.
func (b *sketchBlock) label(src []byte) string {
	if len(b.labels) == 0 {
		return ""
	}
	return b.labels[0].of(src)
}

// attr finds an attribute of the block, nil when there is none.
func (b *sketchBlock) attr(src []byte, name string) *sketchAttr {
	for _, a := range b.attrs {
		if a.name.of(src) == name {
			return a
		}
	}
	return nil
}

// sketchToken is a word, a text, a sign or a line's end.
type sketchToken struct {
	stretch
	kind   byte // 'w' word, 's' text in quotes, 'h' heredoc, 'n' line's end, 'c' comment, or the sign itself
	closed bool // of a text: its end was found
}

// sketchTokens splits a file. A text in quotes ends with its line at the latest.
func sketchTokens(src []byte) []sketchToken {
	var out []sketchToken
	for i := 0; i < len(src); {
		t := sketchToken{stretch: stretch{i, i + 1}, kind: src[i], closed: true}
		r, size := utf8.DecodeRune(src[i:])
		switch {
		case src[i] == '\n':
			t.kind = 'n'
		case src[i] == ' ' || src[i] == '\t' || src[i] == '\r':
			i++
			continue
		case src[i] == '#' || bytes.HasPrefix(src[i:], []byte("//")):
			t.kind, t.end = 'c', i+lineLength(src[i:])
		case bytes.HasPrefix(src[i:], []byte("/*")):
			t.kind, t.end = 'c', len(src)
			if n := bytes.Index(src[i+2:], []byte("*/")); n >= 0 {
				t.end = i + 2 + n + 2
			}
		case src[i] == '"':
			t.kind = 's'
			t.end, t.closed = quoteEnd(src, i)
		case bytes.HasPrefix(src[i:], []byte("<<")):
			t.kind = 'h'
			t.end, t.closed = heredocEnd(src, i)
		case isNameRune(r):
			t.kind, t.end = 'w', i+size+wordLength(src[i+size:])
		default:
			t.end = i + size
		}
		out = append(out, t)
		i = t.end
	}
	return out
}

func lineLength(src []byte) int {
	if n := bytes.IndexByte(src, '\n'); n >= 0 {
		return n
	}
	return len(src)
}

// wordLength counts the bytes of letters, digits, _ and - at the beginning.
func wordLength(src []byte) int {
	n := 0
	for n < len(src) {
		r, size := utf8.DecodeRune(src[n:])
		if !isNameRune(r) && r != '-' && !joins(r) {
			break
		}
		n += size
	}
	return n
}

func quoteEnd(src []byte, i int) (end int, closed bool) {
	for i++; i < len(src); i++ {
		switch src[i] {
		case '"':
			return i + 1, true
		case '\n':
			return i, false
		case '\\':
			if i+1 < len(src) && src[i+1] != '\n' {
				i++
			}
		}
	}
	return len(src), false
}

// heredocEnd finds the line that holds nothing but the word behind <<. One that
// never ends takes the rest of the file, as it does for HCL.
func heredocEnd(src []byte, i int) (end int, closed bool) {
	from := i + 2
	if from < len(src) && src[from] == '-' {
		from++
	}
	word := src[from : from+wordLength(src[from:])]
	if len(word) == 0 {
		return i + 2, true
	}
	for at := i + lineLength(src[i:]) + 1; at < len(src); {
		line := src[at : at+lineLength(src[at:])]
		if bytes.Equal(bytes.TrimSpace(line), word) {
			return at + len(line), true
		}
		at += len(line) + 1
	}
	return len(src), false
}

// sketchOf reads a file.
func sketchOf(src []byte) *sketch {
	p := &sketcher{src: src, tokens: sketchTokens(src)}
	root := &sketchBlock{end: len(src)}
	p.block = root
	for p.next < len(p.tokens) {
		p.step(p.tokens[p.next])
		p.next++
	}
	for b := p.block; b != nil; b = b.parent {
		b.end = len(src)
	}
	p.endValue(len(src))
	return &sketch{src, root}
}

// sketcher builds the sketch token by token.
type sketcher struct {
	src    []byte
	tokens []sketchToken
	next   int
	block  *sketchBlock
	words  []sketchToken // of the line, before = or {
	attr   *sketchAttr   // whose value is read
	open   []byte        // brackets that are open in the value
}

func (p *sketcher) step(t sketchToken) {
	if t.kind == 'c' {
		return
	}
	if p.attr != nil {
		p.value(t)
		return
	}
	switch t.kind {
	case 'w', 's':
		p.words = append(p.words, t)
	case '=':
		p.assign(t)
	case '{':
		p.begin(t)
	case '}':
		p.words = nil
		p.close(t.end)
	default:
		p.words = nil
	}
}

func (p *sketcher) assign(t sketchToken) {
	if len(p.words) == 0 {
		return
	}
	p.attr = &sketchAttr{name: p.words[len(p.words)-1].inner(), value: stretch{t.end, t.end}}
	p.block.attrs = append(p.block.attrs, p.attr)
	p.words = nil
}

// inner is the token without its quotes.
func (t sketchToken) inner() stretch {
	if t.kind != 's' {
		return t.stretch
	}
	end := t.end
	if t.closed {
		end--
	}
	return stretch{t.start + 1, max(t.start+1, end)}
}

func (p *sketcher) begin(t sketchToken) {
	b := &sketchBlock{parent: p.block, start: t.start, kind: stretch{t.start, t.start}, body: t.end, end: t.end}
	if len(p.words) > 0 {
		b.start, b.kind = p.words[0].start, p.words[0].stretch
		for _, w := range p.words[1:] {
			b.labels = append(b.labels, w.inner())
		}
	}
	p.words = nil
	p.block.kids = append(p.block.kids, b)
	p.block = b
}

func (p *sketcher) close(end int) {
	if p.block.parent != nil {
		p.block.end, p.block.closed = end, true
		p.block = p.block.parent
	}
}

// value takes a token of an attribute's value. A value ends with its line, unless
// a bracket is open; one that was never closed ends where an attribute or a block
// begins on a line of its own.
func (p *sketcher) value(t sketchToken) {
	switch t.kind {
	case '{', '[', '(':
		p.open = append(p.open, t.kind)
	case ']', ')', '}':
		if len(p.open) == 0 {
			p.endValue(t.start)
			p.step(t)
			return
		}
		p.open = p.open[:len(p.open)-1]
	case 'n':
		if len(p.open) == 0 {
			p.endValue(t.start)
			return
		}
	case 'w':
		if len(p.open) > 0 && p.open[len(p.open)-1] != '{' && p.beginsLine() {
			p.endValue(t.start)
			p.step(t)
			return
		}
	}
	p.attr.value.end = t.end
}

// beginsLine reports that the word at hand is the first of its line and begins an
// attribute or a block.
func (p *sketcher) beginsLine() bool {
	if p.next == 0 || p.tokens[p.next-1].kind != 'n' {
		return false
	}
	for _, t := range p.tokens[p.next+1:] {
		switch t.kind {
		case 's':
		case '=', '{':
			return true
		default:
			return false
		}
	}
	return false
}

func (p *sketcher) endValue(at int) {
	if p.attr != nil && p.attr.value.end > at {
		p.attr.value.end = at
	}
	p.attr, p.open = nil, nil
}

// spotKind is what stands at a place.
type spotKind uint8

const (
	spotNothing spotKind = iota // a comment, or nothing that can be said
	spotBody                    // where an attribute or a block may begin
	spotKindOf                  // on a block's type
	spotLabel                   // on a block's name
	spotName                    // on an attribute's name
	spotValue                   // in a value, outside of quotes
	spotText                    // in a value, inside of quotes or a heredoc
)

// spot is a place of a file with what it stands in.
type spot struct {
	kind  spotKind
	at    int
	block *sketchBlock // innermost; the root where there is none
	attr  *sketchAttr  // of a name, a value or a text
	word  stretch      // the dotted word at the place; empty where there is none
	text  stretch      // of spotText: all of it, quotes included
	src   []byte
}

// spot finds what stands at a byte of the file.
func (s *sketch) spot(at int) spot {
	at = max(0, min(at, len(s.src)))
	b := s.root.innermost(at)
	out := spot{kind: spotBody, at: at, block: b, word: dottedWord(s.src, at), src: s.src}
	t, touched := s.tokenAt(at)
	if touched && t.kind == 'c' && (at < t.end || s.src[t.start] != '/' || bytes.HasPrefix(s.src[t.start:], []byte("//"))) {
		out.kind = spotNothing
		return out
	}
	if b.kind.holds(at) && b.kind.start < b.kind.end {
		out.kind, out.block = spotKindOf, b
		return out
	}
	for _, l := range b.labels {
		if l.start-1 <= at && at <= l.end+1 {
			out.kind, out.word = spotLabel, l
			return out
		}
	}
	for _, a := range b.attrs {
		switch {
		case a.name.holds(at):
			out.kind, out.attr, out.word = spotName, a, a.name
			return out
		case a.name.end < at && s.inValue(a, at):
			out.kind, out.attr = spotValue, a
			if touched && t.inside(at) {
				out.kind, out.text = spotText, t.stretch
			}
			return out
		}
	}
	if touched && t.inside(at) {
		out.kind = spotLabel
		return out
	}
	return s.beforeBrace(out, b)
}

// beforeBrace tells a body from the head of a block: behind a word on its line,
// nothing begins.
func (s *sketch) beforeBrace(out spot, b *sketchBlock) spot {
	if out.at < b.body {
		out.kind = spotNothing
		return out
	}
	line := bytes.LastIndexByte(s.src[:out.word.start], '\n') + 1
	before := bytes.TrimSpace(s.src[line:out.word.start])
	if len(before) > 0 && before[len(before)-1] != '{' && before[len(before)-1] != '}' {
		out.kind = spotNothing
	}
	return out
}

// inValue reports a place in the value, or behind the = of one that is missing.
func (s *sketch) inValue(a *sketchAttr, at int) bool {
	if a.name.end < at && at <= a.value.end {
		return at >= a.value.start
	}
	return a.value.start == a.value.end && a.value.end < at && len(bytes.Trim(s.src[a.value.end:at], " \t")) == 0
}

// inside reports a place between a text's quotes.
func (t sketchToken) inside(at int) bool {
	if t.kind != 's' && t.kind != 'h' {
		return false
	}
	return t.start < at && (at < t.end || at == t.end && !t.closed)
}

// tokenAt is the token that the place is in or behind.
func (s *sketch) tokenAt(at int) (sketchToken, bool) {
	var found sketchToken
	ok := false
	for _, t := range sketchTokens(s.src) {
		if t.start >= at {
			break
		}
		if at <= t.end && t.kind != 'n' {
			found, ok = t, true
		}
	}
	return found, ok
}

// innermost is the smallest block around a place. On a block's head the block
// itself is meant.
func (b *sketchBlock) innermost(at int) *sketchBlock {
	for _, k := range b.kids {
		if k.start <= at && (at < k.end || at == k.end && !k.closed) {
			return k.innermost(at)
		}
	}
	return b
}

// dottedWord is the word with its dots around a place: event.page_viewed.
func dottedWord(src []byte, at int) stretch {
	w := stretch{at, at}
	for w.start > 0 {
		r, size := utf8.DecodeLastRune(src[:w.start])
		if !isNameRune(r) && r != '.' && !joins(r) {
			break
		}
		w.start -= size
	}
	for w.end < len(src) {
		r, size := utf8.DecodeRune(src[w.end:])
		if !isNameRune(r) && !joins(r) {
			break
		}
		w.end += size
	}
	return w
}

// path are the blocks around and including b, outermost first, without the root.
func (b *sketchBlock) path() []*sketchBlock {
	if b == nil || b.parent == nil {
		return nil
	}
	return append(b.parent.path(), b)
}

// literal reads the text of a spot, closed or not. ok is false where it holds an
// interpolation.
func (s spot) literal(file string) (Literal, bool) {
	start := advance(hcl.InitialPos, s.src[:s.text.start])
	end := advance(start, s.src[s.text.start:s.text.end])
	lit, _, ok := newLiteral(s.src, hcl.Range{Filename: file, Start: start, End: end})
	return lit, ok
}

// offset is where a byte of the file stands in the literal's value.
func (l *Literal) offset(at int) int {
	at -= l.Range.Start.Byte
	for i, from := range l.starts {
		if from >= at {
			return min(i, len(l.Value))
		}
	}
	return len(l.Value)
}
