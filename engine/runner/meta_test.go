package runner

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/enginetest"
	"github.com/seed-456efde2/nurture/engine/sim"
)

var seeds = flag.Uint64("seeds", envSeeds(6), "how many random histories the tests with random histories run each; $NURTURE_SEEDS")

// envSeeds is the number of seeds that the environment asks for.
func envSeeds(otherwise uint64) uint64 {
	if n, err := strconv.ParseUint(os.Getenv("NURTURE_SEEDS"), 10, 64); err == nil {
		return n
	}
	return otherwise
}

// crashClock ends the runner at some reading of the clock: anywhere between two
// steps of any goroutine.
type crashClock struct {
	*enginetest.Clock
	left  atomic.Int64 // readings until then; negative: never
	crash atomic.Pointer[Runner]
}

func (c *crashClock) Now() time.Time {
	if c.left.Add(-1) == 0 {
		if r := c.crash.Load(); r != nil {
			r.fail(errCrash)
		}
	}
	return c.Clock.Now()
}

// history is one random run: the runner under test beside the simulator.
type history struct {
	*rig
	seed      uint64
	rng       *rand.Rand
	world     *receiver
	sim       *sim.Sim
	clock     *crashClock
	change    func(*Options)
	programs  [2]*engine.Program
	variant   int
	events    int
	sent      []engine.Event
	crashes   int
	corrected int
	crowded   bool       // leads have several events at once, and the simulator is left out
	mu        sync.Mutex // guards revised while the runner runs
	revised   map[uint32]*engine.Program
	script    []string // what was done, for whoever has to repeat it by hand
}

// did notes a deed for the script.
func (h *history) did(format string, args ...any) {
	h.script = append(h.script, h.clock.Clock.Now().Format("2006-01-02T15:04:05.000 ")+fmt.Sprintf(format, args...))
}

// tell prints how a failure is repeated: the test's own name and seed, and every
// deed in order.
func (h *history) tell() {
	if h.t.Failed() {
		h.t.Logf("seed %d; repeat with: go test ./engine/runner -run '^%s$' -seeds %d\n%s",
			h.seed, h.t.Name(), *seeds, strings.Join(h.script, "\n"))
	}
}

// The same events, arriving in the same order for each lead, come to the same
// leads and the same journals as in the simulator: whatever the workers,
// partitions and batches are, wherever the process dies and is started again,
// whenever the rules change, though channels refuse, lose and repeat answers.
func TestLikeTheSimulator(t *testing.T) {
	t.Parallel()
	for seed := range *seeds {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			h := newHistory(t, seed, features(seed))
			for range 40 {
				h.round()
			}
			h.compare()
		})
	}
}

// Many short histories find what is wrong with a combination of features; the long
// ones above find what needs time.
func TestLikeTheSimulatorBriefly(t *testing.T) {
	t.Parallel()
	for seed := range max(25**seeds, 1) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			h := newHistory(t, 100_000+seed, features(100_000+seed))
			for range 5 {
				h.round()
			}
			h.compare()
		})
	}
}

// With many actions of a lead under way at once, the journal of every lead, read
// back from the start, comes to the lead as it stands; every event is in it once;
// every attempt that got leave reached the world; and nobody stands still.
func TestJournalTellsAll(t *testing.T) {
	t.Parallel()
	for seed := range *seeds {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			h := newHistory(t, 1000+seed, metaSpec)
			h.crowded = true
			for range 40 {
				h.round()
			}
			h.replay()
		})
	}
}

func newHistory(t *testing.T, seed uint64, spec func(variant int) *engine.Spec) *history {
	rng := rand.New(rand.NewPCG(seed, 7))
	h := &history{
		seed: seed, rng: rng, world: &receiver{answer: worldOf(seed), twice: rng.IntN(2) == 0},
		programs: [2]*engine.Program{program(t, spec(0), "zero"), program(t, spec(1), "one")},
		revised:  map[uint32]*engine.Program{},
		clock:    &crashClock{Clock: enginetest.NewClock(start)},
	}
	workers, batch, ticks := 1+rng.IntN(4), []int{1, 3, 1000}[rng.IntN(3)], []int{1, 7, 1000}[rng.IntN(3)]
	limits := Limits{Outstanding: 1 + rng.IntN(20), Batch: 1 + rng.IntN(5), Parallel: 1 + rng.IntN(3)}
	h.change = func(o *Options) {
		o.Workers, o.Batch, o.Ticks = workers, batch, ticks
		o.Limits = func(string) Limits { return limits }
		o.Past = h.past
	}
	h.rig = &rig{t: t, dir: t.TempDir(), parts: []int{1, 4, 64}[rng.IntN(3)], clock: h.clock, sender: h.world}
	h.sim = sim.New(h.programs[0], sim.Options{Start: engine.TimeOf(start), Reply: h.world.answer, Render: true})
	h.open()
	t.Cleanup(func() {
		h.rig.close()
		h.tell()
	})
	return h
}

