package main

import (
	"fmt"
	"strings"
)

// unified is the difference between two texts as patch(1) reads it, "" where there
// is none. Colours are for a person at a terminal.
func unified(name, before, after string, colours bool) string {
	if before == after {
		return ""
	}
	p := patch{a: linesOf(before), b: linesOf(after), colours: colours}
	p.write(inBold, "--- "+name+"\n")
	p.write(inBold, "+++ "+name+"\n")
	edits := compareLines(p.a, p.b)
	for len(edits) > 0 {
		n := 1
		for n < len(edits) && edits[n].a-edits[n-1].endA <= 2*diffContext {
			n++
		}
		p.hunk(edits[:n])
		edits = edits[n:]
	}
	return p.out.String()
}

// linesOf are a text's lines, each with its line break.
func linesOf(s string) []string {
	var out []string
	for line := range strings.Lines(s) {
		out = append(out, line)
	}
	return out
}

// lineEdit replaces lines a to endA of one text with lines b to endB of another.
type lineEdit struct{ a, endA, b, endB int }

// maxCells bounds the table of compareLines; texts with more changed lines count as
// changed from the first difference to the last.
const maxCells = 4_000_000

// compareLines finds the edits between two texts: the longest run of common lines, by
// the classic table. What both begin and end with is set aside before, so that the
// table is small for the small changes of a formatter.
func compareLines(a, b []string) []lineEdit {
	first := 0
	for first < len(a) && first < len(b) && a[first] == b[first] {
		first++
	}
	endA, endB := len(a), len(b)
	for endA > first && endB > first && a[endA-1] == b[endB-1] {
		endA--
		endB--
	}
	rows, columns := endA-first, endB-first
	if rows*columns > maxCells {
		return []lineEdit{{first, endA, first, endB}}
	}
	// common[i][j] is how many lines a[i:] and b[j:] have in common.
	common := make([][]int32, rows+1)
	for i := range common {
		common[i] = make([]int32, columns+1)
	}
	for i := rows - 1; i >= 0; i-- {
		for j := columns - 1; j >= 0; j-- {
			if a[first+i] == b[first+j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	var edits []lineEdit
	for i, j := 0, 0; i < rows || j < columns; {
		if i < rows && j < columns && a[first+i] == b[first+j] {
			i++
			j++
			continue
		}
		e := lineEdit{a: first + i, b: first + j}
		for (i < rows || j < columns) && !(i < rows && j < columns && a[first+i] == b[first+j]) {
			if j == columns || i < rows && common[i+1][j] >= common[i][j+1] {
				i++
			} else {
				j++
			}
		}
		e.endA, e.endB = first+i, first+j
		edits = append(edits, e)
	}
	return edits
}

// diffContext is how many lines stand around a change.
const diffContext = 3

// Colours of a patch at a terminal.
const (
	uncoloured = ""
	inBold     = "1"
	inRed      = "31"
	inGreen    = "32"
	inCyan     = "36"
)

// patch writes edits.
type patch struct {
	a, b    []string
	out     strings.Builder
	colours bool
}

func (p *patch) hunk(edits []lineEdit) {
	from, to := edits[0], edits[len(edits)-1]
	startA, endA := max(from.a-diffContext, 0), min(to.endA+diffContext, len(p.a))
	startB, endB := from.b-(from.a-startA), to.endB+(endA-to.endA)
	p.write(inCyan, fmt.Sprintf("@@ -%s +%s @@\n", extent(startA, endA), extent(startB, endB)))
	at := startA
	for _, e := range edits {
		p.lines(uncoloured, " ", p.a[at:e.a])
		p.lines(inRed, "-", p.a[e.a:e.endA])
		p.lines(inGreen, "+", p.b[e.b:e.endB])
		at = e.endA
	}
	p.lines(uncoloured, " ", p.a[at:endA])
}

// extent is a hunk's place: the first line and how many, or the line before where
// there are none.
func extent(start, end int) string {
	switch end - start {
	case 0:
		return fmt.Sprintf("%d,0", start)
	case 1:
		return fmt.Sprint(start + 1)
	}
	return fmt.Sprintf("%d,%d", start+1, end-start)
}

func (p *patch) lines(colour, mark string, lines []string) {
	for _, line := range lines {
		if !strings.HasSuffix(line, "\n") {
			line += "\n\\ No newline at end of file\n"
		}
		p.write(colour, mark+line)
	}
}

func (p *patch) write(colour, line string) {
	if !p.colours || colour == uncoloured {
		p.out.WriteString(line)
		return
	}
	p.out.WriteString("\x1b[" + colour + "m" + strings.TrimSuffix(line, "\n") + "\x1b[0m\n")
}
