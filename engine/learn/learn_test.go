package learn_test

import (
	"errors"
	"math"
	"testing"

	"github.com/seed-456efde2/nurture/engine/learn"
)

// draw is a generator of examples by a known truth.
type draw struct{ state uint64 }

func (d *draw) unit() float64 {
	d.state += 0x9e3779b97f4a7c15
	z := d.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return float64((z^z>>31)>>11) / (1 << 53)
}

// examples are drawn from P(won) = 1/(1+exp(−(bias + Σ weights·x))).
func examples(seed uint64, n int, bias float64, weights ...float64) []learn.Example {
	d := draw{seed}
	list := make([]learn.Example, n)
	for i := range list {
		e := learn.Example{Lead: i, At: int64(i)}
		z := bias
		for j, w := range weights {
			if d.unit() < 0.4 {
				e.X = append(e.X, learn.Entry{Feature: j, Value: 1})
				z += w
			}
		}
		e.Won = d.unit() < 1/(1+math.Exp(-z))
		list[i] = e
	}
	return list
}

func TestFitFindsTheTruth(t *testing.T) {
	t.Parallel()
	truth := []float64{1.5, 0.5, 0, -1}
	features := []learn.Feature{
		{Name: "strong", Points: 30},
		{Name: "weak", Points: 30},
		{Name: "nothing", Points: 30},
		{Name: "against", Points: -10, Sign: learn.NotPositive},
	}
	list := examples(7, 40_000, -1.2, truth...)
	m, err := learn.Fit(features, list, learn.Options{Ridge: 1})
	if err != nil {
		t.Fatal(err)
	}
	for i, w := range truth {
		if math.Abs(m.Weights[i]-w) > 0.08 {
			t.Errorf("%s weighs %.3f, the truth is %.1f", features[i].Name, m.Weights[i], w)
		}
	}
	// At the minimum no weight has a slope left: Σ wᵢ·(pᵢ−yᵢ)·xᵢ + λ(β−β₀) = 0.
	for j := range truth {
		slope := m.Ridge * (m.Weights[j] - m.Prior[j])
		for i := range list {
			for _, x := range list[i].X {
				if x.Feature == j {
					y := 0.0
					if list[i].Won {
						y = 1
					}
					slope += (m.Chance(&list[i]) - y) * x.Value
				}
			}
		}
		if math.Abs(slope) > 0.01 {
			t.Errorf("the slope of %s is %.4f at the minimum", features[j].Name, slope)
		}
	}
}

func TestUnseenRulesKeepTheirPoints(t *testing.T) {
	t.Parallel()
	features := []learn.Feature{{Name: "seen", Points: 20}, {Name: "also", Points: 20}, {Name: "never", Points: 50}}
	list := examples(13, 5000, -1, 1, 1)
	m, err := learn.Fit(features, list, learn.Options{Ridge: 10})
	if err != nil {
		t.Fatal(err)
	}
	if m.Weights[2] != m.Prior[2] || m.Prior[2] < 2 || m.Prior[2] > 3 {
		t.Errorf("a rule that nobody met weighs %.3f, its 50 points where 20 are worth 1", m.Weights[2])
	}
	if p := learn.Round(features, m, list); math.Abs(p.Each[2]-50) > p.Step {
		t.Errorf("it pays %v now, 50 before", p.Each[2])
	}
}

