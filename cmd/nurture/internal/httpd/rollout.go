package httpd

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/rollout"
	"github.com/seed-456efde2/nurture/engine"
)

// Rollouts are the changes of rules that go live step by step.
type Rollouts interface {
	// Rollouts are the one that is under way or ended last, nil when there never was
	// one, and those that ended, the latest first.
	Rollouts() (now *rollout.State, past []rollout.State, err error)
	// Changed is closed when the one under way has changed.
	Changed() <-chan struct{}
	// Compared tells what was compared in the shadow of the latest one, nil where
	// nothing was.
	Compared() (*RolloutShadow, error)
	// ArmLeads counts the leads that try the change, and all of them.
	ArmLeads(ctx context.Context) (in, all int64, err error)
	// Decide carries out what somebody decides about the one under way.
	Decide(ctx context.Context, o RolloutOrder) error
}

// RolloutOrder is what somebody decides about a rollout.
type RolloutOrder struct {
	Deed string // one of the Rollout… words
	By   string
	Why  string
}

// What may be decided about a rollout.
const (
	RolloutPromote = "promote" // it goes live for everybody now
	RolloutAbort   = "abort"   // the rules that ran before stay
	RolloutPause   = "pause"
	RolloutResume  = "resume"
)

// noRollouts is the Rollouts of a server that has none.
type noRollouts struct{}

func (noRollouts) Rollouts() (*rollout.State, []rollout.State, error)  { return nil, nil, nil }
func (noRollouts) Changed() <-chan struct{}                            { return nil }
func (noRollouts) Compared() (*RolloutShadow, error)                   { return nil, nil }
func (noRollouts) ArmLeads(context.Context) (in, all int64, err error) { return 0, 0, nil }
func (noRollouts) Decide(context.Context, RolloutOrder) error          { return ErrNoRollout() }

// ErrNoRollout is the answer to who decides about a rollout when none is under way.
func ErrNoRollout() error {
	return newProblem(http.StatusConflict, "no_rollout", "no change of rules is being rolled out")
}

// ErrRolloutStays is the answer to who decides what cannot be done now.
func ErrRolloutStays(err error) error {
	return newProblem(http.StatusConflict, "rollout_stays", "the rollout stays as it is: "+err.Error())
}

// ErrNoDeed is the answer to a word that nothing is decided by.
func ErrNoDeed(deed string) error {
	return newProblem(http.StatusNotFound, "no_deed", "a rollout is promoted, aborted, paused or resumed, not "+deed)
}

// RolloutDoc is a change of rules that goes live step by step.
type RolloutDoc struct {
	Phase     string `json:"phase" enum:"shadow,canary,not_judged,promoted,rolled_back,replaced" doc:"shadow: it decides beside the running rules and sends nothing. canary: a part of the leads goes by it. not_judged: as canary, but its time is over and there was too little to go by. The others are ends."`
	Active    bool   `json:"active" doc:"It has not ended."`
	Waiting   bool   `json:"waiting" doc:"Nothing goes on until somebody promotes or aborts it."`
	Overtime  bool   `json:"overtime" doc:"The bake goes on because a guard has too little to go by."`
	Paused    bool   `json:"paused"`
	Summary   string `json:"summary" doc:"How it stands, in a sentence."`
	Candidate string `json:"candidate" doc:"Digest of the changed rules."`
	Base      string `json:"base" doc:"Digest of the rules that ran when it began."`
	From      uint32 `json:"from" doc:"Their revision."`
	Revision  uint32 `json:"revision,omitempty" doc:"Revision that decisions about the leads of the canary name."`
	Became    uint32 `json:"became,omitempty" doc:"Revision in force since its end."`
	Author    string `json:"author,omitempty"`
	Way       string `json:"way" enum:"files,apply" doc:"How the change came."`

	Changed   []string `json:"changed" doc:"Blocks that the change is about."`
	ShadowFor string   `json:"shadow,omitempty" example:"1h"`
	Percent   float64  `json:"canary" doc:"Percent of the leads that try it."`
	BakeFor   string   `json:"bake,omitempty" example:"1d"`

	Began       *time.Time `json:"began"`
	Since       *time.Time `json:"since" doc:"Of the phase."`
	Due         *time.Time `json:"due,omitempty" doc:"When the phase is over; while overtime, when it is given up."`
	LeftSeconds float64    `json:"leftSeconds,omitempty"`

	Nothing   bool              `json:"nothingToTry,omitempty" doc:"Neither a workflow nor a toss-up is changed, so there is no canary."`
	Obstacles []string          `json:"obstacles,omitempty" doc:"Why it cannot be tried by a part of the leads."`
	Blocked   string            `json:"blocked,omitempty" doc:"Why what is next could not be done. It is tried again."`
	Unheard   string            `json:"unheard,omitempty" doc:"Why nobody would be told if it were taken back, though it names a channel."`
	Untold    string            `json:"untold,omitempty" doc:"Why nobody was told."`
	Guards    []RolloutGuardDoc `json:"guards"`
	Leads     *RolloutLeads     `json:"leads,omitempty"`
	Figures   []RolloutFigure   `json:"figures,omitempty" doc:"Of the leads that try the change, and of all others, counted since it began: those of the guards, and those for which there is something to count."`
	Compared  *RolloutShadow    `json:"compared,omitempty" doc:"What the changed rules decided otherwise, beside the running ones."`
	End       *RolloutEnd       `json:"end,omitempty"`
}

