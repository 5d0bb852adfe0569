package httpd

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/rollout"
	"github.com/seed-456efde2/nurture/engine"
)

// spanWord is a length of time for people: its two largest parts.
func spanWord(s engine.Span, lang string) string {
	units := []struct {
		of     engine.Span
		en, ja string
	}{{engine.Day, "d", "日"}, {engine.Hour, "h", "時間"}, {engine.Minute, "m", "分"}, {engine.Second, "s", "秒"}}
	var parts []string
	for _, u := range units {
		n := s / u.of
		if n == 0 || len(parts) == 2 {
			continue
		}
		s -= n * u.of
		parts = append(parts, fmt.Sprintf("%d%s", n, word{u.ja, u.en}.in(langName(lang))))
	}
	if len(parts) == 0 {
		return word{"わずか", "a moment"}.in(langName(lang))
	}
	return strings.Join(parts, word{"", " "}.in(langName(lang)))
}

// RolloutSummary is how a rollout stands, in a sentence.
func RolloutSummary(s *rollout.State, now engine.Time, lang string) string {
	say := func(en, ja string, args ...any) string { return fmt.Sprintf(word{ja, en}.in(langName(lang)), args...) }
	if s.Phase.Over() {
		return rolloutEnding(s, say)
	}
	text := ""
	switch left := strings.TrimPrefix(spanWord(s.Left(now), lang), "a "); { // "for another moment"
	case s.Phase == rollout.Shadow && s.Waiting(now):
		text = say("The shadow is over, and the change cannot be tried by a part of the leads. Mend it, promote it for everybody, or abort it.",
			"並行判定は終わりました。一部のリードで試せない変更です。直すか、全員に広げるか、取り消してください。")
	case s.Phase == rollout.Shadow:
		text = say("The change decides beside the running rules and sends nothing, for another %s.", "変更後のルールが並行して判定だけしています（残り%s）。", left)
	case s.Phase == rollout.NotJudged:
		text = say("%s%% of the leads go by the change. The bake is over, and there was too little to judge it by. Promote it, or abort it.",
			"%s%%のリードが変更後のルールで動いています。試す期間は終わりましたが、判定できる件数に届きませんでした。全員に広げるか、取り消してください。", trim(s.Terms.Canary))
	case s.Overtime(now):
		text = say("%s%% of the leads go by the change. The bake goes on until there is enough to judge it by, for another %s at most.",
			"%s%%のリードが変更後のルールで動いています。判定できる件数になるまで続けます（長くて残り%s）。", trim(s.Terms.Canary), strings.TrimPrefix(spanWord(engine.Span(max(0, s.Due(now)-now)), lang), "a "))
	default:
		text = say("%s%% of the leads go by the change, for another %s.", "%s%%のリードが変更後のルールで動いています（残り%s）。", trim(s.Terms.Canary), left)
	}
	if s.Paused != 0 {
		text += say(" It is paused.", "一時停止中です。")
	}
	return text
}

func rolloutEnding(s *rollout.State, say func(en, ja string, args ...any) string) string {
	text := map[rollout.Phase]string{
		rollout.Promoted:   say("The change is live for everybody, as r%d.", "変更は全員に広がりました（r%d）。", s.Became),
		rollout.RolledBack: say("The change was taken back; the rules of r%d run.", "変更を元に戻しました。r%d のルールで動いています。", s.From),
		rollout.Replaced:   say("Another change took its place.", "別の変更に置き換わりました。"),
	}[s.Phase]
	if s.Ending == nil {
		return text
	}
	if why := s.Ending.Why; why != (rollout.Text{}) {
		text += say(" "+escaped(why.En), escaped(why.Ja))
	}
	return text
}

// escaped keeps a text from being read as a format.
func escaped(s string) string { return strings.ReplaceAll(s, "%", "%%") }

func trim(f float64) string { return strings.TrimSuffix(fmt.Sprintf("%.1f", f), ".0") }

// RolloutWhy says why a guard took a change back, with what it saw.
func RolloutWhy(g *rollout.Guard) rollout.Text {
	return rollout.Text{
		En: fmt.Sprintf("%s: %s.", g.When, guardSeen(g, "en")),
		Ja: fmt.Sprintf("%s（%s）。", g.When, guardSeen(g, "ja")),
	}
}

