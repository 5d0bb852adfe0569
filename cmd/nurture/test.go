package main

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-456efde2/nurture/dsl"
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/sim"
)

func (c *cli) testVerb() *cobra.Command {
	var only string
	verb := &cobra.Command{
		Use:   "test [WORKSPACE]",
		Short: "Run the workspace's tests on a virtual clock",
		Long: `test plays every test block: events happen, time passes, channels answer, and what
is expected is compared with what the rules did. Nothing is sent. Exit code 0:
all passed; 1: some failed; 3: the workspace does not load.`,
		Example: "  nurture test\n  nurture test ./rules --run night",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			pattern, err := regexp.Compile(only)
			if err != nil {
				return fmt.Errorf("--run: %w", err)
			}
			w, err := c.load(folder(args), loadOptions{quiet: true})
			if err != nil {
				return err
			}
			p, err := w.program(1)
			if err != nil {
				return err
			}
			return c.runTests(w, p, pattern)
		},
	}
	verb.Flags().StringVar(&only, "run", "", "run only the tests whose name matches this regular expression")
	return verb
}

// testResult is how one test went.
type testResult struct {
	Name   string       `json:"name"`
	File   string       `json:"file"`
	Line   int          `json:"line"`
	Passed bool         `json:"passed"`
	Events int          `json:"events"`
	Length string       `json:"virtual_time"`
	Millis float64      `json:"ms"`
	Faults []testFault  `json:"failures,omitempty"`
	Error  string       `json:"error,omitempty"`
	Trace  []string     `json:"what_happened,omitempty"`
	length engine.Span  // of virtual time
	place  engine.Place // of the test
}

// testFault is an expectation that did not hold.
type testFault struct {
	File      string `json:"file"`
	Line      int    `json:"line"`
	Column    int    `json:"column"`
	After     string `json:"after"`
	At        string `json:"at"`
	Condition string `json:"condition"`
	Saw       string `json:"saw"`
}

func (c *cli) runTests(w *workspace, p *engine.Program, only *regexp.Regexp) error {
	results := []testResult{}
	failures := 0
	for i := range w.Tests {
		if !only.MatchString(w.Tests[i].Name) {
			continue
		}
		r := play(&w.Tests[i], p, w.problems.Language)
		if !r.Passed {
			failures++
		}
		results = append(results, r)
	}
	if c.json {
		if err := c.print(map[string]any{"ok": failures == 0, "passed": len(results) - failures, "failed": failures, "tests": results}); err != nil {
			return err
		}
	} else {
		c.printTests(w, results, failures)
	}
	if failures > 0 {
		return failed(exitFailed)
	}
	return nil
}

// player plays one test.
type player struct {
	test   *dsl.Test
	sim    *sim.Sim
	lead   engine.LeadID
	zone   *time.Location
	lang   string
	n      int
	reply  map[string]*dsl.TestReply
	used   map[string]int
	result *testResult
	passed string // how much time the last step let pass, in the test's words
}

// play runs a test on a Sim of its own.
func play(t *dsl.Test, p *engine.Program, lang string) testResult {
	begin := time.Now()
	r := testResult{Name: t.Name, File: t.Place.File, Line: t.Place.Line, place: t.Place}
	pl := &player{test: t, zone: p.Spec().Zone, lang: lang, reply: map[string]*dsl.TestReply{}, used: map[string]int{}, result: &r}
	start := engine.TimeOf(t.Start)
	pl.sim = sim.New(p, sim.Options{Start: start, Reply: pl.answer, Render: true, OnFact: pl.note})
	if err := pl.run(p.Spec().KeyAttr); err != nil {
		r.Error = err.Error()
	}
	r.Passed = r.Error == "" && len(r.Faults) == 0
	r.length = pl.sim.Now().Sub(start)
	r.Length = r.length.String()
	r.Millis = float64(time.Since(begin).Microseconds()) / 1000
	if r.Passed {
		r.Trace = nil
	}
	return r
}

func (pl *player) run(keyAttr string) error {
	name := "test"
	if v, ok := engine.Lookup(pl.test.Lead, keyAttr); ok && v.Text() != "" {
		name = v.Text()
	}
	pl.lead = engine.Identifier{Kind: engine.ByKey, Value: name}.Lead()
	if err := pl.submit(engine.Identify, "", pl.test.Lead); err != nil {
		return err
	}
	pl.n = 0 // the lead's own attributes are not counted as an event
	for i := range pl.test.Steps {
		if err := pl.step(&pl.test.Steps[i]); err != nil {
			return fmt.Errorf("%s:%d: %w", pl.test.Steps[i].Place.File, pl.test.Steps[i].Place.Line, err)
		}
	}
	pl.result.Events = pl.n
	return nil
}

func (pl *player) step(s *dsl.TestStep) error {
	switch {
	case s.Event != nil:
		return pl.submit(engine.Track, s.Event.Wire, s.Event.Fields)
	case s.After != nil:
		pl.passed = s.After.Length.String()
		to := s.After.Length.After(pl.sim.Now().In(pl.zone), pl.sim.Program().Spec().Calendar)
		return pl.sim.Advance(engine.TimeOf(to))
	case !s.At.IsZero():
		to := engine.TimeOf(s.At)
		if to < pl.sim.Now() {
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
	id := fmt.Sprintf("%s-%d", kind, pl.n)
	_, err := pl.sim.Submit(engine.Event{Kind: kind, Name: name, ID: id, Source: "test", Lead: pl.lead, At: pl.sim.Now(), Fields: fields})
	return err
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
		At: pl.sim.Now().In(pl.zone).Format("Mon 2006-01-02 15:04 MST"), Saw: sawFacts(reason.Facts, pl.lang),
	}
	if err != nil {
		fault.Saw = err.Error()
	}
	pl.result.Faults = append(pl.result.Faults, fault)
}

// note keeps what happened, for the reader of a failure.
func (pl *player) note(_ engine.LeadID, row *engine.Fact) {
	if len(row.Decisions) > 0 || row.Event.Kind.Outside() {
		pl.result.Trace = append(pl.result.Trace, traceRow(row, pl.lang, pl.zone))
	}
}

// sawFacts says what a condition's facts were: "sent('mail') is 1".
func sawFacts(facts []engine.Field, lang string) string {
	var list []string
	for _, f := range facts {
		v := f.Value.String()
		if f.Value.IsNone() {
			v = words(lang, "empty", "空")
		}
		list = append(list, f.Name+words(lang, " is ", " は ")+v)
	}
	return strings.Join(list, ", ")
}
