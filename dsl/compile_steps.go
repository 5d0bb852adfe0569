package dsl

import (
	"slices"
	"strings"

	"github.com/seed-456efde2/nurture/engine"
)

// ways are the bodies of a branch or a split, in order.
func ways(n *node) []*node {
	var out []*node
	for _, k := range n.kids {
		switch k.spec.Name {
		case "case", "otherwise", "arm":
			out = append(out, k)
		}
	}
	return out
}

// layOut gives every step its index.
func (f *flow) layOut(steps []*node) {
	for _, n := range steps {
		f.places[n] = len(f.nodes)
		f.nodes = append(f.nodes, n)
		f.spec.Steps = append(f.spec.Steps, engine.StepSpec{Name: n.label, Next: engine.EndOfFlow, Place: placeOf(n.place())})
		for _, way := range ways(n) {
			f.layOut(way.kids)
		}
	}
}

// uniqueNames sees that a lead's place is one step, and an exit's name one exit.
func (f *flow) uniqueNames() {
	first := map[string]*node{}
	exits := map[string]*node{}
	for _, n := range f.node.all("exit") {
		exits[n.label] = n
	}
	for _, n := range f.nodes {
		if n.label == "" {
			continue
		}
		before := first[n.label]
		if before == nil && n.spec.Name == "exit" {
			before = exits[n.label]
		}
		if before != nil {
			f.b.r.add(codeTwice, n.labelPlace(), n.parent.trail(), Doc{"step", "ステップ"}, n.label).also(before.labelPlace())
			continue
		}
		first[n.label] = n
	}
}

// connect compiles a list of steps, each followed by the next one and the last by
// after.
func (f *flow) connect(steps []*node, after int) {
	for i, n := range steps {
		next := after
		if i+1 < len(steps) {
			next = f.places[steps[i+1]]
		}
		s := &f.spec.Steps[f.places[n]]
		s.Next = next
		s.Removed = f.removed(n, next)
		switch n.spec.Name {
		case "wait":
			s.Kind, s.Wait = engine.WaitStep, f.wait(n, next)
		case "show":
			s.Kind = engine.WaitStep
			s.Wait, s.Show = f.show(n, next)
		case "branch":
			s.Kind, s.Branch = engine.BranchStep, f.branch(n, next)
		case "split":
			s.Kind, s.Split = engine.SplitStep, f.split(n, next)
		case "exit":
			s.Kind = engine.ExitStep
		case "set":
			s.Kind, s.Set = engine.SetStep, f.set(n)
		case "emit":
			s.Kind, s.Emit = engine.EmitStep, f.emit(n)
		case "goto":
			s.Kind, s.Goto = engine.GotoStep, f.goTo(n, next)
		default:
			s.Kind, s.Send = engine.SendStep, f.send(n)
		}
	}
}

// removed says where leads go when a later file has no such step: out, or to the
// step that follows in this one. Behind the last step they leave.
func (f *flow) removed(n *node, next int) string {
	switch {
	case n.text("on_removed") == "next" && next != engine.EndOfFlow:
		return f.nodes[next].label
	case n.has("on_removed"):
		return "exit"
	}
	return ""
}

// firstOf is where a way begins: at its first step, or behind the branch.
func (f *flow) firstOf(way *node, after int) int {
	if len(way.kids) == 0 {
		return after
	}
	return f.places[way.kids[0]]
}

func (f *flow) branch(n *node, next int) *engine.BranchSpec {
	s := &engine.BranchSpec{Otherwise: next}
	seen := map[string]*node{}
	for _, k := range n.all("case") {
		when := f.b.conds(k.get("when"), f.b.scope.with(readsFlow&^famEvent, nil))
		f.sameAgain(k, meaningOf(when), seen)
		s.Cases = append(s.Cases, engine.CaseSpec{Name: k.label, When: when, First: f.firstOf(k, next)})
		f.connect(k.kids, next)
	}
	s.Otherwise = f.otherwise(n, next)
	return s
}

// sameAgain reports a case that an earlier one has taken everybody from.
func (f *flow) sameAgain(k *node, meaning string, seen map[string]*node) {
	if meaning == "" {
		return
	}
	if first := seen[meaning]; first != nil {
		f.b.r.add(codeUnreachable, k.place(), k.parent.trail(), k.title()).also(first.place())
		return
	}
	seen[meaning] = k
}

// otherwise is where everybody else goes; that nothing says so is worth a word.
func (f *flow) otherwise(n *node, next int) int {
	other := n.one("otherwise")
	if other == nil {
		f.b.r.add(codeFallsThrough, n.place(), n.parent.trail(), f.stepTitle(next))
		return next
	}
	f.connect(other.kids, next)
	return f.firstOf(other, next)
}

// meaningOf is one text for conditions that must all hold.
func meaningOf(conds []engine.Cond) string {
	var out []string
	for _, c := range conds {
		out = append(out, c.Meaning())
	}
	return strings.Join(out, "\x00")
}

