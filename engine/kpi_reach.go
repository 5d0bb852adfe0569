package engine

import (
	"slices"
	"strings"
)

// How many may be written to is a gauge: every lead stands in it under why it may
// not be written to, or under "ok". It is kept where a figure asks for it: a lead
// that stands elsewhere after a decision is counted out of its old place and into
// its new one, so that the sum of all hours is who stands there, and a day's sum is
// the daily change.
//
// The place is remembered as a Cohort named by the gauge, whose labels say where.

const (
	gaugePrefix = "reachable:"
	// reachableLabel marks those who may be written to.
	reachableLabel = whyLabel + "ok"
	whyLabel       = "why="
)

func isGauge(name string) bool { return strings.HasPrefix(name, gaugePrefix) }

// reachPlan is a channel of which a figure asks whom it reaches.
type reachPlan struct {
	counter string
	send    SendSpec // stands for a marketing message on the channel
	// requires is the consent that it needs, and flip the policy's condition where
	// time alone changes it.
	requires string
	flip     *flipPlan
}

// planReach finds the channels that figures ask about, and what a marketing message
// on each needs: that of the first step which sends one, else of a policy with a
// cap for the channel, else of the only policy.
func (p *Program) planReach() error {
	for i := range p.spec.KPIs {
		k := &p.spec.KPIs[i]
		if k.Value == nil {
			continue
		}
		for _, name := range k.Value.Figures() {
			channel, ok := strings.CutPrefix(name, gaugePrefix)
			known := slices.ContainsFunc(p.reach, func(r reachPlan) bool { return r.counter == name })
			if ok && !known {
				p.reach = append(p.reach, p.reachOf(name, channel))
			}
		}
	}
	return nil
}

func (p *Program) reachOf(gauge, channel string) reachPlan {
	plan := reachPlan{counter: gauge, send: p.marketingOn(channel)}
	policy := p.policy[plan.send.Policy]
	if policy == nil {
		return plan
	}
	plan.requires = policy.spec.Requires
	if plan.flip = p.flip(policy.allowed); plan.flip != nil {
		plan.flip.both = true
	}
	at, ok := p.consent[plan.requires]
	p.flips = p.flips || plan.flip != nil || ok && p.spec.Consents[at].Expires > 0
	return plan
}

func (p *Program) marketingOn(channel string) SendSpec {
	flows := p.spec.Flows
	if len(p.spec.Elders) > 0 {
		flows = p.spec.Elders // figures are the running revision's until a change is promoted
	}
	for i := range flows {
		for j := range flows[i].Steps {
			if s := flows[i].Steps[j].Send; s != nil && s.Channel == channel && !s.Transactional {
				plain := *s
				plain.Topic, plain.Experiment = "", nil
				return plain
			}
		}
	}
	s := SendSpec{Channel: channel, Kind: p.kindOf[channel]}
	for i := range p.spec.Policies {
		policy := &p.spec.Policies[i]
		if len(p.spec.Policies) == 1 || slices.ContainsFunc(policy.Caps, func(c CapSpec) bool { return c.Channel == channel }) {
			s.Policy = policy.Name
			break
		}
	}
	return s
}

// gauge counts the lead where it stands now in the gauges that figures ask for.
func (f *Frame) gauge() {
	if len(f.p.reach) == 0 || f.fx == nil || !f.l.Into.IsZero() {
		return
	}
	f.look(&f.l.Folds, f.l.Now, nil, nil)
	for i := range f.p.reach {
		plan := &f.p.reach[i]
		code, _ := f.forbidden(&plan.send)
		if code == "" {
			code = "ok"
		}
		f.standAt(plan.counter, whyLabel+code)
	}
}

func (f *Frame) standAt(gauge, labels string) {
	i := slices.IndexFunc(f.l.Acts.Cohorts, func(c Cohort) bool { return c.KPI == gauge })
	if i >= 0 {
		if f.l.Acts.Cohorts[i].Labels == labels {
			return
		}
		f.standOut(&f.l.Acts.Cohorts[i])
		f.l.Acts.Cohorts[i].Labels, f.l.Acts.Cohorts[i].At = labels, f.l.Now
	} else {
		f.l.Acts.Cohorts = append(f.l.Acts.Cohorts, Cohort{KPI: gauge, At: f.l.Now, Labels: labels, Done: true})
	}
	f.tally(gauge, labels, 0)
}

func (f *Frame) standOut(c *Cohort) {
	f.fx.Counts = append(f.fx.Counts, Delta{Name: c.KPI, Hour: hourOf(f.l.Now), Labels: c.Labels, N: 1, Part: 1})
}

// standNowhere counts a lead that becomes a part of another out of all gauges.
func (f *Frame) standNowhere() {
	for i := range f.l.Acts.Cohorts {
		if c := &f.l.Acts.Cohorts[i]; isGauge(c.KPI) {
			f.standOut(c)
		}
	}
	f.l.Acts.Cohorts = slices.DeleteFunc(f.l.Acts.Cohorts, func(c Cohort) bool { return isGauge(c.KPI) })
}

// reachFlips lowers next to the instant at which time alone changes whether the
// lead may be written to: consent runs out, a policy's condition turns.
func (f *Frame) reachFlips(next *Time) {
	for i := range f.p.reach {
		plan := &f.p.reach[i]
		if plan.flip != nil {
			f.flipBefore(plan.flip, next)
		}
		at, ok := f.p.consent[plan.requires]
		if !ok || f.p.spec.Consents[at].Expires == 0 || !f.hasConsent(plan.requires) {
			continue
		}
		for j := range f.l.Folds.Consents {
			if c := &f.l.Folds.Consents[j]; c.Name == plan.requires {
				if over := c.Given.Add(f.p.spec.Consents[at].Expires) + 1; over > f.l.Now {
					*next = min(*next, over)
				}
			}
		}
	}
}
