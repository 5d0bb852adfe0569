package sim

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/calendar"
	"github.com/seed-456efde2/nurture/engine/enginetest"
)

// known is a workspace whose acts follow from events that nobody ever corrects
// ("joined", "asked"), and whose every other event folds, counts, measures, reaches
// goals and is an outcome.
func known(variant int) *engine.Spec {
	text := func(names ...string) (fields []engine.AttrSpec) {
		for _, name := range names {
			fields = append(fields, engine.AttrSpec{Name: name, Kind: engine.Text})
		}
		return fields
	}
	points := engine.Key{Kind: engine.KeyEvent, Name: "points"}
	visits := engine.Key{Kind: engine.KeyTimes, Name: "visit", Window: 3 * engine.Day}
	clicked := append(text("message", "link", "verdict"), engine.AttrSpec{Name: "step", Kind: engine.Text})
	spec := &engine.Spec{
		Name: "known", Zone: time.UTC,
		Attrs: append(text("city"), engine.AttrSpec{Name: "unsubscribed", Kind: engine.Flag}),
		Events: []engine.EventSpec{
			{Name: "joined"},
			{Name: "asked"},
			{Name: "visit", Fields: []engine.AttrSpec{{Name: "points", Kind: engine.Number}}},
			{Name: "long_visit", From: "visit", When: enginetest.Compare(points, ">=", 6)},
			{Name: "email_clicked", Fields: clicked},
			{Name: "email_clicked_machine", Fields: clicked},
			{Name: "touch", Fields: text("message")},
			{Name: "agreed"},
			{Name: "buy"},
			{Name: "opportunity"},
			{Name: "deal_won"},
		},
		Consents: []engine.ConsentSpec{{Name: "news", Granted: "agreed", Revoked: "unsubscribed"}},
		Scores: []engine.ScoreSpec{{
			Name: "interest", HalfLife: 3 * engine.Day, Range: true, Min: 0, Max: 30, Rules: []engine.ScoreRule{
				{Name: "visit", On: "visit", Amount: enginetest.Amount(points)},
				{Name: "often", On: "visit", Points: 2, When: enginetest.Compare(visits, ">=", 2)},
				{Name: "click", On: "email_clicked", Points: 5, PerDay: 2},
				{Name: "buy", On: "buy", Points: -4},
			},
		}},
		TossUps: []engine.TossUpSpec{{
			Name: "asked", On: "asked", Cooldown: engine.Forever,
			Success: &engine.SuccessSpec{On: "opportunity", Within: 90 * engine.Day, Won: "deal_won"},
		}},
		Channels: []engine.ChannelSpec{{Name: "mail", Plugin: "p", Reach: engine.ReachLead}},
		Policies: []engine.PolicySpec{{Name: "free"}},
		KPIs: []engine.KPISpec{
			{Name: "visits", Count: "visit", By: []string{"city", "month"}},
			{Name: "people", Count: "visit", Once: engine.OnceEver, By: []string{"city"}},
			{Name: "monthly", Count: "long_visit", Once: engine.OnceMonthly},
			{Name: "clicks", Count: "email_clicked", By: []string{"step"}},
			{Name: "click_rate", Rate: "email_clicked", Of: "touch", Within: 5 * engine.Day},
			{Name: "buy_rate", Rate: "buy", Of: "visit", Within: 2 * engine.Day},
		},
		Funnels: []engine.FunnelSpec{{
			Name: "way", To: start + engine.Time(1000*engine.Day), By: "city",
			Steps: []engine.FunnelStep{{Name: "came", Count: "visit"}, {Name: "clicked", Count: "email_clicked"}, {Name: "bought", Count: "buy"}},
		}},
	}
	mail := &engine.SendSpec{
		Channel: "mail", Kind: "email", Policy: "free", Content: enginetest.Parts("hello"),
		Experiment: &engine.ExperimentSpec{
			Name: "care/hello/subject", Measure: "email_clicked", Within: 6 * engine.Day,
			Guards:   []engine.GuardSpec{{Event: "unsubscribed"}},
			Variants: []engine.VariantSpec{{Name: "a"}, {Name: "b"}},
		},
	}
	spec.Flows = []engine.FlowSpec{{
		Name: "care", Enter: engine.EnterSpec{On: "joined"}, Holdout: 30,
		Goals: []engine.GoalSpec{{Name: "bought", On: "buy", Within: 8 * engine.Day}, {Name: "long", On: "long_visit", Within: 4 * engine.Day}},
		Steps: []engine.StepSpec{
			{Name: "hello", Kind: engine.SendStep, Next: 1, Send: mail},
			{Name: "rest", Kind: engine.WaitStep, Next: engine.EndOfFlow, Wait: &engine.WaitSpec{For: calendar.Length{Span: 30 * 24 * time.Hour}}},
		},
	}}
	if variant == 1 {
		spec.KPIs = append(spec.KPIs, engine.KPISpec{Name: "later", Count: "visit"})
		spec.Scores[0].Rules[2].Points = 7
	}
	return spec
}

