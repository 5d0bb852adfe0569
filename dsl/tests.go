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
	Name   string
	Place  engine.Place
	Start  time.Time      // in the project's zone
	Lead   []engine.Field // attributes at the beginning
	Steps  []TestStep
	Others int // other leads who live the same story, each a moment before this one
	// Never must not hold at any moment, of this story and of Streams generated
	// ones of length Over; empty where the test has no such thing.
	Never   []engine.Cond
	Streams int
	Over    calendar.Length
}

// TestStep is one thing that a test does or expects. Exactly one of the fields
// after Place is set.
type TestStep struct {
	Place engine.Place
	Event *TestEvent
	After *TestAfter
	At    time.Time
	Reply *TestReply
	// Correct says what is true of an event of the story after all.
	Correct *TestCorrect
	// Colleague is what another lead of the account does now.
	Colleague *TestColleague
	// Account is what becomes known of the lead's account now; not nil even when empty.
	Account []engine.Field
	// Identify are attributes that become known now; not nil even when empty.
	Identify []engine.Field
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

// maxOthers bounds the other leads of a test.
const maxOthers = 1000

// test reads a test block: one test, or one for each of its cases.
func (b *builder) test(n *node) []Test {
	t := Test{Name: n.label, Place: placeOf(n.labelPlace())}
	if a := n.get("start"); a != nil {
		t.Start = a.clock.in(b.scope.Zone)
	}
	l := n.one("lead")
	if l != nil {
		t.Lead = b.testFields(l, "lead", b.scope.Attributes)
	}
	if a := n.get("others"); a != nil {
		t.Others = min(int(a.num), maxOthers)
		if a.num > maxOthers {
			b.r.add(codeBadDefault, a.place(), n.trail("others"), "others", Doc{"a whole number from 1 to 1000", "1から1000までの整数"}, strconv.Itoa(int(a.num)), "10")
		}
	}
	b.never(n, &t)
	s := &story{b: b, test: &t, now: t.Start, known: !t.Start.IsZero(), expects: len(t.Never) > 0}
	s.body(n)
	cases := n.all("case")
	if l != nil && len(cases) == 0 {
		b.testRequired(l, b.scope.Attributes)
	}
	var tests []Test
	for _, k := range cases {
		tests = append(tests, b.testCase(n, k, *s))
		s.expects = true // each case is asked for itself
	}
	if !s.expects {
		b.r.add(codeTestNothing, n.labelPlace(), n.trail())
	}
	if len(cases) == 0 {
		return []Test{t}
	}
	return tests
}

// testCase is a test's story with the case's lead, going on as the case says.
func (b *builder) testCase(n, k *node, s story) Test {
	t := *s.test
	t.Name, t.Place = n.label+": "+k.label, placeOf(k.labelPlace())
	t.Lead, t.Steps = slices.Clone(t.Lead), slices.Clone(t.Steps)
	own := map[string]bool{}
	if l := k.one("lead"); l != nil {
		for _, f := range b.testFields(l, "lead", b.scope.Attributes) {
			own[f.Name] = true
			t.Lead = append(slices.DeleteFunc(t.Lead, func(have engine.Field) bool { return have.Name == f.Name }), f)
		}
	}
	for _, name := range names(b.scope.Attributes) {
		f := b.scope.Attributes[name]
		if l := n.one("lead"); f.Required && name != "created_at" && !own[name] && l != nil && !l.has(name) {
			b.r.add(codeTestRequired, k.place(), k.trail(), name, kindExample(f)).also(f.Where)
		}
	}
	s.test = &t
	asked := s.expects
	s.expects = false
	s.body(k)
	if !s.expects && !asked {
		b.r.add(codeTestNothing, k.labelPlace(), k.trail())
	}
	return t
}

// never reads what must not hold at any moment.
func (b *builder) never(n *node, t *Test) {
	a := n.get("never")
	if a == nil {
		for _, name := range []string{"streams", "over"} {
			if extra := n.attrs[name]; extra != nil {
				b.r.add(codeMissingAttr, extra.place(), n.trail(), "test", "never", `["sent('mail', '1d') > 2"]`)
			}
		}
		return
	}
	t.Never = b.conds(a, b.scope.with(readsTest, nil))
	t.Streams, t.Over = 200, calendar.Length{Span: 60 * 24 * time.Hour}
	if s := n.get("streams"); s != nil {
		t.Streams = int(s.num)
	}
	if o := n.get("over"); o != nil {
		t.Over = o.length
	}
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
		if k.spec.Name != "lead" && k.spec.Name != "case" {
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
		case "identify":
			fields := s.b.testFields(l.node, "identify", s.b.scope.Attributes)
			s.add(TestStep{Identify: append([]engine.Field{}, fields...)}, l.node)
		case "correct":
			s.correct(l.node)
		case "colleague":
			s.colleague(l.node)
		case accountSpace:
			s.company(l.node)
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
	if e := s.happening(n); e != nil {
		s.add(TestStep{Event: e}, n)
	}
}

// happening reads an event, nil when it is none.
func (s *story) happening(n *node) *TestEvent {
	b := s.b
	info := b.scope.Events[n.label]
	if info == nil {
		known := names(b.scope.Events)
		b.r.add(codeUnknownRef, n.labelPlace(), n.parent.trail(), "event", n.label, hintList(known)).
			suggest(quoted(closest(n.label, known)))
		return nil
	}
	if root := b.rootEvent(n.label); root != n.label {
		b.r.add(codeTestMoment, n.labelPlace(), n.parent.trail(), n.label, root).also(info.Where)
		return nil
	}
	e := &TestEvent{Name: n.label, Wire: n.label, Fields: b.testFields(n, n.title(), info.Fields)}
	if d := b.declared["event"][n.label]; d != nil && d.text("name") != "" {
		e.Wire = d.text("name")
	}
	b.testRequired(n, info.Fields)
	return e
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
	case s.Identify != nil:
		return "identify"
	case s.Correct != nil:
		return "correct " + s.Correct.Event.Name
	case s.Colleague != nil:
		return "colleague " + s.Colleague.Name
	case s.Account != nil:
		return accountSpace
	case s.Reply != nil:
		return "reply " + s.Reply.Channel + " " + s.Reply.Outcome.String()
	}
	return "expect (" + strconv.Itoa(len(s.Expect)) + ")"
}
