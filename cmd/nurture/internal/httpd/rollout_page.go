package httpd

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/seed-456efde2/nurture/engine"
)

// rolloutView is the page of the rollouts.
type rolloutView struct {
	Lang lang
	*RolloutList
	Problem string
}

// W is one of the page's texts.
func (v rolloutView) W(name string) string { return rolloutWords[name].in(v.Lang) }

// Phase is a phase in words.
func (v rolloutView) Phase(phase string) string { return phaseWord(phase, string(v.Lang)) }

// Mood is the color of a phase.
func (v rolloutView) Mood(phase string) string {
	switch phase {
	case "promoted":
		return "ok"
	case "rolled_back":
		return "bad"
	case "not_judged":
		return "warn"
	}
	return ""
}

// GuardMood is the color of a guard.
func (v rolloutView) GuardMood(g RolloutGuardDoc) string {
	return map[string]string{"fired": "bad", "held": "ok"}[g.State]
}

// GuardState is how a guard stands, in words.
func (v rolloutView) GuardState(g RolloutGuardDoc) string {
	switch {
	case g.State == "open" && g.Enough:
		return v.W("guard_enough")
	case g.State == "open":
		return v.W("guard_open")
	}
	return v.W("guard_" + g.State)
}

// Seen is what a guard saw.
func (v rolloutView) Seen(g RolloutGuardDoc) string { return g.seen(string(v.Lang)) }

// Side is a figure of one arm.
func (v rolloutView) Side(f RolloutFigure, s RolloutSide) string { return s.text(f.Share) }

// Name is a figure as people call it.
func (v rolloutView) Name(f RolloutFigure) string {
	if f.Label != "" {
		return f.Label
	}
	return f.Name
}

// What is a difference in words.
func (v rolloutView) What(d RolloutDifference) string { return d.name(string(v.Lang)) }

// Sign says which of the two rules do it.
func (v rolloutView) Sign(d RolloutDifference) string { return d.sign() }

// Or puts a dash where nothing stands.
func (v rolloutView) Or(s string) string { return dashed(s) }

// Count writes a number.
func (v rolloutView) Count(n any) string {
	switch n := n.(type) {
	case int64:
		return count(n)
	case uint64:
		return count(n)
	}
	return fmt.Sprint(n)
}

// Terms are the terms of the rollout, as one line.
func (v rolloutView) Terms() string {
	d, text := v.Rollout, ""
	if d.ShadowFor != "" {
		text = v.W("shadow") + " " + d.ShadowFor
	}
	if d.BakeFor != "" {
		if text != "" {
			text += " → "
		}
		text += fmt.Sprintf("%s %s%% × %s", v.W("canary"), trim(d.Percent), d.BakeFor)
	}
	return text
}

// Left is how long the phase lasts yet.
func (v rolloutView) Left() string {
	if v.Rollout.Due == nil {
		return ""
	}
	return spanWord(engine.Span(v.Rollout.LeftSeconds*float64(engine.Second)), string(v.Lang))
}

// Compared sums the shadow up.
func (v rolloutView) Compared() string {
	c := v.Rollout.Compared
	return fmt.Sprintf(v.W("compared"), count(c.Compared), count(c.Alike), count(c.Leads), count(c.NotCompared))
}

