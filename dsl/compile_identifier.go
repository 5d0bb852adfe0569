package dsl

import (
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/normal"
)

// identifier reads how a lead is known by a text: whether the text identifies, in
// which form it is compared, and where it is kept as it came.
func (b *builder) identifier(n *node, s *engine.AttrSpec) {
	s.Identifier = n.flag("identifier")
	switch n.text("form") {
	case "text":
		s.Form = normal.Text{}
	case "email":
		s.Form = normal.Email{}
	case "phone":
		s.Form = normal.Phone{Region: b.region()}
	}
	if s.Form == nil && s.Identifier {
		s.Form = normal.Text{}
	}
	a := n.get("raw")
	if a == nil {
		return
	}
	switch f := b.scope.Attributes[a.text]; {
	case !n.has("form"):
		b.pair(n, "raw", "form")
	case f == nil:
		known := names(b.scope.Attributes)
		b.r.add(codeUnknownRef, a.place(), a.in(), Doc{"attribute", "属性"}, a.text, hintList(known)).suggest(quoted(closest(a.text, known)))
	case f.Kind != engine.Text || f.Choices != nil || a.text == n.label:
		b.r.add(codeBadDefault, a.place(), a.in(), "raw", Doc{"the name of another text attribute", "ほかの text の属性の名前"}, a.text, `raw = "`+n.label+`_as_given"`)
	default:
		s.Raw = a.text
	}
}

// keyForm gives the key a form where none is written, so that white space and widths
// make nobody another lead.
func (b *builder) keyForm() {
	for i := range b.spec.Attrs {
		if s := &b.spec.Attrs[i]; s.Name == b.spec.KeyAttr && s.Form == nil {
			s.Form = normal.Text{}
		}
	}
}

// region is the country of telephone numbers that name none, "" where nothing says
// it.
func (b *builder) region() string {
	if p := b.root.one("project"); p != nil {
		if a := p.get("region"); a != nil {
			return a.text
		}
	}
	if b.scope.Zone != nil && b.scope.Zone.String() == "Asia/Tokyo" {
		return "JP"
	}
	return ""
}

// checkRegion reports a region of which no telephone numbers are known.
func (b *builder) checkRegion(n *node) {
	if a := n.get("region"); a != nil && !normal.KnownRegion(a.text) {
		b.r.add(codeBadDefault, a.place(), a.in(), "region", Doc{"a country of two capital letters", "大文字2文字の国コード"}, a.text, `region = "JP"`)
	}
}
