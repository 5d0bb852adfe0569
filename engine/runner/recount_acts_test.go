package runner

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/calendar"
	"github.com/seed-456efde2/nurture/engine/enginetest"
)

// countedActs is a workspace in which everything is counted that is done about leads:
// stages, hand-overs with desks, accounts and answers, workflows with goals and
// hold-outs, and funnels, with a rule that differs between the variants.
func countedActs(seed uint64) func(variant int) *engine.Spec {
	return func(variant int) *engine.Spec {
		spec := desks(seed)(variant)
		spec.Flows = []engine.FlowSpec{{
			Name: "care", Enter: engine.EnterSpec{On: "visit"}, ReEnter: &engine.ReEnterSpec{After: engine.Day}, Holdout: 40,
			Exits: []engine.ExitSpec{{Name: "bought", On: "buy"}},
			Goals: []engine.GoalSpec{{Name: "asked", On: "ask", Within: 3 * engine.Day}, {Name: "replied", On: "reply", Within: engine.Day}},
			Steps: []engine.StepSpec{
				{Name: "wait", Kind: engine.WaitStep, Next: engine.EndOfFlow, Wait: &engine.WaitSpec{For: calendar.Length{BusinessDays: 1 + variant}}},
			},
		}}
		to := engine.TimeOf(start) + engine.Time(1000*engine.Day)
		steps := []engine.FunnelStep{{Name: "came", Count: "visit"}, {Name: "asked", Count: "ask"}, {Name: "bought", Count: "buy"}}
		spec.Funnels = []engine.FunnelSpec{
			{Name: "all", To: to, By: "city", Steps: steps},
			{Name: "some", To: to, Steps: steps[variant:]},
		}
		spec.Funnels[0].Steps = append([]engine.FunnelStep(nil), steps...)
		spec.Funnels[0].Steps[0].When = enginetest.When("points", func(f map[string]any) bool {
			v, _ := f["event.points"].(float64)
			return v >= 5
		}, engine.Key{Kind: engine.KeyEvent, Name: "points"})
		return spec
	}
}

// After random streams with late, repeated and merged facts, with crashes and changes
// of rules, what is counted of stages, workflows, goals, hold-outs, hand-overs and
// funnels is what the journals tell.
func TestCountedActsAreWhatTheJournalTells(t *testing.T) {
	t.Parallel()
	for seed := range 3 * *seeds {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			h := newHistory(t, 400_000+seed, countedActs(400_000+seed))
			h.world.answer = func(engine.Request) engine.Receipt { return engine.Receipt{Outcome: engine.Done} }
			h.crowded = true // the simulator is not asked
			for range 12 {
				h.lateDeskRound()
			}
			h.clock.left.Store(-1)
			h.actsRecounted()
		})
	}
}

// lateDeskRound is deskRound with some events late and some twice.
func (h *history) lateDeskRound() {
	sent := len(h.sent)
	h.deskRound()
	for range 4 {
		h.events++
		e := h.event(strconv.Itoa(h.events), userOf(h.rng.IntN(12)), []string{"visit", "ask", "buy", "reply"}[h.rng.IntN(4)])
		e.At = e.At.Add(-engine.Span(h.rng.IntN(int(4 * engine.Day))))
		if e.Name == "visit" {
			e.Fields = []engine.Field{number("points", float64(h.rng.IntN(40)))}
		}
		h.submit([]engine.Event{e})
		h.sent = append(h.sent, e)
	}
	h.correctSome()
	if sent > 0 {
		h.submit([]engine.Event{h.sent[h.rng.IntN(sent)]})
	}
}

// actsRecounted holds the store's counters of acts against the journals.
func (h *history) actsRecounted() {
	h.t.Helper()
	want, told := map[engine.Delta]int64{}, map[string]int64{}
	frame := engine.NewFrame()
	at := func(revision uint32) *engine.Program { return h.revised[revision] }
	for part := range h.parts {
		err := h.store.Leads(part, engine.LeadID{}, 0, func(id engine.LeadID, row []byte) error {
			if engine.RowEntity(row) != engine.NoEntity {
				return nil
			}
			var l engine.Lead
			l.ID = id
			if err := engine.DecodeLead(row, &l); err != nil {
				return err
			}
			p := at(l.Revision)
			if p == nil {
				p = h.runner.Program() // nothing was decided about it but whose it is
			}
			return p.RecountActs(frame, &l, storedFacts{h}, at, func(d engine.Delta) error {
				n := d.N
				d.N = 0
				want[d] += n
				kind, _, _ := strings.Cut(d.Name, ":")
				told[kind] += n
				return nil
			})
		})
		if err != nil {
			h.t.Fatal(err)
		}
	}
	names := map[string]bool{}
	for _, p := range h.programs {
		for _, name := range p.ActCounters() {
			names[name] = true
		}
	}
	for d := range want {
		names[d.Name] = true
	}
	for name := range names {
		err := h.store.Counts(name, 0, math.MaxInt64, func(d engine.Delta) error {
			n := d.N
			d.N = 0
			if want[d] != n {
				h.t.Errorf("seed %d: %s in hour %d, part %d, %q: counted %d, the journal tells %d", h.seed, name, d.Hour, d.Part, d.Labels, n, want[d])
			}
			delete(want, d)
			return nil
		})
		if err != nil {
			h.t.Fatal(err)
		}
	}
	for d, n := range want {
		h.t.Errorf("seed %d: %s in hour %d, part %d, %q: counted nothing, the journal tells %d", h.seed, d.Name, d.Hour, d.Part, d.Labels, n)
	}
	h.t.Logf("seed %d: %d events, %d crashes, told %v", h.seed, h.events, h.crashes, told)
}
