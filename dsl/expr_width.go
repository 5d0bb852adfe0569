package dsl

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// mathSigns are signs that a Japanese keyboard offers for ours.
var mathSigns = map[rune]string{
	'≧': ">=", '≥': ">=", '≦': "<=", '≤': "<=", '≠': "!=", '×': "*", '÷': "/", '−': "-",
	'、': ",", '。': ".", '・': ".", '〜': "-", '【': "[", '】': "]", '「': "'", '」': "'",
	'『': "'", '』': "'", '‘': "'", '’': "'", '“': "'", '”': "'", '〝': "'", '〟': "'",
}

// closers are the partners of quotes that open differently than they close.
var closers = map[rune]rune{
	'「': '」', '『': '』', '‘': '’', '“': '”', '’': '’', '”': '”', '＇': '＇', '＂': '＂', '〝': '〟', '｀': '｀',
}

// checkWidth finds full-width operators, brackets, quotes, digits and letters
// outside of texts, before the parser stumbles over them, and says what to type.
// Signs that touch are one problem: ＞＝ is >=.
func checkWidth(src source, f *found) bool {
	s := src.text
	before := len(f.problems)
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case strings.ContainsRune("'\"`", r):
			i = skipQuoted(s, i)
		case closers[r] != 0:
			i = wideQuote(src, f, i)
		case halfWidth(r) != "":
			i = wideSigns(src, f, i)
		default:
			i += size
		}
	}
	return len(f.problems) > before
}

// halfWidth is what to type instead of r, "" where r is fine.
func halfWidth(r rune) string {
	if sign, ok := mathSigns[r]; ok {
		return sign
	}
	if r < 0xff01 || r > 0xff5e {
		return ""
	}
	if narrow := width.LookupRune(r).Narrow(); narrow != 0 {
		return string(narrow)
	}
	return ""
}

// wideSigns reports the full-width signs that begin at i and returns their end.
func wideSigns(src source, f *found, i int) int {
	start, half := i, ""
	for i < len(src.text) {
		r, size := utf8.DecodeRuneInString(src.text[i:])
		sign := halfWidth(r)
		if sign == "" || closers[r] != 0 {
			break
		}
		half += sign
		i += size
	}
	f.add("N103", src.place(start, i), src.text[start:i], half).Suggest = half
	return i
}

// wideQuote reports a text in full-width quotes, both quotes together.
func wideQuote(src source, f *found, i int) int {
	open, size := utf8.DecodeRuneInString(src.text[i:])
	rest := src.text[i+size:]
	n := strings.IndexRune(rest, closers[open])
	if n < 0 {
		f.add("N103", src.place(i, i+size), string(open), "'")
		return i + size
	}
	end := i + size + n + utf8.RuneLen(closers[open])
	half := "'" + strings.ReplaceAll(rest[:n], "'", `\'`) + "'"
	f.add("N103", src.place(i, end), src.text[i:end], half).Suggest = half
	return end
}

// skipQuoted returns the end of the text that begins at i.
func skipQuoted(s string, i int) int {
	quote := s[i]
	for i++; i < len(s); i++ {
		if s[i] == '\\' && quote != '`' {
			i++
		} else if s[i] == quote {
			return i + 1
		}
	}
	return len(s)
}

// isNameRune reports a rune that names are made of.
func isNameRune(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }
