package httpd

import (
	"bytes"
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/kpi"
	"github.com/seed-456efde2/nurture/engine/store"
)

// ReviewDoc is the report of a review: what the figures are, what they were, and
// what was changed in between.
type ReviewDoc struct {
	Name        string          `json:"name"`
	Label       string          `json:"label,omitempty"`
	At          *time.Time      `json:"at" doc:"The instant that it is made for."`
	From        *time.Time      `json:"from" doc:"Since when it tells changes."`
	Compare     string          `json:"compare"`
	KPIs        []ReviewKPI     `json:"kpis"`
	Funnels     []FunnelDoc     `json:"funnels"`
	Experiments []ExperimentDoc `json:"experiments"`
	Holdouts    []HoldoutDoc    `json:"holdouts"`
	TossUps     []ReviewTossUp  `json:"toss_ups"`
	Changes     []ReviewChange  `json:"changes"`
	Rollouts    []RolloutDoc    `json:"rollouts,omitempty" doc:"Changes of rules that were rolled out meanwhile, step by step."`
}

// ReviewKPI is a figure now and as it was.
type ReviewKPI struct {
	Name     string       `json:"name"`
	Label    string       `json:"label,omitempty"`
	Share    bool         `json:"share" doc:"The figure is a share, 1 for all."`
	Value    *float64     `json:"value,omitempty"`
	Interval *IntervalDoc `json:"interval,omitempty"`
	Count    int64        `json:"count"`
	Of       int64        `json:"of,omitempty"`
	Before   *float64     `json:"before,omitempty" doc:"As it was compare ago."`
	Target   float64      `json:"target,omitempty"`
	Achieved *float64     `json:"achieved,omitempty" doc:"How much of the target is reached, 1 for all of it."`
}

// ReviewTossUp is what became of the hand-overs of one rule within compare, and
// within the same time before.
type ReviewTossUp struct {
	Name      string              `json:"name"`
	Label     string              `json:"label,omitempty"`
	Now       TossUpCounts        `json:"now"`
	Before    TossUpCounts        `json:"before"`
	Versions  []VersionDoc        `json:"versions" doc:"All that is kept, by what the rule meant, the latest first, each with its verdict."`
	Revisions []TossUpRevisionDoc `json:"revisions,omitempty" doc:"All that is kept, by the revision that decided."`
}

// TossUpCounts are hand-overs by what became of them. Each counts under the hour of
// its offer.
type TossUpCounts struct {
	Offered       int64            `json:"offered"`
	Accepted      int64            `json:"accepted"`
	Rejected      int64            `json:"rejected"`
	Expired       int64            `json:"expired"`
	Opportunities int64            `json:"opportunities"`
	Won           int64            `json:"won"`
	Missed        int64            `json:"missed" doc:"Opportunities that came without a hand-over."`
	Reasons       map[string]int64 `json:"reasons,omitempty" doc:"Why sales sent leads back."`
	Precision     *float64         `json:"precision,omitempty" doc:"Opportunities of those offered."`
	PrecisionIn   *IntervalDoc     `json:"precision_interval,omitempty"`
}

// TossUpRevisionDoc is what became of the hand-overs of one revision.
type TossUpRevisionDoc struct {
	Revision string `json:"revision"`
	TossUpCounts
}

// ReviewChange is a revision that went live, with the figures as they were at that
// instant and as they are now.
type ReviewChange struct {
	Revision uint32       `json:"revision"`
	At       *time.Time   `json:"at"`
	Author   string       `json:"author,omitempty"`
	Files    []string     `json:"files,omitempty" doc:"Files that differ from the revision before."`
	KPIs     []ChangedKPI `json:"kpis"`
}

// ChangedKPI is a figure before and after a change.
type ChangedKPI struct {
	Name   string   `json:"name"`
	Label  string   `json:"label,omitempty"`
	Share  bool     `json:"share"`
	Before *float64 `json:"before,omitempty"`
	After  *float64 `json:"after,omitempty"`
}

// ReviewLedger is what a review reads besides counters.
type ReviewLedger interface {
	Revisions() ([]store.Revision, error)
	Sources(digest string) (map[string][]byte, error)
}

