package dsl

import (
	"bytes"
	"strconv"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"golang.org/x/text/unicode/norm"
)

// newLiteral reads the quoted string or heredoc that stands at rng in src. ok is
// false where it holds an interpolation (`${…}` or `%{…}`); at is its place then.
//
// HCL has the value already, but not the way back: conditions are checked in
// runes of the value, and the caret has to stand under the marketer's own words,
// behind escapes, `$${` and a heredoc's removed indentation. So the raw bytes are
// read once more, keeping for each byte of the value the byte it came from.
func newLiteral(src []byte, rng hcl.Range) (lit Literal, at hcl.Range, ok bool) {
	raw := rng.SliceBytes(src)
	r := unquoter{raw: raw}
	if len(raw) > 0 && raw[0] == '<' {
		r.heredoc()
	} else {
		r.quoted()
	}
	lit = Literal{File: rng.Filename, Range: rng, Raw: raw}
	if r.interpolation >= 0 && r.stopped {
		return lit, subRange(rng, raw, r.interpolation, r.interpolation+2), false
	}
	lit.Value, lit.starts = r.normalised()
	return lit, hcl.Range{}, true
}

// span is Span's implementation.
func (l *Literal) span(start, end int) hcl.Range {
	if len(l.starts) == 0 {
		return l.Range
	}
	start = max(0, min(start, len(l.Value)))
	end = max(start, min(end, len(l.Value)))
	from := l.starts[start]
	to := l.starts[end]
	if to <= from {
		_, size := utf8.DecodeRune(l.Raw[from:])
		to = from + size
	}
	// A removed indentation or line break belongs to nobody's words.
	for to > from+1 && (l.Raw[to-1] == '\n' || l.Raw[to-1] == '\r') {
		to--
	}
	return subRange(l.Range, l.Raw, from, to)
}

// subRange is the place of raw[from:to], where raw is what whole covers.
func subRange(whole hcl.Range, raw []byte, from, to int) hcl.Range {
	return hcl.Range{
		Filename: whole.Filename,
		Start:    advance(whole.Start, raw[:from]),
		End:      advance(whole.Start, raw[:to]),
	}
}

// advance moves a position over text. Columns count characters as people do: a
// combining mark belongs to the letter before it.
func advance(pos hcl.Pos, text []byte) hcl.Pos {
	pos.Byte += len(text)
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		text = text[size:]
		switch {
		case r == '\n':
			pos.Line++
			pos.Column = 1
		case !joins(r):
			pos.Column++
		}
	}
	return pos
}

// joins reports a rune that takes no place of its own on the screen.
func joins(r rune) bool {
	return r > 0x7f && unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf)
}

// unquoter reads a literal's raw bytes into its value.
type unquoter struct {
	raw           []byte
	out           []byte
	from          []int // offset in raw of each byte of out
	interpolation int
	stopped       bool
	end           int // offset in raw just behind the last content byte
}

func (u *unquoter) quoted() {
	u.interpolation = -1
	end := len(u.raw)
	if end >= 2 && u.raw[end-1] == '"' {
		end--
	}
	u.end = end
	for i := min(1, end); i < end && !u.stopped; {
		if u.raw[i] == '\\' && i+1 < end {
			i += u.escape(i, end)
			continue
		}
		i += u.plain(i, end)
	}
}

// escape takes the backslash sequence at i and returns its length.
func (u *unquoter) escape(i, end int) int {
	single := map[byte]byte{'n': '\n', 'r': '\r', 't': '\t', '"': '"', '\\': '\\'}
	c := u.raw[i+1]
	if b, ok := single[c]; ok {
		u.put(i, b)
		return 2
	}
	digits := map[byte]int{'u': 4, 'U': 8}[c]
	if digits > 0 && i+2+digits <= end {
		n, err := strconv.ParseUint(string(u.raw[i+2:i+2+digits]), 16, 32)
		if err == nil {
			u.put(i, []byte(string(rune(n)))...)
			return 2 + digits
		}
	}
	u.put(i, '\\')
	return 1
}

// plain takes one rune at i, or an escaped or open template mark, and returns
// how many bytes of raw it took.
func (u *unquoter) plain(i, end int) int {
	c := u.raw[i]
	if c == '$' || c == '%' {
		rest := u.raw[i:end]
		if len(rest) >= 3 && rest[1] == c && rest[2] == '{' {
			u.put(i, c)
			u.put(i+2, '{')
			return 3
		}
		if len(rest) >= 2 && rest[1] == '{' {
			u.interpolation, u.stopped = i, true
			return 2
		}
	}
	_, size := utf8.DecodeRune(u.raw[i:end])
	for k := range size {
		u.out = append(u.out, u.raw[i+k])
		u.from = append(u.from, i)
	}
	return size
}

func (u *unquoter) put(at int, bytes ...byte) {
	for _, b := range bytes {
		u.out = append(u.out, b)
		u.from = append(u.from, at)
	}
}

// heredoc reads <<NAME and <<-NAME. The latter loses the indentation that all its
// lines share; a line of nothing but space neither counts nor changes.
func (u *unquoter) heredoc() {
	u.interpolation = -1
	first := bytes.IndexByte(u.raw, '\n')
	if first < 0 {
		return
	}
	start := first + 1
	u.end = start + bytes.LastIndexByte(u.raw[start:], '\n') + 1
	indent := 0
	if bytes.HasPrefix(u.raw, []byte("<<-")) {
		indent = sharedIndent(u.raw[start:u.end])
	}
	for i := start; i < u.end && !u.stopped; {
		end := i + bytes.IndexByte(u.raw[i:u.end], '\n') + 1
		if len(bytes.TrimSpace(u.raw[i:end])) > 0 {
			for range indent {
				_, size := utf8.DecodeRune(u.raw[i:end])
				i += size
			}
		}
		for i < end && !u.stopped {
			i += u.plain(i, end)
		}
	}
}

// sharedIndent is how many characters of space all lines begin with.
func sharedIndent(body []byte) int {
	least := -1
	for line := range bytes.Lines(body) {
		text := bytes.TrimLeftFunc(line, unicode.IsSpace)
		if len(text) == 0 {
			continue
		}
		indent := utf8.RuneCount(line[:len(line)-len(text)])
		if least < 0 || indent < least {
			least = indent
		}
	}
	return max(least, 0)
}

// normalised is the value in NFC with the way back for each byte and for its end.
func (u *unquoter) normalised() (string, []int) {
	if norm.NFC.IsNormal(u.out) {
		return string(u.out), append(u.from, u.end)
	}
	var it norm.Iter
	it.Init(norm.NFC, u.out)
	var out []byte
	var from []int
	for !it.Done() {
		at := u.from[it.Pos()]
		segment := it.Next()
		for range segment {
			from = append(from, at)
		}
		out = append(out, segment...)
	}
	return string(out), append(from, u.end)
}
