package dsl

import (
	"cmp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"golang.org/x/text/unicode/norm"
)

// symbol is a declared name, whoever declares it. Owner tells names apart that
// need only be different within something: a step's is its workflow, a field's
// the event that arrives.
type symbol struct{ kind, owner, name string }

// mention is a place at which a symbol is named: nothing but its name, without
// quotes.
type mention struct {
	symbol
	file string
	stretch
	declares bool
}

// symbols are all mentions of a workspace, in order of file and place.
type symbols struct {
	all      []mention
	bySymbol map[symbol][]int
	blocks   map[symbol]*node // that declare them
}

// findSymbols reads them off the blocks, the references and the expressions.
func (a *Analysis) findSymbols() *symbols {
	f := &symbolFinder{b: a.b, kinds: refKinds(a.schema()), blocks: map[symbol]*node{}}
	if a.b.root != nil {
		for _, n := range a.b.root.kids {
			f.node(n)
			f.references(n.block.Body, flowOf(n))
		}
	}
	for _, n := range a.notes {
		if !n.text {
			f.expression(n)
		}
	}
	out := newSymbols(f.found)
	out.blocks = f.blocks
	return out
}

// refKinds are the words that may stand before the dot of a bare reference.
func refKinds(schema *Block) map[string]bool {
	kinds := map[string]bool{"stage": true, "step": true, "const": true}
	for _, k := range schema.Blocks {
		if k.Label == NameLabel {
			kinds[k.Name] = true
		}
	}
	return kinds
}

func newSymbols(found []mention) *symbols {
	slices.SortStableFunc(found, func(x, y mention) int {
		return cmp.Or(strings.Compare(x.file, y.file), cmp.Compare(x.start, y.start), cmp.Compare(x.end, y.end))
	})
	found = slices.Compact(found)
	out := &symbols{all: found, bySymbol: map[symbol][]int{}}
	for i, m := range found {
		out.bySymbol[m.symbol] = append(out.bySymbol[m.symbol], i)
	}
	return out
}

// at is the mention at a place of a file, as it was analysed.
func (s *symbols) at(file string, at int) (mention, bool) {
	for _, m := range s.all {
		if m.file == file && m.holds(at) {
			return m, true
		}
	}
	return mention{}, false
}

// of are all mentions of a symbol.
func (s *symbols) of(sym symbol) []mention {
	var out []mention
	for _, i := range s.bySymbol[sym] {
		out = append(out, s.all[i])
	}
	return out
}

// declaration is where a symbol is declared.
func (s *symbols) declaration(sym symbol) (mention, bool) {
	for _, m := range s.of(sym) {
		if m.declares {
			return m, true
		}
	}
	return mention{}, false
}

// symbolFinder collects mentions.
type symbolFinder struct {
	b      *builder
	kinds  map[string]bool // what stands before the dot of a reference
	found  []mention
	blocks map[symbol]*node
}

func (f *symbolFinder) add(sym symbol, at hcl.Range, declares bool) {
	if sym.name == "" || at.Filename == "" || at.End.Byte <= at.Start.Byte {
		return
	}
	f.found = append(f.found, mention{sym, at.Filename, stretch{at.Start.Byte, at.End.Byte}, declares})
}

// flowOf is the workflow that a block stands in, "" for none.
func flowOf(n *node) string {
	for ; n != nil; n = n.parent {
		if n.spec.Name == "workflow" {
			return n.label
		}
	}
	return ""
}

// node takes what a block declares and names, and what stands in it.
func (f *symbolFinder) node(n *node) {
	if n.label != "" && n.spec.Label == NameLabel {
		sym, declares := f.labelSymbol(n)
		f.add(sym, insideQuotes(n.labelPlace(), n.src), declares)
		if declares && f.blocks[sym] == nil {
			f.blocks[sym] = n
		}
	}
	f.openNames(n)
	if key := n.attrs["key"]; key != nil && (n.spec.Name == "lead" || n.spec.Name == accountSpace) && key.ok {
		f.add(symbol{"attribute", "", key.text}, insideQuotes(key.place(), n.src), false)
	}
	for _, k := range n.kids {
		f.node(k)
	}
}

