package kpi

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

const day int64 = 24 * hourMillis

// An answer that comes exactly at the end of the time still belongs; the delivery is
// judged one millisecond later.
func TestAnswerAtTheLastInstantBelongs(t *testing.T) {
	t.Parallel()
	const start, within = int64(1_000_000_000_000), int64(7 * day)
	for _, check := range []struct {
		at             int64
		inTime, mature bool
	}{
		{start - 1, false, false},
		{start, true, false},
		{start + within, true, false},
		{start + within + 1, false, true},
	} {
		if got := InTime(start, within, check.at); got != check.inTime {
			t.Errorf("%d after: in time %v, want %v", check.at-start, got, check.inTime)
		}
		if got := Mature(start, within, check.at); got != check.mature {
			t.Errorf("%d after: mature %v, want %v", check.at-start, got, check.mature)
		}
	}
	if Mature(start, int64(math.MaxInt64), int64(math.MaxInt64)) {
		t.Error("what may take for ever is over")
	}
}

// The hours that are mature altogether are exactly those of which every instant is.
func TestMatureHoursAreMatureAtEveryInstant(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		within := rapid.Int64Range(0, 3*day).Draw(t, "within")
		now := rapid.Int64Range(0, 9*day).Draw(t, "now")
		end := MatureHours(within, now)
		if last := end*hourMillis - 1; !Mature(last, within, now) {
			t.Fatalf("the last instant of hour %d is not mature at %d within %d", end-1, now, within)
		}
		if last := (end+1)*hourMillis - 1; Mature(last, within, now) {
			t.Fatalf("hour %d is mature at %d within %d, and not counted", end, now, within)
		}
	})
}

// Yesterday's deliveries are no failures yet.
func TestCohortRateLeavesOutWhatIsNotRipe(t *testing.T) {
	t.Parallel()
	deliveries := Series{{Hour: 0, N: 100}, {Hour: 24, N: 50}, {Hour: 7 * 24, N: 1000}}
	clicks := Series{{Hour: 0, N: 10}, {Hour: 24, N: 1}}
	for _, check := range []struct {
		now     int64
		want    Rate
		waiting int64
	}{
		{7 * day, Rate{0, 0}, 1150},
		{7*day + hourMillis, Rate{10, 100}, 1050},
		{8*day + hourMillis, Rate{11, 150}, 1000},
		{14 * day, Rate{11, 150}, 1000},
		{14*day + hourMillis, Rate{11, 1150}, 0},
	} {
		got, waiting := CohortRate(clicks, deliveries, 0, 7*day, check.now)
		if got != check.want || waiting != check.waiting {
			t.Errorf("after %d h: %v, %d waiting, want %v, %d", check.now/hourMillis, got, waiting, check.want, check.waiting)
		}
	}
	if got, waiting := CohortRate(clicks, deliveries, 24, 7*day, 8*day+hourMillis); got != (Rate{1, 50}) || waiting != 1000 {
		t.Errorf("from the second day on: %v, %d waiting", got, waiting)
	}
}
