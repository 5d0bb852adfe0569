// Package sim runs a Program in memory on a virtual clock: for the tests of the
// language, for replay, and as the oracle that the runner is checked against. It
// does what the shell does (runs timers, asks leave, sends, brings the answers
// back) with nothing in between: every channel answers at once, and no instant
// passes between a decision and what follows from it.
package sim

import (
	"cmp"
	"container/heap"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-456efde2/nurture/engine"
)

// Options of a Sim. The zero value works.
type Options struct {
	// Start is the clock's first instant. Default: the first event's.
	Start engine.Time
	// Reply is what channels answer; nil: every message is accepted.
	Reply func(engine.Request) engine.Receipt
	// Render has every message's parts finished before it is sent, as the shell
	// does. Default: off, a replay judges decisions, not texts.
	Render bool
	// OnFact sees every row of the journal as it is written.
	OnFact func(engine.LeadID, *engine.Fact)
	// OnCount sees every counter.
	OnCount func(engine.Delta)
	// Forget keeps no journal: less memory, but a late event cannot be put in its
	// place. Default: keep it.
	Forget bool
	// Apart keeps no counters and judges no figure and no experiment: for leads that
	// are run one by one, of whom a figure would be nobody's. Default: off.
	Apart bool
}

// Sim is an engine in memory. It is not safe for concurrent use.
type Sim struct {
	opts    Options
	program *engine.Program

	revisions map[uint32]*engine.Program // that it has run
	frame     *engine.Frame
	fx        engine.Effects
	now       engine.Time
	leads     map[engine.LeadID]*lead
	order     []engine.LeadID
	names     map[engine.Identifier]engine.LeadID
	seen      map[[2]string]bool
	wheel     wheel
	dead      []engine.DeadAction
	offers    map[engine.ActionKey]engine.LeadOffer
	sent      []engine.Request
	counts    map[string]map[count]int64
	judged    int64        // hour of the clock at which experiments and figures were judged last
	event     engine.Event // from outside, at hand
	tick      engine.Event // of the wheel, at hand
	spare     []*lead      // of before a Reset
	memory    memory
}

type lead struct {
	engine.Lead
	rows []engine.Fact
	due  engine.Time // of its entry in the wheel, 0 for none
}

// New makes a Sim that decides by a program.
func New(p *engine.Program, opts Options) *Sim {
	s := &Sim{
		opts: opts, program: p, frame: engine.NewFrame(), now: opts.Start, revisions: map[uint32]*engine.Program{p.Revision(): p},
		leads: map[engine.LeadID]*lead{}, names: map[engine.Identifier]engine.LeadID{}, seen: map[[2]string]bool{},
	}
	s.frame.Recall(s.past)
	if !opts.Forget {
		s.frame.KeepJournals()
	}
	return s
}

// Now is the virtual clock.
func (s *Sim) Now() engine.Time { return s.now }

// Program is what decides at present.
func (s *Sim) Program() *engine.Program { return s.program }

// Swap changes the program between two events. The rulings in force stay. Every
// lead hears of it at once, in the order of first sight.
func (s *Sim) Swap(p *engine.Program) error {
	s.program = p.Under(s.program.Rulings())
	s.revisions[p.Revision()] = p
	if c, _ := p.Canary(); c != nil {
		s.revisions[c.Revision()] = c
	}
	return s.tell()
}

// Rule changes what is decided about the rules while they run, as the runner's
// SetRulings does. Every lead hears of it at once, in the order of first sight.
func (s *Sim) Rule(change func(old *engine.Rulings) (*engine.Rulings, error)) error {
	old := s.program.Rulings()
	next, err := old.Change(old.Ordinal(), change)
	if err != nil || next == old {
		return err
	}
	s.program = s.program.Under(next)
	return s.tell()
}

// tell lets every lead that was decided under older rules hear of those in force.
func (s *Sim) tell() error {
	for i := 0; i < len(s.order); i++ {
		l := s.leads[s.order[i]]
		if !l.Into.IsZero() || l.FirstSeen == 0 || s.program.Heard(&l.Lead) {
			continue
		}
		tick := engine.Event{Kind: engine.Tick, Lead: l.ID, At: s.now, Received: s.now}
		if err := s.decide(l, &tick); err != nil {
			return err
		}
	}
	return nil
}

// Submit lets an event happen. The clock goes on to its Received, unless it is
// there already; whatever is due before runs first. A duplicate is passed over:
// ok is false. An event that Check refuses is an error and changes nothing.
func (s *Sim) Submit(e engine.Event) (ok bool, err error) {
	s.event = e
	if err := s.check(); err != nil {
		return false, err
	}
	key := [2]string{e.Source, e.ID}
	if s.seen[key] {
		return false, nil
	}
	s.seen[key] = true
	return true, s.happen()
}

// check finds out whom the event at hand is about, and whether it is one.
func (s *Sim) check() error {
	e := &s.event
	if e.Received == 0 {
		e.Received = max(e.At, s.now)
	}
	s.identify(e)
	return e.Check()
}