// open starts the runner again, as a new process would.
func (h *history) open() {
	h.rig.open(h.programs[h.variant], h.change)
	h.clock.crash.Store(h.runner)
	h.revise()
}

// revise notes the program in force.
func (h *history) revise() {
	p := h.runner.Program()
	h.mu.Lock()
	h.revised[p.Revision()] = p
	h.mu.Unlock()
	if err := h.sim.Swap(p); err != nil {
		h.t.Fatal(err)
	}
}

// survive does what f says until it is done without the process dying of it.
func (h *history) survive(f func() error) {
	h.t.Helper()
	for {
		err := f()
		if err == nil {
			return
		}
		select {
		case <-h.runner.dead:
		default:
			h.t.Fatalf("seed %d: %v; %+v", h.seed, err, h.runner.Status())
		}
		h.crashes++
		h.did("the process dies and is started again")
		h.clock.left.Store(-1)
		h.rig.crash()
		h.open()
	}
}

// past gives the rules of an earlier revision.
func (h *history) past(revision uint32) *engine.Program {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.revised[revision]
}

func (h *history) settle() {
	h.survive(func() error {
		return h.runner.Quiet(h.patience())
	})
}

// round lets something happen to some leads, and lets time pass.
func (h *history) round() {
	if h.rng.IntN(3) == 0 {
		h.clock.left.Store(int64(1 + h.rng.IntN(200)))
	}
	if h.rng.IntN(8) == 0 {
		h.swap()
	}
	if h.rng.IntN(6) == 0 && !h.crowded {
		h.rule()
	}
	h.submit(h.batch())
	if h.rng.IntN(4) == 0 && !h.crowded {
		h.submit([]engine.Event{h.signIn()})
	}
	if h.rng.IntN(3) == 0 {
		h.correctSome()
	}
	h.pass([]time.Duration{0, 0, time.Minute, 2 * time.Hour, 11 * time.Hour, 50 * time.Hour}[h.rng.IntN(6)])
}

// submit sends the same events to both, and waits until all is done that follows.
func (h *history) submit(events []engine.Event) {
	for _, e := range events {
		h.did("%s %q id=%s user=%q visitor=%q at=%s %v", e.Kind, e.Name, e.ID, e.User, e.Visitor, e.At, e.Fields)
	}
	h.survive(func() error {
		_, err := h.runner.Submit(h.t.Context(), slices.Clone(events))
		return err
	})
	for _, e := range events {
		if _, err := h.sim.Submit(e); err != nil && !h.crowded {
			h.t.Fatal(err)
		}
	}
	h.settle()
}

// signIn is an event that tells who a visitor is: most are merged, some belong to
// somebody else already. It comes alone: what it sets going concerns two leads.
func (h *history) signIn() engine.Event {
	h.events++
	e := h.event(strconv.Itoa(h.events), userOf(h.rng.IntN(12)), "")
	e.Kind, e.Visitor = engine.Identify, visitorOf(h.rng.IntN(12))
	if h.rng.IntN(3) == 0 {
		e.Fields = []engine.Field{{Name: "city", Value: engine.TextValue([]string{"Osaka", "Nara"}[h.rng.IntN(2)])}}
	}
	return e
}

func visitorOf(i int) string { return "visitor-" + strconv.Itoa(i) }

