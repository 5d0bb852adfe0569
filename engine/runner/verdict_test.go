package runner

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/enginetest"
)

// above is the question "value > limit".
type above struct {
	engine.Cond
	limit float64
}

func (c above) Figures() []string                  { return []string{"value"} }
func (c above) Source() string                     { return fmt.Sprintf("value > %v", c.limit) }
func (c above) Meaning() string                    { return c.Source() }
func (c above) Reads() []engine.Key                { return nil }
func (c above) Place() engine.Place                { return engine.Place{} }
func (c above) Holds(v *engine.Vars) (bool, error) { return v.Facts["value"].(float64) > c.limit, nil }

// complaintLabels are those of the watched figure: what is paused is the workflow.
const complaintLabels = "workflow=welcome"

// watchedSpec watches the complaints of a day. More than two ask for everything that
// a threshold can ask for; more than one is only noted.
func watchedSpec(thresholds ...string) *engine.Spec {
	spec := mailSpec(time.Hour)
	spec.Policies = []engine.PolicySpec{{Name: "default"}}
	spec.Events = append(spec.Events, engine.EventSpec{Name: "alarm"},
		engine.EventSpec{Name: "complaint", Fields: []engine.AttrSpec{{Name: "workflow", Kind: engine.Text}}})
	all := map[string]engine.ThresholdSpec{
		"few": {Name: "few", When: []engine.FigureCond{above{limit: 1}}},
		"many": {
			Name: "many", When: []engine.FigureCond{above{limit: 2}}, Pause: engine.PauseWorkflow, Emit: []string{"alarm"},
			Notify:  []engine.NoticeSpec{{Channel: "crm", Kind: "crm", Content: enginetest.Parts("complaints")}},
			Tighten: &engine.TightenSpec{Policy: "default", Channel: "mail", AtMost: 1, Per: engine.Day},
		},
	}
	k := engine.KPISpec{Name: "complaints", Count: "complaint", Over: engine.Day, By: []string{"workflow"}}
	for _, name := range thresholds {
		k.Thresholds = append(k.Thresholds, all[name])
	}
	spec.KPIs = []engine.KPISpec{k}
	return spec
}

// watch is a runner with a watched figure whose process may die at any reading of the
// clock.
type watch struct {
	*rig
	world   *receiver
	clock   *crashClock
	program *engine.Program
	outage  time.Duration // until somebody starts the process again
	crashes int
	events  int
}

func newWatch(t *testing.T, p *engine.Program) *watch {
	t.Helper()
	w := &watch{world: &receiver{}, clock: &crashClock{Clock: enginetest.NewClock(start)}, program: p}
	w.clock.left.Store(-1)
	w.rig = &rig{t: t, dir: t.TempDir(), parts: 1, clock: w.clock, sender: w.world}
	w.reopen()
	t.Cleanup(w.close)
	return w
}

func (w *watch) reopen() {
	w.rig.open(w.program, func(o *Options) { o.Workers, o.JudgeEvery = 1, math.MaxInt64/2 })
	w.clock.crash.Store(w.runner)
}

// survive does what f says, and waits until all is done that follows, as often as the
// process dies of it.
func (w *watch) survive(f func() error) {
	w.t.Helper()
	for {
		err := f()
		if err == nil {
			err = w.runner.Quiet(w.patience())
		}
		select {
		case <-w.runner.dead:
		default:
			if err != nil {
				w.t.Fatal(err)
			}
			return
		}
		w.crashes++
		w.crash()
		w.clock.Advance(w.outage)
		w.reopen()
	}
}

func (w *watch) judge() {
	w.t.Helper()
	w.survive(func() error { return w.runner.Judge(w.t.Context()) })
}

func (w *watch) complain(n int) {
	w.t.Helper()
	var events []engine.Event
	for range n {
		w.events++
		field := engine.Field{Name: "workflow", Value: engine.TextValue("welcome")}
		events = append(events, w.event(fmt.Sprint(w.events), userOf(w.events), "complaint", field))
	}
	w.survive(func() error {
		_, err := w.runner.Submit(w.t.Context(), events)
		return err
	})
}

// reload puts other rules in force.
func (w *watch) reload(p *engine.Program) {
	w.t.Helper()
	w.program = p
	w.survive(func() error {
		_, err := w.runner.Swap(w.t.Context(), p, nil)
		return err
	})
}

// resume is the operator who lets the workflow go on, and whose word stands.
func (w *watch) resume() {
	w.t.Helper()
	w.survive(func() error {
		_, err := w.runner.SetRulings(w.t.Context(), func(old *engine.Rulings) (*engine.Rulings, error) {
			return old.WithoutPause(engine.PauseWorkflow, "welcome", w.now()), nil
		})
		return err
	})
}

