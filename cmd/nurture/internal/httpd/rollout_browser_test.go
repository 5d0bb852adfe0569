package httpd

import (
	"context"
	"fmt"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/rollout"
	"github.com/seed-456efde2/nurture/engine"
)

// stages is a rollout that does what the page's forms say.
type stages struct {
	*trial

	mu   sync.Mutex
	at   *rollout.State // nil: none yet
	past []rollout.State
}

func newStages(w *world) *stages {
	s := &stages{trial: newTrial(w)}
	s.at = s.state()
	return s
}

// put sets the rollout; change may be nil.
func (s *stages) put(phase rollout.Phase, change func(*rollout.State)) {
	s.trial.mu.Lock()
	s.phase = phase
	at := s.state()
	s.trial.mu.Unlock()
	if change != nil {
		change(at)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at = at
}

// Rollouts implements Rollouts.
func (s *stages) Rollouts() (*rollout.State, []rollout.State, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at, s.past, nil
}

// Decide implements Rollouts.
func (s *stages) Decide(_ context.Context, o RolloutOrder) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.at == nil || s.at.Phase.Over() {
		return ErrNoRollout()
	}
	s.orders = append(s.orders, o)
	at := *s.at
	switch o.Deed {
	case RolloutPause:
		at.Paused = s.now
	case RolloutResume:
		at.Paused = 0
	case RolloutPromote:
		at.Phase, at.Became = rollout.Promoted, 43
	case RolloutAbort:
		at.Phase, at.Became = rollout.RolledBack, 43
	}
	if at.Phase.Over() {
		at.Ending = &rollout.End{Phase: at.Phase, At: s.now, By: o.By, Why: rollout.Text{En: o.Why, Ja: o.Why}}
	}
	s.at = &at
	return nil
}

// heard are the orders that the forms gave: what, and why.
func (s *stages) heard() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []string
	for _, o := range s.orders {
		list = append(list, o.Deed+" "+o.Why)
	}
	return list
}

func serveStages(t *testing.T) (*stages, string) {
	t.Helper()
	w := newWorld(t)
	o := w.options()
	s := newStages(w)
	o.Loopback, o.Rollouts = true, s
	server := httptest.NewServer(newServer(t, o).Handler())
	t.Cleanup(server.Close)
	return s, server.URL
}

// The page of the rollouts in every state, in both languages and widths: nothing
// sticks out, and the browser complains of nothing.
func TestRolloutStatesLookRight(t *testing.T) {
	t.Parallel()
	s, url := serveStages(t)
	b := newBrowser(t)
	b.watch(t)
	none := func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.at = nil
	}
	put := func(phase rollout.Phase, change func(*rollout.State)) func() { return func() { s.put(phase, change) } }
	long := rollout.Text{
		En: "workflow.pricing_nurture_for_manufacturers: leads stand on step.how_to_choose_the_right_plan, which the changed rules do not have and do not say where to go from",
		Ja: "workflow.pricing_nurture_for_manufacturers：step.how_to_choose_the_right_plan にリードがいますが、変更後のルールになく、行き先も書かれていません",
	}
	for _, c := range []struct {
		name, wait string
		put        func()
	}{
		{"nothing", ".empty-page", none},
		{"shadow", "#differences", put(rollout.Shadow, nil)},
		{"canary", "#guards", put(rollout.Canary, nil)},
		{"paused", "#decide", put(rollout.Canary, func(at *rollout.State) { at.Paused = s.now })},
		{"not_judged", "#guards", put(rollout.NotJudged, nil)},
		{"refused", "#decide", put(rollout.Shadow, func(at *rollout.State) { at.Obstacles, at.Blocked = []rollout.Text{long, long}, &long })},
		{"promoted", "#change", put(rollout.Promoted, func(at *rollout.State) {
			at.Became, at.Ending = 43, &rollout.End{Phase: rollout.Promoted, At: s.now, By: "sato", Why: rollout.Text{En: "good figures", Ja: "数字がよい"}}
		})},
		{"rolled_back", "#guards", put(rollout.RolledBack, func(at *rollout.State) { at.Untold = &long })},
		{"replaced", "#change", put(rollout.Replaced, func(at *rollout.State) {
			at.Ending = &rollout.End{Phase: rollout.Replaced, At: s.now, Why: rollout.Text{En: "another change took its place", Ja: "別の変更に代わりました"}}
		})},
	} {
		c.put()
		for _, language := range []string{"ja", "en"} {
			for width, size := range map[string][2]int64{"wide": {1280, 900}, "narrow": {390, 844}} {
				b.look(t, url+"/rollout?lang="+language, c.wait, "light", size, "rollout_"+c.name+"-"+language+"-"+width)
			}
		}
	}
}

// Whoever decides on the page pauses, goes on, promotes and takes back by clicking, and
// says why.
func TestRolloutByClicking(t *testing.T) {
	t.Parallel()
	for language, c := range map[string]struct{ paused, promoted, back, over string }{
		"en": {"paused", "promoted", "rolled back", "no change of rules is being rolled out"},
		"ja": {"一時停止中", "全員に展開", "取り消し", "ロールアウト中の変更はありません"},
	} {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			s, url := serveStages(t)
			b := newBrowser(t)
			b.watch(t)
			open := func() {
				b.must(t, chromedp.EmulateViewport(1280, 900), chromedp.Navigate(url+"/rollout?lang="+language), chromedp.WaitVisible(chromedp.CSS("#decide")))
			}
			sayWhy := func(form, why string) {
				b.must(t, press("#"+form+" summary"), chromedp.SendKeys(chromedp.CSS("#"+form+" input[name=why]"), why))
				b.submit(t, "#"+form+" form button")
			}
			open()
			b.submit(t, `form[action="/rollout/pause"] button`)
			b.waitText(t, ".card .note", c.paused)
			b.submit(t, `form[action="/rollout/resume"] button`)
			b.must(t, chromedp.WaitVisible(chromedp.CSS(`form[action="/rollout/pause"]`)))
			sayWhy("promote", "good")
			b.waitText(t, ".head .pill", c.promoted)
			b.waitText(t, "#rollout", "good")
			s.put(rollout.Canary, nil)
			open()
			sayWhy("abort", "bad")
			b.waitText(t, ".head .pill", c.back)
			b.waitText(t, "#rollout", "bad")
			want := []string{"pause ", "resume ", "promote good", "abort bad"}
			if got := s.heard(); !slices.Equal(got, want) {
				t.Errorf("the forms said %q, want %q", got, want)
			}
			b.quiet(t)
			// What somebody else has ended meanwhile is told, and nothing happens.
			s.put(rollout.Canary, nil)
			open()
			s.put(rollout.Promoted, func(at *rollout.State) { at.Ending = &rollout.End{Phase: rollout.Promoted, At: engine.Time(s.now)} })
			b.submit(t, `form[action="/rollout/pause"] button`)
			b.waitText(t, ".alarm", c.over)
			if n := len(s.heard()); n != len(want) {
				t.Error(fmt.Sprint("the forms said something more: ", s.heard()))
			}
		})
	}
}
