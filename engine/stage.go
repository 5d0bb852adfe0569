package engine

import "slices"

// moveTo changes the lead's stage, which is an act: it is never undone, only
// followed by another.
func (f *Frame) moveTo(stage string) {
	a := &f.l.Acts
	if stage == "" || stage == a.Stage {
		return
	}
	from := a.Stage
	a.Stage, a.StageSince = stage, f.l.Now
	f.decide(Decision{Kind: Moved, At: f.l.Now, Subject: from, Detail: stage})
	if from != "" {
		f.gone("stage:" + from)
	}
	f.tally("stage:"+stage, "", 0)
	f.derive("stage_changed", Field{"from", TextValue(from)}, Field{"to", TextValue(stage)})
	f.stale()
}

// stageOn moves a lead to the stages that an event brings, from anywhere.
func (f *Frame) stageOn(plan *eventPlan) {
	for _, i := range plan.stageOn {
		f.moveTo(f.p.stages[i].spec.Name)
	}
}

// stageEdges lets a lead leave its stage and enter later ones. Entering needs a
// rising edge: a "no" at the verdict before.
func (f *Frame) stageEdges() {
	a := &f.l.Acts
	if i, ok := f.p.stage[a.Stage]; ok {
		s := &f.p.stages[i]
		if s.leave != nil && f.holds(s.leave) {
			f.moveTo(s.spec.LeaveTo)
		}
	}
	for i := range f.p.stages {
		s := &f.p.stages[i]
		if s.enter == nil {
			continue
		}
		name := s.spec.Name
		was := slices.Index(a.Risen, name)
		is := f.holds(s.enter)
		switch {
		case is && was < 0:
			a.Risen = append(a.Risen, name)
			if i > f.stageIndex() {
				f.moveTo(name)
			}
		case !is && was >= 0:
			a.Risen = slices.Delete(a.Risen, was, was+1)
		}
	}
}

func (f *Frame) stageIndex() int {
	if i, ok := f.p.stage[f.l.Acts.Stage]; ok {
		return i
	}
	return -1
}

// settleEdges lets time pass up to the instant before something happens: what
// was true and has become false by time alone falls, so that it can rise again,
// and a stage that time alone makes a lead leave is left. The lead's now is at,
// afterwards.
func (f *Frame) settleEdges(at Time) {
	a := &f.l.Acts
	if at <= f.l.Now {
		return
	}
	f.l.Now = at
	if len(a.Risen) == 0 && len(a.Offers) == 0 && !f.mayLeave() {
		return
	}
	f.look(&f.l.Folds, at, nil, nil)
	if i, ok := f.p.stage[a.Stage]; ok {
		if s := &f.p.stages[i]; s.leave != nil && s.leave.timed && f.holds(s.leave) {
			f.moveTo(s.spec.LeaveTo)
		}
	}
	for i := len(a.Risen) - 1; i >= 0; i-- {
		at, ok := f.p.stage[a.Risen[i]]
		if !ok || f.p.stages[at].enter == nil || !f.holds(f.p.stages[at].enter) {
			a.Risen = slices.Delete(a.Risen, i, i+1)
		}
	}
	for i := range a.Offers {
		o := &a.Offers[i]
		at, ok := f.p.tossUp[o.TossUp]
		if o.True && ok && f.p.tossUps[at].spec.On == "" && !f.wanted(&f.p.tossUps[at]) {
			f.fall(o)
		}
	}
}

func (f *Frame) mayLeave() bool {
	i, ok := f.p.stage[f.l.Acts.Stage]
	return ok && f.p.stages[i].leave != nil
}
