package receiver

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

const (
	secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	older  = "whsec_c2VjcmV0LW9mLWxhc3QteWVhcg=="
)

// A delivery is taken once for each key, whatever is answered.
func TestReceiver(t *testing.T) {
	t.Parallel()
	r, err := New(Options{
		Secrets: []string{secret, older},
		Answer: func(key string, asked int) Answer {
			switch {
			case key == "away" && asked <= 2:
				return Answer{Refuse: http.StatusServiceUnavailable}
			case key == "lost" && asked == 1:
				return Answer{Lose: http.StatusBadGateway}
			}
			return Answer{}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(r)
	defer server.Close()
	for _, c := range []struct {
		name, secret, key, body string
		want                    int
	}{
		{"first", secret, "a", "{}", 200},
		{"again", secret, "a", "{}", 200},
		{"another body under the same key", secret, "a", `{"x":1}`, 200},
		{"older secret", older, "b", "{}", 200},
		{"unknown secret", "whsec_bm8=", "c", "{}", 401},
		{"turned away", secret, "away", "{}", 503},
		{"turned away again", secret, "away", "{}", 503},
		{"taken at last", secret, "away", "{}", 200},
		{"done, but answered wrongly", secret, "lost", "{}", 502},
		{"asked once more", secret, "lost", "{}", 200},
	} {
		if got := post(t, server.URL, c.secret, c.key, c.body); got != c.want {
			t.Errorf("%s: answered %d, want %d", c.name, got, c.want)
		}
	}
	if got, want := r.Tally(), (Tally{Taken: 4, Repeats: 3, Conflicts: 1, Rejected: 1, Failed: 3}); got != want {
		t.Errorf("tally %+v, want %+v", got, want)
	}
	var got []string
	for _, d := range r.Deliveries() {
		got = append(got, d.Key+"×"+strconv.Itoa(d.Asked))
	}
	if got, want := strings.Join(got, " "), "a×3 b×1 away×3 lost×2"; got != want {
		t.Errorf("deliveries %q, want %q", got, want)
	}
}

func TestReceiverRefuses(t *testing.T) {
	t.Parallel()
	r, err := New(Options{Secrets: []string{secret}})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(r)
	defer server.Close()
	res, err := http.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("GET is answered %d", res.StatusCode)
	}
	if got := post(t, server.URL, secret, "big", strings.Repeat("x", maxBody+1)); got != http.StatusBadRequest {
		t.Errorf("a body without end is answered %d", got)
	}
	for _, secrets := range [][]string{nil, {"whsec_not base64"}} {
		if _, err := New(Options{Secrets: secrets}); err == nil {
			t.Errorf("secrets %q are taken", secrets)
		}
	}
}

func TestWait(t *testing.T) {
	t.Parallel()
	r, err := New(Options{Secrets: []string{secret}})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(r)
	defer server.Close()
	done := make(chan error, 1)
	go func() { done <- r.Wait(t.Context(), func(t Tally) bool { return t.Taken == 2 }) }()
	post(t, server.URL, secret, "a", "{}")
	post(t, server.URL, secret, "b", "{}")
	if err := <-done; err != nil {
		t.Error(err)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.Wait(over, func(t Tally) bool { return t.Taken == 3 }); err == nil || !strings.Contains(err.Error(), "Taken:2") {
		t.Errorf("a wait that ends early says %v, want the tally", err)
	}
}

func post(t *testing.T, url, secret, key, body string) int {
	t.Helper()
	w, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	signature, err := w.Sign(key, now, []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set(standardwebhooks.HeaderWebhookID, key)
	req.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	req.Header.Set(standardwebhooks.HeaderWebhookSignature, signature)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	return res.StatusCode
}
