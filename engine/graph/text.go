package graph

import (
	"slices"
	"strings"
)

// textCells is how wide a line of the text form may be.
const textCells = 100

// Text is the graph for a terminal: a tree with the steps in the order in which a
// lead comes to them. What several ways have in common stands once, behind them.
func Text(g Graph) string {
	var b strings.Builder
	b.WriteString(visible(g.Title))
	if g.Name != g.Title && g.Name != "" {
		b.WriteString(" (" + visible(g.Name) + ")")
	}
	b.WriteString("\n\n")
	t := tree{g: &g, out: &b, leaving: g.leaving(), seen: make([]bool, len(g.Nodes))}
	if len(g.Nodes) > 0 && g.Nodes[0].Kind == Enter {
		t.join = joins(&g, t.leaving)
		items := t.chain(0, nil)
		for i := range g.Nodes {
			if !t.seen[i] && g.Nodes[i].Kind != Moved { // nothing leads there
				items = append(items, t.chain(i, nil)...)
			}
		}
		t.widest(items)
		t.write(items, "")
	} else {
		t.connections()
	}
	t.notes()
	return b.String()
}

// tree writes a graph as text.
type tree struct {
	g       *Graph
	out     *strings.Builder
	leaving [][]int
	join    []int // where the ways from a node meet again; -1: nowhere
	seen    []bool
	word    int // cells of the widest word
	name    int // cells of the widest name
}

// item is a line with what hangs from it.
type item struct {
	word, name string
	details    []string
	kids       []*item
}

// chain is the steps from one node on, up to the place where the ways meet that
// it is one of. stops are all such places, the nearest last.
func (t *tree) chain(at int, stops []int) []*item {
	var items []*item
	for {
		if len(stops) > 0 && at == stops[len(stops)-1] {
			return items
		}
		if t.seen[at] || slices.Contains(stops, at) {
			return append(items, t.reference(at))
		}
		t.seen[at] = true
		n := &t.g.Nodes[at]
		it := &item{word: n.Word, name: n.Title, details: n.Lines}
		items = append(items, it)
		ways := t.leaving[at]
		switch {
		case len(ways) == 0:
			return items
		case len(ways) == 1 && t.g.Edges[ways[0]].Way == "" && t.g.Edges[ways[0]].Kind != Again:
			at = t.g.Edges[ways[0]].To
			continue
		}
		join := t.join[at]
		for _, i := range ways {
			it.kids = append(it.kids, t.way(&t.g.Edges[i], join, stops))
		}
		if join < 0 {
			return items
		}
		at = join
	}
}

// way is one of several ways on.
func (t *tree) way(e *Edge, join int, stops []int) *item {
	it := &item{name: e.Way, details: e.Lines}
	inner := stops
	if join >= 0 {
		inner = append(append([]int{}, stops...), join)
	}
	if it.kids = t.chain(e.To, inner); len(it.kids) == 0 {
		it.kids = []*item{{name: "↓"}}
	}
	return it
}

// reference leads to a node that stands elsewhere: back to one that has been
// written, or on to one that comes.
func (t *tree) reference(at int) *item {
	mark := "→ "
	if t.seen[at] {
		mark = "↩ "
	}
	return &item{name: mark + t.g.Nodes[at].Title}
}

// widest measures the columns. Names that are much longer than the others do not
// move the column of the details.
func (t *tree) widest(items []*item) {
	for _, it := range items {
		t.word = max(t.word, cells(it.word))
		if n := cells(visible(it.name)); it.word != "" && n <= 24 {
			t.name = max(t.name, n)
		}
		t.widest(it.kids)
	}
}

func (t *tree) write(items []*item, prefix string) {
	for i, it := range items {
		branch, further := "├─ ", "│  "
		if i+1 == len(items) {
			branch, further = "└─ ", "   "
		}
		under := prefix + further
		if len(it.kids) > 0 {
			under += "│  "
		}
		t.line(prefix+branch, under, it)
		t.write(it.kids, prefix+further)
	}
}

