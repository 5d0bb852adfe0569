package line

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

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
	key      = "00112233445566778899aabbccddeeff"
	retry    = "00112233-4455-6677-8899-aabbccddeeff"
	tanaka   = "U00000000000000000000000000000001"
	secret   = "8c570fa6dd201bb328f1c1eac23a96d8"
	accepted = `{"sentMessages":[{"id":"1"}]}`
)

var noon = time.Date(2026, 10, 5, 12, 0, 0, 0, time.UTC)

func configure(c *Channel, values map[string]any) channel.Diagnostics {
	cfg, ds := channel.NewConfig(c.Describe(), "line", values)
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
	all := map[string]any{"token": "tok", "allow_private": true, "timeout": "2m"}
	for name, v := range values {
		all[name] = v
	}
	if ds := configure(c, all); ds.Failed() {
		t.Fatal(ds)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// called is a request as a stand-in for LINE got it.
type called struct {
	path, retry, authorization string
	body                       string
}

func standIn(t *testing.T, status int, answer string, headers ...string) (*httptest.Server, <-chan called) {
	t.Helper()
	came := make(chan called, 100)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		came <- called{r.URL.Path, r.Header.Get("X-Line-Retry-Key"), r.Header.Get("Authorization"), strings.TrimSpace(string(b))}
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(s.Close)
	return s, came
}

func part(name string, v any) channel.Part { return channel.Part{Name: name, Value: v} }

func do(t *testing.T, c *Channel, parts ...channel.Part) channel.Reply {
	t.Helper()
	reply, err := c.Do(t.Context(), channel.Request{Key: key, Kind: "line", Attempt: 1, Parts: parts})
	if err != nil {
		t.Fatal(err)
	}
	return reply
}

func TestPush(t *testing.T) {
	t.Parallel()
	s, came := standIn(t, 200, accepted, "X-Line-Request-Id", "req-1")
	c := configured(t, map[string]any{"api": s.URL, "silent": true})
	reply := do(t, c, part("to", tanaka), part("message", "資料はいかがですか"), part("buttons", json.RawMessage(`["ほしい"]`)))
	got := <-came
	if reply.Outcome != channel.Done || reply.Provider != "req-1" || got.path != "/v2/bot/message/push" || got.retry != retry || got.authorization != "Bearer tok" {
		t.Errorf("%+v %+v", reply, got)
	}
	var body struct {
		To                   string
		NotificationDisabled bool
		Messages             []struct {
			Type, Text string
			QuickReply struct {
				Items []struct {
					Type   string
					Action struct{ Type, Label, DisplayText, Data string }
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(got.body), &body); err != nil {
		t.Fatal(err)
	}
	m := body.Messages[0]
	if body.To != tanaka || !body.NotificationDisabled || m.Type != "text" || m.Text != "資料はいかがですか" || len(m.QuickReply.Items) != 1 {
		t.Fatalf("%s", got.body)
	}
	a := m.QuickReply.Items[0].Action
	if a.Type != "postback" || a.Label != "ほしい" || a.DisplayText != "ほしい" || !strings.Contains(a.Data, key) || len(a.Data) > 300 {
		t.Errorf("%+v", a)
	}
}

// A lead with several ids gets one request under one key.
func TestMulticast(t *testing.T) {
	t.Parallel()
	s, came := standIn(t, 200, `{}`)
	other := strings.Replace(tanaka, "1", "2", 1)
	reply := do(t, configured(t, map[string]any{"api": s.URL}), part("to", tanaka+", "+other+","+tanaka), part("message", "hi"))
	got := <-came
	if reply.Outcome != channel.Done || got.path != "/v2/bot/message/multicast" || got.retry != retry || !strings.Contains(got.body, `"to":["`+tanaka+`","`+other+`"]`) {
		t.Errorf("%+v %+v", reply, got)
	}
}

func TestOwnMessages(t *testing.T) {
	t.Parallel()
	s, came := standIn(t, 200, accepted)
	c := configured(t, map[string]any{"api": s.URL})
	do(t, c, part("to", tanaka), part("message", "x"), part("messages", json.RawMessage(`{"messages":[{"type":"sticker","packageId":"446","stickerId":"1988"}]}`)))
	if got := <-came; !strings.Contains(got.body, `"stickerId":"1988"`) || strings.Contains(got.body, `"text"`) {
		t.Error(got.body)
	}
	dry := configured(t, map[string]any{"api": s.URL, "dry_run": true})
	do(t, dry, part("to", tanaka), part("message", "x"))
	if got := <-came; got.path != "/v2/bot/message/validate/push" {
		t.Error(got.path)
	}
}

func TestRefusedBeforeLINE(t *testing.T) {
	t.Parallel()
	c := configured(t, nil)
	for _, x := range []struct {
		code  string
		parts []channel.Part
	}{
		{"bad_recipient", []channel.Part{part("to", ""), part("message", "x")}},
		{"bad_recipient", []channel.Part{part("to", "tanaka@example.co.jp"), part("message", "x")}},
		{"bad_recipient", []channel.Part{part("to", tanaka+",C"+tanaka[1:]), part("message", "x")}},
		{"bad_message", []channel.Part{part("to", tanaka), part("message", " ")}},
		{"bad_message", []channel.Part{part("to", tanaka), part("message", strings.Repeat("あ", 5001))}},
		{"bad_message", []channel.Part{part("to", tanaka), part("message", "x"), part("buttons", json.RawMessage(`["123456789012345678901"]`))}},
		{"bad_message", []channel.Part{part("to", tanaka), part("message", "x"), part("buttons", json.RawMessage(`{}`))}},
		{"bad_message", []channel.Part{part("to", tanaka), part("messages", json.RawMessage(`{"messages":[]}`))}},
		{"bad_message", []channel.Part{part("to", tanaka), part("messages", json.RawMessage(`[1]`))}},
	} {
		if r := do(t, c, x.parts...); r.Outcome != channel.Refused || r.Code != x.code || strings.Contains(r.Detail, "@") {
			t.Errorf("%v: %+v", x.parts, r)
		}
	}
}

func TestVerdicts(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		status  int
		text    string
		outcome channel.Outcome
		code    string
		after   time.Duration
	}{
		{409, `{"message":"The retry key is already accepted"}`, channel.Done, "", 0},
		{400, `{"message":"The property, 'to', is invalid: tanaka@example.co.jp"}`, channel.Refused, "http_400", 0},
		{401, `{"message":"Authentication failed"}`, channel.Refused, "http_401", 0},
		{429, `{"message":"The API rate limit has been exceeded. Try again later."}`, channel.Retry, "http_429", 7 * time.Second},
		{429, `{"message":"You have reached your monthly limit."}`, channel.Retry, "line_quota", 24 * time.Hour},
		{500, `{}`, channel.Retry, "http_500", 7 * time.Second},
		{200, `no json`, channel.Done, "", 0},
	} {
		s, _ := standIn(t, x.status, x.text, "Retry-After", "7", "X-Line-Accepted-Request-Id", "req-0")
		r := do(t, configured(t, map[string]any{"api": s.URL}), part("to", tanaka), part("message", "x"))
		if r.Outcome != x.outcome || r.Code != x.code || r.After != x.after || strings.Contains(r.Detail, "@") {
			t.Errorf("%d %s: %+v", x.status, x.text, r)
		}
	}
	c := New(func() time.Time { return time.Date(2026, 10, 31, 10, 0, 0, 0, time.UTC) })
	if d := c.untilNextMonth(); d != 5*time.Hour { // 19:00 in Japan
		t.Error(d)
	}
	nobody := configured(t, map[string]any{"api": "http://" + deadend.Address(t)})
	if r := do(t, nobody, part("to", tanaka), part("message", "x")); r.Outcome != channel.Retry || r.Code != "network" {
		t.Errorf("%+v", r)
	}
}

func TestCheckReadsTheQuota(t *testing.T) {
	t.Parallel()
	for used, good := range map[string]bool{"499": true, "500": false} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			text := `{"type":"limited","value":500}`
			if strings.HasSuffix(r.URL.Path, "/consumption") {
				text = `{"totalUsage":` + used + `}`
			}
			_, _ = io.WriteString(w, text)
		}))
		t.Cleanup(s.Close)
		if err := configured(t, map[string]any{"api": s.URL}).Check(t.Context()); (err == nil) != good {
			t.Errorf("%s used: %v", used, err)
		}
	}
}

