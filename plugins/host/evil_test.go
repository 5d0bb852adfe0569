package host

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
)

// A plugin that does not come up is one clear error; the host, and the channel
// beside it, live on.
func TestPluginThatDoesNotStart(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ mode, want string }{
		{"exits", "ended before its handshake: exit status 3; it wrote: cannot find my configuration file"},
		{"noisy", `printed "Welcome to the plugin!" where its handshake should be`},
		{"endless", `printed "xxxxxxxxxxxx`},
		{"newer", `speaks protocol "9", this host speaks 1`},
		{"older", `speaks version "0" of the plugin handshake`},
		{"elsewhere", "listens on a socket outside its private directory"},
		{"raw_cookie", "ended before its handshake: exit status 1; it wrote: "},
		{"raw_liar", `it says that it is plugin "somebody_else"`},
		{"raw_huge", "describe: "},
		{"remote", "listens on an address that is not this machine's loopback"},
	} {
		t.Run(c.mode, func(t *testing.T) {
			t.Parallel()
			r := newReceiver(t)
			h := newHostWith(t, testOptions("relay", c.mode), r, nil, "relay")
			err := h.Apply(t.Context(), configs(r, "relay", c.mode))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("error %v\nwant %s", err, c.want)
			}
			if strings.Count(err.Error(), "\n") > 0 {
				t.Errorf("error on several lines: %v", err)
			}
			wantOutcome(t, get(t, "receipt", send(t, h, request("relay", 1, 1))), engine.Done, "")
		})
	}
}

func TestPluginThatNeverShakesHands(t *testing.T) {
	t.Parallel()
	o := testOptions("silent")
	clock := newStillClock()
	o.Clock, o.StartTimeout = clock, 10*time.Second
	h := newHostWith(t, o, nil, nil)
	result := make(chan error, 1)
	go func() { result <- h.Apply(context.Background(), configs(nil, "silent")) }()
	clock.pass(t, 10*time.Second)
	err := get(t, "end of Apply", result)
	if err == nil || !strings.Contains(err.Error(), "no handshake: no answer within 10s") {
		t.Fatalf("error %v", err)
	}
}

// A plugin that shakes hands and then says nothing is waited for as long as any
// start, and killed.
func TestPluginThatNeverDescribesItself(t *testing.T) {
	t.Parallel()
	o := testOptions("raw_mute")
	clock, log := newStillClock(), newJournal()
	o.Clock, o.StartTimeout = clock, 10*time.Second
	h := newHostWith(t, o, nil, log)
	result := make(chan error, 1)
	go func() { result <- h.Apply(context.Background(), configs(nil, "raw_mute")) }()
	log.wait(t, 1, "asked what it is")
	clock.pass(t, 10*time.Second)
	err := get(t, "end of Apply", result)
	if err == nil || !strings.Contains(err.Error(), "describe: no answer within 10s") {
		t.Fatalf("error %v", err)
	}
}

// Only the first answer to an action counts, and answers to nothing are nothing.
func TestAnswersTwice(t *testing.T) {
	t.Parallel()
	log := newJournal()
	h := newHostWith(t, testOptions("raw_twice"), nil, log, "raw_twice")
	receipts := send(t, h, request("raw_twice", 1, 1), request("raw_twice", 2, 1))
	for range 2 {
		if r := get(t, "receipt", receipts); r.Outcome != engine.Done || r.Provider != "first" {
			t.Errorf("receipt %+v", r)
		}
	}
	log.wait(t, 1, "WARN plugin answered an action twice", "channel=raw_twice")
	log.wait(t, 1, "WARN plugin answered an action that it was never given")
	if err := h.Close(); err != nil { // whatever else came has come
		t.Fatal(err)
	}
	if odd := h.Status()[0].Odd; odd != (Oddities{Twice: 4, Unasked: 2}) {
		t.Errorf("odd answers: %+v", odd)
	}
	select {
	case r := <-receipts:
		t.Errorf("a third receipt: %+v", r)
	default:
	}
}

// What comes after an action was given up changes nothing.
func TestAnswerThatComesTooLate(t *testing.T) {
	t.Parallel()
	clock := newStillClock()
	o := testOptions("raw_late")
	o.Clock, o.PingEvery = clock, time.Minute // longer than an action may take
	log := newJournal()
	h := newHostWith(t, o, nil, log, "raw_late")
	given := send(t, h, request("raw_late", 1, 1))
	log.wait(t, 1, "taken")
	wantOutcome(t, passUntil(t, clock, time.Minute, given), engine.Unknown, CodeTimeout)
	wantOutcome(t, get(t, "receipt", send(t, h, request("raw_late", 1, 2))), engine.Refused, "second")
	log.wait(t, 1, "WARN plugin answered an action after its time was over")
	if odd := h.Status()[0].Odd; odd != (Oddities{Late: 1}) {
		t.Errorf("odd answers: %+v", odd)
	}
	select {
	case r := <-given:
		t.Errorf("a second receipt: %+v", r)
	default:
	}
}

