package engine_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/sim"
)

// funnelSpec is a workspace with a funnel that is told apart by an attribute, a
// step with a condition, one on a moment, and clicks that machines bring too.
func funnelSpec() *engine.Spec {
	s := spec()
	s.Attrs = append(s.Attrs, engine.AttrSpec{Name: "origin", Kind: engine.Text})
	ofMessage := []engine.AttrSpec{{Name: "message", Kind: engine.Text}, {Name: "verdict", Kind: engine.Text}, {Name: "link", Kind: engine.Text}}
	for i := range s.Events {
		if s.Events[i].Name == "email_clicked" {
			s.Events[i].Fields = ofMessage
		}
	}
	s.Events = append(s.Events, engine.EventSpec{Name: "deal_won"})
	s.Funnels = []engine.FunnelSpec{{
		Name: "q", From: start, To: start.Add(60 * engine.Day), Goal: 10, By: "origin",
		Steps: []engine.FunnelStep{
			{Name: "viewed", Count: "page_viewed"},
			{Name: "clicked", Count: "email_clicked", Rate: 0.5},
			{Name: "inquired", Count: "inquiry", Rate: 0.5, When: atLeast(engine.Key{Kind: engine.KeyLead, Name: "employees"}, 10)},
			{Name: "won", Count: "deal_won", Rate: 0.5},
		},
	}}
	return s
}

// funnelEvents are random events of people who are visitors first, some of whom
// sign in, with a few dated before and after the funnel's period.
func funnelEvents(r *rand.Rand, n int) []engine.Event {
	events := make([]engine.Event, 0, n)
	for i := range n {
		who := r.IntN(12)
		e := engine.Event{
			Kind: engine.Track, ID: fmt.Sprintf("m%04d", i), Source: "web", Visitor: fmt.Sprintf("v%d", who),
			At: start.Add(engine.Span(r.Int64N(int64(70*engine.Day))) - 5*engine.Day),
		}
		if who%3 != 0 && r.IntN(3) > 0 {
			e.User = fmt.Sprintf("u%d", who/2)
		}
		switch r.IntN(8) {
		case 0, 1:
			e.Kind = engine.Page
		case 2, 3:
			verdict := [...]string{"", "human", "machine"}[r.IntN(3)]
			e.Name = "email_clicked"
			e.Fields = []engine.Field{{Name: "message", Value: engine.TextValue(fmt.Sprintf("msg%d", who))}, {Name: "verdict", Value: engine.TextValue(verdict)}}
		case 4, 5:
			e.Name = "form_submitted"
			e.Fields = []engine.Field{{Name: "form", Value: engine.TextValue([]string{"inquiry", "other"}[r.IntN(2)])}}
		case 6:
			e.Name = "deal_won"
		default:
			e.Kind = engine.Identify
			e.Fields = []engine.Field{
				{Name: "origin", Value: engine.TextValue([]string{"search", "social"}[r.IntN(2)])},
				{Name: "employees", Value: engine.NumberValue(float64(r.IntN(20)))},
			}
		}
		events = append(events, e)
	}
	return events
}

type funnelCount struct {
	name, labels string
	hour         int64
}

// countFunnel runs events and gives what the funnel counted.
func countFunnel(t *testing.T, s *engine.Spec, events []engine.Event) (map[funnelCount]int64, *sim.Sim) {
	t.Helper()
	sums := map[funnelCount]int64{}
	world := sim.New(must(engine.NewProgram(s, "funnel", 1)), sim.Options{OnCount: func(d engine.Delta) {
		if strings.HasPrefix(d.Name, "funnel:") {
			sums[funnelCount{d.Name, d.Labels, d.Hour}] += d.N
		}
	}})
	for _, e := range events {
		if _, err := world.Submit(e); err != nil {
			t.Fatal(err)
		}
	}
	maps.DeleteFunc(sums, func(_ funnelCount, n int64) bool { return n == 0 })
	return sums, world
}

