package dsl

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	ctyfunction "github.com/zclconf/go-cty/cty/function"
	"golang.org/x/text/unicode/norm"

	"github.com/seed-456efde2/nurture/engine"
)

// evaluator computes the plain values of the workspace, once, at load: literals,
// const.NAME, and the functions env, secret and file. Nothing else is evaluated.
type evaluator struct {
	r      *reporter
	read   func(name string) ([]byte, error) // a file of the workspace
	lookup func(name string) (string, bool)
	consts map[string]cty.Value
	env    map[string]string // what env() gave, for the digest
	asked  map[string]looked // names of the outside that were asked for
	calls  int               // of functions: what they give may be another thing the next time

	pending []pendingProblem // of the value at hand, from inside functions
}

// looked is what an outside name was found to be.
type looked struct {
	value string
	set   bool
}

type pendingProblem struct {
	code string
	args []any
}

// secretMark is on a value that secret() gave, wherever it went since.
type secretMark struct{ name string }

// plainValue is a plain value with what went into it.
type plainValue struct {
	v       cty.Value
	secrets []string // names, as in secret("NAME")
	unset   bool     // an outside name had no value
}

// value computes an expression. ok is false where it has no value; that has been
// reported then.
func (e *evaluator) value(expr hclsyntax.Expression, in []string) (c plainValue, ok bool) {
	if !e.allowed(expr, in) {
		return c, false
	}
	e.pending = e.pending[:0]
	v, diags := expr.Value(&hcl.EvalContext{
		Variables: map[string]cty.Value{"const": cty.ObjectVal(e.consts)},
		Functions: e.functions(),
	})
	failed := false
	for _, p := range e.pending {
		e.r.add(p.code, expr.Range(), in, p.args...)
		c.unset = c.unset || p.code == codeUnsetSecret
		failed = failed || p.code != codeUnsetSecret
	}
	switch {
	case failed:
		return c, false
	case diags.HasErrors():
		e.r.add(codeCannotEvaluate, expr.Range(), in, plainSentence(diags[0].Detail))
		return c, false
	}
	v, marks := v.UnmarkDeep()
	for m := range marks {
		if s, is := m.(secretMark); is {
			c.secrets = append(c.secrets, s.name)
		}
	}
	slices.Sort(c.secrets)
	c.v = v
	if !v.IsWhollyKnown() {
		e.r.add(codeCannotEvaluate, expr.Range(), in, "…")
		return c, false
	}
	return c, true
}

func plainSentence(s string) string { return strings.TrimRight(strings.TrimSpace(s), ".") }

// allowed holds an expression against the few forms that the language has.
func (e *evaluator) allowed(expr hclsyntax.Expression, in []string) bool {
	w := &formWalker{e: e, in: in, ok: true}
	_ = hclsyntax.Walk(expr, w)
	return w.ok
}

// formWalker visits an expression and reports what may not stand in it.
type formWalker struct {
	e  *evaluator
	in []string
	ok bool
}

// Enter judges one part.
func (w *formWalker) Enter(node hclsyntax.Node) hcl.Diagnostics {
	if !w.ok {
		return nil
	}
	switch x := node.(type) {
	case *hclsyntax.LiteralValueExpr, *hclsyntax.TemplateExpr, *hclsyntax.TemplateWrapExpr,
		*hclsyntax.TupleConsExpr, *hclsyntax.ObjectConsExpr, hclsyntax.ChildScope,
		*hclsyntax.ParenthesesExpr, *hclsyntax.UnaryOpExpr, *hclsyntax.BinaryOpExpr:
	case *hclsyntax.ObjectConsKeyExpr:
	case *hclsyntax.ScopeTraversalExpr:
		w.ok = w.e.knownConst(x, w.in)
	case *hclsyntax.FunctionCallExpr:
		w.ok = w.e.knownFunction(x, w.in)
	default:
		w.ok = false
		w.e.r.add(codeNotAllowed, node.Range(), w.in, formName(node))
	}
	return nil
}

// Exit does nothing: parts are judged on the way in.
func (w *formWalker) Exit(hclsyntax.Node) hcl.Diagnostics { return nil }

func formName(node hclsyntax.Node) Doc {
	switch node.(type) {
	case *hclsyntax.ForExpr:
		return Doc{"A for expression", "for 式"}
	case *hclsyntax.SplatExpr:
		return Doc{"A splat [*]", "[*]"}
	case *hclsyntax.ConditionalExpr:
		return Doc{"A ? b : c, or %{ if }", "a ? b : c や %{ if }"}
	case *hclsyntax.TemplateJoinExpr:
		return Doc{"%{ for }", "%{ for }"}
	}
	return Doc{"This form", "この式"}
}

