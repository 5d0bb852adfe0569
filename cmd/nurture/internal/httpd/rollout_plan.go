package httpd

import (
	"fmt"
	"strings"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/rollout"
	"github.com/seed-456efde2/nurture/engine"
)

// PlanRollout is how proposed rules would go live step by step.
type PlanRollout struct {
	ShadowFor string        `json:"shadow,omitempty" example:"1h"`
	Percent   float64       `json:"canary" doc:"Percent of the leads that try them."`
	BakeFor   string        `json:"bake,omitempty" example:"1d"`
	Guards    []string      `json:"guards" doc:"What takes them back."`
	Nothing   bool          `json:"nothingToTry,omitempty" doc:"Neither a workflow nor a toss-up is changed, so there is no canary."`
	Obstacles []ObstacleDoc `json:"obstacles,omitempty" doc:"Why they cannot be tried by a part of the leads: somebody promotes them after the shadow, or they are mended."`
	Unheard   *ObstacleDoc  `json:"unheard,omitempty" doc:"Why nobody would be told if they were taken back, though they name a channel."`
	Replaces  bool          `json:"replaces,omitempty" doc:"Another change is being rolled out, whose place they take."`
}

// ObstacleDoc is a sentence in both languages.
type ObstacleDoc struct {
	En string `json:"en"`
	Ja string `json:"ja"`
}

// NewPlanRollout tells how rules would go live.
func NewPlanRollout(s *rollout.State, spec *engine.RolloutSpec, replaces bool) *PlanRollout {
	d := &PlanRollout{Percent: s.Terms.Canary, Nothing: s.Nothing, Guards: []string{}, Replaces: replaces}
	if s.Terms.Shadow > 0 {
		d.ShadowFor = s.Terms.Shadow.String()
	}
	if s.Terms.Bake > 0 {
		d.BakeFor = s.Terms.Bake.String()
	}
	for i := range spec.Guards {
		d.Guards = append(d.Guards, spec.Guards[i].When.Source())
	}
	for _, o := range s.Obstacles {
		d.Obstacles = append(d.Obstacles, ObstacleDoc{o.En, o.Ja})
	}
	if s.Unheard != nil {
		d.Unheard = &ObstacleDoc{s.Unheard.En, s.Unheard.Ja}
	}
	return d
}

// text tells of it in a plan, one line each.
func (d *PlanRollout) text(lang string) []string {
	say := func(en, ja string, args ...any) string { return fmt.Sprintf(word{ja, en}.in(langName(lang)), args...) }
	var steps []string
	if d.ShadowFor != "" {
		steps = append(steps, say("shadow for %s", "並行判定 %s", d.ShadowFor))
	}
	if d.Percent > 0 && !d.Nothing && len(d.Obstacles) == 0 {
		steps = append(steps, say("%s%% of new entrants for %s", "新しく入るリードの%s%%で %s", trim(d.Percent), d.BakeFor))
	}
	steps = append(steps, say("everybody", "全員"))
	lines := []string{say("Applied, this goes live step by step: %s.", "適用すると、順に本番になります: %s。", strings.Join(steps, " → "))}
	if len(d.Guards) > 0 && d.Percent > 0 && !d.Nothing && len(d.Obstacles) == 0 {
		lines = append(lines, say("Taken back if %s.", "元に戻す条件: %s。", strings.Join(d.Guards, say(", or ", "、または "))))
	}
	for _, o := range d.Obstacles {
		lines = append(lines, "! "+say("It cannot be tried by a part of the leads: %s", "一部のリードで試せません: %s", word{o.Ja, o.En}.in(langName(lang))))
	}
	if d.Unheard != nil {
		lines = append(lines, "! "+word{d.Unheard.Ja, d.Unheard.En}.in(langName(lang)))
	}
	if d.Replaces {
		lines = append(lines, say("It takes the place of the change that is being rolled out.", "いまロールアウト中の変更に置き換わります。"))
	}
	return lines
}
