package sim

import (
	"strconv"
	"strings"
	"testing"

	"github.com/seed-456efde2/nurture/engine"
)

// brief is known with an offer whose time for an opportunity is soon over, so that
// corrections bring opportunities into it and out of it.
func brief(variant int) *engine.Spec {
	spec := known(variant)
	spec.TossUps[0].Success = &engine.SuccessSpec{On: "opportunity", Within: 6 * engine.Day}
	return spec
}

// An opportunity that is corrected into the time of an offer is missed no more; one
// that is corrected out of it is.
func TestCorrectedOpportunityIsMissedOrNot(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			p := newPairOf(t, 1000+seed, brief)
			for range 90 {
				p.round()
			}
			p.pass(10 * engine.Day)
			p.compare()
			p.recounted()
		})
	}
}

// recounted holds what was counted of opportunities against what the journals tell.
func (p *pair) recounted() {
	p.t.Helper()
	told := map[engine.Delta]int64{}
	at := func(revision uint32) *engine.Program { return p.programs[revision-1] }
	for _, id := range p.told.Leads() {
		l := p.told.Lead(id)
		err := at(l.Revision).RecountActs(engine.NewFrame(), l, p.told, at, func(d engine.Delta) error {
			n := d.N
			d.N = 0
			told[d] += n
			return nil
		})
		if err != nil {
			p.t.Fatal(err)
		}
	}
	for _, counts := range []map[engine.Delta]int64{told, p.told.counts} {
		for d := range counts {
			if strings.HasPrefix(d.Name, "toss_up:") && told[d] != p.told.counts[d] {
				p.t.Errorf("%+v: counted %d, the journal tells %d", d, p.told.counts[d], told[d])
			}
		}
	}
}

// trying lets both worlds try the other rules on half of the leads from now on.
func (p *pair) trying() {
	p.t.Helper()
	p.pass(engine.Second) // what came before came before it began
	spec := *brief(1)
	spec.Elders = brief(0).Flows
	tried, err := engine.NewProgram(&spec, "tried", 2)
	if err != nil {
		p.t.Fatal(err)
	}
	with, err := p.programs[0].WithCanary(tried, engine.Canary{Percent: 50, Salt: "salt", Since: p.now})
	if err != nil {
		p.t.Fatal(err)
	}
	p.programs = [2]*engine.Program{with, with}
	p.swap()
}

// While a change is tried, a correction changes the figures of both arms as if the fact
// had been told so at once: those of facts, of rates, of people, and of outcomes.
func TestCorrectedCountsInItsArm(t *testing.T) {
	t.Parallel()
	changed := map[string]bool{}
	for seed := range uint64(40) {
		p := newPairOf(t, 2000+seed, brief)
		for range 30 {
			p.round()
		}
		p.trying()
		for range 90 {
			p.round()
		}
		p.pass(10 * engine.Day)
		p.compare()
		for d, n := range p.truth.counts {
			if arm, name, _ := strings.Cut(d.Name, ":2:"); n > 0 && name != "" {
				kind, _, _ := strings.Cut(name, ":")
				changed[arm+" "+kind] = true
			}
		}
	}
	for _, want := range []string{"canary event", "canary kpi", "canary toss_up", "control event", "control kpi", "control toss_up"} {
		if !changed[want] {
			t.Errorf("nothing was counted of %s", want)
		}
	}
}
