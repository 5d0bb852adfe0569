package slack

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

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
	signingSecret = "8f742231b10e8888abcd99yyyzzz85a5"
	key           = "00112233445566778899aabbccddeeff"
)

var noon = time.Date(2026, 10, 5, 12, 0, 0, 0, time.UTC)

func configure(c *Channel, values map[string]any) channel.Diagnostics {
	cfg, ds := channel.NewConfig(c.Describe(), "sales", values)
	if ds.Failed() {
		return ds
	}
	var more channel.Diagnostics
	errors.As(c.Configure(context.Background(), cfg), &more)
	return append(ds, more...)
}

func configured(t *testing.T, values map[string]any) *Channel {
	t.Helper()
	c := New(func() time.Time { return noon })
	c.courtesy = 2 * time.Minute
	values["allow_private"], values["timeout"] = true, "2m"
	if ds := configure(c, values); ds.Failed() {
		t.Fatal(ds)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// posted is what a stand-in for Slack got.
type posted struct {
	path, authorization string
	body                object
}

func standIn(t *testing.T, answer http.HandlerFunc) (*httptest.Server, <-chan posted) {
	t.Helper()
	came := make(chan posted, 100)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p := posted{path: r.URL.Path, authorization: r.Header.Get("Authorization")}
		if err := json.NewDecoder(r.Body).Decode(&p.body); err != nil {
			t.Errorf("body: %v", err)
		}
		came <- p
		answer(w, r)
	}))
	t.Cleanup(s.Close)
	return s, came
}

func says(status int, text string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
	}
}

func do(t *testing.T, c *Channel, parts ...channel.Part) channel.Reply {
	t.Helper()
	reply, err := c.Do(t.Context(), channel.Request{Key: key, Kind: "slack", Attempt: 1, Parts: parts})
	if err != nil {
		t.Fatal(err)
	}
	return reply
}

func part(name string, v any) channel.Part { return channel.Part{Name: name, Value: v} }

func TestIncomingWebhook(t *testing.T) {
	t.Parallel()
	s, came := standIn(t, says(200, "ok"))
	c := configured(t, map[string]any{"url": s.URL + "/services/T/B/x"})
	reply := do(t, c, part("message", "クリック率が *3%* に低下 <!channel> & more"))
	p := <-came
	if reply.Outcome != channel.Done || p.path != "/services/T/B/x" || p.authorization != "" ||
		p.body["text"] != "クリック率が *3%* に低下 &lt;!channel&gt; &amp; more" || p.body["channel"] != nil || p.body["blocks"] != nil {
		t.Errorf("%+v %+v", reply, p)
	}
}

func TestPostMessage(t *testing.T) {
	t.Parallel()
	s, came := standIn(t, says(200, `{"ok":true,"ts":"1759665600.000100"}`))
	c := configured(t, map[string]any{"token": "xoxb-1", "to": "#sales", "api": s.URL + "/api/"})
	reply := do(t, c, part("message", "hi"), part("to", "#osaka"), part("blocks", json.RawMessage(`{"blocks":[{"type":"divider"}]}`)))
	p := <-came
	if reply.Outcome != channel.Done || reply.Provider != "1759665600.000100" || p.path != "/api/chat.postMessage" ||
		p.authorization != "Bearer xoxb-1" || p.body["channel"] != "#osaka" || len(p.body["blocks"].([]any)) != 1 {
		t.Errorf("%+v %+v", reply, p)
	}
	if err := c.Check(t.Context()); err != nil {
		t.Error(err)
	}
	if p := <-came; p.path != "/api/auth.test" {
		t.Error(p.path)
	}
	for _, blocks := range []string{"x", "[]", `{"a":1}`} {
		if r := do(t, c, part("message", "hi"), part("blocks", json.RawMessage(blocks))); r.Outcome != channel.Refused || r.Code != "bad_message" {
			t.Errorf("%s: %+v", blocks, r)
		}
	}
}

