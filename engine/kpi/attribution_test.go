package kpi_test

import (
	"math"
	"testing"

	"github.com/seed-456efde2/nurture/engine/kpi"
)

func TestSharesOfModels(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		model kpi.Model
		ago   []float64
		want  []float64
	}{
		{kpi.First, []float64{9, 5, 1}, []float64{1, 0, 0}},
		{kpi.Last, []float64{9, 5, 1}, []float64{0, 0, 1}},
		{kpi.Linear, []float64{9, 5, 1, 0}, []float64{.25, .25, .25, .25}},
		{kpi.Position, []float64{3}, []float64{1}},
		{kpi.Position, []float64{3, 1}, []float64{.5, .5}},
		{kpi.Position, []float64{9, 5, 3, 1}, []float64{.4, .1, .1, .4}},
		{kpi.Decay, []float64{14, 7}, []float64{1. / 3, 2. / 3}},
		{kpi.Decay, []float64{70_014, 70_007}, []float64{1. / 3, 2. / 3}},
		{kpi.Decay, nil, nil},
	} {
		got := c.model.Shares(c.ago, 7)
		sum := 0.0
		for i := range got {
			if sum += got[i]; math.Abs(got[i]-c.want[i]) > 1e-12 {
				t.Errorf("%s of %v: %v, want %v", c.model, c.ago, got, c.want)
			}
		}
		if len(got) != len(c.want) || len(got) > 0 && math.Abs(sum-1) > 1e-12 {
			t.Errorf("%s of %v: %v adds up to %v", c.model, c.ago, got, sum)
		}
	}
	if _, err := kpi.ParseModel("u-shaped"); err == nil {
		t.Error("a model that does not exist was taken")
	}
}
