package engine_test

import (
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/enginetest"
	"github.com/seed-456efde2/nurture/engine/sim"
)

// What a channel says that a message cost is a field of the event that tells of it,
// and figures add it up exactly, by the message's labels too.
func TestCostOfMessages(t *testing.T) {
	t.Parallel()
	cost := &engine.AttrSpec{Name: "cost", Kind: engine.Number}
	s := &engine.Spec{
		Name: "costs", Zone: time.UTC,
		Events:   []engine.EventSpec{{Name: "asked"}, {Name: "postal_sent"}},
		Channels: []engine.ChannelSpec{{Name: "post", Keyed: true}},
		TossUps: []engine.TossUpSpec{{
			Name: "letter", On: "asked", HandOver: &engine.HandOverSpec{Channel: "post", Kind: "postal", Content: enginetest.Parts("letter")},
		}},
		KPIs: []engine.KPISpec{
			{Name: "spent", Count: "postal_sent", Sum: cost, MinSample: 250},
			{Name: "spent_by_channel", Count: "postal_sent", Sum: cost, By: []string{"channel", "currency"}},
			{Name: "sent", Count: "postal_sent"},
		},
	}
	w := newWorld(t, s, sim.Options{Reply: func(engine.Request) engine.Receipt {
		return engine.Receipt{Outcome: engine.Done, Cost: 84.1, Currency: "JPY"}
	}})
	for range 3 {
		w.track("asked")
		w.after(60)
	}
	read := func(name string) *engine.Figure {
		f, err := w.Figures().Figure(name)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	if n := read("sent").Total.N; n != 3 {
		t.Fatalf("%d letters were sent", n)
	}
	if m := read("spent").Total; m.Value != 252.3 || m.N != 252 || !m.Known || !m.Enough {
		t.Errorf("three letters cost %+v", m)
	}
	if f := read("spent_by_channel"); len(f.Parts) != 1 || f.Parts[0].Labels != "channel=post\x1fcurrency=JPY" || f.Parts[0].Value != 252.3 {
		t.Errorf("by channel: %+v", f.Parts)
	}
}

// A number of a client's event is read as a rule would read it, whatever name and form
// it comes in; what is no number adds nothing.
func TestSumsOfClientsNumbers(t *testing.T) {
	t.Parallel()
	s := &engine.Spec{
		Name: "sums", Zone: time.UTC,
		Events: []engine.EventSpec{{Name: "deal_won"}},
		KPIs: []engine.KPISpec{
			{Name: "revenue", Count: "deal_won", Sum: &engine.AttrSpec{Name: "deal_amount", Kind: engine.Number}},
			{Name: "wired", Count: "deal_won", Sum: &engine.AttrSpec{Name: "worth", Wire: "Deal Worth!", Kind: engine.Number}},
		},
	}
	w := newWorld(t, s, sim.Options{})
	for _, v := range []engine.Value{
		engine.NumberValue(100.5), engine.TextValue(" 20.25 "), engine.NumberValue(-0.75), engine.TextValue("much"), engine.FlagValue(true), engine.NumberValue(1e300), {},
	} {
		w.track("deal_won", engine.Field{Name: "Deal Amount", Value: v}, engine.Field{Name: "Deal Worth!", Value: v})
		w.after(1)
	}
	w.track("deal_won")
	for _, name := range []string{"revenue", "wired"} {
		if f, err := w.Figures().Figure(name); err != nil || f.Total.Value != 120 {
			t.Errorf("%s is %+v (%v)", name, f, err)
		}
	}
}
