package main_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/seed-456efde2/nurture/engine/enginetest"
)

// scripts are what somebody writes into a form so that it runs where it is read. Each
// would set window.evil, or ask for an address that the browser notes.
var scripts = []string{
	`<script>window.evil=1</script>`, `"><img src=x onerror=window.evil=1>`, `'><svg/onload=window.evil=1>`, `javascript:window.evil=1//`,
	`</title></textarea></style></script><script src=/v1/evil.js></script>`, `<iframe srcdoc="<script>parent.evil=1</script>">`, `{{constructor.constructor('window.evil=1')()}}`,
	`" autofocus onfocus=window.evil=1 x="`, `<a href="javascript:window.evil=1" hx-get="/evil" hx-trigger="load">x</a>`, `<div hx-get=/v1/evil hx-trigger=load hx-on::load="window.evil=1">`,
	`<style>@import '/v1/evil.css';*{background:url(/v1/evil.png)}</style>`, `<meta http-equiv=refresh content="0;url=//evil.example">`, `<base href=//evil.example/>`, "\u202e\u2066<b>", `<form action=//evil.example><button>`,
}

// watchedTab is a tab that notes everything by which a script would show itself.
type watchedTab struct {
	ctx context.Context

	mu    sync.Mutex
	noted []string
}

func openTab(t *testing.T) *watchedTab {
	t.Helper()
	// A browser may take its time, to start as well.
	parent := enginetest.Patience(t)
	alloc, cancel := chromedp.NewExecAllocator(parent, chromedp.ExecPath(enginetest.Browser(t)), chromedp.NoSandbox, chromedp.Headless, chromedp.NoFirstRun, chromedp.WSURLReadTimeout(time.Hour),
		chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true))
	t.Cleanup(cancel)
	tab := &watchedTab{}
	tab.ctx, cancel = chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	enable := func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, target, log.Enable, cdp.Empty{})
		if err == nil {
			_, err = cdp.Call(ctx, target, network.Enable, network.EnableParams{})
		}
		return chromedp.Void{}, err
	}
	if err := chromedp.Do(tab.ctx, enable); err != nil {
		t.Fatal(err)
	}
	err := chromedp.Listen(tab.ctx, func(event any) {
		text := ""
		switch e := event.(type) {
		case *log.EventEntryAdded:
			if strings.Contains(e.Entry.Text, "Content Security Policy") {
				text = "the policy had to stop something: " + e.Entry.Text
			}
		case *runtime.EventExceptionThrown:
			text = "a script failed: " + e.ExceptionDetails.Text
		case *page.EventJavascriptDialogOpening:
			text = "a script opened a dialog"
		case *network.EventRequestWillBeSent:
			if strings.Contains(e.Request.URL, "evil") && !strings.Contains(e.Request.URL, "/leads") {
				text = "the page asked for " + e.Request.URL
			}
		}
		if text != "" {
			tab.mu.Lock()
			tab.noted = append(tab.noted, text)
			tab.mu.Unlock()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return tab
}

// seen is what a page turned out to be.
type seen struct {
	Evil              bool // a script of a lead's has run
	Shown             bool // what a lead wrote can be read
	At                string
	Links             []string
	Handlers, Foreign int

	noted []string
}

const lookAtPage = `JSON.stringify({
	evil: !!window.evil, shown: (document.body || document.documentElement).textContent.includes("window.evil"), at: location.host,
	links: [...document.querySelectorAll("a[href], form[action], [hx-get], [hx-post], [sse-connect]")].map(e =>
		e.getAttribute("href") || e.getAttribute("action") || e.getAttribute("hx-get") || e.getAttribute("hx-post") || ""),
	handlers: [...document.querySelectorAll("*")].filter(e => [...e.attributes].some(a => a.name.startsWith("on") || a.name.startsWith("hx-on"))).length,
	foreign: document.querySelectorAll("iframe, base, object, embed, meta[http-equiv=refresh]").length})`

// visit opens a page and looks at it.
func (tab *watchedTab) visit(t *testing.T, address string) (found seen) {
	t.Helper()
	if err := chromedp.Do(tab.ctx, chromedp.Navigate(address)); err != nil {
		t.Fatalf("%s: %v", address, err)
	}
	text, err := chromedp.Run(tab.ctx, chromedp.Evaluate[string](lookAtPage))
	if err != nil {
		t.Fatalf("%s: %v", address, err)
	}
	if err := json.Unmarshal([]byte(text), &found); err != nil {
		t.Fatal(err)
	}
	found.noted = tab.take()
	return found
}

// take gives what was noted since the last time.
func (tab *watchedTab) take() (noted []string) {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	noted, tab.noted = tab.noted, nil
	return noted
}

// check says what is wrong with a page.
func (f *seen) check(host string) (wrong []string) {
	if f.Evil {
		wrong = append(wrong, "a script has run")
	}
	if f.Handlers > 0 || f.Foreign > 0 || f.At != host {
		wrong = append(wrong, fmt.Sprintf("%d handlers, %d foreign elements, at %s", f.Handlers, f.Foreign, f.At))
	}
	return append(wrong, f.noted...)
}

// A page that is as bad as can be is noticed, or the sweep would prove nothing.
func TestHostilePageIsNoticed(t *testing.T) {
	t.Parallel()
	tab := openTab(t)
	bad := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Content-Security-Policy", "img-src 'none'")
		_, _ = w.Write([]byte(`<body>window.evil<script>window.evil=1</script><iframe></iframe><b onclick=x()></b><img src=/evil.png><script src=/evil.js></script>`))
	}))
	t.Cleanup(bad.Close)
	found := tab.visit(t, bad.URL)
	wrong := strings.Join(found.check(strings.TrimPrefix(bad.URL, "http://")), "\n")
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for _, want := range []string{"a script has run", "1 handlers, 1 foreign", "the policy had to stop", "the page asked for"} {
		// The parts of a browser tell what they see each for itself, some of it later.
		for !strings.Contains(wrong, want) {
			select {
			case <-tick.C:
				wrong = strings.Join(append([]string{wrong}, tab.take()...), "\n")
			case <-tab.ctx.Done():
				t.Fatalf("not noticed: %s; only\n%s", want, wrong)
			}
		}
	}
	if !found.Shown {
		t.Error("what is shown was not seen")
	}
}

