package main

import (
	"io"
	"strings"
	"testing"
)

func TestCommand(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	b := bench{log: &log}
	out, used, err := b.command("", "go", "version")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(out), "go version") || log.String() != "go version\n" {
		t.Errorf("printed %q, logged %q", out, log.String())
	}
	if used.peak < 1 || used.others < 0 || used.others > 1 {
		t.Errorf("a program took %+v, which cannot be", used)
	}
	if _, _, err := b.command("", "go", "no-such-verb"); err == nil || !strings.Contains(err.Error(), "go no-such-verb") {
		t.Errorf("a program that fails gives %v, want an error with its name", err)
	}
}

// A promise that no figure was measured for does not go unnoticed.
func TestReport(t *testing.T) {
	t.Parallel()
	s := settings{out: io.Discard}
	if err := s.report([]Row{{peer, Job{batches, 10, 12}, map[string]float64{perSecond: 1}}}); err == nil {
		t.Error("a report without nurture's own figures is taken for a whole one")
	}
	whole := []Row{
		{ours, Job{batches, 10, 12}, map[string]float64{perSecond: 1, cpu: 30}},
		{peer, Job{batches, 10, 12}, map[string]float64{perSecond: 2, cpu: 3}},
		{floor, Job{batches, 10, 0}, map[string]float64{perSecond: 3, cpu: 1}},
	}
	if err := s.report(whole); err != nil {
		t.Errorf("a report of broken promises fails with %v; on a busy machine they say nothing", err)
	}
}
