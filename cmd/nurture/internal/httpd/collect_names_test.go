package httpd

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/store"
)

// deadOf lets the dead events of a world be read again.
type deadOf struct{ w *world }

func (d deadOf) RefusedEvent(seq uint64) (store.BadEvent, bool, error) {
	for _, b := range d.w.bad {
		if b.Seq == seq {
			return b, true, nil
		}
	}
	return store.BadEvent{}, false, nil
}

func (d deadOf) ForgetRefused(...uint64) error                                   { return nil }
func (d deadOf) CountRefused() (int, error)                                      { return len(d.w.bad), nil }
func (d deadOf) Again(context.Context, *store.BadEvent) (*engine.Problem, error) { return nil, nil }

// What is only found in other events is refused at every door, each message by itself,
// with the name under which to send it; its neighbours are taken.
func TestNamedMomentsDoNotArrive(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.options()
	o.Dead = deadOf{w}
	s := newServer(t, o)
	const batch = `{"batch":[
		{"type":"track","event":"Pricing Viewed","userId":"u1","messageId":"m1","properties":{"path":"/pricing"}},
		{"type":"track","event":"inquiry","userId":"u1","messageId":"m2"}]}`
	a := call(t, s, "POST", "/v1/batch", batch, siteKey)
	if a.Code != http.StatusOK || !strings.Contains(a.Body.String(), `"refused":1`) {
		t.Errorf("the batch is answered by %d %s", a.Code, a.Body)
	}
	if len(w.bad) != 1 || w.bad[0].Code != "named_moment" || !strings.Contains(w.bad[0].Text, "pricing_viewed") || !strings.Contains(w.bad[0].Text, "send a page call (page_viewed)") {
		t.Fatalf("the dead letters are %+v", w.bad)
	}
	if got := len(w.known(t)); got != 1 {
		t.Errorf("%d leads are known, want the neighbour's", got)
	}
	strict := call(t, s, "POST", "/v1/batch", batch, siteKey, "X-Strict-Mode: 1")
	if strict.Code != http.StatusBadRequest || !strings.Contains(strict.Body.String(), "named_moment") {
		t.Errorf("in strict mode: %d %s", strict.Code, strict.Body)
	}
	own := call(t, s, "POST", "/v1/track", `{"event":"stage_changed","userId":"u1","messageId":"m3"}`, siteKey, "X-Strict-Mode: 1")
	if own.Code != http.StatusBadRequest || !strings.Contains(own.Body.String(), "reserved_event") {
		t.Errorf("what only nurture brings, in strict mode: %d %s", own.Code, own.Body)
	}
	api := call(t, s, "POST", "/api/v1/events", `{"type":"track","event":"pricing_viewed","userId":"u1","messageId":"m4"}`, opsKey)
	if !strings.Contains(api.Body.String(), "named_moment") {
		t.Errorf("the API answers %d %s", api.Code, api.Body)
	}
	row := call(t, s, "POST", "/api/v1/imports", `{"rows":[{"id":"r1","calls":[{"type":"track","event":"pricing_viewed","userId":"u1"}]}]}`, opsKey)
	if !strings.Contains(row.Body.String(), "named_moment") {
		t.Errorf("a list's row is answered by %d %s", row.Code, row.Body)
	}
	w.bad = []store.BadEvent{
		{Seq: 7, At: engine.TimeOf(monday), Code: "named_moment", Form: "track", Raw: []byte(`{"event":"pricing_viewed","userId":"u1","messageId":"m1"}`)},
		{Seq: 8, At: engine.TimeOf(monday), Code: "reserved_event", Form: "track", Raw: []byte(`{"event":"consent_confirmed","userId":"u1","messageId":"m5"}`)},
	}
	again := call(t, s, "POST", "/api/v1/bad-events/redrive", `{"seqs":[7,8]}`, opsKey)
	var out DeadOutcome
	if err := json.Unmarshal(again.Body.Bytes(), &out); err != nil || out.Taken != 0 || len(out.Left) != 2 ||
		out.Left[0].Code != "named_moment" || out.Left[1].Code != "reserved_event" {
		t.Errorf("read again: %d %s", again.Code, again.Body)
	}
}
