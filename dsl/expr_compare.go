package dsl

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/expr-lang/expr/ast"

	"github.com/seed-456efde2/nurture/engine/calendar"
)

// compare checks a comparison. Negated is `not in`, `not contains` and their
// like: comparisons of their own, so that they, too, never hold for an empty
// value.
func (c *checker) compare(n *ast.BinaryNode, negated bool) operand {
	if n.Operator == "in" {
		return c.in(n, negated)
	}
	left := c.visit(n.Left)
	right := c.visitBeside(left, n.Right)
	if left.kind == badKind || right.kind == badKind {
		return bad
	}
	if left.kind == nilKind || right.kind == nilKind {
		c.nilCompared(n, left, right)
		return bad
	}
	switch n.Operator {
	case "contains", "startsWith", "endsWith":
		return c.textTest(n, left, right, negated)
	case "matches":
		return c.matches(n, left, right, negated)
	case "==", "!=", "<", "<=", ">", ">=":
		return c.order(n, left, right)
	}
	c.reportAt("N104", n.Location(), n.Operator)
	return bad
}

// visitBeside checks what a text is compared with: a bare word there is a text
// whose quotes were forgotten.
func (c *checker) visitBeside(left operand, n ast.Node) operand {
	word, ok := n.(*ast.IdentifierNode)
	if !ok || left.kind != textKind || c.isWord(word.Value) {
		return c.visit(n)
	}
	if left.vocab != nil && !slices.Contains(left.vocab.values, word.Value) {
		return c.visit(n)
	}
	c.report("N112", n, word.Value).Suggest = "'" + word.Value + "'"
	return bad
}

// nilCompared says what to write instead of `x == nil`.
func (c *checker) nilCompared(n *ast.BinaryNode, left, right operand) {
	p := c.report("N131", n, n.Operator)
	side := n.Left
	if left.kind == nilKind {
		side = n.Right
	}
	switch n.Operator {
	case "==":
		p.Suggest = "empty(" + c.text(side) + ")"
	case "!=":
		p.Suggest = "not empty(" + c.text(side) + ")"
	}
}

// order is one of == != < <= > >=.
func (c *checker) order(n *ast.BinaryNode, left, right operand) operand {
	right, ok := c.asKind(left.kind, n.Right, right)
	if !ok && right.kind == timeKind {
		left, ok = c.asKind(timeKind, n.Left, left)
	}
	if left.kind == badKind || right.kind == badKind {
		return bad
	}
	if !ok {
		c.mismatch(n, left, right)
		return bad
	}
	if left.kind != numberKind && left.kind != timeKind && n.Operator != "==" && n.Operator != "!=" {
		help := Doc{"Texts and flags have no order; compare with == or !=, or with in.", "文字列やはい／いいえに大小はありません。==・!=・in で比べてください。"}
		c.misfit(n.Location(), n.Operator, numberKind, n.Left, left, help)
		return bad
	}
	if !c.knowsWord(n.Left, left, n.Right, right) || !c.knowsWord(n.Right, right, n.Left, left) {
		return bad
	}
	switch left.kind {
	case numberKind:
		return c.orderNumbers(n, left, right)
	case timeKind:
		return orderTimes(n.Operator, left, right)
	case flagKind:
		o := test2(flags(n.Operator), left, right)
		return o.answeringWord(n.Operator, left, right)
	case textKind:
		return c.orderTexts(n, left, right)
	}
	c.misfit(n.Location(), n.Operator, textKind, n.Left, left, helpKinds)
	return bad
}

// asKind reports whether x is of a kind; a date in a text is read as the time
// that is wanted.
func (c *checker) asKind(want opKind, n ast.Node, x operand) (operand, bool) {
	word, isWord := x.known.(string)
	if x.kind == want || want != timeKind || !isWord {
		return x, x.kind == want
	}
	t, ok := parseMoment(word, c.sc.Zone)
	if !ok {
		c.report("N141", n, word)
		return bad, true
	}
	return operand{kind: timeKind, node: literalNode(t)}, true
}

