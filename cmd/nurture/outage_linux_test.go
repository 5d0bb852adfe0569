package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/enginetest"
	"github.com/seed-456efde2/nurture/engine/runner"
)

// outageRules send three kinds of messages and hand-overs through one webhook that
// keeps the order of each lead.
var outageRules = map[string]string{
	"rules.hcl": `project "outage" {
  timezone = "Asia/Tokyo"
  language = "en"
}

lead {
  key = "email"
  text "email" {}
}

event "one" {}
event "two" {}
event "three" {}
event "inquiry" {}

channel "hook" {
  plugin = "webhook"
  order  = "lead"
  retry  = "20 times over 30d"

  config {
    url           = env("HOOK")
    secret        = env("KEY")
    allow_private = true
  }
}

toss_up "inquiry" {
  on = event.inquiry

  hand_over {
    channel = channel.hook
    payload = { lead = "{{ lead.email ?? '' }}" }
  }
}
` + outageFlow("one") + outageFlow("two") + outageFlow("three"),
}

func outageFlow(name string) string {
	return fmt.Sprintf(`
workflow "w_%[1]s" {
  enter { on = event.%[1]s }

  steps {
    webhook "tell" {
      payload = {
        lead = "{{ lead.email ?? '' }}"
        what = "%[1]s"
      }
    }
  }
}
`, name)
}

// flaky is a receiver that honours keys and can be away: it answers 503, or nobody
// listens at its address.
type flaky struct {
	t        *testing.T
	addr     string
	verifier *standardwebhooks.Webhook

	mu     sync.Mutex
	server *http.Server
	served chan struct{}
	busy   bool
	calls  int            // while it was busy
	keys   map[string]int // how often each key came while it was there
	order  []arrival
}

// arrival is a message that was accepted, in the order in which they were.
type arrival struct{ lead, what string }

const outageSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

func newFlaky(t *testing.T) *flaky {
	t.Helper()
	verifier, err := standardwebhooks.NewWebhook(outageSecret)
	if err != nil {
		t.Fatal(err)
	}
	f := &flaky{t: t, verifier: verifier, keys: map[string]int{}, addr: enginetest.Address(t)}
	f.open()
	t.Cleanup(f.close)
	return f
}

// open listens, at the same address each time. In between nobody else does.
func (f *flaky) open() {
	f.t.Helper()
	l, err := net.Listen("tcp", f.addr)
	if err != nil {
		f.t.Fatal(err)
	}
	server, served := &http.Server{Handler: f}, make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(l) // until close
	}()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.server, f.served = server, served
}

// close hangs up on everybody and listens no more.
func (f *flaky) close() {
	f.mu.Lock()
	server, served := f.server, f.served
	f.server = nil
	f.mu.Unlock()
	if server != nil {
		_ = server.Close()
		<-served
	}
}

func (f *flaky) setBusy(busy bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.busy = busy
}

// ServeHTTP implements http.Handler.
func (f *flaky) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the caller has gone
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.busy {
		f.calls++
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	// The clock of the world runs fast; the signature carries the machine's.
	if err := f.verifier.Verify(body, r.Header); err != nil {
		f.t.Errorf("a webhook does not verify: %v", err)
	}
	key := r.Header.Get(standardwebhooks.HeaderWebhookID)
	if f.keys[key]++; f.keys[key] > 1 {
		return // done already
	}
	f.order = append(f.order, arrivalOf(f.t, body))
}

func arrivalOf(t *testing.T, body []byte) arrival {
	var doc map[string]any
	if err := json.Unmarshal(body, &doc); err != nil {
		t.Errorf("a webhook is no JSON: %v", err)
	}
	text := func(name string) string {
		s, _ := doc[name].(string)
		return s
	}
	a := arrival{text("lead"), text("what")}
	if a.what == "" {
		a.what = "toss_up"
	}
	return a
}

func (f *flaky) arrivals() []arrival {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.order)
}

// A receiver that is away for an hour, half of it answering 503 and half of it not
// listening at all, loses nothing and gets nothing twice: each lead's messages come
// in their order, and when it is back the hand-overs that were made meanwhile go
// before everything else that waits.
func TestReceiverAwayForAnHour(t *testing.T) {
	t.Parallel()
	const leads, tossUps = 60, 6
	ctx := enginetest.Patience(t)
	f := newFlaky(t)
	w := newFastWorld(t, ctx, 10*time.Minute, outageRules, map[string]string{"HOOK": "http://" + f.addr, "KEY": outageSecret})
	defer w.stop()
	tell := func(who, event string) { w.call("track", who, event) }
	name := func(i int) string { return fmt.Sprintf("lead%02d", i) }
	for i := range leads {
		w.call("identify", name(i), "")
	}
	for i := range leads {
		tell(name(i), "one")
	}
	w.until("the first messages came", func() bool { return len(f.arrivals()) == leads })

	f.setBusy(true)
	gone := w.clock.Now()
	for i := range leads {
		tell(name(i), "two")
	}
	w.until("it is known that the receiver is away", func() bool { return w.hook().Away != 0 })
	for i := range leads {
		tell(name(i), "three")
	}
	w.pass(gone.Add(30 * time.Minute).Sub(w.clock.Now()))
	f.close()
	for i := range tossUps {
		who := fmt.Sprintf("buyer%02d", i)
		w.call("identify", who, "")
		tell(who, "inquiry")
	}
	w.pass(gone.Add(time.Hour).Sub(w.clock.Now()))
	asked := w.hook()
	f.setBusy(false)
	f.open()
	all := 3*leads + tossUps
	w.until("everything came", func() bool { return len(f.arrivals()) >= all })
	w.until("everything was settled", func() bool { return w.hook().Answers[engine.Done] >= uint64(all) })

	order := f.arrivals()
	seen := map[string][]string{}
	lastTossUp := 0
	for i, a := range order {
		seen[a.lead] = append(seen[a.lead], a.what)
		if a.what == "toss_up" {
			lastTossUp = i - leads + 1
		}
	}
	for i := range leads {
		if got := strings.Join(seen[name(i)+"@example.com"], " "); got != "one two three" {
			t.Errorf("%s got %q", name(i), got)
		}
	}
	if len(order) != all || len(w.given()) != 0 {
		t.Errorf("%d came, want %d; given up: %v", len(order), all, w.given())
	}
	// Hand-overs go first as soon as they may: the one that tries goes before, and so
	// does what is due while a hand-over still waits for its next attempt. How many
	// those are depends on the machine; that hand-overs are not the last does not.
	if lastTossUp == 0 || lastTossUp >= all-leads {
		t.Errorf("the last hand-over is number %d of %d after the hour", lastTossUp, all-leads)
	}
	t.Logf("in the hour the receiver was asked %d times for %d messages, %d rests; afterwards the last of %d hand-overs was number %d of %d",
		asked.Answers[engine.Retry]+asked.Answers[engine.Unknown], 2*leads+tossUps, asked.Rests, tossUps, lastTossUp, all-leads)
}

// hook is how the channel stands.
func (w *relayWorld) hook() runner.ChannelStatus {
	for _, c := range w.server.runner.Status().Channels {
		if c.Channel == "hook" {
			return c
		}
	}
	return runner.ChannelStatus{}
}

// given are the codes of what was given up.
func (w *relayWorld) given() (codes []string) {
	w.t.Helper()
	for part := range w.server.store.Partitions() {
		err := w.server.store.DeadActions(part, engine.ActionKey{}, 0, func(d *engine.DeadAction) error {
			codes = append(codes, d.Code)
			return nil
		})
		if err != nil {
			w.t.Fatal(err)
		}
	}
	return codes
}
