package engine_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/sim"
)

// since is a journal whose rows before an instant are no longer there.
type since struct {
	engine.History
	from engine.Time
}

// Facts implements engine.History.
func (s since) Facts(lead engine.LeadID, yield func(*engine.Fact) error) error {
	return s.History.Facts(lead, func(f *engine.Fact) error {
		if f.Event.At < s.from {
			return nil
		}
		return yield(f)
	})
}

// keptWorld is a lead with a visit, a message, a click and a deal that was won 50
// hours after the start; more visits go before the deal.
func keptWorld(t *testing.T, visits int) (*engine.Program, *sim.Sim, *engine.Lead, func(engine.Span, engine.EventKind, string, ...engine.Field)) {
	t.Helper()
	p := must(engine.NewProgram(funnelSpec(), "kept", 1))
	world := sim.New(p, sim.Options{})
	n := 0
	submit := func(after engine.Span, kind engine.EventKind, name string, fields ...engine.Field) {
		t.Helper()
		n++
		e := engine.Event{Kind: kind, ID: fmt.Sprint("m", n), Source: "web", Name: name, User: "tanaka", At: start.Add(after), Fields: fields}
		if _, err := world.Submit(e); err != nil {
			t.Fatal(err)
		}
	}
	submit(0, engine.Track, "consent_given", textField("purpose", "marketing"))
	submit(engine.Minute, engine.Page, "", textField("url", "https://acme.co.jp/?utm_source=news&utm_medium=mail"))
	submit(5*engine.Hour, engine.Identify, "")
	if len(world.Sent()) != 1 {
		t.Fatalf("%d messages were sent, want the first one", len(world.Sent()))
	}
	message := textField("message", world.Sent()[0].Key.String())
	submit(6*engine.Hour, engine.Track, "email_clicked", message, textField("verdict", "human"))
	for i := range visits {
		submit(8*engine.Hour+engine.Span(i)*engine.Hour, engine.Page, "", textField("referrer", fmt.Sprintf("https://site%d.example.com/", i)))
	}
	submit(50*engine.Hour, engine.Track, "deal_won")
	return p, world, world.Lead(engine.Identifier{Kind: engine.ByUser, Value: "tanaka"}.Lead()), submit
}

func textField(name, value string) engine.Field {
	return engine.Field{Name: name, Value: engine.TextValue(value)}
}

