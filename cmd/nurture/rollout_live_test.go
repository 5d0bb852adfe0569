package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/receiver"
	"github.com/seed-456efde2/nurture/engine/enginetest"
)

// rolloutLive is a workspace whose changes go live step by step. %[1]s is in its
// rollout, %[2]s among the steps of its workflow.
const rolloutLive = `project "live" { timezone = "Asia/Tokyo" }

lead {
  text "email" {}

  key = "email"
}

channel "sales" {
  plugin = "webhook"
  rate   = "100000 per second"
  retry  = "20 times over 24h"

  config {
    url           = env("SALES_WEBHOOK_URL")
    secret        = secret("SALES_WEBHOOK_SECRET")
    allow_private = true
  }
}

event "asked" {}

event "left" {}

kpi "losses" {
  rate   = event.left
  of     = event.asked
  within = "1h"
}

rollout {
  canary       = 50
  roll_back_if = ["kpi.losses.value > 0.2"]
  %[1]s
}

workflow "care" {
  enter { on = event.asked }

  steps {
    webhook "hello" {
      payload = {
        what = "hello"
        lead = "{{ lead.email ?? '' }}"
      }
    }
    %[2]s
    wait "rest" { for = "30d" }
  }
}
`

const rolloutMore = `webhook "more" {
      payload = {
        what = "more"
        lead = "{{ lead.email ?? '' }}"
      }
    }`

// rolloutWorld is a server, the receiver of its messages, and people who ask.
type rolloutWorld struct {
	*served
	t                *testing.T
	bin, rules, data string
	sales            *receiver.Receiver
	desk             *httptest.Server

	mu    sync.Mutex // around what follows
	alive string     // address of the server, "" while it is down
	asked []string   // users whose events were answered with 200
	hated bool       // whoever gets "more" leaves
	left  []string   // who left, and has not told yet
}

func newRolloutWorld(t *testing.T, terms string) *rolloutWorld {
	t.Helper()
	w := &rolloutWorld{t: t, bin: buildProgram(t), rules: t.TempDir(), data: filepath.Join(t.TempDir(), "data")}
	var err error
	if w.sales, err = receiver.New(receiver.Options{Secrets: []string{salesSecret}}); err != nil {
		t.Fatal(err)
	}
	w.desk = httptest.NewServer(w.sales)
	t.Cleanup(w.desk.Close)
	write(t, w.file(), fmt.Sprintf(rolloutLive, terms, ""))
	w.start()
	return w
}

func (w *rolloutWorld) file() string { return filepath.Join(w.rules, "rules.hcl") }

func (w *rolloutWorld) start() {
	w.t.Helper()
	w.served = startServer(w.t, w.bin, w.rules, w.data, "127.0.0.1:0", w.desk.URL)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.alive = w.url
}

// crash ends the server as a power cut does, and starts it again.
func (w *rolloutWorld) crash() {
	w.t.Helper()
	w.mu.Lock()
	w.alive = ""
	w.mu.Unlock()
	w.kill(w.t)
	w.start()
}

// post sends events, and reports whether they were taken.
func (w *rolloutWorld) post(batch []map[string]any) bool {
	w.mu.Lock()
	url := w.alive
	w.mu.Unlock()
	if url == "" {
		return false
	}
	b, _ := json.Marshal(map[string]any{"batch": batch})
	req, _ := http.NewRequestWithContext(w.t.Context(), http.MethodPost, url+"/v1/batch", bytes.NewReader(b))
	req.SetBasicAuth(webKey, "")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false // it is down; who asked asks again
	}
	defer resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

func askedBy(event, user string) []map[string]any {
	return []map[string]any{
		{"type": "identify", "messageId": "i-" + user, "userId": user, "traits": map[string]any{"email": user + "@example.test"}},
		{"type": "track", "event": event, "messageId": event + "-" + user, "userId": user},
	}
}

// people lets one after the other ask, each until it is answered, until stop is closed.
// Who got what it did not want leaves.
func (w *rolloutWorld) people(stop <-chan struct{}) (ended <-chan struct{}) {
	over := make(chan struct{})
	pause := time.NewTicker(2 * time.Millisecond)
	go func() {
		defer close(over)
		defer pause.Stop()
		for n := 0; ; n++ {
			user := fmt.Sprint("u", n)
			for !w.post(askedBy("asked", user)) {
				select {
				case <-stop:
					return
				case <-pause.C:
				}
			}
			w.mu.Lock()
			w.asked = append(w.asked, user)
			w.mu.Unlock()
			w.leave()
			select {
			case <-stop:
				return
			case <-pause.C:
			}
		}
	}()
	return over
}

// leave lets everybody leave who got "more".
func (w *rolloutWorld) leave() {
	w.mu.Lock()
	hated, gone := w.hated, len(w.left)
	w.mu.Unlock()
	if !hated {
		return
	}
	var got []string
	for _, d := range w.sales.Deliveries() {
		if m := messageOf(w.t, d); m.What == "more" {
			got = append(got, strings.TrimSuffix(m.Lead, "@example.test"))
		}
	}
	for _, user := range got[gone:] {
		if !w.post(askedBy("left", user)) {
			return
		}
		w.mu.Lock()
		w.left = append(w.left, user)
		w.mu.Unlock()
	}
}

type rolloutMessage struct{ What, Lead string }

func messageOf(t *testing.T, d receiver.Delivery) rolloutMessage {
	t.Helper()
	var m struct {
		rolloutMessage
		Payload *rolloutMessage
	}
	if err := json.Unmarshal(d.Body, &m); err != nil {
		t.Errorf("%v in %s", err, d.Body)
	}
	if m.Payload != nil {
		return *m.Payload
	}
	return m.rolloutMessage
}

