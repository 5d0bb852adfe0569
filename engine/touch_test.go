package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/sim"
)

// told writes touches in short.
func told(list []engine.Touch) string {
	var parts []string
	for _, t := range list {
		parts = append(parts, strings.TrimRight(fmt.Sprintf("%s %s%s", t.Kind, t.Source, t.Step), " "))
	}
	return strings.Join(parts, ", ")
}

// What a lead met before a result: visits with where they came from, what we sent,
// and clicks by people, in order of time, late ones in their place.
func TestConversionsTellWhatCameBefore(t *testing.T) {
	t.Parallel()
	s := funnelSpec()
	p := must(engine.NewProgram(s, "touches", 1))
	world := sim.New(p, sim.Options{})
	n := 0
	submit := func(after engine.Span, kind engine.EventKind, name, context string, fields ...engine.Field) {
		t.Helper()
		n++
		e := engine.Event{
			Kind: kind, ID: fmt.Sprint("m", n), Source: "web", Name: name, User: "tanaka", At: start.Add(after), Context: context, Fields: fields,
		}
		if _, err := world.Submit(e); err != nil {
			t.Fatal(err)
		}
	}
	text := func(name, value string) engine.Field { return engine.Field{Name: name, Value: engine.TextValue(value)} }
	submit(0, engine.Track, "consent_given", "", text("purpose", "marketing"))
	submit(engine.Minute, engine.Page, "", `{"campaign":{"source":"news","name":"spring"}}`)
	submit(2*engine.Minute, engine.Page, "", `{"page":{"referrer":"https://acme.co.jp/"}}`) // the same visit
	submit(5*engine.Hour, engine.Identify, "", "")
	if len(world.Sent()) != 1 {
		t.Fatalf("%d messages were sent, want the first one", len(world.Sent()))
	}
	message := text("message", world.Sent()[0].Key.String())
	submit(6*engine.Hour, engine.Track, "email_clicked", "", message, text("verdict", "machine"))
	submit(7*engine.Hour, engine.Track, "email_clicked", "", message, text("verdict", "human"))
	submit(50*engine.Hour, engine.Track, "deal_won", "")
	submit(30*engine.Hour, engine.Page, "", "", text("url", "https://acme.co.jp/p?a=1&utm_source=se%20arch&utm_medium=cpc#x")) // late
	submit(51*engine.Hour, engine.Page, "", "", text("referrer", "https://www.example.com:8080/q"))
	submit(52*engine.Hour, engine.Track, "deal_won", "")

	l := world.Lead(engine.Identifier{Kind: engine.ByUser, Value: "tanaka"}.Lead())
	for within, want := range map[engine.Span][]string{
		0: {
			"visit news, sent first, click first, visit se arch",
			"visit news, sent first, click first, visit se arch, visit www.example.com",
		},
		engine.Day: {"visit se arch", "visit se arch, visit www.example.com"},
	} {
		found, err := p.Conversions(engine.NewFrame(), l, world, "deal_won", within)
		if err != nil || len(found) != len(want) {
			t.Fatalf("%d results, %v", len(found), err)
		}
		for i := range found {
			if got := told(found[i].Touches); got != want[i] {
				t.Errorf("result %d within %v: %s; want %s", i, within, got, want[i])
			}
		}
	}
	if found, err := p.Conversions(engine.NewFrame(), l, world, "inquiry", 0); err != nil || len(found) != 0 {
		t.Errorf("results that never came: %v, %v", found, err)
	}
}
