package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/demo"
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/enginetest"
	"github.com/seed-456efde2/nurture/plugins/host"
)

// said is what a verb has printed, and tells when it says something.
type said struct {
	mu      sync.Mutex
	text    bytes.Buffer
	changed chan struct{}
}

func newSaid() *said { return &said{changed: make(chan struct{})} }

func (s *said) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.changed)
	s.changed = make(chan struct{})
	return s.text.Write(b)
}

// wait returns when the verb has said it.
func (s *said) wait(ctx context.Context, what string) error {
	for {
		s.mu.Lock()
		text, changed := s.text.String(), s.changed
		s.mu.Unlock()
		if strings.Contains(text, what) {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("wait for %q: %w; it said\n%s", what, ctx.Err(), text)
		}
	}
}

// devCLI is a verb's surroundings for a demo in a test.
func devCLI(t *testing.T) (*cli, *said) {
	t.Helper()
	out := newSaid()
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	return &cli{in: strings.NewReader(""), out: out, err: t.Output(), log: log}, out
}

// runDev starts a demo and lets it live until the test, or stop, ends it.
func runDev(t *testing.T, c *cli, o devOptions) (d *devWorld, stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	d, err := c.startDev(ctx, o)
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	if err := c.welcome(d); err != nil {
		t.Error(err)
	}
	done := make(chan error, 1)
	go func() { done <- d.run(ctx, c) }()
	stop = sync.OnceValue(func() error {
		cancel()
		return <-done
	})
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Errorf("the demo ended with %v", err)
		}
	})
	return d, stop
}

// TestDev lives through the first days of a demo: a mail comes, sales is handed a
// lead and answers, a rule is changed and broken while it all goes on, and
// nothing is left behind. It is not parallel, because it counts goroutines.
func TestDev(t *testing.T) {
	before := goleak.IgnoreCurrent()
	c, out := devCLI(t)
	home := t.TempDir()
	d, stop := runDev(t, c, devOptions{Home: home, Listen: "127.0.0.1:0", Speed: 3 * time.Hour, Seed: 1, Visitors: true})
	ctx := enginetest.Patience(t)

	m, err := d.mailbox.Wait(ctx, func(m *demo.Mail) bool { return strings.Contains(m.Subject, "【資料送付】") })
	if err != nil {
		t.Fatal(err)
	}
	checkMail(t, m)
	packet, err := d.desk.Wait(ctx, func(p demo.Packet) bool { return p.TossUp == "hot_lead" && p.State == demo.Accepted })
	if err != nil {
		t.Fatal(err)
	}
	if packet.User == "" || packet.Owner == "" || len(packet.Reasons) != 4 || !strings.Contains(packet.Subject, "興味度") {
		t.Errorf("sales was handed %+v", packet)
	}
	if tally := d.desk.Tally(); tally.Rejected+tally.Unread > 0 {
		t.Errorf("the desk turned something away: %+v", tally)
	}
	checkDevPages(t, d, m)

	rules := filepath.Join(home, "nurture", "dev", "workspace", "scoring.hcl")
	edit(t, rules, func(s string) string { return strings.Replace(s, `half_life = "14d"`, `half_life = "7d"`, 1) })
	if err := out.wait(ctx, "リビジョン 2"); err != nil {
		t.Fatal(err)
	}
	waitForRevision(t, ctx, d.server.url(), 2)
	edit(t, rules, func(s string) string { return strings.Replace(s, "score \"interest\"", "scoer \"interest\"", 1) })
	if err := out.wait(ctx, "反映していません：リビジョン 2"); err != nil {
		t.Fatal(err)
	}
	if got := devStatus(t, d.server.url()); got.Revision != 2 || got.Rules.OK || len(got.Rules.Problems) == 0 {
		t.Errorf("with a broken rule the status is %+v", got)
	}

	if err := stop(); err != nil {
		t.Fatalf("the demo ended with %v", err)
	}
	left, err := filepath.Glob(filepath.Join(home, "nurture", "dev", "*"))
	if err != nil || len(left) != 1 || filepath.Base(left[0]) != "workspace" {
		t.Errorf("left behind: %v, %v", left, err)
	}
	// What was hung up on goes by itself, in a moment that nobody knows.
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for err := goleak.Find(before); err != nil; err = goleak.Find(before) {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatal(err)
		}
	}
}

