package dsl

import (
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"

	"github.com/seed-456efde2/nurture/engine"
)

// checker looks at every node of an expression: it allows only what the language
// has, resolves every name, knows the kind of every part, and builds what is
// evaluated in its place. It reads the marketer's tree and makes a new one of
// three things only: flat facts, constants and calls of our own functions, joined
// by the library's and, or, not and ?:.
type checker struct {
	*parsed
	found
	sc     *Scope
	locals []string // variables of {{ for }}
	reads  map[engine.Key]bool

	figures []string            // what it reads that is no fact of a lead
	wants   map[ast.Node]opKind // of what kind each payload.* is to be
}

func (c *checker) report(code string, n ast.Node, args ...any) *problem {
	start, end := c.byteSpan(c.extent(n))
	return c.add(code, c.src.place(start, end), args...)
}

func (c *checker) reportAt(code string, loc file.Location, args ...any) *problem {
	start, end := c.byteSpan(loc)
	return c.add(code, c.src.place(start, end), args...)
}

// text is a part of the expression as the marketer wrote it.
func (c *checker) text(n ast.Node) string { return c.words(c.extent(n)) }

// extent is where a node stands, all of it; brackets around it don't belong.
func (c *checker) extent(n ast.Node) file.Location {
	loc := n.Location()
	switch n := n.(type) {
	case *ast.BinaryNode:
		return cover(c.extent(n.Left), loc, c.extent(n.Right))
	case *ast.UnaryNode:
		return cover(loc, c.extent(n.Node))
	case *ast.MemberNode:
		return cover(c.extent(n.Node), loc, c.extent(n.Property))
	case *ast.ChainNode:
		return c.extent(n.Node)
	case *ast.ConditionalNode:
		return cover(c.extent(n.Cond), c.extent(n.Exp2))
	case *ast.ArrayNode:
		return c.callEnd(file.Location{From: loc.From, To: loc.From})
	case *ast.CallNode:
		all := []file.Location{c.callEnd(c.extent(n.Callee))}
		for _, a := range n.Arguments {
			all = append(all, c.extent(a))
		}
		return cover(all...)
	}
	return loc
}

func cover(locs ...file.Location) file.Location {
	out := locs[0]
	for _, l := range locs[1:] {
		out.From, out.To = min(out.From, l.From), max(out.To, l.To)
	}
	return out
}

// visit checks a node and says what is known about it.
func (c *checker) visit(n ast.Node) operand {
	switch n := n.(type) {
	case *ast.BoolNode:
		return constant(n.Value)
	case *ast.StringNode:
		return constant(n.Value)
	case *ast.IntegerNode:
		return c.number(n, float64(n.Value))
	case *ast.FloatNode:
		return c.number(n, n.Value)
	case *ast.NilNode:
		return operand{kind: nilKind, node: n}
	case *ast.IdentifierNode:
		return c.word(n)
	case *ast.MemberNode:
		return c.member(n)
	case *ast.CallNode:
		return c.call(n)
	case *ast.UnaryNode:
		return c.unary(n)
	case *ast.BinaryNode:
		return c.binary(n)
	case *ast.ConditionalNode:
		return c.conditional(n)
	}
	return c.foreign(n)
}

// maxExact is the greatest number up to which whole numbers are exact.
const maxExact = 1<<53 - 1

func (c *checker) number(n ast.Node, v float64) operand {
	if v > maxExact {
		c.report("N137", n, c.text(n))
		return bad
	}
	return constant(v)
}

// advice is what to write instead of what the language does not have.
var advice = map[string]Doc{
	"b''":  {"Texts stand in single quotes: '部長'.", "文字列は '部長' のように引用符で囲みます。"},
	"if":   {"Write cond ? a : b.", "「条件 ? a : b」と書いてください。"},
	"else": {"Write cond ? a : b.", "「条件 ? a : b」と書いてください。"},
	"let":  {"Write the expression out where it is needed, or give it a name with a segment.", "式をその場に書くか、segment として名前を付けてください。"},
	"#":    {"There are no lists to go through; comments begin with //.", "リストの要素を参照する記号は使えません。コメントは // で始めます。"},
	";":    {"Join two conditions with and, or write a list of strings.", "二つの条件は and でつなぐか、リストにしてください。"},
	".":    {"Write the name out: lead.title.", "lead.title のように名前から書いてください。"},
	"[ ]":  {"Write the name after a dot: lead.title. A list stands only after in: x in ['a', 'b'].", "名前は lead.title のように点でつなぎます。リストは x in ['a', 'b'] のように in の後ろにだけ書けます。"},
	"{ }":  {"Compare the facts one by one.", "事実をひとつずつ比べてください。"},
	"?.":   {"Write lead.title; what may be empty is said with ??.", "lead.title と書きます。空のときの値は ?? で示します。"},
	"?:":   {"Write cond ? a : b, or a ?? b for what may be empty.", "「条件 ? a : b」、または空のときの値を a ?? b と書いてください。"},
	"..":   {"Write x >= 1 and x <= 5.", "x >= 1 and x <= 5 と書いてください。"},
	"%":    {"Only + - * / are there to compute with.", "計算には + - * / だけが使えます。"},
	"call": {"Write the function first: lower(lead.title).", "lower(lead.title) のように関数を先に書いてください。"},
}

