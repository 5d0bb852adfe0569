package learn

import (
	"cmp"
	"math"
	"slices"
)

// Points are a model in the form of a scoring rule: whole points for each feature.
type Points struct {
	Each   []float64 // by feature
	Step   float64   // all are multiples of it
	PerLog float64   // points for one unit of log-odds
}

// Score is the sum of an example's points.
func (p *Points) Score(e *Example) float64 {
	sum := 0.0
	for _, x := range e.X {
		sum += p.Each[x.Feature] * x.Value
	}
	return sum
}

// Steps are the roundings that are tried, the most readable first.
var steps = [...]float64{10, 5, 2, 1, 0.5}

// Round brings a model's weights to points: the strongest rule pays what the
// strongest pays today, so that thresholds, notes and habits keep their measure. Of
// the roundings it takes the coarsest that orders the examples nearly as well as
// the exact weights do (an area under the curve at most 0.002 smaller).
func Round(features []Feature, m *Model, examples []Example) Points {
	strongest, today := 0.0, 0.0
	for i, w := range m.Weights {
		strongest = max(strongest, math.Abs(w))
		today = max(today, math.Abs(features[i].Points))
	}
	if today == 0 {
		today = 100
	}
	perLog := 0.0
	if strongest > 0 {
		perLog = today / strongest
	}
	exact := Area(examples, m.Log)
	var p Points
	for _, step := range steps {
		p = Points{Each: make([]float64, len(features)), Step: step, PerLog: perLog}
		for i, w := range m.Weights {
			p.Each[i] = math.Round(w*perLog/step)*step + 0 // no negative zero
		}
		if Area(examples, p.Score) >= exact-0.002 {
			break
		}
	}
	return p
}

// Pick is the first moment at which a lead would have been handed over.
type Pick struct {
	Example int // index of the example
	Score   float64
	Won     bool
}

// Picks are the leads that come to the bar, each at its first example there, in
// order of time.
func Picks(examples []Example, score func(*Example) float64, bar float64) []Pick {
	var picks []Pick
	taken := map[int]bool{}
	for _, i := range inTime(examples) {
		e := &examples[i]
		if taken[e.Lead] {
			continue
		}
		if s := score(e); s >= bar-1e-9 {
			taken[e.Lead] = true
			picks = append(picks, Pick{i, s, e.Won})
		}
	}
	return picks
}

// Top are the n leads that ever come to the highest scores, each at its first
// example there; of equals those that come first. It is how sales with room for n
// would be served by the score alone.
func Top(examples []Example, score func(*Example) float64, n int) []Pick {
	best := map[int]Pick{}
	for _, i := range inTime(examples) {
		e := &examples[i]
		s := score(e)
		if old, ok := best[e.Lead]; !ok || s > old.Score {
			best[e.Lead] = Pick{i, s, e.Won}
		}
	}
	picks := make([]Pick, 0, len(best))
	for _, p := range best {
		picks = append(picks, p)
	}
	slices.SortFunc(picks, func(a, b Pick) int {
		x, y := &examples[a.Example], &examples[b.Example]
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(x.At, y.At), cmp.Compare(x.Lead, y.Lead))
	})
	return picks[:min(n, len(picks))]
}

func inTime(examples []Example) []int {
	order := make([]int, len(examples))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(examples[a].At, examples[b].At) })
	return order
}

// Bar is the threshold, a multiple of step, at which as many leads as there is room
// for are handed over, and no more; of those that hand over the same leads, the
// highest.
func Bar(examples []Example, score func(*Example) float64, room int, step float64) float64 {
	best := map[int]float64{} // the highest that each lead ever comes to
	for i := range examples {
		e := &examples[i]
		s := score(e)
		if old, ok := best[e.Lead]; !ok || s > old {
			best[e.Lead] = s
		}
	}
	tops := make([]float64, 0, len(best))
	for _, s := range best {
		tops = append(tops, s)
	}
	slices.SortFunc(tops, func(a, b float64) int { return cmp.Compare(b, a) })
	if len(tops) == 0 {
		return 0
	}
	if room >= len(tops) {
		return floorTo(tops[len(tops)-1], step)
	}
	if room <= 0 {
		return floorTo(tops[0], step) + step
	}
	bar := ceilTo(tops[room-1], step)
	if floor := floorTo(tops[room-1], step); floor > tops[room]+1e-9 {
		bar = floor
	}
	for over(tops, bar) > room {
		bar += step
	}
	return bar
}

// RoundBar is the roundest threshold that fills the room: of steps from coarsest
// down, the first at which nearly as many leads are handed over as at any. Scores
// that fade lie between the steps of the points, and a threshold at such a step could
// leave everybody out.
func RoundBar(examples []Example, score func(*Example) float64, room int, coarsest float64) float64 {
	type choice struct {
		bar   float64
		leads int
	}
	var choices []choice
	most := 0
	for _, step := range steps {
		if step > coarsest {
			continue
		}
		bar := Bar(examples, score, room, step)
		c := choice{bar, len(Picks(examples, score, bar))}
		choices = append(choices, c)
		most = max(most, c.leads)
	}
	for _, c := range choices {
		if float64(c.leads) >= 0.95*float64(most) {
			return c.bar
		}
	}
	return Bar(examples, score, room, coarsest)
}

func over(tops []float64, bar float64) int {
	n := 0
	for n < len(tops) && tops[n] >= bar-1e-9 {
		n++
	}
	return n
}

func floorTo(v, step float64) float64 { return math.Floor(v/step+1e-9) * step }
func ceilTo(v, step float64) float64  { return math.Ceil(v/step-1e-9) * step }
