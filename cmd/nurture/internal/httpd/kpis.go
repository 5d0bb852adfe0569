package httpd

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/kpi"
)

// KPIDoc is a key figure with its parts by label, how it stands against its target
// and thresholds, how it went, and what to try where it is bad.
type KPIDoc struct {
	Name      string         `json:"name"`
	Label     string         `json:"label,omitempty"`
	Kind      string         `json:"kind" enum:"count,rate,formula,sum"`
	Of        string         `json:"of,omitempty" doc:"What is counted, the rate's two events, or the formula."`
	Window    string         `json:"over,omitempty" doc:"The span of time that the figure covers; absent: all of it."`
	Within    string         `json:"within,omitempty" doc:"A rate's time to react: what is younger is not judged yet."`
	By        []string       `json:"by,omitempty" doc:"What it is told apart by."`
	Target    float64        `json:"target,omitempty"`
	Better    string         `json:"better" enum:"higher,lower" doc:"Which way is the good one."`
	Volume    bool           `json:"volume,omitempty" doc:"It only tells how much was done; more is not better by itself."`
	MinSample int            `json:"min_sample,omitempty"`
	Achieved  *float64       `json:"achieved,omitempty" doc:"How much of the target is reached, 1 for all of it."`
	State     string         `json:"state,omitempty" enum:"ok,pending,firing,recovering,no_data" doc:"The worst of its thresholds; absent: it has none."`
	Total     FigureDoc      `json:"total"`
	Parts     []PartDoc      `json:"parts,omitempty" doc:"The figure by its labels."`
	Watches   []WatchDoc     `json:"thresholds,omitempty" doc:"The thresholds of a figure without labels; with labels they stand at the parts."`
	History   []PointDoc     `json:"history,omitempty" doc:"The figure day by day, or whatever step was asked for, oldest first."`
	Advice    *AdviceDoc     `json:"advice,omitempty" doc:"Where to repair it, and what to try; only where it is bad."`
	Reasons   []UnreachedDoc `json:"reasons,omitempty" doc:"Of reachable(): who may not be written to, and why."`

	hours []float64 // of the last day, for a drawing
}

// FigureDoc is a count, or a rate with the interval in which it may be trusted.
type FigureDoc struct {
	Count   int64    `json:"count" doc:"The count, a rate's numerator, or a sum in whole numbers."`
	Of      int64    `json:"of,omitempty" doc:"A rate's denominator: what was judged."`
	Value   *float64 `json:"value,omitempty" doc:"The rate, the formula's result or the sum; absent while nothing was judged."`
	Low     *float64 `json:"low,omitempty" doc:"Lower end of the 95 % Wilson interval."`
	High    *float64 `json:"high,omitempty"`
	Waiting int64    `json:"waiting,omitempty" doc:"What is too young to be judged: no failure yet."`
	Few     bool     `json:"few,omitempty" doc:"The sample is smaller than min_sample."`
}

// Join adds up the figures of two different parts.
func (f FigureDoc) Join(other FigureDoc, rate bool, sample int) FigureDoc {
	sum := FigureDoc{Count: f.Count + other.Count, Of: f.Of + other.Of, Waiting: f.Waiting + other.Waiting}
	judged := sum.Count
	if rate {
		judged = sum.Of
		share := kpi.Rate{N: sum.Count, Of: sum.Of}
		if value, ok := share.Value(); ok {
			sum.Value = &value
		}
		if i, ok := share.Wilson(engine.Confidence); ok {
			sum.Low, sum.High = &i.Low, &i.High
		}
	}
	if !rate && (f.Value != nil || other.Value != nil) {
		added := 0.0
		for _, v := range []*float64{f.Value, other.Value} {
			if v != nil {
				added += *v
			}
		}
		sum.Value = &added
	}
	sum.Few = judged < int64(sample)
	return sum
}

// PartDoc is a figure of one combination of labels.
type PartDoc struct {
	Labels map[string]string `json:"labels"`
	FigureDoc
	State   string     `json:"state,omitempty" enum:"ok,pending,firing,recovering,no_data"`
	Watches []WatchDoc `json:"thresholds,omitempty"`
}

// WatchDoc is how a threshold stands.
type WatchDoc struct {
	Name    string     `json:"name"`
	When    string     `json:"when"`
	State   string     `json:"state" enum:"ok,pending,firing,recovering,no_data"`
	Since   *time.Time `json:"since,omitempty"`
	Verdict uint32     `json:"verdict" doc:"How many breaches and recoveries there were."`
	Value   *float64   `json:"value,omitempty" doc:"The figure when the state changed last."`
}

// PointDoc is the figure of one stretch of time.
type PointDoc struct {
	At    time.Time `json:"at" doc:"When the stretch begins."`
	Value *float64  `json:"value,omitempty" doc:"Absent where nothing was judged."`
	Of    int64     `json:"of,omitempty"`
	Young bool      `json:"young,omitempty" doc:"Some of it is too young to be judged."`
}

// UnreachedDoc is how many leads may not be written to for a reason.
type UnreachedDoc struct {
	Reason string `json:"reason"`
	Count  int64  `json:"count"`
}