// What a funnel has counted is what its leads' journals say, in whatever order,
// and however often, the facts came.
func TestFunnelCountsAreAFold(t *testing.T) {
	t.Parallel()
	for seed := range uint64(30) {
		r := rand.New(rand.NewPCG(seed, 7))
		events := funnelEvents(r, 160)
		inOrder := slices.Clone(events)
		slices.SortStableFunc(inOrder, func(a, b engine.Event) int { return int(a.At - b.At) })
		late := slices.Concat(events, events[:40]) // some twice
		r.Shuffle(len(late), func(i, j int) { late[i], late[j] = late[j], late[i] })
		for i := range late {
			late[i].Received = start.Add(80 * engine.Day)
		}
		want, _ := countFunnel(t, funnelSpec(), inOrder)
		got, world := countFunnel(t, funnelSpec(), late)
		if !maps.Equal(got, want) {
			t.Fatalf("seed %d: shuffled, the funnel counted\n%v\nin order\n%v", seed, got, want)
		}
		passed := map[string]int64{}
		for k, n := range got {
			passed[k.name] += n
		}
		for step, n := range distinct(world) {
			if passed[engine.FunnelCounter("q", step)] != n {
				t.Fatalf("seed %d: %s was counted %d times, and %d leads passed it", seed, step, passed[engine.FunnelCounter("q", step)], n)
			}
		}
		if seed == 0 && len(got) < 20 {
			t.Fatalf("only %d counters: the test says nothing", len(got))
		}
	}
}

// distinct counts the leads whose journals hold an event of each plain step within
// the period, by nothing but the events themselves.
func distinct(world *sim.Sim) map[string]int64 {
	leads := map[string]int64{"viewed": 0, "won": 0}
	for _, id := range world.All() {
		l := world.Lead(id)
		if !l.Into.IsZero() {
			continue
		}
		seen := map[string]bool{}
		for _, part := range append([]engine.LeadID{id}, l.Parts...) {
			_ = world.Facts(part, func(row *engine.Fact) error {
				e := &row.Event
				if e.At >= start && e.At < start.Add(60*engine.Day) {
					seen["viewed"] = seen["viewed"] || e.Kind == engine.Page
					seen["won"] = seen["won"] || e.Kind == engine.Track && e.Name == "deal_won"
				}
				return nil
			})
		}
		for step := range leads {
			if seen[step] {
				leads[step]++
			}
		}
	}
	return leads
}

// A funnel that is changed counts what its new form counts, and one that is taken
// out counts nobody.
func TestFunnelIsCountedAnewWhenItChanges(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 7))
	events := funnelEvents(r, 200)
	slices.SortStableFunc(events, func(a, b engine.Event) int { return int(a.At - b.At) })
	changed := func() *engine.Spec {
		s := funnelSpec()
		s.Funnels[0].To = start.Add(20 * engine.Day)
		s.Funnels[0].By = ""
		s.Funnels[0].Steps = s.Funnels[0].Steps[1:]
		return s
	}
	gone := func() *engine.Spec {
		s := funnelSpec()
		s.Funnels = nil
		return s
	}
	for name, to := range map[string]func() *engine.Spec{"changed": changed, "taken out": gone} {
		want, _ := countFunnel(t, to(), events)
		got := map[funnelCount]int64{}
		world := sim.New(must(engine.NewProgram(funnelSpec(), "old", 1)), sim.Options{OnCount: func(d engine.Delta) {
			if strings.HasPrefix(d.Name, "funnel:") {
				got[funnelCount{d.Name, d.Labels, d.Hour}] += d.N
			}
		}})
		for i, e := range events {
			if i == len(events)/2 {
				if err := world.Swap(must(engine.NewProgram(to(), "new", 2))); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := world.Submit(e); err != nil {
				t.Fatal(err)
			}
		}
		maps.DeleteFunc(got, func(_ funnelCount, n int64) bool { return n == 0 })
		if !maps.Equal(got, want) {
			t.Errorf("%s: counted\n%v\nwant\n%v", name, got, want)
		}
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
