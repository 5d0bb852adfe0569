package dsl

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/calendar"
)

// decoded is an attribute's value in the form of its type; the other fields are
// zero.
type decoded struct {
	text     string
	num      float64
	from, to float64 // TypeRange; minutes of the day for TypeHours
	flag     bool
	texts    []listed
	lits     []Literal
	refs     []ref
	value    engine.Value // TypeAny
	parts    []part       // TypeObject
	secrets  []string
	unset    bool // env or secret had no value
	length   calendar.Length
	never    bool // TypeCooldown: "never again"
	days     calendar.Weekdays
	holidays bool
	window   calendar.Window
	over     engine.Span // TypeRetry, TypeRate, TypeStepDown: the time its number is spread over
	clock    civil       // TypeTime
	occurs   engine.Occurrences
	guards   []engine.GuardSpec // TypeGuards
}

// listed is an element of a list with its place.
type listed struct {
	text  string
	place hcl.Range
}

// ref is a reference to something declared: event.pricing_viewed.
type ref struct {
	Kind, Name string
	place      hcl.Range
}

// decoder brings attributes into the form of their types.
type decoder struct {
	r    *reporter
	eval *evaluator
}

// node decodes all attributes of a node.
func (d *decoder) node(n *node) {
	for _, name := range names(n.attrs) {
		a := n.attrs[name]
		a.ok = d.attribute(a)
	}
}

func (d *decoder) attribute(a *attribute) bool {
	switch a.spec.Type {
	case TypeCondition, TypeTemplate, TypeTextExpr, TypeValueExpr, TypeFormula:
		lit, ok := d.literal(a, a.src.Expr)
		a.lits = []Literal{lit}
		return ok
	case TypeConditions:
		return d.conditions(a)
	case TypeAmount:
		return d.amount(a)
	case TypeRef, TypeRefs:
		return d.refs(a)
	case TypeObject:
		return d.object(a)
	case TypeAssign:
		if isQuoted(a.src.Expr) {
			lit, ok := d.literal(a, a.src.Expr)
			a.lits = []Literal{lit}
			return ok
		}
	}
	v, ok := d.value(a)
	return ok && d.plain(a, v)
}

// value computes a plain value, and sees that no secret stands where people read.
func (d *decoder) value(a *attribute) (cty.Value, bool) {
	if word, bare := bareWord(a.src.Expr); bare {
		d.wrong(a, a.place()).suggest(fmt.Sprintf("%q", word))
		return cty.NilVal, false
	}
	c, ok := d.eval.value(a.src.Expr, a.in())
	if !ok {
		return cty.NilVal, false
	}
	a.secrets, a.unset = c.secrets, c.unset
	if len(c.secrets) > 0 && !a.spec.Sensitive {
		d.r.add(codeSecretHere, a.place(), a.in(), Doc{
			"Whoever reads this would read the secret too.", "ここを読む人に秘密の値も見えてしまいます。",
		})
		return cty.NilVal, false
	}
	if c.v.IsNull() {
		d.wrong(a, a.place())
		return cty.NilVal, false
	}
	return c.v, true
}

// bareWord is a word that was probably meant to stand in quotes.
func bareWord(expr hclsyntax.Expression) (string, bool) {
	t, ok := expr.(*hclsyntax.ScopeTraversalExpr)
	if !ok || len(t.Traversal) != 1 {
		return "", false
	}
	return t.Traversal.RootName(), true
}

// wrong reports a value of another kind.
func (d *decoder) wrong(a *attribute, at hcl.Range) *Diagnostic {
	return d.r.add(codeWrongType, at, a.in(), a.src.Name, typeNames[a.spec.Type], a.spec.example())
}

// literal takes a quoted string as it stands in the file.
func (d *decoder) literal(a *attribute, expr hclsyntax.Expression) (Literal, bool) {
	if !isQuoted(expr) {
		diag := d.wrong(a, expr.Range())
		if word, bare := bareWord(expr); bare {
			diag.suggest(fmt.Sprintf("%q", word))
		}
		return Literal{}, false
	}
	lit, at, ok := newLiteral(a.node.src, expr.Range())
	if !ok {
		d.r.add(codeInterpolation, at, a.in())
		return Literal{}, false
	}
	return lit, true
}

// isQuoted reports a quoted string or heredoc, whatever stands in it.
func isQuoted(expr hclsyntax.Expression) bool {
	switch expr.(type) {
	case *hclsyntax.TemplateExpr, *hclsyntax.TemplateWrapExpr:
		return true
	}
	return false
}

func (d *decoder) conditions(a *attribute) bool {
	list, ok := a.src.Expr.(*hclsyntax.TupleConsExpr)
	if !ok {
		lit, ok := d.literal(a, a.src.Expr)
		a.lits = []Literal{lit}
		return ok
	}
	if len(list.Exprs) == 0 {
		d.r.add(codeEmpty, a.place(), a.in(), a.src.Name, a.spec.example())
		return false
	}
	sound := true
	for _, expr := range list.Exprs {
		lit, ok := d.literal(a, expr)
		a.lits = append(a.lits, lit)
		sound = sound && ok
	}
	return sound
}

