package dsl

import (
	"github.com/hashicorp/hcl/v2"

	"github.com/seed-456efde2/nurture/engine"
)

// workflow compiles a workflow into one list of steps.
func (b *builder) workflow(n *node) engine.FlowSpec {
	f := &flow{b: b, node: n, places: map[*node]int{}}
	f.compile()
	b.counts.Workflows++
	b.counts.Steps += len(f.nodes)
	b.tooOften(&f.spec)
	return f.spec
}

// flow compiles one workflow. Its steps are laid out in the order in which they
// are read, those of a branch's ways included; then each is told where the lead
// goes next; then the ways through it are walked.
type flow struct {
	b       *builder
	node    *node
	spec    engine.FlowSpec
	nodes   []*node       // of spec.Steps
	places  map[*node]int // index in spec.Steps
	guarded bool          // a consent is asked for on the way in
	asking  []int         // sends that need a consent on their way
}

func (f *flow) compile() {
	n, b := f.node, f.b
	f.spec = engine.FlowSpec{
		Name: n.label, Label: n.info().Label, Owner: n.text("owner"), Place: placeOf(n.place()),
		Holdout: n.number("holdout"), Priority: int(n.number("priority")), Lane: f.lane(),
		Pause: engine.PauseSpec{Overdue: onBlocked(n.text("overdue"))},
	}
	if n.text("on_pause") == "run" {
		f.spec.Pause.Clock = engine.ClockRuns
	}
	if a := n.get("in_flight"); a != nil && a.text == "finish" {
		b.r.add(codeFinish, a.place(), a.in(), n.label)
	}
	f.enter()
	f.reEnter()
	for _, k := range n.all("goal") {
		f.spec.Goals = append(f.spec.Goals, engine.GoalSpec{
			Name: k.label, On: k.ref("on"), Within: k.span("within"),
			When: b.conds(k.get("when"), b.eventScope(readsFlow, k.ref("on"))),
		})
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
	f.connect(steps.kids, engine.EndOfFlow)
	f.unreachable(steps.kids)
	f.circles()
	f.consents()
	f.moved()
}

// number is a sound number, or 0.
func (n *node) number(name string) float64 {
	if a := n.get(name); a != nil {
		return a.num
	}
	return 0
}

func (f *flow) lane() string {
	a := f.node.get("lane")
	if a == nil {
		return ""
	}
	if !validName(a.text) {
		f.b.r.add(codeBadName, a.place(), a.in(), a.text).suggest(asName(a.text))
	}
	return a.text
}

// lanes finds a lane with one workflow only: most likely a slip in its name.
func (b *builder) lanes() {
	count := map[string]int{}
	for i := range b.spec.Flows {
		count[b.spec.Flows[i].Lane]++
	}
	b.sorted("workflow", func(n *node) {
		a := n.get("lane")
		if a == nil || count[a.text] > 1 {
			return
		}
		others := names(count)
		b.r.add(codeUnusedHalf, a.place(), a.in(), quoted(a.text),
			Doc{"no other workflow is in this lane", "この lane に入っているワークフローがほかにありません"},
			Doc{"Give the other workflow the same lane, or take it away.", "ほかのワークフローにも同じ lane を書くか、取り除いてください。"},
		).suggest(quoted(closestOther(a.text, others)))
	})
}

// closestOther is the nearest of the names that is not the name itself.
func closestOther(name string, all []string) string {
	var others []string
	for _, o := range all {
		if o != name && o != "" {
			others = append(others, o)
		}
	}
	return closest(name, others)
}

// waysIn are the attributes that bring leads in: one of them only.
var waysIn = [...]string{"on", "segment", "leaves"}

func (f *flow) enter() {
	n := f.node.one("enter")
	if n == nil {
		return
	}
	b, e := f.b, &f.spec.Enter
	e.On, e.Leaves = n.ref("on"), n.ref("leaves")
	if n.has("schedule") {
		e.Members = n.ref("segment")
	} else {
		e.Joins = n.ref("segment")
	}
	if a := n.get("schedule"); a != nil {
		e.Schedule = a.occurs
	}
	e.Spread = n.span("spread")
	e.Backfill = n.text("backfill") == "all"
	sc := b.scope.with(readsFlow, nil)
	if e.On != "" {
		sc = b.eventScope(readsFlow, e.On)
	}
	e.When = b.conds(n.get("when"), sc)
	e.Key = f.entryKey(n, sc)
	f.guarded = asksConsent(e.When, b.guards) || b.guards[n.ref("segment")]
	f.enterForm(n)
}

func (f *flow) entryKey(n *node, sc *Scope) engine.Val {
	a := n.get("key")
	if a == nil {
		return nil
	}
	key, found := compileVal(a.lits[0], sc, (*checker).wantKey)
	f.b.r.take(found, a.place(), a.in())
	return key
}

// enterForm sees that a workflow has one way in, and no half of another.
func (f *flow) enterForm(n *node) {
	b := f.b
	var written []string
	for _, name := range waysIn {
		if n.has(name) {
			written = append(written, name)
		}
	}
	if len(written) == 0 {
		b.r.add(codeMissingAttr, n.place(), n.trail(), "enter", "on", "event.…")
	}
	if len(written) > 1 {
		b.exclude(n, written[0], written[1], Doc{
			"A workflow has one way in: an event, or a segment that is joined or left.",
			"入り方はひとつです。イベント、セグメントに加わる（segment）、セグメントから外れる（leaves）のどれかを選んでください。",
		})
	}
	b.pair(n, "schedule", "segment")
	b.pair(n, "spread", "schedule")
	b.pair(n, "backfill", "segment")
	b.pair(n, "key", "on")
	b.exclude(n, "backfill", "schedule", Doc{
		"All members enter at every time of the schedule; there is nobody left to fill in.", "予定の時刻にはセグメントの全員が入ります。backfill は要りません。",
	})
}

func (f *flow) reEnter() {
	n := f.node.one("re_enter")
	if n == nil {
		// A broadcast comes again with its schedule; whoever wants it once in a life
		// says so.
		if f.spec.Enter.Schedule != nil {
			f.spec.ReEnter = &engine.ReEnterSpec{}
		}
		return
	}
	f.spec.ReEnter = &engine.ReEnterSpec{
		After: n.span("after"), AtMost: int(n.number("at_most")), AtOnce: int(n.number("at_once")),
	}
	if a, e := n.attrs["at_once"], f.node.one("enter"); a != nil && e != nil && !e.has("key") {
		f.b.r.add(codeNeeds, a.src.NameRange, n.trail(), "at_once", "enter { key = … }")
	}
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
