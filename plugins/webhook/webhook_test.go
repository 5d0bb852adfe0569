package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/seed-456efde2/nurture/engine/enginetest/deadend"
	"github.com/seed-456efde2/nurture/plugins/channel"
	"github.com/seed-456efde2/nurture/plugins/channel/channeltest"
)

// TestMain serves the channel where the conformance suite asks for it.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && (os.Args[1] == "serve" || os.Args[1] == "describe") {
		channel.Serve(New(nil))
		os.Exit(0)
	}
	os.Exit(m.Run())
}

const (
	secret    = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	oldSecret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
)

func configure(c *Channel, values map[string]any) channel.Diagnostics {
	cfg, ds := channel.NewConfig(c.Describe(), "ads", values)
	if ds.Failed() {
		return ds
	}
	err := c.Configure(context.Background(), cfg)
	var more channel.Diagnostics
	errors.As(err, &more)
	return append(ds, more...)
}

func configured(t *testing.T, url string, more map[string]any) *Channel {
	t.Helper()
	c := New(nil)
	values := map[string]any{"url": url, "secret": secret, "allow_private": true, "timeout": "2m"}
	for name, v := range more {
		values[name] = v
	}
	if ds := configure(c, values); ds.Failed() {
		t.Fatal(ds)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func request() channel.Request {
	return channel.Request{Key: "00112233445566778899aabbccddeeff", Kind: "webhook", Attempt: 1, Parts: []channel.Part{
		{Name: "payload", Value: json.RawMessage(`{"email":"tanaka@example.co.jp","name":"田中"}`)},
	}}
}

func do(t *testing.T, c *Channel, r channel.Request) channel.Reply {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	got, err := c.Do(ctx, r)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func want(t *testing.T, got channel.Reply, outcome channel.Outcome, code string) {
	t.Helper()
	if got.Outcome != outcome || got.Code != code {
		t.Fatalf("reply %v %q (%s), want %v %q", got.Outcome, got.Code, got.Detail, outcome, code)
	}
}

// received is a request as the receiver saw it.
type received struct {
	header http.Header
	body   []byte
}

func receiver(t *testing.T, answer http.HandlerFunc) (*httptest.Server, <-chan received) {
	t.Helper()
	came := make(chan received, 1000)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		came <- received{r.Header, body}
		if answer != nil {
			answer(w, r)
		}
	}))
	t.Cleanup(s.Close)
	return s, came
}

// The public library of the Standard Webhooks form accepts what we sign.
func TestSignature(t *testing.T) {
	t.Parallel()
	s, came := receiver(t, nil)
	c := configured(t, s.URL, map[string]any{"previous_secret": oldSecret, "headers": map[string]any{"Authorization": "Bearer x"}})
	want(t, do(t, c, request()), channel.Done, "")
	r := <-came
	for _, key := range []string{secret, oldSecret} {
		w, err := standardwebhooks.NewWebhook(key)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Verify(r.body, r.header); err != nil {
			t.Errorf("verify: %v", err)
		}
		if err := w.Verify(append(r.body, ' '), r.header); err == nil {
			t.Error("a forged body verifies")
		}
	}
	for name, value := range map[string]string{
		"Webhook-Id": request().Key, "Idempotency-Key": request().Key, "Authorization": "Bearer x",
		"Content-Type": "application/json; charset=utf-8",
	} {
		if got := r.header.Get(name); got != value {
			t.Errorf("%s: %q, want %q", name, got, value)
		}
	}
	if string(r.body) != `{"email":"tanaka@example.co.jp","name":"田中"}` {
		t.Errorf("body %s", r.body)
	}
}

