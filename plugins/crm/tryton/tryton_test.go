package tryton

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/plugins/channel"
	"github.com/seed-456efde2/nurture/plugins/channel/channeltest"
	"github.com/seed-456efde2/nurture/plugins/crm"
)

// TestMain serves the channel where the conformance suite asks for it.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && (os.Args[1] == "serve" || os.Args[1] == "describe") {
		channel.Serve(New(nil))
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// stub answers as Tryton does where the real one would be slow to show it: ended
// sessions, errors, a server that hangs. The real one is in the command's tests.
type stub struct {
	*httptest.Server
	mu      sync.Mutex
	records map[string][]map[string]any
	logins  int
	ended   bool                    // the session has ended
	fail    func(method string) any // an error to answer with
	hold    chan struct{}
}

func newStub(t *testing.T) *stub {
	t.Helper()
	s := &stub{records: map[string][]map[string]any{}, hold: make(chan struct{})}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	t.Cleanup(func() { close(s.hold) })
	return s
}

func (s *stub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	if strings.Contains(string(body), "hold-this") {
		<-s.hold
		return
	}
	var q struct {
		Method string
		Params []json.RawMessage
	}
	if r.URL.Path != "/acme/" || json.Unmarshal(body, &q) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if q.Method == "common.db.login" {
		s.logins++
		s.ended = false
	} else if s.ended || !strings.HasPrefix(r.Header.Get("Authorization"), "Session ") {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	answer := map[string]any{"id": 1}
	var fault any
	if s.fail != nil {
		fault = s.fail(q.Method)
	}
	if fault != nil {
		answer["error"] = fault
	} else {
		answer["result"] = s.result(q.Method, q.Params)
	}
	_ = json.NewEncoder(w).Encode(answer)
}

// result finds records by the text of the last clause of a domain, as far as the
// channel asks.
func (s *stub) result(method string, params []json.RawMessage) any {
	switch method {
	case "common.db.login":
		return []any{1, "token"}
	case "model.res.user.get_preferences":
		return map[string]any{"company": 1}
	}
	model := method[len("model."):strings.LastIndex(method, ".")]
	switch method[strings.LastIndex(method, ".")+1:] {
	case "create":
		var list []map[string]any
		_ = json.Unmarshal(params[0], &list)
		s.records[model] = append(s.records[model], list[0])
		return []int{len(s.records[model])}
	case "search":
		ids := []int{}
		for i, record := range s.records[model] {
			text := fmt.Sprint(record)
			for _, quoted := range strings.Split(string(params[0]), `"`) {
				if wanted := strings.Trim(quoted, "%"); len(wanted) > 30 && strings.Contains(text, wanted) {
					ids = append(ids, i+1)
					break
				}
			}
		}
		return ids
	case "search_read":
		return []any{}
	}
	return nil
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

func settingsOf(s *stub) map[string]any {
	return map[string]any{"url": s.URL, "database": "acme", "user": "nurture", "password": "hush-hush", "timeout": "2m"}
}

func configured(t *testing.T, s *stub) *Channel {
	t.Helper()
	c := New(nil)
	if ds := configure(c, settingsOf(s)); ds.Failed() {
		t.Fatal(ds)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func handOver() channel.Request {
	return channel.Request{Key: fmt.Sprintf("%032x", 7), Kind: "crm", Lead: fmt.Sprintf("%032x", 9), Parts: []channel.Part{
		{Name: "toss_up", Value: "hot"}, {Name: "email", Value: "tanaka@example.co.jp"}, {Name: "last_name", Value: "田中"},
	}}
}

func TestSessionIsRenewed(t *testing.T) {
	t.Parallel()
	s := newStub(t)
	c := configured(t, s)
	for n := range 2 {
		got, err := c.Do(t.Context(), handOver())
		if err != nil || got.Outcome != channel.Done || got.Provider != "sale.opportunity,1" {
			t.Fatalf("%+v %v", got, err)
		}
		if s.logins != n+1 || len(s.records["sale.opportunity"]) != 1 || len(s.records["party.party"]) != 1 {
			t.Fatalf("%d logins, records %v", s.logins, s.records)
		}
		s.mu.Lock()
		s.ended = true
		s.mu.Unlock()
	}
}

// Tryton refuses to read what was deleted between its search and its reading; asked
// again it does not find it. What stays refused is told.
func TestDeletedWhileItIsRead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		refusals int
		outcome  channel.Outcome
	}{{1, channel.Done}, {1000, channel.Refused}} {
		s := newStub(t)
		ch := configured(t, s)
		if got, err := ch.Do(t.Context(), handOver()); err != nil || got.Outcome != channel.Done {
			t.Fatalf("%+v %v", got, err)
		}
		s.mu.Lock()
		s.fail = func(method string) any {
			if method != "model.party.contact_mechanism.search_read" || c.refusals == 0 {
				return nil
			}
			c.refusals--
			return []any{"UserError", []any{"You are not allowed to read records \"78\" of \"Contact\" because of at least one of these rules:\nUser in companies", "", nil}}
		}
		s.mu.Unlock()
		got, err := ch.Do(t.Context(), handOver())
		if err != nil || got.Outcome != c.outcome {
			t.Errorf("%+v %v, want %v", got, err, c.outcome)
		}
	}
}

// What Tryton says went wrong becomes a code; what it quotes of the record stays
// behind.
func TestErrors(t *testing.T) {
	t.Parallel()
	quoted := []any{`The value "tanaka@example.co.jp" for field "Value" in "Contact" is not valid.`, "", nil}
	for _, c := range []struct {
		fault   any
		outcome channel.Outcome
		code    string
	}{
		{[]any{"UserError", quoted}, channel.Refused, "tryton_refused"},
		{[]any{"UserWarning", []any{"x", "tanaka", ""}}, channel.Refused, "tryton_refused"},
		{[]any{"ConcurrencyException", []any{"tanaka"}}, channel.Retry, "tryton_changed"},
		{[]any{"database is locked", "Traceback tanaka"}, channel.Retry, "tryton_busy"},
		{[]any{"'NoneType' object tanaka", "Traceback"}, channel.Retry, "tryton_error"},
	} {
		s := newStub(t)
		s.fail = func(method string) any {
			if method == "model.party.party.create" {
				return c.fault
			}
			return nil
		}
		got, err := configured(t, s).Do(t.Context(), handOver())
		if err != nil || got.Outcome != c.outcome || got.Code != c.code || strings.Contains(got.Detail, "tanaka") {
			t.Errorf("%v: %+v %v", c.fault, got, err)
		}
	}
	s := newStub(t)
	unknown := handOver()
	unknown.Parts = append(unknown.Parts, channel.Part{Name: "owner", Value: "nobody"})
	if got, err := configured(t, s).Do(t.Context(), unknown); err != nil || got.Code != "unknown_owner" || len(s.records) > 0 {
		t.Errorf("%+v %v", got, err)
	}
}

func TestOutcomes(t *testing.T) {
	t.Parallel()
	for states, want := range map[string]string{
		"lead":                                   "",
		"lead opportunity":                       "toss_up_accepted opportunity_created",
		"lead opportunity converted won":         "toss_up_accepted opportunity_created deal_won",
		"lead lost":                              "toss_up_rejected",
		"lead cancelled":                         "toss_up_rejected",
		"lead opportunity lost":                  "toss_up_accepted opportunity_created deal_lost",
		"lead opportunity lost lead opportunity": "toss_up_accepted opportunity_created deal_lost",
		"lead converted won converted lost":      "toss_up_accepted opportunity_created deal_won deal_lost",
	} {
		var life []state
		for i, name := range strings.Fields(states) {
			life = append(life, state{name, time.Date(2026, 11, 2, i, 0, 0, 0, time.UTC)})
		}
		var got []string
		for _, o := range outcomes(row{ID: 5, LostReason: " budget "}, crm.Reference{Key: "k", Lead: "l", TossUp: "hot"}, life) {
			got = append(got, o.Event)
			if (o.Event == crm.Rejected || o.Event == crm.Lost) != (o.Reason == "budget") {
				t.Errorf("%+v", o)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", states, got, want)
		}
	}
}

func TestConfigIsChecked(t *testing.T) {
	t.Parallel()
	for path, bad := range map[string]any{"url": "tryton", "database": "a/b", "match": "phone", "company": "one", "poll": "soon"} {
		values := map[string]any{"url": "https://tryton.example.com", "database": "acme", "user": "nurture", "password": "hush-hush", path: bad}
		ds := configure(New(nil), values)
		if !ds.Failed() || ds[0].Path != path || ds[0].Summary.Ja == "" || strings.Contains(ds.Error(), "hush") {
			t.Errorf("%s: %+v", path, ds)
		}
	}
}

func TestConformance(t *testing.T) {
	t.Parallel()
	s := newStub(t)
	note := func(text string) []channel.Part {
		b, _ := json.Marshal(map[string]string{"text": text})
		return []channel.Part{{Name: "action", Value: "add_note"}, {Name: "with", Value: json.RawMessage(b)}}
	}
	channeltest.Run(t, channeltest.Plan{
		Command: []string{channeltest.Self(), "serve"},
		Config:  settingsOf(s),
		Parts:   func(int) []channel.Part { return note("x") },
		Times: func(key string) (n int) {
			s.mu.Lock()
			defer s.mu.Unlock()
			for _, record := range s.records["ir.note"] {
				if strings.Contains(fmt.Sprint(record["message"]), key) {
					n++
				}
			}
			return n
		},
		Hold:  note("hold-this"),
		Large: note,
	})
}