// TestHostileTexts puts scripts into everything that a lead can say, and opens every
// page that can be reached, in a real browser: no script runs, the policy has nothing
// to stop, no link leads elsewhere, and no address tells who somebody is.
func TestHostileTexts(t *testing.T) {
	t.Parallel()
	enginetest.Browser(t)
	s := startSiege(t)
	s.writeScripts()
	tab := openTab(t)
	session, value, _ := strings.Cut(s.signIn(), "=")
	cookie := func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, target, network.SetCookie, network.SetCookieParams{Name: session, Value: value, URL: s.url})
		return chromedp.Void{}, err
	}
	if err := chromedp.Do(tab.ctx, cookie); err != nil {
		t.Fatal(err)
	}
	pages, leads, shown := s.crawl(t, tab)
	if pages < 8 || leads < 3 || shown < 3 {
		t.Errorf("only %d pages, %d of them leads', were reached; %d show what leads wrote", pages, leads, shown)
	}
	t.Logf("%d pages, %d of them leads', %d showing what leads wrote, with %d texts in every field", pages, leads, shown, len(scripts))
	s.stop(t)
	s.judgeLog()
}

// writeScripts lets leads say every script in every field.
func (s *siege) writeScripts() {
	for i, script := range scripts {
		q, err := json.Marshal(script)
		if err != nil {
			s.t.Fatal(err)
		}
		said := string(q)
		id := fmt.Sprintf("%d", i)
		user := said
		if i%3 == 0 {
			user = `"` + personal + id + `"`
		}
		for _, call := range [][2]string{
			{"identify", `{"userId":` + user + `,"anonymousId":` + said + `,"messageId":"x` + id + `","traits":{"name":` + said + `,"company":` + said + `,"title":` + said + `,"website":` + said + `,"email":"` + personal + id + `@example.jp",` + said + `:` + said + `},"context":{"userAgent":` + said + `,"page":{"url":` + said + `,"referrer":` + said + `},"campaign":{"source":` + said + `,"name":` + said + `}}}`},
			{"track", `{"userId":` + user + `,"messageId":` + said + `,"event":"inquired","properties":{"note":` + said + `,` + said + `:` + said + `},"context":{"page":{"path":` + said + `,"title":` + said + `},"campaign":{"source":` + said + `}}}`},
			{"track", `{"userId":` + user + `,"messageId":"z` + id + `","event":"inquired","properties":{"note":` + said + `}}`},
			{"track", `{"userId":` + user + `,"messageId":"y` + id + `","event":` + said + `,"properties":{"note":` + said + `}}`},
			{"page", `{"userId":` + user + `,"messageId":"p` + id + `","name":` + said + `,"properties":{"url":` + said + `,"path":` + said + `,"title":` + said + `,"referrer":` + said + `}}`},
			{"group", `{"userId":` + user + `,"messageId":"g` + id + `","groupId":` + said + `,"traits":{"name":` + said + `}}`},
			{"track", `{"event":` + said + `,"messageId":"bad` + id + `"}`}, // nobody's: it is kept with the dead events
		} {
			if status, answer := s.send(http.MethodPost, "/v1/"+call[0], []byte(call[1]), "Authorization", basic(webKey)); status >= 500 {
				s.t.Errorf("%s: %d %s", call[1], status, answer)
			}
		}
	}
}

