package host

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
)

// What did not change keeps its process; what changed gets another while the old
// one finishes what it has.
func TestApplyChangesOnlyWhatChanged(t *testing.T) {
	t.Parallel()
	r := newReceiver(t)
	release := make(chan struct{})
	r.answers(func(string) string { <-release; return "go" })
	h := newHostWith(t, testOptions("relay", "commits"), r, nil, "relay", "commits")
	before := h.Status()
	underWay := send(t, h, request("relay", 1, 1))
	waitSaid(t, r, "hello")

	changed := configs(r, "relay", "commits")
	changed[0].Values["token"] = "another token"
	if err := h.Apply(t.Context(), changed); err != nil {
		t.Fatal(err)
	}
	after := h.Status()
	if after[0].PID != before[0].PID {
		t.Error("commits did not change, but its process did")
	}
	if after[1].PID == before[1].PID {
		t.Error("relay changed, but its process did not")
	}
	later := send(t, h, request("relay", 2, 1))
	close(release)
	wantOutcome(t, get(t, "receipt of what was under way", underWay), engine.Done, "")
	wantOutcome(t, get(t, "receipt of what came later", later), engine.Done, "")

	if err := h.Apply(t.Context(), changed[:1]); err != nil {
		t.Fatal(err)
	}
	if st := h.Status(); len(st) != 1 || st[0].Channel != "relay" {
		t.Fatalf("status %+v", st)
	}
	wantOutcome(t, get(t, "receipt", send(t, h, request("commits", 3, 1))), engine.Refused, CodeUnknownChannel)
}

func TestApplyRefusesBeforeStarting(t *testing.T) {
	t.Parallel()
	o := testOptions("relay", "away")
	o.Catalog[1].Missing = true
	h := newHostWith(t, o, nil, nil)
	list := append(configs(nil, "relay", "relay", "away"), Config{Name: "x", Plugin: "fax"})
	delete(list[0].Values, "receiver")
	list[0].Values["colour"] = 1
	err := h.Apply(t.Context(), list)
	for _, want := range []string{
		"config of channel relay: receiver: Missing attribute",
		`colour: Unknown attribute: "colour" is not one of receiver, token`,
		"plugin away is described but not part of this program",
		`channel x: unknown plugin "fax"; there are [away relay]`,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v\nwant %s", err, want)
		}
	}
	twice := configs(nil, "relay", "relay")
	if err := h.Apply(t.Context(), twice); err == nil || !strings.Contains(err.Error(), "channel relay is configured twice") {
		t.Errorf("error %v", err)
	}
}

// A process that describes itself otherwise than the workspace was checked
// against does not run.
func TestCatalogMustAgree(t *testing.T) {
	t.Parallel()
	o := testOptions("relay")
	o.Catalog[0].Keyed = false
	h := newHostWith(t, o, nil, nil)
	err := h.Apply(t.Context(), configs(nil, "relay"))
	if err == nil || !strings.Contains(err.Error(), "it describes itself as version 1.2.3 in other words than the catalog") {
		t.Fatalf("error %v", err)
	}
}

// While a plugin rests for long, requests are told when to come again; when it
// is back, they go.
func TestRestingPluginTurnsAway(t *testing.T) {
	t.Parallel()
	r, log := newReceiver(t), newJournal()
	clock := newStillClock()
	o := testOptions("relay")
	o.Clock, o.PingEvery = clock, time.Hour
	o.Restarts = RestartPolicy{Crashes: 1, Quarantine: 10 * time.Minute}
	h := newHostWith(t, o, r, log, "relay")
	kill(t, h)
	log.wait(t, 1, "plugin down", "state=quarantined")
	got := get(t, "receipt", send(t, h, request("relay", 1, 1)))
	wantOutcome(t, got, engine.Retry, CodeDown)
	if got.RetryAfter != 10*time.Minute {
		t.Errorf("retry after %s", got.RetryAfter)
	}
	if st := h.Status()[0]; st.State != Quarantined || !st.NextStart.Equal(clock.Now().Add(10*time.Minute)) || st.PID != 0 {
		t.Errorf("status %+v", st)
	}
	clock.pass(t, 10*time.Minute)
	log.wait(t, 2, "plugin ready")
	wantOutcome(t, get(t, "receipt", send(t, h, request("relay", 1, 2))), engine.Done, "")

	kill(t, h)
	log.wait(t, 2, "plugin down", "state=quarantined")
	if !h.Revive("relay") || h.Revive("fax") {
		t.Error("Revive takes the wrong channel")
	}
	log.wait(t, 3, "plugin ready")
}

