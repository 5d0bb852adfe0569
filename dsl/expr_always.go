package dsl

import (
	"cmp"
	"math"
	"slices"
)

// truth says for which values of one fact a question is answered with yes. With
// it `x == 'a' and x == 'b'` is known to be never true, and `x != 'a' or
// x != 'b'` to be always true, whatever stands between.
type truth struct {
	fact  string
	empty bool // yes where there is no value
	// Of a number: the spans, ascending and apart.
	spans []span
	// Of a text or flag: the values; where but is set, all values but these.
	words   []string
	but     bool
	numeric bool
	domain  domain
}

// domain is what values the fact can have at all.
type domain struct {
	lo, hi float64
	words  []string // nil: any text
	empty  bool     // no value is possible
}

// span is a stretch of numbers.
type span struct {
	lo, hi         float64
	loOpen, hiOpen bool
}

// numberTruth is `fact op n`.
func numberTruth(fact, op string, n float64, d domain) *truth {
	t := &truth{fact: fact, numeric: true, domain: d}
	inf := math.Inf(1)
	below := span{lo: -inf, hi: n, hiOpen: op == "<" || op == "!="}
	above := span{lo: n, hi: inf, loOpen: op == ">" || op == "!="}
	switch op {
	case "==":
		t.spans = []span{{lo: n, hi: n}}
	case "!=":
		t.spans = []span{below, above}
	case "<", "<=":
		t.spans = []span{below}
	case ">", ">=":
		t.spans = []span{above}
	}
	return t
}

// wordTruth is `fact in words`, or not in them.
func wordTruth(fact string, words []string, but bool, d domain) *truth {
	return &truth{fact: fact, words: words, but: but, domain: d}
}

// not is the opposite answer; no value changes sides with the rest.
func (t *truth) not() *truth {
	o := *t
	o.empty = !t.empty
	o.but = !t.but
	if t.numeric {
		o.spans = outside(t.spans)
	}
	return &o
}

// or is yes where either says yes. Both are about the same fact.
func (t *truth) or(u *truth) *truth {
	o := *t
	o.empty = t.empty || u.empty
	if t.numeric {
		o.spans = united(t.spans, u.spans)
		return &o
	}
	switch {
	case t.but && u.but:
		o.words = both(t.words, u.words)
	case t.but:
		o.words = without(t.words, u.words)
	case u.but:
		o.but, o.words = true, without(u.words, t.words)
	default:
		o.words = append(slices.Clone(t.words), u.words...)
	}
	return &o
}

// and is yes where both say yes.
func (t *truth) and(u *truth) *truth { return t.not().or(u.not()).not() }

// always reports a question that every possible value answers with yes.
func (t *truth) always() bool {
	if t.domain.empty && !t.empty {
		return false
	}
	if t.numeric {
		for _, s := range t.spans {
			if s.lo <= t.domain.lo && s.hi >= t.domain.hi &&
				!(s.loOpen && s.lo == t.domain.lo) && !(s.hiOpen && s.hi == t.domain.hi) {
				return true
			}
		}
		return false
	}
	if t.domain.words != nil {
		for _, w := range t.domain.words {
			if slices.Contains(t.words, w) == t.but {
				return false
			}
		}
		return true
	}
	return t.but && len(t.words) == 0
}

// never reports a question that no possible value answers with yes.
func (t *truth) never() bool { return t.not().always() }

// outside is all numbers but the spans.
func outside(spans []span) []span {
	var out []span
	at := span{lo: math.Inf(-1), hi: math.Inf(1)}
	for _, s := range spans {
		gap := span{lo: at.lo, loOpen: at.loOpen, hi: s.lo, hiOpen: !s.loOpen}
		if gap.lo < gap.hi || gap.lo == gap.hi && !gap.loOpen && !gap.hiOpen {
			out = append(out, gap)
		}
		at.lo, at.loOpen = s.hi, !s.hiOpen
	}
	if at.lo < at.hi {
		out = append(out, at)
	}
	return out
}

// united is the numbers of both.
func united(a, b []span) []span {
	all := append(slices.Clone(a), b...)
	slices.SortFunc(all, func(x, y span) int {
		if c := cmp.Compare(x.lo, y.lo); c != 0 {
			return c
		}
		switch {
		case x.loOpen == y.loOpen:
			return 0
		case y.loOpen:
			return -1
		}
		return 1
	})
	var out []span
	for _, s := range all {
		last := len(out) - 1
		apart := last < 0 || out[last].hi < s.lo || out[last].hi == s.lo && out[last].hiOpen && s.loOpen
		switch {
		case apart:
			out = append(out, s)
		case s.hi > out[last].hi:
			out[last].hi, out[last].hiOpen = s.hi, s.hiOpen
		case s.hi == out[last].hi:
			out[last].hiOpen = out[last].hiOpen && s.hiOpen
		}
	}
	return out
}

func both(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return !slices.Contains(b, s) })
}

func without(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
}

// merge joins two lists of truths, one for each fact, with and or or.
func merge(a, b []*truth, join func(t, u *truth) *truth) []*truth {
	out := slices.Clone(a)
next:
	for _, t := range b {
		for i, u := range out {
			if u.fact == t.fact && u.numeric == t.numeric {
				out[i] = join(u, t)
				continue next
			}
		}
		out = append(out, t)
	}
	return out
}
