package graph

import (
	"cmp"
	"slices"
)

// order sorts each layer by where its neighbours stand, back and forth, then
// swaps neighbours while that removes crossings, and keeps the best order found.
func (n *net) order() {
	number(n.layers)
	best, fewest := n.snapshot(), n.crossings()
	for round := 0; round < orderRounds && fewest > 0; round++ {
		for _, l := range n.layers {
			sortBy(l, func(v *vertex) []*vertex { return v.in })
		}
		for i := range n.layers {
			sortBy(n.layers[len(n.layers)-1-i], func(v *vertex) []*vertex { return v.out })
		}
		n.swap()
		if c := n.crossings(); c < fewest {
			best, fewest = n.snapshot(), c
		}
	}
	for i := range n.layers {
		copy(n.layers[i], best[i])
	}
	number(n.layers)
}

const orderRounds = 8

func (n *net) snapshot() [][]*vertex {
	out := make([][]*vertex, len(n.layers))
	for i, l := range n.layers {
		out[i] = slices.Clone(l)
	}
	return out
}

func number(layers [][]*vertex) {
	for _, l := range layers {
		for i, v := range l {
			v.pos = float64(i)
		}
	}
}

func sortBy(l []*vertex, neighbours func(*vertex) []*vertex) {
	want := make(map[*vertex]float64, len(l))
	for _, v := range l {
		want[v] = middle(neighbours(v), v.pos)
	}
	slices.SortStableFunc(l, func(a, b *vertex) int { return cmp.Compare(want[a], want[b]) })
	for i, v := range l {
		v.pos = float64(i)
	}
}

func middle(neighbours []*vertex, otherwise float64) float64 {
	if len(neighbours) == 0 {
		return otherwise
	}
	sum := 0.0
	for _, v := range neighbours {
		sum += v.pos
	}
	return sum / float64(len(neighbours))
}

// swap exchanges neighbours of a layer whose arrows cross less the other way
// round.
func (n *net) swap() {
	for _, l := range n.layers {
		if len(l) > swapBound {
			continue // too much work for what it brings
		}
		for i := 1; i < len(l); i++ {
			a, b := l[i-1], l[i]
			now := crossed(a.in, b.in) + crossed(a.out, b.out)
			then := crossed(b.in, a.in) + crossed(b.out, a.out)
			if then < now {
				l[i-1], l[i] = b, a
				a.pos, b.pos = b.pos, a.pos
			}
		}
	}
}

const swapBound = 200

// crossed counts the crossings of two neighbours' arrows, the first standing
// first.
func crossed(first, second []*vertex) int {
	count := 0
	for _, a := range first {
		for _, b := range second {
			if a.pos > b.pos {
				count++
			}
		}
	}
	return count
}

// crossings counts those between all layers: for each arrow in the order of its
// beginning, how many have passed that end beyond it. A tree of sums keeps that
// fast.
func (n *net) crossings() int {
	total := 0
	for i := 1; i < len(n.layers); i++ {
		sums := make([]int, len(n.layers[i])+1)
		passed := 0
		for _, v := range n.layers[i-1] {
			ends := make([]int, 0, len(v.out))
			for _, w := range v.out {
				ends = append(ends, int(w.pos))
			}
			for _, end := range ends {
				total += passed - sumTo(sums, end+1)
			}
			for _, end := range ends {
				passed++
				for at := end + 1; at < len(sums); at += at & -at {
					sums[at]++
				}
			}
		}
	}
	return total
}

func sumTo(sums []int, at int) int {
	sum := 0
	for ; at > 0; at -= at & -at {
		sum += sums[at]
	}
	return sum
}
