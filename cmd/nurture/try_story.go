package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed-456efde2/nurture/dsl"
	"github.com/seed-456efde2/nurture/engine"
)

// tryStory is a story as it is told so far, in the words of a test block.
type tryStory struct {
	start  string
	lead   []tryField // attributes at the beginning
	madeUp []string   // of them: what nobody has given
	steps  []tryStep
}

// tryField is an attribute or a field with its value as HCL has it.
type tryField struct{ name, value string }

// tryStep is one line of a story.
type tryStep struct {
	typed  string
	hcl    string // what happens, as a test says it; "" for an expectation
	expect string // a condition
}

// storyProblem tells what is wrong with a line, at its words.
type storyProblem struct{ diagnostics dsl.Diagnostics }

// Error implements error.
func (p *storyProblem) Error() string { return strings.TrimSpace(p.diagnostics.Render()) }

// with is the story with one step more.
func (s *tryStory) with(step tryStep) *tryStory {
	more := *s
	more.steps = append(slices.Clone(s.steps), step)
	return &more
}

// give sets an attribute of the beginning.
func (s *tryStory) give(f tryField) {
	s.madeUp = slices.DeleteFunc(slices.Clone(s.madeUp), func(name string) bool { return name == f.name })
	s.lead = slices.Clone(s.lead)
	for i := range s.lead {
		if s.lead[i].name == f.name {
			s.lead[i] = f
			return
		}
	}
	s.lead = append(s.lead, f)
}

// complete makes up what every identified lead has and nobody has given.
func (s *tryStory) complete(spec *engine.Spec) (madeUp []string) {
	for i := range spec.Attrs {
		a := &spec.Attrs[i]
		given := slices.ContainsFunc(s.lead, func(f tryField) bool { return f.name == a.Name })
		if given || a.Name == "created_at" || !a.Required && a.Name != spec.KeyAttr {
			continue
		}
		s.lead = append(s.lead, tryField{a.Name, sampleOf(a)})
		madeUp = append(madeUp, a.Name)
	}
	return madeUp
}

// sampleOf is a value that an attribute may have.
func sampleOf(a *engine.AttrSpec) string {
	switch {
	case len(a.Choices) > 0:
		return quoteHCL(a.Choices[0])
	case a.Kind == engine.Number:
		return "1"
	case a.Kind == engine.Flag:
		return "true"
	case a.Kind == engine.Instant:
		return quoteHCL("2026-01-01")
	case strings.Contains(a.Name, "mail"):
		return quoteHCL(sampleAddress)
	case strings.Contains(a.Name, "phone"):
		return quoteHCL("+81312345678")
	}
	return quoteHCL("sample")
}

// source writes the story as the file that is lived. first are the lines on which its
// steps begin; an expectation takes none.
func (s *tryStory) source(title string) (src []byte, first []int) {
	var b strings.Builder
	fmt.Fprintf(&b, "test %s {\n  start = %s\n\n", quoteHCL(title), quoteHCL(s.start))
	b.WriteString(blockOf("lead", s.lead) + "\n")
	line := strings.Count(b.String(), "\n") + 1
	for i := range s.steps {
		first = append(first, line)
		if s.steps[i].hcl == "" {
			continue
		}
		b.WriteString(s.steps[i].hcl + "\n")
		line += strings.Count(s.steps[i].hcl, "\n") + 1
	}
	b.WriteString("}\n")
	return []byte(b.String()), append(first, line)
}

// test writes the story as a test to keep: what is expected stands where it is looked
// at. clocks are the times at which the steps were over.
func (s *tryStory) test(title string, clocks []time.Time) string {
	var b strings.Builder
	fmt.Fprintf(&b, "test %s {\n  start = %s\n\n%s\n", quoteHCL(title), quoteHCL(s.start), blockOf("lead", s.lead))
	expected := false // an expect stands in the test's own body already
	for i := 0; i < len(s.steps); {
		hcl := s.steps[i].hcl
		if hcl != "" {
			i++
		}
		var conds []string
		for (hcl == "" || passes(hcl)) && i < len(s.steps) && s.steps[i].hcl == "" {
			conds = append(conds, quoteHCL(s.steps[i].expect))
			i++
		}
		switch {
		case len(conds) == 0:
			b.WriteString("\n" + hcl + "\n")
		case hcl != "":
			b.WriteString("\n" + strings.TrimSuffix(hcl, "{}") + expectOf(conds) + "\n")
		case !expected:
			b.WriteString("\nexpect = [\n" + strings.Join(conds, ",\n") + ",\n]\n")
			expected = true
		default:
			b.WriteString("\nat " + quoteHCL(clockText(clocks[i-1])) + " " + expectOf(conds) + "\n")
		}
	}
	b.WriteString("}\n")
	src, _ := dsl.Format("story.hcl", []byte(b.String()))
	return string(src)
}

// passes reports a step that only lets time pass.
func passes(hcl string) bool {
	return (strings.HasPrefix(hcl, "after ") || strings.HasPrefix(hcl, "at ")) && strings.HasSuffix(hcl, "{}")
}

func expectOf(conds []string) string {
	if len(conds) == 1 {
		return "{ expect = [" + conds[0] + "] }"
	}
	return "{\nexpect = [\n" + strings.Join(conds, ",\n") + ",\n]\n}"
}

// clockText writes an instant as tests write it, with seconds where it has any.
func clockText(t time.Time) string {
	form := "2006-01-02 15:04:05"
	if t.Second() == 0 {
		form = "2006-01-02 15:04"
	}
	text := t.Format(form)
	if back, err := time.ParseInLocation(form, text, t.Location()); err != nil || !back.Equal(t.Truncate(time.Second)) {
		return t.Format(time.RFC3339) // an hour that the clocks show twice
	}
	return text
}

// blockOf writes a block with one field a line.
func blockOf(head string, fields []tryField) string {
	if len(fields) == 0 {
		return head + " {}"
	}
	var b strings.Builder
	b.WriteString(head + " {\n")
	for _, f := range fields {
		fmt.Fprintf(&b, "  %s = %s\n", f.name, f.value)
	}
	b.WriteString("}")
	return b.String()
}

// quoteHCL writes a text as HCL quotes it.
func quoteHCL(s string) string {
	q := strconv.Quote(s)
	q = strings.ReplaceAll(q, "${", "$${")
	return strings.ReplaceAll(q, "%{", "%%{")
}

// hclValue writes a value of a JSON file.
func hclValue(v any) string {
	switch v := v.(type) {
	case string:
		return quoteHCL(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}

// typedValue writes a value that was typed, by the kind that is declared for it. What
// does not fit is written as a text, and the check says what is wrong with it.
func typedValue(specs []engine.AttrSpec, name, text string) string {
	kind, known := engine.Text, false
	for i := range specs {
		if specs[i].Name == name {
			kind, known = specs[i].Kind, true
		}
	}
	_, err := strconv.ParseFloat(text, 64)
	number := err == nil && strings.Trim(text, "+-0123456789.") == ""
	flag := text == "true" || text == "false"
	switch {
	case number && (kind == engine.Number || !known):
		return strings.TrimPrefix(text, "+")
	case flag && (kind == engine.Flag || !known):
		return text
	}
	return quoteHCL(text)
}

// typedFields are fields as they were typed, by their declared kinds.
func typedFields(specs []engine.AttrSpec, typed [][2]string) []tryField {
	var out []tryField
	for _, f := range typed {
		out = append(out, tryField{f[0], typedValue(specs, f[0], f[1])})
	}
	return out
}
