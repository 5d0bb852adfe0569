package httpd

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/seed-456efde2/nurture/engine/enginetest"
	"github.com/seed-456efde2/nurture/engine/tracking"
)

// browser is a tab of a real Chromium that notes whatever a page complains of.
type browser struct {
	ctx context.Context

	mu         sync.Mutex
	complaints []string
}

func newBrowser(t *testing.T) *browser {
	t.Helper()
	path := enginetest.Browser(t)
	alloc, cancel := chromedp.NewExecAllocator(enginetest.Patience(t), chromedp.ExecPath(path), chromedp.WSURLReadTimeout(time.Hour), chromedp.NoSandbox, chromedp.Headless, chromedp.NoFirstRun,
		chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.Flag("hide-scrollbars", true))
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	b := &browser{ctx: ctx}
	b.must(t, listen(b))
	return b
}

func listen(b *browser) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		if _, err := cdp.Call(ctx, t, log.Enable, cdp.Empty{}); err != nil {
			return chromedp.Void{}, err
		}
		return chromedp.Void{}, nil
	}
}

func (b *browser) must(t *testing.T, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		t.Fatal(err)
	}
}

// watch notes errors of scripts, of loading and of the content security policy.
func (b *browser) watch(t *testing.T) {
	t.Helper()
	err := chromedp.Listen(b.ctx, func(event any) {
		text := ""
		switch e := event.(type) {
		case *log.EventEntryAdded:
			text = fmt.Sprintf("%s %s: %s %s", e.Entry.Source, e.Entry.Level, e.Entry.Text, e.Entry.URL)
		case *runtime.EventExceptionThrown:
			text = "exception: " + e.ExceptionDetails.Text
		case *runtime.EventConsoleAPICalled:
			text = "console." + string(e.Type)
			for _, a := range e.Args {
				text += " " + string(a.Value)
			}
		case *network.EventLoadingFailed:
			if !e.Canceled {
				text = "loading failed: " + e.ErrorText
			}
		}
		if text != "" {
			b.mu.Lock()
			b.complaints = append(b.complaints, text)
			b.mu.Unlock()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (b *browser) quiet(t *testing.T) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range b.complaints {
		t.Error("the browser complains:", c)
	}
	b.complaints = nil
}

// overflowing lists the elements that stick out of the page sideways.
const overflowing = `(() => {
  const width = document.documentElement.clientWidth, out = [];
  if (document.documentElement.scrollWidth > width) out.push("page " + document.documentElement.scrollWidth + " > " + width);
  for (const e of document.querySelectorAll("main *, .side *")) {
    if (e.closest(".scroll, .defs, .sr") || e.closest("svg") && e.tagName !== "svg") continue;
    const box = e.getBoundingClientRect();
    if (box.width && (box.right > width + 1 || box.left < -1)) out.push(e.tagName + "." + e.className + " " + Math.round(box.left) + "…" + Math.round(box.right));
  }
  return out.slice(0, 5).join("; ");
})()`

// TestPages opens every page in both languages, both color schemes and both
// widths, and looks for whatever a reader would stumble over.
func TestPages(t *testing.T) {
	t.Parallel()
	w, s, url := serveWorld(t)
	w.live(t, s)
	contest(t, s, "user-5", "user-6")
	b := newBrowser(t)
	b.watch(t)
	lead := w.sim.Leads()[5].String()
	out := sealed(t, s, tracking.Token{Lead: w.sim.Leads()[5], Topic: "導入事例"}, tracking.Unsubscribe)
	confirm := sealed(t, s, tracking.Token{Lead: w.sim.Leads()[5], Step: "marketing"}, tracking.Confirm)
	for _, p := range []struct{ name, path, wait string }{
		{"overview", "/", ".flow"},
		{"leads", "/leads", "table"},
		{"lead", "/leads/" + lead, ".timeline li"},
		{"lead_why", "/leads/" + lead + "?why=toss_up.hot_lead", ".why_panel .reasons li"},
		{"conflicts", "/conflicts?all=1", ".conflict table"},
		{"facts", "/leads/" + lead + "/facts", ".facts article"},
		{"toss_ups", "/toss-ups", "#offers"},
		{"kpis", "/kpis", "tbody tr"},
		{"kpi", "/kpis/click_rate", ".cards"},
		{"funnels", "/funnels", "#lifecycle tbody tr"},
		{"review", "/review", "main table"},
		{"revisions", "/revisions", "#revisions tbody tr"},
		{"revision", "/revisions/42", "#diff"},
		{"rollout", "/rollout", "#guards"},
		{"signin", "/signin", "form"},
		{"way_out", "/t/u/" + out, "form"},
		{"preferences", "/t/p/" + out, "select"},
		{"confirm_over", "/t/y/" + confirm, "h1"},
	} {
		for _, lang := range []string{"ja", "en"} {
			for _, scheme := range []string{"light", "dark"} {
				for name, size := range map[string][2]int64{"wide": {1440, 900}, "narrow": {390, 844}} {
					b.look(t, url+withLang(p.path, lang), p.wait, scheme, size, strings.Join([]string{p.name, lang, scheme, name}, "-"))
				}
			}
		}
	}
}

// withLang asks for a page in a language.
func withLang(path, lang string) string {
	if strings.Contains(path, "?") {
		return path + "&lang=" + lang
	}
	return path + "?lang=" + lang
}

func (b *browser) look(t *testing.T, url, wait, scheme string, size [2]int64, name string) {
	t.Helper()
	media := func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		return chromedp.Void{}, err
	}
	b.must(t, chromedp.EmulateViewport(size[0], size[1]), media, chromedp.Navigate(url), chromedp.WaitVisible(chromedp.CSS(wait)))
	problems, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](overflowing))
	if err != nil {
		t.Fatal(name, err)
	}
	if problems != "" {
		t.Errorf("%s overflows: %s", name, problems)
	}
	b.quiet(t)
	if dir := os.Getenv("NURTURE_SCREENSHOTS"); dir != "" {
		image, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
		if err != nil {
			t.Fatal(name, err)
		}
		if err := os.WriteFile(filepath.Join(dir, name+".png"), image, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// serveWorld serves a world on a real port of this machine, where no key is
// needed.
func serveWorld(t *testing.T) (*world, *Server, string) {
	t.Helper()
	w := newWorld(t)
	o := w.options()
	o.Loopback, o.Refresh = true, 20*time.Millisecond
	o.Tracking = trackingKeys(t, "0123456789abcdef")
	o.Log = slog.New(slog.NewTextHandler(os.Stderr, nil))
	o.Identities = settles{w}
	o.Rollouts = newTrial(w)
	s := newServer(t, o)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, listener) }()
	t.Cleanup(func() {
		cancel()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	url := "http://" + listener.Addr().String()
	if r, err := http.Get(url + "/livez"); err != nil || r.StatusCode != http.StatusOK {
		t.Fatal(r, err)
	}
	return w, s, url
}

// TestLive watches the overview while things happen, and settles the dead letters
// by clicking.
func TestLive(t *testing.T) {
	t.Parallel()
	w, s, url := serveWorld(t)
	w.live(t, s)
	b := newBrowser(t)
	b.watch(t)
	b.must(t, chromedp.EmulateViewport(1440, 900), chromedp.Navigate(url+"/?lang=en"), chromedp.WaitVisible(chromedp.CSS(".flow")))

	wantStatus(t, call(t, s, "POST", "/v1/identify", `{"messageId":"new","userId":"fresh","traits":{"company":"<img src=x onerror=alert(1)>"}}`, siteKey), http.StatusOK)
	b.waitText(t, ".arrivals", "<img src=x onerror=alert(1)>")
	w.mu.Lock()
	w.rules = Rules{OK: false, At: w.clock.Now(), Problems: []string{"Error: Unknown channel\n\n  on flow.hcl line 3"}}
	w.mu.Unlock()
	wantStatus(t, call(t, s, "POST", "/v1/track", `{"messageId":"nudge","userId":"fresh","event":"Page Viewed"}`, siteKey), http.StatusOK)
	b.waitText(t, ".alarm pre", "Unknown channel")
	if dir := os.Getenv("NURTURE_SCREENSHOTS"); dir != "" {
		image, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
		if err != nil || os.WriteFile(filepath.Join(dir, "overview-problem.png"), image, 0o644) != nil {
			t.Fatal(err)
		}
	}

	b.submit(t, ".deeds form[action$=retry] button")
	b.must(t, press(".deeds summary"))
	b.submit(t, "details[open] button.danger")
	b.waitText(t, "#deliveries", "No dead letters.")
	if got := strings.Join(w.heard(), " "); got != "redrive discard" {
		t.Errorf("the door heard %q", got)
	}
	b.quiet(t)
}

// pressing finds an element, looks whether anything lies over it, and clicks it. "" says
// that it did.
const pressing = `(css => {
  const e = document.querySelector(css);
  if (!e) return "it is not there";
  e.scrollIntoView({block: "center", behavior: "instant"});
  const box = e.getBoundingClientRect();
  const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  if (!top || !e.contains(top)) return "it lies under " + (top ? top.outerHTML.slice(0, 200) : "nothing");
  e.click();
  return "";
})(%q)`

// press clicks an element. The page does so in one breath: between the looking for the
// place and a click at it from without, the page may have changed, and it moved.
func press(css string) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, target *chromedp.Target) (void chromedp.Void, err error) {
		problem, err := chromedp.Evaluate[string](fmt.Sprintf(pressing, css))(ctx, target)
		if err == nil && problem != "" {
			err = fmt.Errorf("press %s: %s", css, problem)
		}
		return void, err
	}
}

// submit presses a button and waits for the page that follows.
func (b *browser) submit(t *testing.T, css string) {
	t.Helper()
	if _, err := chromedp.Run(b.ctx, chromedp.WaitEvent(page.LoadEventFired, nil, press(css))); err != nil {
		t.Fatalf("click %s: %v", css, err)
	}
}

// waitText waits until an element has the text, as long as the tests may take.
func (b *browser) waitText(t *testing.T, css, text string) {
	t.Helper()
	script := fmt.Sprintf(`[...document.querySelectorAll(%q)].some(e => e.textContent.includes(%q))`, css, text)
	if _, err := chromedp.Run(b.ctx, chromedp.Poll[bool](script, chromedp.WithPollingInterval(50*time.Millisecond), chromedp.WithPollingTimeout(0))); err != nil {
		shown, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string](`document.hidden + " " + document.querySelector("main").innerText + JSON.stringify(performance.getEntriesByType("resource").map(e=>e.name))`))
		t.Fatalf("waiting for %q in %s: %v\n%s", text, css, err, shown)
	}
}

// TestSignIn walks the way of somebody without a key on another machine.
func TestSignIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := newServer(t, w.options())
	server := httptest.NewServer(s.Handler())
	t.Cleanup(server.Close)
	b := newBrowser(t)
	b.must(t, chromedp.Navigate(server.URL+"/leads"), chromedp.WaitVisible(chromedp.CSS(".signin")),
		chromedp.SendKeys(chromedp.CSS("input[name=key]"), "wrong\r"), chromedp.WaitVisible(chromedp.CSS(".wrong")),
		chromedp.SendKeys(chromedp.CSS("input[name=key]"), "ops-key\r"), chromedp.WaitVisible(chromedp.CSS(".cards")),
		press(".foot button"), chromedp.WaitVisible(chromedp.CSS(".signin")))
}