// stands says how the threshold "many" stands, what is paused and how many caps are
// lowered, how many changes of the rulings there were, and how often somebody was
// told and the event came: each once for a verdict that asks for it.
func (w *watch) stands() string {
	w.t.Helper()
	var l engine.Lead
	if _, err := w.runner.Lead(engine.FigureID("complaints", complaintLabels), &l); err != nil {
		w.t.Fatal(err)
	}
	state := "never"
	if seen := l.Figure.Watch("many"); seen != nil {
		state = fmt.Sprintf("%v %d", seen.State, seen.Verdict)
	}
	r := w.runner.Program().Rulings()
	paused, lowered := 0, 0
	if r != nil {
		lowered = len(r.Tightens)
		for _, p := range r.Pauses {
			if p.To == 0 {
				paused++
			}
		}
	}
	told := map[engine.ActionKey]int{}
	for _, q := range w.world.requests() {
		if told[q.Key]++; told[q.Key] > 1+w.crashes {
			w.t.Errorf("notice %v was sent %d times with %d crashes", q.Key, told[q.Key], w.crashes)
		}
	}
	alarms := 0
	err := w.store.Facts(l.ID.Partition(w.parts), l.ID, func(f *engine.Fact) error {
		for _, d := range f.Derived {
			if d.Name == "alarm" {
				alarms++
			}
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	var counted int64
	err = w.store.Counts("event:alarm", 0, math.MaxInt64, func(d engine.Delta) error { counted += d.N; return nil })
	if err != nil || counted != int64(alarms) {
		w.t.Errorf("%d alarms are counted, the journal has %d: %v", counted, alarms, err)
	}
	return fmt.Sprintf("%s, paused %d, lowered %d, ruled %d, told %d, alarms %d", state, paused, lowered, r.Ordinal(), len(told), alarms)
}

func (w *watch) expect(step, want string) {
	w.t.Helper()
	if got := w.stands(); got != want {
		w.t.Errorf("%s, %d crashes: %s; want %s", step, w.crashes, got, want)
	}
}

// What a verdict asks for is done once: over looks without number, a restart, a crash
// at any reading of the clock, and rules that are loaded anew, lose the threshold and
// have it again.
func TestVerdictIsActedOnOnce(t *testing.T) {
	t.Parallel()
	rules := [3]*engine.Program{
		program(t, watchedSpec("few", "many"), "both"), program(t, watchedSpec("few"), "one"), program(t, watchedSpec("many", "few"), "turned"),
	}
	w := newWatch(t, rules[0])
	w.walk(rules)
	readings := -1 - w.clock.left.Load()
	if readings < 50 {
		t.Fatalf("the clock was read %d times", readings)
	}
	for at := int64(1); at <= readings; at += 1 + readings/60 {
		t.Run(fmt.Sprint(at), func(t *testing.T) {
			w := newWatch(t, rules[0])
			w.clock.left.Store(at)
			w.walk(rules)
		})
	}
}

func (w *watch) walk(rules [3]*engine.Program) {
	w.t.Helper()
	w.complain(3)
	w.judge()
	w.judge()
	w.expect("three complaints", "firing 1, paused 1, lowered 1, ruled 1, told 1, alarms 1")
	w.close()
	w.reopen()
	w.judge()
	w.expect("a restart", "firing 1, paused 1, lowered 1, ruled 1, told 1, alarms 1")
	w.resume()
	w.reload(rules[2])
	w.judge()
	w.expect("resumed by hand, and the rules loaded anew", "firing 1, paused 0, lowered 1, ruled 2, told 1, alarms 1")
	w.clock.Advance(30 * time.Hour)
	w.judge()
	w.judge()
	w.expect("a quiet day", "ok 2, paused 0, lowered 0, ruled 3, told 1, alarms 1")
	w.complain(3)
	w.judge()
	w.expect("three more", "firing 3, paused 1, lowered 1, ruled 4, told 2, alarms 2")
	w.resume()
	w.reload(rules[1])
	w.judge()
	w.clock.Advance(30 * time.Hour)
	w.judge()
	w.expect("a day without the threshold", "no_data 3, paused 0, lowered 0, ruled 6, told 2, alarms 2")
	w.reload(rules[0])
	w.judge()
	w.expect("the threshold is back", "ok 3, paused 0, lowered 0, ruled 6, told 2, alarms 2")
	w.complain(3)
	w.judge()
	w.judge()
	w.expect("three more after that", "firing 4, paused 1, lowered 1, ruled 7, told 3, alarms 3")
}

// Who starts the process again only when the figure is good again finds the breach
// acted on all the same: a pause stands until somebody ends it, and a cap is lifted.
func TestVerdictIsActedOnAfterAnOutage(t *testing.T) {
	t.Parallel()
	p := program(t, watchedSpec("many"), "many")
	look := func(t *testing.T, at int64) *watch {
		w := newWatch(t, p)
		w.outage = 40 * time.Hour
		w.complain(3)
		w.clock.left.Store(at)
		w.judge()
		return w
	}
	readings := -1 - look(t, -1).clock.left.Load()
	seen := map[string]int{}
	for at := int64(1); at <= readings; at++ {
		w := look(t, at)
		for range 3 {
			w.judge()
		}
		if w.crashes > 0 { // how often the clock is read is not the same each time
			seen[w.stands()]++
		}
		w.close()
	}
	acted := "ok 2, paused 1, lowered 0, ruled 2, told 1, alarms 1"
	for stands, n := range seen {
		switch stands {
		case acted, "ok 0, paused 0, lowered 0, ruled 0, told 0, alarms 0":
		default:
			t.Errorf("%d of %d crashes: %s", n, readings, stands)
		}
	}
	if seen[acted] == 0 {
		t.Errorf("of %d crashes none came after the verdict: %v", readings, seen)
	}
}
