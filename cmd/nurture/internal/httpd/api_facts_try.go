package httpd

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed-456efde2/nurture/engine"
)

// CorrectionChanges is what a correction changes at once. What time brings later is
// not in it.
type CorrectionChanges struct {
	Nothing    bool            `json:"nothing,omitempty" doc:"All is as it was."`
	Scores     []ChangeDoc     `json:"scores,omitempty"`
	Stage      *ChangeDoc      `json:"stage,omitempty"`
	Attributes []ChangeDoc     `json:"attributes,omitempty"`
	Segments   []ChangeDoc     `json:"segments,omitempty"`
	Consents   []ChangeDoc     `json:"consents,omitempty"`
	Counters   []CounterChange `json:"counters,omitempty" doc:"What is added to figures, funnels, experiments and counts."`
	Doubted    []string        `json:"doubted,omitempty" doc:"Toss-ups that would not have been: sales are told."`
	TakenBack  []ActDoc        `json:"takenBack,omitempty" doc:"Goals and outcomes that are none any more."`
	Done       []ActDoc        `json:"done,omitempty" doc:"What is done anew, by what is known now."`
	Stands     []ActDoc        `json:"stands,omitempty" doc:"What was done when the fact came, and stays done."`
}

// ChangeDoc is something that is another than before.
type ChangeDoc struct {
	Name   string `json:"name"`
	Before any    `json:"before"`
	After  any    `json:"after"`
}

// CounterChange is what is added to a counter.
type CounterChange struct {
	Counter string     `json:"counter"`
	Labels  string     `json:"labels,omitempty"`
	Hour    *time.Time `json:"hour"`
	Part    uint8      `json:"part" doc:"1: a rate's denominator."`
	N       int64      `json:"n"`
}

// rehearseCorrection tells what a correction would change. Nothing of it is kept.
func (s *Server) rehearseCorrection(k *knownLead, c *engine.Correction) (changes *CorrectionChanges, waiting bool, err error) {
	p := s.options.Desk.Program()
	if p == nil {
		return nil, false, errors.New("there are no rules yet")
	}
	r := &rehearsal{s: s, p: p, frame: engine.NewFrame(), leads: map[engine.LeadID]*rehearsed{}, names: map[engine.Identifier]engine.LeadID{}}
	if s.options.ProgramAt != nil {
		r.frame.Recall(s.options.ProgramAt)
	}
	changes = &CorrectionChanges{}
	before, after := s.standOf(p, &k.lead), engine.Lead{}
	if err := engine.DecodeLead(engine.AppendLead(nil, &k.lead), &after); err != nil {
		return nil, false, err
	}
	after.ID = k.lead.ID
	e := c.Event(k.lead.ID, engine.TimeOf(s.now()))
	if err := p.Decide(r.frame, &after, &e, r, &r.fx); err != nil {
		return nil, false, err
	}
	for i := range r.fx.Facts {
		for j := range r.fx.Facts[i].Decisions {
			changes.decided(&r.fx.Facts[i].Decisions[j])
		}
	}
	changes.count(r.fx.Counts)
	changes.compare(before, s.standOf(p, &after))
	for i := range k.facts {
		t := &k.facts[i]
		if t.Told.ID != c.Fact || c.Source != "" && c.Source != t.Told.Source {
			continue
		}
		for j := range t.Decisions {
			if d := &t.Decisions[j]; isAct(d.Kind) {
				changes.Stands = append(changes.Stands, ActDoc{d.Kind.String(), d.Subject, d.Detail})
			}
		}
	}
	changes.Nothing = len(changes.Scores)+len(changes.Attributes)+len(changes.Segments)+len(changes.Consents)+len(changes.Counters)+
		len(changes.Doubted)+len(changes.TakenBack)+len(changes.Done) == 0 && changes.Stage == nil
	return changes, slices.Contains(after.Awaited, c.Fact), nil
}

func (d *CorrectionChanges) decided(what *engine.Decision) {
	act := ActDoc{what.Kind.String(), what.Subject, what.Detail}
	switch {
	case what.Kind == engine.Doubted:
		d.Doubted = append(d.Doubted, what.Subject)
	case what.Kind == engine.TookBack:
		d.TakenBack = append(d.TakenBack, act)
	case isAct(what.Kind) || what.Kind == engine.Reached || what.Kind == engine.Succeeded:
		d.Done = append(d.Done, act)
	}
}

// count adds up what is added to counters, by hour and label.
func (d *CorrectionChanges) count(counts []engine.Delta) {
	sums := map[engine.Delta]int64{}
	for _, delta := range counts {
		n := delta.N
		delta.N = 0
		sums[delta] += n
	}
	for delta, n := range sums {
		if n == 0 || delta.Name == "event:"+correctedName {
			continue
		}
		d.Counters = append(d.Counters, CounterChange{
			delta.Name, strings.ReplaceAll(delta.Labels, "\x1f", " "), instant(engine.Time(delta.Hour * int64(engine.Hour))), delta.Part, n,
		})
	}
	slices.SortFunc(d.Counters, func(a, b CounterChange) int {
		return cmp.Or(cmp.Compare(a.Counter, b.Counter), a.Hour.Compare(*b.Hour), cmp.Compare(a.Part, b.Part), cmp.Compare(a.Labels, b.Labels))
	})
}

// correctedName is under what name corrections stand in the journal.
const correctedName = "fact_corrected"

// stand is what is read of a lead, to be compared.
type stand struct {
	stage                                  string
	scores, attributes, segments, consents []pairOf
}

type pairOf struct {
	name  string
	value any
}

