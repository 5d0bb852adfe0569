package engine_test

import (
	"testing"

	"github.com/seed-456efde2/nurture/engine"
)

// What is recorded is given as it is known: what never happened goes, the rest is as
// it was corrected, in the order of time; a correction that was taken back says
// nothing, and of two the later one is true.
func TestKnown(t *testing.T) {
	t.Parallel()
	event := func(id string, at engine.Time) engine.Event {
		return engine.Event{Kind: engine.Track, ID: id, Source: "web", Name: "visit", At: start + at, Fields: []engine.Field{{Name: "points", Value: engine.NumberValue(1)}}}
	}
	n := engine.Time(0)
	says := func(c engine.Correction) engine.Event {
		n++
		c.Why = "it was otherwise"
		if c.ID == "" {
			c.ID = "c" + c.Fact
		}
		return c.Event(engine.LeadID{1}, start+100+n)
	}
	events := engine.Known([]engine.Event{event("a", 1), event("b", 2), event("c", 3), event("d", 4)}, []engine.Event{
		says(engine.Correction{Fact: "a", Never: true}),
		says(engine.Correction{Fact: "b", Never: true, ID: "first"}),
		says(engine.Correction{Fact: "b", At: start + 9, ID: "second"}),
		says(engine.Correction{Fact: "c", Fields: []engine.Field{{Name: "points", Value: engine.NumberValue(7)}}}),
		says(engine.Correction{Fact: "d", Never: true, ID: "third"}),
		says(engine.Correction{Fact: "third", Never: true, ID: "fourth"}),
		says(engine.Correction{Fact: "c", Source: "elsewhere", Never: true, ID: "fifth"}),
	})
	want := []struct {
		id     string
		at     engine.Time
		points float64
	}{{"c", 3, 7}, {"d", 4, 1}, {"b", 9, 1}}
	if len(events) != len(want) {
		t.Fatalf("%d events: %+v", len(events), events)
	}
	for i, w := range want {
		e := &events[i]
		if points, _ := engine.Lookup(e.Fields, "points"); e.ID != w.id || e.At != start+w.at || points.Number() != w.points {
			t.Errorf("event %d is %+v", i, *e)
		}
	}
}

// A correction reads back as it was written.
func TestCorrectionOf(t *testing.T) {
	t.Parallel()
	c := engine.Correction{
		ID: "c", Fact: "f", Source: "web", Verdict: engine.Machine, At: start, NoConsent: true, Who: "somebody", Why: "because",
		Fields: []engine.Field{{Name: "fact", Value: engine.TextValue("x")}, {Name: "gone"}},
	}
	e := c.Event(engine.LeadID{1}, start+5)
	var row engine.Fact
	if err := engine.DecodeFact(engine.AppendFact(nil, &engine.Fact{Seq: 1, Event: e}), &row); err != nil {
		t.Fatal(err)
	}
	got := engine.CorrectionOf(&row.Event)
	if got.ID != c.ID || got.Fact != c.Fact || got.Source != c.Source || got.Verdict != c.Verdict || got.At != c.At || !got.NoConsent || got.Never ||
		got.Who != c.Who || got.Why != c.Why || len(got.Fields) != 2 || got.Fields[0] != c.Fields[0] || got.Fields[1] != c.Fields[1] {
		t.Errorf("%+v", got)
	}
	if got.Words() != "at machine fields no_consent" {
		t.Errorf("it says %q", got.Words())
	}
}
