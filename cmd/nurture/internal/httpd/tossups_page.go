package httpd

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/seed-456efde2/nurture/engine"
)

// tossUpsView is the page of hand-overs: how good each rule's are, who waits, and
// what became of the latest.
type tossUpsView struct {
	Lang    lang
	Rules   []ruleRow
	Queue   []HandOverDoc
	Offers  []HandOverDoc
	Next    string
	Reasons map[string][]choice // that a rule declares for sending a lead back
	Labels  map[string]string   // of rules
	titles  map[string]string   // of leads by their ids
}

// Rule is what people call a rule.
func (v tossUpsView) Rule(name string) string { return labelled(v.Labels[name], name) }

// Because is why a lead was sent back.
func (v tossUpsView) Because(o HandOverDoc) string { return v.reason(o.TossUp, o.Reason) }

// reason is what people call a reason of a rule.
func (v tossUpsView) reason(tossUp, name string) string {
	for _, c := range v.Reasons[tossUp] {
		if c.Name == name {
			return c.Label
		}
	}
	return name
}

// W is one of the page's texts.
func (v tossUpsView) W(name string) string { return tossUpWords[name].in(v.Lang) }

// ruleRow is a version of a rule in the table.
type ruleRow struct {
	Name, Version, Offered, Young, Accepted, Rejected, Reasons, Expired string
	Opportunities, Won, Precision, WinRate, Missed, Times               string
	Verdict, Mood                                                       string
}

var tossUpWords = map[string]word{
	"quality":      {"ルールと版ごとの質", "Quality by rule and version"},
	"quality_hint": {"成果は商談です。成果の期限がまだ来ていない引き渡しは「評価前」で、率には入りません。率の後ろは95%の区間です。", "The outcome is the opportunity. Hand-overs whose time for an outcome is not yet over are “not yet judged” and in no rate. Behind each rate stands its 95 % interval."},
	"rule":         {"ルール", "Rule"}, "offered": {"引き渡し", "Handed over"}, "young": {"評価前", "Not yet judged"},
	"accepted": {"受け入れ", "Accepted"}, "rejected": {"差し戻し", "Sent back"}, "expired": {"返事なし", "No answer"},
	"opportunity": {"商談", "Opportunity"}, "won": {"受注", "Won"}, "lost": {"失注", "Lost"}, "precision": {"商談率", "Precision"}, "win_rate": {"受注率", "Win rate"},
	"missed": {"見逃し", "Missed"}, "times": {"合図→返事→商談（中央値）", "Signal → answer → opportunity (median)"}, "verdict": {"評価", "Verdict"},
	"worse": {"悪い", "worse"}, "better": {"良い", "better"}, "even": {"同じ", "even"}, "too_early": {"まだ早い", "too early"},
	"than": {"比較", "than"}, "surely": {"確か", "surely"}, "more": {"件数は多い", "though it hands over more"},
	"queue": {"順番待ち", "Waiting for a place"}, "none": {"ありません", "None"}, "lead": {"リード", "Lead"}, "owner": {"担当", "Owner"}, "score": {"点数", "Score"}, "since": {"いつから", "Since"},
	"latest": {"最近の引き渡し", "Latest hand-overs"}, "state": {"状態", "State"}, "reason": {"理由", "Reason"}, "answer": {"返事", "Answer"}, "accept": {"受け入れ", "Accept"}, "reject": {"差し戻す", "Send back"},
	"queued": {"順番待ち", "waiting"}, "dropped": {"取り下げ", "dropped out"}, "doubted": {"見直し", "in doubt"}, "next": {"次へ", "Next"},
}

func (s *Server) routeTossUps(page func(pattern string, h http.HandlerFunc)) {
	page("GET /toss-ups", s.showTossUps)
	page("POST /toss-ups/{offer}/answer", s.answerFromPage)
}

// offersShown is how many hand-overs a page lists.
const offersShown = 50

func (s *Server) showTossUps(w http.ResponseWriter, r *http.Request) {
	list, err := s.tossUpList(&OfferQuery{After: r.URL.Query().Get("after"), Limit: offersShown})
	if err != nil {
		s.message(w, r, err)
		return
	}
	waiting, err := s.tossUpList(&OfferQuery{State: "queued", Limit: offersShown})
	if err != nil {
		s.message(w, r, err)
		return
	}
	v := s.view(r, "toss_ups")
	body := tossUpsView{Lang: v.Lang, Queue: waiting.Offers, Offers: list.Offers, Next: list.Next, Labels: map[string]string{}}
	body.titles = s.titlesOf(v, waiting.Offers, list.Offers)
	body.Reasons = declaredReasons(s.options.Desk.Program())
	for i := range list.TossUps {
		body.Labels[list.TossUps[i].Name] = list.TossUps[i].Label
		for j := range list.TossUps[i].Versions {
			body.Rules = append(body.Rules, body.row(&list.TossUps[i], j))
		}
	}
	s.render(w, r, http.StatusOK, "toss_ups_page", "toss_ups", body)
}

