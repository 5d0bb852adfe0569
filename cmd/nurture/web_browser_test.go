package main_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/seed-456efde2/nurture/engine/enginetest"
)

// The web site of these tests has an origin of its own, and lets scripts come from
// itself and from nurture only: no inline script, no eval.

const siteRules = `project "site" { timezone = %q }

source "web" { origins = [%q] }

lead {
  text "email" {}
  text "last_name" {}

  choice "industry" {
    of = ["saas", "retail"]
  }
}

event "pricing_viewed" {
  from = event.page_viewed
  when = "event.path == '/pricing'"
}

event "page_left" {
  number "seconds" {}
}

event "form_submitted" {
  text "form" {}
}

score "interest" {
  rule "pricing" {
    on     = event.pricing_viewed
    points = 20
  }

  rule "page" {
    on     = event.page_viewed
    points = 1
  }

  rule "seen" {
    on      = event.web_shown
    points  = 100
    at_most = "1 per day"
  }

  rule "price_link" {
    on     = event.web_clicked
    when   = "event.link_class == 'price'"
    points = 1000
  }

  rule "form" {
    on     = event.form_submitted
    when   = "event.form == 'seminar'"
    points = 10000
  }
}

segment "of_the_expo" { when = ["first_touch.source == 'expo'", "first_touch.class == 'campaign'", "last_touch.campaign == 'autumn'"] }

segment "saas" { when = "lead.industry == 'saas'" }

workflow "low" {
  enter { on = event.page_viewed }

  steps {
    show "plain" {
      slot     = "hero"
      template = "web/plain.md"
      at_most  = "14d"
    }
  }
}

workflow "offer" {
  priority = 10

  enter { on = event.pricing_viewed }

  steps {
    show "banner" {
      slot     = "hero"
      template = "web/banner.md"
      until    = event.web_clicked
      at_most  = "14d"
      reveals  = ["last_name"]
    }

    exit "clicked" {}
  }
}
`

var siteTemplates = map[string]string{
	"web/plain.md":  "Welcome back\n",
	"web/banner.md": "Prices for {{ lead.last_name ?? 'your team' }}\n\n[See them](/pricing){.button .price}\n",
}

// webSite serves the pages: /seg/… with Segment's analytics-next, /own/… with n.js.
type webSite struct {
	*httptest.Server
	mu      sync.Mutex
	nurture string // origin
	scripts map[string]string
}

func newWebSite(t *testing.T) *webSite {
	t.Helper()
	s := &webSite{scripts: map[string]string{}}
	packages := http.FileServer(http.Dir(filepath.Join(enginetest.Clients(t), "node_modules", "@segment", "analytics-next", "dist", "umd")))
	mux := http.NewServeMux()
	mux.Handle("GET /ajs/", http.StripPrefix("/ajs/", packages))
	mux.HandleFunc("GET /script.js", func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		w.Header().Set("Content-Type", "text/javascript")
		fmt.Fprint(w, s.scripts[r.URL.Query().Get("of")])
	})
	mux.HandleFunc("GET /", s.page)
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

// page is any page of the site. What stands before the tag depends on its mode, which
// the tests set before they look.
func (s *webSite) page(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", fmt.Sprintf("default-src 'none'; script-src 'self' %[1]s; connect-src 'self' %[1]s; "+
		"require-trusted-types-for 'script'; trusted-types nurture", s.nurture))
	fmt.Fprintf(w, `<!doctype html><html lang="en"><title>Site</title><body><h1>Site</h1>
<div data-nurture-slot="hero">Nothing special</div>
<form id="f" data-nurture-form="seminar"><input name="m" data-nurture-trait="email"><input name="secret" value="not told"><button id="send">Send</button></form>
%s</body></html>`, s.scripts["tags"])
}

func (s *webSite) set(scripts map[string]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, text := range scripts {
		s.scripts[name] = text
	}
}

// siteTab is a tab of a real browser.
type siteTab struct {
	ctx  context.Context
	mu   sync.Mutex
	said []string
}