// world is a Sim with what it has counted.
type world struct {
	*Sim
	counts map[engine.Delta]int64
}

func newWorld(p *engine.Program) *world {
	w := &world{counts: map[engine.Delta]int64{}}
	w.Sim = New(p, Options{Start: start, OnCount: func(d engine.Delta) {
		n := d.N
		d.N = 0
		if w.counts[d] += n; w.counts[d] == 0 {
			delete(w.counts, d)
		}
	}})
	return w
}

// pair is two worlds: one is told things that are not so, and corrected; the other is
// told the truth at once.
type pair struct {
	t         *testing.T
	rng       *rand.Rand
	told      *world
	truth     *world
	programs  [2]*engine.Program
	now       engine.Time
	n         int
	corrected int
	messages  map[string][]string
	due       []deed
}

// deed is something that is done to the first world at an instant.
type deed struct {
	at engine.Time
	do func()
}

// A fact that is corrected is, for all that follows from facts, what it is corrected
// to; one that never happened was never there. Only acts differ, and here these
// follow from facts that nobody corrects.
func TestCorrectedIsAsIfToldSo(t *testing.T) {
	t.Parallel()
	for seed := range uint64(30) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			p := newPair(t, seed)
			for range 120 {
				p.round()
			}
			p.pass(10 * engine.Day) // and what waits is done
			p.compare()
		})
	}
}

func newPair(t *testing.T, seed uint64) *pair { return newPairOf(t, seed, known) }

func newPairOf(t *testing.T, seed uint64, rules func(variant int) *engine.Spec) *pair {
	p := &pair{t: t, rng: rand.New(rand.NewPCG(seed, 3)), now: start, messages: map[string][]string{}}
	for i := range p.programs {
		program, err := engine.NewProgram(rules(i), fmt.Sprint(i), uint32(1+i))
		if err != nil {
			t.Fatal(err)
		}
		p.programs[i] = program
	}
	p.told, p.truth = newWorld(p.programs[0]), newWorld(p.programs[0])
	for i := range 4 {
		for _, name := range []string{"joined", "asked"} {
			e := p.event(i, name)
			p.both(e, &e)
		}
	}
	return p
}

func (p *pair) event(lead int, name string) engine.Event {
	p.n++
	return engine.Event{Kind: engine.Track, ID: "e" + strconv.Itoa(p.n), Source: "web", Name: name, User: "u" + strconv.Itoa(lead), At: p.now, Received: p.now}
}