// signed is a webhook as LINE signs it.
func signed(body string) channel.HTTPRequest {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	return channel.HTTPRequest{Method: http.MethodPost, Body: []byte(body), Header: http.Header{
		"X-Line-Signature": {base64.StdEncoding.EncodeToString(mac.Sum(nil))},
	}}
}

func TestWebhook(t *testing.T) {
	t.Parallel()
	event := func(id, kind, more string) string {
		return `{"type":"` + kind + `","webhookEventId":"` + id + `","timestamp":1759665600123,"mode":"active",
		  "deliveryContext":{"isRedelivery":false},"source":{"type":"user","userId":"` + tanaka + `"}` + more + `}`
	}
	body := `{"destination":"Uxx","events":[` + strings.Join([]string{
		event("e1", "follow", `,"follow":{"isUnblocked":false}`),
		event("e2", "unfollow", ""),
		event("e3", "message", `,"message":{"type":"text","id":"1","text":"こんにちは"}`),
		event("e4", "postback", `,"postback":{"data":"button=%E3%81%BB%E3%81%97%E3%81%84&nurture=`+key+`"}`),
		event("e5", "postback", `,"postback":{"data":"richmenu;1"}`),
		event("e6", "hologram", `,"hologram":{"x":1}`),
		`{"type":"message","webhookEventId":"e7","timestamp":1,"source":{"type":"group","groupId":"C1","userId":"` + tanaka + `"}}`,
	}, ",") + `]}`
	c := configured(t, map[string]any{"secret": secret})
	reply, err := c.Receive(t.Context(), signed(body))
	if err != nil || reply.Status != 200 || len(reply.Facts) != 5 {
		t.Fatalf("%+v (%v)", reply, err)
	}
	for i, want := range []string{"line_followed", "line_blocked", "line_replied", "line_clicked", "line_clicked"} {
		f := reply.Facts[i]
		if f.Event != want || f.User != tanaka || f.Fields["line_id"] != tanaka || !f.At.Equal(time.UnixMilli(1759665600123)) {
			t.Errorf("%d: %+v", i, f)
		}
	}
	if f := reply.Facts[2]; f.Fields["kind"] != "text" || f.Fields["text"] != nil {
		t.Errorf("what was written is kept without being asked for: %+v", f)
	}
	if f := reply.Facts[3]; f.Action != key || f.Fields["button"] != "ほしい" {
		t.Errorf("%+v", f)
	}
	if f := reply.Facts[4]; f.Action != "" || f.Fields["button"] != "richmenu;1" {
		t.Errorf("%+v", f)
	}
	keeps := configured(t, map[string]any{"secret": secret, "keep_replies": true})
	if reply, err := keeps.Receive(t.Context(), signed(body)); err != nil || reply.Facts[2].Fields["text"] != "こんにちは" {
		t.Errorf("%+v (%v)", reply, err)
	}
}

