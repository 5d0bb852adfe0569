package httpd

import (
	"fmt"
	"strings"
)

// A long workflow is broken into lines, like a text: a line has at most
// lineLayers layers, and is broken where the fewest arrows cross. An arrow from
// one line to the next leaves at the right, runs back between the lines and
// comes in at the left.
type lines struct {
	layers  int
	first   []int // layer that each line begins with
	right   []int // where its boxes end
	bottom  []int
	turns   []int // arrows that go on to the next line, as counted beforehand
	turned  []int // of them, drawn so far
	indent  int
	turning int // width that the turns need at the right
}

// Measures of the lines.
const (
	lineLayers = 8
	lineGap    = 26 // between two lines, without turns
	turnGap    = 7  // between two turns
	turnRadius = 8
	arrowHead  = 7 // length of the tip, which an arrow's line stops short of
)

// breakLines decides where lines begin.
func breakLines(layers [][]*node, links []link) *lines {
	crossing := make([]int, len(layers)+1)
	for _, l := range links {
		for at := l.from.layer + 1; at <= l.to.layer; at++ {
			crossing[at]++
		}
	}
	n := (len(layers) + lineLayers - 1) / lineLayers
	b := &lines{layers: len(layers), first: []int{0}}
	for i := 1; i < n; i++ {
		even := (len(layers)*i + n/2) / n
		best := even
		for _, at := range []int{even - 1, even + 1} {
			room := at-b.first[i-1] <= lineLayers && len(layers)-at <= lineLayers*(n-i) && at > b.first[i-1]
			if room && crossing[at] < crossing[best] {
				best = at
			}
		}
		b.first = append(b.first, best)
		b.turns = append(b.turns, crossing[best])
		b.turning = max(b.turning, 12+turnGap*crossing[best])
		b.indent = max(b.indent, 16+turnGap*crossing[best])
	}
	b.turns = append(b.turns, 0)
	b.turned = make([]int, n)
	b.right, b.bottom = make([]int, n), make([]int, n)
	return b
}

// longest is how many layers the longest line has.
func (b *lines) longest() int {
	most := 0
	for i, first := range b.first {
		most = max(most, b.end(i)-first)
	}
	return most
}

// end is the layer behind a line's last.
func (b *lines) end(line int) int {
	if line+1 < len(b.first) {
		return b.first[line+1]
	}
	return b.layers
}

// set gives every node its place, line beneath line, and tells the drawing's size.
func (b *lines) set(layers [][]*node) (width, height int) {
	height = graphPad
	for i, first := range b.first {
		line := layers[first:b.end(i)]
		top, bottom := extent(line)
		for at, layer := range line {
			for _, n := range layer {
				n.line = i
				n.X = graphPad + b.indent + at*(nodeWidth+layerGap)
				n.Y = height + wayHeight + int(n.pos-top) - nodeHeight/2
			}
		}
		b.right[i] = graphPad + b.indent + len(line)*(nodeWidth+layerGap) - layerGap
		b.bottom[i] = height + wayHeight + int(bottom-top)
		height = b.bottom[i]
		if i+1 < len(b.first) {
			height += lineGap + turnGap*b.turns[i]
		}
		width = max(width, b.right[i]+b.turning+graphPad)
	}
	return width, height + graphPad
}

// extent is the room that a line's nodes take from top to bottom.
func extent(line [][]*node) (top, bottom float64) {
	top, bottom = line[0][0].pos-half(line[0][0]), line[0][0].pos+half(line[0][0])
	for _, layer := range line {
		for _, n := range layer {
			top, bottom = min(top, n.pos-half(n)), max(bottom, n.pos+half(n))
		}
	}
	return top, bottom
}

// arrow draws a line through a chain of nodes, all but the ends unseen.
func (b *lines) arrow(chain []*node) string {
	var path strings.Builder
	from := chain[0]
	x, y := from.X+nodeWidth, from.Y+nodeHeight/2
	fmt.Fprintf(&path, "M%d %d", x, y)
	for _, to := range chain[1:] {
		toX, toY := to.X, to.Y+nodeHeight/2
		if !to.ghost {
			toX -= arrowHead
		}
		if to.line > from.line {
			b.turn(&path, from.line, y, toX, toY)
		} else {
			curve(&path, x, y, toX, toY)
		}
		x, y = toX, toY
		if to.ghost {
			x += nodeWidth
			fmt.Fprintf(&path, "H%d", x)
		}
		from = to
	}
	return path.String()
}

// turn draws the way from one line to the next.
func (b *lines) turn(path *strings.Builder, line, y, toX, toY int) {
	const r = turnRadius
	i := b.turned[line]
	b.turned[line]++
	right := b.right[line] + 12 + turnGap*i
	between := b.bottom[line] + lineGap/2 + turnGap*i
	left := graphPad + 2 + turnGap*i
	fmt.Fprintf(path, "H%dQ%d %d %d %d", right-r, right, y, right, y+r)
	fmt.Fprintf(path, "V%dQ%d %d %d %d", between-r, right, between, right-r, between)
	fmt.Fprintf(path, "H%dQ%d %d %d %d", left+r, left, between, left, between+r)
	fmt.Fprintf(path, "V%dQ%d %d %d %d", toY-r, left, toY, left+r, toY)
	fmt.Fprintf(path, "H%d", toX)
}

func curve(path *strings.Builder, x, y, toX, toY int) {
	if y == toY {
		fmt.Fprintf(path, "H%d", toX)
		return
	}
	middle := (x + toX) / 2
	fmt.Fprintf(path, "C%d %d %d %d %d %d", middle, y, middle, toY, toX, toY)
}
