package runner

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
)

// A breaker counts failures of the service in a row, and nothing else.
func TestBreaker(t *testing.T) {
	t.Parallel()
	now := start
	var b breaker
	learn := func(key byte, o engine.Outcome, code string, after time.Duration) {
		b.learn(engine.ActionKey{key}, &engine.Receipt{Outcome: o, Code: code, RetryAfter: after}, now)
	}
	for range breakAfter - 1 {
		learn(1, engine.Retry, "http_503", 0)
	}
	learn(1, engine.Retry, "smtp_450", 0) // one recipient's trouble
	for range breakAfter - 1 {
		learn(1, engine.Unknown, "network", 0)
		learn(1, engine.Retry, "stopping", 0) // our own
	}
	if b.resting(now) != 0 || b.away.Load() != 0 || !b.admits() {
		t.Fatal("it rests too early")
	}
	learn(1, engine.Retry, "plugin_down", 0)
	if b.resting(now) != restMin || b.away.Load() != now.UnixMilli() {
		t.Fatalf("it rests for %v", b.resting(now))
	}
	learn(2, engine.Retry, "network", 0) // was under way when the rest began
	if b.resting(now) != restMin {
		t.Error("a late failure made the rest longer")
	}
	for _, want := range []time.Duration{10 * time.Second, 20 * time.Second, 40 * time.Second, restMax, restMax} {
		now = now.Add(b.resting(now))
		if !b.admits() {
			t.Fatal("nobody may try")
		}
		b.begun(engine.ActionKey{3})
		if b.admits() {
			t.Fatal("two may try at once")
		}
		learn(3, engine.Retry, "timeout", 0)
		b.over(engine.ActionKey{3})
		if got := b.resting(now); got != want {
			t.Errorf("it rests for %v, want %v", got, want)
		}
	}
	now = now.Add(restMax)
	b.begun(engine.ActionKey{4})
	learn(4, engine.Refused, "http_400", 0)
	if b.resting(now) != 0 || b.away.Load() != 0 || !b.admits() {
		t.Error("it rests though the service has answered")
	}
	for range breakAfter {
		learn(5, engine.Retry, "http_429", 30*time.Second)
	}
	if b.resting(now) != 30*time.Second {
		t.Errorf("the service asked for half a minute and gets %v", b.resting(now))
	}
}

// settled waits until nothing is under way; what waits for its channel may wait.
func (g *rig) settled() {
	g.t.Helper()
	r := g.runner
	rests := func() bool {
		return !r.wheel.due() && r.load.work.Load() == 0 && r.dispatcher.idle() && r.dispatcher.active.Load() == 0 && r.load.work.Load() == 0
	}
	wait := func(rested func() bool) {
		if err := r.load.wait(g.patience(), r.dead, rested); err != nil {
			g.t.Fatalf("settle: %v; %+v", err, r.Status())
		}
	}
	// The dispatcher has seen what the clock shows, and begun what may begin, when it
	// has come round twice. It is at rest when nobody else has left it mail meanwhile.
	const rounds = 2
	for settled := false; !settled; {
		wait(rests)
		before := r.dispatcher.posted.Load()
		for range rounds {
			r.dispatcher.post(func(*mail) {})
			wait(r.dispatcher.idle)
		}
		settled = rests() && r.dispatcher.posted.Load() == before+rounds
	}
}

// A service that is away for an hour is asked now and then, not for everything that
// waits. When it is back all of it goes, toss-ups first, and nothing was given up.
func TestChannelRests(t *testing.T) {
	t.Parallel()
	var away atomic.Bool
	away.Store(true)
	world := &receiver{answer: func(engine.Request) engine.Receipt {
		if away.Load() {
			return engine.Receipt{Outcome: engine.Retry, Code: "network"}
		}
		return engine.Receipt{Outcome: engine.Done}
	}}
	const mails, tossUps = 200, 5
	spec := oneChannel()
	spec.Channels[0].Retry = engine.RetrySpec{Times: 6, Over: 3 * engine.Day}
	g := newRig(t, program(t, spec, "a"), world, func(o *Options) {
		o.Limits = func(string) Limits { return Limits{Outstanding: 8, Parallel: 1} }
	})
	for i := range mails {
		g.submit(g.event(fmt.Sprint("s", i), userOf(i), "signup"))
	}
	g.settled()
	for i := range tossUps {
		g.submit(g.event(fmt.Sprint("v", i), userOf(i), "vip"))
	}
	for range 3600 / 5 {
		g.advance(5 * time.Second)
		g.settled()
	}
	st := g.runner.Status().Channels[0]
	if asked := len(world.requests()); asked < 20 || asked > 130 || st.Away == 0 || st.Rests < 10 {
		t.Errorf("the service was asked %d times within the hour; %+v", asked, st)
	}
	away.Store(false)
	before := len(world.requests())
	g.advance(restMax)
	g.settled()
	got := world.requests()[before:]
	first := 0
	for _, q := range got[:min(len(got), 2*tossUps+3)] {
		if q.Lane == engine.LaneTossUp {
			first++
		}
	}
	if first != tossUps {
		t.Errorf("%d toss-ups among the first to go, want %d", first, tossUps)
	}
	for range 80 {
		g.advance(time.Hour)
		g.quiet()
	}
	if st := g.runner.Status().Channels[0]; st.Answers[engine.Done] != mails+tossUps || st.Away != 0 || len(g.letters()) != 0 {
		t.Errorf("%d letters; %+v", len(g.letters()), st)
	}
}
