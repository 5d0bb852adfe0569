package webhook

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/plugins/channel"
)

// A JSON API with a form, a method and a header of its own is spoken to.
func TestAnyAPI(t *testing.T) {
	t.Parallel()
	var path, method, key, body string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		path, method, key, body = r.URL.Path, r.Method, r.Header.Get("X-Request-Id"), string(b)
		_, _ = io.WriteString(w, `{"data": {"ok": true, "id": "c-17"}}`)
	}))
	t.Cleanup(s.Close)
	c := configured(t, s.URL+"/contacts/{{ lead }}", map[string]any{
		"method": "PUT", "idempotency_header": "X-Request-ID",
		"headers": map[string]any{"Content-Type": "application/vnd.api+json"},
		"body": map[string]any{
			"contact": map[string]any{"mail": "{{ payload.email }}", "greeting": "{{ payload.name }} 様", "age": "{{ payload.age }}"},
			"tags":    []any{"nurture", "{{ payload.nothing }}", "x{{payload.nothing}}"},
			"ref":     "{{key}}", "big": "{{ payload.deep.id }}",
		},
		"answer": map[string]any{"path": "data.ok", "equals": "true", "id": "data.id"},
	})
	r := request()
	r.Lead = "01LEAD"
	r.Parts[0].Value = json.RawMessage(`{"email":"a\"b@example.co.jp","name":"田中","age":41,"deep":{"id":12345678901234567}}`)
	got := do(t, c, r)
	want(t, got, channel.Done, "")
	if got.Provider != "c-17" {
		t.Errorf("provider %q", got.Provider)
	}
	if path != "/contacts/01LEAD" || method != http.MethodPut || key != r.Key {
		t.Errorf("%s %s, key %q", method, path, key)
	}
	const wanted = `{"big":12345678901234567,"contact":{"age":41,"greeting":"田中 様","mail":"a\"b@example.co.jp"},` +
		`"ref":"00112233445566778899aabbccddeeff","tags":["nurture",null,"x"]}`
	if body != wanted {
		t.Errorf("body\n%s, want\n%s", body, wanted)
	}
}

// What a lead supplies changes values, and nothing else of the document.
func TestTemplateCannotBeBrokenOutOf(t *testing.T) {
	t.Parallel()
	f := facts{"payload": map[string]any{"name": `","admin":true,"x":"{{ key }}`}, "key": "k"}
	b, err := json.Marshal(f.fill(map[string]any{"name": "Dear {{ payload.name }}"}))
	if err != nil {
		t.Fatal(err)
	}
	var back map[string]string
	if err := json.Unmarshal(b, &back); err != nil || len(back) != 1 || back["name"] != `Dear ","admin":true,"x":"{{ key }}` {
		t.Errorf("%s (%v)", b, err)
	}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	rules := map[string]any{
		"done": []any{"2xx", "409"}, "path": "ok", "reason": "error.code", "retry": []any{"busy"}, "id": "id",
	}
	for _, c := range []struct {
		status  int
		body    string
		outcome channel.Outcome
		code    string
	}{
		{200, `{"ok":true,"id":7}`, channel.Done, ""},
		{409, `{"ok":true}`, channel.Done, ""},
		{200, `{"ok":false}`, channel.Refused, "not_successful"},
		{200, `{"ok":"true"}`, channel.Done, ""},
		{200, `{"ok":false,"error":{"code":"busy"}}`, channel.Retry, "busy"},
		{400, `{"error":{"code":"busy"}}`, channel.Retry, "busy"},
		{400, `{"error":{"code":"invalid"}}`, channel.Refused, "invalid"},
		{400, `{"error":{"code":"tanaka@example.co.jp is no address"}}`, channel.Refused, "http_400"},
		{503, `down`, channel.Retry, "http_503"},
		{200, `<html>`, channel.Unknown, "bad_answer"},
	} {
		s, _ := receiver(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(c.status)
			_, _ = io.WriteString(w, c.body)
		})
		got := do(t, configured(t, s.URL, map[string]any{"answer": rules}), request())
		if got.Outcome != c.outcome || got.Code != c.code || strings.Contains(got.Detail, "@") {
			t.Errorf("%d %s: %v %q (%s)", c.status, c.body, got.Outcome, got.Code, got.Detail)
		}
	}
}

