package sim

import (
	"fmt"
	"strings"
	"testing"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/kpi"
)

const start = engine.Time(1_760_000_400_000) // a full hour

// below is the question "value < limit".
type below struct {
	engine.Cond
	limit float64
}

func (c below) Figures() []string   { return []string{"value"} }
func (c below) Source() string      { return fmt.Sprintf("value < %v", c.limit) }
func (c below) Meaning() string     { return c.Source() }
func (c below) Reads() []engine.Key { return nil }
func (c below) Place() engine.Place { return engine.Place{} }
func (c below) Holds(v *engine.Vars) (bool, error) {
	return v.Facts["value"].(float64) < c.limit, nil
}

// note is a notice's text.
type note struct{ engine.Expr }

func (note) Reads() []engine.Key { return nil }
func (note) Source() string      { return "note" }
func (note) Meaning() string     { return "note" }
func (note) Render(v *engine.Vars) ([]engine.Field, error) {
	text := fmt.Sprintf("%v %.3f %v", v.Facts["label:workflow"], v.Facts["value"], v.Facts["label:step"])
	return []engine.Field{{Name: "message", Value: engine.TextValue(text)}}, nil
}

func watchedProgram(t *testing.T) *engine.Program {
	t.Helper()
	field := func(name string) engine.AttrSpec { return engine.AttrSpec{Name: name, Kind: engine.Text} }
	p, err := engine.NewProgram(&engine.Spec{
		Name: "watched", Language: "en",
		Events: []engine.EventSpec{
			{Name: "delivered", Fields: []engine.AttrSpec{field("workflow"), field("step")}},
			{Name: "clicked"},
			{Name: "alarm"},
		},
		Policies: []engine.PolicySpec{{Name: "default"}},
		Channels: []engine.ChannelSpec{{Name: "chat", Plugin: "slack", Reach: engine.ReachStaff, Keyed: true}},
		KPIs: []engine.KPISpec{{
			Name: "click_rate", Rate: "clicked", Of: "delivered", Within: engine.Day, Over: 7 * engine.Day,
			By: []string{"workflow", "step"}, MinSample: 10, Target: 0.5,
			Thresholds: []engine.ThresholdSpec{{
				Name: "weak", When: []engine.FigureCond{below{limit: 0.3}}, Hold: 6 * engine.Hour, Keep: 3 * engine.Hour,
				Notify:  []engine.NoticeSpec{{Channel: "chat", Kind: "slack", Content: note{}}},
				Tighten: &engine.TightenSpec{Policy: "default", AtMost: 1, Per: 7 * engine.Day},
				Emit:    []string{"alarm"},
			}},
		}},
	}, "watched", 1)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A figure that is bad for the hold fires once, tells once with its labels and
// value, lowers the cap once, and lifts it when it has recovered.
func TestFigureIsWatched(t *testing.T) {
	t.Parallel()
	s := New(watchedProgram(t), Options{Start: start, Render: true})
	n := 0
	send := func(at engine.Time, name string, lead int) {
		n++
		e := engine.Event{
			Kind: engine.Track, ID: fmt.Sprint(n), Source: "test", Name: name, User: fmt.Sprint("u", lead), At: at,
			Fields: []engine.Field{{Name: "workflow", Value: engine.TextValue("news")}, {Name: "step", Value: engine.TextValue("issue")}},
		}
		if _, err := s.Submit(e); err != nil {
			t.Fatal(err)
		}
	}
	state := func() string {
		w := s.State("click_rate", "workflow=news\x1fstep=issue").Watch("weak")
		if w == nil {
			return "never"
		}
		return fmt.Sprintf("%v %d", w.State, w.Verdict)
	}
	expect := func(after engine.Span, want string, notices, tightened int) {
		t.Helper()
		if err := s.Advance(start.Add(after)); err != nil {
			t.Fatal(err)
		}
		lowered := 0
		if r := s.Program().Rulings(); r != nil {
			lowered = len(r.Tightens)
		}
		if state() != want || len(s.Sent()) != notices || lowered != tightened {
			t.Errorf("after %v: %s, %d notices, %d caps lowered; want %s, %d, %d", after, state(), len(s.Sent()), lowered, want, notices, tightened)
		}
	}
	for lead := range 20 {
		send(start.Add(engine.Minute), "delivered", lead)
	}
	expect(12*engine.Hour, "no_data 0", 0, 0) // nothing is ripe, and there is no data
	for lead := range 2 {
		send(start.Add(12*engine.Hour), "clicked", lead)
	}
	expect(26*engine.Hour, "pending 0", 0, 0) // 2 of 20 are ripe and bad
	expect(40*engine.Hour, "firing 1", 1, 1)
	expect(60*engine.Hour, "firing 1", 1, 1)
	if text := fmt.Sprint(s.Sent()[0].Parts); !strings.Contains(text, "news 0.100 issue") {
		t.Errorf("the notice says %s", text)
	}
	for lead := range 20 {
		send(start.Add(60*engine.Hour+engine.Minute), "delivered", 100+lead)
		send(start.Add(61*engine.Hour+engine.Minute), "clicked", 100+lead)
	}
	expect(87*engine.Hour, "recovering 1", 1, 1)
	expect(92*engine.Hour, "ok 2", 1, 0)
	f, err := s.Figures().Figure("click_rate")
	if err != nil || f.Total.N != 22 || f.Total.Of != 40 || f.Total.Interval == nil || kpi.Level(0) != kpi.NoData {
		t.Errorf("the figure is %+v, %v", f, err)
	}
	events := map[string]int{}
	err = s.Facts(engine.FigureID("click_rate", "workflow=news\x1fstep=issue"), func(f *engine.Fact) error {
		for _, d := range f.Derived {
			events[d.Name]++
		}
		return nil
	})
	if err != nil || fmt.Sprint(events) != "map[alarm:1 kpi_breached:1 kpi_recovered:1]" {
		t.Errorf("the figure's journal tells %v, %v", events, err)
	}
}
