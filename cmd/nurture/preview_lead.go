package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/calendar"
)

// sampleLead is the lead that a preview is for, as its file tells it. What the
// file leaves out is what the schema says of a lead about whom nothing is known.
type sampleLead struct {
	Attributes  map[string]any     `json:"attributes"`
	Scores      map[string]float64 `json:"scores"`
	Stage       string             `json:"stage"`
	Segments    map[string]bool    `json:"segments"` // else they are worked out
	Consents    map[string]bool    `json:"consents"`
	Now         *time.Time         `json:"now"`
	Unsubscribe string             `json:"unsubscribe_url"`
	Facts       map[string]any     `json:"facts"` // by their flat names: "times:email_clicked:14d"
}

// readLead reads a lead's file and holds it against what the workspace declares.
func readLead(r io.Reader, spec *engine.Spec) (*sampleLead, error) {
	var lead sampleLead
	b, err := io.ReadAll(io.LimitReader(r, 1<<20))
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&lead); err != nil {
		return nil, fmt.Errorf("%w; a lead has attributes, scores, stage, segments, consents, now, unsubscribe_url and facts", err)
	}
	if d.More() {
		return nil, fmt.Errorf("there is more than one JSON object")
	}
	return &lead, lead.check(spec)
}

func (l *sampleLead) check(spec *engine.Spec) error {
	var attrs, scores, stages, segments, consents []string
	for i := range spec.Attrs {
		attrs = append(attrs, spec.Attrs[i].Name)
	}
	for i := range spec.Scores {
		scores = append(scores, spec.Scores[i].Name)
	}
	for i := range spec.Stages {
		stages = append(stages, spec.Stages[i].Name)
	}
	for i := range spec.Segments {
		segments = append(segments, spec.Segments[i].Name)
	}
	for i := range spec.Consents {
		consents = append(consents, spec.Consents[i].Name)
	}
	if l.Stage != "" && !slices.Contains(stages, l.Stage) {
		return fmt.Errorf("stage: there is no %q; there are: %s", l.Stage, strings.Join(stages, ", "))
	}
	for _, known := range []struct {
		what  string
		given []string
		names []string
	}{
		{"attributes", slices.Sorted(maps.Keys(l.Attributes)), attrs},
		{"scores", slices.Sorted(maps.Keys(l.Scores)), scores},
		{"segments", slices.Sorted(maps.Keys(l.Segments)), segments},
		{"consents", slices.Sorted(maps.Keys(l.Consents)), consents},
	} {
		for _, name := range known.given {
			if !slices.Contains(known.names, name) {
				return fmt.Errorf("%s: there is no %q; there are: %s", known.what, name, strings.Join(known.names, ", "))
			}
		}
	}
	for i := range spec.Attrs {
		if v, ok := l.Attributes[spec.Attrs[i].Name]; ok {
			if _, err := attributeValue(&spec.Attrs[i], v, time.UTC); err != nil {
				return fmt.Errorf("attributes.%s: %w", spec.Attrs[i].Name, err)
			}
		}
	}
	return nil
}

// attributeValue is a value of the file as texts and conditions see it.
func attributeValue(a *engine.AttrSpec, v any, zone *time.Location) (any, error) {
	if v == nil {
		return nil, nil
	}
	switch text, isText := v.(string); {
	case a.Kind == engine.Text && isText:
		if len(a.Choices) > 0 && !slices.Contains(a.Choices, text) {
			return nil, fmt.Errorf("%q is not one of %s", text, strings.Join(a.Choices, ", "))
		}
		return text, nil
	case a.Kind == engine.Instant && isText:
		when, err := calendar.ParseMoment(text, zone)
		if err != nil {
			return nil, err
		}
		return when.From, nil
	}
	number, isNumber := v.(float64)
	flag, isFlag := v.(bool)
	switch {
	case a.Kind == engine.Number && isNumber:
		return number, nil
	case a.Kind == engine.Flag && isFlag:
		return flag, nil
	}
	return nil, fmt.Errorf("a %s is wanted, not %s", a.Kind, jsonText(v))
}

func jsonText(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}

// leadView is a lead as the rules see it at one moment.
type leadView struct {
	spec *engine.Spec
	lead *sampleLead
	now  time.Time // in the lead's zone
}

