package kpi

import (
	"errors"
	"fmt"
	"math"
)

// A funnel is read from its end: the result that is needed, divided by the rates
// that are expected, says how many are needed at each step. Beside that stands what
// came, and what may be expected to come by the end of the period.

// FunnelStep is a step as it was counted.
type FunnelStep struct {
	Name   string
	Rate   float64  // expected share of the step before, at most 1; 0: what was observed; unused for the first
	Passed Series   // who passed it, by the hour
	Lags   []Lagged // who passed it after the step before, by the hour of the step before
}

// Lagged is how many passed a step so long after an earlier one.
type Lagged struct {
	Hour  int64 // in which the earlier step was passed
	Hours int64 // until the later one, rounded up; below zero where it came first
	N     int64
}

// Funnel is what a report is made of. Days are days of the project's zone: which
// one today is, and how many the period has, is the caller's to say.
type Funnel struct {
	Goal     int64
	Day      int   // today, from 1; 0 before the period, Days once it is over
	Days     int   // of the period
	From, To int64 // hours of the period
	Now      int64 // hour up to which, without it, was counted
	Steps    []FunnelStep
	Sure     float64 // confidence of the intervals, 0.95 for 95 %
}

// FunnelReport is where a funnel stands.
type FunnelReport struct {
	Rows       []FunnelRow
	Projected  float64 // at the end of the period, at the pace so far
	Bottleneck int     // row whose rate falls the most below what is expected, -1 for none
	Sure       bool    // chance alone does not bring the bottleneck's rate so far below what is expected
	Lever      *Lever  // what closing it would take; nil where nothing is missing or nothing helps
}

// FunnelRow is one step.
type FunnelRow struct {
	Name     string
	Needed   int64 // in all
	ByToday  int64 // by the end of today, as if they came evenly
	Actual   int64
	Pace     float64 // Actual over ByToday, less 1
	HasPace  bool
	Rate     Rate    // of the step before, as it stands today
	Expected float64 // declared, or observed where nothing is declared; 0 while nobody knows
	Observed bool    // Expected is what was observed
	// Ripe is the share of the step before that comes in the end, as far as it was
	// seen: who may still come is no failure. HasRipe is false while nobody had time.
	Ripe     float64
	RipeIn   Interval
	HasRipe  bool
	Waiting  int64 // of the step before, who may still come
	Forecast float64
	Between  Interval
	Lag      Lags
}

// Lever is one rate which, raised alone, brings the goal at the pace so far.
type Lever struct {
	Step   int // its rate to the step before
	From   float64
	To     float64
	Brings int64
	Enough bool // false: even To, which is then 1, brings no more than Brings
}

// Errors of a funnel that makes no sense.
var (
	errNoSteps = errors.New("a funnel has at least two steps and a goal above 0")
	errRates   = errors.New("an expected rate is from 0 to 1")
)

// Check refuses a funnel that says nothing.
func (f *Funnel) Check() error {
	if len(f.Steps) < 2 || f.Goal <= 0 || f.Days <= 0 || f.To <= f.From {
		return fmt.Errorf("read a funnel: %w", errNoSteps)
	}
	for i := 1; i < len(f.Steps); i++ {
		if r := f.Steps[i].Rate; !(r >= 0 && r <= 1) {
			return fmt.Errorf("read the step %s of a funnel: %w", f.Steps[i].Name, errRates)
		}
	}
	return nil
}

// NeededFor divides a goal by the expected rates: how many are needed at each step.
// rates[0] is not read. Above a rate that nobody knows, which is 0, nothing is known.
func NeededFor(goal int64, rates []float64) []int64 {
	needed := make([]int64, len(rates))
	at := float64(goal)
	for i := len(rates) - 1; i >= 0; i-- {
		needed[i] = int64(math.Ceil(at - 1e-6))
		if rates[i] <= 0 {
			break
		}
		at /= rates[i]
	}
	return needed
}

