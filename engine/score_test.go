package engine_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/enginetest"
	"github.com/seed-456efde2/nurture/engine/sim"
)

var points = engine.Key{Kind: engine.KeyEvent, Name: "points"}

// scoreSpec has one score that pays what its event says.
func scoreSpec(score engine.ScoreSpec) *engine.Spec {
	score.Name = "interest"
	score.Rules = append([]engine.ScoreRule{{Name: "paid", On: "paid", Amount: enginetest.Amount(points)}}, score.Rules...)
	return &engine.Spec{
		Name: "scores", Zone: tokyo,
		Attrs:  []engine.AttrSpec{{Name: "employees", Kind: engine.Number}, {Name: "timezone", Kind: engine.Text}},
		Events: []engine.EventSpec{{Name: "paid", Fields: []engine.AttrSpec{{Name: "points", Kind: engine.Number}}}, {Name: "seen"}},
		Scores: []engine.ScoreSpec{score},
	}
}

type payment struct {
	at     engine.Time
	points float64
}

// scoreByHand is what a score is at an instant, from all payments, the slow way.
func scoreByHand(s *engine.ScoreSpec, list []payment, now engine.Time) float64 {
	clamp := func(v float64) float64 {
		if s.Range {
			v = min(max(v, s.Min), s.Max)
		}
		return v
	}
	v, last := 0.0, engine.Time(0)
	fall := func(to engine.Time) {
		switch {
		case s.HalfLife > 0:
			v *= math.Exp2(-float64(to.Sub(last)) / float64(s.HalfLife))
		case s.Step.Per > 0:
			for t := last.Add(s.Step.Per); t <= to; t = t.Add(s.Step.Per) {
				if v > 0 {
					v = max(0, v-s.Step.Points)
				} else {
					v = min(0, v+s.Step.Points)
				}
			}
		}
		last = to
	}
	for _, p := range list {
		if p.at > now || s.Expires > 0 && p.at <= now.Add(-s.Expires) {
			continue
		}
		fall(p.at)
		v = clamp(v + p.points)
	}
	fall(now)
	return v
}

// TestScoresFallAsTheySay compares every way to fall with its slow definition, at
// random instants and at those where something changes, for payments in order and
// out of order.
func TestScoresFallAsTheySay(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 9))
		score := engine.ScoreSpec{}
		switch seed % 4 {
		case 0:
			score.HalfLife = engine.Span(1+r.IntN(40)) * engine.Hour
		case 1:
			score.Expires = engine.Span(1+r.IntN(40)) * engine.Hour
		case 2:
			score.Step = engine.StepDown{Points: float64(1 + r.IntN(9)), Per: engine.Span(1+r.IntN(20)) * engine.Hour}
		}
		if r.IntN(2) == 0 {
			score.Range, score.Min, score.Max = true, -float64(r.IntN(30)), float64(10+r.IntN(60))
		}
		var list []payment
		for range 20 {
			list = append(list, payment{start.Add(engine.Span(r.Int64N(int64(4 * engine.Day)))), float64(r.IntN(60) - 20)})
		}
		order := r.Perm(len(list))
		if seed%3 == 0 {
			for i := range order {
				order[i] = i
			}
		}
		w := newWorld(t, scoreSpec(score), sim.Options{Start: start.Add(5 * engine.Day)})
		for _, i := range order {
			p := list[i]
			if _, err := w.Submit(engine.Event{Kind: engine.Track, Name: "paid", ID: fmt.Sprintf("m%02d", i), User: "tanaka", At: p.at, Fields: []engine.Field{{Name: "points", Value: engine.NumberValue(p.points)}}}); err != nil {
				t.Fatal(err)
			}
		}
		sortPayments(list)
		for range 50 {
			now := w.Now().Add(engine.Span(r.Int64N(int64(3 * engine.Day))))
			if r.IntN(2) == 0 {
				now = list[r.IntN(len(list))].at.Add(score.Expires + score.Step.Per*engine.Span(r.IntN(20)) + engine.Span(r.IntN(3)-1))
			}
			if now < list[len(list)-1].at {
				continue
			}
			got := w.Program().Read(engine.NewFrame(), w.tanaka(), now, interest).Number()
			if want := scoreByHand(&score, list, now); math.Abs(got-want) > 2e-9 {
				t.Fatalf("seed %d, %+v at %s: %v, want %v", seed, score, now, got, want)
			}
		}
	}
}

func sortPayments(list []payment) {
	for i := range list {
		for j := i; j > 0 && list[j].at < list[j-1].at; j-- {
			list[j], list[j-1] = list[j-1], list[j]
		}
	}
}

func (w *world) pay(n float64) {
	w.t.Helper()
	w.track("paid", engine.Field{Name: "points", Value: engine.NumberValue(n)})
}

