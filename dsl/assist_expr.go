package dsl

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/seed-456efde2/nurture/engine"
)

// completeExpr offers what may be written at a byte of an expression.
func (a *Analysis) completeExpr(text string, at int, sc *Scope, locals []string, language string) []Completion {
	c := &exprCompleter{a: a, text: text, at: at, sc: sc, locals: locals, lang: language}
	tokens := exprTokens(text[:at])
	if n := len(tokens); n > 0 && tokens[n-1].kind == 's' && !tokens[n-1].closed {
		return c.quoted(tokens[:n-1], tokens[n-1])
	}
	c.word = dottedWord([]byte(text), at)
	tokens = exprTokens(text[:c.word.start])
	if n := len(tokens); n > 0 {
		switch {
		case tokens[n-1].is('o', "|"):
			return c.functions()
		case tokens[n-1].isOperand():
			return c.operators()
		}
	}
	if space, _, dotted := strings.Cut(c.word.of([]byte(text)), "."); dotted {
		return slices.Concat(c.members(space), c.figures(space), c.accountCalls(space))
	}
	return slices.Concat(c.members(names(namespaces)...), c.figures("kpi", "toss_up"), c.words(), c.calls(), c.functions())
}

// exprCompleter answers for one place of an expression.
type exprCompleter struct {
	a      *Analysis
	text   string
	at     int
	sc     *Scope
	locals []string
	lang   string
	word   stretch
}

// quoted offers what a text in quotes may say: the name that a fact asks for, a
// length of time, or a value of what it is compared with.
func (c *exprCompleter) quoted(before []exprToken, open exprToken) []Completion {
	c.word = stretch{open.start + 1, c.at}
	rest := c.text[c.at:]
	if end := strings.IndexByte(rest, c.text[open.start]); end >= 0 && nameLength(rest[:end]) == end {
		c.word.end = c.at + end
	}
	call, arg, ok := openCall(before)
	switch {
	case ok && arg == 0 && argKind(call.words) != "":
		return c.named(argKind(call.words))
	case ok && arg == 1 && hasWindow(call.words):
		return c.plain(CompleteValue, "1d", "7d", "14d", "30d", "90d")
	}
	of := compared(c.text, before)
	if of == "" {
		return nil
	}
	x, ok := operandOf(of, c.sc, c.locals)
	if !ok || x.vocab == nil {
		return nil
	}
	return c.plain(CompleteValue, x.vocab.values...)
}

func (c *exprCompleter) named(kind string) []Completion {
	var out []Completion
	for _, name := range c.a.namesOf(kind, "") {
		out = append(out, c.a.nameCompletion(symbol{kind: kind, name: name}, name, c.word, c.lang))
	}
	return out
}

func (c *exprCompleter) plain(kind CompletionKind, words ...string) []Completion {
	var out []Completion
	for _, w := range words {
		if w != "" {
			out = append(out, Completion{Label: w, Insert: w, Kind: kind, Rank: 1, Start: c.word.start, End: c.word.end})
		}
	}
	return out
}

// members offers everything behind a dot that may be named here.
func (c *exprCompleter) members(spaces ...string) []Completion {
	var out []Completion
	for _, space := range spaces {
		if namespaces[space].family == 0 || !c.sc.has(namespaces[space].family) || namespaces[space].family == famEvent && c.sc.Event == nil {
			continue
		}
		for _, name := range c.a.spaceNames(space, c.sc) {
			sym, _ := c.a.memberSymbol(space, name, c.sc)
			item := c.a.nameCompletion(sym, space+"."+name, c.word, c.lang)
			if x, ok := operandOf(item.Label, c.sc, nil); ok {
				item.Detail = x.phrase(c.lang)
			}
			out = append(out, item)
		}
	}
	return out
}