func TestSignsHold(t *testing.T) {
	t.Parallel()
	features := []learn.Feature{
		{Name: "meant_well", Points: 10, Sign: learn.NotNegative},
		{Name: "good", Points: 10, Sign: learn.NotNegative},
	}
	m, err := learn.Fit(features, examples(3, 5000, 0, -1, 1), learn.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if m.Weights[0] != 0 || m.Weights[1] <= 0.5 {
		t.Errorf("weights are %v; the first must stop at 0", m.Weights)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	f := []learn.Feature{{Name: "a", Points: 1}}
	if _, err := learn.Fit(f, nil, learn.Options{}); !errors.Is(err, learn.ErrNoExamples) {
		t.Errorf("no examples: %v", err)
	}
	if _, err := learn.Fit(f, []learn.Example{{Won: true}}, learn.Options{}); !errors.Is(err, learn.ErrOneOutcome) {
		t.Errorf("one outcome: %v", err)
	}
	bad := []learn.Example{{Won: true, X: []learn.Entry{{Feature: 0, Value: math.NaN()}}}, {}}
	if _, err := learn.Fit(f, bad, learn.Options{}); err == nil {
		t.Error("a value that is not a number was taken")
	}
	bad[0].X[0] = learn.Entry{Feature: 4, Value: 1}
	if _, err := learn.Fit(f, bad, learn.Options{}); err == nil {
		t.Error("a feature that does not exist was taken")
	}
}

func TestRoundKeepsTheMeasure(t *testing.T) {
	t.Parallel()
	features := []learn.Feature{{Name: "a", Points: 60}, {Name: "b", Points: 20}, {Name: "c", Points: 5}}
	list := examples(11, 20_000, -1, 2, 1, 0.02)
	m, err := learn.Fit(features, list, learn.Options{})
	if err != nil {
		t.Fatal(err)
	}
	p := learn.Round(features, m, list)
	if p.Each[0] != 60 {
		t.Errorf("the strongest rule pays %v, not the 60 that the strongest pays today", p.Each[0])
	}
	for i, v := range p.Each {
		if r := math.Mod(v, p.Step); r != 0 {
			t.Errorf("rule %d pays %v, no multiple of %v", i, v, p.Step)
		}
	}
	if exact, rounded := learn.Area(list, m.Log), learn.Area(list, p.Score); rounded < exact-0.002 {
		t.Errorf("rounding costs %.4f of the area", exact-rounded)
	}
}

func TestArea(t *testing.T) {
	t.Parallel()
	value := func(e *learn.Example) float64 { return float64(e.At) }
	for _, c := range []struct {
		name string
		at   []int64
		won  []bool
		want float64
	}{
		{"perfect", []int64{1, 2, 3, 4}, []bool{false, false, true, true}, 1},
		{"reversed", []int64{4, 3, 2, 1}, []bool{false, false, true, true}, 0},
		{"tied", []int64{1, 1, 1, 1}, []bool{false, true, false, true}, 0.5},
		{"mixed", []int64{1, 2, 2, 3}, []bool{false, true, false, true}, 0.875},
		{"one kind", []int64{1, 2}, []bool{true, true}, 0.5},
	} {
		list := make([]learn.Example, len(c.at))
		for i := range list {
			list[i] = learn.Example{Lead: i, At: c.at[i], Won: c.won[i]}
		}
		if got := learn.Area(list, value); got != c.want {
			t.Errorf("%s: %v, not %v", c.name, got, c.want)
		}
	}
}

func TestBarKeepsTheRoom(t *testing.T) {
	t.Parallel()
	value := func(e *learn.Example) float64 { return float64(e.At) }
	list := []learn.Example{{Lead: 0, At: 10}, {Lead: 0, At: 50}, {Lead: 1, At: 40}, {Lead: 2, At: 30}, {Lead: 3, At: 30}, {Lead: 4, At: 5}}
	for room, want := range map[int]float64{1: 50, 2: 40, 3: 35, 4: 30, 9: 5, 0: 55} {
		bar := learn.Bar(list, value, room, 5)
		picks := len(learn.Picks(list, value, bar))
		if picks > room {
			t.Errorf("room for %d: the bar %v lets %d through", room, bar, picks)
		}
		if bar != want {
			t.Errorf("room for %d: the bar is %v, not %v", room, bar, want)
		}
	}
}

func TestAheadKnowsNoise(t *testing.T) {
	t.Parallel()
	list := examples(5, 3000, -1, 1, 1)
	first := func(e *learn.Example) float64 {
		for _, x := range e.X {
			if x.Feature == 0 {
				return 1
			}
		}
		return 0
	}
	both := func(e *learn.Example) float64 { return float64(len(e.X)) }
	if a := learn.Ahead(list, both, first, 200, 1); a < 0.99 {
		t.Errorf("two signals beat one in %.0f %% of resamplings only", 100*a)
	}
	if a := learn.Ahead(list, first, first, 200, 1); a != 0.5 {
		t.Errorf("a score beats itself in %v", a)
	}
}

func TestCalibrationAddsUp(t *testing.T) {
	t.Parallel()
	list := examples(9, 10_000, -1, 2, -1)
	m, err := learn.Fit([]learn.Feature{{Name: "a", Points: 1}, {Name: "b", Points: 1}}, list, learn.Options{})
	if err != nil {
		t.Fatal(err)
	}
	n, last := 0.0, -1.0
	for _, g := range learn.Calibration(m, list, 5) {
		n += g.N
		if g.Told < last {
			t.Errorf("the groups are not in order: %v after %v", g.Told, last)
		}
		last = g.Told
		if came := g.Won / g.N; math.Abs(came-g.Told) > 0.05 {
			t.Errorf("told %.3f, came %.3f", g.Told, came)
		}
	}
	if n != 10_000 {
		t.Errorf("the groups hold %v examples", n)
	}
	if b := learn.Brier(m, list); b <= 0 || b >= 0.25 {
		t.Errorf("the Brier score is %v", b)
	}
}

// Points that fade lie between the steps: the threshold is as fine as it has to be,
// and no finer.
func TestRoundBarLeavesNobodyOut(t *testing.T) {
	t.Parallel()
	value := func(e *learn.Example) float64 { return e.X[0].Value }
	at := func(values ...float64) (list []learn.Example) {
		for i, v := range values {
			list = append(list, learn.Example{Lead: i, At: int64(i), X: []learn.Entry{{Value: v}}})
		}
		return list
	}
	for _, c := range []struct {
		name string
		list []learn.Example
		room int
		want float64
	}{
		{"round", at(60, 40, 40, 20), 3, 40},
		{"faded", at(39.5, 38.2, 30.1, 29.9), 2, 35},
		{"close together", at(39.9, 39.6, 39.3), 2, 39.5},
		{"no room", at(39.9, 39.6), 0, 40},
	} {
		if got := learn.RoundBar(c.list, value, c.room, 10); got != c.want {
			t.Errorf("%s: %v, not %v", c.name, got, c.want)
		}
	}
}
