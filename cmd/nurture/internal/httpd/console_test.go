package httpd

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/calendar"
)

const here = "Peer: 127.0.0.1:9"

var (
	links  = regexp.MustCompile(`(?:href|action|src|hx-[a-z:]+)="([^"]*)"`)
	inline = regexp.MustCompile(`(?i)<script[^>]*>[^<]|<style|\sstyle=|\son[a-z]+=|javascript:`)
)

// TestConsoleHTML reads every page as text: who may see it, what it may load, and
// that nothing personal stands in an address.
func TestConsoleHTML(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var log bytes.Buffer
	o := w.options()
	o.Loopback, o.Log = true, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	o.Pages = []Page{{Path: "/mailbox", Ja: "受信箱", En: "Mailbox", Handler: http.NotFoundHandler()}}
	s := newServer(t, o)
	w.live(t, s)
	w.rules = Rules{OK: false, Problems: []string{"<script>alert(1)</script>"}}
	paths := []string{"/", "/leads", "/signin"}
	for _, id := range w.sim.Leads() {
		paths = append(paths, "/leads/"+id.String())
	}
	for _, path := range paths {
		for _, lang := range []string{"ja", "en"} {
			answer := call(t, s, "GET", path+"?lang="+lang, "", here, "Host: localhost:1")
			wantStatus(t, answer, http.StatusOK)
			h, html := answer.Header(), answer.Body.String()
			if csp := h.Get("Content-Security-Policy"); !strings.Contains(csp, "script-src 'self'; style-src 'self'") || strings.Contains(csp, "unsafe") {
				t.Errorf("%s: policy %q", path, csp)
			}
			if !strings.Contains(html, `<html lang="`+lang+`"`) || h.Get("Cache-Control") != "no-store" {
				t.Errorf("%s: not in %s, or kept by caches", path, lang)
			}
			if found := inline.FindString(html); found != "" {
				t.Errorf("%s has something inline: %s", path, found)
			}
			if strings.Contains(html, "<b>Bobby") || strings.Contains(html, "<script>alert") {
				t.Errorf("%s shows what a client sent as HTML", path)
			}
			for _, link := range links.FindAllStringSubmatch(html, -1) {
				if strings.Contains(link[1], "user-") || strings.Contains(link[1], "tanaka") || strings.Contains(link[1], "@") {
					t.Errorf("%s links to a person: %s", path, link[1])
				}
			}
		}
	}
	if text := log.String(); strings.Contains(text, "tanaka") || strings.Contains(text, "user-") {
		t.Errorf("the log names a lead: %s", text)
	}
}

func TestConsoleMissing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.options()
	o.Loopback = true
	s := newServer(t, o)
	for _, path := range []string{"/leads/" + strings.Repeat("0", 32), "/leads/tanaka@example.co.jp"} {
		answer := call(t, s, "GET", path+"?lang=en", "", here, "Host: localhost")
		wantStatus(t, answer, http.StatusNotFound)
		if !strings.Contains(answer.Body.String(), "There is no such lead.") {
			t.Errorf("%s: %s", path, answer.Body)
		}
	}
	wantStatus(t, call(t, s, "GET", "/nothing", "", here, "Host: localhost"), http.StatusNotFound)
	wantStatus(t, call(t, s, "GET", "/static/../server.go", "", here, "Host: localhost"), http.StatusTemporaryRedirect)
	wantStatus(t, call(t, s, "GET", "/static/console.html", ""), http.StatusNotFound)
	for _, path := range []string{"/", "/leads", "/live", "/leads/" + strings.Repeat("0", 32)} {
		answer := call(t, s, "GET", path, "")
		wantStatus(t, answer, http.StatusSeeOther)
		if got := answer.Header().Get("Location"); got != "/signin" {
			t.Errorf("%s leads to %s", path, got)
		}
	}
}

// TestConsoleEmpty shows a server that has seen nothing yet.
func TestConsoleEmpty(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := newServer(t, w.options())
	for _, path := range []string{"/", "/leads"} {
		answer := call(t, s, "GET", path+"?lang=en", "", opsKey)
		wantStatus(t, answer, http.StatusOK)
		if !strings.Contains(answer.Body.String(), "No leads yet.") {
			t.Errorf("%s: %s", path, answer.Body)
		}
	}
}

func TestLayout(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.options()
	var s *Server
	o.Pages = []Page{{Path: "/mailbox", Ja: "受信箱", En: "Mailbox", Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.Layout(w, r, "Mailbox", template.HTML("<p>three mails</p>"))
	})}}
	s = newServer(t, o)
	wantStatus(t, call(t, s, "GET", "/mailbox", ""), http.StatusSeeOther)
	for _, path := range []string{"/mailbox", "/mailbox/7"} {
		answer := call(t, s, "GET", path, "", opsKey, "Accept-Language: ja,en;q=0.5")
		wantStatus(t, answer, http.StatusOK)
		if html := answer.Body.String(); !strings.Contains(html, "<p>three mails</p>") || !strings.Contains(html, "受信箱") {
			t.Errorf("%s: %s", path, html)
		}
	}
}