func (f *flow) stepTitle(i int) any {
	if i == engine.EndOfFlow {
		return Doc{"the end of the workflow", "ワークフローの終わり"}
	}
	return f.nodes[i].title()
}

func (f *flow) split(n *node, next int) *engine.SplitSpec {
	s := &engine.SplitSpec{}
	for _, k := range n.all("arm") {
		s.Arms = append(s.Arms, engine.ArmSpec{Name: k.label, Weight: k.number("weight"), First: f.firstOf(k, next)})
		f.connect(k.kids, next)
	}
	return s
}

func (f *flow) wait(n *node, next int) *engine.WaitSpec {
	s := &engine.WaitSpec{Recompute: n.text("on_change") == "recompute", Otherwise: next}
	if a := n.get("for"); a != nil {
		s.For = a.length
	}
	if a := n.get("at_most"); a != nil {
		s.AtMost = a.length
	}
	if a := n.get("until"); a != nil {
		s.Until = &a.window
	}
	s.On, s.When = f.events(n)
	f.waitForm(n)
	if cases := n.all("case"); len(cases) > 0 {
		f.waitCases(n, s, next)
	} else if other := n.one("otherwise"); other != nil {
		f.b.r.add(codeNeeds, other.place(), n.trail(), "otherwise", "case")
		f.connect(other.kids, next)
	}
	return s
}

// events are what a wait or one of its cases listens to.
func (f *flow) events(n *node) (on []string, when []engine.Cond) {
	a := n.get("on")
	if a == nil {
		return nil, nil
	}
	for _, r := range a.refs {
		on = append(on, r.Name)
	}
	return on, f.b.conds(n.get("when"), f.b.scope.with(readsFlow, f.b.anyOf(on)))
}

// waitForm sees that a wait is of one form: for, until, on, or cases.
func (f *flow) waitForm(n *node) {
	b := f.b
	hasCases := n.one("case") != nil
	b.exclude(n, "for", "on", Doc{
		"To wait for an event no longer than a time, write at_most.", "イベントを一定の時間まで待つには at_most と書きます。",
	})
	for _, other := range [...]string{"for", "on"} {
		b.exclude(n, "until", other, Doc{
			"Write two waits, one behind the other.", "wait をふたつ続けて書いてください。",
		})
	}
	if hasCases {
		for _, name := range [...]string{"on", "when", "for", "until"} {
			if a := n.attrs[name]; a != nil {
				b.r.add(codeExcludes, a.src.NameRange, n.trail(), name, "case", Doc{
					"Each case says which event it waits for.", "待つイベントは、それぞれの case に書きます。",
				}).also(n.one("case").place())
			}
		}
	} else {
		b.pair(n, "at_most", "on")
		b.pair(n, "when", "on")
		if !n.has("for") && !n.has("on") && !n.has("until") {
			b.r.add(codeMissingAttr, n.place(), n.trail(), "wait", "for", `"4h"`)
		}
	}
	on := n.get("on")
	if on != nil && !n.has("at_most") && !n.has("for") && !hasCases {
		b.r.add(codeEndless, on.place(), on.in(), "event."+on.refs[0].Name)
	}
}

// waitCases compiles the ways of a wait whose first event decides.
func (f *flow) waitCases(n *node, s *engine.WaitSpec, next int) {
	s.On, s.When = nil, nil
	seen := map[string]*node{}
	for _, k := range n.all("case") {
		c := engine.WaitCase{Name: k.label, First: f.firstOf(k, next)}
		c.On, c.When = f.events(k)
		for _, event := range c.On {
			f.sameAgain(k, event+"\x00"+meaningOf(c.When), seen)
			if !slices.Contains(s.On, event) {
				s.On = append(s.On, event)
			}
		}
		s.Cases = append(s.Cases, c)
		f.connect(k.kids, next)
	}
	switch {
	case n.has("at_most"):
		s.Otherwise = f.otherwise(n, next)
	case n.one("otherwise") != nil:
		other := n.one("otherwise")
		f.b.r.add(codeNeeds, other.place(), n.trail(), "otherwise", "at_most")
		s.Otherwise = f.otherwise(n, next)
	case len(s.On) > 0:
		f.b.r.add(codeEndless, n.place(), n.parent.trail(), "event."+strings.Join(s.On, ", event."))
	}
}

// anyOf is what may be read of an event that is one of several: the fields that
// all of them have.
func (b *builder) anyOf(events []string) *eventInfo {
	first := b.scope.Events[events[0]]
	if len(events) == 1 || first == nil {
		return first
	}
	common := &eventInfo{namedInfo: first.namedInfo, Fields: map[string]*fieldInfo{}}
	for name, f := range first.Fields {
		shared := !slices.ContainsFunc(events[1:], func(e string) bool {
			other := b.scope.Events[e]
			return other == nil || other.Fields[name] == nil || other.Fields[name].Kind != f.Kind
		})
		if shared {
			common.Fields[name] = f
		}
	}
	return common
}
