package graph

import (
	"fmt"
	"strings"
)

// Measures of the SVG, in pixels.
const (
	boxPad    = 12
	boxLeast  = 120
	lineCells = 36 // of a box's lines
	lineMost  = 3
	lineStep  = 15
	wayCells  = 28 // of an arrow's lines
	wayStep   = 14
	heading   = 38
	noteStep  = 18
	kindSize  = 10
	nameSize  = 13
	lineSize  = 11
)

// SVG is the graph as a picture that stands alone: light by itself, dark where the
// reader wants it. It has no style attributes and no scripts. Its colours are
// presentation attributes, so that a page whose policy refuses the style element
// still shows the light picture.
func SVG(g Graph) string {
	p := newPicture(g)
	p.head()
	p.out.WriteString(`<g transform="translate(0 ` + fmt.Sprint(heading) + `)">` + "\n")
	for i := range p.g.Edges {
		p.edge(i)
	}
	for i := range p.g.Edges {
		p.label(i)
	}
	for i := range p.g.Nodes {
		p.box(i)
	}
	p.out.WriteString("</g>\n")
	p.notes()
	p.out.WriteString("</svg>\n")
	return p.out.String()
}

// picture writes one SVG.
type picture struct {
	g      Graph
	out    strings.Builder
	lines  [][]string // of each box
	ways   [][]string // of each arrow, its name first
	sizes  []Size
	labels []Size
	plan   Plan
}

func newPicture(g Graph) *picture {
	p := &picture{g: g}
	for i := range g.Nodes {
		p.measureBox(&g.Nodes[i])
	}
	arcs := make([]Arc, len(g.Edges))
	for i, e := range g.Edges {
		p.measureWay(&e)
		arcs[i] = Arc{From: e.From, To: e.To, Label: p.labels[i]}
	}
	flow := len(g.Nodes) > 0 && g.Nodes[0].Kind == Enter
	sheet := Sheet{Down: flow, LayerGap: 30, BoxGap: 24, Pad: 16}
	if !flow {
		sheet.LayerGap, sheet.BoxGap = 56, 16
	}
	p.plan = sheet.Lay(p.sizes, arcs)
	return p
}

func (p *picture) measureBox(n *Node) {
	var lines []string
	for _, l := range n.Lines {
		lines = append(lines, wrap(l, lineCells, lineMost)...)
	}
	width := max(pixels(p.kindOf(n), kindSize), bold(p.nameOf(n), nameSize))
	for _, l := range lines {
		width = max(width, pixels(l, lineSize))
	}
	height := 44
	if len(lines) > 0 {
		height += 4 + lineStep*len(lines)
	}
	p.lines = append(p.lines, lines)
	p.sizes = append(p.sizes, Size{max(width+2*boxPad, boxLeast), height})
}

// bold is about how wide a text in bold letters is.
func bold(s string, size int) int { return pixels(s, size) * 11 / 10 }

func (p *picture) kindOf(n *Node) string { return strings.ToUpper(visible(n.Word)) }

func (p *picture) nameOf(n *Node) string { return shorten(visible(n.Title), lineCells) }

func (p *picture) measureWay(e *Edge) {
	var lines []string
	if e.Way != "" {
		lines = append(lines, shorten(visible(e.Way), wayCells))
	}
	for _, l := range e.Lines {
		lines = append(lines, wrap(l, wayCells, lineMost)...)
	}
	var size Size
	for _, l := range lines {
		size.W = max(size.W, bold(l, lineSize)+12)
	}
	if len(lines) > 0 {
		size.H = wayStep*len(lines) + 6
	}
	p.ways, p.labels = append(p.ways, lines), append(p.labels, size)
}

// dark are the colours of the dark picture; the light ones stand on the elements.
const dark = `@media (prefers-color-scheme:dark){` +
	`.ground{fill:#14161b}.box{fill:#1d2027;stroke:#4a505c}.name,.title{fill:#e8eaee}.line,.note{fill:#a8afbc}.kind{fill:#8c93a1}` +
	`.edge{stroke:#6b7280}.tip{fill:#6b7280}.plate{fill:#14161b}.way{fill:#d4d8df}.soft{fill:#a8afbc}` +
	`.enter .box{stroke:#3fa66b}.branch .box,.split .box{stroke:#c58a2b}.send .box{stroke:#6f8dff}.exit .box,.moved .box{fill:#14161b}` +
	`.workflow .box{stroke:#6f8dff}.toss_up .box{stroke:#3fa66b}.channel .box{stroke:#c58a2b}.again{stroke:#c58a2b}.tip-again{fill:#c58a2b}}`

const svgFonts = "system-ui,-apple-system,'Hiragino Sans','Noto Sans JP','Noto Sans CJK JP','Yu Gothic',Meiryo,sans-serif"

func (p *picture) head() {
	width, height := p.plan.Width, p.plan.Height+heading
	width = max(width, bold(p.title(), 15)+32)
	for _, n := range p.g.Notes {
		width = max(width, pixels(noteLine(n), lineSize)+32)
		height += noteStep
	}
	if len(p.g.Notes) > 0 {
		height += 12
	}
	lang := p.g.Lang
	if lang == "" {
		lang = "en"
	}
	fmt.Fprintf(&p.out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" lang="%s" font-family="%s">`+"\n",
		width, height, width, height, lang, svgFonts)
	fmt.Fprintf(&p.out, "<title>%s</title>\n<desc>%s</desc>\n", escape(p.title()), escape(p.description()))
	p.out.WriteString("<style>" + dark + "</style>\n")
	p.out.WriteString("<defs>" + marker("tip", "#8b93a1") + marker("tip-again", "#b7791f") + "</defs>\n")
	fmt.Fprintf(&p.out, `<rect class="ground" width="%d" height="%d" fill="#ffffff"/>`+"\n", width, height)
	fmt.Fprintf(&p.out, `<text class="title" x="16" y="26" font-size="15" font-weight="700" fill="#1c2026">%s</text>`+"\n", escape(p.title()))
}