// RolloutGuardDoc is a guard of a rollout.
type RolloutGuardDoc struct {
	When   string       `json:"when" example:"kpi.unsubscribe_rate.value > 0.01"`
	Words  string       `json:"words" doc:"The condition as a sentence."`
	State  string       `json:"state" enum:"open,held,fired" doc:"fired: it holds for sure. held: it does not, for sure. open: too little is known."`
	Share  bool         `json:"share" doc:"Its figure is a share: count of of."`
	Enough bool         `json:"enough" doc:"It has enough to go by for a promotion."`
	N      int64        `json:"count"`
	Of     int64        `json:"of,omitempty"`
	Needs  int64        `json:"needs,omitempty" doc:"What of has to be before a promotion."`
	Value  *float64     `json:"value,omitempty"`
	In     *IntervalDoc `json:"interval,omitempty" doc:"In which a rate may be trusted, however often it is looked at."`
}

// RolloutLeads are the leads by arm.
type RolloutLeads struct {
	Canary int64 `json:"canary" doc:"Leads that try the change."`
	All    int64 `json:"all"`
}

// RolloutFigure is a key figure of both arms.
type RolloutFigure struct {
	Name    string      `json:"name"`
	Label   string      `json:"label,omitempty"`
	Share   bool        `json:"share" doc:"The figure is a share, 1 for all."`
	Guard   bool        `json:"guard" doc:"A guard reads it."`
	Canary  RolloutSide `json:"canary"`
	Control RolloutSide `json:"control"`
}

// RolloutSide is a figure of one arm. What is too young to be judged is counted too.
type RolloutSide struct {
	N     int64        `json:"count"`
	Of    int64        `json:"of,omitempty"`
	Value *float64     `json:"value,omitempty"`
	In    *IntervalDoc `json:"interval,omitempty"`
}

// RolloutShadow is what was compared.
type RolloutShadow struct {
	Compared    uint64              `json:"compared" doc:"Events and waits that both rules decided about."`
	Alike       uint64              `json:"alike"`
	NotCompared uint64              `json:"notCompared" doc:"What there was no time to compare."`
	Leads       uint64              `json:"leads" doc:"Leads with a difference."`
	Differences []RolloutDifference `json:"differences"`
	More        uint64              `json:"more,omitempty" doc:"Differences of kinds that are not listed."`
}

// RolloutDifference is one thing that the two rules decide otherwise.
type RolloutDifference struct {
	Kind     string           `json:"kind" enum:"send,toss_up,stage,segment,enter,exit,skip,score,fault"`
	Subject  string           `json:"subject" example:"hot_lead"`
	Detail   string           `json:"detail,omitempty"`
	Only     string           `json:"only" enum:"new,old,both" doc:"new: only the changed rules do it; old: only the running ones; both: both, with other values."`
	Times    uint64           `json:"times"`
	Leads    uint64           `json:"leads"`
	Examples []RolloutExample `json:"examples"`
}

// RolloutExample is a difference about one lead.
type RolloutExample struct {
	Lead  string     `json:"lead" doc:"Internal id."`
	At    *time.Time `json:"at"`
	Event string     `json:"event,omitempty"`
	Old   string     `json:"old,omitempty" doc:"What the running rules decided."`
	New   string     `json:"new,omitempty" doc:"What the changed rules decided."`
}

// RolloutEnd is how a rollout ended.
type RolloutEnd struct {
	At    *time.Time `json:"at"`
	By    string     `json:"by,omitempty" doc:"Who ended it; absent: nobody did."`
	Why   string     `json:"why"`
	Guard string     `json:"guard,omitempty" doc:"The guard that took it back."`
}

