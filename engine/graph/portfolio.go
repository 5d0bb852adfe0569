package graph

import (
	"slices"

	"github.com/seed-456efde2/nurture/engine"
)

// Portfolio is the whole workspace from afar: what opens which workflow, what
// takes leads out, who hands leads to sales, and which channels are used.
func Portfolio(spec *engine.Spec, w Words) Graph {
	b := portfolioBuilder{words: w, spec: spec, at: map[string]int{}, joined: map[[2]int][]int{}}
	b.g = Graph{Name: spec.Name, Title: labelOr(spec.Name, w.say(text{"workspace", "ワークスペース"})), Lang: w.Lang}
	for i := range spec.Segments {
		s := &spec.Segments[i]
		b.node(Segment, s.Name, s.Label)
	}
	for i := range spec.TossUps {
		b.tossUp(&spec.TossUps[i])
	}
	for i := range spec.Flows {
		b.flow(&spec.Flows[i])
	}
	for i := range spec.TossUps {
		b.segments(spec.TossUps[i].When, b.node(TossUp, spec.TossUps[i].Name, ""))
	}
	for i := range spec.Segments {
		b.segments(spec.Segments[i].When, b.node(Segment, spec.Segments[i].Name, ""))
	}
	for i := range spec.Channels {
		b.node(Channel, spec.Channels[i].Name, "")
	}
	return b.g
}

// portfolioBuilder makes the graph of a workspace. Everything has one node, which
// is made when it is first named.
type portfolioBuilder struct {
	words  Words
	spec   *engine.Spec
	g      Graph
	at     map[string]int
	joined map[[2]int][]int // edges by their ends
}

func (b *portfolioBuilder) node(kind Kind, name, label string) int {
	id := string(kind) + "." + name
	if i, ok := b.at[id]; ok {
		return i
	}
	i := b.g.add(Node{ID: id, Kind: kind, Word: b.words.say(kindWords[kind]), Name: name, Title: labelOr(label, name)})
	b.at[id] = i
	return i
}

func (b *portfolioBuilder) event(name string) int {
	for i := range b.spec.Events {
		if e := &b.spec.Events[i]; e.Name == name {
			return b.node(Event, name, e.Label)
		}
	}
	return b.node(Event, name, "")
}

// join draws each connection once, whatever it is needed for.
func (b *portfolioBuilder) join(from, to int, e Edge) {
	e.From, e.To = from, to
	for _, i := range b.joined[[2]int{from, to}] {
		if b.g.Edges[i].Way == e.Way {
			return
		}
	}
	b.joined[[2]int{from, to}] = append(b.joined[[2]int{from, to}], len(b.g.Edges))
	b.g.join(e)
}

func (b *portfolioBuilder) tossUp(t *engine.TossUpSpec) {
	node := b.node(TossUp, t.Name, t.Label)
	if t.On != "" {
		b.join(b.event(t.On), node, Edge{})
	}
	if t.HandOver != nil && t.HandOver.Channel != "" {
		b.join(node, b.node(Channel, t.HandOver.Channel, ""), Edge{})
	}
}

func (b *portfolioBuilder) flow(f *engine.FlowSpec) {
	w := b.words
	node := b.node(Workflow, f.Name, f.Label)
	e := &f.Enter
	if e.On != "" {
		b.join(b.event(e.On), node, Edge{})
	}
	for _, s := range []struct{ name, way string }{
		{e.Joins, w.say(text{"joins", "入った"})}, {e.Leaves, w.say(text{"leaves", "外れた"})}, {e.Members, w.say(text{"on schedule", "予定日に"})},
	} {
		if s.name != "" {
			b.join(b.segment(s.name), node, Edge{Way: s.way})
		}
	}
	b.segments(e.When, node)
	for i := range f.Exits {
		b.exit(&f.Exits[i], node)
	}
	for i := range f.Steps {
		b.step(&f.Steps[i], node)
	}
}

func (b *portfolioBuilder) exit(e *engine.ExitSpec, flow int) {
	ends := b.words.say(text{"ends", "終了"})
	if e.On != "" {
		b.join(b.event(e.On), flow, Edge{Way: ends, Kind: Ends})
	}
	if e.TossUp != "" {
		b.join(b.node(TossUp, e.TossUp, ""), flow, Edge{Way: ends, Kind: Ends})
	}
}

func (b *portfolioBuilder) step(s *engine.StepSpec, flow int) {
	switch {
	case s.Send != nil && s.Send.Channel != "":
		b.join(flow, b.node(Channel, s.Send.Channel, ""), Edge{})
	case s.Emit != nil:
		b.join(flow, b.event(s.Emit.Event), Edge{})
	case s.Branch != nil:
		for _, c := range s.Branch.Cases {
			b.segments(c.When, flow)
		}
	}
}

func (b *portfolioBuilder) segment(name string) int { return b.node(Segment, name, "") }

// segments joins the segments that conditions read to what asks for them.
func (b *portfolioBuilder) segments(conditions []engine.Cond, to int) {
	var names []string
	for _, c := range conditions {
		for _, k := range c.Reads() {
			if k.Kind == engine.KeySegment && !slices.Contains(names, k.Name) {
				names = append(names, k.Name)
			}
		}
	}
	slices.Sort(names)
	for _, name := range names {
		if from := b.segment(name); from != to {
			b.join(from, to, Edge{Way: b.words.say(text{"condition", "条件"})})
		}
	}
}
