package main_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-456efde2/nurture/engine/enginetest"
)

// post sends a body to a path and gives the status and the answer.
func (s *served) post(t *testing.T, path, body string, headers ...string) (status int, answer string, header http.Header) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b), resp.Header
}

const sourcesHead = `project "forms" { timezone = "Asia/Tokyo" }

lead {
  key = "email"

  text "email" { required = true }
}

event "inquired" {
  number "amount" {}
}

source "crm" {
  kind = "webhook"

  verify {
    scheme = "header"
    header = "X-Token"
    secret = "token-of-the-crm"
  }

  map {
    when   = "payload.kind == 'deal' and payload.amount > 10"
    event  = event.inquired
    email  = "who.mail"
    fields = { amount = "amount" }
  }
`

// What no map takes is kept, read again when the file has a map for it, and counted
// once; personal data is shown only when it is asked for.
func TestDeadEventsAreTakenByAChangedMap(t *testing.T) {
	t.Parallel()
	bin := buildProgram(t)
	rules := t.TempDir()
	file := filepath.Join(rules, "rules.hcl")
	write(t, file, sourcesHead+"}\n")
	s := startServer(t, bin, rules, filepath.Join(t.TempDir(), "data"), "127.0.0.1:0", "")
	defer s.stop(t)
	const deal = `{"kind":"deal","amount":20,"who":{"mail":"tanaka@example.jp"}}`
	small := `{"kind":"deal","amount":5,"who":{"mail":"sato@example.jp"}}`
	if status, answer, _ := s.post(t, "/v1/source/crm", deal, "X-Token", "wrong"); status != http.StatusUnauthorized {
		t.Errorf("a wrong token: %d %s", status, answer)
	}
	if status, answer, _ := s.post(t, "/v1/source/nobody", deal); status != http.StatusNotFound {
		t.Errorf("no source: %d %s", status, answer)
	}
	for range 2 { // the same twice is one
		if status, answer, _ := s.post(t, "/v1/source/crm", deal, "X-Token", "token-of-the-crm"); status != http.StatusOK || !strings.Contains(answer, `"success":true`) {
			t.Fatalf("%d %s", status, answer)
		}
	}
	if status, answer, _ := s.post(t, "/v1/source/crm", small, "X-Token", "token-of-the-crm", "X-Strict-Mode", "1"); status != http.StatusBadRequest || !strings.Contains(answer, "no_map") {
		t.Errorf("strictly: %d %s", status, answer)
	}
	if status, answer, _ := s.post(t, "/v1/source/crm", small, "X-Token", "token-of-the-crm"); status != http.StatusOK || !strings.Contains(answer, `"refused":1`) {
		t.Errorf("%d %s", status, answer)
	}
	if out := nurtureAt(t, bin, s, 0, "event", "dead"); !strings.Contains(out, "no_map") || strings.Contains(out, "sato") {
		t.Errorf("the list is\n%s", out)
	}
	if out := nurtureAt(t, bin, s, 0, "event", "dead", "--reveal"); !strings.Contains(out, "sato@example.jp") {
		t.Errorf("revealed:\n%s", out)
	}
	if out := nurtureAt(t, bin, s, 1, "event", "dead", "retry", "--source", "crm"); !strings.Contains(out, "0 taken, 1 left") {
		t.Errorf("retried too early:\n%s", out)
	}
	write(t, file, strings.Replace(sourcesHead, "payload.amount > 10", "payload.amount > 1", 1)+"}\n")
	s.ask(t, http.MethodPost, "/api/v1/reload", nil, new([]byte))
	if out := nurtureAt(t, bin, s, 0, "event", "dead", "retry", "--source", "crm"); !strings.Contains(out, "1 taken, 0 left") {
		t.Errorf("retried:\n%s", out)
	}
	if out := nurtureAt(t, bin, s, 0, "event", "dead"); !strings.Contains(out, "was taken") {
		t.Errorf("the list is\n%s", out)
	}
	for _, who := range []string{"tanaka@example.jp", "sato@example.jp"} {
		var doc struct{ Facts []struct{ Event string } }
		s.ask(t, http.MethodPost, "/api/v1/leads/find", map[string]any{"id": who}, &doc)
		if len(doc.Facts) != 2 { // who it is, and what they did
			t.Errorf("%s has %d facts, want 2", who, len(doc.Facts))
		}
	}
}

