package dsl

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/compiler"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"

	"github.com/seed-456efde2/nurture/engine"
)

// expression is a compiled expression: immutable, shared by all workers.
type expression struct {
	source  string
	place   engine.Place
	reads   []engine.Key
	figures []string // what it reads that is no fact of a lead: see expr_figures.go
	program *vm.Program
	root    ast.Node // the marketer's own, for words
	sc      *Scope
}

// Reads implements engine.Expr.
func (e *expression) Reads() []engine.Key { return e.reads }

// Source implements engine.Expr.
func (e *expression) Source() string { return e.source }

// Meaning implements engine.Expr.
func (e *expression) Meaning() string { return meaning(e.root, e.sc) }

// Place implements engine.Expr.
func (e *expression) Place() engine.Place { return e.place }

// scratch is what a worker reuses from one evaluation to the next.
type scratch struct {
	vm  vm.VM
	buf []byte // of the text that is being rendered
}

func scratchOf(v *engine.Vars) *scratch {
	s, ok := v.Scratch.(*scratch)
	if !ok {
		s = new(scratch)
		v.Scratch = s
	}
	return s
}

// eval runs the expression. Our own functions are total, so an error means that
// the engine did not supply a fact that was asked for.
func (e *expression) eval(s *scratch, facts map[string]any) (any, error) {
	out, err := s.vm.Run(e.program, facts)
	if err == nil {
		return out, nil
	}
	message := err.Error()
	var at *file.Error
	if errors.As(err, &at) {
		message = at.Message
	}
	return nil, fmt.Errorf("evaluate expression at %s:%d: %s", e.place.File, e.place.Line, message)
}

// cond is a compiled yes/no question.
type cond struct{ expression }

// Holds implements engine.Cond.
func (c *cond) Holds(v *engine.Vars) (bool, error) {
	out, err := c.eval(scratchOf(v), v.Facts)
	if err != nil {
		return false, err
	}
	yes, ok := out.(bool)
	if !ok {
		return false, fmt.Errorf("evaluate condition at %s:%d: no answer", c.place.File, c.place.Line)
	}
	return yes, nil
}

// num is a compiled number.
type num struct{ expression }

// Number implements engine.Num.
func (n *num) Number(v *engine.Vars) (float64, bool, error) {
	out, err := n.eval(scratchOf(v), v.Facts)
	if err != nil {
		return 0, false, err
	}
	x, ok := out.(float64)
	if !ok || !finite(x) {
		return 0, false, nil
	}
	return x, true, nil
}

// str is a compiled text. No value is the empty text.
type str struct{ expression }

// Text implements engine.Str.
func (t *str) Text(v *engine.Vars) (string, error) {
	out, err := t.eval(scratchOf(v), v.Facts)
	if err != nil {
		return "", err
	}
	s, _ := out.(string)
	return s, nil
}

// compileCond compiles a yes/no question.
func compileCond(lit Literal, sc *Scope) (engine.Cond, []problem) {
	e, problems := compileExpr(sourceOf(&lit), sc, nil, (*checker).wantQuestion)
	if e == nil {
		return nil, problems
	}
	return &cond{*e}, problems
}

// compileNum compiles a number.
func compileNum(lit Literal, sc *Scope) (engine.Num, []problem) {
	e, problems := compileExpr(sourceOf(&lit), sc, nil, (*checker).wantNumber)
	if e == nil {
		return nil, problems
	}
	return &num{*e}, problems
}

// compileStr compiles a text that is computed: the owner of a hand-over.
func compileStr(lit Literal, sc *Scope) (engine.Str, []problem) {
	e, problems := compileExpr(sourceOf(&lit), sc, nil, (*checker).wantText)
	if e == nil {
		return nil, problems
	}
	return &str{*e}, problems
}

func (c *checker) wantQuestion(n ast.Node, x operand) operand { return c.question(n, x) }

func (c *checker) wantNumber(n ast.Node, x operand) operand {
	if x.kind != badKind && x.kind != numberKind {
		c.report("N138", n, x.kind.phrase())
		return bad
	}
	return x
}

func (c *checker) wantText(n ast.Node, x operand) operand {
	if x.kind != badKind && x.kind != textKind {
		c.report("N139", n, x.kind.phrase())
		return bad
	}
	return x
}

// compileExpr passes an expression through the gate, checks it and compiles it.
// want says what it has to give.
func compileExpr(src source, sc *Scope, locals []string, want func(*checker, ast.Node, operand) operand) (*expression, []problem) {
	sc.notes.add(src, sc, locals, false)
	src = src.normal()
	c := &checker{sc: sc, locals: locals, reads: map[engine.Key]bool{}}
	if c.parsed = readExpr(src, &c.found); c.parsed == nil {
		return nil, c.problems
	}
	x := want(c, c.root, c.visit(c.root))
	if fatal(c.problems) || x.kind == badKind {
		return nil, c.problems
	}
	program, err := assemble(x.node, src.text)
	if err != nil {
		c.add("N104", src.whole(), src.text)
		return nil, c.problems
	}
	return &expression{
		source: src.text, place: placeOf(src.whole()), reads: sortedKeys(c.reads),
		figures: c.figures, program: program, root: c.root, sc: sc,
	}, c.problems
}

// assemble turns a checked tree into a program of the library's machine.
func assemble(n ast.Node, text string) (*vm.Program, error) {
	config := &conf.Config{ShortCircuit: true, Optimize: true, Env: factsNature}
	return compiler.Compile(&parser.Tree{Node: n, Source: file.NewSource(text)}, config)
}

// factsNature tells the compiler that facts are read from a flat map.
var factsNature = conf.New(map[string]any{}).Env

// sortedKeys are the facts that an expression reads, each once.
func sortedKeys(reads map[engine.Key]bool) []engine.Key {
	keys := make([]engine.Key, 0, len(reads))
	for k := range reads {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b engine.Key) int { return strings.Compare(a.String(), b.String()) })
	return keys
}
