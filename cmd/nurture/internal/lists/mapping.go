package lists

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed-456efde2/nurture/engine/calendar"
)

// Mapping says what the columns of a file mean. The zero Mapping finds out by their
// names: user_id, anonymous_id, event and time are what they say, everything else is
// an attribute of the lead.
type Mapping struct {
	User    string            `json:"user,omitempty"`      // column of the userId
	Visitor string            `json:"anonymous,omitempty"` // column of the anonymousId
	Event   string            `json:"event,omitempty"`     // name of the event that every row is
	EventIn string            `json:"event_column,omitempty"`
	Time    string            `json:"time,omitempty"`   // column of when it happened
	At      string            `json:"at,omitempty"`     // when it happened, for all rows
	Zone    string            `json:"zone,omitempty"`   // of times without one
	Traits  map[string]string `json:"traits,omitempty"` // column → attribute; with it, no other column is one
	Fields  map[string]string `json:"fields,omitempty"` // column → field of the event
	Ignore  []string          `json:"ignore,omitempty"`
}

// ParseMapping reads a mapping as a file has it.
func ParseMapping(text []byte) (m Mapping, err error) {
	dec := json.NewDecoder(strings.NewReader(strings.TrimPrefix(string(text), bom)))
	dec.DisallowUnknownFields()
	if err = dec.Decode(&m); err != nil {
		return m, fmt.Errorf("read the mapping: %w; it is an object of JSON such as {\"user\": \"会員ID\", \"traits\": {\"メール\": \"email\"}}", err)
	}
	return m, nil
}

// guesses are the names by which columns are known without a mapping.
var guesses = []struct {
	into  func(*Mapping) *string
	names []string
}{
	{func(m *Mapping) *string { return &m.User }, []string{"user_id", "userid", "user"}},
	{func(m *Mapping) *string { return &m.Visitor }, []string{"anonymous_id", "anonymousid"}},
	{func(m *Mapping) *string { return &m.EventIn }, []string{"event"}},
	{func(m *Mapping) *string { return &m.Time }, []string{"timestamp", "time", "at", "date", "日時", "日付"}},
}

// For completes a mapping for a table with these columns: what is not said is found
// by name. What is said and not there is an error that names the columns there are.
func (m Mapping) For(columns []string) (Mapping, error) {
	for _, g := range guesses {
		into := g.into(&m)
		if *into != "" || into == &m.EventIn && m.Event != "" || into == &m.Time && m.At != "" {
			continue
		}
		for _, c := range columns {
			if slices.Contains(g.names, strings.ToLower(strings.ReplaceAll(c, " ", "_"))) {
				*into = c
				break
			}
		}
	}
	named := []string{m.User, m.Visitor, m.EventIn, m.Time}
	named = append(named, slices.Sorted(maps.Keys(m.Traits))...)
	named = append(named, slices.Sorted(maps.Keys(m.Fields))...)
	for _, c := range append(named, m.Ignore...) {
		if c != "" && !slices.Contains(columns, c) {
			return m, fmt.Errorf("there is no column %q; there are: %s", c, strings.Join(columns, ", "))
		}
	}
	if len(m.Fields) > 0 && m.Event == "" && m.EventIn == "" {
		return m, fmt.Errorf("columns are fields of an event, and nothing says which: name it with --event, or its column with --event-column")
	}
	return m, nil
}

// Call is one thing that a row says, for the server.
type Call struct {
	Type    string         `json:"type"`
	Event   string         `json:"event,omitempty"`
	User    string         `json:"userId,omitempty"`
	Visitor string         `json:"anonymousId,omitempty"`
	Time    *time.Time     `json:"timestamp,omitempty"`
	Traits  map[string]any `json:"traits,omitempty"`
	Fields  map[string]any `json:"properties,omitempty"`
}

// Calls are what a row says: who somebody is, and what they did. The lead's key is
// told with both, so that a row without a userId is known by it.
func (m *Mapping) Calls(values map[string]any, zone *time.Location) ([]Call, error) {
	c := Call{User: textOf(values[m.User]), Visitor: textOf(values[m.Visitor])}
	at, err := m.timeOf(values, zone)
	if err != nil {
		return nil, err
	}
	c.Time = at
	traits, fields := map[string]any{}, map[string]any{}
	for name, v := range values {
		switch field, isField := m.Fields[name]; {
		case slices.Contains(m.Ignore, name) || name == m.User || name == m.Visitor || name == m.EventIn || name == m.Time:
		case isField:
			fields[field] = v
		case m.Traits == nil:
			traits[name] = v
		case m.Traits[name] != "":
			traits[m.Traits[name]] = v
		}
	}
	var calls []Call
	if len(traits) > 0 {
		identify := c
		identify.Type, identify.Traits = "identify", traits
		calls = append(calls, identify)
	}
	event := m.Event
	if m.EventIn != "" {
		if event = textOf(values[m.EventIn]); event == "" {
			return nil, fmt.Errorf("the column %q is empty: it is to name the event", m.EventIn)
		}
	}
	if event != "" {
		track := c
		track.Type, track.Event, track.Fields, track.Traits = "track", event, fields, traits
		calls = append(calls, track)
	}
	if len(calls) == 0 {
		return nil, fmt.Errorf("it says nothing about anybody")
	}
	return calls, nil
}

func textOf(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}

// ParseTime reads when something happened, as people write it: of a day its first
// instant. What names no zone is of the given one. The error is a *calendar.Mistake.
func ParseTime(text string, zone *time.Location) (time.Time, error) {
	when, err := calendar.ParseMoment(text, zone)
	return when.From, err
}

func (m *Mapping) timeOf(values map[string]any, zone *time.Location) (*time.Time, error) {
	text := m.At
	if m.Time != "" {
		if text = textOf(values[m.Time]); text == "" {
			return nil, fmt.Errorf("the column %q is empty: it is to say when it happened", m.Time)
		}
	}
	if text == "" {
		return nil, nil
	}
	t, err := ParseTime(text, zone)
	if err != nil {
		return nil, err
	}
	return &t, nil
}
