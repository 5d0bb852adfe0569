package dsl

import (
	"slices"

	"github.com/expr-lang/expr/ast"
)

// figureInfo is the figure at hand: in a threshold, and in what it tells.
type figureInfo struct {
	Rate   bool     // its value lies between 0 and 1
	Labels []string // what it is told apart by
}

// figure is an operand that reads a figure. Figures are no facts of a lead: they
// are supplied under these names by what keeps them.
func (c *checker) figure(name string, kind opKind) operand {
	if !slices.Contains(c.figures, name) {
		c.figures = append(c.figures, name)
	}
	return bounded(operand{kind: kind, node: &ast.IdentifierNode{Value: name}, fact: name})
}

// share is a figure that is a rate.
func (c *checker) share(name string, rate bool) operand {
	o := c.figure(name, numberKind)
	if rate {
		o.lo, o.hi = 0, 1
	}
	return o
}

// isFigureWord reports a word that means something in a threshold: value, and the
// labels of the figure.
func (c *checker) isFigureWord(name string) bool {
	f := c.sc.Figure
	return f != nil && c.sc.has(famFigure) && (name == "value" || slices.Contains(f.Labels, name))
}

func (c *checker) figureWord(name string) operand {
	if name == "value" {
		return c.share(name, c.sc.Figure.Rate)
	}
	return c.figure("label:"+name, textKind)
}

// tossUpFigures are the counts of a toss-up that a formula may name. succeeded is
// another word for opportunities.
var tossUpFigures = []string{"accepted", "expired", "handed_over", "lost", "missed", "offered", "opportunities", "rejected", "succeeded", "won"}

// isFigureSpace reports a namespace of figures: kpi.NAME.value,
// toss_up.NAME.handed_over, and in formulas event.NAME.count, stage.NAME.leads and
// segment.NAME.leads.
func (c *checker) isFigureSpace(space string) bool {
	return space == "kpi" || space == "toss_up" || c.sc.has(famFormula) && slices.Contains([]string{"event", "stage", "segment"}, space)
}

// figuresOf are the words that a namespace of figures knows, what stands in it, and
// the names of those.
func (c *checker) figuresOf(space string) (f family, noun Doc, words, known []string) {
	switch space {
	case "toss_up":
		return famFormula, Doc{"toss-up", "トスアップ"}, tossUpFigures, names(c.sc.TossUps)
	case "event":
		return famFormula, Doc{"event", "イベント"}, []string{"count"}, names(c.sc.Events)
	case "stage":
		for _, s := range c.sc.Stages {
			known = append(known, s.Name)
		}
		return famFormula, Doc{"stage", "ステージ"}, []string{"leads"}, known
	case "segment":
		return famFormula, Doc{"segment", "セグメント"}, []string{"leads"}, names(c.sc.Segments)
	}
	words = []string{"value"}
	if c.sc.has(famSkipped) {
		words = []string{"state", "value"} // tests ask how the thresholds stand, too
	}
	return famKPI, Doc{"figure", "指標"}, words, names(c.sc.KPIs)
}

// figureMember is kpi.NAME.value, toss_up.NAME.handed_over and their like.
func (c *checker) figureMember(n, inner *ast.MemberNode, space, name string, prop *ast.StringNode) operand {
	f, noun, words, known := c.figuresOf(space)
	if !c.may(f, n, c.text(n)) {
		return bad
	}
	if !slices.Contains(known, name) {
		p := c.reportAt("N021", inner.Property.Location(), space, noun, name, list(known))
		if near := closest(name, known); near != "" {
			p.Suggest, p.Shown = near, space+"."+near
		}
		return bad
	}
	if !slices.Contains(words, prop.Value) {
		p := c.reportAt("N021", prop.Location(), space+"."+name, Doc{"figure", "数値"}, prop.Value, list(words))
		p.Suggest = closest(prop.Value, words)
		return bad
	}
	full := space + "." + name + "." + prop.Value
	if prop.Value == "state" {
		return c.figure(full, textKind)
	}
	if space == "kpi" {
		return c.share(full, c.sc.Rates[name])
	}
	o := c.figure(full, numberKind)
	o.lo = 0
	return o
}

// halfFigure reports kpi.NAME without the figure that is meant.
func (c *checker) halfFigure(n *ast.MemberNode, space string) {
	if space == "kpi" {
		c.report("N146", n, c.text(n)).Suggest = c.text(n) + ".value"
		return
	}
	c.report("N146", n, c.text(n)).Suggest = c.text(n) + ".handed_over"
}

// reachable is how many leads a channel may write to now.
func (c *checker) reachable(n *ast.CallNode) operand {
	if !c.may(famFormula, n, "reachable") {
		return bad
	}
	if len(n.Arguments) != 1 {
		c.report("N114", n, "reachable", len(n.Arguments), "reachable('mail')")
		return bad
	}
	channel, ok := c.visit(n.Arguments[0]).known.(string)
	if !ok {
		c.report("N115", n.Arguments[0], "reachable", "reachable('mail')")
		return bad
	}
	if !declaredArg(c, "N118", n.Arguments[0], channel, c.sc.Channels) {
		return bad
	}
	o := c.figure("reachable:"+channel, numberKind)
	o.lo = 0
	return o
}

// compileFigure compiles what is asked of figures.
func compileFigure(lit Literal, sc *Scope, want func(*checker, ast.Node, operand) operand) (*expression, []problem) {
	return compileExpr(sourceOf(&lit), sc, nil, want)
}
