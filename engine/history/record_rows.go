package history

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/seed-456efde2/nurture/engine"
)

// Rows is a store of leads: the live one, a backup, or one in memory.
type Rows interface {
	Partitions() int
	// Leads calls yield with the rows of a partition's leads behind the given one, in
	// order of id, at most limit of them (0: all).
	Leads(part int, after engine.LeadID, limit int, yield func(id engine.LeadID, row []byte) error) error
	// Facts calls yield with a lead's facts in order of (At, Seq).
	Facts(part int, lead engine.LeadID, yield func(*engine.Fact) error) error
}

// Journals is what Rows may offer besides: many journals in one reading, which takes
// a fraction of the time that reading each takes.
type Journals interface {
	// Journals calls yield with the stored facts of a partition's leads from one to
	// another, these two included, in order of lead, At and Seq.
	Journals(part int, from, to engine.LeadID, yield func(lead engine.LeadID, row []byte) error) error
}

// chunk is how many rows are read at once. The store keeps what is deleted and
// overwritten for as long as somebody reads; reading in chunks keeps that short.
const chunk = 256

// stored is a lead's row in a chunk.
type stored struct {
	id  engine.LeadID
	row []byte
}

// eachChunk calls yield with the rows of a partition's leads, without entities, in
// chunks. A chunk is yield's until it returns.
func eachChunk(r Rows, part int, yield func([]stored) error) error {
	var after engine.LeadID
	var list []stored
	var bytes []byte
	for {
		n := 0
		list, bytes = list[:0], bytes[:0]
		err := r.Leads(part, after, chunk, func(id engine.LeadID, row []byte) error {
			n, after = n+1, id
			if engine.RowEntity(row) == engine.NoEntity {
				bytes = append(bytes, row...)
				list = append(list, stored{id: id, row: bytes[len(bytes)-len(row):]})
			}
			return nil
		})
		if err != nil {
			return err
		}
		if len(list) > 0 {
			if err := yield(list); err != nil {
				return err
			}
		}
		if n < chunk {
			return nil
		}
	}
}

// eachLead calls yield with the leads of a partition, without entities and without
// those that are parts of others. The lead is yield's until it returns.
func eachLead(r Rows, part int, yield func(l *engine.Lead, row []byte) error) error {
	var l engine.Lead
	return eachChunk(r, part, func(list []stored) error {
		for i := range list {
			if whole, err := list[i].decode(&l); err != nil || !whole {
				if err != nil {
					return err
				}
				continue
			}
			if err := yield(&l, list[i].row); err != nil {
				return err
			}
		}
		return nil
	})
}

// decode reads the row. It reports whether it is of a lead that is no part of
// another.
func (s *stored) decode(l *engine.Lead) (whole bool, err error) {
	if err := engine.DecodeLead(s.row, l); err != nil {
		return false, fmt.Errorf("read lead %v: %w", s.id, err)
	}
	l.ID = s.id
	return l.Into.IsZero() && l.FirstSeen != 0, nil
}

// FromRows makes a Source of a store. until is the last instant whose events count;
// 0: all.
func FromRows(r Rows, until engine.Time) Source { return &rowSource{r, until} }

type rowSource struct {
	rows  Rows
	until engine.Time
}

func (s *rowSource) Shards() int { return s.rows.Partitions() }

func (s *rowSource) Shard(part int, yield func(*Person) error) error {
	r := &rowReader{
		rowSource: s, yield: yield,
		person: Person{
			Done: true, Sent: map[engine.ActionKey]bool{}, Receipts: map[engine.ActionKey]engine.Receipt{}, Offers: map[string]bool{},
		},
	}
	journals, ok := s.rows.(Journals)
	return eachChunk(s.rows, part, func(list []stored) error {
		if err := r.choose(list); err != nil || len(r.chosen) == 0 {
			return err
		}
		if !ok {
			return r.finish(len(r.chosen))
		}
		err := journals.Journals(part, r.chosen[0].id, r.chosen[len(r.chosen)-1].id, r.take)
		if err != nil {
			return err
		}
		return r.finish(len(r.chosen))
	})
}

// rowReader makes people of the rows of one partition.
type rowReader struct {
	*rowSource
	yield  func(*Person) error
	lead   engine.Lead
	person Person
	fact   engine.Fact

	chosen []chosen // of the chunk
	done   int      // of chosen
	taken  []byte   // rows of the journal of chosen[done], one behind the other
	ends   []int    // of each
}

// chosen is a lead to be made a person of, with its parts.
type chosen struct {
	id    engine.LeadID
	parts []engine.LeadID
}

// choose finds the leads of a chunk.
func (r *rowReader) choose(list []stored) error {
	r.chosen, r.done = r.chosen[:0], 0
	for i := range list {
		whole, err := list[i].decode(&r.lead)
		if err != nil {
			return err
		}
		if whole {
			r.chosen = append(r.chosen, chosen{list[i].id, slices.Clone(r.lead.Parts)})
		}
	}
	return nil
}

// take takes a row of the journals that are read in one go. Journals of parts lie
// among them and are passed over: the whole lead asks for them.
func (r *rowReader) take(lead engine.LeadID, row []byte) error {
	n := r.done
	for n < len(r.chosen) && string(r.chosen[n].id[:]) < string(lead[:]) {
		n++
	}
	if err := r.finish(n); err != nil {
		return err
	}
	if n < len(r.chosen) && r.chosen[n].id == lead {
		r.taken = append(r.taken, row...)
		r.ends = append(r.ends, len(r.taken))
	}
	return nil
}

// finish yields the people in front of the nth.
func (r *rowReader) finish(n int) error {
	for ; r.done < n; r.done++ {
		if err := r.gather(&r.chosen[r.done]); err != nil {
			return err
		}
		r.taken, r.ends = r.taken[:0], r.ends[:0]
	}
	return nil
}

// gather makes a person of a lead, of its rows where they were taken.
func (r *rowReader) gather(c *chosen) error {
	p := &r.person
	p.reset()
	p.Once = len(c.parts) == 0
	read := r.decode
	if len(r.ends) == 0 {
		read = r.read
	}
	if err := read(c.id); err != nil {
		return err
	}
	for _, id := range c.parts {
		if err := r.read(id); err != nil {
			return err
		}
	}
	if len(c.parts) > 0 {
		slices.SortStableFunc(p.Events, func(a, b engine.Event) int { return cmp.Compare(a.At, b.At) })
	}
	if len(p.corrections) > 0 {
		p.Events = engine.Known(p.Events, p.corrections)
	}
	return r.yield(p)
}

// read reads a journal by itself.
func (r *rowReader) read(id engine.LeadID) error {
	err := r.rows.Facts(id.Partition(r.rows.Partitions()), id, func(f *engine.Fact) error {
		r.add(id, f)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read the facts of lead %v: %w", id, err)
	}
	return nil
}

// decode reads the rows that were taken. All texts of a person are parts of one.
func (r *rowReader) decode(id engine.LeadID) error {
	whole := string(r.taken)
	from := 0
	for _, end := range r.ends {
		if err := engine.DecodeFactIn(r.taken[from:end], whole[from:end], &r.fact); err != nil {
			return fmt.Errorf("read the facts of lead %v: %w", id, err)
		}
		r.add(id, &r.fact)
		from = end
	}
	return nil
}

func (r *rowReader) add(id engine.LeadID, f *engine.Fact) {
	if r.until == 0 || f.Event.At <= r.until {
		r.person.add(id, f)
	}
}
