package graph

import (
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// cells is the width of a text in a terminal: two for the characters of East
// Asia, none for marks that join the letter before them.
func cells(s string) int {
	n := 0
	for _, r := range s {
		n += runeCells(r)
	}
	return n
}

func runeCells(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// pixels is about how wide a text is in a proportional font of the given size. It
// is a little too much on purpose: a box that is too wide looks better than words
// that leave it.
func pixels(s string, size int) int {
	hundredths := 0
	for _, r := range s {
		hundredths += runeHundredths(r)
	}
	return (hundredths*size + 99) / 100
}

func runeHundredths(r rune) int {
	switch {
	case runeCells(r) == 0:
		return 0
	case runeCells(r) == 2:
		return 102
	case strings.ContainsRune("ijl.,:;'|!()[]·/ ", r):
		return 36
	case r >= 'A' && r <= 'Z', strings.ContainsRune("mwMW@%&<>=+~#_≥≤→…", r):
		return 80
	}
	return 61
}

// visible is a text without what would steer a terminal or break a line.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == unicode.ReplacementChar:
			return '�'
		}
		return r
	}, s)
}

// noStart are characters that begin no line in Japanese.
const noStart = "、。，．・：；？！）」』】〉》ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ,.:;!?)]}%"

// wrap breaks a text into lines of at most room cells: at spaces, and between
// characters of East Asia where neither side forbids it. What does not fit into
// most lines ends in an ellipsis.
func wrap(s string, room, most int) []string {
	var lines []string
	rest := []rune(strings.Join(strings.Fields(visible(s)), " "))
	for len(rest) > 0 {
		if len(lines) == most {
			lines[most-1] = shorten(lines[most-1]+"…", room)
			return lines
		}
		at := breakAt(rest, room)
		lines = append(lines, strings.TrimRight(string(rest[:at]), " "))
		rest = []rune(strings.TrimLeft(string(rest[at:]), " "))
	}
	return lines
}

// breakAt is how many runes go on the first line.
func breakAt(rest []rune, room int) int {
	used, best := 0, 0
	for i, r := range rest {
		if used += runeCells(r); used > room {
			break
		}
		if i+1 == len(rest) {
			return len(rest)
		}
		if mayBreak(r, rest[i+1]) {
			best = i + 1
		}
	}
	if best > 0 {
		return best
	}
	used = 0
	for i, r := range rest {
		if used += runeCells(r); used > room && i > 0 {
			return i
		}
	}
	return len(rest)
}

func mayBreak(before, after rune) bool {
	switch {
	case before == ' ' || after == ' ':
		return true
	case strings.ContainsRune(noStart, after) || strings.ContainsRune("（「『【〈《([{", before):
		return false
	case runeCells(after) == 0:
		return false
	}
	return runeCells(before) == 2 || runeCells(after) == 2 || before == '/' || before == '_'
}

// shorten cuts a text to room cells with an ellipsis.
func shorten(s string, room int) string {
	if cells(s) <= room {
		return s
	}
	used := 0
	for i, r := range s {
		if used += runeCells(r); used > room-1 {
			return s[:i] + "…"
		}
	}
	return s
}