// rule pauses something, or lets everything go on.
func (h *history) rule() {
	pause := []engine.Pause{
		{Scope: engine.PauseWorkflow, Name: "nurture"},
		{Scope: engine.PauseWorkflow, Name: "nurture", Drain: true},
		{Scope: engine.PauseStep, Name: "nurture/second"},
		{Scope: engine.PauseAll},
	}[h.rng.IntN(4)]
	pause.From = h.now()
	want := h.sim.Program().Rulings().Ordinal() + 1
	change := func(old *engine.Rulings) (*engine.Rulings, error) {
		if old.Number >= want {
			return nil, nil // it was done before a crash
		}
		next := old
		for _, p := range old.Pauses {
			if p.To == 0 {
				next = next.WithoutPause(p.Scope, p.Name, h.now())
			}
		}
		if next == old {
			next = old.WithPause(pause)
		}
		return next, nil
	}
	h.did("rule: %s %q drain=%v, or resume all", pause.Scope, pause.Name, pause.Drain)
	h.survive(func() error {
		_, err := h.runner.SetRulings(h.t.Context(), change)
		return err
	})
	if err := h.sim.Rule(change); err != nil {
		h.t.Fatal(err)
	}
	h.settle()
}

func (h *history) swap() {
	h.variant = 1 - h.variant
	h.did("swap to %s", h.programs[h.variant].Digest())
	h.survive(func() error {
		_, err := h.runner.Swap(h.t.Context(), h.programs[h.variant], nil)
		return err
	})
	h.revise()
	h.settle() // who has not heard of the new rules yet hears of them from its next event
}

// batch is at most one event for each lead, or several where the crowd is let in,
// some late, some known already.
func (h *history) batch() []engine.Event {
	var events []engine.Event
	for i := range 36 {
		lead := i % 12
		if h.rng.IntN(3) == 0 || i >= 12 && !h.crowded {
			continue
		}
		if len(h.sent) > 0 && h.rng.IntN(10) == 0 {
			if e := h.sent[h.rng.IntN(len(h.sent))]; e.User == userOf(lead) {
				events = append(events, e)
				continue
			}
		}
		h.events++
		name := []string{"visit", "visit", "visit", "ask", "buy", "reply", "reply", "optout", "accepted"}[h.rng.IntN(9)]
		e := h.event(strconv.Itoa(h.events), userOf(lead), name)
		if !h.crowded && h.rng.IntN(4) == 0 {
			if e.User, e.Visitor = "", visitorOf(lead); h.busy(&e, events) {
				continue
			}
		}
		if name == "visit" {
			e.Fields = []engine.Field{number("points", float64(h.rng.IntN(25)))}
		}
		if h.rng.IntN(4) == 0 && h.mayBeLate(&e) {
			e.At = e.At.Add(-engine.Span(h.rng.IntN(int(2 * engine.Day))))
		}
		events = append(events, e)
		h.sent = append(h.sent, e)
	}
	return events
}

// mayBeLate reports whether an event of the past may be sent to a lead. When the
// lead's own time lies behind the wall's, such an event may arm a timer that is
// due already, and who is first then, it or a message on its way, is a matter of
// chance that the simulator cannot know.
func (h *history) mayBeLate(e *engine.Event) bool {
	l := h.sim.Lead(h.leadOf(e))
	return h.crowded || l != nil && l.Now == h.now()
}

// leadOf is the lead that an event will be decided for.
func (h *history) leadOf(e *engine.Event) engine.LeadID {
	name := e.Strongest()
	if l := h.sim.Find(name); l != nil {
		return l.Whole()
	}
	return name.Lead()
}

// busy reports whether the lead of an event has one already.
func (h *history) busy(e *engine.Event, events []engine.Event) bool {
	return slices.ContainsFunc(events, func(other engine.Event) bool { return h.leadOf(&other) == h.leadOf(e) }) ||
		slices.ContainsFunc(h.users(), func(user string) bool {
			return h.leadOf(e) == engine.Identifier{Kind: engine.ByUser, Value: user}.Lead()
		})
}

// users are the twelve who are known.
func (h *history) users() []string {
	var users []string
	for i := range 12 {
		users = append(users, userOf(i))
	}
	return users
}

// pass lets time go by from one due timer to the next, because a timer that fires
// late is a different history.
func (h *history) pass(d time.Duration) {
	until := h.clock.Clock.Now().Add(d)
	for {
		next := h.runner.Status().NextDue
		if next == 0 || next > engine.TimeOf(until) {
			break
		}
		h.clock.Advance(next.In(nil).Sub(h.clock.Clock.Now()))
		h.did("a timer is due")
		if err := h.sim.Advance(next); err != nil {
			h.t.Fatal(err)
		}
		h.settle()
	}
	h.clock.Advance(until.Sub(h.clock.Clock.Now()))
	if err := h.sim.Advance(engine.TimeOf(until)); err != nil {
		h.t.Fatal(err)
	}
	h.settle()
}

