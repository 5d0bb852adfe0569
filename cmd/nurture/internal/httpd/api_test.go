package httpd

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/seed-456efde2/nurture/engine/runner"
)

func get[T any](t testing.TB, s *Server, path string) T {
	t.Helper()
	answer := call(t, s, "GET", path, "", opsKey)
	wantStatus(t, answer, http.StatusOK)
	var v T
	if err := json.Unmarshal(answer.Body.Bytes(), &v); err != nil {
		t.Fatalf("%s: %v: %s", path, err, answer.Body)
	}
	return v
}

func TestAPIWantsAKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := newServer(t, w.options())
	for _, path := range []string{"leads", "leads/u", "status", "dead", "bad-events", "revisions", "kpis", "live"} {
		for _, header := range []string{"X: y", siteKey, "Authorization: Bearer nobody", "Cookie: nurture_session=1.ff"} {
			answer := call(t, s, "GET", "/api/v1/"+path, "", header)
			wantStatus(t, answer, http.StatusUnauthorized)
			if got := answer.Header().Get("Content-Type"); got != "application/problem+json" {
				t.Errorf("%s: Content-Type %s", path, got)
			}
		}
	}
	wantStatus(t, call(t, s, "GET", "/api/v1/status", "", "Peer: 127.0.0.1:9", "Host: localhost"), http.StatusUnauthorized)
	o := w.options()
	o.Loopback = true
	local := newServer(t, o)
	wantStatus(t, call(t, local, "GET", "/api/v1/status", "", "Peer: 127.0.0.1:9", "Host: localhost:80"), http.StatusOK)
	wantStatus(t, call(t, local, "POST", "/api/v1/reload", "", "Peer: 127.0.0.1:9", "Host: localhost:80", "Origin: https://evil.example", "Sec-Fetch-Site: cross-site"), http.StatusForbidden)
	wantStatus(t, call(t, local, "POST", "/dead/"+strings.Repeat("0", 32)+"/retry", "", "Peer: 127.0.0.1:9", "Host: localhost:80", "Sec-Fetch-Site: cross-site"), http.StatusForbidden)
	if len(w.heard()) > 0 {
		t.Errorf("another site was heard: %v", w.heard())
	}
}

func TestAPILead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := newServer(t, w.options())
	w.live(t, s)
	id := w.sim.Leads()[5].String()
	for _, name := range []string{id, "user-5"} {
		lead := get[LeadDoc](t, s, "/api/v1/leads/"+name)
		if lead.ID != id || lead.User != "user-5" || lead.Attributes["company"] != "青葉ロジスティクス" || lead.Stage != "sal" {
			t.Errorf("%s: %+v", name, lead)
		}
		if !slices.Equal(lead.Segments, []string{"target_account"}) || len(lead.Scores) != 2 || len(lead.TossUps) != 1 || lead.TossUps[0].State != "offered" {
			t.Errorf("%s: %+v", name, lead)
		}
	}
	lead := get[LeadDoc](t, s, "/api/v1/leads/user-5?facts=4")
	if len(lead.Facts) != 4 || lead.Facts[0].At.Before(*lead.Facts[3].At) {
		t.Errorf("facts: %+v", lead.Facts)
	}
	all := get[LeadDoc](t, s, "/api/v1/leads/user-5?facts=1000")
	why := reasonsOf(all.Facts, "hot_lead")
	if len(why) != 2 || !why[1].Holds || why[1].Facts["score.interest"] == nil {
		t.Errorf("reasons: %+v", why)
	}
	waiting := get[LeadDoc](t, s, "/api/v1/leads/user-0")
	if len(waiting.Workflows) != 1 || waiting.Workflows[0].Step != "quiet" || waiting.Workflows[0].Due == nil || len(waiting.Timers) != 1 {
		t.Errorf("workflows: %+v timers %+v", waiting.Workflows, waiting.Timers)
	}
	for _, name := range []string{"nobody", strings.Repeat("0", 32), "%00"} {
		answer := call(t, s, "GET", "/api/v1/leads/"+name, "", opsKey)
		wantStatus(t, answer, http.StatusNotFound)
		if strings.Contains(answer.Body.String(), "nobody") {
			t.Error("the answer repeats the id, which may be personal data")
		}
	}
	wantStatus(t, call(t, s, "GET", "/api/v1/leads/x?facts=-1", "", opsKey), http.StatusUnprocessableEntity)
}

func TestAPILeadsByPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := newServer(t, w.options())
	w.live(t, s)
	seen := map[string]bool{}
	path, pages := "/api/v1/leads?limit=4", 0
	for path != "" {
		p := get[LeadPage](t, s, path)
		if pages++; len(p.Leads) > 4 || pages > 9 {
			t.Fatalf("page %d has %d leads", pages, len(p.Leads))
		}
		for _, l := range p.Leads {
			if seen[l.ID] {
				t.Errorf("lead %s twice", l.ID)
			}
			seen[l.ID] = true
		}
		path = ""
		if p.Next != "" {
			path = "/api/v1/leads?limit=4&after=" + p.Next
		}
	}
	if len(seen) != len(w.sim.Leads()) || pages != 3 {
		t.Errorf("%d leads on %d pages, there are %d", len(seen), pages, len(w.sim.Leads()))
	}
	wantStatus(t, call(t, s, "GET", "/api/v1/leads?after=x", "", opsKey), http.StatusBadRequest)
}

func TestAPIDeadLetters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := newServer(t, w.options())
	w.live(t, s)
	dead := get[DeadPage](t, s, "/api/v1/dead").Dead
	if len(dead) != 2 || dead[0].Code != "no_such_mailbox" || dead[0].Outcome != "refused" || dead[0].Channel != "mail" {
		t.Fatalf("dead: %+v", dead)
	}
	first := get[DeadPage](t, s, "/api/v1/dead?limit=1")
	second := get[DeadPage](t, s, "/api/v1/dead?limit=1&after="+first.Next)
	if len(first.Dead) != 1 || len(second.Dead) != 1 || second.Next != "" || first.Dead[0].Key == second.Dead[0].Key {
		t.Errorf("pages: %+v, %+v", first, second)
	}
	wantStatus(t, call(t, s, "POST", "/api/v1/dead/"+dead[0].Key+"/retry", "", opsKey), http.StatusNoContent)
	wantStatus(t, call(t, s, "POST", "/api/v1/dead/"+dead[0].Key+"/retry", "", opsKey), http.StatusNotFound)
	wantStatus(t, call(t, s, "DELETE", "/api/v1/dead/"+dead[1].Key, "", opsKey), http.StatusNoContent)
	wantStatus(t, call(t, s, "DELETE", "/api/v1/dead/"+strings.Repeat("z", 32), "", opsKey), http.StatusNotFound)
	wantStatus(t, call(t, s, "GET", "/api/v1/dead?after=nonsense", "", opsKey), http.StatusBadRequest)
	if got := w.heard(); !slices.Equal(got, []string{"redrive", "discard"}) {
		t.Errorf("the door heard %v", got)
	}
}

func TestAPIEvents(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := newServer(t, w.options())
	send := func(body string, status int) EventVerdicts {
		t.Helper()
		answer := call(t, s, "POST", "/api/v1/events", body, opsKey, "Content-Type: application/json")
		wantStatus(t, answer, status)
		var v EventVerdicts
		if err := json.Unmarshal(answer.Body.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		return v
	}
	one := send(`{"type":"track","messageId":"1","userId":"u","event":"E"}`, 200).Events
	if len(one) != 1 || one[0].Verdict != "accepted" || one[0].Lead == "" {
		t.Errorf("one: %+v", one)
	}
	many := send(`{"batch":[{"type":"track","messageId":"1","userId":"u","event":"E"},{"type":"track","messageId":"2"},{"type":"track","messageId":"3","userId":"u","event":"E"}]}`, 200).Events
	var got []string
	for _, e := range many {
		got = append(got, fmt.Sprintf("%d %s %s %s", e.Index, e.ID, e.Verdict, e.Code))
	}
	if want := []string{"0 1 duplicate ", "1 2 refused no_identity", "2 3 accepted "}; !slices.Equal(got, want) {
		t.Errorf("many: %q, want %q", got, want)
	}
	send(`{"type":"dance"}`, 400)
	send(`[]`, 400)
	w.refuseWith(runner.ErrOverloaded)
	busy := call(t, s, "POST", "/api/v1/events", `{"type":"track","messageId":"4","userId":"u","event":"E"}`, opsKey)
	wantStatus(t, busy, http.StatusTooManyRequests)
	if busy.Header().Get("Retry-After") == "" || busy.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("busy: %v", busy.Header())
	}
	bad := get[BadEvents](t, s, "/api/v1/bad-events?limit=1&raw=true").Events
	if len(bad) != 1 || bad[0].Code != "no_identity" || bad[0].Source != "api" || !strings.Contains(bad[0].Raw, `"messageId":"2"`) {
		t.Errorf("bad events: %+v", bad)
	}
}