func checkMail(t *testing.T, m *demo.Mail) {
	t.Helper()
	if _, ok := engine.ParseActionKey(m.Key); !ok {
		t.Errorf("the mail's id is %q, not an action's key", m.Key)
	}
	if !strings.Contains(m.Text, "誠にありがとうございます") || !strings.Contains(m.HTML, "誠にありがとうございます") || m.Broken != "" {
		t.Errorf("the mail's parts are\n%s\n%s\n%s", m.Text, m.HTML, m.Broken)
	}
	if !strings.Contains(m.From, "佐藤 <sato@minamo.example.co.jp>") || len(m.To) != 1 || !strings.HasSuffix(m.To[0], ".example.jp") {
		t.Errorf("a mail went from %s to %v", m.From, m.To)
	}
	if len(m.Links()) == 0 {
		t.Error("the mail leads nowhere")
	}
}

// checkDevPages asks for the demo's own pages as a browser does.
func checkDevPages(t *testing.T, d *devWorld, m *demo.Mail) {
	t.Helper()
	for path, want := range map[string]string{
		"/":                   "資料請求フォロー",
		"/mailbox?lang=ja":    "受信箱",
		"/mailbox?lang=en":    "Every mail that is sent arrives here",
		"/mailbox/demo.css":   ".mail-list",
		"/mailbox/list":       m.To[0],
		"/sales?lang=ja":      "営業デスク",
		"/sales/list?lang=en": "Opportunities",
		fmt.Sprintf("/mailbox/%d?part=header", m.Number): "sato@minamo.example.co.jp",
		fmt.Sprintf("/mailbox/%d?part=text", m.Number):   "誠にありがとうございます",
		fmt.Sprintf("/mailbox/%d/body", m.Number):        "<table",
	} {
		body, header, status := fetch(t, d.server.url()+path)
		if status != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("GET %s: %d, %q is not in\n%.600s", path, status, want, body)
		}
		policy := header.Get("Content-Security-Policy")
		if strings.HasSuffix(path, "/body") && !strings.Contains(policy, "sandbox") {
			t.Errorf("a mail is shown under the policy %q", policy)
		}
		if !strings.Contains(policy, "default-src 'none'") {
			t.Errorf("GET %s has the policy %q", path, policy)
		}
	}
	if _, _, status := fetch(t, d.server.url()+"/mailbox/999999/body"); status != http.StatusNotFound {
		t.Errorf("a mail that is not there is answered with %d", status)
	}
}

func fetch(t *testing.T, url string) (body string, header http.Header, status int) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b), answer.Header, answer.StatusCode
}

type statusOfDev struct {
	Revision uint32
	Rules    struct {
		OK       bool
		Problems []string
	}
}

func devStatus(t *testing.T, url string) (s statusOfDev) {
	t.Helper()
	body, _, _ := fetch(t, url+"/api/v1/status")
	if err := json.Unmarshal([]byte(body), &s); err != nil {
		t.Fatalf("the status is %q: %v", body, err)
	}
	return s
}

// waitForRevision follows the live feed until something was decided by the
// revision, and sees that the status says so too.
func waitForRevision(t *testing.T, ctx context.Context, url string, revision uint32) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/api/v1/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	feed, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer feed.Body.Close()
	decided := regexp.MustCompile(fmt.Sprintf(`"revision":%d\b`, revision))
	for lines := bufio.NewScanner(feed.Body); lines.Scan(); {
		if decided.Match(lines.Bytes()) {
			if got := devStatus(t, url).Revision; got != revision {
				t.Errorf("the status names revision %d, want %d", got, revision)
			}
			return
		}
	}
	t.Fatalf("the live feed ended before revision %d decided anything", revision)
}