func TestSignatureIsTheLibrarys(t *testing.T) {
	t.Parallel()
	key, err := decodeSecret(secret)
	if err != nil {
		t.Fatal(err)
	}
	w, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	at, body := time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`)
	theirs, err := w.Sign("msg_p5jXN8AQM9LWM0D4loKWxJek", at, body)
	if err != nil {
		t.Fatal(err)
	}
	h := http.Header{}
	sign(h, "msg_p5jXN8AQM9LWM0D4loKWxJek", at, body, [][]byte{key})
	if got := h.Get("webhook-signature"); got != theirs {
		t.Errorf("ours %s, theirs %s", got, theirs)
	}
}

func TestUnsigned(t *testing.T) {
	t.Parallel()
	s, came := receiver(t, nil)
	c := configured(t, s.URL, map[string]any{"secret": nil})
	want(t, do(t, c, request()), channel.Done, "")
	if r := <-came; r.header.Get("webhook-signature") != "" || r.header.Get("webhook-id") == "" {
		t.Errorf("headers %v", r.header)
	}
}

func TestDocument(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 10, 5, 0, 0, 0, 0, time.UTC)
	part := func(name string, v any) channel.Part { return channel.Part{Name: name, Value: v} }
	for _, c := range []struct {
		parts []channel.Part
		want  string
	}{
		{[]channel.Part{part("payload", json.RawMessage(`{"b":1,"a":2}`))}, `{"b":1,"a":2}`},
		{[]channel.Part{part("payload", json.RawMessage(`[1]`))}, `[1]`},
		{[]channel.Part{part("payload", `{"a":"x"}`)}, `{"a":"x"}`},
		{[]channel.Part{part("payload", json.RawMessage(`{"a":1}`)), part("a", "2"), part("reasons", json.RawMessage(`[]`))}, `{"a":1,"reasons":[]}`},
		{[]channel.Part{part("n", 1.5), part("f", true), part("t", at), part("none", nil)}, `{"f":true,"n":1.5,"none":null,"t":"2026-10-05T00:00:00Z"}`},
		{nil, `{}`},
	} {
		got, err := document(channel.Request{Parts: c.parts})
		if err != nil || string(got) != c.want {
			t.Errorf("%v: %s (%v), want %s", c.parts, got, err, c.want)
		}
	}
	for _, parts := range [][]channel.Part{
		{part("payload", "no json")},
		{part("payload", json.RawMessage(`[1]`)), part("a", "2")},
	} {
		if _, err := document(channel.Request{Parts: parts}); err == nil {
			t.Errorf("%v is accepted", parts)
		}
	}
}

func TestVerdicts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status  int
		after   string
		outcome channel.Outcome
		code    string
		wait    time.Duration
	}{
		{status: 200, outcome: channel.Done},
		{status: 204, outcome: channel.Done},
		{status: 302, outcome: channel.Refused, code: "http_302"},
		{status: 307, outcome: channel.Refused, code: "http_307"},
		{status: 400, outcome: channel.Refused, code: "http_400"},
		{status: 410, outcome: channel.Refused, code: "http_410"},
		{status: 408, outcome: channel.Retry, code: "http_408"},
		{status: 425, outcome: channel.Retry, code: "http_425"},
		{status: 429, after: "120", outcome: channel.Retry, code: "http_429", wait: 2 * time.Minute},
		{status: 429, after: "-5", outcome: channel.Retry, code: "http_429"},
		{status: 503, after: "Tue, 06 Oct 2026 03:05:00 GMT", outcome: channel.Retry, code: "http_503", wait: 5 * time.Minute},
		{status: 503, after: "Tue, 06 Oct 2020 03:05:00 GMT", outcome: channel.Retry, code: "http_503"},
		{status: 503, after: "9999999", outcome: channel.Retry, code: "http_503", wait: 24 * time.Hour},
		{status: 500, after: "soon", outcome: channel.Retry, code: "http_500"},
	} {
		s, _ := receiver(t, func(w http.ResponseWriter, _ *http.Request) {
			if c.after != "" {
				w.Header().Set("Retry-After", c.after)
			}
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(c.status)
		})
		ch := configured(t, s.URL, nil)
		ch.now = func() time.Time { return time.Date(2026, 10, 6, 3, 0, 0, 0, time.UTC) }
		got := do(t, ch, request())
		want(t, got, c.outcome, c.code)
		if got.After != c.wait {
			t.Errorf("%d %s: after %s, want %s", c.status, c.after, got.After, c.wait)
		}
		if strings.Contains(got.Detail, "127.0.0.1") {
			t.Errorf("detail names the address: %s", got.Detail)
		}
	}
}

// A redirect is an answer, not a way: the body went to one address only.
func TestRedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	s, came := receiver(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/again", http.StatusTemporaryRedirect)
	})
	want(t, do(t, configured(t, s.URL, nil), request()), channel.Refused, "http_307")
	if n := len(came); n != 1 {
		t.Errorf("%d requests", n)
	}
}

func TestNetworkFailures(t *testing.T) {
	t.Parallel()
	nobody := "http://" + deadend.Address(t) + "/?token=hush"
	got := do(t, configured(t, nobody, nil), request())
	want(t, got, channel.Retry, "network")
	if strings.Contains(got.Detail, "hush") {
		t.Errorf("detail holds the query: %s", got.Detail)
	}

	cut, _ := receiver(t, func(w http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) })
	want(t, do(t, configured(t, cut.URL, nil), request()), channel.Unknown, "network")

	release := make(chan struct{})
	slow, _ := receiver(t, func(http.ResponseWriter, *http.Request) { <-release })
	t.Cleanup(func() { close(release) })
	for patience := 100 * time.Millisecond; ; patience *= 4 {
		got := do(t, configured(t, slow.URL, map[string]any{"timeout": patience.String()}), request())
		if got.Outcome == channel.Retry && patience < time.Minute {
			continue // the machine was too busy to send anything in that time
		}
		want(t, got, channel.Unknown, "network")
		return
	}
}

// However much a receiver answers, little is read.
func TestLargeAnswer(t *testing.T) {
	t.Parallel()
	s, _ := receiver(t, func(w http.ResponseWriter, _ *http.Request) {
		chunk := bytes.Repeat([]byte("x"), 1<<20)
		for {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	want(t, do(t, configured(t, s.URL, nil), request()), channel.Done, "")
}

// What points into this machine or a private network is not connected to, even
// behind a public-looking name.
func TestPrivateAddressesAreBlocked(t *testing.T) {
	t.Parallel()
	s, came := receiver(t, nil)
	_, port, _ := net.SplitHostPort(s.Listener.Addr().String())
	for _, url := range []string{s.URL, "http://localhost:" + port, "http://[::ffff:127.0.0.1]:" + port} {
		want(t, do(t, configured(t, url, map[string]any{"allow_private": false}), request()), channel.Refused, "address_blocked")
	}
	if n := len(came); n != 0 {
		t.Errorf("%d requests came through", n)
	}
	allowed := configured(t, s.URL, map[string]any{"allow_private": false, "allow_cidrs": []any{"127.0.0.0/8"}})
	want(t, do(t, allowed, request()), channel.Done, "")
}

func TestConfigIsChecked(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		values map[string]any
		path   string
	}{
		{map[string]any{}, "url"},
		{map[string]any{"url": "example.com"}, "url"},
		{map[string]any{"url": "ftp://example.com"}, "url"},
		{map[string]any{"url": "https://user:pass@example.com"}, "url"},
		{map[string]any{"url": "https://example.com", "secret": "whsec_short"}, "secret"},
		{map[string]any{"url": "https://example.com", "previous_secret": "whsec_!!"}, "previous_secret"},
		{map[string]any{"url": "https://example.com", "headers": map[string]any{"Webhook-ID": "x"}}, "headers.Webhook-ID"},
		{map[string]any{"url": "https://example.com", "headers": map[string]any{"X": "a\r\nb"}}, "headers.X"},
		{map[string]any{"url": "https://example.com", "allow_cidrs": []any{"10.0.0.0/8", "ten"}}, "allow_cidrs[1]"},
		{map[string]any{"url": "https://example.com", "timeout": "soon"}, "timeout"},
	} {
		ds := configure(New(nil), c.values)
		if !ds.Failed() || ds[0].Path != c.path || ds[0].Summary.Ja == "" {
			t.Errorf("%v: %+v", c.values, ds)
		}
		if strings.Contains(ds.Error(), "short") || strings.Contains(ds.Error(), "pass@") {
			t.Errorf("a secret stands in %s", ds.Error())
		}
	}
	ds := configure(New(nil), map[string]any{"url": "http://example.com"})
	if ds.Failed() || len(ds) != 1 || ds[0].Severity != channel.SeverityWarning {
		t.Errorf("an open line: %+v", ds)
	}
}

func TestConformance(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	done := map[string]int{}
	release := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if strings.Contains(string(body), "hold") {
			<-release
			return
		}
		mu.Lock()
		defer mu.Unlock()
		done[r.Header.Get("webhook-id")] = 1 // once, however often it comes
	}))
	t.Cleanup(s.Close)
	t.Cleanup(func() { close(release) })
	payload := func(text string) []channel.Part {
		b, _ := json.Marshal(map[string]string{"text": text})
		return []channel.Part{{Name: "payload", Value: json.RawMessage(b)}}
	}
	channeltest.Run(t, channeltest.Plan{
		Command: []string{channeltest.Self(), "serve"},
		Config:  map[string]any{"url": s.URL, "secret": secret, "allow_private": true, "timeout": "2m"},
		Parts:   func(int) []channel.Part { return payload("x") },
		Times: func(key string) int {
			mu.Lock()
			defer mu.Unlock()
			return done[key]
		},
		Hold:  payload("hold"),
		Large: payload,
	})
}