// During a short rest requests wait for the plugin.
func TestShortRestHolds(t *testing.T) {
	t.Parallel()
	r, log := newReceiver(t), newJournal()
	clock := newStillClock()
	o := testOptions("relay")
	o.Clock, o.PingEvery = clock, time.Hour
	o.Restarts = RestartPolicy{Min: 2 * time.Second}
	h := newHostWith(t, o, r, log, "relay")
	kill(t, h)
	log.wait(t, 1, "plugin down", "state=backoff")
	receipts := send(t, h, request("relay", 1, 1))
	if st := h.Status()[0]; st.Queued != 1 {
		t.Errorf("status %+v", st)
	}
	wait := h.Status()[0].NextStart.Sub(clock.Now())
	clock.pass(t, wait)
	wantOutcome(t, get(t, "receipt", receipts), engine.Done, "")
}

// Closing gives back what no plugin was handed, and waits for what one was.
func TestCloseSettlesEverything(t *testing.T) {
	t.Parallel()
	r := newReceiver(t)
	release := make(chan struct{})
	r.answers(func(string) string { <-release; return "go" })
	h := newHost(t, r, nil, "relay")
	var requests []engine.Request
	for n := range 100 {
		requests = append(requests, request("relay", n, 1))
	}
	receipts := send(t, h, requests...)
	waitSaid(t, r, "hello")
	closed := make(chan error, 1)
	go func() { closed <- h.Close() }()
	outcomes := map[engine.Outcome]int{}
	outcomes[get(t, "receipt", receipts).Outcome]++ // of one that was turned away
	close(release)
	for range len(requests) - 1 {
		outcomes[get(t, "receipt", receipts).Outcome]++
	}
	if err := get(t, "end of Close", closed); err != nil {
		t.Fatal(err)
	}
	if outcomes[engine.Done] == 0 || outcomes[engine.Retry] == 0 || outcomes[engine.Done]+outcomes[engine.Retry] != 100 {
		t.Fatalf("outcomes %v", outcomes)
	}
	if err := h.Send(t.Context(), requests, func(engine.Receipt) {}); !errors.Is(err, errClosed) {
		t.Errorf("Send after Close: %v", err)
	}
}

func TestTooLargeIsRefused(t *testing.T) {
	t.Parallel()
	h := newHost(t, newReceiver(t), nil, "relay")
	large := request("relay", 1, 1)
	large.Parts = []engine.Field{{Name: "html", Value: engine.TextValue(strings.Repeat("x", maxRequest+1))}}
	receipts := send(t, h, large, request("relay", 2, 1))
	wantOutcome(t, get(t, "receipt", receipts), engine.Refused, CodeTooLarge)
	wantOutcome(t, get(t, "receipt", receipts), engine.Done, "")
}

func TestInvalidTextDoesNotBreakTheStream(t *testing.T) {
	t.Parallel()
	h := newHost(t, newReceiver(t), nil, "relay")
	odd := request("relay", 1, 1)
	odd.Parts = []engine.Field{{Name: "to", Value: engine.TextValue("\xff\xfe")}, {Name: "payload", Value: engine.JSONValue("{\"\xff\":1}")}}
	wantOutcome(t, get(t, "receipt", send(t, h, odd)), engine.Done, "")
}

func TestCatalogIsSound(t *testing.T) {
	t.Parallel()
	for _, d := range Catalog() {
		if err := d.Check(); err != nil {
			t.Error(err)
		}
	}
	if _, err := DecodeCatalog([]byte(`[{"schema": 2, "name": "x"}]`)); err == nil || !strings.Contains(err.Error(), "schema 2") {
		t.Errorf("error %v", err)
	}
}
