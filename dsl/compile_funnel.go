package dsl

import (
	"strings"
	"time"

	"github.com/seed-456efde2/nurture/engine"
)

// funnel compiles a funnel. What a step asks must stay the same whenever it is
// asked again, so it reads the event and the lead as it was then, and no act.
func (b *builder) funnel(n *node) {
	s := engine.FunnelSpec{Name: n.label, Label: n.info().Label, By: b.funnelBy(n)}
	s.From, s.To = b.period(n.get("period"))
	if a := n.get("goal"); a != nil {
		s.Goal = int64(a.num)
	}
	for i, k := range n.all("step") {
		step := engine.FunnelStep{Name: k.label, Label: k.text("label"), Count: k.ref("count"), Rate: k.number("rate")}
		step.When = b.conds(k.get("when"), b.eventScope(readsScore, step.Count))
		a := k.attrs["rate"]
		switch {
		case i == 0 && a != nil:
			b.r.add(codeUnusedHalf, a.src.NameRange, k.trail(), "rate",
				Doc{"nothing stands before the first step", "最初の段階の前には何もありません"},
				Doc{"Take it away.", "取り除いてください。"})
			step.Rate = 0
		case a != nil && a.ok && (a.num <= 0 || a.num > 1):
			b.r.add(codeOutOfBounds, a.place(), a.in(), "rate", Doc{"above 0 and at most 1", "0より大きく1以下の値"},
				Doc{"A rate of 5 % is written 0.05.", "5% は 0.05 と書きます。"})
		}
		s.Steps = append(s.Steps, step)
	}
	b.spec.Funnels = append(b.spec.Funnels, s)
}

// funnelBy is the attribute by which a funnel is told apart. A number or an instant
// would make a label for every lead.
func (b *builder) funnelBy(n *node) string {
	a := n.get("by")
	if a == nil {
		return ""
	}
	f := b.scope.Attributes[a.text]
	if f == nil {
		known := names(b.scope.Attributes)
		b.r.add(codeUnknownRef, a.place(), a.in(), Doc{"attribute", "属性"}, a.text, hintList(known)).
			suggest(quoted(closest(a.text, known)))
		return ""
	}
	if f.Kind != engine.Text || a.text == b.spec.KeyAttr {
		b.r.add(codeBadDefault, a.place(), a.in(), "by",
			Doc{"the name of a text or choice attribute that many leads share", "多くのリードに共通する text か choice の属性の名前"}, a.text, `by = "origin"`)
		return ""
	}
	return a.text
}

// period is the first instant of a period and the first one after it.
func (b *builder) period(a *attribute) (from, to engine.Time) {
	if a == nil {
		return 0, 0
	}
	zone := b.spec.Zone
	if zone == nil {
		zone = time.UTC
	}
	first, last, _ := strings.Cut(a.text, " to ")
	day := func(s string, more int) engine.Time {
		d, ok := parseCivil(s)
		if !ok {
			return 0 // told where it was decoded
		}
		d.wall = d.wall.AddDate(0, 0, more)
		return engine.TimeOf(d.in(zone))
	}
	return day(first, 0), day(last, 1)
}

// review compiles a scheduled report. A channel that writes to leads, as mail does,
// is told the address of our own people.
func (b *builder) review(n *node) {
	s := engine.ReviewSpec{Name: n.label, Label: n.info().Label, Compare: n.span("compare"), Channel: n.ref("channel"), To: n.text("to")}
	if !n.has("compare") {
		s.Compare = 7 * engine.Day
	}
	if a := n.get("schedule"); a != nil {
		s.Schedule = a.occurs
	}
	s.Kind = b.reportKind(n)
	b.spec.Reviews = append(b.spec.Reviews, s)
}

// reportKind sees that a report to our own people, which channel and to say the way
// of, reaches them, and gives the kind of message that it is.
func (b *builder) reportKind(n *node) (kind string) {
	to := n.text("to")
	b.pair(n, "to", "channel")
	plugin := b.pluginOf(n.ref("channel"))
	if plugin != nil && len(plugin.Steps) > 0 {
		kind = plugin.Steps[0].Kind
	}
	switch takesTo := plugin != nil && len(plugin.Steps) > 0 && findAttr(plugin.Steps[0].Attrs, "to") != nil; {
	case to == "":
		b.staffOnly(n, "channel")
	case plugin != nil && !takesTo:
		b.r.add(codeUnusedHalf, n.attrs["to"].src.NameRange, n.trail(), "to",
			Doc{"the channel's plugin takes no address", "このチャネルのプラグインは宛先を受け取りません"},
			Doc{"Take it away.", "取り除いてください。"})
	}
	return kind
}