// parseMoment reads a date or a date with a time in the project's zone.
func parseMoment(s string, zone *time.Location) (time.Time, bool) {
	if zone == nil {
		zone = time.UTC
	}
	for _, layout := range []string{"2006-01-02", "2006-01-02 15:04", "2006-01-02 15:04:05"} {
		if t, err := time.Parse(layout, s); err == nil {
			return calendar.OnWall(t, zone), true
		}
	}
	t, err := time.ParseInLocation(time.RFC3339, s, zone)
	return t, err == nil
}

// mismatch reports two kinds that never are equal, and the other way to write the
// constant side.
func (c *checker) mismatch(n *ast.BinaryNode, left, right operand) {
	p := c.report("N124", n, c.text(n.Left), left.kind.phrase(), c.text(n.Right), right.kind.phrase())
	if fix := rewritten(left.kind, n.Right, right); fix != "" {
		p.Suggest = c.text(n.Left) + " " + n.Operator + " " + fix
	} else if fix := rewritten(right.kind, n.Left, left); fix != "" {
		p.Suggest = fix + " " + n.Operator + " " + c.text(n.Right)
	}
}

func rewritten(want opKind, n ast.Node, x operand) string {
	switch v := x.known.(type) {
	case float64:
		if want == textKind {
			return "'" + formatNumber(v) + "'"
		}
	case string:
		number, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
		if want == numberKind && err == nil && finite(number) {
			return formatNumber(number)
		}
		if want == flagKind && (v == "true" || v == "false") {
			return v
		}
	case bool:
		if want == textKind {
			return fmt.Sprintf("'%t'", v)
		}
	}
	return ""
}

// knowsWord checks that a constant is a value that the other side can have.
func (c *checker) knowsWord(n ast.Node, x operand, other ast.Node, y operand) bool {
	word, ok := y.known.(string)
	if !ok || x.kind != textKind {
		return true
	}
	if word == "" && x.blank {
		c.report("N144", other, c.text(n))
		return false
	}
	if x.vocab == nil || slices.Contains(x.vocab.values, word) {
		return true
	}
	p := c.report(x.vocab.code, other, x.vocab.name, word, list(x.vocab.values))
	if near := closest(word, x.vocab.values); near != "" {
		p.Suggest = "'" + near + "'"
	}
	return false
}

// list is values for a sentence, not too many.
func list(values []string) string {
	const most = 12
	values = slices.DeleteFunc(slices.Clone(values), func(s string) bool { return s == "" })
	if len(values) > most {
		return strings.Join(values[:most], ", ") + ", …"
	}
	return strings.Join(values, ", ")
}

func (c *checker) orderNumbers(n *ast.BinaryNode, left, right operand) operand {
	op, side := n.Operator, n.Left
	if left.known != nil && right.known == nil {
		left, right, op, side = right, left, mirrored[op], n.Right
	}
	limit, ok := right.known.(float64)
	if !ok || left.known != nil {
		return test2(numbers(op), left, right)
	}
	o := test(numberWith(op, limit), left)
	o.fixed = false
	if finite(left.lo) || finite(left.hi) {
		t := numberTruth("", op, limit, domain{lo: left.lo, hi: left.hi, empty: left.empty})
		if t.always() || t.never() {
			c.outOfRange(n, side, left, t.always())
			return bad
		}
	}
	if left.fact == "" {
		return o
	}
	return o.answering(numberTruth(left.fact, op, limit, domain{lo: left.lo, hi: left.hi, empty: left.empty}))
}

// outOfRange reports a threshold that every possible number passes, or none.
func (c *checker) outOfRange(n *ast.BinaryNode, side ast.Node, x operand, always bool) {
	verdict := Doc{"always false", "常に偽になります"}
	if always {
		verdict = Doc{"always true", "常に真になります"}
	}
	c.report("N129", n, c.text(side), bound(x.lo), bound(x.hi), verdict)
}

func bound(n float64) any {
	if finite(n) {
		return formatNumber(n)
	}
	return Doc{"any number", "任意の数"}
}

func orderTimes(op string, left, right operand) operand {
	if lit, ok := right.node.(*ast.ConstantNode); ok {
		if t, ok := lit.Value.(time.Time); ok {
			return test(timeWith(op, t), left)
		}
	}
	if lit, ok := left.node.(*ast.ConstantNode); ok {
		if t, ok := lit.Value.(time.Time); ok {
			return test(timeWith(mirrored[op], t), right)
		}
	}
	return test2(times(op), left, right)
}

