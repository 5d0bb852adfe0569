package engine

import "fmt"

func (p *Program) buildFlows() error {
	for i := range p.spec.Flows {
		s := &p.spec.Flows[i]
		if err := unique(p.flow, "workflow", s.Name, i); err != nil {
			return err
		}
		plan := flowPlan{spec: s, enter: p.rule(s.Enter.When, "workflow."+s.Name), steps: map[string]int{}, entered: "flow:" + s.Name + ":entered"}
		if err := p.known("workflow "+s.Name, s.Enter.On); err != nil {
			return err
		}
		p.events[s.Enter.On].enters = append(p.events[s.Enter.On].enters, i)
		for j := range s.Exits {
			plan.exits = append(plan.exits, p.rule(s.Exits[j].When, "workflow."+s.Name+".exit."+s.Exits[j].Name))
		}
		for j := range s.Steps {
			if err := p.buildStep(&plan, j); err != nil {
				return err
			}
		}
		p.flows = append(p.flows, plan)
	}
	return nil
}

func (p *Program) buildStep(plan *flowPlan, j int) error {
	s := &plan.spec.Steps[j]
	where := "step " + plan.spec.Name + "/" + s.Name
	if err := unique(plan.steps, where, s.Name, j); err != nil {
		return err
	}
	inside := func(next int) error {
		if next != EndOfFlow && (next < 0 || next >= len(plan.spec.Steps)) {
			return fmt.Errorf("%s leads to step %d, which does not exist", where, next)
		}
		return nil
	}
	var wait *rule
	var cases []*rule
	switch {
	case s.Kind == WaitStep && s.Wait != nil:
		wait = p.rule(s.Wait.When, "workflow."+plan.spec.Name+"."+s.Name)
		for _, on := range s.Wait.On {
			if err := p.known(where, on); err != nil {
				return err
			}
		}
		if len(s.Wait.On) == 0 && s.Wait.For.IsZero() {
			return fmt.Errorf("%s waits for nothing", where)
		}
	case s.Kind == BranchStep && s.Branch != nil:
		for _, c := range s.Branch.Cases {
			cases = append(cases, p.rule(c.When, "workflow."+plan.spec.Name+"."+s.Name+"."+c.Name))
			if err := inside(c.First); err != nil {
				return err
			}
		}
		if err := inside(s.Branch.Otherwise); err != nil {
			return err
		}
	case s.Kind == SendStep && s.Send != nil:
		if p.channel[s.Send.Channel] == nil {
			return fmt.Errorf("%s sends through %q, which is no channel", where, s.Send.Channel)
		}
		if p.policy[s.Send.Policy] == nil && s.Send.Policy != "" {
			return fmt.Errorf("%s names the contact_policy %q, which is not declared", where, s.Send.Policy)
		}
	case s.Kind == ExitStep:
	default:
		return fmt.Errorf("%s is of no known kind", where)
	}
	plan.waits = append(plan.waits, wait)
	plan.cases = append(plan.cases, cases)
	plan.counter = append(plan.counter, "step:"+plan.spec.Name+"/"+s.Name)
	return inside(s.Next)
}
