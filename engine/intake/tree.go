package intake

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/seed-456efde2/nurture/engine"
)

// parseTree reads a JSON of any form. Its nesting is bounded before anything is
// built of it.
func parseTree(body []byte) (any, *engine.Problem) {
	s := scanner{src: strings.TrimPrefix(string(body), "\uFEFF")}
	depth := s.skip()
	switch {
	case s.failed() || !s.atEnd():
		return nil, problem("bad_json", "the body is not JSON: unexpected content at byte %d", s.pos)
	case depth > MaxNesting:
		return nil, problem("too_deep", "the body nests more than %d levels", MaxNesting)
	}
	var tree any
	if err := json.Unmarshal([]byte(s.src), &tree); err != nil {
		return nil, problem("bad_json", "the body holds a number that cannot be kept")
	}
	return tree, nil
}

// Path leads to a value in a message: names joined by dots, and places of lists in
// brackets, as in "form.answers[0].text"; "header:NAME" is a header of the call.
// A name with a dot or a bracket in it stands in brackets and quotes: a['b.c'].
type Path struct {
	text   string
	header string
	steps  []step
}

// step is one member, or one place of a list where name is "".
type step struct {
	name  string
	place int
}

// String is the path as it was written.
func (p Path) String() string { return p.text }

// IsZero reports no path.
func (p Path) IsZero() bool { return p.text == "" }

// maxPath bounds a path's steps.
const maxPath = MaxNesting

// ParsePath reads a path. ok is false for what is none.
func ParsePath(text string) (p Path, ok bool) {
	p.text = text
	if name, is := strings.CutPrefix(text, "header:"); is {
		p.header = strings.ToLower(name)
		return p, name != "" && !strings.ContainsAny(name, " :\r\n\t")
	}
	for rest := text; rest != ""; {
		if len(p.steps) == maxPath {
			return p, false
		}
		var s step
		if s, rest, ok = nextStep(rest, len(p.steps) == 0); !ok {
			return p, false
		}
		p.steps = append(p.steps, s)
	}
	return p, len(p.steps) > 0
}

func nextStep(text string, first bool) (s step, rest string, ok bool) {
	if inside, is := strings.CutPrefix(text, "['"); is {
		s.name, rest, ok = strings.Cut(inside, "']")
		return s, rest, ok && s.name != ""
	}
	if inside, is := strings.CutPrefix(text, "["); is {
		number, rest, ok := strings.Cut(inside, "]")
		n, err := strconv.ParseUint(number, 10, 16)
		return step{place: int(n)}, rest, ok && err == nil
	}
	if !first {
		if text, ok = strings.CutPrefix(text, "."); !ok {
			return s, "", false
		}
	}
	end := strings.IndexAny(text, ".[")
	if end < 0 {
		end = len(text)
	}
	s.name = norm.NFC.String(text[:end])
	return s, text[end:], s.name != "" && !strings.ContainsAny(s.name, "]' \t\r\n")
}

// in finds the path's value; nil where there is none.
func (p Path) in(tree any, d *Delivery) any {
	if p.header != "" {
		if v := d.header(p.header); v != "" {
			return v
		}
		return nil
	}
	for _, s := range p.steps {
		switch at := tree.(type) {
		case map[string]any:
			if s.name == "" {
				return nil
			}
			tree = at[s.name]
		case []any:
			if s.name != "" || s.place >= len(at) {
				return nil
			}
			tree = at[s.place]
		default:
			return nil
		}
	}
	return tree
}

// valueOf is a value of JSON as the engine keeps it.
func valueOf(v any) engine.Value {
	switch v := v.(type) {
	case string:
		return engine.TextValue(norm.NFC.String(valid(v)))
	case float64:
		return engine.NumberValue(v)
	case bool:
		return engine.FlagValue(v)
	case nil:
		return engine.Value{}
	}
	return engine.JSONValue(jsonOf(v))
}

// textIn is a scalar as a text; "" for anything else.
func textIn(v any) string {
	switch v := v.(type) {
	case string:
		return strings.TrimSpace(norm.NFC.String(valid(v)))
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

// timeIn is an instant, 0 for none; ok is false for what is no time.
func timeIn(v any) (t engine.Time, ok bool) {
	switch v := v.(type) {
	case nil:
		return 0, true
	case string:
		v = strings.TrimSpace(v)
		if n, err := strconv.ParseFloat(v, 64); err == nil && n > 0 {
			return instant(word{shape: shapeNumber, text: v})
		}
		return instant(word{shape: shapeText, text: v})
	case float64:
		return instant(word{shape: shapeNumber, text: strconv.FormatFloat(v, 'f', -1, 64)})
	}
	return 0, false
}

// jsonOf is a value's JSON; of what was JSON before.
func jsonOf(v any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // it came out of a JSON
	return strings.TrimSuffix(b.String(), "\n")
}

// fieldsOf takes an object apart as Segment's properties are: members of objects
// under the path joined by "_".
func fieldsOf(tree map[string]any, prefix string, to []engine.Field) []engine.Field {
	names := make([]string, 0, len(tree))
	for name := range tree {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if inner, ok := tree[name].(map[string]any); ok {
			to = fieldsOf(inner, prefix+name+"_", to)
			continue
		}
		to = append(to, engine.Field{Name: norm.NFC.String(valid(prefix + name)), Value: valueOf(tree[name])})
	}
	return to
}
