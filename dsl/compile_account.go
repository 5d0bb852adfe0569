package dsl

import (
	"slices"

	"github.com/seed-456efde2/nurture/engine"
)

// declareAccount makes known what may be said of an account.
func (b *builder) declareAccount() {
	b.scope.Account = nil
	for _, n := range b.root.all("account") {
		if b.scope.Account == nil {
			b.scope.Account = map[string]*fieldInfo{}
		}
		for _, k := range n.kids {
			if !isField(k) || k.broken {
				continue
			}
			if accountCalls[k.label] != "" {
				b.r.add(codeReserved, k.labelPlace(), k.trail(), k.label, Doc{
					"account." + k.label + " asks what the account's leads did.", "account." + k.label + " は、アカウントのリードの行動を調べる書き方です。",
				})
			}
			if a := k.get("required"); a != nil {
				b.r.add(codeUnusedHalf, a.src.NameRange, k.trail(), "required", Doc{"nothing is known of an account until a group call says it", "アカウントの情報は group 呼び出しが届くまで分かりません"},
					Doc{"Take it away, or give a default.", "取り除くか、default を書いてください。"})
			}
			f := b.field(k)
			f.Required = false
			b.scope.Account[k.label] = f
		}
	}
}

// account compiles the account block.
func (b *builder) account() {
	for _, n := range b.root.all("account") {
		key := n.get("key")
		if key == nil {
			continue
		}
		f := b.scope.Attributes[key.text]
		if f == nil {
			known := names(b.scope.Attributes)
			b.r.add(codeUnknownRef, key.place(), key.in(), Doc{"attribute", "属性"}, key.text, hintList(known)).
				suggest(quoted(closest(key.text, known)))
			continue
		}
		if f.Kind != engine.Text || f.Choices != nil || key.text == b.spec.KeyAttr {
			b.r.add(codeBadDefault, key.place(), key.in(), "key", Doc{"the name of a text attribute that several leads share", "複数のリードで共通になる text の属性の名前"}, key.text, `key = "company"`)
			continue
		}
		spec := &engine.AccountSpec{Key: key.text}
		for _, k := range n.kids {
			if f := b.scope.Account[k.label]; isField(k) && !k.broken && f != nil && f.Where == k.labelPlace() {
				spec.Attrs = append(spec.Attrs, b.fieldSpec(k, f))
			}
		}
		slices.SortFunc(spec.Attrs, byAttrName)
		b.spec.Account = spec
	}
}