// ReadReview makes the report of a review for an instant.
func ReadReview(p *engine.Program, counts Counts, ledger ReviewLedger, spec *engine.ReviewSpec, at engine.Time) (ReviewDoc, error) {
	r := reviewer{p: p, counts: counts, at: at, from: at.Add(-spec.Compare)}
	doc := ReviewDoc{
		Name: spec.Name, Label: spec.Label, At: instant(at), From: instant(r.from), Compare: spec.Compare.String(),
		KPIs: []ReviewKPI{}, Funnels: []FunnelDoc{}, Experiments: []ExperimentDoc{}, Holdouts: []HoldoutDoc{}, TossUps: []ReviewTossUp{}, Changes: []ReviewChange{},
	}
	list, err := ReadExperiments(p, counts, at)
	if err != nil {
		return doc, fmt.Errorf("review %s: %w", spec.Name, err)
	}
	doc.Experiments, doc.Holdouts = append(doc.Experiments, list.Experiments...), list.Holdouts
	for i := range p.Spec().Funnels {
		funnel, err := ReadFunnel(p, counts, p.Spec().Funnels[i].Name, FunnelAsk{At: at})
		if err != nil {
			return doc, fmt.Errorf("review %s: %w", spec.Name, err)
		}
		doc.Funnels = append(doc.Funnels, funnel)
	}
	doc.KPIs = append(doc.KPIs, r.kpis()...)
	quality, err := ReadTossUps(p, r.until, nil, 0, at)
	if err != nil {
		return doc, fmt.Errorf("review %s: %w", spec.Name, err)
	}
	for i := range p.Spec().TossUps {
		t := r.tossUp(&p.Spec().TossUps[i])
		t.Versions = quality[i].Versions // they are in the order of the rules
		doc.TossUps = append(doc.TossUps, t)
	}
	if ledger != nil {
		changes, err := r.changes(ledger)
		if err != nil {
			return doc, fmt.Errorf("review %s: %w", spec.Name, err)
		}
		doc.Changes = append(doc.Changes, changes...)
		if doc.Rollouts, err = r.rollouts(ledger); err != nil {
			return doc, fmt.Errorf("review %s: %w", spec.Name, err)
		}
	}
	if r.err != nil {
		return doc, fmt.Errorf("review %s: %w", spec.Name, r.err)
	}
	return doc, nil
}

// reviewer gathers a report. It keeps the first error.
type reviewer struct {
	p        *engine.Program
	counts   Counts
	at, from engine.Time
	err      error
}

// until reads a counter as it stood at the report's instant.
func (r *reviewer) until(name string, from, to int64, yield func(engine.Delta) error) error {
	return r.counts(name, from, min(to, kpi.HourOfMillis(r.at)+1), yield)
}

// value is a figure as it was at an instant.
func (r *reviewer) value(figures *engine.Figures, name string) engine.Reading {
	f, err := figures.Figure(name)
	if err != nil {
		if r.err == nil {
			r.err = err
		}
		return engine.Reading{}
	}
	return f.Total
}

func known(m engine.Reading) *float64 {
	if !m.Known {
		return nil
	}
	return &m.Value
}

func (r *reviewer) kpis() []ReviewKPI {
	now, before := r.p.Figures(engine.Counts(r.counts), r.at), r.p.Figures(engine.Counts(r.counts), r.from)
	var list []ReviewKPI
	for i := range r.p.Spec().KPIs {
		k := &r.p.Spec().KPIs[i]
		m := r.value(now, k.Name)
		d := ReviewKPI{Name: k.Name, Label: k.Label, Share: m.Rate, Value: known(m), Count: m.N, Of: m.Of, Target: k.Target, Before: known(r.value(before, k.Name))}
		if m.Interval != nil {
			d.Interval = &IntervalDoc{m.Interval.Low, m.Interval.High}
		}
		if achieved, ok := k.Better.Reached(m.Value, k.Target); ok && m.Known {
			d.Achieved = &achieved
		}
		list = append(list, d)
	}
	slices.SortStableFunc(list, func(a, b ReviewKPI) int { return cmp.Compare(promised(&b), promised(&a)) })
	return list
}

// promised puts figures with a target before those without.
func promised(k *ReviewKPI) int {
	if k.Target != 0 {
		return 1
	}
	return 0
}

// tossUp counts what became of a rule's hand-overs.
func (r *reviewer) tossUp(t *engine.TossUpSpec) ReviewTossUp {
	d := ReviewTossUp{Name: t.Name, Label: t.Label}
	hour, from, before := kpi.HourOfMillis(r.at)+1, kpi.HourOfMillis(r.from), kpi.HourOfMillis(r.from.Add(-engine.Span(r.at-r.from)))
	revisions := map[string]*TossUpCounts{}
	for _, word := range []string{"offered", "accepted", "rejected", "expired", "opportunity", "won", "missed"} {
		err := r.counts("toss_up:"+t.Name+":"+word, 0, hour, func(c engine.Delta) error {
			labels := labelMap(c.Labels)
			of := revisions[labels["revision"]]
			if of == nil {
				of = &TossUpCounts{}
				revisions[labels["revision"]] = of
			}
			of.add(word, labels["reason"], c.N)
			switch {
			case c.Hour >= from:
				d.Now.add(word, labels["reason"], c.N)
			case c.Hour >= before:
				d.Before.add(word, labels["reason"], c.N)
			}
			return nil
		})
		if r.err == nil {
			r.err = err
		}
	}
	d.Now.judge()
	d.Before.judge()
	for revision, c := range revisions {
		c.judge()
		d.Revisions = append(d.Revisions, TossUpRevisionDoc{revision, *c})
	}
	slices.SortFunc(d.Revisions, func(a, b TossUpRevisionDoc) int {
		if n := len(a.Revision) - len(b.Revision); n != 0 {
			return n
		}
		return strings.Compare(a.Revision, b.Revision)
	})
	return d
}

