package history

import (
	"slices"
	"strings"

	"github.com/seed-456efde2/nurture/engine"
)

// rulings are those of the past, as far as those in force now still tell of them.
type rulings struct {
	now   *engine.Rulings
	times []engine.Time // at which something of it began or ended, ascending
	made  map[int]*engine.Rulings
}

func rulingsOf(now *engine.Rulings) *rulings {
	r := &rulings{now: now, made: map[int]*engine.Rulings{}}
	if now == nil {
		return r
	}
	note := func(t engine.Time) {
		if t != 0 {
			r.times = append(r.times, t)
		}
	}
	for i := range now.Pauses {
		note(now.Pauses[i].From)
		note(now.Pauses[i].To)
	}
	for i := range now.Winners {
		note(now.Winners[i].At)
	}
	for i := range now.Tightens {
		note(now.Tightens[i].From)
	}
	slices.Sort(r.times)
	r.times = slices.Compact(r.times)
	return r
}

// at are the rulings that were in force at a wall time; nil: none.
func (r *rulings) at(wall engine.Time) *engine.Rulings {
	n := len(r.times)
	for n > 0 && r.times[n-1] > wall {
		n--
	}
	if n == 0 {
		return nil
	}
	if made := r.made[n]; made != nil {
		return made
	}
	out := &engine.Rulings{Number: uint32(n)}
	for _, p := range r.now.Pauses {
		if p.From > wall {
			continue
		}
		p.Ended = 0
		if p.To > wall {
			p.To = 0
		} else if p.To != 0 {
			at, _ := slices.BinarySearch(r.times, p.To)
			p.Ended = uint32(at + 1)
		}
		out.Pauses = append(out.Pauses, p)
	}
	for _, w := range r.now.Winners {
		if w.At <= wall {
			out.Winners = append(out.Winners, w)
		}
	}
	for _, t := range r.now.Tightens {
		if t.From <= wall {
			out.Tightens = append(out.Tightens, t)
		}
	}
	r.made[n] = out
	return out
}

// cut parts "score.rule" at its first dot.
func cut(subject string) (before, after string, found bool) { return strings.Cut(subject, ".") }

// noteExpired notes a decision whose reasons are not kept any more.
func (r *Recalled) noteExpired() {
	for i := range r.Rows {
		if slices.ContainsFunc(r.Rows[i].Decisions, func(d engine.Decision) bool { return d.Expired() }) {
			r.Gaps = append(r.Gaps, GapReasons)
			return
		}
	}
}
