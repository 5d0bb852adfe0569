package engine

import (
	"math"
	"time"

	"github.com/seed-456efde2/nurture/engine/calendar"
)

// Frame is one worker's scratch for deciding: the facts that conditions read,
// and the lists that Effects points into. Nothing in it outlives a Decide call
// but the memory. A Frame belongs to one goroutine.
type Frame struct {
	p    *Program
	l    *Lead
	fx   *Effects
	h    History
	vars Vars

	// The view that conditions read: which folds, at which instant, about which
	// event. Everything else of the lead is read as it stands.
	folds  *Folds
	now    Time
	zone   *time.Location
	event  *Event
	plan   *eventPlan
	offer  *Pending // hand-over that is being rendered
	gen    uint32   // counts views; a fact loaded in an older one is stale
	loaded []uint32 // by slot: the gen in which its value was loaded

	asOf           Folds          // folds at a late event's own time
	hits           []MessageHits  // of a refold, as they are judged now
	counted        []Pass         // passes before this decision: see notePasses
	anew           map[string]Hit // of a refold: verdicts by id of the fact
	before         map[string]Hit // the same without the fact at hand
	retold         []retold
	caps           []capRule
	rejudge        bool   // what was said of a hit has changed: the folds are to be rebuilt
	open           *Event // of the row that is not written yet, while folds are rebuilt
	err            error  // the History's, met where a pass ends
	wall           Time   // Received of the event at hand
	names          []string
	offered        []string // toss-ups made in this pass
	doubts         []string // toss-ups that would not have been made, met while folds were rebuilt
	queue          []queued
	opened         []int // workflows that a change of membership has opened
	ids            []RunID
	hop            int  // how many leads have acted on each other's acts at this instant: see maxAccountHops
	overdue        bool // what a pause held is skipped where it is a message
	derived        []Derived
	decisions      []Decision
	rowStart       struct{ derived, decisions int }
	keeps          bool             // see KeepJournals
	kept           kept             // see KeepJournals
	asTold         *Event           // the event at hand as it came, where it had been corrected before
	bygone         string           // id of the fact of the past that is asked what it reaches
	bygoneRevision uint32           // under which it came
	bygoneGrown    bool             // it counts as something, or at an instant, as which it did not
	misses         map[missKey]bool // what counts as missed already, while facts of the past are asked
	recounts       bool             // counters of facts are recounted: what folds find out counts nothing
	past           func(revision uint32) *Program
	trace          *Tracer        // nil: nobody is told how rules are judged
	paid           func(Decision) // nil: nobody is told what is paid while folds are rebuilt
	folded         map[string]string
	armNames       map[armName]string // counters of arms
	other          *Frame             // for the leads of a canary's arm
}

// NewFrame makes a worker's scratch.
func NewFrame() *Frame {
	return &Frame{
		vars:   Vars{Facts: map[string]any{}},
		folded: map[string]string{},
	}
}

// bind makes the frame work for a program and a lead.
func (f *Frame) bind(p *Program, l *Lead, fx *Effects, h History) {
	if f.p != p {
		f.p = p
		f.loaded = make([]uint32, len(p.keys))
		f.gen = 0
		clear(f.vars.Facts)
		clear(f.folded)
	}
	f.l, f.fx, f.h = l, fx, h
	f.derived, f.decisions, f.queue = f.derived[:0], f.decisions[:0], f.queue[:0]
	f.opened, f.overdue, f.doubts = f.opened[:0], false, f.doubts[:0]
	f.rowStart.derived, f.rowStart.decisions = 0, 0
	f.hop = 0
	f.offer, f.open, f.rejudge, f.err = nil, nil, false, nil
	f.asTold, f.recounts, f.bygone, f.bygoneGrown, f.misses = nil, false, "", false, nil
}

// look sets the view. Facts loaded before are stale.
func (f *Frame) look(folds *Folds, now Time, e *Event, plan *eventPlan) {
	f.folds, f.now, f.event, f.plan = folds, now, e, plan
	f.zone = f.leadZone()
	f.stale()
}

// stale makes every loaded fact stale, after the lead has changed.
func (f *Frame) stale() {
	f.gen++
	if f.gen == 0 { // wrapped: every mark is from another age
		clear(f.loaded)
		f.gen = 1
	}
}

// leadZone is the lead's own time zone, else the project's.
func (f *Frame) leadZone() *time.Location {
	if f.p.zoneAt < 0 {
		return f.p.spec.Zone
	}
	name := attr(f.folds, "timezone").Text()
	if name == "" {
		return f.p.spec.Zone
	}
	zone := calendar.FindZone(name)
	if zone == nil {
		return f.p.spec.Zone
	}
	return zone
}

