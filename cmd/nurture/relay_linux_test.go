package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/demo"
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/enginetest"
	"github.com/seed-456efde2/nurture/engine/runner"
)

// relayRules send one mail to everybody who asks, with retries that are close to
// each other on a clock that runs fast.
var relayRules = map[string]string{
	"project.hcl": `project "relay" {
  timezone = "Asia/Tokyo"
  language = "ja"
}

lead {
  key = "email"
  text "email" { required = true }
}

event "asked" {}

channel "mail" {
  plugin = "email"
  retry  = "20 times over 30d"
  config {
    host        = env("RELAY")
    from        = "Relay <relay@example.co.jp>"
    tls         = "none"
    connections = 8
  }
}

workflow "news" {
  enter { on = event.asked }
  steps {
    email "letter" {
      subject       = "お知らせ"
      template      = "letter.md"
      transactional = true
    }
  }
}
`,
	"templates/letter.md": "---\nfooter: Relay K.K.\n---\n# こんにちは\n\nお知らせです。\n",
}

const (
	relayMails = 10_000
	relaySpeed = 2 * time.Minute // that pass in a second
)

// TestRealRelay sends ten thousand mails through a real Postfix that is stopped
// gently in the midst of it and killed a second time. Postfix keeps what it takes and
// hands it on at the end, so that whatever comes twice has been sent to it twice. No
// mail may be lost and none may come twice; a mail whose fate is not known may have
// come or not, and must be listed.
func TestRealRelay(t *testing.T) {
	sink, err := demo.NewMailbox(demo.MailboxOptions{Clock: runner.SystemClock(), Keep: 2 * relayMails})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(enginetest.Patience(t))
	var around sync.WaitGroup
	defer func() { cancel(); around.Wait() }()
	around.Go(func() { _ = sink.Serve(ctx) })
	relay := newPostfix(t, sink.Addr())
	relay.stopAtEnd()
	relay.do("start")
	w := newRelayWorld(t, ctx, relayRules, map[string]string{"RELAY": relay.addr()})
	defer w.stop()

	begun := time.Now()
	// While it is away more is asked for, so that each stop is felt, however much it has
	// taken by then.
	w.ask(0, relayMails*8/10)
	w.until("a quarter is taken", func() bool { return relay.begun() > relayMails/4 })
	w.away(relay, "stop", relayMails*8/10, relayMails*9/10)
	w.until("six in ten are taken", func() bool { return relay.begun() > relayMails*6/10 })
	w.away(relay, "abort", relayMails*9/10, relayMails)
	w.until("everything is decided", func() bool { return w.answers(engine.Done)+w.answers(engine.Unknown) >= relayMails })
	sent := time.Since(begun)
	relay.release()
	w.until("everything has come", func() bool { return sink.Taken() >= relayMails-len(w.listed()) })
	w.until("nothing is under way", relay.empty)
	unknown := w.listed()

	came := map[string]int{}
	for _, m := range sink.Mails() {
		came[m.Key]++
	}
	twice := 0
	for _, n := range came {
		if n > 1 {
			twice++
		}
	}
	arrivedUnknown := 0
	for key := range unknown {
		if came[key] > 0 {
			arrivedUnknown++
		}
	}
	t.Logf("%d mails in %v; %d came, %d twice; %d unknown outcomes are listed, of which %d came; %d attempts were put off",
		relayMails, sent.Round(time.Second), len(came), twice, len(unknown), arrivedUnknown, w.answers(engine.Retry))
	if twice > 0 {
		t.Errorf("%d mails came twice", twice)
	}
	if lost := relayMails - len(came) - (len(unknown) - arrivedUnknown); lost != 0 {
		t.Errorf("%d mails are lost", lost)
	}
}

// away ends the relay by a word of its own, asks for more mails, and starts it again
// when one of them has been put off and some time has passed.
func (w *relayWorld) away(relay *postfix, word string, from, to int) {
	w.t.Helper()
	relay.do(word)
	w.until("the relay is gone", func() bool { return !relay.runs() })
	before := w.answers(engine.Retry)
	w.ask(from, to)
	w.until("an attempt was put off", func() bool { return w.answers(engine.Retry) > before })
	w.pass(4 * time.Minute)
	relay.leaveHalf()
	relay.do("start")
}

// relayWorld is a real server with the real email plugin.
type relayWorld struct {
	t      *testing.T
	ctx    context.Context
	clock  *demo.Fast
	speed  time.Duration
	server *server
	calls  int
	stop   func()
}

func newRelayWorld(t *testing.T, ctx context.Context, files, env map[string]string) *relayWorld {
	t.Helper()
	return newFastWorld(t, ctx, relaySpeed, files, env)
}

