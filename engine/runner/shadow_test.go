package runner

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
)

// everything compares whatever comes.
func everything(o *Options) { o.ShadowRate = 1_000_000 }

// tally is what a report says in one line for each difference.
func tally(r *ShadowReport) map[string]string {
	list := map[string]string{}
	for _, d := range r.Differences {
		list[fmt.Sprintf("%s %s %s %s", d.Only, d.Kind, d.Subject, d.Detail)] = fmt.Sprintf("%d times, %d leads", d.Times, d.Leads)
	}
	return list
}

func (g *rig) shadow() ShadowReport {
	g.t.Helper()
	r, err := g.runner.ShadowReport()
	if err != nil {
		g.t.Fatal(err)
	}
	return r
}

func (g *rig) cast(name string, p *engine.Program) {
	g.t.Helper()
	if err := g.runner.Shadow(g.t.Context(), name, p); err != nil {
		g.t.Fatal(err)
	}
}

// A change that means the same decides the same, whatever happens: a shadow of it finds
// nothing in any random history, and what it compares changes nothing.
func TestShadowOfTheSameRulesFindsNothing(t *testing.T) {
	t.Parallel()
	for seed := range 2 * *seeds {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			h := newHistory(t, 9_000+seed, features(9_000+seed))
			change := h.change
			h.change = func(o *Options) {
				change(o)
				everything(o)
			}
			h.rig.close()
			h.open()
			h.cast("same", program(t, features(9_000+seed)(h.variant), "same"))
			for range 15 {
				h.submit(h.batch())
				if h.rng.IntN(4) == 0 {
					h.submit([]engine.Event{h.signIn()})
				}
				h.pass([]time.Duration{0, time.Minute, 2 * time.Hour, 11 * time.Hour, 50 * time.Hour}[h.rng.IntN(5)])
			}
			r := h.shadow()
			if r.Compared < 100 || r.Alike != r.Compared || r.NotCompared != 0 || len(r.Differences) > 0 {
				t.Errorf("seed %d: compared %d, alike %d, not %d: %v", seed, r.Compared, r.Alike, r.NotCompared, tally(&r))
			}
			h.compare()
		})
	}
}

// shadowed is mailSpec with a change that tosses up at half of the points and waits
// longer, and pays double for a visit.
func shadowed(variant int) *engine.Spec {
	spec := mailSpec(time.Hour)
	spec.TossUps = append(spec.TossUps, engine.TossUpSpec{Name: "warm", When: atLeast(20), Cooldown: engine.Forever})
	if variant == 1 {
		spec.TossUps[1].When = atLeast(10)
		spec.Flows[0].Steps[1].Wait.For.Span = 2 * time.Hour
	}
	return spec
}

// Differences are added up by leads and times, with examples; a lead counts once for a
// difference, over a restart too; nothing of it is sent or kept with the lead.
func TestShadowAddsUpDifferences(t *testing.T) {
	t.Parallel()
	world := &receiver{}
	running, change := program(t, shadowed(0), "running"), program(t, shadowed(1), "change")
	g := newRig(t, running, world, everything)
	g.cast("change", change)
	for i := range 8 {
		g.submit(g.event(strconv.Itoa(i), userOf(i), "visit", number("points", 12)))
	}
	g.quiet()
	g.submit(g.event("again", userOf(0), "visit", number("points", 1)))
	g.quiet()
	r := g.shadow()
	if want := map[string]string{"new toss_up warm ": "9 times, 8 leads"}; fmt.Sprint(tally(&r)) != fmt.Sprint(want) {
		t.Errorf("found %v, want %v", tally(&r), want)
	}
	if r.Compared != 9 || r.Alike != 0 || r.Leads != 8 || len(r.Differences[0].Examples) != maxShadowExamples || r.Differences[0].Examples[0].Event != "visit" {
		t.Errorf("the report: %+v", r)
	}
	if l := g.lead(userOf(0)); len(l.Acts.Offers) != 0 || l.Revision != 1 {
		t.Errorf("the shadow has changed a lead: %+v", l.Acts)
	}
	if n := len(world.requests()); n != 0 {
		t.Errorf("the shadow has sent %d messages", n)
	}
	since := r.Since
	g.close()
	g.open(running, everything)
	if r := g.shadow(); r.Name != "change" || r.Compared != 9 {
		t.Errorf("after a restart: %+v", r)
	}
	g.advance(time.Minute)
	g.cast("change", change)
	g.submit(g.event("later", userOf(1), "visit", number("points", 1)), g.event("other", "somebody", "visit", number("points", 15)))
	g.quiet()
	r = g.shadow()
	if got := tally(&r)["new toss_up warm "]; got != "11 times, 9 leads" || r.Since != since || r.Leads != 9 {
		t.Errorf("after a restart: %v, since %v", got, r.Since)
	}
	if err := g.runner.EndShadow(t.Context()); err != nil {
		t.Fatal(err)
	}
	g.submit(g.event("unseen", userOf(2), "visit", number("points", 1)))
	g.quiet()
	if r := g.shadow(); r.Compared != 11 || r.Until == 0 {
		t.Errorf("after its end: %+v", r)
	}
	g.cast("another", running)
	g.submit(g.event("last", userOf(2), "visit", number("points", 1)))
	g.quiet()
	if r := g.shadow(); r.Name != "another" || r.Compared != 1 || r.Alike != 1 || r.Leads != 0 {
		t.Errorf("another shadow: %+v", r)
	}
	if marked, err := g.store.ShadowMarked(shadowMark(g.lead(userOf(1)).ID, anyDifference)); marked || err != nil {
		t.Errorf("what another shadow had found is left over (%v)", err)
	}
}

