package engine

import (
	"slices"
	"strings"
)

// Membership of a segment acts where a workflow is entered by it, or where a figure
// asks how many are in it. The lead's Inside holds, for every such segment that it has been judged for, "name" or
// "!name", and "@workflow" for every workflow with backfill that it knows of.

// segmentPrefix begins the counter of a segment's members: 0 who came, 1 who has gone.
const segmentPrefix = "segment:"

// actingSegment is a segment whose membership brings leads into workflows, or is
// counted.
type actingSegment struct {
	name    string
	rule    *rule
	joins   []int // workflows entered on joining
	leaves  []int // workflows entered on leaving
	members []int // workflows whose schedule its members follow
}

// planMembers lets the segments act of which a figure asks how many are in them.
func (p *Program) planMembers() error {
	for i := range p.spec.KPIs {
		k := &p.spec.KPIs[i]
		if k.Value == nil {
			continue
		}
		for _, name := range k.Value.Figures() {
			segment, ok := strings.CutPrefix(name, "segment.")
			if !ok {
				continue
			}
			if _, err := p.act("kpi "+k.Name, strings.TrimSuffix(segment, ".leads")); err != nil {
				return err
			}
		}
	}
	return nil
}

// membership judges the segments that act. What it changes opens workflows when
// enterSegments is called in its turn.
func (f *Frame) membership() {
	for i := range f.p.acting {
		s := &f.p.acting[i]
		was, known := f.l.member(s.name)
		if !known && !f.fx.Fresh {
			continue // acquaint makes the first verdict of a lead that was there before the rule
		}
		is := f.holds(s.rule)
		if is == was && known {
			continue
		}
		if !known {
			for _, at := range s.joins {
				f.meet(&f.p.flows[at])
			}
		}
		f.l.setMember(s.name, is)
		if is == was {
			continue
		}
		f.changeMember(s, is)
	}
}

func (f *Frame) changeMember(s *actingSegment, is bool) {
	if is {
		f.tally(segmentPrefix+s.name, "", 0)
		f.decide(Decision{Kind: Joined, At: f.l.Now, Subject: s.name, Because: f.because(s.rule)})
		f.opened = append(f.opened, s.joins...)
	} else {
		f.gone("segment:" + s.name)
		f.decide(Decision{Kind: Parted, At: f.l.Now, Subject: s.name})
		f.opened = append(f.opened, s.leaves...)
	}
	for _, at := range s.members {
		f.follow(&f.p.flows[at], is)
	}
}

// enterSegments lets the lead into the workflows that a change of membership has
// opened.
func (f *Frame) enterSegments(e *Event) {
	for len(f.opened) > 0 {
		at := f.opened[0]
		f.opened = append(f.opened[:0], f.opened[1:]...)
		f.enter(&f.p.flows[at], e, "")
	}
}

// acquaint makes a lead known to the segments that act and the workflows they
// open. Who is a member as a rule goes live has not joined by it: only a workflow
// with backfill lets it in, once. Schedules are armed by the rules as they are.
func (f *Frame) acquaint(e *Event) {
	for i := range f.p.acting {
		s := &f.p.acting[i]
		if _, known := f.l.member(s.name); !known {
			is := f.holds(s.rule)
			f.l.setMember(s.name, is)
			if is {
				f.tally(segmentPrefix+s.name, "", 0)
			}
		}
		is, _ := f.l.member(s.name)
		for _, at := range s.joins {
			flow := &f.p.flows[at]
			if f.meet(flow) && is {
				f.enter(flow, e, "")
			}
		}
		for _, at := range s.members {
			f.follow(&f.p.flows[at], is)
		}
	}
	f.forgetSchedules()
	f.forgetSegments()
}

// meet marks a workflow with backfill as known to the lead. It reports whether it
// was not before.
func (f *Frame) meet(flow *flowPlan) bool {
	mark := "@" + flow.spec.Name
	if !flow.spec.Enter.Backfill || slices.Contains(f.l.Acts.Inside, mark) {
		return false
	}
	f.l.Acts.Inside = append(f.l.Acts.Inside, mark)
	return true
}

// forgetSegments drops what is remembered of segments that no longer act.
func (f *Frame) forgetSegments() {
	f.l.Acts.Inside = slices.DeleteFunc(f.l.Acts.Inside, func(s string) bool {
		if s[0] == '@' {
			return !f.p.knowsFlow(s[1:])
		}
		name := s
		if s[0] == '!' {
			name = s[1:]
		}
		keep := slices.ContainsFunc(f.p.acting, func(a actingSegment) bool { return a.name == name })
		if !keep && s[0] != '!' {
			f.gone("segment:" + name)
		}
		return !keep
	})
}

// follow arms the schedule of a workflow for a member of its segment, and disarms
// it for others. A time that has come and not been taken stays.
func (f *Frame) follow(flow *flowPlan, member bool) {
	if !member {
		f.l.disarm(EnterDue, flow.spec.Name)
		return
	}
	for i := range f.l.Timers {
		if t := &f.l.Timers[i]; t.Kind == EnterDue && t.Ref == flow.spec.Name && t.Due <= f.wall {
			return
		}
	}
	f.armSchedule(flow, f.wall)
}

// armSchedule waits for the schedule's next time after an instant. Members are
// spread over the time that the workflow allows, each always at its own place.
func (f *Frame) armSchedule(flow *flowPlan, after Time) {
	enter := &flow.spec.Enter
	spread := Span(fraction(newHasher("spread").text(flow.spec.Name).text(string(f.l.ID[:])).key(), 0) * float64(enter.Spread))
	next, ok := enter.Schedule.Next(after.Add(-spread).In(f.p.spec.Zone))
	if !ok {
		f.l.disarm(EnterDue, flow.spec.Name)
		return
	}
	f.l.arm(EnterDue, flow.spec.Name, TimeOf(next).Add(spread))
}

// scheduled lets a member of the segment in at a time of the schedule. due is
// that time: it names the run, so that one time is one run whatever happens.
func (f *Frame) scheduled(workflow string, due Time) {
	at, ok := f.p.flow[workflow]
	if !ok || f.p.flows[at].spec.Enter.Schedule == nil {
		return
	}
	flow := &f.p.flows[at]
	f.armSchedule(flow, max(due, f.wall))
	if !f.inSegment(flow.spec.Enter.Members) {
		return
	}
	f.enter(flow, &Event{Kind: Tick, Lead: f.l.ID, At: due}, "")
}

// forgetSchedules disarms the schedules of workflows that have none any more.
func (f *Frame) forgetSchedules() {
	f.l.Timers = slices.DeleteFunc(f.l.Timers, func(t Timer) bool {
		if t.Kind != EnterDue {
			return false
		}
		at, ok := f.p.flow[t.Ref]
		return !ok || f.p.flows[at].spec.Enter.Schedule == nil
	})
}

// member tells whether the lead was in a segment at the last verdict.
func (l *Lead) member(segment string) (is, known bool) {
	for _, s := range l.Acts.Inside {
		if s == segment {
			return true, true
		}
		if len(s) == len(segment)+1 && s[0] == '!' && s[1:] == segment {
			return false, true
		}
	}
	return false, false
}

func (l *Lead) setMember(segment string, is bool) {
	mark := segment
	if !is {
		mark = "!" + segment
	}
	for i, s := range l.Acts.Inside {
		if s == segment || s == "!"+segment {
			l.Acts.Inside[i] = mark
			return
		}
	}
	l.Acts.Inside = append(l.Acts.Inside, mark)
}