// keptWith are the rows in which touches are kept, as they come back from the store.
func keptWith(t *testing.T, h engine.History, l *engine.Lead) (rows [][]engine.Touch) {
	t.Helper()
	err := h.Facts(l.ID, func(f *engine.Fact) error {
		var back engine.Fact
		if err := engine.DecodeFact(engine.AppendFact(nil, f), &back); err != nil {
			return err
		}
		if !slices.EqualFunc(back.LedTo, f.LedTo, func(a, b engine.Touch) bool { return reflect.DeepEqual(a, b) }) {
			t.Errorf("stored and read again: %+v; want %+v", back.LedTo, f.LedTo)
		}
		if len(back.LedTo) > 0 {
			if f.Event.Name != "deal_won" {
				t.Errorf("%s, which is no result, keeps %s", f.Event.Name, told(back.LedTo))
			}
			rows = append(rows, back.LedTo)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func wonAfter(t *testing.T, p *engine.Program, l *engine.Lead, h engine.History) []engine.Touch {
	t.Helper()
	found, err := p.Conversions(engine.NewFrame(), l, h, "deal_won", 0)
	if err != nil || len(found) != 1 {
		t.Fatalf("%d results, %v", len(found), err)
	}
	return found[0].Touches
}

// What is kept with a result is what the journal tells of it, and it is told on when
// the journal before it is gone. While the journal is there, it stands above.
func TestTouchesAreKeptWithAResult(t *testing.T) {
	t.Parallel()
	p, world, l, submit := keptWorld(t, 1)
	whole := wonAfter(t, p, l, world)
	kept := keptWith(t, world, l)
	if want := "visit news, sent first, click first, visit site0.example.com"; told(whole) != want {
		t.Fatalf("the journal tells %s; want %s", told(whole), want)
	}
	if len(kept) != 1 || !reflect.DeepEqual(kept[0], whole) {
		t.Fatalf("kept: %v; want once %v", kept, whole)
	}
	for _, from := range []engine.Span{engine.Hour, 6 * engine.Hour, 7 * engine.Hour, 50 * engine.Hour} {
		if left := wonAfter(t, p, l, since{world, start.Add(from)}); !reflect.DeepEqual(left, whole) {
			t.Errorf("without the journal before %v: %s; want %s", from, told(left), told(whole))
		}
	}

	// A late visit: the journal knows it, what was kept is as it was known then.
	submit(30*engine.Hour, engine.Page, "", textField("referrer", "https://late.example.com/"))
	want := "visit news, sent first, click first, visit site0.example.com, visit late.example.com"
	if got := told(wonAfter(t, p, l, world)); got != want {
		t.Errorf("with a late visit: %s; want %s", got, want)
	}
	if got := told(wonAfter(t, p, l, since{world, start.Add(20 * engine.Hour)})); got != want {
		t.Errorf("with a late visit that the journal still reaches: %s; want %s", got, want)
	}
	if got := told(wonAfter(t, p, l, since{world, start.Add(40 * engine.Hour)})); got != told(whole) {
		t.Errorf("with a late visit that is gone: %s; want %s", got, told(whole))
	}
}

// Of many touches the first and the latest are kept.
func TestKeptTouchesAreBounded(t *testing.T) {
	t.Parallel()
	p, world, l, _ := keptWorld(t, 30)
	whole := wonAfter(t, p, l, world)
	kept := keptWith(t, world, l)
	if len(whole) != 33 || len(kept) != 1 || len(kept[0]) != engine.MaxKeptTouches {
		t.Fatalf("%d touches, of which are kept: %v", len(whole), kept)
	}
	want := append(whole[:1:1], whole[len(whole)-engine.MaxKeptTouches+1:]...)
	if !reflect.DeepEqual(kept[0], want) {
		t.Errorf("kept: %s; want %s", told(kept[0]), told(want))
	}
}

// kindOf is a journal whose results were kept when messages still had tags.
type kindOf struct {
	engine.History
	tag string
}

// Facts implements engine.History.
func (k kindOf) Facts(lead engine.LeadID, yield func(*engine.Fact) error) error {
	return k.History.Facts(lead, func(f *engine.Fact) error {
		row := *f
		row.LedTo = slices.Clone(f.LedTo)
		for i := range row.LedTo {
			if row.LedTo[i].Kind == engine.TouchSent {
				row.LedTo[i].Tags = []string{k.tag}
			}
		}
		return yield(&row)
	})
}

// The tags of a message are told on when its experiment has left the rules.
func TestTagsOutliveTheirExperiment(t *testing.T) {
	t.Parallel()
	p, world, l, _ := keptWorld(t, 1)
	for _, touch := range wonAfter(t, p, l, kindOf{world, "question"}) {
		want := 0
		if touch.Step != "" {
			want = 1
		}
		if len(touch.Tags) != want {
			t.Errorf("%s %s has the tags %v", touch.Kind, touch.Step, touch.Tags)
		}
	}
}

// A goal keeps what was met before it, once a run: the same event later reaches none.
func TestGoalsKeepTouches(t *testing.T) {
	t.Parallel()
	s := spec()
	s.Events = append(s.Events, engine.EventSpec{Name: "deal_won"})
	s.Flows[0].Goals = []engine.GoalSpec{{Name: "bought", On: "deal_won", Within: 30 * engine.Day}}
	p := must(engine.NewProgram(s, "goal", 1))
	world := sim.New(p, sim.Options{})
	for i, name := range []string{"consent_given", "", "", "deal_won", "deal_won"} {
		e := engine.Event{
			Kind: engine.Track, ID: fmt.Sprint("m", i), Source: "web", Name: name, User: "tanaka", At: start.Add(engine.Span(i) * 5 * engine.Hour),
			Fields: []engine.Field{textField("purpose", "marketing")},
		}
		if name == "" {
			e.Kind = []engine.EventKind{engine.Page, engine.Identify}[i-1]
		}
		if _, err := world.Submit(e); err != nil {
			t.Fatal(err)
		}
	}
	rows := keptWith(t, world, world.Lead(user("tanaka")))
	if len(rows) != 1 || told(rows[0]) != "visit direct, sent first" {
		t.Errorf("kept with the goal: %v; want the visit and the message, once", rows)
	}
}
