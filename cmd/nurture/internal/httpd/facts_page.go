package httpd

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/seed-456efde2/nurture/engine"
)

// factsView is the page of a lead's facts: as they were told, as they are known now,
// and the form by which they are corrected.
type factsView struct {
	person
	Lang    lang
	Facts   []knownRow
	Waiting []saidRow
	More    bool
	Trial   *proposalView // what a correction would change
}

// W is one of the page's texts.
func (v factsView) W(name string) string { return factWords[name].in(v.Lang) }

// knownRow is a fact on the page.
type knownRow struct {
	KnownFactDoc
	Label  string
	Values []pair
	Known  []pair
	Done   []string // what was done when it came
	Said   []saidRow
	Judged bool // it can be said whether a person or a machine brought it
	Grants bool // it may give leave to write
	Merge  bool
}

// saidRow is a correction on the page.
type saidRow struct {
	CorrectionDoc
	Text string
}

// proposalView is what a correction would change, and the form that makes it.
type proposalView struct {
	Order CorrectionOrder
	Says  string
	At    string
	Field string
	Value string
	Lines []proposalLine
}

type proposalLine struct{ Name, Text, Mood string }

var factWords = map[string]word{
	"title": {"事実と訂正", "Facts and corrections"},
	"hint": {
		"届いた事実が違っていたら、ここで訂正します。元の記録は残し、訂正を別の事実として加えます。スコア、セグメント、指標、ファネル、実験は、はじめからわかっていたものとして計算し直します。すでに行ったこと（送信、引き渡しなど）は、そのまま残ります。",
		"A fact that was otherwise is corrected here. What was told stays in the journal, and the correction stands beside it as a fact of its own. Scores, segments, figures, funnels and experiments follow as if it had been known at once. What was done (sent, handed over) stays done.",
	},
	"correct": {"訂正する…", "Correct…"}, "never": {"なかった", "It did not happen"}, "machine": {"機械による", "A machine did it"}, "human": {"人による", "A person did it"},
	"at": {"別の時刻に起きた", "It happened at another time"}, "fields": {"内容が違う", "It says something else"}, "no_consent": {"同意は無効", "The consent is not valid"},
	"as_told": {"最初に届いたとおり", "It was as it was first told"}, "unmerge": {"統合を取り消す", "Take the merge back"},
	"when": {"時刻", "When"}, "field": {"項目", "Field"}, "value": {"値（空なら項目を消す）", "Value (empty: take the field away)"}, "why": {"理由（個人の名前は書かない）", "Why (name nobody)"},
	"try": {"変わることを見る", "See what would change"}, "keep": {"訂正する", "Correct it"}, "would": {"訂正すると変わること", "What would change"},
	"nothing": {"変わるものはありません。", "Nothing would change."}, "none": {"ありません。", "There are none."}, "more": {"これより古い事実があります。", "There are older facts."},
	"taken_back": {"取り消し済み", "taken back"}, "take_back": {"この訂正を取り消す", "Take this correction back"}, "waiting": {"届いていない事実への訂正", "Corrections of facts that have not come"},
	"known": {"いまわかっていること", "Known now"}, "done": {"このとき行ったこと（そのまま残ります）", "Done when it came (stays done)"}, "lead": {"リードのページ", "The lead's page"},
	"score": {"スコア", "Score"}, "stage": {"ステージ", "Stage"}, "attribute": {"属性", "Attribute"}, "segment": {"セグメント", "Segment"}, "consent": {"同意", "Consent"},
	"doubted": {"見直し", "In doubt"}, "doubted_text": {"渡さなかったはずです。営業に知らせます", "would not have been handed over; sales are told"},
	"back": {"取り消し", "Taken back"}, "anew": {"これから行うこと", "Done anew"}, "counter": {"集計", "Counter"},
}

func (s *Server) routeFacts(page func(pattern string, h http.HandlerFunc)) {
	page("GET /leads/{id}/facts", s.showFacts)
	page("POST /leads/{id}/facts", s.correctFromPage)
}

// knownShown is how many facts the page lists.
const knownShown = 100

func (s *Server) showFacts(w http.ResponseWriter, r *http.Request) { s.factsPage(w, r, nil) }

