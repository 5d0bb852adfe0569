package dsl

import (
	"maps"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// closest is the candidate that was probably meant by name, or "". It forgives
// case, full-width letters, hyphens for underscores, and about one slip in three
// characters.
func closest(name string, candidates []string) string {
	plain := plainName(name)
	best, score := "", len([]rune(plain))/3+1
	for _, c := range slices.Sorted(slices.Values(candidates)) {
		if d := distance(plain, plainName(c)); d < score {
			best, score = c, d
		}
	}
	if best != "" {
		return best
	}
	return insideOf(plain, candidates)
}

// insideOf finds the only candidate that begins or ends with the name:
// "pricing" for pricing_viewed.
func insideOf(plain string, candidates []string) string {
	found := ""
	for _, c := range candidates {
		p := plainName(c)
		if len(plain) < 3 || !strings.HasPrefix(p, plain) && !strings.HasSuffix(p, plain) {
			continue
		}
		if found != "" {
			return ""
		}
		found = c
	}
	return found
}

func plainName(s string) string {
	return strings.ReplaceAll(strings.ToLower(norm.NFKC.String(s)), "-", "_")
}

// distance counts the characters to insert, delete, change or swap with their
// neighbour to come from a to b.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	if len(x) > 100 || len(y) > 100 {
		return 100
	}
	before, last, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(y)]
}

// names lists a map's keys in order.
func names[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
