package httpd

import (
	"strings"

	"github.com/seed-456efde2/nurture/dsl"
	"github.com/seed-456efde2/nurture/engine"
)

// seenReason is a condition of a decision in words, with the values that it saw.
type seenReason struct {
	Condition string // as a sentence, or as it was written where the rules of now have it no more
	Written   bool   // Condition is as it was written
	Holds     bool
	Seen      []pair
}

// condBook are conditions by how they are written.
type condBook map[string]engine.Cond

// condBookOf are the conditions of the rules by which decisions give their reasons.
func condBookOf(spec *engine.Spec) condBook {
	conds := condBook{}
	eachCond(spec, func(_ string, c engine.Cond) { conds[c.Source()] = c })
	return conds
}

// reasons are conditions with what they saw. The rules of then may have been
// others, so that a condition is found by how it is written.
func (sp speaker) reasons(conds condBook, docs []ReasonDoc) []seenReason {
	list := make([]seenReason, 0, len(docs))
	for _, d := range docs {
		r := seenReason{Condition: d.Condition, Holds: d.Holds}
		if cond := conds[d.Condition]; cond != nil {
			r.Condition = dsl.Sentence(cond, string(sp.v.Lang))
			r.Seen = sp.operands(cond, d.Facts)
		} else {
			r.Written = true
			r.Seen = sp.pairs(d.Facts, nil)
		}
		list = append(list, r)
	}
	return list
}

// operands are the values that a condition saw, by the names that people know. Yes
// and no stand in the sentence already.
func (sp speaker) operands(cond engine.Cond, facts map[string]any) []pair {
	var list []pair
	for _, o := range dsl.Operands(cond, string(sp.v.Lang)) {
		value, ok := facts[o.Key]
		if _, flag := value.(bool); !ok || flag {
			continue
		}
		one := sp.pairs(map[string]any{o.Key: value}, nil)
		if n, isNumber := value.(float64); isNumber {
			var bounds []float64
			for _, b := range o.Values {
				if b.Kind() == engine.Number {
					bounds = append(bounds, b.Number())
				}
			}
			one[0].Value = decimalAs(n, bounds)
		}
		one[0].Name = o.Label
		list = append(list, one...)
	}
	return list
}

// Values are the values in one line.
func (r seenReason) Values() string {
	var b strings.Builder
	for i, p := range r.Seen {
		if i > 0 {
			b.WriteString(", ")
		}
		if !r.Written {
			b.WriteString(p.Name + " ")
		}
		b.WriteString(p.Value)
	}
	return b.String()
}
