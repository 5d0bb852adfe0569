// Package runner is the shell in time: the only place of the engine that waits.
//
// An event is handed in with Submit. The worker that owns its lead decides about
// it (engine.Program.Decide) and puts everything that follows into a
// store.Write; the one committer makes the Writes of all workers durable in one
// transaction; then the caller is answered, and the dispatcher asks leave for the
// actions that have come into the outbox and hands them to the Sender. What comes
// back is a fact and goes the same way: a channel's receipt, a timer of the wheel
// that is due, an operator's word.
//
//	Submit ─→ inbox ─→ worker: Decide ─→ batch ─→ committer: Commit ─→ durable
//	           ↑  ↑                                    │     │
//	           │  └─ Tick ── wheel ←── timers ─────────┘     │
//	           └─ Attempt, Settled ── dispatcher ←── outbox ─┘
//	                                    └─→ Sender.Send
//
// Nothing is known here that the store does not know: after a crash the runner
// takes up where the last transaction left off. The runner does not own the
// store; whoever opened it closes it after Stop.
package runner

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/store"
)

// Options of a Runner. Store, Program and Sender are needed, the zero value of
// the others works.
type Options struct {
	Store   *store.Store
	Program *engine.Program
	Sender  Sender

	// Canary is the program of the change that was being tried when the store's last
	// life ended: see Runner.Canary. The number and the share of the leads are in the
	// store. Default: nothing is tried any more.
	Canary *engine.Program
	// Sources are the files that Program was made from, to be archived with it.
	Sources map[string][]byte
	// Author is noted with every revision. Default: nobody.
	Author string
	// Clock is where the time is read. Default: SystemClock.
	Clock Clock
	// Log takes what an operator should know. Default: nothing is logged.
	Log *slog.Logger
	// Links gives messages their links back to us. Default: they have none.
	Links engine.Links
	// Limits tells what a channel may be given, asked again after each Swap.
	// Default: the zero Limits for all.
	Limits func(channel string) Limits
	// Still lets nothing go out and nobody wake by themselves: events are decided and
	// kept, and what follows from them waits for the next life. For work on a folder
	// that no server has. Default: off.
	Still bool
	// Workers is how many goroutines decide. Default: GOMAXPROCS; never more than
	// there are partitions.
	Workers int
	// Queue is how many events from outside may be under way, from Submit until
	// they are durable. Default: 20,000.
	Queue int
	// QueueBytes bounds the memory that these events take. Default: 64 MiB.
	QueueBytes int64
	// Batch is how many events one worker puts into one transaction. Default:
	// 1,000.
	Batch int
	// Ticks is how many due timers may be under way. Default: 2,000.
	Ticks int
	// Sweep is how many leads a second are told of new rules. Default: 5,000.
	Sweep int
	// ShadowRate is how many decisions a second a shadow compares. Default: 500.
	ShadowRate int
	// JudgeEvery is how often experiments are judged. Default: every minute.
	JudgeEvery time.Duration
	// Past gives the rules of an earlier revision, nil where they are not at hand: facts
	// that are corrected are recounted by the figures of their time. Any goroutine may
	// call it. Default: today's rules stand in.
	Past func(revision uint32) *engine.Program
	// Between is called by long work that is done aside (reasons that are over) between
	// two rows, so that it can rest while callers wait. Default: it does not rest.
	Between func()
	// Report makes the reports of reviews. Default: none are made.
	Report Reporter
	// ReceiptTimeout is after how long a channel that never answered is taken to
	// have done who knows what. Default: 15 minutes.
	ReceiptTimeout time.Duration
}

