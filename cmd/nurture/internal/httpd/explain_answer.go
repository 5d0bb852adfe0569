package httpd

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-456efde2/nurture/dsl"
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/history"
)

// answerer puts an explanation into the words of one language and workspace.
type answerer struct {
	speaker
	x     *history.Explained
	title string
}

// explainDoc puts an explanation into words.
func (s *Server) explainDoc(x *history.Explained, row *engine.Lead, language string) *ExplainDoc {
	running := s.options.Desk.Program()
	spec := running.Spec()
	if x.Program != nil {
		spec = x.Program.Spec()
	}
	if language == "" {
		language = spec.Language
	}
	if language != string(japanese) {
		language = string(english)
	}
	v := &view{Lang: lang(language), now: s.now(), zone: spec.Zone}
	a := answerer{speaker{v, spec}, x, s.titleOf(row)}
	if a.title == "" {
		a.title = v.T("anonymous") + " " + row.ID.String()[:6]
	}
	doc := &ExplainDoc{
		Lead: row.ID.String(), User: row.User, Title: a.title, Subject: x.Subject.String(), Label: a.subject(),
		At: instant(x.At), Past: x.Past, Lang: language,
		Parts: []ExplainPart{}, Decisions: []ExplainDecision{}, More: x.More, Unknown: []UnknownDoc{},
	}
	doc.File, doc.Line = place(x.Place)
	if spec.Zone != nil {
		doc.Zone = spec.Zone.String()
	}
	if x.Program != nil {
		doc.Revision = x.Program.Revision()
	}
	if x.Lead != nil {
		doc.Stage = x.Lead.Acts.Stage
	}
	for i := range x.Parts {
		doc.Parts = append(doc.Parts, a.part(&x.Parts[i]))
	}
	for i := range x.Decisions {
		doc.Decisions = append(doc.Decisions, a.decided(&x.Decisions[i]))
	}
	for _, g := range x.Gaps {
		doc.Unknown = append(doc.Unknown, a.gap(g))
	}
	for i := range x.Corrections {
		doc.Corrections = append(doc.Corrections, a.corrected(&x.Corrections[i]))
	}
	doc.Headline = a.headline(doc)
	return doc
}

// subject is what the subject is called.
func (a *answerer) subject() string {
	switch s := a.x.Subject; s.Kind {
	case "toss_up":
		return a.tossUp(s.Name)
	case "workflow":
		return a.workflow(s.Name)
	case "stage":
		return a.stage(s.Name)
	case "segment":
		return a.segment(s.Name)
	case "score":
		return a.scoreName(s.Name)
	case "step":
		return a.workflow(s.Name) + " / " + s.Step
	default:
		return s.Name
	}
}

func (a *answerer) scoreName(name string) string {
	for i := range a.spec.Scores {
		if s := &a.spec.Scores[i]; s.Name == name {
			return labelOr(s.Label, name)
		}
	}
	return name
}

// eventName is what an event of the rules is called.
func (a *answerer) eventName(name string) string {
	for i := range a.spec.Events {
		if e := &a.spec.Events[i]; e.Name == name {
			return labelOr(e.Label, strings.ReplaceAll(name, "_", " "))
		}
	}
	if tossUp, ok := strings.CutPrefix(name, "toss_up."); ok {
		return a.tossUp(tossUp)
	}
	return strings.ReplaceAll(name, "_", " ")
}

// part puts one rule into words.
func (a *answerer) part(p *history.Part) ExplainPart {
	d := ExplainPart{
		Rule: p.Rule.Block, Part: p.Rule.Part, Label: a.partLabel(p), Holds: p.Holds, On: p.On, By: p.By,
		Conditions: []ExplainCondition{}, ChangesAt: instant(p.Flips),
	}
	d.File, d.Line = place(p.Place)
	if p.Event != nil {
		d.Event = a.event(p.Event)
	}
	for i := range p.Conds {
		d.Conditions = append(d.Conditions, a.condition(&p.Conds[i]))
	}
	for _, g := range p.Gates {
		d.Gates = append(d.Gates, a.gate(g))
	}
	for i := range p.Needs {
		d.Needs = append(d.Needs, a.need(&p.Needs[i]))
	}
	d.Advice = a.advice(p, d.Needs)
	if a.x.Subject.Kind == "score" {
		value := people(p.Value)
		d.Value = &value
		for i := range p.Points {
			d.Points = append(d.Points, a.points(&p.Points[i]))
		}
	}
	d.Summary = a.summary(p, &d)
	return d
}

