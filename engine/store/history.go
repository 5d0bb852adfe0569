package store

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/seed-456efde2/nurture/engine"
)

var _ engine.History = (*Write)(nil)

// Facts makes a Write the engine.History of its worker: it calls yield with all
// facts of the lead in order of (At, Seq), those of Writes that are not yet
// durable included, this one's too. The Fact is valid during the call only.
//
// The facts of Writes under way are found by looking through their rows, which
// costs some ten microseconds; asking for the journal is what a late event or a
// new rule does, not every event.
func (w *Write) Facts(lead engine.LeadID, yield func(*engine.Fact) error) error {
	return w.FactsFrom(lead, 0, 0, yield)
}

// FactsFrom is Facts from a place (At, Seq) on, that of a fact included; both 0 is the
// beginning. ErrStop ends it without an error.
func (w *Write) FactsFrom(lead engine.LeadID, at engine.Time, seq uint64, yield func(*engine.Fact) error) error {
	part := lead.Partition(len(w.store.parts))
	prefix := factsKey(nil, part, lead)
	from := prefix
	if at != 0 || seq != 0 {
		from = factKey(nil, part, lead, at, seq)
	}
	young := w.store.parts[part].youngFacts(prefix)
	for len(young) > 0 && bytes.Compare(young[0].key, from) < 0 {
		young = young[1:]
	}
	f := engine.Fact{Event: engine.Event{Lead: lead}}
	give := func(value []byte) error {
		if err := engine.DecodeFact(value, &f); err != nil {
			return fmt.Errorf("read fact of lead %v: %w", lead, err)
		}
		return yield(&f)
	}
	stopped := false
	err := w.store.scan(prefix, from, func(key, value []byte) error {
		for len(young) > 0 {
			order := bytes.Compare(young[0].key, key)
			if order > 0 {
				break
			}
			if err := give(young[0].value); err != nil {
				stopped = true
				return err
			}
			young = young[1:]
			if order == 0 { // became durable just now, or replaces this one
				return nil
			}
		}
		err := give(value)
		stopped = err != nil
		return err
	})
	if err != nil || stopped {
		return err
	}
	for _, fact := range young {
		if err := give(fact.value); errors.Is(err, ErrStop) {
			return nil
		} else if err != nil {
			return err
		}
	}
	return nil
}

// rowOf is a row in a Write.
type rowOf struct{ key, value []byte }

// youngFacts are copies of the facts under prefix in Writes that are not known to
// be durable, in order of their keys, each as the last Write has it.
func (p *partition) youngFacts(prefix []byte) []rowOf {
	rows := p.flyingRows(prefix)
	slices.SortStableFunc(rows, func(a, b rowOf) int { return bytes.Compare(a.key, b.key) })
	last := rows[:0]
	for i, row := range rows {
		if i+1 == len(rows) || !bytes.Equal(row.key, rows[i+1].key) {
			last = append(last, row)
		}
	}
	return last
}

func (p *partition) flyingRows(prefix []byte) []rowOf {
	durable := p.durable.Load()
	p.mu.Lock() // so that none of them is Reset meanwhile
	defer p.mu.Unlock()
	var rows []rowOf
	for _, flight := range p.flying {
		if flight.write <= durable {
			continue
		}
		flight.w.mu.Lock()
		ops, shown := flight.w.ops, flight.w.shown
		flight.w.mu.Unlock()
		for i := range ops {
			o := &ops[i]
			end := o.pos + uint32(o.key)
			if o.key == factKeyLen && bytes.HasPrefix(shown[o.pos:end], prefix) {
				rows = append(rows, rowOf{bytes.Clone(shown[o.pos:end]), bytes.Clone(shown[end : end+o.value])})
			}
		}
	}
	return rows
}