// marker is the tip of an arrow.
func marker(name, color string) string {
	return `<marker id="nurture-` + name + `" markerUnits="userSpaceOnUse" markerWidth="9" markerHeight="10" refX="1" refY="5" orient="auto"><path class="` +
		name + `" d="M0 0 9 5 0 10z" fill="` + color + `"/></marker>`
}

func (p *picture) title() string {
	title := visible(p.g.Title)
	if p.g.Name != "" && p.g.Name != p.g.Title {
		title += " (" + visible(p.g.Name) + ")"
	}
	return title
}

// description says the graph to who cannot see it.
func (p *picture) description() string {
	var parts []string
	for _, e := range p.g.Edges {
		part := visible(p.g.Nodes[e.From].Title) + " → " + visible(p.g.Nodes[e.To].Title)
		if e.Way != "" {
			part += " (" + visible(e.Way) + ")"
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, "; ")
}

// strokes are the light colours of the boxes that have one of their own.
var strokes = map[Kind]string{
	Enter: "#2f8f58", Branch: "#b7791f", Split: "#b7791f", Send: "#3b62e0",
	Workflow: "#3b62e0", TossUp: "#2f8f58", Channel: "#b7791f",
}

func (p *picture) box(i int) {
	n, at, size := &p.g.Nodes[i], p.plan.Boxes[i], p.sizes[i]
	stroke, dash, fill := strokes[n.Kind], "", "#ffffff"
	if stroke == "" {
		stroke = "#c4cad4"
	}
	if n.Kind == Exit || n.Kind == Moved {
		dash, fill = ` stroke-dasharray="4 3"`, "#f6f7f9"
	}
	fmt.Fprintf(&p.out, `<g class="%s" transform="translate(%d %d)"><title>%s</title>`, n.Kind, at.X, at.Y, escape(full(n)))
	fmt.Fprintf(&p.out, `<rect class="box" width="%d" height="%d" rx="8" fill="%s" stroke="%s" stroke-width="1.3"%s/>`, size.W, size.H, fill, stroke, dash)
	fmt.Fprintf(&p.out, `<text class="kind" x="%d" y="17" font-size="%d" fill="#7b8494">%s</text>`, boxPad, kindSize, escape(p.kindOf(n)))
	fmt.Fprintf(&p.out, `<text class="name" x="%d" y="34" font-size="%d" font-weight="700" fill="#1c2026">%s</text>`, boxPad, nameSize, escape(p.nameOf(n)))
	for k, l := range p.lines[i] {
		fmt.Fprintf(&p.out, `<text class="line" x="%d" y="%d" font-size="%d" fill="#5a6270">%s</text>`, boxPad, 51+lineStep*k, lineSize, escape(l))
	}
	p.out.WriteString("</g>\n")
}

// full is all that a box says, for the tooltip.
func full(n *Node) string {
	parts := append([]string{n.Word + ": " + n.Title}, n.Lines...)
	return visible(strings.Join(parts, " · "))
}

func (p *picture) edge(i int) {
	e, a := &p.g.Edges[i], p.plan.Arrows[i]
	class, stroke, dash, tip := "edge", "#8b93a1", "", "tip"
	switch e.Kind {
	case Again:
		class, stroke, tip = "edge again", "#b7791f", "tip-again"
	case Gone, Ends:
		dash = ` stroke-dasharray="4 3"`
	}
	fmt.Fprintf(&p.out, `<path class="%s" d="%s" fill="none" stroke="%s" stroke-width="1.5"%s marker-end="url(#nurture-%s)"/>`+"\n", class, a.Path, stroke, dash, tip)
}

func (p *picture) label(i int) {
	size, at := p.labels[i], p.plan.Arrows[i].Label
	if size.W == 0 {
		return
	}
	fmt.Fprintf(&p.out, `<g transform="translate(%d %d)"><rect class="plate" width="%d" height="%d" rx="4" fill="#ffffff"/>`, at.X, at.Y, size.W, size.H)
	for k, l := range p.ways[i] {
		class, weight, fill := "way", ` font-weight="700"`, "#2b313a"
		if k > 0 || p.g.Edges[i].Way == "" {
			class, weight, fill = "soft", "", "#5a6270"
		}
		fmt.Fprintf(&p.out, `<text class="%s" x="%d" y="%d" font-size="%d"%s fill="%s" text-anchor="middle">%s</text>`,
			class, size.W/2, 13+wayStep*k, lineSize, weight, fill, escape(l))
	}
	p.out.WriteString("</g>\n")
}

func noteLine(n Note) string {
	line := n.Word
	if n.Name != "" {
		line += " " + n.Name
	}
	if len(n.Lines) > 0 {
		line += ": " + strings.Join(n.Lines, " · ")
	}
	return shorten(visible(line), 140)
}

func (p *picture) notes() {
	for i, n := range p.g.Notes {
		y := heading + p.plan.Height + 10 + noteStep*i
		fmt.Fprintf(&p.out, `<text class="note" x="16" y="%d" font-size="%d" fill="#5a6270">%s</text>`+"\n", y, lineSize, escape(noteLine(n)))
	}
}

// escape writes a text for between tags and for quoted attributes.
var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;")

func escape(s string) string { return escaper.Replace(s) }