// labelSymbol is what a block's label names, and whether the block declares it.
func (f *symbolFinder) labelSymbol(n *node) (symbol, bool) {
	name, parent := n.label, n.parent
	switch {
	case inTest(n) && n.spec.Name == "event":
		return symbol{"event", "", name}, false
	case inTest(n) && n.spec.Name == "reply":
		return symbol{"channel", "", name}, false
	case parent.block == nil || n.spec.Name == "stage":
		return symbol{n.spec.space(), "", name}, true
	case isField(n) && parent.spec.Name == "lead":
		return symbol{"attribute", "", name}, true
	case isField(n) && parent.spec.Name == accountSpace:
		return symbol{accountSpace, "", name}, true
	case isField(n) && parent.spec.Name == "event":
		return symbol{"field", f.b.rootEvent(parent.label), name}, true
	case flowOf(n) != "" && n.spec.Name == "exit":
		return symbol{"exit", flowOf(n), name}, true
	case flowOf(n) != "" && n.spec.space() == "-":
		return symbol{"step", flowOf(n), name}, true
	}
	return symbol{n.spec.Name, strings.Join(parent.trail(), " "), name}, true
}

func inTest(n *node) bool {
	for ; n != nil; n = n.parent {
		if n.spec.Name == "test" {
			return true
		}
	}
	return false
}

// openNames takes the names of attributes that are declared elsewhere: a test's
// lead and events, the fields of emit, the attributes of set; and those that
// const declares.
func (f *symbolFinder) openNames(n *node) {
	if !n.spec.Open {
		return
	}
	for _, at := range sortedAttributes(n.block.Body) {
		name := norm.NFC.String(at.Name)
		switch {
		case n.spec.attr(name) != nil:
		case n.spec.Name == "const":
			f.add(symbol{"const", "", name}, at.NameRange, true)
		case n.spec.Name == "event":
			f.add(symbol{"field", f.b.rootEvent(n.label), name}, at.NameRange, false)
		case n.spec.Name == accountSpace:
			f.add(symbol{accountSpace, "", name}, at.NameRange, false)
		case n.spec.Name == "emit":
			f.add(symbol{"field", f.b.rootEvent(n.ref("event")), name}, at.NameRange, false)
		default:
			f.add(symbol{"attribute", "", name}, at.NameRange, false)
		}
	}
}

// references takes every bare reference of a body, whatever block it stands in.
func (f *symbolFinder) references(body *hclsyntax.Body, flow string) {
	for _, at := range sortedAttributes(body) {
		for _, t := range hclsyntax.Variables(at.Expr) {
			if len(t) < 2 || !f.kinds[t.RootName()] {
				continue
			}
			name, ok := t[1].(hcl.TraverseAttr)
			if !ok {
				continue
			}
			sym := symbol{t.RootName(), "", norm.NFC.String(name.Name)}
			if sym.kind == "step" {
				sym.owner = flow
			}
			r := name.SrcRange
			r.Start.Byte = r.End.Byte - len(name.Name)
			f.add(sym, r, false)
		}
	}
	for _, k := range body.Blocks {
		f.references(k.Body, flow)
	}
}

// insideQuotes is the range without the quotes around it.
func insideQuotes(r hcl.Range, src []byte) hcl.Range {
	raw := r.SliceBytes(src)
	if len(raw) >= 2 && raw[0] == '"' {
		r.Start.Byte++
		r.End.Byte--
	}
	return r
}

// expression takes the names in an expression.
func (f *symbolFinder) expression(n noted) {
	if !norm.NFC.IsNormalString(n.src.text) {
		return // its places are not known one by one
	}
	for _, m := range exprMentions(n.src.text, n.sc, f.kinds, f.b.rootEvent) {
		f.add(m.symbol, n.src.place(m.start, m.end), false)
	}
}

