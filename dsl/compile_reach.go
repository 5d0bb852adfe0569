package dsl

import (
	"maps"
	"strconv"

	"github.com/seed-456efde2/nurture/engine"
)

// edges calls visit for every step that may follow a step, with the case of a
// branch that leads there, nil for every other way.
func edges(s *engine.StepSpec, visit func(to int, by *engine.CaseSpec)) {
	switch {
	case s.Kind == engine.ExitStep:
	case s.Branch != nil:
		for i := range s.Branch.Cases {
			visit(s.Branch.Cases[i].First, &s.Branch.Cases[i])
		}
		visit(s.Branch.Otherwise, nil)
	case s.Split != nil:
		for _, a := range s.Split.Arms {
			visit(a.First, nil)
		}
	case s.Wait != nil && len(s.Wait.Cases) > 0:
		for _, c := range s.Wait.Cases {
			visit(c.First, nil)
		}
		if s.Wait.AtMost.IsZero() {
			return // nobody waits in vain, because nobody stops waiting
		}
		visit(s.Wait.Otherwise, nil)
	case s.Goto != nil:
		visit(s.Goto.To, nil)
		visit(s.Next, nil)
	default:
		visit(s.Next, nil)
	}
}

// reached are the steps that can be come to from a step, itself included, along
// the ways that pass.
func (f *flow) reached(from int, passes func(at int, by *engine.CaseSpec) bool) map[int]bool {
	if from == engine.EndOfFlow {
		return nil
	}
	seen := map[int]bool{from: true}
	ahead := []int{from}
	for len(ahead) > 0 {
		at := ahead[len(ahead)-1]
		ahead = ahead[:len(ahead)-1]
		edges(&f.spec.Steps[at], func(to int, by *engine.CaseSpec) {
			if to == engine.EndOfFlow || seen[to] || !passes(at, by) {
				return
			}
			seen[to] = true
			ahead = append(ahead, to)
		})
	}
	return seen
}

func everyWay(int, *engine.CaseSpec) bool { return true }

// unreachable reports the steps that no lead can come to, the first of each row.
func (f *flow) unreachable(steps []*node) {
	seen := f.reached(0, everyWay)
	var look func(steps []*node)
	look = func(steps []*node) {
		told := false
		for _, n := range steps {
			if !seen[f.places[n]] {
				if !told {
					f.b.r.add(codeUnreachable, n.place(), n.parent.trail(), n.title())
				}
				told = true
				continue
			}
			told = false
			for _, way := range ways(n) {
				look(way.kids)
			}
		}
	}
	look(steps)
}

// circles finds gotos that come back to themselves without passing a wait: the
// lead would go round at_most times in one instant.
func (f *flow) circles() {
	for i := range f.spec.Steps {
		s := &f.spec.Steps[i]
		if s.Goto == nil {
			continue
		}
		back := f.reached(s.Goto.To, func(at int, _ *engine.CaseSpec) bool {
			return f.spec.Steps[at].Wait == nil && at != i
		})
		if back[i] {
			n := f.nodes[i]
			f.b.r.add(codeLoopAtOnce, n.place(), n.parent.trail(), f.nodes[s.Goto.To].title(), n.title(), strconv.Itoa(s.Goto.AtMost))
		}
	}
}

// consents finds sends that a lead can come to on a way on which nothing asks for
// a consent, where their policy does not either.
func (f *flow) consents() {
	if f.guarded || len(f.asking) == 0 {
		return
	}
	open := f.reached(0, func(_ int, by *engine.CaseSpec) bool {
		return by == nil || !asksConsent(by.When, f.b.guards)
	})
	for _, i := range f.asking {
		if open[i] {
			n := f.nodes[i]
			p := f.b.declared["contact_policy"][f.spec.Steps[i].Send.Policy]
			f.b.r.add(codeNoConsent, n.place(), n.parent.trail(), n.title()).also(p.labelPlace())
		}
	}
}

// capLoad is how many messages under a cap one workflow can bring a lead within the
// cap's time.
type capLoad struct {
	policy string
	cap    engine.CapSpec
	lane   string
	most   int
}