func newSiteTab(t *testing.T) *siteTab {
	t.Helper()
	// A browser may take its time, to start as well.
	parent := enginetest.Patience(t)
	alloc, cancel := chromedp.NewExecAllocator(parent, chromedp.ExecPath(enginetest.Browser(t)), chromedp.NoSandbox, chromedp.Headless, chromedp.NoFirstRun, chromedp.WSURLReadTimeout(time.Hour),
		chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true))
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	tab := &siteTab{ctx: ctx}
	tab.do(t, func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, target, log.Enable, cdp.Empty{})
		return chromedp.Void{}, err
	})
	err := chromedp.Listen(ctx, func(event any) {
		tab.mu.Lock()
		defer tab.mu.Unlock()
		switch e := event.(type) {
		case *log.EventEntryAdded:
			tab.said = append(tab.said, fmt.Sprintf("%s %s: %s %s", e.Entry.Source, e.Entry.Level, e.Entry.Text, e.Entry.URL))
		case *runtime.EventExceptionThrown:
			tab.said = append(tab.said, "exception: "+e.ExceptionDetails.Text)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return tab
}

func (b *siteTab) do(t *testing.T, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		t.Fatalf("%v\nthe browser said: %q", err, b.complaints())
	}
}

func (b *siteTab) complaints() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []string
	for _, line := range b.said {
		if !strings.Contains(line, "favicon") {
			list = append(list, line)
		}
	}
	return list
}

func (b *siteTab) open(t *testing.T, url string) {
	t.Helper()
	b.do(t, chromedp.Navigate(url), chromedp.WaitVisible(chromedp.CSS("h1")))
}

// wait waits until a script says true.
func (b *siteTab) wait(t *testing.T, script string) {
	t.Helper()
	_, err := chromedp.Run(b.ctx, chromedp.Poll[bool](script, chromedp.WithPollingInterval(20*time.Millisecond), chromedp.WithPollingTimeout(time.Hour)))
	if err != nil {
		t.Fatalf("waiting for %s: %v\nthe page: %s\nthe browser said: %q", script, err, b.eval(t, `document.body.innerText + document.cookie`), b.complaints())
	}
}

func (b *siteTab) eval(t *testing.T, script string) string {
	t.Helper()
	text, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`String(`+script+`)`))
	if err != nil {
		t.Fatalf("%s: %v", script, err)
	}
	return text
}

// siteLead is what the API tells of a lead.
type siteLead struct {
	Scores   []struct{ Value float64 }
	Segments []string
	Past     []struct{ Workflow, Exit string } `json:"pastWorkflows"`
	Facts    []struct {
		Name   string `json:"event"`
		Fields map[string]any
	}
}

func (l *siteLead) points() float64 {
	if len(l.Scores) == 0 {
		return -1
	}
	return l.Scores[0].Value
}

// lead waits until a lead has so many points.
func (s *served) lead(t *testing.T, user string, points float64) *siteLead {
	t.Helper()
	patience := enginetest.Patience(t)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	var l siteLead
	for {
		if resp, err := http.Get(s.url + "/api/v1/leads/" + user + "?facts=100"); err == nil {
			l = siteLead{}
			err = json.NewDecoder(resp.Body).Decode(&l)
			resp.Body.Close()
			if err == nil && resp.StatusCode == http.StatusOK && l.points() == points {
				return &l
			}
		}
		select {
		case <-patience.Done():
			t.Fatalf("%s never had %v points: %+v", user, points, l)
		case <-tick.C:
		}
	}
}

// accepted waits until the server has taken so many events of a source.
func (s *served) accepted(t *testing.T, source string, events int) {
	t.Helper()
	patience := enginetest.Patience(t)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	counter := regexp.MustCompile(`(?m)^nurture_events_total\{source="` + source + `",verdict="accepted"\} (\d+)$`)
	for {
		var metrics []byte
		s.ask(t, http.MethodGet, "/metrics", nil, &metrics)
		if m := counter.FindSubmatch(metrics); m != nil {
			if n, err := strconv.Atoi(string(m[1])); err == nil && n >= events {
				return
			}
		}
		select {
		case <-patience.Done():
			t.Fatalf("the server never took %d events of %s:\n%s", events, source, metrics)
		case <-tick.C:
		}
	}
}

