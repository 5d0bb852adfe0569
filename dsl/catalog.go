package dsl

import (
	_ "embed" // the built-in plugins' descriptions
	"encoding/json"
	"fmt"
	"slices"

	"github.com/seed-456efde2/nurture/engine"
)

// Catalog describes the channel plugins: what `check` needs to know of them
// without starting one. It is what the lock file holds; DefaultCatalog has those
// that come with nurture.
type Catalog []*ChannelType

// ChannelType is one plugin as it describes itself.
type ChannelType struct {
	Plugin  string // name in channel { plugin = … }
	Version string
	Doc     Doc
	Reach   engine.Reach
	Keyed   bool // its receiver honours keys: an unknown outcome may be repeated
	Ordered bool // a lead's actions keep their order, whatever the channel says
	Answers bool // it tells afterwards what became of messages
	Missing bool // described, and not part of this build: it can be checked, not served
	Rate    string
	Config  *Block     // what config { } may hold
	Steps   []StepType // the kinds of step it performs, the main one first
	Events  []EventType
}

// EventType is an event that a plugin reports. It needs no declaration where a
// channel of the plugin is configured.
type EventType struct {
	Name    string
	Doc     Doc
	Fields  []string // texts
	Numbers []string
}

// StepType is a kind of step block that a plugin brings.
type StepType struct {
	Kind  string
	Doc   Doc
	Attrs []*Attr // beside those that every send has
}

//go:embed catalog.json
var builtInDescriptions []byte

// DefaultCatalog has the plugins that come with nurture, those among them whose
// code is still to come included.
func DefaultCatalog() Catalog {
	c, err := ReadCatalog(builtInDescriptions)
	if err != nil {
		panic(fmt.Sprintf("the built-in catalogue: %v", err))
	}
	return c
}

// find is the plugin of that name, nil when there is none.
func (c Catalog) find(plugin string) *ChannelType {
	for _, t := range c {
		if t.Plugin == plugin {
			return t
		}
	}
	return nil
}

func (c Catalog) plugins() []string {
	var out []string
	for _, t := range c {
		out = append(out, t.Plugin)
	}
	slices.Sort(out)
	return out
}

// performs reports whether the plugin has that kind of step.
func (t *ChannelType) performs(kind string) bool {
	return slices.ContainsFunc(t.Steps, func(s StepType) bool { return s.Kind == kind })
}

// kinds are the step kinds that the plugins bring, each once.
func (c Catalog) kinds() []string {
	var out []string
	for _, t := range c {
		for _, s := range t.Steps {
			if !slices.Contains(out, s.Kind) {
				out = append(out, s.Kind)
			}
		}
	}
	slices.Sort(out)
	return out
}

// step is a kind with the attributes of all plugins that bring it, since a
// workspace may configure several. One that not all of them require is optional.
func (c Catalog) step(kind string) StepType {
	out := StepType{Kind: kind}
	for _, t := range c {
		for _, s := range t.Steps {
			if s.Kind != kind {
				continue
			}
			if out.Doc == (Doc{}) {
				out.Doc = s.Doc
			}
			out.Attrs = joinAttrs(out.Attrs, s.Attrs)
		}
	}
	return out
}

func joinAttrs(have, more []*Attr) []*Attr {
	if have == nil {
		return more
	}
	var out []*Attr
	for _, a := range have {
		own := *a
		other := findAttr(more, a.Name)
		own.Required = a.Required && other != nil && other.Required
		out = append(out, &own)
	}
	for _, a := range more {
		if findAttr(have, a.Name) == nil {
			own := *a
			own.Required = false
			out = append(out, &own)
		}
	}
	return out
}

// jsonDescription is a plugin's description as its `describe` prints it.
type jsonDescription struct {
	Schema  int             `json:"schema"`
	Name    string          `json:"name"`
	Version string          `json:"version"`
	Summary jsonText        `json:"summary"`
	Reach   string          `json:"reach"`
	Keyed   bool            `json:"keyed"`
	Ordered bool            `json:"ordered"`
	Listens bool            `json:"listens"`
	Hears   bool            `json:"receives"`
	Rate    string          `json:"rate"`
	Missing bool            `json:"missing"`
	Config  []jsonAttribute `json:"config"`
	Steps   []struct {
		Kind       string          `json:"kind"`
		Summary    jsonText        `json:"summary"`
		Attributes []jsonAttribute `json:"attributes"`
	} `json:"steps"`
	Events []struct {
		Name    string   `json:"name"`
		Summary jsonText `json:"summary"`
		Fields  []string `json:"fields"`
		Numbers []string `json:"numbers"`
	} `json:"events"`
}

type jsonText struct {
	En string `json:"en"`
	Ja string `json:"ja"`
}

func (t jsonText) doc() Doc {
	if t.Ja == "" {
		t.Ja = t.En
	}
	return Doc(t)
}

type jsonAttribute struct {
	Name       string          `json:"name"`
	Type       string          `json:"type"`
	Required   bool            `json:"required"`
	Sensitive  bool            `json:"sensitive"`
	Default    any             `json:"default"`
	Choices    []string        `json:"choices"`
	Summary    jsonText        `json:"summary"`
	Attributes []jsonAttribute `json:"attributes"`
}

