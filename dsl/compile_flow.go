package dsl

import (
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/seed-456efde2/nurture/engine"
)

// workflows compiles the workflows, each into one list of steps.
func (b *builder) workflows() {
	b.sorted("workflow", func(n *node) {
		f := &flow{b: b, node: n, places: map[*node]int{}}
		f.compile()
		b.counts.Workflows++
		b.counts.Steps += len(f.nodes)
		// Nobody can enter by what is not available yet; the engine has no use for
		// a workflow without a way in.
		if f.spec.Enter.On != "" {
			b.spec.Flows = append(b.spec.Flows, f.spec)
		}
	})
	b.tooOften()
}

// flow compiles one workflow. Its steps are laid out in the order in which they
// are read, those of a branch's ways included; then each is told where the lead
// goes next.
type flow struct {
	b       *builder
	node    *node
	spec    engine.FlowSpec
	nodes   []*node       // of spec.Steps
	places  map[*node]int // index in spec.Steps
	guarded bool          // a consent is asked for on the way in
}

func (f *flow) compile() {
	n, b := f.node, f.b
	f.spec = engine.FlowSpec{Name: n.label, Label: n.info().Label, Owner: n.text("owner"), Place: placeOf(n.place())}
	f.enter()
	if k := n.one("re_enter"); k != nil {
		f.spec.ReEnter = &engine.ReEnterSpec{After: k.span("after")}
		if a := k.get("at_most"); a != nil {
			f.spec.ReEnter.AtMost = int(a.num)
		}
	}
	for _, k := range n.all("goal") {
		b.conds(k.get("when"), b.eventScope(readsFlow, k.ref("on")))
	}
	for _, k := range n.all("exit") {
		f.spec.Exits = append(f.spec.Exits, f.exit(k))
	}
	steps := n.one("steps")
	if steps == nil {
		return
	}
	if len(steps.kids) == 0 {
		b.r.add(codeMissingBlock, steps.place(), steps.trail(), "steps", "wait, email …", steps.spec.Example)
		return
	}
	f.layOut(steps.kids)
	f.uniqueNames()
	f.falls(steps.kids)
	f.connect(steps.kids, engine.EndOfFlow, f.guarded)
	f.moved()
}

func (f *flow) enter() {
	n := f.node.one("enter")
	if n == nil {
		return
	}
	b := f.b
	f.spec.Enter.On = n.ref("on")
	sc := b.scope.with(readsFlow, nil)
	if f.spec.Enter.On != "" {
		sc = b.eventScope(readsFlow, f.spec.Enter.On)
	}
	f.spec.Enter.When = b.conds(n.get("when"), sc)
	f.guarded = asksConsent(f.spec.Enter.When, b.guards) || b.guards[n.ref("segment")]
	b.pair(n, "schedule", "segment")
	b.pair(n, "backfill", "segment")
	if !n.has("on") && !n.has("segment") {
		b.r.add(codeMissingAttr, n.place(), n.trail(), "enter", "on", "event.…")
	}
	b.exclude(n, "on", "segment", Doc{
		"A workflow has one way in: an event, or a segment.", "入り方はひとつです。イベントかセグメントのどちらかを選んでください。",
	})
}

func (f *flow) exit(n *node) engine.ExitSpec {
	b := f.b
	s := engine.ExitSpec{Name: n.label}
	sc := b.scope.with(readsFlow, nil)
	if a := n.get("on"); a != nil {
		if a.refs[0].Kind == "event" {
			s.On = a.refs[0].Name
			sc = b.eventScope(readsFlow, s.On)
		} else {
			s.TossUp = a.refs[0].Name
		}
	}
	s.When = b.conds(n.get("when"), sc)
	if !n.has("on") && !n.has("when") {
		b.r.add(codeMissingAttr, n.place(), n.trail(), "exit", "on", "toss_up.… ; when = \"…\"")
	}
	return s
}

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

// falls reports whether a lead can come out at the end of a list of steps, and
// finds the steps that none can come to.
func (f *flow) falls(steps []*node) bool {
	open := true
	told := false
	for _, n := range steps {
		if !open && !told {
			f.b.r.add(codeUnreachable, n.place(), n.parent.trail(), n.title())
			told = true
		}
		if !f.fallsOut(n) {
			open = false
		}
	}
	return open
}

