package graph

// Size is the room that a box or a label takes, in pixels.
type Size struct{ W, H int }

// Arc is an arrow from box to box, both by their number.
type Arc struct {
	From, To int
	Label    Size // of the words on the arrow; zero: none
}

// Sheet says how a graph is laid out. Measures are pixels.
type Sheet struct {
	// Down puts the layers beneath each other. Default: beside each other, from
	// left to right.
	Down bool
	// Layers is how many layers a line has at most: a longer graph is broken into
	// lines, like a text. Default: one line.
	Layers int
	// LayerGap is the room between two layers. Default 34.
	LayerGap int
	// BoxGap is the room between two boxes of a layer. Default 20.
	BoxGap int
	// Pad is the room around everything. Default 6.
	Pad int
	// Above is the room kept free before the first box of a line, for a word on it.
	// Default: none.
	Above int
}

func (s Sheet) withDefaults() Sheet {
	for _, d := range []struct {
		field *int
		value int
	}{{&s.LayerGap, 34}, {&s.BoxGap, 20}, {&s.Pad, 6}} {
		if *d.field <= 0 {
			*d.field = d.value
		}
	}
	return s
}

// Plan is a graph with places.
type Plan struct {
	Width, Height int
	Boxes         []Point // upper left corner of each box, as they were given
	Arrows        []Arrow // one for each arc, as they were given
	Layers        int     // of the longest line
}

// Point is a place on the sheet.
type Point struct{ X, Y int }

// Arrow is a drawn arc. Path ends TipLength before its box: the tip has its room
// there.
type Arrow struct {
	Path  string
	Label Point // upper left corner of the label
	Back  bool  // against the direction of reading: a loop
}

// TipLength is how long the tip of an arrow is that belongs to a Path.
const TipLength = 7

// Lay lays a graph out in layers: a box stands one layer behind the last of those
// that lead to it, so that every arrow points forward but for those that close a
// loop. These run back beside the boxes. A long arrow gets an unseen node in each
// layer that it crosses, which keeps it clear of the boxes there, and a label is a
// node of its own, which keeps it clear of everything.
//
// The outline is Sugiyama's: break cycles, rank, order against crossings, place,
// draw. Network simplex would give shorter arrows on graphs of hundreds of boxes,
// which no workflow has; splines around boxes would need no unseen nodes and be
// ten times the code.
func (s Sheet) Lay(boxes []Size, arcs []Arc) Plan {
	s = s.withDefaults()
	if len(boxes) == 0 {
		return Plan{Width: 2 * s.Pad, Height: 2 * s.Pad}
	}
	n := newNet(s, boxes, arcs)
	n.breakCycles()
	n.rank()
	n.bridge()
	n.order()
	n.place()
	l := n.breakLines()
	plan := Plan{Layers: l.longest()}
	plan.Width, plan.Height = l.set()
	plan.Boxes = make([]Point, len(boxes))
	for i, v := range n.boxes {
		plan.Boxes[i] = n.corner(v)
	}
	plan.Arrows = make([]Arrow, len(arcs))
	for i := range n.links {
		plan.Arrows[i] = l.arrow(&n.links[i])
	}
	return plan
}

// net is a graph on its way to a plan. It counts along the direction of reading
// and across it; only what goes in and out knows which of them is x.
type net struct {
	sheet  Sheet
	boxes  []*vertex // as they were given
	links  []link    // as they were given
	layers [][]*vertex
}

// vertex is a box, a label, or an unseen node of a long arrow.
type vertex struct {
	index       int
	long, broad int // room along and across
	seen        bool
	layer, line int
	pos         float64 // middle, across
	at          int     // beginning, along
	in, out     []*vertex
}

// link is an arc with the vertices that it goes through.
type link struct {
	from, to *vertex
	label    *vertex // nil: none
	back     bool
	chain    []*vertex // of a forward link, with both ends
	size     Size
	lane     lane // of a back link
}

func newNet(s Sheet, boxes []Size, arcs []Arc) *net {
	n := &net{sheet: s}
	for i, b := range boxes {
		v := &vertex{index: i, long: b.W, broad: b.H, seen: true}
		if s.Down {
			v.long, v.broad = v.broad, v.long
		}
		n.boxes = append(n.boxes, v)
	}
	for _, a := range arcs {
		n.links = append(n.links, link{from: n.boxes[a.From], to: n.boxes[a.To], size: a.Label})
	}
	return n
}

// corner is the upper left corner of a vertex that has its place.
func (n *net) corner(v *vertex) Point {
	across := int(v.pos) - v.broad/2
	if n.sheet.Down {
		return Point{across, v.at}
	}
	return Point{v.at, across}
}

// labelled is the room of a link's label along and across.
func (n *net) labelled(l *link) (long, broad int) {
	if n.sheet.Down {
		return l.size.H, l.size.W
	}
	return l.size.W, l.size.H
}
