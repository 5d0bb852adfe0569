package httpd

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/kpi"
)

// FunnelDoc is where a funnel stands at an instant.
type FunnelDoc struct {
	Name       string          `json:"name"`
	Label      string          `json:"label,omitempty"`
	Goal       int64           `json:"goal" doc:"How many are needed at the last step."`
	From       string          `json:"from" doc:"First day of the period, in the project's zone."`
	To         string          `json:"to" doc:"Last day of the period."`
	At         *time.Time      `json:"at" doc:"The instant up to which was counted."`
	Day        int             `json:"day" doc:"Today as a day of the period, from 1; 0 before it, days once it is over."`
	Days       int             `json:"days"`
	Steps      []FunnelStepDoc `json:"steps"`
	Bottleneck string          `json:"bottleneck,omitempty" doc:"Step whose rate falls the most below what is expected."`
	Sure       bool            `json:"bottleneck_sure,omitempty" doc:"The bottleneck's rate is below what is expected with 95 % confidence; absent: so few leads may do that by chance."`
	Projected  float64         `json:"projected" doc:"At the last step by the end of the period, at the pace so far."`
	Lever      *LeverDoc       `json:"lever,omitempty"`
	Periods    []FunnelPartDoc `json:"periods,omitempty" doc:"Leads by the stretch of the calendar in which they passed each step."`
	By         string          `json:"by,omitempty" doc:"Attribute by which parts are told apart."`
	ByLabel    string          `json:"by_label,omitempty" doc:"What people call it."`
	Parts      []FunnelPartDoc `json:"parts,omitempty" doc:"Leads by the value of the attribute."`
	Cohorts    []CohortDoc     `json:"cohorts,omitempty" doc:"Who passed the first step in one stretch of the calendar, and how many of them passed the last one in time."`
	Holdouts   []HoldoutDoc    `json:"holdouts,omitempty" doc:"What the workflows that lead to a step of the funnel bring about, against the leads that they leave alone."`
}

// FunnelStepDoc is one step of a funnel.
type FunnelStepDoc struct {
	Name     string       `json:"name"`
	Label    string       `json:"label,omitempty"`
	Event    string       `json:"event"`
	Needed   int64        `json:"needed" doc:"In all; 0 where a rate below is not known."`
	ByToday  int64        `json:"by_today" doc:"By the end of today, as if they came evenly."`
	Actual   int64        `json:"actual"`
	Pace     *float64     `json:"pace,omitempty" doc:"actual over by_today, less 1."`
	Rate     *float64     `json:"rate,omitempty" doc:"Share of the step before, as it stands."`
	RateIn   *IntervalDoc `json:"rate_interval,omitempty" doc:"95 % Wilson interval."`
	Expected float64      `json:"expected,omitempty"`
	Observed bool         `json:"observed,omitempty" doc:"expected is not declared but observed."`
	Ripe     *float64     `json:"ripe,omitempty" doc:"Share of the step before that comes in the end, as far as it was seen: who may still come is no failure."`
	RipeIn   *IntervalDoc `json:"ripe_interval,omitempty"`
	Waiting  int64        `json:"waiting" doc:"Of the step before, who may still come."`
	Forecast float64      `json:"forecast" doc:"By the end of the period, by who is on the way and how long it takes."`
	Between  IntervalDoc  `json:"forecast_interval" doc:"95 %."`
	Lag      *LagDoc      `json:"lag,omitempty" doc:"From the step before."`
}

// IntervalDoc is a range of values.
type IntervalDoc struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// LagDoc is how long it took from one step to another.
type LagDoc struct {
	Leads  int64   `json:"leads"`
	Early  int64   `json:"early,omitempty" doc:"Leads that passed the later step first; they count as no time."`
	Median float64 `json:"median_days"`
	P90    float64 `json:"p90_days"`
	Max    float64 `json:"max_days"`
}

// LeverDoc is a rate which, raised alone, brings the goal at the pace so far.
type LeverDoc struct {
	Step   string  `json:"step"`
	Before string  `json:"before" doc:"The step before it."`
	From   float64 `json:"from"`
	To     float64 `json:"to"`
	Brings int64   `json:"brings"`
	Enough bool    `json:"enough" doc:"False: not even to, which is 1, brings the goal."`
}

// FunnelPartDoc is a part of a funnel's leads.
type FunnelPartDoc struct {
	Name   string           `json:"name" doc:"First day, month, or the attribute's value."`
	Passed map[string]int64 `json:"passed" doc:"Leads by step."`
}

// CohortDoc is a cohort of leads.
type CohortDoc struct {
	Name   string            `json:"name"`
	Passed int64             `json:"passed" doc:"Leads that passed the first step."`
	Within []CohortWithinDoc `json:"within"`
	Ever   int64             `json:"ever" doc:"Leads that passed the last step by now, however late."`
	Early  int64             `json:"early,omitempty" doc:"Leads that passed the last step before the first."`
}

