package channeltest

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/seed-456efde2/nurture/plugins/channel"
)

// The verdicts of a trial.
const (
	Passed  Verdict = "passed"
	Failed  Verdict = "failed"
	LeftOut Verdict = "left_out" // the plan has nothing to try it with, or nothing is promised
)

// Verdict is how a trial ended.
type Verdict string

// Result is how one trial ended.
type Result struct {
	Name    channel.Text  `json:"name"`
	Verdict Verdict       `json:"verdict"`
	Why     channel.Text  `json:"why,omitzero"` // not of Passed
	Took    time.Duration `json:"-"`
}

// Report is how a plugin did.
type Report struct {
	Plugin  string   `json:"plugin"`
	Version string   `json:"version"`
	Results []Result `json:"results"`
}

// Count is the number of trials with that verdict.
func (r Report) Count(v Verdict) int {
	n := 0
	for _, result := range r.Results {
		if result.Verdict == v {
			n++
		}
	}
	return n
}

// atOnce is how many trials Examine runs at the same time.
const atOnce = 4

var noHands = channel.Text{En: "the plugin does not get that far", Ja: "プラグインがそこまで進みません"}

// Examine tries the plugin without a test of Go's, and tells each result as it
// comes, in the order of the report. With an error the plugin does not describe
// itself, so that nothing could be tried.
func Examine(ctx context.Context, p Plan, tell func(Result)) (Report, error) {
	p, d, err := p.complete(ctx)
	if err != nil {
		return Report{}, err
	}
	report := Report{Plugin: d.Name, Version: d.Version}
	take := func(r Result) {
		report.Results = append(report.Results, r)
		if tell != nil {
			tell(r)
		}
	}
	first := tryOut(ctx, trials[0], &p, d)
	take(first)
	if first.Verdict == Failed {
		for _, trial := range trials[1:] {
			take(Result{Name: trial.name, Verdict: LeftOut, Why: noHands})
		}
		return report, nil
	}
	results := make([]chan Result, len(trials))
	slots := make(chan struct{}, atOnce)
	for i, trial := range trials[1:] {
		results[i+1] = make(chan Result, 1)
		go func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			results[i+1] <- tryOut(ctx, trial, &p, d)
		}()
	}
	for _, result := range results[1:] {
		take(<-result)
	}
	return report, nil
}

// tryOut runs one trial to its end.
func tryOut(ctx context.Context, trial trial, plan *Plan, d channel.Description) Result {
	p := *plan
	if p.adjust != nil {
		p.adjust(trial.name.En, &p.limits)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	e := &exam{ctx: ctx}
	result := Result{Name: trial.name, Verdict: Passed}
	begin := time.Now()
	ended := make(chan struct{})
	go func() { // Fatal ends it
		defer close(ended)
		defer e.cleanUp()
		if why := trial.run(e, &p, d); why.En != "" {
			result.Verdict, result.Why = LeftOut, why
		}
	}()
	<-ended
	result.Took = time.Since(begin)
	if why := e.complaints(); why != "" {
		result.Verdict, result.Why = Failed, channel.Text{En: why}
	}
	return result
}

// exam is a T outside of Go's tests.
type exam struct {
	ctx context.Context

	mu       sync.Mutex
	wrong    []string
	cleanups []func()
}

// Helper does nothing: complaints name no lines of code.
func (e *exam) Helper() {}

// Parallel does nothing: Examine sees to it.
func (e *exam) Parallel() {}

// Context ends with the examination.
func (e *exam) Context() context.Context { return e.ctx }

// Cleanup calls f at the end, the last one first.
func (e *exam) Cleanup(f func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.cleanups = append(e.cleanups, f)
}

func (e *exam) cleanUp() {
	e.mu.Lock()
	cleanups := slices.Clone(e.cleanups)
	e.mu.Unlock()
	for _, f := range slices.Backward(cleanups) {
		f()
	}
}

// Logf does nothing: a report holds what is wrong.
func (e *exam) Logf(string, ...any) {}

// Errorf notes what is wrong.
func (e *exam) Errorf(format string, args ...any) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.wrong = append(e.wrong, fmt.Sprintf(format, args...))
}

// Fatal notes what is wrong and ends the trial.
func (e *exam) Fatal(args ...any) {
	e.Errorf("%s", fmt.Sprint(args...))
	runtime.Goexit()
}

// Fatalf notes what is wrong and ends the trial.
func (e *exam) Fatalf(format string, args ...any) {
	e.Errorf(format, args...)
	runtime.Goexit()
}

func (e *exam) complaints() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return strings.Join(e.wrong, "\n")
}