// happen lets the event at hand happen.
func (s *Sim) happen() error {
	if err := s.Advance(s.event.Received); err != nil {
		return err
	}
	return s.decide(s.lead(s.event.Lead), &s.event)
}

// identify finds the lead of an event that may be known under another name.
func (s *Sim) identify(e *engine.Event) {
	name, ok := s.program.Named(e)
	if !ok {
		return
	}
	e.Lead = name.Lead()
	if id, known := s.names[name]; known {
		e.Lead = id
	}
}

// Unmerge lets a lead that was merged into another be one of its own again.
func (s *Sim) Unmerge(id engine.LeadID) error {
	l := s.leads[id]
	if l == nil || l.Into.IsZero() {
		return nil
	}
	return s.decide(l, &engine.Event{Kind: engine.Unmerge, Lead: id, Action: engine.ActionKey(l.Into), At: s.now, Received: s.now})
}

// Settle lets a fact enter by which a person says who is who: engine.ConflictSame,
// engine.ConflictApart.
func (s *Sim) Settle(e engine.Event) error { return s.deliver(&e) }

// Advance lets time pass until an instant; what is due runs in order of time.
func (s *Sim) Advance(to engine.Time) error {
	for len(s.wheel) > 0 && s.wheel[0].due <= to {
		if err := s.judgeUpTo(s.wheel[0].due); err != nil {
			return err
		}
		if len(s.wheel) == 0 || s.wheel[0].due > to {
			break
		}
		t := heap.Pop(&s.wheel).(entry)
		l := s.leads[t.lead]
		if l.due != t.due {
			continue
		}
		l.due = 0
		s.now = max(s.now, t.due)
		s.tick = engine.Event{Kind: engine.Tick, Lead: t.lead, At: s.now, Received: s.now}
		if err := s.decide(l, &s.tick); err != nil {
			return err
		}
	}
	if err := s.judgeUpTo(to); err != nil {
		return err
	}
	s.now = max(s.now, to)
	return nil
}

func (s *Sim) lead(id engine.LeadID) *lead {
	l := s.leads[id]
	if l == nil {
		l = s.fresh(id)
		s.leads[id] = l
		s.order = append(s.order, id)
	}
	return l
}

// decide runs one event and everything that follows from it at once.
func (s *Sim) decide(l *lead, e *engine.Event) error {
	if err := s.program.Decide(s.frame, &l.Lead, e, s, &s.fx); err != nil {
		return fmt.Errorf("decide about lead %s: %w", l.ID, err)
	}
	s.keep(l)
	s.dead = append(s.dead, s.fx.Dead...)
	for _, o := range s.fx.Offers {
		if s.offers == nil {
			s.offers = map[engine.ActionKey]engine.LeadOffer{}
		}
		s.offers[o.Offer.ID] = o
	}
	for _, name := range s.fx.Unnamed {
		delete(s.names, name)
	}
	for _, name := range s.fx.Identifiers {
		s.names[name] = l.Whole()
	}
	posts := slices.Clone(s.fx.Posts)
	ready := append([]engine.ActionKey(nil), s.fx.Ready...)
	granted := append([]engine.ActionKey(nil), s.fx.Granted...)
	for _, key := range ready {
		ask := engine.Event{Kind: engine.Attempt, Lead: l.ID, Action: key, At: s.now, Received: s.now}
		if err := s.decide(l, &ask); err != nil {
			return err
		}
	}
	for _, key := range granted {
		if err := s.send(l, key); err != nil {
			return err
		}
	}
	s.arm(l)
	for i := range posts {
		if err := s.deliver(&posts[i]); err != nil {
			return err
		}
	}
	return nil
}

// deliver decides a fact that a decision about another lead has brought, at once.
// An event from outside that was sent to a lead merged into this one counts once,
// whichever of the two it was sent to.
func (s *Sim) deliver(e *engine.Event) error { return s.decide(s.lead(e.Lead), e) }

func (s *Sim) keep(l *lead) {
	if s.fx.Erased {
		l.rows = nil
	}
	for i := range s.fx.Facts {
		row := &s.fx.Facts[i]
		if s.opts.OnFact != nil {
			s.opts.OnFact(l.ID, row)
		}
		if s.opts.Forget {
			continue
		}
		kept := l.insert(row)
		kept.Derived, kept.Decisions = s.memory.derived.keep(row.Derived), s.memory.decisions.keep(row.Decisions)
	}
	s.keepCounts()
	if s.opts.OnCount != nil {
		for _, d := range s.fx.Counts {
			s.opts.OnCount(d)
		}
	}
}

// insert keeps the journal in the order of (At, Seq): a late fact lies where it
// belongs.
func (l *lead) insert(row *engine.Fact) *engine.Fact {
	at := len(l.rows)
	for at > 0 && l.rows[at-1].Event.At > row.Event.At {
		at--
	}
	if at == len(l.rows) { // as nearly always, and cheaper
		l.rows = append(l.rows, *row)
	} else {
		l.rows = slices.Insert(l.rows, at, *row)
	}
	return &l.rows[at]
}

