package httpd

import (
	"time"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/rollout"
	"github.com/seed-456efde2/nurture/engine"
)

// RolloutNews tells a reader of the live feed that a rollout stands otherwise.
type RolloutNews struct {
	At      time.Time `json:"at"`
	Phase   string    `json:"phase" enum:"shadow,canary,not_judged,promoted,rolled_back,replaced"`
	Waiting bool      `json:"waiting" doc:"Nothing goes on until somebody promotes or aborts it."`
	Paused  bool      `json:"paused"`
	Summary string    `json:"summary" doc:"How it stands, in a sentence of the project's language."`
}

// rolloutNews is how the rollout stands; ok is false while there never was one.
func (s *Server) rolloutNews() (news RolloutNews, ok bool) {
	doc := s.rolloutInShort()
	if doc == nil {
		return news, false
	}
	return RolloutNews{At: s.now(), Phase: doc.Phase, Waiting: doc.Waiting, Paused: doc.Paused, Summary: doc.Summary}, true
}

// rolloutInShort is the rollout under way or ended last, without what has to be
// counted; nil when there never was one, or nobody knows.
func (s *Server) rolloutInShort() *RolloutDoc {
	state, _, err := s.options.Rollouts.Rollouts()
	if err != nil {
		s.log.Warn("how the rollout stands is not known", "error", err)
		return nil
	}
	p := s.options.Desk.Program()
	if state == nil || p == nil {
		return nil
	}
	doc := NewRollout(state, s.now(), p.Spec().Language)
	return &doc
}

var (
	rolloutPhase   = gauge("rollout_phase", "1 for the phase of the rollout that is under way or ended last.", "phase")
	rolloutWaiting = gauge("rollout_waiting", "1 while a rollout waits for somebody to promote or abort it.")
	rolloutLeft    = gauge("rollout_phase_left_seconds", "How long the phase of the rollout lasts yet.")
	rolloutRefused = gauge("rollout_rolled_back", "1 while the last change of rules is one that was taken back.")
	rolloutGuard   = gauge("rollout_guard", "Guards of the rollout: 0 open, 1 held, 2 fired.", "kpi")
)

// collectRollout shows how the rollout stands.
func (m *metrics) collectRollout(send func(figure, float64, ...string)) {
	state, _, err := m.server.options.Rollouts.Rollouts()
	if err != nil || state == nil {
		return
	}
	now := engine.TimeOf(m.server.now())
	for _, phase := range []rollout.Phase{rollout.Shadow, rollout.Canary, rollout.NotJudged, rollout.Promoted, rollout.RolledBack, rollout.Replaced} {
		send(rolloutPhase, flag(state.Phase == phase), string(phase))
	}
	send(rolloutWaiting, flag(state.Waiting(now)))
	send(rolloutRefused, flag(state.Phase == rollout.RolledBack))
	left := 0.0
	if due := state.Due(now); due > now {
		left = float64(due-now) / 1000
	}
	send(rolloutLeft, left)
	levels := map[string]float64{}
	for i := range state.Guards {
		g := &state.Guards[i]
		levels[g.KPI] = max(levels[g.KPI], map[string]float64{"held": 1, "fired": 2}[g.State])
	}
	for kpi, level := range levels {
		send(rolloutGuard, level, kpi)
	}
}
