package httpd

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/kpi"
)

// How good the hand-overs of a rule are. A rule is what its condition means: a new
// revision that leaves the condition, its segments and its scores alone goes on
// with the version it finds, and one that changes them begins another.
//
// Offers whose time for an outcome is not yet over are no failures: they are
// counted as offered and left out of the rates.

// TossUpDoc is one rule with its versions, the latest first.
type TossUpDoc struct {
	Name     string       `json:"name"`
	Label    string       `json:"label,omitempty"`
	Within   string       `json:"within,omitempty" doc:"Time in which an outcome counts; younger offers are not judged."`
	Queued   int          `json:"queued" doc:"Leads that wait for a place at a desk."`
	Missed   int64        `json:"missed" doc:"Opportunities that came without any hand-over."`
	Versions []VersionDoc `json:"versions"`
}

// VersionDoc is what became of the offers of one version of a rule.
type VersionDoc struct {
	Rule          string           `json:"rule" doc:"Version: changes with the rule's meaning."`
	Revisions     []uint32         `json:"revisions" doc:"Revisions that made offers by it."`
	First         *time.Time       `json:"first" doc:"Hour of its first offer."`
	Last          *time.Time       `json:"last"`
	Offered       int64            `json:"offered"`
	Accepted      int64            `json:"accepted"`
	Rejected      int64            `json:"rejected"`
	Reasons       map[string]int64 `json:"reasons,omitempty" doc:"Rejected, by reason."`
	Expired       int64            `json:"expired"`
	Open          int64            `json:"open" doc:"Nobody has answered yet."`
	Opportunities int64            `json:"opportunities"`
	Won           int64            `json:"won"`
	Lost          int64            `json:"lost"`
	Doubted       int64            `json:"doubted" doc:"A later fact shows that they would not have been made."`
	Mature        int64            `json:"mature" doc:"Offers whose time for an outcome is over."`
	Young         int64            `json:"young" doc:"Offers that are not yet judged."`
	Precision     *RateDoc         `json:"precision,omitempty" doc:"Opportunities of mature offers."`
	WinRate       *RateDoc         `json:"win_rate,omitempty" doc:"Won of mature offers."`
	AcceptRate    *RateDoc         `json:"accept_rate,omitempty" doc:"Accepted of those answered or expired."`
	ToOffer       string           `json:"median_to_offer,omitempty" doc:"Median from the signal to the offer."`
	ToTouch       string           `json:"median_to_touch,omitempty" doc:"Median from the signal to the answer of sales."`
	ToOpportunity string           `json:"median_to_opportunity,omitempty" doc:"Median from the answer to the opportunity."`
	Verdict       *VerdictDoc      `json:"verdict,omitempty"`

	opportunities, won int64 // of mature offers
	days               map[int64]bool
}

