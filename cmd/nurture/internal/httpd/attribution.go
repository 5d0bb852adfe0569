package httpd

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/kpi"
)

// AttributionDoc is what led to an event, by a model. Credits add up to the results
// that had a touch before them.
type AttributionDoc struct {
	Event    string       `json:"event"`
	Model    string       `json:"model" enum:"first,last,linear,position,decay"`
	By       string       `json:"by" enum:"source,medium,campaign,workflow,step,variant,tag,channel,kind"`
	Within   string       `json:"within" doc:"Touches within this time before a result count."`
	HalfLife string       `json:"half_life,omitempty" doc:"Of decay."`
	At       *time.Time   `json:"at" doc:"As of when: what takes long to find out is told again for a while."`
	From     *time.Time   `json:"from,omitempty"`
	To       *time.Time   `json:"to,omitempty"`
	Results  int64        `json:"results" doc:"How often the event happened."`
	Leads    int64        `json:"leads" doc:"To how many leads."`
	Untold   int64        `json:"without_touch" doc:"Results before which we know of no touch."`
	Credits  []CreditDoc  `json:"credits"`
	Holdouts []HoldoutDoc `json:"holdouts" doc:"What the workflows that aim at the event bring about, against the leads that they leave alone: this is effect, credits are only shares."`
}

// CreditDoc is what one source, workflow, step or variant is credited with.
type CreditDoc struct {
	Name    string  `json:"name"`
	Credit  float64 `json:"credit"`
	Share   float64 `json:"share" doc:"Of the results that had a touch."`
	Results int64   `json:"results" doc:"Results that it was among the touches of."`
}

// AttributionAsk says what is wanted.
type AttributionAsk struct {
	Model    kpi.Model
	By       string
	Within   engine.Span // 0: 90 days
	HalfLife engine.Span // of decay; 0: 7 days
	From, To engine.Time // results of this time; 0: all
	Now      engine.Time
}

// AttributionQuery is what a call says about the credits it wants.
type AttributionQuery struct {
	Model    string `query:"model" enum:"first,last,linear,position,decay" default:"linear"`
	By       string `query:"by" enum:"source,medium,campaign,workflow,step,variant,tag,channel,kind" default:"source"`
	Within   string `query:"within" maxLength:"16" doc:"As in 90d."`
	HalfLife string `query:"half_life" maxLength:"16" doc:"Of decay, as in 7d."`
	From     When   `query:"from" maxLength:"64" doc:"Results from this day or instant on: 2026-10-05, 2026-10-05T09:00:00+09:00 or, so long ago, 30d. Without an offset it is of the project's zone."`
	To       When   `query:"to" maxLength:"64" doc:"Before this instant, or to the end of this day; written as the other."`
}

// attributionBys are what credits can be told apart by.
var attributionBys = []string{"source", "medium", "campaign", "workflow", "step", "variant", "tag", "channel", "kind"}

func (a *AttributionAsk) settle() error {
	if a.Within == 0 {
		a.Within = 90 * engine.Day
	}
	if a.HalfLife == 0 {
		a.HalfLife = 7 * engine.Day
	}
	if _, err := kpi.ParseModel(string(a.Model)); err != nil {
		return newProblem(http.StatusBadRequest, "unknown_model", err.Error())
	}
	if !slices.Contains(attributionBys, a.By) {
		return newProblem(http.StatusBadRequest, "unknown_by", fmt.Sprintf("credits are not told apart by %q; they are by: %s", a.By, strings.Join(attributionBys, ", ")))
	}
	return nil
}

// ReadAttribution reads the journals of a store.
func ReadAttribution(p *engine.Program, people People, counts Counts, event string, ask AttributionAsk) (AttributionDoc, error) {
	if err := ask.settle(); err != nil {
		return AttributionDoc{}, err
	}
	if !slices.ContainsFunc(p.Spec().Events, func(e engine.EventSpec) bool { return e.Name == event }) {
		return AttributionDoc{}, newProblem(http.StatusNotFound, "unknown_event", "the workspace declares no such event")
	}
	w := creditWalk{ask: ask, credits: map[string]*CreditDoc{}}
	history := journal{people}
	frame := engine.NewFrame()
	var l engine.Lead
	for part := range people.Partitions() {
		err := people.Leads(part, engine.LeadID{}, 0, func(id engine.LeadID, row []byte) error {
			if engine.RowEntity(row) != engine.NoEntity {
				return nil
			}
			l.Reset(id)
			if err := engine.DecodeLead(row, &l); err != nil || !l.Into.IsZero() {
				return err
			}
			found, err := p.Conversions(frame, &l, history, event, ask.Within)
			w.lead(found)
			return err
		})
		if err != nil {
			return AttributionDoc{}, fmt.Errorf("read what led to %s: %w", event, err)
		}
	}
	return w.doc(p, counts, event)
}

