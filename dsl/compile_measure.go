package dsl

import (
	"slices"
	"strings"

	"github.com/seed-456efde2/nurture/engine"
)

// measures compiles the counted figures, and checks what is computed and decided
// from them.
func (b *builder) measures() {
	b.sorted("kpi", b.kpi)
	b.figureCycles()
	b.sorted("funnel", b.funnel)
	b.sorted("review", func(n *node) { b.staffOnly(n, "channel") })
	for _, n := range b.root.all("rollout") {
		b.rollout(n)
	}
}

// defaultOver is the time a figure covers that says nothing: "28d".
const defaultOver = 28 * engine.Day

func (b *builder) kpi(n *node) {
	s := engine.KPISpec{
		Name: n.label, Label: n.info().Label,
		Count: n.ref("count"), Rate: n.ref("rate"), Of: n.ref("of"),
		Within: n.span("within"), Over: n.span("over"),
		By: n.listOf("by"), Target: n.number("target"),
	}
	if !n.has("over") {
		s.Over = defaultOver
	}
	for _, k := range n.all("threshold") {
		b.threshold(n, k)
	}
	if !b.kpiForm(n) {
		return
	}
	if n.has("value") {
		b.formula(n)
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
	b.exclude(n, "by", "value", Doc{
		"A formula gives one figure; give the figures it is made of their labels.", "式の値はひとつです。by は、式のもとになる指標に書いてください。",
	})
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

// formula checks a figure that is computed from others.
func (b *builder) formula(n *node) {
	a := n.get("value")
	if a == nil {
		return
	}
	e, found := compileFigure(a.lits[0], b.scope.with(readsFormula, nil), (*checker).wantNumber)
	b.r.take(found, a.place(), a.in())
	b.counts.Conditions++
	if e != nil {
		b.meaning["kpi "+n.label] = e.Meaning()
		b.formulas[n.label] = e.figures
	}
}

// figureCycles finds figures that are computed from themselves.
func (b *builder) figureCycles() {
	asks := map[string][]string{}
	for name, figures := range b.formulas {
		for _, f := range figures {
			if of, ok := strings.CutPrefix(f, "kpi."); ok {
				asks[name] = append(asks[name], strings.TrimSuffix(of, ".value"))
			}
		}
	}
	b.circles(asks, "kpi", "value")
}

// threshold checks what happens when a figure is bad for a time.
func (b *builder) threshold(kpi, n *node) {
	figure := &figureInfo{Rate: kpi.has("rate"), Labels: kpi.listOf("by")}
	sc := b.scope.with(readsThreshold, nil)
	sc.Figure = figure
	b.figureConds(n, "when", sc, "threshold "+kpi.label+"/"+n.label)
	for _, k := range n.all("notify") {
		b.staffOnly(k, "channel")
		if a := k.get("message"); a != nil {
			t, found := compileText(a.lits[0], sc)
			b.r.take(found, a.place(), a.in())
			b.meaning["notify "+kpi.label+"/"+n.label+"/"+k.ref("channel")] += t.Meaning() + "\x00"
		}
	}
	for _, k := range n.all("pause") {
		b.pauses(kpi, k)
	}
	for _, k := range n.all("tighten") {
		b.tightens(k)
	}
	for _, k := range n.all("emit") {
		if name := k.ref("event"); name != "" {
			b.ownEvent(k.attrs["event"], name)
		}
	}
}

// figureConds checks conditions over figures and keeps their meaning for the
// digest.
func (b *builder) figureConds(n *node, attr string, sc *Scope, what string) {
	a := n.get(attr)
	if a == nil {
		return
	}
	for _, lit := range a.lits {
		e, found := compileFigure(lit, sc, (*checker).wantQuestion)
		b.r.take(found, lit.Range, a.in())
		b.counts.Conditions++
		if e != nil {
			b.meaning[what] += e.Meaning() + "\x00"
		}
	}
}

// pauses sees that a figure which stops a step or a workflow tells which.
func (b *builder) pauses(kpi, n *node) {
	what := n.text("what")
	by := kpi.listOf("by")
	if what == "" || slices.Contains(by, what) || what == "workflow" && slices.Contains(by, "step") {
		return
	}
	a := n.attrs["what"]
	b.r.add(codeNeeds, a.place(), a.in(), "what = "+quoted(what), "by = ["+quoted(what)+"]").also(kpi.labelPlace())
}

// tightens sees that it is plain which cap is lowered, and that it is.
func (b *builder) tightens(n *node) {
	policy := b.declared["contact_policy"][n.ref("policy")]
	if policy == nil {
		return
	}
	caps, channel := policy.all("cap"), n.ref("channel")
	var mine []*node
	for _, c := range caps {
		if channel == "" || c.ref("channel") == channel {
			mine = append(mine, c)
		}
	}
	switch {
	case channel == "" && len(caps) > 1:
		b.r.add(codeMissingAttr, n.place(), n.trail(), "tighten", "channel", "channel."+caps[0].ref("channel")).also(policy.labelPlace())
	case len(mine) == 0:
		b.r.add(codeUnusedHalf, n.place(), n.trail(), "tighten",
			Doc{"the policy has no such cap", "このポリシーに当てはまる cap がありません"},
			Doc{"Give the policy a cap that can be lowered.", "下げるもとになる cap をポリシーに書いてください。"}).also(policy.labelPlace())
	}
}

// staffOnly sees that a note to our own people does not go to leads.
func (b *builder) staffOnly(n *node, attr string) {
	name := n.ref(attr)
	if t := b.pluginOf(name); t != nil && t.Reach == engine.ReachLead {
		a := n.attrs[attr]
		b.r.add(codeToLeads, a.place(), a.in(), name)
	}
}

func (b *builder) funnel(n *node) {
	for i, k := range n.all("step") {
		b.conds(k.get("when"), b.eventScope(readsFlow, k.ref("count")))
		a := k.attrs["rate"]
		switch {
		case i == 0 && a != nil:
			b.r.add(codeUnusedHalf, a.src.NameRange, k.trail(), "rate",
				Doc{"nothing stands before the first step", "最初の段階の前には何もありません"},
				Doc{"Take it away.", "取り除いてください。"})
		case i > 0 && a == nil:
			b.r.add(codeMissingAttr, k.place(), k.trail(), k.title(), "rate", "0.25")
		case a != nil && a.ok && (a.num <= 0 || a.num > 1):
			b.r.add(codeOutOfBounds, a.place(), a.in(), "rate", Doc{"above 0 and at most 1", "0より大きく1以下の値"},
				Doc{"A rate of 5 % is written 0.05.", "5% は 0.05 と書きます。"})
		}
	}
}

func (b *builder) rollout(n *node) {
	b.pair(n, "canary", "bake")
	b.pair(n, "bake", "canary")
	b.pair(n, "roll_back_if", "canary")
	b.figureConds(n, "roll_back_if", b.scope.with(readsRollout, nil), "rollout")
}