var rolloutWords = map[string]word{
	"hint":         {"変更したルールを、並行判定、一部のリード、全員の順に広げます。手順は rollout ブロックで決めます。", "A change of rules goes live step by step: beside the running rules, for a part of the leads, for everybody. The rollout block says how."},
	"never":        {"ロールアウトした変更はまだありません。", "No change of rules has been rolled out yet."},
	"phase":        {"段階", "Phase"},
	"left":         {"残り", "Time left"},
	"leads":        {"試しているリード", "Leads that try it"},
	"of_all":       {"全リード", "of all leads"},
	"overtime":     {"件数が足りるまで延長中", "goes on until there is enough to judge by"},
	"paused":       {"一時停止中", "paused"},
	"waiting":      {"判断待ち", "waits for you"},
	"change":       {"変更したところ", "What is changed"},
	"diff":         {"差分を見る", "Show the difference"},
	"terms":        {"手順", "How"},
	"shadow":       {"並行判定", "shadow"},
	"canary":       {"試行", "canary"},
	"by":           {"変更した人", "By"},
	"began":        {"開始", "Began"},
	"nothing":      {"ワークフローもトスアップも変わらないため、一部のリードで試す段階はありません。", "Neither a workflow nor a toss-up is changed, so nobody tries it first."},
	"obstacles":    {"一部のリードで試せない理由", "Why it cannot be tried by a part of the leads"},
	"choice":       {"ファイルを直すか、全員に広げるか、取り消してください。", "Mend the files, promote it for everybody, or abort it."},
	"guards":       {"元に戻す条件", "What takes it back"},
	"condition":    {"条件", "Condition"},
	"state":        {"状態", "State"},
	"seen":         {"いまの値", "So far"},
	"guard_fired":  {"成立", "holds"},
	"guard_held":   {"成立しない", "does not hold"},
	"guard_open":   {"まだ分からない", "not known yet"},
	"guard_enough": {"いまのところ成立しない", "does not hold so far"},
	"guards_later": {"元に戻す条件は、一部のリードで試し始めてから見ます。", "What takes it back is looked at once leads try the change."},
	"no_guards":    {"元に戻す条件はありません。", "Nothing takes it back by itself."},
	"figures":      {"指標", "Figures"},
	"figure":       {"指標", "Figure"},
	"in_canary":    {"試しているリード", "Leads that try it"},
	"in_control":   {"それ以外", "All others"},
	"so_far":       {"試行を始めてからの速報値です。範囲は、何度見ても95%の確からしさを保ちます。", "Counted since the canary began; what is too young to be judged is counted too. The ranges hold with 95 %, however often they are looked at."},
	"differences":  {"判定の違い", "What is decided otherwise"},
	"compared":     {"比較 %s件、一致 %s件、違いのあるリード %s人、比較できず %s件", "%s compared, %s alike, %s leads with a difference, %s not compared"},
	"none":         {"違いはありません。", "There is no difference."},
	"what":         {"違い", "Difference"},
	"times":        {"回数", "Times"},
	"lead_count":   {"リード", "Leads"},
	"old":          {"今のルール", "Running rules"},
	"new":          {"変更後", "Changed rules"},
	"example":      {"例", "Examples"},
	"decide":       {"操作", "Decide"},
	"promote":      {"全員に広げる", "Promote"},
	"abort":        {"取り消す", "Abort"},
	"pause":        {"一時停止", "Pause"},
	"resume":       {"再開", "Resume"},
	"ask_promote":  {"残りの手順を省いて、変更をすぐ全員に広げますか。", "Let the change go live for everybody now, without the rest of the way?"},
	"ask_abort":    {"変更を取り消しますか。前のルールのままになり、ファイルは内容が変わるまで試されません。", "Take the change back? The rules that ran before stay, and the files are not tried again until they mean something else."},
	"why":          {"理由", "Why"},
	"past":         {"これまでのロールアウト", "Rollouts before"},
	"result":       {"結果", "Result"},
	"more":         {"ほかの違い", "Other differences"},
}

func (s *Server) routeRollouts(page func(pattern string, h http.HandlerFunc)) {
	page("GET /rollout", s.showRollout)
	page("POST /rollout/{deed}", s.decideFromPage)
}

func (s *Server) showRollout(w http.ResponseWriter, r *http.Request) {
	s.rolloutPage(w, r, http.StatusOK, "")
}

// rolloutPage shows the page, with a problem where there is one.
func (s *Server) rolloutPage(w http.ResponseWriter, r *http.Request, status int, problem string) {
	v := s.view(r, "rollout")
	list, err := s.rollouts(r.Context(), string(v.Lang))
	if err != nil {
		s.message(w, r, err)
		return
	}
	body := rolloutView{Lang: v.Lang, RolloutList: &list, Problem: problem}
	s.render(w, r, status, "rollout_page", "rollout", body)
}

// decideFromPage carries out what the page's forms say.
func (s *Server) decideFromPage(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
	caller := callerIn(r.Context())
	err := s.options.Rollouts.Decide(r.Context(), RolloutOrder{Deed: r.PathValue("deed"), By: caller.who(), Why: cutWhy(r.PostFormValue("why"))})
	var p *Problem
	switch {
	case errors.As(err, &p):
		s.rolloutPage(w, r, p.Status, p.in(s.view(r, "rollout").Lang).Detail)
	case err != nil:
		s.message(w, r, err)
	default:
		http.Redirect(w, r, "/rollout", http.StatusSeeOther)
	}
}

// maxWhy bounds why somebody decides, in characters.
const maxWhy = 500

func cutWhy(text string) string {
	if r := []rune(text); len(r) > maxWhy {
		return string(r[:maxWhy])
	}
	return text
}
