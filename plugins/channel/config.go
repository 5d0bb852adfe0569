package channel

import (
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
)

// Config is a channel's settings: what stands in its config block, checked
// against Description.Config and completed by the defaults. Paths reach into
// nested blocks with a dot: "dkim.selector". A path that is not there gives the
// zero value.
type Config struct {
	// Channel is the channel's name in the workspace.
	Channel string
	values  map[string]any
}

// NewConfig checks values against the description and completes them. values
// holds string, float64, bool, []any and map[string]any, as JSON does.
func NewConfig(d Description, channel string, values map[string]any) (Config, Diagnostics) {
	ds := d.CheckConfig(values)
	if ds.Failed() {
		return Config{}, ds
	}
	return Config{Channel: channel, values: withDefaults(d.Config, values)}, ds
}

func withDefaults(attrs []Attribute, given map[string]any) map[string]any {
	values := make(map[string]any, len(attrs))
	for _, a := range attrs {
		v, ok := given[a.Name]
		switch {
		case ok && v != nil && a.Type == TypeBlock:
			nested, _ := v.(map[string]any)
			values[a.Name] = withDefaults(a.Attributes, nested)
		case ok && v != nil:
			values[a.Name] = v
		case a.Default != nil:
			values[a.Name] = a.Default
		}
	}
	return values
}

// Has reports whether the path was given or has a default.
func (c Config) Has(path string) bool { return c.value(path) != nil }

// Text is the text at path.
func (c Config) Text(path string) string {
	s, _ := c.value(path).(string)
	return s
}

// Number is the number at path.
func (c Config) Number(path string) float64 {
	n, _ := c.value(path).(float64)
	return n
}

// Flag is the flag at path.
func (c Config) Flag(path string) bool {
	b, _ := c.value(path).(bool)
	return b
}

// Duration is the length of time at path.
func (c Config) Duration(path string) time.Duration {
	d, _ := ParseDuration(c.Text(path))
	return d
}

// List is the list of texts at path.
func (c Config) List(path string) []string {
	items, _ := c.value(path).([]any)
	list := make([]string, 0, len(items))
	for _, item := range items {
		if s, ok := item.(string); ok {
			list = append(list, s)
		}
	}
	return list
}

// Map is the map of texts at path.
func (c Config) Map(path string) map[string]string {
	items, _ := c.value(path).(map[string]any)
	m := make(map[string]string, len(items))
	for k, item := range items {
		if s, ok := item.(string); ok {
			m[k] = s
		}
	}
	return m
}

// Object is the value of type object at path, as JSON holds it; nil when it was
// not given.
func (c Config) Object(path string) any { return c.value(path) }

func (c Config) value(path string) any {
	var v any = c.values
	for _, name := range strings.Split(path, ".") {
		block, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = block[name]
	}
	return v
}

// ParseDuration reads a length of time as the language writes it: what Go's
// time.ParseDuration reads, and days, "7d".
func ParseDuration(s string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.ParseFloat(days, 64)
		if err != nil || n < 0 || n > 36500 {
			return 0, fmt.Errorf("%q is not a length of time", s)
		}
		return time.Duration(n * 24 * float64(time.Hour)), nil
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("%q is not a length of time", s)
	}
	return d, nil
}

// CheckConfig says what is wrong with the settings, all of it at once: unknown
// and missing attributes, values of a wrong type. It needs no process.
func (d Description) CheckConfig(values map[string]any) Diagnostics {
	return checkBlock(d.Config, values, "")
}

func checkBlock(attrs []Attribute, values map[string]any, prefix string) Diagnostics {
	var ds Diagnostics
	for _, a := range attrs {
		v, ok := values[a.Name]
		if !ok || v == nil {
			if a.Required {
				ds = append(ds, missing(prefix+a.Name, a))
			}
			continue
		}
		ds = append(ds, checkValue(a, v, prefix+a.Name)...)
	}
	return append(ds, unknown(attrs, values, prefix)...)
}

func missing(path string, a Attribute) Diagnostic {
	return Wrong(path,
		Text{En: "Missing attribute", Ja: "必須の設定がありません"},
		Text{
			En: fmt.Sprintf("%s is required: %s", a.Name, a.Summary.En),
			Ja: fmt.Sprintf("%s は必須です（%s）", a.Name, a.Summary.In("ja")),
		})
}

