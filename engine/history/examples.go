package history

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/learn"
	"github.com/seed-456efde2/nurture/engine/sim"
)

// Question is what is to be learned about a toss-up.
type Question struct {
	TossUp  string
	Score   string      // the score whose points are fitted; "": the one that the toss-up compares
	Outcome string      // event
	Within  engine.Span // the outcome counts when it comes within this time after the hand-over
	Notice  engine.Span // what is known later than this before the outcome is of no use; 0: a minute
	Since   engine.Span // moments longer than this before the record's end are left out; 0: none are
	PerLead int         // examples of one lead at most; 0: 12
	// MaxLeads bounds the leads that are kept: beyond, half of them are taken by a
	// hash of their names, or a quarter, and so on. 0: 100,000.
	MaxLeads int
}

// Rule is one scoring rule among the features.
type Rule struct {
	Score, Name string
	Leak        *Leak // it tells what nobody could know in time: it was left out
	Kept        bool  // its points are a formula: they count as they are written
	Paid        int   // leads for whom it ever contributed
}

// Leak is why a rule was refused: of the leads whose outcome came, how many had it
// known in time.
type Leak struct {
	Late, Known int
}

// Examples are what can be learned from.
type Examples struct {
	Question  Question
	Features  []learn.Feature
	Rules     []Rule // one for each of Features
	List      []learn.Example
	Users     []string // userId, else id, by Example.Lead
	Outcomes  []int64  // when the outcome came, by Example.Lead; 0: it never did
	Bar       float64  // the toss-up's threshold today
	Condition engine.Cond
	Gates     []engine.Cond // the toss-up's other conditions: all of them held at every example
	Unread    []engine.Cond // conditions that recorded facts alone cannot answer; they were passed over
	Immature  int           // examples whose time was not over when the record ends
	Events    int           // recorded events that were read
	OneIn     int           // one lead in so many was looked at: 1 is all
	From, To  engine.Time   // first and last event of the record
}

// Errors of Collect.
var (
	ErrNoScore = errors.New("the toss-up compares no score with a number (score.NAME >= 70)")
	ErrSteps   = errors.New("a score that falls in steps (step_down) does not add up and cannot be fitted")
)

