package dsl

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"golang.org/x/text/unicode/norm"
)

// node is a block of a file as the table sees it: its attributes and blocks are
// known to the table, its label is sound, and everything else about it has been
// reported. The root node has no block and holds all files.
type node struct {
	spec   *Block
	parent *node
	block  *hclsyntax.Block
	label  string
	src    []byte // of the file
	attrs  map[string]*attribute
	kids   []*node // in the order of the files
	broken bool    // something about the block itself was wrong
}

// attribute is an attribute of a node, decoded by its type. ok is false where it
// did not fit; that has been reported, and whoever reads it leaves it alone.
type attribute struct {
	spec *Attr
	node *node
	src  *hclsyntax.Attribute
	ok   bool
	decoded
}

// place is what a problem with the block as a whole points at: its type and label.
func (n *node) place() hcl.Range {
	if n.block == nil {
		return hcl.Range{}
	}
	return n.block.DefRange()
}

// labelPlace is where the block's name stands, or its type where it has none.
func (n *node) labelPlace() hcl.Range {
	if len(n.block.LabelRanges) > 0 {
		return n.block.LabelRanges[0]
	}
	return n.block.TypeRange
}

// title is the block as a person names it: toss_up "hot_lead".
func (n *node) title() string {
	if n.block == nil {
		return n.spec.Name
	}
	if n.spec.Label == NoLabel {
		return n.spec.Name
	}
	return fmt.Sprintf("%s %q", n.spec.Name, n.label)
}

// trail names the block and those around it, outermost first. That a step stands
// in steps goes without saying.
func (n *node) trail(attr ...string) []string {
	var out []string
	for at := n; at != nil && at.block != nil; at = at.parent {
		if at.spec.Name != "steps" {
			out = append(out, at.title())
		}
	}
	slices.Reverse(out)
	return append(out, attr...)
}

// in names the attribute's place.
func (a *attribute) in() []string { return a.node.trail(a.src.Name) }

// place is the attribute's value.
func (a *attribute) place() hcl.Range { return a.src.Expr.Range() }

// get is a sound attribute of the node, nil where it is absent or was refused.
func (n *node) get(name string) *attribute {
	a := n.attrs[name]
	if a == nil || !a.ok {
		return nil
	}
	return a
}

// has reports whether the attribute was written, sound or not.
func (n *node) has(name string) bool { return n.attrs[name] != nil }

// all are the node's blocks of a type.
func (n *node) all(name string) []*node {
	var out []*node
	for _, k := range n.kids {
		if k.spec.Name == name {
			out = append(out, k)
		}
	}
	return out
}

// one is the node's first block of a type, or nil.
func (n *node) one(name string) *node {
	for _, k := range n.kids {
		if k.spec.Name == name {
			return k
		}
	}
	return nil
}

// walk calls visit for the node and everything below it.
func (n *node) walk(visit func(*node)) {
	visit(n)
	for _, k := range n.kids {
		k.walk(visit)
	}
}

// reader brings files into nodes by the table.
type reader struct {
	r       *reporter
	partial bool // a file could not be read: what is missing may stand in it
}

// file adds a file's blocks to the root.
func (rd *reader) file(root *node, body *hclsyntax.Body, src []byte) {
	rd.body(root, body, src)
}

// body reads attributes and blocks into n. Labels and counts are checked when
// all files are in: see complete.
func (rd *reader) body(n *node, body *hclsyntax.Body, src []byte) {
	for _, at := range sortedAttributes(body) {
		rd.attribute(n, at)
	}
	for _, block := range body.Blocks {
		spec := n.spec.block(block.Type)
		if spec == nil {
			rd.unknownBlock(n, block)
			continue
		}
		k := &node{spec: spec, parent: n, block: block, src: src, attrs: map[string]*attribute{}}
		rd.label(k)
		if !spec.Foreign {
			rd.body(k, block.Body, src)
		}
		n.kids = append(n.kids, k)
	}
}

func sortedAttributes(body *hclsyntax.Body) []*hclsyntax.Attribute {
	var out []*hclsyntax.Attribute
	for _, at := range body.Attributes {
		out = append(out, at)
	}
	slices.SortFunc(out, func(a, b *hclsyntax.Attribute) int { return a.NameRange.Start.Byte - b.NameRange.Start.Byte })
	return out
}

func (rd *reader) attribute(n *node, at *hclsyntax.Attribute) {
	name := norm.NFC.String(at.Name) // HCL normalises values, and leaves names to us
	spec := n.spec.attr(name)
	switch {
	case spec != nil:
		n.attrs[name] = &attribute{spec: spec, node: n, src: at}
	case n.spec.Open:
		n.attrs[name] = &attribute{spec: &Attr{Name: name, Type: cmp.Or(n.spec.OpenType, TypeAny)}, node: n, src: at}
	case n.spec.block(at.Name) != nil:
		rd.r.add(codeBlockForm, at.NameRange, n.trail(), at.Name)
	default:
		d := rd.r.add(codeUnknownAttr, at.NameRange, n.trail(), n.spec.Name, at.Name, hintList(n.spec.attrNames()))
		d.suggest(closest(at.Name, n.spec.attrNames()))
	}
}

// hintList tells what there is, where nothing looks like what was written.
func hintList(known []string) Doc {
	if len(known) == 0 {
		return Doc{"There is none.", "ここに書けるものはありません。"}
	}
	list := strings.Join(known[:min(len(known), maxHints)], ", ")
	if len(known) > maxHints {
		list += ", …"
	}
	return Doc{"There is: " + list + ".", "書けるもの: " + list}
}

// maxHints is how many names a message lists.
const maxHints = 12

