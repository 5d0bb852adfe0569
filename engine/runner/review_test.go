package runner

import (
	"context"
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
)

// everyMonday is a schedule: Mondays at nine, in UTC.
type everyMonday struct{}

func (everyMonday) Next(t time.Time) (time.Time, bool) {
	at := time.Date(t.Year(), t.Month(), t.Day(), 9, 0, 0, 0, time.UTC)
	for !at.After(t) || at.Weekday() != time.Monday {
		at = at.AddDate(0, 0, 1)
	}
	return at, true
}

func (everyMonday) String() string { return "0 9 * * 1" }

// Each scheduled time is reported once, over looks without number, crashes between
// the making and the sending, and days in which nobody was there to make it.
func TestReviewIsSentOnceForEachTime(t *testing.T) {
	t.Parallel()
	spec := mailSpec(time.Hour)
	spec.Reviews = []engine.ReviewSpec{{Name: "weekly", Schedule: everyMonday{}, Compare: 7 * engine.Day, Channel: "crm", Kind: "crm"}}
	p := program(t, spec, "reviewed")
	world := &receiver{}
	made := 0
	change := func(o *Options) {
		o.Report = func(_ context.Context, _ *engine.Program, r *engine.ReviewSpec, at engine.Time) ([]engine.Field, error) {
			made++
			return []engine.Field{{Name: "message", Value: engine.TextValue(fmt.Sprintf("%s of %s", r.Name, at))}}, nil
		}
	}
	g := newRig(t, p, world, change)
	judge := func() {
		t.Helper()
		if err := g.runner.Judge(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	judge() // it is known from now on, a Monday at nine
	judge()
	if len(world.requests()) != 0 || made != 0 {
		t.Fatalf("a report was made before its first time: %d made, %d sent", made, len(world.requests()))
	}
	for week := range 3 {
		g.advance(7 * 24 * time.Hour)
		judge()
		if week == 1 {
			g.crash()
			g.open(p, change)
		}
		judge()
		judge()
		g.quiet()
	}
	g.close()
	g.advance(24 * 24 * time.Hour) // three Mondays pass with nobody there: one report tells of them
	g.open(p, change)
	judge()
	judge()
	g.quiet()
	texts := map[string]int{}
	keys := map[engine.ActionKey]string{}
	for _, q := range world.requests() {
		text := q.Parts[0].Value.Text()
		if old, ok := keys[q.Key]; ok && old != text {
			t.Errorf("one key for %q and %q", old, text)
		}
		if keys[q.Key] == "" {
			texts[text]++
		}
		keys[q.Key] = text
	}
	want := map[string]int{}
	for _, days := range []int{7, 14, 21, 42} {
		want[fmt.Sprintf("weekly of %s", engine.TimeOf(start.AddDate(0, 0, days)))] = 1
	}
	if !maps.Equal(texts, want) {
		t.Errorf("reports by key:\n%v\nwant\n%v", texts, want)
	}
}