// crawl opens every page of the console that a link leads to, in both languages.
func (s *siege) crawl(t *testing.T, tab *watchedTab) (pages, leads, shown int) {
	t.Helper()
	most := 60
	if s.long {
		most = 400
	}
	queue, opened := []string{"/?lang=en", "/leads?lang=ja"}, map[string]bool{}
	kinds := map[string]int{}
	for len(queue) > 0 && pages < most {
		at := queue[0]
		queue = queue[1:]
		kind := pageKind(at)
		if opened[at] || kinds[kind] >= 8 && !s.long {
			continue
		}
		opened[at] = true
		kinds[kind]++
		pages++
		if kind == "/leads/*" {
			leads++
		}
		base, _ := url.Parse(s.url + at)
		found := tab.visit(t, s.url+at)
		for _, wrong := range found.check(base.Host) {
			t.Errorf("%s: what a lead wrote became a part of the page: %s", at, wrong)
		}
		if found.Shown {
			shown++
		}
		for _, link := range found.Links {
			to, err := base.Parse(link)
			switch {
			case err != nil || to.Host != base.Host || to.Scheme != "http":
				if !strings.HasPrefix(link, "https://nurture") {
					t.Errorf("%s: a link leads to %.200q", at, link)
				}
			case strings.Contains(link, personal) || strings.Contains(link, "evil"):
				t.Errorf("%s: an address tells who or what somebody is: %.200q", at, link)
			case strings.HasSuffix(to.Path, ".csv"), strings.HasSuffix(to.Path, "/live"), strings.HasPrefix(to.Path, "/api/"), strings.Contains(to.Path, "sign"):
			default:
				queue = append(queue, to.RequestURI())
			}
		}
	}
	return pages, leads, shown
}

// pageKind is a path with its ids left out, so that a few of each kind are opened.
func pageKind(path string) string {
	path, _, _ = strings.Cut(path, "?")
	parts := strings.Split(path, "/")
	if len(parts) > 2 {
		parts[2] = "*"
	}
	return strings.Join(parts, "/")
}