// round lets something happen, of which one world may be told otherwise than it is.
func (p *pair) round() {
	p.pass(engine.Span(p.rng.IntN(int(8 * engine.Hour))))
	if p.rng.IntN(40) == 0 {
		p.swap()
	}
	so := p.any()
	if p.rng.IntN(6) == 0 {
		so.At = so.At.Add(-engine.Span(p.rng.IntN(int(4 * engine.Day)))) // late
	}
	if so.Name == "deal_won" { // one of before the offer counts only where an opportunity was known when it came
		so.At = max(so.At, start)
	}
	wrong, c := p.otherwise(so)
	if c == nil {
		p.both(so, &so)
		return
	}
	p.corrected++
	lead := engine.Identifier{Kind: engine.ByUser, Value: so.User}.Lead()
	say := func(c engine.Correction) {
		p.n++
		c.ID, c.Fact, c.Why = "c"+strconv.Itoa(p.n), so.ID, "it was otherwise"
		if err := p.told.Correct(lead, c); err != nil {
			p.t.Fatal(err)
		}
	}
	right := *c
	switch p.rng.IntN(5) {
	case 0: // before it comes
		say(right)
		p.both(wrong, p.unless(c.Never, so))
		return
	case 1: // twice: the last is true
		p.both(wrong, p.unless(c.Never, so))
		say(engine.Correction{Never: true})
		p.later(func() { say(right) })
	case 2: // a correction that is corrected
		p.both(wrong, p.unless(c.Never, so))
		say(right)
		say(engine.Correction{Never: !right.Never, AsTold: right.Never})
		last := "c" + strconv.Itoa(p.n)
		p.later(func() {
			undo := engine.Correction{ID: last + "x", Fact: last, Never: true, Why: "it was right"}
			if err := p.told.Correct(lead, undo); err != nil {
				p.t.Fatal(err)
			}
		})
	default:
		p.both(wrong, p.unless(c.Never, so))
		p.later(func() { say(right) })
	}
	if p.rng.IntN(3) == 0 {
		p.later(func() { p.both(wrong, nil) }) // a duplicate stays what it is
	}
}

func (p *pair) unless(never bool, e engine.Event) *engine.Event {
	if never {
		return nil
	}
	return &e
}

// both tells the worlds what happened.
func (p *pair) both(wrong engine.Event, so *engine.Event) {
	if _, err := p.told.Submit(wrong); err != nil {
		p.t.Fatal(err)
	}
	if so == nil {
		return
	}
	so.Received = p.now
	if _, err := p.truth.Submit(*so); err != nil {
		p.t.Fatal(err)
	}
}

// any is something that happens.
func (p *pair) any() engine.Event {
	lead := p.rng.IntN(4)
	e := p.event(lead, []string{"visit", "visit", "visit", "email_clicked", "email_clicked", "touch", "agreed", "buy", "buy", "opportunity", "deal_won", "unsubscribed", "identify"}[p.rng.IntN(13)])
	text := func(name, value string) {
		e.Fields = append(e.Fields, engine.Field{Name: name, Value: engine.TextValue(value)})
	}
	switch e.Name {
	case "identify":
		e.Kind, e.Name = engine.Identify, ""
		text("city", []string{"Osaka", "Nara"}[p.rng.IntN(2)])
	case "visit":
		e.Fields = []engine.Field{{Name: "points", Value: engine.NumberValue(float64(p.rng.IntN(12)))}}
	case "touch":
		text("message", "m"+e.ID)
		p.messages[e.User] = append(p.messages[e.User], "m"+e.ID)
	case "email_clicked":
		if list := p.messages[e.User]; len(list) > 0 {
			text("message", list[p.rng.IntN(len(list))])
		}
		text("link", "l"+strconv.Itoa(p.rng.IntN(5)))
		text("step", []string{"one", "two"}[p.rng.IntN(2)])
		text("verdict", "human")
	}
	return e
}