// line writes an item: its details behind the name where they have room, else on
// lines of their own under it.
func (t *tree) line(prefix, under string, it *item) {
	head := visible(it.name)
	if it.word != "" {
		head = pad(visible(it.word), t.word) + "  " + visible(it.name)
	}
	details := strings.Join(it.details, " · ")
	if details != "" {
		if it.word != "" {
			head = pad(head, t.word+2+t.name)
		}
		head += "  "
	}
	column := cells(prefix + head)
	if column > textCells*6/10 && column+cells(visible(details)) > textCells {
		t.out.WriteString(strings.TrimRight(prefix+head, " ") + "\n")
		head, column = "", cells(under)+2
	}
	lines := append(wrap(details, max(textCells-column, 30), 40), "")
	if head != "" {
		t.out.WriteString(strings.TrimRight(prefix+head+lines[0], " ") + "\n")
		lines = lines[1:]
	}
	for _, line := range lines {
		if line != "" {
			t.out.WriteString(pad(under, column) + strings.TrimPrefix(line, "· ") + "\n")
		}
	}
}

func pad(s string, room int) string {
	return s + strings.Repeat(" ", max(room-cells(s), 0))
}

// notes are written under the tree; steps that are no more are among them.
func (t *tree) notes() {
	notes := slices.Clone(t.g.Notes)
	for _, e := range t.g.Edges {
		if e.Kind == Gone {
			from, to := &t.g.Nodes[e.From], &t.g.Nodes[e.To]
			notes = append(notes, Note{Word: from.Word, Name: from.Title, Lines: []string{"→ " + to.Title}})
		}
	}
	word, name := 0, 0
	for _, n := range notes {
		word, name = max(word, cells(n.Word)), max(name, cells(n.Name))
	}
	if len(notes) > 0 {
		t.out.WriteByte('\n')
	}
	for _, n := range notes {
		head := pad(visible(n.Word), word) + "  " + pad(visible(n.Name), name) + "  "
		t.out.WriteString(strings.TrimRight(head+visible(strings.Join(n.Lines, " · ")), " ") + "\n")
	}
}

// connections writes a graph that is no tree: everything that has both ends, with
// what comes in and what goes out.
func (t *tree) connections() {
	coming := make([][]int, len(t.g.Nodes))
	for i, e := range t.g.Edges {
		coming[e.To] = append(coming[e.To], i)
	}
	for i := range t.g.Nodes {
		n := &t.g.Nodes[i]
		if n.Kind != Workflow && n.Kind != TossUp {
			continue
		}
		it := &item{word: n.Word, name: n.Title}
		for _, k := range coming[i] {
			e := &t.g.Edges[k]
			it.kids = append(it.kids, t.end("←", &t.g.Nodes[e.From], e))
			t.seen[e.From] = true
		}
		for _, k := range t.leaving[i] {
			e := &t.g.Edges[k]
			it.kids = append(it.kids, t.end("→", &t.g.Nodes[e.To], e))
			t.seen[e.To] = true
		}
		t.seen[i] = true
		t.word = 0
		t.out.WriteString(visible(n.Word) + "  " + visible(n.Title) + aside(n) + "\n")
		t.write(it.kids, "")
		t.out.WriteByte('\n')
	}
	for i := range t.g.Nodes {
		if n := &t.g.Nodes[i]; !t.seen[i] {
			t.out.WriteString(visible(n.Word) + "  " + visible(n.Title) + aside(n) + "\n")
		}
	}
}

// aside is a name beside its label.
func aside(n *Node) string {
	if n.Name == "" || n.Name == n.Title {
		return ""
	}
	return " (" + visible(n.Name) + ")"
}

func (t *tree) end(mark string, n *Node, e *Edge) *item {
	it := &item{name: mark + " " + n.Word + "  " + n.Title + aside(n)}
	if e.Way != "" {
		it.details = []string{e.Way}
	}
	return it
}
