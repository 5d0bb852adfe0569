package main

import (
	"errors"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/sim"
	"github.com/seed-456efde2/nurture/engine/store"
)

// counted keeps what a replay counts, as the store would.
type counted struct {
	names map[string]map[countedAt]int64
}

type countedAt struct {
	hour   int64
	part   uint8
	labels string
}

// newCounted listens to a replay.
func newCounted(r *replay) *counted {
	c := &counted{names: map[string]map[countedAt]int64{}}
	r.listen = func(d engine.Delta) {
		at := c.names[d.Name]
		if at == nil {
			at = map[countedAt]int64{}
			c.names[d.Name] = at
		}
		at[countedAt{d.Hour, d.Part, d.Labels}] += d.N
	}
	return c
}

// counts reads a counter's hours, in no order: whoever asks sums them up.
func (c *counted) counts(name string, fromHour, toHour int64, yield func(engine.Delta) error) error {
	for at, n := range c.names[name] {
		if at.hour < fromHour || at.hour >= toHour || n == 0 {
			continue
		}
		err := yield(engine.Delta{Name: name, Hour: at.hour, Part: at.part, Labels: at.labels, N: n})
		if errors.Is(err, store.ErrStop) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// recordedPeople are the leads of a replay, as one partition.
type recordedPeople struct{ sim *sim.Sim }

func (p *recordedPeople) Partitions() int { return 1 }

func (p *recordedPeople) Lead(id engine.LeadID, l *engine.Lead) (bool, error) {
	found := p.sim.Lead(id)
	if found == nil {
		return false, nil
	}
	*l = *found
	return true, nil
}

func (p *recordedPeople) Leads(_ int, _ engine.LeadID, _ int, yield func(engine.LeadID, []byte) error) error {
	for _, id := range p.sim.All() {
		if err := yield(id, engine.AppendLead(nil, p.sim.Lead(id))); err != nil {
			return err
		}
	}
	return nil
}

func (p *recordedPeople) Facts(_ int, lead engine.LeadID, yield func(*engine.Fact) error) error {
	return p.sim.Facts(lead, yield)
}

func (p *recordedPeople) Resolve(i engine.Identifier) (engine.LeadID, bool, error) {
	l := p.sim.Find(i)
	if l == nil {
		return engine.LeadID{}, false, nil
	}
	return l.ID, true, nil
}
