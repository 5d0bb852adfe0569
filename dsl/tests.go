package dsl

import (
	"slices"
	"strconv"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/calendar"
)

// Test is a story about one lead on a virtual clock, in the order it is read.
type Test struct {
	Name  string
	Place engine.Place
	Start time.Time      // in the project's zone
	Lead  []engine.Field // attributes at the beginning
	Steps []TestStep
}

// TestStep is one thing that a test does or expects. Exactly one of the fields
// after Place is set.
type TestStep struct {
	Place engine.Place
	Event *TestEvent
	After *TestAfter
	At    time.Time
	Reply *TestReply
	// Expect must hold, all of it, at the moment the story has reached.
	Expect []engine.Cond
}

// TestEvent happens to the lead now.
type TestEvent struct {
	Name   string // declared name
	Wire   string // name on the wire
	Fields []engine.Field
}

// TestAfter lets time pass.
type TestAfter struct {
	Length calendar.Length
}

// TestReply is what a channel answers from now on.
type TestReply struct {
	Channel string
	Outcome engine.Outcome
	Times   int // 0: always; else it is done again afterwards
	Code    string
}

var outcomeWords = map[string]engine.Outcome{
	"done": engine.Done, "retry": engine.Retry, "refused": engine.Refused, "unknown": engine.Unknown,
}

// parseTests reads the test blocks, in order of file and place.
func (b *builder) parseTests() {
	counted := b.counts.Conditions
	for _, n := range b.root.all("test") {
		b.tests = append(b.tests, b.test(n))
	}
	b.counts.Conditions = counted
}

func (b *builder) test(n *node) Test {
	t := Test{Name: n.label, Place: placeOf(n.labelPlace())}
	if a := n.get("start"); a != nil {
		t.Start = a.clock.in(b.scope.Zone)
	}
	if l := n.one("lead"); l != nil {
		t.Lead = b.testFields(l, "lead", b.scope.Attributes)
		b.testRequired(l, b.scope.Attributes)
	}
	s := &story{b: b, test: &t, now: t.Start, known: !t.Start.IsZero()}
	s.body(n)
	if !s.expects {
		b.r.add(codeTestNothing, n.labelPlace(), n.trail())
	}
	return t
}

// story reads a test's body in the order of its lines.
type story struct {
	b       *builder
	test    *Test
	now     time.Time // where the clock stands at the latest
	known   bool
	expects bool
}

// line is an attribute or a block of a body.
type line struct {
	at   hcl.Range
	attr *attribute
	node *node
}

// body reads expect, event, after, at and reply as they follow each other.
func (s *story) body(n *node) {
	var lines []line
	if a := n.attrs["expect"]; a != nil {
		lines = append(lines, line{at: a.src.NameRange, attr: a})
	}
	for _, k := range n.kids {
		if k.spec.Name != "lead" {
			lines = append(lines, line{at: k.block.TypeRange, node: k})
		}
	}
	slices.SortStableFunc(lines, func(a, b line) int { return a.at.Start.Byte - b.at.Start.Byte })
	for _, l := range lines {
		if l.attr != nil {
			s.expect(l.attr)
			continue
		}
		switch l.node.spec.Name {
		case "event":
			s.event(l.node)
		case "reply":
			s.reply(l.node)
		case "after":
			s.after(l.node)
		case "at":
			s.at(l.node)
		}
	}
}

func (s *story) add(step TestStep, n *node) {
	step.Place = placeOf(n.place())
	s.test.Steps = append(s.test.Steps, step)
}

// expect compiles what must hold. Each line is a step of its own, so that the one
// that fails is shown at its place.
func (s *story) expect(a *attribute) {
	s.expects = true
	if !a.ok {
		return
	}
	conds := s.b.conds(a, s.b.scope.with(readsTest, nil))
	s.test.Steps = append(s.test.Steps, TestStep{Place: placeOf(a.src.NameRange), Expect: conds})
}