// RolloutList is the rollout that is under way or ended last, and those before.
type RolloutList struct {
	Rollout *RolloutDoc  `json:"rollout" doc:"null: there never was one."`
	Past    []RolloutDoc `json:"past" doc:"Those that ended, the latest first."`
}

func (s *Server) rolloutOperations(api huma.API) {
	tags := []string{"rules"}
	huma.Register(api, huma.Operation{
		OperationID: "get-rollout", Method: http.MethodGet, Path: "/api/v1/rollout", Tags: tags,
		Summary: "The change of rules that goes live step by step, and those before", Errors: []int{http.StatusUnauthorized},
	}, func(ctx context.Context, in *struct {
		Lang string `query:"lang" enum:"en,ja" doc:"Language of the sentences; absent: the project's."`
	},
	) (*answer[RolloutList], error) {
		return answerOf(s.rollouts(ctx, in.Lang))
	})
	for _, deed := range []struct{ word, summary, description string }{
		{RolloutPromote, "Let the change go live for everybody now", "What is left of shadow and bake is skipped, and who did it is kept with the rollout. Refused with 409 when leads stand on steps that the changed rules do not have."},
		{RolloutAbort, "Take the change back", "The rules that ran before run for everybody. The files are not tried again until their meaning changes."},
		{RolloutPause, "Stop the clock of the rollout", "Nothing is promoted meanwhile. Guards go on speaking."},
		{RolloutResume, "Let the clock of the rollout go on", ""},
	} {
		huma.Register(api, huma.Operation{
			OperationID: deed.word + "-rollout", Method: http.MethodPost, Path: "/api/v1/rollout/" + deed.word, Tags: tags,
			Summary: deed.summary, Description: deed.description, Errors: []int{http.StatusUnauthorized, http.StatusConflict},
		}, func(ctx context.Context, in *struct {
			Body struct {
				Why string `json:"why,omitempty" maxLength:"500" doc:"Why; it is kept with the rollout."`
			}
		},
		) (*answer[RolloutList], error) {
			caller := callerIn(ctx)
			if err := s.options.Rollouts.Decide(ctx, RolloutOrder{Deed: deed.word, By: caller.who(), Why: in.Body.Why}); err != nil {
				return nil, apiError(err)
			}
			return answerOf(s.rollouts(ctx, ""))
		})
	}
}

// rollouts tells of the rollout under way with all that is known of it, and of those
// before in short.
func (s *Server) rollouts(ctx context.Context, lang string) (RolloutList, error) {
	list := RolloutList{Past: []RolloutDoc{}}
	state, past, err := s.options.Rollouts.Rollouts()
	if err != nil {
		return list, fmt.Errorf("read the rollouts: %w", err)
	}
	if lang == "" {
		lang = s.options.Desk.Program().Spec().Language
	}
	for i := range past {
		list.Past = append(list.Past, NewRollout(&past[i], s.now(), lang))
	}
	if state == nil {
		return list, nil
	}
	doc := NewRollout(state, s.now(), lang)
	list.Rollout = &doc
	if state.Phase == rollout.Canary || state.Phase == rollout.NotJudged {
		in, all, err := s.options.Rollouts.ArmLeads(ctx)
		if err != nil {
			return list, fmt.Errorf("count the leads of the canary: %w", err)
		}
		doc.Leads = &RolloutLeads{in, all}
		if err := doc.figures(s.options.Desk.Program(), s.options.Ledger.Counts, engine.TimeOf(s.now())); err != nil {
			return list, err
		}
	}
	if doc.Compared, err = s.options.Rollouts.Compared(); err != nil {
		return list, fmt.Errorf("read what the shadow found: %w", err)
	}
	return list, nil
}

