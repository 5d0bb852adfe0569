package runner

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/enginetest"
)

// gate is a condition that holds a worker up until it is opened.
type gate struct {
	reached chan struct{}
	open    chan struct{}
}

func newGate() *gate { return &gate{make(chan struct{}, 64), make(chan struct{})} }

// gatedSpec scores "visit", after the gate.
func (g *gate) gatedSpec() *engine.Spec {
	spec := mailSpec(time.Hour)
	spec.Scores[0].Rules[0].When = enginetest.When("gate", func(map[string]any) bool {
		g.reached <- struct{}{}
		<-g.open
		return true
	})
	return spec
}

// What the queue does not hold is refused whole and loudly, with a hint, and
// nothing of it is decided.
func TestOverload(t *testing.T) {
	t.Parallel()
	door := newGate()
	g := newRig(t, program(t, door.gatedSpec(), "a"), &receiver{}, func(o *Options) { o.Queue, o.Workers = 4, 1 })
	call := func(from, n int) (results []Result, err error) {
		var events []engine.Event
		for i := from; i < from+n; i++ {
			events = append(events, g.event(strconv.Itoa(i), userOf(i), "visit", number("points", 1)))
		}
		return g.runner.Submit(t.Context(), events)
	}
	answered := make(chan error, 1)
	go func() {
		_, err := call(0, 3)
		answered <- err
	}()
	<-door.reached
	var overload *Overload
	if _, err := call(10, 2); !errors.Is(err, ErrOverloaded) || !errors.As(err, &overload) || overload.After < time.Second {
		t.Fatalf("a call that does not fit: %v", err)
	}
	if _, err := call(20, 5); !errors.Is(err, ErrTooMany) {
		t.Fatalf("a call that will never fit: %v", err)
	}
	fits := make(chan error, 1)
	go func() {
		_, err := call(30, 1)
		fits <- err
	}()
	close(door.open)
	if err := <-answered; err != nil {
		t.Fatal(err)
	}
	if err := <-fits; err != nil {
		t.Fatalf("a call that fits: %v", err)
	}
	if got := g.lead(userOf(10)); got.Seq != 0 {
		t.Error("something of the refused call was decided")
	}
	if _, err := call(10, 2); err != nil {
		t.Errorf("the refused call, sent again: %v", err)
	}
	if s := g.runner.Status(); s.Refused != 2 || s.Queued != 0 || s.QueuedBytes != 0 {
		t.Errorf("status: %+v", s)
	}
}

// A caller who goes away leaves the events decided.
func TestCallerGoesAway(t *testing.T) {
	t.Parallel()
	door := newGate()
	g := newRig(t, program(t, door.gatedSpec(), "a"), &receiver{}, nil)
	ctx, cancel := context.WithCancel(t.Context())
	answered := make(chan error, 1)
	go func() {
		_, err := g.runner.Submit(ctx, []engine.Event{g.event("1", "ann", "visit", number("points", 1))})
		answered <- err
	}()
	<-door.reached
	cancel()
	if err := <-answered; !errors.Is(err, context.Canceled) {
		t.Fatalf("the call ended with %v", err)
	}
	close(door.open)
	if results := g.submit(g.event("1", "ann", "visit", number("points", 1))); !results[0].Duplicate {
		t.Error("the event was not decided")
	}
}

// A duplicate is answered only when its first sight is durable.
func TestDuplicateWaitsForItsFirstSight(t *testing.T) {
	t.Parallel()
	door := newGate()
	g := newRig(t, program(t, door.gatedSpec(), "a"), &receiver{}, nil)
	answers := make(chan string, 2)
	call := func(name string) {
		if _, err := g.runner.Submit(t.Context(), []engine.Event{g.event("1", "ann", "visit", number("points", 1))}); err != nil {
			t.Error(err)
		}
		answers <- name
	}
	go call("first")
	<-door.reached
	go call("second")
	for g.runner.Status().Queued < 2 {
		select {
		case name := <-answers:
			t.Fatalf("the %s call was answered before anything was durable", name)
		case <-t.Context().Done():
			t.Fatal("the second call was never queued")
		default:
		}
	}
	close(door.open)
	<-answers
	<-answers
	if l := g.lead("ann"); l.Folds.Scores[0].Value != 1 {
		t.Errorf("the event counted %v times", l.Folds.Scores[0].Value)
	}
}

// A call whose events weigh more than the queue may hold is refused.
func TestOverloadByBytes(t *testing.T) {
	t.Parallel()
	g := newRig(t, program(t, mailSpec(time.Hour), "a"), &receiver{}, func(o *Options) { o.QueueBytes = 1000 })
	e := g.event("1", "ann", "visit")
	e.Context = string(make([]byte, 1000))
	if _, err := g.runner.Submit(t.Context(), []engine.Event{e}); !errors.Is(err, ErrTooMany) {
		t.Errorf("a heavy call: %v", err)
	}
}
