package main_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/receiver"
	"github.com/seed-456efde2/nurture/engine/enginetest"
)

const (
	salesSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	webKey      = "key-of-the-web-site"
)

// What companies really recorded, from outside, with the built program: who must
// be handed over is known, lead for lead.
func TestRecordedEvents(t *testing.T) {
	t.Parallel()
	bin := buildProgram(t)
	t.Run("replay", func(t *testing.T) {
		t.Parallel()
		for _, name := range []string{"olist", "bank"} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				want := picks(t, name)
				got, _ := replayed(t, bin, name)
				comparePicks(t, got, want)
			})
		}
	})
	t.Run("live", func(t *testing.T) {
		t.Parallel()
		runLive(t, bin, nil)
	})
	t.Run("killed", func(t *testing.T) {
		t.Parallel()
		runLive(t, bin, []int{4000, 10_000})
	})
}

// pick is a lead that a rule must hand over, with the message that completes it.
type pick struct{ lead, message string }

// picks reads what the rule of a data set must give.
func picks(t *testing.T, name string) map[pick]bool {
	t.Helper()
	want := map[pick]bool{}
	for line := range gunzipped(t, enginetest.Data(t, name+"/"+name+".picks.ndjson.gz")) {
		var p struct{ UserID, MessageID string }
		if err := json.Unmarshal(line, &p); err != nil {
			t.Fatal(err)
		}
		want[pick{p.UserID, p.MessageID}] = true
	}
	return want
}

// gunzipped gives the lines of a gzipped file.
func gunzipped(t *testing.T, path string) func(yield func([]byte) bool) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(z)
	return func(yield func([]byte) bool) {
		for lines.Scan() {
			if !yield(lines.Bytes()) {
				return
			}
		}
		if err := lines.Err(); err != nil {
			t.Fatal(err)
		}
	}
}

// replayed runs `nurture replay` and gives the toss-ups it printed, and the keys
// of the actions that they cause.
func replayed(t *testing.T, bin, name string) (tossUps map[pick]int, keys map[string]bool) {
	t.Helper()
	events := enginetest.Data(t, name+"/"+name+".ndjson.gz")
	cmd := exec.CommandContext(t.Context(), bin, "replay", filepath.Join("testdata", name), "--events", events, "--source", "web", "--json")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("replay: %v\n%s%s", err, lastLines(string(out), 5), stderr.String())
	}
	tossUps, keys = map[pick]int{}, map[string]bool{}
	for line := range bytes.Lines(out) {
		var o struct {
			Type, Lead, Key string
			MessageID       string `json:"message_id"`
		}
		if err := json.Unmarshal(line, &o); err != nil {
			t.Fatalf("replay printed %q: %v", line, err)
		}
		switch o.Type {
		case "toss_up":
			tossUps[pick{o.Lead, o.MessageID}]++
		case "action":
			keys[o.Key] = true
		}
	}
	return tossUps, keys
}

func comparePicks(t *testing.T, got map[pick]int, want map[pick]bool) {
	t.Helper()
	var missing, extra, twice int
	for p := range want {
		if got[p] == 0 {
			missing++
		}
	}
	for p, n := range got {
		if !want[p] {
			extra++
		}
		if n > 1 {
			twice++
		}
	}
	if len(want) == 0 || missing+extra+twice > 0 {
		t.Errorf("%d of %d leads are missing, %d are too many, %d came twice", missing, len(want), extra, twice)
	}
}

// runLive sends the recorded events to a live server by the real client, kills
// the server each time so many events have been answered, and looks at what
// arrives at a webhook receiver that honours keys and fails now and then: each
// lead once by key, none missing, the same message under the same key.
func runLive(t *testing.T, bin string, kills []int) {
	want := picks(t, "olist")
	sales := newSales(t)
	desk := httptest.NewServer(sales)
	defer desk.Close()
	data := filepath.Join(t.TempDir(), "data")
	rules, at := patientOlist(t), enginetest.Address(t)
	s := startServer(t, bin, rules, data, at, desk.URL)
	c := startClient(t, "segment", s.url, webKey, enginetest.Data(t, "olist/olist.ndjson.gz"), "--every", "500")
	for _, events := range kills {
		if count := c.reached(t, events); count.Done {
			t.Fatalf("the client was through before the server was killed: %+v", count)
		}
		s.kill(t)
		s = startServer(t, bin, rules, data, at, desk.URL)
	}
	count := c.finish(t)
	if count.Delivered != 16_842 || count.Failed != 0 || (len(kills) > 0 && count.Retries == 0) {
		t.Errorf("the client counted %+v, want 16,842 delivered", count)
	}
	if err := sales.Wait(enginetest.Patience(t), func(t receiver.Tally) bool { return t.Taken >= len(want) }); err != nil {
		t.Error(err)
	}
	s.stop(t)
	checkDeliveries(t, bin, sales, len(want))
}

