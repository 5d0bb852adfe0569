package httpd

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
)

// rowsOut are the rows of a table, each as an object.
func rowsOut(t *testing.T, s *Server, table string) []map[string]any {
	t.Helper()
	a := call(t, s, "GET", "/api/v1/export/"+table+"?format=ndjson", "", opsKey)
	wantStatus(t, a, http.StatusOK)
	var rows []map[string]any
	for line := range strings.Lines(a.Body.String()) {
		row := map[string]any{}
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		rows = append(rows, row)
	}
	return rows
}

// rowAbout is the one row of a message that is as wanted.
func rowAbout(t *testing.T, rows []map[string]any, message string) map[string]any {
	t.Helper()
	for _, row := range rows {
		if row["messageId"] == message {
			return row
		}
	}
	t.Fatalf("no row tells of %s: %v", message, rows)
	return nil
}

// isAt reports a cell that tells an instant, in whatever zone.
func isAt(cell any, instant string) bool {
	text, _ := cell.(string)
	at, err := time.Parse(time.RFC3339, text)
	want, wrong := time.Parse(time.RFC3339, instant)
	return err == nil && wrong == nil && at.Equal(want)
}

func correctedWorld(t *testing.T) *Server {
	t.Helper()
	w := newWorld(t)
	o := w.options()
	o.Corrector, o.Identities = corrects{w}, settles{w}
	s := newServer(t, o)
	for _, body := range []string{
		`{"type":"track","messageId":"one","event":"Page Viewed","userId":"u1","properties":{"path":"/pricing"}}`,
		`{"type":"track","messageId":"two","event":"Inquiry","userId":"u1"}`,
		`{"type":"track","messageId":"three","event":"Consent Given","userId":"u1","properties":{"wording":"2026-04"}}`,
		`{"type":"track","messageId":"four","event":"Page Viewed","userId":"u1","properties":{"path":"/"}}`,
	} {
		wantStatus(t, call(t, s, "POST", "/v1/batch", `{"batch":[`+body+`]}`, siteKey), http.StatusOK)
	}
	for _, body := range []string{
		`{"fact":"one","lead":"u1","at":"2026-10-05T00:30:00Z","fields":{"path":"/cases"},"why":"the proxy told another page"}`,
		`{"fact":"two","lead":"u1","never":true,"why":"our own test"}`,
		`{"fact":"three","lead":"u1","noConsent":true,"why":"the box was ticked beforehand"}`,
	} {
		wantStatus(t, call(t, s, "POST", "/api/v1/facts/correct", body, opsKey), http.StatusOK)
	}
	return s
}

// Tables give facts as they are known now, with who said so, when and why, and with what
// was told.
func TestCorrectedFactsGoOut(t *testing.T) {
	t.Parallel()
	s := correctedWorld(t)
	events := rowsOut(t, s, "events")
	one := rowAbout(t, events, "one")
	if one["fields"] != `{"path":"/cases"}` || one["toldFields"] != `{"path":"/pricing"}` || !isAt(one["at"], "2026-10-05T00:30:00Z") ||
		!isAt(one["toldAt"], "2026-10-05T01:00:00Z") || one["corrected"] != "at fields" || one["correctedBy"] != "ops" ||
		one["correctedWhy"] != "the proxy told another page" || !isAt(one["correctedAt"], "2026-10-05T01:00:00Z") {
		t.Errorf("what was said otherwise goes out as %v", one)
	}
	if two := rowAbout(t, events, "two"); two["corrected"] != "never" || two["event"] != "Inquiry" || two["toldAt"] != nil {
		t.Errorf("what never happened goes out as %v", two)
	}
	if four := rowAbout(t, events, "four"); four["corrected"] != nil || four["correctedBy"] != nil || four["toldFields"] != nil {
		t.Errorf("what nobody corrected goes out as %v", four)
	}
	handed := rowAbout(t, rowsOut(t, s, "decisions"), "two")
	if handed["corrected"] != "never" || handed["correctedWhy"] != "our own test" {
		t.Errorf("what was decided by it goes out as %v", handed)
	}
	consent := rowAbout(t, rowsOut(t, s, "consents"), "three")
	if consent["action"] != "given" || consent["stands"] != false || consent["corrected"] != "no_consent" || consent["correctedBy"] != "ops" {
		t.Errorf("a consent that is none goes out as %v", consent)
	}
	lead := rowsOut(t, s, "leads")[0]
	if lead["consent.marketing"] != false || lead["score.interest"] != 0.0 {
		t.Errorf("the lead goes out as %v", lead)
	}
}

// What is shown of one lead shows both, too.
func TestCorrectedFactsOfALead(t *testing.T) {
	t.Parallel()
	s := correctedWorld(t)
	id := engine.Identifier{Kind: engine.ByUser, Value: "u1"}.Lead().String()
	var doc struct{ Facts []FactDoc }
	if err := json.Unmarshal(call(t, s, "GET", "/api/v1/leads/"+id, "", opsKey).Body.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, f := range doc.Facts {
		switch f.MessageID {
		case "one":
			if f.Fields["path"] != "/pricing" || f.KnownFields["path"] != "/cases" || f.KnownAt == nil || len(f.Corrections) != 1 || f.Corrections[0].Who != "ops" {
				t.Errorf("in the API: %+v", f)
			}
			found++
		case "two":
			if !f.Never {
				t.Errorf("in the API: %+v", f)
			}
			found++
		}
	}
	if found != 2 {
		t.Errorf("the API tells of %d of the facts", found)
	}
	page := call(t, s, "GET", "/leads/"+id+"?lang=en", "", opsKey).Body.String()
	for _, want := range []string{"Known now, as corrected", "As it was first told", "chips told", "/cases", "/pricing", "the proxy told another page"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	var person PersonDoc
	if err := json.Unmarshal(call(t, s, "POST", "/api/v1/leads/export", `{"id":"`+id+`"}`, opsKey).Body.Bytes(), &person); err != nil {
		t.Fatal(err)
	}
	if len(person.Evidence) != 1 || !person.Evidence[0].Void || len(person.Evidence[0].Corrections) != 1 {
		t.Errorf("the evidence: %+v", person.Evidence)
	}
}
