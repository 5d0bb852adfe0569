package dsl

import (
	"github.com/expr-lang/expr/ast"
	"github.com/hashicorp/hcl/v2"

	"github.com/seed-456efde2/nurture/engine"
)

// Question is what a person asks about a lead in the words of conditions. Exactly
// one of its fields is set.
type Question struct {
	Cond  engine.Cond // a yes/no question: "score.interest >= 70"
	Value engine.Val  // anything else: "score.interest"
}

// Reads are the facts that the answer hangs on.
func (q *Question) Reads() []engine.Key {
	if q.Cond != nil {
		return q.Cond.Reads()
	}
	return q.Value.Reads()
}

// askedFile is where the problems of a question say that they stand.
const askedFile = "question"

// Ask compiles a question about a lead under the rules of the workspace. It may name
// what the expectations of tests may name. The Question is nil where the Diagnostics
// hold an Error. An empty language is the project's.
//
// The engine keeps only the counts that rules ask for: whoever wants an answer about
// others adds what the question Reads to the Spec's Asked before the story begins.
func (w *Workspace) Ask(text, language string) (*Question, Diagnostics) {
	if language == "" {
		language = w.Language
	}
	r := &reporter{}
	q := compileQuestion(text, &w.scope, r)
	return q, r.diagnostics(map[string][]byte{askedFile: []byte(text)}, language)
}

func compileQuestion(text string, sc *Scope, r *reporter) *Question {
	src := source{text, func(start, end int) hcl.Range {
		from := advance(hcl.InitialPos, []byte(text[:start]))
		return hcl.Range{Filename: askedFile, Start: from, End: advance(from, []byte(text[start:end]))}
	}}
	asks := false
	either := func(c *checker, n ast.Node, x operand) operand {
		if asks = x.kind == flagKind; asks {
			return c.question(n, x)
		}
		return x
	}
	e, problems := compileExpr(src, sc.with(readsTest, nil), nil, either)
	if e != nil && !asks && len(e.figures) > 0 {
		// A figure's number is nothing that one lead has; only conditions are shown
		// what it is.
		e, problems = compileExpr(src, sc.with(readsTest&^famKPI, nil), nil, either)
	}
	r.take(problems, src.whole(), nil)
	switch {
	case e == nil:
		return nil
	case asks:
		return &Question{Cond: &cond{*e}}
	}
	return &Question{Value: &val{*e}}
}