func newSales(t *testing.T) *receiver.Receiver {
	t.Helper()
	r, err := receiver.New(receiver.Options{
		Secrets: []string{salesSecret},
		Answer: func(key string, asked int) receiver.Answer {
			switch {
			case asked > 1:
				return receiver.Answer{}
			case strings.HasPrefix(key, "00"):
				return receiver.Answer{Refuse: http.StatusServiceUnavailable}
			case strings.HasPrefix(key, "01"):
				return receiver.Answer{Lose: http.StatusBadGateway}
			}
			return receiver.Answer{}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func checkDeliveries(t *testing.T, bin string, sales *receiver.Receiver, want int) {
	t.Helper()
	tally := sales.Tally()
	if tally.Taken != want || tally.Conflicts != 0 || tally.Rejected != 0 || tally.Failed == 0 {
		t.Errorf("sales counted %+v, want %d taken, no conflict and nothing rejected", tally, want)
	}
	// Keys follow from what caused the action, so those of a replay are the same.
	_, keys := replayed(t, bin, "olist")
	got := map[string]bool{}
	var webhooks []recorded
	for _, d := range sales.Deliveries() {
		got[d.Key] = true
		sent, err := strconv.ParseInt(d.Header.Get(standardwebhooks.HeaderWebhookTimestamp), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		// The receiver has looked at the time when it came: now that may be long ago.
		webhooks = append(webhooks, record(d.Header, d.Body, time.Unix(sent, 0)))
	}
	if !maps.Equal(got, keys) {
		t.Errorf("the keys delivered are not the %d of the replay", len(keys))
	}
	if verified, rejected := verifyWebhooks(t, salesSecret, webhooks); verified != want || rejected != 0 {
		t.Errorf("the npm package verified %d and rejected %d, want all %d verified", verified, rejected, want)
	}
}

// served is a server in a process of its own.
type served struct {
	url    string
	cmd    *exec.Cmd
	stderr *bytes.Buffer
	ended  chan struct{} // closed when it is over, with its plugins, and end is set
	end    error
}

// startServer starts `nurture serve` and returns when it listens. It ends with the
// test, before the folders of the test are taken away.
func startServer(t *testing.T, bin, workspace, data, listen, sales string) *served {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), bin, "serve", workspace,
		"--data", data, "--listen", listen, "--write-key", "web="+webKey, "--json")
	cmd.Env = append(os.Environ(), "SALES_WEBHOOK_URL="+sales, "SALES_WEBHOOK_SECRET="+salesSecret)
	return serveBy(t, cmd)
}

// serveBy starts a server by a command that lets it say in JSON where it listens.
func serveBy(t *testing.T, cmd *exec.Cmd) *served {
	t.Helper()
	s := &served{cmd: cmd, stderr: new(bytes.Buffer), ended: make(chan struct{})}
	s.cmd.Stderr = s.stderr
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var ready struct{ URL, Error string }
	if err := json.NewDecoder(out).Decode(&ready); err != nil || ready.URL == "" {
		_ = s.cmd.Process.Kill()
		t.Fatalf("the server does not say where it listens: %v, %v\n%s%s", err, s.cmd.Wait(), ready.Error, s.stderr)
	}
	s.url = ready.URL
	go func() {
		defer close(s.ended)
		_, _ = io.Copy(io.Discard, out)
		s.end = s.cmd.Wait()
	}()
	t.Cleanup(func() {
		_ = s.cmd.Process.Kill() // it is over already when the test went well
		<-s.ended
	})
	return s
}

// kill ends the server as a power cut would.
func (s *served) kill(t *testing.T) {
	t.Helper()
	if err := s.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	s.gone()
}

// gone waits until the server is over. Connections to it that lie idle are closed:
// a call that took one of them would fail, though a server answers at its address.
func (s *served) gone() {
	<-s.ended
	http.DefaultClient.CloseIdleConnections()
}

// stop ends the server as an operator would.
func (s *served) stop(t *testing.T) {
	t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if s.gone(); s.end != nil {
		t.Errorf("the server's end: %v\n%s", s.end, lastLines(s.stderr.String(), 20))
	}
}

func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