// foreign reports a node that the library has and the language has not.
func (c *checker) foreign(n ast.Node) operand {
	what := "[ ]"
	switch n := n.(type) {
	case *ast.ChainNode:
		what = "?."
	case *ast.MapNode, *ast.PairNode:
		what = "{ }"
	case *ast.SequenceNode:
		what = ";"
	case *ast.VariableDeclaratorNode:
		what = "let"
	case *ast.BytesNode:
		what = "b''"
	case *ast.PredicateNode, *ast.PointerNode:
		what = "#"
	case *ast.BuiltinNode:
		c.reportAt("N113", n.Location(), n.Name, functionList())
		return bad
	}
	c.reportAt("N110", n.Location(), what, advice[what])
	return bad
}

func (c *checker) unary(n *ast.UnaryNode) operand {
	if b, ok := n.Node.(*ast.BinaryNode); ok && n.Operator == "not" && n.Location() == b.Location() {
		return c.compare(b, true) // `x not in …`: a comparison of its own
	}
	x := c.visit(n.Node)
	if x.kind == badKind {
		return bad
	}
	switch n.Operator {
	case "!", "not":
		if x.kind != flagKind {
			c.misfit(n.Location(), "not", flagKind, n.Node, x,
				Doc{
					"Write not in front of a whole comparison: not (lead.title == '部長'), or x not in ['a', 'b'].",
					"not は比較全体の前に書きます: not (lead.title == '部長')、または x not in ['a', 'b']",
				})
			return bad
		}
		return negated(x)
	}
	if x.kind != numberKind {
		c.misfit(n.Location(), n.Operator, numberKind, n.Node, x, helpKinds)
		return bad
	}
	if x.empty {
		c.mayBeEmpty(n.Node, x)
		return bad
	}
	if n.Operator == "+" {
		return x
	}
	return c.computed("-", constant(0.0), x)
}

var helpKinds = Doc{"Use it on values of the right kind.", "種類の合う値に使ってください。"}

// misfit reports an operator on a value of the wrong kind.
func (c *checker) misfit(loc file.Location, op string, want opKind, n ast.Node, got operand, help Doc) *problem {
	return c.reportAt("N125", loc, op, want.phrase(), c.text(n), got.kind.phrase(), help)
}

// mayBeEmpty reports a value that may be empty where that cannot be borne.
func (c *checker) mayBeEmpty(n ast.Node, x operand) {
	sample := map[opKind]string{textKind: "''", numberKind: "0", flagKind: "false", timeKind: "now"}[x.kind]
	fix := "(" + c.text(n) + " ?? " + sample + ")"
	c.report("N130", n, c.text(n), sample).Suggest = fix
}

// negated is the opposite of a flag. An empty flag is "no", so its opposite is
// "yes".
func negated(x operand) operand {
	x = asked(x)
	o := bounded(operand{kind: flagKind, fixed: x.fixed, certain: true})
	if b, ok := x.known.(bool); ok {
		o.known, o.node = !b, literalNode(!b)
		return o
	}
	not := &ast.UnaryNode{Operator: "not", Node: x.node}
	not.SetType(boolType)
	o.node = not
	if x.truth != nil {
		o = o.answering(x.truth.not())
	}
	return o
}

// answering notes for which values of one fact the flag is true.
func (o operand) answering(t *truth) operand {
	o.truth = t
	o.all, o.any = []*truth{t}, []*truth{t}
	return o
}

// asked is a flag as the answer to a question: an empty one is "no". Facts that
// come from outside may be missing whatever was declared.
func asked(x operand) operand {
	if !x.certain && x.known == nil {
		x.node = callNode(isTrue, x.node)
	}
	x.empty, x.certain = false, true
	return x
}

func (c *checker) binary(n *ast.BinaryNode) operand {
	switch n.Operator {
	case "and", "&&":
		if c.isChain(n) && !c.simpleChain(n) {
			return bad
		}
		return c.logic(n, "and")
	case "or", "||":
		return c.logic(n, "or")
	case "??":
		return c.coalesce(n)
	case "+", "-", "*", "/":
		return c.arithmetic(n)
	case "..":
		c.reportAt("N110", n.Location(), n.Operator, advice[".."])
		return bad
	case "%", "**", "^":
		c.reportAt("N110", n.Location(), n.Operator, advice["%"])
		return bad
	}
	return c.compare(n, false)
}

