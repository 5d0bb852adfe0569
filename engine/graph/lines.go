package graph

import "slices"

// lines is a net in lines, like a text: a line has at most Sheet.Layers layers,
// and is broken where the fewest arrows cross. An arrow from one line to the next
// leaves at the end, runs back between the lines and comes in at the beginning. A
// loop runs back beside its line; one to another line goes between the lines.
type lines struct {
	*net
	line  []int // of each layer
	first []int // layer that each line begins with
	begin []int // along, of each layer
	end   []int
	right []int // along, where each line ends
	below []int // across, where the next way under a line is free
	turns []int // arrows that have gone on to the next line
	far   int   // along, where the loops end
	margin,
	indent int
}

// Measures beside the boxes.
const (
	lineGap   = 26 // between two lines, without ways there
	wayGap    = 7  // between two ways side by side
	slotGap   = 6  // between two loops that begin or end beside each other
	corner    = 8  // radius
	laneGap   = 10 // between boxes and the loop beside them
	crowdedBy = 6  // arrows between two layers that need no more room
)

// breakLines decides where lines begin.
func (n *net) breakLines() *lines {
	l := &lines{net: n, first: []int{0}, line: make([]int, len(n.layers))}
	crossing := n.crossing()
	total, most := len(n.layers), n.sheet.Layers
	if most <= 0 || total <= most {
		return l
	}
	count := (total + most - 1) / most
	for i := 1; i < count; i++ {
		even := (total*i + count/2) / count
		best := even
		for _, at := range []int{even - 1, even + 1} {
			fits := at-l.first[i-1] <= most && total-at <= most*(count-i) && at > l.first[i-1]
			if fits && crossing[at] < crossing[best] {
				best = at
			}
		}
		l.first = append(l.first, best)
	}
	for i := range l.line {
		at, found := slices.BinarySearch(l.first, i)
		if !found {
			at--
		}
		l.line[i] = at
	}
	return l
}

// crossing counts the forward arrows that come into each layer.
func (n *net) crossing() []int {
	crossing := make([]int, len(n.layers)+1)
	for i := range n.links {
		l := &n.links[i]
		if l.back {
			continue
		}
		for at := l.from.layer + 1; at <= l.to.layer; at++ {
			crossing[at]++
		}
	}
	return crossing
}

// last is the layer behind a line's last.
func (l *lines) last(line int) int {
	if line+1 < len(l.first) {
		return l.first[line+1]
	}
	return len(l.layers)
}

// longest is how many layers the longest line has.
func (l *lines) longest() int {
	most := 0
	for i, first := range l.first {
		most = max(most, l.last(i)-first)
	}
	return most
}

// set gives every vertex its place, line under line, and tells the sheet's size.
func (l *lines) set() (width, height int) {
	l.spread()
	l.turns, l.below = make([]int, len(l.first)), make([]int, len(l.first))
	along, across := 0, l.sheet.Pad
	for i, first := range l.first {
		across += l.sheet.Above
		top := l.extent(i)
		for _, layer := range l.layers[first:l.last(i)] {
			for _, v := range layer {
				v.line, v.at = i, l.begin[v.layer]
				v.pos += float64(across) - top
			}
		}
		across = l.lanes(i)
		along = max(along, l.right[i]+l.turning(i), l.far)
		ways := l.ways(i)
		l.below[i] = across + lineGap/2
		if i+1 < len(l.first) {
			across += lineGap + ways
		} else if ways > 0 {
			across += lineGap/2 + ways
		}
	}
	if l.sheet.Down {
		return across + l.sheet.Pad, along + l.sheet.Pad
	}
	return along + l.sheet.Pad, across + l.sheet.Pad
}

// spread places the layers along.
func (l *lines) spread() {
	crossing := l.crossing()
	after, before := make([]int, len(l.layers)), make([]int, len(l.layers))
	turns := 0
	for i := range l.links {
		b := &l.links[i]
		if !b.back {
			continue
		}
		b.lane.leave, b.lane.enter = after[b.from.layer], before[b.to.layer]
		after[b.from.layer]++
		before[b.to.layer]++
		if l.line[b.from.layer] != l.line[b.to.layer] {
			b.lane.margin = l.margin
			l.margin++
		}
	}
	for _, first := range l.first[1:] {
		turns = max(turns, crossing[first])
	}
	for i := range l.links {
		l.links[i].lane.margin += turns
	}
	loops := 0
	for _, first := range l.first {
		loops = max(loops, before[first])
	}
	if l.margin += turns; l.margin > 0 {
		l.indent = 16 + wayGap*l.margin
	}
	if loops > 0 {
		l.indent += TipLength + slotGap*(loops+1)
	}
	l.begin, l.end = make([]int, len(l.layers)), make([]int, len(l.layers))
	for i, first := range l.first {
		at := l.sheet.Pad + l.indent
		for k := first; k < l.last(i); k++ {
			l.begin[k] = at
			for _, v := range l.layers[k] {
				l.end[k] = max(l.end[k], at+v.long)
			}
			at = l.end[k] + l.sheet.LayerGap + slotGap*after[k]
			if k+1 < len(l.layers) {
				at += slotGap*before[k+1] + 2*min(max(crossing[k+1]-crowdedBy, 0), 20)
			}
		}
		end := l.last(i) - 1
		l.right = append(l.right, l.end[end]+slotGap*after[end])
	}
}