func (f *flow) fallsOut(n *node) bool {
	if n.spec.Name == "exit" {
		return false
	}
	all := ways(n)
	if len(all) == 0 {
		return true
	}
	out := n.spec.Name == "branch" && n.one("otherwise") == nil
	for _, way := range all {
		out = f.falls(way.kids) || out
	}
	return out
}

// connect compiles a list of steps, each followed by the next one and the last by
// after. guarded says that a consent was asked for on the way here.
func (f *flow) connect(steps []*node, after int, guarded bool) {
	for i, n := range steps {
		next := after
		if i+1 < len(steps) {
			next = f.places[steps[i+1]]
		}
		s := &f.spec.Steps[f.places[n]]
		s.Next = next
		switch n.spec.Name {
		case "wait":
			s.Kind, s.Wait = engine.WaitStep, f.wait(n)
		case "branch":
			s.Kind, s.Branch = engine.BranchStep, f.branch(n, next, guarded)
		case "split":
			s.Kind, s.Branch = engine.BranchStep, f.split(n, next, guarded)
		case "exit":
			s.Kind = engine.ExitStep
		case "set", "emit", "goto": // refused already
		default:
			s.Kind, s.Send = engine.SendStep, f.send(n, guarded)
		}
	}
}

// firstOf is where a way begins: at its first step, or behind the branch.
func (f *flow) firstOf(way *node, after int) int {
	if len(way.kids) == 0 {
		return after
	}
	return f.places[way.kids[0]]
}