func (c *checker) orderTexts(n *ast.BinaryNode, left, right operand) operand {
	same, want := textTests["=="], n.Operator == "=="
	if left.known != nil && right.known == nil {
		left, right = right, left
	}
	word, ok := right.known.(string)
	if !ok || left.known != nil {
		return test2(texts(same, want, left.blank, right.blank), left, right)
	}
	o := test(textWith(same, want, left.blank, word), left)
	return o.answeringWord(n.Operator, left, right)
}

// answeringWord notes the truth of a fact compared with a constant text or flag.
func (o operand) answeringWord(op string, left, right operand) operand {
	if left.known != nil {
		left, right = right, left
	}
	if left.fact == "" || right.known == nil {
		return o
	}
	o.fixed = false
	return o.answering(wordTruth(left.fact, []string{fmt.Sprint(right.known)}, op == "!=", domainOf(left)))
}

// domainOf is what values a text or flag can have.
func domainOf(x operand) domain {
	d := domain{empty: x.empty}
	switch {
	case x.kind == flagKind:
		d.words = []string{"false", "true"}
	case x.vocab != nil:
		d.words = x.vocab.values
	}
	return d
}

func (c *checker) in(n *ast.BinaryNode, negated bool) operand {
	left := c.visit(n.Left)
	array, ok := n.Right.(*ast.ArrayNode)
	if !ok {
		c.notAList(n)
		return bad
	}
	if left.kind == badKind {
		return bad
	}
	if left.kind != textKind && left.kind != numberKind {
		c.misfit(n.Location(), "in", textKind, n.Left, left, c.notInHelp(n))
		return bad
	}
	if len(array.Nodes) == 0 {
		return c.decided(n, negated)
	}
	words, numbers, ok := c.elements(n, left, array)
	if !ok {
		return bad
	}
	if left.kind == numberKind {
		o := test(numberIn(numbers, !negated), left)
		return c.answeringNumbers(o, left, numbers, negated)
	}
	o := test(textIn(words, !negated, left.blank), left)
	if left.fact != "" {
		o = o.answering(wordTruth(left.fact, words, negated, domainOf(left)))
		if o.truth.always() || o.truth.never() {
			return c.decided(n, o.truth.always())
		}
	}
	return o
}

func (c *checker) answeringNumbers(o operand, left operand, numbers []float64, negated bool) operand {
	if left.fact == "" {
		return o
	}
	d := domain{lo: left.lo, hi: left.hi, empty: left.empty}
	t := numberTruth(left.fact, "==", numbers[0], d)
	for _, v := range numbers[1:] {
		t = t.or(numberTruth(left.fact, "==", v, d))
	}
	if negated {
		t = t.not()
		t.empty = false
	}
	return o.answering(t)
}

// notInHelp is for `not x in […]`, where not binds to x.
func (c *checker) notInHelp(n *ast.BinaryNode) Doc {
	return Doc{
		"Write " + c.text(n.Left) + " in ['a', 'b'] with a text or a number on the left.",
		"in の左には文字列か数値を書いてください。",
	}
}

func (c *checker) notAList(n *ast.BinaryNode) {
	if b, ok := n.Right.(*ast.BinaryNode); ok && b.Operator == ".." {
		what := c.text(n.Left)
		c.report("N110", n, "..", advice[".."]).Suggest = what + " >= " + c.text(b.Left) + " and " + what + " <= " + c.text(b.Right)
		return
	}
	right := c.visit(n.Right)
	if right.kind == badKind {
		return
	}
	c.report("N125", n.Right, "in", listKind.phrase(), c.text(n.Right), right.kind.phrase(),
		Doc{
			"Write a list: x in ['a', 'b']; to look inside a text write x contains 'a'.",
			"x in ['a', 'b'] のようにリストを書きます。文字列の中を探すには x contains 'a' と書きます。",
		})
}