// descriptionSchema is the version of the JSON form that this build reads.
const descriptionSchema = 1

var reaches = map[string]engine.Reach{
	"lead": engine.ReachLead, "staff": engine.ReachStaff, "system": engine.ReachSystem,
}

// ReadCatalog reads descriptions of plugins: a JSON list of what each prints when
// it is asked to describe itself.
func ReadCatalog(src []byte) (Catalog, error) {
	var list []jsonDescription
	if err := json.Unmarshal(src, &list); err != nil {
		return nil, fmt.Errorf("read descriptions of plugins: %w", err)
	}
	var out Catalog
	for _, j := range list {
		t, err := j.channelType()
		if err != nil {
			return nil, err
		}
		if out.find(t.Plugin) != nil {
			return nil, fmt.Errorf("plugin %s is described twice", t.Plugin)
		}
		out = append(out, t)
	}
	return out, nil
}

func (j jsonDescription) channelType() (*ChannelType, error) {
	reach, ok := reaches[j.Reach]
	switch {
	case j.Schema != descriptionSchema:
		return nil, fmt.Errorf("plugin %s: its description has schema %d, this build reads %d", j.Name, j.Schema, descriptionSchema)
	case j.Name == "" || len(j.Steps) == 0:
		return nil, fmt.Errorf("plugin %q: its description has no name or no step", j.Name)
	case !ok:
		return nil, fmt.Errorf("plugin %s reaches %q: it must be lead, staff or system", j.Name, j.Reach)
	}
	t := &ChannelType{
		Plugin: j.Name, Version: j.Version, Doc: j.Summary.doc(), Reach: reach,
		Keyed: j.Keyed, Ordered: j.Ordered, Answers: j.Listens || j.Hears, Missing: j.Missing, Rate: j.Rate,
		Config: &Block{Name: "config", Most: 1, Doc: j.Summary.doc()},
	}
	var err error
	if t.Config.Attrs, t.Config.Blocks, err = schemaOf(j.Config, configTypes); err != nil {
		return nil, fmt.Errorf("plugin %s: %w", j.Name, err)
	}
	for _, s := range j.Steps {
		attrs, blocks, err := schemaOf(s.Attributes, stepTypes)
		if err != nil || len(blocks) > 0 {
			return nil, fmt.Errorf("plugin %s: step %s has an attribute that no step can have: %w", j.Name, s.Kind, err)
		}
		t.Steps = append(t.Steps, StepType{Kind: s.Kind, Doc: s.Summary.doc(), Attrs: attrs})
	}
	for _, e := range j.Events {
		if !validName(e.Name) {
			return nil, fmt.Errorf("plugin %s reports the event %q, which is no name", j.Name, e.Name)
		}
		t.Events = append(t.Events, EventType{Name: e.Name, Doc: e.Summary.doc(), Fields: e.Fields, Numbers: e.Numbers})
	}
	return t, nil
}

// configTypes are the table's types for those of a description. In a step, a
// text is a template of what each lead gets.
var (
	configTypes = map[string]Type{
		"text": TypeText, "number": TypeNumber, "flag": TypeFlag, "duration": TypeSpan,
		"list": TypeTexts, "map": TypeAny, "object": TypeAny,
	}
	stepTypes = map[string]Type{
		"text": TypeTemplate, "number": TypeNumber, "flag": TypeFlag, "duration": TypeSpan,
		"list": TypeTexts, "map": TypeObject, "object": TypeObject, "template": TypeTemplateFile,
	}
)

func schemaOf(list []jsonAttribute, types map[string]Type) (attrs []*Attr, blocks []*Block, err error) {
	for _, j := range list {
		if j.Type == "block" {
			b := &Block{Name: j.Name, Doc: j.Summary.doc(), Most: 1}
			if j.Required {
				b.Least = 1
			}
			if b.Attrs, b.Blocks, err = schemaOf(j.Attributes, types); err != nil {
				return nil, nil, err
			}
			blocks = append(blocks, b)
			continue
		}
		a, err := j.attr(types)
		if err != nil {
			return nil, nil, err
		}
		attrs = append(attrs, a)
	}
	return attrs, blocks, nil
}

func (j jsonAttribute) attr(types map[string]Type) (*Attr, error) {
	t, ok := types[j.Type]
	if !ok || j.Name == "" {
		return nil, fmt.Errorf("attribute %q has the type %q, which this build does not know", j.Name, j.Type)
	}
	a := &Attr{Name: j.Name, Type: t, Doc: j.Summary.doc(), Required: j.Required, Sensitive: j.Sensitive, Of: j.Choices}
	if len(j.Choices) > 0 {
		a.Type = TypeChoice
	}
	if j.Default != nil {
		b, err := json.Marshal(j.Default)
		if err != nil {
			return nil, fmt.Errorf("attribute %q: %w", j.Name, err)
		}
		a.Default = string(b)
	}
	if j.Sensitive {
		a.Example = `secret("…")`
	}
	return a, nil
}
