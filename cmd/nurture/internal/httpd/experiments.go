package httpd

import (
	"sync"
	"time"
)

// trialView is an experiment on the overview.
type trialView struct {
	Name    string
	State   string // a name of words
	Mood    string
	Winner  string // the arm it has settled on, and whether it is used
	Missing string // judged leads still to come, "" for none
	Arms    []armRow
}

type armRow struct {
	Name, Mood               string
	Tags                     []string
	Drawn, Judged, Successes string
	Rate, Interval           string
}

// trialBook keeps the experiments as they were read for a while: reading them walks
// all their counters, and the overview is drawn anew with every batch.
type trialBook struct {
	mu    sync.Mutex
	list  []ExperimentDoc
	until time.Time // by the machine's clock
}

func (b *trialBook) read(read func() (ExperimentList, error)) ([]ExperimentDoc, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	start := time.Now()
	if start.Before(b.until) {
		return b.list, nil
	}
	list, err := read()
	if err == nil {
		b.list, b.until = list.Experiments, keepUntil(start)
	}
	return list.Experiments, err
}

// trials are the experiments, for the overview.
func (sc *scribe) trials() []trialView {
	if sc.err != nil {
		return nil
	}
	docs, err := sc.s.trials.read(sc.s.experiments)
	sc.err = err
	views := make([]trialView, 0, len(docs))
	for i := range docs {
		views = append(views, sc.trial(&docs[i]))
	}
	return views
}

// trialMood is the colour of an experiment's state.
var trialMood = map[string]string{"decided": "ok", "stopped": "warn", "mismatched": "bad", "contradictory": "bad"}

func (sc *scribe) trial(x *ExperimentDoc) trialView {
	view := trialView{Name: x.Name, State: x.State, Mood: trialMood[x.State]}
	ahead := x.Leader
	if w := x.Winner; w != nil {
		ahead = w.Arm
		view.Winner = w.Arm + " · " + sc.v.T("proposed")
		if w.Applied {
			view.Winner = w.Arm + " · " + sc.v.T("in_use")
		}
	} else if x.Missing > 0 {
		view.Missing = count(x.Missing)
	}
	for i := range x.Arms {
		a := &x.Arms[i]
		row := armRow{Name: a.Name, Tags: a.Tags, Drawn: count(a.Drawn), Judged: count(a.Trials), Successes: count(a.Successes), Rate: "–", Interval: "–"}
		if a.Name == ahead {
			row.Mood = "ok"
		}
		if a.Rate != nil {
			row.Rate = percent(*a.Rate)
		}
		if a.Low != nil && a.High != nil {
			row.Interval = percent(*a.Low) + "–" + percent(*a.High)
		}
		view.Arms = append(view.Arms, row)
	}
	return view
}
