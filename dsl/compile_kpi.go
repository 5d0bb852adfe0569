package dsl

import (
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/kpi"
)

// defaultOver is the time a figure covers that says nothing: "28d".
const defaultOver = 28 * engine.Day

// kpi compiles a key figure with what watches it.
func (b *builder) kpi(n *node) {
	s := engine.KPISpec{
		Name: n.label, Label: n.info().Label,
		Count: n.ref("count"), Rate: n.ref("rate"), Of: n.ref("of"),
		Within: n.span("within"), Over: n.span("over"), By: b.labels(n),
		Target: n.number("target"), MinSample: int(n.number("min_sample")),
		Once: map[string]engine.Once{"ever": engine.OnceEver, "month": engine.OnceMonthly}[n.text("once")],
	}
	if !n.has("over") {
		s.Over = defaultOver
	}
	for _, k := range n.all("threshold") {
		s.Thresholds = append(s.Thresholds, b.threshold(n, k))
	}
	if !b.kpiForm(n) {
		return
	}
	if n.has("value") {
		f := b.formula(n)
		if f == nil {
			return
		}
		s.Value = f
	}
	if s.Sum = b.summed(n); n.has("sum") && s.Sum == nil {
		return
	}
	s.Better = betterOf(n, &s)
	s.Volume = b.isVolume(n, &s)
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
	b.exclude(n, "once", "value", Doc{
		"A formula counts nothing itself; write it in the figures it is made of.", "式そのものは何も数えません。once は、式のもとになる指標に書いてください。",
	})
	if a := n.get("target"); a != nil && strings.Join(forms, "") == "rate" && (a.num <= 0 || a.num > 1) {
		b.r.add(codeOutOfBounds, a.place(), a.in(), "target", Doc{"above 0 and at most 1", "0より大きく1以下の値"},
			Doc{"A rate of 5 % is written 0.05.", "5% は 0.05 と書きます。"})
	}
	return len(b.r.items) == before
}

// summed is the number of the counted event that a figure adds up.
func (b *builder) summed(n *node) *engine.AttrSpec {
	a := n.get("sum")
	if a == nil {
		return nil
	}
	event := n.ref("count")
	if b.pair(n, "sum", "count"); event == "" {
		return nil
	}
	if b.exclude(n, "sum", "once", Doc{
		"A sum adds up events; people are counted without it.", "sum はイベントの合計です。人を数えるときは sum を書きません。",
	}) {
		return nil
	}
	info := b.scope.Events[event]
	if info == nil {
		return nil // its own problem has been told
	}
	var numbers []string
	for _, name := range names(info.Fields) {
		if info.Fields[name].Kind == engine.Number {
			numbers = append(numbers, name)
		}
	}
	field := info.Fields[a.text]
	if field == nil || field.Kind != engine.Number {
		b.r.add(codeUnknownRef, a.place(), a.in(), Doc{"number of event." + event, "event." + event + " の数値"}, a.text, hintList(numbers)).
			suggest(quoted(closest(a.text, numbers)))
		return nil
	}
	root := b.rootEvent(event)
	spec := b.fieldSpec(b.fieldNode(b.declared["event"][root], a.text), field)
	return &spec
}

// computedLabels are what a figure may be told apart by besides what events and
// leads carry.
var computedLabels = []string{"first_class", "last_class", "month", "stage", "tag", "week", "weekday"}

