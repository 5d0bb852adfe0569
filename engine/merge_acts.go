package engine

import (
	"cmp"
	"slices"
	"strings"
)

// inherit takes over the acts of a lead that became a part of this one:
//
//   - the later of two stages in the order of the funnel; what had risen for either
//     has risen, so that a fresh edge is needed;
//   - of a toss-up that both were offered by, the later offer stands, and both count;
//   - runs go on, but for one in a workflow in which the receiver is or was: that
//     one leaves by exit.merged, and its messages that have not gone are withdrawn;
//   - messages under way keep their keys; what was sent and skipped is added up, so
//     that caps count both;
//   - a member of a segment stays one without joining it again.
func (f *Frame) inherit(g *Lead) {
	f.inheritRuns(g)
	f.inheritPending(g)
	f.inheritOffers(g)
	f.inheritTallies(g)
	f.inheritMembership(g)
	a := &f.l.Acts
	f.inheritCohorts(g)
	slices.SortStableFunc(a.Cohorts, func(x, y Cohort) int {
		return cmp.Or(cmp.Compare(x.At, y.At), cmp.Compare(x.KPI, y.KPI), cmp.Compare(x.Message, y.Message))
	})
	a.Trials = append(a.Trials, g.Acts.Trials...)
	slices.SortStableFunc(a.Trials, func(x, y Trial) int {
		return cmp.Or(cmp.Compare(x.At, y.At), cmp.Compare(x.Experiment, y.Experiment), cmp.Compare(x.Message, y.Message))
	})
	for _, name := range g.Acts.Risen {
		if !slices.Contains(a.Risen, name) {
			a.Risen = append(a.Risen, name)
		}
	}
	if at, ok := f.p.stage[g.Acts.Stage]; ok && at > f.stageIndex() {
		f.moveTo(g.Acts.Stage)
	}
	f.stale()
}

// inheritRuns takes over the runs that may go on, with their timers, and what is
// remembered of workflows that were left.
func (f *Frame) inheritRuns(g *Lead) {
	a := &f.l.Acts
	for i := range g.Acts.Runs {
		r := &g.Acts.Runs[i]
		if f.was(r.Workflow, r.Key) {
			f.leaveMerged(r, g)
			continue
		}
		a.Runs = append(a.Runs, *r)
		for _, t := range g.Timers {
			if (t.Kind == RunDue || t.Kind == RunGiveUp) && t.Ref == r.Slot() {
				f.l.arm(t.Kind, t.Ref, t.Due)
			}
		}
	}
	for i := range g.Acts.Past {
		f.inheritPast(&g.Acts.Past[i])
	}
}

// was reports whether the lead is or was in a workflow under that entry key.
func (f *Frame) was(workflow, key string) bool {
	return slices.ContainsFunc(f.l.Acts.Runs, func(r Run) bool { return r.Workflow == workflow && r.Key == key }) ||
		slices.ContainsFunc(f.l.Acts.Past, func(p Past) bool { return p.Workflow == workflow && p.Key == key && p.Entries > 0 })
}

func (f *Frame) leaveMerged(r *Run, g *Lead) {
	if r.Step != "" {
		f.gone("step:" + r.Workflow + "/" + r.Step)
	}
	f.tally("exit:"+r.Workflow+"/merged", "", 0)
	f.decide(Decision{Kind: Left, At: f.l.Now, Subject: r.Workflow, Detail: "merged"})
	for i := range g.Acts.Past {
		if p := &g.Acts.Past[i]; p.Workflow == r.Workflow && p.Key == r.Key {
			p.Left, p.Exit = f.l.Now, "exit.merged"
		}
	}
}

// inheritPast adds what is remembered of a workflow: entries count for both, the
// later exit stands.
func (f *Frame) inheritPast(p *Past) {
	a := &f.l.Acts
	i := slices.IndexFunc(a.Past, func(b Past) bool { return b.Workflow == p.Workflow && b.Key == p.Key })
	if i < 0 {
		a.Past = append(a.Past, *p)
		return
	}
	b := &a.Past[i]
	entries, entered := b.Entries+p.Entries, max(b.Entered, p.Entered)
	inside := slices.ContainsFunc(a.Runs, func(r Run) bool { return r.Workflow == p.Workflow && r.Key == p.Key })
	if p.Left > b.Left && !inside && p.Exit != "exit.merged" {
		*b = *p
	}
	b.Entries, b.Entered = entries, entered
}

