package engine

import (
	"cmp"
	"slices"
	"strings"
)

// A correction changes what was counted of a lead's facts: the sums of a recount from
// the journal without it and with it differ by what is to be added, and what is
// remembered of counters is brought to the later state. What a recount tells is what
// the counters hold (see Recount and RecountActs), so they agree afterwards too.

// Recall gives the frame the programs of earlier revisions: facts that came under them
// are recounted by their figures. Without it, and for revisions that nobody has any
// more, the rules at hand stand in.
func (f *Frame) Recall(past func(revision uint32) *Program) { f.past = past }

func (f *Frame) ruledBy(revision uint32) *Program {
	if revision != f.p.revision && f.past != nil {
		if p := f.past(revision); p != nil {
			return p
		}
	}
	return f.p
}

// books are what a lead's journal comes to.
type books struct {
	facts *recounter
	acts  *actCounter
}

// present is a lead's journal with what this decision has added, and one row more
// where that is asked for.
type present struct {
	f    *Frame
	more *Fact
}

// Facts makes it a History.
func (h present) Facts(id LeadID, yield func(*Fact) error) error {
	if err := h.f.h.Facts(id, yield); err != nil || id != h.f.l.ID {
		return err
	}
	for i := range h.f.fx.Facts {
		row := h.f.fx.Facts[i]
		if err := yield(&row); err != nil {
			return err
		}
	}
	if h.more != nil {
		return yield(h.more)
	}
	return nil
}

// books reads what the journal comes to, with a row more where there is one.
func (f *Frame) books(more *Fact) (*books, error) {
	h := present{f, more}
	facts, err := f.p.recounter(NewFrame(), f.l, h, f.ruledBy)
	if err != nil {
		return nil, err
	}
	facts.count()
	acts, err := f.p.actCounter(NewFrame(), f.l, h, f.ruledBy)
	if err != nil {
		return nil, err
	}
	return &books{facts, acts}, nil
}

// relabel folds a late event that says who the lead is, and brings what was counted
// since under what had been known of the lead under what is known now.
func (f *Frame) relabel(e *Event) error {
	before, err := f.books(nil)
	if err != nil {
		return err
	}
	row := Fact{Seq: f.l.Seq + 1, Revision: f.p.revision, Event: *e}
	after, err := f.books(&row)
	if err != nil {
		return err
	}
	if err := f.refold(e); err != nil {
		return err
	}
	ofFigures := func(counter string) bool { return strings.HasPrefix(counter, "kpi:") }
	f.addSums(before.facts.sums, after.facts.sums, ofFigures)
	f.addArms(&before.facts.arms, &after.facts.arms, ofFigures)
	f.replaceCohorts(before.facts.cohorts(f.p, f.l.Now), after.facts.cohorts(f.p, f.l.Now))
	return nil
}

// addSums adds what two sums differ by to the counters that are wanted; nil wants all.
func (f *Frame) addSums(before, after map[Delta]int64, want func(counter string) bool) {
	_ = yieldSums(before, func(d Delta) error {
		d.N = 0
		if n := after[d] - before[d]; n != 0 && (want == nil || want(d.Name)) {
			d.N = n
			f.fx.Counts = append(f.fx.Counts, d)
		}
		return nil
	})
	_ = yieldSums(after, func(d Delta) error {
		n := d.N
		d.N = 0
		if before[d] == 0 && (want == nil || want(d.Name)) {
			d.N = n
			f.fx.Counts = append(f.fx.Counts, d)
		}
		return nil
	})
}

// cohorts are the places that a recount has found, by figure, as a lead remembers
// them.
func (c *recounter) cohorts(p *Program, now Time) map[string][]Cohort {
	all := map[string][]Cohort{}
	for i := range p.spec.KPIs {
		k := &p.spec.KPIs[i]
		for _, o := range c.open["kpi:"+k.Name] {
			if k.Once == EachTime && k.Within > 0 && o.at.Add(k.Within+answerLate) < now {
				continue
			}
			all[k.Name] = append(all[k.Name], Cohort{KPI: k.Name, At: o.at, Message: o.message, Labels: o.labels, Done: o.done, By: o.by, Seq: o.seq, Arm: o.mark})
		}
		for _, t := range c.first[k.Name] {
			all[k.Name] = append(all[k.Name], Cohort{KPI: k.Name, At: t.event.At, Labels: t.labels[k.Name], Done: true, By: t.event.ID, Arm: c.mark(t)})
		}
	}
	return all
}