// TestThirdParty holds that what we ship of others is what they shipped.
func TestThirdParty(t *testing.T) {
	t.Parallel()
	const dir = "third_party/htmx-4.0.1/"
	sums, err := fs.ReadFile(files, dir+"SHA256SUMS")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(sums)) {
		want, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		content, err := fs.ReadFile(files, dir+name)
		if err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != want {
			t.Errorf("%s was changed", name)
		}
		n++
	}
	if n != 3 {
		t.Errorf("%d files have a checksum", n)
	}
}

func TestWordsAreInBothLanguages(t *testing.T) {
	t.Parallel()
	for _, table := range []map[string]word{words, decisionWords, offerWords, kindWords} {
		for name, w := range table {
			if w.ja == "" || w.en == "" {
				t.Errorf("%s lacks a language", name)
			}
		}
	}
	for kind := engine.Enrolled; kind <= engine.Fault; kind++ {
		if _, ok := decisionWords[kind.String()]; !ok {
			t.Errorf("no words for the decision %s", kind)
		}
	}
	say := speaker{&view{Lang: english, zone: time.UTC}, workspace()}
	for kind := engine.Enrolled; kind <= engine.Fault; kind++ {
		text := say.decision(&DecisionDoc{Kind: kind.String(), Subject: "s", Detail: "d", Points: 3})
		if strings.Contains(text, "%") || strings.Contains(text, "EXTRA") {
			t.Errorf("%s: %s", kind, text)
		}
	}
}

func TestLanguage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		url, accept, cookie, project string
		want                         lang
	}{
		{"/", "", "", "ja", japanese},
		{"/", "", "", "en", english},
		{"/", "", "", "", english},
		{"/", "ja-JP,ja;q=0.9,en;q=0.8", "", "en", japanese},
		{"/", "fr, en;q=0.5", "", "ja", english},
		{"/?lang=en", "ja", "ja", "ja", english},
		{"/?lang=fr", "ja", "", "en", japanese},
		{"/", "ja", "en", "ja", english},
		{"/", "ja", "xx", "en", japanese},
	} {
		r, _ := http.NewRequest("GET", c.url, nil)
		r.Header.Set("Accept-Language", c.accept)
		if c.cookie != "" {
			r.AddCookie(&http.Cookie{Name: langCookie, Value: c.cookie})
		}
		if got := langOf(r, c.project); got != c.want {
			t.Errorf("%+v: got %s", c, got)
		}
	}
}

func TestNumbersAndTimes(t *testing.T) {
	t.Parallel()
	for got, want := range map[string]string{
		count(0): "0", count(999): "999", count(1000): "1,000", count(-1234567): "-1,234,567",
		decimal(99.98): "100", decimal(58.44): "58.4", decimal(1234.5): "1,234.5", decimal(-0.5): "-0.5", decimal(-3.2): "-3.2",
		percent(0): "0%", percent(0.248): "24.8%", percent(0.0018): "0.18%", percent(1): "100%",
		short("document_requested", 16): "document_request…", short("資料請求ナーチャリング", 16): "資料請求ナーチャ…", short("as it is", 16): "as it is",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	ja, en := speaker{&view{Lang: japanese}, nil}, speaker{&view{Lang: english}, nil}
	for l, want := range map[calendar.Length][2]string{
		{BusinessDays: 3}: {"3営業日", "3 business days"}, {BusinessHours: 4}: {"4営業時間", "4 business hours"},
		{Span: 14 * 24 * time.Hour}: {"14日", "14 d"},
		{Span: 36 * time.Hour}:      {"36時間", "36 h"}, {Span: 90 * time.Minute}: {"90分", "90 min"}, {Span: 5 * time.Second}: {"5秒", "5 s"},
	} {
		if got := [2]string{ja.length(l), en.length(l)}; got != want {
			t.Errorf("%v: %q, want %q", l, got, want)
		}
	}
	now := monday
	for d, want := range map[time.Duration][2]string{
		time.Second: {"たった今", "just now"}, 40 * time.Second: {"40秒前", "40 s ago"}, 3 * time.Minute: {"3分前", "3 min ago"},
		26 * time.Hour: {"26時間前", "26 h ago"}, 9 * 24 * time.Hour: {"9日前", "9 days ago"}, -5 * time.Hour: {"5時間後", "in 5 h"},
	} {
		if got := [2]string{ago(japanese, now, now.Add(-d)), ago(english, now, now.Add(-d))}; got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}

// A verdict on a click is told in words, with its reason.
func TestVerdictInWords(t *testing.T) {
	t.Parallel()
	for lang, want := range map[lang]string{
		"ja": "メールのクリック の判定：機械 (引き渡しの直後で、人には早すぎます)",
		"en": "メールのクリック judged: a machine (it came too soon after the message for a person)",
	} {
		sp := speaker{&view{Lang: lang}, &engine.Spec{Events: []engine.EventSpec{{Name: "email_clicked", Label: "メールのクリック"}}}}
		if got := sp.decision(&DecisionDoc{Kind: "judged", Subject: "email_clicked", Detail: "machine instant"}); got != want {
			t.Errorf("%s: %q", lang, got)
		}
	}
}
