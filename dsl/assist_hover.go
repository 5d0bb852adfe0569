package dsl

import (
	"fmt"
	"strings"

	"github.com/seed-456efde2/nurture/engine"
)

// Hover is what there is to say about the words at a place.
type Hover struct {
	Text  string // Markdown
	Start int    // bytes of the words
	End   int
}

// Hover tells about the words at a byte of a file; ok is false where there is
// nothing to tell.
func (a *Analysis) Hover(file string, src []byte, at int, language string) (h Hover, ok bool) {
	at = atRune(string(src), at)
	if e, inside := a.expressionAt(file, src, at); inside {
		return a.hoverExpr(e, language)
	}
	if strings.HasPrefix(file, templatesDir) {
		return Hover{}, false
	}
	s := sketchOf(src).spot(at)
	spec := a.specOf(s.block, src)
	switch {
	case s.kind == spotKindOf && spec != nil:
		return Hover{spec.page(language), s.block.kind.start, s.block.kind.end}, true
	case s.kind == spotName:
		if at := a.attrSpec(spec, s.block, src, s.word.of(src)); at != nil {
			text := fmt.Sprintf("`%s` — %s\n\n%s", at.Name, at.summary(language), at.page(language))
			return Hover{text, s.word.start, s.word.end}, true
		}
		return a.hoverSymbol(file, src, at, language)
	case s.kind == spotLabel || s.kind == spotValue || s.kind == spotText:
		return a.hoverSymbol(file, src, at, language)
	}
	return Hover{}, false
}

func (a *Analysis) hoverSymbol(file string, src []byte, at int, language string) (Hover, bool) {
	sym, where, ok := a.symbolAt(file, src, at)
	if !ok || !a.isKnown(sym) {
		return Hover{}, false
	}
	return Hover{a.symbolText(sym, language), where.start, where.end}, true
}

// isKnown reports a symbol that is declared, or comes with the language.
func (a *Analysis) isKnown(sym symbol) bool {
	_, declared := a.symbols().declaration(sym)
	return declared || a.facts(sym, "en") != ""
}

// symbolText is a symbol's headline with its page.
func (a *Analysis) symbolText(sym symbol, language string) string {
	return strings.TrimSpace("**" + sym.name + "** — " + a.headline(sym, language) + "\n\n" + a.symbolPage(sym, language))
}

// hoverExpr tells about a word of an expression, and says the whole of it in words.
func (a *Analysis) hoverExpr(e writtenExpr, language string) (Hover, bool) {
	text, at, ok := a.wordOf(e, language)
	words := ""
	if !e.isText {
		words = sentence(e.text, e.sc, language)
	}
	switch {
	case !ok && words == "":
		return Hover{}, false
	case !ok:
		at = stretch{0, len(e.text)}
	case words != "":
		text += "\n\n---\n\n"
	}
	return Hover{text + words, e.toFile(at.start), e.toFile(at.end)}, true
}

// wordOf tells about the name or the function at a place of an expression.
func (a *Analysis) wordOf(e writtenExpr, language string) (string, stretch, bool) {
	for _, m := range exprMentions(e.text, e.sc, refKinds(a.schema()), a.b.rootEvent) {
		if m.holds(e.at) && a.isKnown(m.symbol) {
			return a.symbolText(m.symbol, language) + a.typeLine(e, m.stretch, language), m.stretch, true
		}
	}
	for _, t := range exprTokens(e.text) {
		if t.kind == 'w' && t.holds(e.at) {
			text := a.wordText(e, t.words, language)
			return text, t.stretch, text != ""
		}
	}
	return "", stretch{}, false
}

// typeLine is the kind of value that a member gives.
func (a *Analysis) typeLine(e writtenExpr, at stretch, language string) string {
	word := dottedWord([]byte(e.text), at.end)
	x, ok := operandOf(word.of([]byte(e.text)), e.sc, e.locals)
	if !ok {
		return ""
	}
	return "\n\n" + Doc{"Type: ", "型: "}.In(language) + x.phrase(language)
}

