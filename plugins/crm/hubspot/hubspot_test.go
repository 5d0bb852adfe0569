package hubspot

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
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

// account is a stub written from the published forms of the CRM API v3: batch
// upsert and batch read by unique properties, an address kept once, associations,
// lists, owners.
type account struct {
	*httptest.Server
	mu       sync.Mutex
	objects  map[string]map[string]map[string]string // by kind, then id
	ties     map[string]bool
	lists    map[string]bool
	requests int
	fail     func(w http.ResponseWriter, r *http.Request) bool
	history  map[string][]map[string]any // of deals' stages, newest first
	hold     chan struct{}
}

func newAccount(t *testing.T) *account {
	t.Helper()
	a := &account{
		objects: map[string]map[string]map[string]string{"contacts": {}, "deals": {}, "notes": {}, "tasks": {}},
		ties:    map[string]bool{}, lists: map[string]bool{}, history: map[string][]map[string]any{}, hold: make(chan struct{}),
	}
	a.Server = httptest.NewServer(a)
	t.Cleanup(a.Close)
	t.Cleanup(func() { close(a.hold) })
	return a
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func (a *account) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	if strings.Contains(string(body), "hold-this") {
		<-a.hold
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.requests++
	if a.fail != nil && a.fail(w, r) {
		return
	}
	var q struct {
		IDProperty string  `json:"idProperty"`
		Inputs     []input `json:"inputs"`
		Properties map[string]string
	}
	if !strings.HasSuffix(r.URL.Path, "/batch/read") && r.Method != http.MethodPut && !strings.Contains(r.URL.Path, "associate") {
		_ = json.Unmarshal(body, &q)
	}
	kind := strings.Split(strings.TrimPrefix(r.URL.Path, "/crm/v3/objects/"), "/")[0]
	switch {
	case strings.HasSuffix(r.URL.Path, "/batch/upsert"):
		a.upsert(w, kind, q.Inputs)
	case strings.HasSuffix(r.URL.Path, "/batch/read"):
		a.read(w, kind, body)
	case strings.HasSuffix(r.URL.Path, "/batch/associate/default"):
		a.ties[string(body)] = true
		answer(w, http.StatusOK, map[string]any{})
	case r.Method == http.MethodPatch:
		for name, v := range q.Properties {
			a.objects["contacts"][r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]][name] = v
		}
		answer(w, http.StatusOK, map[string]any{})
	case strings.HasSuffix(r.URL.Path, "/deals/search"):
		var results []any
		for id := range a.objects["deals"] {
			results = append(results, map[string]any{"id": id})
		}
		answer(w, http.StatusOK, map[string]any{"results": results})
	case strings.HasSuffix(r.URL.Path, "/name/FY26 Q3"):
		answer(w, http.StatusOK, map[string]any{"list": map[string]any{"listId": "77"}})
	case strings.HasSuffix(r.URL.Path, "/memberships/add"):
		a.lists[r.URL.Path+string(body)] = true
		answer(w, http.StatusOK, map[string]any{})
	case strings.HasSuffix(r.URL.Path, "/owners/"):
		answer(w, http.StatusOK, map[string]any{"results": []any{map[string]any{"id": "501", "email": "sato@example.com", "firstName": "Jiro", "lastName": "Sato"}}})
	default:
		answer(w, http.StatusNotFound, map[string]any{"category": "OBJECT_NOT_FOUND"})
	}
}

func (a *account) upsert(w http.ResponseWriter, kind string, inputs []input) {
	var results []any
	for _, in := range inputs {
		if in.Properties["phone"] == "bad" {
			answer(w, http.StatusBadRequest, map[string]any{"category": "VALIDATION_ERROR", "message": "tanaka@example.co.jp"})
			return
		}
		id := ""
		for known, p := range a.objects[kind] {
			if p[in.IDProperty] == in.ID {
				id = known
			} else if mail := in.Properties["email"]; mail != "" && p["email"] == mail {
				answer(w, http.StatusConflict, map[string]any{"category": "CONFLICT", "message": mail})
				return
			}
		}
		if id == "" {
			id = strconv.Itoa(100 + len(a.objects[kind]))
			a.objects[kind][id] = map[string]string{}
		}
		for name, v := range in.Properties {
			a.objects[kind][id][name] = v
		}
		results = append(results, map[string]any{"id": id, "properties": a.objects[kind][id]})
	}
	answer(w, http.StatusOK, map[string]any{"status": "COMPLETE", "results": results})
}

