package dsl

import (
	"strings"

	"github.com/expr-lang/expr/ast"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/intake"
)

// payload.NAME… is what a source's message says at a path. Nobody declares of what
// kind that is, so the condition itself tells: what is compared with a number is
// read as one, what is asked as a question is a yes or no, and all else is a text.

// payloadPath is the path of payload.a.b; ok is false for what begins otherwise.
func payloadPath(n *ast.MemberNode) (path string, ok bool) {
	var names []string
	for at := ast.Node(n); ; {
		switch x := at.(type) {
		case *ast.MemberNode:
			prop, isName := x.Property.(*ast.StringNode)
			if !isName {
				return "", false
			}
			names = append(names, prop.Value)
			at = x.Node
			continue
		case *ast.IdentifierNode:
			if x.Value != "payload" {
				return "", false
			}
		default:
			return "", false
		}
		break
	}
	var b strings.Builder
	for i := len(names) - 1; i >= 0; i-- {
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(names[i])
	}
	return b.String(), true
}

// payload reads one value of the message.
func (c *checker) payload(n *ast.MemberNode, path string) operand {
	if !c.may(famPayload, n, c.text(n)) {
		return bad
	}
	k := engine.Key{Kind: engine.KeyEvent, Name: intake.PayloadPrefix + path}
	kind := textKind
	if c.wants == nil {
		c.wants = map[ast.Node]opKind{}
		payloadKinds(c.root, c.wants)
	}
	switch c.wants[n] {
	case numberKind:
		kind, k.Arg = numberKind, intake.AsNumber
	case flagKind:
		k.Arg = intake.AsFlag
		o := c.flagFact(k, true)
		return o
	}
	o := c.fact(k, kind)
	o.empty, o.blank = true, kind == textKind
	return o
}

// payloadKinds finds of what kind each value of the message is to be.
func payloadKinds(n ast.Node, wants map[ast.Node]opKind) {
	asks := func(n ast.Node) {
		if m, ok := n.(*ast.MemberNode); ok {
			wants[m] = flagKind
		}
	}
	switch n := n.(type) {
	case *ast.MemberNode:
		if _, known := wants[n]; !known {
			wants[n] = flagKind // the condition as a whole
		}
	case *ast.UnaryNode:
		asks(n.Node)
		if n.Operator == "!" || n.Operator == "not" {
			payloadKinds(n.Node, wants)
		}
	case *ast.BinaryNode:
		switch n.Operator {
		case "and", "or", "&&", "||":
			asks(n.Left)
			asks(n.Right)
			payloadKinds(n.Left, wants)
			payloadKinds(n.Right, wants)
		default:
			besides(n.Left, n.Right, wants)
			besides(n.Right, n.Left, wants)
		}
	case *ast.ConditionalNode:
		asks(n.Cond)
		payloadKinds(n.Cond, wants)
		payloadKinds(n.Exp1, wants)
		payloadKinds(n.Exp2, wants)
	}
}

// besides gives a value the kind of what it is compared with.
func besides(n, other ast.Node, wants map[ast.Node]opKind) {
	m, ok := n.(*ast.MemberNode)
	if !ok {
		return
	}
	wants[m] = textKind
	switch x := other.(type) {
	case *ast.IntegerNode, *ast.FloatNode:
		wants[m] = numberKind
	case *ast.UnaryNode:
		wants[m] = numberKind
	case *ast.BoolNode:
		wants[m] = flagKind
	case *ast.ArrayNode:
		if len(x.Nodes) > 0 {
			besides(n, x.Nodes[0], wants)
		}
	}
}
