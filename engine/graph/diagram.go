package graph

import (
	"fmt"
	"strings"
)

// shapes are how Mermaid draws a kind of node: what stands before and behind its
// text.
var shapes = map[Kind][2]string{
	Enter: {"([", "])"}, Wait: {"(", ")"}, Branch: {"{", "}"}, Split: {"{{", "}}"}, Emit: {">", "]"},
	Goto: {"[/", "/]"}, Exit: {"([", "])"}, Moved: {"(", ")"},
	Event: {">", "]"}, Segment: {"{{", "}}"}, TossUp: {"[[", "]]"}, Channel: {"[(", ")]"},
}

// mermaidClasses are the colours of the kinds that have one of their own.
var mermaidClasses = []struct {
	kind  Kind
	style string
}{
	{Enter, "stroke:#2f8f58"},
	{Branch, "stroke:#b7791f"},
	{Split, "stroke:#b7791f"},
	{Send, "stroke:#3b62e0"},
	{Exit, "stroke-dasharray:4 3"},
	{Moved, "stroke-dasharray:4 3"},
	{Workflow, "stroke:#3b62e0"},
	{TossUp, "stroke:#2f8f58"},
	{Channel, "stroke:#b7791f"},
}

// Mermaid is the graph as a flowchart of Mermaid, which wikis and code hosts draw.
func Mermaid(g Graph) string {
	var b strings.Builder
	fmt.Fprintf(&b, "flowchart %s\n", direction(g, "TD", "LR"))
	fmt.Fprintf(&b, "  accTitle: %s\n", strings.NewReplacer(";", " ", "#", " ", "%", " ", "<", " ", ">", " ", "&", " ").Replace(visible(g.Title)))
	used := map[Kind]bool{}
	for i := range g.Nodes {
		n := &g.Nodes[i]
		shape, ok := shapes[n.Kind]
		if !ok {
			shape = [2]string{"[", "]"}
		}
		used[n.Kind] = true
		fmt.Fprintf(&b, "  n%d%s\"%s\"%s:::%s\n", i, shape[0], mermaidLines(labelOf(n)), shape[1], mermaidClass(n.Kind))
	}
	for _, e := range g.Edges {
		arrow := "-->"
		if e.Kind != Next {
			arrow = "-.->"
		}
		if words := wayOf(&e); len(words) > 0 {
			arrow += "|\"" + mermaidLines(words) + "\"|"
		}
		fmt.Fprintf(&b, "  n%d %s n%d\n", e.From, arrow, e.To)
	}
	if len(g.Notes) > 0 {
		fmt.Fprintf(&b, "  notes[\"%s\"]:::notes\n", mermaidLines(noteLines(g)))
		b.WriteString("  classDef notes fill:none,stroke:none,text-align:left\n")
	}
	for _, c := range mermaidClasses {
		if used[c.kind] {
			fmt.Fprintf(&b, "  classDef %s %s\n", mermaidClass(c.kind), c.style)
		}
	}
	return b.String()
}

// mermaidClass is a kind's class. "end" and some other words mean something to
// Mermaid, so all classes have a prefix.
func mermaidClass(k Kind) string { return "kind_" + string(k) }

// direction is downwards for a workflow and to the right for a workspace.
func direction(g Graph, down, right string) string {
	if len(g.Nodes) > 0 && g.Nodes[0].Kind == Enter {
		return down
	}
	return right
}

func labelOf(n *Node) []string {
	return append([]string{n.Word + ": " + n.Title}, n.Lines...)
}

func wayOf(e *Edge) []string {
	if e.Way == "" {
		return e.Lines
	}
	return append([]string{e.Way}, e.Lines...)
}

func noteLines(g Graph) []string {
	var out []string
	for _, n := range g.Notes {
		out = append(out, noteLine(n))
	}
	return out
}

func mermaidLines(lines []string) string {
	var out []string
	for _, l := range lines {
		out = append(out, mermaidText(l))
	}
	return strings.Join(out, "<br/>")
}

// mermaidText writes a text so that nothing in it means anything to Mermaid or to
// the HTML that it makes.
func mermaidText(s string) string {
	var b strings.Builder
	for _, r := range visible(s) {
		if strings.ContainsRune("\"#<>&;`\\|{}[]*_~", r) {
			fmt.Fprintf(&b, "#%d;", r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// dotShapes are how Graphviz draws a kind of node.
var dotShapes = map[Kind]string{
	Enter: "shape=oval", Branch: "shape=diamond", Split: "shape=hexagon", Exit: "shape=oval style=dashed", Moved: "style=\"rounded,dashed\"",
	Event: "shape=cds", Segment: "shape=hexagon", Channel: "shape=cylinder", Emit: "shape=cds", Goto: "shape=parallelogram",
}

// DOT is the graph for Graphviz.
func DOT(g Graph) string {
	var b strings.Builder
	fmt.Fprintf(&b, "digraph %s {\n", dotText([]string{g.Name}))
	fmt.Fprintf(&b, "  graph [rankdir=%s label=%s labelloc=t fontname=\"sans-serif\"]\n",
		direction(g, "TB", "LR"), dotText(append([]string{g.Title}, noteLines(g)...)))
	b.WriteString("  node [shape=box style=rounded fontname=\"sans-serif\" fontsize=11]\n  edge [fontname=\"sans-serif\" fontsize=10]\n")
	for i := range g.Nodes {
		n := &g.Nodes[i]
		fmt.Fprintf(&b, "  n%d [label=%s", i, dotText(labelOf(n)))
		if shape := dotShapes[n.Kind]; shape != "" {
			b.WriteString(" " + shape)
		}
		b.WriteString("]\n")
	}
	for _, e := range g.Edges {
		fmt.Fprintf(&b, "  n%d -> n%d", e.From, e.To)
		var attrs []string
		if words := wayOf(&e); len(words) > 0 {
			attrs = append(attrs, "label="+dotText(words))
		}
		if e.Kind != Next {
			attrs = append(attrs, "style=dashed")
		}
		if len(attrs) > 0 {
			b.WriteString(" [" + strings.Join(attrs, " ") + "]")
		}
		b.WriteByte('\n')
	}
	b.WriteString("}\n")
	return b.String()
}

// dotText is a quoted string of DOT, its lines one under the other.
func dotText(lines []string) string {
	var out []string
	for _, l := range lines {
		out = append(out, strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(visible(l)))
	}
	return `"` + strings.Join(out, `\n`) + `"`
}