func TestOnlyLINEIsHeard(t *testing.T) {
	t.Parallel()
	c, deaf := configured(t, map[string]any{"secret": secret}), configured(t, nil)
	forged := signed(`{"events":[]}`)
	forged.Body = []byte(`{"events":[1]}`)
	for name, x := range map[string]struct {
		c      *Channel
		h      channel.HTTPRequest
		status int
	}{
		"sound":     {c, signed(`{"destination":"U","events":[]}`), 200},
		"forged":    {c, forged, 401},
		"unsigned":  {c, channel.HTTPRequest{Body: []byte(`{}`), Header: http.Header{}}, 401},
		"no JSON":   {c, signed(`x`), 400},
		"no secret": {deaf, signed(`{"events":[]}`), 404},
	} {
		if reply, err := x.c.Receive(t.Context(), x.h); err != nil || reply.Status != x.status {
			t.Errorf("%s: %+v (%v)", name, reply, err)
		}
	}
}

func TestConfigIsChecked(t *testing.T) {
	t.Parallel()
	for path, values := range map[string]map[string]any{
		"token": {"token": "a b"},
		"api":   {"token": "a", "api": "line"},
	} {
		ds := configure(New(nil), values)
		if !ds.Failed() || ds[0].Path != path || ds[0].Summary.Ja == "" || ds[0].Detail.Ja == "" {
			t.Errorf("%v: %+v", values, ds)
		}
	}
}

// The stand-in honours retry keys as LINE does: the second time it answers 409.
func TestConformance(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	done := map[string]int{}
	release := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if body, _ := io.ReadAll(r.Body); strings.Contains(string(body), "hold") {
			<-release
		}
		mu.Lock()
		defer mu.Unlock()
		k := strings.ReplaceAll(r.Header.Get("X-Line-Retry-Key"), "-", "")
		if done[k] > 0 {
			w.WriteHeader(http.StatusConflict)
			return
		}
		done[k]++
		_, _ = io.WriteString(w, accepted)
	}))
	t.Cleanup(s.Close)
	t.Cleanup(func() { close(release) })
	say := func(text string) []channel.Part {
		return []channel.Part{part("to", tanaka), part("message", text)}
	}
	channeltest.Run(t, channeltest.Plan{
		Command: []string{channeltest.Self(), "serve"},
		Config:  map[string]any{"token": "tok-for-tests", "api": s.URL, "allow_private": true, "timeout": "2m"},
		Parts:   func(int) []channel.Part { return say("料金のご案内です") },
		Times: func(k string) int {
			mu.Lock()
			defer mu.Unlock()
			return done[k]
		},
		Hold: say("hold"),
	})
}
