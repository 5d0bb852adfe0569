package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/enginetest"
	"github.com/seed-456efde2/nurture/engine/tracking"
	"github.com/seed-456efde2/nurture/plugins/channel"
)

const heardRules = `project "heard" { timezone = "Asia/Tokyo" }

lead {
  key = "email"
  text "email" {}
}

event "heard" {}

score "interest" {
  rule "heard" {
    on     = event.heard
    points = 1
  }
}

channel "ear" {
  plugin = "heard"

  config {
    service = %q
    secret  = "open sesame"
  }
}
`

// What a service tells, asked or by itself, becomes facts of the leads it is about,
// through a real plugin process: once each, whoever repeats them, and from where
// the last life of the server left off. What is about nobody is kept aside.
func TestInboundFacts(t *testing.T) {
	t.Parallel()
	asked := make(chan string, 100)
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cursor := r.URL.Query().Get("cursor")
		asked <- cursor
		if cursor != "" {
			<-r.Context().Done() // there is nothing new
			return
		}
		at := time.Now()
		_ = json.NewEncoder(w).Encode(map[string]any{"cursor": "c1", "facts": []channel.Fact{
			{ID: "1", Event: "heard", At: at, Email: "Tanaka@example.jp"},
			{ID: "2", Event: "heard", At: at, Lead: "no id", User: "u1", Fields: map[string]any{"kind": "won"}},
			{ID: "2", Event: "heard", At: at, User: "u1"},
			{ID: "3", Event: "heard", At: at, User: "nobody"},
			{ID: "4", Event: "undeclared", At: at, User: "u1"},
			{ID: "5", Event: "heard", At: at, Action: "00112233445566778899aabbccddeeff"},
		}})
	}))
	t.Cleanup(service.Close)

	rules, data, bin := t.TempDir(), filepath.Join(t.TempDir(), "data"), buildProgram(t)
	write(t, filepath.Join(rules, "rules.hcl"), fmt.Sprintf(heardRules, "http://127.0.0.1:1"))
	buildHeard(t, rules)
	if out, err := exec.Command(bin, "plugin", "lock", rules).CombinedOutput(); err != nil {
		t.Fatalf("lock: %v\n%s", err, out)
	}
	s := startServer(t, bin, rules, data, "127.0.0.1:0", "")
	s.ask(t, http.MethodPost, "/v1/batch", map[string]any{"batch": []any{map[string]any{
		"type": "identify", "messageId": "i1", "userId": "u1", "traits": map[string]any{"email": "tanaka@example.jp"},
	}}}, &struct{}{})
	// Only now is the service there: the listener came in vain before.
	write(t, filepath.Join(rules, "rules.hcl"), fmt.Sprintf(heardRules, service.URL))
	wantAsked(t, asked, "")
	wantAsked(t, asked, "c1")
	if n := s.heard(t, "u1"); n != 2 {
		t.Errorf("%d facts came in, want 2", n)
	}

	for _, c := range []struct {
		path, secret string
		status       int
	}{
		{"ear", "wrong", http.StatusForbidden},
		{"nobody", "open sesame", http.StatusNotFound},
		{"ear", "open sesame", http.StatusOK},
		{"ear/again", "open sesame", http.StatusOK},
	} {
		if status := s.callBack(t, c.path, c.secret, channel.Fact{ID: "6", Event: "heard", User: "u1"}); status != c.status {
			t.Errorf("POST /v1/in/%s: %d, want %d", c.path, status, c.status)
		}
	}
	if n := s.heard(t, "u1"); n != 3 {
		t.Errorf("%d facts came in, want 3", n)
	}
	// What stands in a return path or a reply address finds its lead, in whatever
	// case a mail program writes it; what was changed on the way finds nobody.
	token := sealedFor(t, data, "u1")
	changed := "b" + token[1:]
	if changed == token {
		changed = "c" + token[1:]
	}
	for i, text := range []string{token, strings.ToUpper(token), changed} {
		s.callBack(t, "ear", "open sesame", channel.Fact{ID: fmt.Sprint("token", i), Event: "heard", Token: text})
	}
	if n := s.heard(t, "u1"); n != 5 {
		t.Errorf("%d facts came in, want 5", n)
	}
	// An attribute finds whom it identifies.
	for i, about := range [][2]string{{"email", "tanaka@example.jp"}, {"email", "nobody@example.jp"}, {"shoe_size", "42"}} {
		s.callBack(t, "ear", "open sesame", channel.Fact{ID: fmt.Sprint("attribute", i), Event: "heard", Attribute: about[0], Value: about[1]})
	}
	if n := s.heard(t, "u1"); n != 6 {
		t.Errorf("%d facts came in, want 6", n)
	}
	s.stop(t)
	s = startServer(t, bin, rules, data, "127.0.0.1:0", "")
	wantAsked(t, asked, "c1")
	if n := s.heard(t, "u1"); n != 6 {
		t.Errorf("%d facts came in, want 6", n)
	}
	s.stop(t)
}

// sealedFor is the token of a mail to a lead, sealed with the server's own key.
func sealedFor(t *testing.T, data, user string) string {
	t.Helper()
	secret, err := os.ReadFile(filepath.Join(data, "tracking.key"))
	if err != nil {
		t.Fatal(err)
	}
	keys, err := tracking.NewKeys(strings.TrimSpace(string(secret)))
	if err != nil {
		t.Fatal(err)
	}
	return keys.SealAddress(tracking.Token{Lead: engine.Identifier{Kind: engine.ByUser, Value: user}.Lead()})
}

func wantAsked(t *testing.T, asked <-chan string, want string) {
	t.Helper()
	select {
	case cursor := <-asked:
		if cursor != want {
			t.Fatalf("the plugin went on from %q, want %q", cursor, want)
		}
	case <-enginetest.Patience(t).Done():
		t.Fatal("the plugin did not ask its service")
	}
}

// buildHeard builds the test's plugin into a workspace.
func buildHeard(t *testing.T, rules string) {
	t.Helper()
	folder := filepath.Join(rules, "plugins")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(folder, "nurture-plugin-heard")
	if out, err := exec.Command("go", "build", "-o", to, "./testdata/heard").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	if err := os.Chmod(to, 0o700); err != nil {
		t.Fatal(err)
	}
}

// heard counts a lead's facts of that name.
func (s *served) heard(t *testing.T, user string) int {
	t.Helper()
	var doc struct {
		Facts []struct{ Event string }
	}
	s.ask(t, http.MethodGet, "/api/v1/leads/"+user+"?facts=100", nil, &doc)
	n := 0
	for _, f := range doc.Facts {
		if f.Event == "heard" {
			n++
		}
	}
	return n
}

// callBack calls the server as a service does, and gives the status.
func (s *served) callBack(t *testing.T, path, secret string, facts ...channel.Fact) int {
	t.Helper()
	b, err := json.Marshal(map[string]any{"facts": facts})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/v1/in/"+path, bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Secret", secret)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	return resp.StatusCode
}