// Waits that end are compared as events are.
func TestShadowComparesWhatFallsDue(t *testing.T) {
	t.Parallel()
	g := newRig(t, program(t, shadowed(0), "running"), &receiver{}, everything)
	g.submit(g.event("1", "ann", "signup"))
	g.quiet()
	slower := shadowed(1)
	slower.Flows[0].Steps[1].Wait.Recompute = true
	g.cast("change", program(t, slower, "change"))
	g.advance(time.Hour)
	g.quiet()
	r := g.shadow()
	if got := tally(&r); got["old send mail welcome/more"] != "1 times, 1 leads" {
		t.Errorf("found %v", got)
	}
	if r.Differences[0].Examples[0].Event != "" {
		t.Errorf("an example of what fell due: %+v", r.Differences[0].Examples[0])
	}
}

// What there is no time for is counted, and holds nobody up.
func TestShadowCountsWhatItPassesOver(t *testing.T) {
	t.Parallel()
	const events, most = 200, 20
	g := newRig(t, program(t, shadowed(0), "running"), &receiver{}, func(o *Options) { o.ShadowRate = most })
	g.cast("change", program(t, shadowed(1), "change"))
	for i := range events {
		g.submit(g.event(strconv.Itoa(i), userOf(i%10), "visit", number("points", 1)))
	}
	g.quiet()
	if r := g.shadow(); r.Compared == 0 || r.Compared > most || r.Compared+r.NotCompared != events {
		t.Errorf("compared %d and passed over %d of %d", r.Compared, r.NotCompared, events)
	}
	g.advance(time.Second)
	before := g.shadow()
	g.submit(g.event("later", userOf(1), "visit", number("points", 1)))
	g.quiet()
	if r := g.shadow(); r.Compared != before.Compared+1 {
		t.Errorf("a second later: %+v", r)
	}
}

// A killed process loses no more than a second of what was found, and counts no lead
// twice.
func TestShadowSurvivesACrash(t *testing.T) {
	t.Parallel()
	running, change := program(t, shadowed(0), "running"), program(t, shadowed(1), "change")
	g := newRig(t, running, &receiver{}, everything)
	g.cast("change", change)
	visit := func(id string, user int, points float64) {
		g.submit(g.event(id, userOf(user), "visit", number("points", points)))
		g.quiet()
	}
	for i := range 6 {
		visit(strconv.Itoa(i), i, 12)
	}
	g.advance(2 * time.Second)
	visit("kept", 0, 1) // what was found before is saved by now, or with it
	for i := range 3 {
		visit("lost"+strconv.Itoa(i), 6+i, 12)
	}
	g.crash()
	g.open(running, everything)
	r := g.shadow()
	if r.Compared < 6 || r.Compared > 10 || r.Leads > 9 || r.Leads < 6 {
		t.Errorf("after a crash: %+v", r)
	}
	g.cast("change", change)
	for i := range 9 {
		visit("after"+strconv.Itoa(i), i, 1)
	}
	if after := g.shadow(); after.Leads != 9 || after.Differences[0].Leads != 9 || after.Differences[0].Times != r.Differences[0].Times+9 {
		t.Errorf("every lead counts once: %+v", after)
	}
}
