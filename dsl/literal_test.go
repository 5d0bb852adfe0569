package dsl

import (
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// literalOf parses `a = <expr>` and reads its value as a Literal.
func literalOf(t testing.TB, src string) (Literal, hclsyntax.Expression, bool) {
	t.Helper()
	f, diags := hclsyntax.ParseConfig([]byte(src), "x.hcl", hcl.InitialPos)
	if diags.HasErrors() {
		return Literal{}, nil, false
	}
	a := f.Body.(*hclsyntax.Body).Attributes["a"]
	if a == nil || !isQuoted(a.Expr) {
		return Literal{}, nil, false
	}
	lit, _, ok := newLiteral([]byte(src), a.Expr.Range())
	return lit, a.Expr, ok
}

// TestLiteralSpan marks words of the value and expects the marked words of the
// file, whatever stands between the quotes.
func TestLiteralSpan(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		src, value, words, want string
		line, column            int
	}{
		{`a = "score.x >= 1"`, "score.x >= 1", "x", "x", 1, 12},
		{`a = "興味度 >= 1"`, "興味度 >= 1", ">=", ">=", 1, 10},
		{`a = "say \"hi\" now"`, `say "hi" now`, "now", "now", 1, 17},
		{`a = "say \"hi\" now"`, `say "hi" now`, `"hi"`, `\"hi\"`, 1, 10},
		{`a = "\u8208味 now"`, "興味 now", "興", `\u8208`, 1, 6},
		{`a = "x\ny"`, "x\ny", "y", "y", 1, 9},
		{`a = "$${x} y"`, "${x} y", "y", "y", 1, 12},
		{`a = "%%{x} y"`, "%{x} y", "%{", "%%{", 1, 6},
		{"a = <<-EOT\n    one and\n      two\n  EOT\n", "one and\n  two\n", "two", "two", 3, 7},
		{"a = <<EOT\n one\ntwo $${x}\nEOT\n", " one\ntwo ${x}\n", "{x}", "{x}", 3, 7},
		{"a = <<-EOT\n\n  役職 == 'a'\n  EOT\n", "\n役職 == 'a'\n", "'a'", "'a'", 3, 9},
		{"a = \"か\u3099 x\"", "が x", "が", "か\u3099", 1, 6},
		{"a = \"か\u3099 x\"", "が x", "x", "x", 1, 8},
	} {
		lit, _, ok := literalOf(t, c.src)
		if !ok || lit.Value != c.value {
			t.Errorf("%q is %q (%v), want %q", c.src, lit.Value, ok, c.value)
			continue
		}
		start := strings.Index(lit.Value, c.words)
		at := lit.Span(start, start+len(c.words))
		if got := string(at.SliceBytes([]byte(c.src))); got != c.want || at.Start.Line != c.line || at.Start.Column != c.column {
			t.Errorf("%q: %q stands at %d:%d as %q, want %d:%d %q", c.src, c.words, at.Start.Line, at.Start.Column, got, c.line, c.column, c.want)
		}
	}
}

// TestLiteralInterpolation: ${ is found, and where it stands.
func TestLiteralInterpolation(t *testing.T) {
	t.Parallel()
	src := `a = "x $${y} ${z}"`
	_, expr, ok := literalOf(t, src)
	if ok {
		t.Fatal("an interpolation was taken for a literal")
	}
	_, at, _ := newLiteral([]byte(src), expr.Range())
	if got := src[at.Start.Byte:]; got != `${z}"` {
		t.Errorf("found at %q", got)
	}
}

// FuzzLiteral: HCL itself is the oracle of what a literal says, and every part of
// it has a place inside of its raw bytes.
func FuzzLiteral(f *testing.F) {
	for _, s := range []string{
		`a = "x"`, `a = ""`, `a = "\t\"\\ $${x} %%{y} \u00e9 \U0001F600"`,
		"a = <<-E\n   x\n\n  y\n  E\n", "a = <<E\n\tx $${\r\ny\nE\n", "a = \"か\u3099e\u0301\"", `a = "$$ $ % %%"`,
		"a = <<-E\n\n   \n  x\n E\n",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		if _, ok := parsable("x.hcl", []byte(src)); !ok || len(src) > 4096 {
			return
		}
		lit, expr, ok := literalOf(t, src)
		if !ok {
			return
		}
		v, diags := expr.Value(nil)
		if diags.HasErrors() || !v.IsKnown() || v.IsNull() {
			return
		}
		if got, want := lit.Value, v.AsString(); got != want {
			t.Fatalf("%q is %q, HCL says %q", src, got, want)
		}
		for i := range len(lit.Value) + 1 {
			at := lit.Span(i, min(i+3, len(lit.Value)))
			if at.Start.Byte < lit.Range.Start.Byte || at.End.Byte > lit.Range.End.Byte || at.Start.Byte > at.End.Byte {
				t.Fatalf("%q: part %d is at %v outside of %v", src, i, at, lit.Range)
			}
		}
	})
}
