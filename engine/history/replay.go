package history

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/seed-456efde2/nurture/engine"
)

// Ruleset is one set of rules to run history against.
type Ruleset struct {
	Name string // "r41", a folder
	Spec *engine.Spec
}

// ReplayOptions say what is to be found out. Source, Rules and To are required.
type ReplayOptions struct {
	Source Source
	Rules  []Ruleset
	From   engine.Time // hand-overs and outcomes before it do not count; 0: all count
	To     engine.Time // the record's end
	// Outcome is the event by which toss-ups are judged. Default: each rule's own
	// success event; rules without one are only counted.
	Outcome string
	// Within is how long after the hand-over an outcome counts. Default: each rule's
	// own; without one, for ever.
	Within engine.Span
	// Workers is how many leads are run side by side. Default: one a core.
	Workers int
	// Begin is called by each worker as it starts: to lower its priority. Default:
	// nothing is done.
	Begin func()
	// Between is called by each worker between two leads: to let others go first.
	// Default: nothing is done.
	Between func()
	// Progress hears, from any worker, how many shards of how many are done.
	Progress func(done, of int)
	// Stopped is asked now and then whether nobody waits for the answer any more.
	// Default: somebody does.
	Stopped func() bool
	// MaxCrossing bounds the events of leads that share a desk or an account, which
	// are kept in memory and run together. Default: 4 million; leads beyond are run
	// apart, and that is told.
	MaxCrossing int

	heard func(engine.LeadID, *engine.Fact) // of every row that is decided, for tests
}

// Replay runs recorded people under each set of rules, lead by lead on all cores.
// Leads that share a desk of sales or an account are run together afterwards, in
// order of time, so that a place that one takes is one that another waits for.
func Replay(o ReplayOptions) (*Replayed, error) {
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.MaxCrossing <= 0 {
		o.MaxCrossing = 4 << 20
	}
	plans := make([]*rulesPlan, len(o.Rules))
	for i := range o.Rules {
		var err error
		if plans[i], err = newRulesPlan(&o.Rules[i], &o); err != nil {
			return nil, err
		}
	}
	totals := make([]*total, len(plans))
	for i := range totals {
		totals[i] = newTotal(plans[i])
	}
	crossing := make([]crossings, len(plans))
	err := o.alone(plans, totals, crossing)
	if err != nil {
		return nil, err
	}
	for i := range plans {
		if err := crossing[i].run(plans[i], totals[i], &o); err != nil {
			return nil, err
		}
	}
	return finish(&o, totals), nil
}

// alone runs every lead by itself, on all workers.
func (o *ReplayOptions) alone(plans []*rulesPlan, totals []*total, crossing []crossings) error {
	var mu sync.Mutex
	shards := o.Source.Shards()
	return parallel(work{o.Workers, o.Begin, o.Stopped}, shards, func(next func() (int, bool)) error {
		players := make([]*player, len(plans))
		own := make([]*total, len(plans))
		for i := range plans {
			players[i], own[i] = newPlayer(plans[i], o), newTotal(plans[i])
		}
		for n, ok := next(); ok; n, ok = next() {
			err := paced{o.Source, o.Between}.Shard(n, func(p *Person) error {
				for i, pl := range players {
					own[i].events += len(p.Events)
					if err := pl.play(p); err != nil {
						return fmt.Errorf("replay under %s: %w", plans[i].name, err)
					}
					if desks := pl.sim.Crosses(); len(desks) > 0 {
						mu.Lock()
						taken := crossing[i].add(p, desks, o.MaxCrossing)
						mu.Unlock()
						if taken {
							continue
						}
						own[i].apart++
					}
					pl.collect(own[i])
				}
				return nil
			})
			if err != nil {
				return err
			}
			if o.Progress != nil {
				o.Progress(n+1, shards)
			}
		}
		mu.Lock()
		defer mu.Unlock()
		for i := range totals {
			totals[i].add(own[i])
		}
		return nil
	})
}

// ErrStopped is the error of what was stopped before its end.
var ErrStopped = errors.New("stopped before the end")

// work says how work is shared out.
type work struct {
	workers int
	begin   func()
	stopped func() bool
}

// parallel gives numbers below n to workers, each of which asks for the next until
// there is none, another has failed, or all of it was stopped.
func parallel(how work, n int, do func(next func() (int, bool)) error) error {
	var at atomic.Int64
	var failed, stopped atomic.Bool
	next := func() (int, bool) {
		if how.stopped != nil && how.stopped() {
			stopped.Store(true)
		}
		i := int(at.Add(1)) - 1
		return i, i < n && !failed.Load() && !stopped.Load()
	}
	errs := make([]error, min(how.workers, max(n, 1)))
	var group sync.WaitGroup
	for w := range errs {
		group.Go(func() {
			if how.begin != nil {
				how.begin()
			}
			if errs[w] = do(next); errs[w] != nil {
				failed.Store(true)
			}
		})
	}
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if stopped.Load() {
		return ErrStopped
	}
	return nil
}

// crossings are the people of one set of rules that have to be run together, with
// the desks and accounts that they asked.
type crossings struct {
	people []*Person
	asked  [][]engine.LeadID
	events int
}

// add keeps a person. It reports false where there is no room.
func (c *crossings) add(p *Person, asked []engine.LeadID, most int) bool {
	if c.events+len(p.Events) > most {
		return false
	}
	c.events += len(p.Events)
	c.people = append(c.people, p.clone())
	c.asked = append(c.asked, asked)
	return true
}

// run runs the people who share something together, each such circle on a worker of
// its own. Where a run shows that a circle reaches into another, both are run again
// as one.
func (c *crossings) run(plan *rulesPlan, sum *total, o *ReplayOptions) error {
	circles := c.circles()
	for len(circles) > 0 {
		var mu sync.Mutex
		var joined bool
		owner := map[engine.LeadID]int{}
		for i := range circles {
			for _, id := range circles[i].asked {
				owner[id] = i
			}
		}
		done := make([]*total, len(circles))
		more := make([][]engine.LeadID, len(circles))
		err := parallel(work{o.Workers, o.Begin, o.Stopped}, len(circles), func(next func() (int, bool)) error {
			pl := newPlayer(plan, o)
			for n, ok := next(); ok; n, ok = next() {
				if o.Between != nil {
					o.Between()
				}
				if err := pl.play(circles[n].person); err != nil {
					return fmt.Errorf("replay under %s: %w", plan.name, err)
				}
				done[n] = newTotal(plan)
				pl.collect(done[n])
				for _, id := range pl.sim.Crosses() {
					if other, known := owner[id]; known && other != n {
						mu.Lock()
						joined, more[n] = true, append(more[n], id)
						mu.Unlock()
					}
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		if !joined {
			for _, d := range done {
				d.events = 0 // counted when they were run alone
				sum.add(d)
			}
			return nil
		}
		circles = rejoin(circles, more)
	}
	return nil
}