// compare looks for differences between the runner and the simulator.
func (h *history) compare() {
	h.t.Helper()
	h.clock.left.Store(-1)
	h.t.Logf("seed %d: %d events, %d crashes, %d requests, %d leads", h.seed, h.events, h.crashes, len(h.world.requests()), len(h.sim.Leads()))
	for _, id := range h.sim.All() {
		var l engine.Lead
		if found, err := h.runner.Lead(id, &l); !found || err != nil {
			h.t.Fatalf("seed %d: lead %v: %v %v", h.seed, id, found, err)
		}
		if err := h.sameJournal(id); err != nil {
			h.t.Errorf("seed %d: lead %v: %v", h.seed, id, err)
			continue
		}
		want := h.sim.Lead(id)
		if !bytes.Equal(engine.AppendLead(nil, &l), engine.AppendLead(nil, want)) {
			h.t.Errorf("seed %d: lead %v differs:\nrunner    %.900v\nsimulator %.900v", h.seed, id, fmt.Sprintf("%+v", l), fmt.Sprintf("%+v", *want))
		}
	}
	h.sameDeliveries()
	if s := h.runner.Status(); s.Queued != 0 || s.TicksUnderWay != 0 {
		h.t.Errorf("seed %d: at rest: %+v", h.seed, s)
	}
}

func (h *history) sameJournal(id engine.LeadID) error {
	var want []engine.Fact
	if err := h.sim.Facts(id, func(f *engine.Fact) error { want = append(want, *f); return nil }); err != nil {
		return err
	}
	slices.SortStableFunc(want, func(a, b engine.Fact) int {
		if a.Event.At != b.Event.At {
			return int(a.Event.At - b.Event.At)
		}
		return int(a.Seq) - int(b.Seq)
	})
	n := 0
	err := h.store.Facts(id.Partition(h.parts), id, func(f *engine.Fact) error {
		if n == len(want) {
			return fmt.Errorf("the runner has a fact more: %.500v", fmt.Sprintf("%+v", *f))
		}
		if !bytes.Equal(engine.AppendFact(nil, f), engine.AppendFact(nil, &want[n])) {
			return fmt.Errorf("fact %d differs:\nrunner    %.900v\nsimulator %.900v", n, fmt.Sprintf("%+v", *f), fmt.Sprintf("%+v", want[n]))
		}
		n++
		return nil
	})
	if err == nil && n < len(want) {
		err = fmt.Errorf("the runner lacks the fact %.500v", fmt.Sprintf("%+v", want[n]))
	}
	return err
}

// sameDeliveries checks that the world was asked for what the simulator's was,
// each attempt as often as the process died, and always with the same words.
func (h *history) sameDeliveries() {
	h.t.Helper()
	type try struct {
		key     engine.ActionKey
		attempt int
	}
	want, got := map[try]engine.Request{}, map[try]int{}
	for _, q := range h.sim.Sent() {
		want[try{q.Key, q.Attempt}] = q
	}
	for _, q := range h.world.requests() {
		k := try{q.Key, q.Attempt}
		w, ok := want[k]
		if !ok {
			h.t.Errorf("seed %d: the runner sent %v, attempt %d, which the simulator did not", h.seed, q.Key, q.Attempt)
		} else if first := want[try{q.Key, 1}]; fmt.Sprint(q.Parts) != fmt.Sprint(first.Parts) || q.Kind != w.Kind || q.Channel != w.Channel {
			h.t.Errorf("seed %d: action %v, attempt %d: sent %v, the simulator %v", h.seed, q.Key, q.Attempt, q.Parts, first.Parts)
		}
		if got[k]++; got[k] > 1+h.crashes {
			h.t.Errorf("seed %d: action %v, attempt %d, was sent %d times with %d crashes", h.seed, q.Key, q.Attempt, got[k], h.crashes)
		}
	}
	for k := range want {
		if got[k] == 0 {
			h.t.Errorf("seed %d: action %v, attempt %d, was never sent", h.seed, k.key, k.attempt)
		}
	}
}
