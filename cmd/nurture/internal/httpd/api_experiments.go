package httpd

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/kpi"
)

// ExperimentDoc is how an experiment stands. What is counted are leads, each once,
// and only those whose time to react is over.
type ExperimentDoc struct {
	Name     string    `json:"name" doc:"WORKFLOW/STEP/EXPERIMENT."`
	Kind     string    `json:"kind" enum:"variants,slots"`
	Measure  string    `json:"measure" doc:"Event that is a success."`
	Within   string    `json:"within" doc:"Time to react."`
	MinEach  int64     `json:"min_each" doc:"Judged leads that every arm needs before a winner is named."`
	Sure     float64   `json:"sure"`
	Guards   []string  `json:"guards,omitempty"`
	Apply    string    `json:"apply" enum:"propose,auto"`
	State    string    `json:"state" enum:"collecting,decided,stopped,same,mismatched,contradictory" doc:"mismatched: the arms did not get their shares of the draw, so that no figure can be trusted."`
	Arms     []ArmDoc  `json:"arms"`
	Leader   string    `json:"leader,omitempty"`
	Chance   float64   `json:"chance" doc:"How probable it is at most, however often one looks, to see this if the leader were no better than the second."`
	Missing  int64     `json:"missing" doc:"Judged leads still to come until every arm has min_each."`
	Fired    *FiredDoc `json:"fired,omitempty" doc:"The guard that fired."`
	Lift     *LiftDoc  `json:"lift,omitempty" doc:"The leader's over the second, once it is decided."`
	Mismatch float64   `json:"mismatch_chance" doc:"How probable shares like these are at most, had the draw been right."`
	Winner   *WinDoc   `json:"winner,omitempty" doc:"What it has settled on."`
	Fault    string    `json:"fault,omitempty" doc:"Why nothing can be said: counts that contradict each other."`
}

// ArmDoc is one arm of an experiment.
type ArmDoc struct {
	Name      string           `json:"name"`
	Tags      []string         `json:"tags,omitempty"`
	Drawn     int64            `json:"drawn" doc:"Leads that fell to it, judged or not."`
	Trials    int64            `json:"trials" doc:"Judged leads."`
	Successes int64            `json:"successes"`
	Rate      *float64         `json:"rate,omitempty"`
	Low       *float64         `json:"low,omitempty" doc:"Lower end of the 95 % Wilson interval."`
	High      *float64         `json:"high,omitempty"`
	Harm      map[string]int64 `json:"harm,omitempty" doc:"What the guards count, by event."`
}

// FiredDoc is a guard that fired.
type FiredDoc struct {
	Guard string `json:"guard"`
	Arm   string `json:"arm"`
}

// LiftDoc is a relative lift with its interval, as sure as the experiment is.
type LiftDoc struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// WinDoc is the arm that an experiment has settled on.
type WinDoc struct {
	Arm     string     `json:"arm"`
	Applied bool       `json:"applied" doc:"Used from then on; else only proposed."`
	At      *time.Time `json:"at"`
	Why     string     `json:"why"`
}

// TagDoc is what a kind of variant did over all experiments that tried it beside
// others, with the same measure.
type TagDoc struct {
	Tag         string   `json:"tag"`
	Measure     string   `json:"measure"`
	Experiments []string `json:"experiments"`
	Leads       int64    `json:"leads" doc:"Judged leads, with the tag and without."`
	Lift        *LiftDoc `json:"lift,omitempty" doc:"Relative lift of the rate, with its 95 % interval; absent while nothing was counted on one side."`
	Points      *LiftDoc `json:"points,omitempty" doc:"Difference of the rates."`
	Apart       float64  `json:"apart" doc:"Share of the spread between experiments that is more than chance; high: the tag works here and not there."`
}

