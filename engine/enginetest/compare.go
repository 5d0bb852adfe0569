package enginetest

import (
	"fmt"

	"github.com/seed-456efde2/nurture/engine"
)

// compared is a comparison of one number with another, which tells the engine so.
type compared struct {
	cond
	threshold engine.Threshold
}

func (c compared) Thresholds() (list []engine.Threshold, exact bool) {
	return []engine.Threshold{c.threshold}, true
}

// Compare is the condition "key op n", one that knows its numbers as those of the
// language do. Without a value it does not hold.
func Compare(k engine.Key, op string, n float64) []engine.Cond {
	key := k.String()
	holds := func(facts map[string]any) bool {
		v, ok := facts[key].(float64)
		return ok && compare(v, op, n)
	}
	source := fmt.Sprintf("%s %s %v", key, op, n)
	return []engine.Cond{compared{cond{expr{source, []engine.Key{k}}, holds}, engine.Threshold{Key: k, Op: op, Value: n}}}
}

func compare(v float64, op string, n float64) bool {
	switch op {
	case "<":
		return v < n
	case "<=":
		return v <= n
	case ">":
		return v > n
	case ">=":
		return v >= n
	case "==":
		return v == n
	}
	return v != n
}
