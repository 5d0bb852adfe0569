package dsl

import (
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"
)

// exprFunc is a row of the one list of functions. All are pure: their value
// follows from their arguments.
type exprFunc struct {
	params   []opKind // badKind takes anything
	optional int      // how many of the last may be left out
	many     bool     // the last may be repeated
	result   opKind
	lo, hi   float64 // bounds of a number; both 0: none
	usage    string
	doc      Doc
	// literal are the params that must be written out, as bits.
	literal uint8
	build   func(c *checker, args []operand) operand
}

// functions is the list. Nothing else can be called in conditions and texts but
// these and the facts that are asked for like functions (factCalls).
var functions = functionTable()

func functionTable() map[string]*exprFunc {
	return map[string]*exprFunc{
		"round": {
			params: []opKind{numberKind, numberKind}, optional: 1, literal: 2, result: numberKind, usage: "round(score.interest, 1)", build: buildRound,
			doc: Doc{"Rounds to a whole number, or to so many decimals.", "整数、または指定した小数桁に丸めます。"},
		},
		"floor": {
			params: []opKind{numberKind}, result: numberKind, usage: "floor(score.interest)", build: onNumber(math.Floor),
			doc: Doc{"The whole number at or below.", "切り捨てます。"},
		},
		"ceil": {
			params: []opKind{numberKind}, result: numberKind, usage: "ceil(score.interest)", build: onNumber(math.Ceil),
			doc: Doc{"The whole number at or above.", "切り上げます。"},
		},
		"abs": {
			params: []opKind{numberKind}, result: numberKind, usage: "abs(score.interest)", build: onNumber(math.Abs),
			doc: Doc{"The number without its sign.", "絶対値です。"},
		},
		"min": {
			params: []opKind{numberKind, numberKind}, many: true, result: numberKind, usage: "min(score.fit, 50)", build: fold(math.Min),
			doc: Doc{"The smallest of the numbers.", "いちばん小さい数です。"},
		},
		"max": {
			params: []opKind{numberKind, numberKind}, many: true, result: numberKind, usage: "max(score.fit, 50)", build: fold(math.Max),
			doc: Doc{"The greatest of the numbers.", "いちばん大きい数です。"},
		},
		"percent": {
			params: []opKind{numberKind, numberKind}, optional: 1, literal: 2, result: textKind, usage: "percent(0.032, 1)", build: buildPercent,
			doc: Doc{"A share as percent: 0.032 is 3.2%.", "割合を百分率にします。0.032 は 3.2% です。"},
		},
		"month": {
			params: []opKind{timeKind}, result: numberKind, lo: 1, hi: 12, usage: "month(now)", build: onTime(func(t time.Time) int { return int(t.Month()) }),
			doc: Doc{"The month of a time, 1 to 12, in the lead's zone.", "月（1〜12）です。見込み客のタイムゾーンで数えます。"},
		},
		"year": {
			params: []opKind{timeKind}, result: numberKind, lo: 1, hi: 9999, usage: "year(now)", build: onTime(time.Time.Year),
			doc: Doc{"The year of a time, in the lead's zone.", "年です。見込み客のタイムゾーンで数えます。"},
		},
		"day": {
			params: []opKind{timeKind}, result: numberKind, lo: 1, hi: 31, usage: "day(now)", build: onTime(time.Time.Day),
			doc: Doc{"The day of the month, 1 to 31, in the lead's zone.", "日（1〜31）です。見込み客のタイムゾーンで数えます。"},
		},
		"date": {
			params: []opKind{timeKind}, result: textKind, usage: "date(now)", build: buildDate,
			doc: Doc{"The day in words: 5 October 2026.", "日付を「2026年10月5日」のように書きます。"},
		},
		"label": {
			params: []opKind{textKind}, result: textKind, usage: "label(lead.stage)", build: buildLabel,
			doc: Doc{"The label of a value, or the value where it has none.", "値のラベルです。ラベルがなければ値そのものです。"},
		},
		"lower": {
			params: []opKind{textKind}, result: textKind, usage: "lower(lead.email)", build: onText(strings.ToLower),
			doc: Doc{"In small letters.", "小文字にします。"},
		},
		"upper": {
			params: []opKind{textKind}, result: textKind, usage: "upper(lead.title)", build: onText(strings.ToUpper),
			doc: Doc{"In capital letters.", "大文字にします。"},
		},
		"trim": {
			params: []opKind{textKind}, result: textKind, usage: "trim(lead.company)", build: onText(strings.TrimSpace),
			doc: Doc{"Without the spaces around it.", "前後の空白を取り除きます。"},
		},
		"replace": {
			params: []opKind{textKind, textKind, textKind}, literal: 6, result: textKind, usage: "replace(lead.company, '株式会社', '')", build: buildReplace,
			doc: Doc{"With every occurrence of one text replaced by another.", "文字列をすべて置き換えます。"},
		},
		"len": {
			params: []opKind{textKind}, result: numberKind, lo: 0, hi: math.Inf(1), usage: "len(lead.company)", build: buildLen,
			doc: Doc{"How many characters a text has.", "文字数です。"},
		},
		"empty": {
			params: []opKind{badKind}, result: flagKind, usage: "empty(lead.company)", build: buildEmpty,
			doc: Doc{"Whether there is no value; a text without characters is none.", "値がないかどうかです。空の文字列も値なしとして扱います。"},
		},
	}
}

// FunctionDoc is a row of the reference.
type FunctionDoc struct {
	Name  string
	Usage string
	Doc   Doc
}

