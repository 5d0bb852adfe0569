package graph

// joins tells for each node with several ways where they meet again: the first
// node that most of them reach, -1 where no two do. Ways that end in an exit do
// not count; the strict answer, the nearest postdominator, would be "nowhere" as
// soon as one way leaves, and the rest of the workflow would stand inside the
// first way.
func joins(g *Graph, leaving [][]int) []int {
	order := forward(g, leaving)
	out := make([]int, len(g.Nodes))
	for v := range out {
		out[v] = -1
		if len(leaving[v]) < 2 {
			continue
		}
		ways := make([]int, len(g.Nodes))
		for _, e := range leaving[v] {
			if g.Edges[e].Kind != Again {
				count(g, leaving, order, g.Edges[e].To, ways)
			}
		}
		most := 1
		for to, n := range ways {
			switch {
			case order[to] <= order[v] || n < 2:
			case n > most || n == most && order[to] < order[out[v]]:
				most, out[v] = n, to
			}
		}
	}
	return out
}

// count adds one to every node that is reached from a node without going back.
func count(g *Graph, leaving [][]int, order []int, from int, ways []int) {
	seen := map[int]bool{from: true}
	stack := []int{from}
	for len(stack) > 0 {
		at := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		ways[at]++
		for _, e := range leaving[at] {
			if to := g.Edges[e].To; order[to] > order[at] && !seen[to] {
				seen[to] = true
				stack = append(stack, to)
			}
		}
	}
}

// forward numbers the nodes so that every arrow that closes no loop leads to a
// higher number.
func forward(g *Graph, leaving [][]int) []int {
	type frame struct{ node, next int }
	order := make([]int, len(g.Nodes))
	seen := make([]bool, len(g.Nodes))
	number := len(g.Nodes)
	for first := range g.Nodes {
		if seen[first] {
			continue
		}
		seen[first] = true
		stack := []frame{{node: first}}
		for len(stack) > 0 {
			top := &stack[len(stack)-1]
			if top.next == len(leaving[top.node]) {
				order[top.node] = number
				number--
				stack = stack[:len(stack)-1]
				continue
			}
			to := g.Edges[leaving[top.node][top.next]].To
			top.next++
			if !seen[to] {
				seen[to] = true
				stack = append(stack, frame{node: to})
			}
		}
	}
	return order
}
