package runner

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/store"
)

// Stop takes no more, finishes what it has, and waits for answers on their way.
func TestStopFinishes(t *testing.T) {
	t.Parallel()
	door := newGate()
	world := &receiver{answer: silent}
	g := newRig(t, program(t, door.gatedSpec(), "a"), world, nil)
	g.submit(g.event("1", "vip", "vip"))
	world.await(t, 1)
	answered := make(chan error, 1)
	go func() {
		_, err := g.runner.Submit(t.Context(), []engine.Event{g.event("2", "ann", "visit", number("points", 1))})
		answered <- err
	}()
	<-door.reached
	stopped := make(chan error, 1)
	go func() { stopped <- g.runner.Stop(t.Context()) }()
	for {
		if _, err := g.runner.Submit(t.Context(), []engine.Event{g.event("", "ann", "visit")}); errors.Is(err, ErrStopping) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	close(door.open)
	if err := <-answered; err != nil {
		t.Errorf("the event under way: %v", err)
	}
	select {
	case err := <-stopped:
		t.Fatalf("stop did not wait for the answer: %v", err)
	default:
	}
	q := world.requests()[0]
	g.runner.dispatcher.report(engine.Receipt{Key: q.Key, Attempt: 1, Outcome: engine.Done})
	if err := <-stopped; err != nil {
		t.Errorf("stop: %v", err)
	}
	if l := g.lead("vip"); len(l.Acts.Pending) != 0 {
		t.Errorf("the answer was not kept: %+v", l.Acts.Pending)
	}
	if err := g.runner.Redrive(t.Context(), q.Lead, q.Key); !errors.Is(err, ErrNoLetter) {
		t.Errorf("redrive after the end: %v", err)
	}
	if err := g.runner.Refuse(t.Context(), []store.BadEvent{{Code: "x"}}); !errors.Is(err, ErrStopping) {
		t.Errorf("refuse after the end: %v", err)
	}
	if err := g.runner.Stop(t.Context()); err != nil {
		t.Errorf("a second stop: %v", err)
	}
}

// At its deadline Stop takes back what was not handed over, and leaves to the next
// start only what is truly unknown.
func TestStopAtItsDeadline(t *testing.T) {
	t.Parallel()
	p := program(t, mailSpec(time.Hour), "a")
	world := &receiver{answer: silent}
	g := newRig(t, p, world, nil)
	g.submit(g.event("1", "ann", "signup"), g.event("2", "vip", "vip"))
	world.await(t, 2)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := g.runner.Stop(ctx); !errors.Is(err, ErrCut) {
		t.Fatalf("stop: %v", err)
	}
	if err := g.store.Close(); err != nil {
		t.Fatal(err)
	}
	world.answer = done
	g.open(p, nil)
	g.quiet()
	if dead := g.letters(); len(dead) != 1 || dead[0].Code != "crash" || dead[0].Pending.Channel != "mail" {
		t.Errorf("dead letters: %+v", dead)
	}
	if got := world.requests(); len(got) != 3 || got[2].Channel != "crm" {
		t.Errorf("%d requests", len(got))
	}
}

// space is a disk whose free room a test sets.
type space struct{ free atomic.Uint64 }

func (s *space) statfs(string) (free, total uint64, err error) { return s.free.Load(), 1 << 42, nil }

func (s *space) open(t testing.TB, dir string) *store.Store {
	t.Helper()
	st, err := store.Open(store.Options{
		Dir: dir, Partitions: 4, NoSync: true, Ballast: -1, LeadCache: -1, SeenFilter: -1,
		Statfs: s.statfs, Space: store.SpaceLimits{Stop: 1000, Close: 100},
	})
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// While the disk is low events from outside are refused and everything else goes
// on; when it is nearly full the runner ends.
func TestSpace(t *testing.T) {
	t.Parallel()
	var disk space
	disk.free.Store(5000)
	world := &receiver{answer: silent}
	g := &rig{t: t, parts: 4, clock: newTestClock(), sender: world}
	g.store = disk.open(t, t.TempDir())
	r, err := New(Options{
		Store: g.store, Program: program(t, mailSpec(time.Hour), "a"), Sender: world, Clock: g.clock,
		ReceiptTimeout: everPatient,
	})
	if err != nil {
		t.Fatal(err)
	}
	g.runner = r
	if err := r.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	g.submit(g.event("1", "vip", "vip"))
	world.await(t, 1)
	state := func(free uint64, want store.SpaceState) {
		t.Helper()
		disk.free.Store(free)
		for r.Status().Space.State != want {
			if t.Context().Err() != nil {
				t.Fatalf("the state stays %v", r.Status().Space.State)
			}
			g.advance(guardEvery)
		}
	}
	state(500, store.SpaceStop)
	if _, err := r.Submit(t.Context(), []engine.Event{g.event("2", "ann", "signup")}); !errors.Is(err, ErrUnavailable) {
		t.Errorf("submit on a low disk: %v", err)
	}
	q := world.requests()[0]
	r.dispatcher.report(engine.Receipt{Key: q.Key, Attempt: 1, Outcome: engine.Done})
	g.quiet()
	if l := g.lead("vip"); len(l.Acts.Pending) != 0 {
		t.Error("the answer was not taken on a low disk")
	}
	state(5000, store.SpaceOK)
	g.submit(g.event("2", "ann", "visit"))
	state(50, store.SpaceClose)
	if err := <-r.Err(); !errors.Is(err, store.ErrFull) {
		t.Errorf("the runner ended with %v", err)
	}
	if _, err := r.Submit(t.Context(), []engine.Event{g.event("3", "ann", "visit")}); !errors.Is(err, ErrUnavailable) {
		t.Errorf("submit on a full disk: %v", err)
	}
	if err := r.Stop(context.Background()); !errors.Is(err, store.ErrFull) {
		t.Errorf("stop: %v", err)
	}
	if err := g.store.Close(); err != nil {
		t.Error(err)
	}
}

// A commit that fails ends the runner; who waits is told that the outcome is
// unknown, and nothing hangs.
func TestFailedCommit(t *testing.T) {
	t.Parallel()
	var disk space
	disk.free.Store(5000)
	st := disk.open(t, t.TempDir())
	r, err := New(Options{Store: st, Program: program(t, mailSpec(time.Hour), "a"), Sender: &receiver{}, Clock: newTestClock()})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	disk.free.Store(1)
	at := engine.TimeOf(start)
	for i := range 3 {
		_, err := r.Submit(t.Context(), []engine.Event{{Kind: engine.Track, ID: fmt.Sprint(i), Name: "visit", User: "ann", At: at, Received: at}})
		if !errors.Is(err, ErrUnavailable) || !errors.Is(err, store.ErrFull) {
			t.Errorf("submit %d: %v", i, err)
		}
	}
	if err := <-r.Err(); !errors.Is(err, store.ErrFull) {
		t.Errorf("the runner ended with %v", err)
	}
	if s := r.Status(); s.Failure == nil {
		t.Error("the status does not tell")
	}
	if err := r.Quiet(t.Context()); !errors.Is(err, ErrUnavailable) {
		t.Errorf("quiet: %v", err)
	}
	if err := r.Stop(context.Background()); !errors.Is(err, store.ErrFull) {
		t.Errorf("stop: %v", err)
	}
	if err := st.Close(); err != nil {
		t.Error(err)
	}
}

// What intake refused is kept with its reason.
func TestRefuse(t *testing.T) {
	t.Parallel()
	g := newRig(t, program(t, mailSpec(time.Hour), "a"), &receiver{}, nil)
	bad := []store.BadEvent{{At: g.now(), Source: "web", Code: "no_id", Text: "messageId is missing", Raw: []byte("{}")}, {At: g.now(), Code: "bad_json"}}
	if err := g.runner.Refuse(t.Context(), bad); err != nil {
		t.Fatal(err)
	}
	var got []string
	if err := g.store.BadEvents(0, 0, func(b *store.BadEvent) error { got = append(got, b.Code); return nil }); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(got) != "[bad_json no_id]" {
		t.Errorf("kept: %v", got)
	}
	if err := g.runner.Refuse(t.Context(), make([]store.BadEvent, maxRefused+1)); !errors.Is(err, ErrOverloaded) {
		t.Errorf("too many at once: %v", err)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	if _, err := New(Options{}); err == nil {
		t.Error("a runner of nothing was made")
	}
	g := newRig(t, program(t, mailSpec(time.Hour), "a"), &receiver{}, nil)
	if err := g.runner.Start(t.Context()); err == nil {
		t.Error("a runner was started twice")
	}
	unused, err := New(Options{Store: g.store, Program: g.runner.Program(), Sender: g.sender})
	if err != nil {
		t.Fatal(err)
	}
	if err := unused.Stop(t.Context()); err != nil {
		t.Errorf("stop of a runner that never ran: %v", err)
	}
	if err := unused.Start(t.Context()); err == nil {
		t.Error("a stopped runner was started")
	}
}