// HoldoutDoc is what a workflow brings about, by one of its goals, against the
// leads that it leaves alone. Every lead counts once, when its time is over.
type HoldoutDoc struct {
	Workflow string   `json:"workflow"`
	Label    string   `json:"label,omitempty"`
	Goal     string   `json:"goal"`
	Percent  float64  `json:"percent" doc:"Share of the leads that is held out, as the workflow says."`
	In       ArmDoc   `json:"in"`
	HeldOut  ArmDoc   `json:"held_out"`
	Points   *LiftDoc `json:"points,omitempty" doc:"Difference of the rates, with a 95 % interval that holds at every look; absent while one side has nobody."`
	Lift     *LiftDoc `json:"lift,omitempty" doc:"The same, relative to the rate of those held out."`
}

// ExperimentList is all experiments, what their tags did over all of them, and the
// workflows with a hold-out.
type ExperimentList struct {
	Experiments []ExperimentDoc `json:"experiments"`
	Tags        []TagDoc        `json:"tags"`
	Holdouts    []HoldoutDoc    `json:"holdouts"`
}

func (s *Server) experimentOperations(api huma.API) {
	tags := []string{"experiments"}
	huma.Register(api, huma.Operation{
		OperationID: "list-experiments", Method: http.MethodGet, Path: "/api/v1/experiments", Tags: tags,
		Summary: "How the experiments stand, and what the tags of their variants did over all of them", Errors: []int{http.StatusUnauthorized},
	}, func(context.Context, *struct{}) (*answer[ExperimentList], error) {
		return answerOf(s.experiments())
	})
	huma.Register(api, huma.Operation{
		OperationID: "apply-arm", Method: http.MethodPost, Path: "/api/v1/experiments/apply", Tags: tags,
		Summary:     "Put an arm in force by hand: everybody gets it from now on",
		Description: "It is in force when the call returns, and survives a restart. The file still has the experiment: `nurture experiment NAME --write` takes it out.",
		Errors:      []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusNotFound, http.StatusServiceUnavailable},
	}, func(ctx context.Context, in *struct{ Body ApplyOrder }) (*answer[ExperimentDoc], error) {
		auditTarget(ctx, in.Body.Name+" "+in.Body.Arm)
		return answerOf(s.applyArm(ctx, in.Body, callerIn(ctx).name))
	})
}

// ApplyOrder names the arm that is to be used.
type ApplyOrder struct {
	Name string `json:"name" minLength:"1" maxLength:"512" doc:"WORKFLOW/STEP/EXPERIMENT."`
	Arm  string `json:"arm" minLength:"1" maxLength:"256"`
}

// experiments reads how all of them stand.
func (s *Server) experiments() (ExperimentList, error) {
	p := s.options.Desk.Program()
	if p == nil {
		return ExperimentList{Experiments: []ExperimentDoc{}, Tags: []TagDoc{}, Holdouts: []HoldoutDoc{}}, nil
	}
	return ReadExperiments(p, s.options.Ledger.Counts, engine.TimeOf(s.now()))
}

// applyArm lets an experiment settle on an arm because somebody says so.
func (s *Server) applyArm(ctx context.Context, order ApplyOrder, by string) (ExperimentDoc, error) {
	list, err := s.experiments()
	if err != nil {
		return ExperimentDoc{}, err
	}
	doc, err := pickExperiment(list.Experiments, order.Name)
	if err != nil {
		return ExperimentDoc{}, err
	}
	if !slices.ContainsFunc(doc.Arms, func(a ArmDoc) bool { return a.Name == order.Arm }) {
		return ExperimentDoc{}, newProblem(http.StatusNotFound, "unknown_arm", fmt.Sprintf("%s has no such arm; it has: %s", order.Name, armNames(doc)))
	}
	why := "by hand"
	if by != "" {
		why += ": " + by
	}
	winner := engine.Winner{Experiment: order.Name, Arm: order.Arm, Applied: true, Why: why}
	_, err = s.options.Door.SetRulings(ctx, func(old *engine.Rulings) (*engine.Rulings, error) {
		winner.At = engine.TimeOf(s.now())
		return old.WithWinners([]engine.Winner{winner}), nil
	})
	if err != nil {
		return ExperimentDoc{}, err
	}
	if list, err = s.experiments(); err != nil {
		return ExperimentDoc{}, err
	}
	return pickExperiment(list.Experiments, order.Name)
}

