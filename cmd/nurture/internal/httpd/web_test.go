package httpd

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/calendar"
	"github.com/seed-456efde2/nurture/engine/enginetest"
	"github.com/seed-456efde2/nurture/engine/sim"
	"github.com/seed-456efde2/nurture/engine/tracking"
)

// shopWorld is a world whose site shows something to everybody who has seen the
// prices.
func shopWorld(t *testing.T, secrets ...string) (*world, *Server) {
	t.Helper()
	spec := workspace()
	spec.Events = append(spec.Events, engine.EventSpec{Name: engine.WebClicked}, engine.EventSpec{Name: engine.WebShown})
	spec.Flows = append(spec.Flows, engine.FlowSpec{
		Name: "offer", Enter: engine.EnterSpec{On: "pricing_viewed"},
		Steps: []engine.StepSpec{{
			Name: "banner", Kind: engine.WaitStep, Next: engine.EndOfFlow,
			Wait: &engine.WaitSpec{On: []string{engine.WebClicked}, AtMost: calendar.Length{Span: 14 * 24 * time.Hour}},
			Show: &engine.ShowSpec{Slot: "hero", Content: enginetest.Parts("banner")},
		}},
	})
	p, err := engine.NewProgram(spec, "shop", 43)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	w.program, w.sim = p, sim.New(p, sim.Options{Start: engine.TimeOf(monday), Reply: w.reply, OnFact: w.onFact, OnCount: func(engine.Delta) {}})
	o := w.options()
	if o.Tracking, err = tracking.NewKeys(append(secrets, "0123456789abcdef")...); err != nil {
		t.Fatal(err)
	}
	return w, newServer(t, o)
}

const shopVisitor = "2b1e6a4c-visitor"

// look lets a visitor see the prices, and perhaps become known.
func look(t *testing.T, s *Server, user string) {
	t.Helper()
	wantStatus(t, call(t, s, "POST", "/v1/page", `{"messageId":"p1","anonymousId":"`+shopVisitor+`","properties":{"path":"/pricing"}}`, siteKey), http.StatusOK)
	if user != "" {
		wantStatus(t, call(t, s, "POST", "/v1/identify", `{"messageId":"i1","anonymousId":"`+shopVisitor+`","userId":"`+user+
			`","traits":{"email":"mori@tsukiyo.example.jp","company":"Tsukiyo"}}`, siteKey), http.StatusOK)
	}
}