// guardSeen is what a guard saw.
func guardSeen(g *rollout.Guard, lang string) string {
	say := func(en, ja string, args ...any) string { return fmt.Sprintf(word{ja, en}.in(langName(lang)), args...) }
	if g.Of == 0 && g.Value == nil || g.Share && g.Value == nil {
		return say("nothing to go by yet", "まだ件数がありません")
	}
	if !g.Share {
		return say("it is %s", "いま%s", count(g.N))
	}
	return say("%s, %s of %s", "%s（%[3]s件中%[2]s件）", percent(*g.Value), count(g.N), count(g.Of))
}

// RolloutText tells of a rollout for a person at a terminal.
func RolloutText(list *RolloutList, lang string, zone *time.Location) string {
	say := func(en, ja string) string { return word{ja, en}.in(langName(lang)) }
	var b strings.Builder
	d := list.Rollout
	if d == nil {
		fmt.Fprintln(&b, say("No change of rules has been rolled out yet.", "ロールアウトした変更はまだありません。"))
		return b.String()
	}
	fmt.Fprintf(&b, "%s  %s\n%s\n", phaseWord(d.Phase, lang), fmt.Sprintf(say("r%d → %.12s", "r%d → %.12s"), d.From, d.Candidate), d.Summary)
	if d.Blocked != "" {
		fmt.Fprintln(&b, d.Blocked)
	}
	for _, note := range []string{d.Unheard, d.Untold} {
		if note != "" {
			fmt.Fprintln(&b, note)
		}
	}
	for _, o := range d.Obstacles {
		fmt.Fprintln(&b, "! "+o)
	}
	if d.Nothing && d.Percent > 0 {
		fmt.Fprintln(&b, say("Neither a workflow nor a toss-up is changed, so nobody tries it first.", "ワークフローもトスアップも変わらないため、一部のリードで試す段階はありません。"))
	}
	fmt.Fprintf(&b, "\n%s  %s\n", say("changed", "変更"), strings.Join(d.Changed, ", "))
	if d.Leads != nil {
		fmt.Fprintf(&b, say("leads    %s of %s try it\n", "リード  %[2]s人中%[1]s人が試しています\n"), count(d.Leads.Canary), count(d.Leads.All))
	}
	d.guardLines(&b, lang)
	d.figureLines(&b, lang)
	d.shadowLines(&b, lang)
	if len(list.Past) > 0 && d.Active {
		fmt.Fprintf(&b, "\n%s\n", say("Before", "これまで"))
	}
	for i := range list.Past {
		if p := &list.Past[i]; d.Active && i < 5 {
			fmt.Fprintf(&b, "  %s  %s  %s\n", p.Began.In(zone).Format("2006-01-02 15:04 MST"), phaseWord(p.Phase, lang), p.Summary)
		}
	}
	return b.String()
}

func (d *RolloutDoc) guardLines(b *strings.Builder, lang string) {
	for i := range d.Guards {
		if i == 0 {
			fmt.Fprintf(b, "\n%s\n", word{"元に戻す条件", "Taken back if"}.in(langName(lang)))
		}
		fmt.Fprintf(b, "  %s %s  %s\n", map[string]string{"fired": "✗", "held": "✓"}[d.Guards[i].State], d.Guards[i].When, d.Guards[i].seen(lang))
	}
}

// seen is what the guard saw, and what it waits for.
func (g *RolloutGuardDoc) seen(lang string) string {
	text := guardSeen(&rollout.Guard{N: g.N, Of: g.Of, Value: g.Value, Share: g.Share}, lang)
	if g.In != nil {
		text += fmt.Sprintf(" [%s–%s]", percent(g.In.Low), percent(g.In.High))
	}
	if !g.Enough && g.Needs > 0 {
		text += fmt.Sprintf(word{"、判定には%s件必要", ", needs %s"}.in(langName(lang)), count(g.Needs))
	}
	return text
}

func (d *RolloutDoc) figureLines(b *strings.Builder, lang string) {
	for i := range d.Figures {
		if i == 0 {
			fmt.Fprintf(b, "\n%s\n", word{"指標（試しているリード / それ以外）", "Figures (leads that try it / others)"}.in(langName(lang)))
		}
		f := &d.Figures[i]
		fmt.Fprintf(b, "  %s  %s / %s\n", f.Name, f.Canary.text(f.Share), f.Control.text(f.Share))
	}
}

