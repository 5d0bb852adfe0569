package engine

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// A review is a report of figures, funnels, experiments and changes that is made at
// the times of a schedule. Each review has an entity: it knows up to when reports
// were made, and keeps the one that is on its way. Whoever can read the figures makes
// the report and asks the entity to take it in; the entity takes each scheduled
// instant once, so that a crash between the making and the sending repeats nothing
// and loses nothing.

// ReviewSpec is a scheduled report to our own people.
type ReviewSpec struct {
	Name     string
	Label    string
	Schedule Occurrences // in the project's zone
	Compare  Span        // time it looks back, and compares with the same before
	Channel  string      // "" where it is only read on demand
	Kind     string      // step kind that the channel's plugin brings
	To       string      // address, where the channel needs one
}

// ReviewState is the state of an EntityReview.
type ReviewState struct {
	Last Time // scheduled instant of the latest report, or when the review was first known
}

// What the entity of a review is asked.
const (
	reviewKnown = "known" // it is in the rules from now on
	reviewMade  = "made"  // the report of the instant At
)

// reviewStep begins the Pending.Step of a report: "review/NAME".
const reviewStep = "review/"

// reportPart begins the name of a field that is a part of the report.
const reportPart = "part:"

// Review is the review of that name, nil when the rules have none.
func (p *Program) Review(name string) *ReviewSpec {
	if name == RolloutReview && p.spec.Rollout != nil {
		return p.spec.Rollout.notice()
	}
	i := slices.IndexFunc(p.spec.Reviews, func(r ReviewSpec) bool { return r.Name == name })
	if i < 0 {
		return nil
	}
	return &p.spec.Reviews[i]
}

// ID is the entity of the review.
func (r *ReviewSpec) ID() LeadID { return EntityID(EntityReview, r.Name) }

// DueAt is the scheduled instant for which a report is to be made now, 0 for none.
// Of several that were missed only the latest is made: it covers the time since.
func (r *ReviewSpec) DueAt(s *ReviewState, now Time, zone *time.Location) Time {
	var due Time
	for at := s.Last; ; {
		next, ok := r.Schedule.Next(at.In(zone))
		if at = TimeOf(next); !ok || at > now {
			return due
		}
		due = at
	}
}

// Known is the fact by which the entity learns that its review is in the rules.
func (r *ReviewSpec) Known(now Time) Event { return r.fact(reviewKnown, now, now) }

// Made is the fact that brings the report of a scheduled instant, as finished parts.
func (r *ReviewSpec) Made(at, now Time, parts []Field) Event {
	e := r.fact(reviewMade, at, now)
	for _, part := range parts {
		e.Fields = append(e.Fields, Field{reportPart + part.Name, part.Value})
	}
	return e
}

func (r *ReviewSpec) fact(name string, at, now Time) Event {
	return Event{Kind: Ask, Lead: r.ID(), Source: EntityReview.String(), User: r.Name, Name: name, At: at, Received: now}
}

// review decides about the entity of a review.
func (f *Frame) review(e *Event) {
	if e.Kind != Ask {
		f.figure(e) // its message goes its way as a figure's notice does
		return
	}
	s, spec := f.l.Review, f.p.Review(f.l.User)
	if spec == nil || s.Last != 0 && e.At <= s.Last {
		return
	}
	s.Last = e.At
	if e.Name != reviewMade {
		return
	}
	f.derived = append(f.derived, Derived{Name: "review_made", At: e.At, Fields: []Field{{"review", TextValue(spec.Name)}}})
	if spec.Channel == "" {
		return
	}
	f.intend(Pending{
		Key:  newHasher("review").text(spec.Name).number(int64(e.At)).key(),
		Lane: LaneTransactional, Channel: spec.Channel, Step: reviewStep + spec.Name, Reasons: partsJSON(e.Fields),
	}, reviewStep+spec.Name)
}

// reportJSON is a part of a report on its way.
type reportJSON struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	JSON  bool   `json:"json,omitempty"`
}

func partsJSON(fields []Field) string {
	var parts []reportJSON
	for _, f := range fields {
		if name, ok := strings.CutPrefix(f.Name, reportPart); ok {
			parts = append(parts, reportJSON{name, f.Value.Text(), f.Value.Kind() == JSON})
		}
	}
	b, err := json.Marshal(parts)
	if err != nil {
		return "[]" // texts always have a form
	}
	return string(b)
}

// reviewOf is the review that an action reports, nil when it is none or the rules
// have it no more.
func (p *Program) reviewOf(a *Pending) *ReviewSpec {
	name, ok := strings.CutPrefix(a.Step, reviewStep)
	if !ok || a.Workflow != "" || a.TossUp != "" {
		return nil
	}
	return p.Review(name)
}

// report is a report's parts, as they were made: a Content that reads nothing.
type report struct{ parts []Field }

func reportOf(a *Pending) report {
	var list []reportJSON
	var r report
	if json.Unmarshal([]byte(a.Reasons), &list) != nil {
		return r
	}
	for _, part := range list {
		v := TextValue(part.Value)
		if part.JSON {
			v = JSONValue(part.Value)
		}
		r.parts = append(r.parts, Field{part.Name, v})
	}
	return r
}

func (report) Reads() []Key                     { return nil }
func (report) Source() string                   { return "review" }
func (report) Meaning() string                  { return "review" }
func (report) Place() Place                     { return Place{} }
func (r report) Render(*Vars) ([]Field, error)  { return slices.Clone(r.parts), nil }
func putReview(b []byte, s *ReviewState) []byte { return putTime(b, s.Last) }
func (r *reader) review() *ReviewState          { return &ReviewState{Last: r.time()} }
