package main

import (
	"encoding/xml"
	"fmt"
	"os"
	"strings"
)

// The form that continuous integration reads: a suite a file, a case a test.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Seconds  float64     `xml:"time,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name    string        `xml:"name,attr"`
		Class   string        `xml:"classname,attr"`
		File    string        `xml:"file,attr"`
		Line    int           `xml:"line,attr"`
		Seconds float64       `xml:"time,attr"`
		Failure *junitFailure `xml:"failure"`
	}
	junitFailure struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

func writeJUnit(file string, results []testResult) error {
	all := junitSuites{Tests: len(results)}
	for i := range results {
		r := &results[i]
		if n := len(all.Suites); n == 0 || all.Suites[n-1].Name != r.File {
			all.Suites = append(all.Suites, junitSuite{Name: r.File})
		}
		s := &all.Suites[len(all.Suites)-1]
		one := junitCase{Name: r.Name, Class: r.File, File: r.File, Line: r.Line, Seconds: r.Millis / 1000}
		if !r.Passed {
			one.Failure = failureOf(r)
			s.Failures++
			all.Failures++
		}
		s.Tests++
		s.Seconds += one.Seconds
		s.Cases = append(s.Cases, one)
	}
	b, err := xml.MarshalIndent(all, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	if err := os.WriteFile(file, append([]byte(xml.Header), append(b, '\n')...), 0o666); err != nil {
		return fmt.Errorf("write the JUnit report: %w", err)
	}
	return nil
}

func failureOf(r *testResult) *junitFailure {
	f := &junitFailure{Message: r.Error}
	var text strings.Builder
	for _, fault := range r.Faults {
		if f.Message == "" {
			f.Message = fault.Condition
		}
		fmt.Fprintf(&text, "%s:%d %s (%s): %s\n", fault.File, fault.Line, fault.Condition, fault.At, fault.Saw)
	}
	if r.Never != nil && r.Never.Story != "" {
		text.WriteString(r.Never.Story)
	}
	for _, line := range r.Trace {
		text.WriteString(line + "\n")
	}
	f.Text = text.String()
	return f
}