// figures offers the figures of KPIs and toss-ups, where they may be named.
func (c *exprCompleter) figures(spaces ...string) []Completion {
	var out []Completion
	words := map[string][]string{"kpi": {"value"}, "toss_up": tossUpFigures}
	for _, space := range spaces {
		for _, name := range c.a.namesOf(space, "") {
			for _, word := range words[space] {
				full := space + "." + name + "." + word
				x, ok := operandOf(full, c.sc, nil)
				if !ok {
					continue
				}
				item := c.a.nameCompletion(symbol{kind: space, name: name}, full, c.word, c.lang)
				item.Detail = x.phrase(c.lang)
				out = append(out, item)
			}
		}
	}
	return out
}

// spaceNames are the names behind a namespace's dot.
func (a *Analysis) spaceNames(space string, sc *Scope) []string {
	switch space {
	case "lead":
		out := names(sc.Attributes)
		if sc.has(famStage) {
			out = append(out, "stage")
		}
		return out
	case accountSpace:
		return names(sc.Account)
	case "event":
		return names(sc.Event.Fields)
	case "first_touch", "last_touch":
		return names(touchParts)
	}
	return a.namesOf(space, "")
}

// memberSymbol is what a name behind a dot stands for; ok is false where that is
// nothing declared.
func (a *Analysis) memberSymbol(space, name string, sc *Scope) (symbol, bool) {
	found := exprMentions(space+"."+name, sc, refKinds(a.schema()), a.b.rootEvent)
	if len(found) == 0 {
		return symbol{}, false
	}
	return found[0].symbol, true
}

// words offers the facts without a dot, and the words that begin a question.
func (c *exprCompleter) words() []Completion {
	var out []Completion
	figures := []string{"value"}
	if c.sc.Figure != nil {
		figures = append(figures, c.sc.Figure.Labels...)
	}
	for _, word := range slices.Concat(c.locals, bareWords, figures) {
		x, ok := operandOf(word, c.sc, c.locals)
		if !ok {
			continue
		}
		out = append(out, Completion{
			Label: word, Insert: word, Kind: CompleteWord, Rank: 2, Detail: x.phrase(c.lang),
			Doc: wordNames[word].In(c.lang), Start: c.word.start, End: c.word.end,
		})
	}
	return append(out, c.plain(CompleteWord, "not", "true", "false")...)
}

// accountCalls offers what can be asked of the leads of an account.
func (c *exprCompleter) accountCalls(space string) []Completion {
	events := c.a.namesOf("event", "")
	if space != accountSpace || len(events) == 0 {
		return nil
	}
	var out []Completion
	for _, name := range accountCallNames() {
		if x, ok := operandOf(name+"('"+events[0]+"')", c.sc, nil); ok {
			out = append(out, Completion{
				Label: name, Kind: CompleteFunction, Detail: accountCalls[strings.TrimPrefix(name, accountSpace+".")], Doc: x.phrase(c.lang), Rank: 2,
				Insert: name + "('", Snippet: name + "('$1')", More: true, Start: c.word.start, End: c.word.end,
			})
		}
	}
	return out
}

// calls offers the facts that are asked for like functions. Whether one may be
// asked for here, the checker knows.
func (c *exprCompleter) calls() []Completion {
	var out []Completion
	for _, name := range append(names(factCalls), reachableCall) {
		known := c.a.namesOf(argKind(name), "")
		if len(known) == 0 {
			continue
		}
		x, ok := operandOf(name+"('"+known[0]+"')", c.sc, nil)
		if !ok {
			continue
		}
		out = append(out, Completion{
			Label: name, Kind: CompleteFunction, Detail: callUsage(name), Doc: x.phrase(c.lang), Rank: 2,
			Insert: name + "('", Snippet: name + "('$1')", More: true, Start: c.word.start, End: c.word.end,
		})
	}
	return out
}

func (c *exprCompleter) functions() []Completion {
	var out []Completion
	for _, f := range Functions() {
		out = append(out, Completion{
			Label: f.Name, Kind: CompleteFunction, Detail: f.Usage, Doc: f.Doc.In(c.lang), Rank: 3,
			Insert: f.Name + "(", Snippet: f.Name + "($1)", Start: c.word.start, End: c.word.end,
		})
	}
	return out
}