func pickExperiment(list []ExperimentDoc, name string) (ExperimentDoc, error) {
	var have []string
	for i := range list {
		if list[i].Name == name {
			return list[i], nil
		}
		have = append(have, list[i].Name)
	}
	if len(have) == 0 {
		return ExperimentDoc{}, newProblem(http.StatusNotFound, "unknown_experiment", "the workspace has no experiment")
	}
	return ExperimentDoc{}, newProblem(http.StatusNotFound, "unknown_experiment", "there is no such experiment; there are: "+strings.Join(have, ", "))
}

func armNames(doc ExperimentDoc) string {
	var names []string
	for _, a := range doc.Arms {
		names = append(names, a.Name)
	}
	return strings.Join(names, ", ")
}

// Counts reads a counter's hours; the store's method.
type Counts func(name string, fromHour, toHour int64, yield func(engine.Delta) error) error

// ReadExperiments tells how a program's experiments stand by these counters.
func ReadExperiments(p *engine.Program, counts Counts, now engine.Time) (ExperimentList, error) {
	var failed error
	read := func(name, labels string, part uint8, before int64) (sum int64) {
		err := counts(name, 0, before, func(d engine.Delta) error {
			if d.Labels == labels && d.Part == part {
				sum += d.N
			}
			return nil
		})
		failed = errors.Join(failed, err)
		return sum
	}
	list := ExperimentList{Experiments: []ExperimentDoc{}, Holdouts: []HoldoutDoc{}}
	holdouts := p.Holdouts(read, now, 0.95)
	for i := range holdouts {
		list.Holdouts = append(list.Holdouts, holdoutDoc(&holdouts[i]))
	}
	states := p.Experiments(read, now)
	for i := range states {
		list.Experiments = append(list.Experiments, experimentDoc(&states[i]))
	}
	if failed != nil {
		return list, failed
	}
	var err error
	list.Tags, err = pooledTags(states)
	return list, err
}

func experimentDoc(s *engine.ExperimentState) ExperimentDoc {
	x, v := s.Spec, s.Verdict
	doc := ExperimentDoc{
		Name: x.Name, Kind: "variants", Measure: x.Measure, Within: x.Within.String(), MinEach: int64(x.MinEach), Sure: x.Sure,
		Apply: "propose", State: v.State.String(), Chance: v.Chance, Missing: v.Missing, Mismatch: 1,
	}
	if len(x.Slots) > 0 {
		doc.Kind = "slots"
	}
	if x.Auto {
		doc.Apply = "auto"
	}
	for _, g := range x.Guards {
		doc.Guards = append(doc.Guards, g.Source)
	}
	for i := range s.Arms {
		doc.Arms = append(doc.Arms, armDoc(s, i))
	}
	if w := s.Winner; w != nil {
		doc.Winner = &WinDoc{Arm: w.Arm, Applied: w.Applied, At: instant(w.At), Why: w.Why}
	}
	if s.Err != nil {
		doc.State, doc.Fault, doc.Chance = "contradictory", s.Err.Error(), 1
		return doc
	}
	if _, chance, err := kpi.Mismatch(s.Arms, 0.001); err == nil {
		doc.Mismatch = chance
	}
	if v.Leader >= 0 {
		doc.Leader = s.Names[v.Leader]
	}
	if v.Guard >= 0 && v.Arm >= 0 {
		doc.Fired = &FiredDoc{Guard: x.Guards[v.Guard].Source, Arm: s.Names[v.Arm]}
	}
	if l := v.Lift; l.RelativeOK {
		doc.Lift = &LiftDoc{Value: l.Relative, Low: l.RelativeIn.Low, High: l.RelativeIn.High}
	}
	return doc
}

func holdoutDoc(s *engine.HoldoutState) HoldoutDoc {
	doc := HoldoutDoc{
		Workflow: s.Workflow, Label: s.Label, Goal: s.Goal, Percent: s.Holdout,
		In: countedDoc("in", &s.In), HeldOut: countedDoc("held_out", &s.HeldOut),
	}
	if s.Err != nil || s.In.Of == 0 || s.HeldOut.Of == 0 {
		return doc
	}
	l := s.Lift.Always
	doc.Points = &LiftDoc{Value: l.Difference, Low: l.DifferenceIn.Low, High: l.DifferenceIn.High}
	if l.RelativeOK {
		doc.Lift = &LiftDoc{Value: l.Relative, Low: l.RelativeIn.Low, High: l.RelativeIn.High}
	}
	return doc
}

