package history

import (
	"cmp"
	"hash/fnv"
	"slices"
	"strings"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/learn"
)

// notes are what was seen of the people of one worker, or of all.
type notes struct {
	most     int // leads to be kept
	halvings int // so often the leads were halved, because there were more
	kept     []*history
	events   int
	from, to engine.Time
}

func (n *notes) read(at engine.Time) {
	n.events++
	if n.from == 0 || at < n.from {
		n.from = at
	}
	n.to = max(n.to, at)
}

// keep keeps a lead, as far as there is room. Which leads stay follows from their
// names alone: every order in which they come keeps the same.
func (n *notes) keep(h *history) {
	if !n.takes(h) {
		return
	}
	n.kept = append(n.kept, h)
	for len(n.kept) > n.most && n.halvings < 32 {
		n.halvings++
		n.kept = slices.DeleteFunc(n.kept, func(h *history) bool { return !n.takes(h) })
	}
}

// takes reports whether a lead is among those that are looked at.
func (n *notes) takes(h *history) bool {
	if n.halvings == 0 {
		return true
	}
	sum := fnv.New64a()
	_, _ = sum.Write([]byte(h.name)) // it never fails
	v := sum.Sum64()
	v ^= v >> 33 // the low digits of a sum of short names are alike
	v *= 0xff51afd7ed558ccd
	v ^= v >> 33
	return v&(1<<n.halvings-1) == 0
}

// join adds what another worker saw.
func (n *notes) join(from *notes) {
	n.most = from.most
	n.halvings = max(n.halvings, from.halvings)
	n.kept = slices.DeleteFunc(n.kept, func(h *history) bool { return !n.takes(h) })
	for _, h := range from.kept {
		n.keep(h)
	}
	n.events += from.events
	if from.from != 0 && (n.from == 0 || from.from < n.from) {
		n.from = from.from
	}
	n.to = max(n.to, from.to)
}

// finish turns what was seen into examples: what leaks is taken out of them, and
// what was not over when the record ended is left out.
func (s *study) finish(seen *notes) *Examples {
	out := s.out
	out.Events, out.From, out.To, out.OneIn = seen.events, seen.from, seen.to, 1<<seen.halvings
	// One order, whoever read whom: the fit adds up numbers, and their order is seen
	// in the last digits.
	slices.SortFunc(seen.kept, func(a, b *history) int { return cmp.Or(cmp.Compare(a.seen, b.seen), strings.Compare(a.name, b.name)) })
	list := seen.kept
	if since := out.Question.Since; since > 0 {
		begin := out.To.Add(-since)
		list = slices.DeleteFunc(list, func(h *history) bool { return h.outcome != 0 && h.outcome < begin })
		for _, h := range list {
			h.marks = slices.DeleteFunc(h.marks, func(m mark) bool { return m.at < begin })
		}
		out.From = max(out.From, begin)
	}
	s.findLeaks(list)
	for _, h := range list {
		marks := s.mature(s.withoutLeaks(h.marks), h)
		marks = spread(marks, out.Question.PerLead)
		if len(marks) == 0 {
			continue
		}
		n := len(out.Users)
		out.Users = append(out.Users, h.name)
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

// leakShare is the part of the outcomes for which a rule may come too late before
// it is taken for a leak.
const leakShare = 0.5

// findLeaks marks the rules that began to pay too late to be acted on for most of
// the leads whose outcome came: what follows from the outcome predicts it well, and
// is of no use.
func (s *study) findLeaks(list []*history) {
	for f := range s.out.Rules {
		rule := &s.out.Rules[f]
		leak := Leak{}
		for _, h := range list {
			if h.first[f] == 0 {
				continue
			}
			rule.Paid++
			if h.outcome == 0 {
				continue
			}
			leak.Known++
			if h.first[f] > h.outcome.Add(-s.out.Question.Notice) {
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
func (s *study) withoutLeaks(marks []mark) []mark {
	kept := make([]mark, 0, len(marks))
	for _, m := range marks {
		m.x = slices.DeleteFunc(m.x, func(e learn.Entry) bool { return s.out.Rules[e.Feature].Leak != nil })
		if n := len(kept); n > 0 && slices.Equal(kept[n-1].x, m.x) {
			continue
		}
		kept = append(kept, m)
	}
	return kept
}

// mature leaves out the marks whose time was not over at the end of the record:
// their outcome may still come.
func (s *study) mature(marks []mark, h *history) []mark {
	return slices.DeleteFunc(marks, func(m mark) bool {
		late := m.at.Add(s.out.Question.Within) > s.out.To
		if late {
			s.out.Immature++
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
