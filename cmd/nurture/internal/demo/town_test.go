package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/enginetest"
	"github.com/seed-456efde2/nurture/engine/intake"
)

// play lets a town live for a while without a server, on a clock of its own, and
// gives what it would have sent. Everybody gets a mail each day and sales gets
// one packet for each person.
func play(t *testing.T, seed uint64, leads int, d time.Duration) ([]event, *Town) {
	t.Helper()
	clock := enginetest.NewClock(Monday())
	mailbox := &Mailbox{o: MailboxOptions{Clock: clock, Keep: 10}, changed: make(chan struct{})}
	desk := &Desk{o: DeskOptions{Clock: clock, Keep: 1000}, byKey: map[string]*Packet{}, changed: make(chan struct{})}
	town, err := NewTown(Options{Clock: clock, Server: "http://none.invalid", Mailbox: mailbox, Desk: desk, Seed: seed, Leads: leads})
	if err != nil {
		t.Fatal(err)
	}
	town.begin(clock.Now())
	end := clock.Now().Add(d)
	var events []event
	for day := clock.Now(); clock.Now().Before(end); {
		got, next := town.agenda.due()
		events = append(events, got...)
		clock.Advance(next.Sub(clock.Now()))
		if clock.Now().Sub(day) < 24*time.Hour {
			continue
		}
		day = clock.Now()
		for i, p := range town.people {
			town.mailArrived(&Mail{
				Key: fmt.Sprintf("%032x", i), At: day, To: []string{p.email},
				HTML: `<a href="https://www.minamo.example.co.jp/pricing">料金</a>`,
			})
			packet := Packet{Key: p.id, TossUp: "hot_lead", User: p.id, At: day, State: Offered}
			if desk.byKey[p.id] == nil {
				desk.take(&packet)
				town.packetArrived(packet)
			}
		}
	}
	return events, town
}

// The same seed gives the same town, another one another.
func TestTownFollowsFromItsSeed(t *testing.T) {
	t.Parallel()
	write := func(seed uint64) string {
		events, _ := play(t, seed, 20, 5*24*time.Hour)
		b, err := json.Marshal(events)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	one := write(7)
	if again := write(7); again != one {
		t.Error("the same seed gave two towns")
	}
	if write(8) == one {
		t.Error("two seeds gave the same town")
	}
}

// What a town sends is what the collector takes, and all that there is to see
// happens in it.
func TestTownSendsSoundEvents(t *testing.T) {
	t.Parallel()
	events, town := play(t, 1, 200, 21*24*time.Hour)
	if len(town.people) != 200 {
		t.Errorf("%d people came in three weeks, want 200", len(town.people))
	}
	ids := map[string]bool{}
	seen := map[string]int{}
	last := map[string]time.Time{}
	for _, e := range events {
		if ids[e.MessageID] {
			t.Errorf("message %s was sent twice", e.MessageID)
		}
		ids[e.MessageID] = true
		seen[e.Type+" "+e.Event]++
		last[e.UserID] = e.Timestamp
	}
	for _, kind := range []string{
		"identify ", "page ", "track form_submitted", "track consent_given", "track email_opened", "track email_clicked",
		"track unsubscribed", "track toss_up_accepted", "track toss_up_rejected", "track opportunity_created", "track deal_won",
	} {
		if seen[kind] == 0 {
			t.Errorf("nobody did %q in three weeks; what was done: %v", kind, slices.Sorted(maps.Keys(seen)))
		}
	}
	for batch := range slices.Chunk(events, maxBatch) {
		body, err := json.Marshal(map[string]any{"batch": batch})
		if err != nil {
			t.Fatal(err)
		}
		got, err := intake.Decode(body, intake.Call{Received: engine.TimeOf(batch[len(batch)-1].Timestamp)})
		if err != nil || len(got.Refused) > 0 || len(got.Events) != len(batch) {
			t.Fatalf("of %d events %d were taken and %d refused: %v", len(batch), len(got.Events), len(got.Refused), err)
		}
	}
	states := map[State]int{}
	for _, p := range town.o.Desk.packets {
		states[p.State]++
	}
	if states[Won] == 0 || states[Lost] == 0 || states[Rejected] == 0 || states[Offered] == 0 {
		t.Errorf("sales left its packets as %v", states)
	}
}

// Who has unsubscribed does nothing more, and addresses belong to nobody.
func TestTownIsDecent(t *testing.T) {
	t.Parallel()
	_, town := play(t, 3, 200, 10*24*time.Hour)
	addresses := map[string]string{}
	for _, p := range town.people {
		if !strings.HasSuffix(p.email, ".example.jp") {
			t.Errorf("%s could be somebody's", p.email)
		}
		if other, taken := addresses[p.email]; taken {
			t.Errorf("%s and %s have one address", other, p.id)
		}
		addresses[p.email] = p.id
	}
}

// flaky is a collector that is away at first, overloaded then, and takes every
// batch from the third call on.
type flaky struct {
	mu    sync.Mutex
	calls int
	users map[string]bool
	took  chan struct{}
}

func (f *flaky) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls++
	switch f.calls {
	case 1:
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	case 2:
		w.WriteHeader(http.StatusTooManyRequests)
		return
	}
	everybody := len(f.users) == 5
	body, _ := io.ReadAll(r.Body)
	var batch struct {
		Batch []event `json:"batch"`
	}
	_ = json.NewDecoder(bytes.NewReader(body)).Decode(&batch)
	for _, e := range batch.Batch {
		f.users[e.UserID] = true
	}
	user, _, _ := r.BasicAuth()
	if user != "key-of-town" || r.URL.Path != "/v1/batch" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if everybody { // and the answer to the call that brought the last one was read
		select {
		case f.took <- struct{}{}:
		default:
		}
	}
}

// A town whose server is away for a while loses nothing and goes on.
func TestTownWaitsForItsServer(t *testing.T) {
	t.Parallel()
	f := &flaky{users: map[string]bool{}, took: make(chan struct{}, 1)}
	server := httptest.NewServer(f)
	defer server.Close()
	clock := enginetest.NewClock(Monday())
	fast, err := NewFast(systemClock{}, Monday(), Fastest)
	if err != nil {
		t.Fatal(err)
	}
	mailbox := &Mailbox{o: MailboxOptions{Clock: clock, Keep: 10}, changed: make(chan struct{})}
	desk := &Desk{o: DeskOptions{Clock: clock, Keep: 10}, byKey: map[string]*Packet{}, changed: make(chan struct{})}
	town, err := NewTown(Options{
		Clock: fast, Server: server.URL, Key: "key-of-town", Mailbox: mailbox, Desk: desk, Leads: 5, PerHour: 60,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		town.Run(ctx)
	}()
	<-f.took
	cancel()
	<-done
	if town.Leads() != 5 || town.Sent() == 0 {
		t.Errorf("%d people came and %d events were taken", town.Leads(), town.Sent())
	}
}

// systemClock is the machine's clock, for the one test that wants real time to
// pass.
type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

func (systemClock) At(at time.Time) (<-chan time.Time, func()) {
	t := time.NewTimer(time.Until(at))
	return t.C, func() { t.Stop() }
}
