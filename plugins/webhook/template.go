package webhook

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/seed-456efde2/nurture/plugins/channel"
)

// A template is the JSON document that an API wants, as it stands in the
// workspace, with {{ PATH }} in its texts:
//
//	body = { contact = { email = "{{ payload.email }}" }, source = "nurture", id = "{{ key }}" }
//
// It is filled in as a document, never as text: what a lead supplies can change
// values and nothing else. A text that is one placeholder becomes the value with
// its kind; what is not there becomes null, or nothing within a longer text.

// What a path may begin with.
const (
	rootPayload = "payload" // the step's payload, or what a hand-over brings
	rootKey     = "key"     // the action's key
	rootLead    = "lead"    // the lead's opaque id
	rootKind    = "kind"    // the step's kind
)

var (
	placeholder = regexp.MustCompile(`\{\{\s*([^{}]*?)\s*\}\}`)
	pathForm    = regexp.MustCompile(`^[\p{L}_][\p{L}\p{N}_-]*(\.[\p{L}\p{N}_-]+)*$`)
)

// checkTemplate says what is wrong with a template: at which place in it, and why.
func checkTemplate(v any, at string) error {
	switch v := v.(type) {
	case string:
		if err := checkText(v); err != nil {
			return fmt.Errorf("%s: %w", at, err)
		}
	case []any:
		for i, item := range v {
			if err := checkTemplate(item, fmt.Sprintf("%s[%d]", at, i)); err != nil {
				return err
			}
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if err := checkTemplate(v[name], at+"."+name); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkText(text string) error {
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		root, _, deeper := strings.Cut(m[1], ".")
		known := root == rootPayload || !deeper && slices.Contains([]string{rootKey, rootLead, rootKind}, root)
		if !known || !pathForm.MatchString(m[1]) {
			return fmt.Errorf("{{ %s }} is not {{ payload.NAME }}, {{ key }}, {{ lead }} or {{ kind }}", m[1])
		}
	}
	if rest := placeholder.ReplaceAllString(text, ""); strings.Contains(rest, "{{") || strings.Contains(rest, "}}") {
		return errors.New("{{ and }} do not pair")
	}
	return nil
}

// facts are what placeholders stand for.
type facts map[string]any

func factsOf(r channel.Request, payload json.RawMessage) (facts, error) {
	f := facts{rootKey: r.Key, rootLead: r.Lead, rootKind: r.Kind}
	dec := json.NewDecoder(strings.NewReader(string(payload)))
	dec.UseNumber() // an id of 17 digits stays what it is
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, errors.New("part payload is not JSON")
	}
	f[rootPayload] = v
	return f, nil
}

// value is what stands at a path, nil where nothing does.
func (f facts) value(path string) any { return at(map[string]any(f), path) }

// at is what stands at a path of a JSON value, nil where nothing does.
func at(v any, path string) any {
	for name := range strings.SplitSeq(path, ".") {
		members, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = members[name]
	}
	return v
}

// fill is the template with its placeholders filled in.
func (f facts) fill(template any) any {
	switch v := template.(type) {
	case string:
		if m := placeholder.FindStringSubmatch(v); m != nil && m[0] == strings.TrimSpace(v) {
			return f.value(m[1])
		}
		return f.text(v)
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = f.fill(v[i])
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for name := range v {
			out[name] = f.fill(v[name])
		}
		return out
	}
	return template
}

func (f facts) text(template string) string {
	return placeholder.ReplaceAllStringFunc(template, func(m string) string {
		return plain(f.value(placeholder.FindStringSubmatch(m)[1]))
	})
}

// plain is a value within a text.
func plain(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	b, _ := json.Marshal(v) // it came from JSON
	return string(b)
}

// Addresses and headers stand in the logs of every proxy on the way, so that they
// may name the action and the lead's opaque id, and nothing of the payload.

func checkAddress(text string) error {
	if err := checkText(text); err != nil {
		return err
	}
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		if m[1] != rootKey && m[1] != rootLead && m[1] != rootKind {
			return fmt.Errorf("{{ %s }} may hold personal data; only {{ key }}, {{ lead }} and {{ kind }} may stand here", m[1])
		}
	}
	return nil
}

// address is a template with what is safe in an address.
func address(template string, r channel.Request) string {
	given := map[string]string{rootKey: r.Key, rootLead: r.Lead, rootKind: r.Kind}
	return placeholder.ReplaceAllStringFunc(template, func(m string) string {
		return url.PathEscape(given[placeholder.FindStringSubmatch(m)[1]])
	})
}
