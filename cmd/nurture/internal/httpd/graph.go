package httpd

import (
	"cmp"
	"slices"

	"github.com/seed-456efde2/nurture/engine"
)

// graph is a workflow drawn from left to right: the way in, the steps, the ways
// out. It is laid out in layers: a node stands one layer behind the last of those
// that lead to it, so that every arrow points forward. Long arrows get an unseen
// node in each layer that they cross, which keeps them clear of the boxes there.
type graph struct {
	Nodes         []*node // seen ones, in the order of reading
	Edges         []edge
	Width, Height int
	Layers        int
}

// node is a box. X and Y are its upper left corner.
type node struct {
	ID     string           // name of the step; "" for the way in, "exit.end" for the end
	Kind   string           // enter, wait, branch, send, exit; what a send does is in Word
	Word   string           // step kind as the plugin calls it: email, webhook; "" otherwise
	Detail string           // event of the way in
	Wait   *engine.WaitSpec // of a wait
	Ways   []string         // names of the cases that lead here
	Flow   flowCount

	X, Y  int
	layer int
	line  int
	pos   float64 // center within the layer
	ghost bool
	in    []*node
	out   []*node
}

// flowCount is what the counters say about a node.
type flowCount struct {
	In, Now int64
	Dead    int64
}

// edge is an arrow through the points of the layers it crosses.
type edge struct {
	Path string
	Wide float64
	Dim  bool // nobody went this way yet
}

// link is an arrow before it is laid out.
type link struct {
	from, to *node
	label    string
}

// Measures of a drawing, in pixels.
const (
	nodeWidth  = 138
	nodeHeight = 54
	layerGap   = 34
	nodeGap    = 20
	graphPad   = 6
	wayHeight  = 8 // above the topmost box, for the name of its way
)

// drawFlow lays a workflow out. counts are by step name, "" for the way in and
// "exit.end" for the end.
func drawFlow(flow *engine.FlowSpec, counts map[string]flowCount) graph {
	nodes, links := flowLinks(flow)
	for _, n := range nodes {
		n.Flow = counts[n.ID]
	}
	layer(nodes, links)
	all := slices.Clone(nodes)
	ghosts := make([][]*node, len(links))
	for i, l := range links {
		ghosts[i] = bridge(l, &all)
	}
	layers := byLayer(all)
	order(layers)
	place(layers)
	lines := breakLines(layers, links)
	g := graph{Nodes: nodes, Layers: lines.longest()}
	g.Width, g.Height = lines.set(layers)
	most := int64(1)
	for _, n := range nodes {
		most = max(most, n.Flow.In)
	}
	for i, l := range links {
		if l.label != "" {
			l.to.Ways = append(l.to.Ways, l.label)
		}
		went := min(l.from.Flow.In, l.to.Flow.In)
		chain := append(append([]*node{l.from}, ghosts[i]...), l.to)
		g.Edges = append(g.Edges, edge{Path: lines.arrow(chain), Wide: 1.2 + 3*float64(went)/float64(most), Dim: went == 0})
	}
	return g
}

// flowLinks makes a workflow's boxes and arrows.
func flowLinks(flow *engine.FlowSpec) ([]*node, []link) {
	enter := &node{Kind: "enter", Detail: flow.Enter.On}
	nodes := []*node{enter}
	for i := range flow.Steps {
		nodes = append(nodes, stepNode(&flow.Steps[i]))
	}
	end := &node{ID: "exit.end", Kind: "exit", Detail: "end"}
	at := func(i int) *node {
		if i < 0 || i >= len(flow.Steps) {
			return end
		}
		return nodes[i+1]
	}
	links := []link{{enter, at(0), ""}}
	for i := range flow.Steps {
		step, from := &flow.Steps[i], nodes[i+1]
		switch step.Kind {
		case engine.BranchStep:
			for _, c := range step.Branch.Cases {
				links = append(links, link{from, at(c.First), c.Name})
			}
			links = append(links, link{from, at(step.Branch.Otherwise), "otherwise"})
		case engine.ExitStep:
		default:
			links = append(links, link{from, at(step.Next), ""})
		}
	}
	if slices.ContainsFunc(links, func(l link) bool { return l.to == end }) {
		nodes = append(nodes, end)
	}
	return nodes, links
}

func stepNode(step *engine.StepSpec) *node {
	n := &node{ID: step.Name}
	switch step.Kind {
	case engine.WaitStep:
		n.Kind = "wait"
		n.Wait = step.Wait
	case engine.BranchStep:
		n.Kind = "branch"
	case engine.SendStep:
		n.Kind, n.Word = "send", step.Send.Kind
	case engine.ExitStep:
		n.Kind = "exit"
	}
	return n
}

