package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/seed-456efde2/nurture/dsl"
	"github.com/seed-456efde2/nurture/engine"
)

// fromTest begins with the story of a test of the workspace.
func (s *tryStory) fromTest(w *dsl.Workspace, name, lang string) error {
	test, err := findTest(w, name, lang)
	if err != nil {
		return err
	}
	if test.Others > 0 {
		return fmt.Errorf(words(lang, "the test %q has other leads beside its own, which cannot be tried by hand", "テスト「%s」にはほかのリード（others）がいるため、手では試せません"), test.Name)
	}
	zone := w.Spec.Zone
	s.start = clockText(test.Start)
	s.lead = fieldsOf(test.Lead, zone)
	for i := range test.Steps {
		step := &test.Steps[i]
		for _, cond := range step.Expect {
			s.steps = append(s.steps, tryStep{typed: "expect " + cond.Source(), expect: cond.Source()})
		}
		if hcl := stepHCL(step, zone); hcl != "" {
			s.steps = append(s.steps, tryStep{typed: step.Label(), hcl: hcl})
		}
	}
	return nil
}

// findTest finds a test by its name, or by a part of it that no other has.
func findTest(w *dsl.Workspace, name, lang string) (*dsl.Test, error) {
	var found []*dsl.Test
	for i := range w.Tests {
		t := &w.Tests[i]
		if t.Name == name {
			return t, nil
		}
		if strings.Contains(t.Name, name) {
			found = append(found, t)
		}
	}
	if len(found) == 1 {
		return found[0], nil
	}
	if len(found) == 0 {
		for i := range w.Tests {
			found = append(found, &w.Tests[i])
		}
	}
	var names []string
	for _, t := range found[:min(len(found), 12)] {
		names = append(names, strconv.Quote(t.Name))
	}
	return nil, fmt.Errorf(words(lang, "--test %q is no one test; there are: %s", "--test「%s」ではテストがひとつに決まりません。あるのは: %s"), name, listed(names))
}

func fieldsOf(fields []engine.Field, zone *time.Location) []tryField {
	var out []tryField
	for _, f := range fields {
		value := f.Value.String()
		switch f.Value.Kind() {
		case engine.Text, engine.JSON:
			value = quoteHCL(f.Value.Text())
		case engine.Instant:
			value = quoteHCL(clockText(f.Value.Time().In(zone)))
		}
		out = append(out, tryField{f.Name, value})
	}
	return out
}

// stepHCL writes a step of a test as a block of its own; "" for an expectation.
func stepHCL(s *dsl.TestStep, zone *time.Location) string {
	switch {
	case s.Event != nil:
		return blockOf("event "+quoteHCL(s.Event.Name), fieldsOf(s.Event.Fields, zone))
	case s.Identify != nil:
		return blockOf("identify", fieldsOf(s.Identify, zone))
	case s.Account != nil:
		return blockOf("account", fieldsOf(s.Account, zone))
	case s.After != nil:
		return "after " + quoteHCL(s.After.Length.String()) + " {}"
	case !s.At.IsZero():
		return "at " + quoteHCL(clockText(s.At)) + " {}"
	case s.Correct != nil:
		return correctHCL(s.Correct, zone)
	case s.Colleague != nil:
		var events []string
		for i := range s.Colleague.Events {
			e := &s.Colleague.Events[i]
			events = append(events, blockOf("event "+quoteHCL(e.Name), fieldsOf(e.Fields, zone)))
		}
		return "colleague " + quoteHCL(s.Colleague.Name) + " {\n" + strings.Join(events, "\n") + "\n}"
	case s.Reply != nil:
		fields := []tryField{{"outcome", quoteHCL(s.Reply.Outcome.String())}}
		if s.Reply.Times > 0 {
			fields = append(fields, tryField{"times", strconv.Itoa(s.Reply.Times)})
		}
		if s.Reply.Code != "" {
			fields = append(fields, tryField{"code", quoteHCL(s.Reply.Code)})
		}
		return blockOf("reply "+quoteHCL(s.Reply.Channel), fields)
	}
	return ""
}

func correctHCL(c *dsl.TestCorrect, zone *time.Location) string {
	var fields []tryField
	add := func(name string, said bool) {
		if said {
			fields = append(fields, tryField{name, "true"})
		}
	}
	add("never", c.Rest.Never)
	add("as_told", c.Rest.AsTold)
	add("no_consent", c.Rest.NoConsent)
	switch c.Rest.Verdict {
	case engine.Human:
		fields = append(fields, tryField{"by", `"human"`})
	case engine.Machine:
		fields = append(fields, tryField{"by", `"machine"`})
	}
	if !c.Earlier.IsZero() {
		fields = append(fields, tryField{"earlier", quoteHCL(c.Earlier.String())})
	}
	text := blockOf("correct "+quoteHCL(c.Event.Name), fields)
	if len(c.Event.Fields) == 0 {
		return text
	}
	return strings.TrimSuffix(strings.TrimSuffix(text, "}"), "\n") + "\n" + blockOf("says", fieldsOf(c.Event.Fields, zone)) + "\n}"
}
