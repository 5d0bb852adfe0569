package engine

import (
	"fmt"
	"slices"
)

func (p *Program) buildFlows() error {
	for i := range p.spec.Flows {
		if err := p.buildFlow(&p.spec.Flows[i], p.flow); err != nil {
			return err
		}
	}
	p.own = len(p.flows)
	if len(p.spec.Elders) > 0 {
		p.elder = map[string]int{}
	}
	for i := range p.spec.Elders {
		if err := p.buildFlow(&p.spec.Elders[i], p.elder); err != nil {
			return err
		}
	}
	return nil
}

// buildFlow plans a workflow, and enters it by its name. Nobody enters an elder.
func (p *Program) buildFlow(s *FlowSpec, names map[string]int) error {
	i := len(p.flows)
	if err := unique(names, "workflow", s.Name, i); err != nil {
		return err
	}
	plan := flowPlan{spec: s, steps: map[string]int{}, entered: "flow:" + s.Name + ":entered"}
	if s.Enter.Key != nil {
		plan.key = p.slots(s.Enter.Key)
	}
	if p.elder == nil {
		plan.enter = p.rule(s.Enter.When, "workflow."+s.Name)
		if err := p.buildEnter(&plan, i); err != nil {
			return err
		}
	}
	for j := range s.Exits {
		if on := s.Exits[j].On; on != "" {
			if err := p.known("workflow "+s.Name, on); err != nil {
				return err
			}
		}
		plan.exits = append(plan.exits, p.rule(s.Exits[j].When, "workflow."+s.Name+".exit."+s.Exits[j].Name))
	}
	for j := range s.Goals {
		g := &s.Goals[j]
		if err := p.known("goal "+s.Name+"/"+g.Name, g.On); err != nil {
			return err
		}
		p.events[g.On].goals = append(p.events[g.On].goals, goalRef{i, j})
		plan.goals = append(plan.goals, p.rule(g.When, "workflow."+s.Name+".goal."+g.Name))
	}
	for j := range s.Steps {
		if err := p.buildStep(&plan, j); err != nil {
			return err
		}
	}
	p.flows = append(p.flows, plan)
	return nil
}

// buildEnter looks up the way in.
func (p *Program) buildEnter(plan *flowPlan, i int) error {
	s := plan.spec
	enter := &s.Enter
	switch {
	case enter.On != "":
		if err := p.known("workflow "+s.Name, enter.On); err != nil {
			return err
		}
		p.events[enter.On].enters = append(p.events[enter.On].enters, i)
		return nil
	case enter.Schedule != nil:
		a, err := p.act("workflow "+s.Name, enter.Members)
		if err == nil {
			a.members = append(a.members, i)
		}
		return err
	case enter.Joins != "":
		a, err := p.act("workflow "+s.Name, enter.Joins)
		if err == nil {
			a.joins = append(a.joins, i)
		}
		return err
	case enter.Leaves != "":
		a, err := p.act("workflow "+s.Name, enter.Leaves)
		if err == nil {
			a.leaves = append(a.leaves, i)
		}
		return err
	}
	return fmt.Errorf("workflow %s has no way in", s.Name)
}

// act notes that the membership of a segment opens a workflow or is counted.
func (p *Program) act(by, segment string) (*actingSegment, error) {
	r := p.segment[segment]
	if r == nil {
		return nil, fmt.Errorf("%s goes by the segment %q, which is not declared", by, segment)
	}
	for i := range p.acting {
		if p.acting[i].name == segment {
			return &p.acting[i], nil
		}
	}
	p.acting = append(p.acting, actingSegment{name: segment, rule: r})
	return &p.acting[len(p.acting)-1], nil
}

func (p *Program) buildStep(plan *flowPlan, j int) error {
	s := &plan.spec.Steps[j]
	where := "step " + plan.spec.Name + "/" + s.Name
	if err := unique(plan.steps, where, s.Name, j); err != nil {
		return err
	}
	plan.waits = append(plan.waits, nil)
	plan.cases = append(plan.cases, nil)
	plan.values = append(plan.values, nil)
	plan.counter = append(plan.counter, "step:"+plan.spec.Name+"/"+s.Name)
	var err error
	switch {
	case s.Kind == WaitStep && s.Wait != nil:
		err = p.buildWait(plan, j, where)
	case s.Kind == BranchStep && s.Branch != nil:
		for _, c := range s.Branch.Cases {
			plan.cases[j] = append(plan.cases[j], p.rule(c.When, "workflow."+plan.spec.Name+"."+s.Name+"."+c.Name))
		}
	case s.Kind == SendStep && s.Send != nil:
		err = p.buildSend(plan.spec, s, where)
	case s.Kind == SplitStep && s.Split != nil:
		err = checkArms(s.Split, where)
	case s.Kind == SetStep && s.Set != nil:
		err = p.buildSet(plan, j, where)
	case s.Kind == EmitStep && s.Emit != nil:
		err = p.known(where, s.Emit.Event)
		plan.values[j] = p.assigned(s.Emit.Fields)
	case s.Kind == GotoStep && s.Goto != nil:
		if s.Goto.AtMost < 1 {
			err = fmt.Errorf("%s goes back without a bound", where)
		}
	case s.Kind == ExitStep:
	default:
		return fmt.Errorf("%s is of no known kind", where)
	}
	if err == nil {
		err = p.buildShow(s, where)
	}
	if err != nil {
		return err
	}
	return s.inside(where, len(plan.spec.Steps))
}

