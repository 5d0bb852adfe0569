package dsl

import (
	"slices"
	"strings"

	"github.com/seed-456efde2/nurture/engine"
)

// rules compiles what a lead is worth and where it stands: scores, segments,
// stages.
func (b *builder) rules() {
	b.sorted("score", b.score)
	b.sorted("segment", b.segment)
	b.segmentCycles()
	for _, n := range b.root.all("lifecycle") {
		for _, k := range n.all("stage") {
			if b.declared["stage"][k.label] == k {
				b.stage(k)
			}
		}
	}
	b.counts.Scores, b.counts.Segments = len(b.spec.Scores), len(b.spec.Segments)
}

func (b *builder) score(n *node) {
	s := engine.ScoreSpec{Name: n.label, Label: n.info().Label, HalfLife: n.span("half_life"), Expires: n.span("expires")}
	if a := n.get("step"); a != nil {
		s.Step = engine.StepDown{Points: a.num, Per: a.over}
	}
	if a := n.get("range"); a != nil {
		s.Range, s.Min, s.Max = true, a.from, a.to
	}
	fades := false
	for _, k := range n.all("rule") {
		s.Rules = append(s.Rules, b.scoreRule(k))
		fades = fades || k.has("on")
	}
	b.fading(n, fades || len(s.Rules) == 0)
	b.spec.Scores = append(b.spec.Scores, s)
}

// fading sees that points fade in one way, and that there are some that do.
func (b *builder) fading(n *node, fades bool) {
	ways := [...]string{"half_life", "expires", "step"}
	for i, name := range ways {
		a := n.attrs[name]
		if a == nil {
			continue
		}
		if !fades {
			b.r.add(codeUnusedHalf, a.src.NameRange, n.trail(), name,
				Doc{"no rule has on, and points from attributes do not fade", "on のあるルールがなく、属性による点数は薄れません"},
				Doc{"Take it away, or give a rule on = event.…", "取り除くか、ルールに on = event.… と書いてください。"})
		}
		for _, other := range ways[i+1:] {
			if b.exclude(n, other, name, Doc{
				"Points fade in one way: half_life, expires or step.", "点数の薄れ方はひとつです。half_life、expires、step のどれかを選んでください。",
			}) {
				return
			}
		}
	}
}

func (b *builder) scoreRule(n *node) engine.ScoreRule {
	s := engine.ScoreRule{Name: n.label, On: n.ref("on")}
	sc := b.scope.with(readsAttrs, nil)
	if n.has("on") {
		sc = b.eventScope(readsScore, s.On)
	}
	s.When = b.conds(n.get("when"), sc)
	if a := n.get("points"); a != nil {
		s.Points = a.num
		if len(a.lits) > 0 {
			amount, found := compileNum(a.lits[0], sc)
			b.r.take(found, a.place(), a.in())
			b.counts.Conditions++
			s.Amount = amount
		}
	}
	b.pair(n, "at_most", "on")
	if a := n.get("at_most"); a != nil {
		s.PerDay = int(a.num)
	}
	return s
}

func (b *builder) segment(n *node) {
	b.spec.Segments = append(b.spec.Segments, engine.SegmentSpec{
		Name: n.label, Label: n.info().Label, When: b.conds(n.get("when"), b.scope.with(readsSegment, nil)),
	})
}

// segmentCycles finds segments that ask for themselves, directly or by others.
func (b *builder) segmentCycles() {
	asks := map[string][]string{}
	for _, s := range b.spec.Segments {
		for _, c := range s.When {
			for _, k := range c.Reads() {
				if k.Kind == engine.KeySegment && !slices.Contains(asks[s.Name], k.Name) {
					asks[s.Name] = append(asks[s.Name], k.Name)
				}
			}
		}
		slices.Sort(asks[s.Name])
	}
	b.circles(asks, "segment", "when")
}

// circles reports the blocks of a kind that depend on themselves, each circle once.
func (b *builder) circles(asks map[string][]string, kind, attr string) {
	told := map[string]bool{}
	for _, name := range names(asks) {
		way := circle(asks, name)
		if way == nil || told[strings.Join(sortedCopy(way), " ")] {
			continue
		}
		told[strings.Join(sortedCopy(way), " ")] = true
		n := b.declared[kind][name]
		b.r.add(codeCycle, n.labelPlace(), n.trail(attr), name, strings.Join(append(way, name), " → "))
	}
}

// circle is the shortest way from a name back to itself, nil where there is none.
func circle(asks map[string][]string, name string) []string {
	ways := [][]string{{name}}
	seen := map[string]bool{}
	for len(ways) > 0 {
		way := ways[0]
		ways = ways[1:]
		for _, next := range asks[way[len(way)-1]] {
			if next == name {
				return way
			}
			if !seen[next] {
				seen[next] = true
				ways = append(ways, append(way[:len(way):len(way)], next))
			}
		}
	}
	return nil
}

func sortedCopy(s []string) []string {
	out := slices.Clone(s)
	slices.Sort(out)
	return out
}

