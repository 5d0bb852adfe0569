package engine_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/calendar"
	"github.com/seed-456efde2/nurture/engine/enginetest"
	"github.com/seed-456efde2/nurture/engine/sim"
)

// flipSpec is a workspace in which one condition acts in every way that an edge
// can act: as a segment that opens a workflow, as a toss-up, as a stage, as an exit.
func flipSpec(when []engine.Cond) *engine.Spec {
	points := func(n float64) []engine.ScoreRule {
		return []engine.ScoreRule{
			{Name: "up", On: "up", Points: n}, {Name: "down", On: "down", Points: -n * 0.7},
		}
	}
	s := &engine.Spec{
		Name: "flips", Zone: tokyo, Calendar: &calendar.Calendar{Name: "japan", Workdays: 0b0111110, Open: 9 * 60, Close: 18 * 60, Japan: true},
		Attrs: []engine.AttrSpec{{Name: "meeting", Kind: engine.Instant}, {Name: "timezone", Kind: engine.Text}},
		Events: []engine.EventSpec{
			{Name: "up"}, {Name: "down"}, {Name: "agreed"}, {Name: "began"},
		},
		Consents: []engine.ConsentSpec{{Name: "marketing", Granted: "agreed", Expires: 20 * engine.Hour}},
		Scores: []engine.ScoreSpec{
			{Name: "fading", HalfLife: 9 * engine.Hour, Range: true, Min: -50, Max: 100, Rules: points(30)},
			{Name: "expiring", Expires: 11 * engine.Hour, Range: true, Min: -20, Max: 60, Rules: points(25)},
			{Name: "stepping", Step: engine.StepDown{Points: 4, Per: 37 * engine.Minute}, Range: true, Min: -100, Max: 100, Rules: points(20)},
		},
		Segments: []engine.SegmentSpec{{Name: "it", When: when}},
		Flows: []engine.FlowSpec{
			{Name: "joined", Enter: engine.EnterSpec{Joins: "it"}, Steps: []engine.StepSpec{{Name: "done", Kind: engine.ExitStep}}},
			{
				Name: "inside", Enter: engine.EnterSpec{On: "began"}, Exits: []engine.ExitSpec{{Name: "it", When: when}},
				Steps: []engine.StepSpec{{Name: "stay", Kind: engine.WaitStep, Next: engine.EndOfFlow, Wait: &engine.WaitSpec{For: calendar.Length{Span: 100 * 24 * time.Hour}}}},
			},
		},
		TossUps: []engine.TossUpSpec{{Name: "it", When: when}},
		Stages:  []engine.StageSpec{{Name: "first"}, {Name: "second", Enter: when}},
	}
	return s
}

