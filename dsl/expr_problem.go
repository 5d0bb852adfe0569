package dsl

import (
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"golang.org/x/text/unicode/norm"
)

// fatal reports whether a problem keeps its literal from being used.
func fatal(problems []problem) bool {
	for i := range problems {
		if c, ok := codeOf(problems[i].Code); !ok || c.Severity == Error {
			return true
		}
	}
	return false
}

// source is a text of the marketer's, in a literal or in a template, with the way
// from its bytes to their place in the file.
type source struct {
	text  string
	place func(start, end int) hcl.Range
}

// sourceOf is the text of a literal.
func sourceOf(lit *Literal) source { return source{lit.Value, lit.Span} }

// part is text[start:end] as a source of its own.
func (s source) part(start, end int) source {
	return source{s.text[start:end], func(a, b int) hcl.Range { return s.place(start+a, start+b) }}
}

// normal is the text in Unicode's NFC, as names are declared. Literals are in it
// already; a template need not be, and then its problems point at all of it.
func (s source) normal() source {
	if norm.NFC.IsNormalString(s.text) || !utf8.ValidString(s.text) {
		return s
	}
	whole := s.whole()
	return source{norm.NFC.String(s.text), func(int, int) hcl.Range { return whole }}
}

// nowhere is the way of a text that stands in no file.
func nowhere(int, int) hcl.Range { return hcl.Range{} }

// whole is the place of all of it.
func (s source) whole() hcl.Range { return s.place(0, len(s.text)) }

// maxProblems bounds the problems of one literal or template: a file of nothing
// but braces would have ten thousand.
const maxProblems = 64

// found collects the problems of one source, each once.
type found struct {
	problems []problem
}

// add notes a problem and gives it back for a suggestion. The same code at the
// same place is noted once: a comparison chain reads its middle twice.
func (f *found) add(code string, at hcl.Range, args ...any) *problem {
	if f.full() {
		return &problem{}
	}
	for i := range f.problems {
		if f.problems[i].Code == code && f.problems[i].Range == at {
			return &problem{}
		}
	}
	f.problems = append(f.problems, problem{Code: code, Args: args, Range: at})
	return &f.problems[len(f.problems)-1]
}

// full reports that nothing more is noted.
func (f *found) full() bool { return len(f.problems) >= maxProblems }
