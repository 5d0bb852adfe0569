package runner

import (
	"strconv"

	"github.com/seed-456efde2/nurture/engine"
)

// correctSome lets somebody say that a fact was otherwise: one that came, one that is
// still to come, or what was said of one before.
func (h *history) correctSome() {
	if len(h.sent) == 0 {
		return
	}
	e := h.sent[h.rng.IntN(len(h.sent))]
	if h.rng.IntN(2) == 0 {
		e = h.sent[max(0, len(h.sent)-1-h.rng.IntN(20))]
	}
	lead := e.Strongest().Lead()
	if l := h.sim.Lead(lead); !h.crowded && (l == nil || l.FirstSeen == 0) {
		return
	}
	h.corrected++
	c := engine.Correction{ID: "correction " + strconv.Itoa(h.corrected), Fact: e.ID, Why: "it was otherwise", Who: "somebody"}
	switch h.rng.IntN(8) {
	case 0:
		c.Fact = strconv.Itoa(h.events + 1 + h.rng.IntN(5)) // it has not come
		c.Never = h.rng.IntN(2) == 0
		c.AsTold = !c.Never
	case 1:
		c.Fact, c.Never = "correction "+strconv.Itoa(1+h.rng.IntN(h.corrected)), true
	case 2:
		c.AsTold = true
	case 3, 4:
		c.At = e.At.Add(-engine.Span(h.rng.IntN(int(2 * engine.Day))))
	case 5:
		c.Fields = []engine.Field{number("points", float64(h.rng.IntN(25)))}
	case 6:
		c.NoConsent = true
	default:
		c.Never = true
	}
	if h.rng.IntN(3) == 0 && !c.Never && !c.AsTold {
		c.Verdict = engine.Verdict(1 + h.rng.IntN(2))
	}
	h.did("correct %v: %+v", lead, c)
	h.survive(func() error {
		err := h.runner.Correct(h.t.Context(), lead, c)
		if err == ErrUnknownLead && h.crowded {
			return nil
		}
		return err
	})
	if !h.crowded {
		if err := h.sim.Correct(lead, c); err != nil {
			h.t.Fatal(err)
		}
	}
	h.settle()
}
