package httpd

import (
	"errors"
	"net/http"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/calendar"
)

// ZoneHeader is the header by which every answer of the API names the project's time
// zone, so that whoever prints instants prints them as the project's people read them.
const ZoneHeader = "Nurture-Time-Zone"

// When is a day or an instant as a caller writes it, "" for none. What names no offset
// is of the project's zone, wherever the caller and the server stand.
type When string

// Times is how the instants of a question are read: by the clocks of a zone, and as
// of now.
type Times struct {
	Zone *time.Location
	Now  time.Time
}

// times is how this server reads instants.
func (s *Server) times() Times { return Times{s.zone(), s.now()} }

// zone is the project's, UTC before there are rules.
func (s *Server) zone() *time.Location {
	if p := s.options.Desk.Program(); p != nil && p.Spec().Zone != nil {
		return p.Spec().Zone
	}
	return time.UTC
}

// whenSentences say what is wrong with an instant. What was written stands in none: it
// may be anything.
var whenSentences = map[calendar.Problem]string{
	calendar.NotInstant: " is neither a day nor an instant; write for example 2026-10-05 or 2026-10-05T09:00:00+09:00, or how long ago it was, as 30d",
	calendar.NoSuchDay:  " is a day that no calendar has; write for example 2026-10-05 or 2026-10-05T09:00:00+09:00",
	calendar.NoYear:     " lacks the year; write for example 2026-10-05 or 2026-10-05T09:00:00+09:00",
	calendar.NotClock:   " ends in no time of day; write for example 2026-10-05 09:00 or 2026-10-05T09:00:00+09:00",
	calendar.NotOffset:  " ends in no offset from UTC that we know; write for example 2026-10-05 09:00 or 2026-10-05T09:00:00+09:00",
}

// read reads what a question calls name.
func (t Times) read(name string, text When) (calendar.When, error) {
	w, err := calendar.ParseWhen(string(text), t.Zone, t.Now)
	var m *calendar.Mistake
	if errors.As(err, &m) {
		return w, newProblem(http.StatusUnprocessableEntity, "bad_time", name+whenSentences[m.Problem])
	}
	return w, err
}

// At is the instant at which something happened, of a day its first; 0 for none.
func (t Times) At(name string, text When) (engine.Time, error) {
	if text == "" {
		return 0, nil
	}
	w, err := t.read(name, text)
	return engine.TimeOf(w.From), err
}

// AsOf is the instant as of which something is asked, of a day its end; 0 for none.
func (t Times) AsOf(name string, text When) (engine.Time, error) {
	if text == "" {
		return 0, nil
	}
	w, err := t.read(name, text)
	return engine.TimeOf(w.Last(t.Now)), err
}

// Span is what lies from one instant on and before another, 0 where it is open. A day
// belongs to it whole, at either end.
func (t Times) Span(from string, since When, to string, until When) (begin, end engine.Time, err error) {
	if begin, err = t.At(from, since); err != nil || until == "" {
		return begin, 0, err
	}
	w, err := t.read(to, until)
	end = engine.TimeOf(w.To)
	if err == nil && since != "" && begin >= end {
		err = newProblem(http.StatusUnprocessableEntity, "empty_span", from+" is not before "+to+", so nothing lies between them")
	}
	return begin, end, err
}