// elements reads the values of a list; every one is a constant of the left side's
// kind, and a value that it can have.
func (c *checker) elements(n *ast.BinaryNode, left operand, array *ast.ArrayNode) (words []string, numbers []float64, ok bool) {
	ok = true
	for _, e := range array.Nodes {
		x := c.visitBeside(left, e)
		switch {
		case x.kind == badKind:
			ok = false
		case x.kind != left.kind:
			p := c.report("N124", e, c.text(n.Left), left.kind.phrase(), c.text(e), x.kind.phrase())
			p.Suggest = rewritten(left.kind, e, x)
			ok = false
		case x.known == nil:
			c.report("N115", e, "in", "x in ['a', 'b']")
			ok = false
		case !c.knowsWord(n.Left, left, e, x):
			ok = false
		}
		if word, is := x.known.(string); is {
			words = append(words, word)
		}
		if number, is := x.known.(float64); is {
			numbers = append(numbers, number)
		}
	}
	return words, numbers, ok
}

func (c *checker) areTexts(n *ast.BinaryNode, left, right operand) bool {
	for i, x := range []operand{left, right} {
		if x.kind != textKind {
			c.misfit(n.Location(), n.Operator, textKind, []ast.Node{n.Left, n.Right}[i], x,
				Doc{"To compare numbers use == < <= > >=.", "数値は == < <= > >= で比べます。"})
			return false
		}
	}
	return true
}

func (c *checker) textTest(n *ast.BinaryNode, left, right operand, negated bool) operand {
	if !c.areTexts(n, left, right) {
		return bad
	}
	if right.known == "" {
		return c.decided(n, !negated)
	}
	holds := textTests[n.Operator]
	if word, ok := right.known.(string); ok && left.known == nil {
		return test(textWith(holds, !negated, left.blank, word), left)
	}
	return test2(texts(holds, !negated, left.blank, right.blank), left, right)
}

// Bounds of a pattern. Matching takes time in proportion to the text's length
// times the pattern's size, so the size is bounded before it is compiled.
const (
	maxPattern     = 512  // bytes
	maxPatternCost = 1000 // steps a character
)

func (c *checker) matches(n *ast.BinaryNode, left, right operand, negated bool) operand {
	if right.kind == textKind && right.known == nil {
		c.report("N136", n.Right)
		return bad
	}
	if !c.areTexts(n, left, right) {
		return bad
	}
	re := c.pattern(n.Right, right.known.(string))
	if re == nil {
		return bad
	}
	want, blank := !negated, left.blank
	return test(func(v any) bool {
		s, ok := textOf(v, blank)
		return ok && re.MatchString(s) == want
	}, left)
}

func (c *checker) pattern(n ast.Node, s string) *regexp.Regexp {
	if len(s) > maxPattern {
		c.report("N135", n, thousands(len(s)), thousands(maxPattern))
		return nil
	}
	tree, err := syntax.Parse(s, syntax.Perl)
	if err != nil {
		c.badPattern(n, err)
		return nil
	}
	if cost := patternCost(tree); cost > maxPatternCost {
		c.report("N135", n, thousands(cost), thousands(maxPatternCost))
		return nil
	}
	re, err := regexp.Compile(s)
	if err != nil {
		c.report("N134", n, "too large")
		return nil
	}
	return re
}

func (c *checker) badPattern(n ast.Node, err error) {
	e, ok := err.(*syntax.Error)
	switch {
	case !ok:
		c.report("N134", n, err.Error())
	case e.Code == syntax.ErrInvalidRepeatSize || e.Code == syntax.ErrLarge || e.Code == syntax.ErrNestingDepth:
		c.report("N135", n, "> "+thousands(maxPatternCost), thousands(maxPatternCost))
	default:
		c.report("N134", n, e.Code.String())
	}
}

// patternCost is about how many instructions a pattern compiles to; repetitions
// multiply.
func patternCost(re *syntax.Regexp) int {
	cost := 1 + len(re.Rune)/16
	if re.Op == syntax.OpLiteral {
		cost = len(re.Rune)
	}
	for _, sub := range re.Sub {
		cost += patternCost(sub)
	}
	if re.Op == syntax.OpRepeat {
		cost *= max(re.Min, re.Max, 1)
	}
	return min(cost, 1<<20)
}