// randomWhen makes one to three conditions. At most one of them hides its numbers.
func randomWhen(r *rand.Rand) []engine.Cond {
	ops := []string{"<", "<=", ">", ">=", "==", "!="}
	score := func(name string) engine.Key { return engine.Key{Kind: engine.KeyScore, Name: name} }
	hidden := false
	hide := func(conds []engine.Cond, k engine.Key) []engine.Cond {
		if hidden || r.IntN(3) > 0 {
			return conds
		}
		hidden = true
		return enginetest.When("hidden "+conds[0].Source(), func(facts map[string]any) bool {
			ok, _ := conds[0].Holds(&engine.Vars{Facts: facts})
			return ok
		}, k)
	}
	atoms := []func() []engine.Cond{
		func() []engine.Cond {
			k := score([]string{"fading", "expiring", "stepping"}[r.IntN(3)])
			return hide(enginetest.Compare(k, ops[r.IntN(6)], float64(r.IntN(60)-20)), k)
		},
		func() []engine.Cond {
			k := engine.Key{Kind: engine.KeyTimes, Name: "up", Window: engine.Span(1+r.IntN(20)) * engine.Hour}
			return enginetest.Compare(k, ops[r.IntN(6)], float64(r.IntN(3)))
		},
		func() []engine.Cond {
			k := engine.Key{Kind: engine.KeySince, Name: "down"}
			return hide(enginetest.Compare(k, ops[r.IntN(4)], float64(r.IntN(2000))/1000), k)
		},
		func() []engine.Cond {
			k := engine.Key{Kind: engine.KeyConsent, Name: "marketing"}
			want := r.IntN(2) == 0
			return enginetest.When(fmt.Sprint(k, want), func(facts map[string]any) bool { return facts[k.String()] == want }, k)
		},
		func() []engine.Cond {
			return enginetest.Compare(engine.Key{Kind: engine.KeyHour}, ops[r.IntN(6)], float64(r.IntN(24)))
		},
		func() []engine.Cond {
			k := engine.Key{Kind: engine.KeyWeekday}
			return enginetest.When("weekday", func(facts map[string]any) bool { return facts[k.String()] != "tue" }, k)
		},
		func() []engine.Cond {
			k := engine.Key{Kind: engine.KeyBusinessDay}
			return enginetest.When("business_day", func(facts map[string]any) bool { return facts[k.String()] == true }, k)
		},
		func() []engine.Cond {
			now, at := engine.Key{Kind: engine.KeyNow}, engine.Key{Kind: engine.KeyLead, Name: "meeting"}
			before := time.Duration(1+r.IntN(5)) * time.Hour
			if hidden {
				return nil
			}
			hidden = true
			return enginetest.When("shortly before the meeting", func(facts map[string]any) bool {
				now, _ := facts[now.String()].(time.Time)
				at, ok := facts[at.String()].(time.Time)
				return ok && !now.Before(at.Add(-before)) && now.Before(at)
			}, now, at)
		},
	}
	var when []engine.Cond
	for len(when) == 0 || len(when) < 3 && r.IntN(2) == 0 {
		when = append(when, atoms[r.IntN(len(atoms))]()...)
	}
	return when
}

// change is one flip of the condition.
type change struct {
	at engine.Time
	is bool
}

func (c change) String() string {
	return fmt.Sprint(c.at.In(tokyo).Format("Mon 02 15:04:05.000"), " ", c.is)
}

// flipsByLooking evaluates the condition at every second, and where it differs from
// the second before finds the millisecond.
func flipsByLooking(t *testing.T, w *world, when []engine.Cond, from, to engine.Time, was bool) []change {
	t.Helper()
	frame := engine.NewFrame()
	holds := func(at engine.Time) bool {
		for _, c := range when {
			if reason, err := w.Program().Test(frame, w.tanaka(), at, c); err != nil || !reason.Holds {
				return false
			}
		}
		return true
	}
	var list []change
	for at := from; at < to; at += engine.Time(engine.Second) {
		next := min(at+engine.Time(engine.Second), to)
		if holds(next) == was {
			continue
		}
		lo, hi := at, next
		for hi-lo > 1 {
			if mid := lo + (hi-lo)/2; holds(mid) == was {
				lo = mid
			} else {
				hi = mid
			}
		}
		was = !was
		list = append(list, change{hi, was})
	}
	return list
}

