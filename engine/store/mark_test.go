package store

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestMarkModel moves rows in and out by Writes that become durable later, scans
// at any moment with snapshots that may be old when the scan ends, and checks that
// no live row is ever below the mark.
func TestMarkModel(t *testing.T) {
	t.Parallel()
	type change struct {
		write uint64
		value uint64
		gone  bool
	}
	type look struct{ durable, first uint64 }
	rapid.Check(t, func(t *rapid.T) {
		m := mark{low: noRow}
		var changes []change // of all Writes, in order
		var looks []look     // scans that have not yet ended
		var write, durable uint64
		rows := func(upTo uint64) (live []uint64) {
			for _, c := range changes {
				if c.write > upTo {
					break
				}
				live = slices.DeleteFunc(live, func(v uint64) bool { return v == c.value })
				if !c.gone {
					live = append(live, c.value)
				}
			}
			return live
		}
		t.Repeat(map[string]func(*rapid.T){
			"write": func(t *rapid.T) {
				write++
				for range rapid.IntRange(1, 3).Draw(t, "rows") {
					v := rapid.Uint64Range(1, 30).Draw(t, "value")
					if rapid.Bool().Draw(t, "gone") {
						changes = append(changes, change{write, v, true})
						continue
					}
					changes = append(changes, change{write, v, false})
					m.put(write, v)
				}
			},
			"commit": func(t *rapid.T) {
				durable = rapid.Uint64Range(durable, write).Draw(t, "durable")
			},
			"scan begins": func(t *rapid.T) {
				first := uint64(noRow)
				for _, v := range rows(durable) {
					if v >= m.low {
						first = min(first, v)
					}
				}
				looks = append(looks, look{durable, first})
			},
			"scan ends": func(t *rapid.T) {
				if len(looks) == 0 {
					t.Skip()
				}
				i := rapid.IntRange(0, len(looks)-1).Draw(t, "which")
				m.proved(looks[i].durable, looks[i].first)
				looks = slices.Delete(looks, i, i+1)
			},
			"": func(t *rapid.T) {
				for upTo := durable; upTo <= write; upTo++ {
					for _, v := range rows(upTo) {
						if v < m.low {
							t.Fatalf("the mark is %d and row %d is live after write %d (durable %d)", m.low, v, upTo, durable)
						}
					}
				}
				if len(m.fresh) > maxFresh {
					t.Fatalf("%d fresh rows are remembered", len(m.fresh))
				}
			},
		})
	})
}
