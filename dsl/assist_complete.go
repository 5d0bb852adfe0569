package dsl

import (
	"fmt"
	"slices"
	"strings"
)

// CompletionKind says what is offered, for the editor's picture beside it.
type CompletionKind uint8

// The kinds of Completion.
const (
	CompleteBlock CompletionKind = iota + 1
	CompleteAttr
	CompleteName // something declared
	CompleteFunction
	CompleteWord // a word of the language
	CompleteValue
	CompleteFile
)

// Completion is one thing that can be written at a place.
type Completion struct {
	Label   string
	Kind    CompletionKind
	Detail  string
	Doc     string // Markdown
	Insert  string
	Snippet string // Insert with places to fill in, as editors know them: ${1:name}; "" for none
	Rank    int    // what matters more has a lower one
	More    bool   // when it is written, there is something to complete behind it
	Start   int    // bytes of the text that it replaces
	End     int
}

// Complete is what can be written at a byte of a file.
func (a *Analysis) Complete(file string, src []byte, at int, language string) []Completion {
	at = atRune(string(src), at)
	if strings.HasPrefix(file, templatesDir) {
		return a.completeTag(string(src), at, a.templateScope(file), language)
	}
	s := sketchOf(src).spot(at)
	c := completer{a: a, s: s, file: file, lang: language, spec: a.specOf(s.block, src)}
	switch s.kind {
	case spotBody:
		return c.body()
	case spotName:
		return c.onlyNames(c.attrs())
	case spotKindOf:
		c.spec = a.specOf(s.block.parent, src)
		return c.onlyNames(c.blocks())
	case spotLabel:
		return c.label()
	case spotValue:
		return c.value()
	case spotText:
		return c.text()
	}
	return nil
}

// specOf is the table's row of a block, nil where it has none.
func (a *Analysis) specOf(b *sketchBlock, src []byte) *Block {
	spec := a.schema()
	for _, at := range b.path() {
		if spec = spec.block(at.kind.of(src)); spec == nil {
			return nil
		}
		if spec.Foreign {
			spec = a.foreign(at.parent, src)
		}
		if spec == nil {
			return nil
		}
	}
	return spec
}

// foreign is the row of a block that a channel's plugin describes.
func (a *Analysis) foreign(channel *sketchBlock, src []byte) *Block {
	plugin := channel.attr(src, "plugin")
	if plugin == nil {
		return nil
	}
	t := a.b.o.Catalog.find(strings.Trim(strings.TrimSpace(plugin.value.of(src)), `"`))
	if t == nil {
		return nil
	}
	return t.Config
}

// attrSpec is the table's row of an attribute; in a test's lead and event, and
// wherever else names come from the workspace, what they declare.
func (a *Analysis) attrSpec(spec *Block, b *sketchBlock, src []byte, name string) *Attr {
	if spec == nil {
		return nil
	}
	if at := spec.attr(name); at != nil {
		return at
	}
	if f := a.fieldsOf(spec, b, src)[name]; f != nil {
		return fieldAttr(f)
	}
	return nil
}

// fieldsOf are the declared names that may stand in an open block.
func (a *Analysis) fieldsOf(spec *Block, b *sketchBlock, src []byte) map[string]*fieldInfo {
	if spec == nil || !spec.Open || spec.Name == "const" {
		return nil
	}
	event := ""
	switch spec.Name {
	case "event":
		event = b.label(src)
	case "emit":
		if info := a.eventOf(b, src); info != nil {
			event = info.Name
		}
	default:
		return a.b.scope.Attributes
	}
	if info := a.b.scope.Events[event]; info != nil {
		return info.Fields
	}
	return nil
}

// fieldAttr is a declared field as a row of the table.
func fieldAttr(f *fieldInfo) *Attr {
	at := &Attr{Name: f.Name, Type: TypeAny, Required: f.Required, Example: kindExample(f), Doc: Doc{f.Label, f.Label}}
	if f.Choices != nil {
		at.Type, at.Of = TypeChoice, f.Choices
	}
	return at
}

// completer answers for one place of an *.hcl file.
type completer struct {
	a    *Analysis
	s    spot
	file string
	lang string
	spec *Block // of the block around the place, nil where it is unknown
}

// body offers the attributes and blocks that may still stand in the block.
func (c *completer) body() []Completion {
	line := c.s.word
	if strings.Contains(line.of(c.s.src), ".") {
		return nil
	}
	return append(c.attrs(), c.blocks()...)
}

