package main

import (
	"context"
	"encoding/json"
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
	"github.com/seed-456efde2/nurture/engine/enginetest"
)

// linksWorkspace sends a mail of the topic "news" for each event "asked", and one
// that is transactional for each "ordered".
var linksWorkspace = map[string]string{
	"project.hcl": `project "links" {
  timezone = "Asia/Tokyo"
  language = "ja"
}

lead {
  key = "email"
  text "email" { required = true }
  flag "unsubscribed" { default = false }
}

event "asked" {}
event "ordered" {}

consent "news" {
  granted = event.consent_given
  when    = "event.purpose == 'news'"
  revoked = event.unsubscribed
}

contact_policy "default" { requires = consent.news }

channel "mail" {
  plugin = "email"
  config {
    host = env("SMTP")
    from = "Links <links@example.co.jp>"
    tls  = "none"
  }
}

score "interest" {
  rule "case" {
    on     = event.email_clicked
    when   = "event.link_class == 'case_study'"
    points = 10
  }
}

kpi "clicks" {
  rate   = event.email_clicked
  of     = event.email_sent
  within = "7d"
  over   = "28d"
  by     = ["workflow", "step"]
}

workflow "news" {
  enter { on = event.asked }
  re_enter { after = "1m" }
  steps {
    email "letter" {
      subject  = "Letter"
      template = "letter.md"
      topic    = "news"

      experiment "wording" {
        measure = "click"
        within  = "12h"
        decide  = "after 400 sends each, 95% sure"
        apply   = "propose"

        variant "plain" {}
        variant "other" { subject = "Other letter" }
      }
    }
  }
}

workflow "orders" {
  enter { on = event.ordered }
  re_enter { after = "1m" }
  steps {
    email "receipt" {
      subject       = "Receipt"
      template      = "receipt.html"
      transactional = true
    }
  }
}
`,
	"templates/letter.md": "---\nfooter: Links K.K.\n---\n# こんにちは\n\n[事例を読む](https://www.example.co.jp/cases?id=7&x=1){.button .case_study}\n\n" +
		"[料金](https://www.example.co.jp/pricing) か [メール](mailto:links@example.co.jp) で。\n",
	"templates/receipt.html": "<html><body><p>Thanks</p><a href=\"https://www.example.co.jp/orders\" class=\"orders\">order</a></body></html>\n",
}

// publicURL is where mails say that the server is. Tests ask the server itself.
const publicURL = "https://news.example.co.jp"

// linksWorld is a real server with the real email plugin and a real SMTP server, on
// a clock that stands still until the test moves it: what must come within a time does,
// however long the machine takes.
type linksWorld struct {
	t       *testing.T
	ctx     context.Context
	clock   *enginetest.Clock
	mailbox *demo.Mailbox
	server  *server
	data    string
	rules   string
	calls   int
	taken   int
	stop    func()
}

func newLinksWorld(t *testing.T) *linksWorld {
	t.Helper()
	ctx, cancel := context.WithCancel(enginetest.Patience(t))
	w := &linksWorld{
		t: t, ctx: ctx, data: filepath.Join(t.TempDir(), "data"), rules: t.TempDir(),
		clock: enginetest.NewClock(demo.Monday().Add(2 * time.Hour)),
	}
	var err error
	if w.mailbox, err = demo.NewMailbox(demo.MailboxOptions{Clock: w.clock}); err != nil {
		t.Fatal(err)
	}
	var around sync.WaitGroup
	around.Go(func() { _ = w.mailbox.Serve(ctx) }) // it ends with the test
	for name, text := range linksWorkspace {
		file := filepath.Join(w.rules, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w.start(publicURL)
	t.Cleanup(func() {
		w.stop()
		cancel()
		around.Wait()
	})
	return w
}

// start starts the server on the world's state.
func (w *linksWorld) start(public string) {
	w.t.Helper()
	s, err := startServer(w.ctx, serverOptions{
		Workspace: w.rules, Data: w.data, Listen: "127.0.0.1:0", Loopback: true, PublicURL: public, Ballast: -1,
		Clock: w.clock,
		Log:   slog.New(slog.NewTextHandler(w.t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})),
		Lookup: func(name string) (string, bool) {
			return map[string]string{"SMTP": w.mailbox.Addr()}[name], name == "SMTP"
		},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(w.ctx)
	done := make(chan error, 1)
	go func() { done <- s.serve(ctx) }()
	w.server = s
	w.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			w.t.Errorf("the server ended with %v", err)
		}
	})
}

func (w *linksWorld) url() string { return w.server.url() }

