package salesforce

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
)

// TestMain serves the channel where the conformance suite asks for it.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && (os.Args[1] == "serve" || os.Args[1] == "describe") {
		channel.Serve(New(nil))
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// org is a stub written from the published forms of the REST API: upsert by
// external id, Composite that does all or nothing with references between its
// parts, SOQL answers that a test prepares.
type org struct {
	*httptest.Server
	mu      sync.Mutex
	leads   map[string]map[string]any // by external id
	tasks   map[string]map[string]any
	members []map[string]any
	writes  int
	fail    func(w http.ResponseWriter, r *http.Request) bool // true: it has answered
	found   func(soql string) any
	hold    chan struct{}
}

func newOrg(t *testing.T) *org {
	t.Helper()
	o := &org{leads: map[string]map[string]any{}, tasks: map[string]map[string]any{}, hold: make(chan struct{})}
	o.Server = httptest.NewServer(o)
	t.Cleanup(o.Close)
	t.Cleanup(func() { close(o.hold) })
	return o
}

const data = "/services/data/v61.0"

func (o *org) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	if strings.Contains(string(body), "hold-this") {
		<-o.hold
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.fail != nil && o.fail(w, r) {
		return
	}
	if r.Header.Get("Authorization") != "Bearer good" {
		answer(w, http.StatusUnauthorized, []any{map[string]any{"errorCode": "INVALID_SESSION_ID", "message": "Session expired"}})
		return
	}
	w.Header().Set("Sforce-Limit-Info", "api-usage=18/5000")
	switch path := strings.TrimPrefix(r.URL.Path, data); {
	case r.Method == http.MethodGet && strings.HasPrefix(path, "/sobjects/Lead/Nurture_Lead__c/"):
		lead := o.leads[path[strings.LastIndex(path, "/")+1:]]
		if lead == nil {
			answer(w, http.StatusNotFound, []any{map[string]any{"errorCode": "NOT_FOUND", "message": "none"}})
			return
		}
		answer(w, http.StatusOK, lead)
	case path == "/composite":
		o.composite(w, body)
	case path == "/query":
		var records any = []any{}
		if o.found != nil {
			if found := o.found(r.URL.Query().Get("q")); found != nil {
				records = found
			}
		}
		answer(w, http.StatusOK, map[string]any{"done": true, "records": records})
	case path == "/sobjects/CampaignMember" && r.Method == http.MethodPost:
		var member map[string]any
		_ = json.Unmarshal(body, &member)
		o.members = append(o.members, member)
		answer(w, http.StatusCreated, map[string]any{"id": "00v000000000001", "success": true})
	case path == "/limits":
		answer(w, http.StatusOK, map[string]any{})
	default:
		answer(w, http.StatusNotFound, []any{map[string]any{"errorCode": "URL_NOT_EXISTS"}})
	}
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func (o *org) composite(w http.ResponseWriter, body []byte) {
	var q struct {
		AllOrNone bool   `json:"allOrNone"`
		Parts     []part `json:"compositeRequest"`
	}
	if json.Unmarshal(body, &q) != nil || !q.AllOrNone {
		answer(w, http.StatusBadRequest, []any{map[string]any{"errorCode": "JSON_PARSER_ERROR"}})
		return
	}
	var parts []any
	for _, p := range q.Parts {
		external := p.URL[strings.LastIndex(p.URL, "/")+1:]
		into, id := o.tasks, "00T000000000001"
		if strings.Contains(p.URL, "/Lead/") {
			into, id = o.leads, fmt.Sprintf("00Q%012d", len(o.leads)+1)
			if o.leads[external] == nil && (p.Body["LastName"] == nil || p.Body["Company"] == nil) {
				answer(w, http.StatusOK, map[string]any{"compositeResponse": []any{map[string]any{
					"referenceId": p.Name, "httpStatusCode": 400,
					"body": []any{map[string]any{"errorCode": "REQUIRED_FIELD_MISSING", "message": "tanaka@example.co.jp", "fields": []string{"LastName"}}},
				}}})
				return
			}
		}
		if into[external] == nil {
			into[external] = map[string]any{"Id": id, "IsConverted": false}
		}
		for name, v := range p.Body {
			into[external][name] = v
		}
		o.writes++
		parts = append(parts, map[string]any{
			"referenceId": p.Name, "httpStatusCode": 201, "body": map[string]any{"id": into[external]["Id"], "success": true},
		})
	}
	answer(w, http.StatusOK, map[string]any{"compositeResponse": parts})
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

func configured(t *testing.T, o *org, more map[string]any) *Channel {
	t.Helper()
	c := New(nil)
	values := map[string]any{"instance": o.URL, "token": "good", "timeout": "2m", "owners": map[string]any{"tokyo": "005000000000001"}}
	for name, v := range more {
		values[name] = v
	}
	if ds := configure(c, values); ds.Failed() {
		t.Fatal(ds)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

const (
	key    = "00112233445566778899aabbccddeeff"
	leadID = "ffeeddccbbaa99887766554433221100"
)

func handOver(key string) channel.Request {
	return channel.Request{Key: key, Kind: "crm", Lead: leadID, Parts: []channel.Part{
		{Name: "toss_up", Value: "hot"},
		{Name: "subject", Value: "アクメ 田中 様"},
		{Name: "owner", Value: "tokyo"},
		{Name: "email", Value: "tanaka@example.co.jp"},
		{Name: "last_name", Value: "田中"},
		{Name: "reasons", Value: json.RawMessage(`[{"condition":"score.interest >= 70","facts":{"score.interest":84}}]`)},
	}}
}

func step(action, with string) channel.Request {
	return channel.Request{Key: key, Kind: "crm", Lead: leadID, Parts: []channel.Part{
		{Name: "action", Value: action}, {Name: "with", Value: json.RawMessage(with)},
	}}
}

func do(t *testing.T, c *Channel, r channel.Request) channel.Reply {
	t.Helper()
	got, err := c.Do(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func want(t *testing.T, got channel.Reply, outcome channel.Outcome, code string) {
	t.Helper()
	if got.Outcome != outcome || got.Code != code || strings.Contains(got.Detail, "tanaka") {
		t.Fatalf("reply %v %q (%s), want %v %q", got.Outcome, got.Code, got.Detail, outcome, code)
	}
}

// A toss-up is a lead with its owner and a task with the reasons, written together;
// told again, it leaves alone what sales has done with them since.
func TestHandOver(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	c := configured(t, o, nil)
	want(t, do(t, c, handOver(key)), channel.Done, "")
	lead, task := o.leads[leadID], o.tasks[key]
	if lead["LastName"] != "田中" || lead["Company"] != "-" || lead["Email"] != "tanaka@example.co.jp" || lead["OwnerId"] != "005000000000001" ||
		lead["Status"] != "Open - Not Contacted" || lead["Nurture_Hand_Over__c"] != "nurture:"+key+":"+leadID+":hot" {
		t.Errorf("lead %v", lead)
	}
	if task["Subject"] != "アクメ 田中 様" || task["Description"] != "- score.interest >= 70 (score.interest = 84)" || task["WhoId"] != "@{lead.id}" {
		t.Errorf("task %v", task)
	}
	lead["Status"] = "Working - Contacted"
	writes := o.writes
	want(t, do(t, c, handOver(key)), channel.Done, "")
	if o.writes != writes || lead["Status"] != "Working - Contacted" {
		t.Error("a repeated hand-over undoes what sales did")
	}
	want(t, do(t, c, handOver("ff"+key[2:])), channel.Done, "") // another hand-over begins anew
	if lead["Status"] != "Open - Not Contacted" || len(o.tasks) != 2 {
		t.Errorf("lead %v, %d tasks", lead, len(o.tasks))
	}
}

func TestActivities(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	o.found = func(soql string) any {
		if strings.Contains(soql, "FROM Campaign ") && strings.Contains(soql, `FY26\'Q3`) {
			return []any{map[string]any{"Id": "701000000000001"}}
		}
		return nil
	}
	c := configured(t, o, nil)
	want(t, do(t, c, step("add_campaign_member", `{"campaign":"FY26'Q3","status":"Responded"}`)), channel.Done, "")
	if len(o.members) != 1 || o.members[0]["Status"] != "Responded" || o.members[0]["LeadId"] != o.leads[leadID]["Id"] {
		t.Errorf("members %v", o.members)
	}
	want(t, do(t, c, step("add_task", `{"subject":"Call","due":"2026-11-30"}`)), channel.Done, "")
	if task := o.tasks[key]; task["ActivityDate"] != "2026-11-30" || task["Status"] != "Not Started" {
		t.Errorf("task %v", task)
	}
	want(t, do(t, c, step("add_campaign_member", `{"campaign":"None"}`)), channel.Refused, "unknown_campaign")
	unknown := handOver(key)
	unknown.Parts[2].Value = "nobody"
	want(t, do(t, c, unknown), channel.Refused, "unknown_owner")
}

// A converted lead is nobody's to change; its contact gets the task.
func TestConvertedLead(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	o.leads[leadID] = map[string]any{"Id": "00Q000000000009", "IsConverted": true, "ConvertedContactId": "003000000000001"}
	want(t, do(t, configured(t, o, nil), step("add_note", `{"text":"Read the price list"}`)), channel.Done, "")
	if o.tasks[key]["WhoId"] != "003000000000001" || o.tasks[key]["Status"] != "Completed" {
		t.Errorf("task %v", o.tasks[key])
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	c := configured(t, o, nil)
	o.fail = func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Sforce-Limit-Info", "api-usage=4600/5000")
		answer(w, http.StatusForbidden, []any{map[string]any{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "tanaka"}})
		return true
	}
	got := do(t, c, handOver(key))
	want(t, got, channel.Retry, "salesforce_request_limit_exceeded")
	if got.After < time.Minute {
		t.Errorf("asked again after %v", got.After)
	}
	want(t, do(t, c, step("add_note", `{"text":"x"}`)), channel.Retry, "daily_reserve")
	o.fail = nil
	want(t, do(t, c, handOver(key)), channel.Done, "")
}

// A token of the client credentials flow is renewed when it has ended.
func TestTokenIsRenewed(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	tokens := []string{"old", "good"}
	o.fail = func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/services/oauth2/token" {
			return false
		}
		answer(w, http.StatusOK, map[string]any{"access_token": tokens[0]})
		tokens = tokens[1:]
		return true
	}
	c := configured(t, o, map[string]any{"token": nil, "client_id": "id", "client_secret": "hush"})
	want(t, do(t, c, handOver(key)), channel.Done, "")
	want(t, do(t, configured(t, o, map[string]any{"token": "stale"}), handOver(key)), channel.Retry, "salesforce_invalid_session_id")
}

func leadRecord(more map[string]any) map[string]any {
	record := map[string]any{
		"Id": "00Q000000000001", "Nurture_Hand_Over__c": "nurture:" + key + ":" + leadID + ":hot", "Status": "Open - Not Contacted",
		"IsConverted": false, "SystemModstamp": "2026-11-02T09:00:00.000+0000", "ConvertedOpportunity": nil,
	}
	for name, v := range more {
		record[name] = v
	}
	return record
}

// What sales did is read back: by looking, and by an outbound message.
func TestOutcomes(t *testing.T) {
	t.Parallel()
	deal := func(won, closed bool) map[string]any {
		return leadRecord(map[string]any{"IsConverted": true, "ConvertedOpportunity": map[string]any{
			"IsWon": won, "IsClosed": closed, "Amount": 1200000, "CreatedDate": "2026-11-02T10:00:00.000+0000", "SystemModstamp": "2026-11-03T09:00:00.000+0000",
		}})
	}
	for _, c := range []struct {
		record map[string]any
		want   string
	}{
		{leadRecord(nil), ""},
		{leadRecord(map[string]any{"Status": "Working - Contacted"}), "toss_up_accepted"},
		{leadRecord(map[string]any{"Status": "Closed - Not Converted"}), "toss_up_rejected"},
		{deal(false, false), "toss_up_accepted opportunity_created"},
		{deal(true, true), "toss_up_accepted opportunity_created deal_won"},
		{deal(false, true), "toss_up_accepted opportunity_created deal_lost"},
		{leadRecord(map[string]any{"Nurture_Hand_Over__c": "somebody's own", "Status": "Working - Contacted"}), ""},
	} {
		o := newOrg(t)
		o.found = func(soql string) any {
			if strings.Contains(soql, "Id IN ('00Q000000000001')") {
				return []any{c.record}
			}
			return nil
		}
		ch := configured(t, o, map[string]any{"outbound_secret": "abcdefghijklmnopqrstuvwx", "organization": "00D000000000001"})
		r := channel.HTTPRequest{Method: http.MethodPost, Path: "/abcdefghijklmnopqrstuvwx", Body: []byte(outboundMessage)}
		got, err := ch.Receive(t.Context(), r)
		if err != nil || !strings.Contains(string(got.Body), "<Ack>true</Ack>") {
			t.Fatalf("%+v %v", got, err)
		}
		var events []string
		for _, f := range got.Facts {
			events = append(events, f.Event)
			if f.Action != key || f.Lead != leadID || f.Fields["toss_up"] != "hot" || f.At.IsZero() {
				t.Errorf("fact %+v", f)
			}
		}
		if strings.Join(events, " ") != c.want {
			t.Errorf("%v tells %v, want %q", c.record, events, c.want)
		}
		for _, forged := range []channel.HTTPRequest{
			{Path: "/guess", Body: r.Body},
			{Path: r.Path, Body: []byte(strings.Replace(outboundMessage, "00D000000000001", "00D000000000666", 1))},
			{Path: r.Path, Body: []byte("<x>")},
		} {
			if got, err := ch.Receive(t.Context(), forged); err != nil || got.Status < 400 || len(got.Facts) > 0 {
				t.Errorf("a forged message gets %+v %v", got, err)
			}
		}
	}
}

const outboundMessage = `<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
 <soapenv:Body><notifications xmlns="http://soap.sforce.com/2005/09/outbound">
  <OrganizationId>00D000000000001EAA</OrganizationId><ActionId>04k000000000001</ActionId><SessionId xsi:nil="true"/>
  <Notification><Id>04l000000000001</Id><sObject xsi:type="sf:Lead" xmlns:sf="urn:sobject.enterprise.soap.sforce.com"><sf:Id>00Q000000000001</sf:Id></sObject></Notification>
  <Notification><Id>04l000000000002</Id><sObject xsi:type="sf:Lead" xmlns:sf="urn:sobject.enterprise.soap.sforce.com"><sf:Id>x' OR Id != '</sf:Id></sObject></Notification>
 </notifications></soapenv:Body></soapenv:Envelope>`

// Both lists are read: leads that changed, and leads whose opportunity did.
func TestChangesAreRead(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	var asked []string
	o.found = func(soql string) any {
		asked = append(asked, soql[strings.Index(soql, "AND "):])
		return []any{leadRecord(map[string]any{"Status": "Working - Contacted"})}
	}
	c := configured(t, o, nil)
	since := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	first, next, err := c.changes(t.Context(), since, "")
	if err != nil || len(first) != 1 || next != opportunities {
		t.Fatalf("%v %q %v", first, next, err)
	}
	if _, next, err = c.changes(t.Context(), since, next); err != nil || next != "" {
		t.Fatalf("%q %v", next, err)
	}
	if len(asked) != 2 || !strings.HasPrefix(asked[0], "AND SystemModstamp >= 2026-11-01T00:00:00.000Z") ||
		!strings.HasPrefix(asked[1], "AND ConvertedOpportunity.SystemModstamp >= 2026-11-01T00:00:00.000Z") {
		t.Errorf("asked %q", asked)
	}
}

func TestConfigIsChecked(t *testing.T) {
	t.Parallel()
	for path, values := range map[string]map[string]any{
		"instance":        {"instance": "acme", "token": "x"},
		"token":           {"instance": "https://acme.my.salesforce.com", "client_id": "x"},
		"version":         {"instance": "https://acme.my.salesforce.com", "token": "x", "version": "latest"},
		"lead_field":      {"instance": "https://acme.my.salesforce.com", "token": "x", "lead_field": "a b"},
		"outbound_secret": {"instance": "https://acme.my.salesforce.com", "token": "x", "outbound_secret": "short"},
		"reserve":         {"instance": "https://acme.my.salesforce.com", "token": "x", "reserve": 100.0},
	} {
		ds := configure(New(nil), values)
		if !ds.Failed() || ds[0].Path != path || ds[0].Summary.Ja == "" {
			t.Errorf("%s: %+v", path, ds)
		}
	}
	if ds := configure(New(nil), map[string]any{"instance": "https://acme.my.salesforce.com", "token": "x"}); len(ds) > 0 {
		t.Error(ds)
	}
}

func TestConformance(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	note := func(text string) []channel.Part {
		b, _ := json.Marshal(map[string]string{"text": text})
		return []channel.Part{{Name: "action", Value: "add_note"}, {Name: "with", Value: json.RawMessage(b)}}
	}
	channeltest.Run(t, channeltest.Plan{
		Command: []string{channeltest.Self(), "serve"},
		Config:  map[string]any{"instance": o.URL, "token": "good", "timeout": "2m"},
		Parts:   func(int) []channel.Part { return note("x") },
		Times: func(key string) int {
			o.mu.Lock()
			defer o.mu.Unlock()
			if o.tasks[key] == nil {
				return 0
			}
			return 1 // under its external id, however often it comes
		},
		Hold:  note("hold-this"),
		Large: note,
	})
}