func (c *TossUpCounts) add(word, reason string, n int64) {
	switch word {
	case "offered":
		c.Offered += n
	case "accepted":
		c.Accepted += n
	case "rejected":
		c.Rejected += n
		if reason != "" {
			if c.Reasons == nil {
				c.Reasons = map[string]int64{}
			}
			c.Reasons[reason] += n
		}
	case "expired":
		c.Expired += n
	case "opportunity":
		c.Opportunities += n
	case "won":
		c.Won += n
	case "missed":
		c.Missed += n
	}
}

func (c *TossUpCounts) judge() {
	rate := kpi.Rate{N: c.Opportunities, Of: c.Offered}
	if value, ok := rate.Value(); ok {
		c.Precision = &value
	}
	if in, ok := rate.Wilson(0.95); ok {
		c.PrecisionIn = &IntervalDoc{in.Low, in.High}
	}
}

// wentLive are the revisions that went live for everybody, the oldest first, each with
// the one before it, nil for the first. What only a part of the leads tried did not go
// live, and what was put back when that was over is no change.
func wentLive(revisions []store.Revision) (list [][2]*store.Revision) {
	var was *store.Revision
	for i := range revisions {
		is := &revisions[i]
		if is.Base != 0 {
			continue
		}
		if was == nil || was.Digest != is.Digest {
			list = append(list, [2]*store.Revision{was, is})
		}
		was = is
	}
	return list
}

// changes are the revisions that went live since, with the figures around each.
func (r *reviewer) changes(ledger ReviewLedger) ([]ReviewChange, error) {
	revisions, err := ledger.Revisions()
	if err != nil {
		return nil, err
	}
	slices.SortFunc(revisions, func(a, b store.Revision) int { return int(a.Number) - int(b.Number) })
	now := r.p.Figures(engine.Counts(r.counts), r.at)
	var list []ReviewChange
	for _, change := range wentLive(revisions) {
		was, v := change[0], change[1]
		if v.At <= r.from || v.At > r.at {
			continue
		}
		c := ReviewChange{Revision: v.Number, At: instant(v.At), Author: v.Author, KPIs: []ChangedKPI{}}
		if was != nil {
			if c.Files, err = differing(ledger, was.Digest, v.Digest); err != nil {
				return nil, err
			}
		}
		then := r.p.Figures(engine.Counts(r.counts), v.At)
		for j := range r.p.Spec().KPIs {
			k := &r.p.Spec().KPIs[j]
			after := r.value(now, k.Name)
			c.KPIs = append(c.KPIs, ChangedKPI{Name: k.Name, Label: k.Label, Share: after.Rate, Before: known(r.value(then, k.Name)), After: known(after)})
		}
		list = append(list, c)
	}
	return list, nil
}

// differing are the names of the files that two revisions do not have alike.
func differing(ledger ReviewLedger, was, is string) ([]string, error) {
	old, err := ledger.Sources(was)
	if err != nil {
		return nil, err
	}
	fresh, err := ledger.Sources(is)
	if err != nil {
		return nil, err
	}
	var names []string
	for name, text := range fresh {
		if before, ok := old[name]; !ok || !bytes.Equal(before, text) {
			names = append(names, name)
		}
	}
	for name := range old {
		if _, ok := fresh[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}

// FindReview is the named review, or the only one; a workspace without any has a
// plain one over seven days.
func FindReview(p *engine.Program, name string) (*engine.ReviewSpec, error) {
	var have []string
	for i := range p.Spec().Reviews {
		r := &p.Spec().Reviews[i]
		if r.Name == name || name == "" && len(p.Spec().Reviews) == 1 {
			return r, nil
		}
		have = append(have, r.Name)
	}
	switch {
	case len(have) == 0 && name == "":
		return &engine.ReviewSpec{Name: "review", Compare: 7 * engine.Day}, nil // on demand, without a schedule
	case len(have) == 0:
		return nil, newProblem(http.StatusNotFound, "unknown_review", "the workspace has no review")
	case name == "":
		return nil, newProblem(http.StatusBadRequest, "unknown_review", "name one of the reviews: "+strings.Join(have, ", "))
	}
	return nil, newProblem(http.StatusNotFound, "unknown_review", "there is no such review; there are: "+strings.Join(have, ", "))
}
