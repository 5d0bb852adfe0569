package engine

// EachCond shows every condition of the spec to visit, with the name of what asks
// it ("toss_up.hot", "workflow.x.step"), in the order of the file. visit may put
// another condition in its place before NewProgram takes the spec over.
func (s *Spec) EachCond(visit func(subject string, c *Cond)) {
	walk := func(subject string, list []Cond) {
		for i := range list {
			visit(subject, &list[i])
		}
	}
	for i := range s.Events {
		walk("event."+s.Events[i].Name, s.Events[i].When)
	}
	for i := range s.Consents {
		walk("consent."+s.Consents[i].Name, s.Consents[i].When)
		if c := s.Consents[i].Confirm; c != nil {
			walk("consent."+s.Consents[i].Name+".confirm", c.When)
		}
	}
	for i := range s.Scores {
		for j := range s.Scores[i].Rules {
			walk("score."+s.Scores[i].Name+"."+s.Scores[i].Rules[j].Name, s.Scores[i].Rules[j].When)
		}
	}
	for i := range s.Segments {
		walk("segment."+s.Segments[i].Name, s.Segments[i].When)
	}
	for i := range s.Stages {
		walk("stage."+s.Stages[i].Name, s.Stages[i].Enter)
		walk("stage."+s.Stages[i].Name, s.Stages[i].Leave)
	}
	for i := range s.TossUps {
		walk("toss_up."+s.TossUps[i].Name, s.TossUps[i].When)
	}
	for i := range s.Policies {
		walk("contact_policy."+s.Policies[i].Name, s.Policies[i].Allowed)
	}
	for i := range s.Flows {
		s.Flows[i].eachCond(walk)
	}
}

func (f *FlowSpec) eachCond(walk func(subject string, list []Cond)) {
	name := "workflow." + f.Name
	walk(name, f.Enter.When)
	for i := range f.Goals {
		walk(name+".goal."+f.Goals[i].Name, f.Goals[i].When)
	}
	for i := range f.Exits {
		walk(name+".exit."+f.Exits[i].Name, f.Exits[i].When)
	}
	for i := range f.Steps {
		step := name + "." + f.Steps[i].Name
		if w := f.Steps[i].Wait; w != nil {
			walk(step, w.When)
			for j := range w.Cases {
				walk(step+"."+w.Cases[j].Name, w.Cases[j].When)
			}
		}
		if b := f.Steps[i].Branch; b != nil {
			for j := range b.Cases {
				walk(step+"."+b.Cases[j].Name, b.Cases[j].When)
			}
		}
	}
}