// TestTimeAloneFlipsAtTheExactInstant compares the timers with a reference that
// looks at every second: membership changes, toss-ups, stages and exits come at
// the very millisecond at which the condition does.
func TestTimeAloneFlipsAtTheExactInstant(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 4))
			when := randomWhen(r)
			var got []change
			var tossed, moved, left []engine.Time
			s := flipSpec(when)
			segment := r.IntN(2) == 0 // whose timers would hide those of the others
			if !segment {
				s.Segments, s.Flows = nil, s.Flows[1:]
			}
			w := newWorld(t, s, sim.Options{OnFact: func(_ engine.LeadID, row *engine.Fact) {
				for _, d := range row.Decisions {
					switch d.Kind {
					case engine.Joined, engine.Parted:
						got = append(got, change{d.At, d.Kind == engine.Joined})
					case engine.TossedUp:
						tossed = append(tossed, d.At)
					case engine.Moved:
						moved = append(moved, d.At)
					case engine.Left:
						if d.Detail == "it" {
							left = append(left, d.At)
						}
					}
				}
			}})
			meeting := w.Now().Add(engine.Span(r.Int64N(int64(50 * engine.Hour))))
			w.event(engine.Identify, "", engine.Field{Name: "meeting", Value: engine.TimeValue(meeting)}, text("timezone", []string{"Asia/Tokyo", "Europe/London", "Asia/Kolkata"}[r.IntN(3)]))
			for range 1 + r.IntN(8) {
				w.after(engine.Span(r.Int64N(int64(2 * engine.Hour))))
				w.track([]string{"up", "up", "down", "agreed"}[r.IntN(4)])
			}
			w.track("began")
			from := w.Now()
			is := true
			for _, c := range when {
				reason, err := w.Test(w.tanaka(), c)
				is = is && err == nil && reason.Holds
			}
			moves, leaves := len(moved), len(left)
			got, tossed = nil, nil
			want := flipsByLooking(t, w, when, from, from.Add(40*engine.Hour), is)
			w.after(40 * engine.Hour)
			if segment && !slices.Equal(got, want) {
				t.Errorf("%s\n got %v\nwant %v", sources(when), got, want)
			}
			var rises []engine.Time
			for _, c := range want {
				if c.is {
					rises = append(rises, c.at)
				}
			}
			if !slices.Equal(tossed, rises) {
				t.Errorf("%s: tossed up at %v, want %v", sources(when), tossed, rises)
			}
			first := rises[:min(len(rises), 1)]
			if moves == 0 && !slices.Equal(moved, first) {
				t.Errorf("%s: moved at %v, want %v", sources(when), moved, first)
			}
			if leaves == 0 && !slices.Equal(left, first) {
				t.Errorf("%s: left at %v, want %v", sources(when), left, first)
			}
		})
	}
}

// A hold is held throughout: what time alone makes false for an hour begins it anew.
func TestHoldIsBrokenByTimeAlone(t *testing.T) {
	t.Parallel()
	s := flipSpec(enginetest.Compare(engine.Key{Kind: engine.KeyHour}, "!=", 12))
	s.TossUps[0].Hold = 2 * engine.Hour
	s.Segments, s.Flows = nil, nil
	var tossed []string
	w := newWorld(t, s, sim.Options{Start: clock(tokyo, "2026-10-05 11:00"), OnFact: func(_ engine.LeadID, row *engine.Fact) {
		for _, d := range row.Decisions {
			if d.Kind == engine.TossedUp {
				tossed = append(tossed, d.At.In(tokyo).Format("02 15:04:05.000"))
			}
		}
	}})
	w.track("up")
	w.after(engine.Day)
	w.want("tossed up", tossed, []string{"05 15:00:00.000"})
}

// A program in which time alone makes nothing act arms no timer; one in which it
// does arms none where nothing is to come.
func TestNoFlipNoTimer(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		when []engine.Cond
		want int
	}{
		"a score that only fades": {enginetest.Compare(engine.Key{Kind: engine.KeyScore, Name: "fading"}, ">=", 90), 0},
		"an event for ever":       {enginetest.Compare(engine.Key{Kind: engine.KeyTimes, Name: "up"}, "<", 1), 0},
		"an event in a window":    {enginetest.Compare(engine.Key{Kind: engine.KeyTimes, Name: "up", Window: engine.Hour}, "<", 1), 1},
		"behind what does not change": {append(enginetest.Compare(engine.Key{Kind: engine.KeyTimes, Name: "down"}, ">=", 1),
			enginetest.Compare(engine.Key{Kind: engine.KeyHour}, "!=", 12)...), 0},
	} {
		s := flipSpec(c.when)
		s.Segments, s.Flows = nil, nil
		w := newWorld(t, s, sim.Options{})
		w.track("up")
		w.want(name, len(w.tanaka().Timers), c.want)
	}
}

func sources(when []engine.Cond) string {
	s := ""
	for _, c := range when {
		s += "[" + c.Source() + "] "
	}
	return s
}