// replaceCohorts brings what is remembered of figures to the later state, where the
// two differ.
func (f *Frame) replaceCohorts(before, after map[string][]Cohort) {
	for i := range f.p.spec.KPIs {
		name := f.p.spec.KPIs[i].Name
		if slices.Equal(before[name], after[name]) {
			continue
		}
		f.l.Acts.Cohorts = slices.DeleteFunc(f.l.Acts.Cohorts, func(c Cohort) bool { return c.KPI == name })
		f.l.Acts.Cohorts = append(f.l.Acts.Cohorts, after[name]...)
	}
}

// settleGoals lets the passages that are still remembered have reached what they have
// reached by what is known now. It reports whether a goal is open again.
func (f *Frame) settleGoals(before, after *actCounter) (lost bool) {
	for _, g := range before.reached() {
		if _, still := after.counted[g.key()]; still {
			continue
		}
		lost = true
		workflow, name, _ := strings.Cut(g.name, "/")
		f.decide(Decision{Kind: TookBack, At: f.l.Now, Subject: workflow, Detail: name})
		f.goalsOf(workflow, g.by.at, func(list *[]string) {
			*list = slices.DeleteFunc(*list, func(have string) bool { return have == name })
		})
		f.l.Acts.Cohorts = slices.DeleteFunc(f.l.Acts.Cohorts, func(c Cohort) bool {
			return c.KPI == goalCounter+g.name && c.At == g.by.at
		})
	}
	for _, g := range after.reached() {
		workflow, name, _ := strings.Cut(g.name, "/")
		f.goalsOf(workflow, g.by.at, func(list *[]string) {
			if _, had := before.counted[g.key()]; !had && !slices.Contains(*list, name) {
				*list = append(*list, name)
			}
		})
	}
	return lost
}

// goalsOf visits the goals of the passage through a workflow that began then.
func (f *Frame) goalsOf(workflow string, entered Time, visit func(*[]string)) {
	for i := range f.l.Acts.Runs {
		if r := &f.l.Acts.Runs[i]; r.Workflow == workflow && r.Entered == entered {
			visit(&r.Goals)
		}
	}
	for i := range f.l.Acts.Past {
		if p := &f.l.Acts.Past[i]; p.Workflow == workflow && p.Entered == entered {
			visit(&p.Goals)
		}
	}
}

// settleOutcomes lets offers have the outcomes that they have by what is known now. It
// reports whether one has lost its outcome.
func (f *Frame) settleOutcomes(before, after *actCounter) (lost bool) {
	f.eachOffer("", func(o *Offer) {
		for _, closes := range [...]bool{false, true} {
			k := outcomeKey{o.ID, closes}
			was, had := before.outcome[k]
			is, has := after.outcome[k]
			if had == has && was == is {
				continue
			}
			at, won := Time(0), false
			if has {
				at, won = is.at, is.word == "won"
			} else {
				lost = true
				f.decide(Decision{Kind: TookBack, At: f.l.Now, Subject: o.TossUp, Detail: was.word, Action: o.ID})
			}
			if closes {
				o.Closed, o.Won = at, won
			} else {
				o.Opportunity = at
			}
			f.note(o)
		}
	})
	return lost
}

// grown are the facts that count by the later books as something, or at an instant, as
// which they did not count by the earlier ones.
func (b *books) grown(after *books) map[string]bool {
	was := map[rowOf]*told{}
	for i := range b.facts.list {
		if t := &b.facts.list[i]; !t.derived {
			was[rowOf{t.lead, t.seq}] = t
		}
	}
	grown := map[string]bool{}
	for i := range after.facts.list {
		t := &after.facts.list[i]
		if t.derived {
			continue
		}
		had := was[rowOf{t.lead, t.seq}]
		if had == nil || had.event.At != t.event.At || slices.ContainsFunc(t.names, func(name string) bool { return !slices.Contains(had.names, name) }) {
			grown[t.event.ID] = true
		}
	}
	return grown
}

// actAnew lets the facts that are known now reach goals and be outcomes where these are
// open: all facts where one has lost its own, else those that are new.
func (f *Frame) actAnew(after *books, lost bool, grown map[string]bool) {
	if !lost && len(grown) == 0 {
		return
	}
	credited := map[string]bool{}
	for _, o := range after.acts.outcome {
		credited[o.fact] = true
	}
	f.misses = map[missKey]bool{}
	for k := range after.acts.missed {
		f.misses[k] = after.acts.missedAt(k) != 0
	}
	list := slices.Clone(after.facts.list)
	slices.SortStableFunc(list, func(a, b told) int { return cmp.Compare(a.nth, b.nth) })
	for i := range list {
		t := &list[i]
		if t.derived || !lost && !grown[t.event.ID] {
			continue
		}
		f.bygone, f.bygoneRevision, f.bygoneGrown = t.event.ID, t.revision, grown[t.event.ID]
		for _, name := range t.names {
			plan := f.p.events[name]
			if plan == nil {
				continue
			}
			f.look(&f.l.Folds, t.event.At, &t.event, plan)
			if !credited[t.event.ID] {
				f.outcomes(&t.event, plan)
			}
			f.goals(&t.event, plan)
		}
	}
	f.bygone, f.bygoneGrown, f.misses = "", false, nil
}