// A result without an outcome claims nothing.
func TestResultWithoutOutcome(t *testing.T) {
	t.Parallel()
	h := newHostWith(t, testOptions("raw_empty"), nil, nil, "raw_empty")
	wantOutcome(t, get(t, "receipt", send(t, h, request("raw_empty", 1, 1))), engine.Unknown, "no_outcome")
}

// A message larger than any may be ends the stream: the action's outcome is not
// known, and the plugin is started anew.
func TestMessageLargerThanAny(t *testing.T) {
	t.Parallel()
	log := newJournal()
	o := testOptions("raw_flood")
	o.graces.exit = 0 // the process lives on, and nobody need wait for its end
	h := newHostWith(t, o, nil, log, "raw_flood")
	wantOutcome(t, get(t, "receipt", send(t, h, request("raw_flood", 1, 1))), engine.Unknown, CodeCrashed)
	log.wait(t, 1, "plugin down", "larger than max")
	log.wait(t, 2, "plugin ready")
}

func TestApplyEndsWithItsContext(t *testing.T) {
	t.Parallel()
	h := newHostWith(t, testOptions("silent"), nil, nil)
	ctx, cancel := context.WithCancelCause(context.Background())
	result := make(chan error, 1)
	go func() { result <- h.Apply(ctx, configs(nil, "silent")) }()
	cancel(errors.New("the operator lost patience"))
	if err := get(t, "end of Apply", result); err == nil || !strings.Contains(err.Error(), "lost patience") {
		t.Fatalf("error %v", err)
	}
}

// One line of odd JSON ends a host that lets go-plugin read standard error.
func TestOddJSONOnStderr(t *testing.T) {
	t.Parallel()
	r, log := newReceiver(t), newJournal()
	h := newHost(t, r, log, "odd_json")
	log.wait(t, 1, `{"@message": 5}`, "channel=odd_json")
	log.wait(t, 1, "DEBUG numbers")
	fine := log.wait(t, 1, "INFO fine")
	if !strings.Contains(fine, "token=<secret>") || !strings.Contains(fine, "who=<address>") {
		t.Errorf("secrets or addresses in the log: %s", fine)
	}
	if strings.Contains(log.all(), "s3cret-token") || strings.Contains(log.all(), "tanaka") {
		t.Errorf("secrets or addresses in the log:\n%s", log.all())
	}
	wantOutcome(t, get(t, "receipt", send(t, h, request("odd_json", 1, 1))), engine.Done, "")
}

func TestFloods(t *testing.T) {
	t.Parallel()
	r, log := newReceiver(t), newJournal()
	o := testOptions("floods")
	o.Clock = newStillClock() // all of it within one second
	h := newHostWith(t, o, r, log, "floods")
	wantOutcome(t, get(t, "receipt", send(t, h, request("floods", 1, 1))), engine.Done, "")
	kill(t, h) // its pipes are read to the end
	log.wait(t, 1, "WARN plugin wrote too much", "lines dropped")
	log.wait(t, 1, "plugin down", "signal: killed")
	for _, line := range strings.Split(log.all(), "\n") {
		if len(line) > maxLine+500 {
			t.Fatalf("a line of %d bytes in the log", len(line))
		}
	}
}

// A stopped process answers neither pings nor go-plugin's wish that it end.
func TestHungPluginIsReplaced(t *testing.T) {
	t.Parallel()
	r, log := newReceiver(t), newJournal()
	o := testOptions("stops")
	o.PingEvery, o.PingTimeout = 20*time.Millisecond, 200*time.Millisecond
	h := newHostWith(t, o, r, log, "stops")
	got := get(t, "receipt", send(t, h, request("stops", 1, 1)))
	wantOutcome(t, got, engine.Unknown, CodeCrashed)
	log.wait(t, 1, "plugin process does not answer: 2 pings without answer within 200ms")
	log.wait(t, 2, "plugin ready")
}

func TestPanicThatNobodyRecovers(t *testing.T) {
	t.Parallel()
	r, log := newReceiver(t), newJournal()
	h := newHost(t, r, log, "crashes")
	wantOutcome(t, get(t, "receipt", send(t, h, request("crashes", 1, 1))), engine.Unknown, CodeCrashed)
	log.wait(t, 1, "ERROR panic: out of cheese")
	log.wait(t, 1, "ERROR plugin down", "exit status 2")
	log.wait(t, 2, "plugin ready")
}