func unknown(attrs []Attribute, values map[string]any, prefix string) Diagnostics {
	known := make([]string, len(attrs))
	for i, a := range attrs {
		known[i] = a.Name
	}
	var names []string
	for name := range values {
		if !slices.Contains(known, name) {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	var ds Diagnostics
	for _, name := range names {
		ds = append(ds, Wrong(prefix+name,
			Text{En: "Unknown attribute", Ja: "知らない設定です"},
			Text{
				En: fmt.Sprintf("%q is not one of %s", name, strings.Join(known, ", ")),
				Ja: fmt.Sprintf("「%s」という設定はありません。使えるもの: %s", name, strings.Join(known, ", ")),
			}))
	}
	return ds
}

func checkValue(a Attribute, v any, path string) Diagnostics {
	ok := false
	switch a.Type {
	case TypeText, TypeTemplate:
		_, ok = v.(string)
	case TypeNumber:
		_, ok = v.(float64)
	case TypeFlag:
		_, ok = v.(bool)
	case TypeDuration:
		s, isText := v.(string)
		_, err := ParseDuration(s)
		ok = isText && err == nil
	case TypeList:
		ok = allTexts(v)
	case TypeMap:
		items, isMap := v.(map[string]any)
		ok = isMap
		for _, item := range items {
			_, isText := item.(string)
			ok = ok && isText
		}
	case TypeObject:
		ok = true
	case TypeBlock:
		nested, isBlock := v.(map[string]any)
		if isBlock {
			return checkBlock(a.Attributes, nested, path+".")
		}
	}
	if !ok {
		return Diagnostics{wrongType(a, path)}
	}
	return checkChoice(a, v, path)
}

func allTexts(v any) bool {
	items, ok := v.([]any)
	for _, item := range items {
		_, isText := item.(string)
		ok = ok && isText
	}
	return ok
}

func wrongType(a Attribute, path string) Diagnostic {
	en := map[Type]string{
		TypeText: "a text", TypeNumber: "a number", TypeFlag: "true or false", TypeList: "a list of texts",
		TypeDuration: `a length of time such as "30s" or "5m"`, TypeMap: "names with texts", TypeBlock: "a block",
		TypeTemplate: "the path of a template",
	}[a.Type]
	ja := map[Type]string{
		TypeText: "文字列", TypeNumber: "数値", TypeFlag: "true か false", TypeList: "文字列のリスト",
		TypeDuration: "「30s」「5m」のような時間", TypeMap: "名前と文字列の組", TypeBlock: "ブロック",
		TypeTemplate: "テンプレートのパス",
	}[a.Type]
	return Wrong(path,
		Text{En: "Wrong type", Ja: "型が違います"},
		Text{En: fmt.Sprintf("%s must be %s", a.Name, en), Ja: fmt.Sprintf("%s には%sを書きます", a.Name, ja)})
}

func checkChoice(a Attribute, v any, path string) Diagnostics {
	s, ok := v.(string)
	if !ok || len(a.Choices) == 0 || slices.Contains(a.Choices, s) {
		return nil
	}
	choices := strings.Join(a.Choices, ", ")
	return Diagnostics{Wrong(path,
		Text{En: "Not one of the choices", Ja: "選択肢にない値です"},
		Text{En: fmt.Sprintf("%s must be one of %s", a.Name, choices), Ja: fmt.Sprintf("%s は %s のいずれかです", a.Name, choices)})}
}

// Secrets are the values of all sensitive attributes that are given, for whoever
// must keep them out of logs.
func (d Description) Secrets(values map[string]any) []string {
	return secrets(d.Config, values, false)
}

func secrets(attrs []Attribute, values map[string]any, all bool) []string {
	var found []string
	for _, a := range attrs {
		found = append(found, secretsOf(a, values[a.Name], all || a.Sensitive)...)
	}
	return found
}

func secretsOf(a Attribute, v any, sensitive bool) []string {
	switch v := v.(type) {
	case string:
		if sensitive {
			return []string{v}
		}
	case []any:
		var found []string
		for _, item := range v {
			found = append(found, secretsOf(a, item, sensitive)...)
		}
		return found
	case map[string]any:
		if a.Type == TypeBlock {
			return secrets(a.Attributes, v, sensitive)
		}
		var found []string
		for _, item := range v {
			found = append(found, secretsOf(a, item, sensitive)...)
		}
		return found
	}
	return nil
}
