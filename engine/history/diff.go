package history

import (
	"slices"
	"strings"

	"github.com/seed-456efde2/nurture/engine"
)

// Change is one block of the rules that is new, gone, or says something else.
type Change struct {
	Op    string `json:"op"`    // "+", "-", "~"
	Block string `json:"block"` // "toss_up.hot_lead", "workflow.welcome.step.reminder"
	File  string `json:"file,omitempty"`
	Line  int    `json:"line,omitempty"`
	Lines []Line `json:"lines,omitempty"`
}

// Line is one thing that a changed block says differently. Old is "" where nothing
// stood, New where nothing stands.
type Line struct {
	What     string `json:"what"` // "when[1]", "half_life"
	Old      string `json:"old,omitempty"`
	New      string `json:"new,omitempty"`
	OldWords string `json:"oldWords,omitempty"` // a condition as a sentence
	NewWords string `json:"newWords,omitempty"`
}

// Diff tells what was changed between two sets of rules, in meaning: an order of
// blocks, a comment or a form of writing is no change. Blocks come in the order of
// the new rules, those that are gone behind the others of their kind. say puts a
// condition into words; nil: it does not.
func Diff(from, to *engine.Spec, say func(engine.Expr) string) []Change {
	if say == nil {
		say = func(engine.Expr) string { return "" }
	}
	before, after := blocksOf(from), blocksOf(to)
	known := make(map[string]*block, len(before))
	for i := range before {
		known[before[i].name] = &before[i]
	}
	var changes []Change
	kept := map[string]bool{}
	for i := range after {
		b := &after[i]
		kept[b.name] = true
		old := known[b.name]
		if old == nil {
			changes = append(changes, b.change("+", b.told(say, true)))
			continue
		}
		lines := compare(old.lines, b.lines, say)
		lines = slices.DeleteFunc(lines, func(l Line) bool { return follows(b.name, l, known, after) })
		if len(lines) > 0 {
			changes = append(changes, b.change("~", lines))
		}
	}
	var gone []Change
	for i := range before {
		if b := &before[i]; !kept[b.name] {
			gone = append(gone, b.change("-", b.told(say, false)))
		}
	}
	return placeGone(changes, gone)
}

// follows reports whether a step goes elsewhere only because the step it went to is
// gone, or a new one stands between: that is told of the other step already.
func follows(name string, l Line, before map[string]*block, after []block) bool {
	flow, _, isStep := strings.Cut(name, ".step.")
	if !isStep || !(l.What == "goes_on_to" || strings.HasSuffix(l.What, "goes_to") || strings.HasSuffix(l.What, "otherwise")) {
		return false
	}
	gone := l.Old != "exit.end" && !slices.ContainsFunc(after, func(b block) bool { return b.name == flow+".step."+l.Old })
	return gone || l.New != "exit.end" && before[flow+".step."+l.New] == nil
}

// placeGone puts each block that is gone behind the last change of its kind.
func placeGone(changes, gone []Change) []Change {
	for _, g := range gone {
		at := len(changes)
		for i := len(changes) - 1; i >= 0; i-- {
			if rankOf(changes[i].Block) <= rankOf(g.Block) {
				at = i + 1
				break
			}
			at = i
		}
		changes = slices.Insert(changes, at, g)
	}
	return changes
}

// Tally counts changes by what they are.
func Tally(changes []Change) (added, changed, removed int) {
	for i := range changes {
		switch changes[i].Op {
		case "+":
			added++
		case "-":
			removed++
		default:
			changed++
		}
	}
	return added, changed, removed
}

func (b *block) change(op string, lines []Line) Change {
	return Change{Op: op, Block: b.name, File: b.place.File, Line: b.place.Line, Lines: lines}
}

// told are all lines of a block that is new or gone.
func (b *block) told(say func(engine.Expr) string, new bool) []Line {
	lines := make([]Line, 0, len(b.lines))
	for i := range b.lines {
		s := &b.lines[i]
		if new {
			lines = append(lines, Line{What: s.label(), New: s.text, NewWords: s.words(say)})
		} else {
			lines = append(lines, Line{What: s.label(), Old: s.text, OldWords: s.words(say)})
		}
	}
	return lines
}

// compare tells what two versions of a block say differently. What stands in a list
// is compared as a list: one condition put in front of others changes none of them.
func compare(old, new []saying, say func(engine.Expr) string) []Line {
	var lines []Line
	for _, name := range namesOf(old, new) {
		a, b := named(old, name), named(new, name)
		lines = append(lines, compareLists(a, b, say)...)
	}
	return lines
}

// compareLists pairs what is equal, in order, and of the rest what stands in the
// same gap.
func compareLists(a, b []saying, say func(engine.Expr) string) []Line {
	var lines []Line
	i, j := 0, 0
	flush := func(toI, toJ int) {
		for i < toI || j < toJ {
			var l Line
			if i < toI {
				l.What, l.Old, l.OldWords = a[i].label(), a[i].text, a[i].words(say)
				i++
			}
			if j < toJ {
				l.What, l.New, l.NewWords = b[j].label(), b[j].text, b[j].words(say)
				j++
			}
			if l.Old == l.New && l.Old != "" { // written alike, but a constant in it is another
				l.Old, l.New = a[i-1].full(), b[j-1].full()
			}
			lines = append(lines, l)
		}
	}
	for _, pair := range common(a, b) {
		flush(pair[0], pair[1])
		i, j = pair[0]+1, pair[1]+1
	}
	flush(len(a), len(b))
	return lines
}

// common is the longest common part of two lists, as pairs of indexes.
func common(a, b []saying) [][2]int {
	long := make([][]int, len(a)+1)
	for i := range long {
		long[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i].meaning == b[j].meaning {
				long[i][j] = long[i+1][j+1] + 1
			} else {
				long[i][j] = max(long[i+1][j], long[i][j+1])
			}
		}
	}
	var pairs [][2]int
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i].meaning == b[j].meaning:
			pairs = append(pairs, [2]int{i, j})
			i, j = i+1, j+1
		case long[i+1][j] >= long[i][j+1]:
			i++
		default:
			j++
		}
	}
	return pairs
}

// namesOf are the names that two versions have, in the order of the new one.
func namesOf(old, new []saying) []string {
	var names []string
	seen := map[string]bool{}
	for _, list := range [][]saying{new, old} {
		for i := range list {
			if !seen[list[i].name] {
				seen[list[i].name] = true
				names = append(names, list[i].name)
			}
		}
	}
	return names
}

func named(list []saying, name string) []saying {
	var out []saying
	for i := range list {
		if list[i].name == name {
			out = append(out, list[i])
		}
	}
	return out
}