// maxFolded bounds the remembered wire names: a client may invent new ones.
const maxFolded = 4096

// fold is Fold, remembered.
func (f *Frame) fold(wire string) string {
	if isFolded(wire) {
		return wire
	}
	name, ok := f.folded[wire]
	if !ok {
		name = Fold(wire)
		if len(f.folded) < maxFolded {
			f.folded[wire] = name
		}
	}
	return name
}

// holds reports whether all conditions of a rule hold; nil holds. A condition
// that cannot be evaluated does not hold and leaves a fault.
func (f *Frame) holds(r *rule) bool {
	if r == nil {
		return true
	}
	ok := f.allOf(r)
	if f.trace != nil {
		f.traced(r, ok)
	}
	return ok
}

func (f *Frame) allOf(r *rule) bool {
	for _, s := range r.slots {
		f.load(s)
	}
	for _, c := range r.list {
		ok, err := c.Holds(&f.vars)
		if err != nil {
			f.fault(r.subject, c, err)
			return false
		}
		if !ok {
			return false
		}
	}
	return true
}

// amount is what a scoring rule pays.
func (f *Frame) amount(r *scoreRulePlan) float64 {
	if r.spec.Amount == nil {
		return r.spec.Points
	}
	for _, s := range r.amount {
		f.load(s)
	}
	n, ok, err := r.spec.Amount.Number(&f.vars)
	if err != nil {
		f.fault("score."+r.name, r.spec.Amount, err)
		return 0
	}
	if !ok || math.IsNaN(n) || math.IsInf(n, 0) {
		return 0
	}
	return n
}

// fault records that an expression could not be evaluated. The error's text may
// quote a value, so only its place is kept.
func (f *Frame) fault(subject string, e Expr, _ error) {
	f.decide(Decision{Kind: Fault, At: f.now, Subject: subject, Detail: e.Source()})
}

func (f *Frame) decide(d Decision) { f.decisions = append(f.decisions, d) }

// because takes down the conditions of a rule with what they saw, for the reader
// of a decision.
func (f *Frame) because(r *rule) []Reason {
	if r == nil {
		return nil
	}
	for _, s := range r.slots {
		f.load(s)
	}
	reasons := make([]Reason, 0, len(r.list))
	for _, c := range r.list {
		reasons = append(reasons, f.reason(c))
	}
	return reasons
}

func (f *Frame) reason(c Cond) Reason {
	ok, err := c.Holds(&f.vars)
	reason := Reason{Source: c.Source(), Holds: ok && err == nil}
	for _, k := range c.Reads() {
		reason.Facts = append(reason.Facts, Field{k.String(), valueOf(f.vars.Facts[k.String()])})
	}
	return reason
}

// load puts a key's value where conditions find it. A value that is equal to the
// one already there is left alone: boxing it anew would allocate.
func (f *Frame) load(slot int) {
	if f.loaded[slot] == f.gen {
		return
	}
	f.loaded[slot] = f.gen
	k := &f.p.keys[slot]
	f.store(k.name, f.read(k))
}

// loadFor loads what a text or a condition reads. What the program gave no slot, it
// reads all the same: a Program never changes after it was made.
func (f *Frame) loadFor(e Expr) {
	for _, k := range e.Reads() {
		if slot, ok := f.p.slotOf[k]; ok {
			f.load(slot)
			continue
		}
		plan := f.p.planKey(k)
		f.store(plan.name, f.read(&plan))
	}
}

func (f *Frame) store(name string, v fact) {
	old := f.vars.Facts[name]
	switch v.kind {
	case Text, JSON:
		if s, ok := old.(string); ok && s == v.str {
			return
		}
		f.vars.Facts[name] = v.str
	case Number:
		if n, ok := old.(float64); ok && n == v.num {
			return
		}
		f.vars.Facts[name] = v.num
	case Flag:
		f.vars.Facts[name] = v.num != 0
	case Instant:
		f.vars.Facts[name] = Time(v.num).In(f.zone)
	default:
		f.vars.Facts[name] = nil
	}
}

// fact is a value on its way to a condition.
type fact = Value

// valueOf takes a loaded fact back from its boxed form.
func valueOf(v any) Value {
	switch v := v.(type) {
	case string:
		return TextValue(v)
	case float64:
		return NumberValue(v)
	case bool:
		return FlagValue(v)
	case time.Time:
		return TimeValue(TimeOf(v))
	}
	return Value{}
}
