package engine

import "unicode"

func isFolded(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_' && i > 0 && i < len(s)-1 && s[i-1] != '_') {
			return false
		}
	}
	return true
}

func isWordRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r)
}

func isUpper(r rune) bool { return unicode.IsUpper(r) }

func toLower(r rune) rune { return unicode.ToLower(r) }
