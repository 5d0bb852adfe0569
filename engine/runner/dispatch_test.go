package runner

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/enginetest"
)

func done(engine.Request) engine.Receipt   { return engine.Receipt{Outcome: engine.Done} }
func silent(engine.Request) engine.Receipt { return engine.Receipt{} }

// answers gives the first attempts' answers in turn, then accepts.
func answers(list ...engine.Receipt) func(engine.Request) engine.Receipt {
	var n atomic.Int64
	return func(engine.Request) engine.Receipt {
		if i := n.Add(1); int(i) <= len(list) {
			return list[i-1]
		}
		return engine.Receipt{Outcome: engine.Done}
	}
}

// letters are the dead letters there are.
func (g *rig) letters() []engine.DeadAction {
	g.t.Helper()
	var all []engine.DeadAction
	for part := range g.parts {
		if err := g.store.DeadActions(part, engine.ActionKey{}, 0, func(d *engine.DeadAction) error { all = append(all, *d); return nil }); err != nil {
			g.t.Fatal(err)
		}
	}
	return all
}

// A message that was on its way when the process died: where the receiver honours
// keys it is sent once more, the same bytes as the same attempt.
func TestKeyedAttemptAfterACrash(t *testing.T) {
	t.Parallel()
	p := program(t, mailSpec(time.Hour), "a")
	world := &receiver{answer: silent}
	g := newRig(t, p, world, nil)
	g.submit(g.event("1", "ann", "vip"))
	world.await(t, 1)
	g.submit(g.event("2", "ann", "visit", number("points", 50))) // the text would read otherwise now
	g.crash()
	world.answer = done
	g.open(p, nil)
	g.quiet()
	got := world.requests()
	if len(got) != 2 || got[0].Key != got[1].Key || got[1].Attempt != 1 || fmt.Sprint(got[0]) != fmt.Sprint(got[1]) {
		t.Fatalf("requests: %+v", got)
	}
	if l := g.lead("ann"); len(l.Acts.Pending) != 0 {
		t.Errorf("still under way: %+v", l.Acts.Pending)
	}
}

// Where the receiver knows no keys the outcome is unknown: the message is not sent
// again but listed, and an operator may send or discard it.
func TestUnkeyedAttemptAfterACrash(t *testing.T) {
	t.Parallel()
	p := program(t, mailSpec(time.Hour), "a")
	world := &receiver{answer: silent}
	g := newRig(t, p, world, nil)
	g.submit(g.event("1", "ann", "signup"), g.event("2", "bob", "signup"))
	world.await(t, 2)
	g.crash()
	world.answer = done
	g.open(p, nil)
	g.quiet()
	dead := g.letters()
	if len(world.requests()) != 2 || len(dead) != 2 || dead[0].Outcome != engine.Unknown || dead[0].Code != "crash" {
		t.Fatalf("%d requests, dead letters %+v", len(world.requests()), dead)
	}
	if err := g.runner.Redrive(t.Context(), dead[0].Lead, dead[0].Pending.Key); err != nil {
		t.Fatal(err)
	}
	if err := g.runner.Discard(t.Context(), dead[1].Lead, dead[1].Pending.Key); err != nil {
		t.Fatal(err)
	}
	g.quiet()
	if got := world.requests(); len(got) != 3 || got[2].Key != dead[0].Pending.Key || got[2].Attempt != 2 {
		t.Errorf("after the redrive: %+v", got)
	}
	if left := g.letters(); len(left) != 0 {
		t.Errorf("dead letters left: %+v", left)
	}
	for _, d := range dead {
		if body, err := g.store.Body(d.Lead.Partition(g.parts), d.Pending.Key); err != nil || body != nil {
			t.Errorf("the message of %v is kept: %q %v", d.Pending.Key, body, err)
		}
		if err := g.runner.Redrive(t.Context(), d.Lead, d.Pending.Key); !errors.Is(err, ErrNoLetter) {
			t.Errorf("a second redrive: %v", err)
		}
	}
}