func (b *builder) stage(n *node) {
	s := engine.StageSpec{Name: n.label, Label: n.info().Label, On: n.ref("on"), LeaveTo: n.ref("leave_to")}
	sc := b.scope.with(readsStage, nil)
	s.Enter = b.conds(n.get("enter"), sc)
	s.Leave = b.conds(n.get("leave"), sc)
	b.pair(n, "leave", "leave_to")
	b.pair(n, "leave_to", "leave")
	if s.LeaveTo != "" && b.stageRank[s.LeaveTo] >= b.stageRank[n.label] {
		a := n.attrs["leave_to"]
		b.r.add(codeNotBack, a.place(), a.in(), s.LeaveTo, n.label)
	}
	if s.On != "" && b.rootEvent(s.On) == "stage_changed" {
		a := n.attrs["on"]
		b.r.add(codeSelfFeeding, a.place(), a.in(), n.title(), "stage_changed")
	}
	if a := n.attrs["enter"]; a != nil && b.stageRank[n.label] == 0 {
		b.r.add(codeUnusedHalf, a.src.NameRange, n.trail(), "enter",
			Doc{"every lead begins in the first stage, and enter moves forward only", "リードは最初の段階から始まり、enter は前へ進むだけです"},
			Doc{"Take it away, or write the stages in the order of the funnel.", "取り除くか、段階をファネルの順に書いてください。"})
	}
	b.wayIn(n)
	if a := n.get("within"); a != nil {
		s.Within = a.length
	}
	b.spec.Stages = append(b.spec.Stages, s)
}

// wayIn warns of a stage that no lead can come to.
func (b *builder) wayIn(n *node) {
	if b.stageRank[n.label] == 0 || n.has("enter") || n.has("on") {
		return
	}
	reached := false
	b.root.walk(func(k *node) {
		for _, name := range [...]string{"to", "recycle", "leave_to"} {
			if a := k.attrs[name]; a != nil {
				reached = reached || slices.ContainsFunc(a.refs, func(r ref) bool { return r.Kind == "stage" && r.Name == n.label })
			}
		}
	})
	if !reached {
		b.r.add(codeNoWayIn, n.labelPlace(), n.trail(), n.label)
	}
}

// tossUps compiles the hand-overs to sales.
func (b *builder) tossUps() {
	b.sorted("toss_up", b.tossUp)
	b.counts.TossUps = len(b.spec.TossUps)
}

func (b *builder) tossUp(n *node) {
	s := engine.TossUpSpec{
		Name: n.label, Label: n.info().Label, From: n.ref("from"), To: n.ref("to"), On: n.ref("on"),
		Hold: n.span("hold"), Cooldown: n.span("cooldown"),
	}
	sc := b.scope.with(readsTossUp, nil)
	if s.On != "" {
		sc = b.eventScope(readsTossUp, s.On)
	}
	s.When = b.conds(n.get("when"), sc)
	if !n.has("on") && !n.has("when") {
		b.r.add(codeMissingAttr, n.place(), n.trail(), "toss_up", "when", `"score.interest >= 70"`)
	}
	b.exclude(n, "hold", "on", Doc{
		"With on, the event hands over at once; there is nothing to hold.", "on があると、イベントですぐに渡します。待つ時間はありません。",
	})
	if s.From != "" && s.From == s.To {
		b.r.add(codeSameStage, n.attrs["to"].place(), n.trail("to"), s.To).also(n.attrs["from"].place())
	}
	if s.On != "" && b.rootEvent(s.On) == "toss_up_offered" {
		b.r.add(codeSelfFeeding, n.attrs["on"].place(), n.trail("on"), n.title(), "toss_up_offered")
	}
	if k := n.one("hand_over"); k != nil {
		s.HandOver = b.handOver(k)
	}
	s.Account = b.ownerText(n.get("once_for"), b.scope.with(readsPacket, nil))
	if k := n.one("capacity"); k != nil {
		s.Capacity = capacitySpec(k)
	}
	if k := n.one("answer"); k != nil {
		s.Answer = b.answer(k, s.HandOver != nil && s.HandOver.Reasons)
	}
	if k := n.one("success"); k != nil {
		s.Success = b.success(k)
	}
	b.spec.TossUps = append(b.spec.TossUps, s)
}

// handOver compiles the packet for sales: the subject, what else was written, the
// toss-up's name, and the reasons where they are asked for.
func (b *builder) handOver(n *node) *engine.HandOverSpec {
	s := &engine.HandOverSpec{Channel: n.ref("channel"), Reasons: n.flag("reasons")}
	if t := b.pluginOf(s.Channel); t != nil {
		s.Kind = t.Steps[0].Kind
	}
	sc := b.scope.with(readsPacket, nil)
	s.Owner = b.ownerText(n.get("owner"), sc)
	parts := packetOf(n, s.Reasons)
	s.Content = b.packet(parts, sc, n)
	return s
}

// packet compiles the finished parts of something that is no mail.
func (b *builder) packet(parts []part, sc *Scope, n *node) engine.Content {
	content, found := compilePayload(parts, sc)
	b.r.take(found, n.place(), n.trail())
	return content
}