// factsPage shows a lead's facts, below what a correction would change.
func (s *Server) factsPage(w http.ResponseWriter, r *http.Request, trial *proposalView) {
	id, ok := engine.ParseLeadID(r.PathValue("id"))
	if !ok {
		s.message(w, r, errNoLead)
		return
	}
	q := FactQuery{Lead: id.String(), Limit: knownShown, Corrected: r.URL.Query().Get("corrected") != ""}
	list, err := s.knownFacts(&q)
	if err != nil {
		s.message(w, r, err)
		return
	}
	v := s.view(r, "lead")
	sc := &scribe{s: s, v: v, spec: &engine.Spec{}, titles: map[engine.LeadID]string{}}
	p := s.options.Desk.Program()
	if p != nil {
		sc.spec = p.Spec()
	}
	whole, _ := engine.ParseLeadID(list.Lead)
	body := factsView{person: sc.person(whole), Lang: v.Lang, More: list.More, Trial: trial}
	for i := range list.Facts {
		body.Facts = append(body.Facts, sc.known(p, &list.Facts[i]))
	}
	for i := range list.Waiting {
		body.Waiting = append(body.Waiting, sc.said(&list.Waiting[i]))
	}
	s.render(w, r, http.StatusOK, "facts_page", "lead", body)
}

// known is a fact in words.
func (sc *scribe) known(p *engine.Program, d *KnownFactDoc) knownRow {
	say := speaker{sc.v, sc.spec}
	row := knownRow{KnownFactDoc: *d, Merge: d.Kind == "merge"}
	row.Label, _ = say.event(d.Kind, d.Name)
	row.Values = say.pairs(d.Fields, d.order)
	if d.KnownFields != nil {
		row.Known = say.pairs(d.KnownFields, d.order)
	}
	if p != nil && !row.Merge {
		e := engine.Event{Kind: kindOf(d.Kind), Name: d.Name}
		row.Judged, row.Grants = p.Judged(&e), p.MayGrant(&e)
	}
	for _, a := range d.Acts {
		row.Done = append(row.Done, say.decision(&DecisionDoc{Kind: a.Kind, Subject: a.Subject, Detail: a.Detail}))
	}
	for i := range d.Corrections {
		row.Said = append(row.Said, sc.said(&d.Corrections[i]))
	}
	return row
}

// kindOf is the kind of a client's call by its name.
func kindOf(name string) engine.EventKind {
	for kind := engine.Track; kind <= engine.Alias; kind++ {
		if kind.String() == name {
			return kind
		}
	}
	return engine.Track
}

// said is a correction in words.
func (sc *scribe) said(d *CorrectionDoc) saidRow {
	text := SaysText(string(sc.v.Lang), d.Says)
	if d.At != nil {
		text += " " + sc.v.Clock(d.At)
	}
	say := speaker{sc.v, sc.spec}
	for _, field := range say.pairs(d.Fields, nil) {
		text += " " + field.Name + " = " + field.Value
	}
	return saidRow{*d, text}
}

// correctFromPage tries a correction that is made in the console, or takes it.
func (s *Server) correctFromPage(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	trial, err := s.proposalOf(r)
	if err != nil {
		s.message(w, r, err)
		return
	}
	trial.Order.DryRun = r.PostFormValue("deed") != "keep"
	done, err := s.correctFact(r.Context(), &trial.Order)
	if err != nil {
		s.message(w, r, err)
		return
	}
	if !trial.Order.DryRun {
		http.Redirect(w, r, "/leads/"+r.PathValue("id")+"/facts", http.StatusSeeOther)
		return
	}
	trial.Lines = proposalLines(s.view(r, "lead"), s.options.Desk.Program(), done.Changes)
	s.factsPage(w, r, trial)
}

