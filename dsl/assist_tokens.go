package dsl

import (
	"strings"
	"unicode/utf8"
)

// exprToken is a part of an expression, which may be half written.
type exprToken struct {
	stretch
	kind   byte // 'w' word, 's' text in quotes, '0' number, 'o' operator, or a bracket, a comma, a dot itself
	words  string
	closed bool // of a text
}

// exprTokens splits an expression. It never fails: what the language does not
// have is an operator.
func exprTokens(text string) []exprToken {
	var out []exprToken
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		t := exprToken{stretch: stretch{i, i + size}, kind: 'o', closed: true}
		switch {
		case strings.ContainsRune(" \t\r\n　", r):
			i += size
			continue
		case strings.ContainsRune("'\"`", r):
			t.kind = 's'
			t.end = skipQuoted(text, i)
			t.closed = t.end > i+1 && text[t.end-1] == text[i]
		case r >= '0' && r <= '9':
			t.kind, t.end = '0', i+numberLength(text[i:])
		case isNameRune(r):
			t.kind, t.end = 'w', i+nameLength(text[i:])
		case strings.ContainsRune("()[],.", r):
			t.kind = text[i]
		case len(text) > i+1 && strings.Contains("== != >= <= ?? && || //", text[i:i+2]) && text[i+1] != ' ':
			t.end = i + 2
		}
		if strings.HasPrefix(text[i:], "//") {
			break // a comment: the rest says nothing
		}
		t.words = text[t.start:t.end]
		out = append(out, t)
		i = t.end
	}
	return out
}

func nameLength(s string) int {
	for i, r := range s {
		if !isNameRune(r) && !joins(r) {
			return i
		}
	}
	return len(s)
}

func numberLength(s string) int {
	for i, r := range s {
		if (r < '0' || r > '9') && r != '.' && r != '_' {
			return i
		}
	}
	return len(s)
}

// said is what a text in quotes says.
func (t exprToken) said() string { return t.inside(t.words) }

// quoted is where the text between the quotes stands.
func (t exprToken) quoted() stretch {
	end := t.end
	if t.closed {
		end--
	}
	return stretch{t.start + 1, max(t.start+1, end)}
}

func (t exprToken) inside(words string) string {
	end := len(words)
	if t.closed {
		end--
	}
	return words[min(1, len(words)):max(min(1, len(words)), end)]
}

// is reports a token with these words.
func (t exprToken) is(kind byte, words ...string) bool {
	if t.kind != kind {
		return false
	}
	for _, w := range words {
		if t.words == w {
			return true
		}
	}
	return len(words) == 0
}

// wordOperators join or compare; they are no names.
var wordOperators = []string{"and", "or", "not", "in", "contains", "startsWith", "endsWith", "matches"}

// isOperand reports a token behind which an operator is expected.
func (t exprToken) isOperand() bool {
	switch t.kind {
	case 's', '0', ')', ']':
		return true
	case 'w':
		return !contains(wordOperators, t.words)
	}
	return false
}

// callUsage is how something is asked for like a function: did('event', '7d').
func callUsage(call string) string {
	if call == reachableCall {
		return reachableCall + "('channel')"
	}
	return factCalls[call]
}

// reachableCall is the one figure that is asked for like a function.
const reachableCall = "reachable"

// argKind is the kind of name that a call's first argument is: "event" for
// did('event', '7d'). The table of calls says it.
func argKind(call string) string {
	_, rest, _ := strings.Cut(callUsage(call), "('")
	kind, _, _ := strings.Cut(rest, "'")
	return kind
}

// hasWindow reports that a fact's second argument is a length of time.
func hasWindow(call string) bool {
	_, second, ok := strings.Cut(callUsage(call), ", '")
	second, _, _ = strings.Cut(second, "'")
	_, window := parseWindow(second)
	return ok && window
}

// openCall is the call whose brackets are open at the end of the tokens, and
// which of its arguments is being written.
func openCall(tokens []exprToken) (name exprToken, arg int, ok bool) {
	depth := 0
	for i := len(tokens) - 1; i >= 0; i-- {
		switch tokens[i].kind {
		case ')', ']':
			depth++
		case '[':
			depth--
		case '(':
			if depth--; depth < 0 {
				if i > 0 && tokens[i-1].kind == 'w' && !contains(wordOperators, tokens[i-1].words) {
					return tokens[i-1], arg, true
				}
				depth, arg = 0, 0
			}
		case ',':
			if depth == 0 {
				arg++
			}
		}
	}
	return exprToken{}, 0, false
}

// compared is the operand whose values the text at the end of the tokens is held
// against: lead.stage in `lead.stage in ['lead', 'm`. It is "" where there is none.
func compared(text string, tokens []exprToken) string {
	i := len(tokens) - 1
	for i >= 0 && (tokens[i].kind == 's' || tokens[i].kind == ',') {
		i--
	}
	if i >= 0 && tokens[i].kind == '[' {
		i--
	} else if len(tokens) > 0 && i < len(tokens)-1 {
		return "" // two texts without a list
	}
	if i < 1 || !tokens[i].is('o', "==", "!=", "=") && !tokens[i].is('w', "in") {
		return ""
	}
	if i--; i > 0 && tokens[i].is('w', "not") {
		i--
	}
	start := operandStart(tokens, i)
	if start < 0 {
		return ""
	}
	return text[tokens[start].start:tokens[i].end]
}

// operandStart is where the operand begins that ends at token i: a dotted name,
// or a call.
func operandStart(tokens []exprToken, i int) int {
	if i < 0 {
		return -1
	}
	if tokens[i].kind == ')' {
		depth := 0
		for ; i >= 0; i-- {
			switch tokens[i].kind {
			case ')':
				depth++
			case '(':
				depth--
			}
			if depth == 0 {
				break
			}
		}
		i--
	}
	if i < 0 || !tokens[i].isOperand() || tokens[i].kind != 'w' {
		return -1
	}
	for i >= 2 && tokens[i-1].kind == '.' && tokens[i-2].kind == 'w' {
		i -= 2
	}
	return i
}
