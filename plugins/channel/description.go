package channel

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
)

// DescriptionSchema is the version of the JSON form of a Description.
const DescriptionSchema = 1

// Text is a sentence for people in the product's two languages. An empty Ja
// falls back to En.
type Text struct {
	En string `json:"en"`
	Ja string `json:"ja,omitempty"`
}

// In is the text in a language, "ja" or "en".
func (t Text) In(language string) string {
	if language == "ja" && t.Ja != "" {
		return t.Ja
	}
	return t.En
}

// Description is what a plugin tells of itself: enough to check a workspace, to
// complete and document it, without starting the plugin.
//
//  1. Name is the word after `plugin =`. Steps name the blocks it brings.
//  2. It never depends on the configuration.
type Description struct {
	Schema  int    `json:"schema"`
	Name    string `json:"name"`
	Version string `json:"version"`
	Summary Text   `json:"summary"`
	// Reach says whom the actions reach; promises to leads (consent, quiet
	// hours, caps) cover ReachesLead only.
	Reach Reach `json:"reach"`
	// Keyed: the service behind the channel honours Request.Key, so that an
	// unknown outcome may be repeated.
	Keyed bool `json:"keyed"`
	// Commits: the channel calls Request.Commit before the point of no return.
	Commits bool `json:"commits,omitempty"`
	// Listens: the channel is a Listener. Describe fills it in.
	Listens bool `json:"listens,omitempty"`
	// Receives: the channel is a Receiver; the server then answers POST
	// /v1/in/CHANNEL. Describe fills it in.
	Receives bool `json:"receives,omitempty"`
	// Ordered: the actions of one lead must be done in the order in which they
	// came about, each only when the one before it is settled, whatever that takes.
	Ordered bool `json:"ordered,omitempty"`
	// MTLS: the process answers the host's wish for mutual TLS, as everything that
	// Serve serves. Describe fills it in.
	MTLS bool `json:"mtls,omitempty"`
	// BatchMax is the most actions that one message to the plugin may carry.
	// Default 64 for a BatchDoer, else Concurrency.
	BatchMax int `json:"batch_max"`
	// Concurrency is the number of actions done at the same time. Default 4.
	Concurrency int `json:"concurrency"`
	// Timeout is how long one action may take. Default 30 s.
	Timeout Seconds `json:"timeout_seconds"`
	// Rate is what the service bears, in the language's words ("10 per second"),
	// for a workspace that says nothing; "" where there is no such bound.
	Rate string `json:"rate,omitempty"`

	Config []Attribute `json:"config"`
	Steps  []Step      `json:"steps"`
	Events []Event     `json:"events,omitempty"`

	// Missing marks a plugin that is described for checking but not part of this
	// build. A real plugin never sets it.
	Missing bool `json:"missing,omitempty"`
}

// Seconds is a duration that stands in JSON as a number of seconds.
type Seconds time.Duration

// MarshalJSON writes seconds.
func (s Seconds) MarshalJSON() ([]byte, error) {
	return json.Marshal(time.Duration(s).Seconds())
}

// UnmarshalJSON reads seconds.
func (s *Seconds) UnmarshalJSON(b []byte) error {
	var n float64
	if err := json.Unmarshal(b, &n); err != nil {
		return err
	}
	*s = Seconds(n * float64(time.Second))
	return nil
}

// Reach says whom a channel's actions reach.
type Reach string

// Whom a channel reaches.
const (
	ReachesLead   Reach = "lead"
	ReachesStaff  Reach = "staff"
	ReachesSystem Reach = "system"
)

// Type is the type of an attribute.
type Type string

// The types. A template is a file under templates/ that the language renders
// into the parts text, html and preview; it occurs in steps only.
const (
	TypeText     Type = "text"
	TypeNumber   Type = "number"
	TypeFlag     Type = "flag"
	TypeDuration Type = "duration" // "30s", "5m", "2h", "1d"
	TypeList     Type = "list"     // of texts
	TypeMap      Type = "map"      // of texts
	TypeObject   Type = "object"   // anything JSON can say
	TypeTemplate Type = "template"
	TypeBlock    Type = "block" // with Attributes
)

// Attribute is one attribute, or nested block, of a config or step block.
type Attribute struct {
	Name       string      `json:"name"`
	Type       Type        `json:"type"`
	Required   bool        `json:"required,omitempty"`
	Sensitive  bool        `json:"sensitive,omitempty"` // a secret: never shown
	Default    any         `json:"default,omitempty"`   // string, float64 or bool
	Choices    []string    `json:"choices,omitempty"`   // of a text
	Summary    Text        `json:"summary"`
	Attributes []Attribute `json:"attributes,omitempty"` // of a block
}