func (s *story) event(n *node) {
	b := s.b
	info := b.scope.Events[n.label]
	if info == nil {
		known := names(b.scope.Events)
		b.r.add(codeUnknownRef, n.labelPlace(), n.parent.trail(), "event", n.label, hintList(known)).
			suggest(quoted(closest(n.label, known)))
		return
	}
	if root := b.rootEvent(n.label); root != n.label {
		b.r.add(codeTestMoment, n.labelPlace(), n.parent.trail(), n.label, root).also(info.Where)
		return
	}
	e := &TestEvent{Name: n.label, Wire: n.label, Fields: b.testFields(n, n.title(), info.Fields)}
	if d := b.declared["event"][n.label]; d != nil && d.text("name") != "" {
		e.Wire = d.text("name")
	}
	b.testRequired(n, info.Fields)
	s.add(TestStep{Event: e}, n)
}

// testFields reads the values of a lead or an event by their declared kinds.
func (b *builder) testFields(n *node, title string, known map[string]*fieldInfo) []engine.Field {
	var out []engine.Field
	var order []*attribute
	for _, a := range n.attrs {
		order = append(order, a)
	}
	slices.SortFunc(order, func(a, b *attribute) int { return a.src.NameRange.Start.Byte - b.src.NameRange.Start.Byte })
	for _, a := range order {
		f := known[a.spec.Name]
		if f == nil {
			b.r.add(codeUnknownAttr, a.src.NameRange, n.trail(), title, a.spec.Name, hintList(names(known))).
				suggest(closest(a.spec.Name, names(known)))
			continue
		}
		if !a.ok {
			continue
		}
		if v, ok := b.fits(f, a, codeBadDefault); ok {
			out = append(out, engine.Field{Name: f.Name, Value: v})
		}
	}
	return out
}

// testRequired sees that a test gives what identified leads always have.
func (b *builder) testRequired(n *node, known map[string]*fieldInfo) {
	for _, name := range names(known) {
		f := known[name]
		if f.Required && !n.has(name) && name != "created_at" {
			b.r.add(codeTestRequired, n.place(), n.trail(), name, kindExample(f)).also(f.Where)
		}
	}
}

func (s *story) reply(n *node) {
	b := s.b
	if b.declared["channel"][n.label] == nil {
		known := names(b.declared["channel"])
		b.r.add(codeUnknownRef, n.labelPlace(), n.parent.trail(), "channel", n.label, hintList(known)).
			suggest(quoted(closest(n.label, known)))
		return
	}
	r := &TestReply{Channel: n.label, Outcome: outcomeWords[n.text("outcome")], Code: n.text("code")}
	if a := n.get("times"); a != nil {
		r.Times = int(a.num)
	}
	s.add(TestStep{Reply: r}, n)
}

// labelAttribute lets a label be judged as an attribute of a type would be.
func labelAttribute(n *node, t Type) *attribute {
	return &attribute{
		spec: &Attr{Name: n.spec.Name, Type: t}, node: n.parent,
		src:     &hclsyntax.Attribute{Name: n.spec.Name, Expr: &hclsyntax.LiteralValueExpr{SrcRange: n.labelPlace()}},
		decoded: decoded{text: n.label},
	}
}

func (s *story) after(n *node) {
	a := labelAttribute(n, TypeLength)
	d := &decoder{r: s.b.r, eval: s.b.eval}
	if d.lengthOfTime(a) {
		s.now = a.length.After(s.now, s.b.scope.Calendar)
		s.add(TestStep{After: &TestAfter{Length: a.length}}, n)
	}
	s.body(n)
}

func (s *story) at(n *node) {
	a := labelAttribute(n, TypeTime)
	d := &decoder{r: s.b.r, eval: s.b.eval}
	if d.time(a) {
		at := a.clock.in(s.b.scope.Zone)
		if s.known && at.Before(s.now) {
			s.b.r.add(codeTestBack, n.labelPlace(), n.parent.trail(), n.label, s.now.Format("2006-01-02 15:04"))
		}
		s.now, s.known = at, true
		s.add(TestStep{At: at}, n)
	}
	s.body(n)
}

// Label is how a person names the step: "after 5h", "at 2026-10-07 10:00".
func (s *TestStep) Label() string {
	switch {
	case s.After != nil:
		return "after " + s.After.Length.String()
	case !s.At.IsZero():
		return "at " + s.At.Format("2006-01-02 15:04")
	case s.Event != nil:
		return "event " + s.Event.Name
	case s.Reply != nil:
		return "reply " + s.Reply.Channel + " " + s.Reply.Outcome.String()
	}
	return "expect (" + strconv.Itoa(len(s.Expect)) + ")"
}
