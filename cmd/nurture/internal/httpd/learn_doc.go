package httpd

import (
	"bytes"
	"fmt"
	"maps"
	"math"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/seed-456efde2/nurture/dsl"
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/history"
	"github.com/seed-456efde2/nurture/engine/kpi"
)

// LearnTerms are what is to be learned, as somebody writes it.
type LearnTerms struct {
	TossUp   string  `json:"tossUp" minLength:"1" maxLength:"256" doc:"The toss-up whose score and threshold are fitted."`
	Outcome  string  `json:"outcome,omitempty" maxLength:"256" doc:"Event that is the success; absent: the toss-up's own."`
	Score    string  `json:"score,omitempty" maxLength:"256" doc:"The score to fit, where the toss-up compares several."`
	Since    string  `json:"since,omitempty" maxLength:"16" doc:"Learn from this long before the end of the record only, as in 1y or 180d."`
	Within   string  `json:"within,omitempty" maxLength:"16" doc:"The outcome counts within this time; absent: the toss-up's own, else 60d."`
	Notice   string  `json:"notice,omitempty" maxLength:"16" doc:"What is known later than this before the outcome is of no use; absent: 1m."`
	Split    float64 `json:"split,omitempty" doc:"Share of the record, in order of time, to learn from; absent: 0.7."`
	Capacity int     `json:"capacity,omitempty" minimum:"0" doc:"Leads that sales can take in the time that is learned from; absent: as many as today's rule hands over."`
}

// LearnAsk is what a lesson is made of. Source, Rules and Load are required.
type LearnAsk struct {
	LearnTerms
	Source history.Source
	Rules  *dsl.Workspace
	// Load loads the changed rules from their texts.
	Load   func(sources map[string][]byte) (*dsl.Workspace, error)
	Effort history.Effort
}

// LearnDoc is what was learned, and what it is worth.
type LearnDoc struct {
	TossUp    string        `json:"tossUp"`
	Score     string        `json:"score"`
	Outcome   string        `json:"outcome" doc:"Event."`
	Within    string        `json:"within" doc:"The outcome counts within this time after the hand-over."`
	Events    int           `json:"events" doc:"Recorded events that were read."`
	From      *time.Time    `json:"from,omitempty" doc:"Begin of the record, as far as it was learned from."`
	To        *time.Time    `json:"to,omitempty" doc:"The record's last event."`
	SplitAt   *time.Time    `json:"splitAt" doc:"Learned from what was before, judged on what came later."`
	Leads     int           `json:"leads"`
	OneIn     int           `json:"oneIn" doc:"One lead in so many was looked at; 1: all."`
	Moments   int           `json:"moments" doc:"Moments at which the toss-up could have been made."`
	Immature  int           `json:"immature" doc:"Moments left out because their time is not over."`
	Rules     []LearnedRule `json:"rules"`
	Threshold LearnedNumber `json:"threshold"`
	Ridge     float64       `json:"ridge" doc:"How strongly the weights are held at today's."`

	Today          LearnWorth `json:"today" doc:"Today's rules, replayed whole; later leads only."`
	Learned        LearnWorth `json:"learned" doc:"The learned rules, replayed whole; later leads only."`
	FirstByToday   LearnWorth `json:"firstByToday" doc:"The leads with the most of today's points."`
	FirstByLearned LearnWorth `json:"firstByLearned" doc:"As many with the most learned points."`

	Area        LearnArea       `json:"area" doc:"Of a lead with the outcome and one without: how often the score names the right one."`
	Better      bool            `json:"better" doc:"The learned points are clearly better on what they were not learned from."`
	Brier       float64         `json:"brier" doc:"Mean squared distance between the chance told and what came."`
	Calibration []LearnGroup    `json:"calibration"`
	NotRead     []string        `json:"notRead,omitempty" doc:"Conditions of the toss-up that recorded events alone cannot answer: they were passed over."`
	Unknown     history.Unknown `json:"unknown" doc:"What the replay cannot know."`

	Changes map[string][]byte `json:"changes,omitempty" doc:"Files of the workspace as they would be, in base64."`
	Seconds float64           `json:"seconds"`
}

// LearnedRule is one rule of the score.
type LearnedRule struct {
	Rule    string  `json:"rule"`
	Today   float64 `json:"today"`
	Learned float64 `json:"learned"`
	Weight  float64 `json:"weight" doc:"Log-odds for each time that it counts."`
	Leads   int     `json:"leads" doc:"For whom it ever counted."`
	Formula bool    `json:"formula" doc:"Its points are a formula and stay."`
	// Refused is set for a rule that is known with the outcome only.
	Refused *LearnLeak `json:"refused,omitempty" doc:"Known too late to act on: not learned, not changed."`
}