// Whatever happens between two attempts, the second sends the first one's bytes.
func TestRetrySendsTheSameBytes(t *testing.T) {
	t.Parallel()
	world := &receiver{answer: answers(engine.Receipt{Outcome: engine.Retry, Code: "busy"})}
	g := newRig(t, program(t, mailSpec(72*time.Hour), "a"), world, nil)
	g.submit(g.event("1", "ann", "signup"))
	g.quiet()
	g.submit(g.event("2", "ann", "visit", number("points", 50)))
	other := mailSpec(72 * time.Hour)
	other.Flows[0].Steps[0].Send.Content = enginetest.Parts("other words")
	if _, err := g.runner.Swap(t.Context(), program(t, other, "b"), nil); err != nil {
		t.Fatal(err)
	}
	g.advance(time.Hour)
	g.quiet()
	got := world.requests()
	if len(got) != 2 || got[1].Attempt != 2 || fmt.Sprint(got[0].Parts) != fmt.Sprint(got[1].Parts) {
		t.Fatalf("requests: %+v", got)
	}
}

// A message that cannot be made becomes a dead letter at once; the run goes on.
func TestMessageThatCannotBeMade(t *testing.T) {
	t.Parallel()
	spec := mailSpec(time.Hour)
	spec.Flows[0].Steps[0].Send.Content = enginetest.Content("broken", func(map[string]any) ([]engine.Field, error) {
		return nil, errors.New("ann@example.com has no name")
	})
	spec.TossUps[0].HandOver.Content = enginetest.Content("large", func(map[string]any) ([]engine.Field, error) {
		return []engine.Field{{Name: "html", Value: engine.TextValue(string(make([]byte, 1<<20)))}}, nil
	})
	world := &receiver{}
	g := newRig(t, program(t, spec, "a"), world, nil)
	g.submit(g.event("1", "ann", "signup"), g.event("2", "bob", "vip"))
	g.quiet()
	dead := g.letters()
	if len(dead) != 2 || len(world.requests()) != 0 {
		t.Fatalf("%d requests, dead letters %+v", len(world.requests()), dead)
	}
	for _, d := range dead {
		if d.Code != "render_failed" || d.Outcome != engine.Refused {
			t.Errorf("dead letter %+v", d)
		}
	}
	if l := g.lead("ann"); len(l.Acts.Runs) != 1 || l.Acts.Runs[0].Step != "pause" {
		t.Errorf("the run stands: %+v", l.Acts.Runs)
	}
	if s := g.runner.Status(); s.Unfinished != 2 || s.GivenUp != 2 {
		t.Errorf("status: %+v", s)
	}
}

// What a Send does not take is tried again as the channel's retry says.
func TestSendThatIsNotTaken(t *testing.T) {
	t.Parallel()
	var failures atomic.Int64
	world := &receiver{fail: func([]engine.Request) error {
		if failures.Add(1) <= 2 {
			return errors.New("the plugin is away")
		}
		return nil
	}}
	g := newRig(t, program(t, mailSpec(time.Hour), "a"), world, nil)
	g.submit(g.event("1", "ann", "vip"))
	g.quiet()
	for range 2 {
		if len(world.requests()) != 0 {
			t.Fatal("it was sent too early")
		}
		g.advance(time.Hour)
		g.quiet()
	}
	got := world.requests()
	if len(got) != 1 || got[0].Attempt != 3 {
		t.Fatalf("requests: %+v", got)
	}
	if c := g.runner.Status().Channels[0]; c.Failures != 2 || c.Answers[engine.Retry] != 2 || c.Answers[engine.Done] != 1 {
		t.Errorf("status: %+v", c)
	}
}

