package runner

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/seed-456efde2/nurture/engine"
)

// journal is a lead's facts in the order in which they were decided; it serves as
// the history of what is replayed from it.
type journal []engine.Fact

// Facts gives what was written before, in order of (At, Seq).
func (j *journal) Facts(_ engine.LeadID, yield func(*engine.Fact) error) error {
	facts := slices.Clone(*j)
	slices.SortStableFunc(facts, func(a, b engine.Fact) int {
		if a.Event.At != b.Event.At {
			return int(a.Event.At - b.Event.At)
		}
		return int(a.Seq) - int(b.Seq)
	})
	for i := range facts {
		if err := yield(&facts[i]); err != nil {
			return err
		}
	}
	return nil
}

// replay decides every lead's journal anew and looks for differences.
func (h *history) replay() {
	h.t.Helper()
	h.clock.left.Store(-1)
	h.t.Logf("seed %d: %d events, %d crashes, %d requests", h.seed, h.events, h.crashes, len(h.world.requests()))
	ids, granted, settled := map[string]int{}, map[string]int{}, map[string]int{}
	for lead := range 12 {
		l := h.lead(userOf(lead))
		if l.Seq == 0 {
			continue
		}
		facts := h.facts(l.ID)
		for i := range facts {
			f := &facts[i]
			if f.Event.Kind.Outside() {
				ids[f.Event.ID]++
			}
			if f.Event.Kind == engine.Settled {
				settled[fmt.Sprint(f.Event.Action, f.Event.Receipt.Attempt)]++
			}
			for _, d := range f.Decisions {
				if d.Kind == engine.Permitted {
					granted[d.Action.String()]++
				}
			}
		}
		if err := h.replayLead(l, facts); err != nil {
			h.t.Errorf("seed %d: lead %v: %v", h.seed, l.ID, err)
		}
		for _, a := range l.Acts.Pending {
			if a.State != engine.Waiting {
				h.t.Errorf("seed %d: at rest lead %v has the action %+v", h.seed, l.ID, a)
			}
		}
	}
	for _, e := range h.sent {
		if ids[e.ID] != 1 {
			h.t.Errorf("seed %d: event %s is in the journal %d times", h.seed, e.ID, ids[e.ID])
		}
	}
	h.deliveries(granted, settled)
}

func (h *history) facts(id engine.LeadID) journal {
	var facts journal
	err := h.store.Facts(id.Partition(h.parts), id, func(f *engine.Fact) error {
		var c engine.Fact
		if err := engine.DecodeFact(engine.AppendFact(nil, f), &c); err != nil {
			return err
		}
		c.Event.Lead = id
		facts = append(facts, c)
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
	slices.SortFunc(facts, func(a, b engine.Fact) int { return int(a.Seq) - int(b.Seq) })
	return facts
}

// replayLead decides the journal's events one after the other. One event may
// have brought several rows: the timers that were due before it have rows of
// their own.
func (h *history) replayLead(want *engine.Lead, facts journal) error {
	frame, fx, past := engine.NewFrame(), engine.Effects{}, journal{}
	frame.Recall(h.past)
	l := engine.Lead{ID: want.ID}
	for n := 0; n < len(facts); {
		f := &facts[n]
		e := f.Event
		if err := h.revised[f.Revision].Decide(frame, &l, &e, &past, &fx); err != nil {
			return err
		}
		if len(fx.Facts) == 0 {
			return fmt.Errorf("fact %d of %d is not repeated: %.600v", n+1, len(facts), fmt.Sprintf("%+v", *f))
		}
		for i := range fx.Facts {
			got := engine.AppendFact(nil, &fx.Facts[i])
			if n == len(facts) || !bytes.Equal(got, engine.AppendFact(nil, &facts[n])) {
				return fmt.Errorf("fact %d of %d differs:\nrunner   %.900v\nreplayed %.900v", n+1, len(facts), fmt.Sprintf("%+v", facts[min(n, len(facts)-1)]), fmt.Sprintf("%+v", fx.Facts[i]))
			}
			past = append(past, facts[n])
			n++
		}
	}
	// What the clock and new rules have not changed anything by left no row.
	tick := engine.Event{Kind: engine.Tick, Lead: want.ID, At: h.now(), Received: h.now()}
	if err := h.revised[want.Revision].Decide(frame, &l, &tick, &past, &fx); err != nil || len(fx.Facts) > 0 {
		return fmt.Errorf("the journal lacks %d rows: %v %.900v", len(fx.Facts), err, fmt.Sprintf("%+v", fx.Facts))
	}
	if !bytes.Equal(engine.AppendLead(nil, &l), engine.AppendLead(nil, want)) {
		return fmt.Errorf("the lead differs:\nrunner   %.900v\nreplayed %.900v", fmt.Sprintf("%+v", *want), fmt.Sprintf("%+v", l))
	}
	return nil
}

// deliveries checks what the world was asked for against the journals: every
// leave was used, every answer taken once, and one key always had one message.
func (h *history) deliveries(granted, settled map[string]int) {
	h.t.Helper()
	tries := map[string]int{}
	for key, requests := range h.world.keys {
		for _, q := range requests {
			tries[fmt.Sprint(key, q.Attempt)]++
			if fmt.Sprint(q.Parts) != fmt.Sprint(requests[0].Parts) {
				h.t.Errorf("seed %d: action %v had two messages: %v and %v", h.seed, key, requests[0].Parts, q.Parts)
			}
		}
		if granted[key.String()] == 0 {
			h.t.Errorf("seed %d: action %v was sent without leave", h.seed, key)
		}
	}
	for try, n := range tries {
		if n > 1+h.crashes || settled[try] != 1 {
			h.t.Errorf("seed %d: attempt %s was sent %d times with %d crashes, and answered %d times", h.seed, try, n, h.crashes, settled[try])
		}
	}
	leaves := 0
	for _, n := range granted {
		leaves += n
	}
	if leaves != len(tries) {
		h.t.Errorf("seed %d: leave was given %d times for %d attempts", h.seed, leaves, len(tries))
	}
}
