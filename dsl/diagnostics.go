package dsl

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/seed-456efde2/nurture/engine"
)

// Range is a part of a file, from Start up to and without End.
type Range struct {
	File  string   `json:"file"`
	Start Position `json:"start"`
	End   Position `json:"end"`
}

// Position is a place in a file. Lines and columns count from 1, columns in
// characters; Byte counts from 0.
type Position struct {
	Line   int `json:"line"`
	Column int `json:"column"`
	Byte   int `json:"byte"`
}

func rangeOf(r hcl.Range) Range {
	return Range{r.Filename, Position(r.Start), Position(r.End)}
}

// placeOf is where a range begins, as the engine keeps it.
func placeOf(r hcl.Range) engine.Place {
	return engine.Place{File: r.Filename, Line: r.Start.Line, Column: r.Start.Column}
}

// IsZero reports a range that points nowhere.
func (r Range) IsZero() bool { return r.File == "" }

// Diagnostic is one problem, note or warning, at the marketer's own words.
type Diagnostic struct {
	Code     string
	Severity Severity
	Range    Range
	Other    Range    // a second place, zero for none
	In       []string // the blocks it stands in, outermost first, then the attribute
	Suggest  string   // what was probably meant, "" for nothing
	Fix      string   // what to write in the range's place, "" where nothing is that plain
	args     []any
}

// Summary is the code's headline: the same every time, and without names.
func (d Diagnostic) Summary(language string) string { return d.words(language).Summary }

// Message says what exactly is wrong, in one sentence without its full stop.
func (d Diagnostic) Message(language string) string {
	t := d.words(language)
	if t.What == "" {
		return t.Summary
	}
	return strings.TrimRight(d.fill(t.What, language), ".。")
}

// Help says what to write instead, "" where the suggestion says it all.
func (d Diagnostic) Help(language string) string { return d.fill(d.words(language).Help, language) }

func (d Diagnostic) words(language string) text {
	c, ok := codeOf(d.Code)
	if !ok {
		return text{Summary: d.Code}
	}
	if language == "ja" {
		return c.Ja
	}
	return c.En
}

// fill puts the args into a format: %[1]s is the first. An arg that is missing
// is an ellipsis, as on the page of a code without a problem at hand.
func (d Diagnostic) fill(format, language string) string {
	args := argsOf(d.args, language)
	var b strings.Builder
	for {
		before, after, found := strings.Cut(format, "%[")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		number, rest, _ := strings.Cut(after, "]s")
		if n, err := strconv.Atoi(number); err == nil && n >= 1 && n <= len(args) {
			b.WriteString(args[n-1])
		} else {
			b.WriteString("…")
		}
		format = rest
	}
}

// Diagnostics is all that a run found, sorted by place.
type Diagnostics struct {
	Items    []Diagnostic
	Sources  map[string][]byte // the files, for the excerpts
	Language string            // "ja" or "en"
}

// HasErrors reports whether the workspace does not load.
func (ds Diagnostics) HasErrors() bool { return ds.Count(Error) > 0 }

// Count is the number of problems of a severity.
func (ds Diagnostics) Count(s Severity) int {
	n := 0
	for i := range ds.Items {
		if ds.Items[i].Severity == s {
			n++
		}
	}
	return n
}

func (ds *Diagnostics) sort() {
	slices.SortStableFunc(ds.Items, func(a, b Diagnostic) int {
		return cmp.Or(
			cmp.Compare(a.Range.File, b.Range.File),
			cmp.Compare(a.Range.Start.Byte, b.Range.Start.Byte),
			cmp.Compare(a.Severity, b.Severity),
			cmp.Compare(a.Code, b.Code),
		)
	})
	ds.Items = slices.CompactFunc(ds.Items, func(a, b Diagnostic) bool {
		return a.Code == b.Code && a.Range == b.Range && a.Message("en") == b.Message("en")
	})
}

// jsonDiagnostic is a Diagnostic on standard output.
type jsonDiagnostic struct {
	Code       string   `json:"code"`
	Severity   string   `json:"severity"`
	Summary    string   `json:"summary"`
	Detail     string   `json:"detail"`
	Help       string   `json:"help,omitempty"`
	Suggestion string   `json:"suggestion,omitempty"`
	Range      Range    `json:"range"`
	Other      *Range   `json:"other,omitempty"`
	In         []string `json:"in,omitempty"`
}

// MarshalJSON writes the problems as a list, in the diagnostics' language.
func (ds Diagnostics) MarshalJSON() ([]byte, error) {
	out := make([]jsonDiagnostic, 0, len(ds.Items))
	for _, d := range ds.Items {
		j := jsonDiagnostic{
			Code: d.Code, Severity: d.Severity.String(), Summary: d.Summary(ds.Language),
			Detail: d.Message(ds.Language), Help: d.Help(ds.Language),
			Suggestion: d.Suggest, Range: d.Range, In: d.In,
		}
		if !d.Other.IsZero() {
			j.Other = &d.Other
		}
		out = append(out, j)
	}
	return json.Marshal(out)
}

// reporter collects what a run finds.
type reporter struct {
	items []Diagnostic
	raise bool // the workspace is loaded to be served: see raisedToServe, toldToServe
}

// add notes a problem. The result takes a suggestion or a second place.
func (r *reporter) add(id string, at hcl.Range, in []string, args ...any) *Diagnostic {
	c, _ := codeOf(id)
	d := Diagnostic{Code: id, Severity: c.Severity, Range: rangeOf(at), In: in, args: args}
	switch {
	case r.raise && raisedToServe[id]:
		d.Severity = Error
	case !r.raise && toldToServe[id]:
		return &d
	}
	r.items = append(r.items, d)
	return &r.items[len(r.items)-1]
}

// take adds the problems that were found inside a literal; one without a place
// of its own is at fallback.
func (r *reporter) take(found []problem, fallback hcl.Range, in []string) {
	for _, p := range found {
		at := p.Range
		if at.Filename == "" {
			at = fallback
		}
		d := r.add(p.Code, at, in, p.Args...)
		d.suggest(p.Suggest)
		d.Suggest = cmp.Or(p.Shown, p.Suggest)
		if p.Other.Filename != "" {
			d.Other = rangeOf(p.Other)
		}
	}
}

// suggest sets what was probably meant, to be written in the range's place.
func (d *Diagnostic) suggest(s string) *Diagnostic {
	d.Suggest, d.Fix = s, s
	return d
}

// also sets the second place.
func (d *Diagnostic) also(at hcl.Range) *Diagnostic {
	d.Other = rangeOf(at)
	return d
}