// inside sees that a step leads to steps that exist.
func (s *StepSpec) inside(where string, steps int) error {
	to := []int{s.Next}
	switch {
	case s.Wait != nil:
		for i := range s.Wait.Cases {
			to = append(to, s.Wait.Cases[i].First)
		}
		if len(s.Wait.Cases) > 0 {
			to = append(to, s.Wait.Otherwise)
		}
	case s.Branch != nil:
		for i := range s.Branch.Cases {
			to = append(to, s.Branch.Cases[i].First)
		}
		to = append(to, s.Branch.Otherwise)
	case s.Split != nil:
		for i := range s.Split.Arms {
			to = append(to, s.Split.Arms[i].First)
		}
	case s.Goto != nil:
		to = append(to, s.Goto.To)
	}
	for _, next := range to {
		if next != EndOfFlow && (next < 0 || next >= steps) {
			return fmt.Errorf("%s leads to step %d, which does not exist", where, next)
		}
	}
	return nil
}

func (p *Program) buildWait(plan *flowPlan, j int, where string) error {
	w := plan.spec.Steps[j].Wait
	subject := "workflow." + plan.spec.Name + "." + plan.spec.Steps[j].Name
	plan.waits[j] = p.rule(w.When, subject)
	for i := range w.Cases {
		plan.cases[j] = append(plan.cases[j], p.rule(w.Cases[i].When, subject+"."+w.Cases[i].Name))
	}
	for _, on := range w.On {
		if err := p.known(where, on); err != nil {
			return err
		}
	}
	if len(w.On) == 0 && w.For.IsZero() && w.Until == nil {
		return fmt.Errorf("%s waits for nothing", where)
	}
	return nil
}

func (p *Program) buildSend(flow *FlowSpec, s *StepSpec, where string) error {
	if p.channel[s.Send.Channel] == nil {
		return fmt.Errorf("%s sends through %q, which is no channel", where, s.Send.Channel)
	}
	if p.policy[s.Send.Policy] == nil && s.Send.Policy != "" {
		return fmt.Errorf("%s names the contact_policy %q, which is not declared", where, s.Send.Policy)
	}
	if flow.Enter.Schedule != nil && s.Send.Lane == LaneNurture {
		s.Send.Lane = LaneBroadcast
	}
	x := s.Send.Experiment
	if x == nil || p.elder != nil && p.tries(x.Name) {
		return nil // an elder's experiment that goes on in the change is counted by that
	}
	if x.arms() < 2 || len(x.Variants) > 0 && len(x.Slots) > 0 {
		return fmt.Errorf("%s: an experiment needs two variants, or two slots", where)
	}
	p.experiments = append(p.experiments, x)
	events := []string{x.Measure}
	for i := range x.Guards {
		events = append(events, x.Guards[i].Event)
	}
	for _, name := range events {
		if err := p.known("experiment "+x.Name, name); err != nil {
			return err
		}
		plan := p.events[name]
		if n := len(plan.experiments); n == 0 || plan.experiments[n-1] != x {
			plan.experiments = append(plan.experiments, x)
		}
	}
	return nil
}

// tries reports whether there is an experiment of that name.
func (p *Program) tries(experiment string) bool {
	return slices.ContainsFunc(p.experiments, func(x *ExperimentSpec) bool { return x.Name == experiment })
}

func checkArms(s *SplitSpec, where string) error {
	total := 0.0
	for i := range s.Arms {
		if s.Arms[i].Weight < 0 {
			return fmt.Errorf("%s: arm %s has a weight below 0", where, s.Arms[i].Name)
		}
		total += s.Arms[i].Weight
	}
	if total <= 0 {
		return fmt.Errorf("%s has no arm with a weight", where)
	}
	return nil
}

func (p *Program) buildSet(plan *flowPlan, j int, where string) error {
	s := plan.spec.Steps[j].Set
	for i := range s.Values {
		if _, ok := p.attrs[s.Values[i].Name]; !ok {
			return fmt.Errorf("%s sets %q, which is no attribute", where, s.Values[i].Name)
		}
	}
	plan.values[j] = p.assigned(s.Values)
	return nil
}

// assigned are the slots of what each assignment reads.
func (p *Program) assigned(list []Assign) [][]int {
	slots := make([][]int, len(list))
	for i := range list {
		slots[i] = p.slots(list[i].Value)
	}
	return slots
}
