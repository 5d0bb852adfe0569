package httpd

import (
	"fmt"
	"strings"

	"github.com/seed-456efde2/nurture/engine/history"
)

// PlanText tells a plan in words.
func PlanText(d *PlanDoc, lang string) string {
	p := &planWriter{doc: d, lang: lang}
	p.head()
	if !d.Changed() {
		p.say("No changes: the proposed rules mean what the running ones mean.", "変更はありません。提案されたルールの意味は実行中のものと同じです。")
		return p.b.String()
	}
	for i := range d.Changes {
		p.change(&d.Changes[i])
	}
	p.effects()
	p.replay()
	p.refused()
	if p.doc.Rollout != nil {
		for _, line := range p.doc.Rollout.text(p.lang) {
			p.b.WriteString(line + "\n")
		}
	}
	p.say("Plan: %d to add, %d to change, %d to remove, %s to move.", "計画: 追加 %d、変更 %d、削除 %d、移動するリード %s。",
		d.Add, d.Change, d.Remove, p.leads(d.Moves()))
	return p.b.String()
}

type planWriter struct {
	doc  *PlanDoc
	lang string
	b    strings.Builder
}

func (p *planWriter) say(en, ja string, args ...any) {
	fmt.Fprintf(&p.b, pick(p.lang, en, ja)+"\n", args...)
}

// tell says what some leads do; what comes behind them stands in rest.
func (p *planWriter) tell(n int, en, ja, one, many string, rest ...any) {
	leads := p.leads(n)
	if p.lang != "ja" {
		leads = p.do(n, one, many)
	}
	p.say(en, ja, append([]any{leads}, rest...)...)
}

func (p *planWriter) leads(n int) string {
	if p.lang == "ja" {
		return thousands(n) + " 人"
	}
	if n == 1 {
		return "1 lead"
	}
	return thousands(n) + " leads"
}

// do is what some leads do: one does it, others do. Japanese verbs do not care.
func (p *planWriter) do(n int, one, many string) string {
	if n == 1 {
		return p.leads(n) + " " + one
	}
	return p.leads(n) + " " + many
}

func (p *planWriter) head() {
	d := p.doc
	since := ""
	if d.Running.At != nil {
		since = " (" + d.Running.At.Format("2006-01-02 15:04") + ")"
	}
	files := fmt.Sprintf(pick(p.lang, "%d files", "%d ファイル"), d.Proposed.Files)
	if d.Proposed.Files == 1 {
		files = pick(p.lang, "1 file", "1 ファイル")
	}
	p.say("Running r%d%s     Proposed r%d (%s)", "実行中 r%d%s     提案 r%d（%s）", d.Running.Revision, since, d.Proposed.Revision, files)
}

// change tells one block, with its place at the right, and what happens to the leads
// on it.
func (p *planWriter) change(c *history.Change) {
	head := c.Op + " " + c.Block
	if c.File != "" && c.Op != "-" {
		head += strings.Repeat(" ", max(2, 56-len(head))) + fmt.Sprintf("%s:%d", c.File, c.Line)
	} else if c.File != "" {
		head += strings.Repeat(" ", max(2, 56-len(head))) + c.File
	}
	fmt.Fprintln(&p.b, head)
	if c.Op == "~" {
		for _, l := range c.Lines {
			fmt.Fprintf(&p.b, "    %s\n", lineText(&l))
			if l.OldWords+l.NewWords != "" {
				fmt.Fprintf(&p.b, "      %s\n", wordsText(&l, p.lang))
			}
		}
	}
	p.standing(c)
}

func lineText(l *history.Line) string {
	return fmt.Sprintf("%-9s %s  →  %s", l.What, orNothing(l.Old), orNothing(l.New))
}

func wordsText(l *history.Line, lang string) string {
	switch {
	case l.OldWords == "":
		return pick(lang, "now: ", "新: ") + l.NewWords
	case l.NewWords == "":
		return pick(lang, "was: ", "旧: ") + l.OldWords
	}
	return pick(lang, "was: ", "旧: ") + l.OldWords + pick(lang, "; now: ", " ／ 新: ") + l.NewWords
}

func orNothing(text string) string {
	if text == "" {
		return "–"
	}
	return text
}

// standing tells of the leads on a step that is changed or gone.
func (p *planWriter) standing(c *history.Change) {
	flow, step, ok := strings.Cut(strings.TrimPrefix(c.Block, "workflow."), ".step.")
	if !ok || p.doc.Effects == nil {
		return
	}
	for i := range p.doc.Effects.Steps {
		s := &p.doc.Effects.Steps[i]
		if s.Workflow == flow && s.Step == step {
			p.step(s)
		}
	}
}

