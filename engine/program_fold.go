package engine

import (
	"maps"
	"slices"
	"strings"
)

// planFolds looks up what folding needs once everything is declared.
func (p *Program) planFolds() error {
	p.planBars()
	p.planHits()
	if err := p.planScores(); err != nil {
		return err
	}
	p.planOrder()
	return nil
}

// planScores tells the scores that are functions of the attributes: those that
// change with nothing else are stored, the others are computed when they are read.
func (p *Program) planScores() error {
	for i := range p.scores {
		s := &p.scores[i]
		moves := false
		for j := range s.rules {
			if s.rules[j].spec.On != "" {
				continue
			}
			s.bare = append(s.bare, j)
			for _, slot := range append(s.rules[j].when.reads(), s.rules[j].amount...) {
				k := p.keys[slot].key
				moves = moves || k.Kind != KeyLead || k.Name == "created_at"
			}
		}
		switch {
		case s.fixed && !moves:
			p.fixed = append(p.fixed, i)
		case len(s.bare) > 0:
			s.live = true
		}
	}
	return p.checkCircles()
}

// reads are the slots of a rule; nil reads nothing.
func (r *rule) reads() []int {
	if r == nil {
		return nil
	}
	return slices.Clone(r.slots)
}

// checkCircles refuses a score that is computed when it is read and reads itself,
// directly or through segments: it would be read for ever.
func (p *Program) checkCircles() error {
	for i := range p.scores {
		if !p.scores[i].live {
			continue
		}
		name := p.scores[i].spec.Name
		if p.reaches(p.bareReads(i), Key{Kind: KeyScore, Name: name}, map[Key]bool{}) {
			return circleError(name)
		}
	}
	return nil
}

type circleError string

func (e circleError) Error() string { return "score \"" + string(e) + "\" depends on itself" }

func (p *Program) bareReads(score int) []int {
	var slots []int
	s := &p.scores[score]
	for _, j := range s.bare {
		slots = append(append(slots, s.rules[j].when.reads()...), s.rules[j].amount...)
	}
	return slots
}

// reaches reports whether slots read a fact, directly or through what is computed
// when it is read.
func (p *Program) reaches(slots []int, want Key, seen map[Key]bool) bool {
	found := false
	p.expand(slots, seen, func(k Key) { found = found || k == want })
	return found
}

// expand visits every fact that slots read, those behind segments and computed
// scores included, each once.
func (p *Program) expand(slots []int, seen map[Key]bool, visit func(Key)) {
	for _, slot := range slots {
		k := p.keys[slot].key
		if seen[k] {
			continue
		}
		seen[k] = true
		visit(k)
		switch k.Kind {
		case KeySegment:
			p.expand(p.segment[k.Name].reads(), seen, visit)
		case KeyScore:
			if i, ok := p.score[k.Name]; ok && p.scores[i].live {
				p.expand(p.bareReads(i), seen, visit)
			}
		}
	}
}

// planOrder finds which events must be folded in order: those on which folds or
// rules of other facts depend. Whatever is only counted, and whose count no rule
// reads at the time of some fact, may be folded whenever it comes. An event is
// plain when its own rules read nothing but the event.
func (p *Program) planOrder() {
	read := map[string]bool{} // events whose counts are read as of some fact
	rules := p.asOfRules()
	for _, slots := range rules {
		p.expand(slots, map[Key]bool{}, func(k Key) {
			switch {
			case k.Kind == KeyTimes || k.Kind == KeySince || k.Kind == KeyAccountTimes || k.Kind == KeyAccountSince:
				read[k.Name] = true
			case k.Kind == KeyLead && k.Name == "created_at":
				p.foldsFirstSeen = true
			}
		})
	}
	done := map[*eventPlan]bool{}
	for _, name := range slices.Sorted(maps.Keys(p.events)) {
		p.planEventOrder(p.events[name], rules, read, done)
	}
}

func (p *Program) planEventOrder(plan *eventPlan, rules map[string][]int, read map[string]bool, done map[*eventPlan]bool) {
	if done[plan] {
		return
	}
	done[plan] = true
	plan.binds = len(plan.pays)+len(plan.grants)+len(plan.revokes) > 0 || plan.flagName != "" ||
		plan.bars != nil || plan.lifts || plan.confirms || plan.wishes || plan.machine != nil || read[plan.name]
	plan.plain = p.readsEventOnly(rules[plan.name])
	for _, name := range plan.moments {
		moment := p.events[name]
		p.planEventOrder(moment, rules, read, done)
		onlyEvent := p.readsEventOnly(moment.when.reads())
		plan.binds = plan.binds || moment.binds || !onlyEvent
		plan.plain = plan.plain && moment.plain && onlyEvent
	}
}

func (p *Program) readsEventOnly(slots []int) bool {
	return !slices.ContainsFunc(slots, func(s int) bool { return p.keys[s].key.Kind != KeyEvent })
}

// asOfRules are the slots of all rules that are judged with the facts as of an
// event's own time, by the event.
func (p *Program) asOfRules() map[string][]int {
	all := map[string][]int{}
	add := func(event string, slots ...int) { all[event] = append(all[event], slots...) }
	for name, plan := range p.events {
		add(plan.from, plan.when.reads()...)
		for _, i := range plan.grants {
			add(name, p.granted[i].reads()...)
		}
		for _, ref := range plan.pays {
			r := &p.scores[ref.score].rules[ref.rule]
			add(name, append(r.when.reads(), r.amount...)...)
		}
		for _, i := range plan.tossUps {
			add(name, p.tossUps[i].when.reads()...)
		}
		for _, ref := range plan.funnels {
			add(name, p.funnelReads(ref)...)
		}
		for _, i := range plan.enters {
			add(name, append(p.flows[i].enter.reads(), p.flows[i].key...)...)
		}
		for _, ref := range plan.goals {
			add(name, p.flows[ref.flow].goals[ref.goal].reads()...)
		}
	}
	for i := range p.flows {
		flow := &p.flows[i]
		for j := range flow.spec.Steps {
			if w := flow.spec.Steps[j].Wait; w != nil {
				for _, on := range w.On {
					add(on, flow.waits[j].reads()...)
					for _, c := range flow.cases[j] {
						add(on, c.reads()...)
					}
				}
			}
		}
	}
	return all
}

// twin is the plan under which an event counts when a machine brought it.
func (p *Program) twin(plan *eventPlan) *eventPlan {
	twin := p.event(plan.name + machineSuffix)
	if twin.fields == nil {
		twin.fields = plan.fields
	}
	return twin
}

// machineSuffix makes the name under which a machine's event is counted.
const machineSuffix = "_machine"

// planHits finds the events that people and machines may bring: opens, clicks, and
// every event that a channel tells with a message and a verdict.
func (p *Program) planHits() {
	for _, name := range slices.Sorted(maps.Keys(p.events)) {
		plan := p.events[name]
		if plan.from != "" || strings.HasSuffix(name, machineSuffix) {
			continue
		}
		field := func(name string) bool {
			return slices.ContainsFunc(plan.fields, func(a AttrSpec) bool { return a.Name == name })
		}
		hit := strings.HasSuffix(name, "_opened") || strings.HasSuffix(name, "_clicked")
		if hit && field("message") || field("message") && field("verdict") {
			plan.machine = p.twin(plan)
			p.hits = true
		}
	}
	if !p.hits {
		return
	}
	for name, plan := range p.events {
		plan.notes = strings.HasSuffix(name, "_sent") && plan.from == ""
	}
}
