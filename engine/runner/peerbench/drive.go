package main

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// batchSize is how many events a batch has, and how many a group at most.
const batchSize = 1000

// clients is how many callers hand in one event a call.
const clients = 64

// Range is a stretch of the workload: the events from From up to To.
type Range struct {
	Workload Workload
	From, To int
}

// Timings is how long callers waited.
type Timings struct {
	Calls   Latencies // handed in → durable, decided, effects at the sink
	Actions Latencies // event handed in → its action at the sink
}

// Batches hands the events in by the thousand. While the program works on one
// batch, the next is being made, because making it is not the program's job.
func Batches(p *Program, r Range) (Timings, error) {
	type batch struct {
		events []Event
		arena  []byte
	}
	full, empty := make(chan *batch, 1), make(chan *batch, 2)
	empty <- new(batch)
	empty <- new(batch)
	go func() {
		defer close(full)
		for from := r.From; from < r.To; from += batchSize {
			b := <-empty
			b.events, b.arena = b.events[:0], b.arena[:0]
			for i := from; i < min(from+batchSize, r.To); i++ {
				b.events = append(b.events, r.Workload.Event(i, &b.arena))
			}
			full <- b
		}
	}()
	var t Timings
	var failed error
	for b := range full {
		if failed == nil {
			begin := time.Now()
			failed = p.Apply(b.events, nil)
			t.Calls.Add(time.Since(begin))
		}
		empty <- b
	}
	return t, failed
}

// call is one event on its way to the group's transaction.
type call struct {
	event Event
	due   time.Time  // when it was, or should have been, handed in
	done  chan error // nil: nobody waits
}

// group commits whatever has queued up while the last transaction ran, and
// answers those who wait. It is the only user of its Program.
type group struct {
	program *Program
	calls   chan *call
	timings *Timings
	failed  error // of the first transaction that failed; read it after run

	batch  []*call
	events []Event
}

// run works until calls is closed.
func (g *group) run() {
	for c := range g.calls {
		g.batch, g.events = append(g.batch[:0], c), append(g.events[:0], c.event)
		g.gather()
		err := g.program.Apply(g.events, g.observe)
		if err != nil && g.failed == nil {
			g.failed = err
		}
		now := time.Now()
		for _, c := range g.batch {
			g.timings.Calls.Add(now.Sub(c.due))
			if c.done != nil {
				c.done <- err
			}
		}
	}
}

// gather takes what has queued, without waiting for more.
func (g *group) gather() {
	for len(g.batch) < batchSize {
		select {
		case c, open := <-g.calls:
			if !open {
				return
			}
			g.batch, g.events = append(g.batch, c), append(g.events, c.event)
		default:
			return
		}
	}
}

// observe times the hand-over of an action that an event caused.
func (g *group) observe(e Effect) {
	if e.Event >= 0 {
		g.timings.Actions.Add(time.Since(g.batch[e.Event].due))
	}
}

// Singles has 64 clients hand in one event a call; each waits until its event is
// durable before it sends the next.
func Singles(p *Program, r Range) (Timings, error) {
	var t Timings
	g := &group{program: p, calls: make(chan *call, clients), timings: &t}
	var next atomic.Int64
	next.Store(int64(r.From))
	var wait sync.WaitGroup
	for range clients {
		wait.Go(func() {
			c := &call{done: make(chan error, 1)}
			var arena []byte
			for {
				i := int(next.Add(1) - 1)
				if i >= r.To {
					return
				}
				arena = arena[:0]
				c.event = r.Workload.Event(i, &arena)
				c.due = time.Now()
				g.calls <- c
				if <-c.done != nil {
					return
				}
			}
		})
	}
	go func() {
		wait.Wait()
		close(g.calls)
	}()
	g.run()
	return t, g.failed
}

// OpenLoop hands in rate events a second by the clock, however long the program
// takes, and counts each one's time from when it was due.
func OpenLoop(p *Program, r Range, rate float64) (Timings, error) {
	if rate <= 0 {
		return Timings{}, fmt.Errorf("an open loop needs a rate above 0, not %g", rate)
	}
	var t Timings
	g := &group{program: p, calls: make(chan *call, 10*batchSize), timings: &t}
	go func() {
		defer close(g.calls)
		begin := time.Now()
		timer := time.NewTimer(0)
		<-timer.C
		for i := r.From; i < r.To; i++ {
			due := begin.Add(time.Duration(float64(i-r.From) / rate * float64(time.Second)))
			if ahead := time.Until(due); ahead > 0 {
				timer.Reset(ahead)
				<-timer.C
			}
			c := &call{due: due}
			c.event = r.Workload.Event(i, new([]byte))
			g.calls <- c
		}
	}()
	g.run()
	return t, g.failed
}
