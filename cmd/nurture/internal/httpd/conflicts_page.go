package httpd

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/seed-456efde2/nurture/engine"
)

// conflictsView is the page of leads that are perhaps one person: both side by side,
// and the question what they are.
type conflictsView struct {
	Lang  lang
	Pairs []conflictPair
	All   bool // those too of which somebody has said that they are two people
	More  bool // there are more than the page shows
}

// W is one of the page's texts.
func (v conflictsView) W(name string) string { return conflictWords[name].in(v.Lang) }

// conflictPair is two leads that have a name in common.
type conflictPair struct {
	Name, Value string // of the attribute that both have, and its value
	Since       *time.Time
	Settled     bool
	Sides       [2]person
	Rows        []conflictLine
}

// conflictLine is what one thing is for either lead.
type conflictLine struct {
	Name  string
	Sides [2]string
	Same  bool
}

var conflictWords = map[string]word{
	"hint": {
		"userId が違うのに、同じアドレスや番号を持つリードです。自動では統合しません。見比べて、同じ人かどうかを決めてください。統合は nurture lead unmerge で取り消せます（送ったメッセージや引き渡しは、そのまま残ります）。",
		"These leads have different userIds and an address or a number in common. They are never made one by themselves: compare them, and say what they are. nurture lead unmerge takes a merge back; what was sent and handed over stays done.",
	},
	"have_same": {"が同じ", "is the same"}, "since": {"確認", "since"}, "settled": {"別人と確認済み", "said to be two people"},
	"one": {"同じ人です…", "One person…"}, "which": {"どちらに統合しますか", "Which of them stays?"},
	"merge": {"統合する", "Make them one"}, "two": {"別人です", "Two people"},
	"none": {"ありません。", "There are none."}, "more": {"ほかにもあります。決めたものから一覧を外れます。", "There are more. Those that are settled leave the list."},
	"show_all": {"別人と確認済みのものも表示", "Show those too that are settled"}, "show_open": {"未確認だけを表示", "Show open ones only"},
	"user_id": {"userId", "userId"}, "stage": {"ステージ", "Stage"}, "first_seen": {"初回", "First seen"}, "last_seen": {"最終", "Last seen"},
	"segments": {"セグメント", "Segments"}, "workflows": {"ワークフロー", "Workflows"}, "toss_ups": {"トスアップ", "Toss-ups"}, "consents": {"同意", "Consents"},
}

func (s *Server) routeConflicts(page func(pattern string, h http.HandlerFunc)) {
	page("GET /conflicts", s.showConflicts)
	page("POST /conflicts", s.settleFromPage)
}

// conflictsShown is how many pairs a page shows: each is a table of its own.
const conflictsShown = 20

func (s *Server) showConflicts(w http.ResponseWriter, r *http.Request) {
	all := r.URL.Query().Get("all") != ""
	list, err := s.conflicts(conflictsShown+1, all)
	if err != nil {
		s.message(w, r, err)
		return
	}
	v := s.view(r, "conflicts")
	sc := &scribe{s: s, v: v, spec: &engine.Spec{}, titles: map[engine.LeadID]string{}}
	if p := s.options.Desk.Program(); p != nil {
		sc.spec = p.Spec()
	}
	body := conflictsView{Lang: v.Lang, All: all, More: len(list.Conflicts) > conflictsShown}
	for i := range list.Conflicts[:min(len(list.Conflicts), conflictsShown)] {
		pair, err := sc.conflict(&list.Conflicts[i])
		if err != nil {
			s.message(w, r, err)
			return
		}
		body.Pairs = append(body.Pairs, pair)
	}
	s.render(w, r, http.StatusOK, "conflicts_page", "conflicts", body)
}

