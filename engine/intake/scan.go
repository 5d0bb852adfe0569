package intake

import "strings"

// scanner reads JSON from a text, strictly by RFC 8259, without building
// anything: what it hands out are pieces of the text. After the first thing that
// is not JSON it has failed for good; every method is then harmless and every
// loop over its members ends.
//
// A scanner of our own stands here because it decodes a call several times as
// fast as encoding/json does (see the benchmarks) and because encoding/json can
// say neither how deep an item nests before it is decoded, nor where it lies, nor
// that a text was not valid UTF-8. Tests hold both to the same verdicts.
type scanner struct {
	src  string
	pos  int
	bad  bool
	open []byte // closers of what skip is inside of; kept for its memory
}

func (s *scanner) failed() bool { return s.bad }

func (s *scanner) fail() { s.bad = true }

// peek skips white space and gives the next byte, 0 at the end.
func (s *scanner) peek() byte {
	for s.pos < len(s.src) {
		switch c := s.src[s.pos]; c {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return c
		}
	}
	return 0
}

// atEnd reports that nothing but white space is left.
func (s *scanner) atEnd() bool {
	s.peek()
	return s.pos == len(s.src)
}

// enter steps into an object or a list and reports whether it has a first
// member. The loop over all members is
//
//	for ok := s.enter('{'); ok; ok = s.more('}') { … }
func (s *scanner) enter(opener byte) bool {
	if s.bad || s.peek() != opener {
		s.fail()
		return false
	}
	s.pos++
	if s.peek() == opener+2 { // in ASCII both closers stand two places behind
		s.pos++
		return false
	}
	return true
}

// more steps over a comma to the next member, or out of the object or list.
func (s *scanner) more(closer byte) bool {
	if s.bad {
		return false
	}
	switch s.peek() {
	case ',':
		s.pos++
		return true
	case closer:
		s.pos++
	default:
		s.fail()
	}
	return false
}

// key reads a member's name and the colon behind it.
func (s *scanner) key() string {
	if s.peek() != '"' {
		s.fail()
		return ""
	}
	name := s.str()
	if s.peek() != ':' {
		s.fail()
		return ""
	}
	s.pos++
	return name.text()
}

// str reads a string. It stands on the opening quote.
func (s *scanner) str() piece {
	var p piece
	start := s.pos + 1
	for i := start; i < len(s.src); i++ {
		switch c := s.src[i]; {
		case c == '"':
			s.pos = i + 1
			p.raw = s.src[start:i]
			return p
		case c == '\\':
			p.escaped = true
			i += s.escape(i) - 1
		case c < ' ':
			s.pos = i
			s.fail()
			return piece{}
		case c >= 0x80:
			p.wide = true
		}
		if s.bad {
			return piece{}
		}
	}
	s.pos = len(s.src)
	s.fail()
	return piece{}
}

// escape gives the length of the escape sequence at i.
func (s *scanner) escape(i int) int {
	rest := s.src[i+1:]
	if rest != "" && strings.IndexByte(`"\/bfnrt`, rest[0]) >= 0 {
		return 2
	}
	if len(rest) >= 5 && rest[0] == 'u' {
		if _, ok := hex4(rest[1:5]); ok {
			return 6
		}
	}
	s.pos = i
	s.fail()
	return 2
}

// number reads a number and gives it as it is written.
func (s *scanner) number() string {
	start := s.pos
	if s.at('-') {
		s.pos++
	}
	if s.at('0') {
		s.pos++
	} else {
		s.digits()
	}
	if s.at('.') {
		s.pos++
		s.digits()
	}
	if s.at('e') || s.at('E') {
		s.pos++
		if s.at('+') || s.at('-') {
			s.pos++
		}
		s.digits()
	}
	return s.src[start:s.pos]
}

func (s *scanner) at(c byte) bool { return s.pos < len(s.src) && s.src[s.pos] == c }

// digits reads one digit or more.
func (s *scanner) digits() {
	start := s.pos
	for s.pos < len(s.src) && '0' <= s.src[s.pos] && s.src[s.pos] <= '9' {
		s.pos++
	}
	if s.pos == start {
		s.fail()
	}
}

// literal reads one of the three words of JSON.
func (s *scanner) literal(word string) {
	if !strings.HasPrefix(s.src[s.pos:], word) {
		s.fail()
		return
	}
	s.pos += len(word)
}

// scalar reads over a string, a number or a word.
func (s *scanner) scalar() {
	switch c := s.peek(); {
	case c == '"':
		s.str()
	case c == '-' || '0' <= c && c <= '9':
		s.number()
	case c == 't':
		s.literal("true")
	case c == 'f':
		s.literal("false")
	case c == 'n':
		s.literal("null")
	default:
		s.fail()
	}
}

// skip reads over a value of any kind and tells how deep it nests: 0 for a
// scalar, 1 for an object of scalars. It needs no stack of calls, so that a body
// of a hundred thousand brackets costs no more than its length.
func (s *scanner) skip() (depth int) {
	s.open = s.open[:0]
	for !s.bad {
		switch c := s.peek(); c {
		case '{', '[':
			s.open = append(s.open, c+2)
			depth = max(depth, len(s.open))
			if s.enter(c) {
				s.nameIn(c + 2)
				continue
			}
			s.open = s.open[:len(s.open)-1]
		default:
			s.scalar()
		}
		for { // a value is complete: go on beside it or up
			if s.bad || len(s.open) == 0 {
				return depth
			}
			closer := s.open[len(s.open)-1]
			if s.more(closer) {
				s.nameIn(closer)
				break
			}
			s.open = s.open[:len(s.open)-1]
		}
	}
	return depth
}

// nameIn reads a member's name where the value stands in an object.
func (s *scanner) nameIn(closer byte) {
	if closer == '}' {
		s.key()
	}
}

// raw reads over a value and gives its text.
func (s *scanner) raw() string {
	s.peek()
	start := s.pos
	s.skip()
	return s.src[start:s.pos]
}