// inheritPending takes over the messages that have not gone. What has leave to go
// is settled by the giver.
func (f *Frame) inheritPending(g *Lead) {
	for _, p := range g.Acts.Pending {
		if p.State == Granted || f.l.PendingAction(p.Key) != nil {
			continue
		}
		p.Seq = 0
		if p.Workflow != "" && !slices.ContainsFunc(f.l.Acts.Runs, func(r Run) bool { return r.ID == p.Run }) {
			f.fx.Settled = append(f.fx.Settled, Settlement{Key: p.Key, Lane: p.Lane, Over: true})
			f.skip(&p, LeftWorkflow)
			continue
		}
		f.l.Acts.Pending = append(f.l.Acts.Pending, p)
		if p.State == Ready {
			f.fx.Ready = append(f.fx.Ready, p.Key)
			continue
		}
		for _, t := range g.Timers {
			if t.Kind == TryDue && t.Ref == p.Key.String() {
				f.l.arm(t.Kind, t.Ref, t.Due)
			}
		}
	}
}

// inheritOffers takes over what became of toss-ups: the later offer stands.
func (f *Frame) inheritOffers(g *Lead) {
	f.l.Acts.Former = append(f.l.Acts.Former, g.Acts.Former...)
	f.l.Acts.Former = f.l.Acts.Former[max(0, len(f.l.Acts.Former)-MaxFormer):]
	for _, o := range g.Acts.Offers {
		b := f.offerSlot(o.TossUp)
		count, made, on := b.Count+o.Count, max(b.Made, o.Made), b.True || o.True
		if later(&o, b) {
			f.loseOffer(b)
			*b = o
			for _, t := range g.Timers {
				if (t.Kind == HoldDue || t.Kind == AnswerDue) && t.Ref == o.TossUp || t.Kind == NoticeDue && f.noticeIs(t.Ref, o.TossUp) {
					f.l.arm(t.Kind, t.Ref, t.Due)
				}
			}
			if o.Asked != 0 {
				f.note(b)
			}
		} else {
			f.giveWay(&o)
		}
		b.Count, b.Made, b.True = count, made, on
	}
}

// later reports whether an offer stands rather than another: one that was made
// before one that was not, the later before the earlier.
func later(o, than *Offer) bool {
	if (o.Count > 0) != (than.Count > 0) {
		return o.Count > 0
	}
	if o.Made != than.Made {
		return o.Made > than.Made
	}
	return o.State != OfferNone && (than.State == OfferNone || o.Since > than.Since)
}

// inheritTallies adds up what was sent and skipped.
func (f *Frame) inheritTallies(g *Lead) {
	a := &f.l.Acts
	for i := range g.Acts.Sent {
		t := &g.Acts.Sent[i]
		b := f.l.tally(t.Channel)
		if b == nil {
			a.Sent = append(a.Sent, *t)
			continue
		}
		b.Total += t.Total
		b.Recent = append(b.Recent, t.Recent...)
		slices.Sort(b.Recent)
		if over := len(b.Recent) - MaxRecent; over > 0 {
			b.Recent = slices.Delete(b.Recent, 0, over)
		}
	}
	a.Asked, a.Heard = joinTallies(a.Asked, g.Acts.Asked), joinTallies(a.Heard, g.Acts.Heard)
	for _, s := range g.Acts.Skipped {
		i := slices.IndexFunc(a.Skipped, func(b Skips) bool { return b.Channel == s.Channel && b.Reason == s.Reason })
		if i < 0 {
			a.Skipped = append(a.Skipped, s)
			continue
		}
		a.Skipped[i].N += s.N
	}
}

// inheritMembership lets the lead be inside of every segment that either was in,
// counted once.
func (f *Frame) inheritMembership(g *Lead) {
	a := &f.l.Acts
	for _, name := range g.Acts.Inside {
		switch not := "!" + name; {
		case slices.Contains(a.Inside, name):
			if !strings.HasPrefix(name, "!") && !strings.HasPrefix(name, "@") {
				f.gone("segment:" + name)
			}
		case strings.HasPrefix(name, "!") && slices.Contains(a.Inside, name[1:]):
		case slices.Contains(a.Inside, not):
			a.Inside[slices.Index(a.Inside, not)] = name
		default:
			a.Inside = append(a.Inside, name)
		}
	}
}
