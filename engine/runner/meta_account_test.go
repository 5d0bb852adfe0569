package runner

import (
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/enginetest"
	"github.com/seed-456efde2/nurture/engine/sim"
)

// accounts is a workspace whose rules ask what the leads of one company did:
// toss-ups, stages, segments that open workflows, and the conditions inside of them.
func accounts(seed uint64) func(variant int) *engine.Spec {
	return func(variant int) *engine.Spec {
		rng := rand.New(rand.NewPCG(seed, 17))
		spec := features(seed)(variant)
		spec.Account = &engine.AccountSpec{Key: "city", Attrs: []engine.AttrSpec{{Name: "seats", Kind: engine.Number}}}
		visits := engine.Key{Kind: engine.KeyAccountTimes, Name: "visit", Window: engine.Span(1+rng.IntN(60)) * engine.Hour}
		since := engine.Key{Kind: engine.KeyAccountSince, Name: "reply"}
		seats := engine.Key{Kind: engine.KeyAccount, Name: "seats"}
		hot := &spec.TossUps[0]
		hot.From, hot.To = "", ""
		hot.When = enginetest.Compare(visits, ">=", float64(2+rng.IntN(4)))
		if rng.IntN(2) == 0 {
			hot.Hold = 0
		}
		spec.Stages[1].Enter = enginetest.Compare(seats, ">=", 10)
		spec.Stages[1].Leave = enginetest.Compare(since, ">", 1)
		spec.Segments[0].When = enginetest.Compare(visits, ">=", float64(1+rng.IntN(3)))
		spec.Flows = spec.Flows[1:] // the other sends: whether an answer or a colleague's deed comes first is the world's to say
		// What a workflow sets is no company: many enter at one instant, and who changed
		// companies first would be the wheel's to say.
		spec.Attrs = append(spec.Attrs, engine.AttrSpec{Name: "mood", Kind: engine.Text})
		spec.Flows[0].Steps[1].Set.Values[0].Name = "mood"
		spec.Flows[0].Exits = append(spec.Flows[0].Exits, engine.ExitSpec{Name: "busy", When: enginetest.Compare(visits, ">=", 6)})
		spec.Asked = append(spec.Asked, visits, since, seats)
		return spec
	}
}

// Leads that share what they do with their colleagues come to the same acts, and the
// same journals, as in the simulator: they join, change and leave companies, are
// merged, and their facts come late and twice, whatever the partitions, batches,
// crashes and changes of rules are. Events come one after the other, because what
// one lead does changes what the others read.
func TestAccountsLikeTheSimulator(t *testing.T) {
	t.Parallel()
	for seed := range 6 * *seeds {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			h := newHistory(t, 500_000+seed, accounts(500_000+seed))
			h.world.answer = func(engine.Request) engine.Receipt { return engine.Receipt{Outcome: engine.Done} }
			h.sim = sim.New(h.programs[0], sim.Options{Start: engine.TimeOf(start), Reply: h.world.answer, Render: true})
			h.revise()
			for range 12 {
				h.accountRound()
			}
			h.compare()
			h.companyFacts()
		})
	}
}

// accountRound lets a few things happen one after the other.
func (h *history) accountRound() {
	if h.rng.IntN(3) == 0 {
		h.clock.left.Store(int64(1 + h.rng.IntN(200)))
	}
	if h.rng.IntN(6) == 0 {
		h.swap()
	}
	for range 12 {
		h.events++
		name := []string{"visit", "visit", "visit", "visit", "ask", "buy", "reply"}[h.rng.IntN(7)]
		e := h.event(strconv.Itoa(h.events), userOf(h.rng.IntN(12)), name)
		switch {
		case h.rng.IntN(8) == 0:
			e = h.signIn()
		case h.rng.IntN(8) == 0:
			e.Kind, e.Name = engine.Group, ""
			e.Fields = []engine.Field{
				{Name: "groupId", Value: engine.TextValue([]string{"Osaka", "Nara", "Kobe"}[h.rng.IntN(3)])},
				{Name: "seats", Value: engine.NumberValue(float64(h.rng.IntN(20)))},
			}
		case name == "visit":
			e.Fields = []engine.Field{number("points", float64(h.rng.IntN(20)))}
		}
		if h.rng.IntN(5) == 0 && h.mayBeLate(&e) {
			e.At = e.At.Add(-engine.Span(h.rng.IntN(int(2 * engine.Day))))
		}
		h.submit([]engine.Event{e})
		if h.rng.IntN(6) == 0 {
			h.submit([]engine.Event{e})
		}
		h.pass(time.Duration(1+h.rng.IntN(500_000)) * time.Millisecond)
	}
	h.pass(time.Duration(1+h.rng.IntN(20*3600_000)) * time.Millisecond)
}

// companyFacts makes sure that there was something to share.
func (h *history) companyFacts() {
	members, shared, offers := 0, 0, 0
	for _, id := range h.sim.All() {
		l := h.sim.Lead(id)
		if l.Account != nil {
			members = max(members, len(l.Account.Members))
		}
		if l.Colleagues != nil && len(l.Colleagues.Counts) > 0 {
			shared++
		}
		for i := range l.Acts.Offers {
			offers += int(l.Acts.Offers[i].Count)
		}
	}
	h.t.Logf("seed %d: at most %d leads in a company, %d leads know of their colleagues, %d hand-overs", h.seed, members, shared, offers)
}