func TestAPIStatusRevisionsKPIs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := newServer(t, w.options())
	w.live(t, s)
	st := get[StatusDoc](t, s, "/api/v1/status")
	if st.State != "ready" || st.Revision != 42 || st.Version != "1.2.3" || len(st.Deliveries) != 2 || len(st.Plugins) != 2 || !st.Rules.OK {
		t.Errorf("status: %+v", st)
	}
	revisions := get[[]RevisionDoc](t, s, "/api/v1/revisions")
	if len(revisions) != 2 || revisions[0].Number != 42 {
		t.Errorf("revisions: %+v", revisions)
	}
	kpis := get[[]KPIDoc](t, s, "/api/v1/kpis")
	if len(kpis) != 2 || kpis[0].Total.Count != 8 || kpis[1].Kind != "rate" || kpis[1].Total.Of != 7 || kpis[1].Total.High == nil {
		t.Errorf("kpis: %+v", kpis)
	}
	wantStatus(t, call(t, s, "POST", "/api/v1/reload", "", opsKey), http.StatusOK)
	if !slices.Contains(w.heard(), "reload") {
		t.Error("nobody was told to reload")
	}
	o := w.options()
	o.Workshop = nil
	wantStatus(t, call(t, newServer(t, o), "POST", "/api/v1/reload", "", opsKey), http.StatusNotImplemented)
}

func TestOpenAPI(t *testing.T) {
	t.Parallel()
	s := newServer(t, newWorld(t).options())
	answer := call(t, s, "GET", "/api/v1/openapi.json", "")
	wantStatus(t, answer, http.StatusOK)
	var doc struct {
		OpenAPI string
		Paths   map[string]map[string]any
	}
	if err := json.Unmarshal(answer.Body.Bytes(), &doc); err != nil || !strings.HasPrefix(doc.OpenAPI, "3.1") {
		t.Fatal(doc.OpenAPI, err)
	}
	for path, method := range map[string]string{
		"/api/v1/leads/{id}": "get", "/api/v1/leads": "get", "/api/v1/status": "get", "/api/v1/dead": "get", "/api/v1/dead/{key}/retry": "post",
		"/api/v1/dead/{key}": "delete", "/api/v1/bad-events": "get", "/api/v1/revisions": "get", "/api/v1/kpis": "get",
		"/api/v1/events": "post", "/api/v1/reload": "post", "/api/v1/live": "get",
	} {
		if doc.Paths[path][method] == nil {
			t.Errorf("%s %s is not described", method, path)
		}
	}
}

// TestAPILive reads the feed over a real connection.
func TestAPILive(t *testing.T) {
	t.Parallel()
	w, s, url := serveWorld(t)
	r, err := http.NewRequestWithContext(t.Context(), "GET", url+"/api/v1/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil || answer.StatusCode != http.StatusOK || answer.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatal(answer, err)
	}
	defer answer.Body.Close()
	w.awaitWatchers(2)
	wantStatus(t, call(t, s, "POST", "/v1/track", `{"messageId":"1","userId":"u","event":"Document Requested"}`, siteKey), http.StatusOK)
	lines := bufio.NewScanner(answer.Body)
	for lines.Scan() {
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			var u UpdateDoc
			if !strings.Contains(data, "decisions") {
				continue // a beat
			}
			if err := json.Unmarshal([]byte(data), &u); err != nil || u.Event != "Document Requested" || len(u.Decisions) == 0 {
				t.Errorf("update: %s, %v", data, err)
			}
			return
		}
	}
	t.Error("the feed ended without an update")
}

