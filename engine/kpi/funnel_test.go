package kpi_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/seed-456efde2/nurture/engine/kpi"
)

// quarter is a funnel as a marketer would write it, on its day 38 of 92.
func quarter(actual []int64) *kpi.Funnel {
	names := []string{"reached", "clicked", "inquired", "appointment", "opportunity", "won"}
	rates := []float64{0, .12, .2, .4, .5, .25}
	f := &kpi.Funnel{Goal: 24, Day: 38, Days: 92, From: 0, To: 92 * 24, Now: 38 * 24}
	for i := range names {
		f.Steps = append(f.Steps, kpi.FunnelStep{Name: names[i], Rate: rates[i], Passed: kpi.Series{{Hour: 10, N: actual[i]}}})
	}
	return f
}

func TestFunnelDividesBack(t *testing.T) {
	t.Parallel()
	report, err := quarter([]int64{8940, 1021, 141, 61, 31, 8}).Report()
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, r := range report.Rows {
		got += fmt.Sprintf("%s %d %d %d %+.0f;", r.Name, r.Needed, r.ByToday, r.Actual, math.RoundToEven(r.Pace*100))
	}
	want := "reached 20000 8261 8940 +8;clicked 2400 991 1021 +3;inquired 480 198 141 -29;appointment 192 79 61 -23;opportunity 96 40 31 -22;won 24 10 8 -20;"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if name := report.Rows[report.Bottleneck].Name; name != "inquired" || !report.Sure {
		t.Errorf("the bottleneck is %s, sure: %v; want inquired, surely", name, report.Sure)
	}
	l := report.Lever
	if l == nil || math.Round(l.From*100) != 14 || math.Round(l.To*100) != 17 || l.Brings != 24 || !l.Enough || math.Round(report.Projected) != 19 {
		t.Errorf("the lever is %+v at %v, want inquired from 14 %% to 17 %% for 24 where 19 come", l, report.Projected)
	}
}

func TestFunnelLeverThatIsNotEnough(t *testing.T) {
	t.Parallel()
	report, err := quarter([]int64{900, 108, 22, 9, 2, 1}).Report()
	if err != nil {
		t.Fatal(err)
	}
	if l := report.Lever; l == nil || l.Enough || l.To != 1 {
		t.Errorf("the lever is %+v, want one that is not enough", l)
	}
	if name := report.Rows[report.Bottleneck].Name; name != "opportunity" || report.Sure {
		t.Errorf("the bottleneck is %s, sure: %v; want opportunity, which two of nine may be by chance", name, report.Sure)
	}
	if report, _ = quarter([]int64{9000, 9000, 9000, 9000, 9000, 9000}).Report(); report.Lever != nil || report.Bottleneck != -1 {
		t.Errorf("a funnel on its way has the bottleneck %d and the lever %+v", report.Bottleneck, report.Lever)
	}
	if _, err := (&kpi.Funnel{Goal: 1}).Report(); err == nil {
		t.Error("a funnel without steps was read")
	}
}

// world draws a funnel of three steps with true rates and lags, and gives what had
// happened by a day, and how many pass the last step in the whole period.
func world(r *rand.Rand, days, today int) (f *kpi.Funnel, final int64) {
	const perDay, toSecond, toThird = 12, .4, .5
	f = &kpi.Funnel{Goal: 100, Day: today, Days: days, From: 0, To: int64(days) * 24, Now: int64(today) * 24, Sure: 0.95}
	var passed [3]kpi.Counter
	var lags [3][]kpi.Lagged
	lag := func(mean float64) int64 { return int64(math.Ceil(r.ExpFloat64() * mean * 24)) }
	for hour := range f.To {
		for range poisson(r, perDay/24.) {
			at := [3]int64{hour, -1, -1}
			if r.Float64() < toSecond {
				at[1] = at[0] + lag(6)
				if r.Float64() < toThird {
					at[2] = at[1] + lag(9)
				}
			}
			for i, h := range at {
				if h < 0 || h >= f.To {
					break
				}
				if i == 2 {
					final++
				}
				if h >= f.Now {
					continue
				}
				passed[i].Add(h, 1)
				if i > 0 {
					lags[i] = append(lags[i], kpi.Lagged{Hour: at[i-1], Hours: h - at[i-1], N: 1})
				}
			}
		}
	}
	for i := range passed {
		f.Steps = append(f.Steps, kpi.FunnelStep{Name: fmt.Sprint(i), Rate: .5, Passed: passed[i].Series(), Lags: lags[i]})
	}
	return f, final
}

func poisson(r *rand.Rand, mean float64) int {
	n, p := 0, r.Float64()
	for ; p > math.Exp(-mean); n++ {
		p *= r.Float64()
	}
	return n
}