// operators offers what joins and compares. The checker's own words say what
// each means.
func (c *exprCompleter) operators() []Completion {
	out := c.plain(CompleteWord, "and", "or", "in", "not in", "matches", "??")
	for _, op := range names(comparing) {
		if strings.HasPrefix(op, "not ") {
			continue
		}
		item := c.plain(CompleteWord, op)[0]
		item.Detail = strings.NewReplacer("{0}", "…", "{1}", "…").Replace(comparing[op].In(c.lang))
		out = append(out, item)
	}
	return out
}

// operandOf is what is known about an expression; ok is false where it may not
// stand in the scope.
func operandOf(text string, sc *Scope, locals []string) (operand, bool) {
	c := &checker{sc: sc, locals: locals, reads: map[engine.Key]bool{}}
	if c.parsed = readExpr(source{text, nowhere}, &c.found); c.parsed == nil {
		return bad, false
	}
	x := c.visit(c.root)
	return x, x.kind != badKind && !fatal(c.problems)
}

// phrase is a value's kind as a person reads it: "a number, 0 to 100".
func (x operand) phrase(language string) string {
	out := x.kind.phrase().In(language)
	if x.kind == numberKind && finite(x.lo) && finite(x.hi) && x.lo < x.hi {
		from, to := formatNumber(x.lo), formatNumber(x.hi)
		out += Doc{", " + from + " to " + to, "（" + from + "〜" + to + "）"}.In(language)
	}
	if x.vocab != nil {
		words := slices.DeleteFunc(slices.Clone(x.vocab.values), func(s string) bool { return s == "" })
		out += Doc{": " + list(words), "（" + list(words) + "）"}.In(language)
	}
	if x.empty {
		out += Doc{", may be empty", "、空のことがあります"}.In(language)
	}
	return out
}

// completeTag offers what may be written inside the {{ }} around a byte of a text.
func (a *Analysis) completeTag(text string, at int, sc *Scope, language string) []Completion {
	t, ok := tagAround(text, at)
	if !ok {
		return nil
	}
	inner := text[t.from:t.to]
	list := a.completeExpr(inner, at-t.from, sc, localsAt(text, t.start), language)
	word := dottedWord([]byte(inner), at-t.from)
	if t.kind == valueTag && strings.TrimSpace(inner[:word.start]) == "" && !strings.Contains(inner[word.start:word.end], ".") {
		c := &exprCompleter{word: word}
		list = append(list, c.plain(CompleteWord, "if", "for", "else", "end")...)
	}
	for i := range list {
		list[i].Start += t.from
		list[i].End += t.from
	}
	return list
}

// tagAround is the {{ }} around a place. One that is not closed ends with its line.
func tagAround(text string, at int) (tag, bool) {
	open := strings.LastIndex(text[:at], "{{")
	if open < 0 || strings.Contains(text[open:at], "}}") {
		return tag{}, false
	}
	t := tag{kind: valueTag, start: open, from: open + 2, to: len(text)}
	rest := text[at:]
	if end := strings.IndexByte(rest, '\n'); end >= 0 {
		t.to = at + end
	}
	if end := strings.Index(text[at:t.to], "}}"); end >= 0 {
		t.to = at + end
	}
	t.end = min(len(text), t.to+2)
	for word, kind := range map[string]tagKind{"if": ifTag, "for": forTag} {
		t.head(text, at, word, kind)
	}
	return t, true
}

// head moves the beginning of the expression behind `if` or `for NAME in`.
func (t *tag) head(text string, at int, word string, kind tagKind) {
	inner := text[t.from:t.to]
	rest, ok := strings.CutPrefix(strings.TrimLeft(inner, " \t"), word+" ")
	if !ok {
		return
	}
	if kind == forTag {
		_, list, ok := strings.Cut(rest, " in ")
		if !ok {
			return
		}
		rest = list
	}
	if from := t.to - len(rest); from <= at {
		t.kind, t.from = kind, from
	}
}

