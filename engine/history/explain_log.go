package history

import (
	"cmp"
	"slices"
	"strings"

	"github.com/seed-456efde2/nurture/engine"
)

// decisions tells what was decided about the subject, the latest first.
func (x *explainer) decisions(out *Explained) {
	most := x.q.Decisions
	if most <= 0 {
		most = 20
	}
	for _, r := range x.all {
		x.decisionsOf(out, r, most+1)
	}
	slices.SortStableFunc(out.Decisions, func(a, b Decided) int {
		return cmp.Compare(b.Decision.At, a.Decision.At)
	})
	if out.More = len(out.Decisions) > most; out.More {
		out.Decisions = out.Decisions[:most]
	}
}

// decisionsOf adds the latest decisions of one journal.
func (x *explainer) decisionsOf(out *Explained, r *Recalled, most int) {
	actions := Actions{}
	for n := range r.Rows {
		actions.Note(&r.Rows[n])
	}
	for n, took := len(r.Rows)-1, 0; n >= 0; n-- {
		row := &r.Rows[n]
		for i := len(row.Decisions) - 1; i >= 0; i-- {
			if !x.about(actions, &row.Decisions[i]) {
				continue
			}
			out.Decisions = append(out.Decisions, r.Explain(n, i))
			if took++; took == most {
				return
			}
		}
	}
}

// about reports whether a decision is about the subject.
func (x *explainer) about(actions Actions, d *engine.Decision) bool {
	s := x.q.Subject
	if s.Kind == "" {
		return d.Kind != engine.Paid && d.Kind != engine.Judged
	}
	return actions.About(s, d)
}

// Actions are what messages were for, as far as a journal has told: "workflow/step",
// or the toss-up. Rows are noted in order of time.
type Actions map[engine.ActionKey]string

// Note takes note of the messages that a row intends, or skips on reaching their step.
func (a Actions) Note(row *engine.Fact) {
	step := ""
	for i := range row.Decisions {
		switch d := &row.Decisions[i]; {
		case d.Kind == engine.Stepped:
			step = d.Subject + "/" + d.Detail
		case d.Kind == engine.Intended:
			a[d.Action] = d.Detail
		case d.Kind == engine.Skipped && a[d.Action] == "":
			a[d.Action] = step
		}
	}
}

// About reports whether a decision is about a subject.
func (a Actions) About(s Subject, d *engine.Decision) bool {
	what := ""
	if sends(d.Kind) {
		what = a[d.Action]
	}
	switch s.Kind {
	case "toss_up":
		return aboutTossUp(s.Name, d) || what == s.Name
	case "stage":
		return d.Kind == engine.Moved && (d.Subject == s.Name || d.Detail == s.Name)
	case "segment":
		return (d.Kind == engine.Joined || d.Kind == engine.Parted) && d.Subject == s.Name
	case "score":
		return d.Kind == engine.Paid && strings.HasPrefix(d.Subject, s.Name+".")
	case "channel":
		return sends(d.Kind) && d.Subject == s.Name
	case "workflow":
		return aboutFlow(s.Name, d) || strings.HasPrefix(what, s.Name+"/")
	case "step":
		return d.Kind == engine.Stepped && d.Subject == s.Name && d.Detail == s.Step || what == s.Name+"/"+s.Step
	}
	return false
}

func aboutTossUp(name string, d *engine.Decision) bool {
	switch d.Kind {
	case engine.Held, engine.TossedUp, engine.Answered, engine.Queued, engine.Turned, engine.DroppedOut,
		engine.Notified, engine.Succeeded, engine.Missed, engine.Doubted:
		return d.Subject == name
	}
	return false
}

func aboutFlow(name string, d *engine.Decision) bool {
	switch d.Kind {
	case engine.Enrolled, engine.Stepped, engine.Left, engine.HeldOut, engine.NotEntered, engine.Reached, engine.Paused, engine.Resumed:
		return d.Subject == name
	case engine.Drawn:
		return strings.HasPrefix(d.Subject, name+"/")
	}
	return false
}

// sends reports a decision about a message.
func sends(kind engine.DecisionKind) bool {
	switch kind {
	case engine.Intended, engine.Permitted, engine.Postponed, engine.Skipped, engine.Sent, engine.Retried, engine.GaveUp:
		return true
	}
	return false
}

// maxCorrections bounds the corrections that are told.
const maxCorrections = 50

// corrections are what was said of the lead's facts, the latest first.
func (m *Memory) corrections(q *ExplainOptions, at engine.Time) ([]Corrected, error) {
	rows, err := m.journal(q.Lead)
	if err != nil {
		return nil, err
	}
	var list []Corrected
	for i := len(rows) - 1; i >= 0 && len(list) < maxCorrections; i-- {
		if e := &rows[i].Event; e.Kind == engine.Correct {
			list = append(list, Corrected{engine.CorrectionOf(e), e.At, e.At > at})
		}
	}
	return list, nil
}