func (a *answerer) partLabel(p *history.Part) string {
	kind, _, _ := strings.Cut(p.Rule.Block, ".")
	switch {
	case strings.Contains(p.Rule.Block, ".step.") || strings.Contains(p.Rule.Block, ".exit."):
		return p.Name
	case kind == "toss_up":
		return a.tossUp(p.Name)
	case kind == "stage":
		return a.stage(p.Name)
	case kind == "workflow":
		return a.workflow(p.Name)
	case kind == "score":
		return a.scoreName(p.Name)
	}
	return a.subject()
}

// event names the fact on which something was judged.
func (a *answerer) event(f *engine.Fact) *ExplainEvent {
	name := labelOr(f.Event.Name, f.Event.Kind.String())
	label, _ := a.speaker.event(f.Event.Kind.String(), name)
	return &ExplainEvent{Name: label, ID: f.Event.ID, At: instant(f.Event.At)}
}

// condition puts one condition into words.
func (a *answerer) condition(w *history.Weighed) ExplainCondition {
	lang := string(a.v.Lang)
	d := ExplainCondition{Sentence: dsl.Sentence(w.Cond, lang), Condition: w.Cond.Source(), Holds: w.Reason.Holds}
	d.File, d.Line = place(w.Cond.Place())
	operands := dsl.Operands(w.Cond, lang)
	for i := range w.Facts {
		f := &w.Facts[i]
		label := f.Key.Written()
		if o := slices.IndexFunc(operands, func(o dsl.Operand) bool { return o.Key == f.Key.String() }); o >= 0 {
			label = operands[o].Label
		}
		d.Facts = append(d.Facts, ExplainFact{f.Key.String(), label, rounded(f.Value), instant(f.Since), f.Of})
	}
	for i := range w.Inner {
		d.Inner = append(d.Inner, a.condition(&w.Inner[i]))
	}
	d.Seen = a.seen(w, operands)
	return d
}

// rounded is a value in JSON without the noise behind the ninth digit.
func rounded(v engine.Value) any {
	if v.Kind() == engine.Number {
		return math.Round(v.Number()*1e9) / 1e9
	}
	return jsonValue(v)
}

// people is a number with at most two digits behind the point.
func people(n float64) float64 { return math.Round(n*100) / 100 }

// reasonsAgain are the conditions of a decision judged anew; the rules of then may
// have been others, so that a condition is found by how it is written.
func (a *answerer) reasonsAgain(d *history.Decided) []ExplainCondition {
	var list []ExplainCondition
	for _, r := range d.Again {
		c := ExplainCondition{Sentence: r.Source, Condition: r.Source, Holds: r.Holds}
		var seen []string
		for _, f := range r.Facts {
			c.Facts = append(c.Facts, ExplainFact{Key: f.Name, Label: f.Name, Value: rounded(f.Value)})
			seen = append(seen, f.Name+" = "+a.plainValue(f.Value))
		}
		c.Seen = strings.Join(seen, a.and())
		if cond := condOf(a.spec, d.Rule, r.Source); cond != nil {
			lang := string(a.v.Lang)
			c.Sentence = dsl.Sentence(cond, lang)
			c.File, c.Line = place(cond.Place())
			c.Seen = a.seenOf(r.Facts, dsl.Operands(cond, lang))
		}
		list = append(list, c)
	}
	return list
}

// condOf finds a condition of a rule by how it is written, nil where these rules have
// none such.
func condOf(spec *engine.Spec, rule engine.RuleName, source string) engine.Cond {
	var found engine.Cond
	eachCond(spec, func(block string, c engine.Cond) {
		if block == rule.Block && c.Source() == source {
			found = c
		}
	})
	return found
}

