package httpd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/lists"
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/intake"
)

// importSource is the source of the events of lists.
const importSource = "import"

// maxImport bounds the body of one call, MaxImportRows its rows.
const (
	maxImport     = 8 << 20
	MaxImportRows = 500
)

// ImportOrder is a piece of a list.
type ImportOrder struct {
	Source string      `json:"source,omitempty" maxLength:"512" doc:"A source of kind webhook whose maps read the rows; without it the rows have calls."`
	DryRun bool        `json:"dryRun,omitempty" doc:"Keep nothing, and tell what would happen."`
	Rows   []ImportRow `json:"rows" minItems:"1" maxItems:"500"`
}

// ImportRow is a row of a list: what it says as calls, or its cells for a source's
// maps.
type ImportRow struct {
	ID    string         `json:"id" minLength:"1" maxLength:"400" doc:"Of this row, for ever: the file's digest and the row's number."`
	Calls []lists.Call   `json:"calls,omitempty"`
	Data  map[string]any `json:"data,omitempty"`
}

// ImportResult is what became of the rows, or would.
type ImportResult struct {
	Events     int         `json:"events" doc:"That were taken."`
	Duplicates int         `json:"duplicates" doc:"That were known already."`
	Refused    []RowDoc    `json:"refused"`
	Would      *ImportPlan `json:"would,omitempty" doc:"Of a dry run."`
}

// RowDoc is why a row was refused.
type RowDoc struct {
	Index  int    `json:"index" doc:"Place of the row in the call, from 0."`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// rowEvents are the events of one row.
type rowEvents struct {
	events []engine.Event
	err    *engine.Problem
}

func (s *Server) importRows(ctx context.Context, o *ImportOrder) (ImportResult, error) {
	if err := s.open(); err != nil {
		return ImportResult{}, err
	}
	result := ImportResult{Refused: []RowDoc{}}
	var src *intake.Source
	if o.Source != "" {
		if src = s.sourceNamed(o.Source); src == nil {
			return result, newProblem(http.StatusBadRequest, "no_source", "the rules have no source of kind webhook of that name")
		}
	}
	var events []engine.Event
	var rows []int
	for i := range o.Rows {
		read := s.eventsOfRow(&o.Rows[i], src)
		if read.err != nil {
			result.Refused = append(result.Refused, RowDoc{i, read.err.Code, read.err.Text})
			continue
		}
		for _, e := range read.events {
			events, rows = append(events, e), append(rows, i)
		}
	}
	if o.DryRun {
		plan, err := s.rehearse(events, rows, &result)
		result.Would = plan
		return result, err
	}
	if len(events) == 0 {
		return result, nil
	}
	results, err := s.options.Door.Submit(ctx, events)
	if err != nil {
		return result, err
	}
	for i, r := range results {
		var p *engine.Problem
		switch {
		case errors.As(r.Err, &p):
			result.Refused = append(result.Refused, RowDoc{rows[i], p.Code, p.Text})
		case r.Err != nil:
			return result, r.Err
		case r.Duplicate:
			result.Duplicates++
		default:
			result.Events++
		}
	}
	s.metrics.count(importSource, verdictAccepted, result.Events)
	s.metrics.count(importSource, verdictDuplicate, result.Duplicates)
	s.metrics.count(importSource, verdictRefused, len(result.Refused))
	return result, nil
}

// sourceNamed is a source of the rules whose maps read rows.
func (s *Server) sourceNamed(name string) *intake.Source {
	if s.options.Inlets == nil {
		return nil
	}
	for _, src := range s.options.Inlets.Sources() {
		if src.Name == name && src.Kind == intake.Webhook {
			return src
		}
	}
	return nil
}

// eventsOfRow reads a row. Its events have ids that follow from the row's.
func (s *Server) eventsOfRow(row *ImportRow, src *intake.Source) (read rowEvents) {
	now := engine.TimeOf(s.now())
	if src == nil {
		read.events, read.err = s.eventsOfCalls(row.Calls, now)
	} else {
		read.events, read.err = readRow(row.Data, src, now)
	}
	named := s.namedWrong()
	for i := range read.events {
		e := &read.events[i]
		if p := named(e); p != nil {
			return rowEvents{err: p}
		}
		e.ID, e.Source = fmt.Sprintf("%s:%d", row.ID, i), importSource
	}
	return read
}

func readRow(data map[string]any, src *intake.Source, now engine.Time) ([]engine.Event, *engine.Problem) {
	body, err := json.Marshal(data)
	if err != nil {
		return nil, &engine.Problem{Code: "bad_row", Text: "the row is no object of JSON"}
	}
	r, err := src.Read(intake.Delivery{Body: body, Received: now, Already: true})
	var p *engine.Problem
	switch {
	case errors.As(err, &p):
		return nil, p
	case err != nil:
		return nil, &engine.Problem{Code: "bad_row", Text: err.Error()}
	case len(r.Refused) > 0:
		return nil, r.Refused[0].Problem
	case len(r.Events) == 0:
		return nil, &engine.Problem{Code: "no_map", Text: "no map of the source takes the row"}
	}
	return r.Events, nil
}

func (s *Server) eventsOfCalls(calls []lists.Call, now engine.Time) ([]engine.Event, *engine.Problem) {
	if len(calls) == 0 {
		return nil, &engine.Problem{Code: "empty_row", Text: "the row says nothing about anybody"}
	}
	keyAttr := ""
	if p := s.options.Desk.Program(); p != nil {
		keyAttr = p.Spec().KeyAttr
	}
	var events []engine.Event
	for i := range calls {
		e, p := eventOfCall(&calls[i], keyAttr, now)
		if p != nil {
			return nil, p
		}
		events = append(events, e)
	}
	return events, nil
}

func eventOfCall(c *lists.Call, keyAttr string, now engine.Time) (engine.Event, *engine.Problem) {
	e := engine.Event{User: c.User, Visitor: c.Visitor, At: now, Received: now}
	if c.Time != nil {
		e.At = engine.TimeOf(*c.Time)
	}
	values := c.Fields
	switch c.Type {
	case "identify":
		e.Kind, values = engine.Identify, c.Traits
	case "track":
		e.Kind, e.Name = engine.Track, c.Event
	default:
		return e, &engine.Problem{Code: "bad_type", Text: "a call is identify or track"}
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		e.Fields = append(e.Fields, engine.Field{Name: name, Value: importValue(values[name])})
	}
	key := ""
	for name, v := range c.Traits {
		if text, isText := v.(string); isText && keyAttr != "" && engine.Fold(name) == keyAttr {
			key = text
		}
	}
	if e.User == "" && e.Visitor == "" {
		if key == "" {
			return e, &engine.Problem{Code: "no_identity", Text: "nothing in the row says whom it is about: it needs a userId, an anonymousId or the lead's key"}
		}
		if _, has := engine.Lookup(e.Fields, keyAttr); !has {
			e.Fields = append(e.Fields, engine.Field{Name: keyAttr, Value: engine.TextValue(key)})
		}
	}
	return e, nil
}

// importValue is a cell as an event has it.
func importValue(v any) engine.Value {
	switch v := v.(type) {
	case string:
		return engine.TextValue(v)
	case float64:
		return engine.NumberValue(v)
	case bool:
		return engine.FlagValue(v)
	case nil:
		return engine.Value{}
	}
	text, err := json.Marshal(v)
	if err != nil {
		return engine.Value{} // it came from JSON
	}
	return engine.JSONValue(string(text))
}
