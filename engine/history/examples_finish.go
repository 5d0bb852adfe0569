package history

import (
	"slices"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/learn"
)

// finish turns what was seen into examples: what leaks is taken out of them, and
// what was not over when the record ended is left out.
func (c *collector) finish() *Examples {
	out := c.out
	c.findLeaks()
	for _, h := range c.order {
		marks := c.mature(c.withoutLeaks(h.marks), h)
		marks = spread(marks, out.Question.PerLead)
		if len(marks) == 0 {
			continue
		}
		n := len(out.Users)
		out.Users = append(out.Users, nameOf(h))
		out.Outcomes = append(out.Outcomes, int64(h.outcome))
		for _, m := range marks {
			out.List = append(out.List, learn.Example{
				Lead: n, At: int64(m.at), X: m.x, Weight: 1 / float64(len(marks)),
				Won: h.outcome != 0 && h.outcome <= m.at.Add(out.Question.Within),
			})
		}
	}
	return out
}

func nameOf(h *history) string {
	if h.user != "" {
		return h.user
	}
	return h.id.String()
}

// leakShare is the part of the outcomes for which a rule may come too late before
// it is taken for a leak.
const leakShare = 0.5

// findLeaks marks the rules that began to pay too late to be acted on for most of
// the leads whose outcome came: what follows from the outcome predicts it well, and
// is of no use.
func (c *collector) findLeaks() {
	for f := range c.out.Rules {
		rule := &c.out.Rules[f]
		leak := Leak{}
		for _, h := range c.order {
			if h.first[f] == 0 {
				continue
			}
			rule.Paid++
			if h.outcome == 0 {
				continue
			}
			leak.Known++
			if h.first[f] > h.outcome.Add(-c.out.Question.Notice) {
				leak.Late++
			}
		}
		if leak.Known >= 5 && float64(leak.Late) > leakShare*float64(leak.Known) {
			rule.Leak = &leak
		}
	}
}

// withoutLeaks takes the contributions of leaking rules out of the marks, and the
// marks that only they brought.
func (c *collector) withoutLeaks(marks []mark) []mark {
	kept := make([]mark, 0, len(marks))
	for _, m := range marks {
		m.x = slices.DeleteFunc(m.x, func(e learn.Entry) bool { return c.out.Rules[e.Feature].Leak != nil })
		if n := len(kept); n > 0 && slices.Equal(kept[n-1].x, m.x) {
			continue
		}
		kept = append(kept, m)
	}
	return kept
}

// mature leaves out the marks whose time was not over at the end of the record:
// their outcome may still come.
func (c *collector) mature(marks []mark, h *history) []mark {
	return slices.DeleteFunc(marks, func(m mark) bool {
		late := m.at.Add(c.out.Question.Within) > c.out.To
		if late {
			c.out.Immature++
		}
		return late || h.outcome != 0 && m.at >= h.outcome
	})
}

// spread takes at most n of the marks, the first and the last among them.
func spread(marks []mark, n int) []mark {
	if len(marks) <= n {
		return marks
	}
	if n == 1 {
		return marks[len(marks)-1:]
	}
	out := make([]mark, n)
	for i := range out {
		out[i] = marks[i*(len(marks)-1)/(n-1)]
	}
	return out
}

// Part divides examples at an instant: the earlier ones are to be learned from, the
// later ones to be judged on. An earlier example whose outcome could still come
// after the instant is in neither, and a lead that has earlier examples has no
// later ones: nothing of what is judged was known to what was learned.
func (x *Examples) Part(at engine.Time) (early, late []learn.Example) {
	known := map[int]bool{}
	for i := range x.List {
		if x.List[i].At < int64(at) {
			known[x.List[i].Lead] = true
		}
	}
	for _, e := range x.List {
		switch {
		case engine.Time(e.At).Add(x.Question.Within) <= at:
			early = append(early, e)
		case e.At >= int64(at) && !known[e.Lead]:
			late = append(late, e)
		}
	}
	return early, late
}
