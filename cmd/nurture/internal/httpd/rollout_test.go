package httpd

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/rollout"
	"github.com/seed-456efde2/nurture/engine"
)

// trial is a Rollouts with one change that is tried, and remembers what is decided.
type trial struct {
	lead engine.LeadID
	now  engine.Time

	mu      sync.Mutex
	phase   rollout.Phase
	orders  []RolloutOrder
	changed chan struct{}
}

func newTrial(w *world) *trial {
	return &trial{lead: engine.Identifier{Kind: engine.ByUser, Value: "user-5"}.Lead(), now: engine.TimeOf(w.clock.Now()), phase: rollout.Canary, changed: make(chan struct{})}
}

func (t *trial) state() *rollout.State {
	value, low, high := 0.02, 0.001, 0.2
	s := &rollout.State{
		Phase: t.phase, Candidate: "c0ffee", Base: "beef", From: 41, Revision: 42, Author: "Sato 3f2a9c1", Way: rollout.ByFiles,
		Changed: []string{"~ toss_up.hot_lead", "+ workflow.pricing_nurture.step.resend"},
		Terms:   rollout.Terms{Shadow: engine.Hour, Canary: 10, Bake: engine.Day},
		Began:   t.now.Add(-3 * engine.Hour), Since: t.now.Add(-2 * engine.Hour),
		Guards: []rollout.Guard{{
			When: "kpi.unsubscribe_rate.value > 0.01", KPI: "unsubscribe_rate", Words: rollout.Text{En: "unsubscribe rate is above 0.01", Ja: "解除率が0.01より大きい"},
			State: "open", Share: true, N: 1, Of: 50, Needs: 500, Value: &value, Low: &low, High: &high,
		}},
	}
	if s.Phase == rollout.Shadow {
		s.Guards = nil // they are read once leads try the change
	}
	if s.Phase == rollout.RolledBack {
		s.Guards[0].State, s.Became = "fired", 43
		s.Ending = &rollout.End{Phase: s.Phase, At: t.now, Guard: 1, Why: RolloutWhy(&s.Guards[0])}
	}
	return s
}

func (t *trial) Rollouts() (*rollout.State, []rollout.State, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	past := *t.state()
	past.Phase, past.Became, past.Ending = rollout.Promoted, 40, &rollout.End{Phase: rollout.Promoted, By: "ops", Why: rollout.Text{En: "100 % agreed", Ja: "100 % 合意"}}
	return t.state(), []rollout.State{past}, nil
}

func (t *trial) Changed() <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.changed
}

func (t *trial) Compared() (*RolloutShadow, error) {
	at := t.now.In(time.UTC)
	return &RolloutShadow{Compared: 1200, Alike: 1150, NotCompared: 3, Leads: 44, Differences: []RolloutDifference{
		{Kind: "send", Subject: "mail", Detail: "pricing_nurture/resend", Only: "new", Times: 40, Leads: 38, Examples: []RolloutExample{{Lead: t.lead.String(), At: &at, Event: "email_clicked", New: "mail"}}},
		{Kind: "toss_up", Subject: "hot_lead", Only: "old", Times: 10, Leads: 6, Examples: []RolloutExample{}},
	}}, nil
}

func (t *trial) ArmLeads(context.Context) (in, all int64, err error) { return 101, 1000, nil }

func (t *trial) Decide(_ context.Context, o RolloutOrder) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.orders = append(t.orders, o)
	if o.Deed == RolloutAbort {
		t.phase = rollout.RolledBack
		close(t.changed)
		t.changed = make(chan struct{})
	}
	if t.phase == rollout.RolledBack && o.Deed != RolloutAbort {
		return ErrNoRollout()
	}
	return nil
}