// Report reads a funnel.
func (f *Funnel) Report() (FunnelReport, error) {
	if err := f.Check(); err != nil {
		return FunnelReport{}, err
	}
	if f.Sure == 0 {
		f.Sure = 0.95
	}
	report := FunnelReport{Rows: make([]FunnelRow, len(f.Steps)), Bottleneck: -1}
	for i := range f.Steps {
		s := &f.Steps[i]
		row := &report.Rows[i]
		row.Name, row.Expected = s.Name, s.Rate
		row.Actual = s.Passed.Sum(f.From, min(f.Now, f.To))
		if i > 0 {
			row.Rate = Rate{N: row.Actual, Of: report.Rows[i-1].Actual}
		}
		row.Lag = LagsOf(s.Lags, f.Now)
	}
	f.forecast(report.Rows)
	f.divideBack(report.Rows)
	f.findBottleneck(&report)
	return report, nil
}

// divideBack says how many are needed at each step, in all and by today.
func (f *Funnel) divideBack(rows []FunnelRow) {
	rates := make([]float64, len(rows))
	rates[0] = 1
	for i := 1; i < len(rows); i++ {
		row := &rows[i]
		if row.Expected == 0 {
			row.Observed = true
			if row.Expected = row.Rate.rate(); row.HasRipe {
				row.Expected = math.Max(row.Ripe, row.Expected)
			}
			row.Expected = math.Min(1, row.Expected)
		}
		rates[i] = row.Expected
	}
	needed := NeededFor(f.Goal, rates)
	for i := range rows {
		row := &rows[i]
		row.Needed = needed[i]
		row.ByToday = int64(math.Round(float64(needed[i]) * float64(f.Day) / float64(f.Days)))
		if row.ByToday > 0 {
			row.Pace, row.HasPace = float64(row.Actual)/float64(row.ByToday)-1, true
		}
	}
}

// findBottleneck finds the rate that falls the most below what is expected, and what
// raising it alone would take. A rate that may still ripen is judged by what its
// cohorts came to in the time they had.
func (f *Funnel) findBottleneck(report *FunnelReport) {
	last := len(f.Steps) - 1
	if f.Day > 0 {
		report.Projected = float64(report.Rows[last].Actual) * float64(f.Days) / float64(f.Day)
	}
	worst := 1.0
	for i := 1; i < len(report.Rows); i++ {
		row := &report.Rows[i]
		rate, ok := row.Rate.Value()
		if !ok || row.Observed {
			continue
		}
		if row.HasRipe {
			rate = math.Max(rate, row.Ripe)
		}
		if short := rate / row.Expected; short < worst {
			worst, report.Bottleneck = short, i
			report.Sure = f.upTo(row) < row.Expected
		}
	}
	report.Lever = f.lever(report)
}

// upTo is the upper end of the interval in which a step's rate may be trusted, as
// it stands or as far as it is ripe: what few leads did is no bottleneck yet.
func (f *Funnel) upTo(row *FunnelRow) float64 {
	var high float64
	if in, ok := row.Rate.Wilson(f.Sure); ok {
		high = in.High
	}
	if row.HasRipe {
		high = math.Max(high, row.RipeIn.High)
	}
	return high
}

// lever says to what the bottleneck's rate alone has to rise: everything below it
// grows in proportion.
func (f *Funnel) lever(report *FunnelReport) *Lever {
	i := report.Bottleneck
	if i < 0 || report.Projected <= 0 || report.Projected >= float64(f.Goal) || f.Day >= f.Days {
		return nil
	}
	from, _ := report.Rows[i].Rate.Value()
	if from <= 0 {
		return nil
	}
	to := from * float64(f.Goal) / report.Projected
	if to > 1 {
		return &Lever{Step: i, From: from, To: 1, Brings: int64(math.Floor(report.Projected/from + 1e-9))}
	}
	return &Lever{Step: i, From: from, To: to, Brings: f.Goal, Enough: true}
}
