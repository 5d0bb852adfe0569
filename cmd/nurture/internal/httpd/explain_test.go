package httpd

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
)

// A number is rounded for people only as far as it still compares as it did.
func TestNumbersAreRoundedAsTheyCompare(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n     float64
		bound []float64
		want  string
	}{
		{58.41, nil, "58.4"},
		{70, []float64{70}, "70"},
		{69.9999999999, []float64{70}, "70"}, // equal, as conditions compare
		{69.999999, []float64{70}, "69.999999"},
		{69.96, []float64{70}, "69.96"},
		{69.94, []float64{70}, "69.9"},
		{70.04, []float64{70}, "70.04"},
		{70.000001, nil, "70"},
		{1234567.25, nil, "1,234,567.3"},
		{-0.04, nil, "0"},
		{-0.04, []float64{0}, "-0.04"},
		{320, []float64{100}, "320"},
	} {
		if got := decimalAs(c.n, c.bound); got != c.want {
			t.Errorf("%v beside %v is written %s, want %s", c.n, c.bound, got, c.want)
		}
	}
}

// asked is a call with a JSON body, answered with a document.
func asked[T any](t *testing.T, s *Server, path string, body any, want int) (doc T) {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	answer := call(t, s, "POST", path, string(text), opsKey, "Content-Type: application/json")
	wantStatus(t, answer, want)
	if err := json.NewDecoder(answer.Body).Decode(&doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

// The API explains a lead in both languages, and every answer can be read by whoever
// prints it: a sentence for each condition, a place, a revision.
func TestAPIExplain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := newServer(t, w.options())
	w.live(t, s)
	lead := w.sim.Leads()[5].String()
	for _, lang := range []string{"ja", "en"} {
		d := asked[ExplainDoc](t, s, "/api/v1/explain", map[string]any{"id": lead, "subject": "toss_up.hot_lead", "lang": lang}, http.StatusOK)
		if d.Lead != lead || d.Subject != "toss_up.hot_lead" || d.Revision != 42 || d.Lang != lang || d.Headline == "" || len(d.Parts) != 1 || len(d.Parts[0].Conditions) == 0 {
			t.Fatalf("%s: %+v", lang, d)
		}
		made := slices.IndexFunc(d.Decisions, func(x ExplainDecision) bool { return x.Kind == "tossed_up" })
		if made < 0 || len(d.Decisions[made].Conditions) != len(d.Decisions[made].Because) {
			t.Fatalf("%s: the hand-over is told as %+v", lang, d.Decisions)
		}
		for i, c := range d.Decisions[made].Conditions {
			if b := d.Decisions[made].Because[i]; c.Condition != b.Condition || c.Holds != b.Holds {
				t.Errorf("%s: explained as %+v, the log says %+v", lang, c, b)
			}
		}
	}
	for _, subject := range []string{"", "stage.mql", "channel.mail", "score.interest"} {
		if d := asked[ExplainDoc](t, s, "/api/v1/explain", map[string]any{"id": lead, "subject": subject}, http.StatusOK); d.Headline == "" || len(d.Parts) == 0 {
			t.Errorf("%q: %+v", subject, d)
		}
	}
	for _, c := range []struct {
		body map[string]any
		want int
		code string
	}{
		{map[string]any{"id": "nobody"}, http.StatusNotFound, "no_lead"},
		{map[string]any{"id": lead, "subject": "toss_up.cold"}, http.StatusUnprocessableEntity, "no_such_rule"},
		{map[string]any{"id": lead, "at": "2999-01-01T00:00:00Z"}, http.StatusUnprocessableEntity, "bad_time"},
		{map[string]any{"id": lead, "revision": 7}, http.StatusNotFound, "no_revision"},
	} {
		if p := asked[Problem](t, s, "/api/v1/explain", c.body, c.want); p.Code != c.code {
			t.Errorf("%v: %+v, want %s", c.body, p, c.code)
		}
	}
}

// The decision log is read by lead, kind, rule, revision and time, page by page, the
// latest first and each decision once.
func TestAPIDecisions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := newServer(t, w.options())
	w.live(t, s)
	all := asked[DecisionsDoc](t, s, "/api/v1/decisions", map[string]any{"limit": 1000}, http.StatusOK)
	if len(all.Decisions) < 50 || !slices.IsSortedFunc(all.Decisions, func(a, b LoggedDoc) int { return timeOf(b.At).Compare(timeOf(a.At)) }) {
		t.Fatalf("%d decisions, or not the latest first", len(all.Decisions))
	}
	seen, after := []string{}, ""
	for range 100 {
		page := asked[DecisionsDoc](t, s, "/api/v1/decisions", map[string]any{"limit": 17, "after": after}, http.StatusOK)
		for _, d := range page.Decisions {
			seen = append(seen, fmt.Sprint(d.Lead, d.At, d.Kind, d.Subject, d.Detail))
		}
		if after = page.Next; after == "" || len(seen) >= len(all.Decisions) {
			break
		}
	}
	for i, d := range all.Decisions {
		if want := fmt.Sprint(d.Lead, d.At, d.Kind, d.Subject, d.Detail); i >= len(seen) || seen[i] != want {
			t.Fatalf("decision %d of the pages is not that of the whole list", i)
		}
	}
	lead := w.sim.Leads()[5].String()
	ask := map[string]any{"lead": lead, "kinds": []string{"tossed_up"}, "rule": "toss_up.hot_lead", "revision": 42, "lang": "en"}
	own := asked[DecisionsDoc](t, s, "/api/v1/decisions", ask, http.StatusOK)
	if len(own.Decisions) == 0 {
		t.Fatal("the hand-over is not in the log")
	}
	for _, d := range own.Decisions {
		if d.Lead != lead || d.Kind != "tossed_up" || d.Subject != "hot_lead" || !strings.Contains(d.Text, "Handed to sales") || len(d.Because) == 0 {
			t.Errorf("%+v does not belong there", d)
		}
	}
	ask["until"] = timeOf(own.Decisions[len(own.Decisions)-1].At).Format(time.RFC3339Nano)
	if none := asked[DecisionsDoc](t, s, "/api/v1/decisions", ask, http.StatusOK); len(none.Decisions) != 0 {
		t.Errorf("before the first there are %+v", none.Decisions)
	}
	for code, body := range map[string]map[string]any{
		"no_such_kind": {"kinds": []string{"tossed"}}, "no_such_rule": {"rule": "toss_up.cold"},
	} {
		if p := asked[Problem](t, s, "/api/v1/decisions", body, http.StatusUnprocessableEntity); p.Code != code {
			t.Errorf("%v: %+v, want %s", body, p, code)
		}
	}
}

// Reasons that are not kept any more are told to be gone, not to be none.
func TestExpiredReasonsAreTold(t *testing.T) {
	t.Parallel()
	f := engine.Fact{Decisions: []engine.Decision{{Kind: engine.TossedUp, Subject: "hot", Because: []engine.Reason{{Source: "score.interest >= 70", Holds: true}}}}}
	if !f.ExpireReasons() || f.ExpireReasons() {
		t.Error("reasons go once")
	}
	doc := factDoc(&f)
	if d := doc.Decisions[0]; !d.Expired || len(d.Because) != 0 || d.Kind != "tossed_up" {
		t.Errorf("it is told as %+v", d)
	}
	answer := httptest.NewRecorder()
	if err := json.NewEncoder(answer).Encode(doc); err != nil || !strings.Contains(answer.Body.String(), `"reasonsExpired":true`) {
		t.Errorf("in JSON: %s, %v", answer.Body, err)
	}
}