// amount is a number, or an expression in quotes.
func (d *decoder) amount(a *attribute) bool {
	if isQuoted(a.src.Expr) {
		lit, ok := d.literal(a, a.src.Expr)
		a.lits = []Literal{lit}
		return ok
	}
	v, ok := d.value(a)
	if !ok {
		return false
	}
	n, ok := engineValue(v)
	if !ok || n.Kind() != engine.Number {
		d.wrong(a, a.place())
		return false
	}
	a.num = n.Number()
	return true
}

func (d *decoder) refs(a *attribute) bool {
	exprs := []hclsyntax.Expression{a.src.Expr}
	if list, ok := a.src.Expr.(*hclsyntax.TupleConsExpr); ok {
		if a.spec.Type == TypeRef || len(list.Exprs) == 0 {
			d.wrong(a, a.place())
			return false
		}
		exprs = list.Exprs
	}
	sound := true
	for _, expr := range exprs {
		sound = d.ref(a, expr) && sound
	}
	return sound
}

func (d *decoder) ref(a *attribute, expr hclsyntax.Expression) bool {
	if isQuoted(expr) {
		bare := a.spec.Refs[0] + ".…"
		if lit, _, ok := newLiteral(a.node.src, expr.Range()); ok && validName(lastName(lit.Value)) {
			bare = a.spec.Refs[0] + "." + lastName(lit.Value)
		}
		d.r.add(codeQuotedRef, expr.Range(), a.in(), bare).suggest(bare)
		return false
	}
	t, ok := expr.(*hclsyntax.ScopeTraversalExpr)
	if !ok {
		d.wrong(a, expr.Range())
		return false
	}
	kind, name, ok := twoNames(t.Traversal)
	known := ok && contains(a.spec.Refs, kind)
	if !known {
		d.wrongRef(a, t)
		return false
	}
	a.refs = append(a.refs, ref{kind, name, t.Range()})
	return true
}

func (d *decoder) wrongRef(a *attribute, t *hclsyntax.ScopeTraversalExpr) {
	forms := make([]string, len(a.spec.Refs))
	for i, k := range a.spec.Refs {
		forms[i] = k + ".…"
	}
	diag := d.r.add(codeWrongRef, t.Range(), a.in(), traversalText(t.Traversal), strings.Join(forms, " / "))
	kind, name, two := twoNames(t.Traversal)
	switch {
	case len(t.Traversal) == 1:
		diag.suggest(a.spec.Refs[0] + "." + t.Traversal.RootName())
	case two && closest(kind, a.spec.Refs) != "":
		diag.suggest(closest(kind, a.spec.Refs) + "." + name)
	}
}

func lastName(s string) string { return s[strings.LastIndexByte(s, '.')+1:] }

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// object is a text, or names with texts, plain values and objects.
func (d *decoder) object(a *attribute) bool {
	if isQuoted(a.src.Expr) {
		lit, ok := d.literal(a, a.src.Expr)
		a.parts = []part{{Name: a.src.Name, Place: a.src.NameRange, Lit: &lit}}
		return ok
	}
	obj, ok := a.src.Expr.(*hclsyntax.ObjectConsExpr)
	if !ok {
		d.wrong(a, a.place())
		return false
	}
	members, ok := d.members(a, obj)
	a.parts = []part{{Name: a.src.Name, Place: a.src.NameRange, Members: members}}
	return ok
}

func (d *decoder) members(a *attribute, obj *hclsyntax.ObjectConsExpr) ([]part, bool) {
	if len(obj.Items) == 0 {
		d.r.add(codeEmpty, obj.Range(), a.in(), a.src.Name, a.spec.example())
		return nil, false
	}
	var out []part
	seen := map[string]hcl.Range{}
	sound := true
	for _, item := range obj.Items {
		key, diags := item.KeyExpr.Value(nil)
		if diags.HasErrors() || key.IsNull() || key.Type() != cty.String {
			d.wrong(a, item.KeyExpr.Range())
			return nil, false
		}
		p := part{Name: key.AsString(), Place: item.KeyExpr.Range()}
		if first, twice := seen[p.Name]; twice {
			d.r.add(codeTwice, p.Place, a.in(), a.src.Name, p.Name).also(first)
			sound = false
		}
		seen[p.Name] = p.Place
		if !d.member(a, &p, item.ValueExpr) {
			sound = false
		}
		out = append(out, p)
	}
	return out, sound
}

func (d *decoder) member(a *attribute, p *part, expr hclsyntax.Expression) bool {
	if obj, ok := expr.(*hclsyntax.ObjectConsExpr); ok {
		members, ok := d.members(a, obj)
		p.Members = members
		return ok
	}
	if isQuoted(expr) {
		lit, ok := d.literal(a, expr)
		p.Lit = &lit
		return ok
	}
	c, ok := d.eval.value(expr, a.in())
	if !ok {
		return false
	}
	if len(c.secrets) > 0 {
		d.r.add(codeSecretHere, expr.Range(), a.in(), Doc{
			"Whoever receives this would receive the secret too.", "受け取る相手に秘密の値も渡ってしまいます。",
		})
		return false
	}
	if p.Const, ok = engineValue(c.v); !ok {
		p.Const, ok = jsonValue(c.v)
	}
	if !ok {
		d.wrong(a, expr.Range())
	}
	return ok
}
