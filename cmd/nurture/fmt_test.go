package main

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

func TestUnified(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, before, after, want string }{
		{"nothing", "a\n", "a\n", ""},
		{"one line", "a\nb\nc\n", "a\nB\nc\n", "--- x\n+++ x\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n"},
		{"from nothing", "", "a\n", "--- x\n+++ x\n@@ -0,0 +1 @@\n+a\n"},
		{"to nothing", "a\n", "", "--- x\n+++ x\n@@ -1 +0,0 @@\n-a\n"},
		{"no last line break", "a\nb", "a\nb\n", "--- x\n+++ x\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n"},
		{
			"two hunks", "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n", "one\n2\n3\n4\n5\n6\n7\n8\n9\nten\n",
			"--- x\n+++ x\n@@ -1,4 +1,4 @@\n-1\n+one\n 2\n 3\n 4\n@@ -7,4 +7,4 @@\n 7\n 8\n 9\n-10\n+ten\n",
		},
		{"close together", "1\n2\n3\n4\n", "one\n2\n3\nfour\n", "--- x\n+++ x\n@@ -1,4 +1,4 @@\n-1\n+one\n 2\n 3\n-4\n+four\n"},
	} {
		if got := unified("x", c.before, c.after, false); got != c.want {
			t.Errorf("%s: got\n%swant\n%s", c.name, got, c.want)
		}
	}
	if got := unified("x", "a\n", "b\n", true); !strings.Contains(got, "\x1b[31m-a\x1b[0m\n\x1b[32m+b\x1b[0m\n") {
		t.Errorf("in colours: %q", got)
	}
}

// TestUnifiedPatches applies the differences of random texts, and gets the other
// text.
func TestUnifiedPatches(t *testing.T) {
	t.Parallel()
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 2))
		text := func() string {
			var b strings.Builder
			for range r.IntN(40) {
				b.WriteString(string(rune('a'+r.IntN(6))) + "\n")
			}
			return strings.TrimSuffix(b.String(), strings.Repeat("\n", r.IntN(2)))
		}
		before, after := text(), text()
		if got := applied(t, before, unified("x", before, after, false)); got != after {
			t.Fatalf("seed %d: patching %q gives %q, want %q", seed, before, got, after)
		}
	}
}

// applied applies a patch that unified wrote.
func applied(t *testing.T, before, diff string) string {
	t.Helper()
	if diff == "" {
		return before
	}
	old, lines := linesOf(before), linesOf(diff)
	var out strings.Builder
	at := 0
	for i := 2; i < len(lines); i++ {
		line := lines[i]
		words := line[1:]
		if i+1 < len(lines) && strings.HasPrefix(lines[i+1], "\\") {
			words = strings.TrimSuffix(words, "\n")
		}
		switch line[0] {
		case '@':
			first, _, _ := strings.Cut(strings.TrimPrefix(strings.Fields(line)[1], "-"), ",")
			start, err := strconv.Atoi(first)
			if err != nil {
				t.Fatalf("hunk %s: %v", line, err)
			}
			if !strings.HasSuffix(strings.Fields(line)[1], ",0") {
				start--
			}
			for ; at < start; at++ {
				out.WriteString(old[at])
			}
		case ' ', '-':
			if old[at] != words {
				t.Fatalf("the patch has %q where %q stands", words, old[at])
			}
			if line[0] == ' ' {
				out.WriteString(words)
			}
			at++
		case '+':
			out.WriteString(words)
		}
	}
	for ; at < len(old); at++ {
		out.WriteString(old[at])
	}
	return out.String()
}
