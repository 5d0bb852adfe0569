package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seed-456efde2/nurture/dsl"
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/sim"
)

// player plays one test.
type player struct {
	test   *dsl.Test
	sim    *sim.Sim
	lead   engine.LeadID
	others []engine.LeadID
	mates  []engine.LeadID // colleagues of the lead, who are no part of the story
	zone   *time.Location
	lang   string
	n      int
	reply  map[string]*dsl.TestReply
	used   map[string]int
	result *testResult
	rows   []engine.Decision // what was decided, for the coverage
	passed string            // how much time the last step let pass, in the test's words
	frame  *engine.Frame
	broken bool // a never has held: one is enough

	listen func(row *engine.Fact) // hears what the trace tells; nil: nobody does
}

// play runs a test on a Sim of its own.
func play(t *dsl.Test, p *engine.Program, cover *coverage) testResult {
	begin := time.Now()
	r := testResult{Name: t.Name, File: t.Place.File, Line: t.Place.Line}
	pl := newPlayer(t, p, cover.lang, &r)
	start := pl.sim.Now()
	if err := pl.run(p.Spec().KeyAttr); err != nil {
		r.Error = err.Error()
	}
	r.Passed = r.Error == "" && len(r.Faults) == 0
	r.length = pl.sim.Now().Sub(start)
	r.Length = r.length.String()
	r.Millis = float64(time.Since(begin).Microseconds()) / 1000
	cover.leads(pl.rows)
	return r
}

func newPlayer(t *dsl.Test, p *engine.Program, lang string, r *testResult) *player {
	pl := &player{
		test: t, zone: p.Spec().Zone, lang: lang, reply: map[string]*dsl.TestReply{}, used: map[string]int{}, result: r,
		frame: engine.NewFrame(),
	}
	pl.sim = sim.New(p, sim.Options{Start: engine.TimeOf(t.Start), Reply: pl.answer, Render: true, OnFact: pl.note})
	return pl
}

// begin makes the lead known.
func (pl *player) begin(keyAttr string) error {
	name := "test"
	if v, ok := engine.Lookup(pl.test.Lead, keyAttr); ok && v.Text() != "" {
		name = v.Text()
	}
	pl.lead = engine.Identifier{Kind: engine.ByKey, Value: name}.Lead()
	for i := range pl.test.Others {
		pl.others = append(pl.others, engine.Identifier{Kind: engine.ByKey, Value: otherName(name, i)}.Lead())
	}
	return pl.submit(engine.Identify, "", pl.test.Lead)
}

// otherName is the key of another lead of the story.
func otherName(name string, i int) string { return fmt.Sprintf("other-%d.%s", i+1, name) }

func (pl *player) run(keyAttr string) error {
	if err := pl.begin(keyAttr); err != nil {
		return err
	}
	for i := range pl.test.Steps {
		if err := pl.step(&pl.test.Steps[i]); err != nil {
			return fmt.Errorf("%s:%d: %w", pl.test.Steps[i].Place.File, pl.test.Steps[i].Place.Line, err)
		}
	}
	pl.result.Events = pl.n - 1 // the lead's own attributes at the beginning are no event
	return nil
}

func (pl *player) step(s *dsl.TestStep) error {
	switch {
	case s.Event != nil:
		return pl.submit(engine.Track, s.Event.Wire, s.Event.Fields)
	case s.Identify != nil:
		// Of one instant, who somebody is counts before what he did: a millisecond
		// keeps the story in the order in which it is read.
		if err := pl.sim.Advance(pl.sim.Now().Add(1)); err != nil {
			return err
		}
		return pl.submit(engine.Identify, "", s.Identify)
	case s.Correct != nil:
		return pl.correct(s.Correct)
	case s.Colleague != nil:
		return pl.colleague(s.Colleague)
	case s.Account != nil:
		return pl.company(s.Account)
	case s.After != nil:
		pl.passed = s.After.Length.String()
		to := s.After.Length.After(pl.sim.Now().In(pl.zone), pl.sim.Program().Spec().Calendar)
		return pl.sim.Advance(engine.TimeOf(to))
	case !s.At.IsZero():
		to := engine.TimeOf(s.At)
		if to < pl.sim.Now() {
			if pl.sim.Now().Sub(to) < engine.Second {
				return nil // times are written in whole seconds: it is that second still
			}
			return errors.New("the test's clock is past this time already")
		}
		pl.passed = ""
		return pl.sim.Advance(to)
	case s.Reply != nil:
		pl.reply[s.Reply.Channel], pl.used[s.Reply.Channel] = s.Reply, 0
		return nil
	}
	for _, cond := range s.Expect {
		pl.expect(cond)
	}
	return nil
}

