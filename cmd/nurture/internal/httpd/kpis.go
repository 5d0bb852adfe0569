package httpd

import (
	"math"
	"slices"
	"strings"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/kpi"
)

// KPIDoc is a key figure with its parts by label.
type KPIDoc struct {
	Name   string    `json:"name"`
	Label  string    `json:"label,omitempty"`
	Kind   string    `json:"kind" enum:"count,rate"`
	Window string    `json:"over,omitempty" doc:"The span of time that the figure covers; absent: all of it."`
	Target float64   `json:"target,omitempty"`
	Total  FigureDoc `json:"total"`
	Parts  []PartDoc `json:"parts,omitempty" doc:"The figure by its labels."`

	hours []float64 // of the last day, for a drawing
}

// FigureDoc is a count, or a rate with the interval in which it may be trusted.
type FigureDoc struct {
	Count   int64    `json:"count" doc:"The count, or a rate's numerator."`
	Of      int64    `json:"of,omitempty" doc:"A rate's denominator: what was judged."`
	Value   *float64 `json:"value,omitempty" doc:"The rate; absent while nothing was judged."`
	Low     *float64 `json:"low,omitempty" doc:"Lower end of the 95 % Wilson interval."`
	High    *float64 `json:"high,omitempty"`
	Waiting int64    `json:"waiting,omitempty" doc:"What is not judged yet."`
}

// PartDoc is a figure of one combination of labels.
type PartDoc struct {
	Labels map[string]string `json:"labels"`
	FigureDoc
}

// tallies are a figure's counters by their labels: counts or numerators in [0],
// denominators in [1].
type tallies map[string]*[2]kpi.Counter

func (s *Server) kpis() ([]KPIDoc, error) {
	docs := []KPIDoc{}
	p := s.options.Desk.Program()
	if p == nil {
		return docs, nil
	}
	now := engine.TimeOf(s.now())
	spec := p.Spec()
	for i := range spec.KPIs {
		doc, err := s.kpi(&spec.KPIs[i], now)
		if err != nil {
			return nil, err
		}
		docs = append(docs, doc)
	}
	return docs, nil
}

func (s *Server) kpi(k *engine.KPISpec, now engine.Time) (KPIDoc, error) {
	doc := KPIDoc{Name: k.Name, Label: k.Label, Kind: "count", Target: k.Target}
	if k.Rate != "" {
		doc.Kind = "rate"
	}
	from := int64(math.MinInt32)
	if k.Over > 0 {
		doc.Window = k.Over.String()
		from = kpi.HourOfMillis(now.Add(-k.Over - k.Within))
	}
	all := tallies{}
	this := kpi.HourOfMillis(now)
	err := s.options.Ledger.Counts("kpi:"+k.Name, max(from, 0), this+1, func(d engine.Delta) error {
		t := all[d.Labels]
		if t == nil {
			t = new([2]kpi.Counter)
			all[d.Labels] = t
		}
		t[d.Part&1].Add(d.Hour, d.N)
		return nil
	})
	if err != nil {
		return doc, err
	}
	var sum [2]kpi.Counter
	for labels, t := range all {
		for part := range t {
			for _, p := range t[part].Series() {
				sum[part].Add(p.Hour, p.N)
			}
		}
		if labels != "" {
			doc.Parts = append(doc.Parts, PartDoc{labelMap(labels), figureOf(k, t, from, now)})
		}
	}
	slices.SortFunc(doc.Parts, func(a, b PartDoc) int { return strings.Compare(labelText(a.Labels), labelText(b.Labels)) })
	doc.Total = figureOf(k, &sum, from, now)
	for hour := this - 23; hour <= this; hour++ {
		doc.hours = append(doc.hours, float64(sum[0].Sum(hour, hour+1)))
	}
	return doc, nil
}

// figureOf reads a figure at now. A rate takes in only what nothing can answer
// any more.
func figureOf(k *engine.KPISpec, t *[2]kpi.Counter, from int64, now engine.Time) FigureDoc {
	if k.Rate == "" {
		return FigureDoc{Count: t[0].Sum(from, kpi.HourOfMillis(now)+1)}
	}
	rate, waiting := kpi.CohortRate(t[0].Series(), t[1].Series(), from, k.Within, now)
	f := FigureDoc{Count: rate.N, Of: rate.Of, Waiting: waiting}
	if value, ok := rate.Value(); ok {
		f.Value = &value
	}
	if interval, ok := rate.Wilson(0.95); ok {
		f.Low, f.High = &interval.Low, &interval.High
	}
	return f
}

func labelMap(labels string) map[string]string {
	m := map[string]string{}
	for _, pair := range strings.Split(labels, "\x1f") {
		name, value, _ := strings.Cut(pair, "=")
		m[name] = value
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
