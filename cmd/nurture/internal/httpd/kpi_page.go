package httpd

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// figureView is a figure on the console.
type figureView struct {
	Name, Label, Of          string
	Value, Sample, Interval  string
	Target, Achieved, Better string
	State, Mood              string // State is the name of a word, "" for none
	Waiting                  string
	Few, Volume              bool
	Chart                    chartView
	Watches                  []WatchDoc
	Parts                    []figurePart
	Reasons                  []UnreachedDoc
	Likely                   string
	Try                      []tryView
	Over, Within             string
	Line, Area               string
}

type figurePart struct {
	Labels, Value, Sample, Interval, Waiting string
	State, Mood                              string
}

type tryView struct{ Text, Write string }

// chartView is a figure's history as a drawing.
type chartView struct {
	Lines  []string  // paths; what was not judged leaves gaps between them
	Dots   []dotView // every point with its value in words
	Target string    // y of the target's line, "" for none
	Top    string    // what the upper edge stands for
	First  *time.Time
	Last   *time.Time
}

type dotView struct {
	X, Y, Text string
	Young      bool
}

// levelMood is the colour of a state.
var levelMood = map[string]string{"ok": "ok", "pending": "warn", "firing": "bad", "recovering": "warn"}

func (s *Server) routeKPIs(page func(string, http.HandlerFunc)) {
	page("GET /kpis", s.showKPIs)
	page("GET /kpis/{name}", s.showKPI)
}

// historyShown is how far back the console draws figures.
const historyShown = 28 * 24 * time.Hour

func (s *Server) showKPIs(w http.ResponseWriter, r *http.Request) {
	docs, err := s.kpisOf(KPIQuery{Since: historyShown})
	if err != nil {
		s.message(w, r, err)
		return
	}
	v := s.view(r, "kpis")
	views := make([]figureView, 0, len(docs))
	for i := range docs {
		views = append(views, v.figure(&docs[i]))
	}
	s.render(w, r, http.StatusOK, "kpis", "kpis", views)
}

func (s *Server) showKPI(w http.ResponseWriter, r *http.Request) {
	doc, err := s.oneKPI(KPIQuery{Name: r.PathValue("name"), Since: 3 * historyShown})
	if err != nil {
		if p := problemOf(err); p.Status == http.StatusNotFound {
			s.render(w, r, http.StatusNotFound, "message", "kpis", "no_kpi")
			return
		}
		s.message(w, r, err)
		return
	}
	v := s.view(r, "kpis")
	s.render(w, r, http.StatusOK, "kpi", "kpis", v.figure(doc))
}

// figure puts a figure into words.
func (v *view) figure(d *KPIDoc) figureView {
	view := figureView{
		Name: d.Name, Label: d.Label, Of: d.Of, Value: figureText(d, &d.Total), Sample: sampleOf(d, &d.Total),
		Interval: intervalOf(&d.Total), Better: v.T(d.Better + "_better"), State: d.State, Mood: levelMood[d.State],
		Few: d.Total.Few, Volume: d.Volume, Watches: d.Watches, Reasons: d.Reasons, Over: d.Window, Within: lengthIn(v.Lang, d.Within),
	}
	if view.Label == "" {
		view.Label = d.Name
	}
	if d.Target != 0 {
		view.Target = shareText(isShareDoc(d), d.Target)
	}
	if d.Achieved != nil {
		view.Achieved = percent(*d.Achieved)
		if view.Mood == "" && !d.Total.Few {
			view.Mood = map[bool]string{true: "ok", false: "warn"}[*d.Achieved >= 1]
		}
	}
	if d.Total.Waiting > 0 {
		view.Waiting = count(d.Total.Waiting)
	}
	for i := range d.Parts {
		p := &d.Parts[i]
		part := figurePart{
			Labels: labelText(p.Labels), Value: figureText(d, &p.FigureDoc), Sample: sampleOf(d, &p.FigureDoc),
			Interval: intervalOf(&p.FigureDoc), State: p.State, Mood: levelMood[p.State],
		}
		if p.Waiting > 0 {
			part.Waiting = count(p.Waiting)
		}
		view.Parts = append(view.Parts, part)
	}
	if a := d.Advice; a != nil {
		view.Likely = a.Likely.In(string(v.Lang))
		for _, t := range a.Try {
			view.Try = append(view.Try, tryView{t.In(string(v.Lang)), t.Write})
		}
	}
	view.Chart = chartOf(d)
	view.Line, view.Area = sparkline(valuesOf(d.History), sparkWidth, sparkHeight)
	return view
}

func isShareDoc(d *KPIDoc) bool { return d.Kind == "rate" || d.Total.Of > 0 }

func shareText(share bool, value float64) string {
	if share {
		return percent(value)
	}
	return decimal(value)
}

func figureText(d *KPIDoc, f *FigureDoc) string {
	switch {
	case d.Kind == "count":
		return count(f.Count)
	case f.Value == nil:
		return "–"
	}
	return shareText(d.Kind == "rate" || f.Of > 0, *f.Value)
}

func sampleOf(d *KPIDoc, f *FigureDoc) string {
	if d.Kind == "rate" || f.Of > 0 {
		return count(f.Count) + " / " + count(f.Of)
	}
	return ""
}

func intervalOf(f *FigureDoc) string {
	if f.Low == nil || f.High == nil {
		return ""
	}
	return percent(*f.Low) + "–" + percent(*f.High)
}

func valuesOf(points []PointDoc) []float64 {
	var values []float64
	for i := range points {
		if v := points[i].Value; v != nil {
			values = append(values, *v)
		}
	}
	return values
}

// Measures of the chart.
const (
	chartWidth  = 720
	chartHeight = 160
)

// chartOf draws a figure's history from nought up to its greatest value, or its
// target where that is greater.
func chartOf(d *KPIDoc) chartView {
	n := len(d.History)
	if n < 2 {
		return chartView{}
	}
	top := d.Target
	for _, v := range valuesOf(d.History) {
		top = max(top, v)
	}
	if top <= 0 {
		top = 1
	}
	share := isShareDoc(d)
	c := chartView{Top: shareText(share, top), First: &d.History[0].At, Last: &d.History[n-1].At}
	y := func(v float64) string { return fmt.Sprintf("%.1f", 4+(1-max(0, v)/top)*(chartHeight-8)) }
	if d.Target > 0 {
		c.Target = y(d.Target)
	}
	var line strings.Builder
	flush := func() {
		if line.Len() > 0 {
			c.Lines = append(c.Lines, line.String())
		}
		line.Reset()
	}
	for i := range d.History {
		p := &d.History[i]
		if p.Value == nil {
			flush()
			continue
		}
		x := fmt.Sprintf("%.1f", float64(i)*chartWidth/float64(n-1))
		letter := "L"
		if line.Len() == 0 {
			letter = "M"
		}
		line.WriteString(letter + x + " " + y(*p.Value))
		c.Dots = append(c.Dots, dotView{x, y(*p.Value), p.At.Format(time.DateOnly) + "  " + shareText(share, *p.Value), p.Young})
	}
	flush()
	return c
}