// siteServer starts the built program for a site.
func siteServer(t *testing.T, site *webSite) *served {
	t.Helper()
	rules := t.TempDir()
	write(t, filepath.Join(rules, "rules.hcl"), fmt.Sprintf(siteRules, enginetest.Zone(), site.URL))
	if err := os.MkdirAll(filepath.Join(rules, "templates", "web"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range siteTemplates {
		write(t, filepath.Join(rules, "templates", name), text)
	}
	s := startServer(t, buildProgram(t), rules, filepath.Join(t.TempDir(), "data"), "127.0.0.1:0", "")
	site.mu.Lock()
	site.nurture = s.url
	site.mu.Unlock()
	return s
}

// Segment's analytics-next from npm, as it is, in a real browser on a page of another
// origin: the visits before the lead is known count for its score once it is.
func TestAnalyticsNextInBrowser(t *testing.T) {
	t.Parallel()
	site := newWebSite(t)
	s := siteServer(t, site)
	site.set(map[string]string{
		"tags": `<script src="/ajs/index.js"></script><script src="/script.js?of=seg"></script>`,
		"seg":  fmt.Sprintf(`window.analytics = AnalyticsNext.AnalyticsBrowser.load({writeKey: %q, cdnURL: %q}); window.calls = [analytics.page()];`, webKey, s.url),
	})
	tab := newSiteTab(t)
	delivered := `window.done === true`
	then := `Promise.all(window.calls).then(() => setTimeout(() => { window.done = true }, 300), e => { window.done = String(e) })`
	tab.open(t, site.URL+"/pricing?utm_source=expo&utm_campaign=autumn")
	tab.eval(t, then)
	tab.wait(t, delivered)
	s.accepted(t, "web", 1) // the page that comes next ends what is under way
	tab.open(t, site.URL+"/case")
	tab.eval(t, then)
	tab.wait(t, delivered)
	s.accepted(t, "web", 2)
	tab.eval(t, `window.calls.push(analytics.identify("u-seg", {email: "mori@tsukiyo.example.jp", industry: "saas"}))`)
	l := s.lead(t, "u-seg", 20+2) // a price page among two visits
	if !strings.Contains(fmt.Sprint(l.Segments), "of_the_expo") || !strings.Contains(fmt.Sprint(l.Segments), "saas") {
		t.Errorf("the lead is in %v", l.Segments)
	}
	for _, c := range tab.complaints() {
		t.Error("the browser complains:", c)
	}
}

// n.js in a real browser on a page of another origin: nothing is kept or sent before
// the visitor agrees; then the visits count, the slot shows what the workflow says,
// and what is shown and clicked comes back.
func TestSnippetInBrowser(t *testing.T) {
	t.Parallel()
	site := newWebSite(t)
	s := siteServer(t, site)
	site.set(map[string]string{"tags": fmt.Sprintf(`<script defer src="%s/n.js" data-key=%q data-track="dwell forms"></script>`, s.url, webKey)})
	tab := newSiteTab(t)
	tab.open(t, site.URL+"/pricing?utm_source=expo&utm_campaign=autumn&mail=x@example.jp")
	tab.wait(t, `window.nurture && nurture.loaded`)
	tab.eval(t, `history.pushState({}, "", "/case?utm_source=expo&utm_campaign=autumn")`)
	tab.wait(t, `new Promise(r => setTimeout(() => r(true), 500))`)
	asked := fmt.Sprintf(`performance.getEntriesByType("resource").filter(e => e.name.startsWith(%q)).map(e => e.name).join()`, s.url)
	if got := tab.eval(t, asked); got != s.url+"/n.js" {
		t.Errorf("before the visitor has agreed the page asked for %s", got)
	}
	if got := tab.eval(t, `document.cookie + localStorage.length + sessionStorage.length`); got != "00" {
		t.Errorf("before the visitor has agreed the browser keeps %q", got)
	}
	tab.eval(t, `nurture.consent(true)`)
	tab.wait(t, `document.querySelector("[data-nurture-slot=hero]").innerText.includes("Prices for your team")`)
	tab.wait(t, `document.cookie.includes("nurture_id=")`)
	visitor := tab.eval(t, `document.cookie.match(/nurture_id=([^;]+)/)[1]`)
	tab.eval(t, `nurture.identify("u-own")`)
	l := s.lead(t, "u-own", 20+2+100)
	for _, f := range l.Facts {
		if strings.Contains(fmt.Sprint(f.Fields), "example.jp") {
			t.Errorf("a query that is none of ours was told: %v", f.Fields)
		}
	}
	if !strings.Contains(fmt.Sprint(l.Segments), "of_the_expo") {
		t.Errorf("the lead is in %v", l.Segments)
	}

	// The slot says what the lead is now; a click there ends the step, and then the
	// workflow of the lower priority shows.
	tab.eval(t, `nurture.identify("u-own", {last_name: "Mori"})`)
	tab.wait(t, `document.querySelector("[data-nurture-slot=hero]").innerText.includes("Prices for Mori")`)
	if _, err := chromedp.Run(tab.ctx, chromedp.WaitEvent(page.LoadEventFired, nil, chromedp.Click(chromedp.CSS("[data-nurture-slot=hero] a.button")))); err != nil {
		t.Fatal(err)
	}
	tab.wait(t, `location.pathname === "/pricing" && window.nurture && nurture.loaded`)
	tab.wait(t, `document.querySelector("[data-nurture-slot=hero]").innerText.includes("Welcome back")`)
	l = s.lead(t, "u-own", 20+2+100+1000+20+1)
	if len(l.Past) != 1 || l.Past[0].Workflow != "offer" || l.Past[0].Exit != "exit.clicked" {
		t.Errorf("the lead has left %+v", l.Past)
	}
	tab.formAndChoice(t, s, visitor)
	for _, c := range tab.complaints() {
		t.Error("the browser complains:", c)
	}
}

// A visitor who becomes known, and is known to be shown the same by a run of the
// lead's own, sees one thing once: it counts once for the page that was looked at.
func TestSnippetCountsOnceWhoBecomesKnown(t *testing.T) {
	t.Parallel()
	site := newWebSite(t)
	s := siteServer(t, site)
	s.ask(t, http.MethodPost, "/v1/page", map[string]any{"userId": "u-known", "messageId": "p0", "properties": map[string]any{"path": "/pricing"}}, &struct{}{})
	site.set(map[string]string{"tags": fmt.Sprintf(`<script defer src="%s/n.js" data-key=%q data-consent="given"></script>`, s.url, webKey)})
	tab := newSiteTab(t)
	tab.open(t, site.URL+"/pricing")
	tab.wait(t, `document.querySelector("[data-nurture-slot=hero]").innerText.includes("Prices for your team")`)
	tab.wait(t, `performance.getEntriesByType("resource").some(e => e.name.endsWith("/v1/web/seen"))`)
	tab.eval(t, `nurture.identify("u-known")`)
	tab.wait(t, `performance.getEntriesByType("resource").filter(e => e.name.includes("/v1/web/decide")).length >= 2`)
	s.lead(t, "u-known", 21+21+100)
	tab.eval(t, `nurture.show()`)
	tab.wait(t, `performance.getEntriesByType("resource").filter(e => e.name.includes("/v1/web/decide")).length >= 3`)
	tab.wait(t, `new Promise(r => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => r(true), 0))))`)
	tab.eval(t, `nurture.track("Form Submitted", {form: "seminar"})`)
	l := s.lead(t, "u-known", 21+21+100+10000)
	shown := 0
	for _, f := range l.Facts {
		if f.Name == "web_shown" {
			shown++
		}
	}
	if shown != 1 {
		t.Errorf("one page that was looked at counts %d times", shown)
	}
}

// formAndChoice sends the form, and takes the agreement back.
func (b *siteTab) formAndChoice(t *testing.T, s *served, visitor string) {
	t.Helper()
	b.do(t, chromedp.SendKeys(chromedp.CSS("#f input"), "mori@tsukiyo.example.jp"))
	b.eval(t, `document.addEventListener("submit", e => e.preventDefault()) || 1`)
	b.do(t, chromedp.Click(chromedp.CSS("#send")))
	l := s.lead(t, "u-own", 20+2+100+1000+20+1+10000)
	for _, f := range l.Facts {
		if strings.Contains(fmt.Sprint(f.Fields), "not told") {
			t.Errorf("a field that is not marked was told: %v", f.Fields)
		}
	}
	b.eval(t, `nurture.consent(false)`)
	if got := b.eval(t, `document.cookie`); strings.Contains(got, visitor) || !strings.Contains(got, "nurture_consent=0") {
		t.Errorf("after the visitor has taken it back the browser keeps %q", got)
	}
}

// A browser that asks not to be tracked is not, even where the site needs no banner;
// the visitor's own word on the site goes before it.
func TestSnippetKeepsOut(t *testing.T) {
	t.Parallel()
	site := newWebSite(t)
	s := siteServer(t, site)
	site.set(map[string]string{
		"tags": fmt.Sprintf(`<script src="/script.js?of=gpc"></script><script defer src="%s/n.js" data-key=%q data-consent="given"></script>`, s.url, webKey),
		"gpc":  `Object.defineProperty(navigator, "globalPrivacyControl", {value: true});`,
	})
	tab := newSiteTab(t)
	tab.open(t, site.URL+"/pricing")
	tab.wait(t, `window.nurture && nurture.loaded`)
	tab.eval(t, `nurture.track("Anything", {})`)
	tab.wait(t, `new Promise(r => setTimeout(() => r(true), 500))`)
	asked := fmt.Sprintf(`performance.getEntriesByType("resource").filter(e => e.name.startsWith(%q)).map(e => e.name).join() + document.cookie`, s.url)
	if got := tab.eval(t, asked); got != s.url+"/n.js" {
		t.Errorf("a browser that asks not to be tracked has asked for, and keeps: %s", got)
	}
	tab.eval(t, `nurture.consent(true)`)
	tab.wait(t, `document.cookie.includes("nurture_id=")`)
	site.set(map[string]string{"gpc": ""})
	tab.eval(t, `document.cookie = "nurture_consent=; Max-Age=0; Path=/"`)
	tab.open(t, site.URL+"/pricing")
	tab.wait(t, `document.querySelector("[data-nurture-slot=hero]").innerText.includes("Prices for your team")`)
	for _, c := range tab.complaints() {
		t.Error("the browser complains:", c)
	}
}
