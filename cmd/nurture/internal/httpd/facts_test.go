package httpd

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/seed-456efde2/nurture/engine"
)

// corrects takes corrections in a world.
type corrects struct{ *world }

func (w corrects) Correct(_ context.Context, lead engine.LeadID, c engine.Correction) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.sim.Correct(lead, c)
}

// A correction is tried first, then made: the page shows what was told struck through,
// with who said what and why; the lead's page does too; and the audit log names the
// fact by its place, with the reason.
func TestFactsPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.options()
	book := &auditBook{}
	o.Corrector, o.Identities, o.Audit = corrects{w}, settles{w}, book
	s := newServer(t, o)
	wantStatus(t, call(t, s, "POST", "/v1/track", `{"messageId":"one","userId":"u1","event":"Page Viewed","properties":{"path":"/<b>"}}`, siteKey), http.StatusOK)
	id := engine.Identifier{Kind: engine.ByUser, Value: "u1"}.Lead().String()
	path := "/leads/" + id + "/facts"
	page := call(t, s, "GET", path+"?lang=en", "", opsKey).Body.String()
	for _, want := range []string{"Facts and corrections", "It did not happen", `value="` + id + ".1\"", "&lt;b&gt;"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if ja := call(t, s, "GET", path+"?lang=ja", "", opsKey).Body.String(); !strings.Contains(ja, "事実と訂正") || !strings.Contains(ja, "なかった") {
		t.Error("the page is not in Japanese")
	}
	form := url.Values{"fact": {id + ".1"}, "says": {"never"}, "why": {"our own <i>test</i>"}}
	tried := call(t, s, "POST", path+"?lang=en", form.Encode(), opsKey, formType)
	wantStatus(t, tried, http.StatusOK)
	if body := tried.Body.String(); !strings.Contains(body, "What would change") || !strings.Contains(body, "event:page_viewed") {
		t.Error("the trial does not tell what would change")
	}
	if page := call(t, s, "GET", path+"?lang=en", "", opsKey).Body.String(); strings.Contains(page, "known void") {
		t.Error("a trial was kept")
	}
	form.Set("deed", "keep")
	wantStatus(t, call(t, s, "POST", path, form.Encode(), opsKey, formType), http.StatusSeeOther)
	for _, at := range []string{path, "/leads/" + id} {
		page := call(t, s, "GET", at+"?lang=en", "", opsKey).Body.String()
		for _, want := range []string{"void", "our own &lt;i&gt;test&lt;/i&gt;", "It did not happen"} {
			if !strings.Contains(page, want) {
				t.Errorf("%s lacks %q", at, want)
			}
		}
	}
	e := book.entries[len(book.entries)-1]
	if !strings.HasPrefix(e.Target, id+".1 never: our own") || e.Via != viaConsole {
		t.Errorf("the audit log says %+v", e)
	}
	var list KnownFactList
	answer := call(t, s, "POST", "/api/v1/facts/list", `{"lead":"u1","corrected":true}`, opsKey)
	if err := json.Unmarshal(answer.Body.Bytes(), &list); err != nil || len(list.Facts) != 1 || !list.Facts[0].Never || len(list.Facts[0].Corrections) != 1 {
		t.Fatalf("%v %s", err, answer.Body)
	}
	again := url.Values{"fact": {list.Facts[0].Corrections[0].ID}, "says": {"never"}, "why": {"it was real"}, "deed": {"keep"}}
	wantStatus(t, call(t, s, "POST", path, again.Encode(), opsKey, formType), http.StatusSeeOther)
	if page := call(t, s, "GET", path+"?lang=en", "", opsKey).Body.String(); strings.Contains(page, "known void") || !strings.Contains(page, "taken back") {
		t.Error("the correction was not taken back")
	}
}

// What cannot be said is refused with what to do instead, and changes nothing.
func TestCorrectionsRefuse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.options()
	o.Corrector, o.Identities = corrects{w}, settles{w}
	s := newServer(t, o)
	wantStatus(t, call(t, s, "POST", "/v1/track", `{"messageId":"one","userId":"u1","event":"Page Viewed"}`, siteKey), http.StatusOK)
	id := engine.Identifier{Kind: engine.ByUser, Value: "u1"}.Lead().String()
	for name, c := range map[string]struct {
		body, code string
		status     int
	}{
		"no lead":         {`{"fact":"one","never":true,"why":"w"}`, "no_lead", http.StatusBadRequest},
		"no such lead":    {`{"fact":"one","lead":"nobody","never":true,"why":"w"}`, "no_lead", http.StatusNotFound},
		"no such fact":    {`{"fact":"two","lead":"u1","never":true,"why":"w"}`, "no_fact", http.StatusNotFound},
		"no such row":     {`{"fact":"` + id + `.77","never":true,"why":"w"}`, "no_fact", http.StatusNotFound},
		"nothing is said": {`{"fact":"one","lead":"u1","why":"w"}`, "says_nothing", http.StatusBadRequest},
		"no reason":       {`{"fact":"one","lead":"u1","never":true,"why":"  "}`, "no_reason", http.StatusBadRequest},
		"both":            {`{"fact":"one","lead":"u1","never":true,"asTold":true,"why":"w"}`, "contradiction", http.StatusBadRequest},
		"the future":      {`{"fact":"one","lead":"u1","at":"2099-01-01T00:00:00Z","why":"w"}`, "bad_time", http.StatusBadRequest},
		"no hit":          {`{"fact":"one","lead":"u1","verdict":"machine","why":"w"}`, "not_judged", http.StatusBadRequest},
		"no leave":        {`{"fact":"one","lead":"u1","noConsent":true,"why":"w"}`, "no_consent", http.StatusBadRequest},
	} {
		t.Run(name, func(t *testing.T) {
			answer := call(t, s, "POST", "/api/v1/facts/correct", c.body, opsKey)
			if answer.Code != c.status || !strings.Contains(answer.Body.String(), `"code":"`+c.code+`"`) {
				t.Errorf("%d %s", answer.Code, answer.Body)
			}
		})
	}
	if n := w.sim.Lead(engine.Identifier{Kind: engine.ByUser, Value: "u1"}.Lead()).Seq; n != 1 {
		t.Errorf("the journal has %d rows", n)
	}
}