// tooOften notes a workflow that can meet more messages of a channel than a cap
// of its policy lets go in the cap's time.
func (b *builder) tooOften(flow *engine.FlowSpec) {
	if len(flow.Steps) == 0 {
		return
	}
	for _, p := range b.spec.Policies {
		for _, c := range p.Caps {
			w := &pathWalker{flow: flow, policy: p.Name, cap: c}
			w.walk(way{})
			b.loads = append(b.loads, capLoad{p.Name, c, flow.Lane, w.most})
			if w.most > c.AtMost {
				n := b.declared["workflow"][flow.Name]
				b.r.add(codeTooOften, n.labelPlace(), n.trail(),
					strconv.Itoa(w.most), c.Channel, c.Per.String(), p.Name, strconv.Itoa(c.AtMost), becomesOfRest(c))
			}
		}
	}
}

func becomesOfRest(c engine.CapSpec) Doc {
	if c.When == engine.Skip {
		return Doc{"The rest is skipped; spread them with waits.", "残りは送られません。wait で間をあけてください。"}
	}
	return Doc{"The rest is postponed; spread them with waits if they should go as written.", "残りは延期されます。書いたとおりに送るなら、wait で間をあけてください。"}
}

// tooOftenTogether notes a cap that no workflow passes alone and all of them pass
// together. Of a lane, a lead is in one workflow at a time.
func (b *builder) tooOftenTogether() {
	for _, p := range b.spec.Policies {
		for i, c := range p.Caps {
			total, alone := 0, 0
			lanes := map[string]int{}
			for _, l := range b.loads {
				if l.policy != p.Name || l.cap != c {
					continue
				}
				alone = max(alone, l.most)
				total += l.most
				if l.lane != "" {
					total -= min(l.most, lanes[l.lane])
					lanes[l.lane] = max(l.most, lanes[l.lane])
				}
			}
			if total > c.AtMost && alone <= c.AtMost {
				n := b.declared["contact_policy"][p.Name].all("cap")[i]
				b.r.add(codeTooOftenTogether, n.place(), n.parent.trail(),
					strconv.Itoa(total), c.Channel, c.Per.String(), p.Name, strconv.Itoa(c.AtMost))
			}
		}
	}
}

// maxPaths bounds the ways through a workflow that are walked; a workflow with
// more has been looked at long enough.
const maxPaths = 2_000

// pathWalker goes every way through a workflow at its fastest and counts the
// messages under a cap within the cap's time.
type pathWalker struct {
	flow   *engine.FlowSpec
	policy string
	cap    engine.CapSpec
	most   int
	paths  int
}

// way is how far a walk has come.
type way struct {
	step  int
	now   engine.Span
	sent  []engine.Span
	taken map[int]int // gotos, by step
}

func (w *pathWalker) walk(at way) {
	for at.step != engine.EndOfFlow {
		s := &w.flow.Steps[at.step]
		switch {
		case s.Wait != nil:
			span, fixed := s.Wait.For.Fixed()
			if !fixed {
				at.now += engine.Span(s.Wait.For.BusinessDays)*engine.Day + engine.Span(s.Wait.For.BusinessHours)*engine.Hour
			}
			at.now += engine.Span(span.Milliseconds())
		case s.Send != nil && s.Send.Channel == w.cap.Channel && s.Send.Policy == w.policy && !s.Send.Transactional:
			at.sent = append(at.sent[:len(at.sent):len(at.sent)], at.now)
			w.count(at.sent)
		}
		next := w.next(&at, s)
		if len(next) == 0 {
			return
		}
		for _, to := range next[1:] {
			if w.paths++; w.paths > maxPaths {
				return
			}
			other := at
			other.step = to
			w.walk(other)
		}
		at.step = next[0]
	}
}

// next are the steps that may follow. A goto goes back as long as it may, then on.
func (w *pathWalker) next(at *way, s *engine.StepSpec) []int {
	var out []int
	if s.Goto == nil {
		edges(s, func(to int, _ *engine.CaseSpec) { out = append(out, to) })
		return out
	}
	if w.paths++; w.paths > maxPaths || at.taken[at.step] >= s.Goto.AtMost {
		return []int{s.Next}
	}
	taken := maps.Clone(at.taken)
	if taken == nil {
		taken = map[int]int{}
	}
	taken[at.step]++
	at.taken = taken
	return []int{s.Goto.To}
}

// count looks at the last messages that lie within the cap's time.
func (w *pathWalker) count(sent []engine.Span) {
	last := sent[len(sent)-1]
	n := 0
	for _, at := range sent {
		if last-at < w.cap.Per {
			n++
		}
	}
	w.most = max(w.most, n)
}
