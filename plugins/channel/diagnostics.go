package channel

import (
	"errors"
	"strings"
)

// Severity grades a Diagnostic. The zero Severity is SeverityError.
type Severity uint8

// The severities.
const (
	SeverityError Severity = iota
	SeverityWarning
)

// Diagnostic is one thing that is wrong with a configuration. Path names the
// attribute, "dkim.selector", or is empty. Summary is short and the same every
// time; Detail says what exactly and what to write instead. A sensitive value
// stands in neither.
type Diagnostic struct {
	Severity Severity
	Path     string
	Summary  Text
	Detail   Text
}

// Diagnostics is a list of them, and an error when one of them is.
type Diagnostics []Diagnostic

// Error says them in English, one a line.
func (ds Diagnostics) Error() string {
	lines := make([]string, len(ds))
	for i, d := range ds {
		lines[i] = d.String()
	}
	return strings.Join(lines, "\n")
}

// Failed reports whether there is an error among them.
func (ds Diagnostics) Failed() bool {
	for _, d := range ds {
		if d.Severity == SeverityError {
			return true
		}
	}
	return false
}

// Err is the list as an error, nil where nothing failed.
func (ds Diagnostics) Err() error {
	if !ds.Failed() {
		return nil
	}
	return ds
}

// String is the diagnostic in English on one line.
func (d Diagnostic) String() string {
	s := d.Summary.En
	if d.Path != "" {
		s = d.Path + ": " + s
	}
	if d.Detail.En != "" {
		s += ": " + d.Detail.En
	}
	return s
}

// Wrong makes a Diagnostic of severity SeverityError about an attribute.
func Wrong(path string, summary, detail Text) Diagnostic {
	return Diagnostic{Path: path, Summary: summary, Detail: detail}
}

// diagnosticsOf makes Diagnostics of what Configure or Check returned.
func diagnosticsOf(err error) Diagnostics {
	if err == nil {
		return nil
	}
	var ds Diagnostics
	if errors.As(err, &ds) {
		return ds
	}
	return Diagnostics{{Summary: Text{En: err.Error()}}}
}