func (o *Options) validate() error {
	if o.Store == nil || o.Program == nil || o.Sender == nil {
		return errors.New("make a runner: it needs a store, a program and a sender")
	}
	if o.Clock == nil {
		o.Clock = SystemClock()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Between == nil {
		o.Between = func() {}
	}
	if o.Limits == nil {
		o.Limits = func(string) Limits { return Limits{} }
	}
	for _, d := range []struct {
		value *int
		is    int
	}{{&o.Workers, runtime.GOMAXPROCS(0)}, {&o.Queue, 20_000}, {&o.Batch, 1000}, {&o.Ticks, 2000}, {&o.Sweep, 5000}, {&o.ShadowRate, 500}} {
		if *d.value <= 0 {
			*d.value = d.is
		}
	}
	if o.QueueBytes <= 0 {
		o.QueueBytes = 64 << 20
	}
	if o.JudgeEvery <= 0 {
		o.JudgeEvery = time.Minute
	}
	if o.ReceiptTimeout <= 0 {
		o.ReceiptTimeout = 15 * time.Minute
	}
	o.Workers = min(o.Workers, o.Store.Partitions())
	return nil
}

// Runner carries events through the engine. See the package comment.
type Runner struct {
	options    Options
	store      *store.Store
	clock      Clock
	log        *slog.Logger
	partitions int

	program  atomic.Pointer[engine.Program]
	swapping sync.Mutex
	lookout  atomic.Pointer[lookout] // nil: nobody has to be noted
	settling sync.Mutex
	swapped  atomic.Int64 // milliseconds since 1970

	workers    []*worker
	committer  *committer
	wheel      *wheel
	dispatcher *dispatcher
	sweep      *sweep
	feed       feed
	shadow     *shadow
	load       load
	depth      depths
	counters   counters

	gate     sync.RWMutex // held for reading while events are queued
	stopping bool
	diskFull atomic.Bool
	space    atomic.Pointer[store.SpaceReport]
	admitted atomic.Int64 // events from outside under way
	bytes    atomic.Int64 // of them
	refusing atomic.Int64 // refused events under way to be kept

	dead    chan struct{} // closed when the runner cannot go on
	dying   sync.Once
	failure error // why; read after dead is closed
	errs    chan error

	used         atomic.Bool // it was started, or stopped before that
	ending       sync.Once
	stopFeeders  chan struct{} // wheel, guard
	stopDispatch chan struct{}
	feeders      sync.WaitGroup
	dispatching  sync.WaitGroup
	deciding     sync.WaitGroup
	committing   sync.WaitGroup
}

// New makes a runner. Nothing runs until Start.
func New(o Options) (*Runner, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	r := &Runner{
		options: o, store: o.Store, clock: o.Clock, log: o.Log, partitions: o.Store.Partitions(),
		dead: make(chan struct{}), errs: make(chan error, 1),
		stopFeeders: make(chan struct{}), stopDispatch: make(chan struct{}),
	}
	r.committer = newCommitter(r)
	r.wheel = newWheel(r, r.partitions, o.Ticks)
	r.dispatcher = newDispatcher(r, o.Sender)
	r.sweep = newSweep(r, o.Sweep)
	r.shadow = newShadow(r, o.ShadowRate)
	for range o.Workers {
		r.workers = append(r.workers, newWorker(r))
	}
	return r, nil
}

// Start takes up where the last life of the store left off, and begins. ctx
// bounds the start only.
func (r *Runner) Start(ctx context.Context) error {
	if r.used.Swap(true) {
		return errors.New("start the runner: it was started before")
	}
	program, err := r.takeUp()
	if err != nil {
		return err
	}
	ruling, err := r.store.LastRuling()
	if err != nil {
		return fmt.Errorf("find the last rulings: %w", err)
	}
	if ruling != nil {
		program = program.Under(&ruling.Rulings)
	}
	if err := r.sweep.recall(); err != nil {
		return err
	}
	r.install(program)
	if err := r.dispatcher.survey(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if !r.measureSpace() {
		return r.failure
	}
	if err := r.repost(); err != nil {
		return err
	}
	r.committing.Go(r.committer.run)
	for _, w := range r.workers {
		r.deciding.Go(w.run)
	}
	r.dispatcher.draining.Store(r.options.Still)
	r.dispatching.Go(func() { r.dispatcher.run(r.stopDispatch) })
	if r.options.Still {
		return nil
	}
	r.feeders.Go(func() { r.wheel.run(r.stopFeeders) })
	r.feeders.Go(func() { r.guard(r.stopFeeders) })
	r.feeders.Go(func() { r.sweep.run(r.stopFeeders) })
	r.feeders.Go(func() { r.judge(r.stopFeeders) })
	r.feeders.Go(func() { r.shadow.run(r.stopFeeders) })
	return nil
}

// repost queues the facts for other leads that an earlier life left undecided.
func (r *Runner) repost() error {
	now := r.clock.Now()
	return r.store.Posts(func(number uint64, e engine.Event) error {
		r.post(fact{event: e, since: now, post: number})
		return nil
	})
}

// post queues a fact of our own shell. It never waits and is never refused.
func (r *Runner) post(f fact) {
	r.load.work.Add(1)
	r.workers[r.workerOf(f.event.Lead)].inbox.putFact(f)
}

// limitsOf asks for a channel's limits.
func (r *Runner) limitsOf(channel string) Limits { return r.options.Limits(channel).withDefaults() }

// Program is what decides at present.
func (r *Runner) Program() *engine.Program { return r.program.Load() }

// Lead reads a lead as it is durable. It reports whether there is one. What a
// Submit that has returned did to the lead is in it.
func (r *Runner) Lead(id engine.LeadID, l *engine.Lead) (found bool, err error) {
	return r.store.Lead(id, l)
}

// Err receives the reason when the runner cannot go on: a commit failed, or the
// disk is full. The process should stop then; the next start takes up after the
// last transaction.
func (r *Runner) Err() <-chan error { return r.errs }

// fail ends the runner. It returns false, for the convenience of loops that go on
// while they are alive.
func (r *Runner) fail(err error) bool {
	r.dying.Do(func() {
		r.failure = err
		close(r.dead)
		r.errs <- err
		r.log.Error("the runner stops", "error", err)
	})
	return false
}