// onlyNames offers words where what belongs to them stands already.
func (c *completer) onlyNames(list []Completion) []Completion {
	word := c.s.word
	if c.s.kind == spotKindOf {
		word = c.s.block.kind
	}
	for i := range list {
		list[i].Insert, list[i].Snippet, list[i].More = list[i].Label, "", false
		list[i].Start, list[i].End = word.start, word.end
	}
	return list
}

func (c *completer) attrs() []Completion {
	if c.spec == nil {
		return nil
	}
	var out []Completion
	offer := func(at *Attr) {
		if have := c.s.block.attr(c.s.src, at.Name); have == nil || have == c.s.attr {
			out = append(out, c.attr(at))
		}
	}
	for _, at := range c.spec.Attrs {
		offer(at)
	}
	fields := c.a.fieldsOf(c.spec, c.s.block, c.s.src)
	for _, name := range names(fields) {
		offer(fieldAttr(fields[name]))
	}
	return out
}

func (c *completer) attr(at *Attr) Completion {
	out := Completion{
		Label: at.Name, Kind: CompleteAttr, Detail: at.summary(c.lang), Doc: at.page(c.lang),
		Insert: at.Name + " = ", Rank: 2, Start: c.s.word.start, End: c.s.word.end,
	}
	if at.Required {
		out.Rank = 1
	}
	value, more := at.valueSnippet()
	out.Snippet, out.More = snippetLine(at.Name)+" = "+value, more
	return out
}

// summary is an attribute's type in a few words.
func (at *Attr) summary(language string) string {
	out := typeNames[at.Type].In(language)
	if at.Required {
		out += Doc{", required", "（必須）"}.In(language)
	}
	return out
}

// page is what there is to say about an attribute.
func (at *Attr) page(language string) string {
	var b strings.Builder
	b.WriteString(at.Doc.In(language))
	line := func(d Doc, value string) {
		if value != "" {
			fmt.Fprintf(&b, "\n\n%s: `%s`", d.In(language), value)
		}
	}
	line(Doc{"One of", "選択肢"}, strings.Join(at.Of, "`, `"))
	line(Doc{"Default", "省略時"}, at.Default)
	if len(at.Of) == 0 {
		line(Doc{"For instance", "例"}, at.example())
	}
	return strings.TrimSpace(b.String())
}

// valueSnippet is a value to fill in, and whether completing goes on there.
func (at *Attr) valueSnippet() (snippet string, more bool) {
	example := at.example()
	switch {
	case at.Type == TypeChoice:
		return `"` + choiceSnippet(at.Of) + `"`, false
	case at.Type == TypeChoices:
		return `["` + choiceSnippet(at.Of) + `"]`, false
	case at.Type == TypeFlag:
		return "${1|true,false|}", false
	case (at.Type == TypeRef || at.Type == TypeRefs) && len(at.Refs) == 1:
		return at.Refs[0] + ".$1", true
	case at.Type == TypeRef || at.Type == TypeRefs:
		return "$1", true
	case at.Type == TypeCondition || at.Type == TypeConditions || at.Type == TypeTemplateFile:
		return `"$1"`, true
	case at.Type == TypeTemplate || at.Type == TypeText && at.Example == "":
		return `"$1"`, false
	case len(example) >= 2 && example[0] == '"' && strings.Count(example, `"`) == 2 && strings.HasSuffix(example, `"`):
		return `"${1:` + snippetText(example[1:len(example)-1]) + `}"`, false
	}
	return "${1:" + snippetText(example) + "}", false
}