func slotsOf(t *testing.T, s *Server, visitor string, headers ...string) webAnswer {
	t.Helper()
	a := call(t, s, "GET", "/v1/web/decide?slot=hero&slot=footer", "", append(headers, siteKey, visitorHeader+": "+visitor)...)
	wantStatus(t, a, http.StatusOK)
	var got webAnswer
	if err := json.Unmarshal(a.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if a.Header().Get("Cache-Control") != "private, no-store" {
		t.Errorf("the answer may be kept: %s", a.Header().Get("Cache-Control"))
	}
	return got
}

// A visitor is shown what the workflow says; what became of it comes back as facts,
// once each, and ends the step.
func TestWebContent(t *testing.T) {
	t.Parallel()
	w, s := shopWorld(t)
	look(t, s, "u1")
	got := slotsOf(t, s, shopVisitor)
	hero := got.Slots["hero"]
	if len(got.Slots) != 1 || hero.Token == "" || hero.Showing == "" {
		t.Fatalf("shown: %+v", got)
	}
	tell := func(what string) int {
		return call(t, s, "POST", "/v1/web/seen", fmt.Sprintf(`{"token":%q,"what":%q,"link":"https://www.example.co.jp/pricing","link_class":"price"}`, hero.Token, what),
			"Content-Type: text/plain").Code
	}
	for _, what := range []string{"shown", "shown", "clicked", "clicked"} {
		if code := tell(what); code != http.StatusNoContent {
			t.Errorf("%s: %d", what, code)
		}
	}
	lead := w.sim.Find(engine.Identifier{Kind: engine.ByUser, Value: "u1"})
	if names := strings.Join(w.tracked(t, lead.ID), " "); names != "web_shown web_clicked" {
		t.Errorf("came back: %s", names)
	}
	if lead.Place("offer") != "exit.end" || len(slotsOf(t, s, shopVisitor).Slots) != 0 {
		t.Errorf("after the click the lead is at %s", lead.Place("offer"))
	}
	w.clock.Advance(25 * time.Hour)
	if code := tell("shown"); code != http.StatusGone {
		t.Errorf("a day later: %d", code)
	}
}

// A mere visitor's id reveals what a slot shows, and nothing else; no other id
// reveals anything; and nobody can tell an unknown id from one with nothing to see.
func TestWebRevealsLittle(t *testing.T) {
	t.Parallel()
	w, s := shopWorld(t)
	look(t, s, "u1")
	a := call(t, s, "GET", "/v1/web/decide?slot=hero", "", siteKey, visitorHeader+": "+shopVisitor)
	lead := w.sim.Find(engine.Identifier{Kind: engine.ByUser, Value: "u1"})
	token := slotsOf(t, s, shopVisitor).Slots["hero"].Token // sealed, it may look like anything
	for _, word := range []string{"u1", "mori", "tsukiyo", "Tsukiyo", "offer", "banner\"", lead.ID.String(), shopVisitor} {
		if strings.Contains(strings.NewReplacer("<p>banner</p>", "", token, "").Replace(a.Body.String()), word) {
			t.Errorf("the answer contains %q: %s", word, a.Body)
		}
	}
	nothing := call(t, s, "GET", "/v1/web/decide?slot=footer", "", siteKey, visitorHeader+": "+shopVisitor).Body.String()
	for _, id := range []string{"unknown", "u1", "mori@tsukiyo.example.jp", lead.ID.String(), "x' OR 1=1"} {
		if got := call(t, s, "GET", "/v1/web/decide?slot=hero", "", siteKey, visitorHeader+": "+id).Body.String(); got != nothing {
			t.Errorf("%q is told %s, one with nothing to see %s", id, got, nothing)
		}
	}
}

// between is a store at the instant when a visitor has been given to a lead that has
// not taken it yet.
type between struct {
	*world
	lead engine.LeadID
}

func (b between) Lead(id engine.LeadID, l *engine.Lead) (bool, error) {
	found, err := b.world.Lead(id, l)
	if id == b.lead {
		l.Parts, l.Acts.Runs = nil, nil
	}
	return found, err
}

// While a visitor becomes known nothing is decided: "nothing to show" would take away
// what stands on the page, and the visitor would be shown it a second time.
func TestWebWaitsForWhoBecomesKnown(t *testing.T) {
	t.Parallel()
	w, s := shopWorld(t)
	look(t, s, "u1")
	shown := slotsOf(t, s, shopVisitor).Slots["hero"].Showing
	o := s.options
	o.People = between{w, w.sim.Find(engine.Identifier{Kind: engine.ByUser, Value: "u1"}).ID}
	a := call(t, newServer(t, o), "GET", "/v1/web/decide?slot=hero", "", siteKey, visitorHeader+": "+shopVisitor)
	if a.Code != http.StatusOK || strings.TrimSpace(a.Body.String()) != `{"slots":{},"later":1}` {
		t.Errorf("in between: %d %v %s", a.Code, a.Header(), a.Body)
	}
	if now := slotsOf(t, s, shopVisitor).Slots["hero"].Showing; shown == "" || now != shown {
		t.Errorf("shown %q, then %q", shown, now)
	}
}

// What is asked wrongly is refused with a reason, and who asks too often waits.
func TestWebBounds(t *testing.T) {
	t.Parallel()
	w, s := shopWorld(t)
	for name, c := range map[string]struct {
		path    string
		headers []string
		status  int
	}{
		"no key":          {"/v1/web/decide?slot=hero", []string{visitorHeader + ": v"}, http.StatusUnauthorized},
		"a wrong key":     {"/v1/web/decide?slot=hero", []string{"Authorization: Bearer nobody", visitorHeader + ": v"}, http.StatusUnauthorized},
		"no visitor":      {"/v1/web/decide?slot=hero", []string{siteKey}, http.StatusBadRequest},
		"a long visitor":  {"/v1/web/decide?slot=hero", []string{siteKey, visitorHeader + ": " + strings.Repeat("v", 600)}, http.StatusBadRequest},
		"no slot":         {"/v1/web/decide", []string{siteKey, visitorHeader + ": v"}, http.StatusBadRequest},
		"too many slots":  {"/v1/web/decide?" + strings.Repeat("slot=a&", 21), []string{siteKey, visitorHeader + ": v"}, http.StatusBadRequest},
		"a slot too long": {"/v1/web/decide?slot=" + strings.Repeat("a", 65), []string{siteKey, visitorHeader + ": v"}, http.StatusBadRequest},
	} {
		if a := call(t, s, "GET", c.path, "", c.headers...); a.Code != c.status {
			t.Errorf("%s: %d %s", name, a.Code, a.Body)
		}
	}
	for name, body := range map[string]string{
		"no JSON": "{", "no such thing": `{"token":"x","what":"sold"}`, "a forged token": `{"token":"AAAA","what":"shown"}`,
		"a long link": `{"token":"x","what":"clicked","link":"` + strings.Repeat("a", 3000) + `"}`, "a large body": `{"token":"` + strings.Repeat("a", 20<<10) + `"}`,
	} {
		if a := call(t, s, "POST", "/v1/web/seen", body); a.Code < 400 || a.Code >= 500 {
			t.Errorf("%s: %d", name, a.Code)
		}
	}
	var last int
	for range webBurst + 10 {
		last = call(t, s, "GET", "/v1/web/decide?slot=hero", "", siteKey, visitorHeader+": v").Code
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("after %d questions: %d", webBurst+10, last)
	}
	w.clock.Advance(time.Minute)
	wantStatus(t, call(t, s, "GET", "/v1/web/decide?slot=hero", "", siteKey, visitorHeader+": v"), http.StatusOK)
}

// A token is good for what it was made for: one of a mail tells nothing of the site,
// one of the site leads nowhere, and after a rotation of the key the old ones hold.
func TestWebTokens(t *testing.T) {
	t.Parallel()
	w, s := shopWorld(t)
	look(t, s, "u1")
	lead := w.sim.Find(engine.Identifier{Kind: engine.ByUser, Value: "u1"})
	token := slotsOf(t, s, shopVisitor).Slots["hero"].Token
	for _, path := range []string{"/t/c/", "/t/o/", "/t/u/", "/t/a/"} {
		if a := call(t, s, "GET", path+token, ""); a.Header().Get("Location") != "" || path != "/t/o/" && a.Code == http.StatusOK {
			t.Errorf("%s takes it: %d %s", path, a.Code, a.Header().Get("Location"))
		}
	}
	mail := sealed(t, s, tracking.Token{Kind: tracking.Click, Lead: lead.ID, URL: "https://www.example.co.jp/"}, tracking.Click)
	if a := call(t, s, "POST", "/v1/web/seen", `{"token":"`+mail+`","what":"clicked"}`); a.Code != http.StatusNotFound {
		t.Errorf("the token of a mail: %d", a.Code)
	}
	rotated, err := tracking.NewKeys("a secret that is new", "0123456789abcdef")
	if err != nil {
		t.Fatal(err)
	}
	o := s.options
	o.Tracking = rotated
	after := newServer(t, o)
	wantStatus(t, call(t, after, "POST", "/v1/web/seen", `{"token":"`+token+`","what":"shown"}`), http.StatusNoContent)
	if fresh := slotsOf(t, after, shopVisitor).Slots["hero"].Token; fresh == token {
		t.Error("after the rotation the old key still seals")
	}
	if o.Tracking, err = tracking.NewKeys("a secret that is new"); err != nil {
		t.Fatal(err)
	}
	wantStatus(t, call(t, newServer(t, o), "POST", "/v1/web/seen", `{"token":"`+token+`","what":"shown"}`), http.StatusGone)
	if names := strings.Join(w.tracked(t, lead.ID), " "); names != "web_shown" {
		t.Errorf("came back: %s", names)
	}
}

// Pages of the configured sites may ask, others not.
func TestWebOrigins(t *testing.T) {
	t.Parallel()
	_, s := shopWorld(t)
	for origin, allowed := range map[string]bool{"https://www.example.co.jp": true, "https://evil.example": false} {
		a := call(t, s, "OPTIONS", "/v1/web/decide", "", "Origin: "+origin, "Access-Control-Request-Method: GET", "Access-Control-Request-Headers: authorization,x-nurture-visitor")
		h := a.Header()
		if (h.Get("Access-Control-Allow-Origin") == origin) != allowed || strings.Contains(h.Get("Access-Control-Allow-Headers"), "x-nurture-visitor") != allowed {
			t.Errorf("%s: %v", origin, h)
		}
	}
}

// n.js is small, kept by browsers for a time, and for ever under its checksum.
func TestSnippetIsServed(t *testing.T) {
	t.Parallel()
	_, s := shopWorld(t)
	a := call(t, s, "GET", "/n.js", "")
	wantStatus(t, a, http.StatusOK)
	var small bytes.Buffer
	z, _ := gzip.NewWriterLevel(&small, gzip.BestCompression)
	_, _ = z.Write(a.Body.Bytes())
	_ = z.Close()
	t.Logf("n.js has %d bytes, %d compressed", a.Body.Len(), small.Len())
	if small.Len() > 5<<10 || strings.Contains(a.Body.String(), "\n//") || strings.Contains(a.Body.String(), "eval(") {
		t.Errorf("n.js has %d bytes compressed, comments or an eval", small.Len())
	}
	if h := a.Header(); h.Get("Cache-Control") != "public, max-age=3600" || h.Get("Access-Control-Allow-Origin") != "*" || h.Get("Cross-Origin-Resource-Policy") != "cross-origin" {
		t.Errorf("headers: %v", h)
	}
	wantStatus(t, call(t, s, "GET", "/n.js", "", "If-None-Match: "+a.Header().Get("ETag")), http.StatusNotModified)
	text := call(t, s, "GET", "/v1/web/snippet", "").Body.String()
	_, rest, _ := strings.Cut(text, "/n/")
	name, _, _ := strings.Cut(rest, `"`)
	long := call(t, s, "GET", "/n/"+name, "")
	if long.Body.String() != a.Body.String() || !strings.Contains(long.Header().Get("Cache-Control"), "immutable") || !strings.Contains(text, "sha384-") {
		t.Errorf("under its checksum: %d %v\n%s", long.Code, long.Header(), text)
	}
	wantStatus(t, call(t, s, "GET", "/n/0000.js", ""), http.StatusNotFound)
}

// Segment's analytics.js is told to send here, whatever key it shows.
func TestSegmentSettings(t *testing.T) {
	t.Parallel()
	_, s := shopWorld(t)
	a := call(t, s, "GET", "/v1/projects/any/settings", "", "X-Forwarded-Proto: https")
	var got struct {
		Integrations map[string]struct{ APIHost, APIKey, Protocol string }
	}
	if err := json.Unmarshal(a.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if to := got.Integrations["Segment.io"]; to.APIKey != "any" || to.Protocol != "https" || !strings.HasSuffix(to.APIHost, "/v1") {
		t.Errorf("told: %+v", to)
	}
}