// CohortWithinDoc is a cohort's rate within some days. Only who had that long is judged.
type CohortWithinDoc struct {
	Days    int64        `json:"days"`
	Count   int64        `json:"count"`
	Of      int64        `json:"of" doc:"Leads that had that long."`
	Rate    *float64     `json:"rate,omitempty"`
	RateIn  *IntervalDoc `json:"rate_interval,omitempty"`
	Waiting int64        `json:"waiting" doc:"Leads that have not had that long: not judged."`
}

// FunnelAsk says what is wanted of a funnel.
type FunnelAsk struct {
	At      engine.Time // up to when is counted
	Per     string      // "day", "week", "month": how the calendar is cut; "": a month
	Windows []int64     // days of the cohorts' windows; nil: 14, 30, 90, 180
	By      string      // value of the funnel's attribute; "": all of them
}

// defaultWindows are the days within which cohorts are judged.
var defaultWindows = []int64{14, 30, 90, 180}

// ReadFunnel reads how a funnel stands by these counters.
func ReadFunnel(p *engine.Program, counts Counts, name string, ask FunnelAsk) (FunnelDoc, error) {
	spec, err := findFunnel(p.Spec(), name)
	if err != nil {
		return FunnelDoc{}, err
	}
	r := funnelReader{p: p, spec: spec, zone: p.Spec().Zone, counts: counts, ask: ask, now: kpi.HourOfMillis(ask.At) + 1}
	return r.read()
}

func findFunnel(spec *engine.Spec, name string) (*engine.FunnelSpec, error) {
	var have []string
	for i := range spec.Funnels {
		if spec.Funnels[i].Name == name {
			return &spec.Funnels[i], nil
		}
		have = append(have, spec.Funnels[i].Name)
	}
	if len(have) == 0 {
		return nil, newProblem(http.StatusNotFound, "unknown_funnel", "the workspace has no funnel")
	}
	return nil, newProblem(http.StatusNotFound, "unknown_funnel", "there is no such funnel; there are: "+strings.Join(have, ", "))
}

// funnelReader gathers one FunnelDoc.
type funnelReader struct {
	p      *engine.Program
	spec   *engine.FunnelSpec
	zone   *time.Location
	counts Counts
	ask    FunnelAsk
	now    int64 // hour up to which, without it, is counted
	steps  []funnelCounts
}

// funnelCounts is what was counted of one step.
type funnelCounts struct {
	passed kpi.Series
	lags   []kpi.Lagged // from the step before
	cohort []kpi.Lagged // from the first step
	parts  map[string]int64
}

func (r *funnelReader) read() (FunnelDoc, error) {
	doc := FunnelDoc{Name: r.spec.Name, Label: r.spec.Label, Goal: r.spec.Goal, By: r.spec.By, At: instant(r.ask.At)}
	for i := range r.p.Spec().Attrs {
		if a := &r.p.Spec().Attrs[i]; r.spec.By != "" && a.Name == r.spec.By {
			doc.ByLabel = a.Label
		}
	}
	for i := range r.spec.Steps {
		c, err := r.step(i)
		if err != nil {
			return doc, fmt.Errorf("read the funnel %s: %w", r.spec.Name, err)
		}
		r.steps = append(r.steps, c)
	}
	r.calendar(&doc)
	report, err := r.funnel(&doc).Report()
	if err != nil {
		return doc, err
	}
	for i := range report.Rows {
		doc.Steps = append(doc.Steps, r.stepDoc(i, &report.Rows[i]))
	}
	doc.Projected = report.Projected
	if report.Bottleneck >= 0 {
		doc.Bottleneck, doc.Sure = r.spec.Steps[report.Bottleneck].Name, report.Sure
	}
	if l := report.Lever; l != nil {
		doc.Lever = &LeverDoc{
			Step: r.spec.Steps[l.Step].Name, Before: r.spec.Steps[l.Step-1].Name, From: l.From, To: l.To, Brings: l.Brings, Enough: l.Enough,
		}
	}
	r.pieces(&doc)
	doc.Holdouts, err = r.holdouts()
	return doc, err
}

// step reads the counters of a step.
func (r *funnelReader) step(i int) (funnelCounts, error) {
	name := r.spec.Steps[i].Name
	c := funnelCounts{parts: map[string]int64{}}
	var passed kpi.Counter
	err := r.each(engine.FunnelCounter(r.spec.Name, name), func(d engine.Delta, labels map[string]string) {
		c.parts[labels["by"]] += d.N
		if r.wanted(labels) {
			passed.Add(d.Hour, d.N)
		}
	})
	c.passed = passed.Series()
	var err1, err2 error
	if i > 0 {
		c.lags, err1 = r.lags(engine.FunnelLagCounter(r.spec.Name, name))
		c.cohort, err2 = r.lags(engine.FunnelCohortCounter(r.spec.Name, name))
	}
	return c, errors.Join(err, err1, err2)
}

