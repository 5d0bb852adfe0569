package main

import (
	"context"
	"fmt"
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
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/seed-456efde2/nurture/engine/enginetest"
)

// A real browser shows the site without a complaint: no page is wider than the
// window, the policy lets everything through that the pages need, and the search
// finds while a word is typed.
func TestDocsInBrowser(t *testing.T) {
	t.Parallel()
	path := enginetest.Browser(t)
	site, err := newDocsSite()
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(site.handler())
	t.Cleanup(server.Close)
	ctx, complaints := docsTab(t, path)
	for _, page := range []string{"index", "tutorial", "glossary", "reference/blocks/workflow", "reference/conditions", "reference/channels", "reference/codes/N067"} {
		for i, language := range []string{"en", "ja"} {
			size := [][2]int64{{1440, 900}, {390, 844}}[i]
			scheme := []string{"light", "dark"}[i]
			docsLook(t, ctx, server.URL+"/"+language+"/"+page, size, scheme)
		}
	}
	docsType(t, ctx, server.URL)
	for _, c := range complaints() {
		t.Error("the browser complains:", c)
	}
}

// docsTab is a tab that notes what the browser complains of.
func docsTab(t *testing.T, path string) (context.Context, func() []string) {
	t.Helper()
	// A browser may take its time, to start as well.
	parent := enginetest.Patience(t)
	alloc, cancel := chromedp.NewExecAllocator(parent, chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.Headless, chromedp.NoFirstRun, chromedp.WSURLReadTimeout(time.Hour),
		chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true))
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	var mu sync.Mutex
	var said []string
	enable := func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, target, log.Enable, cdp.Empty{})
		return chromedp.Void{}, err
	}
	if err := chromedp.Do(ctx, enable); err != nil {
		t.Fatal(err)
	}
	err := chromedp.Listen(ctx, func(event any) {
		mu.Lock()
		defer mu.Unlock()
		switch e := event.(type) {
		case *log.EventEntryAdded:
			said = append(said, fmt.Sprintf("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL))
		case *runtime.EventExceptionThrown:
			said = append(said, e.ExceptionDetails.Text)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return ctx, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return said
	}
}

func docsLook(t *testing.T, ctx context.Context, url string, size [2]int64, scheme string) {
	t.Helper()
	media := func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		return chromedp.Void{}, err
	}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(size[0], size[1]), media, chromedp.Navigate(url), chromedp.WaitVisible(chromedp.CSS("article"))); err != nil {
		t.Fatal(err)
	}
	wide, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("document.documentElement.scrollWidth > document.documentElement.clientWidth"))
	if err != nil {
		t.Fatal(err)
	}
	if wide {
		t.Errorf("%s is wider than a window of %d", url, size[0])
	}
	if dir := os.Getenv("NURTURE_SCREENSHOTS"); dir != "" {
		image, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
		if err != nil {
			t.Fatal(err)
		}
		name := strings.ReplaceAll(strings.TrimPrefix(url[strings.Index(url, "//")+2:], "127.0.0.1:"), "/", "-")
		if err := os.WriteFile(filepath.Join(dir, "docs-"+name+".png"), image, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// docsType types a word and waits for what the search shows.
func docsType(t *testing.T, ctx context.Context, url string) {
	t.Helper()
	const typing = `(() => { const i = document.querySelector(".search input"); i.value = "half_l"; i.dispatchEvent(new Event("input")); return true; })()`
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1440, 900), chromedp.Navigate(url+"/en/index"), chromedp.WaitVisible(chromedp.CSS(".search input"))); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool](typing)); err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Do(ctx, chromedp.WaitVisible(chromedp.CSS(`#found a[href*="/en/reference/blocks/score"]`))); err != nil {
		t.Fatal(err)
	}
}