// extent is where a line begins across.
func (l *lines) extent(line int) float64 {
	top := 0.0
	for k, layer := range l.layers[l.first[line]:l.last(line)] {
		for i, v := range layer {
			if at := v.pos - float64(v.broad)/2; k == 0 && i == 0 || at < top {
				top = at
			}
		}
	}
	return top
}

// turning is the room that a line needs behind its end.
func (l *lines) turning(line int) int {
	room := 0
	if line+1 < len(l.first) {
		room = 12 + wayGap*l.crossing()[l.first[line+1]]
	}
	for i := range l.links {
		if b := &l.links[i]; b.back && b.from.layer == l.last(line)-1 {
			return max(room, 12) + slotGap
		}
	}
	return room
}

// ways is the room under a line: of the arrows that go on to the next, and of
// loops between lines.
func (l *lines) ways(line int) int {
	room := 0
	if line+1 < len(l.first) {
		room = wayGap * l.crossing()[l.first[line+1]]
	}
	for i := range l.links {
		b := &l.links[i]
		from, to := l.line[b.from.layer], l.line[b.to.layer]
		if !b.back || from == to {
			continue
		}
		if from == line {
			room += l.breadth(b)
		}
		if to == line {
			room += wayGap
		}
	}
	return room
}

// breadth is the room that a loop takes across, with its label.
func (l *lines) breadth(b *link) int {
	_, broad := l.labelled(b)
	return max(wayGap, broad+4)
}

// lane is the way of a loop.
type lane struct {
	leave, enter int // which of those that begin, or end, in the same place
	margin       int // which of those in the margin
	across       int // of the long part
}

// ends are where a loop within a line turns, along: before the box that it leads
// to, and behind the one that it comes from.
func (l *lines) ends(b *link) (in, out int) {
	in = l.begin[b.to.layer] - TipLength - slotGap*(b.lane.enter+1)
	return in, l.end[b.from.layer] + slotGap*(b.lane.leave+1)
}

// stands is what a loop takes along, with its label.
func (l *lines) stands(b *link) (in, out int) {
	in, out = l.ends(b)
	long, _ := l.labelled(b)
	middle := l.labelMiddle(b)
	return min(in, middle-long/2), max(out, middle+(long+1)/2)
}

// labelMiddle is where a loop's label stands along: in its middle, but on the
// sheet.
func (l *lines) labelMiddle(b *link) int {
	in, out := l.ends(b)
	long, _ := l.labelled(b)
	return max((in+out)/2, l.sheet.Pad+long/2)
}

// lanes places the loops within a line, the short ones inside, and tells where the
// line ends across.
func (l *lines) lanes(line int) int {
	bottom := 0
	var loops []*link
	for i := range l.links {
		b := &l.links[i]
		if b.back && l.line[b.from.layer] == line && l.line[b.to.layer] == line {
			loops = append(loops, b)
		}
	}
	slices.SortStableFunc(loops, func(a, b *link) int {
		return (a.from.layer - a.to.layer) - (b.from.layer - b.to.layer)
	})
	under := make([]int, len(l.layers))
	for k := l.first[line]; k < l.last(line); k++ {
		for _, v := range l.layers[k] {
			under[k] = max(under[k], int(v.pos)+(v.broad+1)/2)
		}
	}
	for _, b := range loops {
		in, out := l.stands(b)
		l.far = max(l.far, out)
		first, last := b.to.layer, b.from.layer
		for first > l.first[line] && l.end[first-1] >= in {
			first--
		}
		for last+1 < l.last(line) && l.begin[last+1] <= out {
			last++
		}
		at := slices.Max(under[first : last+1])
		room := l.breadth(b)
		b.lane.across = at + laneGap + room/2
		for k := first; k <= last; k++ {
			under[k] = b.lane.across + (room+1)/2
		}
	}
	for k := l.first[line]; k < l.last(line); k++ {
		bottom = max(bottom, under[k])
	}
	return bottom
}
