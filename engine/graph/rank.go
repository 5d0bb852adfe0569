package graph

// breakCycles marks the links that close a loop: those that lead to a box from
// which one has come. Boxes that nothing leads to are where reading begins.
func (n *net) breakCycles() {
	leaving := n.leaving()
	entered := make([]bool, len(n.boxes))
	for i := range n.links {
		if n.links[i].from != n.links[i].to {
			entered[n.links[i].to.index] = true
		}
	}
	state := make([]walkState, len(n.boxes))
	for _, first := range []bool{false, true} {
		for i := range n.boxes {
			if entered[i] == first {
				n.walk(i, leaving, state)
			}
		}
	}
}

// leaving lists each box's links.
func (n *net) leaving() [][]int {
	out := make([][]int, len(n.boxes))
	for i := range n.links {
		from := n.links[i].from.index
		out[from] = append(out[from], i)
	}
	return out
}

type walkState uint8

const (
	unseen walkState = iota
	onTheWay
	done
)

// walk goes depth first, with a stack of its own: a graph may be deeper than a
// program's stack likes.
func (n *net) walk(start int, leaving [][]int, state []walkState) {
	if state[start] != unseen {
		return
	}
	type frame struct{ box, next int }
	stack := []frame{{box: start}}
	state[start] = onTheWay
	for len(stack) > 0 {
		top := &stack[len(stack)-1]
		if top.next == len(leaving[top.box]) {
			state[top.box] = done
			stack = stack[:len(stack)-1]
			continue
		}
		l := &n.links[leaving[top.box][top.next]]
		top.next++
		switch to := l.to.index; state[to] {
		case onTheWay:
			l.back = true
		case unseen:
			state[to] = onTheWay
			stack = append(stack, frame{box: to})
		}
	}
}

// span is how many layers a link crosses at least: a label takes one.
func (l *link) span() int {
	if l.size.W > 0 {
		return 2
	}
	return 1
}

// rank gives every box the layer behind the last of those that lead to it. A box
// that nothing leads to stands right before the first that it leads to.
func (n *net) rank() {
	leaving := n.leaving()
	missing := make([]int, len(n.boxes))
	for i := range n.links {
		if !n.links[i].back {
			missing[n.links[i].to.index]++
		}
	}
	sources := make([]bool, len(n.boxes))
	var ready []int
	for i := range n.boxes {
		if missing[i] == 0 {
			sources[i] = true
			ready = append(ready, i)
		}
	}
	for len(ready) > 0 {
		box := ready[0]
		ready = ready[1:]
		for _, i := range leaving[box] {
			l := &n.links[i]
			if l.back {
				continue
			}
			l.to.layer = max(l.to.layer, l.from.layer+l.span())
			if missing[l.to.index]--; missing[l.to.index] == 0 {
				ready = append(ready, l.to.index)
			}
		}
	}
	for i, source := range sources {
		if source {
			n.pull(i, leaving[i])
		}
	}
}

// pull moves a source to what it leads to.
func (n *net) pull(box int, leaving []int) {
	best := -1
	for _, i := range leaving {
		l := &n.links[i]
		if at := l.to.layer - l.span(); !l.back && (best < 0 || at < best) {
			best = at
		}
	}
	if best > 0 {
		n.boxes[box].layer = best
	}
}

// bridge joins the ends of every forward link through an unseen node in each layer
// between, of which one is the label, and sorts all into layers.
func (n *net) bridge() {
	for _, v := range n.boxes {
		n.settleIn(v)
	}
	for i := range n.links {
		l := &n.links[i]
		if l.back {
			continue
		}
		l.chain = []*vertex{l.from}
		for at := l.from.layer + 1; at < l.to.layer; at++ {
			v := &vertex{layer: at, broad: ghostRoom}
			if l.size.W > 0 && l.label == nil {
				v.long, v.broad = n.labelled(l)
				l.label = v
			}
			n.settleIn(v)
			l.chain = append(l.chain, v)
		}
		l.chain = append(l.chain, l.to)
		for k, v := range l.chain[1:] {
			before := l.chain[k]
			before.out = append(before.out, v)
			v.in = append(v.in, before)
		}
	}
}

// ghostRoom is what an unseen node takes across.
const ghostRoom = 12

func (n *net) settleIn(v *vertex) {
	for len(n.layers) <= v.layer {
		n.layers = append(n.layers, nil)
	}
	n.layers[v.layer] = append(n.layers[v.layer], v)
}