func TestVerdicts(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		token   bool
		status  int
		text    string
		outcome channel.Outcome
		code    string
		after   time.Duration
	}{
		{false, 429, "rate_limited", channel.Retry, "slack_rate_limited", 30 * time.Second},
		{false, 500, "rollup_error", channel.Retry, "slack_rollup_error", 30 * time.Second},
		{false, 404, "channel_not_found", channel.Refused, "slack_channel_not_found", 0},
		{false, 400, "tanaka@example.co.jp is odd", channel.Refused, "http_400", 0},
		{true, 429, `{"ok":false,"error":"ratelimited"}`, channel.Retry, "http_429", 30 * time.Second},
		{true, 200, `{"ok":false,"error":"ratelimited"}`, channel.Retry, "slack_ratelimited", 30 * time.Second},
		{true, 200, `{"ok":false,"error":"not_in_channel"}`, channel.Refused, "slack_not_in_channel", 0},
		{true, 200, `{"ok":false,"error":"fatal_error"}`, channel.Unknown, "slack_fatal_error", 0},
		{true, 200, `<html>`, channel.Unknown, "bad_answer", 0},
		{true, 503, `down`, channel.Retry, "slack_down", 30 * time.Second},
	} {
		s, _ := standIn(t, says(x.status, x.text, "Retry-After", "30"))
		values := map[string]any{"url": s.URL}
		if x.token {
			values = map[string]any{"token": "xoxb-1", "to": "#sales", "api": s.URL}
		}
		r := do(t, configured(t, values), part("message", "hi"))
		if r.Outcome != x.outcome || r.Code != x.code || r.After != x.after || strings.Contains(r.Detail, "@") {
			t.Errorf("%d %s: %+v", x.status, x.text, r)
		}
	}
}

// Before the host has given leave nothing goes out.
func TestCommit(t *testing.T) {
	t.Parallel()
	s, came := standIn(t, says(200, "ok"))
	c := configured(t, map[string]any{"url": s.URL})
	r := channel.Request{Key: key, Parts: []channel.Part{part("message", "hi")}}
	reply, err := c.Do(t.Context(), r.OnCommit(func(context.Context) error { return errors.New("given up") }))
	if err != nil || reply.Outcome != channel.Retry || len(came) != 0 {
		t.Errorf("%+v (%v), %d posted", reply, err, len(came))
	}
	dry := configured(t, map[string]any{"url": s.URL, "dry_run": true})
	if reply := do(t, dry, part("message", "hi")); reply.Provider != "dry run" || len(came) != 0 {
		t.Errorf("%+v, %d posted", reply, len(came))
	}
}

// offer posts a toss-up and returns its message.
func offer(t *testing.T, values map[string]any) object {
	t.Helper()
	s, came := standIn(t, says(200, "ok"))
	values["url"] = s.URL
	reply := do(
		t, configured(t, values),
		part("toss_up", "hot_lead"), part("subject", "株式会社A 田中 様（興味度 79）<!here>"), part("owner", "osaka"),
		part("payload", json.RawMessage(`{"会社":"A & B","n":3}`)), part("reasons", json.RawMessage(`["興味度が70以上 (79)","料金ページ閲覧"]`)),
	)
	if reply.Outcome != channel.Done {
		t.Fatal(reply)
	}
	return (<-came).body
}

func TestTossUp(t *testing.T) {
	t.Parallel()
	b, err := json.Marshal(offer(t, map[string]any{"signing_secret": signingSecret, "language": "ja", "reasons": []any{"対象外", "時期尚早"}}))
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	for _, want := range []string{
		`"*株式会社A 田中 様（興味度 79）\u0026lt;!here\u0026gt;*"`, `"担当: osaka"`, `*会社* A \u0026amp; B\n*n* 3`, `• 興味度が70以上 (79)\n• 料金ページ閲覧`,
		`"block_id":"nurture ` + key + ` hot_lead"`, `"受け入れる"`, `"対象外"`, `"時期尚早"`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
	if b, _ := json.Marshal(offer(t, map[string]any{})); strings.Contains(string(b), "nurture_accept") {
		t.Error("there are buttons, but nobody could hear them")
	}
}

// signed is a request as Slack signs it, at a time.
func signed(at time.Time, body string) channel.HTTPRequest {
	stamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(signingSecret))
	mac.Write([]byte("v0:" + stamp + ":" + body))
	return channel.HTTPRequest{Method: http.MethodPost, Body: []byte(body), Header: http.Header{
		"X-Slack-Request-Timestamp": {stamp}, "X-Slack-Signature": {"v0=" + hex.EncodeToString(mac.Sum(nil))},
	}}
}

func pressed(action, more, responseURL string) string {
	payload := `{"type":"block_actions","user":{"id":"U123","name":"sato"},"response_url":"` + responseURL + `",
	  "state":{"values":{"nurture note ` + key + `":{"nurture_note":{"type":"plain_text_input","value":"来期に"}}}},
	  "actions":[{"action_id":"` + action + `","block_id":"nurture ` + key + ` hot_lead","action_ts":"1759665600.000100"` + more + `}]}`
	return url.Values{"payload": {payload}}.Encode()
}