// labels are what a figure is told apart by. One that the counted event does not
// carry is warned of, one that would put people's data into figures is refused.
func (b *builder) labels(n *node) []string {
	by := n.get("by")
	if by == nil {
		return nil
	}
	info := b.scope.Events[n.ref("count")+n.ref("of")]
	var out []string
	for _, label := range by.texts {
		name := label.text
		field := b.scope.Attributes[name]
		switch {
		case slices.Contains(out, name):
			continue
		case info == nil || info.Fields[name] != nil || slices.Contains(computedLabels, name):
		case field != nil && (len(field.Choices) > 0 || field.Kind == engine.Flag):
		default:
			reason := Doc{"event." + info.Name + " does not carry it", "event." + info.Name + " にはこの項目がありません"}
			if field != nil {
				reason = Doc{"lead." + name + " is neither a choice nor a flag, and would bring people's data into figures", "lead." + name + " は選択肢でもフラグでもなく、個人のデータが集計に入ってしまいます"}
			}
			b.r.add(codeUnusedHalf, label.place, by.in(), quoted(name), reason, Doc{"Take it away.", "取り除いてください。"})
			continue
		}
		out = append(out, name)
	}
	return out
}

// badEvents are those of which fewer are better.
var badEvents = []string{"bounced", "complained", "unsubscribed", "rejected", "expired", "skipped", "breached"}

// betterOf settles which way of a figure is the good one.
func betterOf(n *node, s *engine.KPISpec) kpi.Direction {
	if n.has("better") {
		if n.text("better") == "lower" {
			return kpi.Lower
		}
		return kpi.Higher
	}
	for i := range s.Thresholds {
		for _, c := range s.Thresholds[i].When {
			source := strings.ReplaceAll(c.Source(), " ", "")
			switch {
			case strings.HasPrefix(source, "value>"):
				return kpi.Lower
			case strings.HasPrefix(source, "value<"):
				return kpi.Higher
			}
		}
	}
	event := s.Count + s.Rate
	if slices.ContainsFunc(badEvents, func(bad string) bool { return strings.Contains(event, bad) }) {
		return kpi.Lower
	}
	return kpi.Higher
}

// isVolume finds a figure that tells only how many leads were handed over, and
// warns where it is made a goal: whoever is paid by hand-overs hands over more, and
// wins less.
func (b *builder) isVolume(n *node, s *engine.KPISpec) bool {
	volume := s.Count == "toss_up_offered"
	if s.Value != nil {
		volume = !slices.ContainsFunc(s.Value.Figures(), func(f string) bool {
			return !strings.HasPrefix(f, "toss_up.") || !strings.HasSuffix(f, ".handed_over") && !strings.HasSuffix(f, ".offered")
		}) && len(s.Value.Figures()) > 0
	}
	if a := n.get("target"); volume && a != nil {
		b.r.add(codeVolumeGoal, a.place(), a.in(), n.label)
	}
	return volume
}

// formula is a compiled figure over others.
type formula struct{ num }

// Figures implements engine.Formula.
func (f *formula) Figures() []string { return f.figures }

// Ratio implements engine.Formula: counts divided by counts.
func (f *formula) Ratio() (n, of []string, ok bool) {
	div, is := f.root.(*ast.BinaryNode)
	if !is || div.Operator != "/" {
		return nil, nil, false
	}
	n, ok = countsIn(div.Left)
	if !ok {
		return nil, nil, false
	}
	of, ok = countsIn(div.Right)
	return n, of, ok
}

// countsIn names the counts that an expression adds up; ok is false when it does
// anything else.
func countsIn(n ast.Node) (list []string, ok bool) {
	switch n := n.(type) {
	case *ast.BinaryNode:
		left, ok := countsIn(n.Left)
		if !ok || n.Operator != "+" {
			return nil, false
		}
		right, ok := countsIn(n.Right)
		return append(left, right...), ok
	case *ast.MemberNode:
		inner, is := n.Node.(*ast.MemberNode)
		word, text := n.Property.(*ast.StringNode)
		if !is || !text {
			return nil, false
		}
		space, name := memberNames(inner)
		return []string{space + "." + name + "." + word.Value}, space == "toss_up" || space == "event"
	}
	return nil, false
}

// Figures implements engine.FigureCond.
func (c *cond) Figures() []string { return c.figures }

