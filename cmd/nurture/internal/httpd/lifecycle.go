package httpd

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/calendar"
)

// LifecycleDoc is how leads go through the stages.
type LifecycleDoc struct {
	At      *time.Time   `json:"at" doc:"As of when: what takes long to find out is told again for a while."`
	Over    string       `json:"over,omitempty" doc:"Moves of this time; absent: all that are kept."`
	Stages  []StageDoc   `json:"stages"`
	Moves   []MoveDoc    `json:"moves" doc:"How often leads went from one stage to another."`
	Overdue []OverdueDoc `json:"overdue" doc:"Who has stayed longer than the stage allows, the longest overdue first; at most 200."`
}

// StageDoc is one stage. Time is told in days.
type StageDoc struct {
	Name    string   `json:"name"`
	Label   string   `json:"label,omitempty"`
	Here    int64    `json:"here" doc:"Leads that stand there now."`
	Entered int64    `json:"entered"`
	Left    int64    `json:"left"`
	Back    int64    `json:"back" doc:"Of those who left, who went to an earlier stage."`
	Median  *float64 `json:"median_days,omitempty" doc:"Half of those who left had stayed no longer."`
	P90     *float64 `json:"p90_days,omitempty"`
	Waiting *float64 `json:"waiting_median_days,omitempty" doc:"Half of those who stand there have stayed no longer until now."`
	Within  string   `json:"within,omitempty" doc:"How long a lead may stay."`
	Overdue int64    `json:"overdue"`
	Kept    *float64 `json:"kept,omitempty" doc:"Of those who left, the share that did in time."`
}

// MoveDoc is a way between two stages.
type MoveDoc struct {
	From    string           `json:"from"`
	To      string           `json:"to"`
	Back    bool             `json:"back"`
	Count   int64            `json:"count"`
	Reasons map[string]int64 `json:"reasons" doc:"What moved them: an event, a rejection with its reason, a condition."`
	Why     []WhyDoc         `json:"why" doc:"The same in words, the most frequent first."`
}

// OverdueDoc is a lead that has stayed too long.
type OverdueDoc struct {
	Lead  string     `json:"lead" doc:"Internal id."`
	Stage string     `json:"stage"`
	Since *time.Time `json:"since"`
	Due   *time.Time `json:"due"`
}

// maxOverdue bounds the list of overdue leads.
const maxOverdue = 200

// ReadLifecycle reads the stages from the leads of a store: who stands where from
// their rows, what happened before from the journals of those who have moved.
func ReadLifecycle(p *engine.Program, people People, now engine.Time, over engine.Span) (LifecycleDoc, error) {
	w := newStageWalk(p, now, over)
	for part := range people.Partitions() {
		if err := w.partition(people, part); err != nil {
			return LifecycleDoc{}, fmt.Errorf("read the stages: %w", err)
		}
	}
	return w.doc(), nil
}

func (s *Server) lifecycle(over string) (LifecycleDoc, error) {
	p := s.options.Desk.Program()
	if p == nil {
		return LifecycleDoc{Stages: []StageDoc{}, Moves: []MoveDoc{}, Overdue: []OverdueDoc{}}, nil
	}
	span, err := parseSpan(over)
	if err != nil {
		return LifecycleDoc{}, err
	}
	return s.walkedLifecycle(p, span)
}

// parseSpan reads a length of time of a query, "" for none.
func parseSpan(text string) (engine.Span, error) {
	if text == "" {
		return 0, nil
	}
	length, err := calendar.ParseLength(text)
	span, fixed := length.Fixed()
	if err != nil || !fixed || span <= 0 {
		return 0, newProblem(http.StatusBadRequest, "bad_length", "a length of time is written as in 90d or 12h")
	}
	return engine.Span(span.Milliseconds()), nil
}

// stageWalk adds up what leads did.
type stageWalk struct {
	p      *engine.Program
	now    engine.Time
	since  engine.Time
	over   engine.Span
	place  map[string]int
	stages []stageSums
	moves  map[[2]string]*MoveDoc
	whys   map[string]moveReason // the reasons of all moves, by their codes
	late   []OverdueDoc
}

type stageSums struct {
	StageDoc
	stayed, waits []engine.Span
	inTime        int64
}

func newStageWalk(p *engine.Program, now engine.Time, over engine.Span) *stageWalk {
	w := &stageWalk{p: p, now: now, over: over, place: map[string]int{}, moves: map[[2]string]*MoveDoc{}, whys: map[string]moveReason{}}
	if over > 0 {
		w.since = now.Add(-over)
	}
	for i, s := range p.Spec().Stages {
		w.place[s.Name] = i
		sums := stageSums{StageDoc: StageDoc{Name: s.Name, Label: s.Label}}
		if !s.Within.IsZero() {
			sums.Within = s.Within.String()
		}
		w.stages = append(w.stages, sums)
	}
	return w
}