func (a *account) read(w http.ResponseWriter, kind string, body []byte) {
	var q struct {
		IDProperty string `json:"idProperty"`
		Inputs     []struct{ ID string }
	}
	_ = json.Unmarshal(body, &q)
	results := []any{}
	for _, in := range q.Inputs {
		for id, p := range a.objects[kind] {
			if q.IDProperty == "" && id == in.ID || q.IDProperty != "" && p[q.IDProperty] == in.ID {
				results = append(results, map[string]any{
					"id": id, "properties": p, "propertiesWithHistory": map[string]any{"dealstage": a.history[id]},
				})
			}
		}
	}
	answer(w, http.StatusOK, map[string]any{"results": results})
}

func configure(c *Channel, values map[string]any) channel.Diagnostics {
	cfg, ds := channel.NewConfig(c.Describe(), "crm", values)
	if ds.Failed() {
		return ds
	}
	err := c.Configure(context.Background(), cfg)
	var more channel.Diagnostics
	errors.As(err, &more)
	return append(ds, more...)
}

func noon() time.Time { return time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC) }

func configured(t *testing.T, a *account) *Channel {
	t.Helper()
	c := New(noon)
	if ds := configure(c, map[string]any{"url": a.URL, "token": "good", "client_secret": "hush-hush", "timeout": "2m"}); ds.Failed() {
		t.Fatal(ds)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func keyOf(n int) string  { return fmt.Sprintf("%032x", n) }
func leadOf(n int) string { return fmt.Sprintf("%032x", 1000+n) }

func handOver(n int, more ...channel.Part) channel.Request {
	return channel.Request{Key: keyOf(n), Kind: "crm", Lead: leadOf(n), Parts: append([]channel.Part{
		{Name: "toss_up", Value: "hot"},
		{Name: "subject", Value: "アクメ 田中 様"},
		{Name: "owner", Value: "sato@example.com"},
		{Name: "email", Value: fmt.Sprintf("tanaka%d@example.co.jp", n)},
		{Name: "reasons", Value: json.RawMessage(`[{"condition":"score.interest >= 70","facts":{"score.interest":84}}]`)},
	}, more...)}
}

func step(n int, action, with string) channel.Request {
	return channel.Request{Key: keyOf(n), Kind: "crm", Lead: leadOf(n), Parts: []channel.Part{
		{Name: "action", Value: action}, {Name: "with", Value: json.RawMessage(with)},
	}}
}

func doAll(t *testing.T, c *Channel, want []channel.Outcome, rs ...channel.Request) []channel.Reply {
	t.Helper()
	got, err := c.DoBatch(t.Context(), rs)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range got {
		if r.Outcome != want[i] || strings.Contains(r.Detail, "tanaka") {
			t.Errorf("request %d: %+v, want %v", i, r, want[i])
		}
	}
	return got
}

const done = channel.Done

// Several orders go with a few requests; told again, they change nothing that
// sales has done.
func TestBatch(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	c := configured(t, a)
	orders := []channel.Request{
		handOver(1), handOver(2), step(3, "add_note", `{"text":"a < b"}`), step(4, "add_task", `{"subject":"Call","due":"2026-11-30"}`),
		step(5, "add_campaign_member", `{"campaign":"FY26 Q3","status":"Responded"}`), step(6, "upsert", `{"email":"x@example.com","title":"CTO"}`),
	}
	all := []channel.Outcome{done, done, done, done, done, done}
	doAll(t, c, all, orders...)
	if a.requests > 14 {
		t.Errorf("%d requests for %d orders", a.requests, len(orders))
	}
	for _, deal := range a.objects["deals"] {
		deal["dealstage"] = "contractsent"
		if deal["description"] != "- score.interest >= 70 (score.interest = 84)" || deal["hubspot_owner_id"] != "501" || deal["dealname"] != "アクメ 田中 様" {
			t.Errorf("deal %v", deal)
		}
	}
	doAll(t, c, all, orders...)
	for kind, n := range map[string]int{"contacts": 6, "deals": 2, "notes": 2, "tasks": 1} {
		if len(a.objects[kind]) != n {
			t.Errorf("%d %s, want %d", len(a.objects[kind]), kind, n)
		}
	}
	for _, deal := range a.objects["deals"] {
		if deal["dealstage"] != "contractsent" {
			t.Error("a repeated hand-over moves the deal back")
		}
	}
	if len(a.lists) != 1 || len(a.ties) == 0 {
		t.Errorf("lists %v, ties %v", a.lists, a.ties)
	}
}

// One bad record does not hold the others back.
func TestOneBadRecord(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	got := doAll(t, configured(t, a), []channel.Outcome{done, channel.Refused, done, channel.Refused},
		handOver(1), handOver(2, channel.Part{Name: "phone", Value: "bad"}), handOver(3), handOver(4, channel.Part{Name: "owner", Value: "nobody"}))
	if got[1].Code != "hubspot_validation_error" || got[3].Code != "unknown_owner" || len(a.objects["deals"]) != 2 {
		t.Errorf("%+v, %d deals", got, len(a.objects["deals"]))
	}
}

// A contact that has the address already becomes ours; one that is another lead's
// keeps it.
func TestAddressIsTaken(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	c := configured(t, a)
	a.objects["contacts"]["7"] = map[string]string{"email": "tanaka1@example.co.jp"}
	doAll(t, c, []channel.Outcome{done}, handOver(1))
	if a.objects["contacts"]["7"]["nurture_lead"] != leadOf(1) || len(a.objects["contacts"]) != 1 {
		t.Errorf("contacts %v", a.objects["contacts"])
	}
	doAll(t, c, []channel.Outcome{done}, step(2, "upsert", `{"email":"tanaka1@example.co.jp"}`))
	if a.objects["contacts"]["7"]["nurture_lead"] != leadOf(1) || len(a.objects["contacts"]) != 2 {
		t.Errorf("contacts %v", a.objects["contacts"])
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	for policy, wait := range map[string]time.Duration{"TEN_SECONDLY_ROLLING": shortPause, "DAILY": dailyPause} {
		a := newAccount(t)
		c := configured(t, a)
		a.fail = func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("X-HubSpot-RateLimit-Daily", "1000")
			w.Header().Set("X-HubSpot-RateLimit-Daily-Remaining", "40")
			answer(w, http.StatusTooManyRequests, map[string]any{"category": "RATE_LIMITS", "policyName": policy})
			return true
		}
		if got := doAll(t, c, []channel.Outcome{channel.Retry}, handOver(1)); got[0].After != wait {
			t.Errorf("%s: asked again after %v, want %v", policy, got[0].After, wait)
		}
		if got := doAll(t, c, []channel.Outcome{channel.Retry}, step(2, "add_note", `{"text":"x"}`)); got[0].Code != "daily_reserve" {
			t.Errorf("a note meets %+v", got[0])
		}
	}
}

// Outcomes come from the history of the stages, by webhook as by looking.
func TestOutcomes(t *testing.T) {
	t.Parallel()
	for stages, want := range map[string]string{
		"appointmentscheduled":                                     "",
		"appointmentscheduled qualifiedtobuy":                      "toss_up_accepted opportunity_created",
		"appointmentscheduled contractsent closedwon":              "toss_up_accepted opportunity_created deal_won",
		"appointmentscheduled closedlost":                          "toss_up_rejected",
		"appointmentscheduled qualifiedtobuy closedlost closedwon": "toss_up_accepted opportunity_created deal_lost deal_won",
	} {
		a := newAccount(t)
		c := configured(t, a)
		doAll(t, c, []channel.Outcome{done}, handOver(1))
		at := noon()
		for _, stage := range strings.Fields(stages) {
			at = at.Add(time.Hour)
			a.history["100"] = append([]map[string]any{{"value": stage, "timestamp": at.Format(time.RFC3339)}}, a.history["100"]...)
		}
		body := []byte(`[{"subscriptionType":"deal.propertyChange","objectId":100},{"subscriptionType":"contact.creation","objectId":5}]`)
		got, err := c.Receive(t.Context(), signed(body, noon()))
		if err != nil {
			t.Fatal(err)
		}
		var events []string
		for _, f := range got.Facts {
			events = append(events, f.Event)
			if f.Action != keyOf(1) || f.Lead != leadOf(1) || f.Fields["toss_up"] != "hot" {
				t.Errorf("fact %+v", f)
			}
		}
		if strings.Join(events, " ") != want {
			t.Errorf("%s tells %v, want %q", stages, events, want)
		}
		changes, next, err := c.changes(t.Context(), noon(), "")
		if err != nil || next != "" || len(changes) != 1 || len(changes[0].Outcomes) != len(events) {
			t.Errorf("looking finds %+v %q %v", changes, next, err)
		}
	}
}

func signed(body []byte, at time.Time) channel.HTTPRequest {
	const address = "https://nurture.example.com/v1/in/crm"
	stamp := strconv.FormatInt(at.UnixMilli(), 10)
	mac := hmac.New(sha256.New, []byte("hush-hush"))
	mac.Write([]byte(http.MethodPost + address + string(body) + stamp))
	return channel.HTTPRequest{Method: http.MethodPost, URL: address, Body: body, Header: http.Header{
		http.CanonicalHeaderKey("X-HubSpot-Request-Timestamp"): {stamp},
		http.CanonicalHeaderKey("X-HubSpot-Signature-v3"):      {base64.StdEncoding.EncodeToString(mac.Sum(nil))},
	}}
}

func TestForgedWebhooks(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	c := configured(t, a)
	good := signed([]byte("[]"), noon())
	if got, err := c.Receive(t.Context(), good); err != nil || got.Status != http.StatusOK {
		t.Fatalf("%+v %v", got, err)
	}
	other := good
	other.Body = []byte("[ ]")
	for name, r := range map[string]channel.HTTPRequest{
		"old": signed([]byte("[]"), noon().Add(-6*time.Minute)), "another body": other, "unsigned": {Method: http.MethodPost, Body: []byte("[]")},
	} {
		if got, err := c.Receive(t.Context(), r); err != nil || got.Status != http.StatusUnauthorized {
			t.Errorf("%s: %+v %v", name, got, err)
		}
	}
}

func TestConfigIsChecked(t *testing.T) {
	t.Parallel()
	for path, values := range map[string]map[string]any{
		"token":         {},
		"url":           {"token": "x", "url": "hubspot"},
		"lead_property": {"token": "x", "lead_property": "Our Lead"},
		"webhook_url":   {"token": "x", "webhook_url": "http://x"},
		"reserve":       {"token": "x", "reserve": -1.0},
	} {
		ds := configure(New(nil), values)
		if !ds.Failed() || ds[0].Path != path || ds[0].Summary.Ja == "" {
			t.Errorf("%s: %+v", path, ds)
		}
	}
}

func TestConformance(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	note := func(text string) []channel.Part {
		b, _ := json.Marshal(map[string]string{"text": text})
		return []channel.Part{{Name: "action", Value: "add_note"}, {Name: "with", Value: json.RawMessage(b)}}
	}
	channeltest.Run(t, channeltest.Plan{
		Command: []string{channeltest.Self(), "serve"},
		Config:  map[string]any{"url": a.URL, "token": "good", "timeout": "2m"},
		Parts:   func(int) []channel.Part { return note("x") },
		Times: func(key string) (n int) {
			a.mu.Lock()
			defer a.mu.Unlock()
			for _, p := range a.objects["notes"] {
				if p["nurture_key"] == key {
					n++
				}
			}
			return n
		},
		Hold:  note("hold-this"),
		Large: note,
	})
}
