package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-456efde2/nurture/dsl"
)

// typist is a person at the prompt: each line is written when it is asked for, and
// something may be done just before.
type typist struct {
	lines []func() string
	rest  []byte
}

// Read implements io.Reader.
func (t *typist) Read(b []byte) (int, error) {
	if len(t.rest) == 0 {
		if len(t.lines) == 0 {
			return 0, io.EOF
		}
		t.rest = []byte(t.lines[0]() + "\n")
		t.lines = t.lines[1:]
	}
	n := copy(b, t.rest)
	t.rest = t.rest[n:]
	return n, nil
}

// Rules that are edited while somebody tries them: the story goes on under the new
// ones, what has become otherwise is shown, and what does not load leaves it as it was.
func TestTryFollowsEdits(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"init", dir, "--starter", "document-request-en"}, strings.NewReader(""), &out, &errs); code != exitFine {
		t.Fatalf("init ends with %d: %s", code, &errs)
	}
	rules := filepath.Join(dir, "scoring.hcl")
	write := func(line, from, to string) func() string {
		return func() string {
			edit(t, rules, func(s string) string { return strings.ReplaceAll(s, from, to) })
			return line
		}
	}
	say := func(line string) func() string { return func() string { return line } }
	in := &typist{lines: []func() string{
		say("form_submitted form=document_request"),
		write("score.interest", "points = 20", "points = 35"),
		write("show", `score "interest"`, `scoer "interest"`),
		say("score.interest"),
		write("quit", `scoer "interest"`, `score "interest"`),
	}}
	out.Reset()
	if code := run(t.Context(), []string{"try", dir, "--start", "2026-10-05 09:00", "--lang", "en"}, in, &out, &errs); code != exitFine {
		t.Fatalf("try ends with %d: %s\n%s", code, &errs, &out)
	}
	wantInOrder(t, out.String(),
		"interest.requested +20",
		"> score.interest\nThe rules have changed, and the story goes otherwise:\n  - 10-05 09:00  form_submitted",
		"+ 10-05 09:00  form_submitted document_request   interest.requested +35",
		"\n  = 35\n",
		"> show\nError N0",
		"did you mean score?",
		"The rules as they are on disk do not load",
		"score interest 35",
		"> score.interest\n  = 35\n", // told once, not with each line
	)
}

func wantInOrder(t *testing.T, text string, parts ...string) {
	t.Helper()
	rest := text
	for _, part := range parts {
		_, after, found := strings.Cut(rest, part)
		if !found {
			t.Fatalf("%q does not come next in\n%s", part, text)
		}
		rest = after
	}
}

// What two stories do not have in common is told in the order of the lines.
func TestDiffering(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ a, b, want string }{
		{"", "", ""},
		{"a b c", "a b c", ""},
		{"a b c", "a x c", "- b,+ x"},
		{"a b", "a b c", "+ c"},
		{"a b c d", "b d", "- a,- c"},
		{"", "a", "+ a"},
	} {
		got := strings.Join(differing(strings.Fields(c.a), strings.Fields(c.b)), ",")
		if got != c.want {
			t.Errorf("%q and %q differ in %q, want %q", c.a, c.b, got, c.want)
		}
	}
}

// A line goes on in the next one while a block is open.
func TestOpenBraces(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		`event "x" {`: 1, "event \"x\" {\n}": 0, `event "x {" {}`: 0, `a "\"{" {`: 1, "score.interest": 0,
	} {
		if got := openBraces(text); got != want {
			t.Errorf("%s has %d blocks open, want %d", text, got, want)
		}
	}
}

// Every story that a test tells can be begun with, and is lived as the test does: its
// expectations hold, and what is saved of it is a test that says the same.
func TestTryBeginsWithEveryTest(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"document-request-en", "accounts-ja", "win-back-en"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			var out, errs bytes.Buffer
			if code := run(t.Context(), []string{"init", dir, "--starter", name}, strings.NewReader(""), &out, &errs); code != exitFine {
				t.Fatalf("init ends with %d: %s", code, &errs)
			}
			w, problems := dsl.LoadDir(dir, dsl.Options{})
			if w == nil {
				t.Fatal(problems.Render())
			}
			for i := range w.Tests {
				if w.Tests[i].Others > 0 {
					continue
				}
				out.Reset()
				errs.Reset()
				file := filepath.Join(t.TempDir(), "saved.hcl")
				if code := run(t.Context(), []string{"try", dir, "--lang", "en", "--test", w.Tests[i].Name, "--do", "save " + file}, strings.NewReader(""), &out, &errs); code != exitFine {
					t.Errorf("%s ends with %d: %s\n%s", w.Tests[i].Name, code, &errs, &out)
					continue
				}
				saved, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				tests := filepath.Join(dir, "tests", "saved_test.hcl")
				if err := os.WriteFile(tests, saved, 0o600); err != nil {
					t.Fatal(err)
				}
				if code := run(t.Context(), []string{"test", dir, "--run", "^saved$"}, strings.NewReader(""), &out, &errs); code != exitFine {
					t.Errorf("what was saved of %s does not hold\n%s\n%s\n%s", w.Tests[i].Name, saved, &out, &errs)
				}
				if err := os.Remove(tests); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}
