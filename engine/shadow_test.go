package engine_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/sim"
)

// differences compares what two specs decide about tanaka and an event, now.
func (w *world) differences(change *engine.Spec, name string, fields ...engine.Field) []engine.Difference {
	w.t.Helper()
	c := engine.NewComparer(w.Program(), program(w.t, change, 2))
	var row []byte
	if l := w.tanaka(); l != nil {
		row = engine.AppendLead(nil, l)
	}
	e := engine.Event{Kind: engine.Track, Name: name, ID: "shadow", User: "tanaka", Lead: user("tanaka"), At: w.Now(), Received: w.Now(), Fields: fields}
	var found []engine.Difference
	if err := c.Compare(user("tanaka"), row, &e, w, func(d engine.Difference) { found = append(found, d) }); err != nil {
		w.t.Fatal(err)
	}
	return found
}

// Each kind of act that only one of two programs does is told.
func TestDifferencesOfADecision(t *testing.T) {
	t.Parallel()
	base := func() *engine.Spec {
		s := deskSpec()
		s.TossUps[0].Capacity = nil
		s.Flows = nil
		s.Segments = []engine.SegmentSpec{{Name: "keen", When: atLeast(interest, 60)}}
		return s
	}
	flow := engine.FlowSpec{Name: "x", Enter: engine.EnterSpec{On: "heat"}, Steps: []engine.StepSpec{mail("letter", 1), exitStep("done")}}
	for _, c := range []struct {
		what   string
		change func(s *engine.Spec)
		want   string
	}{
		{"nothing", func(*engine.Spec) {}, "[]"},
		{"a lower threshold", func(s *engine.Spec) { s.TossUps[0].When = atLeast(interest, 50) }, "[{send crm hot new  } {stage mql sal new  } {toss_up hot  new  }]"},
		{"other points", func(s *engine.Spec) { s.Scores[1].Rules[3].Amount, s.Scores[1].Rules[3].Points = nil, 30 }, "[{score interest  both 55 30} {stage lead mql old  }]"},
		{"a workflow", func(s *engine.Spec) { s.Flows = []engine.FlowSpec{flow} }, "[{enter x  new  } {send mail x/letter new  }]"},
		{"a segment", func(s *engine.Spec) { s.Segments[0].When = atLeast(interest, 55) }, "[{segment keen  new  }]"},
		{"no stage", func(s *engine.Spec) { s.Stages[1].Enter = atLeast(interest, 80) }, "[{stage lead mql old  }]"},
	} {
		w := newWorld(t, base(), sim.Options{})
		w.call(engine.Identify, "", "tanaka", "")
		change := base()
		c.change(change)
		found := w.differences(change, "heat", engine.Field{Name: "points", Value: engine.NumberValue(55)})
		w.want(c.what, inOrder(found), c.want)
		w.want("it changes nothing", w.tanaka().Acts.Stage, "lead")
	}
}

func inOrder(found []engine.Difference) string {
	var list []string
	for _, d := range found {
		list = append(list, fmt.Sprintf("{%s %s %s %s %s %s}", d.Kind, d.Subject, d.Detail, d.Only, d.Old, d.New))
	}
	for i := range list {
		for j := i + 1; j < len(list); j++ {
			if list[j] < list[i] {
				list[i], list[j] = list[j], list[i]
			}
		}
	}
	return fmt.Sprint(list)
}

// The scores that a shadow tells are those that the change would have given from the
// beginning: late events, expired points and all.
func TestShadowScoresAreThoseOfTheChange(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		rng := rand.New(rand.NewPCG(seed, 5))
		change := spec()
		change.Scores[1].HalfLife, change.Scores[1].Expires = 0, 5*engine.Day
		change.Scores[1].Rules[0].Points, change.Scores[1].Rules[0].PerDay = 7, 0
		old, next := newWorld(t, spec(), sim.Options{}), newWorld(t, change, sim.Options{})
		c := engine.NewComparer(old.Program(), program(t, change, 2))
		differ := 0
		for i := range 200 {
			e := engine.Event{Kind: engine.Track, ID: strconv.Itoa(i), User: "tanaka", Lead: user("tanaka"), At: old.Now(), Received: old.Now()}
			e.Name = []string{"page_viewed", "page_viewed", "email_clicked", "form_submitted"}[rng.IntN(4)]
			if rng.IntN(3) == 0 {
				e.At = e.At.Add(-engine.Span(rng.IntN(int(3 * engine.Day))))
			}
			var row []byte
			if l := old.tanaka(); l != nil {
				row = engine.AppendLead(nil, l)
			}
			told := map[string][2]string{}
			err := c.Compare(e.Lead, row, &e, old, func(d engine.Difference) {
				if d.Kind == "score" {
					told[d.Subject] = [2]string{d.Old, d.New}
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			for _, w := range []*world{old, next} {
				if _, err := w.Submit(e); err != nil {
					t.Fatal(err)
				}
			}
			now := old.tanaka().Now
			was := old.Program().Read(engine.NewFrame(), old.tanaka(), now, interest).Number()
			is := next.Program().Read(engine.NewFrame(), next.tanaka(), now, interest).Number()
			values, differs := told["interest"]
			if differs != (was-is > 1e-9 || is-was > 1e-9) || differs && (!close3(values[0], was) || !close3(values[1], is)) {
				t.Fatalf("seed %d, event %d: told %v, want %v and %v", seed, i, told, was, is)
			}
			if differs {
				differ++
			}
			for _, w := range []*world{old, next} {
				w.after(engine.Span(rng.IntN(int(10 * time.Hour / time.Millisecond))))
			}
		}
		if differ < 20 {
			t.Errorf("seed %d: the scores differed %d times: the test shows nothing", seed, differ)
		}
	}
}

// close3 reports whether a told number is the value, as far as it is told.
func close3(told string, v float64) bool {
	n, err := strconv.ParseFloat(told, 64)
	return err == nil && n-v < 1e-3 && v-n < 1e-3
}