// nurtureAt runs a verb against a server.
func nurtureAt(t *testing.T, bin string, s *served, code int, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), bin, append(args, "--server", s.url, "--lang", "en")...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	_ = cmd.Run()
	if got := cmd.ProcessState.ExitCode(); got != code {
		t.Errorf("nurture %v: exit code %d, want %d\n%s", args, got, code, out.String())
	}
	return out.String()
}

// A key is bound to its source, its events and its rate; two hold while one takes
// the place of the other; a withdrawn one does not.
func TestWriteKeysAreBound(t *testing.T) {
	t.Parallel()
	bin := buildProgram(t)
	rules := t.TempDir()
	write(t, filepath.Join(rules, "rules.hcl"), sourcesHead+"}\n\nsource \"site\" {\n  origins = [\"https://www.example.co.jp\"]\n}\n")
	data := filepath.Join(t.TempDir(), "data")
	s := startServer(t, bin, rules, data, "127.0.0.1:0", "")
	made := func(args ...string) (id, secret string) {
		var doc struct{ Key struct{ ID, Secret string } }
		out := nurtureAt(t, bin, s, 0, append(args, "--json")...)
		if err := json.Unmarshal([]byte(out), &doc); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return doc.Key.ID, doc.Key.Secret
	}
	first, secret := made("key", "create", "--source", "site", "--event", "inquired", "--rate", "1 per second")
	send := func(secret, event string, more ...string) (int, string, http.Header) {
		body := `{"batch":[{"type":"track","messageId":"` + event + secret + `","userId":"u1","event":"` + event + `"}],"writeKey":"` + secret + `"}`
		return s.post(t, "/v1/batch", body, more...)
	}
	if status, answer, _ := send(secret, "inquired"); status != http.StatusOK || strings.Contains(answer, "refused") {
		t.Errorf("its event: %d %s", status, answer)
	}
	if status, answer, _ := send(secret, "other"); status != http.StatusOK || !strings.Contains(answer, `"refused":1`) {
		t.Errorf("another event: %d %s", status, answer)
	}
	if status, answer, _ := send(secret, "inquired", "Origin", "https://evil.example"); status != http.StatusForbidden {
		t.Errorf("another site: %d %s", status, answer)
	}
	if status, answer, h := send(secret, "inquired", "Origin", "https://www.example.co.jp"); status != http.StatusOK || h.Get("Access-Control-Allow-Origin") == "" {
		t.Errorf("its site: %d %s %v", status, answer, h)
	}
	// On a machine that makes more than a call a second the key has soon sent too much.
	// On a slower one it may send a call of many, which is then paid for for half an hour.
	many := `{"batch":[` + strings.Repeat(`{"type":"track","userId":"u1","event":"inquired"},`, 1999) +
		`{"type":"track","userId":"u1","event":"inquired"}],"writeKey":"` + secret + `"}`
	for patience, slow := enginetest.Patience(t), false; !slow; {
		if patience.Err() != nil {
			t.Fatal("a key of one event a second may send as many as it likes")
		}
		s.post(t, "/v1/batch", many)
		status, _, h := send(secret, "inquired")
		slow = status == http.StatusTooManyRequests && h.Get("Retry-After") != ""
	}
	second, newer := made("key", "rotate", first, "--grace", "1h")
	if newer == secret || newer == "" {
		t.Errorf("rotated to %q", newer)
	}
	s.kill(t)
	s = startServer(t, bin, rules, data, "127.0.0.1:0", "")
	defer s.stop(t)
	nurtureAt(t, bin, s, 0, "key", "revoke", second)
	out := nurtureAt(t, bin, s, 0, "key", "list")
	if !strings.Contains(out, "revoked") || !strings.Contains(out, "replaced by "+second) {
		t.Errorf("the keys are\n%s", out)
	}
}