func (pl *player) submit(kind engine.EventKind, name string, fields []engine.Field) error {
	pl.n++
	id := fmt.Sprintf("%06d", pl.n) // events of one instant keep the order of the story
	for i, other := range pl.others {
		e := engine.Event{Kind: kind, Name: name, ID: fmt.Sprintf("%s-other-%d", id, i+1), Source: "test", Lead: other, At: pl.sim.Now(), Fields: pl.asOther(kind, fields, i)}
		if _, err := pl.sim.Submit(e); err != nil {
			return err
		}
	}
	_, err := pl.sim.Submit(engine.Event{Kind: kind, Name: name, ID: id, Source: "test", Lead: pl.lead, At: pl.sim.Now(), Fields: fields})
	return err
}

// asOther are the fields of an event as another lead has them: its key is its own.
func (pl *player) asOther(kind engine.EventKind, fields []engine.Field, i int) []engine.Field {
	if kind != engine.Identify {
		return fields
	}
	key := pl.sim.Program().Spec().KeyAttr
	own := slices.Clone(fields)
	for j := range own {
		if own[j].Name == key {
			own[j].Value = engine.TextValue(otherName(own[j].Value.Text(), i))
		}
	}
	return own
}

// answer is what the test lets a channel say.
func (pl *player) answer(r engine.Request) engine.Receipt {
	reply := pl.reply[r.Channel]
	if reply == nil || reply.Times > 0 && pl.used[r.Channel] >= reply.Times {
		return engine.Receipt{Outcome: engine.Done}
	}
	pl.used[r.Channel]++
	return engine.Receipt{Outcome: reply.Outcome, Code: reply.Code}
}

func (pl *player) expect(cond engine.Cond) {
	lead := pl.sim.Lead(pl.lead)
	reason, err := pl.sim.Test(lead, cond)
	if err == nil && reason.Holds {
		return
	}
	place := cond.Place()
	fault := testFault{
		File: place.File, Line: place.Line, Column: place.Column, After: pl.passed, Condition: cond.Source(),
		At: pl.sim.Now().In(pl.zone).Format("Mon 2006-01-02 15:04 MST"), Saw: sawFacts(cond, reason.Facts, pl.lang),
	}
	if err != nil {
		fault.Saw = err.Error()
	}
	pl.result.Faults = append(pl.result.Faults, fault)
}

// watch fails the test when something holds that never must.
func (pl *player) watch(l *engine.Lead, at engine.Time) {
	for _, cond := range pl.test.Never {
		if pl.broken {
			return
		}
		reason, err := pl.sim.Program().Test(pl.frame, l, at, cond)
		if err == nil && !reason.Holds {
			continue
		}
		pl.broken = true
		place := cond.Place()
		pl.result.Faults = append(pl.result.Faults, testFault{
			File: place.File, Line: place.Line, Column: place.Column, Condition: cond.Source(),
			At: at.In(pl.zone).Format("Mon 2006-01-02 15:04 MST"), Saw: sawFacts(cond, reason.Facts, pl.lang),
		})
	}
}

// note keeps what happened, for the reader of a failure, and watches what never
// must be.
func (pl *player) note(id engine.LeadID, row *engine.Fact) {
	pl.rows = append(pl.rows, row.Decisions...)
	if l := pl.sim.Lead(id); l == nil || l.Entity != engine.NoEntity || slices.Contains(pl.others, id) || slices.Contains(pl.mates, id) {
		return // the story is told of the test's own lead
	}
	if len(row.Decisions) > 0 || row.Event.Kind.Outside() {
		pl.result.Trace = append(pl.result.Trace, storyRow(row, pl.lang, pl.zone))
		if pl.listen != nil {
			pl.listen(row)
		}
	}
	if l := pl.sim.Lead(id); l != nil {
		pl.watch(l, row.Event.At)
	}
}

// sawFacts says what a condition's facts were: "sent('mail') is 1".
func sawFacts(cond engine.Cond, facts []engine.Field, lang string) string {
	var list []string
	reads := cond.Reads()
	for i, f := range facts {
		v := f.Value.String()
		if f.Value.IsNone() {
			v = words(lang, "empty", "空")
		}
		name := f.Name
		if i < len(reads) {
			name = reads[i].Written()
		}
		list = append(list, name+words(lang, " is ", " は ")+v)
	}
	return strings.Join(list, ", ")
}
