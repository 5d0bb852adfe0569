package channeltest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-456efde2/nurture/plugins/channel"
)

// What stands in a plan file for what is known only when it runs.
const (
	serviceWord = "$SERVICE" // the address of the stand-in service
	holdWord    = "$HOLD"    // makes the stand-in service wait with its answer
	numberWord  = "{n}"      // the number of the action
)

// planFile is a plan as the author of a plugin writes it.
type planFile struct {
	Config map[string]any             `json:"config"`
	Kind   string                     `json:"kind"`
	Parts  map[string]json.RawMessage `json:"parts"`
	Hold   map[string]json.RawMessage `json:"hold"`
	Large  string                     `json:"large"`
	Env    []string                   `json:"env"`

	Listen  *planNews `json:"listen"`
	Receive *planCall `json:"receive"`
}

// planNews is what the stand-in service tells who asks it with GET: News, until the
// request has the text Cursor in it; then Nothing.
type planNews struct {
	News    json.RawMessage `json:"news"`
	Cursor  string          `json:"cursor"`
	Nothing json.RawMessage `json:"nothing"`
}

// planCall is a request of the service, as it stands.
type planCall struct {
	Path    string            `json:"path"`
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body"`
}

// ReadPlan reads a plan file: one JSON object with
//
//	config  the config block for the trials
//	kind    the step kind; the first one of the description where it is left out
//	parts   the parts of an action that succeeds; {n} becomes its number
//	hold    the parts that differ in an action that is not answered
//	large   the part that may hold a text of 5 MiB
//	env     environment variables, "NAME=value"
//	listen  what the service tells who asks it with GET: {"news": …} until the
//	        request holds the text "cursor", from then on {"nothing": …}
//	receive a request of the service: {"path": …, "headers": {…}, "body": "…"},
//	        signed for the config above
//
// $SERVICE becomes the address of the stand-in service, $HOLD the word that makes
// it wait.
func ReadPlan(r io.Reader, command []string, s *Service) (Plan, error) {
	src, err := io.ReadAll(io.LimitReader(r, 1<<20))
	if err != nil {
		return Plan{}, err
	}
	dec := json.NewDecoder(bytes.NewReader(src))
	dec.DisallowUnknownFields()
	var f planFile
	if err := dec.Decode(&f); err != nil {
		var odd *json.UnmarshalTypeError
		if errors.As(err, &odd) {
			err = fmt.Errorf("%q holds %s", odd.Field, odd.Value)
		}
		return Plan{}, fmt.Errorf("it is not a plan, {\"config\": {…}, \"parts\": {…}}: %w", err)
	}
	if len(f.Parts) == 0 {
		return Plan{}, errors.New(`it has no "parts": write the parts of an action that succeeds`)
	}
	return f.plan(command, s)
}

func (f *planFile) plan(command []string, s *Service) (Plan, error) {
	config, _ := fill(f.Config, s.URL()).(map[string]any)
	p := Plan{Command: command, Env: f.Env, Config: config, Kind: f.Kind, Uncounted: true}
	if b, err := json.Marshal(f); err == nil && strings.Contains(string(b), serviceWord) {
		p.Times = s.Times
	}
	for _, parts := range []map[string]json.RawMessage{f.Parts, f.Hold} {
		if err := readableParts(parts); err != nil {
			return Plan{}, err
		}
	}
	p.Parts = func(n int) []channel.Part { return partsOf(f.Parts, s.URL(), n) }
	if len(f.Hold) > 0 {
		held := maps.Clone(f.Parts)
		maps.Copy(held, f.Hold)
		p.Hold = partsOf(held, s.URL(), 0)
	}
	if f.Listen != nil {
		if f.Listen.Cursor == "" || len(f.Listen.News) == 0 {
			return Plan{}, errors.New(`"listen" needs "news", what the service tells, and "cursor", the text by which it knows that it was heard`)
		}
		s.Tell(f.Listen.News, f.Listen.Cursor, f.Listen.Nothing)
		p.News = true
	}
	if f.Receive != nil {
		p.Call = f.Receive.request
	}
	if f.Large != "" {
		p.Large = func(text string) []channel.Part {
			parts := slices.DeleteFunc(p.Parts(1), func(x channel.Part) bool { return x.Name == f.Large })
			return append(parts, channel.Part{Name: f.Large, Value: text})
		}
	}
	return p, nil
}

// request is the service's request.
func (c *planCall) request() channel.HTTPRequest {
	h := channel.HTTPRequest{
		Method: http.MethodPost, Path: c.Path, URL: "https://nurture.example/v1/in/under_test" + c.Path,
		Header: http.Header{}, Body: []byte(c.Body),
	}
	for name, value := range c.Headers {
		h.Header.Set(name, value)
	}
	return h
}

func readableParts(parts map[string]json.RawMessage) error {
	for name, raw := range parts {
		if string(raw) == "null" {
			return fmt.Errorf("part %q is null; leave it out", name)
		}
	}
	return nil
}

// partsOf are the parts by name, their words filled in.
func partsOf(raw map[string]json.RawMessage, service string, n int) []channel.Part {
	var parts []channel.Part
	for _, name := range slices.Sorted(maps.Keys(raw)) {
		text := strings.NewReplacer(serviceWord, service, holdWord, HoldWord, numberWord, strconv.Itoa(n)).Replace(string(raw[name]))
		var v any
		_ = json.Unmarshal([]byte(text), &v) // it was read before
		switch v.(type) {
		case string, float64, bool:
		default:
			v = json.RawMessage(text)
		}
		parts = append(parts, channel.Part{Name: name, Value: v})
	}
	return parts
}

// fill puts the service's address into all texts.
func fill(v any, service string) any {
	switch v := v.(type) {
	case string:
		return strings.ReplaceAll(v, serviceWord, service)
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = fill(v[i], service)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k := range v {
			out[k] = fill(v[k], service)
		}
		return out
	}
	return v
}