// wordText tells about a word of the language: a function, a fact, an operator, a
// namespace.
func (a *Analysis) wordText(e writtenExpr, word, language string) string {
	if f := functions[word]; f != nil {
		return "`" + f.usage + "`\n\n" + f.doc.In(language)
	}
	if usage := callUsage(word); usage != "" {
		out := "`" + usage + "`"
		if known := a.namesOf(argKind(word), ""); len(known) > 0 {
			if x, ok := operandOf(word+"('"+known[0]+"')", e.sc, nil); ok {
				out += "\n\n" + Doc{"Type: ", "型: "}.In(language) + x.phrase(language)
			}
		}
		return out
	}
	if form, ok := comparing[word]; ok {
		return "`" + word + "` — " + strings.NewReplacer("{0}", "…", "{1}", "…").Replace(form.In(language))
	}
	if x, ok := operandOf(word, e.sc, e.locals); ok {
		return "**" + word + "** — " + wordNames[word].In(language) + "\n\n" + Doc{"Type: ", "型: "}.In(language) + x.phrase(language)
	}
	if space, ok := namespaces[word]; ok {
		return "`" + word + ".…` — " + space.noun.In(language)
	}
	return ""
}

// kindNouns are the kinds of symbols that have no block of their own in the table
// with that name.
var kindNouns = map[string]Doc{
	"attribute": {"attribute of the lead", "リードの項目"}, "field": {"field of the event", "イベントの項目"},
	accountSpace: {"attribute of the account", "アカウントの項目"},
	"event":      {"event", "イベント"}, "score": {"score", "スコア"}, "segment": {"segment", "セグメント"},
	"stage": {"stage of the lifecycle", "ライフサイクルの段階"}, "step": {"step", "ステップ"}, "exit": {"exit", "出口"},
	"workflow": {"workflow", "ワークフロー"}, "channel": {"channel", "チャネル"}, "consent": {"consent", "同意"},
	"const": {"constant", "定数"}, "toss_up": {"toss-up", "トスアップ"}, "contact_policy": {"contact policy", "配信ポリシー"},
	"kpi": {"KPI", "KPI"}, "funnel": {"funnel", "ファネル"}, "calendar": {"calendar", "カレンダー"},
}

// headline is a symbol's kind and label in a few words.
func (a *Analysis) headline(sym symbol, language string) string {
	noun := kindNouns[sym.kind].In(language)
	if noun == "" {
		noun = sym.kind
	}
	if label := a.label(sym); label != "" {
		return noun + Doc{": " + label, "「" + label + "」"}.In(language)
	}
	return noun
}

// label is what people call a symbol.
func (a *Analysis) label(sym symbol) string {
	if n := a.symbols().blocks[sym]; n != nil {
		if label := n.text("label"); label != "" {
			return label
		}
	}
	if e := a.b.scope.Events[sym.name]; sym.kind == "event" && e != nil {
		return e.Label
	}
	return ""
}