// newFastWorld is such a world at a speed of its own.
func newFastWorld(t *testing.T, ctx context.Context, speed time.Duration, files, env map[string]string) *relayWorld {
	t.Helper()
	clock, err := demo.NewFast(runner.SystemClock(), demo.Monday().Add(2*time.Hour), speed)
	if err != nil {
		t.Fatal(err)
	}
	rules := t.TempDir()
	for name, text := range files {
		file := filepath.Join(rules, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err := startServer(ctx, serverOptions{
		Workspace: rules, Data: filepath.Join(t.TempDir(), "data"), Listen: "127.0.0.1:0", Loopback: true, Ballast: -1,
		Clock: clock, Pace: int64(speed / time.Second), ReceiptTimeout: time.Duration(speed/time.Second) * 2 * time.Minute,
		Log:    slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError})),
		Lookup: func(name string) (string, bool) { v, ok := env[name]; return v, ok },
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- s.serve(ctx) }()
	return &relayWorld{t: t, ctx: ctx, clock: clock, speed: speed, server: s, stop: sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the server ended with %v", err)
		}
	})}
}

// ask makes the leads of some numbers ask for a mail.
func (w *relayWorld) ask(from, to int) {
	w.t.Helper()
	const atOnce = 200
	for ; from < to; from += atOnce {
		var calls []string
		for i := from; i < min(from+atOnce, to); i++ {
			address := fmt.Sprintf("lead%05d@example.com", i)
			calls = append(calls,
				fmt.Sprintf(`{"type":"identify","messageId":"i%d","userId":"u%d","traits":{"email":%q}}`, i, i, address),
				fmt.Sprintf(`{"type":"track","messageId":"t%d","userId":"u%d","event":"asked"}`, i, i))
		}
		w.post("/v1/batch", `{"batch":[`+strings.Join(calls, ",")+`]}`)
	}
}

func (w *relayWorld) post(path, body string) []byte {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.ctx, http.MethodPost, w.server.url()+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		w.t.Fatalf("%s: %s %.300s %v", path, answer.Status, text, err)
	}
	return text
}

// pass waits until so much time has passed on the world's clock.
func (w *relayWorld) pass(d time.Duration) {
	w.t.Helper()
	fired, stop := w.clock.At(w.clock.Now().Add(d))
	defer stop()
	select {
	case <-fired:
	case <-w.ctx.Done():
		w.t.Fatal("the time of the test is over")
	}
}

// until waits for something, and looks a few times a second.
func (w *relayWorld) until(what string, so func() bool) {
	w.t.Helper()
	for !so() {
		if w.ctx.Err() != nil {
			w.t.Fatalf("the time of the test is over before this: %s; %d done, %d put off, %d unknown, %d refused",
				what, w.answers(engine.Done), w.answers(engine.Retry), w.answers(engine.Unknown), w.answers(engine.Refused))
		}
		fired, stop := w.clock.At(w.clock.Now().Add(w.speed / time.Second * 100 * time.Millisecond))
		select {
		case <-fired:
		case <-w.ctx.Done():
		}
		stop()
	}
}

// answers is how often the channel answered so.
func (w *relayWorld) answers(o engine.Outcome) int {
	for _, c := range w.server.runner.Status().Channels {
		if c.Channel == "mail" {
			return int(c.Answers[o])
		}
	}
	return 0
}

// listed are the keys of the mails whose fate is not known, as an operator finds
// them.
func (w *relayWorld) listed() map[string]bool {
	w.t.Helper()
	keys := map[string]bool{}
	for part := range w.server.store.Partitions() {
		err := w.server.store.DeadActions(part, engine.ActionKey{}, 2*relayMails, func(d *engine.DeadAction) error {
			if d.Outcome != engine.Unknown {
				w.t.Errorf("a mail was given up as %v: %s %s", d.Outcome, d.Code, d.Detail)
			}
			keys[d.Pending.Key.String()] = true
			return nil
		})
		if err != nil {
			w.t.Fatal(err)
		}
	}
	return keys
}

// empty reports whether the relay has handed on all that it took.
func (p *postfix) empty() bool {
	p.t.Helper()
	for _, queue := range []string{"incoming", "active", "deferred", "maildrop"} {
		found := false
		_ = filepath.WalkDir(filepath.Join(p.folder, "queue", queue), func(_ string, e os.DirEntry, err error) error {
			// What has a point in its name was half taken and never promised.
			found = found || err == nil && e.Type().IsRegular() && !strings.Contains(e.Name(), ".")
			return nil
		})
		if found {
			return false
		}
	}
	return true
}