// The forecast knows that who began lately has not failed: over many funnels it is
// right on the whole, its interval holds what comes as often as it says, and the
// plain projection by pace is far too low.
func TestForecastOverManyFunnels(t *testing.T) {
	t.Parallel()
	const runs = 300
	var off, plain, inside, mean float64
	for seed := range uint64(runs) {
		f, final := world(rand.New(rand.NewPCG(seed, 11)), 90, 35)
		report, err := f.Report()
		if err != nil {
			t.Fatal(err)
		}
		last := report.Rows[2]
		off += last.Forecast - float64(final)
		plain += report.Projected - float64(final)
		mean += float64(final)
		if last.Between.Contains(float64(final)) {
			inside++
		}
	}
	if share := off / mean; math.Abs(share) > 0.05 {
		t.Errorf("the forecast is off by %+.1f %% on the whole", share*100)
	}
	if share := plain / mean; share > -0.15 {
		t.Errorf("the projection by pace is off by only %+.1f %%: these funnels do not show the difference", share*100)
	}
	if share := inside / runs; share < 0.90 || share > 0.995 {
		t.Errorf("%.1f %% of the intervals held what came, want about 95 %%", share*100)
	}
	t.Logf("forecast off by %+.2f %%, projection by %+.1f %%, interval holds %.1f %%", off/mean*100, plain/mean*100, inside/runs*100)
}

// Young cohorts do not lower the ripe rate.
func TestRipeRateIsNotLoweredByTheYoung(t *testing.T) {
	t.Parallel()
	var before kpi.Series
	var lags []kpi.Lagged
	for day := range int64(60) {
		before = append(before, kpi.Point{Hour: day * 24, N: 10})
		if day <= 40 {
			lags = append(lags, kpi.Lagged{Hour: day * 24, Hours: 20 * 24, N: 5}) // half of them, after twenty days
		}
	}
	f := &kpi.Funnel{
		Goal: 1, Day: 60, Days: 90, To: 90 * 24, Now: 60 * 24,
		Steps: []kpi.FunnelStep{{Name: "a", Passed: before}, {Name: "b", Rate: .5, Passed: kpi.Series{{Hour: 30 * 24, N: 205}}, Lags: lags}},
	}
	report, err := f.Report()
	if err != nil {
		t.Fatal(err)
	}
	b := report.Rows[1]
	if plain, _ := b.Rate.Value(); math.Abs(plain-1./3) > 0.01 || math.Abs(b.Ripe-.5) > 1e-9 || report.Bottleneck != -1 {
		t.Errorf("rate %v, ripe %v, bottleneck %d; want a third, a half and none", plain, b.Ripe, report.Bottleneck)
	}
	if b.Waiting != 190 || b.Lag.Median != 20*24 {
		t.Errorf("%d wait and the median is %d h; want 190 and 480", b.Waiting, b.Lag.Median)
	}
}

// Cohorts against counting each lead by hand.
func TestCohortsAgainstCountingByHand(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 5))
	type lead struct {
		start, end int64
		won        bool
	}
	var leads []lead
	var passed kpi.Counter
	var lags []kpi.Lagged
	for range 3000 {
		l := lead{start: r.Int64N(2000)}
		passed.Add(l.start, 1)
		if r.IntN(2) == 0 {
			l.end, l.won = l.start+r.Int64N(900)-5, true
			lags = append(lags, kpi.Lagged{Hour: l.start, Hours: l.end - l.start, N: 1})
		}
		leads = append(leads, l)
	}
	const now = 1900
	bounds, windows := []int64{0, 500, 1200, 2000}, []int64{100, 400}
	for i, row := range kpi.Cohorts(passed.Series(), lags, bounds, windows, now) {
		for j, w := range row.Within {
			var n, of int64
			for _, l := range leads {
				if l.start < bounds[i] || l.start >= bounds[i+1] || l.start+windows[j] >= now {
					continue
				}
				of++
				if l.won && l.end-l.start <= windows[j] {
					n++
				}
			}
			if w.Rate != (kpi.Rate{N: n, Of: of}) {
				t.Errorf("cohort %d within %d h: %v, counted by hand %v", i, windows[j], w.Rate, kpi.Rate{N: n, Of: of})
			}
		}
	}
}

func TestLags(t *testing.T) {
	t.Parallel()
	got := kpi.LagsOf([]kpi.Lagged{{Hour: 0, Hours: 10, N: 3}, {Hour: 0, Hours: -4, N: 1}, {Hour: 5, Hours: 30, N: 1}, {Hour: 90, Hours: 30, N: 9}}, 100)
	if want := (kpi.Lags{N: 5, Early: 1, Median: 10, P90: 30, Max: 30}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if !slices.Equal(kpi.NeededFor(24, []float64{1, .12, .2, 0, .5}), []int64{0, 0, 0, 48, 24}) {
		t.Error(kpi.NeededFor(24, []float64{1, .12, .2, 0, .5}))
	}
}
