package dsl

import (
	"strings"

	"github.com/seed-456efde2/nurture/engine"
)

// measures compiles the counted figures, and checks what later versions will
// compute from them.
func (b *builder) measures() {
	b.sorted("kpi", b.kpi)
	b.sorted("funnel", func(n *node) {
		for _, k := range n.all("step") {
			b.conds(k.get("when"), b.eventScope(readsFlow, k.ref("count")))
		}
	})
}

// defaultOver is the time a figure covers that says nothing: "28d".
const defaultOver = 28 * engine.Day

func (b *builder) kpi(n *node) {
	s := engine.KPISpec{
		Name: n.label, Label: n.info().Label,
		Count: n.ref("count"), Rate: n.ref("rate"), Of: n.ref("of"),
		Within: n.span("within"), Over: n.span("over"),
	}
	if !n.has("over") {
		s.Over = defaultOver
	}
	if a := n.get("by"); a != nil {
		for _, t := range a.texts {
			s.By = append(s.By, t.text)
		}
	}
	if a := n.get("target"); a != nil {
		s.Target = a.num
	}
	if !b.kpiForm(n) || n.has("value") {
		return
	}
	b.spec.KPIs = append(b.spec.KPIs, s)
}

// kpiForm sees that a figure is one of three: a count, a rate, a formula.
func (b *builder) kpiForm(n *node) bool {
	help := Doc{
		"A figure is a count, or a rate of something, or a value.", "指標は count、rate と of、value のどれかひとつです。",
	}
	var forms []string
	for _, name := range [...]string{"count", "rate", "value"} {
		if n.has(name) {
			forms = append(forms, name)
		}
	}
	switch {
	case len(forms) == 0:
		b.r.add(codeMissingAttr, n.place(), n.trail(), "kpi", "count", "event.…")
		return false
	case len(forms) > 1:
		b.exclude(n, forms[1], forms[0], help)
		return false
	}
	before := len(b.r.items)
	b.pair(n, "rate", "of")
	b.pair(n, "of", "rate")
	b.pair(n, "rate", "within")
	b.pair(n, "within", "rate")
	if a := n.get("target"); a != nil && strings.Join(forms, "") == "rate" && (a.num <= 0 || a.num > 1) {
		b.r.add(codeOutOfBounds, a.place(), a.in(), "target", Doc{"above 0 and at most 1", "0より大きく1以下の値"},
			Doc{"A rate of 5 % is written 0.05.", "5% は 0.05 と書きます。"})
	}
	sound := len(b.r.items) == before
	b.labels(n)
	return sound
}

// labels warns of a label that the counted event does not carry.
func (b *builder) labels(n *node) {
	event := n.ref("count") + n.ref("of")
	info, by := b.scope.Events[event], n.get("by")
	if info == nil || by == nil {
		return
	}
	for _, label := range by.texts {
		if info.Fields[label.text] == nil {
			b.r.add(codeUnusedHalf, label.place, by.in(), quoted(label.text),
				Doc{"event." + event + " does not carry it", "event." + event + " にはこの項目がありません"},
				Doc{"Take it away.", "取り除いてください。"})
		}
	}
}
