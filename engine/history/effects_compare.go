package history

import (
	"math"
	"slices"
	"strings"

	"github.com/seed-456efde2/nurture/engine"
)

// compare counts how a lead stands after both programs have heard of the time.
func (p *prober) compare(row *engine.Lead) {
	for i := range row.Acts.Runs {
		p.compareRun(&row.Acts.Runs[i])
	}
	old, new := &p.acts[0], &p.acts[1]
	for _, name := range new.fired {
		if !slices.Contains(old.fired, name) {
			p.counted.sample(effectKey{"toss_up", name, ""}, row)
		}
	}
	for _, name := range new.enters {
		if !slices.Contains(old.enters, name) {
			p.counted.n[effectKey{"enter", name, ""}]++
		}
	}
	if p.lead.Acts.Stage != p.was.Acts.Stage {
		p.counted.n[effectKey{"stage", p.was.Acts.Stage, p.lead.Acts.Stage}]++
	}
	p.counted.faults += max(0, new.faults-old.faults)
	p.compareArms(row)
	p.compareFlips()
	for i := range p.scope.caps {
		p.compareCap(&p.scope.caps[i])
	}
}

// compareRun counts where a lead's place in a workflow goes.
func (p *prober) compareRun(run *engine.Run) {
	c := p.counted
	at := run.Workflow + "/" + run.Step
	changed := p.scope.steps[at]
	c.n[effectKey{"inside", run.Workflow, ""}]++
	if changed {
		c.n[effectKey{"standing", run.Workflow, run.Step}]++
	}
	now, was := runOf(&p.lead, run), runOf(&p.was, run)
	switch {
	case now == nil && was == nil:
		c.n[effectKey{"keep", run.Workflow, ""}]++ // it is over by itself
	case now == nil:
		exit := exitOf(&p.lead, run)
		if exit == "removed" && run.Removed != "exit" {
			c.sample(effectKey{"lost", run.Workflow, run.Step}, &p.was)
		} else {
			c.n[effectKey{"leave", run.Workflow, run.Step + "\x00exit." + exit}]++
		}
	case was == nil || now.Step == was.Step:
		c.n[effectKey{"keep", run.Workflow, ""}]++
		if was != nil && now.Step == run.Step {
			p.compareWait(run, changed)
		}
	default:
		c.n[effectKey{"move", run.Workflow, run.Step + "\x00" + now.Step}]++
	}
}

// compareWait counts whether a lead that waits goes on at another time.
func (p *prober) compareWait(run *engine.Run, changed bool) {
	now, was := dueOf(&p.lead, run), dueOf(&p.was, run)
	kind := ""
	switch {
	case now == was && changed && was != 0:
		kind = "wait_kept"
	case now == was:
		return
	case now != 0 && (was == 0 || now < was):
		kind = "wait_earlier"
	default:
		kind = "wait_later"
	}
	p.counted.n[effectKey{kind, run.Workflow, run.Step}]++
}

func runOf(l *engine.Lead, run *engine.Run) *engine.Run {
	for i := range l.Acts.Runs {
		if l.Acts.Runs[i].ID == run.ID {
			return &l.Acts.Runs[i]
		}
	}
	return nil
}

func exitOf(l *engine.Lead, run *engine.Run) string {
	for i := range l.Acts.Past {
		if past := &l.Acts.Past[i]; past.Workflow == run.Workflow && past.Key == run.Key {
			return strings.TrimPrefix(past.Exit, "exit.")
		}
	}
	return ""
}

// dueOf is when the run goes on by time alone, 0 for never.
func dueOf(l *engine.Lead, run *engine.Run) engine.Time {
	for i := range l.Timers {
		if t := &l.Timers[i]; (t.Kind == engine.RunDue || t.Kind == engine.RunGiveUp) && t.Ref == run.Slot() {
			return t.Due
		}
	}
	return 0
}

// compareArms counts who would get another form of a message, or go another way at
// a split.
func (p *prober) compareArms(row *engine.Lead) {
	for _, name := range p.scope.experiments {
		i := slices.IndexFunc(row.Acts.Trials, func(t engine.Trial) bool { return t.Experiment == name })
		if i < 0 {
			continue
		}
		p.counted.n[effectKey{"arm_all", name, ""}]++
		if arm, ok := p.next.ArmOf(row.ID, name); ok && arm != row.Acts.Trials[i].Arm {
			p.counted.n[effectKey{"arm", name, ""}]++
		}
	}
	for _, s := range p.scope.splits {
		was, ok := p.o.Old.SplitOf(row.ID, s[0], s[1])
		if !ok || !inside(row, s[0]) {
			continue
		}
		name := s[0] + "/" + s[1]
		p.counted.n[effectKey{"arm_all", name, ""}]++
		if now, ok := p.next.SplitOf(row.ID, s[0], s[1]); !ok || now != was {
			p.counted.n[effectKey{"arm", name, ""}]++
		}
	}
}

func inside(l *engine.Lead, flow string) bool {
	return slices.ContainsFunc(l.Acts.Runs, func(r engine.Run) bool { return r.Workflow == flow })
}

// compareFlips counts scores and memberships that the new definitions change.
func (p *prober) compareFlips() {
	for _, name := range p.scope.scores {
		key := engine.Key{Kind: engine.KeyScore, Name: name}
		d := p.next.Read(p.frame[1], &p.lead, p.o.Now, key).Number() - p.o.Old.Read(p.frame[0], &p.was, p.o.Now, key).Number()
		switch {
		case math.Abs(d) < 1e-6:
		case d > 0:
			p.counted.n[effectKey{"score_up", name, ""}]++
		default:
			p.counted.n[effectKey{"score_down", name, ""}]++
		}
	}
	for _, name := range p.scope.segments {
		key := engine.Key{Kind: engine.KeySegment, Name: name}
		now, was := p.next.Read(p.frame[1], &p.lead, p.o.Now, key).Flag(), p.o.Old.Read(p.frame[0], &p.was, p.o.Now, key).Flag()
		switch {
		case now && !was:
			p.counted.n[effectKey{"joins", name, ""}]++
		case was && !now:
			p.counted.n[effectKey{"parts", name, ""}]++
		}
	}
}

// compareCap counts the leads who have had as many messages as a closer cap allows,
// and whom no cap of before would have kept back: their next message waits.
func (p *prober) compareCap(c *capChange) {
	for i := range p.was.Acts.Sent {
		t := &p.was.Acts.Sent[i]
		if t.Channel == c.channel && reached(c.new, t.Recent, p.o.Now) && !reached(c.old, t.Recent, p.o.Now) {
			p.counted.n[effectKey{"cap", c.policy, c.channel}]++
		}
	}
}

// reached reports whether messages are as many as one of the caps allows.
func reached(caps []engine.CapSpec, sent []engine.Time, now engine.Time) bool {
	return slices.ContainsFunc(caps, func(c engine.CapSpec) bool {
		n := 0
		for _, at := range sent {
			if at > now.Add(-c.Per) && at <= now {
				n++
			}
		}
		return n >= c.AtMost
	})
}

// compareSends counts the messages of both programs.
func (p *prober) compareSends() {
	for _, name := range p.acts[0].sends {
		p.counted.n[effectKey{"send_old", name, ""}]++
	}
	for _, name := range p.acts[1].sends {
		p.counted.n[effectKey{"send_new", name, ""}]++
	}
}
