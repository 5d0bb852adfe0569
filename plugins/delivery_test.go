package plugins_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	_ "github.com/emersion/go-message/charset"
	"github.com/emersion/go-message/mail"
	"github.com/emersion/go-msgauth/dkim"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/plugins/host"
	"github.com/seed-456efde2/nurture/plugins/internal/smtptest"
)

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// patience is how long a test waits for what must come.
const patience = 2 * time.Minute

// newHost runs the built-in plugins out of process, as the command does: by its
// own program.
func newHost(t testing.TB, o host.Options, configs ...host.Config) *host.Host {
	t.Helper()
	o.Restarts = host.RestartPolicy{Min: 10 * time.Millisecond, Max: 20 * time.Millisecond, Crashes: -1}
	// Who is well is not taken for hung because it had to wait for the processor.
	o.StartTimeout, o.StopTimeout, o.PingTimeout = patience, patience, patience
	h, err := host.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := h.Apply(t.Context(), configs); err != nil {
		t.Fatal(err)
	}
	return h
}

func key(n int) engine.ActionKey {
	var k engine.ActionKey
	copy(k[:], fmt.Sprintf("key%013d", n))
	return k
}

func await[T any](t testing.TB, what string, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(patience):
		t.Fatalf("%s did not come", what)
		panic("unreachable")
	}
}

func text(name, value string) engine.Field {
	return engine.Field{Name: name, Value: engine.TextValue(value)}
}

func mailTo(n, attempt int) engine.Request {
	return engine.Request{
		Key: key(n), Channel: "mail", Kind: "email", Lane: engine.LaneNurture, Attempt: attempt,
		Parts: []engine.Field{
			text("to", "田中 <tanaka@example.co.jp>"), text("subject", "料金プランの選び方、お困りですか？"),
			text("text", "田中 様\n資料です。\n"), text("html", "<p>田中 様</p><p>資料です。</p>"),
		},
	}
}

// The whole way of a mail: host, plugin process, real SMTP conversation, a signed
// message whose both parts are right in Japanese.
func TestMailThroughItsProcess(t *testing.T) {
	t.Parallel()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	s := smtptest.Start(t, smtptest.Options{TLS: "starttls", User: "sato@acme.co.jp", Password: "hush-hush"})
	h := newHost(t, host.Options{}, host.Config{Name: "mail", Plugin: "email", Values: map[string]any{
		"host": s.Addr, "from": "佐藤 <sato@acme.co.jp>", "password": "hush-hush", "ca": s.CA, "connections": 2, "timeout": "2m",
		"dkim": map[string]any{
			"domain": "acme.co.jp", "selector": "s1",
			"key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
		},
	}})
	const mails = 20
	receipts := make(chan engine.Receipt, mails)
	for n := range mails {
		if err := h.Send(t.Context(), []engine.Request{mailTo(n, 1)}, func(r engine.Receipt) { receipts <- r }); err != nil {
			t.Fatal(err)
		}
	}
	for range mails {
		r := await(t, "receipt", receipts)
		if r.Outcome != engine.Done || r.Provider != r.Key.String()+"@acme.co.jp" {
			t.Fatalf("receipt %+v", r)
		}
	}
	for range mails {
		checkMail(t, await(t, "mail", s.Came).Raw, public)
	}
	if n := s.Count("conn"); n > 2 {
		t.Errorf("%d mails over %d connections", mails, n)
	}
	if err := h.Check(t.Context(), "mail"); err != nil {
		t.Error(err)
	}
}

