package runner

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seed-456efde2/nurture/engine"
)

// sweep lets every lead hear of new rules. A lead whose next event is weeks away
// would otherwise learn of a schedule, of a segment that means something else, or
// of the end of a pause, weeks too late.
//
// After each change of the program or its rulings it walks over all leads and has
// those told, by a Tick through the door, who were decided last under older rules.
// Nothing waits for it: a worker takes its ticks only from what is left of a chunk
// (see inbox.take), at most sweepWindow of them are under way, and there are no
// more than Options.Sweep in a second.
//
//  1. The walk begins when no worker decides by older rules any more, so whoever
//     was passed over has heard, or is told by the next walk.
//  2. A lead's own row knows under which rules it was decided last: a walk that is
//     begun again, after a crash or another change, tells nobody twice.
//  3. The place up to which all have heard stands in the store, and is at most
//     sweepNote leads behind.
type sweep struct {
	r      *Runner
	bell   chan struct{}
	place  place // of the walk's goroutine
	tokens bucket
	stale  []engine.LeadID // of the present stretch

	finished atomic.Pointer[engine.Program] // every lead has heard of it
	heard    atomic.Uint32                  // number of the rulings that every lead has heard of

	mu     sync.Mutex
	status SweepStatus
}

const (
	sweepWindow  = 256  // ticks under way
	sweepStretch = 4096 // leads looked at in one reading of the store
	sweepNote    = 4 * sweepStretch
	sweepName    = "sweep"
)

// place is how far a walk has come, as it is noted in the store.
type place struct {
	Revision uint32 `json:"revision"`
	Ruling   uint32 `json:"ruling"`
	Canary   string `json:"canary,omitempty"` // with its share of the leads; "" for none
	Part     int    `json:"part"`
	After    string `json:"after"`
	Done     bool   `json:"done"`
}

// SweepStatus is how far the news of the last change of rules has come.
type SweepStatus struct {
	Revision uint32      // of the program that the leads are told of
	Ruling   uint32      // number of the rulings
	Began    engine.Time // of this walk, in this process
	Done     bool        // every lead has heard
	Share    float64     // of all leads, from 0 to 1, that have heard or were looked at
	Looked   uint64      // leads looked at in this walk
	Told     uint64      // leads told in this walk
}

func newSweep(r *Runner, rate int) *sweep {
	return &sweep{r: r, bell: make(chan struct{}, 1), tokens: newBucket(float64(rate), rate, r.clock.Now())}
}

// settled reports whether every lead has heard of the rules in force.
func (s *sweep) settled() bool { return s.finished.Load() == s.r.program.Load() }

// recall reads how far an earlier life has come with its rules.
func (s *sweep) recall() error {
	text, err := s.r.store.Note(sweepName)
	if err != nil || text == nil {
		return err
	}
	if err := json.Unmarshal(text, &s.place); err != nil {
		return fmt.Errorf("read how far the leads had heard of their rules: %w", err)
	}
	if s.place.Done {
		s.heard.Store(s.place.Ruling)
	}
	return nil
}

// run walks after every change of rules, until stop is closed.
func (s *sweep) run(stop <-chan struct{}) {
	for {
		for !s.settled() {
			if ended, err := s.walk(s.r.program.Load(), stop); err != nil {
				s.r.fail(err)
				return
			} else if ended {
				return
			}
		}
		s.r.load.tell()
		select {
		case <-s.bell:
		case <-stop:
			return
		case <-s.r.dead:
			return
		}
	}
}

// walk tells every lead of a program, or as many as there is time for until the
// next change. ended reports that the runner stops or is dead.
func (s *sweep) walk(p *engine.Program, stop <-chan struct{}) (ended bool, err error) {
	revision, ruling := p.Revision(), p.Rulings().Ordinal()
	canary := ""
	if c, _ := p.Canary(); c != nil {
		canary = p.InForce()
	}
	if s.place.Revision != revision || s.place.Ruling != ruling || s.place.Canary != canary {
		s.place = place{Revision: revision, Ruling: ruling, Canary: canary}
	}
	s.report(func(st *SweepStatus) {
		*st = SweepStatus{Revision: revision, Ruling: ruling, Began: engine.TimeOf(s.r.clock.Now())}
	})
	if !s.place.Done {
		if !s.await(s.r.barrier(), stop) {
			return true, nil
		}
		if ended, err = s.stretches(p, stop); ended || err != nil || s.r.program.Load() != p {
			return ended, err
		}
		s.place.Done = true
		if err := s.note(); err != nil {
			return true, err
		}
	}
	s.report(func(st *SweepStatus) { st.Done, st.Share = true, 1 })
	s.heard.Store(ruling)
	s.finished.Store(p)
	return false, nil
}