// KPIQuery says how much of the figures is wanted.
type KPIQuery struct {
	Name  string        // "" for all
	Since time.Duration // how far back the history goes; 0: no history
	Step  time.Duration // of the history; 0: a day
}

// ReadKPIs reads key figures from counters and from the entities that watch them.
func ReadKPIs(p *engine.Program, counts engine.Counts, lead func(engine.LeadID, *engine.Lead) (bool, error), now engine.Time, q KPIQuery) ([]KPIDoc, error) {
	docs := []KPIDoc{}
	r := kpiReader{p: p, figures: p.Figures(counts, now), counts: counts, lead: lead, now: now, q: q}
	spec := p.Spec()
	for i := range spec.KPIs {
		k := &spec.KPIs[i]
		if q.Name != "" && q.Name != k.Name {
			continue
		}
		doc, err := r.doc(k)
		if err != nil {
			return nil, err
		}
		docs = append(docs, doc)
	}
	return docs, nil
}

// kpis are the figures as pages and the API show them.
func (s *Server) kpis() ([]KPIDoc, error) { return s.kpisOf(KPIQuery{}) }

func (s *Server) kpisOf(q KPIQuery) ([]KPIDoc, error) {
	p := s.options.Desk.Program()
	if p == nil {
		return []KPIDoc{}, nil
	}
	return ReadKPIs(p, s.options.Ledger.Counts, s.options.People.Lead, engine.TimeOf(s.now()), q)
}

type kpiReader struct {
	p       *engine.Program
	figures *engine.Figures
	counts  engine.Counts
	lead    func(engine.LeadID, *engine.Lead) (bool, error)
	now     engine.Time
	q       KPIQuery
}

func (r *kpiReader) doc(k *engine.KPISpec) (KPIDoc, error) {
	f, err := r.figures.Figure(k.Name)
	if err != nil {
		return KPIDoc{}, err
	}
	doc := KPIDoc{
		Name: k.Name, Label: k.Label, Kind: kindOfFigure(k), Of: madeOf(k), By: k.By, Target: k.Target,
		Better: k.Better.String(), Volume: k.Volume, MinSample: k.MinSample, Total: figureDoc(k, &f.Total),
	}
	if k.Over > 0 {
		doc.Window = k.Over.String()
	}
	if k.Within > 0 {
		doc.Within = k.Within.String()
	}
	if achieved, ok := k.Better.Reached(f.Total.Value, k.Target); ok && f.Total.Known {
		doc.Achieved = &achieved
	}
	for i := range f.Parts {
		if part := &f.Parts[i]; !part.Empty() {
			doc.Parts = append(doc.Parts, PartDoc{Labels: labelMap(part.Labels), FigureDoc: figureDoc(k, &part.Reading)})
		}
	}
	if err := r.states(k, f, &doc); err != nil {
		return doc, err
	}
	doc.hours = r.lastDay(k)
	if r.q.Since > 0 {
		if doc.History, err = r.history(k); err != nil {
			return doc, err
		}
	}
	if doc.Reasons, err = r.reasons(k); err != nil {
		return doc, err
	}
	if bad(&doc) {
		doc.Advice = adviceFor(k)
	}
	return doc, nil
}

func kindOfFigure(k *engine.KPISpec) string {
	switch {
	case k.Value != nil:
		return "formula"
	case k.Rate != "":
		return "rate"
	case k.Sum != nil:
		return "sum"
	}
	return "count"
}

// madeOf says in the words of the file what a figure is made of.
func madeOf(k *engine.KPISpec) string {
	switch {
	case k.Value != nil:
		return k.Value.Source()
	case k.Rate != "":
		return k.Rate + " / " + k.Of
	case k.Sum != nil:
		return k.Count + "." + k.Sum.Name
	}
	return k.Count
}

func figureDoc(k *engine.KPISpec, m *engine.Reading) FigureDoc {
	d := FigureDoc{Count: m.N, Of: m.Of, Waiting: m.Waiting, Few: !m.Enough}
	if m.Known && (m.Rate || k.Value != nil || k.Sum != nil) {
		value := m.Value
		d.Value = &value
	}
	if m.Interval != nil {
		d.Low, d.High = &m.Interval.Low, &m.Interval.High
	}
	return d
}

// levels are the states from the best to the worst.
var levels = []string{"no_data", "ok", "recovering", "pending", "firing"}

func worse(a, b string) string {
	if slices.Index(levels, b) > slices.Index(levels, a) {
		return b
	}
	return a
}

// states reads how the thresholds stand, from the entities that watch them.
func (r *kpiReader) states(k *engine.KPISpec, f *engine.Figure, doc *KPIDoc) error {
	if len(k.Thresholds) == 0 {
		return nil
	}
	doc.State = kpi.NoData.String()
	if len(k.By) == 0 {
		watches, state, err := r.watches(k, "")
		doc.Watches, doc.State = watches, state
		return err
	}
	shown := 0
	for i := range f.Parts {
		watches, state, err := r.watches(k, f.Parts[i].Labels)
		if err != nil {
			return err
		}
		doc.State = worse(doc.State, state)
		if !f.Parts[i].Empty() {
			doc.Parts[shown].Watches, doc.Parts[shown].State = watches, state
			shown++
		}
	}
	return nil
}

