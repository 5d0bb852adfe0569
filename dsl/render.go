package dsl

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// excerptCells is how much of a source line is shown; a longer one is cut around
// the words in question.
const excerptCells = 100

// Render is the problems as a person reads them in a terminal, one after the
// other with a blank line between.
func (ds Diagnostics) Render() string {
	var b strings.Builder
	for i, d := range ds.Items {
		if i > 0 {
			b.WriteByte('\n')
		}
		r := renderer{out: &b, d: d, sources: ds.Sources, language: ds.Language}
		r.render()
	}
	return b.String()
}

// renderer writes one problem.
type renderer struct {
	out      *strings.Builder
	d        Diagnostic
	sources  map[string][]byte
	language string
	margin   int // width of the line numbers
}

func (r *renderer) render() {
	fmt.Fprintf(r.out, "%s %s: %s\n", r.severity(), r.d.Code, r.d.Message(r.language))
	if r.d.Range.IsZero() {
		r.footer("")
		return
	}
	r.margin = len(strconv.Itoa(max(r.d.Range.Start.Line, r.d.Other.Start.Line)))
	pad := strings.Repeat(" ", r.margin)
	fmt.Fprintf(r.out, "%s ╭─ %s%s\n%s │\n", pad, r.at(r.d.Range), r.where(), pad)
	r.excerpt(r.d.Range)
	if !r.d.Other.IsZero() {
		fmt.Fprintf(r.out, "%s ├─ %s\n%s │\n", pad, r.second(), pad)
		r.excerpt(r.d.Other)
	}
	r.footer(pad)
}

// severity is the headline's first word.
func (r *renderer) severity() string {
	words := map[Severity]Doc{Error: {"Error", "エラー"}, Warning: {"Warning", "警告"}, Note: {"Note", "お知らせ"}}
	return words[r.d.Severity].In(r.language)
}

func (r *renderer) at(g Range) string {
	return fmt.Sprintf("%s:%d:%d", visible(g.File), g.Start.Line, g.Start.Column)
}

// where names the blocks that the words stand in.
func (r *renderer) where() string {
	if len(r.d.In) == 0 {
		return ""
	}
	if r.language == "ja" {
		return "（" + visible(strings.Join(r.d.In, " の ")) + "）"
	}
	return " in " + visible(strings.Join(r.d.In, ", "))
}

func (r *renderer) second() string {
	return Doc{"see also ", "もうひとつの場所: "}.In(r.language) + r.at(r.d.Other)
}

// footer says what to write instead.
func (r *renderer) footer(pad string) {
	var lines []string
	if s := r.d.Suggest; s != "" {
		lines = append(lines, Doc{"did you mean " + s + "?", "もしかして: " + s}.In(r.language))
	} else if help := r.d.Help(r.language); help != "" {
		lines = strings.Split(strings.TrimRight(help, "\n"), "\n")
	}
	for i, line := range lines {
		mark := "╰─ "
		if i > 0 {
			mark = "   "
		}
		fmt.Fprintf(r.out, "%s %s%s\n", pad, mark, visible(line))
	}
	if len(lines) == 0 {
		fmt.Fprintf(r.out, "%s ╰─\n", pad)
	}
}

// excerpt shows the first line of a range with carets under its words.
func (r *renderer) excerpt(g Range) {
	src, ok := r.sources[g.File]
	if !ok || g.Start.Byte > len(src) {
		return
	}
	line, start := lineAt(src, g.Start.Byte)
	end := len(line)
	if g.End.Line == g.Start.Line && g.End.Byte >= g.Start.Byte {
		end = min(end, start+g.End.Byte-g.Start.Byte)
	}
	before, words, after := visible(line[:start]), visible(line[start:end]), visible(line[end:])
	before, words, after = cut(before, words, after)
	fmt.Fprintf(r.out, "%*d │ %s\n", r.margin, g.Start.Line, strings.TrimRight(before+words+after, " "))
	carets := max(cells(words), 1)
	fmt.Fprintf(r.out, "%s │ %s%s\n", strings.Repeat(" ", r.margin), strings.Repeat(" ", cells(before)), strings.Repeat("^", carets))
}

// lineAt is the line that holds the byte, and the byte's offset in it.
func lineAt(src []byte, at int) (string, int) {
	start := bytes.LastIndexByte(src[:at], '\n') + 1
	line := src[start:]
	if end := bytes.IndexByte(line, '\n'); end >= 0 {
		line = line[:end]
	}
	text := strings.TrimSuffix(string(line), "\r")
	return text, min(at-start, len(text))
}

// cut shortens a long line around the words.
func cut(before, words, after string) (string, string, string) {
	if cells(before)+cells(words)+cells(after) <= excerptCells {
		return before, words, after
	}
	words = keepStart(words, excerptCells*6/10)
	before = keepEnd(before, max(excerptCells*2/10, excerptCells-cells(words)-cells(after)))
	after = keepStart(after, excerptCells-cells(before)-cells(words))
	return before, words, after
}

func keepStart(s string, room int) string {
	if cells(s) <= room {
		return s
	}
	for i, r := range s {
		if room -= runeCells(r); room < 1 {
			return s[:i] + "…"
		}
	}
	return s
}

func keepEnd(s string, room int) string {
	if cells(s) <= room {
		return s
	}
	for i := len(s); i > 0; {
		r, size := utf8.DecodeLastRuneInString(s[:i])
		if room -= runeCells(r); room < 1 {
			return "…" + s[i:]
		}
		i -= size
	}
	return s
}

// visible is a text as a terminal may show it: tabs as spaces, control
// characters and bad bytes as �, so that a file cannot steer the terminal.
func visible(s string) string {
	clean := true
	for _, r := range s {
		if r < ' ' || r == 0x7f || r == utf8.RuneError || unicode.Is(unicode.Bidi_Control, r) || r >= 0x80 && r < 0xa0 {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	return strings.ReplaceAll(mapVisible(s), "\t", "    ")
}

func mapVisible(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return r
		case r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || unicode.Is(unicode.Bidi_Control, r):
			return utf8.RuneError
		}
		return r
	}, s)
}

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
	if r < 0x300 {
		return 1
	}
	if joins(r) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}
