package verdict

import "slices"

// MaxHits is how many hits of a message are remembered: the latest ones.
const MaxHits = 32

// Hits remembers the hits of one message. The zero Hits remembers none. It is a plain
// value that can be encoded; hits stand in order of time.
type Hits struct {
	Sent int64 // when the message was handed over, 0 if that is not known
	List []Hit // MaxHits at most
}

// Add notes a hit and gives what is said of it, and anew of others of which something
// else is said now. The hit comes first. A hit whose ID is remembered is not counted
// again: what was said of it is repeated.
//
// When more hits than MaxHits are known, the earliest is forgotten, whichever came last;
// so the same hits are remembered whatever the order, and judged the same. What is
// forgotten keeps what was last said of it, and speaks no more for or against others.
func (h *Hits) Add(hit Hit) []Judgement {
	before := Judge(h.Sent, h.List)
	if i := slices.IndexFunc(h.List, func(known Hit) bool { return known.ID == hit.ID }); i >= 0 {
		return before[i : i+1]
	}
	place, _ := slices.BinarySearchFunc(h.List, hit, compareHits)
	h.List = slices.Insert(h.List, place, hit)
	before = slices.Insert(before, place, Judge(h.Sent, h.List)[place])
	if over := len(h.List) - MaxHits; over > 0 {
		h.List = slices.Delete(h.List, 0, over)
		if place < over {
			return append(before[place:place+1:place+1], changes(before[over:], Judge(h.Sent, h.List))...)
		}
		before, place = before[over:], place-over
	}
	after := Judge(h.Sent, h.List)
	before[place] = after[place]
	return append(after[place:place+1:place+1], changes(before, after)...)
}

// HandedOver notes when the message was handed over, and gives what is said anew of
// hits that were known before.
func (h *Hits) HandedOver(at int64) []Judgement {
	before := Judge(h.Sent, h.List)
	h.Sent = at
	return changes(before, Judge(h.Sent, h.List))
}

// changes are the judgements that say something else than before of the same hits.
func changes(before, after []Judgement) []Judgement {
	var changed []Judgement
	for i, j := range after {
		if j != before[i] {
			changed = append(changed, j)
		}
	}
	return changed
}