func (f *flow) branch(n *node, next int, guarded bool) *engine.BranchSpec {
	s := &engine.BranchSpec{Otherwise: next}
	seen := map[string]*node{}
	for _, k := range n.all("case") {
		when := f.b.conds(k.get("when"), f.b.scope.with(readsFlow&^famEvent, nil))
		if meaning := meaningOf(when); meaning != "" {
			if first := seen[meaning]; first != nil {
				f.b.r.add(codeUnreachable, k.place(), k.parent.trail(), k.title()).also(first.place())
			} else {
				seen[meaning] = k
			}
		}
		s.Cases = append(s.Cases, engine.CaseSpec{Name: k.label, When: when, First: f.firstOf(k, next)})
		f.connect(k.kids, next, guarded || asksConsent(when, f.b.guards))
	}
	other := n.one("otherwise")
	if other == nil {
		f.b.r.add(codeFallsThrough, n.place(), n.parent.trail(), f.stepTitle(next))
		return s
	}
	s.Otherwise = f.firstOf(other, next)
	f.connect(other.kids, next, guarded)
	return s
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

// split sends everybody the first way: dividing leads is not available yet, and
// the loader has said so.
func (f *flow) split(n *node, next int, guarded bool) *engine.BranchSpec {
	s := &engine.BranchSpec{Otherwise: next}
	for i, k := range n.all("arm") {
		if i == 0 {
			s.Otherwise = f.firstOf(k, next)
		}
		f.connect(k.kids, next, guarded)
	}
	return s
}

func (f *flow) wait(n *node) *engine.WaitSpec {
	b := f.b
	s := &engine.WaitSpec{}
	if a := n.get("for"); a != nil {
		s.For = a.length
	}
	if a := n.get("at_most"); a != nil {
		s.AtMost = a.length
	}
	on := n.get("on")
	if on != nil {
		for _, r := range on.refs {
			s.On = append(s.On, r.Name)
		}
		s.When = b.conds(n.get("when"), b.scope.with(readsFlow, b.anyOf(s.On)))
	}
	b.pair(n, "at_most", "on")
	b.pair(n, "when", "on")
	b.exclude(n, "for", "on", Doc{
		"To wait for an event no longer than a time, write at_most.", "イベントを一定の時間まで待つには at_most と書きます。",
	})
	if !n.has("for") && !n.has("on") && !n.has("until") {
		b.r.add(codeMissingAttr, n.place(), n.trail(), "wait", "for", `"4h"`)
	}
	if on != nil && !n.has("at_most") && !n.has("for") {
		b.r.add(codeEndless, on.place(), on.in(), "event."+s.On[0])
	}
	return s
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

// moved tells where the leads of removed steps go.
func (f *flow) moved() {
	there := map[string]bool{}
	for _, n := range f.nodes {
		there[n.label] = true
	}
	to := map[string]string{}
	place := map[string]hcl.Range{}
	for _, n := range f.node.all("moved") {
		from, target := n.ref("from"), n.ref("to")
		if from == "" || target == "" {
			continue
		}
		at := n.attrs["from"]
		switch _, twice := to[from]; {
		case there[from]:
			f.b.r.add(codeMovedFrom, at.place(), at.in(), from)
		case twice:
			f.b.r.add(codeTwice, at.place(), at.in(), "moved", from).also(place[from])
		}
		to[from], place[from] = target, at.place()
	}
	for _, n := range f.node.all("moved") {
		f.movedTo(n, to, there)
	}
}

// movedTo follows moves of moves to a step that is there.
func (f *flow) movedTo(n *node, to map[string]string, there map[string]bool) {
	from, target := n.ref("from"), n.ref("to")
	if from == "" || target == "" {
		return
	}
	for range to {
		if next, again := to[target]; again && !there[target] {
			target = next
		}
	}
	if !there[target] {
		at := n.attrs["to"]
		known := names(there)
		f.b.r.add(codeMovedTo, at.place(), at.in(), target, hintList(known)).suggest(prefixed("step.", closest(target, known)))
		return
	}
	if f.spec.Moved == nil {
		f.spec.Moved = map[string]string{}
	}
	f.spec.Moved[from] = target
}

// tooOften notes a workflow that can meet more messages of a channel than a cap
// of its policy lets go in the cap's time.
func (b *builder) tooOften() {
	for i := range b.spec.Flows {
		flow := &b.spec.Flows[i]
		for _, p := range b.spec.Policies {
			for _, c := range p.Caps {
				b.tooOftenFor(flow, p, c)
			}
		}
	}
}

func (b *builder) tooOftenFor(flow *engine.FlowSpec, p engine.PolicySpec, c engine.CapSpec) {
	w := &pathWalker{flow: flow, policy: p.Name, cap: c}
	w.walk(0, 0, nil)
	if w.most <= c.AtMost {
		return
	}
	n := b.declared["workflow"][flow.Name]
	becomes := Doc{"The rest is postponed; spread them with waits if they should go as written.", "残りは延期されます。書いたとおりに送るなら、wait で間をあけてください。"}
	if c.When == engine.Skip {
		becomes = Doc{"The rest is skipped; spread them with waits.", "残りは送られません。wait で間をあけてください。"}
	}
	b.r.add(codeTooOften, n.labelPlace(), n.trail(), strconv.Itoa(w.most), c.Channel, c.Per.String(), p.Name, strconv.Itoa(c.AtMost), becomes)
}

// maxPaths bounds the ways through a workflow that are walked; a workflow with
// more has been looked at long enough.
const maxPaths = 2_000

// pathWalker goes every way through a workflow at its fastest and counts the
// messages under a cap within the cap's time.
type pathWalker struct {
	flow   *engine.FlowSpec
	policy string
	cap    engine.CapSpec
	most   int
	paths  int
}

func (w *pathWalker) walk(step int, now engine.Span, sent []engine.Span) {
	for step != engine.EndOfFlow {
		s := &w.flow.Steps[step]
		switch {
		case s.Wait != nil:
			span, fixed := s.Wait.For.Fixed()
			if !fixed {
				now += engine.Span(s.Wait.For.BusinessDays) * engine.Day
			}
			now += engine.Span(span.Milliseconds())
		case s.Send != nil && s.Send.Channel == w.cap.Channel && s.Send.Policy == w.policy && !s.Send.Transactional:
			sent = append(sent[:len(sent):len(sent)], now)
			w.count(sent)
		case s.Branch != nil:
			for _, c := range s.Branch.Cases {
				if w.paths++; w.paths > maxPaths {
					return
				}
				w.walk(c.First, now, sent)
			}
			step = s.Branch.Otherwise
			continue
		case s.Kind == engine.ExitStep:
			return
		}
		step = s.Next
	}
}

// count looks at the last messages that lie within the cap's time.
func (w *pathWalker) count(sent []engine.Span) {
	last := sent[len(sent)-1]
	n := 0
	for _, at := range sent {
		if last-at < w.cap.Per {
			n++
		}
	}
	w.most = max(w.most, n)
}
