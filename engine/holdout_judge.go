package engine

import "github.com/seed-456efde2/nurture/engine/kpi"

// HoldoutState is what a workflow brings about, by one of its goals: who was let
// in beside who was held out. Every lead counts once, by its first entry, when its
// time to reach the goal is over.
type HoldoutState struct {
	Workflow string
	Label    string
	Goal     string
	Holdout  float64 // percent, as the workflow says
	In       kpi.Arm
	HeldOut  kpi.Arm
	Lift     kpi.HoldoutLift
	Err      error // why there is no lift: nobody has been judged on one side yet
}

// Holdouts are the workflows with a hold-out, a state for each goal, as the
// counters have them. sure is how sure the intervals are, 0.95 for 95 %.
func (p *Program) Holdouts(count CountReader, now Time, sure float64) []HoldoutState {
	var states []HoldoutState
	for i := range p.flows[:p.own] {
		flow := p.flows[i].spec
		if flow.Holdout <= 0 {
			continue
		}
		for j := range flow.Goals {
			goal := &flow.Goals[j]
			ripe := hourOf(now.Add(-goal.Within))
			side := func(arm string, weight float64) kpi.Arm {
				return kpi.Arm{Weight: weight, Rate: kpi.Rate{
					N:  count(holdoutCounter+flow.Name+"/"+goal.Name, armLabel+arm, 0, ripe),
					Of: count(holdoutCounter+flow.Name, armLabel+arm, 0, ripe),
				}}
			}
			s := HoldoutState{
				Workflow: flow.Name, Label: flow.Label, Goal: goal.Name, Holdout: flow.Holdout,
				In: side(armIn, 100-flow.Holdout), HeldOut: side(armOut, flow.Holdout),
			}
			s.Lift, s.Err = kpi.Holdout(s.In, s.HeldOut, sure)
			states = append(states, s)
		}
	}
	return states
}