func choiceSnippet(words []string) string {
	var out []string
	for _, w := range words {
		out = append(out, strings.NewReplacer(`\`, `\\`, ",", `\,`, "|", `\|`).Replace(w))
	}
	return "${1|" + strings.Join(out, ",") + "|}"
}

// snippetText is a text in which nothing is to be filled in, to stand by itself or
// in a place to fill in.
func snippetText(s string) string {
	return strings.NewReplacer(`\`, `\\`, "$", `\$`, "}", `\}`).Replace(s)
}

// snippetLine is a text that stands by itself.
func snippetLine(s string) string { return strings.NewReplacer(`\`, `\\`, "$", `\$`).Replace(s) }

func (c *completer) blocks() []Completion {
	if c.spec == nil {
		return nil
	}
	var out []Completion
	for _, b := range c.spec.Blocks {
		if b.Most == 1 && c.has(b.Name) {
			continue
		}
		out = append(out, Completion{
			Label: b.Name, Kind: CompleteBlock, Detail: firstLine(b.Example), Doc: b.page(c.lang), Rank: 3,
			Insert: b.Name, Snippet: exampleSnippet(b.Example), Start: c.s.word.start, End: c.s.word.end,
		})
	}
	return out
}

// has reports that such a block stands there, other than the one at hand. The
// outermost blocks of all files stand together.
func (c *completer) has(kind string) bool {
	parent := c.s.block
	if c.s.kind == spotKindOf {
		parent = parent.parent
	}
	if root := c.a.b.root; parent.parent == nil && root != nil {
		return slices.ContainsFunc(root.all(kind), func(n *node) bool { return n.block.TypeRange.Filename != c.file })
	}
	return slices.ContainsFunc(parent.kids, func(k *sketchBlock) bool {
		return k.kind.of(c.s.src) == kind && k != c.s.block
	})
}

// page is what there is to say about a kind of block.
func (b *Block) page(language string) string {
	out := b.Doc.In(language)
	if b.Example != "" {
		out += "\n\n```hcl\n" + b.Example + "\n```"
	}
	return out
}

// exampleSnippet is an example with its name and its values to fill in.
func exampleSnippet(example string) string {
	var out []string
	n := 0
	fill := func(s string) string {
		n++
		return fmt.Sprintf("${%d:%s}", n, snippetText(s))
	}
	for _, line := range strings.Split(example, "\n") {
		code, tail := line, ""
		if head, name, ok := quotedName(line); ok {
			out = append(out, snippetLine(head)+`"`+fill(name)+`"`+snippetLine(line[len(head)+len(name)+2:]))
			continue
		}
		if strings.HasSuffix(code, " }") {
			code, tail = strings.TrimSuffix(code, " }"), " }"
		}
		name, value, ok := strings.Cut(code, "= ")
		if !ok || value == "[" || value == "{" {
			out = append(out, snippetLine(line))
			continue
		}
		out = append(out, snippetLine(name)+"= "+fill(value)+snippetLine(tail))
	}
	return strings.Join(out, "\n")
}

// quotedName is the name of a block that begins on the line.
func quotedName(line string) (head, name string, ok bool) {
	open := strings.IndexByte(line, '"')
	brace := strings.IndexByte(line, '{')
	if open < 0 || brace < open || strings.Contains(line[:open], "=") {
		return "", "", false
	}
	end := strings.IndexByte(line[open+1:], '"')
	if end < 0 {
		return "", "", false
	}
	return line[:open], line[open+1 : open+1+end], true
}

// label offers names where a block's label names something: a test's event, the
// channel that replies.
func (c *completer) label() []Completion {
	path := c.s.block.path()
	if len(path) == 0 || path[0].kind.of(c.s.src) != "test" {
		return nil
	}
	kind := map[string]string{"event": "event", "reply": "channel"}[c.s.block.kind.of(c.s.src)]
	return c.named(kind, "", c.s.word)
}

// named offers all names of a kind, each behind a prefix.
func (c *completer) named(kind, prefix string, at stretch) []Completion {
	var out []Completion
	for _, name := range c.a.namesOf(kind, c.flow()) {
		out = append(out, c.a.nameCompletion(symbol{kind, c.owner(kind), name}, prefix+name, at, c.lang))
	}
	return out
}

// flow is the workflow around the place.
func (c *completer) flow() string {
	for _, b := range c.s.block.path() {
		if b.kind.of(c.s.src) == "workflow" {
			return b.label(c.s.src)
		}
	}
	return ""
}

func (c *completer) owner(kind string) string {
	if kind == "step" {
		return c.flow()
	}
	return ""
}

// namesOf are the declared names of a kind.
func (a *Analysis) namesOf(kind, flow string) []string {
	switch kind {
	case "":
		return nil
	case "attribute":
		return names(a.b.scope.Attributes)
	case accountSpace:
		return names(a.b.scope.Account)
	case "const":
		return names(a.b.scope.Consts)
	case "step":
		if w := a.b.scope.Workflows[flow]; w != nil {
			return w.Steps
		}
		return nil
	case "slot":
		return names(a.b.scope.slots())
	case "stage":
		var out []string
		for _, s := range a.b.scope.Stages {
			out = append(out, s.Name)
		}
		return out
	}
	return a.b.knownNames(kind)
}

// nameCompletion offers something declared.
func (a *Analysis) nameCompletion(sym symbol, label string, at stretch, language string) Completion {
	return Completion{
		Label: label, Kind: CompleteName, Insert: label, Rank: 1, Start: at.start, End: at.end,
		Detail: a.headline(sym, language), Doc: a.symbolPage(sym, language),
	}
}

// value offers what an attribute may be, outside of quotes.
func (c *completer) value() []Completion {
	at := c.a.attrSpec(c.spec, c.s.block, c.s.src, c.s.attr.name.of(c.s.src))
	if at == nil {
		return c.constants()
	}
	var out []Completion
	for _, kind := range at.Refs {
		out = append(out, c.named(kind, kind+".", c.s.word)...)
	}
	if len(at.Refs) > 0 {
		return out
	}
	for _, word := range c.valueWords(at) {
		out = append(out, c.word(word, CompleteValue))
	}
	if at.Sensitive {
		secret := c.word(`secret("…")`, CompleteFunction)
		secret.Snippet = `secret("${1:NAME}")`
		return append(out, secret)
	}
	return append(out, c.constants()...)
}

func (c *completer) word(word string, kind CompletionKind) Completion {
	return Completion{Label: word, Insert: word, Kind: kind, Rank: 1, Start: c.s.word.start, End: c.s.word.end}
}

// valueWords are values that can be written out.
func (c *completer) valueWords(at *Attr) []string {
	var out []string
	switch {
	case at.Type == TypeFlag:
		return []string{"true", "false"}
	case at.Name == "plugin":
		for _, p := range c.a.b.o.Catalog.plugins() {
			out = append(out, quoted(p))
		}
		return out
	case at.Type == TypeTemplateFile:
		for _, t := range c.templates() {
			out = append(out, quoted(t))
		}
		return out
	}
	for _, w := range at.Of {
		out = append(out, quoted(w))
	}
	if len(out) == 0 && strings.HasPrefix(at.example(), `"`) {
		out = append(out, at.example())
	}
	return out
}

func (c *completer) constants() []Completion { return c.named("const", "const.", c.s.word) }

func (c *completer) templates() []string {
	var out []string
	for _, t := range c.a.b.files.templates {
		out = append(out, strings.TrimPrefix(t, templatesDir))
	}
	return out
}

// text offers what may stand inside the quotes of a value.
func (c *completer) text() []Completion {
	name := c.s.attr.name.of(c.s.src)
	at := c.a.attrSpec(c.spec, c.s.block, c.s.src, name)
	if at == nil {
		return nil
	}
	lit, ok := c.s.literal(c.file)
	if !ok {
		return nil
	}
	offset := lit.offset(c.s.at)
	sc := c.a.scopeAt(c.file, c.s)
	switch {
	case at.isExpression() || c.a.compiled(c.s):
		return lit.completions(c.a.completeExpr(lit.Value, offset, sc, nil, c.lang))
	case at.Type == TypeTemplate || at.Type == TypeObject || strings.Contains(lit.Value, "{{"):
		return lit.completions(c.a.completeTag(lit.Value, offset, sc, c.lang))
	}
	inside := stretch{c.s.text.start + 1, c.s.text.end}
	if inside.end > inside.start && c.s.src[inside.end-1] == '"' {
		inside.end--
	}
	return c.quotedWords(at, inside)
}

// quotedWords are values of which the quotes stand already.
func (c *completer) quotedWords(at *Attr, inside stretch) []Completion {
	var out []Completion
	if at.Name == "key" && (c.spec.Name == "lead" || c.spec.Name == accountSpace) {
		return c.named("attribute", "", inside)
	}
	kind := CompleteValue
	if at.Type == TypeTemplateFile {
		kind = CompleteFile
	}
	for _, w := range c.valueWords(at) {
		word := c.word(strings.Trim(w, `"`), kind)
		word.Start, word.End = inside.start, inside.end
		out = append(out, word)
	}
	return out
}

// isExpression reports a value that is an expression in quotes.
func (at *Attr) isExpression() bool {
	switch at.Type {
	case TypeCondition, TypeConditions, TypeAmount, TypeTextExpr, TypeValueExpr, TypeFormula:
		return true
	}
	return false
}

// compiled reports that what stands at a spot was compiled as an expression when
// the workspace was analysed, whatever type its attribute has.
func (a *Analysis) compiled(s spot) bool {
	return a.scopes().exprs[kindsOf(s.block, s.src)+s.attr.name.of(s.src)]
}

// completions brings places in the literal's value to places in the file.
func (l *Literal) completions(list []Completion) []Completion {
	for i := range list {
		list[i].Start, list[i].End = l.fileByte(list[i].Start), l.fileByte(list[i].End)
	}
	return list
}

// fileByte is where a byte of the value stands in the file.
func (l *Literal) fileByte(at int) int {
	if len(l.starts) == 0 {
		return l.Range.Start.Byte
	}
	return l.Range.Start.Byte + l.starts[max(0, min(at, len(l.starts)-1))]
}