// stretches goes on from the place to the end, a stretch of a partition at a
// time, or until the program is not that of the walk any more.
func (s *sweep) stretches(p *engine.Program, stop <-chan struct{}) (ended bool, err error) {
	after, ok := engine.ParseLeadID(s.place.After)
	if !ok && s.place.After != "" {
		return true, fmt.Errorf("read how far the leads had heard of their rules: %w", engine.ErrFormat)
	}
	noted := 0
	for s.place.Part < s.r.partitions && s.r.program.Load() == p {
		last, looked, err := s.look(p, after)
		if err != nil {
			return true, err
		}
		if !s.tell(stop) {
			return true, s.note()
		}
		if after = last; looked < sweepStretch {
			s.place.Part, after = s.place.Part+1, engine.LeadID{}
		}
		s.place.After = hex.EncodeToString(after[:])
		s.report(func(st *SweepStatus) {
			st.Looked += uint64(looked)
			st.Share = (float64(s.place.Part) + float64(after[0])/256) / float64(s.r.partitions)
		})
		if noted += looked; noted >= sweepNote {
			noted = 0
			if err := s.note(); err != nil {
				return true, err
			}
		}
	}
	return false, nil
}

// look finds the leads of the next stretch that were decided last under other
// rules.
func (s *sweep) look(p *engine.Program, after engine.LeadID) (last engine.LeadID, looked int, err error) {
	s.stale = s.stale[:0]
	err = s.r.store.Leads(s.place.Part, after, sweepStretch, func(id engine.LeadID, row []byte) error {
		last = id
		looked++
		heard, err := p.HeardRow(id, row)
		if err == nil && !heard {
			s.stale = append(s.stale, id)
		}
		return err
	})
	if err != nil {
		err = fmt.Errorf("look for leads that have not heard of the rules: %w", err)
	}
	return last, looked, err
}

// tell lets the leads of the stretch hear, some at a time, and waits until that is
// durable. It reports false when the runner stops or is dead.
func (s *sweep) tell(stop <-chan struct{}) bool {
	for len(s.stale) > 0 {
		n := s.afford(min(len(s.stale), sweepWindow), stop)
		if n == 0 {
			return false
		}
		now := s.r.clock.Now()
		at := engine.TimeOf(now)
		facts := make([]fact, n)
		for i, id := range s.stale[:n] {
			facts[i] = fact{event: engine.Event{Kind: engine.Tick, Lead: id, At: at, Received: at}, since: now, order: orderTell}
		}
		if !s.await(s.r.asked(facts...), stop) {
			return false
		}
		s.stale = s.stale[n:]
		s.report(func(st *SweepStatus) { st.Told += uint64(n) })
	}
	return true
}

// afford waits for a token, and takes as many as there are then, at most limit. It
// gives none when the runner stops or is dead.
func (s *sweep) afford(limit int, stop <-chan struct{}) (n int) {
	for {
		now := s.r.clock.Now()
		wait, ok := s.tokens.take(now)
		for ; ok; wait, ok = s.tokens.take(now) {
			if n++; n == limit {
				return n
			}
		}
		if n > 0 {
			return n
		}
		fired, cancel := s.r.clock.At(now.Add(max(wait, time.Millisecond)))
		select {
		case <-fired:
		case <-stop:
			cancel()
			return 0
		case <-s.r.dead:
			cancel()
			return 0
		}
	}
}

// await waits until what was asked is durable.
func (s *sweep) await(sub *submission, stop <-chan struct{}) bool {
	select {
	case <-sub.done:
		return true
	case <-stop:
	case <-s.r.dead:
	}
	return false
}

func (s *sweep) note() error {
	text, err := json.Marshal(s.place)
	if err != nil {
		return fmt.Errorf("note how far the leads have heard of their rules: %w", err)
	}
	return s.r.store.SaveNote(sweepName, text)
}

func (s *sweep) report(change func(*SweepStatus)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.status)
}

func (s *sweep) read() SweepStatus {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.status
}

// barrier asks every worker for nothing: once that is durable, no decision by a
// program that was in force before is under way any more.
func (r *Runner) barrier() *submission {
	s := &submission{done: make(chan struct{})}
	s.left.Store(int64(len(r.workers)))
	for _, w := range r.workers {
		r.load.work.Add(1)
		w.inbox.putFact(fact{order: orderPass, sub: s})
	}
	return s
}

// asked queues facts of our own, without waiting.
func (r *Runner) asked(facts ...fact) *submission {
	s := &submission{done: make(chan struct{})}
	s.left.Store(int64(len(facts)))
	for _, f := range facts {
		f.sub = s
		r.post(f)
	}
	return s
}

// hear tells a lead of the rules in force, unless it has heard already.
func (w *worker) hear(p *engine.Program, s *slot, f *fact) error {
	l := &s.lead
	if !l.Into.IsZero() || l.FirstSeen == 0 || p.Heard(l) {
		return nil
	}
	return w.decide(p, s, &f.event, f.since)
}