// countedDoc is an arm as it was counted.
func countedDoc(name string, a *kpi.Arm) ArmDoc {
	doc := ArmDoc{Name: name, Drawn: max(a.Drawn, a.Of), Trials: a.Of, Successes: a.N}
	if rate, ok := a.Rate.Value(); ok {
		doc.Rate = &rate
	}
	if in, ok := a.Rate.Wilson(0.95); ok {
		doc.Low, doc.High = &in.Low, &in.High
	}
	return doc
}

func armDoc(s *engine.ExperimentState, i int) ArmDoc {
	a := &s.Arms[i]
	doc := countedDoc(s.Names[i], a)
	if i < len(s.Spec.Variants) {
		doc.Tags = s.Spec.Variants[i].Tags
	}
	for j, g := range s.Spec.Guards {
		if doc.Harm == nil {
			doc.Harm = map[string]int64{}
		}
		doc.Harm[g.Event] = a.Bad[j]
	}
	return doc
}

// pooledTags adds up what variants with a tag did against those without, over the
// experiments that have both and count the same thing.
func pooledTags(states []engine.ExperimentState) ([]TagDoc, error) {
	type kind struct{ tag, measure string }
	docs := []TagDoc{}
	strata := map[kind][]kpi.Stratum{}
	index := map[kind]int{}
	for i := range states {
		s := &states[i]
		for _, tag := range tagsOf(s.Spec) {
			stratum := stratumOf(s, tag)
			k := kind{tag, s.Spec.Measure}
			if stratum == nil {
				continue
			}
			if _, known := index[k]; !known {
				index[k] = len(docs)
				docs = append(docs, TagDoc{Tag: tag, Measure: s.Spec.Measure})
			}
			d := &docs[index[k]]
			d.Experiments = append(d.Experiments, s.Spec.Name)
			d.Leads += stratum.With.Of + stratum.Without.Of
			strata[k] = append(strata[k], *stratum)
		}
	}
	for k, i := range index {
		pooled, ok, err := kpi.Pool(strata[k], 0.95)
		if err != nil {
			return docs, err
		}
		if ok {
			docs[i].Lift = &LiftDoc{Value: pooled.Lift, Low: pooled.LiftIn.Low, High: pooled.LiftIn.High}
			docs[i].Points = &LiftDoc{Value: pooled.Points, Low: pooled.PointsIn.Low, High: pooled.PointsIn.High}
			docs[i].Apart = pooled.Apart
		}
	}
	slices.SortStableFunc(docs, func(a, b TagDoc) int { return strings.Compare(a.Tag+"\x00"+a.Measure, b.Tag+"\x00"+b.Measure) })
	return docs, nil
}

// tagsOf are all tags of an experiment's variants, each once.
func tagsOf(x *engine.ExperimentSpec) []string {
	var tags []string
	for _, v := range x.Variants {
		tags = append(tags, v.Tags...)
	}
	slices.Sort(tags)
	return slices.Compact(tags)
}

// stratumOf divides an experiment's arms by a tag; nil where one side is empty or
// the counts contradict each other.
func stratumOf(s *engine.ExperimentState, tag string) *kpi.Stratum {
	if s.Err != nil || s.Verdict.State == kpi.Mismatched {
		return nil
	}
	var stratum kpi.Stratum
	with := 0
	for i := range s.Arms {
		if i < len(s.Spec.Variants) && slices.Contains(s.Spec.Variants[i].Tags, tag) {
			stratum.With = stratum.With.Add(s.Arms[i].Rate)
			with++
		} else {
			stratum.Without = stratum.Without.Add(s.Arms[i].Rate)
		}
	}
	if with == 0 || with == len(s.Arms) {
		return nil
	}
	return &stratum
}
