package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/enginetest"
	"github.com/seed-456efde2/nurture/engine/kpi"
	"github.com/seed-456efde2/nurture/engine/sim"
)

// What is counted for an arm is what its leads' journals say.
func TestFiguresOfAnArmAreThoseOfItsJournals(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		running, change := oldAndNew()
		running.KPIs = []engine.KPISpec{
			{Name: "clicks", Rate: "email_clicked", Of: "email_sent", Within: 7 * engine.Day},
			{Name: "views", Count: "page_viewed"},
			{Name: "viewers", Count: "page_viewed", Once: engine.OnceEver},
		}
		kept := sumsByName{}
		w := newWorld(t, running, sim.Options{OnCount: kept.add})
		at := randomSteps(seed)
		act := func(rounds int) {
			for range rounds {
				name := fmt.Sprint("user", at(40))
				switch at(4) {
				case 0, 1:
					w.call(engine.Track, "page_viewed", name, "")
				case 2:
					w.call(engine.Track, "email_clicked", name, "")
				}
				w.after(engine.Span(at(int(2 * engine.Hour))))
			}
		}
		act(150) // there are messages under way, and some unanswered, when the canary begins
		p := w.try(running, change, 40)
		act(400)
		want := map[engine.Arm]armSums{engine.ControlArm: {}, engine.CanaryArm: {}}
		since, err := sinceOf(p)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range w.Leads() {
			arm := engine.ControlArm
			if p.InCanary(id) {
				arm = engine.CanaryArm
			}
			want[arm].recount(w, id, since)
		}
		for arm, sums := range want {
			figures := p.ArmFigures(kept.counts, w.Now(), arm)
			for _, name := range []string{"clicks", "views", "viewers"} {
				got, err := figures.Figure(name)
				if err != nil {
					t.Fatal(err)
				}
				w.want(fmt.Sprint("seed ", seed, ", ", arm, " ", name), kpi.Rate{N: got.N, Of: got.Of}, sums[name])
			}
			if sums["clicks"].Of < 20 || sums["clicks"].N < 5 {
				t.Errorf("seed %d: the %s saw too little to show anything: %+v", seed, arm, sums)
			}
		}
	}
}

func sinceOf(p *engine.Program) (engine.Time, error) {
	c, terms := p.Canary()
	if c == nil {
		return 0, fmt.Errorf("there is no canary")
	}
	return terms.Since, nil
}

// randomSteps draws numbers below a bound.
func randomSteps(seed uint64) func(n int) int {
	state := seed*0x9E3779B97F4A7C15 + 12345
	return func(n int) int {
		state ^= state << 13
		state ^= state >> 7
		state ^= state << 17
		return int(state >> 11 % uint64(n))
	}
}

// armSums are the figures of an arm, by their names, counted from journals.
type armSums map[string]kpi.Rate

// recount reads one journal as the definition says: what came in since the canary began
// counts; a click takes the last message before it, once, and counts where that message
// was sent since the canary began.
func (s armSums) recount(w *world, id engine.LeadID, since engine.Time) {
	type place struct {
		at         engine.Time
		mine, done bool
	}
	var sent []place
	add := func(name string, n, of int64) {
		r := s[name]
		r.N, r.Of = r.N+n, r.Of+of
		s[name] = r
	}
	met := false
	_ = w.Facts(id, func(f *engine.Fact) error {
		mine := f.Event.Received >= since
		switch f.Event.Name {
		case "page_viewed":
			if mine {
				add("views", 1, 0)
				if !met {
					add("viewers", 1, 0)
				}
			}
			met = true
		case "email_clicked":
			for i := len(sent) - 1; i >= 0; i-- {
				if p := &sent[i]; f.Event.At >= p.at {
					if f.Event.At <= p.at.Add(7*engine.Day) && !p.done {
						p.done = true
						if p.mine {
							add("clicks", 1, 0)
						}
					}
					break
				}
			}
		}
		for _, d := range f.Derived {
			if d.Name == "email_sent" {
				sent = append(sent, place{at: d.At, mine: mine})
				if mine {
					add("clicks", 0, 1)
				}
			}
		}
		return nil
	})
}