// eachCond goes through the conditions by which rules decide, with the rule's block.
func eachCond(spec *engine.Spec, yield func(block string, c engine.Cond)) {
	all := func(block string, conds ...[]engine.Cond) {
		for _, list := range conds {
			for _, c := range list {
				yield(block, c)
			}
		}
	}
	for i := range spec.TossUps {
		all("toss_up."+spec.TossUps[i].Name, spec.TossUps[i].When)
	}
	for i := range spec.Stages {
		all("stage."+spec.Stages[i].Name, spec.Stages[i].Enter, spec.Stages[i].Leave)
	}
	for i := range spec.Segments {
		all("segment."+spec.Segments[i].Name, spec.Segments[i].When)
	}
	for i := range spec.Policies {
		all("contact_policy."+spec.Policies[i].Name, spec.Policies[i].Allowed)
	}
	for i := range spec.Scores {
		for j := range spec.Scores[i].Rules {
			all("score."+spec.Scores[i].Name+".rule."+spec.Scores[i].Rules[j].Name, spec.Scores[i].Rules[j].When)
		}
	}
	for i := range spec.Flows {
		f := &spec.Flows[i]
		all("workflow."+f.Name, f.Enter.When)
		for j := range f.Exits {
			all("workflow."+f.Name+".exit."+f.Exits[j].Name, f.Exits[j].When)
		}
		for j := range f.Goals {
			all("workflow."+f.Name+".goal."+f.Goals[j].Name, f.Goals[j].When)
		}
	}
}

// decided puts one decision of the log into words.
func (a *answerer) decided(d *history.Decided) ExplainDecision {
	doc := ExplainDecision{
		DecisionDoc: decisionDoc(&d.Decision), Revision: d.Row.Revision, Event: *a.event(d.Row),
		Rule: d.Rule.Block, Conditions: a.reasonsAgain(d),
	}
	doc.Text = a.decision(&doc.DecisionDoc)
	return doc
}

// points puts what one rule gives to a score into words.
func (a *answerer) points(p *history.Paid) ExplainPoints {
	d := ExplainPoints{Rule: p.Rule, Points: people(p.Points), Paid: people(p.Whole), Times: p.Times, Last: instant(p.Last)}
	for i := range p.Reasons {
		d.Conditions = append(d.Conditions, a.condition(&p.Reasons[i]))
	}
	switch {
	case p.On == "" && p.Points == 0:
		d.Text = a.say("%s gives nothing now", "%s は、いまは加点なし", p.Rule)
	case p.On == "":
		d.Text = a.say("%s gives %s", "%s が %s", p.Rule, signedDecimal(p.Points))
	case p.Times == 0:
		d.Text = a.say("%s has never paid (on %s)", "%s は加点なし（%s がまだない）", p.Rule, a.eventName(p.On))
	default:
		d.Text = a.say("%[1]s: %[2]s left of %[3]s, paid %[4]s, last %[5]s", "%[1]s：残り %[2]s（加点 %[3]s、%[4]s、最後は %[5]s）",
			p.Rule, signedDecimal(p.Points), signedDecimal(p.Whole), a.times(p.Times), a.clock(p.Last))
	}
	return d
}

func signedDecimal(n float64) string {
	if n > 0 {
		return "+" + decimal(n)
	}
	return decimal(n)
}

// gap tells of something that is not known any more.
func (a *answerer) gap(g history.Gap) UnknownDoc {
	d := UnknownDoc{Code: string(g), Text: string(g)}
	if w, ok := gapWords[g]; ok {
		d.Text = w.in(a.v.Lang)
	}
	if g == history.GapRules || g == history.GapDiffers {
		d.Since = instant(a.x.From)
	}
	return d
}

// need puts something that would change a condition into words.
func (a *answerer) need(n *history.Need) ExplainNeed {
	d := ExplainNeed{
		Condition: n.Cond, Event: n.Event, Rule: n.Rule, Points: people(n.Points), Times: n.Times,
		Attribute: n.Attr, Consent: n.Consent, Enough: n.Enough, Until: instant(n.Until),
	}
	if n.Attr != "" {
		d.Value = rounded(n.Value)
	}
	d.Text = a.needText(n)
	return d
}