func (r *funnelReader) wanted(labels map[string]string) bool {
	return r.ask.By == "" || labels["by"] == r.ask.By
}

// each reads a counter up to now.
func (r *funnelReader) each(name string, do func(engine.Delta, map[string]string)) error {
	return r.counts(name, 0, r.now, func(d engine.Delta) error {
		do(d, labelMap(d.Labels))
		return nil
	})
}

func (r *funnelReader) lags(name string) ([]kpi.Lagged, error) {
	sums := map[[2]int64]int64{}
	err := r.each(name, func(d engine.Delta, labels map[string]string) {
		hours, err := strconv.ParseInt(labels[engine.LagLabel], 10, 64)
		if err == nil && r.wanted(labels) {
			sums[[2]int64{d.Hour, hours}] += d.N
		}
	})
	list := make([]kpi.Lagged, 0, len(sums))
	for k, n := range sums {
		if n != 0 {
			list = append(list, kpi.Lagged{Hour: k[0], Hours: k[1], N: n})
		}
	}
	slices.SortFunc(list, func(a, b kpi.Lagged) int {
		if a.Hour != b.Hour {
			return int(a.Hour - b.Hour)
		}
		return int(a.Hours - b.Hours)
	})
	return list, err
}

// calendar says which day of the period it is.
func (r *funnelReader) calendar(doc *FunnelDoc) {
	first, end := r.spec.From.In(r.zone), r.spec.To.In(r.zone)
	doc.From, doc.To = first.Format(time.DateOnly), end.AddDate(0, 0, -1).Format(time.DateOnly)
	doc.Days = daysBetween(first, end)
	doc.Day = max(0, min(doc.Days, daysBetween(first, r.ask.At.In(r.zone))+1))
}

// daysBetween counts calendar days, whatever clock changes lie between.
func daysBetween(a, b time.Time) int {
	day := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC) }
	return int(day(b).Sub(day(a)) / (24 * time.Hour))
}

// funnel is what the arithmetic reads.
func (r *funnelReader) funnel(doc *FunnelDoc) *kpi.Funnel {
	f := &kpi.Funnel{
		Goal: r.spec.Goal, Day: doc.Day, Days: doc.Days, Now: r.now, Sure: 0.95,
		From: kpi.HourOfMillis(r.spec.From), To: kpi.HourOfMillis(r.spec.To-1) + 1,
	}
	for i := range r.spec.Steps {
		s := &r.spec.Steps[i]
		f.Steps = append(f.Steps, kpi.FunnelStep{Name: s.Name, Rate: s.Rate, Passed: r.steps[i].passed, Lags: r.steps[i].lags})
	}
	return f
}

func (r *funnelReader) stepDoc(i int, row *kpi.FunnelRow) FunnelStepDoc {
	s := &r.spec.Steps[i]
	doc := FunnelStepDoc{
		Name: s.Name, Label: s.Label, Event: s.Count, Needed: row.Needed, ByToday: row.ByToday, Actual: row.Actual,
		Expected: row.Expected, Observed: row.Observed, Waiting: row.Waiting, Forecast: row.Forecast, Between: IntervalDoc(row.Between),
		Lag: lagDoc(row.Lag),
	}
	if row.HasPace {
		doc.Pace = &row.Pace
	}
	if rate, ok := row.Rate.Value(); i > 0 && ok {
		doc.Rate = &rate
	}
	if in, ok := row.Rate.Wilson(0.95); i > 0 && ok {
		doc.RateIn = &IntervalDoc{in.Low, in.High}
	}
	if row.HasRipe {
		doc.Ripe, doc.RipeIn = &row.Ripe, &IntervalDoc{row.RipeIn.Low, row.RipeIn.High}
	}
	return doc
}

func lagDoc(l kpi.Lags) *LagDoc {
	if l.N == 0 {
		return nil
	}
	days := func(hours int64) float64 { return float64(hours) / 24 }
	return &LagDoc{Leads: l.N, Early: l.Early, Median: days(l.Median), P90: days(l.P90), Max: days(l.Max)}
}

