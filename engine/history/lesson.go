package history

import (
	"cmp"
	"errors"
	"fmt"
	"runtime"
	"slices"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/learn"
)

// Effort says how much of the machine a long reading may take, and who hears of it.
// The zero value takes all cores and tells nobody.
type Effort struct {
	Workers  int                // people are run side by side by so many; 0: one a core
	Begin    func()             // called by each worker as it starts: to lower its priority
	Between  func()             // called by each worker between two leads: to let others go first
	Stopped  func() bool        // asked now and then whether nobody waits any more
	Progress func(done, of int) // hears, from any worker, how many shards of how many are done
}

func (e *Effort) work() work {
	workers := e.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	return work{workers, e.Begin, e.Stopped}
}

// InTime gives the people of a source with their events in order of time: each counts
// from when it happened, wherever the record has it. A server's store, its backup and
// a file of the same events are the same then, however late what came in.
func InTime(of Source) Source { return inTime{of} }

type inTime struct{ of Source }

func (s inTime) Shards() int { return s.of.Shards() }

func (s inTime) Shard(n int, yield func(*Person) error) error {
	var events []engine.Event
	return s.of.Shard(n, func(p *Person) error {
		events = append(events[:0], p.Events...)
		for i := range events {
			events[i].Received = 0 // wall time follows the record's own
		}
		slices.SortStableFunc(events, func(a, b engine.Event) int { return cmp.Compare(a.At, b.At) })
		own := *p
		own.Events = events
		return yield(&own)
	})
}

// Terms are what a lesson has to keep to.
type Terms struct {
	Split    float64 // share of the record, in order of time, to learn from; 0: 0.7
	Capacity int     // leads that sales can take in the time that is learned from; 0: as many as today's rule hands over
}

// Lesson is what the earlier part of a record teaches: points, a threshold, and what
// they are worth on the later part, which it has not seen.
type Lesson struct {
	Examples *Examples
	Cut      engine.Time // between the two parts
	Model    *learn.Model
	Points   learn.Points
	Bar      float64      // the threshold that goes with Points
	Today    learn.Points // as the rules have them

	AreaToday, Area float64 // chance that of a won and a lost lead the score names the right one, on the later part
	Ahead           float64 // how sure it is that Area is the greater one
	Brier           float64 // of the chances told, on the later part
	Calibration     []learn.Group

	late []learn.Example
}

// ErrTooLittle is the error of a record in which too little happened.
var ErrTooLittle = errors.New("that is too little for any weight to mean something")

// The least that weights are learned from.
const (
	leastMoments = 50
	// Better is how sure learned points must be ahead before they are worth a change.
	Better = 0.9
	// calibrationGroups is how many lines a table of calibration has.
	calibrationGroups = 5
)

// Learn fits points and a threshold to the earlier part of the examples, and judges
// them on the later one.
func (x *Examples) Learn(t Terms) (*Lesson, error) {
	if t.Split == 0 {
		t.Split = 0.7
	}
	if !(t.Split > 0.1 && t.Split < 0.95) {
		return nil, fmt.Errorf("split is the share of the record to learn from, from 0.1 to 0.95, not %v", t.Split)
	}
	if t.Capacity < 0 {
		return nil, fmt.Errorf("capacity is how many leads sales can take, not %d", t.Capacity)
	}
	if len(x.List) < leastMoments {
		return nil, fmt.Errorf("there are %d moments to learn from, of %d leads; %w (%d at least)", len(x.List), len(x.Users), ErrTooLittle, leastMoments)
	}
	at := make([]int64, len(x.List))
	for i := range x.List {
		at[i] = x.List[i].At
	}
	slices.Sort(at)
	l := &Lesson{Examples: x, Cut: engine.Time(at[int(t.Split*float64(len(at)))])}
	early, late := x.Part(l.Cut)
	l.late = late
	var err error
	if l.Model, err = learn.Fit(x.Features, early, learn.Options{}); err != nil {
		return nil, fmt.Errorf("learn from the moments before %s: %w", l.Cut, err)
	}
	l.round(early)
	room := t.Capacity / x.OneIn
	if t.Capacity == 0 {
		room = len(learn.Picks(early, l.Today.Score, x.Bar))
	}
	l.Bar = learn.RoundBar(early, l.Points.Score, room, l.Points.Step)
	l.judge()
	return l, nil
}

// round brings the weights to points. What was not learned is not changed.
func (l *Lesson) round(early []learn.Example) {
	x := l.Examples
	l.Points = learn.Round(x.Features, l.Model, early)
	l.Today = learn.Points{Each: make([]float64, len(x.Features)), Step: 1}
	for i := range x.Features {
		l.Today.Each[i] = x.Features[i].Points
		switch {
		case x.Rules[i].Kept:
			l.Points.Each[i] = 1
		case x.Rules[i].Leak != nil:
			l.Points.Each[i] = x.Features[i].Points
		}
	}
}

func (l *Lesson) judge() {
	l.AreaToday, l.Area = learn.Area(l.late, l.Today.Score), learn.Area(l.late, l.Points.Score)
	l.Brier = learn.Brier(l.Model, l.late)
	l.Calibration = learn.Calibration(l.Model, l.late, calibrationGroups)
	if len(l.late) > 0 {
		l.Ahead = learn.Ahead(l.late, l.Points.Score, l.Today.Score, 400, 1)
	}
}

// Better reports whether the learned points are clearly better on what they were not
// learned from.
func (l *Lesson) Better() bool { return l.Ahead >= Better }

// Repaid are the points that are others than today's, by the rule's name.
func (l *Lesson) Repaid() map[string]float64 {
	points := map[string]float64{}
	for i, r := range l.Examples.Rules {
		if !r.Kept && l.Points.Each[i] != l.Today.Each[i] {
			points[r.Name] = l.Points.Each[i]
		}
	}
	return points
}

// First is what the later leads with the highest scores are worth, as many as there
// is room for, by today's points and by the learned ones.
func (l *Lesson) First(room int) (today, learned Worth) {
	served := func(p *learn.Points) Worth {
		var picks []Picked
		for _, top := range learn.Top(l.late, p.Score, room) {
			e := &l.late[top.Example]
			picks = append(picks, Picked{User: l.Examples.Users[e.Lead], At: engine.Time(e.At)})
		}
		return l.Examples.Worth(picks, l.Cut)
	}
	return served(&l.Today), served(&l.Points)
}
