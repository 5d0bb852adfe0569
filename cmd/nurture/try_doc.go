package main

import (
	"cmp"
	"errors"
	"strings"
	"time"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
	"github.com/seed-456efde2/nurture/dsl"
	"github.com/seed-456efde2/nurture/engine"
)

// tryDoc is a story as --json tells it.
type tryDoc struct {
	OK       bool
	Start    string
	Now      string
	Zone     string
	Begun    []tryHappened // at the story's beginning
	Lines    []tryLine
	Lead     *httpd.LeadDoc
	Test     string
	Error    string
	Problems *dsl.Diagnostics
}

// tryLine is a line of a story and what came of it.
type tryLine struct {
	Line      string            `json:"line"`
	At        string            `json:"at"` // the story's clock before it
	Happened  []tryHappened     `json:"happened,omitempty"`
	Messages  []tryMessage      `json:"messages,omitempty"`
	Failures  []testFault       `json:"failures,omitempty"`
	Otherwise []string          `json:"otherwise,omitempty"`
	Answer    *tryAnswer        `json:"answer,omitempty"`
	Explain   *httpd.ExplainDoc `json:"explain,omitempty"`
	Lead      *httpd.LeadDoc    `json:"lead,omitempty"`
	Saved     string            `json:"saved,omitempty"`
}

// tryHappened is one thing that happened and what was decided about it.
type tryHappened struct {
	At        string        `json:"at"`
	Kind      string        `json:"type"`
	Event     string        `json:"event,omitempty"`
	Decisions []tryDecision `json:"decisions"`
	Text      string        `json:"text"`
}

// tryDecision is one thing that was decided.
type tryDecision struct {
	Kind    string           `json:"kind"`
	Subject string           `json:"subject,omitempty"`
	Detail  string           `json:"detail,omitempty"`
	Points  float64          `json:"points,omitempty"`
	Until   string           `json:"until,omitempty"`
	Because []map[string]any `json:"because,omitempty"`
}

// tryAnswer is the answer to a question: Holds of a condition, Value of anything else.
type tryAnswer struct {
	Question string         `json:"question"`
	Holds    *bool          `json:"holds,omitempty"`
	Value    any            `json:"value,omitempty"`
	Sentence string         `json:"sentence,omitempty"`
	Seen     string         `json:"seen,omitempty"`
	Text     string         `json:"text,omitempty"`
	Facts    map[string]any `json:"facts"`
}

// tryMessage is a message that the lead got.
type tryMessage struct {
	Number  int            `json:"number"`
	Channel string         `json:"channel"`
	Kind    string         `json:"kind"`
	Parts   map[string]any `json:"parts"`

	parts []engine.Field
}

// messageOf is a message as the channel was asked to send it.
func messageOf(number int, r *engine.Request) tryMessage {
	m := tryMessage{Number: number, Channel: r.Channel, Kind: r.Kind, Parts: map[string]any{}, parts: r.Parts}
	for _, part := range r.Parts {
		m.Parts[part.Name] = partValue(part.Value)
	}
	return m
}

// Title is the message in one line: whom it goes to and what it is about.
func (m *tryMessage) Title() string {
	text := func(name string) string {
		s, _ := m.Parts[name].(string)
		s, _, _ = strings.Cut(s, "\n")
		return s
	}
	about := cmp.Or(text("subject"), text("title"), text("message"), text("text"), text("summary"), m.Kind)
	return strings.TrimSpace(m.Channel + "  " + cmp.Or(text("to"), text("email"), text("name")) + "  " + about)
}

// happenedOf is a row of the journal.
func happenedOf(row *engine.Fact, lang string, zone *time.Location) tryHappened {
	h := tryHappened{
		At: row.Event.At.In(zone).Format(time.RFC3339Nano), Kind: row.Event.Kind.String(), Event: row.Event.Name,
		Decisions: []tryDecision{}, Text: storyRow(row, lang, zone),
	}
	for i := range row.Decisions {
		d := &row.Decisions[i]
		doc := tryDecision{Kind: d.Kind.String(), Subject: d.Subject, Detail: d.Detail, Points: d.Points}
		if len(d.Because) > 0 {
			doc.Because = becauseOf(d)
		}
		if d.Until != 0 {
			doc.Until = d.Until.In(zone).Format(time.RFC3339)
		}
		h.Decisions = append(h.Decisions, doc)
	}
	return h
}

// lastLine is the line at hand; before the first one, what is told goes nowhere.
func (t *trial) lastLine() *tryLine {
	if len(t.doc.Lines) == 0 {
		return &tryLine{}
	}
	return &t.doc.Lines[len(t.doc.Lines)-1]
}

// finish adds how the story ended.
func (d *tryDoc) finish(t *trial, err error) {
	d.OK = err == nil && !t.bad
	d.Start, d.Now, d.Zone = t.now.player.test.Start.Format(time.RFC3339), t.stamp(), t.now.player.zone.String()
	d.Lead, d.Test = t.now.told().Describe(), t.test(t.rules.storyTitle(t.words("a story tried by hand", "手で試した物語")))
	for i := range t.now.moments {
		if m := &t.now.moments[i]; m.step < 0 {
			d.Begun = append(d.Begun, m.doc)
		}
	}
	if err == nil {
		return
	}
	d.Error = err.Error()
	var p *storyProblem
	if errors.As(err, &p) {
		d.Problems = &p.diagnostics
	}
}

// object is the document as print takes it.
func (d *tryDoc) object() map[string]any {
	object := map[string]any{
		"ok": d.OK, "start": d.Start, "now": d.Now, "zone": d.Zone, "begun": orNone(d.Begun), "lines": orNone(d.Lines), "lead": d.Lead, "test": d.Test,
	}
	if d.Error != "" {
		object["error"] = d.Error
	}
	if d.Problems != nil {
		object["problems"] = d.Problems
	}
	return object
}
