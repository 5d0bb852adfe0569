package dsl

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/builtin"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/parser/lexer"
)

// The gate stands between what a marketer wrote and the expression library. It is
// there because the library has no time-out, counts elements instead of bytes,
// and recurses as deep as its input. Everything is bounded before it is parsed.
const (
	maxExprLength = 4 << 10 // bytes
	maxExprDepth  = 32      // brackets inside each other
)

// parsed is an expression that passed the gate: bounded, and in the library's
// syntax, but of nodes and names that nobody has looked at yet.
type parsed struct {
	src    source
	root   ast.Node
	tokens []lexer.Token
	bytes  []int // offset in src.text of each rune, and of the end
}

// readExpr passes an expression through the gate. Without a root the problems say
// why.
func readExpr(src source, f *found) *parsed {
	p := &parsed{src: src}
	switch {
	case strings.TrimSpace(src.text) == "":
		f.add("N100", src.whole())
		return nil
	case len(src.text) > maxExprLength:
		f.add("N101", src.whole(), thousands(maxExprLength), thousands(len(src.text)))
		return nil
	case !utf8.ValidString(src.text):
		f.add("N104", src.whole(), "�")
		return nil
	}
	if checkWidth(src, f) {
		return nil
	}
	p.bytes = runeOffsets(src.text)
	if !p.lex(f) || !p.checkBrackets(f) || !p.checkOperators(f) || !p.parse(f) {
		return nil
	}
	return p
}

// runeOffsets gives the byte offset of each rune and of the end: the library
// counts in runes.
func runeOffsets(s string) []int {
	offsets := make([]int, 0, len(s)+1)
	for i := range s {
		offsets = append(offsets, i)
	}
	return append(offsets, len(s))
}

// byteSpan turns the library's location into bytes.
func (p *parsed) byteSpan(loc file.Location) (start, end int) {
	last := len(p.bytes) - 1
	return p.bytes[max(0, min(loc.From, last))], p.bytes[max(0, min(loc.To, last))]
}

// words are the marketer's own at a location.
func (p *parsed) words(loc file.Location) string {
	start, end := p.byteSpan(loc)
	return p.src.text[start:max(start, end)]
}

func (p *parsed) problem(f *found, code string, loc file.Location, args ...any) *problem {
	start, end := p.byteSpan(loc)
	return f.add(code, p.src.place(start, end), args...)
}

func (p *parsed) lex(f *found) bool {
	tokens, err := lexer.Lex(file.NewSource(p.src.text))
	if err == nil {
		p.tokens = tokens
		return true
	}
	loc := file.Location{To: len(p.bytes) - 1}
	var at *file.Error
	if !errors.As(err, &at) {
		p.problem(f, "N104", loc, p.src.text)
		return false
	}
	switch {
	case strings.HasPrefix(at.Message, "literal not terminated"):
		p.problem(f, "N106", p.openQuote(at.Location))
	case strings.HasPrefix(at.Message, "invalid char escape") || strings.HasPrefix(at.Message, "unable to unescape"):
		loc := p.escapeAt(at.Location)
		p.problem(f, "N143", loc, p.words(loc))
	case strings.HasPrefix(at.Message, "bad number"):
		p.problem(f, "N137", p.wordAround(at.Location), p.words(p.wordAround(at.Location)))
	default:
		p.problem(f, "N104", at.Location, p.words(at.Location))
	}
	return false
}

// openQuote finds the quote that was never closed: texts before it are whole.
func (p *parsed) openQuote(end file.Location) file.Location {
	runes := []rune(p.src.text)
	open := -1
	for i := 0; i < len(runes) && i <= end.To; i++ {
		switch {
		case open >= 0 && runes[i] == '\\':
			i++
		case open >= 0 && runes[i] == runes[open]:
			open = -1
		case open < 0 && strings.ContainsRune("'\"`", runes[i]):
			open = i
		}
	}
	if open < 0 {
		return end
	}
	return file.Location{From: open, To: len(runes)}
}

