package dsl

import (
	"strings"

	"github.com/expr-lang/expr/ast"

	"github.com/seed-456efde2/nurture/engine"
)

// rollout compiles how changed files go live.
func (b *builder) rollout(n *node) {
	before := len(b.r.items)
	b.pair(n, "canary", "bake")
	b.pair(n, "bake", "canary")
	b.pair(n, "roll_back_if", "canary")
	s := engine.RolloutSpec{Shadow: n.span("shadow"), Bake: n.span("bake"), Canary: n.number("canary")}
	if a := n.get("canary"); a != nil && a.num == 0 {
		b.r.add(codeOutOfBounds, a.place(), a.in(), "canary", Doc{"above 0 and at most 100", "0より大きく100以下の値"},
			Doc{"With 0 nobody would try the change: take canary, bake and roll_back_if away.", "0では誰も試しません。canary と bake、roll_back_if を取り除いてください。"})
	}
	if !n.has("shadow") && !n.has("canary") && len(b.r.items) == before {
		b.r.add(codeMissingAttr, n.place(), n.trail(), "rollout", "shadow", `"1h"`)
	}
	s.Guards = b.guardsOf(n, s.Bake)
	s.Channel, s.To, s.Kind = n.ref("channel"), n.text("to"), b.reportKind(n)
	b.spec.Rollout = &s
}

// guardsOf compiles what takes a change back. Each line is a guard of its own: a
// guard compares one figure with a number, so that it can be said how sure it is.
func (b *builder) guardsOf(n *node, bake engine.Span) []engine.RolloutGuard {
	a := n.get("roll_back_if")
	if a == nil {
		return nil
	}
	sc := b.scope.with(readsRollout, nil)
	var out []engine.RolloutGuard
	for _, lit := range a.lits {
		guard := engine.RolloutGuard{}
		plain := false
		e, found := compileFigure(lit, sc, func(c *checker, root ast.Node, x operand) operand {
			x = c.wantQuestion(root, x)
			guard, plain = c.guard(root)
			return x
		})
		b.r.take(found, lit.Range, a.in())
		b.counts.Conditions++
		switch {
		case e == nil:
			continue
		case !plain:
			b.r.add(codeBadGuard, lit.Range, a.in(), lit.Value,
				Doc{"it compares something else than one figure with one number", "ひとつの指標とひとつの数値の比較ではありません"}, oneFigure)
			continue
		}
		guard.When = &cond{*e}
		b.guardSpeaks(a, lit, &guard, bake)
		out = append(out, guard)
	}
	return out
}

// oneFigure says how a guard is written.
var oneFigure = Doc{
	`Write kpi.NAME.value, one of < <= > >=, and a number; two questions are two lines: ["kpi.a.value > 0.01", "kpi.b.value > 0.05"].`,
	`kpi.名前.value と < <= > >= のどれか、そして数値を書いてください。条件がふたつなら、["kpi.a.value > 0.01", "kpi.b.value > 0.05"] のように行を分けます。`,
}

// guard takes a comparison of one figure with one number apart.
func (c *checker) guard(root ast.Node) (g engine.RolloutGuard, ok bool) {
	n, is := root.(*ast.BinaryNode)
	if !is || fatal(c.problems) {
		return g, false
	}
	op, figure, number := n.Operator, n.Left, n.Right
	if figureNamed(figure) == "" {
		op, figure, number = mirrored[op], number, figure
	}
	g.KPI = figureNamed(figure)
	if g.KPI == "" || len(c.figures) != 1 {
		return g, false
	}
	limit, is := c.visit(number).known.(float64)
	g.Limit, g.Below, g.OrEqual = limit, strings.HasPrefix(op, "<"), strings.HasSuffix(op, "=")
	return g, is && (g.Below || strings.HasPrefix(op, ">"))
}

// figureNamed is X of kpi.X.value, "" for anything else.
func figureNamed(n ast.Node) string {
	outer, ok := n.(*ast.MemberNode)
	if !ok {
		return ""
	}
	inner, ok := outer.Node.(*ast.MemberNode)
	if !ok {
		return ""
	}
	if space, name := memberNames(inner); space == "kpi" {
		return name
	}
	return ""
}

// guardSpeaks refuses a guard that cannot be read from the leads that are tried, or
// would speak whatever they do, and warns of one that has nothing to go by before the
// bake is over.
func (b *builder) guardSpeaks(a *attribute, lit Literal, g *engine.RolloutGuard, bake engine.Span) {
	var k *engine.KPISpec
	for i := range b.spec.KPIs {
		if b.spec.KPIs[i].Name == g.KPI {
			k = &b.spec.KPIs[i]
		}
	}
	if k == nil {
		return // its own problem has been told
	}
	refuse := func(why, instead Doc) {
		b.r.add(codeBadGuard, lit.Range, a.in(), lit.Value, why, instead).also(b.declared["kpi"][k.Name].labelPlace())
	}
	ripens := k.Within
	if k.Sum != nil {
		refuse(Doc{"kpi." + k.Name + " is a sum, and nobody can say how sure it is", "kpi." + k.Name + " は合計で、確からしさを計算できません"},
			Doc{"Guard a count, a rate … of …, or one count divided by another.", "count か rate … of …、または件数どうしの割り算の指標を使ってください。"})
		return
	}
	if k.Value != nil {
		if _, _, ratio := k.Value.Ratio(); !ratio {
			refuse(Doc{"kpi." + k.Name + " is neither a count nor a share, so nobody can say how sure it is", "kpi." + k.Name + " は件数でも割合でもなく、確からしさを計算できません"},
				Doc{"Guard a count, a rate … of …, or one count divided by another.", "count か rate … of …、または件数どうしの割り算の指標を使ってください。"})
			return
		}
		ripens = b.outcomesWithin(k.Value.Figures())
	}
	switch {
	case k.Count != "" && g.Below:
		refuse(Doc{"a count begins at 0, so it would speak at once", "件数は0から始まるため、すぐに成立してしまいます"},
			Doc{"Guard a rate, or turn the comparison round.", "rate の指標を使うか、比較を逆にしてください。"})
	case g.Below && bake > 0 && ripens >= bake:
		b.r.add(codeMuteGuard, lit.Range, a.in(), g.KPI, ripens.String(), bake.String()).also(b.declared["kpi"][k.Name].labelPlace())
	}
}

// outcomesWithin is how long the outcomes that a formula counts may take.
func (b *builder) outcomesWithin(figures []string) (within engine.Span) {
	for _, name := range figures {
		rest, ok := strings.CutPrefix(name, "toss_up.")
		if !ok {
			continue
		}
		toss, word, _ := strings.Cut(rest, ".")
		for i := range b.spec.TossUps {
			t := &b.spec.TossUps[i]
			if t.Name == toss && t.Success != nil && (word == "succeeded" || word == "opportunities" || word == "won" || word == "lost") {
				within = max(within, t.Success.Within)
			}
		}
	}
	return within
}