type rolloutStatus struct {
	Revision uint32
	Rollout  *struct {
		Phase, Summary string
		Revision       uint32
		Became         uint32
	}
}

// untilPhase waits for one of some phases.
func (w *rolloutWorld) untilPhase(phases ...string) rolloutStatus {
	w.t.Helper()
	var st rolloutStatus
	w.eventually(strings.Join(phases, " or "), func() bool {
		st = rolloutStatus{}
		w.ask(w.t, http.MethodGet, "/api/v1/status", nil, &st)
		return st.Rollout != nil && slices.Contains(phases, st.Rollout.Phase)
	})
	return st
}

// untilPromoted waits until the change is live for everybody. Where so little came in
// while it baked that it cannot be judged, as on a machine that starts a server for
// longer than that takes, somebody decides.
func (w *rolloutWorld) untilPromoted() rolloutStatus {
	w.t.Helper()
	st := w.untilPhase("not_judged", "promoted")
	if st.Rollout.Phase == "not_judged" {
		var answer map[string]any
		w.ask(w.t, http.MethodPost, "/api/v1/rollout/promote", map[string]any{"why": "little came in"}, &answer)
		st = w.untilPhase("promoted")
	}
	return st
}

// eventually waits until something holds.
func (w *rolloutWorld) eventually(what string, holds func() bool) {
	w.t.Helper()
	patience := enginetest.Patience(w.t)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-patience.Done():
			w.t.Fatalf("%s did not come about", what)
		case <-tick.C:
		}
	}
}

// check sees that everybody who asked got each message once, and stands in the journal
// once.
func (w *rolloutWorld) check() {
	w.t.Helper()
	w.eventually("everybody's hello", func() bool {
		got := map[string]bool{}
		for _, d := range w.sales.Deliveries() {
			if m := messageOf(w.t, d); m.What == "hello" {
				got[m.Lead] = true
			}
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		return len(got) >= len(w.asked)
	})
	seen := map[rolloutMessage]int{}
	for _, d := range w.sales.Deliveries() {
		seen[messageOf(w.t, d)]++
	}
	for m, n := range seen {
		if n > 1 {
			w.t.Errorf("%s got %q %d times under different keys", m.Lead, m.What, n)
		}
	}
	if tally := w.sales.Tally(); tally.Conflicts > 0 {
		w.t.Errorf("%d keys meant two messages", tally.Conflicts)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, user := range w.asked {
		if i%max(1, len(w.asked)/60) != 0 {
			continue // a few of each part of the time
		}
		var doc struct {
			Facts []struct{ MessageID string }
		}
		w.ask(w.t, http.MethodGet, "/api/v1/leads/"+user+"?facts=1000", nil, &doc)
		n := 0
		for _, f := range doc.Facts {
			if f.MessageID == "asked-"+user {
				n++
			}
		}
		if n != 1 {
			w.t.Errorf("%s asked once, and stands %d times in the journal", user, n)
		}
	}
}

// TestRolloutLivesThroughCrashes: a change goes live step by step while people ask and
// the server is killed in each phase. Nothing is lost, and nothing is sent twice.
func TestRolloutLivesThroughCrashes(t *testing.T) {
	t.Parallel()
	w := newRolloutWorld(t, "shadow = \"3s\"\n  bake   = \"4s\"")
	stop := make(chan struct{})
	ended := w.people(stop)
	var once sync.Once
	end := func() { once.Do(func() { close(stop); <-ended }) }
	defer end()
	write(t, w.file(), fmt.Sprintf(rolloutLive, "shadow = \"3s\"\n  bake   = \"4s\"", rolloutMore))
	w.untilPhase("shadow", "canary", "not_judged", "promoted")
	w.crash()
	w.untilPhase("canary", "not_judged", "promoted")
	w.crash()
	st := w.untilPromoted()
	w.crash()
	if again := w.untilPhase("promoted"); again.Revision != st.Rollout.Became {
		t.Errorf("r%d runs, promoted as r%d", again.Revision, st.Rollout.Became)
	}
	w.eventually("somebody gets what the change sends", func() bool {
		return slices.ContainsFunc(w.sales.Deliveries(), func(d receiver.Delivery) bool { return messageOf(t, d).What == "more" })
	})
	end()
	w.check()
	w.stop(t)
}

// TestRolloutTakenBackLive: a change that makes people leave is taken back by its guard
// long before its time is over, and stays refused over a crash; who asks meanwhile is
// served.
func TestRolloutTakenBackLive(t *testing.T) {
	t.Parallel()
	w := newRolloutWorld(t, `bake = "30d"`)
	w.hated = true
	stop := make(chan struct{})
	ended := w.people(stop)
	var once sync.Once
	end := func() { once.Do(func() { close(stop); <-ended }) }
	defer end()
	write(t, w.file(), fmt.Sprintf(rolloutLive, `bake = "30d"`, rolloutMore))
	w.untilPhase("canary", "rolled_back")
	w.crash()
	st := w.untilPhase("rolled_back")
	if !strings.Contains(st.Rollout.Summary, "kpi.losses.value > 0.2") {
		t.Errorf("the status says %q", st.Rollout.Summary)
	}
	var metrics []byte
	w.ask(t, http.MethodGet, "/metrics", nil, &metrics)
	if !bytes.Contains(metrics, []byte("nurture_rollout_rolled_back 1")) {
		t.Error("the metric does not show what was taken back")
	}
	w.crash()
	var loaded struct{ OK bool }
	w.ask(t, http.MethodPost, "/api/v1/reload", nil, &loaded)
	if again := w.untilPhase("rolled_back"); again.Revision != st.Revision || !loaded.OK {
		t.Errorf("the refused files were tried again: %+v", again)
	}
	end()
	w.check()
	w.stop(t)
}