// A step falls for full periods only, from the last payment on; points expire at
// their very instant; a half-life is exact where it is asked for.
func TestScoresAtTheirEdges(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		score engine.ScoreSpec
		wait  engine.Span
		want  float64
	}{
		{engine.ScoreSpec{Step: engine.StepDown{Points: 5, Per: 7 * engine.Day}}, 7*engine.Day - 1, 20},
		{engine.ScoreSpec{Step: engine.StepDown{Points: 5, Per: 7 * engine.Day}}, 7 * engine.Day, 15},
		{engine.ScoreSpec{Step: engine.StepDown{Points: 5, Per: 7 * engine.Day}}, 28 * engine.Day, 0},
		{engine.ScoreSpec{Step: engine.StepDown{Points: 5, Per: 7 * engine.Day}}, 365 * engine.Day, 0},
		{engine.ScoreSpec{Expires: 30 * engine.Day}, 30*engine.Day - 1, 20},
		{engine.ScoreSpec{Expires: 30 * engine.Day}, 30 * engine.Day, 0},
		{engine.ScoreSpec{HalfLife: 14 * engine.Day}, 14 * engine.Day, 10},
		{engine.ScoreSpec{HalfLife: 14 * engine.Day}, 28 * engine.Day, 5},
		{engine.ScoreSpec{}, 365 * engine.Day, 20},
	} {
		w := newWorld(t, scoreSpec(c.score), sim.Options{})
		w.pay(20)
		w.after(c.wait)
		w.want(fmt.Sprintf("%+v after %v", c.score, c.wait), w.score(), c.want)
	}
}

// Rules without an event add to those with one and do not fall with them; they
// hold from the first fact on.
func TestScoreOfAttributesAndEvents(t *testing.T) {
	t.Parallel()
	large := engine.ScoreRule{Name: "large", When: atLeast(engine.Key{Kind: engine.KeyLead, Name: "employees"}, 100), Points: 30}
	s := scoreSpec(engine.ScoreSpec{HalfLife: engine.Day, Range: true, Max: 60, Rules: []engine.ScoreRule{large}})
	s.Attrs[0].Default = engine.NumberValue(500)
	s.Scores = append(s.Scores, engine.ScoreSpec{Name: "fit", HalfLife: engine.Day, Rules: []engine.ScoreRule{large}})
	fit := engine.Key{Kind: engine.KeyScore, Name: "fit"}
	w := newWorld(t, s, sim.Options{})
	w.pay(20)
	w.want("both", w.score(), 50.0)
	w.want("fit by default", w.Read(w.tanaka(), fit).Number(), 30.0)
	w.after(engine.Day)
	w.want("only points of events fade", w.score(), 40.0)
	w.want("fit does not fade", w.Read(w.tanaka(), fit).Number(), 30.0)
	w.pay(100)
	w.want("in its range", w.score(), 60.0)
	w.event(engine.Identify, "", engine.Field{Name: "employees", Value: engine.NumberValue(5)})
	w.want("small", w.score(), 60.0)
	w.want("small fit", w.Read(w.tanaka(), fit).Number(), 0.0)
}

// A changed definition is a changed score, from all facts, at the lead's next word.
func TestChangedScoreIsRecomputed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, scoreSpec(engine.ScoreSpec{}), sim.Options{})
	w.pay(20)
	w.after(10 * engine.Day)
	w.pay(30)
	w.want("for ever", w.score(), 50.0)
	for i, c := range []struct {
		score engine.ScoreSpec
		want  float64
	}{
		{engine.ScoreSpec{Expires: 7 * engine.Day}, 30},
		{engine.ScoreSpec{Step: engine.StepDown{Points: 2, Per: engine.Day}}, 30},
		{engine.ScoreSpec{HalfLife: 10 * engine.Day}, 40},
		{engine.ScoreSpec{Range: true, Max: 25}, 25},
		{engine.ScoreSpec{}, 50},
	} {
		p := program(t, scoreSpec(c.score), uint32(2+i))
		w.sweep(p)
		w.want(fmt.Sprintf("%+v", c.score), w.score(), c.want)
	}
}

// "Per day" is a day of the lead's own calendar.
func TestCapIsOfTheLeadsDay(t *testing.T) {
	t.Parallel()
	for zone, want := range map[string]float64{"Asia/Tokyo": 20, "America/New_York": 10} {
		s := scoreSpec(engine.ScoreSpec{Rules: []engine.ScoreRule{{Name: "seen", On: "seen", Points: 10, PerDay: 1}}})
		w := newWorld(t, s, sim.Options{Start: engine.TimeOf(time.Date(2026, 10, 5, 23, 0, 0, 0, tokyo))})
		w.event(engine.Identify, "", text("timezone", zone))
		w.track("seen")
		w.track("seen")
		w.after(2 * engine.Hour) // midnight in Tokyo, noon in New York
		w.track("seen")
		w.want(zone, w.score(), want)
	}
}

// A score that reads itself when it is read is refused.
func TestScoreInACircle(t *testing.T) {
	t.Parallel()
	s := scoreSpec(engine.ScoreSpec{Rules: []engine.ScoreRule{{Name: "self", When: isFlag(engine.Key{Kind: engine.KeySegment, Name: "hot"}), Points: 1}}})
	s.Segments = []engine.SegmentSpec{{Name: "hot", When: atLeast(interest, 10)}}
	if _, err := engine.NewProgram(s, "digest", 1); err == nil {
		t.Error("a score that depends on itself is accepted")
	}
}