func receive(t *testing.T, c *Channel, h channel.HTTPRequest) channel.HTTPReply {
	t.Helper()
	reply, err := c.Receive(t.Context(), h)
	if err != nil {
		t.Fatal(err)
	}
	return reply
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	s, came := standIn(t, says(200, "ok"))
	c := configured(t, map[string]any{"url": s.URL, "signing_secret": signingSecret})
	reply := receive(t, c, signed(noon, pressed("nurture_accept", "", s.URL+"/actions")))
	if reply.Status != 200 || len(reply.Facts) != 1 {
		t.Fatalf("%+v", reply)
	}
	f := reply.Facts[0]
	if f.Event != "toss_up_accepted" || f.Action != key || f.Fields["toss_up"] != "hot_lead" || f.Fields["by"] != "slack:U123" ||
		f.Fields["note"] != "来期に" || !f.At.Equal(time.Unix(1759665600, 100000)) {
		t.Errorf("%+v", f)
	}
	if p := <-came; p.path != "/actions" || p.body["text"] != "Accepted by <@U123>" || p.body["replace_original"] != false {
		t.Errorf("%+v", p)
	}
	again := receive(t, c, signed(noon, pressed("nurture_accept", "", "https://evil.example.com/")))
	if again.Facts[0].ID != f.ID {
		t.Error("the same press is another fact")
	}
	if len(came) != 0 {
		t.Error("another address than Slack's was told")
	}
	chosen := `,"selected_option":{"value":"2","text":{"type":"plain_text","text":"not now"}}`
	f = receive(t, c, signed(noon, pressed("nurture_reject", chosen, ""))).Facts[0]
	if f.Event != "toss_up_rejected" || f.Fields["reason"] != "not now" {
		t.Errorf("%+v", f)
	}
}

func TestOnlySlackIsHeard(t *testing.T) {
	t.Parallel()
	c := configured(t, map[string]any{"url": "https://hooks.slack.com/x", "signing_secret": signingSecret})
	body := pressed("nurture_accept", "", "")
	forged := signed(noon, body)
	forged.Body = append(forged.Body, ' ')
	for name, x := range map[string]struct {
		request channel.HTTPRequest
		status  int
	}{
		"at the edge of five minutes": {signed(noon.Add(-tolerance), body), 200},
		"older than five minutes":     {signed(noon.Add(-tolerance-time.Second), body), 401},
		"from the future":             {signed(noon.Add(tolerance+time.Second), body), 401},
		"forged":                      {forged, 401},
		"unsigned":                    {channel.HTTPRequest{Body: []byte(body), Header: http.Header{}}, 401},
		"no form":                     {signed(noon, "payload=%zz"), 400},
		"no payload":                  {signed(noon, "a=b"), 400},
		"no JSON":                     {signed(noon, "payload=x"), 400},
		"of another control":          {signed(noon, url.Values{"payload": {`{"type":"block_actions","actions":[{"block_id":"theirs","action_id":"nurture_accept"}]}`}}.Encode()), 200},
	} {
		reply := receive(t, c, x.request)
		if reply.Status != x.status || (len(reply.Facts) > 0) != (name == "at the edge of five minutes") {
			t.Errorf("%s: %d, %d facts", name, reply.Status, len(reply.Facts))
		}
	}
	deaf := configured(t, map[string]any{"url": "https://hooks.slack.com/x"})
	if reply := receive(t, deaf, signed(noon, body)); reply.Status != 404 {
		t.Errorf("%+v", reply)
	}
}

func TestConfigIsChecked(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		values map[string]any
		path   string
	}{
		{map[string]any{}, "url"},
		{map[string]any{"url": "https://hooks.slack.com/x", "token": "xoxb-1", "to": "#a"}, "url"},
		{map[string]any{"token": "xoxb-1"}, "to"},
		{map[string]any{"url": "hooks.slack.com"}, "url"},
		{map[string]any{"token": "xoxb-1", "to": "#a", "api": "ftp://x"}, "api"},
		{map[string]any{"url": "https://hooks.slack.com/x", "reasons": []any{"a", ""}}, "reasons[1]"},
		{map[string]any{"url": "https://hooks.slack.com/x", "language": "fr"}, "language"},
	} {
		ds := configure(New(nil), x.values)
		if !ds.Failed() || ds[0].Path != x.path || ds[0].Summary.Ja == "" || ds[0].Detail.Ja == "" {
			t.Errorf("%v: %+v", x.values, ds)
		}
	}
}

func TestConformance(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if body, _ := io.ReadAll(r.Body); strings.Contains(string(body), "hold") {
			<-release
		}
		_, _ = io.WriteString(w, "ok")
	}))
	t.Cleanup(s.Close)
	t.Cleanup(func() { close(release) })
	say := func(text string) []channel.Part { return []channel.Part{part("message", text)} }
	channeltest.Run(t, channeltest.Plan{
		Command: []string{channeltest.Self(), "serve"},
		Config:  map[string]any{"url": s.URL, "allow_private": true, "timeout": "2m", "signing_secret": signingSecret},
		Parts:   func(int) []channel.Part { return say("tanaka@example.co.jp is hot") },
		Hold:    say("hold"),
		Large:   say,
	})
}