// localsAt are the variables of the {{ for }} that are open at a place.
func localsAt(text string, at int) []string {
	var f found
	var open []string
	for _, t := range scanTags(source{text[:at], nowhere}, &f) {
		switch t.kind {
		case ifTag, forTag:
			open = append(open, t.local)
		case endTag:
			open = open[:max(0, len(open)-1)]
		}
	}
	return slices.DeleteFunc(open, func(s string) bool { return s == "" })
}

// Signature is a call that is being written.
type Signature struct {
	Usage  string // round(score.interest, 1)
	Doc    string
	Params []string // as they stand in Usage
	Active int
}

// Signature is the call around a byte of a file; ok is false where there is none.
func (a *Analysis) Signature(file string, src []byte, at int, language string) (Signature, bool) {
	e, ok := a.expressionAt(file, src, atRune(string(src), at))
	if !ok {
		return Signature{}, false
	}
	tokens := exprTokens(e.text[:e.at])
	if n := len(tokens); n > 0 && tokens[n-1].kind == 's' && !tokens[n-1].closed {
		tokens = tokens[:n-1]
	}
	call, arg, ok := openCall(tokens)
	if !ok {
		return Signature{}, false
	}
	s := Signature{Usage: callUsage(call.words), Active: arg}
	if f := functions[call.words]; f != nil {
		s.Usage, s.Doc = f.usage, f.doc.In(language)
	}
	if s.Usage == "" {
		return Signature{}, false
	}
	s.Params = usageParams(s.Usage)
	s.Active = min(arg, max(0, len(s.Params)-1))
	return s, true
}

// usageParams are the arguments of a usage.
func usageParams(usage string) []string {
	_, rest, _ := strings.Cut(usage, "(")
	var out []string
	for _, p := range strings.Split(strings.TrimSuffix(rest, ")"), ",") {
		out = append(out, strings.TrimSpace(p))
	}
	return out
}

// writtenExpr is an expression in a file, whole or half written.
type writtenExpr struct {
	text   string
	at     int // the place asked for
	sc     *Scope
	locals []string
	isText bool             // a {{ }} of a text
	toFile func(at int) int // from its bytes to the file's
}

// expressionAt is the expression around a byte of a file.
func (a *Analysis) expressionAt(file string, src []byte, at int) (writtenExpr, bool) {
	if strings.HasPrefix(file, templatesDir) {
		return tagExpr(string(src), at, a.templateScope(file), func(i int) int { return i })
	}
	s := sketchOf(src).spot(at)
	if s.kind != spotText {
		return writtenExpr{}, false
	}
	spec := a.attrSpec(a.specOf(s.block, src), s.block, src, s.attr.name.of(src))
	lit, ok := s.literal(file)
	if spec == nil || !ok {
		return writtenExpr{}, false
	}
	sc, offset := a.scopeAt(file, s), lit.offset(at)
	if spec.isExpression() || a.compiled(s) {
		return writtenExpr{text: lit.Value, at: offset, sc: sc, toFile: lit.fileByte}, true
	}
	return tagExpr(lit.Value, offset, sc, lit.fileByte)
}

func tagExpr(text string, at int, sc *Scope, toFile func(int) int) (writtenExpr, bool) {
	t, ok := tagAround(text, at)
	if !ok {
		return writtenExpr{}, false
	}
	return writtenExpr{
		text: text[t.from:t.to], at: at - t.from, sc: sc, locals: localsAt(text, t.start),
		isText: t.kind != ifTag, toFile: func(i int) int { return toFile(t.from + i) },
	}, true
}

// sentence is a condition in words, "" where it cannot be said.
func sentence(text string, sc *Scope, language string) string {
	c, _ := compileCond(Literal{Value: text}, sc)
	if c == nil {
		return ""
	}
	return Sentence(c, language)
}

// atRune moves an offset to the beginning of the character it is in.
func atRune(text string, at int) int {
	at = max(0, min(at, len(text)))
	for at > 0 && at < len(text) && !utf8.RuneStart(text[at]) {
		at--
	}
	return at
}
