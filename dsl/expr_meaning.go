package dsl

import (
	"strconv"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// meaning is an expression in one writing only: every bracket written, constants
// put in, && as and. Two expressions with the same meaning decide the same, so
// it is what a revision's digest is made of.
func meaning(n ast.Node, sc *Scope) string {
	var b strings.Builder
	writeMeaning(&b, n, sc)
	return b.String()
}

var plainOperator = map[string]string{"&&": "and", "||": "or", "!": "not"}

func writeMeaning(b *strings.Builder, n ast.Node, sc *Scope) {
	switch n := n.(type) {
	case *ast.BoolNode:
		b.WriteString(strconv.FormatBool(n.Value))
	case *ast.StringNode:
		b.WriteString(strconv.Quote(n.Value))
	case *ast.IntegerNode:
		b.WriteString(strconv.Itoa(n.Value))
	case *ast.FloatNode:
		b.WriteString(strconv.FormatFloat(n.Value, 'g', -1, 64))
	case *ast.IdentifierNode:
		if n.Value == "stage" {
			b.WriteString("lead.")
		}
		b.WriteString(n.Value)
	case *ast.MemberNode:
		writeMember(b, n, sc)
	case *ast.UnaryNode:
		writeJoined(b, sc, "(", plain(n.Operator)+" ", n.Node, ")")
	case *ast.BinaryNode:
		writeJoined(b, sc, "(", n.Left, " "+plain(n.Operator)+" ", n.Right, ")")
	case *ast.ConditionalNode:
		writeJoined(b, sc, "(", n.Cond, " ? ", n.Exp1, " : ", n.Exp2, ")")
	case *ast.ArrayNode:
		writeList(b, sc, "[", n.Nodes, "]")
	case *ast.CallNode:
		writeMeaning(b, n.Callee, sc)
		writeList(b, sc, "(", n.Arguments, ")")
	}
}

func plain(op string) string {
	if p, ok := plainOperator[op]; ok {
		return p
	}
	return op
}

// writeMember puts the value of a const in its place.
func writeMember(b *strings.Builder, n *ast.MemberNode, sc *Scope) {
	base, _ := n.Node.(*ast.IdentifierNode)
	prop, _ := n.Property.(*ast.StringNode)
	if prop == nil {
		return
	}
	if base == nil {
		writeMeaning(b, n.Node, sc)
		b.WriteString("." + prop.Value)
		return
	}
	if v, ok := sc.Consts[prop.Value]; ok && base.Value == "const" {
		switch v := v.Any(sc.Zone).(type) {
		case string:
			b.WriteString(strconv.Quote(v))
			return
		case float64:
			b.WriteString(strconv.FormatFloat(v, 'g', -1, 64))
			return
		}
		b.WriteString(v.String())
		return
	}
	b.WriteString(base.Value + "." + prop.Value)
}

func writeJoined(b *strings.Builder, sc *Scope, parts ...any) {
	for _, p := range parts {
		switch p := p.(type) {
		case string:
			b.WriteString(p)
		case ast.Node:
			writeMeaning(b, p, sc)
		}
	}
}

func writeList(b *strings.Builder, sc *Scope, open string, nodes []ast.Node, end string) {
	b.WriteString(open)
	for i, n := range nodes {
		if i > 0 {
			b.WriteString(", ")
		}
		writeMeaning(b, n, sc)
	}
	b.WriteString(end)
}
