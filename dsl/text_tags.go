package dsl

import (
	"strings"
	"unicode/utf8"
)

// Bounds of a text. Its output is bounded besides (maxOutput).
const (
	maxTextSource = 256 << 10
	maxTextTags   = 1000
	maxTextDepth  = 16
)

// tagKind says what a {{ }} does.
type tagKind uint8

const (
	valueTag tagKind = iota
	ifTag
	elseTag
	endTag
	forTag
)

// tag is one {{ }} of a text. Offsets count in the text.
type tag struct {
	kind       tagKind
	start, end int    // with the braces
	from, to   int    // the expression
	local      string // variable of a for
	broken     bool   // it has been reported; what it begins still has its end
}

// scanTags finds every {{ }} of a text and what each is. It stops nowhere: a tag
// that is wrong is reported and left out.
func scanTags(src source, f *found) []tag {
	s := src.text
	if len(s) > maxTextSource {
		f.add("N160", src.place(0, 1), thousands(maxTextSource), thousands(maxTextTags))
		return nil
	}
	if bad := invalidAt(s); bad >= 0 {
		f.add("N161", src.place(bad, bad+1))
		return nil
	}
	var tags []tag
	for i := 0; i < len(s) && !f.full(); {
		next := strings.IndexAny(s[i:], "{｛")
		if next < 0 {
			break
		}
		i += next
		switch {
		case strings.HasPrefix(s[i:], "｛｛"):
			n := len("｛｛")
			f.add("N103", src.place(i, i+n), "｛｛", "{{").Suggest = "{{"
			i += n
		case strings.HasPrefix(s[i:], "{{"):
			before := len(f.problems)
			t := readTag(src, i, f)
			t.broken = len(f.problems) > before
			if !t.broken || t.kind != valueTag {
				tags = append(tags, t)
			}
			i = max(t.end, i+2)
		default:
			_, size := utf8.DecodeRuneInString(s[i:])
			i += size
		}
	}
	if len(tags) > maxTextTags {
		t := tags[maxTextTags]
		f.add("N160", src.place(t.start, t.end), thousands(maxTextSource), thousands(maxTextTags))
		return nil
	}
	return tags
}

// invalidAt is the offset of the first byte that is not UTF-8, or -1.
func invalidAt(s string) int {
	for i, r := range s {
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(s[i:]); size == 1 {
				return i
			}
		}
	}
	return -1
}

// readTag reads the {{ }} that begins at i.
func readTag(src source, i int, f *found) tag {
	s := src.text
	to := tagEnd(s, i+2)
	if to < 0 {
		end := i + 2
		if n := strings.IndexByte(s[i:], '\n'); n > 0 {
			end = i + n
		}
		f.add("N150", src.place(i, min(end, i+2)))
		return tag{end: end}
	}
	t := tag{kind: valueTag, start: i, end: to + 2, from: i + 2, to: to}
	t.trim(s)
	if t.from == t.to {
		f.add("N151", src.place(t.start, t.end))
		return t
	}
	t.classify(src, f)
	return t
}

// tagEnd finds the }} that closes a tag; one inside a text of the expression
// doesn't. A tag ends on the line it begins on, unless its expression has
// brackets or texts that go on.
func tagEnd(s string, i int) int {
	for i < len(s) {
		switch c := s[i]; {
		case c == '}' && strings.HasPrefix(s[i:], "}}"):
			return i
		case c == '{' && strings.HasPrefix(s[i:], "{{"):
			return -1
		case c == '\'' || c == '"' || c == '`':
			end := skipQuoted(s, i)
			if line := strings.IndexByte(s[i:], '\n'); line >= 0 && i+line < end {
				if n := strings.Index(s[i:i+line], "}}"); n >= 0 {
					return i + n // an open quote swallows no lines
				}
				return -1
			}
			i = end
		default:
			i++
		}
	}
	return -1
}

func (t *tag) trim(s string) {
	inner := s[t.from:t.to]
	t.from += len(inner) - len(strings.TrimLeft(inner, " \t\r\n"))
	t.to = t.from + len(strings.TrimSpace(inner))
}

// foreignTags are words of other template languages.
var foreignTags = map[string]Doc{
	"elif":    {"Write {{ else }}{{ if … }} … {{ end }}{{ end }}.", "{{ else }}{{ if … }} … {{ end }}{{ end }} と書いてください。"},
	"elseif":  {"Write {{ else }}{{ if … }} … {{ end }}{{ end }}.", "{{ else }}{{ if … }} … {{ end }}{{ end }} と書いてください。"},
	"elsif":   {"Write {{ else }}{{ if … }} … {{ end }}{{ end }}.", "{{ else }}{{ if … }} … {{ end }}{{ end }} と書いてください。"},
	"else if": {"Write {{ else }}{{ if … }} … {{ end }}{{ end }}.", "{{ else }}{{ if … }} … {{ end }}{{ end }} と書いてください。"},
	"endif":   {"Write {{ end }}.", "{{ end }} と書いてください。"},
	"endfor":  {"Write {{ end }}.", "{{ end }} と書いてください。"},
	"/if":     {"Write {{ end }}.", "{{ end }} と書いてください。"},
	"range":   {"Write {{ for r in reasons }}.", "{{ for r in reasons }} と書いてください。"},
	"unless":  {"Write {{ if not … }}.", "{{ if not … }} と書いてください。"},
	"foreach": {"Write {{ for r in reasons }}.", "{{ for r in reasons }} と書いてください。"},
	"include": {"A template is one file.", "テンプレートは一つのファイルで書きます。"},
}

// foreignKinds are those of them that begin or end a part.
var foreignKinds = map[string]tagKind{
	"endif": endTag, "endfor": endTag, "/if": endTag, "range": forTag, "foreach": forTag, "unless": ifTag,
}

// classify says what the tag does by its first word.
func (t *tag) classify(src source, f *found) {
	words := src.text[t.from:t.to]
	first, rest := words, ""
	if n := strings.IndexAny(words, " \t\r\n"); n >= 0 {
		first, rest = words[:n], words[n+1:]
	}
	if first == "else" && strings.HasPrefix(strings.TrimSpace(rest), "if") {
		first = "else if"
	}
	if help, ok := foreignTags[first]; ok && (rest == "" || !strings.ContainsAny(rest[:1], "=<>?|")) {
		f.add("N154", src.place(t.from, t.from+len(first)), first, help)
		t.kind = foreignKinds[first]
		return
	}
	switch first {
	case "if":
		t.kind = ifTag
		t.from = t.to - len(strings.TrimLeft(rest, " \t\r\n"))
	case "else", "end":
		t.kind = map[string]tagKind{"else": elseTag, "end": endTag}[first]
		if rest != "" {
			f.add("N154", src.place(t.from, t.to), words, Doc{"Write {{ " + first + " }}.", "{{ " + first + " }} と書いてください。"})
		}
	case "for":
		t.kind = forTag
		t.forParts(src, f)
	}
}

// forParts reads `for NAME in EXPR`.
func (t *tag) forParts(src source, f *found) {
	fields := strings.Fields(src.text[t.from:t.to])
	if len(fields) < 4 || fields[2] != "in" || !isName(fields[1]) || namespaces[fields[1]].family != 0 {
		f.add("N159", src.place(t.start, t.end))
		return
	}
	t.local = fields[1]
	t.from += strings.Index(src.text[t.from:t.to], " in ") + len(" in ")
	t.trim(src.text)
}

func isName(s string) bool {
	for i, r := range s {
		if !isNameRune(r) || i == 0 && r >= '0' && r <= '9' {
			return false
		}
	}
	return s != ""
}