// TestStop stops a server while a stream is read and a call is under way.
func TestStop(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.options()
	hold, held := make(chan struct{}), make(chan struct{})
	o.Door = slowDoor{Door: w, held: held, hold: hold}
	o.Loopback = true
	s := newServer(t, o)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, listener) }()
	url := "http://" + listener.Addr().String()
	wantReady := func(status int) {
		t.Helper()
		if got := call(t, s, "GET", "/readyz", "").Code; got != status {
			t.Errorf("/readyz says %d, want %d", got, status)
		}
	}
	wantReady(http.StatusOK)
	stream, err := http.Get(url + "/live")
	if err != nil || stream.StatusCode != http.StatusOK {
		t.Fatal(stream, err)
	}
	defer stream.Body.Close()
	answered := make(chan int, 1)
	go func() {
		r, err := http.Post(url+"/v1/track", "application/json", strings.NewReader(`{"messageId":"1","userId":"u","event":"E"}`))
		if err != nil {
			answered <- 0
			return
		}
		r.Body.Close()
		answered <- r.StatusCode
	}()
	<-held
	cancel()
	<-s.life.Done()
	wantReady(http.StatusServiceUnavailable)
	wantStatus(t, call(t, s, "GET", "/livez", ""), http.StatusOK)
	close(hold)
	if err := <-served; err != nil {
		t.Errorf("stopped with %v", err)
	}
	if got := <-answered; got != http.StatusOK {
		t.Errorf("the call under way was answered %d", got)
	}
	if got := w.known(t); !slices.Equal(got, []string{"1"}) {
		t.Errorf("the world knows %v", got)
	}
}

// slowDoor lets a Submit wait for a word.
type slowDoor struct {
	Door
	held, hold chan struct{}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := newServer(t, w.options())
	w.live(t, s)
	answer := call(t, s, "GET", "/metrics", "", opsKey)
	wantStatus(t, answer, http.StatusOK)
	text := answer.Body.String()
	for _, want := range []string{
		`nurture_events_total{source="site",verdict="accepted"}`, `nurture_events_total{source="site",verdict="refused"} 1`,
		"nurture_decided_total", "nurture_commit_seconds_bucket", "nurture_event_durable_seconds_count", "nurture_queue_events 0",
		`nurture_outbox_actions{channel="mail",lane="nurture"} 3`, "nurture_dead_letters_total 2", "nurture_revision 42",
		"nurture_config_last_reload_successful 1", "nurture_config_last_reload_timestamp_seconds 1.7", `nurture_plugin_up{channel="mail",plugin="email"} 1`, "nurture_ready 1",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
	for _, secret := range []string{"tanaka", "user-5", "example.co.jp", "visitor"} {
		if before, after, found := strings.Cut(text, secret); found {
			t.Errorf("the metrics name a lead: %s%s%s", before[max(0, len(before)-80):], secret, after[:min(len(after), 80)])
		}
	}
	starting, err := New(w.options())
	if err != nil {
		t.Fatal(err)
	}
	wantStatus(t, call(t, starting, "GET", "/readyz", ""), http.StatusServiceUnavailable)
}

func TestOptions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, change := range map[string]func(*Options){
		"no door": func(o *Options) { o.Door = nil }, "no desk": func(o *Options) { o.Desk = nil },
		"a key without a name":    func(o *Options) { o.Sources = []Key{{"", "x"}} },
		"a key without a secret":  func(o *Options) { o.APIKeys = []Key{{"x", ""}} },
		"the same secret twice":   func(o *Options) { o.Sources = []Key{{"a", "x"}, {"b", "x"}} },
		"a page without its path": func(o *Options) { o.Pages = []Page{{Handler: http.NotFoundHandler()}} },
	} {
		o := w.options()
		change(&o)
		if _, err := New(o); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}
