package httpd

import (
	"strings"

	"github.com/seed-456efde2/nurture/dsl"
	"github.com/seed-456efde2/nurture/engine"
	drawing "github.com/seed-456efde2/nurture/engine/graph"
)

// graph is a workflow drawn from left to right, with the figures of its steps: the
// way in, the steps, the ways out. The layout is that of `nurture graph`; a long
// workflow is broken into lines, like a text.
type graph struct {
	Nodes         []*node // in the order of reading
	Edges         []edge
	Width, Height int
	Layers        int // of the longest line
}

// node is a box. X and Y are its upper left corner.
type node struct {
	drawing.Node
	Ways []string // names of the cases that lead here
	Flow flowCount
	X, Y int
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

// Measures of a drawing, in pixels.
const (
	nodeWidth  = 138
	nodeHeight = 54
	wayHeight  = 8 // above the topmost box, for the name of its way
	lineLayers = 8
)

// drawFlow lays a workflow out. counts are by step name, "" for the way in and
// "exit.end" for the end. Steps that are no more are left out: whoever stood on
// them has been moved.
func drawFlow(spec *engine.Spec, flow *engine.FlowSpec, counts map[string]flowCount, lang string) graph {
	d := drawing.Flow(spec, flow, drawing.Words{Lang: lang, Sentence: dsl.Sentence})
	var g graph
	var sizes []drawing.Size
	for _, n := range d.Nodes {
		if n.Kind == drawing.Moved {
			continue // they stand last: the others keep their numbers
		}
		g.Nodes = append(g.Nodes, &node{Node: n, Flow: counts[counterOf(n.ID)]})
		sizes = append(sizes, drawing.Size{W: nodeWidth, H: nodeHeight})
	}
	var arcs []drawing.Arc
	most := int64(1)
	for _, e := range d.Edges {
		if e.Kind == drawing.Gone {
			continue
		}
		arcs = append(arcs, drawing.Arc{From: e.From, To: e.To})
		if to := g.Nodes[e.To]; e.Way != "" {
			to.Ways = append(to.Ways, e.Way)
		}
		most = max(most, g.Nodes[e.From].Flow.In, g.Nodes[e.To].Flow.In)
	}
	plan := drawing.Sheet{Layers: lineLayers, Above: wayHeight}.Lay(sizes, arcs)
	g.Width, g.Height, g.Layers = plan.Width, plan.Height, plan.Layers
	for i, at := range plan.Boxes {
		g.Nodes[i].X, g.Nodes[i].Y = at.X, at.Y
	}
	for i, a := range plan.Arrows {
		went := min(g.Nodes[arcs[i].From].Flow.In, g.Nodes[arcs[i].To].Flow.In)
		g.Edges = append(g.Edges, edge{Path: a.Path, Wide: 1.2 + 3*float64(went)/float64(most), Dim: went == 0})
	}
	return g
}

// counterOf is the name under which a node is counted.
func counterOf(id string) string {
	if id == drawing.EnterID {
		return ""
	}
	return strings.TrimPrefix(id, drawing.StepID(""))
}
