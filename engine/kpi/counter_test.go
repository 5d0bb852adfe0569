package kpi

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestHourOf(t *testing.T) {
	t.Parallel()
	for unix, want := range map[int64]int64{0: 0, 3599: 0, 3600: 1, -1: -1, -3600: -1, -3601: -2, 1791158400: 497544} {
		at := time.Unix(unix, 0)
		if got := HourOf(at); got != want {
			t.Errorf("%s lies in hour %d, want %d", at.UTC(), got, want)
		}
		if got := HourOfMillis(at.UnixMilli()); got != want {
			t.Errorf("%s in milliseconds lies in hour %d, want %d", at.UTC(), got, want)
		}
		if start := HourStart(want); start.After(at) || !start.Add(time.Hour).After(at) {
			t.Errorf("hour %d begins at %s, and %s lies in it", want, start, at.UTC())
		}
	}
}

func TestSum(t *testing.T) {
	t.Parallel()
	s := Series{{Hour: 1, N: 10}, {Hour: 2, N: 20}, {Hour: 5, N: 50}}
	for _, check := range []struct{ from, to, want int64 }{
		{1, 6, 80},
		{1, 5, 30},
		{1, 2, 10},
		{2, 3, 20},
		{3, 5, 0},
		{0, 1, 0},
		{6, 100, 0},
		{-100, 100, 80},
		{2, 2, 0},
		{5, 1, 0},
	} {
		if got := s.Sum(check.from, check.to); got != check.want {
			t.Errorf("[%d, %d): %d, want %d", check.from, check.to, got, check.want)
		}
	}
	if s.Total() != 80 || Series(nil).Total() != 0 || Series(nil).Sum(0, 9) != 0 {
		t.Error("totals are wrong")
	}
}

// Whatever the order, a counter is the sum of what was added to each hour, and
// neighbouring ranges add up.
func TestCounterIsTheSumOfWhatWasAdded(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var c Counter
		want := map[int64]int64{}
		adds := rapid.SliceOf(rapid.Custom(func(t *rapid.T) Point {
			return Point{Hour: rapid.Int64Range(-5, 5).Draw(t, "hour"), N: rapid.Int64Range(-2, 2).Draw(t, "n")}
		})).Draw(t, "adds")
		for _, p := range adds {
			c.Add(p.Hour, p.N)
			want[p.Hour] += p.N
		}
		from, to := rapid.Int64Range(-6, 6).Draw(t, "from"), rapid.Int64Range(-6, 6).Draw(t, "to")
		var sum, total int64
		for hour, n := range want {
			total += n
			if hour >= from && hour < to {
				sum += n
			}
		}
		if got := c.Sum(from, to); got != sum {
			t.Fatalf("[%d, %d): %d, want %d", from, to, got, sum)
		}
		if got := c.Sum(-99, from) + c.Sum(from, 99); got != total || c.Total() != total {
			t.Fatalf("parts are %d, total %d, want %d", got, c.Total(), total)
		}
		for i, p := range c.Series() {
			if p.N == 0 || i > 0 && c.Series()[i-1].Hour >= p.Hour {
				t.Fatalf("no series: %v", c.Series())
			}
		}
	})
}

func TestSeriesIsACopy(t *testing.T) {
	t.Parallel()
	var c Counter
	c.Add(1, 1)
	s := c.Series()
	c.Add(1, 1)
	if s.Total() != 1 || c.Total() != 2 {
		t.Errorf("series %v, counter %v", s, c.Series())
	}
}