// otherwise is an event told wrongly, with the correction; nil: it is told rightly.
func (p *pair) otherwise(so engine.Event) (engine.Event, *engine.Correction) {
	wrong := so
	wrong.Fields = slices.Clone(so.Fields)
	c := &engine.Correction{}
	if p.rng.IntN(3) > 0 {
		return wrong, nil
	}
	switch what := p.rng.IntN(4); {
	case what == 0 && so.Name != "deal_won":
		wrong.At = wrong.At.Add(-engine.Span(1 + p.rng.IntN(int(5*engine.Day))))
		if p.rng.IntN(2) == 0 {
			wrong.At = min(so.At.Add(engine.Span(1+p.rng.IntN(int(engine.Hour)))), p.now)
		}
		c.At = so.At
	case what == 1 && so.Name == "email_clicked":
		wrong.Fields[len(wrong.Fields)-1].Value = engine.TextValue("machine")
		c.Verdict = engine.Human
	case what == 2 && so.Name == "visit":
		wrong.Fields[0].Value = engine.NumberValue(float64(p.rng.IntN(12)))
		c.Fields = so.Fields
	case what == 2 && so.Kind == engine.Identify:
		wrong.Fields[0].Value = engine.TextValue("Kobe")
		c.Fields = so.Fields
	default:
		c.Never = true
	}
	return wrong, c
}

func (p *pair) later(do func()) {
	p.due = append(p.due, deed{p.now.Add(engine.Span(p.rng.IntN(int(6 * engine.Day)))), do})
}

// pass lets time go by, and does what is due.
func (p *pair) pass(d engine.Span) {
	until := p.now.Add(d)
	for {
		slices.SortStableFunc(p.due, func(a, b deed) int { return int(a.at - b.at) })
		if len(p.due) == 0 || p.due[0].at > until {
			break
		}
		next := p.due[0]
		p.due = p.due[1:]
		p.advance(next.at)
		next.do()
	}
	p.advance(until)
}

func (p *pair) advance(to engine.Time) {
	p.now = max(p.now, to)
	for _, w := range []*world{p.told, p.truth} {
		if err := w.Advance(p.now); err != nil {
			p.t.Fatal(err)
		}
	}
}

func (p *pair) swap() {
	next := p.programs[0]
	if p.told.Program().Revision() == 1 {
		next = p.programs[1]
	}
	for _, w := range []*world{p.told, p.truth} {
		if err := w.Swap(next); err != nil {
			p.t.Fatal(err)
		}
	}
}

// compare looks for differences between the worlds.
func (p *pair) compare() {
	p.t.Helper()
	p.t.Logf("%d facts, %d corrected, %d counters", p.n, p.corrected, len(p.truth.counts))
	for _, id := range p.truth.Leads() {
		told, truth := p.told.Lead(id), p.truth.Lead(id)
		if a, b := foldsOf(told), foldsOf(truth); a != b {
			p.t.Errorf("lead %v:\ntold  %s\ntruth %s", id, a, b)
		}
		if len(told.Awaited) > 0 {
			p.t.Errorf("lead %v waits for %v", id, told.Awaited)
		}
		if a, b := trialsOf(told), trialsOf(truth); a != b {
			p.t.Errorf("lead %v: trials:\ntold  %s\ntruth %s", id, a, b)
		}
	}
	for d, n := range p.truth.counts {
		if p.told.counts[d] != n {
			p.t.Errorf("%+v: told %d, truth %d", d, p.told.counts[d], n)
		}
	}
	for d, n := range p.told.counts {
		if p.truth.counts[d] == 0 && !strings.HasSuffix(d.Name, ":doubted") {
			p.t.Errorf("%+v: told %d, truth nothing", d, n)
		}
	}
}

func foldsOf(l *engine.Lead) string {
	f := l.Folds
	f.Hits = nil // of what never happened nothing is remembered, of others as much as there is room for
	return fmt.Sprintf("%+v first seen %v", f, l.FirstSeen)
}

func trialsOf(l *engine.Lead) string {
	var all []string
	for _, t := range l.Acts.Trials {
		guards := slices.Sorted(slices.Values(t.Guards))
		all = append(all, fmt.Sprint(t.Experiment, t.Arm, t.Message, t.At, t.Done, guards))
	}
	goals := map[string][]string{}
	for _, r := range l.Acts.Runs {
		goals[r.Workflow] = slices.Sorted(slices.Values(r.Goals))
	}
	return fmt.Sprint(all, slices.Sorted(maps.Keys(goals)), goals)
}
