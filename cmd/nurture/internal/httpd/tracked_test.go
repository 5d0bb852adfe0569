package httpd

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/runner"
	"github.com/seed-456efde2/nurture/engine/tracking"
)

func trackingKeys(t testing.TB, secret string) *tracking.Keys {
	t.Helper()
	keys, err := tracking.NewKeys(secret)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// trackedWorld is a world with one lead whose mails lead back.
func trackedWorld(t *testing.T) (*world, *Server, tracking.Token) {
	t.Helper()
	w := newWorld(t)
	o := w.options()
	o.Tracking = trackingKeys(t, "0123456789abcdef")
	s := newServer(t, o)
	lead := engine.Identifier{Kind: engine.ByUser, Value: "u1"}.Lead()
	_, err := w.Submit(t.Context(), []engine.Event{{
		Kind: engine.Identify, ID: "m1", Source: "site", User: "u1", At: engine.TimeOf(monday), Received: engine.TimeOf(monday),
	}})
	if err != nil {
		t.Fatal(err)
	}
	return w, s, tracking.Token{Kind: tracking.Click, Lead: lead, Message: [16]byte{7}, Channel: "mail", Topic: "news", URL: "https://www.example.co.jp/"}
}

func sealed(t *testing.T, s *Server, tok tracking.Token, kind tracking.Kind) string {
	t.Helper()
	tok.Kind = kind
	if kind != tracking.Click && kind != tracking.Trap {
		tok.URL = ""
	}
	text, err := s.options.Tracking.Seal(tok)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// tracked are the names of the lead's facts that came back from mails.
func (w *world) tracked(t *testing.T, lead engine.LeadID) (names []string) {
	t.Helper()
	err := w.Facts(0, lead, func(f *engine.Fact) error {
		if f.Event.Source == trackingSource {
			names = append(names, f.Event.Name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

const browserName = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36"

// A link works whatever becomes of its click: while the store refuses, while the
// server starts, and for a lead that is not there any more.
func TestLinksAlwaysLead(t *testing.T) {
	t.Parallel()
	w, s, tok := trackedWorld(t)
	link := "/t/c/" + sealed(t, s, tok, tracking.Click)
	for name, refusal := range map[string]error{
		"nothing": nil, "an overload": &runner.Overload{}, "a store that is away": runner.ErrUnavailable, "a fault": errors.New("none"),
	} {
		w.refuseWith(refusal)
		if a := call(t, s, "GET", link, "", "User-Agent: "+browserName); a.Code != http.StatusFound || a.Header().Get("Location") != tok.URL {
			t.Errorf("with %s: %d %s", name, a.Code, a.Header().Get("Location"))
		}
	}
	w.refuseWith(nil)
	stranger := tok
	stranger.Lead = [16]byte{9, 9}
	if a := call(t, s, "GET", "/t/c/"+sealed(t, s, stranger, tracking.Click), "", "User-Agent: "+browserName); a.Code != http.StatusFound {
		t.Errorf("for a lead that is gone: %d", a.Code)
	}
	if w.sim.Lead(stranger.Lead) != nil {
		t.Error("a click has made a lead")
	}
	starting, err := New(s.options)
	if err != nil {
		t.Fatal(err)
	}
	if a := call(t, starting, "GET", link, ""); a.Code != http.StatusFound {
		t.Errorf("while the server starts: %d", a.Code)
	}
	if got := w.tracked(t, tok.Lead); len(got) != 1 || got[0] != "email_clicked" {
		t.Errorf("the lead has %v", got)
	}
}

// Nothing but a link of a mail of ours leads anywhere, and every page is safe.
func TestForeignTokens(t *testing.T) {
	t.Parallel()
	w, s, tok := trackedWorld(t)
	foreign, err := trackingKeys(t, "another secret of 16").Seal(tok)
	if err != nil {
		t.Fatal(err)
	}
	good := sealed(t, s, tok, tracking.Click)
	for name, c := range map[string]struct {
		path   string
		status int
	}{
		"another key":         {"/t/c/" + foreign, http.StatusGone},
		"a changed link":      {"/t/c/" + good[:40] + "AAAA" + good[44:], http.StatusNotFound},
		"half a link":         {"/t/c/" + good[:len(good)/2], http.StatusNotFound},
		"a pixel as a link":   {"/t/c/" + sealed(t, s, tok, tracking.Open), http.StatusNotFound},
		"a way out as a link": {"/t/c/" + sealed(t, s, tok, tracking.Unsubscribe), http.StatusNotFound},
		"a link as a way out": {"/t/u/" + good, http.StatusNotFound},
		"an address":          {"/t/c/https:%2F%2Fevil.example", http.StatusNotFound},
		"a very long one":     {"/t/c/" + strings.Repeat("A", 20_000), http.StatusNotFound},
		"markup":              {"/t/u/%3Cscript%3E", http.StatusNotFound},
	} {
		for _, query := range []string{"", "?url=https://evil.example"} {
			a := call(t, s, "GET", c.path+query, "")
			if a.Code != c.status || a.Header().Get("Location") != "" || strings.Contains(a.Body.String(), "evil") || strings.Contains(a.Body.String(), "<script") {
				t.Errorf("%s: %d, %q\n%s", name, a.Code, a.Header().Get("Location"), a.Body)
			}
			for header, want := range map[string]string{"Content-Security-Policy": policy, "Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Set-Cookie": ""} {
				if got := a.Header().Get(header); got != want {
					t.Errorf("%s has %s: %q", name, header, got)
				}
			}
		}
	}
	if a := call(t, s, "POST", "/t/u/"+foreign, "choice=all", "Content-Type: application/x-www-form-urlencoded"); a.Code != http.StatusGone {
		t.Errorf("a foreign way out: %d", a.Code)
	}
	if a := call(t, s, "GET", "/t/o/nothing.gif", ""); a.Code != http.StatusOK || a.Body.String() != pixel || a.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("a foreign pixel: %d %q", a.Code, a.Body)
	}
	if got := w.tracked(t, tok.Lead); len(got) != 0 {
		t.Errorf("foreign tokens have brought %v", got)
	}
}

// Without keys there is nothing under /t/.
func TestNoTracking(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := newServer(t, w.options())
	for _, path := range []string{"/t/c/x", "/t/o/x.gif", "/t/u/x"} {
		if a := call(t, s, "GET", path, ""); a.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, a.Code)
		}
	}
}

// Of a click's client only its class is kept: by its name and its address, which a
// neighbouring proxy tells and nobody else.
func TestClientOfAClick(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		method  string
		headers []string
		class   float64
	}{
		"a browser":                  {"GET", []string{"User-Agent: " + browserName, "Peer: 203.0.113.9:4711"}, 1},
		"a head":                     {"HEAD", []string{"User-Agent: " + browserName, "Peer: 203.0.113.9:4711"}, 8},
		"a program":                  {"GET", []string{"User-Agent: curl/8.9", "Peer: 203.0.113.9:4711"}, 6},
		"nobody":                     {"GET", []string{"User-Agent: ", "Peer: 203.0.113.9:4711"}, 10},
		"a filter behind a proxy":    {"GET", []string{"User-Agent: " + browserName, "Peer: 127.0.0.1:4711", "X-Forwarded-For: 203.0.113.9, 40.107.1.1"}, 5},
		"who says to be behind one":  {"GET", []string{"User-Agent: " + browserName, "Peer: 203.0.113.9:4711", "X-Forwarded-For: 40.107.1.1"}, 1},
		"a proxy that says nonsense": {"GET", []string{"User-Agent: " + browserName, "Peer: 10.0.0.1:4711", "X-Forwarded-For: nonsense"}, 1},
	} {
		w, s, tok := trackedWorld(t)
		call(t, s, c.method, "/t/c/"+sealed(t, s, tok, tracking.Click), "", c.headers...)
		var got []engine.Field
		err := w.Facts(0, tok.Lead, func(f *engine.Fact) error {
			if f.Event.Source == trackingSource {
				got = slices.Clone(f.Event.Fields)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		class, _ := engine.Lookup(got, "client")
		if class.Number() != c.class {
			t.Errorf("%s has class %v", name, class.Number())
		}
		if told := fmt.Sprint(got); strings.Contains(told, "203.0.113") || strings.Contains(told, "Mozilla") || strings.Contains(told, "40.107") {
			t.Errorf("%s is kept: %s", name, told)
		}
	}
}

// Whoever holds a mail cannot fill the lead's journal with it.
func TestClicksAreBounded(t *testing.T) {
	t.Parallel()
	w, s, tok := trackedWorld(t)
	link := "/t/c/" + sealed(t, s, tok, tracking.Click)
	for range 3 * maxLeadHits {
		w.clock.Advance(1e6)
		if a := call(t, s, "GET", link, "", "User-Agent: "+browserName); a.Code != http.StatusFound {
			t.Fatalf("a click is answered by %d", a.Code)
		}
	}
	if got := len(w.tracked(t, tok.Lead)); got != maxLeadHits {
		t.Errorf("%d clicks of a minute are kept", got)
	}
	w.clock.Advance(60e9)
	call(t, s, "GET", link, "", "User-Agent: "+browserName)
	if got := len(w.tracked(t, tok.Lead)); got != maxLeadHits+1 {
		t.Errorf("%d clicks are kept after a minute", got)
	}
}

const formType = "Content-Type: application/x-www-form-urlencoded"

// Unsubscribing does what it says once, says so when it could not, and never acts on
// anything but a POST that asks for it.
func TestWayOut(t *testing.T) {
	t.Parallel()
	w, s, tok := trackedWorld(t)
	tok.Topic = `<b>"news"</b>`
	out := "/t/u/" + sealed(t, s, tok, tracking.Unsubscribe)
	for _, c := range []struct{ method, body string }{
		{"GET", ""}, {"HEAD", ""}, {"GET", "choice=all"}, {"POST", ""}, {"POST", "choice=everything"}, {"POST", "List-Unsubscribe=Two-Clicks"},
	} {
		if a := call(t, s, c.method, out+"?choice=&List-Unsubscribe=", c.body, formType); a.Code >= 500 || strings.Contains(a.Body.String(), "<b>") {
			t.Errorf("%s %q: %d\n%s", c.method, c.body, a.Code, a.Body)
		}
	}
	if got := w.tracked(t, tok.Lead); len(got) != 0 {
		t.Fatalf("looking has brought %v", got)
	}
	w.refuseWith(runner.ErrUnavailable)
	if a := call(t, s, "POST", out, "choice=all", formType); a.Code != http.StatusServiceUnavailable || a.Header().Get("Retry-After") == "" {
		t.Errorf("what could not be done is answered by %d", a.Code)
	}
	w.refuseWith(nil)

	var both sync.WaitGroup
	for range 8 {
		both.Go(func() {
			if a := call(t, s, "POST", out, "List-Unsubscribe=One-Click", formType); a.Code != http.StatusOK {
				t.Errorf("the button is answered by %d", a.Code)
			}
		})
	}
	both.Wait()
	w.clock.Advance(1e9)
	for _, choice := range []string{"all", "undo_all", "undo_all", "topic", "topic", "undo_topic", "all"} {
		w.clock.Advance(1e9)
		if a := call(t, s, "POST", out, "choice="+choice, formType); a.Code != http.StatusOK {
			t.Errorf("%s is answered by %d", choice, a.Code)
		}
	}
	want := []string{"unsubscribed", "unsubscribe_undone", "unsubscribed", "unsubscribe_undone", "unsubscribed"}
	if got := w.tracked(t, tok.Lead); !slices.Equal(got, want) {
		t.Errorf("the lead has %v, want %v", got, want)
	}
}

// The button of a mail program may come as a form of parts.
func TestOneClickInParts(t *testing.T) {
	t.Parallel()
	w, s, tok := trackedWorld(t)
	body := "--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--x--\r\n"
	a := call(t, s, "POST", "/t/u/"+sealed(t, s, tok, tracking.Unsubscribe), body, "Content-Type: multipart/form-data; boundary=x", "Origin: https://webmail.example")
	if got := w.tracked(t, tok.Lead); a.Code != http.StatusOK || len(got) != 1 {
		t.Errorf("the button is answered by %d; the lead has %v", a.Code, got)
	}
}