// Functions is the list of functions for the reference, by name.
func Functions() []FunctionDoc {
	var out []FunctionDoc
	for _, name := range names(functions) {
		out = append(out, FunctionDoc{name, functions[name].usage, functions[name].doc})
	}
	return out
}

// function checks a call of a function.
func (c *checker) function(n *ast.CallNode, callee *ast.IdentifierNode, f *exprFunc) operand {
	least := len(f.params) - f.optional
	if len(n.Arguments) < least || len(n.Arguments) > len(f.params) && !f.many || len(n.Arguments) > 16 {
		c.report("N114", n, callee.Value, len(n.Arguments), f.usage)
		return bad
	}
	args := make([]operand, len(n.Arguments))
	for i, a := range n.Arguments {
		at := min(i, len(f.params)-1)
		x, ok := c.argument(callee, f, a, f.params[at], f.literal>>at&1 == 1)
		if !ok {
			return bad
		}
		args[i] = x
	}
	o := f.build(c, args)
	if o.known == nil && (f.lo != 0 || f.hi != 0) {
		o.lo, o.hi = f.lo, f.hi
	}
	return o
}

func (c *checker) argument(callee *ast.IdentifierNode, f *exprFunc, n ast.Node, want opKind, literal bool) (operand, bool) {
	x := c.visit(n)
	if x.kind == badKind {
		return bad, false
	}
	if want != badKind {
		x, _ = c.asKind(want, n, x)
	}
	if x.kind == badKind {
		return bad, false
	}
	if x.kind == nilKind || want != badKind && x.kind != want {
		c.misfit(c.extent(n), callee.Value, want, n, x,
			Doc{"It is written " + f.usage + ".", f.usage + " のように書きます。"})
		return bad, false
	}
	if literal && x.known == nil {
		c.report("N115", n, callee.Value, f.usage)
		return bad, false
	}
	return x, true
}

func onNumber(f func(float64) float64) func(*checker, []operand) operand {
	g := numberFunc(f)
	return func(_ *checker, args []operand) operand { return value(numberKind, g, args[0]) }
}

func numberFunc(f func(float64) float64) func(any) any {
	return func(v any) any {
		x, ok := v.(float64)
		if n := f(x); ok && finite(n) {
			return n
		}
		return nil
	}
}

func onText(f func(string) string) func(*checker, []operand) operand {
	g := textFunc(f)
	return func(_ *checker, args []operand) operand { return value(textKind, g, args[0]) }
}

// textFunc gives no value where the result would be longer than any text may be.
func textFunc(f func(string) string) func(any) any {
	return func(v any) any {
		s, ok := v.(string)
		if !ok || len(s) > maxText {
			return nil
		}
		if s = f(s); len(s) > maxText {
			return nil
		}
		return s
	}
}

func onTime(f func(time.Time) int) func(*checker, []operand) operand {
	g := func(v any) any {
		t, ok := v.(time.Time)
		if !ok {
			return nil
		}
		return float64(f(t))
	}
	return func(_ *checker, args []operand) operand { return value(numberKind, g, args[0]) }
}

func fold(f func(a, b float64) float64) func(*checker, []operand) operand {
	g := computed(f)
	return func(_ *checker, args []operand) operand {
		o := args[0]
		for _, x := range args[1:] {
			o = value2(numberKind, g, o, x)
		}
		return o
	}
}

// digitsOf is the optional second argument: 0 to 9 decimals.
func digitsOf(args []operand, otherwise int) int {
	if len(args) < 2 {
		return otherwise
	}
	n, _ := args[1].known.(float64)
	return int(max(0, min(n, 9)))
}

func roundTo(n float64, digits int) float64 {
	scale := math.Pow10(digits)
	if r := math.Round(n*scale) / scale; finite(r) {
		return r
	}
	return n
}

func buildRound(_ *checker, args []operand) operand {
	digits := digitsOf(args, 0)
	return value(numberKind, numberFunc(func(n float64) float64 { return roundTo(n, digits) }), args[0])
}

func buildPercent(_ *checker, args []operand) operand {
	digits := digitsOf(args, 1)
	return value(textKind, func(v any) any {
		n, ok := v.(float64)
		if !ok {
			return nil
		}
		return formatNumber(roundTo(n*100, digits)) + "%"
	}, args[0])
}

func buildDate(c *checker, args []operand) operand {
	lang := c.sc.Language
	return value(textKind, func(v any) any {
		t, ok := v.(time.Time)
		if !ok {
			return nil
		}
		return formatDate(t, lang)
	}, args[0])
}

// buildLabel knows the labels of stages; other values are their own.
func buildLabel(c *checker, args []operand) operand {
	labels := map[string]string{}
	if args[0].vocab != nil && args[0].vocab.code == "N123" {
		for _, s := range c.sc.Stages {
			labels[s.Name] = s.Label
		}
	}
	return value(textKind, func(v any) any {
		s, ok := v.(string)
		if !ok {
			return nil
		}
		if l := labels[s]; l != "" {
			return l
		}
		return s
	}, args[0])
}

func buildReplace(_ *checker, args []operand) operand {
	from, _ := args[1].known.(string)
	to, _ := args[2].known.(string)
	return value(textKind, textFunc(func(s string) string {
		if from == "" || len(s)+strings.Count(s, from)*(len(to)-len(from)) > maxText {
			return s
		}
		return strings.ReplaceAll(s, from, to)
	}), args[0])
}

func buildLen(_ *checker, args []operand) operand {
	return value(numberKind, func(v any) any {
		s, ok := v.(string)
		if !ok {
			return nil
		}
		return float64(utf8.RuneCountInString(s))
	}, args[0])
}

func buildEmpty(_ *checker, args []operand) operand {
	return test(isEmpty, args[0])
}
