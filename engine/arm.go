package engine

// ArmOf is the arm of an experiment that a lead would get; ok is false where the
// program has no such experiment.
func (p *Program) ArmOf(lead LeadID, experiment string) (arm string, ok bool) {
	p = p.For(lead)
	for _, x := range p.experiments {
		if x.Name == experiment {
			f := Frame{p: p, l: &Lead{ID: lead}}
			return x.arm(f.arm(x)), true
		}
	}
	return "", false
}

// SplitOf is the way that a lead would go at a split; ok is false where the program
// has no such step.
func (p *Program) SplitOf(lead LeadID, workflow, step string) (arm string, ok bool) {
	p = p.For(lead)
	i, known := p.flow[workflow]
	if !known {
		return "", false
	}
	flow := &p.flows[i]
	n, known := flow.steps[step]
	if !known || flow.spec.Steps[n].Kind != SplitStep {
		return "", false
	}
	arms := flow.spec.Steps[n].Split.Arms
	name := workflow + "/" + step
	at := drawn(newHasher("split").text(name).text(string(lead[:])).key(), len(arms), func(i int) float64 { return arms[i].Weight })
	return arms[at].Name, true
}
