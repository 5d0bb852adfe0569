package history

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/seed-456efde2/nurture/engine"
)

// EffectsOptions say what a change is to be tried on. All but the last three are
// required.
type EffectsOptions struct {
	Rows    Rows
	Old     *engine.Program // as it decides now, under the rulings in force
	New     *engine.Spec
	Digest  string // of New
	Changes []Change
	Now     engine.Time
	// Ahead is how far messages are looked for. Default: an hour.
	Ahead engine.Span
	// Workers, Begin, Between, Stopped and Progress are as in ReplayOptions.
	Workers  int
	Begin    func()
	Between  func()
	Stopped  func() bool
	Progress func(done, of int)
}

// FindEffects tries new rules on every lead that there is, as the sweep after their
// loading would, and counts what that would do at once and within the time ahead.
// It changes nothing. Leads are read in small pieces and forgotten again, so memory
// does not grow with their number; each lead is seen as it stood at one instant.
func FindEffects(o EffectsOptions) (*Effects, error) {
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.Ahead <= 0 {
		o.Ahead = engine.Hour
	}
	next, err := engine.NewProgram(o.New, o.Digest, o.Old.Revision()+1)
	if err != nil {
		return nil, fmt.Errorf("prepare the proposed rules: %w", err)
	}
	next = next.Under(o.Old.Rulings())
	scope := newScope(&o)
	sum := newCounted()
	var mu sync.Mutex
	done := 0
	parts := o.Rows.Partitions()
	err = parallel(work{o.Workers, o.Begin, o.Stopped}, parts, func(number func() (int, bool)) error {
		p := newProber(&o, next, scope)
		for part, ok := number(); ok; part, ok = number() {
			if err := eachLead(o.Rows, part, p.probe); err != nil {
				return err
			}
			mu.Lock()
			done++
			if o.Progress != nil {
				o.Progress(done, parts)
			}
			mu.Unlock()
		}
		mu.Lock()
		defer mu.Unlock()
		sum.add(p.counted)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("try the proposed rules on the leads: %w", err)
	}
	return sum.effects(&o), nil
}

// scope is what is looked at more closely because it was changed.
type scope struct {
	steps       map[string]bool // "workflow/step", changed or gone
	experiments []string
	splits      [][2]string // workflow, step
	scores      []string
	segments    []string
	caps        []capChange
}

// capChange is the caps of a policy on a channel, of which one is closer than it was.
type capChange struct {
	policy, channel string
	old, new        []engine.CapSpec
}

func newScope(o *EffectsOptions) *scope {
	s := &scope{steps: map[string]bool{}}
	old := o.Old.Spec()
	for i := range o.Changes {
		c := &o.Changes[i]
		if flow, step, ok := strings.Cut(strings.TrimPrefix(c.Block, "workflow."), ".step."); ok && c.Op != "+" {
			s.steps[flow+"/"+step] = true
			s.splits = append(s.splits, [2]string{flow, step})
		}
	}
	for i := range o.New.Flows {
		for j := range o.New.Flows[i].Steps {
			if send := o.New.Flows[i].Steps[j].Send; send != nil && send.Experiment != nil {
				s.experiments = append(s.experiments, send.Experiment.Name)
			}
		}
	}
	for i := range o.New.Scores {
		name := o.New.Scores[i].Name
		if slices.ContainsFunc(old.Scores, func(x engine.ScoreSpec) bool { return x.Name == name }) {
			s.scores = append(s.scores, name)
		}
	}
	for i := range o.New.Segments {
		name := o.New.Segments[i].Name
		if slices.ContainsFunc(old.Segments, func(x engine.SegmentSpec) bool { return x.Name == name }) {
			s.segments = append(s.segments, name)
		}
	}
	s.findCaps(old, o.New)
	return s
}

// findCaps finds where caps may allow less than before.
func (s *scope) findCaps(old, new *engine.Spec) {
	for i := range new.Policies {
		p := &new.Policies[i]
		var was []engine.CapSpec
		if j := slices.IndexFunc(old.Policies, func(q engine.PolicySpec) bool { return q.Name == p.Name }); j >= 0 {
			was = old.Policies[j].Caps
		}
		for _, c := range p.Caps {
			known := slices.ContainsFunc(s.caps, func(k capChange) bool { return k.policy == p.Name && k.channel == c.Channel })
			if known || slices.ContainsFunc(was, func(w engine.CapSpec) bool {
				return w.Channel == c.Channel && w.Per >= c.Per && w.AtMost <= c.AtMost
			}) {
				continue // where it keeps somebody back, one of before does
			}
			s.caps = append(s.caps, capChange{p.Name, c.Channel, capsOn(was, c.Channel), capsOn(p.Caps, c.Channel)})
		}
	}
}

func capsOn(caps []engine.CapSpec, channel string) []engine.CapSpec {
	return slices.DeleteFunc(slices.Clone(caps), func(c engine.CapSpec) bool { return c.Channel != channel })
}

// prober tries two programs on one lead after the other.
type prober struct {
	o       *EffectsOptions
	next    *engine.Program
	scope   *scope
	frame   [2]*engine.Frame
	fx      engine.Effects
	tick    engine.Event
	lead    engine.Lead // under the new rules
	was     engine.Lead // under the old ones
	seq     uint64      // facts of the row that was read
	counted *counted
	acts    [2]acts
}

// acts are what one program would do with a lead.
type acts struct {
	fired  []string // toss-ups
	moved  []string // stages reached
	enters []string // workflows
	sends  []string // "channel workflow/step"
	faults int
	any    bool
}

func (a *acts) reset() {
	a.fired, a.moved, a.enters, a.sends = a.fired[:0], a.moved[:0], a.enters[:0], a.sends[:0]
	a.faults, a.any = 0, false
}

func newProber(o *EffectsOptions, next *engine.Program, s *scope) *prober {
	return &prober{o: o, next: next, scope: s, frame: [2]*engine.Frame{engine.NewFrame(), engine.NewFrame()}, counted: newCounted()}
}

// Facts makes a prober the History of the lead at hand, as it was when its row was
// read: what came since is not in the row and must not be in its folds.
func (p *prober) Facts(id engine.LeadID, yield func(*engine.Fact) error) error {
	return p.o.Rows.Facts(id.Partition(p.o.Rows.Partitions()), id, func(f *engine.Fact) error {
		if id == p.lead.ID && f.Seq > p.seq {
			return nil
		}
		return yield(f)
	})
}

// probe counts what the change does with one lead.
func (p *prober) probe(l *engine.Lead, row []byte) error {
	if p.o.Between != nil {
		p.o.Between()
	}
	p.counted.leads++
	for _, copy := range [...]*engine.Lead{&p.lead, &p.was} {
		if err := engine.DecodeLead(row, copy); err != nil {
			return fmt.Errorf("read lead %v: %w", l.ID, err)
		}
		copy.ID = l.ID
	}
	p.seq = l.Seq
	until := p.o.Now.Add(p.o.Ahead)
	p.acts[0].reset()
	p.acts[1].reset()
	if err := p.run(1, p.next, &p.lead, p.o.Now); err != nil {
		return err
	}
	quiet := idle(l, until) && idle(&p.lead, until) && !p.acts[1].any
	if !quiet {
		if err := p.run(0, p.o.Old, &p.was, p.o.Now); err != nil {
			return err
		}
	}
	p.compare(l)
	if quiet {
		return nil
	}
	if err := p.ahead(1, p.next, &p.lead, until); err != nil {
		return err
	}
	if err := p.ahead(0, p.o.Old, &p.was, until); err != nil {
		return err
	}
	p.compareSends()
	return nil
}

// idle reports whether time alone lets nothing happen until an instant.
func idle(l *engine.Lead, until engine.Time) bool {
	due := l.NextDue()
	return due == 0 || due > until
}

// run lets one program hear of the time, as the sweep does.
func (p *prober) run(side int, program *engine.Program, l *engine.Lead, now engine.Time) error {
	p.tick = engine.Event{Kind: engine.Tick, Lead: l.ID, At: now, Received: now}
	if err := p.decide(side, program, l, &p.tick); err != nil {
		return err
	}
	for i := 0; i < len(l.Acts.Pending); i++ {
		if a := &l.Acts.Pending[i]; a.State == engine.Ready && a.Attempts == 0 {
			n := len(l.Acts.Pending)
			if err := p.decide(side, program, l, &engine.Event{Kind: engine.Attempt, Lead: l.ID, Action: a.Key, At: now, Received: now}); err != nil {
				return err
			}
			if len(l.Acts.Pending) < n {
				i--
			}
		}
	}
	return nil
}

// most bounds the ticks of one lead in the time ahead.
const most = 200

// ahead lets time pass.
func (p *prober) ahead(side int, program *engine.Program, l *engine.Lead, until engine.Time) error {
	for range most {
		due := l.NextDue()
		if due == 0 || due > until {
			return nil
		}
		at := max(due, p.o.Now)
		p.tick = engine.Event{Kind: engine.Tick, Lead: l.ID, At: at, Received: at}
		if err := p.decide(side, program, l, &p.tick); err != nil {
			return err
		}
	}
	return nil
}

// decide decides one fact and what follows from it: a message is asked for, sent to
// nobody, and counts as accepted.
func (p *prober) decide(side int, program *engine.Program, l *engine.Lead, e *engine.Event) error {
	if err := program.Decide(p.frame[side], l, e, p, &p.fx); err != nil {
		return fmt.Errorf("decide about lead %v: %w", l.ID, err)
	}
	a := &p.acts[side]
	for i := range p.fx.Facts {
		a.note(p.fx.Facts[i].Decisions)
	}
	ready, granted := slices.Clone(p.fx.Ready), slices.Clone(p.fx.Granted)
	for _, key := range ready {
		if err := p.decide(side, program, l, &engine.Event{Kind: engine.Attempt, Lead: l.ID, Action: key, At: e.At, Received: e.Received}); err != nil {
			return err
		}
	}
	for _, key := range granted {
		pending := l.PendingAction(key)
		if pending == nil {
			continue
		}
		a.sends = append(a.sends, pending.Channel+" "+sendName(pending))
		done := engine.Event{Kind: engine.Settled, Lead: l.ID, Action: key, At: e.At, Received: e.Received}
		done.Receipt = engine.Receipt{Key: key, Lead: l.ID, Attempt: int(pending.Attempts), Outcome: engine.Done}
		if err := p.decide(side, program, l, &done); err != nil {
			return err
		}
	}
	return nil
}

// sendName names what causes a message.
func sendName(p *engine.Pending) string {
	if p.Workflow != "" {
		return p.Workflow + "/" + p.Step
	}
	return "toss_up." + p.TossUp
}

func (a *acts) note(decisions []engine.Decision) {
	for i := range decisions {
		a.any = true
		switch d := &decisions[i]; d.Kind {
		case engine.TossedUp, engine.Queued:
			if !slices.Contains(a.fired, d.Subject) {
				a.fired = append(a.fired, d.Subject)
			}
		case engine.Moved:
			a.moved = append(a.moved, d.Detail)
		case engine.Enrolled:
			a.enters = append(a.enters, d.Subject)
		case engine.Fault:
			a.faults++
		}
	}
}