func (s *RolloutSide) text(share bool) string {
	if s.Value == nil {
		return "–"
	}
	text := shareText(share, *s.Value)
	if share {
		text += fmt.Sprintf(" (%s/%s)", count(s.N), count(s.Of))
	}
	if share && s.In != nil {
		text += fmt.Sprintf(" [%s–%s]", percent(s.In.Low), percent(s.In.High))
	}
	return text
}

func (d *RolloutDoc) shadowLines(b *strings.Builder, lang string) {
	c := d.Compared
	if c == nil {
		return
	}
	fmt.Fprintf(b, "\n"+word{"並行判定  %s件を比較、一致 %s件、違いのあるリード %s人", "Shadow  %s compared, %s alike, %s leads with a difference"}.in(langName(lang)), count(c.Compared), count(c.Alike), count(c.Leads))
	if c.NotCompared > 0 {
		fmt.Fprintf(b, word{"、比較できず %s件", ", %s not compared"}.in(langName(lang)), count(c.NotCompared))
	}
	b.WriteString("\n")
	for i := range c.Differences {
		x := &c.Differences[i]
		fmt.Fprintf(b, "  %s %s  ×%s  %s\n", x.sign(), x.name(lang), count(x.Times), fmt.Sprintf(word{"リード%s人", "%s leads"}.in(langName(lang)), count(x.Leads)))
		for j, e := range x.Examples {
			if j < 2 {
				fmt.Fprintf(b, "      %s  %s → %s\n", e.Lead, dashed(e.Old), dashed(e.New))
			}
		}
	}
}

func dashed(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

// sign says which of the two rules do it.
func (x *RolloutDifference) sign() string {
	return map[string]string{"new": "+", "old": "-"}[x.Only] + map[bool]string{true: "~"}[x.Only == "both"]
}

// name is what is different, in words.
func (x *RolloutDifference) name(lang string) string {
	text := rolloutKinds[x.Kind].in(langName(lang))
	if text == "" {
		text = x.Kind
	}
	return strings.TrimSpace(text + " " + x.Subject + " " + x.Detail)
}

var rolloutKinds = map[string]word{
	"send": {"送信", "send"}, "toss_up": {"トスアップ", "toss-up"}, "stage": {"ステージ", "stage"}, "segment": {"セグメント", "segment"},
	"enter": {"開始", "enter"}, "exit": {"終了", "exit"}, "skip": {"見送り", "skip"}, "score": {"スコア", "score"}, "fault": {"判定不能", "fault"},
}

var rolloutPhases = map[string]word{
	"shadow": {"並行判定", "shadow"}, "canary": {"一部で試行", "canary"}, "not_judged": {"判断待ち", "not judged"},
	"promoted": {"全員に展開", "promoted"}, "rolled_back": {"取り消し", "rolled back"}, "replaced": {"置き換え", "replaced"},
}

func phaseWord(phase, lang string) string { return rolloutPhases[phase].in(langName(lang)) }

// RolloutParts is what people are told of a rollout, as the finished parts of a
// message.
func RolloutParts(s *rollout.State, r *engine.ReviewSpec, now engine.Time, project, lang string) ([]engine.Field, error) {
	text := func(name, value string) engine.Field { return engine.Field{Name: name, Value: engine.TextValue(value)} }
	title := fmt.Sprintf(word{"%s: 変更のロールアウト: %s", "%s: rollout of a change: %s"}.in(langName(lang)), project, phaseWord(string(s.Phase), lang))
	body := RolloutSummary(s, now, lang) + "\n" + strings.Join(s.Changed[:min(len(s.Changed), 20)], ", ")
	switch r.Kind {
	case "email":
		return []engine.Field{text("to", r.To), text("subject", title), text("text", body)}, nil
	case "webhook":
		doc := NewRollout(s, now.In(nil), lang)
		b, err := json.Marshal(struct {
			Type string `json:"type"`
			RolloutDoc
		}{"rollout", doc})
		if err != nil {
			return nil, fmt.Errorf("write the notice of a rollout: %w", err)
		}
		return []engine.Field{{Name: "payload", Value: engine.JSONValue(string(b))}}, nil
	}
	parts := []engine.Field{text("message", title+"\n"+body)}
	if r.To != "" {
		parts = append(parts, text("to", r.To))
	}
	return slices.Clip(parts), nil
}

func langName(name string) lang {
	if name == "ja" {
		return japanese
	}
	return english
}
