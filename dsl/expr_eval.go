package dsl

import (
	"slices"
	"strings"
	"time"
)

// What an expression does at run time. All of it is pure and total: a value that
// is missing or of another kind gives "no" or "no value".

// grain is the difference below which two numbers are the same: sums of fading
// points are compared after rounding to 1e-9.
const grain = 5e-10

// differs says for each comparison which sign of a - b it wants.
var differs = map[string]func(d float64) bool{
	"==": func(d float64) bool { return d < grain && d > -grain },
	"!=": func(d float64) bool { return d >= grain || d <= -grain },
	"<":  func(d float64) bool { return d <= -grain },
	"<=": func(d float64) bool { return d < grain },
	">":  func(d float64) bool { return d >= grain },
	">=": func(d float64) bool { return d > -grain },
}

// mirrored is the operator with its sides exchanged.
var mirrored = map[string]string{"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}

// finite reports a number that is neither NaN nor infinite.
func finite(n float64) bool { return n-n == 0 }

func numberWith(op string, n float64) func(any) bool {
	holds := differs[op]
	return func(v any) bool {
		x, ok := v.(float64)
		return ok && finite(x) && holds(x-n)
	}
}

func numbers(op string) func(a, b any) bool {
	holds := differs[op]
	return func(a, b any) bool {
		x, ok := a.(float64)
		y, ok2 := b.(float64)
		return ok && ok2 && finite(x) && finite(y) && holds(x-y)
	}
}

func timeWith(op string, t time.Time) func(any) bool {
	holds := differs[op]
	return func(v any) bool {
		x, ok := v.(time.Time)
		return ok && holds(float64(x.Compare(t)))
	}
}

func times(op string) func(a, b any) bool {
	holds := differs[op]
	return func(a, b any) bool {
		x, ok := a.(time.Time)
		y, ok2 := b.(time.Time)
		return ok && ok2 && holds(float64(x.Compare(y)))
	}
}

func flags(op string) func(a, b any) bool {
	equal := op == "=="
	return func(a, b any) bool {
		x, ok := a.(bool)
		y, ok2 := b.(bool)
		return ok && ok2 && (x == y) == equal
	}
}

// textTests are the questions about two texts.
var textTests = map[string]func(a, b string) bool{
	"==":         func(a, b string) bool { return a == b },
	"!=":         func(a, b string) bool { return a != b },
	"contains":   strings.Contains,
	"startsWith": strings.HasPrefix,
	"endsWith":   strings.HasSuffix,
}

// textOf is v as a text; an empty one is none where it counts as empty.
func textOf(v any, blank bool) (string, bool) {
	s, ok := v.(string)
	return s, ok && (s != "" || !blank)
}

func textWith(holds func(a, b string) bool, want bool, blank bool, s string) func(any) bool {
	return func(v any) bool {
		x, ok := textOf(v, blank)
		return ok && holds(x, s) == want
	}
}

func texts(holds func(a, b string) bool, want bool, blankA, blankB bool) func(a, b any) bool {
	return func(a, b any) bool {
		x, ok := textOf(a, blankA)
		y, ok2 := textOf(b, blankB)
		return ok && ok2 && holds(x, y) == want
	}
}

func textIn(list []string, want, blank bool) func(any) bool {
	return func(v any) bool {
		x, ok := textOf(v, blank)
		return ok && slices.Contains(list, x) == want
	}
}

func numberIn(list []float64, want bool) func(any) bool {
	return func(v any) bool {
		x, ok := v.(float64)
		if !ok || !finite(x) {
			return false
		}
		for _, n := range list {
			if d := x - n; d < grain && d > -grain {
				return want
			}
		}
		return !want
	}
}

// isTrue takes a flag for the answer; an empty one is "no".
func isTrue(v any) bool {
	b, _ := v.(bool)
	return b
}

// isEmpty reports no value, or a text with nothing in it.
func isEmpty(v any) bool { return v == nil || v == "" }

// instead gives b where a is empty.
func instead(a, b any) any {
	if isEmpty(a) {
		return b
	}
	return a
}

// insteadNone gives b where a has no value; an empty text is one.
func insteadNone(a, b any) any {
	if a == nil {
		return b
	}
	return a
}

// arithmetic computes with numbers. No value comes of no value, and of what is no
// number any more: a division by zero, a sum beyond all bounds.
var arithmetic = map[string]func(a, b any) any{
	"+": computed(func(x, y float64) float64 { return x + y }),
	"-": computed(func(x, y float64) float64 { return x - y }),
	"*": computed(func(x, y float64) float64 { return x * y }),
	"/": computed(func(x, y float64) float64 { return x / y }),
}

func computed(f func(x, y float64) float64) func(a, b any) any {
	return func(a, b any) any {
		x, ok := a.(float64)
		y, ok2 := b.(float64)
		if !ok || !ok2 {
			return nil
		}
		if n := f(x, y); finite(n) {
			return n
		}
		return nil
	}
}

// maxText bounds every text that an expression makes: texts are joined and
// replaced without a time-out.
const maxText = 64 << 10

// concatenated is two texts one after the other.
func concatenated(a, b any) any {
	x, ok := a.(string)
	y, ok2 := b.(string)
	if !ok || !ok2 || len(x)+len(y) > maxText {
		return nil
	}
	return x + y
}

// daysBetween is how many days a lies after b.
func daysBetween(a, b any) any {
	x, ok := a.(time.Time)
	y, ok2 := b.(time.Time)
	if !ok || !ok2 {
		return nil
	}
	return float64(x.UnixMilli()-y.UnixMilli()) / float64(24*time.Hour/time.Millisecond)
}