// Collect goes through recorded people and notes, at every event at which a toss-up
// could have been made, what each rule of its score had contributed, and whether
// the outcome came in time.
//
// It runs the rules with one point each and without a range, so that what a rule
// has contributed is how often it paid, faded to the moment. Workflows and
// hand-overs are left out: what they brought about is in the record already. Each
// person is run alone.
func Collect(spec *engine.Spec, q Question, source Source, how Effort) (*Examples, error) {
	study, err := newStudy(spec, q)
	if err != nil {
		return nil, err
	}
	var mu sync.Mutex
	var all notes
	source = paced{source, how.Between}
	shards := source.Shards()
	err = parallel(how.work(), shards, func(next func() (int, bool)) error {
		c := newCollector(study)
		for n, ok := next(); ok; n, ok = next() {
			if err := source.Shard(n, c.person); err != nil {
				return err
			}
			if how.Progress != nil {
				how.Progress(n+1, shards)
			}
		}
		mu.Lock()
		defer mu.Unlock()
		all.join(&c.notes)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the recorded events: %w", err)
	}
	return study.finish(&all), nil
}

// study is a question that is ready to be put to people, side by side.
type study struct {
	out     *Examples
	score   *engine.ScoreSpec
	on      string // event of the toss-up, or ""
	program *engine.Program
}

func newStudy(spec *engine.Spec, q Question) (*study, error) {
	i := slices.IndexFunc(spec.TossUps, func(t engine.TossUpSpec) bool { return t.Name == q.TossUp })
	if i < 0 {
		return nil, fmt.Errorf("there is no toss-up called %q", q.TossUp)
	}
	if q.Notice == 0 {
		q.Notice = engine.Minute
	}
	if q.PerLead <= 0 {
		q.PerLead = 12
	}
	if q.MaxLeads <= 0 {
		q.MaxLeads = 100_000
	}
	t := &spec.TossUps[i]
	out := &Examples{Question: q, OneIn: 1}
	if err := out.takeApart(t, q.Score); err != nil {
		return nil, err
	}
	n := slices.IndexFunc(spec.Scores, func(s engine.ScoreSpec) bool { return s.Name == out.Question.Score })
	if n < 0 {
		return nil, fmt.Errorf("there is no score called %q", out.Question.Score)
	}
	if spec.Scores[n].Step.Per > 0 {
		return nil, ErrSteps
	}
	s := &study{out: out, score: &spec.Scores[n], on: t.On}
	s.features()
	p, err := engine.NewProgram(s.bareSpec(spec), "learn", 1)
	if err != nil {
		return nil, fmt.Errorf("prepare the rules for learning: %w", err)
	}
	s.program = p
	return s, nil
}

// takeApart finds the condition that compares the score, and what else must hold.
func (x *Examples) takeApart(t *engine.TossUpSpec, score string) error {
	for _, cond := range t.When {
		if timely, ok := cond.(engine.Timely); ok && x.Condition == nil {
			list, _ := timely.Thresholds()
			if len(list) == 1 && list[0].Key.Kind == engine.KeyScore && (list[0].Op == ">=" || list[0].Op == ">") &&
				(score == "" || list[0].Key.Name == score) && len(cond.Reads()) == 1 {
				x.Condition, x.Bar, x.Question.Score = cond, list[0].Value, list[0].Key.Name
				continue
			}
		}
		if readable(cond) {
			x.Gates = append(x.Gates, cond)
		} else {
			x.Unread = append(x.Unread, cond)
		}
	}
	if x.Condition == nil {
		return ErrNoScore
	}
	return nil
}

// readable reports whether a condition can be answered from facts alone, without
// what workflows and hand-overs did, and without the event of the moment.
func readable(c engine.Cond) bool {
	return !slices.ContainsFunc(c.Reads(), func(k engine.Key) bool {
		switch k.Kind {
		case engine.KeyLead, engine.KeyScore, engine.KeySegment, engine.KeyConsent, engine.KeyTimes, engine.KeySince,
			engine.KeyNow, engine.KeyWeekday, engine.KeyHour, engine.KeyBusinessDay:
			return false
		}
		return true
	})
}

func (s *study) features() {
	for i := range s.score.Rules {
		r := &s.score.Rules[i]
		f := learn.Feature{Name: r.Name, Points: r.Points, Sign: learn.NotNegative}
		if r.Points < 0 {
			f.Sign = learn.NotPositive
		}
		rule := Rule{Score: s.score.Name, Name: r.Name}
		if r.Amount != nil {
			f.Points, rule.Kept = 1, true
		}
		if f.Points == 0 {
			f.Sign = learn.Any
		}
		s.out.Features = append(s.out.Features, f)
		s.out.Rules = append(s.out.Rules, rule)
	}
}

// alone names the score that a single rule is in bareSpec.
func (s *study) alone(rule int) string { return "learn." + s.score.Rules[rule].Name }

// bareSpec is the workspace without what acts, and with a score of its own for each
// rule, of one point and without a range: its value is what the rule contributes.
func (s *study) bareSpec(spec *engine.Spec) *engine.Spec {
	bare := *spec
	bare.Flows, bare.TossUps, bare.KPIs, bare.Funnels = nil, nil, nil, nil
	bare.Stages = slices.Clone(spec.Stages)
	for i := range bare.Stages {
		bare.Stages[i].Enter, bare.Stages[i].Leave = nil, nil
	}
	bare.Scores = slices.Clone(spec.Scores)
	for i, r := range s.score.Rules {
		one := *s.score
		one.Name, one.Range = s.alone(i), false
		r.Points = 1
		one.Rules = []engine.ScoreRule{r}
		bare.Scores = append(bare.Scores, one)
	}
	bare.Asked = append(slices.Clone(spec.Asked), engine.Key{Kind: engine.KeyTimes, Name: s.out.Question.Outcome})
	if s.on != "" {
		bare.Asked = append(bare.Asked, engine.Key{Kind: engine.KeyTimes, Name: s.on})
	}
	for _, gate := range s.out.Gates {
		bare.Asked = append(bare.Asked, gate.Reads()...)
	}
	return &bare
}

// collector runs one person after the other, and takes notes of them.
type collector struct {
	*study
	notes
	sim   *sim.Sim
	leads map[engine.LeadID]*history // of the person
	dirty []engine.LeadID
	order []*history
}

// history is what has been seen of one lead.
type history struct {
	id      engine.LeadID
	name    string        // userId, else the id
	seen    engine.Time   // first
	first   []engine.Time // since when a feature has contributed, by feature
	outcome engine.Time
	asked   int64 // how often the toss-up's own event had come
	marks   []mark
	changed bool
}

// mark is one moment at which the lead could have been handed over.
type mark struct {
	at engine.Time
	x  []learn.Entry
}

func newCollector(s *study) *collector {
	c := &collector{study: s, leads: map[engine.LeadID]*history{}}
	c.most = s.out.Question.MaxLeads
	c.sim = sim.New(s.program, sim.Options{OnFact: c.fact, Apart: true})
	return c
}

// person runs one recorded person from the beginning to the end.
func (c *collector) person(p *Person) error {
	c.sim.Reset()
	clear(c.leads)
	c.order = c.order[:0]
	for i := range p.Events {
		fresh, err := c.sim.Submit(p.Events[i])
		if err != nil {
			return err
		}
		if fresh {
			c.read(p.Events[i].At)
		}
		for _, id := range c.dirty {
			c.look(c.leads[id])
		}
		c.dirty = c.dirty[:0]
	}
	c.joinParts()
	for _, h := range c.order {
		if l := c.sim.Lead(h.id); l.Into.IsZero() && l.Entity == engine.NoEntity && l.FirstSeen != 0 {
			h.name = nameOfLead(l)
			c.keep(h)
		}
	}
	return nil
}

// fact takes note of one row of a lead's journal.
func (c *collector) fact(id engine.LeadID, row *engine.Fact) {
	h := c.leads[id]
	if h == nil {
		h = &history{id: id, seen: row.Event.At, first: make([]engine.Time, len(c.score.Rules))}
		c.leads[id] = h
		c.order = append(c.order, h)
	}
	if !h.changed {
		h.changed = true
		c.dirty = append(c.dirty, id)
	}
}

// look notes what every rule contributes now, if this is a moment at which the lead
// could be handed over.
func (c *collector) look(h *history) {
	h.changed = false
	l := c.sim.Lead(h.id)
	if !l.Into.IsZero() || l.Entity != engine.NoEntity {
		return
	}
	now := c.sim.Now()
	x := make([]learn.Entry, 0, len(h.first))
	for f := range h.first {
		v := c.sim.Read(l, engine.Key{Kind: engine.KeyScore, Name: c.alone(f)}).Number()
		if v == 0 {
			continue
		}
		if h.first[f] == 0 {
			h.first[f] = now
		}
		x = append(x, learn.Entry{Feature: f, Value: v})
	}
	if h.outcome == 0 && c.times(l, c.out.Question.Outcome) > 0 {
		h.outcome = now
	}
	if h.outcome != 0 || !c.open(h, l) {
		return
	}
	n := len(h.marks)
	switch {
	case n > 0 && slices.Equal(h.marks[n-1].x, x):
	case n > 0 && h.marks[n-1].at == now:
		h.marks[n-1].x = x // of one instant, the whole of it counts
	default:
		h.marks = append(h.marks, mark{now, x})
	}
}

func (c *collector) times(l *engine.Lead, event string) int64 {
	return int64(c.sim.Read(l, engine.Key{Kind: engine.KeyTimes, Name: event}).Number())
}

// open reports whether everything that the toss-up asks besides the score holds.
func (c *collector) open(h *history, l *engine.Lead) bool {
	if c.on != "" {
		n := c.times(l, c.on)
		if n == h.asked {
			return false
		}
		h.asked = n
	}
	for _, gate := range c.out.Gates {
		reason, err := c.sim.Test(l, gate)
		if err != nil || !reason.Holds {
			return false
		}
	}
	return true
}

// joinParts gives what was seen of leads that were merged into others to those: a
// visitor whose name becomes known later is no lead that never had the outcome.
func (c *collector) joinParts() {
	for _, part := range c.order {
		id := part.id
		for range 16 {
			l := c.sim.Lead(id)
			if l.Into.IsZero() {
				break
			}
			id = l.Into
		}
		whole := c.leads[id]
		if id == part.id || whole == nil {
			continue
		}
		whole.seen = min(whole.seen, part.seen)
		for f, at := range part.first {
			if at != 0 && (whole.first[f] == 0 || at < whole.first[f]) {
				whole.first[f] = at
			}
		}
		if part.outcome != 0 && (whole.outcome == 0 || part.outcome < whole.outcome) {
			whole.outcome = part.outcome
		}
		whole.marks = append(whole.marks, part.marks...)
		slices.SortStableFunc(whole.marks, func(a, b mark) int { return cmp.Compare(a.at, b.at) })
	}
}