func (p *planWriter) step(s *history.StepEffect) {
	for _, m := range s.Moves {
		to := "step." + m.To
		if strings.HasPrefix(m.To, "exit.") {
			to = m.To
		}
		p.tell(m.N, "    %s → move to %s", "    ここに %sがいます → %s に移ります", "stands here now", "stand here now", to)
	}
	if s.Lost > 0 {
		p.tell(s.Lost, "    %s and would be lost: say where they go with moved { from = step.%s  to = step.… }",
			"    ここに %sがいて、行き先がありません。moved { from = step.%s  to = step.… } で行き先を指定してください", "stands here now", "stand here now", s.Step)
	}
	if s.WaitKept > 0 {
		p.tell(s.WaitKept, "    %s as was said before (on_change = \"recompute\" would change that)", "    ここで待つ %sは予定どおりに進みます（on_change = \"recompute\" なら動きます）", "waits here and goes on", "wait here and go on")
	}
	if s.WaitEarlier > 0 {
		p.tell(s.WaitEarlier, "    %s earlier", "    %sが早く進みます", "goes on", "go on")
	}
	if s.WaitLater > 0 {
		p.tell(s.WaitLater, "    %s later", "    %sが遅く進みます", "goes on", "go on")
	}
	moved := s.Lost + s.WaitKept + s.WaitEarlier + s.WaitLater
	for _, m := range s.Moves {
		moved += m.N
	}
	if rest := s.Standing - moved; rest > 0 {
		p.tell(rest, "    %s", "    ここに %sがいます", "stands here now", "stand here now")
	}
}

// effects tells what happens to the leads that there are.
func (p *planWriter) effects() {
	e := p.doc.Effects
	if e == nil {
		return
	}
	for _, f := range e.Workflows {
		if f.Move+f.Leave+f.Lost == 0 && !p.touches("workflow."+f.Name) {
			continue
		}
		p.say("Leads inside %s: %s keep their place, %s move, %s leave, %s would be lost.", "%s の中のリード: そのまま %s、移動 %s、退出 %s、失われる %s。",
			f.Name, thousands(f.Keep), thousands(f.Move), thousands(f.Leave), thousands(f.Lost))
	}
	p.elsewhere()
	for _, a := range e.TossUps {
		p.say("toss_up.%s: %s would be handed over at once", "toss_up.%s: %sがすぐに引き渡されます", a.Name, p.leads(a.N))
	}
	for _, a := range e.Enters {
		p.say("workflow.%s: %s would enter at once", "workflow.%s: %sがすぐに入ります", a.Name, p.leads(a.N))
	}
	for _, m := range e.Stages {
		p.say("stage %s → %s: %s would move at once", "ステージ %s → %s: %sがすぐに移ります", m.From, m.To, p.leads(m.N))
	}
	for _, f := range e.Segments {
		p.say("segment.%s: %s would join, %s would leave", "segment.%s: 加わる %s、外れる %s", f.Name, p.leads(f.Up), p.leads(f.Down))
	}
	for _, f := range e.Scores {
		p.say("score.%s: higher for %s, lower for %s", "score.%s: 上がる %s、下がる %s", f.Name, p.leads(f.Up), p.leads(f.Down))
	}
	for _, a := range e.Arms {
		p.say("%s: %s of %s would switch arms", "%s: %[3]sのうち %[2]s 人の割り当てが変わります", a.Name, thousands(a.Switch), p.leads(a.Leads))
	}
	for _, c := range e.Caps {
		p.say("contact_policy.%s: the closer cap on channel.%s keeps back the next message of %s", "contact_policy.%s: channel.%s の新しい上限により、%sの次の送信が止まります",
			c.Policy, c.Channel, p.leads(c.Over))
	}
	p.sends()
	if e.Faults > 0 {
		p.say("Conditions that could not be evaluated: %s", "評価できなかった条件 %s 件", thousands(e.Faults))
	}
}

// elsewhere tells of the leads on steps that were not changed, and yet go another way
// or at another time: by an exit that has come true, by other business hours.
func (p *planWriter) elsewhere() {
	for i := range p.doc.Effects.Steps {
		s := &p.doc.Effects.Steps[i]
		block := "workflow." + s.Workflow + ".step." + s.Step
		if len(s.Moves)+s.Lost+s.WaitEarlier+s.WaitLater > 0 && !p.touches(block) {
			fmt.Fprintln(&p.b, "  "+block)
			p.step(s)
		}
	}
}

