package intake

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/seed-456efde2/nurture/engine"
)

// piece is what stands between the quotes of a JSON string.
type piece struct {
	raw     string
	escaped bool // has escape sequences
	wide    bool // has bytes outside ASCII
}

// text is the string that is meant, in NFC, with U+FFFD for whatever is not
// Unicode. Plain ASCII costs nothing.
func (p piece) text() string {
	if !p.escaped && !p.wide {
		return p.raw
	}
	text, _ := p.clean()
	return text
}

// clean is text, and whether all of it was Unicode.
func (p piece) clean() (text string, ok bool) {
	text, ok = p.raw, true
	if p.escaped {
		text, ok = unescape(p.raw)
	}
	if !utf8.ValidString(text) {
		text, ok = valid(text), false
	}
	return norm.NFC.String(text), ok
}

// valid puts U+FFFD for every byte that is no part of a character.
func valid(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	return string([]rune(text))
}

var shortEscapes = map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// unescape resolves the escape sequences of a string that the scanner has found
// sound. Half a surrogate pair is not Unicode.
func unescape(raw string) (text string, ok bool) {
	ok = true
	b := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); {
		if raw[i] != '\\' {
			next := strings.IndexByte(raw[i:], '\\')
			if next < 0 {
				next = len(raw) - i
			}
			b = append(b, raw[i:i+next]...)
			i += next
			continue
		}
		if raw[i+1] != 'u' {
			b = append(b, shortEscapes[raw[i+1]])
			i += 2
			continue
		}
		r, n := escapedRune(raw[i:])
		ok = ok && r != utf8.RuneError
		b = utf8.AppendRune(b, r)
		i += n
	}
	return string(b), ok
}

// escapedRune reads \uXXXX or a surrogate pair of them, and tells the length.
func escapedRune(raw string) (r rune, n int) {
	r, _ = hex4(raw[2:6])
	if !utf16.IsSurrogate(r) {
		return r, 6
	}
	if len(raw) >= 12 && raw[6] == '\\' && raw[7] == 'u' {
		low, _ := hex4(raw[8:12])
		if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
			return pair, 12
		}
	}
	return utf8.RuneError, 6
}

func hex4(s string) (rune, bool) {
	n, err := strconv.ParseUint(s, 16, 32)
	return rune(n), err == nil && s[0] != '+' && s[0] != '-'
}

// word is a scalar as the text that it means.
type word struct {
	text  string
	shape shape
}

// shape says what a value that should be a text was.
type shape uint8

const (
	shapeNone    shape = iota // null
	shapeText                 // a string, all of it Unicode
	shapeNumber               // a number
	shapeFlag                 // true or false
	shapeGarbled              // a string that is not Unicode
	shapeNested               // an object or a list
)

// word reads a value that names something: an id, an event. Ids of any scalar
// type are taken as the text that they look like, because clients send the keys
// of their database as they come; a whole number keeps all its digits.
func (s *scanner) word() word {
	switch c := s.peek(); {
	case c == '"':
		p := s.str()
		if text, ok := p.clean(); ok {
			return word{text, shapeText}
		}
		return word{"", shapeGarbled}
	case c == '-' || '0' <= c && c <= '9':
		return word{plainNumber(s.number()), shapeNumber}
	case c == '{' || c == '[':
		s.skip()
		return word{"", shapeNested}
	}
	start := s.pos
	s.scalar()
	if text := s.src[start:s.pos]; text != "null" {
		return word{text, shapeFlag}
	}
	return word{}
}

// plainNumber writes 1.0 and 1e0 as 1, and leaves whole numbers as they are.
func plainNumber(literal string) string {
	if !strings.ContainsAny(literal, ".eE") && literal != "-0" {
		return literal
	}
	f, err := strconv.ParseFloat(literal, 64)
	if err != nil {
		return literal
	}
	return strconv.FormatFloat(f+0, 'f', -1, 64)
}

// value reads a property's value; an object is the caller's to take apart. ok is
// false for a number that no float64 holds: taken as "no value" it would clear
// an attribute.
func (s *scanner) value() (v engine.Value, ok bool) {
	switch c := s.peek(); c {
	case '"':
		return engine.TextValue(s.str().text()), true
	case 't', 'f':
		s.scalar()
		return engine.FlagValue(c == 't'), true
	case 'n':
		s.literal("null")
		return engine.Value{}, true
	case '[':
		return engine.JSONValue(valid(s.raw())), true
	}
	n, ok := float(s.number())
	return engine.NumberValue(n), ok
}

// float reads a number. Whole numbers of up to 15 digits, which most are, need
// no care for rounding.
func float(literal string) (float64, bool) {
	if len(literal) <= 15 {
		n := 0
		for i := 0; ; i++ {
			if i == len(literal) {
				return float64(n), true
			}
			c := literal[i] - '0'
			if c > 9 {
				break
			}
			n = n*10 + int(c)
		}
	}
	f, err := strconv.ParseFloat(literal, 64)
	return f, err == nil
}
