package graph

// Graph is boxes and arrows with their words, in the order of reading.
type Graph struct {
	Name  string // of the workflow, or of the workspace
	Title string // what people call it
	Lang  string // "ja" or "en"
	Nodes []Node
	Edges []Edge
	Notes []Note // what no arrow can say: exits that act anywhere, goals
}

// Kind says what a node is.
type Kind string

// The kinds of node: steps of a workflow, and the parts of a workspace.
const (
	Enter  Kind = "enter"
	Wait   Kind = "wait"
	Branch Kind = "branch"
	Split  Kind = "split"
	Send   Kind = "send"
	Set    Kind = "set"
	Emit   Kind = "emit"
	Goto   Kind = "goto"
	Exit   Kind = "exit"
	Moved  Kind = "moved" // a step that is no more, with leads who may stand there

	Workflow Kind = "workflow"
	Event    Kind = "event"
	Segment  Kind = "segment"
	TossUp   Kind = "toss_up"
	Channel  Kind = "channel"
)

// Node is a box.
type Node struct {
	ID    string   `json:"id"` // "step.NAME", "enter", "exit.end", "workflow.NAME", …
	Kind  Kind     `json:"kind"`
	Word  string   `json:"word"` // what kind of thing it is, in the language of people
	Brief string   `json:"-"`    // what it does in the fewest words: "4 hours"
	Name  string   `json:"name"` // of the step; "" where it has none
	Title string   `json:"title"`
	Lines []string `json:"lines,omitempty"` // what it does, in words
}

// Edge is an arrow.
type Edge struct {
	From, To int      // indexes of nodes
	Way      string   // name of the case, arm or reason
	Lines    []string // what the way asks for, in words
	Kind     EdgeKind
}

// EdgeKind says what an arrow means.
type EdgeKind string

// The kinds of arrow.
const (
	Next  EdgeKind = "next"  // the lead goes on here
	Again EdgeKind = "again" // a goto: bounded, and often a loop
	Gone  EdgeKind = "moved" // where leads on a removed step go
	Ends  EdgeKind = "ends"  // takes leads out of a workflow
)

// Note is a line that belongs to the whole graph.
type Note struct {
	Word  string   `json:"word"`
	Name  string   `json:"name"`
	Lines []string `json:"lines,omitempty"`
}

// add appends a node and tells its index.
func (g *Graph) add(n Node) int {
	g.Nodes = append(g.Nodes, n)
	return len(g.Nodes) - 1
}

func (g *Graph) join(e Edge) {
	if e.Kind == "" {
		e.Kind = Next
	}
	g.Edges = append(g.Edges, e)
}

// leaving lists each node's edges by index.
func (g *Graph) leaving() [][]int {
	out := make([][]int, len(g.Nodes))
	for i, e := range g.Edges {
		out[e.From] = append(out[e.From], i)
	}
	return out
}