func (b *builder) formula(n *node) *formula {
	a := n.get("value")
	if a == nil {
		return nil
	}
	e, found := compileFigure(a.lits[0], b.scope.with(readsFormula, nil), (*checker).wantNumber)
	b.r.take(found, a.place(), a.in())
	b.counts.Conditions++
	if e == nil {
		return nil
	}
	b.formulas[n.label] = e.figures
	return &formula{num{*e}}
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

// threshold compiles what happens when a figure is bad for a time.
func (b *builder) threshold(figure, n *node) engine.ThresholdSpec {
	rate := figure.has("rate")
	sc := b.scope.with(readsThreshold, nil)
	sc.Figure = &figureInfo{Rate: rate, Labels: figure.listOf("by")}
	t := engine.ThresholdSpec{Name: n.label, Hold: n.span("hold"), Keep: n.span("keep_firing")}
	t.When = b.figureConds(n, "when", sc)
	text := *sc
	text.Families &^= famKPI
	for _, k := range n.all("notify") {
		if notice, ok := b.notice(k, &text); ok {
			t.Notify = append(t.Notify, notice)
		}
	}
	for _, k := range n.all("pause") {
		t.Pause = b.pauses(figure, k)
	}
	for _, k := range n.all("tighten") {
		b.tightens(k)
		t.Tighten = &engine.TightenSpec{
			Policy: k.ref("policy"), Channel: k.ref("channel"), AtMost: int(k.number("at_most")), Per: k.span("per"),
		}
	}
	for _, k := range n.all("emit") {
		if name := k.ref("event"); name != "" {
			b.ownEvent(k.attrs["event"], name)
			t.Emit = append(t.Emit, name)
		}
	}
	return t
}

// notice compiles a message to our own people, in the part that the channel's
// plugin takes a message in.
func (b *builder) notice(n *node, sc *Scope) (engine.NoticeSpec, bool) {
	b.staffOnly(n, "channel")
	a, plugin := n.get("message"), b.pluginOf(n.ref("channel"))
	if a == nil {
		return engine.NoticeSpec{}, false
	}
	text := part{Name: "message", Lit: &a.lits[0]}
	kind := ""
	if plugin != nil && len(plugin.Steps) > 0 {
		kind = plugin.Steps[0].Kind
		takes := func(name string) bool {
			return slices.ContainsFunc(plugin.Steps[0].Attrs, func(at *Attr) bool { return at.Name == name })
		}
		if !takes("message") && takes("payload") {
			text = part{Name: "payload", Members: []part{text}}
		}
	}
	content, found := compilePayload([]part{text}, sc)
	b.r.take(found, a.place(), a.in())
	if content == nil {
		return engine.NoticeSpec{}, false
	}
	return engine.NoticeSpec{Channel: n.ref("channel"), Kind: kind, Content: content}, true
}

// figureConds compiles conditions over figures.
func (b *builder) figureConds(n *node, attr string, sc *Scope) []engine.FigureCond {
	a := n.get(attr)
	if a == nil {
		return nil
	}
	var out []engine.FigureCond
	for _, lit := range a.lits {
		e, found := compileFigure(lit, sc, (*checker).wantQuestion)
		b.r.take(found, lit.Range, a.in())
		b.counts.Conditions++
		if e != nil {
			out = append(out, &cond{*e})
		}
	}
	return out
}

// pauses sees that a figure which stops a step or a workflow tells which.
func (b *builder) pauses(figure, n *node) engine.PauseScope {
	what := n.text("what")
	scope, _ := engine.ParsePauseScope(what)
	by := figure.listOf("by")
	need := []string{what}
	switch what {
	case "":
		return scope
	case "step":
		need = []string{"workflow", "step"}
	}
	for _, label := range need {
		if !slices.Contains(by, label) {
			a := n.attrs["what"]
			b.r.add(codeNeeds, a.place(), a.in(), "what = "+quoted(what), "by = [\""+strings.Join(need, "\", \"")+"\"]").also(figure.labelPlace())
			break
		}
	}
	return scope
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
