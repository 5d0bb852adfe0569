package httpd

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/enginetest"
	"github.com/seed-456efde2/nurture/engine/runner"
	"github.com/seed-456efde2/nurture/engine/tracking"
)

// peopleWorld is a world with a double opt-in and two topics, and somebody in it
// who has asked.
func peopleWorld(t *testing.T) (*world, *Server, tracking.Token) {
	t.Helper()
	w, s, tok := trackedWorld(t)
	spec := workspace()
	spec.Consents[0].Confirm = &engine.ConfirmSpec{
		Within: 7 * engine.Day, AtMost: 3, Again: engine.Minute,
		Send: &engine.SendSpec{Channel: "mail", Kind: "email", Lane: engine.LaneTransactional, Transactional: true, Content: enginetest.Parts("confirm")},
	}
	spec.Flows[0].Steps[0].Send.Topic = "news"
	topics := 0
	for i := range spec.Flows[0].Steps {
		if send := spec.Flows[0].Steps[i].Send; send != nil {
			send.Topic = []string{"news", `<b>"events"</b>`}[topics%2]
			topics++
		}
	}
	p, err := engine.NewProgram(spec, "people", 43)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.sim.Swap(p); err != nil {
		t.Fatal(err)
	}
	w.program = p
	tok.Step = "marketing"
	return w, s, tok
}

// asks lets the lead of the token ask for the consent.
func (w *world) asks(t *testing.T, tok tracking.Token, id string) {
	t.Helper()
	e := engine.Event{
		Kind: engine.Track, Name: "consent_given", ID: id, Source: "site", Lead: tok.Lead, At: w.sim.Now(), Received: w.sim.Now(),
		Fields: []engine.Field{{Name: "wording", Value: engine.TextValue("メールを<受け取る>")}},
	}
	if _, err := w.Submit(t.Context(), []engine.Event{e}); err != nil {
		t.Fatal(err)
	}
}

// looks are what mail filters, previews and browsers ask before any person does.
var looks = []struct{ method, body string }{
	{"GET", ""}, {"HEAD", ""}, {"GET", "confirm=yes&all=none"}, {"OPTIONS", ""}, {"PUT", "confirm=yes"}, {"DELETE", ""}, {"PATCH", "confirm=yes"},
}

func (w *world) lookAt(t *testing.T, s *Server, tok tracking.Token, path string) {
	t.Helper()
	before := len(w.tracked(t, tok.Lead))
	for _, c := range looks {
		for _, header := range []string{"User-Agent: " + browserName, "Sec-Purpose: prefetch;prerender", "Purpose: prefetch", "X-Moz: prefetch", "User-Agent: BarracudaCentral"} {
			if a := call(t, s, c.method, path+"?confirm=yes&all=none&choice=all&List-Unsubscribe=One-Click", c.body, formType, header); a.Code >= 500 {
				t.Errorf("%s is answered by %d", c.method, a.Code)
			}
		}
	}
	for _, body := range []string{"", "confirm=no", "confirm=YES", "all=often", "topic:news=weekly&all=sometimes"} {
		if a := call(t, s, "POST", path, body, formType); a.Code != http.StatusBadRequest {
			t.Errorf("POST %q is answered by %d", body, a.Code)
		}
	}
	if got := w.tracked(t, tok.Lead); len(got) != before {
		t.Fatalf("looking has brought %v", got)
	}
}