// later lets so much time pass when all is done that was to be done before: a mail that
// has come may not yet be known to have been sent.
func (w *linksWorld) later(d time.Duration) {
	w.t.Helper()
	if err := w.server.runner.Quiet(w.ctx); err != nil {
		w.t.Fatal(err)
	}
	w.clock.Advance(d)
}

// until looks a few times a second whether something has come about that the server
// does in its own time.
func (w *linksWorld) until(what string, so func() bool) {
	w.t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !so() {
		select {
		case <-tick.C:
		case <-w.ctx.Done():
			w.t.Fatalf("%s did not come about", what)
		}
	}
}

// tell sends a call about the lead.
func (w *linksWorld) tell(call map[string]any) {
	w.t.Helper()
	w.calls++
	call["messageId"], call["userId"] = fmt.Sprint("m", w.calls), "u1"
	w.post("/v1/batch", map[string]any{"batch": []any{call}})
}

func (w *linksWorld) track(event string) { w.tell(map[string]any{"type": "track", "event": event}) }

func (w *linksWorld) post(path string, body any) []byte {
	w.t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.ask(http.MethodPost, w.url()+path, "application/json", string(b), "", http.StatusOK)
}

// ask makes a request as some agent and wants a status.
func (w *linksWorld) ask(method, address, kind, body, agent string, status int) []byte {
	w.t.Helper()
	answer := w.request(method, address, kind, body, agent)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != status {
		w.t.Fatalf("%s %s: %s %.300s %v", method, address, answer.Status, text, err)
	}
	if cookies := answer.Cookies(); len(cookies) > 0 {
		w.t.Errorf("%s sets cookies %v", address, cookies)
	}
	return text
}

// request makes a request, which takes a second.
func (w *linksWorld) request(method, address, kind, body, agent string) *http.Response {
	w.t.Helper()
	if w.clock != nil {
		w.later(time.Second)
	}
	req, err := http.NewRequestWithContext(w.ctx, method, address, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	req.Header.Set("User-Agent", agent)
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	answer, err := client.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	return answer
}

// mail is the next mail with such a subject.
func (w *linksWorld) mail(subject string) *demo.Mail {
	w.t.Helper()
	m, err := w.mailbox.Wait(w.ctx, func(m *demo.Mail) bool { return m.Number > w.taken && strings.HasSuffix(m.Subject, subject) })
	if err != nil {
		w.t.Fatal(err)
	}
	w.taken = m.Number
	return m
}

// local is an address of a mail on the server that runs.
func (w *linksWorld) local(address string) string {
	w.t.Helper()
	if !strings.HasPrefix(address, publicURL+"/t/") {
		w.t.Fatalf("%q is no address of ours", address)
	}
	return w.url() + strings.TrimPrefix(address, publicURL)
}

type linksLead struct {
	ID         string
	Attributes map[string]any
	Scores     []struct {
		Name  string
		Value float64
	}
	Consents []struct{ Revoked *time.Time }
	Facts    []linksFact
}

type linksFact struct {
	Source    string
	Event     string
	Fields    map[string]any
	Decisions []struct{ Kind, Subject, Detail string }
}

func (w *linksWorld) lead() (l linksLead) {
	w.t.Helper()
	w.read(w.post("/api/v1/leads/find", map[string]any{"id": "u1"}), &l)
	return l
}

func (w *linksWorld) read(b []byte, into any) {
	w.t.Helper()
	if err := json.Unmarshal(b, into); err != nil {
		w.t.Fatalf("%s: %v", b, err)
	}
}

// tracked are the lead's facts that came back from mails, the latest first.
func (l *linksLead) tracked() (facts []linksFact) {
	for _, f := range l.Facts {
		if f.Source == "tracking" {
			facts = append(facts, f)
		}
	}
	return facts
}

// latest is the latest of them.
func (l *linksLead) latest() linksFact {
	if facts := l.tracked(); len(facts) > 0 {
		return facts[0]
	}
	return linksFact{}
}

func (l *linksLead) decided(kind, detail string) bool {
	for _, f := range l.Facts {
		for _, d := range f.Decisions {
			if d.Kind == kind && strings.Contains(d.Detail, detail) {
				return true
			}
		}
	}
	return false
}

func (l *linksLead) interest() float64 {
	for _, s := range l.Scores {
		if s.Name == "interest" {
			return s.Value
		}
	}
	return 0
}

const (
	safari  = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15"
	formURL = "application/x-www-form-urlencoded"
)

// begin makes the lead known, with leave to write.
func (w *linksWorld) begin() {
	w.t.Helper()
	w.tell(map[string]any{"type": "identify", "traits": map[string]any{"email": "tanaka@example.co.jp"}})
	w.tell(map[string]any{"type": "track", "event": "consent_given", "properties": map[string]any{"purpose": "news"}})
}