func (rd *reader) unknownBlock(n *node, block *hclsyntax.Block) {
	in := n.trail()
	if a := n.spec.attr(block.Type); a != nil {
		rd.r.add(codeAttrForm, block.TypeRange, in, block.Type, a.example())
		return
	}
	d := rd.r.add(codeUnknownBlock, block.TypeRange, in, block.Type, hintList(n.spec.blockNames()))
	d.suggest(closest(block.Type, n.spec.blockNames()))
}

// label reads the block's name.
func (rd *reader) label(n *node) {
	want := 1
	if n.spec.Label == NoLabel {
		want = 0
	}
	if len(n.block.Labels) != want {
		n.broken = true
		takes := [...]Doc{{"no name", "名前なしの形だけです"}, {"one name", "名前ひとつです"}}[want]
		rd.r.add(codeBadLabels, n.place(), n.parent.trail(), n.spec.Name, takes, firstLine(n.spec.Example))
		return
	}
	if want == 0 {
		return
	}
	n.label = norm.NFC.String(n.block.Labels[0])
	if n.spec.Label == NameLabel {
		rd.name(n)
	}
	if n.spec.Label == TitleLabel && strings.TrimSpace(n.label) == "" {
		n.broken = true
		rd.r.add(codeEmpty, n.labelPlace(), n.parent.trail(), n.spec.Name, `"…"`)
	}
}

// name sees that conditions can say the block's name.
func (rd *reader) name(n *node) {
	switch {
	case reservedWords[n.label]:
		rd.r.add(codeReserved, n.labelPlace(), n.parent.trail(), n.label, Doc{
			"it is a word of conditions", "条件の中で使う語です",
		})
	case !validName(n.label):
		rd.r.add(codeBadName, n.labelPlace(), n.parent.trail(), n.label).suggest(asName(n.label))
	default:
		return
	}
	n.broken = true
}

// reservedWords cannot be said behind a dot in a condition.
var reservedWords = map[string]bool{
	"and": true, "or": true, "not": true, "in": true, "matches": true, "contains": true, "startsWith": true,
	"endsWith": true, "true": true, "false": true, "nil": true, "let": true, "if": true, "else": true,
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// validName reports letters of any script, digits and _, beginning with a letter.
func validName(s string) bool {
	for i, r := range s {
		letter := unicode.IsLetter(r) || r == '_' || i > 0 && unicode.Is(unicode.M, r) || r == 'ー'
		if !letter && (i == 0 || !unicode.IsDigit(r)) {
			return false
		}
	}
	return s != "" && utf8.RuneCountInString(s) <= maxName && utf8.ValidString(s)
}

// maxName is how many characters a name may have.
const maxName = 128

// asName is what a name was probably meant to be, "" where that is not plain.
func asName(s string) string {
	fixed := strings.Map(func(r rune) rune {
		if r == '-' || r == ' ' || r == '.' || r == '　' {
			return '_'
		}
		return r
	}, strings.TrimSpace(s))
	if !validName(fixed) {
		return ""
	}
	return fmt.Sprintf("%q", fixed)
}

// complete checks what can be said only when every file has been read: required
// attributes and blocks, blocks that stand too often, names used twice.
func (rd *reader) complete(n *node) {
	rd.names(n)
	for _, k := range n.kids {
		rd.complete(k)
	}
	rd.amounts(n)
	for _, a := range n.spec.Attrs {
		if a.Required && !n.has(a.Name) && !n.broken && !inVariants(n, a.Name) {
			rd.r.add(codeMissingAttr, n.place(), n.trail(), n.spec.Name, a.Name, a.example())
		}
	}
}

// names reports the blocks of n whose name a sibling has already.
func (rd *reader) names(n *node) {
	seen := map[string]*node{}
	for _, k := range n.kids {
		rd.twice(k, seen)
	}
}

// amounts reports the blocks that stand in n too often or not often enough.
func (rd *reader) amounts(n *node) {
	count := map[*Block][]*node{}
	for _, k := range n.kids {
		count[k.spec] = append(count[k.spec], k)
	}
	for _, spec := range n.spec.Blocks {
		rd.counts(n, spec, count[spec])
	}
}

// inVariants reports whether every variant of the step's experiment has the
// attribute, so that the step itself need not.
func inVariants(n *node, name string) bool {
	variants := n.variants()
	for _, v := range variants {
		if !v.has(name) {
			return false
		}
	}
	return len(variants) > 0
}

// variants are the forms of a message that a step tries, nil for none.
func (n *node) variants() []*node {
	e := n.one("experiment")
	if e == nil {
		return nil
	}
	return e.all("variant")
}

// twice reports a name that a sibling of the same space has already.
func (rd *reader) twice(k *node, seen map[string]*node) {
	space := k.spec.space()
	if k.spec.Label == NoLabel || k.broken || space == "-" {
		return
	}
	id := space + "\x00" + k.label
	first := seen[id]
	if first == nil {
		seen[id] = k
		return
	}
	k.broken = true
	rd.r.add(codeTwice, k.labelPlace(), k.parent.trail(), k.spec.Name, k.label).also(first.labelPlace())
}

func (rd *reader) counts(n *node, spec *Block, have []*node) {
	if len(have) < spec.Least {
		what := spec.Name
		if spec.Least > 1 {
			what = fmt.Sprintf("%d × %s", spec.Least, spec.Name)
		}
		if n.block == nil && rd.partial {
			return
		}
		rd.r.add(codeMissingBlock, n.place(), n.trail(), n.spec.Name, what, spec.Example)
	}
	for i, k := range have {
		if spec.Most > 0 && i >= spec.Most {
			k.broken = true
			rd.r.add(codeTooMany, k.place(), n.trail(), spec.Name).also(have[0].place())
		}
	}
}
