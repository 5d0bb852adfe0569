package httpd

import (
	"cmp"
	"slices"
)

// cardsShown is how many key figures have a card on the overview: what somebody
// has promised something about. The others have their page.
const cardsShown = 8

// funnelBrief is the first funnel of the workspace, as far as it stands on the
// overview.
type funnelBrief struct {
	Name, Title string
	Rows        []funnelBriefRow
}

type funnelBriefRow struct {
	Label, Actual, Needed string
	Bar                   string // share of what is needed, out of 100; "" while that is not known
	Rate, Expected        string
	Narrow                bool // the bottleneck, where it is sure to be one
}

// levelUrgency puts what needs a person first.
var levelUrgency = map[string]int{"firing": 0, "pending": 1, "recovering": 2}

// kpiCards are the figures that have a target or a threshold, those that need a
// person first, and how many figures have no card.
func (sc *scribe) kpiCards() ([]card, int) {
	if sc.err != nil {
		return nil, 0
	}
	all, err := sc.s.tallies.figures(sc.s.kpis)
	sc.err = err
	watched := make([]*KPIDoc, 0, len(all))
	for i := range all {
		if d := &all[i]; d.Target != 0 || d.State != "" {
			watched = append(watched, d)
		}
	}
	slices.SortStableFunc(watched, func(a, b *KPIDoc) int { return cmp.Compare(urgencyOf(a), urgencyOf(b)) })
	watched = watched[:min(len(watched), cardsShown)]
	cards := make([]card, 0, len(watched))
	for _, d := range watched {
		cards = append(cards, sc.kpiCard(d))
	}
	return cards, len(all) - len(cards)
}

func urgencyOf(d *KPIDoc) int {
	if n, ok := levelUrgency[d.State]; ok {
		return n
	}
	return len(levelUrgency)
}

func (sc *scribe) kpiCard(d *KPIDoc) card {
	v := sc.v
	c := card{Label: d.Label, Sub: d.Name, Value: figureText(d, &d.Total), Mood: levelMood[d.State], Link: "/kpis/" + d.Name}
	if c.Label == "" {
		c.Label, c.Sub = d.Name, ""
	}
	if d.State != "" {
		c.Note = v.T("level_" + d.State)
	} else if d.Total.Value == nil && d.Kind != "count" {
		c.Note = v.T("no_data")
	}
	if d.Target != 0 {
		sign := "≥ "
		if d.Better == "lower" {
			sign = "≤ "
		}
		c.Note = joinNote(c.Note, v.T("target")+" "+sign+shareText(isShareDoc(d), d.Target))
	}
	if sample := sampleOf(d, &d.Total); sample != "" && d.Total.Value != nil {
		c.Note = joinNote(c.Note, sample)
	}
	if d.Total.Waiting > 0 {
		c.Note = joinNote(c.Note, v.T("not_ripe")+" "+count(d.Total.Waiting))
	}
	c.Line, c.Area = sparkline(d.hours, sparkWidth, sparkHeight)
	return c
}

// funnelBrief is nil where the workspace has no funnel.
func (sc *scribe) funnelBrief() *funnelBrief {
	if sc.err != nil || len(sc.spec.Funnels) == 0 {
		return nil
	}
	d, err := sc.s.tallies.firstFunnel(func() (FunnelDoc, error) {
		return sc.s.funnel(sc.spec.Funnels[0].Name, &FunnelQuery{})
	})
	if err != nil {
		sc.err = err
		return nil
	}
	brief := &funnelBrief{Name: d.Name, Title: labelOr(d.Label, d.Name)}
	for i := range d.Steps {
		step := &d.Steps[i]
		row := funnelBriefRow{Label: labelOr(step.Label, step.Name), Actual: count(step.Actual), Needed: "–", Rate: "–", Expected: "–", Narrow: d.Sure && step.Name == d.Bottleneck}
		if step.Needed > 0 {
			row.Needed = count(step.Needed)
			row.Bar = decimal(min(100, 100*float64(step.Actual)/float64(step.Needed)))
		}
		if step.Rate != nil {
			row.Rate = percent(*step.Rate)
		}
		if i > 0 && step.Expected > 0 {
			row.Expected = percent(step.Expected)
		}
		brief.Rows = append(brief.Rows, row)
	}
	return brief
}