func (p *planWriter) touches(block string) bool {
	for i := range p.doc.Changes {
		if name := p.doc.Changes[i].Block; name == block || strings.HasPrefix(name, block+".") {
			return true
		}
	}
	return false
}

func (p *planWriter) sends() {
	before, after := 0, 0
	for _, s := range p.doc.Effects.Sends {
		before += s.Before
		after += s.After
	}
	if before+after == 0 {
		return
	}
	p.say("Messages in the next hour: %s → %s (%s)", "次の1時間の送信: %s → %s（%s）", thousands(before), thousands(after), signed(after-before))
	for _, s := range p.doc.Effects.Sends {
		if s.Before != s.After {
			fmt.Fprintf(&p.b, "  %s %s  %s → %s\n", s.Channel, s.Cause, thousands(s.Before), thousands(s.After))
		}
	}
}

// replay tells how the recorded time would have gone under both rules.
func (p *planWriter) replay() {
	r := p.doc.Replay
	if r == nil {
		return
	}
	p.say("Replay of %.0f days (%s events, %.1f s)", "%.0f 日間の再生（イベント %s 件、%.1f 秒）", r.Days, thousands(r.Events), r.Seconds)
	old, new := &r.Rules[0], &r.Rules[1]
	for i := range new.TossUps {
		v := &new.TossUps[i]
		var was history.RuleVerdict
		for j := range old.TossUps {
			if old.TossUps[j].Name == v.Name {
				was = old.TossUps[j]
			}
		}
		if v.Outcome == "" && was.Outcome == "" {
			p.say("  %s handed over  %s → %s (%s)   no success in the rules to judge it by", "  %s 引き渡し  %s → %s（%s）   success がないため成果は評価できません",
				v.Name, thousands(was.HandedOver), thousands(v.HandedOver), signed(v.HandedOver-was.HandedOver))
			continue
		}
		p.say("  %s handed over  %s → %s (%s)   opportunities among them  %s → %s (%s)", "  %s 引き渡し  %s → %s（%s）   うち商談  %s → %s（%s）",
			v.Name, thousands(was.HandedOver), thousands(v.HandedOver), signed(v.HandedOver-was.HandedOver), thousands(was.Won), thousands(v.Won), signed(v.Won-was.Won))
		if open := v.Leads - v.Judged; open > 0 {
			p.say("  %s too fresh for a rate: the time for their outcome is not over", "  うち %sは成果の期間が終わっていないため、率に入れていません", p.leads(open))
		}
		if v.Precision == nil && was.Precision == nil {
			continue
		}
		warning := ""
		if v.Target > 0 && v.Precision != nil && *v.Precision < v.Target {
			warning = fmt.Sprintf(pick(p.lang, "   below target %s  ⚠", "   目標 %s を下回る  ⚠"), share(&v.Target))
		}
		p.say("  opportunity rate  %s → %s%s", "  商談化率  %s → %s%s", share(was.Precision), share(v.Precision), warning)
	}
	writeUnknown(&p.b, &new.Unknown, p.lang)
}

func (p *planWriter) refused() {
	for _, step := range p.doc.Refused {
		p.say("Cannot be applied: leads stand on %s, which is gone", "適用できません: なくなるステップ %s にリードがいます", step)
	}
}

func signed(n int) string {
	if n > 0 {
		return "+" + thousands(n)
	}
	return thousands(n)
}

// PlanMarkdown tells a plan as a comment on a pull request.
func PlanMarkdown(d *PlanDoc, lang string) string {
	title := pick(lang, "### nurture plan: ", "### nurture plan: ")
	if !d.Changed() {
		return title + pick(lang, "no changes\n", "変更なし\n")
	}
	summary := fmt.Sprintf(pick(lang, "%d to add, %d to change, %d to remove, %d leads to move", "追加 %d、変更 %d、削除 %d、移動するリード %d 人"), d.Add, d.Change, d.Remove, d.Moves())
	if len(d.Refused) > 0 {
		summary += pick(lang, " — **cannot be applied**", " — **適用できません**")
	}
	text := strings.ReplaceAll(PlanText(d, lang), "```", "'''")
	return title + summary + "\n\n```diff\n" + diffMarks(text) + "```\n"
}

// diffMarks lets "~" begin lines as a diff knows them.
func diffMarks(text string) string {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		if strings.HasPrefix(l, "~ ") {
			lines[i] = "! " + l[2:]
		}
	}
	return strings.Join(lines, "\n")
}