func (w *stageWalk) partition(people People, part int) error {
	var l engine.Lead
	return people.Leads(part, engine.LeadID{}, 0, func(id engine.LeadID, row []byte) error {
		if engine.RowEntity(row) != engine.NoEntity {
			return nil
		}
		l.Reset(id)
		if err := engine.DecodeLead(row, &l); err != nil {
			return err
		}
		if l.Into.IsZero() {
			w.stands(&l)
		}
		if l.Acts.Stage == "" || l.Into.IsZero() && l.Acts.StageSince == l.FirstSeen {
			return nil // it has never moved
		}
		came, begun := l.FirstSeen, false
		return people.Facts(part, id, func(row *engine.Fact) error {
			for i := range row.Decisions {
				if d := &row.Decisions[i]; d.Kind == engine.Moved {
					if at, ok := w.place[d.Subject]; ok && !begun && came >= w.since {
						w.stages[at].Entered++ // it began there
					}
					w.moved(d, came, reasonOf(w.p, row, d))
					came, begun = d.At, true
				}
			}
			return nil
		})
	})
}

// stands counts a lead where it is.
func (w *stageWalk) stands(l *engine.Lead) {
	i, ok := w.place[l.Acts.Stage]
	if !ok {
		return
	}
	s := &w.stages[i]
	s.Here++
	s.waits = append(s.waits, engine.Span(w.now-l.Acts.StageSince))
	if l.Acts.StageSince == l.FirstSeen && l.FirstSeen >= w.since {
		s.Entered++
	}
	if due := w.due(i, l.Acts.StageSince); due != 0 && due < w.now {
		s.Overdue++
		w.late = append(w.late, OverdueDoc{Lead: l.ID.String(), Stage: s.Name, Since: instant(l.Acts.StageSince), Due: instant(due)})
	}
}

// due is until when a lead may stay that came at an instant, 0 for ever.
func (w *stageWalk) due(stage int, came engine.Time) engine.Time {
	s := &w.p.Spec().Stages[stage]
	if s.Within.IsZero() {
		return 0
	}
	return engine.TimeOf(s.Within.After(came.In(w.p.Spec().Zone), w.p.Spec().Calendar))
}

// moved counts a move.
func (w *stageWalk) moved(d *engine.Decision, came engine.Time, reason moveReason) {
	if d.At < w.since {
		return
	}
	from, known := w.place[d.Subject]
	to, there := w.place[d.Detail]
	if there {
		w.stages[to].Entered++
	}
	back := known && there && to < from
	if known {
		s := &w.stages[from]
		s.Left++
		s.stayed = append(s.stayed, engine.Span(d.At-came))
		if due := w.due(from, came); due == 0 || d.At <= due {
			s.inTime++
		}
		if back {
			s.Back++
		}
	}
	m := w.moves[[2]string{d.Subject, d.Detail}]
	if m == nil {
		m = &MoveDoc{From: d.Subject, To: d.Detail, Back: back, Reasons: map[string]int64{}}
		w.moves[[2]string{d.Subject, d.Detail}] = m
	}
	m.Count++
	code := reason.code()
	m.Reasons[code]++
	w.whys[code] = reason
}

func (w *stageWalk) doc() LifecycleDoc {
	doc := LifecycleDoc{At: instant(w.now), Stages: []StageDoc{}, Moves: []MoveDoc{}, Overdue: []OverdueDoc{}}
	if w.over > 0 {
		doc.Over = w.over.String()
	}
	for i := range w.stages {
		s := &w.stages[i]
		s.Median, s.P90 = rankDays(s.stayed, 0.5), rankDays(s.stayed, 0.9)
		s.Waiting = rankDays(s.waits, 0.5)
		if s.Within != "" && s.Left > 0 {
			kept := float64(s.inTime) / float64(s.Left)
			s.Kept = &kept
		}
		doc.Stages = append(doc.Stages, s.StageDoc)
	}
	for _, m := range w.moves {
		for code, n := range m.Reasons {
			m.Why = append(m.Why, WhyDoc{n, code, w.whys[code].in(w.p, english), w.whys[code].in(w.p, japanese)})
		}
		slices.SortFunc(m.Why, func(a, b WhyDoc) int {
			return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Reason, b.Reason))
		})
		doc.Moves = append(doc.Moves, *m)
	}
	slices.SortFunc(doc.Moves, func(a, b MoveDoc) int {
		if c := cmp.Compare(w.place[a.From], w.place[b.From]); c != 0 {
			return c
		}
		return cmp.Or(cmp.Compare(w.place[a.To], w.place[b.To]), strings.Compare(a.From+a.To, b.From+b.To))
	})
	slices.SortFunc(w.late, func(a, b OverdueDoc) int { return a.Due.Compare(*b.Due) })
	doc.Overdue = append(doc.Overdue, w.late[:min(len(w.late), maxOverdue)]...)
	return doc
}

// rankDays is the length at the nearest rank of a share, in days; nil of nothing.
func rankDays(list []engine.Span, share float64) *float64 {
	if len(list) == 0 {
		return nil
	}
	slices.Sort(list)
	rank := int(float64(len(list))*share+0.999999999) - 1
	days := float64(list[max(0, min(rank, len(list)-1))]) / float64(engine.Day)
	return &days
}