// symbolPage is what is known about a symbol.
func (a *Analysis) symbolPage(sym symbol, language string) string {
	var out []string
	add := func(s string) {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	n := a.symbols().blocks[sym]
	if n != nil {
		add(commentAbove(n.src, n.block.TypeRange.Start.Byte))
	}
	add(a.facts(sym, language))
	if n != nil {
		add(a.conditionWords(n, language))
	}
	if d, ok := a.symbols().declaration(sym); ok {
		line := 1 + strings.Count(string(a.b.sources[d.file][:d.start]), "\n")
		add(fmt.Sprintf("`%s:%d`", d.file, line))
	}
	return strings.Join(out, "\n\n")
}

// facts are what a symbol's kind has to tell.
func (a *Analysis) facts(sym symbol, language string) string {
	sc := &a.b.scope
	switch sym.kind {
	case "attribute":
		return sc.Attributes[sym.name].facts(language)
	case accountSpace:
		return sc.Account[sym.name].facts(language)
	case "field":
		if e := sc.Events[sym.owner]; e != nil {
			return e.Fields[sym.name].facts(language)
		}
	case "event":
		return a.eventFacts(sym.name, language)
	case "const":
		if v, ok := sc.Consts[sym.name]; ok {
			return "`" + describe(v) + "`"
		}
	case "channel":
		if c := sc.Channels[sym.name]; c != nil {
			return Doc{"Plugin: `", "プラグイン: `"}.In(language) + c.Plugin + "`"
		}
	case "step", "workflow", "kpi", "toss_up", "score", "contact_policy":
		if n := a.symbols().blocks[sym]; n != nil {
			return n.spec.Doc.In(language)
		}
	}
	return ""
}

// facts are a field's kind, choices and default.
func (f *fieldInfo) facts(language string) string {
	if f == nil {
		return ""
	}
	var out []string
	switch {
	case f.Choices != nil:
		out = append(out, Doc{"One of", "選択肢"}.In(language)+": `"+strings.Join(f.Choices, "`, `")+"`")
	default:
		out = append(out, kindWord(f).In(language))
	}
	switch {
	case f.Required:
		out = append(out, Doc{"never empty", "必ずある"}.In(language))
	case f.Default.Kind() != engine.None:
		out = append(out, Doc{"default", "省略時"}.In(language)+": `"+describe(f.Default)+"`")
	default:
		out = append(out, Doc{"may be empty", "空のことがあります"}.In(language))
	}
	return strings.Join(out, Doc{"; ", "、"}.In(language))
}

// eventFacts are an event's fields, and what it narrows.
func (a *Analysis) eventFacts(name, language string) string {
	e := a.b.scope.Events[name]
	if e == nil {
		return ""
	}
	out := ""
	if root := a.b.rootEvent(name); root != name {
		out = Doc{"A moment of `" + root + "`. ", "`" + root + "` を絞り込んだ瞬間。"}.In(language)
	}
	if len(e.Fields) > 0 {
		out += Doc{"Fields: `", "項目: `"}.In(language) + strings.Join(names(e.Fields), "`, `") + "`"
	}
	return out
}

// conditionWords says the conditions of a block.
func (a *Analysis) conditionWords(n *node, language string) string {
	var out []string
	for _, at := range n.spec.Attrs {
		got := n.get(at.Name)
		if got == nil || at.Type != TypeCondition && at.Type != TypeConditions {
			continue
		}
		for i := range got.lits {
			if words := a.literalWords(&got.lits[i], language); words != "" {
				out = append(out, "- `"+at.Name+"`: "+words)
			}
		}
	}
	return strings.Join(out, "\n")
}

// literalWords is a condition of the workspace in words.
func (a *Analysis) literalWords(lit *Literal, language string) string {
	for _, n := range a.notes {
		if n.at.Filename == lit.File && n.at.Start.Byte >= lit.Range.Start.Byte && n.at.End.Byte <= lit.Range.End.Byte {
			return sentence(lit.Value, n.sc, language)
		}
	}
	return ""
}

// commentAbove is the comment on the lines just above a place.
func commentAbove(src []byte, at int) string {
	lines := strings.Split(string(src[:at]), "\n")
	var out []string
	for i := len(lines) - 2; i >= 0; i-- {
		text := strings.TrimSpace(lines[i])
		if !strings.HasPrefix(text, "#") && !strings.HasPrefix(text, "//") {
			break
		}
		out = append([]string{strings.TrimSpace(strings.TrimLeft(text, "#/"))}, out...)
	}
	return strings.Join(out, "\n")
}

// symbolAt is the name at a place. In a body that HCL could not read, the text
// itself is asked.
func (a *Analysis) symbolAt(file string, src []byte, at int) (symbol, stretch, bool) {
	if analysed, ok := a.b.sources[file]; ok && string(analysed) == string(src) {
		if m, ok := a.symbols().at(file, at); ok {
			return m.symbol, m.stretch, true
		}
	}
	if e, ok := a.expressionAt(file, src, at); ok {
		for _, m := range exprMentions(e.text, e.sc, refKinds(a.schema()), a.b.rootEvent) {
			if m.holds(e.at) {
				return m.symbol, stretch{e.toFile(m.start), e.toFile(m.end)}, true
			}
		}
		return symbol{}, stretch{}, false
	}
	if strings.HasPrefix(file, templatesDir) {
		return symbol{}, stretch{}, false
	}
	return a.referenceAt(sketchOf(src).spot(at))
}

// referenceAt is a bare reference in a value.
func (a *Analysis) referenceAt(s spot) (symbol, stretch, bool) {
	kind, name, ok := strings.Cut(s.word.of(s.src), ".")
	if s.kind != spotValue || !ok || !refKinds(a.schema())[kind] || name == "" {
		return symbol{}, stretch{}, false
	}
	name, _, _ = strings.Cut(name, ".")
	sym := symbol{kind: kind, name: name}
	if kind == "step" {
		c := completer{s: s}
		sym.owner = c.flow()
	}
	start := s.word.start + len(kind) + 1
	return sym, stretch{start, start + len(name)}, true
}
