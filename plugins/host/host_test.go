package host

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
)

func TestActionsAreDone(t *testing.T) {
	t.Parallel()
	r := newReceiver(t)
	h := newHost(t, r, nil, "relay")
	var requests []engine.Request
	for n := range 200 {
		requests = append(requests, request("relay", n, 1))
	}
	receipts := send(t, h, requests...)
	for range requests {
		got := get(t, "receipt", receipts)
		wantOutcome(t, got, engine.Done, "")
		if want := "id-" + got.Key.String(); got.Provider != want || got.Attempt != 1 {
			t.Fatalf("receipt %+v, want provider %s", got, want)
		}
	}
	for _, q := range requests {
		if n := r.finals(q.Key); n != 1 {
			t.Fatalf("%s was done %d times", q.Key, n)
		}
	}
}

func TestAnswersAreValues(t *testing.T) {
	t.Parallel()
	r := newReceiver(t)
	r.answers(func(line string) string {
		switch {
		case strings.HasPrefix(line, "hello"):
			return "go"
		case strings.HasSuffix(line, "1"):
			return "refuse tanaka@example.co.jp is unknown here"
		}
		return "retry later"
	})
	h := newHost(t, r, nil, "relay")
	got := get(t, "receipt", send(t, h, request("relay", 1, 1)))
	wantOutcome(t, got, engine.Refused, "refused")
	if got.Detail != "<to> is unknown here" {
		t.Fatalf("detail %q names somebody", got.Detail)
	}
	got = get(t, "receipt", send(t, h, request("relay", 2, 2)))
	wantOutcome(t, got, engine.Retry, "later")
	if got.RetryAfter != 90*time.Second {
		t.Fatalf("retry after %s", got.RetryAfter)
	}
}

func TestUnknownChannelIsRefused(t *testing.T) {
	t.Parallel()
	h := newHost(t, nil, nil, "relay")
	wantOutcome(t, get(t, "receipt", send(t, h, request("other", 1, 1))), engine.Refused, CodeUnknownChannel)
}

// A plugin that is killed while it works comes back, and the action under the
// same key is done once at a receiver that honours keys.
func TestKilledPluginComesBack(t *testing.T) {
	t.Parallel()
	r := newReceiver(t)
	release := make(chan struct{})
	r.answers(func(line string) string {
		if strings.HasPrefix(line, "final") && strings.HasSuffix(line, "1") {
			<-release
		}
		return "go"
	})
	t.Cleanup(func() { close(release) })
	log := newJournal()
	h := newHost(t, r, log, "relay")
	receipts := send(t, h, request("relay", 1, 1))
	waitSaid(t, r, "final")
	kill(t, h)
	got := get(t, "receipt", receipts)
	wantOutcome(t, got, engine.Unknown, CodeCrashed)

	again := send(t, h, request("relay", 1, 2))
	wantOutcome(t, get(t, "receipt", again), engine.Done, "")
	log.wait(t, 2, "plugin ready")
	log.wait(t, 1, "plugin down", "signal: killed")
	st := h.Status()[0]
	if st.State != Healthy || st.Restarts != 1 || !strings.Contains(st.LastError, "killed") {
		t.Fatalf("status %+v", st)
	}
	key := request("relay", 1, 1).Key
	if n := r.finals(key); n != 2 {
		t.Fatalf("the receiver heard of the key %d times, want both attempts", n)
	}
}

// Where a channel commits, a crash before the point of no return is known to
// have done nothing; after it the outcome is unknown.
func TestCommitTellsCrashesApart(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		at      string
		outcome engine.Outcome
	}{{"hello", engine.Retry}, {"final", engine.Unknown}} {
		t.Run(c.at, func(t *testing.T) {
			t.Parallel()
			r := newReceiver(t)
			release := make(chan struct{})
			r.answers(func(line string) string {
				if strings.HasPrefix(line, c.at) {
					<-release
				}
				return "go"
			})
			t.Cleanup(func() { close(release) })
			h := newHost(t, r, nil, "commits")
			receipts := send(t, h, request("commits", 1, 1))
			waitSaid(t, r, c.at)
			kill(t, h)
			wantOutcome(t, get(t, "receipt", receipts), c.outcome, CodeCrashed)
		})
	}
}

// An action that took too long is settled; the plugin, which does not know yet,
// gets no leave any more.
func TestLateCommitGetsNoLeave(t *testing.T) {
	t.Parallel()
	r := newReceiver(t)
	release := make(chan struct{})
	r.answers(func(line string) string {
		if strings.HasPrefix(line, "hello") {
			<-release
		}
		return "go"
	})
	o := testOptions("commits")
	clock := newStillClock()
	o.Clock = clock
	o.PingEvery = time.Minute
	h := newHostWith(t, o, r, nil, "commits")
	receipts := send(t, h, request("commits", 1, 1))
	waitSaid(t, r, "hello")
	wantOutcome(t, passUntil(t, clock, time.Minute, receipts), engine.Retry, CodeTimeout)
	close(release)
	waitSaid(t, r, "bye")
	if n := r.finals(request("commits", 1, 1).Key); n != 0 {
		t.Fatal("it went without leave")
	}
}

func waitSaid(t *testing.T, r *receiver, word string) string {
	t.Helper()
	for {
		if line := get(t, word, r.said); strings.HasPrefix(line, word) {
			return line
		}
	}
}

func kill(t *testing.T, h *Host) {
	t.Helper()
	pid := h.Status()[0].PID
	if pid == 0 {
		t.Fatal("there is no process")
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}