// proposalOf reads the form.
func (s *Server) proposalOf(r *http.Request) (*proposalView, error) {
	t := &proposalView{Says: r.PostFormValue("says"), At: r.PostFormValue("at"), Field: r.PostFormValue("field"), Value: r.PostFormValue("value")}
	t.Order = CorrectionOrder{Fact: r.PostFormValue("fact"), Lead: r.PathValue("id"), Why: r.PostFormValue("why")}
	o := &t.Order
	switch t.Says {
	case "never", "unmerge":
		o.Never = true
	case "as_told":
		o.AsTold = true
	case "human", "machine":
		o.Verdict = t.Says
	case "no_consent":
		o.NoConsent = true
	case "at":
		o.At = When(t.At)
		if _, err := s.times().At("at", o.At); err != nil {
			return nil, err
		}
		if o.At == "" {
			return nil, newProblem(http.StatusBadRequest, "bad_time", "say when it happened, as in 2026-10-05T14:30")
		}
	case "fields":
		if t.Field == "" {
			return nil, newProblem(http.StatusBadRequest, "bad_field", "say which field it is")
		}
		o.Fields = map[string]any{t.Field: typed(t.Value)}
	default:
		return nil, newProblem(http.StatusBadRequest, "says_nothing", "say what is true of the fact")
	}
	return t, nil
}

// typed is a value as a person writes it: a number, true or false, a text, or nothing.
func typed(text string) any {
	switch text = strings.TrimSpace(text); text {
	case "":
		return nil
	case "true", "false":
		return text == "true"
	}
	if n, err := strconv.ParseFloat(text, 64); err == nil && !math.IsNaN(n) && !math.IsInf(n, 0) {
		return n
	}
	return text
}

// proposalLines are the changes in words.
func proposalLines(v *view, p *engine.Program, d *CorrectionChanges) []proposalLine {
	if d == nil || d.Nothing {
		return nil
	}
	say := speaker{v, &engine.Spec{}}
	if p != nil {
		say.spec = p.Spec()
	}
	var lines []proposalLine
	add := func(name, text, mood string) {
		lines = append(lines, proposalLine{factWords[name].in(v.Lang), text, mood})
	}
	change := func(name string, list []ChangeDoc, label func(string) string) {
		for _, c := range list {
			add(name, label(c.Name)+": "+say.value(c.Before).Value+" → "+say.value(c.After).Value, "")
		}
	}
	change("score", d.Scores, func(name string) string { return name })
	if d.Stage != nil {
		add("stage", textOf(d.Stage.Before, say)+" → "+textOf(d.Stage.After, say), "")
	}
	change("attribute", d.Attributes, say.attribute)
	change("segment", d.Segments, say.segment)
	change("consent", d.Consents, say.consent)
	for _, name := range d.Doubted {
		add("doubted", say.tossUp(name)+" "+factWords["doubted_text"].in(v.Lang), "warn")
	}
	acts := func(name string, list []ActDoc) {
		for _, a := range list {
			add(name, say.decision(&DecisionDoc{Kind: a.Kind, Subject: a.Subject, Detail: a.Detail}), "")
		}
	}
	acts("back", d.TakenBack)
	acts("anew", d.Done)
	acts("done", d.Stands)
	for i := range d.Counters {
		c := &d.Counters[i]
		add("counter", strings.TrimSpace(c.Counter+" "+c.Labels+" "+v.Clock(c.Hour))+" "+signed(int(c.N)), "")
	}
	return lines
}

func textOf(stage any, say speaker) string {
	name, _ := stage.(string)
	return say.stage(name)
}

// correctedRow is what a fact on a lead's page shows of its corrections.
type correctedRow struct {
	Void      bool
	KnownAt   *time.Time // nil: when it was told to have happened
	Known     []pair     // what it says
	Otherwise bool       // and not what it was told to say
	Said      []saidRow
}

// corrected marks a fact of a lead's page of which something was said.
func (sc *scribe) corrected(say speaker, f *FactDoc) correctedRow {
	mark := correctedRow{Void: f.Never, KnownAt: f.KnownAt}
	if f.KnownFields != nil {
		mark.Known, mark.Otherwise = say.pairs(f.KnownFields, f.order), true
	}
	for i := range f.Corrections {
		mark.Said = append(mark.Said, sc.said(&f.Corrections[i]))
	}
	return mark
}

// SaysText is what a correction says of its fact, in words.
func SaysText(language, says string) string {
	var list []string
	for word := range strings.FieldsSeq(says) {
		list = append(list, factWords[word].in(lang(language)))
	}
	return strings.Join(list, ", ")
}
