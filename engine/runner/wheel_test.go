package runner

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/enginetest"
)

// So many timers at one second run once each, a bounded number of them at a time,
// and an event that comes meanwhile does not wait for them all: it comes while the
// first of them is decided.
func TestManyTimersAtOnce(t *testing.T) {
	t.Parallel()
	const n, limit = 5000, 50
	var most atomic.Int64
	world := &receiver{}
	spec, reached, open := gatedTimers()
	g := newRig(t, program(t, spec, "a"), world, func(o *Options) { o.Ticks, o.Batch = limit, 20 })
	t.Cleanup(open)
	var events []engine.Event
	for i := range n {
		events = append(events, g.event(fmt.Sprint(i), userOf(i), "signup"))
	}
	g.submit(events...)
	g.quiet()
	feed := g.runner.Subscribe(10 * n)
	world.answer = func(engine.Request) engine.Receipt {
		most.Store(max(most.Load(), int64(g.runner.Status().TicksUnderWay)))
		return engine.Receipt{Outcome: engine.Done}
	}
	g.advance(time.Hour)
	<-reached
	answered := make(chan error, 1)
	go func() {
		_, err := g.runner.Submit(t.Context(), []engine.Event{g.event("v", "vip", "vip")})
		answered <- err
	}()
	for came := false; !came; { // it waits behind the gate, or another worker has decided about it
		came = g.runner.Status().Queued > 0 || len(answered) > 0
	}
	open()
	if err := <-answered; err != nil {
		t.Fatal(err)
	}
	g.quiet()
	if got := len(world.requests()); got != 2*n+1 {
		t.Errorf("%d messages, want %d", got, 2*n+1)
	}
	if most.Load() > limit {
		t.Errorf("%d ticks were under way at once, want at most %d", most.Load(), limit)
	}
	if before := ticksBefore(t, feed, g.lead("vip").ID); before >= n {
		t.Errorf("the event was decided after all %d timers", before)
	}
	if s := g.runner.Status(); s.Ticks != n || s.TicksUnderWay != 0 || s.NextDue != 0 {
		t.Errorf("status: %+v", s)
	}
}

// gatedTimers is mailSpec whose waits end only when open was called: whoever decides
// about the end of one stands still until then. reached is closed when the first does.
func gatedTimers() (spec *engine.Spec, reached <-chan struct{}, open func()) {
	came, gate := make(chan struct{}), make(chan struct{})
	arrive := sync.OnceFunc(func() { close(came) })
	spec = mailSpec(time.Hour)
	flow := &spec.Flows[0]
	flow.Steps[1].Next = len(flow.Steps)
	flow.Steps = append(flow.Steps, engine.StepSpec{Name: "look", Kind: engine.BranchStep, Branch: &engine.BranchSpec{
		Cases: []engine.CaseSpec{{Name: "open", First: 2, When: enginetest.When("gate", func(map[string]any) bool {
			arrive()
			<-gate
			return true
		})}}, Otherwise: 2,
	}})
	return spec, came, sync.OnceFunc(func() { close(gate) })
}

// ticksBefore counts the timers that were decided about before a lead's first fact.
func ticksBefore(t *testing.T, feed *Subscription, lead engine.LeadID) (ticks int) {
	t.Helper()
	updates, lost, err := feed.Read(t.Context(), nil)
	if err != nil || lost > 0 {
		t.Fatalf("%d updates were lost: %v", lost, err)
	}
	for i := range updates {
		switch {
		case updates[i].Lead == lead:
			return ticks
		case updates[i].Kind == engine.Tick:
			ticks++
		}
	}
	t.Fatal("nothing was decided about the lead")
	return 0
}

// TestFault08 — the cost of a tick follows what is due, not who waits: of thousands
// who wait, the one who is due is looked at.
func TestFault08OnlyWhoIsDueIsLookedAt(t *testing.T) {
	t.Parallel()
	const waiting = 3000
	world := &receiver{}
	g := newRig(t, program(t, mailSpec(time.Hour), "a"), world, nil)
	g.submit(g.event("first", "ann", "signup"))
	g.quiet()
	g.advance(30 * time.Minute)
	var events []engine.Event
	for i := range waiting {
		events = append(events, g.event(fmt.Sprint(i), userOf(i), "signup"))
	}
	g.submit(events...)
	g.quiet()
	before := g.runner.Status()
	for range 30 { // a poll a minute
		g.advance(time.Minute)
		g.quiet()
	}
	after := g.runner.Status()
	if after.Ticks-before.Ticks != 1 {
		t.Errorf("%d leads were looked at while one of %d was due", after.Ticks-before.Ticks, waiting+1)
	}
	if after.Decided-before.Decided > 5 {
		t.Errorf("%d decisions while one of %d was due", after.Decided-before.Decided, waiting+1)
	}
}