func TestRolloutAPI(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o, rolls := w.options(), newTrial(w)
	o.Rollouts = rolls
	s := newServer(t, o)
	var list RolloutList
	heardAs(t, call(t, s, "GET", "/api/v1/rollout?lang=en", "", opsKey), &list)
	d := list.Rollout
	if d == nil || d.Phase != "canary" || d.Leads.Canary != 101 || len(d.Guards) != 1 || d.Guards[0].Words != "unsubscribe rate is above 0.01" || d.Compared.Leads != 44 || d.LeftSeconds != 22*3600 || len(list.Past) != 1 {
		t.Fatalf("%+v", d)
	}
	text := RolloutText(&list, "en", time.UTC)
	for _, want := range []string{"10% of the leads go by the change, for another 22h", "101 of 1,000", "2%, 1 of 50", "needs 500", "+ send mail pricing_nurture/resend", "- toss-up hot_lead", "100 % agreed"} {
		if !strings.Contains(text, want) {
			t.Errorf("the text lacks %q:\n%s", want, text)
		}
	}
	heardAs(t, call(t, s, "GET", "/api/v1/rollout?lang=ja", "", opsKey), &list)
	if !strings.Contains(RolloutText(&list, "ja", time.UTC), "残り22時間") {
		t.Error(RolloutText(&list, "ja", time.UTC))
	}
	wantStatus(t, call(t, s, "POST", "/api/v1/rollout/abort", `{"why":"not agreed"}`, opsKey), http.StatusOK)
	wantStatus(t, call(t, s, "POST", "/api/v1/rollout/promote", `{}`, opsKey), http.StatusConflict)
	if got := rolls.orders[0]; got.Deed != RolloutAbort || got.Why != "not agreed" || got.By == "" {
		t.Errorf("decided %+v", got)
	}
	metrics := call(t, s, "GET", "/metrics", "", opsKey).Body.String()
	for _, want := range []string{`nurture_rollout_phase{phase="rolled_back"} 1`, `nurture_rollout_phase{phase="canary"} 0`, "nurture_rollout_rolled_back 1", `nurture_rollout_guard{kpi="unsubscribe_rate"} 2`} {
		if !strings.Contains(metrics, want) {
			t.Errorf("the metrics lack %s", want)
		}
	}
	var st StatusDoc
	heardAs(t, call(t, s, "GET", "/api/v1/status", "", opsKey), &st)
	if st.Rollout == nil || !strings.Contains(st.Rollout.Summary, "kpi.unsubscribe_rate.value > 0.01") {
		t.Errorf("the status says %+v", st.Rollout)
	}
}

func TestRolloutPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o, rolls := w.options(), newTrial(w)
	o.Rollouts, o.Loopback = rolls, true
	s := newServer(t, o)
	page := func(lang string) string {
		t.Helper()
		answer := call(t, s, "GET", "/rollout?lang="+lang, "", opsKey)
		wantStatus(t, answer, http.StatusOK)
		return answer.Body.String()
	}
	for lang, wants := range map[string][]string{
		"en": {"Time left", "22h", "unsubscribe rate is above 0.01", "not known yet", "1,200 compared", "Rollouts before", `action="/rollout/promote"`, rolls.lead.String()},
		"ja": {"残り", "22時間", "解除率が0.01より大きい", "まだ分からない", "判定の違い", "これまでのロールアウト"},
	} {
		html := page(lang)
		for _, want := range wants {
			if !strings.Contains(html, want) {
				t.Errorf("%s: the page lacks %q", lang, want)
			}
		}
	}
	rolls.mu.Lock()
	rolls.phase = rollout.Shadow
	rolls.mu.Unlock()
	if html := page("en"); !strings.Contains(html, "looked at once leads try the change") || strings.Contains(html, "Nothing takes it back") {
		t.Error("the page in a shadow does not say that guards come later")
	}
	empty := newServer(t, w.options())
	if html := call(t, empty, "GET", "/rollout?lang=en", "", opsKey).Body.String(); !strings.Contains(html, "No change of rules has been rolled out yet") {
		t.Error("the page of a server without rollouts")
	}
}

// heardAs reads an answer of the API.
func heardAs(t *testing.T, r *httptest.ResponseRecorder, out any) {
	t.Helper()
	wantStatus(t, r, http.StatusOK)
	if err := json.Unmarshal(r.Body.Bytes(), out); err != nil {
		t.Fatal(err)
	}
}

// A guard is said by what its figure is called, a rate's limit in percent.
func TestGuardWords(t *testing.T) {
	t.Parallel()
	kpis := []engine.KPISpec{{Name: "unsubscribe_rate", Label: "Unsubscribed", Rate: "unsubscribed", Of: "email_delivered"}, {Name: "deals_won"}}
	for _, c := range []struct {
		guard  engine.RolloutGuard
		en, ja string
	}{
		{engine.RolloutGuard{KPI: "unsubscribe_rate", Limit: 0.007}, "Unsubscribed is above 0.7%", "Unsubscribedが0.7%より大きい"},
		{engine.RolloutGuard{KPI: "unsubscribe_rate", OrEqual: true, Limit: 0.01}, "Unsubscribed is at least 1%", "Unsubscribedが1%以上"},
		{engine.RolloutGuard{KPI: "deals_won", Below: true, Limit: 3}, "deals won is below 3", "deals wonが3より小さい"},
		{engine.RolloutGuard{KPI: "deals_won", Below: true, OrEqual: true, Limit: 3}, "deals won is at most 3", "deals wonが3以下"},
	} {
		if got := GuardWords(&c.guard, kpis); got.En != c.en || got.Ja != c.ja {
			t.Errorf("%+v is said as %q and %q, want %q and %q", c.guard, got.En, got.Ja, c.en, c.ja)
		}
	}
}