func (r *kpiReader) watches(k *engine.KPISpec, labels string) (list []WatchDoc, state string, err error) {
	var l engine.Lead
	found, err := r.lead(engine.FigureID(k.Name, labels), &l)
	if err != nil {
		return nil, "", fmt.Errorf("read the state of kpi %s: %w", k.Name, err)
	}
	state = kpi.NoData.String()
	for i := range k.Thresholds {
		t := &k.Thresholds[i]
		doc := WatchDoc{Name: t.Name, When: conditionsOf(t), State: kpi.NoData.String()}
		if found {
			if w := l.Figure.Watch(t.Name); w != nil {
				doc.State, doc.Verdict, doc.Since = w.State.String(), w.Verdict, instant(engine.Time(w.Since))
				value := w.Value
				doc.Value = &value
			}
		}
		state = worse(state, doc.State)
		list = append(list, doc)
	}
	return list, state, nil
}

func conditionsOf(t *engine.ThresholdSpec) string {
	var list []string
	for _, c := range t.When {
		list = append(list, c.Source())
	}
	return strings.Join(list, " and ")
}

// lastDay are the counts of the last 24 hours.
func (r *kpiReader) lastDay(k *engine.KPISpec) []float64 {
	if k.Value != nil {
		return nil
	}
	this := kpi.HourOfMillis(r.now)
	hours := make([]float64, 24)
	_ = r.counts("kpi:"+k.Name, max(0, this-23), this+1, func(d engine.Delta) error {
		if d.Part == 0 {
			hours[d.Hour-this+23] += k.Total(d.N)
		}
		return nil
	})
	return hours
}

// maxPoints bounds a history.
const maxPoints = 400

// history reads the figure stretch by stretch, up to now. A stretch ends with a
// full one of the project's days where it is a day.
func (r *kpiReader) history(k *engine.KPISpec) ([]PointDoc, error) {
	step := max(time.Hour, r.q.Step)
	if r.q.Step == 0 {
		step = 24 * time.Hour
	}
	length := int64(step / time.Hour)
	n := min(maxPoints, max(1, int64(r.q.Since/step)))
	end := kpi.HourOfMillis(r.now) + 1
	if length == 24 {
		local := r.now.In(r.p.Spec().Zone)
		end = kpi.HourOf(time.Date(local.Year(), local.Month(), local.Day()+1, 0, 0, 0, 0, local.Location()))
	}
	points := make([]PointDoc, 0, n)
	for i := n; i > 0; i-- {
		from := end - i*length
		f, err := r.figures.Between(from, from+length).Figure(k.Name)
		if err != nil {
			return nil, err
		}
		p := PointDoc{At: kpi.HourStart(from), Of: f.Total.Of, Young: f.Total.Waiting > 0}
		if f.Total.Known {
			value := f.Total.Value
			p.Value = &value
		}
		points = append(points, p)
	}
	return points, nil
}

// reasons are why the others may not be written to, of a figure that is
// reachable('channel').
func (r *kpiReader) reasons(k *engine.KPISpec) ([]UnreachedDoc, error) {
	if k.Value == nil || len(k.Value.Figures()) != 1 {
		return nil, nil
	}
	channel, ok := strings.CutPrefix(k.Value.Figures()[0], "reachable:")
	if !ok {
		return nil, nil
	}
	sums := map[string]int64{}
	err := r.counts("reachable:"+channel, 0, math.MaxInt64, func(d engine.Delta) error {
		if d.Part == 0 {
			sums[d.Labels] += d.N
		} else {
			sums[d.Labels] -= d.N
		}
		return nil
	})
	var list []UnreachedDoc
	for labels, n := range sums {
		if why := labelMap(labels)["why"]; n != 0 && why != "ok" {
			list = append(list, UnreachedDoc{why, n})
		}
	}
	slices.SortFunc(list, func(a, b UnreachedDoc) int {
		if a.Count != b.Count {
			return int(b.Count - a.Count)
		}
		return strings.Compare(a.Reason, b.Reason)
	})
	return list, err
}

// bad reports a figure that wants repair: a threshold is breached or about to be,
// or the target is missed by evidence.
func bad(d *KPIDoc) bool {
	if d.State == "firing" || d.State == "pending" {
		return true
	}
	return d.Achieved != nil && *d.Achieved < 1 && !d.Total.Few && !d.Volume
}

func labelMap(labels string) map[string]string {
	m := map[string]string{}
	for _, pair := range engine.SplitLabels(labels) {
		m[pair.Name] = pair.Value.Text()
	}
	return m
}

func labelText(m map[string]string) string {
	parts := make([]string, 0, len(m))
	for name, value := range m {
		parts = append(parts, name+"="+value)
	}
	slices.Sort(parts)
	return strings.Join(parts, " ")
}