// journal makes the store's reading side an engine.History.
type journal struct{ people People }

func (j journal) Facts(lead engine.LeadID, yield func(*engine.Fact) error) error {
	return j.people.Facts(lead.Partition(j.people.Partitions()), lead, yield)
}

// creditWalk adds up credits.
type creditWalk struct {
	ask     AttributionAsk
	credits map[string]*CreditDoc
	results int64
	leads   int64
	untold  int64
}

func (w *creditWalk) lead(found []engine.Conversion) {
	any := false
	for i := range found {
		c := &found[i]
		if c.At < w.ask.From || w.ask.To != 0 && c.At >= w.ask.To {
			continue
		}
		any = true
		w.results++
		w.conversion(c)
	}
	if any {
		w.leads++
	}
}

// conversion divides one credit among the touches that have a name of the wanted
// kind: by source those that came from somewhere, by workflow those that one sent.
func (w *creditWalk) conversion(c *engine.Conversion) {
	var ago []float64
	var named [][]string
	for i := range c.Touches {
		t := &c.Touches[i]
		if names := namesOf(t, w.ask.By); len(names) > 0 {
			ago, named = append(ago, float64(c.At-t.At)), append(named, names)
		}
	}
	if len(ago) == 0 {
		w.untold++
		return
	}
	seen := map[string]bool{}
	for i, share := range w.ask.Model.Shares(ago, float64(w.ask.HalfLife)) {
		for _, name := range named[i] {
			d := w.credits[name]
			if d == nil {
				d = &CreditDoc{Name: name}
				w.credits[name] = d
			}
			d.Credit += share / float64(len(named[i]))
			if !seen[name] {
				seen[name] = true
				d.Results++
			}
		}
	}
}

// namesOf are the names under which a touch is credited.
func namesOf(t *engine.Touch, by string) []string {
	one := func(name string) []string {
		if name == "" {
			return nil
		}
		return []string{name}
	}
	switch by {
	case "source":
		return one(t.Source)
	case "medium":
		return one(t.Medium)
	case "campaign":
		return one(t.Campaign)
	case "workflow":
		return one(t.Workflow)
	case "channel":
		return one(t.Channel)
	case "kind":
		return one(string(t.Kind))
	case "tag":
		return t.Tags
	}
	if t.Step == "" || t.Workflow == "" {
		return nil
	}
	if by == "step" {
		return one(t.Workflow + "/" + t.Step)
	}
	if t.Variant == "" {
		return nil
	}
	return one(t.Workflow + "/" + t.Step + "/" + t.Variant)
}

func (w *creditWalk) doc(p *engine.Program, counts Counts, event string) (AttributionDoc, error) {
	doc := AttributionDoc{
		Event: event, Model: string(w.ask.Model), By: w.ask.By, Within: w.ask.Within.String(),
		At: instant(w.ask.Now), From: instant(w.ask.From), To: instant(w.ask.To), Results: w.results, Leads: w.leads, Untold: w.untold,
		Credits: []CreditDoc{}, Holdouts: []HoldoutDoc{},
	}
	if w.ask.Model == kpi.Decay {
		doc.HalfLife = w.ask.HalfLife.String()
	}
	told := float64(w.results - w.untold)
	for _, d := range w.credits {
		d.Share = d.Credit / told
		doc.Credits = append(doc.Credits, *d)
	}
	slices.SortFunc(doc.Credits, func(a, b CreditDoc) int {
		if d := b.Credit - a.Credit; d > 1e-9 || d < -1e-9 {
			if d > 0 {
				return 1
			}
			return -1
		}
		return strings.Compare(a.Name, b.Name)
	})
	holdouts, err := holdoutsOf(p, counts, w.ask.Now, map[string]bool{event: true})
	doc.Holdouts = append(doc.Holdouts, holdouts...)
	return doc, err
}

func (s *Server) attribution(event string, q *AttributionQuery) (AttributionDoc, error) {
	p := s.options.Desk.Program()
	if p == nil {
		return AttributionDoc{}, newProblem(http.StatusNotFound, "unknown_event", "no rules are loaded")
	}
	ask := AttributionAsk{Model: kpi.Model(q.Model), By: q.By, Now: engine.TimeOf(s.now())}
	var err error
	if ask.Within, err = parseSpan(q.Within); err != nil {
		return AttributionDoc{}, err
	}
	if ask.HalfLife, err = parseSpan(q.HalfLife); err != nil {
		return AttributionDoc{}, err
	}
	if ask.From, ask.To, err = s.times().Span("from", q.From, "to", q.To); err != nil {
		return AttributionDoc{}, err
	}
	type question struct {
		event string
		AttributionQuery
	}
	return walked(s, "attribution", question{event, *q}, func() (AttributionDoc, error) {
		return ReadAttribution(p, s.options.People, s.options.Ledger.Counts, event, ask)
	})
}
