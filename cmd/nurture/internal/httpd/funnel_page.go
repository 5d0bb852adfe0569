package httpd

import (
	"net/http"
	"strings"

	"github.com/seed-456efde2/nurture/engine"
)

// funnelPage is the page of the funnels and the stages.
type funnelPage struct {
	Funnels []funnelView
	Stages  []stageView
	Moves   []moveView
	Overdue []overdueView
}

// funnelView is a funnel on its page.
type funnelView struct {
	Name, Title, Head string
	Table             [][]string
	Says              []string
	Periods           [][]string
	Parts             [][]string
	Cohorts           [][]string
	Holdouts          [][]string
}

type stageView struct {
	Label                                                         string
	Here, Entered, Left, Back, Median, P90, Within, Overdue, Kept string
}

type moveView struct {
	From, To, Count string
	Back            bool
	Reasons         []string
}

type overdueView struct {
	person
	Stage string
	Since string
}

func (s *Server) routeFunnels(page func(string, http.HandlerFunc)) {
	page("GET /funnels", s.showFunnels)
	page("GET /funnels/{file}", s.showFunnelChart)
}

func (s *Server) showFunnels(w http.ResponseWriter, r *http.Request) {
	v := s.view(r, "funnels")
	page, err := s.funnelPage(v)
	if err != nil {
		s.message(w, r, err)
		return
	}
	s.render(w, r, http.StatusOK, "funnels", "funnels", page)
}

func (s *Server) funnelPage(v *view) (*funnelPage, error) {
	list, err := s.funnels(&FunnelQuery{Per: "month"})
	if err != nil {
		return nil, err
	}
	page := &funnelPage{}
	for i := range list.Funnels {
		page.Funnels = append(page.Funnels, s.funnelView(v, &list.Funnels[i]))
	}
	stages, err := s.lifecycle("")
	if err != nil {
		return nil, err
	}
	page.lifecycle(s, v, &stages)
	return page, nil
}

func (s *Server) funnelView(v *view, d *FunnelDoc) funnelView {
	language := string(v.Lang)
	f := funnelView{Name: d.Name, Title: labelOr(d.Label, d.Name), Head: FunnelHead(d, language), Table: FunnelTable(d, language), Says: FunnelSays(d, language)}
	f.Periods = PartRows(d, d.Periods, v.T("month"))
	if d.By != "" {
		f.Parts = PartRows(d, d.Parts, labelOr(d.ByLabel, d.By))
	}
	f.Cohorts = CohortRows(d, language)
	for i := range d.Holdouts {
		h := &d.Holdouts[i]
		row := []string{labelOr(h.Label, h.Workflow), h.Goal, "–", "–", "–"}
		if h.In.Rate != nil {
			row[2] = percent(*h.In.Rate)
		}
		if h.HeldOut.Rate != nil {
			row[3] = percent(*h.HeldOut.Rate)
		}
		if h.Points != nil {
			row[4] = percent(h.Points.Value) + " (" + percent(h.Points.Low) + "–" + percent(h.Points.High) + ")"
		}
		f.Holdouts = append(f.Holdouts, row)
	}
	return f
}

// PartRows are parts of a funnel as rows of texts, the head first.
func PartRows(d *FunnelDoc, parts []FunnelPartDoc, title string) [][]string {
	head := []string{title}
	for i := range d.Steps {
		head = append(head, labelOr(d.Steps[i].Label, d.Steps[i].Name))
	}
	rows := [][]string{head}
	for i := range parts {
		name := parts[i].Name
		if name == "" {
			name = "–"
		}
		row := []string{name}
		for j := range d.Steps {
			row = append(row, count(parts[i].Passed[d.Steps[j].Name]))
		}
		rows = append(rows, row)
	}
	return rows
}