// NewRollout is a rollout as the API tells it, without what has to be counted.
func NewRollout(s *rollout.State, at time.Time, lang string) RolloutDoc {
	now := engine.TimeOf(at)
	doc := RolloutDoc{
		Phase: string(s.Phase), Active: !s.Phase.Over(), Waiting: s.Waiting(now), Overtime: s.Overtime(now), Paused: s.Paused != 0 && !s.Phase.Over(),
		Summary: RolloutSummary(s, now, lang), Candidate: s.Candidate, Base: s.Base, From: s.From, Revision: s.Revision, Became: s.Became,
		Author: s.Author, Way: s.Way, Changed: s.Changed, Percent: s.Terms.Canary,
		Began: instant(s.Began), Since: instant(s.Since), Nothing: s.Nothing, Guards: []RolloutGuardDoc{},
	}
	if doc.Changed == nil {
		doc.Changed = []string{}
	}
	if s.Terms.Shadow > 0 {
		doc.ShadowFor = s.Terms.Shadow.String()
	}
	if s.Terms.Bake > 0 {
		doc.BakeFor = s.Terms.Bake.String()
	}
	if due := s.Due(now); due != 0 {
		doc.Due = instant(due)
		doc.LeftSeconds = max(0, float64(due-now)/1000)
	}
	for _, o := range s.Obstacles {
		doc.Obstacles = append(doc.Obstacles, o.In(lang))
	}
	if s.Blocked != nil {
		doc.Blocked = s.Blocked.In(lang)
	}
	if s.Unheard != nil && !s.Phase.Over() {
		doc.Unheard = s.Unheard.In(lang)
	}
	if s.Untold != nil {
		doc.Untold = s.Untold.In(lang)
	}
	for i := range s.Guards {
		g := &s.Guards[i]
		doc.Guards = append(doc.Guards, RolloutGuardDoc{
			When: g.When, Words: g.Words.In(lang), State: g.State, Share: g.Share, Enough: g.Enough, N: g.N, Of: g.Of, Needs: g.Needs, Value: g.Value, In: bothEnds(g.Low, g.High),
		})
	}
	if e := s.Ending; e != nil && s.Phase.Over() {
		doc.End = &RolloutEnd{At: instant(e.At), By: e.By, Why: e.Why.In(lang)}
		if e.Guard > 0 && e.Guard <= len(s.Guards) {
			doc.End.Guard = s.Guards[e.Guard-1].When
		}
	}
	return doc
}

func bothEnds(low, high *float64) *IntervalDoc {
	if low == nil || high == nil {
		return nil
	}
	return &IntervalDoc{*low, *high}
}

// figures reads the key figures of both arms. What is no figure of some leads, as how
// many stand in a stage, is left out, and so is what nobody did yet.
func (d *RolloutDoc) figures(p *engine.Program, counts Counts, now engine.Time) error {
	c, _ := p.Canary()
	if c == nil {
		return nil
	}
	guarded := map[string]bool{}
	if r := c.Spec().Rollout; r != nil {
		for i := range r.Guards {
			guarded[r.Guards[i].KPI] = true
		}
	}
	canary, control := p.ArmFigures(engine.Counts(counts), now, engine.CanaryArm), p.ArmFigures(engine.Counts(counts), now, engine.ControlArm)
	for i := range c.Spec().KPIs {
		k := &c.Spec().KPIs[i]
		arm, err := canary.Figure(k.Name)
		if err != nil {
			return fmt.Errorf("read kpi %s of the canary: %w", k.Name, err)
		}
		other, err := control.Figure(k.Name)
		if err != nil {
			return fmt.Errorf("read kpi %s of the others: %w", k.Name, err)
		}
		if !arm.Told || !guarded[k.Name] && arm.N == 0 && arm.Of == 0 && other.N == 0 && other.Of == 0 {
			continue
		}
		d.Figures = append(d.Figures, RolloutFigure{
			Name: k.Name, Label: k.Label, Share: arm.Rate, Guard: guarded[k.Name], Canary: rolloutSide(&arm), Control: rolloutSide(&other),
		})
	}
	return nil
}

func rolloutSide(m *engine.ArmReading) RolloutSide {
	d := RolloutSide{N: m.N, Of: m.Of}
	if m.Known {
		d.Value = &m.Value
	}
	if m.Interval != nil {
		d.In = &IntervalDoc{m.Interval.Low, m.Interval.High}
	}
	return d
}

// GuardWords puts a guard into words, in both languages: what its figure is called,
// and a rate's limit in percent.
func GuardWords(g *engine.RolloutGuard, kpis []engine.KPISpec) rollout.Text {
	name, limit := strings.ReplaceAll(g.KPI, "_", " "), strconv.FormatFloat(g.Limit, 'f', -1, 64)
	if i := slices.IndexFunc(kpis, func(k engine.KPISpec) bool { return k.Name == g.KPI }); i >= 0 {
		name = labelOr(kpis[i].Label, name)
		if kpis[i].Of != "" {
			limit = strconv.FormatFloat(math.Round(g.Limit*1e8)/1e6, 'f', -1, 64) + "%"
		}
	}
	en, ja := "above", "より大きい"
	switch {
	case g.Below && g.OrEqual:
		en, ja = "at most", "以下"
	case g.Below:
		en, ja = "below", "より小さい"
	case g.OrEqual:
		en, ja = "at least", "以上"
	}
	return rollout.Text{En: name + " is " + en + " " + limit, Ja: name + "が" + limit + ja}
}
