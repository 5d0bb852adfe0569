package engine

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// RecountActs computes anew, from nothing but a lead's journal, what has been counted
// of what was done about it: people ("leads"), stages, entries and exits of workflows,
// goals and their hold-outs, hand-overs; and the passes of funnels, which follow from
// its facts. It is held against the counters as Recount is, and written as the
// definition reads:
//
//   - an act counts at the instant that the journal's decision says, under the
//     revision that decided it; what became of an offer, at the hour of the offer;
//   - a goal is counted once for each passage, while what reached it is still what it
//     was: a click that turns out to be a machine's takes it back;
//   - of a funnel, the earliest event of each step, by the rules under which the lead
//     was last folded, which p is.
//
// l is the lead as it stands, of which only the identity is read: whose parts it is
// made of, and whose part it is. What an offer of a part became stands in the journal
// of the lead that has it since, so parts are looked up. A workflow in which a lead
// may stand several times at once is counted by its latest entry.
func (p *Program) RecountActs(f *Frame, l *Lead, h History, at func(revision uint32) *Program, yield func(Delta) error) error {
	c, err := p.actCounter(f, l, h, at)
	if err != nil {
		return err
	}
	if l.Into.IsZero() {
		if err := c.passes(p, l, h); err != nil {
			return fmt.Errorf("recount the funnels of lead %v: %w", l.ID, err)
		}
	}
	return yieldSums(c.sums, yield)
}

// actCounter counts what the decisions of a lead's journal say.
func (p *Program) actCounter(f *Frame, l *Lead, h History, at func(revision uint32) *Program) (*actCounter, error) {
	c := &actCounter{
		f: f, at: at, sums: map[Delta]int64{}, offers: map[ActionKey]*toldOffer{}, facts: map[string]*knownFact{},
		counted: map[goalKey]toldGoal{}, outcome: map[outcomeKey]toldOutcome{}, missed: map[missKey]toldMiss{}, scope: p.scope,
	}
	if err := c.read(p, l, h); err != nil {
		return nil, fmt.Errorf("recount the acts of lead %v: %w", l.ID, err)
	}
	for i := range c.rows {
		c.row(&c.rows[i])
	}
	c.goals()
	c.outcomes()
	c.misses()
	return c, nil
}

// ActCounters names the counters that RecountActs tells of, as far as the rules know
// them.
func (p *Program) ActCounters() []string {
	names := []string{"leads"}
	add := func(list ...string) { names = append(names, list...) }
	for i := range p.spec.Stages {
		add("stage:" + p.spec.Stages[i].Name)
	}
	for i := range p.spec.TossUps {
		c := tossUpCounterNames(p.spec.TossUps[i].Name)
		add(c.offered, c.opportunity, c.won, c.lost, c.doubted, c.missed, c.queued)
		add(c.answered[:]...)
	}
	for i := range p.spec.Flows {
		s := &p.spec.Flows[i]
		add("flow:"+s.Name+":entered", "flow:"+s.Name+":held_out", holdoutCounter+s.Name)
		for j := range s.Exits {
			add("exit:" + s.Name + "/" + s.Exits[j].Name)
		}
		for j := range s.Goals {
			add(goalCounter+s.Name+"/"+s.Goals[j].Name, holdoutCounter+s.Name+"/"+s.Goals[j].Name)
		}
	}
	for i := range p.spec.Funnels {
		s := &p.spec.Funnels[i]
		for j := range s.Steps {
			step := s.Steps[j].Name
			add(FunnelCounter(s.Name, step), FunnelLagCounter(s.Name, step), FunnelCohortCounter(s.Name, step))
		}
	}
	return names
}

// actCounter adds up what the decisions of one lead say.
type actCounter struct {
	f      *Frame
	at     func(uint32) *Program
	rows   []Fact // of the lead itself, in order of arrival
	sums   map[Delta]int64
	offers map[ActionKey]*toldOffer
	facts  map[string]*knownFact
	stage  string
	passed map[string]*passage // by workflow: the latest entry
	first  map[string]int      // entries so far, by workflow
	goal   []toldGoal

	counted map[goalKey]toldGoal       // goals that count
	outcome map[outcomeKey]toldOutcome // outcomes that count, the last said of each offer
	missed  map[missKey]toldMiss       // opportunities that nothing had handed over

	scope *armScope // of the canary that is tried; nil: none
	arms  armSums   // of outcomes and misses
}

// knownFact is what an outside fact counts as in the end.
type knownFact struct {
	at       Time
	names    []string
	revision uint32 // under which it came
	mark     ArmMark
}

// is reports whether a fact is an event of that name by what is known in the end.
func (k *knownFact) is(event string) bool { return k != nil && slices.Contains(k.names, event) }

type goalKey struct {
	goal string
	nth  int
}

