package dsl

import (
	"fmt"
	"slices"
	"time"

	"github.com/expr-lang/expr/ast"

	"github.com/seed-456efde2/nurture/engine"
)

// val is a compiled value of any kind: an entry key, an assignment.
type val struct{ expression }

// Value implements engine.Val.
func (x *val) Value(v *engine.Vars) (engine.Value, error) {
	out, err := x.eval(scratchOf(v), v.Facts)
	if err != nil {
		return engine.Value{}, err
	}
	switch out := out.(type) {
	case string:
		return engine.TextValue(out), nil
	case float64:
		return engine.NumberValue(out), nil
	case bool:
		return engine.FlagValue(out), nil
	case time.Time:
		return engine.TimeValue(engine.TimeOf(out)), nil
	}
	return engine.Value{}, nil
}

// compileVal compiles a value; want says of what kind.
func compileVal(lit Literal, sc *Scope, want func(*checker, ast.Node, operand) operand) (engine.Val, []problem) {
	e, problems := compileExpr(sourceOf(&lit), sc, nil, want)
	if e == nil {
		return nil, problems
	}
	return &val{*e}, problems
}

// wantKey takes what can tell one run from another.
func (c *checker) wantKey(n ast.Node, x operand) operand {
	if x.kind == numberKind {
		return x
	}
	return c.wantText(n, x)
}

func (c *checker) wantTime(n ast.Node, x operand) operand {
	if x.kind != badKind && x.kind != timeKind {
		c.report("N145", n, x.kind.phrase())
		return bad
	}
	return x
}

// constantVal is a value that is the same for everybody.
type constantVal struct {
	value  engine.Value
	source string
	place  engine.Place
}

// Reads implements engine.Expr.
func (c *constantVal) Reads() []engine.Key { return nil }

// Source implements engine.Expr.
func (c *constantVal) Source() string { return c.source }

// Meaning implements engine.Expr.
func (c *constantVal) Meaning() string { return c.value.Kind().String() + " " + c.value.String() }

// Place implements engine.Expr.
func (c *constantVal) Place() engine.Place { return c.place }

// Value implements engine.Val.
func (c *constantVal) Value(*engine.Vars) (engine.Value, error) { return c.value, nil }

// textVal is a text with {{ }} as a value.
type textVal struct {
	text    textTemplate
	choices []string // what it may be, nil: anything
}

// compileTextVal compiles a text with {{ }}. One without is a constant.
func compileTextVal(lit Literal, choices []string, sc *Scope) (engine.Val, []problem) {
	t, problems := compileText(lit, sc)
	if fatal(problems) {
		return nil, problems
	}
	if plain, ok := t.constant(); ok {
		return &constantVal{engine.TextValue(plain), lit.Value, t.place}, problems
	}
	return &textVal{t, choices}, problems
}

// constant is the text where it is the same for everybody.
func (t *textTemplate) constant() (string, bool) {
	out := ""
	for i := range t.nodes {
		if !t.nodes[i].isLiteral() {
			return "", false
		}
		out += t.nodes[i].literal
	}
	return out, true
}

// Reads implements engine.Expr.
func (x *textVal) Reads() []engine.Key { return x.text.Reads() }

// Source implements engine.Expr.
func (x *textVal) Source() string { return x.text.source }

// Meaning implements engine.Expr.
func (x *textVal) Meaning() string { return x.text.Meaning() }

// Place implements engine.Expr.
func (x *textVal) Place() engine.Place { return x.text.place }

// Value implements engine.Val. A choice that it never has is no value, and said.
func (x *textVal) Value(v *engine.Vars) (engine.Value, error) {
	out, err := x.text.render(v)
	if err != nil {
		return engine.Value{}, fmt.Errorf("render text at %s:%d: %w", x.text.place.File, x.text.place.Line, err)
	}
	if x.choices != nil && !slices.Contains(x.choices, out) {
		return engine.Value{}, fmt.Errorf("render text at %s:%d: the result is none of the choices", x.text.place.File, x.text.place.Line)
	}
	return engine.TextValue(out), nil
}