// conflict puts two leads side by side.
func (sc *scribe) conflict(d *ConflictDoc) (conflictPair, error) {
	say := speaker{sc.v, sc.spec}
	since := d.Since
	pair := conflictPair{Name: say.attribute(d.Attribute), Since: &since, Settled: d.Settled}
	var sides [2]map[string]string
	var order []string
	for i, name := range []string{d.Lead, d.Other} {
		id, _ := engine.ParseLeadID(name)
		var l engine.Lead
		if _, err := sc.s.options.People.Lead(id, &l); err != nil {
			return pair, fmt.Errorf("read a lead of a conflict: %w", err)
		}
		pair.Sides[i] = sc.person(id)
		doc := sc.s.describe(&l)
		if v, has := doc.Attributes[d.Attribute]; has {
			pair.Value = say.value(v).Value
		}
		sides[i] = map[string]string{}
		for _, line := range sc.sideOf(say, doc) {
			name := line.Name
			for _, taken := sides[i][name]; taken; _, taken = sides[i][name] {
				name += "\x00" // a label of the workspace may be a word of ours
			}
			if !slices.Contains(order, name) {
				order = append(order, name)
			}
			sides[i][name] = line.Value
		}
	}
	for _, name := range order {
		a, b := sides[0][name], sides[1][name]
		pair.Rows = append(pair.Rows, conflictLine{strings.TrimRight(name, "\x00"), [2]string{orDash(a), orDash(b)}, a == b})
	}
	return pair, nil
}

// sideOf is what there is to compare of a lead, in the order in which it is read.
func (sc *scribe) sideOf(say speaker, doc *LeadDoc) []pair {
	view := conflictsView{Lang: sc.v.Lang}
	rows := []pair{
		{Name: view.W("user_id"), Value: doc.User},
		{Name: view.W("stage"), Value: say.stage(doc.Stage)},
		{Name: view.W("first_seen"), Value: sc.v.Clock(doc.FirstSeen)},
		{Name: view.W("last_seen"), Value: sc.v.Clock(doc.Now)},
	}
	for _, score := range doc.Scores {
		row := sc.score(score)
		rows = append(rows, pair{Name: row.Name, Value: row.Value})
	}
	rows = append(rows, sc.attributes(say, doc)...)
	several := func(name string, list []string) {
		if len(list) > 0 {
			rows = append(rows, pair{Name: view.W(name), Value: strings.Join(list, ", ")})
		}
	}
	var segments, runs, offers, consents []string
	for _, name := range doc.Segments {
		segments = append(segments, say.segment(name))
	}
	for _, run := range doc.Workflows {
		runs = append(runs, say.workflow(run.Workflow)+" ("+run.Step+")")
	}
	for _, o := range doc.TossUps {
		if row, told := sc.offer(say, o); told {
			offers = append(offers, row.Name+" ("+row.State+")")
		}
	}
	for _, c := range doc.Consents {
		row := sc.consent(say, c)
		consents = append(consents, row.Name+" ("+row.State+")")
	}
	several("segments", segments)
	several("workflows", runs)
	several("toss_ups", offers)
	several("consents", consents)
	return rows
}

// verdicts are what the page's form says: whether they are one, and which stays.
var verdicts = map[string]bool{"first": true, "second": true, "apart": false}

// settleFromPage takes a verdict that is given in the console.
func (s *Server) settleFromPage(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	first, second, word := r.PostFormValue("first"), r.PostFormValue("second"), r.PostFormValue("verdict")
	_, ok := engine.ParseLeadID(first)
	_, also := engine.ParseLeadID(second)
	same, known := verdicts[word]
	if !ok || !also || !known {
		s.message(w, r, newProblem(http.StatusBadRequest, "bad_verdict",
			"a verdict names two leads and is one of "+strings.Join(slices.Sorted(maps.Keys(verdicts)), ", ")))
		return
	}
	if word == "second" {
		first, second = second, first
	}
	_, err := s.settleConflict(r.Context(), &ConflictVerdict{Lead: first, Other: second, Same: same})
	if err != nil && !errors.Is(err, errNoConflict) && !errors.Is(err, errSameLead) { // somebody was quicker: the list shows it
		s.message(w, r, err)
		return
	}
	http.Redirect(w, r, "/conflicts", http.StatusSeeOther)
}
