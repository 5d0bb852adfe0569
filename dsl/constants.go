package dsl

import (
	"regexp"
	"strings"

	"github.com/expr-lang/expr/ast"

	"github.com/seed-456efde2/nurture/engine"
)

// Constants are the values that a workspace's conditions compare attributes and
// event fields with, by "lead.NAME" and "event.NAME": where rules draw their
// lines, a generated story should step on both sides.
func Constants(spec *engine.Spec) map[string][]engine.Value {
	found := map[string][]engine.Value{}
	spec.EachCond(func(_ string, c *engine.Cond) {
		if compiled, ok := (*c).(*cond); ok {
			var v ast.Visitor = constantVisitor(found)
			ast.Walk(&compiled.root, v)
		}
	})
	return found
}

type constantVisitor map[string][]engine.Value

// Visit implements ast.Visitor.
func (v constantVisitor) Visit(node *ast.Node) {
	b, ok := (*node).(*ast.BinaryNode)
	if !ok {
		return
	}
	if name := memberName(b.Left); name != "" {
		v.add(name, b.Operator, b.Right)
	}
	if name := memberName(b.Right); name != "" {
		v.add(name, b.Operator, b.Left)
	}
}

// memberName is "lead.title" or "event.path" of a node that reads one, "" for
// others.
func memberName(n ast.Node) string {
	m, ok := n.(*ast.MemberNode)
	if !ok {
		return ""
	}
	base, ok := m.Node.(*ast.IdentifierNode)
	property, named := m.Property.(*ast.StringNode)
	if !ok || !named || base.Value != "lead" && base.Value != "event" {
		return ""
	}
	return base.Value + "." + property.Value
}

var plainWords = regexp.MustCompile(`^[^\\.+*?()\[\]{}^$]+$`)

func (v constantVisitor) add(name, operator string, n ast.Node) {
	switch n := n.(type) {
	case *ast.StringNode:
		if operator != "matches" {
			v.put(name, engine.TextValue(n.Value))
			return
		}
		for word := range strings.SplitSeq(n.Value, "|") {
			if plainWords.MatchString(word) {
				v.put(name, engine.TextValue(word))
			}
		}
	case *ast.IntegerNode:
		v.put(name, engine.NumberValue(float64(n.Value)))
	case *ast.FloatNode:
		v.put(name, engine.NumberValue(n.Value))
	case *ast.ArrayNode:
		for _, one := range n.Nodes {
			v.add(name, operator, one)
		}
	case *ast.ConstantNode:
		if s, ok := n.Value.(string); ok {
			v.put(name, engine.TextValue(s))
		}
	}
}

func (v constantVisitor) put(name string, value engine.Value) {
	for _, have := range v[name] {
		if have == value {
			return
		}
	}
	v[name] = append(v[name], value)
}