func (g *toldGoal) key() goalKey { return goalKey{g.name, g.by.nth} }

// outcomeKey is an offer's opportunity, or how it was closed.
type outcomeKey struct {
	offer  ActionKey
	closes bool
}

type toldOutcome struct {
	tossUp, word, fact string
	at                 Time
	beyond             bool // the rule's time: only an opportunity makes it an outcome
}

// toldOffer is an offer as its hand-over tells.
type toldOffer struct {
	tossUp, labels string
	made           Time
	queued         bool
	mark           ArmMark
}

// passage is an entry into a workflow.
type passage struct {
	at  Time
	arm string
	nth int
}

// toldGoal is a goal that was reached.
type toldGoal struct {
	name     string // WORKFLOW/GOAL
	on       string // event
	by       passage
	fact     string // id of the event that reached it, "" where the engine brought it
	within   Span
	compared bool
}

// read takes the rows of the lead, and of its parts what their offers were.
func (c *actCounter) read(p *Program, l *Lead, h History) error {
	c.passed, c.first = map[string]*passage{}, map[string]int{}
	for _, part := range append([]LeadID{l.ID}, l.Parts...) {
		own := part == l.ID
		err := h.Facts(part, func(row *Fact) error {
			if own {
				kept := *row
				kept.Event.Fields, kept.Derived, kept.Decisions = slices.Clone(row.Event.Fields), slices.Clone(row.Derived), slices.Clone(row.Decisions)
				c.rows = append(c.rows, kept)
				return nil
			}
			for i := range row.Decisions {
				if d := &row.Decisions[i]; d.Kind == TossedUp {
					c.offer(row, d)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	slices.SortStableFunc(c.rows, func(a, b Fact) int { return cmp.Compare(a.Seq, b.Seq) })
	again, err := p.recounter(c.f, l, h, c.at)
	if err != nil {
		return err
	}
	for i := range again.list {
		if t := &again.list[i]; !t.derived {
			k := c.facts[t.event.ID]
			if k == nil {
				k = &knownFact{at: t.event.At, revision: t.revision, mark: again.mark(t)}
				c.facts[t.event.ID] = k
			}
			k.names = append(k.names, t.names...)
		}
	}
	return nil
}

func (c *actCounter) offer(row *Fact, d *Decision) *toldOffer {
	o := &toldOffer{tossUp: d.Subject, made: d.At, labels: offerLabels(row.Revision, c.version(row.Revision, d.Subject), ""), mark: c.scope.rowMark(row.Revision, row.Event.Received)}
	c.offers[d.Action] = o
	return o
}

// version is what a rule meant under a revision.
func (c *actCounter) version(revision uint32, tossUp string) string {
	if p := c.at(revision); p != nil {
		if i, ok := p.tossUp[tossUp]; ok {
			return p.tossUps[i].version
		}
	}
	return ""
}

func (c *actCounter) add(name, labels string, at Time, part uint8) {
	c.sums[Delta{Name: name, Hour: hourOf(at), Labels: labels, Part: part}]++
}

// addIn counts for everybody, and for the arm in which it began.
func (c *actCounter) addIn(name, labels string, at Time, mark ArmMark) {
	c.add(name, labels, at, 0)
	c.arms.add(Delta{Name: name, Hour: hourOf(at), Labels: labels}, 1, mark)
}

// row counts the decisions of one row.
func (c *actCounter) row(row *Fact) {
	if row.Seq == 1 {
		c.add("leads", "", row.Event.At, 0)
		if p := c.at(row.Revision); p != nil && len(p.stages) > 0 {
			c.stage = p.stages[0].spec.Name
			c.add("stage:"+c.stage, "", row.Event.At, 0)
		}
	}
	for i := range row.Decisions {
		d := &row.Decisions[i]
		switch d.Kind {
		case Moved:
			if d.Subject != "" {
				c.add("stage:"+d.Subject, "", d.At, 1)
			}
			c.add("stage:"+d.Detail, "", d.At, 0)
			c.stage = d.Detail
		case Merged:
			if row.Event.Kind != Take { // it was given away
				c.add("leads", "", d.At, 1)
				if c.stage != "" {
					c.add("stage:"+c.stage, "", d.At, 1)
				}
			}
		case Unmerged:
			if row.Event.Kind == Unmerge { // it stands alone again
				c.add("leads", "", d.At, 0)
				if c.stage != "" {
					c.add("stage:"+c.stage, "", d.At, 0)
				}
			}
		case Enrolled, HeldOut, Left, Reached:
			c.flow(row, d)
		case Queued, TossedUp, DroppedOut, Answered, Succeeded, Doubted:
			c.tossUp(row, d)
		case Missed:
			c.miss(row, d)
		case TookBack:
			if d.Detail == missedWord {
				delete(c.missed, missKey{d.Subject, c.factOf(row, d, "")})
			}
		}
	}
}

func (c *actCounter) flow(row *Fact, d *Decision) {
	switch d.Kind {
	case Left:
		c.add("exit:"+d.Subject+"/"+d.Detail, "", d.At, 0)
	case Reached:
		if by := c.passed[d.Subject]; by != nil {
			g := toldGoal{name: d.Subject + "/" + d.Detail, by: *by, compared: c.heldOut(row, d.Subject) && c.first[d.Subject] == 1}
			g.on, g.within = c.goalOf(row, d)
			g.fact = c.factOf(row, d, g.on)
			c.goal = append(c.goal, g)
		}
	default:
		c.first[d.Subject]++
		by := &passage{at: d.At, arm: armIn, nth: c.first[d.Subject]}
		if d.Kind == HeldOut {
			by.arm = armOut
			c.add("flow:"+d.Subject+":held_out", "", d.At, 0)
		} else {
			c.add("flow:"+d.Subject+":entered", "", d.At, 0)
		}
		c.passed[d.Subject] = by
		if by.nth == 1 && c.heldOut(row, d.Subject) {
			c.add(holdoutCounter+d.Subject, armLabel+by.arm, d.At, 0)
		}
	}
}

// heldOut reports whether a workflow holds leads out under the row's revision.
func (c *actCounter) heldOut(row *Fact, workflow string) bool {
	p := c.at(row.Revision)
	if p == nil {
		return false
	}
	i, ok := p.flowNamed(workflow)
	return ok && p.flows[i].spec.Holdout > 0
}

// goalOf is the event of a goal, and the time that it has.
func (c *actCounter) goalOf(row *Fact, d *Decision) (on string, within Span) {
	p := c.at(row.Revision)
	if p == nil {
		return "", 0
	}
	if i, ok := p.flow[d.Subject]; ok {
		for _, g := range p.flows[i].spec.Goals {
			if g.Name == d.Detail {
				on, within = g.On, g.Within
			}
		}
	}
	return on, within
}

// factOf finds the fact that a goal or an outcome rests on: the one that the decision
// names, where it was found anew, else that of the row. It is none where the engine
// itself brought the event.
func (c *actCounter) factOf(row *Fact, d *Decision, on string) string {
	if len(d.Because) == 1 && d.Because[0].Source == bygoneSource {
		id, _ := Lookup(d.Because[0].Facts, "message_id")
		return id.Text()
	}
	for i := range row.Derived {
		if row.Derived[i].Name == on {
			return ""
		}
	}
	if row.Event.Kind.Outside() {
		return row.Event.ID
	}
	return ""
}

// goals counts each goal once for each passage, by what reached it last.
func (c *actCounter) goals() {
	for _, g := range c.goal {
		if k := c.facts[g.fact]; g.fact != "" && (!k.is(g.on) || k.at < g.by.at || k.at > g.by.at.Add(g.within)) {
			continue // it was a machine, or not then, or not at all
		}
		c.counted[g.key()] = g
	}
	for _, g := range c.counted {
		c.add(goalCounter+g.name, armLabel+g.by.arm, g.by.at, 0)
		if g.compared {
			c.add(holdoutCounter+g.name, armLabel+g.by.arm, g.by.at, 0)
		}
	}
}

// reached are the goals that count, in order.
func (c *actCounter) reached() []toldGoal {
	list := slices.Collect(maps.Values(c.counted))
	slices.SortFunc(list, func(a, b toldGoal) int { return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.by.nth, b.by.nth)) })
	return list
}

// outcomes counts what became of each offer.
func (c *actCounter) outcomes() {
	for k, told := range c.outcome {
		if _, opened := c.outcome[outcomeKey{offer: k.offer}]; told.beyond && !opened {
			delete(c.outcome, k)
			continue
		}
		o := c.offers[k.offer]
		count := tossUpCounterNames(told.tossUp)
		name := map[string]string{"opportunity": count.opportunity, "won": count.won, "lost": count.lost}[told.word]
		c.addIn(name, o.labels, o.made, o.mark)
	}
}

// succeeded takes down an outcome that rests on a fact which still is one.
func (c *actCounter) succeeded(row *Fact, d *Decision, o *toldOffer) {
	told := toldOutcome{tossUp: d.Subject, word: d.Detail, at: d.At}
	on, within := c.outcomeEvent(row, d)
	told.fact = c.factOf(row, d, on)
	if told.fact != "" {
		k := c.facts[told.fact]
		told.beyond = k != nil && (k.at < o.made || within > 0 && k.at > o.made.Add(within))
		if on != "" && !k.is(on) || told.beyond && d.Detail == "opportunity" {
			return
		}
		if k != nil {
			told.at = k.at
		}
	}
	c.outcome[outcomeKey{d.Action, d.Detail != "opportunity"}] = told
}

// outcomeEvent is the event that an outcome is, and the time that an opportunity has.
func (c *actCounter) outcomeEvent(row *Fact, d *Decision) (on string, within Span) {
	p := c.at(row.Revision)
	if p == nil {
		return "", 0
	}
	i, ok := p.tossUp[d.Subject]
	if !ok || p.tossUps[i].spec.Success == nil {
		return "", 0
	}
	s := p.tossUps[i].spec.Success
	return map[string]string{"opportunity": s.On, "won": s.Won, "lost": s.Lost}[d.Detail], s.Within
}

func (c *actCounter) tossUp(row *Fact, d *Decision) {
	count := tossUpCounterNames(d.Subject)
	o := c.offers[d.Action]
	switch d.Kind {
	case Queued:
		c.offers[d.Action] = &toldOffer{tossUp: d.Subject, queued: true}
		c.add(count.queued, "", d.At, 0)
		return
	case DroppedOut:
		if p := c.at(row.Revision); p != nil {
			if _, ok := p.tossUp[d.Subject]; ok {
				c.add(count.queued, "", d.At, 1)
			}
		}
		return
	case TossedUp:
		if o != nil && o.queued {
			c.add(count.queued, "", d.At, 1)
		}
		o = c.offer(row, d)
		c.add(count.offered, o.labels, o.made, 0)
		return
	}
	if o == nil {
		return // it was made before the journal begins
	}
	word, reason, _ := strings.Cut(d.Detail, ": ")
	name, labels := "", o.labels
	switch {
	case d.Kind == Doubted:
		name = count.doubted
	case d.Kind == Succeeded:
		c.succeeded(row, d, o)
	case !strings.HasPrefix(word, "late_"):
		name = count.answered[slices.Index([]string{"accepted", "rejected", "expired"}, word)]
		if reason != "" {
			labels += labelSeparator + "reason=" + reason
		}
	}
	if name != "" {
		c.add(name, labels, o.made, 0)
	}
}

// passes counts the funnels by what the lead's facts come to.
func (c *actCounter) passes(p *Program, l *Lead, h History) error {
	aside := &Lead{ID: l.ID, Parts: l.Parts}
	c.f.bind(p, aside, nil, h)
	items, err := c.f.readHistory(nil)
	if err != nil {
		return err
	}
	c.f.judgeAnew(items)
	for _, it := range items {
		c.f.names = c.f.names[:0]
		c.f.refoldItem(&aside.Folds, it)
	}
	c.f.retold, c.f.decisions = nil, c.f.decisions[:0]
	steps := map[string][]Pass{}
	for _, pass := range aside.Folds.Passes {
		steps[pass.Funnel] = append(steps[pass.Funnel], pass)
	}
	for name, list := range steps {
		slices.SortFunc(list, func(a, b Pass) int { return cmp.Compare(a.Index, b.Index) })
		by := ""
		for _, pass := range list {
			if by == "" && pass.By != "" {
				by = "by=" + pass.By
			}
		}
		for i, pass := range list {
			c.add(FunnelCounter(name, pass.Step), by, pass.At, 0)
			if i > 0 && list[i-1].Index == pass.Index-1 {
				c.add(FunnelLagCounter(name, pass.Step), lagLabel(list[i-1].At, pass.At, by), list[i-1].At, 0)
			}
			if i > 0 && list[0].Index == 0 {
				c.add(FunnelCohortCounter(name, pass.Step), lagLabel(list[0].At, pass.At, by), list[0].At, 0)
			}
		}
	}
	return nil
}

// lagLabel is how many hours lie between two steps, begun ones counted whole.
func lagLabel(from, to Time, by string) string {
	hours := int64(to-from) / int64(Hour)
	if int64(to-from)%int64(Hour) > 0 {
		hours++
	}
	label := LagLabel + "=" + strconv.FormatInt(hours, 10)
	if by != "" {
		label += labelSeparator + by
	}
	return label
}

// yieldSums gives sums that are not 0, in order.
func yieldSums(sums map[Delta]int64, yield func(Delta) error) error {
	keys := make([]Delta, 0, len(sums))
	for d, n := range sums {
		if n != 0 {
			d.N = n
			keys = append(keys, d)
		}
	}
	slices.SortFunc(keys, func(a, b Delta) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Hour, b.Hour), cmp.Compare(a.Part, b.Part), cmp.Compare(a.Labels, b.Labels))
	})
	for _, d := range keys {
		if err := yield(d); err != nil {
			return err
		}
	}
	return nil
}

// OfFigures reports an event that belongs to figures and reviews, not to leads: it is
// counted in their own journals.
func OfFigures(event string) bool { return event == "kpi_breached" || event == "kpi_recovered" }