// isChain reports `1 <= x <= 5`, which the library reads as two comparisons that
// share x.
func (c *checker) isChain(n *ast.BinaryNode) bool {
	right, ok := n.Right.(*ast.BinaryNode)
	return ok && sharedMiddle(n.Left) != nil && sharedMiddle(n.Left) == right.Left
}

func sharedMiddle(n ast.Node) ast.Node {
	b, ok := n.(*ast.BinaryNode)
	if ok && (b.Operator == "&&" || b.Operator == "and") {
		b, ok = b.Right.(*ast.BinaryNode)
	}
	if !ok {
		return nil
	}
	return b.Right
}

// simpleChain allows a chain only around a single fact: a middle that holds
// chains of its own would be read twice for each level.
func (c *checker) simpleChain(n *ast.BinaryNode) bool {
	switch n.Right.(*ast.BinaryNode).Left.(type) {
	case *ast.MemberNode, *ast.IdentifierNode, *ast.IntegerNode, *ast.FloatNode:
		return true
	}
	c.reportAt("N110", n.Location(), c.words(n.Location()),
		Doc{"Write two comparisons and join them with and: 1 <= x and x <= 5.", "比較を二つに分けて and でつないでください: 1 <= x and x <= 5"})
	return false
}

func (c *checker) logic(n *ast.BinaryNode, op string) operand {
	left, right := c.visit(n.Left), c.visit(n.Right)
	if !c.isAnswer(n, n.Left, left, op) || !c.isAnswer(n, n.Right, right, op) {
		return bad
	}
	left, right = asked(left), asked(right)
	c.reportConstant(n.Left, left)
	c.reportConstant(n.Right, right)
	o := bounded(operand{kind: flagKind, fixed: left.fixed || right.fixed, certain: true})
	o.node = joinedNode(op, left.node, right.node)
	if op == "and" {
		o.all = merge(left.all, right.all, (*truth).and)
		o = o.only(o.all, left, right)
	} else {
		o.any = merge(left.any, right.any, (*truth).or)
		o = o.only(o.any, left, right)
	}
	for _, t := range slices.Concat(o.all, o.any) {
		if t.always() && op == "or" {
			return c.decided(n, true)
		}
		if t.never() && op == "and" {
			return c.decided(n, false)
		}
	}
	return o
}

// only keeps a chain about a single fact as one truth, so that it can be joined
// the other way and negated.
func (o operand) only(list []*truth, left, right operand) operand {
	if len(list) == 1 && left.truth != nil && right.truth != nil {
		return o.answering(list[0])
	}
	return o
}

func joinedNode(op string, left, right ast.Node) ast.Node {
	n := &ast.BinaryNode{Operator: op, Left: left, Right: right}
	n.SetType(boolType)
	return n
}

// decided reports that a question has only one answer.
func (c *checker) decided(n ast.Node, yes bool) operand {
	code := "N128"
	if yes {
		code = "N127"
	}
	c.report(code, n)
	return bad
}

// reportConstant reports a part of and, or that is the same for everybody.
func (c *checker) reportConstant(n ast.Node, x operand) {
	if yes, ok := x.known.(bool); ok && !x.fixed {
		c.decided(n, yes)
	}
}

// isAnswer checks that one side of and, or is a yes or no.
func (c *checker) isAnswer(whole *ast.BinaryNode, n ast.Node, x operand, op string) bool {
	if x.kind == badKind {
		return false
	}
	if x.kind == flagKind {
		return true
	}
	help := Doc{"Write a whole comparison on both sides of " + op + ".", op + " の両側にはそれぞれ比較を書いてください。"}
	p := c.misfit(c.extent(n), op, flagKind, n, x, help)
	if fix := c.listInstead(whole, n, x); fix != "" {
		p.Suggest = fix
		start, end := c.byteSpan(c.extent(whole))
		p.Range = c.src.place(start, end)
	}
	return false
}

// listInstead is what `x == 'a' or 'b'` was meant to say.
func (c *checker) listInstead(whole *ast.BinaryNode, n ast.Node, x operand) string {
	first, ok := whole.Left.(*ast.BinaryNode)
	_, isText := x.known.(string)
	if !ok || n != whole.Right || !isText || first.Operator != "==" || whole.Operator == "and" || whole.Operator == "&&" {
		return ""
	}
	return c.text(first.Left) + " in [" + c.text(first.Right) + ", " + c.text(n) + "]"
}