func edit(t *testing.T, path string, change func(string) string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	changed := change(string(b))
	if changed == string(b) {
		t.Fatalf("nothing was changed in %s", path)
	}
	if err := os.WriteFile(path, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
}

// What was edited stays from one demo to the next; a port in use is no obstacle;
// nobody comes when nobody is wanted.
func TestDevAgain(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	home := t.TempDir()
	rules := filepath.Join(home, "nurture", "dev", "workspace", "kpi.hcl")
	for round := range 2 {
		c, out := devCLI(t)
		d, stop := runDev(t, c, devOptions{Home: home, Listen: taken.Addr().String(), Speed: time.Hour})
		if err := out.wait(t.Context(), "使用中のため"); err != nil {
			t.Error(err)
		}
		if d.place.fresh != (round == 0) {
			t.Errorf("in round %d the workspace is fresh: %v", round, d.place.fresh)
		}
		if round == 0 {
			edit(t, rules, func(s string) string { return s + "# ours\n" })
		}
		if err := stop(); err != nil {
			t.Errorf("round %d ended with %v", round, err)
		}
		if d.town.Leads() != 0 || d.mailbox.Taken() != 0 {
			t.Errorf("%d people came and %d mails", d.town.Leads(), d.mailbox.Taken())
		}
	}
	if b, err := os.ReadFile(rules); err != nil || !strings.HasSuffix(string(b), "# ours\n") {
		t.Errorf("the edited rules were not kept: %v", err)
	}
}

func TestDevRefuses(t *testing.T) {
	t.Parallel()
	broken := t.TempDir()
	if err := os.WriteFile(filepath.Join(broken, "a.hcl"), []byte("project \"x\" {\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, o := range map[string]devOptions{
		"for this machine only":        {Listen: "0.0.0.0:0", Speed: time.Hour},
		"--speed":                      {Listen: "127.0.0.1:0", Speed: time.Millisecond},
		"open workspace":               {Listen: "127.0.0.1:0", Speed: time.Hour, Workspace: filepath.Join(broken, "none")},
		"the workspace does not load:": {Listen: "127.0.0.1:0", Speed: time.Hour, Workspace: broken},
	} {
		c, _ := devCLI(t)
		o.Home = t.TempDir()
		d, err := c.startDev(t.Context(), o)
		if err == nil {
			t.Errorf("%+v was taken", o)
			_ = d.close(t.Context())
			continue
		}
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", o, err, want)
		}
		if left, _ := filepath.Glob(filepath.Join(o.Home, "nurture", "dev", "data-*")); len(left) > 0 {
			t.Errorf("%+v left %v behind", o, left)
		}
	}
}

// Who has broken the copied rules, or has those of another version, is told how to
// get the original ones.
func TestDevTellsTheWayBack(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	copied := filepath.Join(home, "nurture", "dev", "workspace")
	if err := os.MkdirAll(copied, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(copied, "a.hcl"), []byte("project \"x\" {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, _ := devCLI(t)
	_, err := c.startDev(t.Context(), devOptions{Home: home, Listen: "127.0.0.1:0", Speed: time.Hour})
	var e *exit
	if !errors.As(err, &e) || e.code != exitInvalid || !strings.Contains(err.Error(), "without the folder "+copied) {
		t.Errorf("the error is %v", err)
	}
}

// Where the user's cache folder cannot be used, a demo lives in a temporary one
// and takes it along when it goes.
func TestDevPlaceWithoutHome(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "home")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := findPlace(file, "", "")
	if err != nil {
		t.Fatal(err)
	}
	if p.passing == "" || p.why == nil || !p.fresh {
		t.Errorf("the place is %+v", p)
	}
	if _, err := os.Stat(filepath.Join(p.workspace, "project.hcl")); err != nil {
		t.Error(err)
	}
	if err := p.leave(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(p.passing); !os.IsNotExist(err) {
		t.Errorf("%s is left behind: %v", p.passing, err)
	}
}

// The state of a demo that was killed is swept away, that of a living one is not.
func TestDevPlaceSweeps(t *testing.T) {
	t.Parallel()
	const gone = 1<<22 + 1 // more than the number of any process: others may be given that of one that was killed
	base := t.TempDir()
	for _, name := range []string{fmt.Sprintf("data-%d-1", gone), fmt.Sprintf("data-%d-2", os.Getpid()), "data-mine", "workspace"} {
		if err := os.Mkdir(filepath.Join(base, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	sweep(base)
	left, err := filepath.Glob(filepath.Join(base, "*"))
	if err != nil || len(left) != 3 || filepath.Base(left[0]) != fmt.Sprintf("data-%d-2", os.Getpid()) {
		t.Errorf("left are %v, %v", left, err)
	}
}

// Whatever a workspace says, nothing leaves the machine. Programs that start a
// demo are told where everything is.
func TestDevReroutes(t *testing.T) {
	t.Parallel()
	c, out := devCLI(t)
	d, err := c.startDev(t.Context(), devOptions{Home: t.TempDir(), Listen: "127.0.0.1:0", Speed: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	defer d.close(context.WithoutCancel(t.Context()))
	c.json = true
	if err := c.welcome(d); err != nil {
		t.Fatal(err)
	}
	if err := out.wait(t.Context(), fmt.Sprintf(`"smtp": %q`, d.mailbox.Addr())); err != nil {
		t.Error(err)
	}
	got := d.reroute([]host.Config{
		{Name: "mail", Plugin: "email", Values: map[string]any{"host": "smtp.example.com:587", "from": "a@example.jp", "password": "secret", "user": "u"}},
		{Name: "hook", Plugin: "webhook", Values: map[string]any{"url": "https://example.com", "secret": "s", "headers": map[string]any{"authorization": "b"}}},
		{Name: "crm", Plugin: "salesforce", Values: map[string]any{"instance": "https://acme.my.salesforce.com"}},
		{Name: "own", Plugin: "of_ours", Values: map[string]any{"token": "t"}},
	})
	if len(got) != 2 {
		t.Fatalf("%d plugins are started, want 2", len(got))
	}
	want := fmt.Sprint(map[string]any{"host": d.mailbox.Addr(), "from": "a@example.jp", "tls": "none"},
		map[string]any{"url": d.desk.URL(), "secret": d.desk.Secret(), "allow_private": true})
	if got := fmt.Sprint(got[0].Values, got[1].Values); got != want {
		t.Errorf("channels go to %s, want %s", got, want)
	}
}

const dryRules = `project "dry" {
  timezone = "Asia/Tokyo"
  language = "en"
}

lead {
  key = "email"
  text "email" {}
  text "line_id" {}
}

event "signup" {}

contact_policy "default" {}

workflow "welcome" {
  enter { on = event.signup }

  steps {
    line "hello" {
      to      = "{{ lead.line_id ?? '' }}"
      message = "こんにちは"
      transactional = true
    }
  }
}

channel "chat" {
  plugin = "line"

  config {
    token = "a-real-token"
    api   = %q
  }
}
`

// A demo never asks a real service for anything: what a workspace sends through
// other channels than mails and webhooks is shown in the mailbox, in both languages,
// and its workflow goes on.
func TestDevIsDry(t *testing.T) {
	t.Parallel()
	service := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the service was asked: %s %s", r.Method, r.URL.Path)
	}))
	defer service.Close()
	rules := t.TempDir()
	if err := os.WriteFile(filepath.Join(rules, "rules.hcl"), fmt.Appendf(nil, dryRules, service.URL), 0o600); err != nil {
		t.Fatal(err)
	}
	c, _ := devCLI(t)
	d, stop := runDev(t, c, devOptions{Home: t.TempDir(), Workspace: rules, Listen: "127.0.0.1:0", Speed: time.Hour, Visitors: false})
	calls := strings.NewReader(`{"batch":[
		{"type":"identify","messageId":"1","userId":"u1","traits":{"email":"tanaka@example.jp","line_id":"U0123456789abcdef0123456789abcdef"}},
		{"type":"track","messageId":"2","userId":"u1","event":"signup"}]}`)
	answer, err := http.Post(d.server.url()+"/v1/batch", "application/json", calls)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	m, err := d.mailbox.Wait(t.Context(), func(m *demo.Mail) bool { return m.Channel == "chat" })
	if err != nil {
		t.Fatal(err)
	}
	if m.To[0] != "U0123456789abcdef0123456789abcdef" || m.Subject != "こんにちは" || m.Kind != "line" {
		t.Errorf("shown is %+v", m)
	}
	for path, want := range map[string]string{
		fmt.Sprintf("/mailbox/%d?lang=en", m.Number): "Not sent. A real server sends it through this channel.",
		fmt.Sprintf("/mailbox/%d?lang=ja", m.Number): "送信していません",
		"/mailbox/list": "こんにちは",
	} {
		if body, _, status := fetch(t, d.server.url()+path); status != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("GET %s: %d without %q", path, status, want)
		}
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}
