package engine

import "slices"

// An experiment's arm follows from the lead and the experiment's name. Its counts
// are counters: "exp:NAME" with the label arm=…, part 1 the messages accepted,
// part 0 those that were a success, both under the hour of the message;
// "exp:NAME:drawn" the leads that fell to the arm; "exp:NAME:EVENT" for each guard.

// Successes and trials of an experiment.
const (
	experimentCounter = "exp:"
	drawnSuffix       = ":drawn"
	armLabel          = "arm="
)

// draw gives a message its arm, and with slots the time before which it does not
// go.
func (f *Frame) draw(s *SendSpec, p *Pending) {
	x := s.Experiment
	if x == nil {
		return
	}
	i := f.arm(x)
	p.Arm = x.arm(i)
	if len(x.Slots) > 0 {
		if at, ok := x.Slots[i].At.Next(f.wall.Add(-1).In(f.zone)); ok {
			p.NotUntil = TimeOf(at)
		}
	}
	f.decide(Decision{Kind: Drawn, At: f.l.Now, Subject: x.Name, Detail: p.Arm, Action: p.Key})
	if f.p.winner(x.Name) != "" || f.trial(x.Name) != nil {
		return
	}
	f.l.Acts.Trials = append(f.l.Acts.Trials, Trial{Experiment: x.Name, Arm: p.Arm})
	f.tally(experimentCounter+x.Name+drawnSuffix, armLabel+p.Arm, 0)
}

// trial is the lead's part in an experiment, nil for none.
func (f *Frame) trial(experiment string) *Trial {
	for i := range f.l.Acts.Trials {
		if f.l.Acts.Trials[i].Experiment == experiment {
			return &f.l.Acts.Trials[i]
		}
	}
	return nil
}

// arm is the index of the lead's arm: the winner's once one is used.
func (f *Frame) arm(x *ExperimentSpec) int {
	n := x.arms()
	if w := f.p.winner(x.Name); w != "" {
		for i := range n {
			if x.arm(i) == w {
				return i
			}
		}
	}
	return drawn(newHasher("experiment").text(x.Name).text(string(f.l.ID[:])).key(), n, func(int) float64 { return 1 })
}

func (x *ExperimentSpec) arms() int { return max(len(x.Variants), len(x.Slots)) }

func (x *ExperimentSpec) arm(i int) string {
	if len(x.Slots) > 0 {
		return x.Slots[i].Name
	}
	return x.Variants[i].Name
}

// content is the form of the message that an arm sends.
func (s *SendSpec) content(arm string) Content {
	if s.Experiment != nil {
		for i := range s.Experiment.Variants {
			if v := &s.Experiment.Variants[i]; v.Name == arm && v.Content != nil {
				return v.Content
			}
		}
	}
	return s.Content
}

// tried notes that an experiment's message was accepted. A trial is a lead, not a
// message: who gets three issues of a newsletter by the same arm is one trial, the
// first, because a person's habit is one finding.
func (f *Frame) tried(p *Pending) {
	s := f.sendOf(p)
	if s == nil || s.Experiment == nil || p.Arm == "" {
		return
	}
	t := f.trial(s.Experiment.Name)
	if t == nil || t.At != 0 || t.Arm != p.Arm {
		return
	}
	t.Message, t.At = p.Key.String(), f.l.Now
	f.tallyOf(experimentCounter+t.Experiment, armLabel+t.Arm)
}

// forgetTrials drops the trials of experiments that are over: those that no step
// has any more.
func (f *Frame) forgetTrials() {
	f.l.Acts.Trials = slices.DeleteFunc(f.l.Acts.Trials, func(t Trial) bool {
		return !slices.ContainsFunc(f.p.experiments, func(x *ExperimentSpec) bool { return x.Name == t.Experiment })
	})
}

// tallyOf counts one in the denominator.
func (f *Frame) tallyOf(name, labels string) {
	f.fx.Counts = append(f.fx.Counts, Delta{Name: name, Hour: hourOf(f.l.Now), Labels: labels, N: 1, Part: 1})
}

// measure counts an event for the trials whose success or harm it is: by message
// id where the event carries one, else the lead's last message before it.
func (f *Frame) measure(e *Event, plan *eventPlan) {
	for _, x := range plan.experiments {
		t := f.trial(x.Name)
		if t == nil || !t.answeredBy(e) {
			continue
		}
		labels := armLabel + t.Arm
		if x.Measure == plan.name && !t.Done && (x.Within == 0 || e.At <= t.At.Add(x.Within)) {
			t.Done, t.By = true, e.ID
			f.fx.Counts = append(f.fx.Counts, Delta{Name: experimentCounter + x.Name, Hour: hourOf(t.At), Labels: labels, N: 1})
		}
		guarded := slices.ContainsFunc(x.Guards, func(g GuardSpec) bool { return g.Event == plan.name })
		if guarded && !slices.Contains(t.Guards, plan.name) {
			t.Guards = append(t.Guards, plan.name)
			f.noteTaken(Cohort{KPI: experimentCounter + x.Name + ":" + plan.name, At: t.At, Labels: labels}, e)
			f.fx.Counts = append(f.fx.Counts, Delta{Name: experimentCounter + x.Name + ":" + plan.name, Hour: hourOf(t.At), Labels: labels, N: 1})
		}
	}
}

// answeredBy reports whether an event can be the answer to the trial's message: it
// names it, or names none and came after it.
func (t *Trial) answeredBy(e *Event) bool {
	message, _ := Lookup(e.Fields, "message")
	return t.At != 0 && e.At >= t.At && (message.Text() == "" || message.Text() == t.Message)
}

// unmeasure takes back the successes that facts brought which were judged anew.
func (f *Frame) unmeasure(fact string) {
	for i := range f.l.Acts.Trials {
		t := &f.l.Acts.Trials[i]
		if !t.Done || t.By != fact {
			continue
		}
		t.Done, t.By = false, ""
		f.fx.Counts = append(f.fx.Counts, Delta{Name: experimentCounter + t.Experiment, Hour: hourOf(t.At), Labels: armLabel + t.Arm, N: -1})
	}
}