// A channel that never answers is given up on after a while; one that answers
// nonsense, or what nobody asked, does no harm.
func TestAnswersThatNeverComeOrMakeNoSense(t *testing.T) {
	t.Parallel()
	world := &receiver{answer: answers(engine.Receipt{}, engine.Receipt{Outcome: 77}), twice: true}
	g := newRig(t, program(t, mailSpec(time.Hour), "a"), world, func(o *Options) { o.ReceiptTimeout = 15 * time.Minute })
	g.submit(g.event("1", "ann", "vip"))
	world.await(t, 1)
	key := world.requests()[0].Key
	g.runner.dispatcher.report(engine.Receipt{Key: key, Attempt: 9, Outcome: engine.Done})
	g.runner.dispatcher.report(engine.Receipt{Key: engine.ActionKey{1}, Outcome: engine.Done})
	for range 3 { // the patrol looks every half minute
		g.awaitWaiter()
		g.advance(10 * time.Minute)
	}
	g.quiet()
	for len(world.requests()) < 3 {
		g.advance(2 * time.Hour)
		g.quiet()
	}
	got := world.requests()
	if len(got) != 3 || got[2].Attempt != 3 {
		t.Fatalf("requests: %+v", got)
	}
	g.returned()
	s := g.runner.Status()
	if c := s.Channels[0]; c.Answers[engine.Unknown] != 2 || c.Answers[engine.Done] != 1 || c.Outstanding != 0 {
		t.Errorf("channel: %+v", c)
	}
	if s.Stray < 4 {
		t.Errorf("%d stray receipts", s.Stray)
	}
}

// returned waits until every Send has returned and all that it said was heard, also
// what nobody waits for.
func (g *rig) returned() {
	g.t.Helper()
	d := g.runner.dispatcher
	if err := g.runner.load.wait(g.patience(), g.runner.dead, func() bool { return d.sending.Load() == 0 && d.idle() }); err != nil {
		g.t.Fatalf("wait for the Sends: %v", err)
	}
}

// awaitWaiter waits until the dispatcher waits for the patrol, beside the guard.
func (g *rig) awaitWaiter() {
	g.t.Helper()
	for g.clock.(*enginetest.Clock).Waits() < 2 {
		if err := g.t.Context().Err(); err != nil {
			g.t.Fatal(err)
		}
	}
}

// stuck is a channel whose Send hangs until it is called off.
type stuck struct {
	channel string
	rest    *receiver
}

func (s *stuck) Send(ctx context.Context, requests []engine.Request, report func(engine.Receipt)) error {
	if requests[0].Channel == s.channel {
		<-ctx.Done()
		return ctx.Err()
	}
	return s.rest.Send(ctx, requests, report)
}

// A channel that hangs holds up nobody else: not the events, not the other
// channels, and not the end.
func TestHangingChannel(t *testing.T) {
	t.Parallel()
	world := &receiver{}
	p := program(t, mailSpec(time.Hour), "a")
	g := newRig(t, p, &stuck{"mail", world}, func(o *Options) {
		o.Limits = func(string) Limits { return Limits{Outstanding: 2, Parallel: 1} }
	})
	for i := range 20 {
		g.submit(g.event(fmt.Sprint("s", i), userOf(i), "signup"))
	}
	g.submit(g.event("v", "vip", "vip"))
	world.await(t, 1)
	expired, cancel := context.WithCancel(context.Background())
	cancel()
	if err := g.runner.Stop(expired); !errors.Is(err, ErrCut) {
		t.Fatalf("stop: %v", err)
	}
	if err := g.store.Close(); err != nil {
		t.Fatal(err)
	}
	g.sender = world
	g.open(p, nil)
	g.advance(time.Hour)
	g.quiet()
	got := map[engine.LeadID]int{}
	for _, q := range world.requests() {
		if q.Channel == "mail" && q.Parts[0].Value.Text() == "hello" {
			got[q.Lead]++
		}
	}
	if len(got) != 20 {
		t.Errorf("%d of 20 were mailed after the restart", len(got))
	}
	for lead, n := range got {
		if n != 1 {
			t.Errorf("lead %v was mailed %d times", lead, n)
		}
	}
	if dead := g.letters(); len(dead) != 0 {
		t.Errorf("dead letters: %+v", dead)
	}
}