// escapeAt widens a location to the backslash that it belongs to.
func (p *parsed) escapeAt(loc file.Location) file.Location {
	runes := []rune(p.src.text)
	for i := min(loc.To, len(runes)) - 1; i >= 0 && i > loc.From-8; i-- {
		if runes[i] == '\\' {
			return file.Location{From: i, To: min(i+2, len(runes))}
		}
	}
	return loc
}

// wordAround widens a location to the letters and digits that it is part of.
func (p *parsed) wordAround(loc file.Location) file.Location {
	runes := []rune(p.src.text)
	isWord := func(i int) bool { return i >= 0 && i < len(runes) && isNameRune(runes[i]) }
	for isWord(loc.From-1) || loc.From > 0 && runes[loc.From-1] == '.' {
		loc.From--
	}
	for isWord(loc.To) {
		loc.To++
	}
	return loc
}

// checkBrackets finds brackets without a partner and those that stand too deep,
// before anything recurses.
func (p *parsed) checkBrackets(f *found) bool {
	partner := map[string]string{")": "(", "]": "[", "}": "{"}
	var open []lexer.Token
	for _, t := range p.tokens {
		if t.Kind != lexer.Bracket {
			continue
		}
		want, closes := partner[t.Value]
		if !closes {
			if open = append(open, t); len(open) > maxExprDepth {
				p.problem(f, "N102", t.Location, thousands(maxExprDepth))
				return false
			}
			continue
		}
		if len(open) == 0 || open[len(open)-1].Value != want {
			p.problem(f, "N111", t.Location, t.Value)
			return false
		}
		open = open[:len(open)-1]
	}
	if len(open) > 0 {
		t := open[len(open)-1]
		p.problem(f, "N111", t.Location, t.Value)
		return false
	}
	return true
}

// wrongWords are operators of other languages, and ours in other letters.
var wrongWords = map[string]string{
	"AND": "and", "And": "and", "OR": "or", "Or": "or", "NOT": "not", "Not": "not",
	"IN": "in", "In": "in", "is": "==", "IS": "==", "equals": "==", "eq": "==", "ne": "!=",
	"gt": ">", "ge": ">=", "lt": "<", "le": "<=", "like": "contains", "LIKE": "contains",
	"Matches": "matches", "MATCHES": "matches", "Contains": "contains", "startswith": "startsWith",
	"StartsWith": "startsWith", "endswith": "endsWith", "EndsWith": "endsWith",
	"かつ": "and", "または": "or", "以上": ">=", "以下": "<=", "未満": "<",
	"null": "nil", "none": "nil", "NULL": "nil", "None": "nil", "True": "true", "False": "false",
	"TRUE": "true", "FALSE": "false",
}

// wrongSigns are operators of other languages that are written as two of ours.
var wrongSigns = map[string]string{"<>": "!=", "=>": ">=", "=<": "<=", "===": "==", "!==": "!=", "=!": "!="}

// checkOperators finds operators of other languages, among them = for ==.
func (p *parsed) checkOperators(f *found) bool {
	sound := true
	for i := 0; i < len(p.tokens); i++ {
		t := p.tokens[i]
		if t.Is(lexer.Operator, ";") || t.Is(lexer.Operator, "let", "if", "else") && p.isBareWord(i) {
			p.problem(f, "N110", t.Location, t.Value, advice[t.Value])
			return false
		}
		if t.Kind == lexer.Identifier && p.isBareWord(i) {
			if right, ok := wrongWords[t.Value]; ok {
				p.problem(f, "N108", t.Location, t.Value, right).Suggest = right
				sound = false
			}
		}
		if t.Kind != lexer.Operator {
			continue
		}
		joined, loc := p.joinedSign(i)
		if right, ok := wrongSigns[joined]; ok {
			p.problem(f, "N108", loc, joined, right).Suggest = right
			sound = false
			i++
		} else if t.Value == "=" {
			p.problem(f, "N107", t.Location).Suggest = "=="
			sound = false
		}
	}
	return sound
}

