package engine

import (
	"fmt"

	"github.com/seed-456efde2/nurture/engine/kpi"
)

// CountReader sums a counter with these labels over all hours before an hour.
type CountReader func(name, labels string, part uint8, before int64) int64

// ExperimentState is how an experiment stands.
type ExperimentState struct {
	Spec    *ExperimentSpec
	Names   []string // of the arms
	Arms    []kpi.Arm
	Verdict kpi.Verdict
	Winner  *Winner // what was settled on before, nil while it is open
	Err     error   // why there is no verdict: counts that contradict each other
}

// Experiments are the program's experiments as the counters have them. Trials
// whose time to react is not over are drawn, and not judged yet.
func (p *Program) Experiments(count CountReader, now Time) []ExperimentState {
	states := make([]ExperimentState, 0, len(p.experiments))
	for _, x := range p.experiments {
		s := ExperimentState{Spec: x}
		ripe := hourOf(now.Add(-x.Within)) // the hour that has begun then is not wholly ripe
		plan := kpi.Plan{MinEach: int64(x.MinEach), Sure: x.Sure}
		for _, g := range x.Guards {
			plan.Guards = append(plan.Guards, kpi.Guard{What: g.Event, Limit: g.Above})
		}
		for i := range x.arms() {
			name := x.arm(i)
			labels := armLabel + name
			arm := kpi.Arm{
				Rate:  kpi.Rate{N: count(experimentCounter+x.Name, labels, 0, ripe), Of: count(experimentCounter+x.Name, labels, 1, ripe)},
				Drawn: count(experimentCounter+x.Name+drawnSuffix, labels, 0, hourOf(now)+1),
			}
			for _, g := range x.Guards {
				arm.Bad = append(arm.Bad, min(arm.Of, count(experimentCounter+x.Name+":"+g.Event, labels, 0, ripe)))
			}
			s.Names, s.Arms = append(s.Names, name), append(s.Arms, arm)
		}
		s.Winner = p.settledOn(x.Name)
		s.Verdict, s.Err = kpi.Decide(s.Arms, plan)
		states = append(states, s)
	}
	return states
}

func (p *Program) settledOn(experiment string) *Winner {
	if p.rulings == nil {
		return nil
	}
	for i := range p.rulings.Winners {
		if p.rulings.Winners[i].Experiment == experiment {
			return &p.rulings.Winners[i]
		}
	}
	return nil
}

// Judge settles the experiments of which the counters say enough, and that were
// not settled before. A winner is used at once where the experiment says so, else
// proposed. An arm that does harm is replaced by the best of the others at once,
// whatever the experiment says.
func (p *Program) Judge(count CountReader, now Time) []Winner {
	var winners []Winner
	states := p.Experiments(count, now)
	for i := range states {
		s := &states[i]
		if s.Winner != nil || s.Err != nil {
			continue
		}
		w := Winner{Experiment: s.Spec.Name, At: now}
		switch v := s.Verdict; v.State {
		case kpi.Decided:
			w.Arm, w.Applied = s.Names[v.Leader], s.Spec.Auto
			w.Why = fmt.Sprintf("%s %d of %d, %s %d of %d", s.Names[v.Leader], s.Arms[v.Leader].N, s.Arms[v.Leader].Of,
				s.Names[v.Second], s.Arms[v.Second].N, s.Arms[v.Second].Of)
		case kpi.Stopped:
			w.Arm, w.Applied = s.Names[s.bestBut(v.Arm)], true
			w.Why = fmt.Sprintf("%s: %s", s.Names[v.Arm], s.Spec.Guards[v.Guard].Source)
		default:
			continue
		}
		winners = append(winners, w)
	}
	return winners
}

// bestBut is the arm with the highest rate but one.
func (s *ExperimentState) bestBut(harmful int) int {
	best := -1
	for i := range s.Arms {
		if i == harmful {
			continue
		}
		rate, _ := s.Arms[i].Rate.Value()
		if best >= 0 {
			if high, _ := s.Arms[best].Rate.Value(); rate <= high {
				continue
			}
		}
		best = i
	}
	return best
}
