package main_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/enginetest"
	"github.com/seed-456efde2/nurture/plugins/host"
)

// clientCount is a line that a driver in testdata/clients prints: how many events
// the real client was given, and what it said became of them.
type clientCount struct {
	Done      bool           `json:"done"`
	Sent      int            `json:"sent"`
	Delivered int            `json:"delivered"`
	Failed    int            `json:"failed"`
	Requests  int            `json:"requests"`
	Retries   int            `json:"retries"`
	Reasons   map[string]int `json:"reasons"`
}

// client is a real npm client at work in a process of its own.
type client struct {
	lines  chan clientCount
	stderr bytes.Buffer
	cmd    *exec.Cmd
}

// startClient runs a driver against the collector at url. It ends with the test.
func startClient(t *testing.T, driver, url, key, file string, more ...string) *client {
	t.Helper()
	args := append([]string{"--url", url, "--key", key, "--file", file}, more...)
	return startCommand(t, nodeCommand(t, driver, args...))
}

// startCommand runs a client that prints its counts.
func startCommand(t *testing.T, cmd *exec.Cmd) *client {
	t.Helper()
	c := &client{lines: make(chan clientCount, 1000), cmd: cmd}
	c.cmd.Stderr = &c.stderr
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", filepath.Base(cmd.Path), err)
	}
	go func() {
		defer close(c.lines)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			var count clientCount
			if json.Unmarshal(lines.Bytes(), &count) == nil {
				c.lines <- count
			}
		}
	}()
	return c
}

// reached returns at the first line by which so many events have come back.
func (c *client) reached(t *testing.T, events int) clientCount {
	t.Helper()
	for count := range c.lines {
		if count.Done || count.Delivered+count.Failed >= events {
			return count
		}
	}
	t.Fatalf("the client ended before %d events had come back: %s", events, c.stderr.String())
	return clientCount{}
}

// finish waits for the client's end and gives its last count.
func (c *client) finish(t *testing.T) clientCount {
	t.Helper()
	var last clientCount
	for count := range c.lines {
		last = count
	}
	err := c.cmd.Wait()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if !last.Done {
		t.Fatalf("the client ended in the middle (%v): %s", err, c.stderr.String())
	}
	return last
}

// nodeCommand is a driver's command, in the folder where its packages are.
func nodeCommand(t *testing.T, driver string, args ...string) *exec.Cmd {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("testdata", "clients", driver+".mjs"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), enginetest.Node(t), append([]string{path}, args...)...)
	cmd.Dir = enginetest.Clients(t)
	return cmd
}

// collector takes batches as the real clients send them and turns away the first
// few, so that what it ends with shows whether the driver goes on trying.
type collector struct {
	mu       sync.Mutex
	turnAway int
	ids      map[string]int
	users    map[string]bool
	kinds    map[string]bool // content types
}

func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.turnAway > 0 {
		c.turnAway--
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	if err := c.take(r); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
	}
}

func (c *collector) take(r *http.Request) error {
	body := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		var err error
		if body, err = gzip.NewReader(body); err != nil {
			return err
		}
	}
	var batch struct {
		Batch []struct {
			MessageID string `json:"messageId"`
		} `json:"batch"`
	}
	if err := json.NewDecoder(body).Decode(&batch); err != nil {
		return err
	}
	user, _, _ := r.BasicAuth()
	c.users[user] = true
	c.kinds[r.Header.Get("Content-Type")] = true
	for _, e := range batch.Batch {
		c.ids[e.MessageID]++
	}
	return nil
}

// The drivers lose nothing and keep message ids, and the clients behave as the
// collector is written for.
func TestRealClients(t *testing.T) {
	t.Parallel()
	const events = 500
	file := filepath.Join(t.TempDir(), "events.ndjson")
	writeEvents(t, file, events)
	for driver, contentType := range map[string]string{
		"segment": "application/json",
		"rudder":  "application/x-www-form-urlencoded",
	} {
		t.Run(driver, func(t *testing.T) {
			t.Parallel()
			c := &collector{turnAway: 2, ids: map[string]int{}, users: map[string]bool{}, kinds: map[string]bool{}}
			server := httptest.NewServer(c)
			defer server.Close()
			client := startClient(t, driver, server.URL, "key-of-web", file, "--every", "100")
			if early := client.reached(t, 100); early.Done || early.Delivered < 100 {
				t.Errorf("in the middle the client counted %+v", early)
			}
			got := client.finish(t)
			// Who is answered too late for their taste asks once more.
			impatient := got.Retries - 2
			if got.Sent != events || got.Delivered != events || got.Failed != 0 || impatient < 0 {
				t.Errorf("the client counted %+v, want %d delivered after 2 retries", got, events)
			}
			if n := max(c.ids["m-0"], c.ids["m-499"]); len(c.ids) != events || n < 1 || n > 1+impatient {
				t.Errorf("%d distinct messages came, want %d; one of them %d times", len(c.ids), events, n)
			}
			if !c.users["key-of-web"] || !c.kinds[contentType] || len(c.kinds) != 1 {
				t.Errorf("came with keys %v as %v, want key-of-web as %s", c.users, c.kinds, contentType)
			}
		})
	}
}