// isBareWord reports a word that is neither a member nor called.
func (p *parsed) isBareWord(i int) bool {
	if i > 0 && p.tokens[i-1].Is(lexer.Operator, ".") || i > 0 && p.tokens[i-1].Is(lexer.Operator, "?.") {
		return false
	}
	if i+1 >= len(p.tokens) {
		return true
	}
	next := p.tokens[i+1]
	return !next.Is(lexer.Bracket, "(") && !next.Is(lexer.Operator, ".")
}

// joinedSign is the operator at i with the one that touches it.
func (p *parsed) joinedSign(i int) (string, file.Location) {
	t := p.tokens[i]
	if i+1 >= len(p.tokens) {
		return t.Value, t.Location
	}
	next := p.tokens[i+1]
	if next.Kind != lexer.Operator || next.From != t.To {
		return t.Value, t.Location
	}
	return t.Value + next.Value, file.Location{From: t.From, To: next.To}
}

// exprSyntax is the library's parser with nothing built in: what looks like a
// call is a call, and the checker knows every function there is.
func exprSyntax() *conf.Config {
	return &conf.Config{Disabled: libraryNames, DisableIfOperator: true, MaxNodes: 2 * maxExprLength}
}

// libraryNames are the functions that the library brings.
var libraryNames = func() map[string]bool {
	all := map[string]bool{}
	for _, b := range builtin.Builtins {
		all[b.Name] = true
	}
	return all
}()

func (p *parsed) parse(f *found) bool {
	tree, err := parser.ParseWithConfig(p.src.text, exprSyntax())
	if err == nil {
		p.root = tree.Node
		return true
	}
	var at *file.Error
	if !errors.As(err, &at) {
		p.problem(f, "N104", file.Location{To: len(p.bytes) - 1}, p.src.text)
		return false
	}
	p.syntaxError(f, at)
	return false
}

func (p *parsed) syntaxError(f *found, at *file.Error) {
	words := p.words(at.Location)
	switch {
	case strings.HasPrefix(at.Message, "unexpected token EOF"):
		last := p.lastToken()
		p.problem(f, "N105", last, p.words(last))
	case strings.Contains(at.Message, "cannot be mixed"):
		p.problem(f, "N109", at.Location, words)
	case strings.HasPrefix(at.Message, "invalid ") || strings.Contains(at.Message, "too large"):
		number := p.tokenBefore(at.Location)
		p.problem(f, "N137", number, p.words(number))
	case strings.Contains(at.Message, "maximum allowed nodes"):
		p.problem(f, "N102", file.Location{To: len(p.bytes) - 1}, thousands(maxExprDepth))
	case words == "#" || words == ".":
		p.problem(f, "N110", at.Location, words, advice[words])
	default:
		p.problem(f, "N104", at.Location, words)
	}
}

func (p *parsed) lastToken() file.Location {
	for i := len(p.tokens) - 1; i >= 0; i-- {
		if p.tokens[i].Kind != lexer.EOF {
			return p.tokens[i].Location
		}
	}
	return file.Location{To: len(p.bytes) - 1}
}

// tokenBefore is the number that ends before loc: the library notices only when
// it has read on.
func (p *parsed) tokenBefore(loc file.Location) file.Location {
	best := loc
	for _, t := range p.tokens {
		if t.Kind == lexer.Number && t.From <= loc.From {
			best = t.Location
		}
	}
	return best
}

// callEnd is the location of a call from its name to its closing bracket.
func (p *parsed) callEnd(name file.Location) file.Location {
	depth := 0
	for _, t := range p.tokens {
		if t.From < name.To || t.Kind != lexer.Bracket {
			continue
		}
		if strings.Contains("([{", t.Value) {
			depth++
			continue
		}
		if depth--; depth <= 0 {
			return file.Location{From: name.From, To: t.To}
		}
	}
	return name
}
