package runner

import (
	"bytes"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/calendar"
	"github.com/seed-456efde2/nurture/engine/enginetest"
	"github.com/seed-456efde2/nurture/engine/sim"
	"github.com/seed-456efde2/nurture/engine/store"
)

// desks is a workspace whose leads compete for places at desks and in accounts,
// and whose sales answer, are reminded, and win.
func desks(seed uint64) func(variant int) *engine.Spec {
	return func(variant int) *engine.Spec {
		rng := rand.New(rand.NewPCG(seed, 11))
		spec := features(seed)(variant)
		spec.Flows = nil
		spec.Scores[0].Rules = spec.Scores[0].Rules[:1] // an inquiry makes nobody hot: two messages would be under way side by side
		// What time alone changes otherwise than by a half-life is told to the desks by all
		// who wait at one sweep, in an order that is the sweep's own.
		spec.Scores[0].HalfLife, spec.Scores[0].Expires, spec.Scores[0].Step = engine.Span(rng.IntN(2))*3*engine.Day, 0, engine.StepDown{}
		city := factText{engine.Key{Kind: engine.KeyLead, Name: "city"}}
		capacity := []*engine.CapacitySpec{
			{AtMost: 1, Per: calendar.Length{BusinessDays: 1}},
			{AtMost: 1 + rng.IntN(2), Per: calendar.Length{Span: time.Duration(1+rng.IntN(30)) * time.Hour}},
			{AtMost: 1, Per: calendar.Length{Span: 7 * time.Hour}, InquiriesWait: true},
		}[rng.IntN(3)]
		spec.Events = append(spec.Events, engine.EventSpec{Name: "refused", Fields: []engine.AttrSpec{{Name: "reason", Kind: engine.Text}}})
		for i := range spec.TossUps {
			t := &spec.TossUps[i]
			own := *capacity
			if own.AtMost += variant; own.Per.BusinessDays > 0 {
				own.AtMost = 1
			}
			t.Capacity = &own
			t.Success = &engine.SuccessSpec{On: "buy", Within: 5 * engine.Day, Won: "reply"}
		}
		hot := &spec.TossUps[0]
		hot.From, hot.Cooldown = "", engine.Span(rng.IntN(40))*engine.Hour
		hot.When = atLeast(20)
		hot.HandOver = &engine.HandOverSpec{
			Channel: "crm", Kind: "crm", Content: enginetest.Parts("hot", interest), Owner: city, Reasons: rng.IntN(2) == 0,
		}
		hot.Answer.Rejected = "refused"
		hot.Answer.Reasons = []engine.ReasonSpec{{Name: "later", Recycle: "new", Cooldown: 30 * engine.Hour}}
		hot.Answer.Notices = []engine.ReminderSpec{
			{Kind: engine.Remind, After: calendar.Length{Span: 3 * time.Hour}},
			{Kind: engine.Escalate, After: calendar.Length{Span: 11 * time.Hour}},
		}
		if rng.IntN(3) == 0 {
			hot.Account = city
		}
		return spec
	}
}

// factText is the text of a fact.
type factText struct{ key engine.Key }

func (s factText) Reads() []engine.Key { return []engine.Key{s.key} }
func (s factText) Source() string      { return s.key.String() }
func (s factText) Meaning() string     { return s.key.String() }
func (s factText) Place() engine.Place { return engine.Place{} }

func (s factText) Text(vars *engine.Vars) (string, error) {
	text, _ := vars.Facts[s.key.String()].(string)
	return text, nil
}

// Leads that compete for the places at a desk and for their account's one come to
// the same offers, the same queues and the same register as in the simulator,
// whatever the partitions, batches, crashes and changes of rules are. Events come
// one after the other, because who is first at a desk gets the place.
func TestDesksLikeTheSimulator(t *testing.T) {
	t.Parallel()
	for seed := range 6 * *seeds {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			h := newHistory(t, 300_000+seed, desks(300_000+seed))
			h.world.answer = func(engine.Request) engine.Receipt { return engine.Receipt{Outcome: engine.Done} }
			h.sim = sim.New(h.programs[0], sim.Options{Start: engine.TimeOf(start), Reply: h.world.answer, Render: true})
			h.revise()
			for range 12 {
				h.deskRound()
			}
			h.compare()
			h.sameRegister()
		})
	}
}

// deskRound lets a few things happen one after the other.
func (h *history) deskRound() {
	if h.rng.IntN(3) == 0 {
		h.clock.left.Store(int64(1 + h.rng.IntN(200)))
	}
	if h.rng.IntN(6) == 0 && !h.waiting() {
		h.swap() // who drops out on hearing of the rules does so in the order of the sweep
	}
	for range 12 {
		h.events++
		name := []string{"visit", "visit", "visit", "visit", "ask", "buy", "reply", "accepted", "refused"}[h.rng.IntN(9)]
		e := h.event(strconv.Itoa(h.events), userOf(h.rng.IntN(12)), name)
		switch {
		case h.rng.IntN(12) == 0:
			e = h.signIn()
		case name == "visit":
			e.Fields = []engine.Field{number("points", float64(h.rng.IntN(40)))}
		case name == "refused":
			e.Fields = []engine.Field{{Name: "reason", Value: engine.TextValue([]string{"later", "nonsense", ""}[h.rng.IntN(3)])}}
		}
		h.submit([]engine.Event{e})
		h.pass(time.Duration(1+h.rng.IntN(500_000)) * time.Millisecond)
	}
	h.pass(time.Duration(1+h.rng.IntN(20*3600_000)) * time.Millisecond)
}

// waiting reports whether anybody stands in a queue.
func (h *history) waiting() bool {
	for _, id := range h.sim.All() {
		if d := h.sim.Lead(id).Desk; d != nil && len(d.Queue) > 0 {
			return true
		}
	}
	return false
}

// sameRegister looks for differences between the registers of hand-overs.
func (h *history) sameRegister() {
	h.t.Helper()
	want := map[engine.ActionKey][]byte{}
	states := map[engine.OfferState]int{}
	for _, o := range h.sim.Offers() {
		want[o.Offer.ID] = engine.AppendLeadOffer(nil, &o)
		states[o.Offer.State]++
	}
	n := 0
	err := h.runner.store.Offers(store.OfferPlace{}, func(o *engine.LeadOffer) error {
		n++
		if !bytes.Equal(want[o.Offer.ID], engine.AppendLeadOffer(nil, o)) {
			h.t.Errorf("seed %d: register %s differs: %+v", h.seed, o.Offer.ID, *o)
		}
		return nil
	})
	if err != nil || n != len(want) {
		h.t.Errorf("seed %d: %d rows in the register, %d in the simulator's: %v", h.seed, n, len(want), err)
	}
	h.t.Logf("seed %d: offers by state: %v", h.seed, states)
}