// What the server refuses for good is counted, with the reason, and the driver's
// exit says so.
func TestRealClientIsRefused(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	file := filepath.Join(t.TempDir(), "events.ndjson")
	writeEvents(t, file, 3)
	c := startClient(t, "segment", server.URL, "k", file)
	if got := c.finish(t); got.Failed != 3 || len(got.Reasons) != 1 {
		t.Errorf("the client counted %+v, want 3 failed for one reason", got)
	}
	if code := c.cmd.ProcessState.ExitCode(); code != 1 {
		t.Errorf("the driver's exit code is %d, want 1", code)
	}
}

// verifyWebhooks gives recorded webhooks to the npm package standardwebhooks and
// returns how many of them hold.
func verifyWebhooks(t *testing.T, secret string, webhooks []recorded) (verified, rejected int) {
	t.Helper()
	var lines bytes.Buffer
	for _, w := range webhooks {
		line, err := json.Marshal(w)
		if err != nil {
			t.Fatal(err)
		}
		lines.Write(append(line, '\n'))
	}
	file := filepath.Join(t.TempDir(), "webhooks.ndjson")
	if err := os.WriteFile(file, lines.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := nodeCommand(t, "webhooks", "--secret", secret, "--file", file)
	out, err := cmd.Output()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	var got struct{ Verified, Rejected int }
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("the driver printed %q: %v", out, err)
	}
	return got.Verified, got.Rejected
}

// recorded is a webhook as it came in. The package takes it that it comes now, and
// turns away what was sent minutes before; so it is told when it came.
type recorded struct {
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body"`
	At      int64             `json:"at"` // in milliseconds since 1970
}

// record keeps what a verifier needs of a webhook that came at an instant.
func record(header http.Header, body []byte, at time.Time) recorded {
	r := recorded{Headers: map[string]string{}, Body: string(body), At: at.UnixMilli()}
	for _, name := range []string{
		standardwebhooks.HeaderWebhookID, standardwebhooks.HeaderWebhookTimestamp, standardwebhooks.HeaderWebhookSignature,
	} {
		r.Headers[name] = header.Get(name)
	}
	return r
}

func TestRealVerifier(t *testing.T) {
	t.Parallel()
	const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	w, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	signed := func(body, sent string) recorded {
		signature, err := w.Sign("key", now, []byte(body))
		if err != nil {
			t.Fatal(err)
		}
		h := http.Header{}
		h.Set(standardwebhooks.HeaderWebhookID, "key")
		h.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
		h.Set(standardwebhooks.HeaderWebhookSignature, signature)
		return record(h, []byte(sent), now)
	}
	verified, rejected := verifyWebhooks(t, secret, []recorded{
		signed(`{"name":"田中"}`, `{"name":"田中"}`),
		signed(`{"name":"田中"}`, `{"name":"鈴木"}`),
		{Headers: map[string]string{}, Body: "{}"},
	})
	if verified != 1 || rejected != 2 {
		t.Errorf("%d verified and %d rejected, want 1 and 2", verified, rejected)
	}
}

// What our own plugin signs, in a process of its own, the real npm package takes:
// the present key, and the one before it while keys are changed.
func TestOurWebhooksVerify(t *testing.T) {
	t.Parallel()
	const old, present = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
	const messages = 20
	came := make(chan recorded, messages)
	service := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		came <- record(r.Header, body, time.Now())
	}))
	t.Cleanup(service.Close)
	h, err := host.New(host.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := h.Apply(t.Context(), []host.Config{{Name: "hook", Plugin: "webhook", Values: map[string]any{
		"url": service.URL, "secret": present, "previous_secret": old, "allow_private": true,
	}}}); err != nil {
		t.Fatal(err)
	}
	for i := range messages {
		q := engine.Request{
			Key: engine.ActionKey{1, byte(i)}, Channel: "hook", Kind: "webhook", Attempt: 1,
			Parts: []engine.Field{{Name: "payload", Value: engine.JSONValue(fmt.Sprintf(`{"name":"田中 %d"}`, i))}},
		}
		if err := h.Send(t.Context(), []engine.Request{q}, func(engine.Receipt) {}); err != nil {
			t.Fatal(err)
		}
	}
	var webhooks []recorded
	patience := enginetest.Patience(t)
	for range messages {
		select {
		case w := <-came:
			webhooks = append(webhooks, w)
		case <-patience.Done():
			t.Fatalf("%d webhooks came", len(webhooks))
		}
	}
	for _, secret := range []string{present, old} {
		if verified, rejected := verifyWebhooks(t, secret, webhooks); verified != messages || rejected != 0 {
			t.Errorf("%d verified and %d rejected, want %d", verified, rejected, messages)
		}
	}
	webhooks[0].Body += " "
	if verified, rejected := verifyWebhooks(t, present, webhooks); verified != messages-1 || rejected != 1 {
		t.Errorf("%d verified and %d rejected of webhooks of which one was changed", verified, rejected)
	}
}

func writeEvents(t *testing.T, path string, n int) {
	t.Helper()
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, `{"type":"track","messageId":"m-%d","timestamp":"2026-01-05T09:00:00.000Z","userId":"u-%d","event":"Contact Requested","properties":{"origin":"unknown"}}`+"\n", i, i%50)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}