func TestConfirmPage(t *testing.T) {
	t.Parallel()
	w, s, tok := peopleWorld(t)
	path := "/t/y/" + sealed(t, s, tok, tracking.Confirm)
	if a := call(t, s, "GET", path, ""); a.Code != http.StatusGone {
		t.Errorf("what nobody asked for is answered by %d", a.Code)
	}
	w.asks(t, tok, "ask-1")
	w.lookAt(t, s, tok, path)
	a := call(t, s, "GET", path+"?lang=ja", "")
	if !strings.Contains(a.Body.String(), "登録を確認する") || !strings.Contains(a.Body.String(), "メールを&lt;受け取る&gt;") {
		t.Errorf("the page is\n%s", a.Body)
	}
	w.refuseWith(runner.ErrUnavailable)
	if a := call(t, s, "POST", path, "confirm=yes", formType); a.Code != http.StatusServiceUnavailable {
		t.Errorf("what could not be done is answered by %d", a.Code)
	}
	w.refuseWith(nil)
	for range 3 {
		if a := call(t, s, "POST", path, "confirm=yes", formType, "Peer: 203.0.113.9:4711"); a.Code != http.StatusOK {
			t.Errorf("the button is answered by %d", a.Code)
		}
	}
	if got := w.tracked(t, tok.Lead); !slices.Equal(got, []string{engine.ConfirmedEvent}) {
		t.Errorf("the lead has %v", got)
	}
	lead := w.sim.Lead(tok.Lead)
	if c := lead.Folds.Consents[0]; c.Given == 0 || c.Wording != "メールを<受け取る>" {
		t.Errorf("the consent is %+v", c)
	}
	if address := w.fieldOf(t, tok, "address"); address != "203.0.113.0/24" {
		t.Errorf("the address is kept as %q", address)
	}
}

