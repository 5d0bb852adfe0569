package lsp

import (
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// encoding is what an editor counts within a line. The protocol's default is
// UTF-16; some editors offer others.
type encoding string

const (
	utf8Units  encoding = "utf-8"
	utf16Units encoding = "utf-16"
	utf32Units encoding = "utf-32"
)

// chosen is the first of the editor's encodings that is known here.
func chosen(offered []string) encoding {
	for _, o := range offered {
		switch e := encoding(o); e {
		case utf8Units, utf16Units, utf32Units:
			return e
		}
	}
	return utf16Units
}

// units is how much a character counts.
func (e encoding) units(r rune, size int) int {
	switch e {
	case utf8Units:
		return size
	case utf32Units:
		return 1
	}
	return max(1, utf16.RuneLen(r))
}

// text is a file's text with the way from the editor's lines and characters to
// bytes and back: the one border between the two. It is immutable.
type text struct {
	src   []byte
	lines []int // where each line begins
	enc   encoding
}

func newText(src []byte, enc encoding) *text {
	t := &text{src: src, lines: []int{0}, enc: enc}
	for i, c := range src {
		if c == '\n' || c == '\r' && (i+1 == len(src) || src[i+1] != '\n') {
			t.lines = append(t.lines, i+1)
		}
	}
	return t
}

// line is the text of a line without its end.
func (t *text) line(n int) []byte {
	end := len(t.src)
	if n+1 < len(t.lines) {
		end = t.lines[n+1]
	}
	line := t.src[t.lines[n]:end]
	for len(line) > 0 && (line[len(line)-1] == '\n' || line[len(line)-1] == '\r') {
		line = line[:len(line)-1]
	}
	return line
}

// offset is the byte of a position. One behind a line's end is the line's end, and
// one behind the last line is the text's end; a half character counts from its
// beginning.
func (t *text) offset(p position) int {
	switch {
	case p.Line < 0:
		return 0
	case p.Line >= len(t.lines):
		return len(t.src)
	}
	line := t.line(p.Line)
	at, units := 0, 0
	for at < len(line) {
		r, size := utf8.DecodeRune(line[at:])
		if units += t.enc.units(r, size); units > p.Character {
			break
		}
		at += size
	}
	return t.lines[p.Line] + at
}

// position is where a byte stands for the editor.
func (t *text) position(at int) position {
	at = max(0, min(at, len(t.src)))
	n, found := slices.BinarySearch(t.lines, at)
	if !found {
		n--
	}
	line := t.line(n)
	end := min(at-t.lines[n], len(line))
	p := position{Line: n}
	for i := 0; i < end; {
		r, size := utf8.DecodeRune(line[i:])
		if i+size > end {
			break
		}
		p.Character += t.enc.units(r, size)
		i += size
	}
	return p
}

// between is the range of two bytes.
func (t *text) between(start, end int) lspRange {
	return lspRange{t.position(start), t.position(max(start, end))}
}

// changed is the text after an editor's change.
func (t *text) changed(c contentChange) *text {
	if c.Range == nil {
		return newText([]byte(c.Text), t.enc)
	}
	start, end := t.offset(c.Range.Start), t.offset(c.Range.End)
	end = max(start, end)
	return newText(slices.Concat(t.src[:start], []byte(c.Text), t.src[end:]), t.enc)
}

// editsTo are the edits that make another text of it: one that leaves the lines
// alone that are equal at the beginning and at the end, or none.
func (t *text) editsTo(other []byte) []textEdit {
	old := strings.SplitAfter(string(t.src), "\n")
	now := strings.SplitAfter(string(other), "\n")
	head := 0
	for head < len(old) && head < len(now) && old[head] == now[head] {
		head++
	}
	if head == len(old) && head == len(now) {
		return []textEdit{}
	}
	tail := 0
	for tail < len(old)-head && tail < len(now)-head && old[len(old)-1-tail] == now[len(now)-1-tail] {
		tail++
	}
	start := len(strings.Join(old[:head], ""))
	end := len(t.src) - len(strings.Join(old[len(old)-tail:], ""))
	return []textEdit{{t.between(start, end), strings.Join(now[head:len(now)-tail], "")}}
}