// layer gives every node the layer behind the last of those that lead to it. The
// nodes stand in the order of reading and the links in that of their beginnings,
// so one pass will do. A link back, which no workflow has today, moves nothing.
func layer(nodes []*node, links []link) {
	place := make(map[*node]int, len(nodes))
	for i, n := range nodes {
		place[n] = i
		n.layer = min(i, 1)
	}
	for _, l := range links {
		if place[l.to] > place[l.from] {
			l.to.layer = max(l.to.layer, l.from.layer+1)
		}
	}
}

// bridge joins a link's ends through an unseen node in every layer between.
func bridge(l link, all *[]*node) []*node {
	var ghosts []*node
	last := l.from
	join := func(n *node) {
		last.out = append(last.out, n)
		n.in = append(n.in, last)
		last = n
	}
	for at := l.from.layer + 1; at < l.to.layer; at++ {
		g := &node{ghost: true, layer: at}
		*all = append(*all, g)
		ghosts = append(ghosts, g)
		join(g)
	}
	join(l.to)
	return ghosts
}

func byLayer(all []*node) [][]*node {
	var layers [][]*node
	for _, n := range all {
		for len(layers) <= n.layer {
			layers = append(layers, nil)
		}
		layers[n.layer] = append(layers[n.layer], n)
	}
	return layers
}

// order sorts each layer by where its neighbours stand, back and forth a few
// times, which removes most crossings.
func order(layers [][]*node) {
	number(layers)
	for range 4 {
		for _, l := range layers {
			sortBy(l, func(n *node) []*node { return n.in })
		}
		for i := range layers {
			sortBy(layers[len(layers)-1-i], func(n *node) []*node { return n.out })
		}
	}
	for _, l := range layers {
		sortBy(l, func(n *node) []*node { return n.in })
	}
}

func number(layers [][]*node) {
	for _, l := range layers {
		for i, n := range l {
			n.pos = float64(i)
		}
	}
}

func sortBy(l []*node, neighbours func(*node) []*node) {
	want := map[*node]float64{}
	for _, n := range l {
		want[n] = middle(neighbours(n), n.pos)
	}
	slices.SortStableFunc(l, func(a, b *node) int { return cmp.Compare(want[a], want[b]) })
	for i, n := range l {
		n.pos = float64(i)
	}
}

func middle(neighbours []*node, otherwise float64) float64 {
	if len(neighbours) == 0 {
		return otherwise
	}
	sum := 0.0
	for _, n := range neighbours {
		sum += n.pos
	}
	return sum / float64(len(neighbours))
}

// place gives the nodes their height: as near to the middle of their neighbours
// as the others in the layer allow.
func place(layers [][]*node) {
	for _, l := range layers {
		y := 0.0
		for _, n := range l {
			n.pos = y + room(n)/2
			y += room(n)
		}
	}
	for range 6 {
		for _, l := range layers {
			settle(l, func(n *node) []*node { return n.in })
		}
		for i := range layers {
			settle(layers[len(layers)-1-i], func(n *node) []*node { return n.out })
		}
	}
	for _, l := range layers {
		settle(l, func(n *node) []*node { return n.in })
	}
}

func half(n *node) float64 {
	if n.ghost {
		return 6
	}
	return nodeHeight / 2
}

// room is the height that a node takes in its layer.
func room(n *node) float64 { return 2*half(n) + nodeGap }

// settle moves a layer's nodes towards the middle of their neighbours and keeps
// their order and distance: nodes that would overlap move as one block, to where
// the block wants to be on the whole.
func settle(l []*node, neighbours func(*node) []*node) {
	type block struct {
		first, last int
		offset      []float64 // of each node's center from the block's start
		size, start float64
	}
	wish := func(b *block) float64 {
		sum := 0.0
		for i := b.first; i <= b.last; i++ {
			sum += middle(neighbours(l[i]), l[i].pos) - b.offset[i-b.first]
		}
		return sum / float64(b.last-b.first+1)
	}
	var blocks []block
	for i, n := range l {
		b := block{first: i, last: i, offset: []float64{room(n) / 2}, size: room(n)}
		b.start = wish(&b)
		for len(blocks) > 0 {
			p := &blocks[len(blocks)-1]
			if p.start+p.size <= b.start {
				break
			}
			joined := block{first: p.first, last: b.last, offset: slices.Clone(p.offset), size: p.size + b.size}
			for _, o := range b.offset {
				joined.offset = append(joined.offset, p.size+o)
			}
			joined.start = wish(&joined)
			b = joined
			blocks = blocks[:len(blocks)-1]
		}
		blocks = append(blocks, b)
	}
	for _, b := range blocks {
		for i := b.first; i <= b.last; i++ {
			l[i].pos = b.start + b.offset[i-b.first]
		}
	}
}