// declaredReasons are the reasons that each rule declares.
func declaredReasons(p *engine.Program) map[string][]choice {
	all := map[string][]choice{}
	if p == nil {
		return all
	}
	for i := range p.Spec().TossUps {
		t := &p.Spec().TossUps[i]
		if t.Answer == nil {
			continue
		}
		for _, reason := range t.Answer.Reasons {
			all[t.Name] = append(all[t.Name], choice{reason.Name, labelled(reason.Label, reason.Name)})
		}
	}
	return all
}

// row is a version as the table shows it.
func (v tossUpsView) row(t *TossUpDoc, j int) ruleRow {
	d := &t.Versions[j]
	row := ruleRow{
		Name: labelled(t.Label, t.Name), Version: VersionName(d), Offered: count(d.Offered), Young: count(d.Young),
		Accepted: count(d.Accepted), Rejected: count(d.Rejected), Expired: count(d.Expired), Opportunities: count(d.Opportunities),
		Won: count(d.Won), Precision: RateText(d.Precision), WinRate: RateText(d.WinRate), Missed: "–",
		Times: strings.Join([]string{orDash(roughly(v.Lang, d.ToTouch)), orDash(roughly(v.Lang, d.ToOpportunity))}, " → "),
	}
	if j == 0 {
		row.Missed = count(t.Missed)
	}
	var reasons []string
	for _, name := range slices.Sorted(maps.Keys(d.Reasons)) {
		reasons = append(reasons, fmt.Sprintf("%s %d", v.reason(t.Name, name), d.Reasons[name]))
	}
	row.Reasons = strings.Join(reasons, ", ")
	if d.Verdict != nil {
		row.Verdict = VerdictText(d.Verdict, string(v.Lang))
		row.Mood = map[string]string{"worse": "bad", "better": "ok"}[d.Verdict.Word]
	}
	return row
}

func orDash(text string) string {
	if text == "" {
		return "–"
	}
	return text
}

// VersionName is a version as people read it: its revisions.
func VersionName(d *VersionDoc) string {
	var names []string
	for i := 0; i < len(d.Revisions); {
		j := i
		for j+1 < len(d.Revisions) && d.Revisions[j+1] == d.Revisions[j]+1 {
			j++
		}
		if j == i {
			names = append(names, fmt.Sprint(d.Revisions[i]))
		} else {
			names = append(names, fmt.Sprintf("%d–%d", d.Revisions[i], d.Revisions[j]))
		}
		i = j + 1
	}
	return strings.Join(names, ", ")
}

// RateText is a rate with its interval: "24 % (9–49)".
func RateText(r *RateDoc) string {
	if r == nil {
		return "–"
	}
	return fmt.Sprintf("%.0f %% (%.0f–%.0f)", r.Rate*100, r.Low*100, r.High*100)
}

// VerdictText says a verdict in words.
func VerdictText(d *VerdictDoc, language string) string {
	say := func(name string) string { return tossUpWords[name].in(lang(language)) }
	if d.Than == "" {
		return say(d.Word)
	}
	text := say(d.Word)
	if d.Sure {
		text += " (" + say("surely") + ")"
	}
	if lang(language) == japanese {
		text += "・" + say("than") + " " + d.Than
	} else {
		text += " " + say("than") + " " + d.Than
	}
	if d.More && d.Word == "worse" {
		text += ", " + say("more")
	}
	return text
}

// answerFromPage takes an answer that is given in the console.
func (s *Server) answerFromPage(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	order := AnswerOrder{Offer: r.PathValue("offer"), Answer: r.PostFormValue("answer"), Reason: r.PostFormValue("reason")}
	if order.Answer != "accepted" && order.Answer != "rejected" {
		s.message(w, r, newProblem(http.StatusBadRequest, "bad_answer", "an answer is accepted or rejected"))
		return
	}
	if order.Answer == "accepted" {
		order.Reason = "" // the form's choice belongs to the other button
	}
	if _, err := s.answerOffer(r.Context(), order, "console"); err != nil {
		s.message(w, r, err)
		return
	}
	http.Redirect(w, r, "/toss-ups", http.StatusSeeOther)
}

// Stands is an offer's state in words.
func (v tossUpsView) Stands(o HandOverDoc) string { return v.W(o.State) }

// Points is a score.
func (v tossUpsView) Points(o HandOverDoc) string { return fmt.Sprintf("%.1f", o.Score) }

// Who is what people call a lead.
func (v tossUpsView) Who(id string) string { return labelled(v.titles[id], id[:min(len(id), 8)]) }

// titlesOf are what people call the leads of offers.
func (s *Server) titlesOf(v *view, lists ...[]HandOverDoc) map[string]string {
	sc := &scribe{s: s, v: v, titles: map[engine.LeadID]string{}}
	titles := map[string]string{}
	for _, list := range lists {
		for i := range list {
			if id, ok := engine.ParseLeadID(list[i].Lead); ok {
				titles[list[i].Lead] = sc.person(id).Title
			}
		}
	}
	return titles
}
