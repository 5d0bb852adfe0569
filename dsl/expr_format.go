package dsl

import (
	"slices"
	"strings"

	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser/lexer"
)

// formatExpr writes an expression in its canonical form: one space around
// operators, English and, or, not, single quotes. It goes token by token, so
// brackets and line breaks stay as they are. ok is false where it cannot be
// read; an expression with a comment is left alone, because the library's tokens
// do not hold it.
func formatExpr(src string) (string, bool) {
	var f found
	p := readExpr(source{src, nowhere}, &f)
	if p == nil {
		return src, false
	}
	if p.hasComment() {
		return src, true
	}
	out := p.spaced()
	again, err := lexer.Lex(file.NewSource(out))
	if err != nil || !sameTokens(p.tokens, again) {
		return src, true
	}
	return out, true
}

// hasComment reports characters between the tokens that are no space.
func (p *parsed) hasComment() bool {
	end := 0
	for _, t := range p.tokens {
		if t.Kind == lexer.EOF {
			break
		}
		start, next := p.byteSpan(t.Location)
		if strings.TrimSpace(p.src.text[end:start]) != "" {
			return true
		}
		end = next
	}
	return strings.TrimSpace(p.src.text[end:]) != ""
}

func (p *parsed) spaced() string {
	var b strings.Builder
	for i, t := range p.tokens {
		if t.Kind == lexer.EOF {
			break
		}
		if i > 0 {
			b.WriteString(p.gap(i))
		}
		b.WriteString(p.written(t))
	}
	return b.String()
}

// gap is what stands between token i-1 and token i.
func (p *parsed) gap(i int) string {
	before, t := p.tokens[i-1], p.tokens[i]
	_, from := p.byteSpan(before.Location)
	to, _ := p.byteSpan(t.Location)
	if between := p.src.text[from:to]; strings.Contains(between, "\n") {
		last := strings.LastIndexByte(between, '\n')
		return strings.Repeat("\n", strings.Count(between, "\n")) + strings.ReplaceAll(between[last+1:], "\t", "  ")
	}
	switch {
	case before.Is(lexer.Bracket, "(", "[") || t.Is(lexer.Bracket, ")", "]") || t.Is(lexer.Operator, ","):
		return ""
	case before.Is(lexer.Operator, ".") || t.Is(lexer.Operator, "."):
		return ""
	case t.Is(lexer.Bracket, "(") && before.Kind == lexer.Identifier:
		return ""
	case p.isSign(i - 1):
		return ""
	}
	return " "
}

// isSign reports a + or - in front of a number, not between two.
func (p *parsed) isSign(i int) bool {
	if !p.tokens[i].Is(lexer.Operator, "-", "+") {
		return false
	}
	if i == 0 {
		return true
	}
	before := p.tokens[i-1]
	return before.Kind == lexer.Operator || before.Is(lexer.Bracket, "(", "[")
}

// written is a token in its canonical form.
func (p *parsed) written(t lexer.Token) string {
	words := p.words(t.Location)
	switch {
	case t.Kind == lexer.Operator:
		return plain(words)
	case t.Kind == lexer.String && words[0] == '"' && !strings.ContainsAny(words, `'\`):
		return "'" + words[1:len(words)-1] + "'"
	}
	return words
}

// sameTokens reports whether two expressions are the same to the parser.
func sameTokens(a, b []lexer.Token) bool {
	return slices.EqualFunc(a, b, func(x, y lexer.Token) bool {
		return x.Kind == y.Kind && plain(x.Value) == plain(y.Value)
	})
}