// CohortRows are a funnel's cohorts as rows of texts, the head first. A window that
// part of a cohort has not had yet says for how many it speaks.
func CohortRows(d *FunnelDoc, language string) [][]string {
	pick := func(en, ja string) string { return word{ja, en}.in(lang(language)) }
	if len(d.Cohorts) == 0 || len(d.Steps) == 0 {
		return nil
	}
	head := []string{pick("began", "開始"), labelOr(d.Steps[0].Label, d.Steps[0].Name)}
	for _, w := range d.Cohorts[0].Within {
		head = append(head, pick("within "+count(w.Days)+" d", count(w.Days)+"日以内"))
	}
	rows := [][]string{append(head, pick("ever", "累計"))}
	for i := range d.Cohorts {
		c := &d.Cohorts[i]
		row := []string{c.Name, count(c.Passed)}
		for _, w := range c.Within {
			cell := "–"
			if w.Rate != nil {
				cell = percent(*w.Rate)
			}
			if w.Waiting > 0 {
				cell += pick(" · "+count(w.Waiting)+" not ripe", " · 未判定 "+count(w.Waiting))
			}
			row = append(row, cell)
		}
		rows = append(rows, append(row, count(c.Ever)))
	}
	return rows
}

// lifecycle fills in the stages.
func (page *funnelPage) lifecycle(s *Server, v *view, d *LifecycleDoc) {
	days := func(n *float64) string {
		if n == nil {
			return "–"
		}
		return decimal(*n) + " " + v.T("days")
	}
	stages := map[string]string{}
	for i := range d.Stages {
		st := &d.Stages[i]
		stages[st.Name] = labelOr(st.Label, st.Name)
		row := stageView{
			Label: labelOr(st.Label, st.Name), Here: count(st.Here), Entered: count(st.Entered), Left: count(st.Left), Back: count(st.Back),
			Median: days(st.Median), P90: days(st.P90), Within: st.Within, Overdue: count(st.Overdue), Kept: "–",
		}
		if st.Kept != nil {
			row.Kept = percent(*st.Kept)
		}
		page.Stages = append(page.Stages, row)
	}
	for i := range d.Moves {
		m := &d.Moves[i]
		row := moveView{From: labelOr(stages[m.From], m.From), To: labelOr(stages[m.To], m.To), Count: count(m.Count), Back: m.Back}
		for j := range m.Why[:min(len(m.Why), reasonsShown)] {
			row.Reasons = append(row.Reasons, m.Why[j].In(string(v.Lang))+" × "+count(m.Why[j].Count))
		}
		page.Moves = append(page.Moves, row)
	}
	sc := &scribe{s: s, v: v, titles: map[engine.LeadID]string{}}
	for i := range d.Overdue {
		if i == overdueShown {
			break
		}
		o := &d.Overdue[i]
		page.Overdue = append(page.Overdue, overdueView{sc.person(mustLead(o.Lead)), labelOr(stages[o.Stage], o.Stage), v.Clock(o.Since)})
	}
}

// mustLead reads an id that this server wrote itself.
func mustLead(text string) engine.LeadID {
	id, _ := engine.ParseLeadID(text)
	return id
}

// reasonsShown is how many reasons of a move the page lists; the API has all.
const reasonsShown = 5

// overdueShown is how many overdue leads the page lists; the API has more.
const overdueShown = 20

// showFunnelChart serves a funnel as a file of its own: NAME.svg or NAME.csv.
func (s *Server) showFunnelChart(w http.ResponseWriter, r *http.Request) {
	file := r.PathValue("file")
	name, isChart := strings.CutSuffix(file, ".svg")
	name, isTable := strings.CutSuffix(name, ".csv")
	doc, err := s.funnel(name, &FunnelQuery{Per: "month"})
	if err != nil || !isChart && !isTable {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	if isTable {
		w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		w.Header().Set("Content-Disposition", `attachment; filename="funnel.csv"`)
		_ = WriteFunnelCSV(w, &doc) // whoever asked has gone
		return
	}
	w.Header().Set("Content-Type", "image/svg+xml")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
	_, _ = w.Write([]byte(FunnelSVG(&doc, string(s.view(r, "funnels").Lang))))
}
