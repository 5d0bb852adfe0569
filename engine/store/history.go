package store

import (
	"bytes"
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
	part := lead.Partition(len(w.store.parts))
	young := w.store.parts[part].youngFacts(factsKey(nil, part, lead))
	f := engine.Fact{Event: engine.Event{Lead: lead}}
	give := func(value []byte) error {
		if err := engine.DecodeFact(value, &f); err != nil {
			return fmt.Errorf("read fact of lead %v: %w", lead, err)
		}
		return yield(&f)
	}
	prefix := factsKey(nil, part, lead)
	err := w.store.scan(prefix, prefix, func(key, value []byte) error {
		for len(young) > 0 {
			order := bytes.Compare(young[0].key, key)
			if order > 0 {
				break
			}
			if err := give(young[0].value); err != nil {
				return err
			}
			young = young[1:]
			if order == 0 { // became durable just now, or replaces this one
				return nil
			}
		}
		return give(value)
	})
	if err != nil {
		return err
	}
	for _, fact := range young {
		if err := give(fact.value); err != nil {
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