// sumsByName keeps counters as a store does.
type sumsByName map[engine.Delta]int64

func (s sumsByName) add(d engine.Delta) {
	n := d.N
	d.N = 0
	s[d] += n
}

func (s sumsByName) counts(name string, from, to int64, yield func(engine.Delta) error) error {
	for d, n := range s {
		if d.Name == name && d.Hour >= from && d.Hour < to && n != 0 {
			d.N = n
			if err := yield(d); err != nil {
				return err
			}
		}
	}
	return nil
}

// figureCond is a guard: a figure compared with a number.
func figureCond(figure, op string, limit float64) engine.FigureCond {
	key := "kpi." + figure + ".value"
	c := enginetest.When(fmt.Sprintf("%s %s %v", key, op, limit), func(facts map[string]any) bool {
		v, ok := facts[key].(float64)
		return ok && (op == ">" && v > limit || op == "<" && v < limit)
	})[0]
	return guard{c, []string{key}}
}

type guard struct {
	engine.Cond
	figures []string
}

func (g guard) Figures() []string { return g.figures }

// A guard speaks of what has happened at once, and of what has not happened when its
// time is over; and it is sure of what it says.
func TestGuardsOfAnArm(t *testing.T) {
	t.Parallel()
	running, change := oldAndNew()
	running.KPIs = []engine.KPISpec{
		{Name: "clicks", Rate: "email_clicked", Of: "email_sent", Within: 7 * engine.Day, MinSample: 100_000},
		{Name: "views", Count: "page_viewed"},
	}
	kept := sumsByName{}
	w := newWorld(t, running, sim.Options{OnCount: kept.add})
	whole := composed(running, change)
	whole.KPIs = append(append([]engine.KPISpec(nil), running.KPIs...), engine.KPISpec{Name: "only_new", Count: "page_viewed"})
	p, err := w.Program().WithCanary(program(t, whole, 2), engine.Canary{Percent: 50, Salt: "s", Since: w.Now()})
	if err != nil {
		t.Fatal(err)
	}
	w.sweep(p)
	state := func(arm engine.Arm, c engine.FigureCond) kpi.GuardState {
		t.Helper()
		s, err := p.ArmFigures(kept.counts, w.Now(), arm).Guard(c)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	w.want("with no data", state(engine.CanaryArm, figureCond("clicks", ">", 0.1)), kpi.GuardOpen)
	for i := range 200 {
		w.call(engine.Track, "page_viewed", fmt.Sprint("user", i), "")
	}
	w.after(4 * engine.Hour)
	for i := range 200 {
		if p.InCanary(user(fmt.Sprint("user", i))) && i%2 == 0 {
			w.call(engine.Track, "email_clicked", fmt.Sprint("user", i), "")
		}
	}
	w.want("too many, for sure", state(engine.CanaryArm, figureCond("clicks", ">", 0.1)), kpi.GuardFired)
	w.want("any at all", state(engine.CanaryArm, figureCond("clicks", ">", 0)), kpi.GuardFired)
	w.want("near what it is", state(engine.CanaryArm, figureCond("clicks", ">", 0.48)), kpi.GuardOpen)
	w.want("none among the others, who have time still", state(engine.ControlArm, figureCond("clicks", "<", 0.2)), kpi.GuardOpen)
	w.want("a count", state(engine.CanaryArm, figureCond("views", ">", 60)), kpi.GuardFired)
	w.want("a count", state(engine.CanaryArm, figureCond("views", ">", 160)), kpi.GuardHeld)
	w.want("a figure that only the change has", state(engine.CanaryArm, figureCond("only_new", ">", 60)), kpi.GuardFired)
	w.want("of the others", state(engine.ControlArm, figureCond("only_new", "<", 60)), kpi.GuardOpen)
	w.after(8 * engine.Day)
	w.want("whose time is over", state(engine.ControlArm, figureCond("clicks", "<", 0.2)), kpi.GuardFired)
	w.want("whose time is over", state(engine.ControlArm, figureCond("clicks", ">", 0.2)), kpi.GuardHeld)
	if _, err := p.ArmFigures(kept.counts, w.Now(), engine.CanaryArm).Guard(figureCond("strange", ">", 1)); err == nil || !strings.Contains(err.Error(), "strange") {
		t.Errorf("an unknown figure: %v", err)
	}
}

// quotient is one toss-up's word divided by another.
type quotient struct {
	engine.Expr
	n, of string
}

func (q quotient) Figures() []string                { return []string{q.n, q.of} }
func (q quotient) Ratio() (n, of []string, ok bool) { return []string{q.n}, []string{q.of}, true }

func (q quotient) Number(v *engine.Vars) (float64, bool, error) {
	n, _ := v.Facts[q.n].(float64)
	of, _ := v.Facts[q.of].(float64)
	return n / of, of != 0, nil
}

// What sales says of an offer counts for the arm that made it, and for none when it was
// made before; what no arm began with is not told of one.
func TestToldOffersOfAnArm(t *testing.T) {
	t.Parallel()
	running, change := deskSpec(), deskSpec()
	running.TossUps[0].Capacity, change.TossUps[0].Capacity = nil, nil
	running.KPIs = []engine.KPISpec{
		{Name: "sent_back", Value: quotient{whenReads(), "toss_up.hot.rejected", "toss_up.hot.handed_over"}},
		{Name: "inside", Value: quotient{whenReads(), "stage.mql.leads", "event.heat.count"}},
		{Name: "nested", Value: quotient{whenReads(), "kpi.inside.value", "event.heat.count"}},
	}
	kept := sumsByName{}
	w := newWorld(t, running, sim.Options{OnCount: kept.add})
	p := w.try(running, change, 50)
	w.sweep(p.WithoutCanary())
	const users = 60
	for i := range users {
		if i%3 == 0 {
			w.heat(fmt.Sprint("user", i), 80) // before the canary begins
		}
	}
	w.after(engine.Hour)
	c, terms := p.Canary()
	terms.Since = w.Now()
	p, err := p.WithoutCanary().WithCanary(c, terms)
	if err != nil {
		t.Fatal(err)
	}
	w.sweep(p)
	w.after(engine.Hour)
	want := map[engine.Arm]kpi.Rate{}
	for i := range users {
		name := fmt.Sprint("user", i)
		if i%3 != 0 {
			w.heat(name, 80)
		}
		arm := engine.ControlArm
		if p.InCanary(user(name)) {
			arm = engine.CanaryArm
		}
		r := want[arm]
		if i%3 != 0 {
			r.Of++
		}
		if i%2 == 0 {
			w.call(engine.Track, "toss_up_rejected", name, "")
			if i%3 != 0 {
				r.N++
			}
		}
		want[arm] = r
	}
	for arm, r := range want {
		figures := p.ArmFigures(kept.counts, w.Now(), arm)
		got, err := figures.Figure("sent_back")
		if err != nil || (kpi.Rate{N: got.N, Of: got.Of}) != r || !got.Told || got.Interval == nil || !got.Interval.Contains(got.Value) {
			t.Errorf("%s: %+v (%v), want %+v", arm, got, err, r)
		}
		for _, name := range []string{"inside", "nested"} {
			if got, err := figures.Figure(name); err != nil || got.Told || got.Known {
				t.Errorf("%s of the %s is told: %+v (%v)", name, arm, got, err)
			}
			if why := p.GuardProblem(name); why != "stage.mql.leads" {
				t.Errorf("%s may not guard because of %q", name, why)
			}
		}
		if r.Of < 10 {
			t.Errorf("the %s has %d offers: the test shows nothing", arm, r.Of)
		}
	}
}
