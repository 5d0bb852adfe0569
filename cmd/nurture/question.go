package main

import "fmt"

// question is what a verb asks about leads, as the API takes it. What was not said
// stays out of it.
type question map[string]any

// say says a text of it.
func (q question) say(name, text string) {
	if text != "" {
		q[name] = text
	}
}

// revision says which revision of the rules is meant, as --revision names it.
func (q question) revision(text string) error {
	if text == "" {
		return nil
	}
	n, ok := revisionArg(text)
	if !ok {
		return fmt.Errorf("--revision %q is no revision; write r42 (nurture revisions lists them)", text)
	}
	q["revision"] = n
	return nil
}

// atMost checks an option that says how many at most.
func atMost(option string, n, most int) error {
	if n < 1 || n > most {
		return fmt.Errorf("--%s is from 1 to %d, not %d", option, most, n)
	}
	return nil
}