// knownConst reports whether a bare name is const.NAME, and says so where not.
func (e *evaluator) knownConst(x *hclsyntax.ScopeTraversalExpr, in []string) bool {
	root, name, ok := twoNames(x.Traversal)
	switch {
	case !ok || root != "const":
		word := traversalText(x.Traversal)
		e.r.add(codeCannotEvaluate, x.Range(), in, Doc{"'" + word + "' is not a value", "「" + word + "」は値ではありません"})
		return false
	case e.consts[name] == cty.NilVal:
		e.r.add(codeUnknownRef, x.Range(), in, "const", name, hintList(names(e.consts))).
			suggest(prefixed("const.", closest(name, names(e.consts))))
		return false
	}
	return true
}

// prefixed puts a prefix before a suggestion, where there is one.
func prefixed(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}

func (e *evaluator) knownFunction(x *hclsyntax.FunctionCallExpr, in []string) bool {
	known := names(e.functions())
	for _, k := range known {
		if x.Name == k {
			return true
		}
	}
	e.r.add(codeUnknownFunc, x.NameRange, in, x.Name).suggest(closest(x.Name, known))
	return false
}

// functions are the three functions of HCL.
func (e *evaluator) functions() map[string]ctyfunction.Function {
	return map[string]ctyfunction.Function{
		"env": textFunction(func(name string) (cty.Value, error) {
			v := e.resolve(name)
			e.env[name] = v
			return cty.StringVal(v), nil
		}),
		"secret": textFunction(func(name string) (cty.Value, error) {
			return cty.StringVal(e.resolve(name)).Mark(secretMark{name}), nil
		}),
		"file": textFunction(e.file),
	}
}

func textFunction(f func(string) (cty.Value, error)) ctyfunction.Function {
	return ctyfunction.New(&ctyfunction.Spec{
		Params: []ctyfunction.Parameter{{Name: "name", Type: cty.String}},
		Type:   ctyfunction.StaticReturnType(cty.String),
		Impl:   func(args []cty.Value, _ cty.Type) (cty.Value, error) { return f(args[0].AsString()) },
	})
}

// resolve looks an outside name up. One that is not set is the empty text, and a
// note: the workspace can be checked and tested without it.
func (e *evaluator) resolve(name string) string {
	e.calls++
	found := e.look(name)
	e.asked[name] = found
	if !found.set {
		e.pending = append(e.pending, pendingProblem{codeUnsetSecret, []any{name}})
	}
	return found.value
}

// world is what came from outside while some of the workspace was evaluated.
type world struct {
	env   map[string]string
	asked map[string]looked
}

// apart begins to note anew what comes from outside, and gives what was noted.
func (e *evaluator) apart() world {
	before := world{e.env, e.asked}
	e.env, e.asked = map[string]string{}, map[string]looked{}
	return before
}

// join adds what was noted apart.
func (e *evaluator) join(o world) {
	maps.Copy(e.env, o.env)
	maps.Copy(e.asked, o.asked)
}

func (e *evaluator) look(name string) looked {
	if e.lookup == nil {
		return looked{}
	}
	if v, ok := e.lookup(name); ok {
		return looked{v, true}
	}
	return looked{}
}

// file reads a file of the workspace.
func (e *evaluator) file(name string) (cty.Value, error) {
	e.calls++
	if !fs.ValidPath(name) || path.Clean(name) != name {
		e.pending = append(e.pending, pendingProblem{codeNoFile, []any{name}})
		return cty.StringVal(""), nil
	}
	src, err := e.read(name)
	switch {
	case errors.Is(err, errTooLarge):
		e.pending = append(e.pending, pendingProblem{codeTooLarge, []any{sizeBound}})
	case err != nil:
		e.pending = append(e.pending, pendingProblem{codeNoFile, []any{name}})
	}
	return cty.StringVal(string(src)), nil
}

// twoNames reads a traversal of the form kind.name.
func twoNames(t hcl.Traversal) (kind, name string, ok bool) {
	if len(t) != 2 || t.IsRelative() {
		return "", "", false
	}
	attr, ok := t[1].(hcl.TraverseAttr)
	return t.RootName(), norm.NFC.String(attr.Name), ok
}

// traversalText writes a traversal as it stands in the file.
func traversalText(t hcl.Traversal) string {
	var b strings.Builder
	for _, part := range t {
		switch p := part.(type) {
		case hcl.TraverseRoot:
			b.WriteString(p.Name)
		case hcl.TraverseAttr:
			b.WriteString("." + p.Name)
		case hcl.TraverseIndex:
			b.WriteString("[…]")
		}
	}
	return b.String()
}

// engineValue is a plain value in the engine's terms; ok is false for lists,
// objects and null.
func engineValue(v cty.Value) (engine.Value, bool) {
	if v == cty.NilVal || v.IsNull() {
		return engine.Value{}, false
	}
	switch v.Type() {
	case cty.String:
		return engine.TextValue(v.AsString()), true
	case cty.Bool:
		return engine.FlagValue(v.True()), true
	case cty.Number:
		f, _ := v.AsBigFloat().Float64()
		n := engine.NumberValue(f)
		return n, !n.IsNone()
	}
	return engine.Value{}, false
}

// describe writes a plain value as it would be written in a file.
func describe(v engine.Value) string {
	if v.Kind() == engine.Text {
		return fmt.Sprintf("%q", v.Text())
	}
	return v.String()
}