// RateDoc is a rate with its 95 % Wilson interval.
type RateDoc struct {
	N    int64   `json:"n"`
	Of   int64   `json:"of"`
	Rate float64 `json:"rate"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// VerdictDoc compares a version with the one before it, or, where there is none,
// with the rule that has the best precision.
type VerdictDoc struct {
	Word string `json:"word" enum:"worse,better,even,too_early"`
	Than string `json:"than,omitempty" doc:"RULE or RULE@VERSION."`
	Sure bool   `json:"sure" doc:"The intervals of the two do not touch."`
	More bool   `json:"more" doc:"It hands over more than the other one."`
}

// OfferList is the register of offers, or a page of it, with the quality of rules.
type OfferList struct {
	TossUps []TossUpDoc   `json:"toss_ups"`
	Offers  []HandOverDoc `json:"offers" doc:"The latest first."`
	Next    string        `json:"next,omitempty" doc:"Give it as after to get the next page."`
}

// countsReader reads a counter, as Ledger.Counts does.
type countsReader func(name string, fromHour, toHour int64, yield func(engine.Delta) error) error

// maxHour is behind every hour of a counter.
const maxHour = int64(1) << 40

// ReadTossUps tells how good the hand-overs of every rule are, from the counters
// of offers made since an hour, and from the offers themselves for the medians.
func ReadTossUps(p *engine.Program, counts countsReader, offers []engine.LeadOffer, since, now engine.Time) ([]TossUpDoc, error) {
	docs := []TossUpDoc{}
	spec := p.Spec()
	for i := range spec.TossUps {
		t := &spec.TossUps[i]
		doc := TossUpDoc{Name: t.Name, Label: t.Label, Versions: []VersionDoc{}}
		within := engine.Span(0)
		if t.Success != nil {
			within, doc.Within = t.Success.Within, t.Success.Within.String()
		}
		q := quality{doc: &doc, rows: map[string]*VersionDoc{}, within: within, now: now}
		if err := q.read(counts, kpi.HourOfMillis(since)); err != nil {
			return nil, fmt.Errorf("count the hand-overs of %s: %w", t.Name, err)
		}
		q.medians(offers)
		q.finish()
		docs = append(docs, doc)
	}
	judge(docs)
	return docs, nil
}

// quality gathers one rule's figures.
type quality struct {
	doc    *TossUpDoc
	rows   map[string]*VersionDoc
	within engine.Span
	now    engine.Time
}

func (q *quality) read(counts countsReader, from int64) error {
	for _, word := range []string{"offered", "accepted", "rejected", "expired", "opportunity", "won", "lost", "doubted", "missed"} {
		err := counts("toss_up:"+q.doc.Name+":"+word, from, maxHour, func(d engine.Delta) error {
			if word == "missed" {
				q.doc.Missed += d.N
				return nil
			}
			q.add(word, &d)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// add counts an hour's sum of something that became of offers.
func (q *quality) add(word string, d *engine.Delta) {
	labels := map[string]string{}
	for l := range strings.SplitSeq(d.Labels, "\x1f") {
		name, value, _ := strings.Cut(l, "=")
		labels[name] = value
	}
	row := q.rows[labels["rule"]]
	if row == nil {
		row = &VersionDoc{Rule: labels["rule"], Revisions: []uint32{}, days: map[int64]bool{}}
		q.rows[row.Rule] = row
	}
	if n, err := strconv.ParseUint(labels["revision"], 10, 32); err == nil && !slices.Contains(row.Revisions, uint32(n)) {
		row.Revisions = append(row.Revisions, uint32(n))
	}
	mature := kpi.HourOfMillis(q.now)-d.Hour > int64(q.within/engine.Hour)
	switch word {
	case "offered":
		row.Offered += d.N
		row.days[d.Hour/24] = true
		if mature {
			row.Mature += d.N
		}
		at := engine.Time(d.Hour * int64(engine.Hour))
		if row.First == nil || at.In(time.UTC).Before(*row.First) {
			row.First = instant(at)
		}
		if row.Last == nil || at.In(time.UTC).After(*row.Last) {
			row.Last = instant(at)
		}
	case "accepted":
		row.Accepted += d.N
	case "rejected":
		row.Rejected += d.N
		if row.Reasons == nil {
			row.Reasons = map[string]int64{}
		}
		row.Reasons[cmp.Or(labels["reason"], "none")] += d.N
	case "expired":
		row.Expired += d.N
	case "opportunity":
		row.Opportunities += d.N
		if mature {
			row.opportunities += d.N
		}
	case "won":
		row.Won += d.N
		if mature {
			row.won += d.N
		}
	case "lost":
		row.Lost += d.N
	case "doubted":
		row.Doubted += d.N
	}
}

// medians computes how long offers took, from the offers of each version.
func (q *quality) medians(offers []engine.LeadOffer) {
	type spans struct{ offer, touch, opportunity []engine.Span }
	by := map[string]*spans{}
	for i := range offers {
		o := &offers[i].Offer
		if o.TossUp != q.doc.Name {
			continue
		}
		if o.State == engine.OfferQueued {
			q.doc.Queued++
		}
		s := by[o.Rule]
		if s == nil {
			s = &spans{}
			by[o.Rule] = s
		}
		if o.Made == 0 || !o.Offered() {
			continue
		}
		s.offer = append(s.offer, o.Made.Sub(o.Signal))
		touch := o.Made
		if o.State == engine.OfferAccepted {
			touch = o.AnsweredAt
			s.touch = append(s.touch, touch.Sub(o.Signal))
		}
		if o.Opportunity != 0 {
			s.opportunity = append(s.opportunity, o.Opportunity.Sub(touch))
		}
	}
	for rule, row := range q.rows {
		if s := by[rule]; s != nil {
			row.ToOffer, row.ToTouch, row.ToOpportunity = median(s.offer), median(s.touch), median(s.opportunity)
		}
	}
}

// median is the middle of some lengths of time, "" for none.
func median(list []engine.Span) string {
	if len(list) == 0 {
		return ""
	}
	slices.Sort(list)
	m := list[len(list)/2]
	if len(list)%2 == 0 {
		m = (m + list[len(list)/2-1]) / 2
	}
	return (time.Duration(m) * time.Millisecond).Round(time.Second).String()
}

// finish computes the rates, and orders the versions, the latest first.
func (q *quality) finish() {
	for _, row := range q.rows {
		slices.Sort(row.Revisions)
		row.Young = row.Offered - row.Mature
		row.Open = max(0, row.Offered-row.Accepted-row.Rejected-row.Expired)
		row.Precision = rateOf(row.opportunities, row.Mature)
		row.WinRate = rateOf(row.won, row.Mature)
		row.AcceptRate = rateOf(row.Accepted, row.Accepted+row.Rejected+row.Expired)
		q.doc.Versions = append(q.doc.Versions, *row)
	}
	slices.SortFunc(q.doc.Versions, func(a, b VersionDoc) int {
		if a.Last != nil && b.Last != nil {
			if c := b.Last.Compare(*a.Last); c != 0 {
				return c
			}
		}
		return cmp.Or(cmp.Compare(slices.Max(append(b.Revisions, 0)), slices.Max(append(a.Revisions, 0))), strings.Compare(a.Rule, b.Rule))
	})
}

func rateOf(n, of int64) *RateDoc {
	rate := kpi.Rate{N: n, Of: of}
	value, ok := rate.Value()
	interval, sure := rate.Wilson(0.95)
	if !ok || !sure {
		return nil
	}
	return &RateDoc{N: n, Of: of, Rate: value, Low: interval.Low, High: interval.High}
}

// judge compares every version with the one before it; a rule that has only one,
// with the best of the other rules. What is compared is what a hand-over is for:
// the opportunities of those whose time is over, and where these are equal, what
// was won.
func judge(docs []TossUpDoc) {
	for i := range docs {
		for j := range docs[i].Versions {
			v := &docs[i].Versions[j]
			if v.Precision == nil {
				v.Verdict = &VerdictDoc{Word: "too_early"}
				continue
			}
			if other, name := versionBefore(docs, i, j); other != nil {
				v.Verdict = compareVersions(v, other, name)
			}
		}
	}
}

// versionBefore finds what a version is compared with.
func versionBefore(docs []TossUpDoc, i, j int) (*VersionDoc, string) {
	for k := j + 1; k < len(docs[i].Versions); k++ {
		if v := &docs[i].Versions[k]; v.Precision != nil {
			return v, docs[i].Name + "@" + v.Rule
		}
	}
	var best *VersionDoc
	name := ""
	for k := range docs {
		if k == i || len(docs[k].Versions) == 0 || j > 0 {
			continue
		}
		if v := &docs[k].Versions[0]; v.Precision != nil && (best == nil || v.Precision.Rate > best.Precision.Rate) {
			best, name = v, docs[k].Name
		}
	}
	return best, name
}

func compareVersions(v, other *VersionDoc, name string) *VerdictDoc {
	doc := &VerdictDoc{Word: "even", Than: name, More: v.perDay() > other.perDay()}
	a, b := v.Precision, other.Precision
	if a.Rate == b.Rate {
		a, b = v.WinRate, other.WinRate
	}
	switch {
	case a.Rate < b.Rate:
		doc.Word, doc.Sure = "worse", a.High < b.Low
	case a.Rate > b.Rate:
		doc.Word, doc.Sure = "better", a.Low > b.High
	}
	return doc
}

// perDay is how many leads a version hands over on a day on which it does.
func (v *VersionDoc) perDay() float64 {
	return float64(v.Offered) / float64(max(1, len(v.days)))
}
