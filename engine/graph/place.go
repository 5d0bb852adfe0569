package graph

import "slices"

// place gives the vertices their place across: as near to the middle of their
// neighbours as the others in the layer allow.
func (n *net) place() {
	for _, l := range n.layers {
		at := 0.0
		for _, v := range l {
			v.pos = at + n.room(v)/2
			at += n.room(v)
		}
	}
	for range 6 {
		for _, l := range n.layers {
			n.settle(l, func(v *vertex) []*vertex { return v.in })
		}
		for i := range n.layers {
			n.settle(n.layers[len(n.layers)-1-i], func(v *vertex) []*vertex { return v.out })
		}
	}
	for _, l := range n.layers {
		n.settle(l, func(v *vertex) []*vertex { return v.in })
	}
}

// room is what a vertex takes in its layer, across.
func (n *net) room(v *vertex) float64 { return float64(v.broad + n.sheet.BoxGap) }

// stretch is a run of vertices of one layer that stand as close as they may.
type stretch struct {
	first, last int
	offset      []float64 // of each middle from the beginning
	size, start float64
}

// settle moves a layer's vertices towards the middle of their neighbours and
// keeps their order and distance: those that would overlap move as one, to where
// they want to be on the whole.
func (n *net) settle(l []*vertex, neighbours func(*vertex) []*vertex) {
	wish := func(s *stretch) float64 {
		sum := 0.0
		for i := s.first; i <= s.last; i++ {
			sum += middle(neighbours(l[i]), l[i].pos) - s.offset[i-s.first]
		}
		return sum / float64(s.last-s.first+1)
	}
	var all []stretch
	for i, v := range l {
		s := stretch{first: i, last: i, offset: []float64{n.room(v) / 2}, size: n.room(v)}
		s.start = wish(&s)
		for len(all) > 0 {
			p := &all[len(all)-1]
			if p.start+p.size <= s.start {
				break
			}
			joined := stretch{first: p.first, last: s.last, offset: slices.Clone(p.offset), size: p.size + s.size}
			for _, o := range s.offset {
				joined.offset = append(joined.offset, p.size+o)
			}
			joined.start = wish(&joined)
			s = joined
			all = all[:len(all)-1]
		}
		all = append(all, s)
	}
	for _, s := range all {
		for i := s.first; i <= s.last; i++ {
			l[i].pos = s.start + s.offset[i-s.first]
		}
	}
}