// fieldOf is a field of the last event that our own pages brought.
func (w *world) fieldOf(t *testing.T, tok tracking.Token, name string) (text string) {
	t.Helper()
	err := w.Facts(0, tok.Lead, func(f *engine.Fact) error {
		if f.Event.Source == trackingSource {
			v, _ := engine.Lookup(f.Event.Fields, name)
			text = v.Text()
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// Nobody can consent by sending what the page brings, nor say what the site showed.
func TestOwnEventsAreRefused(t *testing.T) {
	t.Parallel()
	w, s, tok := peopleWorld(t)
	w.asks(t, tok, "ask-1")
	for _, name := range []string{
		"consent_confirmed", "Consent Confirmed", "preferences_set", "unsubscribe_undone",
		"web_shown", "Web Clicked", "stage_changed", "toss_up_offered",
	} {
		body := `{"writeKey":"site-key","batch":[{"type":"track","event":"` + name + `","userId":"x","messageId":"` + url.QueryEscape(name) + `","properties":{"consent":"marketing","frequency":"none"}}]}`
		before := len(w.bad)
		if a := call(t, s, "POST", "/v1/batch", body); a.Code != http.StatusOK {
			t.Errorf("%s is answered by %d %s", name, a.Code, a.Body)
		}
		if len(w.bad) != before+1 || w.bad[before].Code != "reserved_event" {
			t.Errorf("%s was taken", name)
		}
	}
}

func TestConfirmationPageExpires(t *testing.T) {
	t.Parallel()
	w, s, tok := peopleWorld(t)
	w.asks(t, tok, "ask-1")
	path := "/t/y/" + sealed(t, s, tok, tracking.Confirm)
	w.clock.Advance(8 * 24 * 3600e9)
	for _, method := range []string{"GET", "POST"} {
		if a := call(t, s, method, path, "confirm=yes", formType); a.Code != http.StatusGone || !strings.Contains(a.Body.String(), "期限") {
			t.Errorf("%s after a week is answered by %d", method, a.Code)
		}
	}
}

func TestPreferencePage(t *testing.T) {
	t.Parallel()
	w, s, tok := peopleWorld(t)
	path := "/t/p/" + sealed(t, s, tok, tracking.Preferences)
	w.lookAt(t, s, tok, path)
	page := call(t, s, "GET", path+"?lang=en", "").Body.String()
	if !strings.Contains(page, "At most one a week") || strings.Contains(page, "<b>\"") || !strings.Contains(page, "news") {
		t.Errorf("the page is\n%s", page)
	}
	save := func(form url.Values) {
		t.Helper()
		w.clock.Advance(1e9)
		if a := call(t, s, "POST", path, form.Encode(), formType); a.Code != http.StatusOK {
			t.Errorf("%v is answered by %d", form, a.Code)
		}
	}
	save(url.Values{"all": {"weekly"}, "topic:news": {"monthly"}, `topic:<b>"events"</b>`: {"usual"}})
	save(url.Values{"all": {"weekly"}, "topic:news": {"monthly"}})
	want := []string{engine.WishedEvent, engine.WishedEvent}
	if got := w.tracked(t, tok.Lead); !slices.Equal(got, want) {
		t.Errorf("the lead has %v, want %v", got, want)
	}
	folds := &w.sim.Lead(tok.Lead).Folds
	if folds.Wish("").Frequency() != engine.Weekly || folds.Wish("news").Frequency() != engine.Monthly {
		t.Errorf("the wishes are %+v", folds.Wishes)
	}
	save(url.Values{"all": {"none"}, "topic:news": {"none"}})
	if lead := w.sim.Lead(tok.Lead); !isBarred(lead, "") || !isBarred(lead, "news") {
		t.Errorf("the bars are %+v", lead.Folds.Barred)
	}
	page = call(t, s, "GET", path+"?lang=ja", "").Body.String()
	if strings.Count(page, `<option value="none" selected>`) != 2 {
		t.Errorf("the page is\n%s", page)
	}
	save(url.Values{"all": {"usual"}})
	if lead := w.sim.Lead(tok.Lead); isBarred(lead, "") || !isBarred(lead, "news") || lead.Folds.Wish("") != nil {
		t.Errorf("afterwards: %+v, %+v", lead.Folds.Barred, lead.Folds.Wishes)
	}
	if words := w.fieldOf(t, tok, "wording"); !strings.Contains(words, "通常どおり") {
		t.Errorf("the evidence says %q", words)
	}
}

// The way out leads to the preference page, and its address opens it.
func TestWayOutLeadsToPreferences(t *testing.T) {
	t.Parallel()
	_, s, tok := peopleWorld(t)
	out := sealed(t, s, tok, tracking.Unsubscribe)
	if page := call(t, s, "GET", "/t/u/"+out, "").Body.String(); !strings.Contains(page, `href="../p/`+out+`"`) {
		t.Errorf("the page is\n%s", page)
	}
	if a := call(t, s, "GET", "/t/p/"+out, ""); a.Code != http.StatusOK {
		t.Errorf("the preference page is answered by %d", a.Code)
	}
	for _, path := range []string{"/t/y/" + out, "/t/p/" + sealed(t, s, tok, tracking.Confirm), "/t/p/x", "/t/y/x"} {
		for _, method := range []string{"GET", "POST"} {
			if a := call(t, s, method, path, "all=none&confirm=yes", formType); a.Code != http.StatusNotFound {
				t.Errorf("%s %s is answered by %d", method, path, a.Code)
			}
		}
	}
}

// Behind an address with a path the pages find their looks all the same.
func TestPublicPagesHaveNoRootedAddresses(t *testing.T) {
	t.Parallel()
	w, s, tok := peopleWorld(t)
	w.asks(t, tok, "ask-1")
	for path, kind := range map[string]tracking.Kind{"/t/u/": tracking.Unsubscribe, "/t/p/": tracking.Preferences, "/t/y/": tracking.Confirm} {
		page := call(t, s, "GET", path+sealed(t, s, tok, kind), "").Body.String()
		if strings.Contains(page, `="/`) || !strings.Contains(page, `href="../../static/console.css"`) {
			t.Errorf("%s has\n%s", path, page)
		}
	}
}

func TestEvidenceOfAddresses(t *testing.T) {
	t.Parallel()
	for setting, want := range map[string][2]string{
		"":          {"203.0.113.0/24", "2001:db8:1::/48"},
		"truncated": {"203.0.113.0/24", "2001:db8:1::/48"},
		"full":      {"203.0.113.9", "2001:db8:1:2::9"},
		"none":      {"", ""},
	} {
		w, s, tok := peopleWorld(t)
		w.program.Spec().Consents[0].Address = setting
		for i, peer := range []string{"203.0.113.9:1", "[2001:db8:1:2::9]:1"} {
			w.clock.Advance(1e9)
			form := []string{"all=weekly", "all=monthly"}[i]
			call(t, s, "POST", "/t/p/"+sealed(t, s, tok, tracking.Preferences), form, formType, "Peer: "+peer)
			if got := w.fieldOf(t, tok, "address"); got != want[i] {
				t.Errorf("%q keeps %s as %q, want %q", setting, peer, got, want[i])
			}
		}
	}
}
