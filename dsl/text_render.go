package dsl

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/seed-456efde2/nurture/engine"
)

// Bounds of what a text may become.
const (
	maxOutput  = 256 << 10 // bytes
	maxReasons = 64        // rounds of a for
	maxSteps   = 100_000   // nodes
)

var errTooLong = errors.New("the text is longer than 256 KiB")

// escape says in what surroundings a value stands.
type escape uint8

const (
	plainText  escape = iota // as it is, without control characters
	htmlText                 // between tags, or in a quoted attribute
	urlPart                  // behind the beginning of a link: nothing in it means anything to a URL
	urlStart                 // at the beginning of a link in HTML: the value decides where it goes
	plainStart               // at the beginning of a link in a plain text
)

// textWriter renders the nodes of one text.
type textWriter struct {
	out   []byte
	facts map[string]any
	s     *scratch
	lang  string
	sc    *Scope
	steps int

	packed  string // the reasons that were put into words last
	reasons []string
}

func newWriter(v *engine.Vars, sc *Scope) textWriter {
	s := scratchOf(v)
	return textWriter{out: s.buf[:0], facts: v.Facts, s: s, lang: sc.Language, sc: sc}
}

// done gives the text back and keeps the buffer for the next.
func (w *textWriter) done() string {
	w.s.buf = w.out
	return string(w.out)
}

// render is the text as plain text.
func (t *textTemplate) render(v *engine.Vars) (string, error) {
	w := newWriter(v, t.sc)
	if err := w.nodes(t.nodes); err != nil {
		return "", err
	}
	return w.done(), nil
}

func (w *textWriter) nodes(nodes []textNode) error {
	for i := range nodes {
		if w.steps++; w.steps > maxSteps || len(w.out) > maxOutput {
			return errTooLong
		}
		if err := w.node(&nodes[i]); err != nil {
			return err
		}
	}
	if len(w.out) > maxOutput {
		return errTooLong
	}
	return nil
}

func (w *textWriter) node(n *textNode) error {
	switch {
	case n.value != nil:
		v, err := n.value.eval(w.s, w.facts)
		if err != nil {
			return err
		}
		w.insert(v, n.escape)
		return nil
	case n.cond != nil:
		v, err := n.cond.eval(w.s, w.facts)
		if err != nil {
			return err
		}
		if v == true {
			return w.nodes(n.then)
		}
		return w.nodes(n.other)
	case n.list != nil:
		return w.loop(n)
	}
	w.out = append(w.out, n.literal...)
	return nil
}

// loop goes round for each reason, with the variable set in a copy of the facts:
// the facts themselves belong to the engine.
func (w *textWriter) loop(n *textNode) error {
	v, err := n.list.eval(w.s, w.facts)
	if err != nil {
		return err
	}
	outer := w.facts
	defer func() { w.facts = outer }()
	w.facts = maps.Clone(outer)
	for _, item := range w.items(v) {
		w.facts[localFact(n.local)] = item
		if err := w.nodes(n.then); err != nil {
			return err
		}
	}
	return nil
}

// items are the reasons in words. A for inside a for asks for the same ones.
func (w *textWriter) items(v any) []string {
	packed, _ := v.(string)
	if w.reasons == nil || w.packed != packed {
		w.packed, w.reasons = packed, reasonTexts(packed, w.sc)
	}
	return w.reasons
}

// insert writes a value, made harmless for where it stands.
func (w *textWriter) insert(v any, how escape) {
	from := len(w.out)
	w.out = appendValue(w.out, v, w.lang)
	switch how {
	case plainText:
		if hasControl(w.out[from:]) {
			w.out = append(w.out[:from], withoutControl(string(w.out[from:]))...)
		}
	case htmlText:
		text := string(w.out[from:])
		w.out = appendHTML(w.out[:from], text)
	case urlPart:
		text := string(w.out[from:])
		w.out = appendURLPart(w.out[:from], text)
	case urlStart:
		text := string(w.out[from:])
		w.out = appendHTML(w.out[:from], address(text))
	case plainStart:
		text := string(w.out[from:])
		w.out = append(w.out[:from], address(text)...)
	}
}

// appendValue writes a value as people read it. No value is nothing.
func appendValue(b []byte, v any, lang string) []byte {
	switch v := v.(type) {
	case string:
		return append(b, v...)
	case float64:
		return append(b, formatNumber(v)...)
	case bool:
		return append(b, yesNo[v].In(lang)...)
	case time.Time:
		return append(b, formatDate(v, lang)+v.Format(" 15:04")...)
	}
	return b
}

// isControl reports characters that steer instead of showing something: line
// starts of headers, bells, and the marks that turn the reading direction round.
func isControl(r rune) bool {
	return r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u2029' ||
		r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' || r >= 0xf0000 || r == 0xfeff
}

func hasControl(b []byte) bool {
	for i := 0; i < len(b); {
		if c := b[i]; c >= ' ' && c < 0x7f || c == '\n' || c == '\t' {
			i++
			continue
		}
		r, size := utf8.DecodeRune(b[i:])
		if isControl(r) || r == utf8.RuneError && size == 1 {
			return true
		}
		i += size
	}
	return false
}

func withoutControl(s string) string {
	return strings.Map(func(r rune) rune {
		if isControl(r) {
			return -1
		}
		return r
	}, s)
}

// appendHTML writes a text for between tags and for quoted attributes.
func appendHTML(b []byte, s string) []byte {
	for _, r := range s {
		switch r {
		case '&':
			b = append(b, "&amp;"...)
		case '<':
			b = append(b, "&lt;"...)
		case '>':
			b = append(b, "&gt;"...)
		case '"':
			b = append(b, "&#34;"...)
		case '\'':
			b = append(b, "&#39;"...)
		case '`':
			b = append(b, "&#96;"...)
		default:
			if !isControl(r) {
				b = utf8.AppendRune(b, r)
			}
		}
	}
	return b
}

// appendURLPart writes a text so that nothing in it means anything to a URL.
func appendURLPart(b []byte, s string) []byte {
	const hex = "0123456789ABCDEF"
	for i := range len(s) {
		c := s[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.' || c == '~' {
			b = append(b, c)
			continue
		}
		b = append(b, '%', hex[c>>4], hex[c&15])
	}
	return b
}

// address is a whole address that a lead supplied, or # where it leads somewhere
// else than to a page, a mailbox or a telephone.
func address(s string) string {
	s = strings.TrimSpace(s)
	if !safeAddress(s) {
		return "#"
	}
	return cleanURL(s)
}

// cleanURL percent-encodes what has no place in a URL, and keeps the rest.
func cleanURL(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || strings.IndexByte("\"<>\\^`{|}", c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// safeSchemes are where a link in a mail may lead; cid: is a picture that it carries.
var safeSchemes = []string{"https://", "http://", "mailto:", "tel:", "cid:"}

func safeAddress(s string) bool {
	for _, scheme := range safeSchemes {
		if len(s) > len(scheme) && strings.EqualFold(s[:len(scheme)], scheme) {
			return true
		}
	}
	return false
}

// oneLine is a text for a header: a line break would begin another one.
func oneLine(s string) string {
	flat := strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || r == '\r' {
			return ' '
		}
		return r
	}, s)
	return strings.Trim(withoutControl(flat), " ")
}