// pieces cuts the funnel by the calendar and by its attribute.
func (r *funnelReader) pieces(doc *FunnelDoc) {
	bounds, titles := r.cuts()
	for i, title := range titles {
		part := FunnelPartDoc{Name: title, Passed: map[string]int64{}}
		for j := range r.steps {
			part.Passed[r.spec.Steps[j].Name] = r.steps[j].passed.Sum(bounds[i], min(bounds[i+1], r.now))
		}
		doc.Periods = append(doc.Periods, part)
	}
	windows := r.ask.Windows
	if windows == nil {
		windows = defaultWindows
	}
	hours := make([]int64, len(windows))
	for i, days := range windows {
		hours[i] = days * 24
	}
	last := &r.steps[len(r.steps)-1]
	for i, row := range kpi.Cohorts(r.steps[0].passed, last.cohort, bounds, hours, r.now) {
		doc.Cohorts = append(doc.Cohorts, cohortDoc(titles[i], &row, windows))
	}
	if r.spec.By != "" {
		doc.Parts = r.parts()
	}
}

func cohortDoc(title string, row *kpi.CohortRow, windows []int64) CohortDoc {
	doc := CohortDoc{Name: title, Passed: row.Passed, Ever: row.Ever, Early: row.Early}
	for i, w := range row.Within {
		d := CohortWithinDoc{Days: windows[i], Count: w.Rate.N, Of: w.Rate.Of, Waiting: w.Waiting}
		if rate, ok := w.Rate.Value(); ok {
			d.Rate = &rate
		}
		if in, ok := w.Rate.Wilson(0.95); ok {
			d.RateIn = &IntervalDoc{in.Low, in.High}
		}
		doc.Within = append(doc.Within, d)
	}
	return doc
}

// parts are the leads by the attribute's value, the most at the first step first.
func (r *funnelReader) parts() []FunnelPartDoc {
	all := map[string]map[string]int64{}
	for i := range r.steps {
		for value, n := range r.steps[i].parts {
			if n == 0 {
				continue // counted in and out again
			}
			if all[value] == nil {
				all[value] = map[string]int64{}
				for j := range r.spec.Steps {
					all[value][r.spec.Steps[j].Name] = 0
				}
			}
			all[value][r.spec.Steps[i].Name] = n
		}
	}
	parts := make([]FunnelPartDoc, 0, len(all))
	for value, passed := range all {
		parts = append(parts, FunnelPartDoc{Name: value, Passed: passed})
	}
	first := r.spec.Steps[0].Name
	slices.SortFunc(parts, func(a, b FunnelPartDoc) int {
		if d := b.Passed[first] - a.Passed[first]; d != 0 {
			return int(d)
		}
		return strings.Compare(a.Name, b.Name)
	})
	return parts
}

// cuts are the hours at which the period's days, weeks or months begin, up to now,
// with a title each. The end of the last one stands behind them.
func (r *funnelReader) cuts() (bounds []int64, titles []string) {
	at, end := r.spec.From.In(r.zone), r.spec.To.In(r.zone)
	form, next := "2006-01", func(t time.Time) time.Time {
		return time.Date(t.Year(), t.Month()+1, 1, 0, 0, 0, 0, r.zone)
	}
	switch r.ask.Per {
	case "day":
		form, next = time.DateOnly, func(t time.Time) time.Time { return t.AddDate(0, 0, 1) }
	case "week":
		form, next = time.DateOnly, func(t time.Time) time.Time { return t.AddDate(0, 0, 7-(int(t.Weekday())+6)%7) }
	}
	for at.Before(end) && kpi.HourOf(at) < r.now {
		bounds, titles = append(bounds, kpi.HourOf(at)), append(titles, at.Format(form))
		at = next(at)
	}
	if at.After(end) {
		at = end
	}
	return append(bounds, kpi.HourOf(at)), titles
}

// holdouts are the hold-outs of workflows whose goal is an event of the funnel.
func (r *funnelReader) holdouts() ([]HoldoutDoc, error) {
	events := map[string]bool{}
	for i := range r.spec.Steps {
		events[r.spec.Steps[i].Count] = true
	}
	return holdoutsOf(r.p, r.counts, r.ask.At, events)
}

// holdoutsOf are the hold-outs of workflows that have one of the events as a goal.
func holdoutsOf(p *engine.Program, counts Counts, now engine.Time, events map[string]bool) ([]HoldoutDoc, error) {
	leads := map[[2]string]bool{}
	for i := range p.Spec().Flows {
		flow := &p.Spec().Flows[i]
		for j := range flow.Goals {
			if flow.Holdout > 0 && events[flow.Goals[j].On] {
				leads[[2]string{flow.Name, flow.Goals[j].Name}] = true
			}
		}
	}
	if len(leads) == 0 {
		return nil, nil
	}
	list, err := ReadExperiments(p, counts, now)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(list.Holdouts, func(d HoldoutDoc) bool { return !leads[[2]string{d.Workflow, d.Goal}] }), nil
}