// A redirect is followed only as often as allowed, on the same host, with the body.
func TestRedirectsAreCapped(t *testing.T) {
	t.Parallel()
	var bodies []string
	elsewhere, strangers := receiver(t, nil)
	mux := http.NewServeMux()
	mux.HandleFunc("/to/{n}", func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		bodies = append(bodies, string(b))
		switch n := r.PathValue("n"); n {
		case "0":
		case "away":
			http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
		case "get":
			http.Redirect(w, r, "/to/0", http.StatusFound)
		case "loop":
			http.Redirect(w, r, "/to/loop", http.StatusPermanentRedirect)
		default:
			http.Redirect(w, r, "/to/"+string(n[0]-1), http.StatusTemporaryRedirect)
		}
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	for _, c := range []struct {
		path    string
		outcome channel.Outcome
		code    string
		came    int
	}{
		{"2", channel.Done, "", 3},
		{"3", channel.Refused, "http_307", 3},
		{"loop", channel.Refused, "http_308", 3},
		{"away", channel.Refused, "http_307", 1},
		{"get", channel.Refused, "http_302", 1},
	} {
		bodies = nil
		want(t, do(t, configured(t, s.URL+"/to/"+c.path, map[string]any{"redirects": 2.0}), request()), c.outcome, c.code)
		if len(bodies) != c.came || bodies[len(bodies)-1] != bodies[0] || bodies[0] == "" {
			t.Errorf("%s: %d requests, the last with %q", c.path, len(bodies), bodies[len(bodies)-1])
		}
	}
	if len(strangers) != 0 {
		t.Error("another host got the body")
	}
}

// An allowed network does not open its ports, and an allowed port no network.
func TestPortsAreAllowedOneByOne(t *testing.T) {
	t.Parallel()
	s, _ := receiver(t, nil)
	_, port, _ := net.SplitHostPort(s.Listener.Addr().String())
	inside := map[string]any{"allow_private": false, "allow_cidrs": []any{"127.0.0.0/8"}}
	// The port of url is allowed by being written; another one is reached by allow_ports.
	want(t, do(t, configured(t, s.URL, inside), request()), channel.Done, "")
	blocked := configured(t, s.URL, map[string]any{"allow_private": false, "allow_ports": []any{port}})
	want(t, do(t, blocked, request()), channel.Refused, "address_blocked")
}

func TestDryRun(t *testing.T) {
	t.Parallel()
	s, came := receiver(t, nil)
	got := do(t, configured(t, s.URL, map[string]any{"dry_run": true}), request())
	want(t, got, channel.Done, "")
	if got.Provider != "dry run" || len(came) != 0 {
		t.Errorf("%v, %d requests", got, len(came))
	}
}

func TestAPIConfigIsChecked(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, path string
		value      any
	}{
		{"url", "url", "https://example.com/{{ payload.email }}"},
		{"url", "url", "https://{{ key }}.example.com/"},
		{"method", "method", "GET"},
		{"idempotency_header", "idempotency_header", "Webhook-Id"},
		{"idempotency_header", "idempotency_header", "two words"},
		{"headers", "headers.X", map[string]any{"X": "{{ payload.email }}"}},
		{"body", "body", map[string]any{"a": "{{ lead.email }}"}},
		{"body", "body", map[string]any{"a": []any{"{{ key"}}},
		{"redirects", "redirects", 6.0},
		{"redirects", "redirects", 1.5},
		{"allow_ports", "allow_ports[0]", []any{"http"}},
		{"answer", "answer.done[0]", map[string]any{"done": []any{"ok"}}},
		{"answer", "answer.path", map[string]any{"path": "a..b"}},
		{"answer", "answer.retry", map[string]any{"retry": []any{"busy"}}},
	} {
		values := map[string]any{"url": "https://example.com", c.name: c.value}
		ds := configure(New(time.Now), values)
		if !ds.Failed() || ds[0].Path != c.path || ds[0].Summary.Ja == "" || ds[0].Detail.Ja == "" {
			t.Errorf("%s = %v: %+v", c.name, c.value, ds)
		}
	}
}
