package runner

import (
	"math/rand/v2"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/calendar"
)

// features is oneAtATime with what the seed picks from the rest of the language:
// segments that open workflows, schedules, keys, hold-outs, lanes, goals, pauses
// that stop the clock or not, splits, attributes that are set, events that are
// emitted, loops, waits that divide by what came. Both variants of a seed have the
// same workflow with other steps.
func features(seed uint64) func(variant int) *engine.Spec {
	return func(variant int) *engine.Spec {
		rng := rand.New(rand.NewPCG(seed, 13))
		spec := oneAtATime(variant)
		spec.Events = append(spec.Events, engine.EventSpec{Name: "poked", Fields: []engine.AttrSpec{{Name: "city", Kind: engine.Text}}})
		spec.Segments = []engine.SegmentSpec{{Name: "keen", When: atLeast(float64(8 + rng.IntN(10)))}}
		spec.Scores[0].Rules = append(spec.Scores[0].Rules, engine.ScoreRule{Name: "poked", On: "poked", Points: 1})
		switch rng.IntN(3) {
		case 0:
			spec.Scores[0].HalfLife, spec.Scores[0].Expires = 0, 5*engine.Day
		case 1:
			spec.Scores[0].HalfLife, spec.Scores[0].Step = 0, engine.StepDown{Points: 4, Per: engine.Day}
		}
		flow := exploreFlow(rng, variant)
		if rng.IntN(3) == 0 {
			flow.Lane, spec.Flows[0].Lane = "one", "one"
			flow.Priority = rng.IntN(2)
		}
		clock := engine.PauseClock(rng.IntN(2))
		flow.Pause.Clock, spec.Flows[0].Pause.Clock = clock, clock
		spec.Flows[0].Pause.Overdue = engine.OnBlocked(rng.IntN(2))
		if rng.IntN(3) == 0 {
			spec.Flows[0].Holdout = 30
		}
		spec.Flows[0].Goals = []engine.GoalSpec{{Name: "replied", On: "reply", Within: 3 * engine.Day}}
		spec.Flows = append(spec.Flows, flow)
		return spec
	}
}

// enterBy are the ways into a workflow.
func enterBy(rng *rand.Rand) engine.EnterSpec {
	daily, err := calendar.ParseSchedule("30 10 * * *")
	if err != nil {
		panic(err)
	}
	points := engine.Key{Kind: engine.KeyEvent, Name: "points"}
	return []engine.EnterSpec{
		{On: "ask"},
		{On: "visit", When: atLeast(5)},
		{On: "visit", Key: factValue{points}},
		{Joins: "keen", Backfill: rng.IntN(2) == 0},
		{Leaves: "keen"},
		{Members: "keen", Schedule: daily, Spread: engine.Span(rng.IntN(2)) * engine.Hour},
	}[rng.IntN(6)]
}

// exploreFlow sends nothing: its steps are those that only change the lead.
func exploreFlow(rng *rand.Rand, variant int) engine.FlowSpec {
	city := factValue{engine.Key{Kind: engine.KeyStage}}
	wait := &engine.WaitSpec{
		Cases: []engine.WaitCase{{Name: "reply", On: []string{"reply"}, First: 4}, {Name: "out", On: []string{"optout", "accepted"}, First: 5}},
		On:    []string{"reply", "optout", "accepted"}, AtMost: calendar.Length{Span: time.Duration(5+rng.IntN(40)) * time.Hour}, Otherwise: 6,
	}
	steps := []engine.StepSpec{
		{Name: "half", Kind: engine.SplitStep, Split: &engine.SplitSpec{Arms: []engine.ArmSpec{{Name: "a", Weight: 1, First: 1}, {Name: "b", Weight: 2, First: 2}}}},
		{Name: "note", Kind: engine.SetStep, Next: 2, Set: &engine.SetSpec{Values: []engine.Assign{{Name: "city", Value: city}}}},
		{Name: "poke", Kind: engine.EmitStep, Next: 3, Emit: &engine.EmitSpec{Event: "poked", Fields: []engine.Assign{{Name: "city", Value: city}}}},
		{Name: "hear", Kind: engine.WaitStep, Next: 4, Wait: wait},
		{Name: "again", Kind: engine.GotoStep, Next: 6, Goto: &engine.GotoSpec{To: 2, AtMost: 2}},
		{Name: "gone", Kind: engine.ExitStep},
		{Name: "rest", Kind: engine.WaitStep, Next: engine.EndOfFlow, Wait: &engine.WaitSpec{For: calendar.Length{Span: 3 * time.Hour}, Recompute: rng.IntN(2) == 0}},
	}
	removed := []string{"", "exit", "gone"}[rng.IntN(3)]
	if variant == 1 {
		steps[6].Name, steps[6].Wait.For = "doze", calendar.Length{Span: 9 * time.Hour}
	}
	steps[6].Removed = removed
	flow := engine.FlowSpec{
		Name: "explore", Enter: enterBy(rng), Holdout: float64(rng.IntN(2) * 20), Steps: steps,
		Exits: []engine.ExitSpec{{Name: "bought", On: "buy"}},
		Goals: []engine.GoalSpec{{Name: "sold", On: "buy", Within: 2 * engine.Day}},
	}
	if rng.IntN(2) == 0 {
		flow.ReEnter = &engine.ReEnterSpec{After: engine.Span(rng.IntN(2)) * engine.Day, AtMost: rng.IntN(4), AtOnce: rng.IntN(3)}
	}
	return flow
}

// factValue is the value of one fact.
type factValue struct{ key engine.Key }

func (v factValue) Reads() []engine.Key { return []engine.Key{v.key} }
func (v factValue) Source() string      { return v.key.String() }
func (v factValue) Meaning() string     { return v.key.String() }
func (v factValue) Place() engine.Place { return engine.Place{} }

func (v factValue) Value(vars *engine.Vars) (engine.Value, error) {
	switch fact := vars.Facts[v.key.String()].(type) {
	case string:
		return engine.TextValue(fact), nil
	case float64:
		return engine.NumberValue(fact), nil
	}
	return engine.Value{}, nil
}