// advice tells the needs in sentences, and what time alone does.
func (a *answerer) advice(p *history.Part, needs []ExplainNeed) []string {
	var out []string
	for i := range p.Conds {
		order := needsOf(p, i)
		enough := len(order) > 0 && p.Needs[order[0]].Enough
		var texts []string
		for _, j := range order {
			if p.Needs[j].Enough == enough && !slices.Contains(texts, needs[j].Text) {
				texts = append(texts, needs[j].Text) // two events may be called the same
			}
		}
		lack := a.lack(&p.Conds[i])
		if lack == "" && (len(texts) == 0 || !enough && p.Needs[order[0]].Event != "") {
			continue // that what is asked for would do, the condition says itself
		}
		out = append(out, a.adviceLine(&p.Conds[i], lack, texts, enough))
	}
	if p.Flips != 0 && len(p.Conds) > 0 {
		if p.Holds {
			out = append(out, a.say("By time alone this stops holding at %s.", "何もなければ、%s に条件を満たさなくなります。", a.clock(p.Flips)))
		} else {
			out = append(out, a.say("By time alone it holds from %s on.", "何もなくても、%s から条件を満たします。", a.clock(p.Flips)))
		}
	}
	return out
}

// lack tells how many points a score is short of.
func (a *answerer) lack(w *history.Weighed) string {
	if w.Reason.Holds {
		return ""
	}
	for _, o := range dsl.Operands(w.Cond, string(a.v.Lang)) {
		if !strings.HasPrefix(o.Key, "score.") || len(o.Values) != 1 || o.Op != "≥" && o.Op != ">" {
			continue
		}
		f := slices.IndexFunc(w.Facts, func(f history.Fact) bool { return f.Key.String() == o.Key })
		if f < 0 {
			continue
		}
		if short := o.Values[0].Number() - w.Facts[f].Value.Number(); short > 0 {
			return a.say("%s points short", "あと %s 点", decimal(max(0.1, short)))
		}
	}
	return ""
}

// corrected puts into words what was said of a fact after it had come.
func (a *answerer) corrected(c *history.Corrected) CorrectedDoc {
	d := CorrectedDoc{Fact: c.Fact, Said: instant(c.Said), Who: c.Who, Why: c.Why, Later: c.Later}
	var said []string
	for _, word := range strings.Fields(c.Words()) {
		if w, ok := correctedWords[word]; ok {
			said = append(said, w.in(a.v.Lang))
		}
	}
	d.Text = a.say("Fact %s was corrected on %s by %s: %s", "事実 %s は %s に%sが訂正：%s", c.Fact, a.clock(c.Said), labelOr(c.Who, "–"), strings.Join(said, a.and()))
	if c.Why != "" {
		d.Text += a.say(" (%s)", "（%s）", c.Why)
	}
	if c.Later {
		d.Text += a.say("; this was not known then", "。この時点では知られていなかった")
	}
	return d
}

// needsOf are the needs of one condition, the best first.
func needsOf(p *history.Part, cond int) []int {
	var order []int
	for j := range p.Needs {
		if p.Needs[j].Cond == cond {
			order = append(order, j)
		}
	}
	slices.SortStableFunc(order, func(i, j int) int { return compareKey(&p.Needs[i], &p.Needs[j]) })
	return order
}

// compareKey orders needs: those that are enough first, then the fewest events, then
// the most points.
func compareKey(x, y *history.Need) int {
	better := func(b bool) int {
		if b {
			return 0
		}
		return 1
	}
	return cmp.Or(cmp.Compare(better(x.Enough), better(y.Enough)), cmp.Compare(x.Times, y.Times), cmp.Compare(y.Points, x.Points))
}

// times writes how often something happened.
func (a *answerer) times(n int) string {
	if a.v.Lang == japanese {
		return strconv.Itoa(n) + "回"
	}
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return strconv.Itoa(n) + " times"
}