// The outbox may hold far more than the window in memory: nothing is lost, nothing
// doubled, also when the process dies in between.
func TestOutboxBeyondTheWindow(t *testing.T) {
	t.Parallel()
	const n = 2*window + 500
	spec := mailSpec(time.Hour)
	spec.Channels[0].Keyed = true
	p := program(t, spec, "a")
	world := &receiver{answer: silent}
	g := newRig(t, p, world, nil)
	var events []engine.Event
	for i := range n {
		events = append(events, g.event(fmt.Sprint(i), userOf(i), "signup"))
	}
	g.submit(events...)
	g.submit(g.event("v", "vip", "vip"))
	world.await(t, 100)
	depth := int64(0)
	for _, c := range g.runner.Status().Channels {
		depth += c.Outbox[engine.LaneTossUp] + c.Outbox[engine.LaneNurture]
	}
	if depth != n+1 {
		t.Errorf("the outbox holds %d, want %d", depth, n+1)
	}
	g.crash()
	world.answer = done
	g.open(p, nil)
	g.quiet()
	for key, requests := range world.keys {
		if len(requests) > 2 || len(requests) == 2 && requests[1].Attempt != 1 {
			t.Fatalf("action %v was sent %d times", key, len(requests))
		}
	}
	if len(world.keys) != n+1 {
		t.Errorf("%d actions were sent, want %d", len(world.keys), n+1)
	}
}

// oneChannel sends mail and toss-ups through one channel.
func oneChannel() *engine.Spec {
	spec := mailSpec(100 * 24 * time.Hour)
	spec.TossUps[0].HandOver.Channel = "mail"
	return spec
}

// A toss-up goes before everything else that waits for the same tokens, and the
// rate is kept.
func TestTossUpGoesFirst(t *testing.T) {
	t.Parallel()
	world := &receiver{}
	g := newRig(t, program(t, oneChannel(), "a"), world, func(o *Options) {
		o.Limits = func(string) Limits { return Limits{Rate: 2, Burst: 2} }
	})
	for i := range 20 {
		g.submit(g.event(fmt.Sprint("s", i), userOf(i), "signup"))
	}
	world.await(t, 2)
	g.submit(g.event("v", "vip", "vip"))
	for n := 3; n <= 21; n++ {
		g.awaitWaiter()
		if got := len(world.requests()); got != n-1 {
			t.Fatalf("%d requests after %d tokens", got, n-1)
		}
		g.advance(501 * time.Millisecond)
		world.await(t, n)
	}
	g.quiet()
	if got := world.requests(); got[2].Lane != engine.LaneTossUp {
		t.Errorf("the third message is of lane %d", got[2].Lane)
	}
}

// Nurturing leaves room for a toss-up: when everything else that may be under way
// is, the toss-up still goes.
func TestRoomForATossUp(t *testing.T) {
	t.Parallel()
	world := &receiver{answer: silent}
	p := program(t, oneChannel(), "a")
	g := newRig(t, p, world, func(o *Options) {
		o.Limits = func(string) Limits { return Limits{Outstanding: 8} }
	})
	for i := range 20 {
		g.submit(g.event(fmt.Sprint("s", i), userOf(i), "signup"))
	}
	world.await(t, 7)
	g.submit(g.event("v", "vip", "vip"))
	world.await(t, 8)
	if got := world.requests(); len(got) != 8 || got[7].Lane != engine.LaneTossUp {
		t.Errorf("%d requests, the last of lane %d", len(got), got[len(got)-1].Lane)
	}
	g.crash()
}

// The messages of one lead and channel keep their order: one follows when the one
// before it is settled.
func TestOrderOfALeadsMessages(t *testing.T) {
	t.Parallel()
	spec := mailSpec(time.Hour)
	spec.TossUps[0].Cooldown = 0
	world := &receiver{answer: silent}
	g := newRig(t, program(t, spec, "a"), world, nil)
	for i := range 3 {
		g.submit(g.event(fmt.Sprint("a", i), "ann", "vip"))
		g.submit(g.event(fmt.Sprint("b", i), "bob", "vip"))
	}
	next := map[engine.LeadID]string{}
	for n := 2; n <= 6; n++ {
		world.await(t, n)
		got := world.requests()
		if len(got) != n {
			t.Fatalf("%d requests, want %d", len(got), n)
		}
		for _, q := range got {
			next[q.Lead] = q.Key.String()
		}
		q := got[n-2]
		if next[q.Lead] != q.Key.String() {
			t.Fatalf("message %d went before the one before it was settled", n-1)
		}
		g.runner.dispatcher.report(engine.Receipt{Key: q.Key, Attempt: 1, Outcome: engine.Done})
	}
	q := world.requests()[5]
	g.runner.dispatcher.report(engine.Receipt{Key: q.Key, Attempt: 1, Outcome: engine.Done})
	g.quiet()
}