// Timers that came due while nothing ran fire at the next start.
func TestTimersAfterARestart(t *testing.T) {
	t.Parallel()
	world := &receiver{}
	p := program(t, mailSpec(time.Hour), "a")
	g := newRig(t, p, world, nil)
	g.submit(g.event("1", "ann", "signup"))
	g.quiet()
	g.advance(time.Minute)
	g.submit(g.event("2", "bob", "signup"))
	g.quiet()
	g.close()
	g.advance(time.Hour - time.Minute)
	g.open(p, nil)
	g.quiet()
	if got := len(world.requests()); got != 3 {
		t.Fatalf("%d messages after ann's wait, want 3", got)
	}
	g.advance(time.Minute)
	g.quiet()
	if got := len(world.requests()); got != 4 {
		t.Fatalf("%d messages after bob's wait, want 4", got)
	}
}

// An index row that the lead does not know of does nothing and goes away.
func TestStaleIndexRow(t *testing.T) {
	t.Parallel()
	g := newRig(t, program(t, mailSpec(time.Hour), "a"), &receiver{}, nil)
	g.submit(g.event("1", "ann", "signup"))
	g.quiet()
	id := g.lead("ann").ID
	seq := g.lead("ann").Seq
	part := id.Partition(g.parts)
	g.runner.post(fact{due: g.now().Add(-5), event: engine.Event{Kind: engine.Tick, Lead: id, At: g.now(), Received: g.now()}})
	g.quiet()
	if l := g.lead("ann"); l.Seq != seq || l.NextDue() == 0 {
		t.Errorf("the stale row did something: %+v", l.Timers)
	}
	rows := 0
	if err := g.store.Due(part, never, 0, func(engine.LeadID, engine.Time) error { rows++; return nil }); err != nil {
		t.Fatal(err)
	}
	if rows != 1 {
		t.Errorf("%d index rows, want 1", rows)
	}
}

// Neither ticks nor calls starve in an inbox, and what is urgent goes first.
func TestInboxSharesFairly(t *testing.T) {
	t.Parallel()
	b := inbox{bell: make(chan struct{}, 1)}
	indexes := make([]int32, 1000)
	b.putCall(span{&submission{}, indexes})
	for range 1000 {
		b.putFact(fact{event: engine.Event{Kind: engine.Tick}})
	}
	for range 5 {
		b.putFact(fact{event: engine.Event{Kind: engine.Settled}})
	}
	var c chunk
	if closed := b.take(&c, 100); closed {
		t.Fatal("an open inbox is closed")
	}
	urgent, ticks, calls := 0, 0, 0
	for i := range c.facts {
		if c.facts[i].event.Kind == engine.Tick {
			ticks++
		} else {
			urgent++
		}
	}
	for _, s := range c.spans {
		calls += len(s.indexes)
	}
	if urgent != 5 || ticks != 24 || calls != 71 {
		t.Errorf("took %d urgent, %d ticks, %d events", urgent, ticks, calls)
	}
	b.close()
	for closed := false; !closed; {
		c.reset()
		closed = b.take(&c, 100)
		if len(c.facts)+len(c.spans) == 0 && !closed {
			t.Fatal("an inbox with something in it gave nothing")
		}
		if closed {
			break
		}
	}
	if facts, spans := b.depth(); facts+spans != 0 {
		t.Errorf("%d facts and %d spans are left", facts, spans)
	}
}

// One decision runs a bounded number of a lead's timers; what is left of those due
// at the same instant runs in further ticks.
func TestMoreTimersThanOneTickRuns(t *testing.T) {
	t.Parallel()
	const flows = 1100
	spec := mailSpec(time.Hour)
	pause := spec.Flows[0].Steps[1]
	pause.Next = engine.EndOfFlow
	spec.Flows = nil
	for i := range flows {
		spec.Flows = append(spec.Flows, engine.FlowSpec{
			Name: fmt.Sprint("flow", i), Enter: engine.EnterSpec{On: "signup"}, Steps: []engine.StepSpec{pause},
		})
	}
	g := newRig(t, program(t, spec, "a"), &receiver{}, nil)
	g.submit(g.event("1", "ann", "signup"))
	if l := g.lead("ann"); len(l.Timers) != flows {
		t.Fatalf("%d timers are armed, want %d", len(l.Timers), flows)
	}
	g.advance(time.Hour)
	g.quiet()
	if l := g.lead("ann"); len(l.Timers)+len(l.Acts.Runs) != 0 {
		t.Errorf("%d timers and %d runs are left", len(l.Timers), len(l.Acts.Runs))
	}
	if s := g.runner.Status(); s.Ticks != 2 {
		t.Errorf("%d ticks ran", s.Ticks)
	}
}