// Step is a kind of step block that a channel brings: `email "NAME" { … }`.
type Step struct {
	Kind       string      `json:"kind"`
	Summary    Text        `json:"summary"`
	Attributes []Attribute `json:"attributes"`
	// Parts are the names of the finished parts the channel reads.
	Parts []string `json:"parts,omitempty"`
}

// Event is a type of event that a channel reports about its messages.
type Event struct {
	Name    string   `json:"name"`
	Summary Text     `json:"summary"`
	Fields  []string `json:"fields,omitempty"`  // texts
	Numbers []string `json:"numbers,omitempty"` // fields that are numbers
}

// Defaults of a Description.
const (
	defaultBatchMax    = 64
	defaultConcurrency = 4
	defaultTimeout     = 30 * time.Second
)

// Complete is the description with its defaults filled in.
func (d Description) Complete() Description {
	d.Schema = DescriptionSchema
	if d.Concurrency <= 0 {
		d.Concurrency = defaultConcurrency
	}
	if d.BatchMax <= 0 {
		d.BatchMax = d.Concurrency
	}
	if d.Timeout <= 0 {
		d.Timeout = Seconds(defaultTimeout)
	}
	return d
}

// Check says what is wrong with a description, nil when nothing is.
func (d Description) Check() error {
	switch {
	case d.Schema != DescriptionSchema:
		return fmt.Errorf("description has schema %d, this build reads %d", d.Schema, DescriptionSchema)
	case !isName(d.Name):
		return fmt.Errorf("plugin name %q is not a lower-case word", d.Name)
	case d.Reach != ReachesLead && d.Reach != ReachesStaff && d.Reach != ReachesSystem:
		return fmt.Errorf("plugin %s reaches %q: it must be lead, staff or system", d.Name, d.Reach)
	case len(d.Steps) == 0:
		return fmt.Errorf("plugin %s brings no kind of step", d.Name)
	}
	if err := checkAttributes(d.Name, d.Config); err != nil {
		return err
	}
	for _, s := range d.Steps {
		if !isName(s.Kind) {
			return fmt.Errorf("plugin %s brings a step called %q, which is not a lower-case word", d.Name, s.Kind)
		}
		if err := checkAttributes(d.Name, s.Attributes); err != nil {
			return err
		}
	}
	return nil
}

func checkAttributes(plugin string, attrs []Attribute) error {
	seen := map[string]bool{}
	for _, a := range attrs {
		switch a.Type {
		case TypeText, TypeNumber, TypeFlag, TypeDuration, TypeList, TypeMap, TypeObject, TypeTemplate, TypeBlock:
		default:
			return fmt.Errorf("plugin %s: attribute %s has unknown type %q", plugin, a.Name, a.Type)
		}
		if !isName(a.Name) || seen[a.Name] {
			return fmt.Errorf("plugin %s: attribute name %q is used twice or is not a lower-case word", plugin, a.Name)
		}
		seen[a.Name] = true
		if err := checkAttributes(plugin, a.Attributes); err != nil {
			return err
		}
	}
	return nil
}

func isName(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_") == "" && s[0] >= 'a' && s[0] <= 'z'
}

// Describe is the completed description of a channel, as its process tells it.
func Describe(c Channel) Description {
	d := c.Describe()
	if _, ok := c.(BatchDoer); ok && d.BatchMax <= 0 {
		d.BatchMax = defaultBatchMax
	}
	d.MTLS = true
	if _, ok := c.(Listener); ok {
		d.Listens = true
	}
	if _, ok := c.(Receiver); ok {
		d.Receives = true
	}
	return d.Complete()
}

// WriteDescription prints what the `describe` sub-command of a plugin prints:
// the completed description as one indented JSON document.
func WriteDescription(w io.Writer, c Channel) error {
	b, err := EncodeDescription(Describe(c))
	if err != nil {
		return err
	}
	_, err = w.Write(b)
	return err
}

// EncodeDescription is the JSON form of a completed description.
func EncodeDescription(d Description) ([]byte, error) {
	b, err := json.MarshalIndent(d.Complete(), "", "  ")
	if err != nil {
		return nil, fmt.Errorf("describe plugin %s: %w", d.Name, err)
	}
	return append(b, '\n'), nil
}

// DecodeDescription reads what EncodeDescription wrote and checks it.
func DecodeDescription(b []byte) (Description, error) {
	var d Description
	if err := json.Unmarshal(b, &d); err != nil {
		return d, fmt.Errorf("read description: %w", err)
	}
	d = d.completeUnlessForeign()
	return d, d.Check()
}

// completeUnlessForeign fills in defaults but keeps the schema number it was
// written under, so that Check can refuse one that this build does not know.
func (d Description) completeUnlessForeign() Description {
	schema := d.Schema
	d = d.Complete()
	d.Schema = schema
	return d
}