// LearnLeak tells how often a rule was known too late.
type LearnLeak struct {
	Late int `json:"late" doc:"Outcomes before which it was not known in time."`
	Of   int `json:"of" doc:"Outcomes for which it is known at all."`
}

// LearnedNumber is a number as it is and as it was learned.
type LearnedNumber struct {
	Today   float64 `json:"today"`
	Learned float64 `json:"learned"`
}

// LearnArea compares how two sets of points order the leads.
type LearnArea struct {
	LearnedNumber
	Ahead float64 `json:"ahead" doc:"Share of resamplings of the leads in which the learned points are ahead."`
}

// LearnGroup is a line of the table of calibration.
type LearnGroup struct {
	Told  float64 `json:"told"`
	Came  float64 `json:"came"`
	Leads float64 `json:"leads"`
}

// LearnWorth is what handing leads over brought, of those that were first seen in
// the later part of the record.
type LearnWorth struct {
	Leads      int           `json:"leads"`
	OfOutcomes int           `json:"outcomesAmongLeads"`
	HandedOver int           `json:"handedOver"`
	Outcomes   int           `json:"outcomes"`
	Precision  *float64      `json:"precision"`
	Interval   *kpi.Interval `json:"interval,omitempty" doc:"Of the precision, 95 %."`
	Recall     *float64      `json:"recall"`
	MedianDays *float64      `json:"medianDays,omitempty" doc:"From hand-over to outcome."`
}

// MakeLesson learns from recorded people, and replays today's rules and the learned
// ones, whole as they would be written.
func MakeLesson(ask LearnAsk) (*LearnDoc, error) {
	q, err := ask.question(ask.Rules.Spec)
	if err != nil {
		return nil, err
	}
	ask.Source = history.InTime(ask.Source)
	x, err := history.Collect(cloneSpec(ask.Rules.Spec), q, ask.Source, ask.Effort)
	if err != nil {
		return nil, err
	}
	l, err := x.Learn(history.Terms{Split: ask.Split, Capacity: ask.Capacity})
	if err != nil {
		return nil, err
	}
	doc := newLearnDoc(l, ask.Rules.Spec.Zone)
	if doc.Changes, err = repointed(ask.Rules.Sources, l); err != nil {
		return nil, err
	}
	changed := maps.Clone(ask.Rules.Sources)
	maps.Copy(changed, doc.Changes)
	next, err := ask.Load(changed)
	if err != nil {
		return nil, err
	}
	return doc, doc.replay(l, &ask, next.Spec)
}

// question makes of the terms what is to be learned.
func (t *LearnTerms) question(spec *engine.Spec) (q history.Question, err error) {
	tossUp := strings.TrimPrefix(t.TossUp, "toss_up.")
	q = history.Question{TossUp: tossUp, Score: strings.TrimPrefix(t.Score, "score."), Outcome: strings.TrimPrefix(t.Outcome, "event."), Within: 60 * engine.Day}
	i := slices.IndexFunc(spec.TossUps, func(t engine.TossUpSpec) bool { return t.Name == tossUp })
	if i < 0 {
		return q, fmt.Errorf("there is no toss-up called %q", tossUp)
	}
	if s := spec.TossUps[i].Success; s != nil {
		if q.Outcome == "" {
			q.Outcome = s.On
		}
		if s.Within > 0 {
			q.Within = s.Within
		}
	}
	if q.Outcome == "" {
		return q, fmt.Errorf("toss_up.%s has no success; say what counts as one: the outcome event.NAME", tossUp)
	}
	if !slices.ContainsFunc(spec.Events, func(e engine.EventSpec) bool { return e.Name == q.Outcome }) {
		return q, fmt.Errorf("there is no event called %q for the outcome", q.Outcome)
	}
	for _, f := range []struct {
		name, text string
		to         *engine.Span
	}{{"within", t.Within, &q.Within}, {"notice", t.Notice, &q.Notice}, {"since", t.Since, &q.Since}} {
		if f.text == "" {
			continue
		}
		span, ok := Length(f.text)
		if !ok {
			return q, fmt.Errorf("%s is a length of time like 90d, 12h or 1y, not %q", f.name, f.text)
		}
		*f.to = span
	}
	return q, nil
}