// remeasure finds anew what the messages of experiments have come to, where facts
// that measure them are known otherwise.
func (f *Frame) remeasure(before, after *books) {
	names := before.differing(after)
	if len(names) == 0 {
		return
	}
	for i := range f.l.Acts.Trials {
		t := &f.l.Acts.Trials[i]
		at := slices.IndexFunc(f.p.experiments, func(x *ExperimentSpec) bool { return x.Name == t.Experiment })
		if at < 0 || t.At == 0 {
			continue
		}
		x := f.p.experiments[at]
		guarded := slices.ContainsFunc(x.Guards, func(g GuardSpec) bool { return names[g.Event] })
		if names[x.Measure] || guarded {
			f.remeasureTrial(t, x, after.facts)
		}
	}
}

// differing are the names of the facts that two books tell otherwise.
func (b *books) differing(after *books) map[string]bool {
	names := map[string]bool{}
	was := map[rowOf]*told{}
	note := func(t *told) {
		for _, name := range t.names {
			names[name] = true
		}
	}
	for i := range b.facts.list {
		if t := &b.facts.list[i]; !t.derived {
			was[rowOf{t.lead, t.seq}] = t
		}
	}
	for i := range after.facts.list {
		t := &after.facts.list[i]
		if t.derived {
			continue
		}
		key := rowOf{t.lead, t.seq}
		if had := was[key]; had == nil || !slices.Equal(had.names, t.names) || !sameEvent(&had.event, &t.event) {
			note(t)
			if had != nil {
				note(had)
			}
		}
		delete(was, key)
	}
	for _, t := range was {
		note(t)
	}
	return names
}

func (f *Frame) remeasureTrial(t *Trial, x *ExperimentSpec, facts *recounter) {
	done, by := false, ""
	var guards []string
	list := slices.Clone(facts.list)
	slices.SortStableFunc(list, func(a, b told) int { return cmp.Compare(a.seq, b.seq) })
	for i := range list {
		e := &list[i].event
		if !t.answeredBy(e) {
			continue
		}
		for _, name := range list[i].names {
			if x.Measure == name && !done && (x.Within == 0 || e.At <= t.At.Add(x.Within)) {
				done, by = true, e.ID
			}
			if slices.ContainsFunc(x.Guards, func(g GuardSpec) bool { return g.Event == name }) && !slices.Contains(guards, name) {
				guards = append(guards, name)
			}
		}
	}
	labels := armLabel + t.Arm
	count := func(name string, n int64) {
		f.fx.Counts = append(f.fx.Counts, Delta{Name: name, Hour: hourOf(t.At), Labels: labels, N: n})
	}
	switch {
	case done && !t.Done:
		count(experimentCounter+t.Experiment, 1)
	case !done && t.Done:
		count(experimentCounter+t.Experiment, -1)
	}
	for _, name := range t.Guards {
		if counter := experimentCounter + t.Experiment + ":" + name; !slices.Contains(guards, name) {
			count(counter, -1)
			f.l.Acts.Cohorts = slices.DeleteFunc(f.l.Acts.Cohorts, func(c Cohort) bool { return c.KPI == counter })
		}
	}
	for _, name := range guards {
		if !slices.Contains(t.Guards, name) {
			count(experimentCounter+t.Experiment+":"+name, 1)
		}
	}
	t.Done, t.By, t.Guards = done, by, guards
}

// retellAccount tells the lead's account what group calls say by what is known now:
// what a corrected one had said is taken back first.
func (f *Frame) retellAccount(j *journal, c *change) {
	if f.p.account == nil || !slices.ContainsFunc(append(slices.Clone(c.was), c.now...), func(it *item) bool { return it.event.Kind == Group }) {
		return
	}
	for _, it := range c.was {
		if it.event.Kind != Group {
			continue
		}
		gone := it.event
		gone.Fields = slices.Clone(gone.Fields)
		for i := range gone.Fields {
			if gone.Fields[i].Name != groupID {
				gone.Fields[i].Value = Value{}
			}
		}
		f.accountTraits(&gone)
	}
	for _, it := range j.corrected() {
		if !it.derived && it.event.Kind == Group {
			f.accountTraits(&it.event)
		}
	}
}
