package httpd

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"
)

// What was given up is shown by its cause, and a whole cause is retried or
// forgotten at once; who says nothing gets nothing done.
func TestAPICauses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := newServer(t, w.options())
	w.live(t, s)
	causes := get[CausesDoc](t, s, "/api/v1/dead/causes").Causes
	n := 0
	for _, c := range causes {
		n += c.Count
	}
	if n != 2 || !slices.ContainsFunc(causes, func(c CauseDoc) bool {
		return c.Channel == "mail" && c.Code == "no_such_mailbox" && c.Outcome == "refused" && c.First != nil && c.Example != ""
	}) {
		t.Fatalf("causes: %+v", causes)
	}
	do := func(path, body string, want int) {
		t.Helper()
		answer := call(t, s, "POST", path, body, opsKey, "Content-Type: application/json")
		wantStatus(t, answer, http.StatusOK)
		var done DeadDone
		if err := json.NewDecoder(answer.Body).Decode(&done); err != nil || done.Done != want {
			t.Errorf("%s %s: %+v, %v; want %d", path, body, done, err, want)
		}
	}
	wantStatus(t, call(t, s, "POST", "/api/v1/dead/retry", `{}`, opsKey, "Content-Type: application/json"), http.StatusBadRequest)
	do("/api/v1/dead/retry", `{"channel":"nobody"}`, 0)
	do("/api/v1/dead/retry", `{"channel":"mail","outcome":"refused","limit":1}`, 1)
	do("/api/v1/dead/discard", `{"all":true}`, 1)
	if got := w.heard(); !slices.Equal(got, []string{"redrive", "discard"}) {
		t.Errorf("the door heard %v", got)
	}
}
