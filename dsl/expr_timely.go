package dsl

import (
	"strings"

	"github.com/expr-lang/expr/ast"

	"github.com/seed-456efde2/nurture/engine"
)

// Thresholds implements engine.Timely: with what numbers the condition compares
// facts that move with time. Only comparisons that are joined by and, or and not
// are told exactly; a moving fact anywhere else leaves the engine to search.
func (c *cond) Thresholds() (list []engine.Threshold, exact bool) {
	t := timely{sc: c.sc, exact: true}
	t.question(c.root)
	return t.list, t.exact
}

// timely walks a condition that has been checked.
type timely struct {
	sc    *Scope
	list  []engine.Threshold
	exact bool
}

// question looks at a yes/no question.
func (t *timely) question(n ast.Node) {
	switch n := n.(type) {
	case *ast.UnaryNode:
		t.question(n.Node)
		return
	case *ast.BinaryNode:
		switch plain(n.Operator) {
		case "and", "or":
			t.question(n.Left)
			t.question(n.Right)
		case "in":
			t.among(n)
		default:
			t.comparison(n)
		}
		return
	case *ast.CallNode:
		if t.happened(n) {
			return
		}
	}
	if k, ok := movingFact(n); ok && isFlagKey(k) {
		t.add(k, "==", 1)
		return
	}
	t.rest(n)
}

func (t *timely) add(k engine.Key, op string, value float64) {
	t.list = append(t.list, engine.Threshold{Key: k, Op: op, Value: value})
}

// rest gives up where a moving fact is used in a way that tells no number.
func (t *timely) rest(nodes ...ast.Node) {
	for _, n := range nodes {
		if moves(n) {
			t.exact = false
		}
	}
}

// comparison is a fact beside a number.
func (t *timely) comparison(n *ast.BinaryNode) {
	left, right, op := n.Left, n.Right, n.Operator
	if _, ok := t.number(left); ok {
		left, right, op = right, left, mirrored[op]
	}
	k, moving := movingFact(left)
	value, constant := t.number(right)
	if !moving || !constant || !comparesNumbers[op] {
		t.rest(left, right)
		return
	}
	t.add(k, op, value)
}

// comparesNumbers are the operators of a Threshold.
var comparesNumbers = map[string]bool{"<": true, "<=": true, ">": true, ">=": true, "==": true, "!=": true}

// among is a fact in a list of numbers: its answer changes at each of them.
func (t *timely) among(n *ast.BinaryNode) {
	k, moving := movingFact(n.Left)
	list, _ := n.Right.(*ast.ArrayNode)
	if !moving || list == nil {
		t.rest(n.Left)
		return
	}
	for _, e := range list.Nodes {
		value, ok := t.number(e)
		if !ok {
			t.exact = false
			return
		}
		t.add(k, "==", value)
	}
}

// happened is did('…', '7d') or never('…', '7d').
func (t *timely) happened(n *ast.CallNode) bool {
	name, args := callParts(n)
	op, ok := map[string]string{"did": ">", "never": "==", "account.did": ">", "account.never": "=="}[name]
	if !ok {
		return false
	}
	if k := windowedKey(timesKey(name), args); k.MovesWithTime() {
		t.add(k, op, 0)
	}
	return true
}

// timesKey is the family of facts that a call counts: the lead's or its account's.
func timesKey(call string) engine.KeyKind {
	if strings.HasPrefix(call, accountSpace+".") {
		return engine.KeyAccountTimes
	}
	return engine.KeyTimes
}

func windowedKey(kind engine.KeyKind, args []string) engine.Key {
	k := engine.Key{Kind: kind, Name: args[0]}
	if len(args) > 1 {
		k.Window, _ = parseWindow(args[1])
	}
	return k
}

// number is what a part of the condition comes to when it is the same for
// everybody: a number, a const, a yes or no, and what is computed from them.
func (t *timely) number(n ast.Node) (float64, bool) {
	switch n := n.(type) {
	case *ast.IntegerNode:
		return float64(n.Value), true
	case *ast.FloatNode:
		return n.Value, true
	case *ast.BoolNode:
		if n.Value {
			return 1, true
		}
		return 0, true
	case *ast.UnaryNode:
		x, ok := t.number(n.Node)
		if n.Operator == "-" {
			x = -x
		}
		return x, ok && (n.Operator == "-" || n.Operator == "+")
	case *ast.MemberNode:
		if space, name := memberNames(n); space == "const" {
			v := t.sc.Consts[name]
			return v.Number(), v.Kind() == engine.Number
		}
	case *ast.BinaryNode:
		f := arithmetic[n.Operator]
		x, okX := t.number(n.Left)
		y, okY := t.number(n.Right)
		if f != nil && okX && okY {
			out, ok := f(x, y).(float64)
			return out, ok
		}
	}
	return 0, false
}

// moves reports whether a fact that moves with time stands anywhere in n.
func moves(n ast.Node) bool {
	m := &mover{}
	ast.Walk(&n, m)
	return m.found
}

type mover struct{ found bool }

// Visit implements ast.Visitor.
func (m *mover) Visit(n *ast.Node) {
	if _, ok := movingFact(*n); ok {
		m.found = true
	}
	c, ok := (*n).(*ast.CallNode)
	if !ok {
		return
	}
	name, args := callParts(c)
	switch name {
	case "did", "never", "account.did", "account.never":
		m.found = m.found || windowedKey(timesKey(name), args).MovesWithTime()
	case "": // what it asks for is not written out: a const, for instance
		callee, _ := c.Callee.(*ast.IdentifierNode)
		m.found = m.found || (callee != nil && factCalls[callee.Value] != "" || accountCallee(c) != "")
	}
}

// movingFact is the key of a node that is a fact and moves with time.
func movingFact(n ast.Node) (engine.Key, bool) {
	k := factKey(n)
	return k, k.Kind != 0 && k.MovesWithTime()
}

// movingWords are the facts without a dot that move.
var movingWords = map[string]engine.KeyKind{
	"now": engine.KeyNow, "weekday": engine.KeyWeekday, "hour": engine.KeyHour, "business_day": engine.KeyBusinessDay,
}

func factKey(n ast.Node) engine.Key {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		return engine.Key{Kind: movingWords[n.Value]}
	case *ast.MemberNode:
		space, name := memberNames(n)
		kind := map[string]engine.KeyKind{
			"score": engine.KeyScore, "segment": engine.KeySegment, "consent": engine.KeyConsent,
		}[space]
		if kind != 0 {
			return engine.Key{Kind: kind, Name: name}
		}
	case *ast.CallNode:
		name, args := callParts(n)
		kind := map[string]engine.KeyKind{
			"times": engine.KeyTimes, "sent": engine.KeySent, "since": engine.KeySince,
			"account.times": engine.KeyAccountTimes, "account.since": engine.KeyAccountSince,
		}[name]
		if kind != 0 {
			return windowedKey(kind, args)
		}
	}
	return engine.Key{}
}

// isFlagKey reports a fact that is a yes or no.
func isFlagKey(k engine.Key) bool {
	return k.Kind == engine.KeySegment || k.Kind == engine.KeyConsent || k.Kind == engine.KeyBusinessDay
}
