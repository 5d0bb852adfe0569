package dsl

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
)

// Settle writes an experiment's winner into the source of a file: the experiment
// "workflow/step/name" goes, with the comment right above it, and what the arm
// says stands in the step itself. Everything else stays as it is. found is false
// where the file does not have the experiment.
func Settle(file string, src []byte, experiment, arm string) (out []byte, found bool, err error) {
	parts := strings.SplitN(experiment, "/", 3)
	if len(parts) != 3 {
		return nil, false, fmt.Errorf("%q is not of the form WORKFLOW/STEP/EXPERIMENT", experiment)
	}
	moved, found, err := moveWinner(file, src, parts, arm)
	if !found || err != nil {
		return nil, found, err
	}
	cut, err := cutExperiment(file, moved, parts)
	if err != nil {
		return nil, true, err
	}
	out, left := Format(file, cut)
	if left.Count(Error) > 0 {
		return nil, true, fmt.Errorf("write %s into %s: %s", arm, file, left.Render())
	}
	return out, true, nil
}

// moveWinner puts what the arm says into the step. The experiment still stands.
func moveWinner(file string, src []byte, parts []string, arm string) (out []byte, found bool, err error) {
	parsed, problems := hclwrite.ParseConfig(src, file, hcl.InitialPos)
	if problems.HasErrors() {
		return nil, false, fmt.Errorf("read %s: %w", file, problems)
	}
	for _, flow := range parsed.Body().Blocks() {
		if flow.Type() != "workflow" || !slices.Equal(flow.Labels(), parts[:1]) {
			continue
		}
		if step, x := experimentIn(flow.Body(), parts[1], parts[2]); x != nil {
			err := settleStep(step.Body(), x, arm)
			return parsed.Bytes(), true, err
		}
	}
	return nil, false, nil
}

// experimentIn looks for a step's experiment among the steps, however deep.
func experimentIn(body *hclwrite.Body, step, name string) (of, x *hclwrite.Block) {
	for _, b := range body.Blocks() {
		if slices.Equal(b.Labels(), []string{step}) {
			if x := b.Body().FirstMatchingBlock("experiment", []string{name}); x != nil {
				return b, x
			}
		}
		if of, x = experimentIn(b.Body(), step, name); x != nil {
			return of, x
		}
	}
	return nil, nil
}

// settleStep gives the step an arm's attributes. A variant's tags say what kind of
// form it is among others, and end with them; a slot's time becomes the hours in
// which the step sends.
func settleStep(step *hclwrite.Body, x *hclwrite.Block, arm string) error {
	var have []string
	for _, b := range x.Body().Blocks() {
		if !slices.Equal(b.Labels(), []string{arm}) {
			have = append(have, b.Labels()...)
			continue
		}
		attrs := b.Body().Attributes()
		names := make([]string, 0, len(attrs))
		for name := range attrs {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			as := name
			if b.Type() == "slot" && name == "at" {
				as = "send"
			}
			if name != "tags" {
				step.SetAttributeRaw(as, attrs[name].Expr().BuildTokens(nil))
			}
		}
		return nil
	}
	return fmt.Errorf("the experiment has no arm %q in the file; it has: %s", arm, strings.Join(have, ", "))
}

// cutExperiment takes the experiment's lines out, with the comment and the empty
// lines right above them.
func cutExperiment(file string, src []byte, parts []string) ([]byte, error) {
	parsed, problems := hclsyntax.ParseConfig(src, file, hcl.InitialPos)
	if problems.HasErrors() {
		return nil, fmt.Errorf("read %s: %w", file, problems)
	}
	body, ok := parsed.Body.(*hclsyntax.Body)
	if !ok {
		return nil, errors.New("the file is not HCL's own syntax")
	}
	for _, flow := range body.Blocks {
		if flow.Type != "workflow" || !slices.Equal(flow.Labels, parts[:1]) {
			continue
		}
		if x := syntaxExperiment(flow.Body, parts[1], parts[2]); x != nil {
			first, last := x.TypeRange.Start.Line, x.CloseBraceRange.End.Line
			return cutLines(src, first, last), nil
		}
	}
	return nil, fmt.Errorf("the experiment is not in %s", file)
}

func syntaxExperiment(body *hclsyntax.Body, step, name string) *hclsyntax.Block {
	for _, b := range body.Blocks {
		for _, inner := range b.Body.Blocks {
			if slices.Equal(b.Labels, []string{step}) && inner.Type == "experiment" && slices.Equal(inner.Labels, []string{name}) {
				return inner
			}
		}
		if x := syntaxExperiment(b.Body, step, name); x != nil {
			return x
		}
	}
	return nil
}

// cutLines drops lines first to last, counted from 1.
func cutLines(src []byte, first, last int) []byte {
	lines := bytes.SplitAfter(src, []byte("\n"))
	above := func() []byte { return bytes.TrimSpace(lines[first-2]) }
	for first > 1 && (bytes.HasPrefix(above(), []byte("#")) || bytes.HasPrefix(above(), []byte("//"))) {
		first--
	}
	for first > 1 && len(above()) == 0 {
		first--
	}
	return bytes.Join(append(slices.Clone(lines[:first-1]), lines[last:]...), nil)
}
