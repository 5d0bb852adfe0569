package dsl

import (
	"math"
	"reflect"

	"github.com/expr-lang/expr/ast"
)

// opKind is the kind of value that a part of an expression gives.
type opKind uint8

// The kinds. A badKind has been reported; whatever it is part of keeps quiet.
const (
	badKind opKind = iota
	textKind
	numberKind
	flagKind
	timeKind
	listKind
	nilKind
)

var kindPhrases = [...]Doc{
	{"something", "何か"},
	{"a text", "文字列"},
	{"a number", "数値"},
	{"a yes or no", "はい／いいえ"},
	{"a time", "日時"},
	{"a list", "リスト"},
	{"nil", "nil"},
}

func (k opKind) phrase() Doc { return kindPhrases[k] }

// operand is what is known about a part of an expression before anything runs,
// and what is evaluated in its place.
type operand struct {
	kind  opKind
	node  ast.Node    // of the library's; reads the flat map of facts
	known any         // string, float64 or bool where it is the same for everybody
	fixed bool        // known because of a const: no sign of a slip
	empty bool        // may be empty
	blank bool        // an empty text in it counts as empty
	lo    float64     // numbers: never less
	hi    float64     // numbers: never more
	vocab *vocabulary // texts: the values there are
	fact  string      // flat key, where it is a fact and nothing more
	truth *truth      // flags: for which values of which fact it is true
	// certain is a flag that is a yes or a no when it is evaluated, come what may.
	certain bool
	// all and any are the facts' values that a chain of and, or of or, allows.
	all, any []*truth
}

// vocabulary is the closed set of values of a text.
type vocabulary struct {
	code   string // of the problem that another value is
	name   string // of the fact, as the marketer writes it
	values []string
}

// bad is an operand that has been reported.
var bad = operand{kind: badKind}

// bounded is an operand with the bounds of a number that nothing is known about.
func bounded(o operand) operand {
	o.lo, o.hi = math.Inf(-1), math.Inf(1)
	return o
}

// constant is an operand that is the same for everybody.
func constant(v any) operand {
	o := bounded(operand{node: literalNode(v), known: v})
	switch v := v.(type) {
	case string:
		o.kind = textKind
	case float64:
		o.kind, o.lo, o.hi = numberKind, v, v
	case bool:
		o.kind = flagKind
	}
	return o
}

// literalNode is a value in the library's tree. It is boxed here once, so that
// evaluating it allocates nothing.
func literalNode(v any) ast.Node {
	if v == nil {
		return &ast.NilNode{}
	}
	n := &ast.ConstantNode{Value: v}
	n.SetType(reflect.TypeOf(v))
	return n
}

var boolType = reflect.TypeFor[bool]()

// callNode evaluates a pure function of ours. The library calls functions of
// these types without reflection and without allocating:
//
//	func(any) any, func(any) bool, func(any, any) any, func(any, any) bool
//
// Comparisons are such functions, not the library's operators, because ours give
// "no" where a value is missing or of another kind, where the library's panic.
func callNode(f any, args ...ast.Node) ast.Node {
	callee := &ast.ConstantNode{Value: f}
	callee.SetType(reflect.TypeOf(f))
	n := &ast.CallNode{Callee: callee, Arguments: args}
	if out := callee.Type().Out(0); out.Kind() == reflect.Bool {
		n.SetType(boolType)
	}
	return n
}

// test is a question about one operand.
func test(f func(any) bool, x operand) operand {
	o := bounded(operand{kind: flagKind, fixed: x.fixed, certain: true})
	if x.known != nil {
		o.known = f(x.known)
		o.node = literalNode(o.known)
		return o
	}
	o.node = callNode(f, x.node)
	return o
}

// test2 is a question about two operands.
func test2(f func(a, b any) bool, x, y operand) operand {
	o := bounded(operand{kind: flagKind, fixed: x.fixed || y.fixed, certain: true})
	if x.known != nil && y.known != nil {
		o.known = f(x.known, y.known)
		o.node = literalNode(o.known)
		return o
	}
	o.node = callNode(f, x.node, y.node)
	return o
}

// value is a value computed from one operand. It is empty where the operand is.
func value(kind opKind, f func(any) any, x operand) operand {
	o := bounded(operand{kind: kind, fixed: x.fixed, empty: x.empty, blank: kind == textKind})
	if x.known != nil {
		if v := f(x.known); v != nil {
			c := constant(v)
			c.fixed = x.fixed
			return c
		}
	}
	o.node = callNode(f, x.node)
	return o
}

// value2 is a value computed from two operands.
func value2(kind opKind, f func(a, b any) any, x, y operand) operand {
	o := bounded(operand{kind: kind, fixed: x.fixed || y.fixed, empty: x.empty || y.empty, blank: kind == textKind})
	if x.known != nil && y.known != nil {
		if v := f(x.known, y.known); v != nil {
			c := constant(v)
			c.fixed = o.fixed
			return c
		}
	}
	o.node = callNode(f, x.node, y.node)
	return o
}
