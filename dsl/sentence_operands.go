package dsl

import (
	"slices"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/ast"

	"github.com/seed-456efde2/nurture/engine"
)

// Operand is a fact that a condition reads, in a person's words, with what the
// condition compares it with.
type Operand struct {
	Key   string // engine.Key.String()
	Label string // 従業員数, "employees"
	Op    string // "≥", "=", "∈"; "" where it is not compared with a constant
	Bound string // "100", "'saas' or 'retail'"
	// Values are the constants themselves: what would have to stand there for the
	// comparison to hold at its edge. None where that cannot be said.
	Values []engine.Value
}

// Operands are the facts that a condition reads, in the order in which they are
// written, each once. Of a condition that has no words they are its keys.
func Operands(e engine.Expr, lang string) []Operand {
	var list []Operand
	if c, ok := e.(*cond); ok {
		w := operandWalk{speaker: speaker{c.sc, lang}, reads: c.reads}
		w.node(c.root, false)
		list = w.list
	}
	for _, k := range e.Reads() {
		if name := k.String(); !slices.ContainsFunc(list, func(o Operand) bool { return o.Key == name }) {
			list = append(list, Operand{Key: name, Label: k.Written()})
		}
	}
	return list
}

// operandWalk collects the operands of a condition.
type operandWalk struct {
	speaker
	reads []engine.Key
	list  []Operand
}

func (w *operandWalk) add(o Operand) {
	known := slices.ContainsFunc(w.reads, func(k engine.Key) bool { return k.String() == o.Key })
	if !known || slices.ContainsFunc(w.list, func(p Operand) bool { return p.Key == o.Key && p.Op == o.Op && p.Bound == o.Bound }) {
		return
	}
	w.list = append(w.list, o)
}

// node walks a part of a condition; not tells that it stands under an odd number of
// negations.
func (w *operandWalk) node(n ast.Node, not bool) {
	switch n := n.(type) {
	case *ast.UnaryNode:
		w.node(n.Node, not != (n.Operator == "not" || n.Operator == "!"))
	case *ast.BinaryNode:
		w.binary(n, not)
	case *ast.ConditionalNode:
		w.node(n.Cond, false)
		w.node(n.Exp1, not)
		w.node(n.Exp2, not)
	case *ast.MemberNode, *ast.IdentifierNode:
		w.fact(n, "", "", engine.FlagValue(!not))
	case *ast.CallNode:
		w.call(n, not)
	}
}

// signs are the comparisons as people write them.
var signs = map[string][2]string{
	">=": {"≥", "<"}, ">": {">", "≤"}, "<=": {"≤", ">"}, "<": {"<", "≥"}, "==": {"=", "≠"}, "!=": {"≠", "="},
}

func (w *operandWalk) binary(n *ast.BinaryNode, not bool) {
	left, right, op := n.Left, n.Right, n.Operator
	if isLiteral(left) && !isLiteral(right) && mirrored[op] != "" {
		left, right, op = right, left, mirrored[op]
	}
	pick := 0
	if not {
		pick = 1
	}
	switch sign, compared := signs[op]; {
	case compared && isLiteral(right):
		w.compared(left, right, sign[pick], op, not)
	case op == "in":
		w.among(n, not)
	case op == "contains" || op == "startsWith" || op == "endsWith" || op == "matches":
		w.fact(inner(left), "", "")
	default:
		w.node(n.Left, not)
		w.node(n.Right, not)
	}
}

// compared adds a fact that is compared with a constant.
func (w *operandWalk) compared(left, right ast.Node, sign, op string, not bool) {
	v := w.constant(right)
	if v.Kind() == engine.Flag {
		w.node(left, not != (v.Flag() != (op == "==")))
		return
	}
	w.fact(inner(left), sign, w.value(left, right), edge(v, sign)...)
}

// edge are the constants with which a comparison just holds.
func edge(v engine.Value, sign string) []engine.Value {
	n := v.Number()
	switch {
	case v.Kind() == engine.Text && sign == "=":
		return []engine.Value{v}
	case v.Kind() != engine.Number:
		return nil
	case sign == ">":
		return []engine.Value{engine.NumberValue(n + 1)}
	case sign == "<":
		return []engine.Value{engine.NumberValue(n - 1)}
	case sign == "≠":
		return nil
	}
	return []engine.Value{v}
}

