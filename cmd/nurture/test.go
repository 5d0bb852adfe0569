package main

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/spf13/cobra"

	"github.com/seed-456efde2/nurture/dsl"
	"github.com/seed-456efde2/nurture/engine"
)

// testOptions are the flags of `nurture test`.
type testOptions struct {
	only    string
	cover   bool
	trace   bool
	junit   string
	seed    uint64
	streams int
}

func (c *cli) testVerb() *cobra.Command {
	var o testOptions
	verb := &cobra.Command{
		Use:   "test [WORKSPACE]",
		Short: "Run the workspace's tests on a virtual clock",
		Long: `test plays every test block: events happen, time passes, channels answer, and what
is expected is compared with what the rules did. A test with never also plays
generated stories, and shows the shortest one in which it held. Nothing is sent.
Exit code 0: all passed; 1: some failed; 3: the workspace does not load.`,
		Example: "  nurture test\n  nurture test ./rules --run night --trace\n  nurture test --cover --junit report.xml",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			pattern, err := regexp.Compile(o.only)
			if err != nil {
				return fmt.Errorf("--run: %w", err)
			}
			w, err := c.load(folder(args), loadOptions{quiet: true})
			if err != nil {
				return err
			}
			return c.runTests(w, pattern, o)
		},
	}
	flags := verb.Flags()
	flags.StringVar(&o.only, "run", "", "run only the tests whose name matches this regular expression")
	flags.BoolVar(&o.cover, "cover", false, "list the steps and conditions that no test reached")
	flags.BoolVar(&o.trace, "trace", false, "show what happened in the tests that passed, too")
	flags.StringVar(&o.junit, "junit", "", "also write the results to this file, as JUnit XML")
	flags.Uint64Var(&o.seed, "seed", 1, "seed of the stories that never generates")
	flags.IntVar(&o.streams, "streams", 0, "generate this many stories for each never, instead of what the test says")
	return verb
}

// testResult is how one test went.
type testResult struct {
	Name   string       `json:"name"`
	File   string       `json:"file"`
	Line   int          `json:"line"`
	Passed bool         `json:"passed"`
	Events int          `json:"events"`
	Length string       `json:"virtual_time"`
	Millis float64      `json:"ms"`
	Faults []testFault  `json:"failures,omitempty"`
	Error  string       `json:"error,omitempty"`
	Trace  []string     `json:"what_happened,omitempty"`
	Never  *neverResult `json:"never,omitempty"`
	length engine.Span  // of virtual time
}

// testFault is an expectation that did not hold, or a never that did.
type testFault struct {
	File      string `json:"file"`
	Line      int    `json:"line"`
	Column    int    `json:"column"`
	After     string `json:"after"`
	At        string `json:"at"`
	Condition string `json:"condition"`
	Saw       string `json:"saw"`
}

func (c *cli) runTests(w *workspace, only *regexp.Regexp, o testOptions) error {
	constants := dsl.Constants(w.Spec)
	for i := range w.Tests {
		askTest(w.Spec, &w.Tests[i])
	}
	cover := newCoverage(w.Spec, w.problems.Language)
	p, err := w.program(1)
	if err != nil {
		return err
	}
	results := []testResult{}
	failures := 0
	for i := range w.Tests {
		if !only.MatchString(w.Tests[i].Name) {
			continue
		}
		r := play(&w.Tests[i], p, cover)
		if len(w.Tests[i].Never) > 0 && r.Passed {
			generate(&w.Tests[i], p, constants, o, &r, cover)
		}
		if !r.Passed {
			failures++
		} else if !o.trace {
			r.Trace = nil
		}
		results = append(results, r)
	}
	if o.junit != "" {
		if err := writeJUnit(o.junit, results); err != nil {
			return err
		}
	}
	if err := c.tellTests(w, results, failures, cover, o); err != nil {
		return err
	}
	if failures > 0 {
		return failed(exitFailed)
	}
	return nil
}

func (c *cli) tellTests(w *workspace, results []testResult, failures int, cover *coverage, o testOptions) error {
	if c.json {
		return c.print(map[string]any{
			"ok": failures == 0, "passed": len(results) - failures, "failed": failures, "tests": results, "cover": cover.report(),
		})
	}
	c.printTests(w, results, failures)
	if len(results) > 0 {
		c.printCover(w, cover, o.cover)
	}
	return nil
}

// askTest has the engine keep what a test counts, though no rule counts it.
func askTest(spec *engine.Spec, t *dsl.Test) {
	ask := func(conds []engine.Cond) {
		for _, cond := range conds {
			for _, k := range cond.Reads() {
				if !slices.Contains(spec.Asked, k) {
					spec.Asked = append(spec.Asked, k)
				}
			}
		}
	}
	ask(t.Never)
	for i := range t.Steps {
		ask(t.Steps[i].Expect)
	}
}