// exprMentions are the names in an expression, with their places in it.
func exprMentions(text string, sc *Scope, kinds map[string]bool, rootEvent func(string) string) []mention {
	m := &exprMentioner{text: text, tokens: exprTokens(text), sc: sc, kinds: kinds, rootEvent: rootEvent}
	for i := range m.tokens {
		m.token(i)
	}
	return m.found
}

type exprMentioner struct {
	text      string
	tokens    []exprToken
	sc        *Scope
	kinds     map[string]bool
	rootEvent func(string) string
	found     []mention
}

func (m *exprMentioner) add(sym symbol, at stretch) {
	if sym.name != "" {
		m.found = append(m.found, mention{symbol: sym, stretch: at})
	}
}

func (m *exprMentioner) token(i int) {
	t := m.tokens[i]
	if t.kind != 'w' || i > 0 && m.tokens[i-1].kind == '.' {
		return
	}
	end := i
	switch {
	case i+2 < len(m.tokens) && m.tokens[i+1].kind == '.' && m.tokens[i+2].kind == 'w':
		end = i + 2
		if t.words == accountSpace && accountCalls[m.tokens[end].words] != "" {
			if i+4 < len(m.tokens) && m.tokens[i+3].kind == '(' && m.tokens[i+4].kind == 's' {
				m.add(symbol{"event", "", m.tokens[i+4].said()}, m.tokens[i+4].quoted())
			}
			return
		}
		m.member(t.words, m.tokens[end])
	case i+2 < len(m.tokens) && m.tokens[i+1].kind == '(' && m.tokens[i+2].kind == 's' && callUsage(t.words) != "":
		m.add(symbol{argKind(t.words), "", m.tokens[i+2].said()}, m.tokens[i+2].quoted())
		if end = i + 3; end >= len(m.tokens) || m.tokens[end].kind != ')' {
			return
		}
	}
	m.values(i, end)
}

// member is a name behind a dot.
func (m *exprMentioner) member(space string, name exprToken) {
	switch {
	case space == "lead" && name.words == "stage":
	case space == "lead":
		m.add(symbol{"attribute", "", name.words}, name.stretch)
	case space == "event" && m.sc.Event != nil:
		m.add(symbol{"field", m.rootEvent(m.sc.Event.Name), name.words}, name.stretch)
	case space == "event":
	case namespaces[space].family != 0 || m.kinds[space]:
		m.add(symbol{space, "", name.words}, name.stretch)
	}
}

// values takes the texts that a stage or a step's place is compared with.
func (m *exprMentioner) values(start, end int) {
	of := m.text[m.tokens[start].start:m.tokens[end].end]
	isStage := of == "stage" || of == "lead.stage"
	if !isStage && m.tokens[start].words != "at" {
		return
	}
	i := end + 1
	if i < len(m.tokens) && m.tokens[i].is('w', "not") {
		i++
	}
	if i >= len(m.tokens) || !m.tokens[i].is('o', "==", "!=") && !m.tokens[i].is('w', "in") {
		return
	}
	for i++; i < len(m.tokens); i++ {
		switch t := m.tokens[i]; t.kind {
		case 's':
			m.value(isStage, start, t)
			if m.tokens[i-1].kind == 'o' {
				return
			}
		case '[', ',':
		default:
			return
		}
	}
}

func (m *exprMentioner) value(isStage bool, start int, t exprToken) {
	if isStage {
		m.add(symbol{"stage", "", t.said()}, t.quoted())
		return
	}
	flow := m.tokens[start+2].said()
	at := t.quoted()
	if name, ok := strings.CutPrefix(t.said(), "exit."); ok {
		at.start += len("exit.")
		m.add(symbol{"exit", flow, name}, at)
		return
	}
	m.add(symbol{"step", flow, t.said()}, at)
}