func (w *operandWalk) among(n *ast.BinaryNode, not bool) {
	array, ok := n.Right.(*ast.ArrayNode)
	if !ok {
		w.node(n.Left, not)
		return
	}
	var words []string
	var values []engine.Value
	for _, e := range array.Nodes {
		words = append(words, w.value(n.Left, e))
		if v := w.constant(e); !v.IsNone() && !not {
			values = append(values, v)
		}
	}
	sign := "∈"
	if not {
		sign = "∉"
	}
	w.fact(inner(n.Left), sign, w.alternatives(words), values...)
}

// inner is the fact behind what only writes it otherwise or stands in for it.
func inner(n ast.Node) ast.Node {
	switch x := n.(type) {
	case *ast.BinaryNode:
		if x.Operator == "??" {
			return inner(x.Left)
		}
	case *ast.CallNode:
		if name, ok := x.Callee.(*ast.IdentifierNode); ok && len(x.Arguments) > 0 {
			switch name.Value {
			case "round", "floor", "ceil", "lower", "upper", "trim", "label", "len":
				return inner(x.Arguments[0])
			}
		}
	}
	return n
}

// call walks a function: of the lead's history, or of values.
func (w *operandWalk) call(n *ast.CallNode, not bool) {
	if name, args := callParts(n); name != "" && w.keyOf(name, args) != "" {
		w.fact(n, "", "")
		return
	}
	for _, a := range n.Arguments {
		w.node(a, not)
	}
}

// fact adds a fact by the node that names it.
func (w *operandWalk) fact(n ast.Node, sign, bound string, values ...engine.Value) {
	o := Operand{Op: sign, Bound: bound, Values: values}
	switch x := n.(type) {
	case *ast.MemberNode:
		space, name := memberNames(x)
		o.Key, o.Label = space+"."+name, w.operand(x)
		switch {
		case space == "segment" && w.sc.Segments[name] != nil:
			o.Label = w.label(w.sc.Segments[name])
		case space == "consent" && w.sc.Consents[name] != nil:
			o.Label = w.label(w.sc.Consents[name])
		}
	case *ast.IdentifierNode:
		o.Key, o.Label = x.Value, w.operand(x)
		if x.Value == "stage" {
			o.Key = "lead.stage"
		}
	case *ast.CallNode:
		name, args := callParts(x)
		if o.Key = w.keyOf(name, args); o.Key == "" {
			w.call(x, false)
			return
		}
		o.Label = w.callLabel(name, args)
	default:
		w.node(n, false)
		return
	}
	w.add(o)
}

// keyOf is the key of what a call reads, "" where it reads nothing of the lead.
func (w *operandWalk) keyOf(name string, args []string) string {
	family := name
	if name == "did" || name == "never" {
		family = "times"
	}
	prefix := family + ":" + strings.Join(args, ":")
	for _, k := range w.reads {
		if text := k.String(); text == prefix || len(args) > 1 && k.Window > 0 && sameWindow(prefix, k) {
			return text
		}
	}
	return ""
}

// sameWindow compares a window as it is written ('168h') with a key's.
func sameWindow(written string, k engine.Key) bool {
	at := strings.LastIndexByte(written, ':')
	span := written[at+1:]
	if len(span) < 2 {
		return false
	}
	n, err := strconv.Atoi(span[:len(span)-1])
	whole := k.String()
	return err == nil && engine.Span(n)*windowUnits[span[len(span)-1]] == k.Window && written[:at] == whole[:strings.LastIndexByte(whole, ':')]
}

// callLabel names what a call reads.
func (w *operandWalk) callLabel(name string, args []string) string {
	short, _ := strings.CutPrefix(name, accountSpace+".")
	switch short {
	case "at", "in_workflow":
		return w.flow(args)
	case "tossed_up":
		if t := w.sc.TossUps[args[0]]; t != nil {
			return w.label(t)
		}
	case "sent":
		return w.within("sent by {0}", "{1}の{0}の送信", args[0], args)
	case "skipped":
		return w.say("skipped by {0}", "{0}の見送り", strings.Join(args, ": "))
	case "shown":
		return args[0]
	}
	text := w.within("{0}", "{1}の{0}", w.event(args), args)
	if short != name {
		return w.say("{0} of its account", "アカウントの{0}", text)
	}
	return text
}

// constant is the value of a literal.
func (w *operandWalk) constant(n ast.Node) engine.Value {
	switch n := n.(type) {
	case *ast.IntegerNode:
		return engine.NumberValue(float64(n.Value))
	case *ast.FloatNode:
		return engine.NumberValue(n.Value)
	case *ast.StringNode:
		return engine.TextValue(n.Value)
	case *ast.BoolNode:
		return engine.FlagValue(n.Value)
	case *ast.MemberNode:
		if space, name := memberNames(n); space == "const" {
			return w.sc.Consts[name]
		}
	}
	return engine.Value{}
}