func (c *checker) coalesce(n *ast.BinaryNode) operand {
	left, right := c.visit(n.Left), c.visit(n.Right)
	if left.kind == badKind || right.kind == badKind {
		return bad
	}
	if left.kind == nilKind || right.kind == nilKind {
		c.reportAt("N131", n.Location(), "??")
		return bad
	}
	right, ok := c.asKind(left.kind, n.Right, right)
	if right.kind == badKind {
		return bad
	}
	if !ok {
		c.report("N142", n, left.kind.phrase(), right.kind.phrase())
		return bad
	}
	pick := insteadNone
	if left.blank {
		pick = instead
	}
	o := value2(left.kind, pick, left, right)
	o.empty, o.blank = right.empty, left.blank && right.blank
	if left.kind == numberKind {
		o.lo, o.hi = min(left.lo, right.lo), max(left.hi, right.hi)
	}
	o.vocab = widened(left, right)
	return o
}

// widened is the vocabulary of a text with its substitute.
func widened(left, right operand) *vocabulary {
	word, ok := right.known.(string)
	if left.vocab == nil || !ok {
		return nil
	}
	v := *left.vocab
	v.values = append(slices.Clone(v.values), word)
	return &v
}

func (c *checker) conditional(n *ast.ConditionalNode) operand {
	if n.Cond == n.Exp1 {
		c.reportAt("N110", c.extent(n), "?:", advice["?:"])
		return bad
	}
	cond, yes, no := c.visit(n.Cond), c.visit(n.Exp1), c.visit(n.Exp2)
	if cond.kind != badKind {
		cond = c.question(n.Cond, cond)
	}
	if cond.kind == badKind || yes.kind == badKind || no.kind == badKind {
		return bad
	}
	if yes.kind == nilKind || no.kind == nilKind {
		c.report("N131", n, "?:")
		return bad
	}
	no, ok := c.asKind(yes.kind, n.Exp2, no)
	if no.kind == badKind {
		return bad
	}
	if !ok {
		c.report("N142", n, yes.kind.phrase(), no.kind.phrase())
		return bad
	}
	o := bounded(operand{kind: yes.kind, empty: yes.empty || no.empty, blank: yes.blank || no.blank, fixed: cond.fixed})
	o.lo, o.hi = min(yes.lo, no.lo), max(yes.hi, no.hi)
	node := &ast.ConditionalNode{Ternary: true, Cond: cond.node, Exp1: yes.node, Exp2: no.node}
	if o.kind == flagKind {
		node.Exp1, node.Exp2 = asked(yes).node, asked(no).node
		o.empty, o.certain = false, true
		node.SetType(boolType)
	}
	o.node = node
	return o
}

// question makes sure that x is a yes/no question, and one that can be answered
// both ways.
func (c *checker) question(n ast.Node, x operand) operand {
	if x.kind == badKind {
		return bad
	}
	if x.kind != flagKind {
		c.report("N126", n, x.kind.phrase(), c.sampleQuestion(n, x))
		return bad
	}
	x = asked(x)
	if yes, ok := x.known.(bool); ok && !x.fixed {
		return c.decided(n, yes)
	}
	return x
}

// sampleQuestion is how a value is made a question.
func (c *checker) sampleQuestion(n ast.Node, x operand) string {
	what := c.text(n)
	if strings.ContainsAny(what, " \n") {
		what = "(" + what + ")"
	}
	switch x.kind {
	case numberKind:
		return what + " >= 1"
	case timeKind:
		return what + " >= '2026-10-01'"
	case textKind:
		if x.vocab != nil && len(x.vocab.values) > 0 {
			return what + " == '" + x.vocab.values[0] + "'"
		}
	}
	return what + " == '…'"
}

func (c *checker) arithmetic(n *ast.BinaryNode) operand {
	left, right := c.visit(n.Left), c.visit(n.Right)
	if left.kind == badKind || right.kind == badKind {
		return bad
	}
	if n.Operator == "-" && left.kind == timeKind && right.kind == timeKind {
		return value2(numberKind, daysBetween, left, right)
	}
	want := numberKind
	if n.Operator == "+" && (left.kind == textKind || right.kind == textKind) {
		want = textKind
	}
	for i, x := range []operand{left, right} {
		side := []ast.Node{n.Left, n.Right}[i]
		if x.kind != want {
			c.misfit(n.Location(), n.Operator, want, side, x, helpKinds)
			return bad
		}
		if x.empty {
			c.mayBeEmpty(side, x)
			return bad
		}
	}
	if want == textKind {
		return value2(textKind, concatenated, left, right)
	}
	return c.computed(n.Operator, left, right)
}

// computed is a number computed from two.
func (c *checker) computed(op string, left, right operand) operand {
	o := value2(numberKind, arithmetic[op], left, right)
	if o.known == nil {
		o = bounded(o)
	}
	return o
}