// send hands a message to the channels and brings the answer back.
func (s *Sim) send(l *lead, key engine.ActionKey) error {
	pending := l.PendingAction(key)
	if pending == nil {
		return nil
	}
	r := s.program.Request(&l.Lead, pending)
	receipt := engine.Receipt{Outcome: engine.Done}
	if s.opts.Render {
		var err error
		if r, err = s.program.Render(s.frame, &l.Lead, key, nil); err != nil {
			receipt = engine.Receipt{Outcome: engine.Refused, Code: "render_failed", Detail: err.Error()}
		}
	}
	s.sent = append(s.sent, r)
	if s.opts.Reply != nil && receipt.Outcome == engine.Done {
		receipt = s.opts.Reply(r)
	}
	receipt.Key, receipt.Lead, receipt.Attempt = key, l.ID, r.Attempt
	answer := engine.Event{Kind: engine.Settled, Lead: l.ID, Action: key, Receipt: receipt, At: s.now, Received: s.now, Fields: receipt.Costs()}
	return s.decide(l, &answer)
}

// arm keeps the wheel's entry of a lead at its earliest timer.
func (s *Sim) arm(l *lead) {
	if due := l.NextDue(); due != l.due {
		l.due = due
		if due != 0 {
			heap.Push(&s.wheel, entry{due, l.ID})
		}
	}
}

// Facts makes a Sim the History of its own leads.
func (s *Sim) Facts(id engine.LeadID, yield func(*engine.Fact) error) error {
	l := s.leads[id]
	if l == nil {
		return nil
	}
	for i := range l.rows {
		if err := yield(&l.rows[i]); err != nil {
			return err
		}
	}
	return nil
}

// Lead is a lead as it stands, nil when it is not known. It must not be changed.
func (s *Sim) Lead(id engine.LeadID) *engine.Lead {
	if l := s.leads[id]; l != nil {
		return &l.Lead
	}
	return nil
}

// Find is the lead that an identifier names, nil when none does.
func (s *Sim) Find(name engine.Identifier) *engine.Lead {
	if id, ok := s.names[name]; ok {
		return s.Lead(id)
	}
	return nil
}

// Leads are all leads in the order in which they were first seen, without those
// that were merged into others.
func (s *Sim) Leads() []engine.LeadID {
	list := make([]engine.LeadID, 0, len(s.order))
	for _, id := range s.order {
		if l := s.leads[id]; l.Into.IsZero() && l.Entity == engine.NoEntity {
			list = append(list, id)
		}
	}
	return list
}

// All are the leads with those that were merged into others, and the entities.
func (s *Sim) All() []engine.LeadID { return s.order }

// Offers is the register of hand-overs, in the order in which leads became
// candidates.
func (s *Sim) Offers() []engine.LeadOffer {
	list := make([]engine.LeadOffer, 0, len(s.offers))
	for _, o := range s.offers {
		list = append(list, o)
	}
	slices.SortFunc(list, func(a, b engine.LeadOffer) int {
		return cmp.Or(cmp.Compare(a.Offer.Asked, b.Offer.Asked), strings.Compare(a.Offer.ID.String(), b.Offer.ID.String()))
	})
	return list
}

// Sent are the attempts made so far, in order.
func (s *Sim) Sent() []engine.Request { return s.sent }

// Dead are the actions given up so far, in order.
func (s *Sim) Dead() []engine.DeadAction { return s.dead }

// Read is one fact about a lead, now.
func (s *Sim) Read(l *engine.Lead, k engine.Key) engine.Value {
	return s.program.Read(s.frame, l, s.now, k)
}

// Test answers a condition about a lead, now, with the facts that it saw.
func (s *Sim) Test(l *engine.Lead, c engine.Cond) (engine.Reason, error) {
	figures, err := s.figuresOf(c)
	if err != nil {
		return engine.Reason{Source: c.Source()}, err
	}
	reason, err := s.program.Test(s.frame, l, s.now, c)
	reason.Facts = append(reason.Facts, figures...)
	return reason, err
}

type entry struct {
	due  engine.Time
	lead engine.LeadID
}

// wheel is a heap of due times, ties in order of lead id.
type wheel []entry

func (w wheel) Len() int { return len(w) }
func (w wheel) Less(i, j int) bool {
	if w[i].due != w[j].due {
		return w[i].due < w[j].due
	}
	return string(w[i].lead[:]) < string(w[j].lead[:])
}
func (w wheel) Swap(i, j int) { w[i], w[j] = w[j], w[i] }
func (w *wheel) Push(x any)   { *w = append(*w, x.(entry)) }
func (w *wheel) Pop() any {
	old := *w
	last := old[len(old)-1]
	*w = old[:len(old)-1]
	return last
}
