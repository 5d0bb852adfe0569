package store

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/seed-456efde2/nurture/engine"
)

// TestJournals reads many journals in one go as they are read one by one.
func TestJournals(t *testing.T) {
	t.Parallel()
	o := small(t.TempDir())
	o.Partitions = 2
	s := openAt(t, o)
	const leads = 7
	wrote(t, s, func(w *Write) {
		for n := range leads {
			for part := range 2 {
				id := leadIn(part, 2, n)
				for seq := range n { // the first has none
					w.Fact(part, id, sampleFact(id, leads-seq, uint64(seq+1)))
				}
			}
		}
	})
	var ids []engine.LeadID
	for n := range leads {
		ids = append(ids, leadIn(1, 2, n))
	}
	least, most := ids[0], ids[0]
	for _, id := range ids {
		if string(id[:]) < string(least[:]) {
			least = id
		}
		if string(id[:]) > string(most[:]) {
			most = id
		}
	}
	for _, bounds := range [][2]engine.LeadID{{least, most}, {{}, most}, {ids[3], ids[3]}, {ids[0], ids[0]}, {most, least}} {
		got := map[engine.LeadID][]byte{}
		var last engine.LeadID
		must(t, s.Journals(1, bounds[0], bounds[1], func(id engine.LeadID, row []byte) error {
			if string(id[:]) < string(last[:]) {
				t.Errorf("%v comes after %v", id, last)
			}
			last = id
			got[id] = append(got[id], row...)
			return nil
		}))
		for _, id := range ids {
			var want []byte
			if string(bounds[0][:]) <= string(id[:]) && string(id[:]) <= string(bounds[1][:]) {
				must(t, s.Facts(1, id, func(f *engine.Fact) error { want = engine.AppendFact(want, f); return nil }))
			}
			if !bytes.Equal(got[id], want) {
				t.Errorf("from %v to %v: the journal of %v is %d bytes, by itself it is %d", bounds[0], bounds[1], id, len(got[id]), len(want))
			}
			delete(got, id)
		}
		if len(got) > 0 {
			t.Errorf("there are journals of others: %v", fmt.Sprint(got))
		}
	}
	stop := errors.New("enough")
	if err := s.Journals(1, least, most, func(engine.LeadID, []byte) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("the reader's error is not given back: %v", err)
	}
}