// repointed are the files that the learned points and the threshold change.
func repointed(sources map[string][]byte, l *history.Lesson) (map[string][]byte, error) {
	x := l.Examples
	change := dsl.Repoint{
		Score: x.Question.Score, TossUp: x.Question.TossUp, Condition: x.Condition.Source(), Bar: l.Bar, Points: l.Repaid(),
	}
	changes := map[string][]byte{}
	for _, name := range slices.Sorted(maps.Keys(sources)) {
		if path.Ext(name) != ".hcl" {
			continue
		}
		after, done, err := dsl.Repointed(name, sources[name], change)
		if err != nil {
			return nil, err
		}
		if done > 0 && !bytes.Equal(sources[name], after) {
			changes[name] = after
		}
	}
	return changes, nil
}

// newLearnDoc tells a lesson, without what a replay adds.
func newLearnDoc(l *history.Lesson, zone *time.Location) *LearnDoc {
	if zone == nil {
		zone = time.UTC
	}
	local := func(t engine.Time) *time.Time {
		at := t.In(zone)
		return &at
	}
	x := l.Examples
	doc := &LearnDoc{
		TossUp: x.Question.TossUp, Score: x.Question.Score, Outcome: x.Question.Outcome, Within: x.Question.Within.String(),
		Events: x.Events, From: local(x.From), To: local(x.To), SplitAt: local(l.Cut),
		Leads: len(x.Users), OneIn: x.OneIn, Moments: len(x.List), Immature: x.Immature,
		Threshold: LearnedNumber{x.Bar, l.Bar}, Ridge: l.Model.Ridge,
		Area: LearnArea{LearnedNumber{l.AreaToday, l.Area}, l.Ahead}, Better: l.Better(), Brier: l.Brier,
		Rules: []LearnedRule{}, Calibration: []LearnGroup{},
	}
	for i, r := range x.Rules {
		rule := LearnedRule{Rule: r.Name, Today: l.Today.Each[i], Learned: l.Points.Each[i], Weight: l.Model.Weights[i], Leads: r.Paid, Formula: r.Kept}
		if r.Leak != nil {
			rule.Refused = &LearnLeak{r.Leak.Late, r.Leak.Known}
		}
		doc.Rules = append(doc.Rules, rule)
	}
	for _, g := range l.Calibration {
		doc.Calibration = append(doc.Calibration, LearnGroup{g.Told, g.Won / g.N, g.N})
	}
	for _, c := range x.Unread {
		doc.NotRead = append(doc.NotRead, c.Source())
	}
	return doc
}

// replay runs the record under today's rules and under the learned ones.
func (d *LearnDoc) replay(l *history.Lesson, ask *LearnAsk, next *engine.Spec) error {
	x := l.Examples
	done, err := history.Replay(history.ReplayOptions{
		Source: ask.Source, To: x.To, Workers: ask.Effort.Workers, Begin: ask.Effort.Begin, Stopped: ask.Effort.Stopped, Progress: ask.Effort.Progress,
		Rules: []history.Ruleset{{Name: "today", Spec: cloneSpec(ask.Rules.Spec)}, {Name: "learned", Spec: cloneSpec(next)}},
	})
	if err != nil {
		return err
	}
	today, learned := x.Worth(done.Sets[0].Picked(d.TossUp), l.Cut), x.Worth(done.Sets[1].Picked(d.TossUp), l.Cut)
	// Half of what the rules hand over: where both can choose.
	firstToday, firstLearned := l.First(min(today.Picked, learned.Picked) / 2)
	d.Today, d.Learned, d.FirstByToday, d.FirstByLearned = worthOf(today), worthOf(learned), worthOf(firstToday), worthOf(firstLearned)
	d.Unknown = done.Sets[1].Unknown
	return nil
}

func worthOf(w history.Worth) LearnWorth {
	doc := LearnWorth{Leads: w.Leads, OfOutcomes: w.Outcomes, HandedOver: w.Picked, Outcomes: w.Won}
	rate := func(n, of int) *float64 {
		if of == 0 {
			return nil
		}
		v := math.Round(float64(n)/float64(of)*1e6) / 1e6
		return &v
	}
	doc.Precision, doc.Recall = rate(w.Won, w.Picked), rate(w.Won, w.Outcomes)
	if i, ok := (kpi.Rate{N: int64(w.Won), Of: int64(w.Picked)}).Wilson(0.95); ok {
		doc.Interval = &i
	}
	if w.Won > 0 {
		days := float64(w.Median) / float64(engine.Day)
		doc.MedianDays = &days
	}
	return doc
}
