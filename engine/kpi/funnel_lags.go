package kpi

import (
	"cmp"
	"math"
	"slices"
)

// Lags is how long those who came took.
type Lags struct {
	N      int64
	Early  int64 // passed the later step first; not among the lengths below
	Median int64 // hours; half took no longer
	P90    int64
	Max    int64
}

// LagsOf tells how long it took who came before the hour now: the smallest length
// that no less than half, or nine tenths, did not exceed. Who passed the later step
// first counts as no time at all and is told apart.
func LagsOf(list []Lagged, now int64) Lags {
	var lags Lags
	sorted := make([]Lagged, 0, len(list))
	for _, l := range list {
		if l.N == 0 || l.Hour+l.Hours > now || l.Hour >= now {
			continue
		}
		lags.N += l.N
		if l.Hours < 0 {
			lags.Early += l.N
		}
		sorted = append(sorted, Lagged{Hours: max(0, l.Hours), N: l.N})
	}
	slices.SortFunc(sorted, func(a, b Lagged) int { return cmp.Compare(a.Hours, b.Hours) })
	lags.Median, lags.P90 = atRank(sorted, lags.N, 0.5), atRank(sorted, lags.N, 0.9)
	if n := len(sorted); n > 0 {
		lags.Max = sorted[n-1].Hours
	}
	return lags
}

// atRank is the length at the nearest rank of a share.
func atRank(sorted []Lagged, total int64, share float64) int64 {
	rank := int64(math.Ceil(share * float64(total)))
	for _, l := range sorted {
		if rank -= l.N; rank <= 0 {
			return l.Hours
		}
	}
	return 0
}

// CohortRow is those who passed the first step in one stretch of time, and how many
// of them passed a later one within each window.
type CohortRow struct {
	From, To int64 // hours
	Passed   int64
	Within   []CohortWindow
	Ever     int64 // by now, however late
	Early    int64 // passed the later step first
}

// CohortWindow is a cohort's rate within one window. Only who had that long is
// judged; who has not waits and has not failed.
type CohortWindow struct {
	Hours   int64
	Rate    Rate
	Waiting int64
}

// Cohorts tells the cohorts that begin in [bounds[i], bounds[i+1]), with each window
// in hours, by what was known before the hour now. Who passed the later step first
// came within any window.
func Cohorts(passed Series, lags []Lagged, bounds, windows []int64, now int64) []CohortRow {
	rows := make([]CohortRow, 0, len(bounds))
	for i := 0; i+1 < len(bounds); i++ {
		row := CohortRow{From: bounds[i], To: bounds[i+1], Passed: passed.Sum(bounds[i], min(bounds[i+1], now))}
		for _, window := range windows {
			// What was passed in the hour h has had its time when h+1+window is over.
			ripe := max(row.From, min(row.To, now-window))
			n := lagged(lags, row.From, ripe, func(l *Lagged) bool { return l.Hours <= window })
			w := CohortWindow{Hours: window, Rate: Rate{N: n, Of: passed.Sum(row.From, ripe)}}
			w.Waiting = row.Passed - w.Rate.Of
			row.Within = append(row.Within, w)
		}
		row.Ever = lagged(lags, row.From, row.To, func(l *Lagged) bool { return l.Hour+l.Hours <= now })
		row.Early = lagged(lags, row.From, row.To, func(l *Lagged) bool { return l.Hours < 0 })
		rows = append(rows, row)
	}
	return rows
}

// lagged counts those of the hours [from, to) whose lag is wanted.
func lagged(list []Lagged, from, to int64, wanted func(*Lagged) bool) int64 {
	var n int64
	for i := range list {
		if l := &list[i]; l.Hour >= from && l.Hour < to && wanted(l) {
			n += l.N
		}
	}
	return n
}