func (s *Server) standOf(p *engine.Program, l *engine.Lead) *stand {
	st := &stand{stage: l.Acts.Stage}
	frame, now, spec := engine.NewFrame(), engine.TimeOf(s.now()), p.Spec()
	now = max(now, l.Now)
	for i := range spec.Scores {
		name := spec.Scores[i].Name
		st.scores = append(st.scores, pairOf{name, p.Read(frame, l, now, engine.Key{Kind: engine.KeyScore, Name: name}).Number()})
	}
	for i := range spec.Segments {
		name := spec.Segments[i].Name
		st.segments = append(st.segments, pairOf{name, p.Read(frame, l, now, engine.Key{Kind: engine.KeySegment, Name: name}).Flag()})
	}
	for i := range spec.Consents {
		name := spec.Consents[i].Name
		st.consents = append(st.consents, pairOf{name, p.Read(frame, l, now, engine.Key{Kind: engine.KeyConsent, Name: name}).Flag()})
	}
	for i := range spec.Attrs {
		name := spec.Attrs[i].Name
		st.attributes = append(st.attributes, pairOf{name, cellOf(p.Read(frame, l, now, engine.Key{Kind: engine.KeyLead, Name: name}))})
	}
	return st
}

func (d *CorrectionChanges) compare(before, after *stand) {
	differ := func(a, b []pairOf) (list []ChangeDoc) {
		for i := range a {
			if a[i] != b[i] {
				list = append(list, ChangeDoc{a[i].name, a[i].value, b[i].value})
			}
		}
		return list
	}
	d.Scores, d.Segments = differ(before.scores, after.scores), differ(before.segments, after.segments)
	d.Consents, d.Attributes = differ(before.consents, after.consents), differ(before.attributes, after.attributes)
	if before.stage != after.stage {
		d.Stage = &ChangeDoc{"stage", before.stage, after.stage}
	}
}

// MaxCorrections bounds the rows of one call.
const MaxCorrections = 200

// CorrectionRows are corrections of many facts.
type CorrectionRows struct {
	Rows   []CorrectionOrder `json:"rows" minItems:"1" maxItems:"200"`
	DryRun bool              `json:"dryRun,omitempty" doc:"Keep nothing, and tell what would change."`
}

// CorrectionTally is what came of many corrections.
type CorrectionTally struct {
	Taken   int             `json:"taken" doc:"In a dry run: those that would be."`
	Known   int             `json:"known" doc:"Said already: counted once."`
	Waiting int             `json:"waiting" doc:"Of those taken: their facts have not come."`
	Refused []RowDoc        `json:"refused"`
	Would   *CorrectionPlan `json:"would,omitempty"`
}

// CorrectionPlan is what many corrections would change, each by itself.
type CorrectionPlan struct {
	Scores   map[string]int   `json:"scores" doc:"Rows that change a score, by score."`
	Stages   map[string]int   `json:"stages" doc:"Rows that change the stage, by the stage that is reached."`
	Doubted  map[string]int   `json:"doubted" doc:"By toss-up."`
	Counters map[string]int64 `json:"counters" doc:"What is added, by counter."`
}

// correctFacts takes corrections row by row.
func (s *Server) correctFacts(ctx context.Context, in *CorrectionRows) (CorrectionTally, error) {
	done := CorrectionTally{Refused: []RowDoc{}}
	if s.options.Corrector == nil {
		return done, errNoCorrector
	}
	auditTarget(ctx, strconv.Itoa(len(in.Rows))+" rows: "+firstReason(in.Rows))
	if in.DryRun {
		done.Would = &CorrectionPlan{map[string]int{}, map[string]int{}, map[string]int{}, map[string]int64{}}
	}
	for i := range in.Rows {
		err := s.correctRow(ctx, &in.Rows[i], &done)
		var own *Problem
		if apiErr := problemOf(err); err != nil && apiErr.Status < http.StatusInternalServerError && apiErr.Status != http.StatusTooManyRequests {
			own = apiErr
		}
		switch {
		case own != nil:
			done.Refused = append(done.Refused, RowDoc{i, own.Code, own.Detail})
		case err != nil:
			return done, err
		}
	}
	return done, nil
}

func (s *Server) correctRow(ctx context.Context, o *CorrectionOrder, done *CorrectionTally) error {
	if o.ID == "" {
		return newProblem(http.StatusBadRequest, "no_id", "a row of many needs an id: the same one twice is one")
	}
	k, c, err := s.readCorrection(ctx, o)
	if err != nil {
		return err
	}
	if k.said(c.ID) {
		done.Known++
		return nil
	}
	if done.Would == nil {
		if err := s.sayCorrection(ctx, k, c); err != nil {
			return err
		}
		done.Taken++
		if k.refOf(&c) == "" && !k.corrects(&c) {
			done.Waiting++
		}
		return nil
	}
	changes, waiting, err := s.rehearseCorrection(k, &c)
	if err != nil {
		return err
	}
	done.Taken++
	if waiting {
		done.Waiting++
	}
	done.Would.add(changes)
	return nil
}

func (p *CorrectionPlan) add(d *CorrectionChanges) {
	for i := range d.Scores {
		p.Scores[d.Scores[i].Name]++
	}
	if d.Stage != nil {
		if stage, ok := d.Stage.After.(string); ok {
			p.Stages[stage]++
		}
	}
	for _, name := range d.Doubted {
		p.Doubted[name]++
	}
	for i := range d.Counters {
		p.Counters[d.Counters[i].Counter] += d.Counters[i].N
	}
}

// firstReason is a reason for the audit log.
func firstReason(rows []CorrectionOrder) string {
	if len(rows) == 0 {
		return ""
	}
	why := rows[0].Why
	return strings.ToValidUTF8(why[:min(len(why), maxAudited)], "")
}