// A plugin that leaks is ended before it takes the machine's memory, and says so.
func TestLeaks(t *testing.T) {
	t.Parallel()
	log := newJournal()
	o := testOptions("leaks")
	o.Memory = 150 << 20
	newHostWith(t, o, newReceiver(t), log, "leaks")
	line := log.wait(t, 1, "plugin down", "MiB of memory, more than the 150 MiB it may")
	if !strings.Contains(line, "channel=leaks") {
		t.Errorf("the line does not name the channel: %s", line)
	}
	log.wait(t, 2, "plugin ready")
}

// Whatever one plugin does, the channel beside it goes on as if it were alone.
func TestBadPluginHarmsNobodyElse(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"crashes", "stops", "floods", "panics", "grandchild", "leaks", "raw_twice", "raw_late", "raw_flood", "raw_empty", "odd_json"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			r := newReceiver(t)
			o := testOptions("relay", mode)
			o.PingEvery, o.Memory = 20*time.Millisecond, 150<<20
			o.StopTimeout, o.graces = time.Second, graces{} // the bad one's end is nobody's concern
			h := newHostWith(t, o, r, nil, "relay", mode)
			var bad []engine.Request
			for n := range 50 {
				bad = append(bad, request(mode, 1000+n, 1))
			}
			send(t, h, bad...)
			const good = 200
			for n := range good {
				wantOutcome(t, get(t, "receipt", send(t, h, request("relay", n, 1))), engine.Done, "")
			}
			for _, st := range h.Status() {
				if st.Channel == "relay" && (st.Restarts != 0 || st.State != Healthy || st.Odd != Oddities{}) {
					t.Errorf("the good one suffered: %+v", st)
				}
			}
		})
	}
}

// What a process uses is told while it runs, and what it has used adds up over its
// lives.
func TestUsage(t *testing.T) {
	t.Parallel()
	r, log := newReceiver(t), newJournal()
	h := newHost(t, r, log, "relay")
	st := h.Status()[0]
	if st.Memory < 1<<20 || st.Memory > 1<<30 {
		t.Errorf("a process uses %d bytes of memory", st.Memory)
	}
	for n := 0; h.Status()[0].CPU == 0; n++ { // it is counted in hundredths of a second
		get(t, "receipt", send(t, h, request("relay", n, 1)))
	}
	before := h.Status()[0].CPU
	kill(t, h)
	log.wait(t, 2, "plugin ready")
	if after := h.Status()[0].CPU; after < before {
		t.Errorf("processor time %g s, after a restart %g s", before, after)
	}
}

// A panic in an author's Do costs that action only.
func TestPanicInDo(t *testing.T) {
	t.Parallel()
	r, log := newReceiver(t), newJournal()
	h := newHost(t, r, log, "panics")
	wantOutcome(t, get(t, "receipt", send(t, h, request("panics", 1, 1))), engine.Unknown, "panic")
	log.wait(t, 1, "ERROR panic in Do")
	if strings.Contains(log.all(), "tanaka") {
		t.Errorf("the log names somebody:\n%s", log.all())
	}
	if st := h.Status()[0]; st.Restarts != 0 {
		t.Errorf("status %+v", st)
	}
}

// A grandchild that left the process group keeps the pipes of its dead parent
// open; nobody waits for them.
func TestGrandchildHoldsThePipes(t *testing.T) {
	t.Parallel()
	r, log := newReceiver(t), newJournal()
	o := testOptions("grandchild")
	o.graces.pipe = 0 // the grandchild would hold it as long as anybody waits
	h := newHostWith(t, o, r, log, "grandchild")
	receipts := send(t, h, request("grandchild", 1, 1))
	waitSaid(t, r, "linger") // it ends with the receiver
	wantOutcome(t, get(t, "receipt", receipts), engine.Unknown, CodeCrashed)
	log.wait(t, 1, "plugin down", "exit status 7")
	log.wait(t, 2, "plugin ready")
}

// What a plugin says of its config reaches the operator without the secret.
func TestRefusedConfig(t *testing.T) {
	t.Parallel()
	h := newHostWith(t, testOptions("picky", "relay"), nil, nil)
	err := h.Apply(t.Context(), configs(nil, "relay", "picky"))
	var refused *ConfigError
	if !errors.As(err, &refused) {
		t.Fatalf("error %v", err)
	}
	if d := refused.Diagnostics[0]; refused.Channel != "picky" || d.Path != "token" || d.Detail.En != "the token <secret> is not known" {
		t.Fatalf("%+v", refused)
	}
	if st := h.Status(); len(st) != 0 {
		t.Fatalf("half a configuration is running: %+v", st)
	}
}