func checkMail(t *testing.T, raw []byte, public ed25519.PublicKey) {
	t.Helper()
	checks, err := dkim.VerifyWithOptions(bytes.NewReader(raw), &dkim.VerifyOptions{
		LookupTXT: func(string) ([]string, error) {
			return []string{"v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)}, nil
		},
	})
	if err != nil || len(checks) != 1 || checks[0].Err != nil {
		t.Fatalf("signature: %+v (%v)", checks, err)
	}
	r, err := mail.CreateReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if subject, err := r.Header.Subject(); err != nil || subject != "料金プランの選び方、お困りですか？" {
		t.Errorf("subject %q (%v)", subject, err)
	}
	for _, want := range []string{"田中 様\r\n資料です。\r\n", "<p>田中 様</p><p>資料です。</p>"} {
		part, err := r.NextPart()
		if err != nil {
			t.Fatal(err)
		}
		if body, err := io.ReadAll(part.Body); err != nil || string(body) != want {
			t.Errorf("part %q (%v), want %q", body, err, want)
		}
	}
}

// The mail plugin is killed while the server holds its answer: before the dot
// nothing was sent and it may be asked again, after it nobody knows and nobody
// asks again.
func TestMailPluginKilled(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		at      string
		outcome engine.Outcome
	}{{"rcpt", engine.Retry}, {"data", engine.Unknown}} {
		t.Run(c.at, func(t *testing.T) {
			t.Parallel()
			reached, release := make(chan struct{}, 10), make(chan struct{})
			t.Cleanup(func() { close(release) })
			hold := func(at string) error {
				if at == c.at {
					reached <- struct{}{}
					<-release
				}
				return nil
			}
			s := smtptest.Start(t, smtptest.Options{
				Rcpt: func(int, string) error { return hold("rcpt") },
				Data: func(int, smtptest.Mail) error { return hold("data") },
			})
			h := newHost(t, host.Options{}, host.Config{Name: "mail", Plugin: "email", Values: map[string]any{
				"host": s.Addr, "from": "sato@acme.co.jp", "tls": "none", "timeout": "2m",
			}})
			receipts := make(chan engine.Receipt, 1)
			if err := h.Send(t.Context(), []engine.Request{mailTo(1, 1)}, func(r engine.Receipt) { receipts <- r }); err != nil {
				t.Fatal(err)
			}
			await(t, "conversation", reached)
			if err := syscall.Kill(h.Status()[0].PID, syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			if r := await(t, "receipt", receipts); r.Outcome != c.outcome || r.Code != host.CodeCrashed {
				t.Fatalf("receipt %+v, want %v", r, c.outcome)
			}
		})
	}
}

// hookReceiver honours keys: it does a key once, and verifies the signature with
// the public library.
type hookReceiver struct {
	*httptest.Server
	mu      sync.Mutex
	done    map[string]int // effects by key
	calls   int
	arrived chan string
	hold    func(call int)
}

func newHookReceiver(t *testing.T, hold func(call int)) *hookReceiver {
	t.Helper()
	r := &hookReceiver{done: map[string]int{}, arrived: make(chan string, 10_000), hold: hold}
	verifier, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, err := io.ReadAll(q.Body)
		if err != nil || verifier.Verify(body, q.Header) != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		id := q.Header.Get("webhook-id")
		r.mu.Lock()
		r.calls++
		call := r.calls
		if r.done[id] == 0 {
			r.done[id] = 1
		}
		r.mu.Unlock()
		r.arrived <- id
		r.hold(call)
	}))
	t.Cleanup(r.Server.Close)
	return r
}

// kill -9 of the webhook plugin while it works: it is back, and its actions are
// done once at a receiver that honours keys.
func TestWebhookPluginKilled(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	r := newHookReceiver(t, func(call int) {
		if call <= 5 {
			<-release
		}
	})
	h := newHost(t, host.Options{}, host.Config{Name: "ads", Plugin: "webhook", Values: map[string]any{
		"url": r.URL, "secret": secret, "allow_private": true, "timeout": "2m",
	}})
	const actions = 50
	receipts := make(chan engine.Receipt, 10*actions)
	send := func(n, attempt int) {
		t.Helper()
		err := h.Send(context.Background(), []engine.Request{{
			Key: key(n), Channel: "ads", Kind: "webhook", Attempt: attempt,
			Parts: []engine.Field{{Name: "payload", Value: engine.JSONValue(`{"audience":"pricing-engaged"}`)}},
		}}, func(q engine.Receipt) { receipts <- q })
		if err != nil {
			t.Fatal(err)
		}
	}
	numbers := map[engine.ActionKey]int{}
	for n := range actions {
		numbers[key(n)] = n
		send(n, 1)
	}
	for range 5 {
		await(t, "call", r.arrived)
	}
	first := h.Status()[0].PID
	if err := syscall.Kill(first, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	close(release)
	repeated := 0
	for done := 0; done < actions; {
		switch q := await(t, "receipt", receipts); q.Outcome {
		case engine.Done:
			done++
		case engine.Unknown, engine.Retry: // the engine repeats a keyed channel's
			repeated++
			send(numbers[q.Key], q.Attempt+1)
		default:
			t.Fatalf("receipt %+v", q)
		}
	}
	if st := h.Status()[0]; st.PID == first || st.State != host.Healthy || st.Restarts != 1 {
		t.Errorf("status %+v", st)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.done) != actions || repeated == 0 || r.calls < actions {
		t.Errorf("%d of %d done, %d repeated, %d calls", len(r.done), actions, repeated, r.calls)
	}
}

// What a plugin refuses is one error that names channel and attribute.
func TestBuiltinConfigIsRefused(t *testing.T) {
	t.Parallel()
	h := newHost(t, host.Options{})
	err := h.Apply(t.Context(), []host.Config{
		{Name: "mail", Plugin: "email", Values: map[string]any{"host": "smtp.acme.co.jp", "from": "sato", "password": "hush-hush"}},
	})
	if err == nil || !strings.Contains(err.Error(), "config of channel mail: from: Not a mail address") || strings.Contains(err.Error(), "hush-hush") {
		t.Errorf("error %v", err)
	}
	err = h.Apply(t.Context(), []host.Config{{Name: "crm", Plugin: "salesforce", Values: map[string]any{"instance": "x", "token": "hush-hush"}}})
	if err == nil || !strings.Contains(err.Error(), "config of channel crm: instance: Not an address") || strings.Contains(err.Error(), "hush-hush") {
		t.Errorf("error %v", err)
	}
}