// viewOf looks at a lead now, in the lead's own zone.
func viewOf(spec *engine.Spec, lead *sampleLead, now time.Time) *leadView {
	zone := spec.Zone
	if zone == nil {
		zone = time.UTC
	}
	if name, ok := lead.Attributes["timezone"].(string); ok {
		if own, err := time.LoadLocation(name); err == nil {
			zone = own
		}
	}
	if lead.Now != nil {
		now = *lead.Now
	}
	return &leadView{spec: spec, lead: lead, now: now.In(zone)}
}

// facts are those that an expression reads.
func (v *leadView) facts(keys []engine.Key) map[string]any {
	out := map[string]any{}
	for _, k := range keys {
		out[k.String()] = v.fact(k)
	}
	return out
}

func (v *leadView) fact(k engine.Key) any {
	if given, ok := v.lead.Facts[k.String()]; ok {
		return given
	}
	switch k.Kind {
	case engine.KeyLead:
		return v.attribute(k.Name)
	case engine.KeyScore:
		return v.score(k.Name)
	case engine.KeySegment:
		return v.segment(k.Name)
	case engine.KeyStage:
		if v.lead.Stage == "" && len(v.spec.Stages) > 0 {
			return v.spec.Stages[0].Name
		}
		return v.lead.Stage
	case engine.KeyConsent:
		return v.lead.Consents[k.Name]
	case engine.KeyTimes, engine.KeySent, engine.KeySkipped:
		return 0.0
	case engine.KeyInWorkflow, engine.KeyTossedUp:
		return false
	case engine.KeyAt, engine.KeyTossUp:
		return ""
	case engine.KeyReasons:
		return "[]"
	case engine.KeyNow:
		return v.now
	case engine.KeyWeekday:
		return strings.ToLower(v.now.Weekday().String()[:3])
	case engine.KeyHour:
		return float64(v.now.Hour())
	case engine.KeyBusinessDay:
		return v.spec.Calendar.Working(v.now)
	}
	return nil
}

func (v *leadView) attribute(name string) any {
	for i := range v.spec.Attrs {
		a := &v.spec.Attrs[i]
		if a.Name != name {
			continue
		}
		if given, ok := v.lead.Attributes[name]; ok {
			value, _ := attributeValue(a, given, v.now.Location())
			return value
		}
		if name == "created_at" && a.Default.IsNone() {
			return v.now
		}
		return a.Default.Any(v.now.Location())
	}
	return nil
}

// score is the file's, else what the rules without an event give for the
// attributes.
func (v *leadView) score(name string) any {
	if given, ok := v.lead.Scores[name]; ok {
		return given
	}
	sum := 0.0
	for i := range v.spec.Scores {
		s := &v.spec.Scores[i]
		if s.Name != name {
			continue
		}
		for _, r := range s.Rules {
			if r.On == "" && v.holds(r.When) {
				sum += v.points(&r)
			}
		}
		if s.Range {
			sum = min(max(sum, s.Min), s.Max)
		}
	}
	return sum
}

func (v *leadView) points(r *engine.ScoreRule) float64 {
	if r.Amount == nil {
		return r.Points
	}
	n, ok, err := r.Amount.Number(&engine.Vars{Facts: v.facts(r.Amount.Reads())})
	if err != nil || !ok {
		return 0
	}
	return n
}

// segment is the file's word, else what its condition says.
func (v *leadView) segment(name string) any {
	if given, ok := v.lead.Segments[name]; ok {
		return given
	}
	for i := range v.spec.Segments {
		if s := &v.spec.Segments[i]; s.Name == name {
			return v.holds(s.When)
		}
	}
	return false
}

// holds judges conditions; the language allows no circles among segments.
func (v *leadView) holds(when []engine.Cond) bool {
	for _, c := range when {
		if ok, err := c.Holds(&engine.Vars{Facts: v.facts(c.Reads())}); err != nil || !ok {
			return false
		}
	}
	return true
}

// empty are the facts of an expression that this lead does not have.
func (v *leadView) empty(keys []engine.Key) []string {
	out := []string{}
	for _, k := range keys {
		if value := v.fact(k); value == nil || value == "" {
			out = append(out, k.String())
		}
	}
	slices.Sort(out)
	return out
}
